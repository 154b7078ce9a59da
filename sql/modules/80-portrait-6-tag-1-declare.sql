/*
 * Tags and segments: how they are declared.  What a refresh makes of them is in
 * the files behind this one.
 *
 * A tag is a query, or values each with a rule.  Both are looked at when they are
 * declared, so that a refresh does not stumble over them.
 */

-- What a tag's query may read by these names, while a refresh runs and when it is
-- declared: the working tables and views of a refresh, see src/portrait/README.md
CREATE FUNCTION @extschema@.portrait_tag_tables(OUT table_name text, OUT columns text)
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 12
BEGIN ATOMIC
	SELECT t.* FROM (VALUES
		('w_run', 'generation bigint, previous bigint, as_of timestamptz, local_as_of timestamp, business_as_of timestamp, time_zone text, day_start time'),
		('w_source', 'name text COLLATE "C", kind text, priority integer'),
		('w_customer', 'customer bigint, first_seen timestamp, population text'),
		('w_identifier', 'identifier text COLLATE "C", customer bigint, first_seen timestamp, sources text[]'),
		('w_consent', 'customer bigint, channel text COLLATE "C", allowed boolean, at timestamp'),
		('w_value', 'customer bigint, summary @extschema@.rfm_summary, sensitivity @extschema@.price_sensitivity, first_order timestamp, last_order timestamp, orders bigint, spend numeric'),
		('w_line', 'source text COLLATE "C", customer bigint, order_id text COLLATE "C", paid_at timestamp, paid numeric, quantity numeric, list_price numeric, promotion_kind text COLLATE "C", product text COLLATE "C", product_name text COLLATE "C", category text COLLATE "C", brand text COLLATE "C", store text COLLATE "C", channel text COLLATE "C"'),
		('w_order', 'customer bigint, source text COLLATE "C", order_id text COLLATE "C", paid_at timestamp, paid numeric, quantity numeric, list_price numeric, lines integer, promotion_kind text COLLATE "C", store text COLLATE "C", channel text COLLATE "C", title text COLLATE "C"'),
		('w_event', 'source text COLLATE "C", customer bigint, at timestamp, kind text COLLATE "C", item text COLLATE "C", touchpoint text COLLATE "C", dwell double precision'),
		('w_attribute', 'source text COLLATE "C", priority integer, customer bigint, name text COLLATE "C", value text COLLATE "C", observed_at timestamp'),
		('w_tag_member', 'tag text COLLATE "C", value text COLLATE "C", bucket bigint, value_type text, weighted boolean, members @extschema@.segment'),
		('w_tag_value', 'tag text COLLATE "C", customer bigint, value text COLLATE "C", number double precision, weight double precision, set_at timestamptz, expires_at timestamptz')
	) AS t(table_name, columns);
END;
COMMENT ON FUNCTION @extschema@.portrait_tag_tables(OUT table_name text, OUT columns text) IS
'the tables that the query of a tag may read by their bare names, with their columns; for example: SELECT * FROM portrait_tag_tables()';

-- The types of a tag's values, by the type of a query's column
CREATE FUNCTION @extschema@.portrait_tag_type(type oid)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE
		WHEN type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
			'numeric'::regtype, 'real'::regtype, 'double precision'::regtype) THEN 'number'
		WHEN type = 'boolean'::regtype THEN 'boolean'
		WHEN type = 'date'::regtype THEN 'date'
		WHEN type IN ('timestamp'::regtype, 'timestamptz'::regtype) THEN 'time'
		ELSE 'text' END;
COMMENT ON FUNCTION @extschema@.portrait_tag_type(type oid) IS
'what values of a column are as values of a tag: number, boolean, date, time or text; for example: portrait_tag_type(''numeric''::regtype) gives number';

