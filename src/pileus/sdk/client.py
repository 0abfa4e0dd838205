"""A typed HTTP client of a cloud: signing in, plain calls, resumable uploads. Everything here blocks.

    with Client.from_config() as client:
        client.get("/account")
        client.upload(Path("photo.jpg"), parent="")

Problems that the server names (RFC 9457) are raised as `PileusError` with its code.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

import httpx

from pileus.core import durable
from pileus.core.errors import NotFound, PileusError, QuotaExceeded, Unavailable
from pileus.sdk.config import API, address_of, problem_of, read_config, tls_context

PIECE = 8 << 20
"""Bytes in one PATCH: what is sent again at most after a cut."""
READ = 1 << 20
ASK_FIRST = 64 << 20
"""Bytes from which a file is long to read: the room for it is asked for before."""
TRIES = 6
TIMEOUT = httpx.Timeout(30, read=600)

Progress = Callable[[int, int], None]
"""Hears the bytes that are safe in the cloud, and all."""


class Client:
    """One cloud, by its address (as a browser shows it) and a bearer token. Close it."""

    def __init__(
        self, server: str, token: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.server = server.rstrip("/")
        address, headers = address_of(self.server)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        verify = os.environ.get("PILEUS_CA_FILE") or True
        self._http = httpx.Client(
            base_url=address + API,
            headers=headers,
            timeout=TIMEOUT,
            trust_env=False,
            transport=transport,
            verify=tls_context(verify),
        )

    @classmethod
    def from_config(cls, path: Path | None = None) -> Self:
        """The cloud that `pileus login` signed in to; raises `Unauthorized` where it did not."""
        config = read_config(path)
        return cls(config.server, config.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def sign_in(self, name: str, password: str, device_name: str) -> Any:
        """The session {token, account, device}; later calls use its token."""
        wish = {"name": name, "password": password, "device_name": device_name}
        session = self.post("/sign-in", wish)
        self._http.headers["Authorization"] = f"Bearer {session['token']}"
        return session

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        return self.request("GET", path, params=params)

    def post(self, path: str, body: Any = None) -> Any:
        return self.request("POST", path, json=body)

    def delete(self, path: str) -> Any:
        return self.request("DELETE", path)

    def request(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON (None without a body); raises `PileusError` or `Unavailable`."""
        try:
            answer = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise Unavailable(detail=f"{self.server} does not answer: {error}", server=self.server) from error
        raise_problem(answer)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise Unavailable("no-pileus", f"{self.server} answers, but not as a Pileus does.") from None

    def send(self, method: str, path: str, body: Iterator[bytes], size: int) -> Any:
        """A raw body of known size, streamed; for operations that take a file."""
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        return self.request(method, path, content=body, headers=headers)

    def send_file(self, path: str, file: Path, progress: Progress | None = None) -> Any:
        """POSTs a file's bytes as the body (an APK, messages to import)."""
        size = file.stat().st_size
        return self.send("POST", path, pieces(file, 0, size, progress, size), size)

    def save(self, path: str, params: Mapping[str, str], to: BinaryIO) -> None:
        """Writes an answer that is a file, piece by piece; one that breaks off raises `Unavailable`."""
        try:
            with self._http.stream("GET", path, params=dict(params)) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    raise_problem(answer)
                for piece in answer.iter_bytes():
                    to.write(piece)
        except httpx.TransportError as error:
            raise Unavailable(detail=f"{self.server} does not answer: {error}", server=self.server) from error

    def records(self, collection: str) -> dict[str, dict[str, Any]]:
        """The live records of a collection by id, as of now."""
        return Watch(self, collection).read()

    def upload(
        self,
        file: Path,
        parent: str = "",
        name: str | None = None,
        content_type: str = "application/octet-stream",
        progress: Progress | None = None,
        upload: str | None = None,
        replaces: str = "",
    ) -> Any:
        """Keeps a file in the account; the answer is {file, name, …}.

        `replaces`: the id of a file that gets this content; its present one becomes an earlier version.

        A cut connection or a server that restarts is waited for and the rest is sent; `upload` goes on
        with an upload that another process began. The content's hash is sent, so what is kept is what was read.
        """
        size = file.stat().st_size
        if upload is None:
            wish = {"name": name or file.name, "parent": parent, "size": size, "type": content_type}
            wish["replaces"] = replaces
            if size > ASK_FIRST:
                self._ask_for_room(size)
            wish["blake3"] = hash_file(file)
            begun = self.post("/files/uploads", wish)
        else:
            begun = self.get(f"/files/uploads/{upload}")
        tries = 0
        while "file" not in begun or begun["file"] is None:
            offset = begun["offset"]
            if progress:
                progress(offset, size)
            end = min(offset + PIECE, size)
            try:
                begun = self._patch(begun["upload"], file, offset, end)
                tries = 0
            except (Unavailable, PileusError) as error:
                if error.code not in ("unavailable", "cut-off", "upload-busy", "wrong-offset") or tries >= TRIES:
                    raise
                time.sleep(0.25 * 2**tries)
                tries += 1
                begun = self._where(begun, error)
        if progress:
            progress(size, size)
        return begun

    def download(self, file: str, to: Path, progress: Progress | None = None, *, named: bool = True) -> str:
        """Writes a file's content to `to`, through a part beside it that a later call resumes; its BLAKE3.

        The part is named by the file's id and its content's hash, which the whole must have before it gets
        the name `to`; raises `hash-mismatch` where it does not. All is on the disk when it returns, the name too
        unless it is not `named`.
        """
        part = _begun(to.parent, file)
        start = part.stat().st_size if part is not None else 0
        headers: dict[str, str] = {}
        if part is not None and start:
            headers = {"Range": f"bytes={start}-", "If-Range": f'"{part.suffixes[-2][1:]}"'}
        try:
            with self._http.stream("GET", f"/files/{file}/content", headers=headers) as answer:
                if answer.status_code != 416 and answer.status_code >= 400:
                    answer.read()
                    raise_problem(answer)
                if answer.status_code < 400:
                    digest = _digest(answer)
                    place = to.with_name(f".{file}.{digest}.part")
                    if part is not None and part != place:
                        part.unlink()
                    _write(answer, place, start if answer.status_code == 206 else 0, progress)
                    _move(place, digest, to, named=named)
                    return digest
        except httpx.TransportError as error:
            raise Unavailable(detail=f"{self.server} does not answer: {error}", server=self.server) from error
        # The part has all bytes already, or more: it is the content, or none.
        if part is None:
            raise Unavailable("no-pileus", f"{self.server} answers, but not as a Pileus does.")
        digest = part.suffixes[-2][1:]
        if hash_file(part) == digest:
            durable.publish(part, to, named=named)
            return digest
        part.unlink()
        return self.download(file, to, progress, named=named)

    def _ask_for_room(self, size: int) -> None:
        """Raises `QuotaExceeded`: what does not fit is not read to the end first."""
        usage = self.get("/files/usage")
        used, limit = usage["used"], usage["limit"]
        if used + size > limit:
            told = f"{size} more bytes do not fit: {used} of {limit} are used."
            raise QuotaExceeded(detail=told, used=used, limit=limit)

    def _patch(self, upload: str, file: Path, offset: int, end: int) -> Any:
        headers = {
            "Upload-Offset": str(offset),
            "Content-Length": str(end - offset),
            "Content-Type": "application/octet-stream",
        }
        body = pieces(file, offset, end)
        return self.request("PATCH", f"/files/uploads/{upload}", content=body, headers=headers)

    def _where(self, begun: Any, error: PileusError) -> Any:
        try:
            return self.get(f"/files/uploads/{begun['upload']}")
        except Unavailable:
            return begun
        except NotFound:
            raise error from None


