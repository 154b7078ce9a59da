--
-- One customer: the card, who may see what of it, and why a tag is there.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
SET search_path = raw, public;
\pset null -

-- ---- columns of a screen ----

SELECT format('[%s]', portrait_fit(v, n)) FROM (VALUES ('tea', 5), ('tea', -5), ('tea', 3), ('teapot', 5), ('茶壶', 6), ('茶壶', 4), ('茶壶套装', 5), ('茶壶套装', 4), ('茶', 1), ('tea', 0), ('', 2), (E'a\tb\n', 6), ('é́', 3)) AS x(v, n);
SELECT portrait_fit('x', 10001);
SELECT portrait_mask(i), i FROM unnest(ARRAY[identifier('phone', '13800138000'), identifier('phone', '021-62345678'), identifier('email', 'li.wei@example.com'), identifier('card', 'C2'),
	identifier('card', 'C-100234'), identifier('openid', 'oXy1234567890', 'wx1'), identifier('account', 'wang', 'mall'), identifier('account', '李', 'mall')]) AS i;
SELECT lang, (SELECT string_agg(value, ' ' ORDER BY key) FROM jsonb_each_text(portrait_card_words(lang))) FROM unnest('{en,zh,fr}'::text[]) AS lang;

-- ---- a shop with three people ----

CREATE TABLE member (card text, phone text, email text, registered timestamp, gender text, city text);
INSERT INTO member VALUES ('C-100234', '13800138000', 'li.wei@example.com', '2026-01-03 10:00', 'f', '上海'), ('C2', NULL, NULL, '2026-01-02', 'm', NULL), ('C3', NULL, NULL, '2026-02-03', NULL, NULL);
CREATE TABLE purchase (card text, order_id text, paid_at timestamp, paid numeric, product_name text);
INSERT INTO purchase SELECT 'C-100234', 'A' || i, timestamp '2026-01-10 12:00' + i * interval '1 day', 10.5 * i, CASE i WHEN 7 THEN '龙井茶 Longjing green tea in a tin that has a very long name' ELSE 'Tea ' || i END FROM generate_series(1, 7) AS i;
INSERT INTO purchase VALUES ('C2', 'B1', '2026-02-01 09:00', 5, 'Cup');
CREATE TABLE visit (card text, at timestamp, kind text, item text);
INSERT INTO visit VALUES ('C-100234', '2026-02-20 08:00', 'view', 'pot'), ('C-100234', '2026-02-21 08:00', 'cart', 'pot'), ('C3', '2026-02-21 08:00', 'view', NULL);
SELECT portrait_create('客户 1', 'Asia/Shanghai');
SELECT portrait_source('客户 1', 'store', 'identity', 'SELECT card, phone, email, registered AS observed_at FROM member');
SELECT portrait_source('客户 1', 'till', 'orders', 'SELECT * FROM purchase');
SELECT portrait_source('客户 1', 'web', 'events', 'SELECT * FROM visit');
SELECT portrait_tag('客户 1', 'gender', query => 'SELECT i.customer, m.gender AS value FROM w_identifier AS i JOIN member AS m ON i.identifier = identifier(''card'', m.card)', title => 'Gender'),
	portrait_tag('客户 1', 'city', query => 'SELECT i.customer, m.city AS value, ''store'' AS source, registered AS set_at FROM w_identifier AS i JOIN member AS m ON i.identifier = identifier(''card'', m.card)'),
	portrait_tag('客户 1', 'spend', query => 'SELECT customer, spend AS value FROM w_value'),
	portrait_tag('客户 1', 'newsletter', query => 'SELECT customer, customer = 2 AS value FROM w_customer'),
	portrait_tag('客户 1', 'likes', query => $$SELECT customer, title AS value, paid / 100 AS weight, paid_at AS set_at FROM w_order WHERE title IN ('Tea 5', 'Tea 6')$$, multiple => true),
	portrait_tag('客户 1', 'tier', rules => ARRAY[['gold', 'spend >= 1000 and newsletter'], ['silver', 'spend >= 100 or gender = x'], ['none', 'true']], title => 'Tier'),
	portrait_tag('客户 1', 'hints', rules => ARRAY[['woman', 'gender = f'], ['rich', 'spend > 5000']], multiple => true);
