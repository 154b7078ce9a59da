/*
 * What tags and rules mean, in plain SQL: random tagsets as rows, random rules
 * as trees, and who matches them.  Nothing of portrait is called in here, so
 * that it can be held against every way in which portrait answers.
 *
 * A rule's answer is a bit string, one bit for every customer, from 0 on.  To be
 * read by regression tests; the seed is PORTRAIT_TEST_SEED of the environment,
 * or 1:
 *
 *	\getenv test_dir PG_ABS_SRCDIR
 *	\set model :test_dir '/lib/tag_model.sql'
 *	\set ECHO none
 *	\i :model
 *	\set ECHO all
 */
\set seed 1
\getenv seed PORTRAIT_TEST_SEED
SELECT set_config('portrait_test.seed', :'seed', false) AS seed \gset
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP SCHEMA IF EXISTS tag_test CASCADE;
RESET client_min_messages;
CREATE SCHEMA tag_test;
SET search_path = public, tag_test;

-- A value, its class (dates and times are of one), and where it is told: x of
-- booleans (0, 1) and numbers, m of dates and times (in UTC), t of texts
CREATE TYPE tag_test.value AS (
	type text,
	class text,
	x float8,
	m timestamp,
	t text COLLATE "C"
);

-- What is known of the customers
CREATE TABLE tag_test.known (
	customer int,
	name text,
	value tag_test.value,
	weight float8,
	set_at timestamptz,
	expires timestamptz,
	UNIQUE (customer, name, value)
);
CREATE INDEX ON tag_test.known (name);

-- A leaf, negations aside: "kind" says which of the others it has
CREATE TYPE tag_test.leaf AS (
	kind text,			-- has, subtree, known, unknown, compare, between, in, text, pair, window, age, segment, did
	name text,
	source text,		-- value, weight, decay, decaying, set_at, date, time, anniversary
	op text,			-- = <> < <= > >=, [not] between, [not] in, any of, ..., starts with, ..., within last, ...
	"values" tag_test.value[],
	other text,			-- the other name, or the text
	length interval,	-- of a window or an age, or the half-life
	as_of timestamptz	-- source decay
);

-- ---- chance ----

CREATE FUNCTION tag_test.pick(lo int, hi int) RETURNS int
LANGUAGE sql VOLATILE
RETURN lo + floor(random() * (hi - lo + 1))::int;

CREATE FUNCTION tag_test.one_of(VARIADIC choices text[]) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	RETURN choices[pick(1, cardinality(choices))];
END
$$;

-- Names that could be mixed up: levels, beginnings of each other, keywords
CREATE FUNCTION tag_test.random_name() RETURNS text
LANGUAGE sql VOLATILE
RETURN one_of('vip', 'vip', 'age', 'age', 'spend', 'budget', 'city', 'city', 'born', 'seen', 'seen',
	'interest', 'interest.sport', 'interest.sport.run', 'interest.spor', 'interestx', '兴趣', '兴趣.运动',
	'not', 'in', 'weight', 'odd, "name" \ =', 'Vip', 'never');

CREATE FUNCTION tag_test.boolean_value(flag boolean) RETURNS tag_test.value
LANGUAGE sql IMMUTABLE
RETURN ROW('boolean', 'boolean', flag::int, NULL, NULL)::tag_test.value;

CREATE FUNCTION tag_test.number_value(number float8) RETURNS tag_test.value
LANGUAGE sql IMMUTABLE
RETURN ROW('number', 'number', number, NULL, NULL)::tag_test.value;

CREATE FUNCTION tag_test.date_value(day date) RETURNS tag_test.value
LANGUAGE sql IMMUTABLE
RETURN ROW('date', 'moment', NULL, day::timestamp, NULL)::tag_test.value;

CREATE FUNCTION tag_test.time_value(moment timestamptz) RETURNS tag_test.value
LANGUAGE sql IMMUTABLE
RETURN ROW('time', 'moment', NULL, moment AT TIME ZONE 'UTC', NULL)::tag_test.value;

CREATE FUNCTION tag_test.text_value(string text) RETURNS tag_test.value
LANGUAGE sql IMMUTABLE
RETURN ROW('text', 'text', NULL, NULL, string)::tag_test.value;

-- Days and moments: few different ones, so that they meet each other
CREATE FUNCTION tag_test.random_date() RETURNS date
LANGUAGE sql VOLATILE
RETURN CASE pick(1, 4)
	WHEN 1 THEN one_of('2024-02-29', '2000-02-29', '2026-02-28', '2026-03-01', '2008-09-01', '1999-12-31', '2026-01-01')::date
	WHEN 2 THEN date '1970-01-01' + pick(0, 20000)
	ELSE date '2026-08-25' + pick(0, 14) END;

