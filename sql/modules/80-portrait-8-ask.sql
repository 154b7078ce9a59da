/*
 * Asking: how many and who fulfil a rule, and how a group differs from others.
 *
 * Rules come as text.  They are read by portrait_rule(), bound to the moment and the
 * time zone of the current generation, and evaluated bucket by bucket over what is
 * stored (portrait_evaluate()).
 */

CREATE FUNCTION @extschema@.portrait_state(schema name, OUT generation bigint, OUT as_of timestamptz, OUT time_zone text)
	RETURNS record
	LANGUAGE C STABLE STRICT COST 100
	AS 'MODULE_PATHNAME', 'portrait_state';
COMMENT ON FUNCTION @extschema@.portrait_state(schema name, OUT generation bigint, OUT as_of timestamptz, OUT time_zone text) IS
'the generation that readers of a portrait see, 0 if there is none yet; for example: SELECT * FROM portrait_state(''shop'')';

-- The generation that readers see, or an error if there is none yet, or if the reader's
-- transaction is so old that its generation has been dropped: to_regclass() knows what its
-- snapshot does not
CREATE FUNCTION @extschema@.portrait_current(schema name, OUT generation bigint, OUT as_of timestamptz, OUT time_zone text)
	RETURNS record
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_check(schema);
	SELECT s.* INTO generation, as_of, time_zone FROM @extschema@.portrait_state(schema) AS s;
	IF generation = 0 THEN
		RAISE object_not_in_prerequisite_state USING
			MESSAGE = format('portrait %I has not been refreshed yet', schema),
			HINT = 'Declare sources by portrait_source(...), then CALL portrait_refresh(schema, as_of => ...).';
	ELSIF EXISTS (SELECT FROM @extschema@.portrait_result_tables() AS t
			WHERE to_regclass(format('%I.%I', schema, format('%s_g%s', t, generation))) IS NULL) THEN
		RAISE serialization_failure USING
			MESSAGE = format('generation %s of portrait %I, which this transaction sees, has been dropped', generation, schema),
			DETAIL = 'The portrait was refreshed twice since the transaction took its snapshot.',
			HINT = 'Begin a new transaction.';
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_current(schema name, OUT generation bigint, OUT as_of timestamptz, OUT time_zone text) IS
'the generation that readers of a portrait see, or an error if there is none yet, or (40001) if it has been dropped since the transaction began; for example: SELECT * FROM portrait_current(''shop'')';

CREATE FUNCTION @extschema@.portrait_count(schema name, rule text)
	RETURNS bigint
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_current(schema);
	RETURN (SELECT coalesce(sum(@extschema@.segment_count(e.members)), 0)
		FROM @extschema@.portrait_evaluate(schema, @extschema@.portrait_rule(schema, rule)) AS e);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_count(schema name, rule text) IS
'how many customers fulfil a rule; for example: SELECT portrait_count(''shop'', ''rfm.segment = at_risk and spend_365d >= 1000'')';

CREATE FUNCTION @extschema@.portrait_count(schema name, rule @extschema@.tagquery)
	RETURNS bigint
	LANGUAGE SQL STABLE STRICT
	RETURN @extschema@.portrait_count(schema, rule::text);
COMMENT ON FUNCTION @extschema@.portrait_count(schema name, rule @extschema@.tagquery) IS
'the same of a rule as a value; for example: SELECT name, portrait_count(''shop'', rule::tagquery) FROM shop.segment_def';

CREATE FUNCTION @extschema@.portrait_members(schema name, rule text)
	RETURNS @extschema@.segment
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_current(schema);
	RETURN (SELECT coalesce(@extschema@.segment_union_agg(e.members), '{}')
		FROM @extschema@.portrait_evaluate(schema, @extschema@.portrait_rule(schema, rule)) AS e);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_members(schema name, rule text) IS
'the customers who fulfil a rule, as a set; for example: SELECT segment_members(portrait_members(''shop'', ''segment("at_risk")'')) AS customer';

CREATE FUNCTION @extschema@.portrait_members(schema name, rule @extschema@.tagquery)
	RETURNS @extschema@.segment
	LANGUAGE SQL STABLE STRICT
	RETURN @extschema@.portrait_members(schema, rule::text);
