"""Intents and the filters that they match. Pure; after AOSP's IntentFilter and Intent, whose names are kept."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pileus.surfaces.engines.android.system.router import Parcel

DEFAULT = "android.intent.category.DEFAULT"
ALWAYS_ANSWERED = frozenset(
    f"android.{name}"
    for name in (
        "intent.action.GET_CONTENT",
        "intent.action.OPEN_DOCUMENT",
        "intent.action.OPEN_DOCUMENT_TREE",
        "intent.action.CREATE_DOCUMENT",
        "provider.action.PICK_IMAGES",
    )
)
"""What every device has an activity for, so that apps do not expect to find none: the owner is told of it."""
VIEW = "android.intent.action.VIEW"

FLAG_EXCLUDE_STOPPED = 0x10
FLAG_RECEIVER_REGISTERED_ONLY = 0x40000000

_LITERAL, _PREFIX, _GLOB, _ADVANCED, _SUFFIX = range(5)
_MOST = 512
"""Characters of a path, and of a pattern, beyond which none is tried."""
MAX_STEPS = 1 << 20
"""Of one package's patterns for one intent: about a tenth of a second."""


class Piece(msgspec.Struct, frozen=True):
    """Where a parcelled piece lies behind the fields of its message."""

    at: int
    size: int


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What the system reads of an intent. `extras` (with clip data) is parcelled and never read here."""

    action: str | None = None
    data: str | None = None
    type: str | None = None
    own_type: str | None = None
    identifier: str | None = None
    package: str | None = None
    component: str | None = None
    categories: tuple[str, ...] = ()
    flags: int = 0
    selector: Intent | None = None
    extras: Piece | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for intents that only differ in what Intent.filterEquals leaves out: extras and flags."""
        return (
            *(self.action, self.data, self.type, self.identifier, self.package, self.component),
            frozenset(self.categories),
        )

    @property
    def length(self) -> int:
        """Characters of its fields."""
        texts = (self.action, self.data, self.type, self.own_type, self.identifier, self.package, self.component)
        own = sum(len(text) for text in (*texts, *self.categories) if text)
        return own + (self.selector.length if self.selector else 0)

    @property
    def explicit(self) -> bool:
        return self.component is not None or self.package is not None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """An intent filter. A path is (kind, text) with PatternMatcher's kinds."""

    actions: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    paths: tuple[tuple[int, str], ...] = ()
    types: tuple[str, ...] = ()
    priority: int = 0

    @property
    def length(self) -> int:
        """Characters of its texts."""
        paths = (text for _, text in self.paths)
        texts = (*self.actions, *self.categories, *self.schemes, *self.hosts, *self.types, *paths)
        return sum(len(text) for text in texts)


