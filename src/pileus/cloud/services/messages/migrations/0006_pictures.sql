-- Bytes of pictures that went along, which are counted apart from texts.
ALTER TABLE messages_letter ADD COLUMN pictures INTEGER NOT NULL DEFAULT 0;
