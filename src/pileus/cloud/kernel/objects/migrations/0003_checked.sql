-- When a pack was last read back whole; 0: never. The daily check takes the longest unread first.
ALTER TABLE object_pack ADD COLUMN checked_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX object_pack_checked ON object_pack (checked_ms);
