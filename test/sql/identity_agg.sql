--
-- identity: aggregates.  Against a recursive query on random graphs, in any
-- order, any plan, any partition into partial maps: always the same bytes.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP SCHEMA IF EXISTS identity_test CASCADE;
RESET client_min_messages;
CREATE SCHEMA identity_test;
SET search_path = identity_test, public;
\pset null NULL
\set SHOW_CONTEXT never

--
-- NULLs, no rows, and the clauses that aggregates know
--
SELECT identity_merge(ids), identity_merge(a, b), identity_merge(x, y), identity_map_union_agg(m)
FROM (SELECT '{a}'::text[] AS ids, 'a' AS a, 'b' AS b, 1::bigint AS x, 2::bigint AS y, '{}'::identity_map AS m WHERE false) AS none;
SELECT identity_merge(ids), identity_merge(a, b), identity_merge(x, y), identity_map_union_agg(m)
FROM (VALUES (NULL::text[], NULL::text, NULL::text, NULL::bigint, NULL::bigint, NULL::identity_map), ('{}', NULL, NULL, NULL, NULL, NULL), ('{NULL,NULL}', NULL, NULL, NULL, NULL, NULL)) AS v(ids, a, b, x, y, m);
SELECT identity_merge(ids), identity_merge(a, b), identity_merge(x, y), identity_map_union_agg(m)
FROM (VALUES (NULL::text[], NULL::text, NULL::text, NULL::bigint, NULL::bigint, NULL::identity_map), ('{b,NULL,a}', NULL, 'c', 3, NULL, '{}'), ('{NULL,c}', 'b', NULL, NULL, 2, NULL), ('{d,d}', 'a', 'a', 1, 1, '{{"x"}}'), ('{}', 'c', 'b', 2, 9, '{{"y","x"}}')) AS v(ids, a, b, x, y, m);
-- arrays of every shape; an empty string is an identifier
SELECT identity_merge(ids) FROM (VALUES ('{{a,b},{c,NULL}}'::text[]), ('[5:6]={d,e}'), ('{{{f}}}'), (ARRAY['', 'g']), (string_to_array('a h', ' '))) AS v(ids);
SELECT identity_merge(a, b) FILTER (WHERE a <> 'b'), identity_merge(DISTINCT a, b), identity_merge(a, b ORDER BY b DESC) FROM (VALUES ('a', 'b'), ('b', 'c'), ('d', 'e'), ('a', 'b')) AS v(a, b);
SELECT identity_map_union_agg(m) FROM (VALUES ('{{1}}'::identity_map), ('{{"a"}}')) AS v(m);
SELECT identity_map_union_agg(m) FROM (VALUES ('{}'::identity_map), ('{}')) AS v(m);
-- equal values of different types are different people
SELECT identity_merge(ARRAY[identifier('card', v), identifier('email', e)]) FROM (VALUES ('1001', 'a@x.com'), (NULL, '1001@x.com')) AS v(v, e);

--
-- thousands of random graphs against a recursive query
--
CREATE TABLE edges AS
SELECT g, (hashint8extended(g * 1000 + i, 1) & 1073741823) % (3 + g % 11) AS a,
	CASE WHEN (hashint8extended(g * 1000 + i, 3) & 7) > 0 THEN (hashint8extended(g * 1000 + i, 2) & 1073741823) % (3 + g % 11) END AS b
FROM generate_series(1, 2000) AS g, generate_series(1, 1 + g % 13) AS i;
CREATE TABLE truth AS
WITH RECURSIVE link AS (
	SELECT g, a, b FROM edges WHERE b IS NOT NULL UNION SELECT g, b, a FROM edges WHERE b IS NOT NULL UNION SELECT g, a, a FROM edges
), reach AS (
	SELECT g, a AS id, a AS other FROM link
	UNION
	SELECT reach.g, reach.id, link.b FROM reach JOIN link ON link.g = reach.g AND link.a = reach.other
)
SELECT g, id, min(other) AS smallest FROM reach GROUP BY g, id;
CREATE TABLE numbered AS
SELECT g, id, dense_rank() OVER (PARTITION BY g ORDER BY smallest) AS customer FROM truth;

