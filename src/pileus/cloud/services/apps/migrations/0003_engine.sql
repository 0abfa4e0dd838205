-- Which engine a package is for; all that were installed before are Android's.
ALTER TABLE apps_installed ADD COLUMN engine TEXT NOT NULL DEFAULT 'android';
