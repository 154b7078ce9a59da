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
