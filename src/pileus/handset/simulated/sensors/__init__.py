"""The stand-in of `sensors`."""
