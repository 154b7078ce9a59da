/*
 * One customer: the card, as JSON and as text, and why a tag is there.
 *
 * The functions here read as their caller; those that read as the portrait's owner are
 * in 80-portrait-9-grant.sql.
 */

-- What a number stands for now: itself, or whom it was found to be
CREATE FUNCTION @extschema@.portrait_customer_now(schema name, customer bigint)
	RETURNS bigint
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	now_is bigint;
BEGIN
	EXECUTE format($sql$
		WITH RECURSIVE chain AS (
			SELECT $2 AS customer, 0::bigint AS generation
			UNION ALL
			SELECT m.new_customer, m.generation
			FROM chain AS c JOIN %1$I.customer_merge AS m ON m.old_customer = c.customer AND m.why = 'joined' AND m.generation > c.generation
		)
		SELECT c.customer FROM %1$I.customer AS c
		WHERE c.generation = $1 AND c.customer IN (SELECT customer FROM chain) LIMIT 1 $sql$, schema)
	INTO now_is USING current.generation, customer;
	RETURN now_is;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_customer_now(schema name, customer bigint) IS
'the number of a customer in the current generation, if it was joined with another the survivor''s, NULL if there is none; for example: SELECT portrait_customer_now(''shop'', 17)';

-- All tags of a customer.  Of the sets only what membership needs is fetched.
CREATE FUNCTION @extschema@.portrait_customer_tags(schema name, customer bigint,
	OUT tag text, OUT value text, OUT value_type text, OUT weight double precision, OUT set_at timestamptz,
	OUT expires_at timestamptz, OUT source text)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 60
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT m.tag, m.value, m.value_type, NULL::double precision, NULL::timestamptz, NULL::timestamptz, NULL::text
		FROM %1$I.tag_member AS m JOIN %1$I.tag AS t ON t.path = m.tag
		WHERE m.generation = $1 AND m.bucket = $2 >> 20 AND NOT m.weighted AND $2 OPERATOR(@extschema@.<@) m.members
		UNION ALL
		SELECT v.tag, v.value, t.value_type, v.weight, v.set_at, v.expires_at, v.source
		FROM %1$I.tag_value AS v JOIN %1$I.tag AS t ON t.path = v.tag
		WHERE v.generation = $1 AND v.customer = $2 $sql$, schema)
	USING current.generation, customer;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_customer_tags(schema name, customer bigint,
	OUT tag text, OUT value text, OUT value_type text, OUT weight double precision, OUT set_at timestamptz,
	OUT expires_at timestamptz, OUT source text) IS
'every tag of a customer with its values, weights and times; for example: SELECT * FROM portrait_customer_tags(''shop'', 17)';

