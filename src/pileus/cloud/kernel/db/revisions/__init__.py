"""Alembic revisions of the kernel's tables: `NNNN_name.py`, each with `revision = "NNNN"`."""
