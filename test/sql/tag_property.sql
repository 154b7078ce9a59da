--
-- Every way of asking a rule against what plain SQL says of it, on random rules
-- and random tagsets: more than 10^5 pairs a run.
--
-- A failure tells the seed and the case: PORTRAIT_TEST_SEED=... make test
--
\getenv test_dir PG_ABS_SRCDIR
\set cases :test_dir '/lib/tag_cases.sql'
\set ECHO none
\i :cases
\set ECHO all

\set customers 320
CALL make_cases(:customers, 360, 60);
SELECT count(*) > 100000 AS enough FROM rules, customers;

-- ---- one by one ----

SELECT answers('tags @@ rule', 'c.tags @@ r.rule');
SELECT answers('rule @@ tags', 'r.rule @@ c.tags');
SELECT answers('tag_match(tags, rule)', 'tag_match(c.tags, r.rule)');
SELECT answers('double negation', 'c.tags @@ (!! (!! r.rule))');
SELECT answers('negation', 'NOT c.tags @@ (!! r.rule)', source => '(SELECT * FROM rules WHERE tagquery_is_bound(rule)) AS r');

SELECT nothing('leaves by themselves', $$
	SELECT format('%s of %s', l.text, c.tags) FROM leaves AS l, customers AS c
	WHERE NOT needs_time(leaf) AND NOT needs_more(leaf)
	AND c.tags @@ l.text::tagquery <> (get_bit(l.bits, c.customer) = 1)$$);

-- at a time
SELECT nothing('leaves at a time', $$
	WITH l AS MATERIALIZED (
		SELECT l.text, l.text::tagquery AS rule, a.bits, m.* FROM leaves AS l JOIN leaves_at AS a USING (id) JOIN moments AS m USING (moment))
	SELECT format('%s of %s as of %s at %s', l.text, c.tags, as_of, zone) FROM l, customers AS c
	WHERE tag_match(c.tags, l.rule, l.as_of, l.zone) <> (get_bit(l.bits, c.customer) = 1)$$);
SELECT nothing('tag_match at a time', $$
	WITH r AS MATERIALIZED (
		SELECT r.text, r.rule, tree_bits(r.tree, (SELECT count(*)::int FROM customers), moment) AS bits, m.*
		FROM rules AS r, moments AS m
		WHERE (r.id + moment) % 3 = 0 AND NOT EXISTS (SELECT FROM unnest(tree_leaves(r.tree)) AS i
			JOIN leaves AS l ON l.id = i WHERE needs_more(l.leaf)))
	SELECT format(E'%s\n\tof %s\n\tas of %s at %s', r.text, c.tags, as_of, zone)
	FROM r, customers AS c
	WHERE tag_match(c.tags, r.rule, r.as_of, r.zone) <> (get_bit(r.bits, c.customer) = 1)$$);
SELECT nothing('tag_bind', $$
	WITH r AS MATERIALIZED (
		SELECT r.text, r.rule, m.*, tag_bind(r.rule, m.as_of, m.zone) AS bound
		FROM rules AS r, moments AS m
		WHERE NOT r.bound AND array_length(tagquery_names(rule, 'segment') || tagquery_names(rule, 'event'), 1) IS NULL)
	SELECT format(E'%s\n\tof %s\n\tas of %s at %s:\n\t%s', r.text, c.tags, as_of, zone, bound)
	FROM r, customers AS c
	WHERE NOT tagquery_is_bound(bound)
	OR tag_match(c.tags, r.rule, as_of, zone) <> tag_match(c.tags, bound, as_of, 'UTC')
	OR tagquery_is_bound(rule) AND bound <> rule$$);

-- ---- rules made of rules ----

SELECT nothing('&& || !!', $$
	WITH pairs AS MATERIALIZED (
		SELECT a.rule AS a, b.rule AS b, a.bits AS abits, b.bits AS bbits
		FROM rules AS a JOIN rules AS b ON b.id = (a.id * 7 + 3) % (SELECT max(id) FROM rules) + 1
		WHERE tagquery_is_bound(a.rule) AND tagquery_is_bound(b.rule))
	SELECT format(E'%s\n\tand %s\n\tof %s', a, b, c.tags) FROM pairs, customers AS c
	WHERE c.tags @@ (a && b) <> (get_bit(abits & bbits, c.customer) = 1)
	OR c.tags @@ (a || b) <> (get_bit(abits | bbits, c.customer) = 1)
	OR c.tags @@ (!! (a && b)) <> (get_bit(~(abits & bbits), c.customer) = 1)
	OR c.tags @@ (!! (a || !! b)) <> (get_bit(~abits & bbits, c.customer) = 1)$$);
