"""The clock of the handset."""
