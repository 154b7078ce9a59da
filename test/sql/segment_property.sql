--
-- Every operator and function against plain SQL, on thousands of random sets
-- of every density; and every kernel level against the others.
--
-- A failure tells the seed and the case, which depends on nothing else:
-- PORTRAIT_TEST_SEED=... PORTRAIT_TEST_CASES=... make test
--
\getenv test_dir PG_ABS_SRCDIR
\set sets :test_dir '/lib/segment_sets.sql'
\set ECHO none
\i :sets
\set ECHO all

-- A case that went wrong ends the test
CREATE FUNCTION segment_test.is(what text, got text, expected text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	IF got IS DISTINCT FROM expected THEN
		RAISE EXCEPTION '% is %, expected %', what, shown(coalesce(got, 'NULL')),
			shown(coalesce(expected, 'NULL'));
	END IF;
END
$$;

CREATE FUNCTION segment_test.is_set(what text, got segment, expected nummultirange) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM "is"(what, problem(got, expected), NULL);
END
$$;

-- One set: how it comes, how it goes, what is known of it
CREATE FUNCTION segment_test.check_one(s segment, m nummultirange) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	n numeric := set_count(m);
	k numeric;
	shuffled text;
	ids bigint[];
BEGIN
	PERFORM is_set('text', s, m);
	PERFORM "is"('count', segment_count(s)::text, n::text);
	PERFORM "is"('is_empty', segment_is_empty(s)::text, isempty(m)::text);
	PERFORM "is"('min', segment_min(s)::text, lower(m)::text);
	PERFORM "is"('max', segment_max(s)::text, (upper(m) - 1)::text);
	PERFORM "is"('text read again', segment_send(s::text::segment)::text, segment_send(s)::text);

	-- any order, blanks, and every second item twice
	SELECT '{ ' || coalesce(string_agg(item, ' ,' || chr(9)), '') || E' }\n' INTO shuffled
	FROM (SELECT lower(r) || ' - ' || (upper(r) - 1) AS item
		  FROM unnest(m) WITH ORDINALITY AS u(r, i), generate_series(1, 1 + i % 2)
		  ORDER BY random()) AS items;
	PERFORM is_set('shuffled text', shuffled::segment, m);

	-- overlapping ranges: both halves of each reach into the other
	SELECT '{' || coalesce(string_agg(item, ','), '') || '}' INTO shuffled
	FROM (SELECT CASE part WHEN 1 THEN lower(r) || '-' || ceil(lower(r) + (upper(r) - 1 - lower(r)) * 2 / 3)
				 ELSE floor(lower(r) + (upper(r) - 1 - lower(r)) / 3) || '-' || (upper(r) - 1) END AS item
		  FROM unnest(m) AS r, generate_series(1, 2) AS part
		  ORDER BY part, random()) AS items;
	PERFORM is_set('overlapping text', shuffled::segment, m);

	IF n <= 2000 THEN
		ids := set_ids(m);
		PERFORM "is"('array', segment_to_array(s)::text, ids::text);
		PERFORM "is"('cast to array', (s::bigint[])::text, ids::text);
		PERFORM "is"('members', (SELECT coalesce(array_agg(id), '{}') FROM segment_members(s) AS id)::text, ids::text);
		PERFORM "is"('members, one a call', ARRAY(SELECT segment_members(s))::text, ids::text);
		PERFORM is_set('cast of an array', (SELECT array_agg(id ORDER BY random()) FROM
			unnest(ids || ids[:3] || ARRAY[NULL, NULL]::bigint[]) AS id)::segment, m);
	END IF;
	FOR i IN 1 .. 3 LOOP
		k := CASE i WHEN 1 THEN pick(1, greatest(n, 1)) WHEN 2 THEN n ELSE n + pick(-1, 1) END;
		PERFORM "is"('select ' || k, segment_select(s, k::bigint)::text,
			CASE WHEN k > 0 THEN set_select(m, k) END::text);
		PERFORM "is"('select ' || -k, segment_select(s, (-k)::bigint)::text,
			CASE WHEN k > 0 THEN set_select(m, n - k + 1) END::text);
	END LOOP;
END
$$;

-- A set and an id
CREATE FUNCTION segment_test.check_id(s segment, m nummultirange, id bigint) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	one nummultirange := span(id, id);
	has text := (m @> one)::text;
BEGIN
	PERFORM "is"('@> ' || id, (s @> id)::text, has);
	PERFORM "is"('<@ ' || id, (id <@ s)::text, has);
	IF id BETWEEN -2147483648 AND 2147483647 THEN
		PERFORM "is"('@> int ' || id, (s @> id::int)::text, has);
		PERFORM "is"('<@ int ' || id, (id::int <@ s)::text, has);
	END IF;
	IF id BETWEEN -32768 AND 32767 THEN
		PERFORM "is"('@> smallint ' || id, (s @> id::smallint)::text, has);
		PERFORM "is"('<@ smallint ' || id, (id::smallint <@ s)::text, has);
	END IF;
	PERFORM is_set('with ' || id, s | id, m + one);
	PERFORM "is"('with (commuted) ' || id, segment_send(id | s)::text, segment_send(s | id)::text);
	PERFORM is_set('without ' || id, s - id, m - one);
	PERFORM "is"('rank ' || id, segment_rank(s, id)::text,
		set_count(m * span(-9223372036854775808, id))::text);
END
$$;

-- A set and a range of ids, a slice of it
CREATE FUNCTION segment_test.check_range(s segment, m nummultirange, lo bigint, hi bigint) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	range nummultirange;
	name text := lo || ' to ' || hi;
	n numeric := set_count(m);
	skip numeric := pick(0, n);
	take numeric := one_of(0, 1, pick(0, n), n, 9223372036854775807);
BEGIN
	IF lo <= hi THEN
		range := span(lo, hi);
		IF set_count(m + range) <= 9223372036854775807 THEN
			PERFORM is_set('range added ' || name, segment_add_range(s, lo, hi), m + range);
		ELSE
			BEGIN
				PERFORM "is"('too many members', segment_add_range(s, lo, hi)::text, 'an error');
			EXCEPTION WHEN program_limit_exceeded THEN
				NULL;
			END;
		END IF;
		PERFORM is_set('range removed ' || name, segment_remove_range(s, lo, hi), m - range);
	ELSE
		range := '{}';
	END IF;
	PERFORM is_set('range ' || name, segment_range(s, lo, hi), m * range);
	PERFORM "is"('range_count ' || name, segment_range_count(s, lo, hi)::text, set_count(m * range)::text);
	PERFORM is_set('slice ' || skip || ', ' || take, segment_slice(s, skip::bigint, take::bigint),
		CASE WHEN take = 0 OR skip >= n THEN '{}'
		ELSE m * span(set_select(m, skip + 1), set_select(m, least(skip + take, n))) END);
END
$$;

-- Two sets
CREATE FUNCTION segment_test.check_two(a segment, ma nummultirange, b segment, mb nummultirange)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	common nummultirange := ma * mb;
	either nummultirange := ma + mb;
	n numeric := set_count(common);
	n_either numeric := set_count(either);
	c int := set_compare(ma, mb);
	added segment;
	removed segment;
BEGIN
	PERFORM is_set('a & b', a & b, common);
	PERFORM "is"('b & a', segment_send(b & a)::text, segment_send(a & b)::text);
	PERFORM is_set('a | b', a | b, either);
	PERFORM "is"('b | a', segment_send(b | a)::text, segment_send(a | b)::text);
	PERFORM is_set('a - b', a - b, ma - mb);
	PERFORM is_set('b - a', b - a, mb - ma);
	PERFORM is_set('a # b', a # b, either - common);
	PERFORM "is"('b # a', segment_send(b # a)::text, segment_send(a # b)::text);
	SELECT d.added, d.removed INTO added, removed FROM segment_diff(a, b) AS d;
	PERFORM "is"('added', segment_send(added)::text, segment_send(b - a)::text);
	PERFORM "is"('removed', segment_send(removed)::text, segment_send(a - b)::text);

	PERFORM "is"('intersect_count', segment_intersect_count(a, b)::text, n::text);
	PERFORM "is"('intersect_count b, a', segment_intersect_count(b, a)::text, n::text);
	PERFORM "is"('union_count', segment_union_count(a, b)::text, n_either::text);
	PERFORM "is"('except_count', segment_except_count(a, b)::text, set_count(ma - mb)::text);
	PERFORM "is"('except_count b, a', segment_except_count(b, a)::text, set_count(mb - ma)::text);
	PERFORM "is"('symdiff_count', segment_symdiff_count(a, b)::text, (n_either - n)::text);
	PERFORM "is"('jaccard', segment_jaccard(a, b)::text,
		CASE WHEN n_either = 0 THEN 1 ELSE n::float8 / n_either::float8 END::text);

	PERFORM "is"('a @> b', (a @> b)::text, (ma @> mb)::text);
	PERFORM "is"('a <@ b', (a <@ b)::text, (ma <@ mb)::text);
	PERFORM "is"('b @> a', (b @> a)::text, (mb @> ma)::text);
	PERFORM "is"('a @> a & b', (a @> (a & b))::text, 'true');
	PERFORM "is"('a && b', (a && b)::text, (n > 0)::text);
	PERFORM "is"('b && a', (b && a)::text, (n > 0)::text);

	PERFORM "is"('cmp', segment_cmp(a, b)::text, c::text);
	PERFORM "is"('cmp b, a', segment_cmp(b, a)::text, (-c)::text);
	PERFORM "is"('= <> < <= > >=', ARRAY[a = b, a <> b, a < b, a <= b, a > b, a >= b]::text,
		ARRAY[c = 0, c <> 0, c < 0, c <= 0, c > 0, c >= 0]::text);
	IF c = 0 THEN
		PERFORM "is"('hash', segment_hash(a)::text, segment_hash(b)::text);
		PERFORM "is"('hash with seed', segment_hash_extended(a, 42)::text, segment_hash_extended(b, 42)::text);
	END IF;
END
$$;

-- Chance, where the set is not too large to look at each member
CREATE FUNCTION segment_test.check_chance(s segment, m nummultirange) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	n numeric := set_count(m);
	k bigint := one_of(0, 1, pick(0, n), n, n + 1);
	sample segment := segment_sample(s, k, 'seed');
	parts segment[];
BEGIN
	PERFORM "is"('sample of ' || k, segment_count(sample)::text, least(k, n)::text);
	PERFORM "is"('sample is part of the set', (sample <@ s)::text, 'true');
	PERFORM is_set('sample', sample, nummultirange(VARIADIC ARRAY(
		SELECT numrange(id, id::numeric + 1) FROM segment_members(sample) AS id)));
	PERFORM "is"('same sample', segment_sample(s, k, 'seed')::text, sample::text);
	parts := segment_split(s, ARRAY[1, 0, 2.5, 1e-3], 'seed');
	PERFORM "is"('number of parts', cardinality(parts)::text, '4');
	PERFORM is_set('all parts', parts[1] | parts[2] | parts[3] | parts[4], m);
	PERFORM "is"('members of parts', (SELECT sum(segment_count(part)) FROM unnest(parts) AS part)::text, n::text);
	PERFORM is_set('part of no weight', parts[2], '{}');
	PERFORM "is"('parts of a part', segment_split(parts[3], ARRAY[1, 0, 2.5, 1e-3], 'seed')::text,
		ARRAY['{}', '{}', parts[3], '{}']::segment[]::text);
END
$$;

-- Roaring has no negative ids; 32 bits end at 4294967295
CREATE FUNCTION segment_test.check_roaring(m nummultirange) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	m64 nummultirange := m * span(0, 9223372036854775807);
	m32 nummultirange := m * span(0, 4294967295);
	s64 segment := set_text(m64)::segment;
	s32 segment := set_text(m32)::segment;
BEGIN
	PERFORM is_set('64-bit Roaring', segment_from_roaring(segment_to_roaring(s64), 64), m64);
	PERFORM is_set('64-bit Roaring, guessed', segment_from_roaring(segment_to_roaring(s64, 64)), m64);
	PERFORM is_set('32-bit Roaring', segment_from_roaring(segment_to_roaring(s32, 32), 32), m32);
	PERFORM is_set('32-bit Roaring, guessed', segment_from_roaring(segment_to_roaring(s32, 32), NULL), m32);
	PERFORM is_set('32 as 64 bits', segment_from_roaring(segment_to_roaring(s32)), m32);
END
$$;

-- An id at or beside a border of the set, or anywhere
CREATE FUNCTION segment_test.random_id(m nummultirange) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
	r numrange;
	id numeric;
BEGIN
	SELECT u INTO r FROM unnest(m) AS u ORDER BY random() LIMIT 1;
	id := CASE WHEN r IS NULL OR random() < 0.1 THEN pick(-9223372036854775808, 9223372036854775807)
		ELSE one_of(lower(r), upper(r) - 1, floor((lower(r) + upper(r)) / 2),
			floor(lower(r) / 65536) * 65536, floor(upper(r) / 65536) * 65536) + pick(-1, 1) END;
	RETURN least(greatest(id, -9223372036854775808), 9223372036854775807);
END
$$;

CREATE PROCEDURE segment_test.run_cases(cases int)
LANGUAGE plpgsql
AS $$
DECLARE
	seed int := current_setting('portrait_test.seed');
	ma nummultirange;
	mb nummultirange;
	a segment;
	b segment;
	context text;
BEGIN
	FOR i IN 1 .. cases LOOP
		-- each case can be run alone
		PERFORM setseed(sin(seed + i * 0.61803398875));
		PERFORM set_config('portrait.simd', (ARRAY['auto', 'avx512', 'avx2', 'none'])[1 + i % 4], false);
		ma := random_set();
		mb := random_neighbour(ma);
		BEGIN
			a := set_text(ma)::segment;
			b := set_text(mb)::segment;
			PERFORM check_two(a, ma, b, mb);
			PERFORM check_one(b, mb);
			PERFORM check_id(b, mb, random_id(mb));
			PERFORM check_id(a, ma, random_id(mb));
			PERFORM check_range(a, ma, random_id(ma), random_id(ma));
			PERFORM check_range(b, mb, random_id(ma), random_id(mb));
			IF set_count(mb) <= 2000 THEN
				PERFORM check_chance(b, mb);
			END IF;
			IF set_count(mb) < 1e7 THEN
				PERFORM check_roaring(mb);
			END IF;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
			RAISE EXCEPTION 'seed %, case %: %', seed, i, sqlerrm
				USING DETAIL = 'portrait.simd = ' || current_setting('portrait.simd')
					|| E'\na = ' || shown(set_text(ma)) || E'\nb = ' || shown(set_text(mb))
					|| E'\n' || context;
		END;
	END LOOP;
	RESET portrait.simd;
END
$$;

\set cases 600
\getenv cases PORTRAIT_TEST_CASES
CALL run_cases(:cases);
