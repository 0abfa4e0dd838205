"""Accounts, their devices, and who may sign in."""

from pileus.cloud.kernel.accounts.devices import Device
from pileus.cloud.kernel.accounts.rows import Account
from pileus.cloud.kernel.accounts.store import Accounts, SignedIn

__all__ = ["Account", "Accounts", "Device", "SignedIn"]
