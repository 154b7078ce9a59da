--
-- Rules as JSON, as react-querybuilder has them
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

-- what a rule builder saves
SELECT jsonb '{"id": "root", "combinator": "and", "not": false, "rules": [
	{"id": "1", "field": "vip", "operator": "=", "valueSource": "value", "value": true},
	{"field": "age", "operator": ">=", "value": 18},
	{"combinator": "or", "not": true, "rules": [
		{"field": "city", "operator": "=", "value": "上海"},
		{"field": "spend", "operator": "<", "valueSource": "field", "value": "budget"}]}]}'::tagquery;

-- every operator of theirs
SELECT operator, ('{"rules": [{"field": "x", "operator": "' || operator || '", "value": ' || value || '}]}')::jsonb::tagquery AS rule
FROM (VALUES ('=', '1'), ('!=', '1'), ('<', '1'), ('>', '1'), ('<=', '1'), ('>=', '1'),
	('contains', '"a"'), ('beginsWith', '"a"'), ('endsWith', '"a"'),
	('doesNotContain', '"a"'), ('doesNotBeginWith', '"a"'), ('doesNotEndWith', '"a"'),
	('null', 'null'), ('notNull', 'null'), ('in', '[1, 2]'), ('notIn', '["a", "b"]'),
	('between', '[1, 2]'), ('notBetween', '[1, 2]')) AS v(operator, value);

-- and ours
SELECT rule, ('{"rules": [' || rule || ']}')::jsonb::tagquery
FROM unnest(ARRAY[
	'{"field": "vip", "operator": "has"}',
	'{"field": "vip", "operator": "hasNot"}',
	'{"field": "interest.sport", "operator": "hasBelow"}',
	'{"field": "interest.sport", "operator": "hasNotBelow"}',
	'{"field": "city", "operator": "noneOf", "value": ["a", "b"]}',
	'{"field": "x", "operator": "between", "value": [1, 2], "bounds": "[)"}',
	'{"field": "x", "operator": "notBetween", "value": [1, 2], "bounds": "()"}',
	'{"field": "x", "operator": "withinLast", "value": "30 days"}',
	'{"field": "x", "operator": "beforeLast", "value": "18 Years"}',
	'{"field": "x", "operator": "withinNext", "value": "1 week"}',
	'{"field": "born", "operator": "anniversary withinNext", "value": "7 days"}',
	'{"field": "born", "operator": "anniversary between", "value": ["12-24", "01-06"]}',
	'{"field": "born", "operator": "anniversary =", "value": "02-29"}',
	'{"field": "sport", "operator": "weight >=", "value": 0.5}',
	'{"field": "sport", "operator": "weight >=", "value": 0.5, "halfLife": "30 days"}',
	'{"field": "sport", "operator": "weight between", "value": "0.25, 0.5", "halfLife": "30 days", "asOf": "2026-11-11"}',
	'{"field": "sport", "operator": "set_at <", "value": "2026-11-11T08:00:00+08"}',
	'{"field": "x", "operator": "date >=", "value": "2026-11-11"}',
	'{"field": "x", "operator": "time notBetween", "value": ["2026-11-11", "2026-11-12"]}',
	'{"field": "sport", "operator": "age <", "value": "30 days"}',
	'{"field": "segment", "operator": "inSegment", "value": "at risk"}',
	'{"operator": "notInSegment", "value": "at risk"}',
	'{"field": "event", "operator": "did", "value": "purchase"}',
	'{"field": "event", "operator": "did", "value": "purchase", "atLeast": 2, "withinLast": "30 days"}',
	'{"field": "event", "operator": "didNot", "value": "purchase", "exactly": 0, "beforeLast": "1 month"}']) AS rule;

