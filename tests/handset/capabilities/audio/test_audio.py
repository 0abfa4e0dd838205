"""PipeWire's programs, played by scripts that print what the real ones do."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.core.errors import NotFound, Unavailable
from pileus.handset.capabilities.audio import programs as run_programs
from pileus.handset.capabilities.audio.audio import Audio
from tests.handset.capabilities.audio.test_routing import IN, MINE, OUT, link, modem, port, telephony
from tests.handset.worlds import run, started, world

SAYS = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
cat said || exit 1
exec cat more
"""
DOES = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo "$@" >> calls
[ ! -e broken ]
"""
LINKS = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo "$@" > linked
[ ! -e stuck ]
"""


def node(number: int, name: str, media: str, level: float = 1.0, *, mute: bool = False) -> dict[str, Any]:
    """As `pw-dump` 0.3.65 prints it, as far as it is read."""
    props = {
        "node.name": name,
        "node.description": name.capitalize(),
        "media.class": media,
        "device.form-factor": "handset" if name == "earpiece" else None,
    }
    heard = {"volume": 1.0, "mute": mute, "channelVolumes": [level, level]}
    info = {
        "change-mask": ["params"],
        "props": props,
        "params": {"EnumFormat": [], "Props": [heard, {"params": []}]},
    }
    return {"id": number, "type": "PipeWire:Interface:Node", "info": info}


def default(**names: str) -> dict[str, Any]:
    keys = [{"subject": 0, "key": f"default.audio.{key}", "value": {"name": name}} for key, name in names.items()]
    return {
        "id": 36,
        "type": "PipeWire:Interface:Metadata",
        "props": {"metadata.name": "default"},
        "metadata": keys,
    }


class Programs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("pw-dump", SAYS), ("wpctl", DOES), ("pw-link", LINKS)):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        os.mkfifo(folder / "more")
        os.mkfifo(folder / "linked")
        self.more = os.open(folder / "more", os.O_RDWR)
        self.at_first(
            {"id": 0, "type": "PipeWire:Interface:Core", "info": {"name": "pipewire-0"}},
            node(28, "speaker", "Audio/Sink", 0.064),
            node(29, "earpiece", "Audio/Sink"),
            node(30, "mic", "Audio/Source", mute=True),
            node(31, "film", "Stream/Output/Audio"),
            default(sink="speaker", source="mic"),
        )

    def at_first(self, *objects: Any) -> None:
        (self.folder / "said").write_text(json.dumps(objects, indent=2) + "\n")

    def then(self, *objects: Any) -> None:
        os.write(self.more, (json.dumps(objects, indent=2) + "\n").encode())

    async def linked(self) -> asyncio.StreamReader:
        """What `pw-link` is asked for, a line at a time, from now on."""
        asked = asyncio.StreamReader()
        pipe = open(self.folder / "linked", "r+b", buffering=0)  # noqa: ASYNC230, SIM115 - the reader closes it
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), pipe)
        return asked

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path)
    yield made
    os.close(made.more)


def where(programs: Programs) -> str:
    return f"{programs.folder}{os.pathsep}{os.environ['PATH']}"


