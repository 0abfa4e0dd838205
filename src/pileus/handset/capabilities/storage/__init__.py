"""The room on the handset."""
