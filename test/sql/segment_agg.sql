--
-- segment: aggregates.  Any order, any plan, any partition into partial
-- states, as window functions: always the same bytes.
--
\getenv test_dir PG_ABS_SRCDIR
\set sets :test_dir '/lib/segment_sets.sql'
\set ECHO none
\i :sets
\set ECHO all

--
-- NULLs, no rows, and the clauses that aggregates know
--
SELECT segment_agg(i), segment_union_agg(s), segment_intersect_agg(s), segment_symdiff_agg(s), segment_at_least_agg(s, 1)
FROM (SELECT 1::bigint AS i, '{1}'::segment AS s WHERE false) AS none;
SELECT segment_agg(i), segment_union_agg(s), segment_intersect_agg(s), segment_symdiff_agg(s), segment_at_least_agg(s, 1)
FROM (VALUES (NULL::bigint, NULL::segment), (NULL, NULL)) AS v(i, s);
SELECT segment_agg(i), segment_union_agg(s), segment_intersect_agg(s), segment_symdiff_agg(s), segment_at_least_agg(s, 2)
FROM (VALUES (NULL::bigint, NULL::segment), (3, '{1-5}'), (NULL, NULL), (1, '{4-7}'), (2, '{5}'), (NULL, NULL)) AS v(i, s);
-- an empty set is not NULL
SELECT segment_union_agg(s), segment_intersect_agg(s), segment_symdiff_agg(s), segment_at_least_agg(s, 1)
FROM (VALUES ('{}'::segment), (NULL)) AS v(s);
SELECT segment_union_agg(s), segment_intersect_agg(s), segment_symdiff_agg(s), segment_at_least_agg(s, 2)
FROM (VALUES ('{}'::segment), ('{1-3}'), ('{2}')) AS v(s);
SELECT segment_agg(i) FILTER (WHERE i > 3), segment_agg(DISTINCT i), segment_agg(i ORDER BY i DESC),
	segment_agg(i) FILTER (WHERE false), segment_symdiff_agg(s), segment_symdiff_agg(DISTINCT s)
FROM (VALUES (5::bigint, '{1-5}'::segment), (3, '{1-5}'), (9, '{9}'), (5, '{9}'), (4, '{9}')) AS v(i, s);
-- integers widen
SELECT segment_agg(i), segment_agg(i::smallint) FROM generate_series(1, 3) AS i;
SELECT segment_agg(i)
FROM unnest(ARRAY[-9223372036854775808, 9223372036854775807, 0, -1, 1, 9223372036854775807, -9223372036854775808]) AS i;

