"""Power cuts: whatever a disk keeps of a folder and its ledger, the next sync loses nothing."""

from __future__ import annotations

import os
import random
import shutil
import uuid
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import httpx
import pytest

from pileus.sdk import client as client_module
from pileus.sdk.client import Client
from pileus.sdk.sync import work
from tests.forgetful import PAGE, forgetful
from tests.simulator.folders.service import Service

from .conftest import Box
from .edits import check, prepare

pytestmark = [pytest.mark.slow, pytest.mark.fuse]
IMAGES = None if os.environ.get("PILEUS_NIGHTLY") else 40
LARGE = 3 * PAGE
Answered = Callable[[Service], None]


class Line(httpx.BaseTransport):
    """To an account that is a value; `answered` hears of each answer before the device does."""

    def __init__(self, service: Service, device: str, answered: Answered = lambda _service: None) -> None:
        self._service, self._device, self._answered = service, device, answered

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._service.respond(self._device, request)
        self._answered(self._service)
        return answer


def box(path: Path, service: Service, answered: Answered = lambda _service: None) -> Box:
    return Box(path, Client("http://cloud", "token", transport=Line(service, path.name, answered)))


def test_no_power_cut_loses_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BULK_FILE", LARGE - 1)
    monkeypatch.setattr(client_module, "PIECE", LARGE // 2)
    dice = random.Random(seed := 11)
    service = Service(lambda: str(uuid.UUID(int=dice.getrandbits(128))))
    kept: list[Service] = []
    (tmp_path / "other").mkdir()
    other = box(tmp_path / "other", service)
    with forgetful(tmp_path / "disk", seed) as disk:

        def answered(now: Service) -> None:
            """The cloud keeps what it told."""
            if not kept or now.head != kept[-1].head or now.uploads != kept[-1].uploads:
                kept.append(deepcopy(now))
                disk.tell(str(len(kept) - 1))

        (disk.folder / "here").mkdir()
        one = box(disk.folder / "here", service, answered)
        wanted = prepare(one, other, "whole", LARGE)
        disk.settle()
        kept.append(deepcopy(service))
        disk.tell(f"edited {len(kept) - 1}")
        assert one.sync().troubles == []
        disk.tell(f"synced {len(kept) - 1}")
    images = [image for image in disk.images() if "edited" in image.told]
    assert len(images) > 100
    for image in images if IMAGES is None else dice.sample(images, IMAGES):
        place = tmp_path / "image"
        place.mkdir()
        image.make(place)
        shutil.copytree(other.path, place / "other", symlinks=True)
        now = deepcopy(kept[int(image.told[-1])])
        boxes = box(place / "here", now), box(place / "other", now)
        try:
            check(*boxes, "whole", wanted)
        except AssertionError as error:
            raise AssertionError(image.why, image.kind, image.told[-1:]) from error
        finally:
            for one_box in boxes:
                one_box.client.close()
        shutil.rmtree(place)
    for last in (one, other):
        last.client.close()
