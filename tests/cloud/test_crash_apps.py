"""kill -9 with apps on their way and running: found again, or ended with a sentence; nothing is left over."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.core.settings import Settings
from pileus.surfaces.client import SessionInfo, SupervisorClient
from pileus.surfaces.engine import AppSpec, Display, link_root

from .processes import alive, answers, client_of, first_account, follows, kill, naming, parent, start, stop, wait

pytestmark = pytest.mark.slow
APK = Path(__file__).parents[2] / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
APP = "io.appium.android.apis"


def open_fake(settings: Settings, account: str) -> SessionInfo:
    folder = settings.data_dir
    spec = AppSpec(account, "org.example.fake", "fake", "Fake", folder, folder)
    return asyncio.run(SupervisorClient(settings).open(spec, Display(480, 800, 160)))


def processes_of(settings: Settings, session: str) -> tuple[int, int]:
    """Host and encoder of a session, once both run."""

    def both() -> tuple[int, int] | None:
        listed = asyncio.run(SupervisorClient(settings).ping())["sessions"]
        one = next(one for one in listed if one["session"] == session)
        return (one["host"], one["encoder"]) if one["host"] and one["encoder"] else None

    found: tuple[int, int] = wait(both)
    return found


def running(client: httpx.Client) -> list[str]:
    answer = client.get("/sessions")
    assert answer.status_code == 200, answer.text
    return [one["session"] for one in answer.json()]


def test_running_apps_outlive_web_and_parent_and_end_with_the_supervisor(settings: Settings) -> None:
    first = start(settings)
    try:
        anna = first_account(settings)
        session = open_fake(settings, anna["account"]["id"]).session_id
        host, encoder = processes_of(settings, session)
        with client_of(settings, anna) as client:
            web = kill(settings, "web")
            wait(lambda: follows(settings, "web", web) and answers(settings))
            assert running(client) == [session]
            first.kill()
            first.wait()
            kill(settings, "web")
            with parent(settings) as second:
                assert second.stdout is not None
                assert "ready" in second.stdout.readline()
                assert running(client) == [session]
                assert processes_of(settings, session) == (host, encoder)
                supervisor = kill(settings, "supervisor")
                wait(lambda: follows(settings, "supervisor", supervisor) and client.get("/sessions").is_success)
                assert running(client) == []
                told = client.post(f"/sessions/{session}/ticket")
                assert (told.status_code, told.json()["code"]) == (404, "session-unknown")
                assert told.json()["detail"] == "This app is not running any more."
                wait(lambda: not alive(host) and not alive(encoder))
                again = open_fake(settings, anna["account"]["id"]).session_id
                assert again != session
                host, encoder = processes_of(settings, again)
                assert [path.name for path in link_root(settings).iterdir() if path.is_dir()] == [again[-12:]]
        assert not alive(host)
        assert not alive(encoder)
        assert not link_root(settings).exists()
        assert {path.suffix for path in settings.runtime_dir.iterdir()} == {".lock"}, "no sockets, no pid files"
    finally:
        stop(first, settings)


def test_a_parent_that_is_killed_at_any_moment_of_its_start_is_followed(settings: Settings) -> None:
    """Whatever it had started is found again: no orphan keeps a port."""
    for moment in ("supervisor.pid", "web.pid"):
        process = start(settings)
        wait(lambda moment=moment: (settings.runtime_dir / moment).exists())
        process.kill()
        process.communicate()
    with parent(settings) as last:
        assert last.stdout is not None
        assert "ready" in last.stdout.readline()


def install_records(client: httpx.Client) -> dict[str, Any]:
    try:
        found = client.get("/journal/snapshot").json()["records"]
    except httpx.TransportError:  # it is being killed
        return {}
    return {one["id"]: one["fields"] for one in found if one["collection"] == "apps.install"}


def test_an_upload_of_a_package_that_is_cut_by_a_kill_leaves_nothing(settings: Settings) -> None:
    with parent(settings):
        anna = first_account(settings)
        uploads = settings.data_dir / "services" / "apps" / "uploads"
        with socket.create_connection(("127.0.0.1", settings.port)) as one:
            head = (
                f"POST /api/v1/apps/packages HTTP/1.1\r\nHost: localhost\r\nContent-Length: {APK.stat().st_size}"
            )
            one.sendall(f"{head}\r\nAuthorization: Bearer {anna['token']}\r\n\r\n".encode())
            one.sendall(APK.read_bytes()[: 1 << 20])
            wait(lambda: sum(path.stat().st_size for path in uploads.iterdir()) > 0)
            web = kill(settings, "web")
        wait(lambda: follows(settings, "web", web) and answers(settings))
        with client_of(settings, anna) as client:
            assert list(uploads.iterdir()) == []
            assert install_records(client) == {}
            assert client.get("/account").json()["used_bytes"] < 1000


@pytest.mark.android
@pytest.mark.xdist_group("android")
def test_an_install_that_is_killed_while_checked_and_translated_is_finished(settings: Settings) -> None:
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    chosen = settings.changed(cache_dir=cache)
    with parent(chosen):
        anna = first_account(chosen)
        with client_of(chosen, anna) as client:
            job = client.post("/apps/packages", content=APK.read_bytes()).json()["job"]

            def phase() -> str:
                return str(install_records(client).get(job, {}).get("phase", ""))

            for wanted in (("check", "translate"), ("translate",)):
                wait(lambda wanted=wanted: phase() in wanted)
                web = kill(chosen, "web")
                wait(lambda web=web: follows(chosen, "web", web) and answers(chosen))
            wait(lambda: phase() in ("done", "failed"), 240)
            assert install_records(client)[job]["phase"] == "done", install_records(client)[job]
            uploads = chosen.data_dir / "services" / "apps" / "uploads"
            packages = chosen.data_dir / "android" / "packages"
            wait(lambda: list(uploads.iterdir()) == [])
            (package,) = packages.iterdir()
            assert {path.name for path in package.iterdir()} >= {"base.apk", "classes.jar", "meta.json"}
            assert len(install_records(client)) == 1
            used = client.get("/account").json()["used_bytes"]
            assert used < APK.stat().st_size + 100_000, "charged once"
            assert client.delete(f"/apps/{APP}").status_code == 204
        assert naming(packages) == [], "no translator was left"
