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

-- ---- truth tables: all sets of six tags, rules over them ----

CALL make_truth_tables(400);
SELECT pairs('truth tables by the index on tagsets', 'SELECT * FROM by_index(true)');
SELECT pairs('truth tables by the index on rules', 'SELECT * FROM by_index(false)');
SELECT pairs('truth tables by tag_percolate', 'SELECT * FROM by_set()');
