-- A million customers with tags, in the form of each peer, and a million rules.
--
-- A customer draws 30 tags out of 2,000 with Zipf's law (exponent 0.8), which
-- leaves about 26 different ones; 83 % have the first, half a percent tag 1500.  City (of 50) and age (16 to 75) beside them.
--
-- A rule is one conjunction (75 %) or two of 2 to 5 groups, each of them one tag
-- (half of them), two or three to choose from, and in 30 % one or two tags that
-- must not be there; its tags are drawn with an exponent of 0.4.  About 0.1 % of
-- the rules match a customer.

-- A number from 1 to n by Zipf's law, up to some percent
CREATE FUNCTION bench.zipf(noise bigint, n integer, exponent double precision) RETURNS integer
	IMMUTABLE STRICT PARALLEL SAFE
	RETURN floor(0.5 + (0.5 ^ (1 - exponent) + noise / 9223372036854775808.0::double precision
		* ((n + 0.5) ^ (1 - exponent) - 0.5 ^ (1 - exponent))) ^ (1 / (1 - exponent)));

CREATE TABLE tag_customers AS
	SELECT c AS id,
		ARRAY(SELECT DISTINCT bench.zipf(bench.noise(c * 32 + j, 41), 2000, 0.8) AS tag
			FROM generate_series(1, 30) AS j ORDER BY tag) AS tags,
		bench.zipf(bench.noise(c, 42), 50, 0.8) AS city,
		(16 + bench.noise(c, 43) % 60)::integer AS age
	FROM generate_series(1, 1000000) AS c;

-- In the form of each: bare tags
CREATE TABLE tag_portrait AS
	SELECT id, tagset(ARRAY(SELECT 't' || tag FROM unnest(tags) AS tag)) AS tags FROM tag_customers;
CREATE TABLE tag_array AS SELECT id, tags FROM tag_customers;
CREATE TABLE tag_tsvector AS
	SELECT id, array_to_tsvector(ARRAY(SELECT 't' || tag FROM unnest(tags) AS tag)) AS tags FROM tag_customers;

-- ... and with numbers
CREATE TABLE tag_full AS
	SELECT id, p.tags || tagset(format('city=%s, age=%s', city, age)) AS tags
	FROM tag_portrait AS p JOIN tag_customers USING (id);
CREATE TABLE tag_jsonb AS
	SELECT id, jsonb_build_object('tags', tags, 'city', city, 'age', age) AS tags FROM tag_customers;

-- Rules as text, with # where a tag's number starts
CREATE FUNCTION bench.tag_rule(r bigint) RETURNS text
	IMMUTABLE STRICT PARALLEL SAFE
	RETURN (
		SELECT string_agg('(' || positive || negative || ')', '|')
		FROM generate_series(r * 2, r * 2 + (bench.noise(r, 51) % 4 = 0)::integer) AS c,
			LATERAL (
				SELECT string_agg('(' || choices || ')', '&') AS positive
				FROM generate_series(c * 8, c * 8 + 1 + bench.noise(c, 52) % 4) AS g,
					LATERAL (
						SELECT string_agg('#' || bench.zipf(bench.noise(t, 54), 2000, 0.4), '|') AS choices
						FROM generate_series(g * 4, g * 4 + ((bench.noise(g, 53) % 6)::integer >= 3)::integer
							+ ((bench.noise(g, 53) % 6)::integer = 5)::integer) AS t
					) AS alternatives
			) AS groups,
			LATERAL (
				SELECT coalesce(string_agg('&!#' || bench.zipf(bench.noise(t, 56), 2000, 0.4), ''), '') AS negative
				FROM generate_series(c * 2, c * 2 + bench.noise(c, 57) % 2) AS t
				WHERE bench.noise(c, 55) % 10 < 3
			) AS excluded
	);

CREATE TABLE tag_rule_texts AS
	SELECT r AS id, bench.tag_rule(r) AS rule FROM generate_series(1, 1000000) AS r;
CREATE TABLE tag_rules AS
	SELECT id, replace(rule, '#', 't')::tagquery AS rule FROM tag_rule_texts;

-- Customers to ask for, with 29 tags each
CREATE TABLE tag_asking AS
	SELECT id, p.tags, c.tags AS numbers, row_number() OVER (ORDER BY id) AS n
	FROM tag_portrait AS p JOIN tag_customers AS c USING (id)
	WHERE cardinality(c.tags) = 29 ORDER BY id LIMIT 1000;

-- Parts of them are asked for by number
CREATE INDEX ON tag_portrait (id);
CREATE INDEX ON tag_array (id);
VACUUM ANALYZE;
