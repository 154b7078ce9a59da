-- The 3 M members of a stored set as rows
-- data: dense

-- bench: members of a 3 M set, in FROM
-- bar: roaringbitmap 1.0
-- side: portrait
SELECT count(*) FROM dense_segment, segment_members(s);
-- side: roaringbitmap
SELECT count(*) FROM dense_rb, rb64_iterate(s);

-- bench: members of a 3 M set, in the select list
-- bar: roaringbitmap 1.0
-- side: portrait
SELECT count(id) FROM (SELECT segment_members(s) AS id FROM dense_segment) AS members;
-- side: roaringbitmap
SELECT count(id) FROM (SELECT rb64_iterate(s) AS id FROM dense_rb) AS members;

-- bench: members of a 3 M set, as an array
-- side: portrait
SELECT cardinality(segment_to_array(s)) FROM dense_segment;
-- side: roaringbitmap
SELECT cardinality(rb64_to_array(s)) FROM dense_rb;
