"""The stand-in of `network`."""
