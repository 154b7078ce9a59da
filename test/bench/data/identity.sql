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

-- What an identifier of customer c looks like follows from id = 8 c + j alone.
CREATE FUNCTION bench.identity_observations(customers bigint, shared_tablet bigint DEFAULT 0,
	clerks_card bigint DEFAULT 0, recycled_phones bigint DEFAULT 0, blocked bigint DEFAULT 0)
RETURNS TABLE (customer bigint, a bigint, b bigint, a_text text, b_text text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	WITH customer AS MATERIALIZED (
		SELECT c, (hashint8extended(c, 12) & 9223372036854775807) % 100 AS chance
		FROM generate_series(1, customers) AS c
	), seen AS MATERIALIZED (
		SELECT c, c * 8 + j AS a,
			CASE WHEN j > 0 THEN c * 8 + (hashint8extended(c * 8 + j, 13) & 9223372036854775807) % j END AS b
		FROM generate_series(0, 5) AS j JOIN customer
			ON j <= (chance >= 10)::integer + (chance >= 41)::integer + (chance >= 63)::integer
				+ (chance >= 77)::integer + (chance >= 89)::integer
		UNION ALL SELECT c, c * 8, 6 FROM generate_series(1, shared_tablet) AS c
		UNION ALL SELECT c, c * 8, 7 FROM generate_series(1, clerks_card) AS c
		UNION ALL SELECT c, c * 8, (c + customers / 2) * 8 FROM generate_series(1, recycled_phones) AS c
		UNION ALL SELECT c, c * 8, 5 FROM generate_series(1, blocked) AS c
	), named AS (
		SELECT id, CASE
			WHEN id = 5 THEN 'phone:unknown'
			WHEN id = 6 THEN 'device:tablet'
			WHEN id = 7 THEN 'card:clerk'
			WHEN kind < 2 THEN 'device:' || md5(id::text)
			WHEN kind < 5 THEN 'email:user' || id || '@example.com'
			WHEN kind < 9 THEN 'card:C' || id
			WHEN kind < 11 THEN 'openid@wx8f2a:o' || substr(md5(id::text), 1, 27)
			WHEN kind < 13 THEN 'openid@wx77c0:o' || substr(md5(id::text), 1, 27)
			ELSE 'phone:+86' || 13000000000 + id * 7919 % 6999999999
		END AS identifier
		FROM (SELECT a AS id, (hashint8extended(a, 11) & 9223372036854775807) % 20 AS kind FROM seen
			UNION SELECT id, 0 FROM generate_series(5, 7) AS id) AS ids
	)
	SELECT seen.c, seen.a, seen.b, of_a.identifier, of_b.identifier
	FROM seen JOIN named AS of_a ON of_a.id = seen.a LEFT JOIN named AS of_b ON of_b.id = seen.b
$$;

-- 1.36 M customers, 4.3 M identifiers, 3 M links, in no order
CREATE TABLE identity_seen AS
	SELECT * FROM bench.identity_observations(1360000) ORDER BY hashint8extended(a, 14);
CREATE TABLE identity_links AS
	SELECT row_number() OVER () AS id, a, b, 1.0::double precision AS cost, a_text, b_text
	FROM identity_seen WHERE b IS NOT NULL;
CREATE TABLE identity_links_tenth AS SELECT * FROM identity_links WHERE id <= 300000;
VACUUM ANALYZE identity_seen;
VACUUM ANALYZE identity_links;
VACUUM ANALYZE identity_links_tenth;
