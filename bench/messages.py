"""Import, copies and search of messages, with a corpus of one seed in English and Chinese.

The import goes over HTTP on loopback and is durable when it is counted; the index of words follows and is timed
by itself. The peer of the import is mutations of 500 messages. The search runs in the database of this process, as
the route does it, records read; each query once cold, then warm, the figures are of all of them.
`PILEUS_BENCH_MESSAGES` sets how many messages there are (1,000,000).
"""

from __future__ import annotations

import os
import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import clouds
import httpx
from figure import Figure

from pileus.cloud.app import build
from pileus.cloud.services.messages import store
from pileus.core.words import search_expression

COUNT = int(os.environ.get("PILEUS_BENCH_MESSAGES", "1000000"))
PUT = 10_000
PEOPLE = 400
SEED = 20240607
START_MS = 1_300_000_000_000

ENGLISH = """
    the be to of and a in that have it for not on with he as you do at this but his by from they we say her she
    or will my one all would there their what so up out if about who get which go me when make can like time no
    just him know take people into year your good some could them see other than then now look only come its over
    think also back after use two how our work first well way even new want because any these give day most us tea
    train meeting tomorrow dinner park photo birthday school doctor flight ticket garden market parcel invoice code
"""
CHINESE = """
    的 一 是 不 了 在 人 有 我 他 这 个 们 中 来 上 大 为 和 国 地 到 以 说 时 要 就 出 会 可 也 你 对 生 能 而
    子 那 得 于 着 下 自 之 年 好 明天 今天 晚上 西湖 喝茶 见面 火车 地铁 机场 医院 学校 快递 验证码 生日 照片
    公司 会议 老师 孩子 妈妈 爸爸 朋友 上海 北京 杭州 吃饭 电影 天气 下雨 谢谢 没事 知道 马上 一起 回家 路上
    时间 地方 东西 问题 工作
"""
QUERIES = (
    *("西湖", "好", "西湖边", "明天 见面", "验证码", "的", "喝茶 tea", "photo 照片", '"tea train"', "不了"),
    *('"明天西湖"', "te", "meet", "th", "birthday dinner", "a", "ticket flight", "龙井", "zebra", "invoice 9"),
    "tomorrow 西湖 tea",
)


def measure() -> list[Figure]:
    """Starts a cloud of its own; raises where it does not come up."""
    with tempfile.TemporaryDirectory(prefix="pileus-bench-", dir=os.environ.get("PILEUS_BENCH_DIR")) as folder:
        place = Path(folder)
        file = place / "sms.xml"
        _write_corpus(file, COUNT)
        with clouds.running(place) as cloud, cloud.client(cloud.account()["token"]) as client:
            first, used = _import(client, cloud, file)
            indexed = _indexed(client)
            again, _ = _import(client, cloud, file)
            put = _put(client)
            account = client.get("/account").json()["id"]
            settings = cloud.settings
        times, used_times, found = _search(settings, account)
    rate = COUNT / first
    return [
        _figure(f"messages imported, XML of {COUNT}", rate, "1/s", ("mutations of 500", put, rate / put)),
        _figure("processor time of the cloud, each", used / COUNT * 1e6, "µs"),
        _figure("indexed after it", COUNT / indexed, "1/s"),
        _figure("the same file again", COUNT / again, "1/s"),
        _figure(f"search, {len(times)} queries, {found} hits, p50", _share(times, 0.5), "ms"),
        _figure("search, p95", _share(times, 0.95), "ms"),
        _figure("search, slowest", max(times), "ms"),
        _figure("search, processor time, p50", _share(used_times, 0.5), "ms"),
        _figure("search, processor time, p95", _share(used_times, 0.95), "ms"),
        _figure("search, processor time, slowest", max(used_times), "ms"),
    ]


def corpus(count: int) -> Iterator[tuple[str, int, str, str]]:
    """(address, date_ms, type, body) by rising time; the same for the same count."""
    dice = random.Random(SEED)
    english, chinese_words = ENGLISH.split(), CHINESE.split()
    people = [f"+86138{number:08d}" for number in dice.sample(range(10**8), PEOPLE)]
    for number in range(count):
        chinese = dice.random() < 0.5
        words = dice.choices(chinese_words if chinese else english, k=dice.randint(3, 14))
        if dice.random() < 0.1:
            words.append(dice.choice(english))
        body = ("" if chinese else " ").join(words) + (f" {number}" if number % 50 == 0 else "")
        yield dice.choice(people), START_MS + number * 300_123, dice.choice("12"), body


