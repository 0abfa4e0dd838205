-- The packages that an account keeps as objects, noted before they are stored; `stored` when one is whole.
CREATE TABLE apps_package (
    account_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    stored INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, sha256)
);
