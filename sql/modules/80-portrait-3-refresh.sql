/*
 * Refresh: a generation is computed step by step, each step a transaction, and
 * published by the last one.  The procedure only walks through the steps; what
 * a step does is a function, which portrait_refresh_step() calls.
 *
 * A procedure that commits cannot have a search_path of its own, so it sets the
 * path anew in each transaction.
 */

CREATE FUNCTION @extschema@.portrait_refresh_lock(schema oid)
	RETURNS boolean
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'portrait_refresh_lock';
COMMENT ON FUNCTION @extschema@.portrait_refresh_lock(schema oid) IS
'locks a portrait for its refresh until portrait_refresh_unlock or the next error; false if another session has it, an error where the caller cannot commit; for example: SELECT portrait_refresh_lock(portrait_check(''shop''))';

CREATE FUNCTION @extschema@.portrait_refresh_unlock()
	RETURNS boolean
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'portrait_refresh_unlock';
COMMENT ON FUNCTION @extschema@.portrait_refresh_unlock() IS
'gives back what portrait_refresh_lock locked; for example: portrait_refresh_unlock() gives false';

-- Partitions: made as tables that stand alone, indexed when they are full

CREATE FUNCTION @extschema@.portrait_refresh_table(schema name, generation bigint, result name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	partition name := format('%s_g%s', result, generation);
BEGIN
	EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I)', schema, partition, result);
	-- what attaching takes for granted
	EXECUTE format('ALTER TABLE %1$I.%2$I ADD CONSTRAINT %2$I CHECK (generation IS NOT NULL AND generation = %3$s)',
		schema, partition, generation);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_table(schema name, generation bigint, result name) IS
'makes the table that becomes the partition of a generation, without indexes; for example: SELECT portrait_refresh_table(''shop'', 17, ''customer'')';

