"""Run the benches: every `bench/NAME.py` that has `measure() -> list[Figure]`.

A bench that cannot run here says why and the others go on. Prints a table; with --json one JSON line a figure.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
PARTS = frozenset({"run", "figure", "clouds", "page", "corpus", "fill"})
sys.path.insert(0, str(HERE))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="run the bench of this name")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = [path.stem for path in sorted(HERE.glob("*.py")) if path.stem not in PARTS]
    chosen = [name for name in names if options.only in (None, name)]
    if not chosen:
        print(f"no bench is called {options.only}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    failed = [name for name in chosen if not run_bench(name, as_json=options.json)]
    return 1 if failed else 0


def run_bench(name: str, *, as_json: bool) -> bool:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        figures = module.measure()
    except Exception as error:
        print(f"{name}: could not be measured: {error}", file=sys.stderr)
        return False
    if as_json:
        for figure in figures:
            print(msgspec.json.encode(figure).decode(), flush=True)
        return True
    table = Table(title=name)
    for heading in ("metric", "value", "unit", "peer", "peer value", "ratio"):
        table.add_column(heading)
    for f in figures:
        peer = "" if f.peer_value is None else f"{f.peer_value:g}"
        table.add_row(
            f.metric,
            f"{f.value:.4g}",
            f.unit,
            f.peer or "",
            peer,
            "" if f.ratio is None else f"{f.ratio:.2f}",
        )
    Console().print(table)
    return True


if __name__ == "__main__":
    sys.exit(main())
