--
-- Does a tagset match a rule?  By tag_match() and @@, at a time, and what the
-- planner knows of it
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = iso;

CREATE TABLE tag_match_people (name text, tags tagset);
INSERT INTO tag_match_people VALUES
	('ann', 'vip, gender=f, age=34, city=上海, interest.sport.run=>0.8@2026-11-01, last_order=2026-11-09'),
	('bob', 'gender=m, age=17, city=北京, last_order=2026-01-01, coupon=A17~2026-11-11'),
	('cat', 'vip=false, age=34, age=71, city="上海"'),
	('dan', ''),
	('eve', NULL);

-- all ways are one
CREATE FUNCTION pg_temp.who(rule tagquery) RETURNS TABLE (matches text, all_ways boolean)
LANGUAGE sql
AS $$
	SELECT string_agg(name, ' ' ORDER BY name) FILTER (WHERE tags @@ rule),
		bool_and(((tags @@ rule) IS NOT DISTINCT FROM (rule @@ tags))
			AND ((tags @@ rule) IS NOT DISTINCT FROM tag_match(tags, rule))
			AND ((tags @@ rule) IS NOT DISTINCT FROM tagquery_match(rule, tags))
			AND ((tags @@ rule) IS NOT DISTINCT FROM tag_match(tags, rule, '2000-01-01'))
			AND ((tags @@ rule) IS DISTINCT FROM (tags @@ (!! rule)) OR tags IS NULL)
			AND ((tags @@ rule) IS NOT DISTINCT FROM tag_match(tags::jsonb, rule)))
	FROM tag_match_people
$$;
SELECT rule, w.*
FROM unnest(ARRAY['vip', 'vip is known', 'not vip', 'age >= 18', 'not (age >= 18)', 'age < 18 or age > 70', 'city = 上海 and not vip',
	'interest.*', 'weight(interest.sport.run) >= 0.5', 'at least 2 of (vip, age > 30, gender = m)', 'coupon', 'true', 'false',
	'age > 30 and age < 20', 'not (age in (34, 17))', 'age not in (34)']) AS rule, pg_temp.who(rule::tagquery) AS w;

-- NULL in, NULL out
SELECT NULL::tagset @@ 'vip' AS a, 'vip'::tagset @@ NULL::tagquery AS b, tag_match('vip'::tagset, 'vip', NULL) AS c;

-- tags as tables have them
SELECT tag_match('{vip,golf}'::text[], 'golf and not churned') AS a, tag_match('{"vip = true"}'::text[], 'vip') AS b,
	tag_match('{}'::text[], 'not vip') AS c, tag_match('{"a": {"b": 1}, "vip": true, "n": null}'::jsonb, 'a.b = 1 and vip and n is unknown') AS d;
SELECT tag_match('{vip}'::text[], 'vip', '2026-11-11'), tag_match('{"x": "2026-11-10"}'::jsonb, 'x within last 1 day', '2026-11-11', 'UTC');
-- ... and as text, so that literals are not ambiguous
SELECT tag_match('vip, age=34', 'vip & age > 30') AS a, tag_match('age=34, "{vip}"', 'vip') AS b, tag_match(text '', 'not vip') AS c,
	tag_match('a@2026-11-10~2026-11-12', 'age(a) < 2 days', '2026-11-11') AS d, tag_match('a~2026-11-12', 'a', '2026-11-12', 'UTC') AS e,
	tag_match(NULL::text, 'vip') AS f, tag_match(t, 'a = 1') AS g, tag_match(t::varchar, 'a = 1') AS h FROM (VALUES ('a=1'), (NULL)) AS v(t);
SELECT tag_match('{"vip": true}', 'vip');
SELECT tag_match(t, 'vip') FROM (VALUES ('vip'), ('vip=')) AS v(t);
SELECT tag_match('vip', 'age(vip) < 1 day');
-- these are put in place, so that an index on the expression serves them
EXPLAIN (COSTS OFF, VERBOSE) SELECT tag_match(t, 'vip') FROM (VALUES ('{vip}'::text[]), ('{}')) AS v(t);
EXPLAIN (COSTS OFF, VERBOSE) SELECT tag_match(t, 'vip'), tag_match(t, 'vip', '2026-11-11 00:00Z') FROM (VALUES ('vip'), ('')) AS v(t);
CREATE TEMP TABLE tag_match_texts AS SELECT 'vip, n=' || i AS t FROM generate_series(1, 2000) AS i;
CREATE INDEX ON tag_match_texts USING gin ((t::tagset));
ANALYZE tag_match_texts;
EXPLAIN (COSTS OFF) SELECT t FROM tag_match_texts WHERE tag_match(t, 'n = 77');
SELECT t FROM tag_match_texts WHERE tag_match(t, 'n = 77');

