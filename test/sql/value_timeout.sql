--
-- The module value: whatever takes long can be stopped
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

CREATE FUNCTION pg_temp.stopped(query text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	start timestamptz := clock_timestamp();
	result text := 'finished in time';
BEGIN
	BEGIN
		EXECUTE query;
	EXCEPTION WHEN query_canceled THEN
		result := 'stopped in time';
	END;
	IF clock_timestamp() - start > '1 s' THEN
		result := 'took ' || extract(epoch FROM clock_timestamp() - start) || ' s';
	END IF;
	RETURN result;
END
$$;

-- a few values stand for very many
CREATE TEMP TABLE large AS
SELECT '{"values": [[1, 60000000], [2, 60000000]]}'::pareto AS p,
	'{"columns": 1, "bins": 5, "method": "quantile", "kind": "any", "values": [[[1, 60000000], [2, 60000000]]]}'::value_pool AS v;
CREATE TEMP TABLE numbers AS SELECT (hashint8(i) % 10000000)::double precision AS v FROM generate_series(1, 300000) AS i;

SET statement_timeout = '150ms';
SELECT pg_temp.stopped($$SELECT pareto_union_agg(p) FROM large$$);
SELECT pg_temp.stopped($$SELECT value_breaks_agg(v, 300, 'jenks') FROM numbers$$);
SELECT pg_temp.stopped($$SELECT rfm_agg(date '2000-01-01' + i, 1) FROM generate_series(1, 900000000) AS i$$);
SELECT pg_temp.stopped($$SELECT rfm_agg(date '2000-01-01' + (i * 7919) % 1000000, 1) FROM generate_series(1, 900000000) AS i$$);
SELECT pg_temp.stopped($$SELECT value_breaks_agg(i, 5) FROM generate_series(1, 900000000) AS i$$);
SELECT pg_temp.stopped($$SELECT rfm_score(v, v, v) OVER () FROM numbers, generate_series(1, 100)$$);
SELECT pg_temp.stopped($$SELECT pareto_class(v) OVER () FROM numbers, generate_series(1, 100)$$);
RESET statement_timeout;
-- and the session goes on
SELECT pareto_count(p), pareto_share(p) FROM large;
SELECT value_breaks_agg(v, 3, 'jenks') IS NOT NULL AS done FROM numbers WHERE v BETWEEN 0 AND 50000;
