--
-- segment: what the planner is told, and that results do not depend on it
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
CREATE SCHEMA segment_test;
RESET client_min_messages;
SET search_path = public, segment_test;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE TABLE segment_test.customers (big bigint, int int, small smallint, txt text, rare bigint);
INSERT INTO customers
SELECT i, i, i % 32768, 'customer ' || i, CASE WHEN i % 10 > 0 THEN i END FROM generate_series(-5000, 14999) AS i;
CREATE UNIQUE INDEX ON customers (big);
CREATE INDEX ON customers (int DESC);
CREATE INDEX ON customers (small);
CREATE INDEX ON customers (rare);
VACUUM ANALYZE customers;

-- the plan without what differs between versions and machines
CREATE FUNCTION segment_test.plan(query text) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line !~ 'Disabled' THEN
			RETURN NEXT regexp_replace(line, 'segment_test\.', '', 'g');
		END IF;
	END LOOP;
END
$$;

CREATE FUNCTION segment_test.rows(query text) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END
$$;

--
-- Index conditions
--
SET enable_bitmapscan = off;
SET enable_seqscan = off;
-- consecutive ids: exactly a range
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{10-20}''::segment');
-- one id, few ids: a list
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{10}''::segment');
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{10,12,15-17}''::segment');
-- many: from the first to the last, with a recheck
SELECT regexp_replace(plan(format('SELECT 1 FROM customers WHERE big <@ %L::segment',
	(SELECT segment_agg(i) FROM generate_series(2, 2002, 2) AS i))), 'segment:[^'']*', 'segment:...');
-- the limit of the list: 1000
SELECT n, regexp_replace(regexp_replace(plan(format('SELECT 1 FROM customers WHERE big <@ %L::segment',
	(SELECT segment_agg(i * 2) FROM generate_series(1, n) AS i))), 'segment:[^'']*', 'segment:...'), '2,4[0-9,]*', '2,4,...')
FROM unnest(ARRAY[999, 1000, 1001]) AS n;
-- none
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{}''::segment');
SELECT plan('SELECT 1 FROM customers WHERE big <@ NULL::segment');
-- ends of bigint
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{-9223372036854775808--2}''::segment');
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{-9223372036854775808,9223372036854775807}''::segment');
-- the other way round, the functions, other types of integers
SELECT plan('SELECT 1 FROM customers WHERE ''{10-20}''::segment @> big');
SELECT plan('SELECT 1 FROM customers WHERE segment_contained(big, ''{10-20}'')');
SELECT plan('SELECT 1 FROM customers WHERE segment_contains(''{10,12}'', big)');
SELECT plan('SELECT 1 FROM customers WHERE int <@ ''{10-20}''::segment');
SELECT plan('SELECT 1 FROM customers WHERE int <@ ''{10,9223372036854775807}''::segment');
SELECT plan('SELECT 1 FROM customers WHERE small <@ ''{10-20}''::segment');
SELECT plan('SELECT 1 FROM customers WHERE ''{10,12}''::segment @> small');
-- a segment that is known when the index is scanned: a list by the portrait's own function, else a filter
CREATE TABLE segment_test.sets (name text, members segment);
INSERT INTO sets VALUES ('few', '{-4999,10-20,14999,20000}'), ('none', '{}'), ('unknown', NULL), ('every tenth', (SELECT segment_agg(i) FROM generate_series(0, 9990, 10) AS i));
SELECT plan('SELECT 1 FROM sets CROSS JOIN LATERAL (SELECT FROM customers WHERE portrait_segment_has(big, members) OFFSET 0) AS c');
SELECT plan('SELECT 1 FROM sets CROSS JOIN LATERAL (SELECT FROM customers WHERE segment_contained(big, members) OFFSET 0) AS c');
SELECT plan('SELECT 1 FROM sets CROSS JOIN LATERAL (SELECT FROM customers WHERE big <@ members OFFSET 0) AS c');
-- not by one of the row's own, nor one that changes
SELECT plan('SELECT 1 FROM customers WHERE portrait_segment_has(big, segment(ARRAY[big]))');
SELECT plan('SELECT 1 FROM customers WHERE portrait_segment_has(big, segment(ARRAY[(random() * 10)::bigint]))');
SELECT name, (SELECT count(*) FROM customers WHERE portrait_segment_has(big, members)) AS big, (SELECT count(*) FROM customers WHERE portrait_segment_has(int, members)) AS int,
	(SELECT count(*) FROM customers WHERE portrait_segment_has(small, members)) AS small, (SELECT count(*) FROM customers WHERE portrait_segment_has(rare, members)) AS rare
