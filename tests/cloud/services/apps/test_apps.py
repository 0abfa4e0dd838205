"""Apps over real HTTP: built-in ones, bad packages, the real one from upload to removal."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest

from pileus.cloud.app import build
from pileus.cloud.kernel.jobs import runner
from pileus.cloud.services.apps import builtin, rules, store
from pileus.cloud.services.apps.install import Installer
from pileus.cloud.services.backups.phone.backups import PhoneBackups
from pileus.core.clock import ManualClock
from pileus.core.errors import Conflict, Invalid, NotFound
from pileus.surfaces.engines.android import java, packages, reading
from pileus.surfaces.engines.android.apk import Activity, Apk, Checked
from pileus.surfaces.engines.android.signature import Signer
from pileus.surfaces.packages import PackageShelf
from tests.cloud.installs import install, records

ROOT = Path(__file__).resolve().parents[4]
APK = ROOT / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
APP = "io.appium.android.apis"
ZIP = b"PK\x03\x04"
"""How a package for the Android engine begins."""
META = packages.Meta(
    sha256="3" * 64,
    translator="1",
    size=7,
    package="org.example.demo",
    version_code=1,
    version_name="1",
    min_sdk=21,
    target_sdk=34,
    label="Demo",
    labels={},
    permissions=[],
    activity=".Main",
    libraries={},
    signer="",
    scheme="v2",
    earlier_signers=[],
)


DEMO = Apk(
    package=META.package,
    version_code=1,
    version_name="1",
    min_sdk=21,
    target_sdk=34,
    label="Demo",
    labels={},
    icon=None,
    permissions=(),
    activities=(Activity(".Main", "Demo", exported=True, launcher=True),),
    services=(),
    libraries={},
    dex=(),
    application=None,
)


def test_an_account_gets_the_built_in_apps_once(client: httpx.Client) -> None:
    assert records(client, "apps.app") == {}
    offered = client.get("/apps/catalog").json()["apps"]
    first = records(client, "apps.app")
    assert {"notes", "messages", "files", "store"} <= first.keys() == offered.keys()
    assert first["notes"]["kind"] == "web"
    assert first["notes"]["manifest"]["pileus"]["names"]["zh"]
    assert first["notes"]["origin"].startswith("http://notes.apps.")
    head = client.get("/journal/snapshot").json()["as_of"]
    client.get("/apps/catalog")
    assert client.get("/journal/snapshot").json()["as_of"] == head
    assert client.delete("/apps/notes").json()["code"] == "app-built-in"


def test_in_the_form_port_an_apps_record_names_its_port(settings: Any) -> None:
    chosen = settings.changed(origins="port", domain="192.0.2.7")
    cloud = build(chosen)
    try:
        account = cloud.accounts.create_blocking("anna", "correct horse").id
        cloud.db.write(lambda conn: builtin.seed(cloud.context, conn, account))
        found = cloud.db.read(lambda conn: cloud.journal.records(conn, account, "apps.app"))
        origins = {one.id: one.fields["origin"] for one in found}
        assert origins.keys() == cloud.origins.app_ports.keys() >= {"notes", "store"}
        assert origins == {app: f"https://192.0.2.7:{port}" for app, port in cloud.origins.app_ports.items()}
    finally:
        cloud.close()


def test_bad_packages_fail_with_their_reason_and_leave_nothing(
    client: httpx.Client, server: Any, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.zip"
    with zipfile.ZipFile(plain, "w") as out:
        out.writestr("a.txt", "a")
    for content, code in (
        (b"not a package at all", "not-a-package"),
        (APK.read_bytes()[: 1 << 20], "apk-truncated"),
        (plain.read_bytes(), "not-an-apk"),
    ):
        fields = install(client, content)
        assert (fields["phase"], fields["code"]) == ("failed", code)
        assert fields["message"]
    assert records(client, "apps.app") == {}
    assert list((server.cloud.settings.data_dir / "services" / "apps" / "uploads").iterdir()) == []
    assert client.get("/account").json()["used_bytes"] < 10_000, "records alone"
    assert client.post("/apps/packages", content=b"").json()["code"] == "not-a-package"


def test_more_than_the_quota_is_refused_before_it_is_kept(serve: Any, settings: Any) -> None:
    with serve(settings.changed(quota_bytes=1000)) as server:
        with server.client(server.account("anna")["token"]) as client:
            answer = client.post("/apps/packages", content=bytes(2000))
            assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
        assert list((server.cloud.settings.data_dir / "services" / "apps" / "uploads").iterdir()) == []


def test_a_package_of_unknown_size_is_measured_while_it_comes(serve: Any, settings: Any) -> None:
    uploads = settings.data_dir / "services" / "apps" / "uploads"
    seen: list[int] = []

    def stream() -> Iterator[bytes]:
        for _ in range(64):
            seen.append(sum(path.stat().st_size for path in uploads.iterdir()))
            yield bytes(1 << 20)

    with (
        serve(settings.changed(quota_bytes=6 << 20)) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        with contextlib.suppress(httpx.WriteError, httpx.RemoteProtocolError):  # it may hang up while we send
            answer = client.post("/apps/packages", content=stream())
            assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
        assert max(seen) < 12 << 20
        for size in (5 << 20, 7 << 20):
            client.post("/apps/packages", content=iter([bytes(size)]))
        end = time.monotonic() + 20
        while list(uploads.iterdir()):
            assert time.monotonic() < end, "what was refused lies there"


def test_an_account_sends_so_many_packages_at_once(
    client: httpx.Client, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = threading.Event()

    async def wait(_file: Path) -> None:
        await asyncio.to_thread(going.wait, 60)
        raise Invalid("not-an-apk", "It is none.")

    monkeypatch.setattr(reading, "check", wait)
    try:
        answers = [client.post("/apps/packages", content=ZIP + bytes(100)) for _ in range(5)]
        assert [one.status_code for one in answers] == [202] * 4 + [429]
        assert answers[-1].json()["code"] == "too-many-packages"
        with server.client(server.account("ben")["token"]) as other:
            assert other.post("/apps/packages", content=ZIP).status_code == 202
        uploads = server.cloud.settings.data_dir / "services" / "apps" / "uploads"
        assert len(list(uploads.iterdir())) == 5
    finally:
        going.set()


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "storage-full"), (errno.EDQUOT, "storage-full"), (errno.EIO, "internal")]
)
def test_an_install_that_breaks_says_so_too(
    client: httpx.Client, server: Any, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    async def fail(_file: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(reading, "check", fail)
    fields = install(client, ZIP)
    assert (fields["phase"], fields["code"]) == ("failed", code)
    assert list((server.cloud.settings.data_dir / "services" / "apps" / "uploads").iterdir()) == []


def test_a_kill_after_the_last_step_does_not_turn_done_into_failed(
    client: httpx.Client, server: Any, tmp_path: Path
) -> None:
    job = SimpleNamespace(id="j", account_id=anna_id(client), payload={"upload": "gone"})
    context = server.cloud.context
    installer = Installer(context, store.Folders(context), PackageShelf(context.settings))
    with pytest.raises(NotFound, match="upload-lost"):
        asyncio.run(installer.run(job))
    done = {"phase": "done", "app": APP}
    context.db.write(lambda conn: context.journal.put(conn, job.account_id, "apps.install", "j", done))
    assert asyncio.run(installer.run(job)) == {"app": APP}


def test_what_long_ended_installs_said_is_forgotten(serve: Any, settings: Any) -> None:
    clock = ManualClock()
    with serve(settings, clock=clock) as server, server.client(server.account("anna")["token"]) as client:
        assert install(client, b"not a package")["phase"] == "failed"
        assert client.get("/account/log").json()["entries"][0]["event"] == "app-installed"
        (old,) = records(client, "apps.install")
        clock.advance(8 * 24 * 3600)
        assert install(client, b"not a package")["phase"] == "failed"
        assert old not in records(client, "apps.install")
        assert len(records(client, "apps.install")) == 1


def test_a_full_account_hears_why_nothing_was_installed(serve: Any, settings: Any) -> None:
    """The package fits, what is told of it does not."""
    content = b"not a package at all"
    with (
        serve(settings.changed(quota_bytes=len(content))) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        assert install(client, content)["code"] == "not-a-package"
        assert {"notes", "files"} <= client.get("/apps/catalog").json()["apps"].keys()
        assert "notes" in records(client, "apps.app")
        assert list((server.cloud.settings.data_dir / "services" / "apps" / "uploads").iterdir()) == []


async def nothing(*_: Any) -> None:
    """Another service's daily work."""


