/*
 * Refresh: segments; and the views on tags and segments.
 *
 * Who entered and left is told against the generation before.  If that was computed as
 * of the same moment, it is what this one does over again: then against what was before
 * it, so that a refresh may be repeated.
 */

CREATE FUNCTION @extschema@.portrait_segment_has_support(internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_segment_has_support';
COMMENT ON FUNCTION @extschema@.portrait_segment_has_support(internal) IS
'planner support of portrait_segment_has: index conditions on id, for sets of other rows too';

CREATE FUNCTION @extschema@.portrait_segment_has(customer bigint, members @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT @extschema@.portrait_segment_has_support
	AS 'MODULE_PATHNAME', 'portrait_segment_contained_int8';
COMMENT ON FUNCTION @extschema@.portrait_segment_has(customer bigint, members @extschema@.segment) IS
'is a customer in a set of a bucket, as customer <@ members, which an index on customers can be asked for by a list of all members; for example: portrait_segment_has(2, ''{1-3}'') gives true';

CREATE FUNCTION @extschema@.portrait_refresh_segment_steps(schema name)
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE ROWS 50
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	ready text[];
	done text[] := '{}';
BEGIN
	LOOP
		EXECUTE format($sql$
			WITH open AS (
				SELECT s.name, (@extschema@.portrait_rule_names(s.rule::@extschema@.tagquery)).segments AS needs
				FROM %1$I.w_segment AS s WHERE s.name <> ALL ($1)
			), waiting AS (
				SELECT o.name FROM open AS o WHERE EXISTS (SELECT FROM open AS other WHERE other.name = ANY (o.needs))
			)
			SELECT ARRAY(SELECT o.name FROM open AS o
				WHERE o.name NOT IN (SELECT name FROM waiting) OR NOT EXISTS (SELECT FROM open WHERE name NOT IN (SELECT name FROM waiting))
				ORDER BY o.name) $sql$, schema)
		INTO ready USING done;
		EXIT WHEN ready = '{}';
		RETURN QUERY SELECT unnest(ready);
		done := done || ready;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment_steps(schema name) IS
'the steps that compute the segments, in order of their dependencies; for example: SELECT portrait_refresh_segment_steps(''shop'')';

-- The members that a segment had before, by today's numbers, and since when
CREATE FUNCTION @extschema@.portrait_refresh_segment_before(schema name, as_of timestamptz, subject text,
	OUT bucket bigint, OUT since timestamptz, OUT members @extschema@.segment)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH last AS (
			SELECT r.previous, s.as_of = $1 AS again FROM %1$I.w_run AS r, %1$I.state AS s
		), old AS MATERIALIZED (
			SELECT m.bucket, m.since, CASE WHEN last.again THEN @extschema@.segment_except(m.members, c.entered) ELSE m.members END AS members
			FROM last, %1$I.segment_since AS m JOIN %1$I.segment_member AS c USING (generation, name, bucket)
			WHERE m.generation = last.previous AND m.name = $2
			UNION ALL
			-- nobody knows any more since when those were in who left as of the same moment
			SELECT m.bucket, NULL, m.departed FROM last, %1$I.segment_member AS m
			WHERE m.generation = last.previous AND m.name = $2 AND last.again
		), joined AS (
			SELECT j.new_customer >> 20 AS bucket, o.since, j.new_customer
			FROM old AS o JOIN %1$I.w_rekey AS j ON j.old_customer >> 20 = o.bucket AND j.old_customer OPERATOR(@extschema@.<@) o.members
		)
		SELECT o.bucket, o.since, @extschema@.segment_except(o.members, coalesce((SELECT @extschema@.segment_agg(old_customer) FROM %1$I.w_rekey), '{}'))
		FROM old AS o
		UNION ALL
		SELECT j.bucket, j.since, @extschema@.segment_agg(j.new_customer) FROM joined AS j GROUP BY j.bucket, j.since $sql$, schema)
	USING as_of, subject;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment_before(schema name, as_of timestamptz, subject text,
	OUT bucket bigint, OUT since timestamptz, OUT members @extschema@.segment) IS
'who was in a segment before a refresh, by the numbers that customers have now; for example: SELECT * FROM portrait_refresh_segment_before(''shop'', ''2026-01-01Z'', ''win_back'')';

-- Stores w_set (bucket, members) as a segment
CREATE FUNCTION @extschema@.portrait_refresh_segment_store(schema name, generation bigint, as_of timestamptz, subject text, version integer)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	size bigint;
BEGIN
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_before AS SELECT * FROM @extschema@.portrait_refresh_segment_before($1, $2, $3)', schema)
	USING schema, as_of, subject;
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I (generation, name, bucket, version, members, entered, departed)
		SELECT $1, $2, bucket, $3, n.members, @extschema@.segment_except(n.members, b.members), @extschema@.segment_except(b.members, n.members)
		FROM (
			SELECT bucket, coalesce(n.members, '{}') AS members, coalesce(b.members, '{}') AS before
			FROM %1$I.w_set AS n
			FULL JOIN (SELECT bucket, @extschema@.segment_union_agg(members) AS members FROM %1$I.w_before GROUP BY bucket) AS b USING (bucket)
		) AS n, LATERAL (SELECT n.before) AS b(members) $sql$, schema, 'segment_member_g' || generation)
	USING generation, subject, version;
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I (generation, name, bucket, since, members)
		SELECT $1, $2, bucket, since, @extschema@.segment_union_agg(members)
		FROM (
			-- as of an earlier moment than the last time, nobody is in since later
			SELECT b.bucket, least(b.since, $3) AS since, @extschema@.segment_intersect(b.members, n.members) AS members
			FROM (
				-- of numbers that were joined, the one that was in for longer
				SELECT b.bucket, b.since, @extschema@.segment_except(b.members, coalesce((SELECT @extschema@.segment_union_agg(e.members)
					FROM %1$I.w_before AS e WHERE e.bucket = b.bucket AND e.since < b.since), '{}')) AS members
				FROM %1$I.w_before AS b
			) AS b JOIN %1$I.w_set AS n USING (bucket)
			UNION ALL
			SELECT m.bucket, $3, m.entered FROM %1$I.%3$I AS m WHERE m.name = $2
		) AS s WHERE NOT @extschema@.segment_is_empty(members) GROUP BY bucket, since $sql$, schema, 'segment_since_g' || generation, 'segment_member_g' || generation)
	USING generation, subject, as_of;
	EXECUTE format($sql$
		INSERT INTO %1$I.segment_history (name, generation, as_of, size, entered, departed, version)
		SELECT $2, $1, $3, sum(@extschema@.segment_count(members)), sum(@extschema@.segment_count(entered)),
			sum(@extschema@.segment_count(departed)), $4
		FROM %1$I.%2$I WHERE name = $2 HAVING count(*) > 0 RETURNING size $sql$, schema, 'segment_member_g' || generation)
	INTO size USING generation, subject, as_of, version;
	EXECUTE format('DROP TABLE %1$I.w_before, %1$I.w_set', schema);
	RETURN size;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment_store(schema name, generation bigint, as_of timestamptz, subject text, version integer) IS
