/*
 * portrait_demo_*: a retailer to try things on, and the truth about it.
 *
 * Three member systems know nothing of each other: stores (card, phone), a
 * marketplace (account, real or masked phone) and a social channel (openid per
 * app, unionid).  Behind them are people, whom only portrait_demo_truth() and
 * portrait_demo_person() know.
 *
 * Same arguments, same rows, on every machine: chance is portrait_demo_hash(),
 * the calendar is an argument, and doubles are only added, multiplied, divided
 * and square-rooted, which IEEE 754 rounds in one way.  The first customers of
 * a larger retailer are those of a smaller one.
 *
 * Streams of chance, each with its own meaning of i:
 *	 1-39	people (i = person, pair of people or family)
 *	40-59	orders (i = number of the order of this person)
 *	60-79	lines of an order (seed = hash of the order, i = line)
 *	80-89	visits without an order (i = number of the visit)
 *	90-99	campaigns, reviews
 *
 * Sets are not STRICT, because only so can they be inlined into the query that
 * calls them; NULL gives no rows.  JIT compilation costs more than it gains here.
 * Subqueries end with OFFSET 0 where the planner would otherwise pull them up
 * and compute a draw as often as it is mentioned.  Chinese text is kept as the
 * hex of its UTF-8, so that the script is ASCII and can be installed whatever
 * the encoding of the database.
 */

CREATE FUNCTION @extschema@.portrait_demo_hash(seed bigint, stream integer, i bigint)
	RETURNS bigint
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.hashint8extended(i, pg_catalog.hashint8extended(stream::bigint, seed));
COMMENT ON FUNCTION @extschema@.portrait_demo_hash(seed bigint, stream integer, i bigint) IS
'64 bits of chance: the i-th draw of a stream, by Jenkins''s lookup3 as in hash partitions, so the same on every machine; for example: portrait_demo_hash(1, 2, 3)';

CREATE FUNCTION @extschema@.portrait_demo_noise(seed bigint, stream integer, i bigint)
	RETURNS double precision
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	-- once more, because neighbours of one round are not independent enough;
	-- 32 bits, times 2^-32
	RETURN (pg_catalog.hashint8extended(@extschema@.portrait_demo_hash(seed, stream, i), 1)
		& 4294967295)::double precision * 2.3283064365386963e-10::double precision;
COMMENT ON FUNCTION @extschema@.portrait_demo_noise(seed bigint, stream integer, i bigint) IS
'the i-th draw of a stream, uniform from 0 to below 1; for example: portrait_demo_noise(1, 2, 3)';

CREATE FUNCTION @extschema@.portrait_demo_chinese(utf8 text)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.convert_from(pg_catalog.decode(utf8, 'hex'), 'UTF8');
COMMENT ON FUNCTION @extschema@.portrait_demo_chinese(utf8 text) IS
'text from the hex of its UTF-8; for example: portrait_demo_chinese(''e88cb6'')';

CREATE FUNCTION @extschema@.portrait_demo_code(prefix text, number bigint, digits integer)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN prefix || pg_catalog.lpad(number::text, digits, '0');
COMMENT ON FUNCTION @extschema@.portrait_demo_code(prefix text, number bigint, digits integer) IS
'a prefix and a number of so many digits; for example: portrait_demo_code(''P'', 42, 4) gives P0042';

-- 387420489 = 3^18 has no factor in common with a power of ten
CREATE FUNCTION @extschema@.portrait_demo_shuffle(seed bigint, number bigint, below bigint)
	RETURNS bigint
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN (number % below * 387420489
		+ (@extschema@.portrait_demo_hash(seed, 0, below) & 4294967295)) % below;
COMMENT ON FUNCTION @extschema@.portrait_demo_shuffle(seed bigint, number bigint, below bigint) IS
'numbers 0 to below - 1 in another order, where below is a power of ten up to 10^10; for example: portrait_demo_shuffle(1, 42, 1000)';

-- Ten prefixes of mainland mobile numbers, eight digits
CREATE FUNCTION @extschema@.portrait_demo_phone(seed bigint, number bigint)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.substr('138139136137135150151158186188',
			1 + 3 * (@extschema@.portrait_demo_shuffle(seed, number, 1000000000) / 100000000)::integer, 3)
		|| pg_catalog.lpad((@extschema@.portrait_demo_shuffle(seed, number, 1000000000)
			% 100000000)::text, 8, '0');
COMMENT ON FUNCTION @extschema@.portrait_demo_phone(seed bigint, number bigint) IS
'a mobile number; different numbers have different ones; for example: portrait_demo_phone(1, 42)';

CREATE FUNCTION @extschema@.portrait_demo_openid(seed bigint, stream integer, i bigint)
	RETURNS text
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
	RETURN 'o' || pg_catalog.lpad(pg_catalog.to_hex(@extschema@.portrait_demo_hash(seed, stream, i)), 16, '0')
		|| pg_catalog.lpad(pg_catalog.to_hex(@extschema@.portrait_demo_hash(seed + 1, stream, i) & 68719476735), 9, '0');
