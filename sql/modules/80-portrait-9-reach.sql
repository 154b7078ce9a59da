/*
 * Lists of identifiers of those who fulfil a rule, without those who opted out; and how
 * many each type of identifier would reach.
 */

-- A channel as it is kept.  One that nobody has said anything about is taken for a slip: its
-- list would have everybody in it
CREATE FUNCTION @extschema@.portrait_check_channel(schema name, channel text)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	wanted text := @extschema@.portrait_source_channel(channel);
	known boolean;
	channels text[];
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.consent AS c WHERE c.generation = $1 AND c.channel = $2)', schema)
	INTO known USING current.generation, wanted;
	IF NOT known AND wanted IS NOT NULL THEN
		EXECUTE format('SELECT ARRAY(SELECT DISTINCT c.channel FROM %1$I.consent AS c WHERE c.generation = $1 ORDER BY 1)', schema)
		INTO channels USING current.generation;
		RAISE invalid_parameter_value USING
			MESSAGE = format('no customer of portrait %I has said anything about channel %L', schema, left(channel, 100)),
			HINT = @extschema@.portrait_nearest_hint(wanted, channels,
				'Name a channel of the sources of consent, or none: then who opted out of any channel is left out.');
	END IF;
	RETURN wanted;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_check_channel(schema name, channel text) IS
'the name by which a channel is kept, or an error if no customer has said anything about it; for example: SELECT portrait_check_channel(''shop'', ''SMS'')';

-- Who fulfils a rule, by bucket and type of identifier: those who may be reached, and those who
-- opted out.  An identifier begins with its type, and : or @.
CREATE FUNCTION @extschema@.portrait_reachable(schema name, rule text, channel text DEFAULT NULL,
	identifier_type text DEFAULT NULL, scope text DEFAULT NULL,
	OUT bucket bigint, OUT type text, OUT members @extschema@.segment, OUT opted_out @extschema@.segment, OUT generation bigint)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 10
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	wanted text := @extschema@.portrait_check_channel(schema, channel);
	part record;
	refused @extschema@.segment;
BEGIN
	FOR part IN
		SELECT e.bucket, e.members FROM @extschema@.portrait_evaluate(schema, @extschema@.portrait_rule(schema, rule)) AS e
	LOOP
		EXECUTE format($sql$
			SELECT coalesce(@extschema@.segment_agg(c.customer), '{}') FROM %1$I.consent AS c
			WHERE c.generation = $1 AND c.customer OPERATOR(@extschema@.<@) $2 AND NOT c.allowed AND (c.channel = $3 OR $3 IS NULL) $sql$, schema)
		INTO refused USING current.generation, part.members, wanted;
		RETURN QUERY EXECUTE format($sql$
			SELECT $2, h.type, @extschema@.segment_except(h.members, $4), @extschema@.segment_intersect(h.members, $4), $1
			FROM (
				SELECT @extschema@.identifier_type(i.identifier) AS type, @extschema@.segment_agg(i.customer) AS members
				FROM %1$I.identifier AS i
				WHERE i.generation = $1 AND i.customer OPERATOR(@extschema@.<@) $3 AND %2$s
				GROUP BY 1
			) AS h $sql$, schema, @extschema@.portrait_identifier_condition(identifier_type, scope))
		USING current.generation, part.bucket, part.members, refused;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_reachable(schema name, rule text, channel text, identifier_type text, scope text) IS
'who fulfils a rule and has an identifier, by bucket and type of identifier, and who of them opted out; for example: SELECT type, segment_count(members) FROM portrait_reachable(''shop'', ''vip'', ''sms'')';

-- By ranges, for the index
CREATE FUNCTION @extschema@.portrait_identifier_condition(identifier_type text, scope text DEFAULT NULL)
	RETURNS text
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN identifier_type IS NULL THEN 'true'
		WHEN scope IS NOT NULL THEN pg_catalog.format('i.identifier >= %L AND i.identifier < %L',
			identifier_type || '@' || scope || ':', identifier_type || '@' || scope || ';')
		ELSE pg_catalog.format('(i.identifier >= %L AND i.identifier < %L OR i.identifier >= %L AND i.identifier < %L)',
			identifier_type || ':', identifier_type || ';', identifier_type || '@', identifier_type || 'A') END;
COMMENT ON FUNCTION @extschema@.portrait_identifier_condition(identifier_type text, scope text) IS
'the condition for identifiers of a type, and of a scope if one is said; for example: portrait_identifier_condition(''openid'', ''wx1'') gives i.identifier >= ''openid@wx1:'' AND i.identifier < ''openid@wx1;''';

CREATE FUNCTION @extschema@.portrait_reach(schema name, rule text, channel text DEFAULT NULL,
	OUT identifier_type text, OUT customers bigint, OUT reachable bigint, OUT opted_out bigint)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 5
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
		SELECT r.type, sum(@extschema@.segment_count(r.members) + @extschema@.segment_count(r.opted_out))::bigint,
			sum(@extschema@.segment_count(r.members))::bigint, sum(@extschema@.segment_count(r.opted_out))::bigint
		FROM @extschema@.portrait_reachable(schema, rule, channel) AS r
		GROUP BY r.type ORDER BY 2 DESC, 1;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_reach(schema name, rule text, channel text) IS
'of how many of those who fulfil a rule identifiers of each type are known, and how many of them opted out of a channel (NULL: of any); for example: SELECT * FROM portrait_reach(''shop'', ''rfm.segment = at_risk'', ''sms'')';

