CREATE FUNCTION @extschema@.portrait_retail_tables(OUT table_name text, OUT columns text)
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
	SELECT NULL::text, NULL::text WHERE false;
END;
COMMENT ON FUNCTION @extschema@.portrait_retail_tables(OUT table_name text, OUT columns text) IS
'the tables that the tags of the retail pack are computed from; for example: SELECT * FROM portrait_retail_tables()';
CREATE FUNCTION @extschema@.portrait_retail_steps()
	RETURNS SETOF text
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
	SELECT NULL::text WHERE false;
END;
COMMENT ON FUNCTION @extschema@.portrait_retail_steps() IS
'for example: SELECT portrait_retail_steps()';
