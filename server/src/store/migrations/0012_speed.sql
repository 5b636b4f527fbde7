-- The matter stands beside each gap: the queue of one matter is read along an index.
ALTER TABLE gap ADD COLUMN matter TEXT;
UPDATE gap SET matter = (SELECT matter FROM record WHERE record.id = gap.record);
CREATE INDEX gap_matter ON gap (matter, status, severity DESC, first_seen);
CREATE INDEX gap_state ON gap (state, status, severity DESC, first_seen);

-- The steps at which a record lacks something, kept with its gaps: the map counts these instead of sorting all gaps.
-- Drills, voided records and what was dismissed are not here.
CREATE TABLE lack (
    record BLOB NOT NULL REFERENCES record (id),
    step TEXT NOT NULL,
    procedure TEXT NOT NULL,
    -- When the record was made, as year and month in Beijing.
    month TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    -- Whether some of it waits for a supervisor.
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    PRIMARY KEY (record, step)
) STRICT, WITHOUT ROWID;
INSERT INTO lack (record, step, procedure, month, unit, open)
SELECT record.id, gap.step, record.procedure, strftime('%Y-%m', record.created_at / 1000 + 28800, 'unixepoch'),
       record.unit, max(gap.status = 'open')
FROM gap JOIN record ON record.id = gap.record
WHERE gap.status <> 'dismissed' AND record.drill = 0 AND record.voided = 0 AND record.procedure IS NOT NULL
GROUP BY record.id, gap.step;
CREATE INDEX lack_month ON lack (procedure, month, step, open, unit);
CREATE INDEX lack_unit ON lack (unit, procedure, month, step, open);

-- How far back a visit can reach that overlaps another.
CREATE INDEX visit_length ON visit (end_at - start_at) WHERE end_at IS NOT NULL;
