--
-- Pareto, the life cycle, price sensitivity, indexes and levels
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\set SHOW_CONTEXT never

-- pareto: by hand
SELECT pareto_count(p), pareto_total(p), pareto_share(p), pareto_share(p, 0), pareto_share(p, 1), pareto_share(p, 0.5),
	pareto_vital_few(p), pareto_vital_few(p, 0), pareto_vital_few(p, 1), pareto_gini(p)
FROM (SELECT pareto_agg(v) FROM unnest(ARRAY[1, 2, 3, 4, 90, NULL]::numeric[]) AS v) AS x(p);
-- none, one, equal ones, zero, negative ones
SELECT pareto_agg(v) IS NULL AS none FROM unnest(ARRAY[NULL]::numeric[]) AS v;
SELECT n, v, pareto_share(p), pareto_vital_few(p), pareto_gini(p), pareto_total(p)
FROM (SELECT n, v, pareto_agg(v) AS p FROM (VALUES (1, 5::numeric), (10, 5), (10, 0), (10, -5)) AS x(n, v), generate_series(1, n) GROUP BY 1, 2) AS y ORDER BY v, n;
SELECT pareto_share(p, 0.5), pareto_vital_few(p), pareto_gini(p) FROM (SELECT pareto_agg(v) FROM unnest(ARRAY[10, 5, -3]::numeric[]) AS v) AS x(p);
-- 7 % of 100 are 7, though 0.07 * 100 is above that
SELECT pareto_share(pareto_agg(i), 0.07) * 5050 AS best_seven FROM generate_series(1, 100) AS i;
SELECT customers, round(value::numeric, 4) AS value FROM pareto_lorenz((SELECT pareto_agg(i) FROM generate_series(1, 10) AS i), 4);
SELECT * FROM pareto_lorenz('{"values": [[0, 3]]}', 4);
SELECT count(*) FROM pareto_lorenz('{"values": [1]}', 100001);
SELECT pareto_share('{"values": [1]}', 1.5);
SELECT pareto_vital_few('{"values": [1]}', 'NaN');
SELECT pareto_agg('NaN'::double precision);
SELECT pareto_agg('Infinity'::numeric);
SELECT pareto_total(pareto_agg(1e308)) FROM generate_series(1, 10);
SELECT pareto_share(pareto_agg(v)) FROM unnest(ARRAY[1e308, 1e308, 1e307]::double precision[]) AS v;
SELECT pareto_gini(pareto_agg(v)), pareto_share(pareto_agg(v), 0.3) FROM unnest(ARRAY[5e-324, 5e-324, 1e-323]::double precision[]) AS v;

-- against plain SQL on random values with ties
CREATE TABLE value_revenue AS
SELECT i, i % 5 AS country, ((hashint8extended(i, 1) & 1048575)::numeric ^ 3 / 1e15)::numeric(12,2) AS revenue FROM generate_series(1, 4000) AS i;
SELECT top, round(pareto_share(p, top)::numeric, 12) = round(theirs, 12) AS same
FROM (SELECT pareto_agg(revenue) AS p FROM value_revenue) AS x, (VALUES (0.01), (0.2), (0.5), (0.999)) AS t(top),
	LATERAL (SELECT sum(revenue) FILTER (WHERE rank <= ceil(top * 4000)) / sum(revenue) AS theirs
			 FROM (SELECT revenue, row_number() OVER (ORDER BY revenue DESC) AS rank FROM value_revenue) AS y) AS z;
SELECT share, pareto_vital_few(p, share) = theirs AS same
FROM (SELECT pareto_agg(revenue) AS p FROM value_revenue) AS x, (VALUES (0.01), (0.5), (0.8), (0.99)) AS t(share),
	LATERAL (SELECT 1 + count(*) AS theirs
			 FROM (SELECT sum(revenue) OVER (ORDER BY revenue DESC, i) AS cumulated, sum(revenue) OVER () AS total FROM value_revenue) AS y
			 WHERE cumulated < share * total) AS z;
SELECT abs(pareto_gini(pareto_agg(revenue)) - (SELECT sum((2 * rank - 4001) * revenue) / (4000 * sum(revenue))
	FROM (SELECT revenue, row_number() OVER (ORDER BY revenue) AS rank FROM value_revenue) AS x)::double precision) < 1e-12 AS same
FROM value_revenue;
-- scale, order, parts
SELECT pareto_share(pareto_agg(revenue)) = pareto_share(pareto_agg(revenue * 1024)) AS scale,
	pareto_agg(revenue ORDER BY i) = pareto_agg(revenue ORDER BY hashint8(i)) AS ordered,
	pareto_agg(revenue) = pareto_agg(revenue::double precision) AS double FROM value_revenue;
