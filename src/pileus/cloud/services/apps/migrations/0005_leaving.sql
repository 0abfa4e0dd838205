-- Apps that were removed and what they kept not yet: it goes after that, also where a crash came between.
CREATE TABLE apps_leaving (
    account_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    engine TEXT NOT NULL,
    PRIMARY KEY (account_id, app_id)
);
