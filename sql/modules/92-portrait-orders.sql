/*
 * portrait_demo_*: orders, campaigns, events, reviews, and the truth.
 *
 * portrait_demo_order() has the heads of orders with the person, whom the
 * public functions leave out.  An order of the j-th kind:
 *	 j = 1 to n_orders	what people buy anyway
 *	 j = 400 + c		what they would not have bought without campaign c
 */

CREATE FUNCTION @extschema@.portrait_demo_campaign(
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (campaign integer, name text, channel text, starts date, ends date,
		held_out double precision, cost_per_contact numeric)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.campaign, c.name, 'sms',
		first_day + floor(days * c.starts)::integer,
		first_day + floor(days * c.starts)::integer + 14,
		c.held_out, c.cost
	FROM (VALUES
		(1, 'summer coupon', 0.40::double precision, 0.2::double precision, 0.05),
		(2, 'new season, no offer', 0.58, 0.5, 0.05),
		(3, 'come back', 0.80, 0.2, 0.08)
	) AS c(campaign, name, starts, held_out, cost);
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_campaign(first_day date, days integer) IS
'the campaigns of the demo''s retailer; starts inclusive, ends exclusive; held_out is the share that gets nothing; for example: SELECT * FROM portrait_demo_campaign()';

CREATE FUNCTION @extschema@.portrait_demo_truth_campaign()
	RETURNS TABLE (campaign integer, effect double precision)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.campaign, c.effect
	FROM (VALUES (1, 0.08::double precision), (2, 0), (3, 0.15)) AS c(campaign, effect);
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_truth_campaign() IS
'what the campaigns really did: the probability that a treated customer made one order more; for example: SELECT * FROM portrait_demo_truth_campaign()';

-- Whom a campaign is for: members of the stores with a phone, who came before
-- it, and for the last one at least 180 days before
CREATE FUNCTION @extschema@.portrait_demo_target(
	customers bigint, seed bigint, first_day date, days integer)
	RETURNS TABLE (campaign integer, person bigint, card text, phone text, treated boolean, starts integer)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.campaign, p.person, p.card, p.phone_new,
		@extschema@.portrait_demo_noise(seed, 90 + c.campaign, p.person) >= c.held_out,
		c.starts - first_day
	FROM @extschema@.portrait_demo_person(customers, seed, first_day, days) AS p
	JOIN @extschema@.portrait_demo_campaign(first_day, days) AS c
		ON p.arrival < c.starts - first_day - CASE c.campaign WHEN 3 THEN 180 ELSE 0 END
	WHERE p.store AND @extschema@.portrait_demo_noise(seed, 30, p.person) < 0.85;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_target(
	customers bigint, seed bigint, first_day date, days integer) IS
'the people that the demo''s campaigns are for; for example: SELECT * FROM portrait_demo_target(1000, 1, ''2025-01-01'', 390)';

CREATE FUNCTION @extschema@.portrait_demo_campaign_member(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (campaign integer, card text, phone text, arm text, sent_at timestamp, clicked boolean)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT t.campaign, t.card, t.phone,
		CASE WHEN t.treated THEN 'treated' ELSE 'held_out' END,
		CASE WHEN t.treated THEN (first_day + t.starts)::timestamp + interval '10 hours' END,
		CASE WHEN t.treated THEN @extschema@.portrait_demo_noise(seed, 94 + t.campaign, t.person) < 0.07 END
	FROM @extschema@.portrait_demo_target(customers, seed, first_day, days) AS t;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_campaign_member(
	customers bigint, seed bigint, first_day date, days integer) IS
'who was in which arm (treated, held_out) of the demo''s campaigns; for example: SELECT campaign, arm, count(*) FROM portrait_demo_campaign_member(1000) GROUP BY campaign, arm';

CREATE FUNCTION @extschema@.portrait_demo_order_id(seed bigint, prefix text, number bigint)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN @extschema@.portrait_demo_code(prefix,
		@extschema@.portrait_demo_shuffle(seed, number, 10000000000), 10);
COMMENT ON FUNCTION @extschema@.portrait_demo_order_id(seed bigint, prefix text, number bigint) IS
'the id of an order, which does not tell the person; for example: portrait_demo_order_id(1, ''S'', 513)';

/*
 * Heads of orders.  people draws when, head draws the rest: "chance" is the
 * seed of all that belongs to the order.
 */
CREATE FUNCTION @extschema@.portrait_demo_order(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (person bigint, number bigint, chance bigint, order_id text, system text, ordered_at timestamp,
		status text, channel text, store text,
		card text, phone text, account text, app text, openid text, unionid text,
		promotion_kind text, discount integer, n_lines integer,
		refund text, refund_after integer, city integer,
		spend double precision, favourite bigint, category integer)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH wish AS (
		SELECT p.*, n.j,
			greatest(p.arrival, 0) AS start,
			CASE WHEN n.j = 1 AND p.arrival >= 0 THEN 0
				ELSE p.pace * @extschema@.portrait_demo_noise(seed, 40, 512 * p.person + n.j)
			END AS after
		FROM @extschema@.portrait_demo_person(customers, seed, first_day, days) AS p
		CROSS JOIN LATERAL pg_catalog.generate_series(1, p.n_orders) AS n(j)
		OFFSET 0
	), dated AS (
		SELECT w.*,
			CASE
				WHEN w.comeback AND 2 * w.after > w.pace THEN w.start + floor(w.after)::integer + 150
				WHEN w.after >= days - w.start THEN days
				-- as busy as the days are, between the start and the last day
				ELSE pg_catalog.width_bucket(
					s.upto[w.start + 1] + w.after / least(w.pace, days - w.start)
						* (s.upto[w.start + least(w.pace, days - w.start) + 1] - s.upto[w.start + 1]),
					s.upto) - 1
			END AS day
		FROM wish AS w
		CROSS JOIN (SELECT @extschema@.portrait_demo_season(first_day, days) AS upto OFFSET 0) AS s
		UNION ALL
		SELECT p.*, 400 + t.campaign, 0, 0,
			t.starts + floor(14 * @extschema@.portrait_demo_noise(seed, 41, 512 * p.person + t.campaign))::integer
		FROM @extschema@.portrait_demo_target(customers, seed, first_day, days) AS t
		JOIN @extschema@.portrait_demo_truth_campaign() AS c ON c.campaign = t.campaign
		JOIN @extschema@.portrait_demo_person(customers, seed, first_day, days) AS p ON p.person = t.person
		WHERE t.treated
			AND @extschema@.portrait_demo_noise(seed, 42, 512 * p.person + t.campaign) < c.effect
	), head AS (
		SELECT d.*, 512 * d.person + d.j AS number,
			@extschema@.portrait_demo_hash(seed, 43, 512 * d.person + d.j) AS chance,
			(100 * extract(month FROM first_day + d.day) + extract(day FROM first_day + d.day))::integer AS mmdd,
			CASE WHEN d.day < d.phone_day THEN d.phone_old ELSE d.phone_new END AS phone
		FROM dated AS d
		WHERE d.day < days
		OFFSET 0
	), placed AS (
		SELECT h.*,
			NOT h.store AND @extschema@.portrait_demo_noise(h.chance, 44, 1) < 0.04 AS passes_by,
			CASE
				WHEN NOT h.store AND @extschema@.portrait_demo_noise(h.chance, 44, 1) < 0.04
					OR h.store AND (@extschema@.portrait_demo_noise(h.chance, 44, 2) < 0.5
						OR NOT (h.marketplace OR h.social)) THEN 'store'
				WHEN h.marketplace AND (@extschema@.portrait_demo_noise(h.chance, 44, 2) < 0.85
					OR NOT h.social) THEN 'marketplace'
				ELSE 'social'
			END AS system,
			@extschema@.portrait_demo_noise(h.chance, 45, 1) AS status,
			@extschema@.portrait_demo_noise(h.chance, 45, 2) AS shows,
			@extschema@.portrait_demo_noise(h.chance, 45, 3) AS tells,
			@extschema@.portrait_demo_noise(h.chance, 45, 4) AS lines,
			@extschema@.portrait_demo_noise(h.chance, 45, 5) AS refund,
			-- sales, people who only buy at a discount, and chance
			CASE
				WHEN (h.mmdd BETWEEN 1101 AND 1113 OR h.mmdd BETWEEN 616 AND 618 OR h.mmdd = 1212)
					AND @extschema@.portrait_demo_noise(h.chance, 46, 1) < 0.8 THEN 'flash_sale'
				WHEN @extschema@.portrait_demo_noise(h.chance, 46, 1)
					>= CASE WHEN h.seeker THEN 0.85 ELSE 0.30 END THEN NULL
				WHEN @extschema@.portrait_demo_noise(h.chance, 46, 2) < 0.45 THEN 'coupon'
				WHEN @extschema@.portrait_demo_noise(h.chance, 46, 2) < 0.70 THEN 'bundle'
				ELSE 'member_day'
			END AS promotion
		FROM head AS h
		OFFSET 0
	)
	SELECT h.person, h.number, h.chance,
		@extschema@.portrait_demo_order_id(seed,
			CASE h.system WHEN 'store' THEN 'S' WHEN 'marketplace' THEN 'M' ELSE 'W' END, h.number),
		h.system,
		-- from 8:00 to 23:00, most in the afternoon
		(first_day + h.day)::timestamp + interval '1 second' *
			floor(28800 + 27000 * (@extschema@.portrait_demo_noise(h.chance, 47, 1)
				+ @extschema@.portrait_demo_noise(h.chance, 47, 2))),
		CASE
			WHEN h.system = 'store' THEN 'paid'
			WHEN h.status < 0.025 THEN 'unpaid'
			WHEN h.status < 0.05 THEN 'cancelled'
			WHEN h.day > days - 4 THEN 'shipped'
			ELSE 'done'
		END,
		CASE h.system
			WHEN 'store' THEN 'store'
			WHEN 'marketplace' THEN CASE WHEN h.status < 0.8 THEN 'app' ELSE 'web' END
			ELSE CASE WHEN h.status < 0.6 THEN 'mini program' ELSE 'live stream' END
		END,
		CASE WHEN h.system = 'store' THEN @extschema@.portrait_demo_code('S', h.home_store::bigint, 2) END,
		CASE
			WHEN h.system <> 'store' THEN NULL
			WHEN h.store AND h.shows < 0.85 THEN h.card
			-- the clerk's own card
			WHEN h.passes_by AND h.shows < 0.25 THEN @extschema@.portrait_demo_code('80',
				@extschema@.portrait_demo_shuffle(seed, (h.person - 1) / 20000 * 20000 + 1, 100000000), 8)
		END,
		CASE h.system
			WHEN 'store' THEN
				CASE WHEN h.tells < CASE WHEN h.passes_by THEN 0.6 ELSE 0.3 END THEN h.phone END
			WHEN 'marketplace' THEN @extschema@.portrait_demo_shown_phone(seed, h.person, h.phone)
			ELSE CASE WHEN @extschema@.portrait_demo_noise(seed, 32, h.person) < 0.35 THEN h.phone END
		END,
		CASE WHEN h.system = 'marketplace' THEN h.account END,
		CASE WHEN h.system = 'social' THEN
			CASE WHEN h.openid2 IS NOT NULL AND h.shows < 0.4 THEN 'wx77c1' ELSE 'wx8f2a' END END,
		CASE WHEN h.system = 'social' THEN
			CASE WHEN h.openid2 IS NOT NULL AND h.shows < 0.4 THEN h.openid2 ELSE h.openid END END,
		CASE WHEN h.system = 'social' AND @extschema@.portrait_demo_noise(seed, 39, h.person) < 0.80
			THEN h.unionid END,
		h.promotion,
		CASE h.promotion
			WHEN 'flash_sale' THEN 20 + floor(30 * h.tells)::integer
			WHEN 'coupon' THEN 5 + floor(15 * h.tells)::integer
			WHEN 'bundle' THEN 15
			WHEN 'member_day' THEN 12
			ELSE 0
		END,
		CASE
			WHEN h.lines < 0.42 THEN 1
			WHEN h.lines < 0.68 THEN 2
			WHEN h.lines < 0.83 THEN 3
			WHEN h.lines < 0.91 THEN 4
			WHEN h.lines < 0.955 THEN 5
			ELSE 6 + floor(150 * (h.lines - 0.955))::integer
		END,
		CASE
			WHEN h.system <> 'store' AND h.status < 0.05 OR h.refund >= 0.05 THEN NULL
			WHEN h.refund < 0.03 THEN 'order'
			ELSE 'line'
		END,
		1 + floor(280 * h.refund)::integer,
		h.city, h.spend,
		@extschema@.portrait_demo_hash(seed, 29, h.person), h.category
	FROM placed AS h;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_order(
	customers bigint, seed bigint, first_day date, days integer) IS
'the heads of the demo''s orders with the person who made them, which nobody at the retailer knows; for example: SELECT * FROM portrait_demo_order(1000)';
