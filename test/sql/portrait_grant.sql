--
-- Who may do what with a portrait: analysts, services, marketers, and everybody else.
-- Lists of identifiers leave out who opted out, and are written down.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE ROLE regress_portrait_owner;
CREATE ROLE regress_portrait_analyst;
CREATE ROLE regress_portrait_service;
CREATE ROLE regress_portrait_marketer;
CREATE ROLE regress_portrait_nobody;
CREATE ROLE "regress portrait ""客户""";
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_portrait_owner', current_database()); END $$;
CREATE SCHEMA raw AUTHORIZATION regress_portrait_owner;
\pset null -

-- ---- seven members, whose owner is no superuser ----

SET SESSION AUTHORIZATION regress_portrait_owner;
SET search_path = raw, public;
CREATE TABLE member (card text, phone text, email text, openid text, app text, city text, registered timestamp);
INSERT INTO member VALUES
	('C1', '138 0013 8001', 'A@x.com', NULL, NULL, 'Shanghai', '2026-01-01'),
	('C2', '13800138002', NULL, 'o2', 'wx1', 'Shanghai', '2026-01-02'),
	('C3', '13800138003', NULL, 'o3', 'wx1', 'Shanghai', '2026-01-03'),
	('C3', '13800138033', NULL, 'o3', 'wx2', 'Shanghai', '2026-01-03'),	-- two phones, two apps
	('C4', NULL, 'd@x.com', NULL, NULL, 'Beijing', '2026-01-04'),
	('C5', '13800138005', NULL, NULL, NULL, 'Shanghai', '2026-01-05'),
	('C6', '13800138006', 'f@x.com', NULL, NULL, 'Shanghai', '2026-01-06'),
	('C7', '13800138007', NULL, NULL, NULL, 'Beijing', '2026-01-07');
CREATE TABLE said (card text, channel text, allowed boolean, at timestamp);
INSERT INTO said VALUES
	('C3', 'sms', false, '2026-03-01'),	-- not yet, as of the refresh
	('C4', 'wechat', false, '2026-02-01'),
	('C5', 'sms', true, '2026-01-10'), ('C5', 'sms', false, '2026-02-01'), ('C5', 'email', true, '2026-02-01'),
	('C6', 'email', false, '2026-02-01'),
	('C7', 'sms', false, '2026-02-01'), ('C7', 'sms', true, '2026-02-02');	-- changed his mind
SELECT portrait_create('50% ''客户''', 'Asia/Shanghai');
SELECT portrait_source('50% ''客户''', 'members', 'identity', 'SELECT card, phone, email, openid, app, registered AS observed_at FROM member', '{card,phone,email,openid@app}'),
	portrait_source('50% ''客户''', 'said', 'consent', 'SELECT * FROM said');
SELECT portrait_tag('50% ''客户''', 'city', 'SELECT i.customer, m.city AS value FROM w_identifier AS i JOIN member AS m ON i.identifier = identifier(''card'', m.card)');
SELECT portrait_tag('50% ''客户''', 'broken', 'SELECT customer, (''secret '' || customer)::integer AS value FROM w_customer');
SELECT portrait_tag('50% ''客户''', 'even', 'SELECT customer, customer % 2 = 0 AS value FROM w_customer');
SELECT portrait_segment('50% ''客户''', 'young', 'even'), portrait_segment('50% ''客户''', 'shanghai', 'city = Shanghai');
-- nothing to ask before the first refresh, and nothing to write down
SELECT * FROM portrait_audience('50% ''客户''', 'true', 'phone');
SELECT * FROM portrait_reach('50% ''客户''', 'true');
SELECT * FROM "50% '客户'".audience('true', 'phone');
CALL portrait_refresh('50% ''客户''', '2026-02-20 00:00+08');
ALTER SCHEMA "50% '客户'" RENAME TO shop;	-- as it may be; what follows is easier to read
SELECT customer, string_agg(identifier, ' ' ORDER BY identifier) FROM shop.identifier GROUP BY customer ORDER BY customer;

-- ---- reach and audience ----

-- sms leaves out 5; email leaves out 6; wechat leaves out 4, who has no phone; without a channel: 4, 5, 6
CREATE FUNCTION phones(channel text) RETURNS text LANGUAGE sql
	RETURN (SELECT string_agg(customer || ':' || right(identifier, 2), ' ' ORDER BY customer, identifier) FROM portrait_audience('shop', 'true', 'phone', channel));
