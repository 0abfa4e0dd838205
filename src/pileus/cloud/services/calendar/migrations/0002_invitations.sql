-- Events of which others of this cloud have to hear; `organizer` is whose they were, for one that is deleted.
CREATE TABLE calendar_outbox (
  account_id TEXT NOT NULL,
  record TEXT NOT NULL,
  organizer TEXT NOT NULL,
  PRIMARY KEY (account_id, record)
);
-- Who has an account's event in their calendar by its invitation.
CREATE TABLE calendar_invited (
  account_id TEXT NOT NULL,
  record TEXT NOT NULL,
  guest TEXT NOT NULL,
  PRIMARY KEY (account_id, record, guest)
);
CREATE INDEX calendar_invited_guest ON calendar_invited (guest);
-- How many new invitations one account sent to another in a day.
CREATE TABLE calendar_invitations (
  day INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  guest TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, account_id, guest)
);
