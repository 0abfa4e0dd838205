"""The system calls that app code may make; everything else is refused (EPERM; new calls ENOSYS, so that C
libraries fall back).

A classic BPF program as seccomp(2) takes it, for x86-64 only (where the framework's natives exist). Calls that
always pass come first: the kernel keeps them in a bitmap and does not run the program for them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_X86_64 = 0xC000003E
_X32 = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _SET, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOTTY, _ENOSYS, _EAFNOSUPPORT = 1, 25, 38, 97
_NEW = 335
"""The first number after which a call is newer than what a C library takes for granted."""
_NAMESPACES = 0x7E020000
"""The CLONE_NEW* bits."""
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_STREAM, _DATAGRAM, _KIND = 1, 2, 0xF
_TCP, _UDP = 6, 17
_TCP_ULP = 31

# Numbers: linux/arch/x86/entry/syscalls/syscall_64.tbl. Left out on purpose, although a JVM could ask for
# them: memfd_create and System V or POSIX shared memory (memory that no process is seen to hold), *setxattr.
# fmt: off
ALLOWED = {
    "files": {
        "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
        "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "pipe": 22, "select": 23,
        "dup": 32, "dup2": 33, "sendfile": 40, "fcntl": 72, "flock": 73, "fsync": 74, "fdatasync": 75,
        "truncate": 76, "ftruncate": 77, "getdents": 78, "getcwd": 79, "chdir": 80, "fchdir": 81, "rename": 82,
        "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88, "readlink": 89,
        "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "umask": 95, "utime": 132,
        "statfs": 137, "fstatfs": 138, "readahead": 187, "getxattr": 191, "lgetxattr": 192, "fgetxattr": 193,
        "listxattr": 194, "llistxattr": 195, "flistxattr": 196, "getdents64": 217, "fadvise64": 221,
        "utimes": 235, "inotify_init": 253, "inotify_add_watch": 254, "inotify_rm_watch": 255, "openat": 257,
        "mkdirat": 258, "fchownat": 260, "futimesat": 261, "newfstatat": 262, "unlinkat": 263, "renameat": 264,
        "linkat": 265, "symlinkat": 266, "readlinkat": 267, "fchmodat": 268, "faccessat": 269, "pselect6": 270,
        "ppoll": 271, "splice": 275, "sync_file_range": 277, "utimensat": 280, "fallocate": 285, "dup3": 292,
        "pipe2": 293, "inotify_init1": 294, "preadv": 295, "pwritev": 296, "renameat2": 316,
        "copy_file_range": 326, "preadv2": 327, "pwritev2": 328, "statx": 332, "close_range": 436,
        "openat2": 437, "faccessat2": 439,
    },
    "memory": {
        "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "mremap": 25, "msync": 26, "mincore": 27,
        "madvise": 28, "mlock": 149, "munlock": 150, "pkey_mprotect": 329, "pkey_alloc": 330, "pkey_free": 331,
    },
    "processes": {
        "sched_yield": 24, "getpid": 39, "fork": 57, "vfork": 58, "execve": 59, "exit": 60, "wait4": 61,
        "kill": 62, "uname": 63, "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102,
        "getgid": 104, "geteuid": 107, "getegid": 108, "setpgid": 109, "getppid": 110, "getpgrp": 111,
        "setsid": 112, "getgroups": 115, "getresuid": 118, "getresgid": 120, "getpgid": 121, "getsid": 124,
        "capget": 125, "getpriority": 140, "setpriority": 141, "sched_getparam": 143, "sched_getscheduler": 145,
        "sched_get_priority_max": 146, "sched_get_priority_min": 147, "sched_rr_get_interval": 148,
        "arch_prctl": 158, "setrlimit": 160, "gettid": 186, "tkill": 200, "futex": 202,
        "sched_setaffinity": 203, "sched_getaffinity": 204, "set_tid_address": 218, "restart_syscall": 219,
        "exit_group": 231, "tgkill": 234, "waitid": 247, "set_robust_list": 273, "get_robust_list": 274,
        "prlimit64": 302, "getcpu": 309, "getrandom": 318, "membarrier": 324, "rseq": 334, "futex_waitv": 449,
    },
    "signals": {
        "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pause": 34, "getitimer": 36, "alarm": 37,
        "setitimer": 38, "rt_sigpending": 127, "rt_sigtimedwait": 128, "rt_sigqueueinfo": 129,
        "rt_sigsuspend": 130, "sigaltstack": 131, "rt_tgsigqueueinfo": 297,
    },
    "time": {
        "nanosleep": 35, "gettimeofday": 96, "time": 201, "timer_create": 222, "timer_settime": 223,
        "timer_gettime": 224, "timer_getoverrun": 225, "timer_delete": 226, "clock_gettime": 228,
        "clock_getres": 229, "clock_nanosleep": 230, "timerfd_create": 283, "timerfd_settime": 286,
        "timerfd_gettime": 287,
    },
    "waiting": {
        "epoll_create": 213, "epoll_wait": 232, "epoll_ctl": 233, "epoll_pwait": 281, "signalfd": 282,
        "eventfd": 284, "signalfd4": 289, "eventfd2": 290, "epoll_create1": 291, "epoll_pwait2": 441,
    },
    "sockets": {
        "connect": 42, "accept": 43, "sendto": 44, "recvfrom": 45, "sendmsg": 46, "recvmsg": 47, "shutdown": 48,
        "bind": 49, "listen": 50, "getsockname": 51, "getpeername": 52, "getsockopt": 55, "accept4": 288,
        "recvmmsg": 299, "sendmmsg": 307,
    },
}
# fmt: on
CLONE, CLONE3, IOCTL, SOCKET, SOCKETPAIR, SETSOCKOPT, PERSONALITY, PRCTL = 56, 435, 16, 41, 53, 54, 135, 157

_IOCTLS = (
    *(0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x5452),  # TCGETS, TIOCGWINSZ, FIONREAD, FIO*
    *(0x8910, 0x8912, 0x8913, 0x8915, 0x8917, 0x8919, 0x891B, 0x891D, 0x8921, 0x8927, 0x8933),  # SIOCGIF*
)
# PDEATHSIG, GET_DUMPABLE, names, GET_SECCOMP, CAPBSET_READ, timer slack, GET_NO_NEW_PRIVS, THP, SET_VMA.
# Not SET_DUMPABLE: who is not dumpable hides from a watcher that is a plain user.
_PRCTLS = (1, 2, 3, 15, 16, 21, 23, 29, 30, 39, 41, 42, 0x53564D41)


def program() -> bytes:
    """The filter as an array of `struct sock_filter`."""
    lines = [
        _line(_LOAD, 4),
        _line(_EQUAL, _X86_64, 1, 0),
        _line(_RETURN, _KILL),
        _line(_LOAD, 0),
        _line(_AT_LEAST, _X32, 0, 1),
        _line(_RETURN, _KILL),
    ]
    for number in sorted(number for group in ALLOWED.values() for number in group.values()):
        lines += _only(number, [_line(_RETURN, _ALLOW)])
    lines += _only(CLONE, [_argument(0), _line(_SET, _NAMESPACES, 0, 1), _refuse(_EPERM), _line(_RETURN, _ALLOW)])
    lines += _only(IOCTL, _one_of(1, _IOCTLS, _ENOTTY))
    lines += _only(PRCTL, _one_of(0, _PRCTLS, _EPERM))
    lines += _only(PERSONALITY, _one_of(0, (0, 0xFFFFFFFF), _EPERM))
    lines += _only(SOCKETPAIR, _one_of(0, (_UNIX,), _EAFNOSUPPORT))
    lines += _only(SOCKET, _sockets())
    lines += _only(SETSOCKOPT, _options())
    lines += [_line(_AT_LEAST, _NEW, 0, 1), _refuse(_ENOSYS), _refuse(_EPERM)]
    return b"".join(lines)


def _sockets() -> list[bytes]:
    """Unix; TCP and UDP, nothing raw; netlink for routes only, by which C libraries list addresses."""
    internet = [
        _argument(1),
        _line(_AND, _KIND),
        *_pass_on((_STREAM, _DATAGRAM), _EPERM),
        _argument(2),
        *_pass_on((0, _TCP, _UDP), _EPERM),
        _line(_RETURN, _ALLOW),
    ]
    netlink = [_argument(2), *_pass_on((0,), _EPERM), _line(_RETURN, _ALLOW)]
    return [
        _argument(0),
        _line(_EQUAL, _UNIX, 0, 1),
        _line(_RETURN, _ALLOW),
        _line(_EQUAL, _NETLINK, 0, len(netlink)),
        *netlink,
        _line(_EQUAL, _INET, 2, 0),
        _line(_EQUAL, _INET6, 1, 0),
        _refuse(_EAFNOSUPPORT),
        *internet,
    ]


def _options() -> list[bytes]:
    """All but TCP_ULP, by which a socket is given to the kernel's TLS."""
    return [
        _argument(1),
        _line(_EQUAL, _TCP, 1, 0),
        _line(_RETURN, _ALLOW),
        _argument(2),
        _line(_EQUAL, _TCP_ULP, 0, 1),
        _refuse(_EPERM),
        _line(_RETURN, _ALLOW),
    ]


def _only(number: int, block: list[bytes]) -> list[bytes]:
    return [_line(_EQUAL, number, 0, len(block)), *block]


def _one_of(argument: int, values: Iterable[int], error: int) -> list[bytes]:
    return [_argument(argument), *_pass_on(tuple(values), error), _line(_RETURN, _ALLOW)]


def _pass_on(values: tuple[int, ...], error: int) -> list[bytes]:
    """Goes on behind itself where the value is one of these."""
    left = len(values)
    return [*(_line(_EQUAL, value, left - at, 0) for at, value in enumerate(values)), _refuse(error)]


def _argument(number: int) -> bytes:
    """Loads the lower half: all that are looked at are ints."""
    return _line(_LOAD, 16 + 8 * number)


def _refuse(error: int) -> bytes:
    return _line(_RETURN, _ERROR | error)


def _line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value)
