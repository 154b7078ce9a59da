/*
 * Whom a rule matches, by the sets that a generation keeps: tag_segment() asks
 * portrait_leaf() for each leaf, bucket by bucket.
 */

-- As a tagset prints a time, whatever the settings
CREATE FUNCTION @extschema@.portrait_time_text(at timestamptz)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.rtrim(pg_catalog.rtrim(pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z';
COMMENT ON FUNCTION @extschema@.portrait_time_text(at timestamptz) IS
'a time in UTC as tags have it; for example: portrait_time_text(''2026-07-01 08:00+08'') gives 2026-07-01T00:00:00Z';

-- One value of a tag, as a tagset to ask rules of
CREATE FUNCTION @extschema@.portrait_tagset(tag text, value text, value_type text,
	weight double precision DEFAULT NULL, set_at timestamptz DEFAULT NULL)
	RETURNS @extschema@.tagset
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_tagset';
COMMENT ON FUNCTION @extschema@.portrait_tagset(tag text, value text, value_type text, weight double precision, set_at timestamptz) IS
'one value of a tag as a tagset; for example: portrait_tagset(''likes'', ''tea'', ''text'', 0.5) gives likes=tea=>0.5';

CREATE FUNCTION @extschema@.portrait_leaf(leaf @extschema@.tagquery, context text)
	RETURNS @extschema@.segment
	LANGUAGE C STABLE STRICT COST 1000
	AS 'MODULE_PATHNAME', 'portrait_leaf';
COMMENT ON FUNCTION @extschema@.portrait_leaf(leaf @extschema@.tagquery, context text) IS
'whom a leaf of a bound rule matches in one bucket of a generation: the resolver of tag_segment for a portrait; for example: SELECT portrait_leaf(''rfm.segment = at_risk'', ''{"schema": "shop", "generation": 17, "bucket": 0}'')';

-- Whom a rule matches in the current generation, as of its moment
CREATE FUNCTION @extschema@.portrait_evaluate(schema name, rule @extschema@.tagquery, OUT bucket bigint, OUT members @extschema@.segment)
	RETURNS SETOF record
	LANGUAGE C STABLE STRICT COST 10000 ROWS 3
	AS 'MODULE_PATHNAME', 'portrait_evaluate';
COMMENT ON FUNCTION @extschema@.portrait_evaluate(schema name, rule @extschema@.tagquery, OUT bucket bigint, OUT members @extschema@.segment) IS
'whom a rule matches, bucket by bucket (customer >> 20); the rule is one that portrait_rule gave; for example: SELECT sum(segment_count(members)) FROM portrait_evaluate(''shop'', portrait_rule(''shop'', ''rfm.segment = at_risk''))';
