--
-- What people, programs and files may give a portrait: names, numbers, times and texts that
-- are hardly possible.  Each gets a right answer, or an error that says what is wrong.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
SET search_path = raw, public;
SET TIME ZONE 'UTC';
\pset null -

-- what came of a statement: its one value, or the error, the first line of either
CREATE FUNCTION tried(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE command INTO answer;
	RETURN left(split_part(answer, E'\n', 1), 150);
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || left(split_part(sqlerrm, E'\n', 1), 150);
END $$;
CREATE FUNCTION odd(schema name) RETURNS TABLE (stage text, subject text, outcome text, rows bigint, message text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT stage, left(subject, 40), outcome, rows, left(message, 150) FROM %1$I.refresh_log
		WHERE outcome IN (''failed'', ''warning'') AND generation = (SELECT max(generation) FROM %1$I.refresh_log) ORDER BY id', schema);
END $$;

-- ---- names: 63 bytes, quotes, %, $, newlines, Chinese ----

CREATE TABLE member (card text, "电 话 ""1""" text, scope text, registered timestamp);
INSERT INTO member VALUES ('C1', '13800138001', 'wx1', '2026-01-01'), ('C2', '13800138002', 'wx''2"', '2026-01-02'), ('C3', NULL, '%s', '2026-01-03');
CREATE TABLE bought (card text, order_id text, paid_at timestamp, paid numeric);
INSERT INTO bought SELECT 'C' || i, 'A' || i, date '2026-01-10' + i, 100 * i FROM generate_series(1, 3) AS i;
CREATE TABLE hostile (schema name);
INSERT INTO hostile VALUES ('客户 画像'), ('a"b''c\d%s%I$1$$' || E'\n;--' || '.'), (left('xy' || repeat('画', 30), 22) || 'z'), ('Select');
SELECT schema, octet_length(schema::text) AS bytes, tried(format('SELECT portrait_create(%L, ''Asia/Shanghai'')', schema)) AS created,
	tried(format($q$SELECT portrait_source(%L, E'a"b''c\\d%%s\n客户', 'identity', 'SELECT *, registered AS observed_at FROM member', '{card,"phone:电 话 \"1\"",openid@scope:card}')$q$, schema)) AS source,
	tried(format($q$SELECT portrait_source(%L, 'till', 'orders', 'SELECT * FROM bought')$q$, schema)) AS orders,
	tried(format($q$SELECT portrait_retail_tags(%L)$q$, schema)) AS retail,
	tried(format($q$SELECT portrait_tag(%L, '兴趣.a''b\c %%s $1 ;--', $t$SELECT customer, E'v"''\\\n%%s' || customer %% 2 AS value FROM w_customer$t$)$q$, schema)) AS tag,
	tried(format($q$SELECT portrait_tag(%L, 'rich', rules => ARRAY[['yes, "indeed"', 'spend_365d >= 200'], [E'n\no', 'true']])$q$, schema)) AS rules,
	tried(format($q$SELECT portrait_segment(%L, 'a"b''c\d%%s', 'rich = "yes, \"indeed\""')$q$, schema)) AS segment,
	tried(format($q$SELECT portrait_segment(%1$L, repeat('段', 341), 'not ' || portrait_segment_rule('a"b''c\d%%s'))$q$, schema)) AS long_segment
FROM hostile;
SELECT format('CALL portrait_refresh(%L, ''2026-02-01'')', schema) FROM hostile ORDER BY schema COLLATE "C"
\gexec
SELECT odd.* FROM hostile, odd(schema);
SELECT string_agg(DISTINCT tried(format(q, schema)), ' | ') AS the_same, count(*) FROM hostile,
	unnest(ARRAY[$q$SELECT portrait_count(%L, 'rich = "yes, \"indeed\""')$q$, $q$SELECT portrait_find(%L, 'phone', '138-0013-8002')$q$,
	$q$SELECT portrait_find(%L, 'openid', 'C2', 'wx''2"')$q$, $q$SELECT string_agg(value || customers, ' ' ORDER BY value) FROM portrait_partition(%L, '兴趣.a''b\c %%s $1 ;--')$q$,
	$q$SELECT common FROM portrait_overlap(%L)$q$, $q$SELECT portrait_card(%L, 2) -> 'segments' -> 0 ->> 'segment'$q$,
	$q$SELECT portrait_card(%L, 1) -> 'segments' -> 0 ->> 'segment' = repeat('段', 341)$q$, $q$SELECT count(*) FROM portrait_card_text(%L, 2, 'zh')$q$,
	$q$SELECT sum(target_count) FROM portrait_profile(%L, 'true', minimum => 0)$q$, $q$SELECT reachable FROM portrait_reach(%L, 'true') WHERE identifier_type = 'phone'$q$,
	$q$SELECT string_agg(identifier, ' ') FROM portrait_audience(%L, 'true', 'openid', scope => '%%s')$q$,
	$q$SELECT string_agg(value || ' ' || leaf || ' ' || leaf_holds, ', ') FROM portrait_why(%L, 1, 'rich')$q$, $q$SELECT string_agg(size::text, ' ') FROM portrait_explain(%L, 'rich and 兴趣.*')$q$])
	WITH ORDINALITY AS q(q, n) GROUP BY n ORDER BY n;
SELECT count(*) AS own_functions, string_agg(DISTINCT tried(format('SELECT %I.customer_count(''rich is known'')', schema)), ' ') AS count,
	string_agg(DISTINCT tried(format('SELECT sum(size) FROM %I.v_segment', schema)), ' ') AS v_segment FROM hostile;
SELECT format('CALL portrait_refresh(%L, ''2026-02-02'')', schema) FROM hostile ORDER BY octet_length(schema::text) DESC LIMIT 1
\gexec
SELECT string_agg(DISTINCT tried(format('SELECT portrait_drop(%L)', schema)), ' ') AS dropped, count(*) FROM hostile;
SELECT nspname FROM pg_namespace WHERE nspname IN (SELECT schema FROM hostile);
-- and those that are not possible
SELECT what, tried(command) FROM (VALUES
	('schema of the system', $$SELECT portrait_create('pg_x', 'UTC')$$), ('schema without a name', $$SELECT portrait_create('', 'UTC')$$)) AS v(what, command);
SELECT zone, tried(format('SELECT portrait_create(''shop'', %L)', zone)) FROM unnest(ARRAY['', ' ', 'Mars/Olympus', '+08', 'UTC+8', 'Asia/Shanghai ', 'CST8', repeat('x', 200), E'a\nb']) AS zone;
SELECT day, tried(format('SELECT portrait_create(''shop'', ''UTC'', %L)', day)) FROM unnest('{24:00,25:00,-01:00,x,NULL}'::text[]) AS day;

SELECT portrait_create('shop', 'Asia/Shanghai', '23:59:59');
BEGIN;
SELECT what, tried(command) FROM (VALUES
	('source', $$SELECT portrait_source('shop', repeat('x', 201), 'identity', 'SELECT card FROM member')$$),
	('identifier', $$SELECT portrait_source('shop', 'm', 'identity', 'SELECT card FROM member', '{NULL}')$$),
	('identifier', $$SELECT portrait_source('shop', 'm', 'identity', 'SELECT card FROM member', '{""}')$$),
	('identifiers', $$SELECT portrait_source('shop', 'm', 'identity', 'SELECT card FROM member', '{{card},{card}}')$$),
	('identifiers', $$SELECT portrait_source('shop', 'm', 'identity', 'SELECT card FROM member', '{}')$$),
	('twice', $$SELECT portrait_source('shop', 'm', 'identity', 'SELECT card FROM member', '{card,card}')$$),
	('tag', $$SELECT portrait_tag('shop', E'a\nb', 'SELECT 1 AS customer, 1 AS value')$$),
	('tag', $$SELECT portrait_tag('shop', repeat('x', 1100), 'SELECT 1 AS customer, 1 AS value')$$),
	('tag', $$SELECT portrait_tag('shop', repeat('x.', 600) || 'x', 'SELECT 1 AS customer, 1 AS value')$$),
	('tag', $$SELECT portrait_tag('shop', ' x', 'SELECT 1 AS customer, 1 AS value')$$),
	('tag', $$SELECT portrait_tag('shop', NULL, 'SELECT 1 AS customer, 1 AS value')$$),
	('value', $$SELECT portrait_tag('shop', 'x', rules => ARRAY[[repeat('v', 3000), 'true']])$$),
	('values', $$SELECT portrait_tag('shop', 'x', rules => '{}')$$),
	('values', $$SELECT portrait_tag('shop', 'x', rules => ARRAY[[['a', 'true']]])$$),
	('segment', $$SELECT portrait_segment('shop', repeat('x', 1024), 'true')$$),
	('segment', $$SELECT portrait_segment('shop', E'a\nb', 'true')$$),
	('rule', $$SELECT portrait_segment('shop', 'x', repeat('not ', 10000) || 'true')$$),
	('rule', $$SELECT portrait_segment('shop', 'x', repeat('(', 100000))$$),
	('rule', $$SELECT portrait_segment('shop', 'x', '')$$),
	('label', $$SELECT portrait_label('shop', '', 'en', 'x')$$), ('label', $$SELECT portrait_label('shop', NULL, 'en', 'x')$$)) AS v(what, command);
ROLLBACK;
-- declared without a row behind them: nobody, and no error
CREATE TABLE nothing (card text, phone text, account text, order_id text, paid_at timestamp, paid numeric, quantity numeric, list_price numeric, product text, status text, refund_of text,
	at timestamp, kind text, item text, dwell numeric, name text, value text, observed_at timestamp, channel text, allowed boolean);
SELECT tried(format('SELECT portrait_source(''shop'', %1$L, %1$L, ''SELECT * FROM nothing'', ''{card,phone,account@''''mall''''}'')', kind)) FROM (SELECT DISTINCT kind FROM portrait_source_contract()) AS k;
SELECT portrait_retail_tags('shop');
SELECT portrait_segment('shop', 'some', 'rfm.segment = at_risk'), portrait_segment('shop', 'none', 'not segment("some")');
CREATE FUNCTION ask(schema name) RETURNS TABLE (what text, answer text) LANGUAGE sql AS $$
	SELECT what, tried(format(command, schema)) FROM (VALUES ('count', $q$SELECT portrait_count(%L, 'true')$q$), ('members', $q$SELECT portrait_members(%L, 'not segment("some")')$q$),
		('card', $q$SELECT portrait_card(%L, 1) ->> 'population'$q$), ('text', $q$SELECT count(*) > 5 FROM portrait_card_text(%L, 1)$q$), ('profile', $q$SELECT count(*) > 0 FROM portrait_profile(%L, 'true', minimum => 0)$q$),
		('overlap', $q$SELECT to_jsonb(o) FROM portrait_overlap(%L) AS o$q$), ('partition', $q$SELECT to_jsonb(p) FROM portrait_partition(%L, 'population') AS p$q$),
		('reach', $q$SELECT count(*) FROM portrait_reach(%L, 'true')$q$), ('audience', $q$SELECT count(*) FROM portrait_audience(%L, 'true', 'card')$q$), ('why', $q$SELECT count(*) FROM portrait_why(%L, 1, 'population')$q$),
		('explain', $q$SELECT count(*) FROM portrait_explain(%L, 'population = user')$q$), ('find', $q$SELECT portrait_find(%L, 'card', 'C1')$q$), ('coverage', $q$SELECT sum(customers) FROM %I.v_tag_coverage$q$),
		('segments', $q$SELECT string_agg(name || coalesce(size, -1) || coalesce(share, -1), ' ') FROM %I.v_segment$q$), ('overlap', $q$SELECT count(*) FROM %I.v_source_overlap$q$)) AS v(what, command) $$;
SELECT * FROM ask('shop');		-- not yet
CALL portrait_refresh('shop', '2026-02-01');
SELECT * FROM odd('shop');
SELECT * FROM ask('shop');		-- nobody
-- rows of NULL everywhere tell of nobody either
INSERT INTO nothing SELECT FROM generate_series(1, 3);
CALL portrait_refresh('shop', '2026-02-01');
SELECT * FROM odd('shop');
SELECT portrait_count('shop', 'true');
-- and where only the card is known, of nothing
INSERT INTO nothing (card) VALUES ('C1'), ('C2');
CALL portrait_refresh('shop', '2026-02-01');
SELECT * FROM odd('shop');
SELECT customer, first_seen, population, orders FROM shop.v_customer ORDER BY customer;
SELECT * FROM ask('shop');
SELECT portrait_drop('shop');

-- ---- orders that hardly are ----

TRUNCATE nothing;
INSERT INTO nothing (card, order_id, paid_at, paid, quantity, list_price, product, refund_of) VALUES
	('C1', 'A1', '2026-01-01', 100, 0, 100, 'tea', NULL),						-- no piece: money all the same
	('C2', 'A2', '2026-01-01', 100, 2, -50, 'tea', NULL),						-- a price below zero is none
	('C3', 'A3', '2026-01-01', 'NaN', 1, 1, 'tea', NULL), ('C3', 'A4', '2026-01-01', 'Infinity', 1, 1, 'tea', NULL), ('C3', 'A5', '2026-01-01', '-Infinity', 1, 1, 'tea', NULL),
	('C4', 'A6', '2026-01-01', 100, 'NaN', 'Infinity', 'tea', NULL),			-- how many is not known
	('C5', 'A7', '2026-01-01', 100, 1, 100, 'tea', NULL), ('C5', 'A7', '2026-01-01', 100, 1, 100, 'tea', NULL),	-- two lines, however alike
	('C6', 'A8', '2026-01-01', 1e300, 1, 1e300, 'tea', NULL),
	('C7', 'A9', 'infinity', 100, 1, 1, 'tea', NULL), ('C7', 'B1', '-infinity', 100, 1, 1, 'tea', NULL),		-- never; when, is not known
	('C8', 'B2', '0044-03-15 12:00 BC', 100, 1, 1, 'tea', NULL), ('C8', 'B3', '4713-01-01 BC', 100, 1, 1, 'tea', NULL),
	('C9', 'B4', '2026-01-01', 100, 1, 1, repeat('x', 1000000), NULL), ('C9', repeat('B', 1000000), '2026-01-01', 100, 1, 1, 'tea', NULL),
	('C10', 'B5', '2026-01-01', 100, 1, 1, 'tea', NULL), ('C10', 'B6', '2026-01-02', -100, 1, 1, 'tea', 'B5'), ('C10', 'B7', '2026-01-03', -100, 1, 1, 'tea', 'B6'),	-- what was taken back is taken back
	('C11', 'B8', '2026-01-01', -100, -1, 1, 'tea', 'B8'),						-- takes back itself
	('C12', 'B9', '2026-01-01', 0.001, 0.5, 0.0001, 'tea', NULL), ('C13', 'D1', '2026-01-01', -0.0, 1, 0, 'tea', NULL);
SELECT portrait_create('shop', 'Asia/Shanghai', '23:59:59');
SELECT portrait_source('shop', 'till', 'orders', 'SELECT card, order_id, paid_at, paid, quantity, list_price, product, product AS product_name, product AS category, product AS store, refund_of FROM nothing');
SELECT portrait_retail_tags('shop');
CALL portrait_refresh('shop', '2026-02-01');		-- C6: what has no sum is no price
DELETE FROM nothing WHERE card = 'C6';
CALL portrait_refresh('shop', '2026-02-01');
SELECT * FROM odd('shop');
SELECT identifier, population, c.first_order, c.orders, left(c.spend::text, 30) AS spend, price_sensitivity_index(v.sensitivity) AS sensitivity FROM shop.v_customer AS c JOIN shop.identifier AS i USING (customer)
LEFT JOIN shop.customer_value AS v USING (customer) ORDER BY length(identifier), identifier;
SELECT left(portrait_card('shop', portrait_find('shop', 'card', 'C9')) #>> '{orders,0,title}', 50) AS title, octet_length(portrait_card('shop', portrait_find('shop', 'card', 'C9'))::text) AS bytes,
	(SELECT max(length(l)) FROM portrait_card_text('shop', portrait_find('shop', 'card', 'C9')) AS l) AS columns;
SELECT portrait_card('shop', portrait_find('shop', 'card', 'C8')) #> '{summary}' AS of_caesar;
SELECT portrait_count('shop', 'spend_ever > 50'), portrait_count('shop', 'population = customer');
SELECT portrait_drop('shop');

-- ---- identifiers, channels, facts and events that hardly are ----

TRUNCATE nothing;
INSERT INTO nothing (card, phone, account, name, value, at, kind, item, dwell, channel, allowed) VALUES
	(repeat('1', 999), NULL, NULL, 'gender', 'f', '2026-01-01', 'view', 'tea', 1, 'sms', true),		-- an identifier of 999 bytes is one
	(repeat('1', 1000), NULL, NULL, 'gender', 'f', '2026-01-01', 'view', 'tea', 1, 'sms', true),		-- of 1000 is none
	(repeat('1', 1000000), '13800138001', E'a\nb', 'gender', 'm', '2026-01-01', 'view', 'tea', 1, 'sms', true),
	('C4', NULL, NULL, repeat('n', 1000000), repeat('v', 1000000), '2026-01-01', repeat('k', 1000000), repeat('i', 1000000), 1, repeat('c', 1000000), true),
	('C5', NULL, NULL, 'region', repeat('r', 1000000), 'infinity', 'view', 'tea', 1, 'sms', true),
	('C6', NULL, NULL, 'region', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 1000) AS i), '-infinity', 'view', 'tea', 1, 'sms', true),
	('C7', NULL, NULL, 'birthday', 'infinity', '0044-03-15 BC', 'view', 'tea', 'NaN', 'sms', true), ('C8', NULL, NULL, 'birthday', '0044-03-15 BC', '2026-01-01', 'view', 'tea', 'Infinity', 'sms', false),
	('C9', NULL, NULL, 'birth_year', '99999999999999999999', '2026-01-01', 'view', 'tea', 1e308, 'sms', false), ('C10', NULL, NULL, 'birth_year', '-5', '2026-01-01', '', '', -1, '', false),
	(E'\t', ' ', '　', 'gender', 'f', '2026-01-01', 'view', 'tea', 1, 'sms', true);
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', kind, kind, format('SELECT *, at AS observed_at FROM (SELECT card, phone, account, %s FROM nothing) AS n', c), '{card,phone,account@''mall''}')
FROM (VALUES ('events', 'at, kind, item, dwell'), ('attributes', 'at, name, value'), ('consent', 'at, channel, allowed')) AS s(kind, c);
SELECT portrait_retail_tags('shop');
CALL portrait_refresh('shop', '2026-02-01');
SELECT * FROM odd('shop');
SELECT customer, left(identifier, 20) AS identifier, octet_length(identifier) AS bytes FROM shop.identifier ORDER BY customer, 2, 3;
SELECT customer, tag, left(value, 40) AS value, octet_length(value) AS bytes FROM shop.v_customer_tag WHERE tag IN ('region', 'gender', 'age', 'age_band', 'generation') ORDER BY 1, 2, 3;
SELECT channel, count(*) FROM shop.consent GROUP BY channel;
SELECT portrait_count('shop', 'region is known'), portrait_count('shop', 'region contains md5'), count(*) > 0 AS profiled FROM portrait_profile('shop', 'true', minimum => 1);
SELECT bool_and(length(l) <= 80) AS fits FROM shop.v_customer AS c, portrait_card_text('shop', customer) AS l;
SELECT portrait_drop('shop');

-- ---- values of tags that hardly are ----
--
-- Each tag gives customer i the i-th of its values; what is no value is nobody's.

CREATE TABLE person AS SELECT 'C' || i AS card, i FROM generate_series(1, 6) AS i;
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'm', 'identity', 'SELECT card FROM person');
SELECT path, tried(format('SELECT portrait_tag(''shop'', %L, %L, multiple => %L)', path, format('SELECT customer, (%s)[customer] AS value %s FROM w_customer', choice, more), path LIKE 'm.%'))
FROM (VALUES
	('number', $$'{NaN,Infinity,-Infinity,-0,1e308,5e-324}'::double precision[]$$, ''),
	('real', $$'{NaN,Infinity,-Infinity,-0,3e38,1e-45}'::real[]$$, ''),
	('numeric', $$ARRAY['NaN', 'Infinity', '-0', '0.1', 1e308, -1e308]::numeric[]$$, ''),
	('too.large', $$ARRAY[1, 1e400]::numeric[]$$, ''),
	('big', $$'{9223372036854775807,-9223372036854775808,9007199254740993,0,1,2}'::bigint[]$$, ''),
	('date', $$'{infinity,-infinity,"0044-03-15 BC","4713-01-01 BC",12026-01-01,2026-02-28}'::date[]$$, ''),
	('time', $$'{infinity,-infinity,"0044-03-15 12:00 BC","4713-01-01 BC","12026-01-01 00:00",2026-02-28}'::timestamp[]$$, ''),
	('moment', $$'{infinity,-infinity,"0044-03-15 12:00+00 BC","4713-01-02 00:00+00 BC","12026-01-01 00:00+00","2026-02-28 00:00+00"}'::timestamptz[]$$, ''),
	('text', $$ARRAY['', ' ', E'a\nb', 'ä"''\', '0044-03-15', 'NaN']$$, ''),
	('weight', $$ARRAY['a', 'b', 'c', 'd', 'e', 'f']$$, $$, ('{NaN,Infinity,-1,0,1e308,1e-308}'::double precision[])[customer] AS weight$$),
	('set_at', $$ARRAY['a', 'b', 'c', 'd', 'e', 'f']$$, $$, ('{infinity,-infinity,"0044-03-15 BC",12026-01-01,2026-02-28,NULL}'::date[])[customer] AS set_at$$),
	('expires', $$ARRAY['a', 'b', 'c', 'd', 'e', 'f']$$, $$, ('{infinity,-infinity,"0044-03-15 BC",12026-01-01,2026-02-28,NULL}'::date[])[customer] AS expires_at$$),
	('m.number', $$'{NaN,Infinity,-Infinity,-0,1e308,5e-324}'::double precision[]$$, ''),
	('long', $$ARRAY['a', repeat('b', 1000000), repeat('c', 1023), (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 200) AS i), 'e', 'f']$$, ''),
	('long.weighted', $$ARRAY['a', repeat('b', 1000000), repeat('c', 1023), (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 200) AS i), 'e', 'f']$$, ', 0.5 AS weight')
) AS t(path, choice, more);
CALL portrait_refresh('shop', '2026-03-01');
SELECT * FROM odd('shop');
SELECT tag, customer, left(value, 40) AS value, octet_length(value) AS bytes, number, weight, set_at, expires_at FROM shop.v_customer_tag ORDER BY tag, customer;
-- each may be asked for, and be on cards
SELECT rule, tried(format('SELECT portrait_members(''shop'', %L)', rule)) FROM unnest(ARRAY['number is known', 'number > 1e300', 'number = 0', 'number < 1e-300', 'numeric < 0', 'big = 9223372036854775807', 'big > 9007199254740992',
	'big < -9e18', 'date is known', 'date < 0001-01-01', 'date > 9999-12-31', 'date within last 3 days', 'date between 2026-01-01 and 2026-12-31', 'anniversary(date) = 03-15', 'time is known', 'time < 0001-01-01', 'time > 9999-12-31', 'moment > 9999-12-31', 'moment = value(time)',
	'text = " "', 'text contains "' || E'\n' || '"', 'text is known', 'weight is known', 'set_at(set_at) < 0001-01-01', 'set_at(set_at) > 9999-12-31', 'age(set_at) < 5 days', 'age(set_at) > 5 days', 'expires is known',
	'm.number > 0', 'long is known', 'long starts with b', 'long contains 98f13708210194c475687be6106a3b84', 'long.*', 'weight(long.weighted) = 0.5']) AS rule;
