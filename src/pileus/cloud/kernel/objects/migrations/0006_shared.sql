-- shared: made of chunks that it shares with other objects; in the quota it counts what no other live one names.
ALTER TABLE object ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;

-- Plain bytes of chunks that clients brought and no object names yet: they must fit into the quota as well.
CREATE TABLE object_brought (
  account_id TEXT NOT NULL REFERENCES account (id),
  area TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (account_id, area)
);
