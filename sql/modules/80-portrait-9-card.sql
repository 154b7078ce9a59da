/*
 * One customer, and lists of identifiers: card, why, audience, reach, grant.
 */

-- The few functions that portrait_create makes in the user's schema
CREATE FUNCTION @extschema@.portrait_create_functions(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $create$
BEGIN
	PERFORM set_config('search_path', format('%I, pg_temp', schema), true);
END
$create$;
COMMENT ON FUNCTION @extschema@.portrait_create_functions(schema name) IS
'makes the functions that are in a portrait''s own schema, for portrait_create; for example: SELECT portrait_create_functions(''shop'')';
