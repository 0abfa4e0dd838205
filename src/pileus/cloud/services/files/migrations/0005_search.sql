-- Words of names, and of what is in text files, by which files are found (pileus.core.words cuts them).
CREATE VIRTUAL TABLE files_search USING fts5(scope, name, body, tokenize = 'ascii', prefix = '1 2 3', columnsize = 0);
-- The row of each file there. `due`: its words are not all in the index yet.
CREATE TABLE files_indexed (
  row INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  due BOOLEAN NOT NULL,
  UNIQUE (account_id, file_id)
);
CREATE INDEX files_indexed_due ON files_indexed (account_id) WHERE due;
INSERT INTO files_indexed (account_id, file_id, due) SELECT account_id, file_id, TRUE FROM files_entry;
