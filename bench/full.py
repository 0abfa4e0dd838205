"""A full account beside one of 1 GB: signing in, listing, searching, and its backups, in turns in one run.

`PILEUS_BENCH_FILL` names a folder that `make fill` filled (its clouds are served and written to); without it 2 GB
are written here, and an index of 100 GB without packs, each beside 1 GB of its own kind. All accounts have the
same 20,000 messages. A ratio is the full account's median to the small one's.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clouds
import corpus
import fill
import httpx
import newphone
from figure import Figure

from pileus.sdk.config import Config, write_config

TURNS, BACKUPS = 25, 7
MESSAGES = 20_000
SCALE = 0.1
"""Of the corpus that `pileus backup` takes: some 2,000 files with 110 MB."""
FIRST = 100
"""Records of the first page that a device asks for."""
KINDS = {"real": fill.fill_real, "synthetic": fill.fill_synthetic}


@dataclass(frozen=True)
class Side:
    """A served cloud with its account, a link to one of its folders, and a file by which commands sign in."""

    cloud: clouds.Cloud
    said: fill.Filled
    client: httpx.Client
    link: str
    config: Path

    def ask(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query).raise_for_status().json()


def measure() -> list[Figure]:
    given = os.environ.get("PILEUS_BENCH_FILL")
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as name:
        here = Path(name)
        full = Path(given).absolute() if given else here / "full"
        if not given:
            fill.fill_real(full / "real", fill.DAILY, _unheard)
            fill.fill_synthetic(full / "synthetic", fill.WHOLE, _unheard)
        kinds = [kind for kind in KINDS if (full / kind / "fill.json").exists()]
        if not kinds:
            raise RuntimeError(f"{full} was not filled to its end: make fill")
        found: list[Figure] = []
        for kind in kinds:
            small = here / kind
            KINDS[kind](small, fill.GB, _unheard)
            with _side(full / kind, here / "full.json") as one, _side(small, here / "small.json") as other:
                found += _compare((one, other), kind, here / f"source-{kind}")
        return found


def _unheard(_size: int) -> None:
    """A bench shows no bar."""


@contextlib.contextmanager
def _side(folder: Path, config: Path) -> Iterator[Side]:
    said = fill.filled(folder)
    with clouds.running(folder) as cloud:
        token = _session(cloud, said)
        with cloud.client(token) as client:
            _import_messages(client, folder / "sms.xml")
            while client.get("/files/search", params={"q": fill.WORD}).raise_for_status().json()["waiting"]:
                pass
            shared = client.post("/files/folder0/shares", json={}).raise_for_status().json()
            link = f"{cloud.url}/api/v1/{shared['url'].partition('/api/v1/')[2]}"
            yield Side(cloud, said, client, link, write_config(Config(cloud.url, token), config))


def _session(cloud: clouds.Cloud, said: fill.Filled) -> str:
    wish = {"name": said.name, "password": said.password, "device_name": "bench"}
    answer = httpx.post(f"{cloud.url}/api/v1/sign-in", json=wish, trust_env=False).raise_for_status()
    return str(answer.json()["token"])


def _import_messages(client: httpx.Client, file: Path) -> None:
    """The same ones each time: those that are there already are not kept again."""
    newphone.write_messages(file, MESSAGES, MESSAGES // 10)
    client.post("/messages/import", content=file.read_bytes()).raise_for_status()
    file.unlink()


def _compare(sides: tuple[Side, Side], kind: str, source: Path) -> list[Figure]:
    source.mkdir()
    corpus.write(source, scale=SCALE)
    size = f"{sides[0].said.bytes / fill.GB:.3g} GB {kind}"

    def compared(
        metric: str, do: Callable[[Side], object], turns: int = TURNS, before: Callable[[int], object] = _unheard
    ) -> Figure:
        many, few = _in_turns(sides, do, turns, before)
        return Figure(
            bench="full",
            metric=f"{metric}, {size}",
            value=many * 1000,
            unit="ms",
            peer="1 GB",
            peer_value=round(few * 1000, 2),
            ratio=many / few,
        )

    for side in sides:
        _back_up(side, source)
        _phone(side)
    one_folder = fill.word_of(0)
    return [
        compared("signing in", _sign_in),
        compared(f"the first {FIRST} records", lambda side: side.ask("/journal/snapshot", limit=FIRST)),
        compared("listing a folder", _list),
        compared("what is used", lambda side: side.ask("/files/usage")),
        compared("search, one folder's files", lambda side: _search(side, one_folder, fill.CLIPS)),
        compared("search, the newest 100", lambda side: _search(side, fill.WORD, 100)),
        compared("pileus backup, unchanged", lambda side: _back_up(side, source), BACKUPS),
        compared(
            "pileus backup, second",
            lambda side: _back_up(side, source),
            BACKUPS,
            lambda turn: corpus.edit(source, seed=turn, scale=SCALE),
        ),
        compared("the phone's own backup, again", _phone, BACKUPS),
    ]


def _in_turns(
    sides: Sequence[Side], do: Callable[[Side], object], turns: int, before: Callable[[int], object]
) -> list[float]:
    """Medians in seconds, a side each; they take turns, so that what else the machine does meets all."""
    seconds: list[list[float]] = [[] for _ in sides]
    for turn in range(turns):
        before(turn + 1)
        for side, times in zip(sides, seconds, strict=True):
            began = time.perf_counter()
            do(side)
            times.append(time.perf_counter() - began)
    return [statistics.median(times) for times in seconds]


def _sign_in(side: Side) -> None:
    """And out again: an account has a bounded number of devices."""
    with side.cloud.client(_session(side.cloud, side.said)) as client:
        client.post("/sign-out").raise_for_status()


def _list(side: Side) -> None:
    page = httpx.get(side.link, trust_env=False, follow_redirects=True).raise_for_status().text
    if page.count(fill.word_of(0)) < fill.CLIPS:
        raise RuntimeError("a folder's page does not list its files")


def _search(side: Side, words: str, least: int) -> None:
    found = side.ask("/files/search", q=words)["files"]
    if len(found) < least:
        raise RuntimeError(f"{words} was found {len(found)} times, not {least}")


def _back_up(side: Side, source: Path) -> None:
    command = [str(Path(sys.executable).with_name("pileus")), "backup", "--quiet", str(source)]
    subprocess.run(command, env={**os.environ, "PILEUS_CLIENT_CONFIG": str(side.config)}, check=True)


def _phone(side: Side) -> None:
    before = side.ask("/backups/phone")["state"].get("last_ms", 0)
    side.client.post("/backups/phone").raise_for_status()
    while (state := side.ask("/backups/phone")["state"]).get("last_ms", 0) == before:
        if state.get("failed_code"):
            raise RuntimeError(f"the phone was not backed up: {state['failed_code']}")
        time.sleep(0.01)