FROM sets ORDER BY name;
-- of more members than an array can hold
SELECT count(*) FROM (VALUES ('{1-1000000000}'::segment)) AS s(members) JOIN customers ON segment_contained(big, members);
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_seqscan = on;
SELECT name, (SELECT count(*) FROM customers WHERE big <@ members) AS big, (SELECT count(*) FROM customers WHERE members @> int) AS int,
	(SELECT count(*) FROM customers WHERE small <@ members) AS small, (SELECT count(*) FROM customers WHERE rare <@ members) AS rare
FROM sets ORDER BY name;
RESET enable_indexscan;
RESET enable_indexonlyscan;
SET enable_seqscan = off;
-- what is known when the query is planned is a constant
SELECT plan('SELECT 1 FROM customers WHERE big <@ (''{10-20}''::segment & ''{15-30}'')');
SELECT plan('SELECT 1 FROM customers WHERE big <@ segment(ARRAY[10, 12])');
-- beside other conditions, in an OR, under NOT
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{10-20}''::segment AND int > 12');
SELECT plan('SELECT 1 FROM customers WHERE NOT big <@ ''{10-20}''::segment');
SET enable_bitmapscan = on;
SET enable_indexscan = off;
SELECT plan('SELECT 1 FROM customers WHERE big <@ ''{10,12}''::segment OR int <@ ''{20-30}''::segment');
RESET enable_indexscan;
SET enable_bitmapscan = off;
-- no condition on an expression of another type, or of what is no btree
CREATE TABLE segment_test.hashed (id bigint);
INSERT INTO hashed SELECT generate_series(1, 1000);
CREATE INDEX ON hashed USING hash (id);
CREATE INDEX ON hashed USING brin (id);
ANALYZE hashed;
SELECT plan('SELECT 1 FROM hashed WHERE id <@ ''{10,12}''::segment');
-- a segment in an index is no id
CREATE TABLE segment_test.groups (id int, s segment);
INSERT INTO groups SELECT i, segment_add_range('{}', i, i + i % 7) FROM generate_series(1, 1000) AS i;
CREATE INDEX ON groups (s);
ANALYZE groups;
SELECT plan('SELECT 1 FROM groups WHERE s @> 5::bigint');
SELECT plan('SELECT 1 FROM groups WHERE s <@ ''{1-20}''::segment');
SELECT plan('SELECT 1 FROM groups WHERE s = ''{7}''::segment');
SELECT plan('SELECT 1 FROM groups WHERE s > ''{1-6}''::segment ORDER BY s');

-- an operator family that turns the order: its operators mean something else
CREATE OPERATOR FAMILY segment_test.backward USING btree;
CREATE FUNCTION segment_test.backward(bigint, bigint) RETURNS int LANGUAGE sql IMMUTABLE RETURN btint8cmp($2, $1);
CREATE OPERATOR CLASS segment_test.backward FOR TYPE bigint USING btree FAMILY segment_test.backward AS
	OPERATOR 1 > , OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 segment_test.backward(bigint, bigint);
CREATE TABLE segment_test.turned (id bigint);
INSERT INTO turned SELECT generate_series(1, 1000);
CREATE INDEX ON turned (id backward);
SELECT count(*) FROM turned WHERE id <@ '{10-20}'::segment;
SELECT count(*) FROM turned WHERE id <@ '{10,12,14}'::segment;

-- a domain over an integer
CREATE DOMAIN segment_test.customer AS bigint;
CREATE TABLE segment_test.of_domain (id segment_test.customer PRIMARY KEY);
INSERT INTO of_domain SELECT generate_series(1, 1000);
ANALYZE of_domain;
SELECT plan('SELECT 1 FROM of_domain WHERE id <@ ''{10-20}''::segment');
SELECT count(*) FROM of_domain WHERE id <@ '{10-20,25}'::segment;
RESET enable_bitmapscan;
RESET enable_seqscan;

