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
\set seen 'SET SESSION AUTHORIZATION regress_portrait_reader; SELECT (SELECT string_agg(concat(t ->> ''tag'', '' '', t ->> ''value''), '', '' ORDER BY t ->> ''tag'') FROM jsonb_array_elements(shop.card(1) -> ''tags'') AS t) AS card, (SELECT string_agg(tag || '' '' || value, '', '' ORDER BY tag) FROM shop.v_customer_tag WHERE customer = 1) AS view, (SELECT region FROM shop.v_customer WHERE customer = 1) AS wide; RESET SESSION AUTHORIZATION;'

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

DROP EXTENSION portrait CASCADE;
DROP OWNED BY regress_portrait_reader;
DROP ROLE regress_portrait_reader;
DROP SCHEMA raw CASCADE;
DROP SCHEMA shop CASCADE;
