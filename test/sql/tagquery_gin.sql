--
-- GIN index of rules: what it stores, what it finds, lists of common tags.
-- Random rules are in tag_ways.sql; here is what lies at the edges.
--
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
RESET client_min_messages;
CREATE EXTENSION portrait;
CREATE SCHEMA tagquery_gin_test;
SET search_path = tagquery_gin_test, public;

SELECT amvalidate(c.oid)
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcname = 'tagquery_ops' AND amname = 'gin';

-- ---- what is stored ----

SELECT rule, tagquery_keys(rule::tagquery) AS keys
FROM (VALUES ('vip'), ('not vip'), ('true'), ('false'), ('vip and app'), ('vip or app'), ('not (not vip or not app)'), ('not (vip and app)'),
	('a and (b or c) and not d'), ('(a and b) or (c and not d)'), ('(a or not b) and c'), ('(a or b and c) and (d or e and f)'),
	('at least 2 of (a, b, c)'), ('at least 2 of (a, b, not c)'), ('not (at least 2 of (a, b, c))'), ('at least 3 of (a, b, c, d and e)'),
	('city = 5 and vip'), ('city = 5 and interest.sport and vip'), ('city in (1, 2) and vip in (x, y)'), ('interest.* and vip'), ('vip is known'), ('vip is unknown'),
	('vip = true'), ('vip <> 1'), ('age >= 20 and age < 30'), ('age between 20 and 30 and city = 5'), ('age < value(budget)'), ('born < 1990-01-01 and born >= 1980-01-01'),
	('born between 2026-01-01 and 2026-03-31 and city = 5'), ('weight(vip) > 0.5'), ('name starts with "x"'), ('seen within last 3 days'), ('segment("x") or vip'), ('"a b" and "c,d" = "e f"')) AS r(rule);

-- common tags are avoided, the commonest first
SELECT common, tagquery_keys('a and b and c', common) FROM unnest('{"",a,"a, b","b, a",c,"c, b, a"}'::text[]) AS common;
SELECT tagquery_keys('gender = f and vip and app'), tagquery_keys('gender = f and vip and app', common => 'gender=f, vip'), tagquery_keys('gender = f and vip and app', common => 'gender=f, vip, app');
SELECT tagquery_keys('"a b" and "c,d" and e', common => '"a b", "c,d"'), tagquery_keys('兴趣 and 城市 = 上海 and e', common => '城市=上海，e' ), tagquery_keys('flag = false and a and b', common => 'flag=false');
-- bad lists
SELECT tagquery_keys('a', 'a,, b');
SELECT tagquery_keys('a', 'a, "b');
SELECT tagquery_keys('a', 'a=1=2');
SELECT tagquery_keys('a', repeat('a', 1701));
SELECT tagquery_keys('a', rpad('', 1700, 'abc, def, ')) ;
SELECT tagquery_keys(NULL), tagquery_keys('a', NULL);

-- past the bounds it is fewer keys, or none
SELECT n, tagquery_keys(string_agg('n=' || i, ' or ')::tagquery) = '{true}' AS anything, cardinality(tagquery_keys(string_agg('n=' || i, ' or ')::tagquery)) AS keys
FROM unnest('{1023,1024,1025,5000}'::int[]) AS n, generate_series(1, n) AS i GROUP BY n ORDER BY n;
SELECT n, cardinality(tagquery_keys(format('n in (%s)', string_agg(i::text, ','))::tagquery)) AS keys
FROM unnest('{1,255,256,257,100000}'::int[]) AS n, generate_series(1, n) AS i GROUP BY n ORDER BY n;
SELECT n, cardinality(tagquery_keys(string_agg(format('(a%s and b%s)', i, i), ' or ')::tagquery)) AS keys, (tagquery_keys(string_agg(format('(a%s and b%s)', i, i), ' or ')::tagquery))[1]
FROM unnest('{63,64,65,2000}'::int[]) AS n, generate_series(1, n) AS i GROUP BY n ORDER BY n;
SELECT n, cardinality(tagquery_keys(format('a in (%s) and b in (%s)', string_agg(i::text, ','), string_agg(i::text, ','))::tagquery)) AS keys
FROM unnest('{7,8,9}'::int[]) AS n, generate_series(1, n) AS i GROUP BY n ORDER BY n;
SELECT n, cardinality(tagquery_keys(format('at least %s of (%s)', n - k, string_agg('t' || i, ','))::tagquery)) AS keys
FROM (VALUES (3, 1), (11, 8), (11, 9), (12, 9), (12, 10), (300, 10), (300, 9)) AS v(n, k), generate_series(1, n) AS i GROUP BY n, k ORDER BY n, k;
-- nothing multiplies
SELECT cardinality(tagquery_keys(string_agg(format('(a%s and b%s or c%s and d%s)', i, i, i, i), ' and ')::tagquery)) AS keys FROM generate_series(1, 300) AS i;
SELECT cardinality(tagquery_keys((repeat('(a and (b or ', 240) || 'c' || repeat('))', 240))::tagquery)) AS keys;

