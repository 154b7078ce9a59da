--
-- Tags and segments of the managed portrait.  What is expected stands beside what is asked.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA raw;
SET search_path = raw, public;
SET TIME ZONE 'UTC';

CREATE TABLE member (card text, phone text, registered timestamp);
CREATE TABLE fact (system text, card text, name text, value text, at timestamp);
CREATE TABLE purchase (card text, order_id text, paid_at timestamp, paid numeric);
CREATE TABLE guest (phone text, at timestamp, kind text, item text);

SELECT portrait_create('客户 画像', 'Asia/Shanghai');
SELECT portrait_source('客户 画像', 'm', 'identity', 'SELECT card, phone, registered AS observed_at FROM member');
SELECT portrait_source('客户 画像', 'a', 'attributes', $$SELECT card, name, value, at AS observed_at FROM fact WHERE system = 'a'$$);
SELECT portrait_source('客户 画像', 'b', 'attributes', $$SELECT card, name, value, at AS observed_at FROM fact WHERE system = 'b'$$);
SELECT portrait_source('客户 画像', 'o', 'orders', 'SELECT * FROM purchase');
SELECT portrait_source('客户 画像', 'e', 'events', 'SELECT phone, at, kind, item FROM guest');

-- Customers 1 to 6 have cards C1 to C6, 7 has only been seen
INSERT INTO member SELECT 'C' || i, CASE i WHEN 6 THEN '13800138006' END, date '2025-01-01' + i FROM generate_series(1, 6) AS i;
INSERT INTO guest VALUES ('13800138077', '2025-02-01', 'view', '/tea');

-- What is asked again and again
CREATE FUNCTION tags(path text DEFAULT NULL) RETURNS TABLE (tag text, value text, customers text) LANGUAGE sql AS $$
	SELECT tag, value, string_agg(customer::text, ' ' ORDER BY customer) FROM "客户 画像".v_customer_tag
	WHERE tag = path OR path IS NULL GROUP BY tag, value ORDER BY tag, value COLLATE "C" $$;
CREATE FUNCTION whom(rule text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(members::text, ' ') FROM portrait_evaluate('客户 画像', portrait_rule('客户 画像', rule)) $$;
CREATE FUNCTION failed() RETURNS TABLE (stage text, subject text, outcome text, message text) LANGUAGE sql AS $$
	SELECT stage, subject, outcome, message FROM "客户 画像".refresh_log
	WHERE generation = (SELECT generation FROM "客户 画像".state) AND outcome IN ('failed', 'warning') ORDER BY id $$;

-- ---- a tag is looked at when it is declared ----

SELECT portrait_tag('客户 画像', 'age');
SELECT portrait_tag('客户 画像', 'age', 'SELECT 1', ARRAY[['a', 'b']]);
SELECT portrait_tag('raw', 'age', 'SELECT customer, 1 AS value FROM w_customer');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value FROM w_custumer');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer FROM w_customer');
SELECT portrait_tag('客户 画像', 'age', 'SELECT 1 AS value');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer::text, 1 AS value FROM w_customer');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, ''{1}''::int[] AS value FROM w_customer');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value, 2 AS value FROM w_customer');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value, ''x'' AS weight FROM w_customer');
SELECT portrait_tag('客户 画像', 'age', 'DELETE FROM member RETURNING 1 AS customer, 2 AS value');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, ''x'' AS value FROM w_customer', value_type => 'number');
SELECT portrait_tag('客户 画像', '', 'SELECT customer, 1 AS value FROM w_customer');
SELECT portrait_tag('客户 画像', 'a..b', 'SELECT customer, 1 AS value FROM w_customer');
SELECT portrait_tag('客户 画像', 'a=b', 'SELECT customer, 1 AS value FROM w_customer');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value FROM w_customer', kind => 'guess');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value FROM w_customer', conflict => 'best');
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value FROM w_customer', conflict => 'all', multiple => false);
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value FROM w_customer', conflict => 'max', multiple => true);
SELECT portrait_tag('客户 画像', 'age', 'SELECT customer, 1 AS value FROM w_customer', time_to_live => '-1 day');
SELECT portrait_tag('客户 画像', 'tier', rules => '{gold, silver}');
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'age >= ']]);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'age >= 3']]);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'true'], ['gold', 'true']]);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['', 'true']]);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', NULL]]);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'did("view")']]);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'true']], value_type => 'number');
SELECT portrait_segment('客户 画像', 'some', 'age > 3');
SELECT portrait_segment('客户 画像', 'some', 'segment("others")');
SELECT portrait_segment('客户 画像', '', 'true');
SELECT portrait_label('客户 画像', 'age', 'en', 'Age');
SELECT count(*) FROM "客户 画像".tag;

