"""The notes service: an owner's notes travel by the journal alone."""
