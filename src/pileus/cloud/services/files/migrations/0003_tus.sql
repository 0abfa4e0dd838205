-- Upload-Metadata as a tus client gave it: it is told back the same.
ALTER TABLE files_upload ADD COLUMN metadata TEXT NOT NULL DEFAULT '';
