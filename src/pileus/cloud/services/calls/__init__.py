"""The calls service."""