SELECT customer, length(portrait_card('shop', customer)::text) > 500 AS card, (SELECT max(length(l)) FROM portrait_card_text('shop', customer) AS l) <= 80 AS fits FROM shop.v_customer;
SELECT path, (SELECT count(*) FROM portrait_partition('shop', path)) AS parts, tried(format('SELECT count(*) FROM portrait_why(''shop'', 3, %L)', path)) AS why FROM shop.v_tag ORDER BY path COLLATE "C";
SELECT count(*) > 10 AS profiled FROM portrait_profile('shop', 'true', minimum => 0);
-- kept where the query gives nothing any more
UPDATE shop.tag SET on_empty = 'keep';
CREATE TABLE tags_before AS SELECT * FROM shop.v_customer_tag WHERE tag <> 'expires';
SELECT count(tried(format('SELECT portrait_tag(''shop'', %L, %L, multiple => %L, on_empty => ''keep'')', path, format('SELECT * FROM (%s) AS q WHERE false', definition ->> 'query'), multiple))) FROM shop.tag;
CALL portrait_refresh('shop', '2026-03-01');
SELECT * FROM odd('shop');
(SELECT tag, customer, left(value, 40) AS value, number, weight, set_at FROM tags_before EXCEPT SELECT tag, customer, left(value, 40), number, weight, set_at FROM shop.v_customer_tag) UNION ALL
(SELECT tag, customer, left(value, 40), number, weight, set_at FROM shop.v_customer_tag WHERE tag <> 'expires' EXCEPT SELECT tag, customer, left(value, 40), number, weight, set_at FROM tags_before) ORDER BY 1, 2;
SELECT portrait_drop('shop');

