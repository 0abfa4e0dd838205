"""Backs a folder up and restores the first snapshot as another user: `python -m … FOLDER TARGET`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from pileus.sdk.backup import target
from pileus.sdk.backup.link import Link

from .conftest import Account, Heard

NOBODY = 65534


def main(folder: str, into: str) -> None:
    account, heard = Account(Link.from_config()), Heard()
    first = account.snapshots()[0].id  # what Python loads for a request lies where only root may read
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        target.OWN = (NOBODY, NOBODY)
    account.backup(Path(folder), heard=heard)
    skipped = {os.fsdecode(path): reason for path, reason in heard.lost.items()}
    back = account.restore(first, Path(into), below=os.fsencode(folder).strip(b"/"))
    print(json.dumps({"skipped": skipped, "unowned": [os.fsdecode(path) for path in back.unowned]}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
