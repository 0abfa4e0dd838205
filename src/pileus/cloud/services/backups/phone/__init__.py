"""The phone's own backups: snapshots of an account's records and apps, made by the cloud where they live."""