SELECT nothing('De Morgan', $$
	SELECT format(E'%s\n\tand %s', a.rule, b.rule)
	FROM rules AS a JOIN rules AS b ON b.id = (a.id * 11 + 5) % (SELECT max(id) FROM rules) + 1
	WHERE !! (!! a.rule) <> a.rule
	OR !! (a.rule && b.rule) <> (!! a.rule || !! b.rule)
	OR !! (a.rule || b.rule) <> (!! a.rule && !! b.rule)
	OR (a.rule && b.rule) <> (b.rule && a.rule)
	OR (a.rule || b.rule) <> (b.rule || a.rule)
	OR a.rule && a.rule <> a.rule OR (a.rule || a.rule) <> a.rule$$);

-- equal rules have equal answers, and equal hashes
SELECT nothing('equality', $$
	SELECT format(E'%s\n\tand %s', a.text, b.text) FROM rules AS a, rules AS b
	WHERE a.rule = b.rule AND (a.bits <> b.bits OR a.rule::text <> b.rule::text
		OR tagquery_hash(a.rule) <> tagquery_hash(b.rule) OR tagquery_cmp(a.rule, b.rule) <> 0)
	OR a.rule <> b.rule AND a.rule::text = b.rule::text$$);

-- ---- text, bytes, jsonb ----

SELECT nothing('text of rules', $$
	SELECT format(E'%s\n\tprints %s', text, rule) FROM rules
	WHERE rule::text::tagquery <> rule OR rule::text::tagquery::text <> rule::text
	OR tagquery_send(rule::text::tagquery) <> tagquery_send(rule) OR rule::text ~ '\{\{|\[\[|[$%?]'$$);
SELECT nothing('jsonb of rules', $$
	SELECT format(E'%s\n\tgives %s', rule, rule::jsonb) FROM rules
	WHERE rule::jsonb::tagquery <> rule OR rule::jsonb::tagquery::jsonb <> rule::jsonb$$);
SELECT nothing('text of tagsets', $$
	SELECT tags::text FROM customers
	WHERE tags::text::tagset <> tags OR tagset_send(tags::text::tagset) <> tagset_send(tags)$$);
SELECT nothing('jsonb of tagsets', $$
	SELECT format(E'%s\n\tgives %s', tags, tags::jsonb) FROM customers
	WHERE tags::jsonb::tagset::jsonb <> tags::jsonb OR tags::jsonb::tagset <> tags$$);

-- ---- truth tables: all sets of six tags, rules over them ----

CALL make_truth_tables(400);
SELECT answers('truth tables', 'c.tags @@ r.rule');

-- ---- tag_explain: turning a leaf is turning its tag ----

