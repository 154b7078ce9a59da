--
-- Thresholds, scores, models, schemes
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\set SHOW_CONTEXT never

-- methods, on numbers that can be followed by hand
SELECT value_breaks_agg(v, 2) AS half, value_breaks_agg(v, 5) AS fifths, value_breaks_agg(v, 5, 'equal_width') AS width,
	value_breaks_agg(v, 2, 'equal_sum') AS sum, value_breaks_agg(v, 2, 'mean') AS mean,
	value_breaks_agg(v, 2, 'median') AS median, value_breaks_agg(v, 3, 'jenks') AS jenks
FROM unnest(ARRAY[1, 2, 3, 4, 20, 21, 22, 90, 91, NULL]) AS v;
-- one customer, all equal, fewer customers than bins, none
SELECT m, value_breaks_agg(7, 4, m) AS one, value_breaks_agg(v, 4, m) AS two
FROM unnest(ARRAY['quantile', 'equal_width', 'equal_sum', 'jenks']) AS m, unnest(ARRAY[1, 3]) AS v GROUP BY m ORDER BY m;
SELECT value_breaks_agg(v, 4) IS NULL AS none FROM generate_series(1, 0) AS v;
SELECT value_breaks_agg(NULL, 4) IS NULL AS none;
SELECT value_breaks_agg(v, 3) FROM (VALUES (-0.0::double precision), (0), (1.7e308), (-1.7e308)) AS x(v);
SELECT value_breaks_agg(v, 3, 'equal_width') FROM (VALUES (1.7e308::double precision), (-1.7e308)) AS x(v);
SELECT value_breaks_agg(v, 2, 'mean') FROM (VALUES (1.7e308::double precision), (1.7e308)) AS x(v);
-- what is refused
SELECT value_breaks_agg('NaN', 5);
SELECT value_breaks_agg('-Infinity', 5);
SELECT value_breaks_agg(1, 1);
SELECT value_breaks_agg(1, 1001);
SELECT value_breaks_agg(1, NULL);
SELECT value_breaks_agg(1, 3, 'ntile');
SELECT value_breaks_agg(1, 3, 'mean');
SELECT value_breaks_agg(v, v + 1) FROM generate_series(1, 2) AS v;
SELECT value_breaks_agg_transition(NULL, 1, 5);
SELECT value_breaks_agg_final('{"columns": 1, "bins": 5, "method": "quantile", "kind": "any", "values": [[1]]}');

-- scores: on a threshold, the other side, the other direction
SELECT v, value_score(v, '{5,10}'), value_score(v, '{5,10}', upper_closed => false) AS lower,
	value_score(v, '{5,10}', high_is_good => false) AS reverse,
	value_score(v, '{5,5}') AS empty_class, value_score(v, '{}') AS all_one
FROM unnest(ARRAY[4.9, 5, 7, 10, 10.1, NULL]) AS v;
SELECT value_score('NaN', '{1}');
SELECT value_score('Infinity', '{1}');
SELECT value_score(1, '{2,1}');
SELECT value_score(1, '{1,NULL}');
SELECT value_score(1, '{{1},{2}}');
SELECT value_score(1, '{1,NaN}');

-- random numbers with ties, some of them negative
CREATE TABLE value_numbers AS
SELECT i, ((hashint8extended(i, 1) & 65535) % 1000 - 50)::integer AS a, ((hashint8extended(i, 2) & 1048575) / 100.0)::double precision AS b,
	((hashint8extended(i, 3) & 1023) % 7)::double precision AS c
FROM generate_series(1, 3000) AS i;
-- quantiles of type 7, by plain SQL
SELECT count(*) AS thresholds, count(*) FILTER (WHERE abs(ours - theirs) <= 1e-9 * abs(theirs)) AS same
FROM (SELECT ours[k] AS ours,
		(SELECT percentile_cont(k::double precision / bins) WITHIN GROUP (ORDER BY b) FROM value_numbers) AS theirs
	  FROM generate_series(2, 9) AS bins, LATERAL (SELECT value_breaks_agg(b, bins) FROM value_numbers) AS x(ours),
		generate_series(1, bins - 1) AS k) AS y;