SELECT pareto_union_agg(p) = (SELECT pareto_agg(revenue) FROM value_revenue) AS same
FROM (SELECT pareto_agg(revenue) AS p FROM value_revenue GROUP BY country UNION ALL SELECT NULL) AS x;

-- classes by cumulated share
SELECT v, pareto_class(v) OVER () AS class, pareto_class(v, 0.5, 0.9) OVER () AS other
FROM unnest(ARRAY[80, 15, 5, 0, -20, NULL]) AS v;
SELECT v, pareto_class(v) OVER () FROM unnest(ARRAY[40, 40, 40, 40, 40]) AS v LIMIT 1;
SELECT v, pareto_class(v) OVER () FROM unnest(ARRAY[0, -1]) AS v;
SELECT count(*) AS rows, count(*) FILTER (WHERE class = CASE WHEN revenue <= 0 THEN 'C' WHEN before < 0.8 * total THEN 'A' WHEN before < 0.95 * total THEN 'B' ELSE 'C' END) AS same
FROM (SELECT country, revenue, pareto_class(revenue) OVER (PARTITION BY country) AS class, sum(revenue) OVER (PARTITION BY country) AS total,
		coalesce(sum(revenue) OVER (PARTITION BY country ORDER BY revenue DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP), 0) AS before
	  FROM value_revenue) AS x;
SELECT pareto_class(v, 0.9, 0.8) OVER () FROM unnest(ARRAY[1]) AS v;
SELECT pareto_class(v, 0, 0.8) OVER () FROM unnest(ARRAY[1]) AS v;
SELECT pareto_class(v, NULL, 0.8) OVER () FROM unnest(ARRAY[1]) AS v;
SELECT pareto_class(v, v / 10.0, 1) OVER () FROM unnest(ARRAY[1, 2]) AS v;
SELECT pareto_class('Infinity') OVER ();

-- the life cycle: stages at their edges.  Two gaps of 20 days, the population's
-- gap is 30: (40 + 2 * 30) / (2 + 2) = 25 days
CREATE TEMP TABLE lives (name text, s rfm_summary);
INSERT INTO lives SELECT 'regular', rfm_agg(d, 1) FROM unnest('{2026-01-01,2026-01-21,2026-02-10}'::date[]) AS d;
INSERT INTO lives SELECT 'once', rfm_agg(date '2026-01-01', 1);
INSERT INTO lives SELECT 'refunds', rfm_agg(date '2026-01-01', -1);
-- before the last purchase: one gap of 20, shrunk to 80 / 3; the last gap is 161 days, above 6 * 80 / 3 = 160
INSERT INTO lives SELECT 'back', rfm_agg(d, 1) FROM unnest('{2026-01-01,2026-01-21,2026-07-01}'::date[]) AS d;
INSERT INTO lives SELECT 'not quite back', rfm_agg(d, 1) FROM unnest('{2026-01-01,2026-01-21,2026-06-30}'::date[]) AS d;
SELECT name, as_of, lifecycle_stage(s, as_of, 30), lifecycle_stage(s, as_of, 30, lang => 'zh') AS zh
FROM lives, (VALUES ('regular', date '2026-02-11'), ('regular', '2026-03-19'), ('regular', '2026-03-20'), ('regular', '2026-04-26'),
	('regular', '2026-04-27'), ('regular', '2026-07-10'), ('regular', '2026-07-11'), ('once', '2026-01-02'), ('once', '2026-01-31'),
	('once', '2026-02-01'), ('once', '2026-02-16'), ('once', '2026-12-01'), ('refunds', '2026-02-01'), ('back', '2026-07-02'), ('back', '2026-09-01'),
	('back', '2027-01-01'), ('not quite back', '2026-07-02')) AS t(who, as_of) WHERE name = who ORDER BY name, as_of;
SELECT lifecycle_stage(s, '2026-03-01', 30, new_days => 59) AS new, lifecycle_stage(s, '2026-03-01', 30, active => 0.5) AS at_risk,
	lifecycle_stage(s, '2026-03-01', 30, active => 0.1, at_risk => 0.2) AS dormant,
	lifecycle_stage(s, '2026-03-01', 30, active => 0.1, at_risk => 0.2, dormant => 0.3) AS lost,
	lifecycle_stage(s, '2026-03-11', 1000, shrinkage => 0) AS own_gap_only
