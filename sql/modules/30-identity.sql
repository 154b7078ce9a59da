/*
 * identity: many identifiers, one customer.
 * The layout and the algorithms are told in src/identity/README.md.
 */

-- Canonical identifiers

CREATE FUNCTION @extschema@.identifier(type text, value text, scope text DEFAULT NULL)
	RETURNS text
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_identifier';
COMMENT ON FUNCTION @extschema@.identifier(type text, value text, scope text) IS
'the canonical form of an identifier, type:value or type@scope:value, or NULL if the value cannot identify anybody; for example: identifier(''phone'', ''138 0013 8000'') gives phone:+8613800138000';

CREATE FUNCTION @extschema@.identifier_problem(type text, value text)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_identifier_problem';
COMMENT ON FUNCTION @extschema@.identifier_problem(type text, value text) IS
'why identifier() gives NULL: empty, placeholder, masked, malformed; NULL if it does not, and of NULL; for example: identifier_problem(''phone'', ''138****8000'') gives masked';

CREATE FUNCTION @extschema@.identifier_type(identifier text)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_identifier_type';
COMMENT ON FUNCTION @extschema@.identifier_type(identifier text) IS
'the type of an identifier, NULL if it is none; for example: identifier_type(''openid@wx8f2a:oXy'') gives openid';

CREATE FUNCTION @extschema@.identifier_scope(identifier text)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_identifier_scope';
COMMENT ON FUNCTION @extschema@.identifier_scope(identifier text) IS
'the scope of an identifier, NULL if it has none or is no identifier; for example: identifier_scope(''openid@wx8f2a:oXy'') gives wx8f2a';

CREATE FUNCTION @extschema@.identifier_value(identifier text)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_identifier_value';
COMMENT ON FUNCTION @extschema@.identifier_value(identifier text) IS
'the value of an identifier, NULL if it is none; for example: identifier_value(''openid@wx8f2a:oXy'') gives oXy';

-- identity_map: which identifiers are one customer

CREATE TYPE @extschema@.identity_map;

CREATE FUNCTION @extschema@.identity_map_in(cstring)
	RETURNS @extschema@.identity_map
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_identity_map_in';
COMMENT ON FUNCTION @extschema@.identity_map_in(cstring) IS
'text input of identity_map: {{"a","b"},{"c"}}, {{1,5},{7}}, or identity_map: and base64 of the binary form';

CREATE FUNCTION @extschema@.identity_map_out(@extschema@.identity_map)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_identity_map_out';
COMMENT ON FUNCTION @extschema@.identity_map_out(@extschema@.identity_map) IS
'text output of identity_map';

CREATE FUNCTION @extschema@.identity_map_recv(internal)
	RETURNS @extschema@.identity_map
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_identity_map_recv';
COMMENT ON FUNCTION @extschema@.identity_map_recv(internal) IS
'binary input of identity_map: the stored layout, validated completely';

CREATE FUNCTION @extschema@.identity_map_send(@extschema@.identity_map)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_identity_map_send';
COMMENT ON FUNCTION @extschema@.identity_map_send(@extschema@.identity_map) IS
'binary output of identity_map: the stored layout without its length word';

CREATE TYPE @extschema@.identity_map (
	INPUT = @extschema@.identity_map_in,
	OUTPUT = @extschema@.identity_map_out,
	RECEIVE = @extschema@.identity_map_recv,
	SEND = @extschema@.identity_map_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = external
);
COMMENT ON TYPE @extschema@.identity_map IS
'identifiers and the customers they belong to, numbered within this map only; for example: SELECT ''{{"card:7","phone:+8613800138000"},{"card:8"}}''::identity_map';

-- Questions to a map

