-- Ids far from each other: two sets of 1 M random 63-bit ids (hashes), and two
-- of one id in every 2^20 (snowflake ids); half of each is in both.

CREATE TABLE isolated_ids AS
	SELECT i, i > 500000 AS a, i <= 1000000 AS b, bench.noise(i, 1) AS random,
		((i % 1000000)::bigint << 20) + bench.noise(i, 2) % 1048576 AS spaced
	FROM generate_series(1, 1500000) AS i;
VACUUM ANALYZE isolated_ids;

-- for: kind bar bytes = random 0.05 8.5 | spaced 0.1 5
-- side: portrait
CREATE TABLE isolated_:kind AS
	SELECT segment_agg(:kind) FILTER (WHERE a) AS a,
		segment_agg(:kind) FILTER (WHERE b) AS b,
		segment_agg(:kind) FILTER (WHERE a AND i % 10 = 0) AS a10,
		segment_agg(:kind) FILTER (WHERE b AND i % 10 = 0) AS b10 FROM isolated_ids;
-- side: roaringbitmap
CREATE TABLE isolated_rb_:kind AS
	SELECT rb64_runoptimize(rb64_build_agg(:kind) FILTER (WHERE a)) AS a,
		rb64_runoptimize(rb64_build_agg(:kind) FILTER (WHERE b)) AS b,
		rb64_runoptimize(rb64_build_agg(:kind) FILTER (WHERE a AND i % 10 = 0)) AS a10,
		rb64_runoptimize(rb64_build_agg(:kind) FILTER (WHERE b AND i % 10 = 0)) AS b10 FROM isolated_ids;

-- bench: intersect two sets of 0.1 M ids, :kind
-- side: portrait
SELECT segment_count(a10 & b10) FROM isolated_:kind;
-- side: roaringbitmap
SELECT rb64_cardinality(a10 & b10) FROM isolated_rb_:kind;

-- bench: intersect two sets of 1 M ids, :kind
-- bar: roaringbitmap :bar
-- tenth: intersect two sets of 0.1 M ids, :kind
-- side: portrait
SELECT segment_count(a & b) FROM isolated_:kind;
-- side: roaringbitmap
SELECT rb64_cardinality(a & b) FROM isolated_rb_:kind;

-- figure: bytes per id of 1 M ids, :kind
-- bar: :bytes
-- side: portrait
SELECT octet_length(segment_send(a)) / segment_count(a)::numeric FROM isolated_:kind;
-- side: roaringbitmap
SELECT octet_length(a::bytea) / rb64_cardinality(a)::numeric FROM isolated_rb_:kind;
