-- The vault's key, wrapped by its recovery code, which the cloud never sees.
CREATE TABLE files_vault (
  account_id TEXT PRIMARY KEY REFERENCES account (id),
  key_id TEXT NOT NULL,
  wrapped TEXT NOT NULL,
  made_ms BIGINT NOT NULL
);
-- Devices that hold it, each wrapped by a key that its browser keeps and gives to nobody.
CREATE TABLE files_vault_device (
  account_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped TEXT NOT NULL,
  since_ms BIGINT NOT NULL,
  PRIMARY KEY (account_id, device_id)
);
-- Devices that ask to be let in. `answer`: the key, sealed with the code that the asking device shows.
CREATE TABLE files_vault_ask (
  account_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  salt TEXT NOT NULL,
  proof TEXT NOT NULL,
  answer TEXT NOT NULL,
  asked_ms BIGINT NOT NULL,
  PRIMARY KEY (account_id, device_id)
);
-- What a sealed file that is being sent is called, sealed.
ALTER TABLE files_upload ADD COLUMN sealed TEXT NOT NULL DEFAULT '';
