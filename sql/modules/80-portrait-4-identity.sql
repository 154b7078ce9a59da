/*
 * Refresh: identifiers to customers, whose numbers last from one generation to the
 * next.  The rules are told in src/portrait/README.md, "Customers' numbers".
 *
 *	w_evidence		what was seen together, by source: distinct, with first and number of rows
 *	w_component		identifiers with the component that they are in now, old customer if any;
 *					returned: the key in the table retired of those that were gone
 *	w_number		component -> customer
 *	w_merge			the rows that publishing adds to customer_merge
 *	w_rekey			old customer -> new customer, of those that were joined
 *	w_retired		identifiers that no source has any more
 */

CREATE FUNCTION @extschema@.portrait_refresh_identity(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	customers bigint;
BEGIN
	PERFORM @extschema@.portrait_refresh_evidence(schema, generation, as_of);
	PERFORM @extschema@.portrait_refresh_component(schema);
	PERFORM @extschema@.portrait_refresh_number(schema, generation, as_of);

	PERFORM @extschema@.portrait_refresh_table(schema, generation, 'identifier');
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I
		SELECT $1, c.identifier, n.customer, c.first_seen, c.sources
		FROM %1$I.w_component AS c JOIN %1$I.w_number AS n USING (component)
		ORDER BY c.identifier $sql$, schema, 'identifier_g' || generation)
	USING generation;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'identifier');
	-- who bought is known when orders are netted: population comes with the value stage
	EXECUTE format('SELECT count(*) FROM %1$I.w_number', schema) INTO customers;
	RETURN customers;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_identity(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that finds out who is who; gives the number of customers; for example: SELECT portrait_refresh_identity(''shop'', 17, ''2026-01-01Z'')';

CREATE FUNCTION @extschema@.portrait_refresh_evidence(schema name, generation bigint, as_of timestamptz)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	query text;
	source record;
BEGIN
	EXECUTE format($sql$
		SELECT string_agg(format($part$
			SELECT %%L::text COLLATE "C" AS source, %%L AS kind, %%s AS ids,
				min(at) AS first_seen, count(*) AS rows, sum(unusable) AS unusable
			FROM %%I.%%I GROUP BY %%s $part$, name, kind,
				CASE WHEN cardinality(identifiers) > 1 THEN 'ids' ELSE 'ARRAY[id]' END, %1$L, 'w_in_' || id,
				CASE WHEN cardinality(identifiers) > 1 THEN 'ids' ELSE 'id' END), ' UNION ALL ' ORDER BY id)
		FROM %1$I.w_source $sql$, schema)
	INTO query;
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_evidence AS %2$s', schema, query);
	FOR source IN
		EXECUTE format($sql$
			SELECT source AS name, sum(unusable)::bigint AS unusable FROM %1$I.w_evidence
			GROUP BY source HAVING sum(unusable) > 0 ORDER BY source $sql$, schema)
	LOOP
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'identity', source.name,
			source.unusable, 'identifiers that identify nobody',
			'They are masked, malformed, stand for nothing, or have no scope: see identifier_problem().');
	END LOOP;
	EXECUTE format('ANALYZE %1$I.w_evidence', schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_evidence(schema name, generation bigint, as_of timestamptz) IS
'gathers which identifiers were seen together, for portrait_refresh_identity; for example: SELECT portrait_refresh_evidence(''shop'', 17, ''2026-01-01Z'')';

CREATE FUNCTION @extschema@.portrait_refresh_component(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	run record;
BEGIN
	EXECUTE format('SELECT previous, EXISTS (SELECT FROM %1$I.retired) AS retired FROM %1$I.w_run', schema) INTO run;
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_component AS
		WITH seen AS (
			SELECT identifier, min(first_seen) AS first_seen,
				array_agg(DISTINCT source ORDER BY source) AS sources,
				bool_or(kind <> 'events') AS registered
			FROM (SELECT unnest(ids) AS identifier, e.* FROM %1$I.w_evidence AS e) AS e
			WHERE identifier IS NOT NULL GROUP BY identifier
		)
		SELECT m.customer AS component, m.identifier COLLATE "C" AS identifier, s.first_seen, s.sources, s.registered,
			coalesce(o.customer, r.customer) AS old_customer, coalesce(o.first_seen, r.first_seen) AS old_first_seen,
			r.identifier AS returned
		FROM @extschema@.identity_members((SELECT @extschema@.identity_merge(ids) FROM %1$I.w_evidence)) AS m
		JOIN seen AS s USING (identifier)
		LEFT JOIN %1$I.identifier AS o ON o.generation = %2$s AND o.identifier = m.identifier
		LEFT JOIN %1$I.retired AS r ON %3$s $sql$, schema, run.previous,
		-- digests are made only where there is something to find
		CASE WHEN run.retired THEN 'r.identifier = CASE WHEN o.customer IS NULL THEN sha256(convert_to(m.identifier, ''UTF8'')) END'
			ELSE 'false' END);
	EXECUTE format('ANALYZE %1$I.w_component', schema);
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_retired AS
		SELECT o.identifier, o.customer, o.first_seen FROM %1$I.identifier AS o
		WHERE o.generation = %2$s AND NOT EXISTS (SELECT FROM %1$I.w_component AS c WHERE c.identifier = o.identifier) $sql$,
		schema, run.previous);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_component(schema name) IS
