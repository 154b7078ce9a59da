--
-- portrait_demo_*: the same rows everywhere, shaped like a retailer's
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
-- compiling these queries would take longer than running them
SET jit = off;
SET datestyle = 'ISO, YMD';

-- chance: fixed for all platforms and versions
SELECT portrait_demo_hash(1, 2, 3), portrait_demo_hash(-9223372036854775808, 2147483647, 9223372036854775807);
SELECT portrait_demo_noise(1, 2, 3);
SELECT min(u) >= 0 AND max(u) < 1 AS in_range, round(avg(u)::numeric, 2) AS mean,
	round(stddev(u)::numeric, 3) AS deviation, round(corr(u, v)::numeric, 2) AS next, round(corr(u, w)::numeric, 2) AS other_stream
FROM (SELECT portrait_demo_noise(7, 1, i) AS u, portrait_demo_noise(7, 1, i + 1) AS v,
		portrait_demo_noise(7, 2, i) AS w
	FROM generate_series(1, 20000) AS i) AS s;
SELECT count(DISTINCT portrait_demo_shuffle(1, i, 10000)), min(portrait_demo_shuffle(1, i, 10000)),
	max(portrait_demo_shuffle(1, i, 10000))
FROM generate_series(0, 9999) AS i;
-- the largest numbers that are asked for do not overflow
SELECT portrait_demo_shuffle(1, 9223372036854775807, 10000000000) BETWEEN 0 AND 9999999999 AS in_range;

-- an ordinary day weighs 100, a Saturday 130
SELECT * FROM portrait_demo_day('2025-11-07', 7);
SELECT portrait_demo_season('2025-03-03', 7);

-- the rows of a small retailer: any change to the generator changes these
CREATE FUNCTION pg_temp.digest(query text) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT count(*), left(encode(sha256(convert_to(string_agg(t::text, E'\n'
			ORDER BY t::text COLLATE "C"), 'UTF8')), 'hex'), 16)
		FROM %s AS t $q$, query);
END
$$;
SELECT name, d.*
FROM unnest(ARRAY['person', 'member', 'order', 'order_line', 'event', 'campaign_member', 'review',
		'truth', 'truth_review']) WITH ORDINALITY AS f(name, n),
	pg_temp.digest('portrait_demo_' || name || '(200)') AS d
ORDER BY n;
SELECT name, d.*
FROM unnest(ARRAY['product', 'campaign', 'truth_campaign', 'day', 'opinion']) WITH ORDINALITY AS f(name, n),
	pg_temp.digest('portrait_demo_' || name || '()') AS d
ORDER BY n;

-- by seed; and not by session
SELECT digest FROM pg_temp.digest('portrait_demo_order_line(200, seed => 2)')
EXCEPT
SELECT digest FROM pg_temp.digest('portrait_demo_order_line(200, seed => 1)');
BEGIN;
SET LOCAL timezone = 'Asia/Shanghai';
SET LOCAL extra_float_digits = -5;
SET LOCAL lc_numeric = 'C';
SET LOCAL enable_hashjoin = off;
SET LOCAL search_path = '';
SET LOCAL standard_conforming_strings = off;
SELECT * FROM pg_temp.digest('public.portrait_demo_order_line(200)');
COMMIT;

-- not inlined, with arguments that are known late, the rows are the same
DO $$
DECLARE
	n bigint := 200;
	lines bigint;
BEGIN
	SET LOCAL plan_cache_mode = force_generic_plan;
	SELECT count(*) INTO lines FROM (
		SELECT portrait_demo_order_line(n) EXCEPT SELECT t FROM portrait_demo_order_line(200) AS t) AS s;
	RAISE NOTICE 'other lines: %', lines;
END
$$;

-- a larger retailer has the same first customers
SELECT count(*) FROM (SELECT * FROM portrait_demo_member(100) EXCEPT SELECT * FROM portrait_demo_member(300)) AS s;
SELECT count(*) FROM (SELECT * FROM portrait_demo_order_line(100) EXCEPT SELECT * FROM portrait_demo_order_line(300)) AS s;
SELECT count(*) FROM (SELECT * FROM portrait_demo_event(100) EXCEPT SELECT * FROM portrait_demo_event(300)) AS s;

