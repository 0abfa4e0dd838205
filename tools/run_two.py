"""Two phones that text and call each other on this machine: a cloud, a simulated carrier, two browser windows.

    make run-two

Each window is a browser profile of its own below the data folder, since a phone is what one browser keeps; what
the two phones keep themselves lies there, too, in `phones`. A third window is a plain browser. Where there is no
screen or no Chromium, the addresses are printed to be opened by hand. Ctrl+C ends all of it.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

BIN = Path(sys.executable).parent
ADDRESS = re.compile(r"(\+\d+)\s+(http://\S+#handset=\S+)")
PATIENCE = 60.0
WIDTH = 480
BROWSERS = ("chromium", "google-chrome", "chromium-browser")


class Taken(RuntimeError):
    """Something else uses what this needs; says what, and what to do."""


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--data", type=Path, default=Path("var"))
    given = parser.parse_args(words)
    data, server = given.data.absolute(), f"http://pileus.localhost:{given.port}"
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has it ignored, as in the background
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as stack:
        try:
            free(given.port)
            folder = short(data / "phones", given.port)
            cloud = child(stack, BIN / "pileus", "up", "--port", str(given.port), "--data", str(data))
            wait(f"http://127.0.0.1:{given.port}/api/v1/server", cloud)
            phones = (BIN / "pileus", "sim", "--folder", folder, "--phones", "--server", server)
            sim = child(stack, *phones, stdout=subprocess.PIPE)
            addresses = read(sim, 2)
            opened = [show(stack, data, at, address) for at, address in enumerate(addresses)]
            if all(opened):
                show(stack, data, 2, server, phone=False)
                print("A third window is a plain browser: the first account signs in there, too.")
            print(
                "The first window makes the first account. It invites the second one (Settings, People), whose "
                "window takes the link under “I was invited”."
            )
            print(
                f"Scenes: {BIN / 'pileus'} sim --folder {folder} play docs/design/scenes/roaming.toml", flush=True
            )
            return sim.wait()
        except KeyboardInterrupt:
            return 0
        except RuntimeError as error:
            print(f"run-two: {error}", file=sys.stderr)
            return 1


def free(port: int) -> None:
    """Raises `Taken` where something answers at this port already: it would be taken for the cloud."""
    with socket.socket() as one:
        one.settimeout(2)
        if one.connect_ex(("127.0.0.1", port)) == 0:
            raise Taken(
                f"port {port} is taken, perhaps by another `make run` or `make run-two`: end that one, or choose "
                f"another port and folder (make run-two PORT={port + 1} DATA=var-{port + 1})"
            )


def short(folder: Path, port: int) -> Path:
    """A folder under a short name: sockets lie in it, whose paths have 107 bytes (unix(7)). What is in it outlives
    a restart of the machine, as the browsers' profiles do that know its phones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    link = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"pileus-two-{port}"
    if link.is_symlink() and link.lstat().st_uid == os.geteuid():
        link.unlink()
    try:
        link.symlink_to(folder)
    except FileExistsError:
        raise Taken(f"{link} is somebody else's: choose another port (make run-two PORT={port + 1})") from None
    return link


def child(
    stack: ExitStack, *command: Path | str, stdout: int | None = None, stderr: int | None = None
) -> subprocess.Popen[str]:
    """A process in a group of its own, so that Ctrl+C is ours alone; ended with the stack."""
    words = [str(word) for word in command]
    process = subprocess.Popen(
        words, text=True, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, process_group=0
    )
    stack.callback(end, process)
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait(url: str, cloud: subprocess.Popen[str]) -> None:
    """Until the cloud answers; raises `RuntimeError`."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last and cloud.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the cloud does not answer" if cloud.poll() is None else "the cloud did not start")


def read(sim: subprocess.Popen[str], count: int) -> list[str]:
    """The phones' addresses, from what the carrier says; all of that is passed on."""
    found: list[str] = []
    while len(found) < count:
        line = sim.stdout.readline() if sim.stdout else ""
        if not line:
            raise RuntimeError("the phones did not start")
        print(line, end="", flush=True)
        found += [address for _, address in ADDRESS.findall(line)]
    return found


def show(stack: ExitStack, data: Path, at: int, address: str, *, phone: bool = True) -> bool:
    """Opens a window beside the others; False where there is no screen or no browser for it."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    profile = data / f"browser-{at + 1}"
    page = opener(profile, address).as_uri()
    place = [f"--window-position={at * WIDTH},0", f"--window-size={WIDTH if phone else 2 * WIDTH},920"]
    options = [f"--user-data-dir={profile}", "--no-first-run", *place, f"--app={page}" if phone else page]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium does not start as root with it
    child(stack, browser, *options, stderr=subprocess.DEVNULL)  # it has much to say of a machine without a desktop
    return True


def opener(profile: Path, address: str) -> Path:
    """A page of the user's own that leads to an address. A command line can be read by everybody on the machine,
    and the address of a phone has the key to its daemon in it."""
    profile.mkdir(mode=0o700, parents=True, exist_ok=True)
    page = profile / "open.html"
    page.unlink(missing_ok=True)
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0;url={html.escape(address)}">\n')
    return page


if __name__ == "__main__":
    sys.exit(main())
