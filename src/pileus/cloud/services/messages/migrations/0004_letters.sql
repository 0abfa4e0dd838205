CREATE TABLE messages_letter (
  day INTEGER NOT NULL,
  receiver TEXT NOT NULL,
  sender TEXT NOT NULL,
  letters INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (day, receiver, sender)
) WITHOUT ROWID;
