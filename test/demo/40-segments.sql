-- Which groups there are, what each is worth, who moved, how one differs

\set step 'segments'
\ir step.sql
\echo 'SEGMENTS: the groups that were declared, and who came and went in 90 days.'
SELECT s.name, s.title, s.size, round(100 * s.share, 1) AS "%", h.entered, h.left
FROM shop.v_segment AS s
JOIN (SELECT name, entered AS entered, departed AS left FROM shop.segment_history
	WHERE generation = (SELECT generation FROM shop.state)) AS h USING (name)
ORDER BY s.size DESC, s.name;

\echo 'RFM: customers by recency, frequency and money; what each group brings.'
SELECT p.label AS segment, count(*) AS customers, sum(c.orders) AS orders, round(sum(c.spend)) AS revenue,
	round(100 * sum(c.spend) / sum(sum(c.spend)) OVER (), 1) AS "%"
FROM portrait_partition('shop', 'rfm.segment', :'lang') AS p
JOIN shop.v_customer_tag AS t ON t.tag = 'rfm.segment' AND t.value = p.value
JOIN shop.v_customer AS c USING (customer)
GROUP BY p.label ORDER BY revenue DESC, segment;

\echo '2/8: how much the best customers hold.'
SELECT round(100 * pareto_share(p)::numeric, 1) AS "best fifth holds %",
	round(100 * pareto_share(p, 0.01)::numeric, 1) AS "best 1 % hold %",
	pareto_vital_few(p) AS "make 80 %", round(100.0 * pareto_vital_few(p) / pareto_count(p), 1) AS "are %",
	round(pareto_gini(p)::numeric, 3) AS gini
FROM (SELECT pareto_agg(spend) AS p FROM shop.v_customer WHERE orders > 0) AS v;

\echo 'LIFE CYCLE: stages on' :before_day '(left), and where these customers are on'
\echo :as_of_day '(above). Who was dormant or lost and woke stands under "returning".'
WITH flow AS (
	SELECT from_stage, to_stage, customers, n
	FROM (SELECT lifecycle_flow_agg(coalesce(b.stage, 'prospect'), t.value) AS flow
		FROM shop.v_customer_tag AS t LEFT JOIN stage_before AS b USING (customer)
		WHERE t.tag = 'lifecycle.stage') AS f,
		LATERAL lifecycle_flow_rows(flow) WITH ORDINALITY AS r(from_stage, to_stage, customers, share, n)
)
SELECT coalesce(p.label, from_stage) AS "from", max(f.customers) FILTER (WHERE to_stage = 'prospect') AS prospect,
	max(f.customers) FILTER (WHERE to_stage = 'new') AS new, max(f.customers) FILTER (WHERE to_stage = 'active') AS active,
	max(f.customers) FILTER (WHERE to_stage = 'returning') AS returning,
	max(f.customers) FILTER (WHERE to_stage = 'at_risk') AS at_risk,
	max(f.customers) FILTER (WHERE to_stage = 'dormant') AS dormant, max(f.customers) FILTER (WHERE to_stage = 'lost') AS lost
FROM flow AS f LEFT JOIN portrait_partition('shop', 'lifecycle.stage', :'lang') AS p ON p.value = f.from_stage
GROUP BY 1 ORDER BY min(n);

\set step 'ask'
\ir step.sql
\echo 'QUESTION: rfm.segment = at_risk and spend_365d >= 1000, leaf by leaf.'
SELECT leaf, size, running_size, round(milliseconds::numeric, 1) AS ms
FROM portrait_explain('shop', 'rfm.segment = at_risk and spend_365d >= 1000');

\echo 'PROFILE: how at_risk differs from all customers where it is no chance (false'
\echo 'discovery rate 5 %). TGI 200: twice the share. Orders and spend are left out.'
SELECT rtrim(portrait_fit(coalesce(l.label, p.tag) || ': ' || p.label, 38)) AS "tag: value", p.target_count AS count,
	round(100 * p.target_share::numeric, 1) AS "%", round(100 * p.base_share::numeric, 1) AS "all %",
	round(p.tgi) AS tgi, round(p.tgi_low) || '-' || round(p.tgi_high) AS "95 %"
FROM portrait_profile('shop', 'segment("at_risk")', 'population = customer', lang => :'lang') AS p
LEFT JOIN shop.tag_label AS l ON l.code = p.tag AND l.language = :'lang'
WHERE p.q_value < 0.05 AND p.tag !~ '^(rfm|active|orders_|spend_|journey\.[a-z]+s$)'
ORDER BY abs(ln(greatest(p.tgi, 1))) DESC, p.tag, p.value LIMIT 16;