-- ---- what is found ----

\getenv test_dir PG_ABS_SRCDIR
\set plans :test_dir '/lib/plans.sql'
\set ECHO none
\i :plans
\set ECHO all

-- Rules of a table by index and without, where they differ
CREATE FUNCTION differs(relation regclass, tags tagset) RETURNS text LANGUAGE SQL AS
	$$ SELECT pg_temp.index_differs(relation, format('rule @@ %L', tags)) $$;

CREATE TABLE rules (id serial, rule tagquery);
INSERT INTO rules (rule) SELECT rule::tagquery FROM unnest(string_to_array('vip;not vip;true;false;a is known;a is unknown;a;a.*;a.b.*;a = true;a = false;a <> true;a <> false;a = 1;a <> 1;a >= 1;a < 1;a = x;a >= false;a < x;a contains "x";a = value(b);a < value(b);weight(a) > 0.5;set_at(a) > 2026-01-01;a = 2026-09-01;a < 2026-09-02;a and b;a and not b;not (not a or not b);at least 2 of (a, b = 1, not c);seen within last 3 days', ';')) AS rule;
INSERT INTO rules (rule) SELECT (r.rule && s.rule) FROM rules AS r, rules AS s WHERE r.id < s.id;
INSERT INTO rules (rule) SELECT (r.rule || s.rule) FROM rules AS r, rules AS s WHERE r.id < s.id AND s.id <= 32;
INSERT INTO rules (rule) SELECT !! rule FROM rules;
INSERT INTO rules (rule) SELECT format('n in (%s)', string_agg((i * 3)::text, ','))::tagquery FROM generate_series(1, 100000) AS i;
INSERT INTO rules (rule) SELECT string_agg('t' || i * 2, ' or ')::tagquery FROM generate_series(1, 3000) AS i;
INSERT INTO rules (rule) SELECT format('x between %s and %s', i, i + j)::tagquery FROM generate_series(-20, 40, 7) AS i, unnest('{0.5,1,17,1000}'::float8[]) AS j;
INSERT INTO rules (rule) SELECT format('x > %s and t%s', i, i)::tagquery FROM generate_series(1, 40, 3) AS i;
INSERT INTO rules (rule) SELECT format('day between %s and %s', to_char(d, 'YYYY-MM-DD'), to_char(d + n, 'YYYY-MM-DD'))::tagquery FROM generate_series('2026-01-01'::date, '2026-04-01', '17 days') AS g(t), LATERAL (SELECT t::date) AS h(d), unnest('{1,30,400}'::int[]) AS n;
INSERT INTO rules VALUES (0, NULL);
CREATE INDEX rules_rule ON rules USING gin (rule);
SELECT count(*) > 1500 AS many FROM rules;

CREATE TABLE tagsets (tags tagset);
INSERT INTO tagsets SELECT tags::tagset FROM unnest('{"",vip,vip=false,a,a=false,"a=true, a=false",a=1,a=x,"a=1, a=2, a=x, a=2026-09-01",a.b,a.b.c=1,"a, b","a=1, b=1",
	"a=1, b=2","a=false, b","a=>0.8@2026-09-01","a=>0.8~2020-01-01",n=3,n=299997,n=300003,n=4,t2,t6000,t6001,"x=5, t4","x=5.5, t7, t4","x=-3",x=1e300,"x=19, t10, t13",
	day=2026-01-18,day=2026-02-03T10:00:00Z,day=2027-01-01,"vip, a=1, b=2, c, x=7, day=2026-03-01, t1, t4, n=6"}'::text[]) AS tags;
SELECT count(*), count(differs('rules', tags)) AS wrong, min(differs('rules', tags)) FROM tagsets;

-- tagsets with so many tags that their pairs are sought another way, or the whole index is read
SELECT n, differs('rules', ('a=1, b=1, vip, x=7, ' || string_agg('t' || i, ', '))::tagset)
FROM unnest('{40,55,56,57,58,59,60,61,62,63,64,65,66,100,1000,8170,8200,20000}'::int[]) AS n, generate_series(1, n) AS i GROUP BY n ORDER BY n;
SELECT differs('rules', string_agg(format('t%s=%s', i, i), ', ')::tagset) FROM generate_series(1, 100) AS i;

