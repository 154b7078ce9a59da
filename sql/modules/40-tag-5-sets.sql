/*
 * tag: compiled sets of rules, and rules over segments.
 */

-- tagquery_set: many rules, compiled

CREATE TYPE @extschema@.tagquery_set;

CREATE FUNCTION @extschema@.tagquery_set_in(cstring)
	RETURNS @extschema@.tagquery_set
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_in';
COMMENT ON FUNCTION @extschema@.tagquery_set_in(cstring) IS
'text input of tagquery_set: tagquery_set: and base64 of the binary form';

CREATE FUNCTION @extschema@.tagquery_set_out(@extschema@.tagquery_set)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_out';
COMMENT ON FUNCTION @extschema@.tagquery_set_out(@extschema@.tagquery_set) IS
'text output of tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_recv(internal)
	RETURNS @extschema@.tagquery_set
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_recv';
COMMENT ON FUNCTION @extschema@.tagquery_set_recv(internal) IS
'binary input of tagquery_set: its rules, validated completely, names and texts in the encoding of the client';

CREATE FUNCTION @extschema@.tagquery_set_send(@extschema@.tagquery_set)
	RETURNS bytea
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_send';
COMMENT ON FUNCTION @extschema@.tagquery_set_send(@extschema@.tagquery_set) IS
'binary output of tagquery_set: its rules, without the index over them, names and texts in the encoding of the client';

CREATE TYPE @extschema@.tagquery_set (
	INPUT = @extschema@.tagquery_set_in,
	OUTPUT = @extschema@.tagquery_set_out,
	RECEIVE = @extschema@.tagquery_set_recv,
	SEND = @extschema@.tagquery_set_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = external
);
COMMENT ON TYPE @extschema@.tagquery_set IS
'many rules with their ids, compiled so that those which match a tagset are found fast; for example: CREATE TABLE compiled AS SELECT tagquery_set_agg(id, rule) AS rules FROM campaigns';

-- Aggregates: the state is a bytea with the rows, so that partial states can
-- be stored and travel as text.

CREATE FUNCTION @extschema@.tagquery_set_agg_transition(state bytea, id bigint, rule @extschema@.tagquery)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_agg_transition';
COMMENT ON FUNCTION @extschema@.tagquery_set_agg_transition(state bytea, id bigint, rule @extschema@.tagquery) IS
'transition function of tagquery_set_agg';

CREATE FUNCTION @extschema@.tagquery_set_agg_combine(state bytea, other bytea)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_agg_combine';
COMMENT ON FUNCTION @extschema@.tagquery_set_agg_combine(state bytea, other bytea) IS
'combine function of tagquery_set_agg and tagquery_set_union_agg';

CREATE FUNCTION @extschema@.tagquery_set_agg_final(state bytea)
	RETURNS @extschema@.tagquery_set
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_agg_final';
COMMENT ON FUNCTION @extschema@.tagquery_set_agg_final(state bytea) IS
'final function of tagquery_set_agg and tagquery_set_union_agg';