-- core's operators of that name stay what they are
SELECT '{"a": 1}'::jsonb @@ '$.a == 1' AS path, 'a b'::tsvector @@ 'a & b' AS words, 'fat cat' @@ 'cat' AS text;

--
-- Rules that are not bound
--
CREATE TABLE tag_match_rules (id int, rule tagquery);
INSERT INTO tag_match_rules VALUES (1, 'vip'), (2, 'last_order within last 30 days'), (3, 'not (last_order within last 30 days)'),
	(4, 'vip or segment("at risk")'), (5, 'not did("purchase")'), (6, 'true');
-- they match nothing as a whole where no time is given
SELECT id, tags @@ rule AS tags_rule, rule @@ tags AS rule_tags, tag_match(tags, rule), tagquery_match(rule, tags)
FROM tag_match_rules, tag_match_people WHERE name = 'ann' ORDER BY id;
SELECT id FROM tag_match_rules WHERE tag_match('vip, last_order=2026-11-09'::tagset, rule) ORDER BY id;

-- as constants they are refused when the query is planned
SELECT name FROM tag_match_people WHERE tags @@ 'last_order within last 30 days';
SELECT name FROM tag_match_people WHERE 'age(vip) < 1 day' @@ tags;
SELECT tag_match(tags, 'not (weight(a, 1 day) > 0.5)') FROM tag_match_people;
SELECT tagquery_match('vip or segment("at risk")', tags) FROM tag_match_people;
SELECT count(*) FILTER (WHERE NOT tags @@ 'did("purchase")') FROM tag_match_people;
SELECT name FROM tag_match_people, LATERAL (SELECT tags @@ 'last_order within last 30 days' AS x OFFSET 0) AS s WHERE x;
SELECT name FROM tag_match_people WHERE tags @@ (repeat('vip and ', 30) || repeat('x', 200) || ' within last 1 day')::tagquery;
CREATE INDEX ON tag_match_people (name) WHERE tags @@ 'last_order within last 30 days';
ALTER TABLE tag_match_people ADD CHECK (tags @@ 'last_order within last 30 days');
-- bound ones are taken
SELECT name FROM tag_match_people WHERE tags @@ tag_bind('last_order within last 30 days', '2026-11-11') ORDER BY name;
SELECT name FROM tag_match_people WHERE tag_match(tags, 'last_order within last 30 days', '2026-11-11') ORDER BY name;

-- a parameter is no constant, however the statement is planned
PREPARE by_rule(tagquery) AS SELECT count(*), count(*) FILTER (WHERE tag_match(tags, $1)) FROM tag_match_people WHERE tags @@ $1;
PREPARE by_text(text) AS SELECT count(*), count(*) FILTER (WHERE tag_match(tags, $1::tagquery)) FROM tag_match_people WHERE $1::tagquery @@ tags;
PREPARE by_both(int, tagquery) AS SELECT count(*) FROM tag_match_people WHERE tags @@ 'last_order within last 30 days' AND length(name) > $1 AND tags @@ $2;
PREPARE by_part(tagquery) AS SELECT count(*) FROM tag_match_people WHERE tags @@ ($1 && 'vip');
PREPARE by_json(jsonb) AS SELECT count(*), count(*) FILTER (WHERE tag_match(tags, $1::tagquery)) FROM tag_match_people WHERE tags @@ $1::tagquery;
PREPARE by_equal(tagquery) AS SELECT count(*) FROM tag_match_people WHERE tags @@ 'last_order within last 30 days' OR tags @@ $1;
PREPARE by_row(jsonb) AS SELECT tags @@ $1::tagquery AS x, NOT $1::tagquery @@ tags AS y FROM (VALUES (1, NULL::tagset), (2, 'vip')) AS v(i, tags) ORDER BY i;
SELECT 'last_order within last 30 days'::tagquery::jsonb AS unbound \gset
SET plan_cache_mode = force_custom_plan;
EXECUTE by_rule('vip');
EXECUTE by_rule('last_order within last 30 days');
EXECUTE by_text('last_order within last 30 days');
EXECUTE by_part('last_order within last 30 days');
EXECUTE by_both(1, 'vip');
EXECUTE by_json(:'unbound');
EXECUTE by_equal('last_order within last 30 days');
EXECUTE by_row(:'unbound');
SET plan_cache_mode = force_generic_plan;
EXECUTE by_rule('vip');
EXECUTE by_rule('last_order within last 30 days');
EXECUTE by_text('last_order within last 30 days');
EXECUTE by_part('last_order within last 30 days');
EXECUTE by_both(1, 'vip');
EXECUTE by_json(:'unbound');
EXECUTE by_equal('last_order within last 30 days');
EXECUTE by_row(:'unbound');
RESET plan_cache_mode;
-- where the server does not keep the query as it was written, plans differ (src/tag/README.md)
CREATE FUNCTION people_of(q tagquery) RETURNS SETOF tag_match_people STABLE BEGIN ATOMIC SELECT * FROM tag_match_people WHERE tags @@ q; END;
PREPARE by_function(tagquery) AS SELECT count(*) FROM people_of($1);
PREPARE by_union(int) AS SELECT count(*) FROM (
	SELECT name, tags, 'age(last_order) < 1 day'::tagquery AS q FROM tag_match_people
	UNION ALL SELECT name, tags, 'vip' FROM tag_match_people) AS p WHERE tags @@ q AND length(name) > $1;
