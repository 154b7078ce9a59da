--
-- The managed portrait up to the summaries: sources, who is who, lasting numbers,
-- orders netted.  What is expected stands beside what is asked.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
SET search_path = raw, public;

-- ---- a portrait is made where nothing is ----

SELECT portrait_create('客户 画像', 'Asia/Nowhere');
SELECT portrait_create('客户 画像', NULL);
SELECT portrait_create('客户 画像', 'Asia/Shanghai', '24:00');
SELECT portrait_create(NULL, 'Asia/Shanghai');
SELECT portrait_create('raw', 'Asia/Shanghai');	-- empty: may be one, and is dropped again
SELECT portrait_drop('raw');
SELECT portrait_create('public', 'Asia/Shanghai');
SELECT portrait_create('客户 画像', 'asia/shanghai');
SELECT portrait_create('客户 画像', 'Asia/Shanghai');
SELECT time_zone, day_start, generation, next_customer FROM "客户 画像".state;
SELECT portrait_drop('nowhere');
SELECT portrait_drop('public');
SELECT portrait_find('public', 'phone', '1');
-- everything is described
SELECT relname FROM pg_class
WHERE relnamespace = '"客户 画像"'::regnamespace AND relkind IN ('r', 'p', 'v') AND obj_description(oid, 'pg_class') IS NULL;

-- ---- sources are a contract ----

CREATE SCHEMA raw;
CREATE TABLE member (system text, card text, phone text, account text, app text, openid text, registered timestamp);
CREATE TABLE purchase (card text, order_id text, paid_at timestamp, status text, paid numeric, quantity integer, product text, product_name text, refund_of text);
SELECT portrait_source('shop', 'm', 'identity', 'SELECT * FROM member');
-- where there is one of a kind; declared again it has another version
CREATE SCHEMA one_of_a_kind;
SELECT portrait_create('one_of_a_kind', 'UTC');
SELECT portrait_source('one_of_a_kind', 'identity', 'SELECT ''7''::text AS card, ''7''::text AS no'), portrait_source('one_of_a_kind', 'identity', 'SELECT ''7''::text AS phone');
SELECT portrait_source('one_of_a_kind', 'members', 'SELECT ''7''::text AS card');
SELECT portrait_source('one_of_a_kind', 'identity');
SELECT name, kind, query, identifiers, version FROM one_of_a_kind.source;
CALL portrait_refresh('one_of_a_kind');
SELECT portrait_drop('one_of_a_kind');
SELECT portrait_source('客户 画像', 'm', 'members', 'SELECT * FROM member');
SELECT portrait_source('客户 画像', 'm', NULL, 'SELECT * FROM member');
SELECT portrait_source('客户 画像', '', 'identity', 'SELECT * FROM member');
SELECT portrait_source('客户 画像', 'm', 'identity', NULL);
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT * FROM membre');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card FROM member; DROP TABLE member');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card FROM member) AS q; DROP TABLE member --');
SELECT portrait_source('客户 画像', 'm', 'identity', 'DELETE FROM member RETURNING card');
SELECT portrait_source('客户 画像', 'm', 'identity', 'WITH d AS (DELETE FROM member RETURNING card) SELECT * FROM d');
SELECT portrait_source('客户 画像', 'm', 'identity', '');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, phone AS card FROM member');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT registered AS observed_at FROM member');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, account FROM member');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, account FROM member', '{card,account@shop}');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, account FROM member', '{card,vip}');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, account FROM member', '{card,"a@b@c"}');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, registered FROM member', '{card,vip:registered}');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, system AS observed_at FROM member');
SELECT portrait_source('客户 画像', 'o', 'orders', 'SELECT card, order_id, paid FROM purchase');
SELECT portrait_source('客户 画像', 'o', 'orders', 'SELECT card, order_id, paid_at, paid::text FROM purchase');
SELECT portrait_source('客户 画像', 'o', 'orders', 'SELECT * FROM purchase', statuses => '{"shipped": "sent"}');
SELECT portrait_source('客户 画像', 'o', 'orders', 'SELECT * FROM purchase', statuses => '["shipped"]');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card FROM member', statuses => '{"shipped": "paid"}');
SELECT portrait_source('客户 画像', 'e', 'events', 'SELECT card, registered AS at FROM member');
SELECT count(*) FROM "客户 画像".source;
CALL portrait_refresh('客户 画像', '2026-01-01');
CALL portrait_refresh('客户 画像', NULL);
CALL portrait_refresh('客户 画像', 'infinity');
CALL portrait_refresh('raw', '2026-01-01');

