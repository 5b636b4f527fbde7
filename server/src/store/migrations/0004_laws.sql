-- Official texts that the office imported, as they were pasted. A law's row is made anew from what is shipped and this text.
CREATE TABLE law_text (
    law TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES account (id)
) STRICT, WITHOUT ROWID;
