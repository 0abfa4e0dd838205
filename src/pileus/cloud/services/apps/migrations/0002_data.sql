-- Bytes that an app's data counts for in the account's quota, as of the last count.
ALTER TABLE apps_installed ADD COLUMN data BIGINT NOT NULL DEFAULT 0;
