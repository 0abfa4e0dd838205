"""The stand-in of `haptics`."""