-- joins, both ways around
SET enable_seqscan = off;
SELECT pg_temp.plan_of('SELECT count(*) FROM (SELECT * FROM tagsets OFFSET 0) AS t JOIN rules AS r ON r.rule @@ t.tags');
CREATE TABLE by_index AS SELECT t.tags, r.id FROM (SELECT * FROM tagsets OFFSET 0) AS t JOIN rules AS r ON r.rule @@ t.tags;
CREATE TABLE by_function AS SELECT t.tags, r.id FROM (SELECT * FROM tagsets OFFSET 0) AS t JOIN rules AS r ON tagquery_match(r.rule, t.tags);
SELECT pg_temp.plan_of('SELECT count(*) FROM (SELECT * FROM tagsets OFFSET 0) AS t JOIN rules AS r ON tag_match(t.tags, r.rule)');
RESET enable_seqscan;
SET enable_bitmapscan = off;
CREATE TABLE by_scan AS SELECT t.tags, r.id FROM tagsets AS t JOIN rules AS r ON t.tags @@ r.rule;
RESET enable_bitmapscan;
SELECT count(*) > 5000 AS many FROM by_scan;
SELECT count(*) FROM (TABLE by_index EXCEPT ALL TABLE by_scan UNION ALL (TABLE by_scan EXCEPT ALL TABLE by_index)) AS d;
SELECT count(*) FROM (TABLE by_function EXCEPT ALL TABLE by_scan UNION ALL (TABLE by_scan EXCEPT ALL TABLE by_function)) AS d;

-- generic plans
SET enable_seqscan = off;
SET plan_cache_mode = force_generic_plan;
PREPARE by_tags(tagset) AS SELECT count(*) FROM rules WHERE rule @@ $1;
SELECT pg_temp.plan_of($$EXECUTE by_tags('vip')$$);
EXECUTE by_tags('vip');
EXECUTE by_tags('');
EXECUTE by_tags(NULL);
RESET plan_cache_mode;
RESET enable_seqscan;
SELECT count(*) FROM rules WHERE rule @@ 'vip';
SELECT count(*) FROM rules WHERE rule @@ '';

-- ---- lists of common tags as a parameter ----

DROP INDEX rules_rule;
CREATE INDEX rules_rule ON rules USING gin (rule tagquery_ops (common = 'a, vip, "b"'));
SELECT pg_get_indexdef('rules_rule'::regclass);
SELECT count(differs('rules', tags)) AS wrong FROM tagsets;
DROP INDEX rules_rule;
CREATE INDEX ON rules USING gin (rule tagquery_ops (common = ''));
CREATE INDEX ON rules USING gin (rule tagquery_ops (common = 'a b'));
CREATE INDEX ON rules USING gin (rule tagquery_ops (rare = 'a'));
-- (one that is too long is refused as well, but only when the server has damaged its catalog)
DO $$
BEGIN
	EXECUTE format('CREATE INDEX ON rules USING gin (rule tagquery_ops (common = %L))', (SELECT string_agg('"' || i || '"', ',') || ',' FROM generate_series(1001, 1242) AS i));
END
$$;
SELECT length(attoptions[1]) FROM pg_attribute WHERE attrelid = 'rules_rule_idx1'::regclass;
DROP INDEX rules_rule_idx1;

-- the list from data
CREATE TABLE customers AS
SELECT i AS id, format('all, half%s, "odd, name %s", city=%s, flag=false, n=%s', i % 2, i % 4, CASE WHEN i % 10 = 0 THEN '"New York"' ELSE '上海' END, i)::tagset AS tags
FROM generate_series(1, 1000) AS i UNION ALL SELECT 0, NULL;
SELECT tagquery_common('customers', 'tags');
SELECT tagquery_common('customers', 'tags', share => 0.3);
SELECT tagquery_common('customers', 'tags', 1);
SELECT tagquery_keys('all and half1 and n = 3', tagquery_common('customers', 'tags'));
SELECT length(tagquery_common('customers', 'tags', 0.0001)) BETWEEN 1600 AND 1700 AS fits, cardinality(tagquery_keys('a', tagquery_common('customers', 'tags', 0.0001))) = 1 AS read;
SELECT tagquery_common('rules', 'rule', 0.2);
CREATE VIEW some_customers AS SELECT tags AS "my tags" FROM customers LIMIT 10;
SELECT tagquery_common('some_customers', 'my tags', 0.9);
SELECT tagquery_common('customers', 'id');
SELECT tagquery_common('customers', 'no');
SELECT tagquery_common('customers', 'tags', 0);
SELECT tagquery_common('customers', 'tags', 'NaN');
SELECT tagquery_common(1::oid::regclass, 'tags');
SELECT tagquery_common(NULL, 'tags');

