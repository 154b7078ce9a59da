/*
 * Refresh: what only views read, gathered when all tags are there.
 *
 *	customer_wide		one row a customer: the classes that everybody asks for, side by side
 *	touchpoint_member	who was seen at which touchpoint
 *
 * A set a value is what rules and profiles want; a tool that lists customers wants a row
 * each.  So the few tags that v_customer shows are turned into rows once for each
 * generation: read by key it costs a look at an index, read as a whole a join.
 */

-- Of a tag that has several values for a customer, the first bytewise
CREATE FUNCTION @extschema@.portrait_refresh_wide(schema name, generation bigint)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_refresh_table(schema, generation, 'customer_wide');
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I (generation, customer, rfm_score, rfm_segment, stage, journey_stage, tier, region)
		WITH shown AS MATERIALIZED (
			SELECT t.path, x.n
			FROM unnest('{rfm.score,rfm.segment,lifecycle.stage,journey.stage,price_tier,region}'::text[]) WITH ORDINALITY AS x(path, n)
			JOIN %1$I.w_tag AS t ON t.path = x.path
			WHERE NOT t.personal
		), value AS (
			SELECT s.n, m.value, @extschema@.segment_members(m.members) AS customer
			FROM %1$I.%3$I AS m JOIN shown AS s ON s.path = m.tag
			UNION ALL
			-- a score that few have
			SELECT s.n, v.value, v.customer
			FROM %1$I.%4$I AS v JOIN shown AS s ON s.path = v.tag WHERE v.tag = 'rfm.score'
		)
		SELECT $1, v.customer, min(v.value::integer) FILTER (WHERE v.n = 1 AND v.value ~ '^[0-9]{1,9}$'),
			min(v.value) FILTER (WHERE v.n = 2), min(v.value) FILTER (WHERE v.n = 3), min(v.value) FILTER (WHERE v.n = 4),
			min(v.value) FILTER (WHERE v.n = 5), min(v.value) FILTER (WHERE v.n = 6)
		FROM value AS v GROUP BY v.customer $sql$,
		schema, 'customer_wide_g' || generation, 'tag_member_g' || generation, 'tag_value_g' || generation)
	USING generation;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'customer_wide');
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_wide(schema name, generation bigint) IS
'turns the tags that v_customer shows into a row for each customer; for example: SELECT portrait_refresh_wide(''shop'', 17)';

-- Where events happened; those that do not say it are at no touchpoint
CREATE FUNCTION @extschema@.portrait_refresh_touchpoint(schema name, generation bigint)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_refresh_table(schema, generation, 'touchpoint_member');
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I (generation, touchpoint, bucket, events, first_seen, last_seen, members)
		SELECT $1, e.touchpoint, e.bucket, count(*), min(e.at), max(e.at), @extschema@.segment_agg(e.customer)
		FROM (
			SELECT btrim(touchpoint) COLLATE "C" AS touchpoint, customer >> 20 AS bucket, at, customer FROM %1$I.w_event
		) AS e
		WHERE e.touchpoint <> '' AND octet_length(e.touchpoint) < 1000 GROUP BY e.touchpoint, e.bucket $sql$,
		schema, 'touchpoint_member_g' || generation)
	USING generation;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'touchpoint_member');
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_touchpoint(schema name, generation bigint) IS
'gathers who was seen at which touchpoint, for v_touchpoint_coverage; for example: SELECT portrait_refresh_touchpoint(''shop'', 17)';
