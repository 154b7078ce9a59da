-- One set of many sets

-- side: portrait
CREATE TABLE union_segment AS
	SELECT i, segment_agg(bench.noise(i * 1000000 + j, 1) % 10000000) AS s
	FROM generate_series(1, 500) AS i, generate_series(1, 100000) AS j GROUP BY i;
VACUUM ANALYZE union_segment;
-- side: roaringbitmap
-- the same sets, handed over in the portable format
CREATE TABLE union_rb AS
	SELECT i, rb64_runoptimize(segment_to_roaring(s)::roaringbitmap64) AS s FROM union_segment;
VACUUM ANALYZE union_rb;

-- bench: union aggregate of 50 sets x 100 k of 10 M
-- side: portrait
SELECT segment_count(segment_union_agg(s)) FROM union_segment WHERE i <= 50;
-- side: roaringbitmap
SELECT rb64_cardinality(rb64_or_agg(s)) FROM union_rb WHERE i <= 50;

-- bench: union aggregate of 500 sets x 100 k of 10 M
-- bar: roaringbitmap 0.8
-- tenth: union aggregate of 50 sets x 100 k of 10 M
-- side: portrait
SELECT segment_count(segment_union_agg(s)) FROM union_segment;
-- side: roaringbitmap
SELECT rb64_cardinality(rb64_or_agg(s)) FROM union_rb;
