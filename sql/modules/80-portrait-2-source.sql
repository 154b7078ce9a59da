/*
 * Sources: the company's tables, by queries whose columns are a contract.
 */

CREATE FUNCTION @extschema@.portrait_query_columns(query text, OUT column_name text, OUT column_type oid)
	RETURNS SETOF record
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE ROWS 10
	AS 'MODULE_PATHNAME', 'portrait_query_columns';
COMMENT ON FUNCTION @extschema@.portrait_query_columns(query text, OUT column_name text, OUT column_type oid) IS
'the columns of a query, which is not run; for example: SELECT * FROM portrait_query_columns(''SELECT 1 AS one'') gives one,23';

-- Types: time (date, timestamp, timestamptz), number, boolean, text (whatever can be told as text)
CREATE FUNCTION @extschema@.portrait_source_contract(OUT kind text, OUT column_name text, OUT type text,
	OUT required boolean, OUT meaning text)
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 26
BEGIN ATOMIC
	SELECT c.* FROM (VALUES
		('identity', 'observed_at', 'time', false, 'when these identifiers were seen together'),
		('orders', 'order_id', 'text', true, 'rows with one order_id are lines of one order'),
		('orders', 'paid_at', 'time', true, 'when it was paid; NULL is not paid'),
		('orders', 'paid', 'number', true, 'what was paid for the line; below zero it takes something back'),
		('orders', 'status', 'text', false, 'a word of statuses; without the column all rows with paid_at are paid'),
		('orders', 'quantity', 'number', false, 'pieces, 1 if missing; below zero they were taken back'),
		('orders', 'list_price', 'number', false, 'of a piece, before any discount; below zero it is not known'),
		('orders', 'promotion_kind', 'text', false, 'coupon, bundle, ...'),
		('orders', 'product', 'text', false, 'code of the product; refunds without refund_of are found by it'),
		('orders', 'product_name', 'text', false, 'its name'),
		('orders', 'category', 'text', false, 'its category'),
		('orders', 'brand', 'text', false, 'its brand'),
		('orders', 'store', 'text', false, 'where it was bought'),
		('orders', 'channel', 'text', false, 'how it was bought'),
		('orders', 'refund_of', 'text', false, 'order_id of the order that the line takes back'),
		('events', 'at', 'time', true, 'when it happened'),
		('events', 'kind', 'text', true, 'view, cart, favourite, share, visit, ...'),
		('events', 'item', 'text', false, 'product or page'),
		('events', 'touchpoint', 'text', false, 'where it happened'),
		('events', 'dwell', 'number', false, 'for how many seconds'),
		('attributes', 'name', 'text', true, 'of the attribute: gender, region, ...'),
		('attributes', 'value', 'text', true, 'what the source says it is; NULL is skipped, and 1000 bytes or more'),
		('attributes', 'observed_at', 'time', false, 'since when that is known'),
		('consent', 'channel', 'text', true, 'sms, email, ...'),
		('consent', 'allowed', 'boolean', true, 'may they be written to?'),
		('consent', 'at', 'time', false, 'when they said so; the latest counts, and a refusal without a time')
	) AS c(kind, column_name, type, required, meaning);
END;
COMMENT ON FUNCTION @extschema@.portrait_source_contract(OUT kind text, OUT column_name text, OUT type text,
	OUT required boolean, OUT meaning text) IS
'the columns that portrait_source knows for each kind, besides identifiers; for example: SELECT * FROM portrait_source_contract()';

