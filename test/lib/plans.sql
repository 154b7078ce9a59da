/*
 * What EXPLAIN tells, for tests.
 *
 *	\getenv test_dir PG_ABS_SRCDIR
 *	\set plans :test_dir '/lib/plans.sql'
 *	\set ECHO none
 *	\i :plans
 *	\set ECHO all
 */

-- The plan as text
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		-- told from 18 on
		IF line !~ 'Disabled' THEN
			RETURN NEXT line;
		END IF;
	END LOOP;
END
$$;

-- What is told of all of it: Plan Rows, Total Cost
CREATE FUNCTION pg_temp.planned(property text, query text) RETURNS float8
LANGUAGE plpgsql
AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan -> 0 -> 'Plan' ->> property;
END
$$;

-- Rows by an index and without it, where they differ; no rows are as good as none
CREATE FUNCTION pg_temp.index_differs(relation regclass, condition text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	query text := format('SELECT string_agg(id::text, '','' ORDER BY id) FROM %s WHERE %s', relation, condition);
	with_index text;
	without text;
BEGIN
	SET LOCAL enable_seqscan = off;
	IF NOT EXISTS (SELECT FROM pg_temp.plan_of(query) AS p WHERE p LIKE '%Bitmap Index Scan%') THEN
		RETURN left(condition, 200) || ' uses no index';
	END IF;
	EXECUTE query INTO with_index;
	SET LOCAL enable_seqscan = on;
	SET LOCAL enable_bitmapscan = off;
	EXECUTE query INTO without;
	SET LOCAL enable_bitmapscan = on;
	RETURN CASE WHEN with_index IS DISTINCT FROM without
		THEN format('%s: %s by index, %s without', left(condition, 200), with_index, without) END;
END
$$;
