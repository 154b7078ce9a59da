--
-- GIN index of tagsets: what it finds, what is planned, what is estimated.
-- Random rules are in tag_ways.sql; here is what lies at the edges.
--
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
RESET client_min_messages;
CREATE EXTENSION portrait;
CREATE SCHEMA tag_gin_test;
SET search_path = tag_gin_test, public;

SELECT opcname, amname, amvalidate(c.oid)
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcname IN ('tagset_ops', 'tagquery_ops') AND amname = 'gin' ORDER BY opcname;

\getenv test_dir PG_ABS_SRCDIR
\set plans :test_dir '/lib/plans.sql'
\set ECHO none
\i :plans
\set ECHO all

-- Tagsets of a table that match by index and without, where they differ
CREATE FUNCTION differs(relation regclass, rule tagquery) RETURNS text LANGUAGE SQL AS
	$$ SELECT pg_temp.index_differs(relation, format('tags @@ %L', rule)) $$;

-- ---- intervals of numbers ----

CREATE TABLE numbers AS
SELECT row_number() OVER (ORDER BY x) AS id, x, ('x=' || x)::tagset AS tags
FROM unnest('{-1.7976931348623157e308,-9007199254740993,-65536.5,-31,-1,-0.001,-0.0009765625,-5e-324,0,
	5e-324,2.2250738585072014e-308,0.0009765624999999999,0.0009765625,0.5,0.9999999999999999,1,1.0000000000000002,
	15.9375,16,20,20.01,24,28,30,30.03,30.0625,31,32,511,512,1023,1024,4503599627370496,9007199254740991,
	9007199254740992,9007199254740994,1e300,1.7976931348623157e308}'::float8[]) AS x;
CREATE INDEX ON numbers USING gin (tags);
CREATE TABLE intervals AS
SELECT format('x %s %s', op, x) AS rule FROM numbers, unnest('{<,<=,>,>=,=,<>}'::text[]) AS op
UNION ALL
SELECT format('x between %s and %s', a.x, b.x) FROM numbers AS a JOIN numbers AS b ON a.x <= b.x WHERE (a.id + b.id) % 2 = 0
UNION ALL
SELECT format('not (x > %s and x < %s)', a.x, b.x) FROM numbers AS a JOIN numbers AS b ON a.x < b.x WHERE (a.id * b.id) % 3 = 0
UNION ALL
SELECT format('x > %s and x <= %s', a.x, b.x) FROM numbers AS a JOIN numbers AS b ON a.x < b.x WHERE (a.id + b.id) % 3 = 0
UNION ALL
SELECT format('x between above %s and below %s', a.x, b.x) FROM numbers AS a JOIN numbers AS b ON b.id - a.id IN (1, 2, 7);
SELECT count(*) > 800 AS many, count(differs('numbers', rule::tagquery)) AS wrong, min(differs('numbers', rule::tagquery)) FROM intervals;

-- several values of one tag: each on its own
CREATE TABLE several AS
SELECT a.id * 100 + b.id AS id, (format('x=%s, x=%s', a.x, b.x))::tagset AS tags
FROM numbers AS a JOIN numbers AS b ON a.id % 5 = 0 AND b.id % 3 = 0 AND a.id <> b.id;
CREATE INDEX ON several USING gin (tags);
SELECT count(differs('several', rule::tagquery)) AS wrong, min(differs('several', rule::tagquery)) FROM intervals WHERE length(rule) % 2 = 0;

-- what is stored and what is asked are few keys
SELECT unnest(tagquery_keys('x >= 1000'));
SELECT unnest(tagquery_keys('x between 20 and 30'));

-- ---- intervals of dates and times ----

CREATE TABLE moments AS
SELECT row_number() OVER (ORDER BY x) AS id, x, ('x=' || x)::tagset AS tags
FROM unnest('{0001-01-01,1899-12-31,1919-12-31T23:59:59.999999Z,1920-01-01,1920-01-01T00:00:00.000001Z,1999-12-31,
	1999-12-31T23:59:59.999999Z,2000-01-01,2000-01-01T00:00:00Z,2000-01-01T12:00:00Z,2000-01-02,2026-09-01,2026-09-01T08:30:00Z,
	2026-09-08,2026-11-11,2099-06-05,2099-06-06,2099-06-07T00:00:00Z,2100-01-01,9999-12-31,9999-12-31T23:59:59.999999Z}'::text[]) AS x;
