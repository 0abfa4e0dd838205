"""The backups service: snapshots of folders."""
