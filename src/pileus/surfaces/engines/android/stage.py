"""The last step inside a sandbox, before the program: `python stage.py CONFIG_FD STATUS_FD`.

Puts up what can only be put up from within: it takes itself and its Python out of the mounts, then the limits,
Landlock, the app's own user, no rights, the system-call filter. Writes `+` to STATUS_FD when all of it stands,
`-` and a reason when any does not; the program is started only after `+`. Imports nothing of Pileus.
"""

from __future__ import annotations

import ctypes
import marshal
import os
import resource
import struct
import sys
from typing import Any

FOLDER = "/stage"
_MNT_DETACH = 2
_NO_NEW_PRIVS, _CAPBSET_DROP, _SECCOMP, _FILTER = 38, 24, 22, 2
_AMBIENT, _AMBIENT_CLEAR = 47, 4
_CAPSET, _CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 126, 444, 445, 446
_CAPABILITIES_3 = 0x20080522
_PATH_BENEATH = 1
_OF_A_FILE = 0x1 | 0x2 | 0x4 | 0x4000 | 0x8000

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> int:
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        config: dict[str, Any] = marshal.load(file)  # noqa: S302 - from the program that started this one
    status = int(sys.argv[2])
    try:
        _wall(config)
    except OSError as error:
        os.write(status, f"-{error.strerror}\n".encode())
        return 1
    os.write(status, b"+\n")
    os.closerange(3, 1 << 10)
    command = config["command"]
    os.execve(command[0], command, config["environment"])  # noqa: S606 - becomes the program


def _wall(config: dict[str, Any]) -> None:
    _done(_libc.umount2(FOLDER.encode(), _MNT_DETACH), "umount")
    os.umask(0o077)
    _done(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if config["handled"]:
        _landlock(config["handled"], config["scoped"], config["rules"])
    _libc.prctl(_AMBIENT, _AMBIENT_CLEAR, 0, 0, 0)
    for right in range(64):
        if _libc.prctl(_CAPBSET_DROP, right, 0, 0, 0) < 0:
            break
    user = config["user"]
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = struct.pack("<Ii", _CAPABILITIES_3, 0)
    _done(_libc.syscall(_CAPSET, header, bytes(24)), "capset")
    for name, value in config["limits"]:
        _, hard = resource.getrlimit(name)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (bound, bound))
    _seccomp(config["filter"])


def _landlock(handled: int, scoped: int, rules: list[tuple[str, int]]) -> None:
    # The kernel takes a shorter structure of an older program: no net rights are handled, the last is scoped.
    attributes = struct.pack("<QQQ", handled, 0, scoped) if scoped else struct.pack("<Q", handled)
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    _done(ruleset, "landlock_create_ruleset")
    for path, rights in rules:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = rights if os.path.isdir(path) else rights & _OF_A_FILE
        rule = struct.pack("<Qi", allowed, place)
        _done(_libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0), f"landlock_add_rule {path}")
        os.close(place)
    _done(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _seccomp(program: bytes) -> None:
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))

    held = Program(len(program) // 8, program)
    _done(_libc.prctl(_SECCOMP, _FILTER, ctypes.byref(held), 0, 0), "seccomp")


def _done(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    raise SystemExit(main())
