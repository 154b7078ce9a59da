--
-- segment: values that PL/pgSQL holds.  On 18 a variable is changed in place
-- and its value lives in memory of its own; no copy of it may ever change.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
CREATE SCHEMA segment_test;
RESET client_min_messages;
SET search_path = public, segment_test;

-- loops: small, large, dense, isolated, with duplicates
DO $$
DECLARE
	s segment;
	start segment;
	expected segment;
	step bigint;
	n int;
BEGIN
	FOREACH start IN ARRAY ARRAY['{}', '{-5}', '{100000-300000}', '{0-9000000000000000000}',
			(SELECT segment_agg(i * 3) FROM generate_series(1, 1000) AS i),
			(SELECT segment_agg(i * 3) FROM generate_series(1, 40000) AS i),
			(SELECT segment_agg(i * 1048576::bigint) FROM generate_series(1, 1000) AS i)]::segment[] LOOP
		FOREACH step IN ARRAY ARRAY[1, 2, 65536, -1048577, 0] LOOP
			n := CASE WHEN segment_count(start) < 50000 THEN 1500 ELSE 300 END;
			s := start;
			FOR i IN 1 .. n LOOP
				s := s | i * step;
			END LOOP;
			SELECT start | segment_agg(i * step) INTO expected FROM generate_series(1, n) AS i;
			ASSERT s = expected AND segment_send(s) = segment_send(expected), format('%s, step %s', start, step);
			s := start;
			FOR i IN 1 .. n LOOP
				s := segment_add(s, i * step);
				IF i % 500 = 0 THEN
					ASSERT s @> i * step AND segment_count(s) >= segment_count(start), 'read while it grows';
				END IF;
			END LOOP;
			ASSERT s = expected, format('segment_add, %s, step %s', start, step);
		END LOOP;
	END LOOP;
END
$$;

-- a copy is a copy: of variables, in arrays, in records, in tables, in results
CREATE TYPE segment_test.pair AS (name text, s segment);
CREATE TABLE segment_test.kept (i int, s segment);
CREATE FUNCTION segment_test.grown(s segment, n bigint) RETURNS segment
LANGUAGE plpgsql
AS $$
BEGIN
	FOR i IN 1 .. n LOOP
		s := s | (1000000000 + i * 7);
	END LOOP;
	RETURN s;
END
$$;

CREATE PROCEDURE segment_test.check_copies(start segment)
LANGUAGE plpgsql
AS $$
DECLARE
	a segment := start;
	b segment;
	c segment;
	list segment[];
	one pair;
	r record;
	x CONSTANT segment := start;
	count bigint := segment_count(start);
BEGIN
	-- make it one that grows in place
	a := a | -1;
	a := a | -2;
	b := a;
	a := a | -3;
	ASSERT segment_count(b) = count + 2 AND segment_count(a) = count + 3, 'copy by assignment';
	b := b | -4;
	ASSERT NOT a @> -4 AND NOT b @> -3 AND b @> -4, 'the copy grows on its own';
	c := a;
	b := a | -5;
	ASSERT a = c AND segment_count(b) = count + 4, 'assigned to another variable';

	list := ARRAY[a, b, a];
	a := a | -6;
	ASSERT segment_count(list[1]) = count + 3 AND list[3] = list[1], 'element of an array';
	list[2] := list[2] | -7;
	list[1] := list[2];
	list[2] := list[2] | -8;
	ASSERT list[1] @> -7 AND NOT list[1] @> -8 AND list[2] @> -8, 'elements that grow';
	b := list[1];
	b := b | -9;
	ASSERT NOT list[1] @> -9, 'out of an array';

	one := ROW('x', a);
	a := a | -10;
	ASSERT NOT one.s @> -10, 'field of a row';
	one.s := one.s | -11;
	ASSERT one.s @> -11 AND NOT a @> -11, 'field that grows';
	one.s := one.s | -12;
	SELECT one.s, a INTO r;
	one.s := one.s | -13;
	ASSERT NOT r.s @> -13 AND r.s @> -12, 'record';
	r.s := r.s | -14;
	ASSERT NOT one.s @> -14, 'field of a record';

	INSERT INTO kept VALUES (1, a), (2, a | -15);
	a := a | -16;
	INSERT INTO kept VALUES (3, a);
	ASSERT (SELECT bool_and(s @> -16 = (i = 3)) FROM kept), 'in a table';
	DELETE FROM kept;

	b := grown(a, 2000);
	ASSERT segment_count(b) = segment_count(a) + 2000 AND NOT a @> 1000000007, 'argument of a function';
	c := grown(b, 3000);
	ASSERT segment_count(c) = segment_count(a) + 3000 AND segment_count(b) = segment_count(a) + 2000, 'result of a function';
	ASSERT x = start AND segment_count(x) = count, 'constant';

	-- both sides, and the same variable more than once
	a := a | segment_count(a);
	ASSERT a @> (segment_count(a) - 1) OR segment_count(a) > 0, 'with its own count';
	b := a;
	a := a | a;
	ASSERT a = b, 'with itself';
	a := a - a;
	ASSERT segment_is_empty(a) AND NOT segment_is_empty(b), 'without itself';
	a := b | -17;
	a := a | coalesce(segment_max(a - '{5}'), 0);
	ASSERT a = (b | -17), 'with its own largest';
	a := (a | -18) | -19;
	ASSERT a @> -18 AND a @> -19, 'nested';
	a := -20 | a;
	ASSERT a @> -20, 'commuted';
	b := CASE WHEN a @> -20 THEN a ELSE '{}' END;
	b := b | -21;
	ASSERT NOT a @> -21, 'through CASE';
	b := coalesce(a, '{}');
	b := b | -22;
	ASSERT NOT a @> -22, 'through COALESCE';

	-- an error leaves what was there, and what was there can go on
	b := a;
	BEGIN
		a := a | -23;
		a := a | (1 / (segment_count(a) - segment_count(a)));
	EXCEPTION WHEN division_by_zero THEN
		a := a | -24;
	END;
	ASSERT a = (b | -23 | -24), 'after an error';
