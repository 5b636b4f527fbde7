-- What other records need to know of a record's visit; made from the log when the record is assessed, like record.
CREATE TABLE visit (
    record BLOB NOT NULL PRIMARY KEY REFERENCES record (id),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    procedure TEXT NOT NULL,
    subject BLOB CHECK (length(subject) = 16),
    start_at INTEGER NOT NULL,
    end_at INTEGER CHECK (end_at >= start_at),
    -- The year in Beijing in which it began.
    year INTEGER NOT NULL,
    place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_subject ON visit (subject, unit, procedure, year, start_at);

CREATE TABLE visit_officer (
    record BLOB NOT NULL REFERENCES visit (record),
    officer BLOB NOT NULL CHECK (length(officer) = 16),
    start_at INTEGER NOT NULL,
    PRIMARY KEY (record, officer)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_officer_time ON visit_officer (officer, start_at);

-- Which records belong together, as either of them says.
CREATE TABLE link (
    record BLOB NOT NULL REFERENCES record (id),
    other BLOB NOT NULL CHECK (length(other) = 16),
    relation TEXT NOT NULL,
    PRIMARY KEY (record, other, relation)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_other ON link (other);

-- Every record is assessed once more, which fills these tables.
INSERT INTO job (kind, record, generation, due_at) SELECT 'assess', id, 1, 0 FROM record WHERE true
ON CONFLICT (kind, record) DO UPDATE SET generation = generation + 1, due_at = 0, attempts = 0, failed = 0;
