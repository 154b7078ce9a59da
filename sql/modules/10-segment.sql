/*
 * segment: a set of customer ids (bigint, negative too, in signed order).
 * The layout and the algorithms are told in src/segment/README.md.
 */

CREATE TYPE @extschema@.segment;

CREATE FUNCTION @extschema@.segment_in(cstring)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_segment_in';
COMMENT ON FUNCTION @extschema@.segment_in(cstring) IS
'text input of segment: {1,5-9,42}, or segment: and base64 of the binary form';

CREATE FUNCTION @extschema@.segment_out(@extschema@.segment)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_out';
COMMENT ON FUNCTION @extschema@.segment_out(@extschema@.segment) IS
'text output of segment';

CREATE FUNCTION @extschema@.segment_recv(internal)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_recv';
COMMENT ON FUNCTION @extschema@.segment_recv(internal) IS
'binary input of segment: the stored layout, validated completely';

CREATE FUNCTION @extschema@.segment_send(@extschema@.segment)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_segment_send';
COMMENT ON FUNCTION @extschema@.segment_send(@extschema@.segment) IS
'binary output of segment: the stored layout without its length word';

CREATE TYPE @extschema@.segment (
	INPUT = @extschema@.segment_in,
	OUTPUT = @extschema@.segment_out,
	RECEIVE = @extschema@.segment_recv,
	SEND = @extschema@.segment_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = external
);
COMMENT ON TYPE @extschema@.segment IS
'a compressed set of customer ids (bigint); for example: SELECT ''{1,5-9,42}''::segment';

-- Planner support: estimators and support functions

CREATE FUNCTION @extschema@.segment_sel(internal, oid, internal, integer)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_segment_sel';
COMMENT ON FUNCTION @extschema@.segment_sel(internal, oid, internal, integer) IS
'restriction estimator of the containment and overlap operators of segment';

CREATE FUNCTION @extschema@.segment_joinsel(internal, oid, internal, smallint, internal)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_segment_joinsel';
COMMENT ON FUNCTION @extschema@.segment_joinsel(internal, oid, internal, smallint, internal) IS
'join estimator of the containment and overlap operators of segment';