-- none, unknown, another calendar
SELECT count(*) FROM portrait_demo_order_line(0);
SELECT count(*) FROM portrait_demo_order_line(NULL);
SELECT count(*) > 0 AS orders, min(ordered_at) >= '2012-02-28' AND max(ordered_at) < '2012-03-02' AS in_calendar
FROM portrait_demo_order_line(2000, first_day => '2012-02-28', days => 3);

-- a retailer of 5,000
CREATE TEMP TABLE person AS SELECT * FROM portrait_demo_person(5000);
CREATE TEMP TABLE member AS SELECT * FROM portrait_demo_member(5000);
CREATE TEMP TABLE line AS SELECT * FROM portrait_demo_order_line(5000);
CREATE TEMP TABLE truth AS SELECT * FROM portrait_demo_truth(5000);
CREATE TEMP TABLE product AS SELECT * FROM portrait_demo_product();
ANALYZE person, member, line, truth, product;

-- most customers buy once or twice, and the best fifth makes about 70 % of revenue
WITH customer AS (
	SELECT person, count(DISTINCT order_id) AS orders, sum(paid) AS spend
	FROM line JOIN truth ON source = 'order' AND key = coalesce(refund_of, order_id)
	WHERE paid_at IS NOT NULL
	GROUP BY person
), ranked AS (
	SELECT *, row_number() OVER (ORDER BY spend DESC) AS rank, count(*) OVER () AS customers
	FROM customer
)
SELECT avg((orders <= 2)::int) BETWEEN 0.70 AND 0.85 AS once_or_twice,
	sum(spend) FILTER (WHERE rank <= 0.2 * customers) / sum(spend) BETWEEN 0.66 AND 0.74 AS best_fifth,
	avg(orders) BETWEEN 2 AND 3 AS orders, max(orders) > 50 AS heavy
FROM ranked;

-- some never buy
SELECT avg((n_orders = 0)::int) BETWEEN 0.09 AND 0.15 AS never FROM person;

-- November is the busiest month, 11-11 the busiest day
SELECT date_trunc('month', ordered_at)::date AS month
FROM line GROUP BY 1 ORDER BY count(DISTINCT order_id) DESC LIMIT 1;
SELECT ordered_at::date AS day
FROM line GROUP BY 1 ORDER BY count(DISTINCT order_id) DESC LIMIT 1;

-- one to six identifiers that the systems know, and people of one system only
SELECT min(n), max(n)
FROM (SELECT person, count(DISTINCT id) AS n
	FROM member JOIN truth ON (source, key) = (system, member),
		unnest(ARRAY[card, CASE WHEN phone ~ '^[0-9]+$' THEN phone END, account, openid, unionid, device]) AS id
	WHERE id IS NOT NULL
	GROUP BY person) AS ids;
SELECT max(n)
FROM person, LATERAL (SELECT count(id) AS n
	FROM unnest(ARRAY[card, account, openid, openid2, unionid, device, phone_old, phone_new]) AS id) AS ids;
SELECT store, marketplace, social, count(*) > 250 AS some FROM person GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT system, count(*) = count(DISTINCT member) AS each_once,
	bool_and(CASE system WHEN 'store' THEN card IS NOT NULL AND account IS NULL AND openid IS NULL
		WHEN 'marketplace' THEN card IS NULL AND account IS NOT NULL AND openid IS NULL
		ELSE card IS NULL AND account IS NULL AND openid IS NOT NULL AND app IS NOT NULL END) AS own_kind,
	avg((phone IS NOT NULL)::int) > 0.2 AS phones
FROM member GROUP BY system ORDER BY system;
SELECT (system, member) IN (SELECT source, key FROM truth) AS known, count(*) = (SELECT count(*) FROM truth WHERE source <> 'order') AS all_of_them
FROM member GROUP BY 1;

