--
-- segment: operators as the parser sees them, indexes, partitions, constraints,
-- rows of members, and stored values: short, plain, toasted, compressed
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
CREATE SCHEMA segment_test;
RESET client_min_messages;
SET search_path = public, segment_test;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

--
-- Literals of any integer type, and what is ambiguous or not ours
--
SELECT '{1,2}'::segment | '{2,3}', '{1,2}'::segment | 3, '{1,2}'::segment | 3::smallint, 3 | '{1,2}'::segment, '{1-3}'::segment - 3, '{1-3}'::segment - '{3}',
	'{1,2}'::segment & '{2,3}', '{1,2}'::segment # '{2,3}', '{1-3}'::segment @> 2, '{1-3}'::segment @> '{2}', 2::smallint <@ '{1-3}'::segment, '{1,2}'::segment && '{2}';
SELECT '{1}'::segment @> 1.0;
SELECT '{1}'::segment @> 9223372036854775808;
SELECT 1 - '{1}'::segment;
SELECT '{1}'::segment + 1;
SELECT '{1}'::segment = ARRAY[1];
SELECT '{1}'::segment = '{1-1}', '{1}'::segment <> '{1}', '{2}' > '{1}'::segment, '{1}'::segment < '{0,1}', '{}'::segment < '{-9223372036854775808}';
-- the operators of core keep their meaning
SELECT 5 | 3, 5 & 3, 5 # 3, 5 - 3, ARRAY[1, 2] @> ARRAY[1], ARRAY[1] && ARRAY[2], int4range(1, 5) @> 3, '{1,2}' @> ARRAY[1];
SELECT precedence FROM (VALUES (('{1-9}'::segment - '{5}' | 5 & '{5}')::text)) AS v(precedence);
SELECT least('{1,2}'::segment, '{9}'), greatest('{1,2}'::segment, '{9}'), '{1}'::segment IN ('{2}', '{1}'), '{1}'::segment = ANY (ARRAY['{1}', '{2}']::segment[]),
	NULLIF('{1}'::segment, '{1-1}') IS NULL AS nullif, '{1}'::segment IS DISTINCT FROM NULL AS distinct_from, '{1}'::segment BETWEEN '{}' AND '{1,2}' AS between;

--
-- Members as rows
--
SELECT * FROM segment_members('{3,1,-5--3}') AS id;
SELECT * FROM segment_members('{7-9}') WITH ORDINALITY AS m(id, i);
SELECT * FROM ROWS FROM (segment_members('{1,2}'), segment_members('{5-7}')) AS r(a, b);
SELECT segment_members('{1-3}'), segment_members('{7,8}');
SELECT segment_members('{1-9000000000000000000}') LIMIT 3;
SELECT i, id FROM generate_series(1, 4) AS i, LATERAL segment_members(segment_add_range('{}', i, 2 * i) - '{3}') AS id ORDER BY i, id;
SELECT i, ARRAY(SELECT segment_members(s) ORDER BY 1 DESC) FROM (VALUES (1, '{1-3}'::segment), (2, NULL), (3, '{}'), (4, '{9}')) AS v(i, s);
SELECT count(*), sum(id) FROM segment_members('{1-100000}') AS id WHERE id % 2 = 0;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT segment_members('{1-5,100000}') AS id;
FETCH 3 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH LAST FROM c;
COMMIT;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM segment_members('{1-5,100000}') AS id;
FETCH LAST FROM c;
FETCH BACKWARD 2 FROM c;
COMMIT;
-- many of them, and some that are not read to the end
SELECT count(*) FROM (SELECT segment_members(s) FROM (SELECT segment_add_range('{}', i, i + 5000) AS s FROM generate_series(1, 100) AS i) AS v) AS m;
SELECT i, (SELECT id FROM segment_members(segment_add_range('{}', i, i + 100000)) AS id OFFSET 2 LIMIT 1) FROM generate_series(1, 3) AS i;

--
-- Indexes, constraints, partitions
--
CREATE TABLE segment_test.named (s segment UNIQUE, name text);
INSERT INTO named SELECT segment(ARRAY[i, i * i]), i::text FROM generate_series(1, 1000) AS i;
INSERT INTO named VALUES ('{1,1}', 'again');
INSERT INTO named VALUES ('{4,2}', 'again') ON CONFLICT (s) DO UPDATE SET name = excluded.name RETURNING *;
CREATE INDEX hashed ON named USING hash (s);
SET enable_seqscan = off;
SELECT name FROM named WHERE s = '{2,4}';
DROP INDEX hashed;
SELECT count(*), count(DISTINCT s), min(name), max(name) FROM named WHERE s >= '{1}' AND s < '{2,3}';
CREATE INDEX ON named (segment_count(s));
SELECT name FROM named WHERE segment_count(s) = 1 ORDER BY s;
RESET enable_seqscan;
SELECT s FROM named ORDER BY s LIMIT 3;
SELECT s FROM named ORDER BY s DESC LIMIT 3;