'stores the members of a segment, who entered and left, and since when they are in it; for example: SELECT portrait_refresh_segment_store(''shop'', 17, ''2026-01-01Z'', ''win_back'', 1)';

CREATE FUNCTION @extschema@.portrait_refresh_segment(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	version integer;
BEGIN
	EXECUTE format('SELECT version FROM %1$I.w_segment WHERE name = $1', schema) INTO version USING subject;
	IF version IS NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT @extschema@.portrait_check_computed($1, s.rule::@extschema@.tagquery, $2) FROM %1$I.w_segment AS s WHERE s.name = $3', schema)
	USING schema, generation, subject;
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_set AS
		SELECT e.bucket, @extschema@.tag_segment(r.rule, e.members, '@extschema@.portrait_leaf(@extschema@.tagquery,text)',
			jsonb_build_object('schema', %1$L, 'generation', %2$s, 'bucket', e.bucket, 'building', true)::text) AS members
		FROM %1$I.%3$I AS e,
			(SELECT @extschema@.tag_bind(s.rule::@extschema@.tagquery, w.as_of, w.time_zone) AS rule
			FROM %1$I.w_segment AS s, %1$I.w_run AS w WHERE s.name = %4$L OFFSET 0) AS r $sql$,
		schema, generation, 'customer_member_g' || generation, subject);
	EXECUTE format('UPDATE %1$I.w_segment SET computed = $1 WHERE name = $2 AND computed IS NULL', schema) USING generation, subject;
	RETURN @extschema@.portrait_refresh_segment_store(schema, generation, as_of, subject, version);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment(schema name, generation bigint, as_of timestamptz, subject text) IS
'the step of a refresh that computes a segment; for example: SELECT portrait_refresh_segment(''shop'', 17, ''2026-01-01Z'', ''win_back'')';

