"""One folder for each capability of a handset, found by its `capability.toml`."""
