"""Endpoints that devices give to app servers, and the messages that came to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_registration",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("device_id", sa.String(36), nullable=False, index=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("vapid", sa.Text, nullable=True),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "push_arrival",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("device_id", sa.String(36), nullable=False),
        sa.Column("registration_id", sa.String(36), nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("encoding", sa.Text, nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False, index=True),
        sqlite_autoincrement=True,  # a device asks for what came after a number: none may come again
    )
    op.create_index("push_arrival_device", "push_arrival", ["device_id", "number"])
