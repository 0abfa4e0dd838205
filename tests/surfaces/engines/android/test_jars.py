"""Fetching the framework's jars from a repository that cuts, lies and is away."""

from __future__ import annotations

import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android.jars import (
    RUNNING,
    TESTING,
    Jar,
    JarStore,
    Manifest,
    fetch_all,
    read_manifest,
)

CONTENT = bytes(range(256)) * 4096


class Repository(http.server.BaseHTTPRequestHandler):
    """Serves `files`; the first answer for a path in `cut` stops in the middle."""

    files: dict[str, bytes] = {}  # noqa: RUF012 - set by each test
    cut: set[str] = set()  # noqa: RUF012
    ranges: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        data = self.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        start = 0
        if wanted := self.headers.get("Range"):
            self.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if self.path in self.cut:
            self.cut.discard(self.path)
            self.wfile.write(data[start : len(data) // 2])
            self.close_connection = True
        else:
            self.wfile.write(data[start:])

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def repository() -> Iterator[str]:
    Repository.files, Repository.cut, Repository.ranges = {}, set(), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def jar(name: str, content: bytes, extract: str | None = None) -> Jar:
    found = Jar(f"{name}.jar", f"org.example:{name}:1", ("host",), len(content), "", extract)
    Repository.files[f"/{found.served}"] = content
    return Jar(found.name, found.maven, found.use, found.size, hashlib.sha256(content).hexdigest(), extract)


def test_what_was_cut_off_is_resumed_and_checked(repository: str, tmp_path: Path) -> None:
    one, two = jar("one", CONTENT), jar("two", b"small")
    Repository.cut.add(f"/{one.served}")
    store = JarStore(tmp_path / "jars", Manifest(repository, (one, two)))
    told: list[int] = []
    fetch_all(store, store.missing(), lambda _jar, size: told.append(size))
    assert store.path(one).read_bytes() == CONTENT
    assert Repository.ranges == [f"bytes={len(CONTENT) // 2}-"]
    assert sum(told) == len(CONTENT) + 5
    assert store.missing() == []
    assert [path.name for path in store.paths("host")] == ["one.jar", "two.jar"]


def test_a_wrong_checksum_never_gets_the_name(repository: str, tmp_path: Path) -> None:
    one = jar("one", CONTENT)
    Repository.files[f"/{one.served}"] = CONTENT[:-1] + b"!"
    store = JarStore(tmp_path, Manifest(repository, (one,)))
    with pytest.raises(Unavailable) as caught:
        fetch_all(store, store.missing(), lambda _jar, _size: None)
    assert "checksum" in caught.value.detail
    assert not store.path(one).exists()
    with pytest.raises(Unavailable) as caught:
        store.paths("host")
    assert caught.value.code == "android-jars-missing"


def test_what_the_first_repository_lacks_is_asked_for_elsewhere(repository: str, tmp_path: Path) -> None:
    one = jar("one", CONTENT)
    Repository.files[f"/google/{one.served}"] = Repository.files.pop(f"/{one.served}")
    store = JarStore(tmp_path, Manifest(repository, (one,), (f"{repository}/google",)))
    fetch_all(store, store.missing(), lambda _jar, _size: None)
    assert store.path(one).read_bytes() == CONTENT


def test_the_classes_of_an_archive_are_kept(repository: str, tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        out.writestr("classes.jar", b"classes")
    one = jar("one", whole.getvalue(), "classes.jar")
    store = JarStore(tmp_path, Manifest(repository, (one,)))
    with httpx.Client() as client:
        store.fetch(one, client, lambda _size: None)
    assert store.path(one).read_bytes() == b"classes"
    assert {path.name for path in tmp_path.iterdir()} == {"one.jar"}


def test_the_real_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILEUS_MAVEN_URL", "http://mirror.test/maven2")
    manifest = read_manifest()
    assert manifest.repository == "http://mirror.test/maven2"
    assert {use for one in manifest.jars for use in one.use} == set(TESTING)
    served = {one.name: one.served for one in manifest.jars}
    assert served["robolectric-4.17.jar"] == "org/robolectric/robolectric/4.17/robolectric-4.17.jar"
    assert served["monitor-1.8.0.jar"].endswith("monitor-1.8.0.aar")


def test_what_only_tests_use_is_fetched_for_tests_alone(tmp_path: Path) -> None:
    store = JarStore(tmp_path, read_manifest())
    for_tests = {one.name for one in store.missing()} - {one.name for one in store.missing(RUNNING)}
    assert {name.partition("-")[0] for name in for_tests} >= {"r8", "smali", "dexlib2", "dex"}
    assert "ecj-3.46.0.jar" not in for_tests
