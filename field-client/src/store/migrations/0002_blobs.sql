-- Pictures, by the SHA-256 of what is kept. Bytes leave this device's file only when the server has confirmed the whole of them;
-- the thumbnail stays. A picture is uploaded once the commit that names it (`seq`, of our own feed) is acknowledged.
CREATE TABLE blobs (
  hash      BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  record    BLOB    NOT NULL CHECK (length(record) = 16),
  len       INTEGER NOT NULL CHECK (len > 0),
  offset    INTEGER NOT NULL DEFAULT 0 CHECK (offset BETWEEN 0 AND len),
  -- 0 not begun, 1 begun: the server is asked how far, 2 whole at the server, 3 damaged here
  state     INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  seq       INTEGER CHECK (seq >= 1),
  stored_at INTEGER NOT NULL,
  whole_at  INTEGER,
  thumb     BLOB    NOT NULL,
  bytes     BLOB,
  CHECK (bytes IS NOT NULL OR state = 2),
  CHECK ((state = 2) = (whole_at IS NOT NULL))
) STRICT;
CREATE INDEX blobs_unsent ON blobs (stored_at) WHERE state <> 2;
