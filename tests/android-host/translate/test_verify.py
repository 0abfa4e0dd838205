"""Every class of real packages passes the JVM's verifier, with the framework on the class path; none is lost."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from .toolchain import HERE, Toolchain

PACKAGES = {
    "android-apidemos/apks/ApiDemos-debug.apk": 5068,
    "io.appium.settings/apks/settings_apk-debug.apk": 1,
}

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(900),
]


@pytest.mark.parametrize("package", PACKAGES)
def test_real_packages_are_verified(package: str, tmp_path: Path) -> None:
    tools = Toolchain.of(tmp_path)
    apk = HERE.parents[2] / "node_modules" / package
    jar = tmp_path / "classes.jar"
    told = tools.translate(apk, jar, more=tools.framework())
    assert [line for line in told if line.startswith("failed")] == []
    with zipfile.ZipFile(jar) as archive:
        assert len(archive.namelist()) >= PACKAGES[package]
    # The instrumented framework names Robolectric's classes.
    libraries = [*tools.framework(), *tools.runtime.store.paths("host")]
    told = tools.java(
        tools.tools(), "dev.pileus.translate.VerifyAll", jar, *libraries, options=["-Xverify:all"]
    ).splitlines()
    assert [line for line in told if line.startswith("refused")] == []
    linked, lacking = (int(told[-1].split()[i]) for i in (1, 3))
    assert linked >= 0.98 * (linked + lacking)