CREATE FUNCTION @extschema@.segment_members_support(internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_segment_members_support';
COMMENT ON FUNCTION @extschema@.segment_members_support(internal) IS
'planner support of segment_members: the number of rows for a constant';

CREATE FUNCTION @extschema@.segment_contained_support(internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_segment_contained_support';
COMMENT ON FUNCTION @extschema@.segment_contained_support(internal) IS
'planner support of id <@ segment and segment @> id: index conditions on id for a constant segment';

CREATE FUNCTION @extschema@.segment_add_support(internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_segment_add_support';
COMMENT ON FUNCTION @extschema@.segment_add_support(internal) IS
'planner support of segment | bigint: update in place in PL/pgSQL (PostgreSQL 18)';

-- Casts

CREATE FUNCTION @extschema@.segment(bigint[])
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_from_int8_array';
COMMENT ON FUNCTION @extschema@.segment(bigint[]) IS
'the set of the ids of an array, NULLs skipped; for example: segment(ARRAY[3,1,2]::bigint[]) gives {1-3}';

CREATE FUNCTION @extschema@.segment(integer[])
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_from_int4_array';
COMMENT ON FUNCTION @extschema@.segment(integer[]) IS
'the set of the ids of an array, NULLs skipped; for example: segment(ARRAY[3,1,2]) gives {1-3}';

CREATE FUNCTION @extschema@.segment_to_array(segment @extschema@.segment)
	RETURNS bigint[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_segment_to_array';
COMMENT ON FUNCTION @extschema@.segment_to_array(segment @extschema@.segment) IS
'the members in ascending order; for example: segment_to_array(''{1-3}'') gives {1,2,3}';

CREATE CAST (bigint[] AS @extschema@.segment) WITH FUNCTION @extschema@.segment(bigint[]);
COMMENT ON CAST (bigint[] AS @extschema@.segment) IS
'for example: ''{3,1,2}''::bigint[]::segment';

CREATE CAST (integer[] AS @extschema@.segment) WITH FUNCTION @extschema@.segment(integer[]);
COMMENT ON CAST (integer[] AS @extschema@.segment) IS
'for example: ARRAY[3,1,2]::segment';

CREATE CAST (@extschema@.segment AS bigint[]) WITH FUNCTION @extschema@.segment_to_array(@extschema@.segment);
COMMENT ON CAST (@extschema@.segment AS bigint[]) IS
'for example: ''{1-3}''::segment::bigint[]';

-- Set algebra

CREATE FUNCTION @extschema@.segment_union(a @extschema@.segment, b @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_union';
COMMENT ON FUNCTION @extschema@.segment_union(a @extschema@.segment, b @extschema@.segment) IS
'ids in a or b; the function behind |; for example: segment_union(''{1,2}'', ''{2,3}'') gives {1-3}';

CREATE FUNCTION @extschema@.segment_intersect(a @extschema@.segment, b @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_intersect';
COMMENT ON FUNCTION @extschema@.segment_intersect(a @extschema@.segment, b @extschema@.segment) IS
'ids in both a and b; the function behind &; for example: segment_intersect(''{1,2}'', ''{2,3}'') gives {2}';

CREATE FUNCTION @extschema@.segment_except(a @extschema@.segment, b @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_except';
COMMENT ON FUNCTION @extschema@.segment_except(a @extschema@.segment, b @extschema@.segment) IS
'ids in a but not in b; the function behind -; for example: segment_except(''{1,2}'', ''{2,3}'') gives {1}';

CREATE FUNCTION @extschema@.segment_symdiff(a @extschema@.segment, b @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_symdiff';
COMMENT ON FUNCTION @extschema@.segment_symdiff(a @extschema@.segment, b @extschema@.segment) IS
'ids in exactly one of a and b; the function behind #; for example: segment_symdiff(''{1,2}'', ''{2,3}'') gives {1,3}';

CREATE FUNCTION @extschema@.segment_add(segment @extschema@.segment, id bigint)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 SUPPORT @extschema@.segment_add_support
	AS 'MODULE_PATHNAME', 'portrait_segment_add';
COMMENT ON FUNCTION @extschema@.segment_add(segment @extschema@.segment, id bigint) IS
'the set with one more id; the function behind segment | bigint; for example: segment_add(''{1,2}'', 3) gives {1-3}';

CREATE FUNCTION @extschema@.segment_add(id bigint, segment @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_add_commuted';
COMMENT ON FUNCTION @extschema@.segment_add(id bigint, segment @extschema@.segment) IS
'the set with one more id; the function behind bigint | segment; for example: segment_add(3, ''{1,2}'') gives {1-3}';

CREATE FUNCTION @extschema@.segment_remove(segment @extschema@.segment, id bigint)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_remove';
COMMENT ON FUNCTION @extschema@.segment_remove(segment @extschema@.segment, id bigint) IS
'the set without one id; the function behind segment - bigint; for example: segment_remove(''{1-3}'', 3) gives {1,2}';

CREATE FUNCTION @extschema@.segment_add_range(segment @extschema@.segment, lo bigint, hi bigint)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_add_range';
COMMENT ON FUNCTION @extschema@.segment_add_range(segment @extschema@.segment, lo bigint, hi bigint) IS
'the set with all ids from lo to hi, both included; for example: segment_add_range(''{1}'', 3, 5) gives {1,3-5}';

CREATE FUNCTION @extschema@.segment_remove_range(segment @extschema@.segment, lo bigint, hi bigint)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_remove_range';
COMMENT ON FUNCTION @extschema@.segment_remove_range(segment @extschema@.segment, lo bigint, hi bigint) IS
'the set without the ids from lo to hi, both included; for example: segment_remove_range(''{1-9}'', 3, 5) gives {1,2,6-9}';

-- Questions

CREATE FUNCTION @extschema@.segment_contains(segment @extschema@.segment, id bigint)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10 SUPPORT @extschema@.segment_contained_support
	AS 'MODULE_PATHNAME', 'portrait_segment_contains_int8';
COMMENT ON FUNCTION @extschema@.segment_contains(segment @extschema@.segment, id bigint) IS
'is id a member; the function behind segment @> bigint; for example: segment_contains(''{1-3}'', 2::bigint) gives true';

CREATE FUNCTION @extschema@.segment_contained(id bigint, segment @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10 SUPPORT @extschema@.segment_contained_support
	AS 'MODULE_PATHNAME', 'portrait_segment_contained_int8';
COMMENT ON FUNCTION @extschema@.segment_contained(id bigint, segment @extschema@.segment) IS
'is id a member; the function behind bigint <@ segment; for example: segment_contained(2::bigint, ''{1-3}'') gives true';

CREATE FUNCTION @extschema@.segment_contains(segment @extschema@.segment, id integer)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10 SUPPORT @extschema@.segment_contained_support
	AS 'MODULE_PATHNAME', 'portrait_segment_contains_int4';
COMMENT ON FUNCTION @extschema@.segment_contains(segment @extschema@.segment, id integer) IS
'is id a member; the function behind segment @> integer; for example: segment_contains(''{1-3}'', 2::integer) gives true';

CREATE FUNCTION @extschema@.segment_contained(id integer, segment @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10 SUPPORT @extschema@.segment_contained_support
	AS 'MODULE_PATHNAME', 'portrait_segment_contained_int4';
COMMENT ON FUNCTION @extschema@.segment_contained(id integer, segment @extschema@.segment) IS
'is id a member; the function behind integer <@ segment; for example: segment_contained(2::integer, ''{1-3}'') gives true';

CREATE FUNCTION @extschema@.segment_contains(segment @extschema@.segment, id smallint)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10 SUPPORT @extschema@.segment_contained_support
	AS 'MODULE_PATHNAME', 'portrait_segment_contains_int2';
COMMENT ON FUNCTION @extschema@.segment_contains(segment @extschema@.segment, id smallint) IS
'is id a member; the function behind segment @> smallint; for example: segment_contains(''{1-3}'', 2::smallint) gives true';

CREATE FUNCTION @extschema@.segment_contained(id smallint, segment @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10 SUPPORT @extschema@.segment_contained_support
	AS 'MODULE_PATHNAME', 'portrait_segment_contained_int2';
COMMENT ON FUNCTION @extschema@.segment_contained(id smallint, segment @extschema@.segment) IS
'is id a member; the function behind smallint <@ segment; for example: segment_contained(2::smallint, ''{1-3}'') gives true';

CREATE FUNCTION @extschema@.segment_contains(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_contains';
COMMENT ON FUNCTION @extschema@.segment_contains(a @extschema@.segment, b @extschema@.segment) IS
'are all members of b in a; the function behind segment @> segment; for example: segment_contains(''{1-3}'', ''{2,3}''::segment) gives true';

CREATE FUNCTION @extschema@.segment_contained(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_contained';
COMMENT ON FUNCTION @extschema@.segment_contained(a @extschema@.segment, b @extschema@.segment) IS
'are all members of a in b; the function behind segment <@ segment; for example: segment_contained(''{2,3}'', ''{1-3}''::segment) gives true';

CREATE FUNCTION @extschema@.segment_overlaps(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_overlaps';
COMMENT ON FUNCTION @extschema@.segment_overlaps(a @extschema@.segment, b @extschema@.segment) IS
'have a and b a member in common; the function behind &&; for example: segment_overlaps(''{1,2}'', ''{2,3}'') gives true';

-- Order: by count, then by the ids

CREATE FUNCTION @extschema@.segment_eq(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_eq';
COMMENT ON FUNCTION @extschema@.segment_eq(a @extschema@.segment, b @extschema@.segment) IS
'the function behind segment = segment; order: by count, then by the ids';

CREATE FUNCTION @extschema@.segment_ne(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_ne';
COMMENT ON FUNCTION @extschema@.segment_ne(a @extschema@.segment, b @extschema@.segment) IS
'the function behind segment <> segment; order: by count, then by the ids';

CREATE FUNCTION @extschema@.segment_lt(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_lt';
COMMENT ON FUNCTION @extschema@.segment_lt(a @extschema@.segment, b @extschema@.segment) IS
'the function behind segment < segment; order: by count, then by the ids';

CREATE FUNCTION @extschema@.segment_le(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_le';
COMMENT ON FUNCTION @extschema@.segment_le(a @extschema@.segment, b @extschema@.segment) IS
'the function behind segment <= segment; order: by count, then by the ids';

CREATE FUNCTION @extschema@.segment_gt(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_gt';
COMMENT ON FUNCTION @extschema@.segment_gt(a @extschema@.segment, b @extschema@.segment) IS
'the function behind segment > segment; order: by count, then by the ids';

CREATE FUNCTION @extschema@.segment_ge(a @extschema@.segment, b @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_ge';
COMMENT ON FUNCTION @extschema@.segment_ge(a @extschema@.segment, b @extschema@.segment) IS
'the function behind segment >= segment; order: by count, then by the ids';

CREATE FUNCTION @extschema@.segment_cmp(a @extschema@.segment, b @extschema@.segment)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_cmp';
COMMENT ON FUNCTION @extschema@.segment_cmp(a @extschema@.segment, b @extschema@.segment) IS
'btree comparison of segments: by count, then by the ids';

CREATE FUNCTION @extschema@.segment_hash(segment @extschema@.segment)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_hash';
COMMENT ON FUNCTION @extschema@.segment_hash(segment @extschema@.segment) IS
'hash of a segment';

CREATE FUNCTION @extschema@.segment_hash_extended(segment @extschema@.segment, seed bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_segment_hash_extended';
COMMENT ON FUNCTION @extschema@.segment_hash_extended(segment @extschema@.segment, seed bigint) IS
'seeded 64-bit hash of a segment';

-- Counts and numbers

CREATE FUNCTION @extschema@.segment_count(segment @extschema@.segment)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_segment_count';
COMMENT ON FUNCTION @extschema@.segment_count(segment @extschema@.segment) IS
'number of members; reads only the head of a stored value; for example: segment_count(''{1,5-9}'') gives 6';

CREATE FUNCTION @extschema@.segment_is_empty(segment @extschema@.segment)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_segment_is_empty';
COMMENT ON FUNCTION @extschema@.segment_is_empty(segment @extschema@.segment) IS
'has the set no members; for example: segment_is_empty(''{}'') gives true';

CREATE FUNCTION @extschema@.segment_min(segment @extschema@.segment)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_segment_min';
COMMENT ON FUNCTION @extschema@.segment_min(segment @extschema@.segment) IS
'smallest member, NULL for the empty set; for example: segment_min(''{1,5-9}'') gives 1';

CREATE FUNCTION @extschema@.segment_max(segment @extschema@.segment)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_segment_max';
COMMENT ON FUNCTION @extschema@.segment_max(segment @extschema@.segment) IS
'largest member, NULL for the empty set; for example: segment_max(''{1,5-9}'') gives 9';

CREATE FUNCTION @extschema@.segment_intersect_count(a @extschema@.segment, b @extschema@.segment)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_intersect_count';
COMMENT ON FUNCTION @extschema@.segment_intersect_count(a @extschema@.segment, b @extschema@.segment) IS
'number of ids in both sets; never builds the set; for example: segment_intersect_count(''{1,2}'', ''{2,3}'') gives 1';

CREATE FUNCTION @extschema@.segment_union_count(a @extschema@.segment, b @extschema@.segment)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_union_count';
COMMENT ON FUNCTION @extschema@.segment_union_count(a @extschema@.segment, b @extschema@.segment) IS
'number of ids in either set; never builds the set; for example: segment_union_count(''{1,2}'', ''{2,3}'') gives 3';

CREATE FUNCTION @extschema@.segment_except_count(a @extschema@.segment, b @extschema@.segment)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_except_count';
COMMENT ON FUNCTION @extschema@.segment_except_count(a @extschema@.segment, b @extschema@.segment) IS
'number of ids in a but not in b; never builds the set; for example: segment_except_count(''{1,2}'', ''{2,3}'') gives 1';

CREATE FUNCTION @extschema@.segment_symdiff_count(a @extschema@.segment, b @extschema@.segment)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_symdiff_count';
COMMENT ON FUNCTION @extschema@.segment_symdiff_count(a @extschema@.segment, b @extschema@.segment) IS
'number of ids in exactly one of the sets; never builds the set; for example: segment_symdiff_count(''{1,2}'', ''{2,3}'') gives 2';

CREATE FUNCTION @extschema@.segment_jaccard(a @extschema@.segment, b @extschema@.segment)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_segment_jaccard';
COMMENT ON FUNCTION @extschema@.segment_jaccard(a @extschema@.segment, b @extschema@.segment) IS
'size of the intersection over size of the union, 0 to 1, 1 for two empty sets; for example: segment_jaccard(''{1,2}'', ''{2,3}'') gives 0.333';

-- Rank and range

CREATE FUNCTION @extschema@.segment_rank(segment @extschema@.segment, id bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_rank';
COMMENT ON FUNCTION @extschema@.segment_rank(segment @extschema@.segment, id bigint) IS
'number of members less than or equal to id; for example: segment_rank(''{1,5-9}'', 6) gives 3';

CREATE FUNCTION @extschema@.segment_select(segment @extschema@.segment, k bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_select';
COMMENT ON FUNCTION @extschema@.segment_select(segment @extschema@.segment, k bigint) IS
'the k-th smallest member, counted from 1, from the end when negative, NULL outside; for example: segment_select(''{1,5-9}'', 2) gives 5';

CREATE FUNCTION @extschema@.segment_slice(segment @extschema@.segment, skip bigint, take bigint)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_slice';
COMMENT ON FUNCTION @extschema@.segment_slice(segment @extschema@.segment, skip bigint, take bigint) IS
'the members by rank: skip the first, then take so many; for example: segment_slice(''{1,5-9}'', 2, 3) gives {6-8}';

CREATE FUNCTION @extschema@.segment_range(segment @extschema@.segment, lo bigint, hi bigint)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_segment_range';
COMMENT ON FUNCTION @extschema@.segment_range(segment @extschema@.segment, lo bigint, hi bigint) IS
'the members from lo to hi, both included; for example: segment_range(''{1,5-9}'', 4, 6) gives {5,6}';

CREATE FUNCTION @extschema@.segment_range_count(segment @extschema@.segment, lo bigint, hi bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_range_count';
COMMENT ON FUNCTION @extschema@.segment_range_count(segment @extschema@.segment, lo bigint, hi bigint) IS
'number of members from lo to hi, both included; for example: segment_range_count(''{1,5-9}'', 4, 6) gives 2';

CREATE FUNCTION @extschema@.segment_members(segment @extschema@.segment)
	RETURNS SETOF bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 1000 SUPPORT @extschema@.segment_members_support
	AS 'MODULE_PATHNAME', 'portrait_segment_members';
COMMENT ON FUNCTION @extschema@.segment_members(segment @extschema@.segment) IS
'the members as rows, ascending; for example: SELECT id FROM segment_members(''{1,5-9}'') AS id';

-- Chance, by seed

CREATE FUNCTION @extschema@.segment_sample(segment @extschema@.segment, n bigint, seed text)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_segment_sample';
COMMENT ON FUNCTION @extschema@.segment_sample(segment @extschema@.segment, n bigint, seed text) IS
'n members drawn uniformly without replacement (all of them when there are fewer); the same set, n and seed give the same sample; for example: segment_sample(''{1-1000}'', 10, ''spring'')';

CREATE FUNCTION @extschema@.segment_split(segment @extschema@.segment, weights double precision[], seed text)
	RETURNS @extschema@.segment[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000
	AS 'MODULE_PATHNAME', 'portrait_segment_split';
COMMENT ON FUNCTION @extschema@.segment_split(segment @extschema@.segment, weights double precision[], seed text) IS
'disjoint parts of the set in proportion to weights; each id''s part depends only on the id, the weights and the seed; for example: segment_split(''{1-1000}'', ''{0.9,0.1}'', ''spring'')';

CREATE FUNCTION @extschema@.segment_diff(old @extschema@.segment, new @extschema@.segment, OUT added @extschema@.segment, OUT removed @extschema@.segment)
	RETURNS record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_segment_diff';
COMMENT ON FUNCTION @extschema@.segment_diff(old @extschema@.segment, new @extschema@.segment, OUT added @extschema@.segment, OUT removed @extschema@.segment) IS
'what came and what went between two states of a set; for example: SELECT added, removed FROM segment_diff(''{1,2}'', ''{2,3}'') gives {3}, {1}';

-- Interchange

CREATE FUNCTION @extschema@.segment_from_roaring(roaring bytea, bits integer DEFAULT NULL)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_segment_from_roaring';
COMMENT ON FUNCTION @extschema@.segment_from_roaring(roaring bytea, bits integer) IS
'reads the portable Roaring format, bits = 32 or 64; NULL takes the one reading that fits to the last byte; for example: segment_from_roaring(''\x3a30000000000000'', 32) gives {}';

CREATE FUNCTION @extschema@.segment_to_roaring(segment @extschema@.segment, bits integer DEFAULT 64)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_segment_to_roaring';
COMMENT ON FUNCTION @extschema@.segment_to_roaring(segment @extschema@.segment, bits integer) IS
'writes the portable Roaring format, run-optimised, bits = 32 or 64; for example: segment_to_roaring(''{}'', 32) gives \x3a30000000000000';

-- Operators

CREATE OPERATOR @extschema@.| (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_union,
	COMMUTATOR = OPERATOR(@extschema@.|)
);
COMMENT ON OPERATOR @extschema@.| (@extschema@.segment, @extschema@.segment) IS
'union';

CREATE OPERATOR @extschema@.& (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_intersect,
	COMMUTATOR = OPERATOR(@extschema@.&)
);
COMMENT ON OPERATOR @extschema@.& (@extschema@.segment, @extschema@.segment) IS
'intersection';

CREATE OPERATOR @extschema@.- (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_except
);
COMMENT ON OPERATOR @extschema@.- (@extschema@.segment, @extschema@.segment) IS
'difference';

CREATE OPERATOR @extschema@.# (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_symdiff,
	COMMUTATOR = OPERATOR(@extschema@.#)
);
COMMENT ON OPERATOR @extschema@.# (@extschema@.segment, @extschema@.segment) IS
'symmetric difference';

CREATE OPERATOR @extschema@.| (
	LEFTARG = @extschema@.segment,
	RIGHTARG = bigint,
	FUNCTION = @extschema@.segment_add,
	COMMUTATOR = OPERATOR(@extschema@.|)
);
COMMENT ON OPERATOR @extschema@.| (@extschema@.segment, bigint) IS
'with one more id';

CREATE OPERATOR @extschema@.| (
	LEFTARG = bigint,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_add,
	COMMUTATOR = OPERATOR(@extschema@.|)
);
COMMENT ON OPERATOR @extschema@.| (bigint, @extschema@.segment) IS
'with one more id';

CREATE OPERATOR @extschema@.- (
	LEFTARG = @extschema@.segment,
	RIGHTARG = bigint,
	FUNCTION = @extschema@.segment_remove
);
COMMENT ON OPERATOR @extschema@.- (@extschema@.segment, bigint) IS
'without one id';

CREATE OPERATOR @extschema@.@> (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_contains,
	COMMUTATOR = OPERATOR(@extschema@.<@),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.@> (@extschema@.segment, @extschema@.segment) IS
'contains';

CREATE OPERATOR @extschema@.<@ (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_contained,
	COMMUTATOR = OPERATOR(@extschema@.@>),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.<@ (@extschema@.segment, @extschema@.segment) IS
'is contained in';

CREATE OPERATOR @extschema@.@> (
	LEFTARG = @extschema@.segment,
	RIGHTARG = bigint,
	FUNCTION = @extschema@.segment_contains,
	COMMUTATOR = OPERATOR(@extschema@.<@),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.@> (@extschema@.segment, bigint) IS
'has the member';

CREATE OPERATOR @extschema@.<@ (
	LEFTARG = bigint,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_contained,
	COMMUTATOR = OPERATOR(@extschema@.@>),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.<@ (bigint, @extschema@.segment) IS
'is a member of';

CREATE OPERATOR @extschema@.@> (
	LEFTARG = @extschema@.segment,
	RIGHTARG = integer,
	FUNCTION = @extschema@.segment_contains,
	COMMUTATOR = OPERATOR(@extschema@.<@),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.@> (@extschema@.segment, integer) IS
'has the member';

CREATE OPERATOR @extschema@.<@ (
	LEFTARG = integer,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_contained,
	COMMUTATOR = OPERATOR(@extschema@.@>),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.<@ (integer, @extschema@.segment) IS
'is a member of';

CREATE OPERATOR @extschema@.@> (
	LEFTARG = @extschema@.segment,
	RIGHTARG = smallint,
	FUNCTION = @extschema@.segment_contains,
	COMMUTATOR = OPERATOR(@extschema@.<@),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.@> (@extschema@.segment, smallint) IS
'has the member';

CREATE OPERATOR @extschema@.<@ (
	LEFTARG = smallint,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_contained,
	COMMUTATOR = OPERATOR(@extschema@.@>),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.<@ (smallint, @extschema@.segment) IS
'is a member of';

CREATE OPERATOR @extschema@.&& (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_overlaps,
	COMMUTATOR = OPERATOR(@extschema@.&&),
	RESTRICT = @extschema@.segment_sel,
	JOIN = @extschema@.segment_joinsel
);
COMMENT ON OPERATOR @extschema@.&& (@extschema@.segment, @extschema@.segment) IS
'have a member in common';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.segment, @extschema@.segment) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.segment, @extschema@.segment) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.segment, @extschema@.segment) IS
'less: fewer members, or the same number and earlier ids';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.segment, @extschema@.segment) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.segment, @extschema@.segment) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.segment,
	RIGHTARG = @extschema@.segment,
	FUNCTION = @extschema@.segment_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.segment, @extschema@.segment) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.segment_ops
	DEFAULT FOR TYPE @extschema@.segment USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.segment_cmp(@extschema@.segment, @extschema@.segment),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.segment_ops USING btree IS
'order of segments: by count, then by the ids';

CREATE OPERATOR CLASS @extschema@.segment_ops
	DEFAULT FOR TYPE @extschema@.segment USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.segment_hash(@extschema@.segment),
	FUNCTION 2 @extschema@.segment_hash_extended(@extschema@.segment, bigint);
COMMENT ON OPERATOR CLASS @extschema@.segment_ops USING hash IS
'equality of segments';

-- Aggregates: the transition type is segment itself, so that partial states
-- can be stored and travel as text (see src/segment/README.md).

CREATE FUNCTION @extschema@.segment_agg_transition(state @extschema@.segment, id bigint)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_segment_agg_transition';
COMMENT ON FUNCTION @extschema@.segment_agg_transition(state @extschema@.segment, id bigint) IS
'transition function of segment_agg';

CREATE FUNCTION @extschema@.segment_agg_combine(state @extschema@.segment, other @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_agg_combine';
COMMENT ON FUNCTION @extschema@.segment_agg_combine(state @extschema@.segment, other @extschema@.segment) IS
'combine function of segment_agg';

CREATE FUNCTION @extschema@.segment_agg_final(state @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_agg_final';
COMMENT ON FUNCTION @extschema@.segment_agg_final(state @extschema@.segment) IS
'final function of the aggregates whose state is a segment';

CREATE AGGREGATE @extschema@.segment_agg(bigint) (
	SFUNC = @extschema@.segment_agg_transition,
	STYPE = @extschema@.segment,
	COMBINEFUNC = @extschema@.segment_agg_combine,
	FINALFUNC = @extschema@.segment_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.segment_agg(bigint) IS
'the set of the ids of a group, NULLs skipped; for example: SELECT country, segment_agg(customer_id) FROM orders GROUP BY country';

CREATE FUNCTION @extschema@.segment_union_agg_transition(state @extschema@.segment, segment @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_union_agg_transition';
COMMENT ON FUNCTION @extschema@.segment_union_agg_transition(state @extschema@.segment, segment @extschema@.segment) IS
'transition and combine function of segment_union_agg';

CREATE AGGREGATE @extschema@.segment_union_agg(@extschema@.segment) (
	SFUNC = @extschema@.segment_union_agg_transition,
	STYPE = @extschema@.segment,
	COMBINEFUNC = @extschema@.segment_union_agg_transition,
	FINALFUNC = @extschema@.segment_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.segment_union_agg(@extschema@.segment) IS
'ids in any of the input sets, NULLs skipped; for example: SELECT segment_union_agg(members) FROM monthly';

CREATE FUNCTION @extschema@.segment_intersect_agg_transition(state @extschema@.segment, segment @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_intersect_agg_transition';
COMMENT ON FUNCTION @extschema@.segment_intersect_agg_transition(state @extschema@.segment, segment @extschema@.segment) IS
'transition and combine function of segment_intersect_agg';

CREATE AGGREGATE @extschema@.segment_intersect_agg(@extschema@.segment) (
	SFUNC = @extschema@.segment_intersect_agg_transition,
	STYPE = @extschema@.segment,
	COMBINEFUNC = @extschema@.segment_intersect_agg_transition,
	FINALFUNC = @extschema@.segment_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.segment_intersect_agg(@extschema@.segment) IS
'ids in all of the input sets, NULLs skipped; for example: SELECT segment_intersect_agg(members) FROM monthly';

CREATE FUNCTION @extschema@.segment_symdiff_agg_transition(state @extschema@.segment, segment @extschema@.segment)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_symdiff_agg_transition';
COMMENT ON FUNCTION @extschema@.segment_symdiff_agg_transition(state @extschema@.segment, segment @extschema@.segment) IS
'transition and combine function of segment_symdiff_agg';

CREATE AGGREGATE @extschema@.segment_symdiff_agg(@extschema@.segment) (
	SFUNC = @extschema@.segment_symdiff_agg_transition,
	STYPE = @extschema@.segment,
	COMBINEFUNC = @extschema@.segment_symdiff_agg_transition,
	FINALFUNC = @extschema@.segment_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.segment_symdiff_agg(@extschema@.segment) IS
'ids in an odd number of the input sets, NULLs skipped; for example: SELECT segment_symdiff_agg(members) FROM monthly';

-- segment_tally: how many input sets each id was in, up to k

CREATE TYPE @extschema@.segment_tally;

CREATE FUNCTION @extschema@.segment_tally_in(cstring)
	RETURNS @extschema@.segment_tally
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_tally_in';
COMMENT ON FUNCTION @extschema@.segment_tally_in(cstring) IS
'text input of segment_tally';

CREATE FUNCTION @extschema@.segment_tally_out(@extschema@.segment_tally)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_tally_out';
COMMENT ON FUNCTION @extschema@.segment_tally_out(@extschema@.segment_tally) IS
'text output of segment_tally: k, then the slices, as segments in braces';

CREATE FUNCTION @extschema@.segment_tally_recv(internal)
	RETURNS @extschema@.segment_tally
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_tally_recv';
COMMENT ON FUNCTION @extschema@.segment_tally_recv(internal) IS
'binary input of segment_tally, validated completely';

CREATE FUNCTION @extschema@.segment_tally_send(@extschema@.segment_tally)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_tally_send';
COMMENT ON FUNCTION @extschema@.segment_tally_send(@extschema@.segment_tally) IS
'binary output of segment_tally';

CREATE TYPE @extschema@.segment_tally (
	INPUT = @extschema@.segment_tally_in,
	OUTPUT = @extschema@.segment_tally_out,
	RECEIVE = @extschema@.segment_tally_recv,
	SEND = @extschema@.segment_tally_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = external
);
COMMENT ON TYPE @extschema@.segment_tally IS
'state of segment_at_least_agg: for each id the number of input sets that have it, counted up to k';

CREATE FUNCTION @extschema@.segment_tally_transition(state @extschema@.segment_tally, segment @extschema@.segment, k integer)
	RETURNS @extschema@.segment_tally
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_tally_transition';
COMMENT ON FUNCTION @extschema@.segment_tally_transition(state @extschema@.segment_tally, segment @extschema@.segment, k integer) IS
'transition function of segment_at_least_agg';

CREATE FUNCTION @extschema@.segment_tally_combine(state @extschema@.segment_tally, other @extschema@.segment_tally)
	RETURNS @extschema@.segment_tally
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_tally_combine';
COMMENT ON FUNCTION @extschema@.segment_tally_combine(state @extschema@.segment_tally, other @extschema@.segment_tally) IS
'combine function of segment_at_least_agg';

CREATE FUNCTION @extschema@.segment_tally_final(state @extschema@.segment_tally)
	RETURNS @extschema@.segment
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_segment_tally_final';
COMMENT ON FUNCTION @extschema@.segment_tally_final(state @extschema@.segment_tally) IS
'final function of segment_at_least_agg';

CREATE AGGREGATE @extschema@.segment_at_least_agg(@extschema@.segment, integer) (
	SFUNC = @extschema@.segment_tally_transition,
	STYPE = @extschema@.segment_tally,
	COMBINEFUNC = @extschema@.segment_tally_combine,
	FINALFUNC = @extschema@.segment_tally_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.segment_at_least_agg(@extschema@.segment, integer) IS
'ids in at least k of the input sets, NULL sets skipped; k is the same for all rows of a group; for example: SELECT segment_at_least_agg(members, 3) FROM monthly';
