/*
 * portrait_demo_*: the people, and what the three member systems know of them.
 *
 * person, the truth: what nobody at the retailer knows.
 *	 store, marketplace, social: where they are members
 *	 phone_old up to phone_day, from then on phone_new (days from first_day)
 *	 openid2, device: at most one of these and a second phone, so that nobody
 *	 has more than six identifiers
 *	 arrival: first day as a customer; before 0 for half of them
 *	 n_orders, pace: orders they would make, and in how many days
 *	 spend: how much they put into the basket, 1 for most
 */
CREATE FUNCTION @extschema@.portrait_demo_person(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (person bigint, store boolean, marketplace boolean, social boolean,
		name text, gender text, born integer, city integer, home_store integer,
		card text, account text, openid text, openid2 text, unionid text, device text,
		phone_old text, phone_new text, phone_day integer,
		arrival integer, n_orders integer, pace integer, comeback boolean,
		spend double precision, seeker boolean, category integer)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH draw AS (
		SELECT i AS person,
			-- the clerk is a member of the stores and of nothing else
			CASE WHEN i % 20000 = 1 THEN 0 ELSE @extschema@.portrait_demo_noise(seed, 1, i) END AS system,
			-- the first of a pair gives up a number, the second gets it
			@extschema@.portrait_demo_noise(seed, 2, (i + 1) / 2) < 0.006 AND i % 2 = 1 AND i % 20000 <> 1 AS gives_phone,
			@extschema@.portrait_demo_noise(seed, 2, (i + 1) / 2) < 0.006 AND i % 2 = 0 AND i % 20000 <> 2 AS gets_phone,
			@extschema@.portrait_demo_noise(seed, 3, (i + 1) / 2) AS phone_day,
			-- families of up to five
			@extschema@.portrait_demo_noise(seed, 4, (i - 1) / 5) < 0.06
				AND (i - 1) % 5 < 2 + 3 * @extschema@.portrait_demo_noise(seed, 5, (i - 1) / 5) AS tablet,
			@extschema@.portrait_demo_noise(seed, 6, i) AS extra,
			@extschema@.portrait_demo_noise(seed, 7, i) AS city,
			@extschema@.portrait_demo_noise(seed, 8, i) < 0.35 AS is_old,
			@extschema@.portrait_demo_noise(seed, 9, i) AS arrival,
			@extschema@.portrait_demo_noise(seed, 10, i) < 0.12 AS never_buys,
			1 - @extschema@.portrait_demo_noise(seed, 11, i) AS eager,
			@extschema@.portrait_demo_noise(seed, 12, i) AS pace,
			1 - @extschema@.portrait_demo_noise(seed, 13, i) AS spend
		FROM pg_catalog.generate_series(1, customers) AS i
		OFFSET 0
	), derived AS (
		SELECT d.*,
			d.system < 0.30 OR d.system BETWEEN 0.62 AND 0.86 OR d.system >= 0.92 AS store,
			d.system BETWEEN 0.30 AND 0.54 OR d.system BETWEEN 0.62 AND 0.76 OR d.system >= 0.86 AS marketplace,
			d.system BETWEEN 0.54 AND 0.62 OR d.system >= 0.76 AS social,
			CASE
				WHEN d.gives_phone THEN 'phone'
				WHEN d.gets_phone THEN NULL
				WHEN d.tablet AND d.system >= 0.30 THEN 'tablet'
				WHEN d.extra < 0.06 THEN 'phone'
				WHEN d.extra < 0.20 AND (d.system BETWEEN 0.54 AND 0.62 OR d.system >= 0.76) THEN 'openid'
				WHEN d.extra < 0.50 AND d.system >= 0.30 THEN 'device'
			END AS has,
			-- P(n >= k) = k^(-3/4)
			CASE WHEN d.never_buys THEN 0
				ELSE least(300, floor(1 / (sqrt(d.eager) * sqrt(sqrt(d.eager)))))::integer
			END AS n_orders
		FROM draw AS d
		OFFSET 0
	)
	SELECT d.person, d.store, d.marketplace, d.social,
		(ARRAY['Wang', 'Li', 'Zhang', 'Liu', 'Chen', 'Yang', 'Huang', 'Zhao', 'Wu', 'Zhou', 'Xu', 'Sun'])
			[1 + floor(12 * @extschema@.portrait_demo_noise(seed, 14, d.person))::integer]
		|| ' ' ||
		(ARRAY['Wei', 'Fang', 'Na', 'Min', 'Jing', 'Li', 'Qiang', 'Lei', 'Jun', 'Yang', 'Yong', 'Yan',
			'Jie', 'Juan', 'Tao', 'Ming', 'Chao', 'Xia', 'Ping', 'Gang'])
			[1 + floor(20 * @extschema@.portrait_demo_noise(seed, 15, d.person))::integer],
		CASE WHEN @extschema@.portrait_demo_noise(seed, 16, d.person) < 0.58 THEN 'F' ELSE 'M' END,
		1955 + floor(27 * (@extschema@.portrait_demo_noise(seed, 17, d.person)
			+ @extschema@.portrait_demo_noise(seed, 18, d.person)))::integer,
		1 + floor(12 * d.city * d.city)::integer,
		-- two stores in a city
		1 + 2 * floor(12 * d.city * d.city)::integer
			+ (@extschema@.portrait_demo_hash(seed, 19, d.person) & 1)::integer,
		CASE WHEN d.store THEN
			@extschema@.portrait_demo_code('80', @extschema@.portrait_demo_shuffle(seed, d.person, 100000000), 8) END,
		CASE
			WHEN NOT d.marketplace THEN NULL
			-- an account may look like somebody else's card
			WHEN @extschema@.portrait_demo_noise(seed, 20, d.person) < 0.01 THEN
				@extschema@.portrait_demo_code('80', @extschema@.portrait_demo_shuffle(seed, d.person + 1, 100000000), 8)
			ELSE @extschema@.portrait_demo_code('mall_', @extschema@.portrait_demo_shuffle(seed, d.person, 1000000000), 9)
		END,
		CASE WHEN d.social THEN @extschema@.portrait_demo_openid(seed, 21, d.person) END,
		CASE WHEN d.has = 'openid' THEN @extschema@.portrait_demo_openid(seed, 22, d.person) END,
		CASE WHEN d.social THEN @extschema@.portrait_demo_openid(seed, 23, d.person) END,
		CASE d.has
			WHEN 'tablet' THEN pg_catalog.lpad(pg_catalog.to_hex(
				@extschema@.portrait_demo_hash(seed, 24, (d.person - 1) / 5)), 16, '0')
			WHEN 'device' THEN pg_catalog.lpad(pg_catalog.to_hex(
				@extschema@.portrait_demo_hash(seed, 25, d.person)), 16, '0')
		END,
		CASE WHEN d.has = 'phone' THEN @extschema@.portrait_demo_phone(seed, 2 * d.person) END,
		CASE
			WHEN d.gets_phone THEN @extschema@.portrait_demo_phone(seed, 2 * d.person - 2)
			WHEN d.has = 'phone' THEN @extschema@.portrait_demo_phone(seed, 2 * d.person + 1)
			ELSE @extschema@.portrait_demo_phone(seed, 2 * d.person)
		END,
		CASE
			WHEN d.gets_phone THEN floor(days * (0.15 + 0.4 * d.phone_day))::integer + 60
			WHEN d.has = 'phone' THEN floor(days * (0.15 + 0.4 * d.phone_day))::integer
			ELSE -1000
		END,
		CASE WHEN d.is_old THEN -1 - floor(700 * d.arrival)::integer
			ELSE pg_catalog.width_bucket(d.arrival * s.upto[days + 1], s.upto) - 1
		END,
		d.n_orders,
		floor(CASE WHEN d.is_old THEN 180 ELSE 20 END + d.n_orders * (10 + 80 * d.pace) / (1 + d.n_orders / 10))::integer,
		@extschema@.portrait_demo_noise(seed, 26, d.person) < 0.05,
		least(12, 0.4 + 0.6 / sqrt(d.spend)),
		@extschema@.portrait_demo_noise(seed, 27, d.person) < 0.25,
		floor(8 * @extschema@.portrait_demo_noise(seed, 28, d.person))::integer
	FROM derived AS d
	CROSS JOIN (SELECT @extschema@.portrait_demo_season(first_day, days) AS upto OFFSET 0) AS s;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_person(
	customers bigint, seed bigint, first_day date, days integer) IS
'the people behind the demo''s members, with what nobody at the retailer knows; for example: SELECT * FROM portrait_demo_person(1000)';

CREATE FUNCTION @extschema@.portrait_demo_city(number integer)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.split_part('Shanghai,Beijing,Shenzhen,Guangzhou,Hangzhou,Chengdu,Wuhan,'
		'Nanjing,Xi''an,Chongqing,Suzhou,Qingdao', ',', number);
COMMENT ON FUNCTION @extschema@.portrait_demo_city(number integer) IS
'the name of a city of the demo, 1 to 12; for example: portrait_demo_city(1) gives Shanghai';

-- What the marketplace shows of a phone: most of them whole, many masked, some
-- by a number of its own with an extension
CREATE FUNCTION @extschema@.portrait_demo_shown_phone(seed bigint, person bigint, phone text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE
		WHEN @extschema@.portrait_demo_noise(seed, 31, person) < 0.55 THEN phone
		WHEN @extschema@.portrait_demo_noise(seed, 31, person) < 0.85 THEN
			pg_catalog.left(phone, 3) || '****' || pg_catalog.right(phone, 4)
		WHEN @extschema@.portrait_demo_noise(seed, 31, person) < 0.90 THEN
			@extschema@.portrait_demo_code('170', @extschema@.portrait_demo_shuffle(seed, person, 100000000), 8)
			|| '-' || pg_catalog.right(phone, 4)
	END;
COMMENT ON FUNCTION @extschema@.portrait_demo_shown_phone(seed bigint, person bigint, phone text) IS
'what the demo''s marketplace shows of a phone number; for example: portrait_demo_shown_phone(1, 42, ''13800138000'')';

CREATE FUNCTION @extschema@.portrait_demo_member(
	customers bigint DEFAULT 20000, seed bigint DEFAULT 1,
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (system text, member text, registered date,
		card text, phone text, account text, app text, openid text, unionid text, device text,
		name text, gender text, birth_year integer, city text, address text)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH person AS (
		SELECT p.*, first_day + p.arrival AS registered
		FROM @extschema@.portrait_demo_person(customers, seed, first_day, days) AS p
	)
	-- the card's owner tells the store when the phone changes
	SELECT 'store', p.card, p.registered,
		p.card,
		CASE WHEN @extschema@.portrait_demo_noise(seed, 30, p.person) < 0.85 THEN p.phone_new END,
		NULL::text, NULL::text, NULL::text, NULL::text,
		-- registered on the tablet that lies in the store
		CASE WHEN @extschema@.portrait_demo_noise(seed, 33, p.person) < 0.006
			AND p.device IS NULL AND p.openid2 IS NULL AND p.phone_old IS NULL THEN
			@extschema@.portrait_demo_code('store-tablet-', p.home_store::bigint, 2) END,
		p.name,
		CASE WHEN @extschema@.portrait_demo_noise(seed, 34, p.person) < 0.70 THEN p.gender END,
		CASE WHEN @extschema@.portrait_demo_noise(seed, 35, p.person) < 0.40 THEN p.born END,
		@extschema@.portrait_demo_city(p.city),
		NULL::text
	FROM person AS p
	WHERE p.store
	UNION ALL
	SELECT 'marketplace', p.account, p.registered,
		NULL,
		@extschema@.portrait_demo_shown_phone(seed, p.person,
			CASE WHEN p.arrival < p.phone_day THEN p.phone_old ELSE p.phone_new END),
		p.account, NULL, NULL, NULL, p.device,
		NULL,
		-- people shop for each other
		CASE
			WHEN @extschema@.portrait_demo_noise(seed, 36, p.person) < 0.06 THEN pg_catalog.translate(p.gender, 'FM', 'MF')
			WHEN @extschema@.portrait_demo_noise(seed, 36, p.person) < 0.60 THEN p.gender
		END,
		NULL,
		@extschema@.portrait_demo_city(p.city),
		@extschema@.portrait_demo_city(p.city)
		|| (ARRAY[', Jianguo Rd ', ', Renmin Rd ', ', Zhongshan Rd ', ', Jiefang Rd '])
			[1 + (@extschema@.portrait_demo_hash(seed, 37, p.person) & 3)]
		|| (1 + (@extschema@.portrait_demo_hash(seed, 38, p.person) & 511))::text
	FROM person AS p
	WHERE p.marketplace
	UNION ALL
	SELECT 'social', a.openid, p.registered,
		NULL,
		CASE WHEN a.app = 'wx8f2a' AND @extschema@.portrait_demo_noise(seed, 32, p.person) < 0.35 THEN
			CASE WHEN p.arrival < p.phone_day THEN p.phone_old ELSE p.phone_new END END,
		NULL, a.app, a.openid,
		CASE WHEN @extschema@.portrait_demo_noise(seed, 39, p.person) < 0.80 THEN p.unionid END,
		CASE WHEN NOT p.marketplace THEN p.device END,
		p.name, NULL, NULL, NULL, NULL
	FROM person AS p
	CROSS JOIN LATERAL (VALUES ('wx8f2a', p.openid), ('wx77c1', p.openid2)) AS a(app, openid)
	WHERE a.openid IS NOT NULL;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_member(
	customers bigint, seed bigint, first_day date, days integer) IS
'the members of the demo''s three systems (store, marketplace, social), with the identifiers that each knows; for example: SELECT system, count(*) FROM portrait_demo_member(1000) GROUP BY system';