-- Identifiers for people who shall recognise, not use them
CREATE FUNCTION @extschema@.portrait_mask(identifier text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN i.type = 'phone' AND pg_catalog.length(i.value) >= 11 THEN pg_catalog.left(i.value, -8) || '****' || pg_catalog.right(i.value, 4)
		WHEN i.type = 'email' THEN pg_catalog.left(i.value, 1) || '****' || pg_catalog.substr(i.value, pg_catalog.strpos(i.value, '@'))
		WHEN pg_catalog.length(i.value) >= 8 THEN pg_catalog.left(i.value, 2) || '****' || pg_catalog.right(i.value, 2)
		WHEN pg_catalog.length(i.value) >= 4 THEN '****' || pg_catalog.right(i.value, 1)
		ELSE '****' END
	FROM (SELECT @extschema@.identifier_type(identifier) AS type, @extschema@.identifier_value(identifier) AS value) AS i;
END;
COMMENT ON FUNCTION @extschema@.portrait_mask(identifier text) IS
'an identifier''s value with its middle left out; for example: portrait_mask(''phone:+8613800138000'') gives +86138****8000';

-- A number as people read it: to the hundredth, or three digits of what is smaller, within reason
CREATE FUNCTION @extschema@.portrait_number_text(value numeric)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.trim_scale(pg_catalog.round(value, CASE WHEN value = 0 THEN 0
		ELSE least(12, greatest(2, 2 - pg_catalog.floor(pg_catalog.log(pg_catalog.abs(value)))::integer)) END))::text;
COMMENT ON FUNCTION @extschema@.portrait_number_text(value numeric) IS
'a number as it is shown to people; for example: portrait_number_text(0.30000000000000004) gives 0.3';

CREATE FUNCTION @extschema@.portrait_may_identify(schema name)
	RETURNS boolean
	LANGUAGE SQL STABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.has_table_privilege(pg_catalog.format('%I.identifier', schema), 'SELECT');
COMMENT ON FUNCTION @extschema@.portrait_may_identify(schema name) IS
'may the current user read the identifiers of a portrait; for example: SELECT portrait_may_identify(''shop'')';

CREATE FUNCTION @extschema@.portrait_card(schema name, customer bigint, lang text DEFAULT 'en', masked boolean DEFAULT false)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	now_is bigint := @extschema@.portrait_customer_now(schema, customer);
	card jsonb;
	part jsonb;
BEGIN
	EXECUTE format($sql$
		SELECT jsonb_build_object('customer', c.customer, 'as_of', $3 AT TIME ZONE $4, 'time_zone', $4,
			'population', c.population, 'first_seen', c.first_seen, 'summary', (
				SELECT jsonb_build_object('orders', v.orders, 'spend', v.spend, 'average', round(v.spend / v.orders, 2),
					'first_order', v.first_order, 'last_order', v.last_order)
				FROM %1$I.customer_value AS v WHERE v.generation = $1 AND v.customer = $2))
		FROM %1$I.customer AS c WHERE c.generation = $1 AND c.customer = $2 $sql$, schema)
	INTO card USING current.generation, now_is, current.as_of, current.time_zone;
	IF card IS NULL THEN
		RETURN NULL;
	ELSIF now_is <> customer THEN
		card := card || jsonb_build_object('was', customer);
	END IF;

	IF @extschema@.portrait_may_identify(schema) THEN
		EXECUTE format($sql$
			SELECT jsonb_agg(jsonb_build_object('type', @extschema@.identifier_type(i.identifier), 'scope', @extschema@.identifier_scope(i.identifier),
				'value', CASE WHEN $3 THEN @extschema@.portrait_mask(i.identifier) ELSE @extschema@.identifier_value(i.identifier) END,
				'masked', $3, 'first_seen', i.first_seen, 'sources', i.sources) ORDER BY i.identifier)
			FROM %1$I.identifier AS i WHERE i.generation = $1 AND i.customer = $2 $sql$, schema)
		INTO part USING current.generation, now_is, coalesce(masked, true);
		card := card || jsonb_build_object('identifiers', coalesce(part, '[]'));
	END IF;

	EXECUTE format($sql$
		SELECT jsonb_agg(jsonb_build_object('tag', c.tag, 'label', coalesce(l.label, t.title, c.tag), 'value',
				CASE c.value_type WHEN 'number' THEN to_jsonb(c.value::numeric) WHEN 'boolean' THEN to_jsonb(c.value::boolean) ELSE to_jsonb(c.value) END,
				'value_label', coalesce(v.label, CASE c.value_type WHEN 'number' THEN @extschema@.portrait_number_text(c.value::numeric) ELSE c.value END), 'weight', c.weight, 'set_at', c.set_at AT TIME ZONE $3,
				'expires_at', c.expires_at AT TIME ZONE $3, 'source', c.source)
			ORDER BY t.position, c.tag, c.weight DESC NULLS LAST, c.value)
		FROM @extschema@.portrait_customer_tags($1, $2) AS c
		JOIN %1$I.tag AS t ON t.path = c.tag
		LEFT JOIN %1$I.tag_label AS l ON l.code = c.tag AND l.language = $4
		LEFT JOIN %1$I.tag_label AS v ON v.code = c.tag || '=' || c.value AND v.language = $4
		WHERE c.tag <> ALL ($5) $sql$, schema)
	INTO part USING schema, now_is, current.time_zone, lang, @extschema@.portrait_personal_tags(schema, coalesce(masked, true));
	card := card || jsonb_build_object('tags', coalesce(part, '[]'));

	EXECUTE format($sql$
		SELECT jsonb_agg(jsonb_build_object('segment', m.name, 'title', d.title, 'since', s.since AT TIME ZONE $3) ORDER BY m.name)
		FROM %1$I.segment_member AS m
		JOIN %1$I.segment_def AS d ON d.name = m.name
		LEFT JOIN %1$I.segment_since AS s ON s.generation = m.generation AND s.name = m.name AND s.bucket = m.bucket
			AND $2 OPERATOR(@extschema@.<@) s.members
		WHERE m.generation = $1 AND m.bucket = $2 >> 20 AND $2 OPERATOR(@extschema@.<@) m.members $sql$, schema)
	INTO part USING current.generation, now_is, current.time_zone;
	card := card || jsonb_build_object('segments', coalesce(part, '[]'));

	EXECUTE format($sql$
		SELECT jsonb_object_agg(k.kind, coalesce(r.latest, '[]'))
		FROM (VALUES ('orders', 'order'), ('events', 'event')) AS k(kind, of)
		LEFT JOIN LATERAL (
			SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('at', e.at, 'title', e.title, 'amount', e.amount)) ORDER BY e.n) AS latest
			FROM %1$I.customer_recent AS r,
			ROWS FROM (unnest(r.at), unnest(r.title), unnest(r.amount)) WITH ORDINALITY AS e(at, title, amount, n)
			WHERE r.generation = $1 AND r.customer = $2 AND r.kind = k.of) AS r ON true $sql$, schema)
	INTO part USING current.generation, now_is;
	RETURN card || part;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_card(schema name, customer bigint, lang text, masked boolean) IS
