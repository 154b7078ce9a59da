-- The managed portrait against the plain SQL that a team without it writes: the same 60
-- tags in a tall table (tag, value, customer) with its indexes, and as an array a customer
-- under GIN.  BENCH_CUSTOMERS is how many customers (1 M); 3000000 has several buckets.

-- data: portrait

-- figure: seconds for 60 tags, identity to segments
-- bar: plain 0.7
-- side: portrait
SELECT ms / 1000 FROM portrait_took WHERE side = 'portrait';
-- side: plain
SELECT ms / 1000 FROM portrait_took WHERE side = 'plain';

-- figure: MB of enumerated tags
-- bar: plain 0.1
-- side: portrait
SELECT sum(pg_total_relation_size(relid)) / 1048576.0 FROM pg_partition_tree('bench_shop.tag_member');
-- side: plain
SELECT pg_total_relation_size('portrait_tall') / 1048576.0 * (SELECT avg((tag NOT LIKE 'orders%')::integer) FROM portrait_tall);

-- bench: count 20 rules of 2 to 8 leaves
-- bar: tall table 0.02
-- bar: GIN 0.02
-- side: portrait
SELECT sum(portrait_count('bench_shop', rule)) FROM portrait_asked;
-- side: tall table
SELECT sum(bench.count_by(tall)) FROM portrait_asked;
-- side: GIN
SELECT sum(bench.count_by(gin)) FROM portrait_asked;

-- bench: profile of a tenth over all values
-- bar: plain 0.05
-- side: portrait
SELECT sum(target_count) || ' ' || sum(base_count) FROM portrait_profile('bench_shop', 'a00 = v3', minimum => 1) WHERE tag NOT LIKE 'orders%' AND target_count > 0;
-- side: plain
SELECT sum(target) || ' ' || sum(base) FROM (
	SELECT tag, value, count(m.customer) AS target, count(*) AS base
	FROM portrait_tall AS t LEFT JOIN (SELECT customer FROM portrait_tall WHERE tag = 'a00' AND value = 'v3') AS m USING (customer)
	WHERE tag NOT LIKE 'orders%' AND tag <> 'a00' GROUP BY tag, value) AS c WHERE target > 0;

-- what a page that shows one customer asks
-- bench: card of one customer
-- bar: 50
-- side: portrait
SELECT portrait_card('bench_shop', 471) -> 'customer';

-- bench: v_segment_customer of one customer
-- bar: 50
-- side: portrait
SELECT count(*) FROM bench_shop.v_segment_customer WHERE customer = 471;

-- bench: v_customer_tag of one customer
-- bar: 50
-- side: portrait
SELECT count(*) FROM bench_shop.v_customer_tag WHERE customer = 471;

-- bench: v_customer of one customer
-- bar: 50
-- side: portrait
SELECT orders FROM bench_shop.v_customer WHERE customer = 471;

-- of 20 segments of like size only the one that is asked for is read
-- bench: v_segment_customer of one segment
-- bar: all segments 0.2
-- side: portrait
SELECT count(*) FROM bench_shop.v_segment_customer WHERE segment = 's3';
-- side: all segments
SELECT count(*) FROM (SELECT segment FROM bench_shop.v_segment_customer OFFSET 0) AS s WHERE segment = 's3';

-- what joins both: a tag of the members of a segment, which takes the sets apart again
-- bench: v_customer_tag of one segment
-- side: portrait
SELECT count(*), min(value) FROM bench_shop.v_segment_customer JOIN bench_shop.v_customer_tag USING (customer) WHERE segment = 's3' AND tag = 'a01';
-- side: plain
SELECT count(*), min(t.value) FROM (
	SELECT customer FROM portrait_tall WHERE tag = 'a00' AND value = 'v3'
	INTERSECT SELECT customer FROM portrait_tall WHERE tag = 'category_365d' AND value = 'C3') AS s
JOIN portrait_tall AS t USING (customer) WHERE t.tag = 'a01';
