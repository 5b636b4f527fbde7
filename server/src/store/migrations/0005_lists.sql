-- The list of records, last changed first, for whoever sees every office.
CREATE INDEX record_changed ON record (changed_at);