CREATE FUNCTION @extschema@.identity_members_support(internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_identity_members_support';
COMMENT ON FUNCTION @extschema@.identity_members_support(internal) IS
'planner support of identity_members: the number of rows for a constant';

CREATE FUNCTION @extschema@.identity_members(map @extschema@.identity_map, OUT customer bigint, OUT identifier text)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100000 SUPPORT @extschema@.identity_members_support
	AS 'MODULE_PATHNAME', 'portrait_identity_members';
COMMENT ON FUNCTION @extschema@.identity_members(map @extschema@.identity_map, OUT customer bigint, OUT identifier text) IS
'identifiers and the numbers of their customers, in the order of the identifiers; the numbers hold within this map only: never store the numbers, another map has others; for example: ARRAY(SELECT identity_members(''{{"a","b"},{"c"}}'')) gives {(1,a),(1,b),(2,c)}';

CREATE FUNCTION @extschema@.identity_members_bigint(map @extschema@.identity_map, OUT customer bigint, OUT id bigint)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100000 SUPPORT @extschema@.identity_members_support
	AS 'MODULE_PATHNAME', 'portrait_identity_members_bigint';
COMMENT ON FUNCTION @extschema@.identity_members_bigint(map @extschema@.identity_map, OUT customer bigint, OUT id bigint) IS
'the same of a map of bigint identifiers; the numbers hold within this map only: never store the numbers, another map has others; for example: ARRAY(SELECT identity_members_bigint(''{{1,5},{7}}'')) gives {(1,1),(1,5),(2,7)}';

CREATE FUNCTION @extschema@.identity_lookup(map @extschema@.identity_map, identifier text)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_lookup_text';
COMMENT ON FUNCTION @extschema@.identity_lookup(map @extschema@.identity_map, identifier text) IS
'the number of an identifier''s customer in this map, NULL if it is not there; never store the numbers, another map has others; for example: identity_lookup(''{{"a","b"},{"c"}}'', ''c'') gives 2';

CREATE FUNCTION @extschema@.identity_lookup(map @extschema@.identity_map, id bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_lookup_bigint';
COMMENT ON FUNCTION @extschema@.identity_lookup(map @extschema@.identity_map, id bigint) IS
'the number of an identifier''s customer in this map, NULL if it is not there; never store the numbers, another map has others; for example: identity_lookup(''{{1,5},{7}}'', 7) gives 2';

CREATE FUNCTION @extschema@.identity_count(map @extschema@.identity_map)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_identity_count';
COMMENT ON FUNCTION @extschema@.identity_count(map @extschema@.identity_map) IS
'the number of customers; of a stored value only the head is read; for example: identity_count(''{{"a","b"},{"c"}}'') gives 2';

CREATE FUNCTION @extschema@.identity_sizes(map @extschema@.identity_map, OUT size integer, OUT customers bigint)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 20
	AS 'MODULE_PATHNAME', 'portrait_identity_sizes';
COMMENT ON FUNCTION @extschema@.identity_sizes(map @extschema@.identity_map, OUT size integer, OUT customers bigint) IS
'how many customers have how many identifiers, by size; for example: ARRAY(SELECT identity_sizes(''{{"a","b"},{"c"}}'')) gives {(1,1),(2,1)}';

CREATE FUNCTION @extschema@.identity_largest(map @extschema@.identity_map, n integer DEFAULT 10, OUT customer bigint, OUT size integer, OUT examples text[])
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10
	AS 'MODULE_PATHNAME', 'portrait_identity_largest';
COMMENT ON FUNCTION @extschema@.identity_largest(map @extschema@.identity_map, n integer, OUT customer bigint, OUT size integer, OUT examples text[]) IS
'the n customers with most identifiers, each with its first five: look at them before you trust a map; for example: SELECT * FROM identity_largest(''{{"a","b"},{"c"}}'', 1) gives 1, 2, {a,b}';

-- Equality and order: by the number of identifiers, then by bytes

CREATE FUNCTION @extschema@.identity_map_eq(a @extschema@.identity_map, b @extschema@.identity_map)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_eq';
COMMENT ON FUNCTION @extschema@.identity_map_eq(a @extschema@.identity_map, b @extschema@.identity_map) IS
'the function behind identity_map = identity_map';

CREATE FUNCTION @extschema@.identity_map_ne(a @extschema@.identity_map, b @extschema@.identity_map)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_ne';
COMMENT ON FUNCTION @extschema@.identity_map_ne(a @extschema@.identity_map, b @extschema@.identity_map) IS
'the function behind identity_map <> identity_map';

CREATE FUNCTION @extschema@.identity_map_lt(a @extschema@.identity_map, b @extschema@.identity_map)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_lt';
COMMENT ON FUNCTION @extschema@.identity_map_lt(a @extschema@.identity_map, b @extschema@.identity_map) IS
'the function behind identity_map < identity_map';

CREATE FUNCTION @extschema@.identity_map_le(a @extschema@.identity_map, b @extschema@.identity_map)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_le';
COMMENT ON FUNCTION @extschema@.identity_map_le(a @extschema@.identity_map, b @extschema@.identity_map) IS
'the function behind identity_map <= identity_map';

CREATE FUNCTION @extschema@.identity_map_gt(a @extschema@.identity_map, b @extschema@.identity_map)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_gt';
COMMENT ON FUNCTION @extschema@.identity_map_gt(a @extschema@.identity_map, b @extschema@.identity_map) IS
'the function behind identity_map > identity_map';

CREATE FUNCTION @extschema@.identity_map_ge(a @extschema@.identity_map, b @extschema@.identity_map)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_ge';
COMMENT ON FUNCTION @extschema@.identity_map_ge(a @extschema@.identity_map, b @extschema@.identity_map) IS
'the function behind identity_map >= identity_map';

CREATE FUNCTION @extschema@.identity_map_cmp(a @extschema@.identity_map, b @extschema@.identity_map)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_cmp';
COMMENT ON FUNCTION @extschema@.identity_map_cmp(a @extschema@.identity_map, b @extschema@.identity_map) IS
'btree support of identity_map';

CREATE FUNCTION @extschema@.identity_map_hash(@extschema@.identity_map)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_hash';
COMMENT ON FUNCTION @extschema@.identity_map_hash(@extschema@.identity_map) IS
'hash support of identity_map';

CREATE FUNCTION @extschema@.identity_map_hash_extended(@extschema@.identity_map, bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_identity_map_hash_extended';
COMMENT ON FUNCTION @extschema@.identity_map_hash_extended(@extschema@.identity_map, bigint) IS
'hash support of identity_map';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.identity_map,
	RIGHTARG = @extschema@.identity_map,
	FUNCTION = @extschema@.identity_map_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.identity_map, @extschema@.identity_map) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.identity_map,
	RIGHTARG = @extschema@.identity_map,
	FUNCTION = @extschema@.identity_map_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.identity_map, @extschema@.identity_map) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.identity_map,
	RIGHTARG = @extschema@.identity_map,
	FUNCTION = @extschema@.identity_map_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.identity_map, @extschema@.identity_map) IS
