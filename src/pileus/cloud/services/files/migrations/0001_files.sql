CREATE TABLE files_upload (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  parent TEXT NOT NULL,
  size BIGINT NOT NULL,
  type TEXT NOT NULL,
  blake3 TEXT,
  modified_ms BIGINT NOT NULL,
  place BIGINT NOT NULL,
  touched_ms BIGINT NOT NULL,
  file_name TEXT
);
CREATE INDEX files_upload_account ON files_upload (account_id);
CREATE INDEX files_upload_touched ON files_upload (touched_ms);

CREATE TABLE files_entry (
  account_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  parent TEXT NOT NULL,
  name TEXT NOT NULL,
  object_id TEXT,
  PRIMARY KEY (account_id, file_id)
);
CREATE INDEX files_entry_name ON files_entry (account_id, parent, name);
CREATE INDEX files_entry_object ON files_entry (account_id, object_id);

-- Objects whose records changed: they are deleted or restored by whether a record still names them.
CREATE TABLE files_doubt (
  account_id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  PRIMARY KEY (account_id, object_id)
);
