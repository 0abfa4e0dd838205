"""`pileus snapshots`: what the account has of backups."""

from __future__ import annotations

from typing import Annotated

import typer

from pileus.cli.backups import TEXTS, among, linked, print_json, rfc_time, size_text, time_text
from pileus.sdk.backup.wire import Snapshot


def command(
    host: Annotated[str | None, typer.Option("--host", "-H")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="With these tags: a,b is both.")] = None,
    path: Annotated[list[str] | None, typer.Option(help="Of this path.")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List snapshots."""
    with linked() as link:
        found = among(link.get("/backups/snapshots", list[Snapshot]), host, tag or (), path or ())
    if json:
        print_json([as_json(one) for one in found])
        return
    if not found:
        print(TEXTS.text("none"))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("id", "time", "host", "tags", "paths", "size"):
        table.add_column(TEXTS.text(heading), overflow="fold")
    for one in found:
        row = (one.id[:8], time_text(one.time_ms), one.host, "\n".join(one.tags), "\n".join(one.paths))
        table.add_row(*row, size_text(one.bytes))
    Console(highlight=False, markup=False).print(table)
    print(TEXTS.text("count", count=len(found)))


def as_json(one: Snapshot) -> dict[str, object]:
    """The members that restic's list has, and what else is known."""
    return {
        "time": rfc_time(one.time_ms),
        "parent": one.parent,
        "tree": one.tree,
        "paths": one.paths,
        "hostname": one.host,
        "username": one.user,
        "tags": one.tags,
        "excludes": one.excludes,
        "id": one.id,
        "short_id": one.id[:8],
        "summary": {
            "total_files_processed": one.files,
            "total_bytes_processed": one.bytes,
            "data_added": one.added,
            "total_duration": one.seconds,
            "errors": one.skipped,
        },
    }
