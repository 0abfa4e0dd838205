"""Which walls stand, and the refusal where one is taken away."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
import typer

from pileus.cli.android import doctor
from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android import landlock, users, walls
from pileus.surfaces.engines.android.bounds import MB, Bounds, CpuBudget, Usage, limits, passed
from pileus.surfaces.engines.android.walls import Walls, lacking

WHOLE = Walls((), "namespace", "", True, 7)


def test_this_machine_has_what_is_needed() -> None:
    found = walls.probe()
    assert lacking(found) is None
    assert walls.needed() == found
    assert found.user == ("own" if users.own() else "namespace")


@pytest.mark.parametrize(
    ("found", "code", "english", "chinese"),
    [
        (replace(WHOLE, missing=("bwrap", "unshare")), "no-bubblewrap", "bwrap is not", "bubblewrap"),
        (replace(WHOLE, missing=("unshare",)), "no-unshare", "unshare is not installed", "unshare"),
        (replace(WHOLE, user="", why="Not permitted"), "no-user", "here (Not permitted)", "命名空间"),
        (replace(WHOLE, seccomp=False), "no-filter", "seccomp", "过滤系统调用"),
    ],
)
def test_each_missing_wall_is_named(
    *,
    found: Walls,
    code: str,
    english: str,
    chinese: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(walls, "probe", lambda: found)
    with pytest.raises(Unavailable) as caught:
        walls.needed()
    assert caught.value.code == f"sandbox-{code}"
    assert english in caught.value.detail
    for language, words in (("en", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", language)
        with pytest.raises(typer.Exit):
            doctor()
        assert words in capsys.readouterr().out.splitlines()[-1]


def test_doctor_says_why_there_is_no_user(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(walls, "probe", lambda: replace(WHOLE, user="", why="Not permitted"))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(typer.Exit):
        doctor()
    assert capsys.readouterr().out.startswith("独立用户：无 (Not permitted)\n")


def test_landlock_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "probe", lambda: replace(WHOLE, landlock=0))
    assert walls.needed().landlock == 0


def test_a_root_of_one_user_only_is_no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert users.covers("         0          0 4294967295\n")
    assert users.covers("0 100000 65536\n")
    assert not users.covers("         0       1000          1\n")
    assert not users.covers("0 1000 1\n1 100000 1000\n")
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert not users.own()
    assert users.lend() is None


@pytest.mark.parametrize("version", range(1, 8))
def test_no_rule_asks_for_what_a_version_of_landlock_does_not_know(version: int) -> None:
    known = landlock.handled(version)
    wanted = [("/a", landlock.READ), ("/b", landlock.WRITE), ("/c", landlock.DEVICES), ("/d", landlock.LOOK)]
    assert all(rights & ~known == 0 and rights for _, rights in landlock.rules(version, wanted))
    assert landlock.handled(1) == 0x1FFF
    assert landlock.handled(7) == 0xFFFF


def test_a_bound_is_named_when_it_is_passed() -> None:
    bounds = Bounds(memory=100 * MB, tasks=50, processes=4)
    calm = Usage(100 * MB, 40, 4, 0.0)
    assert passed(bounds, calm) is None
    assert passed(bounds, replace(calm, memory=100 * MB + 1)) == "app-memory"
    assert passed(bounds, replace(calm, tasks=46)) == "app-processes"
    assert passed(bounds, replace(calm, processes=5)) == "app-processes"
    assert all(value >= 0 for _, value in limits(bounds))


def test_a_processor_budget_runs_out_and_fills_again() -> None:
    budget = CpuBudget(Bounds(cores=1.0, burst=10.0), 0.0)
    assert budget.spend(5.0, 5.0) == 1.0
    assert budget.spend(10.0, 15.0) == 0.5
    assert budget.spend(20.0, 15.0) == 1.0
    assert budget.spend(25.0, 35.0) == 0.0
    # What a process did is lost from the sum when it ends: the sum may fall and then says nothing.
    later = CpuBudget(Bounds(cores=0.0, burst=10.0), 0.0, used=3.0)
    assert later.spend(1.0, 8.0) == 0.5
    assert later.spend(2.0, 1.0) == 0.5
