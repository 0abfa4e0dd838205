"""An engine is one folder: packages of one that nobody here knows are installed, listed, opened and removed."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
import sys
import threading
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest

from pileus.cloud.kernel.objects import open_blobs
from pileus.cloud.kernel.objects.daily import copy_away
from pileus.cloud.kernel.objects.second import open_copy, restore_copy
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.services.apps import listing, store
from pileus.cloud.services.apps.exporting import Exporting
from pileus.cloud.services.apps.folders import DataFolders
from pileus.cloud.services.apps.install import Installer
from pileus.cloud.services.apps.originals import AREA, Originals
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.errors import Invalid, NotFound, PileusError, Unavailable
from pileus.surfaces import discovery
from pileus.surfaces.client import SessionInfo, Ticket
from pileus.surfaces.engine import AppSpec, Display
from pileus.surfaces.packages import Kept, Offer, PackageShelf, Progress
from tests.cloud.installs import install, records
from tests.cloud.processes import wait
from tests.cloud.services.backups.phone.phones import back_up, bring_back
from tests.conftest import PASSWORD
from tests.postgres import sqlite_only

PAPER = b"PAPER" + json.dumps({"name": "org.example.paper", "label": "Paper", "version": 2}).encode()


class PaperPackages:
    """Packages that are a mark and JSON, kept as they came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lists: list[tuple[Path, list[tuple[str, str]]]] = []

    def takes(self, head: bytes) -> bool:
        return head.startswith(b"PAPER")

    def clean(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    async def check(self, file: Path) -> Offer:
        content = await asyncio.to_thread(file.read_bytes)
        told = json.loads(content.removeprefix(b"PAPER"))
        return Offer(hashlib.sha256(content).hexdigest(), told["name"], told["label"], told)

    def check_update(self, installed: Mapping[str, Any], offer: Offer) -> None:
        assert isinstance(offer.held, dict)
        if offer.held["version"] < installed["version_code"]:
            raise Invalid("paper-older", "It is older.")

    def check_beside(self, offer: Offer, others: Sequence[str]) -> None:
        assert (self.folder / offer.sha256).exists()
        if any(self.fields(other)["label"] == offer.label for other in others):
            raise Invalid("paper-twice", "There is one of that label.")

    async def add(self, file: Path, offer: Offer, progress: Progress) -> None:
        await progress("translate", 1.0)
        await asyncio.to_thread(shutil.copyfile, file, self.folder / offer.sha256)

    def fields(self, sha256: str) -> dict[str, Any]:
        told = json.loads((self.folder / sha256).read_bytes().removeprefix(b"PAPER"))
        return {"label": told["label"], "kind": "paper", "version_code": told["version"], "sha256": sha256}

    def kept(self, sha256: str) -> Kept | None:
        place = self.folder / sha256
        return Kept(place, {"sheet": "1"}) if place.exists() else None

    def original(self, sha256: str) -> Path | None:
        place = self.folder / sha256
        return place if place.exists() else None

    def list_installed(self, folder: Path, installed: list[tuple[str, str]]) -> None:
        self.lists.append((folder, installed))

    def remove(self, sha256: str) -> None:
        (self.folder / sha256).unlink(missing_ok=True)


@dataclass
class Sessions:
    """A supervisor that writes down what it is asked."""

    opened: list[AppSpec] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def open(self, spec: AppSpec, _display: Display) -> SessionInfo:
        self.opened.append(spec)
        return SessionInfo("s", spec.app_id, "starting")

    async def ticket(self, *_: str) -> Ticket:
        return Ticket("t", 1)

    async def warm(self, engine: str) -> None:
        self.asked.append(("warm", engine))

    async def close_app(self, _account: str, app: str) -> None:
        self.asked.append(("close", app))

    async def press(self, engine: str, _account: str, folder: Path, key: str, action: int) -> str:
        self.asked.append(("press", engine, folder.parent.parent.name, key, action))
        return "org.example.paper"

    async def choose(self, engine: str, _account: str, _folder: Path, number: int, component: str | None) -> None:
        self.asked.append(("choose", engine, number, component))


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PaperPackages:
    """A folder of engines with one more in it."""
    found = PaperPackages(tmp_path / "kept")
    module = ModuleType("paper_engine_of_this_test")
    module.make = lambda _settings: found  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    engines = tmp_path / "engines"
    for folder in discovery.ENGINES.glob("*/engine.toml"):
        (engines / folder.parent.name).mkdir(parents=True)
        (engines / folder.parent.name / "engine.toml").write_text(folder.read_text())
    (engines / "paper").mkdir()
    (engines / "paper" / "engine.toml").write_text(
        f'factory = "{module.__name__}:run"\npackages = "{module.__name__}:make"\n'
    )
    monkeypatch.setattr(discovery, "ENGINES", engines)
    return found


def test_another_engines_package_is_installed_opened_and_removed(
    paper: PaperPackages, serve: Any, settings: Any
) -> None:
    sessions = Sessions()
    with (
        serve(settings, sessions=sessions) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        app = "org.example.paper"
        assert install(client, PAPER)["phase"] == "done"
        fields = records(client, "apps.app")[app]
        assert (fields["engine"], fields["kind"], fields["label"]) == ("paper", "paper", "Paper")
        assert ("warm", "paper") in sessions.asked
        folder, listed = paper.lists[-1]
        assert (folder.parent.parent.name, listed) == ("paper", [(app, fields["sha256"])])
        assert client.post(f"/apps/{app}/open", json={}).status_code == 200
        (spec,) = sessions.opened
        assert (spec.engine, spec.options, spec.data_dir) == ("paper", {"sheet": "1"}, folder / app)
        _speak(client, sessions, app)
        twin = PAPER.replace(b"org.example.paper", b"org.example.twin")
        assert install(client, twin)["code"] == "paper-twice"
        assert [path.name for path in paper.folder.iterdir()] == [fields["sha256"]], "and nothing of it is kept"
        assert install(client, PAPER.replace(b'"version": 2', b'"version": 3'))["phase"] == "done"
        assert install(client, PAPER)["code"] == "paper-older"
        older = PAPER.replace(b'"version": 2', b'"version": 1')
        assert install(client, older)["code"] == "paper-older"
        assert client.delete(f"/apps/{app}").status_code == 204
        assert app not in records(client, "apps.app")
        assert paper.lists[-1] == (folder, [])
        assert list(paper.folder.iterdir()) == []


def broken_off(*_: str) -> None:
    raise Unavailable("gone", "It ends here.")


def written_to(*_: str) -> None:
    raise OSError(errno.ENOTEMPTY, "Directory not empty")


@pytest.mark.parametrize(("broken", "answer"), [(broken_off, 503), (written_to, 204)])
@pytest.mark.parametrize("how", ["a restart", "an install"])
def test_a_removal_that_was_broken_off_comes_to_its_end(
    paper: PaperPackages,
    serve: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    broken: Any,
    answer: int,
) -> None:
    """What an app kept goes at the next start, or before it comes again; its package with the day's work."""
    app = "org.example.paper"
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        assert install(client, PAPER)["phase"] == "done"
        kept = wait(lambda: paper.lists)[-1][0] / app  # the list comes after the record
        kept.mkdir(parents=True)
        with monkeypatch.context() as patch:
            patch.setattr(store.Folders, "remove_data", broken)
            assert client.delete(f"/apps/{app}").status_code == answer
        assert app not in records(client, "apps.app")
        assert client.get("/account/log").json()["entries"][0]["event"] == "app-removed"
        assert kept.exists()
        if how == "an install":
            assert install(client, PAPER)["phase"] == "done"
            assert not kept.exists()
            return
    with serve(settings) as server, server.client(server.sign_in("anna")["token"]) as client:
        assert not kept.exists()
        assert bool(list(paper.folder.iterdir())) == (answer == 503)
        for work in server.cloud.context.jobs._daily:
            if isinstance(getattr(work, "__self__", None), Installer):
                asyncio.run(work())
        assert list(paper.folder.iterdir()) == []
        assert server.cloud.db.read(store.leaving) == []


@pytest.mark.parametrize("when", ["removed before it", "removed amid it"])
def test_what_is_installed_while_an_app_of_its_name_is_removed_keeps_its_own(
    paper: PaperPackages, serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    app, let_go, fields = "org.example.paper", listing.let_go, paper.fields
    go, there = threading.Event(), threading.Event()

    async def slow(*told: Any) -> None:
        if not there.is_set():
            there.set()
            await asyncio.to_thread(go.wait)
        await let_go(*told)

    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        assert install(client, PAPER)["phase"] == "done"
        kept = paper.lists[-1][0] / app
        kept.mkdir(parents=True)
        (kept / "old").touch()
        monkeypatch.setattr(listing, "let_go", slow)
        removing = threading.Thread(target=client.delete, args=(f"/apps/{app}",))

        def remove() -> None:
            removing.start()
            assert there.wait(30)

        def fields_amid(digest: str) -> dict[str, Any]:
            if removing.ident is None:
                remove()
            return fields(digest)

        if when == "removed amid it":
            monkeypatch.setattr(paper, "fields", fields_amid)
        else:
            remove()
        try:
            with server.client(client.headers["authorization"].split()[1]) as other:
                assert install(other, PAPER)["phase"] == "done"
            assert not kept.exists()
            kept.mkdir(parents=True)
            (kept / "new").touch()
        finally:
            go.set()
            removing.join()
        assert [path.name for path in kept.iterdir()] == ["new"]
        assert app in records(client, "apps.app")


def test_a_backup_that_names_no_package_keeps_nobody_waiting(
    paper: PaperPackages, serve: Any, settings: Any
) -> None:
    """It may have been written by its own account: `package` is any text, one that is held by then, too."""
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        account, folders = client.get("/account").json()["id"], server.cloud.context.app_folders
        for package in ("", "0" * 64, f"{account} org.x", account):
            with pytest.raises(NotFound, match="no package of it is kept"):
                asyncio.run(asyncio.wait_for(folders.install(account, "org.x", package), 20))


def again(client: httpx.Client, app: str) -> None:
    """Opens an app whose package is gone: it is made ready again from its own file, and opens then."""
    before = records(client, "apps.install").keys()
    for _ in range(2):
        answer = client.post(f"/apps/{app}/open", json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "package-returning")

    def ended() -> bool:
        told = records(client, "apps.install")
        return told.keys() > before and all(one["phase"] in ("done", "failed") for one in told.values())

    wait(ended)
    assert len(records(client, "apps.install")) == len(before) + 1, "asked for once"
    assert client.post(f"/apps/{app}/open", json={}).status_code == 200


def used(client: httpx.Client) -> int:
    return int(client.get("/account").json()["used_bytes"])


@sqlite_only
def test_an_app_comes_back_on_a_cloud_that_was_restored_from_its_copy(
    paper: PaperPackages, serve: Any, settings: Any, tmp_path: Path
) -> None:
    """Of what an engine made of a package nothing is in the copy."""
    app, asked = "org.example.paper", settings.changed(copy_to=str(tmp_path / "copy"))
    with (
        serve(asked, sessions=Sessions()) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        assert install(client, PAPER)["phase"] == "done"
        assert asyncio.run(copy_away(server.cloud.context.objects)) is not None
    key = (asked.data_dir / "keys" / "server.key").read_bytes()
    shutil.rmtree(asked.data_dir)
    shutil.rmtree(paper.folder)

    there = settings.changed(data_dir=tmp_path / "there")
    there.make_dirs()
    for _ in restore_copy(open_copy(asked.copy_to), key, there.data_dir, open_blobs(there), None):
        pass
    with (
        serve(there, sessions=Sessions()) as server,
        server.client(server.sign_in("anna")["token"]) as client,
    ):
        again(client, app)
        assert client.delete(f"/apps/{app}").status_code == 204


def test_a_removed_app_is_installed_again_from_a_phones_backup(
    paper: PaperPackages, serve: Any, settings: Any
) -> None:
    """With what it kept; its package is kept for as long as a backup names it, and no longer."""
    app, digest = "org.example.paper", hashlib.sha256(PAPER).hexdigest()
    clock = ManualClock(SystemClock().now_ms())
    with serve(settings, clock=clock) as server, server.client(server.account("anna")["token"]) as client:
        anna = client.get("/account").json()["id"]
        place = store.Folders(server.cloud.context).data("paper", anna, app)
        empty = used(client)
        assert install(client, PAPER)["phase"] == "done"
        place.mkdir(parents=True)
        (place / "words").write_text("明天西湖见")
        snapshot = back_up(client)
        (about,) = client.get(f"/backups/phone/{snapshot}").json()["apps"]
        assert about["package"] == digest
        assert client.delete(f"/apps/{app}").status_code == 204
        assert list(paper.folder.iterdir()) == []
        assert used(client) >= empty + len(PAPER), "it counts"
        clock.advance(30 * 86400)
        sweep(server.cloud.context.objects)

        report = bring_back(client, snapshot, {"apps": [app]})
        assert report["entries"] == [{"item": f"apps/{app}", "label": "Paper", "outcome": "restored"}]
        assert (place / "words").read_text() == "明天西湖见"
        assert records(client, "apps.app")[app]["sha256"] == digest
        assert [one.name for one in paper.folder.iterdir()] == [digest]
        assert not list((settings.data_dir / "services" / "apps" / "uploads").iterdir())

        newer = PAPER.replace(b'"version": 2', b'"version": 3')
        assert install(client, newer)["phase"] == "done"
        (place / "words").write_text("later")
        assert bring_back(client, snapshot, {"apps": [app]})["restored"] == 1
        assert (place / "words").read_text() == "明天西湖见"
        assert records(client, "apps.app")[app]["version_code"] == 3, "what is installed stays"

        assert client.delete(f"/apps/{app}").status_code == 204
        forget = {"ids": [snapshot], "present": PASSWORD}
        assert client.post("/backups/forget", json=forget).status_code == 200
        clock.advance(30 * 86400)
        sweep(server.cloud.context.objects)
        assert not asyncio.run(server.cloud.context.objects.restore(anna, AREA, digest))


def test_a_removed_app_without_a_package_is_told_as_such(
    paper: PaperPackages, serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in backups of before, whose packages were not kept; a package that is another app's is none either."""
    app = "org.example.paper"
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        assert install(client, PAPER)["phase"] == "done"
        with monkeypatch.context() as patch:
            patch.setattr(store, "packages", lambda *_: {app: ""})
            old = back_up(client)
        other = PAPER.replace(b"org.example.paper", b"org.example.other").replace(b"Paper", b"Other")
        assert install(client, other)["phase"] == "done"
        with monkeypatch.context() as patch:
            patch.setattr(store, "packages", lambda *_: {app: hashlib.sha256(other).hexdigest()})
            wrong = back_up(client)
        assert client.delete(f"/apps/{app}").status_code == 204
        for snapshot in (old, wrong):
            report = bring_back(client, snapshot, {"apps": [app]})
            told = [(one["outcome"], one["code"]) for one in report["entries"]]
            assert told == [("skipped", "app-package-gone")]
        assert list(records(client, "apps.app")) == ["org.example.other"]
        assert client.post("/apps/org.example.other/open", json={}).status_code == 503, "it is there"


def test_an_export_has_the_package_and_what_the_app_keeps(
    paper: PaperPackages, serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = "org.example.paper"
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        assert install(client, PAPER)["phase"] == "done"
        folders = store.Folders(server.cloud.context)
        kept = folders.data("paper", client.get("/account").json()["id"], app)
        (kept / "西湖").mkdir(parents=True)
        (kept / "西湖" / "tea").write_bytes(b"green")
        (kept / "away").symlink_to("/etc/passwd")
        (kept / os.fsdecode(b"caf\xe9")).write_bytes(b"coffee")
        with (kept / "hollow").open("wb") as hollow:
            hollow.truncate(1 << 40)
        found = exported(client)
        assert b"hollow is not here: Nearly all of it is holes." in found.read("problems.txt")
        names = [name for name in found.namelist() if name.startswith("apps/")]
        assert sorted(names) == [f"apps/{app}.paper", f"apps/{app}/caf\ufffd", f"apps/{app}/西湖/tea"]
        assert found.read(f"apps/{app}.paper") == PAPER
        assert found.read(f"apps/{app}/西湖/tea") == b"green"
        assert list(folders.exports.iterdir()) == []

        other = Exporting(server.cloud.context, folders, DataFolders(server.cloud.context, folders, None, None))
        assert asyncio.run(two_at_once(other, client.get("/account").json()["id"])) == "left-out"
        assert list(folders.exports.iterdir()) == []

        async def busy(*_: object) -> list[str]:
            raise Unavailable("app-busy", "It writes too much.")

        monkeypatch.setattr(DataFolders, "copy", busy)
        found = exported(client)
        assert found.read(f"apps/{app}.paper") == PAPER
        assert b"It writes too much." in found.read("problems.txt")
        (folders.exports / "cut off").mkdir()
    with serve(settings):
        assert list(folders.exports.iterdir()) == []


async def two_at_once(exporting: Exporting, account: str) -> str:
    """What the second is told while the first stands at a file of an app."""
    first, second = exporting.offered(account), exporting.offered(account)
    await anext(first)
    await anext(first)
    await anext(second)
    try:
        await anext((await anext(second)).data)
    except PileusError as error:
        return error.code
    finally:
        await first.aclose()
        await second.aclose()
    return ""


def exported(client: httpx.Client) -> zipfile.ZipFile:
    path = client.post("/account/export").json()["path"].removeprefix("/api/v1")
    return zipfile.ZipFile(io.BytesIO(client.get(path).content))


def test_the_file_of_an_app_is_charged_once_and_goes_with_it(
    paper: PaperPackages, serve: Any, settings: Any
) -> None:
    padding = "x" * 300_000
    first, second = (
        b"PAPER" + json.dumps({"name": "p", "label": padding[:9], "version": one, "more": padding}).encode()
        for one in (1, 2)
    )
    with (
        serve(settings, sessions=Sessions()) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        account, apps = client.get("/account").json()["id"], server.cloud.context
        before = used(client)
        assert install(client, first)["phase"] == "done"
        assert install(client, first)["phase"] == "done"
        assert len(first) <= used(client) - before < len(first) + 100_000
        assert install(client, second)["phase"] == "done"
        wait(lambda: len(second) <= used(client) - before < len(second) + 100_000)
        digests = [hashlib.sha256(one).hexdigest() for one in (first, second)]
        wait(lambda: [asyncio.run(is_kept(apps, account, one)) for one in digests] == [False, True])

        # As an app that was installed before its file was kept.
        server.cloud.db.write(lambda conn: as_before(conn, account, len(second)))
        asyncio.run(apps.objects.delete(account, AREA, digests[1]))
        server.cloud.db.write(lambda conn: apps.quota.charge(conn, account, AREA, len(second)))
        asyncio.run(tend(server))
        assert asyncio.run(is_kept(apps, account, digests[1]))
        assert len(second) <= used(client) - before < len(second) + 100_000

        # What a killed install left.
        server.cloud.db.write(lambda conn: store.unset_installed(conn, account, "p"))
        asyncio.run(tend(server))
        assert not asyncio.run(is_kept(apps, account, digests[1]))
        assert used(client) - before < 100_000


async def is_kept(ctx: Any, account: str, sha256: str) -> bool:
    return await Originals(ctx).has(account, sha256)


def as_before(conn: Any, account: str, size: int) -> None:
    conn.exec_driver_sql("DELETE FROM apps_package")
    store.set_size(conn, account, "p", size)


async def tend(server: Any) -> None:
    for work in server.cloud.context.jobs._daily:
        if isinstance(getattr(work, "__self__", None), Installer):
            await work()


def test_of_two_that_come_at_once_and_cannot_be_together_one_is_refused(
    paper: PaperPackages, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each looks beside itself while the other may be looking, too."""
    context = server.cloud.context
    shelf = PackageShelf(context.settings)
    installer = Installer(context, store.Folders(context), shelf)
    both, look = threading.Barrier(2), paper.check_beside

    def slowly(offer: Offer, others: Sequence[str]) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        look(offer, others)

    monkeypatch.setattr(paper, "check_beside", slowly)
    account = server.account("anna")["account"]["id"]
    jobs = []
    for name in (b"paper", b"twin"):
        installer._folders.upload(name.decode()).write_bytes(PAPER.replace(b"example.paper", b"example." + name))
        payload = {"upload": name.decode()}
        jobs.append(SimpleNamespace(id=name.decode(), account_id=account, payload=payload, progress=_nothing))

    async def story() -> list[Any]:
        return await asyncio.gather(*(installer.run(job) for job in jobs), return_exceptions=True)

    ends = asyncio.run(story())
    assert [type(end) for end in ends].count(dict) == 1
    assert [end.code for end in ends if isinstance(end, PileusError)] == ["paper-twice"]


def test_what_came_while_one_was_translated_counts(
    paper: PaperPackages, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer one of the name is there by then: its data is not this one's to take."""
    context = server.cloud.context
    installer = Installer(context, store.Folders(context), PackageShelf(context.settings))
    account = server.account("anna")["account"]["id"]
    newer = {"engine": "paper", "version_code": 3}
    add = paper.add

    async def meanwhile(file: Path, offer: Offer, progress: Progress) -> None:
        await add(file, offer, progress)
        await context.db.write_async(
            lambda conn: context.journal.put(conn, account, "apps.app", offer.app_id, newer)
        )

    monkeypatch.setattr(paper, "add", meanwhile)
    installer._folders.upload("u").write_bytes(PAPER)
    job = SimpleNamespace(id="u", account_id=account, payload={"upload": "u"}, progress=_nothing)
    with pytest.raises(Invalid, match="paper-older"):
        asyncio.run(installer.run(job))
    assert list(paper.folder.iterdir()) == []


async def _nothing(*_: object) -> None:
    """What a job that nobody looks at does with its progress."""


def test_it_does_not_take_the_name_of_a_built_in_app(paper: PaperPackages, client: httpx.Client) -> None:
    client.get("/apps/catalog")
    assert install(client, PAPER.replace(b"org.example.paper", b"notes"))["code"] == "app-id-taken"
    assert records(client, "apps.app")["notes"]["kind"] == "web"
    assert list(paper.folder.iterdir()) == []


def _speak(client: httpx.Client, sessions: Sessions, app: str) -> None:
    wish = {"app": app, "key": "k", "action": 1}
    assert client.post("/apps/notices", json=wish).json() == {"app": app}
    assert sessions.asked[-1] == ("press", "paper", "paper", "k", 1)
    assert client.post("/apps/choices", json={"app": app, "number": 3, "component": "c"}).status_code == 204
    assert sessions.asked[-1] == ("choose", "paper", 3, "c")
    client.get("/apps/catalog")
    assert client.post("/apps/notices", json={"app": "notes", "key": "k"}).json()["code"] == "app-not-streamed"
    assert client.post("/apps/notices", json={"app": "none", "key": "k"}).json()["code"] == "app-unknown"
