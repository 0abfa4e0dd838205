-- Packs whose rows are gone and whose blobs are going: only what is named here is ever deleted.
CREATE TABLE object_pack_dropped (
  name TEXT PRIMARY KEY
);

-- found: its packs lay in the store and this database did not name them. It is kept, deleted and uncounted,
-- until a rebuild or its writer takes it up.
ALTER TABLE object ADD COLUMN found INTEGER NOT NULL DEFAULT 0;