SELECT portrait_segment('客户 1', 'women', 'gender = f', 'Women of the shop'), portrait_segment('客户 1', 'active', 'spend is known');
SELECT portrait_label('客户 1', 'gender=f', 'en', 'Woman'), portrait_label('客户 1', 'gender=f', 'zh', '女'), portrait_label('客户 1', 'gender', 'zh', '性别'),
	portrait_label('客户 1', 'tier=silver', 'zh', '银卡会员');
SELECT portrait_card('客户 1', 1);
SET TIME ZONE 'America/New_York';
SET datestyle = 'SQL, MDY';
CALL portrait_refresh('客户 1', '2026-02-25 00:00+08');
CALL portrait_refresh('客户 1', '2026-03-01 00:00+08');

SELECT portrait_find('客户 1', 'card', 'C-100234') AS li;
SELECT portrait_card_text('客户 1', 2);
SELECT portrait_card_text('客户 1', 2, lang => 'zh', masked => true);
SELECT portrait_card_text('客户 1', 1);
SELECT portrait_card_text('客户 1', 3);
SELECT count(*) FROM portrait_card_text('客户 1', 99);
SELECT portrait_card('客户 1', 99) IS NULL AS nobody, portrait_card('客户 1', NULL) IS NULL AS none;
SELECT jsonb_pretty(portrait_card('客户 1', 2));
-- the same whatever the session's settings, and in no line more than 80 columns
SELECT portrait_card('客户 1', 2) AS card \gset
SET TIME ZONE 'Asia/Tokyo';
SET datestyle = 'ISO';
SELECT portrait_card('客户 1', 2) = :'card'::jsonb AS same;
SELECT count(*) AS lines FROM generate_series(1, 3) AS c, unnest('{en,zh}'::text[]) AS lang, portrait_card_text('客户 1', c, lang) AS line
WHERE octet_length(portrait_fit(line, 80)) < octet_length(line) OR portrait_fit(line, 80) LIKE '%..';
-- what the view tells
SELECT count(*) AS differences FROM (
	SELECT c.customer, t.tag, t.value, t.weight, t.set_at FROM "客户 1".v_customer AS c, portrait_customer_tags('客户 1', c.customer) AS t
	EXCEPT SELECT customer, tag, value, weight, set_at FROM "客户 1".v_customer_tag) AS d;
SELECT (SELECT count(*) FROM "客户 1".v_customer_tag) - (SELECT count(*) FROM "客户 1".v_customer AS c, portrait_customer_tags('客户 1', c.customer)) AS missing;

-- ---- why ----

SELECT value, given_by, version, holds, leaf, actual, leaf_holds, decisive FROM portrait_why('客户 1', 2, 'tier');
SELECT value, given_by, holds, leaf, actual, leaf_holds, decisive FROM portrait_why('客户 1', 3, 'tier');
SELECT value, holds, leaf, actual FROM portrait_why('客户 1', 2, 'hints');
SELECT value, given_by, version, source, set_at AT TIME ZONE 'Asia/Shanghai' AS set_at FROM portrait_why('客户 1', 2, 'city');
SELECT value, actual, set_at AT TIME ZONE 'Asia/Shanghai' AS set_at FROM portrait_why('客户 1', 2, 'likes');
SELECT * FROM portrait_why('客户 1', 3, 'city');
SELECT * FROM portrait_why('客户 1', 99, 'city');
SELECT * FROM portrait_why('客户 1', 2, 'tire');
-- the value that the rules give is the one that is stored
SELECT count(*) AS customers, count(*) FILTER (WHERE w.value IS DISTINCT FROM t.value) AS different
FROM "客户 1".v_customer AS c LEFT JOIN "客户 1".v_customer_tag AS t ON t.customer = c.customer AND t.tag = 'tier',
	LATERAL (SELECT max(value) AS value FROM portrait_why('客户 1', c.customer, 'tier') WHERE holds) AS w;

