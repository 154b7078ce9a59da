/*
 * Who may do what: functions in the portrait's own schema that read as its owner, and what
 * each kind of user is granted.  Nothing is granted to PUBLIC, and none may read tables.
 */

-- Tags that are personal, as column "personal" of the catalogue has it

CREATE FUNCTION @extschema@.portrait_personal_tags(schema name, masked boolean DEFAULT true)
	RETURNS text[]
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	paths text[];
BEGIN
	EXECUTE format('SELECT ARRAY(SELECT t.path FROM %1$I.tag AS t WHERE $1 AND t.personal ORDER BY t.path)', schema)
	INTO paths USING coalesce(masked, true);
	RETURN paths;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_personal_tags(schema name, masked boolean) IS
'the tags that are personal, none if they need not be masked; for example: SELECT portrait_personal_tags(''shop'')';

-- A tag as it was given, which may be a subtree, or an error if it is to be masked
CREATE FUNCTION @extschema@.portrait_masked_tag(schema name, tag text, masked boolean)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	hidden text := (SELECT min(p) FROM unnest(@extschema@.portrait_personal_tags(schema, masked)) AS p WHERE @extschema@.portrait_tag_fits(p, tag));
BEGIN
	IF hidden IS NOT NULL THEN
		RAISE insufficient_privilege USING
			MESSAGE = format('tag %s of portrait %I is personal', hidden, schema),
			HINT = 'Only those who may read its identifiers can ask for it; segments that its owner declares are for all.';
	END IF;
	RETURN tag;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_masked_tag(schema name, tag text, masked boolean) IS
'the tag, or an error if it is personal and masked; for example: SELECT portrait_masked_tag(''shop'', ''region'', true)';

CREATE FUNCTION @extschema@.portrait_masked_rule(schema name, rule text, masked boolean)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF masked AND rule IS NOT NULL THEN
		PERFORM @extschema@.portrait_masked_tag(schema, n.name, masked)
			FROM unnest((@extschema@.portrait_rule_names(@extschema@.portrait_rule(schema, rule))).tags) AS n(name);
	END IF;
	RETURN rule;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_masked_rule(schema name, rule text, masked boolean) IS
'the rule, or an error if it names a tag that is personal, and masked; segments are their owner''s to declare; for example: SELECT portrait_masked_rule(''shop'', ''region = Shanghai'', true)';