-- Tells an error on; a detail or hint that is empty is left out
CREATE FUNCTION @extschema@.portrait_error(code text, message text, detail text, hint text)
	RETURNS void
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF detail <> '' THEN
		RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, DETAIL = detail, HINT = hint;
	ELSE
		RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, HINT = hint;
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_error(code text, message text, detail text, hint text) IS
'raises an error, without a detail if that is empty; for example: SELECT portrait_error(''22023'', ''that is no tag'', '''', ''Try another.'')';

-- What a rule needs: names of tags, name.* for all below one, and of segments
CREATE FUNCTION @extschema@.portrait_rule_names(rule @extschema@.tagquery, OUT tags text[], OUT segments text[])
	RETURNS record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_rule_names';
COMMENT ON FUNCTION @extschema@.portrait_rule_names(rule @extschema@.tagquery, OUT tags text[], OUT segments text[]) IS
'the tags that a rule asks about (interest.* for interest and all below it), and the segments; for example: SELECT * FROM portrait_rule_names(''interest.* and segment("vip")'') gives {interest.*},{vip}';

-- Is that the tag's name, or one below it?
CREATE FUNCTION @extschema@.portrait_tag_fits(path text, needed text)
	RETURNS boolean
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN pg_catalog.right(needed, 2) = '.*'
		THEN path = pg_catalog.left(needed, -2) OR pg_catalog.starts_with(path, pg_catalog.left(needed, -1))
		ELSE path = needed END;
COMMENT ON FUNCTION @extschema@.portrait_tag_fits(path text, needed text) IS
'is a tag what a rule needs; for example: portrait_tag_fits(''interest.sport'', ''interest.*'') gives true';

-- Names that another could have been meant for: which share half its letters, and pairs of letters
CREATE FUNCTION @extschema@.portrait_nearest(name text, names text[])
	RETURNS text[]
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN ARRAY(
		SELECT c.candidate
		FROM pg_catalog.unnest(names) AS c(candidate),
		LATERAL (SELECT pg_catalog.sum(pg_catalog.sign(pg_catalog.strpos(pg_catalog.lower(c.candidate), pg_catalog.lower(pg_catalog.substr(name, i, n)))))
					/ (2 * pg_catalog.length(name) - 1) AS part
			FROM pg_catalog.generate_series(1, 2) AS n, pg_catalog.generate_series(1, pg_catalog.length(name) + 1 - n) AS i) AS likeness
		WHERE likeness.part >= 0.5
		ORDER BY likeness.part DESC, pg_catalog.abs(pg_catalog.length(c.candidate) - pg_catalog.length(name)), c.candidate COLLATE "C"
		LIMIT 3);
COMMENT ON FUNCTION @extschema@.portrait_nearest(name text, names text[]) IS
'up to three names that are written much like this one; for example: portrait_nearest(''rfm.segmnet'', ''{rfm.score,rfm.segment,city}'') gives {rfm.segment,rfm.score}';

CREATE FUNCTION @extschema@.portrait_nearest_hint(name text, names text[], otherwise text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN coalesce('Was this meant: ' || nullif(pg_catalog.array_to_string(@extschema@.portrait_nearest(name, names), ', '), '') || '?',
		otherwise);
COMMENT ON FUNCTION @extschema@.portrait_nearest_hint(name text, names text[], otherwise text) IS
'the hint of an error about a name that there is not; for example: portrait_nearest_hint(''tire'', ''{tier,city}'', ''Look at v_tag.'') gives Was this meant: tier?';

-- The short way: what it says no to is looked at again, to tell what is missing
CREATE FUNCTION @extschema@.portrait_knows(schema name, rule @extschema@.tagquery, generation bigint DEFAULT NULL)
	RETURNS boolean
	LANGUAGE C STABLE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_knows';
COMMENT ON FUNCTION @extschema@.portrait_knows(schema name, rule @extschema@.tagquery, generation bigint) IS
'has a portrait all tags and segments that a rule names (with a generation: is that there, and has it the tags); for example: SELECT portrait_knows(''shop'', ''rfm.segment = at_risk and segment("vip")'')';

-- A rule of a portrait, read and looked at: does all that it names exist?
CREATE FUNCTION @extschema@.portrait_rule(schema name, rule text, what text DEFAULT 'rule', of_tag boolean DEFAULT false)
	RETURNS @extschema@.tagquery
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	parsed @extschema@.tagquery;
	names record;
	missing text;
	there text[];
	one text;
	a_segment boolean;
	detail text;
	hint text;
BEGIN
	PERFORM @extschema@.portrait_check(schema);
	IF rule IS NULL THEN
		RAISE null_value_not_allowed USING MESSAGE = format('%s: the rule is NULL', what);
	END IF;
	BEGIN
		parsed := rule::@extschema@.tagquery;
	EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		PERFORM @extschema@.portrait_error(SQLSTATE, format('%s: %s', what, SQLERRM), detail,
			coalesce(nullif(hint, ''), 'Rules are written as: vip and city in (Paris, "New York") and spend_365d >= 1000.'));
	END;
	IF NOT of_tag AND @extschema@.portrait_knows(schema, parsed) THEN
		RETURN parsed;
	END IF;
	names := @extschema@.portrait_rule_names(parsed);
	EXECUTE format($sql$
		SELECT string_agg(quote_ident(n), ', '), ARRAY(SELECT t.path FROM %1$I.tag AS t), min(n),
			EXISTS (SELECT FROM %1$I.segment_def AS s WHERE s.name = min(n))
		FROM unnest($1) AS n
		WHERE NOT EXISTS (SELECT FROM %1$I.tag AS t WHERE @extschema@.portrait_tag_fits(t.path, n)) $sql$, schema)
	INTO missing, there, one, a_segment USING names.tags;
	IF missing IS NOT NULL THEN
		RAISE undefined_object USING
			MESSAGE = format('%s: there is no tag %s in portrait %I', what, missing, schema),
			HINT = CASE WHEN a_segment THEN format('There is a segment of that name: write %s.', @extschema@.portrait_segment_rule(one))
				ELSE @extschema@.portrait_nearest_hint(one, there, format('Tags are declared by portrait_tag; these there are: SELECT path FROM %I.v_tag.', schema)) END;
	ELSIF cardinality(@extschema@.tagquery_names(parsed, 'event')) > 0 THEN
		RAISE feature_not_supported USING
			MESSAGE = format('%s: rules of a portrait cannot ask did(...)', what),
			HINT = 'Make a tag of it first, by a query on w_event: SELECT customer, count(*) AS value FROM w_event WHERE kind = ''view'' GROUP BY customer.';
	ELSIF of_tag AND cardinality(names.segments) > 0 THEN
		RAISE feature_not_supported USING
			MESSAGE = format('%s: rules of tags cannot ask segment(...)', what),
			DETAIL = 'Tags are computed before segments.',
			HINT = 'Write the rule of the segment in its place.';
	END IF;
	EXECUTE format($sql$
		SELECT string_agg(quote_ident(n), ', '), ARRAY(SELECT s.name FROM %1$I.segment_def AS s), min(n) FROM unnest($1) AS n
		WHERE n NOT IN (SELECT s.name FROM %1$I.segment_def AS s) $sql$, schema)
	INTO missing, there, one USING names.segments;
	IF missing IS NOT NULL THEN
		RAISE undefined_object USING
			MESSAGE = format('%s: there is no segment %s in portrait %I', what, missing, schema),
			HINT = @extschema@.portrait_nearest_hint(one, there, format('Segments are declared by portrait_segment; these there are: SELECT name FROM %I.v_segment.', schema));
	END IF;
	RETURN parsed;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_rule(schema name, rule text, what text, of_tag boolean) IS
'the rule of a text, or an error if it cannot be read, or names tags or segments that there are not; for example: SELECT portrait_rule(''shop'', ''rfm.segment = at_risk and segment("vip")'')';

-- Nothing is known of a tag that was never computed: that is no answer, least of all to "not".
-- While a generation is computed the same is true of segments; later their rules are asked.
CREATE FUNCTION @extschema@.portrait_check_computed(schema name, rule @extschema@.tagquery, generation bigint)
	RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tags text[];
	segments text[];
	building boolean;
	missing text;
BEGIN
	IF @extschema@.portrait_knows(schema, rule, generation) THEN
		RETURN;
	END IF;
	SELECT n.tags, n.segments INTO tags, segments FROM @extschema@.portrait_rule_names(rule) AS n;
	EXECUTE format('SELECT $1 > s.generation FROM %1$I.state AS s', schema) INTO building USING generation;
	EXECUTE format($sql$
		SELECT string_agg('tag ' || quote_ident(n), ', ') FROM unnest($1) AS n
		WHERE NOT EXISTS (SELECT FROM %1$I.%2$I AS t WHERE @extschema@.portrait_tag_fits(t.path, n) AND t.computed <= $2) $sql$,
		schema, CASE WHEN building THEN 'w_tag' ELSE 'tag' END)
	INTO missing USING tags, generation;
	IF missing IS NULL AND building THEN
		EXECUTE format($sql$
			SELECT string_agg('segment ' || quote_ident(n), ', ') FROM unnest($1) AS n
			WHERE n NOT IN (SELECT s.name FROM %1$I.w_segment AS s WHERE s.computed IS NOT NULL) $sql$, schema)
		INTO missing USING segments;
	END IF;
	IF missing IS NOT NULL THEN
		RAISE object_not_in_prerequisite_state USING
			MESSAGE = format('%s of portrait %I has not been computed yet', missing, schema),
			HINT = format('CALL portrait_refresh(schema, as_of => ...). If that failed, %I.v_refresh_log says why.', schema);
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_check_computed(schema name, rule @extschema@.tagquery, generation bigint) IS
'an error if a rule asks about a tag that a generation has not, or, while it is computed, about a segment; for example: SELECT portrait_check_computed(''shop'', ''vip'', 17)';

-- What a tag or a segment needs, as they are stored
CREATE FUNCTION @extschema@.portrait_tag_needs(definition jsonb)
	RETURNS text[]
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(definition -> 'needs'));
COMMENT ON FUNCTION @extschema@.portrait_tag_needs(definition jsonb) IS
'the tags that must be computed before a tag; for example: portrait_tag_needs(''{"needs": ["age"]}'') gives {age}';

-- Looks for a way from what something needs back to itself
CREATE FUNCTION @extschema@.portrait_tag_circle(schema name, path text, needs text[])
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text[] := ARRAY[path];
	came_from integer[] := ARRAY[0];
	next record;
	i integer := 1;
	way text;
BEGIN
	WHILE i <= cardinality(found) LOOP
		FOR next IN EXECUTE format($sql$
			SELECT DISTINCT t.path COLLATE "C" AS path
			FROM unnest(CASE WHEN $1 = 1 THEN $2 ELSE (SELECT @extschema@.portrait_tag_needs(d.definition)
				FROM %1$I.tag AS d WHERE d.path = $3) END) AS n
			JOIN (SELECT path FROM %1$I.tag UNION SELECT $4) AS t ON @extschema@.portrait_tag_fits(t.path, n)
			ORDER BY 1 $sql$, schema)
			USING i, needs, found[i], path
		LOOP
			IF next.path = path THEN
				way := path;
				WHILE i > 0 LOOP
					way := found[i] || ' -> ' || way;
					i := came_from[i];
				END LOOP;
				RETURN way;
			ELSIF next.path <> ALL (found) THEN
				found := found || next.path;
				came_from := came_from || i;
			END IF;
		END LOOP;
		i := i + 1;
	END LOOP;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_circle(schema name, path text, needs text[]) IS
'the circle that a tag would be in if it needed these tags, or NULL; for example: SELECT portrait_tag_circle(''shop'', ''tier'', ''{spend_365d}'')';

CREATE FUNCTION @extschema@.portrait_segment_circle(schema name, name text, needs text[])
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text[] := ARRAY[name];
	came_from integer[] := ARRAY[0];
	next text;
	nexts text[] := needs;
	i integer := 1;
	way text;
BEGIN
	WHILE i <= cardinality(found) LOOP
		IF i > 1 THEN
			EXECUTE format('SELECT (@extschema@.portrait_rule_names(rule::@extschema@.tagquery)).segments
				FROM %1$I.segment_def WHERE name = $1', schema)
			INTO nexts USING found[i];
		END IF;
		FOREACH next IN ARRAY coalesce(nexts, '{}') LOOP
			IF next = name THEN
				way := name;
				WHILE i > 0 LOOP
					way := found[i] || ' -> ' || way;
					i := came_from[i];
				END LOOP;
				RETURN way;
			ELSIF next <> ALL (found) THEN
				found := found || next;
				came_from := came_from || i;
			END IF;
		END LOOP;
		i := i + 1;
	END LOOP;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_segment_circle(schema name, name text, needs text[]) IS
'the circle that a segment would be in if it needed these segments, or NULL; for example: SELECT portrait_segment_circle(''shop'', ''vip'', ''{buyers}'')';

-- The path that a tag's query runs with: that of the session that declared it, then the portrait
CREATE FUNCTION @extschema@.portrait_tag_path(path text, schema name, declaring boolean)
	RETURNS text
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE STRICT
	-- when it is declared, empty temporary tables stand for those of a refresh
	RETURN pg_catalog.concat_ws(', ', CASE WHEN declaring THEN 'pg_temp' END, nullif(path, ''),
		pg_catalog.quote_ident(schema), 'pg_temp');
COMMENT ON FUNCTION @extschema@.portrait_tag_path(path text, schema name, declaring boolean) IS
'the search_path of a tag''s query; for example: portrait_tag_path(''public'', ''shop'', false) gives public, shop, pg_temp';

-- The columns of a tag's query, which is looked at on empty tables
CREATE FUNCTION @extschema@.portrait_tag_columns(schema name, path text, query text, search_path text)
	RETURNS jsonb
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	empty record;
	columns jsonb;
	doubles text;
	code text;
	message text;
	detail text;
	hint text;
BEGIN
	-- the tables are gone with the exception that ends this block
	BEGIN
		FOR empty IN SELECT * FROM @extschema@.portrait_tag_tables() AS t WHERE strpos(lower(query), t.table_name) > 0
			UNION ALL SELECT * FROM @extschema@.portrait_retail_tables() AS t WHERE strpos(lower(query), t.table_name) > 0
		LOOP
			EXECUTE format('CREATE TEMP TABLE %I (%s)', empty.table_name, empty.columns);
		END LOOP;
		PERFORM set_config('search_path', @extschema@.portrait_tag_path(search_path, schema, true), true);
		SELECT pg_catalog.jsonb_object_agg(c.column_name, c.column_type),
			pg_catalog.string_agg(c.column_name, ', ') FILTER (WHERE c.earlier)
		INTO columns, doubles
		FROM (SELECT q.column_name, q.column_type,
				pg_catalog.row_number() OVER (PARTITION BY q.column_name) OPERATOR(pg_catalog.>) 1 AS earlier
			FROM @extschema@.portrait_query_columns(query) AS q) AS c;
		-- rights and the like, which only the executor sees; a comment may end the query
		EXECUTE pg_catalog.format(E'SELECT FROM (%s\n) AS q LIMIT 0', query);
		RAISE EXCEPTION USING ERRCODE = 'RT000';
	EXCEPTION
		WHEN SQLSTATE 'RT000' THEN
			NULL;
		WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
				detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
			PERFORM @extschema@.portrait_error(code, format('tag %s: %s', path, message), detail,
				coalesce(nullif(hint, ''), 'The query may read your tables and what portrait_tag_tables() tells.'));
	END;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	IF doubles IS NOT NULL THEN
		RAISE duplicate_column USING
			MESSAGE = format('tag %s: the query has several columns "%s"', path, doubles),
			HINT = 'Give each column a name of its own: SELECT ... AS ...';
	END IF;
	RETURN columns;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_columns(schema name, path text, query text, search_path text) IS
'the columns of a tag''s query and the oids of their types; for example: SELECT portrait_tag_columns(''shop'', ''age'', ''SELECT customer, value FROM w_attribute'', ''public'')';

-- Columns of a tag's query: customer and value, and what more there may be
CREATE FUNCTION @extschema@.portrait_tag_check(path text, columns jsonb)
	RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	problem record;
	unused text;
BEGIN
	FOR problem IN
		SELECT c.*, (columns ->> c.name)::oid AS has
		FROM (VALUES ('customer', 'integer', true), ('value', 'value', true), ('weight', 'number', false), ('set_at', 'time', false),
			('expires_at', 'time', false), ('observed_at', 'time', false), ('source', 'text', false)) AS c(name, kind, required)
	LOOP
		IF problem.required AND problem.has IS NULL THEN
			RAISE undefined_column USING
				MESSAGE = format('tag %s: the query has no column "%s"', path, problem.name),
				HINT = 'It gives customer (a number of w_customer) and value, and may give weight, set_at, expires_at, observed_at, source.';
		ELSIF (CASE problem.kind
			WHEN 'integer' THEN problem.has NOT IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
			WHEN 'number' THEN @extschema@.portrait_tag_type(problem.has) <> 'number'
			WHEN 'time' THEN @extschema@.portrait_tag_type(problem.has) NOT IN ('date', 'time')
			WHEN 'value' THEN problem.has IN ('bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'interval'::regtype)
				OR EXISTS (SELECT FROM pg_type AS t WHERE t.oid = problem.has AND t.typcategory IN ('A', 'C'))
			END) THEN
			RAISE datatype_mismatch USING
				MESSAGE = format('tag %s: column "%s" is %s', path, problem.name, problem.has::regtype),
				HINT = format('Cast it in the query to %s.', CASE problem.kind WHEN 'integer' THEN 'bigint' WHEN 'number' THEN 'double precision'
					WHEN 'time' THEN 'timestamp (local time), timestamptz or date' ELSE 'text, numeric, boolean, date or timestamp; several values are several rows' END);
		END IF;
	END LOOP;
	SELECT string_agg(k, ', ' ORDER BY k) INTO unused
	FROM jsonb_object_keys(columns) AS k
	WHERE k NOT IN ('customer', 'value', 'weight', 'set_at', 'expires_at', 'observed_at', 'source');
	IF unused IS NOT NULL THEN
		RAISE NOTICE 'tag %: columns that are not used: %', path, unused;
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_check(path text, columns jsonb) IS
'an error that says what to do, unless these are the columns of a tag''s query; for example: SELECT portrait_tag_check(''age'', ''{"customer": 20, "value": 23}'')';

-- Values are keys, and indexes hold no longer ones
CREATE FUNCTION @extschema@.portrait_tag_check_length(path text, bytes integer)
	RETURNS void
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF bytes > 1023 THEN
		RAISE program_limit_exceeded USING
			MESSAGE = format('tag %s has a value of %s bytes', path, bytes),
			DETAIL = 'Values of tags have 1023 bytes at most.',
			HINT = 'Shorten or group them in its query: a tag is what customers have in common.';
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_check_length(path text, bytes integer) IS
'an error if a value of a tag is too long to be kept; for example: SELECT portrait_tag_check_length(''city'', octet_length(''Shanghai''))';

-- Values with rules: read, looked at, and told which can never win
CREATE FUNCTION @extschema@.portrait_tag_rules(schema name, path text, rules text[], multiple boolean, value_type text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	choice text;
	what text;
	rule @extschema@.tagquery;
	earlier @extschema@.tagquery := 'false';
	needs text[] := '{}';
	stored jsonb := '[]';
	beaten text[] := '{}';
BEGIN
	IF array_ndims(rules) IS DISTINCT FROM 2 OR array_length(rules, 2) <> 2 THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('tag %s: rules must be pairs of a value and its rule', path),
			HINT = 'For example rules => ARRAY[[''gold'', ''spend_365d >= 5000''], [''silver'', ''spend_365d >= 1000'']].';
	END IF;
	FOR i IN array_lower(rules, 1)..array_upper(rules, 1) LOOP
		choice := rules[i][array_lower(rules, 2)];
		what := format('tag %s, value %s', path, coalesce(choice, 'NULL'));
		IF coalesce(choice, '') = '' THEN
			RAISE invalid_parameter_value USING MESSAGE = format('tag %s: value %s of rules is empty', path, i);
		END IF;
		PERFORM @extschema@.portrait_tag_check_length(path, octet_length(choice));
		IF EXISTS (SELECT FROM jsonb_array_elements(stored) AS s WHERE s ->> 0 = choice) THEN
			RAISE invalid_parameter_value USING
				MESSAGE = format('%s: stands twice', what),
				HINT = 'Join its rules by "or".';
		END IF;
		BEGIN
			PERFORM @extschema@.portrait_tagset(path, choice, value_type);
		EXCEPTION WHEN data_exception THEN
			RAISE invalid_parameter_value USING
				MESSAGE = format('%s: is not of type %s', what, value_type);
		END;
		rule := @extschema@.portrait_rule(schema, rules[i][array_upper(rules, 2)], what, true);
		IF @extschema@.tagquery_implies(rule, CASE WHEN multiple THEN 'false' ELSE earlier END) THEN
			beaten := beaten || choice;
		END IF;
		earlier := @extschema@.tagquery_or(earlier, rule);
		needs := needs || (@extschema@.portrait_rule_names(rule)).tags;
		stored := stored || jsonb_build_array(jsonb_build_array(choice, rule::text));
	END LOOP;
	IF beaten <> '{}' THEN
		RAISE WARNING USING
			MESSAGE = format('tag %s: values that can never win: %s', path, array_to_string(beaten, ', ')),
			DETAIL = 'Whoever fulfils their rule fulfils that of a value before them, or nobody can fulfil it.';
	END IF;
	RETURN jsonb_build_object('rules', stored, 'needs', ARRAY(SELECT DISTINCT n COLLATE "C" FROM unnest(needs) AS n ORDER BY 1))
		|| CASE WHEN beaten <> '{}' THEN jsonb_build_object('never', beaten) ELSE '{}' END;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_rules(schema name, path text, rules text[], multiple boolean, value_type text) IS
'the definition of a tag by values with rules; values that can never win are told by a warning; for example: SELECT portrait_tag_rules(''shop'', ''tier'', ARRAY[[''gold'', ''spend_365d >= 5000'']], false, ''text'')';

-- What else a tag may say of itself
CREATE FUNCTION @extschema@.portrait_tag_options(tag jsonb)
	RETURNS void
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	path text := tag ->> 'path';
	wrong record;
BEGIN
	IF path IS NULL OR path !~ '^[^.[:cntrl:]=*"]+(\.[^.[:cntrl:]=*"]+)*$' OR path ~ '^\s|\s$' OR path ~ '^w_' THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('tag path %s is not possible', coalesce(quote_literal(left(path, 100)), 'NULL')),
			HINT = 'A path is levels with dots between: member, rfm.segment, interest.sport.running; without = * " and not beginning with w_.';
	END IF;
	PERFORM @extschema@.tagset(ARRAY[path]);
	FOR wrong IN
		SELECT * FROM (VALUES
			('kind', '{fact,statistic,rule}'::text[]),
			('value_type', '{text,number,boolean,date,time}'),
			('conflict', '{source,latest,earliest,most_frequent,max,all}'),
			('on_empty', '{keep,clear}')) AS o(name, words)
		WHERE tag ->> o.name <> ALL (o.words)
	LOOP
		RAISE invalid_parameter_value USING
			MESSAGE = format('tag %s: %s %L is not known', path, wrong.name, left(tag ->> wrong.name, 100)),
			HINT = format('It is one of %s.', array_to_string(wrong.words, ', '));
	END LOOP;
	IF tag ->> 'conflict' = 'all' AND NOT (tag ->> 'multiple')::boolean
		OR tag ->> 'conflict' <> 'all' AND (tag ->> 'multiple')::boolean THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('tag %s: a tag with %s value cannot settle conflicts by "%s"', path,
				CASE WHEN (tag ->> 'multiple')::boolean THEN 'more than one' ELSE 'one' END, tag ->> 'conflict'),
			HINT = 'Conflict "all" keeps all values (multiple => true), the others choose one.';
	ELSIF (tag ->> 'time_to_live')::interval <= interval '0' OR (tag ->> 'half_life')::interval <= interval '0' THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('tag %s: time_to_live and half_life must be longer than nothing', path);
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_options(tag jsonb) IS
'an error that says what to do, unless the words of a tag''s declaration are known and go together; for example: SELECT portrait_tag_options(''{"path": "age", "kind": "fact"}'')';

-- Which tags are personal.  What is declared counts at once where a tag becomes personal; where it no
-- longer is, from the generation on that has been computed by that declaration and by none before.

CREATE FUNCTION @extschema@.portrait_tag_is_personal(sensitivity text)
	RETURNS boolean
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.lower(pg_catalog.btrim(sensitivity) COLLATE "C") IN ('personal', 'sensitive');
COMMENT ON FUNCTION @extschema@.portrait_tag_is_personal(sensitivity text) IS
'is a tag of this class of sensitivity, personal or sensitive, kept from those who may not read identifiers; for example: portrait_tag_is_personal(''personal'') gives true';

CREATE FUNCTION @extschema@.portrait_tag_uses(definition jsonb, other text)
	RETURNS boolean
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN EXISTS (SELECT FROM pg_catalog.unnest(@extschema@.portrait_tag_needs(definition)) AS n
		WHERE @extschema@.portrait_tag_fits(other, n));
COMMENT ON FUNCTION @extschema@.portrait_tag_uses(definition jsonb, other text) IS
'does a tag need another one; for example: portrait_tag_uses(''{"needs": ["ill.*"]}'', ''ill.since'') gives true';

-- Where nothing is said of a tag's sensitivity, what it needs decides
CREATE FUNCTION @extschema@.portrait_tag_raise(schema name)
	RETURNS SETOF text
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH RECURSIVE raised AS (
			SELECT t.path FROM %1$I.tag AS t WHERE t.personal OR @extschema@.portrait_tag_is_personal(t.sensitivity)
			UNION
			SELECT t.path FROM raised AS r JOIN %1$I.tag AS t ON t.sensitivity IS NULL AND @extschema@.portrait_tag_uses(t.definition, r.path)
		)
		UPDATE %1$I.tag AS t SET personal = true FROM raised AS r WHERE r.path = t.path AND NOT t.personal
		RETURNING t.path::text $sql$, schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_raise(schema name) IS
'makes tags personal that are declared to be, or need one that is, and tells which were not before; for example: SELECT portrait_tag_raise(''shop'')';

CREATE FUNCTION @extschema@.portrait_tag_define(schema name, path text, tag jsonb, query text, rules text[], needs text[],
	sources text[], search_path text)
	RETURNS integer
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	select_only text := rtrim(query, E' \t\r\n;');
	columns jsonb;
	definition jsonb;
	circle text;
	heir text;
	version integer;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	IF num_nonnulls(query, rules) <> 1 THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('tag %s: needs a query or rules', path),
			HINT = 'Give query => ''SELECT customer, ... AS value FROM ...'', or rules => ARRAY[[''value'', ''rule''], ...].';
	END IF;
	tag := jsonb_build_object('path', path, 'conflict', CASE WHEN (tag ->> 'multiple')::boolean THEN 'all' END,
			'multiple', coalesce(tag ->> 'conflict' = 'all', false), 'on_empty', 'clear',
			'kind', CASE WHEN rules IS NULL THEN 'statistic' ELSE 'rule' END, 'owner', session_user)
		|| jsonb_strip_nulls(tag);
	PERFORM @extschema@.portrait_tag_options(tag);
	IF rules IS NOT NULL THEN
		tag := jsonb_build_object('value_type', 'text') || tag;
		definition := @extschema@.portrait_tag_rules(schema, path, rules, (tag ->> 'multiple')::boolean, tag ->> 'value_type');
	ELSE
		columns := @extschema@.portrait_tag_columns(schema, path, select_only, search_path);
		PERFORM @extschema@.portrait_tag_check(path, columns);
		tag := jsonb_build_object('value_type', @extschema@.portrait_tag_type((columns ->> 'value')::oid)) || tag;
		IF tag ->> 'value_type' NOT IN ('text', @extschema@.portrait_tag_type((columns ->> 'value')::oid)) THEN
			RAISE datatype_mismatch USING
				MESSAGE = format('tag %s: column "value" is %s, the tag is to have values of type %s', path,
					(columns ->> 'value')::oid::regtype, tag ->> 'value_type'),
				HINT = 'Cast it in the query, or leave value_type out.';
		END IF;
		definition := jsonb_strip_nulls(jsonb_build_object('query', select_only, 'search_path', search_path,
			'columns', (SELECT jsonb_object_agg(c.key, format_type(c.value::oid, NULL)) FROM jsonb_each_text(columns) AS c),
			'needs', needs));
	END IF;
	definition := definition || jsonb_strip_nulls(jsonb_build_object('sources', sources));
	circle := @extschema@.portrait_tag_circle(schema, path, @extschema@.portrait_tag_needs(definition));
	IF circle IS NOT NULL THEN
		RAISE invalid_object_definition USING
			MESSAGE = format('tag %s: its rules run in a circle', path),
			DETAIL = circle || '.';
	END IF;

	-- declared again as it is, it stays the same version; what is not said of sensitivity stays
	EXECUTE format($sql$
		INSERT INTO %1$I.tag AS t (path, title, description, kind, value_type, multiple, conflict, on_empty, time_to_live,
			half_life, sensitivity, owner, definition, position, pack)
		SELECT n.path, n.title, n.description, n.kind, n.value_type, n.multiple, n.conflict, n.on_empty, n.time_to_live,
			n.half_life, n.sensitivity, n.owner, $2, (SELECT coalesce(max(position), 0) + 1 FROM %1$I.tag), n.pack
		FROM jsonb_populate_record(NULL::%1$I.tag, $1) AS n
		ON CONFLICT (path) DO UPDATE SET (title, description, kind, value_type, multiple, conflict, on_empty, time_to_live,
			half_life, sensitivity, owner, definition, pack, version, defined_at)
			= (SELECT excluded.title, excluded.description, excluded.kind, excluded.value_type, excluded.multiple,
				excluded.conflict, excluded.on_empty, excluded.time_to_live, excluded.half_life,
				coalesce(excluded.sensitivity, t.sensitivity),
				excluded.owner, excluded.definition, excluded.pack, t.version + 1, now())
			WHERE (t.title, t.description, t.kind, t.value_type, t.multiple, t.conflict, t.on_empty, t.time_to_live,
				t.half_life, t.sensitivity, t.owner, t.definition, t.pack)
				IS DISTINCT FROM (excluded.title, excluded.description, excluded.kind, excluded.value_type, excluded.multiple,
				excluded.conflict, excluded.on_empty, excluded.time_to_live, excluded.half_life,
				coalesce(excluded.sensitivity, t.sensitivity), excluded.owner, excluded.definition, excluded.pack) $sql$, schema)
	USING tag, definition;
	FOR heir IN
		SELECT r.path FROM @extschema@.portrait_tag_raise(schema) AS r(path)
		WHERE r.path <> portrait_tag_define.path OR @extschema@.portrait_tag_is_personal(tag ->> 'sensitivity') IS NOT TRUE
		ORDER BY r.path COLLATE "C"
	LOOP
		RAISE NOTICE 'tag % is personal, as it needs one that is; to say that it is not: sensitivity => ''''', heir;
	END LOOP;
	EXECUTE format('SELECT version FROM %1$I.tag WHERE path = $1', schema) INTO version USING path;
	RETURN version;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_define(schema name, path text, tag jsonb, query text, rules text[], needs text[],
	sources text[], search_path text) IS