-- values: numbers and booleans are what they are, strings are dates, times or texts
SELECT value, ('{"rules": [{"field": "x", "operator": "=", "value": ' || value || '}]}')::jsonb::tagquery
FROM unnest(ARRAY['18', '"18"', 'true', '"true"', '"2026-11-11"', '{"text": "2026-11-11"}', '"2026-11-11T10:00"', '"2026-11-11T10:00:00.5+08:00"',
	'"2026-11-11 10:00"', '{"text": "18"}', '""', '"a \" b \\ c"', '1e3', '-0.50', '1e300', '"12345678901234567890"',
	'"null"']) AS value;
-- lists with commas have no types: these are words, as in the text of a rule
SELECT value, ('{"rules": [{"field": "x", "operator": "in", "value": ' || value || '}]}')::jsonb::tagquery
FROM unnest(ARRAY['"18,25"', '" a , b "', '"2026-11-11, true"', '["18", 25, false]', '[{"text": "2026-11-11"}, "2026-11-11"]']) AS value;

-- groups: how many must match; what says nothing is left out
SELECT rule, rule::jsonb::tagquery
FROM unnest(ARRAY[
	'{"combinator": "or", "match": {"mode": "atLeast", "threshold": 2}, "rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "has"}, {"field": "c", "operator": "has"}]}',
	'{"match": {"mode": "atMost", "threshold": 1}, "rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "has"}, {"field": "c", "operator": "has"}]}',
	'{"match": {"mode": "exactly", "threshold": 1}, "rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "has"}]}',
	'{"match": {"mode": "all"}, "rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "has"}]}',
	'{"match": {"mode": "some"}, "rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "has"}]}',
	'{"match": {"mode": "none"}, "not": true, "rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "has"}]}',
	'{"combinator": "and", "rules": []}', '{"combinator": "or", "rules": []}', '{"combinator": "and", "not": true, "rules": []}',
	'{"combinator": "or", "rules": [{"field": "a", "operator": "has"}, {"combinator": "and", "rules": []}]}',
	'{"combinator": "or", "rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "nonsense", "muted": true}, {"combinator": "xor", "rules": [], "muted": true}]}',
	'{"combinator": "AND", "rules": [{"combinator": "OR", "rules": [{"muted": true}]}, {"field": "a", "operator": "has", "muted": false}]}',
	'{"field": "a", "operator": "has"}']) AS rule;

