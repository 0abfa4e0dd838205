CREATE TABLE messages_entry (
  row INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  record TEXT NOT NULL,
  date_ms INTEGER NOT NULL,
  UNIQUE (account_id, record)
);
CREATE VIRTUAL TABLE messages_search USING fts5(tokens, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
