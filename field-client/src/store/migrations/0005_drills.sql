-- Commits of drills travel like others and are read by nothing that shows or counts enforcement.
ALTER TABLE commits ADD COLUMN drill INTEGER NOT NULL DEFAULT 0 CHECK (drill IN (0, 1));

-- Drills that were played to their end on this device, with what was found in them. The one under way has a file of its own.
CREATE TABLE drills (
  record   BLOB    PRIMARY KEY CHECK (length(record) = 16),
  ended_at INTEGER NOT NULL,
  body     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX drills_by_end ON drills (ended_at DESC);