-- ---- two genders from two sources, under each policy ----
--
-- 1: a says m in February, b says f in January and March; 2: only a, f; 3: only b, m, at
-- an unknown time; 4: a and b at the same time, f and m

INSERT INTO fact VALUES ('a', 'C1', 'gender', 'm', '2025-02-01'), ('b', 'C1', 'gender', 'f', '2025-01-15'),
	('b', 'C1', 'gender', 'f', '2025-03-01'), ('a', 'C2', 'gender', 'f', '2025-02-01'), ('b', 'C3', 'gender', 'm', NULL),
	('a', 'C4', 'gender', 'f', '2025-02-01'), ('b', 'C4', 'gender', 'm', '2025-02-01'), ('a', 'C5', 'gender', '', NULL);
\set gender 'SELECT customer, value, source, observed_at FROM w_attribute WHERE name = ''gender'''
SELECT portrait_tag('客户 画像', 'g.none', :'gender', kind => 'fact');
SELECT portrait_tag('客户 画像', 'g.source', :'gender', kind => 'fact', conflict => 'source');
SELECT portrait_tag('客户 画像', 'g.source_b', :'gender', kind => 'fact', conflict => 'source', sources => '{b}');
SELECT portrait_tag('客户 画像', 'g.latest', :'gender', kind => 'fact', conflict => 'latest');
SELECT portrait_tag('客户 画像', 'g.earliest', :'gender', kind => 'fact', conflict => 'earliest');
SELECT portrait_tag('客户 画像', 'g.most_frequent', :'gender', kind => 'fact', conflict => 'most_frequent');
SELECT portrait_tag('客户 画像', 'g.max', :'gender', kind => 'fact', conflict => 'max');
SELECT portrait_tag('客户 画像', 'g.all', :'gender', kind => 'fact', conflict => 'all');
-- the same where each value has a time of its own, and is stored by rows
SELECT portrait_tag('客户 画像', 't.' || policy, 'SELECT customer, value, source, observed_at AS set_at FROM w_attribute WHERE name = ''gender''',
	kind => 'fact', conflict => policy) FROM unnest('{source,latest,earliest,most_frequent,max,all}'::text[]) AS policy;
CALL portrait_refresh('客户 画像', '2025-06-01 00:00+08');
--	none, latest: 1 f (March), 4 f (a comes first); source: a's, 1 m, 4 f; source b: 1 f, 2 f, 3 m, 4 m
--	earliest: 1 f (January), 4 f; most_frequent: 1 f, 4 f; max: 1 m, 4 m; all: both
SELECT * FROM tags() WHERE tag LIKE 'g.%';
SELECT * FROM tags() WHERE tag LIKE 't.%';
SELECT customer, set_at FROM "客户 画像".v_customer_tag WHERE tag = 't.latest' ORDER BY customer;
SELECT * FROM failed();
SELECT whom('g.all = f and g.all = m') AS "1 and 4", whom('set_at(t.latest) >= 2025-02-28') AS "1", whom('not g.*') AS "5 to 7";

-- ---- versions ----

SELECT portrait_tag('客户 画像', 'g.none', :'gender', kind => 'fact') AS same;
SELECT portrait_tag('客户 画像', 'g.none', :'gender', kind => 'fact', title => 'Gender') AS other;
SELECT portrait_segment('客户 画像', 'men', 'g.max = m') AS first;
SELECT portrait_segment('客户 画像', 'men', 'g.max   =   m', 'Men') AS same;
SELECT portrait_segment('客户 画像', 'men', 'g.source = m') AS other;
SELECT portrait_label('客户 画像', 'g.none=f', 'zh', '女');
SELECT portrait_label('客户 画像', 'g.none=f', '', '女');
SELECT * FROM "客户 画像".tag_label;
SELECT portrait_label('客户 画像', 'g.none=f', 'zh', NULL);
SELECT count(*) FROM "客户 画像".tag_label;
SELECT portrait_tag_drop('客户 画像', 'g.source');
SELECT portrait_tag_drop('客户 画像', 'g.none'), portrait_tag_drop('客户 画像', 'g.none');

-- ---- values with rules: the first that fits; circles ----
--
-- Customer i has bought i times for 100 * i each, 10 days apart, up to customer 4

INSERT INTO purchase SELECT 'C' || i, 'O' || i || '.' || n, date '2025-05-01' + 10 * n - 20, 100 * i
FROM generate_series(1, 4) AS i, generate_series(1, i) AS n;
SELECT portrait_tag('客户 画像', 'spend', 'SELECT customer, spend AS value FROM w_value');
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'spend >= 900'], ['silver', 'spend >= 400'],
	['big', 'spend > 1000'], ['none', 'spend < 100 and not spend is known'], ['rest', 'spend is known']]);
