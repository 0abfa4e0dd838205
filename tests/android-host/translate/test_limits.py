"""What is large in DEX: jumps over half a method; methods, constructors, strings and array data beyond a class
file's bounds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .toolchain import Toolchain

ADD = "sget v0, LBig;->n:I\nadd-int/lit8 v0, v0, 0x1\nsput v0, LBig;->n:I\n"
TEXT = "\\u00e9" * 70_000

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(900),
]


def big_class() -> Iterator[str]:
    yield ".class public LBig;\n.super Ljava/lang/Object;\n.field static n:I\n"
    yield ".method static far(I)V\n.registers 2\n:again\nif-nez p0, :go\ngoto/32 :end\n:go\n"
    yield ADD * 5500 + "add-int/lit8 p0, p0, -0x1\ngoto/32 :again\n:end\nreturn-void\n.end method\n"
    yield ".method static huge()V\n.registers 1\n" + ADD * 9000 + "return-void\n.end method\n"
    yield ".method static locked(Ljava/lang/Object;)V\n.registers 2\nmonitor-enter p0\n" + ADD * 9000
    yield "monitor-exit p0\nreturn-void\n.end method\n"
    yield f".field final x:I\n.method constructor <init>(IJ)V\n.registers 6\n{ADD}"
    yield (
        "if-nez p1, :given\nconst/4 p1, 0x7\n:given\ninvoke-direct {p0}, Ljava/lang/Object;-><init>()V\n"
        + ADD * 9000
    )
    yield "monitor-enter p0\nlong-to-int v0, p2\nadd-int/2addr v0, p1\niput v0, p0, LBig;->x:I\nmonitor-exit p0\n"
    yield "return-void\n.end method\n"
    yield ".method static switched(I)I\n.registers 1\nsparse-switch p0, :table\n"
    yield ":same\nconst/4 p0, 0x1\nreturn p0\n:table\n.sparse-switch\n" + "".join(
        f"{2 * i:#x} -> :same\n" for i in range(9000)
    )
    yield ".end sparse-switch\n.end method\n"
    yield ".method static text()Ljava/lang/String;\n.registers 1\n"
    yield f'const-string v0, "{TEXT}"\nreturn-object v0\n.end method\n'
    yield ".method static data()[B\n.registers 2\n"
    yield "const v0, 40001\nnew-array v0, v0, [B\nfill-array-data v0, :data\n"
    yield "return-object v0\n:data\n.array-data 1\n"
    yield "".join(f"{i % 256 - 128}t\n" for i in range(40_001)) + ".end array-data\n.end method\n"
    yield """
.method public static run(Ljava/lang/StringBuilder;)V
    .registers 6
    const/4 v0, 0x2
    invoke-static {v0}, LBig;->far(I)V
    sget v0, LBig;->n:I
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    const-string v3, " "
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    invoke-static {}, LBig;->text()Ljava/lang/String;
    move-result-object v0
    invoke-virtual {v0}, Ljava/lang/String;->length()I
    move-result v1
    invoke-virtual {p0, v1}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    invoke-static {}, LBig;->text()Ljava/lang/String;
    move-result-object v1
    if-ne v0, v1, :other
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    :other
    invoke-static {}, LBig;->data()[B
    move-result-object v0
    invoke-static {v0}, Ljava/util/Arrays;->hashCode([B)I
    move-result v0
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    invoke-static {}, LBig;->huge()V
    sget v0, LBig;->n:I
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    invoke-static {p0}, LBig;->locked(Ljava/lang/Object;)V
    sget v0, LBig;->n:I
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    new-instance v0, LBig;
    const/4 v1, 0x0
    const-wide/16 v2, 0x64
    invoke-direct {v0, v1, v2, v3}, LBig;-><init>(IJ)V
    iget v0, v0, LBig;->x:I
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    invoke-static {p0}, Ljava/lang/Thread;->holdsLock(Ljava/lang/Object;)Z
    move-result v0
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(Z)Ljava/lang/StringBuilder;
    invoke-static {v1}, LBig;->switched(I)I
    return-void
.end method
"""


def hash_of(data: list[int]) -> int:
    """java.util.Arrays.hashCode."""
    result = 1
    for value in data:
        result = (31 * result + value) & 0xFFFFFFFF
    return result - (1 << 32) if result >> 31 else result


def test_beyond_the_bounds_of_class_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    tools = Toolchain.of(tmp_path_factory.mktemp("limits"))
    source = tools.folder / "Big.smali"
    source.write_text("".join(big_class()))
    told = tools.translate(tools.smali([source], tools.folder / "big.dex"), tools.folder / "big.jar")
    [failure] = [line for line in told if line.startswith("failed")]
    assert "LBig;->switched(I)I" in failure
    assert "larger than a method of the JVM may be" in failure
    said = tools.run(tools.folder / "big.jar", ["Big"])["Big"].splitlines()
    assert said[0] == f"11000 70000 {hash_of([i % 256 - 128 for i in range(40_001)])} 20000 29000 107false"
    assert "InternalError: Pileus could not translate LBig;->switched(I)I" in said[1]
