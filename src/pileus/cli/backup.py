"""`pileus backup`: a snapshot of folders in the account; sign in with `pileus login` first."""

from __future__ import annotations

import errno
import getpass
import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pileus.cli.backups import (
    TEXTS,
    absolute,
    bar,
    bound_heap,
    complain,
    linked,
    print_json,
    shown,
    size_text,
)
from pileus.core.errors import Invalid, NotFound, PileusError

if TYPE_CHECKING:
    from pileus.sdk.backup.save import Options, Tally

INCOMPLETE = 3
"""Exit status where a snapshot was made, but something could not be read (as restic has it)."""
EVERY = 0.2
"""Seconds between two lines of progress."""

Texts = Annotated[list[str] | None, typer.Option()]


def command(
    paths: Annotated[list[str], typer.Argument(help="Files and folders.")],
    exclude: Annotated[list[str] | None, typer.Option("--exclude", "-e", help="Pattern to leave out.")] = None,
    iexclude: Annotated[list[str] | None, typer.Option(help="The same whatever the case.")] = None,
    exclude_file: Annotated[list[Path] | None, typer.Option(help="File with a pattern a line.")] = None,
    exclude_caches: Annotated[bool, typer.Option(help="Leave out folders with a CACHEDIR.TAG.")] = False,
    exclude_if_present: Annotated[
        list[str] | None, typer.Option(help="Leave out folders with this name in them.")
    ] = None,
    exclude_larger_than: Annotated[str | None, typer.Option(help="Leave out files above 100k, 20M, 1.5G.")] = None,
    one_file_system: Annotated[bool, typer.Option("--one-file-system", "-x", help="Stay on each disk.")] = False,
    tag: Annotated[list[str] | None, typer.Option(help="Tags, as in a,b.")] = None,
    host: Annotated[str | None, typer.Option(help="Instead of this machine's name.")] = None,
    at: Annotated[str | None, typer.Option("--time", help="Instead of now, as 2026-01-31 12:30:00.")] = None,
    parent: Annotated[str | None, typer.Option(help="Snapshot to compare with, instead of the latest.")] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Read all files.")] = False,
    ignore_ctime: Annotated[bool, typer.Option(help="Changes of the inode alone are none.")] = False,
    ignore_inode: Annotated[bool, typer.Option(help="Another inode alone is no change.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Bring nothing, only tell.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Lines of JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
) -> None:
    """Make a snapshot of folders. Status 3: it was made, but something could not be read."""
    from pileus.sdk.backup.excludes import Patterns, lines_of, patterns, size_of
    from pileus.sdk.backup.save import Options, back_up

    texts = list(exclude or ())
    for file in exclude_file or ():
        texts += lines_of(file.read_text(encoding="utf-8"))
    larger = None
    if exclude_larger_than is not None and (larger := size_of(exclude_larger_than)) is None:
        raise Invalid("bad-size", TEXTS.text("bad_size", size=exclude_larger_than))
    wanted, missing = _there(paths)
    options = Options(
        paths=wanted,
        host=host or socket.gethostname(),
        user=getpass.getuser(),
        tags=sorted({one for tags in tag or () for one in tags.split(",") if one}),
        excluded=Patterns([*patterns(texts), *patterns(iexclude or (), ignore_case=True)]),
        exclude_texts=[*texts, *(iexclude or ())],
        exclude_caches=exclude_caches,
        exclude_if_present=[os.fsencode(one) for one in exclude_if_present or ()],
        exclude_larger=larger,
        one_file_system=one_file_system,
        ignore_ctime=ignore_ctime,
        ignore_inode=ignore_inode,
        force=force,
        dry_run=dry_run,
        parent=parent,
        time_ms=_time_of(at),
    )
    bound_heap()
    with linked() as link, bar(wanted=not (json or quiet)) as shown_bar:
        listener = _listener(shown_bar, as_json=json)
        for path in missing:
            listener.skipped(path, os.strerror(errno.ENOENT))
        tally = back_up(link, options, listener)
    tally.skipped += len(missing)
    if json:
        print_json(_summary(tally, options))
    elif not quiet:
        _tell(tally, options)
    if tally.skipped:
        if not json:
            complain(TEXTS.text("incomplete", count=tally.skipped))
        raise typer.Exit(INCOMPLETE)


def _there(paths: list[str]) -> tuple[list[bytes], list[bytes]]:
    """Those that are there, and those that are not: a mistyped one begins no other row of snapshots. Raises
    `NotFound` where none is."""
    if not any(os.path.lexists(path) for path in paths):
        raise NotFound("no-path", TEXTS.text("no_path", path=paths[0]))
    whole = sorted({absolute(path) for path in paths})
    return [one for one in whole if os.path.lexists(one)], [one for one in whole if not os.path.lexists(one)]


def _time_of(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Invalid("bad-time", TEXTS.text("bad_time", time=text)) from None


def _listener(shown_bar: Any, *, as_json: bool) -> Any:
    """Tells what could not be read at once, and how far it is now and then."""
    from pileus.sdk.backup.save import Listener

    class Telling(Listener):
        wants_total = shown_bar is not None

        def __init__(self) -> None:
            self._last = 0.0

        def moved(self, tally: Tally, path: bytes) -> None:
            if shown_bar is None and not as_json:
                return
            now = time.monotonic()
            if now - self._last < EVERY:
                return
            self._last = now
            if as_json:
                print_json(
                    {
                        "message_type": "status",
                        "files_done": tally.files,
                        "bytes_done": tally.bytes,
                        "current_files": [shown(path)],
                    }
                )
                return
            made, task = shown_bar
            made.update(task, completed=tally.bytes, total=tally.expected, path=shown(path)[-60:])

        def skipped(self, path: bytes, reason: str) -> None:
            if as_json:
                error = {"message": reason}
                print_json({"message_type": "error", "error": error, "during": "archival", "item": shown(path)})
            else:
                complain(TEXTS.text("skipped", path=shown(path), reason=reason))

        def without_parent(self, error: PileusError) -> None:
            if not as_json:
                complain(TEXTS.text("parent_lost", reason=error.detail))

    return Telling()


def _summary(tally: Tally, options: Options) -> dict[str, object]:
    """The members that restic's summary has."""
    return {
        "message_type": "summary",
        "dry_run": options.dry_run,
        "files_new": tally.files_new,
        "files_changed": tally.files_changed,
        "files_unmodified": tally.files_unmodified,
        "dirs_new": tally.folders_new,
        "dirs_changed": tally.folders_changed,
        "dirs_unmodified": tally.folders_unmodified,
        "data_added": tally.added,
        "total_files_processed": tally.files,
        "total_bytes_processed": tally.bytes,
        "total_duration": round(tally.seconds, 3),
        "snapshot_id": tally.snapshot or "",
        "errors": tally.skipped,
    }


def _tell(tally: Tally, options: Options) -> None:
    files = {"new": tally.files_new, "changed": tally.files_changed, "same": tally.files_unmodified}
    folders = {"new": tally.folders_new, "changed": tally.folders_changed, "same": tally.folders_unmodified}
    print(TEXTS.text("files", None, **files))
    print(TEXTS.text("folders", None, **folders))
    print(TEXTS.text("would_add" if options.dry_run else "added", size=size_text(tally.added)))
    seconds = f"{tally.seconds:.1f}"
    print(TEXTS.text("processed", files=tally.files, size=size_text(tally.bytes), seconds=seconds))
    if tally.snapshot:
        print(TEXTS.text("saved", id=tally.snapshot[:8]))
