"""Mount folders into a running sandbox: `python graft.py HOLDER INSIDE (ro|rw SOURCE TARGET)...`

A program of its own, since setns(2) moves the whole (single-threaded) process. INSIDE is a process in the
sandbox. HOLDER is 0 for root; for a plain user it is the process that holds the user namespace in which the
sandbox was made: a detached copy of SOURCE is made there, then put at TARGET in the sandbox.
Sources: open_tree(2), move_mount(2), mount_setattr(2).
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_CLONE, _CLOEXEC, _EMPTY_PATH, _RECURSIVE = 1, 0x80000, 0x1000, 0x8000
_FROM_EMPTY = 0x4
_RDONLY, _NOSUID, _NODEV = 0x1, 0x2, 0x4
_NEWNS, _NEWUSER = 0x20000, 0x10000000

_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> int:
    holder, inside = int(arguments[0]), int(arguments[1])
    wanted = [tuple(arguments[at : at + 3]) for at in range(2, len(arguments), 3)]
    target_space = os.open(f"/proc/{inside}/ns/mnt", os.O_RDONLY)
    if holder:
        own_space = os.open(f"/proc/{holder}/ns/mnt", os.O_RDONLY)
        user_space = os.open(f"/proc/{holder}/ns/user", os.O_RDONLY)
        _call(_libc.setns(user_space, _NEWUSER), "setns user")
        _call(_libc.setns(own_space, _NEWNS), "setns mount")
    trees = [(_tree(source, mode == "ro"), target) for mode, source, target in wanted]
    _call(_libc.setns(target_space, _NEWNS), "setns sandbox")
    for tree, target in trees:
        moved = _libc.syscall(_MOVE_MOUNT, tree, b"", -100, os.fsencode(target), _FROM_EMPTY)
        _call(moved, f"move_mount {target}")
    return 0


def _tree(source: str, read_only: bool) -> int:
    tree = int(_libc.syscall(_OPEN_TREE, -100, os.fsencode(source), _CLONE | _CLOEXEC | _RECURSIVE))
    _call(tree, f"open_tree {source}")
    attributes = struct.pack("<QQQQ", _NOSUID | _NODEV | (_RDONLY if read_only else 0), 0, 0, 0)
    flags = _EMPTY_PATH | _RECURSIVE
    done = _libc.syscall(_MOUNT_SETATTR, tree, b"", flags, attributes, len(attributes))
    _call(done, f"mount_setattr {source}")
    return tree


def _call(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
