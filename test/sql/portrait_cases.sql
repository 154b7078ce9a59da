--
-- Worked cases, with the rows that are expected written by hand beside them.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
SET search_path = raw, public;

-- ---- viewed, not bought, not in the cart, now on sale ----
--
-- tea is on sale until the 10th and pot until the 20th, cup is not, the sale of kettles is over

CREATE TABLE sale (product text, since timestamp, until timestamp);
INSERT INTO sale VALUES ('tea', '2026-03-01', '2026-03-10'), ('pot', '2026-03-01', '2026-03-20'), ('kettle', '2026-02-01', '2026-03-01');
CREATE TABLE member (card text, phone text, registered timestamp);
INSERT INTO member SELECT 'C' || i, CASE WHEN i <> 5 THEN '138001380' || lpad(i::text, 2, '0') END, timestamp '2026-01-01' + i * interval '1 day' FROM generate_series(1, 10) AS i;
CREATE TABLE visit (card text, cookie text, at timestamp, kind text, item text);
CREATE TABLE purchase (card text, order_id text, paid_at timestamp, status text, paid numeric, product text, refund_of text);
CREATE TABLE said (card text, channel text, allowed boolean, at timestamp);

INSERT INTO visit VALUES
	('C1', NULL, '2026-03-01', 'view', 'tea'),										-- 1: tea
	('C2', NULL, '2026-03-01', 'view', 'tea'), ('C2', NULL, '2026-03-01', 'view', 'pot'),	-- 2: tea; pot is bought
	('C3', NULL, '2026-03-01', 'view', 'tea'),										-- 3: bought
	('C4', NULL, '2026-03-01', 'view', 'tea'), ('C4', NULL, '2026-03-02', 'cart', 'tea'),	-- 4: in the cart
	('C5', NULL, '2026-03-01', 'view', 'tea'), ('C5', NULL, '2026-03-02', 'cart', 'tea'),	-- 5: tea, out of the cart again
	('C5', NULL, '2026-03-03', 'uncart', 'tea'),
	('C6', NULL, '2026-03-01', 'view', 'cup'), ('C6', NULL, '2026-03-01', 'view', 'kettle'),	-- 6: not on sale
	('C8', NULL, '2026-03-01', 'view', 'tea'), ('C8', NULL, '2026-03-01', 'view', 'pot'),	-- 8: both; the tea was given back
	('C9', NULL, '2026-03-05', 'view', 'tea'),										-- 9: not yet, as of the 5th
	('C10', NULL, '2026-02-01', 'view', 'pot'), ('C10', NULL, '2026-03-02', 'view', 'pot'),	-- 10: pot, once
	(NULL, 'k1', '2026-03-03', 'view', 'pot');										-- 11: pot, a visitor
INSERT INTO purchase VALUES
	('C2', 'A1', '2026-03-02', 'paid', 50, 'pot', NULL), ('C3', 'A2', '2026-03-02', 'paid', 20, 'tea', NULL),
	('C7', 'A3', '2026-03-02', 'paid', 20, 'tea', NULL),							-- 7: bought, never looked
	('C8', 'A4', '2026-03-02', 'paid', 20, 'tea', NULL), ('C8', 'A5', '2026-03-04', 'refund', 20, 'tea', 'A4'),
	('C1', 'A6', '2026-03-02', 'unpaid', 20, 'tea', NULL);							-- was never paid
INSERT INTO said VALUES ('C2', 'sms', false, '2026-02-01'), ('C8', 'email', false, '2026-02-01');

SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'members', 'identity', 'SELECT card, phone, registered AS observed_at FROM member'),
	portrait_source('shop', 'web', 'events', 'SELECT card, cookie, at, kind, item FROM visit', '{card,cookie@''web''}'),
	portrait_source('shop', 'till', 'orders', 'SELECT * FROM purchase'),
	portrait_source('shop', 'said', 'consent', 'SELECT * FROM said');
