--
-- What amcheck says of our GIN indexes, where it is installed
--
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
CREATE EXTENSION portrait;
CREATE SCHEMA tag_gin_18_test;
SET search_path = tag_gin_18_test, public;

CREATE TABLE customers AS
SELECT i AS id, format('t%s, interest.i%s, city=%s, seen=2026-01-01, note=%s', i % 100, i % 7, i % 1000, repeat('x', 1 + i % 90))::tagset AS tags
FROM generate_series(1, 20000) AS i;
CREATE INDEX customers_tags ON customers USING gin (tags);
CREATE TABLE rules AS
SELECT i AS id, format('t%s and city = %s or not t%s and interest.i%s', i % 100, i % 1000, i, i % 7)::tagquery AS rule
FROM generate_series(1, 20000) AS i;
CREATE INDEX rules_rule ON rules USING gin (rule tagquery_ops (common = 't1, t2'));
INSERT INTO customers SELECT id + 20000, tags FROM customers WHERE id <= 100;
INSERT INTO rules SELECT id + 20000, rule FROM rules WHERE id <= 100;

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') THEN
		RETURN;
	END IF;
	CREATE EXTENSION amcheck;
	PERFORM gin_index_check('customers_tags');
	PERFORM gin_index_check('rules_rule');
	DELETE FROM customers WHERE id % 3 = 0;
	PERFORM gin_clean_pending_list('customers_tags');
	PERFORM gin_index_check('customers_tags');
	DROP EXTENSION amcheck;
END
$$;

DROP SCHEMA tag_gin_18_test CASCADE;
DROP EXTENSION portrait CASCADE;
