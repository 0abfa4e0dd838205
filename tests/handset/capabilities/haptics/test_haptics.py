"""Feedback by feedbackd, mocked by hand on the session's bus."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbus_fast import Variant

from pileus.core.errors import Invalid, Unavailable
from pileus.handset.capabilities.haptics.haptics import FEEDBACK, PATH, SERVICE, Haptics
from pileus.handset.capabilities.haptics.rules import profile
from tests.handset.mocks import bare
from tests.handset.worlds import run, started, world


def test_feedback_begins_ends_and_has_a_profile(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            haptics = Haptics(here.surroundings())
            async with started(haptics) as call:
                assert haptics.state() == {"present": False, "why": "no-service"}
                with pytest.raises(Unavailable):
                    await call("trigger", event="button-pressed")
                with bare(address, SERVICE, PATH, FEEDBACK, "--session"):
                    mock = here.mock(SERVICE, PATH)
                    await mock.there()
                    await mock.do("AddProperty", "ssv", FEEDBACK, "Profile", Variant("s", "quiet"))
                    await mock.do("AddMethod", "sssss", FEEDBACK, "TriggerFeedback", "ssa{sv}i", "u", "ret = 7")
                    await mock.do("AddMethod", "sssss", FEEDBACK, "EndFeedback", "u", "", "")
                    await mock.properties(PATH, FEEDBACK, Profile=Variant("s", "quiet"))
                    await here.until(lambda: haptics.state().get("profile") == "quiet")
                    assert await call("trigger", event="phone-incoming-call") == {"id": 7}
                    await call("end", id=7)
                    await mock.signal(PATH, FEEDBACK, "FeedbackEnded", "uu", Variant("u", 7), Variant("u", 1))
                    await here.until(lambda: here.told == [("ended", {"id": 7})])
                    calls = [one for one in await mock.calls() if one[0].endswith("Feedback")]
                    wanted = ["pileus", "phone-incoming-call", {}, -1]
                    assert calls == [("TriggerFeedback", wanted), ("EndFeedback", [7])]
                    await call("profile", profile="silent")
                    await here.until(lambda: haptics.state()["profile"] == "silent")
                    for event in ("", "../etc", "A", "x" * 80):
                        with pytest.raises(Invalid):
                            await call("trigger", event=event)
                await here.until(lambda: not haptics.state()["present"])

    run(story)


def test_an_odd_profile_is_the_full_one() -> None:
    assert [profile({"Profile": value}) for value in ("silent", "loud", 3, None)] == [
        "silent",
        "full",
        "full",
        "full",
    ]
