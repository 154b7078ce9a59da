--
-- Personal tags: who may not read identifiers sees none of their values, whatever is
-- dropped or declared anew, and when.  What is expected stands beside what is asked.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE ROLE regress_portrait_reader;
CREATE SCHEMA raw;
SET search_path = raw, public;
SET TIME ZONE 'UTC';
\pset null -

CREATE TABLE member AS SELECT 'C' || i AS card, timestamp '2025-01-01' + i * interval '1 day' AS registered FROM generate_series(1, 4) AS i;
CREATE TABLE divisor AS SELECT 1 AS d;
-- the query of this source declares, which is nothing that queries should do: so it happens while a refresh runs
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
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'm', 'identity', 'SELECT card, registered AS observed_at FROM member WHERE meddle()');
SELECT portrait_grant('shop', 'regress_portrait_reader', 'analyst'), portrait_grant('shop', 'regress_portrait_reader', 'service');
CREATE FUNCTION wrong() RETURNS TABLE (stage text, subject text, outcome text) LANGUAGE sql AS $$
	SELECT stage, subject, outcome FROM shop.refresh_log
	WHERE generation = (SELECT max(generation) FROM shop.refresh_log) AND outcome IN ('failed', 'warning', 'running') ORDER BY id $$;
CREATE FUNCTION personal() RETURNS text LANGUAGE sql AS $$ SELECT portrait_personal_tags('shop')::text $$;
-- what one who may not read identifiers sees of the first customer
\set seen 'SET SESSION AUTHORIZATION regress_portrait_reader; SELECT (SELECT string_agg(concat(t ->> ''tag'', '' '', t ->> ''value''), '', '' ORDER BY t ->> ''tag'' COLLATE "C") FROM jsonb_array_elements(shop.card(1) -> ''tags'') AS t) AS card, (SELECT string_agg(tag || '' '' || value, '', '' ORDER BY tag) FROM shop.v_customer_tag WHERE customer = 1) AS view, (SELECT region FROM shop.v_customer WHERE customer = 1) AS wide; RESET SESSION AUTHORIZATION;'

-- ---- a tag that is dropped is gone, at once ----

SELECT portrait_tag('shop', 'plain', 'SELECT customer, ''p'' AS value FROM w_customer'),
	portrait_tag('shop', 'ill.set', 'SELECT customer, ''flu'' AS value FROM w_customer', sensitivity => 'personal'),
	portrait_tag('shop', 'ill.number', 'SELECT customer, 36.6 + customer / 7.0 AS value FROM w_customer', sensitivity => 'personal'),
	portrait_tag('shop', 'ill.weighted', 'SELECT customer, ''gout'' AS value, 0.5 AS weight FROM w_customer', sensitivity => 'personal');