CREATE DOMAIN segment_test.audience AS segment CHECK (segment_count(VALUE) BETWEEN 1 AND 1000) NOT NULL;
CREATE TABLE segment_test.audiences (a audience, b audience DEFAULT '{1}');
INSERT INTO audiences VALUES ('{1-3}'), ('{1-1000}');
INSERT INTO audiences VALUES ('{}');
INSERT INTO audiences VALUES ('{1-1001}');
SELECT a | b, a @> 2, segment_count(a), segment_split(a & '{1-3}', '{1}', '') FROM audiences;

CREATE TABLE segment_test.by_hash (s segment, i int) PARTITION BY HASH (s);
CREATE TABLE segment_test.by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE segment_test.by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_hash SELECT segment(ARRAY[i]), i FROM generate_series(1, 1000) AS i;
SELECT tableoid::regclass AS part, count(*) BETWEEN 400 AND 600 AS fair FROM by_hash GROUP BY 1 ORDER BY 1;
SELECT i FROM by_hash WHERE s = '{77}';
CREATE TABLE segment_test.by_range (s segment) PARTITION BY RANGE (s);
CREATE TABLE segment_test.by_range_0 PARTITION OF by_range FOR VALUES FROM (MINVALUE) TO ('{1,2}');
CREATE TABLE segment_test.by_range_1 PARTITION OF by_range FOR VALUES FROM ('{1,2}') TO (MAXVALUE);
INSERT INTO by_range VALUES ('{}'), ('{9}'), ('{1,2}'), ('{0,1}'), ('{1-5}');
SELECT tableoid::regclass AS part, s FROM by_range ORDER BY s;

-- equal and unequal sets sort, group and compare as their images do
CREATE TABLE segment_test.many AS
SELECT segment_sample(segment_add_range('{}', -i, i * i), i % 50, (i % 400)::text) AS s FROM generate_series(1, 2000) AS i;
SELECT count(DISTINCT s) = count(DISTINCT segment_send(s)) AS same,
	(SELECT count(*) FROM many AS a JOIN many AS b USING (s)) = (SELECT count(*) FROM many AS a JOIN many AS b ON segment_send(a.s) = segment_send(b.s)) AS same_joins
FROM many;
SELECT count(*) AS wrong
FROM (SELECT s, lag(s) OVER (ORDER BY s) AS before FROM many) AS o
WHERE before > s OR segment_count(before) > segment_count(s)
OR (segment_count(before) = segment_count(s) AND segment_to_array(before) > segment_to_array(s));

--
-- Stored values of every storage and size, read in whole and in part
--
CREATE TABLE segment_test.stored (name text, storage text, s segment);
CREATE TABLE segment_test.plain (name text, s segment);
INSERT INTO plain
SELECT name, s FROM (VALUES ('empty', '{}'::segment), ('one', '{5}'), ('short', '{1-3,70000}'), ('range', '{0-9000000000000000000}')) AS v(name, s)
UNION ALL SELECT 'array', segment_sample('{0-65535}', 4000, '')
UNION ALL SELECT 'bitsets', segment_sample('{-300000-300000}', 250000, '')
UNION ALL SELECT 'runs', (SELECT segment_union_agg(segment_add_range('{}', i * 100, i * 100 + 60)) FROM generate_series(-3000, 3000) AS i)
UNION ALL SELECT 'isolated', segment_sample('{0-9000000000000000000}', 30000, '')
UNION ALL SELECT 'directory of 2 bytes', segment_sample('{0-3000000000}', 60000, '') | segment_sample('{0-2000000}', 100000, '')
UNION ALL SELECT 'directory of 4 bytes', (SELECT segment_union_agg(segment_add_range('{}', i * 1048576, i * 1048576 + 9)) FROM generate_series(-5000::bigint, 5000) AS i)
UNION ALL SELECT 'directory of 8 bytes', (SELECT segment_union_agg(segment_add_range('{}', i * 100000000000000, i * 100000000000000 + 9)) FROM generate_series(-5000::bigint, 5000) AS i)
UNION ALL SELECT 'full and more', (SELECT segment_union_agg(segment_add_range('{}', i * 262144, i * 262144 + 140000)) FROM generate_series(1::bigint, 3000) AS i);

