"""`python -m tools.compat [--package NAME] [--only ACTIVITY …] [--page]`; see `make android-compat`."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Sequence

from pileus.core.settings import Settings
from tools.compat.before import Before
from tools.compat.campaign import campaign, kept, known
from tools.compat.fixtures import ROOT, Fixture, fixtures
from tools.compat.page import Known, page
from tools.compat.sheets import sheets

OUT = ROOT / "build" / "compat"
PAGE = ROOT / "docs" / "android-compat.md"
PICTURES = ROOT / "docs" / "pictures" / "compat"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", help="only packages whose name contains this")
    parser.add_argument("--only", action="append", default=[], help="only activities whose name ends in this")
    parser.add_argument("--page", action="store_true", help="write the page from what was found before")
    wish = parser.parse_args()
    logging.disable(logging.WARNING)
    settings = Settings.from_env()
    OUT.mkdir(parents=True, exist_ok=True)
    every = list(fixtures(settings.cache_dir / "compat"))
    if not wish.page:
        chosen = [one for one in every if not wish.package or wish.package.lower() in one.key]
        asyncio.run(campaign(settings, chosen, wish.only, OUT))
    write(every)


def write(every: Sequence[Fixture]) -> None:
    founds = [(fixture, kept(OUT, fixture)) for fixture in every]
    pictures = {
        fixture.key: sheets(OUT / fixture.key, found, PICTURES, fixture.key)
        for fixture, found in founds
        if found.rows
    }
    said = Known(known("device"), known("empty"), known("notes"))
    named = [(fixture.key, found) for fixture, found in founds]
    PAGE.write_text(page(named, pictures, said, Before(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
