"""A folder in step with the account's Files: the client's half (docs/design/sync.md)."""