CREATE FUNCTION @extschema@.portrait_refresh_segment_keep(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	version integer;
BEGIN
	EXECUTE format($sql$
		SELECT m.version FROM %1$I.segment_member AS m, %1$I.w_run AS r, %1$I.w_segment AS s
		WHERE m.generation = r.previous AND m.name = $1 AND s.name = $1 AND s.computed IS NOT NULL LIMIT 1 $sql$, schema)
	INTO version USING subject;
	IF version IS NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_set AS
		WITH joined AS (
			SELECT DISTINCT j.new_customer FROM %1$I.w_run AS r, %1$I.segment_member AS m, %1$I.w_rekey AS j
			WHERE m.generation = r.previous AND m.name = %2$L
			AND j.old_customer >> 20 = m.bucket AND j.old_customer OPERATOR(@extschema@.<@) m.members
		)
		SELECT e.bucket, @extschema@.segment_intersect(e.members, coalesce(@extschema@.segment_union_agg(k.members), '{}')) AS members
		FROM %1$I.%3$I AS e LEFT JOIN (
			SELECT m.bucket, m.members FROM %1$I.w_run AS r, %1$I.segment_member AS m WHERE m.generation = r.previous AND m.name = %2$L
			UNION ALL
			SELECT new_customer >> 20, @extschema@.segment_agg(new_customer) FROM joined GROUP BY 1
		) AS k USING (bucket) GROUP BY e.bucket, e.members $sql$,
		schema, subject, 'customer_member_g' || generation);
	RETURN @extschema@.portrait_refresh_segment_store(schema, generation, as_of, subject, version);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_segment_keep(schema name, generation bigint, as_of timestamptz, subject text) IS
'takes over the last state of a segment whose step failed; for example: SELECT portrait_refresh_segment_keep(''shop'', 17, ''2026-01-01Z'', ''win_back'')';