-- 100,000 values of one tag: as texts too many, which the rest does not suffer from; as numbers not
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'm', 'identity', 'SELECT card FROM person');
SELECT portrait_tag('shop', 'texts', 'SELECT 1 AS customer, ''t'' || i AS value FROM generate_series(1, 100000) AS i', multiple => true),
	portrait_tag('shop', 'numbers', 'SELECT 1 AS customer, i AS value FROM generate_series(1, 100000) AS i', multiple => true),
	portrait_tag('shop', 'some', 'SELECT customer, i AS value FROM w_customer, generate_series(1, 10) AS i', multiple => true);
SELECT portrait_segment('shop', 's', 'some >= 9 and numbers = 77777');
CALL portrait_refresh('shop', '2026-03-01');
SELECT * FROM odd('shop');
SELECT size FROM shop.v_segment;
SELECT portrait_count('shop', 'texts is known');
SELECT portrait_drop('shop');

-- ---- moments ----

SELECT portrait_create('shop', 'Asia/Shanghai', '23:59:59');
SELECT portrait_source('shop', 'till', 'orders', 'SELECT * FROM bought');
SELECT portrait_retail_tags('shop');
CALL portrait_refresh('shop', NULL);
CALL portrait_refresh('shop', 'infinity');
CALL portrait_refresh('shop', '-infinity');
CALL portrait_refresh(NULL, '2026-01-01');
CALL portrait_refresh('shop', '4714-11-24 00:00+00 BC');
CALL portrait_refresh('shop', '294276-12-31 00:00+00');
CALL portrait_refresh('shop', '0001-01-01 00:00+00');		-- before anything was known
SELECT * FROM odd('shop');
SELECT count(*), portrait_count('shop', 'true') FROM shop.v_customer;
CALL portrait_refresh('shop', '9999-12-31 00:00+00');
SELECT * FROM odd('shop');
SELECT count(*), portrait_count('shop', 'orders_ever = 1'), portrait_count('shop', 'lifecycle.stage = lost') FROM shop.v_customer;
CALL portrait_refresh('shop', '2026-01-13 00:00+08');	-- what was paid on the 12th counts, what on the 13th does not
SELECT customer, last_order FROM shop.v_customer ORDER BY customer;
SELECT portrait_drop('shop');

