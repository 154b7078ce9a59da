--
-- tagset: operators and functions.  Random sets against the same in rows.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP SCHEMA IF EXISTS tagset_test CASCADE;
RESET client_min_messages;
CREATE SCHEMA tagset_test;
SET search_path = tagset_test, public;
SET timezone = 'UTC';
\pset null NULL

SELECT opfmethod, amvalidate(c.oid) FROM (SELECT opfmethod::regclass::text, o.oid FROM pg_opclass AS o JOIN pg_opfamily AS f ON f.oid = opcfamily WHERE opcname = 'tagset_ops' AND opcintype = 'tagset'::regtype AND opcmethod IN (403, 405)) AS c(opfmethod, oid) ORDER BY oid;

-- what the README says
SELECT 'vip, age=34'::tagset || 'age=35, city=上海', 'a=1, a=2, b'::tagset || 'a=3=>0.5', ''::tagset || 'a', 'a'::tagset || '';
SELECT 'vip, age=34'::tagset - 'age', 'vip'::tagset - 'x', 'vip'::tagset - '', 'a, a.b, a.b.c'::tagset - 'a.b', 'a, b, c, d'::tagset - ARRAY['d', NULL, 'a', 'x', 'a'], 'a'::tagset - '{}'::text[];
SELECT 'age=34'::tagset -> 'age', 'a=1, a=x, a'::tagset -> 'a', 'c="上\"海"'::tagset -> 'c', 'vip'::tagset -> 'vip', 'd=2026-09-01'::tagset -> 'd', 'a'::tagset -> 'b', 'a'::tagset -> '', 'a=1=>0.5'::tagset -> 'a';
SELECT 'age=34'::tagset ->> 'age', 'a=1, a=x, a'::tagset ->> 'a', 'c="上\"海"'::tagset ->> 'c', 'vip'::tagset ->> 'vip', 'd=2026-09-01'::tagset ->> 'd', 'a'::tagset ->> 'b', 'c=""'::tagset ->> 'c';
SELECT a, b, a @> b AS contains, b <@ a AS contained, a && b AS overlaps
FROM (VALUES ('vip, age=34'::tagset, 'vip'::tagset), ('vip', 'vip, age=34'), ('age=34', 'age'), ('age=34', 'age=35'), ('a=1, a=2', 'a=2, a=3'), ('a=1=>0.5', 'a=1@2026-01-01'), ('', ''), ('a', ''), ('', 'a'), ('vip=false', 'vip'), ('a="1"', 'a=1'), ('d=2026-09-01', 'd=2026-09-01T00:00')) AS v(a, b);
SELECT tag_current(t, '2026-06-01+00'), tag_current(t, '2026-06-01 00:00:00.000001+00'), tag_current(t, '2025-01-01+00'), tag_current(t, 'infinity'), tag_current(t, '-infinity')
FROM (SELECT 'a, b~2026-06-01, c=1~2026-06-01T00:00:00.000001, d, d=5~2026-01-01, e=1~2027-01-01, e=2~2025-06-01'::tagset) AS s(t);
SELECT * FROM tag_each('a=1=>0.5, b~2026-01-01, c=2026-01-01@2026-01-01T10:00, c=x, d=false, e=2026-01-01T10:00');
SELECT * FROM tag_each('');
SELECT tag_count(''), tag_names(''), tag_values('a=1', 'b'), tag_values('a=1, a=x, a, a=2026-01-01, a=false, a="2"', 'a');

--
-- random pairs: few names and values, so that much is in common
--
SELECT setseed(0.1234);
CREATE TABLE facts AS
SELECT id, 't' || n % 12 AS tag, (ARRAY['true', 'false', '1', '2', '2026-01-01', 'x', 'y'])[1 + floor(random() * 7 + 0 * n)] AS value,
	CASE WHEN random() < 0.2 THEN '=>' || round(random()::numeric, 2) END AS weight, CASE WHEN random() < 0.3 THEN '~2026-0' || 1 + floor(random() * 9) || '-01' END AS expiry
