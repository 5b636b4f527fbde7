-- What has a limit and can still be done or put right, of records that count; made from the log when a record is assessed.
CREATE TABLE due (
    record BLOB NOT NULL REFERENCES record (id),
    -- Its place in what the assessment said.
    nth INTEGER NOT NULL,
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    step TEXT NOT NULL,
    rule TEXT NOT NULL,
    -- A gap that is open, or an obligation that is none yet.
    is_gap INTEGER NOT NULL CHECK (is_gap IN (0, 1)),
    -- A gap's state, or what is missing of an obligation.
    code TEXT NOT NULL,
    severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4),
    -- Who has to act: the office, or the officers; and whether only while they are on site.
    office INTEGER NOT NULL CHECK (office IN (0, 1)),
    on_site INTEGER NOT NULL CHECK (on_site IN (0, 1)),
    deadline_from INTEGER NOT NULL,
    deadline_to INTEGER NOT NULL CHECK (deadline_to >= deadline_from),
    PRIMARY KEY (record, nth)
) STRICT, WITHOUT ROWID;
-- The board: by the first day on which a limit can end, for all, one office, one step.
CREATE INDEX due_day ON due (deadline_from, deadline_to);
CREATE INDEX due_unit ON due (unit, deadline_from, deadline_to);
CREATE INDEX due_step ON due (step, deadline_from, deadline_to);
CREATE INDEX due_unit_step ON due (unit, step, deadline_from, deadline_to);

-- Records of a month under a procedure, for the share of them that lacks something at a step.
CREATE INDEX record_made ON record (procedure, drill, voided, created_at, unit);

-- Every record is assessed once more, which fills the table.
INSERT INTO job (kind, record, generation, due_at) SELECT 'assess', id, 1, 0 FROM record WHERE true
ON CONFLICT (kind, record) DO UPDATE SET generation = generation + 1, due_at = 0, attempts = 0, failed = 0;