COMMENT ON FUNCTION @extschema@.portrait_demo_openid(seed bigint, stream integer, i bigint) IS
'an identifier of 26 characters, as the social channel gives them; for example: portrait_demo_openid(1, 21, 42)';

/*
 * The calendar.  How busy is a day: weekends, midsummer sales, 11-11 and
 * 12-12, quiet weeks around the Spring Festival (always early in February).
 */
CREATE FUNCTION @extschema@.portrait_demo_day(
	first_day date DEFAULT date '2025-01-01', days integer DEFAULT 390)
	RETURNS TABLE (day date, weight integer)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.day,
		CASE WHEN extract(isodow FROM c.day) >= 6 THEN 13 ELSE 10 END
		* CASE
			WHEN c.mmdd = 1111 THEN 120
			WHEN c.mmdd BETWEEN 1101 AND 1113 THEN 18
			WHEN c.mmdd = 1212 THEN 30
			WHEN c.mmdd BETWEEN 616 AND 618 THEN 28
			WHEN c.mmdd BETWEEN 201 AND 214 THEN 5
			WHEN c.mmdd BETWEEN 701 AND 831 THEN 8
			WHEN c.mmdd BETWEEN 1201 AND 1231 THEN 12
			ELSE 10
		END
	FROM (
		SELECT first_day + i AS day,
			(100 * extract(month FROM first_day + i) + extract(day FROM first_day + i))::integer AS mmdd
		FROM pg_catalog.generate_series(0, days - 1) AS i
	) AS c;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_day(first_day date, days integer) IS
'the days of the demo''s calendar and how busy they are; for example: SELECT * FROM portrait_demo_day()';

CREATE FUNCTION @extschema@.portrait_demo_season(first_day date, days integer)
	RETURNS double precision[]
	LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.array_agg(c.before ORDER BY c.day)
	FROM (
		SELECT d.day,
			(pg_catalog.sum(d.weight) OVER (ORDER BY d.day) - d.weight)::double precision AS before
		FROM @extschema@.portrait_demo_day(first_day, days + 1) AS d
	) AS c;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_season(first_day date, days integer) IS
'the sum of the weights of all days before each day, and before the day after the last; for example: (portrait_demo_season(date ''2025-01-01'', 7))[2]';

/*
 * Goods: 8 categories of 6 items, by 5 brands in 2 sizes.  Items come in pairs
 * that are bought together (numbers 2 k and 2 k + 1).
 */
