-- Is this customer in the set?  One stored set of 3 M ids (1.25 MB)
-- data: dense

CREATE TABLE probe AS
	SELECT bench.noise(i, 4) % 10000000 + 1 AS id FROM generate_series(1, 10000) AS i;
VACUUM ANALYZE probe;
CREATE TABLE membership AS SELECT id FROM dense_ids;
CREATE UNIQUE INDEX ON membership (id);
VACUUM ANALYZE membership;

-- bench: 10 k membership tests of one stored set
-- bar: roaringbitmap 0.05
-- side: portrait
SELECT count(*) FROM dense_segment, probe WHERE s @> id;
-- side: roaringbitmap
SELECT count(*) FROM dense_rb, probe WHERE s @> id;
-- side: table
SELECT count(*) FROM probe WHERE EXISTS (SELECT FROM membership WHERE membership.id = probe.id);
