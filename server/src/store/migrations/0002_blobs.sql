-- Pictures that a record's events name. They come apart from the events, and perhaps much later.
CREATE TABLE blob_want (
    record BLOB NOT NULL CHECK (length(record) = 16),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    len INTEGER NOT NULL CHECK (len > 0),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    PRIMARY KEY (record, hash, len)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_want_hash ON blob_want (hash, unit);

-- What an office's devices have sent in full. Another office that only knows a hash has no row and must send the bytes itself.
CREATE TABLE blob (
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    len INTEGER NOT NULL CHECK (len > 0),
    feed BLOB NOT NULL REFERENCES feed (id),
    stored_at INTEGER NOT NULL,
    PRIMARY KEY (hash, unit)
) STRICT, WITHOUT ROWID;
