-- The queue of gaps by the time that is left, for one office and for all; what has no limit comes last.
CREATE INDEX gap_left ON gap (status, deadline_to IS NULL, deadline_to, severity DESC, first_seen);
CREATE INDEX gap_unit_left ON gap (unit, status, deadline_to IS NULL, deadline_to, severity DESC, first_seen);
-- One rule, one step.
CREATE INDEX gap_rule ON gap (rule, status, severity DESC, first_seen);
CREATE INDEX gap_step ON gap (step, status, severity DESC, first_seen);
