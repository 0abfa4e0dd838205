"""When an account that its owner gave up is erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("deletion_ms", sa.BigInteger, nullable=True))