FROM generate_series(1, 400) AS id, LATERAL (SELECT floor(random() * 12 + 0 * i)::int AS n FROM generate_series(1, id % 17) AS i) AS s;
CREATE TABLE facts_once AS SELECT DISTINCT ON (id, tag, value) * FROM facts ORDER BY id, tag, value;
CREATE TABLE sets AS
SELECT ids.id, coalesce(string_agg(concat(tag, '=', value, weight, expiry), ',') FILTER (WHERE tag IS NOT NULL), '')::tagset AS tags FROM generate_series(1, 400) AS ids(id) LEFT JOIN facts_once USING (id) GROUP BY ids.id;
CREATE TABLE pairs AS SELECT a.id AS a, b.id AS b, a.tags AS x, b.tags AS y FROM sets AS a, sets AS b WHERE (a.id * 401 + b.id) % 7 = 0;

CREATE TABLE common AS SELECT p.a, p.b, count(*) AS n FROM pairs AS p JOIN facts_once AS f ON f.id = p.a JOIN facts_once AS g ON g.id = p.b AND (g.tag, g.value) = (f.tag, f.value) GROUP BY p.a, p.b;
CREATE TABLE sizes AS SELECT s.id, count(f.id) AS n FROM sets AS s LEFT JOIN facts_once AS f USING (id) GROUP BY s.id;
SELECT count(*), count(*) FILTER (WHERE x @> y) > 100 AS some, count(*) FILTER (WHERE (x @> y) <> (coalesce(c.n, 0) = sy.n)) AS contains, count(*) FILTER (WHERE (x <@ y) <> (coalesce(c.n, 0) = sx.n)) AS contained, count(*) FILTER (WHERE (x && y) <> (coalesce(c.n, 0) > 0)) AS overlaps
FROM pairs AS p JOIN sizes AS sx ON sx.id = p.a JOIN sizes AS sy ON sy.id = p.b LEFT JOIN common AS c ON (c.a, c.b) = (p.a, p.b);
-- right wins per tag, with all that belongs to it
SELECT count(*), count(*) FILTER (WHERE NOT same) AS wrong
FROM pairs AS p, LATERAL (SELECT x || y = (SELECT coalesce(string_agg(concat(tag, '=', value, weight, expiry), ','), '')::tagset FROM facts_once AS f WHERE id = p.b OR (id = p.a AND NOT EXISTS (SELECT FROM facts_once AS g WHERE g.id = p.b AND g.tag = f.tag))) AS same) AS s
WHERE p.b % 5 = 0;
SELECT count(*), count(*) FILTER (WHERE tags - 't3' <> one OR tags - '{t3,t7,t11,t1}'::text[] <> several OR tag_current(tags, '2026-04-01+00') <> now) AS wrong
FROM sets AS s, LATERAL (SELECT coalesce(string_agg(concat(tag, '=', value, weight, expiry), ',') FILTER (WHERE tag <> 't3'), '')::tagset, coalesce(string_agg(concat(tag, '=', value, weight, expiry), ',') FILTER (WHERE tag NOT IN ('t3', 't7', 't11', 't1')), '')::tagset,
	coalesce(string_agg(concat(tag, '=', value, weight, expiry), ',') FILTER (WHERE coalesce(expiry > '~2026-04-01', true)), '')::tagset FROM facts_once AS f WHERE f.id = s.id) AS t(one, several, now);
-- algebra gives images as canonical as input does
SELECT bool_and(tagset_send(t) = tagset_send(t::text::tagset)) AS canonical FROM (SELECT x || y FROM pairs UNION ALL SELECT tags - 't1' FROM sets UNION ALL SELECT tag_current(tags, '2026-05-01+00') FROM sets) AS s(t);