CREATE AGGREGATE @extschema@.tagquery_set_agg(id bigint, rule @extschema@.tagquery) (
	SFUNC = @extschema@.tagquery_set_agg_transition,
	STYPE = bytea,
	COMBINEFUNC = @extschema@.tagquery_set_agg_combine,
	FINALFUNC = @extschema@.tagquery_set_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tagquery_set_agg(id bigint, rule @extschema@.tagquery) IS
'rules compiled into one value; rows with a NULL are skipped, the same id with the same rule counts once, an id may have several rules; for example: INSERT INTO compiled SELECT tagquery_set_agg(id, rule) FROM campaigns';

CREATE FUNCTION @extschema@.tagquery_set_union_agg_transition(state bytea, rules @extschema@.tagquery_set)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_union_agg_transition';
COMMENT ON FUNCTION @extschema@.tagquery_set_union_agg_transition(state bytea, rules @extschema@.tagquery_set) IS
'transition function of tagquery_set_union_agg';

CREATE AGGREGATE @extschema@.tagquery_set_union_agg(rules @extschema@.tagquery_set) (
	SFUNC = @extschema@.tagquery_set_union_agg_transition,
	STYPE = bytea,
	COMBINEFUNC = @extschema@.tagquery_set_agg_combine,
	FINALFUNC = @extschema@.tagquery_set_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tagquery_set_union_agg(rules @extschema@.tagquery_set) IS
'the rules of several sets compiled into one, NULLs skipped; for example: SELECT tagquery_set_union_agg(rules) FROM compiled';

-- Questions to a set

CREATE FUNCTION @extschema@.tag_percolate(rules @extschema@.tagquery_set, tags @extschema@.tagset)
	RETURNS SETOF bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 100
	AS 'MODULE_PATHNAME', 'portrait_tag_percolate';
COMMENT ON FUNCTION @extschema@.tag_percolate(rules @extschema@.tagquery_set, tags @extschema@.tagset) IS
'the ids of the rules that match, ascending, each once; the same as rule @@ tags of each rule, but only candidates are looked at; rules that are not bound match nothing; for example: SELECT customer, campaign FROM compiled, customers, tag_percolate(rules, tags) AS campaign';

CREATE FUNCTION @extschema@.tagquery_set_count(rules @extschema@.tagquery_set)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_count';
COMMENT ON FUNCTION @extschema@.tagquery_set_count(rules @extschema@.tagquery_set) IS
'how many rules a set has; of a stored value only the head is read; for example: SELECT tagquery_set_count(tagquery_set_agg(id, rule)) FROM campaigns';

CREATE FUNCTION @extschema@.tagquery_set_rules(rules @extschema@.tagquery_set, OUT id bigint, OUT rule @extschema@.tagquery)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10000
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_rules';
COMMENT ON FUNCTION @extschema@.tagquery_set_rules(rules @extschema@.tagquery_set, OUT id bigint, OUT rule @extschema@.tagquery) IS
'the rules of a set with their ids; for example: SELECT id, rule FROM compiled, tagquery_set_rules(rules)';

-- Equality and order: by the number of rules, then by bytes

CREATE FUNCTION @extschema@.tagquery_set_eq(a @extschema@.tagquery_set, b @extschema@.tagquery_set)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_eq';
COMMENT ON FUNCTION @extschema@.tagquery_set_eq(a @extschema@.tagquery_set, b @extschema@.tagquery_set) IS
'the function behind tagquery_set = tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_ne(a @extschema@.tagquery_set, b @extschema@.tagquery_set)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_ne';
COMMENT ON FUNCTION @extschema@.tagquery_set_ne(a @extschema@.tagquery_set, b @extschema@.tagquery_set) IS
'the function behind tagquery_set <> tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_lt(a @extschema@.tagquery_set, b @extschema@.tagquery_set)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_lt';
COMMENT ON FUNCTION @extschema@.tagquery_set_lt(a @extschema@.tagquery_set, b @extschema@.tagquery_set) IS
'the function behind tagquery_set < tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_le(a @extschema@.tagquery_set, b @extschema@.tagquery_set)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_le';
COMMENT ON FUNCTION @extschema@.tagquery_set_le(a @extschema@.tagquery_set, b @extschema@.tagquery_set) IS
'the function behind tagquery_set <= tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_gt(a @extschema@.tagquery_set, b @extschema@.tagquery_set)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_gt';
COMMENT ON FUNCTION @extschema@.tagquery_set_gt(a @extschema@.tagquery_set, b @extschema@.tagquery_set) IS
'the function behind tagquery_set > tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_ge(a @extschema@.tagquery_set, b @extschema@.tagquery_set)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_ge';
COMMENT ON FUNCTION @extschema@.tagquery_set_ge(a @extschema@.tagquery_set, b @extschema@.tagquery_set) IS
'the function behind tagquery_set >= tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_cmp(a @extschema@.tagquery_set, b @extschema@.tagquery_set)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_cmp';
COMMENT ON FUNCTION @extschema@.tagquery_set_cmp(a @extschema@.tagquery_set, b @extschema@.tagquery_set) IS
'btree support of tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_hash(@extschema@.tagquery_set)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_hash';
COMMENT ON FUNCTION @extschema@.tagquery_set_hash(@extschema@.tagquery_set) IS
'hash support of tagquery_set';

CREATE FUNCTION @extschema@.tagquery_set_hash_extended(@extschema@.tagquery_set, bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagquery_set_hash_extended';
COMMENT ON FUNCTION @extschema@.tagquery_set_hash_extended(@extschema@.tagquery_set, bigint) IS
'hash support of tagquery_set';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.tagquery_set,
	RIGHTARG = @extschema@.tagquery_set,
	FUNCTION = @extschema@.tagquery_set_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.tagquery_set, @extschema@.tagquery_set) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.tagquery_set,
	RIGHTARG = @extschema@.tagquery_set,
	FUNCTION = @extschema@.tagquery_set_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.tagquery_set, @extschema@.tagquery_set) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.tagquery_set,
	RIGHTARG = @extschema@.tagquery_set,
	FUNCTION = @extschema@.tagquery_set_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.tagquery_set, @extschema@.tagquery_set) IS
