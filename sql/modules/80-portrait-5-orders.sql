/*
 * Refresh: orders netted, and what is summed up of each customer.
 */

CREATE FUNCTION @extschema@.portrait_refresh_orders(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_orders(schema name, generation bigint, as_of timestamptz) IS 'x; for example: x';
CREATE FUNCTION @extschema@.portrait_refresh_events(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_events(schema name, generation bigint, as_of timestamptz) IS 'x; for example: x';
CREATE FUNCTION @extschema@.portrait_refresh_attributes(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_attributes(schema name, generation bigint, as_of timestamptz) IS 'x; for example: x';
CREATE FUNCTION @extschema@.portrait_refresh_consent(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_consent(schema name, generation bigint, as_of timestamptz) IS 'x; for example: x';
CREATE FUNCTION @extschema@.portrait_refresh_value(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	customers bigint;
BEGIN
	PERFORM @extschema@.portrait_refresh_table(schema, generation, t)
	FROM unnest('{consent,customer_value,customer_recent,source_member}'::name[]) AS t;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, t)
	FROM unnest('{consent,customer_value,customer_recent,source_member}'::name[]) AS t;
	PERFORM @extschema@.portrait_refresh_table(schema, generation, 'customer');
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I
		SELECT $1, n.customer, n.first_seen, CASE WHEN v.customer IS NOT NULL THEN 'customer'
			WHEN n.registered THEN 'user' ELSE 'visitor' END
		FROM %1$I.w_number AS n LEFT JOIN %1$I.%3$I AS v USING (customer)
		ORDER BY n.customer $sql$, schema, 'customer_g' || generation, 'customer_value_g' || generation)
	USING generation;
	GET DIAGNOSTICS customers = ROW_COUNT;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'customer');
	PERFORM @extschema@.portrait_refresh_table(schema, generation, t)
	FROM unnest('{tag_member,tag_value,tag_range,segment_member}'::name[]) AS t;
	RETURN customers;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_value(schema name, generation bigint, as_of timestamptz) IS 'x; for example: x';
