-- The index by time, and the key by which copies of a message are known. Filled again by `store.take_old`.
DROP TABLE messages_search;
DROP TABLE messages_entry;
CREATE TABLE messages_entry (
  row INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  record TEXT NOT NULL,
  date_ms INTEGER NOT NULL,
  claimed_ms INTEGER
);
CREATE INDEX messages_entry_key ON messages_entry (account_id, key);
CREATE VIRTUAL TABLE messages_search USING fts5(scope, words, tokenize = 'ascii', prefix = '1 2 3', columnsize = 0);
-- Rows whose words are not in the index yet.
CREATE TABLE messages_stale (row INTEGER PRIMARY KEY);
-- Messages from before there were keys.
CREATE TABLE messages_old (account_id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (account_id, record)) WITHOUT ROWID;
INSERT INTO messages_old (account_id, record)
  SELECT account_id, id FROM journal_record WHERE collection = 'messages.message' AND NOT deleted;
CREATE TABLE messages_part (
  account_id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (account_id, object_id, record)
) WITHOUT ROWID;
-- Objects whose messages changed: they are deleted by whether a message still names them.
CREATE TABLE messages_doubt (account_id TEXT NOT NULL, object_id TEXT NOT NULL, PRIMARY KEY (account_id, object_id)) WITHOUT ROWID;
