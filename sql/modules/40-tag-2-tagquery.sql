/*
 * tag: rules over tags.  The grammar and what it means are told in
 * src/tag/README.md.
 */

CREATE TYPE @extschema@.tagquery;

CREATE FUNCTION @extschema@.tagquery_in(cstring)
	RETURNS @extschema@.tagquery
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagquery_in';
COMMENT ON FUNCTION @extschema@.tagquery_in(cstring) IS
'text input of tagquery: vip and (city in (Paris, "New York") or spend >= 1000) and not coupon';

CREATE FUNCTION @extschema@.tagquery_out(@extschema@.tagquery)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagquery_out';
COMMENT ON FUNCTION @extschema@.tagquery_out(@extschema@.tagquery) IS
'text output of tagquery: the canonical form of the rule';

CREATE FUNCTION @extschema@.tagquery_recv(internal)
	RETURNS @extschema@.tagquery
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagquery_recv';
COMMENT ON FUNCTION @extschema@.tagquery_recv(internal) IS
'binary input of tagquery: the stored layout, validated completely, names and texts in the encoding of the client';

CREATE FUNCTION @extschema@.tagquery_send(@extschema@.tagquery)
	RETURNS bytea
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_send';
COMMENT ON FUNCTION @extschema@.tagquery_send(@extschema@.tagquery) IS
'binary output of tagquery: the stored layout without its length word, names and texts in the encoding of the client';

CREATE TYPE @extschema@.tagquery (
	INPUT = @extschema@.tagquery_in,
	OUTPUT = @extschema@.tagquery_out,
	RECEIVE = @extschema@.tagquery_recv,
	SEND = @extschema@.tagquery_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.tagquery IS
'a rule over tags, in its canonical form: equal rules are equal values; for example: SELECT ''vip and age between 20 and 30 and not city = Paris''::tagquery';

-- Rules from rules

CREATE FUNCTION @extschema@.tagquery_and(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS @extschema@.tagquery
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagquery_and';
COMMENT ON FUNCTION @extschema@.tagquery_and(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the rule that matches where both do, the same as a && b; for example: tagquery_and(''vip'', ''age >= 18'') gives vip and age >= 18';

CREATE FUNCTION @extschema@.tagquery_or(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS @extschema@.tagquery
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagquery_or';
COMMENT ON FUNCTION @extschema@.tagquery_or(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the rule that matches where either does, the same as a || b; for example: tagquery_or(''vip'', ''spend >= 1000'') gives vip or spend >= 1000';

CREATE FUNCTION @extschema@.tagquery_not(rule @extschema@.tagquery)
	RETURNS @extschema@.tagquery
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagquery_not';
COMMENT ON FUNCTION @extschema@.tagquery_not(rule @extschema@.tagquery) IS
'the rule that matches where this one does not, the same as !! rule; for example: tagquery_not(''vip or city = Paris'') gives not vip and not (city = Paris)';

CREATE FUNCTION @extschema@.tagquery_is_bound(rule @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_is_bound';
COMMENT ON FUNCTION @extschema@.tagquery_is_bound(rule @extschema@.tagquery) IS
'whether the rule asks for no time, segment or event, so that @@ and indexes can answer it; for example: tagquery_is_bound(''birthday within next 7 days'') gives false';

CREATE OPERATOR @extschema@.&& (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_and,
	COMMUTATOR = OPERATOR(@extschema@.&&)
);
COMMENT ON OPERATOR @extschema@.&& (@extschema@.tagquery, @extschema@.tagquery) IS
'the rule that matches where both do';

CREATE OPERATOR @extschema@.|| (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_or,
	COMMUTATOR = OPERATOR(@extschema@.||)
);
COMMENT ON OPERATOR @extschema@.|| (@extschema@.tagquery, @extschema@.tagquery) IS
'the rule that matches where either does';

CREATE OPERATOR @extschema@.!! (
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_not
);
COMMENT ON OPERATOR @extschema@.!! (NONE, @extschema@.tagquery) IS
'the rule that matches where this one does not';

-- Equality and order: by the number of leaves, then by bytes

CREATE FUNCTION @extschema@.tagquery_eq(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_eq';
COMMENT ON FUNCTION @extschema@.tagquery_eq(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the function behind tagquery = tagquery';

CREATE FUNCTION @extschema@.tagquery_ne(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_ne';
COMMENT ON FUNCTION @extschema@.tagquery_ne(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the function behind tagquery <> tagquery';

CREATE FUNCTION @extschema@.tagquery_lt(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_lt';
COMMENT ON FUNCTION @extschema@.tagquery_lt(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the function behind tagquery < tagquery';

CREATE FUNCTION @extschema@.tagquery_le(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_le';
COMMENT ON FUNCTION @extschema@.tagquery_le(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the function behind tagquery <= tagquery';

CREATE FUNCTION @extschema@.tagquery_gt(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_gt';
COMMENT ON FUNCTION @extschema@.tagquery_gt(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the function behind tagquery > tagquery';

CREATE FUNCTION @extschema@.tagquery_ge(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_ge';
COMMENT ON FUNCTION @extschema@.tagquery_ge(a @extschema@.tagquery, b @extschema@.tagquery) IS
'the function behind tagquery >= tagquery';

CREATE FUNCTION @extschema@.tagquery_cmp(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_cmp';
COMMENT ON FUNCTION @extschema@.tagquery_cmp(a @extschema@.tagquery, b @extschema@.tagquery) IS
'btree support of tagquery';

CREATE FUNCTION @extschema@.tagquery_hash(@extschema@.tagquery)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_hash';
COMMENT ON FUNCTION @extschema@.tagquery_hash(@extschema@.tagquery) IS
'hash support of tagquery';

CREATE FUNCTION @extschema@.tagquery_hash_extended(@extschema@.tagquery, bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_hash_extended';
COMMENT ON FUNCTION @extschema@.tagquery_hash_extended(@extschema@.tagquery, bigint) IS
'hash support of tagquery';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.tagquery, @extschema@.tagquery) IS
'the same rule, in canonical form';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.tagquery, @extschema@.tagquery) IS
'different rules, in canonical form';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.tagquery, @extschema@.tagquery) IS
'by the number of leaves, then by bytes';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.tagquery, @extschema@.tagquery) IS
'by the number of leaves, then by bytes';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.tagquery, @extschema@.tagquery) IS
'by the number of leaves, then by bytes';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tagquery_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.tagquery, @extschema@.tagquery) IS
'by the number of leaves, then by bytes';

CREATE OPERATOR CLASS @extschema@.tagquery_ops
	DEFAULT FOR TYPE @extschema@.tagquery USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.tagquery_cmp(@extschema@.tagquery, @extschema@.tagquery),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.tagquery_ops USING btree IS
'order of rules, for indexes, DISTINCT and GROUP BY';

CREATE OPERATOR CLASS @extschema@.tagquery_ops
	DEFAULT FOR TYPE @extschema@.tagquery USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.tagquery_hash(@extschema@.tagquery),
	FUNCTION 2 @extschema@.tagquery_hash_extended(@extschema@.tagquery, bigint);
COMMENT ON OPERATOR CLASS @extschema@.tagquery_ops USING hash IS
'equality of rules, for hash indexes, joins and grouping';
