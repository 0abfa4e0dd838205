"""Snapshots of several devices in the real packs, swept and compacted meanwhile: docs/design/objects.md."""