-- ---- at the end of a bucket, and of all numbers ----
--
-- Customers have the numbers 2^20 - 1, 2^20 and 2^20 + 1; then the last two that there are; then there is none left.

SELECT portrait_create('shop', 'Asia/Shanghai');
UPDATE shop.state SET next_customer = (1 << 20) - 1;
SELECT portrait_source('shop', 'm', 'identity', 'SELECT card, "电 话 ""1""" AS phone, registered AS observed_at FROM member'), portrait_source('shop', 'till', 'orders', 'SELECT * FROM bought'),
	portrait_source('shop', 'said', 'consent', 'SELECT card, ''sms'' AS channel, card <> ''C2'' AS allowed FROM member');
SELECT portrait_tag('shop', 'spend', 'SELECT customer, spend AS value FROM w_value'), portrait_tag('shop', 'odd', 'SELECT customer, customer % 2 = 1 AS value FROM w_customer'),
	portrait_tag('shop', 'likes', 'SELECT customer, ''tea'' AS value, 0.5 AS weight FROM w_customer'), portrait_tag('shop', 'size', rules => ARRAY[['large', 'spend >= 200'], ['small', 'true']]),
	portrait_tag('shop', 'pair', 'SELECT customer, spend AS value FROM w_value');
SELECT portrait_segment('shop', 'large', 'size = large'), portrait_segment('shop', 'all', 'segment("large") or size = small');
CALL portrait_refresh('shop', '2026-02-01');
CREATE FUNCTION asked() RETURNS TABLE (what text, answer text) LANGUAGE sql AS $$
	SELECT 'customers', string_agg(identifier || '=' || customer - ((1 << 20) - 1), ' ' ORDER BY identifier) FROM shop.identifier WHERE generation = (SELECT generation FROM shop.state) AND identifier LIKE 'card%'
	UNION ALL SELECT rule, (SELECT string_agg(portrait_card('shop', c) #>> '{identifiers,0,value}', ' ' ORDER BY c) FROM segment_members(portrait_members('shop', rule)) AS c)
	FROM unnest(ARRAY['true', 'segment("all")', 'segment("large")', 'spend >= 200', 'spend = 100', 'odd', 'not odd', 'weight(likes) = 0.5', 'spend = value(pair)', 'not size = small']) AS rule
	UNION ALL SELECT 'views', (SELECT string_agg(size::text, ' ' ORDER BY name) FROM shop.v_segment) || ' ' || (SELECT count(*) FROM shop.v_segment_customer) || ' ' || (SELECT count(*) FROM shop.v_customer_tag) || ' ' || (SELECT sum(customers) FROM shop.v_tag_coverage)
	UNION ALL SELECT 'profile', string_agg(value || target_count || '/' || base_count, ' ' ORDER BY value) FROM portrait_profile('shop', 'segment("large")', minimum => 0) WHERE tag IN ('odd', 'likes')
	UNION ALL SELECT 'partition', string_agg(value || customers, ' ' ORDER BY value) FROM portrait_partition('shop', 'size')
	UNION ALL SELECT 'overlap', string_agg(common::text, ' ') FROM portrait_overlap('shop')
	UNION ALL SELECT 'reach', string_agg(identifier_type || customers || reachable, ' ' ORDER BY identifier_type) FROM portrait_reach('shop', 'true', 'sms')
	UNION ALL SELECT 'audience', string_agg(identifier, ' ' ORDER BY identifier) FROM portrait_audience('shop', 'true', 'card', 'sms')
	UNION ALL SELECT 'find', string_agg((portrait_find('shop', 'card', card) = customer)::text, ' ') FROM member JOIN shop.identifier AS i ON identifier = 'card:' || card WHERE generation = (SELECT generation FROM shop.state)
	UNION ALL SELECT 'why', string_agg(leaf || ' ' || leaf_holds, ' ') FROM portrait_why('shop', portrait_find('shop', 'card', 'C3'), 'size') $$;
SELECT * FROM asked();
SELECT name, bucket, segment_count(members) FROM shop.segment_member ORDER BY name, bucket;
-- two are found to be one, across the buckets, and part again
UPDATE member SET "电 话 ""1""" = '13800138001' WHERE card = 'C3';
INSERT INTO bought VALUES ('C3', 'A9', '2026-01-20', 5);
CALL portrait_refresh('shop', '2026-02-02');
SELECT * FROM asked() WHERE what IN ('customers', 'true', 'segment("large")', 'views', 'spend >= 200', 'not size = small');
UPDATE member SET "电 话 ""1""" = NULL WHERE card = 'C3';
CALL portrait_refresh('shop', '2026-02-03');
SELECT old_customer - ((1 << 20) - 1) AS old, new_customer - ((1 << 20) - 1) AS new, why FROM shop.customer_merge ORDER BY generation, 1, 2;
SELECT * FROM asked() WHERE what IN ('customers', 'true', 'segment("large")', 'views', 'spend >= 200', 'not size = small');
-- the last numbers
UPDATE shop.state SET next_customer = 9223372036854775806;
INSERT INTO member VALUES ('C8', NULL, NULL, '2026-01-08');
CALL portrait_refresh('shop', '2026-02-04');
SELECT portrait_find('shop', 'card', 'C8'), portrait_count('shop', 'true'), portrait_card('shop', 9223372036854775806) ->> 'population' AS card;
INSERT INTO member VALUES ('C9', NULL, NULL, '2026-01-09'), ('C10', NULL, NULL, '2026-01-09'), ('C11', NULL, NULL, '2026-01-09');
CALL portrait_refresh('shop', '2026-02-05');
SELECT portrait_count('shop', 'true');
SELECT portrait_drop('shop');

-- ---- arguments that are NULL, or nothing ----
--
-- No function that takes a portrait stumbles: it gives nothing, or an error of its own words.

SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'm', 'identity', 'SELECT card, "电 话 ""1""" AS phone, registered AS observed_at FROM member');
SELECT portrait_tag('shop', 'odd', 'SELECT customer, customer % 2 = 1 AS value FROM w_customer');
SELECT portrait_segment('shop', 'odds', 'odd');
CALL portrait_refresh('shop', '2026-02-01');
CREATE TABLE asked_null AS
SELECT p.proname, format('SELECT * FROM %s.%I(%s)', n.nspname, p.proname, (
		SELECT string_agg(CASE WHEN a.n = z.n OR z.n = 0 AND a.name <> 'schema' THEN 'NULL' ELSE coalesce(v.value, CASE a.type WHEN 'bigint' THEN '1' WHEN 'integer' THEN '1' WHEN 'boolean' THEN 'true' WHEN 'text[]' THEN '''{odds}''' WHEN 'jsonb' THEN 'NULL' WHEN 'interval' THEN '''1 day''' ELSE '''x''' END) END || '::' || a.type, ', ' ORDER BY a.n)
		FROM (SELECT p.proargnames[n] AS name, format_type(a, NULL) AS type, n FROM unnest(p.proargtypes) WITH ORDINALITY AS a(a, n)) AS a
		LEFT JOIN LATERAL (VALUES ('schema', '''shop'''), ('rule', '''true'''), ('target', '''true'''), ('base', '''true'''), ('tag', '''odd'''), ('path', '''odd'''), ('identifier_type', '''card'''), ('value', '''C1'''), ('channel', 'NULL'),
			('scope', 'NULL'), ('identifiers', 'NULL'), ('leave_out', 'NULL'), ('scheme', 'NULL'), ('customer', '1'), ('lang', '''en'''), ('name', '''odds'''), ('kind', '''identity'''), ('query', CASE WHEN p.proname LIKE '%source' THEN '''SELECT ''''1'''' AS card''' ELSE '''SELECT 1 AS customer, 1 AS value''' END), ('rules', 'NULL'), ('role', 'current_user'), ('as_what', '''analyst'''),
			('code', '''odd'''), ('language', '''en'''), ('time_zone', '''UTC'''), ('day_start', '''00:00''')) AS v(name, value) ON v.name = a.name)) AS command
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace, generate_series(0, p.pronargs) AS z(n)
WHERE (n.nspname = 'shop' OR n.nspname = 'public' AND p.proname IN ('portrait_count', 'portrait_members', 'portrait_explain', 'portrait_find', 'portrait_card', 'portrait_card_text', 'portrait_why', 'portrait_profile', 'portrait_overlap',
	'portrait_partition', 'portrait_audience', 'portrait_reach', 'portrait_source', 'portrait_source_drop', 'portrait_tag', 'portrait_tag_drop', 'portrait_segment', 'portrait_segment_drop', 'portrait_label', 'portrait_grant',
	'portrait_retail_tags', 'portrait_create', 'portrait_drop', 'portrait_segment_rule')) AND (z.n > 0 OR p.pronargs > 1)
ORDER BY n.nspname, p.proname, p.oid::regprocedure::text, z.n;
BEGIN;
CREATE TABLE answered AS SELECT proname, command, tried(command) AS answer FROM asked_null;
SELECT count(*) > 80 AS asked FROM answered;
SELECT proname, command, answer FROM answered WHERE answer ~ '^(XX|42601|42883|42703|42P|22004 (query string|null values))' OR answer ~ 'does not exist' AND answer !~ '(NULL|"x"|''x''|\yx\y) does not exist';
SELECT DISTINCT answer FROM answered WHERE answer ~ '^[0-9A-Z]{5} ' ORDER BY answer;
ROLLBACK;
SELECT portrait_drop('shop');

SET client_min_messages = error;
DROP SCHEMA raw CASCADE;
