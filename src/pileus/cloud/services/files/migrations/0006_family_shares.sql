-- A share for all accounts of its owner's family, whoever they are by then.
ALTER TABLE files_share ADD COLUMN family_id TEXT;
CREATE INDEX files_share_family ON files_share (family_id);
