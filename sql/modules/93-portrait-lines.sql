/*
 * portrait_demo_*: order lines, events, reviews, and the truth about who is who.
 */

/*
 * What is in a line: the product's number, below 480.  Half of the even lines
 * have what goes with the line before; two in five lines are favourites of
 * this person.  So "source" and "slot" say whose chance, and which draw of it.
 */
CREATE FUNCTION @extschema@.portrait_demo_line(
	customers bigint, seed bigint, first_day date, days integer)
	RETURNS TABLE (person bigint, number bigint, order_id text, line integer, chance bigint, kind text,
		system text, ordered_at timestamp, status text, channel text, store text, city integer,
		card text, phone text, account text, app text, openid text, unionid text,
		product text, product_name text, category text, pieces integer, list_price numeric,
		shown_price numeric, promotion_kind text, discount integer, refund text, refund_after integer)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH line AS (
		SELECT o.*, k.line,
			k.line % 2 = 0 AND k.line <= o.n_lines AND @extschema@.portrait_demo_noise(o.chance, 61, k.line) < 0.5 AS goes_with,
			@extschema@.portrait_demo_noise(o.chance, 62, k.line) AS quantity,
			@extschema@.portrait_demo_noise(o.chance, 63, k.line) AS whim
		FROM @extschema@.portrait_demo_order(customers, seed, first_day, days) AS o
		-- two more: postage, and a gift
		CROSS JOIN LATERAL pg_catalog.generate_series(1, o.n_lines + 2) AS k(line)
		WHERE k.line <= o.n_lines
			OR k.line = o.n_lines + 1 AND o.n_lines = 1 AND o.system = 'marketplace'
				AND @extschema@.portrait_demo_noise(o.chance, 64, 1) < 0.3
			OR k.line = o.n_lines + 2 AND @extschema@.portrait_demo_noise(o.chance, 64, 2) < 0.04
		OFFSET 0
	), drawn AS (
		SELECT l.*,
			CASE WHEN f.is_favourite THEN l.favourite ELSE l.chance END AS source,
			CASE WHEN f.is_favourite THEN floor(4 * f.noise)::integer
				ELSE l.line - l.goes_with::integer END AS slot,
			l.goes_with::integer AS other
		FROM line AS l
		CROSS JOIN LATERAL (
			SELECT @extschema@.portrait_demo_noise(l.chance, 65, l.line - l.goes_with::integer) < 0.4,
				@extschema@.portrait_demo_noise(l.chance, 66, l.line - l.goes_with::integer)
			OFFSET 0
		) AS f(is_favourite, noise)
		OFFSET 0
	), chosen AS (
		SELECT d.*,
			@extschema@.portrait_demo_code('P', (
				60 * CASE WHEN @extschema@.portrait_demo_noise(d.source, 67, d.slot) < 0.6 THEN d.category
					ELSE floor(8 * @extschema@.portrait_demo_noise(d.source, 68, d.slot))::integer END
				+ floor(60 * @extschema@.portrait_demo_noise(d.source, 69, d.slot)
					* @extschema@.portrait_demo_noise(d.source, 69, d.slot))::integer
				# d.other)::bigint, 4) AS product
		FROM drawn AS d
		OFFSET 0
	)
	SELECT c.person, c.number, c.order_id, c.line, c.chance, x.kind,
		c.system, c.ordered_at, c.status, c.channel, c.store, c.city,
		c.card, c.phone, c.account, c.app, c.openid, c.unionid,
		CASE x.kind WHEN 'postage' THEN 'POST' ELSE c.product END,
		CASE x.kind
			WHEN 'postage' THEN 'Postage'
			WHEN 'gift' THEN 'Gift: ' || g.name
			ELSE CASE WHEN c.whim < 0.03 THEN pg_catalog.lower(n.name) || ' ' ELSE n.name END
		END,
		g.category,
		CASE WHEN x.kind <> 'goods' THEN 1
			ELSE greatest(1, floor(c.spend * (0.4 + c.quantity)))::integer END,
		x.price,
		-- tills that do not tell the list price
		CASE WHEN c.system = 'store' AND c.whim >= 0.98 THEN NULL ELSE x.price END,
		CASE x.kind WHEN 'goods' THEN c.promotion_kind WHEN 'gift' THEN 'gift' END,
		CASE x.kind WHEN 'goods' THEN c.discount ELSE 0 END,
		c.refund, c.refund_after
	FROM chosen AS c
	JOIN @extschema@.portrait_demo_product(seed) AS g ON g.product = c.product
	CROSS JOIN LATERAL (
		SELECT CASE c.line - c.n_lines WHEN 1 THEN 'postage' WHEN 2 THEN 'gift' ELSE 'goods' END,
			CASE c.line - c.n_lines WHEN 1 THEN 12.00 WHEN 2 THEN 0.00 ELSE g.list_price END
	) AS x(kind, price)
	CROSS JOIN LATERAL (
		SELECT g.names[CASE c.system WHEN 'store' THEN 1 WHEN 'marketplace' THEN 2 ELSE 3 END]
	) AS n(name)
	OFFSET 0;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_line(
	customers bigint, seed bigint, first_day date, days integer) IS
'the lines of the demo''s orders with the person, and what is needed to refund them; for example: SELECT * FROM portrait_demo_line(1000, 1, ''2025-01-01'', 390)';

CREATE FUNCTION @extschema@.portrait_demo_order_line(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (order_id text, line integer, system text, ordered_at timestamp, paid_at timestamp,
		status text, channel text, store text, city text,
		card text, phone text, account text, app text, openid text, unionid text,
		product text, product_name text, quantity integer, list_price numeric, paid numeric,
		promotion_kind text, refund_of text)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN r.is_refund THEN @extschema@.portrait_demo_order_id(seed, 'R', p.number)
			ELSE p.order_id END,
		p.line, p.system, p.ordered_at + r.later,
		CASE WHEN p.status NOT IN ('unpaid', 'cancelled') THEN p.ordered_at + r.later + interval '1 minute' END,
		CASE WHEN r.is_refund THEN 'refunded' ELSE p.status END,
		p.channel, p.store, @extschema@.portrait_demo_city(p.city),
		p.card, p.phone, p.account, p.app, p.openid, p.unionid,
		p.product, p.product_name, p.pieces * r.sign, p.shown_price,
		pg_catalog.round(p.list_price * (p.pieces * r.sign * (100 - p.discount))::numeric * 0.01, 2),
		p.promotion_kind,
		-- one refund in five does not say what for
		CASE WHEN r.is_refund AND @extschema@.portrait_demo_noise(p.chance, 70, 1) < 0.8
			THEN p.order_id END
	FROM @extschema@.portrait_demo_line(customers, seed, first_day, days) AS p
	CROSS JOIN LATERAL (VALUES
		(false, 1, interval '0'),
		(true, -1, interval '1 day' * p.refund_after)
	) AS r(is_refund, sign, later)
	WHERE NOT r.is_refund
		OR (p.refund = 'order' AND p.kind <> 'gift' OR p.refund = 'line' AND p.line = 1)
			AND p.ordered_at + r.later < (first_day + days)::timestamp;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_order_line(
	customers bigint, seed bigint, first_day date, days integer) IS
'order lines of the demo''s retailer, with the identifiers that the order knows; paid is the line''s total, list_price a piece''s; refunds have negative quantities; for example: SELECT * FROM portrait_demo_order_line(1000)';

CREATE FUNCTION @extschema@.portrait_demo_event(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (system text, happened_at timestamp, kind text, product text,
		touchpoint text, store text, dwell integer,
		card text, account text, app text, openid text, unionid text, device text)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- around what was bought
	SELECT l.system, l.ordered_at + interval '1 second' * s.later, s.kind, l.product,
		CASE WHEN l.system = 'store' THEN 'shelf' ELSE
			(ARRAY['search', 'recommendation', 'ad', 'message'])
				[1 + (@extschema@.portrait_demo_hash(l.chance, 71, l.line) & 3)] END,
		l.store,
		CASE WHEN s.kind IN ('view', 'visit', 'touch', 'try_on') THEN
			floor(5 / (1.02 - @extschema@.portrait_demo_noise(l.chance, 72, l.line)))::integer END,
		CASE WHEN s.kind = 'purchase' THEN l.card END, l.account, l.app, l.openid, l.unionid, NULL::text
	FROM @extschema@.portrait_demo_line(customers, seed, first_day, days) AS l
	JOIN (VALUES
		(false, 'view', -900, 1.0::double precision), (false, 'favourite', -800, 0.12),
		(false, 'cart', -300, 0.9), (false, 'purchase', 0, 1.0), (false, 'share', 86000, 0.05),
		(true, 'visit', -1200, 0.3), (true, 'touch', -600, 0.6), (true, 'try_on', -400, 0.2),
		(true, 'purchase', 0, 1.0)
	) AS s(in_store, kind, later, share) ON s.in_store = (l.system = 'store')
	WHERE l.kind = 'goods'
		AND (s.kind <> 'purchase' OR l.status NOT IN ('unpaid', 'cancelled'))
		AND @extschema@.portrait_demo_noise(l.chance, 73, 10 * l.line + pg_catalog.length(s.kind)) < s.share
		AND l.ordered_at + interval '1 second' * s.later < (first_day + days)::timestamp
	UNION ALL
	-- visits without an order; only some are logged in
	SELECT v.system,
		(first_day + v.day)::timestamp + interval '1 second' * (v.second + s.later),
		s.kind,
		@extschema@.portrait_demo_code('P', (60 * v.category + floor(60 * v.liked * v.liked)::integer)::bigint, 4),
		CASE WHEN v.system = 'store' THEN 'window' ELSE
			(ARRAY['search', 'recommendation', 'ad', 'message'])
				[1 + (@extschema@.portrait_demo_hash(v.chance, 81, 1) & 3)] END,
		CASE WHEN v.system = 'store' THEN @extschema@.portrait_demo_code('S', v.home_store::bigint, 2) END,
		CASE WHEN s.kind IN ('view', 'visit', 'touch') THEN
			floor(3 / (1.01 - @extschema@.portrait_demo_noise(v.chance, 82, 1)))::integer END,
		NULL,
		CASE WHEN v.logged_in AND v.system = 'marketplace' THEN v.account END,
		CASE WHEN v.logged_in AND v.system = 'social' THEN 'wx8f2a' END,
		CASE WHEN v.logged_in AND v.system = 'social' THEN v.openid END,
		CASE WHEN v.logged_in AND v.system = 'social'
			AND @extschema@.portrait_demo_noise(seed, 39, v.person) < 0.80 THEN v.unionid END,
		CASE WHEN v.system <> 'store' THEN v.device END
	FROM (
		SELECT p.*, c.chance,
			CASE
				WHEN p.marketplace AND (NOT p.social OR @extschema@.portrait_demo_noise(c.chance, 83, 1) < 0.6) THEN 'marketplace'
				WHEN p.social THEN 'social'
				ELSE 'store'
			END AS system,
			greatest(p.arrival, 0) + floor((days - greatest(p.arrival, 0))
				* @extschema@.portrait_demo_noise(c.chance, 84, 1))::integer AS day,
			28800 + floor(50000 * @extschema@.portrait_demo_noise(c.chance, 85, 1))::integer AS second,
			@extschema@.portrait_demo_noise(c.chance, 86, 1) AS liked,
			@extschema@.portrait_demo_noise(c.chance, 87, 1) < 0.7 AS logged_in
		FROM @extschema@.portrait_demo_person(customers, seed, first_day, days) AS p
		CROSS JOIN LATERAL pg_catalog.generate_series(1,
			least(60, floor(2 / sqrt(1 - @extschema@.portrait_demo_noise(seed, 80, p.person))))::integer) AS n(v)
		CROSS JOIN LATERAL (
			SELECT @extschema@.portrait_demo_hash(seed, 88, 64 * p.person + n.v) AS chance OFFSET 0
		) AS c
		OFFSET 0
	) AS v
	JOIN (VALUES
		(false, 'view', 0, 1.0::double precision), (false, 'favourite', 100, 0.08), (false, 'cart', 200, 0.15),
		(true, 'visit', 0, 1.0), (true, 'touch', 300, 0.3)
	) AS s(in_store, kind, later, share) ON s.in_store = (v.system = 'store')
	WHERE @extschema@.portrait_demo_noise(v.chance, 89, pg_catalog.length(s.kind)::bigint) < s.share;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_event(
	customers bigint, seed bigint, first_day date, days integer) IS
'what happened in the demo''s shops: view, favourite, cart, purchase, share; in stores visit, touch, try_on, purchase; for example: SELECT kind, count(*) FROM portrait_demo_event(1000) GROUP BY kind';

/*
 * Reviews: one line in sixteen gets one, of two opinions.
 */
CREATE FUNCTION @extschema@.portrait_demo_opinion()
	RETURNS TABLE (opinion integer, topic text, positive boolean, en text, zh text)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT o.opinion, o.topic, o.positive, o.en, @extschema@.portrait_demo_chinese(o.zh)
	FROM (VALUES
		(0, 'goods', true, 'works well, just as described', 'e5be88e5a5bde794a8efbc8ce5928ce68f8fe8bfb0e4b880e6a0b7'),
		(1, 'goods', true, 'good quality, I will buy it again', 'e8b4a8e9878fe4b88de99499efbc8ce8bf98e4bc9ae5868de4b9b0'),
		(2, 'goods', true, 'a bargain at this price', 'e680a7e4bbb7e6af94e5be88e9ab98'),
		(3, 'delivery', true, 'arrived the next day', 'e7acace4ba8ce5a4a9e5b0b1e588b0e4ba86'),
		(4, 'delivery', true, 'the courier was very kind', 'e5bfabe98092e5b08fe593a5e68081e5baa6e5be88e5a5bd'),
		(5, 'packaging', true, 'beautifully packed', 'e58c85e8a385e5be88e7b2bee7be8e'),
		(6, 'packaging', true, 'well protected, nothing was broken', 'e58c85e8a385e4b8a5e5ae9eefbc8ce6b2a1e69c89e7a0b4e68d9f'),
		(7, 'service', true, 'the shop answered at once', 'e5aea2e69c8de59b9ee5a48de5be88e5bfab'),
		(8, 'service', true, 'they changed it without any question', 'e68da2e8b4a7e5be88e788bde5bfab'),
		(9, 'goods', false, 'broke after two days', 'e794a8e4ba86e4b8a4e5a4a9e5b0b1e59d8fe4ba86'),
		(10, 'goods', false, 'smaller than in the picture', 'e6af94e59bbee78987e5b08fe5be88e5a49a'),
		(11, 'goods', false, 'not worth the money', 'e4b88de580bce8bf99e4b8aae4bbb7'),
		(12, 'delivery', false, 'took two weeks to arrive', 'e7ad89e4ba86e4b8a4e4b8aae6989fe69c9fe6898de588b0'),
		(13, 'delivery', false, 'the courier left it in the rain', 'e5bfabe98092e68a8ae5ae83e68994e59ca8e99ba8e9878c'),
		(14, 'packaging', false, 'the box was crushed', 'e79b92e5ad90e8a2abe58e8be68981e4ba86'),
		(15, 'packaging', false, 'the seal was open', 'e5b081e58fa3e698afe5bc80e79a84'),
		(16, 'service', false, 'nobody answers the phone', 'e5aea2e69c8de794b5e8af9de6b2a1e4babae68ea5'),
		(17, 'service', false, 'I am still waiting for my refund', 'e98080e6acbee4b880e79bb4e6b2a1e588b0e8b4a6')
	) AS o(opinion, topic, positive, en, zh);
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_opinion() IS
'the sentences that the demo''s reviews are made of; for example: SELECT * FROM portrait_demo_opinion()';

CREATE FUNCTION @extschema@.portrait_demo_reviewed(
	customers bigint, seed bigint, first_day date, days integer)
	RETURNS TABLE (review text, written_at timestamp, order_id text, system text,
		card text, account text, app text, openid text, unionid text,
		product text, lang text, opinion integer, other integer)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH said AS (
		SELECT l.*, @extschema@.portrait_demo_noise(l.chance, 97, l.line) AS who,
			-- nine good and nine bad sentences; who sends it back is not content
			9 * (@extschema@.portrait_demo_noise(l.chance, 98, l.line)
				< CASE WHEN l.refund IS NULL THEN 0.2 ELSE 0.95 END)::integer AS bad,
			@extschema@.portrait_demo_hash(l.chance, 99, l.line) & 65535 AS draw
		FROM @extschema@.portrait_demo_line(customers, seed, first_day, days) AS l
		WHERE l.kind = 'goods' AND l.status <> 'unpaid' AND l.status <> 'cancelled'
			AND @extschema@.portrait_demo_noise(l.chance, 96, l.line) < 0.0625
		OFFSET 0
	)
	SELECT @extschema@.portrait_demo_order_id(seed, 'V', 16 * s.number + s.line),
		s.ordered_at + interval '1 day' * (1 + floor(9 * s.who)),
		s.order_id, s.system, s.card, s.account, s.app, s.openid, s.unionid, s.product,
		CASE WHEN s.who < 0.7 THEN 'zh' ELSE 'en' END,
		s.bad + (s.draw % 9)::integer,
		s.bad + ((s.draw + 1 + s.draw / 9 % 8) % 9)::integer
	FROM said AS s
	WHERE s.ordered_at + interval '1 day' * (1 + floor(9 * s.who)) < (first_day + days)::timestamp;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_reviewed(
	customers bigint, seed bigint, first_day date, days integer) IS
'the demo''s reviews by the numbers of their sentences; for example: SELECT * FROM portrait_demo_reviewed(1000, 1, ''2025-01-01'', 390)';

CREATE FUNCTION @extschema@.portrait_demo_review(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (review text, written_at timestamp, order_id text, system text,
		card text, account text, app text, openid text, unionid text,
		product text, rating integer, lang text, body text)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT r.review, r.written_at, r.order_id, r.system,
		r.card, r.account, r.app, r.openid, r.unionid, r.product,
		CASE WHEN a.positive THEN 5 - r.other % 2 ELSE 1 + r.other % 2 END,
		r.lang,
		CASE r.lang
			WHEN 'zh' THEN a.zh || @extschema@.portrait_demo_chinese('efbc8c') || b.zh
				|| @extschema@.portrait_demo_chinese('e38082')
			ELSE pg_catalog.upper(pg_catalog.left(a.en, 1)) || pg_catalog.substr(a.en, 2) || ', ' || b.en || '.'
		END
	FROM @extschema@.portrait_demo_reviewed(customers, seed, first_day, days) AS r
	JOIN @extschema@.portrait_demo_opinion() AS a ON a.opinion = r.opinion
	JOIN @extschema@.portrait_demo_opinion() AS b ON b.opinion = r.other;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_review(
	customers bigint, seed bigint, first_day date, days integer) IS
'reviews of the demo''s goods, in Chinese and English; for example: SELECT rating, body FROM portrait_demo_review(1000)';

CREATE FUNCTION @extschema@.portrait_demo_truth_review(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (review text, topic text, positive boolean)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT r.review, o.topic, o.positive
	FROM @extschema@.portrait_demo_reviewed(customers, seed, first_day, days) AS r
	JOIN @extschema@.portrait_demo_opinion() AS o ON o.opinion IN (r.opinion, r.other);
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_truth_review(
	customers bigint, seed bigint, first_day date, days integer) IS
'what the demo''s reviews are about and whether they praise it; for example: SELECT topic, positive, count(*) FROM portrait_demo_truth_review(1000) GROUP BY topic, positive';

CREATE FUNCTION @extschema@.portrait_demo_truth(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (source text, key text, person bigint)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.system, m.member, p.person
	FROM @extschema@.portrait_demo_person(customers, seed, first_day, days) AS p
	CROSS JOIN LATERAL (VALUES
		('store', p.card), ('marketplace', p.account), ('social', p.openid), ('social', p.openid2)
	) AS m(system, member)
	WHERE m.member IS NOT NULL
	UNION ALL
	SELECT 'order', o.order_id, o.person
	FROM @extschema@.portrait_demo_order(customers, seed, first_day, days) AS o;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_truth(
	customers bigint, seed bigint, first_day date, days integer) IS
'who is who: the person behind each member (source = its system, key = member) and each order (source = order, key = order_id, refunds excepted); for tests; for example: SELECT source, count(*) FROM portrait_demo_truth(1000) GROUP BY source';
