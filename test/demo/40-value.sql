-- What customers are worth: RFM, segments, 2/8, the life cycle
--
--	 net_order	   what was kept of an order: order_id, customer, paid_at, amount
--	 value_summary	   customer, orders (rfm_summary)
--	 value_score	   customer, orders, score, segment

\set step 'net what was taken back into orders'
\ir step.sql
-- A line that was taken back lowers the order that it names, or, where it names
-- none, the latest earlier purchase of the same customer and product
CREATE INDEX order_line_purchase ON order_line (customer, product, ordered_at) WHERE kind = 'purchase';
CREATE TABLE net_order AS
	SELECT order_id, customer, min(ordered_at) AS paid_at, sum(amount) AS amount
	FROM (
		SELECT order_id, customer, ordered_at, paid AS amount FROM purchase
		UNION ALL
		SELECT p.order_id, p.customer, p.ordered_at, back.paid
		FROM order_line AS back
		CROSS JOIN LATERAL (
			SELECT p.order_id, p.customer, p.ordered_at FROM order_line AS p
			WHERE p.kind = 'purchase' AND p.customer = back.customer AND p.product = back.product
				AND p.ordered_at < back.ordered_at AND p.order_id = coalesce(back.refund_of, p.order_id)
			ORDER BY p.ordered_at DESC, p.order_id DESC LIMIT 1
		) AS p
		WHERE back.kind = 'cancellation' AND back.customer IS NOT NULL
	) AS lines
	GROUP BY order_id, customer
	HAVING sum(amount) > 0;

\set step 'summaries, a model of thresholds, scores'
\ir step.sql
SELECT max(paid_at)::date + 1 AS as_of, max(paid_at)::date + 1 - 90 AS before FROM net_order \gset
CREATE TABLE value_summary AS
	SELECT customer, rfm_agg(paid_at, amount) AS orders FROM net_order GROUP BY customer;
CREATE TABLE value_model AS
	SELECT rfm_model_agg(orders, :'as_of') AS model FROM value_summary;
CREATE TABLE value_score AS
	SELECT customer, orders, score, rfm_segment(score) AS segment
	FROM (SELECT customer, orders, rfm_score(orders, :'as_of', model) AS score
		  FROM value_summary, value_model) AS s;

\echo
\echo 'RFM: customers by recency (down, 5 is the most recent) and by frequency and'
\echo 'money together (across), on' :as_of
SELECT score / 100 AS "r",
	count(*) FILTER (WHERE y = 1) AS "f+m low", count(*) FILTER (WHERE y = 2) AS "2",
	count(*) FILTER (WHERE y = 3) AS "3", count(*) FILTER (WHERE y = 4) AS "4",
	count(*) FILTER (WHERE y = 5) AS "high", count(*) AS customers
FROM (SELECT score, ceil((score / 10 % 10 + score % 10) / 2.0) AS y FROM value_score) AS s
GROUP BY 1 ORDER BY 1 DESC;

\echo 'SEGMENTS: what each group of the scheme "putler" holds, and its % of revenue.'
SELECT rfm_segment(min(score), lang => 'en') AS segment, rfm_segment(min(score), lang => 'zh') AS "分群",
	count(*) AS customers, sum(rfm_orders(orders)) AS orders, round(sum(rfm_amount(orders))) AS revenue,
	round(100 * sum(rfm_amount(orders)) / sum(sum(rfm_amount(orders))) OVER (), 1) AS "%"
FROM value_score GROUP BY segment ORDER BY revenue DESC;

\echo 'AUDIENCES: groups come out as segments, ready for set algebra.'
SELECT segment_count(segment_agg(customer) FILTER (WHERE segment = 'at_risk')) AS at_risk,
	segment_count(segment_agg(customer) FILTER (WHERE segment = 'champions')) AS champions
FROM value_score;

\set step 'the 2/8 line'
\ir step.sql
\echo '2/8: how much the best customers hold of what was kept.'
SELECT round(100 * pareto_share(p)::numeric, 1) AS "best fifth holds %",
	round(100 * pareto_share(p, 0.01)::numeric, 1) AS "best 1 % hold %",
	pareto_vital_few(p) AS "make 80 %", round(100.0 * pareto_vital_few(p) / pareto_count(p), 1) AS "are %",
	round(pareto_gini(p)::numeric, 3) AS gini
FROM (SELECT pareto_agg(rfm_amount(orders)) AS p FROM value_score) AS v;

\set step 'the life cycle between two dates'
\ir step.sql
CREATE TABLE value_stage AS
	SELECT customer, lifecycle_stage(earlier, :'before', gap) AS stage_before,
		lifecycle_stage(later, :'as_of', gap) AS stage_now
	FROM (SELECT customer, coalesce(rfm_agg(paid_at, amount) FILTER (WHERE paid_at < :'before'),
				-- nothing yet: a prospect
				'{"orders": 0, "amount": 0}') AS earlier,
			rfm_agg(paid_at, amount) AS later FROM net_order GROUP BY customer) AS c,
		(SELECT avg(rfm_mean_gap(orders)) AS gap FROM value_summary) AS g;

\echo 'LIFE CYCLE: from the stage on' :before '(left) to that on' :as_of '(above).'
\echo 'Who was dormant or lost and woke stands under "active" and "returning".'
SELECT from_stage AS "from", max(customers) FILTER (WHERE to_stage = 'prospect') AS prospect,
	max(customers) FILTER (WHERE to_stage = 'new') AS new, max(customers) FILTER (WHERE to_stage = 'active') AS active,
	max(customers) FILTER (WHERE to_stage = 'returning') AS returning,
	max(customers) FILTER (WHERE to_stage = 'at_risk') AS at_risk,
	max(customers) FILTER (WHERE to_stage = 'dormant') AS dormant, max(customers) FILTER (WHERE to_stage = 'lost') AS lost
FROM (SELECT lifecycle_flow_agg(stage_before, stage_now) AS flow FROM value_stage) AS f,
	LATERAL lifecycle_flow_rows(flow) WITH ORDINALITY AS r(from_stage, to_stage, customers, share, n)
GROUP BY from_stage ORDER BY min(n);
