-- What became of the sources: who is who, what was odd

\set step 'who is who'
\ir step.sql
\if :is_real \else
\echo 'SILOS: customers that two member systems know without knowing it of each other.'
\echo 'One phone, letter by letter: what a join would find. Shared: what is found here.'
WITH phones AS (SELECT system, phone FROM member WHERE phone IS NOT NULL)
SELECT source_a AS "system", source_b AS "and", customers_a AS "customers", customers_b AS "and of it",
	(SELECT count(*) FROM (SELECT phone FROM phones WHERE system = source_a
		INTERSECT SELECT phone FROM phones WHERE system = source_b) AS common) AS "one phone",
	shared, round(100 * shared::numeric / least(customers_a, customers_b), 1) AS "%"
FROM shop.v_source_overlap WHERE kind = 'identity'
ORDER BY source_a, source_b;
\endif

\echo 'POPULATION: visitors only looked, users are known by name, customers bought.'
SELECT label AS population, customers, round(100 * share::numeric, 1) AS "%"
FROM portrait_partition('shop', 'population', :'lang') ORDER BY customers DESC;

\if :is_real \else
\echo 'SUSPECTS: the five with most identifiers, and that without which each falls into'
\echo 'most pieces: a tablet that many use, or a phone that was given to somebody else.'
WITH observation AS (
	SELECT ARRAY[
		CASE system WHEN 'store' THEN identifier('card', card)
			WHEN 'marketplace' THEN identifier('account', account, 'mall')
			ELSE identifier('openid', openid, app) END,
		identifier('phone', phone), identifier('unionid', unionid), identifier('device', device)] AS ids
	FROM member
), largest AS (
	SELECT customer, count(*) AS size FROM shop.identifier WHERE generation = (SELECT generation FROM shop.state)
	GROUP BY customer ORDER BY size DESC, customer LIMIT 5
), suspect AS (
	SELECT customer, l.size, identity_suspects_agg(o.ids) -> 0 AS worst
	FROM observation AS o JOIN shop.identifier AS i ON i.identifier = o.ids[1]
	JOIN largest AS l USING (customer)
	WHERE i.generation = (SELECT generation FROM shop.state) GROUP BY customer, l.size
)
SELECT customer, size AS identifiers, worst ->> 'identifier' AS "the worst of them",
	(worst -> 'pieces')::integer AS pieces, (worst -> 'largest')::integer AS "largest piece"
FROM suspect ORDER BY size DESC, customer;
\endif

\echo 'NETTED: orders of known customers, before and after netting what was taken back.'
SELECT 'as they were paid' AS orders, count(DISTINCT order_id) AS count, count(DISTINCT customer) AS customers,
	round(sum(paid)) AS revenue
FROM purchase JOIN shop.identifier AS i USING (identifier)
WHERE paid > 0 AND i.generation = (SELECT generation FROM shop.state)
UNION ALL
SELECT 'as they count', sum(orders), count(*) FILTER (WHERE orders > 0), round(sum(spend)) FROM shop.v_customer;

\echo 'ODD: what the last refresh found in the sources.'
\pset format unaligned
\pset tuples_only on
SELECT format('%s %s: %s', lpad(to_char(rows, 'FM999,999,999'), 7), message, coalesce(nullif(subject, ''), 'all sources'))
	|| coalesce(regexp_replace(detail, '(.{1,70})(\s+|$)', E'\n        \\1', 'g'), '')
FROM shop.v_refresh_log
WHERE generation = (SELECT generation FROM shop.state) AND outcome = 'warning' ORDER BY id;
\pset tuples_only off
\pset format aligned