'what portrait_tag does, with the search_path of its caller; for example: SELECT portrait_tag_define(''shop'', ''age'', ''{}'', ''SELECT customer, value FROM w_attribute'', NULL, NULL, NULL, ''public'')';

CREATE FUNCTION @extschema@.portrait_tag(schema name, path text, query text DEFAULT NULL, rules text[] DEFAULT NULL,
	title text DEFAULT NULL, description text DEFAULT NULL, kind text DEFAULT NULL, value_type text DEFAULT NULL,
	multiple boolean DEFAULT NULL, conflict text DEFAULT NULL, sources text[] DEFAULT NULL, on_empty text DEFAULT NULL,
	time_to_live interval DEFAULT NULL, half_life interval DEFAULT NULL, sensitivity text DEFAULT NULL,
	owner text DEFAULT NULL, needs text[] DEFAULT NULL, pack text DEFAULT NULL)
	RETURNS integer
	LANGUAGE SQL
	RETURN @extschema@.portrait_tag_define(schema, path,
		pg_catalog.jsonb_build_object('title', title, 'description', description, 'kind', kind, 'value_type', value_type,
			'multiple', multiple, 'conflict', conflict, 'on_empty', on_empty, 'time_to_live', time_to_live,
			'half_life', half_life, 'sensitivity', sensitivity, 'owner', owner, 'pack', pack),
		query, rules, needs, sources, pg_catalog.current_setting('search_path'));
