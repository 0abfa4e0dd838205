"""Calls, short messages and the mobile network, by ModemManager."""
