-- What the rules last found in the owner's own records: numbers only, the words are made when they are read.
-- `look_at`: from then on it is looked at again; 0 after every change of the record.
CREATE TABLE own_gaps (
  record  BLOB    PRIMARY KEY CHECK (length(record) = 16),
  found   INTEGER NOT NULL CHECK (found >= 0),
  worst   INTEGER NOT NULL CHECK (worst BETWEEN 0 AND 4),
  look_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX own_gaps_look ON own_gaps (look_at, record DESC);
CREATE INDEX own_gaps_worst ON own_gaps (worst DESC, record DESC, found) WHERE found > 0;
INSERT INTO own_gaps (record, found, worst, look_at) SELECT record, 0, 0, 0 FROM records WHERE list IN (1, 2);