SELECT definition -> 'never' AS never FROM "客户 画像".tag WHERE path = 'tier';
SELECT portrait_tag('客户 画像', 'level', rules => ARRAY[['2', 'tier = gold'], ['1', 'tier is known']], value_type => 'number');
SELECT portrait_tag('客户 画像', 'badge', rules => ARRAY[['rich', 'tier = gold'], ['known', 'tier is known'], ['two', 'level >= 2']], multiple => true);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'badge = rich']]);
SELECT portrait_tag('客户 画像', 'spend', 'SELECT customer, spend AS value FROM w_value', needs => '{spend}');
SELECT portrait_tag('客户 画像', 'tier.x', rules => ARRAY[['gold', 'tier.*']]);
SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'segment("men")']]);
SELECT portrait_segment('客户 画像', 'good', 'tier = gold or segment("men")');
SELECT portrait_segment('客户 画像', 'others', 'not segment("good")');
SELECT portrait_segment('客户 画像', 'men', 'g.source = m and not segment("others")');
SELECT portrait_segment('客户 画像', 'nobody', 'tier = gold and not tier');
SELECT portrait_segment_drop('客户 画像', 'good');
SELECT portrait_segment_drop('客户 画像', 'nobody'), portrait_segment_drop('客户 画像', 'nobody');
-- declared, and not computed yet: nothing is known of it, which is no answer to "not"
SELECT whom('segment("others")');
SELECT whom('not tier is known');
SELECT * FROM portrait_explain('客户 画像', 'tier = gold');
SELECT name, size, version, refreshed_at FROM "客户 画像".v_segment ORDER BY name;
CALL portrait_refresh('客户 画像', '2025-06-02 00:00+08');
-- spend is 100, 400, 900, 1600
SELECT * FROM tags('tier') UNION ALL SELECT * FROM tags('level') UNION ALL SELECT * FROM tags('badge') UNION ALL SELECT * FROM tags('spend');
SELECT name, size, share, version, refreshed_at FROM "客户 画像".v_segment ORDER BY name;
SELECT segment, customer, entered_at FROM "客户 画像".v_segment_customer ORDER BY segment, customer;
SELECT * FROM "客户 画像".v_tag_coverage WHERE tag IN ('tier', 'spend', 'g.all') ORDER BY tag;

-- ---- a rule change moves exactly whom it should ----
--
-- gold from 1000: customer 3 becomes silver, and leaves good

SELECT portrait_tag('客户 画像', 'tier', rules => ARRAY[['gold', 'spend >= 1000'], ['silver', 'spend >= 400'], ['rest', 'spend is known']]) AS version;
CREATE TABLE before AS SELECT * FROM "客户 画像".v_customer_tag;
CALL portrait_refresh('客户 画像', '2025-06-03 00:00+08');
SELECT 'gone' AS what, customer, tag, value FROM (SELECT * FROM before EXCEPT SELECT * FROM "客户 画像".v_customer_tag) AS g
UNION ALL SELECT 'come', customer, tag, value FROM (SELECT * FROM "客户 画像".v_customer_tag EXCEPT SELECT * FROM before) AS c ORDER BY customer, what DESC, tag;
SELECT name, members, entered, departed FROM "客户 画像".segment_member
WHERE generation = (SELECT generation FROM "客户 画像".state) ORDER BY name;
SELECT customer, entered_at FROM "客户 画像".v_segment_customer WHERE segment = 'others' ORDER BY customer;
SELECT segment FROM "客户 画像".v_segment_customer WHERE customer = 3;
SELECT time, metric, value FROM "客户 画像".v_segment_history WHERE metric LIKE 'good%' ORDER BY time, metric;

-- the same once more changes nothing, nor who entered and left
CREATE TABLE again AS SELECT name, members, entered, departed FROM "客户 画像".segment_member WHERE generation = (SELECT generation FROM "客户 画像".state);
CREATE TABLE again_since AS SELECT * FROM "客户 画像".v_segment_customer;
CREATE TABLE again_history AS SELECT * FROM "客户 画像".v_segment_history;
CREATE TABLE again_tag AS SELECT * FROM "客户 画像".v_customer_tag;
CALL portrait_refresh('客户 画像', '2025-06-03 00:00+08');
SELECT name, members, entered, departed FROM "客户 画像".segment_member WHERE generation = (SELECT generation FROM "客户 画像".state)
EXCEPT SELECT * FROM again;
(SELECT * FROM "客户 画像".v_segment_customer EXCEPT SELECT * FROM again_since) UNION ALL (SELECT * FROM again_since EXCEPT SELECT * FROM "客户 画像".v_segment_customer);
(SELECT * FROM "客户 画像".v_segment_history EXCEPT SELECT * FROM again_history) UNION ALL (SELECT * FROM again_history EXCEPT SELECT * FROM "客户 画像".v_segment_history);
(SELECT * FROM "客户 画像".v_customer_tag EXCEPT SELECT * FROM again_tag) UNION ALL (SELECT * FROM again_tag EXCEPT SELECT * FROM "客户 画像".v_customer_tag);

