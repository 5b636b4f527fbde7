-- Who was on which duty, by day. The office is kept beside the person, so that whoever moves leaves past figures as they were.
CREATE TABLE roster (
    officer BLOB NOT NULL CHECK (length(officer) = 16),
    day TEXT NOT NULL CHECK (length(day) = 10),
    duty TEXT NOT NULL CHECK (duty IN ('enforcement', 'training', 'other', 'leave')),
    -- Empty: at the own office.
    seconded_to TEXT NOT NULL,
    hours_x10 INTEGER NOT NULL CHECK (hours_x10 BETWEEN 0 AND 240),
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    PRIMARY KEY (officer, day, duty, seconded_to)
) STRICT, WITHOUT ROWID;
CREATE INDEX roster_unit ON roster (unit, day);

-- What the office knows of a person beside the row that phones carry. Auxiliary staff are said by that row.
CREATE TABLE staff (
    officer BLOB NOT NULL PRIMARY KEY CHECK (length(officer) = 16),
    employment TEXT NOT NULL CHECK (employment IN ('unknown', 'established', 'worker', 'contract')),
    -- Whether the person holds an enforcement post.
    on_post INTEGER NOT NULL CHECK (on_post IN (0, 1))
) STRICT, WITHOUT ROWID;

-- How many enforcement posts an office has, as its administrator says.
CREATE TABLE posts (
    unit BLOB NOT NULL PRIMARY KEY CHECK (length(unit) = 16),
    count INTEGER NOT NULL CHECK (count BETWEEN 0 AND 9999)
) STRICT, WITHOUT ROWID;

-- A password that the administrator made is good for one thing: to choose another.
ALTER TABLE account ADD COLUMN once INTEGER NOT NULL DEFAULT 0 CHECK (once IN (0, 1));
CREATE INDEX account_officer ON account (officer);

-- Hours on site of one office in a period.
CREATE INDEX visit_unit_time ON visit (unit, start_at);
-- Records to be judged again when a person or a matter changes.
CREATE INDEX feed_record_feed ON feed_record (feed, record);
CREATE INDEX feed_officer ON feed (officer);
CREATE INDEX record_of_matter ON record (matter);
