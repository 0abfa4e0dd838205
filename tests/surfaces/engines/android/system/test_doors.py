"""The doors to an account's system when none of its apps runs: HTTP for the shell, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import msgspec
import pytest

from pileus.surfaces.engines.android.accounts import write_packages
from pileus.surfaces.engines.android.system.intents import Intent
from pileus.surfaces.engines.android.system.notices import FILE, Stored
from pileus.surfaces.engines.android.system.packages import Installed
from pileus.surfaces.engines.android.system.senders import ACTIVITY, BROADCAST, IMMUTABLE, Lasting

STEPS = "dev.pileus.steps"


@pytest.fixture
def folder(supervised_server: Any, samples: ModuleType, tmp_path: Path) -> Path:
    """The folder of an account with an app that has left a notification, and does not run."""
    supervised_server.account("anna")
    cloud = supervised_server.cloud
    (account,) = cloud.db.read(_accounts)
    record = {"engine": "android", "label": "Steps"}
    cloud.db.write(lambda conn: cloud.journal.put(conn, account, "apps.app", "steps", record))
    folder = Path(cloud.settings.data_dir) / "android" / "accounts" / account
    package = tmp_path / "package"
    package.mkdir()
    manifest = samples.manifest((samples.APPS / "steps" / "AndroidManifest.xml").read_text())
    with zipfile.ZipFile(package / "base.apk", "w") as archive:
        archive.writestr("AndroidManifest.xml", manifest)
    write_packages(folder, [Installed(STEPS, "steps", str(package), "Steps")])
    opens = _sender(ACTIVITY, Intent(component=f"{STEPS}/dev.pileus.steps.Steps$Second"))
    gone = _sender(BROADCAST, Intent(action="gone", package=STEPS))
    notice = Stored(key="steps//1", package=STEPS, flags=0, content={"key": "steps//1"}, opens=opens, deleted=gone)
    (folder / ".system" / FILE).write_bytes(msgspec.json.encode([notice]))
    return folder


def _accounts(conn: Any) -> list[str]:
    from pileus.cloud.kernel.accounts.rows import every

    return [one.id for one in every(conn)]


def _sender(kind: int, intent: Intent) -> Lasting:
    return Lasting(package=STEPS, type=kind, who=None, request=0, flags=IMMUTABLE, intents=[intent], extras=[None])


def test_a_press_says_what_to_show_and_a_dismissal_is_kept(supervised_server: Any, folder: Path) -> None:
    with supervised_server.client(supervised_server.sign_in("anna")["token"]) as client:
        assert client.post("/apps/notices", json={"app": "steps", "key": "steps//1"}).json() == {"app": "steps"}
        assert client.post("/apps/notices", json={"app": "steps", "key": "steps//1", "action": 3}).json() == {
            "app": None
        }
        assert client.post("/apps/notices", json={"app": "steps", "key": "unknown"}).json() == {"app": None}
        dismissed = client.post("/apps/notices", json={"app": "steps", "key": "steps//1", "dismissed": True})
        assert dismissed.json() == {"app": None}
        assert client.post("/apps/notices", json={"app": "steps", "key": "steps//1"}).json() == {"app": None}
        assert client.post("/apps/choices", json={"app": "steps", "number": 1}).status_code == 204
        assert (
            client.post("/apps/notices", json={"app": "steps", "key": "steps//1", "action": "x"}).status_code
            == 400
        )
    assert msgspec.json.decode((folder / ".system" / FILE).read_bytes()) == []


def test_the_operator_sees_what_a_system_holds(supervised_server: Any, folder: Path) -> None:
    settings = supervised_server.cloud.settings
    assert pileus(settings, "android", "ps", "anna").stdout == "No Android app of anna runs.\n"
    with supervised_server.client(supervised_server.sign_in("anna")["token"]) as client:
        press(client)
    assert pileus(settings, "android", "ps", "anna").stdout.split() == ["PID", "UID", "RANK", "PACKAGE"]
    dump = pileus(settings, "android", "dump", "anna").stdout
    for part in ("SERVICES", "TASKS", "ALARMS", "JOBS", "NOTIFICATIONS\n  steps//1"):
        assert part in dump
    unknown = pileus(settings, "android", "dump", "bob")
    assert unknown.returncode == 1
    assert "bob" in unknown.stderr


def press(client: httpx.Client) -> None:
    assert client.post("/apps/notices", json={"app": "steps", "key": "steps//1"}).json() == {"app": "steps"}


def pileus(settings: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **settings.as_env(), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "pileus.cli.main", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
