"""Accounts, their devices, and who may sign in."""

from pileus.cloud.kernel.accounts.store import Account, Accounts, Device, SignedIn

__all__ = ["Account", "Accounts", "Device", "SignedIn"]
