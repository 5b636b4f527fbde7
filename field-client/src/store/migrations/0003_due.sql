-- The day on which an order to correct runs out and is looked at again: the start of that day; none where nothing runs.
ALTER TABLE records ADD COLUMN due INTEGER;
CREATE INDEX records_due ON records (due) WHERE due IS NOT NULL;