class Kept(msgspec.Struct, frozen=True):
    """An intent that the system keeps, with its extras (a parcel of their own, or those of several senders)."""

    intent: Intent
    extras: tuple[Parcel, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of its extras, and characters of its fields."""
        return self.intent.length + sum(len(piece.data) for piece in self.extras)

    @property
    def plain(self) -> bytes | None:
        """The extras as they lie on the disk; None where they carry objects: those end with their process."""
        return self.extras[0].data if self.extras and not self.extras[0].things else None


def matches(intent: Intent, filter_: Filter, steps: Steps | None = None) -> bool:
    """Whether an implicit intent passes a filter's three tests."""
    if intent.action is not None and intent.action not in filter_.actions:
        return False
    if intent.action is None and not filter_.actions:
        return False
    if not set(intent.categories) <= set(filter_.categories):
        return False
    return _matches_data(intent, filter_, steps or Steps())


def _matches_data(intent: Intent, filter_: Filter, steps: Steps) -> bool:
    if filter_.types:
        if intent.type is None or not any(matches_type(intent.type, item) for item in filter_.types):
            return False
    elif intent.type is not None:
        return False
    if intent.data is None:
        return not filter_.schemes
    scheme, _, rest = intent.data.partition(":")
    if filter_.schemes:
        if scheme not in filter_.schemes:
            return False
    elif not (filter_.types and scheme in ("", "content", "file")):
        return False
    if not filter_.hosts:
        return True
    if not rest.startswith("//"):
        return False
    try:
        parts = urlsplit(intent.data)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not any(matches_host(host, port, item) for item in filter_.hosts):
        return False
    path = parts.path or ""
    return not filter_.paths or any(matches_path(path, kind, text, steps) for kind, text in filter_.paths)


def matches_type(found: str, wanted: str) -> bool:
    if wanted in ("*/*", "*") or found == wanted:
        return True
    kind, _, rest = wanted.partition("/")
    found_kind, _, found_rest = found.partition("/")
    return (
        (rest in ("", "*") and found_kind == kind) or (found_rest == "*" and found_kind == kind) or found == "*/*"
    )


def matches_host(host: str, port: int | None, wanted: str) -> bool:
    name, colon, number = wanted.rpartition(":")
    if not colon or not number.isdigit():
        name, number = wanted, ""
    if number and str(port or "") != number:
        return False
    if name.startswith("*"):
        return host.lower().endswith(name[1:].lower())
    return host.lower() == name.lower()


class Steps:
    """How long one package's patterns may still be tried for one intent."""

    def __init__(self, left: int = MAX_STEPS) -> None:
        self.left = left

    def take(self, path: str, text: str) -> bool:
        """Whether a pattern may be tried; it takes as many steps as its length and the path's multiply to."""
        self.left -= len(path) * len(text)
        return self.left >= 0


def matches_path(path: str, kind: int, text: str, steps: Steps | None = None) -> bool:
    """PatternMatcher: literal, prefix, simple glob (`.` any, `*` repeats), advanced glob, suffix. A glob that
    needs more than the `steps` that are left does not match."""
    if kind == _LITERAL:
        return path == text
    if kind == _PREFIX:
        return path.startswith(text)
    if kind == _SUFFIX:
        return path.endswith(text)
    if kind not in (_GLOB, _ADVANCED) or len(path) > _MOST or len(text) > _MOST:
        return False
    return (steps or Steps()).take(path, text) and _glob(path, text)


def _glob(path: str, text: str) -> bool:
    """In time bounded by the product of the lengths: no pattern of an app's may stop the system."""
    steps: list[tuple[str | None, bool]] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            character: str | None = text[at + 1]
            at += 2
        else:
            character = None if text[at] == "." else text[at]
            at += 1
        repeats = at < len(text) and text[at] == "*"
        at += repeats
        steps.append((character, repeats))
    states = _skip(1, steps)
    for found in path:
        after = 0
        for index, (character, repeats) in enumerate(steps):
            if states >> index & 1 and character in (None, found):
                after |= 1 << (index if repeats else index + 1)
        states = _skip(after, steps)
        if not states:
            return False
    return bool(states >> len(steps) & 1)


def _skip(states: int, steps: list[tuple[str | None, bool]]) -> int:
    """The states (a bit each) that are reached by leaving out what may be there no times."""
    for index, (_, repeats) in enumerate(steps):
        if repeats and states >> index & 1:
            states |= 1 << index + 1
    return states


def covers(observed: str, below: bool, changed: str) -> bool:
    """Whether an observer of a URI hears of a change: of the URI, of what is above it, of what is below it."""
    if observed == changed or observed.startswith(changed.rstrip("/") + "/"):
        return True
    return below and changed.startswith(observed.rstrip("/") + "/")


_COMPONENT = re.compile(r"[^/]+/[^/]+")


def split(component: str) -> tuple[str, str]:
    """Package and class of `package/class`; raises ValueError."""
    if not _COMPONENT.fullmatch(component):
        raise ValueError(component)
    package, _, name = component.partition("/")
    return package, package + name if name.startswith(".") else name
