-- Rules over tags: a million customers, 26 tags each, against whatever else
-- PostgreSQL has for that; a million stored rules; rules over segments.
-- data: tag

-- setup
CREATE FUNCTION bench.tag_without_index(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
	EXECUTE query INTO result;
	PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_bitmapscan', 'on', true);
	RETURN result;
END
$$;

-- How many rules an index looks at, on average, as a share of what it may: twice
-- those that match, and 500
CREATE FUNCTION bench.tag_candidates() RETURNS double precision LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
	asking tagset;
	plan json;
	looked_at double precision := 0;
	allowed double precision := 0;
BEGIN
	FOR asking IN SELECT tags FROM tag_asking WHERE n <= 20 LOOP
		EXECUTE format('EXPLAIN (ANALYZE, TIMING off, FORMAT json) SELECT id FROM tag_rules WHERE rule @@ %L::tagset',
			asking) INTO plan;
		plan := plan -> 0 -> 'Plan';
		IF plan ->> 'Node Type' <> 'Bitmap Heap Scan' THEN
			RAISE EXCEPTION 'no bitmap scan: %', plan;
		END IF;
		looked_at := looked_at + (plan ->> 'Actual Rows')::double precision
			+ coalesce((plan ->> 'Rows Removed by Index Recheck')::double precision, 0);
		allowed := allowed + 2 * (plan ->> 'Actual Rows')::double precision + 500;
	END LOOP;
	RETURN looked_at / allowed;
END
$$;

-- Building the indexes is measured as they are built, each once
CREATE TABLE tag_built (side text, ms double precision, bytes bigint);
CREATE FUNCTION bench.tag_build(side text, class text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	ms double precision;
BEGIN
	ms := bench.milliseconds(format('CREATE INDEX tag_%1$s_tags ON tag_%1$s USING gin (tags %2$s)', side, class));
	INSERT INTO tag_built VALUES (side, ms, pg_relation_size(format('tag_%s_tags', side)));
END
$$;
SELECT bench.tag_build('portrait', '');
SELECT bench.tag_build('array', 'pg_catalog.array_ops');
SELECT bench.tag_build('tsvector', '');
SELECT bench.tag_build('jsonb', 'jsonb_path_ops');
CREATE INDEX tag_full_tags ON tag_full USING gin (tags);
-- side: intarray
CREATE TABLE tag_intarray AS SELECT id, tags FROM tag_array ORDER BY id;
SELECT bench.tag_build('intarray', 'gin__int_ops');
CREATE TABLE tag_rules_intarray AS
	SELECT id, replace(rule, '#', '')::query_int AS rule FROM tag_rule_texts ORDER BY id;
VACUUM ANALYZE tag_intarray;
VACUUM ANALYZE tag_rules_intarray;
-- side: jsquery
CREATE TABLE tag_jsquery AS SELECT id, tags FROM tag_jsonb ORDER BY id;
CREATE INDEX tag_jsquery_tags ON tag_jsquery USING gin (tags jsonb_path_value_ops);
VACUUM ANALYZE tag_jsquery;

-- bench: rare and rare
-- bar: best 1.0
-- side: portrait
SELECT count(*) FROM tag_portrait WHERE tags @@ 't1500 & t1501';
-- side: intarray
SELECT count(*) FROM tag_intarray WHERE tags @@ '1500 & 1501'::query_int;
-- side: array_ops
SELECT count(*) FROM tag_array WHERE tags OPERATOR(pg_catalog.@>) '{1500,1501}';
-- side: tsvector
SELECT count(*) FROM tag_tsvector WHERE tags @@ 't1500 & t1501'::tsquery;
-- side: jsonb_path_ops
SELECT count(*) FROM tag_jsonb WHERE tags @> '{"tags": [1500, 1501]}';

-- bench: rare and common
-- bar: best 1.0
-- side: portrait
SELECT count(*) FROM tag_portrait WHERE tags @@ 't1500 & t1';
-- side: intarray
SELECT count(*) FROM tag_intarray WHERE tags @@ '1500 & 1'::query_int;
-- side: array_ops
SELECT count(*) FROM tag_array WHERE tags OPERATOR(pg_catalog.@>) '{1500,1}';
-- side: tsvector
SELECT count(*) FROM tag_tsvector WHERE tags @@ 't1500 & t1'::tsquery;
-- side: jsonb_path_ops
SELECT count(*) FROM tag_jsonb WHERE tags @> '{"tags": [1500, 1]}';

-- bench: rare and not common
-- bar: best 1.0
-- side: portrait
SELECT count(*) FROM tag_portrait WHERE tags @@ 't1500 & !t1';
-- side: intarray
SELECT count(*) FROM tag_intarray WHERE tags @@ '1500 & !1'::query_int;
-- side: array_ops
SELECT count(*) FROM tag_array
WHERE tags OPERATOR(pg_catalog.@>) '{1500}' AND NOT tags OPERATOR(pg_catalog.@>) '{1}';
-- side: tsvector
SELECT count(*) FROM tag_tsvector WHERE tags @@ 't1500 & !t1'::tsquery;
-- side: jsonb_path_ops
SELECT count(*) FROM tag_jsonb WHERE tags @> '{"tags": [1500]}' AND NOT tags @> '{"tags": [1]}';

-- bench: any of 6 and none of 3
-- bar: best 1.0
-- side: portrait
SELECT count(*) FROM tag_portrait
WHERE tags @@ '(t1500 | t1510 | t1520 | t1530 | t1540 | t1550) & !(t1 | t2 | t3)';
-- side: intarray
SELECT count(*) FROM tag_intarray
WHERE tags @@ '(1500 | 1510 | 1520 | 1530 | 1540 | 1550) & !(1 | 2 | 3)'::query_int;
-- side: array_ops
SELECT count(*) FROM tag_array
WHERE tags OPERATOR(pg_catalog.&&) '{1500,1510,1520,1530,1540,1550}'
	AND NOT tags OPERATOR(pg_catalog.&&) '{1,2,3}';
-- side: tsvector
SELECT count(*) FROM tag_tsvector
WHERE tags @@ '(t1500 | t1510 | t1520 | t1530 | t1540 | t1550) & !(t1 | t2 | t3)'::tsquery;
-- side: jsonb_path_ops
SELECT count(*) FROM tag_jsonb
WHERE (tags @> '{"tags": [1500]}' OR tags @> '{"tags": [1510]}' OR tags @> '{"tags": [1520]}'
		OR tags @> '{"tags": [1530]}' OR tags @> '{"tags": [1540]}' OR tags @> '{"tags": [1550]}')
	AND NOT (tags @> '{"tags": [1]}' OR tags @> '{"tags": [2]}' OR tags @> '{"tags": [3]}');

-- bench: all of 8
-- bar: array_ops 1.0
-- bar: intarray 0.15
-- side: portrait
SELECT count(*) FROM tag_portrait WHERE tags @@ 't1 & t2 & t3 & t4 & t5 & t6 & t7 & t300';
-- side: intarray
SELECT count(*) FROM tag_intarray WHERE tags @@ '1 & 2 & 3 & 4 & 5 & 6 & 7 & 300'::query_int;
-- side: array_ops
SELECT count(*) FROM tag_array WHERE tags OPERATOR(pg_catalog.@>) '{1,2,3,4,5,6,7,300}';
-- side: tsvector
SELECT count(*) FROM tag_tsvector WHERE tags @@ 't1 & t2 & t3 & t4 & t5 & t6 & t7 & t300'::tsquery;
-- side: jsonb_path_ops
SELECT count(*) FROM tag_jsonb WHERE tags @> '{"tags": [1, 2, 3, 4, 5, 6, 7, 300]}';

-- bench: a value and a range
-- bar: jsquery 0.7
-- side: portrait
SELECT count(*) FROM tag_full WHERE tags @@ 'city = 5 & age between 20 and 30';
-- side: jsquery
SELECT count(*) FROM tag_jsquery WHERE tags @@ 'city = 5 AND age($ >= 20 AND $ <= 30)'::jsquery;

-- bench: without index: any of 6 and none of 3
-- bar: best 0.8
-- side: portrait
SELECT bench.tag_without_index($$SELECT count(*) FROM tag_portrait
WHERE tags @@ '(t1500 | t1510 | t1520 | t1530 | t1540 | t1550) & !(t1 | t2 | t3)'$$);
-- side: intarray
SELECT bench.tag_without_index($$SELECT count(*) FROM tag_intarray
WHERE tags @@ '(1500 | 1510 | 1520 | 1530 | 1540 | 1550) & !(1 | 2 | 3)'::query_int$$);
-- side: tsvector
SELECT bench.tag_without_index($$SELECT count(*) FROM tag_tsvector
WHERE tags @@ '(t1500 | t1510 | t1520 | t1530 | t1540 | t1550) & !(t1 | t2 | t3)'::tsquery$$);

-- bench: without index: common and not rare
-- bar: best 0.8
-- side: portrait
SELECT bench.tag_without_index($$SELECT count(*) FROM tag_portrait WHERE tags @@ 't1 & !t1500'$$);
-- side: intarray
SELECT bench.tag_without_index($$SELECT count(*) FROM tag_intarray WHERE tags @@ '1 & !1500'::query_int$$);
-- side: tsvector
SELECT bench.tag_without_index($$SELECT count(*) FROM tag_tsvector WHERE tags @@ 't1 & !t1500'::tsquery$$);

-- figure: ms to build the index, bare tags
-- bar: intarray 1.5
-- side: portrait
SELECT ms FROM tag_built WHERE side = 'portrait';
-- side: intarray
SELECT ms FROM tag_built WHERE side = 'intarray';
-- side: array_ops
SELECT ms FROM tag_built WHERE side = 'array';
-- side: tsvector
SELECT ms FROM tag_built WHERE side = 'tsvector';
-- side: jsonb_path_ops
SELECT ms FROM tag_built WHERE side = 'jsonb';

-- figure: MB of the index, bare tags
-- bar: intarray 1.5
-- side: portrait
SELECT bytes / 1048576.0 FROM tag_built WHERE side = 'portrait';
-- side: intarray
SELECT bytes / 1048576.0 FROM tag_built WHERE side = 'intarray';
-- side: array_ops
SELECT bytes / 1048576.0 FROM tag_built WHERE side = 'array';
-- side: tsvector
SELECT bytes / 1048576.0 FROM tag_built WHERE side = 'tsvector';
-- side: jsonb_path_ops
SELECT bytes / 1048576.0 FROM tag_built WHERE side = 'jsonb';

-- Which of a million rules match?  The peer has no index for that.

-- setup
DO $$
BEGIN
	EXECUTE 'CREATE INDEX tag_rules_default ON tag_rules USING gin (rule)';
	EXECUTE format('CREATE INDEX tag_rules_common ON tag_rules USING gin (rule tagquery_ops (common = %L))',
		tagquery_common('tag_rules', 'rule'));
	DROP INDEX tag_rules_default;
END
$$;
CREATE TABLE tag_sets AS
	SELECT count(*) AS n, tagquery_set_agg(id, rule) AS rules FROM tag_rules
	UNION ALL SELECT count(*), tagquery_set_agg(id, rule) FROM tag_rules WHERE id <= 10000;
VACUUM ANALYZE tag_rules;
VACUUM ANALYZE tag_sets;

-- bench: rules of 4 customers by index
-- bar: intarray 0.03
-- side: portrait
SELECT count(*) FROM tag_asking, tag_rules WHERE rule @@ tags AND n <= 4;
-- side: intarray
SELECT count(*) FROM tag_asking AS a, tag_rules_intarray WHERE a.numbers @@ rule AND n <= 4;

-- figure: candidates looked at, of 2 x matches + 500
-- bar: 1
-- side: portrait
SELECT bench.tag_candidates();

-- bench: rules of 4 customers by a compiled set
-- side: portrait
SELECT count(*) FROM tag_sets AS s, tag_asking AS a, tag_percolate(s.rules, a.tags)
WHERE s.n = 1000000 AND a.n <= 4;
-- side: intarray
SELECT count(*) FROM tag_asking AS a, tag_rules_intarray WHERE a.numbers @@ rule AND n <= 4;

-- figure: ms a customer, compiled set, 1,000 in one statement
-- bar: intarray 0.002
-- side: portrait
SELECT bench.milliseconds('SELECT count(*) FROM (SELECT tag_percolate(s.rules, a.tags) FROM tag_sets AS s, tag_asking AS a WHERE s.n = 1000000) AS p') / 1000;
-- side: intarray
SELECT bench.milliseconds('SELECT count(*) FROM tag_asking AS a, tag_rules_intarray WHERE a.numbers @@ rule AND n <= 4') / 4;

-- figure: MB of a million compiled rules
-- side: portrait
SELECT pg_column_size(rules) / 1048576.0 FROM tag_sets WHERE n = 1000000;
-- side: intarray
SELECT pg_relation_size('tag_rules_intarray') / 1048576.0;

-- bench: 200 customers against 10,000 rules
-- side: portrait
SELECT count(*) FROM tag_sets AS s, tag_portrait AS c, tag_percolate(s.rules, c.tags)
WHERE s.n = 10000 AND c.id <= 200;
-- side: intarray
SELECT count(*) FROM tag_array AS c, tag_rules_intarray AS r WHERE c.tags @@ r.rule AND r.id <= 10000 AND c.id <= 200;
-- side: nested
SELECT count(*) FROM tag_portrait AS c, tag_rules AS r WHERE c.tags @@ r.rule AND r.id <= 10000 AND c.id <= 200;

-- figure: us a customer, 100,000 against 10,000 rules (theirs 500)
-- bar: best 0.01
-- side: portrait
SELECT bench.milliseconds('SELECT count(*) FROM (SELECT tag_percolate(s.rules, c.tags) FROM tag_sets AS s, tag_portrait AS c WHERE s.n = 10000 AND c.id <= 100000) AS p') / 100;
-- side: intarray
SELECT bench.milliseconds('SELECT count(*) FROM tag_array AS c, tag_rules_intarray AS r WHERE c.tags @@ r.rule AND r.id <= 10000 AND c.id <= 500') * 2;
-- side: nested
SELECT bench.milliseconds('SELECT bench.tag_without_index($q$SELECT count(*) FROM tag_portrait AS c, tag_rules AS r WHERE c.tags @@ r.rule AND r.id <= 10000 AND c.id <= 500$q$)') * 2;

-- How many customers, by stored segments

-- setup
CREATE TABLE tag_members AS
	SELECT 't' || tag AS name, segment_agg(id) AS members FROM tag_array, unnest(tags) AS tag GROUP BY tag;
ALTER TABLE tag_members ADD PRIMARY KEY (name);
CREATE TABLE tag_everybody AS SELECT segment_agg(id) AS everybody FROM tag_array;
VACUUM ANALYZE tag_members;
VACUUM ANALYZE tag_everybody;
CREATE FUNCTION bench.tag_resolver(leaf tagquery) RETURNS segment STABLE LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT members FROM tag_members WHERE name = leaf::text);
END
$$;

-- bench: count by segments: common and common
-- bar: best 0.01
-- side: portrait
SELECT segment_count(tag_segment('t1 & t2', everybody, 'bench.tag_resolver(tagquery)')) FROM tag_everybody;
-- side: intarray
SELECT count(*) FROM tag_intarray WHERE tags @@ '1 & 2'::query_int;
-- side: array_ops
SELECT count(*) FROM tag_array WHERE tags OPERATOR(pg_catalog.@>) '{1,2}';
-- side: tsvector
SELECT count(*) FROM tag_tsvector WHERE tags @@ 't1 & t2'::tsquery;

-- bench: count by segments: not common
-- bar: best 0.01
-- side: portrait
SELECT segment_count(tag_segment('!t1', everybody, 'bench.tag_resolver(tagquery)')) FROM tag_everybody;
-- side: intarray
SELECT count(*) FROM tag_intarray WHERE tags @@ '!1'::query_int;
-- side: tsvector
SELECT count(*) FROM tag_tsvector WHERE tags @@ '!t1'::tsquery;
