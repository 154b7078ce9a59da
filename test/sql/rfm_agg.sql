--
-- rfm_agg, rfm_union_agg and the questions to summaries
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\set SHOW_CONTEXT never

-- one row is one paid order: purchases, a refund, nothing to know, nothing to pay
CREATE TEMP TABLE one (t timestamp, a numeric);
INSERT INTO one VALUES
	('2026-05-01 10:00', 10.50), ('2026-05-01 23:59:59.999999', 20), ('2026-05-11', 0.25),
	('2026-06-01 12:00', -5.00), ('2026-06-02', 0), ('2026-06-20 00:00', 1.000),
	(NULL, 1000), ('2026-07-01', NULL);
SELECT rfm_agg(t, a) FROM one;
SELECT rfm_first(s), rfm_last(s), rfm_previous(s), rfm_orders(s), rfm_days(s), rfm_amount(s),
	rfm_gaps(s), rfm_mean_gap(s), rfm_median_gap(s), rfm_recency(s, '2026-07-01')
FROM (SELECT rfm_agg(t, a) FROM one) AS x(s);

-- kinds of amounts; whole numbers are exact, whatever their type
SELECT rfm_agg(t, a::double precision) AS double, rfm_agg(t::date, a) AS by_day FROM one;
SELECT rfm_amount(s)
FROM (SELECT rfm_agg(date '2026-01-01', 1::smallint), rfm_agg(date '2026-01-01', 1::integer),
		rfm_agg(date '2026-01-01', 9223372036854775807), rfm_agg(timestamp '2026-01-01', 1::smallint),
		rfm_agg(timestamp '2026-01-01', -2147483648), rfm_agg(timestamp '2026-01-01', 1::bigint)
	  FROM generate_series(1, 3)) AS q(a, b, c, d, e, f),
	LATERAL (VALUES (a), (b), (c), (d), (e), (f)) AS v(s);
SELECT rfm_amount(rfm_agg(date '2026-01-01', v)) FROM (VALUES (0.1::double precision), (0.2)) AS x(v);
SELECT rfm_amount(rfm_agg(date '2026-01-01', v)) = 1e300::numeric AS kept
FROM (VALUES (1e300::double precision)) AS x(v);

-- refunds only: no orders, no days, no recency
SELECT s, rfm_first(s), rfm_last(s), rfm_previous(s), rfm_orders(s), rfm_days(s), rfm_gaps(s),
	rfm_mean_gap(s), rfm_median_gap(s), rfm_recency(s, '2020-01-01')
FROM (SELECT rfm_agg(date '2026-01-01', -5.50)) AS x(s);

-- one day, two days
SELECT rfm_previous(s), rfm_gaps(s), rfm_mean_gap(s), rfm_median_gap(s)
FROM (SELECT rfm_agg(date '2026-01-01', 5)) AS x(s);
SELECT rfm_previous(s), rfm_gaps(s), rfm_mean_gap(s), rfm_median_gap(s)
FROM (SELECT rfm_agg(d, 5) FROM (VALUES (date '2026-03-01'), ('2024-02-29')) AS v(d)) AS x(s);

-- nothing is NULL
SELECT rfm_agg(t, a) FROM one WHERE false;
SELECT rfm_agg(t, a) FROM one WHERE a IS NULL OR t IS NULL;
SELECT rfm_union_agg(NULL);

-- a moment has no day of its own
SELECT rfm_agg(now(), 5);
SELECT rfm_agg(now(), 5.5::numeric);
SELECT rfm_agg(timestamptz '2026-01-01', 5.5::double precision);
SELECT rfm_orders(rfm_agg(timestamptz '2026-01-01 20:00+00' AT TIME ZONE 'Asia/Shanghai', 5));

-- as_of is exclusive
SELECT rfm_recency(s, '2026-06-21'), rfm_recency(s, '2026-06-20') FROM (SELECT rfm_agg(t, a) FROM one) AS x(s);
SELECT rfm_recency(rfm_agg(t, a) FILTER (WHERE t < '2026-06-20'), '2026-06-20') FROM one;
SELECT rfm_recency(rfm_agg(t, a), 'infinity') FROM one;

-- the ends of time
SELECT rfm_agg(d, 1) FROM (VALUES (date '4714-11-24 BC'), ('0044-03-15 BC'), ('294276-12-31')) AS v(d);
SELECT s::text::rfm_summary = s AS same, rfm_first(s), rfm_last(s), rfm_gaps(s)
FROM (SELECT rfm_agg(t, 1) FROM (VALUES (timestamp '4714-11-24 00:00:00 BC'), ('0001-12-31 BC'), ('0001-01-01'),
	('294276-12-31 23:59:59.999999')) AS v(t)) AS x(s);
