/*
 * tag: indexes of tagsets and of rules, and what the planner knows of both.
 */

-- How many rows match

CREATE FUNCTION @extschema@.tag_match_sel(internal, oid, internal, integer)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tag_match_sel';
COMMENT ON FUNCTION @extschema@.tag_match_sel(internal, oid, internal, integer) IS
'what share of tagsets matches a rule, or of rules a tagset: restriction estimator of tagset @@ tagquery';

CREATE FUNCTION @extschema@.tag_match_joinsel(internal, oid, internal, smallint, internal)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tag_match_joinsel';
COMMENT ON FUNCTION @extschema@.tag_match_joinsel(internal, oid, internal, smallint, internal) IS
'join estimator of tagset @@ tagquery';

CREATE FUNCTION @extschema@.tagquery_match_sel(internal, oid, internal, integer)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_match_sel';
COMMENT ON FUNCTION @extschema@.tagquery_match_sel(internal, oid, internal, integer) IS
'what share of rules matches a tagset, or of tagsets a rule: restriction estimator of tagquery @@ tagset';

CREATE FUNCTION @extschema@.tagquery_match_joinsel(internal, oid, internal, smallint, internal)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_match_joinsel';
COMMENT ON FUNCTION @extschema@.tagquery_match_joinsel(internal, oid, internal, smallint, internal) IS
'join estimator of tagquery @@ tagset';

ALTER OPERATOR @extschema@.@@ (@extschema@.tagset, @extschema@.tagquery)
	SET (RESTRICT = @extschema@.tag_match_sel, JOIN = @extschema@.tag_match_joinsel);
ALTER OPERATOR @extschema@.@@ (@extschema@.tagquery, @extschema@.tagset)
	SET (RESTRICT = @extschema@.tagquery_match_sel, JOIN = @extschema@.tagquery_match_joinsel);

CREATE FUNCTION @extschema@.tagset_contains_sel(internal, oid, internal, integer)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_contains_sel';
COMMENT ON FUNCTION @extschema@.tagset_contains_sel(internal, oid, internal, integer) IS
'what share of tagsets has all tags of another one: restriction estimator of tagset @> tagset';

CREATE FUNCTION @extschema@.tagset_contained_sel(internal, oid, internal, integer)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_contained_sel';
COMMENT ON FUNCTION @extschema@.tagset_contained_sel(internal, oid, internal, integer) IS
'what share of tagsets has no tags but those of another one: restriction estimator of tagset <@ tagset';

CREATE FUNCTION @extschema@.tagset_overlaps_sel(internal, oid, internal, integer)
	RETURNS double precision
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_overlaps_sel';
COMMENT ON FUNCTION @extschema@.tagset_overlaps_sel(internal, oid, internal, integer) IS
'what share of tagsets has any tag of another one: restriction estimator of tagset && tagset';

ALTER OPERATOR @extschema@.@> (@extschema@.tagset, @extschema@.tagset)
	SET (RESTRICT = @extschema@.tagset_contains_sel);
ALTER OPERATOR @extschema@.<@ (@extschema@.tagset, @extschema@.tagset)
	SET (RESTRICT = @extschema@.tagset_contained_sel);
ALTER OPERATOR @extschema@.&& (@extschema@.tagset, @extschema@.tagset)
	SET (RESTRICT = @extschema@.tagset_overlaps_sel);

CREATE FUNCTION @extschema@.tagset_typanalyze(internal)
	RETURNS boolean
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_typanalyze';
COMMENT ON FUNCTION @extschema@.tagset_typanalyze(internal) IS
'ANALYZE of tagset: the most frequent tags, values and ranges of numbers and dates, in pg_stats as most_common_elems';

ALTER TYPE @extschema@.tagset SET (ANALYZE = @extschema@.tagset_typanalyze);

-- Tagsets by rule

CREATE FUNCTION @extschema@.tagset_gin_compare(bytea, bytea)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_tagset_gin_compare';
COMMENT ON FUNCTION @extschema@.tagset_gin_compare(bytea, bytea) IS
'order of keys, for GIN';