-- equal values get equal scores, whatever the method; scores are those of positively scaled values
CREATE FUNCTION pg_temp.scores(factor double precision, bins integer, method text) RETURNS SETOF integer
LANGUAGE sql AS $$
	SELECT value_score(v * factor, (SELECT value_breaks_agg(w * factor, bins, method)
		FROM (SELECT a AS w FROM value_numbers UNION ALL SELECT c FROM value_numbers) AS x))
	FROM (SELECT i, a AS v FROM value_numbers UNION ALL SELECT i + 10000, c FROM value_numbers) AS y ORDER BY i
$$;
SELECT method, bins, count(*) AS factors, bool_and(same) AS same
FROM (VALUES ('quantile', 5), ('quantile', 9), ('equal_width', 5), ('equal_width', 7), ('equal_sum', 5), ('mean', 2),
	('median', 2), ('jenks', 5)) AS m(method, bins),
	(VALUES (0.001::double precision), (0.1), (1.0 / 3), (7), (1000), (1e200)) AS f(factor),
	LATERAL (SELECT array_agg(x) = (SELECT array_agg(y) FROM pg_temp.scores(1, bins, method) AS y) AS same
			 FROM pg_temp.scores(factor, bins, method) AS x) AS z
GROUP BY 1, 2 ORDER BY 1, 2;
-- numbers on the line: tenths that no double has
SELECT bool_and(value_score(v * 0.1, ours) = value_score(v, whole)) AS same
FROM generate_series(0, 10) AS v, (SELECT value_breaks_agg(v, 5, 'equal_width') AS whole, value_breaks_agg(v * 0.1::double precision, 5, 'equal_width') AS ours
	FROM generate_series(0, 10) AS v) AS x;
-- natural breaks have the least sum of squares of all partitions
SELECT value_breaks_agg(v, 3, 'jenks') AS ours,
	(SELECT ARRAY[a, b] FROM unnest(ARRAY[1, 2, 4, 7, 8, 9, 15, 16, 30, 31, 33]::double precision[]) AS a, unnest(ARRAY[1, 2, 4, 7, 8, 9, 15, 16, 30, 31, 33]::double precision[]) AS b
	 WHERE a < b AND b < 33 ORDER BY (SELECT sum(s) FROM (SELECT coalesce(var_pop(w) * count(*), 0) AS s
		FROM unnest(ARRAY[1, 2, 4, 7, 8, 9, 15, 16, 30, 31, 33]::double precision[]) AS w GROUP BY w <= a, w <= b) AS q) LIMIT 1) AS best
FROM unnest(ARRAY[1, 2, 4, 7, 8, 9, 15, 16, 30, 31, 33]) AS v;
-- order, partition and workers
SELECT bool_and(value_breaks_agg = (SELECT value_breaks_agg(b, 5, m) FROM value_numbers)) AS same
FROM unnest(ARRAY['quantile', 'equal_width', 'equal_sum', 'jenks']) AS m,
	LATERAL (SELECT value_breaks_agg(b, 5, m ORDER BY hashint8(i)) FROM value_numbers) AS x;
ANALYZE value_numbers;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 1;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
CREATE TEMP TABLE parallel AS SELECT value_breaks_agg(b, 5) AS v, rfm_model_agg(a, b, c, 4) AS m, pareto_agg(b) AS p FROM value_numbers;
EXPLAIN (COSTS OFF) SELECT value_breaks_agg(b, 5), rfm_model_agg(a, b, c), pareto_agg(b) FROM value_numbers;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SET max_parallel_workers_per_gather = 0;
SELECT v = value_breaks_agg(b, 5) AS breaks, m = rfm_model_agg(a, b, c, 4) AS model, p = pareto_agg(b) AS pareto
FROM value_numbers, parallel GROUP BY v, m, p;
RESET max_parallel_workers_per_gather;
-- in windows, a state goes on
SELECT count(*) FILTER (WHERE ours[1] <> theirs) AS wrong
FROM (SELECT value_breaks_agg(a, 2) OVER (ORDER BY i) AS ours, i FROM value_numbers WHERE i <= 100) AS x,
	LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) AS theirs FROM value_numbers AS n WHERE n.i <= x.i) AS y;

