"""The licence gate: every installed Python and npm package and every jar carries a licence from the list."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLASSIFIER = "License :: OSI Approved :: "


def main() -> int:
    rules = tomllib.loads((ROOT / "tools" / "licences.toml").read_text(encoding="utf-8"))
    seen: dict[str, dict[str, str]] = {
        "python": python_licences(),
        "npm": npm_licences(ROOT / "package-lock.json"),
        "java": {
            **java_licences(ROOT / "android-host" / "jars.toml", rules["java"]),
            **java_licences(ROOT / "tests/surfaces/engines/android/apps/libraries.toml", rules["java"]),
        },
    }
    problems = [f"{kind}: no packages were seen" for kind, packages in seen.items() if not packages]
    for kind, packages in seen.items():
        problems += refused(kind, packages, rules)
    for problem in problems:
        print(f"licences: {problem}", file=sys.stderr)
    if not problems:
        counts = ", ".join(f"{len(packages)} {kind}" for kind, packages in seen.items())
        print(f"licences: {counts} packages, all free")
    return 1 if problems else 0


def refused(kind: str, packages: dict[str, str], rules: dict[str, object]) -> list[str]:
    allowed, spelling, exceptions = rules["allowed"], rules["spelling"], rules["exceptions"]
    assert isinstance(allowed, list)
    assert isinstance(spelling, dict)
    assert isinstance(exceptions, dict)
    return [
        f"{kind} package {name}: {licence or 'no licence named'}"
        for name, licence in sorted(packages.items())
        if name not in exceptions.get(kind, {}) and not is_allowed(licence, set(allowed), spelling)
    ]


def is_allowed(expression: str, allowed: set[str], spelling: dict[str, str]) -> bool:
    """SPDX expressions: any side of OR suffices, all sides of AND are needed."""
    expression = spelling.get(expression.strip(), expression.strip())
    choices = re.split(r"\s+OR\s+", expression.strip("() "))
    return any(
        all(
            spelling.get(part.strip("() "), part.strip("() ")) in allowed
            for part in re.split(r"\s+AND\s+", choice)
        )
        for choice in choices
    )


def python_licences() -> dict[str, str]:
    found = {}
    for distribution in metadata.distributions():
        about = distribution.metadata
        name = about["Name"]
        if name.lower() in {"pileus", "pip", "setuptools"}:
            continue
        classifiers = [
            c.removeprefix(CLASSIFIER) for c in about.get_all("Classifier", []) if c.startswith(CLASSIFIER)
        ]
        stated = (about.get("License-Expression") or "").strip()
        short = (about.get("License") or "").strip()
        free_text = short if len(short) < 80 and "\n" not in short else ""
        found[name] = stated or free_text or " AND ".join(classifiers)
    return found


def npm_licences(lock: Path) -> dict[str, str]:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    found = {}
    for path, about in packages.items():
        if not path.startswith("node_modules/") or about.get("link"):
            continue
        licence = about.get("license", "")
        manifest = ROOT / path / "package.json"
        if not licence and manifest.exists():
            stated = json.loads(manifest.read_text(encoding="utf-8")).get("license", "")
            licence = stated.get("type", "") if isinstance(stated, dict) else stated
        found[path.removeprefix("node_modules/")] = licence
    return found


def java_licences(manifest: Path, by_group: dict[str, str]) -> dict[str, str]:
    """Jars by `group:artifact`; a group that licences.toml does not know has no licence, and is refused."""
    jars = tomllib.loads(manifest.read_text(encoding="utf-8"))["jars"]
    names = [":".join(jar["maven"].split(":")[:2]) for jar in jars]
    return {name: by_group.get(name.split(":")[0], "") for name in names}


if __name__ == "__main__":
    sys.exit(main())