FROM lives WHERE name = 'regular';
SELECT lifecycle_stage(s, '2026-02-10', 30) FROM lives WHERE name = 'regular';
SELECT lifecycle_stage(s, 'infinity', 30) FROM lives WHERE name = 'once';
SELECT lifecycle_stage(s, '2027-01-01', 0) FROM lives WHERE name = 'once';
SELECT lifecycle_stage(s, '2027-01-01', 'NaN') FROM lives WHERE name = 'once';
SELECT lifecycle_stage(s, '2027-01-01', 30, new_days => -1) FROM lives WHERE name = 'once';
SELECT lifecycle_stage(s, '2027-01-01', 30, active => 4) FROM lives WHERE name = 'once';
SELECT lifecycle_stage(s, '2027-01-01', 30, shrinkage => 'Infinity') FROM lives WHERE name = 'once';
SELECT lifecycle_stage(s, '2027-01-01', 30, lang => 'de') FROM lives WHERE name = 'once';
-- NULL where there is no gap to compare with
SELECT lifecycle_stage(s, '2027-01-01', NULL) IS NULL AS unknown FROM lives WHERE name = 'once';

-- flows between two dates
CREATE TEMP TABLE flows AS
SELECT lifecycle_flow_agg(before, after) AS flow FROM (SELECT lifecycle_stage(s, '2026-07-02', 30) AS before, lifecycle_stage(s, '2026-12-01', 30) AS after FROM lives
	UNION ALL SELECT NULL, 'new' UNION ALL SELECT 'new', NULL) AS x;
SELECT * FROM flows;
SELECT * FROM lifecycle_flow_rows((SELECT flow FROM flows));
SELECT * FROM lifecycle_flow_rows((SELECT flow FROM flows), 'zh');
SELECT lifecycle_flow_union_agg(flow) FROM (SELECT flow FROM flows UNION ALL SELECT flow FROM flows UNION ALL SELECT NULL) AS x;
SELECT lifecycle_flow_agg(before, after) IS NULL AS none FROM (SELECT NULL::text, NULL::text) AS x(before, after);
SELECT lifecycle_flow_agg('awake', 'new');
SELECT lifecycle_flow_union_agg(f) FROM (VALUES ('{"lost": {"new": 9223372036854775807}}'::lifecycle_flow), ('{"lost": {"new": 1}}')) AS v(f);
SELECT count(*) AS stages, count(DISTINCT from_stage) FROM lifecycle_flow_rows((SELECT lifecycle_flow_agg(a, b)
	FROM unnest('{prospect,new,active,returning,at_risk,dormant,lost}'::text[]) AS a, unnest('{prospect,new,active,returning,at_risk,dormant,lost}'::text[]) AS b));

-- price sensitivity: a gift, an unknown list price, one above it
SELECT price_sensitivity_orders(p), price_sensitivity_order_share(p), price_sensitivity_mean_discount(p), price_sensitivity_total_share(p),
	price_sensitivity_index(p)
FROM (SELECT price_sensitivity_agg(paid, list) FROM (VALUES (80.00, 100), (100, 100), (25, 50), (0, 0), (10, NULL), (NULL, 10), (120, 100)) AS v(paid, list)) AS x(p);
SELECT price_sensitivity_index(price_sensitivity_agg(100, 100)) AS never, price_sensitivity_index(price_sensitivity_agg(0, 100)) AS free;
SELECT price_sensitivity_agg(paid, list) IS NULL AS nothing_known FROM (VALUES (80.00, NULL::numeric), (0, 0)) AS v(paid, list);
-- everybody looks sensitive on 11-11, when the seller's mean discount is 30 %
SELECT price_sensitivity_order_share(p) AS plain, price_sensitivity_order_share(u) AS usual, price_sensitivity_mean_discount(u), price_sensitivity_total_share(u)
FROM (SELECT price_sensitivity_agg(paid, list), price_sensitivity_agg(paid, list, 0.3) FROM (VALUES (70, 100), (35, 50), (63, 100)) AS v(paid, list)) AS x(p, u);
SELECT price_sensitivity_agg(paid, list, 0) = price_sensitivity_agg(paid, list) AS same FROM (VALUES (70.0, 100), (35, 50)) AS v(paid, list);
SELECT price_sensitivity_agg(70, 100, NULL) IS NULL AS unknown;
SELECT price_sensitivity_agg(70, 100, (SELECT avg(v) FROM unnest(ARRAY[0.1, 0.1, 0.12]) AS v));
-- any order, any parts, workers
SELECT price_sensitivity_agg(a, b ORDER BY i) = price_sensitivity_agg(a, b ORDER BY -i) AS ordered,
	price_sensitivity_agg(a, b) = (SELECT price_sensitivity_union_agg(p) FROM (SELECT price_sensitivity_agg(revenue, revenue + i % 7 / 4.0) AS p FROM value_revenue
		GROUP BY country UNION ALL SELECT NULL) AS x) AS merged
