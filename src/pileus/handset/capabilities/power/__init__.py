"""Battery, screen and sleep of the handset."""