-- The schema is known by its table, as it may be renamed.  Whose session it is decides whether
-- a card shows identifiers.  None is called as a function of the server's is, so that the schema
-- may be in a search_path.
CREATE FUNCTION @extschema@.portrait_create_functions(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $create$
DECLARE
	here text := format('(SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.oid = %L::regclass)', format('%I.state', schema));
	masked text := format('NOT has_table_privilege(session_user, %L::regclass, ''SELECT'')', format('%I.identifier', schema));
	-- what may not be asked for is an error
	rule text := concat('@extschema@.portrait_masked_rule(', here, ', rule, ', masked, ')');
	target text := concat('@extschema@.portrait_masked_rule(', here, ', target, ', masked, ')');
	base text := concat('@extschema@.portrait_masked_rule(', here, ', base, ', masked, ')');
	tag text := concat('@extschema@.portrait_masked_tag(', here, ', tag, ', masked, ')');
	made record;
BEGIN
	FOR made IN
		SELECT f.signature, f.result, f.called, f.passed, f.description
		FROM (VALUES
			('find(identifier_type text, value text, scope text DEFAULT NULL)', 'bigint STABLE',
				'portrait_find', 'identifier_type, value, scope',
				'the number of the customer with this identifier, or NULL'),
			('card(customer bigint, lang text DEFAULT ''en'')', 'jsonb STABLE',
				'portrait_card', 'customer, lang, ' || masked,
				'all that is known of a customer; identifiers are masked, and personal tags left out, unless the user of the session may read the table identifier'),
			('card_text(customer bigint, lang text DEFAULT ''en'')', 'SETOF text STABLE ROWS 60',
				'portrait_card_text', 'customer, lang, ' || masked,
				'the same as lines of at most 80 columns'),
			('customer_count(rule text)', 'bigint STABLE',
				'portrait_count', rule,
				'how many customers fulfil a rule'),
			('explain(rule text)', 'TABLE (leaf text, size bigint, running_size bigint, milliseconds double precision) STABLE ROWS 5',
				'portrait_explain', rule,
				'what a rule comes to, leaf by leaf'),
			('profile(target text, base text DEFAULT NULL, minimum integer DEFAULT 20, lang text DEFAULT ''en'')',
				'TABLE (tag text, value text, label text, target_count bigint, target_known bigint, target_share double precision,
					base_count bigint, base_known bigint, base_share double precision,
					tgi double precision, tgi_low double precision, tgi_high double precision,
					p_value double precision, q_value double precision,
					target_revenue_share double precision, base_revenue_share double precision) STABLE ROWS 500',
				'portrait_profile', concat_ws(', ', target, base, 'minimum, lang', masked),
				'how a group differs from a base (NULL: everybody) in each value of each tag'),
			('overlap(names text[] DEFAULT NULL)',
				'TABLE (segment_a text, segment_b text, size_a bigint, size_b bigint, common bigint,
					jaccard double precision, share_of_a double precision, share_of_b double precision) STABLE ROWS 20',
				'portrait_overlap', 'names',
				'how much each two of the named segments (NULL: all) have in common'),
			('partition(tag text, lang text DEFAULT ''en'')',
				'TABLE (value text, label text, customers bigint, share double precision) STABLE ROWS 20',
				'portrait_partition', tag || ', lang',
				'the values of a tag with their customers'),
			('reach(rule text, channel text DEFAULT NULL)',
				'TABLE (identifier_type text, customers bigint, reachable bigint, opted_out bigint) STABLE ROWS 5',
				'portrait_reach', rule || ', channel',
				'how many of those who fulfil a rule each type of identifier reaches, and how many opted out of a channel (NULL: of any)'),
			('audience(rule text, identifier_type text, channel text DEFAULT NULL, hashed boolean DEFAULT false, scope text DEFAULT NULL)',
				'TABLE (customer bigint, identifier text) VOLATILE ROWS 10000',
				'portrait_audience', rule || ', identifier_type, channel, hashed, scope',
				'identifiers of those who fulfil a rule, without those who opted out of a channel (NULL: of any), written down in audience_log')
		) AS f(signature, result, called, passed, description)
	LOOP
		EXECUTE format('CREATE FUNCTION %I.%s RETURNS %s LANGUAGE SQL SECURITY DEFINER SET search_path = pg_catalog, pg_temp
			BEGIN ATOMIC SELECT %s @extschema@.%s(%s, %s); END', schema, made.signature, made.result,
			CASE WHEN made.result LIKE 'TABLE%' THEN '* FROM' ELSE '' END, made.called, here, made.passed);
		made.signature := regexp_replace(made.signature, ' DEFAULT [^,)]*', '', 'g');
		EXECUTE format('COMMENT ON FUNCTION %I.%s IS %L', schema, made.signature, made.description);
		EXECUTE format('REVOKE ALL ON FUNCTION %I.%s FROM PUBLIC', schema, made.signature);
	END LOOP;
END
$create$;
COMMENT ON FUNCTION @extschema@.portrait_create_functions(schema name) IS
'makes the functions that are in a portrait''s own schema, for portrait_create; for example: SELECT portrait_create_functions(''shop'')';

CREATE FUNCTION @extschema@.portrait_grant(schema name, role name, as_what text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	space oid := @extschema@.portrait_check_owner(schema);
	functions text[] := CASE as_what
		WHEN 'analyst' THEN '{customer_count,explain,profile,overlap,partition}'
		WHEN 'service' THEN '{find,card,card_text}'
		WHEN 'marketer' THEN '{audience,reach}' END;
	command text;
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = role) THEN
		RAISE undefined_object USING
			MESSAGE = format('role %s does not exist', coalesce(quote_ident(role), 'NULL')),
			HINT = 'Name a role. Nothing of a portrait is granted to PUBLIC.';
	ELSIF functions IS NULL THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('as_what is %s', coalesce(quote_literal(left(as_what, 100)), 'NULL')),
			HINT = 'It is analyst (views, counts, profiles), service (find, card) or marketer (audience, reach).';
	END IF;
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema, role);
	FOR command IN
		SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, role)
		FROM pg_proc AS p WHERE p.pronamespace = space AND p.proname = ANY (functions) AND p.prosecdef
		UNION ALL
		-- views are the portrait's as their names begin; types of the extension are not for tools
		SELECT format('GRANT SELECT ON %I.%I TO %I', schema, c.relname, role)
		FROM pg_class AS c
		WHERE as_what = 'analyst' AND c.relnamespace = space AND c.relkind = 'v' AND c.relname LIKE 'v\_%'
		AND NOT EXISTS (SELECT FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
			WHERE a.attrelid = c.oid AND a.attnum > 0 AND t.typnamespace <> 'pg_catalog'::regnamespace)
	LOOP
		EXECUTE command;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_grant(schema name, role name, as_what text) IS
'grants a role what it needs as analyst (views, counts and profiles, no identifier), service (find and card, identifiers masked) or marketer (audience and reach); for example: SELECT portrait_grant(''shop'', ''crm'', ''marketer'')';
