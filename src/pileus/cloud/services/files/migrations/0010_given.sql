-- How many shares of one account another was told of in a day.
CREATE TABLE files_given_told (
  day BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  grantee_id TEXT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (day, account_id, grantee_id)
);
