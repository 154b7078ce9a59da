-- How many are in both: 30 % and 20 % of 10 M customers, against what plain
-- PostgreSQL offers.  Bits are stored without an attempt to compress them.
-- data: dense

CREATE TABLE dense_bits (s bit varying, t bit varying);
ALTER TABLE dense_bits ALTER s SET STORAGE external, ALTER t SET STORAGE external;
INSERT INTO dense_bits
	SELECT string_agg(CASE WHEN bench.noise(id, 1) % 100 < 30 THEN '1' ELSE '0' END, '')::bit varying,
		string_agg(CASE WHEN bench.noise(id, 2) % 100 < 20 THEN '1' ELSE '0' END, '')::bit varying
	FROM generate_series(1, 10000000) AS id;
CREATE TABLE membership_30 AS SELECT id FROM dense_ids;
CREATE TABLE membership_20 AS
	SELECT id FROM generate_series(1, 10000000) AS id WHERE bench.noise(id, 2) % 100 < 20;
VACUUM ANALYZE membership_30;
VACUUM ANALYZE membership_20;


-- bench: intersect count of 30 % and 20 % of 10 M
-- bar: bit varying 0.5
-- side: portrait
SELECT segment_intersect_count(s, t) FROM dense_segment;
-- side: roaringbitmap
SELECT rb64_and_cardinality(s, t) FROM dense_rb;
-- side: bit varying
SELECT bit_count(s & t) FROM dense_bits;
-- side: table
SELECT count(*) FROM membership_30 JOIN membership_20 USING (id);
