"""`pileus check`: whether the account's snapshots are whole."""

from __future__ import annotations

from typing import Annotated

import typer

from pileus.cli.backups import TEXTS, bar, complain, linked, print_json, shown, size_text
from pileus.sdk.backup.wire import Snapshot


def command(
    read_data: Annotated[bool, typer.Option(help="Have the cloud read everything back.")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
) -> None:
    """Check all snapshots: their trees, that nothing they name is missing, and its data."""
    from pileus.sdk.backup.audit import check_trees
    from pileus.sdk.backup.audit import read_data as steps

    problems: list[str] = []
    packs, size = 0, 0
    with linked() as link:
        found = link.get("/backups/snapshots", list[Snapshot])
        with bar(wanted=not (json or quiet)) as shown_bar:

            def heard(done: int) -> None:
                if shown_bar is not None:
                    made, task = shown_bar
                    made.update(task, path=f"{done}/{len(found)}")

            for one in check_trees(link, found, heard):
                missing = TEXTS.text("chunk_missing", path="/" + shown(one.path)) if one.path is not None else ""
                reason = missing or one.reason
                problems.append(TEXTS.text("snapshot_problem", id=one.snapshot[:8], reason=reason))
            for step in steps(link) if read_data else ():
                packs, size = step.done, step.bytes
                problems += step.problems
                if shown_bar is not None:
                    made, task = shown_bar
                    made.update(task, completed=step.bytes, path=f"{step.done}/{step.of}")
    if json:
        told = {"snapshots": len(found), "packs": packs, "bytes": size, "problems": problems}
        print_json({"message_type": "summary", **told, "num_errors": len(problems)})
    else:
        for problem in problems:
            complain(problem)
        if problems:
            complain(TEXTS.text("problems", count=len(problems)))
        elif not quiet:
            count = {"snapshots": len(found), "packs": packs}
            key = "checked" if read_data else "checked_trees"
            print(TEXTS.text(key, None, **count, size=size_text(size)))
    if problems:
        raise typer.Exit(1)
