"""The stand-in of `clock`."""