-- ---- a number that was joined is the survivor's ----

INSERT INTO member VALUES ('C3', '13800138000', NULL, '2026-02-28', NULL, NULL);
CALL portrait_refresh('客户 1', '2026-03-02 00:00+08');
SELECT c -> 'customer' AS customer, c -> 'was' AS was FROM portrait_card('客户 1', 3) AS c;
SELECT portrait_card_text('客户 1', 3) LIMIT 2;
SELECT DISTINCT value FROM portrait_why('客户 1', 3, 'tier') WHERE holds;

-- ---- who may see what ----

CREATE ROLE regress_portrait_service;
CREATE ROLE regress_portrait_reader;
GRANT USAGE ON SCHEMA "客户 1" TO regress_portrait_service, regress_portrait_reader;
-- nothing is anybody's
SET ROLE regress_portrait_service;
SELECT "客户 1".card(2);
SELECT "客户 1".card_text(2);
SELECT "客户 1".find('card', 'C2');
SELECT portrait_card('客户 1', 2);
SELECT portrait_why('客户 1', 2, 'tier');
SELECT portrait_count('客户 1', 'tier = gold');
SELECT portrait_profile('客户 1', 'tier = gold');
RESET ROLE;
GRANT EXECUTE ON FUNCTION "客户 1".find(text, text, text), "客户 1".card(bigint, text), "客户 1".card_text(bigint, text) TO regress_portrait_service;
SELECT session_user AS me \gset
-- the session is another's
SET SESSION AUTHORIZATION regress_portrait_service;
SET search_path = '';
SELECT "客户 1".find('phone', '138 0013 8000');
SELECT "客户 1".card_text(2);
SELECT i FROM pg_catalog.jsonb_array_elements("客户 1".card(2, 'zh') -> 'identifiers') AS i;
SELECT public.portrait_card('客户 1', 2);
SELECT * FROM "客户 1".identifier;
RESET SESSION AUTHORIZATION;
SET search_path = raw, public;
-- in an owner's session they are shown
SELECT i ->> 'value' AS value FROM jsonb_array_elements("客户 1".card(2) -> 'identifiers') AS i;
-- who may read all but identifiers sees none by the function of his own rights
GRANT SELECT ON ALL TABLES IN SCHEMA "客户 1" TO regress_portrait_reader;
REVOKE SELECT ON "客户 1".identifier FROM regress_portrait_reader;
SET ROLE regress_portrait_reader;
SELECT portrait_card('客户 1', 2) ? 'identifiers' AS shown, portrait_count('客户 1', 'tier = silver'), (SELECT count(*) FROM portrait_profile('客户 1', 'newsletter', minimum => 1)) AS profile;
RESET ROLE;
-- a portrait may be renamed, and trap what is in its path
ALTER SCHEMA "客户 1" RENAME TO shop;
SET search_path = shop, raw;
CREATE FUNCTION shop.identifier_type(text) RETURNS text LANGUAGE sql RETURN 'trap';
SELECT shop.find('card', 'C2'), shop.card(1) ->> 'customer' AS customer, (shop.card(1) -> 'identifiers' -> 0) ->> 'type' AS type;
DROP FUNCTION shop.identifier_type(text);
SET search_path = public;
-- what else is there is described
SELECT p.oid::regprocedure FROM pg_proc AS p WHERE pronamespace = 'shop'::regnamespace AND (obj_description(oid, 'pg_proc') IS NULL OR proconfig IS DISTINCT FROM '{"search_path=pg_catalog, pg_temp"}' OR proacl::text ~ '[{,]=');
DROP OWNED BY regress_portrait_service, regress_portrait_reader;
DROP ROLE regress_portrait_service, regress_portrait_reader;
SELECT portrait_drop('shop');
DROP SCHEMA raw CASCADE;
