"""Bluetooth of the handset."""
