"""The stand-in of `power`."""
