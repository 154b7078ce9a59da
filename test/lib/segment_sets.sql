/*
 * Random sets of every density, and what plain SQL says of them.
 *
 * A set is a nummultirange of [lo, hi + 1), which knows nothing of portrait
 * and holds all of bigint.  To be read by regression tests; the seed is
 * PORTRAIT_TEST_SEED of the environment, or 1:
 *
 *	\getenv test_dir PG_ABS_SRCDIR
 *	\set sets :test_dir '/lib/segment_sets.sql'
 *	\set ECHO none
 *	\i :sets
 *	\set ECHO all
 */
\set seed 1
\getenv seed PORTRAIT_TEST_SEED
SELECT set_config('portrait_test.seed', :'seed', false) AS seed \gset
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP SCHEMA IF EXISTS segment_test CASCADE;
RESET client_min_messages;
CREATE SCHEMA segment_test;
SET search_path = public, segment_test;

-- A whole number from lo to hi
CREATE FUNCTION segment_test.pick(lo numeric, hi numeric) RETURNS numeric
LANGUAGE sql VOLATILE
RETURN lo + floor(random()::numeric * (hi - lo + 1));

CREATE FUNCTION segment_test.one_of(VARIADIC choices numeric[]) RETURNS numeric
LANGUAGE sql VOLATILE
RETURN choices[pick(1, cardinality(choices))::int];

CREATE FUNCTION segment_test.one_of(VARIADIC choices text[]) RETURNS text
LANGUAGE sql VOLATILE
RETURN choices[pick(1, cardinality(choices))::int];

CREATE FUNCTION segment_test.all_ids() RETURNS nummultirange
LANGUAGE sql IMMUTABLE
RETURN nummultirange(numrange(-9223372036854775808, 9223372036854775808));

CREATE FUNCTION segment_test.span(lo numeric, hi numeric) RETURNS nummultirange
LANGUAGE sql IMMUTABLE
RETURN nummultirange(numrange(lo, hi + 1));

-- Where sets begin: places that mean something to the layout, and others
CREATE FUNCTION segment_test.random_base() RETURNS numeric
LANGUAGE sql VOLATILE
RETURN one_of(0, 0, 65536 * pick(-3, 3), -65536 - 10, -2147483648, 2147483648 - 65536,
	4294967296 - 65536, 65536 * pick(0, 70000), pick(0, 1099511627776),
	pick(-4611686018427387904, 4611686018427387904),
	-9223372036854775808, -9223372036854775808 + pick(0, 200000),
	9223372036854775807 - pick(0, 200000), 9223372036854775807 - 65535);

-- Ids: n of them, at random among "width" from base on
CREATE FUNCTION segment_test.scattered(base numeric, n numeric, width numeric) RETURNS nummultirange
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT range_agg(numrange(id, id + 1))
	FROM (SELECT base + pick(0, width - 1) AS id FROM generate_series(1, n)) AS ids;
END;

-- Chunks from base on, each with some of the sizes
CREATE FUNCTION segment_test.small_chunks(base numeric, n numeric, sizes numeric[]) RETURNS nummultirange
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT range_agg(numrange(id, id + 1))
	FROM (SELECT floor(base / 65536) * 65536 + c * 65536 + pick(0, 65535) AS id
		  FROM generate_series(0, n) AS c, generate_series(1, one_of(VARIADIC sizes) + 0 * c)) AS ids;
END;

-- Runs with gaps between them
CREATE FUNCTION segment_test.runs(base numeric, n numeric, longest numeric, widest numeric)
RETURNS nummultirange
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT range_agg(numrange(next - gap - length, next - gap))
	FROM (SELECT length, gap, base + sum(length + gap) OVER (ORDER BY i) AS next
		  FROM (SELECT i, pick(1, longest) AS length, pick(1, widest) AS gap
				FROM generate_series(1, n) AS i) AS lengths) AS places;
END;

/*
 * Every kind of set that the layout knows, and their borders.  The rare ones
 * have thousands of ranges, which takes the oracle its time.
 */
CREATE FUNCTION segment_test.random_shape(kind text, base numeric) RETURNS nummultirange
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	chunk numeric := floor(base / 65536) * 65536;
	result nummultirange;
