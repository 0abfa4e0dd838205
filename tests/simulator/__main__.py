"""Replay histories: `python -m tests.simulator --seed 123 --trace`, or many: `--seeds 0-5000`."""

from __future__ import annotations

import argparse
import sys
import time

from .campaign import campaign


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, help="one history")
    parser.add_argument("--seeds", default="0-499", help="a range of histories, such as 0-5000")
    parser.add_argument("--trace", action="store_true", help="tell everything that happens")
    options = parser.parse_args()
    first, last = (int(part) for part in options.seeds.split("-"))
    seeds = range(first, last + 1) if options.seed is None else [options.seed]
    began = time.monotonic()
    failures = 0
    with campaign() as runs:
        for seed in seeds:
            failure = runs.run(seed, print if options.trace else None)
            if failure:
                failures += 1
                print(f"seed {seed}: {failure.why}", file=sys.stderr)
    print(f"{len(seeds)} histories, {failures} failed, {time.monotonic() - began:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
