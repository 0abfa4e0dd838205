"""What an Android app keeps comes back from the phone's backup: a whole cloud, a real app that runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud.kernel.objects.beside import Beside, Place
from pileus.core.settings import Settings
from pileus.surfaces.client import SupervisorClient
from tests.cli.test_account import pileus
from tests.cloud.services.backups.phone.phones import bring_back

from .installs import install, records
from .processes import alive, client_of, first_account, parent, wait

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]
APK = Path(__file__).parents[2] / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
APP = "io.appium.android.apis"


def back_up(client: httpx.Client) -> dict[str, Any]:
    job = client.post("/backups/phone").json()["job"]

    def ended() -> dict[str, Any] | None:
        told = records(client, "jobs.job").get(job, {})
        return told if told.get("state") in ("done", "failed") else None

    told: dict[str, Any] = wait(ended)
    assert told["state"] == "done", told
    return dict(told["result"])


def host_of(settings: Settings, session: str) -> int | None:
    for one in asyncio.run(SupervisorClient(settings).ping())["sessions"]:
        if one["session"] == session and one["state"] == "running":
            return int(one["host"])
    return None


def stands_still(host: int) -> bool:
    """Whether a process that the host began is stopped (proc(5))."""
    about: dict[int, tuple[str, int]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, above = place.read_text().rpartition(")")[2].split()[:2]
            about[int(place.parent.name)] = (state, int(above))
    below = {host}
    while more := {one for one, (_, above) in about.items() if above in below} - below:
        below |= more
    return any(about.get(one, ("", 0))[0] == "T" for one in below)


def brought_back(settings: Settings, folder: Path) -> Settings:
    """A backup of the whole cloud, beside it, as it is restored elsewhere."""
    place, there = str(folder / "place"), settings.changed(data_dir=folder / "there")
    told = pileus(settings, "server", "backup", place, "--with-key")
    assert told.returncode == 0, told.stdout + told.stderr
    told = pileus(there, "server", "restore", place)
    assert told.returncode == 0, told.stdout + told.stderr
    return there


def test_what_an_app_kept_comes_back(settings: Settings, tmp_path: Path) -> None:
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    chosen = settings.changed(cache_dir=cache)
    with parent(chosen):
        anna = first_account(chosen)
        data = chosen.data_dir / "android" / "accounts" / anna["account"]["id"] / APP
        with client_of(chosen, anna) as client:
            assert install(client, APK.read_bytes(), 200)["phase"] == "done"
            first = client.post(f"/apps/{APP}/open", json={}).json()["session"]
            host = wait(lambda: host_of(chosen, first))
            (data / "shared_prefs").mkdir(exist_ok=True)
            (data / "shared_prefs" / "words.xml").write_text("<map>明天西湖见</map>")
            (data / "away").symlink_to("/etc/passwd")

            done = back_up(client)
            assert (done["apps"], done["skipped"]) == (1, 0)
            assert alive(host), "it only stood still"
            held = Place("", "android", anna["account"]["id"], APP)
            with Beside(chosen).still(held) as lasted:
                wait(lambda: stands_still(host))
            assert lasted()
            assert not stands_still(host)
            there = brought_back(chosen, tmp_path)
            assert alive(host), "so it did while a backup of the whole cloud was made"
            kept = there.data_dir / data.relative_to(chosen.data_dir)
            assert (kept / "shared_prefs" / "words.xml").read_text() == "<map>明天西湖见</map>"
            assert os.readlink(kept / "away") == "/etc/passwd"
            about = client.get(f"/backups/phone/{done['snapshot']}").json()
            assert [(one["app"], one["label"]) for one in about["apps"]] == [(APP, "API Demos")]
            (data / "shared_prefs" / "words.xml").write_text("<map/>")
            (data / "later").write_text("came after the backup")

            wish = {"apps": [APP, "not.there"]}
            report = bring_back(client, done["snapshot"], wish)
            assert (report["restored"], report["skipped"]) == (1, 1)
            assert report["entries"] == [
                {"item": f"apps/{APP}", "label": "API Demos", "outcome": "restored"},
                {"item": "apps/not.there", "label": "not.there", "outcome": "skipped", "code": "not-in-backup"},
            ]
            assert (data / "shared_prefs" / "words.xml").read_text() == "<map>明天西湖见</map>"
            assert os.readlink(data / "away") == "/etc/passwd"
            assert not (data / "later").exists()
            assert [
                path.name for path in data.parent.iterdir() if path.name.startswith((".new", ".old", ".gone"))
            ] == []
            assert not alive(host), "what ran had the old files open"
            assert client.get("/sessions").json() == []
            again = client.post(f"/apps/{APP}/open", json={}).json()["session"]
            wait(lambda: host_of(chosen, again))
            assert (data / "shared_prefs" / "words.xml").read_text() == "<map>明天西湖见</map>"

            assert client.delete(f"/apps/{APP}").status_code == 204
            report = bring_back(client, done["snapshot"], {"apps": [APP]})
            assert [one["outcome"] for one in report["entries"]] == ["restored"], "installed again"
            assert (data / "shared_prefs" / "words.xml").read_text() == "<map>明天西湖见</map>"
            assert client.post(f"/apps/{APP}/open", json={}).status_code == 200
