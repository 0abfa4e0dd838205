"""Real packages, as the npm registry has them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

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


@pytest.fixture(scope="session")
def phone() -> ModuleType:
    """`phone.py` beside this file."""
    return _beside("phone.py", "android_phone")


@pytest.fixture(scope="session")
def heap() -> ModuleType:
    """`heap.py` beside this file: what lives in a JVM."""
    return _beside("heap.py", "jvm_heap")


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """`build_apk.py`: builds the sample apps below `apps`."""
    return _beside("build_apk.py", "build_apk")


@pytest.fixture(scope="session")
def tables() -> ModuleType:
    """`tables.py` beside this file: resource tables made by hand."""
    return _beside("tables.py", "resource_tables")


@pytest.fixture(scope="session")
def zips() -> ModuleType:
    """`zips.py` beside this file: archives made by hand."""
    return _beside("zips.py", "zips_by_hand")


@pytest.fixture(scope="session")
def pair() -> ModuleType:
    """`pair.py` beside this file: two sample apps of one account."""
    return _beside("pair.py", "android_pair")


@pytest.fixture(scope="session")
def androidx() -> ModuleType:
    """`build_androidx.py`: builds the sample apps that use AndroidX and Compose."""
    return _beside("build_androidx.py", "build_androidx")


def _beside(file: str, name: str) -> ModuleType:
    if name not in sys.modules:
        found = importlib.util.spec_from_file_location(name, Path(__file__).with_name(file))
        assert found is not None
        assert found.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(found)
        found.loader.exec_module(sys.modules[name])
    return sys.modules[name]