-- equality, order and hashes agree
SELECT count(*), count(*) FILTER (WHERE (x = y) <> (x::text = y::text)) AS equal, count(*) FILTER (WHERE (x <> y) = (x = y)) AS ne, count(*) FILTER (WHERE (x < y) <> (tagset_cmp(x, y) < 0) OR (x <= y) <> (tagset_cmp(x, y) <= 0) OR (x > y) <> (tagset_cmp(y, x) < 0) OR (x >= y) <> (tagset_cmp(y, x) <= 0)) AS ordered,
	count(*) FILTER (WHERE x = y AND (tagset_hash(x) <> tagset_hash(y) OR tagset_hash_extended(x, 7) <> tagset_hash_extended(y, 7))) AS hashed, count(*) FILTER (WHERE tagset_hash(x) <> (tagset_hash_extended(x, 0) << 32 >> 32)::int) AS halves FROM pairs;
SELECT (SELECT count(DISTINCT tags) FROM sets) = (SELECT count(*) FROM (SELECT tags FROM sets GROUP BY tags) AS g) AS grouped, (SELECT count(DISTINCT tags) FROM sets) = (SELECT count(DISTINCT tags::text) FROM sets) AS as_text;
SELECT bool_and(tags >= before) AS sorted, bool_and(tag_count(tags) >= tag_count(before)) AS by_count FROM (SELECT tags, lag(tags) OVER (ORDER BY tags) AS before FROM sets) AS s;
CREATE INDEX ON sets (tags);
CREATE INDEX ON sets USING hash (tags);
SET enable_seqscan = off;
SELECT count(*) > 0 AS found FROM sets WHERE tags = (SELECT tags FROM sets WHERE id = 16);
RESET enable_seqscan;
SELECT (SELECT count(*) FROM sets AS a JOIN sets AS b USING (tags)) = (SELECT count(*) FROM sets AS a JOIN sets AS b ON a.tags::text = b.tags::text) AS joined;

-- many tags: found by bisection
CREATE TABLE wide AS SELECT n, (SELECT tag_agg('tag ' || i * 2, i) FROM generate_series(1, n) AS i) AS tags FROM unnest(ARRAY[1, 2, 3, 4, 5, 8, 511, 512, 513, 3000]) AS n;
SELECT n, count(*) FILTER (WHERE tags ->> ('tag ' || i) IS DISTINCT FROM CASE WHEN i % 2 = 0 AND i BETWEEN 1 AND 2 * n THEN (i / 2)::text END) AS wrong FROM wide, generate_series(0, 2 * n + 2) AS i GROUP BY n ORDER BY n;
-- names that share their mark (16 bits) are told apart
WITH names AS (SELECT array_agg('n' || i) AS names FROM generate_series(1, 400) AS i)
SELECT count(*) FILTER (WHERE tagset(names) ->> ('n' || i) IS DISTINCT FROM CASE WHEN i BETWEEN 1 AND 400 THEN 'true' END) AS wrong FROM names, generate_series(0, 20000) AS i;

-- values with a short length word, and those that are out of line, are read alike
CREATE TABLE stored (id int, tags tagset, big tagset);
ALTER TABLE stored ALTER big SET STORAGE EXTERNAL;
INSERT INTO stored SELECT i, ('a=' || i)::tagset, (SELECT tag_agg('t' || j, j + i) FROM generate_series(1, 1000) AS j) FROM generate_series(1, 20) AS i;
SELECT bool_and(pg_column_size(tags) < 30 AND tags ->> 'a' = id::text AND tags @> ('a=' || id)::tagset AND (tags || 'b') - 'b' = tags AND big ->> 't500' = (500 + id)::text AND tags::text::tagset = tags) AS same FROM stored;

-- functions are at home in any search_path
SET search_path = '';
SELECT 'a'::public.tagset OPERATOR(public.||) 'b', 'a=1'::public.tagset OPERATOR(public.->>) 'a', public.tag_names('b, a');
SET client_min_messages = warning;
DROP SCHEMA tagset_test CASCADE;
