--
-- What tools see of a portrait: populations, the wide row, touchpoints, who is hidden from
-- whom, and how consent is read.  What is expected stands beside what is asked.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
SET search_path = raw, public;
\pset null -

-- ---- visitor, user, customer ----

CREATE TABLE member (card text, registered timestamp);
INSERT INTO member VALUES ('A', '2026-01-01'), ('E1', '2026-01-02');
CREATE TABLE fact (card text, name text, value text);
INSERT INTO fact VALUES ('B', 'region', 'Beijing'), ('E1', 'region', 'Shanghai');
CREATE TABLE purchase (card text, order_id text, paid_at timestamp, status text, paid numeric, category text, refund_of text);
INSERT INTO purchase VALUES
	('C', 'O1', NULL, 'paid', 10, 'tea', NULL), ('D', 'O2', '2026-01-05', 'cancelled', 10, 'tea', NULL),
	('E1', 'O3', '2026-01-06', 'paid', 10, 'tea', NULL), ('E2', 'O4', '2026-01-07', 'paid', 20, 'tea', NULL), ('E3', 'O5', '2026-01-08', 'paid', 30, 'tea', NULL),
	('F', 'O6', '2026-01-09', 'paid', 30, 'tea', NULL), ('F', 'O7', '2026-01-10', 'refund', 30, 'tea', 'O6'),
	('I', 'O8', '2026-02-01', 'paid', 10, 'tea', NULL);
CREATE TABLE visit (card text, cookie text, at timestamp, touchpoint text);
INSERT INTO visit VALUES (NULL, 'k1', '2026-01-11 10:00', 'app'), (NULL, 'k1', '2026-01-12 10:00', ' app '), (NULL, 'k1', '2026-01-13 10:00', 'store'),
	(NULL, 'k2', '2026-01-14 10:00', 'app'), ('E1', NULL, '2026-01-15 10:00', 'store'), ('E1', NULL, '2026-01-16 10:00', ''), ('E2', NULL, '2026-01-16 10:00', NULL);
CREATE TABLE said (phone text, channel text, allowed boolean, at timestamp);
INSERT INTO said VALUES ('13800138000', 'sms', true, '2026-01-01');
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'members', 'identity', 'SELECT card, registered AS observed_at FROM member'),
	portrait_source('shop', 'facts', 'attributes', 'SELECT * FROM fact'), portrait_source('shop', 'till', 'orders', 'SELECT *, ''T'' AS product FROM purchase'),
	portrait_source('shop', 'web', 'events', 'SELECT card, cookie, at, ''view'' AS kind, touchpoint FROM visit', '{card,cookie@''web''}'),
	portrait_source('shop', 'said', 'consent', 'SELECT * FROM said');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
CREATE VIEW who AS SELECT customer, string_agg(identifier_value(identifier), ' ') AS who FROM shop.identifier
WHERE generation = (SELECT generation FROM shop.state) GROUP BY customer;
-- a member, one of whom a fact is known, one who never paid, one who cancelled, one who took all back, one who said something: users
SELECT population, string_agg(who, ' ' ORDER BY who COLLATE "C") FROM shop.v_customer JOIN who USING (customer) GROUP BY population ORDER BY population;

-- ---- the wide row ----

-- without the retail pack nothing is known
SELECT who, orders, spend, rfm_score, rfm_segment, stage, journey_stage, tier, region FROM shop.v_customer JOIN who USING (customer) WHERE who IN ('A', 'E1') ORDER BY who;
SELECT portrait_retail_tags('shop');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
-- of three prices of tea one is in each third; who has not bought is a prospect
SELECT who, population, orders, spend, rfm_score IS NOT NULL AS scored, stage = 'prospect' AS prospect, journey_stage, tier, region
FROM shop.v_customer JOIN who USING (customer) ORDER BY who COLLATE "C";
-- it says what the tags say
SELECT count(*) AS values, count(*) FILTER (WHERE w.value IS DISTINCT FROM t.value) AS different
FROM (SELECT c.customer, x.* FROM shop.v_customer AS c, LATERAL (VALUES ('rfm.score', rfm_score::text), ('rfm.segment', rfm_segment), ('lifecycle.stage', stage),
	('journey.stage', journey_stage), ('price_tier', tier), ('region', region)) AS x(tag, value) WHERE x.value IS NOT NULL) AS w