-- ---- a failing tag keeps its last good state, and takes nobody with it ----

CREATE TABLE rate (rate numeric);
INSERT INTO rate VALUES (2);
SELECT portrait_tag('客户 画像', 'ratio', 'SELECT customer, (orders / rate)::numeric(9,1) AS value FROM w_value, rate');
SELECT portrait_tag('客户 画像', 'kind', 'SELECT customer, CASE WHEN 1 / rate > 0 THEN ''a'' END AS value FROM w_value, rate');
SELECT portrait_tag('客户 画像', 'likes', 'SELECT customer, ''tea'' AS value, 1 / rate AS weight FROM w_value, rate');
SELECT portrait_tag('客户 画像', 'on_ratio', rules => ARRAY[['half', 'ratio = 0.5'], ['more', 'ratio > 0.5']]);
CALL portrait_refresh('客户 画像', '2025-06-04 00:00+08');
CREATE TABLE good AS SELECT * FROM "客户 画像".v_customer_tag;
UPDATE rate SET rate = 0;
INSERT INTO purchase VALUES ('C1', 'O1.2', '2025-06-01', 100);	-- spend 200
CALL portrait_refresh('客户 画像', '2025-06-05 00:00+08');
SELECT * FROM failed();
SELECT 'gone' AS what, customer, tag, value FROM (SELECT * FROM good EXCEPT SELECT * FROM "客户 画像".v_customer_tag) AS g
UNION ALL SELECT 'come', customer, tag, value FROM (SELECT * FROM "客户 画像".v_customer_tag EXCEPT SELECT * FROM good) AS c ORDER BY customer, what DESC, tag;
SELECT whom('ratio >= 1') AS "2 to 4", whom('weight(likes) = 0.5') AS "1 to 4", whom('kind = a') AS "1 to 4";
-- from a kept state the next one is kept
CALL portrait_refresh('客户 画像', '2025-06-06 00:00+08');
SELECT * FROM tags('ratio');
-- customer 3 is found to be customer 2, whose value stays; C4 is gone
UPDATE member SET phone = '13800138023' WHERE card IN ('C2', 'C3');
DELETE FROM member WHERE card = 'C4';
DELETE FROM purchase WHERE card = 'C4';
DELETE FROM fact WHERE card = 'C4';
CALL portrait_refresh('客户 画像', '2025-06-07 00:00+08');
SELECT * FROM tags('ratio') UNION ALL SELECT * FROM tags('kind') UNION ALL SELECT * FROM tags('likes');
SELECT name, members, entered, departed FROM "客户 画像".segment_member
WHERE generation = (SELECT generation FROM "客户 画像".state) ORDER BY name;
UPDATE rate SET rate = 4;
CALL portrait_refresh('客户 画像', '2025-06-08 00:00+08');
SELECT * FROM failed();
SELECT * FROM tags('ratio');

-- ---- keep where nothing is known any more, and for how long ----

CREATE TABLE seen (card text, value text, at timestamp);
INSERT INTO seen VALUES ('C1', 'x', '2025-06-08'), ('C2', 'y', '2025-06-08');
CREATE VIEW seen_now AS SELECT substr(card, 2)::bigint AS customer, value, at FROM seen;
SELECT portrait_tag('客户 画像', 'k.clear', 'SELECT customer, value FROM seen_now');
SELECT portrait_tag('客户 画像', 'k.keep', 'SELECT customer, value FROM seen_now', on_empty => 'keep');
SELECT portrait_tag('客户 画像', 'k.number', 'SELECT customer, length(value) AS value FROM seen_now', on_empty => 'keep');
SELECT portrait_tag('客户 画像', 'k.two_days', 'SELECT customer, value, at AS set_at FROM seen_now', on_empty => 'keep', time_to_live => '2 days');
SELECT portrait_tag('客户 画像', 'k.decays', 'SELECT customer, value, 1 AS weight, at AS set_at FROM seen_now', on_empty => 'keep', half_life => '1 day');
CALL portrait_refresh('客户 画像', '2025-06-09 00:00+08');
SELECT * FROM tags() WHERE tag LIKE 'k.%';
SELECT customer, weight, set_at FROM "客户 画像".v_customer_tag WHERE tag = 'k.decays' ORDER BY customer;
DELETE FROM seen WHERE card = 'C2';
INSERT INTO seen VALUES ('C5', 'z', '2025-06-09'), ('C99', 'z', '2025-06-09');	-- there is no customer 99
UPDATE seen SET value = 'xx' WHERE card = 'C1';
CALL portrait_refresh('客户 画像', '2025-06-09 23:59+08');
SELECT * FROM failed();
-- 2 is kept, but where it is cleared
SELECT * FROM tags() WHERE tag LIKE 'k.%';
-- two days after, what was set on the 8th has expired, even where the query still gives it
CALL portrait_refresh('客户 画像', '2025-06-10 00:00+08');
SELECT * FROM tags('k.two_days');
SELECT customer, weight FROM "客户 画像".v_customer_tag WHERE tag = 'k.decays' ORDER BY customer;