SELECT portrait_tag('shop', 'missed', multiple => true, title => 'Viewed, not bought, not in the cart, on sale', query => $$
	SELECT DISTINCT v.customer, v.item AS value
	FROM w_run AS r JOIN sale AS s ON s.since <= r.local_as_of AND r.local_as_of < s.until
	JOIN w_event AS v ON v.kind = 'view' AND v.item = s.product
	WHERE NOT EXISTS (SELECT FROM w_line AS l WHERE l.customer = v.customer AND l.product = v.item)
	AND (SELECT e.kind FROM w_event AS e WHERE e.customer = v.customer AND e.item = v.item AND e.kind IN ('cart', 'uncart')
		ORDER BY e.at DESC LIMIT 1) IS DISTINCT FROM 'cart' $$);
SELECT portrait_segment('shop', 'tea_missed', 'missed = tea');
CALL portrait_refresh('shop', '2026-03-05 00:00+08');
SELECT subject, outcome, message FROM shop.refresh_log WHERE outcome <> 'done';

-- the rows: 1 tea, 2 tea, 5 tea, 8 pot, 8 tea, 10 pot, 11 pot
SELECT customer, value AS product FROM shop.v_customer_tag WHERE tag = 'missed' ORDER BY customer, value;
-- bought something else, and is told of all the same: 2
SELECT v.customer, v.value AS product, c.spend FROM shop.v_customer_tag AS v JOIN shop.v_customer AS c USING (customer) WHERE tag = 'missed' AND orders > 0;
SELECT population, string_agg(customer::text, ' ' ORDER BY customer) FROM shop.v_customer GROUP BY population ORDER BY population;	-- bought: 2 3 7; k1 is a visitor

-- ---- whom to tell: without those who opted out ----

-- tea: 1, 2, 5, 8; of 5 no phone is known, 2 does not want sms
SELECT * FROM portrait_audience('shop', 'segment("tea_missed")', 'phone', channel => 'sms');
-- by e-mail 8 opted out; without a channel both did
SELECT customer FROM portrait_audience('shop', 'missed = tea', 'phone', channel => 'email');
SELECT customer FROM portrait_audience('shop', 'missed = tea', 'phone');
-- phone 3 of 4 customers, 2 of them by sms; card all 4
SELECT * FROM portrait_reach('shop', 'missed = tea', 'sms');
-- a rule as a value
SELECT * FROM portrait_audience('shop', 'segment("tea_missed")'::tagquery, 'phone', channel => 'sms');
SELECT * FROM portrait_reach('shop', 'missed = tea'::tagquery, 'sms');
SELECT rule, identifier_type, channel, customers, identifiers, opted_out FROM shop.audience_log ORDER BY id;

-- ---- and later ----
--
-- On the 6th 9 has viewed tea, 1 has bought it, and 2 has changed his mind on sms
INSERT INTO purchase VALUES ('C1', 'A7', '2026-03-05 12:00', 'paid', 20, 'tea', NULL);
INSERT INTO said VALUES ('C2', 'sms', true, '2026-03-05 12:00');
CALL portrait_refresh('shop', '2026-03-06 00:00+08');
SELECT customer FROM portrait_audience('shop', 'missed = tea', 'phone', channel => 'sms');	-- 2, 8, 9
SELECT members, entered, departed FROM shop.segment_member WHERE generation = (SELECT generation FROM shop.state);
-- on the 10th the sale of tea is over: 8, 10 and 11, pot
CALL portrait_refresh('shop', '2026-03-10 00:00+08');
SELECT customer, value AS product FROM shop.v_customer_tag WHERE tag = 'missed' ORDER BY customer, value;
SELECT time AT TIME ZONE 'Asia/Shanghai' AS time, metric, value FROM shop.v_segment_history ORDER BY time, metric;

SELECT portrait_drop('shop');

-- ---- three member systems become one customer ----
--
-- Li has a card of the store, an account of the mall and, in two apps, an openid; store and mall
-- share his phone, the apps his unionid, one of them his phone.  Wang has a card and an account,
-- and nothing that tells so.  Zhao is in one app only.

