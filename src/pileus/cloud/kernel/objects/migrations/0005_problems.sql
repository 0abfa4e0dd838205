-- lost: a check could not read the chunk where it lies. Writers store it anew, and what they bring takes its place.
ALTER TABLE object_chunk ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
CREATE INDEX object_chunk_lost ON object_chunk (pack_id) WHERE lost = 1;

-- Packs that a check could not read, until one can.
CREATE TABLE object_problem (
  pack TEXT PRIMARY KEY,
  detail TEXT NOT NULL
);

-- The check of everything that was begun and has not come to its end; its place is object_pack.checked_ms.
CREATE TABLE object_check (
  begun_ms BIGINT PRIMARY KEY
);

-- until_ms: a deleted object can be brought back until then, though the grace period may be over.
ALTER TABLE object ADD COLUMN until_ms BIGINT NOT NULL DEFAULT 0;
