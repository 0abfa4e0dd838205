-- Until when an account's reminders were told to its devices by push.
CREATE TABLE calendar_told (
  account_id TEXT NOT NULL PRIMARY KEY,
  until_ms INTEGER NOT NULL
);
