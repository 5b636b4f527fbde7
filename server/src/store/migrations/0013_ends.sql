-- When an officer's visit ends stands beside when it begins, so that what overlaps is found in the index alone.
ALTER TABLE visit_officer ADD COLUMN end_at INTEGER;
UPDATE visit_officer SET end_at = (SELECT end_at FROM visit WHERE visit.record = visit_officer.record);
DROP INDEX visit_officer_time;
CREATE INDEX visit_officer_time ON visit_officer (officer, start_at, record, end_at);