END
$$;
CALL check_copies('{}');
CALL check_copies('{1-5}');
DO $$
DECLARE
	start segment;
BEGIN
	FOR start IN SELECT segment_agg(i * step) FROM (VALUES (3, 200), (3, 2000), (3, 50000), (1048576::bigint, 3000), (1, 200000)) AS v(step, n),
		generate_series(1, n) AS i GROUP BY step, n LOOP
		CALL check_copies(start);
	END LOOP;
END
$$;

-- at the limit of members the variable stays as it was
DO $$
DECLARE
	s segment := '{-9223372036854775808--2}';
	t segment := (SELECT segment_agg(i * 3) FROM generate_series(1, 3000) AS i);
BEGIN
	FOR i IN 1 .. 100 LOOP
		BEGIN
			s := s | i;
			RAISE EXCEPTION '% members', segment_count(s);
		EXCEPTION WHEN program_limit_exceeded THEN
			NULL;
		END;
	END LOOP;
END
$$;
-- the same where it is expanded: no count is ever wrong, and it can be left again
DO $$
DECLARE
	s segment := (SELECT segment_agg(i * 3) | '{20000-9223372036854775807}' FROM generate_series(1, 3000) AS i);
	room bigint := 9223372036854775807 - segment_count(s);
	errors int := 0;
	n bigint;
BEGIN
	s := s | -1;
	s := segment_add_range(s, -room, -1);
	ASSERT segment_count(s) = 9223372036854775807, 'full';
	FOR i IN 1 .. 100 LOOP
		BEGIN
			s := s | (1 - 2 * (i % 2)) * (3 * i + 1)::bigint;
			n := segment_count(s);
		EXCEPTION WHEN program_limit_exceeded THEN
			errors := errors + 1;
		END;
	END LOOP;
	ASSERT errors > 0, 'no error';
END
$$;

-- functions that return sets and rows, cursors, dynamic SQL
CREATE FUNCTION segment_test.steps(n int) RETURNS TABLE (i int, s segment)
LANGUAGE plpgsql
AS $$
BEGIN
	s := (SELECT segment_agg(x * 2) FROM generate_series(1, 1000) AS x);
	FOR i IN 1 .. n LOOP
		s := s | i * 2 - 1;
		steps.i := i;
		RETURN NEXT;
	END LOOP;
END
$$;
SELECT count(*), min(segment_count(s)), max(segment_count(s)), bool_and(segment_count(s) = 1000 + i AND s @> (2 * i - 1) AND NOT s @> (2 * i + 1)) AS ok FROM steps(500);

CREATE FUNCTION segment_test.two_sets(OUT a segment, OUT b segment)
LANGUAGE plpgsql
AS $$
BEGIN
	a := (SELECT segment_agg(x * 2) FROM generate_series(1, 2000) AS x);
	a := a | 1;
	b := a;
	a := a | 3;
END
$$;
SELECT segment_count(a), segment_count(b), a - b AS difference FROM two_sets();

DO $$
DECLARE
	s segment := '{}';
	t segment;
	r refcursor;
BEGIN
	FOR i IN 1 .. 3000 LOOP
		s := s | i * 5;
	END LOOP;
	EXECUTE 'SELECT $1 | 7' INTO t USING s;
	ASSERT t @> 7 AND NOT s @> 7, 'dynamic SQL';
	OPEN r FOR SELECT s | 8, s;
	s := s | 9;
	FETCH r INTO t, s;
	ASSERT t @> 8 AND NOT t @> 9 AND NOT s @> 9, 'cursor';
	CLOSE r;
	FOR t IN SELECT s | x FROM generate_series(1, 3) AS x LOOP
		ASSERT segment_count(t) = 3001, 'loop over a query';
	END LOOP;
END
$$;

-- in plain SQL one value goes to several places
SELECT count(*) AS wrong
FROM (SELECT s, s | 1 AS a, s | 2 AS b
	  FROM (SELECT segment_agg(i * x) | -5 AS s FROM generate_series(3, 20) AS x, generate_series(2, 3000) AS i GROUP BY x OFFSET 0) AS made OFFSET 0) AS used
WHERE s @> 1 OR a @> 2 OR b @> 1 OR NOT a @> 1 OR NOT b @> 2
	OR (a | 7) - a <> segment(ARRAY[7]) - a OR segment_count(a | 11) <> segment_count(a) + (NOT a @> 11)::int;
WITH once AS MATERIALIZED (SELECT segment_agg(i * 2) | 1 AS s FROM generate_series(1, 5000) AS i)
SELECT segment_count(a.s | 3), segment_count(b.s | 5), segment_count(a.s) FROM once AS a, once AS b;

SET client_min_messages = warning;
DROP SCHEMA segment_test CASCADE;
