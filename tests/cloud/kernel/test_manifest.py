"""Services as folders: what is found, and what a wrong manifest says."""

from __future__ import annotations

import pytest

from pileus.cloud.kernel.manifest import ManifestError, discover, load


def service(folder, text):
    folder = folder / "demo"
    folder.mkdir()
    (folder / "service.toml").write_text(text)
    return folder


HEAD = 'name = "demo"\ndescription = "x"\n'


def test_services_are_found():
    found = {one.name: one for one in discover()}
    assert {"shell", "notes", "messages"} <= found.keys()
    [note] = [one for one in found["notes"].collections if one.name == "notes.note"]
    assert note.texts == {"body"}


def test_a_good_manifest(tmp_path):
    found = load(service(tmp_path, HEAD + '[collections."demo.thing"]\nmerge = "append"\nmutable = ["read"]'), "x")
    assert found.collections[0].mutable == {"read"}
    assert found.collections[0].priority == 50


@pytest.mark.parametrize(
    "text",
    [
        "name = ",
        'name = "other"\ndescription = "x"',
        HEAD + "unknown = 1",
        HEAD + '[collections."other.thing"]',
        HEAD + '[collections."demo.thing"]\nmerge = "guess"',
        HEAD + '[collections."demo.thing"]\nmutable = ["x"]',
        HEAD + '[collections."demo.thing"]\nwrite = "all"',
        HEAD + '[collections."demo.thing"]\ncheck = "nothing"',
        HEAD + '[collections."demo.thing"]\ncheck = "no_such_module:check"',
    ],
)
def test_a_wrong_manifest_names_its_file(tmp_path, text):
    with pytest.raises(ManifestError, match="demo"):
        load(service(tmp_path, text), "pileus.nothing")
