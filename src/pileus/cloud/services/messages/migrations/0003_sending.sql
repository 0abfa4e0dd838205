CREATE TABLE messages_sending (
  account_id TEXT NOT NULL,
  record TEXT NOT NULL,
  phase TEXT NOT NULL,
  sim TEXT NOT NULL,
  device TEXT NOT NULL,
  token TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  made_ms INTEGER NOT NULL,
  -- the record could not be told for want of room
  behind INTEGER NOT NULL,
  PRIMARY KEY (account_id, record)
) WITHOUT ROWID;
CREATE INDEX messages_sending_phase ON messages_sending (account_id, phase);
CREATE INDEX messages_sending_until ON messages_sending (phase, until_ms);
CREATE TABLE messages_sim (
  account_id TEXT NOT NULL,
  device TEXT NOT NULL,
  sim TEXT NOT NULL,
  label TEXT NOT NULL,
  number TEXT NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY (account_id, device, sim)
) WITHOUT ROWID;
