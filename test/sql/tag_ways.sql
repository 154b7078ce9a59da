--
-- Indexes on tagsets and on rules, sets of rules and segments find what plain
-- SQL says, on random rules and random tagsets: more than 10^5 pairs a run.
--
-- A failure tells the seed and the case: PORTRAIT_TEST_SEED=... make test
--
\getenv test_dir PG_ABS_SRCDIR
\set cases :test_dir '/lib/tag_cases.sql'
\set ECHO none
\i :cases
\set ECHO all

CALL make_cases(320, 360, 60);
SELECT count(*) > 100000 AS enough FROM rules, customers;

-- ---- by index ----

-- Rows of an index scan, rule by rule, for constants and in joins
CREATE FUNCTION tag_test.by_index(tags_index boolean) RETURNS TABLE (customer int, id int)
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_material = off
AS $$
DECLARE
	r record;
BEGIN
	IF tags_index THEN
		FOR r IN SELECT * FROM rules WHERE tagquery_is_bound(rule) LOOP
			RETURN QUERY EXECUTE format('SELECT c.customer, %s FROM customers AS c WHERE c.tags @@ %L::tagquery', r.id, r.rule);
		END LOOP;
	ELSE
		FOR r IN SELECT * FROM customers LOOP
			RETURN QUERY EXECUTE format('SELECT %s, r.id FROM rules AS r WHERE r.rule @@ %L::tagset', r.customer, r.tags);
		END LOOP;
	END IF;
END
$$;

CREATE FUNCTION tag_test.plan_of(query text) RETURNS SETOF text
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_material = off
AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;

CREATE INDEX customers_tags ON customers USING gin (tags);
CREATE INDEX rules_rule ON rules USING gin (rule);
SELECT count(*) > 0 AS used FROM plan_of($$SELECT * FROM customers WHERE tags @@ 'vip and age > 3'$$) AS line WHERE line LIKE '%Index Scan on customers_tags%';
SELECT count(*) > 0 AS used FROM plan_of($$SELECT * FROM rules WHERE rule @@ 'vip, age=3'$$) AS line WHERE line LIKE '%Index Scan on rules_rule%';
SELECT pairs('index on tagsets', 'SELECT * FROM by_index(true)');
SELECT pairs('index on rules', 'SELECT * FROM by_index(false)');

\set by_tags 'SELECT c2.customer, r2.id FROM (SELECT * FROM rules OFFSET 0) AS r2 JOIN customers AS c2 ON c2.tags @@ r2.rule'
\set by_rules 'SELECT c2.customer, r2.id FROM (SELECT * FROM customers OFFSET 0) AS c2 JOIN rules AS r2 ON r2.rule @@ c2.tags'
SELECT count(*) > 0 AS used FROM plan_of(:'by_tags') AS line WHERE line LIKE '%Index Scan on customers_tags%';
SELECT count(*) > 0 AS used FROM plan_of(:'by_rules') AS line WHERE line LIKE '%Index Scan on rules_rule%';
BEGIN;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_material = off;
SELECT pairs('join by the index on tagsets', :'by_tags');
SELECT pairs('join by the index on rules', :'by_rules');
COMMIT;

-- another list of common tags finds the same
DROP INDEX rules_rule;
CREATE INDEX rules_rule ON rules USING gin (rule tagquery_ops (common = 'vip, age, "odd, \"name\" \\ =", city, interest, seen=2026-09-01'));
SELECT pairs('index on rules with common tags', 'SELECT * FROM by_index(false)');

-- ---- sets of rules ----

CREATE FUNCTION tag_test.by_set() RETURNS TABLE (customer int, id int)
LANGUAGE sql
BEGIN ATOMIC
	SELECT c.customer, p.id::int
	FROM (SELECT tagquery_set_agg(id::bigint, rule) AS rule_set FROM tag_test.rules) AS s,
		tag_test.customers AS c, tag_percolate(s.rule_set, c.tags) AS p(id);
END;
SELECT pairs('tag_percolate', 'SELECT * FROM by_set()');

-- ---- by segments ----

-- Who is in a segment, who did something: by chance, the same for the same leaf
CREATE FUNCTION tag_test.by_chance(leaf tagquery, customer int) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN hashtext(leaf::text || customer) % 2 = 0;
INSERT INTO moments VALUES (0, NULL, NULL);
INSERT INTO leaves_at
SELECT 0, id, CASE WHEN needs_more(leaf) THEN (SELECT string_agg(by_chance(text::tagquery, customer)::int::text, '' ORDER BY customer)
	FROM customers)::varbit ELSE bits END
FROM leaves WHERE NOT needs_time(leaf);

CREATE FUNCTION tag_test.who_matches(leaf tagquery) RETURNS segment
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(segment_agg(customer::bigint), '{}') FROM tag_test.customers
	WHERE CASE WHEN tagquery_is_bound(leaf) THEN tags @@ leaf ELSE tag_test.by_chance(leaf, customer) END;
END;