-- When something is asked (see tag_cases.sql), and to the microsecond so long before or after
CREATE FUNCTION tag_test.one_of_moments() RETURNS timestamptz
LANGUAGE sql VOLATILE
RETURN one_of('2026-09-01 10:00:00.25Z', '2026-08-31 16:00Z', '2026-03-08 12:30Z', '2025-02-27 22:00Z')::timestamptz
	+ one_of('0', '0', '-7 days', '-1 hour', '-5 hours', '1 day', '2 days')::interval;

CREATE FUNCTION tag_test.random_moment() RETURNS timestamptz
LANGUAGE sql VOLATILE
RETURN CASE WHEN random() < 0.15 THEN one_of_moments() ELSE (random_date() + CASE WHEN random() < 0.4 THEN interval '0'
	WHEN random() < 0.7 THEN make_interval(hours => pick(0, 23))
	ELSE make_interval(secs => pick(0, 86399) + pick(0, 999999) * 1e-6) END) AT TIME ZONE 'UTC' END;

CREATE FUNCTION tag_test.random_value(type text) RETURNS tag_test.value
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	CASE type
		WHEN 'boolean' THEN
			RETURN boolean_value(random() < 0.6);
		WHEN 'number' THEN
			RETURN number_value(CASE WHEN random() < 0.7 THEN pick(-2, 12)
				ELSE one_of('0.5', '-0.1', '1e10', '1e-300', '-1.7e308', '1024', '1023', '123456789.125', '3')::float8 END);
		WHEN 'date' THEN
			RETURN date_value(random_date());
		WHEN 'time' THEN
			RETURN time_value(random_moment());
		ELSE
			RETURN text_value(one_of('上海', '上', '海', 'abc', 'ab', 'abcd', 'bc', '', '1', 'true', 'A"B\C', 'O''Neil',
				'é', '2026-09-01', 'ab, c', 'Abc', 'null', 'a.b', repeat('long ', 50)));
	END CASE;
END
$$;

-- Mostly what such a tag has, but anything may be anywhere
CREATE FUNCTION tag_test.random_value_of(name text) RETURNS tag_test.value
LANGUAGE sql VOLATILE
RETURN random_value(CASE WHEN random() < 0.25 THEN one_of('boolean', 'number', 'date', 'time', 'text')
	WHEN name IN ('age', 'spend', 'budget') THEN 'number'
	WHEN name IN ('born', 'seen') THEN one_of('date', 'time')
	WHEN name IN ('city', 'odd, "name" \ =') THEN 'text'
	ELSE 'boolean' END);

CREATE PROCEDURE tag_test.make_customers(customers int)
LANGUAGE plpgsql
AS $$
DECLARE
	tag text;
	v tag_test.value;
BEGIN
	DELETE FROM known;
	FOR customer IN 0 .. customers - 1 LOOP
		-- the first one has nothing
		FOR i IN 1 .. CASE WHEN customer = 0 THEN 0 ELSE pick(1, 16) END LOOP
			tag := random_name();
			CONTINUE WHEN tag = 'never';
			v := random_value_of(tag);
			INSERT INTO known VALUES (customer, tag, v,
				CASE WHEN random() < 0.4 THEN one_of('0', '0.25', '0.5', '0.75', '1', '0.1', '0.9')::float8 END,
				CASE WHEN random() < 0.4 THEN random_moment() END,
				CASE WHEN random() < 0.2 THEN random_moment() END)
			ON CONFLICT DO NOTHING;
		END LOOP;
	END LOOP;
	ANALYZE known;
END
$$;

-- ---- text ----

