"""Landlock, the second wall around an app's files: the kernel's own list of what a program may do where.

Pure but for `abi`. Rights and versions: linux/landlock.h and Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

CREATE_RULESET = 444
_VERSION = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_DIR, _REMOVE_FILE, _MAKE_CHAR, _MAKE_DIR, _MAKE_REG = 0x10, 0x20, 0x40, 0x80, 0x100
_MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = 0x200, 0x400, 0x800, 0x1000
_REFER, _TRUNCATE, _IOCTL_DEV = 0x2000, 0x4000, 0x8000

_FIRST = 0x1FFF
"""The rights of version 1."""
_SCOPED = 0x3
"""No abstract Unix socket and no signal beyond the sandbox (version 6)."""

READ = _EXECUTE | _READ_FILE | _READ_DIR
LOOK = _READ_FILE | _READ_DIR
DEVICES = LOOK | _WRITE_FILE | _TRUNCATE
# Nothing there can be executed or be a device; libraries are loaded by mmap, which Landlock does not ask about.
WRITE = LOOK | _WRITE_FILE | _TRUNCATE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG
WRITE |= _MAKE_SOCK | _MAKE_FIFO | _MAKE_SYM | _REFER


def abi() -> int:
    """The kernel's version of Landlock; 0 where it has none or it is switched off."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))))


def handled(version: int) -> int:
    """All rights that this version can withhold."""
    rights = _FIRST
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        rights |= right if version >= since else 0
    return rights


def scoped(version: int) -> int:
    return _SCOPED if version >= 6 else 0


def rules(version: int, wanted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """What may be done below each path, without what this version does not know."""
    return [(path, rights & handled(version)) for path, rights in wanted]
