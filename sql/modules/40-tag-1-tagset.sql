/*
 * tag: what is known of a customer, and rules over it.  A tagset is names in levels with
 * values, weights and times.  The layout and the grammar are told in
 * src/tag/README.md.
 */

CREATE TYPE @extschema@.tagset;

CREATE FUNCTION @extschema@.tagset_in(cstring)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_in';
COMMENT ON FUNCTION @extschema@.tagset_in(cstring) IS
'text input of tagset: vip, age=34, city="New York", interest.sport=>0.8@2026-09-01, coupon=A17~2026-12-31';

CREATE FUNCTION @extschema@.tagset_out(@extschema@.tagset)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_out';
COMMENT ON FUNCTION @extschema@.tagset_out(@extschema@.tagset) IS
'text output of tagset';

CREATE FUNCTION @extschema@.tagset_recv(internal)
	RETURNS @extschema@.tagset
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_recv';
COMMENT ON FUNCTION @extschema@.tagset_recv(internal) IS
'binary input of tagset: the stored layout, validated completely, texts in the encoding of the client';

CREATE FUNCTION @extschema@.tagset_send(@extschema@.tagset)
	RETURNS bytea
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_send';
COMMENT ON FUNCTION @extschema@.tagset_send(@extschema@.tagset) IS
'binary output of tagset: the stored layout without its length word, texts in the encoding of the client';