-- What the entries of source.identifiers mean
CREATE FUNCTION @extschema@.portrait_source_identifiers(identifiers text[], OUT entry text, OUT type text,
	OUT scope text, OUT scope_column text, OUT column_name text)
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	-- type, type@scope_column, type@'scope', each with :column where the column has another name
	SELECT e.entry, p.part[1],
		pg_catalog.substring(p.part[2], '^''(.*)''$'),
		CASE WHEN NOT pg_catalog.starts_with(p.part[2], '''') THEN p.part[2] END,
		coalesce(p.part[3], p.part[1])
	FROM pg_catalog.unnest(identifiers) WITH ORDINALITY AS e(entry, n)
	LEFT JOIN LATERAL pg_catalog.regexp_match(e.entry, '^([^@:'']+)(?:@(''[^''@:]+''|[^@:'']+))?(?::(.+))?$') AS p(part) ON true
	ORDER BY e.n;
END;
COMMENT ON FUNCTION @extschema@.portrait_source_identifiers(identifiers text[], OUT entry text, OUT type text,
	OUT scope text, OUT scope_column text, OUT column_name text) IS
'identifiers as portrait_source takes them, taken apart: the type, the scope or the column that has it, the column of the value; for example: SELECT * FROM portrait_source_identifiers(''{phone, openid@app, account@''''mall'''':buyer}'')';

-- Types of columns that a kind of the contract takes
CREATE FUNCTION @extschema@.portrait_source_type_fits(type oid, kind text)
	RETURNS boolean
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE kind
		WHEN 'time' THEN type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
		WHEN 'number' THEN type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
			'numeric'::regtype, 'real'::regtype, 'double precision'::regtype)
		WHEN 'boolean' THEN type = 'boolean'::regtype
		WHEN 'identifier' THEN type NOT IN ('boolean'::regtype, 'real'::regtype, 'double precision'::regtype,
			'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'bytea'::regtype, 'jsonb'::regtype, 'json'::regtype)
		ELSE type NOT IN ('bytea'::regtype)
	END;
COMMENT ON FUNCTION @extschema@.portrait_source_type_fits(type oid, kind text) IS
'can a column of this type be what the contract calls time, number, boolean, identifier or text; for example: portrait_source_type_fits(''date''::regtype, ''time'') gives true';

-- A channel of consent by one name, however it is written: SMS, sms, ' Sms'
CREATE FUNCTION @extschema@.portrait_source_channel(channel text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.lower(pg_catalog.btrim(channel, E' \t\r\n') COLLATE "C");
COMMENT ON FUNCTION @extschema@.portrait_source_channel(channel text) IS
'a channel of consent as it is kept: without blanks around it, its letters A to Z small; for example: portrait_source_channel('' Sms'') gives sms';

-- The query that reads a source into the form that all stages work on
CREATE FUNCTION @extschema@.portrait_source_sql(source jsonb, time_zone text, as_of timestamptz)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	-- what indexes hold is at most 2704 bytes: identifiers, channels and attributes of 1000 are nobody's
	columns jsonb := source -> 'columns';
	n_ids integer := jsonb_array_length(source -> 'identifiers');
	given text;
	ids text;
	inner_list text;
	all_ids text := (SELECT string_agg('i' || i, ', ' ORDER BY i) FROM generate_series(1, n_ids) AS i);
	outer_list text;
	counts text;
BEGIN
	SELECT string_agg(format('q.%I', i.column_name), ', ' ORDER BY n),
		string_agg(CASE
			WHEN i.scope_column IS NOT NULL THEN format($sql$
				CASE WHEN q.%1$I::text <> '' AND translate(q.%1$I::text, ':@', '') = q.%1$I::text
					AND octet_length(q.%3$I::text) + octet_length(q.%1$I::text) < 1000
				THEN @extschema@.identifier(%2$L, q.%3$I::text, q.%1$I::text) END AS i%4$s$sql$,
				i.scope_column, i.type, i.column_name, n)
			ELSE format('CASE WHEN octet_length(q.%2$I::text) < 1000 THEN @extschema@.identifier(%1$L, q.%2$I::text, %3$L) END AS i%4$s',
				i.type, i.column_name, i.scope, n)
		END, ', ' ORDER BY n)
	INTO given, ids
	FROM @extschema@.portrait_source_identifiers(ARRAY(SELECT jsonb_array_elements_text(source -> 'identifiers')))
		WITH ORDINALITY AS i(entry, type, scope, scope_column, column_name, n);

	-- the columns of the contract: those that the query lacks are NULL
	SELECT string_agg(CASE
			WHEN NOT columns ? c.column_name THEN format('NULL::%s', CASE c.type WHEN 'time' THEN 'timestamp'
				WHEN 'number' THEN 'numeric' WHEN 'boolean' THEN 'boolean' ELSE 'text COLLATE "C"' END)
			WHEN c.type = 'time' THEN format('nullif(%s, ''-infinity'')',
				CASE columns ->> c.column_name
					WHEN 'timestamp with time zone' THEN format('(q.%I AT TIME ZONE %L)', c.column_name, time_zone)
					ELSE format('q.%I::timestamp', c.column_name) END)
			-- the order of numbers ends with Infinity, NaN
			WHEN c.type = 'number' AND columns ->> c.column_name IN ('numeric', 'real', 'double precision') THEN
				format('CASE WHEN abs(q.%1$I) < ''Infinity'' THEN q.%1$I::numeric END', c.column_name)
			WHEN c.type = 'number' THEN format('q.%I::numeric', c.column_name)
			WHEN c.type = 'boolean' THEN format('q.%I', c.column_name)
			ELSE format('q.%I::text COLLATE "C"', c.column_name)
		END || format(' AS %I', c.column_name), ', ' ORDER BY c.column_name)
		-- moments are compared as such: when clocks are put back, a local time comes twice
		|| (array_agg(CASE
			WHEN NOT columns ? c.column_name THEN ', NULL::boolean AS early, NULL::timestamptz AS moment'
			WHEN columns ->> c.column_name = 'timestamp with time zone' THEN
				format(', q.%1$I < %2$L::timestamptz AS early, q.%1$I AS moment', c.column_name, as_of)
			ELSE format(', q.%1$I < %2$L::timestamp AS early, q.%1$I::timestamp AT TIME ZONE %3$L AS moment',
				c.column_name, as_of AT TIME ZONE time_zone, time_zone)
		END) FILTER (WHERE c.type = 'time'))[1]
	INTO inner_list
	FROM @extschema@.portrait_source_contract() AS c WHERE c.kind = source ->> 'kind';

	outer_list := CASE source ->> 'kind'
		WHEN 'orders' THEN $sql$
			nullif(p.order_id, '') AS order_id, p.paid_at AS at, p.status,
			CASE w.word WHEN 'cancelled' THEN 0 WHEN 'unpaid' THEN 0
				WHEN 'paid' THEN CASE WHEN p.paid_at IS NULL THEN 0
					WHEN p.paid < 0 OR p.quantity < 0 OR p.refund_of <> '' THEN -1 ELSE 1 END
				WHEN 'refund' THEN CASE WHEN p.paid_at IS NULL THEN 0 ELSE -1 END END::smallint AS what,
			abs(p.paid) AS paid, abs(p.quantity) AS quantity, CASE WHEN p.list_price >= 0 THEN p.list_price END AS list_price, p.promotion_kind, p.product, p.product_name,
			p.category, p.brand, p.store, p.channel, nullif(p.refund_of, '') AS refund_of $sql$
		WHEN 'events' THEN 'p.at, p.kind, p.item, p.touchpoint, p.dwell::double precision AS dwell'
		WHEN 'attributes' THEN 'p.observed_at AS at, p.name, p.value'
		WHEN 'consent' THEN 'p.at, p.moment, @extschema@.portrait_source_channel(p.channel) AS channel, p.allowed'
		ELSE 'p.observed_at AS at' END;
	counts := CASE source ->> 'kind'
		WHEN 'orders' THEN 'p.paid_at IS NULL OR p.early'
		WHEN 'events' THEN 'p.at IS NOT NULL AND p.early AND p.kind IS NOT NULL'
		WHEN 'attributes' THEN '(p.observed_at IS NULL OR p.early) AND p.name <> '''' AND p.value <> ''''
			AND octet_length(p.name) < 1000 AND octet_length(p.value) < 1000'
		WHEN 'consent' THEN '(p.at IS NULL OR p.early) AND @extschema@.portrait_source_channel(p.channel) <> '''' AND octet_length(p.channel) < 1000 AND p.allowed IS NOT NULL'
		ELSE 'p.observed_at IS NULL OR p.early' END;

	-- OFFSET 0, so that no identifier is computed twice; a comment may end the query
	RETURN format($sql$
		SELECT coalesce(%s) COLLATE "C" AS id, %s AS ids, (p.given - num_nonnulls(%s))::smallint AS unusable, %s
		FROM (SELECT %s, num_nonnulls(%s) AS given, %s FROM (%s
			) AS q OFFSET 0) AS p %s WHERE %s $sql$,
		all_ids, CASE WHEN n_ids > 1 THEN format('ARRAY[%s]', all_ids) ELSE 'NULL::text[]' END, all_ids, outer_list,
		ids, given, inner_list, source ->> 'query',
		CASE WHEN source ->> 'kind' = 'orders' THEN format(', LATERAL (SELECT %s) AS w(word)',
			CASE WHEN columns ? 'status' THEN format('%L::jsonb ->> btrim(p.status)', source -> 'statuses') ELSE '''paid''' END)
			ELSE '' END,
		counts);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_source_sql(source jsonb, time_zone text, as_of timestamptz) IS
'the query by which a refresh reads a source; for example: SELECT portrait_source_sql(to_jsonb(s), ''Asia/Shanghai'', ''2026-01-01Z'') FROM shop.source AS s';

-- Refuse what a refresh would stumble over, and say what to do
CREATE FUNCTION @extschema@.portrait_source_check(source jsonb)
	RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	what text := format('source "%s"', source ->> 'name');
	columns jsonb := source -> 'columns';
	problem record;
	unused text;
BEGIN
	FOR problem IN
		SELECT i.*, columns ? i.column_name AS found, columns ? i.scope_column AS scope_found,
			@extschema@.portrait_source_type_fits((columns ->> i.column_name)::regtype, 'identifier') AS fits
		FROM @extschema@.portrait_source_identifiers(ARRAY(SELECT jsonb_array_elements_text(source -> 'identifiers'))) AS i
	LOOP
		IF problem.type IS NULL THEN
			RAISE invalid_parameter_value USING
				MESSAGE = format('%s: identifier "%s" is not understood', what, problem.entry),
				HINT = 'Write type, type@scope_column or type@''scope'', and :column behind it where the column is not called as the type.';
		ELSIF NOT problem.found THEN
			RAISE undefined_column USING
				MESSAGE = format('%s: the query has no column "%s" for identifier "%s"', what, problem.column_name, problem.entry),
				HINT = format('Its columns are: %s.', (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(columns) AS k));
		ELSIF NOT problem.scope_found THEN
			RAISE undefined_column USING
				MESSAGE = format('%s: the query has no column "%s" for the scope of identifier "%s"', what, problem.scope_column, problem.entry),
				HINT = format('A scope that is always the same is written in quotes: %s@''%s''.', problem.type, problem.scope_column);
		ELSIF problem.scope IS NULL AND problem.scope_column IS NULL AND problem.type IN ('openid', 'account', 'cookie') THEN
			RAISE invalid_parameter_value USING
				MESSAGE = format('%s: identifier "%s" means nothing without a scope', what, problem.entry),
				HINT = format('Say who gives it out, in identifiers: %1$s@app for a column app, or %1$s@''mall''.', problem.type);
		ELSIF NOT problem.fits THEN
			RAISE datatype_mismatch USING
				MESSAGE = format('%s: column "%s" is %s and cannot be an identifier', what, problem.column_name, columns ->> problem.column_name),
				HINT = 'Cast it to text in the query, in the form in which other sources have it.';
		END IF;
	END LOOP;
	IF jsonb_array_length(source -> 'identifiers') = 0 THEN
		RAISE undefined_column USING
			MESSAGE = format('%s: the query has no column with an identifier', what),
			HINT = 'Call a column phone, email, card, unionid, device or name_birth, or list it: identifiers => ''{openid@app, vip:vip_no}''.';
	END IF;

	FOR problem IN
		SELECT c.*, columns ->> c.column_name AS has,
			@extschema@.portrait_source_type_fits((columns ->> c.column_name)::regtype, c.type) AS fits
		FROM @extschema@.portrait_source_contract() AS c WHERE c.kind = source ->> 'kind'
	LOOP
		IF problem.required AND problem.has IS NULL THEN
			RAISE undefined_column USING
				MESSAGE = format('%s: the query has no column "%s"', what, problem.column_name),
				DETAIL = format('Sources of kind %s need it: %s.', problem.kind, problem.meaning),
				HINT = format('Name it in the query: SELECT ... AS %s.', problem.column_name);
		ELSIF NOT problem.fits THEN
			RAISE datatype_mismatch USING
				MESSAGE = format('%s: column "%s" is %s', what, problem.column_name, problem.has),
				HINT = format('Cast it in the query to %s.', CASE problem.type
					WHEN 'time' THEN 'timestamp (local time), timestamptz or date'
					WHEN 'number' THEN 'numeric' ELSE problem.type END);
		END IF;
	END LOOP;

	FOR problem IN
		SELECT w.key, w.value #>> '{}' AS value FROM jsonb_each(source -> 'statuses') AS w
		WHERE w.value #>> '{}' IS NULL OR w.value #>> '{}' NOT IN ('paid', 'refund', 'unpaid', 'cancelled')
	LOOP
		RAISE invalid_parameter_value USING
			MESSAGE = format('%s: status "%s" cannot mean "%s"', what, left(problem.key, 100), left(problem.value, 100)),
			HINT = 'Each word of the company means paid, refund, unpaid or cancelled.';
	END LOOP;

	SELECT string_agg(k, ', ' ORDER BY k) INTO unused
	FROM jsonb_object_keys(columns) AS k
	WHERE k NOT IN (SELECT c.column_name FROM @extschema@.portrait_source_contract() AS c WHERE c.kind = source ->> 'kind')
	AND k NOT IN (SELECT unnest(ARRAY[i.column_name, coalesce(i.scope_column, '')]) FROM @extschema@.portrait_source_identifiers(
			ARRAY(SELECT jsonb_array_elements_text(source -> 'identifiers'))) AS i);
	IF unused IS NOT NULL THEN
		RAISE NOTICE '%: columns that are not used: %', what, unused;
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_source_check(source jsonb) IS
'an error that says what to do, unless a source keeps the contract of its kind; for example: SELECT portrait_source_check(to_jsonb(s)) FROM shop.source AS s';

CREATE FUNCTION @extschema@.portrait_source_define(schema name, name text, kind text, query text, identifiers text[],
	statuses jsonb, priority integer, path text)
	RETURNS integer
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- what ends a statement must not end the part that it becomes
	select_only text := rtrim(query, E' \t\r\n;');
	columns jsonb;
	doubles text;
	source jsonb;
	version integer;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	IF coalesce(name, '') = '' OR query IS NULL OR octet_length(name) > 200 THEN
		RAISE invalid_parameter_value USING
			MESSAGE = 'a source needs a name of at most 200 bytes, and a query';
	ELSIF kind IS NULL OR kind NOT IN (SELECT c.kind FROM @extschema@.portrait_source_contract() AS c) THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('source "%s": kind %s is not known', name, coalesce(quote_literal(left(kind, 100)), 'NULL')),
			HINT = 'Kinds are identity, orders, events, attributes and consent.';
	ELSIF statuses IS NOT NULL AND (kind <> 'orders' OR jsonb_typeof(statuses) <> 'object') THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('source "%s": statuses must be an object, of a source of orders', name),
			HINT = 'For example statuses => ''{"shipped": "paid", "returned": "refund"}''.';
	END IF;

	PERFORM set_config('search_path', path, true);
	BEGIN
		SELECT pg_catalog.jsonb_object_agg(c.column_name, pg_catalog.format_type(c.column_type, NULL)),
			pg_catalog.string_agg(c.column_name, ', ') FILTER (WHERE c.earlier)
		INTO columns, doubles
		FROM (SELECT q.column_name, q.column_type,
				pg_catalog.row_number() OVER (PARTITION BY q.column_name) OPERATOR(pg_catalog.>) 1 AS earlier
			FROM @extschema@.portrait_query_columns(select_only) AS q) AS c;
	EXCEPTION WHEN OTHERS THEN
		RAISE EXCEPTION USING
			ERRCODE = SQLSTATE, MESSAGE = pg_catalog.format('source "%s": %s', name, SQLERRM),
			HINT = 'The query must run as it is: try it on its own.';
	END;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	IF doubles IS NOT NULL THEN
		RAISE duplicate_column USING
			MESSAGE = format('source "%s": the query has several columns "%s"', name, doubles),
			HINT = 'Give each column a name of its own: SELECT ... AS ...';
	END IF;

	identifiers := coalesce(identifiers, ARRAY(
		SELECT k FROM jsonb_object_keys(columns) AS k
		WHERE k IN ('phone', 'email', 'openid', 'unionid', 'card', 'account', 'device', 'cookie', 'name_birth')
		ORDER BY k));
	source := jsonb_build_object('name', name, 'kind', kind, 'query', select_only, 'identifiers', identifiers,
		'statuses', '{"paid": "paid", "refund": "refund", "unpaid": "unpaid", "cancelled": "cancelled"}'::jsonb
			|| coalesce(statuses, '{}'), 'columns', columns);
	PERFORM @extschema@.portrait_source_check(source);

	PERFORM @extschema@.portrait_source_try(name, select_only, path);
	EXECUTE format($sql$
		INSERT INTO %1$I.source AS s (name, id, kind, query, identifiers, statuses, priority, search_path, columns)
		VALUES ($1, (SELECT coalesce(max(id), 0) + 1 FROM %1$I.source), $2, $3, $4, $5,
			coalesce($6, (SELECT coalesce(max(priority), 0) + 1 FROM %1$I.source)), $7, $8)
		ON CONFLICT (name) DO UPDATE SET (kind, query, identifiers, statuses, search_path, columns)
			= (SELECT excluded.kind, excluded.query, excluded.identifiers, excluded.statuses,
				excluded.search_path, excluded.columns),
			priority = coalesce($6, s.priority), version = s.version + 1, defined_at = now()
		RETURNING version $sql$, schema)
	INTO version
	USING name, kind, select_only, identifiers, source -> 'statuses', priority, path, columns;
	RETURN version;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_source_define(schema name, name text, kind text, query text, identifiers text[],
	statuses jsonb, priority integer, path text) IS
'what portrait_source does, with the search_path of its caller; for example: SELECT portrait_source_define(''shop'', ''members'', ''identity'', ''SELECT card, phone FROM member'', NULL, NULL, NULL, ''public'')';

-- Rights and the like, which only the executor sees; a comment may end the query
CREATE FUNCTION @extschema@.portrait_source_try(name text, query text, path text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM set_config('search_path', path, true);
	EXECUTE pg_catalog.format(E'SELECT FROM (%s\n) AS q LIMIT 0', query);
EXCEPTION WHEN OTHERS THEN
	RAISE EXCEPTION USING
		ERRCODE = SQLSTATE, MESSAGE = pg_catalog.format('source "%s": %s', name, SQLERRM),
		HINT = 'The query must run as a subselect, with the rights of the caller.';
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_source_try(name text, query text, path text) IS
'runs the query of a source for no rows, to see whether it runs; for example: SELECT portrait_source_try(''members'', ''SELECT 1'', ''public'')';

CREATE FUNCTION @extschema@.portrait_source(schema name, name text, kind text, query text,
	identifiers text[] DEFAULT NULL, statuses jsonb DEFAULT NULL, priority integer DEFAULT NULL)
	RETURNS integer
	LANGUAGE SQL
	RETURN @extschema@.portrait_source_define(schema, name, kind, query, identifiers, statuses, priority,
		pg_catalog.current_setting('search_path'));
COMMENT ON FUNCTION @extschema@.portrait_source(schema name, name text, kind text, query text,
	identifiers text[], statuses jsonb, priority integer) IS
'declares a source, or declares it anew, and gives its version; kind is identity, orders, events, attributes or consent, and says which columns the query has (portrait_source_contract); for example: SELECT portrait_source(''shop'', ''mall'', ''orders'', ''SELECT account, order_id, paid_at, status, paid FROM mall_order'', identifiers => ''{account@''''mall''''}'', statuses => ''{"shipped": "paid"}'')';

-- Where there is one source of a kind.  It takes no more, as calls of the other form could mean either;
-- that the query is missing is told as for those.
CREATE FUNCTION @extschema@.portrait_source(schema name, kind text, query text DEFAULT NULL)
	RETURNS integer
	LANGUAGE SQL
	RETURN @extschema@.portrait_source(schema, kind, kind, query);
COMMENT ON FUNCTION @extschema@.portrait_source(schema name, kind text, query text) IS
'the same of a source that is called as its kind; for example: SELECT portrait_source(''shop'', ''identity'', ''SELECT card, phone FROM member'')';

CREATE FUNCTION @extschema@.portrait_source_drop(schema name, name text)
	RETURNS boolean
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	dropped boolean;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	EXECUTE format('DELETE FROM %1$I.source WHERE name = $1 RETURNING true', schema) INTO dropped USING name;
	RETURN coalesce(dropped, false);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_source_drop(schema name, name text) IS
'takes back a source: from the next refresh on it does not count; false if there is none of that name; for example: SELECT portrait_source_drop(''shop'', ''mall'')';

-- Refresh: read a source once, so that all stages see the same rows.  The query is a view, so
-- that its names are looked up by its own path, and ours around it by none but the catalog's.
CREATE FUNCTION @extschema@.portrait_refresh_read(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source record;
	read text;
	rows bigint;
BEGIN
	EXECUTE format($sql$
		SELECT s.id, s.search_path, format('CREATE VIEW %%I.w_query AS %%s', %1$L, s.query) AS query,
			@extschema@.portrait_source_sql(to_jsonb(s) || jsonb_build_object('query', format('TABLE %%I.w_query', %1$L)),
				r.time_zone, r.as_of) AS around
		FROM %1$I.w_source AS s, %1$I.w_run AS r WHERE s.name = $1 $sql$, schema)
	INTO source USING subject;
	read := format('CREATE UNLOGGED TABLE %1$I.%2$I AS TABLE %1$I.w_read', schema, 'w_in_' || source.id);
	BEGIN
		PERFORM set_config('search_path', source.search_path, true);
		EXECUTE source.query;
		PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		EXECUTE format('CREATE VIEW %I.w_read AS %s', schema, source.around);
		-- functions of theirs look up names when they run
		PERFORM set_config('search_path', source.search_path, true);
		EXECUTE read;
		GET DIAGNOSTICS rows = ROW_COUNT;
	EXCEPTION WHEN OTHERS THEN
		RAISE EXCEPTION USING
			ERRCODE = SQLSTATE, MESSAGE = pg_catalog.format('source "%s": %s', subject, SQLERRM),
			HINT = 'Mend the data, or declare the source anew by portrait_source.';
	END;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	EXECUTE format('DROP VIEW %1$I.w_read, %1$I.w_query', schema);
	EXECUTE format('ANALYZE %I.%I', schema, 'w_in_' || source.id);
	IF rows = 0 THEN
		PERFORM @extschema@.portrait_refresh_empty(schema, generation, as_of, subject);
	END IF;
	RETURN rows;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_read(schema name, generation bigint, as_of timestamptz, subject text) IS
'the step of a refresh that reads a source; for example: SELECT portrait_refresh_read(''shop'', 17, ''2026-01-01Z'', ''mall'')';

-- Where something was, nothing most likely is what failed before us: customers would end, and
-- who opted out would be written to
CREATE FUNCTION @extschema@.portrait_refresh_empty(schema name, generation bigint, as_of timestamptz, subject text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found record;
BEGIN
	EXECUTE format($sql$
		SELECT r.allow_empty, (SELECT sum(@extschema@.segment_count(m.members))::bigint FROM %1$I.source_member AS m
			WHERE m.generation = r.previous AND m.source = $1) AS customers
		FROM %1$I.w_run AS r $sql$, schema)
	INTO found USING subject;
	IF found.customers > 0 AND found.allow_empty THEN
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'read', subject, found.customers,
			'customers were known from it at the last refresh, and it gives no rows now');
	ELSIF found.customers > 0 THEN
		RAISE object_not_in_prerequisite_state USING
			MESSAGE = format('source "%s" gives no rows', subject),
			DETAIL = format('At the last refresh %s customers were known from it.', found.customers),
			HINT = 'Look whether its data was loaded. If there is none, say so: allow_empty => true; or take the source back by portrait_source_drop.';
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_empty(schema name, generation bigint, as_of timestamptz, subject text) IS
'an error, or a warning if that was allowed, for a source that gives no rows though customers were known from it; for example: SELECT portrait_refresh_empty(''shop'', 17, ''2026-01-01Z'', ''mall'')';

-- All sources of a kind as one query, in the order in which they count
CREATE FUNCTION @extschema@.portrait_refresh_union(schema name, kind text)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	query text;
BEGIN
	EXECUTE format($sql$
		SELECT string_agg(format('SELECT %%L::text COLLATE "C" AS source, %%s AS priority, i.ctid AS line, i.* FROM %%I.%%I AS i',
			name, row_number, %1$L, 'w_in_' || id), ' UNION ALL ' ORDER BY row_number)
		FROM (SELECT *, row_number() OVER (ORDER BY priority, name) FROM %1$I.w_source) AS s WHERE kind = $1 $sql$, schema)
	INTO query USING kind;
	-- no row, but columns, where there is no such source
	RETURN coalesce(query, format('SELECT NULL::text COLLATE "C" AS source, 1::bigint AS priority, NULL::tid AS line, e.* FROM (%s) AS e',
		@extschema@.portrait_source_sql(jsonb_build_object('kind', kind, 'identifiers', '["card"]'::jsonb,
			'query', 'SELECT NULL::text AS card WHERE false', 'columns', '{}'::jsonb), 'UTC', '2000-01-01Z')));
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_union(schema name, kind text) IS
'the query of all rows that a refresh has read from sources of a kind; for example: SELECT portrait_refresh_union(''shop'', ''orders'')';