def test_what_an_app_keeps_counts_in_the_quota(serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(PhoneBackups, "daily", nothing)  # whose copy would count as well
    with serve(settings) as server:
        session = server.account("anna")
        account, context = session["account"]["id"], server.cloud.context
    folder = store.Folders(context).data("android", account, APP)
    folder.mkdir(parents=True)
    (folder / "big").write_bytes(bytes(3 << 20))
    os.link(folder / "big", folder / "the same")
    cloud = build(settings)
    cloud.db.write(lambda conn: store.set_installed(conn, account, APP, store.Digest("android", "0" * 64), 0))
    record = {"label": "Demos", "kind": "android", "engine": "android"}
    cloud.db.write(lambda conn: cloud.journal.put(conn, account, "apps.app", APP, record))
    cloud.close()
    with serve(settings) as server, server.client(session["token"]) as client:

        def used() -> int:
            return int(client.get("/account").json()["used_bytes"])

        end = time.monotonic() + 20
        while used() < 3 << 20:
            assert time.monotonic() < end, "the daily count"
        assert used() < 4 << 20
        assert client.delete(f"/apps/{APP}").status_code == 204
        [newest, *_] = client.get("/account/log").json()["entries"]
        assert (newest["event"], newest["about"]) == ("app-removed", "Demos")
        assert used() < 10_000


def test_without_a_supervisor_apps_cannot_be_reached(client: httpx.Client) -> None:
    client.get("/apps/catalog")
    assert client.post("/apps/none/open", json={}).json()["code"] == "app-unknown"
    assert client.post("/apps/notes/open", json={}).json()["code"] == "app-not-streamed"
    assert client.get("/sessions").status_code == 503


class Frozen:
    """A supervisor that knows one frozen session of whoever asks, in a state that the test sets."""

    def __init__(self, picture: Path) -> None:
        self.file = picture

    async def picture(self, session: str, _account: str) -> Path:
        if session != "s":
            raise NotFound("session-unknown", "This app is not running any more.")
        return self.file


def test_a_frozen_apps_last_picture_is_served(serve: Any, settings: Any, tmp_path: Path) -> None:
    sessions = Frozen(tmp_path / "picture")
    with (
        serve(settings, sessions=sessions) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        assert client.get("/sessions/s/picture").json()["code"] == "picture-unknown", "it runs again by now"
        for content, kind in ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n", "image/png")):
            sessions.file.write_bytes(content)
            answer = client.get("/sessions/s/picture")
            assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, content)
            assert answer.headers["cache-control"] == "no-store"
        assert client.get("/sessions/other/picture").json()["code"] == "session-unknown"
    with serve(settings, sessions=sessions) as server, server.client() as client:
        assert client.get("/sessions/s/picture").status_code == 401


def test_half_received_uploads_are_removed_at_the_start(serve: Any, settings: Any) -> None:
    uploads = settings.data_dir / "services" / "apps" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "x.part").write_bytes(b"half")
    part = settings.data_dir / "android" / "packages" / ("0" * 64 + ".part")
    part.mkdir(parents=True)
    gone = settings.data_dir / "android" / "accounts" / "a" / f"{store.GONE}b"
    gone.mkdir(parents=True)
    with serve(settings):
        assert not any(path.exists() for path in (uploads / "x.part", part, gone))


