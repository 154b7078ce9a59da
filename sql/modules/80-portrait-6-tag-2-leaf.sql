/*
 * Whom a rule matches, by the sets that a generation keeps: tag_segment() asks
 * portrait_leaf() for each leaf, bucket by bucket.
 *
 *	texts, booleans		tag_member: the values that the leaf is true of
 *	numbers, times		tag_member: those that many have; tag_range: whole parts, and
 *						the numbers of the parts at the edges
 *	weights, set_at		tag_value, row by row
 *	segments			segment_member, or the rule of a segment that is new
 *
 * What has expired is not in a generation.
 */

-- As a tagset prints a time, whatever the settings
CREATE FUNCTION @extschema@.portrait_time_text(at timestamptz)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.rtrim(pg_catalog.rtrim(pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z';
COMMENT ON FUNCTION @extschema@.portrait_time_text(at timestamptz) IS
'a time in UTC as tags have it; for example: portrait_time_text(''2026-07-01 08:00+08'') gives 2026-07-01T00:00:00Z';

-- One value of a tag, as a tagset to ask rules of
CREATE FUNCTION @extschema@.portrait_tagset(tag text, value text, value_type text,
	weight double precision DEFAULT NULL, set_at timestamptz DEFAULT NULL)
	RETURNS @extschema@.tagset
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE COST 5
	RETURN CASE
		WHEN weight IS NOT NULL OR set_at IS NOT NULL THEN
			@extschema@.tagset(pg_catalog.jsonb_build_object(tag, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
				'value', CASE value_type WHEN 'number' THEN pg_catalog.to_jsonb(value::numeric)
					WHEN 'boolean' THEN pg_catalog.to_jsonb(value::boolean) ELSE pg_catalog.to_jsonb(value) END,
				'type', CASE value_type WHEN 'text' THEN 'text' END,
				'weight', weight, 'set_at', @extschema@.portrait_time_text(set_at)))))
		WHEN value_type = 'text' THEN @extschema@.tagset(ARRAY[tag], ARRAY[value])
		WHEN value_type = 'number' THEN @extschema@.tagset(pg_catalog.jsonb_build_object(tag, value::numeric))
		WHEN value_type = 'boolean' THEN @extschema@.tagset(pg_catalog.jsonb_build_object(tag, value::boolean))
		WHEN value_type = 'date' THEN @extschema@.tagset(pg_catalog.jsonb_build_object(tag, pg_catalog.to_char(value::date, 'YYYY-MM-DD')))
		ELSE @extschema@.tagset(pg_catalog.jsonb_build_object(tag, @extschema@.portrait_time_text(value::timestamptz)))
	END;
COMMENT ON FUNCTION @extschema@.portrait_tagset(tag text, value text, value_type text, weight double precision, set_at timestamptz) IS
'one value of a tag as a tagset; for example: portrait_tagset(''likes'', ''tea'', ''text'', 0.5) gives likes=tea=>0.5';