-- phones are mainland mobile numbers, masked, or of the platform
SELECT DISTINCT regexp_replace(phone, '[0-9]', '9', 'g') AS shape FROM member WHERE phone IS NOT NULL ORDER BY 1;
SELECT count(*) FROM person WHERE phone_new !~ '^1(3[5-9]|5[018]|8[68])[0-9]{8}$';

-- what makes merging hard: numbers that change, numbers given to somebody else,
-- tablets that families share, accounts that look like somebody's card
SELECT count(phone_old) > 100 AS changed FROM person;
SELECT count(*) BETWEEN 5 AND 40 AS recycled,
	bool_and(b.person = a.person + 1 AND b.phone_day >= a.phone_day + 60) AS later
FROM person AS a JOIN person AS b ON b.phone_new = a.phone_old;
SELECT count(*) > 20 AS tablets, min(n), max(n)
FROM (SELECT count(*) AS n FROM person WHERE device IS NOT NULL GROUP BY device HAVING count(*) > 1) AS shared;
SELECT count(*) > 5 AS look_alikes, count(*) FILTER (WHERE a.person = b.person) AS own
FROM person AS a JOIN person AS b ON b.account = a.card;
SELECT count(*) > 2 AS on_the_stores_tablet FROM member WHERE device LIKE 'store-tablet-%';

-- the clerk's card goes with other people's phones
SELECT count(DISTINCT t.person) > 20 AS passers_by, count(DISTINCT phone) > 10 AS phones
FROM line JOIN truth AS t ON t.source = 'order' AND t.key = order_id
WHERE card = (SELECT card FROM person WHERE person = 1) AND t.person <> 1;

-- but for the clerk's, the identifiers of an order are its person's
SELECT count(*)
FROM line JOIN truth AS t ON t.source = 'order' AND t.key = order_id JOIN person AS p USING (person)
WHERE line.card <> p.card AND line.card <> (SELECT card FROM person WHERE person = 1)
OR line.phone ~ '^1[0-9]{10}$' AND line.phone <> p.phone_new AND line.phone IS DISTINCT FROM p.phone_old
OR line.account <> p.account OR line.unionid <> p.unionid
OR line.openid <> p.openid AND line.openid IS DISTINCT FROM p.openid2;

-- orders without any identifier
SELECT avg((num_nonnulls(card, phone, account, openid) = 0)::int) BETWEEN 0.02 AND 0.10 AS nobody
FROM line WHERE line = 1;

-- lines: in order, priced, discounted by what is told; unpaid is not paid
SELECT count(*) FROM (SELECT order_id, line FROM line GROUP BY 1, 2 HAVING count(*) > 1) AS twice;
SELECT status, bool_and(paid_at IS NULL) AS unpaid, bool_and(quantity < 0) AS returned
FROM line GROUP BY status ORDER BY status COLLATE "C";
SELECT count(*) AS wrong FROM line
WHERE list_price IS NOT NULL
AND (abs(paid) > list_price * abs(quantity) OR sign(paid) * sign(quantity) < 0
	OR promotion_kind IS NULL AND product <> 'POST' AND paid <> list_price * quantity);
SELECT promotion_kind, avg(1 - paid / nullif(list_price * quantity, 0)) > 0.05 AS discounted
FROM line GROUP BY 1 ORDER BY promotion_kind COLLATE "C";
SELECT avg((list_price IS NULL)::int) BETWEEN 0.005 AND 0.03 AS unknown_prices FROM line;

-- every line's product is known by the name that its system uses
SELECT count(*) FROM line LEFT JOIN product USING (product)
WHERE (product.product IS NULL OR product_name <> ALL (names))
AND line.product <> 'POST' AND promotion_kind IS DISTINCT FROM 'gift'
AND product_name <> lower(names[CASE system WHEN 'store' THEN 1 WHEN 'marketplace' THEN 2 ELSE 3 END]) || ' ';
SELECT count(*) > 300 AS several_names
FROM (SELECT product FROM line GROUP BY product HAVING count(DISTINCT product_name) > 2) AS s;

