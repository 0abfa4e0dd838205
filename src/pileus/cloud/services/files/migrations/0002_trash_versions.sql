-- What was deleted. `root` is what the owner deleted: the file or folder itself, or the folder that it was in.
CREATE TABLE files_trash (
  account_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  root TEXT NOT NULL,
  parent TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  object_id TEXT,
  fields TEXT NOT NULL,
  deleted_ms BIGINT NOT NULL,
  PRIMARY KEY (account_id, file_id)
);
CREATE INDEX files_trash_root ON files_trash (account_id, root);
CREATE INDEX files_trash_object ON files_trash (account_id, object_id);
CREATE INDEX files_trash_deleted ON files_trash (deleted_ms);

-- Contents that a file had before. One content may be an earlier one of several files.
CREATE TABLE files_version (
  account_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  size BIGINT NOT NULL,
  blake3 TEXT NOT NULL,
  type TEXT NOT NULL,
  modified_ms BIGINT NOT NULL,
  replaced_ms BIGINT NOT NULL,
  PRIMARY KEY (account_id, file_id, object_id)
);
CREATE INDEX files_version_object ON files_version (account_id, object_id);
CREATE INDEX files_version_replaced ON files_version (replaced_ms);

-- The file that a finished upload becomes the content of, and the content that its sender saw there.
ALTER TABLE files_upload ADD COLUMN replaces TEXT NOT NULL DEFAULT '';
ALTER TABLE files_upload ADD COLUMN seen TEXT NOT NULL DEFAULT '';