-- models
SELECT rfm_model_agg(a, b, c) FROM value_numbers WHERE i <= 50;
SELECT rfm_model_agg(a, b, c, 2, 'mean') FROM value_numbers WHERE i <= 50;
SELECT * FROM rfm_model_classes((SELECT rfm_model_agg(a, b, c, 3) FROM value_numbers));
SELECT rfm_model_agg(a, b, c, 10) FROM value_numbers;
SELECT rfm_model_agg(a, 'NaN', c) FROM value_numbers;
SELECT rfm_model_agg(a, NULL, c) IS NULL AS none FROM value_numbers;
SELECT rfm_model_agg(1, 1, 1, 3), rfm_score(1, 1, 1, rfm_model_agg(1, 1, 1, 3)) FROM generate_series(1, 2);
SELECT rfm_score('NaN', 1, 1, rfm_model('{1}', '{1}', '{1}'));
SELECT rfm_score(1, '-Infinity', 1, rfm_model('{1}', '{1}', '{1}'));
SELECT rfm_score(1, 1, NULL, rfm_model('{1}', '{1}', '{1}'));
SELECT rfm_model('{1,2}', '{1}', '{1}');
SELECT rfm_model('{2,1}', '{1,2}', '{1,2}');
SELECT rfm_model('{}', '{}', '{}');
SELECT rfm_model('{1,2,3,4,5,6,7,8,9}', '{1,2,3,4,5,6,7,8,9}', '{1,2,3,4,5,6,7,8,9}');

-- a score is that of each measure; the window form gives the same numbers, by partition
SELECT count(*) AS rows, count(*) FILTER (WHERE score = 100 * value_score(a, ba, false) + 10 * value_score(b, bb) + value_score(c, bc)) AS by_hand,
	count(*) FILTER (WHERE score = window_score) AS by_window
FROM (SELECT v.*, rfm_score(a, b, c, m.model) AS score, ba, bb, bc, rfm_score(a, b, c) OVER () AS window_score
	  FROM value_numbers AS v, (SELECT rfm_model_agg(a, b, c) AS model, value_breaks_agg(a, 5) AS ba, value_breaks_agg(b, 5) AS bb,
		value_breaks_agg(c, 5) AS bc FROM value_numbers) AS m) AS x;
SELECT g, count(*) AS rows, count(*) FILTER (WHERE w = rfm_score(a, b, c, model)) AS same
FROM (SELECT i % 4 AS g, a, b, c, rfm_score(a, b, c, 3) OVER (PARTITION BY i % 4) AS w FROM value_numbers) AS x
JOIN (SELECT i % 4 AS g, rfm_model_agg(a, b, c, 3) AS model FROM value_numbers GROUP BY 1) AS m USING (g)
GROUP BY g ORDER BY g;
SELECT a, rfm_score(a, b, c) OVER () FROM (VALUES (1, 1, 1), (2, 2, 2), (NULL, 3, 3), (4, NULL, 4), (5, 5, 5)) AS v(a, b, c);
SELECT rfm_score(a, a, a) OVER () FROM (VALUES (NULL::double precision)) AS v(a);
SELECT rfm_score(a, a, a) OVER () FROM (VALUES (1), ('NaN'::double precision)) AS v(a);
SELECT rfm_score(1, 1, 1, 10) OVER ();
SELECT rfm_score(1, 1, 1, i + 1) OVER () FROM generate_series(1, 2) AS i;
SELECT rfm_score(1, 1, 1);
-- with a frame and an order, which do not matter
SELECT count(*) FILTER (WHERE x <> y) AS wrong
FROM (SELECT rfm_score(a, b, c) OVER () AS x, rfm_score(a, b, c) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS y FROM value_numbers) AS z;

-- the short form: summaries
CREATE TEMP TABLE summaries AS
SELECT i % 400 AS customer, rfm_agg(date '2026-01-01' + a, b::numeric(12,2)) AS s, rfm_agg(date '2026-01-01' + a, b) AS d
FROM value_numbers GROUP BY 1;
INSERT INTO summaries SELECT -1, rfm_agg(date '2026-01-01', -5.0), rfm_agg(date '2026-01-01', -5.0::double precision);
SELECT count(*) AS customers, count(score) AS scored, count(*) FILTER (WHERE score = long_form) AS same, count(*) FILTER (WHERE score = of_double) AS double
FROM (SELECT rfm_score(s, '2029-01-01', model) AS score, rfm_score(d, '2029-01-01', model) AS of_double,
		rfm_score(rfm_recency(s, '2029-01-01'), rfm_orders(s), rfm_amount(s), long_model) AS long_form
	  FROM summaries, (SELECT rfm_model_agg(s, '2029-01-01') AS model,
		rfm_model_agg(rfm_recency(s, '2029-01-01'), rfm_orders(s), rfm_amount(s)) AS long_model FROM summaries) AS m) AS x;
