-- Summaries, models and scores of 5 M orders of 500 k customers, against what an
-- analyst writes with the server's own aggregates and windows.  The side
-- "plain" computes the same figures; its WHERE only makes the server compute
-- all of them.

CREATE TABLE value_orders AS
	SELECT bench.noise(i, 1) % 500000 AS customer,
		date '2024-01-01' + (bench.noise(i, 2) % 730)::integer AS day,
		((bench.noise(i, 3) % 50000 + 1) / 100.0)::numeric(10,2) AS amount,
		((bench.noise(i, 3) % 50000 + 1) / 100.0)::double precision AS amount8
	FROM generate_series(1, 5000000) AS i;
CREATE TABLE value_tenth AS SELECT * FROM value_orders WHERE customer < 50000;
VACUUM ANALYZE value_orders;
VACUUM ANALYZE value_tenth;

-- bench: summaries of 0.5 M orders, numeric
-- side: portrait
SELECT sum(rfm_orders(s)) FROM
	(SELECT rfm_agg(day, amount) AS s FROM value_tenth GROUP BY customer) AS c;
-- side: plain
SELECT sum(n) FROM
	(SELECT min(day) AS lo, max(day) AS hi, count(*) AS n, sum(amount) AS a
	 FROM value_tenth GROUP BY customer) AS c WHERE lo <= hi AND a > 0;

-- bench: summaries of 5 M orders, numeric
-- bar: plain 1.0
-- tenth: summaries of 0.5 M orders, numeric
-- side: portrait
SELECT sum(rfm_orders(s)) FROM
	(SELECT rfm_agg(day, amount) AS s FROM value_orders GROUP BY customer) AS c;
-- side: plain
SELECT sum(n) FROM
	(SELECT min(day) AS lo, max(day) AS hi, count(*) AS n, sum(amount) AS a
	 FROM value_orders GROUP BY customer) AS c WHERE lo <= hi AND a > 0;

-- bench: summaries of 5 M orders, double precision
-- bar: plain 1.2
-- side: portrait
SELECT sum(rfm_orders(s)) FROM
	(SELECT rfm_agg(day, amount8) AS s FROM value_orders GROUP BY customer) AS c;
-- side: plain
SELECT sum(n) FROM
	(SELECT min(day) AS lo, max(day) AS hi, count(*) AS n, sum(amount8) AS a
	 FROM value_orders GROUP BY customer) AS c WHERE lo <= hi AND a > 0;

-- bench: summaries of 5 M orders with purchase days
-- bar: plain 0.6
-- side: portrait
SELECT sum(rfm_days(s)) FROM
	(SELECT rfm_agg(day, amount) AS s FROM value_orders GROUP BY customer) AS c;
-- side: plain
SELECT sum(days) FROM
	(SELECT min(day) AS lo, max(day) AS hi, count(*) AS n, sum(amount) AS a,
		count(DISTINCT day) AS days
	 FROM value_orders GROUP BY customer) AS c WHERE lo <= hi AND a > 0 AND n > 0;

-- bench: summaries, model and scores of 5 M orders
-- bar: plain 1.0
-- side: portrait
WITH c AS MATERIALIZED
	(SELECT rfm_agg(day, amount) AS s FROM value_orders GROUP BY customer),
	m AS MATERIALIZED (SELECT rfm_model_agg(s, '2026-01-01') AS model FROM c)
SELECT count(*) FROM c, m WHERE rfm_score(s, '2026-01-01', model) > 0;
-- side: plain
WITH c AS
	(SELECT max(day) AS hi, count(*) AS n, sum(amount) AS a
	 FROM value_orders GROUP BY customer)
SELECT count(*) FROM
	(SELECT ntile(5) OVER (ORDER BY hi) AS r, ntile(5) OVER (ORDER BY n) AS f,
		ntile(5) OVER (ORDER BY a) AS m FROM c) AS scores WHERE 100 * r + 10 * f + m > 0;

-- setup
-- side: portrait
CREATE TABLE value_customers AS
	SELECT (bench.noise(i, 1) % 365)::double precision AS r,
		(bench.noise(i, 2) % 40)::double precision AS f,
		(bench.noise(i, 3) % 100000) / 100.0::double precision AS m
	FROM generate_series(1, 10000000) AS i;
CREATE TABLE value_model AS SELECT rfm_model_agg(r, f, m) AS model FROM value_customers;
VACUUM ANALYZE value_customers;

-- bench: scores of 10 M rows by a stored model
-- bar: plain 2.0
-- side: portrait
SELECT count(rfm_score(r, f, m, model)) FROM value_customers, value_model;
-- side: plain
SELECT 10000000 FROM
	(SELECT sum(r) AS r, sum(f) AS f, sum(m) AS m FROM value_customers) AS s
WHERE r > 0 AND f > 0 AND m > 0;

-- A million groups: memory is the peak of a backend that did nothing else

-- setup
CREATE TABLE value_groups AS
	SELECT bench.noise(i, 1) % 1000000 AS customer,
		date '2024-01-01' + (bench.noise(i, 2) % 730)::integer AS day,
		((bench.noise(i, 3) % 50000 + 1) / 100.0)::numeric(10,2) AS amount
	FROM generate_series(1, 5000000) AS i;
VACUUM ANALYZE value_groups;

-- bench: summaries of 1 M groups
-- memory: plain 1.5
-- side: portrait
SELECT sum(rfm_orders(s)) FROM
	(SELECT rfm_agg(day, amount) AS s FROM value_groups GROUP BY customer) AS c;
-- side: plain
SELECT sum(n) FROM
	(SELECT max(day) AS hi, count(*) AS n, sum(amount) AS a
	 FROM value_groups GROUP BY customer) AS c WHERE hi IS NOT NULL AND a > 0;