'less: fewer rules, or the same number and earlier bytes';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.tagquery_set,
	RIGHTARG = @extschema@.tagquery_set,
	FUNCTION = @extschema@.tagquery_set_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.tagquery_set, @extschema@.tagquery_set) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.tagquery_set,
	RIGHTARG = @extschema@.tagquery_set,
	FUNCTION = @extschema@.tagquery_set_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.tagquery_set, @extschema@.tagquery_set) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.tagquery_set,
	RIGHTARG = @extschema@.tagquery_set,
	FUNCTION = @extschema@.tagquery_set_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.tagquery_set, @extschema@.tagquery_set) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.tagquery_set_ops
	DEFAULT FOR TYPE @extschema@.tagquery_set USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.tagquery_set_cmp(@extschema@.tagquery_set, @extschema@.tagquery_set),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.tagquery_set_ops USING btree IS
'order of sets of rules: by the number of rules, then by bytes';

CREATE OPERATOR CLASS @extschema@.tagquery_set_ops
	DEFAULT FOR TYPE @extschema@.tagquery_set USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.tagquery_set_hash(@extschema@.tagquery_set),
	FUNCTION 2 @extschema@.tagquery_set_hash_extended(@extschema@.tagquery_set, bigint);
COMMENT ON OPERATOR CLASS @extschema@.tagquery_set_ops USING hash IS
'equality of sets of rules';

-- A rule over segments

CREATE FUNCTION @extschema@.tag_segment(rule @extschema@.tagquery, everybody @extschema@.segment, resolver regprocedure)
	RETURNS @extschema@.segment
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 10000
	AS 'MODULE_PATHNAME', 'portrait_tag_segment';
COMMENT ON FUNCTION @extschema@.tag_segment(rule @extschema@.tagquery, everybody @extschema@.segment, resolver regprocedure) IS
'whom of everybody a rule matches, by set algebra: the resolver, a function (leaf tagquery) returning segment, is asked whom each leaf matches, once and without its negation, and NULL is nobody; for example: tag_segment(''vip & !churned'', (SELECT segment_agg(id) FROM customers), ''members_of(tagquery)'')';

CREATE FUNCTION @extschema@.tag_segment(rule @extschema@.tagquery, everybody @extschema@.segment, resolver regprocedure, context text)
	RETURNS @extschema@.segment
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 10000
	AS 'MODULE_PATHNAME', 'portrait_tag_segment_context';
COMMENT ON FUNCTION @extschema@.tag_segment(rule @extschema@.tagquery, everybody @extschema@.segment, resolver regprocedure, context text) IS
'the same with a resolver that is told something besides: a function (leaf tagquery, context text) returning segment; for example: tag_segment(''vip & !churned'', (SELECT segment_agg(id) FROM customers), ''members_of(tagquery,text)'', ''2026-01'')';

CREATE FUNCTION @extschema@.tag_segment_explain(rule @extschema@.tagquery, everybody @extschema@.segment, resolver regprocedure, context text,
		OUT leaf text, OUT size bigint, OUT running_size bigint, OUT milliseconds double precision)
	RETURNS SETOF record
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 10000 ROWS 5
	AS 'MODULE_PATHNAME', 'portrait_tag_segment_explain';
COMMENT ON FUNCTION @extschema@.tag_segment_explain(rule @extschema@.tagquery, everybody @extschema@.segment, resolver regprocedure, context text) IS
'what tag_segment has to do for each leaf: how many the leaf matches, for how many the rule is still open or true once this leaf and those above it are known, and the time to ask the resolver; for example: SELECT * FROM tag_segment_explain(''vip & !churned'', (SELECT segment_agg(id) FROM customers), ''members_of(tagquery,text)'', ''2026-01'')';

CREATE FUNCTION @extschema@.tagquery_intervals(leaf @extschema@.tagquery,
		OUT source text, OUT class text, OUT low double precision, OUT low_open boolean, OUT high double precision, OUT high_open boolean)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 2
	AS 'MODULE_PATHNAME', 'portrait_tagquery_intervals';
COMMENT ON FUNCTION @extschema@.tagquery_intervals(leaf @extschema@.tagquery) IS
'where the numbers or moments lie (in seconds from 1970) that a leaf asks for, without its negation; source is value, date, time, weight or set_at, class is number or moment; no row if it asks for something else; for example: SELECT low, low_open, high FROM tagquery_intervals(''age > 18'') gives 18,t,Infinity';
