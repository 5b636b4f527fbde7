-- The review points of a file and their band, kept when it is judged, where a scheme scores its procedure. The list of penalties
-- goes along these: the fewest points first, and what changed last before what changed long ago.
ALTER TABLE record ADD COLUMN points INTEGER;
ALTER TABLE record ADD COLUMN band TEXT CHECK ((points IS NULL) = (band IS NULL));
CREATE INDEX record_points ON record (points, changed_at DESC, id) WHERE points IS NOT NULL;
CREATE INDEX record_unit_points ON record (unit, points, changed_at DESC, id) WHERE points IS NOT NULL;
CREATE INDEX record_band ON record (band, points, changed_at DESC, id) WHERE band IS NOT NULL;
CREATE INDEX record_unit_band ON record (unit, band, points, changed_at DESC, id) WHERE band IS NOT NULL;
