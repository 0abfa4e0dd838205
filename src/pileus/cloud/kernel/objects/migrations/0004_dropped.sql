-- When a dropped pack's blob was deleted; NULL: it has to be. The name stays for a year, so that nobody who
-- slept meanwhile can name the pack again.
ALTER TABLE object_pack_dropped ADD COLUMN gone_ms BIGINT;
