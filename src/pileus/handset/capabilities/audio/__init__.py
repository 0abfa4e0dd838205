"""Sound of the handset."""
