/*
 * tag: does a tagset match a rule?  Row by row, at a time, and what the planner
 * knows of it.  For the JSON of rules see the end.
 */

CREATE FUNCTION @extschema@.tag_match_support(internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_tag_match_support';
COMMENT ON FUNCTION @extschema@.tag_match_support(internal) IS
'planner support of tag_match(tagset, tagquery): planned as its operator, costs by leaves, refuses constants that are not bound';

CREATE FUNCTION @extschema@.tagquery_match_support(internal)
	RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'portrait_tagquery_match_support';
COMMENT ON FUNCTION @extschema@.tagquery_match_support(internal) IS
'planner support of tagquery_match(tagquery, tagset): planned as its operator, costs by leaves, refuses constants that are not bound';

CREATE FUNCTION @extschema@.tag_match(tags @extschema@.tagset, rule @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10
	SUPPORT @extschema@.tag_match_support
	AS 'MODULE_PATHNAME', 'portrait_tag_match';
COMMENT ON FUNCTION @extschema@.tag_match(tags @extschema@.tagset, rule @extschema@.tagquery) IS
'does the tagset match the rule? A rule that is not bound matches nothing, expiry does not count; the same as tags @@ rule, indexes too; for example: tag_match(''vip, age=34''::tagset, ''vip and age >= 18'') gives true';

CREATE FUNCTION @extschema@.tagquery_match(rule @extschema@.tagquery, tags @extschema@.tagset)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10
	SUPPORT @extschema@.tagquery_match_support
	AS 'MODULE_PATHNAME', 'portrait_tagquery_match';
COMMENT ON FUNCTION @extschema@.tagquery_match(rule @extschema@.tagquery, tags @extschema@.tagset) IS
'tag_match the other way around, for tables of rules; for example: tagquery_match(''vip and age >= 18'', ''vip, age=34'') gives true';

CREATE OPERATOR @extschema@.@@ (
	LEFTARG = @extschema@.tagset,
	RIGHTARG = @extschema@.tagquery,
	FUNCTION = @extschema@.tag_match,
	COMMUTATOR = OPERATOR(@extschema@.@@)
);
COMMENT ON OPERATOR @extschema@.@@ (@extschema@.tagset, @extschema@.tagquery) IS
'does the tagset match the rule?';

CREATE OPERATOR @extschema@.@@ (
	LEFTARG = @extschema@.tagquery,
	RIGHTARG = @extschema@.tagset,
	FUNCTION = @extschema@.tagquery_match,
	COMMUTATOR = OPERATOR(@extschema@.@@)
);
COMMENT ON OPERATOR @extschema@.@@ (@extschema@.tagquery, @extschema@.tagset) IS
'does the rule match the tagset?';

-- Tags as tables have them, and as literals.  The planner puts the bodies in
-- place, so that an index on the expression tagset(tags) is used.

CREATE FUNCTION @extschema@.tag_match(tags text[], rule @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 20
	RETURN @extschema@.tag_match(@extschema@.tagset(tags), rule);
COMMENT ON FUNCTION @extschema@.tag_match(tags text[], rule @extschema@.tagquery) IS
'the same of an array of bare tags; an index on tagset(tags) serves it; for example: tag_match(''{vip,golf}''::text[], ''vip and not churned'') gives true';

CREATE FUNCTION @extschema@.tag_match(tags jsonb, rule @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
	RETURN @extschema@.tag_match(@extschema@.tagset(tags), rule);
COMMENT ON FUNCTION @extschema@.tag_match(tags jsonb, rule @extschema@.tagquery) IS
'the same of a JSON object; an index on tagset(tags) serves it; for example: tag_match(''{"vip": true, "age": 34}''::jsonb, ''vip and age >= 18'') gives true';

CREATE FUNCTION @extschema@.tag_match(tags text, rule @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
	RETURN @extschema@.tag_match(tags::@extschema@.tagset, rule);
COMMENT ON FUNCTION @extschema@.tag_match(tags text, rule @extschema@.tagquery) IS
'the same of the text of a tagset, so that literals need no cast; an index on (tags::tagset) serves it; for example: tag_match(''vip, age=34'', ''vip and age >= 18'') gives true';

-- At a time

CREATE FUNCTION @extschema@.tag_bind(rule @extschema@.tagquery, as_of timestamptz, time_zone text DEFAULT 'UTC')
	RETURNS @extschema@.tagquery
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_tag_bind';
COMMENT ON FUNCTION @extschema@.tag_bind(rule @extschema@.tagquery, as_of timestamptz, time_zone text) IS
'the rule with constants in place of all that asks for the time or an age, for indexes and @@; for example: tag_bind(''last_order before last 30 days'', ''2026-11-11 00:00Z'') gives last_order < 2026-10-12';

CREATE FUNCTION @extschema@.tag_match(tags @extschema@.tagset, rule @extschema@.tagquery, as_of timestamptz, time_zone text DEFAULT 'UTC')
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tag_match_at';
COMMENT ON FUNCTION @extschema@.tag_match(tags @extschema@.tagset, rule @extschema@.tagquery, as_of timestamptz, time_zone text) IS
'does the tagset match the rule at that time? What has expired is not there; for example: tag_match(''last_order=2026-11-01''::tagset, ''last_order within last 30 days'', ''2026-11-11 00:00Z'') gives true';

CREATE FUNCTION @extschema@.tag_match(tags text[], rule @extschema@.tagquery, as_of timestamptz, time_zone text DEFAULT 'UTC')
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 30
	RETURN @extschema@.tag_match(@extschema@.tagset(tags), rule, as_of, time_zone);
COMMENT ON FUNCTION @extschema@.tag_match(tags text[], rule @extschema@.tagquery, as_of timestamptz, time_zone text) IS
'the same of an array of bare tags; for example: tag_match(''{vip}''::text[], ''vip'', ''2026-11-11 00:00Z'') gives true';

CREATE FUNCTION @extschema@.tag_match(tags jsonb, rule @extschema@.tagquery, as_of timestamptz, time_zone text DEFAULT 'UTC')
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 60
	RETURN @extschema@.tag_match(@extschema@.tagset(tags), rule, as_of, time_zone);
COMMENT ON FUNCTION @extschema@.tag_match(tags jsonb, rule @extschema@.tagquery, as_of timestamptz, time_zone text) IS
'the same of a JSON object; for example: tag_match(''{"vip": true}''::jsonb, ''vip'', ''2026-11-11 00:00Z'') gives true';

CREATE FUNCTION @extschema@.tag_match(tags text, rule @extschema@.tagquery, as_of timestamptz, time_zone text DEFAULT 'UTC')
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 60
	RETURN @extschema@.tag_match(tags::@extschema@.tagset, rule, as_of, time_zone);
COMMENT ON FUNCTION @extschema@.tag_match(tags text, rule @extschema@.tagquery, as_of timestamptz, time_zone text) IS
'the same of the text of a tagset; for example: tag_match(''last_order=2026-11-01'', ''last_order within last 30 days'', ''2026-11-11 00:00Z'') gives true';

-- Rules as JSON

CREATE FUNCTION @extschema@.tagquery(rule jsonb)
	RETURNS @extschema@.tagquery
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagquery_from_jsonb';
COMMENT ON FUNCTION @extschema@.tagquery(rule jsonb) IS
'a rule in the JSON of react-querybuilder; for example: tagquery(''{"combinator": "and", "rules": [{"field": "age", "operator": ">=", "value": 18}]}''::jsonb) gives age >= 18';

CREATE FUNCTION @extschema@.tagquery_to_jsonb(rule @extschema@.tagquery)
	RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'portrait_tagquery_to_jsonb';
COMMENT ON FUNCTION @extschema@.tagquery_to_jsonb(rule @extschema@.tagquery) IS
'the JSON of react-querybuilder, read back as the same rule; for example: tagquery_to_jsonb(''age >= 18'') -> ''rules'' -> 0 ->> ''field'' gives age';

CREATE CAST (jsonb AS @extschema@.tagquery) WITH FUNCTION @extschema@.tagquery(jsonb);
COMMENT ON CAST (jsonb AS @extschema@.tagquery) IS
'for example: ''{"rules": [{"field": "vip", "operator": "has"}]}''::jsonb::tagquery';

CREATE CAST (@extschema@.tagquery AS jsonb) WITH FUNCTION @extschema@.tagquery_to_jsonb(@extschema@.tagquery);
COMMENT ON CAST (@extschema@.tagquery AS jsonb) IS
'for example: ''vip and age >= 18''::tagquery::jsonb';
