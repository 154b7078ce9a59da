--
-- Compiled sets of rules: what they are, what makes them the same, how they
-- come and go, what bad bytes do.  That they find what plain SQL says is
-- shown in tag_ways.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

CREATE TEMP TABLE rules (id bigint, rule tagquery);
INSERT INTO rules VALUES
	(7, 'vip'), (3, 'vip and city = 上海'), (3, 'age between 30 and 40'), (9, 'not vip'),
	(-9223372036854775808, 'interest.*'), (9223372036854775807, 'at least 2 of (vip, age >= 18, city = 上海)'),
	(11, 'true'), (12, 'false'), (13, 'age(vip) < 30 days'), (14, 'segment("loyal")'), (15, 'did("buy")'),
	(16, 'vip or not vip and spend > 10'), (17, '"not" = "and, or"'), (18, 'spend > value(budget)'),
	(19, 'city in (a, b, c) and age is unknown'), (20, 'born since 2000-01-01');

CREATE TEMP TABLE compiled AS SELECT tagquery_set_agg(id, rule) AS rules FROM rules;

-- what is in it, by id
SELECT tagquery_set_count(rules) FROM compiled;
SELECT r.* FROM compiled, tagquery_set_rules(rules) AS r;

-- whom it finds: ascending, each id once
SELECT ARRAY(SELECT tag_percolate(rules, 'vip, age=34, city=上海')) FROM compiled;
SELECT tags, ARRAY(SELECT * FROM tag_percolate(rules, tags::tagset))
FROM compiled, unnest('{"", "vip", "vip=false", "city=a", "city=a, age=3", "interest.sport.running", "interest", "spend=11", "spend=3, budget=2", "\"not\"=\"and, or\"", "born=2000-01-01, vip"}'::text[]) AS tags;

-- expiry doesn't count where no time is given
SELECT ARRAY(SELECT tag_percolate(rules, 'vip~2001-01-01')) @> '{7}' FROM compiled;

-- NULLs, nothing
SELECT tagquery_set_agg(id, rule) FROM rules WHERE false;
SELECT tagquery_set_agg(NULL, rule), tagquery_set_agg(id, NULL) FROM rules;
SELECT ARRAY(SELECT tag_percolate(NULL, 'vip')), ARRAY(SELECT tag_percolate(rules, NULL)) FROM compiled;
SELECT tagquery_set_count(tagquery_set_agg(id, CASE WHEN id = 7 THEN rule END)) FROM rules;

-- ---- one set has one image ----

-- any order, every row twice
SELECT count(DISTINCT s.rules::text), bool_and(s.rules = c.rules)
FROM compiled AS c, LATERAL (
	SELECT tagquery_set_agg(id, rule ORDER BY hashint8(id # seed), twice) AS rules
	FROM generate_series(1, 20) AS seed, rules, generate_series(1, 2) AS twice GROUP BY seed) AS s;

-- text, bytes, rules and back
SELECT rules::text::tagquery_set = rules AND rules::text::tagquery_set::text = rules::text FROM compiled;
SELECT tagquery_set_agg(r.id, r.rule) = (SELECT rules FROM compiled) FROM compiled, tagquery_set_rules(rules) AS r;
SELECT length(tagquery_set_send(rules)) < pg_column_size(rules) FROM compiled;
CREATE TEMP TABLE copied (rules tagquery_set);
-- a file of the server's
SELECT current_setting('data_directory') || '/portrait_tagquery_set.bin' AS file \gset
COPY compiled TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);
SELECT a.rules = b.rules FROM compiled AS a, copied AS b;
CREATE TEMP TABLE hostile (bytes bytea);
INSERT INTO hostile VALUES ('\x0100000001');
COPY hostile TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);

-- several sets as one; NULLs are skipped
SELECT tagquery_set_union_agg(part) = (SELECT rules FROM compiled)
FROM (SELECT tagquery_set_agg(id, rule) AS part FROM rules GROUP BY id % 3
	UNION ALL SELECT rules FROM compiled UNION ALL SELECT NULL) AS parts;
SELECT tagquery_set_union_agg(rules) FROM compiled WHERE false;

-- a state goes on after its result
SELECT id, tagquery_set_count(tagquery_set_agg(id, rule) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)) FROM rules WHERE id BETWEEN 3 AND 11 ORDER BY 1, 2;

-- in parallel
CREATE TABLE many_rules AS SELECT i AS id, format('t%s and t%s and not t%s', i % 7, i % 11, i % 13)::tagquery AS rule FROM generate_series(1, 20000) AS i;
ALTER TABLE many_rules SET (parallel_workers = 2);
ANALYZE many_rules;
SELECT md5(tagquery_set_agg(id, rule)::text) AS serial FROM many_rules \gset
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT md5(tagquery_set_agg(id, rule)::text) = :'serial' FROM many_rules;
SELECT md5(tagquery_set_agg(id, rule)::text) = :'serial' FROM many_rules;
COMMIT;

-- order, hashes
SELECT a.rules < b.rules, a.rules <= a.rules, b.rules > a.rules, a.rules >= b.rules, a.rules <> b.rules
FROM (SELECT tagquery_set_agg(1, 'vip') AS rules) AS a, compiled AS b;
SELECT count(*) FROM (SELECT rules FROM compiled UNION SELECT rules FROM copied) AS u;
SELECT count(*) FROM compiled AS a JOIN copied AS b USING (rules);

-- ---- a set that is used again and again is fetched once ----

