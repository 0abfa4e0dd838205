-- When a message was deleted: copies of it that an import brings are known, and stay away, until that is forgotten.
ALTER TABLE messages_entry ADD COLUMN gone_ms INTEGER;
CREATE INDEX messages_entry_gone ON messages_entry (gone_ms);
