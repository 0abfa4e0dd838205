-- What is done for the packs by the calendar and how it went the last time, for whoever runs the cloud.
-- failed_ms, code: the last try failed. problems: what it found. weak: what a thief of the server's keys could do.
CREATE TABLE object_care (
  task TEXT PRIMARY KEY,
  done_ms BIGINT,
  failed_ms BIGINT,
  code TEXT,
  problems INTEGER NOT NULL,
  weak TEXT NOT NULL DEFAULT ''
);