CREATE INDEX ON moments USING gin (tags);
CREATE TABLE spans AS
SELECT format('%s %s %s', what, op, x) AS rule FROM moments, unnest('{<,<=,>,>=,=,<>}'::text[]) AS op, unnest('{x,date(x),time(x)}'::text[]) AS what
UNION ALL
SELECT format('x between %s and %s', a.x, b.x) FROM moments AS a JOIN moments AS b ON a.id < b.id
UNION ALL
SELECT format('not (x >= %s and x < %s)', a.x, b.x) FROM moments AS a JOIN moments AS b ON a.id < b.id WHERE (a.id + b.id) % 3 = 0;
SELECT count(*) > 500 AS many, count(differs('moments', rule::tagquery)) AS wrong, min(differs('moments', rule::tagquery)) FROM spans;

-- ---- kinds of values, levels of names, false ----

CREATE TABLE kinds (id serial, tags tagset);
INSERT INTO kinds (tags) VALUES (''), (NULL), ('a'), ('a=false'), ('a=1'), ('a=x'), ('a=true, a=false'), ('a=1, a=x, a=2026-09-01'),
	('a.b'), ('a.b=false'), ('a.b.c=1'), ('ab'), ('a.b, a=false'), ('a=>0.8@2026-09-01'), ('a=false=>0.5'), ('a=x=>0.2~2020-01-01'),
	('a="true"'), ('a="1"'), ('b=1'), ('a=1, b=1'), ('a=1, b=2'), ('a=false, b=false'), ('a=2026-09-01, b=2026-09-01T00:00:00Z'), ('兴趣.运动=跑步');
CREATE INDEX ON kinds USING gin (tags);
CREATE TABLE leaves (rule text);
INSERT INTO leaves VALUES ('a'), ('a.*'), ('a.b.*'), ('a is known'), ('a is unknown'), ('a = true'), ('a = false'), ('a <> true'), ('a <> false'),
	('a in (true, false)'), ('a not in (true, false)'), ('a = 1'), ('a <> 1'), ('a = x'), ('a in (1, x, false)'), ('a not in (1, x, false)'),
	('a = "1"'), ('a = "true"'), ('a = 2026-09-01'), ('a = 2026-09-01T00:00:00Z'), ('a < x'), ('a >= "x"'), ('a >= false'), ('a <= true'),
	('a starts with "x"'), ('a ends with ""'), ('a contains "x"'), ('a = value(b)'), ('a < value(b)'), ('a <> value(b)'), ('weight(a) >= 0.5'),
	('weight(a) < 0.5'), ('set_at(a) >= 2026-01-01'), ('anniversary(a) >= 08-01'), ('兴趣.*'), ('兴趣.运动 = 跑步'), ('true'), ('false');
SELECT count(*), count(differs('kinds', rule::tagquery)) AS wrong, min(differs('kinds', rule::tagquery)) FROM (
	SELECT rule FROM leaves
	UNION ALL SELECT format('not (%s)', rule) FROM leaves
	UNION ALL SELECT format('(%s) and not (%s)', a.rule, b.rule) FROM leaves AS a, leaves AS b
	UNION ALL SELECT format('at least 2 of (%s, %s, not (b = 1))', a.rule, b.rule) FROM leaves AS a, leaves AS b WHERE a.rule < b.rule) AS r;

-- where rows are found that don't match: their keys don't say enough, or the whole index is read
CREATE FUNCTION removed(query text) RETURNS int
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
	RETURN plan #>> '{0,Plan,Rows Removed by Index Recheck}';
END
$$;
SELECT rule, removed FROM leaves, removed(format('SELECT FROM kinds WHERE tags @@ %L', rule)) WHERE removed > 0 ORDER BY rule COLLATE "C";
SELECT rule, removed FROM leaves, removed(format('SELECT FROM kinds WHERE tags @@ %L', 'not ' || rule)) WHERE removed > 0 AND rule NOT IN ('true', 'false') ORDER BY rule COLLATE "C";

