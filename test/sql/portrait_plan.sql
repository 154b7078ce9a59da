--
-- Plans of a portrait's statements are kept for the session: they must not outlive what
-- they were made for, nor see more than who asks, nor grow without end.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
DROP SCHEMA IF EXISTS raw, shop CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
CREATE TABLE raw.person AS SELECT i, 'C' || i AS card, 'city' || i % 50 AS city, i % 90 AS age, i % 3 = 0 AS vip FROM generate_series(1, 2000) AS i;

CREATE FUNCTION raw.make_portrait(shop name, every integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM portrait_create(shop, 'UTC');
	PERFORM portrait_source(shop, 'member', 'identity', format('SELECT card, timestamp ''2025-01-01'' + i * interval ''1 hour'' AS observed_at FROM raw.person WHERE i %% %s = 0', every));
	PERFORM portrait_tag(shop, t.path, query => format('SELECT customer, %s FROM w_identifier JOIN raw.person ON ''card:'' || card = identifier', t.value))
	FROM (VALUES ('city', 'city AS value'), ('age', 'age AS value'), ('vip', 'vip AS value'), ('score', 'i AS value'),
		('likes', '''tea'' AS value, i % 11 / 10.0 AS weight, timestamp ''2026-01-01'' + i * interval ''1 hour'' AS set_at')) AS t(path, value);
	PERFORM portrait_tag(shop, 'several', multiple => true, query => 'SELECT customer, (i % 500) * k AS value FROM w_identifier JOIN raw.person ON ''card:'' || card = identifier, generate_series(1, 2) AS k');
	PERFORM portrait_segment(shop, 'old', 'age > 60');
END $$;
SELECT raw.make_portrait('shop', 1);
CALL portrait_refresh('shop', '2026-03-01 00:00Z');

-- rules of each kind of leaf, and what they should count
CREATE TABLE raw.rule (rule text, condition text);
INSERT INTO raw.rule VALUES ('city = city7', 'city = ''city7'''), ('city in (city7, city8, "none")', 'city IN (''city7'', ''city8'')'), ('city in (city7, 8)', 'city = ''city7'''),
	('city starts with city4', 'city LIKE ''city4%'''), ('city <> city7', 'city <> ''city7'''), ('vip', 'vip'), ('vip = false', 'NOT vip'), ('vip = true', 'vip'), ('vip = yes', 'false'),
	('age >= 40', 'age >= 40'), ('age = 40', 'age = 40'), ('age in (40, 41, 2)', 'age IN (40, 41, 2)'), ('score between 17 and 1033', 'i BETWEEN 17 AND 1033'),
	('score > 17', 'i > 17'), ('score in (5, 700, 1999, 2001)', 'i IN (5, 700, 1999)'), ('score <> 700', 'i <> 700'), ('score is known', 'true'),
	('several between 100 and 101', 'i % 500 IN (50, 100, 101)'), ('several > 980', 'i % 500 > 490'), ('several = 998', 'i % 500 = 499'),
	('weight(likes) >= 0.5', 'i % 11 >= 5'), ('set_at(likes) < 2026-01-10', 'i < 216'), ('score > value(age)', 'i > age'), ('age >= value(age)', 'true'), ('segment("old")', 'age > 60');
CREATE FUNCTION raw.wrong(shop name, of_whom text DEFAULT 'true') RETURNS SETOF text LANGUAGE plpgsql STABLE AS $$
DECLARE
	asked record;
	expected bigint;
BEGIN
	FOR asked IN SELECT r.*, public.portrait_count(shop, r.rule) AS customers FROM raw.rule AS r LOOP
		EXECUTE format('SELECT count(*) FROM raw.person WHERE (%s) AND %s', asked.condition, of_whom) INTO expected;
		IF expected <> asked.customers THEN
			RETURN NEXT format('%s: %s, not %s', asked.rule, asked.customers, expected);
		END IF;
	END LOOP;
END $$;
SELECT raw.wrong('shop');

-- ---- what they were made for changes ----

-- the next generation
DELETE FROM raw.person WHERE i > 1500;
SELECT count(*) FROM raw.wrong('shop');
CALL portrait_refresh('shop', '2026-03-02 00:00Z');
SELECT raw.wrong('shop');
CALL portrait_refresh('shop', '2026-03-03 00:00Z');
SELECT raw.wrong('shop');
-- another schema of that name
SELECT raw.make_portrait('other', 3);
CALL portrait_refresh('other', '2026-03-03 00:00Z');
CALL portrait_refresh('other', '2026-03-03 00:00Z');
CALL portrait_refresh('other', '2026-03-03 00:00Z');
SELECT raw.wrong('other', 'i % 3 = 0');
ALTER SCHEMA shop RENAME TO "My Shop";
ALTER SCHEMA other RENAME TO shop;
SELECT raw.wrong('My Shop');
SELECT raw.wrong('shop', 'i % 3 = 0');
ALTER SCHEMA shop RENAME TO other;
ALTER SCHEMA "My Shop" RENAME TO shop;
SELECT raw.wrong('shop');
SELECT raw.wrong('other', 'i % 3 = 0');
SELECT portrait_count('My Shop', 'vip');
-- a segment that is new, and dropped
SELECT portrait_segment('shop', 'new', 'segment("old") and vip');
SELECT portrait_count('shop', 'segment("new")') = (SELECT count(*) FROM raw.person WHERE vip AND age > 60) AS right;
SELECT portrait_segment_drop('shop', 'new');
SELECT portrait_count('shop', 'segment("new")');
SELECT portrait_tag_drop('shop', 'likes');
SELECT portrait_count('shop', 'weight(likes) >= 0.5');
SELECT portrait_tag('shop', 'likes', query => 'SELECT customer, ''tea'' AS value FROM w_customer');
SELECT portrait_count('shop', 'not likes');
DELETE FROM raw.rule WHERE rule LIKE '%(likes)%';

-- ---- who asks ----

CREATE ROLE regress_portrait_reader;
GRANT USAGE ON SCHEMA raw, shop TO regress_portrait_reader;
GRANT SELECT ON raw.person, raw.rule TO regress_portrait_reader;
SET ROLE regress_portrait_reader;
SELECT portrait_count('shop', 'vip');
RESET ROLE;
GRANT SELECT ON shop.state, shop.tag, shop.segment_def, shop.customer_member TO regress_portrait_reader;
SET ROLE regress_portrait_reader;
SELECT portrait_count('shop', 'true') AS everybody;
SELECT portrait_count('shop', 'vip');
RESET ROLE;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO regress_portrait_reader;
SET ROLE regress_portrait_reader;
SELECT raw.wrong('shop');
RESET ROLE;
-- policies of the tables that are asked by their name
ALTER TABLE shop.tag_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_all ON shop.tag_member TO regress_portrait_reader USING (value <> 'city7');
SELECT portrait_count('shop', 'city in (city7, city8)') = (SELECT count(*) FROM raw.person WHERE city IN ('city7', 'city8')) AS all_of_them;
SET ROLE regress_portrait_reader;
SELECT portrait_count('shop', 'city in (city7, city8)') = (SELECT count(*) FROM raw.person WHERE city = 'city8') AS some_of_them;
RESET ROLE;
SELECT portrait_count('shop', 'city in (city7, city8)') = (SELECT count(*) FROM raw.person WHERE city IN ('city7', 'city8')) AS all_of_them;
DROP POLICY not_all ON shop.tag_member;
ALTER TABLE shop.tag_member DISABLE ROW LEVEL SECURITY;

-- in any search_path; things of the same names in front change nothing
CREATE SCHEMA trap;
CREATE FUNCTION trap.never(text, text) RETURNS boolean LANGUAGE sql RETURN false;
CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.never);
CREATE TABLE trap.state AS SELECT * FROM shop.state LIMIT 0;
SET search_path = trap, shop, pg_catalog, public;
SELECT portrait_count('shop', 'city = city7 and not vip and score between 3 and 900'), current_setting('search_path');
SELECT portrait_count('shop', 'nothing');
SELECT public.portrait_leaf('vip', '{"schema": "shop", "generation": 3, "bucket": 0}') IS NOT NULL AS found, current_setting('search_path');
RESET search_path;
SELECT portrait_count('shop', 'city = city7 and not vip and score between 3 and 900');
SELECT raw.wrong('shop');
DROP SCHEMA trap CASCADE;
-- in a transaction that reads only
BEGIN READ ONLY;
SELECT raw.wrong('shop');
ROLLBACK;

-- ---- one value is read by its key, not all that there are ----

\c -
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET client_min_messages = warning;
BEGIN;
SELECT portrait_count('shop', 'city in (city7, city8)') > 0 AS found;
SELECT sum(idx_tup_fetch) AS rows FROM pg_stat_xact_user_tables WHERE relname LIKE 'tag\_member\_g%';
COMMIT;

-- ---- plans are forgotten ----

SELECT count(portrait_leaf('city = city7', format('{"schema": "shop", "generation": %s, "bucket": 0}', n))) AS generations, count(*) FROM generate_series(1, 600) AS n;
SELECT count(*) < 400 AS few FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource';
SELECT raw.wrong('shop');

-- ---- leaves that are none ----

SELECT portrait_leaf('vip', '{}');
SELECT portrait_leaf('vip', '[1]');
SELECT portrait_leaf('vip', 'shop');
SELECT portrait_leaf('vip', '{"schema": 1, "generation": 3, "bucket": 0}');
SELECT portrait_leaf('vip and age > 3', '{"schema": "shop", "generation": 3, "bucket": 0}');
SELECT portrait_leaf('true', '{"schema": "shop", "generation": 3, "bucket": 0}');
SELECT portrait_leaf('seen within last 3 days', '{"schema": "shop", "generation": 3, "bucket": 0}') IS NULL AS nobody;
SELECT portrait_leaf(NULL, '{}') IS NULL AS nobody;
SELECT count(*) FROM portrait_evaluate('shop', NULL);
BEGIN;
UPDATE shop.tag_range SET numbers = '{1,2}' WHERE tag = 'score';
SELECT portrait_count('shop', 'score between 17 and 1033');
ROLLBACK;
SELECT raw.wrong('shop');

-- ---- values as tagsets ----

SELECT portrait_tagset('a', v.value, v.type) AS tagset FROM (VALUES ('tea', 'text'), ('7', 'text'), ('true', 'text'), ('', 'text'), ('7', 'number'), ('1e+15', 'number'), ('-0.5', 'number'),
	('007.50', 'number'), (' .5 ', 'number'), ('true', 'boolean'), ('f', 'boolean'), ('2026-02-28', 'date'), ('2026-02-28T00:00:00Z', 'time'),
	('2026-02-28T10:00:00.25Z', 'time'), ('2026-02-28 10:00+08', 'time'), (NULL, 'text'), ('x', NULL)) AS v(value, type);
SELECT portrait_tagset('interest.tea', '2026-02-28T00:00:00Z', 'time', 0.25, '2026-01-01 08:00+08'), portrait_tagset('a', 'true', 'boolean', 1), portrait_tagset('a', 'x', 'text', set_at => '2026-01-01Z');
SELECT portrait_tagset('a', 'x', 'number');
SELECT portrait_tagset('a', '12345678901234567890', 'number');
SELECT portrait_tagset('a', 'NaN', 'number');
SELECT portrait_tagset('a', '2026-02-30', 'date');
-- what would be another day tomorrow, or in another session
SELECT portrait_tagset('a', 'today', 'date');
SELECT portrait_tagset('a', '01/02/2026', 'date');
SELECT portrait_tagset('a', 'now', 'time');
SELECT portrait_tagset('a', '2026-02-28 10:00', 'time');
SELECT portrait_tagset('a', 'infinity', 'time');
SELECT portrait_tagset('a', 'x', 'text', 1.5);
SELECT portrait_tagset('', 'x', 'text');
SELECT portrait_rule_names('b.* and a = 1 and a > value(c) and segment("x") and not (did(view) or b or segment("x"))'), portrait_rule_names('true');

-- ---- the extension itself goes and comes again ----

DROP EXTENSION portrait CASCADE;
DROP SCHEMA shop, other CASCADE;
CREATE EXTENSION portrait;
SELECT raw.make_portrait('shop', 2);
CALL portrait_refresh('shop', '2026-03-01 00:00Z');
SELECT raw.wrong('shop', 'i % 2 = 0');
CALL portrait_refresh('shop', '2026-03-01 00:00Z');
CALL portrait_refresh('shop', '2026-03-01 00:00Z');
SELECT raw.wrong('shop', 'i % 2 = 0');

SELECT portrait_drop('shop');
DROP SCHEMA raw CASCADE;
DROP ROLE regress_portrait_reader;

-- tables that are no portrait's: anyone may make some, of any types
CREATE ROLE regress_portrait_plan;
SET ROLE regress_portrait_plan;
CREATE TEMP TABLE tag_member (generation bigint, bucket bigint, tag text, value bigint, value_type bigint, members bigint);
INSERT INTO tag_member VALUES (1, 0, 'a', 1234567, 1234567, 1234567);
CREATE TEMP TABLE tag_range (generation bigint, bucket bigint, tag text, value_type bytea, low bigint, high text, members bytea, numbers bigint);
INSERT INTO tag_range VALUES (1, 0, 'a', 'x', 1, '2', 'x', 7);
CREATE TEMP TABLE segment_member (generation bigint, bucket bigint, name text, members bigint);
INSERT INTO segment_member VALUES (1, 0, 'a', 1234567);
CREATE FUNCTION pg_temp.leaf(rule text, context text DEFAULT '{"schema":"pg_temp","generation":1,"bucket":0}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce(public.portrait_leaf(rule::public.tagquery, context)::text, 'nobody');
EXCEPTION WHEN OTHERS THEN
	RETURN regexp_replace(sqlstate || ' ' || sqlerrm, 'pg_temp_\d+', 'pg_temp_n');
END $$;
SELECT rule, pg_temp.leaf(rule) FROM unnest('{a = 5,a is known,"a in (x, y)","segment(\"a\")",a > 3}'::text[]) AS rule;
DROP TABLE tag_member;
CREATE TEMP TABLE tag_member (generation bigint, bucket bigint, tag text, value text, value_type text, members segment);
INSERT INTO tag_member VALUES (1, 0, 'a', 'x', 'text', NULL), (1, 0, 'b', NULL, 'text', '{1}'), (1, 0, 'c', 'x', NULL, '{1}'), (1, 0, 'd', 'x', 'text', '{1}');
DROP TABLE tag_range;
CREATE TEMP TABLE tag_range (generation bigint, bucket bigint, tag text, value_type text, low float8, high float8, members segment, numbers float8[]);
INSERT INTO tag_range VALUES (1, 0, 'n', 'number', 1, 9, NULL, '{1}'), (1, 0, 'o', 'number', NULL, 9, '{1}', '{1}'), (1, 0, 'p', NULL, 1, 9, '{1}', '{1}'), (1, 0, 'q', 'number', 1, 9, '{1,2}', '{1}');
SELECT rule, pg_temp.leaf(rule) FROM unnest('{a = x,b is known,c is known,d = x,n > 3,o > 3,p > 3,q > 3,not d = x,not d}'::text[]) AS rule;
SELECT pg_temp.leaf('d = x', format('{"schema":"pg_temp","generation":1,"bucket":%s}', bucket)) AS leaf FROM unnest('{8796093022207,8796093022208,-8796093022208,-8796093022209,17592186044416}'::bigint[]) AS bucket;
SELECT pg_temp.leaf('d = x', format('{"schema":"%s","generation":1,"bucket":0}', repeat('é', 40)));
CREATE TEMP TABLE customer_member (generation bigint, bucket text, members segment);
RESET ROLE;
DROP TABLE tag_member, tag_range, segment_member, customer_member;
DROP FUNCTION pg_temp.leaf;
DROP ROLE regress_portrait_plan;
