"""The Node process in which the devices live: the shell's own sync, bundled with web/kit/test/sync/host.ts."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import msgspec

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("web/kit/src/sync", "web/kit/test/sync/host.ts")
ROLLDOWN = str(ROOT / "node_modules/rolldown/bin/cli.mjs")
BUILD = ROOT / "build" / "simulator"
PIECE = 1 << 16


class Patch(NamedTuple):
    """One seeded bug of the device: in `file` below web/kit/src/sync, `old` (found once) becomes `new`."""

    file: str
    old: str
    new: str


class Reply(NamedTuple):
    """What happened until every promise had settled."""

    result: Any
    opened: list[dict[str, Any]]
    closed: list[int]
    done: list[dict[str, Any]]


def bundle(patch: Patch | None = None) -> Path:
    """Builds the script (kept by the hash of its sources). Raises `CalledProcessError` with rolldown's words."""
    digest = hashlib.sha256(repr(patch).encode())
    for source in _sources():
        digest.update(source.read_bytes())
    target = BUILD / f"host-{digest.hexdigest()[:16]}.mjs"
    if target.exists():
        return target
    work = BUILD / f"work-{digest.hexdigest()[:16]}-{os.getpid()}"
    try:
        for source in _sources():
            copy = work / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(_patched(source, patch), "utf-8")
        entry = work / "web/kit/test/sync/host.ts"
        made = work / "host.mjs"
        subprocess.run(
            [_node(), ROLLDOWN, str(entry), "--file", str(made), "--platform", "node", "--format", "esm"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        made.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


class Host:
    """One Node process; `ask` sends a command and returns when the devices have come to rest."""

    def __init__(self, script: Path) -> None:
        self._process = subprocess.Popen([_node(), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # Hundreds of lines a history go to and fro: no layer between them and the pipes.
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()

    def ask(self, **command: Any) -> Reply:
        os.write(self._to, msgspec.json.encode(command) + b"\n")
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(self._from, PIECE)
            if not piece:
                raise RuntimeError(f"the devices' process ended with {self._process.wait(10)}")
            line += piece
        reply = msgspec.json.decode(line)
        if reply.get("error"):
            raise RuntimeError(f"{command['c']}: {reply['error']}")
        return Reply(reply.get("result"), reply["opened"], reply["closed"], reply["done"])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _sources() -> list[Path]:
    found: list[Path] = []
    for source in SOURCES:
        path = ROOT / source
        found += sorted(path.rglob("*.ts")) if path.is_dir() else [path]
    return found


def _patched(source: Path, patch: Patch | None) -> str:
    text = source.read_text("utf-8")
    if patch is None or source.name != patch.file:
        return text
    if text.count(patch.old) != 1:
        raise AssertionError(f"{patch.file} holds {text.count(patch.old)} times: {patch.old}")
    return text.replace(patch.old, patch.new)


def _node() -> str:
    node = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv/bin"))
    if node is None:
        raise RuntimeError("Node is not there; `make setup-test` installs it.")
    return node
