-- Ids are BLOB(16), hashes and keys BLOB(32), times INTEGER milliseconds since 1970 (UTC).

-- What this installation is: epoch, signing seed, secret of the nonces.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('ref', 0);

-- Reference sets as they travel. unit x'' = for everyone. body NULL = gone since that version.
CREATE TABLE ref_row (
    ref_set INTEGER NOT NULL,
    key BLOB NOT NULL,
    unit BLOB NOT NULL CHECK (length(unit) IN (0, 16)),
    version INTEGER NOT NULL UNIQUE,
    body BLOB,
    PRIMARY KEY (ref_set, key, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX ref_row_delta ON ref_row (ref_set, unit, version);

-- A feed is a device's log; officer NULL is the server's own.
CREATE TABLE feed (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    key BLOB NOT NULL CHECK (length(key) = 32),
    officer BLOB CHECK (length(officer) = 16),
    device TEXT NOT NULL,
    token_hash BLOB UNIQUE CHECK (length(token_hash) = 32),
    head_seq INTEGER NOT NULL DEFAULT 0,
    head_hash BLOB CHECK (length(head_hash) = 32),
    head_position INTEGER NOT NULL DEFAULT 0,
    enrolled_at INTEGER NOT NULL,
    last_contact INTEGER,
    unsent INTEGER NOT NULL DEFAULT 0,
    oldest_unsent_ms INTEGER NOT NULL DEFAULT 0,
    build TEXT NOT NULL DEFAULT '',
    frozen_at INTEGER,
    revoked_at INTEGER,
    revoked_position INTEGER,
    CHECK ((head_seq = 0) = (head_hash IS NULL))
) STRICT, WITHOUT ROWID;

-- The log. The single writer gives positions; nothing is ever updated or deleted here.
CREATE TABLE commits (
    position INTEGER NOT NULL PRIMARY KEY,
    feed BLOB NOT NULL REFERENCES feed (id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    record BLOB NOT NULL CHECK (length(record) = 16),
    unit BLOB CHECK (length(unit) = 16),
    drill INTEGER NOT NULL CHECK (drill IN (0, 1)),
    received_at INTEGER NOT NULL,
    verdict TEXT,
    held INTEGER NOT NULL CHECK (held IN (0, 1)),
    bytes BLOB NOT NULL,
    UNIQUE (feed, seq)
) STRICT;
CREATE INDEX commits_record ON commits (record, held);
CREATE INDEX commits_unit ON commits (unit, held, position);

CREATE TABLE feed_record (
    feed BLOB NOT NULL REFERENCES feed (id),
    record BLOB NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (record, feed)
) STRICT, WITHOUT ROWID;

-- The other claimant of a place in a feed.
CREATE TABLE fork (
    feed BLOB NOT NULL REFERENCES feed (id),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    received_at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (feed, seq, hash)
) STRICT, WITHOUT ROWID;

-- What lists show of a record; made from the log by the assess job.
CREATE TABLE record (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    drill INTEGER NOT NULL CHECK (drill IN (0, 1)),
    procedure TEXT NOT NULL DEFAULT '',
    subject_name TEXT NOT NULL DEFAULT '',
    matter TEXT NOT NULL DEFAULT '',
    submitted_at INTEGER,
    voided INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX record_unit ON record (unit, changed_at);

CREATE TABLE task (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    record BLOB NOT NULL UNIQUE REFERENCES record (id),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'denied')),
    planned TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by BLOB NOT NULL CHECK (length(created_by) = 16),
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX task_unit ON task (unit, planned);
CREATE INDEX task_state ON task (state, unit);

CREATE TABLE gap (
    record BLOB NOT NULL REFERENCES record (id),
    rule TEXT NOT NULL,
    step TEXT NOT NULL,
    nth INTEGER NOT NULL,
    state TEXT NOT NULL,
    severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4),
    status TEXT NOT NULL CHECK (status IN ('open', 'cured')),
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
CREATE INDEX gap_queue ON gap (status, severity DESC, first_seen);
CREATE INDEX gap_unit ON gap (unit, status, severity DESC, first_seen);

CREATE TABLE job (
    kind TEXT NOT NULL,
    record BLOB NOT NULL,
    generation INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0 CHECK (failed IN (0, 1)),
    last_error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due ON job (failed, due_at);

CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    officer BLOB NOT NULL CHECK (length(officer) = 16),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    memory_kib INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    disabled_at INTEGER
) STRICT;

CREATE TABLE account_role (
    account INTEGER NOT NULL REFERENCES account (id),
    role TEXT NOT NULL,
    PRIMARY KEY (account, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    account INTEGER NOT NULL REFERENCES account (id),
    csrf TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrol_code (
    code_hash BLOB NOT NULL PRIMARY KEY CHECK (length(code_hash) = 32),
    officer BLOB NOT NULL CHECK (length(officer) = 16),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_feed BLOB,
    used_key BLOB,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

-- Every privileged act, in the transaction of the act.
CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    account INTEGER REFERENCES account (id),
    act TEXT NOT NULL,
    target TEXT NOT NULL
) STRICT;
