-- Objects that contacts' properties stand for.
CREATE TABLE contacts_object (
  account_id TEXT NOT NULL,
  contact TEXT NOT NULL,
  object_id TEXT NOT NULL,
  PRIMARY KEY (account_id, contact, object_id)
);
CREATE INDEX contacts_object_id ON contacts_object (account_id, object_id);

-- Objects whose contacts changed: they are deleted or restored by whether a contact still stands for them.
CREATE TABLE contacts_doubt (
  account_id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  PRIMARY KEY (account_id, object_id)
);
