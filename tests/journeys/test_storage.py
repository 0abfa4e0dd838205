"""What is damaged in the cloud is told on phones: to whoever has the file, and to whoever runs the cloud."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Page, expect

from .conftest import Device, Keep, Phone, running_phone
from .hand import icon, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
DAY = 24 * 3600_000
CUT = """page => [page, ...page.querySelectorAll('pl-storage')]
  .flatMap(one => [...(one.shadowRoot ?? one).querySelectorAll('.card')])
  .filter(one => one.scrollHeight > one.clientHeight + 1).map(one => one.textContent.trim())"""


@pytest.fixture
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """A Pileus that makes a second copy."""
    with running_phone(PILEUS_COPY_TO=str(tmp_path_factory.mktemp("copy"))) as started:
        yield started


def upload(phone: Phone, token: str, name: str, data: bytes) -> None:
    begun = phone.post("/files/uploads", token, {"name": name, "size": len(data), "parent": ""})
    headers = {**phone.headers(token), "Upload-Offset": "0"}
    answer = httpx.patch(f"{phone.api}/files/uploads/{begun['upload']}", content=data, headers=headers, timeout=30)
    answer.raise_for_status()


def show_storage(page: Page, *, zh: bool = False) -> None:
    icon(page, "设置" if zh else "Settings").click()
    page.locator("pl-settings button.me").first.click()


def test_damage_is_told_on_the_phones(copied: Phone, device: Device, keep: Keep) -> None:
    phone = copied
    token = phone.account("mei")  # after the keeper's, who looks after the cloud
    upload(phone, token, "西湖.bin", hashlib.shake_128(b"lake").digest(50_000))
    data = ("--data", str(phone.folder / "data"))
    phone.cli("objects", "copy", *data)
    phone.cli("objects", "check", *data)
    phone.stop()
    packs = phone.folder / "data" / "objects" / "packs"
    for pack in [path for path in packs.rglob("*") if path.is_file()]:
        whole = bytearray(pack.read_bytes())
        whole[len(whole) // 2] ^= 1
        pack.chmod(0o600)
        pack.write_bytes(whole)
    with pytest.raises(AssertionError):
        phone.cli("objects", "check", *data)
    with closing(sqlite3.connect(next((phone.folder / "data").glob("*.db")))) as database, database:
        database.execute("UPDATE object_care SET done_ms = done_ms - ? WHERE task = 'copy'", (9 * DAY,))
    phone.start()

    page = device()
    sign_in(page, phone, "mei")
    # The shade is told first, and stays until it is mended.
    expect(page.get_by_text("Bytes of it are lost", exact=False).first).to_be_attached()
    show_storage(page)
    expect(page.locator("pl-storage")).to_contain_text("西湖.bin")
    keep(page, "storage-damaged")

    owner = device(1180, 820, "zh-CN", color_scheme="dark")
    sign_in(owner, phone, "keeper", zh=True)
    show_storage(owner, zh=True)
    rows = owner.locator("pl-storage .row.alarm")
    expect(rows).to_have_count(2)
    # A page that is longer than the tablet scrolls; what is in it is not pressed together.
    for part in (owner.locator("pl-settings"), owner.locator("pl-storage")):
        assert part.evaluate(CUT) == []
    keep(owner, "storage-care-tablet-zh-dark")