'all that is known of a customer: identifiers (none for those who may not read them), since when, what he bought, every tag (value: exact, value_label: for people), segments, last orders and events, in local times of the portrait; masked: identifiers without their middle, and no tag that is personal; NULL if there is no such customer; for example: SELECT jsonb_pretty(portrait_card(''shop'', portrait_find(''shop'', ''card'', ''17850'')))';

-- As text

CREATE FUNCTION @extschema@.portrait_fit(value text, columns integer)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_fit';
COMMENT ON FUNCTION @extschema@.portrait_fit(value text, columns integer) IS
'a text that takes just so many columns of a screen, on which Chinese characters take two: filled with blanks, or cut and ended by ".."; a negative number fills on the left; for example: portrait_fit(''at risk'', 5) gives at ..';

-- The words of a card.  Chinese is in hex, so that this is the same in every encoding.
CREATE FUNCTION @extschema@.portrait_card_words(lang text)
	RETURNS jsonb
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.jsonb_object_agg(w.word, CASE WHEN lang = 'zh' THEN pg_catalog.convert_from(pg_catalog.decode(w.zh, 'hex'), 'UTF8') ELSE w.en END)
	FROM (VALUES
		('customer', 'Customer', 'e5aea2e688b7'),
		('was', 'was', 'e58e9fe7bc96e58fb7'),
		('as_of', 'as of', 'e688aae887b3'),
		('since', 'since', 'e887aa'),
		('population.visitor', 'Visitor', 'e8aebfe5aea2'),
		('population.user', 'User, has not bought', 'e69caae8b4ade794a8e688b7'),
		('population.customer', 'Customer', 'e5b7b2e8b4ade5aea2e688b7'),
		('orders', 'Orders', 'e8aea2e58d95'),
		('spend', 'spend', 'e6b688e8b4b9'),
		('average', 'average', 'e7ac94e59d87'),
		('first_order', 'first', 'e9a696e58d95'),
		('last_order', 'last', 'e69cabe58d95'),
		('identifiers', 'Identifiers', 'e6a087e8af86'),
		('tags', 'Tags', 'e6a087e7adbe'),
		('segments', 'Segments', 'e4babae7bea4'),
		('last_orders', 'Last orders', 'e69c80e8bf91e8aea2e58d95'),
		('last_events', 'Last events', 'e69c80e8bf91e8a18ce4b8ba')
	) AS w(word, en, zh);
END;
COMMENT ON FUNCTION @extschema@.portrait_card_words(lang text) IS
'the words that a card is written with, in English, or in Chinese for zh; for example: SELECT portrait_card_words(''en'') ->> ''tags'' gives Tags';

CREATE FUNCTION @extschema@.portrait_card_lines(card jsonb, lang text)
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE ROWS 60
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	word jsonb := @extschema@.portrait_card_words(lang);
	summary jsonb := card -> 'summary';
	part record;
	before text;
