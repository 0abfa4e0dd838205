-- The account's point, for which others seal what they share with it, and the pair as its vault sealed it.
ALTER TABLE files_vault ADD COLUMN public TEXT NOT NULL DEFAULT '';
ALTER TABLE files_vault ADD COLUMN pair TEXT NOT NULL DEFAULT '';
-- A file's key and name, sealed for whom it is shared with.
ALTER TABLE files_share ADD COLUMN sealed TEXT NOT NULL DEFAULT '';