CREATE FUNCTION @extschema@.tagset_gin_extract_value(@extschema@.tagset, internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_gin_extract_value';
COMMENT ON FUNCTION @extschema@.tagset_gin_extract_value(@extschema@.tagset, internal) IS
'keys of a tagset, for GIN';

CREATE FUNCTION @extschema@.tagset_gin_extract_query(@extschema@.tagset, internal, smallint,
													 internal, internal, internal, internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_gin_extract_query';
COMMENT ON FUNCTION @extschema@.tagset_gin_extract_query(@extschema@.tagset, internal, smallint, internal, internal, internal, internal) IS
'keys that a rule asks for, for GIN';

CREATE FUNCTION @extschema@.tagset_gin_consistent(internal, smallint, @extschema@.tagset, integer,
												  internal, internal, internal, internal)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_gin_consistent';
COMMENT ON FUNCTION @extschema@.tagset_gin_consistent(internal, smallint, @extschema@.tagset, integer, internal, internal, internal, internal) IS
'does a tagset with such keys match a rule? for GIN';

CREATE FUNCTION @extschema@.tagset_gin_tri_consistent(internal, smallint, @extschema@.tagset,
													  integer, internal, internal, internal)
	RETURNS "char"
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagset_gin_tri_consistent';
COMMENT ON FUNCTION @extschema@.tagset_gin_tri_consistent(internal, smallint, @extschema@.tagset, integer, internal, internal, internal) IS
'does a tagset match a rule, where some keys are not known yet? for GIN';

CREATE OPERATOR CLASS @extschema@.tagset_ops
	DEFAULT FOR TYPE @extschema@.tagset USING gin AS
	OPERATOR 1 @extschema@.@@ (@extschema@.tagset, @extschema@.tagquery),
	OPERATOR 2 @extschema@.@> (@extschema@.tagset, @extschema@.tagset),
	OPERATOR 3 @extschema@.&& (@extschema@.tagset, @extschema@.tagset),
	FUNCTION 1 @extschema@.tagset_gin_compare(bytea, bytea),
	FUNCTION 2 @extschema@.tagset_gin_extract_value(@extschema@.tagset, internal),
	FUNCTION 3 @extschema@.tagset_gin_extract_query(@extschema@.tagset, internal, smallint, internal, internal, internal, internal),
	FUNCTION 4 @extschema@.tagset_gin_consistent(internal, smallint, @extschema@.tagset, integer, internal, internal, internal, internal),
	FUNCTION 6 @extschema@.tagset_gin_tri_consistent(internal, smallint, @extschema@.tagset, integer, internal, internal, internal),
	STORAGE bytea;
COMMENT ON OPERATOR CLASS @extschema@.tagset_ops USING gin IS
'tagsets by the rules that they match, and by the tags that they have: @@, @>, &&';

-- Rules by tagset

CREATE FUNCTION @extschema@.tagquery_gin_options(internal)
	RETURNS void
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_gin_options';
COMMENT ON FUNCTION @extschema@.tagquery_gin_options(internal) IS
'options of an index of rules: common, tags that rules had better not be found by';

CREATE FUNCTION @extschema@.tagquery_gin_extract_value(@extschema@.tagquery, internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_gin_extract_value';
COMMENT ON FUNCTION @extschema@.tagquery_gin_extract_value(@extschema@.tagquery, internal) IS
'keys of a rule, for GIN';

CREATE FUNCTION @extschema@.tagquery_gin_extract_query(@extschema@.tagquery, internal, smallint,
													   internal, internal, internal, internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_gin_extract_query';
COMMENT ON FUNCTION @extschema@.tagquery_gin_extract_query(@extschema@.tagquery, internal, smallint, internal, internal, internal, internal) IS
'keys of rules that a tagset may match, for GIN';

CREATE FUNCTION @extschema@.tagquery_gin_compare_partial(bigint, bigint, smallint, internal)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_gin_compare_partial';
COMMENT ON FUNCTION @extschema@.tagquery_gin_compare_partial(bigint, bigint, smallint, internal) IS
'is this one of a large tagset''s pairs of keys? for GIN';

CREATE FUNCTION @extschema@.tagquery_gin_consistent(internal, smallint, @extschema@.tagquery, integer,
													internal, internal, internal, internal)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_gin_consistent';
COMMENT ON FUNCTION @extschema@.tagquery_gin_consistent(internal, smallint, @extschema@.tagquery, integer, internal, internal, internal, internal) IS
'may a rule with such keys match a tagset? for GIN';

CREATE FUNCTION @extschema@.tagquery_gin_tri_consistent(internal, smallint, @extschema@.tagquery,
														integer, internal, internal, internal)
	RETURNS "char"
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_tagquery_gin_tri_consistent';
COMMENT ON FUNCTION @extschema@.tagquery_gin_tri_consistent(internal, smallint, @extschema@.tagquery, integer, internal, internal, internal) IS
'may a rule match a tagset, where some keys are not known yet? for GIN';

CREATE OPERATOR CLASS @extschema@.tagquery_ops
	DEFAULT FOR TYPE @extschema@.tagquery USING gin AS
	OPERATOR 1 @extschema@.@@ (@extschema@.tagquery, @extschema@.tagset),
	FUNCTION 1 pg_catalog.btint8cmp(bigint, bigint),
	FUNCTION 2 @extschema@.tagquery_gin_extract_value(@extschema@.tagquery, internal),
	FUNCTION 3 @extschema@.tagquery_gin_extract_query(@extschema@.tagquery, internal, smallint, internal, internal, internal, internal),
	FUNCTION 4 @extschema@.tagquery_gin_consistent(internal, smallint, @extschema@.tagquery, integer, internal, internal, internal, internal),
	FUNCTION 5 @extschema@.tagquery_gin_compare_partial(bigint, bigint, smallint, internal),
	FUNCTION 6 @extschema@.tagquery_gin_tri_consistent(internal, smallint, @extschema@.tagquery, integer, internal, internal, internal),
	FUNCTION 7 @extschema@.tagquery_gin_options(internal),
	STORAGE bigint;
COMMENT ON OPERATOR CLASS @extschema@.tagquery_ops USING gin IS
'rules by the tagsets that match them';

CREATE FUNCTION @extschema@.tagquery_keys(rule @extschema@.tagquery, common text DEFAULT '')
	RETURNS text[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagquery_keys';
COMMENT ON FUNCTION @extschema@.tagquery_keys(rule @extschema@.tagquery, common text) IS
'what a GIN index finds the rule by, in short what a tagset must have for the rule to be looked at; true if that is nothing; for example: tagquery_keys(''vip and city = 5 and interest.sport'', common => ''vip'') gives {interest.sport and city=5}';

CREATE FUNCTION @extschema@.tagquery_common(source regclass, column_name text, share double precision DEFAULT 0.01)
	RETURNS text
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100000
	AS 'MODULE_PATHNAME', 'portrait_tagquery_common';
COMMENT ON FUNCTION @extschema@.tagquery_common(source regclass, column_name text, share double precision) IS
'tags that at least this share of the rows has, the commonest first, for the parameter common of tagquery_ops: best of the customers'' tagsets, else of the rules; from a sample where there are many; for example: tagquery_common(''customers'', ''tags''), which may be vip, gender=f, app';