-- What portrait_create makes for tags and segments
CREATE FUNCTION @extschema@.portrait_create_tag_views(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $create$
BEGIN
	PERFORM set_config('search_path', format('%I, pg_temp', schema), true);
	CREATE VIEW v_tag AS
		SELECT path, title, description, kind, value_type, multiple, conflict, on_empty, time_to_live, half_life,
			nullif(sensitivity, '') AS sensitivity, personal, owner, pack, version, defined_at
		FROM tag;
	COMMENT ON VIEW v_tag IS 'the catalogue of tags: what each means and how it is computed; for example: SELECT path, title, description FROM v_tag ORDER BY path';

	/*
	 * In the views with customers the members of a set are looked up in customer, by the
	 * index where all of a set are wanted, and the other way around, by asking the sets,
	 * where all of a customer is: portrait_segment_has() lets the planner do either, and, other
	 * than "<@", lets it expect many members.
	 *
	 * Tags that are personal are for those who may read identifiers.  What is shown of a tag is
	 * shown together with a row of "tag" that may be seen, so that a condition of the reader's,
	 * even one that tells what it is asked of, gets no more, wherever the planner puts it.
	 */
	CREATE VIEW v_customer_tag AS
		SELECT c.customer, t.path AS tag, CASE WHEN t.path = m.tag THEN m.value END AS value,
			CASE WHEN t.path = m.tag AND m.value_type = 'number' THEN m.value::double precision END AS number,
			NULL::double precision AS weight, NULL::timestamptz AS set_at, NULL::timestamptz AS expires_at, NULL::text AS source
		FROM tag_member AS m
		JOIN (SELECT path FROM tag
			WHERE NOT personal OR has_table_privilege('identifier'::regclass, 'SELECT')) AS t ON t.path = m.tag
		JOIN customer AS c ON c.generation = m.generation
			AND @extschema@.portrait_segment_has(c.customer, m.members)
		WHERE m.generation = (SELECT generation FROM state) AND c.generation = (SELECT generation FROM state) AND NOT m.weighted
		UNION ALL
		SELECT v.customer, t.path, CASE WHEN t.path = v.tag THEN v.value END,
			CASE WHEN t.path = v.tag AND v.value NOT LIKE '____-__-__%' THEN v.number END, CASE WHEN t.path = v.tag THEN v.weight END,
			CASE WHEN t.path = v.tag THEN v.set_at END, CASE WHEN t.path = v.tag THEN v.expires_at END, CASE WHEN t.path = v.tag THEN v.source END
		FROM tag_value AS v
		JOIN (SELECT path FROM tag
			WHERE NOT personal OR has_table_privilege('identifier'::regclass, 'SELECT')) AS t ON t.path = v.tag
		WHERE v.generation = (SELECT generation FROM state);
	COMMENT ON VIEW v_customer_tag IS 'every tag of every customer, personal ones for those who may read identifiers: ask for some customers, or for some tags; for example: SELECT customer, value FROM v_customer_tag WHERE tag = ''region''';

	CREATE VIEW v_tag_coverage AS
		WITH everybody AS (
			SELECT sum(@extschema@.segment_count(members)) AS customers FROM customer_member WHERE generation = (SELECT generation FROM state)
		), known AS (
			SELECT k.tag, sum(@extschema@.segment_count(k.members))::bigint AS customers
			FROM (
				SELECT m.tag, @extschema@.segment_union_agg(m.members) AS members
				FROM (
					SELECT tag, bucket, members FROM tag_member WHERE generation = (SELECT generation FROM state)
					UNION ALL
					SELECT tag, bucket, members FROM tag_range WHERE generation = (SELECT generation FROM state)
				) AS m GROUP BY m.tag, m.bucket
			) AS k GROUP BY k.tag
		), choice AS (
			SELECT tag, count(DISTINCT value) AS choices FROM tag_member
			WHERE generation = (SELECT generation FROM state) AND value_type IN ('text', 'boolean') GROUP BY tag
		)
		SELECT t.path AS tag, t.title, t.kind, coalesce(k.customers, 0) AS customers,
			round(coalesce(k.customers, 0) / nullif(e.customers, 0), 4) AS share, n.choices AS different_values
		FROM tag AS t CROSS JOIN everybody AS e LEFT JOIN known AS k ON k.tag = t.path LEFT JOIN choice AS n ON n.tag = t.path;
	COMMENT ON VIEW v_tag_coverage IS 'of how many customers each tag is known, and how many different texts it has; for example: SELECT tag, customers, share FROM v_tag_coverage ORDER BY share';

	CREATE VIEW v_segment AS
		SELECT d.name, d.title, c.size, round(c.size / nullif(e.customers, 0), 4) AS share, m.version,
			CASE WHEN c.size IS NOT NULL THEN s.as_of END AS refreshed_at
		FROM segment_def AS d CROSS JOIN state AS s
		CROSS JOIN (SELECT sum(@extschema@.segment_count(members)) AS customers FROM customer_member
			WHERE generation = (SELECT generation FROM state)) AS e
		LEFT JOIN (SELECT name, sum(@extschema@.segment_count(members))::bigint AS size, max(version) AS version FROM segment_member
			WHERE generation = (SELECT generation FROM state) GROUP BY name) AS m ON m.name = d.name
		-- in a portrait without customers there is no set
		CROSS JOIN LATERAL (SELECT coalesce(m.size, CASE WHEN d.computed <= s.generation THEN 0 END) AS size) AS c;
	COMMENT ON VIEW v_segment IS 'how large the segments are; NULL for those declared since the last refresh, or that never succeeded; for example: SELECT name, size, share, refreshed_at FROM v_segment ORDER BY size DESC';

	CREATE VIEW v_segment_customer AS
		SELECT m.name AS segment, c.customer, m.since AS entered_at
		FROM segment_since AS m
		JOIN customer AS c ON c.generation = m.generation
			AND @extschema@.portrait_segment_has(c.customer, m.members)
		WHERE m.generation = (SELECT generation FROM state) AND c.generation = (SELECT generation FROM state)
		AND m.name IN (SELECT name FROM segment_def);
	COMMENT ON VIEW v_segment_customer IS 'who is in which segment, and since which refresh; for example: SELECT customer, entered_at FROM v_segment_customer WHERE segment = ''at_risk''';

	CREATE VIEW v_segment_history AS
		SELECT h.as_of AS time, h.name || x.suffix AS metric, x.value::double precision AS value
		FROM (
			SELECT DISTINCT ON (name, as_of) name, as_of, size, entered, departed FROM segment_history
			WHERE generation <= (SELECT generation FROM state) ORDER BY name, as_of, generation DESC
		) AS h, LATERAL (VALUES ('', h.size), (' entered', h.entered), (' departed', h.departed)) AS x(suffix, value);
	COMMENT ON VIEW v_segment_history IS 'the size of each segment at each refresh, and how many entered and left it; for example: SELECT time, value FROM v_segment_history WHERE metric = ''at_risk'' ORDER BY time';
END
$create$;
COMMENT ON FUNCTION @extschema@.portrait_create_tag_views(schema name) IS
'makes the views on tags and segments, for portrait_create; for example: SELECT portrait_create_tag_views(''shop'')';