SET plan_cache_mode = force_custom_plan;
EXECUTE by_function('vip');
EXECUTE by_function('last_order within last 30 days');
EXECUTE by_union(0);
SET plan_cache_mode = force_generic_plan;
EXECUTE by_function('vip');
EXECUTE by_function('last_order within last 30 days');
EXECUTE by_union(0);
-- many such parameters have the query looked at once; each query anew
SET plan_cache_mode = force_custom_plan;
DO $$
DECLARE
	start timestamptz;
	ms double precision[] = '{}';
	n bigint;
BEGIN
	FOREACH n IN ARRAY '{200,1600}'::int[] LOOP
		EXECUTE format('PREPARE many(%s) AS SELECT count(*) FROM tag_match_people WHERE %s',
			(SELECT string_agg('tagquery', ', ') FROM generate_series(1, n)),
			(SELECT string_agg(format('tags @@ $%s', i), ' OR ') FROM generate_series(1, n) AS i));
		start := clock_timestamp();
		EXECUTE format('EXECUTE many(%s)',
			(SELECT string_agg(format('''age(last_order) < %s days''', i), ', ') FROM generate_series(1, n) AS i));
		ms := ms || 1000 * extract(epoch FROM clock_timestamp() - start)::double precision;
		DEALLOCATE many;
	END LOOP;
	IF ms[2] > 30 * ms[1] THEN	-- squares would be 64 times
		RAISE WARNING 'planning takes % ms and % ms', ms[1], ms[2];
	END IF;
END
$$;
EXECUTE by_both(1, 'vip');
EXECUTE by_both(1, 'last_order within last 30 days');
EXECUTE by_rule('last_order within last 30 days');
EXECUTE by_both(1, 'last_order within last 30 days');
RESET plan_cache_mode;
-- the same on partitions, whose conditions are looked at once more
CREATE TABLE tag_match_parts (name text, tags tagset) PARTITION BY LIST (name);
CREATE TABLE tag_match_part PARTITION OF tag_match_parts FOR VALUES IN ('ann', 'bob');
INSERT INTO tag_match_parts VALUES ('ann', 'vip'), ('bob', '');
PREPARE of_parts(tagquery) AS SELECT count(*) FROM tag_match_parts WHERE tags @@ $1;
SET plan_cache_mode = force_custom_plan;
EXECUTE of_parts('last_order within last 30 days');
EXECUTE of_parts('vip');
RESET plan_cache_mode;
DO $$
DECLARE
	r tagquery := 'last_order within last 30 days';
	n int;
BEGIN
	FOR i IN 1 .. 8 LOOP
		SELECT count(*) INTO n FROM tag_match_people WHERE tags @@ r;
		ASSERT n = 0;
		ASSERT NOT 'vip'::tagset @@ r;
	END LOOP;
	SELECT count(*) INTO n FROM tag_match_people WHERE name <> r::text AND tags @@ 'last_order within last 31 days';
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE NOTICE '%', sqlerrm;
END
$$;

--
-- At a time
--
-- expiry counts: it is over at the moment itself
SELECT as_of, tag_match(tags, 'coupon', as_of) AS coupon, tag_match(tags, 'coupon = A17 or false', as_of) AS equal,
	tag_match(tags, 'coupon is unknown', as_of) AS unknown
