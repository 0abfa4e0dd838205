-- Keys of areas, wrapped by the server's key; the same is kept beside the packs.
CREATE TABLE object_key (
  id BLOB PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  area TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (account_id, area)
);

CREATE TABLE object_pack (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES account (id),
  area TEXT NOT NULL,
  size BIGINT NOT NULL,
  created_ms BIGINT NOT NULL
);

-- touched_ms: when a writer last counted on it; the sweep leaves it alone for the grace period after.
CREATE TABLE object_chunk (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  area TEXT NOT NULL,
  name BLOB NOT NULL,
  pack_id INTEGER NOT NULL REFERENCES object_pack (id),
  start BIGINT NOT NULL,
  stored INTEGER NOT NULL,
  plain INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  packing INTEGER NOT NULL,
  touched_ms BIGINT NOT NULL,
  UNIQUE (account_id, area, name)
);
CREATE INDEX object_chunk_pack ON object_chunk (pack_id);

CREATE TABLE object (
  account_id TEXT NOT NULL REFERENCES account (id),
  area TEXT NOT NULL,
  id TEXT NOT NULL,
  size BIGINT NOT NULL,
  blake3 TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  deleted_ms BIGINT,
  PRIMARY KEY (account_id, area, id)
);
CREATE INDEX object_deleted ON object (deleted_ms) WHERE deleted_ms IS NOT NULL;

-- number -1 is the object's manifest; the others are its chunks in order.
CREATE TABLE object_part (
  account_id TEXT NOT NULL,
  area TEXT NOT NULL,
  object_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  start BIGINT NOT NULL,
  chunk_id INTEGER NOT NULL REFERENCES object_chunk (id),
  PRIMARY KEY (account_id, area, object_id, number)
);
CREATE INDEX object_part_chunk ON object_part (chunk_id);
