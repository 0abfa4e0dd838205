-- When a pack was last read back whole from the second copy; 0: never, or it is not there yet.
ALTER TABLE object_pack ADD COLUMN copy_read_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX object_pack_copy_read ON object_pack (copy_read_ms);

-- Packs that could not be read there, until one can.
CREATE TABLE object_copy_problem (
  pack TEXT PRIMARY KEY,
  detail TEXT NOT NULL
);
