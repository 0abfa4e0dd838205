"""The stand-in of `location`."""
