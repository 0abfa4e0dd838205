"""The journal's deterministic simulator: docs/design/journal.md, "Device side"."""
