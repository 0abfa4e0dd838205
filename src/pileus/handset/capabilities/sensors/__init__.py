"""The sensors of the handset."""
