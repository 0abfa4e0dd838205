-- Which object holds a live snapshot's chunks; several share one where nothing had changed.
CREATE TABLE backups_snapshot (
  account_id TEXT NOT NULL REFERENCES account (id),
  id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX backups_snapshot_object ON backups_snapshot (account_id, object_id);