--
-- segment_agg against an array, around every size at which its state changes,
-- in several orders
--
CREATE FUNCTION segment_test.id_of(kind text, i bigint, n bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN CASE kind
	WHEN 'dense' THEN i
	WHEN 'one per 2^20' THEN i * 1048576
	WHEN 'hashes' THEN hashint8extended(i, 1)
	WHEN 'few' THEN i % 10
	WHEN 'each twice' THEN i / 2
	WHEN 'one' THEN 42
	WHEN 'every third' THEN -3 * i
	WHEN 'clusters' THEN (i % 7) * 1000000007 + i / 7
	ELSE i * i % (4 * n + 1) - n
END;

SELECT kind, n, arranged, s IS NULL AS is_null
FROM unnest(ARRAY['dense', 'one per 2^20', 'hashes', 'few', 'each twice', 'one', 'every third', 'clusters', 'squares']) AS kind,
	unnest(ARRAY[1, 6, 7, 8, 16, 1022, 1023, 1024, 1025, 2100]) AS n,
	unnest(ARRAY['up', 'down', 'by chance', 'both ends']) AS arranged,
	LATERAL (SELECT segment_agg(id ORDER BY CASE arranged WHEN 'up' THEN i WHEN 'down' THEN -i
				WHEN 'by chance' THEN hashint8(i) ELSE abs(i - n / 2) END) AS s,
			array_agg(DISTINCT id) AS ids
		FROM generate_series(1, n) AS i, id_of(kind, i, n) AS id) AS made
WHERE s IS NULL OR segment_to_array(s) <> ids OR segment_send(s) <> segment_send(segment(ids))
	OR base64_text(s)::segment <> s;

-- larger ones, in which the buffer of ids overflows several times
SELECT kind, arranged
FROM (VALUES ('dense', 'both ends'), ('dense', 'by chance'), ('one per 2^20', 'by chance'), ('hashes', 'up'),
		('each twice', 'by chance'), ('clusters', 'up'), ('squares', 'by chance')) AS v(kind, arranged),
	LATERAL (SELECT segment_agg(id ORDER BY CASE arranged WHEN 'up' THEN i
				WHEN 'by chance' THEN hashint8(i) ELSE abs(i - 50000) END) AS s,
			array_agg(id) AS ids
		FROM generate_series(1, 100000) AS i, id_of(kind, i, 100000) AS id) AS made
WHERE segment_send(s) <> segment_send(segment(ids)) OR base64_text(s)::segment <> s;

--
-- Aggregates of sets against plain SQL
--
-- Ids that are in at least k of the sets: of each number of sets, step by step
CREATE FUNCTION segment_test.set_at_least(sets nummultirange[], k int) RETURNS nummultirange
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	reached nummultirange[] := array_fill('{}'::nummultirange, ARRAY[k]);
BEGIN
	FOR i IN 1 .. cardinality(sets) LOOP
		FOR j IN REVERSE k .. 2 LOOP
			reached[j] := reached[j] + reached[j - 1] * sets[i];
		END LOOP;
		reached[1] := reached[1] + sets[i];
	END LOOP;
	RETURN reached[k];
END
$$;

/*
 * What a distributed database does: partial states leave their node as text,
 * and are combined elsewhere.
 */
CREATE AGGREGATE segment_test.agg_state(bigint) (SFUNC = segment_agg_transition, STYPE = segment);
CREATE AGGREGATE segment_test.agg_merge(segment) (SFUNC = segment_agg_combine, STYPE = segment, FINALFUNC = segment_agg_final);
CREATE AGGREGATE segment_test.union_state(segment) (SFUNC = segment_union_agg_transition, STYPE = segment);
CREATE AGGREGATE segment_test.intersect_state(segment) (SFUNC = segment_intersect_agg_transition, STYPE = segment);
CREATE AGGREGATE segment_test.symdiff_state(segment) (SFUNC = segment_symdiff_agg_transition, STYPE = segment);
CREATE AGGREGATE segment_test.tally_state(segment, int) (SFUNC = segment_tally_transition, STYPE = segment_tally);
CREATE AGGREGATE segment_test.tally_merge(segment_tally) (SFUNC = segment_tally_combine, STYPE = segment_tally, FINALFUNC = segment_tally_final);
CREATE AGGREGATE segment_test.tally_merge_state(segment_tally) (SFUNC = segment_tally_combine, STYPE = segment_tally);

CREATE PROCEDURE segment_test.run_aggregates(cases int)
LANGUAGE plpgsql
AS $$
DECLARE
	seed int := current_setting('portrait_test.seed');
	ms nummultirange[];
	ss segment[];
	k int;
	one nummultirange;
	all_of_them nummultirange;
	in_common nummultirange;
	odd nummultirange;
	often nummultirange;
	found text;
BEGIN
	FOR i IN 1 .. cases LOOP
		PERFORM setseed(sin(seed + i * 0.41421356237));
		ms := ARRAY[random_set()];
		FOR j IN 1 .. pick(0, 9) LOOP
			ms := ms || random_neighbour(ms[pick(1, cardinality(ms))::int]);
		END LOOP;
		k := one_of(1, 2, 2, 3, 4, 5, 7, 8, 9, cardinality(ms));
		all_of_them := '{}';
		in_common := all_ids();
		odd := '{}';
		FOREACH one IN ARRAY ms LOOP
			all_of_them := all_of_them + one;
			in_common := in_common * one;
			odd := symdiff(odd, one);
		END LOOP;
		often := set_at_least(ms, k);
		ss := ARRAY(SELECT set_text(u)::segment FROM unnest(ms) AS u);
		IF pick(1, 3) = 1 THEN
			ss := ss || NULL::segment;
		END IF;

		SELECT string_agg(what || ': ' || problem, E'\n') INTO found
		FROM (SELECT segment_union_agg(s ORDER BY random()) AS u, segment_intersect_agg(s ORDER BY random()) AS n,
				segment_symdiff_agg(s ORDER BY random()) AS x, segment_at_least_agg(s, k ORDER BY random()) AS l
			  FROM unnest(ss) AS s) AS direct,
			(SELECT segment_union_agg(us::text::segment ORDER BY part) AS pu, segment_intersect_agg(ns::text::segment) AS pn,
				segment_symdiff_agg(xs::text::segment) AS px, tally_merge(ls::text::segment_tally) AS pl,
				agg_merge(us) AS pm, tally_merge(ls) AS plb
			 FROM (SELECT part, union_state(s) AS us, intersect_state(s) AS ns, symdiff_state(s) AS xs, tally_state(s, k) AS ls
				   FROM (SELECT s, pick(1, 3) AS part FROM unnest(ss) AS s) AS dealt GROUP BY part) AS states) AS partial,
			LATERAL (VALUES ('union', u, all_of_them), ('intersect', n, in_common), ('symdiff', x, odd), ('at least ' || k, l, often),
				('union of states', pu, all_of_them), ('intersect of states', pn, in_common),
				('symdiff of states', px, odd), ('at least ' || k || ', of states', pl, often),
				('at least ' || k || ', of binary states', plb, often), ('combined', pm, all_of_them)) AS v(what, s, m),
			LATERAL problem(s, m) AS problem
		WHERE problem IS NOT NULL;
		IF found IS NOT NULL THEN
			RAISE EXCEPTION 'seed %, case %: %', seed, i, found USING DETAIL = shown(ss::text);
		END IF;
	END LOOP;
EXCEPTION WHEN program_limit_exceeded THEN
	RAISE EXCEPTION 'seed %: too many members', seed USING DETAIL = shown(ss::text);
END
$$;
\set cases 100
\getenv cases PORTRAIT_TEST_CASES
CALL run_aggregates(:cases);

-- the state of segment_agg as a value: ids in the order of arrival, and yet a
-- segment like any other
SELECT n, bool_and(ok) AS ok
FROM (VALUES (0), (1), (7), (8), (1000), (1100), (70000)) AS v(n),
	LATERAL (SELECT agg_state(i) AS state, segment_agg(i) AS s
			 FROM (SELECT hashint8(i)::bigint AS i FROM generate_series(1, n) AS i) AS ids) AS made,
	LATERAL (VALUES (state = s AND s = state AND NOT state <> s), (segment_hash(state) = segment_hash(s)),
		(segment_send(state) = segment_send(s)), (state::text = s::text), (segment_count(state) = segment_count(s)),
		(segment_min(state) = segment_min(s) AND segment_max(state) = segment_max(s)),
		((state | s) = s AND (state & s) = s AND segment_is_empty(state - s) AND segment_is_empty(s # state)),
		(state @> s AND s <@ state AND state && s), (state @> segment_max(s) AND segment_min(s) <@ state),
		(segment_to_array(state) = segment_to_array(s)), (segment_intersect_count(state, s) = segment_count(s)),
		(segment_select(state, 1) = segment_min(s) AND segment_rank(state, segment_max(s)) = segment_count(s)),
		(ARRAY(SELECT segment_members(state)) = ARRAY(SELECT segment_members(s))),
		(segment_sample(state, 5, '') = segment_sample(s, 5, '') AND segment_split(state, '{1,1}', '') = segment_split(s, '{1,1}', ''))) AS checks(ok)
GROUP BY n ORDER BY n;

-- such a value stored, short or toasted
CREATE TABLE segment_test.states (n int, state segment);
INSERT INTO states
SELECT n, (SELECT agg_state(hashint8(i)) FROM generate_series(1, n) AS i) FROM unnest(ARRAY[1, 7, 300, 1000]) AS n;
SELECT n, segment_count(state), segment_count(state | state), state @> segment_max(state) AS max, state @> (segment_max(state) - 1) AS other,
	(SELECT bool_and(state @> id) FROM segment_members(state) AS id) AS all_of_them
FROM states ORDER BY n;
SELECT count(*), segment_count(segment_union_agg(state)), segment_count(agg_merge(state)) FROM states;
DROP TABLE states;

--
-- k of segment_at_least_agg
--
SELECT k, segment_at_least_agg(s, k)
FROM (VALUES (1), (2), (3), (4), (5), (8), (2147483647)) AS v(k), (VALUES ('{1-9}'::segment), ('{2-8}'), ('{3-7}'), ('{4}')) AS w(s)
GROUP BY k ORDER BY k;
SELECT segment_at_least_agg(s, 0) FROM (VALUES ('{1}'::segment)) AS v(s);
SELECT segment_at_least_agg(s, -1) FROM (VALUES ('{1}'::segment)) AS v(s);
SELECT segment_at_least_agg(s, NULL) FROM (VALUES ('{1}'::segment)) AS v(s);
SELECT segment_at_least_agg(s, k) FROM (VALUES ('{1}'::segment, 1), ('{1}', 2)) AS v(s, k);
SELECT segment_at_least_agg(s, k) FROM (VALUES ('{1}'::segment, 2), ('{1}', NULL)) AS v(s, k);
-- it is of no interest beside a NULL
SELECT segment_at_least_agg(s, k) FROM (VALUES ('{1}'::segment, 1), (NULL, 2), (NULL, NULL), (NULL, -1)) AS v(s, k);
-- and may differ between groups
SELECT k, segment_at_least_agg(s, k) FROM (VALUES ('{1}'::segment, 1), ('{1,2}', 2), ('{2}', 2)) AS v(s, k) GROUP BY k ORDER BY k;
\set VERBOSITY sqlstate
SELECT segment_at_least_agg(s, 0) FROM (VALUES ('{1}'::segment)) AS v(s);
SELECT segment_at_least_agg(s, k) FROM (VALUES ('{1}'::segment, 1), ('{1}', 2)) AS v(s, k);
SELECT tally_merge(t) FROM (VALUES ('2;{};{1}'::segment_tally), ('3;{};{1};{}')) AS v(t);
\set VERBOSITY default
SELECT tally_merge(t) FROM (VALUES ('2;{};{1}'::segment_tally), ('3;{};{1};{}')) AS v(t);

--
-- The tally as a value
--
SELECT k, state, state::text::segment_tally::text = state::text AS same, segment_tally_send(state) = segment_tally_send(state::text::segment_tally) AS same_bytes
FROM (SELECT k, tally_state(s, k) AS state
	  FROM (VALUES (1), (2), (3), (4), (5), (1000)) AS v(k),
		(VALUES ('{1-9}'::segment), ('{2-8}'), ('{3-7}'), ('{4}')) AS w(s)
	  GROUP BY k) AS states
ORDER BY k;
-- merging says what counting all would have said
SELECT k, tally_merge_state(part_state)::text = (SELECT tally_state(s, k) FROM unnest(sets) AS s)::text AS same
FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (100)) AS v(k),
	(SELECT ARRAY(SELECT segment_add_range('{}', i, i * i) FROM generate_series(1, 9) AS i)) AS w(sets),
	LATERAL (SELECT tally_state(s, k) AS part_state FROM unnest(sets) WITH ORDINALITY AS u(s, i) GROUP BY i % 3) AS parts
GROUP BY k, sets ORDER BY k;

-- text that is no tally
\set SHOW_CONTEXT never
CREATE FUNCTION pg_temp.try(input text) RETURNS TABLE (state text, message text, detail text)
LANGUAGE plpgsql
AS $$
BEGIN
	message := input::segment_tally;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN NEXT;
END
$$;
SELECT input, t.*
FROM (VALUES (''), ('1'), ('1;'), ('1;{}'), ('1;{};{}'), ('0;{}'), ('-1;{}'), ('+1;{}'), ('x'), ('01;{1}'), ('2147483647;{}'),
	('2147483648;{}'), ('99999999999999999999;{}'), ('2;{}'), ('2;{};{1}'), ('2;{}; {1} '), ('2;{};{1};'), ('2;{1};{1}'), ('2;{};{1'), ('2;{},{1}'),
	('3;{};{1};{2}'), ('3;{};{1};{1}'), ('4;{};{1};{1}'), ('5;{};{1};{1};{1}'), ('5;{};{1};{1};{2}'), ('2;{};{0-9223372036854775807}'),
	('2;{};{99999999999999999999}'), ('2;NULL;{1}')) AS v(input), pg_temp.try(input) AS t;
SELECT NULL::segment_tally IS NULL AS is_null;

--
-- The functions of the aggregates, called by anyone
--
SELECT segment_agg_transition(NULL, 1);
SELECT segment_agg_transition('{1}', NULL);
SELECT segment_agg_transition('{1}', 1);
SELECT segment_agg_combine('{1}', '{2}');
SELECT segment_agg_combine(NULL, NULL);
SELECT segment_union_agg_transition('{1}', '{2}');
SELECT segment_intersect_agg_transition('{1}', '{2}');
SELECT segment_intersect_agg_transition(NULL, '{2}');
SELECT segment_symdiff_agg_transition('{1}', NULL);
SELECT segment_agg_final('{1}');
SELECT segment_agg_final(NULL) IS NULL AS is_null;
SELECT segment_tally_transition(NULL, '{1}', 1);
SELECT segment_tally_transition('2;{};{1}', '{1}', 2);
SELECT segment_tally_combine('2;{};{1}', '2;{};{1}');
SELECT segment_tally_combine(NULL, NULL);
SELECT segment_tally_final('2;{};{1}');
-- the state of one as that of another
CREATE AGGREGATE segment_test.from_start(bigint) (SFUNC = segment_agg_transition, STYPE = segment, FINALFUNC = segment_agg_final, INITCOND = '{1000-2000000}');
CREATE AGGREGATE segment_test.tally_from_start(segment, int) (SFUNC = segment_tally_transition, STYPE = segment_tally, FINALFUNC = segment_tally_final, INITCOND = '2;{};{7}');
CREATE AGGREGATE segment_test.plainly(segment) (SFUNC = segment_union, STYPE = segment);
CREATE AGGREGATE segment_test.one_by_one(bigint) (SFUNC = segment_add, STYPE = segment, INITCOND = '{}');
SELECT from_start(i) FROM generate_series(1, 3) AS i;
SELECT from_start(i) FROM generate_series(1, 3) AS i WHERE false;
SELECT tally_from_start(s, 2) FROM (VALUES ('{1,7}'::segment), ('{8}')) AS v(s);
SELECT tally_from_start(s, 3) FROM (VALUES ('{1,7}'::segment), ('{8}')) AS v(s);
SELECT bool_and(a = b AND segment_send(a) = segment_send(b)) AS same
FROM (SELECT one_by_one(i * 3) OVER w AS a, segment_agg(i * 3) OVER w AS b FROM generate_series(1, 1000) AS i WINDOW w AS (ORDER BY i)) AS growing;
SELECT plainly(s) FROM (VALUES ('{1,7}'::segment), (NULL), ('{8}')) AS v(s);

--
-- As window functions: the state goes on after each result
--
CREATE TABLE segment_test.rows AS
SELECT i, i % 3 AS g, hashint8(i)::bigint % 5000 AS id, segment_sample(segment_add_range('{}', 1, i * 40), i * 20, i::text) AS s
FROM generate_series(1, 150) AS i;
INSERT INTO rows VALUES (151, 1, NULL, NULL);

SELECT count(*) AS wrong
FROM (SELECT i, segment_agg(id) OVER w AS a, segment_union_agg(s) OVER w AS u, segment_intersect_agg(s) OVER w AS n,
		segment_symdiff_agg(s) OVER w AS x, segment_at_least_agg(s, 3) OVER w AS l
	  FROM rows WINDOW w AS (ORDER BY i ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING)) AS moving,
	LATERAL (SELECT segment_agg(id) AS a, segment_union_agg(s) AS u, segment_intersect_agg(s) AS n,
		segment_symdiff_agg(s) AS x, segment_at_least_agg(s, 3) AS l
	  FROM rows AS r WHERE r.i BETWEEN moving.i - 3 AND moving.i + 2) AS grouped
WHERE (moving.a, moving.u, moving.n, moving.x, moving.l) IS DISTINCT FROM (grouped.a, grouped.u, grouped.n, grouped.x, grouped.l);
SELECT count(*) AS wrong
FROM (SELECT i, g, segment_agg(id) OVER w AS a, segment_union_agg(s) OVER w AS u, segment_intersect_agg(s) OVER w AS n,
		segment_symdiff_agg(s) OVER w AS x, segment_at_least_agg(s, 3) OVER w AS l
	  FROM rows WINDOW w AS (PARTITION BY g ORDER BY i)) AS growing,
	LATERAL (SELECT segment_agg(id) AS a, segment_union_agg(s) AS u, segment_intersect_agg(s) AS n,
		segment_symdiff_agg(s) AS x, segment_at_least_agg(s, 3) AS l
	  FROM rows AS r WHERE r.i <= growing.i AND r.g = growing.g) AS grouped
WHERE (growing.a, growing.u, growing.n, growing.x, growing.l) IS DISTINCT FROM (grouped.a, grouped.u, grouped.n, grouped.x, grouped.l);
-- each row gets a value of its own: what came first is not changed by what follows
SELECT count(*), count(DISTINCT a), min(segment_count(a)), max(segment_count(a))
FROM (SELECT segment_agg(i) OVER (ORDER BY i) AS a FROM generate_series(1, 3000) AS i OFFSET 0) AS kept;
-- a dense state that is changed in place between the results
SELECT bool_and(segment_count(a) = least(i, 70000)) AS ok
FROM (SELECT i, segment_agg(i % 70000) OVER (ORDER BY i) AS a FROM generate_series(1, 70300) AS i OFFSET 69700) AS kept;

--
-- Plans: hash and sort, spilling or not, grouping sets, parallel workers
--
CREATE TABLE segment_test.facts AS
SELECT i % 1000 AS g, i % 7 AS h, hashint8(i)::bigint AS id, segment(ARRAY[i % 100, i % 77, hashint4(i % 1000) % 5000]) AS s
FROM generate_series(1, 30000) AS i;
UPDATE facts SET g = 0 WHERE h = 0;
INSERT INTO facts SELECT -1, 8, i, segment_add_range('{}', i, i + 100000 % i) FROM generate_series(1, 3000) AS i;
ANALYZE facts;

-- everything that a query says, in one line a group
CREATE FUNCTION pg_temp.answers() RETURNS TABLE (g int, h int, answer text)
LANGUAGE sql
BEGIN ATOMIC
	SELECT g, h, count(*) || ' ' || md5(segment_send(segment_agg(id)) || segment_send(segment_union_agg(s)) || segment_send(segment_intersect_agg(s))
		|| segment_send(segment_symdiff_agg(s)) || segment_send(segment_at_least_agg(s, 3)))
	FROM segment_test.facts GROUP BY GROUPING SETS ((g), (h), ());
END;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Aggregate|Gather' THEN
			RETURN NEXT trim(regexp_replace(line, '->', ''));
		END IF;
	END LOOP;
END
$$;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET enable_hashagg = off;
CREATE TEMP TABLE expected AS SELECT * FROM pg_temp.answers();
SELECT count(*), min(g), max(h) FROM expected;

SET enable_hashagg = on;
SET enable_sort = off;
SELECT * FROM (TABLE expected EXCEPT ALL SELECT * FROM pg_temp.answers()) AS d LIMIT 5;
SET work_mem = '64kB';
SELECT * FROM (TABLE expected EXCEPT ALL SELECT * FROM pg_temp.answers()) AS d LIMIT 5;
RESET enable_sort;
RESET work_mem;

-- parallel
SET max_parallel_workers_per_gather = 3;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT pg_temp.plan('SELECT segment_agg(id), segment_at_least_agg(s, 3) FROM segment_test.facts');
SELECT pg_temp.plan('SELECT g, segment_agg(id), segment_at_least_agg(s, 3) FROM segment_test.facts GROUP BY g');
SELECT * FROM (SELECT g, answer FROM expected WHERE g IS NOT NULL EXCEPT ALL
	SELECT g, count(*) || ' ' || md5(segment_send(segment_agg(id)) || segment_send(segment_union_agg(s)) || segment_send(segment_intersect_agg(s))
		|| segment_send(segment_symdiff_agg(s)) || segment_send(segment_at_least_agg(s, 3)))
	FROM facts GROUP BY g) AS d LIMIT 5;
SELECT * FROM (SELECT answer FROM expected WHERE g IS NULL AND h IS NULL EXCEPT ALL
	SELECT count(*) || ' ' || md5(segment_send(segment_agg(id)) || segment_send(segment_union_agg(s)) || segment_send(segment_intersect_agg(s))
		|| segment_send(segment_symdiff_agg(s)) || segment_send(segment_at_least_agg(s, 3)))
	FROM facts) AS d;
-- workers that see no rows, and only NULLs
SELECT segment_agg(id), segment_union_agg(s), segment_at_least_agg(s, 3) FROM facts WHERE g = 99999;
SELECT segment_agg(NULLIF(id, id)), segment_intersect_agg(NULLIF(s, s)) FROM facts;
-- k that differs is found wherever the rows are
\set VERBOSITY terse
SELECT segment_at_least_agg(s, 1 + (id = 3000)::int) FROM facts WHERE g = -1;
\set VERBOSITY default
-- everything in a worker
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false) AS forced \gset
SELECT * FROM (TABLE expected EXCEPT ALL SELECT * FROM pg_temp.answers()) AS d LIMIT 5;
SELECT segment_count(segment_agg(id)) = count(DISTINCT id) AS ok FROM facts;
SELECT segment_split('{1-10}', '{1}', 'x'), segment_diff('{1,2}', '{2,3}'), segment_sample('{1-10}', 20, '');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false) AS forced \gset

