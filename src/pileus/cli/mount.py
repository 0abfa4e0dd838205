"""`pileus mount`: snapshots as a folder, through FUSE."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.cli.backups import TEXTS, among, linked
from pileus.core.errors import NotFound, Unavailable
from pileus.sdk.backup.wire import Area, Snapshot

DEVICE = Path("/dev/fuse")


def command(
    folder: Annotated[Path, typer.Argument(help="An empty folder.")],
    host: Annotated[str | None, typer.Option("--host", "-H")] = None,
    tag: Annotated[list[str] | None, typer.Option()] = None,
    path: Annotated[list[str] | None, typer.Option()] = None,
    allow_other: Annotated[bool, typer.Option(help="Other users may look, too.")] = False,
) -> None:
    """Show snapshots as a folder until it is unmounted (fusermount3 -u FOLDER) or this is interrupted."""
    fuse = _fuse()
    from pileus.sdk.backup.chunks import Naming
    from pileus.sdk.backup.view import View

    if not folder.is_dir():
        raise NotFound("no-folder", TEXTS.text("no_path", path=folder))
    with linked() as link:
        naming = Naming(bytes.fromhex(link.get("/backups/area", Area).naming))
        view = View(
            link, naming, among(link.get("/backups/snapshots", list[Snapshot]), host, tag or (), path or ())
        )
        print(TEXTS.text("mounted", folder=folder), flush=True)
        options = {"allow_other": True} if allow_other else {}
        try:
            fuse.FUSE(_operations(fuse, view), str(folder), foreground=True, ro=True, fsname="pileus", **options)
        except RuntimeError:  # libfuse said why on standard error
            raise Unavailable("mount-refused", TEXTS.text("mount_refused", folder=folder)) from None


def _fuse() -> Any:
    """The library; raises `Unavailable` where this machine cannot mount."""
    if not DEVICE.exists():
        raise Unavailable("no-fuse", TEXTS.text("no_fuse_device"))
    try:
        import mfusepy
    except OSError:
        raise Unavailable("no-fuse", TEXTS.text("no_fuse_library")) from None
    return mfusepy


def _operations(fuse: Any, view: Any) -> Any:
    class Operations(fuse.Operations):  # type: ignore[misc]
        use_ns = True

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            return dict(view.status(path))

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", *view.names(path)]

        def readlink(self, path: str) -> str:
            return str(view.target(path))

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return bytes(view.read(path, size, offset))

        def listxattr(self, path: str) -> list[str]:
            return list(view.attributes(path))

        def getxattr(self, path: str, name: str, position: int = 0) -> bytes:
            found = view.attributes(path).get(name)
            if found is None:
                raise OSError(errno.ENODATA, os.strerror(errno.ENODATA), path)
            return bytes(found)

    return Operations()
