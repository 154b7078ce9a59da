--
-- tag: the type tagquery, its text and binary form, and rules from rules
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\pset null NULL
\pset format unaligned
\set SHOW_CONTEXT never

-- every form of the grammar; what is printed is read back as the same rule
CREATE FUNCTION pg_temp.show(inputs text[])
RETURNS TABLE (input text, rule text, bound boolean, fixpoint boolean)
LANGUAGE sql
BEGIN ATOMIC
	SELECT i, q::text, tagquery_is_bound(q),
		q::text::tagquery = q AND q::text::tagquery::text = q::text
		AND tagquery_send(q::text::tagquery) = tagquery_send(q)
	FROM unnest(inputs) WITH ORDINALITY AS u(i, n), LATERAL (SELECT i::tagquery AS q OFFSET 0) AS v
	ORDER BY n;
END;

SELECT * FROM pg_temp.show(ARRAY[
	'true', 'FALSE', 'vip', '"vip"', '''vip''', 'interest.sport.*', '"a b".*', 'a..*', '兴趣.运动', '兴趣.*',
	'a is known', 'a is not known', 'a is unknown', 'a IS Known',
	'a = 1', 'a <> 1', 'a != 1', 'a < 1', 'a <= 1', 'a > 1', 'a >= 1',
	'a = 上海', 'a = "New York"', 'a = ''it\''s''', 'a = "\"\\"', 'a = ""', 'a = true', 'a = False', 'a = "true"', 'a = 1.50', 'a = -0', 'a = 1e3', 'a = "1"',
	'a = 2026-09-01', 'a = 2026-09-01T10:00:00Z', 'a = 2026-09-01T10:00:00.5+08:00', 'a = 2026-09-01T00:00:00Z', 'a = "2026-09-01"', 'a = a.b-c:d/e+f_g',
	'a in (3, 1, 2, 1, x, true, 2026-01-01)', 'a in (1)', 'a not in (1, 2)', 'a not in (1)', 'a any of (x, y)', 'a all of (x, y)', 'a none of (x, y)', 'a none of (x)',
	'a in (2026-01-01, 2026-01-01T00:00:00Z, 2026-01-01T08:00:00+08:00)']);
SELECT * FROM pg_temp.show(ARRAY[
	'a between 1 and 5', 'a not between 1 and 5', 'a between above 1 and below 5', 'a between above 1 and 5', 'a between 1 and below 5', 'a not between above 1 and below 5',
	'a between 1 and 1', 'a between 5 and 1', 'a between above 1 and 1', 'a not between 5 and 1', 'a between x and y', 'a between "above" and "below"',
	'a between 2026-01-01 and 2026-01-02T12:00:00Z', 'a between 2026-01-01 and 2026-01-01T00:00:00Z', 'a between false and true',
	'a before 2026-11-11', 'a since 2026-11-01',
	'a starts with "x"', 'a ends with x', 'a contains ''x"y''', 'a contains ""',
	'spend > value(budget)', 'spend = value("a b")', 'spend <> value(spend)',
	'weight(a) >= 0.5', 'weight(a) = 0.5', 'weight(a) <> 0.5', 'weight(a) between 0.2 and 0.8', 'weight(a) not between 0.2 and 0.8',
	'weight(a, 30 days) >= 0.5', 'weight(a, 1 hour) < 0.5', 'weight(a, 90 seconds) <> 0.5', 'weight(a, 2 weeks) between 0.1 and 0.2',
	'weight(a, 30 days, 2026-09-01) >= 0.5', 'weight(a, 30 days, 2026-09-01T10:00:00Z) < 0.5',
	'set_at(a) >= 2026-09-01', 'set_at(a) before 2026-09-01T10:00:00Z', 'set_at(a) = 2026-09-01',
	'date(a) = 2026-09-01', 'date(a) <> 2026-09-01', 'date(a) between 2026-09-01 and below 2026-10-01', 'time(a) since 2026-09-01T10:00:00Z', 'time(a) < 2026-09-01T00:00:00Z',
	'anniversary(a) = 02-29', 'anniversary(a) <> 01-01', 'anniversary(a) < 03-01', 'anniversary(a) < 01-01', 'anniversary(a) <= 01-01', 'anniversary(a) > 12-31', 'anniversary(a) > 02-28', 'anniversary(a) >= 12-31',
	'anniversary(a) between 12-20 and 01-05', 'anniversary(a) not between 12-20 and 01-05', 'anniversary(a) between 03-05 and 03-04', 'anniversary(a) not between 03-05 and 03-04', 'anniversary(a) since 11-01']);