-- aggregates over partitions, one by one
SET enable_partitionwise_aggregate = on;
CREATE TABLE segment_test.parted (g int, id bigint, s segment) PARTITION BY LIST (g);
CREATE TABLE segment_test.parted_1 PARTITION OF parted FOR VALUES IN (0);
CREATE TABLE segment_test.parted_2 PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT CASE WHEN g = 0 THEN 0 ELSE 1 END, id, s FROM facts;
ANALYZE parted;
SELECT segment_send(a) = segment_send(b) AS same
FROM (SELECT segment_agg(id) | segment_union_agg(s) AS a FROM parted) AS p, (SELECT segment_agg(id) | segment_union_agg(s) AS b FROM facts) AS f;

--
-- Many groups in a hash aggregate, small ones and ones that come row after row
-- and grow: the cost must not be the square of the groups.  The time limit is
-- far above what they take.
--
SET enable_sort = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';
SET statement_timeout = '20s';
SELECT count(*) AS groups, sum(segment_count(l)) AS often, sum(segment_count(u)) AS members
FROM (SELECT i % 100000 AS g, segment_at_least_agg(s, 2) AS l, segment_union_agg(s) AS u
	  FROM (SELECT i, segment(ARRAY[i % 100000, i]) AS s FROM generate_series(1, 200000) AS i) AS pairs
	  GROUP BY i % 100000) AS many;