--
-- What is not understood
--
CREATE FUNCTION pg_temp.problem(rule text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	code text;
	detail text;
	hint text;
BEGIN
	RETURN 'no problem: ' || (rule::jsonb::tagquery)::text;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n  ', code || ' ' || sqlerrm, nullif(detail, ''), nullif(hint, ''));
END
$$;
\pset format unaligned
\pset tuples_only on
SELECT rule, pg_temp.problem(rule)
FROM unnest(ARRAY[
	'1', '"vip"', '[]', 'null', '{}', '{"rules": {}}', '{"rules": null}', '{"rules": [1]}',
	'{"combinator": "xor", "rules": []}', '{"combinator": "nand", "rules": []}', '{"combinator": 1, "rules": []}',
	'{"rules": [{"field": "a", "operator": "has"}, "and", {"field": "b", "operator": "has"}]}',
	'{"rules": [{"field": "a", "operator": "has"}, {"field": "b", "operator": "has"}]}',
	'{"combinator": "and", "not": "yes", "rules": [{"field": "a", "operator": "has"}]}',
	'{"rules": [{"field": "a", "operator": "has"}, {"combinator": "or", "rules": [{"field": "a"}, {"field": 1, "operator": "has"}]}], "combinator": "and"}',
	'{"rules": [{"field": 1, "operator": "has"}]}', '{"rules": [{"operator": "has"}]}', '{"rules": [{"field": "", "operator": "has"}]}',
	'{"rules": [{"field": "' || repeat('标', 400) || '", "operator": "has"}]}',
	'{"rules": [{"field": "a", "operator": "~"}]}', '{"rules": [{"field": "a", "operator": "==" , "value": 1}]}',
	'{"rules": [{"field": "a", "operator": "weight has"}]}', '{"rules": [{"field": "a", "operator": "age between", "value": ["1 day", "2 days"]}]}',
	'{"rules": [{"field": "a", "operator": "anniversary beforeLast", "value": "1 day"}]}', '{"rules": [{"field": "a", "operator": "years >", "value": 1}]}',
	'{"rules": [{"field": "a", "operator": " =", "value": 1}]}', '{"rules": [{"field": "a", "operator": "", "value": 1}]}',
	'{"rules": [{"field": "a", "operator": "="}]}', '{"rules": [{"field": "a", "operator": "=", "value": null}]}',
	'{"rules": [{"field": "a", "operator": "=", "value": [1]}]}', '{"rules": [{"field": "a", "operator": "=", "value": {"date": "2026-11-11"}}]}',
	'{"rules": [{"field": "a", "operator": "=", "value": "2026-02-30"}]}', '{"rules": [{"field": "a", "operator": "=", "value": 12345678901234567890}]}',
	'{"rules": [{"field": "a", "operator": "in", "value": []}]}', '{"rules": [{"field": "a", "operator": "in", "value": ""}]}',
	'{"rules": [{"field": "a", "operator": "in", "value": "a,,b"}]}', '{"rules": [{"field": "a", "operator": "in", "value": ["a", null]}]}',
	'{"rules": [{"field": "a", "operator": "in", "value": 1}]}', '{"rules": [{"field": "a", "operator": "in", "value": "1,null"}]}',
	'{"rules": [{"field": "a", "operator": "between", "value": [1]}]}', '{"rules": [{"field": "a", "operator": "between", "value": "1,2,3"}]}',
	'{"rules": [{"field": "a", "operator": "between", "value": [1, "b"]}]}', '{"rules": [{"field": "a", "operator": "between", "value": [1, 2], "bounds": "[["}]}',
	'{"rules": [{"field": "a", "operator": "anniversary between", "value": "01-01, 02-02", "bounds": "[)"}]}',
	'{"rules": [{"field": "a", "operator": "contains", "value": 1}]}', '{"rules": [{"field": "a", "operator": "contains"}]}',
	'{"rules": [{"field": "a", "operator": "weight >", "value": "0.5"}]}', '{"rules": [{"field": "a", "operator": "weight >", "value": 0.5, "halfLife": "1 month"}]}',
	'{"rules": [{"field": "a", "operator": "weight >", "value": 0.5, "halfLife": "1 day", "asOf": "today"}]}',
	'{"rules": [{"field": "a", "operator": "set_at >", "value": 1}]}', '{"rules": [{"field": "a", "operator": "anniversary =", "value": "02-30"}]}',
	'{"rules": [{"field": "a", "operator": "withinLast", "value": "30"}]}', '{"rules": [{"field": "a", "operator": "withinLast", "value": 30}]}',
	'{"rules": [{"field": "a", "operator": "withinLast", "value": "1 day) or (true"}]}', '{"rules": [{"field": "a", "operator": "withinLast", "value": "1 day or x"}]}',
	'{"rules": [{"field": "a", "operator": "=", "value": "b", "valueSource": "parameter"}]}', '{"rules": [{"field": "a", "operator": "contains", "value": "b", "valueSource": "field"}]}',
	'{"rules": [{"field": "a", "operator": "weight >", "value": "b", "valueSource": "field"}]}', '{"rules": [{"field": "a", "operator": "=", "value": 1, "valueSource": "field"}]}',
	'{"rules": [{"field": "a", "operator": "=", "value": 1, "match": {"mode": "all"}}]}',
	'{"match": {"mode": "most"}, "rules": []}', '{"match": "all", "rules": []}', '{"match": {"mode": "atLeast"}, "rules": []}',
	'{"match": {"mode": "atLeast", "threshold": 0.5}, "rules": []}', '{"match": {"mode": "atLeast", "threshold": -1}, "rules": []}',
	'{"match": {"mode": "atMost", "threshold": 4294967295}, "rules": []}', '{"match": {"mode": "atMost", "threshold": 4294967294}, "rules": [{"field": "a", "operator": "has"}]}',
	'{"match": {"mode": "exactly", "threshold": 1}, "rules": [{"match": {"mode": "all"}, "rules": [{"match": {"mode": "exactly", "threshold": 1}, "rules": []}]}]}',
	'{"rules": [{"operator": "inSegment"}]}', '{"rules": [{"operator": "did", "value": 1}]}', '{"rules": [{"operator": "did", "value": "a", "atLeast": "2"}]}',
	'{"rules": [{"operator": "did", "value": "a", "withinLast": "2"}]}',
	repeat('{"rules": [', 50) || '1' || repeat(']}', 50)]) AS rule;
SELECT depth, left(pg_temp.problem(repeat('{"rules": [', depth) || '{"field": "a", "operator": "has"}' || repeat(']}', depth)), 60)
FROM unnest('{999,1000,1003,3000}'::int[]) AS depth;
\pset format aligned
\pset tuples_only off

--
-- Every rule comes back: all kinds of leaves, and random trees of them
--
CREATE TABLE tagquery_jsonb_leaves AS
SELECT row_number() OVER () - 1 AS i, leaf
FROM unnest(ARRAY['vip', 'interest.sport.*', '兴趣.*', 'x is known', 'x is unknown', 'x = 1', 'x <> 1', 'x = true', 'x = "true"', 'x = 2026-11-11',
	'x = "2026-11-11"', 'x = 2026-11-11T10:00:00.123456Z', 'x = "2026-11-11T10:00"', 'x = "2026-02-30"', 'x = ""', 'x in (1, "1", true, a, 2026-11-11)',
	'x not in (1, "1", false)', 'x any of (a, b)', 'x none of (a, b)', 'x none of (a)', 'x all of (a, b)', 'x < 1e300', 'x > -0.1', 'x <= abc', 'x >= 2026-11-11',
	'x between 1 and 5', 'x not between 1 and 5', 'x between above 1 and 5', 'x between 1 and below 5', 'x between above a and below b',
	'x between 2026-11-11 and 2026-11-11T10:00:00Z', 'date(x) = 2026-11-11', 'date(x) since 2026-11-11', 'time(x) before 2026-11-11T10:00:00Z',
	'time(x) between above 2026-11-11 and below 2026-11-12', 'weight(x) > 0', 'weight(x) between 0.1 and below 0.2', 'weight(x) = 0.5',
	'weight(x, 30 days) >= 0.5', 'weight(x, 90 minutes) between above 0.1 and 0.5', 'weight(x, 1 day, 2026-11-11) < 0.5', 'weight(x, 1 second, 2026-11-11T10:00:00Z) = 0.5',
	'set_at(x) since 2026-11-11', 'set_at(x) = 2026-11-11T10:00:00Z', 'anniversary(x) = 02-29', 'anniversary(x) between 12-24 and 01-06', 'anniversary(x) <> 01-01',
	'anniversary(x) >= 06-01', 'x starts with "a\"b"', 'x ends with "\\"', 'x contains "2026-11-11"', 'x contains ""', 'spend > value(budget)', '"a b" = value("c d")',
	'x <> value(y)', 'x within last 30 days', 'x within last 0 days', 'x before last 18 years', 'x within next 90 minutes', 'x within last 7 months', 'x within last 4294967295 seconds',
	'anniversary(x) within next 7 days', 'anniversary(x) within last 1 month', 'age(x) < 30 days', 'age(x) <> 1 hour', 'age(x) = 1 year',
	'segment("at risk")', 'segment("")', 'did("purchase")', 'did("加入购物车", at least 2, within last 30 days)', 'did("x", exactly 0)', 'did("x", at most 4294967295, before last 1 month)',
	'did("x", within next 1 day)', E'"new\nline\t\u0001" = "\u007f \U0001F600 \\"quoted\\" \\\\"', '"not" = "and"', '"{{a}}" = "[[b]] $c %d ?"', 'true', 'false']) AS leaf
WHERE leaf <> 'segment("")';

CREATE FUNCTION pg_temp.random_rule(depth int) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	n int := 2 + floor(random() * 3);
	parts text[] := '{}';
BEGIN
	IF depth = 0 OR random() < 0.2 THEN
		RETURN CASE WHEN random() < 0.3 THEN 'not ' ELSE '' END || '('
			|| (SELECT leaf FROM tagquery_jsonb_leaves ORDER BY i OFFSET floor(random() * (SELECT count(*) FROM tagquery_jsonb_leaves)) LIMIT 1) || ')';
	END IF;
	FOR i IN 1 .. n LOOP
		parts := parts || pg_temp.random_rule(depth - 1);
	END LOOP;
	RETURN CASE floor(random() * 4)
		WHEN 0 THEN '(' || array_to_string(parts, ' and ') || ')'
		WHEN 1 THEN '(' || array_to_string(parts, ' or ') || ')'
		WHEN 2 THEN 'not (' || array_to_string(parts, ' or ') || ')'
		ELSE format('at least %s of (%s)', 1 + floor(random() * n), array_to_string(parts, ', ')) END;
END
$$;

CREATE FUNCTION pg_temp.comes_back(rule tagquery) RETURNS boolean
LANGUAGE sql
RETURN tagquery_send(rule::jsonb::tagquery) = tagquery_send(rule);

SELECT leaf FROM tagquery_jsonb_leaves
WHERE NOT pg_temp.comes_back(leaf::tagquery) OR NOT pg_temp.comes_back(('not (' || leaf || ')')::tagquery)
	OR NOT pg_temp.comes_back(('a and (b or not (' || leaf || '))')::tagquery);
-- negated leaves have operators, or groups with "not"
SELECT ('not (' || leaf || ')')::tagquery::jsonb -> 'rules' -> 0 AS negated
FROM unnest(ARRAY['vip', 'interest.*', 'x is known', 'x = 1', 'x <> 1', 'x in (1, 2)', 'x not in (1, 2)', 'x > 1', 'x contains a', 'a = value(b)', 'x within last 1 day',
	'age(x) < 1 day', 'segment("a")', 'did("a", at most 2)', 'weight(x, 1 day) > 0']) AS leaf;
SELECT 'true'::tagquery::jsonb AS t, 'false'::tagquery::jsonb AS f, 'at least 2 of (a, b, c)'::tagquery::jsonb AS at_least;

\set ECHO none
\set seed 1
\set cases 2000
\getenv seed PORTRAIT_TEST_SEED
\getenv cases PORTRAIT_TEST_CASES
SELECT set_config('portrait_test.seed', :'seed', false), set_config('portrait_test.cases', :'cases', false) \gset
\set ECHO all
DO $$
DECLARE
	rule text;
BEGIN
	FOR i IN 1 .. current_setting('portrait_test.cases')::int LOOP
		PERFORM setseed(((current_setting('portrait_test.seed')::bigint * 1000003 + i) % 1000000) / 1000000.0);
		rule := pg_temp.random_rule(1 + i % 4);
		IF NOT pg_temp.comes_back(rule::tagquery) THEN
			RAISE EXCEPTION 'seed %, case %: % comes back as %', current_setting('portrait_test.seed'), i, rule, rule::tagquery::jsonb::tagquery;
		END IF;
	END LOOP;
END
$$;
-- the deepest rule too
SELECT pg_temp.comes_back((repeat('(a or (b and ', 499) || 'not (x > 1)' || repeat('))', 499))::tagquery) AS deep;
DROP TABLE tagquery_jsonb_leaves;
