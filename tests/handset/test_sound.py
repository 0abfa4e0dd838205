"""The sound of calls: two phones of `pileus sim` on one PipeWire, a tone at the one's microphone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.handset.shell import Refused, Shell, shell
from tests.handset.sound import Sound, pipewire
from tests.handset.test_two_phones import calls, simulated, until_call, until_ready

pytestmark = pytest.mark.modem_manager
ANN_HZ, BO_HZ = 800, 1300
ECHO = "+447700900100"


def spoken(one: Shell) -> dict[str, Any]:
    return one.states.get("audio", {}).get("call") or {}


async def until_spoken(one: Shell, **values: Any) -> None:
    """Until the call that is spoken in is like that; nothing for none."""
    await one.until(
        lambda: bool(spoken(one)) == bool(values) and values.items() <= spoken(one).items(),
        f"a call with {values}",
    )


async def own_ends(one: Shell, name: str) -> None:
    """In this call the phone's are its own: all share the machine's default."""
    await until_spoken(one, muted=False)
    await one.ask("audio", "of-call", call=spoken(one)["id"], output=f"speaker-{name}", input=f"mic-{name}")


async def set_up(sound: Sound) -> None:
    await sound.add(
        *((f"mic-{name}", "Audio/Source/Virtual") for name in ("ann", "bo")),
        *((f"speaker-{name}", "Audio/Sink") for name in ("ann", "bo")),
    )
    await sound.play(ANN_HZ, "mic-ann")
    await sound.play(BO_HZ, "mic-bo")
    await sound.listen("speaker-ann")
    await sound.listen("speaker-bo")


async def of_calls(sound: Sound) -> set[str]:
    return {link for link in await sound.links() if "pileus." in link}


async def until_no_links(sound: Sound) -> None:
    async with asyncio.timeout(20):
        while await of_calls(sound):
            pass


async def between_the_two(sound: Sound, ann: Shell, bo: Shell, number: str) -> None:
    await ann.ask("telephony", "dial", number=number)
    await bo.ask("telephony", "answer", call=(await until_call(bo, "ringing-in"))["id"])
    call, other = await asyncio.gather(until_call(ann, "active"), until_call(bo, "active"))
    await asyncio.gather(own_ends(ann, "ann"), own_ends(bo, "bo"))
    await sound.heard("speaker-bo", ANN_HZ)
    await sound.heard("speaker-ann", BO_HZ)
    await sound.silent("speaker-ann", ANN_HZ)

    await ann.ask("audio", "of-call", call=call["id"], muted=True)
    await until_spoken(ann, muted=True)
    await sound.silent("speaker-bo", ANN_HZ)
    await sound.heard("speaker-ann", BO_HZ)
    assert not ann.states["audio"]["inputs"][0]["muted"], "mute is of the call, not of all programs"
    await ann.ask("audio", "of-call", call=call["id"], muted=False)
    await sound.heard("speaker-bo", ANN_HZ)

    await bo.ask("telephony", "swap", call=other["id"])
    await until_call(bo, "held")
    await sound.silent("speaker-bo", ANN_HZ)
    await sound.silent("speaker-ann", BO_HZ)
    await bo.ask("telephony", "swap", call=other["id"])
    await until_call(bo, "active")
    await sound.heard("speaker-bo", ANN_HZ)

    await bo.ask("audio", "of-call", call=other["id"], output="speaker-ann")
    await sound.silent("speaker-bo", ANN_HZ)
    await sound.heard("speaker-ann", ANN_HZ)
    with pytest.raises(Refused) as unknown:
        await bo.ask("audio", "of-call", call=other["id"], output="none")
    assert unknown.value.code == "audio-unknown"
    await ann.ask("telephony", "hang-up", call=call["id"])
    await asyncio.gather(until_call(ann, ""), until_call(bo, ""))
    await asyncio.gather(until_spoken(ann), until_spoken(bo))
    await until_no_links(sound)
    with pytest.raises(Refused) as over:
        await ann.ask("audio", "of-call", call=call["id"], muted=True)
    assert over.value.code == "call-unknown"


async def with_the_echo(sound: Sound, ann: Shell) -> None:
    await ann.ask("telephony", "dial", number=ECHO)
    await until_call(ann, "active")
    assert spoken(ann)["muted"] is False, "another call is not muted"
    await own_ends(ann, "ann")
    await sound.heard("speaker-ann", ANN_HZ)
    await ann.ask("telephony", "hang-up", call=calls(ann)[0]["id"])
    await until_no_links(sound)


def test_what_is_said_in_a_call_is_heard(short: Path) -> None:
    async def story() -> None:
        async with asyncio.timeout(150), pipewire(short) as sound:
            await set_up(sound)
            async with simulated(short / short.name, sound.environment, "Calls have sound") as phones:
                (_, *first), (number, *second) = phones
                async with shell(*first) as ann, shell(*second) as bo:
                    await asyncio.gather(until_ready(ann), until_ready(bo))
                    names = {one["id"] for one in ann.states["audio"]["outputs"]}
                    assert names == {"speaker-ann", "speaker-bo"}, "a modem is nobody's output"
                    await between_the_two(sound, ann, bo, number)
                    await with_the_echo(sound, ann)
            async with asyncio.timeout(20):
                while "pileus." in (await sound.run("pw-link", "--input"))[1]:
                    pass

    asyncio.run(story())
