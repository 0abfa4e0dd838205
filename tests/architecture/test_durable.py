"""Every fsync, renaming, link and commit of the source is listed in tests/boundaries.txt: died at, or why not."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from pathlib import Path

from tests.boundaries import places

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
OF_OS = {"fsync": "fsync", "fdatasync": "fsync", "rename": "rename", "replace": "rename", "link": "link"}
OF_DURABLE = {
    "fsync": ("fsync",),
    "make_folder": ("fsync",),
    "publish": ("fsync", "rename"),
    "write": ("fsync", "rename"),
}
OF_PATHS = {"rename": "rename", "replace": "rename", "hardlink_to": "link"}
PLUMBING = "pileus.core.durable"
COMMITS = re.compile(r"((^|[._])db|^target)\.write(_async)?$|(^|[._])ledger\.writing$")
"""Of the cloud's database, of one that rows are moved into, of a ledger."""


def parsed(source: str) -> ast.Module:
    """A collection amid it can make CPython 3.11 take the parser's depth for wrong (python/cpython#106905)."""
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        gc.enable()


def found_in(module: str, source: str) -> set[str]:
    """`KIND MODULE:FUNCTION` of each such call, as tests/boundaries.py names it."""
    tree = parsed(source)
    bare = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == PLUMBING
        for name in node.names
    }
    return {f"{kind} {module}:{where}" for where, call in _calls(tree, "") for kind in _kinds(call, bare)}


def _calls(node: ast.AST, where: str) -> Iterator[tuple[str, ast.expr]]:
    """What is called, or handed on to be, with the function that it is in."""
    for child in ast.iter_child_nodes(node):
        inner = where
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and "()" not in where:
            inner = f"{where}.{child.name}".strip(".") + ("" if isinstance(child, ast.ClassDef) else "()")
        if isinstance(child, ast.Call):
            yield from ((where.removesuffix("()"), one) for one in (child, *child.args))
        yield from _calls(child, inner)


def _kinds(one: ast.expr, bare: set[str]) -> tuple[str, ...]:
    function = one.func if isinstance(one, ast.Call) else one
    if isinstance(function, ast.Name):
        known = OF_DURABLE.get(function.id, ()) if function.id in bare else ()
        return ("rename",) if function.id == "_renameat2" else known
    if not isinstance(function, ast.Attribute):
        return ()
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    if owner == "os":
        return (OF_OS[function.attr],) if function.attr in OF_OS else ()
    if owner == "durable":
        return OF_DURABLE.get(function.attr, ())
    if isinstance(one, ast.Call) and len(one.args) == 1 and not one.keywords and function.attr in OF_PATHS:
        return (OF_PATHS[function.attr],)  # of a path: a text's takes two
    return ()


def commits_in(module: str, source: str) -> set[str]:
    """`commit MODULE:FUNCTION` of each transaction, named by what it runs, as tests/boundaries.py does."""
    tree = parsed(source)
    imported = {
        name.asname or name.name: f"{node.module}:{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    own = {node.name: f"{module}:{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}

    def named(what: ast.expr, where: str) -> str:
        if isinstance(what, ast.Call) and what.args and ast.unparse(what.func) in ("partial", "functools.partial"):
            return named(what.args[0], where)
        if isinstance(what, ast.Attribute) and ast.unparse(what.value) == "self":
            return f"{module}:{where.rpartition('.')[0]}.{what.attr}"
        if isinstance(what, ast.Name) and what.id in {**imported, **own}:
            return {**imported, **own}[what.id]
        return f"{module}:{where}"  # a lambda, or a function within

    return {
        f"commit {named(call.args[0] if call.args else call, where)}"
        for where, call in _calls(tree, "")
        if isinstance(call, ast.Call) and COMMITS.search(ast.unparse(call.func))
    }


def test_each_way_to_call_is_found() -> None:
    source = """
import os
from pileus.core import durable
from pileus.core.durable import fsync
class Shelf:
    def keep(self, part, place):
        os.fsync(3)
        part.rename(place)
        "text".replace("a", "b")
    async def bring(self):
        def inner():
            os.link("a", "b")
        await to_thread(durable.publish, "a", "b")
        await to_thread(inner)
def leave(path):
    fsync(path)
"""
    assert found_in("m", source) == {
        "fsync m:Shelf.keep",
        "rename m:Shelf.keep",
        "link m:Shelf.bring",
        "fsync m:Shelf.bring",
        "rename m:Shelf.bring",
        "fsync m:leave",
    }


def test_each_transaction_is_named_as_it_runs() -> None:
    source = """
from functools import partial
from elsewhere import drop
def _take(conn):
    pass
class Shelf:
    async def keep(self):
        def write(conn):
            pass
        await self._ctx.db.write_async(write)
    def lend(self, one):
        self.db.write(lambda conn: one)
        self._db.write(partial(self._note, one=1))
        target.write(partial(_take, one))
        db.write(drop)
        self._ctx.log.write(one)
    def step(self):
        with self._ledger.writing():
            pass
"""
    assert commits_in("m", source) == {
        "commit m:Shelf.keep",
        "commit m:Shelf.lend",
        "commit m:Shelf._note",
        "commit m:_take",
        "commit elsewhere:drop",
        "commit m:Shelf.step",
    }


def test_all_are_listed() -> None:
    """A new one must be died at by a campaign, which finds it by itself, or have a reason not to be."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        if module != PLUMBING:
            found |= found_in(module, path.read_text()) | commits_in(module, path.read_text())
    commits = {one for one in found if one.startswith("commit ")}
    listed = {
        one
        for one, campaigns in places().items()
        if one.split()[0] in {"fsync", "rename", "link"} or (one.startswith("commit ") and not campaigns)
    }
    assert found - places().keys() == set(), "list these in tests/boundaries.txt"
    assert listed - found == set(), "these are gone: take them from tests/boundaries.txt"
    assert len(found - commits) > 30
    assert len(commits) > 100