COMMENT ON FUNCTION @extschema@.portrait_tag(schema name, path text, query text, rules text[],
	title text, description text, kind text, value_type text, multiple boolean, conflict text, sources text[], on_empty text,
	time_to_live interval, half_life interval, sensitivity text, owner text, needs text[], pack text) IS
'declares a tag, or declares it anew, and gives its version: by a query that gives customer and value (and weight, set_at, expires_at, observed_at, source), or by values each with a rule, of which the first that fits counts; for example: SELECT portrait_tag(''shop'', ''tier'', rules => ARRAY[[''gold'', ''spend_365d >= 5000''], [''silver'', ''spend_365d >= 1000'']])';

CREATE FUNCTION @extschema@.portrait_tag_forget(schema name, in_generation bigint, paths text[])
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result name;
BEGIN
	FOREACH result IN ARRAY '{tag_member,tag_value,tag_range}'::name[] LOOP
		EXECUTE format('DELETE FROM %I.%I WHERE generation = $1 AND tag = ANY ($2)', schema, result) USING in_generation, paths;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_forget(schema name, in_generation bigint, paths text[]) IS
'takes the values of tags out of a generation; for example: SELECT portrait_tag_forget(''shop'', 17, ''{tier}'')';

CREATE FUNCTION @extschema@.portrait_tag_drop(schema name, path text)
	RETURNS boolean
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	users text;
	dropped boolean;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	-- a rule over a subtree does with what is left of it
	EXECUTE format($sql$
		SELECT string_agg(u.what, ', ' ORDER BY u.what) FROM (
			SELECT 'tag ' || t.path AS what, @extschema@.portrait_tag_needs(t.definition) AS needs FROM %1$I.tag AS t WHERE t.path <> $1
			UNION ALL
			SELECT 'segment ' || s.name, (@extschema@.portrait_rule_names(s.rule::@extschema@.tagquery)).tags FROM %1$I.segment_def AS s
		) AS u, unnest(u.needs) AS n
		WHERE @extschema@.portrait_tag_fits($1, n)
		AND NOT EXISTS (SELECT FROM %1$I.tag AS t WHERE t.path <> $1 AND @extschema@.portrait_tag_fits(t.path, n)) $sql$, schema)
	INTO users USING path;
	IF users IS NOT NULL THEN
		RAISE dependent_objects_still_exist USING
			MESSAGE = format('tag %s is needed by %s', path, users),
			HINT = 'Declare them anew without it, or drop them first.';
	END IF;
	EXECUTE format('DELETE FROM %1$I.tag_label WHERE code = $1 OR starts_with(code, $1 || ''='')', schema) USING path;
	EXECUTE format('DELETE FROM %1$I.tag WHERE path = $1 RETURNING true', schema) INTO dropped USING path;
	-- nobody may see its values, which another one of its name is not to have
	EXECUTE format('SELECT @extschema@.portrait_tag_forget($1, s.generation, ARRAY[$2]) FROM %1$I.state AS s', schema)
	USING schema, path;
	RETURN coalesce(dropped, false);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_tag_drop(schema name, path text) IS