CREATE FUNCTION @extschema@.portrait_demo_product(seed bigint DEFAULT 1)
	RETURNS TABLE (product text, name text, name_zh text, names text[],
		category text, category_zh text, brand text, list_price numeric)
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH category (c, name, zh) AS (VALUES
		(0, 'tea & coffee', 'e88cb6e4b88ee59296e595a1'),
		(1, 'skin care', 'e68aa4e882a4'),
		(2, 'baby', 'e6af8de5a9b4'),
		(3, 'home', 'e5aeb6e5b185'),
		(4, 'kitchen', 'e58ea8e688bf'),
		(5, 'sport', 'e8bf90e58aa8'),
		(6, 'clothes', 'e69c8de8a385'),
		(7, 'pets', 'e5aea0e789a9')
	), item (c, n, name, zh, price) AS (VALUES
		(0, 0, 'green tea', 'e7bbbfe88cb6', 68),
		(0, 1, 'teapot', 'e88cb6e5a3b6', 129),
		(0, 2, 'coffee beans', 'e59296e595a1e8b186', 79),
		(0, 3, 'filter papers', 'e6bba4e7bab8', 15),
		(0, 4, 'honey', 'e89c82e89c9c', 45),
		(0, 5, 'oat biscuits', 'e78795e9baa6e9a5bce5b9b2', 19),
		(1, 0, 'cleanser', 'e6b481e99da2e4b9b3', 89),
		(1, 1, 'face cream', 'e99da2e99c9c', 199),
		(1, 2, 'sunscreen', 'e998b2e69992e99c9c', 119),
		(1, 3, 'after-sun gel', 'e69992e5908ee5879de883b6', 69),
		(1, 4, 'face mask', 'e99da2e8869c', 99),
		(1, 5, 'toner', 'e788bde882a4e6b0b4', 109),
		(2, 0, 'nappies', 'e7bab8e5b0bfe8a3a4', 139),
		(2, 1, 'wet wipes', 'e6b9bfe5b7be', 29),
		(2, 2, 'baby bottle', 'e5a5b6e793b6', 79),
		(2, 3, 'bottle brush', 'e5a5b6e793b6e588b7', 25),
		(2, 4, 'romper', 'e8bf9ee4bd93e8a1a3', 99),
		(2, 5, 'bib', 'e59bb4e598b4', 19),
		(3, 0, 'bed linen', 'e5ba8ae59381e5a597e4bbb6', 299),
		(3, 1, 'pillow', 'e69e95e5a4b4', 99),
		(3, 2, 'candle', 'e9a699e896b0e89ca1e7839b', 59),
		(3, 3, 'candle holder', 'e7839be58fb0', 49),
		(3, 4, 'towel', 'e6af9be5b7be', 29),
		(3, 5, 'bath mat', 'e6b5b4e5aea4e59eab', 49),
		(4, 0, 'frying pan', 'e7858ee99485', 159),
		(4, 1, 'spatula', 'e99485e993b2', 25),
		(4, 2, 'lunch box', 'e9a5ade79b92', 59),
		(4, 3, 'thermos', 'e4bf9de6b8a9e69daf', 89),
		(4, 4, 'chef''s knife', 'e88f9ce58880', 139),
		(4, 5, 'chopping board', 'e7a0a7e69dbf', 69),
		(5, 0, 'yoga mat', 'e7919ce4bcbde59eab', 99),
		(5, 1, 'yoga block', 'e7919ce4bcbde7a096', 29),
		(5, 2, 'running shoes', 'e8b791e99e8b', 459),
		(5, 3, 'sports socks', 'e8bf90e58aa8e8a29c', 29),
		(5, 4, 'tent', 'e5b890e7afb7', 599),
		(5, 5, 'sleeping bag', 'e79da1e8a28b', 299),
		(6, 0, 'T-shirt', '54e681a4', 79),
		(6, 1, 'belt', 'e79aaee5b8a6', 89),
		(6, 2, 'down jacket', 'e7bebde7bb92e69c8d', 699),
		(6, 3, 'scarf', 'e59bb4e5b7be', 99),
		(6, 4, 'dress', 'e8bf9ee8a1a3e8a399', 259),
		(6, 5, 'jeans', 'e7899be4bb94e8a3a4', 199),
		(7, 0, 'cat food', 'e78cabe7b2ae', 129),
		(7, 1, 'cat litter', 'e78cabe7a082', 39),
		(7, 2, 'dog food', 'e78b97e7b2ae', 149),
		(7, 3, 'dog lead', 'e789b5e5bc95e7bbb3', 49),
		(7, 4, 'cat tree', 'e78cabe788ace69eb6', 199),
		(7, 5, 'pet shampoo', 'e5aea0e789a9e9a699e6b3a2', 59)
	), brand (b, name, zh, factor) AS (VALUES
		(0, 'Northwind', 'e58c97e9a38e', 100),
		(1, 'Bai He', 'e799bee59088', 80),
		(2, 'Everyday', 'e5a4a9e5a4a9', 60),
		(3, 'Luma', 'e99cb2e78e9b', 150),
		(4, 'Maison K', 'e587afe5aeb6', 240)
	), size (s, name, zh, factor) AS (VALUES
		(0, 'small', 'e5b08f', 100),
		(1, 'large', 'e5a4a7', 170)
	), goods AS (
		SELECT 60 * i.c + i.n + 6 * (b.b + 5 * s.s) AS number,
			c.name AS category, @extschema@.portrait_demo_chinese(c.zh) AS category_zh,
			b.name AS brand, i.name AS item, s.name AS size,
			@extschema@.portrait_demo_chinese(b.zh || i.zh) AS name_zh,
			@extschema@.portrait_demo_chinese(s.zh) AS size_zh,
			-- ends with .90, as prices do
			((i.price * b.factor * s.factor) / 10000)::numeric
				+ (@extschema@.portrait_demo_hash(seed, 60, 60 * i.c + i.n + 6 * b.b) & 3)::numeric
				+ 0.90 AS list_price
		FROM category AS c JOIN item AS i ON i.c = c.c CROSS JOIN brand AS b CROSS JOIN size AS s
		OFFSET 0
	)
	SELECT @extschema@.portrait_demo_code('P', g.number::bigint, 4),
		g.brand || ' ' || g.item || ', ' || g.size,
		g.name_zh || ' ' || g.size_zh,
		-- the till's, the marketplace's and the social channel's
		ARRAY[pg_catalog.upper(g.item || ' ' || g.brand || ' ' || pg_catalog.left(g.size, 1)),
			g.brand || ' ' || g.item || ', ' || g.size,
			g.name_zh || ' ' || g.size_zh],
		g.category, g.category_zh, g.brand, g.list_price
	FROM goods AS g;
END;
COMMENT ON FUNCTION @extschema@.portrait_demo_product(seed bigint) IS
'the goods of the demo''s retailer; names are how the till, the marketplace and the social channel call the same thing; for example: SELECT * FROM portrait_demo_product()';
