"""A place for phones that are not there: its bus, its ModemManager, and what is said where one is missing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pileus.carrier.line import line
from pileus.carrier.network import Carrier
from pileus.core.errors import Unavailable
from pileus.handset.stage import MODEM_MANAGER, stage
from tests.cloud.processes import alive
from tests.handset.phones import NUMBER, socket_name

MODEM = f"{MODEM_MANAGER}.Modem"


@pytest.mark.modem_manager
def test_a_modem_shows_on_the_stage_and_all_ends_with_it(short: Path) -> None:
    async def story() -> None:
        handset, name = Carrier().handset(NUMBER), socket_name()
        shown = asyncio.Event()
        async with asyncio.timeout(60), stage(short) as one, line(handset.modem, f"abstract:{name}"):
            root = "/org/freedesktop/ModemManager1"
            await one.bus.listen(MODEM_MANAGER, lambda _signal: shown.set(), member="InterfacesAdded", under=root)
            await one.add(name)
            await shown.wait()
            [found] = (await one.bus.objects(MODEM_MANAGER, root)).values()
            assert found[MODEM]["EquipmentIdentifier"] == handset.modem.imei
            manager = one.manager.pid
            assert alive(manager)
        assert not alive(manager)

    asyncio.run(story())


def test_what_is_missing_is_named(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with stage(short):
            pass

    monkeypatch.setattr("pileus.handset.stage.shutil.which", lambda *_names, **_more: None)
    with pytest.raises(Unavailable, match="apt-get install dbus-daemon") as missing:
        asyncio.run(story())
    assert missing.value.code == "program-missing"
