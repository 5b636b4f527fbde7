-- Blocks of document numbers, each for one device. `stem` is what two numbers are compared by (shared::numbers::Number).
CREATE TABLE number_block (
    id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    feed      BLOB    NOT NULL REFERENCES feed (id),
    unit      BLOB    NOT NULL CHECK (length(unit) = 16),
    stem      TEXT    NOT NULL,
    first     INTEGER NOT NULL CHECK (first >= 1),
    last      INTEGER NOT NULL CHECK (last >= first),
    body      BLOB    NOT NULL,
    issued_at INTEGER NOT NULL,
    issued_by INTEGER NOT NULL REFERENCES account (id),
    -- What was left is void from then on, and why.
    closed_at INTEGER,
    reason    TEXT    NOT NULL DEFAULT '',
    CHECK ((closed_at IS NOT NULL) = (reason <> ''))
) STRICT;
CREATE INDEX number_block_range ON number_block (stem, first, last);
CREATE INDEX number_block_list ON number_block (issued_at DESC, id);

-- Every number that stands or stood in a record, replaced when the record is assessed. A drill uses none.
CREATE TABLE number_use (
    stem     TEXT    NOT NULL,
    n        INTEGER NOT NULL CHECK (n >= 0),
    record   BLOB    NOT NULL CHECK (length(record) = 16),
    unit     BLOB    NOT NULL CHECK (length(unit) = 16),
    number   TEXT    NOT NULL,
    feed     BLOB    NOT NULL,
    -- 0 used, 1 voided, 2 replaced by another without a word
    fate     INTEGER NOT NULL CHECK (fate BETWEEN 0 AND 2),
    typed    INTEGER NOT NULL CHECK (typed IN (0, 1)),
    reason   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (stem, n, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX number_use_record ON number_use (record);
CREATE INDEX number_use_typed ON number_use (at DESC) WHERE typed = 1;