SELECT rfm_model_agg(s, '2029-01-01') = rfm_model_agg(d, '2029-01-01') AS kinds,
	rfm_model_agg(s, '2029-01-01') = rfm_model_agg(rfm_recency(s, '2029-01-01'), rfm_orders(s), rfm_amount(s)) AS same FROM summaries;
-- amounts are of one kind in a model too
SELECT rfm_model_agg(x, '2029-01-01') FROM (SELECT s FROM summaries UNION ALL SELECT d FROM summaries) AS q(x);
SELECT rfm_model_agg(s, '2026-06-01', 3, 'jenks') FROM summaries WHERE customer = 0;
-- thresholds of last month, applied today: a customer who did nothing moves by recency alone
SELECT count(*) AS customers, count(*) FILTER (WHERE now % 100 <> before % 100) AS moved, count(*) FILTER (WHERE now / 100 > before / 100) AS more_recent
FROM (SELECT rfm_score(s, '2029-01-01', model) AS before, rfm_score(s, '2029-02-01', model) AS now
	  FROM summaries, (SELECT rfm_model_agg(s, '2029-01-01') AS model FROM summaries) AS m) AS x WHERE before IS NOT NULL;

-- R's rfm: quantiles plus 1, classes closed below.  Dividing money by 1,000 changes
-- its scores, and not ours.
SELECT count(*) FILTER (WHERE r <> r_small) AS r_changes, count(*) FILTER (WHERE ours <> ours_small) AS ours_changes
FROM (SELECT value_score(b, (SELECT array_agg(t + 1 ORDER BY t) FROM unnest(big) AS t), upper_closed => false) AS r,
		value_score(b / 1000, (SELECT array_agg(t + 1 ORDER BY t) FROM unnest(small) AS t), upper_closed => false) AS r_small,
		value_score(b, big) AS ours, value_score(b / 1000, small) AS ours_small
	  FROM value_numbers, (SELECT value_breaks_agg(b, 5) AS big, value_breaks_agg(b / 1000, 5) AS small FROM value_numbers) AS x) AS y;
-- as a CASE over lower and upper bounds, which is how R has it
SELECT count(*) AS rows, count(*) FILTER (WHERE ours = CASE WHEN b < t[1] + 1 THEN 1 WHEN b < t[2] + 1 THEN 2 WHEN b < t[3] + 1 THEN 3
	WHEN b < t[4] + 1 THEN 4 ELSE 5 END) AS same
FROM (SELECT b, t, value_score(b, (SELECT array_agg(x + 1 ORDER BY x) FROM unnest(t) AS x), upper_closed => false) AS ours
	  FROM value_numbers, (SELECT value_breaks_agg(b, 5) FROM value_numbers) AS q(t)) AS z;

-- schemes: total and disjoint for 2 to 9 bins, over every score
CREATE TEMP TABLE scores AS
SELECT bins, 100 * r + 10 * f + m AS score, r, f, m, ceil(5.0 * r / bins)::integer AS x, ceil(5.0 * (f + m) / (2 * bins))::integer AS y
FROM generate_series(2, 9) AS bins, generate_series(1, bins) AS r, generate_series(1, bins) AS f, generate_series(1, bins) AS m;
SELECT scheme, count(*) AS scores, count(*) FILTER (WHERE rules = 1) AS one_rule, count(*) FILTER (WHERE segment = code) AS same
FROM (SELECT scheme, s.bins, score, count(*) AS rules, min(code) AS code, min(rfm_segment(score, scheme, bins => s.bins)) AS segment
	  FROM unnest(ARRAY['putler', 'rfm8', 'shopify']) AS scheme, scores AS s, LATERAL rfm_scheme(scheme, s.bins) AS rule
	  WHERE (rule.x IS NULL OR s.x <@ rule.x) AND (rule.y IS NULL OR s.y <@ rule.y) AND (rule.r IS NULL OR s.r <@ rule.r)
		AND (rule.f IS NULL OR s.f <@ rule.f) AND (rule.m IS NULL OR s.m <@ rule.m)
		AND NOT (rule.x IS NULL AND rule.r IS NULL)
	  GROUP BY 1, 2, 3) AS z GROUP BY scheme ORDER BY scheme;
