/*
 * Tags and segments: how they are declared, and the steps by which a refresh
 * computes them.
 */

-- What portrait_create makes for tags and segments
CREATE FUNCTION @extschema@.portrait_create_tag_views(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $create$
BEGIN
	PERFORM set_config('search_path', format('%I, pg_temp', schema), true);
END
$create$;
COMMENT ON FUNCTION @extschema@.portrait_create_tag_views(schema name) IS
'makes the views on tags and segments, for portrait_create; for example: SELECT portrait_create_tag_views(''shop'')';

-- Steps of a refresh.  A step that fails with an error is rolled back, logged, and its
-- ..._keep() called instead, which takes over the last generation's members (w_run.previous),
-- with numbers of customers brought up to date by w_rekey.

CREATE FUNCTION @extschema@.portrait_refresh_tag_steps(schema name)
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE ROWS 50
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT path FROM %1$I.tag ORDER BY position, path', schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_steps(schema name) IS
'the steps that compute the tags, in order of their dependencies; for example: SELECT portrait_refresh_tag_steps(''shop'')';

CREATE FUNCTION @extschema@.portrait_refresh_tag(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag(schema name, generation bigint, as_of timestamptz, subject text) IS
'the step of a refresh that computes a tag, or several that are computed together; for example: SELECT portrait_refresh_tag(''shop'', 17, ''2026-01-01Z'', ''rfm.segment'')';

CREATE FUNCTION @extschema@.portrait_refresh_tag_keep(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_keep(schema name, generation bigint, as_of timestamptz, subject text) IS
'takes over the last state of a tag whose step failed; for example: SELECT portrait_refresh_tag_keep(''shop'', 17, ''2026-01-01Z'', ''rfm.segment'')';

CREATE FUNCTION @extschema@.portrait_refresh_tag_index(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_refresh_index(schema, generation, t)
	FROM unnest('{tag_member,tag_value,tag_range,segment_member}'::name[]) AS t;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_index(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that indexes the tags when all are computed; for example: SELECT portrait_refresh_tag_index(''shop'', 17, ''2026-01-01Z'')';

CREATE FUNCTION @extschema@.portrait_refresh_segment_steps(schema name)
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE ROWS 50
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT name FROM %1$I.segment_def ORDER BY name', schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment_steps(schema name) IS
'the steps that compute the segments, in order of their dependencies; for example: SELECT portrait_refresh_segment_steps(''shop'')';

CREATE FUNCTION @extschema@.portrait_refresh_segment(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment(schema name, generation bigint, as_of timestamptz, subject text) IS
'the step of a refresh that computes a segment; for example: SELECT portrait_refresh_segment(''shop'', 17, ''2026-01-01Z'', ''at_risk'')';

CREATE FUNCTION @extschema@.portrait_refresh_segment_keep(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment_keep(schema name, generation bigint, as_of timestamptz, subject text) IS
'takes over the last state of a segment whose step failed; for example: SELECT portrait_refresh_segment_keep(''shop'', 17, ''2026-01-01Z'', ''at_risk'')';
