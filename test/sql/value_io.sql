--
-- Text, binary form, order and equality of the types of the module value
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\set SHOW_CONTEXT never

-- values of every type and kind; text is as it was written
CREATE TABLE value_texts (type text, text text);
INSERT INTO value_texts VALUES
	('rfm_summary', '{"orders": 3, "first": "2026-05-01 10:00:00", "last": "2026-06-20 00:00:00.25", "amount": 26.750, "gaps": [10, 40]}'),
	('rfm_summary', '{"orders": 1, "first": "-4713-11-24 00:00:00", "last": "-4713-11-24 00:00:00", "amount": 0.000, "gaps": []}'),
	('rfm_summary', '{"orders": 0, "amount": -12345678901234567890123456789012345678901234567890.5}'),
	('rfm_summary', '{"orders": 0, "amount": 0.0000000000000000000000000000000000000000000000000000000000000000000001}'),
	('rfm_summary', '{"orders": 2, "first": "1999-12-31 23:59:59.999999", "last": "2000-01-01 00:00:00", "amount_double": [0.1, -4.94065645841247e-324], "gaps": [1]}'),
	('rfm_model', '{"bins": 2, "method": "median", "upper_closed": true, "customers": 5, "recency": [30], "frequency": [2], "monetary": [99.5], "customers_by_recency": [2, 3], "customers_by_frequency": [3, 2], "customers_by_monetary": [5, 0]}'),
	('rfm_model', '{"bins": 3, "method": "given", "upper_closed": false, "customers": 0, "recency": [30, 30], "frequency": [-1e+300, 2], "monetary": [0.1, 0.30000000000000004], "customers_by_recency": [0, 0, 0], "customers_by_frequency": [0, 0, 0], "customers_by_monetary": [0, 0, 0]}'),
	('rfm_rules', '{"bins": 2, "rules": [{"r": [1, 1], "f": [1, 2], "m": [1, 2], "name": "a \"b\" \\ \u0009 é"}, {"r": [2, 2], "f": [1, 2], "m": [1, 2], "name": "高"}]}'),
	('pareto', '{"values": [-1.25, 0, [0.1, 300], [2, 20], 1e+300]}'),
	('price_sensitivity', '{"orders": 3, "discounted": 2, "rates": 0.297500000000000, "prices": 300.00, "discounts": 29.75}'),
	('price_sensitivity', '{"orders": 1, "discounted": 0, "rates": 0.000000000000000, "prices": 7, "discounts": 0}'),
	('lifecycle_flow', '{"prospect": {"prospect": 12}, "active": {"active": 1, "at_risk": 56}}'),
	('lifecycle_flow', '{}'),
	('value_pool', '{"columns": 1, "bins": 0, "method": "quantile", "kind": "any", "values": [[-1, [2.5, 3]]]}'),
	('value_pool', '{"columns": 3, "bins": 2, "method": "mean", "kind": "double", "values": [[1, [2.5, 3]], [[1, 4]], [1, 2, 3, 4]]}');
CREATE FUNCTION pg_temp.again(type text, text text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT %L::%I', text, type) INTO result;
	RETURN result;
END $$;
SELECT type, text, pg_temp.again(type, text) AS other
FROM value_texts WHERE pg_temp.again(type, text) <> text ORDER BY 1, 2;
-- white space means nothing
SELECT ' { "values" :[ 1 ,[ 2,3 ]	]
} '::pareto, '{"orders":0,"amount":1}'::rfm_summary, '{ }'::lifecycle_flow;

-- the binary form is the layout, which is for good
CREATE FUNCTION pg_temp.bytes(type text, text text) RETURNS bytea
LANGUAGE plpgsql AS $$
DECLARE
	result bytea;
BEGIN
	EXECUTE format('SELECT %I(%L::%I)', type || '_send', text, type) INTO result;
	RETURN result;
END $$;
SELECT type, pg_temp.bytes(type, text) FROM value_texts ORDER BY type, text COLLATE "C";

