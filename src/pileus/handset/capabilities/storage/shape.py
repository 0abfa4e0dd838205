"""The state of `storage`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pileus.handset.shape import Shape

Bytes = Annotated[int, msgspec.Meta(ge=0)]


class State(Shape, frozen=True, kw_only=True):
    """Bytes of the disk that the daemon's data lies on; `free` is what the daemon may still use."""

    total: Bytes = 0
    free: Bytes = 0
    low: bool = False
