--
-- identity: the type identity_map
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\pset null NULL
\set SHOW_CONTEXT never

-- text is read in any order and written in one
SELECT '{{"a","b"},{"c"}}'::identity_map, ' { { "c" } ,{"b" , "a"} } '::identity_map, '{}'::identity_map, '{{7},{ 5, 1}}'::identity_map,
	'{{-1,+2},{9223372036854775807,-9223372036854775808}}'::identity_map;
SELECT '{{"with \"quotes\" and \\","","客户","{a,b}"}}'::identity_map;
SELECT m = m::text::identity_map AS same, left(m::text, 40) AS text, length(m::text)
FROM (SELECT identity_merge(i, i / 2) AS m FROM generate_series(1, 1001) AS i) AS v;
SELECT m = m::text::identity_map AS same, left(m::text, 40) AS text
FROM (SELECT identity_merge(repeat('x', 60000) || i, NULL) AS m FROM generate_series(1, 2) AS i) AS v;

-- what is no map
CREATE FUNCTION pg_temp.try(text) RETURNS TABLE (state text, message text, detail text)
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE 'SELECT (' || $1 || ')::text' INTO message;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN NEXT;
END
$$;
SELECT input, t.*
FROM unnest(ARRAY['', '{', '{{', '{{}}', '{{"a"}', '{{"a"},}', '{{"a",}}', '{{a}}', '{{"a}}', '{{"a\x"}}', '{{"a"}} x', '{{"a"},{1}}', '{{1},{"a"}}', '{{1,1}}', '{{"a"},{"b","a"}}',
	'{{1.5}}', '{{-}}', '{{9223372036854775808}}', '{{-9223372036854775809}}', 'identity_map:', 'identity_map:AQAB', 'identity_map:####', '"a"', repeat('x', 200)]) AS input,
	LATERAL pg_temp.try(format('%L::identity_map', input)) AS t;

-- binary form: sent and received it is the same
CREATE TEMP TABLE maps AS
SELECT 'empty' AS name, '{}'::identity_map AS m
UNION ALL SELECT 'one', '{{"a"}}'
UNION ALL SELECT 'texts', identity_merge('id:' || i, 'id:' || i / 3) FROM generate_series(1, 100) AS i
UNION ALL SELECT 'wide', identity_merge('客' || i, '户' || i / 2) FROM generate_series(1, 40) AS i
UNION ALL SELECT 'numbers', identity_merge(i::bigint * i, -i) FROM generate_series(1, 100) AS i
UNION ALL SELECT 'apart', identity_merge(i, NULL) FROM generate_series(1, 70) AS i;
SELECT name, length(identity_map_send(m)), identity_count(m) FROM maps ORDER BY name;
CREATE TEMP TABLE received (name text, m identity_map);
-- a file of the server's
SELECT current_setting('data_directory') || '/portrait_identity.bin' AS file \gset
COPY maps TO :'file' (FORMAT binary);
COPY received FROM :'file' (FORMAT binary);
SELECT count(*), bool_and(maps.m = received.m AND identity_map_send(maps.m) = identity_map_send(received.m)) AS same FROM maps JOIN received USING (name);

-- every damage of one byte is an error, or another good map
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	m identity_map;
BEGIN
	-- binary input is reached by text input of base64 too, which checks the same
	m := ('identity_map:' || replace(encode(bytes, 'base64'), E'\n', ''))::identity_map;
	IF identity_map_send(m) <> bytes THEN
		RETURN 'changed';
	END IF;
	PERFORM count(*) FROM identity_sizes(m);
	RETURN 'good';
EXCEPTION WHEN invalid_text_representation THEN
	RETURN sqlstate;