FULL JOIN (SELECT customer, tag, value FROM shop.v_customer_tag
	WHERE tag IN ('rfm.score', 'rfm.segment', 'lifecycle.stage', 'journey.stage', 'price_tier', 'region')) AS t USING (customer, tag);
-- a region of one's own may have several values, be weighted, or be personal
SELECT portrait_tag('shop', 'region', 'SELECT customer, r AS value, 0.5 AS weight FROM w_customer, unnest(''{north,east}''::text[]) AS r', multiple => true);
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
SELECT region, count(*) FROM shop.v_customer GROUP BY region;
SELECT portrait_tag('shop', 'region', 'SELECT customer, ''north'' AS value FROM w_customer', sensitivity => 'Personal');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
SELECT region, count(*) FROM shop.v_customer GROUP BY region;
-- one customer by a key
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
		RETURN NEXT regexp_replace(line, '_g\d+(_\w+)?', '_g');
	END LOOP;
END $$;
SET enable_seqscan = off;
SELECT count(*) FILTER (WHERE p ~ 'Seq Scan on (customer|customer_value|customer_wide)_g') AS whole_tables FROM plan_of('SELECT * FROM shop.v_customer WHERE customer = 3') AS p;
RESET enable_seqscan;

-- ---- touchpoints ----

-- app: k1, k2, of whom k2 is seen nowhere else; store: k1, E1
SELECT touchpoint, customers, share, only_here, buyers, events, first_seen, last_seen FROM shop.v_touchpoint_coverage ORDER BY touchpoint;
SELECT count(*) AS everybody, round(2.0 / count(*), 4) AS share FROM shop.v_customer;

-- ---- silos: what any two sources share ----

SELECT kind, source_a, source_b, customers_a, customers_b, shared, share_of_a, share_of_b FROM shop.v_source_overlap ORDER BY 2, 3;

-- ---- each view is of core types, and described with an example ----

SELECT c.relname FROM pg_class AS c WHERE relnamespace = 'shop'::regnamespace AND relkind = 'v' AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE '%; for example: SELECT %';
SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid JOIN pg_type AS t ON t.oid = a.atttypid
WHERE relnamespace = 'shop'::regnamespace AND relkind = 'v' AND typnamespace <> 'pg_catalog'::regnamespace;
-- which runs
CREATE FUNCTION run_examples() RETURNS TABLE (view name, came_of_it text) LANGUAGE plpgsql SET search_path = shop, public AS $$
BEGIN
	FOR view, came_of_it IN SELECT relname, substring(obj_description(oid, 'pg_class') FROM 'for example: (.*)$') FROM pg_class
		WHERE relnamespace = 'shop'::regnamespace AND relkind = 'v' ORDER BY relname LOOP
		BEGIN
			EXECUTE came_of_it;
		EXCEPTION WHEN OTHERS THEN
			RETURN NEXT;
		END;
	END LOOP;
END $$;
SELECT * FROM run_examples();
SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind = 'v' ORDER BY relname COLLATE "C";

-- ---- personal tags ----

-- sets, numbers by rows, weights; and one that is nobody's secret
SELECT portrait_tag('shop', 'health.illness', 'SELECT customer, CASE WHEN customer % 2 = 0 THEN ''flu'' ELSE ''gout'' END AS value FROM w_customer', sensitivity => 'sensitive'),
	portrait_tag('shop', 'health.weight', 'SELECT customer, 60 + customer / 7.0 AS value FROM w_customer', sensitivity => ' PERSONAL '),
	portrait_tag('shop', 'health.fear', 'SELECT customer, ''needles'' AS value, 0.7 AS weight FROM w_customer', sensitivity => 'personal'),
	portrait_tag('shop', 'ratio', 'SELECT customer, 0.1::float8 + 0.2::float8 AS value FROM w_customer', sensitivity => 'internal'),
	portrait_tag('shop', 'small', 'SELECT customer, -0.00012345678 * customer AS value FROM w_customer'),
	portrait_tag('shop', 'large', 'SELECT customer, 1234567.891 AS value FROM w_customer');
