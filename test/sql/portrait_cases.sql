--
-- Worked cases, with the rows that are expected written by hand beside them.
--
-- Elsewhere: three member systems become one customer (portrait_refresh); two genders from two
-- sources under each policy, a rule change that moves just whom it should, a customer who goes
-- from active to dormant and returns, users who never bought in the portrait and out of the
-- RFM (portrait_tag); lists without those who opted out, for each channel (portrait_grant).
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
DROP SCHEMA raw CASCADE;