SELECT * FROM pg_temp.show(ARRAY[
	'a within last 30 days', 'a within next 7 days', 'a before last 18 years', 'a within last 1 second', 'a within last 120 minutes', 'a within last 90 minutes', 'a within last 48 hours', 'a within last 2 weeks', 'a within last 24 months', 'a within last 0 days', 'a within last 1 year',
	'anniversary(a) within next 7 days', 'anniversary(a) within last 1 month',
	'age(a) < 30 days', 'age(a) >= 1 year', 'age(a) <> 5 minutes', 'age = 5', 'age', 'date < 2026-01-01', 'weight > 80', 'segment', 'did in (1, 2)', 'value = value(value)',
	'segment("at_risk")', 'segment(vip)', 'not segment("a \" b")',
	'did("purchase")', 'did(purchase, at least 1)', 'did("purchase", at least 2, within last 30 days)', 'did("purchase", within last 30 days, at most 2)', 'did("p", exactly 0)', 'did("p", before last 1 year)', 'did("p", within next 3 hours)', 'did("p", at least 0)',
	'a and b', 'a & b', 'A AND b', 'a or b', 'a | b', 'a and b or c and d', 'a and (b or c) and d', '(((a)))',
	'not a', '!a', '! ! a', 'not not not a', 'not a.*', 'not (a = 1)', 'not a = 1', 'not (a <> 1)', 'not (a not in (1, 2))', 'not (a in (1, 2))', 'not (a < 1)', 'not (a is known)', 'not (a is unknown)', 'not (a starts with "x")', 'not (a = value(b))', 'not (a within last 3 days)', 'not (age(a) < 3 days)', 'not (weight(a, 3 days) < 0.5)', 'not did("x")',
	'at least 2 of (a, b, c)', 'At Least 2 Of (a and b, c or d, not e)', 'not at least 2 of (a, b, c, d)', 'at = 1', '"at"', '"and" and "or" or "not"', '"true"', '"null" = "null"', 'a = "and" or a in ("or", "not", at)']);

-- full-width punctuation, in UTF-8
SELECT * FROM pg_temp.show(ARRAY['（城市　＝　上海　＆　年龄　＞＝　20）　｜　！会员', '城市 in （上海，北京）', 'a ！＝ 1', 'a ＜＞ 1', 'a ＜＝ 1', '兴趣.＊', 'a = "（，）"']);

-- one rule, one value
SELECT a, b, a::tagquery = b::tagquery AS equal
FROM (VALUES ('a and b', 'b & a'), ('a or b or a', 'b or a'), ('a and a', 'a'), ('(a or b) or (c or a)', 'c or b or a'), ('a and (b and (c and d))', 'd and c and b and a'),
	('not (a and b)', 'not a or not b'), ('not (a or b)', 'not a and not b'), ('not not a', 'a'), ('not (a and not (b or not c))', 'not a or b or not c'),
	('not at least 2 of (a, b, c)', 'at least 2 of (not a, not b, not c)'), ('not at least 1 of (a, b)', 'not a and not b'), ('at least 2 of (a, b)', 'a and b'), ('at least 1 of (a, b)', 'a or b'),
	('at least 0 of (a, b)', 'true'), ('at least 3 of (a, b)', 'false'), ('not at least 0 of (a)', 'false'), ('not at least 3 of (a, b)', 'true'), ('at least 2 of (a, true, b)', 'a or b'), ('at least 2 of (a, false, b)', 'a and b'), ('at least 2 of (a, a, b)', 'at least 2 of (b, a, a)'), ('at least 4294967295 of (a)', 'false'),
	('a and true', 'a'), ('a or true', 'true'), ('a and false', 'false'), ('a or false', 'a'), ('not true', 'false'), ('a or not (b and false)', 'true'), ('a and 1 = 1', 'a and "1" = 1.0'),
	('a between 1 and 1', 'a = 1'), ('a in (2, 1)', 'a any of (1, 2, 2)'), ('not (a in (1, 2))', 'a none of (1, 2)'), ('a all of (1, 2)', 'a = 1 and a = 2'), ('not (a is known)', 'a is unknown'),
	('a = 2026-01-01', 'a = 2026-01-01T08:00:00+08:00'), ('a within last 1 week', 'a within last 7 days'), ('age(a) < 1 year', 'age(a) < 12 months'), ('weight(a, 48 hours) > 0.1', 'weight(a, 2 days) > 0.1'),
	('did(x)', 'did("x", at least 1)'), ('anniversary(a) > 11-30', 'anniversary(a) >= 12-01'),
	-- and these are not one
	('a', 'b'), ('a', 'not a'), ('a', 'a = true'), ('a', 'a.*'), ('a = 1', 'a = "1"'), ('a <> 1', 'not (a = 1)'), ('a between 1 and 2', 'a >= 1 and a <= 2'), ('at least 2 of (a, a, b)', 'at least 2 of (a, b)'), ('a within last 1 day', 'a within last 24 hours'), ('a and (b or c)', '(a and b) or (a and c)'), ('A', 'a')) AS v(a, b);

