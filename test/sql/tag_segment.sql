--
-- Rules by set algebra: who is asked, how often, and what bad resolvers do.
-- That the answer is that of matching row by row is shown in tag_ways.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP ROLE IF EXISTS portrait_test_analyst;
RESET client_min_messages;
CREATE SCHEMA set_way;
SET search_path = public, set_way;

CREATE TABLE set_way.leaves (leaf text PRIMARY KEY, members segment);
INSERT INTO leaves VALUES ('a', '{1-4}'), ('b', '{3-6}'), ('c', '{4,6,8}'), ('d = 1', '{2,100}'), ('e <> 1', '{1,2,3}'),
	('segment("loyal")', '{5-9}'), ('did("buy", at least 2, within last 30 days)', '{1,9}'), ('age(a) < 30 days', '{7}'), ('none', NULL);
CREATE TEMP TABLE asked (n serial, leaf text);
CREATE FUNCTION set_way.resolve(leaf tagquery) RETURNS segment LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO asked (leaf) VALUES ($1::text);
	RETURN (SELECT members FROM leaves AS l WHERE l.leaf = $1::text);
END
$$;
CREATE FUNCTION set_way.who(rule tagquery, everybody segment DEFAULT '{1-10}', OUT members segment, OUT asked text)
LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE asked;
	members := tag_segment(rule, everybody, 'set_way.resolve(tagquery)');
	asked := (SELECT string_agg(a.leaf, '; ' ORDER BY n) FROM pg_temp.asked AS a);
END
$$;

-- leaves, negated and not; the resolver is never asked for a negated one
SELECT rule, w.* FROM unnest('{a, not a, a and b, a or b, a and not b, not (a or b), a and b and c, "at least 2 of (a, b, c)",
	"not at least 2 of (a, b, c)", "d = 1", "not d = 1", "e <> 1", "not e <> 1", true, false, none, not none, unheard_of, not unheard_of}'::tagquery[]) AS rule, who(rule) AS w;

-- what is not bound, too
SELECT w.* FROM who('segment(loyal) and not did(buy, at least 2, within last 30 days)') AS w;
SELECT w.* FROM who('age(a) < 30 days or segment(loyal)') AS w;

-- each leaf once, however often it is there
SELECT w.* FROM who('(a or b) and (a or c) and (not a or b) and at least 2 of (a, b, not a)') AS w;

-- nobody is asked for what makes no difference
SELECT w.* FROM who('none and a and b') AS w;
SELECT w.* FROM who('a and b', '{}') AS w;
SELECT w.* FROM who('a or b or c', '{1-3}') AS w;
SELECT w.* FROM who('a and not a') AS w;
SELECT w.* FROM who('at least 1 of (b, a, c)', '{3,4}') AS w;

-- never outside everybody
SELECT w.* FROM who('d = 1', '{100-200}') AS w;
SELECT segment_count((w).members) FROM who('not a', '{-9223372036854775808--3,2}') AS w;

-- NULLs
SELECT tag_segment(NULL, '{1}', 'set_way.resolve(tagquery)'), tag_segment('a', NULL, 'set_way.resolve(tagquery)'), tag_segment('a', '{1}', NULL);

-- rules from a table, and a resolver that is plain SQL
CREATE FUNCTION set_way.resolve_sql(leaf tagquery) RETURNS segment STABLE
	RETURN (SELECT members FROM leaves AS l WHERE l.leaf = resolve_sql.leaf::text);
SELECT rule, tag_segment(rule, '{1-10}', 'set_way.resolve_sql(tagquery)') FROM (VALUES ('a or c'::tagquery), ('b and not c'), ('at least 2 of (a, b, c)')) AS r(rule);

-- many leaves, deep rules
CREATE FUNCTION set_way.by_number(leaf tagquery) RETURNS segment IMMUTABLE
	RETURN ('{' || substr(leaf::text, 2) || '}')::segment;
SELECT segment_count(tag_segment((SELECT string_agg('t' || i, ' or ') FROM generate_series(1, 3000) AS i)::tagquery, '{1-3000}', 'set_way.by_number(tagquery)'));
SELECT tag_segment((string_agg(format('t%s %s (', i, CASE WHEN i % 2 = 0 THEN 'or' ELSE 'and not' END), '') || 't7' || repeat(')', 900))::tagquery, '{1-1000}', 'set_way.by_number(tagquery)')
FROM generate_series(1, 900) AS i;

-- ---- what is no resolver ----

SELECT tag_segment('a', '{1}', 0);
SELECT tag_segment('a', '{1}', 'lower(text)');
SELECT tag_segment('a', '{1}', 'tagquery_is_bound(tagquery)');
SELECT tag_segment('a', '{1}', 'segment_union_agg(segment)');
CREATE FUNCTION set_way.two(leaf tagquery, more integer DEFAULT 1) RETURNS segment IMMUTABLE RETURN '{}'::segment;
SELECT tag_segment('a', '{1}', 'set_way.two(tagquery, integer)');
CREATE FUNCTION set_way.rows(leaf tagquery) RETURNS SETOF segment LANGUAGE sql AS 'SELECT ''{}''::segment';
SELECT tag_segment('a', '{1}', 'set_way.rows(tagquery)');
CREATE FUNCTION set_way.fails(leaf tagquery) RETURNS segment LANGUAGE plpgsql AS $$ BEGIN RAISE 'no idea of %', leaf; END $$;
SELECT tag_segment('not a or b', '{1}', 'set_way.fails(tagquery)');

-- it is called as the current user
CREATE ROLE portrait_test_analyst;
GRANT USAGE ON SCHEMA set_way TO portrait_test_analyst;
REVOKE EXECUTE ON FUNCTION set_way.by_number(tagquery) FROM public;
SET ROLE portrait_test_analyst;
SELECT tag_segment('t1', '{1}', 'set_way.by_number(tagquery)');
SELECT tag_segment('a', '{1}', 'set_way.resolve_sql(tagquery)');
RESET ROLE;

SET client_min_messages = warning;
DROP SCHEMA set_way CASCADE;
DROP ROLE portrait_test_analyst;
