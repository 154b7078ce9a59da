--
-- tagset: aggregates.  In any order, any plan and any partition the same bytes.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP SCHEMA IF EXISTS tagset_test CASCADE;
RESET client_min_messages;
CREATE SCHEMA tagset_test;
SET search_path = tagset_test, public;
SET timezone = 'UTC';
\pset null NULL
\set SHOW_CONTEXT never

-- each kind of value
SELECT tag_agg(n), tag_agg(n, t), tag_agg(n, d::numeric), tag_agg(n, d), tag_agg(n, i), tag_agg(n, d > 1), tag_agg(n, day), tag_agg(n, ts), tag_agg(n, t, d / 10, ts)
FROM (VALUES ('a', 'x', 1.5::double precision, 7::bigint, date '2026-09-01', timestamptz '2026-09-01 10:00+08'), ('b', '34', 0, -1, '0001-01-01', '1999-12-31 23:59:59.999999+00')) AS v(n, t, d, i, day, ts);
-- integers go as double precision, untyped literals as text
SELECT tag_agg('a', 1), tag_agg('a', 'x'), tag_agg('a', 1.5), tag_agg('a', 1::smallint), tag_agg('a', '2026-01-01 00:00'::timestamp), tag_agg('a'::varchar, 'x'::varchar);
-- NULLs: no row; but with weights a NULL is a bare tag
SELECT tag_agg(n), tag_agg(n, t), tag_agg(n, i), tag_agg(n, t, w, ts), tag_union_agg(tags)
FROM (SELECT 'a' AS n, 'x' AS t, 1::bigint AS i, 1.0::double precision AS w, now() AS ts, ''::tagset AS tags WHERE false) AS none;
SELECT tag_agg(n), tag_agg(n, t), tag_agg(n, i), tag_agg(n, t, w, ts), tag_union_agg(tags)
FROM (VALUES (NULL, 'x', 1::bigint, 1.0::double precision, now(), NULL::tagset), (NULL, NULL, NULL, NULL, NULL, NULL)) AS v(n, t, i, w, ts, tags);
SELECT tag_agg(n), tag_agg(n, t), tag_agg(n, i), tag_agg(n, t, w, ts), tag_union_agg(tags)
FROM (VALUES (NULL, 'x', 1::bigint, 1.0::double precision, timestamptz '2026-01-01', 'z'::tagset), ('a', NULL, NULL, NULL, NULL, NULL), ('b', 'y', 2, NULL, '2026-01-02', ''), ('c', NULL, 3, 0.5, NULL, 'z=1')) AS v(n, t, i, w, ts, tags);
SELECT tag_union_agg(tags) FROM (VALUES (''::tagset), ('')) AS v(tags);
SELECT tag_agg(n) FILTER (WHERE n <> 'b'), tag_agg(DISTINCT n), tag_agg(n ORDER BY n DESC) FROM (VALUES ('a'), ('b'), ('c'), ('a')) AS v(n);
-- what is refused
CREATE FUNCTION pg_temp.try(text) RETURNS TABLE (state text, message text, hint text)
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE 'SELECT (' || $1 || ')::text' INTO message;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;
SELECT input, t.state, left(t.message, 100) AS message, t.hint
FROM unnest(ARRAY['tag_agg('''')', 'tag_agg(repeat(''x'', 1024))', 'tag_agg(''a'', repeat(''x'', 65536))', 'tag_agg(''a'', ''NaN''::double precision)', 'tag_agg(''a'', ''-Infinity''::double precision)', 'tag_agg(''a'', ''-0''::double precision)',
	'tag_agg(''a'', 9007199254740992::bigint)', 'tag_agg(''a'', 9007199254740993::bigint)', 'tag_agg(''a'', 9007199254740994::bigint)', 'tag_agg(''a'', 9223372036854775807)', 'tag_agg(''a'', (-9223372036854775808)::bigint)',
	'tag_agg(''a'', 1/3.0)', 'tag_agg(''a'', 1.5000000000000000000000)', 'tag_agg(''a'', 9007199254740993.00)', 'tag_agg(''a'', 9007199254740993.5)', 'tag_agg(''a'', 1e22::numeric)', 'tag_agg(''a'', 1e309::numeric)', 'tag_agg(''a'', ''NaN''::numeric)', 'tag_agg(''a'', ''Infinity''::numeric)',
	'tag_agg(''a'', ''infinity''::date)', 'tag_agg(''a'', ''-infinity''::date)', 'tag_agg(''a'', date ''9999-12-31'')', 'tag_agg(''a'', date ''9999-12-31'' + 1)', 'tag_agg(''a'', date ''0001-01-01'' - 1)', 'tag_agg(''a'', date ''5874897-12-31'')',
	'tag_agg(''a'', ''infinity''::timestamptz)', 'tag_agg(''a'', timestamptz ''9999-12-31 23:59:59.999999'')', 'tag_agg(''a'', timestamptz ''10000-01-01'')', 'tag_agg(''a'', timestamptz ''0001-01-01'')', 'tag_agg(''a'', timestamptz ''0001-12-31 23:59:59 BC'')',
	'tag_agg(''a'', NULL, 1.1, NULL)', 'tag_agg(''a'', NULL, -0.1, NULL)', 'tag_agg(''a'', NULL, ''NaN'', NULL)', 'tag_agg(''a'', NULL, ''-0'', NULL)', 'tag_agg(''a'', NULL, NULL, ''infinity'')', 'tag_agg_name_transition(''a'', ''b'')', 'tag_agg_final(''a'')', 'tag_union_agg_transition(NULL, ''a'')']) AS input,
	LATERAL pg_temp.try(input) AS t;

--
-- 2,000 groups of random rows with many doubles, against DISTINCT ON
--
SELECT setseed(0.987);
CREATE TABLE facts AS
SELECT g, 'tag.' || floor(random() * (1 + g % 60)) AS name, 'v' || floor(random() * 3) AS value, CASE WHEN random() < 0.7 THEN round(random()::numeric, 1)::double precision END AS weight,
	CASE WHEN random() < 0.7 THEN timestamptz '2026-01-01' + floor(random() * 5) * interval '1 day' END AS set_at
FROM generate_series(1, 2000) AS g, generate_series(1, 1 + g % 90) AS i;
CREATE TABLE found AS
SELECT g, tag_agg(name) AS bare, tag_agg(name, value) AS texts, tag_agg(name, value, weight, set_at) AS weights, tag_agg(name, NULL, weight, set_at) AS bare_weights FROM facts GROUP BY g;
CREATE TABLE truth AS
SELECT g, tagset(array_agg(name)) AS bare, tagset(array_agg(name), array_agg(value)) AS texts FROM facts GROUP BY g;
SELECT count(*), count(*) FILTER (WHERE tagset_send(f.bare) <> tagset_send(t.bare) OR tagset_send(f.texts) <> tagset_send(t.texts)) AS wrong FROM found AS f JOIN truth AS t USING (g);
SELECT (SELECT count(*) FROM (SELECT g, e.tag, e.value, e.weight, e.set_at FROM found, tag_each(weights) AS e
	EXCEPT ALL SELECT * FROM (SELECT DISTINCT ON (g, name, value) g, name, value, weight, set_at FROM facts ORDER BY g, name, value, set_at DESC NULLS LAST, weight DESC NULLS LAST) AS t) AS d) AS invented,
	(SELECT count(*) FROM (SELECT * FROM (SELECT DISTINCT ON (g, name, value) g, name, value, weight, set_at FROM facts ORDER BY g, name, value, set_at DESC NULLS LAST, weight DESC NULLS LAST) AS t
	EXCEPT ALL SELECT g, e.tag, e.value, e.weight, e.set_at FROM found, tag_each(weights) AS e) AS d) AS lost;
-- any order
SELECT count(*) FILTER (WHERE tagset_send(weights) <> tagset_send(a) OR tagset_send(weights) <> tagset_send(b)) AS wrong
FROM found JOIN (SELECT g, tag_agg(name, value, weight, set_at ORDER BY hashtext(name || value), weight) AS a, tag_agg(name, value, weight, set_at ORDER BY set_at, name DESC) AS b FROM facts GROUP BY g) AS o USING (g);
-- any partition
SELECT count(*) FILTER (WHERE tagset_send(weights) <> tagset_send(merged)) AS wrong
FROM found JOIN (SELECT g, tag_union_agg(part) AS merged FROM (SELECT g, hashtext(name || coalesce(weight, 0)) & 3 AS p, tag_agg(name, value, weight, set_at) AS part FROM facts GROUP BY 1, 2) AS parts GROUP BY g) AS m USING (g);
-- parallel workers, sorted groups, hashed groups
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 3;
SET enable_sort = off;
EXPLAIN (COSTS OFF) SELECT g, tag_agg(name, value, weight, set_at) FROM facts GROUP BY g;
CREATE TABLE parallel AS SELECT g, tag_agg(name) AS bare, tag_agg(name, value) AS texts, tag_agg(name, value, weight, set_at) AS weights FROM facts GROUP BY g;
CREATE TABLE all_parallel AS SELECT tag_agg(name, g) AS one, tag_union_agg(tagset(ARRAY[name])) AS two FROM facts;
RESET enable_sort;
SET max_parallel_workers_per_gather = 0;
SET enable_hashagg = off;
CREATE TABLE sorted AS SELECT g, tag_agg(name) AS bare, tag_agg(name, value) AS texts, tag_agg(name, value, weight, set_at) AS weights FROM facts GROUP BY g;
CREATE TABLE all_alone AS SELECT tag_agg(name, g) AS one, tag_union_agg(tagset(ARRAY[name])) AS two FROM facts;
RESET enable_hashagg;
-- hashed groups that go to disk
SET work_mem = '64kB';
CREATE TABLE spilled AS SELECT g, tag_agg(name) AS bare, tag_agg(name, value) AS texts, tag_agg(name, value, weight, set_at) AS weights FROM facts GROUP BY g;
RESET work_mem;
RESET max_parallel_workers_per_gather;
SELECT count(*), count(*) FILTER (WHERE (tagset_send(f.bare), tagset_send(f.texts), tagset_send(f.weights)) <> (tagset_send(o.bare), tagset_send(o.texts), tagset_send(o.weights))) AS wrong
FROM found AS f JOIN (TABLE parallel UNION ALL TABLE sorted UNION ALL TABLE spilled) AS o USING (g);
SELECT tagset_send(a.one) = tagset_send(p.one) AND tagset_send(a.two) = tagset_send(p.two) AS same, tag_count(a.one), (SELECT count(*) FROM tag_each(a.one)) AS "values" FROM all_alone AS a, all_parallel AS p;
-- partitions that are aggregated apart
CREATE TABLE parts (g int, name text, value text) PARTITION BY HASH (name);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT g, name, value FROM facts;
SET enable_partitionwise_aggregate = on;
SELECT count(*) FILTER (WHERE tagset_send(f.texts) <> tagset_send(p.texts)) AS wrong FROM found AS f JOIN (SELECT g, tag_agg(name, value) AS texts FROM parts GROUP BY g) AS p USING (g);
RESET enable_partitionwise_aggregate;
-- windows: the state goes on after each result; frames that move start again
SELECT count(*) FILTER (WHERE tagset_send(running) <> tagset_send(alone)) AS wrong, count(*) FILTER (WHERE tagset_send(moving) <> tagset_send(few)) AS wrong_moving
FROM (SELECT i, tag_agg(name, value) OVER (ORDER BY i) AS running, tag_agg(name, value) OVER (ORDER BY i ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS moving FROM (SELECT row_number() OVER (ORDER BY name, value, weight, set_at) AS i, name, value FROM facts WHERE g = 89) AS r) AS w
JOIN LATERAL (SELECT tag_agg(name, value) AS alone, tag_agg(name, value) FILTER (WHERE o.i >= w.i - 3) AS few FROM (SELECT row_number() OVER (ORDER BY name, value, weight, set_at) AS i, name, value FROM facts WHERE g = 89) AS o WHERE o.i <= w.i) AS t ON true;
-- an aggregate of a user with a tagset to start from
CREATE AGGREGATE tag_agg_from(text, text) (SFUNC = tag_agg_text_transition, STYPE = tagset, INITCOND = 'start, tag=0', FINALFUNC = tag_agg_final);
SELECT tag_agg_from('tag', '1'), tag_agg_from(NULL, '1');
SELECT count(*) FILTER (WHERE from_start <> texts || 'start, tag=0') AS wrong FROM (SELECT g, tag_agg_from(name, value) AS from_start FROM facts GROUP BY g) AS u JOIN found USING (g);

-- states go out as what they stand for, as text and in binary, and are united as they are
CREATE AGGREGATE tag_state(text, text) (SFUNC = tag_agg_text_transition, STYPE = tagset);
SELECT count(*) FILTER (WHERE state::text <> texts::text OR tagset_send(state) <> tagset_send(texts)) AS wrong, count(*) FILTER (WHERE united <> texts) AS wrong_united
FROM found JOIN (SELECT g, tag_state(name, value) AS state FROM facts GROUP BY g) AS s USING (g) JOIN (SELECT g, tag_union_agg(state) AS united FROM (SELECT g, tag_state(name, value) AS state FROM facts GROUP BY g, hashtext(name) & 1) AS parts GROUP BY g) AS u USING (g);

-- large groups: many tags, many values of one, the same again and again
SELECT tag_count(t), (t ->> 'n77777')::int, length(tagset_send(t)) FROM (SELECT tag_agg('n' || i, i % 100) FROM generate_series(1, 100000) AS i) AS s(t);
SELECT tag_count(t), cardinality(tag_values(t, repeat('long name ', 100))) FROM (SELECT tag_agg(repeat('long name ', 100), i) FROM generate_series(1, 100000) AS i) AS s(t);
SELECT t FROM (SELECT tag_agg('n' || i % 3, i % 2) FROM generate_series(1, 300000) AS i) AS s(t);
-- past the limit: a clean error
SELECT pg_temp.try($$SELECT tag_count(tag_agg(repeat(md5(i::text), 30))) FROM generate_series(1, 80000) AS i$$);
SELECT pg_temp.try($$SELECT tag_count(tag_agg('a', repeat(md5(i::text), 2000))) FROM generate_series(1, 4100) AS i$$);

SET client_min_messages = warning;
DROP SCHEMA tagset_test CASCADE;