-- stored: short headers, compressed, and out of line
CREATE TABLE value_stored (s rfm_summary, m rfm_model, r rfm_rules, p pareto, ps price_sensitivity, f lifecycle_flow, v value_pool);
INSERT INTO value_stored
SELECT rfm_agg(date '2020-01-01' + i * i % 50000, i), rfm_model_agg(i, i, i),
	(SELECT rfm_rules(ARRAY['low', repeat('h', 255)], ARRAY['[1,2]', '[3,]']::int4range[], ARRAY[NULL, NULL]::int4range[], ARRAY[NULL, NULL]::int4range[])),
	pareto_agg(i % 5000), price_sensitivity_agg(i, 20000), lifecycle_flow_agg('new', 'active'),
	'{"columns": 1, "bins": 5, "method": "quantile", "kind": "any", "values": [[1]]}'
FROM generate_series(1, 10000) AS i;
INSERT INTO value_stored
SELECT (SELECT rfm_agg(date '2020-01-01', 1)), (SELECT rfm_model_agg(1, 1, 1, 9)), r, (SELECT pareto_agg(1.0)),
	(SELECT price_sensitivity_agg(1, 1)), '{}', v
FROM value_stored;
SELECT rfm_days(s), (m::jsonb)->'customers' AS customers, rfm_rules_segment(r, 211) AS segment, pareto_count(p), price_sensitivity_orders(ps),
	(SELECT sum(customers) FROM lifecycle_flow_rows(f)) AS flow
FROM value_stored;
SELECT s::text::rfm_summary = s AND m::text::rfm_model = m AND r::text::rfm_rules = r AND p::text::pareto = p
	AND ps::text::price_sensitivity = ps AND f::text::lifecycle_flow = f AS same FROM value_stored;
ALTER TABLE value_stored ALTER s SET STORAGE external, ALTER p SET STORAGE external;
CREATE TABLE value_external (LIKE value_stored INCLUDING STORAGE);
INSERT INTO value_external SELECT (s::text)::rfm_summary, m, r, (p::text)::pareto, ps, f, v FROM value_stored;
SELECT count(*) FROM value_stored AS a JOIN value_external AS b USING (s, m, r, p, ps, f);

-- order and equality: DISTINCT, hash and merge joins, indexes
SELECT count(DISTINCT text::pareto) FROM value_texts, generate_series(1, 2) WHERE type = 'pareto';
SELECT s < t AS lt, s <= t AS le, s = t AS eq, s <> t AS ne, s >= t AS ge, s > t AS gt, rfm_summary_cmp(s, t)
FROM (VALUES ('{"orders": 0, "amount": 1}'::rfm_summary, '{"orders": 0, "amount": 2}'::rfm_summary),
	('{"orders": 0, "amount": 1}', '{"orders": 0, "amount": 1}'), ('{"orders": 0, "amount": 1}', '{"orders": 0, "amount": 1.0}')) AS v(s, t);
SELECT bool_and(rfm_summary_hash(s) = rfm_summary_hash((s::text)::rfm_summary)
	AND rfm_summary_hash_extended(s, 5) = rfm_summary_hash_extended((s::text)::rfm_summary, 5)) AS same FROM value_stored;
CREATE INDEX ON value_stored (m);
CREATE INDEX ON value_stored USING hash (ps);
SET enable_seqscan = off;
SELECT count(*) FROM value_stored WHERE m = (SELECT rfm_model_agg(1, 1, 1, 9));
SELECT count(*) FROM value_stored WHERE ps = (SELECT price_sensitivity_agg(1, 1));
RESET enable_seqscan;

-- a model is jsonb
SELECT jsonb_pretty('{"bins": 2, "method": "median", "upper_closed": true, "customers": 5, "recency": [30], "frequency": [2], "monetary": [99.5], "customers_by_recency": [2, 3], "customers_by_frequency": [3, 2], "customers_by_monetary": [5, 0]}'::rfm_model::jsonb);