-- ---- tagsets that have all tags of another one, or any ----

SELECT count(*), count(pg_temp.index_differs('kinds', format('tags %s %L', operator, tags))) AS wrong, min(pg_temp.index_differs('kinds', format('tags %s %L', operator, tags)))
FROM unnest('{@>,&&}'::text[]) AS operator, (SELECT tags FROM kinds WHERE tags IS NOT NULL UNION ALL SELECT a.tags || b.tags FROM kinds AS a, kinds AS b WHERE a.id < b.id AND a.tags IS NOT NULL AND b.tags IS NOT NULL
	UNION ALL SELECT 'a=2026-09-01T00:00:00Z' UNION ALL SELECT string_agg(format('a=%s, t%s', i, i), ', ')::tagset FROM generate_series(1, 6000) AS i) AS wanted;
SELECT count(*) FROM kinds WHERE tags @> '';
SELECT count(*) FROM kinds WHERE tags && '';

-- ---- names and values too long for their keys ----

CREATE TABLE long AS
SELECT n AS id, (repeat('n', n) || ', v=' || repeat('v', n) || ', ' || repeat('d', n) || '.x')::tagset AS tags FROM generate_series(50, 70) AS n
UNION ALL SELECT 1000 + n, (repeat('n', 1000 + n) || ', v=' || repeat('v', 30000 + n))::tagset FROM generate_series(0, 23) AS n;
CREATE INDEX ON long USING gin (tags);
SELECT count(*), count(differs('long', rule::tagquery)) AS wrong, min(differs('long', rule::tagquery))
FROM generate_series(50, 70) AS n,
	LATERAL (VALUES (repeat('n', n)), (format('v = %s', repeat('v', n))), (format('not v = %s', repeat('v', n))),
		(format('v <> %s', repeat('v', n))), (repeat('d', n) || '.*'), (format('v and not %s', repeat('n', n)))) AS r(rule);
SELECT differs('long', repeat('n', 1003)::tagquery), differs('long', format('not %s', repeat('n', 1003))::tagquery),
	differs('long', format('v = %s', repeat('v', 30003))::tagquery);

-- ---- rules of many leaves ----

CREATE TABLE many AS SELECT i AS id, format('n=%s, t%s', i, i % 1000)::tagset AS tags FROM generate_series(1, 20000) AS i;
CREATE INDEX many_tags ON many USING gin (tags);
ANALYZE many;
SET enable_seqscan = off;
SELECT count(*) FROM many WHERE tags @@ (SELECT format('n in (%s)', string_agg((i * 7)::text, ','))::tagquery FROM generate_series(1, 100000) AS i);
SELECT count(*) FROM many WHERE tags @@ (SELECT format('n in (%s)', string_agg((i * 7)::text, ','))::tagquery FROM generate_series(1, 9999) AS i);
SELECT count(*) FROM many WHERE tags @@ (SELECT format('not n in (%s)', string_agg((i * 7)::text, ','))::tagquery FROM generate_series(1, 10001) AS i);
SELECT count(*) FROM many WHERE tags @@ (SELECT string_agg('n=' || i * 3, ' or ')::tagquery FROM generate_series(1, 5000) AS i);
SELECT count(*) FROM many WHERE tags @@ (SELECT string_agg('u' || i, ' or ')::tagquery || 't7' FROM generate_series(1, 12000) AS i);
SELECT count(*) FROM many WHERE tags @@ (SELECT string_agg('not u' || i, ' and ')::tagquery && 't7' FROM generate_series(1, 12000) AS i);
SELECT count(*) FROM many WHERE tags @@ (repeat('not (a or ', 300) || 't7' || repeat(')', 300))::tagquery;
RESET enable_seqscan;

-- ---- plans ----