-- Where a generation's rows are: in a table that stands alone while it is computed
CREATE FUNCTION @extschema@.portrait_result(context jsonb, result text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.format('%I.%I', context ->> 'schema',
		result || CASE WHEN (context ->> 'building')::boolean THEN '_g' || (context ->> 'generation') ELSE '' END);
COMMENT ON FUNCTION @extschema@.portrait_result(context jsonb, result text) IS
'the table that has the rows of a generation; for example: portrait_result(''{"schema": "shop", "generation": 17, "building": true}'', ''customer'') gives shop.customer_g17';

-- Values: has, known, subtree, in, not in, comparisons, parts of texts, dates, times
CREATE FUNCTION @extschema@.portrait_leaf_values(leaf @extschema@.tagquery, context jsonb, tag text, kind text)
	RETURNS @extschema@.segment
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	below text := CASE WHEN kind = 'subtree' THEN 'OR m.tag > $3 || ''.'' AND m.tag < $3 || ''/''' END;
	members @extschema@.segment;
	numbers @extschema@.segment;
BEGIN
	EXECUTE format($sql$
		SELECT @extschema@.segment_union_agg(m.members) FROM %1$s AS m
		WHERE m.generation = $1 AND m.bucket = $2 AND (m.tag = $3 %2$s)
		AND @extschema@.tag_match(@extschema@.portrait_tagset(m.tag, m.value, m.value_type), $4) $sql$,
		@extschema@.portrait_result(context, 'tag_member'), below)
	INTO members USING (context ->> 'generation')::bigint, (context ->> 'bucket')::bigint, tag, leaf;
	IF kind IN ('starts with', 'ends with', 'contains') THEN
		RETURN members;
	END IF;
	EXECUTE format($sql$
		WITH span AS MATERIALIZED (
			SELECT * FROM @extschema@.tagquery_intervals($4)
			UNION ALL
			SELECT 'value', c, '-Infinity', false, 'Infinity', false
			FROM unnest('{number,moment}'::text[]) AS c WHERE $5 IN ('has', 'known', 'subtree')
		)
		SELECT @extschema@.segment_union_agg(p.members)
		FROM (
			SELECT CASE WHEN EXISTS (SELECT FROM span AS i WHERE
						(m.low > i.low OR m.low = i.low AND NOT i.low_open) AND (m.high < i.high OR m.high = i.high AND NOT i.high_open))
					THEN m.members
				WHEN m.numbers IS NOT NULL THEN (SELECT @extschema@.segment_agg(e.customer)
					FROM ROWS FROM (@extschema@.segment_members(m.members), unnest(m.numbers)) AS e(customer, number), span AS i
					WHERE (e.number > i.low OR e.number = i.low AND NOT i.low_open)
					AND (e.number < i.high OR e.number = i.high AND NOT i.high_open))
				ELSE (SELECT @extschema@.segment_agg(v.customer)
					FROM %3$s AS v, span AS i
					WHERE v.generation = $1 AND v.tag = m.tag AND v.customer OPERATOR(@extschema@.<@) m.members
					AND (v.number > i.low OR v.number = i.low AND NOT i.low_open)
					AND (v.number < i.high OR v.number = i.high AND NOT i.high_open))
				END AS members
			FROM %1$s AS m
			WHERE m.generation = $1 AND m.bucket = $2 AND (m.tag = $3 %2$s)
			AND EXISTS (SELECT FROM span AS i
				WHERE i.class = CASE m.value_type WHEN 'number' THEN 'number' ELSE 'moment' END
				AND i.source IN ('value', m.value_type)
				AND (m.high > i.low OR m.high = i.low AND NOT i.low_open)
				AND (m.low < i.high OR m.low = i.high AND NOT i.high_open))
		) AS p $sql$,
		@extschema@.portrait_result(context, 'tag_range'), below, @extschema@.portrait_result(context, 'tag_value'))
	INTO numbers USING (context ->> 'generation')::bigint, (context ->> 'bucket')::bigint, tag, leaf, kind;
	RETURN CASE WHEN members IS NULL THEN numbers WHEN numbers IS NULL THEN members
		ELSE @extschema@.segment_union(members, numbers) END;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_leaf_values(leaf @extschema@.tagquery, context jsonb, tag text, kind text) IS
'whom a leaf about values matches, for portrait_leaf; for example: SELECT portrait_leaf_values(''age > 30'', ''{"schema": "shop", "generation": 17, "bucket": 0}'', ''age'', ''range'')';

-- What only rows tell: weights, when a tag was set, days of the year
CREATE FUNCTION @extschema@.portrait_leaf_rows(leaf @extschema@.tagquery, context jsonb, tag text)
	RETURNS @extschema@.segment
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	first bigint := (context ->> 'bucket')::bigint << 20;
	-- weight or set_at, where it is an interval of those
	number text := (SELECT CASE i.source WHEN 'weight' THEN 'v.weight' ELSE 'e.set_at' END FROM @extschema@.tagquery_intervals(leaf) AS i LIMIT 1);
	value_type text;
	members @extschema@.segment;
BEGIN
	EXECUTE format($sql$
		SELECT m.value_type FROM %1$s AS m WHERE m.generation = $1 AND m.tag = $2
		UNION ALL
		SELECT m.value_type FROM %2$s AS m WHERE m.generation = $1 AND m.tag = $2
		LIMIT 1 $sql$, @extschema@.portrait_result(context, 'tag_member'), @extschema@.portrait_result(context, 'tag_range'))
	INTO value_type USING (context ->> 'generation')::bigint, tag;
	EXECUTE format($sql$
		SELECT @extschema@.segment_agg(v.customer) FROM %1$s AS v %2$s
		WHERE v.generation = $1 AND v.tag = $2 AND v.customer BETWEEN $3 AND $4 AND %3$s $sql$,
		@extschema@.portrait_result(context, 'tag_value'),
		CASE WHEN number IS NOT NULL THEN ', LATERAL (SELECT extract(epoch FROM v.set_at)::double precision AS set_at) AS e, @extschema@.tagquery_intervals($5) AS i' END,
		coalesce(replace('(number > i.low OR number = i.low AND NOT i.low_open) AND (number < i.high OR number = i.high AND NOT i.high_open)', 'number', number),
			'@extschema@.tag_match(@extschema@.portrait_tagset(v.tag, v.value, $6, v.weight, v.set_at), $5)'))
	INTO members USING (context ->> 'generation')::bigint, tag, first, first + 1048575, leaf, value_type;
	RETURN members;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_leaf_rows(leaf @extschema@.tagquery, context jsonb, tag text) IS
'whom a leaf about weights or times of tags matches, for portrait_leaf; for example: SELECT portrait_leaf_rows(''weight(likes) > 0.5'', ''{"schema": "shop", "generation": 17, "bucket": 0}'', ''likes'')';

-- One tag's value against another's: all values of those who have both
CREATE FUNCTION @extschema@.portrait_leaf_pair(leaf @extschema@.tagquery, context jsonb)
	RETURNS @extschema@.segment
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	first bigint := (context ->> 'bucket')::bigint << 20;
	members @extschema@.segment;
BEGIN
	EXECUTE format($sql$
		WITH kept AS MATERIALIZED (
			SELECT m.tag, m.value, m.value_type, m.members, m.weighted FROM %1$s AS m
			WHERE m.generation = $1 AND m.bucket = $2 AND m.tag = ANY ($3)
		), part AS MATERIALIZED (
			SELECT m.tag, m.members, m.value_type FROM %2$s AS m
			WHERE m.generation = $1 AND m.bucket = $2 AND m.tag = ANY ($3)
		), known AS (
			SELECT @extschema@.segment_union_agg(k.members) AS members
			FROM (SELECT tag, members FROM kept UNION ALL SELECT tag, members FROM part) AS k GROUP BY k.tag
		), both_known AS MATERIALIZED (
			SELECT @extschema@.segment_intersect_agg(members) AS members FROM known HAVING count(*) = cardinality($3)
		)
		SELECT @extschema@.segment_agg(c.customer)
		FROM (
			SELECT x.customer, @extschema@.tag_union_agg(x.tags) AS tags
			FROM (
				SELECT customer, @extschema@.portrait_tagset(k.tag, k.value, k.value_type) AS tags
				FROM kept AS k, both_known AS b, @extschema@.segment_members(@extschema@.segment_intersect(k.members, b.members)) AS customer
				UNION ALL
				SELECT v.customer, @extschema@.portrait_tagset(v.tag, v.value, p.value_type)
				FROM both_known AS b, (SELECT DISTINCT tag, value_type FROM part) AS p, %3$s AS v
				WHERE v.generation = $1 AND v.tag = p.tag AND v.customer BETWEEN $4 AND $5 AND v.customer OPERATOR(@extschema@.<@) b.members
			) AS x GROUP BY x.customer
		) AS c WHERE @extschema@.tag_match(c.tags, $6) $sql$,
		@extschema@.portrait_result(context, 'tag_member'), @extschema@.portrait_result(context, 'tag_range'),
		@extschema@.portrait_result(context, 'tag_value'))
	INTO members USING (context ->> 'generation')::bigint, (context ->> 'bucket')::bigint,
		@extschema@.tagquery_names(leaf), first, first + 1048575, leaf;
	RETURN members;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_leaf_pair(leaf @extschema@.tagquery, context jsonb) IS
'whom a leaf that compares two tags matches, for portrait_leaf; for example: SELECT portrait_leaf_pair(''spend > value(budget)'', ''{"schema": "shop", "generation": 17, "bucket": 0}'')';

CREATE FUNCTION @extschema@.portrait_leaf_segment(context jsonb, name text)
	RETURNS @extschema@.segment
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	members @extschema@.segment;
BEGIN
	EXECUTE format($sql$
		SELECT m.members FROM %1$s AS m WHERE m.generation = $1 AND m.name = $2 AND m.bucket = $3 $sql$,
		@extschema@.portrait_result(context, 'segment_member'))
	INTO members USING (context ->> 'generation')::bigint, name, (context ->> 'bucket')::bigint;
	IF members IS NULL AND NOT coalesce((context ->> 'building')::boolean, false) THEN
		-- declared since the last refresh
		EXECUTE format('SELECT @extschema@.portrait_check_computed($1, d.rule::@extschema@.tagquery, $2) FROM %1$I.segment_def AS d WHERE d.name = $3',
			context ->> 'schema')
		USING (context ->> 'schema')::name, (context ->> 'generation')::bigint, name;
		EXECUTE format($sql$
			SELECT @extschema@.tag_segment(@extschema@.tag_bind(d.rule::@extschema@.tagquery, s.as_of, s.time_zone), e.members,
				'@extschema@.portrait_leaf(@extschema@.tagquery,text)', $4)
			FROM %1$I.segment_def AS d, %1$I.state AS s, %1$I.customer_member AS e
			WHERE d.name = $2 AND e.generation = $1 AND e.bucket = $3 $sql$, context ->> 'schema')
		INTO members USING (context ->> 'generation')::bigint, name, (context ->> 'bucket')::bigint, context::text;
	END IF;
	RETURN members;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_leaf_segment(context jsonb, name text) IS
'who is in a segment, for portrait_leaf; for example: SELECT portrait_leaf_segment(''{"schema": "shop", "generation": 17, "bucket": 0}'', ''win_back'')';

CREATE FUNCTION @extschema@.portrait_leaf(leaf @extschema@.tagquery, context text)
	RETURNS @extschema@.segment
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	of record;
BEGIN
	SELECT l.name, l.kind INTO of FROM @extschema@.tagquery_leaves(leaf) AS l;
	RETURN CASE
		WHEN of.kind = 'segment' THEN @extschema@.portrait_leaf_segment(context::jsonb, of.name)
		WHEN NOT @extschema@.tagquery_is_bound(leaf) THEN NULL
		WHEN of.kind = 'value' THEN @extschema@.portrait_leaf_pair(leaf, context::jsonb)
		WHEN of.kind IN ('weight', 'set_at') THEN @extschema@.portrait_leaf_rows(leaf, context::jsonb, of.name)
		WHEN of.kind = 'anniversary' THEN @extschema@.segment_union(
			coalesce(@extschema@.portrait_leaf_values(leaf, context::jsonb, of.name, 'contains'), '{}'),
			coalesce(@extschema@.portrait_leaf_rows(leaf, context::jsonb, of.name), '{}'))
		ELSE @extschema@.portrait_leaf_values(leaf, context::jsonb, of.name, of.kind) END;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_leaf(leaf @extschema@.tagquery, context text) IS
'whom a leaf of a bound rule matches in one bucket of a generation: the resolver of tag_segment for a portrait; for example: SELECT portrait_leaf(''rfm.segment = at_risk'', ''{"schema": "shop", "generation": 17, "bucket": 0}'')';

-- Whom a rule matches in the current generation, as of its moment
CREATE FUNCTION @extschema@.portrait_evaluate(schema name, rule @extschema@.tagquery, OUT bucket bigint, OUT members @extschema@.segment)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 3
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
BEGIN
	PERFORM @extschema@.portrait_check_computed(schema, rule, current.generation);
	RETURN QUERY EXECUTE format($sql$
		SELECT e.bucket, @extschema@.tag_segment($1, e.members,
			'@extschema@.portrait_leaf(@extschema@.tagquery,text)',
			jsonb_build_object('schema', $2, 'generation', $3, 'bucket', e.bucket)::text)
		FROM %1$I.customer_member AS e
		WHERE e.generation = $3
		ORDER BY e.bucket $sql$, schema)
	USING @extschema@.tag_bind(rule, current.as_of, current.time_zone), schema, current.generation;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_evaluate(schema name, rule @extschema@.tagquery, OUT bucket bigint, OUT members @extschema@.segment) IS
'whom a rule matches, bucket by bucket (customer >> 20); the rule is one that portrait_rule gave; for example: SELECT sum(segment_count(members)) FROM portrait_evaluate(''shop'', portrait_rule(''shop'', ''rfm.segment = at_risk''))';
