"""What runs in the sandbox that reads a package: `check`, `manifest`, or `icon RESOURCE`. Started by `reading`.

The package is the standard input; the answer is the file ANSWER.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pileus.surfaces.engines.android import apk, manifest
from pileus.surfaces.engines.android.apk import Checked
from pileus.surfaces.engines.android.archive import Archive, BadApk
from pileus.surfaces.engines.android.system.manifest import Manifest

ANSWER = "/out/answer.json"


class Answer(msgspec.Struct, frozen=True):
    """What was found out: a package, its manifest, an icon as base64 of WebP, or why the package is refused."""

    checked: Checked | None = None
    manifest: Manifest | None = None
    icon: str = ""
    code: str = ""
    message: str = ""


def main(arguments: Sequence[str]) -> int:
    with os.fdopen(0, "rb", closefd=False) as file:
        try:
            answer = _answer(Archive(file), *arguments)
        except BadApk as error:
            answer = Answer(code=error.code, message=error.detail)
        except (Exception, MemoryError) as error:
            what = f"The package cannot be read ({type(error).__name__})."
            answer = Answer(code="apk-malformed", message=what)
    Path(ANSWER).write_bytes(msgspec.json.encode(answer))
    return 0


def _answer(archive: Archive, what: str, resource: str = "") -> Answer:
    if what == "check":
        return Answer(checked=apk.verified(archive))
    return Answer(manifest=manifest.read(archive)) if what == "manifest" else _icon(archive, int(resource))


def _icon(archive: Archive, resource: int) -> Answer:
    from pileus.surfaces.engines.android import icon  # decoders of pictures: only where there is one to draw

    return Answer(icon=base64.b64encode(icon.draw(archive, resource) or b"").decode())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