CALL portrait_refresh('shop', '2025-02-01Z');
:seen	-- plain
SELECT portrait_tag_drop('shop', 'ill.set'), portrait_tag_drop('shop', 'ill.number'), portrait_tag_drop('shop', 'ill.weighted');
:seen	-- plain
SELECT DISTINCT tag FROM shop.tag_member UNION SELECT tag FROM shop.tag_value UNION SELECT tag FROM shop.tag_range;
-- and another one of its name has nothing of it, personal or not
SELECT portrait_tag('shop', 'ill.set', 'SELECT customer, 1 / (customer - customer) || '''' AS value FROM w_customer');
:seen	-- plain
CALL portrait_refresh('shop', '2025-02-02Z');
SELECT * FROM wrong();
:seen	-- plain
-- nor is it in a generation that was computed meanwhile; nor are numbers of another one of its name
SELECT portrait_tag('shop', 'ill.set', 'SELECT customer, ''flu'' AS value FROM w_customer', sensitivity => 'personal'),
	portrait_tag('shop', 'ill.number', 'SELECT customer, 36.6 + customer / 7.0 AS value FROM w_customer', sensitivity => 'personal');
CALL portrait_refresh('shop', '2025-02-03Z');
INSERT INTO meddling VALUES ($$
	SELECT public.portrait_tag_drop('shop', 'ill.set'), public.portrait_tag_drop('shop', 'ill.number');
	SELECT public.portrait_tag('shop', 'ill.number', 'SELECT customer, 1 AS value FROM w_customer') $$);
CALL portrait_refresh('shop', '2025-02-04Z');
SELECT * FROM wrong();
:seen	-- plain
SELECT DISTINCT tag FROM shop.tag_member WHERE generation = (SELECT generation FROM shop.state)
UNION SELECT tag FROM shop.tag_value WHERE generation = (SELECT generation FROM shop.state)
UNION SELECT tag FROM shop.tag_range WHERE generation = (SELECT generation FROM shop.state);
CALL portrait_refresh('shop', '2025-02-05Z');
:seen	-- plain, and the new number
SELECT portrait_tag_drop('shop', 'ill.number');

-- ---- one that becomes personal is so at once, one that no longer is when it has been computed so ----

SELECT portrait_tag('shop', 'region', 'SELECT customer, ''north'' AS value FROM w_customer'),
	portrait_tag('shop', 'ill', 'SELECT customer, ''flu'' AS value FROM w_customer', sensitivity => 'personal');
CALL portrait_refresh('shop', '2025-03-01Z');
:seen	-- region, plain
SELECT portrait_tag('shop', 'region', 'SELECT customer, ''north'' AS value FROM w_customer', sensitivity => 'personal'),
	portrait_tag('shop', 'ill', 'SELECT customer, ''no: '' || 1 / d AS value FROM w_customer, divisor', sensitivity => '');
SELECT personal();
:seen	-- plain, in v_customer too
-- its query fails, and it keeps what it had
UPDATE divisor SET d = 0;
CALL portrait_refresh('shop', '2025-03-02Z');
SELECT * FROM wrong();
SELECT personal();
:seen	-- plain
SELECT path, sensitivity, personal FROM shop.v_tag ORDER BY path;
-- declared again while it is computed, it is not that which was computed
UPDATE divisor SET d = 1;
INSERT INTO meddling VALUES ($$ SELECT public.portrait_tag('shop', 'ill', 'SELECT customer, ''neither: '' || 1 / d AS value FROM w_customer, raw.divisor') $$);
CALL portrait_refresh('shop', '2025-03-03Z');
SELECT personal();
CALL portrait_refresh('shop', '2025-03-04Z');
SELECT * FROM wrong();
SELECT personal();
:seen	-- ill: neither, plain
-- becoming personal while it is computed, it is from then on
INSERT INTO meddling VALUES ($$ SELECT public.portrait_tag('shop', 'ill', 'SELECT customer, ''flu'' AS value FROM w_customer', sensitivity => 'sensitive') $$),
	($$ SELECT public.portrait_tag('shop', 'region', 'SELECT customer, ''south'' AS value FROM w_customer', sensitivity => '') $$);
CALL portrait_refresh('shop', '2025-03-05Z');
:seen	-- plain
CALL portrait_refresh('shop', '2025-03-06Z');
:seen	-- plain, region south
INSERT INTO meddling VALUES ($$ SELECT public.portrait_tag('shop', 'region', 'SELECT customer, ''west'' AS value FROM w_customer', sensitivity => 'personal') $$);
CALL portrait_refresh('shop', '2025-03-07Z');
:seen	-- plain
-- what is kept where nothing is known any more is of the declaration before
SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''none'' AS value FROM w_customer WHERE customer > 1', on_empty => 'keep', sensitivity => '');
CALL portrait_refresh('shop', '2025-03-08Z');
SELECT personal();
:seen	-- plain
SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''none'' AS value FROM w_customer WHERE customer > 1'), portrait_tag('shop', 'kept', 'SELECT customer, ''k'' AS value FROM w_customer', sensitivity => 'personal');
SELECT portrait_tag('shop', 'kept', 'SELECT customer, ''k'' AS value FROM w_customer', sensitivity => '', on_empty => 'keep');
CALL portrait_refresh('shop', '2025-03-09Z');
SELECT personal();	-- region: kept never was anything else
SELECT portrait_tag_drop('shop', 'kept');

-- ---- what is not said of sensitivity stays, nothing takes it back ----

SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''flu'' AS value FROM w_customer', sensitivity => 'Sensitive');
SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''flu'' AS value FROM w_customer') AS same_version,
	portrait_tag('shop', 'ill', 'SELECT customer, ''gout'' AS value FROM w_customer', title => 'Illness') AS next_version;
CALL portrait_refresh('shop', '2025-04-01Z');
SELECT path, sensitivity, personal FROM shop.v_tag WHERE path = 'ill';
:seen	-- plain
SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''gout'' AS value FROM w_customer', title => 'Illness', sensitivity => '');
CALL portrait_refresh('shop', '2025-04-02Z');
SELECT path, sensitivity, personal FROM shop.v_tag WHERE path = 'ill';
:seen	-- ill, plain
-- the retail pack says nothing of it
SELECT portrait_create('retail', 'UTC');
SELECT portrait_retail_tags('retail') > 40 AS tags;
SELECT portrait_tag('retail', 'gender', definition ->> 'query', sensitivity => 'personal') FROM retail.tag WHERE path = 'gender';
SELECT portrait_retail_tags('retail') > 40 AS tags;
SELECT path, sensitivity, personal, pack FROM retail.v_tag WHERE personal OR sensitivity IS NOT NULL;
SELECT portrait_drop('retail');

-- ---- a rule over what is personal is personal, and says so ----

SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''flu'' AS value FROM w_customer'),
	portrait_tag('shop', 'house', rules => ARRAY[['stays', 'ill = flu'], ['goes', 'true']]),
	portrait_tag('shop', 'advice', rules => ARRAY[['tea', 'house = stays']]),
	portrait_tag('shop', 'public', rules => ARRAY[['ill', 'ill is known']], sensitivity => ''),
	portrait_tag('shop', 'counted', 'SELECT customer, count(*)::text AS value FROM w_tag_member, segment_members(members) AS customer WHERE tag = ''ill'' GROUP BY 1', needs => '{ill}');
CALL portrait_refresh('shop', '2025-05-01Z');
:seen	-- all
SET client_min_messages = notice;
-- all that need it, where nothing is said
SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''flu'' AS value FROM w_customer', sensitivity => 'personal');
SELECT personal();
:seen	-- plain, public
SELECT portrait_tag('shop', 'more', rules => ARRAY[['tea', 'advice = tea']]), portrait_tag('shop', 'own', rules => ARRAY[['tea', 'advice = tea']], sensitivity => 'sensitive');
-- said of the rule that it is not, it no longer is, nor what needs only that
SELECT portrait_tag('shop', 'house', rules => ARRAY[['stays', 'ill = flu'], ['goes', 'true']], sensitivity => '');
SELECT personal();
SET client_min_messages = warning;
CALL portrait_refresh('shop', '2025-05-02Z');
SET client_min_messages = notice;
SELECT personal();	-- counted, ill, own, region
:seen
SELECT portrait_tag('shop', 'house', rules => ARRAY[['stays', 'ill = flu'], ['goes', 'true']], sensitivity => 'personal');
-- one in a subtree that a rule asks about
SELECT personal();
SELECT portrait_tag('shop', 'any', rules => ARRAY[['yes', 'pain.*'], ['no', 'true']]) FROM portrait_tag('shop', 'pain.head', 'SELECT customer, true AS value FROM w_customer');
SELECT portrait_tag('shop', 'pain.back', 'SELECT customer, true AS value FROM w_customer', sensitivity => 'personal');
-- as long as it may be of what was personal: its own step is done, that of what it needs fails
SELECT portrait_tag('shop', 'ill', 'SELECT customer, ''no: '' || 1 / d AS value FROM w_customer, divisor', sensitivity => ''),
	portrait_tag('shop', 'house', rules => ARRAY[['stays', 'ill = flu'], ['goes', 'true']], sensitivity => 'none'),
	portrait_tag('shop', 'cold', rules => ARRAY[['yes', 'ill = flu']]);
UPDATE divisor SET d = 0;
SET client_min_messages = warning;
CALL portrait_refresh('shop', '2025-05-03Z');
SELECT * FROM wrong();
SELECT personal();	-- any, cold, counted, ill, own, pain.back, region
UPDATE divisor SET d = 1;
CALL portrait_refresh('shop', '2025-05-04Z');
SELECT personal();	-- any, own, pain.back, region

-- ---- what is hidden is not counted among the tests of a profile ----

CREATE TABLE many AS SELECT 'M' || i AS card, i FROM generate_series(1, 2000) AS i;
SELECT portrait_create('crowd', 'UTC');
SELECT portrait_source('crowd', 'm', 'identity', 'SELECT card, i AS priority FROM many');
SELECT portrait_tag('crowd', 'half', 'SELECT customer, customer % 2 = 0 AS value FROM w_customer'),
	portrait_tag('crowd', 'open', 'SELECT customer, ''o'' || least(customer % 7, 3) + customer % 2 AS value FROM w_customer'),
	portrait_tag('crowd', 'secret', 'SELECT customer, ''s'' || customer % 50 AS value FROM w_customer', sensitivity => 'personal');
CALL portrait_refresh('crowd', '2025-02-01Z');
SELECT portrait_grant('crowd', 'regress_portrait_reader', 'analyst');
SELECT tag, count(*) FROM portrait_profile('crowd', 'half') GROUP BY tag ORDER BY tag;
CREATE TABLE unmasked AS SELECT value, p_value, q_value FROM portrait_profile('crowd', 'half') WHERE tag = 'open';
SET SESSION AUTHORIZATION regress_portrait_reader;
CREATE TEMP TABLE masked AS SELECT tag, value, p_value, q_value FROM crowd.profile('half');
RESET SESSION AUTHORIZATION;
SELECT tag, count(*) FROM masked GROUP BY tag;
CREATE TEMP TABLE alone AS SELECT portrait_tag_drop('crowd', 'secret');
SELECT count(*) AS values, count(*) FILTER (WHERE m.q_value IS DISTINCT FROM p.q_value) AS others, count(*) FILTER (WHERE u.q_value = p.q_value) AS as_unmasked
FROM masked AS m JOIN portrait_profile('crowd', 'half') AS p USING (tag, value) JOIN unmasked AS u USING (value);
SELECT portrait_drop('crowd');

DROP EXTENSION portrait CASCADE;
DROP OWNED BY regress_portrait_reader;
DROP ROLE regress_portrait_reader;
DROP SCHEMA raw CASCADE;
DROP SCHEMA shop CASCADE;
