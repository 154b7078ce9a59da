-- Three systems that know nothing of each other, and the people behind them
--
--	 identity_observation	system, member, ids: who was seen with what
--	 identity_map_of_all	map
--	 identity_member		system, member, customer: numbered in this map only
--
-- In the real file there is one system, so this part is for generated data.
\if :is_real
\else

\set step 'canonical identifiers of all members'
\ir step.sql
-- The key of a member has an identifier of its own, so that members without
-- anything else are customers too
CREATE TABLE identity_observation AS
	SELECT system, member, ARRAY[
		CASE system WHEN 'store' THEN identifier('card', card)
			WHEN 'marketplace' THEN identifier('account', account, 'mall')
			ELSE identifier('openid', openid, app) END,
		identifier('phone', phone), identifier('unionid', unionid), identifier('device', device)] AS ids
	FROM portrait_demo_member(:customers, seed => :seed);

\set step 'unite them'
\ir step.sql
CREATE TABLE identity_map_of_all AS SELECT identity_merge(ids) AS map FROM identity_observation;
CREATE TABLE identity_member AS
	SELECT system, member, identity_lookup(map, ids[1]) AS customer
	FROM identity_observation, identity_map_of_all;

\set step 'overlap of the systems'
\ir step.sql
\echo 'OVERLAP: members of two systems that are the same person. Before: the two'
\echo 'have one phone, letter by letter. After: they are one customer of the map.'
WITH pair (a, b) AS (
	VALUES ('store', 'marketplace'), ('store', 'social'), ('marketplace', 'social')
), phones AS (
	SELECT system, phone FROM portrait_demo_member(:customers, seed => :seed) WHERE phone IS NOT NULL
)
SELECT a || ', ' || b AS systems,
	(SELECT count(*) FROM (SELECT phone FROM phones WHERE system = a
		INTERSECT SELECT phone FROM phones WHERE system = b) AS common) AS before,
	(SELECT count(*) FROM (SELECT customer FROM identity_member WHERE system = a
		INTERSECT SELECT customer FROM identity_member WHERE system = b) AS common) AS after
FROM pair;

\echo 'CUSTOMERS: members of all systems, and the customers they are.'
SELECT (SELECT count(*) FROM identity_member) AS members, identity_count(map) AS customers,
	(SELECT max(size) FROM identity_sizes(map)) AS "most identifiers"
FROM identity_map_of_all;

\set step 'suspects'
\ir step.sql
\echo 'SUSPECTS: the five largest customers, and the identifier of each without which'
\echo 'it falls into most pieces: a shared device, or a phone of more than one person.'
WITH largest AS (
	SELECT l.customer, l.size FROM identity_map_of_all, identity_largest(map, 5) AS l
), suspects AS (
	SELECT customer, size, identity_suspects_agg(ids) -> 0 AS worst
	FROM largest JOIN identity_member USING (customer) JOIN identity_observation USING (system, member)
	GROUP BY customer, size
)
SELECT size AS identifiers, worst ->> 'identifier' AS "the worst of them",
	(worst -> 'pieces')::integer AS pieces, (worst -> 'largest')::integer AS "largest piece"
FROM suspects ORDER BY size DESC, customer;

\endif