CREATE FUNCTION @extschema@.portrait_refresh_index(schema name, generation bigint, result name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	parent regclass := format('%I.%I', schema, result);
	partition text := format('%I.%I', schema, format('%s_g%s', result, generation));
	command text;
BEGIN
	FOR command IN
		-- an index is told as CREATE INDEX name ON ONLY table USING ...
		SELECT CASE WHEN i.indisprimary
			THEN format('ALTER TABLE %s ADD %s', partition, (SELECT pg_get_constraintdef(c.oid)
				FROM pg_constraint AS c WHERE c.conindid = i.indexrelid AND c.contype = 'p'))
			ELSE format('CREATE INDEX ON %s %s', partition, substr(pg_get_indexdef(i.indexrelid), 2 +
				length(format('CREATE INDEX %I ON ONLY %s', x.relname, format('%I.%I', schema, result)))))
			END
		FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid
		WHERE i.indrelid = parent
		ORDER BY x.relname
	LOOP
		EXECUTE command;
	END LOOP;
	EXECUTE 'ANALYZE ' || partition;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_index(schema name, generation bigint, result name) IS
'gives the table of a generation the indexes that its parent has, and the planner its statistics; for example: SELECT portrait_refresh_index(''shop'', 17, ''customer'')';

-- The log

CREATE FUNCTION @extschema@.portrait_refresh_warn(schema name, generation bigint, as_of timestamptz,
	stage text, subject text, rows bigint, message text, detail text DEFAULT NULL)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($sql$
		INSERT INTO %1$I.refresh_log (generation, as_of, stage, subject, started_at, ended_at, rows, outcome, message, detail)
		SELECT $1, $2, $3, $4, t, t, $5, 'warning', $6, $7 FROM clock_timestamp() AS t $sql$, schema)
	USING generation, as_of, stage, subject, rows, message, detail;
	RAISE NOTICE 'portrait %: %: %', schema, concat_ws(' ', stage, subject), concat(message, ' (' || rows || ')');
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_warn(schema name, generation bigint, as_of timestamptz,
	stage text, subject text, rows bigint, message text, detail text) IS
'writes down what a refresh found odd, and how often; for example: SELECT portrait_refresh_warn(''shop'', 17, ''2026-01-01Z'', ''orders'', ''till'', 3, ''orders without a customer'')';

-- Before a step: say so to other sessions
CREATE FUNCTION @extschema@.portrait_refresh_note(schema name, generation bigint, as_of timestamptz,
	stage text, subject text, done integer, total integer)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	id bigint;
BEGIN
	EXECUTE format('UPDATE %1$I.state SET running_stage = $1, running_subject = $2, done = $3, total = $4', schema)
	USING stage, subject, done, total;
	EXECUTE format($sql$
		INSERT INTO %1$I.refresh_log (generation, as_of, stage, subject, started_at, outcome)
		VALUES ($1, $2, $3, $4, clock_timestamp(), 'running') RETURNING id $sql$, schema)
	INTO id USING generation, as_of, stage, subject;
	RETURN id;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_note(schema name, generation bigint, as_of timestamptz,
	stage text, subject text, done integer, total integer) IS
'writes down that a step of a refresh begins, and gives the id of its row in refresh_log; for example: SELECT portrait_refresh_note(''shop'', 17, ''2026-01-01Z'', ''orders'', NULL, 4, 20)';

-- After a step: what came of it
CREATE FUNCTION @extschema@.portrait_refresh_outcome(schema name, id bigint, outcome text, rows bigint,
	message text DEFAULT NULL, detail text DEFAULT NULL)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	seconds numeric;
	step text;
BEGIN
	EXECUTE format($sql$
		UPDATE %1$I.refresh_log SET ended_at = clock_timestamp(), outcome = $2, rows = $3, message = $4, detail = $5
		WHERE id = $1
		RETURNING extract(epoch FROM ended_at - started_at),
			(SELECT format('%%s/%%s ', s.done + 1, s.total) FROM %1$I.state AS s) || concat_ws(' ', stage, subject) $sql$, schema)
	INTO seconds, step USING id, outcome, rows, message, detail;
	IF step !~ ' clean ' OR outcome <> 'done' THEN
		RAISE NOTICE 'portrait %: %: %, % s%', schema, step, coalesce(rows || ' rows', outcome),
			round(seconds, 1), coalesce(': ' || message, '');
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_outcome(schema name, id bigint, outcome text, rows bigint,
	message text, detail text) IS
'writes down how a step of a refresh ended; for example: SELECT portrait_refresh_outcome(''shop'', 42, ''done'', 1000)';

-- Begin, clean, and end

-- Drops what stands alone: of a refresh that died, or of this one when it fails
CREATE FUNCTION @extschema@.portrait_refresh_sweep(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	leftover text := '^(w_[a-z_0-9]+'
		|| (SELECT string_agg('|' || t || '_g[0-9]+', '') FROM @extschema@.portrait_result_tables() AS t) || ')$';
	tables text := (SELECT string_agg(format('%I.%I', schema, c.relname), ', ')
		FROM pg_class AS c
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = schema)
		AND c.relkind = 'r' AND NOT c.relispartition AND c.relname ~ leftover);
	views text := (SELECT string_agg(format('%I.%I', schema, c.relname), ', ')
		FROM pg_class AS c
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = schema)
		AND c.relkind = 'v' AND c.relname ~ '^w_[a-z_0-9]+$');
BEGIN
	IF views IS NOT NULL THEN
		EXECUTE 'DROP VIEW ' || views;
	END IF;
	IF tables IS NOT NULL THEN
		EXECUTE 'DROP TABLE ' || tables;
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_sweep(schema name) IS
'drops the tables and views of a refresh that did not come to its end; for example: SELECT portrait_refresh_sweep(''shop'')';

CREATE FUNCTION @extschema@.portrait_refresh_begin(schema name, as_of timestamptz, allow_empty boolean)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	run record;
	last text;