COMMENT ON FUNCTION @extschema@.portrait_members(schema name, rule @extschema@.tagquery) IS
'the same of a rule as a value; for example: SELECT portrait_members(''shop'', ''vip''::tagquery && ''age < 30'')';

CREATE FUNCTION @extschema@.portrait_explain(schema name, rule text,
	OUT leaf text, OUT size bigint, OUT running_size bigint, OUT milliseconds double precision)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 5
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	bound @extschema@.tagquery := @extschema@.tag_bind(@extschema@.portrait_rule(schema, rule), current.as_of, current.time_zone);
BEGIN
	PERFORM @extschema@.portrait_check_computed(schema, bound, current.generation);
	RETURN QUERY EXECUTE format($sql$
		SELECT x.leaf, sum(x.size)::bigint, sum(x.running_size)::bigint, sum(x.milliseconds)
		FROM %1$I.customer_member AS e
		CROSS JOIN LATERAL @extschema@.tag_segment_explain($1, e.members, '@extschema@.portrait_leaf(@extschema@.tagquery,text)',
			jsonb_build_object('schema', $2, 'generation', e.generation, 'bucket', e.bucket)::text)
			WITH ORDINALITY AS x(leaf, size, running_size, milliseconds, place)
		WHERE e.generation = $3
		GROUP BY x.place, x.leaf ORDER BY x.place $sql$, schema)
	USING bound, schema, current.generation;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_explain(schema name, rule text) IS
'what a rule comes to, leaf by leaf: how many customers each leaf is true of, how many are left once it and those above it are known (in the last row: the answer), and the time that its set took; for example: SELECT * FROM portrait_explain(''shop'', ''rfm.segment = at_risk and spend_365d >= 1000'')';

CREATE FUNCTION @extschema@.portrait_explain(schema name, rule @extschema@.tagquery,
	OUT leaf text, OUT size bigint, OUT running_size bigint, OUT milliseconds double precision)
	RETURNS SETOF record
	LANGUAGE SQL STABLE ROWS 5
BEGIN ATOMIC
	SELECT e.* FROM @extschema@.portrait_explain(schema, rule::text) AS e;
END;
COMMENT ON FUNCTION @extschema@.portrait_explain(schema name, rule @extschema@.tagquery) IS
'the same of a rule as a value; for example: SELECT * FROM portrait_explain(''shop'', ''vip''::tagquery)';

