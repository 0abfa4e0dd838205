"""Web Push: notifications to browsers whose page is closed (RFC 8030, 8291, 8292). See docs/design/push.md."""
