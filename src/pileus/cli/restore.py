"""`pileus restore`: a snapshot, or part of one, back into a folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pileus.cli.backups import (
    TEXTS,
    absolute,
    bar,
    bound_heap,
    chosen,
    complain,
    linked,
    opened,
    print_json,
    shown,
    size_text,
    time_text,
)
from pileus.core.errors import NotFound, PileusError

if TYPE_CHECKING:
    from pileus.sdk.backup.load import Restored
    from pileus.sdk.backup.tree import Tree
    from pileus.sdk.backup.wire import Snapshot

SHOWN = 5
"""Paths of a snapshot that are named at most."""


def command(
    snapshot: Annotated[str, typer.Argument(help="An id or `latest`; with :FOLDER, its full path, a part of it.")],
    target: Annotated[str, typer.Option("--target", "-t", help="Folder to write into; / is where it was.")],
    include: Annotated[list[str] | None, typer.Option("--include", "-i", help="Pattern to restore.")] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", "-e", help="Pattern to leave out.")] = None,
    host: Annotated[str | None, typer.Option("--host", "-H", help="For `latest`; phone: its own.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="For `latest`.")] = None,
    path: Annotated[list[str] | None, typer.Option(help="For `latest`.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Write also files that seem to be there.")] = False,
    verify: Annotated[bool, typer.Option(help="Read back what was written.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Write nothing, only tell.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Lines of JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
) -> None:
    """Restore a snapshot; repeated, it goes on where it was. Status 1: something could not be restored."""
    from pileus.sdk.backup.excludes import Patterns, patterns
    from pileus.sdk.backup.load import Wishes, restore

    wanted, _, below = snapshot.partition(":")
    wishes = Wishes(
        target=absolute(target),
        below=below.strip("/").encode("utf-8", "surrogateescape"),
        included=Patterns(patterns(include or ())),
        excluded=Patterns(patterns(exclude or ())),
        overwrite=overwrite,
        verify=verify,
        dry_run=dry_run,
    )
    bound_heap()
    began = time.monotonic()
    with linked() as link:
        one = chosen(link, wanted, host, tag or (), path or ())
        if not (json or quiet):
            print(TEXTS.text("restoring", id=one.id[:8], time=time_text(one.time_ms), target=target))
        naming, tree = opened(link, one)
        with bar(wanted=not (json or quiet)) as shown_bar:
            try:
                told = restore(link, naming, tree, wishes, _listener(shown_bar, one.bytes, as_json=json))
            except PileusError as error:
                if error.code != "no-path":
                    raise
                raise NotFound("no-path", _no_path(snapshot, one, tree)) from None
    _tell(told, time.monotonic() - began, dry_run=dry_run, verify=verify, as_json=json, quiet=quiet)
    if told.failed:
        raise typer.Exit(1)


def _no_path(snapshot: str, one: Snapshot, tree: Tree) -> str:
    """Names what the snapshot holds; first what has the wanted name at its end."""
    wanted, _, below = snapshot.partition(":")
    named = {path: path.strip("/").encode("utf-8", "surrogateescape") for path in one.paths}
    held = [path for path, name in named.items() if name in tree or tree.find(name)]
    likely = [path for path in held if path.endswith(f"/{below.strip('/')}")]
    return TEXTS.text(
        "no_such_path",
        path=below,
        id=one.id[:8],
        paths=", ".join(held[:SHOWN] + ["…"] * (len(held) > SHOWN)),
        wanted=wanted,
        first=(likely or held or ["/"])[0],
    )


def _listener(shown_bar: Any, total: int, *, as_json: bool) -> Any:
    from pileus.sdk.backup.load import Listener

    class Telling(Listener):
        def moved(self, told: Restored, path: bytes) -> None:
            if shown_bar is not None:
                made, task = shown_bar
                made.update(task, completed=told.bytes, total=total, path=shown(path)[-60:])

        def failed(self, path: bytes, reason: str) -> None:
            self._say("failed", path, reason)

        def differs(self, path: bytes, reason: str) -> None:
            self._say("differs", path, reason)

        def _say(self, key: str, path: bytes, reason: str) -> None:
            if as_json:
                error = {"message": reason}
                print_json({"message_type": "error", "error": error, "during": key, "item": shown(path)})
            else:
                complain(TEXTS.text(key, path=shown(path), reason=reason))

    return Telling()


def _tell(told: Restored, seconds: float, *, dry_run: bool, verify: bool, as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(
            {
                "message_type": "summary",
                "files_restored": told.files,
                "folders_restored": told.folders,
                "bytes_restored": told.bytes,
                "files_kept": told.kept,
                "files_verified": told.verified,
                "errors": told.failed,
                "seconds_elapsed": round(seconds, 3),
            }
        )
        return
    if not quiet:
        what = {"files": told.files, "folders": told.folders, "size": size_text(told.bytes)}
        key = "would_restore" if dry_run else "restored"
        print(TEXTS.text(key, None, **what, kept=told.kept, seconds=f"{seconds:.1f}"))
        if verify and not dry_run:
            print(TEXTS.text("verified", count=told.verified))
    if told.unowned:
        complain(TEXTS.text("unowned", count=len(told.unowned)))
    if told.failed:
        complain(TEXTS.text("failures", count=told.failed))
