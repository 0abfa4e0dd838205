"""Where the handset is."""
