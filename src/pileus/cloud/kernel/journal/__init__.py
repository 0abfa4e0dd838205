"""The journal: records of accounts, their changes in order, and how changes are merged."""

from pileus.cloud.kernel.journal.collections import Collection, Collections
from pileus.cloud.kernel.journal.store import JournalStore

__all__ = ["Collection", "Collections", "JournalStore"]