SELECT rfm_agg(date 'infinity', 1);
SELECT rfm_agg(date '-infinity', 1::bigint);
SELECT rfm_agg(date '294277-01-01', 1);
SELECT rfm_agg(timestamp 'infinity', 1.5);
SELECT rfm_agg(timestamp '-infinity', -1.5);

-- amounts that are none, and large ones
SELECT rfm_agg(date '2026-01-01', 'NaN'::numeric);
SELECT rfm_agg(date '2026-01-01', 'Infinity'::numeric);
SELECT rfm_agg(date '2026-01-01', '-Infinity'::double precision);
SELECT rfm_agg(date '2026-01-01', 'NaN'::double precision);
SELECT rfm_agg(date '2026-01-01', 1e308::double precision) FROM generate_series(1, 2);
SELECT rfm_amount(rfm_agg(date '2026-01-01', a)) = sum(a) AS same, scale(rfm_amount(rfm_agg(date '2026-01-01', a)))
FROM (VALUES (1e40::numeric), (-1e40), (1e-30), (123456789012345678901234567890.123), (-0.5)) AS v(a);
SELECT count(*) AS groups, count(*) FILTER (WHERE rfm_amount(s)::text = total::text) AS same
FROM (SELECT i % 20 AS g, rfm_agg(date '2026-01-01' + i, a) AS s, sum(a) AS total
	  FROM (SELECT i, (CASE i % 3 WHEN 0 THEN -1 ELSE 1 END) * (10::numeric ^ (i * 7 % 90 - 40)) * (i % 97) AS a
			FROM generate_series(1, 2000) AS i) AS x
	  GROUP BY 1) AS y;
SELECT length(rfm_amount(s)::text), s::text::rfm_summary = s AS same
FROM (SELECT rfm_agg(date '2026-01-01', ('1' || repeat('0', 131071))::numeric)) AS x(s);
SELECT rfm_agg(date '2026-01-01', ('9' || repeat('0', 131071))::numeric) FROM generate_series(1, 2);

-- doubles: the same to 1e-12 whatever the order, where summing one by one is not
SELECT rfm_amount(rfm_agg(date '2026-01-01', a ORDER BY i)) AS up,
	rfm_amount(rfm_agg(date '2026-01-01', a ORDER BY -i)) AS down,
	rfm_amount(rfm_agg(date '2026-01-01', a ORDER BY i * 7 % 11)) AS mixed
FROM (VALUES (1, 1e20::double precision), (2, 3.25), (3, -1e20), (4, 1e-3), (5, 7e15), (6, -7e15)) AS v(i, a);

-- kinds do not mix
SELECT rfm_union_agg(s) FROM (SELECT rfm_agg(date '2026-01-01', 1) UNION ALL
	SELECT rfm_agg(date '2026-01-01', 1.5::double precision)) AS x(s);

-- random orders, against plain SQL: every figure of every customer
CREATE TABLE rfm_orders_random AS
SELECT i, (hashint8extended(i, 1) & 1023) % 300 AS customer,
	timestamp '2024-01-01' + (hashint8extended(i, 2) & 1048575) * interval '61 seconds' AS t,
	((hashint8extended(i, 3) & 65535) - 9000)::numeric / 100 AS a
FROM generate_series(1, 20000) AS i;
CREATE TABLE rfm_random AS SELECT customer, rfm_agg(t, a) AS s FROM rfm_orders_random GROUP BY customer;

CREATE VIEW rfm_plain AS
SELECT customer, min(t) FILTER (WHERE a > 0) AS first, max(t) FILTER (WHERE a > 0) AS last,
	count(*) FILTER (WHERE a > 0) AS orders, sum(a) AS amount,
	array_agg(DISTINCT t::date ORDER BY t::date) FILTER (WHERE a > 0) AS days
FROM rfm_orders_random GROUP BY customer;

CREATE VIEW rfm_plain_gaps AS
SELECT customer, array_agg(gap ORDER BY day) AS gaps, avg(gap)::double precision AS mean,
	percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS median
FROM (SELECT customer, day, day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap
	  FROM rfm_plain, unnest(days) AS day) AS x
WHERE gap IS NOT NULL GROUP BY customer;

SELECT count(*) AS customers, count(*) FILTER (WHERE rfm_first(s) = first AND rfm_last(s) = last
	AND rfm_orders(s) = orders AND rfm_amount(s)::text = amount::text AND rfm_days(s) = cardinality(days)
	AND rfm_previous(s) = days[cardinality(days) - 1] AND rfm_gaps(s) = gaps
	AND abs(rfm_mean_gap(s) - mean) < 1e-9 AND rfm_median_gap(s) = median
	AND rfm_recency(s, '2027-01-01') = date '2027-01-01' - last::date) AS same