CREATE TYPE @extschema@.tagset (
	INPUT = @extschema@.tagset_in,
	OUTPUT = @extschema@.tagset_out,
	RECEIVE = @extschema@.tagset_recv,
	SEND = @extschema@.tagset_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.tagset IS
'what is known of one customer: tags with values, weights, and the times they were set and expire; for example: SELECT customer_id, tag_agg(name, value) FROM tags GROUP BY customer_id';

-- From and to core types

CREATE FUNCTION @extschema@.tagset(names text[])
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_from_names';
COMMENT ON FUNCTION @extschema@.tagset(names text[]) IS
'bare tags by these names, which are not parsed; NULLs are skipped; for example: tagset(ARRAY[''vip'',''new'']) gives new, vip';

CREATE CAST (text[] AS @extschema@.tagset) WITH FUNCTION @extschema@.tagset(text[]);
COMMENT ON CAST (text[] AS @extschema@.tagset) IS
'for example: ''{vip,new}''::text[]::tagset';

CREATE FUNCTION @extschema@.tagset(names text[], "values" text[])
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_from_texts';
COMMENT ON FUNCTION @extschema@.tagset(names text[], "values" text[]) IS
'tags by names and texts, neither of which is parsed: a text that looks like a number stays a text; a name may come several times, and where either is NULL the tag is missing; numbers and dates come by tag_agg(name, value) or from jsonb; for example: tagset(ARRAY[''city'',''plan''], ARRAY[''Paris'',''gold'']) gives city=Paris, plan=gold';

CREATE FUNCTION @extschema@.tagset(tags jsonb)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagset_from_jsonb';
COMMENT ON FUNCTION @extschema@.tagset(tags jsonb) IS
'the tags of a JSON object: scalars, arrays of them, {"value", "weight", "set_at", "expires_at"}; other objects are levels of names, strings of the form of a date or time are such, null is missing; or of an array of names; for example: tagset(''{"vip": true, "age": 34, "interest": {"sport": {"value": true, "weight": 0.8}}}''::jsonb) gives age=34, interest.sport=>0.8, vip';

CREATE CAST (jsonb AS @extschema@.tagset) WITH FUNCTION @extschema@.tagset(jsonb);
COMMENT ON CAST (jsonb AS @extschema@.tagset) IS
'for example: ''{"vip": true, "color": ["red", "blue"]}''::jsonb::tagset';

CREATE FUNCTION @extschema@.tagset_to_jsonb(tags @extschema@.tagset)
	RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagset_to_jsonb';
COMMENT ON FUNCTION @extschema@.tagset_to_jsonb(tags @extschema@.tagset) IS
'a tagset as jsonb; the function behind the cast, which tagset(jsonb) takes back as the same; for example: tagset_to_jsonb(''vip, age=34, color=red, color=blue'') gives {age: 34, vip: true, color: [blue, red]}';

CREATE CAST (@extschema@.tagset AS jsonb) WITH FUNCTION @extschema@.tagset_to_jsonb(@extschema@.tagset);
COMMENT ON CAST (@extschema@.tagset AS jsonb) IS
'for example: ''vip, age=34''::tagset::jsonb';

-- What is in a tagset

CREATE FUNCTION @extschema@.tag_count(tags @extschema@.tagset)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tag_count';
COMMENT ON FUNCTION @extschema@.tag_count(tags @extschema@.tagset) IS
'the number of tags, several values of one counted once; for example: tag_count(''vip, color=red, color=blue'') gives 2';

CREATE FUNCTION @extschema@.tag_names(tags @extschema@.tagset)
	RETURNS text[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tag_names';
COMMENT ON FUNCTION @extschema@.tag_names(tags @extschema@.tagset) IS
'the names of the tags, in the order of their bytes; for example: tag_names(''vip, age=34'') gives {age,vip}';

CREATE FUNCTION @extschema@.tag_values(tags @extschema@.tagset, path text)
	RETURNS text[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tag_values';
COMMENT ON FUNCTION @extschema@.tag_values(tags @extschema@.tagset, path text) IS
'the values of one tag as text: booleans, numbers, dates, times, texts; none when it is missing; for example: tag_values(''color=red, color=blue'', ''color'') gives {blue,red}';

CREATE FUNCTION @extschema@.tag_each(tags @extschema@.tagset, OUT tag text, OUT value text, OUT type text, OUT weight double precision, OUT set_at timestamptz, OUT expires_at timestamptz)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 30
	AS 'MODULE_PATHNAME', 'portrait_tag_each';
COMMENT ON FUNCTION @extschema@.tag_each(tags @extschema@.tagset, OUT tag text, OUT value text, OUT type text, OUT weight double precision, OUT set_at timestamptz, OUT expires_at timestamptz) IS
'a row for each value of each tag; for example: SELECT tag, value, type, weight FROM tag_each(''age=34, sport=>0.8'') ORDER BY tag LIMIT 1 gives age,34,number,';

CREATE FUNCTION @extschema@.tag_current(tags @extschema@.tagset, as_of timestamptz)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tag_current';
COMMENT ON FUNCTION @extschema@.tag_current(tags @extschema@.tagset, as_of timestamptz) IS
'what has not expired: without values that expire at as_of or before; for example: tag_current(''vip, coupon=A17~2026-12-31'', ''2027-01-01+00'') gives vip';

-- Equality and order: by the number of tags, then by bytes

CREATE FUNCTION @extschema@.tagset_eq(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_eq';
COMMENT ON FUNCTION @extschema@.tagset_eq(a @extschema@.tagset, b @extschema@.tagset) IS
'the function behind tagset = tagset';

CREATE FUNCTION @extschema@.tagset_ne(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_ne';
COMMENT ON FUNCTION @extschema@.tagset_ne(a @extschema@.tagset, b @extschema@.tagset) IS
'the function behind tagset <> tagset';

CREATE FUNCTION @extschema@.tagset_lt(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_lt';
COMMENT ON FUNCTION @extschema@.tagset_lt(a @extschema@.tagset, b @extschema@.tagset) IS
'the function behind tagset < tagset';

CREATE FUNCTION @extschema@.tagset_le(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_le';
COMMENT ON FUNCTION @extschema@.tagset_le(a @extschema@.tagset, b @extschema@.tagset) IS
'the function behind tagset <= tagset';

CREATE FUNCTION @extschema@.tagset_gt(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_gt';
COMMENT ON FUNCTION @extschema@.tagset_gt(a @extschema@.tagset, b @extschema@.tagset) IS
'the function behind tagset > tagset';

CREATE FUNCTION @extschema@.tagset_ge(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_ge';
COMMENT ON FUNCTION @extschema@.tagset_ge(a @extschema@.tagset, b @extschema@.tagset) IS
'the function behind tagset >= tagset';

CREATE FUNCTION @extschema@.tagset_cmp(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_cmp';
COMMENT ON FUNCTION @extschema@.tagset_cmp(a @extschema@.tagset, b @extschema@.tagset) IS
'btree support of tagset';

CREATE FUNCTION @extschema@.tagset_hash(@extschema@.tagset)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_hash';
COMMENT ON FUNCTION @extschema@.tagset_hash(@extschema@.tagset) IS
'hash support of tagset';

CREATE FUNCTION @extschema@.tagset_hash_extended(@extschema@.tagset, bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagset_hash_extended';
COMMENT ON FUNCTION @extschema@.tagset_hash_extended(@extschema@.tagset, bigint) IS
'hash support of tagset';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.tagset, @extschema@.tagset) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.tagset, @extschema@.tagset) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.tagset, @extschema@.tagset) IS
'less: fewer tags, or the same number and earlier bytes';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.tagset, @extschema@.tagset) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.tagset, @extschema@.tagset) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.tagset, @extschema@.tagset) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.tagset_ops
	DEFAULT FOR TYPE @extschema@.tagset USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.tagset_cmp(@extschema@.tagset, @extschema@.tagset),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.tagset_ops USING btree IS
'order of tagsets: by the number of tags, then by bytes';

CREATE OPERATOR CLASS @extschema@.tagset_ops
	DEFAULT FOR TYPE @extschema@.tagset USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.tagset_hash(@extschema@.tagset),
	FUNCTION 2 @extschema@.tagset_hash_extended(@extschema@.tagset, bigint);
COMMENT ON OPERATOR CLASS @extschema@.tagset_ops USING hash IS
'hashes of tagsets, so that GROUP BY and hash joins work';

-- Containment: tags and values, whatever their weights and times

CREATE FUNCTION @extschema@.tagset_contains(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_contains';
COMMENT ON FUNCTION @extschema@.tagset_contains(a @extschema@.tagset, b @extschema@.tagset) IS
'every tag and value of b is in a, whatever their weights and times; the function behind tagset @> tagset; for example: tagset_contains(''vip, age=34'', ''vip'') gives true';

CREATE FUNCTION @extschema@.tagset_contained(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_contained';
COMMENT ON FUNCTION @extschema@.tagset_contained(a @extschema@.tagset, b @extschema@.tagset) IS
'every tag and value of a is in b; the function behind tagset <@ tagset; for example: tagset_contained(''vip'', ''vip, age=34'') gives true';

CREATE FUNCTION @extschema@.tagset_overlaps(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_overlaps';
COMMENT ON FUNCTION @extschema@.tagset_overlaps(a @extschema@.tagset, b @extschema@.tagset) IS
'some tag has a value in common; the function behind tagset && tagset; for example: tagset_overlaps(''vip, age=34'', ''vip, age=35'') gives true';

CREATE OPERATOR @extschema@.@> (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_contains,
	COMMUTATOR = OPERATOR(@extschema@.<@),
	JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR @extschema@.@> (@extschema@.tagset, @extschema@.tagset) IS
'every tag and value of the right one is in the left one; a bare tag is the value true; for example: ''vip, age=34, city=Paris''::tagset @> ''vip, age=34'' gives true';

CREATE OPERATOR @extschema@.<@ (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_contained,
	COMMUTATOR = OPERATOR(@extschema@.@>),
	JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR @extschema@.<@ (@extschema@.tagset, @extschema@.tagset) IS
'every tag and value of the left one is in the right one; for example: ''vip''::tagset <@ ''vip, age=34'' gives true';

CREATE OPERATOR @extschema@.&& (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_overlaps,
	COMMUTATOR = OPERATOR(@extschema@.&&),
	JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR @extschema@.&& (@extschema@.tagset, @extschema@.tagset) IS
'some tag has a value in common; for example: ''color=red, color=blue''::tagset && ''color=blue, vip'' gives true';

-- Algebra

CREATE FUNCTION @extschema@.tagset_concat(a @extschema@.tagset, b @extschema@.tagset)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_concat';
COMMENT ON FUNCTION @extschema@.tagset_concat(a @extschema@.tagset, b @extschema@.tagset) IS
'the tags of both, what b says of those that both have; the function behind tagset || tagset; for example: tagset_concat(''vip, age=34'', ''age=35'') gives age=35, vip';

CREATE FUNCTION @extschema@.tagset_minus(tags @extschema@.tagset, name text)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_minus_text';
COMMENT ON FUNCTION @extschema@.tagset_minus(tags @extschema@.tagset, name text) IS
'without one tag; the function behind tagset - text; for example: tagset_minus(''vip, age=34'', ''age''::text) gives vip';

CREATE FUNCTION @extschema@.tagset_minus(tags @extschema@.tagset, names text[])
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_minus_array';
COMMENT ON FUNCTION @extschema@.tagset_minus(tags @extschema@.tagset, names text[]) IS
'without some tags; the function behind tagset - text[]; for example: tagset_minus(''vip, age=34'', ARRAY[''age'']) gives vip';

CREATE FUNCTION @extschema@.tagset_get(tags @extschema@.tagset, name text)
	RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_get';
COMMENT ON FUNCTION @extschema@.tagset_get(tags @extschema@.tagset, name text) IS
'the value of a tag as jsonb; the function behind tagset -> text; for example: tagset_get(''age=34'', ''age'') gives 34';

CREATE FUNCTION @extschema@.tagset_get_text(tags @extschema@.tagset, name text)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_tagset_get_text';
COMMENT ON FUNCTION @extschema@.tagset_get_text(tags @extschema@.tagset, name text) IS
'the value of a tag as text; the function behind tagset ->> text; for example: tagset_get_text(''age=34'', ''age'') gives 34';

CREATE OPERATOR @extschema@.|| (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagset_concat
);
COMMENT ON OPERATOR @extschema@.|| (@extschema@.tagset, @extschema@.tagset) IS
'the tags of both; of a tag that both have, what the right one says; for example: ''vip, age=34''::tagset || ''age=35'' gives age=35, vip';

CREATE OPERATOR @extschema@.- (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = text,
	FUNCTION = @extschema@.tagset_minus
);
COMMENT ON OPERATOR @extschema@.- (@extschema@.tagset, text) IS
'without the tag of this name; for example: ''vip, age=34''::tagset - ''age'' gives vip';

CREATE OPERATOR @extschema@.- (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = text[],
	FUNCTION = @extschema@.tagset_minus
);
COMMENT ON OPERATOR @extschema@.- (@extschema@.tagset, text[]) IS
'without the tags of these names; for example: ''vip, age=34, city=Paris''::tagset - ARRAY[''age'',''city''] gives vip';

CREATE OPERATOR @extschema@.-> (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = text,
	FUNCTION = @extschema@.tagset_get
);
COMMENT ON OPERATOR @extschema@.-> (@extschema@.tagset, text) IS
'the value of a tag as jsonb, several as an array, without weights and times; NULL when it is missing; for example: ''age=34''::tagset -> ''age'' gives 34';

CREATE OPERATOR @extschema@.->> (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = text,
	FUNCTION = @extschema@.tagset_get_text
);
COMMENT ON OPERATOR @extschema@.->> (@extschema@.tagset, text) IS
'the value of a tag as text, several as the text of a JSON array; NULL when it is missing; for example: ''city=Paris''::tagset ->> ''city'' gives Paris';

-- Aggregates

CREATE FUNCTION @extschema@.tag_union_agg_transition(state @extschema@.tagset, tags @extschema@.tagset)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tag_union_agg_transition';
COMMENT ON FUNCTION @extschema@.tag_union_agg_transition(state @extschema@.tagset, tags @extschema@.tagset) IS
'transition of tag_union_agg, and combine function of tag_agg';

CREATE FUNCTION @extschema@.tag_agg_final(state @extschema@.tagset)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_final';
COMMENT ON FUNCTION @extschema@.tag_agg_final(state @extschema@.tagset) IS
'final function of tag_agg and tag_union_agg';

CREATE AGGREGATE @extschema@.tag_union_agg(@extschema@.tagset) (
	SFUNC = @extschema@.tag_union_agg_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_union_agg(@extschema@.tagset) IS
'all tags and values of the input, NULLs skipped; of one that comes several times, that which was set last counts, then the larger weight, then the later expiry; for example: SELECT customer_id, tag_union_agg(tags) FROM sources GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_name_transition(state @extschema@.tagset, name text)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_name_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_name_transition(state @extschema@.tagset, name text) IS
'transition of tag_agg(text)';

CREATE AGGREGATE @extschema@.tag_agg(text) (
	SFUNC = @extschema@.tag_agg_name_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text) IS
'the bare tags of a group, NULLs skipped; for example: SELECT customer_id, tag_agg(tag) FROM labels GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_text_transition(state @extschema@.tagset, name text, value text)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_text_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_text_transition(state @extschema@.tagset, name text, value text) IS
'transition of tag_agg(text, text)';

CREATE AGGREGATE @extschema@.tag_agg(text, text) (
	SFUNC = @extschema@.tag_agg_text_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, text) IS
'the tags of a group with texts, which are not parsed; rows where either is NULL are skipped; for example: SELECT customer_id, tag_agg(name, value) FROM facts GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_numeric_transition(state @extschema@.tagset, name text, value numeric)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_numeric_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_numeric_transition(state @extschema@.tagset, name text, value numeric) IS
'transition of tag_agg(text, numeric)';

CREATE AGGREGATE @extschema@.tag_agg(text, numeric) (
	SFUNC = @extschema@.tag_agg_numeric_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, numeric) IS
'the tags of a group with numbers; digits behind the point are rounded to double precision, whole numbers that it would change are refused; rows where either is NULL are skipped; for example: SELECT customer_id, tag_agg(name, value) FROM facts GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_double_transition(state @extschema@.tagset, name text, value double precision)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_double_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_double_transition(state @extschema@.tagset, name text, value double precision) IS
'transition of tag_agg(text, double precision)';

CREATE AGGREGATE @extschema@.tag_agg(text, double precision) (
	SFUNC = @extschema@.tag_agg_double_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, double precision) IS
'the tags of a group with numbers; rows where either is NULL are skipped; for example: SELECT customer_id, tag_agg(name, value) FROM facts GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_bigint_transition(state @extschema@.tagset, name text, value bigint)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_bigint_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_bigint_transition(state @extschema@.tagset, name text, value bigint) IS
'transition of tag_agg(text, bigint)';

CREATE AGGREGATE @extschema@.tag_agg(text, bigint) (
	SFUNC = @extschema@.tag_agg_bigint_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, bigint) IS
'the tags of a group with numbers; those that double precision would change are refused; rows where either is NULL are skipped; for example: SELECT customer_id, tag_agg(name, value) FROM facts GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_boolean_transition(state @extschema@.tagset, name text, value boolean)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_boolean_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_boolean_transition(state @extschema@.tagset, name text, value boolean) IS
'transition of tag_agg(text, boolean)';

CREATE AGGREGATE @extschema@.tag_agg(text, boolean) (
	SFUNC = @extschema@.tag_agg_boolean_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, boolean) IS
'the tags of a group with booleans; rows where either is NULL are skipped; for example: SELECT customer_id, tag_agg(name, value) FROM facts GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_date_transition(state @extschema@.tagset, name text, value date)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_date_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_date_transition(state @extschema@.tagset, name text, value date) IS
'transition of tag_agg(text, date)';

CREATE AGGREGATE @extschema@.tag_agg(text, date) (
	SFUNC = @extschema@.tag_agg_date_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, date) IS
'the tags of a group with dates; rows where either is NULL are skipped; for example: SELECT customer_id, tag_agg(name, value) FROM facts GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_time_transition(state @extschema@.tagset, name text, value timestamptz)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_time_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_time_transition(state @extschema@.tagset, name text, value timestamptz) IS
'transition of tag_agg(text, timestamptz)';

CREATE AGGREGATE @extschema@.tag_agg(text, timestamptz) (
	SFUNC = @extschema@.tag_agg_time_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, timestamptz) IS
'the tags of a group with times; rows where either is NULL are skipped; for example: SELECT customer_id, tag_agg(name, value) FROM facts GROUP BY customer_id';

CREATE FUNCTION @extschema@.tag_agg_weight_transition(state @extschema@.tagset, name text, value text, weight double precision, set_at timestamptz)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'portrait_tag_agg_weight_transition';
COMMENT ON FUNCTION @extschema@.tag_agg_weight_transition(state @extschema@.tagset, name text, value text, weight double precision, set_at timestamptz) IS
'transition of tag_agg(text, text, double precision, timestamptz)';

CREATE AGGREGATE @extschema@.tag_agg(text, text, double precision, timestamptz) (
	SFUNC = @extschema@.tag_agg_weight_transition,
	STYPE = @extschema@.tagset,
	COMBINEFUNC = @extschema@.tag_union_agg_transition,
	FINALFUNC = @extschema@.tag_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.tag_agg(text, text, double precision, timestamptz) IS
'the tags of a group with a text, or with NULL as bare tags, a weight from 0 to 1, and the time it was set, which may both be NULL; for example: SELECT customer_id, tag_agg(name, NULL, score, computed_at) FROM interests GROUP BY customer_id';