--
-- Parameters: a custom plan knows them, a generic one does not
--
PREPARE members(segment) AS SELECT count(*), min(big), max(big) FROM customers WHERE big <@ $1;
SET plan_cache_mode = force_custom_plan;
SELECT plan('EXECUTE members(''{10-20}'')');
EXECUTE members('{10-20}');
EXECUTE members('{}');
EXECUTE members(NULL);
SET plan_cache_mode = force_generic_plan;
SELECT plan('EXECUTE members(''{10-20}'')');
EXECUTE members('{10-20}');
EXECUTE members('{1,99999}');
EXECUTE members('{}');
EXECUTE members(NULL);
RESET plan_cache_mode;
EXECUTE members('{1}');
EXECUTE members('{1,2}');
EXECUTE members('{1-3}');
EXECUTE members('{1-4}');
EXECUTE members('{1-5}');
EXECUTE members('{1-6}');
EXECUTE members('{1-7}');
DEALLOCATE members;

--
-- Results with and without an index
--
CREATE FUNCTION segment_test.check_index(s segment) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
	condition text;
	scan text;
	found text;
	expected text;
BEGIN
	FOREACH condition IN ARRAY ARRAY['big <@ %L::segment', '%L::segment @> big', 'int <@ %L::segment', '%L::segment @> small',
		'small <@ %L::segment', 'rare <@ %L::segment', 'segment_contains(%L, rare)', 'NOT rare <@ %L::segment',
		'(rare <@ %L::segment) IS NULL', 'big <@ %L::segment AND int %% 2 = 0'] LOOP
		expected := NULL;
		FOREACH scan IN ARRAY ARRAY['seqscan', 'indexscan', 'bitmapscan'] LOOP
			PERFORM set_config('enable_' || other, (other = scan)::text, true)
			FROM unnest(ARRAY['seqscan', 'indexscan', 'bitmapscan', 'indexonlyscan']) AS other;
			EXECUTE format('SELECT count(*) || '' '' || coalesce(sum(hashint8(big)), 0) FROM customers WHERE ' || condition, s) INTO found;
			IF found <> expected THEN
				RETURN NEXT format('%s, %s: %s', condition, scan, s);
			END IF;
			expected := found;
		END LOOP;
	END LOOP;
	PERFORM set_config('enable_' || kind, 'on', true) FROM unnest(ARRAY['seqscan', 'indexscan', 'bitmapscan']) AS kind;
	IF (SELECT array_agg(big ORDER BY big) FROM customers WHERE big <@ s) IS DISTINCT FROM
		(SELECT array_agg(big ORDER BY big) FROM customers WHERE big IN (SELECT segment_members(segment_range(s, -99999, 99999)))) THEN
		RETURN NEXT format('members: %s', s);
	END IF;
END
$$;
SELECT check_index(s)
FROM (VALUES ('{}'::segment), ('{1}'), ('{-5000-14999}'), ('{-99999-99999}'), ('{14999,15000}'), ('{0,5,9-11,9999}'), ('{32767-32769}'),
	('{-9223372036854775808,0,9223372036854775807}'), ('{-9223372036854775808--2}'), ('{2147483647-2147483649}'), ('{-32769,5}')) AS v(s)
UNION ALL
SELECT check_index(segment_agg(i * step)) FROM (VALUES (1), (2)) AS v(step), (VALUES (1000), (1001)) AS w(n), generate_series(1, n) AS i GROUP BY step, n
UNION ALL
SELECT check_index(segment_sample('{-6000-16000}', n, n::text)) FROM unnest(ARRAY[10, 1000, 3000]) AS n;

--
-- Estimates
--
-- rows of segment_members: as many as there are
SELECT s, rows(format('SELECT * FROM segment_members(%L)', s)), rows(format('SELECT segment_members(%L)', s))
FROM (VALUES ('{}'), ('{7}'), ('{1-5,9}'), ('{1-1000000}'), ('{1-9000000000000000}')) AS v(s);
SELECT rows('SELECT * FROM segment_members(NULL)'), rows('SELECT * FROM segment_members(''{1-10}''::segment | ''{20-29}'')'),
	rows('SELECT * FROM groups, segment_members(s)') AS unknown;
PREPARE listing(segment) AS SELECT * FROM segment_members($1);
SELECT rows('EXECUTE listing(''{1-50}'')');
DEALLOCATE listing;

