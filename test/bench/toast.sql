-- Counting a stored set reads its head only

CREATE TABLE large_segment AS
	SELECT segment_agg(bench.noise(i, 1)) AS s FROM generate_series(1, 12500000) AS i;

-- chunks: toast chunks read to count a set of 100 MB
-- bar: 2
-- side: portrait
SELECT segment_count(s) FROM large_segment;
-- side: whole value
SELECT octet_length(segment_send(s)) FROM large_segment;

-- bench: count a stored set of 100 MB
-- side: portrait
SELECT segment_count(s) FROM large_segment;
