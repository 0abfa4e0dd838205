"""The voice of the phone: its owner is addressed in one way."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = {".py", ".ts", ".json", ".html", ".java", ".toml"}
BUILT = {"node_modules", "dist", "build"}


def test_chinese_says_ni_throughout() -> None:
    sources = [
        path
        for folder in ("src", "web", "android-host")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in KINDS and not BUILT & set(path.relative_to(ROOT).parts) and path.is_file()
    ]
    assert len(sources) > 300
    formal = [path for path in sources if "您" in path.read_text(encoding="utf-8")]
    assert formal == []