'unites identifiers that were seen together, for portrait_refresh_identity; for example: SELECT portrait_refresh_component(''shop'')';

CREATE FUNCTION @extschema@.portrait_refresh_number(schema name, generation bigint, as_of timestamptz)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- an old number stays with the component that has the oldest of its identifiers, first of
	-- those that bore it until now, then of those that come back; of several that a
	-- component keeps, the smallest, which is the oldest, survives
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_kept AS
		SELECT DISTINCT ON (old_customer) old_customer, component
		FROM %1$I.w_component WHERE old_customer IS NOT NULL
		ORDER BY old_customer, returned IS NOT NULL, old_first_seen NULLS LAST, identifier $sql$, schema);
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_number AS
		WITH component AS (
			SELECT component, min(first_seen) AS first_seen, min(identifier) AS identifier,
				bool_or(registered) AS registered
			FROM %1$I.w_component GROUP BY component
		), kept AS (
			SELECT component, min(old_customer) AS customer FROM %1$I.w_kept GROUP BY component
		)
		SELECT c.component, c.first_seen, c.registered,
			coalesce(k.customer, (SELECT next_customer FROM %1$I.state) - 1
				+ row_number() OVER (PARTITION BY k.customer IS NULL
					ORDER BY c.first_seen NULLS LAST, c.identifier)) AS customer
		FROM component AS c LEFT JOIN kept AS k USING (component) $sql$, schema);
	EXECUTE format('ANALYZE %1$I.w_number', schema);
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_merge AS
		SELECT DISTINCT c.old_customer, n.customer AS new_customer, $1 AS merged_at, $2 AS generation,
			CASE WHEN k.component IS NULL THEN 'parted' ELSE 'joined' END AS why
		FROM %1$I.w_component AS c
		JOIN %1$I.w_number AS n USING (component)
		LEFT JOIN %1$I.w_kept AS k USING (old_customer, component)
		WHERE c.old_customer <> n.customer $sql$, schema)
	USING as_of, generation;
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_rekey AS
		SELECT old_customer, new_customer FROM %1$I.w_merge WHERE why = 'joined' $sql$, schema);
	EXECUTE format('ANALYZE %1$I.w_rekey', schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_number(schema name, generation bigint, as_of timestamptz) IS
'gives components the numbers that they had, or new ones, for portrait_refresh_identity; for example: SELECT portrait_refresh_number(''shop'', 17, ''2026-01-01Z'')';

-- Published: identifiers that are gone keep their number for when they come back
CREATE FUNCTION @extschema@.portrait_refresh_retire(schema name, as_of timestamptz)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('DELETE FROM %1$I.retired AS r USING %1$I.w_component AS c WHERE c.returned = r.identifier', schema);
	EXECUTE format($sql$
		INSERT INTO %1$I.retired (identifier, customer, first_seen, retired_at)
		SELECT sha256(convert_to(identifier, 'UTF8')), customer, first_seen, $1 FROM %1$I.w_retired
		ON CONFLICT (identifier) DO UPDATE SET customer = excluded.customer $sql$, schema)
	USING as_of;
	EXECUTE format($sql$
		UPDATE %1$I.retired AS r SET customer = j.new_customer FROM %1$I.w_rekey AS j WHERE j.old_customer = r.customer $sql$, schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_retire(schema name, as_of timestamptz) IS
'brings the table retired up to date, when a generation is published; for example: SELECT portrait_refresh_retire(''shop'', ''2026-01-01Z'')';

-- One customer, by what people know of him
CREATE FUNCTION @extschema@.portrait_find(schema name, identifier_type text, value text, scope text DEFAULT NULL)
	RETURNS bigint
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	customer bigint;
BEGIN
	PERFORM @extschema@.portrait_current(schema);
	EXECUTE format($sql$
		SELECT customer FROM %1$I.identifier
		WHERE generation = (SELECT generation FROM %1$I.state) AND identifier = $1 $sql$, schema)
	INTO customer USING @extschema@.identifier(identifier_type, value, scope);
	RETURN customer;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_find(schema name, identifier_type text, value text, scope text) IS
'the number of the customer with this identifier, or NULL; for example: SELECT portrait_find(''shop'', ''phone'', ''138 0013 8000'')';
