"""HTTP of the notes service, below /api/v1."""

from __future__ import annotations

from pileus.cloud.kernel.service import Operation, ServiceContext


def operations(ctx: ServiceContext) -> list[Operation]:
    """None: notes travel by the journal alone."""
    return []