CREATE TABLE store_member (card text, phone text, registered timestamp);
INSERT INTO store_member VALUES ('S1', '13800138001', '2026-01-02'), ('S2', NULL, '2026-01-01');
CREATE TABLE mall_member (account text, phone text, email text, registered timestamp);
INSERT INTO mall_member VALUES ('li', '+86 138-0013-8001', 'li@x.com', '2026-01-03'), ('wang', '13800138002', NULL, '2026-01-04');
CREATE TABLE app_member (app text, openid text, unionid text, mobile text, registered timestamp);
INSERT INTO app_member VALUES ('wx1', 'o1', 'u1', NULL, '2026-01-05'), ('wx2', 'o9', 'u1', '138 0013 8001', '2026-01-06'), ('wx1', 'o9', 'u3', NULL, '2026-01-07');
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'store', 'identity', 'SELECT *, registered AS observed_at FROM store_member', '{card,phone}'),
	portrait_source('shop', 'mall', 'identity', 'SELECT *, registered AS observed_at FROM mall_member', '{account@''mall'',phone,email}'),
	portrait_source('shop', 'apps', 'identity', 'SELECT *, registered AS observed_at FROM app_member', '{openid@app,unionid,phone:mobile}');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
-- 1: S2; 2: li, o1, o9 of wx2, S1 and what they share; 3: wang; 4: o9 of wx1
SELECT customer, string_agg(identifier, ' ' ORDER BY identifier) AS identifiers FROM shop.identifier GROUP BY customer ORDER BY customer;
SELECT customer, first_seen FROM shop.v_customer ORDER BY customer;		-- the 1st, 2nd, 4th, 7th
-- Li, of two each
SELECT source_a, source_b, customers_a, customers_b, shared FROM shop.v_source_overlap ORDER BY 1, 2;
SELECT portrait_find('shop', 'card', 'S1') AS "2", portrait_find('shop', 'account', 'LI', 'mall') AS "none", portrait_find('shop', 'account', 'li', 'mall') AS "2",
	portrait_find('shop', 'openid', 'o9', 'wx2') AS "2", portrait_find('shop', 'openid', 'o9', 'wx1') AS "4";
SELECT portrait_drop('shop');

-- ---- two genders from two sources, under each policy ----
--
-- a comes before b.  1: a says m on the 3rd, b says f on the 1st and 5th.  2: b alone says m.
-- 3: both on the 4th, a says f, b says m.  4: a says m, b says f and m, all without a time.

CREATE TABLE gender (system text, card text, value text, at timestamp);
INSERT INTO gender VALUES ('a', 'C1', 'm', '2026-01-03'), ('b', 'C1', 'f', '2026-01-01'), ('b', 'C1', 'f', '2026-01-05'), ('b', 'C2', 'm', '2026-01-02'),
	('a', 'C3', 'f', '2026-01-04'), ('b', 'C3', 'm', '2026-01-04'), ('a', 'C4', 'm', NULL), ('b', 'C4', 'f', NULL), ('b', 'C4', 'm', NULL);
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'members', 'identity', 'SELECT card, registered AS observed_at FROM member'),
	portrait_source('shop', 'a', 'attributes', $$SELECT card, 'gender' AS name, value, at AS observed_at FROM gender WHERE system = 'a'$$),
	portrait_source('shop', 'b', 'attributes', $$SELECT card, 'gender' AS name, value, at AS observed_at FROM gender WHERE system = 'b'$$);
