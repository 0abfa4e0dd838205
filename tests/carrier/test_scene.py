"""Scenes are read, refused by name, and played."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.carrier import control, scene
from pileus.carrier.events import Event, Happening
from pileus.carrier.handset import Handset
from pileus.carrier.network import Carrier
from pileus.carrier.scene import SceneError, Step, read, step_of
from pileus.carrier.stage import Player

ANN, BEN, OTHER = "+447700900001", "+447700900002", "+447700900100"


def test_names_stand_for_numbers_and_defaults_are_filled_in() -> None:
    steps = read(
        f"""
        [numbers]
        ann = "{ANN}"
        [[step]]
        do = "sms"
        from = "Pileus"
        to = "ann"
        text = "你好"
        [[step]]
        do = "wait-for"
        what = "sms-delivered"
        who = "ann"
        """
    )
    assert [(step.at, step.do) for step in steps] == [(1, "sms"), (2, "wait-for")]
    assert steps[0].fields == {"from": "Pileus", "to": ANN, "text": "你好"}
    assert steps[1].fields == {"what": "sms-delivered", "who": ANN, "within": scene.WAIT_FOR}
    assert [step_of(step.as_json(), step.at) for step in steps] == steps


@pytest.mark.parametrize(
    ("text", "code", "step", "field"),
    [
        ("[[step", "scene-toml", 0, None),
        ("steps = []", "scene-field", 0, "steps"),
        ("step = 1", "scene-value", 0, "step"),
        ("numbers = 1", "scene-value", 0, "numbers"),
        ('[numbers]\nann = "Ann"', "scene-value", 0, "ann"),
        ("step = [1]", "scene-value", 1, "step"),
        ('[[step]]\ndo = "fly"', "scene-step", 1, "fly"),
        ('[[step]]\ndo = "answer"', "scene-missing", 1, "number"),
        ('[[step]]\ndo = "answer"\nnumber = 1', "scene-value", 1, "number"),
        ('[[step]]\ndo = "answer"\nnumber = "1"\nat = 1', "scene-field", 1, "at"),
        ('[[step]]\ndo = "wait"\nseconds = true', "scene-value", 1, "seconds"),
        ('[[step]]\ndo = "wait"\nseconds = -1', "scene-value", 1, "seconds"),
        ('[[step]]\ndo = "wait"\nseconds = nan', "scene-value", 1, "seconds"),
        ('[[step]]\ndo = "signal"\nnumber = "1"\nstrength = 99', "scene-value", 1, "strength"),
        ('[[step]]\ndo = "pdu"\nto = "1"\noctets = "0"', "scene-value", 1, "octets"),
        ('[[step]]\ndo = "sms"\nfrom = "银行"\nto = "1"\ntext = ""', "scene-value", 1, "from"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str, step: int, field: str | None) -> None:
    with pytest.raises(SceneError) as wrong:
        read(text)
    assert (wrong.value.code, wrong.value.extra["step"]) == (code, step)
    assert field is None or wrong.value.extra["field"] == field
    assert wrong.value.detail


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=4))
def test_any_value_is_a_step_or_refused(value: object) -> None:
    for do, fields in scene.STEPS.items():
        try:
            step_of({"do": do, **dict.fromkeys(fields, value)})
        except SceneError as wrong:
            assert wrong.detail  # noqa: PT017 - either may happen


class Playing:
    """A carrier with Ann and Ben, and one who plays."""

    def __init__(self) -> None:
        self.carrier = Carrier()
        self.carrier.reach_after = 0
        self.ann, self.ben = self.carrier.handset(ANN), self.carrier.handset(BEN)
        self.events: list[Event] = []
        self.player = Player(self.carrier, self.events.append)

    async def do(self, do: str, **fields: object) -> None:
        await self.player.play(step_of({"do": do, **{name.rstrip("_"): value for name, value in fields.items()}}))

    async def until(self, what: Happening, who: str = "") -> None:
        await self.do("wait-for", what=what.value, within=10, **({"who": who} if who else {}))


def run(story: Callable[[Playing], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(20):
            await story(Playing())

    asyncio.run(whole())


def texts(phone: Handset) -> int:
    return len(phone.card.messages)


def test_messages_wait_for_a_signal_and_for_room() -> None:
    async def story(play: Playing) -> None:
        await play.do("signal", number=ANN)
        await play.do("sms", from_="95588", to=ANN, text="等")
        assert texts(play.ann) == 0
        await play.do("signal", number=ANN, strength=9)
        await play.until(Happening.DELIVERED, ANN)
        await play.do("fill-sim", number=BEN)
        await play.do("pdu", to=BEN, octets="00")
        assert play.carrier.messages.waiting(BEN) == 1
        await play.do("empty-sim", number=BEN)
        assert play.carrier.messages.waiting(BEN) == 0
        await play.do("roam", number=ANN)
        assert play.ann.modem.registration.name == "ROAMING"
        await play.do("switch", number=ANN, on=False)
        await play.do("report", never=True)
        assert play.carrier.messages.report_after is None

    run(story)


def test_a_call_is_answered_and_ended_by_the_scene() -> None:
    async def story(play: Playing) -> None:
        await play.do("call", from_=ANN, to=BEN)
        await play.until(Happening.RINGS, BEN)
        await play.do("answer", number=BEN)
        await play.do("tones", number=ANN, digits="12#")
        assert play.ben.modem.heard == ["1", "2", "#"]
        await play.do("hangup", number=BEN)
        await play.until(Happening.ENDED)
        await play.do("script", number=OTHER, manner="silent")
        await play.do("call", from_=OTHER, to=ANN)
        await play.until(Happening.RINGS)
        await play.do("hangup", number=OTHER)
        await play.until(Happening.ENDED)

    run(story)


def test_what_cannot_be_done_is_said() -> None:
    async def story(play: Playing) -> None:
        for code, do, fields in (
            ("scene-number", "fill-sim", {"number": "+447700900999"}),
            ("scene-number", "hangup", {"number": "+447700900999"}),
            ("scene-no-call", "answer", {"number": ANN}),
            ("scene-waited", "wait-for", {"what": "ussd", "within": 0.01}),
        ):
            with pytest.raises(SceneError) as wrong:
                await play.do(do, **fields)
            assert wrong.value.code == code
        play.ann.signal(None)
        with pytest.raises(SceneError, match="scene-refused"):
            await play.do("call", from_=ANN, to=BEN)

    run(story)


def test_over_the_control_socket(tmp_path: Path) -> None:
    async def story(play: Playing) -> None:
        steps = read(
            f'[[step]]\ndo = "sms"\nfrom = "Pileus"\nto = "{ANN}"\ntext = "你好"\n'
            f'[[step]]\ndo = "wait-for"\nwhat = "sms-delivered"\n'
            f'[[step]]\ndo = "answer"\nnumber = "{BEN}"\n'
        )
        events: list[Event] = []
        begun: list[Step] = []
        async with control.control(play.carrier, tmp_path) as path:
            with pytest.raises(FileExistsError):
                async with control.control(play.carrier, tmp_path):
                    pass
            with pytest.raises(SceneError) as wrong:
                await control.play(path, steps, events.append, begun.append)
            assert begun == steps
            assert (wrong.value.code, wrong.value.extra) == ("scene-no-call", {"step": 3, "field": BEN})
            assert [event.kind for event in events] == [Happening.DELIVERED]
            reader, writer = await asyncio.open_unix_connection(str(path))
            for line in (b"\xff", b"[]", b'{"do": 1}', b"[" * 9000, b'{"at": true}'):
                writer.write(line + b"\n")
                assert b'"error"' in await reader.readline()
            writer.write(b"x" * 100_000)
            assert await reader.read() == b""
            writer.close()
        assert not path.exists()

    run(story)
