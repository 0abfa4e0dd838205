"""What the history of records keeps counts in the account's quota."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SIZE = "octet_length(value) + octet_length(field)"
SIZE_SQLITE = "length(CAST(value AS BLOB)) + length(CAST(field AS BLOB))"


def upgrade() -> None:
    op.add_column("journal_history", sa.Column("size", sa.BigInteger, nullable=False, server_default="0"))
    size = SIZE_SQLITE if op.get_bind().dialect.name == "sqlite" else SIZE
    op.execute(f"UPDATE journal_history SET size = {size}")  # noqa: S608 - constants
    op.execute(
        "INSERT INTO quota_use (account_id, area, bytes)"
        " SELECT account_id, 'journal', sum(size) FROM journal_history WHERE true GROUP BY account_id"
        " ON CONFLICT (account_id, area) DO UPDATE SET bytes = quota_use.bytes + excluded.bytes"
    )
    op.create_index("journal_history_replaced", "journal_history", ["account_id", "replaced_ms"])
