"""The stand-in of `bluetooth`."""