-- ---- three member systems become one customer ----
--
-- Li: card C1 and account li share a phone, account li and openid o1 another
-- way of writing it.  Wang: card C2 only.  The visitor: a cookie, seen in events.

INSERT INTO member VALUES
	('store', 'C1', '13800138000', NULL, NULL, NULL, '2026-01-03'),
	('store', 'C2', NULL, NULL, NULL, NULL, '2026-01-02'),
	('mall', NULL, '+86 138-0013-8000', 'li', NULL, NULL, '2026-01-05'),
	('wechat', NULL, '０１３８００１３８０００', NULL, 'wx1', 'o1', '2026-01-06'),
	('wechat', NULL, 'unknown', NULL, 'wx2', 'o1', '2026-01-07'),	-- another app: another person
	('wechat', repeat('91', 1000), '13800138000', NULL, 'w:x', 'o1', '2026-01-07');	-- no scope can be that
CREATE TABLE visit (cookie text, at timestamptz, page text);
-- 23:30 in Shanghai, which is the day before in New York
INSERT INTO visit VALUES ('k1', '2026-01-04 15:30Z', '/tea'), ('k1', '2026-02-01 00:00+08', '/late'), (NULL, '2026-01-04 10:00Z', '/x');
SELECT portrait_source('客户 画像', 'store', 'identity', $$SELECT card, phone, registered AS observed_at FROM member WHERE system = 'store'$$);
SELECT portrait_source('客户 画像', 'mall', 'identity', $$SELECT account, phone, registered AS observed_at FROM member WHERE system = 'mall';$$, '{account@''mall'',phone}');
SELECT portrait_source('客户 画像', 'wechat', 'identity', $$SELECT openid AS who, app, phone, card, registered AS observed_at FROM member WHERE system = 'wechat' -- all$$, '{openid@app:who,phone,card}');
SELECT portrait_source('客户 画像', 'web', 'events', $$SELECT cookie, at, 'view' AS kind, page AS item FROM visit$$, '{cookie@''web''}');
SET TIME ZONE 'America/New_York';
SET search_path = '';
CALL public.portrait_refresh('客户 画像', '2026-02-01 00:00+08');
SET search_path = raw, public;
-- numbers by first observation: Wang, Li, the visitor, the other o1
SELECT customer, first_seen, population FROM "客户 画像".v_customer ORDER BY customer;
SELECT customer, identifier, first_seen, sources FROM "客户 画像".identifier ORDER BY customer, identifier;
SELECT portrait_find('客户 画像', 'phone', '138 0013 8000') AS li, portrait_find('客户 画像', 'openid', 'o1', 'wx1') AS li_too,
	portrait_find('客户 画像', 'card', 'C2') AS wang, portrait_find('客户 画像', 'card', 'C9') AS nobody;
-- store and mall share Li, as all do; whose the cookie is, nobody knows
SELECT * FROM "客户 画像".v_source_overlap ORDER BY source_a, source_b;
SELECT stage, subject, rows, outcome, message FROM "客户 画像".v_refresh_log ORDER BY stage, subject, outcome;
SELECT customer, kind, at, title, amount FROM "客户 画像".customer_recent;
SELECT * FROM "客户 画像".v_refresh_progress;
-- nothing is left but what the portrait keeps
SELECT relname FROM pg_class WHERE relnamespace = '"客户 画像"'::regnamespace AND relname LIKE 'w\_%';

-- ---- twice changes nothing ----

CREATE FUNCTION content() RETURNS TABLE (of name, hash text) LANGUAGE plpgsql AS $$
BEGIN
	FOR of IN SELECT portrait_result_tables() LOOP
		EXECUTE format('SELECT md5(string_agg(r, chr(10) ORDER BY r COLLATE "C")) FROM (SELECT (to_jsonb(t) - ''generation'')::text AS r
			FROM "客户 画像".%I AS t WHERE generation = (SELECT generation FROM "客户 画像".state)) AS x', of) INTO hash;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE TABLE before AS SELECT * FROM content();
RESET TIME ZONE;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SET DateStyle = 'German';
SET IntervalStyle = 'sql_standard';
SET extra_float_digits = 0;
SET default_transaction_isolation = 'serializable';
CALL portrait_refresh('客户 画像', '2026-01-31 16:00Z');
RESET ALL;
SET client_min_messages = warning;
SET search_path = raw, public;
SELECT * FROM content() EXCEPT SELECT * FROM before;
SELECT generation, as_of = '2026-01-31 16:00Z' AS as_of, next_customer FROM "客户 画像".state;
-- the generation before is still there, for those who read on; then it goes
SELECT DISTINCT generation FROM "客户 画像".customer ORDER BY 1;
CALL portrait_refresh('客户 画像', '2026-01-31 16:00Z');
SELECT DISTINCT generation FROM "客户 画像".customer ORDER BY 1;
SELECT count(*) FROM "客户 画像".customer_merge;