SELECT portrait_segment('shop', 'ill', 'health.illness = flu'), portrait_segment('shop', 'rich', 'large > 5');
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
CREATE ROLE regress_portrait_analyst;
CREATE ROLE regress_portrait_service;
CREATE ROLE regress_portrait_marketer;
SELECT portrait_grant('shop', 'regress_portrait_analyst', 'analyst'), portrait_grant('shop', 'regress_portrait_service', 'service'), portrait_grant('shop', 'regress_portrait_marketer', 'marketer');
-- the owner sees all
SELECT tag, count(*), count(value) AS values, count(number) AS numbers, count(weight) AS weights FROM shop.v_customer_tag WHERE tag LIKE 'health.%' OR tag IN ('ratio', 'region') GROUP BY tag ORDER BY tag;
SELECT t ->> 'tag' AS tag, t -> 'value' AS value, t ->> 'value_label' AS label FROM jsonb_array_elements(shop.card(1) -> 'tags') AS t WHERE t ->> 'tag' ~ 'health|ratio|small|large' ORDER BY t ->> 'tag' COLLATE "C";
SELECT line FROM portrait_card_text('shop', 1) AS line WHERE line ~ '(ratio|small|large|health.weight) ';
SELECT shop.customer_count('health.illness = flu') = (SELECT count(*) FROM shop.v_customer WHERE customer % 2 = 0) AS counted;
-- the analyst sees none of it
SET SESSION AUTHORIZATION regress_portrait_analyst;
SELECT tag, count(*), count(value) AS values, count(number) AS numbers FROM shop.v_customer_tag WHERE tag LIKE 'health.%' OR tag IN ('ratio', 'region') GROUP BY tag ORDER BY tag;
SELECT count(*) FROM shop.v_customer_tag WHERE customer = 1 AND tag = 'health.illness';
-- not by a function that tells what it was asked of, however cheap it says it is
CREATE FUNCTION pg_temp.tell(customer bigint, tag text, value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
	IF value ~ 'flu|gout|needles|^6\d\.' OR tag LIKE 'health%' THEN
		RAISE WARNING 'it is told: % % %', customer, tag, value;
	END IF;
	RETURN true;
END $$;
SELECT count(*) > 0 AS asked FROM shop.v_customer_tag WHERE pg_temp.tell(customer, tag, value);
SELECT count(*) > 0 AS asked FROM shop.v_customer_tag WHERE pg_temp.tell(NULL, tag, value) AND pg_temp.tell(customer, NULL, NULL) AND pg_temp.tell(NULL, NULL, number::text);
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET cpu_operator_cost = 0;
SELECT count(*) > 0 AS asked FROM shop.v_customer_tag WHERE pg_temp.tell(customer, tag, value) AND customer = 1;
SELECT count(*) > 0 AS asked FROM shop.v_customer_tag WHERE pg_temp.tell(customer, tag, value) AND tag > '';
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET cpu_operator_cost;
SELECT shop.customer_count('not health.illness = flu');
SELECT shop.customer_count('health.*');
SELECT * FROM shop.explain('large > 5 or health.weight > 61');
SELECT * FROM shop.profile('health.fear');
SELECT * FROM shop.profile('true', 'health.fear = needles');
SELECT DISTINCT tag FROM shop.profile('segment("rich")', minimum => 1) WHERE tag ~ 'health|region|gender|population';
SELECT * FROM shop.partition('health.illness');
SELECT value, label FROM shop.partition('large');
-- of how many it is known may be told, and the segment that the owner made of it
SELECT tag, customers FROM shop.v_tag_coverage WHERE tag LIKE 'health%' ORDER BY tag COLLATE "C";
SELECT shop.customer_count('segment("ill")') = (SELECT size FROM shop.v_segment WHERE name = 'ill') AS segment;
SET SESSION AUTHORIZATION regress_portrait_service;
SELECT t ->> 'tag' AS tag, t ->> 'value_label' AS label FROM jsonb_array_elements(shop.card(1) -> 'tags') AS t WHERE t ->> 'tag' ~ 'health|ratio|region' ORDER BY 1;
SELECT count(*) FROM shop.card_text(1) AS line WHERE line ~ 'flu|gout|needles|north';
SET SESSION AUTHORIZATION regress_portrait_marketer;
SELECT * FROM shop.audience('health.illness = flu', 'phone');
SELECT * FROM shop.reach('health.illness = flu');
SELECT identifier_type FROM shop.reach('segment("rich")') ORDER BY 1;
RESET SESSION AUTHORIZATION;
-- who may read identifiers may see it
GRANT SELECT ON shop.identifier TO regress_portrait_analyst;
SET SESSION AUTHORIZATION regress_portrait_analyst;
SELECT tag, count(value) AS values FROM shop.v_customer_tag WHERE tag LIKE 'health.%' GROUP BY tag ORDER BY tag;
SELECT shop.customer_count('health.illness = flu') > 0 AS counted;
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_portrait_analyst, regress_portrait_service, regress_portrait_marketer;
DROP ROLE regress_portrait_analyst, regress_portrait_service, regress_portrait_marketer;
-- numbers as they are read
SELECT x, portrait_number_text(x) FROM unnest('{0,0.30000000000000004,0.5384615384615384,1,123.456,-2.005,0.999999,0.00001234567,1e22,1e-30}'::numeric[]) AS x;

-- ---- consent ----

TRUNCATE said;
INSERT INTO said VALUES
	-- one channel, however it is written: the latest word of it counts
	('13800138001', 'SMS', true, '2026-01-01'), ('13800138001', ' sms', false, '2026-01-02'), ('13800138001', E'Sms\n', true, '2026-01-03'),
	-- a refusal without a time stands, whatever was said
	('13800138002', 'sms', false, NULL), ('13800138002', 'sms', true, '2026-01-30'), ('13800138002', 'sms', true, NULL),
	-- a permission without a time gives way
	('13800138003', 'sms', true, NULL), ('13800138003', 'Sms', false, '2020-01-01'),
	('13800138004', 'sms', true, NULL),
	-- not yet, as of the refresh; and no channel at all
	('13800138005', 'sms', true, '2026-01-01'), ('13800138005', 'SMS', false, '2026-02-01'), ('13800138005', '  ', false, NULL);
CALL portrait_refresh('shop', '2026-02-01 00:00+08');
SELECT right(identifier, 1) AS who, channel, allowed, at FROM shop.consent JOIN shop.identifier USING (generation, customer)
WHERE generation = (SELECT generation FROM shop.state) ORDER BY identifier;
-- 1, 4 and 5 may be reached, however the channel is written
SELECT string_agg(right(identifier, 1), ' ' ORDER BY identifier) FROM portrait_audience('shop', 'true', 'phone', E' SMS\t');
SELECT identifier_type, customers, reachable, opted_out FROM portrait_reach('shop', 'true', 'Sms') WHERE identifier_type = 'phone';
SELECT channel FROM shop.audience_log;
SELECT count(*) FROM portrait_audience('shop', 'true', 'phone', ' ');
DROP VIEW who;
SELECT portrait_drop('shop');

-- ---- a value that nobody of the target has ----
--
-- Of 200, the first hundred are x.  blue: 97 of x; green: 3 of x, 20 others; red: 50 others; grey: 30 others.

SELECT portrait_create('shop', 'UTC');
SELECT portrait_source('shop', 'members', 'identity', 'SELECT ''M'' || i AS card, timestamp ''2025-01-01'' + i * interval ''1 hour'' AS observed_at FROM generate_series(1, 200) AS i');
SELECT portrait_tag('shop', 'half', 'SELECT customer, CASE WHEN customer <= 100 THEN ''x'' ELSE ''y'' END AS value FROM w_customer'),
	portrait_tag('shop', 'few', 'SELECT customer, customer <= 10 AS value FROM w_customer'),
	portrait_tag('shop', 'colour', 'SELECT customer, CASE WHEN customer <= 97 THEN ''blue'' WHEN customer <= 100 OR customer BETWEEN 151 AND 170 THEN ''green''
		WHEN customer <= 150 THEN ''red'' ELSE ''grey'' END AS value FROM w_customer');
CALL portrait_refresh('shop', '2026-02-01');
-- red is 25 % of all, so 25 of x would have it; grey would be 15; green are few
SELECT value, target_count, target_known, base_count, base_known, tgi, tgi_low, round(tgi_high) AS tgi_high, p_value < 1e-10 AS sure FROM portrait_profile('shop', 'half = x') WHERE tag = 'colour';
SELECT value, target_count, base_count, tgi FROM portrait_profile('shop', 'half = x', minimum => 15) WHERE tag = 'colour';
SELECT value, target_count, base_count, tgi FROM portrait_profile('shop', 'half = x', minimum => 0) WHERE tag = 'colour';
-- of ten people nothing is told, not even what they are not
SELECT value, target_count FROM portrait_profile('shop', 'few') WHERE tag = 'colour';
SELECT portrait_drop('shop');
DROP SCHEMA raw CASCADE;
RESET search_path;