CREATE FUNCTION tag_test.quoted(string text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN '"' || replace(replace(string, '\', '\\'), '"', '\"') || '"';

-- Single quotes are read in rules only
CREATE FUNCTION tag_test.spell_text(string text, in_rule boolean) RETURNS text
LANGUAGE sql VOLATILE
RETURN CASE
	WHEN string ~ '^[[:alpha:]_]+$' AND string NOT IN ('true', 'false', 'null') AND random() < 0.6 THEN string
	WHEN in_rule AND string !~ '[\\''"]' AND random() < 0.3 THEN '''' || string || ''''
	ELSE quoted(string) END;

CREATE FUNCTION tag_test.spell_name(name text) RETURNS text
LANGUAGE sql VOLATILE
RETURN CASE
	WHEN name ~ '^[[:alpha:]_.]+$' AND name NOT IN ('not', 'in') AND random() < 0.9 THEN name
	ELSE quoted(name) END;

CREATE FUNCTION tag_test.spell_moment(moment timestamptz) RETURNS text
LANGUAGE sql VOLATILE
RETURN CASE pick(1, 3)
	WHEN 1 THEN to_char(moment AT TIME ZONE 'UTC' + interval '8 hours', 'YYYY-MM-DD"T"HH24:MI:SS.US"+08:00"')
	WHEN 2 THEN to_char(moment AT TIME ZONE 'UTC' - interval '210 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.US"-03:30"')
	ELSE to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END;

CREATE FUNCTION tag_test.spell_value(v tag_test.value, in_rule boolean) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	RETURN CASE v.type
		WHEN 'boolean' THEN CASE WHEN v.x = 1 THEN 'true' ELSE 'false' END
		WHEN 'number' THEN v.x::text
		WHEN 'date' THEN to_char(v.m, 'YYYY-MM-DD')
		WHEN 'time' THEN spell_moment(v.m AT TIME ZONE 'UTC')
		ELSE spell_text(v.t, in_rule) END;
END
$$;

-- The text of a customer's tagset, in any order
CREATE FUNCTION tag_test.spell_customer(which int) RETURNS text
LANGUAGE sql VOLATILE
RETURN (SELECT coalesce(string_agg(spell_name(k.name)
		|| CASE WHEN k.value = boolean_value(true) AND random() < 0.7 THEN ''
			ELSE '=' || spell_value(k.value, false) END
		|| coalesce('=>' || k.weight, '')
		|| coalesce('@' || spell_moment(k.set_at), '')
		|| coalesce('~' || spell_moment(k.expires), ''), ', ' ORDER BY random()), '')
	FROM known AS k WHERE k.customer = which);

CREATE FUNCTION tag_test.spell_length(length interval) RETURNS text
LANGUAGE sql VOLATILE
RETURN CASE
	WHEN extract(years FROM length) > 0 THEN extract(years FROM length) || one_of(' years', ' year')
	WHEN extract(months FROM length) > 0 THEN extract(months FROM length) || ' months'
	WHEN extract(days FROM length) > 0 THEN extract(days FROM length) || one_of(' days', ' Day')
	ELSE extract(epoch FROM length)::int / 3600 || ' hours' END;

CREATE FUNCTION tag_test.spell_leaf(l tag_test.leaf) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	tag text := spell_name(l.name);
	literals text[];
	what text;
BEGIN
	SELECT array_agg(CASE WHEN l.source = 'anniversary' THEN to_char(v.m, 'MM-DD')
			WHEN l.op IN ('before', 'since') AND v.type = 'time' THEN spell_moment(v.m AT TIME ZONE 'UTC')
			ELSE spell_value(v, true) END ORDER BY i)
	INTO literals FROM unnest(l."values") WITH ORDINALITY AS u(type, class, x, m, t, i), LATERAL (SELECT u.type, u.class, u.x, u.m, u.t) AS v;
	what := CASE l.source
		WHEN 'weight' THEN 'weight(' || tag || ')'
		WHEN 'decaying' THEN 'weight(' || tag || ', ' || spell_length(l.length) || ')'
		WHEN 'decay' THEN 'weight(' || tag || ', ' || spell_length(l.length) || ', ' || spell_moment(l.as_of) || ')'
		WHEN 'value' THEN tag
		ELSE l.source || '(' || tag || ')' END;
	RETURN CASE l.kind
		WHEN 'has' THEN tag
		WHEN 'subtree' THEN l.name || '.*'
		WHEN 'known' THEN tag || one_of(' is known', ' IS KNOWN')
		WHEN 'unknown' THEN tag || one_of(' is unknown', ' is not known')
		WHEN 'compare' THEN what || one_of(' ', '') || CASE WHEN l.op = '<>' THEN one_of('<>', '!=') ELSE l.op END
			|| one_of(' ', '') || literals[1]
		WHEN 'since' THEN what || ' ' || l.op || ' ' || literals[1]
		WHEN 'between' THEN what || ' ' || l.op || ' ' || literals[1] || ' and ' || literals[2]
		WHEN 'in' THEN tag || ' ' || l.op || ' (' || array_to_string(literals, ', ') || ')'
		WHEN 'text' THEN tag || ' ' || l.op || ' ' || spell_text(l.other, true)
		WHEN 'pair' THEN tag || ' ' || l.op || ' value(' || spell_name(l.other) || ')'
		WHEN 'window' THEN what || ' ' || l.op || ' ' || spell_length(l.length)
		WHEN 'age' THEN 'age(' || tag || ') ' || l.op || ' ' || spell_length(l.length)
		WHEN 'segment' THEN 'segment(' || quoted(l.name) || ')'
		WHEN 'did' THEN 'did(' || quoted(l.name) || one_of('', ', at least 2', ', exactly 1, within last 30 days') || ')'
		END;
END
$$;

-- ---- meaning ----

-- -1, 0, 1; NULL if they are of different classes
CREATE FUNCTION tag_test.sign_of(a tag_test.value, b tag_test.value) RETURNS int
LANGUAGE sql IMMUTABLE
RETURN CASE
	WHEN a.class <> b.class THEN NULL
	WHEN a.class = 'text' THEN (a.t > b.t)::int - (a.t < b.t)::int
	WHEN a.class = 'moment' THEN (a.m > b.m)::int - (a.m < b.m)::int
	ELSE (a.x > b.x)::int - (a.x < b.x)::int END;

CREATE FUNCTION tag_test.holds(a tag_test.value, op text, b tag_test.value) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(CASE op
	WHEN '=' THEN sign_of(a, b) = 0
	WHEN '<>' THEN sign_of(a, b) <> 0
	WHEN '<' THEN sign_of(a, b) < 0
	WHEN '<=' THEN sign_of(a, b) <= 0
	WHEN '>' THEN sign_of(a, b) > 0
	WHEN '>=' THEN sign_of(a, b) >= 0 END, false);

/*
 * Windows.  Days and more are counted in the zone's calendar, hours on the line of
 * time.  A date is midnight on the zone's walls.
 */
CREATE FUNCTION tag_test.moved(as_of timestamptz, length interval, zone text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN extract(hours FROM length) = 0 THEN (as_of AT TIME ZONE zone + length) AT TIME ZONE zone
	ELSE as_of + length END;

CREATE FUNCTION tag_test.in_window(v tag_test.value, op text, length interval, as_of timestamptz, zone text)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	lo timestamptz := CASE op WHEN 'within next' THEN as_of WHEN 'within last' THEN moved(as_of, -length, zone) END;
	hi timestamptz := CASE op WHEN 'within next' THEN moved(as_of, length, zone) WHEN 'within last' THEN as_of
		ELSE moved(as_of, -length, zone) END;
	moment timestamptz;
BEGIN
	IF v.type = 'date' THEN
		RETURN coalesce(v.m >= lo AT TIME ZONE zone, true) AND v.m < hi AT TIME ZONE zone;
	END IF;
	moment := CASE v.type WHEN 'time' THEN v.m AT TIME ZONE 'UTC' END;
	RETURN moment IS NOT NULL AND coalesce(moment >= lo, true) AND moment < hi;
END
$$;

-- Month and day, as a number of the order of the year
CREATE FUNCTION tag_test.day_of_year(m timestamp) RETURNS int
LANGUAGE sql IMMUTABLE
RETURN extract(month FROM m) * 100 + extract(day FROM m);

-- Is the day in the year's round from the one to the other?
CREATE FUNCTION tag_test.in_round(day int, lo int, hi int) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN lo <= hi THEN day BETWEEN lo AND hi ELSE day >= lo OR day <= hi END;

-- How often a weight has lost its half; not before it was set, and not so often
-- that nothing is left for a double
CREATE FUNCTION tag_test.half_lives(set_at timestamptz, as_of timestamptz, length interval) RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN least(greatest((extract(epoch FROM as_of - set_at) / extract(epoch FROM length))::float8, 0), 900);

-- What a leaf compares, as a value, NULL if there is nothing
CREATE FUNCTION tag_test.compared(k tag_test.known, l tag_test.leaf, as_of timestamptz) RETURNS tag_test.value
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	CASE l.source
		WHEN 'weight' THEN
			IF k.weight IS NOT NULL THEN
				RETURN number_value(k.weight);
			END IF;
		WHEN 'decay', 'decaying' THEN
			IF k.weight IS NOT NULL AND k.set_at IS NOT NULL THEN
				RETURN number_value(k.weight * 0.5::float8 ^ half_lives(k.set_at,
					CASE l.source WHEN 'decay' THEN l.as_of ELSE as_of END, l.length));
			END IF;
		WHEN 'set_at' THEN
			IF k.set_at IS NOT NULL THEN
				RETURN time_value(k.set_at);
			END IF;
		WHEN 'date', 'time' THEN
			IF (k.value).type = l.source THEN
				RETURN k.value;
			END IF;
		ELSE
			RETURN k.value;
	END CASE;
	RETURN NULL;
END
$$;

-- Does this one value make the leaf true?
CREATE FUNCTION tag_test.says(k tag_test.known, l tag_test.leaf, as_of timestamptz, zone text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v tag_test.value := k.value;
BEGIN
	CASE l.kind
		WHEN 'has', 'subtree' THEN
			RETURN v <> boolean_value(false);
		WHEN 'known', 'unknown' THEN
			RETURN true;
		WHEN 'in' THEN
			IF l.op = 'not in' THEN
				RETURN (SELECT bool_or(sign_of(v, w) IS NOT NULL) AND coalesce(bool_and(sign_of(v, w) <> 0), true)
					FROM (SELECT (type, class, x, m, t)::tag_test.value AS w FROM unnest(l."values")) AS listed);
			END IF;
			RETURN (SELECT bool_or(holds(v, '=', w))
				FROM (SELECT (type, class, x, m, t)::tag_test.value AS w FROM unnest(l."values")) AS listed);
		WHEN 'text' THEN
			RETURN v.type = 'text' AND CASE l.op
				WHEN 'starts with' THEN left(v.t, length(l.other)) = l.other
				WHEN 'ends with' THEN right(v.t, length(l.other)) = l.other OR l.other = ''
				ELSE strpos(v.t, l.other) > 0 END;
		WHEN 'window' THEN
			IF l.source = 'anniversary' THEN
				RETURN v.class = 'moment' AND in_anniversary(v.m, l.op, l.length, as_of, zone);
			END IF;
			RETURN in_window(v, l.op, l.length, as_of, zone);
		WHEN 'age' THEN
			RETURN k.set_at IS NOT NULL AND CASE l.op
				WHEN '<' THEN k.set_at > moved(as_of, -l.length, zone)
				WHEN '<=' THEN k.set_at >= moved(as_of, -l.length, zone)
				WHEN '>' THEN k.set_at < moved(as_of, -l.length, zone)
				WHEN '>=' THEN k.set_at <= moved(as_of, -l.length, zone) END;
		ELSE
			NULL;
	END CASE;
	IF l.source = 'anniversary' THEN
		RETURN v.class = 'moment' AND in_round(day_of_year(v.m), day_of_year((l."values"[1]).m),
			day_of_year((l."values"[CASE l.kind WHEN 'between' THEN 2 ELSE 1 END]).m));
	END IF;
	v := compared(k, l, as_of);
	IF v.class IS NULL THEN
		RETURN false;
	END IF;
	RETURN CASE l.op
		WHEN 'between' THEN holds(v, '>=', l."values"[1]) AND holds(v, '<=', l."values"[2])
		WHEN 'not between' THEN holds(v, '<', l."values"[1]) OR holds(v, '>', l."values"[2])
		WHEN 'before' THEN holds(v, '<', l."values"[1])
		WHEN 'since' THEN holds(v, '>=', l."values"[1])
		ELSE holds(v, l.op, l."values"[1]) END;
END
$$;

-- Does some day of the window bear this month and day?  29 February is on the
-- 28th where there is none.
CREATE FUNCTION tag_test.in_anniversary(m timestamp, op text, length interval, as_of timestamptz, zone text)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	day date := (CASE op WHEN 'within next' THEN as_of ELSE moved(as_of, -length, zone) END AT TIME ZONE zone)::date;
	hi date := (CASE op WHEN 'within next' THEN moved(as_of, length, zone) ELSE as_of END AT TIME ZONE zone)::date;
	wanted int := day_of_year(m);
BEGIN
	WHILE day < hi LOOP
		IF day_of_year(day) = wanted
			OR wanted = 229 AND day_of_year(day) = 228 AND day_of_year(day + 1) = 301 THEN
			RETURN true;
		END IF;
		day := day + 1;
	END LOOP;
	RETURN false;
END
$$;

-- Who matches a leaf; values that have expired are not there where a time is given
CREATE FUNCTION tag_test.leaf_bits(l tag_test.leaf, customers int, as_of timestamptz, zone text) RETURNS varbit
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	bits varbit := repeat('0', customers);
	who int;
BEGIN
	IF l.op = 'none of' THEN
		RETURN ~leaf_bits(('in', l.name, NULL, 'in', l."values", NULL, NULL, NULL), customers, as_of, zone);
	ELSIF l.op = 'all of' THEN
		RETURN ~bits & (SELECT bit_and(leaf_bits(('compare', l.name, 'value', '=', ARRAY[(type, class, x, m, t)::tag_test.value], NULL, NULL, NULL), customers, as_of, zone))
			FROM unnest(l."values"));
	ELSIF l.kind = 'unknown' THEN
		RETURN ~leaf_bits(('known', l.name, NULL, NULL, NULL, NULL, NULL, NULL), customers, as_of, zone);
	ELSIF l.kind = 'pair' THEN
		FOR who IN SELECT DISTINCT a.customer FROM known AS a JOIN known AS b USING (customer)
			WHERE a.name = l.name AND b.name = l.other AND holds(a.value, l.op, b.value)
			AND (as_of IS NULL OR coalesce(a.expires > as_of, true) AND coalesce(b.expires > as_of, true)) LOOP
			bits := set_bit(bits::bit varying, who, 1);
		END LOOP;
	ELSE
		FOR who IN SELECT k.customer FROM known AS k
			WHERE (k.name = l.name OR l.kind = 'subtree' AND starts_with(k.name, l.name || '.'))
			AND (as_of IS NULL OR coalesce(k.expires > as_of, true))
			AND says(k, l, as_of, zone) LOOP
			bits := set_bit(bits, who, 1);
		END LOOP;
	END IF;
	RETURN bits;
END
$$;

CREATE FUNCTION tag_test.needs_time(l tag_test.leaf) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN l.kind IN ('window', 'age') OR coalesce(l.source = 'decaying', false);

CREATE FUNCTION tag_test.needs_more(l tag_test.leaf) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN l.kind IN ('segment', 'did');

-- ---- random rules ----

CREATE FUNCTION tag_test.random_values(tag text, n int) RETURNS tag_test.value[]
LANGUAGE sql VOLATILE
RETURN (SELECT array_agg(random_value_of(CASE WHEN i > 0 THEN tag END)) FROM generate_series(1, n) AS i);

-- Two of one class, the lower one first, mostly
CREATE FUNCTION tag_test.random_bounds(source text, tag text) RETURNS tag_test.value[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	a tag_test.value;
	b tag_test.value;
BEGIN
	LOOP
		a := random_bound(source, tag);
		b := random_bound(source, tag);
		EXIT WHEN a.class = b.class;
	END LOOP;
	IF source <> 'anniversary' AND sign_of(a, b) > 0 AND random() < 0.9 THEN
		RETURN ARRAY[b, a];
	END IF;
	RETURN ARRAY[a, b];
END
$$;

CREATE FUNCTION tag_test.random_bound(source text, tag text) RETURNS tag_test.value
LANGUAGE sql VOLATILE
RETURN CASE source
	WHEN 'value' THEN random_value_of(tag)
	WHEN 'weight' THEN number_value(one_of('0', '0.25', '0.5', '0.75', '1', '0.3', '-1', '2')::float8)
	WHEN 'decay' THEN number_value(one_of('0.01', '0.13', '0.31', '0.47', '0.71')::float8)
	WHEN 'decaying' THEN number_value(one_of('0.01', '0.13', '0.31', '0.47', '0.71')::float8)
	WHEN 'date' THEN date_value(random_date())
	WHEN 'anniversary' THEN date_value(random_date())
	ELSE time_value(random_moment()) END;

CREATE FUNCTION tag_test.random_length() RETURNS interval
LANGUAGE sql VOLATILE
RETURN one_of('1 day', '2 days', '7 days', '30 days', '1 month', '6 months', '18 years', '1 year', '5 hours', '1 hour')::interval;

CREATE FUNCTION tag_test.random_leaf() RETURNS tag_test.leaf
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	l tag_test.leaf;
BEGIN
	l.kind := one_of('has', 'has', 'has', 'subtree', 'known', 'unknown', 'compare', 'compare', 'compare', 'compare',
		'between', 'between', 'in', 'in', 'in', 'text', 'text', 'pair', 'since', 'window', 'window', 'window', 'age', 'segment', 'did');
	l.name := CASE l.kind
		WHEN 'subtree' THEN one_of('interest', 'interest.sport', 'vip', '兴趣', 'never')
		WHEN 'text' THEN one_of('city', 'city', random_name())
		WHEN 'pair' THEN one_of('spend', 'age', 'seen', random_name())
		ELSE random_name() END;
	CASE l.kind
		WHEN 'compare', 'between' THEN
			l.source := one_of('value', 'value', 'value', 'value', 'value', 'weight', 'decay', 'decaying', 'set_at', 'date', 'time', 'anniversary');
			l.op := CASE WHEN l.kind = 'compare' THEN one_of('=', '=', '<>', '<', '<=', '>', '>=')
				ELSE one_of('between', 'between', 'between', 'not between') END;
			l."values" := CASE WHEN l.kind = 'compare' THEN ARRAY[random_bound(l.source, l.name)]
				ELSE random_bounds(l.source, l.name) END;
			IF l.source = 'anniversary' THEN
				l.op := CASE WHEN l.kind = 'compare' THEN '=' ELSE 'between' END;
			ELSIF l.source LIKE 'decay%' THEN
				l.length := one_of('1 day', '30 days', '12 hours')::interval;
				l.as_of := random_moment();
			END IF;
		WHEN 'since' THEN
			l.source := one_of('value', 'value', 'set_at', 'date', 'time');
			l.op := one_of('before', 'since');
			l."values" := ARRAY[CASE WHEN random() < 0.5 THEN date_value(random_date()) ELSE time_value(random_moment()) END];
			IF l.source = 'date' THEN
				l."values" := ARRAY[date_value(random_date())];
			END IF;
		WHEN 'in' THEN
			l.op := one_of('in', 'in', 'not in', 'any of', 'all of', 'none of');
			l."values" := random_values(l.name, pick(1, CASE l.op WHEN 'all of' THEN 2 ELSE 5 END));
		WHEN 'text' THEN
			l.op := one_of('starts with', 'ends with', 'contains');
			l.other := one_of('a', 'ab', 'bc', '上', '海', '', 'abc', '"', 'é', 'never', 'long');
		WHEN 'pair' THEN
			l.op := one_of('=', '<>', '<', '<=', '>', '>=');
			l.other := one_of('budget', 'born', random_name());
		WHEN 'window' THEN
			l.source := one_of('value', 'anniversary');
			l.op := CASE WHEN l.source = 'value' THEN one_of('within last', 'within last', 'before last', 'within next')
				ELSE one_of('within last', 'within next') END;
			l.length := CASE WHEN l.source = 'value' THEN random_length()
				ELSE one_of('1 day', '1 day', '7 days', '30 days', '1 month')::interval END;
			IF l.source = 'anniversary' THEN
				l.name := one_of('born', 'seen');
			END IF;
		WHEN 'age' THEN
			l.op := one_of('<', '<=', '>', '>=');
			l.length := random_length();
		ELSE
			NULL;
	END CASE;
	RETURN l;
END
$$;

-- The leaves that rules are made of, and who matches each
CREATE TABLE tag_test.leaves (
	id int PRIMARY KEY,
	leaf tag_test.leaf,
	text text,
	bits varbit
);

-- The same where a time and a zone are given
CREATE TABLE tag_test.moments (moment int PRIMARY KEY, as_of timestamptz, zone text);
CREATE TABLE tag_test.leaves_at (moment int, id int, bits varbit, PRIMARY KEY (moment, id));

CREATE PROCEDURE tag_test.make_leaves(leaves int, customers int)
LANGUAGE plpgsql
AS $$
DECLARE
	l tag_test.leaf;
BEGIN
	DELETE FROM leaves;
	DELETE FROM leaves_at;
	FOR i IN 1 .. leaves LOOP
		l := random_leaf();
		INSERT INTO leaves VALUES (i, l, spell_leaf(l),
			CASE WHEN needs_time(l) OR needs_more(l) THEN repeat('0', customers)::varbit
			ELSE leaf_bits(l, customers, NULL, NULL) END);
		IF NOT needs_more(l) THEN
			INSERT INTO leaves_at SELECT moment, i, leaf_bits(l, customers, as_of, zone) FROM moments;
		END IF;
	END LOOP;
END
$$;

/*
 * A tree: {"leaf": id}, {"not": tree}, {"all": [trees]}, {"any": [trees]},
 * {"least": k, "of": [trees]}, true, false.  Kinds: which leaves it may have.
 */
CREATE FUNCTION tag_test.random_tree(leaf_ids int[], depth int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	chance float8 := random();
	children jsonb;
BEGIN
	IF depth <= 1 OR chance < 0.15 THEN
		RETURN CASE WHEN random() < 0.02 THEN to_jsonb(random() < 0.5)
			ELSE jsonb_build_object('leaf', leaf_ids[pick(1, cardinality(leaf_ids))]) END;
	ELSIF chance < 0.35 THEN
		RETURN jsonb_build_object('not', random_tree(leaf_ids, depth - 1));
	END IF;
	SELECT jsonb_agg(random_tree(leaf_ids, depth - 1 + 0 * i)) INTO children FROM generate_series(1, pick(2, 4)) AS i;
	RETURN CASE
		WHEN chance < 0.6 THEN jsonb_build_object('all', children)
		WHEN chance < 0.85 THEN jsonb_build_object('any', children)
		ELSE jsonb_build_object('least', pick(1, jsonb_array_length(children)), 'of', children) END;
END
$$;

CREATE FUNCTION tag_test.tree_leaves(tree jsonb) RETURNS int[]
LANGUAGE sql IMMUTABLE
RETURN (SELECT array_agg(DISTINCT id::int ORDER BY id::int) FROM jsonb_path_query(tree, 'strict $.**.leaf', silent => true) AS id);

-- With parentheses where they are needed, and now and then where not
CREATE FUNCTION tag_test.spell_tree(tree jsonb, outer_op text DEFAULT 'any') RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	kind text := (SELECT key FROM jsonb_each(CASE jsonb_typeof(tree) WHEN 'object' THEN tree ELSE '{}' END)
		ORDER BY key LIMIT 1);
	result text;
	closed boolean := true;
BEGIN
	CASE kind
		WHEN 'leaf' THEN
			SELECT text INTO result FROM leaves WHERE id = (tree->'leaf')::int;
			-- "a between b and c and d" is clear to the parser
		WHEN 'not' THEN
			result := one_of('not ', 'NOT ', '!') || spell_tree(tree->'not', 'not');
		WHEN 'all' THEN
			SELECT string_agg(spell_tree(child, 'all'), one_of(' and ', ' & ', ' AND ')) INTO result
			FROM jsonb_array_elements(tree->'all') AS child;
			closed := outer_op IN ('any', 'all');
		WHEN 'any' THEN
			SELECT string_agg(spell_tree(child, 'any'), one_of(' or ', ' | ', ' Or ')) INTO result
			FROM jsonb_array_elements(tree->'any') AS child;
			closed := outer_op = 'any';
		WHEN 'least' THEN
			SELECT one_of('at least ', 'At Least ') || (tree->'least') || ' of (' || string_agg(spell_tree(child), ', ') || ')'
			INTO result FROM jsonb_array_elements(tree->'of') AS child;
		ELSE
			result := tree::text;
	END CASE;
	RETURN CASE WHEN NOT closed OR random() < 0.1 THEN '(' || result || ')' ELSE result END;
END
$$;

-- Who matches a tree; NULL as moment: no time given
CREATE FUNCTION tag_test.tree_bits(tree jsonb, customers int, at int DEFAULT NULL) RETURNS varbit
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	nobody varbit := repeat('0', customers);
	bits varbit;
	child jsonb;
	counted varbit[];	-- i: who matches at least i of the children so far
	k int;
BEGIN
	IF jsonb_typeof(tree) = 'boolean' THEN
		RETURN CASE WHEN tree::boolean THEN ~nobody ELSE nobody END;
	ELSIF tree ? 'leaf' THEN
		IF at IS NULL THEN
			SELECT l.bits INTO bits FROM leaves AS l WHERE l.id = (tree->'leaf')::int;
		ELSE
			SELECT l.bits INTO bits FROM leaves_at AS l WHERE l.moment = at AND l.id = (tree->'leaf')::int;
		END IF;
		RETURN bits;
	ELSIF tree ? 'not' THEN
		RETURN ~tree_bits(tree->'not', customers, at);
	ELSIF tree ? 'all' THEN
		bits := ~nobody;
		FOR child IN SELECT jsonb_array_elements(tree->'all') LOOP
			bits := bits & tree_bits(child, customers, at);
		END LOOP;
		RETURN bits;
	ELSIF tree ? 'any' THEN
		bits := nobody;
		FOR child IN SELECT jsonb_array_elements(tree->'any') LOOP
			bits := bits | tree_bits(child, customers, at);
		END LOOP;
		RETURN bits;
	END IF;
	k := tree->'least';
	counted := array_fill(nobody, ARRAY[k + 1], ARRAY[0]);
	counted[0] := ~nobody;
	FOR child IN SELECT jsonb_array_elements(tree->'of') LOOP
		bits := tree_bits(child, customers, at);
		FOR i IN REVERSE k .. 1 LOOP
			counted[i] := counted[i] | (counted[i - 1] & bits);
		END LOOP;
	END LOOP;
	RETURN counted[k];
END
$$;
