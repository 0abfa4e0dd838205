"""Android packages as the cloud installs them: `Packages` of the border in `pileus.surfaces.packages`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pileus.core.data_urls import data_url
from pileus.core.errors import Invalid, NotFound
from pileus.core.settings import Settings
from pileus.surfaces.engines.android import apk, java, reading
from pileus.surfaces.engines.android.accounts import write_packages
from pileus.surfaces.engines.android.apk import Checked
from pileus.surfaces.engines.android.archive import BadApk
from pileus.surfaces.engines.android.packages import Meta, PackageStore
from pileus.surfaces.engines.android.system.manifest import BadRecord, Manifest, kept
from pileus.surfaces.engines.android.system.packages import Installed
from pileus.surfaces.packages import Kept, Offer, Progress

SDK = 36
"""Android's API level that apps find."""
INTERNET = "android.permission.INTERNET"
# A zip begins with a local header, or with its end where it is empty. With something before it (Janus) it is none.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class AndroidPackages:
    """Reads, translates and lists packages; made by `make`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.store = PackageStore(settings)

    def takes(self, head: bytes) -> bool:
        return head.startswith(_ZIP)

    def clean(self) -> None:
        self.store.clean()

    async def check(self, file: Path) -> Offer:
        """Raises `BadApk`, `Invalid` for what needs a newer Android, `Unavailable` where no sandbox stands."""
        sha256, checked = await reading.check(file)
        check_sdk(checked.apk.label, checked.apk.min_sdk)
        return Offer(sha256, checked.apk.package, checked.apk.label, checked)

    def check_update(self, installed: Mapping[str, Any], offer: Offer) -> None:
        version = int(installed.get("version_code") or 0)
        apk.check_update(str(installed.get("signer", "")), version, _checked(offer))

    async def add(self, file: Path, offer: Offer, progress: Progress) -> None:
        await self.store.add(file, offer.sha256, _checked(offer), java.runtime(self._settings), progress)

    def check_beside(self, offer: Offer, others: Sequence[str]) -> None:
        """Raises `BadApk` where it says that another package's permissions or authorities are its own
        (INSTALL_FAILED_DUPLICATE_PERMISSION, INSTALL_FAILED_CONFLICTING_PROVIDER)."""
        checked = _checked(offer)
        own = self._manifest(offer.sha256, checked.apk.package)
        for digest in others:
            meta = self.store.meta(digest)
            if meta is None:
                continue
            other = self._manifest(digest, meta.package)
            permissions = own.permissions & other.permissions
            if permissions and checked.signer.digest != meta.signer:
                raise BadApk(
                    "apk-permission-taken",
                    f"{checked.apk.label} defines {min(permissions)}, which {meta.label} has defined.",
                )
            if authorities := own.authorities & other.authorities:
                raise BadApk(
                    "apk-authority-taken",
                    f"{checked.apk.label} offers what {min(authorities)} names, as {meta.label} does.",
                )

    def _manifest(self, sha256: str, package: str) -> Manifest:
        """One that cannot be read says nothing: the account's system does not run it."""
        try:
            return kept(self.store.place(sha256), package)
        except (BadRecord, OSError):
            return Manifest(package=package)

    def fields(self, sha256: str) -> dict[str, Any]:
        """Raises `NotFound` where the package is gone."""
        meta = self.store.meta(sha256)
        if meta is None:
            raise NotFound("package-missing", "The package is gone; install it again.")
        icon = self.store.place(sha256) / "icon.webp"
        return record(meta, icon.read_bytes() if icon.exists() else None)

    def kept(self, sha256: str) -> Kept | None:
        meta = self.store.meta(sha256)
        if meta is None:
            return None
        options = {
            "package": meta.package,
            "activity": meta.activity,
            "target_sdk": str(meta.target_sdk),
            "internet": "1" if INTERNET in meta.permissions else "0",
        }
        return Kept(self.store.place(sha256), options)

    def original(self, sha256: str) -> Path | None:
        file = self.store.place(sha256) / "base.apk"
        return file if file.is_file() else None

    def list_installed(self, folder: Path, installed: list[tuple[str, str]]) -> None:
        """For the engine, which starts an app because another one asks for it."""
        found = ((app, digest, self.store.meta(digest)) for app, digest in installed)
        write_packages(
            folder,
            [self._entry(app, self.store.place(digest), meta) for app, digest, meta in found if meta is not None],
        )

    def remove(self, sha256: str) -> None:
        self.store.remove(sha256)

    @staticmethod
    def _entry(app: str, place: Path, meta: Meta) -> Installed:
        return Installed(
            package=meta.package,
            app=app,
            folder=str(place),
            label=meta.label,
            activity=meta.activity,
            target_sdk=meta.target_sdk,
            internet=INTERNET in meta.permissions,
        )


def check_sdk(label: str, min_sdk: int) -> None:
    """Raises `Invalid` where the app asks for a newer Android than there is."""
    if min_sdk > SDK:
        raise Invalid(
            "apk-needs-newer-android",
            f"{label} needs Android's API level {min_sdk}; this cloud offers {SDK}.",
        )


def record(meta: Meta, icon: bytes | None) -> dict[str, Any]:
    """The fields of `apps.app` for an installed package."""
    names = {language: name for language, name in meta.labels.items() if language}
    return {
        "label": meta.label,
        "kind": "android",
        "icon": data_url("image/webp", icon) if icon else "",
        "package": meta.package,
        "version_name": meta.version_name,
        "version_code": meta.version_code,
        "permissions": list(meta.permissions),
        "native": sorted(meta.libraries),
        "signer": meta.signer,
        "sha256": meta.sha256,
        "origin": "",
        "manifest": {"pileus": {"names": names}},
    }


def make(settings: Settings) -> AndroidPackages:
    """The factory that engine.toml names."""
    return AndroidPackages(settings)


def _checked(offer: Offer) -> Checked:
    if not isinstance(offer.held, Checked):
        raise TypeError("an offer of another engine")
    return offer.held