-- what is no rule: where it goes wrong, and what people mean who write that
CREATE FUNCTION pg_temp.try(input text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM input::tagquery;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	message := replace(message, 'invalid input syntax for type tagquery: ', '...');
	RETURN NEXT;
END
$$;
SELECT t.* FROM unnest(ARRAY[
	'', ' ', 'and', 'a and', 'a or ', 'not', '!', 'or a', 'a and or b', 'a b', 'a, b', '(', '()', '(a', 'a)', '(a and b', '(a b)',
	'a =', 'a = and b', 'a = )', 'a <', 'a = = 1', 'a = 1 2', 'a = b c', '= 1', 'a = (1)', 'a = b.*', 'a.* = 1',
	'a in', 'a in 1', 'a in ()', 'a in (1', 'a in (1,', 'a in (1,)', 'a in (1 2)', 'a in (1, and)', 'a not', 'a not 1', 'a any (1)', 'a all of 1',
	'a between', 'a between 1', 'a between 1 or 2', 'a between 1 and', 'a between 1 and x', 'a between 2026-01-01 and 5', 'a between above 1 and above 2',
	'a is', 'a is not', 'a is not unknown', 'a starts', 'a starts "x"', 'a contains', 'a starts with and and',
	'a before 5', 'a since x', 'a before last', 'a before last 3', 'a before last x days', 'a before last 3 fortnights', 'a within 3 days', 'a within last -3 days', 'a within last 1.5 days',
	'weight', 'weight(', 'weight()', 'weight(a', 'weight(a)', 'weight(a) > x', 'weight(a) in (1)', 'weight(a, 30) > 1', 'weight(a, 1 month) > 0.5', 'weight(a, 0 days) > 0.5', 'weight(a, 100000001 days) > 0.5', 'weight(a, 3 days, x) > 0.5', 'weight(a) within last 3 days', 'weight(a) before 2026-01-01', 'weight(a) > value(b)',
	'set_at(a) > 5', 'set_at(a) within last 3 days', 'date(a) = x', 'age(a)', 'age(a) in (1)', 'age(a) < 30', 'age(a) < x', 'anniversary(a) = 2026-01-01', 'anniversary(a) = 02-30', 'anniversary(a) = 13-01', 'anniversary(a) before last 3 days', 'anniversary(a) between above 01-01 and 02-01', 'lower(a) = x', 'value(a) = 1',
	'segment()', 'segment("")', 'segment(a, b)', 'did()', 'did(a, b)', 'did(a, at 3)', 'did(a, at least)', 'did(a, at least 2, exactly 3)', 'did(a, within last 3 days, within next 3 days)', 'did(a, before 3 days)', 'did(a, within 3 days)', 'did(a,)',
	'at least', 'at least 2', 'at least x of (a)', 'at least 2 (a)', 'at least 2 of a', 'at least 2 of ()', 'at least 2 of (a, )', 'at least -1 of (a)', 'at least 4294967296 of (a)',
	'""', '"" = 1', '"a', 'a = ''x', 'a = "x\"', 'a = "\n"', '"a" "b"', '.*', 'a.*b', '*', 'a = *']) WITH ORDINALITY AS u(input, n), LATERAL pg_temp.try(input) AS t ORDER BY n;
SELECT t.* FROM unnest(ARRAY[
	'a == 1', 'a && b', 'a || b', 'a => 1', 'a =< 1', 'a = “x”', 'a = ‘x’', 'a = ＂x＂', '{{rule}}', '[[a]]', '$1', 'a = ?', 'a = 5%', 'a like "x%"', 'a ilike "x%"', 'a is null', 'a is not null', 'a = null', 'has a', 'a exists', 'a xor b', 'a equals 1', 'a after 2026-01-01', 'a on 2026-01-01', 'a = 2026-01-01 10:00', 'a;', 'a = x y', '(a b)', 'a, b', 'a ≥ 1', 'a≤1', 'a ≠ 1', '城市 in (北京、上海)', '年龄 >= ２０', '日期 = 2026－01－01', 'a = b@c', 'a ~ b', 'a = #1', '城市 ＝＝ 上海', '城市 = 上海）', '客户价值 =', 'a = and']) WITH ORDINALITY AS u(input, n), LATERAL pg_temp.try(input) AS t ORDER BY n;
SELECT t.* FROM unnest(ARRAY[
	'a = 12345678901234567890', 'a = 0.1234567890123456789', 'a = 1e999', 'a = 2026-02-30', 'a = 0000-01-01', 'a = 2026-01-01T25:00Z', 'a within last 4294967296 days', 'a within last 4294967295 weeks', 'age(a) < 1193047 hours', 'age(a) < 1193046 hours',
	repeat('x', 1023), repeat('x', 1024), repeat('x', 1023) || '.*', 'a = ' || repeat('x', 65535), 'a = ' || repeat('x', 65536), 'a = "' || repeat('x', 65536) || '"', 'did("' || repeat('x', 1024) || '")', repeat('x ', 200)]) WITH ORDINALITY AS u(input, n), LATERAL pg_temp.try(input) AS t ORDER BY n;

-- nesting
CREATE FUNCTION pg_temp.nested(n integer, inner_rule text, before text, after text) RETURNS text
LANGUAGE sql
RETURN repeat(before, n) || inner_rule || repeat(after, n);
SELECT t.* FROM (VALUES
	(pg_temp.nested(1000, 'a', '(', ')')), (pg_temp.nested(1001, 'a', '(', ')')), (pg_temp.nested(10000, 'a', '(', ')')),
	(pg_temp.nested(10000, 'a', 'not (', ')')), (pg_temp.nested(10000, 'a', '!', '')), (pg_temp.nested(100000, 'a', '(', '')), (pg_temp.nested(10000, 'a', 'b and (c or (', '))')),
	(pg_temp.nested(499, 'c', 'a and (b or (', '))')), (pg_temp.nested(499, 'c and d', 'a and (b or (', '))')), (pg_temp.nested(499, 'c and (d or e)', 'a and (b or (', '))')),
	(pg_temp.nested(999, 'a', 'at least 2 of (b, c, ', ')')), (pg_temp.nested(999, 'not (a = 1)', 'at least 2 of (b, c, ', ')')), (pg_temp.nested(1000, 'a', 'at least 2 of (b, c, ', ')')), (pg_temp.nested(10000, 'a', 'at least 2 of (b, c, ', ')')),
	(pg_temp.nested(999, 'x not between 1 and 2', 'at least 2 of (b, c, ', ')'))) AS v(input), LATERAL pg_temp.try(input) AS t;
SELECT bool_and(q::text::tagquery = q) AS same, bool_and(!! !! q = q) AS twice
FROM (VALUES (pg_temp.nested(499, 'c and d', 'a and (b or (', '))')::tagquery), (pg_temp.nested(999, 'not (a = 1)', 'at least 2 of (b, c, ', ')')::tagquery)) AS v(q);
-- what is put together flattens first, and then has the same bound
SELECT length((q && 'x')::text) > 0 AS and_of_ands, length((q && q)::text) = length(q::text) AS once, length((!! q || 'x')::text) > 0 AS or_of_ors
FROM (SELECT pg_temp.nested(499, 'c and d', 'a and (b or (', '))')::tagquery AS q) AS v;
SELECT (q || 'x')::text FROM (SELECT pg_temp.nested(499, 'c and d', 'a and (b or (', '))')::tagquery AS q) AS v;
SELECT (!! q && 'x')::text FROM (SELECT pg_temp.nested(499, 'c and d', 'a and (b or (', '))')::tagquery AS q) AS v;

-- many terms
SELECT length(q::text), tagquery_send(q) = tagquery_send(q::text::tagquery) AS same
FROM (SELECT ('x in (' || string_agg(i * 7919 % 100003 || '', ',') || ')')::tagquery AS q FROM generate_series(1, 100000) AS i
	UNION ALL SELECT string_agg('x = ' || i * 7919 % 100003, ' or ')::tagquery FROM generate_series(1, 100000) AS i
	UNION ALL SELECT string_agg('t' || i * 7919 % 100003, ' and ')::tagquery FROM generate_series(1, 100000) AS i
	UNION ALL SELECT ('not (' || string_agg('x' || i % 10 || ' <> ' || i, ' and ') || ')')::tagquery FROM generate_series(1, 100000) AS i
	UNION ALL SELECT ('at least 3 of (' || string_agg('t' || i, ',') || ')')::tagquery FROM generate_series(1, 100000) AS i
	UNION ALL SELECT string_agg('a', ' or ')::tagquery FROM generate_series(1, 100000)) AS v
ORDER BY 1;
-- a rule that would be larger than one may be
DO $$
BEGIN
	PERFORM ('x in (' || string_agg(repeat('x', 65000) || i, ',') || ')')::tagquery FROM generate_series(1, 1100) AS i;
	RAISE EXCEPTION 'no error';
EXCEPTION WHEN program_limit_exceeded THEN
	RAISE NOTICE '%', sqlerrm;
END
$$;
DO $$
BEGIN
	PERFORM string_agg('x' || i || ' contains ' || repeat('x', 65000), ' or ')::tagquery FROM generate_series(1, 1100) AS i;
	RAISE EXCEPTION 'no error';
EXCEPTION WHEN program_limit_exceeded THEN
	RAISE NOTICE '%', sqlerrm;
END
$$;

-- rules from rules
SELECT 'a'::tagquery && 'b or c' AS "and", 'a'::tagquery || 'b and c' AS "or", !! 'a and b = 1'::tagquery AS "not", 'a'::tagquery && 'true' AS same, 'a'::tagquery && 'false' AS none,
	tagquery_and('a', 'a') AS once, tagquery_or('a or b', 'b or c') AS merged, tagquery_not('true') AS nothing;

-- random rules: De Morgan, double negation, order of operands, text, order, hashes
SELECT setseed(0.5);
CREATE FUNCTION pg_temp.random_rule(depth integer) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	kind integer := floor(random() * CASE WHEN depth > 0 THEN 14 ELSE 8 END);
	name text := (ARRAY['a', 'b', 'c.d', '"e f"', '兴趣'])[1 + floor(random() * 5)];
	value text := (ARRAY['1', '2.5', 'x', '"y z"', 'true', '2026-01-01', '2026-01-02T03:04:05Z', '上海'])[1 + floor(random() * 8)];
	parts text[];
BEGIN
	IF kind < 8 THEN
		RETURN CASE kind WHEN 0 THEN name WHEN 1 THEN name || '.*' WHEN 2 THEN name || ' is known'
			WHEN 3 THEN format('%s %s %s', name, (ARRAY['=', '<>', '<', '>='])[1 + floor(random() * 4)], value)
			WHEN 4 THEN format('%s %s (%s, %s)', name, (ARRAY['in', 'not in', 'none of', 'all of'])[1 + floor(random() * 4)], value, floor(random() * 3))
			WHEN 5 THEN format('weight(%s) %s %s', name, (ARRAY['<>', 'between 0.2 and', '='])[1 + floor(random() * 3)], round(random()::numeric, 1))
			WHEN 6 THEN format('%s within last %s days', name, floor(random() * 3))
			ELSE (ARRAY['true', 'false', 'a', 'b'])[1 + floor(random() * 4)] END;
	END IF;
	SELECT array_agg(pg_temp.random_rule(depth - 1)) INTO parts FROM generate_series(1, 1 + floor(random() * 3)::integer);
	RETURN CASE WHEN kind < 10 THEN '(' || array_to_string(parts, ' and ') || ')' WHEN kind < 12 THEN '(' || array_to_string(parts, ' or ') || ')'
		WHEN kind = 12 THEN 'not ' || parts[1] ELSE format('at least %s of (%s)', floor(random() * 4), array_to_string(parts, ',')) END;
END
$$;
CREATE TEMP TABLE random_rules AS
SELECT i, pg_temp.random_rule(4) AS a, pg_temp.random_rule(4) AS b FROM generate_series(1, 5000) AS i;
ALTER TABLE random_rules ADD COLUMN p tagquery, ADD COLUMN q tagquery;
UPDATE random_rules SET p = a::tagquery, q = b::tagquery;
SELECT count(*) > 3000 AS many, count(*) FILTER (WHERE NOT (
	p::text::tagquery = p AND p::text::tagquery::text = p::text
	AND !! !! p = p AND ('not (not (' || a || '))')::tagquery = p AND ('not (' || a || ')')::tagquery = !! p
	AND !! (p && q) = (!! p || !! q) AND !! (p || q) = (!! p && !! q)
	AND (p && q) = (q && p) AND (p || q) = (q || p) AND (p && p) = p AND (p || p) = p
	AND format('(%s) and (%s)', a, b)::tagquery = (p && q) AND format('(%s) | (%s)', b, a)::tagquery = (p || q)
	AND format('at least 1 of (%s, %s)', a, b)::tagquery = (p || q) AND format('at least 2 of (%s, %s)', b, a)::tagquery = (p && q)
	AND tagquery_is_bound(!! p) = tagquery_is_bound(p)
	AND (p = q) = (p::text = q::text) AND (p = q) = (tagquery_cmp(p, q) = 0) AND (p <> q) = (tagquery_send(p) <> tagquery_send(q))
	AND (p < q) = (q > p) AND (p <= q) = (q >= p) AND (p < q) = (NOT p >= q) AND sign(tagquery_cmp(p, q)) = -sign(tagquery_cmp(q, p))
	AND (p <> q OR (tagquery_hash(p) = tagquery_hash(q) AND tagquery_hash_extended(p, 7) = tagquery_hash_extended(q, 7)))
	AND tagquery_hash(p)::bit(32) = tagquery_hash_extended(p, 0)::bit(32))) AS wrong
FROM random_rules;
-- the same number of rules, whoever counts them
SET enable_hashagg = off;
SELECT count(*) AS sorted FROM (SELECT p FROM random_rules GROUP BY p) AS v \gset
SET enable_hashagg = on;
SET enable_sort = off;
SELECT count(*) = :sorted AS hashed FROM (SELECT p FROM random_rules GROUP BY p) AS v;
RESET enable_sort;
SELECT count(DISTINCT p::text) = :sorted AS as_text FROM random_rules;
CREATE INDEX ON random_rules USING btree (p);
CREATE INDEX ON random_rules USING hash (q);
SET enable_seqscan = off;
SELECT bool_and((SELECT count(*) FROM random_rules AS r WHERE r.p = o.p) = (SELECT count(*) FROM random_rules AS r WHERE r.p::text = o.p::text)
	AND EXISTS (SELECT FROM random_rules AS r WHERE r.q = o.q)) AS found
FROM (SELECT * FROM random_rules ORDER BY i LIMIT 50) AS o;
RESET enable_seqscan;

-- binary form: sent and received it is the same
SELECT current_setting('data_directory') || '/portrait_tagquery.bin' AS file \gset
COPY (SELECT i, p, q FROM random_rules) TO :'file' (FORMAT binary);
CREATE TEMP TABLE received (i integer, p tagquery, q tagquery);
COPY received FROM :'file' (FORMAT binary);
SELECT count(*) = 5000 AS all_there, bool_and(r.p = o.p AND tagquery_send(r.p) = tagquery_send(o.p) AND r.q::text = o.q::text) AS same
FROM received AS r JOIN random_rules AS o USING (i);

-- any bytes are an error, or a rule that its own text gives
CREATE TEMP TABLE one (q tagquery);
SELECT format('COPY (SELECT %%L::bytea) TO %L (FORMAT binary)', :'file') AS write, format('COPY one FROM %L (FORMAT binary)', :'file') AS read \gset
CREATE FUNCTION pg_temp.receive(bytes bytea, write text, read text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	rule tagquery;
BEGIN
	DELETE FROM one;
	EXECUTE format(write, bytes);
	EXECUTE read;
	SELECT q INTO rule FROM one;
	RETURN CASE WHEN tagquery_send(rule) <> bytes THEN 'changed' WHEN tagquery_send(rule::text::tagquery) <> bytes THEN 'not canonical' ELSE 'ok' END;
EXCEPTION WHEN invalid_binary_representation THEN
	RETURN sqlstate;
END
$$;
CREATE TEMP TABLE damaged AS
SELECT q, tagquery_send(q) AS bytes, place, flip
FROM unnest(ARRAY['vip and not (age between above 20 and 30) and city in (x, 2, 2026-01-01)', 'at least 2 of (a, b.* or c is unknown, did("x", exactly 3, within last 3 days))',
	'spend > value(budget) or weight(a, 3 days, 2026-01-01) < 0.5', 'anniversary(a) between 12-20 and 01-05', 'a not in (1, 2, x) and b starts with "yz"', 'true']::tagquery[]) AS q,
	LATERAL generate_series(0, length(tagquery_send(q)) - 1) AS place, unnest(ARRAY[1, 2, 128, 255]) AS flip
WHERE (place + flip) % 3 = 0;
SELECT result, count(*) > 0 AS some
FROM damaged, LATERAL pg_temp.receive(set_byte(bytes, place, get_byte(bytes, place) # flip), :'write', :'read') AS result
GROUP BY result ORDER BY result;
SELECT result, count(*) > 0 AS some
FROM damaged, LATERAL pg_temp.receive(CASE flip WHEN 1 THEN substr(bytes, 1, place) WHEN 2 THEN bytes || substr(bytes, 1, place + 1)
	WHEN 128 THEN substr(bytes, 1, place) || '\x00'::bytea || substr(bytes, place + 1) ELSE substr(bytes, 1, place) || substr(bytes, place + 2) END, :'write', :'read') AS result
GROUP BY result ORDER BY result;
SELECT pg_temp.receive(tagquery_send('a = x') || '', :'write', :'read') AS ok, pg_temp.receive(set_byte(tagquery_send('a = x'), length(tagquery_send('a = x')) - 1, 255), :'write', :'read') AS encoding;

-- levels below are asked for of names only
SELECT 'url contains example.*'::tagquery;
SELECT 'x = "a".*'::tagquery;

--
-- The deepest rule where the stack is small: a clean error, wherever one would go deeper
--
CREATE FUNCTION pg_temp.nobody(leaf tagquery) RETURNS segment LANGUAGE sql IMMUTABLE RETURN '{1}'::segment;
CREATE TEMP TABLE deep AS
SELECT 'b, u'::tagset AS tags, text, text::tagquery AS rule, replace(text, 'u', 'age(u) < 1 day')::tagquery AS unbound, text::tagquery::jsonb AS json,
	tagquery_set_agg(1, text::tagquery) AS compiled
FROM (SELECT repeat('(not b or (not c and not n in (1, 2) and ', 499) || 'u' || repeat('))', 499) AS text) AS texts GROUP BY text;
CREATE FUNCTION pg_temp.on_small_stack(call text) RETURNS text
LANGUAGE plpgsql SET max_stack_depth = '100kB'
AS $$
BEGIN
	EXECUTE format('SELECT %s FROM deep', call);
	RETURN 'an answer';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT call, pg_temp.on_small_stack(call)
FROM (VALUES ($$text::tagquery$$), ($$rule::text$$), ($$rule::jsonb$$), ($$json::tagquery$$), ($$rule && 'x'$$),
	($$!! rule$$), ($$tag_bind(unbound, '2026-09-01Z')$$), ($$tag_match(tags, unbound, '2026-09-01Z')$$), ($$tagquery_names(rule)$$),
	($$tagquery_keys(rule)$$), ($$tagquery_implies(rule, 'x')$$), ($$tagquery_implies('x', rule)$$), ($$tag_explain(tags, unbound, '2026-09-01Z')$$),
	($$tagquery_set_agg(1, rule)$$), ($$tag_percolate(compiled, tags)$$), ($$compiled::text::tagquery_set$$), ($$tag_segment(rule, '{1}', 'pg_temp.nobody(tagquery)')$$)) AS calls(call);
SELECT text::tagquery = rule AS same, tags @@ rule AS matched FROM deep;
