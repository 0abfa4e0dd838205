"""`pileus forget`: snapshots by name, or all but what a policy keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from pileus.cli.backups import TEXTS, among, complain, linked, picked, print_json, time_text
from pileus.cli.passwords import PasswordFile, asked
from pileus.cli.snapshots import as_json
from pileus.core.errors import Invalid
from pileus.sdk.backup.policy import Choice, Period, Policy, choose, parse_period
from pileus.sdk.backup.wire import Forgotten, Snapshot

Count = Annotated[int, typer.Option(help="-1: all.")]


class Mine(msgspec.Struct):
    """Whose password is asked for."""

    name: str


def command(
    snapshots: Annotated[list[str] | None, typer.Argument(help="Ids, or `latest`; none: by policy.")] = None,
    keep_last: Annotated[
        int, typer.Option("--keep-last", "-l", help="The last n; -1 is all, here and below.")
    ] = 0,
    keep_hourly: Annotated[int, typer.Option("--keep-hourly", "-H", help="Of the last n hours.")] = 0,
    keep_daily: Annotated[int, typer.Option("--keep-daily", "-d", help="Of the last n days.")] = 0,
    keep_weekly: Annotated[int, typer.Option("--keep-weekly", "-w", help="Of the last n weeks.")] = 0,
    keep_monthly: Annotated[int, typer.Option("--keep-monthly", "-m", help="Of the last n months.")] = 0,
    keep_yearly: Annotated[int, typer.Option("--keep-yearly", "-y", help="Of the last n years.")] = 0,
    keep_within: Annotated[str | None, typer.Option(help="All within 1y5m7d2h of the newest.")] = None,
    keep_within_hourly: Annotated[str | None, typer.Option(help="Hourly ones within that time.")] = None,
    keep_within_daily: Annotated[str | None, typer.Option(help="Daily ones within that time.")] = None,
    keep_within_weekly: Annotated[str | None, typer.Option(help="Weekly ones within that time.")] = None,
    keep_within_monthly: Annotated[str | None, typer.Option(help="Monthly ones within that time.")] = None,
    keep_within_yearly: Annotated[str | None, typer.Option(help="Yearly ones within that time.")] = None,
    keep_tag: Annotated[list[str] | None, typer.Option(help="All with these tags: a,b is both.")] = None,
    host: Annotated[str | None, typer.Option(help="Look at those of this host only.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Look at those with these tags only.")] = None,
    path: Annotated[list[str] | None, typer.Option(help="Look at those of this path only.")] = None,
    group_by: Annotated[str, typer.Option("--group-by", "-g", help="Of host, paths, tags.")] = "host,paths",
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Forget nothing, only tell.")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
    password_file: PasswordFile = None,
) -> None:
    """Forget snapshots; their room in the account is free at once. The account's password is asked for."""
    counts = {
        "last": keep_last,
        "hourly": keep_hourly,
        "daily": keep_daily,
        "weekly": keep_weekly,
        "monthly": keep_monthly,
        "yearly": keep_yearly,
    }
    within = {
        "hourly": keep_within_hourly,
        "daily": keep_within_daily,
        "weekly": keep_within_weekly,
        "monthly": keep_within_monthly,
        "yearly": keep_within_yearly,
    }
    policy = Policy(
        counts,
        _period(keep_within) if keep_within is not None else None,
        {name: _period(text) for name, text in within.items() if text is not None},
        [frozenset(one.split(",")) for one in keep_tag or ()],
    )
    with linked() as link:
        found = link.get("/backups/snapshots", list[Snapshot])
        if snapshots:
            gone = [picked(found, one, host, tag or (), path or ()) for one in snapshots]
        else:
            choices = _choices(_asked_for(found, host, tag or (), path or ()), policy, group_by)
            if json:
                print_json([_told(one) for one in choices])
            else:
                _tell(choices)
            gone = [one for choice in choices for one in choice.gone]
        if gone and not dry_run:
            present = asked(link.get("/account", Mine).name, password_file)
            link.post("/backups/forget", {"ids": [one.id for one in gone], "present": present}, Forgotten)
    if not json:
        print(TEXTS.text("would_forget" if dry_run else "forgotten", count=len(gone)))
        if gone and not dry_run:
            print(TEXTS.text("room"))


def _asked_for(
    found: list[Snapshot], host: str | None, tags: Sequence[str], paths: Sequence[str]
) -> list[Snapshot]:
    """What a policy is for: the phone's own backups keep to their own rules, unless host or tag are named."""
    asked = among(found, host, tags, paths)
    if host is not None or tags:
        return asked
    folders = [one for one in asked if not one.of_phone]
    if len(folders) < len(asked):
        complain(TEXTS.text("phone_left", count=len(asked) - len(folders)))
    return folders


def _choices(found: list[Snapshot], policy: Policy, group_by: str) -> list[Choice]:
    if not policy:
        raise Invalid("no-policy", TEXTS.text("no_policy"))
    names = [name for name in group_by.split(",") if name]
    unknown = set(names) - {"host", "paths", "tags"}
    if unknown:
        raise Invalid("bad-group", TEXTS.text("bad_group", name=sorted(unknown)[0]))
    choices = choose(found, policy, names)
    for choice in choices:
        if not choice.kept:
            first = choice.gone[0]
            raise Invalid("nothing-kept", TEXTS.text("nothing_kept", host=first.host, paths=" ".join(first.paths)))
    return choices


def _period(text: str) -> Period:
    found = parse_period(text)
    if found is None:
        raise Invalid("bad-period", TEXTS.text("bad_period", period=text))
    return found


def _tell(choices: list[Choice]) -> None:
    for choice in choices:
        one = (choice.kept + choice.gone)[0]
        counts = {"count": len(choice.kept), "gone": len(choice.gone)}
        print(TEXTS.text("keep", None, **counts, host=one.host, paths=" ".join(one.paths)))
        for one in choice.kept:
            reasons = ", ".join(choice.reasons[one.id])
            print("  " + TEXTS.text("kept_because", id=one.id[:8], time=time_text(one.time_ms), reasons=reasons))
        for one in choice.gone:
            print("  " + TEXTS.text("gone", id=one.id[:8], time=time_text(one.time_ms)))


def _told(choice: Choice) -> dict[str, object]:
    """The members that restic's list has."""
    first = (choice.kept + choice.gone)[0]
    return {
        "host": first.host,
        "paths": first.paths,
        "tags": first.tags,
        "keep": [as_json(one) for one in choice.kept],
        "remove": [as_json(one) for one in choice.gone],
        "reasons": [{"snapshot": as_json(one), "matches": choice.reasons[one.id]} for one in choice.kept],
    }
