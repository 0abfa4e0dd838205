"""DEX files that are damaged or forged: a clear sentence or a method that throws, never a crash or a hang."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import pytest

from .toolchain import Batch, Toolchain, ToolFailed

FORGED = 400

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(900),
]


def sealed(data: bytes | bytearray) -> bytes:
    """The same with a checksum that is right, so that a reader looks further."""
    return bytes(data[:8]) + struct.pack("<I", zlib.adler32(data[12:])) + bytes(data[12:])


def with_number(data: bytes, at: int, value: int) -> bytes:
    return sealed(data[:at] + struct.pack("<I", value) + data[at + 4 :])


def judged(tools: Toolchain, files: dict[str, bytes]) -> dict[str, str]:
    """What the translator says of each file."""
    paths = []
    for name, content in files.items():
        paths.append(tools.folder / f"{name}.bad")
        paths[-1].write_bytes(content)
    told = tools.java(tools.tools(), "dev.pileus.translate.Judge", *paths, options=["-Xmx512m"]).splitlines()
    found = {name.removesuffix(".bad"): said for name, _, said in (line.partition(" ") for line in told)}
    assert found.keys() == files.keys()
    return found


def test_what_is_wrong_is_said(assembled: Batch) -> None:
    good = assembled.classes.read_bytes()
    strings, size = struct.unpack_from("<II", good, 56)[1], len(good)
    types, classes = struct.unpack_from("<I", good, 68)[0], struct.unpack_from("<I", good, 100)[0]
    named = struct.unpack_from("<I", good, types + 4 * struct.unpack_from("<I", good, classes)[0])[0]
    name = struct.unpack_from("<I", good, strings + 4 * named)[0]
    constant = good.index(b"too small")
    said = judged(
        assembled.tools,
        {
            "whole": good,
            "empty": b"",
            "short": good[:60],
            "cut": good[: size // 2],
            "cut-sealed": with_number(good[: size // 2], 32, size // 2),
            "damaged": good[:2000] + b"\xff" + good[2001:],
            "old": sealed(good[:4] + b"034\0" + good[8:]),
            "new": sealed(good[:4] + b"042\0" + good[8:]),
            "other-order": with_number(good, 40, 0x78563412),
            "many-strings": with_number(good, 56, 0xFFFFFFFF),
            "more-strings": with_number(good, 56, 0x7FFFFFFF),
            "many-classes": with_number(good, 96, 0x0FFFFFFF),
            "strings-elsewhere": with_number(good, 60, size + 100),
            "name-not-utf8": sealed(good[: name + 1] + b"\xff" + good[name + 2 :]),
            "constant-not-utf8": sealed(good[:constant] + b"\xff" + good[constant + 1 :]),
        },
    )
    assert said["whole"].split()[0] == "made"
    assert said["whole"].split()[2] == "0"
    assert "cut" in said["cut"]
    assert "checksum" in said["damaged"]
    assert "version 34" in said["old"]
    assert "version 42" in said["new"]
    assert "little-endian" in said["other-order"]
    for name in (
        "empty",
        "short",
        "cut-sealed",
        "many-strings",
        "more-strings",
        "many-classes",
        "strings-elsewhere",
    ):
        assert said[name].startswith("bad "), said[name]
    # A class without a name is none, which is told; a text that cannot be read costs the method that has it.
    made = int(said["whole"].split()[1])
    assert said["name-not-utf8"].split() == ["made", str(made - 1), "1"]
    assert said["constant-not-utf8"].split() == ["made", str(made), "1"]


@pytest.mark.parametrize("version", ["035", "036", "037", "038", "039", "040"])
def test_all_versions_are_read(assembled: Batch, version: str) -> None:
    good = assembled.classes.read_bytes()
    changed = sealed(good[:4] + version.encode() + good[7:])
    assert judged(assembled.tools, {version: changed})[version].startswith("made ")


def test_several_files_in_one(assembled: Batch) -> None:
    """Version 041: files follow each other, and all offsets count from the first one's begin.

    The second has a header alone, whose tables are the first one's but for the classes: the last of those.
    """
    good = assembled.classes.read_bytes()
    first = sealed(good[:4] + b"041\0" + good[8:])
    count, classes = struct.unpack_from("<II", good, 96)
    second = bytearray(first[:112] + bytes(8))
    struct.pack_into("<I", second, 32, len(second))
    struct.pack_into("<II", second, 96, 1, classes + 32 * (count - 1))
    only = bytearray(first)
    struct.pack_into("<I", only, 96, count - 1)
    said = judged(
        assembled.tools,
        {"first": sealed(only), "both": sealed(only) + sealed(second), "torn": sealed(only) + bytes(second)},
    )
    assert said["first"] == f"made {count - 1} 0"
    assert said["both"] == f"made {count} 0"
    assert "checksum" in said["torn"]


def test_classes_in_a_circle(assembled: Batch) -> None:
    tools = assembled.tools
    one, two = tools.folder / "One.smali", tools.folder / "Two.smali"
    body = (
        ".method static run(ZLOne;LTwo;)V\n.registers 4\nif-eqz p0, :to\nmove-object p1, p2\n:to\n"
        "invoke-static {p0, p1, p2}, LOne;->run(ZLOne;LTwo;)V\nreturn-void\n.end method\n"
    )
    one.write_text(".class LOne;\n.super LTwo;\n" + body)
    two.write_text(".class LTwo;\n.super LOne;\n")
    dex = tools.smali([one, two], tools.folder / "circle.dex")
    assert judged(tools, {"circle": dex.read_bytes()}) == {"circle": "made 2 0"}


def test_a_method_without_a_translation_throws_and_is_named(assembled: Batch) -> None:
    tools = assembled.tools
    source = tools.folder / "Torn.smali"
    source.write_text(
        ".class public LTorn;\n.super Ljava/lang/Object;\n.method public static run(Ljava/lang/StringBuilder;)V\n"
        ".registers 3\nconst/4 v0, 0x5\ninvoke-virtual {v0}, Ljava/lang/Object;->hashCode()I\nreturn-void\n"
        ".end method\n.method public static other()I\n.registers 1\nconst/4 v0, 0x1\nreturn v0\n.end method\n"
    )
    dex = tools.smali([source], tools.folder / "torn.dex")
    told = tools.translate(dex, tools.folder / "torn.jar")
    [failure] = [line for line in told if line.startswith("failed")]
    assert "LTorn;->run(Ljava/lang/StringBuilder;)V" in failure
    said = tools.run(tools.folder / "torn.jar", ["Torn"])["Torn"]
    assert "InternalError: Pileus could not translate LTorn;->run(Ljava/lang/StringBuilder;)V: register v0" in said


def test_forged_files_end_in_words(assembled: Batch) -> None:
    good = assembled.classes.read_bytes()
    chance = random.Random(4)
    files = {}
    for number in range(FORGED):
        data = bytearray(good)
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(100, len(data))
            data[at] = chance.choice((0, 0xFF, 0x80, data[at] ^ 1 << chance.randrange(8), chance.randrange(256)))
        files[f"forged{number}"] = sealed(data)
    said = judged(assembled.tools, files)
    assert [line for line in said.values() if line.split()[0] not in ("bad", "made")] == []
    assert sum(line.startswith("made ") and not line.endswith(" 0") for line in said.values()) > FORGED / 20


def test_the_program_says_a_sentence(assembled: Batch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.dex"
    broken.write_bytes(assembled.classes.read_bytes()[:-5])
    with pytest.raises(ToolFailed, match="The code of the package cannot be read: The file was cut"):
        assembled.tools.translate(broken, tmp_path / "out.jar")