SELECT phones('sms') AS "all but 5", phones('email') AS "all but 6", phones('wechat') AS "all", phones(NULL) AS "all but 5 and 6";
SELECT * FROM portrait_audience('shop', 'segment("shanghai") and not city = Beijing', 'phone', channel => 'sms');
SELECT * FROM portrait_audience('shop', 'true', 'email', 'sms');
SELECT * FROM portrait_audience('shop', 'city = Paris', 'email', 'sms');
-- of one app, and of all
SELECT * FROM portrait_audience('shop', 'true', 'openid', scope => 'wx1');
SELECT * FROM portrait_audience('shop', 'true', 'openid');
-- hashed is the SHA-256 of the value as it was normalised
SELECT a.customer, a.identifier = encode(sha256(v.value), 'hex') AS same, length(a.identifier)
FROM portrait_audience('shop', 'true', 'email', 'email', hashed => true) AS a
JOIN (VALUES (1, 'a@x.com'::bytea), (4, 'd@x.com')) AS v(customer, value) USING (customer);
SELECT identifier = encode(sha256('+8613800138001'), 'hex') AS same FROM portrait_audience('shop', 'true', 'phone', hashed => true) WHERE customer = 1;
-- reach: phones of six, of whom 5 and 6 said no to something
SELECT * FROM portrait_reach('shop', 'true');
SELECT * FROM portrait_reach('shop', 'true', 'sms');
SELECT * FROM portrait_reach('shop', 'city = Paris');
-- slips are errors: who opted out of sms would be written to
SELECT * FROM portrait_audience('shop', 'true', 'phone', 'SMSS');
SELECT * FROM portrait_reach('shop', 'true', 'fax');
SELECT * FROM portrait_audience('shop', 'true', 'fon');
SELECT * FROM portrait_audience('shop', 'true', 'phone', scope => 'wx1');
SELECT * FROM portrait_audience('shop', 'true', NULL);
SELECT * FROM portrait_audience('shop', 'ctiy = Shanghai', 'phone');
SELECT * FROM portrait_audience('shop', 'city = ', 'phone');
SELECT * FROM portrait_audience('raw', 'true', 'phone');
SELECT * FROM portrait_audience('shop', 'true', $$phone' OR true --$$);
SELECT * FROM portrait_audience('shop', 'true', 'openid', scope => $$wx1' OR true --$$);
SELECT * FROM portrait_audience('shop', 'true', 'phone', $$sms' OR true --$$);
-- each list that was given is written down, by what was given; no error is
SELECT id, who, rule, identifier_type, channel, hashed, customers, identifiers, opted_out FROM shop.audience_log ORDER BY id;
SELECT bool_and(at BETWEEN statement_timestamp() - interval '1 hour' AND clock_timestamp()) AS in_time FROM shop.audience_log;
-- no list where nothing can be written down
BEGIN TRANSACTION READ ONLY;
SELECT * FROM portrait_audience('shop', 'true', 'phone');
ROLLBACK;
-- the numbers agree, whatever the rule, type and channel
SELECT count(*) AS compared, count(*) FILTER (WHERE r.reachable <> a.customers OR r.customers - r.reachable <> r.opted_out) AS wrong
FROM unnest('{true,city = Shanghai,"not city = Shanghai",city = Beijing or city = Shanghai}'::text[]) AS rule,
	unnest('{sms,email,wechat,NULL}'::text[]) AS channel,
	portrait_reach('shop', rule, channel) AS r,
	LATERAL (SELECT count(DISTINCT customer) AS customers FROM portrait_audience('shop', rule, r.identifier_type, channel)) AS a;
TRUNCATE shop.audience_log;

-- ---- grants ----

SELECT portrait_grant('shop', 'public', 'analyst');
SELECT portrait_grant('shop', 'regress_portrait_analyst', 'boss');
SELECT portrait_grant('shop', 'regress_portrait_analyst', NULL);
SELECT portrait_grant('shop', NULL, 'analyst');
SELECT portrait_grant('raw', 'regress_portrait_analyst', 'analyst');
SELECT portrait_grant('shop', 'regress_portrait_analyst', 'analyst'), portrait_grant('shop', 'regress_portrait_service', 'service'),
	portrait_grant('shop', 'regress_portrait_marketer', 'marketer'), portrait_grant('shop', 'regress_portrait_marketer', 'marketer');
SELECT portrait_grant('shop', 'regress portrait "客户"', 'service');
RESET SESSION AUTHORIZATION;
SELECT n.nspname, (aclexplode(n.nspacl)).grantee::regrole AS grantee, (aclexplode(n.nspacl)).privilege_type FROM pg_namespace AS n
WHERE nspname = 'shop' ORDER BY 2::text, 3;
-- nothing is anybody's
SELECT relname FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'shop'::regnamespace AND grantee = 0
UNION ALL SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE pronamespace = 'shop'::regnamespace AND grantee = 0;
-- and each has just this, of all that there is: partitions, sequences, columns too
SELECT r.role, p.privilege, string_agg(c.relname, ' ' ORDER BY c.relname COLLATE "C") AS of
FROM unnest('{analyst,service,marketer,nobody}'::text[]) AS r(role), pg_class AS c, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p(privilege)
WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (has_table_privilege('regress_portrait_' || r.role, c.oid, p.privilege)
	OR p.privilege NOT IN ('DELETE', 'TRUNCATE', 'TRIGGER') AND has_any_column_privilege('regress_portrait_' || r.role, c.oid, p.privilege)) GROUP BY 1, 2
UNION ALL
SELECT r.role, p.privilege, string_agg(c.relname, ' ' ORDER BY c.relname COLLATE "C") FROM unnest('{analyst,service,marketer,nobody}'::text[]) AS r(role), pg_class AS c, unnest('{USAGE,SELECT,UPDATE}'::text[]) AS p(privilege)
WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind = 'S' AND has_sequence_privilege('regress_portrait_' || r.role, c.oid, p.privilege) GROUP BY 1, 2
UNION ALL
SELECT r.role, 'EXECUTE', string_agg(p.proname, ' ' ORDER BY p.proname COLLATE "C") FROM unnest('{analyst,service,marketer,nobody}'::text[]) AS r(role), pg_proc AS p
WHERE p.pronamespace = 'shop'::regnamespace AND has_function_privilege('regress_portrait_' || r.role, p.oid, 'EXECUTE') GROUP BY 1, 2
UNION ALL
SELECT r.role, p.privilege, 'schema' FROM unnest('{analyst,service,marketer,nobody}'::text[]) AS r(role), unnest('{USAGE,CREATE}'::text[]) AS p(privilege)
WHERE has_schema_privilege('regress_portrait_' || r.role, 'shop', p.privilege)
ORDER BY 1, 2, 3;
-- functions that are the owner's say what they do, in a path of their own
SELECT p.oid::regprocedure FROM pg_proc AS p WHERE pronamespace = 'shop'::regnamespace AND (obj_description(oid, 'pg_proc') IS NULL
	OR NOT prosecdef OR proconfig IS DISTINCT FROM '{"search_path=pg_catalog, pg_temp"}' OR proowner <> 'regress_portrait_owner'::regrole);
-- and none is one that the server has, so that the schema may stand in a path
SELECT p.proname FROM pg_proc AS p WHERE pronamespace = 'shop'::regnamespace AND proname IN (SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace);

-- ---- each may do just his things ----

-- what came of a statement: rows, or the error
CREATE FUNCTION public.tried(command text, keep boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE command;
	GET DIAGNOSTICS n = ROW_COUNT;
	IF NOT keep THEN
		RAISE EXCEPTION USING ERRCODE = 'RT000';
	END IF;
	RETURN n || ' rows';
EXCEPTION
	WHEN SQLSTATE 'RT000' THEN
		RETURN n || ' rows';
	WHEN OTHERS THEN
		RETURN sqlstate;
END $$;
CREATE TABLE public.attempt (n serial, kind text, command text);
GRANT SELECT ON public.attempt TO PUBLIC;
INSERT INTO public.attempt (kind, command)
SELECT 'functions', c FROM unnest(ARRAY[
	$$SELECT * FROM shop.find('phone', '13800138001')$$, $$SELECT * FROM shop.card(1)$$, $$SELECT * FROM shop.card_text(1)$$,
	$$SELECT * FROM shop.customer_count('city = Shanghai')$$, $$SELECT * FROM shop.explain('city = Shanghai')$$,
	$$SELECT * FROM shop.profile('city = Shanghai', minimum => 1)$$, $$SELECT * FROM shop.overlap('{shanghai,shanghai}')$$, $$SELECT * FROM shop.partition('city')$$,
	$$SELECT * FROM shop.reach('true', 'sms')$$, $$SELECT * FROM shop.audience('true', 'phone', 'sms')$$]) AS c;
-- none is forgotten
SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'shop'::regnamespace AND NOT EXISTS (SELECT FROM public.attempt WHERE command LIKE '%shop.' || p.proname || '(%');
INSERT INTO public.attempt (kind, command)
SELECT CASE WHEN relname LIKE 'v\_%' THEN 'views' ELSE 'tables' END, format(f, c.oid::regclass)
FROM pg_class AS c CROSS JOIN unnest('{TABLE %s,SELECT count(*) FROM %s,DELETE FROM %s,INSERT INTO %s DEFAULT VALUES,LOCK %s,TRUNCATE %s,COMMENT ON TABLE %s IS NULL,CREATE INDEX ON %s ((1)),ALTER TABLE %s DISABLE TRIGGER ALL}'::text[]) WITH ORDINALITY AS x(f, n)
WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p', 'v') AND (relkind <> 'v' OR n < 3) ORDER BY x.n, relname COLLATE "C";
-- whatever of the extension takes a portrait, by what its arguments are called, else by their types
INSERT INTO public.attempt (kind, command)
SELECT 'extension', format(CASE p.prokind WHEN 'p' THEN 'CALL public.%I(%s)' ELSE 'SELECT * FROM public.%I(%s)' END, p.proname, (
	SELECT string_agg(coalesce(v.value, CASE t.type WHEN 'bigint' THEN '1' WHEN 'integer' THEN '1' WHEN 'boolean' THEN 'true' WHEN 'jsonb' THEN '''{}''' WHEN 'text[]' THEN '''{}'''
		WHEN 'interval' THEN '''1 day''' WHEN 'timestamp with time zone' THEN '''2026-02-21''' WHEN 'tagquery' THEN '''true'''
		WHEN 'segment' THEN '''{1}''' WHEN 'oid' THEN '''shop''::regnamespace' ELSE '''x''' END) || '::' || CASE WHEN t.type IN ('tagquery', 'segment') THEN 'public.' ELSE '' END || t.type, ', ' ORDER BY t.n)
	FROM (SELECT p.proargnames[n] AS name, format_type(a, NULL) AS type, n FROM unnest(p.proargtypes) WITH ORDINALITY AS a(a, n)) AS t
	LEFT JOIN LATERAL (VALUES ('schema', CASE t.type WHEN 'oid' THEN '''shop''::regnamespace' ELSE '''shop''' END), ('rule', '''true'''), ('target', '''true'''), ('base', '''true'''), ('tag', CASE t.type WHEN 'text' THEN '''city''' END), ('path', '''city'''),
		('identifier_type', '''phone'''), ('value', '''13800138001'''), ('channel', '''sms'''), ('scope', 'NULL'), ('result', '''customer'''), ('partition', '''customer_g1'''),
		('role', '''regress_portrait_nobody'''), ('as_what', '''analyst'''), ('stage', '''orders'''), ('subject', '''members'''), ('kind', '''identity'''), ('names', '''{shanghai}'''),
		('query', CASE WHEN p.proname LIKE '%source%' THEN '''SELECT ''''1'''' AS card''' ELSE '''SELECT 1 AS customer, 1 AS value''' END), ('rules', 'NULL'),
		('context', $$'{"schema": "shop", "generation": 1, "bucket": 0}'$$), ('leaf', '''city is known'''), ('code', '''city'''), ('minimum', '1')) AS v(name, value) ON v.name = t.name))
FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'portrait') AND p.prokind IN ('f', 'p')
AND p.proargnames[:p.pronargs] && '{schema,context}' AND p.proname <> 'portrait_create' ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C";
INSERT INTO public.attempt (kind, command)
SELECT 'own rights', c FROM unnest(ARRAY[
	$$CREATE TABLE shop.mine (a int)$$, $$CREATE FUNCTION shop.mine() RETURNS int LANGUAGE sql RETURN 1$$, $$DROP SCHEMA shop CASCADE$$, $$ALTER SCHEMA shop RENAME TO mine$$]) AS c;
INSERT INTO public.attempt (kind, command)
SELECT 'own rights', format(c, relname) FROM pg_class, unnest(ARRAY['SELECT nextval(''shop.%s'')', 'SELECT setval(''shop.%s'', 1)', 'SELECT last_value FROM shop.%s']) AS c
WHERE relnamespace = 'shop'::regnamespace AND relkind = 'S';
-- what takes a portrait and is not granted stumbles on one thing or another: just those are told that give an answer
CREATE FUNCTION public.summary(OUT kind text, OUT came_of_it text, OUT commands text) RETURNS SETOF record LANGUAGE sql AS $$
	SELECT a.kind, CASE WHEN a.kind = 'views' AND r LIKE '% rows' THEN 'rows' WHEN a.kind = 'extension' AND r NOT LIKE '% rows' THEN 'errors' ELSE r END,
		CASE WHEN r LIKE '% rows' OR r <> '42501' AND a.kind <> 'extension' THEN command ELSE 'all others' END
	FROM public.attempt AS a, LATERAL (SELECT public.tried(command, a.kind = 'functions') OFFSET 0) AS t(r) GROUP BY 1, 2, 3 ORDER BY 1, min(n) $$;
-- what there is, but for the list of lists
CREATE FUNCTION public.content() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	one text;
	content text := '';
BEGIN
	FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'audience_log' ORDER BY relname COLLATE "C" LOOP
		EXECUTE format('SELECT $1 || %1$L || count(*) || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C")), '''') FROM shop.%1$I AS t', one) INTO content USING content;
	END LOOP;
	RETURN content || (SELECT string_agg(oid::regclass || coalesce(relacl::text, '') || coalesce(obj_description(oid), ''), ' ' ORDER BY oid) FROM pg_class WHERE relnamespace = 'shop'::regnamespace);
END $$;
CREATE TABLE public.content_before AS SELECT content() AS content;
SET search_path = '';
-- the analyst: views, counts, profiles
SET SESSION AUTHORIZATION regress_portrait_analyst;
SELECT * FROM public.summary();
SELECT * FROM shop.customer_count('city = Shanghai');
SELECT * FROM shop.overlap();
SELECT value, customers, share FROM shop.partition('city');
SELECT leaf, size, running_size FROM shop.explain('city = Shanghai or city = Beijing');
SELECT tag, value, target_count, base_count, tgi FROM shop.profile('segment("shanghai")', 'true', minimum => 1);
SELECT tag, value, target_count, base_count FROM shop.profile('city is known', minimum => 1);
-- errors of a refresh quote data: they are told to who may read its log
SELECT stage, subject, outcome, message, detail FROM shop.v_refresh_log WHERE outcome = 'failed';
-- the service
SET SESSION AUTHORIZATION regress_portrait_service;
SELECT * FROM public.summary();
SELECT shop.find('phone', '138-0013-8001'), i FROM pg_catalog.jsonb_array_elements(shop.card(1) -> 'identifiers') AS i;
-- the marketer
SET SESSION AUTHORIZATION regress_portrait_marketer;
SELECT * FROM public.summary();
SELECT * FROM shop.reach('city = Shanghai');
SELECT * FROM shop.audience('city = Shanghai', 'phone', 'sms');
SELECT customer, identifier = pg_catalog.encode(pg_catalog.sha256('+8613800138001'), 'hex') AS same FROM shop.audience('city = Shanghai', 'phone', 'sms', hashed => true) LIMIT 1;
SELECT * FROM shop.audience('city = Shanghai', 'phone', 'smsg');
-- somebody who is in the schema for something else, and somebody who is not
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA shop TO regress_portrait_nobody;
SET SESSION AUTHORIZATION regress_portrait_nobody;
SELECT * FROM public.summary();
RESET SESSION AUTHORIZATION;
REVOKE USAGE ON SCHEMA shop FROM regress_portrait_nobody;
SET SESSION AUTHORIZATION regress_portrait_nobody;
SELECT * FROM public.summary();
-- whose session it was is written down, and which role he took
RESET SESSION AUTHORIZATION;
GRANT regress_portrait_marketer TO regress_portrait_nobody;
SET SESSION AUTHORIZATION regress_portrait_nobody;
SET ROLE regress_portrait_marketer;
SELECT pg_catalog.count(*) FROM shop.audience('city = Beijing', 'email');
RESET SESSION AUTHORIZATION;
SELECT public.content() = content AS nothing_changed FROM public.content_before;
SELECT who, rule, identifier_type, channel, hashed, customers, identifiers, opted_out FROM shop.audience_log ORDER BY id;
SELECT (SELECT pg_catalog.count(*) FROM shop.v_refresh_log WHERE message LIKE '%secret%' AND outcome = 'failed') AS owner_reads_errors;

-- ---- a hostile path ----
--
-- Whatever name is first in the path, nothing of the caller's runs as the owner.

CREATE SCHEMA trap AUTHORIZATION regress_portrait_marketer;
GRANT regress_portrait_analyst, regress_portrait_service TO regress_portrait_marketer;
CREATE TABLE public.caught (who text);
GRANT INSERT, SELECT ON public.caught TO PUBLIC;
SET SESSION AUTHORIZATION regress_portrait_marketer;
\set ECHO none
CREATE FUNCTION trap.sprung() RETURNS boolean LANGUAGE sql AS $$ INSERT INTO public.caught VALUES (current_user); SELECT true $$;
SELECT format('CREATE FUNCTION trap.compare(%1$s, %1$s) RETURNS boolean LANGUAGE sql AS ''SELECT trap.sprung()''', t)
FROM unnest('{bigint,text,name,integer,boolean,oid,timestamptz,public.segment,jsonb}'::text[]) AS t
UNION ALL
SELECT format('CREATE OPERATOR trap.%2$s (LEFTARG = %1$s, RIGHTARG = %1$s, FUNCTION = trap.compare)', t, o)
FROM unnest('{bigint,text,name,integer,boolean,oid,timestamptz,public.segment,jsonb}'::text[]) AS t, unnest('{=,<>,<,>,<=,>=,<@,^@,>>,<<,||,+,->,->>}'::text[]) AS o
UNION ALL
SELECT format('CREATE FUNCTION trap.%s RETURNS boolean LANGUAGE sql AS ''SELECT trap.sprung()''', f)
FROM unnest('{compare(bigint\, public.segment),identifier_type(text),identifier_value(text),portrait_current(name),portrait_rule(name\, text),portrait_evaluate(name\, public.tagquery),
	portrait_reachable(name\, text\, text\, text\, text),portrait_audience(name\, text\, text\, text\, boolean\, text),sha256(bytea),encode(bytea\, text),
	"convert_to(text, name)","format(text, text)","has_table_privilege(name, oid, text)",segment_count(public.segment),segment_agg(bigint),"count(text)",sum(bigint)}'::text[]) AS f
UNION ALL SELECT 'CREATE OPERATOR trap.<@ (LEFTARG = bigint, RIGHTARG = public.segment, FUNCTION = trap.compare)'
\gexec
\set ECHO all
SET search_path = trap, pg_catalog, shop, public;
CREATE TEMP TABLE state AS SELECT 1 AS generation;
CREATE TEMP TABLE identifier (generation bigint, identifier text, customer bigint);
CREATE TEMP TABLE consent (generation bigint, customer bigint, channel text, allowed boolean);
CREATE TEMP TABLE pg_class AS SELECT 1 AS oid;
CREATE TEMP TABLE audience_log (at timestamptz);
CREATE TYPE trap.tagquery AS (a text);
CREATE DOMAIN trap.segment AS text;
-- one that is sprung is noticed
SELECT 1::bigint = 2::bigint AS sprung, sha256('x') AS too;
SELECT who FROM caught;
SELECT pg_catalog.count(*) FROM pg_catalog.pg_operator WHERE oprnamespace OPERATOR(pg_catalog.=) 'trap'::regnamespace;
SELECT customer, identifier FROM shop.audience('city in (Shanghai, Beijing)', 'phone', 'sms');
SELECT customer, identifier FROM shop.audience('true', 'email', 'sms', hashed => true);
SELECT * FROM shop.reach('true', 'email');
SELECT shop.customer_count('city = Shanghai'), shop.find('card', 'C3');
SELECT value FROM shop.partition('city');
SELECT segment_a FROM shop.overlap('{shanghai,shanghai}');
SELECT leaf FROM shop.explain('city = Shanghai');
SELECT tag, value FROM shop.profile('city is known', minimum => 1);
SELECT length(shop.card(3)::text) > 500 AS card;
SELECT * FROM shop.card_text(3) LIMIT 1;
SELECT name, size FROM shop.v_segment ORDER BY name;
SELECT DISTINCT who FROM caught;
RESET SESSION AUTHORIZATION;
RESET search_path;
-- only by the statements of the caller's own
SELECT DISTINCT who FROM caught;

-- ---- the end ----

SET client_min_messages = warning;
SELECT portrait_drop('shop');
DROP SCHEMA trap CASCADE;
DROP SCHEMA raw CASCADE;
DROP FUNCTION summary(), tried(text, boolean), content();
DROP TABLE attempt, caught, content_before;
DROP OWNED BY regress_portrait_owner, regress_portrait_analyst, regress_portrait_service, regress_portrait_marketer, regress_portrait_nobody, "regress portrait ""客户""" CASCADE;
DROP ROLE regress_portrait_owner, regress_portrait_analyst, regress_portrait_service, regress_portrait_marketer, regress_portrait_nobody, "regress portrait ""客户""";
