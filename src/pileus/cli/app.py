"""`pileus app`: the apps of the account that `pileus login` signed in to."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.cli.progress import progress
from pileus.core.catalogue import Catalogue
from pileus.core.errors import PileusError, Unavailable
from pileus.sdk.client import Client, Watch

TEXTS = Catalogue(
    en={
        "upload": "Sending",
        "check": "Checking",
        "translate": "Translating",
        "done": "{label} is installed ({app}).",
        "removed": "{app} is removed, with all that it kept.",
        "none": "No apps are installed.",
        "line": "{app}  {label}  {version}  {kind}",
        "silent": "The cloud has not said for ten minutes how the installing goes; see `pileus app list`.",
        "failed": "The package could not be installed.",
    },
    zh={
        "upload": "正在上传",
        "check": "正在检查",
        "translate": "正在转换",
        "done": "已安装 {label}（{app}）。",
        "removed": "已移除 {app} 及其所有数据。",
        "none": "尚未安装应用。",
        "line": "{app}  {label}  {version}  {kind}",
        "silent": "云端已有十分钟没有报告安装进度；请用 `pileus app list` 查看。",
        "failed": "无法安装此软件包。",
    },
)
SILENCE = 600.0
LOOK_EVERY = 0.5

app = typer.Typer(help="Apps of your account.", no_args_is_help=True)


@app.command()
def install(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]) -> None:
    """Install an Android package (APK)."""
    with Client.from_config() as client, progress() as bar:
        task = bar.add_task(TEXTS.text("upload"), total=1.0)

        def sent(done: int, size: int) -> None:
            bar.update(task, completed=done / max(size, 1))

        job = client.send_file("/apps/packages", file, sent)["job"]

        def show(fields: dict[str, Any]) -> None:
            phase = "translate" if fields.get("phase") == "translate" else "check"
            bar.update(task, description=TEXTS.text(phase), completed=float(fields.get("progress") or 0))

        fields = follow(client, job, show)
    print(TEXTS.text("done", label=fields.get("label", ""), app=fields.get("app", "")))


@app.command("list")
def list_apps() -> None:
    """List the installed apps."""
    with Client.from_config() as client:
        client.get("/apps/catalog")
        found = client.records("apps.app")
    if not found:
        print(TEXTS.text("none"))
    for key, fields in sorted(found.items()):
        version = fields.get("version_name", "")
        print(
            TEXTS.text(
                "line", app=key, label=fields.get("label", ""), version=version, kind=fields.get("kind", "")
            )
        )


@app.command()
def remove(name: str) -> None:
    """Remove an app and all that it kept."""
    with Client.from_config() as client:
        client.delete(f"/apps/{name}")
    print(TEXTS.text("removed", app=name))


def follow(client: Client, job: str, show: Any) -> dict[str, Any]:
    """The record of an install once it is done; raises what it failed with."""
    quiet_since = time.monotonic()
    last: dict[str, Any] = {}
    installs = Watch(client, "apps.install")
    while time.monotonic() - quiet_since < SILENCE:
        fields = installs.read().get(job, {})
        if fields != last:
            quiet_since, last = time.monotonic(), fields
            show(fields)
        if fields.get("phase") == "done":
            return fields
        if fields.get("phase") == "failed":
            raise PileusError(
                str(fields.get("code", "failed")), str(fields.get("message") or TEXTS.text("failed"))
            )
        time.sleep(LOOK_EVERY)
    raise Unavailable("install-silent", TEXTS.text("silent"))
