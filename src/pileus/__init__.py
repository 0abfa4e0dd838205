"""Pileus: an operating system for phones and tablets whose home is its cloud."""
