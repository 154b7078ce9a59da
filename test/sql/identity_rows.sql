--
-- identity: why two identifiers are one customer, and which of them looks wrong
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP SCHEMA IF EXISTS identity_rows_test CASCADE;
RESET client_min_messages;
CREATE SCHEMA identity_rows_test;
SET search_path = identity_rows_test, public;
\pset null NULL
\set SHOW_CONTEXT never

--
-- chains
--
SELECT identity_path_agg(ids, 'a', 'b'), identity_path_agg(ids, 'a', 'a'), identity_path_agg(ids, 'a', 'x'), identity_path_agg(ids, 'x', 'x') FROM (VALUES (ARRAY['a', 'b'])) AS v(ids);
SELECT identity_path_agg(ids, 'a', 'b') FROM (SELECT ARRAY['a'] AS ids WHERE false) AS none;
SELECT identity_path_agg(ids, 'a', 'b'), identity_suspects_agg(ids) FROM (VALUES (NULL::text[]), ('{}'), ('{NULL}')) AS v(ids);
-- of the shortest chains the first in bytewise order, whatever order the rows have
SELECT identity_path_agg(ids, 'a', 'z'), identity_path_agg(ids, 'z', 'a'), identity_path_agg(ids, 'a', 'z' ORDER BY ids DESC)
FROM (VALUES ('{a,n}'::text[]), ('{a,m}'), ('{m,z}'), ('{n,z}'), ('{a,B}'), ('{B,é,z}'), ('{a,x1,x2}'), ('{{x2,x3},{NULL,x2}}'), ('{x3,z}')) AS v(ids);
SELECT identity_path_agg(ids, NULL, 'b') FROM (VALUES (ARRAY['a'])) AS v(ids);
SELECT identity_path_agg(ids, 'a', e) FROM (VALUES (ARRAY['a'], 'b'), (ARRAY['a'], 'c')) AS v(ids, e);
SELECT cardinality(identity_path_agg(ARRAY[i, i + 1]::text[], '1', '50001')) FROM generate_series(1, 50000) AS i;
SELECT array_length(identity_path_agg(ARRAY[repeat('x', 100000) || i, repeat('x', 100000) || i + 1], repeat('x', 100000) || 1, repeat('x', 100000) || 9), 1) FROM generate_series(1, 20) AS i;

--
-- suspects
--
SELECT identity_suspects_agg(ids) FROM (VALUES ('{card:1,phone:1}'::text[]), ('{phone:1,device:tablet}'), ('{device:tablet,card:2}'), ('{device:tablet,card:3,phone:3}'), ('{card:3,phone:3}'), ('{device:tablet}')) AS v(ids);
-- a circle has none, a row of two has none; of two customers each counts alone
SELECT identity_suspects_agg(ids) FROM (VALUES ('{a,b}'::text[]), ('{b,c}'), ('{c,a}')) AS v(ids);
SELECT identity_suspects_agg(ids) FROM (VALUES ('{a,b}'::text[]), ('{a,b}'), ('{a}'), ('{b,b}')) AS v(ids);
SELECT identity_suspects_agg(ids) FROM (VALUES ('{a,b}'::text[]), ('{b,c}'), ('{x,y}'), ('{y,z}'), ('{y,w}')) AS v(ids);
SELECT jsonb_array_length(s), s -> 0, s -> -1 FROM (SELECT identity_suspects_agg(ARRAY[i, i + 1]::text[]) AS s FROM generate_series(1, 50000) AS i) AS v;
SELECT identity_suspects_agg(ARRAY['0', i::text]) FROM generate_series(1, 50000) AS i;
SELECT identity_suspects_agg(ARRAY[E'quote " and \\ and \n', i::text]) FROM generate_series(1, 2) AS i;

--
-- random customers: rows of up to three identifiers
--
CREATE TABLE rows AS
SELECT g, i, ARRAY(SELECT chr(97 + ((hashint8extended(g * 10000 + i * 10 + k, 7) & 1073741823) % (4 + g % 9))::integer)
	FROM generate_series(1, 1 + (hashint8extended(g * 100 + i, 8) & 1073741823) % 3) AS k) AS ids