-- ---- the ready tags: who never bought, and who went and came back ----

SELECT portrait_tag_drop('客户 画像', path) FROM "客户 画像".v_tag WHERE path LIKE 'k.%' ORDER BY path;
SELECT portrait_retail_tags('客户 画像', leave_out => '{nonsense}');
SELECT portrait_retail_tags('客户 画像', 'nonsense');
SELECT portrait_retail_tags('客户 画像');
SELECT count(*), max(version) FROM "客户 画像".v_tag WHERE pack = 'retail';
SELECT portrait_retail_tags('客户 画像');
SELECT count(*), max(version), count(*) FILTER (WHERE description IS NULL) AS undescribed FROM "客户 画像".v_tag WHERE pack = 'retail';
SELECT path FROM "客户 画像".v_tag AS t WHERE pack = 'retail'
AND (SELECT count(*) FROM "客户 画像".tag_label WHERE code = t.path AND language IN ('en', 'zh')) <> 2;
INSERT INTO fact VALUES ('a', 'C1', 'birthday', '1990-06-11', NULL), ('a', 'C2', 'birth_year', '1985', NULL), ('a', 'C5', 'birthday', '2007-02-30', NULL),
	('a', 'C6', 'birthday', 'unknown', NULL), ('b', 'C5', 'gender', '男', NULL), ('b', 'C2', 'gender', 'Female', NULL), ('b', 'C6', 'region', 'Shanghai', NULL);
CALL portrait_refresh('客户 画像', '2025-06-11 00:00+08');
SELECT * FROM failed();
-- 1 and 2 bought, 5 and 6 are known, 7 has been seen: these are no part of the RFM, whose scores are those of two
SELECT * FROM tags() WHERE tag IN ('population', 'member', 'rfm.score', 'rfm.segment', 'lifecycle.stage', 'maturity', 'journey.stage',
	'age_band', 'generation', 'gender', 'region', 'pareto.class') OR tag LIKE 'orders%' OR tag LIKE 'spend%' OR tag LIKE 'average%' OR tag LIKE 'preferred%';
SELECT tag, customers, share FROM "客户 画像".v_tag_coverage WHERE tag LIKE 'awareness%' ORDER BY tag;