BEGIN
	RETURN NEXT rtrim(@extschema@.portrait_fit(concat_ws(' ', word ->> 'customer', card ->> 'customer',
			'(' || (word ->> 'was') || ' ' || (card ->> 'was') || ')'), 46)
		|| @extschema@.portrait_fit(concat_ws(' ', word ->> 'as_of', left(replace(card ->> 'as_of', 'T', ' '), 16)), -34));
	RETURN NEXT concat_ws(' ', word ->> ('population.' || (card ->> 'population')) || ',', word ->> 'since', left(card ->> 'first_seen', 10));
	IF summary IS NOT NULL AND summary <> 'null' THEN
		RETURN NEXT concat_ws(', ', (word ->> 'orders') || ' ' || (summary ->> 'orders'), (word ->> 'spend') || ' ' || (summary ->> 'spend'),
			(word ->> 'average') || ' ' || (summary ->> 'average'), (word ->> 'first_order') || ' ' || left(summary ->> 'first_order', 10),
			(word ->> 'last_order') || ' ' || left(summary ->> 'last_order', 10));
	END IF;

	FOR part IN SELECT i.* FROM jsonb_array_elements(card -> 'identifiers') WITH ORDINALITY AS i(item, n) LOOP
		IF part.n = 1 THEN
			RETURN NEXT '';
			RETURN NEXT word ->> 'identifiers';
		END IF;
		RETURN NEXT rtrim(concat_ws(' ', ' ', @extschema@.portrait_fit(concat_ws('@', part.item ->> 'type', part.item ->> 'scope'), 16),
			@extschema@.portrait_fit(part.item ->> 'value', 28), @extschema@.portrait_fit(coalesce(left(part.item ->> 'first_seen', 10), ''), 10),
			@extschema@.portrait_fit((SELECT string_agg(x, ', ') FROM jsonb_array_elements_text(part.item -> 'sources') AS x), 20)));
	END LOOP;
	FOR part IN SELECT t.* FROM jsonb_array_elements(card -> 'tags') WITH ORDINALITY AS t(item, n) LOOP
		IF part.n = 1 THEN
			RETURN NEXT '';
			RETURN NEXT word ->> 'tags';
		END IF;
		RETURN NEXT rtrim(concat_ws(' ', ' ', @extschema@.portrait_fit(CASE WHEN part.item ->> 'tag' = before THEN '' ELSE part.item ->> 'label' END, 30),
			@extschema@.portrait_fit(part.item ->> 'value_label', 28),
			@extschema@.portrait_fit(coalesce(to_char((part.item ->> 'weight')::double precision, 'FM9990.00'), ''), -7),
			coalesce(left(part.item ->> 'set_at', 10), '')));
		before := part.item ->> 'tag';
	END LOOP;
	FOR part IN SELECT s.* FROM jsonb_array_elements(card -> 'segments') WITH ORDINALITY AS s(item, n) LOOP
		IF part.n = 1 THEN
			RETURN NEXT '';
			RETURN NEXT word ->> 'segments';
		END IF;
		RETURN NEXT rtrim(concat_ws(' ', ' ', @extschema@.portrait_fit(coalesce(part.item ->> 'title', part.item ->> 'segment'), 59),
			(word ->> 'since') || ' ' || left(part.item ->> 'since', 10)));
	END LOOP;
	FOR part IN
		SELECT e.*, k.word AS kind FROM (VALUES ('orders', 'last_orders'), ('events', 'last_events')) AS k(list, word),
		jsonb_array_elements(card -> k.list) WITH ORDINALITY AS e(item, n)
		ORDER BY k.list DESC, e.n
	LOOP
		IF part.n = 1 THEN
			RETURN NEXT '';
			RETURN NEXT word ->> part.kind;
		END IF;
		RETURN NEXT rtrim(concat_ws(' ', ' ', left(replace(part.item ->> 'at', 'T', ' '), 16), @extschema@.portrait_fit(coalesce(part.item ->> 'title', ''), 46),
			@extschema@.portrait_fit(coalesce(part.item ->> 'amount', ''), -13)));
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_card_lines(card jsonb, lang text) IS
'a card as lines of at most 80 columns; for example: SELECT portrait_card_lines(portrait_card(''shop'', 17), ''en'')';

