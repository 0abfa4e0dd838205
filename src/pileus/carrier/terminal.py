"""The modem's side of the line to its terminal: lines in, replies and news out (ITU-T V.250, TS 27.005 §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pileus.carrier import gsm7
from pileus.carrier.at import LONGEST_LINE
from pileus.carrier.errors import AtError, PlainError, cme

LONGEST_DATA = 1024
_RETURN, _BACKSPACE, _CTRL_Z, _ESCAPE, _FLAG = b"\r\b\x1a\x1b\x7e"


@dataclass
class Wishes:
    """What the terminal asked for; a restart or ATZ forgets it."""

    echo: bool = True
    error_numbers: int = 0
    alphabet: str = "IRA"
    registration: dict[str, int] = field(default_factory=dict)
    """Mode of +CREG, +CGREG and +CEREG."""
    operator_format: int = 0
    indicators: bool = False
    new_messages: int = 0
    reports: int = 0
    caller_number: bool = False
    ring_kind: bool = False
    waiting_news: bool = False
    ussd_news: bool = False


class Terminal:
    """Bytes in by `feed`, bytes out by `output`. `run` does one line and gives what it says before its OK."""

    def __init__(self, run: Callable[[str], Iterable[str]]) -> None:
        self.output: Callable[[bytes], None] | None = None
        self.fault: Callable[[bytes], bytes] | None = None
        """What happens to its words on the way out (`faults`)."""
        self.wishes = Wishes()
        self._run = run
        self._line = bytearray()
        self._too_long = False
        self._take: Callable[[bytes], list[str]] | None = None
        self._asked = False
        self._connecting: Callable[[], None] | None = None
        self._online: Callable[[], None] | None = None
        self._news: list[str] = []

    @property
    def attached(self) -> bool:
        return self.output is not None

    def feed(self, data: bytes) -> None:
        """Any bytes, in any pieces."""
        for octet in data:
            if self._asked:
                self._data(octet)
            elif self._online:
                self._packet(octet)
            else:
                self._command(octet)

    def ask(self, take: Callable[[bytes], list[str]]) -> None:
        """Instead of its OK, a command asks for data; `take` gets them up to Ctrl-Z (TS 27.005 §3.5.1)."""
        self._take = take

    def connect(self, left: Callable[[], None]) -> None:
        """Instead of its OK, a command has CONNECT, and the line carries packets from then on. `left` is told when
        the terminal takes it back. A socket has no DTR to say so: a line that begins with AT does, where PPP has
        its flag (0x7E, RFC 1662 §4)."""
        self._connecting = left

    def hang_up(self) -> None:
        """The modem ends it."""
        if self._online:
            self._online = None
            self._line.clear()
            self.say(b"\r\nNO CARRIER\r\n")
            self._catch_up()

    def tell(self, *lines: str) -> None:
        """An unsolicited result; one that comes while data are on the line waits for their end."""
        if self._asked or self._online:
            self._news.extend(lines)
        else:
            self.say("".join(f"\r\n{line}\r\n" for line in lines).encode())

    def say(self, data: bytes) -> None:
        """Bytes as they are; lost where nobody listens."""
        if self.fault is not None:
            data = self.fault(data)
        if self.output is not None and data:
            self.output(data)

    def left(self) -> None:
        """Nobody is on the line any more, as DTR tells that drops (V.250 §6.2.9): what was begun is nothing."""
        self._line.clear()
        self._take, self._asked, self._too_long = None, False, False
        self._news.clear()
        left, self._online = self._online, None
        if left:
            left()

    def restart(self) -> None:
        self.wishes = Wishes()
        self._line.clear()
        self._take, self._asked = None, False
        self._connecting, self._online = None, None
        self._news.clear()

    # Texts in the alphabet that the terminal chose (TS 27.007 §5.5)

    def quoted(self, text: str) -> str:
        if self.wishes.alphabet == "UCS2":
            return f'"{text.encode("utf-16-be", "replace").hex().upper()}"'
        plain = "".join(char if gsm7.fits(char) and char != '"' else "?" for char in text)
        return f'"{plain}"'

    def read_text(self, text: str) -> str:
        """A text from the terminal; raises AtError. One that is no hexadecimal is taken as it is."""
        if self.wishes.alphabet == "UCS2":
            try:
                return bytes.fromhex(text).decode("utf-16-be")
            except ValueError:
                return text
        return text

    # Steps

    def _command(self, octet: int) -> None:
        if self.wishes.echo:
            self.say(bytes([octet]))
        if octet == _RETURN:
            line, too_long = bytes(self._line), self._too_long
            self._line.clear()
            self._too_long = False
            self._do(line, too_long)
        elif octet == _BACKSPACE:
            del self._line[-1:]
        elif len(self._line) < LONGEST_LINE:
            self._line.append(octet)
        else:
            self._too_long = True

    def _do(self, line: bytes, too_long: bool) -> None:
        text = line.decode("latin-1").strip()
        start = text[:2].upper()
        if not too_long and (start != "AT" or not text):
            return  # what does not begin with AT is noise
        try:
            if too_long:
                raise PlainError
            lines = list(self._run(text[2:]))
        except AtError as refused:
            self._take = None
            self._refuse(refused)
            return
        if self._take is not None:
            self._asked = True
            self.say(b"\r\n> ")
        elif self._connecting:
            self._online, self._connecting = self._connecting, None
            self.say(b"\r\nCONNECT\r\n")
        else:
            self._accept(lines)

    def _data(self, octet: int) -> None:
        take = self._take
        if octet not in (_CTRL_Z, _ESCAPE):
            if len(self._line) < LONGEST_DATA:
                self._line.append(octet)
            return
        data = bytes(self._line)
        self._line.clear()
        self._take, self._asked = None, False
        try:
            self._accept(take(data) if take and octet == _CTRL_Z else [])
        except AtError as refused:
            self._refuse(refused)
        self._catch_up()

    def _packet(self, octet: int) -> None:
        if octet == _FLAG:
            self._line.clear()
        elif octet == _RETURN:
            line = bytes(self._line)
            self._line.clear()
            if line.strip()[:2].upper() == b"AT":
                self._take_back(line)
        elif len(self._line) < LONGEST_LINE:
            self._line.append(octet)

    def _take_back(self, line: bytes) -> None:
        left, self._online = self._online, None
        if left:
            left()
        self._do(line, False)
        self._catch_up()

    def _catch_up(self) -> None:
        """Tells what had to wait; it waits on where the line carries packets again."""
        news, self._news = self._news, []
        self.tell(*news)

    def _accept(self, lines: Iterable[str]) -> None:
        self.say("".join(f"\r\n{line}\r\n" for line in [*lines, "OK"]).encode())

    def _refuse(self, why: AtError) -> None:
        mode = self.wishes.error_numbers
        if why.code < 0 or (mode == 0 and why.prefix == "+CME ERROR"):
            text = why.text if why.code < 0 else "ERROR"
        else:
            text = f"{why.prefix}: {why.text if mode == 2 else why.code}"
        self.say(f"\r\n{text}\r\n".encode())


def hexadecimal(data: bytes) -> bytes:
    """Octets that a terminal wrote as two letters each; raises AtError."""
    try:
        return bytes.fromhex(data.decode("ascii").strip())
    except ValueError:
        raise cme(50) from None
