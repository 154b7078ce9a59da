/*
 * Refresh: tags.
 *
 * A step gathers what its tag is into w_set (sets of a value) or w_row (rows, where a
 * customer has a number, a weight or times of his own), takes over what on_empty => keep
 * keeps, and stores it.  A step that fails with an error is rolled back and logged, and
 * its ..._keep() called, which takes over all that the last generation has, with the
 * numbers of customers brought up to date by w_rekey.
 */

-- When the summaries are there: what tags and segments are computed from
CREATE FUNCTION @extschema@.portrait_refresh_tag_begin(schema name, generation bigint)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_refresh_table(schema, generation, 'customer_member');
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I
		SELECT $1, customer >> 20, @extschema@.segment_agg(customer) FROM %1$I.%3$I GROUP BY customer >> 20 $sql$,
		schema, 'customer_member_g' || generation, 'customer_g' || generation)
	USING generation;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'customer_member');
	PERFORM @extschema@.portrait_refresh_table(schema, generation, 'segment_since');
	-- of refreshes that came to nothing
	EXECUTE format('DELETE FROM %1$I.segment_history WHERE generation > (SELECT generation FROM %1$I.state)', schema);

	EXECUTE format('CREATE VIEW %1$I.w_customer AS SELECT customer, first_seen, population FROM %1$I.%2$I', schema, 'customer_g' || generation);
	EXECUTE format('CREATE VIEW %1$I.w_identifier AS SELECT identifier, customer, first_seen, sources FROM %1$I.%2$I',
		schema, 'identifier_g' || generation);
	EXECUTE format('CREATE VIEW %1$I.w_consent AS SELECT customer, channel, allowed, at FROM %1$I.%2$I', schema, 'consent_g' || generation);
	EXECUTE format('CREATE VIEW %1$I.w_value AS
		SELECT customer, summary, sensitivity, first_order, last_order, orders, spend FROM %1$I.%2$I', schema, 'customer_value_g' || generation);
	EXECUTE format('CREATE VIEW %1$I.w_tag_member AS SELECT tag, value, bucket, value_type, weighted, members FROM %1$I.%2$I',
		schema, 'tag_member_g' || generation);
	EXECUTE format('CREATE VIEW %1$I.w_tag_value AS SELECT tag, customer, value, number, weight, set_at, expires_at FROM %1$I.%2$I',
		schema, 'tag_value_g' || generation);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_begin(schema name, generation bigint) IS
'makes what tags and segments are computed from; for example: SELECT portrait_refresh_tag_begin(''shop'', 17)';

CREATE FUNCTION @extschema@.portrait_refresh_tag_steps(schema name)
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE ROWS 50
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	ready text[];
	done text[] := '{}';
BEGIN
	EXECUTE format('SELECT ARRAY(SELECT p.step FROM @extschema@.portrait_retail_steps() WITH ORDINALITY AS p(step, n)
		WHERE EXISTS (SELECT FROM %1$I.w_tag WHERE pack = ''retail'') ORDER BY p.n)', schema)
	INTO ready;
	RETURN QUERY SELECT unnest(ready);
	LOOP
		-- those whose needs are done; were there a circle, the rest
		EXECUTE format($sql$
			WITH open AS (
				SELECT t.path, t.position, @extschema@.portrait_tag_needs(t.definition) AS needs FROM %1$I.w_tag AS t WHERE t.path <> ALL ($1)
			), waiting AS (
				SELECT DISTINCT o.path FROM open AS o, unnest(o.needs) AS n, open AS other
				WHERE @extschema@.portrait_tag_fits(other.path, n)
			)
			SELECT ARRAY(SELECT o.path FROM open AS o
				WHERE o.path NOT IN (SELECT path FROM waiting) OR NOT EXISTS (SELECT FROM open WHERE path NOT IN (SELECT path FROM waiting))
				ORDER BY o.position, o.path) $sql$, schema)
		INTO ready USING done;
		EXIT WHEN ready = '{}';
		RETURN QUERY SELECT unnest(ready);
		done := done || ready;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_steps(schema name) IS
'the steps that compute the tags, in order of their dependencies; for example: SELECT portrait_refresh_tag_steps(''shop'')';

-- Does a customer have more of this tag than a value?
CREATE FUNCTION @extschema@.portrait_tag_has_rows(tag jsonb)
	RETURNS boolean
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN tag ->> 'value_type' IN ('number', 'date', 'time') OR tag ->> 'time_to_live' IS NOT NULL
		OR coalesce(tag -> 'definition' -> 'columns' ?| '{weight,set_at,expires_at}', false);
COMMENT ON FUNCTION @extschema@.portrait_tag_has_rows(tag jsonb) IS
'is a tag stored by rows, as its values are numbers, or have weights or times; for example: portrait_tag_has_rows(''{"value_type": "number"}'') gives true';

-- Rows of a tag's query, which is w_query, with all columns that there may be
CREATE FUNCTION @extschema@.portrait_tag_sql(schema name, tag jsonb, as_of timestamptz, time_zone text)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns jsonb := tag -> 'definition' -> 'columns';
	type text := @extschema@.portrait_tag_type((columns ->> 'value')::regtype);
	value_type text := tag ->> 'value_type';
	value text;
	number text := 'NULL::double precision';
	moment text;
	moments jsonb := '{}';
	weight text := 'NULL::double precision';
BEGIN
	FOREACH moment IN ARRAY '{value,set_at,expires_at,observed_at}'::text[] LOOP
		moments := moments || jsonb_build_object(moment, CASE columns ->> moment
			WHEN 'timestamp with time zone' THEN format('q.%I', moment)
			WHEN 'timestamp without time zone' THEN format('(q.%I AT TIME ZONE %L)', moment, time_zone)
			WHEN 'date' THEN format('(q.%I::timestamp AT TIME ZONE %L)', moment, time_zone)
			ELSE 'NULL::timestamptz' END);
	END LOOP;
	-- rules know the years 1 to 9999
	moments := jsonb_set(moments, '{set_at}', to_jsonb(format($sql$ CASE WHEN %1$s BETWEEN '0001-01-01Z' AND '9999-12-31Z' THEN %1$s END $sql$, moments ->> 'set_at')));
	value := CASE
		-- its text is made when it is stored
		WHEN value_type = 'number' THEN 'NULL::text'
		WHEN value_type = 'date' THEN $sql$ CASE WHEN q.value BETWEEN '0001-01-01' AND '9999-12-31' THEN to_char(q.value, 'YYYY-MM-DD') END $sql$
		WHEN value_type = 'time' THEN format($sql$ CASE WHEN %1$s BETWEEN '0001-01-01Z' AND '9999-12-31Z'
			THEN @extschema@.portrait_time_text(%1$s) END $sql$, moments ->> 'value')
		WHEN type = 'time' THEN format('(%s AT TIME ZONE %L)::text', moments ->> 'value', time_zone)
		ELSE 'nullif(q.value::text, '''')' END;
	number := CASE
		WHEN value_type = 'number' AND columns ->> 'value' IN ('numeric', 'real', 'double precision')
			THEN 'CASE WHEN abs(q.value) < ''Infinity'' THEN q.value::double precision + 0 END'
		WHEN value_type = 'number' THEN 'q.value::double precision'
		WHEN value_type = 'date' THEN 'extract(epoch FROM q.value)::double precision'
		WHEN value_type = 'time' THEN format('extract(epoch FROM %s)::double precision', moments ->> 'value')
		ELSE number END;
	IF columns ? 'weight' THEN
		weight := 'q.weight::double precision';
	END IF;
	-- what lives for a time has one at which it was set
	IF tag ->> 'time_to_live' IS NOT NULL THEN
		moments := moments || jsonb_build_object('set_at', format('coalesce(%s, %s, %L::timestamptz)', moments ->> 'set_at', moments ->> 'observed_at', as_of));
		moments := moments || jsonb_build_object('expires_at', format('coalesce(%s, (%s AT TIME ZONE %L + %L::interval) AT TIME ZONE %3$L)',
			moments ->> 'expires_at', moments ->> 'set_at', time_zone, tag ->> 'time_to_live'));
	END IF;
	IF tag ->> 'half_life' IS NOT NULL AND columns ? 'weight' AND columns ? 'set_at' THEN
		-- what is no weight stays to be seen
		weight := format('CASE WHEN q.weight BETWEEN 0 AND 1 THEN %s ELSE %s END',
			@extschema@.portrait_decayed_sql(weight, format('%L::timestamptz - %s', as_of, moments ->> 'set_at'), tag ->> 'half_life'), weight);
	END IF;
	RETURN format($sql$
		SELECT * FROM (
			SELECT q.customer::bigint AS customer, %2$s AS value, %3$s AS number, %4$s AS weight, %5$s AS set_at, %6$s AS expires_at,
				%7$s AS observed_at, %8$s AS source
			FROM %1$I.w_query AS q WHERE q.value IS NOT NULL
		) AS x WHERE x.customer IS NOT NULL AND %9$s %10$s $sql$,
		schema, value, number, weight, moments ->> 'set_at', moments ->> 'expires_at', moments ->> 'observed_at',
		CASE WHEN columns ? 'source' THEN 'q.source::text COLLATE "C"' ELSE 'NULL::text' END,
		CASE WHEN value_type = 'number' THEN 'x.number IS NOT NULL' ELSE 'x.value IS NOT NULL' END,
		CASE WHEN columns ? 'expires_at' OR tag ->> 'time_to_live' IS NOT NULL
			THEN format('AND (x.expires_at IS NULL OR x.expires_at > %L::timestamptz)', as_of) END);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_sql(schema name, tag jsonb, as_of timestamptz, time_zone text) IS
'the rows of a tag''s query in the form that they are stored in; for example: SELECT portrait_tag_sql(''shop'', to_jsonb(t), ''2026-01-01Z'', ''UTC'') FROM shop.tag AS t';

-- A weight when so much time has passed; nothing has decayed before it was set
CREATE FUNCTION @extschema@.portrait_decayed_sql(weight text, age text, half_life text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.format('(%s) * coalesce(power(0.5::double precision, least(1000, greatest(0, extract(epoch FROM %s)::double precision
		/ extract(epoch FROM %L::interval)::double precision))), 1)', weight, age, half_life);
COMMENT ON FUNCTION @extschema@.portrait_decayed_sql(weight text, age text, half_life text) IS
'the expression of a weight of some age; for example: SELECT portrait_decayed_sql(''weight'', ''interval ''''1 day'''''', ''7 days'')';

-- Which of a customer's values counts: an ORDER BY behind the customer
CREATE FUNCTION @extschema@.portrait_conflict_sql(schema name, tag jsonb, rows text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.format($sql$
		SELECT DISTINCT ON (r.customer) r.customer, r.value, r.number, r.weight, r.set_at, r.expires_at, r.observed_at, r.source
		FROM (
			SELECT x.*, coalesce(array_position(%2$L::text[], x.source), 1000000 + s.priority, 2000000000) AS rank %4$s
			FROM (%3$s) AS x LEFT JOIN %1$I.w_source AS s ON s.name = x.source
		) AS r
		ORDER BY r.customer, %5$s r.rank, r.number, r.value COLLATE "C", r.set_at DESC NULLS LAST, r.weight DESC NULLS LAST, r.expires_at DESC $sql$,
		schema, coalesce((SELECT pg_catalog.array_agg(e) FROM pg_catalog.jsonb_array_elements_text(tag -> 'definition' -> 'sources') AS e), '{}'),
		rows,
		CASE tag ->> 'conflict' WHEN 'most_frequent' THEN ', count(*) OVER (PARTITION BY x.customer, x.value, x.number) AS times' END,
		CASE coalesce(tag ->> 'conflict', 'latest')
			WHEN 'latest' THEN 'coalesce(r.observed_at, r.set_at) DESC NULLS LAST,'
			WHEN 'earliest' THEN 'coalesce(r.observed_at, r.set_at) NULLS LAST,'
			WHEN 'most_frequent' THEN 'r.times DESC,'
			WHEN 'max' THEN 'r.number DESC, r.value COLLATE "C" DESC,' END);
COMMENT ON FUNCTION @extschema@.portrait_conflict_sql(schema name, tag jsonb, rows text) IS
'one row of each customer, by a tag''s conflict policy, ties by the order of sources, then value; for example: SELECT portrait_conflict_sql(''shop'', to_jsonb(t), ''SELECT * FROM rows'') FROM shop.tag AS t';

CREATE FUNCTION @extschema@.portrait_tag_as_set(view oid)
	RETURNS text
	LANGUAGE C STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_tag_as_set';
COMMENT ON FUNCTION @extschema@.portrait_tag_as_set(view oid) IS
'the query of a view without the DISTINCT at its top, NULL if there is none that could be left out where rows are wanted as a set; for example: SELECT portrait_tag_as_set(''shop.buyers''::regclass)';

CREATE FUNCTION @extschema@.portrait_refresh_tag_query(schema name, generation bigint, as_of timestamptz, tag jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rows text;
	strange bigint;
	strangers bigint;
	doubles boolean;
	view text := format('CREATE VIEW %I.w_query AS %s', schema, tag -> 'definition' ->> 'query');
	as_set text;
BEGIN
	PERFORM set_config('search_path', @extschema@.portrait_tag_path(tag -> 'definition' ->> 'search_path', schema, false), true);
	EXECUTE view;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	IF (tag ->> 'multiple')::boolean AND NOT @extschema@.portrait_tag_has_rows(tag) THEN
		as_set := @extschema@.portrait_tag_as_set(format('%I.w_query', schema)::regclass);
		IF as_set IS NOT NULL THEN
			EXECUTE format('CREATE OR REPLACE VIEW %I.w_query AS %s', schema, as_set);
		END IF;
	END IF;
	EXECUTE format('SELECT @extschema@.portrait_tag_sql($1, $2, as_of, time_zone) FROM %1$I.w_run', schema)
	INTO rows USING schema, tag;
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_row AS %2$s %3$s', schema, rows,
		CASE WHEN NOT @extschema@.portrait_tag_has_rows(tag) THEN 'LIMIT 0' END);
	IF tag -> 'definition' -> 'columns' ? 'weight' THEN
		EXECUTE format('UPDATE %1$I.w_row SET weight = NULL WHERE NOT weight BETWEEN 0 AND 1', schema);
		GET DIAGNOSTICS strange = ROW_COUNT;
		IF strange > 0 THEN
			PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'tag', tag ->> 'path', strange,
				'weights do not count, as they are not from 0 to 1', 'The values are kept without a weight.');
		END IF;
	END IF;
	EXECUTE format(CASE WHEN @extschema@.portrait_tag_has_rows(tag) THEN
		-- who they are is enough to see strangers and doubles
		$sql$ CREATE UNLOGGED TABLE %1$I.w_set AS
		SELECT NULL::text COLLATE "C" AS value, customer >> 20 AS bucket, @extschema@.segment_agg(customer) AS members, count(*) AS rows
		FROM %1$I.w_row GROUP BY customer >> 20 $sql$
		ELSE
		$sql$ CREATE UNLOGGED TABLE %1$I.w_set AS
		SELECT value COLLATE "C" AS value, customer >> 20 AS bucket, @extschema@.segment_agg(customer) AS members, count(*) AS rows
		FROM (%2$s) AS r GROUP BY value COLLATE "C", customer >> 20 $sql$ END, schema, rows);

	EXECUTE format($sql$
		SELECT sum(@extschema@.segment_except_count(s.members, coalesce(e.members, '{}')))
		FROM %1$I.w_set AS s LEFT JOIN %1$I.%2$I AS e USING (bucket) $sql$, schema, 'customer_member_g' || generation)
	INTO strangers;
	IF strangers > 0 THEN
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'tag', tag ->> 'path', strangers,
			'values of customers that there are not', 'The query gives numbers that are not in w_customer.');
		EXECUTE format('DELETE FROM %1$I.w_row AS r WHERE NOT EXISTS (SELECT FROM %1$I.w_customer AS c WHERE c.customer = r.customer)', schema);
		EXECUTE format('DELETE FROM %1$I.w_set WHERE bucket NOT IN (SELECT bucket FROM %1$I.%2$I)', schema, 'customer_member_g' || generation);
		EXECUTE format($sql$ UPDATE %1$I.w_set AS s SET members = @extschema@.segment_intersect(s.members, e.members)
			FROM %1$I.%2$I AS e WHERE e.bucket = s.bucket $sql$, schema, 'customer_member_g' || generation);
	END IF;

	IF @extschema@.portrait_tag_has_rows(tag) THEN
		EXECUTE format('SELECT sum(rows) > sum(@extschema@.segment_count(members)) FROM %1$I.w_set', schema) INTO doubles;
		EXECUTE format('DROP TABLE %1$I.w_set', schema);
		IF doubles OR (tag ->> 'multiple')::boolean THEN
			PERFORM @extschema@.portrait_refresh_tag_settle_rows(schema, tag);
		END IF;
	ELSE
		IF NOT (tag ->> 'multiple')::boolean THEN
			PERFORM @extschema@.portrait_refresh_tag_settle_sets(schema, tag, rows);
		END IF;
		EXECUTE format('DROP TABLE %1$I.w_row', schema);
	END IF;
	EXECUTE format('DROP VIEW %1$I.w_query', schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_query(schema name, generation bigint, as_of timestamptz, tag jsonb) IS
'runs the query of a tag, into w_row or w_set; for example: SELECT portrait_refresh_tag_query(''shop'', 17, ''2026-01-01Z'', to_jsonb(t)) FROM shop.tag AS t';

-- Several rows of a customer: one of them, or one for each value
CREATE FUNCTION @extschema@.portrait_refresh_tag_settle_rows(schema name, tag jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('ALTER TABLE %1$I.w_row RENAME TO w_row_all', schema);
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_row AS %2$s', schema,
		CASE WHEN (tag ->> 'multiple')::boolean THEN format($sql$
			SELECT DISTINCT ON (customer, value, number) * FROM %1$I.w_row_all
			ORDER BY customer, value, number, set_at DESC NULLS LAST, weight DESC NULLS LAST, expires_at DESC, source $sql$, schema)
		ELSE @extschema@.portrait_conflict_sql(schema, tag, format('SELECT * FROM %1$I.w_row_all', schema)) END);
	EXECUTE format('DROP TABLE %1$I.w_row_all', schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_settle_rows(schema name, tag jsonb) IS
'settles conflicts in w_row; for example: SELECT portrait_refresh_tag_settle_rows(''shop'', to_jsonb(t)) FROM shop.tag AS t';

-- Only those who are in sets of several values are looked at again
CREATE FUNCTION @extschema@.portrait_refresh_tag_settle_sets(schema name, tag jsonb, rows text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	conflicts bigint;
BEGIN
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_conflict AS
		SELECT bucket, @extschema@.segment_at_least_agg(members, 2) AS members FROM %1$I.w_set GROUP BY bucket $sql$, schema);
	EXECUTE format('SELECT sum(@extschema@.segment_count(members)) FROM %1$I.w_conflict', schema) INTO conflicts;
	IF conflicts > 0 THEN
		EXECUTE format('ALTER TABLE %1$I.w_set RENAME TO w_set_all', schema);
		EXECUTE format($sql$
			CREATE UNLOGGED TABLE %1$I.w_set AS
			SELECT value COLLATE "C" AS value, bucket, @extschema@.segment_union_agg(members) AS members
			FROM (
				SELECT s.value, s.bucket, @extschema@.segment_except(s.members, c.members) AS members
				FROM %1$I.w_set_all AS s JOIN %1$I.w_conflict AS c USING (bucket)
				UNION ALL
				SELECT w.value, w.customer >> 20, @extschema@.segment_agg(w.customer)
				FROM (%2$s) AS w GROUP BY w.value, w.customer >> 20
			) AS s GROUP BY value COLLATE "C", bucket $sql$, schema,
			@extschema@.portrait_conflict_sql(schema, tag, format($sql$
				SELECT r.* FROM (%2$s) AS r JOIN %1$I.w_conflict AS c
				ON c.bucket = r.customer >> 20 AND r.customer OPERATOR(@extschema@.<@) c.members $sql$, schema, rows)));
		EXECUTE format('DROP TABLE %1$I.w_set_all', schema);
	END IF;
	EXECUTE format('DROP TABLE %1$I.w_conflict', schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_settle_sets(schema name, tag jsonb, rows text) IS
'settles conflicts in w_set; for example: SELECT portrait_refresh_tag_settle_sets(''shop'', to_jsonb(t), portrait_tag_sql(''shop'', to_jsonb(t), ''2026-01-01Z'', ''UTC'')) FROM shop.tag AS t';

-- Values with rules: each takes of whom those before it left
CREATE FUNCTION @extschema@.portrait_refresh_tag_rules(schema name, generation bigint, tag jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	run record;
	part record;
	choice record;
	left_over @extschema@.segment;
	found @extschema@.segment;
	context text;
BEGIN
	EXECUTE format('SELECT * FROM %1$I.w_run', schema) INTO run;
	PERFORM @extschema@.portrait_check_computed(schema, (r ->> 1)::@extschema@.tagquery, generation)
		FROM jsonb_array_elements(tag -> 'definition' -> 'rules') AS r;
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_set (value text COLLATE "C", bucket bigint, members @extschema@.segment)', schema);
	FOR part IN EXECUTE format('SELECT bucket, members FROM %1$I.%2$I ORDER BY bucket', schema, 'customer_member_g' || generation) LOOP
		left_over := part.members;
		context := jsonb_build_object('schema', schema, 'generation', generation, 'bucket', part.bucket, 'building', true);
		FOR choice IN
			SELECT r ->> 0 AS value, @extschema@.tag_bind((r ->> 1)::@extschema@.tagquery, run.as_of, run.time_zone) AS rule
			FROM jsonb_array_elements(tag -> 'definition' -> 'rules') WITH ORDINALITY AS e(r, n) ORDER BY n
		LOOP
			found := @extschema@.tag_segment(choice.rule, left_over, '@extschema@.portrait_leaf(@extschema@.tagquery,text)', context);
			EXECUTE format('INSERT INTO %1$I.w_set VALUES ($1, $2, $3)', schema) USING choice.value, part.bucket, found;
			IF NOT (tag ->> 'multiple')::boolean THEN
				left_over := @extschema@.segment_except(left_over, found);
				EXIT WHEN @extschema@.segment_is_empty(left_over);
			END IF;
		END LOOP;
	END LOOP;
	IF @extschema@.portrait_tag_has_rows(tag) THEN
		EXECUTE format('CREATE VIEW %1$I.w_query AS SELECT c.customer, s.value%2$s FROM %1$I.w_set AS s, @extschema@.segment_members(s.members) AS c(customer)',
			schema, CASE tag ->> 'value_type' WHEN 'number' THEN '::numeric' WHEN 'date' THEN '::date' WHEN 'time' THEN '::timestamptz' END);
		EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_row AS %2$s', schema, @extschema@.portrait_tag_sql(schema, jsonb_set(tag, '{definition,columns}',
			jsonb_build_object('value', CASE tag ->> 'value_type' WHEN 'number' THEN 'numeric' WHEN 'date' THEN 'date'
				WHEN 'time' THEN 'timestamp with time zone' ELSE 'text' END)), run.as_of, run.time_zone));
		EXECUTE format('DROP VIEW %1$I.w_query', schema);
		EXECUTE format('DROP TABLE %1$I.w_set', schema);
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_rules(schema name, generation bigint, tag jsonb) IS
'finds whom the rules of a tag match, into w_set or w_row; for example: SELECT portrait_refresh_tag_rules(''shop'', 17, to_jsonb(t)) FROM shop.tag AS t';

-- Takes over what the last generation has of customers of whom nothing is known now.
-- Of numbers that were joined, the survivor's value counts, else that of the oldest.
CREATE FUNCTION @extschema@.portrait_refresh_tag_carry(schema name, generation bigint, as_of timestamptz, tag jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	path text := tag ->> 'path';
	type text := tag ->> 'value_type';
	several text := CASE WHEN (tag ->> 'multiple')::boolean THEN ', o.value' ELSE '' END;
	last record;
	another boolean;
BEGIN
	EXECUTE format('SELECT r.previous AS generation, s.as_of FROM %1$I.w_run AS r, %1$I.state AS s', schema) INTO last;
	EXECUTE format($sql$
		SELECT EXISTS (SELECT FROM %1$I.tag_member WHERE generation = $1 AND tag = $2 AND value_type <> $3)
			OR EXISTS (SELECT FROM %1$I.tag_range WHERE generation = $1 AND tag = $2 AND value_type <> $3) $sql$, schema)
	INTO another USING last.generation, path, type;
	IF last.generation = 0 OR another THEN
		RETURN;
	END IF;
	IF @extschema@.portrait_tag_has_rows(tag) THEN
		EXECUTE format($sql$
			INSERT INTO %1$I.w_row (customer, value, number, weight, set_at, expires_at, source)
			SELECT k.customer, k.value, k.number, k.weight, k.set_at, k.expires_at, k.source
			FROM (
				SELECT DISTINCT ON (coalesce(j.new_customer, o.customer) %2$s) coalesce(j.new_customer, o.customer) AS customer,
					%3$s AS value, o.number, %4$s AS weight, o.set_at, o.expires_at, o.source
				FROM (
					SELECT v.customer, v.value, v.number, v.weight, v.set_at, v.expires_at, v.source
					FROM %1$I.tag_value AS v WHERE v.generation = $1 AND v.tag = $2
					UNION ALL
					SELECT c, m.value, %5$s, NULL, NULL, NULL, NULL
					FROM %1$I.tag_member AS m, @extschema@.segment_members(m.members) AS c
					WHERE m.generation = $1 AND m.tag = $2 AND NOT m.weighted
				) AS o LEFT JOIN %1$I.w_rekey AS j ON j.old_customer = o.customer
				WHERE o.expires_at IS NULL OR o.expires_at > $3
				ORDER BY coalesce(j.new_customer, o.customer) %2$s, j.new_customer IS NOT NULL, o.customer, o.value
			) AS k
			WHERE EXISTS (SELECT FROM %1$I.w_customer AS c WHERE c.customer = k.customer)
			AND NOT EXISTS (SELECT FROM %1$I.w_row AS r WHERE r.customer = k.customer) $sql$, schema, several,
			CASE type WHEN 'number' THEN 'NULL' ELSE 'o.value' END,
			CASE WHEN tag ->> 'half_life' IS NOT NULL
				THEN @extschema@.portrait_decayed_sql('o.weight', format('%L::timestamptz - %L::timestamptz', as_of, last.as_of), tag ->> 'half_life')
				ELSE 'o.weight' END,
			CASE type WHEN 'number' THEN 'm.value::double precision' WHEN 'text' THEN 'NULL::double precision' WHEN 'boolean' THEN 'NULL::double precision'
				ELSE format('extract(epoch FROM m.value::%s)::double precision', CASE type WHEN 'date' THEN 'date' ELSE 'timestamptz' END) END)
		USING last.generation, path, as_of;
	ELSE
		EXECUTE format('ALTER TABLE %1$I.w_set RENAME TO w_set_all', schema);
		EXECUTE format($sql$
			CREATE UNLOGGED TABLE %1$I.w_set AS
			WITH old AS MATERIALIZED (
				SELECT m.value, m.bucket, m.members FROM %1$I.tag_member AS m WHERE m.generation = %3$s AND m.tag = %4$L
			), joined AS (
				SELECT DISTINCT ON (j.new_customer %2$s) j.new_customer AS customer, o.value
				FROM old AS o JOIN %1$I.w_rekey AS j ON j.old_customer >> 20 = o.bucket AND j.old_customer OPERATOR(@extschema@.<@) o.members
				WHERE %5$s OR NOT EXISTS (SELECT FROM old AS s
					WHERE s.bucket = j.new_customer >> 20 AND j.new_customer OPERATOR(@extschema@.<@) s.members)
				ORDER BY j.new_customer %2$s, j.old_customer, o.value
			), kept AS (
				SELECT value, bucket, members FROM old
				UNION ALL
				SELECT value, customer >> 20, @extschema@.segment_agg(customer) FROM joined GROUP BY value, customer >> 20
			), known AS (
				SELECT bucket, @extschema@.segment_union_agg(members) AS members FROM %1$I.w_set_all GROUP BY bucket
			)
			SELECT value COLLATE "C" AS value, bucket, @extschema@.segment_union_agg(members) AS members
			FROM (
				SELECT value, bucket, members FROM %1$I.w_set_all
				UNION ALL
				SELECT k.value, k.bucket, @extschema@.segment_except(@extschema@.segment_intersect(k.members, e.members), coalesce(n.members, '{}'))
				FROM kept AS k JOIN %1$I.%6$I AS e USING (bucket) LEFT JOIN known AS n USING (bucket)
			) AS s GROUP BY value COLLATE "C", bucket $sql$, schema, several, last.generation, path, tag ->> 'multiple',
			'customer_member_g' || generation);
		EXECUTE format('DROP TABLE %1$I.w_set_all', schema);
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_carry(schema name, generation bigint, as_of timestamptz, tag jsonb) IS
'takes over what the last generation has of a tag, into w_row or w_set; for example: SELECT portrait_refresh_tag_carry(''shop'', 17, ''2026-01-01Z'', to_jsonb(t)) FROM shop.tag AS t';

-- From w_set or w_row into the tables of the generation
CREATE FUNCTION @extschema@.portrait_refresh_tag_store(schema name, generation bigint, tag jsonb)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET extra_float_digits = 1
AS $$
DECLARE
	rows bigint;
	distinct_values bigint;
	longest integer;
BEGIN
	IF tag ->> 'value_type' = 'text' THEN
		EXECUTE format('SELECT max(octet_length(value)) FROM %1$I.%2$I', schema, CASE WHEN @extschema@.portrait_tag_has_rows(tag) THEN 'w_row' ELSE 'w_set' END)
		INTO longest;
		PERFORM @extschema@.portrait_tag_check_length(tag ->> 'path', longest);
	END IF;
	IF @extschema@.portrait_tag_has_rows(tag) AND tag ->> 'value_type' IN ('number', 'date', 'time') THEN
		rows := @extschema@.portrait_refresh_tag_store_numbers(schema, generation, tag);
	ELSIF @extschema@.portrait_tag_has_rows(tag) THEN
		EXECUTE format($sql$
			INSERT INTO %1$I.%2$I (generation, customer, tag, value, weight, set_at, expires_at, source)
			SELECT $1, customer, $2, value, weight, set_at, expires_at, source FROM %1$I.w_row $sql$, schema, 'tag_value_g' || generation)
		USING generation, tag ->> 'path';
		GET DIAGNOSTICS rows = ROW_COUNT;
		EXECUTE format($sql$
			INSERT INTO %1$I.%2$I (generation, tag, value, bucket, value_type, weighted, members)
			SELECT $1, $2, value COLLATE "C", customer >> 20, $3, true, @extschema@.segment_agg(customer)
			FROM %1$I.w_row GROUP BY value COLLATE "C", customer >> 20 $sql$, schema, 'tag_member_g' || generation)
		USING generation, tag ->> 'path', tag ->> 'value_type';
	ELSE
		EXECUTE format('SELECT sum(@extschema@.segment_count(members)) FROM %1$I.w_set', schema) INTO rows;
		EXECUTE format($sql$
			INSERT INTO %1$I.%2$I (generation, tag, value, bucket, value_type, weighted, members)
			SELECT $1, $2, value, bucket, $3, false, members FROM %1$I.w_set
			WHERE NOT @extschema@.segment_is_empty(members) $sql$, schema, 'tag_member_g' || generation)
		USING generation, tag ->> 'path', tag ->> 'value_type';
	END IF;
	EXECUTE format('SELECT count(DISTINCT value) FROM %1$I.%2$I WHERE tag = $1', schema, 'tag_member_g' || generation)
	INTO distinct_values USING tag ->> 'path';
	-- each value is a set of its own, which pays where many customers share it
	IF distinct_values > 65536 THEN
		RAISE program_limit_exceeded USING
			MESSAGE = format('tag %s has %s different values', tag ->> 'path', distinct_values),
			DETAIL = 'A tag of texts has 65536 at most, as each is kept as a set of customers.',
			HINT = 'Group them in its query, or leave it out: a tag is what customers have in common.';
	END IF;
	EXECUTE format('DROP TABLE %1$I.%2$I', schema, CASE WHEN @extschema@.portrait_tag_has_rows(tag) THEN 'w_row' ELSE 'w_set' END);
	RETURN coalesce(rows, 0);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_store(schema name, generation bigint, tag jsonb) IS
'stores what w_set or w_row has of a tag, and gives the number of values; for example: SELECT portrait_refresh_tag_store(''shop'', 17, to_jsonb(t)) FROM shop.tag AS t';

-- Numbers and times: what one in 64 has is kept as a set, as are all where there are few, the
-- others by rows and in parts
CREATE FUNCTION @extschema@.portrait_refresh_tag_store_numbers(schema name, generation bigint, tag jsonb)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET extra_float_digits = 1
AS $$
DECLARE
	found record;
	every integer;
	heavy double precision[] := '{}';
	breaks double precision[];
	text_of text := CASE tag ->> 'value_type' WHEN 'number' THEN 'number::text' ELSE 'value' END;
BEGIN
	EXECUTE format('SELECT count(*) AS rows, count(weight) + count(set_at) + count(expires_at) + count(source) > 0 AS weighted FROM %1$I.w_row', schema)
	INTO found;
	-- a sample that is always the same tells where parts begin
	every := greatest(1, found.rows / 16384);
	IF NOT found.weighted THEN
		EXECUTE format($sql$
			SELECT coalesce(array_agg(number), '{}')
			FROM (SELECT number, count(*) * $1 AS rows, count(*) OVER () AS numbers
				FROM %1$I.w_row WHERE abs(hashint8(customer)::bigint) %% $1 = 0 GROUP BY number) AS h
			WHERE rows >= greatest(1000, $2 / 64) OR numbers <= 256 AND $2 / numbers >= 64 $sql$, schema)
		INTO heavy USING every, found.rows;
	END IF;
	EXECUTE format($sql$
		SELECT ARRAY(SELECT DISTINCT b FROM unnest(percentile_disc(ARRAY(SELECT i / 64.0 FROM generate_series(1, 63) AS i))
			WITHIN GROUP (ORDER BY number)) AS b ORDER BY b)
		FROM %1$I.w_row WHERE abs(hashint8(customer)::bigint) %% $1 = 0 AND number <> ALL ($2) $sql$, schema)
	INTO breaks USING every, heavy;
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I (generation, tag, value, bucket, value_type, weighted, members)
		SELECT $1, $2, %3$s, customer >> 20, $3, false, @extschema@.segment_agg(customer)
		FROM %1$I.w_row WHERE number = ANY ($4) GROUP BY number, %3$s, customer >> 20 $sql$, schema, 'tag_member_g' || generation, text_of)
	USING generation, tag ->> 'path', tag ->> 'value_type', heavy;
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I (generation, customer, tag, value, number, weight, set_at, expires_at, source)
		SELECT $1, customer, $2, %3$s, number, weight, set_at, expires_at, source
		FROM %1$I.w_row WHERE number <> ALL ($3) $sql$, schema, 'tag_value_g' || generation, text_of)
	USING generation, tag ->> 'path', heavy;
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I (generation, tag, bucket, part, value_type, low, high, members, numbers)
		SELECT $1, $2, bucket, part, $3, min(number), max(number), @extschema@.segment_agg(customer), %3$s
		FROM (SELECT customer >> 20 AS bucket, %4$s AS part, customer, number
			FROM %1$I.w_row WHERE number <> ALL ($4)) AS r
		GROUP BY bucket, part $sql$, schema, 'tag_range_g' || generation,
		CASE WHEN (tag ->> 'multiple')::boolean THEN 'NULL::double precision[]' ELSE 'array_agg(number ORDER BY customer)' END,
		CASE WHEN breaks = '{}' THEN '0' ELSE 'width_bucket(number, $5)' END)
	USING generation, tag ->> 'path', tag ->> 'value_type', heavy, breaks;
	RETURN found.rows;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_store_numbers(schema name, generation bigint, tag jsonb) IS
'stores what w_row has of a tag of numbers or times; for example: SELECT portrait_refresh_tag_store_numbers(''shop'', 17, to_jsonb(t)) FROM shop.tag AS t';

CREATE FUNCTION @extschema@.portrait_refresh_tag(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	tag jsonb;
BEGIN
	EXECUTE format('SELECT to_jsonb(t) FROM %1$I.w_tag AS t WHERE t.path = $1', schema) INTO tag USING subject;
	IF starts_with(subject, 'w_') THEN
		RETURN @extschema@.portrait_refresh_retail(schema, generation, subject);
	ELSIF tag IS NULL THEN
		RETURN NULL;
	ELSIF tag -> 'definition' ? 'rules' THEN
		PERFORM @extschema@.portrait_refresh_tag_rules(schema, generation, tag);
	ELSE
		PERFORM @extschema@.portrait_refresh_tag_query(schema, generation, as_of, tag);
	END IF;
	IF tag ->> 'on_empty' = 'keep' THEN
		PERFORM @extschema@.portrait_refresh_tag_carry(schema, generation, as_of, tag);
	END IF;
	-- it has nothing of a declaration before, unless it keeps values; what it needs may have some
	EXECUTE format($sql$
		UPDATE %1$I.w_tag AS t SET computed = coalesce(t.computed, $1),
			personal = t.personal AND t.on_empty = 'keep' AND t.computed IS NOT NULL OR coalesce(@extschema@.portrait_tag_is_personal(t.sensitivity), false)
				OR t.sensitivity IS NULL AND EXISTS (SELECT FROM %1$I.w_tag AS n WHERE n.personal AND @extschema@.portrait_tag_uses(t.definition, n.path))
		WHERE t.path = $2 $sql$, schema)
	USING generation, subject;
	RETURN @extschema@.portrait_refresh_tag_store(schema, generation, tag);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag(schema name, generation bigint, as_of timestamptz, subject text) IS
'the step of a refresh that computes a tag, or what several are computed from; for example: SELECT portrait_refresh_tag(''shop'', 17, ''2026-01-01Z'', ''rfm.segment'')';

CREATE FUNCTION @extschema@.portrait_refresh_tag_keep(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	tag jsonb;
BEGIN
	-- as it was stored, whatever its declaration says now
	EXECUTE format($sql$
		SELECT jsonb_build_object('path', t.path, 'multiple', t.multiple, 'half_life', t.half_life,
			'value_type', coalesce(m.value_type, r.value_type),
			'definition', jsonb_build_object('columns', CASE WHEN m.weighted THEN '{"weight": 1}'::jsonb ELSE '{}' END))
		FROM %1$I.w_tag AS t CROSS JOIN %1$I.w_run AS w
		LEFT JOIN LATERAL (SELECT * FROM %1$I.tag_member AS m WHERE m.generation = w.previous AND m.tag = t.path LIMIT 1) AS m ON true
		LEFT JOIN LATERAL (SELECT * FROM %1$I.tag_range AS m WHERE m.generation = w.previous AND m.tag = t.path LIMIT 1) AS r ON true
		WHERE t.path = $1 AND t.computed IS NOT NULL AND num_nonnulls(m.value_type, r.value_type) > 0 $sql$, schema)
	INTO tag USING subject;
	IF tag IS NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE format(CASE WHEN @extschema@.portrait_tag_has_rows(tag)
		THEN 'CREATE UNLOGGED TABLE %1$I.w_row (customer bigint, value text COLLATE "C", number double precision, weight double precision,
			set_at timestamptz, expires_at timestamptz, observed_at timestamptz, source text COLLATE "C")'
		ELSE 'CREATE UNLOGGED TABLE %1$I.w_set (value text COLLATE "C", bucket bigint, members @extschema@.segment)' END, schema);
	PERFORM @extschema@.portrait_refresh_tag_carry(schema, generation, as_of, tag);
	RETURN @extschema@.portrait_refresh_tag_store(schema, generation, tag);
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
	FROM unnest('{tag_member,tag_value,tag_range,segment_member,segment_since}'::name[]) AS t;
	PERFORM @extschema@.portrait_refresh_wide(schema, generation);
	PERFORM @extschema@.portrait_refresh_touchpoint(schema, generation);
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_tag_index(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that indexes the tags when all are computed, and gathers what only views read; for example: SELECT portrait_refresh_tag_index(''shop'', 17, ''2026-01-01Z'')';
