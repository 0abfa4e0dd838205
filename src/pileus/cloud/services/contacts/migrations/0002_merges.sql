CREATE TABLE contacts_merge (
  account_id TEXT NOT NULL,
  merge TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (account_id, merge)
);
CREATE INDEX contacts_merge_at ON contacts_merge (at_ms);