CREATE TABLE merged AS
SELECT g, identity_merge(a, b) AS numbers, identity_merge(chr(97 + a::integer), chr(97 + b::integer)) AS texts,
	identity_merge(ARRAY[NULL, chr(97 + b::integer), chr(97 + a::integer)]) AS arrays
FROM edges GROUP BY g;
SELECT count(DISTINCT g) AS graphs, count(*), count(*) FILTER (WHERE n.id IS NULL OR m.id IS NULL) AS wrong
FROM numbered AS n FULL JOIN (SELECT g, r.* FROM merged, identity_members_bigint(numbers) AS r) AS m USING (g, id, customer);
SELECT count(*), count(*) FILTER (WHERE n.id IS NULL OR m.id IS NULL) AS wrong
FROM numbered AS n FULL JOIN (SELECT g, ascii(identifier) - 97 AS id, customer FROM merged, identity_members(texts)) AS m USING (g, id, customer);
SELECT bool_and(texts = arrays) AS same, bool_and(identity_count(texts) = identity_count(numbers)) AS same_count,
	bool_and(numbers::text::identity_map = numbers AND texts::text::identity_map = texts) AS text_form FROM merged;

-- rows of many identifiers are so many pairs
SELECT count(*), bool_and(a.m = b.m) AS same
FROM (SELECT g, identity_merge(ids) AS m FROM (SELECT g, array_agg('id' || a) || array_agg('id' || b) AS ids FROM edges GROUP BY g, a % 4) AS v GROUP BY g) AS a
JOIN (SELECT g, identity_merge('id' || x, 'id' || y) AS m
	FROM (SELECT g, a AS x, lag(a) OVER (PARTITION BY g, a % 4 ORDER BY a) AS y FROM edges
		UNION ALL SELECT g, b, max(a) OVER (PARTITION BY g, a % 4) FROM edges) AS v GROUP BY g) AS b USING (g);

--
-- every permutation and every split of five rows gives the same bytes
--
CREATE TABLE five AS
SELECT g, i, a, b, row_number() OVER (PARTITION BY g ORDER BY i) - 1 AS place FROM (SELECT g, row_number() OVER () AS i, a, b FROM edges WHERE g % 13 = 4 AND g < 300) AS e;
SELECT count(*) AS rows, count(DISTINCT g) AS graphs, min(place), max(place) FROM five;
CREATE TABLE permutations AS
WITH RECURSIVE p AS (
	SELECT ARRAY[]::bigint[] AS places UNION ALL SELECT places || n FROM p, generate_series(0::bigint, 4) AS n WHERE n <> ALL (places)
)
SELECT places FROM p WHERE cardinality(places) = 5;
SELECT count(*), count(DISTINCT (g, m)) AS different
FROM (SELECT g, places, identity_merge('id' || a, 'id' || b ORDER BY array_position(places, place)) AS m FROM five, permutations GROUP BY g, places) AS v;
SELECT count(*), count(DISTINCT (g, m)) AS different
FROM (SELECT g, split, identity_map_union_agg(part ORDER BY hashint8(split + which)) AS m
	FROM (SELECT g, split, split / (3 ^ place)::integer % 3 AS which, identity_merge('id' || a, 'id' || b) AS part FROM five, generate_series(0, 242) AS split GROUP BY 1, 2, 3) AS parts
	GROUP BY g, split) AS v;

--
-- around the sizes at which a state changes: small, expanded, with a larger table
--
CREATE FUNCTION identity_test.chain(n integer, long integer) RETURNS identity_map LANGUAGE sql
RETURN (SELECT identity_merge(lpad(i::text, long, 'x'), lpad((i - i % 3)::text, long, 'x')) FROM generate_series(1, n) AS i);
SELECT long, count(*), bool_and(identity_count(m) = 1 + n / 3 - (n < 1)::integer) AS counts, bool_and(m = (SELECT identity_map_union_agg(p) FROM (
	SELECT identity_merge(lpad(i::text, long, 'x'), lpad((i - i % 3)::text, long, 'x')) AS p FROM generate_series(1, n) AS i GROUP BY i % 2) AS parts)) AS same