END
$$;
SELECT name, count(*) > 100 AS many, count(*) FILTER (WHERE outcome = 'changed') AS changed, count(*) FILTER (WHERE outcome = '22P02') > count(*) / 2 AS mostly_errors
FROM maps, generate_series(0, length(identity_map_send(m)) - 1) AS place, unnest(ARRAY[1, 128, 255]) AS flip,
	LATERAL (SELECT pg_temp.receive(set_byte(identity_map_send(m), place, get_byte(identity_map_send(m), place) # flip)) AS outcome) AS tried
WHERE name IN ('texts', 'numbers', 'wide', 'apart') GROUP BY name ORDER BY name;
-- and so is every cut
SELECT count(*), min(outcome), max(outcome)
FROM maps, generate_series(0, length(identity_map_send(m)) - 1) AS place, LATERAL (SELECT pg_temp.receive(substr(identity_map_send(m), 1, place)) AS outcome) AS tried;

-- the binary input function itself: a file of COPY with other bytes in it
CREATE TEMP TABLE hostile (bytes bytea);
INSERT INTO hostile VALUES ('\x'), ('\x01'), ('\x0100000000000000000000'), ('\x020000000000000000000000'), ('\x010001000100000001000000000000000161ff'),
	('\x01000100ffffffffffffffff'), ('\x01000100010000000100000000000000ffffffff0f61'), ('\x010001000100000001000000000000000100'), ('\x0100010601000000010000000000000002c328');
SELECT bytes, t.* FROM hostile, LATERAL pg_temp.try(format('%L::identity_map', 'identity_map:' || encode(bytes, 'base64'))) AS t;
COPY hostile TO :'file' (FORMAT binary);
COPY received (m) FROM :'file' (FORMAT binary);

-- order and hash
SELECT m FROM (VALUES ('{{"b"}}'::identity_map), ('{}'), ('{{"a"}}'), ('{{1}}'), ('{{"a","b"}}'), ('{{"a"},{"b"}}'), ('{}'), (NULL)) AS v(m) ORDER BY m;
SELECT m, count(*) FROM (VALUES ('{{"b"},{"a"}}'::identity_map), ('{{"a"},{"b"}}'), ('{{"a","b"}}')) AS v(m) GROUP BY m ORDER BY m;
SELECT a.m < b.m AS lt, a.m <= b.m AS le, a.m = b.m AS eq, a.m <> b.m AS ne, a.m >= b.m AS ge, a.m > b.m AS gt, identity_map_cmp(a.m, b.m) AS cmp
FROM (VALUES ('{{1}}'::identity_map)) AS a(m), (VALUES ('{{1}}'::identity_map), ('{{1,2}}')) AS b(m);
SELECT bool_and(identity_map_hash(a.m) = identity_map_hash(b.m)) AS same, count(DISTINCT identity_map_hash(a.m)), bool_and(identity_map_hash_extended(a.m, 0) <> identity_map_hash_extended(a.m, 1)) AS seeded
FROM maps AS a JOIN maps AS b ON a.m = b.m::text::identity_map;
CREATE TEMP TABLE keyed (m identity_map PRIMARY KEY);
INSERT INTO keyed VALUES ('{{1,2}}'), ('{{1},{2}}');
INSERT INTO keyed VALUES ('{{2,1}}');

-- questions
SELECT * FROM identity_members('{{"b","c"},{"a"}}');
SELECT * FROM identity_members_bigint('{{5,-5},{7}}');
SELECT identity_members('{{"b","c"},{"a"}}'), identity_members_bigint('{{5,-5},{7}}');
SELECT count(*) FROM identity_members('{}'), identity_members_bigint('{}');
SELECT count(*) FROM identity_members(NULL);
SELECT identity_members('{{1}}');
SELECT * FROM identity_members_bigint('{{"a"}}');
SELECT identity_count('{{"b","c"},{"a"}}'), identity_count('{}'), identity_count(NULL);
SELECT identity_lookup(m, 'a'), identity_lookup(m, 'b'), identity_lookup(m, 'c'), identity_lookup(m, ''), identity_lookup(m, 'bb'), identity_lookup(m, 'd'), identity_lookup(m, NULL::text)
FROM (VALUES ('{{"b","c"},{"a"}}'::identity_map), ('{}')) AS v(m);
SELECT identity_lookup(m, 5), identity_lookup(m, -5::bigint), identity_lookup(m, 7), identity_lookup(m, 6), identity_lookup(m, 9223372036854775807) FROM (VALUES ('{{5,-5},{7}}'::identity_map), ('{}')) AS v(m);
SELECT identity_lookup('{{1}}'::identity_map, 'a');
SELECT identity_lookup('{{"a"}}'::identity_map, 1);
SELECT * FROM identity_sizes('{{"b","c"},{"a"},{"d"}}');
SELECT * FROM identity_sizes('{}');
SELECT * FROM identity_largest('{{"b","c"},{"a"},{"d","e","f","g","h","i","j"}}');
SELECT * FROM identity_largest('{{5,-5},{7}}', n => 1);
SELECT * FROM identity_largest('{{"a"}}', 0);
SELECT * FROM identity_largest('{{"a"}}', -1);

-- rows that the planner expects
CREATE FUNCTION pg_temp.rows(query text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	line text;
BEGIN
	EXECUTE 'EXPLAIN ' || query INTO line;
	RETURN substring(line FROM 'rows=(\d+)');
END
$$;
SELECT pg_temp.rows($$SELECT * FROM identity_members('{{"a","b"},{"c"}}')$$), pg_temp.rows($$SELECT * FROM identity_members(NULL)$$);

-- lookups in a toasted value: from parts of it, from the whole one, and compressed
CREATE TABLE identity_stored (id integer, m identity_map);
INSERT INTO identity_stored
SELECT 1, identity_merge('id:' || i, 'id:' || i / 7) FROM generate_series(1, 20000) AS i WHERE i % 3 > 0 OR i < 7
UNION ALL SELECT 2, identity_merge(i::bigint * 1000003, i::bigint / 7 * 7000021) FROM generate_series(1, 20000) AS i
UNION ALL SELECT 3, identity_merge(repeat('long', 200) || i, repeat('long', 200) || i / 7 * 7) FROM generate_series(1, 2000) AS i;
SELECT id, pg_column_size(m) = length(identity_map_send(m)) AS uncompressed, identity_count(m) FROM identity_stored ORDER BY id;
-- one row a plan reads parts; a join reads the whole one the second time
DO $$
DECLARE
	one record;
	found bigint;
	bad integer := 0;
BEGIN
	FOR one IN SELECT r.* FROM identity_stored, identity_members(m) AS r
		WHERE id = 1 AND hashtext(identifier) % 40 = 0 LOOP
		EXECUTE format('SELECT identity_lookup(m, %L) FROM identity_stored WHERE id = 1', one.identifier) INTO found;
		bad := bad + (found IS DISTINCT FROM one.customer)::integer;
		EXECUTE format('SELECT identity_lookup(m, %L) FROM identity_stored WHERE id = 1', one.identifier || '-') INTO found;
		bad := bad + (found IS NOT NULL)::integer;
	END LOOP;
	RAISE NOTICE '% bad', bad;
END
$$;
SELECT id, count(*), bool_and(identity_lookup(m, identifier) = customer) AS same
FROM identity_stored, identity_members(m) WHERE id IN (1, 3) GROUP BY id ORDER BY id;
SELECT count(*), bool_and(identity_lookup(m, i) = customer) AS same, bool_and(identity_lookup(m, i + 1) IS NULL) AS missing
FROM identity_stored, identity_members_bigint(m) AS r(customer, i) WHERE id = 2;
SELECT identity_lookup(m, 'id:20001'), identity_lookup(m, ''), identity_lookup(m, 'zz') FROM identity_stored WHERE id = 1;
ALTER TABLE identity_stored ALTER m SET STORAGE extended;
CREATE TABLE identity_compressed AS SELECT id, m FROM identity_stored WHERE false;
ALTER TABLE identity_compressed ALTER m SET STORAGE extended;
INSERT INTO identity_compressed SELECT id, identity_map_union_agg(m) FROM identity_stored GROUP BY id;
SELECT pg_column_size(m) < length(identity_map_send(m)) AS compressed, identity_count(m), identity_lookup(m, 'id:777') = (SELECT identity_lookup(m, 'id:777') FROM identity_stored WHERE id = 1) AS same
FROM identity_compressed WHERE id = 1;
SELECT bool_and(c.m = s.m) AS same FROM identity_compressed AS c JOIN identity_stored AS s USING (id);
DROP TABLE identity_stored, identity_compressed;
