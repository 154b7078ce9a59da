-- A retailer of BENCH_CUSTOMERS customers (1 M): ten orders and ten attributes a customer,
-- 60 tags of some 2,000 values, and 20 segments; a managed portrait of it, and the same tags by plain
-- SQL in a tall table and as an array a customer.  How long both took is in "portrait_took".
-- Plain SQL is told the customers' numbers, and nets nothing, as nothing was taken back.

-- setup
\set customers 1000000
\getenv customers BENCH_CUSTOMERS
CREATE TABLE portrait_order AS
	SELECT customer, 'A' || customer AS account, 'O' || i AS order_id,
		timestamp '2025-01-01' + bench.noise(i, 2) % 31536000 * interval '1 second' AS paid_at,
		((bench.noise(i, 3) % 50000 + 1) / 100.0)::numeric(10, 2) AS paid,
		'P' || bench.noise(i, 4) % 200 AS product, 'S' || bench.noise(i, 5) % 100 AS store,
		'B' || bench.noise(i, 6) % 60 AS brand, 'C' || bench.noise(i, 7) % 20 AS category,
		'H' || bench.noise(i, 8) % 5 AS channel, 'K' || bench.noise(i, 9) % 5 AS promotion_kind
	FROM (SELECT i, bench.noise(i, 1) % :customers AS customer FROM generate_series(1, 10 * :customers) AS i) AS o;
-- attribute a00 is known of all and has ten values, the others of half of all and have 60
CREATE TABLE portrait_attribute AS
	SELECT c AS customer, 'A' || c AS account, 'a' || lpad(a::text, 2, '0') AS name,
		'v' || bench.noise(c, 100 + a) % CASE a WHEN 0 THEN 10 ELSE 60 END AS value
	FROM generate_series(0, :customers - 1) AS c, generate_series(0, 19) AS a
	WHERE a = 0 OR bench.noise(c, 200 + a) % 2 = 0;
VACUUM ANALYZE portrait_order;
VACUUM ANALYZE portrait_attribute;
CREATE TABLE portrait_took (side text, ms double precision);

-- What each tag is, for either side: {who}, {orders}, {lines} and {attributes} are its own
CREATE TABLE portrait_tags AS
	SELECT 'a' || lpad(a::text, 2, '0') AS path, false AS multiple,
		format('SELECT {who}, value FROM {attributes} WHERE name = %L', 'a' || lpad(a::text, 2, '0')) AS query
	FROM generate_series(0, 19) AS a
	UNION ALL
	SELECT format('orders_%sd', 18 * k), false,
		format('SELECT {who}, count(*) AS value FROM {orders} WHERE paid_at >= %L GROUP BY {who}', timestamp '2026-01-01' - 18 * k * interval '1 day')
	FROM generate_series(1, 20) AS k
	UNION ALL
	SELECT format('%s_%sd', dimension, days), true,
		format('SELECT DISTINCT {who}, %I AS value FROM {lines} WHERE paid_at >= %L', dimension, timestamp '2026-01-01' - days * interval '1 day')
	FROM unnest('{product,store,brand,category,channel,promotion_kind}'::text[]) AS dimension, unnest('{30,90,365}'::integer[]) AS days
	UNION ALL
	SELECT format('%s_7d', dimension), true,
		format('SELECT DISTINCT {who}, %I AS value FROM {lines} WHERE paid_at >= %L', dimension, timestamp '2026-01-01' - 7 * interval '1 day')
	FROM unnest('{store,channel}'::text[]) AS dimension;

-- setup
-- side: portrait
SELECT portrait_create('bench_shop', 'UTC');
SELECT portrait_source('bench_shop', 'orders', 'orders', 'SELECT account, order_id, paid_at, paid, product, store, brand, category, channel, promotion_kind FROM portrait_order', '{account@''mall''}');
SELECT portrait_source('bench_shop', 'attributes', 'attributes', 'SELECT account, name, value FROM portrait_attribute', '{account@''mall''}');
SELECT portrait_tag('bench_shop', path, replace(replace(replace(replace(query,
	'{who}', 'customer'), '{orders}', 'w_order'), '{lines}', 'w_line'), '{attributes}', 'w_attribute'), multiple => multiple)
FROM portrait_tags;
SELECT portrait_segment('bench_shop', 's' || n, format('a00 = v%s and category_365d = C%s', n % 10, n)) FROM generate_series(0, 19) AS n;
INSERT INTO portrait_took SELECT 'portrait', -1000 * extract(epoch FROM clock_timestamp());
CALL portrait_refresh('bench_shop', '2026-01-01 00:00Z');
UPDATE portrait_took SET ms = ms + 1000 * extract(epoch FROM clock_timestamp()) WHERE side = 'portrait';