FROM rfm_random JOIN rfm_plain USING (customer) JOIN rfm_plain_gaps USING (customer);

-- any order of the rows, any partition into merged summaries, gives the same bytes
SELECT count(*) AS customers, count(*) FILTER (WHERE rfm_summary_send(s) = rfm_summary_send(backwards)) AS backwards,
	count(*) FILTER (WHERE rfm_summary_send(s) = rfm_summary_send(shuffled)) AS shuffled
FROM rfm_random JOIN (SELECT customer, rfm_agg(t, a ORDER BY i DESC) AS backwards,
		rfm_agg(t, a ORDER BY hashint8(i)) AS shuffled
	  FROM rfm_orders_random GROUP BY customer) AS x USING (customer);
SELECT parts, count(*) AS customers, count(*) FILTER (WHERE rfm_summary_send(s) = rfm_summary_send(merged)) AS same
FROM (VALUES (1), (2), (7), (50)) AS v(parts),
	LATERAL (SELECT customer, rfm_union_agg(part) AS merged
			 FROM (SELECT customer, rfm_agg(t, a) AS part FROM rfm_orders_random
				   GROUP BY customer, i % parts) AS x GROUP BY customer) AS y
	JOIN rfm_random USING (customer)
GROUP BY parts ORDER BY parts;
SELECT rfm_summary_send(rfm_union_agg(s)) = rfm_summary_send((SELECT rfm_agg(t, a) FROM rfm_orders_random)) AS same
FROM rfm_random;

-- a summary per month adds up
SELECT count(*) AS customers, count(*) FILTER (WHERE s = merged) AS same
FROM rfm_random JOIN (SELECT customer, rfm_union_agg(part) AS merged
	FROM (SELECT customer, rfm_agg(t, a) AS part FROM rfm_orders_random
		  GROUP BY customer, date_trunc('month', t)) AS x GROUP BY customer) AS y USING (customer);

-- a shift of all times shifts times, and nothing else
SELECT count(*) AS customers, count(*) FILTER (WHERE rfm_gaps(s) = rfm_gaps(later) AND rfm_amount(s) = rfm_amount(later)
	AND rfm_first(later) = rfm_first(s) + interval '1000 days' AND rfm_last(later) = rfm_last(s) + interval '1000 days'
	AND rfm_recency(later, date '2027-01-01' + 1000) = rfm_recency(s, '2027-01-01')) AS same
FROM rfm_random JOIN (SELECT customer, rfm_agg(t + interval '1000 days', a) AS later
	FROM rfm_orders_random GROUP BY customer) AS x USING (customer);

-- no setting of the session matters
CREATE TEMP TABLE before AS SELECT customer, s::text AS text, rfm_summary_send(s) AS bytes FROM rfm_random;
SET timezone = 'Pacific/Kiritimati';
SET datestyle = 'SQL, DMY';
SET extra_float_digits = -15;
SET intervalstyle = 'sql_standard';
SELECT count(*) AS customers, count(*) FILTER (WHERE s::text = text AND rfm_summary_send(s) = bytes
	AND text::rfm_summary = s) AS same
FROM before JOIN (SELECT customer, rfm_agg(t, a) AS s FROM rfm_orders_random GROUP BY customer) AS x USING (customer);
SET timezone = 'America/Los_Angeles';
SELECT count(*) AS customers, count(*) FILTER (WHERE rfm_summary_send(s) = bytes) AS same
FROM before JOIN (SELECT customer, rfm_agg(t, a) AS s FROM rfm_orders_random GROUP BY customer) AS x USING (customer);
RESET timezone;
RESET datestyle;
RESET extra_float_digits;
RESET intervalstyle;

-- parallel is serial: partial aggregates in every plan
ANALYZE rfm_orders_random;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT rfm_agg(t, a) FROM rfm_orders_random;
SELECT count(*) AS customers, count(*) FILTER (WHERE rfm_summary_send(s) = bytes) AS same
FROM before JOIN (SELECT customer, rfm_agg(t, a) AS s FROM rfm_orders_random GROUP BY customer) AS x USING (customer);
SELECT rfm_summary_send(rfm_agg(t, a)) = (SELECT rfm_summary_send(rfm_union_agg(s)) FROM rfm_random) AS same
FROM rfm_orders_random;
SELECT abs(rfm_amount(rfm_agg(t, a::double precision)) - sum(a)) < 1e-6 AS close FROM rfm_orders_random;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;

