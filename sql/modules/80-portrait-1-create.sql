/*
 * The managed portrait: ordinary tables in a schema of the user's, computed anew
 * by each refresh.  Tables, generations and stages are told in
 * src/portrait/README.md.
 *
 * Functions in PL/pgSQL have a search_path of their own, and build every statement
 * on the user's schema by format(): %1$I is that schema.  Those that create tables,
 * views or functions in it set the path to it instead, so that they read as they
 * would in a script.
 */

-- What a portrait is known by, and what keeps other schemas from being taken for one
CREATE FUNCTION @extschema@.portrait_schema(schema name)
	RETURNS oid
	LANGUAGE C STABLE STRICT
	AS 'MODULE_PATHNAME', 'portrait_schema';
COMMENT ON FUNCTION @extschema@.portrait_schema(schema name) IS
'the oid of a portrait''s schema, or NULL if it is none; for example: SELECT portrait_schema(''shop'')';

CREATE FUNCTION @extschema@.portrait_check(schema name)
	RETURNS oid
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found oid := @extschema@.portrait_schema(schema);
BEGIN
	IF found IS NULL AND EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = schema) THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('schema %I is no portrait', schema),
			HINT = 'Portraits are made by portrait_create(schema, time_zone), in a schema of their own.';
	ELSIF found IS NULL THEN
		RAISE invalid_schema_name USING
			MESSAGE = format('schema %s does not exist', coalesce(quote_ident(schema), 'NULL')),
			HINT = 'Name the schema of a portrait, or make one by portrait_create(schema, time_zone).';
	END IF;
	RETURN found;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_check(schema name) IS
'the oid of a portrait''s schema, or an error if there is no portrait; for example: SELECT portrait_check(''shop'')';

CREATE FUNCTION @extschema@.portrait_check_owner(schema name)
	RETURNS oid
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found oid := @extschema@.portrait_check(schema);
	owner oid := (SELECT c.relowner FROM pg_class AS c WHERE c.relnamespace = found AND c.relname = 'state');
BEGIN
	IF NOT pg_has_role(owner, 'USAGE') THEN
		RAISE insufficient_privilege USING
			MESSAGE = format('must be owner of portrait %I', schema),
			DETAIL = format('Its tables belong to %s.', owner::regrole);
	END IF;
	RETURN found;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_check_owner(schema name) IS
'as portrait_check, and the caller must own it; for example: SELECT portrait_check_owner(''shop'')';

-- Tables with one partition for each generation
CREATE FUNCTION @extschema@.portrait_result_tables()
	RETURNS SETOF name
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 14
BEGIN ATOMIC
	SELECT pg_catalog.unnest('{customer,customer_member,identifier,source_member,consent,customer_value,customer_recent,
		tag_member,tag_value,tag_range,segment_member,segment_since,customer_wide,touchpoint_member}'::name[]);
END;
COMMENT ON FUNCTION @extschema@.portrait_result_tables() IS
'the tables of a portrait that a refresh fills, one partition for each generation; for example: SELECT portrait_result_tables()';

CREATE FUNCTION @extschema@.portrait_create(schema name, time_zone text, day_start time DEFAULT '00:00')
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	zone text := (SELECT z.name FROM pg_timezone_names AS z WHERE lower(z.name) = lower(time_zone)
				ORDER BY z.name LIMIT 1);
	found oid := (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = schema);
