/*
 * What a customer prefers: the value that has the largest part of his amounts.
 */

CREATE FUNCTION @extschema@.preferred_agg_transition(state bytea, value text, amount bigint)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_preferred_agg_transition';
COMMENT ON FUNCTION @extschema@.preferred_agg_transition(state bytea, value text, amount bigint) IS
'transition function of preferred_agg and preferred_share_agg';

CREATE FUNCTION @extschema@.preferred_agg_combine(state bytea, other bytea)
	RETURNS bytea
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_preferred_agg_combine';
COMMENT ON FUNCTION @extschema@.preferred_agg_combine(state bytea, other bytea) IS
'combine function of preferred_agg and preferred_share_agg';

CREATE FUNCTION @extschema@.preferred_agg_final(state bytea)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_preferred_agg_final';
COMMENT ON FUNCTION @extschema@.preferred_agg_final(state bytea) IS
'final function of preferred_agg';

CREATE FUNCTION @extschema@.preferred_share_agg_final(state bytea)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_preferred_share_agg_final';
COMMENT ON FUNCTION @extschema@.preferred_share_agg_final(state bytea) IS
'final function of preferred_share_agg';

CREATE AGGREGATE @extschema@.preferred_agg(value text, amount bigint) (
	SFUNC = @extschema@.preferred_agg_transition,
	STYPE = bytea,
	SSPACE = 128,
	COMBINEFUNC = @extschema@.preferred_agg_combine,
	FINALFUNC = @extschema@.preferred_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.preferred_agg(value text, amount bigint) IS
'the value with the largest sum of amounts, of several the first bytewise; rows with a NULL are skipped; for groups that have few different values; for example: SELECT customer, preferred_agg(store, 1), preferred_share_agg(store, 1) FROM orders GROUP BY customer';

CREATE AGGREGATE @extschema@.preferred_share_agg(value text, amount bigint) (
	SFUNC = @extschema@.preferred_agg_transition,
	STYPE = bytea,
	SSPACE = 128,
	COMBINEFUNC = @extschema@.preferred_agg_combine,
	FINALFUNC = @extschema@.preferred_share_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.preferred_share_agg(value text, amount bigint) IS
'the part of all amounts that the value of preferred_agg has, NULL where these come to nothing; both together cost no more than one; for example: SELECT preferred_share_agg(channel, 1) FROM orders';
