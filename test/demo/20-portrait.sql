-- The portrait of this retailer: where its data is, what is to be known of its
-- customers, which groups they form; then it is computed, as of two moments

\set step 'declare sources, tags and segments'
\ir step.sql
SELECT portrait_create('shop', :'zone') \g /dev/null
\if :is_real
	SELECT portrait_source('shop', 'orders', 'orders', 'SELECT * FROM order_line', '{card}',
		'{"done": "paid", "cancelled": "refund"}') \g /dev/null
	SELECT portrait_source('shop', 'profile', 'attributes',
		'SELECT card, ''region'' AS name, region AS value, max(ordered_at) AS observed_at
		 FROM order_line WHERE card IS NOT NULL GROUP BY card, region', '{card}') \g /dev/null
\else
	SELECT portrait_source('shop', s.system, 'identity',
		format('SELECT *, registered AS observed_at FROM member WHERE system = %L', s.system), s.identifiers)
	FROM (VALUES (1, 'store', '{card, phone, device}'::text[]),
		(2, 'marketplace', '{account@''mall'', phone, device}'),
		(3, 'social', '{openid@app, unionid, phone, device}')) AS s(n, system, identifiers) ORDER BY n \g /dev/null
	SELECT portrait_source('shop', 'orders', 'orders',
		'SELECT l.*, p.category, p.brand FROM order_line AS l LEFT JOIN portrait_demo_product() AS p USING (product)',
		'{card, account@''mall'', openid@app, unionid}',
		'{"shipped": "paid", "done": "paid", "refunded": "refund"}') \g /dev/null
	SELECT portrait_source('shop', 'visits', 'events',
		'SELECT *, happened_at AS at, product AS item FROM event',
		'{card, account@''mall'', openid@app, unionid, device}') \g /dev/null
	SELECT portrait_source('shop', 'profile', 'attributes',
		'SELECT card, account, openid, app, registered AS observed_at, a.name, a.value FROM member,
			LATERAL (VALUES (''region'', city), (''gender'', gender), (''birth_year'', birth_year::text)) AS a(name, value)',
		'{card, account@''mall'', openid@app}') \g /dev/null
\endif

-- What any retailer wants to know, and a tag of our own
SELECT portrait_retail_tags('shop') \g /dev/null
SELECT portrait_tag('shop', 'active.month',
	'SELECT DISTINCT customer, to_char(paid_at, ''YYYY-MM'') AS value FROM w_order',
	multiple => true, title => 'Months with an order') \g /dev/null
SELECT portrait_label('shop', 'active.month', 'zh', portrait_demo_chinese('e8b4ade4b9b0e69c88e4bbbd')) \g /dev/null

SELECT portrait_segment('shop', name, rule, title)
FROM (VALUES (1, 'champions', 'rfm.segment = champions', 'Best customers'),
	(2, 'at_risk', 'rfm.segment = at_risk', 'Bought well, not lately'),
	(3, 'win_back', 'segment("at_risk") and spend_365d >= 1000', '... worth a call'),
	(4, 'best_sellers', 'pareto.class = A', 'Make 80 % of revenue'),
	(5, 'one_order', 'orders_ever = 1', 'Bought once'),
	(6, 'newcomers', 'lifecycle.stage = new', 'First order this month')) AS s(n, name, rule, title) ORDER BY n \g /dev/null
\if :is_real \else
	SELECT portrait_segment('shop', 'undecided', 'journey.stage in (learn, accept)', 'Looked, never bought'),
		portrait_segment('shop', 'price_hunters', 'price_sensitivity = high and orders_ever >= 2', 'Buy on discount') \g /dev/null
	SELECT portrait_label('shop', 'preferred.category=' || category, 'zh', min(category_zh))
	FROM portrait_demo_product() GROUP BY category \g /dev/null
\endif

\set step 'refresh, as of ' :before_day
\ir step.sql
CALL portrait_refresh('shop', as_of => :'before');
CREATE TABLE stage_before AS
	SELECT customer, value AS stage FROM shop.v_customer_tag WHERE tag = 'lifecycle.stage';

\set step 'refresh, as of ' :as_of_day
\ir step.sql
CALL portrait_refresh('shop', as_of => :'as_of');