FROM unnest(ARRAY[3, 7, 40, 253, 254, 255, 256, 1100, 4095, 4097]) AS long, unnest(ARRAY[1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 66, 127, 129, 700]) AS n,
	LATERAL (SELECT identity_test.chain(n, long) AS m) AS v GROUP BY long ORDER BY long;
SELECT identity_count(m), length(identity_map_send(m)) FROM (SELECT identity_merge(repeat(chr(97 + i), 1048576), 'same') AS m FROM generate_series(0, 9) AS i) AS v;
SELECT identity_count(m), (SELECT sum(size * customers) FROM identity_sizes(m))
FROM (SELECT identity_merge(ARRAY(SELECT 'id' || i FROM generate_series(g * 2000, g * 2000 + 2000) AS i)) AS m FROM generate_series(0, 9) AS g) AS v;

-- a hundred thousand rows of a star, of a path upwards, downwards and from the middle
SELECT identity_count(identity_merge(i, 0)), identity_count(identity_merge(i, i + 1)), identity_count(identity_merge(100000 - i, 100001 - i)),
	identity_count(identity_merge(i, i / 2)), identity_count(identity_merge(i, -i)), identity_count(identity_merge(i, i + 1) FILTER (WHERE i % 2 = 0))
FROM generate_series(1, 100000) AS i;
-- first apart, then linked from the new ones to the old ones
SELECT identity_count(identity_merge(i, CASE WHEN round = 1 THEN i + 1 END ORDER BY round, i DESC)) FROM generate_series(1, 20000) AS i, generate_series(0, 1) AS round;

--
-- parallel plans
--
CREATE TABLE links AS
SELECT (hashint8extended(i, 5) & 1073741823) % 30000 AS a, (hashint8extended(i, 6) & 1073741823) % 30000 AS b FROM generate_series(1, 24000) AS i;
ANALYZE links;
CREATE TABLE serial AS
SELECT identity_merge(a, b) AS numbers, identity_merge('id' || a, 'id' || b) AS texts, identity_merge(ARRAY['id' || a, NULL, 'id' || b]) AS arrays, identity_merge('客户' || a, '客户' || b) AS wide,
	identity_suspects_agg(ARRAY['id' || a, 'id' || b]) AS suspects, identity_path_agg(ARRAY['id' || a, 'id' || b], 'id10000', 'id1') AS path FROM links;
SELECT identity_count(numbers), identity_count(texts), identity_count(arrays), identity_count(wide), jsonb_array_length(suspects), path FROM serial;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT identity_merge(a, b) FROM links;
CREATE TABLE parallel AS
SELECT identity_merge(a, b) AS numbers, identity_merge('id' || a, 'id' || b) AS texts, identity_merge(ARRAY['id' || a, NULL, 'id' || b]) AS arrays, identity_merge('客户' || a, '客户' || b) AS wide,
	identity_suspects_agg(ARRAY['id' || a, 'id' || b]) AS suspects, identity_path_agg(ARRAY['id' || a, 'id' || b], 'id10000', 'id1') AS path FROM links;
SET parallel_leader_participation = off;
CREATE TABLE without_leader AS
SELECT identity_merge(a, b) AS numbers, identity_merge('id' || a, 'id' || b) AS texts, identity_merge(ARRAY['id' || a, NULL, 'id' || b]) AS arrays, identity_merge('客户' || a, '客户' || b) AS wide,
	identity_suspects_agg(ARRAY['id' || a, 'id' || b]) AS suspects, identity_path_agg(ARRAY['id' || a, 'id' || b], 'id10000', 'id1') AS path FROM links;
