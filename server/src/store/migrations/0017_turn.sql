-- Cases that wait for somebody of the office: by role, the step whose turn it is. Made from the log when a record is assessed.
CREATE TABLE turn (
    record BLOB NOT NULL REFERENCES record (id),
    -- A role's code; a step that several may do stands here once for each.
    hand TEXT NOT NULL,
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    step TEXT NOT NULL,
    -- Since when it is this step's turn.
    since INTEGER NOT NULL,
    PRIMARY KEY (record, hand)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_waiting ON turn (unit, hand, step, since, record);