CREATE TABLE stored AS SELECT tagquery_set_agg(id, rule) AS rules FROM many_rules;
SELECT pg_column_size(rules) > 100000 FROM stored;
BEGIN;
SELECT count(*) FROM stored, generate_series(1, 50) AS i, tag_percolate(rules, 't1, t2, t3');
SELECT count(*) FROM (SELECT tag_percolate(rules, 't1, t2, t3') FROM stored, generate_series(1, 50)) AS p;
SELECT pg_stat_get_xact_tuples_fetched(indexrelid) <= 2 * (SELECT ceil(pg_column_size(rules) / 1996.0) FROM stored) AS fetched_once
FROM pg_class JOIN pg_index ON indrelid = reltoastrelid WHERE oid = 'stored'::regclass;
-- only the head
SELECT tagquery_set_count(rules) FROM stored;
COMMIT;

-- two sets in turn, and a limit in the middle of a set of rows
SELECT sum(p) FROM (SELECT rules, 1 FROM stored UNION ALL SELECT rules, 2 FROM compiled) AS sets(rules, n),
	generate_series(1, 3), tag_percolate(rules, 't1, t2, vip') AS p WHERE p BETWEEN 0 AND 100000;
SELECT id, ARRAY(SELECT tag_percolate(rules, tags) LIMIT 2) FROM stored, (VALUES (1, 't1, t2'::tagset), (2, 't3, t4'), (3, 't1, t2')) AS c(id, tags);

-- ---- hostile input ----

SELECT ''::tagquery_set;
SELECT 'vip'::tagquery_set;
SELECT 'tagquery_set:'::tagquery_set;
SELECT 'tagquery_set:AQ=='::tagquery_set;
SELECT 'tagquery_set:AQ=?'::tagquery_set;
SELECT 'tagquery_set:AgAAAAAAAAAAAAAAAAAAAAAAAAA='::tagquery_set;
-- an empty one
SELECT tagquery_set_count('tagquery_set:AQAAAAAAAAAAAAAAAAAAAAAAAAA='::tagquery_set);
SELECT ARRAY(SELECT tag_percolate('tagquery_set:AQAAAAAAAAAAAAAAAAAAAAAAAAA=', 'vip'));

-- each byte as every other one, and cut off anywhere: an error that tells the
-- type, or another good set
CREATE FUNCTION pg_temp.outcome(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	written text := 'tagquery_set:' || translate(encode(bytes, 'base64'), E'\n', '');
BEGIN
	IF written::tagquery_set::text <> written THEN
		RAISE EXCEPTION 'not canonical: %', written USING ERRCODE = 'P0001';
	END IF;
	PERFORM tag_percolate(written::tagquery_set, 'vip, age=34, city=上海');
	RETURN 'good';
EXCEPTION
	WHEN invalid_text_representation THEN
		RETURN CASE WHEN sqlerrm ~ 'tagquery' THEN '22P02' ELSE sqlerrm END;
END
$$;
SELECT outcome, count(*) > 0 FROM (
	SELECT pg_temp.outcome(set_byte(bytes, at, (get_byte(bytes, at) + other) % 256)) AS outcome
	FROM (SELECT tagquery_set_send(tagquery_set_agg(id, rule)) AS bytes FROM rules WHERE id IN (3, 7, 9, 18, 9223372036854775807)) AS s,
		generate_series(0, length(bytes) - 1) AS at, unnest('{1, 2, 4, 16, 64, 127, 128, 255}'::int[]) AS other) AS o
GROUP BY outcome ORDER BY outcome;
SELECT outcome, count(*) > 0 FROM (
	SELECT pg_temp.outcome(substr(bytes, 1, n)) AS outcome
	FROM (SELECT tagquery_set_send(rules) AS bytes FROM compiled) AS s, generate_series(0, length(bytes) - 1) AS n) AS o
GROUP BY outcome;
SELECT pg_temp.outcome(tagquery_set_send(rules) || '\x00') FROM compiled;

-- what stands behind the aggregates takes no call of its own, and no state of others
SELECT tagquery_set_agg_transition(NULL, 1, 'vip');
CREATE AGGREGATE pg_temp.bad_state(bigint, tagquery) (SFUNC = tagquery_set_agg_transition, STYPE = bytea, INITCOND = '\x00');
SELECT pg_temp.bad_state(id, rule) FROM rules;
CREATE AGGREGATE pg_temp.bad_rows(bytea) (SFUNC = tagquery_set_agg_combine, STYPE = bytea, FINALFUNC = tagquery_set_agg_final);
SELECT pg_temp.bad_rows('\x');
SELECT pg_temp.bad_rows('\x01000000ffffffff00000000');
SELECT pg_temp.bad_rows('\x010000001400000001000000ffffffff');
SELECT tagquery_set_count(pg_temp.bad_rows('\x010000001000000000000000'));

-- bytes of a name or a text that the encoding does not have
SELECT ('tagquery_set:' || encode(bytes, 'base64'))::tagquery_set = s.made AS same
FROM (SELECT made, tagquery_set_send(made) AS bytes FROM (SELECT tagquery_set_agg(1, 'a = xyz') AS made) AS m) AS s;
SELECT ('tagquery_set:' || encode(set_byte(bytes, position('xyz'::bytea IN bytes) - 1, 255), 'base64'))::tagquery_set
FROM (SELECT tagquery_set_send(tagquery_set_agg(1, 'a = xyz')) AS bytes) AS s;

DROP TABLE many_rules, stored;
