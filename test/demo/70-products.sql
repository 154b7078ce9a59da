-- The company's own tables beside the portrait: its identifiers tell the customer
--
--	 product_segment   product, name, members

\set step 'buyers of products'
\ir step.sql
CREATE TABLE product_segment AS
	SELECT product, btrim(mode() WITHIN GROUP (ORDER BY product_name)) AS name, segment_agg(i.customer) AS members
	FROM purchase JOIN shop.identifier AS i USING (identifier)
	WHERE i.generation = (SELECT generation FROM shop.state)
		AND product NOT IN (SELECT product FROM no_goods)
	GROUP BY product;

\echo 'NO GOODS: codes that stand for no product, left out below.'
SELECT what, CASE WHEN count(*) > 3 THEN min(product COLLATE "C") || ' to ' || max(product COLLATE "C")
		ELSE string_agg(product, ', ' ORDER BY product COLLATE "C") END AS codes, sum(lines) AS lines
FROM (SELECT n.what, n.product, count(l.product) AS lines
	FROM no_goods AS n LEFT JOIN order_line AS l USING (product) GROUP BY 1, 2) AS n
GROUP BY what HAVING sum(lines) > 0 ORDER BY lines DESC, what;

\set step 'compare the buyers of every two products'
\ir step.sql
CREATE TABLE product_pair AS
	SELECT a.product AS a, b.product AS b, segment_jaccard(a.members, b.members) AS jaccard
	FROM product_segment AS a JOIN product_segment AS b ON a.product COLLATE "C" < b.product COLLATE "C"
	WHERE segment_count(a.members) >= 20 AND segment_count(b.members) >= 20
	ORDER BY jaccard DESC, a.product COLLATE "C", b.product COLLATE "C" LIMIT 10;

SELECT count(*) AS n_products, count(*) * (count(*) - 1) / 2 AS n_pairs
FROM product_segment WHERE segment_count(members) >= 20 \gset
\echo 'PAIRS: of the' :n_pairs 'pairs of' :n_products 'products with at least 20 buyers, the ten'
\echo 'whose buyers overlap most: buyers of both, in those of either (Jaccard index).'
SELECT left(a.name, 29) AS product, left(b.name, 29) AS "other product",
	segment_intersect_count(a.members, b.members) AS "both", round(p.jaccard::numeric, 3) AS overlap
FROM product_pair AS p
JOIN product_segment AS a ON a.product = p.a JOIN product_segment AS b ON b.product = p.b
ORDER BY jaccard DESC, p.a COLLATE "C", p.b COLLATE "C";