'less: fewer identifiers, or the same number and earlier bytes';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.identity_map,
	RIGHTARG = @extschema@.identity_map,
	FUNCTION = @extschema@.identity_map_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.identity_map, @extschema@.identity_map) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.identity_map,
	RIGHTARG = @extschema@.identity_map,
	FUNCTION = @extschema@.identity_map_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.identity_map, @extschema@.identity_map) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.identity_map,
	RIGHTARG = @extschema@.identity_map,
	FUNCTION = @extschema@.identity_map_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.identity_map, @extschema@.identity_map) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.identity_map_ops
	DEFAULT FOR TYPE @extschema@.identity_map USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.identity_map_cmp(@extschema@.identity_map, @extschema@.identity_map),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.identity_map_ops USING btree IS
'order of maps: by the number of identifiers, then by bytes';

CREATE OPERATOR CLASS @extschema@.identity_map_ops
	DEFAULT FOR TYPE @extschema@.identity_map USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.identity_map_hash(@extschema@.identity_map),
	FUNCTION 2 @extschema@.identity_map_hash_extended(@extschema@.identity_map, bigint);
COMMENT ON OPERATOR CLASS @extschema@.identity_map_ops USING hash IS
'equality of maps';

-- Aggregates: the transition type is identity_map itself, so that partial
-- states can be stored and travel as text (see src/identity/README.md).

CREATE FUNCTION @extschema@.identity_merge_transition(state @extschema@.identity_map, ids text[])
	RETURNS @extschema@.identity_map
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_identity_merge_array_transition';
COMMENT ON FUNCTION @extschema@.identity_merge_transition(state @extschema@.identity_map, ids text[]) IS
'transition function of identity_merge(text[])';

CREATE FUNCTION @extschema@.identity_merge_transition(state @extschema@.identity_map, a text, b text)
	RETURNS @extschema@.identity_map
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_identity_merge_text_transition';
COMMENT ON FUNCTION @extschema@.identity_merge_transition(state @extschema@.identity_map, a text, b text) IS
'transition function of identity_merge(text, text)';

CREATE FUNCTION @extschema@.identity_merge_transition(state @extschema@.identity_map, a bigint, b bigint)
	RETURNS @extschema@.identity_map
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_identity_merge_bigint_transition';
COMMENT ON FUNCTION @extschema@.identity_merge_transition(state @extschema@.identity_map, a bigint, b bigint) IS
'transition function of identity_merge(bigint, bigint)';

CREATE FUNCTION @extschema@.identity_map_union_transition(state @extschema@.identity_map, map @extschema@.identity_map)
	RETURNS @extschema@.identity_map
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_identity_map_union_transition';
COMMENT ON FUNCTION @extschema@.identity_map_union_transition(state @extschema@.identity_map, map @extschema@.identity_map) IS
'transition function of identity_map_union_agg, combine function of the aggregates whose state is an identity_map';

CREATE FUNCTION @extschema@.identity_map_final(state @extschema@.identity_map)
	RETURNS @extschema@.identity_map
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_identity_map_final';
COMMENT ON FUNCTION @extschema@.identity_map_final(state @extschema@.identity_map) IS
'final function of the aggregates whose state is an identity_map';