BEGIN
	CASE kind
		WHEN 'empty' THEN
			result := '{}';
		WHEN 'single' THEN
			result := span(base, base);
		WHEN 'few' THEN
			result := scattered(chunk, pick(1, 7), one_of(8, 100, 65536));
		WHEN 'chunks of 1' THEN
			result := small_chunks(base, one_of(0, 1, 126, 127, 128, 129, 255, 256), '{1}');
		WHEN 'chunks of 4 and 5' THEN
			result := small_chunks(base, pick(0, 40), '{4,4,4,4,5}');
		WHEN 'small chunks' THEN
			result := small_chunks(base, pick(0, 150), '{1,2,3,4}');
		WHEN 'one per 2^20' THEN
			result := scattered(base, pick(1, 200), 1048576 * 200);
		WHEN '63 bits' THEN
			result := scattered(0, pick(1, 150), 9223372036854775808)
				+ scattered(-9223372036854775808, pick(1, 50), 9223372036854775808);
		WHEN 'array' THEN
			result := scattered(chunk, pick(5, 300), 65536);
		WHEN 'close array' THEN
			result := scattered(base, pick(5, 300), 600);
		WHEN 'runs' THEN
			result := runs(base, pick(1, 40), one_of(3, 100, 3000), one_of(1, 50, 3000));
		WHEN 'alternating' THEN
			result := runs(base + 65536 - 200, pick(100, 300), 1, 1);
		WHEN 'full' THEN
			result := span(chunk + pick(-1, 1), chunk + 65536 * pick(1, 5) + pick(-2, 0));
		WHEN 'full with holes' THEN
			result := span(chunk, chunk + 65536 * pick(1, 4) - 1)
				- scattered(chunk, pick(1, 20), 65536 * 2);
		WHEN 'full runs' THEN
			result := runs(chunk, pick(1, 10), 65536 * 3, one_of(1, 65536));
		WHEN 'huge' THEN
			result := span(base - pick(0, 1152921504606846975), base + pick(0, 1152921504606846975));
		WHEN 'ends' THEN
			result := span(-9223372036854775808 + pick(0, 2), -9223372036854775808 + pick(2, 70000))
				+ span(9223372036854775807 - pick(0, 70000), 9223372036854775807 - pick(0, 1));
		WHEN 'mixed' THEN
			result := '{}';
			FOR i IN 1 .. pick(2, 5) LOOP
				result := result + random_shape(one_of('single', 'few', 'chunks of 1',
					'chunks of 4 and 5', 'array', 'close array', 'runs', 'alternating', 'full',
					'full with holes', 'full runs'), base + 65536 * pick(0, 12));
			END LOOP;
		WHEN 'array limit' THEN
			SELECT range_agg(numrange(chunk + i * 15, chunk + i * 15 + 1)) INTO result
			FROM generate_series(1, pick(4095, 4098)) AS i;
		WHEN 'bitset' THEN
			result := runs(chunk, pick(2040, 2300), one_of(4, 8), one_of(4, 16));
	END CASE;
	RETURN result * all_ids();
END
$$;

CREATE FUNCTION segment_test.random_kind() RETURNS text
LANGUAGE sql VOLATILE
RETURN CASE WHEN random() < 0.015 THEN one_of('array limit', 'bitset') ELSE
	one_of('empty', 'single', 'few', 'few', 'chunks of 1', 'chunks of 4 and 5', 'small chunks',
		'one per 2^20', '63 bits', 'array', 'close array', 'runs', 'alternating', 'full',
		'full with holes', 'full runs', 'huge', 'ends', 'mixed', 'mixed') END;

CREATE FUNCTION segment_test.random_set() RETURNS nummultirange
LANGUAGE sql VOLATILE
RETURN random_shape(random_kind(), random_base());

-- A set that has much in common with another
CREATE FUNCTION segment_test.random_neighbour(m nummultirange) RETURNS nummultirange
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	base numeric := coalesce(lower(m), random_base());
	other nummultirange := random_shape(random_kind(), base + one_of(0, 1, 65536 * pick(0, 4)));