-- The row in audience_log goes if the transaction is rolled back; what is in the log of the
-- server stays
CREATE FUNCTION @extschema@.portrait_audience(schema name, rule text, identifier_type text, channel text DEFAULT NULL,
	hashed boolean DEFAULT false, scope text DEFAULT NULL, OUT customer bigint, OUT identifier text)
	RETURNS SETOF record
	LANGUAGE plpgsql VOLATILE ROWS 10000
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	-- whose session it is, and which role he took: current_user may be the portrait's owner
	who text := concat_ws(' as ', session_user, nullif(current_setting('role'), 'none'));
	wanted text := @extschema@.portrait_identifier_condition(coalesce(identifier_type, ''), scope);
	known boolean;
	types text[];
	part record;
	rows bigint;
	customers bigint := 0;
	identifiers bigint := 0;
	refused bigint := 0;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.identifier AS i WHERE i.generation = $1 AND %2$s)', schema, wanted)
	INTO known USING current.generation;
	IF NOT known THEN
		EXECUTE format($sql$
			SELECT array_agg(DISTINCT @extschema@.identifier_type(i.identifier)) FROM %1$I.identifier AS i WHERE i.generation = $1 $sql$, schema)
		INTO types USING current.generation;
		RAISE invalid_parameter_value USING
			MESSAGE = format('no customer of portrait %I has an identifier of type %s%s', schema,
				coalesce(quote_literal(left(identifier_type, 100)), 'NULL'), ' and scope ' || quote_literal(left(scope, 100))),
			HINT = coalesce('Types are: ' || array_to_string(types, ', ') || '.', 'The portrait has no customer.');
	END IF;
	FOR part IN SELECT r.* FROM @extschema@.portrait_reachable(schema, rule, channel, identifier_type, scope) AS r LOOP
		RETURN QUERY EXECUTE format($sql$
			SELECT i.customer, CASE WHEN $3 THEN encode(sha256(convert_to(v.value, 'UTF8')), 'hex') ELSE v.value END
			FROM %1$I.identifier AS i, LATERAL (SELECT @extschema@.identifier_value(i.identifier)) AS v(value)
			WHERE i.generation = $1 AND i.customer OPERATOR(@extschema@.<@) $2 AND %2$s
			ORDER BY i.customer, i.identifier $sql$, schema, wanted)
		-- the generation that the rule was asked of, whatever was published since
		USING part.generation, part.members, coalesce(hashed, true);
		GET DIAGNOSTICS rows = ROW_COUNT;
		identifiers := identifiers + rows;
		customers := customers + @extschema@.segment_count(part.members);
		refused := refused + @extschema@.segment_count(part.opted_out);
	END LOOP;
	EXECUTE format($sql$
		INSERT INTO %1$I.audience_log (at, who, rule, identifier_type, channel, hashed, customers, identifiers, opted_out)
		VALUES (clock_timestamp(), $1, $2, $3, $4, $5, $6, $7, $8) $sql$, schema)
	USING who, rule, concat_ws('@', identifier_type, scope), @extschema@.portrait_source_channel(channel), coalesce(hashed, true), customers, identifiers, refused;
	RAISE LOG 'portrait %: % took identifiers of type % of % customers: %', schema, who, identifier_type, customers, rule;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_audience(schema name, rule text, identifier_type text, channel text, hashed boolean, scope text) IS
'identifiers of those who fulfil a rule, without those who opted out of a channel (NULL: of any), written down in audience_log (if the transaction is rolled back, in the log of the server only); hashed: the SHA-256 of each value, in hex; for example: SELECT identifier FROM portrait_audience(''shop'', ''rfm.segment = at_risk'', ''phone'', channel => ''sms'', hashed => true)';

CREATE FUNCTION @extschema@.portrait_reach(schema name, rule @extschema@.tagquery, channel text DEFAULT NULL,
	OUT identifier_type text, OUT customers bigint, OUT reachable bigint, OUT opted_out bigint)
	RETURNS SETOF record
	LANGUAGE SQL STABLE ROWS 5
BEGIN ATOMIC
	SELECT r.* FROM @extschema@.portrait_reach(schema, rule::text, channel) AS r;
END;
COMMENT ON FUNCTION @extschema@.portrait_reach(schema name, rule @extschema@.tagquery, channel text) IS
'the same of a rule as a value; for example: SELECT * FROM portrait_reach(''shop'', ''vip''::tagquery, ''sms'')';

CREATE FUNCTION @extschema@.portrait_audience(schema name, rule @extschema@.tagquery, identifier_type text, channel text DEFAULT NULL,
	hashed boolean DEFAULT false, scope text DEFAULT NULL, OUT customer bigint, OUT identifier text)
	RETURNS SETOF record
	LANGUAGE SQL VOLATILE ROWS 10000
BEGIN ATOMIC
	SELECT a.* FROM @extschema@.portrait_audience(schema, rule::text, identifier_type, channel, hashed, scope) AS a;
END;
COMMENT ON FUNCTION @extschema@.portrait_audience(schema name, rule @extschema@.tagquery, identifier_type text, channel text, hashed boolean, scope text) IS
'the same of a rule as a value; for example: SELECT * FROM portrait_audience(''shop'', ''vip''::tagquery, ''phone'', channel => ''sms'')';
