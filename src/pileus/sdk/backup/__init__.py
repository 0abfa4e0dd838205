"""Backup of folders into an account: the client's half (docs/design/backup.md)."""
