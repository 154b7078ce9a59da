--
-- segment: the same bytes with any instructions.  Levels that the processor
-- lacks fall back to the next one below.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

SET portrait.simd = 'none';

-- arrays around the sizes that vectors work in and where searching begins,
-- bitsets of every density, runs, full chunks, isolated ids of every width
CREATE TEMP TABLE sets AS
SELECT row_number() OVER (ORDER BY name) AS i, name, s
FROM (
	SELECT format('array %s of %s', n, width), segment_sample(segment_add_range('{}', 0, width - 1), n, n || 'a')
	FROM unnest(ARRAY[1, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65, 127, 129, 255, 257, 1000, 2047, 2049, 4095, 4096]) AS n,
		unnest(ARRAY[8192, 65536]) AS width
	UNION ALL
	SELECT 'bitset ' || n, segment_sample('{0-65535}', n, n || 'b')
	FROM unnest(ARRAY[4097, 5000, 8191, 16384, 32768, 50000, 65000, 65535]) AS n
	UNION ALL
	SELECT 'every ' || step, (SELECT segment_agg(id) FROM generate_series(step - 1, 65535, step) AS id)
	FROM unnest(ARRAY[2, 3, 15, 16, 17]) AS step
	UNION ALL
	SELECT 'runs of ' || length, (SELECT segment_union_agg(segment_add_range('{}', id, id + length - 1))
								  FROM generate_series(length, 65000, 3 * length) AS id)
	FROM unnest(ARRAY[2, 3, 63, 64, 65, 500]) AS length
	UNION ALL
	SELECT 'isolated 2^' || bits, segment_sample(segment_add_range('{}', 0, (1::bigint << bits) - 1), 300, bits || 'c')
	FROM generate_series(17, 62, 3) AS bits
	UNION ALL
	SELECT 'isolated 2^' || bits || ', few', segment_sample(segment_add_range('{}', -5, (1::bigint << bits) - 1), 7, bits || 'd')
	FROM generate_series(17, 62, 5) AS bits
	UNION ALL
	VALUES ('empty', '{}'::segment), ('full', '{0-65535}'), ('nearly full', '{0,2-65534}'), ('first half', '{0-32767}'),
		('last', '{65535}'), ('ends', '{-9223372036854775808,9223372036854775807}'), ('mixed', '{0-70000,131072,262144-262200,9999999999}')
) AS v(name, s);
SELECT count(*) FROM sets;

CREATE FUNCTION pg_temp.digests(level text) RETURNS TABLE (what text, digest text)
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM set_config('portrait.simd', level, true);
	RETURN QUERY
	SELECT 'pair ' || a.name || ', ' || b.name,
		md5(segment_send(a.s | b.s) || segment_send(a.s & b.s) || segment_send(a.s - b.s) || segment_send(a.s # b.s))
			|| segment_intersect_count(a.s, b.s) || (a.s && b.s) || (a.s @> b.s) || segment_cmp(a.s, b.s)
	FROM sets AS a, sets AS b;
	RETURN QUERY
	SELECT 'set ' || name, md5(s::text || segment_send(s::text::segment)::text
		|| segment_to_roaring(segment_range(s, 0, 4294967295), 32)::text || segment_send(segment_from_roaring(segment_to_roaring(segment_range(s, 0, 9223372036854775807))))::text)
		|| (SELECT md5(string_agg(id::text, ',')) FROM segment_members(s) AS id)
	FROM sets;
	RETURN QUERY
	SELECT 'aggregate', md5(segment_send(segment_union_agg(s)) || segment_send(segment_symdiff_agg(s))
		|| segment_send(segment_at_least_agg(s, 5)) || segment_send(segment_intersect_agg(s | '{7}')))
	FROM sets;
END
$$;

CREATE TEMP TABLE plain AS SELECT * FROM pg_temp.digests('none');
SELECT count(*) FROM plain;
SELECT level, count(*), string_agg(what, '; ') FILTER (WHERE d.digest IS DISTINCT FROM plain.digest) AS different
FROM unnest(ARRAY['avx2', 'avx512', 'auto']) AS level, pg_temp.digests(level) AS d LEFT JOIN plain USING (what)
GROUP BY level ORDER BY level;

-- in the middle of a query
SELECT count(DISTINCT digest)
FROM (SELECT set_config('portrait.simd', (ARRAY['none', 'avx2', 'avx512', 'auto'])[level], false),
		md5(segment_send(a.s # b.s)) AS digest
	  FROM generate_series(1, 4) AS level, sets AS a, sets AS b
	  WHERE a.name = 'bitset 32768' AND b.name = 'array 4096 of 65536') AS d;
RESET portrait.simd;
SET portrait.simd = 'neon';
DROP TABLE sets, plain;
