-- Where a suspected gap stands between supervisor and officer, made from the log when the record is assessed.
-- open: a supervisor's turn; waiting: the officer's.
CREATE TABLE gap_new (
    record BLOB NOT NULL REFERENCES record (id),
    rule TEXT NOT NULL,
    step TEXT NOT NULL,
    nth INTEGER NOT NULL,
    state TEXT NOT NULL,
    severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4),
    status TEXT NOT NULL CHECK (status IN ('open', 'waiting', 'upheld', 'dismissed', 'cured')),
    stage TEXT NOT NULL CHECK (stage IN ('new', 'asked', 'explained', 'returned', 'resubmitted', 'upheld', 'dismissed')),
    deadline_from INTEGER,
    deadline_to INTEGER,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    cured_at INTEGER,
    versions TEXT NOT NULL,
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    PRIMARY KEY (record, rule, step, nth),
    CHECK ((status = 'cured') = (cured_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO gap_new (record, rule, step, nth, state, severity, status, stage, deadline_from, deadline_to,
                     first_seen, last_seen, cured_at, versions, unit)
SELECT record, rule, step, nth, state, severity, status, 'new', deadline_from, deadline_to,
       first_seen, last_seen, cured_at, versions, unit FROM gap;
DROP TABLE gap;
ALTER TABLE gap_new RENAME TO gap;
CREATE INDEX gap_queue ON gap (status, severity DESC, first_seen);
CREATE INDEX gap_unit ON gap (unit, status, severity DESC, first_seen);
CREATE INDEX gap_left ON gap (status, deadline_to IS NULL, deadline_to, severity DESC, first_seen);
CREATE INDEX gap_unit_left ON gap (unit, status, deadline_to IS NULL, deadline_to, severity DESC, first_seen);
CREATE INDEX gap_rule ON gap (rule, status, severity DESC, first_seen);
CREATE INDEX gap_step ON gap (step, status, severity DESC, first_seen);