-- a required positive leaf uses the index, however it is written; others don't
SELECT rule, (SELECT p FROM pg_temp.plan_of(format('SELECT count(*) FROM many WHERE tags @@ %L', rule)) AS p WHERE p LIKE '%Scan on%' LIMIT 1) AS plan
FROM (VALUES ('t7'), ('not (not t7 or t8)'), ('not t7'), ('t7 or not t8'), ('n between 100 and 120 and not t7'), ('at least 2 of (t1, t2, not t3)'),
	('at least 2 of (t1, not t2, not t3)'), ('n is unknown'), ('n contains "x"'), ('false'), ('true')) AS r(rule);
SELECT pg_temp.plan_of($$SELECT * FROM many WHERE tag_match(tags, 't7 and n < 100')$$);

-- generic plans
SET plan_cache_mode = force_generic_plan;
PREPARE by_rule(tagquery) AS SELECT count(*) FROM many WHERE tags @@ $1;
SELECT pg_temp.plan_of($$EXECUTE by_rule('t7')$$);
EXECUTE by_rule('t7');
EXECUTE by_rule('not t7');
EXECUTE by_rule('true');
EXECUTE by_rule('false');
EXECUTE by_rule('n within last 7 days');
EXECUTE by_rule(NULL);
RESET plan_cache_mode;
DEALLOCATE by_rule;

-- row security leaves the index in use: the operator is leakproof
CREATE ROLE regress_portrait_tags;
ALTER TABLE many ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON many USING (id % 2 = 0);
GRANT USAGE ON SCHEMA tag_gin_test TO regress_portrait_tags;
GRANT SELECT ON many TO regress_portrait_tags;
SET ROLE regress_portrait_tags;
SELECT pg_temp.plan_of($$SELECT * FROM many WHERE tags @@ 't8'$$);
SELECT count(*) FROM many WHERE tags @@ 't8';
SELECT count(*) FROM many WHERE tags @@ 't7';
RESET ROLE;
ALTER TABLE many DISABLE ROW LEVEL SECURITY;

-- ---- what waits in the pending list is found ----

CREATE TABLE pending (id int, tags tagset);
CREATE INDEX pending_tags ON pending USING gin (tags) WITH (fastupdate = on);
INSERT INTO pending SELECT i, format('n=%s, t%s', i, i % 10)::tagset FROM generate_series(1, 300) AS i;
SELECT count(differs('pending', rule::tagquery)) AS wrong FROM (VALUES ('t7'), ('not t7'), ('t1 and not n > 100'), ('true'), ('false'), ('n in (1, 5)')) AS r(rule);
SELECT gin_clean_pending_list('pending_tags') > 0 AS cleaned;
INSERT INTO pending SELECT i, format('n=%s, t%s', i, i % 10)::tagset FROM generate_series(301, 400) AS i;
DELETE FROM pending WHERE id % 3 = 0;
SELECT count(differs('pending', rule::tagquery)) AS wrong FROM (VALUES ('t7'), ('not t7'), ('t1 and not n > 100'), ('true'), ('false'), ('n in (1, 5)')) AS r(rule);
VACUUM pending;
SELECT count(differs('pending', rule::tagquery)) AS wrong FROM (VALUES ('t7'), ('not t7'), ('t1 and not n > 100'), ('true'), ('false'), ('n in (1, 5)')) AS r(rule);

-- ---- how often rows are looked at again ----

CREATE FUNCTION recheck_calls(condition text) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
	before bigint;
	found bigint;
BEGIN
	SET LOCAL track_functions = 'all';
	SET LOCAL enable_seqscan = off;
	before := coalesce(pg_stat_get_xact_function_calls('tag_match(tagset, tagquery)'::regprocedure), 0);
	EXECUTE 'SELECT count(*) FROM wide WHERE ' || condition INTO found;
	IF found = 0 THEN
		RAISE EXCEPTION 'nothing found by %', left(condition, 50);
	END IF;
	RETURN coalesce(pg_stat_get_xact_function_calls('tag_match(tagset, tagquery)'::regprocedure), 0) - before;
