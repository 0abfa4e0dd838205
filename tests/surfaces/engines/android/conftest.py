"""Real packages, as the npm registry has them."""

from __future__ import annotations

from pathlib import Path

import pytest

MODULES = Path(__file__).resolve().parents[4] / "node_modules"


@pytest.fixture(scope="session")
def apidemos() -> Path:
    """331 activities, signed with scheme v2."""
    path = MODULES / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
    if not path.exists():
        pytest.fail("ApiDemos is missing; run `make setup-test`.")
    return path


@pytest.fixture(scope="session")
def appium_settings() -> Path:
    """Nine DEX files, an adaptive icon."""
    return next((MODULES / "io.appium.settings" / "apks").glob("*.apk"))
