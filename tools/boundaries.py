"""Check that imports point one way, in Python (import-linter) and TypeScript; having seen nothing fails."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")
# What each part of the web may import from the other parts.
ALLOWED: dict[str, frozenset[str]] = {
    "kit": frozenset({"kit"}),
    "sdk": frozenset({"sdk"}),
    "shell": frozenset({"shell", "kit", "sdk"}),
    "apps": frozenset({"kit", "sdk"}),
}


def main() -> int:
    problems = [*python_problems(), *web_problems(ROOT / "web")]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def python_problems() -> list[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    seen = re.search(r"Analyzed (\d+) files", done.stdout)
    if seen is None or int(seen.group(1)) == 0:
        return [f"import-linter saw no Python modules:\n{done.stdout}{done.stderr}"]
    return [] if done.returncode == 0 else [done.stdout]


def web_problems(web: Path) -> list[str]:
    """Imports between parts of the web that the layout does not allow; apps never import each other."""
    sources = [
        path
        for pattern in ("*.ts", "*.mjs")
        for path in sorted(web.rglob(pattern))
        if not {"node_modules", "dist"} & set(path.relative_to(web).parts)
    ]
    if not sources:
        return [f"no TypeScript modules were seen below {web.name}/"]
    problems = []
    for source in sources:
        here = part_of(source.relative_to(web).parts)
        for name in IMPORT.findall(source.read_text(encoding="utf-8")):
            there = target_of(web, source, name)
            if there is None or here is None or there == here:
                continue
            if there[0] not in ALLOWED[here[0]] or (here[0] == there[0] == "apps"):
                problems.append(f"{source.relative_to(ROOT)}: {'/'.join(here)} may not import {'/'.join(there)}")
    return problems


def part_of(parts: tuple[str, ...]) -> tuple[str, ...] | None:
    if parts[0] == "apps" and len(parts) > 2:
        return ("apps", parts[1])
    return (parts[0],) if parts[0] in ALLOWED else None


def target_of(web: Path, source: Path, name: str) -> tuple[str, ...] | None:
    if name.startswith("@pileus/"):
        return (name.split("/")[1],)
    if not name.startswith("."):
        return None
    target = (source.parent / name).resolve()
    return part_of(target.relative_to(web.resolve()).parts) if target.is_relative_to(web.resolve()) else None


if __name__ == "__main__":
    sys.exit(main())
