"""Which packages an app sees: Android 11's package visibility. Pure.

Source: developer.android.com/training/package-visibility, AOSP's AppsFilter.
"""

from __future__ import annotations

import msgspec

from pileus.surfaces.engines.android.system import intents
from pileus.surfaces.engines.android.system.intents import Filter

ALL = "android.permission.QUERY_ALL_PACKAGES"
SINCE = 30
"""Apps for an older Android see all packages."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An `<intent>` of `<queries>`."""

    action: str | None = None
    categories: tuple[str, ...] = ()
    scheme: str | None = None
    host: str | None = None
    type: str | None = None


class Queries(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest's `<queries>`."""

    packages: frozenset[str] = frozenset()
    intents: tuple[Wanted, ...] = ()
    authorities: frozenset[str] = frozenset()


def answers(wanted: Wanted, filter_: Filter) -> bool:
    """Whether a component with this filter is one that was asked for; what was left out stands for anything."""
    if wanted.action not in (None, "*") and wanted.action not in filter_.actions:
        return False
    if not set(wanted.categories) <= set(filter_.categories):
        return False
    if wanted.scheme not in (None, "*") and wanted.scheme not in filter_.schemes:
        return False
    if wanted.host not in (None, "*") and filter_.hosts:
        return any(intents.matches_host(wanted.host or "", None, item) for item in filter_.hosts)
    if wanted.type is not None:
        return any(intents.matches_type(wanted.type, item) for item in filter_.types)
    return True