BEGIN
	PERFORM @extschema@.portrait_refresh_sweep(schema);
	EXECUTE format($sql$
		UPDATE %1$I.refresh_log SET outcome = 'failed', ended_at = clock_timestamp(),
			message = 'ended with its session or server'
		WHERE outcome = 'running' $sql$, schema);
	-- a number of its own for each attempt, so that the log tells them apart
	EXECUTE format($sql$
		UPDATE %1$I.state SET running_generation = 1 + greatest(generation,
				(SELECT max(l.generation) FROM %1$I.refresh_log AS l)),
			running_as_of = $1, running_pid = pg_backend_pid(), running_stage = NULL, running_subject = NULL,
			done = 0, total = NULL, started_at = clock_timestamp() $sql$, schema)
	USING as_of;
	EXECUTE format('ANALYZE %1$I.state', schema);
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_run AS
		SELECT s.running_generation AS generation, s.generation AS previous, s.running_as_of AS as_of,
			s.running_as_of AT TIME ZONE s.time_zone AS local_as_of,
			s.running_as_of AT TIME ZONE s.time_zone - s.day_start AS business_as_of,
			s.time_zone, s.day_start, $1 AS allow_empty
		FROM %1$I.state AS s $sql$, schema)
	USING allow_empty;

	-- What is computed is what is declared now, in one statement and so of one moment: declared
	-- anew in the meantime, it counts from the next refresh on
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_source (LIKE %1$I.source)', schema);
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_tag (LIKE %1$I.tag)', schema);
	EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_segment (LIKE %1$I.segment_def)', schema);
	EXECUTE format($sql$
		WITH source AS (INSERT INTO %1$I.w_source SELECT * FROM %1$I.source),
			tag AS (INSERT INTO %1$I.w_tag SELECT * FROM %1$I.tag)
		INSERT INTO %1$I.w_segment SELECT * FROM %1$I.segment_def $sql$, schema);

	EXECUTE format('SELECT generation, (SELECT count(*) FROM %1$I.w_source) AS sources FROM %1$I.w_run', schema) INTO run;
	IF run.sources = 0 THEN
		RAISE object_not_in_prerequisite_state USING
			MESSAGE = format('portrait %I has no source', schema),
			HINT = 'Declare where customers, orders and the rest come from: portrait_source(...).';
	END IF;
	EXECUTE format('SELECT to_char(s.as_of AT TIME ZONE s.time_zone, ''YYYY-MM-DD HH24:MI:SS'') FROM %1$I.state AS s WHERE s.as_of > $1', schema)
	INTO last USING as_of;
	IF last IS NOT NULL THEN
		PERFORM @extschema@.portrait_refresh_warn(schema, run.generation, as_of, 'begin', NULL, NULL,
			'as of an earlier moment than the last refresh', format('That was as of %s, local time of the portrait.', last));
	END IF;
	RETURN run.generation;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_begin(schema name, as_of timestamptz, allow_empty boolean) IS
'cleans up after a refresh that died, writes down what is declared, and gives the number of the generation to compute; for example: SELECT portrait_refresh_begin(''shop'', ''2026-01-01Z'', false)';

