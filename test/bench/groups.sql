-- A million small sets at once, against the sorted array of the same ids.
-- Memory is the peak of a backend that did nothing else.

CREATE TABLE group_ids AS
	SELECT (bench.noise(i, 1) % 1000000)::integer AS g, bench.noise(i, 2) % 10000000 AS id
	FROM generate_series(1, 10000000) AS i;
CREATE TABLE group_tenth AS SELECT * FROM group_ids WHERE g < 100000;
VACUUM ANALYZE group_ids;
VACUUM ANALYZE group_tenth;

-- bench: 0.1 M groups of about 10 ids
-- side: portrait
SELECT sum(segment_count(s)) FROM
	(SELECT segment_agg(id) AS s FROM group_tenth GROUP BY g) AS groups;
-- side: array
SELECT sum(cardinality(s)) FROM
	(SELECT array_agg(DISTINCT id) AS s FROM group_tenth GROUP BY g) AS groups;

-- bench: 1 M groups of about 10 ids
-- bar: array 1.0
-- memory: array 1.5
-- tenth: 0.1 M groups of about 10 ids
-- side: portrait
SELECT sum(segment_count(s)) FROM
	(SELECT segment_agg(id) AS s FROM group_ids GROUP BY g) AS groups;
-- side: array
SELECT sum(cardinality(s)) FROM
	(SELECT array_agg(DISTINCT id) AS s FROM group_ids GROUP BY g) AS groups;