END
$$;
CREATE TABLE wide AS SELECT i AS id, format('w%s, w%s, x=%s', i % 4000, (i * 7) % 4000, i)::tagset AS tags FROM generate_series(1, 4000) AS i;
CREATE INDEX wide_tags ON wide USING gin (tags);
-- exact keys tell all of an OR, however wide it is
SELECT n, recheck_calls(format('tags @@ %L', (SELECT string_agg('w' || i, ' or ') FROM generate_series(1, n) AS i))) AS or_again,
	recheck_calls(format('tags @@ %L', (SELECT 'x in (' || string_agg(i::text, ', ') || ')' FROM generate_series(1, n) AS i))) AS list_again
FROM unnest(ARRAY[2, 16, 17, 1024, 1025, 3000]) AS n;
-- of an interval, too, where its bounds are values of codes of their own
SELECT rule, recheck_calls(format('tags @@ %L', rule)) AS again
FROM unnest('{x < 30,x <= 30,x >= 30,x between 20 and 30,x between 20 and below 30,not x <= 30}'::text[]) AS rule;
SELECT recheck_calls($$tags @@ 'x contains "1" or w1'$$) > 0 AS not_exact;

-- ---- statistics ----

-- 20,000 customers: vip one in ten, city 0..49, age 20..59, seen on one of 100 days
CREATE TABLE customers AS
SELECT i AS id, (CASE WHEN i / 40 % 10 = 0 THEN 'vip, ' ELSE '' END ||
	format('city=%s, age=%s, seen=%s, interest.%s', i * 13 / 7 % 50, 20 + i % 40, to_char('2026-01-01'::date + i % 97, 'YYYY-MM-DD'), chr(97 + i % 4)))::tagset AS tags
FROM generate_series(0, 19999) AS i
UNION ALL SELECT 20000, NULL;
ANALYZE customers;
SELECT null_frac, n_distinct, element, freq
FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS u(element, freq)
WHERE tablename = 'customers' AND attname = 'tags'
AND element IN ('vip', 'city', 'interest.*', 'interest.a', 'city=7', 'age in [32, 48)', 'age in [2, )', 'age=33', 'seen in [2026-01-13, 2026-01-14)');
CREATE FUNCTION estimates(query text, OUT guess float8, OUT actual float8)
LANGUAGE plpgsql
AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
	guess := plan #>> '{0,Plan,Plan Rows}';
	actual := plan #>> '{0,Plan,Actual Rows}';
END
$$;
SELECT rule, CASE WHEN guess / greatest(actual, 1) BETWEEN 0.8 AND 1.25 THEN 'good' ELSE guess || ' for ' || actual END AS guess_by_actual
FROM (VALUES ('vip'), ('not vip'), ('city = 7'), ('city in (1, 2, 3)'), ('city <> 7'), ('age >= 40'), ('age between 30 and 35'), ('age < 20.5'),
	('seen < 2026-02-01'), ('seen = 2026-02-01'), ('interest.*'), ('interest.a or interest.b'), ('vip and age > 50'), ('at least 2 of (interest.a, age >= 40, city < 25)'),
	('true'), ('false'), ('age is known')) AS r(rule), estimates(format('SELECT FROM customers WHERE tags @@ %L', rule));
-- tags that are not there, texts, weights: something small, or some of those that have the tag
SELECT rule, guess FROM (VALUES ('no.such'), ('city = "x"'), ('city starts with "x"'), ('weight(vip) > 0.5'), ('age > value(city)'),
	('at least 300 of (' || (SELECT string_agg('t' || i, ', ') FROM generate_series(1, 400) AS i) || ')')) AS r(rule),
	estimates(format('SELECT FROM customers WHERE tags @@ %L', rule)) WHERE guess NOT BETWEEN 1 AND 10000;
