-- Set algebra between neighbours of a list of sets, stored by rows: results
-- built, and only counted.  Three of the real sets that papers on bitmaps
-- measure on, 200 each, and 25 dense ones of 30 % of 2 M ids.
-- mean: 0.5

-- for: set file = census1881 roaring/census1881.csv | uscensus2000 roaring/uscensus2000.csv | wikileaks roaring/wikileaks-noquotes.csv | dense -
CREATE TABLE ids_:set (i integer GENERATED ALWAYS AS IDENTITY, ids bigint[]);
-- copy: ids_:set (ids) from :file
INSERT INTO ids_:set (ids)
	SELECT array_agg(id ORDER BY id)
	FROM generate_series(1, 25) AS i, generate_series(1, 2000000) AS id
	WHERE ':set' = 'dense' AND bench.noise(id, i) % 100 < 30 GROUP BY i ORDER BY i;

-- side: portrait
CREATE TABLE sets_:set AS SELECT i, ids::segment AS s FROM ids_:set;
CREATE TABLE pairs_:set AS
	SELECT x.s AS a, y.s AS b FROM sets_:set AS x JOIN sets_:set AS y ON y.i = x.i + 1;
VACUUM ANALYZE pairs_:set;
-- side: roaringbitmap
CREATE TABLE rb_sets_:set AS SELECT i, rb64_runoptimize(rb64_build(ids)) AS s FROM ids_:set;
CREATE TABLE rb_pairs_:set AS
	SELECT x.s AS a, y.s AS b FROM rb_sets_:set AS x JOIN rb_sets_:set AS y ON y.i = x.i + 1;
VACUUM ANALYZE rb_pairs_:set;

-- bench: intersect, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_count(a & b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_cardinality(a & b)) FROM rb_pairs_:set;

-- bench: union, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_count(a | b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_cardinality(a | b)) FROM rb_pairs_:set;

-- bench: except, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_count(a - b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_cardinality(a - b)) FROM rb_pairs_:set;

-- bench: symdiff, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_count(a # b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_cardinality(a # b)) FROM rb_pairs_:set;

-- bench: intersect count, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_intersect_count(a, b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_and_cardinality(a, b)) FROM rb_pairs_:set;

-- bench: union count, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_union_count(a, b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_or_cardinality(a, b)) FROM rb_pairs_:set;

-- bench: except count, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_except_count(a, b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_andnot_cardinality(a, b)) FROM rb_pairs_:set;

-- bench: symdiff count, :set
-- bar: roaringbitmap 1.1
-- side: portrait
SELECT sum(segment_symdiff_count(a, b)) FROM pairs_:set;
-- side: roaringbitmap
SELECT sum(rb64_xor_cardinality(a, b)) FROM rb_pairs_:set;

-- figure: bytes of all sets, :set
-- bar: portable 1.04
-- side: portrait
SELECT sum(octet_length(segment_send(s))) FROM sets_:set;
-- side: roaringbitmap
SELECT sum(octet_length(s::bytea)) FROM rb_sets_:set;
-- side: portable
SELECT sum(octet_length(segment_to_roaring(s, 32))) FROM sets_:set;
