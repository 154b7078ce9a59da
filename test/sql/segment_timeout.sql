--
-- segment: whatever takes long can be stopped.  It is promised within half a
-- second of a statement_timeout of 200 ms; a busy machine gets a full one here.
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
		BEGIN
			EXECUTE query;
		EXCEPTION WHEN query_canceled THEN
			result := 'stopped in time';
		WHEN invalid_text_representation THEN
			NULL;					-- at the end of a long text
		END;
		IF clock_timestamp() - start > '1 s' THEN
			result := 'took ' || extract(epoch FROM clock_timestamp() - start) || ' s';
		END IF;
	EXCEPTION WHEN query_canceled THEN
		NULL;						-- just as the query was done
	END;
	RETURN result;
END
$$;

SET statement_timeout = '200ms';

-- these would never end
SELECT pg_temp.stopped($$SELECT count(*) FROM (SELECT segment_members('{-9000000000000000000-200000000000000000}') OFFSET 0) AS m$$);
SELECT pg_temp.stopped($$SELECT count(*) FROM segment_members('{-9223372036854775808--2}')$$);
SELECT pg_temp.stopped($$SELECT segment_split('{0-9000000000000000000}', '{1,2}', 'x')$$);
SELECT pg_temp.stopped($$SELECT segment_split('{0-9000000000000000000}', '{1}', 'x')$$);
SELECT pg_temp.stopped($$SELECT segment_agg(id) FROM (SELECT segment_members('{0-9000000000000000000}') AS id OFFSET 0) AS m$$);
SELECT pg_temp.stopped($$SELECT segment_agg(id * 1000003 % 1000000007) FROM generate_series(1, 9000000000) AS id$$);
SELECT pg_temp.stopped($$SELECT segment_union_agg(segment_add_range('{}', id * 70000, id * 70000 + 7)) FROM generate_series(1, 9000000000) AS id$$);
SELECT pg_temp.stopped($$SELECT segment_at_least_agg(segment_add_range('{}', id, id * 70000), 1000) FROM generate_series(1, 9000000000) AS id$$);

-- one call that takes long, or would; a fast machine may be done before
SELECT pg_temp.stopped($$SELECT segment_sample('{0-9000000000000000000}', 134217728, 'x')$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT segment_sample('{0-9000000000000000000}', 9000000000000000001 - 134217728, 'x')$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT segment_sample('{1-7000000}', 3000000, 'x')$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT segment_to_array('{1-20000000}')$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT ('{' || repeat('9,1,', 4000000) || '5}')::segment$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT ('{' || repeat('1-3,70000-70001,', 1000000) || '5}')::segment$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT ('{' || repeat('0', 20000000) || '}')::segment$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT (repeat(' ', 20000000) || '{}')::segment$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT ('{' || repeat('1-9,', 4000000) || 'x}')::segment$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT ('segment:' || repeat('A', 20000000))::segment$$) NOT LIKE 'took%' AS in_time;
SELECT pg_temp.stopped($$SELECT (SELECT array_agg(i * 1000003::bigint % 1000000007) FROM generate_series(1, 1000000) AS i)::segment$$) NOT LIKE 'took%' AS in_time;
RESET statement_timeout;
