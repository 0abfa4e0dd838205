"""The packages that are tried: npm packages, source distributions from PyPI, and the test tree's samples."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
import tarfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from types import ModuleType

import httpx

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("fixtures.toml")
SAMPLES = ROOT / "tests" / "surfaces" / "engines" / "android"


@dataclass(frozen=True)
class Fixture:
    """A package to try; `file` gives it, and may build it for some minutes. `group` says where it comes from."""

    group: str
    name: str
    file: Callable[[], Path]

    @property
    def key(self) -> str:
        """A name for files."""
        return re.sub(r"[^A-Za-z0-9.-]+", "-", f"{self.group}-{self.name}").strip("-").lower()


def fixtures(cache: Path) -> Iterator[Fixture]:
    """All of them; fetches what is not there. Raises `httpx.HTTPError`, `LookupError`."""
    known = tomllib.loads(LIST.read_text(encoding="utf-8"))
    for item in known["modules"]:
        yield Fixture("npm", item["name"], partial(Path, ROOT, "node_modules", item["path"]))
    for item in known["samples"]:
        yield Fixture("samples", item["name"], partial(sample, item["app"], item.get("by")))
    for item in known["sdists"]:
        archive = sdist(item["project"], item["file"], item["sha256"], cache)
        for file in unpack(archive, cache / "apks" / item["sha256"][:16]):
            if not any(fnmatch(file.name, pattern) for pattern in item["skip"]):
                yield Fixture(item["project"], file.stem, partial(Path, file))


def sample(app: str, by: str | None) -> Path:
    """A sample of the test tree; `by` is d8 or r8 for one that uses AndroidX. Blocks."""
    basis = _builder("build_apk")
    built: Path = basis.build(app) if by is None else _builder("build_androidx").build(basis, app, by == "r8")
    return built


def sdist(project: str, name: str, sha256: str, cache: Path) -> Path:
    """A source distribution by its checksum. Blocks."""
    target = cache / "sdists" / name
    if target.exists() and _sha256(target.read_bytes()) == sha256:
        return target
    with httpx.Client(timeout=120, follow_redirects=True) as client:
        accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
        listed = client.get(f"{_index()}/{project}/", headers=accept).raise_for_status().json()["files"]
        url = next((item["url"] for item in listed if item["filename"] == name), None)
        if url is None:
            raise LookupError(f"The registry has no {name}.")
        content = client.get(url).raise_for_status().content
    if _sha256(content) != sha256:
        raise LookupError(f"{name} is not what it was: its checksum is wrong.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def unpack(archive: Path, folder: Path) -> list[Path]:
    """The packages in an archive, under their own names."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as whole:
        for member in whole:
            name = Path(member.name).name
            source = whole.extractfile(member) if member.isfile() and name.endswith(".apk") else None
            if source is not None:
                (folder / name).write_bytes(source.read())
    return sorted(folder.glob("*.apk"))


def _index() -> str:
    """The registry that the environment names, else that of uv.lock."""
    found = re.search(r'registry = "([^"]+)"', (ROOT / "uv.lock").read_text(encoding="utf-8"))
    if found is None:
        raise LookupError("uv.lock names no registry.")
    return (os.environ.get("PIP_INDEX_URL") or found[1]).rstrip("/")


def _builder(name: str) -> ModuleType:
    """A module of the test tree that builds sample packages."""
    if name not in sys.modules:
        found = importlib.util.spec_from_file_location(name, SAMPLES / f"{name}.py")
        assert found is not None
        assert found.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(found)
        found.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
