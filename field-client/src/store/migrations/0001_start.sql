-- What this installation is and how its screens look: key, feed, token, language, beacon, cursor …
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Sealed commits, own and pulled, as the bytes that were signed. Nothing is ever deleted from here before a receipt covers it.
CREATE TABLE commits (
  feed      BLOB    NOT NULL CHECK (length(feed) = 16),
  seq       INTEGER NOT NULL CHECK (seq >= 1),
  hash      BLOB    NOT NULL CHECK (length(hash) = 32),
  record    BLOB    NOT NULL CHECK (length(record) = 16),
  own       INTEGER NOT NULL CHECK (own IN (0, 1)),
  acked     INTEGER NOT NULL CHECK (acked IN (0, 1)),
  sealed_at INTEGER NOT NULL,
  bytes     BLOB    NOT NULL,
  PRIMARY KEY (feed, seq)
) STRICT;
CREATE INDEX commits_of_record ON commits (record, feed, seq);
CREATE INDEX commits_unsent ON commits (seq) WHERE own = 1 AND acked = 0;

-- Pulled commits that cannot be used: unknown key, bad signature, or another hash at a place that is taken (a fork).
CREATE TABLE quarantine (
  id      INTEGER PRIMARY KEY,
  hash    BLOB NOT NULL UNIQUE,
  why     TEXT NOT NULL,
  bytes   BLOB NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;

-- What the server kept of ours but does not act upon.
CREATE TABLE verdicts (
  seq  INTEGER PRIMARY KEY,
  code TEXT NOT NULL
) STRICT;

-- Events not sealed yet. One row per slot: edits of the same answer before sealing coalesce.
CREATE TABLE journal (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  record      BLOB    NOT NULL CHECK (length(record) = 16),
  slot        TEXT    NOT NULL,
  kind        INTEGER NOT NULL,
  schema      INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  body        BLOB    NOT NULL,
  UNIQUE (record, slot)
) STRICT;

CREATE TABLE refs (
  set_no INTEGER NOT NULL,
  key    BLOB    NOT NULL,
  body   BLOB    NOT NULL,
  PRIMARY KEY (set_no, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE ref_versions (
  set_no  INTEGER PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT;

-- The lists on the home screen, rebuilt per record from its commits, its journal and its task.
CREATE TABLE records (
  record     BLOB    PRIMARY KEY CHECK (length(record) = 16),
  list       INTEGER NOT NULL,
  sort       INTEGER NOT NULL,
  procedure  TEXT    NOT NULL,
  procedure_en TEXT  NOT NULL,
  subject    TEXT    NOT NULL,
  place      TEXT    NOT NULL,
  urgent     INTEGER NOT NULL CHECK (urgent IN (0, 1)),
  planned    INTEGER,
  done       INTEGER NOT NULL,
  total      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX records_in_list ON records (list, sort DESC, record);