-- what is not a value: each error tells the type and where
CREATE FUNCTION pg_temp.wrong(type text, text text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	state text;
	message text;
	detail text;
BEGIN
	EXECUTE format('SELECT %L::%I', text, type);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = returned_sqlstate, message = message_text, detail = pg_exception_detail;
	RETURN format('%s %s %s', state, CASE WHEN message LIKE '%' || type || '%' THEN '' ELSE message END, detail);
END $$;
SELECT n, type, pg_temp.wrong(type, text) FROM (SELECT row_number() OVER () AS n, v.* FROM (VALUES
	('rfm_summary', ''),
	('rfm_summary', '{"orders": -1, "amount": 1}'),
	('rfm_summary', '{"orders": 9223372036854775808, "amount": 1}'),
	('rfm_summary', '{"orders": 0, "amount": 1e5}'),
	('rfm_summary', '{"orders": 0, "amount": NaN}'),
	('rfm_summary', '{"orders": 0, "amount": .5}'),
	('rfm_summary', '{"orders": 0, "amount_double": [1, 1]}'),
	('rfm_summary', '{"orders": 0, "amount_double": [1e999, 0]}'),
	('rfm_summary', '{"orders": 0, "amount_double": [0x10, 0]}'),
	('rfm_summary', '{"orders": 0, "amount": 1} x'),
	('rfm_summary', '{"orders": 1, "amount": 1}'),
	('rfm_summary', '{"orders": 1, "first": "2026-02-29 00:00:00", "last": "2026-03-01 00:00:00", "amount": 1, "gaps": []}'),
	('rfm_summary', '{"orders": 1, "first": "2026-02-28 24:00:00", "last": "2026-03-01 00:00:00", "amount": 1, "gaps": []}'),
	('rfm_summary', '{"orders": 1, "first": "294277-01-01 00:00:00", "last": "294277-01-01 00:00:00", "amount": 1, "gaps": []}'),
	('rfm_summary', '{"orders": 1, "first": "2026-02-28 00:00:00", "last": "2026-03-01 00:00:00", "amount": 1, "gaps": [1]}'),
	('rfm_summary', '{"orders": 2, "first": "2026-02-28 00:00:00", "last": "2026-03-01 00:00:00", "amount": 1, "gaps": [2]}'),
	('rfm_summary', '{"orders": 2, "first": "2026-02-28 00:00:00", "last": "2026-02-28 00:00:00", "amount": 1, "gaps": [0]}'),
	('rfm_summary', '{"orders": 2, "first": "2026-02-28 00:00:01", "last": "2026-02-28 00:00:00", "amount": 1, "gaps": []}'),
	('rfm_model', '{"bins": 10}'),
	('rfm_model', '{"bins": 2, "method": "ntile"}'),
	('rfm_model', '{"bins": 2, "method": "given", "upper_closed": yes}'),
	('rfm_model', '{"bins": 3, "method": "given", "upper_closed": false, "customers": 0, "recency": [3, 2], "frequency": [1, 2], "monetary": [1, 2], "customers_by_recency": [0, 0, 0], "customers_by_frequency": [0, 0, 0], "customers_by_monetary": [0, 0, 0]}'),
	('rfm_model', '{"bins": 2, "method": "mean", "upper_closed": false, "customers": 2, "recency": [3], "frequency": [1], "monetary": [1], "customers_by_recency": [1, 1], "customers_by_frequency": [2, 0], "customers_by_monetary": [2, 1]}'),
	('rfm_model', '{"bins": 3, "method": "mean", "upper_closed": false, "customers": 1, "recency": [3, 3], "frequency": [1, 2], "monetary": [1, 2], "customers_by_recency": [1, 0, 0], "customers_by_frequency": [1, 0, 0], "customers_by_monetary": [1, 0, 0]}'),
	('rfm_rules', '{"bins": 2, "rules": []}'),
	('rfm_rules', '{"bins": 2, "rules": [{"r": [1, 1], "f": [1, 2], "m": [1, 2], "name": "a"}]}'),
	('rfm_rules', '{"bins": 2, "rules": [{"r": [1, 3], "f": [1, 2], "m": [1, 2], "name": "a"}]}'),
	('rfm_rules', '{"bins": 2, "rules": [{"r": [1, 2], "f": [1, 2], "m": [1, 2], "name": ""}]}'),
	('rfm_rules', '{"bins": 2, "rules": [{"r": [1, 2], "f": [1, 2], "m": [1, 2], "name": "\u0000"}]}'),
	('rfm_rules', '{"bins": 2, "rules": [{"r": [1, 2], "f": [1, 2], "m": [1, 2], "name": "a'),
	('pareto', '{"values": []}'),
	('pareto', '{"values": [2, 1]}'),
	('pareto', '{"values": [1, 1]}'),
	('pareto', '{"values": [[1, 0]]}'),
	('pareto', '{"values": [[1, 134217728], 2]}'),
	('pareto', '{"values": [Infinity]}'),
	('price_sensitivity', '{"orders": 0, "discounted": 0, "rates": 0.000000000000000, "prices": 7, "discounts": 0}'),
	('price_sensitivity', '{"orders": 1, "discounted": 2, "rates": 0.000000000000000, "prices": 7, "discounts": 0}'),
	('price_sensitivity', '{"orders": 1, "discounted": 1, "rates": 1.000000000000001, "prices": 7, "discounts": 1}'),
	('price_sensitivity', '{"orders": 1, "discounted": 1, "rates": 0.5, "prices": 7, "discounts": 1}'),
	('price_sensitivity', '{"orders": 1, "discounted": 1, "rates": 0.500000000000000, "prices": 7.0, "discounts": 1}'),
	('price_sensitivity', '{"orders": 1, "discounted": 1, "rates": 0.500000000000000, "prices": 7, "discounts": 8}'),
	('price_sensitivity', '{"orders": 1, "discounted": 0, "rates": 0.000000000000000, "prices": 999999999999999999999999999999999999999, "discounts": 0}'),
	('lifecycle_flow', '{"asleep": {"lost": 1}}'),
	('lifecycle_flow', '{"lost": {"new": 0}}'),
	('lifecycle_flow', '{"lost": {"new": 1}, "new": {"new": 1}}'),
	('lifecycle_flow', '{"lost": {"new": 9223372036854775807, "lost": 1}}'),
	('value_pool', '{"columns": 2, "bins": 5, "method": "quantile", "kind": "any", "values": [[1], [2]]}'),
	('value_pool', '{"columns": 3, "bins": 10, "method": "quantile", "kind": "any", "values": [[1], [2], [3]]}'),
	('value_pool', '{"columns": 3, "bins": 5, "method": "quantile", "kind": "any", "values": [[1], [2, 3], [3]]}')) AS v(type, text)) AS x ORDER BY n;

-- an aggregate that somebody makes of our parts meets states that ours never have
CREATE AGGREGATE breaks_of_pools(value_pool) (SFUNC = value_pool_combine, STYPE = value_pool, FINALFUNC = value_breaks_agg_final);
CREATE AGGREGATE model_of_pools(value_pool) (SFUNC = value_pool_combine, STYPE = value_pool, FINALFUNC = rfm_model_agg_final);
\set VERBOSITY sqlstate
SELECT breaks_of_pools('{"columns": 1, "bins": 0, "method": "quantile", "kind": "any", "values": [[1, 2]]}');
SELECT model_of_pools('{"columns": 1, "bins": 5, "method": "quantile", "kind": "any", "values": [[1, 2]]}');
\set VERBOSITY default
SELECT breaks_of_pools('{"columns": 1, "bins": 2, "method": "quantile", "kind": "any", "values": [[1, 3]]}');
DROP AGGREGATE breaks_of_pools(value_pool), model_of_pools(value_pool);

DROP TABLE value_texts, value_stored, value_external;
