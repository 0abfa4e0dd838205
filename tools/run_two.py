"""Two phones that text and call each other on this machine: a cloud, a simulated carrier, two browser windows.

    make run-two

Each window is a browser profile of its own below the data folder, since a phone is what one browser keeps. Where
there is no screen or no Chromium, the addresses are printed to be opened by hand. Ctrl+C ends all of it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

BIN = Path(sys.executable).parent
ADDRESS = re.compile(r"(\+\d+)\s+(http://\S+#handset=\S+)")
PATIENCE = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--data", type=Path, default=Path("var"))
    given = parser.parse_args()
    data, server = given.data.absolute(), f"http://pileus.localhost:{given.port}"
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    with ExitStack() as stack:
        try:
            child(stack, BIN / "pileus", "up", "--port", str(given.port), "--data", str(data))
            wait(f"http://127.0.0.1:{given.port}/api/v1/server")
            sim = child(stack, BIN / "pileus", "sim", "--phones", "--server", server, piped=True)
            addresses = read(sim, 2)
            opened = [show(stack, data / f"browser-{at + 1}", address) for at, address in enumerate(addresses)]
            if all(opened):
                show(stack, data / "browser-3", server)
                print("A third window is a plain browser: the first account signs in there, too.")
            return sim.wait()
        except KeyboardInterrupt:
            return 0
        except RuntimeError as error:
            print(f"run-two: {error}", file=sys.stderr)
            return 1


def child(stack: ExitStack, *command: Path | str, piped: bool = False) -> subprocess.Popen[str]:
    """A process in a group of its own, so that Ctrl+C is ours alone; ended with the stack."""
    words = [str(word) for word in command]
    process = subprocess.Popen(
        words, text=True, stdout=subprocess.PIPE if piped else None, stdin=subprocess.DEVNULL, process_group=0
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


def wait(url: str) -> None:
    """Until the cloud answers; raises `RuntimeError`."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the cloud does not answer")


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


def show(stack: ExitStack, profile: Path, address: str) -> bool:
    """Opens a window; False where there is no screen or no browser for it."""
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
    if browser is None or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    options = [f"--user-data-dir={profile}", "--no-first-run", "--window-size=480,920", f"--app={address}"]
    child(stack, browser, *options)
    return True


if __name__ == "__main__":
    sys.exit(main())
