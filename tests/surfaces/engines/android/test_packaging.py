"""What the cloud keeps of an Android package, and what an app is started with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from pileus.core.errors import Invalid, NotFound
from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java, packages, packaging
from pileus.surfaces.engines.android.accounts import read_packages
from pileus.surfaces.engines.android.apk import Activity, Apk, Checked
from pileus.surfaces.engines.android.packages import Meta
from pileus.surfaces.engines.android.signature import Signer
from pileus.surfaces.engines.android.system.manifest import FORMAT, Manifest, keep
from pileus.surfaces.packages import Offer
from tests.surfaces.engines.android.system.rules import component

META = Meta(
    sha256="3" * 64,
    translator="1",
    size=7,
    package="org.example.demo",
    version_code=4,
    version_name="1.4",
    min_sdk=21,
    target_sdk=34,
    label="Demo",
    labels={"": "Demo", "zh": "演示"},
    permissions=[packaging.INTERNET],
    activity="org.example.demo.Main",
    libraries={"x86_64": ["a.so"]},
    signer="5" * 64,
    scheme="v2",
    earlier_signers=[],
)


@pytest.fixture
def kept(tmp_path: Path) -> packaging.AndroidPackages:
    made = packaging.make(Settings(data_dir=tmp_path, runtime_dir=tmp_path, cache_dir=tmp_path))
    place = made.store.place(META.sha256)
    place.mkdir(parents=True)
    (place / "meta.json").write_bytes(msgspec.json.encode(META))
    (place / "icon.webp").write_bytes(b"picture")
    return made


def test_a_record_says_what_the_package_says(kept: packaging.AndroidPackages) -> None:
    fields = kept.fields(META.sha256)
    assert fields["label"] == "Demo"
    assert fields["manifest"] == {"pileus": {"names": {"zh": "演示"}}}
    assert fields["icon"] == "data:image/webp;base64,cGljdHVyZQ=="
    assert (fields["version_code"], fields["native"], fields["sha256"]) == (4, ["x86_64"], META.sha256)
    with pytest.raises(NotFound):
        kept.fields("0" * 64)


def test_an_app_starts_from_what_was_kept(kept: packaging.AndroidPackages) -> None:
    found = kept.kept(META.sha256)
    assert found is not None
    assert found.package_dir == kept.store.place(META.sha256)
    assert found.options == {
        "package": META.package,
        "activity": META.activity,
        "target_sdk": "34",
        "internet": "1",
    }
    assert kept.kept("0" * 64) is None


def test_the_engine_is_told_what_there_is(kept: packaging.AndroidPackages, tmp_path: Path) -> None:
    folder = tmp_path / "account"
    kept.list_installed(folder, [(META.package, META.sha256), ("org.example.gone", "0" * 64)])
    (entry,) = read_packages(folder) or []
    assert (entry.package, entry.app, entry.internet) == (META.package, META.package, True)
    assert entry.folder == str(kept.store.place(META.sha256))


def test_an_app_for_a_newer_android_is_refused() -> None:
    packaging.check_sdk("Demo", 36)
    with pytest.raises(Invalid) as caught:
        packaging.check_sdk("Demo", 37)
    assert caught.value.code == "apk-needs-newer-android"


def test_an_offer_of_another_engine_is_a_mistake(kept: packaging.AndroidPackages, tmp_path: Path) -> None:
    async def progress(_phase: str, _fraction: float) -> None:
        """Nobody watches."""

    with pytest.raises(TypeError):
        asyncio.run(kept.add(tmp_path / "file", Offer("0" * 64, "a", "A"), progress))


def test_one_translates_a_package_and_the_next_waits_and_no_lock_stays(tmp_path: Path) -> None:
    lock = tmp_path / "translating" / META.sha256
    inside, most = 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with packages._alone(lock):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)  # others get their turn
            inside -= 1

    async def story() -> None:
        await asyncio.gather(*(work() for _ in range(20)))

    asyncio.run(story())
    assert most == 1
    assert list(lock.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("permission", "apk-permission-taken"),
        ("permission of its own signer", ""),
        ("system's permission", ""),
        ("authority", "apk-authority-taken"),
        ("authority of its own signer", "apk-authority-taken"),
        ("nothing", ""),
    ],
)
def test_a_package_takes_nothing_of_another_one(kept: packaging.AndroidPackages, what: str, code: str) -> None:
    names = {"permission": "org.example.SECRET", "system's": "android.permission.INTERNET"}
    name = next((found for start, found in names.items() if what.startswith(start)), "")

    def says(package: str) -> Manifest:
        shared = ("org.example.notes",) if what.startswith("authority") else ()
        provider = component("provider", package, "P", authorities=(f"{package}.own", *shared))
        defined = {name: 0} if name else {}
        return Manifest(package=package, format=FORMAT, defined=defined, components=(provider,))

    keep(kept.store.place(META.sha256), says(META.package))
    place = kept.store.place("4" * 64)
    place.mkdir()
    keep(place, says("org.example.new"))
    activity = Activity("org.example.new.Main", "New", True, True)
    apk = Apk(*("org.example.new", 1, "1", 21, 34, "New", {}, None, (), (activity,), (), {}, (), None))
    signer = Signer("v2", META.signer if "own signer" in what else "6" * 64)
    offer = Offer("4" * 64, "org.example.new", "New", Checked(apk, signer))
    if not code:
        kept.check_beside(offer, [META.sha256, "0" * 64])
        return
    with pytest.raises(Invalid, match="Demo") as refused:
        kept.check_beside(offer, [META.sha256])
    assert refused.value.code == code


@pytest.mark.android
@pytest.mark.slow
def test_a_package_is_translated_again_by_another_translator_only(
    samples: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.from_env()
    store = packages.PackageStore(settings.changed(data_dir=tmp_path / "data"))
    file = samples.build("older")
    digest, checked = packages.check(file)
    classes = store.place(digest) / "classes.jar"

    async def quiet(_phase: str, _fraction: float) -> None:
        """Nobody watches."""

    def added() -> tuple[str, int]:
        """The version that is kept, and which file it is."""
        meta = asyncio.run(store.add(file, digest, checked, java.runtime(settings), quiet))
        assert store.meta(digest) == meta
        return meta.translator, classes.stat().st_mtime_ns

    first = added()
    assert added() == first
    monkeypatch.setattr(java.Runtime, "translator_version", lambda _runtime: "another")
    second = added()
    assert second[0] == "another"
    assert second[1] != first[1]
    assert added() == second
    assert [path.name for path in store.folder.iterdir()] == [digest]
