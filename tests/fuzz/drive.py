"""libFuzzer at one of the readers: `python -m tests.fuzz.drive TARGET FOLDER... [-max_total_time=SECONDS]`."""

from __future__ import annotations

import sys

import atheris

# The readers alone are watched: what they import is not ours, and watching it takes half a minute to begin.
with atheris.instrument_imports(include=["pileus.surfaces.engines.android", "pileus.carrier"]):
    from tests.fuzz import readers


def main() -> None:
    target = sys.argv.pop(1)
    atheris.Setup(sys.argv, lambda data: readers.once(target, bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