BEGIN
	IF schema IS NULL THEN
		RAISE null_value_not_allowed USING MESSAGE = 'the schema must not be NULL';
	ELSIF zone IS NULL THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('time zone %s is not known', coalesce(quote_literal(left(time_zone, 100)), 'NULL')),
			HINT = 'Give a full name, such as Asia/Shanghai: SELECT name FROM pg_timezone_names.';
	ELSIF day_start IS NULL OR day_start >= '24:00' THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('day_start is %s', coalesce(day_start::text, 'NULL')),
			HINT = 'It is the time at which a business day begins, from 00:00 to before 24:00.';
	ELSIF found IS NULL THEN
		EXECUTE format('CREATE SCHEMA %I', schema);
	ELSIF EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = found)
		OR EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = found)
		OR EXISTS (SELECT FROM pg_type AS t WHERE t.typnamespace = found) THEN
		RAISE duplicate_schema USING
			MESSAGE = format('schema %I is not empty', schema),
			HINT = 'A portrait has a schema of its own: name one that does not exist, or is empty.';
	END IF;
	PERFORM @extschema@.portrait_create_declared(schema);
	PERFORM @extschema@.portrait_create_results(schema);
	EXECUTE format('INSERT INTO %I.state (version, time_zone, day_start) VALUES (%L, %L, %L)', schema,
		(SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'portrait'), zone, day_start);
	EXECUTE format('COMMENT ON SCHEMA %I IS %L', schema,
		'customer portrait, made by portrait_create; CALL portrait_refresh(...) keeps it fresh');
	PERFORM @extschema@.portrait_create_views(schema);
	PERFORM @extschema@.portrait_create_tag_views(schema);
	PERFORM @extschema@.portrait_create_functions(schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_create(schema name, time_zone text, day_start time) IS
'makes a portrait: ordinary tables in a schema of its own, owned by the caller; time_zone is where its customers live, day_start when their business day begins; for example: SELECT portrait_create(''shop'', ''Asia/Shanghai'')';

-- What people declare, and what is written down once and stays
CREATE FUNCTION @extschema@.portrait_create_declared(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $create$
BEGIN
	PERFORM set_config('search_path', format('%I, pg_temp', schema), true);
	CREATE TABLE state (
		one boolean PRIMARY KEY DEFAULT true CHECK (one),
		version text NOT NULL,
		time_zone text NOT NULL,
		day_start time NOT NULL,
		generation bigint NOT NULL DEFAULT 0,
		as_of timestamptz,
		next_customer bigint NOT NULL DEFAULT 1,
		running_generation bigint,
		running_as_of timestamptz,
		running_pid integer,
		running_stage text,
		running_subject text,
		done integer,
		total integer,
		started_at timestamptz
	);
	COMMENT ON TABLE state IS 'one row: the settings, the current generation, and how far a running refresh is';
	COMMENT ON COLUMN state.time_zone IS 'whose local time the times of sources are';
	COMMENT ON COLUMN state.day_start IS 'when a business day begins, local time';
	COMMENT ON COLUMN state.generation IS 'the generation that readers see; 0 before the first refresh';
	COMMENT ON COLUMN state.as_of IS 'the moment it is told as of, exclusive';
	COMMENT ON COLUMN state.next_customer IS 'the number that the next new customer gets';

	CREATE TABLE source (
		name text COLLATE "C" PRIMARY KEY,
		id integer NOT NULL UNIQUE,
		kind text NOT NULL CHECK (kind IN ('identity', 'orders', 'events', 'attributes', 'consent')),
		query text NOT NULL,
		identifiers text[] NOT NULL,
		statuses jsonb NOT NULL DEFAULT '{}',
		priority integer NOT NULL,
		search_path text NOT NULL,
		columns jsonb NOT NULL,
		version integer NOT NULL DEFAULT 1,
		defined_at timestamptz NOT NULL DEFAULT now()
	);
	COMMENT ON TABLE source IS 'where the portrait comes from: queries on the tables that are there; kept by portrait_source';
	COMMENT ON COLUMN source.identifiers IS 'type, type@scope_column, type:column: the columns that say who it was';
	COMMENT ON COLUMN source.statuses IS 'what the words in the column status mean: paid, refund, unpaid, cancelled';
	COMMENT ON COLUMN source.priority IS 'smaller first: the order of sources where they contradict each other';
	COMMENT ON COLUMN source.search_path IS 'of the session that declared it; the query runs with it';
	COMMENT ON COLUMN source.columns IS 'the query''s columns and their types when it was declared';

	CREATE TABLE tag (
		path text COLLATE "C" PRIMARY KEY,
		title text,
		description text,
		kind text NOT NULL CHECK (kind IN ('fact', 'statistic', 'rule')),
		value_type text NOT NULL,
		multiple boolean NOT NULL DEFAULT false,
		conflict text,
		on_empty text NOT NULL DEFAULT 'clear' CHECK (on_empty IN ('keep', 'clear')),
		time_to_live interval,
		half_life interval,
		sensitivity text,
		personal boolean NOT NULL DEFAULT false,
		owner text,
		definition jsonb NOT NULL,
		position integer NOT NULL,
		version integer NOT NULL DEFAULT 1,
		computed bigint,
		pack text,
		defined_at timestamptz NOT NULL DEFAULT now()
	);
	COMMENT ON TABLE tag IS 'the catalogue of tags: what each means and how it is computed; kept by portrait_tag';
	COMMENT ON COLUMN tag.sensitivity IS 'personal, sensitive, or a word for people; empty: it was said that it is nothing of that kind; NULL: nothing was said';
	COMMENT ON COLUMN tag.personal IS 'are its values for those only who may read identifiers: by its declaration, or as there may be some of one before';
	COMMENT ON COLUMN tag.computed IS 'the first generation that has it; NULL before its first success';

	CREATE TABLE tag_label (
		code text COLLATE "C",
		language text COLLATE "C",
		label text NOT NULL,
		PRIMARY KEY (code, language)
	);
	COMMENT ON TABLE tag_label IS 'names of tags (code: path) and of their values (code: path=value) in the languages of people';

	CREATE TABLE segment_def (
		name text COLLATE "C" PRIMARY KEY,
		title text,
		rule text NOT NULL,
		version integer NOT NULL DEFAULT 1,
		computed bigint,
		defined_at timestamptz NOT NULL DEFAULT now()
	);
	COMMENT ON TABLE segment_def IS 'named segments, each a rule over tags; kept by portrait_segment';
	COMMENT ON COLUMN segment_def.computed IS 'the first generation that has it; NULL before its first success';

	CREATE TABLE customer_merge (
		old_customer bigint NOT NULL,
		new_customer bigint NOT NULL,
		merged_at timestamptz NOT NULL,
		generation bigint NOT NULL,
		why text NOT NULL CHECK (why IN ('joined', 'parted')),
		PRIMARY KEY (generation, old_customer, new_customer)
	);
	CREATE INDEX ON customer_merge (old_customer);
	COMMENT ON TABLE customer_merge IS 'what became of numbers: joined, old_customer was found to be new_customer; parted, new_customer has identifiers that were old_customer''s';

	CREATE TABLE retired (
		identifier bytea PRIMARY KEY,
		customer bigint NOT NULL,
		first_seen timestamp,
		retired_at timestamptz NOT NULL
	);
	COMMENT ON TABLE retired IS 'whose identifiers were that no source has any more, so that customers who come back get their numbers back; rows may be deleted';
	COMMENT ON COLUMN retired.identifier IS 'its SHA-256: sha256(convert_to(identifier, ''UTF8''))';
	COMMENT ON COLUMN retired.retired_at IS 'as of when it was missed first';

	CREATE TABLE refresh_log (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		generation bigint NOT NULL,
		as_of timestamptz NOT NULL,
		stage text NOT NULL,
		subject text,
		started_at timestamptz NOT NULL,
		ended_at timestamptz,
		rows bigint,
		outcome text NOT NULL CHECK (outcome IN ('running', 'done', 'failed', 'skipped', 'warning')),
		message text,
		detail text
	);
	CREATE INDEX ON refresh_log (generation);
	COMMENT ON TABLE refresh_log IS 'what each refresh did, step by step, with the errors and what was found odd in the sources; rows may be deleted';

	CREATE TABLE audience_log (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		at timestamptz NOT NULL,
		who text NOT NULL,
		rule text NOT NULL,
		identifier_type text NOT NULL,
		channel text,
		hashed boolean NOT NULL,
		customers bigint NOT NULL,
		identifiers bigint NOT NULL,
		opted_out bigint NOT NULL
	);
	COMMENT ON TABLE audience_log IS 'who took which list of identifiers out of the portrait; if the transaction is rolled back, only the log of the server tells';

	CREATE TABLE segment_history (
		name text COLLATE "C",
		generation bigint,
		as_of timestamptz NOT NULL,
		size bigint NOT NULL,
		entered bigint NOT NULL,
		departed bigint NOT NULL,
		version integer NOT NULL,
		PRIMARY KEY (name, generation)
	);
	COMMENT ON TABLE segment_history IS 'how large each segment was at each refresh, and how many entered and left it';
END
$create$;
COMMENT ON FUNCTION @extschema@.portrait_create_declared(schema name) IS
'makes the tables of a portrait that have no generation, for portrait_create; for example: SELECT portrait_create_declared(''shop'')';

-- What a refresh computes; times of the sources are local (timestamp)
CREATE FUNCTION @extschema@.portrait_create_results(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $create$
BEGIN
	PERFORM set_config('search_path', format('%I, pg_temp', schema), true);
	CREATE TABLE customer (
		generation bigint,
		customer bigint,
		first_seen timestamp,
		population text NOT NULL,
		PRIMARY KEY (generation, customer)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE customer IS 'customers: whoever has an identifier';
	COMMENT ON COLUMN customer.customer IS 'a number that lasts from refresh to refresh';
	COMMENT ON COLUMN customer.first_seen IS 'local time of the earliest observation, NULL if none has a time';
	COMMENT ON COLUMN customer.population IS 'visitor (only events), user (any other source knows him, has not bought), customer (has bought: a paid order is left of him)';

	CREATE TABLE customer_member (
		generation bigint,
		bucket bigint,
		members @extschema@.segment NOT NULL,
		PRIMARY KEY (generation, bucket)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE customer_member IS 'all customers as sets; bucket = customer >> 20';

	CREATE TABLE identifier (
		generation bigint,
		identifier text COLLATE "C",
		customer bigint NOT NULL,
		first_seen timestamp,
		sources text[] NOT NULL,
		PRIMARY KEY (generation, identifier)
	) PARTITION BY LIST (generation);
	CREATE INDEX ON identifier (generation, customer);
	COMMENT ON TABLE identifier IS 'whose an identifier is, since when, and which sources have it';

	CREATE TABLE source_member (
		generation bigint,
		source text COLLATE "C",
		bucket bigint,
		kind text NOT NULL,
		members @extschema@.segment NOT NULL,
		PRIMARY KEY (generation, source, bucket)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE source_member IS 'which customers each source knows; bucket = customer >> 20';

	CREATE TABLE consent (
		generation bigint,
		customer bigint,
		channel text COLLATE "C",
		allowed boolean NOT NULL,
		at timestamp,
		PRIMARY KEY (generation, customer, channel)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE consent IS 'what customers said last about being written to by each channel';

	CREATE TABLE customer_value (
		generation bigint,
		customer bigint,
		summary @extschema@.rfm_summary NOT NULL,
		sensitivity @extschema@.price_sensitivity,
		first_order timestamp NOT NULL,
		last_order timestamp NOT NULL,
		orders bigint NOT NULL,
		spend numeric NOT NULL,
		PRIMARY KEY (generation, customer)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE customer_value IS 'what each customer bought, taken back goods and money netted';
	COMMENT ON COLUMN customer_value.summary IS 'in business time: local time less state.day_start';
	COMMENT ON COLUMN customer_value.sensitivity IS 'NULL where no order has a list price';

	CREATE TABLE customer_recent (
		generation bigint,
		customer bigint,
		kind text COLLATE "C",
		at timestamp[] NOT NULL,
		title text[] NOT NULL,
		amount numeric[] NOT NULL,
		PRIMARY KEY (generation, customer, kind)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE customer_recent IS 'the last five orders and the last five events of each customer (kind: order, event), latest first';

	CREATE TABLE tag_member (
		generation bigint,
		tag text COLLATE "C",
		value text COLLATE "C",
		bucket bigint,
		value_type text NOT NULL,
		weighted boolean NOT NULL,
		members @extschema@.segment NOT NULL,
		PRIMARY KEY (generation, tag, value, bucket)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE tag_member IS 'who has which value of a tag: all texts and booleans, and numbers and times that many have; bucket = customer >> 20';
	COMMENT ON COLUMN tag_member.weighted IS 'tag_value has a row of each member, with weight and times';

	CREATE TABLE tag_value (
		generation bigint,
		customer bigint,
		tag text COLLATE "C",
		value text COLLATE "C",
		number double precision,
		weight double precision,
		set_at timestamptz,
		expires_at timestamptz,
		source text,
		PRIMARY KEY (generation, customer, tag, value)
	) PARTITION BY LIST (generation);
	-- a tag is written at once, so its rows lie together
	CREATE INDEX ON tag_value USING brin (tag);
	COMMENT ON TABLE tag_value IS 'numbers and times of each customer, save those in tag_member, and tags with weights or times of their own';
	COMMENT ON COLUMN tag_value.number IS 'the value of a number; of a date or time, seconds from 1970 (UTC)';

	CREATE TABLE tag_range (
		generation bigint,
		tag text COLLATE "C",
		bucket bigint,
		part integer,
		value_type text NOT NULL,
		low double precision NOT NULL,
		high double precision NOT NULL,
		members @extschema@.segment NOT NULL,
		numbers double precision[],
		PRIMARY KEY (generation, tag, bucket, part)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE tag_range IS 'the numbers of tag_value in parts of about equal size, so that a comparison reads whole sets';
	COMMENT ON COLUMN tag_range.numbers IS 'of the members, in their order; NULL if a customer may have several';

	CREATE TABLE segment_member (
		generation bigint,
		name text COLLATE "C",
		bucket bigint,
		version integer NOT NULL,
		members @extschema@.segment NOT NULL,
		entered @extschema@.segment NOT NULL,
		departed @extschema@.segment NOT NULL,
		PRIMARY KEY (generation, name, bucket)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE segment_member IS 'who is in which segment, and who entered and left it at this refresh; bucket = customer >> 20';

	CREATE TABLE segment_since (
		generation bigint,
		name text COLLATE "C",
		bucket bigint,
		since timestamptz,
		members @extschema@.segment NOT NULL,
		PRIMARY KEY (generation, name, bucket, since)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE segment_since IS 'the members of segments by the refresh (as_of) at which they entered';

	CREATE TABLE customer_wide (
		generation bigint,
		customer bigint,
		rfm_score integer,
		rfm_segment text COLLATE "C",
		stage text COLLATE "C",
		journey_stage text COLLATE "C",
		tier text COLLATE "C",
		region text COLLATE "C",
		PRIMARY KEY (generation, customer)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE customer_wide IS 'the tags that v_customer shows, side by side: a row for each customer who has one of them';

	CREATE TABLE touchpoint_member (
		generation bigint,
		touchpoint text COLLATE "C",
		bucket bigint,
		events bigint NOT NULL,
		first_seen timestamp NOT NULL,
		last_seen timestamp NOT NULL,
		members @extschema@.segment NOT NULL,
		PRIMARY KEY (generation, touchpoint, bucket)
	) PARTITION BY LIST (generation);
	COMMENT ON TABLE touchpoint_member IS 'who was seen at which touchpoint, by events; bucket = customer >> 20';
END
$create$;
COMMENT ON FUNCTION @extschema@.portrait_create_results(schema name) IS
'makes the tables of a portrait that have a partition for each generation, for portrait_create; for example: SELECT portrait_create_results(''shop'')';

CREATE FUNCTION @extschema@.portrait_create_views(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $create$
BEGIN
	PERFORM set_config('search_path', format('%I, pg_temp', schema), true);
	CREATE VIEW v_customer AS
		SELECT c.customer, c.first_seen, c.population, v.first_order, v.last_order,
			coalesce(v.orders, 0) AS orders, coalesce(v.spend, 0) AS spend,
			-- the generation may have what is personal by now
			CASE WHEN (SELECT NOT personal FROM tag WHERE path = 'rfm.score') THEN w.rfm_score END AS rfm_score,
			CASE WHEN (SELECT NOT personal FROM tag WHERE path = 'rfm.segment') THEN w.rfm_segment END AS rfm_segment,
			CASE WHEN (SELECT NOT personal FROM tag WHERE path = 'lifecycle.stage') THEN w.stage END AS stage,
			CASE WHEN (SELECT NOT personal FROM tag WHERE path = 'journey.stage') THEN w.journey_stage END AS journey_stage,
			CASE WHEN (SELECT NOT personal FROM tag WHERE path = 'price_tier') THEN w.tier END AS tier,
			CASE WHEN (SELECT NOT personal FROM tag WHERE path = 'region') THEN w.region END AS region
		FROM customer AS c
		LEFT JOIN customer_value AS v ON v.customer = c.customer AND v.generation = (SELECT generation FROM state)
		LEFT JOIN customer_wide AS w ON w.customer = c.customer AND w.generation = (SELECT generation FROM state)
		WHERE c.generation = (SELECT generation FROM state);
	COMMENT ON VIEW v_customer IS 'one wide row a customer; rfm_score, rfm_segment, stage (of life cycle), journey_stage, tier (of prices) and region are tags of the retail pack, NULL without it and where nothing is known; for example: SELECT rfm_segment, count(*), sum(spend) FROM v_customer GROUP BY rfm_segment';
	COMMENT ON COLUMN v_customer.stage IS 'tag lifecycle.stage';
	COMMENT ON COLUMN v_customer.tier IS 'tag price_tier';

	CREATE VIEW v_refresh_log AS
		SELECT id, generation, as_of, stage, subject, started_at, ended_at, rows, outcome,
			CASE WHEN hidden THEN 'error ' || left(detail, 5) ELSE message END AS message, CASE WHEN NOT hidden THEN detail END AS detail
		FROM refresh_log AS l,
			-- errors quote queries and data
			LATERAL (SELECT l.outcome = 'failed' AND l.detail IS NOT NULL AND NOT has_table_privilege(l.tableoid, 'SELECT')) AS h(hidden);
	COMMENT ON VIEW v_refresh_log IS 'what each refresh did, step by step; errors in full for those who may read refresh_log; for example: SELECT subject, rows, message FROM v_refresh_log WHERE outcome IN (''failed'', ''warning'') ORDER BY id';

	CREATE VIEW v_refresh_progress AS
		SELECT s.running_generation AS generation, s.running_as_of AS as_of, s.running_stage AS stage,
			s.running_subject AS subject, s.done, s.total, s.started_at, s.running_pid AS pid
		FROM state AS s
		WHERE s.running_generation IS NOT NULL
		-- the lock ends with its session, the row would stay
		AND EXISTS (SELECT FROM pg_locks AS l
			WHERE l.locktype = 'advisory' AND l.classid = 1886351988 AND l.objsubid = 2 AND l.granted
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND l.objid = (SELECT relnamespace FROM pg_class WHERE oid = s.tableoid));
	COMMENT ON VIEW v_refresh_progress IS 'how far a running refresh is; no row if none runs; for example: SELECT stage, subject, done, total FROM v_refresh_progress';

	CREATE VIEW v_source_overlap AS
		WITH member AS (
			SELECT source, bucket, kind, members FROM source_member WHERE generation = (SELECT generation FROM state)
		), size AS (
			SELECT source, kind, sum(@extschema@.segment_count(members))::bigint AS customers
			FROM member GROUP BY source, kind
		), common AS (
			SELECT a.source AS source_a, b.source AS source_b,
				sum(@extschema@.segment_intersect_count(a.members, b.members))::bigint AS shared
			FROM member AS a JOIN member AS b ON b.bucket = a.bucket AND b.source > a.source
			GROUP BY a.source, b.source
		)
		SELECT CASE WHEN a.kind = b.kind THEN a.kind ELSE a.kind || ', ' || b.kind END AS kind, a.source AS source_a, b.source AS source_b,
			a.customers AS customers_a, b.customers AS customers_b, coalesce(c.shared, 0) AS shared,
			round(coalesce(c.shared, 0)::numeric / a.customers, 4) AS share_of_a,
			round(coalesce(c.shared, 0)::numeric / b.customers, 4) AS share_of_b
		FROM size AS a JOIN size AS b ON b.source > a.source
		LEFT JOIN common AS c ON c.source_a = a.source AND c.source_b = b.source;
	COMMENT ON VIEW v_source_overlap IS 'how many customers each two sources share; kind is that of both, or of the first and of the second; for example: SELECT * FROM v_source_overlap WHERE kind = ''identity''';

	CREATE VIEW v_touchpoint_coverage AS
		WITH everybody AS (
			SELECT sum(@extschema@.segment_count(members)) AS customers FROM customer_member WHERE generation = (SELECT generation FROM state)
		), buyer AS (
			SELECT customer >> 20 AS bucket, @extschema@.segment_agg(customer) AS members
			FROM customer_value WHERE generation = (SELECT generation FROM state) GROUP BY customer >> 20
		), elsewhere AS (
			SELECT bucket, @extschema@.segment_at_least_agg(members, 2) AS members
			FROM touchpoint_member WHERE generation = (SELECT generation FROM state) GROUP BY bucket
		)
		SELECT t.touchpoint, sum(@extschema@.segment_count(t.members))::bigint AS customers,
			round(sum(@extschema@.segment_count(t.members)) / max(a.customers), 4) AS share,
			sum(@extschema@.segment_except_count(t.members, e.members))::bigint AS only_here,
			sum(@extschema@.segment_intersect_count(t.members, coalesce(b.members, '{}')))::bigint AS buyers,
			sum(t.events)::bigint AS events, min(t.first_seen) AS first_seen, max(t.last_seen) AS last_seen
		FROM touchpoint_member AS t CROSS JOIN everybody AS a JOIN elsewhere AS e ON e.bucket = t.bucket
		LEFT JOIN buyer AS b ON b.bucket = t.bucket
		WHERE t.generation = (SELECT generation FROM state) GROUP BY t.touchpoint;
	COMMENT ON VIEW v_touchpoint_coverage IS 'which touchpoints of events reach how many customers, of all their share, how many of them are seen nowhere else, how many have bought (anywhere), and from when to when; for example: SELECT touchpoint, customers, share, only_here FROM v_touchpoint_coverage ORDER BY customers DESC';
END
$create$;
COMMENT ON FUNCTION @extschema@.portrait_create_views(schema name) IS
'makes the views on customers, sources and refreshes, for portrait_create; for example: SELECT portrait_create_views(''shop'')';

-- Drops without CASCADE, so that what else uses the portrait is told and kept
CREATE FUNCTION @extschema@.portrait_drop(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	space oid := @extschema@.portrait_check_owner(schema);
	tables text := '^(state|source|tag|tag_label|segment_def|customer_merge|retired|refresh_log|audience_log|segment_history|w_[a-z_0-9]+'
		|| (SELECT string_agg('|' || t || '(_g[0-9]+)?', '') FROM @extschema@.portrait_result_tables() AS t) || ')$';
	others text;
	drops text;
BEGIN
	IF NOT pg_try_advisory_xact_lock(1886351988, space::integer) THEN
		RAISE lock_not_available USING
			MESSAGE = format('portrait %I is being refreshed', schema),
			HINT = 'Wait for its end, or cancel it: see v_refresh_progress.';
	END IF;
	SELECT string_agg(format('%I', c.relname), ', ' ORDER BY c.relname) INTO others
	FROM pg_class AS c
	WHERE c.relnamespace = space
	AND (c.relkind IN ('f', 'm') OR c.relkind IN ('r', 'p') AND c.relname !~ tables
		OR c.relkind = 'v' AND c.relname !~ '^[vw]_'
		OR c.relkind = 'S' AND c.relname !~ '^(refresh_log|audience_log)_id_seq$');
	IF others IS NOT NULL THEN
		RAISE dependent_objects_still_exist USING
			MESSAGE = format('schema %I has more in it than a portrait', schema),
			DETAIL = 'Not the portrait''s: ' || others || '.',
			HINT = 'Move them to another schema (ALTER TABLE ... SET SCHEMA ...), or drop them.';
	END IF;
	-- functions may be used by views and may use their types, so all at a time
	FOR drops IN
		SELECT format('DROP VIEW %s', string_agg(format('%I.%I', schema, c.relname), ', '))
		FROM pg_class AS c WHERE c.relnamespace = space AND c.relkind = 'v' HAVING count(*) > 0
		UNION ALL
		SELECT format('DROP ROUTINE %s', string_agg(p.oid::regprocedure::text, ', '))
		FROM pg_proc AS p WHERE p.pronamespace = space HAVING count(*) > 0
		UNION ALL
		SELECT format('DROP TABLE %s', string_agg(format('%I.%I', schema, c.relname), ', '))
		FROM pg_class AS c WHERE c.relnamespace = space AND c.relkind IN ('r', 'p')
		UNION ALL
		SELECT format('DROP SCHEMA %I', schema)
	LOOP
		EXECUTE drops;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_drop(schema name) IS
'drops a portrait with all it holds; an error if anything else is in its schema or uses it; for example: SELECT portrait_drop(''shop'')';
