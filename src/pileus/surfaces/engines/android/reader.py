"""What runs in the sandbox that reads a package: `check`, or `icon RESOURCE`. Started by `reading`.

The package is the standard input; the answer is the file ANSWER.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pileus.surfaces.engines.android import apk
from pileus.surfaces.engines.android.apk import Checked
from pileus.surfaces.engines.android.archive import Archive, BadApk

ANSWER = "/out/answer.json"


class Answer(msgspec.Struct, frozen=True):
    """What was found out: a package, an icon as base64 of WebP, or why the package is refused."""

    checked: Checked | None = None
    icon: str = ""
    code: str = ""
    message: str = ""


def main(arguments: Sequence[str]) -> int:
    with os.fdopen(0, "rb", closefd=False) as file:
        try:
            answer = _check(Archive(file)) if arguments[0] == "check" else _icon(Archive(file), int(arguments[1]))
        except BadApk as error:
            answer = Answer(code=error.code, message=error.detail)
        except (Exception, MemoryError) as error:
            what = f"The package cannot be read ({type(error).__name__})."
            answer = Answer(code="apk-malformed", message=what)
    Path(ANSWER).write_bytes(msgspec.json.encode(answer))
    return 0


def _check(archive: Archive) -> Answer:
    return Answer(checked=apk.verified(archive))


def _icon(archive: Archive, resource: int) -> Answer:
    from pileus.surfaces.engines.android import icon  # decoders of pictures: only where there is one to draw

    return Answer(icon=base64.b64encode(icon.draw(archive, resource) or b"").decode())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
