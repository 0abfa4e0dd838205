"""Who administers the cloud, accounts that are shut, and invitations to make one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("role", sa.String(10), nullable=False, server_default="member"))
    op.add_column("account", sa.Column("disabled_ms", sa.BigInteger, nullable=True))
    account = sa.table("account", sa.column("role"), sa.column("keeper", sa.Boolean))
    op.execute(account.update().where(account.c.keeper).values(role="owner"))
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), nullable=True, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("quota_bytes", sa.BigInteger, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
    )