-- the operator from the other side, its function, a domain; what is not a constant; no statistics
CREATE DOMAIN tags_of_mine AS tagset;
ALTER TABLE customers ADD mine tags_of_mine, ADD other tagset;
SELECT guess / actual BETWEEN 0.8 AND 1.2 AS good FROM estimates($$SELECT FROM customers WHERE 'vip'::tagquery @@ tags$$);
SELECT guess / actual BETWEEN 0.8 AND 1.2 AS good FROM estimates($$SELECT FROM customers WHERE tag_match(tags, 'vip')$$);
SELECT guess < 1000 AS small FROM estimates($$SELECT FROM customers WHERE tags @@ (SELECT 'vip'::tagquery)$$);
SELECT guess < 1000 AS small FROM estimates($$SELECT FROM customers WHERE mine @@ 'vip'$$);
SELECT guess < 1000 AS small FROM estimates($$SELECT FROM customers WHERE other @@ 'vip'$$);
SELECT guess FROM estimates($$SELECT FROM customers WHERE tags @@ NULL::tagquery$$);
-- containment, by the same statistics; values of a tag exclude each other, a bare tag is true
SELECT condition, CASE WHEN guess / greatest(actual, 1) BETWEEN 0.5 AND 2 THEN 'good' ELSE guess || ' for ' || actual END AS guess_by_actual
FROM (VALUES ($$tags @> 'vip'$$), ($$'vip' <@ tags$$), ($$tags @> 'city=7'$$), ($$tags @> 'vip, city=7'$$), ($$tags @> 'interest.a, age=32'$$),
	($$tags @> ''$$), ($$tags @> NULL::tagset$$),
	($$tags && 'vip'$$), ($$tags && 'city=1, city=2, city=3'$$), ($$'city=1, vip' && tags$$), ($$tags && 'interest.a, interest.b'$$), ($$tags && ''$$),
	($$tags <@ 'vip'$$), ($$tags <@ ''$$)) AS c(condition),
	estimates('SELECT FROM customers WHERE ' || condition);
-- skewed: tag i is of every i-th, and of those with one, a quarter has no other
CREATE TABLE skewed AS
SELECT (SELECT tag_agg('t' || j) FILTER (WHERE hashint4(i * 131 + j) % j = 0) FROM generate_series(1, CASE WHEN i % 4 = 0 THEN 2 ELSE 30 END) AS j) AS tags
FROM generate_series(1, 5000) AS i;
ANALYZE skewed;
SELECT condition, CASE WHEN guess / greatest(actual, 1) BETWEEN 0.4 AND 2.5 THEN 'good' ELSE guess || ' for ' || actual END AS guess_by_actual
FROM (VALUES ($$tags @> 't2'$$), ($$tags @> 't20'$$), ($$tags @> 't1, t2, t3'$$), ($$tags && 't10, t20, t30'$$), ($$tags && 't2, t3'$$),
	($$tags <@ 't1, t2, t3'$$), ($$tags <@ 't2'$$), ($$NOT tags && 't5, t6, t7, t8'$$)) AS c(condition),
	estimates('SELECT FROM skewed WHERE ' || condition);
-- other sides, other types, no statistics: something small
SELECT condition, guess FROM (VALUES ($$mine @> 'vip'::tagset$$), ($$other @> 'vip'$$), ($$other <@ 'vip'$$), ($$tags @> (SELECT 'vip'::tagset)$$), ($$tags @> other$$)) AS c(condition),
	estimates('SELECT FROM customers WHERE ' || condition) WHERE guess NOT BETWEEN 1 AND 1000;
-- statistics that others have put there are not taken for ours
ANALYZE customers (other, mine);
SELECT attname, null_frac, most_common_elems FROM pg_stats WHERE tablename = 'customers' AND attname IN ('other', 'mine') ORDER BY attname;

-- rules x customers
CREATE TABLE rules AS SELECT i AS id, format('city = %s and age >= %s', i, i)::tagquery AS rule FROM generate_series(0, 49) AS i;
ANALYZE rules;
SELECT guess / actual BETWEEN 0.5 AND 2 AS good FROM estimates('SELECT FROM customers AS c JOIN rules AS r ON c.tags @@ r.rule');
SELECT guess / actual BETWEEN 0.5 AND 2 AS good FROM estimates('SELECT FROM customers AS c JOIN rules AS r ON r.rule @@ c.tags');

DROP OWNED BY regress_portrait_tags;
DROP ROLE regress_portrait_tags;
SET client_min_messages = warning;
DROP SCHEMA tag_gin_test CASCADE;
DROP EXTENSION portrait CASCADE;