-- of a table whose rows one may not read there is no list
CREATE ROLE regress_portrait_rules;
GRANT USAGE ON SCHEMA tagquery_gin_test TO regress_portrait_rules;
SET ROLE regress_portrait_rules;
SELECT tagquery_common('customers', 'tags');
SELECT tagquery_common('customers', 'no');
RESET ROLE;
-- of the column is enough
GRANT SELECT (tags) ON customers TO regress_portrait_rules;
SET ROLE regress_portrait_rules;
SELECT length(tagquery_common('customers', 'tags')) > 0 AS done;
SELECT tagquery_common('customers', 'id');
RESET ROLE;

-- of a large table a part is enough, whatever the search_path
CREATE TABLE many_customers AS SELECT CASE WHEN i % 10 = 0 THEN 'app, vip'::tagset ELSE 'app' END AS tags FROM generate_series(1, 110000) AS i;
VACUUM many_customers;
SET search_path = '';
SELECT public.tagquery_common('tagquery_gin_test.many_customers', 'tags', 0.05);
SET search_path = tagquery_gin_test, public;

-- and in a session that only reads
BEGIN READ ONLY;
SELECT length(tagquery_common('customers', 'tags')) > 0 AS done;
ROLLBACK;

-- ---- what waits in the pending list is found ----

CREATE TABLE pending (id int, rule tagquery);
CREATE INDEX pending_rule ON pending USING gin (rule) WITH (fastupdate = on);
INSERT INTO pending SELECT id, rule FROM rules WHERE id % 7 = 0;
SELECT count(differs('pending', tags)) AS wrong FROM tagsets;
SELECT differs('pending', ('a=1, b=1, ' || string_agg('t' || i, ', '))::tagset) FROM generate_series(1, 100) AS i;
SELECT gin_clean_pending_list('pending_rule') > 0 AS cleaned;
INSERT INTO pending SELECT id, rule FROM rules WHERE id % 7 = 1;
DELETE FROM pending WHERE id % 3 = 0;
SELECT count(differs('pending', tags)) AS wrong FROM tagsets;
SELECT differs('pending', ('a=1, b=1, ' || string_agg('t' || i, ', '))::tagset) FROM generate_series(1, 100) AS i;
VACUUM pending;
SELECT count(differs('pending', tags)) AS wrong FROM tagsets;

-- ---- row security leaves the index in use ----

ALTER TABLE rules ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON rules USING (id % 2 = 0);
GRANT SELECT ON rules TO regress_portrait_rules;
SET ROLE regress_portrait_rules;
SET enable_seqscan = off;
SELECT pg_temp.plan_of($$SELECT * FROM rules WHERE rule @@ 'vip'$$) LIMIT 5;
RESET enable_seqscan;
RESET ROLE;

-- ---- estimates ----

CREATE TABLE segments AS SELECT i AS id, format('t%s and not u', i % 100)::tagquery AS rule FROM generate_series(1, 10000) AS i UNION ALL SELECT 0, NULL;
ANALYZE segments;
SELECT pg_temp.planned('Plan Rows', $$SELECT FROM segments WHERE rule @@ 't7'$$) BETWEEN 50 AND 200 AS one, pg_temp.planned('Plan Rows', $$SELECT FROM segments WHERE rule @@ 't7, t8, t9, t10, t11'$$) BETWEEN 300 AND 800 AS five,
	pg_temp.planned('Plan Rows', $$SELECT FROM segments WHERE rule @@ 'u, t7'$$) < 20 AS none, pg_temp.planned('Plan Rows', $$SELECT FROM segments WHERE 't7'::tagset @@ rule$$) BETWEEN 50 AND 200 AS turned,
	pg_temp.planned('Plan Rows', $$SELECT FROM segments WHERE rule @@ (SELECT 't7'::tagset)$$) < 500 AS unknown, pg_temp.planned('Plan Rows', $$SELECT FROM segments WHERE rule @@ NULL$$) AS null;

DROP OWNED BY regress_portrait_rules;
DROP ROLE regress_portrait_rules;
SET client_min_messages = warning;
DROP SCHEMA tagquery_gin_test CASCADE;
DROP EXTENSION portrait CASCADE;