-- a customer buys on three days, is silent, and comes back
TRUNCATE purchase;
INSERT INTO purchase SELECT 'C1', 'P' || n, date '2025-01-01' + 10 * n, 50 FROM generate_series(0, 3) AS n;
INSERT INTO purchase SELECT 'C2', 'Q' || n, date '2025-01-01' + 10 * n, 50 FROM generate_series(0, 30) AS n;
CREATE TABLE stages (as_of date, stage text);
CREATE FUNCTION stage(as_of date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO stages SELECT as_of, value FROM "客户 画像".v_customer_tag WHERE customer = 1 AND tag = 'lifecycle.stage' $$;
SELECT portrait_segment('客户 画像', 'sleepers', 'lifecycle.stage in (dormant, lost)');
CALL portrait_refresh('客户 画像', '2025-02-05 00:00+08');
SELECT stage('2025-02-05');
CALL portrait_refresh('客户 画像', '2025-03-20 00:00+08');
SELECT stage('2025-03-20');
INSERT INTO purchase VALUES ('C1', 'P9', '2025-06-15', 50);
CALL portrait_refresh('客户 画像', '2025-06-16 00:00+08');
SELECT stage('2025-06-16');
SELECT * FROM stages ORDER BY as_of;	-- active, dormant, returning
SELECT time AT TIME ZONE 'Asia/Shanghai' AS time, metric, value FROM "客户 画像".v_segment_history WHERE metric LIKE 'sleepers%' ORDER BY time, metric;
-- a tag that fails before it ever succeeded is not "nobody": what asks about it fails as well
SELECT portrait_tag('客户 画像', 'broken', 'SELECT customer, 1 / (customer - customer) AS value FROM w_value');
SELECT portrait_tag('客户 画像', 'on_broken', rules => ARRAY[['yes', 'not broken']]);
SELECT portrait_segment('客户 画像', 'unbroken', 'not broken');
CALL portrait_refresh('客户 画像', '2025-06-16 00:00+08');
SELECT * FROM failed() WHERE outcome = 'failed' ORDER BY stage DESC, subject;
SELECT whom('not broken');
SELECT whom('not segment("unbroken")');
SELECT portrait_drop('客户 画像');

-- ---- whom a rule matches: the sets against each customer's tags ----
--
-- 5000 customers in two buckets (numbers from 2^20 - 2500 on), numbers that many have and
-- numbers of their own, texts, weights, dates

CREATE TABLE crowd AS SELECT 'K' || lpad(i::text, 5, '0') AS card, i FROM generate_series(1, 5000) AS i;
SELECT portrait_create('crowd', 'Asia/Shanghai');
UPDATE crowd.state SET next_customer = (1 << 20) - 2500;
SELECT portrait_source('crowd', 'm', 'identity', 'SELECT card FROM crowd');
-- customers are told by their identifier
SELECT portrait_tag('crowd', path, replace(query, 'w_known', '(SELECT customer, substr(identifier, 7)::integer AS i FROM w_identifier) AS k'), conflict => conflict) FROM (VALUES
	('few', 'SELECT customer, i % 5 AS value FROM w_known WHERE i % 3 > 0', NULL),
	('many', 'SELECT customer, CASE WHEN i % 2 = 0 THEN 0 ELSE i * 0.25 END AS value FROM w_known', NULL),
	('below.zero', 'SELECT customer, -i / 7.0 AS value FROM w_known WHERE i % 7 > 0', NULL),
	('several', 'SELECT customer, v AS value FROM w_known, unnest(ARRAY[i, 10 * i]) AS v WHERE i % 4 = 0', 'all'),
	('city', 'SELECT customer, ''city '' || i % 40 AS value FROM w_known WHERE i % 11 > 0', NULL),
	('badge', 'SELECT customer, v AS value FROM w_known, unnest(ARRAY[''b'' || i % 3, ''b'' || i % 7]) AS v', 'all'),
	('flag', 'SELECT customer, i % 4 = 0 AS value FROM w_known WHERE i % 2 = 0', NULL),
	('day', 'SELECT customer, date ''2025-01-01'' + i % 700 AS value FROM w_known WHERE i % 5 > 0', NULL),
	('moment', 'SELECT customer, timestamp ''2025-01-01 12:00'' + i * interval ''1 hour'' AS value FROM w_known', NULL),
	('likes', 'SELECT customer, (''{tea,coffee,milk}''::text[])[1 + i % 3] AS value, (i % 100) / 100.0 AS weight, timestamp ''2025-01-01'' + i % 300 * interval ''1 day'' AS set_at FROM w_known', NULL)
	) AS t(path, query, conflict);
SELECT portrait_segment('crowd', 'odd', 'many > 0');
CALL portrait_refresh('crowd', '2026-01-01 00:00+08');
SELECT count(*), min(customer) = (1 << 20) - 2500 AS from_there, count(DISTINCT customer >> 20) AS buckets FROM crowd.v_customer;
SELECT tag, value_type, count(*) AS rows, count(DISTINCT value) AS "values" FROM crowd.tag_member GROUP BY tag, value_type ORDER BY tag;
SELECT tag, count(*) FROM crowd.tag_value GROUP BY tag ORDER BY tag;
SELECT tag, value_type, count(*) AS parts, sum(segment_count(members)), bool_and(coalesce(cardinality(numbers) = segment_count(members), true)) AS aligned
FROM crowd.tag_range GROUP BY tag, value_type ORDER BY tag;
CREATE TABLE crowd_tags AS
SELECT v.customer, tag_union_agg(portrait_tagset(v.tag, v.value, t.value_type, v.weight, v.set_at)) AS tags
FROM crowd.v_customer_tag AS v JOIN crowd.v_tag AS t ON t.path = v.tag GROUP BY v.customer;
CREATE TABLE rules (rule text);
INSERT INTO rules VALUES ('few'), ('few = 0'), ('few <> 0'), ('few in (1, 3, 7)'), ('not few in (1, 3)'), ('few not in (1, 3)'), ('few is known'), ('few is unknown'),
	('many'), ('many = 0'), ('many > 0'), ('many >= 100.25'), ('many > 100.25'), ('many < 100.25'), ('many <= 100.25'), ('many between 50 and 700'),
	('many between above 50.25 and below 700.25'), ('many not between 50.25 and 700.25'), ('many in (0, 1.25, 2, 1249.75)'), ('many <> 0'), ('many = 10'),
	('many > 1249.75'), ('many >= 1249.75'), ('many < 0'), ('many <= 0'), ('many = abc'), ('many > 2020-01-01'), ('many starts with 1'),
	('below.*'), ('below.zero < -100'), ('not below.zero < -100'), ('below.* and few'),
	('several = 40'), ('several between 39 and 41'), ('several > 49000'), ('several not in (40)'),
	('city = "city 7"'), ('city starts with "city 1"'), ('city ends with "3"'), ('city contains "ty 2"'), ('city > "city 5"'), ('city <> "city 7"'), ('city = 7'),
	('badge = b1'), ('badge all of (b0, b4)'), ('badge none of (b0, b4)'), ('badge any of (b0, b4)'),
	('flag'), ('flag = false'), ('not flag'), ('flag is known'),
	('day = 2025-03-01'), ('day >= 2025-12-31'), ('day < 2025-01-02'), ('date(day) < 2025-01-02'), ('time(day) < 2026-01-01'), ('day within last 30 days'),
	('day within next 30 days'), ('day before last 300 days'), ('anniversary(day) within next 10 days'), ('anniversary(day) = 02-28'), ('day > 5'),
	('moment < 2025-01-01T05:00:00Z'), ('moment <= 2025-01-01T05:00:00Z'), ('moment between 2025-03-01 and 2025-03-02'), ('time(moment) > 2025-07-01'), ('date(moment) > 2025-07-01'),
	('moment within last 36 hours'), ('anniversary(moment) = 03-01'),
	('likes = tea'), ('weight(likes) >= 0.5'), ('weight(likes) < 0.1'), ('weight(likes, 30 days) > 0.01'), ('set_at(likes) >= 2025-06-01'), ('set_at(likes) < 2025-01-02'),
	('age(likes) < 90 days'), ('weight(city) > 0'), ('set_at(city) < 2030-01-01'),
	('many > value(few)'), ('many = value(few)'), ('several >= value(many)'), ('day < value(moment)'), ('city = value(badge)'), ('few = value(few)'),
	('many > 100 and city starts with "city 1" or flag and not badge = b2'), ('at least 2 of (few = 1, many > 600, flag, likes = milk)'), ('true'), ('false');
-- with segments the oracle does not know
SELECT rule, found, wanted, segment_symdiff(found, wanted) AS difference
FROM rules, LATERAL (SELECT coalesce(segment_union_agg(members), '{}') AS found FROM portrait_evaluate('crowd', portrait_rule('crowd', rule))) AS f,
	LATERAL (SELECT coalesce(segment_agg(c.customer), '{}') AS wanted FROM crowd_tags AS c
		WHERE tag_match(c.tags, rule::tagquery, '2026-01-01 00:00+08', 'Asia/Shanghai')) AS w
WHERE found <> wanted;
SELECT count(*) AS rules, count(*) FILTER (WHERE n = 0) AS of_nobody, count(*) FILTER (WHERE n = 5000) AS of_everybody
FROM (SELECT (SELECT sum(segment_count(members)) FROM portrait_evaluate('crowd', portrait_rule('crowd', rule))) AS n FROM rules) AS r;
SELECT bucket, segment_count(members) FROM portrait_evaluate('crowd', portrait_rule('crowd', 'segment("odd") and few = 1'));
-- the views tell the same, whichever way they are asked
SELECT count(*), count(DISTINCT customer) FROM crowd.v_segment_customer WHERE segment = 'odd';
SELECT customer, segment FROM crowd.v_segment_customer WHERE customer IN (1 << 20, (1 << 20) + 1);
SELECT tag, value, number, weight, set_at FROM crowd.v_customer_tag WHERE customer = 1 << 20 ORDER BY tag, value;
SELECT value, count(*) FROM crowd.v_customer_tag WHERE tag = 'likes' GROUP BY value ORDER BY value;

-- a tag of texts that tell customers apart is none
SELECT portrait_tag('crowd', 'name', 'SELECT c.customer, ''n'' || c.customer * 20 + n AS value FROM w_customer AS c, generate_series(1, 14) AS n', conflict => 'all');
CALL portrait_refresh('crowd', '2026-01-01 00:00+08');
SELECT subject, outcome, message FROM crowd.refresh_log WHERE outcome = 'failed';
SELECT portrait_drop('crowd');

-- ---- what a customer prefers ----

-- ties by bytes, NULLs skipped, nothing of nothing
SELECT g, preferred_agg(v, a), round(preferred_share_agg(v, a)::numeric, 3) AS share FROM (VALUES
	(1, 'b', 2), (1, 'a', 1), (1, 'a', 1), (1, 'c', 1), (1, NULL, 9), (1, 'd', NULL),
	(2, 'b', 1), (2, 'ab', 1), (2, 'a', 1), (3, NULL, 1), (4, 'x', 0), (5, 'x', -1), (5, 'y', -2)) AS x(g, v, a) GROUP BY g ORDER BY g;
SELECT preferred_agg(v, 9223372036854775807) FROM unnest('{a,a}'::text[]) AS v;
SELECT preferred_agg_transition(NULL, 'a', 1);
-- bytes from elsewhere
CREATE FUNCTION state_problem(state bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce(preferred_agg_final(state), 'nothing') || coalesce(' ' || preferred_share_agg_final(state), '');
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT state, state_problem(state) FROM unnest(ARRAY['', '\x00', '\x00000000', '\x01000000', '\xffffffff', '\x0d000000' || '\x0700000000000000'::bytea || '\x01000000' || 'a',
	'\x0d000000' || '\x0700000000000000'::bytea || '\x02000000' || 'a', '\x0d000000' || '\x0700000000000000'::bytea || '\xffffffff' || 'a',
	'\x0b000000' || '\x0700000000000000'::bytea || '\x000000', '\x0c000000' || '\x0700000000000000'::bytea || '\x00000000',
	'\x0d000000' || '\x0700000000000000'::bytea || '\x01000000ff', '\x0d000000' || '\x0700000000000000'::bytea || '\x0100000000']::bytea[]) AS state;
-- in any order and by any number of workers the same, against an oracle in SQL
CREATE TABLE preference AS SELECT i % 50 AS g, 'v' || (i * 7919 % 13 + i % 3) AS v, (i % 17)::bigint AS a FROM generate_series(1, 5000) AS i;
WITH sums AS (SELECT g, v, sum(a) AS a FROM preference GROUP BY g, v),
best AS (SELECT DISTINCT ON (g) g, v, a, (SELECT sum(t.a) FROM sums AS t WHERE t.g = s.g) AS total FROM sums AS s ORDER BY g, a DESC, v COLLATE "C")
SELECT count(*) AS same FROM best JOIN (SELECT g, preferred_agg(v, a ORDER BY random()) AS v, preferred_share_agg(v, a) AS share FROM preference GROUP BY g) AS p
	USING (g, v) WHERE p.share = best.a / best.total::double precision;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT md5(string_agg(g || v || share, ',' ORDER BY g)) = (SELECT md5(string_agg(g || v || share, ',' ORDER BY g))
	FROM (SELECT g, preferred_agg(v, a ORDER BY a, v) AS v, preferred_share_agg(v, a ORDER BY a, v) AS share FROM preference GROUP BY g) AS p) AS same
FROM (SELECT g, preferred_agg(v, a) AS v, preferred_share_agg(v, a) AS share FROM preference GROUP BY g) AS p;

SET client_min_messages = error;
DROP SCHEMA raw CASCADE;

-- A DISTINCT is left out only where the set of rows stays the same
CREATE VIEW portrait_distinct AS SELECT DISTINCT i % 3 AS customer, 'x'::text AS value FROM generate_series(1, 9) AS i ORDER BY 1;
CREATE VIEW portrait_distinct_on AS SELECT DISTINCT ON (i % 3) i AS customer, 'x'::text AS value FROM generate_series(1, 9) AS i ORDER BY i % 3, i;
CREATE VIEW portrait_distinct_limit AS SELECT DISTINCT i % 3 AS customer FROM generate_series(1, 9) AS i ORDER BY 1 LIMIT 2;
CREATE VIEW portrait_distinct_offset AS SELECT DISTINCT i % 3 AS customer FROM generate_series(1, 9) AS i ORDER BY 1 OFFSET 2;
CREATE VIEW portrait_distinct_except AS SELECT DISTINCT i % 3 AS customer FROM generate_series(1, 9) AS i EXCEPT ALL SELECT 1;
CREATE VIEW portrait_distinct_not AS SELECT i % 3 AS customer FROM generate_series(1, 9) AS i;
CREATE VIEW portrait_distinct_groups AS SELECT DISTINCT i % 3 AS customer, count(*) > 2 AS value FROM generate_series(1, 9) AS i GROUP BY i % 3, i % 2;
SELECT v, portrait_tag_as_set(('portrait_distinct' || v)::regclass) IS NOT NULL AS shortened
FROM unnest('{"",_on,_limit,_offset,_except,_not,_groups}'::text[]) AS v;
SELECT portrait_tag_as_set('portrait_distinct'::regclass) ~ 'DISTINCT|ORDER' AS has_them;
DO $$
DECLARE
	name text;
	same boolean;
BEGIN
	FOREACH name IN ARRAY '{portrait_distinct,portrait_distinct_groups}'::text[] LOOP
		EXECUTE format('SELECT NOT EXISTS (SELECT * FROM (%1$s) AS a EXCEPT SELECT * FROM %2$I)
			AND NOT EXISTS (SELECT * FROM %2$I EXCEPT SELECT * FROM (%1$s) AS a)
			AND (SELECT count(*) FROM (%1$s) AS a) > (SELECT count(*) FROM %2$I)',
			rtrim(portrait_tag_as_set(name::regclass), ';'), name) INTO same;
		IF NOT coalesce(same, false) THEN
			RAISE EXCEPTION 'another set of %', name;
		END IF;
	END LOOP;
END
$$;
SELECT portrait_tag_as_set('pg_class'::regclass);