RESET parallel_leader_participation;
SELECT count(*) FROM (SELECT * FROM serial INTERSECT SELECT * FROM parallel INTERSECT SELECT * FROM without_leader) AS same;
-- groups that are small in the workers
SELECT count(*), bool_and(a.m = b.m) AS same FROM (SELECT g, identity_merge(a, b) AS m FROM edges GROUP BY g) AS a JOIN (SELECT g, numbers AS m FROM merged) AS b USING (g);
-- states of one process are combined without being copied
CREATE TABLE parts (part integer, a bigint, b bigint) PARTITION BY LIST (part);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
INSERT INTO parts SELECT (a + b) % 2, a, b FROM links;
ANALYZE parts;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT identity_merge(a, b) = (SELECT numbers FROM serial) AS numbers, identity_merge('id' || a, 'id' || b) = (SELECT texts FROM serial) AS texts FROM parts;
SELECT count(*), bool_and(m = n) AS same FROM (SELECT a % 50 AS g, identity_merge(a, b) AS m FROM parts GROUP BY 1) AS x JOIN (SELECT a % 50 AS g, identity_merge(a, b) AS n FROM links GROUP BY 1) AS y USING (g);
RESET enable_partitionwise_aggregate;
RESET max_parallel_workers_per_gather;
-- a map a day, united
SELECT identity_map_union_agg(m) = (SELECT texts FROM serial) AS same, identity_map_union_agg(m ORDER BY day DESC) = (SELECT texts FROM serial) AS backwards
FROM (SELECT a % 31 AS day, identity_merge('id' || a, 'id' || b) AS m FROM links GROUP BY 1) AS days;

--
-- as window functions the state goes on after a result
--
SELECT i, identity_merge(a, b) OVER w, identity_map_union_agg(m) OVER w, identity_suspects_agg(ARRAY[a, b]) OVER w, identity_path_agg(ARRAY[a, b], 'a', 'e') OVER w
FROM (VALUES (1, 'a', 'b', '{{"a","b"}}'::identity_map), (2, 'd', 'e', '{{"c"}}'), (3, 'b', 'c', '{{"c","b"}}'), (4, 'd', 'c', NULL)) AS v(i, a, b, m) WINDOW w AS (ORDER BY i);
SELECT count(*), bool_and(identity_count(m) = 1 + i / 10 + (i % 10 > 0)::integer - 1 ) AS counts
FROM (SELECT i, identity_merge('id' || i, 'id' || (i - 1) / 10 * 10 + 1) OVER (ORDER BY i) AS m FROM generate_series(1, 600) AS i) AS v;
SELECT bool_and(a = b) AS same FROM (SELECT identity_merge(x, y) OVER w AS a, (SELECT identity_merge(x2, x2 * 7 % 500) FROM generate_series(greatest(x - 9, 1), x) AS x2) AS b
	FROM (SELECT x, x * 7 % 500 AS y FROM generate_series(1, 300) AS x) AS v WINDOW w AS (ORDER BY x ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)) AS v;

--
-- states of an aggregate without a final function are maps to everybody
--
CREATE AGGREGATE identity_test.raw(text, text) (SFUNC = identity_merge_transition, STYPE = identity_map);
CREATE AGGREGATE identity_test.started(text, text) (SFUNC = identity_merge_transition, STYPE = identity_map, INITCOND = '{{"z"}}', FINALFUNC = identity_map_final);
SELECT raw('a', b) FROM (VALUES ('b'), ('c')) AS v(b);
SELECT started('a', b) FROM (VALUES ('b'), ('z'), (NULL)) AS v(b);
CREATE TABLE raws AS SELECT 1 AS id, raw('id' || a, 'id' || b) AS m FROM links UNION ALL SELECT 2, raw('b', 'a');
SELECT id, m = n AS eq, m <> n AS ne, identity_map_hash(m) = identity_map_hash(n) AS hash, m::text = n::text AS text, identity_map_send(m) = identity_map_send(n) AS send,
	identity_count(m) = identity_count(n) AS count, identity_lookup(m, 'id5') IS NOT DISTINCT FROM identity_lookup(n, 'id5') AS lookup,
	(SELECT count(*) FROM identity_members(m)) AS members, (SELECT max(size) FROM identity_sizes(m)) AS largest
FROM (SELECT id, m, CASE id WHEN 1 THEN (SELECT texts FROM serial) ELSE '{{"a","b"}}' END AS n FROM raws) AS v ORDER BY id;
SELECT identity_map_union_agg(m) = (SELECT identity_merge(a, b) FROM (SELECT 'id' || a AS a, 'id' || b AS b FROM links UNION ALL SELECT 'a', 'b') AS v) AS same FROM raws;

