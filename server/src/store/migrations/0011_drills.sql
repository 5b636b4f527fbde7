-- What came of played drills, made from the log when a drill's record is assessed. Nothing here counts as enforcement: no
-- table of gaps, visits or links knows a drill.
CREATE TABLE drill (
    record BLOB NOT NULL PRIMARY KEY REFERENCES record (id),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    -- Who played officer A and is judged.
    officer BLOB NOT NULL CHECK (length(officer) = 16),
    -- NULL = the record names no scenario, or one that is not known here.
    scenario TEXT CHECK (scenario <> ''),
    version INTEGER CHECK (version > 0),
    -- The drill that the player was invited to, if so.
    session BLOB CHECK (length(session) = 16),
    started_at INTEGER NOT NULL,
    -- NULL = it is still being played.
    ended_at INTEGER,
    voided INTEGER NOT NULL CHECK (voided IN (0, 1)),
    -- For each expectation of the scenario, in its order, 1 if it is met, else 0.
    met TEXT NOT NULL CHECK (met NOT GLOB '*[^01]*'),
    -- Rules with a suspected gap, by code, each once, separated by blanks.
    gaps TEXT NOT NULL,
    CHECK ((scenario IS NULL) = (version IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX drill_time ON drill (started_at DESC, record);
CREATE INDEX drill_officer ON drill (officer, started_at DESC, record);
CREATE INDEX drill_scenario ON drill (scenario, started_at DESC, record);

-- What a judge thought of a step. A person's words, never made by the program.
CREATE TABLE drill_score (
    record BLOB NOT NULL REFERENCES drill (record),
    step TEXT NOT NULL CHECK (step <> ''),
    score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 5),
    remark TEXT NOT NULL,
    judge BLOB NOT NULL CHECK (length(judge) = 16),
    at INTEGER NOT NULL,
    PRIMARY KEY (record, step)
) STRICT, WITHOUT ROWID;