def test_outputs_and_inputs_are_shown_as_they_change(programs: Programs, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            audio = Audio(here.surroundings(), where(programs))
            async with started(audio):
                await here.until(lambda: audio.state()["present"])
                speaker, earpiece = audio.state()["outputs"]
                told = {
                    "id": "speaker",
                    "name": "Speaker",
                    "active": True,
                    "volume": 40,
                    "muted": False,
                    "kind": "",
                }
                assert (speaker, earpiece["active"], earpiece["kind"]) == (told, False, "handset")
                assert [(one["id"], one["muted"]) for one in audio.state()["inputs"]] == [("mic", True)]
                programs.then(node(28, "speaker", "Audio/Sink", 0.125, mute=True))
                await here.until(lambda: audio.state()["outputs"][0]["volume"] == 50)
                assert audio.state()["outputs"][0]["muted"]
                programs.then(default(sink="earpiece"), {"id": 28, "info": None})
                await here.until(lambda: [one["active"] for one in audio.state()["outputs"]] == [True])
            assert audio.state() == {"present": False, "why": "no-service"}

    run(story)


def test_volume_mute_and_routes_are_set(programs: Programs, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            audio = Audio(here.surroundings(), where(programs))
            async with started(audio) as call:
                with pytest.raises(NotFound):
                    await call("mute", on=True)
                await here.until(lambda: audio.state()["present"])
                await call("volume", percent=55)
                await call("mute", on=True)
                await call("microphone", on=True)
                await call("output", id="earpiece")
                await call("input", id="mic")
                sets = ["set-volume 28 0.55", "set-mute 28 1", "set-mute 30 0", "set-default 29", "set-default 30"]
                assert programs.calls() == sets
                for name in ("mic", "none", "-h"):
                    with pytest.raises(NotFound) as unknown:
                        await call("output", id=name)
                    assert unknown.value.code == "audio-unknown"
                (programs.folder / "broken").touch()
                with pytest.raises(Unavailable) as failed:
                    await call("mute", on=False)
                assert failed.value.code == "audio-failed"

    run(story)


def test_pipewire_that_ends_or_prints_nonsense_is_looked_for_again(programs: Programs, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            audio = Audio(here.surroundings(), where(programs), soon=0.01)
            async with started(audio):
                await here.until(lambda: audio.state()["present"])
                programs.then("a", {"id": True}, 3, [])
                programs.at_first(node(40, "headset", "Audio/Sink"))
                for nonsense in (b"[\n{\n]\n", b"1" * 60_000):
                    os.write(programs.more, nonsense)
                    os.write(programs.more, nonsense)
                    await here.until(lambda: not audio.state()["present"])
                    await here.until(lambda: audio.state()["present"])
                    assert [one["id"] for one in audio.state()["outputs"]] == ["headset"]

    run(story)


def test_a_device_without_pipewire_says_so(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            audio = Audio(here.surroundings(), str(short))
            async with started(audio):
                assert audio.state() == {"present": False, "why": "no-service"}

    run(story)


def wires() -> list[dict[str, Any]]:
    """Of a microphone, a speaker and a modem, as `IN` and `OUT` join them."""
    nodes = [node(10, "speaker", "Audio/Sink"), node(20, "mic", "Audio/Source")]
    return [*nodes, port(11, 10, "input"), port(12, 10, "input"), port(21, 20, "output"), *modem(100, MINE)]


async def lines(asked: asyncio.StreamReader, count: int) -> list[str]:
    return sorted([(await asked.readline()).decode().strip() for _ in range(count)])


def words_of(option: str, *links: tuple[int, int]) -> list[str]:
    return sorted(f"{option} {output} {into}" for output, into in links)


def test_a_microphone_that_is_refused_to_go_is_asked_again(programs: Programs, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            audio, asked = Audio(here.surroundings(), where(programs), again=0.01), await programs.linked()
            programs.at_first(*wires(), *(link(900 + at, *one) for at, one in enumerate((IN, *OUT))))
            audio.accompany(telephony(("a", "active")))
            async with started(audio) as call:
                await here.until(lambda: audio.state()["present"])
                (programs.folder / "stuck").touch()
                await call("of-call", call="a", muted=True)
                assert await lines(asked, 3) == words_of("--disconnect", IN, IN, IN)

    run(story, 10)


def test_links_that_were_made_go_without_news_of_pipewire(programs: Programs, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            audio, asked = Audio(here.surroundings(), where(programs)), await programs.linked()
            programs.at_first(*wires())
            audio.accompany(telephony(("a", "active")))
            async with started(audio) as call:
                assert await lines(asked, 3) == words_of("--", IN, *OUT)
                (programs.folder / "said").unlink()
                os.write(programs.more, b"[\n{\n]\n")
                await here.until(lambda: not audio.state()["present"])
                with pytest.raises(NotFound) as unknown:
                    await call("of-call", call="a", muted=True)
                assert unknown.value.code == "audio-unknown"
                audio.accompany({"present": False})
                assert await lines(asked, 3) == words_of("--disconnect", IN, *OUT)

    run(story, 10)


def test_a_call_that_was_muted_is_so_for_a_daemon_that_begins_anew(programs: Programs, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            programs.at_first(*wires())
            for begun in range(3):
                audio = Audio(here.surroundings(), where(programs))
                audio.accompany({"present": False})  # as long as no modem is there
                async with started(audio) as call:
                    audio.accompany(telephony(("a", "active"), ("b", "held")))
                    await here.until(lambda one=audio: one.state()["present"])
                    assert audio.state()["call"]["muted"] is (begun == 1)
                    await call("of-call", call="a", muted=begun == 0)
            (short / "muted").write_bytes(b"\xff")
            assert Audio(here.surroundings(), where(programs)).state() == {"present": False, "why": "no-service"}

    run(story, 10)


def test_a_program_that_cannot_be_run_is_refused(short: Path) -> None:
    (short / "wpctl").write_text("#!/nowhere\n")
    (short / "wpctl").chmod(0o755)
    assert not asyncio.run(run_programs.run(str(short), "wpctl"))
