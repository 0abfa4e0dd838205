-- The hash of what only a holder of the vault's key can show: nobody else says who holds it, or wraps it anew.
ALTER TABLE files_vault ADD COLUMN verifier TEXT NOT NULL DEFAULT '';
