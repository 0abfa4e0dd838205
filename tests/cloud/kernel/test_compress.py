"""Answers in gzip: for whom they are, and that they say the same."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import pytest

from pileus.cloud.kernel.http.compress import LEAST, takes_gzip


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        *(
            ("gzip", True),
            ("gzip, deflate, br", True),
            ("br;q=1, GZIP;q=0.5", True),
            ("*", True),
            ("x-gzip", True),
        ),
        *(("", False), ("br", False), ("gzip;q=0", False), ("*;q=0", False), ("*, gzip;q=0", False)),
        *(("identity", False), ("gzip;q=strange", False), ("gzipped", False)),
    ],
)
def test_who_takes_it(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


def test_large_answers_are_small_on_the_way(server: Any) -> None:
    session = server.account("anna")
    with server.client(session["token"]) as client:
        fields = {"v": "the same words again and again " * 1000}
        wish = {"id": "m", "base": 0, "collection": "shell.setting", "record": "r", "op": "put", "fields": fields}
        assert client.post("/journal/mutations", json={"mutations": [wish]}).status_code == 200
        plain = _raw(client, "/journal/snapshot", "identity")
        small = _raw(client, "/journal/snapshot", "gzip")
        assert "content-encoding" not in plain[0].headers
        assert small[0].headers["content-encoding"] == "gzip"
        assert int(small[0].headers["content-length"]) == len(small[1]) < len(plain[1]) / 5
        assert json.loads(gzip.decompress(small[1])) == json.loads(plain[1])
        assert {one.headers["vary"] for one, _ in (plain, small)} == {"Accept-Encoding"}
        assert small[0].headers["cache-control"] == "no-store"
        little, body = _raw(client, "/account", "gzip")
        assert len(body) < LEAST
        assert "content-encoding" not in little.headers


def _raw(client: httpx.Client, path: str, accepted: str) -> tuple[httpx.Response, bytes]:
    """An answer and its body as it came."""
    with client.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
        return answer, b"".join(answer.iter_raw())
