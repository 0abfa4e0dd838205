"""What an Android app keeps comes back from the phone's backup: a whole cloud, a real app that runs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.core.settings import Settings
from pileus.surfaces.client import SupervisorClient
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


def test_what_an_app_kept_comes_back(settings: Settings) -> None:
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
            assert [one["code"] for one in report["entries"]] == ["app-unknown"]
            assert not data.exists()
