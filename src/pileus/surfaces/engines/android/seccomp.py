"""A system-call filter for app code: what no app on the JVM needs answers EPERM (clone3: ENOSYS).

A classic BPF program as seccomp(2) takes it, for x86-64 only (where the framework's natives exist).
"""

from __future__ import annotations

import struct

_X86_64 = 0xC000003E
_X32 = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NAMESPACES = 0x7E020000
"""The CLONE_NEW* bits."""

# Numbers: linux/arch/x86/entry/syscalls/syscall_64.tbl
CLONE, CLONE3 = 56, 435
DENIED = {
    "ptrace": 101,
    "syslog": 103,
    "pivot_root": 155,
    "chroot": 161,
    "acct": 163,
    "settimeofday": 164,
    "mount": 165,
    "umount2": 166,
    "swapon": 167,
    "swapoff": 168,
    "reboot": 169,
    "iopl": 172,
    "ioperm": 173,
    "init_module": 175,
    "delete_module": 176,
    "quotactl": 179,
    "clock_settime": 227,
    "mbind": 237,
    "kexec_load": 246,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "migrate_pages": 256,
    "unshare": 272,
    "move_pages": 279,
    "perf_event_open": 298,
    "fanotify_init": 300,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "finit_module": 313,
    "kexec_file_load": 320,
    "bpf": 321,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
}


def program() -> bytes:
    """The filter as an array of `struct sock_filter`."""
    lines = [
        _line(_LOAD, 4),
        _line(_EQUAL, _X86_64, 1, 0),
        _line(_RETURN, _KILL),
        _line(_LOAD, 0),
        _line(_AT_LEAST, _X32, 0, 1),
        _line(_RETURN, _KILL),
        _line(_EQUAL, CLONE3, 0, 1),
        _line(_RETURN, _ERROR | _ENOSYS),
    ]
    for number in sorted(DENIED.values()):
        lines += [_line(_EQUAL, number, 0, 1), _line(_RETURN, _ERROR | _EPERM)]
    lines += [
        _line(_EQUAL, CLONE, 0, 3),
        _line(_LOAD, 16),
        _line(_SET, _NAMESPACES, 0, 1),
        _line(_RETURN, _ERROR | _EPERM),
        _line(_RETURN, _ALLOW),
    ]
    return b"".join(lines)


def _line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value)
