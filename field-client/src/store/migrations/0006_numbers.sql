-- Numbers that stand or stood in records, by what two numbers are compared by (shared::numbers::Number): rebuilt per record with
-- its line. They outlive a record that leaves this device: a number that was taken once is never offered again.
CREATE TABLE numbers (
  stem   TEXT    NOT NULL,
  n      INTEGER NOT NULL CHECK (n >= 0),
  record BLOB    NOT NULL CHECK (length(record) = 16),
  PRIMARY KEY (stem, n, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX numbers_of_record ON numbers (record);