--
-- limits
--
SET portrait.identity_work_mem = '64kB';
SELECT identity_merge(a, b) FROM links;
SELECT identity_merge('id' || a, 'id' || b) FROM links;
SELECT identity_map_union_agg(texts) FROM serial;
SELECT identity_suspects_agg(ARRAY['id' || a, 'id' || b]) FROM links;
SELECT identity_merge(repeat('x', 100000), NULL);
DO $$
BEGIN
	PERFORM identity_merge(a, b) FROM links;
EXCEPTION WHEN out_of_memory THEN
	RAISE NOTICE '%', sqlstate;
END
$$;
SELECT count(*) FROM (SELECT identity_merge(a, b) AS m FROM links GROUP BY a) AS small;
\set VERBOSITY sqlstate
SET portrait.identity_work_mem = '1kB';
\set VERBOSITY default
RESET portrait.identity_work_mem;
SHOW portrait.identity_work_mem;

-- it can be stopped, while rows come and after them
SET statement_timeout = 200;
SELECT identity_merge(i, i * 7) FROM generate_series(1, 100000000) AS i;
SELECT identity_merge(ARRAY['id' || i % 1000, 'id' || i]) FROM generate_series(1, 100000000) AS i;
RESET statement_timeout;

--
-- nobody but the executor calls what is behind an aggregate
--
SELECT identity_merge_transition('{{"a"}}'::identity_map, 'a', 'b');
SELECT identity_merge_transition(NULL::identity_map, 1, 2);
SELECT identity_merge_transition('{{1}}'::identity_map, ARRAY['a']);
SELECT identity_map_union_transition('{{1}}', '{{2}}');
SELECT identity_map_final('{{1}}');
SELECT identity_path_transition('\x', ARRAY['a'], 'a', 'b');
SELECT identity_suspects_transition('\x', ARRAY['a']);
SELECT identity_rows_combine('\x', '\x');
SELECT identity_path_final('\x');
SELECT identity_suspects_final('\x');
-- and states from elsewhere are looked at
CREATE AGGREGATE identity_test.mixed(bigint, bigint) (SFUNC = identity_merge_transition, STYPE = identity_map, INITCOND = '{{"a"}}');
SELECT mixed(1, 2);
CREATE FUNCTION identity_test.hostile(state text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('CREATE AGGREGATE identity_test.h(text[]) (SFUNC = identity_suspects_transition, STYPE = bytea, INITCOND = %L, FINALFUNC = identity_suspects_final)', state);
	EXECUTE format('CREATE AGGREGATE identity_test.p(text[], text, text) (SFUNC = identity_path_transition, STYPE = bytea, INITCOND = %L, FINALFUNC = identity_path_final)', state);
	EXECUTE format('CREATE AGGREGATE identity_test.c(bytea) (SFUNC = identity_rows_combine, STYPE = bytea, INITCOND = %L, FINALFUNC = identity_suspects_final)', state);
	BEGIN
		EXECUTE 'SELECT identity_test.h(ARRAY[''a''])' INTO result;
	EXCEPTION WHEN OTHERS THEN
		result := sqlerrm;
	END;
	BEGIN
		result := result || E'\n' || coalesce(identity_test.p(ARRAY['a'], 'a', 'b')::text, 'NULL');
	EXCEPTION WHEN OTHERS THEN
		result := result || E'\n' || sqlerrm;
	END;
	BEGIN
		result := result || E'\n' || identity_test.c(state::bytea)::text;
	EXCEPTION WHEN OTHERS THEN
		result := result || E'\n' || sqlerrm;
	END;
	DROP AGGREGATE identity_test.h(text[]), identity_test.p(text[], text, text), identity_test.c(bytea);
	RETURN result;
END
$$;
SELECT state, identity_test.hostile(state)
FROM unnest(ARRAY['\x', '\x01', '\x010000001000000000000000', '\x01000000ffffffff00000000', '\x010000001000000005000000', '\x010100001000000000000000', '\x0101000018000000000000000000000000000000', '\x01010000180000000000000000ffffff00ffffff',
	'\x0100000014000000010000000100000000', '\x01000000180000000100000001000000ffffffff', '\x010000001400000001000000ffffffff', '\x010000001400000001000000000000000000', '\x02000000100000000000000000']) AS state;
SET client_min_messages = warning;
DROP SCHEMA identity_test CASCADE;
