-- By rank and by range in a stored set of 3 M ids, 20 questions a query
-- data: dense

-- bench: slice of 1,000 ids
-- bar: roaringbitmap 0.1
-- side: portrait
SELECT sum(segment_max(segment_slice(s, k * 140000, 1000)))
	FROM dense_segment, generate_series(1, 20) AS k;
-- side: roaringbitmap
SELECT sum(rb64_max(rb64_select(s, 1000, k * 140000)))
	FROM dense_rb, generate_series(1, 20) AS k;

-- bench: slice of 1 M ids
-- bar: roaringbitmap 0.1
-- side: portrait
SELECT sum(segment_max(segment_slice(s, k * 90000, 1000000)))
	FROM dense_segment, generate_series(1, 20) AS k;
-- side: roaringbitmap
SELECT sum(rb64_max(rb64_select(s, 1000000, k * 90000)))
	FROM dense_rb, generate_series(1, 20) AS k;

-- bench: select the k-th id
-- bar: roaringbitmap 0.1
-- side: portrait
SELECT sum(segment_select(s, k * 140000)) FROM dense_segment, generate_series(1, 20) AS k;
-- side: roaringbitmap
SELECT sum(rb64_min(rb64_select(s, 1, k * 140000 - 1)))
	FROM dense_rb, generate_series(1, 20) AS k;

-- bench: range count
-- bar: roaringbitmap 0.1
-- side: portrait
SELECT sum(segment_range_count(s, k * 100000, k * 400000))
	FROM dense_segment, generate_series(1, 20) AS k;
-- side: roaringbitmap
SELECT sum(rb64_range_cardinality(s, k * 100000, k * 400000 + 1))
	FROM dense_rb, generate_series(1, 20) AS k;

-- bench: range
-- side: portrait
SELECT sum(segment_count(segment_range(s, k * 100000, k * 400000)))
	FROM dense_segment, generate_series(1, 20) AS k;
-- side: roaringbitmap
SELECT sum(rb64_cardinality(rb64_range(s, k * 100000, k * 400000 + 1)))
	FROM dense_rb, generate_series(1, 20) AS k;

-- bench: rank
-- side: portrait
SELECT sum(segment_rank(s, k * 400000)) FROM dense_segment, generate_series(1, 20) AS k;
-- side: roaringbitmap
SELECT sum(rb64_rank(s, k * 400000)) FROM dense_rb, generate_series(1, 20) AS k;
