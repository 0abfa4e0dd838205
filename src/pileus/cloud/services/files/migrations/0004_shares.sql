-- A way to one file or folder for others: by a link (token_hash) or for an account of this cloud (grantee_id).
CREATE TABLE files_share (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  file_id TEXT NOT NULL,
  token_hash TEXT,
  password_hash TEXT,
  grantee_id TEXT REFERENCES account (id),
  writes BOOLEAN NOT NULL,
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT,
  failures BIGINT NOT NULL DEFAULT 0,
  blocked_until_ms BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX files_share_token ON files_share (token_hash);
CREATE INDEX files_share_file ON files_share (account_id, file_id);
CREATE INDEX files_share_grantee ON files_share (grantee_id);