FROM tag_match_people, unnest('{2026-11-10 23:59:59.999999Z,2026-11-11 00:00Z,2027-01-01}'::timestamptz[]) AS as_of
WHERE name = 'bob';
SELECT name, tag_match(tags, 'age(interest.sport.run) < 30 days', '2026-11-11') AS fresh,
	tag_match(tags, 'weight(interest.sport.run, 10 days) >= 0.4', '2026-11-11') AS at_half,
	tag_match(tags, 'weight(interest.sport.run, 10 days) > 0.4', '2026-11-11') AS above_half
FROM tag_match_people WHERE name IN ('ann', 'bob') ORDER BY name;

SELECT tag_match('vip'::tagset, 'vip or segment("at risk")', '2026-11-11');
SELECT tag_match('vip'::tagset, 'vip or did("purchase")', '2026-11-11');
SELECT tag_match('vip'::tagset, 'vip', '2026-11-11', 'Shanghai');
SELECT tag_match('vip'::tagset, 'vip', 'infinity');
SELECT tag_match('vip'::tagset, 'vip', '10000-01-01');

-- each row its own rule, time and zone: what is kept of the row before is not mistaken
SELECT count(*) AS rows,
	count(*) FILTER (WHERE tag_match(tags, rule, as_of, zone) <> tags @@ tag_bind(rule, as_of, zone)) AS differ,
	count(*) FILTER (WHERE tag_match(tags, rule, as_of, zone)) BETWEEN 1 AND count(*) - 1 AS some_match
FROM (SELECT ('last_order=2026-11-0' || 1 + i % 9)::tagset, (ARRAY['last_order within last 2 days', 'last_order within last 3 days',
		'not (last_order within last 2 days)', 'last_order is known'])[1 + i / 7 % 4]::tagquery,
		'2026-11-05'::timestamptz + i / 11 % 5 * interval '20 hours', (ARRAY['UTC', 'Asia/Shanghai', 'America/New_York'])[1 + i / 3 % 3]
	FROM generate_series(1, 5000) AS i) AS v(tags, rule, as_of, zone);

--
-- Large values: out of line and compressed ones are unpacked once for all rows
--
CREATE TABLE tag_match_large (id int, rule tagquery, tags tagset);
ALTER TABLE tag_match_large ALTER rule SET STORAGE external, ALTER tags SET STORAGE external;
INSERT INTO tag_match_large
SELECT 1, ('code in (' || string_agg('the-code-of-a-customer-' || i, ', ') || ') or vip')::tagquery,
	('code=the-code-of-a-customer-5, ' || string_agg(repeat('the-tag-number-', 5) || i || '=' || i, ', ') FILTER (WHERE i <= 100))::tagset
FROM generate_series(1, 5000) AS i;
CREATE TABLE tag_match_packed (LIKE tag_match_large);
ALTER TABLE tag_match_packed ALTER rule SET STORAGE extended, ALTER tags SET STORAGE extended;
INSERT INTO tag_match_packed SELECT id + 1, rule::text::tagquery, tags::text::tagset FROM tag_match_large;
SELECT pg_column_size(l.rule) > 8000 AS plain_rule, pg_column_size(p.rule) < pg_column_size(l.rule) AS packed_rule,
	pg_column_size(p.tags) < pg_column_size(l.tags) AS packed_tags
FROM tag_match_large AS l, tag_match_packed AS p;
SELECT id, count(*), count(*) FILTER (WHERE s.tags @@ l.rule) AS matches, count(*) FILTER (WHERE l.rule @@ s.tags) AS turned,
	count(*) FILTER (WHERE tag_match(s.tags, l.rule, '2026-11-11')) AS at_time,
	count(*) FILTER (WHERE l.tags @@ s.rule) AS of_tags
FROM (SELECT * FROM tag_match_large UNION ALL SELECT * FROM tag_match_packed) AS l,
	(SELECT ('code=the-code-of-a-customer-' || i)::tagset AS tags, (repeat('the-tag-number-', 5) || i - 4950 || ' > 0')::tagquery AS rule FROM generate_series(4901, 5100) AS i) AS s
GROUP BY id ORDER BY id;

