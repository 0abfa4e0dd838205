-- Each time the database was put back from an older copy, and up to which a service has heard of it.
CREATE TABLE restored (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL);
CREATE TABLE restored_heard (service TEXT PRIMARY KEY, id INTEGER NOT NULL);