-- ---- numbers last ----
--
-- Li is 2, Wang 1, the visitor 3, the other o1 4.

-- new evidence joins Wang and Li: the older number, 1, stays
INSERT INTO member VALUES ('store', 'C2', '13800138000', NULL, NULL, NULL, '2026-01-08');
CALL portrait_refresh('客户 画像', '2026-02-01 00:00+08');
SELECT customer, array_agg(identifier ORDER BY identifier) FROM "客户 画像".identifier
WHERE generation = (SELECT generation FROM "客户 画像".state) GROUP BY customer ORDER BY customer;
SELECT old_customer, new_customer, why, generation, merged_at = '2026-01-31 16:00Z' AS at FROM "客户 画像".customer_merge;

-- it is withdrawn: C2 is the oldest identifier and keeps 1, the rest is new: 5, for 2 is gone
DELETE FROM member WHERE registered = '2026-01-08';
CALL portrait_refresh('客户 画像', '2026-02-01 00:00+08');
SELECT customer, array_agg(identifier ORDER BY identifier) FROM "客户 画像".identifier
WHERE generation = (SELECT generation FROM "客户 画像".state) GROUP BY customer ORDER BY customer;
SELECT old_customer, new_customer, why FROM "客户 画像".customer_merge ORDER BY generation;

-- the store leaves: C1 and C2 are nobody any more
SELECT portrait_source_drop('客户 画像', 'store'), portrait_source_drop('客户 画像', 'store');
CALL portrait_refresh('客户 画像', '2026-02-01 00:00+08');
SELECT customer, array_agg(identifier ORDER BY identifier) FROM "客户 画像".identifier
WHERE generation = (SELECT generation FROM "客户 画像".state) GROUP BY customer ORDER BY customer;

-- and comes back: C1 is found by the phone, C2 has its number 1 back; C0 is new, 6
INSERT INTO member VALUES ('store', 'C0', NULL, NULL, NULL, NULL, '2026-01-01');
SELECT portrait_source('客户 画像', 'store', 'identity', $$SELECT card, phone, registered AS observed_at FROM member WHERE system = 'store'$$);
CALL portrait_refresh('客户 画像', '2026-02-01 00:00+08');
SELECT customer, array_agg(identifier ORDER BY identifier) FROM "客户 画像".identifier
WHERE generation = (SELECT generation FROM "客户 画像".state) GROUP BY customer ORDER BY customer;

-- 5 falls into three: C1, the oldest, keeps it; the phone and the openid go to C2, which is
-- 1 already; the account is new, 7.  What moved is written down
UPDATE member SET phone = NULL WHERE card = 'C1' OR account = 'li';
UPDATE member SET phone = '13800138000' WHERE card = 'C2';
CALL portrait_refresh('客户 画像', '2026-02-01 00:00+08');
SELECT customer, array_agg(identifier ORDER BY identifier) FROM "客户 画像".identifier
WHERE generation = (SELECT generation FROM "客户 画像".state) GROUP BY customer ORDER BY customer;
SELECT old_customer, new_customer, why FROM "客户 画像".customer_merge
WHERE generation = (SELECT generation FROM "客户 画像".state) ORDER BY 1, 2;
SELECT next_customer FROM "客户 画像".state;

-- ---- a source that fails leaves the last good state ----

CREATE TABLE state_before AS SELECT generation, as_of, next_customer FROM "客户 画像".state;
SELECT portrait_source('客户 画像', 'broken', 'identity', $$SELECT card, registered + 1 / (length(card) - 2) * interval '1 day' AS observed_at FROM member$$);
CALL portrait_refresh('客户 画像', '2026-02-02 00:00+08');
SELECT s.* FROM state_before AS s JOIN "客户 画像".state USING (generation, as_of, next_customer);
SELECT stage, subject, outcome, message FROM "客户 画像".refresh_log ORDER BY id DESC LIMIT 1;
SELECT relname FROM pg_class WHERE relnamespace = '"客户 画像"'::regnamespace AND (relname LIKE 'w\_%' OR relname LIKE '%\_g10');
SELECT portrait_source_drop('客户 画像', 'broken');
BEGIN;
CALL portrait_refresh('客户 画像', '2026-02-02 00:00+08');
ROLLBACK;
DO $$ BEGIN CALL portrait_refresh('客户 画像', '2026-02-02 00:00+08'); EXCEPTION WHEN active_sql_transaction THEN RAISE WARNING 'caught: %', sqlerrm; END $$;
CREATE FUNCTION inside() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL portrait_refresh('客户 画像', '2026-02-02 00:00+08'); END $$;
SELECT inside();

