-- A moment whose objects somebody may ask for again, as a backup does of what its records name: while its row is
-- here, the sweep leaves what was there at it. Numbers rise within an area and are given once.
CREATE TABLE object_moment (
  account_id TEXT NOT NULL REFERENCES account (id),
  area TEXT NOT NULL,
  id TEXT NOT NULL,
  number BIGINT NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, area, id)
);
-- born: the last moment that had ended when the object was stored. held: of a deleted object that is kept and counted
-- for moments, the last of them.
ALTER TABLE object ADD COLUMN born BIGINT NOT NULL DEFAULT 0;
ALTER TABLE object ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
CREATE INDEX object_held ON object (account_id, area) WHERE held > 0;