-- few groups expand their states, and most of many do not: the same bytes
CREATE TABLE segment_test.lots AS
SELECT k, j, s FROM generate_series(0, 19) AS k, generate_series(0, 2) AS j,
	LATERAL (SELECT segment_agg(hashint8extended(i, k) & 1099511627775) AS s
			 FROM generate_series(j * 90, j * 90 + 200) AS i) AS made;
CREATE TABLE segment_test.of_few AS
SELECT k, segment_union_agg(s) AS u, segment_intersect_agg(s) AS n, segment_symdiff_agg(s) AS x, segment_at_least_agg(s, 2) AS l
FROM lots GROUP BY k;
SELECT bool_and(octet_length(segment_send(u)) > 1024) AS would_expand, bool_and(segment_count(l) = 201) AS ok FROM of_few;
SELECT count(*) AS groups, bool_and(segment_send(m.u) = segment_send(f.u) AND segment_send(m.n) = segment_send(f.n) AND
	segment_send(m.x) = segment_send(f.x) AND segment_send(m.l) = segment_send(f.l)) AS same
FROM (SELECT g, segment_union_agg(s) AS u, segment_intersect_agg(s) AS n, segment_symdiff_agg(s) AS x, segment_at_least_agg(s, 2) AS l
	  FROM (SELECT array_agg(s ORDER BY k, j) AS sets FROM lots) AS a, generate_series(0, 9999) AS g,
		LATERAL unnest(sets[g % 20 * 3 + 1 : g % 20 * 3 + 3]) AS s
	  GROUP BY g) AS m
	JOIN of_few AS f ON k = g % 20;