class Watch:
    """The live records of one collection, read once in whole and then from the journal's cursor."""

    def __init__(self, client: Client, collection: str) -> None:
        self._client = client
        self._collection = collection
        self._records: dict[str, dict[str, Any]] = {}
        self._since: int | None = None

    def read(self) -> dict[str, dict[str, Any]]:
        """By id, as of now."""
        if self._since is None:
            self._since = self._snapshot()
        more = True
        while more:
            try:
                page = self._client.get("/journal/changes", {"since": self._since, "limit": 1000})
            except PileusError as error:
                if error.code != "cursor-gone":
                    raise
                self._since = self._snapshot()
                continue
            for one in page["changes"]:
                if one["collection"] == self._collection:
                    self._records.pop(one["id"], None)
                    if not one.get("deleted"):
                        self._records[one["id"]] = one["fields"]
            self._since, more = page["next"], page["more"]
        return dict(self._records)

    def _snapshot(self) -> int:
        """Begins anew; gives the number from which the tail is to be read."""
        self._records = {}
        params: dict[str, Any] = {"limit": 1000, "collection": self._collection}
        while True:
            page = self._client.get("/journal/snapshot", params)
            self._records |= {one["id"]: one["fields"] for one in page["records"]}
            if not page["next"]:
                return int(page["as_of"])
            params["page"] = page["next"]


def pieces(file: Path, start: int, end: int, progress: Progress | None = None, size: int = 0) -> Iterator[bytes]:
    """The bytes `start` to `end` of a file, read a megabyte at a time."""
    with file.open("rb") as source:
        source.seek(start)
        while start < end and (piece := source.read(min(READ, end - start))):
            yield piece
            start += len(piece)
            if progress:
                progress(start, size or end)


def hash_file(file: Path) -> str:
    """BLAKE3 of a file's content in hex, as records and uploads name it."""
    from blake3 import blake3

    return str(blake3().update_mmap(file).hexdigest()) if file.stat().st_size else str(blake3(b"").hexdigest())


def raise_problem(answer: httpx.Response) -> None:
    """Raises what a problem document says; nothing happens for a good answer."""
    if answer.status_code >= 400:
        raise problem_of(answer.status_code, answer.content)


def _digest(answer: httpx.Response) -> str:
    """The content's BLAKE3, which is its entity tag."""
    digest: str = answer.headers.get("ETag", "").strip('"')
    if re.fullmatch(r"[0-9a-f]{64}", digest) is None:
        raise Unavailable("no-pileus", f"{answer.url.host} answers, but not as a Pileus does.")
    return digest


def _begun(folder: Path, file: str) -> Path | None:
    """The part of a file that an earlier download left."""
    begin = f".{file}."
    names = [one for one in os.listdir(folder) if one.startswith(begin) and one[len(begin) :].endswith(".part")]
    return folder / min(names) if names else None


def _move(part: Path, digest: str, to: Path, *, named: bool) -> None:
    if hash_file(part) != digest:
        part.unlink()
        raise PileusError("hash-mismatch", f"What arrived is not the content of {to.name}: download it again.")
    durable.publish(part, to, named=named)


def _write(answer: httpx.Response, part: Path, start: int, progress: Progress | None) -> None:
    size = start + int(answer.headers.get("Content-Length", 0))
    with part.open("r+b" if start else "wb") as out:
        out.seek(start)
        for piece in answer.iter_bytes():  # as they come: what a cut leaves is kept
            out.write(piece)
            if progress:
                progress(out.tell(), size)