SELECT portrait_tag('shop', policy, $$SELECT customer, value, source, observed_at FROM w_attribute WHERE name = 'gender'$$, conflict => policy)
FROM unnest('{source,latest,earliest,most_frequent,max,all}'::text[]) AS policy;
SELECT portrait_tag('shop', 'b_first', $$SELECT customer, value, source, observed_at FROM w_attribute WHERE name = 'gender'$$, conflict => 'source', sources => '{b,a}');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
CREATE TABLE wanted (policy text, "1" text, "2" text, "3" text, "4" text);
INSERT INTO wanted VALUES
	('source', 'm', 'm', 'f', 'm'),
	('b_first', 'f', 'm', 'm', 'f'),			-- 4: of two words of b the first by bytes
	('latest', 'f', 'm', 'f', 'm'),				-- 3 and 4: a comes first
	('earliest', 'f', 'm', 'f', 'm'),
	('most_frequent', 'f', 'm', 'f', 'm'),
	('max', 'm', 'm', 'm', 'm'),
	('all', 'f m', 'm', 'f m', 'f m');
SELECT * FROM wanted EXCEPT
SELECT tag, max(v) FILTER (WHERE customer = 1), max(v) FILTER (WHERE customer = 2), max(v) FILTER (WHERE customer = 3), max(v) FILTER (WHERE customer = 4)
FROM (SELECT tag, customer, string_agg(value, ' ' ORDER BY value) AS v FROM shop.v_customer_tag GROUP BY tag, customer) AS t GROUP BY tag;
SELECT count(*) AS "31: each of 4, and 1, 3 and 4 twice in all" FROM shop.v_customer_tag;
SELECT portrait_drop('shop');

-- ---- from active to dormant, and back; free users who never bought ----
--
-- 1 buys every ten days in January, is silent for months, and buys again on June 15.  2 buys every
-- ten days all along.  3 has a card only, 4 a free order, 5 a cookie.

TRUNCATE visit, purchase;
INSERT INTO purchase SELECT 'C1', 'P' || n, date '2026-01-01' + 10 * n, 'paid', 50, 'tea' FROM generate_series(0, 3) AS n;
INSERT INTO purchase SELECT 'C2', 'Q' || n, date '2026-01-01' + 10 * n, 'paid', 80, 'tea' FROM generate_series(0, 30) AS n;
INSERT INTO purchase VALUES ('C1', 'P9', '2026-06-15', 'paid', 50, 'tea'), ('C4', 'F1', '2026-01-05', 'paid', 0, 'sample');
INSERT INTO visit VALUES (NULL, 'k1', '2026-01-06', 'view', 'tea');
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'members', 'identity', $$SELECT card, registered AS observed_at FROM member WHERE card IN ('C1', 'C2', 'C3', 'C4')$$),
	portrait_source('shop', 'web', 'events', 'SELECT cookie, at, kind, item FROM visit', '{cookie@''web''}'),
	portrait_source('shop', 'till', 'orders', 'SELECT * FROM purchase');