-- lists of ids
SELECT count(*) AS groups, bool_and(segment_send(s) = segment_send(segment(ids))) AS ok
FROM (SELECT g, segment_agg(hashint8extended(i, g)) AS s, array_agg(hashint8extended(i, g)) AS ids
	  FROM generate_series(1, 300) AS g, generate_series(1, 2500) AS i GROUP BY g) AS lists;
RESET statement_timeout;
RESET work_mem;
SET max_parallel_workers_per_gather = 3;
RESET enable_sort;

-- grouping, sorting and joining by segments
SELECT count(*) = count(DISTINCT s::text) AS ok FROM (SELECT s FROM facts GROUP BY s) AS d;
SELECT count(*) = 0 AS ok FROM (SELECT s, lag(s) OVER (ORDER BY s) AS before FROM facts) AS o WHERE NOT before <= s;
SET enable_hashjoin = off;
SELECT count(*) AS merged FROM facts AS a JOIN facts AS b USING (s) WHERE a.g < 50 AND b.g < 50 \gset
SET enable_hashjoin = on;
SET enable_mergejoin = off;
SELECT count(*) = :merged AS ok FROM facts AS a JOIN facts AS b USING (s) WHERE a.g < 50 AND b.g < 50;

SET client_min_messages = warning;
DROP SCHEMA segment_test CASCADE;