--
-- What the planner knows
--
SELECT p.oid::regprocedure, proleakproof, provolatile, proparallel, proisstrict
FROM pg_proc AS p WHERE proname IN ('tag_match', 'tagquery_match', 'tag_bind') ORDER BY p.oid::regprocedure::text;
SELECT oprleft::regtype, oprright::regtype, oprcode, oprcom::regoperator
FROM pg_operator WHERE oprname = '@@' AND 'tagset'::regtype IN (oprleft, oprright) ORDER BY 1;

-- the function uses an index as the operator does, of tags and of rules
CREATE TABLE tag_match_many AS
SELECT i AS id, format('t%s, n=%s%s', i % 500, i, CASE WHEN i % 7 = 0 THEN ', vip' ELSE '' END)::tagset AS tags,
	format('t%s and n > %s', i % 500, i)::tagquery AS rule, ARRAY['t' || i % 500] AS names
FROM generate_series(1, 20000) AS i;
CREATE INDEX ON tag_match_many USING gin (tags);
CREATE INDEX ON tag_match_many USING gin (rule);
CREATE INDEX ON tag_match_many USING gin (tagset(names));
ANALYZE tag_match_many;
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE tags @@ 't7 and n < 600';
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE tag_match(tags, 't7 and n < 600');
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE tagquery_match('t7 and n < 600', tags);
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE rule @@ 't7, n=600';
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE tagquery_match(rule, 't7, n=600');
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE tag_match('t7, n=600'::tagset, rule);
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE tag_match(names, 't7');
SELECT array_agg(id ORDER BY id) FROM tag_match_many WHERE tag_match(tags, 't7 and n < 600');
SELECT array_agg(id ORDER BY id) FROM tag_match_many WHERE tagquery_match(rule, 't7, n=600');
SELECT count(*) FROM tag_match_many WHERE tag_match(names, 't7');
-- inside a join, and not where the other side is volatile, or is of the same row
\getenv test_dir PG_ABS_SRCDIR
\set plans :test_dir '/lib/plans.sql'
\set ECHO none
\i :plans
\set ECHO all
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM (VALUES ('t7'::tagquery), ('t8')) AS r(rule), tag_match_many AS m WHERE tag_match(m.tags, r.rule);
SELECT pg_temp.plan_of($$SELECT count(*) FROM tag_match_many WHERE tag_match(tags, rule)$$);
SELECT pg_temp.plan_of($$SELECT count(*) FROM tag_match_many WHERE tag_match(tags, (CASE WHEN random() < 2 THEN 't7' END)::tagquery)$$);
RESET enable_seqscan;

-- rows are estimated alike
SELECT rule, pg_temp.planned('Plan Rows', format('SELECT FROM tag_match_many WHERE tags @@ %L', rule)) = pg_temp.planned('Plan Rows', format('SELECT FROM tag_match_many WHERE tag_match(tags, %L)', rule)) AS alike,
	pg_temp.planned('Plan Rows', format('SELECT FROM tag_match_many WHERE tags @@ %L', rule)) = pg_temp.planned('Plan Rows', format('SELECT FROM tag_match_many WHERE tagquery_match(%L, tags)', rule)) AS alike_too,
	pg_temp.planned('Plan Rows', format('SELECT FROM tag_match_many WHERE tag_match(tags, %L)', rule)) <> 6667 AS estimated
FROM unnest('{t7,vip,vip and t7,not vip,false}'::text[]) AS rule;

-- more leaves cost more
SELECT pg_temp.planned('Total Cost', 'SELECT FROM tag_match_people WHERE tags @@ ''a or b or c or d or e or f or g''') > pg_temp.planned('Total Cost', 'SELECT FROM tag_match_people WHERE tags @@ ''a''') AS of_operator,
	pg_temp.planned('Total Cost', 'SELECT FROM tag_match_people WHERE tag_match(tags, ''a or b or c or d or e or f or g'')') > pg_temp.planned('Total Cost', 'SELECT FROM tag_match_people WHERE tag_match(tags, ''a'')') AS of_function;

-- whom row security shows few rows may use the index all the same
CREATE ROLE regress_tag_match;
GRANT SELECT ON tag_match_many TO regress_tag_match;
ALTER TABLE tag_match_many ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON tag_match_many USING (id % 2 = 0);
SET ROLE regress_tag_match;
EXPLAIN (COSTS OFF) SELECT id FROM tag_match_many WHERE tag_match(tags, 't7 and n < 600');
RESET ROLE;
DROP TABLE tag_match_many;
DROP ROLE regress_tag_match;

DROP FUNCTION people_of;
DROP TABLE tag_match_people, tag_match_rules, tag_match_parts, tag_match_large, tag_match_packed;