-- a procedure of one's own may call it
CREATE PROCEDURE nightly() LANGUAGE plpgsql AS $$ BEGIN CALL portrait_refresh('客户 画像', '2026-02-02 00:00+08'); END $$;
CALL nightly();
SELECT as_of = '2026-02-01 16:00Z' AS refreshed FROM "客户 画像".state;

-- ---- orders ----

SELECT portrait_drop('客户 画像');
SELECT portrait_create('shop', 'Asia/Shanghai', '04:00');
INSERT INTO purchase VALUES
	-- C1: two teas and a pot, a tea taken back; 5 teas, all taken back by name
	('C1', 'A1', '2026-01-01 10:00', 'done', 20, 2, 'tea', 'Tea', NULL), ('C1', 'A1', '2026-01-01 10:00', 'done', 30, 1, 'pot', 'Pot', NULL),
	('C1', 'A2', '2026-01-05 10:00', 'done', 50, 5, 'tea', 'Green tea', NULL),
	('C1', 'R1', '2026-01-06 10:00', 'back', -50, -5, 'tea', NULL, NULL),		-- the latest before: A2
	('C1', 'R2', '2026-01-07 10:00', 'back', 10, 1, 'tea', NULL, NULL),			-- A2 is used up: A1
	('C1', 'A3', '2026-01-08 10:00', 'done', 40, 4, 'tea', 'Tea', NULL),
	('C1', 'R3', '2026-01-09 10:00', 'back', -30, -1, NULL, NULL, 'A1'),		-- names the order, not the thing
	-- C2: at half past three in the night, so on the business day before; unpaid and unknown ones
	('C2', 'B1', '2026-01-10 03:30', 'done', 99.90, 1, 'pot', 'Pot', NULL),
	('C2', 'B2', '2026-01-11 10:00', 'cancelled', 500, 1, 'pot', 'Pot', NULL),
	('C2', 'B3', NULL, 'done', 500, 1, 'pot', 'Pot', NULL),
	('C2', 'B4', '2026-01-12 10:00', 'lost', 500, 1, 'pot', 'Pot', NULL), ('C2', 'B5', '2026-01-12 10:00', NULL, 500, 1, 'pot', 'Pot', NULL),
	('C2', 'B6', '2026-02-01 00:00', 'done', 500, 1, 'pot', 'Pot', NULL),		-- as of then: not yet
	('C2', NULL, '2026-01-13 10:00', 'done', 500, 1, 'pot', 'Pot', NULL),
	('C2', 'B7', '2026-01-13 10:00', 'done', 'NaN', 1, 'pot', 'Pot', NULL),
	-- C3 took back what is not known, and more than he bought
	('C3', 'D1', '2026-01-10 10:00', 'done', 20, 2, 'tea', 'Tea', NULL), ('C3', 'D2', '2026-01-10 11:00', 'done', 7, 1, 'cup', 'Cup', NULL),
	('C3', 'R4', '2026-01-11 10:00', 'back', -30, -3, 'tea', NULL, NULL),		-- 2 of 3 were bought
	('C3', 'R5', '2026-01-11 10:00', 'back', -30, -1, 'pan', NULL, NULL),
	('C3', 'R6', '2026-01-10 11:00', 'back', -7, -1, 'cup', NULL, NULL),		-- not earlier than D2
	-- nobody: kept, and netted by name
	(NULL, 'N1', '2026-01-10 10:00', 'done', 8, 1, 'cup', 'Cup', NULL), (NULL, 'N2', '2026-01-10 10:00', 'done', 8, 1, 'cup', 'Cup', NULL),
	(NULL, 'R7', '2026-01-11 10:00', 'back', -8, -1, 'cup', NULL, 'N1'), (NULL, 'R8', '2026-01-11 10:00', 'back', -8, -1, 'cup', NULL, NULL),
	-- C4 was given something
	('C4', 'F1', '2026-01-10 10:00', 'done', 0, 1, 'cup', 'Cup', NULL);
SELECT portrait_source('shop', 'till', 'orders', 'SELECT *, 12.5 AS list_price FROM purchase', statuses => '{"done": "paid", "back": "refund"}');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
-- C1: A1, a tea of 10 left; A2 is none; A3.  C2: B1.  C3: D2
SELECT i.identifier, c.population, c.first_order, c.last_order, c.orders, c.spend, rfm_first(v.summary) AS business_time,
	price_sensitivity_index(v.sensitivity) IS NOT NULL AS priced