CREATE FUNCTION @extschema@.portrait_refresh_end(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.portrait_refresh_sweep(schema);
	EXECUTE format($sql$
		UPDATE %1$I.state SET running_generation = NULL, running_as_of = NULL, running_pid = NULL,
			running_stage = NULL, running_subject = NULL, done = NULL, total = NULL, started_at = NULL $sql$, schema);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_end(schema name) IS
'drops the working tables and says that nothing runs any more; for example: SELECT portrait_refresh_end(''shop'')';

-- Detaching waits for readers, and readers that come later wait for it: not for long
CREATE FUNCTION @extschema@.portrait_refresh_clean(schema name, partition name)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
AS $$
DECLARE
	parent name := (SELECT p.relname FROM pg_inherits AS i JOIN pg_class AS p ON p.oid = i.inhparent
		WHERE i.inhrelid = format('%I.%I', schema, partition)::regclass);
BEGIN
	FOR attempt IN 1..10 LOOP
		BEGIN
			EXECUTE format('ALTER TABLE %1$I.%2$I DETACH PARTITION %1$I.%3$I', schema, parent, partition);
			EXECUTE format('DROP TABLE %I.%I', schema, partition);
			RETURN 0;
		EXCEPTION WHEN lock_not_available THEN
			PERFORM pg_sleep(0.01);
		END;
	END LOOP;
	RETURN NULL;	-- somebody reads on: the next refresh tries again
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_clean(schema name, partition name) IS
'drops a partition that is no longer current, or gives NULL if readers do not let go of it within a second; for example: SELECT portrait_refresh_clean(''shop'', ''customer_g16'')';

-- Nobody sees the new partitions yet.  They are attached in a transaction before the
-- one that publishes them, as a query that is being planned has looked for partitions
-- already, but not yet at the current generation.
CREATE FUNCTION @extschema@.portrait_refresh_attach(schema name, generation bigint)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp SET default_statistics_target = 30
AS $$
DECLARE
	result name;
	partitions bigint := 0;
BEGIN
	FOR result IN SELECT * FROM @extschema@.portrait_result_tables() LOOP
		EXECUTE format('ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I FOR VALUES IN (%4$s)',
			schema, result, format('%s_g%s', result, generation), generation);
		partitions := partitions + 1;
		-- of the whole, for queries that cannot know which partition they will read: of
		-- columns that conditions and joins are on, from a small sample
		EXECUTE format('ANALYZE %I.%I (%s)', schema, result, (
			SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
			FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
			WHERE a.attrelid = format('%I.%I', schema, result)::regclass AND a.attnum > 0 AND NOT a.attisdropped
			AND t.typnamespace = 'pg_catalog'::regnamespace AND t.typcategory <> 'A'));
	END LOOP;
	RETURN partitions;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_attach(schema name, generation bigint) IS
'makes the tables of a generation partitions; for example: SELECT portrait_refresh_attach(''shop'', 17)';

-- What was dropped while a generation was computed is not in it; what was declared anew is, as it
-- was, unless it is another one of that name, or never succeeded, and has nothing to keep
CREATE FUNCTION @extschema@.portrait_refresh_forget(schema name, new_generation bigint)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	gone text[];
	result name;
BEGIN
	EXECUTE format($sql$
		SELECT ARRAY(SELECT w.path FROM %1$I.w_tag AS w WHERE NOT EXISTS (SELECT FROM %1$I.tag AS t
			WHERE t.path = w.path AND (t.defined_at = w.defined_at OR t.computed IS NOT NULL))) $sql$, schema)
	INTO gone;
	IF gone <> '{}' THEN
		PERFORM @extschema@.portrait_tag_forget(schema, new_generation, gone);
	END IF;
	FOREACH result IN ARRAY '{segment_member,segment_since,segment_history}'::name[] LOOP
		EXECUTE format($sql$
			DELETE FROM %1$I.%2$I AS r USING %1$I.w_segment AS w
			WHERE r.generation = $1 AND r.name = w.name AND NOT EXISTS (SELECT FROM %1$I.segment_def AS s
				WHERE s.name = w.name AND (s.defined_at = w.defined_at OR s.computed IS NOT NULL)) $sql$, schema, result)
		USING new_generation;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_forget(schema name, new_generation bigint) IS
'takes out of a generation what was dropped while it was computed; for example: SELECT portrait_refresh_forget(''shop'', 17)';

CREATE FUNCTION @extschema@.portrait_refresh_publish(schema name, new_generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	readers text[] := ARRAY(
		SELECT DISTINCT l.virtualtransaction
		FROM pg_locks AS l
		WHERE l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
		AND l.relation IN (SELECT format('%I.%I', schema, t)::regclass FROM @extschema@.portrait_result_tables() AS t)
		AND l.pid <> pg_backend_pid());
	deadline timestamptz := clock_timestamp() + interval '5 s';
	customers bigint;
BEGIN
	-- those that planned without the new partitions have begun in a moment; to those that
	-- still run then, it makes no difference
	WHILE clock_timestamp() < deadline
		AND EXISTS (SELECT FROM pg_locks AS l WHERE l.virtualtransaction = ANY (readers)) LOOP
		PERFORM pg_sleep(0.01);
	END LOOP;
	EXECUTE format('INSERT INTO %1$I.customer_merge SELECT * FROM %1$I.w_merge', schema);
	PERFORM @extschema@.portrait_refresh_retire(schema, as_of);
	-- who is dropping or declaring comes before this, or sees it
	EXECUTE format('LOCK TABLE %1$I.tag, %1$I.segment_def IN SHARE ROW EXCLUSIVE MODE', schema);
	PERFORM @extschema@.portrait_refresh_forget(schema, new_generation);
	-- what was declared anew in the meantime has not been computed, and what is there of it may be personal
	EXECUTE format($sql$
		UPDATE %1$I.tag AS t SET computed = CASE WHEN w.defined_at = t.defined_at THEN w.computed ELSE t.computed END,
			personal = w.personal OR t.personal AND w.defined_at <> t.defined_at
		FROM %1$I.w_tag AS w WHERE w.path = t.path AND (w.defined_at = t.defined_at OR t.computed IS NOT NULL) $sql$, schema);
	PERFORM @extschema@.portrait_tag_raise(schema);
	EXECUTE format($sql$
		UPDATE %1$I.segment_def AS s SET computed = w.computed FROM %1$I.w_segment AS w
		WHERE w.name = s.name AND w.defined_at = s.defined_at AND w.computed IS NOT NULL AND s.computed IS NULL $sql$, schema);
	EXECUTE format($sql$
		UPDATE %1$I.state SET generation = $1, as_of = $2,
			next_customer = greatest(next_customer, (SELECT max(customer) + 1 FROM %1$I.w_number)) $sql$, schema)
	USING new_generation, as_of;
	EXECUTE format('SELECT count(*) FROM %1$I.w_number', schema) INTO customers;
	RETURN customers;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_publish(schema name, new_generation bigint, as_of timestamptz) IS
'makes a generation the current one; for example: SELECT portrait_refresh_publish(''shop'', 17, ''2026-01-01Z'')';

-- The steps, in order.  Those of tags and segments come from 80-portrait-6-tag.sql.
CREATE FUNCTION @extschema@.portrait_refresh_steps(schema name, OUT stage text, OUT subject text)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 50
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT 'clean', c.relname::text
		FROM pg_class AS c
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = %1$L)
		AND c.relispartition AND c.relkind = 'r' AND c.relname ~ '_g[0-9]+$'
		AND substring(c.relname FROM '[0-9]+$')::bigint <> (SELECT s.generation FROM %1$I.state AS s)
		ORDER BY 2 $sql$, schema);
	RETURN QUERY EXECUTE format('SELECT ''read'', name FROM %1$I.w_source ORDER BY priority, name', schema);
	RETURN QUERY SELECT s, NULL::text
		FROM unnest('{identity,orders,events,attributes,consent,value}'::text[]) WITH ORDINALITY AS x(s, n)
		ORDER BY n;
	RETURN QUERY SELECT 'tag', t FROM @extschema@.portrait_refresh_tag_steps(schema) AS t;
	RETURN QUERY SELECT 'index', NULL::text;
	RETURN QUERY SELECT 'segment', t FROM @extschema@.portrait_refresh_segment_steps(schema) AS t;
	RETURN QUERY VALUES ('attach', NULL::text), ('publish', NULL);
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_steps(schema name) IS
'the steps that a refresh that has begun takes, in order; for example: SELECT * FROM portrait_refresh_steps(''shop'')';

