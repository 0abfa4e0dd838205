"""The packages that are tried: npm packages, those in source distributions, and the test tree's samples."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
import tarfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

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
        for file in carried(item, cache):
            yield Fixture(item["project"], file.stem, partial(Path, file))


def carried(item: Mapping[str, Any], cache: Path) -> list[Path]:
    """The packages of a source distribution of the list: of all those `only` names, without those `skip` does."""
    archive = sdist(item["project"], item["file"], item["sha256"], cache, item.get("url"))
    files = unpack(archive, cache / "apks" / item["sha256"][:16])
    only, skip = item.get("only", ["*"]), item.get("skip", [])
    return [file for file in files if _is_one(file.name, only) and not _is_one(file.name, skip)]


def sample(app: str, by: str | None) -> Path:
    """A sample of the test tree; `by` is d8 or r8 for one that uses AndroidX. Blocks."""
    basis = _builder("build_apk")
    built: Path = basis.build(app) if by is None else _builder("build_androidx").build(basis, app, by == "r8")
    return built


def sdist(project: str, name: str, sha256: str, cache: Path, url: str | None = None) -> Path:
    """A source distribution by its checksum, from an address or else from PyPI's registry. Blocks."""
    target = cache / "sdists" / name
    if target.exists() and _sha256(target.read_bytes()) == sha256:
        return target
    with httpx.Client(timeout=120, follow_redirects=True) as client:
        content = client.get(url or _listed(client, project, name)).raise_for_status().content
    if _sha256(content) != sha256:
        raise LookupError(f"{name} is not what it was: its checksum is wrong.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def _listed(client: httpx.Client, project: str, name: str) -> str:
    """Where PyPI's registry has a file."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    files = client.get(f"{_index()}/{project}/", headers=accept).raise_for_status().json()["files"]
    found = next((item["url"] for item in files if item["filename"] == name), None)
    if found is None:
        raise LookupError(f"The registry has no {name}.")
    return str(found)


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


def _is_one(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


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