FROM (SELECT i, revenue AS a, revenue + i % 7 / 4.0 AS b FROM value_revenue) AS y;
SELECT count(*) AS groups, bool_and(abs(price_sensitivity_order_share(p) - n) < 1e-12 AND abs(price_sensitivity_mean_discount(p) - rate) < 1e-12
	AND abs(price_sensitivity_total_share(p) - share) < 1e-12) AS same
FROM (SELECT country, price_sensitivity_agg(a, b) AS p, avg((a < b)::integer)::double precision AS n,
		(avg(1 - a / b) FILTER (WHERE a < b))::double precision AS rate, (sum(b - a) / sum(b))::double precision AS share
	  FROM (SELECT country, revenue AS a, revenue + i % 7 / 4.0 AS b FROM value_revenue) AS x WHERE b > 0 GROUP BY country) AS y;
SELECT price_sensitivity_agg(-1, 10);
SELECT price_sensitivity_agg(1, -10);
SELECT price_sensitivity_agg('NaN', 10);
SELECT price_sensitivity_agg(1, 'Infinity');
SELECT price_sensitivity_agg(1, 1e40);
SELECT price_sensitivity_agg(1, 1e-31);
SELECT price_sensitivity_agg(1, 1e35) FROM generate_series(1, 2000);
SELECT price_sensitivity_agg(1, 10, 1);
SELECT price_sensitivity_agg(1, 10, -0.1);
SELECT price_sensitivity_agg_final('{"orders": 1, "discounted": 0, "rates": 0.000000000000000, "prices": 7, "discounts": 0}');

-- value_index: equal amount, higher frequency; equal goods value, higher frequency; equal frequency, higher goods value
SELECT value_index(6, 500, 600) > value_index(5, 500, 600) AS frequency, value_index(6, 500, 600) > value_index(5, 480, 600) AS frequency_of_goods,
	value_index(5, 500, 700) > value_index(5, 500, 600) AS goods, value_index(5, 501, 600) > value_index(5, 500, 600) AS amount;
SELECT count(*) AS pairs, bool_and(value_index(f + 1, m, g) > value_index(f, m, g) AND value_index(f, m + 0.01, g) > value_index(f, m, g)
	AND value_index(f, m, g + 0.01) > value_index(f, m, g) AND value_index(f, m, g + 1, '{1,9,0.01}') > value_index(f, m, g, '{1,9,0.01}')) AS increasing
FROM (SELECT (hashint8extended(i, 1) & 1023)::double precision AS f, (hashint8extended(i, 2) & 16777215) / 100.0::double precision - 1000 AS m,
		(hashint8extended(i, 3) & 16777215) / 100.0::double precision AS g FROM generate_series(1, 5000) AS i) AS x;
SELECT value_index(0, 0, 0), value_index(-1, 0, 1), value_index(1e308, 1e308, 1e308) < 1000 AS finite;
SELECT value_index(1, 2, 3) = value_index(1, 2, 3, '{5,5,5}') AS same, value_index(1, 2, 3, '{1e308,1e308,1e308}') = value_index(1, 2, 3) AS huge;
SELECT value_index(1, 'NaN', 3);
SELECT value_index(1, 2, 3, '{1,2}');
SELECT value_index(1, 2, 3, '{1,2,0}');
SELECT value_index(1, 2, 3, '{1,NULL,1}');

-- levels
SELECT v, value_tier(v, '{500,2000}', '{bronze,silver,gold}') FROM unnest(ARRAY[-1, 499.99, 500, 1999, 2000, 1e9, NULL]) AS v;
SELECT value_tier(1, '{}', '{all}'), value_tier(1, '{0}', '{low,NULL}') IS NULL AS no_name, value_tier(1, '{0}', '[5:6]={low,high}');
SELECT value_tier(1, '{1}', '{a}');
SELECT value_tier(1, '{2,1}', '{a,b,c}');
SELECT value_tier('NaN', '{1}', '{a,b}');
SELECT touches, orders, customer_maturity(touches, orders), customer_maturity(touches, orders, 2, 'zh')
FROM (VALUES (0, 0), (1, 0), (9, 1), (9, 2), (9, 3), (0, 3)) AS v(touches, orders);
SELECT customer_maturity(-1, 0);
SELECT customer_maturity(0, 0, 0);

DROP TABLE value_revenue;