CREATE AGGREGATE @extschema@.identity_merge(ids text[]) (
	SFUNC = @extschema@.identity_merge_transition,
	STYPE = @extschema@.identity_map,
	COMBINEFUNC = @extschema@.identity_map_union_transition,
	FINALFUNC = @extschema@.identity_map_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.identity_merge(ids text[]) IS
'which identifiers are one customer, when all non-NULL elements of a row are; customers are numbered in the order of their smallest identifiers, and never store the numbers, another map has others; for example: SELECT identity_merge(ARRAY[identifier(''phone'', phone), identifier(''card'', card)]) FROM orders';

CREATE AGGREGATE @extschema@.identity_merge(a text, b text) (
	SFUNC = @extschema@.identity_merge_transition,
	STYPE = @extschema@.identity_map,
	COMBINEFUNC = @extschema@.identity_map_union_transition,
	FINALFUNC = @extschema@.identity_map_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.identity_merge(a text, b text) IS
'which identifiers are one customer, when the two of a row are; one may be NULL; customers are numbered in the order of their smallest identifiers, and never store the numbers, another map has others; for example: SELECT identity_merge(''card:'' || card, identifier(''phone'', phone)) FROM cards';

CREATE AGGREGATE @extschema@.identity_merge(a bigint, b bigint) (
	SFUNC = @extschema@.identity_merge_transition,
	STYPE = @extschema@.identity_map,
	COMBINEFUNC = @extschema@.identity_map_union_transition,
	FINALFUNC = @extschema@.identity_map_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.identity_merge(a bigint, b bigint) IS
'which identifiers are one customer, when the two of a row are; one may be NULL; customers are numbered in the order of their smallest identifiers, and never store the numbers, another map has others; for example: SELECT identity_merge(account, duplicate_of) FROM duplicates';

CREATE AGGREGATE @extschema@.identity_map_union_agg(@extschema@.identity_map) (
	SFUNC = @extschema@.identity_map_union_transition,
	STYPE = @extschema@.identity_map,
	COMBINEFUNC = @extschema@.identity_map_union_transition,
	FINALFUNC = @extschema@.identity_map_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.identity_map_union_agg(@extschema@.identity_map) IS
'the map of all rows from maps of some of them; for example: SELECT identity_map_union_agg(map) FROM daily_maps';

-- Evidence: the rows of a customer, kept as they are

CREATE FUNCTION @extschema@.identity_path_transition(state bytea, ids text[], a text, b text)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_identity_path_transition';
COMMENT ON FUNCTION @extschema@.identity_path_transition(state bytea, ids text[], a text, b text) IS
'transition function of identity_path_agg';

CREATE FUNCTION @extschema@.identity_suspects_transition(state bytea, ids text[])
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_identity_suspects_transition';
COMMENT ON FUNCTION @extschema@.identity_suspects_transition(state bytea, ids text[]) IS
'transition function of identity_suspects_agg';

CREATE FUNCTION @extschema@.identity_rows_combine(state bytea, other bytea)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_identity_rows_combine';
COMMENT ON FUNCTION @extschema@.identity_rows_combine(state bytea, other bytea) IS
'combine function of identity_path_agg and identity_suspects_agg';

CREATE FUNCTION @extschema@.identity_path_final(state bytea)
	RETURNS text[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_identity_path_final';
COMMENT ON FUNCTION @extschema@.identity_path_final(state bytea) IS
'final function of identity_path_agg';

CREATE FUNCTION @extschema@.identity_suspects_final(state bytea)
	RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_identity_suspects_final';
COMMENT ON FUNCTION @extschema@.identity_suspects_final(state bytea) IS
'final function of identity_suspects_agg';

CREATE AGGREGATE @extschema@.identity_path_agg(ids text[], a text, b text) (
	SFUNC = @extschema@.identity_path_transition,
	STYPE = bytea,
	COMBINEFUNC = @extschema@.identity_rows_combine,
	FINALFUNC = @extschema@.identity_path_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.identity_path_agg(ids text[], a text, b text) IS
'why a and b are one customer: a shortest chain from a to b in which every two neighbours are together in a row, NULL if there is none; a and b are the same for all rows of a group; for example: SELECT identity_path_agg(ids, ''card:7'', ''email:li@example.com'') FROM observations';

CREATE AGGREGATE @extschema@.identity_suspects_agg(ids text[]) (
	SFUNC = @extschema@.identity_suspects_transition,
	STYPE = bytea,
	COMBINEFUNC = @extschema@.identity_rows_combine,
	FINALFUNC = @extschema@.identity_suspects_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.identity_suspects_agg(ids text[]) IS
'which identifiers hold customers together: [{identifier, degree, pieces, largest}], the rows that have it, the parts that are left without it, and the identifiers of the largest of these; for example: SELECT identity_suspects_agg(ids) FROM observations WHERE identity_lookup(map, ids[1]) = 7';