-- refunds: most say of what, all come after a purchase of the same thing
SELECT count(*) > 100 AS refunds, avg((r.refund_of IS NULL)::int) BETWEEN 0.1 AND 0.3 AS silent,
	bool_and(b.paid = -r.paid AND b.quantity = -r.quantity AND b.ordered_at < r.ordered_at)
		FILTER (WHERE r.refund_of IS NOT NULL) AS match
FROM line AS r LEFT JOIN LATERAL (SELECT * FROM line AS b
	WHERE b.order_id = r.refund_of AND b.line = r.line) AS b ON true
WHERE r.status = 'refunded';

-- what goes together is bought together: filter papers with coffee beans
SELECT avg((EXISTS (SELECT FROM line AS b WHERE b.order_id = a.order_id AND b.product = 'P0003'))::int) > 0.2 AS together
FROM line AS a WHERE product = 'P0002';

-- campaigns: arms as asked for; orders that they caused (numbers from 400 on)
-- as the truth has it, in time, and never of those held out
SELECT campaign, c.held_out, abs(avg((arm = 'held_out')::int) - c.held_out) < 0.03 AS as_asked
FROM portrait_demo_campaign_member(5000) JOIN portrait_demo_campaign() AS c USING (campaign)
GROUP BY 1, 2 ORDER BY 1;
WITH caused AS (
	SELECT number % 512 - 400 AS campaign, person, ordered_at
	FROM portrait_demo_order(5000) WHERE number % 512 >= 400
)
SELECT campaign, t.effect,
	abs(avg((caused.person IS NOT NULL)::int) FILTER (WHERE arm = 'treated') - t.effect) < 0.02 AS as_true,
	count(caused.person) FILTER (WHERE arm = 'held_out') AS of_held_out,
	bool_and(ordered_at >= c.starts AND ordered_at < c.ends) AS in_time
FROM portrait_demo_campaign_member(5000) AS m
JOIN portrait_demo_campaign() AS c USING (campaign)
JOIN portrait_demo_truth_campaign() AS t USING (campaign)
JOIN person AS p USING (card)
LEFT JOIN caused USING (campaign, person)
GROUP BY 1, 2 ORDER BY 1;

-- events by kind and place; views without a cart or a purchase
SELECT system, array_agg(DISTINCT kind ORDER BY kind) AS kinds, bool_and((store IS NOT NULL) = (system = 'store')) AS places,
	max(happened_at) < '2026-01-26' AS in_calendar
FROM portrait_demo_event(1000) GROUP BY system ORDER BY system;

-- reviews in two languages; the rating goes with what is said first
SELECT lang, count(*) > 20 AS reviews, avg(rating) BETWEEN 3 AND 4.5 AS mostly_content
FROM portrait_demo_review(1000) GROUP BY lang ORDER BY lang;
SELECT rating, min(body) ~ '^[A-Z].*, .*\.$' AS looks_english
FROM portrait_demo_review(1000) WHERE lang = 'en' GROUP BY rating ORDER BY rating;
SELECT count(DISTINCT topic) AS topics, bool_and(positive = (rating >= 4)) AS consistent
FROM portrait_demo_truth_review(1000) JOIN portrait_demo_review(1000) USING (review);

-- anybody may call them, from any search_path, and nothing is written
CREATE ROLE regress_portrait_demo;
SET ROLE regress_portrait_demo;
SET search_path = '';
SET default_transaction_read_only = on;
SELECT count(*) FROM public.portrait_demo_member(100);
SELECT count(*) FROM public.portrait_demo_order_line(100);
SELECT count(*) FROM public.portrait_demo_event(100);
SELECT count(*) FROM public.portrait_demo_truth_review(100);
RESET default_transaction_read_only;
RESET search_path;
RESET ROLE;
DROP ROLE regress_portrait_demo;
SELECT count(*) FROM pg_proc WHERE proname LIKE 'portrait\_demo\_%' AND (prosecdef OR provolatile <> 'i' OR proparallel <> 's' OR prosqlbody IS NULL);