-- states: spilled, shared by two aggregates, in moving windows, in grouping sets
SET work_mem = '64kB';
SET enable_sort = off;
SELECT count(*) AS customers, count(*) FILTER (WHERE rfm_summary_send(s) = bytes) AS same
FROM before JOIN (SELECT customer, rfm_agg(t, a) AS s FROM rfm_orders_random GROUP BY customer) AS x USING (customer);
RESET work_mem;
RESET enable_sort;
SELECT count(*) FILTER (WHERE rfm_orders(s) <> n) AS wrong
FROM (SELECT rfm_agg(t, a) OVER w AS s, count(*) FILTER (WHERE a > 0) OVER w AS n
	  FROM rfm_orders_random WHERE customer < 5
	  WINDOW w AS (PARTITION BY customer ORDER BY i ROWS BETWEEN 20 PRECEDING AND CURRENT ROW)) AS x;
SELECT count(*) FILTER (WHERE rfm_orders(s) <> n) AS wrong
FROM (SELECT rfm_agg(t, a) OVER w AS s, count(*) FILTER (WHERE a > 0) OVER w AS n
	  FROM rfm_orders_random WHERE customer < 5 WINDOW w AS (PARTITION BY customer ORDER BY i)) AS x;
SELECT rfm_orders(s), rfm_orders(again) FROM (SELECT rfm_agg(t, a), rfm_agg(t, a) FROM one) AS x(s, again);

-- transition functions are for aggregates, and trust no state
SELECT rfm_agg_transition(NULL, date '2026-01-01', 1::numeric);
SELECT rfm_agg_transition('{"orders": 0, "amount": 1}', NULL::date, 1::numeric);
SELECT rfm_union_agg_transition('{"orders": 0, "amount": 1}', '{"orders": 0, "amount": 1}');
SELECT rfm_agg_final('{"orders": 0, "amount": 1}');
CREATE AGGREGATE rfm_started(date, numeric) (SFUNC = rfm_agg_transition, STYPE = rfm_summary,
	INITCOND = '{"orders": 9223372036854775806, "first": "2020-01-01 00:00:00", "last": "2020-01-01 00:00:00", "amount": 1.5, "gaps": []}');
SELECT rfm_started('2026-01-01', 5);
SELECT rfm_started('2026-01-01', 5) FROM generate_series(1, 2);
CREATE AGGREGATE rfm_mixed(date, double precision) (SFUNC = rfm_agg_transition, STYPE = rfm_summary,
	INITCOND = '{"orders": 0, "amount": 1.5}');
SELECT rfm_mixed('2026-01-01', 5);
SELECT rfm_union_agg(s) FROM (VALUES
	('{"orders": 9223372036854775807, "first": "2020-01-01 00:00:00", "last": "2020-01-01 00:00:00", "amount": 1.5, "gaps": []}'::rfm_summary),
	('{"orders": 1, "first": "2020-01-01 00:00:00", "last": "2020-01-01 00:00:00", "amount": 1.5, "gaps": []}')) AS v(s);
-- a state that is stored as it is, unfinished, works like a summary
CREATE TABLE rfm_unfinished AS SELECT customer, rfm_started(t::date, a) AS s FROM rfm_orders_random WHERE false GROUP BY 1;
CREATE AGGREGATE rfm_raw(timestamp, numeric) (SFUNC = rfm_agg_transition, STYPE = rfm_summary);
INSERT INTO rfm_unfinished SELECT customer, rfm_raw(t, a) FROM rfm_orders_random GROUP BY customer;
SELECT count(*) AS customers, count(*) FILTER (WHERE r.s = u.s AND u.s = r.s AND rfm_summary_hash(u.s) = rfm_summary_hash(r.s)
	AND u.s::text = r.s::text AND rfm_summary_send(u.s) = rfm_summary_send(r.s) AND rfm_orders(u.s) = rfm_orders(r.s)) AS same
FROM rfm_unfinished AS u JOIN rfm_random AS r USING (customer);
SELECT count(*) FILTER (WHERE rfm_union_agg = r.s) AS same
FROM (SELECT customer, rfm_union_agg(s) FROM rfm_unfinished GROUP BY customer) AS x JOIN rfm_random AS r USING (customer);

DROP AGGREGATE rfm_started(date, numeric), rfm_mixed(date, double precision), rfm_raw(timestamp, numeric);
DROP TABLE rfm_unfinished, rfm_random;
DROP VIEW rfm_plain_gaps, rfm_plain;
DROP TABLE rfm_orders_random;