-- The answer where these tags are turned, by the model
CREATE FUNCTION tag_test.turned(bits varbit, customer int, mask int) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN get_bit(bits, customer # mask) = 1;

CREATE TABLE tag_test.explained AS
SELECT r.id, r.text, r.rule, r.bits, c.customer, c.tags, e.*,
	1 << (ascii(right(e.leaf, 1)) - ascii('a')) AS mask, get_bit(r.bits, c.customer) = 1 AS answer
FROM rules AS r, customers AS c, tag_explain(c.tags, r.rule) AS e
WHERE (r.id + c.customer) % 8 = 0;

SELECT nothing('tag_explain', $$
	SELECT format(E'%s\n\tof %s:\n\t%s', rule, tags, e.leaf) FROM explained AS e
	WHERE matched <> ((e.customer & mask <> 0) = (leaf NOT LIKE 'not %'))
	OR coalesce(actual, '') <> CASE WHEN e.customer & mask <> 0 THEN 'true' ELSE '' END
	OR decisive <> (turned(bits, customer, mask) <> answer)$$);
SELECT nothing('the smallest change', $$
	SELECT format(E'%s\n\tof %s: %s leaves, %s are enough', rule, tags, n, smallest)
	FROM (SELECT text, rule, tags, customer, bits, answer, sum(mask) FILTER (WHERE change)::int AS masks,
			count(*) FILTER (WHERE change) AS n
		  FROM explained GROUP BY id, text, rule, tags, customer, bits, answer) AS e,
		LATERAL (SELECT min(length(replace(m::bit(6)::text, '0', ''))) AS smallest FROM generate_series(1, 63) AS m
			WHERE turned(bits, customer, m) <> answer) AS s
	WHERE coalesce(n, 0) <> coalesce(smallest, 0) OR n > 0 AND turned(bits, customer, masks) = answer$$);
DROP TABLE explained;

-- ---- tagquery_implies, tagquery_disjoint ----

SELECT nothing('what truth tables say of two rules', $$
	SELECT format(E'%s\n\tand %s: implies %s, disjoint %s', a.rule, b.rule,
		tagquery_implies(a.rule, b.rule), tagquery_disjoint(a.rule, b.rule))
	FROM rules AS a, rules AS b
	WHERE (a.id * 31 + b.id) % 40 = 0
	AND (tagquery_implies(a.rule, b.rule) <> (a.bits & ~b.bits = repeat('0', 64)::varbit)
		OR tagquery_disjoint(a.rule, b.rule) <> (a.bits & b.bits = repeat('0', 64)::varbit))$$);

-- Leaves that have much to do with each other
CREATE PROCEDURE tag_test.make_close_leaves(leaves int, customers int)
LANGUAGE plpgsql
AS $$
DECLARE
	l tag_test.leaf;
BEGIN
	DELETE FROM known WHERE name NOT IN ('age', 'city', 'seen', 'interest', 'interest.sport');
	DELETE FROM tag_test.rules;
	DELETE FROM tag_test.leaves;
	WHILE (SELECT count(*) FROM tag_test.leaves) < leaves LOOP
		l := random_leaf();
		l.name := one_of('age', 'city', 'seen', CASE l.kind WHEN 'subtree' THEN 'interest' ELSE 'interest.sport' END);
		l.other := CASE l.kind WHEN 'pair' THEN one_of('age', 'seen') ELSE l.other END;
		CONTINUE WHEN needs_time(l) OR needs_more(l);
		INSERT INTO tag_test.leaves SELECT count(*) + 1, l, spell_leaf(l), leaf_bits(l, customers, NULL, NULL) FROM tag_test.leaves;
	END LOOP;
	CALL make_tagsets(customers);
END
$$;
CALL make_customers(:customers);
CALL make_close_leaves(100, :customers);
CALL make_rules(60, :customers, true, 3);

CREATE TABLE tag_test.judged AS
SELECT a.text AS a, b.text AS b, tagquery_implies(a.text::tagquery, b.text::tagquery) AS implies,
	tagquery_disjoint(a.text::tagquery, b.text::tagquery) AS disjoint,
	a.bits & ~b.bits = repeat('0', :customers)::varbit AS seems_implied,
	a.bits & b.bits = repeat('0', :customers)::varbit AS seems_disjoint, single
FROM (SELECT text, bits, true AS single FROM leaves UNION ALL SELECT text, bits, false FROM rules) AS a
JOIN (SELECT text, bits, true AS single FROM leaves UNION ALL SELECT text, bits, false FROM rules) AS b USING (single);
SELECT nothing('implies, disjoint', $$
	SELECT format(E'%s\n\tand %s: %s %s', a, b, CASE WHEN implies AND NOT seems_implied THEN 'implies' END,
		CASE WHEN disjoint AND NOT seems_disjoint THEN 'disjoint' END)
	FROM judged WHERE implies AND NOT seems_implied OR disjoint AND NOT seems_disjoint$$);
-- mostly it is known
SELECT single, count(*) FILTER (WHERE implies IS NULL) < count(*) * 0.05 AS implies_known,
	count(*) FILTER (WHERE disjoint IS NULL) < count(*) * 0.05 AS disjoint_known,
	count(*) FILTER (WHERE implies) > 0 AS implied, count(*) FILTER (WHERE disjoint) > 0 AS excluded
FROM judged GROUP BY single ORDER BY single;