def _write_corpus(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(f"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<smses count=\"{count}\">\n")
        for address, date, kind, body in corpus(count):
            out.write(
                f'  <sms protocol="0" address="{address}" date="{date}" type="{kind}" subject="null"'
                f' body={quoteattr(body)} toa="null" sc_toa="null" service_center="null" read="1" status="-1"'
                f' locked="0" date_sent="0" sub_id="1" readable_date="a date" contact_name="(Unknown)" />\n'
            )
        out.write("</smses>\n")


def _import(client: httpx.Client, cloud: clouds.Cloud, file: Path) -> tuple[float, float]:
    """Seconds on the clock, and of the cloud's processes on a processor."""
    before, began = _processor(cloud), time.perf_counter()
    with file.open("rb") as data:
        answer = client.post("/messages/import", content=iter(lambda: data.read(1 << 18), b""))
    report = answer.raise_for_status().json()
    spent = time.perf_counter() - began
    if report["imported"] + report["repeated"] != COUNT or report["skipped_count"]:
        raise RuntimeError(f"the import lost messages: {report}")
    return spent, _processor(cloud) - before


def _indexed(client: httpx.Client) -> float:
    """Seconds until the words of all are found."""
    began = time.perf_counter()
    while client.get("/messages/search", params={"q": "x", "limit": 1}).raise_for_status().json()["waiting"]:
        time.sleep(0.2)
    return time.perf_counter() - began


def _processor(cloud: clouds.Cloud) -> float:
    ticks = 0
    for pid in cloud.pids():
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _put(client: httpx.Client) -> float:
    """Messages a second by mutations."""
    began = time.perf_counter()
    messages = list(corpus(PUT))
    for start in range(0, PUT, 500):
        mutations = [_mutation(*one) for one in messages[start : start + 500]]
        client.post("/journal/mutations", json={"mutations": mutations}).raise_for_status()
    return PUT / (time.perf_counter() - began)


def _mutation(address: str, date: int, kind: str, body: str) -> dict[str, Any]:
    fields = {"address": address, "thread": address, "date_ms": date, "body": body, "state": "sent", "read": True}
    wish = {"id": str(uuid.uuid4()), "base": 0, "collection": "messages.message", "record": str(uuid.uuid4())}
    return {**wish, "op": "put", "fields": {**fields, "direction": "in" if kind == "1" else "out"}}


def _search(settings: Any, account: str) -> tuple[list[float], list[float], int]:
    """Milliseconds of each query, by the clock and on a processor, and how much was found."""
    cloud = build(settings)
    threads = [address for address, _, _, _ in corpus(20)]
    times: list[float] = []
    used: list[float] = []
    found = 0
    try:
        for _ in range(5):
            for number, query in enumerate(QUERIES):
                scopes: list[dict[str, Any]] = [{}, {"thread": threads[number % len(threads)]}]
                scopes.append({"before_ms": START_MS + COUNT * 150_000, "since_ms": START_MS + COUNT * 100_000})
                for scope in scopes:
                    began, spent = time.perf_counter(), time.thread_time()
                    found += cloud.db.read(partial(_one, cloud, account=account, query=query, scope=scope))
                    times.append((time.perf_counter() - began) * 1000)
                    used.append((time.thread_time() - spent) * 1000)
    finally:
        cloud.close()
    return times, used, found


def _one(cloud: Any, conn: Any, *, account: str, query: str, scope: dict[str, Any]) -> int:
    ids = store.search(conn, account, search_expression(query), 51, **scope)
    return len(cloud.journal.named(conn, account, store.COLLECTION, ids[:50]))


def _share(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def _figure(metric: str, value: float, unit: str, peer: tuple[str, float, float] | None = None) -> Figure:
    name, peer_value, ratio = peer or (None, None, None)
    return Figure(
        bench="messages", metric=metric, value=value, unit=unit, peer=name, peer_value=peer_value, ratio=ratio
    )
