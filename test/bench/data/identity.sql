-- Observations of identifiers, and who they are.
--
-- identity_observations(customers, ...) gives one row an identifier: customer
-- (the truth), a number and a text of the identifier, and those of another
-- identifier of the same customer that it was seen with, NULL for the first.
-- A customer has 1 to 6 identifiers (10, 31, 22, 14, 12 and 11 %), of the five
-- types phone, email, openid, card and device; which types he has falls off as
-- steeply as channels do.  Each identifier is seen with a random earlier one,
-- so that n identifiers of c customers are n - c links: a forest, in which no
-- link can be spared.
--
-- shared_tablet, clerks_card: so many customers were also seen with one device,
-- with one card.  recycled_phones: so many customers have the phone of another.
-- blocked: so many have 'unknown' as phone, raw, as no program should store it.

CREATE FUNCTION bench.identity_text(customer bigint, j integer) RETURNS text
	IMMUTABLE PARALLEL SAFE
	RETURN CASE bench.noise(customer * 8 + j, 11) % 20
		WHEN 0 THEN 'device:' || md5((customer * 8 + j)::text)
		WHEN 1 THEN 'device:' || md5((customer * 8 + j)::text)
		WHEN 2 THEN 'email:user' || customer * 8 + j || '@example.com'
		WHEN 3 THEN 'email:user' || customer * 8 + j || '@example.com'
		WHEN 4 THEN 'email:user' || customer * 8 + j || '@example.com'
		WHEN 5 THEN 'card:C' || customer * 8 + j
		WHEN 6 THEN 'card:C' || customer * 8 + j
		WHEN 7 THEN 'card:C' || customer * 8 + j
		WHEN 8 THEN 'card:C' || customer * 8 + j
		WHEN 9 THEN 'openid@wx8f2a:o' || substr(md5((customer * 8 + j)::text), 1, 27)
		WHEN 10 THEN 'openid@wx8f2a:o' || substr(md5((customer * 8 + j)::text), 1, 27)
		WHEN 11 THEN 'openid@wx77c0:o' || substr(md5((customer * 8 + j)::text), 1, 27)
		WHEN 12 THEN 'openid@wx77c0:o' || substr(md5((customer * 8 + j)::text), 1, 27)
		ELSE 'phone:+86' || 13000000000 + (customer * 8 + j) * 7919 % 6999999999
	END;

CREATE FUNCTION bench.identity_observations(customers bigint, shared_tablet bigint DEFAULT 0,
	clerks_card bigint DEFAULT 0, recycled_phones bigint DEFAULT 0, blocked bigint DEFAULT 0)
RETURNS TABLE (customer bigint, a bigint, b bigint, a_text text, b_text text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT c, c * 8 + j, c * 8 + with_j, bench.identity_text(c, j), bench.identity_text(c, with_j)
	FROM generate_series(1, customers) AS c,
		LATERAL (SELECT bench.noise(c, 12) % 100 AS chance) AS d,
		generate_series(0, CASE WHEN chance < 10 THEN 0 WHEN chance < 41 THEN 1 WHEN chance < 63 THEN 2
			WHEN chance < 77 THEN 3 WHEN chance < 89 THEN 4 ELSE 5 END) AS j,
		LATERAL (SELECT CASE WHEN j > 0 THEN (bench.noise(c * 8 + j, 13) % j)::integer END AS with_j) AS w
	UNION ALL
	SELECT c, c * 8, 6, bench.identity_text(c, 0), 'device:tablet' FROM generate_series(1, shared_tablet) AS c
	UNION ALL
	SELECT c, c * 8, 7, bench.identity_text(c, 0), 'card:clerk' FROM generate_series(1, clerks_card) AS c
	UNION ALL
	SELECT c, c * 8, (c + customers / 2) * 8, bench.identity_text(c, 0), bench.identity_text(c + customers / 2, 0)
	FROM generate_series(1, recycled_phones) AS c
	UNION ALL
	SELECT c, c * 8, 5, bench.identity_text(c, 0), 'phone:unknown' FROM generate_series(1, blocked) AS c
$$;

-- 1.36 M customers, 4.3 M identifiers, 3 M links, in no order
CREATE TABLE identity_seen AS
	SELECT * FROM bench.identity_observations(1360000) ORDER BY bench.noise(a, 14);
CREATE TABLE identity_links AS
	SELECT row_number() OVER () AS id, a, b, 1.0::double precision AS cost, a_text, b_text
	FROM identity_seen WHERE b IS NOT NULL;
CREATE TABLE identity_links_tenth AS SELECT * FROM identity_links WHERE id <= 300000;
VACUUM ANALYZE identity_seen;
VACUUM ANALYZE identity_links;
VACUUM ANALYZE identity_links_tenth;
