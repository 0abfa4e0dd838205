-- Which account has which package, so that a package that nobody has any more can be removed.
CREATE TABLE apps_installed (
    account_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (account_id, app_id)
);
CREATE INDEX apps_installed_sha256 ON apps_installed (sha256);