-- setup
-- side: plain
CREATE TABLE portrait_tall (tag text COLLATE "C", value text COLLATE "C", customer bigint);
INSERT INTO portrait_took SELECT 'plain', -1000 * extract(epoch FROM clock_timestamp());
DO $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT * FROM portrait_tags LOOP
		EXECUTE format('INSERT INTO portrait_tall (tag, customer, value) SELECT %L, q.* FROM (%s) AS q', t.path,
			replace(replace(replace(replace(t.query, '{who}', 'customer'), '{orders}', 'portrait_order'),
				'{lines}', 'portrait_order'), '{attributes}', 'portrait_attribute'));
	END LOOP;
END $$;
CREATE INDEX ON portrait_tall (tag, value, customer);
CREATE INDEX ON portrait_tall (customer);
ANALYZE portrait_tall;
UPDATE portrait_took SET ms = ms + 1000 * extract(epoch FROM clock_timestamp()) WHERE side = 'plain';
VACUUM portrait_tall;
CREATE TABLE portrait_array AS
	SELECT customer, array_agg(tag || '=' || value) AS tags FROM portrait_tall WHERE tag NOT LIKE 'orders%' GROUP BY customer;
CREATE INDEX ON portrait_array USING gin (tags) WITH (fastupdate = off);
VACUUM ANALYZE portrait_array;

-- setup
-- Twenty rules of 2 to 8 leaves: some of these values, all of those, none of the last
CREATE TABLE portrait_rule AS
	SELECT n, array_agg(leaf ORDER BY k) AS leaves
	FROM (
		SELECT n, k, CASE bench.noise(n * 8 + k, 11) % 4
			WHEN 0 THEN ARRAY['channel_365d', 'H' || bench.noise(n * 8 + k, 12) % 5]
			WHEN 1 THEN ARRAY['category_365d', 'C' || bench.noise(n * 8 + k, 12) % 20]
			WHEN 2 THEN ARRAY['promotion_kind_90d', 'K' || bench.noise(n * 8 + k, 12) % 5]
			ELSE ARRAY['a00', 'v' || bench.noise(n * 8 + k, 12) % 10] END AS leaf
		FROM generate_series(1, 20) AS n, generate_series(1, 2 + n % 7) AS k
	) AS l GROUP BY n;
CREATE TABLE portrait_asked AS
	SELECT n,
		(SELECT '(' || string_agg(format('%s = %s', leaves[k][1], leaves[k][2]), ' or ') FILTER (WHERE k <= leaf_any) || ')'
			|| coalesce(' and ' || string_agg(format('%s = %s', leaves[k][1], leaves[k][2]), ' and ') FILTER (WHERE k > leaf_any AND k < leaf_count), '')
			|| format(' and not (%s = %s)', leaves[leaf_count][1], leaves[leaf_count][2])
		FROM generate_series(1, leaf_count) AS k) AS rule,
		(SELECT format('SELECT count(*) FROM ((%s) %s EXCEPT SELECT customer FROM portrait_tall WHERE tag = %L AND value = %L) AS r',
			string_agg(format('SELECT customer FROM portrait_tall WHERE tag = %L AND value = %L', leaves[k][1], leaves[k][2]), ' UNION ') FILTER (WHERE k <= leaf_any),
			string_agg(format('INTERSECT SELECT customer FROM portrait_tall WHERE tag = %L AND value = %L', leaves[k][1], leaves[k][2]), ' ') FILTER (WHERE k > leaf_any AND k < leaf_count),
			leaves[leaf_count][1], leaves[leaf_count][2])
		FROM generate_series(1, leaf_count) AS k) AS tall,
		(SELECT format('SELECT count(*) FROM portrait_array WHERE tags && %L %s AND NOT tags @> %L',
			array_agg(leaves[k][1] || '=' || leaves[k][2]) FILTER (WHERE k <= leaf_any),
			'AND tags @> ' || quote_literal(array_agg(leaves[k][1] || '=' || leaves[k][2]) FILTER (WHERE k > leaf_any AND k < leaf_count)),
			ARRAY[leaves[leaf_count][1] || '=' || leaves[leaf_count][2]])
		FROM generate_series(1, leaf_count) AS k) AS gin
	FROM (SELECT n, leaves, array_length(leaves, 1) AS leaf_count, greatest(1, array_length(leaves, 1) / 2) AS leaf_any FROM portrait_rule) AS r;
CREATE FUNCTION bench.count_by(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE query INTO n;
	RETURN n;
END $$;