CREATE FUNCTION @extschema@.portrait_refresh_step(schema name, generation bigint, as_of timestamptz,
	stage text, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CASE stage
		WHEN 'clean' THEN RETURN @extschema@.portrait_refresh_clean(schema, subject::name);
		WHEN 'read' THEN RETURN @extschema@.portrait_refresh_read(schema, generation, as_of, subject);
		WHEN 'identity' THEN RETURN @extschema@.portrait_refresh_identity(schema, generation, as_of);
		WHEN 'orders' THEN RETURN @extschema@.portrait_refresh_orders(schema, generation, as_of);
		WHEN 'events' THEN RETURN @extschema@.portrait_refresh_events(schema, generation, as_of);
		WHEN 'attributes' THEN RETURN @extschema@.portrait_refresh_attributes(schema, generation, as_of);
		WHEN 'consent' THEN RETURN @extschema@.portrait_refresh_consent(schema, generation, as_of);
		WHEN 'value' THEN RETURN @extschema@.portrait_refresh_value(schema, generation, as_of);
		WHEN 'tag' THEN RETURN @extschema@.portrait_refresh_tag(schema, generation, as_of, subject);
		WHEN 'index' THEN RETURN @extschema@.portrait_refresh_tag_index(schema, generation, as_of);
		WHEN 'segment' THEN RETURN @extschema@.portrait_refresh_segment(schema, generation, as_of, subject);
		WHEN 'attach' THEN RETURN @extschema@.portrait_refresh_attach(schema, generation);
		WHEN 'publish' THEN RETURN @extschema@.portrait_refresh_publish(schema, generation, as_of);
	END CASE;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_step(schema name, generation bigint, as_of timestamptz,
	stage text, subject text) IS
'one step of a refresh; gives the number of rows that it made; for example: SELECT portrait_refresh_step(''shop'', 17, ''2026-01-01Z'', ''orders'', NULL)';

CREATE FUNCTION @extschema@.portrait_refresh_keep(schema name, generation bigint, as_of timestamptz,
	stage text, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CASE stage
		WHEN 'tag' THEN RETURN @extschema@.portrait_refresh_tag_keep(schema, generation, as_of, subject);
		WHEN 'segment' THEN RETURN @extschema@.portrait_refresh_segment_keep(schema, generation, as_of, subject);
	END CASE;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_keep(schema name, generation bigint, as_of timestamptz,
	stage text, subject text) IS
'takes over the last state of a tag or segment whose step failed and was rolled back; for example: SELECT portrait_refresh_keep(''shop'', 17, ''2026-01-01Z'', ''tag'', ''rfm.segment'')';

-- as_of must be said: it has a default so that this is told by an error that says why
CREATE PROCEDURE @extschema@.portrait_refresh(schema name, as_of timestamptz DEFAULT NULL, allow_empty boolean DEFAULT false)
	LANGUAGE plpgsql
AS $$
DECLARE
	space oid := @extschema@.portrait_check_owner(schema);
	owner regrole := (SELECT c.relowner FROM pg_catalog.pg_class AS c
		WHERE c.relnamespace OPERATOR(pg_catalog.=) space AND c.relname OPERATOR(pg_catalog.=) 'state');
	running record;
	steps text[];
	total integer;
	generation bigint;
	log_id bigint;
	rows bigint;
	keeping boolean;
	failed boolean := false;
	first_message text;
	code text;
	message text;
	detail text;
	hint text;
	context text;
BEGIN
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	IF as_of IS NULL OR as_of NOT BETWEEN '0001-01-01Z' AND '9999-12-31Z' THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('as_of is %s', coalesce(as_of::text, 'NULL')),
			HINT = 'Say as of when, in the years 1 to 9999: what happened before it counts, what happened from then on does not.';
	ELSIF owner <> quote_ident(current_user)::regrole THEN
		-- the owner's queries must not run with anybody else's rights
		RAISE insufficient_privilege USING
			MESSAGE = format('portrait %I must be refreshed as its owner', schema),
			HINT = format('Call it after SET ROLE %s.', owner);
	ELSIF NOT @extschema@.portrait_refresh_lock(space) THEN
		EXECUTE format('SELECT running_pid, running_stage FROM %I.state', schema) INTO running;
		RAISE lock_not_available USING
			MESSAGE = format('portrait %I is being refreshed by another session', schema),
			DETAIL = format('Process %s, stage %s.', running.running_pid, running.running_stage),
			HINT = 'Wait for its end: see v_refresh_progress.';
	END IF;
	generation := @extschema@.portrait_refresh_begin(schema, as_of, allow_empty);
	steps := ARRAY(SELECT ARRAY[s.stage, s.subject] FROM @extschema@.portrait_refresh_steps(schema) AS s);
	total := cardinality(steps) / 2;
	COMMIT;

	-- each COMMIT brings the caller's search_path back: nothing is looked up before it is set again
	FOR step IN 1..total LOOP
		PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		log_id := @extschema@.portrait_refresh_note(schema, generation, as_of, steps[step][1], steps[step][2], step - 1, total);
		COMMIT;
		PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		keeping := false;
		first_message := NULL;
		LOOP
			BEGIN
				IF keeping THEN
					PERFORM @extschema@.portrait_refresh_keep(schema, generation, as_of, steps[step][1], steps[step][2]);
				ELSE
					rows := @extschema@.portrait_refresh_step(schema, generation, as_of, steps[step][1], steps[step][2]);
					PERFORM @extschema@.portrait_refresh_outcome(schema, log_id,
						CASE WHEN rows IS NULL THEN 'skipped' ELSE 'done' END, rows);
				END IF;
				EXIT;
			EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
				GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
					detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
				message := concat_ws('; and what it was before cannot be kept: ', first_message, message);
				PERFORM @extschema@.portrait_refresh_outcome(schema, log_id, 'failed', NULL, message,
					concat_ws(E'\n', code, nullif(detail, ''), nullif(hint, ''), context));
				-- One tag or segment that fails takes over its last state.  Anything else ends the refresh, as
				-- nobody could say who is who; so does a state that cannot be taken over, as it would be lost.
				failed := keeping OR steps[step][1] NOT IN ('tag', 'segment') OR code = '57014';
				IF failed THEN
					PERFORM @extschema@.portrait_refresh_end(schema);
					EXIT;
				END IF;
				keeping := true;
				first_message := message;
			END;
		END LOOP;
		IF failed THEN
			PERFORM @extschema@.portrait_refresh_unlock();
			COMMIT;
			PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
			RAISE EXCEPTION USING
				ERRCODE = code, MESSAGE = message,
				DETAIL = concat_ws(E'\n', nullif(detail, ''),
					format('This was portrait %I, stage %s.', schema, concat_ws(' ', steps[step][1], steps[step][2]))),
				HINT = coalesce(nullif(hint, ''), 'The portrait is as it was before; call portrait_refresh again.');
		END IF;
		COMMIT;
	END LOOP;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	PERFORM @extschema@.portrait_refresh_end(schema);
	COMMIT;
	PERFORM @extschema@.portrait_refresh_unlock();
END
$$;
COMMENT ON PROCEDURE @extschema@.portrait_refresh(schema name, as_of timestamptz, allow_empty boolean) IS
'computes a portrait anew as of a moment (exclusive) and makes it the current one; commits after each stage, so it must be called on its own; a source from which customers were known and that gives no rows now is an error unless allow_empty; for example: CALL portrait_refresh(''shop'', as_of => ''2026-07-01 00:00+08'')';