SELECT nothing('tag_segment', $$
	SELECT r.text FROM rules AS r, (SELECT segment_agg(customer::bigint) AS everybody FROM customers) AS e,
		LATERAL (SELECT tree_bits(tree, (SELECT count(*)::int FROM customers), 0) AS wanted OFFSET 0) AS w
	WHERE NOT EXISTS (SELECT FROM unnest(tree_leaves(r.tree)) AS i JOIN leaves AS l ON l.id = i WHERE needs_time(l.leaf))
	AND tag_segment(r.rule, everybody, 'tag_test.who_matches(tagquery)') IS DISTINCT FROM
		(SELECT coalesce(segment_agg(customer::bigint), '{}') FROM customers WHERE get_bit(wanted, customer) = 1)$$);

-- the same with a resolver that is told something besides
CREATE FUNCTION tag_test.who_matches(leaf tagquery, context text) RETURNS segment
LANGUAGE sql STABLE
RETURN CASE context WHEN 'all' THEN tag_test.who_matches(leaf) ELSE '{}' END;
SELECT nothing('tag_segment with context', $$
	SELECT r.text FROM rules AS r, (SELECT segment_agg(customer::bigint) AS everybody FROM customers) AS e
	WHERE tag_segment(r.rule, everybody, 'tag_test.who_matches(tagquery)')
		IS DISTINCT FROM tag_segment(r.rule, everybody, 'tag_test.who_matches(tagquery,text)', 'all')$$);
SELECT tag_segment('vip', '{1-3}', 'tag_test.who_matches(tagquery,text)', 'none') AS nobody,
	tag_segment('not vip', '{1-3}', 'tag_test.who_matches(tagquery,text)', 'none') AS everybody;
SELECT tag_segment('vip', '{1}', 'tag_test.who_matches(tagquery)', 'x');
SELECT tag_segment('vip', '{1}', 'tag_test.who_matches(tagquery,text)');

-- ---- leaves as intervals ----

-- of one number or moment a leaf is true if it is in one of the intervals
CREATE FUNCTION tag_test.in_intervals(leaf tagquery, class text, place double precision) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN EXISTS (SELECT FROM tagquery_intervals(leaf) AS i WHERE i.source = 'value' AND i.class = in_intervals.class
	AND (place > i.low OR place = i.low AND NOT low_open) AND (place < i.high OR place = i.high AND NOT high_open));
SELECT nothing('tagquery_intervals of numbers', $$
	SELECT leaf, number FROM unnest('{x = 3, x <> 3, "x in (1, 3, -2.5, a, 2026-01-01)", "x not in (1, 3, 2026-01-01, a)", x > 3, x >= 3, x < -2.5, x <= 1e300,
			x between 1 and 3, x between above 1 and below 3, x not between 1 and 3, x > a, x > 2026-01-01, x}'::text[]) AS leaf,
		unnest('{-1e308,-2.5,-0.5,0,1,1.0000000000000002,2,3,3.0000000000000004,1e300,1e308}'::double precision[]) AS number
	WHERE leaf NOT LIKE '%not between%' AND leaf <> 'x'
	AND in_intervals(leaf::tagquery, 'number', number) <> tag_match(tagset(jsonb_build_object('x', number)), leaf::tagquery)$$);
SELECT nothing('tagquery_intervals of moments', $$
	SELECT leaf, moment FROM unnest('{x = 2026-01-01, x <> 2026-01-01, x > 2026-01-01, x >= 2026-01-01T00:00:00.000001Z, x < 0001-01-01T00:00:01Z,
			"x in (2026-01-01, 2026-01-01T12:00:00Z, 5)", "x not in (2026-01-01, 5)", x > 5}'::text[]) AS leaf,
		unnest('{0001-01-01T00:00:00Z,0001-01-01T00:00:01Z,2025-12-31T23:59:59.999999Z,2026-01-01T00:00:00Z,2026-01-01T00:00:00.000001Z,2026-01-01T12:00:00Z,9999-12-31T00:00:00Z}'::text[]) AS moment
	WHERE in_intervals(leaf::tagquery, 'moment', extract(epoch FROM moment::timestamptz)::double precision)
		<> tag_match(tagset(jsonb_build_object('x', moment)), leaf::tagquery)$$);
SELECT leaf, i.* FROM unnest('{weight(x) > 0.5, set_at(x) <= 2026-01-01, date(x) = 2026-01-01, x, x is known, x starts with a, segment(x), "weight(x, 30 days, 2026-01-01) > 1"}'::text[]) AS leaf
LEFT JOIN LATERAL tagquery_intervals(leaf::tagquery) AS i ON true;
SELECT tagquery_intervals('x and y');

-- ---- truth tables: all sets of six tags, rules over them ----

CALL make_truth_tables(400);
SELECT pairs('truth tables by the index on tagsets', 'SELECT * FROM by_index(true)');
SELECT pairs('truth tables by the index on rules', 'SELECT * FROM by_index(false)');
SELECT pairs('truth tables by tag_percolate', 'SELECT * FROM by_set()');
