"""Apps, backups of phones, and what a cloud does about its own packs."""

from __future__ import annotations

import json

from pileus.cloud.kernel.journal.upkeep import prune_all as prune
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.daily import do_all
from pileus.cloud.kernel.objects.rebuild import rebuild
from pileus.cloud.kernel.objects.repair import repair
from pileus.cloud.setup_code import SetupCode
from tests.cloud.kernel.objects.shelf import packed, packs
from tests.conftest import PASSWORD

from .act import Scene, Stage
from .sharing import NEW, OLD, two, upload

apps = Scene(stores=True)
backups = Scene(stores=True)
upkeep = Scene(stores=True)
beginning = Scene({"origins": "port", "domain": "127.0.0.1"})


def paper(version: int) -> bytes:
    return b"PAPER" + json.dumps({"name": "org.example.paper", "label": "Paper", "version": version}).encode()


@apps.prepares
def two_who_read(stage: Stage) -> None:
    two(stage)


@apps.keyed
def opens_the_store(stage: Stage) -> None:
    stage.ask("anna", "GET", "/apps/catalog")


@apps.parts
def installs(stage: Stage) -> None:
    stage.ask("anna", "POST", "/apps/packages", content=paper(1), params={"name": "paper.apk"})
    stage.rest()
    assert "org.example.paper" in stage.records("anna", "apps.app")


@apps.parts
def installs_the_next_one(stage: Stage) -> None:
    stage.ask("anna", "POST", "/apps/packages", content=paper(2), params={"name": "paper.apk"})
    stage.rest()


@apps.keyed_parts
def removes(stage: Stage) -> None:
    stage.ask("anna", "DELETE", "/apps/org.example.paper", also=(404,))


@apps.keyed_parts
def their_day(stage: Stage) -> None:
    stage.days_work(with_backups=False)


@backups.prepares
def two_with_notes(stage: Stage) -> None:
    two(stage)
    for at in range(3):
        stage.mutate("anna", f"n{at}", "notes.note", {"title": f"Note {at}", "edited_ms": at})


@backups.job
def backs_up(stage: Stage) -> None:
    stage.ask("anna", "POST", "/backups/phone")
    stage.rest()
    one = stage.ask("anna", "GET", "/backups/phone")["snapshots"][0]
    stage.said["snapshot"] = one["id"]


@backups.keyed
def deletes_a_note(stage: Stage) -> None:
    wish = {"id": "gone", "base": 1 << 40, "collection": "notes.note", "record": "n1", "op": "delete"}
    stage.ask("anna", "POST", "/journal/mutations", json={"mutations": [wish]})


@backups.parts
def has_all_back(stage: Stage) -> None:
    stage.ask("anna", "POST", f"/backups/phone/{stage.said['snapshot']}/restore", json={"all": True})
    stage.rest()
    assert stage.records("anna", "notes.note").keys() == {"n0", "n1", "n2"}


@backups.keyed
def forgets_it(stage: Stage) -> None:
    wish = {"ids": [stage.said["snapshot"]], "present": "correct horse"}
    stage.ask("anna", "POST", "/backups/forget", json=wish)


@upkeep.prepares
def two_with_files(stage: Stage) -> None:
    two(stage)
    for name, data in (("tea", OLD), ("coffee", NEW)):
        stage.said[name] = upload(stage, "anna", data, name)
    stage.mutate("anna", "n", "notes.note", {"title": "Note", "edited_ms": 1})


@upkeep.keyed_parts
def checks(stage: Stage) -> None:
    assert check(objects(stage)).problems == []


@upkeep.keyed_parts
def a_day_of_packs(stage: Stage) -> None:
    stage.later(24 * 3600 + 60 * stage.again)  # a copy is named by its second
    stage.run(do_all(objects(stage)))
    stage.run(stage.cloud.context.damage.tell())  # type: ignore[attr-defined]


@upkeep.keyed_parts
def forgets_old_changes(stage: Stage) -> None:
    stage.later(200 * 24 * 3600)
    stage.run(prune(stage.cloud.db, stage.clock))


@upkeep.keyed_parts
def begins_anew_from_packs(stage: Stage) -> None:
    assert rebuild(objects(stage)).problems == []
    reads(stage)


@upkeep.keyed_parts
def mends_a_pack(stage: Stage) -> None:
    if not stage.again:
        one = max(packs(stage.settings()), key=lambda path: path.stat().st_size)
        data = bytearray(one.read_bytes())
        data[len(data) // 3] ^= 1
        one.write_bytes(data)
    check(objects(stage))
    copy = objects(stage).copy
    assert copy is not None
    repair(objects(stage), copy.store)
    reads(stage)


def reads(stage: Stage) -> None:
    for name, data in (("tea", OLD), ("coffee", NEW)):
        assert stage.ask("anna", "GET", f"/files/{stage.said[name]}/content").content == data


def objects(stage: Stage) -> PackedObjects:
    return packed(stage.cloud)


@beginning.start
def begins(stage: Stage) -> None:
    """The first start of a cloud, in an empty folder, up to its first account."""
    code = SetupCode(stage.settings().data_dir).get()
    wish = {"name": "anna", "password": PASSWORD, "device_name": "phone", "setup_code": code}
    stage.ask("", "POST", "/accounts", json=wish, also=(401,))