def test_a_package_whose_newer_translation_was_cut_off_is_put_back(serve: Any, settings: Any) -> None:
    folder = settings.data_dir / "android" / "packages"
    lost, kept = folder / ("1" * 64), folder / ("2" * 64)
    for path in (lost.with_name(f"{lost.name}.old.part"), kept, kept.with_name(f"{kept.name}.old.part")):
        path.mkdir(parents=True)
        (path / "base.apk").write_text(path.name)
    with serve(settings):
        assert {path.name for path in folder.iterdir()} == {lost.name, kept.name}
        assert (lost / "base.apk").read_text() == f"{lost.name}.old.part"
        assert (kept / "base.apk").read_text() == kept.name


def test_a_package_that_is_being_installed_is_not_dropped(
    client: httpx.Client, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another account removes it between its translation and the moment in which this one has it."""
    context = server.cloud.context
    shelf = PackageShelf(context.settings)
    installer = Installer(context, store.Folders(context), shelf)
    kept, demo = shelf.get("android").store, store.Digest("android", META.sha256)
    place = kept.place(META.sha256)
    drops: list[asyncio.Task[None]] = []

    async def add(*_: Any) -> packages.Meta:
        place.mkdir(parents=True)
        (place / "meta.json").write_bytes(msgspec.json.encode(META))
        drops.append(asyncio.create_task(installer.drop("bob", demo)))
        await asyncio.wait(drops, timeout=0.3)  # it ends here, or waits for the install
        return META

    async def check(_file: Path) -> tuple[str, Checked]:
        return META.sha256, Checked(DEMO, Signer("v2", ""))

    monkeypatch.setattr(reading, "check", check)
    monkeypatch.setattr(java, "runtime", lambda _settings: None)
    monkeypatch.setattr(kept, "add", add)
    upload = installer._folders.upload("u")
    upload.write_bytes(ZIP)
    job = SimpleNamespace(id="j", account_id=anna_id(client), payload={"upload": "u"})

    async def story() -> None:
        assert await installer.run(job) == {"app": META.package}
        await asyncio.gather(*drops)

    asyncio.run(story())
    assert place.exists()
    asyncio.run(installer.drop(job.account_id, store.Digest("android", "0" * 64)))
    server.cloud.db.write(lambda conn: store.unset_installed(conn, job.account_id, META.package))
    asyncio.run(installer.drop(job.account_id, demo))
    assert not place.exists()


def test_an_app_keeps_its_data_whatever_its_name_is(serve: Any, settings: Any) -> None:
    data = settings.data_dir / "android" / "accounts" / "a" / "org.example.gone"
    data.mkdir(parents=True)
    (data / "note").write_text("kept")
    with serve(settings) as server:
        assert (data / "note").read_text() == "kept"
        store.Folders(server.cloud.context).remove_data("android", "a", data.name)
        assert list(data.parent.iterdir()) == []


@pytest.mark.android
def test_a_real_package_from_upload_to_removal(server: Any) -> None:
    size = APK.stat().st_size
    with (
        server.client(server.account("anna")["token"]) as anna,
        server.client(server.account("bob")["token"]) as bob,
    ):
        share_cache(server)
        fields = install(anna, APK.read_bytes(), 200)
        assert fields["phase"] == "done", str(fields)
        assert fields["app"] == APP
        app = records(anna, "apps.app")[APP]
        assert (app["label"], app["kind"], app["version_code"]) == ("API Demos", "android", 25)
        assert app["icon"].startswith("data:image/webp;base64,")
        assert anna.get("/account").json()["used_bytes"] >= size
        package = server.cloud.settings.data_dir / "android" / "packages" / app["sha256"]
        made = (package / "classes.jar").stat()
        assert install(bob, APK.read_bytes())["phase"] == "done"
        assert (package / "classes.jar").stat() == made, "the translation is shared"
        assert {path.name for path in package.iterdir()} == {
            "base.apk",
            "classes.jar",
            "meta.json",
            "manifest.json",
            "icon.webp",
        }
        assert bob.delete(f"/apps/{APP}").status_code == 204
        assert package.exists()
        data = store.Folders(server.cloud.context).data("android", anna_id(anna), APP)
        data.mkdir(parents=True)
        (data / "note").write_text("kept")
        assert anna.delete(f"/apps/{APP}").status_code == 204
        assert not package.exists()
        assert not data.exists()
        assert APP not in records(anna, "apps.app")
        assert anna.get("/account").json()["used_bytes"] < 100_000, "records alone"
        assert anna.delete(f"/apps/{APP}").status_code == 404


def share_cache(server: Any) -> None:
    """What set-up made on this machine, in the cloud's own cache folder."""
    made = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache" / "pileus")
    server.cloud.settings.cache_dir.mkdir(parents=True, exist_ok=True)
    for name in ("jars", "framework"):
        (server.cloud.settings.cache_dir / name).symlink_to(made / name)


def anna_id(client: httpx.Client) -> str:
    return str(client.get("/account").json()["id"])


def test_an_app_does_not_take_anothers_name() -> None:
    rules.check_owner(None, "notes", "android")
    rules.check_owner({"engine": "android"}, "org.example", "android")
    for other in ({"engine": ""}, {"engine": "browser"}):
        with pytest.raises(Conflict) as caught:
            rules.check_owner(other, "notes", "android")
        assert caught.value.code == "app-id-taken"


def test_labels_follow_the_language() -> None:
    fields = {"label": "Notes", "manifest": {"pileus": {"names": {"zh": "记事"}}}}
    assert rules.label_for(fields, "zh-CN") == "记事"
    assert rules.label_for(fields, "fr") == "Notes"
    assert rules.label_for({"label": "Bare"}, "zh") == "Bare"
