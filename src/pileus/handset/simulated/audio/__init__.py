"""The stand-in of `audio`."""
