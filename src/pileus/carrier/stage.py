"""Plays the steps of a scene at a carrier."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pileus.carrier.calls import Call, Party, Stage
from pileus.carrier.errors import AtError
from pileus.carrier.events import Event, Happening
from pileus.carrier.handset import Handset
from pileus.carrier.network import ABROAD, Carrier
from pileus.carrier.scene import SceneError, Step
from pileus.carrier.scripted import Manner


class Player:
    """One who plays a scene: `tell` hears of all that happens meanwhile. Close it at the end.

    `wait-for` finds what happened since the last `wait-for`, so that nothing is missed in between.
    """

    def __init__(self, carrier: Carrier, tell: Callable[[Event], None]) -> None:
        self._carrier, self._tell = carrier, tell
        self._happened: list[Event] = []
        self._news = asyncio.Event()
        carrier.watch(self._hear)

    def close(self) -> None:
        self._carrier.unwatch(self._hear)

    async def play(self, step: Step) -> None:
        """Raises SceneError for what cannot be done as things are."""
        if step.do == "wait":
            await asyncio.sleep(step.seconds("seconds"))
        elif step.do == "wait-for":
            await self._wait_for(step)
        else:
            try:
                self._do(step)
            except AtError as refused:
                raise _wrong("scene-refused", step, refused.text) from None

    def _do(self, step: Step) -> None:
        carrier = self._carrier
        match step.do:
            case "sms":
                carrier.text(step.text("from"), self._handset(step, "to").number, step.text("text"))
            case "pdu":
                carrier.put("", self._handset(step, "to").number, bytes.fromhex(step.text("octets")))
            case "call":
                self._call(step)
            case "answer" | "hangup" | "tones":
                self._in_call(step)
            case "signal":
                self._handset(step).signal(step.fields["strength"])
            case "roam":
                self._handset(step).roam(ABROAD if step.fields["on"] else None)
            case "switch":
                handset = self._handset(step)
                (handset.switch_on if step.fields["on"] else handset.switch_off)()
            case "fill-sim":
                self._handset(step).fill()
            case "empty-sim":
                self._handset(step).empty()
            case "report":
                carrier.messages.report_after = None if step.fields["never"] else step.seconds("after")
            case "script":
                carrier.script(step.text("number"), Manner(step.text("manner")), echo=bool(step.fields["echo"]))

    def _call(self, step: Step) -> None:
        caller = self._carrier.handsets.get(step.text("from"))
        if caller is not None:
            caller.modem.voice.dial(step.text("to"))
        else:
            self._carrier.call(step.text("from"), step.text("to"))

    def _in_call(self, step: Step) -> None:
        number = step.text("number")
        party, call = self._party(step), self._call_of(step)
        if number in self._carrier.handsets:
            voice = self._carrier.handsets[number].modem.voice
            if step.do == "tones":
                for digit in step.text("digits"):
                    voice.tone(digit)
            else:
                (voice.answer if step.do == "answer" else voice.hang_up)()
        elif step.do == "answer":
            call.answer()
        elif step.do == "hangup":
            call.end(by=party)
        else:
            for digit in step.text("digits"):
                call.send(party, digit)

    async def _wait_for(self, step: Step) -> None:
        kind, who = Happening(step.text("what")), step.fields["who"]
        try:
            async with asyncio.timeout(step.seconds("within")):
                while not self._found(kind, who):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise _wrong("scene-waited", step, kind.value) from None

    def _found(self, kind: Happening, who: str | None) -> bool:
        for at, event in enumerate(self._happened):
            if event.kind is kind and (who is None or who in (event.who, event.other)):
                del self._happened[: at + 1]
                return True
        return False

    def _hear(self, event: Event) -> None:
        self._happened.append(event)
        self._news.set()
        self._tell(event)

    def _handset(self, step: Step, field: str = "number") -> Handset:
        found = self._carrier.handsets.get(self._carrier.normal(step.text(field)))
        if found is None:
            raise _wrong("scene-number", step, step.text(field))
        return found

    def _party(self, step: Step) -> Party:
        number = step.text("number")
        handset = self._carrier.handsets.get(number)
        party = handset.modem if handset else self._carrier.scripted.get(number)
        if party is None:
            raise _wrong("scene-number", step, number)
        return party

    def _call_of(self, step: Step) -> Call:
        party = self._party(step)
        for call in reversed(self._carrier.calls):
            if call.stage is not Stage.ENDED and party in (call.caller, call.callee):
                return call
        raise _wrong("scene-no-call", step, step.text("number"))


_SENTENCES = {
    "scene-number": "Step {step}: nobody has the number {field}.",
    "scene-no-call": "Step {step}: {field} is in no call.",
    "scene-waited": "Step {step}: {field} did not happen in time.",
    "scene-refused": "Step {step}: the modem refuses: {field}.",
}


def _wrong(code: str, step: Step, field: str) -> SceneError:
    return SceneError(code, _SENTENCES[code].format(step=step.at, field=field), step=step.at, field=field)
