--
-- segment: arguments that make no sense, and limits at -1, 0 and +1
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\set SHOW_CONTEXT never

CREATE FUNCTION pg_temp.try(expression text) RETURNS TABLE (state text, result text, detail text, hint text)
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE 'SELECT (' || expression || ')::text' INTO result;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, result = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;

-- NULL arguments
SELECT segment_count(NULL), segment_union(NULL, '{1}'), '{1}'::segment & NULL::segment, '{1}'::segment @> NULL::bigint, NULL::int <@ '{1}'::segment,
	segment_select('{1}', NULL), segment_slice('{1}', NULL, 1), segment_sample('{1}', 1, NULL), segment_split('{1}', NULL, ''), segment_split('{1}', '{1}', NULL),
	segment_from_roaring(NULL), segment_to_roaring(NULL), segment_to_roaring('{1}', NULL), segment_jaccard('{}', NULL);
SELECT count(*) FROM segment_members(NULL);

-- 2^63 - 1 members
SELECT e, t.*
FROM (VALUES
	('segment_count(''{1-9223372036854775807}'')'),
	('segment_add_range(''{}'', 0, 9223372036854775805)'),
	('segment_add_range(''{}'', 0, 9223372036854775806)'),
	('segment_add_range(''{}'', 0, 9223372036854775807)'),
	('segment_add_range(''{}'', -9223372036854775808, 9223372036854775807)'),
	('segment_add_range(''{7}'', -9223372036854775808, 9223372036854775807)'),
	('segment_add_range(''{-1}'', 0, 9223372036854775805)'),
	('segment_add_range(''{-1}'', 0, 9223372036854775806)'),
	('segment_remove_range(''{1-9223372036854775807}'', -9223372036854775808, 9223372036854775807)'),
	('segment_remove_range(''{1-9223372036854775807}'', 5, 9223372036854775807)'),
	('segment_remove_range(''{1-9223372036854775807}'', -9223372036854775808, 9223372036854775800)'),
	('segment_range(''{1-9223372036854775807}'', -9223372036854775808, 9223372036854775807)'),
	('''{0-9223372036854775806}''::segment | 5'),
	('''{0-9223372036854775806}''::segment | -1'),
	('''{0-9223372036854775805}''::segment | 9223372036854775807'),
	('''{0-9223372036854775806}''::segment | ''{-1}'''),
	('''{0-9223372036854775806}''::segment | ''{0-9223372036854775806}'''),
	('''{0-9223372036854775806}''::segment # ''{0-9223372036854775806}'''),
	('''{0-9223372036854775806}''::segment # ''{-1}'''),
	('''{0-9223372036854775806}''::segment # ''{-1,0}'''),
	('''{0-9223372036854775806}''::segment & ''{1-9223372036854775807}'''),
	('segment_intersect_count(''{0-9223372036854775806}'', ''{1-9223372036854775807}'')'),
	('segment_union_count(''{0-9223372036854775806}'', ''{5}'')'),
	('segment_union_count(''{0-9223372036854775806}'', ''{-1}'')'),
	('segment_union_count(''{0-9223372036854775806}'', ''{-9223372036854775808--2}'')'),
	('segment_symdiff_count(''{0-9223372036854775806}'', ''{-9223372036854775808--2}'')'),
	('segment_symdiff_count(''{0-9223372036854775806}'', ''{1-9223372036854775807}'')'),
	('segment_except_count(''{0-9223372036854775806}'', ''{-9223372036854775808--2}'')'),
	('segment_jaccard(''{0-9223372036854775806}'', ''{-9223372036854775808--2}'')'),
	('segment_jaccard(''{0-9223372036854775806}'', ''{0-9223372036854775806}'')'),
	('(SELECT segment_union_agg(s) FROM (VALUES (''{0-9223372036854775806}''::segment), (''{-1}'')) AS v(s))'),
	('(SELECT segment_agg(i) FROM generate_series(1, 5000) AS i) | ''{0-9223372036854775806}'''),
	('(SELECT segment_union_agg(s) FROM (VALUES (''{0-9223372036854775806}''::segment), (segment_sample(''{-99999--1}'', 5000, ''''))) AS v(s))')
) AS v(e), pg_temp.try(e) AS t;

-- ranges that end below their start; ends of bigint
SELECT e, t.*
FROM (VALUES
	('segment_add_range(''{1}'', 5, 5)'), ('segment_add_range(''{1}'', 5, 4)'), ('segment_remove_range(''{1}'', 5, 4)'),
	('segment_add_range(''{1}'', 9223372036854775807, -9223372036854775808)'),
	('segment_add_range(''{1}'', 9223372036854775807, 9223372036854775807)'), ('segment_add_range(''{1}'', -9223372036854775808, -9223372036854775808)'),
	('segment_range(''{1-9}'', 5, 4)'), ('segment_range_count(''{1-9}'', 5, 4)'), ('segment_range(''{}'', 5, 4)'), ('segment_range(''{}'', 1, 4)'),
	('segment_range_count(''{}'', -9223372036854775808, 9223372036854775807)'),
	('segment_range_count(''{0-9223372036854775806}'', -9223372036854775808, 9223372036854775807)'),
	('segment_range_count(''{-9223372036854775808,9223372036854775807}'', -9223372036854775808, 9223372036854775807)'),
	('segment_range_count(''{-9223372036854775808,9223372036854775807}'', -9223372036854775808, -9223372036854775808)'),
	('segment_range_count(''{-9223372036854775808,9223372036854775807}'', 9223372036854775807, 9223372036854775807)'),
	('segment_range(''{-9223372036854775808,9223372036854775807}'', 9223372036854775807, 9223372036854775807)'),
	('segment_rank(''{-9223372036854775808,9223372036854775807}'', -9223372036854775808)'), ('segment_rank(''{-9223372036854775808,9223372036854775807}'', 9223372036854775806)'),
	('segment_rank(''{-9223372036854775808,9223372036854775807}'', 9223372036854775807)'), ('segment_rank(''{}'', 9223372036854775807)'),
	('''{-9223372036854775808,9223372036854775807}''::segment - 9223372036854775807'), ('''{}''::segment | (-9223372036854775808)::bigint'),
	('''{0-9223372036854775806}''::segment @> 9223372036854775807'), ('''{0-9223372036854775806}''::segment @> 9223372036854775806'),
	('9223372036854775807 <@ ''{1-9223372036854775807}''::segment'), ('(-32768)::smallint <@ ''{-32768}''::segment'), ('(-2147483648)::int <@ ''{-2147483648}''::segment')
) AS v(e), pg_temp.try(e) AS t;

-- k-th members and slices
SELECT k, segment_select('{1,5-9}', k), segment_select('{}', k), segment_select('{0-9223372036854775806}', k)
FROM unnest(ARRAY[0, 1, 2, 6, 7, -1, -6, -7, 9223372036854775806, 9223372036854775807, -9223372036854775807, -9223372036854775808]) AS k;
SELECT e, t.*
FROM (VALUES
	('segment_slice(''{1,5-9}'', 0, 0)'), ('segment_slice(''{1,5-9}'', 0, 1)'), ('segment_slice(''{1,5-9}'', 5, 1)'), ('segment_slice(''{1,5-9}'', 5, 2)'), ('segment_slice(''{1,5-9}'', 6, 1)'),
	('segment_slice(''{1,5-9}'', 1, 9223372036854775807)'), ('segment_slice(''{1,5-9}'', 9223372036854775807, 9223372036854775807)'), ('segment_slice(''{}'', 0, 9223372036854775807)'),
	('segment_slice(''{0-9223372036854775806}'', 9223372036854775806, 9223372036854775807)'), ('segment_slice(''{0-9223372036854775806}'', 9223372036854775807, 1)'),
	('segment_slice(''{1,5-9}'', -1, 1)'), ('segment_slice(''{1,5-9}'', 1, -1)'), ('segment_slice(''{1,5-9}'', -1, -1)'), ('segment_slice(''{}'', -9223372036854775808, 1)')
) AS v(e), pg_temp.try(e) AS t;

-- samples
SELECT e, t.*
FROM (VALUES
	('segment_sample(''{1-9}'', 0, '''')'), ('segment_sample(''{1-9}'', 9, '''')'), ('segment_sample(''{1-9}'', 10, '''')'), ('segment_sample(''{1-9}'', 9223372036854775807, '''')'),
	('segment_sample(''{}'', 5, '''')'), ('segment_sample(''{}'', 0, '''')'), ('segment_sample(''{1-9}'', -1, '''')'), ('segment_sample(''{1-9}'', -9223372036854775808, '''')'),
	('segment_count(segment_sample(''{0-9223372036854775806}'', 1000, ''x''))'), ('segment_count(segment_sample(''{0-9223372036854775806}'', 9223372036854775806, ''x''))'),
	('segment_sample(''{0-9223372036854775806}'', 134217729, ''x'')'), ('segment_sample(''{0-9223372036854775806}'', 4611686018427387903, ''x'')'),
	('segment_sample(''{0-9223372036854775806}'', 9223372036854775807 - 134217729, ''x'')')
) AS v(e), pg_temp.try(e) AS t;
-- what a seed gives is promised for ever: here and on every machine
SELECT segment_sample('{1-1000}', 10, 'spring'), segment_sample('{1-20}', 15, 'spring'), segment_sample('{1-1000}', 3, ''), segment_sample('{1-1000}', 3, '客户'),
	segment_sample('{-9223372036854775808,0-9223372036854775805}', 2, 'spring'), segment_split('{1-20}', '{0.5,0.3,0.2}', 'spring'), segment_split('{-3-3}', '{1,1}', '客户');
-- uniform, as far as 20,000 draws tell: each tenth within 5 standard deviations
SELECT bool_and(abs(n - 2000) < 5 * sqrt(20000 * 0.1 * 0.9)) AS uniform
FROM (SELECT (id - 1) / 1000 AS tenth, count(*) AS n
	  FROM generate_series(1, 2000) AS i, segment_members(segment_sample('{1-10000}', 10, i::text)) AS id GROUP BY 1) AS tenths;
SELECT bool_and(abs(n - share * 100000) < 5 * sqrt(100000 * share * (1 - share))) AS by_weight
FROM unnest(segment_split('{1-100000}', '{5,3,2}', 'x')) WITH ORDINALITY AS u(s, i),
	LATERAL (VALUES (segment_count(s), (ARRAY[0.5, 0.3, 0.2])[i])) AS v(n, share);

-- parts
SELECT e, t.*
FROM (VALUES
	('segment_split(''{1-9}'', ''{1}'', '''')'), ('segment_split(''{}'', ''{1,1}'', '''')'), ('segment_split(''{1-9}'', ''{0,1,0}'', '''')'), ('segment_split(''{1-9}'', ''{0,-0,1e-320}'', '''')'),
	('segment_split(''{1-9}'', ''{1.7e308,0,1e-300}'', '''')'), ('cardinality(segment_split(''{1-9}'', ''{1.7e308,1.7e308,1.7e308}'', ''''))'), ('segment_split(''{1-9}'', ''[7:8]={0,1}'', '''')'),
	('segment_split(''{1-9}'', ''{}'', '''')'), ('segment_split(''{1-9}'', ''{0}'', '''')'), ('segment_split(''{1-9}'', ''{0,-0}'', '''')'), ('segment_split(''{1-9}'', ''{1,-1}'', '''')'),
	('segment_split(''{1-9}'', ''{1,NaN}'', '''')'), ('segment_split(''{1-9}'', ''{Infinity,1}'', '''')'), ('segment_split(''{1-9}'', ''{1,-Infinity}'', '''')'),
	('segment_split(''{1-9}'', ''{1,NULL}'', '''')'), ('segment_split(''{1-9}'', ''{NULL}'', '''')'), ('segment_split(''{1-9}'', ''{{1,2},{3,4}}'', '''')'), ('segment_split(''{1-9}'', ''{{1}}'', '''')'),
	('cardinality(segment_split(''{1-9}'', array_fill(1::float8, ARRAY[9999]), ''''))'), ('cardinality(segment_split(''{1-9}'', array_fill(1::float8, ARRAY[10000]), ''''))'),
	('cardinality(segment_split(''{1-9}'', array_fill(1::float8, ARRAY[10001]), ''''))')
) AS v(e), pg_temp.try(e) AS t;

-- arrays: 2^27 less some members
SELECT e, t.state, left(t.result, 100) AS result, t.hint
FROM (VALUES ('segment_to_array(''{0-9223372036854775806}'')'), ('segment_to_array(''{0-200000000}'')'), ('segment_to_array(''{1-134217725}'')'), ('''{1-134217725}''::segment::bigint[]'),
	('cardinality(segment_to_array(''{1-1000000}''))')) AS v(e), pg_temp.try(e) AS t;

-- Roaring: bits, and ids that the target cannot hold
SELECT e, t.*
FROM (VALUES
	('segment_to_roaring(''{}'', 0)'), ('segment_to_roaring(''{}'', 31)'), ('segment_to_roaring(''{}'', -1)'), ('segment_to_roaring(''{}'', 64)'), ('segment_to_roaring(''{}'', 32)'),
	('segment_to_roaring(''{4294967295}'', 32)'), ('segment_to_roaring(''{4294967296}'', 32)'), ('segment_to_roaring(''{1,4294967296}'', 32)'), ('segment_to_roaring(''{-1}'', 32)'), ('segment_to_roaring(''{-1,5}'', 64)'),
	('segment_to_roaring(''{-9223372036854775808}'')'), ('segment_to_roaring(''{9223372036854775807}'')'), ('segment_to_roaring(''{0-9000000000000000000}'')'), ('length(segment_to_roaring(''{0-4294967295}'', 32))'),
	('segment_from_roaring(''\x3a30000000000000'', 16)'), ('segment_from_roaring(''\x'')'), ('segment_from_roaring(''\x'', 32)'), ('segment_from_roaring(''\x'', 64)'), ('segment_from_roaring(''\x0000000000000000'')'),
	('segment_from_roaring(''\x3a30000000000000'')'), ('segment_from_roaring(''\x3a30000000000000'', 64)'), ('segment_from_roaring(''\x3a3000000000000000'')'), ('segment_from_roaring(''\x3a30000001000000'')'),
	('segment_from_roaring(''\x3a300000ffffffff'')'), ('segment_from_roaring(''\x01020304'')'), ('segment_from_roaring(''\xffffffffffffffff'', 64)'),
	('segment_from_roaring(''\x0100000000000000000000803a300000010000000000000010000000ffff'', 64)'),
	('segment_from_roaring(''\x0100000000000000ffffffff3a30000001000000ffff000010000000ffff'', 64)'),
	('segment_from_roaring(''\x0100000000000000ffffff7f3a30000001000000ffff000010000000ffff'', 64)'),
	('segment_from_roaring(''\x0200000000000000010000003a30000000000000010000003a30000000000000'', 64)'),
	-- two places, one container: as written, not ascending, twice the same
	('segment_from_roaring(''\x3a300000010000000000010010000000010002003a30'', 32)'), ('segment_from_roaring(''\x3a30000001000000000001001000000001000200'', 32)'),
	('segment_from_roaring(''\x3a30000001000000000001001000000002000100'', 32)'), ('segment_from_roaring(''\x3a30000001000000000001001000000002000200'', 32)'),
	-- runs: one, adjacent, overlapping, past the end, none
	('segment_from_roaring(''\x3b3000000100000400010001000400'', 32)'), ('segment_from_roaring(''\x3b300000010000040002000100020004000200'', 32)'), ('segment_from_roaring(''\x3b300000010000040002000100020003000200'', 32)'),
	('segment_from_roaring(''\x3b30000001000004000100ffff0100'', 32)'), ('segment_from_roaring(''\x3b3000000100000400000000'', 32)')
) AS v(e), pg_temp.try(e) AS t;
