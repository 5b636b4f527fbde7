-- Which procedure a visit was under stands beside when it began: an officer's visits are counted in the index alone.
ALTER TABLE visit_officer ADD COLUMN procedure TEXT NOT NULL DEFAULT '';
UPDATE visit_officer SET procedure = (SELECT procedure FROM visit WHERE visit.record = visit_officer.record);
DROP INDEX visit_officer_time;
CREATE INDEX visit_officer_time ON visit_officer (officer, start_at, record, end_at, procedure);

-- Gaps of one rule at one step, by what came of their review.
CREATE INDEX gap_found ON gap (rule, step, stage);

-- What the queue can be asked for besides its order: what does not match is passed over in the index.
DROP INDEX gap_queue;
DROP INDEX gap_unit;
DROP INDEX gap_left;
DROP INDEX gap_unit_left;
CREATE INDEX gap_queue ON gap (status, severity DESC, first_seen, record, rule, step, nth, matter, state);
CREATE INDEX gap_unit ON gap (unit, status, severity DESC, first_seen, record, rule, step, nth, matter, state);
CREATE INDEX gap_left ON gap (status, deadline_to IS NULL, deadline_to, severity DESC, first_seen, record, rule, step, nth, matter, state);
CREATE INDEX gap_unit_left ON gap (unit, status, deadline_to IS NULL, deadline_to, severity DESC, first_seen, record, rule, step, nth, matter, state);