CREATE FUNCTION @extschema@.portrait_card_text(schema name, customer bigint, lang text DEFAULT 'en', masked boolean DEFAULT false)
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE ROWS 60
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	card jsonb := @extschema@.portrait_card(schema, customer, lang, masked);
BEGIN
	IF card IS NOT NULL THEN
		RETURN QUERY SELECT @extschema@.portrait_card_lines(card, lang);
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_card_text(schema name, customer bigint, lang text, masked boolean) IS
'the card of a customer as lines of at most 80 columns, in English or Chinese (zh), see portrait_card; for example: SELECT portrait_card_text(''shop'', 17, lang => ''zh'')';

-- Why

CREATE FUNCTION @extschema@.portrait_customer_tagset(schema name, customer bigint)
	RETURNS @extschema@.tagset
	LANGUAGE SQL STABLE STRICT
	RETURN coalesce((SELECT @extschema@.tag_union_agg(@extschema@.portrait_tagset(c.tag, c.value, c.value_type, c.weight, c.set_at))
		FROM @extschema@.portrait_customer_tags(schema, customer) AS c), '');
COMMENT ON FUNCTION @extschema@.portrait_customer_tagset(schema name, customer bigint) IS
'all tags of a customer as one value that rules can be asked of; for example: SELECT portrait_customer_tagset(''shop'', 17)';

-- Rules are told up to the one that won, as they stood before it
CREATE FUNCTION @extschema@.portrait_why(schema name, customer bigint, tag text,
	OUT value text, OUT given_by text, OUT version integer, OUT source text, OUT set_at timestamptz, OUT holds boolean,
	OUT leaf text, OUT actual text, OUT leaf_holds boolean, OUT decisive boolean)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 10
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	current record := @extschema@.portrait_current(schema);
	now_is bigint := @extschema@.portrait_customer_now(schema, customer);
	tags @extschema@.tagset;
	declared record;
	choice record;
	rule @extschema@.tagquery;
	paths text[];
BEGIN
	EXECUTE format('SELECT t.path, t.definition, t.version, t.multiple FROM %1$I.tag AS t WHERE t.path = $1', schema)
	INTO declared USING tag;
	IF declared.path IS NULL THEN
		EXECUTE format('SELECT ARRAY(SELECT t.path FROM %1$I.tag AS t)', schema) INTO paths;
		RAISE undefined_object USING
			MESSAGE = format('there is no tag %s in portrait %I', coalesce(quote_literal(left(tag, 100)), 'NULL'), schema),
			HINT = @extschema@.portrait_nearest_hint(coalesce(tag, ''), paths, 'Tags are declared by portrait_tag.');
	ELSIF now_is IS NULL THEN
		RETURN;
	END IF;
	version := declared.version;
	IF declared.definition -> 'rules' IS NULL THEN
		given_by := declared.definition ->> 'query';
		RETURN QUERY SELECT c.value, given_by, version, c.source, c.set_at, true, NULL::text, c.value, NULL::boolean, NULL::boolean
			FROM @extschema@.portrait_customer_tags(schema, now_is) AS c WHERE c.tag = portrait_why.tag
			ORDER BY c.weight DESC NULLS LAST, c.value;
		RETURN;
	END IF;
	tags := @extschema@.portrait_customer_tagset(schema, now_is);
	FOR choice IN
		SELECT r ->> 0 AS value, (r ->> 1)::@extschema@.tagquery AS rule
		FROM jsonb_array_elements(declared.definition -> 'rules') WITH ORDINALITY AS e(r, n) ORDER BY n
	LOOP
		value := choice.value;
		given_by := choice.rule::text;
		holds := @extschema@.tag_match(tags, choice.rule, current.as_of, current.time_zone);
		leaf := NULL;
		FOR leaf, actual, leaf_holds, decisive IN
			SELECT x.leaf, x.actual, x.matched, x.decisive
			FROM @extschema@.tag_explain(tags, choice.rule, current.as_of, current.time_zone) AS x
		LOOP
			RETURN NEXT;
		END LOOP;
		IF leaf IS NULL THEN	-- true, as the last rule may be
			actual := NULL;
			leaf_holds := NULL;
			decisive := NULL;
			RETURN NEXT;
		END IF;
		EXIT WHEN holds AND NOT declared.multiple;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_why(schema name, customer bigint, tag text) IS
'why a customer has the value of a tag that he has: of values with rules those up to the one that holds, leaf by leaf with what is known there (decisive: turned alone it would turn the rule); else the query, the source and when; for example: SELECT * FROM portrait_why(''shop'', 17, ''journey.stage'')';
