--
-- What goes wrong around a refresh: sources that fail, segments that fail, declarations in
-- the middle of it, clocks that are put back.  What is expected stands beside what is asked.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
SET search_path = raw, public;
SET TIME ZONE 'UTC';

CREATE TABLE member (card text, phone text, registered timestamp);
INSERT INTO member SELECT 'C' || i, NULL, date '2025-01-01' + i FROM generate_series(1, 4) AS i;
CREATE TABLE said (card text, channel text, allowed boolean, at timestamp);
INSERT INTO said VALUES ('C1', 'sms', false, '2025-01-02');
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'm', 'identity', 'SELECT card, phone, registered AS observed_at FROM member'),
	portrait_source('shop', 'said', 'consent', 'SELECT * FROM said');

CREATE FUNCTION whom(rule text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(members::text, ' ') FROM portrait_evaluate('shop', portrait_rule('shop', rule)) $$;
-- what the last refresh found odd, published or not
CREATE FUNCTION odd() RETURNS TABLE (stage text, subject text, outcome text, rows bigint, message text, detail text) LANGUAGE sql AS $$
	SELECT stage, subject, outcome, rows, message, CASE WHEN outcome = 'warning' THEN detail END FROM shop.refresh_log
	WHERE generation = (SELECT max(generation) FROM shop.refresh_log) AND outcome IN ('failed', 'warning', 'running') ORDER BY id $$;
CREATE FUNCTION numbers() RETURNS TABLE (card text, customer bigint) LANGUAGE sql AS $$
	SELECT replace(identifier, 'card:', ''), customer FROM shop.identifier
	WHERE generation = (SELECT generation FROM shop.state) ORDER BY 1 $$;

-- ---- a segment that never succeeded is not "nobody" for those that name it ----

SELECT portrait_tag('shop', 'even', 'SELECT customer, true AS value FROM w_customer WHERE customer % 2 = 0'),
	portrait_tag('shop', 'broken', 'SELECT customer, 1 / (customer - customer) AS value FROM w_customer');
SELECT portrait_segment('shop', 'a_broken', 'even and not broken'), portrait_segment('shop', 'b_rest', 'not segment("a_broken")'),
	portrait_segment('shop', 'c_all', 'even or segment("b_rest")'), portrait_segment('shop', 'd_even', 'even');
CALL portrait_refresh('shop', '2025-02-01 00:00+08');
SELECT * FROM odd();
SELECT name, size FROM shop.v_segment ORDER BY name;	-- d_even: 2
SELECT whom('segment("c_all")');
SELECT whom('not segment("a_broken") and segment("d_even")');
-- mended, all three are computed; then it fails again, and keeps what it was
SELECT portrait_tag('shop', 'broken', 'SELECT customer, 1 AS value FROM w_customer WHERE customer = 4');
CALL portrait_refresh('shop', '2025-02-02 00:00+08');
SELECT * FROM odd();
SELECT name, size, computed FROM shop.v_segment JOIN shop.segment_def USING (name) ORDER BY name;	-- {2}, {1,3,4}, all, {2,4}
-- another one of a name that was dropped has nothing of it
SELECT portrait_segment_drop('shop', 'd_even');
SELECT portrait_segment('shop', 'd_even', 'not even');
SELECT whom('segment("d_even")') AS "1 and 3";
CALL portrait_refresh('shop', '2025-02-03 00:00+08');
SELECT name, members, entered, departed FROM shop.segment_member
WHERE generation = (SELECT generation FROM shop.state) ORDER BY name;

-- kept, it has a set in each bucket, and in a new one nobody: 1048574, 1048575 | 1048576 on
SELECT portrait_create('edge', 'UTC');
UPDATE edge.state SET next_customer = 1048574;
CREATE TABLE edge_member AS SELECT 'E' || i AS card FROM generate_series(1, 2) AS i;
SELECT portrait_source('edge', 'm', 'identity', 'SELECT card FROM edge_member'), portrait_segment('edge', 's', 'true');
CALL portrait_refresh('edge', '2025-01-01Z');
INSERT INTO edge_member VALUES ('E3'), ('E4');
SELECT portrait_tag('edge', 'broken', 'SELECT customer, 1 / (customer - customer) AS value FROM w_customer'), portrait_segment('edge', 's', 'not broken');
CALL portrait_refresh('edge', '2025-01-02Z');
SELECT portrait_members('edge', 'segment("s")') AS kept, portrait_members('edge', 'not segment("s")') AS others;
SELECT portrait_drop('edge');

-- ---- what was computed by a refresh that came to nothing was not computed ----

SELECT portrait_segment_drop('shop', 'c_all'), portrait_segment_drop('shop', 'b_rest'), portrait_segment_drop('shop', 'a_broken'), portrait_tag_drop('shop', 'broken');
CREATE TABLE divisor AS SELECT 1 AS d;
CREATE FUNCTION cancelled() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE query_canceled USING MESSAGE = 'cancelled'; END $$;
SELECT portrait_tag('shop', 'one', 'SELECT customer, 1 / d AS value FROM w_customer, raw.divisor WHERE customer = 1'),
	portrait_tag('shop', 'two', 'SELECT customer, raw.cancelled() AS value FROM w_customer');
CALL portrait_refresh('shop', '2025-02-04 00:00+08');
SELECT stage, subject, outcome FROM shop.refresh_log WHERE stage = 'tag' AND generation = (SELECT max(generation) FROM shop.refresh_log) ORDER BY id;
UPDATE divisor SET d = 0;
SELECT portrait_tag('shop', 'two', 'SELECT customer, true AS value FROM w_customer');
CALL portrait_refresh('shop', '2025-02-04 00:00+08');
SELECT * FROM odd();
SELECT whom('not one');
UPDATE divisor SET d = 1;
CALL portrait_refresh('shop', '2025-02-05 00:00+08');
SELECT whom('not one') AS "2 to 4";

-- ---- a state that cannot be kept ends the refresh: else it would be lost ----

SELECT portrait_tag('shop', 'one', 'SELECT customer, ''x'' AS value, substr(''1x'', d, 1)::integer AS weight, date ''2025-02-01'' AS set_at FROM w_customer, raw.divisor WHERE customer = 1',
	half_life => '1 day');
CALL portrait_refresh('shop', '2025-02-05 00:00+08');
UPDATE divisor SET d = 2;
UPDATE shop.tag SET half_life = '0' WHERE path = 'one';	-- which nobody could declare
CALL portrait_refresh('shop', '2025-02-06 00:00+08');
SELECT * FROM odd();
SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relname LIKE 'w\_%';
UPDATE shop.tag SET half_life = '1 day' WHERE path = 'one';
CALL portrait_refresh('shop', '2025-02-06 00:00+08');
SELECT * FROM odd();
SELECT whom('weight(one) = 0.03125') AS "1";	-- five days old
SELECT portrait_tag_drop('shop', 'one'), portrait_tag_drop('shop', 'two');

-- ---- declared while a refresh runs: all of it counts from the next one on ----
--
-- The query of a source declares, which is nothing that queries should do

CREATE TABLE meddling (command text);
CREATE FUNCTION meddle() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	command text;
BEGIN
	FOR command IN DELETE FROM raw.meddling RETURNING meddling.command LOOP
		EXECUTE command;
	END LOOP;
	RETURN true;
END $$;
SELECT portrait_tag('shop', 'tier', 'SELECT customer, ''old'' AS value FROM w_customer'), portrait_segment('shop', 's', 'tier = old'),
	portrait_source('shop', 'meddler', 'attributes', 'SELECT card, ''x'' AS name, ''y'' AS value FROM member WHERE meddle()');
CALL portrait_refresh('shop', '2025-02-07 00:00+08');
INSERT INTO meddling VALUES ($$
	SELECT public.portrait_tag('shop', 'late', 'SELECT customer, ''x'' AS value FROM w_customer WHERE customer = 1', needs => '{tier}');
	SELECT public.portrait_tag('shop', 'tier', 'SELECT customer, ''new'' AS value FROM w_customer');
	SELECT public.portrait_segment('shop', 's', 'late and tier = new');
	SELECT public.portrait_segment('shop', 'new', 'late');
	SELECT public.portrait_source_drop('shop', 'said') $$);
CALL portrait_refresh('shop', '2025-02-08 00:00+08');
SELECT count(*) AS meddled FROM meddling;
SELECT * FROM odd();
SELECT tag, value, members FROM shop.tag_member WHERE generation = (SELECT generation FROM shop.state) AND tag IN ('tier', 'late');
SELECT name, version, members FROM shop.segment_member WHERE generation = (SELECT generation FROM shop.state) ORDER BY name;
SELECT count(*) AS consents FROM shop.consent WHERE generation = (SELECT generation FROM shop.state);
SELECT whom('late');
CALL portrait_refresh('shop', '2025-02-08 00:00+08');
SELECT tag, value, members FROM shop.tag_member WHERE generation = (SELECT generation FROM shop.state) AND tag IN ('tier', 'late') ORDER BY tag;
SELECT name, version, members FROM shop.segment_member WHERE generation = (SELECT generation FROM shop.state) ORDER BY name;
SELECT count(*) AS consents FROM shop.consent WHERE generation = (SELECT generation FROM shop.state);
-- what is dropped meanwhile is computed once more, with all that needs it, and is not published
INSERT INTO meddling VALUES ($$
	SELECT public.portrait_segment_drop('shop', 's');
	SELECT public.portrait_segment_drop('shop', 'new');
	SELECT public.portrait_tag_drop('shop', 'late') $$);
CALL portrait_refresh('shop', '2025-02-09 00:00+08');
SELECT * FROM odd();
SELECT name, members FROM shop.segment_member WHERE generation = (SELECT generation FROM shop.state) ORDER BY name;
SELECT name, size FROM shop.v_segment ORDER BY name;
SELECT name FROM shop.segment_history WHERE generation = (SELECT generation FROM shop.state) UNION
SELECT name FROM shop.segment_since WHERE generation = (SELECT generation FROM shop.state);	-- d_even
-- another one of its name, declared meanwhile, has nothing of it; one that is declared anew has what it was
SELECT portrait_segment('shop', 's', 'even'), portrait_segment('shop', 'e', 'even');
CALL portrait_refresh('shop', '2025-02-09 01:00+08');
INSERT INTO meddling VALUES ($$
	SELECT public.portrait_segment_drop('shop', 's');
	SELECT public.portrait_segment('shop', 's', 'not even');
	SELECT public.portrait_segment('shop', 'e', 'not even') $$);
CALL portrait_refresh('shop', '2025-02-09 02:00+08');
SELECT * FROM odd();
SELECT whom('segment("s")') AS "1 and 3", whom('segment("e")') AS "2 and 4";
SELECT name, size FROM shop.v_segment ORDER BY name;
CALL portrait_refresh('shop', '2025-02-09 03:00+08');
SELECT whom('segment("s")') AS "1 and 3", whom('segment("e")') AS "1 and 3";
SELECT name, size, entered, departed FROM shop.segment_history WHERE name IN ('s', 'e') AND as_of > '2025-02-08 16:30Z' ORDER BY name, generation;
SELECT portrait_segment_drop('shop', 's'), portrait_segment_drop('shop', 'e');
SELECT portrait_source_drop('shop', 'meddler');
SELECT portrait_source('shop', 'said', 'consent', 'SELECT * FROM said');
CALL portrait_refresh('shop', '2025-02-09 00:00+08');

-- ---- a source that gives nothing, where it gave something ----

BEGIN;
CREATE TABLE safe AS SELECT * FROM said;
TRUNCATE said;
COMMIT;
CALL portrait_refresh('shop', '2025-02-10 00:00+08');
SELECT allowed FROM shop.consent WHERE generation = (SELECT generation FROM shop.state);	-- the refusal is there
CALL portrait_refresh('shop', '2025-02-10 00:00+08', allow_empty => true);
SELECT * FROM odd();
-- none before, none now
CALL portrait_refresh('shop', '2025-02-11 00:00+08');
SELECT * FROM odd();
INSERT INTO said SELECT * FROM safe;

-- ---- numbers come back with their identifiers ----
--
-- 1 to 4 are C1 to C4.  C3 and C4 are gone once, C2 for good; meanwhile C5 is new: 5, as no
-- number is given twice

SELECT * FROM numbers();
CREATE TABLE gone AS SELECT * FROM member WHERE card IN ('C2', 'C3', 'C4');
DELETE FROM member WHERE card IN ('C2', 'C3', 'C4');
INSERT INTO member VALUES ('C5', NULL, '2025-02-01');
CALL portrait_refresh('shop', '2025-02-12 00:00+08');
SELECT * FROM numbers();
SELECT customer, first_seen, retired_at FROM shop.retired ORDER BY customer;
CALL portrait_refresh('shop', '2025-02-13 00:00+08');
-- C4 comes back by itself, C3 as another card of C5: the older number stays, 3
INSERT INTO member SELECT * FROM gone WHERE card = 'C4';
INSERT INTO member SELECT card, '13800138000', registered FROM gone WHERE card = 'C3';
UPDATE member SET phone = '13800138000' WHERE card = 'C5';
CALL portrait_refresh('shop', '2025-02-14 00:00+08');
SELECT * FROM numbers();
SELECT old_customer, new_customer, why FROM shop.customer_merge ORDER BY generation, 1;
SELECT customer, retired_at FROM shop.retired;	-- C2
-- C3 goes again while its number is borne by C5 and the phone: they have it, C3 does not come between them
DELETE FROM member WHERE card = 'C3';
CALL portrait_refresh('shop', '2025-02-15 00:00+08');
INSERT INTO member SELECT * FROM gone WHERE card = 'C3';
CALL portrait_refresh('shop', '2025-02-16 00:00+08');
SELECT * FROM numbers();
SELECT old_customer, new_customer, why FROM shop.customer_merge ORDER BY generation, 1;
-- of numbers that are joined, who comes back has the survivor's: C4 goes, 4 is found to be 1, C4
-- comes back with the phone of 1
INSERT INTO member VALUES ('C1', '13800138001', '2025-02-15'), ('C4', '13800138004', '2025-02-15');
CALL portrait_refresh('shop', '2025-02-17 00:00+08');
DELETE FROM member WHERE card = 'C4';
INSERT INTO member VALUES ('C1', '13800138004', '2025-02-16');
CALL portrait_refresh('shop', '2025-02-18 00:00+08');
SELECT customer FROM shop.retired ORDER BY 1;	-- C4: 1; C2: 2
SELECT * FROM numbers() WHERE card LIKE 'C%';
-- those who are to be forgotten are: C2 would be new
DELETE FROM shop.retired;
INSERT INTO member SELECT * FROM gone WHERE card = 'C2';
CALL portrait_refresh('shop', '2025-02-18 00:00+08');
SELECT * FROM numbers() WHERE card = 'C2';

-- ---- back in time, and back again: told, and nobody has another number ----

CREATE TABLE now_is AS SELECT * FROM numbers();
CALL portrait_refresh('shop', '2025-01-03 00:00+08', allow_empty => true);
SELECT * FROM odd();
SELECT * FROM numbers();	-- C1
CALL portrait_refresh('shop', '2025-02-18 00:00+08');
SELECT * FROM numbers() EXCEPT SELECT * FROM now_is;
SELECT count(*) FROM now_is EXCEPT SELECT count(*) FROM numbers();

-- ---- the log may be trimmed ----

DELETE FROM shop.refresh_log;
CALL portrait_refresh('shop', '2025-02-18 00:00+08');
SELECT count(DISTINCT generation), min(generation) = (SELECT generation FROM shop.state) AS its_own FROM shop.refresh_log;
SELECT portrait_drop('shop');

-- ---- the hour that clocks go through twice ----
--
-- On 26 October 2025 in Berlin 02:00 to 03:00 summer time (from 00:00 UTC on) is followed by
-- 02:00 to 03:00 winter time (from 01:00 UTC on)

CREATE TABLE click (card text, at timestamptz, kind text);
INSERT INTO click VALUES ('C1', '2025-10-25 23:59Z', '01:59 summer'), ('C1', '2025-10-26 00:45Z', '02:45 summer'),
	('C1', '2025-10-26 01:15Z', '02:15 winter'), ('C1', '2025-10-26 01:45Z', '02:45 winter'), ('C1', '2025-10-26 02:00Z', '03:00 winter');
SELECT portrait_create('shop', 'Europe/Berlin');
SELECT portrait_source('shop', 'e', 'events', 'SELECT * FROM click'),
	portrait_source('shop', 'o', 'orders', 'SELECT card, kind AS order_id, at AS paid_at, 1 AS paid FROM click'),
	portrait_source('shop', 'a', 'attributes', 'SELECT card, ''last'' AS name, kind AS value, at AS observed_at FROM click'),
	portrait_source('shop', 'i', 'identity', 'SELECT kind AS card, at AS observed_at FROM click'),
	portrait_source('shop', 'local', 'events', 'SELECT card, at AT TIME ZONE ''Europe/Berlin'' AS at, kind FROM click');
-- the later word is a refusal, by a clock that shows an earlier time
CREATE TABLE word (card text, channel text, allowed boolean, at timestamptz);
INSERT INTO word VALUES ('C1', 'sms', true, '2025-10-26 00:45Z'), ('C1', 'sms', false, '2025-10-26 01:15Z');
SELECT portrait_source('shop', 'c', 'consent', 'SELECT * FROM word');
SELECT portrait_tag('shop', 'events', 'SELECT customer, source || '' '' || count(*) AS value FROM w_event GROUP BY customer, source', multiple => true),
	portrait_tag('shop', 'attributes', 'SELECT customer, count(*) AS value FROM w_attribute GROUP BY customer');
CREATE TABLE counted (as_of timestamptz, orders bigint, customers bigint, tags text);
CREATE PROCEDURE count_as_of(as_of timestamptz) LANGUAGE plpgsql AS $$
BEGIN
	CALL portrait_refresh('shop', as_of, allow_empty => true);
	INSERT INTO counted SELECT as_of, max(orders), count(*),
		(SELECT string_agg(tag || ' ' || value, ', ' ORDER BY tag, value) FROM shop.v_customer_tag) FROM shop.v_customer;
END $$;
CALL count_as_of('2025-10-26 00:30Z');
CALL count_as_of('2025-10-26 00:50Z');
CALL count_as_of('2025-10-26 01:00Z');
CALL count_as_of('2025-10-26 01:30Z');
CALL count_as_of('2025-10-26 02:00Z');
-- 1, 2, 2, 3, 4 of those that are moments; of local times, which say less, those before 02:30,
-- 02:50, 02:00, 02:30, 03:00 on the clock: 2, 4, 1, 2, 4
SELECT * FROM counted ORDER BY as_of;
SELECT channel, allowed, at FROM shop.consent WHERE generation = (SELECT generation FROM shop.state);
SELECT portrait_drop('shop');

-- ---- sources are read by the path of who declared them, whatever the path of the refresh; and
-- what is ours by none ----

CREATE SCHEMA trap;
CREATE FUNCTION trap.octet_length(text) RETURNS integer LANGUAGE sql AS 'SELECT 100000';
CREATE FUNCTION trap.btrim(text) RETURNS text LANGUAGE sql AS 'SELECT ''unpaid''';
CREATE FUNCTION trap.abs(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 1000000.0';
CREATE FUNCTION trap.different(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR trap.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.different);
CREATE TABLE trap.purchase (card text, order_id text, paid_at timestamp, status text, paid numeric);
INSERT INTO trap.purchase VALUES ('C1', 'A1', '2025-01-01', 'paid', 10);
CREATE FUNCTION trap.rate() RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT max(paid) FROM purchase); END $$;	-- by the path
SELECT portrait_create('shop', 'UTC');
SET search_path = trap, pg_catalog, public;
SELECT btrim('x'), 'x' <> 'y' AS different;	-- theirs
SELECT portrait_source('shop', 'o', 'orders', 'SELECT card, order_id, paid_at, status, paid + rate() - 10 AS paid FROM purchase');
SET search_path = nonsense;
CALL public.portrait_refresh('shop', '2025-02-01Z');
SET search_path = raw, public;
SELECT orders, spend FROM shop.v_customer;
SELECT outcome, message FROM shop.refresh_log WHERE outcome IN ('failed', 'warning');
SELECT portrait_drop('shop');
DROP SCHEMA trap CASCADE;

-- ---- a refund that is dearer than its purchase ----
--
-- What is given back goes to the purchase up to what was paid; the rest to the purchase before
-- it where the refund names none, else it is reported

CREATE TABLE purchase (card text, order_id text, paid_at timestamp, status text, paid numeric, quantity integer, product text, refund_of text);
INSERT INTO purchase VALUES
	-- C1: tea for 20, tea for 10; one given back at 15: 10 of the latest, 5 of the one before: 15
	('C1', 'A1', '2025-01-01', 'paid', 20, 1, 'tea', NULL), ('C1', 'A2', '2025-01-02', 'paid', 10, 1, 'tea', NULL),
	('C1', 'A3', '2025-01-03', 'refund', -15, -1, 'tea', NULL),
	-- C2: the same, naming the order: 20, and 5 are reported
	('C2', 'B1', '2025-01-01', 'paid', 20, 1, 'tea', NULL), ('C2', 'B2', '2025-01-02', 'paid', 10, 1, 'tea', NULL),
	('C2', 'B3', '2025-01-03', 'refund', -15, -1, 'tea', 'B2'),
	-- C3: two given back at 20, bought for 4 and 30: 4, and 16 of the other; 14
	('C3', 'D1', '2025-01-01', 'paid', 30, 1, 'tea', NULL), ('C3', 'D2', '2025-01-02', 'paid', 4, 1, 'tea', NULL),
	('C3', 'D3', '2025-01-03', 'refund', -20, -2, 'tea', NULL),
	-- C4: more than all that was ever paid: nothing is left, 7 are reported; what comes later counts
	('C4', 'E1', '2025-01-01', 'paid', 5, 1, 'tea', NULL), ('C4', 'E2', '2025-01-02', 'paid', 8, 1, 'tea', NULL),
	('C4', 'E3', '2025-01-03', 'refund', -20, -1, 'tea', NULL), ('C4', 'E4', '2025-01-04', 'paid', 9, 1, 'tea', NULL),
	-- C5: three bought at 10, one given back at 12: 2 are left, for 18; then two at 8: 2 are left of the money
	('C5', 'F1', '2025-01-01', 'paid', 30, 3, 'tea', NULL), ('C5', 'F2', '2025-01-02', 'refund', -12, -1, 'tea', NULL),
	('C5', 'F3', '2025-01-03', 'refund', -16, -2, 'tea', NULL),
	-- C6: the latest was a present: nothing was paid for it, the money is of the one before: 10
	('C6', 'G1', '2025-01-01', 'paid', 20, 1, 'tea', NULL), ('C6', 'G2', '2025-01-02', 'paid', 0, 1, 'tea', NULL),
	('C6', 'G3', '2025-01-03', 'refund', -10, -1, 'tea', NULL),
	-- C7: by the order, without a product: 50 of 30, 20 are reported
	('C7', 'H1', '2025-01-01', 'paid', 30, 1, 'tea', NULL), ('C7', 'H2', '2025-01-02', 'refund', -50, -1, NULL, 'H1'),
	-- C8: two given back, one was bought, for less: 6 of 20, and 14 for the other are reported
	('C8', 'I1', '2025-01-01', 'paid', 6, 1, 'tea', NULL), ('C8', 'I2', '2025-01-02', 'refund', -20, -2, 'tea', NULL),
	-- nobody: 3 orders, of which one is given back and of one a half
	(NULL, 'N1', '2025-01-01', 'paid', 7, 1, 'tea', NULL), (NULL, 'N2', '2025-01-01', 'paid', 8, 1, 'tea', NULL), (NULL, 'N2', '2025-01-01', 'paid', 2, 1, 'pot', NULL),
	(NULL, 'N3', '2025-01-01', 'paid', 9, 1, 'tea', NULL), (NULL, 'N4', '2025-01-02', 'refund', -7, -1, 'tea', 'N1'), (NULL, 'N5', '2025-01-02', 'refund', -4, NULL, 'tea', 'N3');
SELECT portrait_create('shop', 'UTC');
SELECT portrait_source('shop', 'till', 'orders', 'SELECT * FROM purchase');
-- no line is below zero, for the tags to see
SELECT portrait_tag('shop', 'least', 'SELECT customer, min(paid) AS value FROM w_line WHERE customer IS NOT NULL GROUP BY customer');
CALL portrait_refresh('shop', '2025-02-01Z');
SELECT replace(identifier, 'card:', '') AS card, c.orders, c.spend, t.number AS least
FROM shop.v_customer AS c JOIN shop.identifier USING (customer) LEFT JOIN shop.v_customer_tag AS t USING (customer) ORDER BY 1;
-- 1 part of a purchase (C8: 14), 3 of more than was paid (C2: 5, C4: 7, C7: 20); nobody: N2 and 5 of N3, 15
SELECT subject, rows, message, detail FROM shop.refresh_log WHERE outcome = 'warning' ORDER BY message;
-- nothing is lost: what was paid less what was given back is what counts less what was reported
SELECT sum(CASE status WHEN 'paid' THEN paid ELSE -abs(paid) END) AS paid, (SELECT sum(spend) FROM shop.v_customer) + 15 - 14 - 32 AS counts FROM purchase;

-- the same of 3000 lines of all sorts: with and without pieces, customers, products, and orders that they name
TRUNCATE purchase;
INSERT INTO purchase
SELECT CASE WHEN r % 20 > 0 THEN 'K' || r / 7 % 50 END, 'O' || i / 2, timestamp '2025-01-01' + r % 40 * interval '1 hour',
	CASE WHEN r % 3 = 0 THEN 'refund' ELSE 'paid' END, r / 11 % 1000 / 10.0, CASE WHEN r % 7 > 0 THEN r / 13 % 4 END,
	CASE WHEN r % 11 > 0 THEN 'p' || r / 17 % 5 END, CASE WHEN r % 3 = 0 AND r % 5 < 2 THEN 'O' || abs(hashint4(i + 5000)) % 1500 END
FROM generate_series(1, 3000) AS i, abs(hashint4(i)) AS r;
CALL portrait_refresh('shop', '2025-02-01Z');
SELECT max(t.number) > 0 AS some, min(t.number) >= 0 AS none_below_zero FROM shop.v_customer_tag AS t;
SELECT p.paid = c.spend + w.nobody - w.reported AS nothing_lost, p.paid > 0 AND c.spend > 0 AND w.nobody > 0 AND w.reported > 0 AS of_all_sorts, w.warnings
FROM (SELECT sum(CASE status WHEN 'paid' THEN paid ELSE -paid END) AS paid FROM purchase) AS p, (SELECT sum(spend) AS spend FROM shop.v_customer) AS c,
	(SELECT sum(amount) FILTER (WHERE message LIKE 'orders%') AS nobody, sum(amount) FILTER (WHERE message LIKE 'refunds%') AS reported, count(*) AS warnings
	FROM shop.refresh_log, LATERAL (SELECT substring(detail FROM 'come[s]? to ([0-9.]*[0-9])')::numeric AS amount) AS a
	WHERE outcome = 'warning' AND generation = (SELECT generation FROM shop.state)) AS w;
SELECT portrait_drop('shop');

SET client_min_messages = error;
DROP SCHEMA raw CASCADE;