-- rows of a condition: of the distinct ids so many, and no more than lie between
-- (estimate by real number)
SELECT c AS condition, rows('SELECT 1 FROM customers WHERE ' || c) AS estimate, really
FROM (VALUES ('big <@ ''{10-20}''::segment', 11), ('big <@ ''{10,12,14}''::segment', 3), ('''{10,12,14}''::segment @> big', 3),
	('int <@ ''{10,12,14}''::segment', 3), ('big <@ ''{}''::segment', 0), ('big <@ NULL::segment', 0),
	('big <@ ''{0-4999}''::segment', 5000), ('int <@ ''{0-4999}''::segment', 5000), ('small <@ ''{0-4999}''::segment', 5000),
	('big <@ ''{-5000-14999}''::segment', 20000), ('big <@ ''{-900000-900000}''::segment', 20000), ('big <@ ''{100000-200000}''::segment', 0),
	('rare <@ ''{-900000-900000}''::segment', 13500), ('rare <@ ''{0-4999}''::segment', 4500),
	('NOT big <@ ''{0-4999}''::segment', 15000)) AS v(c, really)
WHERE rows('SELECT 1 FROM customers WHERE ' || c) NOT BETWEEN really * 0.8 AND really * 1.25 + 3;
-- nothing is known of the other side
SELECT rows('SELECT 1 FROM groups WHERE s @> 5::bigint') BETWEEN 1 AND 100 AS contains,
	rows('SELECT 1 FROM groups WHERE s <@ ''{1-20}''::segment') BETWEEN 1 AND 100 AS contained,
	rows('SELECT 1 FROM groups WHERE s && ''{1-20}''::segment') BETWEEN 1 AND 500 AS overlaps,
	rows('SELECT 1 FROM groups WHERE s @> NULL::bigint') AS with_null,
	rows('SELECT 1 FROM groups AS a, groups AS b WHERE a.s && b.s') BETWEEN 1 AND 500000 AS joined,
	rows('SELECT 1 FROM groups AS a, customers AS b WHERE b.big <@ a.s') BETWEEN 1 AND 10000000 AS members,
	rows('SELECT 1 FROM customers WHERE big <@ (SELECT s FROM groups LIMIT 1)') BETWEEN 1 AND 10000 AS subselect;
-- without statistics
CREATE TABLE segment_test.fresh (id bigint);
INSERT INTO fresh SELECT generate_series(1, 1000);
SELECT rows('SELECT 1 FROM fresh WHERE id <@ ''{1-3}''::segment') > 0 AS few, rows('SELECT 1 FROM fresh WHERE id <@ ''{1-1000000}''::segment') > 0 AS many;
-- equality and order have the estimators of core
SELECT rows('SELECT 1 FROM groups WHERE s = ''{7}''::segment') < 50 AS equal, rows('SELECT 1 FROM groups WHERE s < ''{1-4}''::segment') BETWEEN 300 AND 600 AS less;

-- whoever may not see a column learns nothing of its statistics by its errors
CREATE ROLE regress_portrait_reader;
CREATE TABLE segment_test.secrets (id bigint PRIMARY KEY, owner text);
INSERT INTO secrets SELECT i, 'someone else' FROM generate_series(1, 1000) AS i;
UPDATE secrets SET owner = 'regress_portrait_reader' WHERE id % 2 = 0;
ANALYZE secrets;
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secrets USING (owner = current_user);
GRANT USAGE ON SCHEMA segment_test TO regress_portrait_reader;
GRANT SELECT ON secrets TO regress_portrait_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA segment_test TO regress_portrait_reader;
SET ROLE regress_portrait_reader;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
-- the index serves, since the operator does not leak
SELECT plan('SELECT id FROM secrets WHERE id <@ ''{10-20}''::segment');
SELECT id FROM secrets WHERE id <@ '{10-15,17}'::segment ORDER BY id;
RESET ROLE;
DROP OWNED BY regress_portrait_reader;
DROP ROLE regress_portrait_reader;

-- values that are common in the column are known one by one
CREATE TABLE skewed AS
SELECT (CASE WHEN i % 2 = 0 THEN 5 ELSE i END)::bigint AS id FROM generate_series(1, 20000) AS i;
ANALYZE skewed;
SELECT rows('SELECT 1 FROM skewed WHERE id <@ ''{5}''') BETWEEN 9000 AND 11000 AS common,
	rows('SELECT 1 FROM skewed WHERE id <@ ''{1-5}''') BETWEEN 9000 AND 11000 AS with_rare,
	rows('SELECT 1 FROM skewed WHERE id <@ ''{7,9,11}''') < 10 AS rare;

SET client_min_messages = warning;
DROP SCHEMA segment_test CASCADE;
