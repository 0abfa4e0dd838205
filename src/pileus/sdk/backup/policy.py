"""Which snapshots are kept, as restic's `forget` decides. Pure.

From the newest on, a rule keeps the first snapshot of each hour, day, week (ISO 8601), month or year until it has
kept as many as it says; the oldest of all is kept where a rule has not. Snapshots are looked at by groups.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pileus.sdk.backup.wire import Snapshot

UNLIMITED = -1
PERIOD = re.compile(r"(?:(\d+)y)?(?:(\d+)m)?(?:(\d+)d)?(?:(\d+)h)?")


@dataclass(frozen=True)
class Period:
    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0

    def before(self, time: datetime) -> datetime:
        """By the calendar: a day that a month lacks is counted on into the next one."""
        months = time.year * 12 + time.month - 1 - self.years * 12 - self.months
        if months < 12:
            return datetime.min
        first = time.replace(year=months // 12, month=months % 12 + 1, day=1)
        days, hours = timedelta(days=time.day - 1 - self.days), timedelta(hours=self.hours)
        try:
            return first + days - hours
        except OverflowError:
            return datetime.min


def _number(time: datetime, number: int) -> object:
    return number


BUCKETS: Mapping[str, Callable[[datetime, int], object]] = {
    "last": _number,
    "hourly": lambda time, _: (time.date(), time.hour),
    "daily": lambda time, _: time.date(),
    "weekly": lambda time, _: time.isocalendar()[:2],
    "monthly": lambda time, _: (time.year, time.month),
    "yearly": lambda time, _: time.year,
}
"""What snapshots have in common of which a rule keeps one."""


@dataclass(frozen=True)
class Policy:
    """How many by each name of BUCKETS (UNLIMITED: all), by the time before the newest, and by tags."""

    counts: Mapping[str, int] = field(default_factory=dict)
    within: Period | None = None
    within_of: Mapping[str, Period] = field(default_factory=dict)
    tags: Sequence[frozenset[str]] = ()

    def __bool__(self) -> bool:
        return any(self.counts.values()) or self.within is not None or bool(self.within_of) or bool(self.tags)


@dataclass(frozen=True)
class Choice:
    """One group's snapshots, the newest first; `reasons` by the ids of those that are kept."""

    group: tuple[str, ...]
    kept: list[Snapshot]
    gone: list[Snapshot]
    reasons: Mapping[str, list[str]]


def parse_period(text: str) -> Period | None:
    """As 2y5m7d3h; None where it is none."""
    found = PERIOD.fullmatch(text)
    return Period(*(int(part or 0) for part in found.groups())) if found and text else None


def groups(found: Iterable[Snapshot], by: Sequence[str]) -> dict[tuple[str, ...], list[Snapshot]]:
    """`by`: host, paths, tags."""
    made: dict[tuple[str, ...], list[Snapshot]] = {}
    for one in found:
        told = {"host": one.host, "paths": "\n".join(sorted(one.paths)), "tags": ",".join(sorted(one.tags))}
        made.setdefault(tuple(told[name] for name in by), []).append(one)
    return made


def choose(found: Iterable[Snapshot], policy: Policy, by: Sequence[str] = ("host", "paths")) -> list[Choice]:
    """What is kept of each group."""
    return [_choose(group, snapshots, policy) for group, snapshots in sorted(groups(found, by).items())]


def _choose(group: tuple[str, ...], found: list[Snapshot], policy: Policy) -> Choice:
    ordered = sorted(found, key=lambda one: one.time_ms, reverse=True)
    reasons: dict[str, list[str]] = {}
    left = dict(policy.counts)
    last: dict[str, object] = {}
    newest = _time(ordered[0])
    for number, one in enumerate(ordered):
        time, why = _time(one), reasons.setdefault(one.id, [])
        if any(tags <= set(one.tags) for tags in policy.tags):
            why.append("tag")
        if policy.within is not None and time > policy.within.before(newest):
            why.append("within")
        for name, period in policy.within_of.items():
            value = BUCKETS[name](time, number)
            if time > period.before(newest) and last.get(f"within {name}") != value:
                last[f"within {name}"] = value
                why.append(f"within {name}")
        for name in BUCKETS:
            value = BUCKETS[name](time, number)
            if left.get(name, 0) != 0 and (last.get(name) != value or number == len(ordered) - 1):
                last[name] = value
                left[name] -= left[name] > 0
                why.append(name)
    kept = [one for one in ordered if reasons[one.id]]
    gone = [one for one in ordered if not reasons[one.id]]
    return Choice(group, kept, gone, {one.id: reasons[one.id] for one in kept})


def _time(one: Snapshot) -> datetime:
    return datetime.fromtimestamp(one.time_ms / 1000)
