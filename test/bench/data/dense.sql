-- 10 M customers: every one is in the set of 30 % or not, and in that of 20 %
-- or not, by chance.

CREATE TABLE dense_ids AS
	SELECT id FROM generate_series(1, 10000000) AS id WHERE bench.noise(id, 1) % 100 < 30;
VACUUM ANALYZE dense_ids;

-- side: portrait
CREATE TABLE dense_segment AS
	SELECT (SELECT segment_agg(id) FROM dense_ids) AS s,
		(SELECT segment_agg(id) FROM generate_series(1, 10000000) AS id
		 WHERE bench.noise(id, 2) % 100 < 20) AS t;

-- side: roaringbitmap
CREATE TABLE dense_rb AS
	SELECT (SELECT rb64_runoptimize(rb64_build_agg(id)) FROM dense_ids) AS s,
		(SELECT rb64_runoptimize(rb64_build_agg(id)) FROM generate_series(1, 10000000) AS id
		 WHERE bench.noise(id, 2) % 100 < 20) AS t;