SELECT portrait_retail_tags('shop');
SELECT portrait_segment('shop', 'sleeping', 'lifecycle.stage in (dormant, lost)'), portrait_segment('shop', 'back', 'lifecycle.stage = returning');
CREATE TABLE stage (as_of date, customer bigint, stage text);
CREATE FUNCTION write_down(day date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO stage SELECT day, customer, value FROM shop.v_customer_tag WHERE tag = 'lifecycle.stage' AND customer <= 2 $$;
CALL portrait_refresh('shop', '2026-02-05 00:00+08');
SELECT write_down('2026-02-05');
CALL portrait_refresh('shop', '2026-03-20 00:00+08');
SELECT write_down('2026-03-20');
CALL portrait_refresh('shop', '2026-06-16 00:00+08');
SELECT write_down('2026-06-16');
-- 1: active, dormant, returning; 2: active
SELECT customer, string_agg(stage, ', ' ORDER BY as_of) AS stages FROM stage GROUP BY customer ORDER BY customer;
-- 1 fell asleep in March, and was back in June
SELECT (time AT TIME ZONE 'Asia/Shanghai')::date AS day, metric, value FROM shop.v_segment_history WHERE value <> 0 ORDER BY 1, 2;
SELECT segment, customer, entered_at AT TIME ZONE 'Asia/Shanghai' AS entered FROM shop.v_segment_customer;
-- 3, 4 and 5 are there: user, user, visitor
SELECT customer, population, orders FROM shop.v_customer ORDER BY customer;
-- and have no part in the RFM, which is of 1 and 2
SELECT tag, string_agg(customer::text, ' ' ORDER BY customer) AS "1 2" FROM shop.v_customer_tag WHERE tag LIKE 'rfm.%' OR tag = 'pareto.class' GROUP BY tag ORDER BY tag;
SELECT portrait_count('shop', 'not rfm.segment is known and population in (user, visitor)') AS "3";
SELECT portrait_drop('shop');

-- ---- a rule change moves exactly whom it should ----
--
-- Customer i has bought once, for 100 * i.  Gold begins at 500, then at 700: 5 and 6 become silver,
-- and leave "best"; 7 is silver as well when gold begins above it.

TRUNCATE purchase;
INSERT INTO purchase SELECT 'C' || i, 'A' || i, date '2026-01-20' + i, 'paid', 100 * i, 'tea' FROM generate_series(1, 8) AS i;
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'members', 'identity', 'SELECT card, registered AS observed_at FROM member'), portrait_source('shop', 'till', 'orders', 'SELECT * FROM purchase');
SELECT portrait_tag('shop', 'spend', 'SELECT customer, spend AS value FROM w_value'),
	portrait_tag('shop', 'tier', rules => ARRAY[['gold', 'spend >= 500'], ['silver', 'spend >= 300'], ['none', 'true']]);
SELECT portrait_segment('shop', 'best', 'tier = gold'), portrait_segment('shop', 'the rest', 'not segment("best") and spend is known');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
-- gold 5 to 8, silver 3 and 4, none 1, 2, 9, 10
SELECT value, string_agg(customer::text, ' ' ORDER BY customer) FROM shop.v_customer_tag WHERE tag = 'tier' GROUP BY value ORDER BY value;
SELECT portrait_tag('shop', 'tier', rules => ARRAY[['gold', 'spend >= 700'], ['silver', 'spend >= 300'], ['none', 'true']]) AS version;
CALL portrait_refresh('shop', '2026-02-02 00:00+08');
-- 5 and 6 left best for the rest
SELECT name, members, entered, departed FROM shop.segment_member WHERE generation = (SELECT generation FROM shop.state) ORDER BY name;
SELECT portrait_tag('shop', 'tier', rules => ARRAY[['gold', 'spend > 700'], ['silver', 'spend >= 300'], ['none', 'true']]) AS version;
CALL portrait_refresh('shop', '2026-02-03 00:00+08');
-- gold 8, silver 3 to 7; 7 left best
SELECT value, string_agg(customer::text, ' ' ORDER BY customer) FROM shop.v_customer_tag WHERE tag = 'tier' GROUP BY value ORDER BY value;
SELECT name, entered, departed FROM shop.segment_member WHERE generation = (SELECT generation FROM shop.state) ORDER BY name;
-- since when: 1 to 4 the first day, 5 and 6 the second, 7 the third
SELECT segment, entered_at AT TIME ZONE 'Asia/Shanghai' AS entered, string_agg(customer::text, ' ' ORDER BY customer) FROM shop.v_segment_customer GROUP BY 1, 2 ORDER BY 1, 2;
-- back to where it began: 5 to 7 enter best as of a moment since which 8 is in it, and nobody is in anything since later
SELECT portrait_tag('shop', 'tier', rules => ARRAY[['gold', 'spend >= 500'], ['silver', 'spend >= 300'], ['none', 'true']]) AS version;
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
SELECT subject, outcome, message FROM shop.refresh_log WHERE outcome <> 'done' AND stage = 'segment';
SELECT segment, entered_at AT TIME ZONE 'Asia/Shanghai' AS entered, string_agg(customer::text, ' ' ORDER BY customer) FROM shop.v_segment_customer GROUP BY 1, 2 ORDER BY 1, 2;

SELECT portrait_drop('shop');
DROP SCHEMA raw CASCADE;
