-- What could not be brought is tried again; what waits has its turn by time.
ALTER TABLE calendar_outbox ADD COLUMN due_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE calendar_outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX calendar_outbox_due ON calendar_outbox (due_ms);