'takes back a tag with its values and labels: the next refresh does not compute it; false if there is none of that path, an error if rules need it; for example: SELECT portrait_tag_drop(''shop'', ''tier'')';

CREATE FUNCTION @extschema@.portrait_segment(schema name, name text, rule text, title text DEFAULT NULL)
	RETURNS integer
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	parsed @extschema@.tagquery;
	circle text;
	version integer;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	IF coalesce(name, '') = '' OR name ~ '[[:cntrl:]]' OR octet_length(name) > 1023 THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('segment name %s is not possible', coalesce(quote_literal(left(name, 100)), 'NULL'));
	END IF;
	parsed := @extschema@.portrait_rule(schema, rule, format('segment %s', name));
	circle := @extschema@.portrait_segment_circle(schema, name, (@extschema@.portrait_rule_names(parsed)).segments);
	IF circle IS NOT NULL THEN
		RAISE invalid_object_definition USING
			MESSAGE = format('segment %s: its rule runs in a circle', name),
			DETAIL = circle || '.';
	ELSIF @extschema@.tagquery_implies(parsed, 'false') THEN
		RAISE WARNING 'segment %: nobody can fulfil its rule', name;
	END IF;
	EXECUTE format($sql$
		INSERT INTO %1$I.segment_def AS s (name, title, rule) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET title = excluded.title, rule = excluded.rule,
			version = s.version + (s.rule <> excluded.rule)::integer,
			defined_at = CASE WHEN s.rule <> excluded.rule THEN now() ELSE s.defined_at END
		RETURNING version $sql$, schema)
	INTO version USING name, title, parsed::text;
	RETURN version;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_segment(schema name, name text, rule text, title text) IS
