-- One set of many rows
-- data: dense

CREATE TABLE dense_shuffled AS
	SELECT id FROM dense_ids ORDER BY bench.noise(id, 3);
CREATE TABLE dense_tenth AS
	SELECT id FROM dense_ids WHERE id <= 1000000;
VACUUM ANALYZE dense_shuffled;
VACUUM ANALYZE dense_tenth;

-- bench: aggregate 0.3 M dense ids
-- side: portrait
SELECT segment_count(segment_agg(id)) FROM dense_tenth;
-- side: roaringbitmap
SELECT rb64_cardinality(rb64_build_agg(id)) FROM dense_tenth;

-- bench: aggregate 3 M dense ids
-- bar: roaringbitmap 0.9
-- tenth: aggregate 0.3 M dense ids
-- side: portrait
SELECT segment_count(segment_agg(id)) FROM dense_ids;
-- side: roaringbitmap
SELECT rb64_cardinality(rb64_build_agg(id)) FROM dense_ids;
-- side: array
SELECT cardinality(array_agg(DISTINCT id)) FROM dense_ids;

-- bench: aggregate 3 M dense ids, shuffled
-- bar: roaringbitmap 0.9
-- side: portrait
SELECT segment_count(segment_agg(id)) FROM dense_shuffled;
-- side: roaringbitmap
SELECT rb64_cardinality(rb64_build_agg(id)) FROM dense_shuffled;