BEGIN
	CASE pick(1, 6)
		WHEN 1 THEN RETURN m;
		WHEN 2 THEN RETURN m + other;
		WHEN 3 THEN RETURN m - other;
		WHEN 4 THEN RETURN m * other;
		WHEN 5 THEN RETURN (m + other) - (m * other);
		ELSE RETURN other;
	END CASE;
END
$$;

-- ---- what plain SQL says (in PL/pgSQL, which keeps its plans) ----

CREATE FUNCTION segment_test.set_count(m nummultirange) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN (SELECT coalesce(sum(upper(r) - lower(r)), 0) FROM unnest(m) AS r);
END
$$;

-- The text of a set, and of the segment where it has up to 1,000 items
CREATE FUNCTION segment_test.set_text(m nummultirange) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN (SELECT '{' || coalesce(string_agg(
		CASE upper(r) - lower(r)
			WHEN 1 THEN lower(r)::text
			WHEN 2 THEN lower(r) || ',' || (lower(r) + 1)
			ELSE lower(r) || '-' || (upper(r) - 1)
		END, ','), '') || '}'
		FROM unnest(m) AS r);
END
$$;

CREATE FUNCTION segment_test.items(set_text text) RETURNS int
LANGUAGE sql IMMUTABLE
RETURN length(set_text) - length(replace(set_text, ',', '')) + (set_text <> '{}')::int;

CREATE FUNCTION segment_test.symdiff(a nummultirange, b nummultirange) RETURNS nummultirange
LANGUAGE sql IMMUTABLE
RETURN (a + b) - (a * b);

-- By count, then by the first id that only one of them has
CREATE FUNCTION segment_test.set_compare(a nummultirange, b nummultirange) RETURNS int
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN CASE
		WHEN set_count(a) <> set_count(b) THEN sign(set_count(a) - set_count(b))
		WHEN a = b THEN 0
		WHEN a @> lower(symdiff(a, b)) THEN -1
		ELSE 1
	END;
END
$$;

-- The k-th member, from 1 on
CREATE FUNCTION segment_test.set_select(m nummultirange, k numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	r numrange;
	before numeric := 0;
BEGIN
	IF k > 0 THEN
		FOR r IN SELECT unnest(m) LOOP
			IF k <= before + (upper(r) - lower(r)) THEN
				RETURN lower(r) + k - before - 1;
			END IF;
			before := before + (upper(r) - lower(r));
		END LOOP;
	END IF;
	RETURN NULL;
END
$$;

-- The ids of a set that is not too large, ascending
CREATE FUNCTION segment_test.set_ids(m nummultirange) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN (SELECT coalesce(array_agg(id::bigint), '{}')
		FROM unnest(m) AS r, generate_series(lower(r), upper(r) - 1) AS id);
END
$$;

-- ---- comparing ----

-- Everything that a message should show, but not more
CREATE FUNCTION segment_test.shown(value text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN length(value) > 2000 THEN left(value, 2000) || '...' ELSE value END;

CREATE FUNCTION segment_test.base64_text(s segment) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN 'segment:' || translate(encode(segment_send(s), 'base64'), E'\n', '');

/*
 * NULL if the segment is the one image of the set, else what is wrong: the
 * text, the bytes, or (as the input of base64 finds out) the canonical form.
 */
CREATE FUNCTION segment_test.problem(s segment, m nummultirange) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	expected text := set_text(m);
BEGIN
	IF s IS NULL THEN
		RETURN 'NULL';
	ELSIF items(expected) <= 1000 AND s::text <> expected THEN
		RETURN 'text ' || shown(s::text) || ', expected ' || shown(expected);
	ELSIF segment_send(s) <> segment_send(expected::segment) THEN
		RETURN 'bytes of ' || shown(s::text) || ', expected those of ' || shown(expected);
	ELSIF base64_text(s)::segment::text <> s::text THEN
		RETURN 'base64';
	END IF;
	RETURN NULL;
EXCEPTION WHEN invalid_text_representation THEN
	RETURN 'form of ' || shown(s::text) || ': ' || sqlerrm;
END
$$;