-- A segment by its name, as a rule
CREATE FUNCTION @extschema@.portrait_segment_rule(name text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.format('segment("%s")', pg_catalog.replace(pg_catalog.replace(name, '\', '\\'), '"', '\"'));
COMMENT ON FUNCTION @extschema@.portrait_segment_rule(name text) IS
'the rule that stands for a segment; for example: SELECT portrait_count(''shop'', portrait_segment_rule(''at_risk''))';

CREATE FUNCTION @extschema@.portrait_overlap(schema name, names text[] DEFAULT NULL,
	OUT segment_a text, OUT segment_b text, OUT size_a bigint, OUT size_b bigint, OUT common bigint,
	OUT jaccard double precision, OUT share_of_a double precision, OUT share_of_b double precision)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 20
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_current(schema);
	IF names IS NULL THEN
		EXECUTE format('SELECT array_agg(name ORDER BY name) FROM %1$I.segment_def', schema) INTO names;
	END IF;
	RETURN QUERY
		WITH named AS (
			SELECT n.name, min(n.place) AS place FROM unnest(names) WITH ORDINALITY AS n(name, place) GROUP BY n.name
		), member AS MATERIALIZED (
			SELECT n.name, n.place, e.bucket, e.members
			FROM named AS n,
			LATERAL @extschema@.portrait_evaluate(schema,
				@extschema@.portrait_rule(schema, @extschema@.portrait_segment_rule(n.name))) AS e
		), size AS (
			SELECT m.name, m.place, sum(@extschema@.segment_count(m.members))::bigint AS customers
			FROM member AS m GROUP BY m.name, m.place
		), common AS (
			SELECT a.name AS name_a, b.name AS name_b, sum(@extschema@.segment_intersect_count(a.members, b.members))::bigint AS customers
			FROM member AS a JOIN member AS b ON b.bucket = a.bucket AND b.place > a.place
			GROUP BY a.name, b.name
		)
		SELECT a.name, b.name, a.customers, b.customers, c.customers,
			c.customers::double precision / nullif(a.customers + b.customers - c.customers, 0),
			c.customers::double precision / nullif(a.customers, 0),
			c.customers::double precision / nullif(b.customers, 0)
		FROM common AS c JOIN size AS a ON a.name = c.name_a JOIN size AS b ON b.name = c.name_b
		ORDER BY a.place, b.place;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_overlap(schema name, names text[]) IS
'how much each two of the named segments (NULL: all) have in common; for example: SELECT * FROM portrait_overlap(''shop'', ''{active_may,active_june}'')';

CREATE FUNCTION @extschema@.portrait_partition(schema name, tag text, lang text DEFAULT 'en',
	OUT value text, OUT label text, OUT customers bigint, OUT share double precision)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 20
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	paths text[];
	several boolean;
BEGIN
	EXECUTE format('SELECT t.multiple FROM %1$I.tag AS t WHERE t.path = $1', schema) INTO several USING tag;
	IF several IS NULL THEN
		EXECUTE format('SELECT ARRAY(SELECT t.path FROM %1$I.tag AS t)', schema) INTO paths;
		RAISE undefined_object USING
			MESSAGE = format('there is no tag %s in portrait %I', coalesce(quote_literal(left(tag, 100)), 'NULL'), schema),
			HINT = @extschema@.portrait_nearest_hint(coalesce(tag, ''), paths, 'Tags are declared by portrait_tag.');
	END IF;
	-- numbers that few have are in tag_range, and make one row
	RETURN QUERY EXECUTE format($sql$
		WITH part AS (
			SELECT m.value, m.bucket, m.members FROM %1$I.tag_member AS m WHERE m.generation = $1 AND m.tag = $2
			UNION ALL
			SELECT NULL, r.bucket, @extschema@.segment_union_agg(r.members) FROM %1$I.tag_range AS r
			WHERE r.generation = $1 AND r.tag = $2 GROUP BY r.bucket
		), size AS (
			SELECT p.value, sum(@extschema@.segment_count(p.members))::bigint AS customers FROM part AS p GROUP BY p.value
		), known AS (
			SELECT CASE WHEN $3 THEN (SELECT sum(@extschema@.segment_count(u.members)) FROM (
					SELECT @extschema@.segment_union_agg(p.members) AS members FROM part AS p GROUP BY p.bucket) AS u)
				ELSE (SELECT sum(s.customers) FROM size AS s) END::double precision AS customers
		)
		SELECT s.value, coalesce(l.label, s.value), s.customers, s.customers / nullif(k.customers, 0)
		FROM size AS s CROSS JOIN known AS k
		LEFT JOIN %1$I.tag_label AS l ON l.code = $2 || '=' || s.value AND l.language = $4
		ORDER BY s.value IS NULL, s.customers DESC, s.value $sql$, schema)
	USING current.generation, tag, several, lang;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_partition(schema name, tag text, lang text) IS
'the values of a tag with their customers, and their share of those of whom the tag is known (of several values a customer is in each; all numbers that few have are in one row without a value); for example: SELECT * FROM portrait_partition(''shop'', ''rfm.segment'')';

-- Profiles: shares of a group against those of a base

CREATE FUNCTION @extschema@.portrait_compare_shares(target_count bigint, target_known bigint, rest_count bigint, rest_known bigint,
	both_count bigint, both_known bigint,
	OUT tgi double precision, OUT tgi_low double precision, OUT tgi_high double precision, OUT p_value double precision)
	RETURNS record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_compare_shares';
COMMENT ON FUNCTION @extschema@.portrait_compare_shares(target_count bigint, target_known bigint, rest_count bigint, rest_known bigint,
	both_count bigint, both_known bigint) IS
'the index of a target''s share against that of its base (rest, and both: what target and base have in common), with its 95 % interval and the two-sided test of target against rest; for example: SELECT round(tgi), round(tgi_low), round(tgi_high), round(p_value::numeric, 3) FROM portrait_compare_shares(30, 100, 70, 400, 30, 100) gives 150,114,191,0.005';

CREATE FUNCTION @extschema@.portrait_amounts_transition(state bytea, customer bigint, amount double precision)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_amounts_transition';
COMMENT ON FUNCTION @extschema@.portrait_amounts_transition(state bytea, customer bigint, amount double precision) IS
'transition function of portrait_amounts_agg';

CREATE FUNCTION @extschema@.portrait_amounts_combine(state bytea, other bytea)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_amounts_combine';
COMMENT ON FUNCTION @extschema@.portrait_amounts_combine(state bytea, other bytea) IS
'combine function of portrait_amounts_agg';

CREATE AGGREGATE @extschema@.portrait_amounts_agg(customer bigint, amount double precision) (
	SFUNC = @extschema@.portrait_amounts_transition,
	STYPE = bytea,
	COMBINEFUNC = @extschema@.portrait_amounts_combine,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.portrait_amounts_agg(customer bigint, amount double precision) IS
'an amount for each customer of one bucket, to be summed over sets by portrait_profile_count; for example: SELECT portrait_amounts_agg(customer, spend) FROM shop.customer_value WHERE customer >> 20 = 0';

CREATE FUNCTION @extschema@.portrait_profile_count(members @extschema@.segment, target @extschema@.segment,
	rest @extschema@.segment DEFAULT NULL, both_groups @extschema@.segment DEFAULT NULL, amounts bytea DEFAULT NULL,
	OUT target_count bigint, OUT rest_count bigint, OUT both_count bigint,
	OUT target_amount double precision, OUT base_amount double precision)
	RETURNS record
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_profile_count';
COMMENT ON FUNCTION @extschema@.portrait_profile_count(members @extschema@.segment, target @extschema@.segment,
	rest @extschema@.segment, both_groups @extschema@.segment, amounts bytea) IS
'members counted within a target, within the rest of its base (NULL: everybody else), and within what both have in common (NULL: the target), with sums of amounts; for example: SELECT target_count, rest_count FROM portrait_profile_count(''{1-10}'', ''{1-3,20}'') gives 3,7';

-- The tags that a rule names, itself or by its segments
CREATE FUNCTION @extschema@.portrait_rule_tags(schema name, rule @extschema@.tagquery)
	RETURNS text[]
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	paths text[];
BEGIN
	EXECUTE format($sql$
		WITH RECURSIVE needed AS (
			SELECT n.tags, n.segments FROM @extschema@.portrait_rule_names($1) AS n
			UNION
			SELECT n.tags, n.segments
			FROM needed AS o, unnest(o.segments) AS s(name)
			JOIN %1$I.segment_def AS d ON d.name = s.name,
			LATERAL @extschema@.portrait_rule_names(d.rule::@extschema@.tagquery) AS n
		)
		SELECT array_agg(t.path ORDER BY t.path)
		FROM %1$I.tag AS t
		WHERE EXISTS (SELECT FROM needed AS n, unnest(n.tags) AS name WHERE @extschema@.portrait_tag_fits(t.path, name)) $sql$, schema)
	INTO paths USING rule;
	RETURN coalesce(paths, '{}');
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_rule_tags(schema name, rule @extschema@.tagquery) IS
'the tags that a rule asks about, itself or by the segments that it names; for example: SELECT portrait_rule_tags(''shop'', ''segment("at_risk")'')';

-- Bucket by bucket, one look at each stored set.  Rows without a value are of whom a tag is
-- known besides: numbers that few have; of a tag with several values, all of whom it is known.
CREATE FUNCTION @extschema@.portrait_profile_counts(schema name, target @extschema@.tagquery, base @extschema@.tagquery,
	leave_out text[] DEFAULT '{}',
	OUT bucket bigint, OUT tag text, OUT value text, OUT target_count bigint, OUT rest_count bigint, OUT both_count bigint,
	OUT target_amount double precision, OUT base_amount double precision)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 1000
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	hidden text[] := leave_out || @extschema@.portrait_rule_tags(schema, target);
	part record;
	rest @extschema@.segment;
	both_groups @extschema@.segment;
	amounts bytea;
BEGIN
	FOR part IN
		SELECT t.bucket, t.members AS target, b.members AS base
		FROM @extschema@.portrait_evaluate(schema, target) AS t
		LEFT JOIN @extschema@.portrait_evaluate(schema, base) AS b ON b.bucket = t.bucket AND base IS NOT NULL
		ORDER BY t.bucket
	LOOP
		IF base IS NOT NULL THEN
			rest := @extschema@.segment_except(part.base, part.target);
			both_groups := @extschema@.segment_intersect(part.base, part.target);
			IF both_groups OPERATOR(@extschema@.=) part.target THEN
				both_groups := NULL;
			END IF;
		END IF;
		EXECUTE format($sql$
			SELECT @extschema@.portrait_amounts_agg(v.customer, v.spend::double precision)
			FROM %1$I.customer_value AS v
			WHERE v.generation = $1 AND v.customer BETWEEN $2 << 20 AND ($2 << 20) + 1048575 $sql$, schema)
		INTO amounts USING current.generation, part.bucket;
		RETURN QUERY EXECUTE format($sql$
			WITH tag AS (
				SELECT t.path, t.multiple FROM %1$I.tag AS t WHERE t.path <> ALL ($3)
			), part AS (
				SELECT m.tag, m.value, m.members, t.multiple
				FROM %1$I.tag_member AS m JOIN tag AS t ON t.path = m.tag
				WHERE m.generation = $1 AND m.bucket = $2
			), number AS (
				SELECT r.tag, r.members, t.multiple
				FROM %1$I.tag_range AS r JOIN tag AS t ON t.path = r.tag
				WHERE r.generation = $1 AND r.bucket = $2
			)
			SELECT $2, s.tag, s.value, c.*
			FROM (
				SELECT p.tag, p.value, p.members FROM part AS p
				UNION ALL
				SELECT n.tag, NULL, n.members FROM number AS n WHERE NOT n.multiple
				UNION ALL
				SELECT a.tag, NULL, @extschema@.segment_union_agg(a.members)
				FROM (SELECT p.tag, p.members FROM part AS p WHERE p.multiple
					UNION ALL SELECT n.tag, n.members FROM number AS n WHERE n.multiple) AS a
				GROUP BY a.tag
			) AS s, LATERAL @extschema@.portrait_profile_count(s.members, $4, $5, $6, $7) AS c $sql$, schema)
		USING current.generation, part.bucket, hidden, part.target, rest, both_groups, amounts;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_profile_counts(schema name, target @extschema@.tagquery, base @extschema@.tagquery, leave_out text[]) IS
'what portrait_profile compares, counted in each bucket, without some tags: a base of NULL is everybody; for example: SELECT * FROM portrait_profile_counts(''shop'', ''member'', NULL)';

CREATE FUNCTION @extschema@.portrait_profile(schema name, target text, base text DEFAULT NULL, minimum integer DEFAULT 20,
	lang text DEFAULT 'en', masked boolean DEFAULT false,
	OUT tag text, OUT value text, OUT label text, OUT target_count bigint, OUT target_known bigint, OUT target_share double precision,
	OUT base_count bigint, OUT base_known bigint, OUT base_share double precision,
	OUT tgi double precision, OUT tgi_low double precision, OUT tgi_high double precision,
	OUT p_value double precision, OUT q_value double precision,
	OUT target_revenue_share double precision, OUT base_revenue_share double precision)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 500
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target_rule @extschema@.tagquery := @extschema@.portrait_rule(schema, target, 'target');
	base_rule @extschema@.tagquery;
BEGIN
	IF base IS NOT NULL THEN
		base_rule := @extschema@.portrait_rule(schema, base, 'base');
	END IF;
	RETURN QUERY EXECUTE format($sql$
		WITH counts AS MATERIALIZED (
			SELECT c.tag, c.value, sum(c.target_count)::bigint AS target_count, sum(c.rest_count)::bigint AS rest_count,
				sum(c.both_count)::bigint AS both_count, sum(c.target_amount ORDER BY c.bucket, c.target_amount) AS target_amount,
				sum(c.base_amount ORDER BY c.bucket, c.base_amount) AS base_amount
			FROM @extschema@.portrait_profile_counts($1, $2, $3, $6) AS c
			GROUP BY c.tag, c.value
		), known AS (
			SELECT c.tag, t.position, sum(c.target_count)::bigint AS target_count, sum(c.rest_count)::bigint AS rest_count,
				sum(c.both_count)::bigint AS both_count, sum(c.target_amount ORDER BY c.value COLLATE "C") AS target_amount,
				sum(c.base_amount ORDER BY c.value COLLATE "C") AS base_amount
			FROM counts AS c JOIN %1$I.tag AS t ON t.path = c.tag
			WHERE c.value IS NULL OR NOT t.multiple
			GROUP BY c.tag, t.position
		), shown AS (
			SELECT c.tag, c.value, k.position, c.target_count, k.target_count AS target_known,
				c.rest_count + c.both_count AS base_count, k.rest_count + k.both_count AS base_known,
				s.*, c.target_amount / nullif(k.target_amount, 0) AS target_revenue_share,
				c.base_amount / nullif(k.base_amount, 0) AS base_revenue_share
			FROM counts AS c JOIN known AS k USING (tag),
			LATERAL @extschema@.portrait_compare_shares(c.target_count, k.target_count, c.rest_count, k.rest_count,
				c.both_count, k.both_count) AS s
			WHERE c.value IS NOT NULL AND c.rest_count + c.both_count >= $4
			-- a few are hidden; that there is none is told where, by the share of the base, there were to be enough
			AND (c.target_count >= $4 OR c.target_count = 0
				AND k.target_count * (c.rest_count + c.both_count)::double precision >= $4 * (k.rest_count + k.both_count)::double precision)
		), ranked AS (
			-- Benjamini-Hochberg: p times tests over tests that are no larger, and no more than that of a larger p
			SELECT s.*, CASE WHEN s.p_value IS NOT NULL THEN
				s.p_value * count(s.p_value) OVER () / count(s.p_value) OVER (ORDER BY s.p_value) END AS adjusted
			FROM shown AS s
		)
		SELECT r.tag, r.value, coalesce(l.label, r.value),
			r.target_count, r.target_known, r.target_count::double precision / nullif(r.target_known, 0),
			r.base_count, r.base_known, r.base_count::double precision / nullif(r.base_known, 0),
			r.tgi, r.tgi_low, r.tgi_high, r.p_value,
			CASE WHEN r.p_value IS NOT NULL THEN least(1, min(r.adjusted) OVER (ORDER BY r.p_value DESC)) END,
			r.target_revenue_share, r.base_revenue_share
		FROM ranked AS r
		LEFT JOIN %1$I.tag_label AS l ON l.code = r.tag || '=' || r.value AND l.language = $5
		ORDER BY r.position, r.tag, r.target_count DESC, r.value $sql$, schema)
	USING schema, target_rule, base_rule, coalesce(minimum, 0), lang, @extschema@.portrait_personal_tags(schema, masked);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_profile(schema name, target text, base text, minimum integer, lang text, masked boolean) IS
'how a group differs from a base (NULL: everybody) in each value of each tag: counts, shares of those of whom the tag is known, the index TGI = 100 * target share / base share with its 95 % interval, the two-sided test of the target against the rest of the base with its false discovery rate (Benjamini-Hochberg), and shares of the revenue; values that fewer than minimum of the target or of the base have are not shown (but that nobody of the target has one is, where by the base''s share minimum would), nor tags that the target''s rule names, nor, masked, personal ones; for example: SELECT tag, label, tgi FROM portrait_profile(''shop'', ''segment("at_risk")'') WHERE q_value < 0.05 ORDER BY tgi DESC';

CREATE FUNCTION @extschema@.portrait_profile(schema name, target @extschema@.tagquery, base @extschema@.tagquery DEFAULT NULL,
	minimum integer DEFAULT 20, lang text DEFAULT 'en', masked boolean DEFAULT false,
	OUT tag text, OUT value text, OUT label text, OUT target_count bigint, OUT target_known bigint, OUT target_share double precision,
	OUT base_count bigint, OUT base_known bigint, OUT base_share double precision,
	OUT tgi double precision, OUT tgi_low double precision, OUT tgi_high double precision,
	OUT p_value double precision, OUT q_value double precision,
	OUT target_revenue_share double precision, OUT base_revenue_share double precision)
	RETURNS SETOF record
	LANGUAGE SQL STABLE ROWS 500
BEGIN ATOMIC
	SELECT p.* FROM @extschema@.portrait_profile(schema, target::text, base::text, minimum, lang, masked) AS p;
END;
COMMENT ON FUNCTION @extschema@.portrait_profile(schema name, target @extschema@.tagquery, base @extschema@.tagquery, minimum integer, lang text, masked boolean) IS
'the same of rules as values; for example: SELECT * FROM portrait_profile(''shop'', ''vip''::tagquery, ''age >= 18''::tagquery)';
