/*
 * tag: why a rule matches, what it asks about, and what it says of other rules.
 */

CREATE FUNCTION @extschema@.tag_explain(tags @extschema@.tagset, rule @extschema@.tagquery,
		OUT leaf text, OUT actual text, OUT matched boolean, OUT decisive boolean, OUT change boolean)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5
	AS 'MODULE_PATHNAME', 'portrait_tag_explain';
COMMENT ON FUNCTION @extschema@.tag_explain(@extschema@.tagset, @extschema@.tagquery) IS
'why a tagset matches a rule, or not: each leaf, what the tagset has there, whether the leaf is true, whether turning it alone turns the answer, and whether it is in the smallest set of leaves that turn it together, where NULL instead of false says that the search for a smaller set was cut off; for example: SELECT * FROM tag_explain(''vip, age=34'', ''vip and age < 30'')';

CREATE FUNCTION @extschema@.tag_explain(tags @extschema@.tagset, rule @extschema@.tagquery,
		as_of timestamptz, time_zone text DEFAULT 'UTC',
		OUT leaf text, OUT actual text, OUT matched boolean, OUT decisive boolean, OUT change boolean)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5
	AS 'MODULE_PATHNAME', 'portrait_tag_explain_at';
COMMENT ON FUNCTION @extschema@.tag_explain(@extschema@.tagset, @extschema@.tagquery, timestamptz, text) IS
'why a tagset matches a rule at a time, or not, with what has not expired then: rows as those of the other form; for example: SELECT * FROM tag_explain(''seen=2026-08-30'', ''seen within last 7 days'', as_of => ''2026-09-01 10:00Z'', time_zone => ''Asia/Shanghai'')';

CREATE FUNCTION @extschema@.tagquery_leaves(rule @extschema@.tagquery,
		OUT leaf text, OUT negated boolean, OUT name text, OUT kind text)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 5
	AS 'MODULE_PATHNAME', 'portrait_tagquery_leaves';
COMMENT ON FUNCTION @extschema@.tagquery_leaves(@extschema@.tagquery) IS
'what a rule asks, leaf by leaf: the leaf without its negation, the name of the tag, segment or event, and the kind: has, subtree, known, in, not in, range, starts with, ends with, contains, value, weight, set_at, date, time, anniversary, window, age, segment, did; for example: SELECT * FROM tagquery_leaves(''vip and not city in (Paris, Rome)'')';

CREATE FUNCTION @extschema@.tagquery_names(rule @extschema@.tagquery, kind text DEFAULT 'tag')
	RETURNS text[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_tagquery_names';
COMMENT ON FUNCTION @extschema@.tagquery_names(@extschema@.tagquery, text) IS
'the names that a rule asks about, of tags, or of segments or events, sorted; for example: tagquery_names(''vip and segment("at_risk")'', kind => ''segment'')';

CREATE FUNCTION @extschema@.tagquery_implies(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_tagquery_implies';
COMMENT ON FUNCTION @extschema@.tagquery_implies(@extschema@.tagquery, @extschema@.tagquery) IS
'does every tagset that matches a match b? NULL if that could not be found out; for example: tagquery_implies(''age between 20 and 29'', ''age >= 18'') is true';

CREATE FUNCTION @extschema@.tagquery_disjoint(a @extschema@.tagquery, b @extschema@.tagquery)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_tagquery_disjoint';
COMMENT ON FUNCTION @extschema@.tagquery_disjoint(@extschema@.tagquery, @extschema@.tagquery) IS
'can no tagset match both? NULL if that could not be found out; a tag may have several values, so age < 30 and age > 40 can; for example: tagquery_disjoint(''vip'', ''not vip.*'') is true';