-- the rules as the field tells them
SELECT count(*) AS scores, count(*) FILTER (WHERE rfm_segment(score, bins => bins) = CASE
	WHEN x = 5 THEN CASE WHEN y >= 4 THEN 'champions' WHEN y >= 2 THEN 'potential_loyalist' ELSE 'new_customers' END
	WHEN x = 4 THEN CASE WHEN y >= 4 THEN 'loyal_customers' WHEN y >= 2 THEN 'potential_loyalist' ELSE 'promising' END
	WHEN x = 3 THEN CASE WHEN y >= 4 THEN 'loyal_customers' WHEN y = 3 THEN 'need_attention' ELSE 'about_to_sleep' END
	WHEN y = 5 THEN 'cant_lose_them' WHEN y >= 3 THEN 'at_risk' WHEN x = 1 AND y = 1 THEN 'lost' ELSE 'hibernating' END) AS same
FROM scores;
SELECT score, rfm_segment(score, 'rfm8', bins => 2) AS code, rfm_segment(score, 'rfm8', 'zh', 2) AS zh, rfm_segment(score, 'rfm8', 'en', 2) AS en
FROM scores WHERE bins = 2 ORDER BY score DESC;
SELECT DISTINCT ON (en) rfm_segment(score, lang => 'en') AS en, rfm_segment(score) AS code, rfm_segment(score, lang => 'zh') AS zh
FROM scores WHERE bins = 5 ORDER BY en;
SELECT * FROM rfm_scheme('shopify');
SELECT rfm_segment(0, 'shopify');
SELECT rfm_segment(NULL);
SELECT rfm_segment(0);
SELECT rfm_segment(56);
SELECT rfm_segment(561);
SELECT rfm_segment(601);
SELECT rfm_segment(1111);
SELECT rfm_segment(-111);
SELECT rfm_segment(111, bins => 10);
SELECT rfm_segment(111, 'kmeans');
SELECT rfm_segment(111, lang => 'fr');
SELECT count(*) FROM rfm_scheme('putler', 1);

-- users' own rules: complete, disjoint, or an error with an example
SELECT bins, count(*) AS scores, count(*) FILTER (WHERE rfm_rules_segment(rules, score) = name) AS same
FROM (SELECT bins, score, rules, (SELECT name FROM rfm_scheme(rules) WHERE r @> s.r AND f @> s.f AND m @> s.m) AS name
	  FROM scores AS s JOIN (SELECT b AS bins, rfm_rules(ARRAY['recent and rich', 'recent', 'gone'],
			ARRAY[int4range(2, NULL), int4range(2, NULL), int4range(NULL, 2)],
			ARRAY[NULL, NULL, NULL]::int4range[], ARRAY[int4range(2, NULL), int4range(1, 2), NULL], b) AS rules
		FROM generate_series(2, 9) AS b) AS q USING (bins)) AS z GROUP BY bins ORDER BY bins;
SELECT * FROM rfm_scheme(rfm_rules('{b,a}', '{"[2,3]","[1,1]"}', '{NULL,NULL}', '{NULL,NULL}', 3));
SELECT rfm_rules('{a,b}', '{"[1,2]","[4,5]"}', '{NULL,NULL}', '{NULL,NULL}');
SELECT rfm_rules('{a,b}', '{"[1,5]","[5,5]"}', '{NULL,"[2,3]"}', '{NULL,"[4,4]"}');
SELECT rfm_rules('{a}', '{"[1,6]"}', '{NULL}', '{NULL}');
SELECT rfm_rules('{a}', '{"[0,5]"}', '{NULL}', '{NULL}');
SELECT rfm_rules('{a}', '{"empty"}', '{NULL}', '{NULL}');
SELECT rfm_rules('{a}', '{NULL,NULL}', '{NULL}', '{NULL}');
SELECT rfm_rules('{NULL}', '{NULL}', '{NULL}', '{NULL}');
SELECT rfm_rules('{""}', '{NULL}', '{NULL}', '{NULL}');
SELECT rfm_rules(ARRAY[repeat('x', 256)], '{NULL}', '{NULL}', '{NULL}');
SELECT rfm_rules('{a}', '{NULL}', '{NULL}', '{NULL}', 10);
SELECT rfm_rules('{}', '{}', '{}', '{}');
SELECT rfm_rules_segment(rfm_rules('{a}', '{NULL}', '{NULL}', '{NULL}', 3), 411);

DROP TABLE value_numbers;