FROM shop.v_customer AS c JOIN shop.identifier AS i USING (customer) LEFT JOIN shop.customer_value AS v USING (customer)
ORDER BY identifier;
SELECT identifier, at, title, amount FROM shop.customer_recent JOIN shop.identifier USING (generation, customer) ORDER BY 1;
SELECT stage, subject, rows, message, detail FROM shop.refresh_log WHERE outcome = 'warning' ORDER BY message;

-- refunds of money only, where nothing tells pieces; from a table of their own
CREATE TABLE payback AS SELECT card, 'P' || order_id AS order_id, paid_at + interval '1 day' AS paid_at, 15 AS paid, order_id AS refund_of
FROM purchase WHERE order_id IN ('A3', 'D2');
SELECT portrait_source('shop', 'till', 'orders', $$SELECT card, order_id, paid_at, paid FROM purchase WHERE order_id IN ('A3', 'D2', 'B1')$$);
SELECT portrait_source('shop', 'paybacks', 'orders', 'SELECT * FROM payback');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
SELECT identifier, orders, spend FROM shop.v_customer JOIN shop.identifier USING (customer)
WHERE generation = (SELECT generation FROM shop.state) ORDER BY 1;
SELECT subject, rows, message, detail FROM shop.refresh_log
WHERE outcome = 'warning' AND generation = (SELECT generation FROM shop.state) ORDER BY message;

-- ---- consent: the latest word of each channel ----

CREATE TABLE said (phone text, channel text, allowed boolean, at timestamptz);
INSERT INTO said VALUES ('13800138000', 'sms', true, '2026-01-01'), ('13800138000', 'sms', false, '2026-01-02'),
	('13800138000', 'sms', true, '2026-03-01'), ('13800138000', 'email', true, '2026-01-01'), ('13800138000', 'email', false, '2026-01-01'),
	('13800138000', 'call', true, NULL), ('unknown', 'sms', true, '2026-01-01');
SELECT portrait_source('shop', 'said', 'consent', 'SELECT * FROM said');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
SELECT channel, allowed FROM shop.consent JOIN shop.identifier USING (generation, customer) WHERE identifier LIKE 'phone%' ORDER BY 1;
SELECT subject, rows, message FROM shop.refresh_log
WHERE outcome = 'warning' AND stage = 'consent' AND generation = (SELECT generation FROM shop.state);

-- ---- what else is in the schema, or uses it, is not dropped ----

CREATE TABLE shop.mine (a int);
SELECT portrait_drop('shop');
DROP TABLE shop.mine;
CREATE VIEW mine AS SELECT customer FROM shop.v_customer;
SELECT portrait_drop('shop');
DROP VIEW mine;
CREATE ROLE regress_portrait_other;
GRANT USAGE ON SCHEMA shop, raw TO regress_portrait_other;
SET ROLE regress_portrait_other;
SELECT portrait_drop('shop');
SELECT portrait_source('shop', 'x', 'identity', 'SELECT ''1'' AS card');
CALL portrait_refresh('shop', '2026-02-01');
SELECT portrait_find('shop', 'card', 'C1');
RESET ROLE;
DROP OWNED BY regress_portrait_other;
DROP ROLE regress_portrait_other;

-- ---- queries run with their owner's rights, and with no function that the caller's path brings in ----

CREATE SCHEMA trap;
CREATE FUNCTION trap.spring() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE 'sprung'; END $$;
CREATE FUNCTION trap.cardinality(text[]) RETURNS integer LANGUAGE sql AS 'SELECT trap.spring()';
CREATE FUNCTION trap.isfinite(timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring() = 1';
CREATE FUNCTION trap.format(text, name, text) RETURNS text LANGUAGE sql AS 'SELECT trap.spring()::text';
CREATE FUNCTION trap.concat_ws(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT trap.spring()::text';
SET search_path = trap, pg_catalog, raw, public;
SELECT trap.cardinality('{}'::text[]);
CALL portrait_refresh('shop', '2026-02-02');
ALTER TABLE raw.said RENAME TO unsaid;
CALL portrait_refresh('shop', '2026-02-02');
SET search_path = raw, public;
DROP SCHEMA trap CASCADE;
CREATE ROLE regress_portrait_owner;
ALTER TABLE shop.state OWNER TO regress_portrait_owner;
CALL portrait_refresh('shop', '2026-02-03');	-- not even a superuser
ALTER TABLE shop.state OWNER TO CURRENT_USER;
DROP ROLE regress_portrait_owner;
SELECT portrait_drop('shop');

DROP SCHEMA raw CASCADE;
RESET search_path;
