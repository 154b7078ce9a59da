--
-- segment: text, binary form and casts
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\set SHOW_CONTEXT never

-- what an error says, without the place in the source that VERBOSITY shows
CREATE FUNCTION pg_temp.try(text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE 'SELECT (' || $1 || ')::text' INTO message;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;

--
-- Text that is a segment
--
SELECT to_json(input::text) AS input, input::segment AS output, segment_count(input::segment)
FROM (VALUES ('{}'), ('{ }'), (E' \t\n\f\r{ \x0b\r\n}\t '), ('{1}'), ('{1,2}'), ('{1,2,3}'), ('{1-1}'),
	('{1-2}'), ('{1-3}'), ('{3,1,2}'), ('{5,5,5}'), ('{1-5,3-9}'), ('{3-9,1-5}'), ('{1-9,3-4}'),
	('{1-9,3}'), ('{1-3,4-6}'), ('{4-6,1-3}'), ('{ 1 , 5 - 9 , 42 , -7 - -3 }'), ('{1,5-9, 42,-7--3}'),
	('{-1}'), ('{-3--1}'), ('{-3-1}'), ('{-0}'), ('{+0}'), ('{+5}'), ('{+5-+9}'), ('{-5-+2}'),
	('{0}'), ('{000}'), ('{007-0009}'), ('{-000000000000000000000000000007}'),
	('{00000000000000000000000009223372036854775807}'),
	('{9223372036854775807}'), ('{-9223372036854775808}'), ('{-9223372036854775808,9223372036854775807}'),
	('{9223372036854775806-9223372036854775807}'), ('{-9223372036854775808--9223372036854775806}'),
	('{0-9223372036854775806}'), ('{1-9223372036854775807}'), ('{-9223372036854775808--2}'),
	('{-9223372036854775807--1}'), ('{0-9000000000000000000}'),
	('{65535,65536}'), ('{65534-65537}'), ('{-65537--65534}'), ('{0-65535}'), ('{0-65536}'), ('{65535-131072}')
) AS v(input);

SELECT segment '{1-3}', '{1-3}'::segment, CAST('{1-3}' AS segment), NULL::segment IS NULL AS is_null;
SELECT ''::varchar::text || '{4,2}' AS text, ('{' || 2 || '}')::segment AS from_expression;

--
-- Text that is none: where, and what was expected
--
SELECT input, t.*
FROM (VALUES (''), (' '), ('{'), ('}'), ('{}}'), ('{} x'), ('{}{}'), ('1'), ('{1'), ('{1,'), ('{1,}'), ('{,}'), ('{,1}'),
	('{1,,2}'), ('{1 2}'), ('{1;2}'), ('{a}'), ('{1,a}'), ('{1a}'), ('{1-}'), ('{1-a}'), ('{-}'), ('{--1}'), ('{+-1}'),
	('{1--}'), ('{1---2}'), ('{1-2-3}'), ('{+}'), ('{1.5}'), ('{1e3}'), ('{0x10}'), ('{1_000}'), ('{NULL}'), ('{"1"}'),
	('{3-1}'), ('{1,2,9-7}'), ('{-1--3}'), ('{1-9,5-3}'), ('[1,2]'), ('(1,2)'), ('segment'), ('Segment:'), ('{客户}'), ('客户'),
	('{1,客}'), (E'{1\u00A02}')
) AS v(input), pg_temp.try(quote_literal(input) || '::segment') AS t;

-- a long text is cut in the message, and not inside of a character
SELECT message, length(message) FROM pg_temp.try($$('{1,' || repeat('x', 200) || '}')::segment$$);
SELECT message FROM pg_temp.try($$('{1,' || repeat('客', 200) || '}')::segment$$);
SELECT message FROM pg_temp.try($$('{12,' || repeat('客', 200) || '}')::segment$$);
SELECT message FROM pg_temp.try($$('{123,' || repeat('客', 200) || '}')::segment$$);
SELECT detail FROM pg_temp.try($$('{' || repeat('1,', 100000) || 'x}')::segment$$);

-- numbers that are no bigint
SELECT input, t.*
FROM (VALUES ('{9223372036854775808}'), ('{-9223372036854775809}'), ('{1,99999999999999999999}'),
	('{1-9223372036854775808}'), ('{-9223372036854775809-1}'), ('{18446744073709551616}'), ('{-18446744073709551616}'),
	('{18446744073709551617}'), ('{' || repeat('9', 150) || '}'), ('{1, 2, 00000000000000000000000000099999999999999999999}')
) AS v(input), pg_temp.try(quote_literal(input) || '::segment') AS t;

-- more members than a bigint counts
SELECT input, t.*
FROM (VALUES ('{-9223372036854775808-9223372036854775807}'), ('{0-9223372036854775807}'),
	('{-9223372036854775808--1}'), ('{0-9223372036854775806,-1}'), ('{-1,0-9223372036854775806}'),
	('{5,0-9223372036854775806,-1}'), ('{0-9223372036854775806,0-9223372036854775806,7}'),
	('{0-6000000000000000000,5000000000000000000-9223372036854775807}'),
	('{5000000000000000000-9223372036854775807,0-6000000000000000000}'),
	('{5000000000000000000-9223372036854775807,1-6000000000000000000}'),
	('{-9000000000000000000--1,-9223372036854775808--9000000000000000000}')
) AS v(input), pg_temp.try(quote_literal(input) || '::segment') AS t;

-- as psql shows it
\set VERBOSITY sqlstate
SELECT '{1,x}'::segment;
SELECT '{9223372036854775808}'::segment;
SELECT '{0-9223372036854775807}'::segment;
\set VERBOSITY default
SELECT '{1,x}'::segment;

--
-- Beyond 1,000 items: base64
--
SELECT n, items, left(s::text, 12) AS start, length(s::text), s::text::segment = s AS same, segment_count(s)
FROM (VALUES (999), (1000), (1001)) AS v(n),
	LATERAL (VALUES ('ids', (SELECT segment_agg(i * 2) FROM generate_series(1, n) AS i)),
		('pairs', (SELECT segment_agg(i * 3) | segment_agg(i * 3 + 1) FROM generate_series(1, n / 2) AS i)
			| CASE WHEN n % 2 = 1 THEN '{-5}'::segment ELSE '{}' END),
		('ranges', (SELECT segment_union_agg(segment_add_range('{}', i * 10, i * 10 + 5)) FROM generate_series(1, n) AS i))
	) AS sets(items, s);

CREATE FUNCTION pg_temp.base64_text(s segment) RETURNS text
LANGUAGE sql RETURN 'segment:' || translate(encode(segment_send(s), 'base64'), E'\n', '');

-- it reads sets of any size, with blanks around it
SELECT pg_temp.base64_text(s) AS text, pg_temp.base64_text(s)::segment = s AS same,
	(E' \t\n' || pg_temp.base64_text(s) || E' \r\n')::segment = s AS blanks
FROM (VALUES ('{}'::segment), ('{1}'), ('{-9223372036854775808,9223372036854775807}'), ('{0-65535}'),
	('{0-9000000000000000000}'), ('{1-5}'), ('{1,65536,131072}'), ('{1,3,5,7,9}')) AS v(s);

-- damaged base64
SELECT input, t.*
FROM (VALUES ('segment:'), ('segment: '), ('segment:A'), ('segment:AA'), ('segment:AAA'), ('segment:AAAA'), ('segment:===='),
	('segment:=AAA'), ('segment:A==='), ('segment:AA=A'), ('segment:AAB='), ('segment:AB=='), ('segment:AA=='),
	('segment:AAAA*AAA'), ('segment:AAAA AAAA'), ('segment:AAAA客户'), ('segment:AQAAAA==AQAAAA=='),
	('segment: AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='), ('{segment:AAAA}')
) AS v(input), pg_temp.try(quote_literal(input) || '::segment') AS t;

-- every bit of a value turned, every byte left out or doubled: what is
-- accepted is the image of another set, never another image of the same
CREATE TEMP TABLE images AS
SELECT name, segment_send(s) AS image, s
FROM (VALUES ('empty', '{}'::segment), ('one', '{42}'), ('array', '{1,3,5,7,9,11}'), ('runs', '{1-9,11-99}'),
	('two arrays', '{1,3,5,7,9,65537,65539,65541,65543,65545}'), ('full', '{0-131071}'),
	('isolated', '{1,65536,131072,999999999999}'), ('far', '{-9223372036854775808,0,9223372036854775807}'),
	('mixed', '{1,70000,140000-210000,300000,400001-400999,9000000000000000000}')) AS v(name, s);

CREATE FUNCTION pg_temp.outcome(image bytea, s segment) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	t segment;
BEGIN
	t := 'segment:' || translate(encode(image, 'base64'), E'\n', '');
	IF segment_send(t) <> image THEN
		RETURN 'another image';
	ELSIF t::text::segment <> t OR segment_count(t) <> cardinality(t::bigint[]) THEN
		RETURN 'inconsistent';
	ELSIF t = s THEN
		RETURN 'the same set again';
	END IF;
	RETURN 'another set';
EXCEPTION WHEN invalid_text_representation THEN
	RETURN 'refused';
WHEN program_limit_exceeded THEN
	RETURN 'another set';			-- too large for an array
END
$$;

SELECT name, outcome
FROM images, generate_series(0, length(image) * 8 - 1) AS i,
	pg_temp.outcome(set_bit(image, i, 1 - get_bit(image, i)), s) AS outcome
WHERE outcome NOT IN ('refused', 'another set');
SELECT name, outcome, count(*) > 0
FROM images, generate_series(1, length(image)) AS i, LATERAL (VALUES
		(overlay(image PLACING '' FROM i FOR 1)),
		(substr(image, 1, i - 1)),
		(substr(image, i + 1)),
		(overlay(image PLACING substr(image, i, 1) || substr(image, i, 1) FROM i FOR 1))) AS v(damaged),
	pg_temp.outcome(damaged, s) AS outcome
WHERE outcome <> 'refused'
GROUP BY name, outcome ORDER BY name, outcome;

-- what damaged bytes are told to have
SELECT what, t.*
FROM (VALUES ('no version', set_byte(segment_send('{1,3}'), 0, 0)),
	('next version', set_byte(segment_send('{1,3}'), 0, 2)),
	('state of an aggregate', set_byte(segment_send('{1,3}'), 1, 1)),
	('reserved bytes', set_byte(segment_send('{1,3}'), 2, 1)),
	('count', set_byte(segment_send('{1,3}'), 4, 3)),
	('smallest above largest', set_byte(segment_send('{1,3}'), 12, 9)),
	('smallest', set_byte(segment_send('{1,3}'), 12, 2)),
	('number of entries', set_byte(segment_send('{1,3}'), 28, 2)),
	('4 billion entries', set_byte(segment_send('{1,3}'), 31, 255)),
	('too short', substr(segment_send('{1,3}'), 1, 20)),
	('too long', segment_send('{1,3}') || '\x00'::bytea),
	('empty with a count', set_byte(segment_send('{}'), 4, 1)),
	('empty with a smallest', set_byte(segment_send('{}'), 12, 1)),
	('kind', set_byte(segment_send('{1,3}'), 35, 15 * 16)),
	('places that descend', set_byte(segment_send('{1,3}'), 44, 9)),
	('runs that touch', set_byte(segment_send('{1-9,11-99}'), 48, 10))
) AS v(what, image),
	pg_temp.try(quote_literal('segment:' || translate(encode(image, 'base64'), E'\n', '')) || '::segment') AS t;

--
-- Binary form: the stored layout
--
SELECT s, segment_send(s), length(segment_send(s)) + 4 = pg_column_size(s) AS is_stored_size
FROM (VALUES ('{}'::segment), ('{1}'), ('{-1}'), ('{1-3}'), ('{1-5}'), ('{0-65535}'), ('{1,65536,131072}')) AS v(s);

-- sizes that are promised
SELECT pg_column_size('{0-9000000000000000000}'::segment) < 200 AS full_range,
	pg_column_size((SELECT segment_agg(i * 1048576::bigint) FROM generate_series(1, 10000) AS i)) <= 5 * 10000 AS one_per_2_20,
	pg_column_size((SELECT segment_agg(hashint8extended(i, 0)) FROM generate_series(1, 10000) AS i)) <= 8.5 * 10000 AS hashes;

-- in a table, in an array, in a row: aligned or not
CREATE TEMP TABLE packed (a "char", s segment, b boolean, t segment, all_of segment[], nested images);
INSERT INTO packed
SELECT 'x', s, true, t | s, ARRAY[s, NULL, t], ROW(name, image, s)::images
FROM images, LATERAL (SELECT segment_agg(i) FROM generate_series(1, length(image) * 100, 3) AS i) AS more(t);
SELECT count(*), bool_and(t @> s AND all_of[1] = s AND all_of[2] IS NULL AND all_of[3] @> 1
	AND (nested).s = s AND segment_count(s) = segment_count((nested).s)
	AND segment_max(all_of[1]) IS NOT DISTINCT FROM segment_max(s) AND segment_hash(all_of[1]) = segment_hash(s)) AS ok
FROM packed;
SELECT (all_of::text::segment[] = all_of) AND (nested::text::images = nested) AS ok FROM packed WHERE (nested).name = 'mixed';

--
-- Casts
--
SELECT input, input::bigint[]::segment
FROM (VALUES ('{}'), ('{1}'), ('{3,1,2}'), ('{NULL}'), ('{NULL,NULL}'), ('{1,NULL,3}'), ('{NULL,1}'), ('{1,NULL}'), ('{7,7,7}'),
	('{{1,2},{3,4}}'), ('{{{9},{8}},{{7},{NULL}}}'), ('[5:7]={1,2,3}'), ('[-1:0][0:0]={{4},{5}}'),
	('{9223372036854775807,-9223372036854775808}'), ('{-1,0,1}')) AS v(input);
SELECT input, input::int[]::segment
FROM (VALUES ('{}'), ('{NULL}'), ('{3,NULL,1,2}'), ('{{1,2},{3,4}}'), ('[0:2]={7,7,NULL}'), ('{2147483647,-2147483648,0}')) AS v(input);
SELECT NULL::bigint[]::segment, NULL::int[]::segment, NULL::segment::bigint[];
SELECT ARRAY[3, 1, 2]::segment, ARRAY[3, 1, 2]::bigint[]::segment, segment(ARRAY[1, NULL, 2]), ARRAY[]::bigint[]::segment;
SELECT s::bigint[], array_dims(s::bigint[]), segment_to_array(s) = s::bigint[] AS same
FROM (VALUES ('{}'::segment), ('{5}'), ('{-3--1,5}'), ('{-9223372036854775808,9223372036854775807}')) AS v(s);
SELECT (SELECT array_agg(CASE WHEN i % 7 <> 0 THEN i END ORDER BY hashint8(i)) FROM generate_series(-1000, 1000) AS i)::segment
	= (SELECT segment_agg(i) FROM generate_series(-1000, 1000) AS i WHERE i % 7 <> 0) AS same;

-- explicit only, and from nothing else
CREATE TEMP TABLE sets (s segment);
INSERT INTO sets VALUES (ARRAY[1, 2]::bigint[]);
INSERT INTO sets VALUES ('{1,2}'), (segment(ARRAY[1, 2]));
SELECT ARRAY[1, 2]::smallint[]::segment;
SELECT 5::segment;
SELECT '{1}'::segment::int[];
TABLE sets;

--
-- COPY, text and CSV
--
COPY sets FROM stdin;
{3,1,2}
 {5 - 9} 
segment:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
\N
\.
COPY sets FROM stdin (FORMAT csv);
"{3,1,2}"
{9}

\.
COPY sets TO stdout;
COPY sets TO stdout (FORMAT csv);
COPY sets FROM stdin;
{1}
{1,}
\.
SELECT count(*) FROM sets;

DROP FUNCTION pg_temp.base64_text, pg_temp.outcome;
DROP TABLE packed, images, sets;
