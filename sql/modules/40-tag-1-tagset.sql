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
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tagset_recv';
COMMENT ON FUNCTION @extschema@.tagset_recv(internal) IS
'binary input of tagset: the stored layout, validated completely';

CREATE FUNCTION @extschema@.tagset_send(@extschema@.tagset)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_send';
COMMENT ON FUNCTION @extschema@.tagset_send(@extschema@.tagset) IS
'binary output of tagset: the stored layout without its length word';

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
