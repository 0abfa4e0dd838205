"""The messages service: an owner's short messages, their import and their search."""