'declares a segment by a rule over tags and other segments, or declares it anew, and gives its version; for example: SELECT portrait_segment(''shop'', ''win_back'', ''rfm.segment = at_risk and spend_365d >= 1000'')';

CREATE FUNCTION @extschema@.portrait_segment_drop(schema name, name text)
	RETURNS boolean
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	users text;
	dropped boolean;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	EXECUTE format($sql$
		SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM %1$I.segment_def AS s
		WHERE $1 = ANY ((@extschema@.portrait_rule_names(s.rule::@extschema@.tagquery)).segments) $sql$, schema)
	INTO users USING name;
	IF users IS NOT NULL THEN
		RAISE dependent_objects_still_exist USING
			MESSAGE = format('segment %s is needed by segment %s', name, users),
			HINT = 'Declare them anew without it, or drop them first.';
	END IF;
	EXECUTE format('DELETE FROM %1$I.segment_def WHERE name = $1 RETURNING true', schema) INTO dropped USING name;
	-- another one of its name is not to have its members
	EXECUTE format('DELETE FROM %1$I.segment_member WHERE generation = (SELECT generation FROM %1$I.state) AND name = $1', schema) USING name;
	EXECUTE format('DELETE FROM %1$I.segment_since WHERE generation = (SELECT generation FROM %1$I.state) AND name = $1', schema) USING name;
	RETURN coalesce(dropped, false);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_segment_drop(schema name, name text) IS