DO $$
DECLARE
	storage text;
BEGIN
	FOREACH storage IN ARRAY ARRAY['external', 'extended', 'main', 'plain'] LOOP
		EXECUTE 'ALTER TABLE stored ALTER s SET STORAGE ' || storage;
		INSERT INTO stored SELECT name, storage, s FROM plain WHERE storage <> 'plain' OR pg_column_size(s) < 8000;
	END LOOP;
END
$$;
SELECT storage, count(*), bool_or(pg_column_size(s) > 100000) AS large FROM stored GROUP BY storage ORDER BY storage;

SELECT t.name, storage
FROM stored AS t JOIN plain AS p USING (name)
WHERE NOT (t.s = p.s AND segment_count(t.s) = segment_count(p.s) AND segment_is_empty(t.s) = segment_is_empty(p.s)
	AND segment_min(t.s) IS NOT DISTINCT FROM segment_min(p.s) AND segment_max(t.s) IS NOT DISTINCT FROM segment_max(p.s)
	AND segment_hash(t.s) = segment_hash(p.s) AND segment_send(t.s) = segment_send(p.s) AND t.s::text = p.s::text
	AND segment_cmp(t.s, p.s) = 0 AND segment_union_count(t.s, p.s) = segment_count(p.s));

-- one membership test of each stored value, then many of the same
CREATE TABLE segment_test.probes AS
SELECT name, id, s @> id AS is_member
FROM plain, LATERAL (SELECT segment_select(s, 1 + (segment_count(s) / 40) * i) + d FROM generate_series(0, 40) AS i, generate_series(-1, 1) AS d
	UNION SELECT unnest(ARRAY[0, -1, 65535, 65536, -9223372036854775808, 9223372036854775807])) AS ids(id)
WHERE id IS NOT NULL;
SELECT count(*) > 1000 AS many, count(*) FILTER (WHERE is_member) > 300 AS members, count(*) FILTER (WHERE NOT is_member) > 300 AS others FROM probes;
-- in the order of ids each test is of another value, so that each reads parts
SELECT count(*) AS wrong FROM (SELECT p.*, t.s FROM probes AS p JOIN stored AS t USING (name) WHERE storage = 'external' OR id % 10 = 0 ORDER BY id, name, storage OFFSET 0) AS x WHERE (s @> id) <> is_member;
SELECT count(*) AS wrong FROM (SELECT p.*, t.s FROM probes AS p JOIN stored AS t USING (name) WHERE storage = 'external' OR id % 10 = 0 ORDER BY id, name, storage OFFSET 0) AS x WHERE (id <@ s) <> is_member;
-- in the order of values the second test keeps the value
SELECT count(*) AS wrong FROM (SELECT p.*, t.s FROM probes AS p JOIN stored AS t USING (name) ORDER BY name, storage, id OFFSET 0) AS x WHERE (s @> id) <> is_member OR (id <@ s) <> is_member;
-- two stored values, each of them kept while the other changes
SELECT count(*) AS wrong
FROM (SELECT a.s AS a, b.s AS b, pa.s AS pa, pb.s AS pb FROM stored AS a JOIN plain AS pa USING (name) CROSS JOIN stored AS b JOIN plain AS pb ON pb.name = b.name
	  WHERE a.storage = 'external' AND b.storage <> 'main' ORDER BY a.name, b.name, b.storage OFFSET 0) AS x
WHERE segment_intersect_count(a, b) <> segment_intersect_count(pa, pb) OR (a && b) <> (pa && pb) OR (a @> b) <> (pa @> pb)
	OR segment_intersect_count(b, a) <> segment_intersect_count(a, b) OR (a & b) <> (pa & pb);
-- a value that is replaced: what was kept is that of the old one only
DO $$
DECLARE
	found boolean[] := '{}';
	one record;
BEGIN
	FOR i IN 1 .. 6 LOOP
		UPDATE stored SET s = CASE WHEN i % 2 = 0 THEN s | 12345678901 ELSE s - 12345678901 END WHERE name = 'isolated';
		FOR one IN SELECT bool_and(s @> 12345678901) AS all_of_them, bool_or(s @> 12345678901) AS any_of_them FROM stored, generate_series(1, 3) WHERE name = 'isolated' LOOP
			ASSERT one.all_of_them = (i % 2 = 0) AND one.any_of_them = (i % 2 = 0), format('step %s', i);
		END LOOP;
	END LOOP;
END
$$;

SET client_min_messages = warning;
DROP SCHEMA segment_test CASCADE;
