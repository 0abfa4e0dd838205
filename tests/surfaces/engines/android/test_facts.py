"""What an app sees of its device: the time of day, its zone, a maker, fingers, and what it kept."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]


def facts(phone: Any) -> dict[str, Any]:
    """The text of the app's field."""
    told: dict[str, Any] = json.loads(phone.editor.text_around) if phone.editor else {}
    return told


def test_an_app_sees_a_device_and_keeps_what_it_wrote(
    phone: ModuleType, samples: ModuleType, tmp_path: Path
) -> None:
    async def story() -> None:
        settings = phone.settings(tmp_path)
        meta, place = await phone.package(settings, samples.build("facts"))
        display = Display(480, 800, 160, time_zone="Asia/Shanghai")
        first = phone.Phone(settings, meta, place, tmp_path / "app", display)
        await first.start()
        try:
            await first.wait(lambda: facts(first) != {})
            seen = facts(first)
            assert abs(seen["now_ms"] / 1000 - time.time()) < 60
            assert seen["zone"] == "Asia/Shanghai"
            assert seen["starts"] == 1
            assert len(seen["android_id"]) == 16
            assert "Pileus" in seen["build"]
            assert "robolectric" not in seen["build"].lower()
            assert seen["ro.product.model"] == "Pileus"
            assert "robolectric" not in seen["ro.build.fingerprint"] + seen["ro.build.display.id"]
            assert seen["disk"] == 4096 << 20
            assert 0 < seen["free"] < seen["disk"]
            assert (seen["java.vm.name"], seen["java.vm.version"]) == ("Dalvik", "2.1.0")
            assert seen["http.agent"].startswith("Dalvik/2.1.0 (Linux; U; Android 16; Pileus")
            await first.wait(lambda: facts(first)["answers"] != "")
            # Of those that it asks for, it has what its manifest names.
            held, missing = "7:android.permission.CAMERA:0", "7:android.permission.READ_CONTACTS:-1"
            assert facts(first)["answers"] == f"{held} {missing}"

            first.touch(0, (100, 300))
            first.touch(0, (100, 300), (300, 500), changed=1)
            first.touch(1, (110, 310), (290, 490))
            first.touch(2, (110, 310), (290, 490), changed=1)
            first.touch(2, (110, 310))
            await first.wait(lambda: facts(first)["fingers"] != "")
            # Down of the second finger (5), a move of both (2), up of the second (6).
            assert facts(first)["fingers"] == "2:110,290 5:100,300 6:110,290"
            assert facts(first)["now_ms"] > seen["now_ms"]

            first.send(wire.Config({"time_zone": "Europe/Berlin"}))
            await first.wait(lambda: _retold(first)["zone"] == "Europe/Berlin")
        finally:
            await first.close()
        again = phone.Phone(settings, meta, place, tmp_path / "app", display)
        await again.start()
        try:
            await again.wait(lambda: facts(again) != {})
            assert facts(again)["starts"] == 2
            assert facts(again)["android_id"] == seen["android_id"]
        finally:
            await again.close()

    def _retold(one: Any) -> dict[str, Any]:
        """Asks it to look again with a tap, where it has not yet."""
        if facts(one)["zone"] != "Europe/Berlin":
            one.touch(0, (50, 700))
            one.touch(2, (50, 700))
        return facts(one)

    asyncio.run(story())
