"""The link's messages: what is encoded comes back, and what is absurd is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.surfaces.engines.android.system import wire
from pileus.surfaces.engines.android.system.wire import Call, Dead, Drop, Hello, Item, Release, Reply, WireError

number = st.integers(0, 2**32 - 1)


@st.composite
def parcels(draw: st.DrawFn) -> tuple[tuple[Item, ...], int, bytes]:
    data = draw(st.binary(max_size=300))
    places = (
        draw(st.lists(st.integers(0, max(0, len(data) // 8 - 1)), unique=True, max_size=8))
        if len(data) >= 8
        else []
    )
    items, fds = [], 0
    for place in sorted(places):
        kind = draw(st.sampled_from([wire.OWN, wire.HANDLE, wire.FD]))
        items.append(Item(kind, place * 8, fds if kind == wire.FD else draw(number)))
        fds += kind == wire.FD
    return tuple(items), fds, data


@st.composite
def messages(draw: st.DrawFn) -> wire.Message:
    items, fds, data = draw(parcels())
    return draw(
        st.one_of(
            st.builds(Hello, st.integers(0, 65535), number, number, st.text(max_size=30)),
            st.builds(
                Call,
                number,
                number,
                number,
                number,
                number,
                number,
                number,
                st.just(fds),
                st.just(items),
                st.just(data),
            ),
            st.builds(Reply, number, st.integers(0, 4), st.just(fds), st.just(items), st.just(data)),
            st.builds(Release, number, number),
            st.builds(Drop, number, number),
            st.builds(Dead, number),
        )
    )


@given(messages())
def test_what_is_encoded_comes_back(message: wire.Message) -> None:
    raw = wire.encode(message)
    assert int.from_bytes(raw[:4], "little") == len(raw) - 4
    assert wire.decode(raw[4:]) == message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        message = wire.decode(data)
    except WireError:
        return
    assert wire.decode(wire.encode(message)[4:]) == message


@pytest.mark.parametrize(
    "items",
    [
        (Item(wire.OWN, 4, 1), Item(wire.OWN, 8, 2)),
        (Item(wire.OWN, 12, 1),),
        (Item(9, 0, 1),),
        (Item(wire.FD, 0, 0),),
    ],
    ids=["overlap", "beyond the end", "unknown kind", "descriptor that does not come"],
)
def test_objects_that_cannot_be_are_refused(items: tuple[Item, ...]) -> None:
    with pytest.raises(WireError):
        wire.decode(wire.encode(Call(1, 0, 1, items=items, parcel=bytes(16)))[4:])


def test_the_bytes_of_a_call() -> None:
    call = Call(7, 3, 1, wire.ONE_WAY, 5, 10001, 12, 0, (Item(wire.HANDLE, 8, 4),), bytes(8) + b"\1" + bytes(7))
    assert wire.encode(call).hex() == (
        "3a000000"
        "02"
        "07000000"
        "03000000"
        "01000000"
        "01000000"
        "05000000"
        "11270000"
        "0c000000"
        "0000"
        "0100"
        "02"
        "08000000"
        "04000000"
        "0000000000000000"
        "0100000000000000"
    )
