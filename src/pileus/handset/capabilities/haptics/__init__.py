"""Vibration and lights of the handset."""
