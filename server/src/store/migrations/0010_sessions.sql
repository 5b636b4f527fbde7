-- Courses and drills, who is invited and who came. The table `session` is the console's sign-in; this is another thing.
CREATE TABLE training_session (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('course', 'drill')),
    title TEXT NOT NULL CHECK (title <> ''),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at > starts_at),
    -- The year in Beijing in which it begins: its hours count there.
    year INTEGER NOT NULL,
    place TEXT NOT NULL,
    hours_x10 INTEGER NOT NULL CHECK (hours_x10 BETWEEN 5 AND 160),
    -- NULL = county-wide.
    unit BLOB CHECK (length(unit) = 16),
    scenario TEXT CHECK (scenario IS NULL OR kind = 'drill'),
    note TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'held', 'cancelled')),
    -- Why it was cancelled.
    why TEXT NOT NULL DEFAULT '',
    created_by BLOB NOT NULL CHECK (length(created_by) = 16),
    created_at INTEGER NOT NULL,
    CHECK ((state = 'cancelled') = (why <> ''))
) STRICT, WITHOUT ROWID;
CREATE INDEX training_session_time ON training_session (starts_at);
CREATE INDEX training_session_state ON training_session (state, starts_at);
CREATE INDEX training_session_year ON training_session (state, year);

CREATE TABLE training_session_competency (
    session BLOB NOT NULL REFERENCES training_session (id),
    competency TEXT NOT NULL,
    PRIMARY KEY (session, competency)
) STRICT, WITHOUT ROWID;

CREATE TABLE invite (
    session BLOB NOT NULL REFERENCES training_session (id),
    officer BLOB NOT NULL CHECK (length(officer) = 16),
    -- The need that led to it.
    why TEXT,
    attendance TEXT CHECK (attendance IN ('present', 'absent', 'excused')),
    -- What counts towards the year; another number than the session's has its reason.
    hours_x10 INTEGER NOT NULL DEFAULT 0 CHECK (hours_x10 BETWEEN 0 AND 160),
    hours_why TEXT NOT NULL DEFAULT '',
    marked_at INTEGER,
    marked_by BLOB CHECK (length(marked_by) = 16),
    PRIMARY KEY (session, officer),
    CHECK ((attendance IS NULL) = (marked_at IS NULL) AND (attendance IS NULL) = (marked_by IS NULL)),
    CHECK (coalesce(attendance, '') = 'present' OR hours_x10 = 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX invite_officer ON invite (officer, session);
