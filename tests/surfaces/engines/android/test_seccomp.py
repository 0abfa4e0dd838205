"""What the system-call filter says, by running its program as the kernel would."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.surfaces.engines.android import seccomp

NATIVE = 0xC000003E
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
PROGRAM = list(struct.iter_unpack("<HBBI", seccomp.program()))


def verdict(number: int, *arguments: int, arch: int = NATIVE) -> int:
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, arch, 0, *padded)
    held = at = 0
    while True:
        code, yes, no, value = PROGRAM[at]
        at += 1
        if code == 0x20:
            (held,) = struct.unpack_from("<I", data, value)
        elif code == 0x54:
            held &= value
        elif code == 0x06:
            return value
        else:
            true = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            at += yes if true else no


def test_the_kernel_takes_its_length() -> None:
    assert len(PROGRAM) < 4096


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *(("ptrace", 101), ("syslog", 103), ("pivot_root", 155), ("chroot", 161), ("mount", 165)),
        *(("init_module", 175), ("kexec_load", 246), ("add_key", 248), ("request_key", 249), ("keyctl", 250)),
        *(("unshare", 272), ("perf_event_open", 298), ("open_by_handle_at", 304), ("setns", 308)),
        *(("process_vm_readv", 310), ("memfd_create", 319), ("bpf", 321), ("userfaultfd", 323)),
        *(("shmget", 29), ("semget", 64), ("msgget", 68), ("mq_open", 240), ("setuid", 105), ("setxattr", 188)),
        *(("mknod", 133), ("seccomp", 317), ("personality", 135), ("quotactl", 179), ("sched_setscheduler", 144)),
    ],
)
def test_it_refuses(name: str, number: int) -> None:
    assert verdict(number, 0x20000) == ERROR | 1, name


@pytest.mark.parametrize("number", [425, 426, 427, 428, 429, 430, 435, 438, 442, 447, 600])
def test_a_call_that_is_new_is_not_there(number: int) -> None:
    assert verdict(number) == ERROR | 38


@given(st.integers(0, 0x3FFFFFFF), st.lists(st.integers(0, (1 << 64) - 1), max_size=6))
def test_only_what_is_named_passes(number: int, arguments: list[int]) -> None:
    named = {number for group in seccomp.ALLOWED.values() for number in group.values()}
    special = {seccomp.CLONE, seccomp.IOCTL, seccomp.SOCKET, seccomp.SOCKETPAIR}
    special |= {seccomp.SETSOCKOPT, seccomp.PRCTL, seccomp.PERSONALITY}
    if number in named:
        assert verdict(number, *arguments) == ALLOW
    elif number not in special:
        assert verdict(number, *arguments) != ALLOW


@given(st.integers(0, (1 << 64) - 1))
def test_a_clone_makes_no_namespace(flags: int) -> None:
    spaces = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
    assert (verdict(56, flags) == ALLOW) == (flags & spaces == 0)


@given(st.integers(0, 1 << 32), st.integers(0, 1 << 20), st.integers(0, 300))
def test_sockets_are_unix_tcp_udp_and_the_list_of_addresses(family: int, kind: int, protocol: int) -> None:
    low = family & 0xFFFFFFFF
    internet = low in (2, 10) and kind & 0xF in (1, 2) and protocol in (0, 6, 17)
    expected = low == 1 or internet or (low == 16 and protocol == 0)
    assert (verdict(41, family, kind, protocol) == ALLOW) == expected


def test_what_it_asks_of_a_descriptor_is_named() -> None:
    assert verdict(16, 0, 0x541B) == ALLOW
    assert verdict(16, 0, 0x5412) == ERROR | 25  # TIOCSTI
    assert verdict(16, 0, 0x8914) == ERROR | 25  # SIOCSIFFLAGS
    assert verdict(54, 3, 6, 1) == ALLOW
    assert verdict(54, 3, 1, 31) == ALLOW
    assert verdict(54, 3, 6, 31) == ERROR | 1
    assert verdict(157, 15) == ALLOW
    assert verdict(157, 4) == ERROR | 1
    assert verdict(157, 24) == ERROR | 1
    assert verdict(53, 1) == ALLOW
    assert verdict(53, 2) == ERROR | 97


def test_other_ways_to_number_calls_end_the_process() -> None:
    assert verdict(0, arch=0x40000003) == KILL
    assert verdict(0x40000000) == KILL