'takes back a segment: the next refresh does not compute it; false if there is none of that name, an error if other rules name it; for example: SELECT portrait_segment_drop(''shop'', ''win_back'')';

CREATE FUNCTION @extschema@.portrait_label(schema name, code text, language text, label text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known boolean;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.tag WHERE path = split_part($1, ''='', 1))', schema)
	INTO known USING code;
	IF NOT known THEN
		RAISE undefined_object USING
			MESSAGE = format('there is no tag %s in portrait %I', coalesce(quote_literal(split_part(left(code, 100), '=', 1)), 'NULL'), schema),
			HINT = 'The code of a label is the path of a tag, or path=value for one of its values.';
	ELSIF coalesce(language, '') = '' THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('the language of label %s is missing', code),
			HINT = 'Give a code as en, zh.';
	ELSIF label IS NULL THEN
		EXECUTE format('DELETE FROM %1$I.tag_label WHERE code = $1 AND language = $2', schema) USING code, language;
	ELSE
		EXECUTE format($sql$
			INSERT INTO %1$I.tag_label VALUES ($1, $2, $3)
			ON CONFLICT (code, language) DO UPDATE SET label = excluded.label $sql$, schema)
		USING code, language, label;
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_label(schema name, code text, language text, label text) IS
'names a tag (code: its path) or one of its values (code: path=value) in a language; NULL takes the name back; for example: SELECT portrait_label(''shop'', ''rfm.segment=at_risk'', ''en'', ''At risk'')';
