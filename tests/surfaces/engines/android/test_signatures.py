"""Packages signed in three hundred ways, right and wrong ones, as apksig's own tests have them.

They come with androguard's source distribution, which is fetched: a night's test.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import apk
from pileus.surfaces.engines.android.archive import BadApk
from tools.compat.fixtures import LIST, carried

TAKEN = "taken"
EXPECTED = Path(__file__).with_name("signatures.toml")
OF_APKSIG = (
    "debuggable-*", "empty-unsigned.apk", "golden-*", "mismatched-compression-method.apk", "original.apk",
    "targetSandboxVersion-2.apk", "two-signers*", "unsigned-targetSandboxVersion-2.apk", "v[123]*.apk",
    "weird-compression-method.apk",
)  # fmt: skip

NIGHTLY = "PILEUS_NIGHTLY" in os.environ

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.skipif(not NIGHTLY, reason="a night's test")
def test_what_is_signed_badly_is_refused_and_what_is_signed_well_is_taken() -> None:
    codes = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    expected = {name: code for code, names in codes.items() for name in names}
    packages = {path.stem: path for path in packages_of_apksig()}
    assert len(packages) > 300
    assert expected.keys() <= packages.keys()
    verdicts = {name: verdict(path) for name, path in packages.items()}
    assert {n: code for n, code in verdicts.items() if code != expected.get(n, TAKEN)} == {}


def packages_of_apksig() -> list[Path]:
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))["sdists"]
    [androguard] = [item for item in listed if item["project"] == "androguard"]
    every = {**androguard, "only": OF_APKSIG, "skip": []}
    return carried(every, Settings.from_env().cache_dir / "compat")


def verdict(package: Path) -> str:
    """The code of the refusal, or that it is taken."""
    try:
        apk.check(package)
    except BadApk as refusal:
        return refusal.code
    return TAKEN