FROM generate_series(1, 100) AS g, generate_series(1, 3 + g % 11) AS i;
CREATE TABLE ids AS SELECT DISTINCT g, id FROM rows, unnest(ids) AS id;
CREATE TABLE near AS SELECT DISTINCT g, a, b FROM rows, unnest(ids) AS a, unnest(ids) AS b WHERE a <> b;

-- distances by breadth-first search
CREATE TABLE distances AS
WITH RECURSIVE step AS (
	SELECT g, id AS a, id AS b, 0 AS distance FROM ids
	UNION
	SELECT step.g, step.a, near.b, distance + 1 FROM step JOIN near ON near.g = step.g AND near.a = step.b WHERE distance < 12
)
SELECT g, a, b, min(distance) AS distance FROM step GROUP BY g, a, b;
CREATE TABLE chains AS
SELECT g, a.id AS a, b.id AS b, (SELECT identity_path_agg(ids, a.id, b.id) FROM rows WHERE rows.g = a.g) AS chain
FROM ids AS a JOIN ids AS b USING (g) WHERE g <= 60;
-- as long as the distance, with its ends, NULL where there is none
SELECT count(*), count(chain), count(*) FILTER (WHERE cardinality(chain) - 1 IS DISTINCT FROM distance) AS wrong_length,
	count(*) FILTER (WHERE chain[1] <> a OR chain[cardinality(chain)] <> b) AS wrong_ends
FROM chains LEFT JOIN distances USING (g, a, b);
-- every two neighbours are together in a row
SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM near WHERE near.g = chains.g AND near.a = chain[k] AND near.b = chain[k + 1])) AS not_together
FROM chains, generate_series(1, cardinality(chain) - 1) AS k;
-- and each step is to the first of those that are nearer
SELECT count(*), count(*) FILTER (WHERE chain[k + 1] COLLATE "C" IS DISTINCT FROM (
	SELECT min(near.b COLLATE "C") FROM near JOIN distances AS d ON d.g = near.g AND d.a = near.b AND d.b = chains.b
	WHERE near.g = chains.g AND near.a = chain[k] AND d.distance = cardinality(chain) - k - 1)) AS not_first
FROM chains, generate_series(1, cardinality(chain) - 1) AS k WHERE g <= 20;

-- suspects: take each identifier away in turn, and look at what is left
CREATE TABLE suspects AS
SELECT g, identity_suspects_agg(ids) AS found FROM rows GROUP BY g;
CREATE TABLE expected AS
SELECT g, jsonb_agg(jsonb_build_object('identifier', id, 'degree', degree, 'pieces', pieces, 'largest', largest) ORDER BY pieces DESC, largest, id COLLATE "C") AS found
FROM (SELECT ids.g, ids.id, (SELECT count(*) FROM rows WHERE rows.g = ids.g AND ids.id = ANY (rows.ids)) AS degree, m.*
	FROM ids, LATERAL (
		SELECT count(*) AS pieces, max(size) AS largest
		FROM (SELECT count(*) AS size
			FROM identity_members((SELECT identity_merge(array_remove(rows.ids, ids.id)) FROM rows WHERE rows.g = ids.g)) AS r
			WHERE EXISTS (SELECT FROM distances AS d WHERE d.g = ids.g AND d.a = ids.id AND d.b = r.identifier)
			GROUP BY customer) AS left_over) AS m
	WHERE pieces > 1) AS v
GROUP BY g;
SELECT count(*), count(*) FILTER (WHERE s.found <> coalesce(e.found, '[]')) AS wrong, sum(jsonb_array_length(s.found)) AS suspects
FROM suspects AS s LEFT JOIN expected AS e USING (g);

-- any order and any partition of the rows
SELECT count(*), bool_and(a = b AND a = c) AS same
FROM (SELECT g, identity_suspects_agg(ids) AS a, identity_suspects_agg(ids ORDER BY i DESC) AS b, identity_suspects_agg(ids ORDER BY hashint4(i)) AS c FROM rows GROUP BY g) AS v;

-- it can be stopped
SET statement_timeout = 200;
SELECT identity_suspects_agg(ARRAY[i, i + 1]::text[]) FROM generate_series(1, 100000000) AS i;
RESET statement_timeout;
SET client_min_messages = warning;
DROP SCHEMA identity_rows_test CASCADE;
