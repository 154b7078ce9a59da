-- Groups of customers as segments: one a month, one a region, one a product
--
--	 month_segment	   month, members, is_first, is_cut
--	 region_segment	   region, members
--	 product_segment   product, name, members

\set step 'segments of months'
\ir step.sql
-- A month is cut off where more than three of its days (a long weekend) lack
CREATE TABLE month_segment AS
	SELECT month, members, month = min(month) OVER () AS is_first,
		first_day - month > 3 OR (month + interval '1 month')::date - last_day > 4 AS is_cut
	FROM (
		SELECT date_trunc('month', ordered_at)::date AS month, segment_agg(customer) AS members
		FROM purchase GROUP BY 1
	) AS m
	CROSS JOIN (SELECT min(ordered_at)::date AS first_day, max(ordered_at)::date AS last_day FROM order_line) AS d;

CREATE VIEW month_report AS
	SELECT month, is_cut, segment_count(members) AS active,
		CASE WHEN NOT is_first THEN segment_except_count(members, earlier) END AS new,
		CASE WHEN NOT is_first THEN segment_intersect_count(members, earlier) END AS came_back
	FROM (
		SELECT *, segment_union_agg(members)
			OVER (ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
		FROM month_segment
	) AS m;

\echo 'MONTHS: customers with an order in each month.'
\echo 'new: their first order in this data; returning: they had ordered before. In the'
\echo 'first month the two can''t be told apart; * is a month that the data cuts off.'
SELECT to_char(month, 'YYYY-MM') || CASE WHEN is_cut THEN ' *' ELSE '' END AS month,
	active, new, came_back AS "returning",
	round(100.0 * came_back / active, 1) AS "returning %",
	CASE WHEN is_cut THEN '* cut off' WHEN month = min(month) OVER () THEN 'first month: can''t tell' ELSE '' END AS note
FROM month_report ORDER BY month_report.month;

\echo 'RETENTION: of the customers of a month (left), how many ordered again in a later'
\echo 'month. The first number of a line is the month itself.'
\pset tuples_only on
\pset format unaligned
WITH shown AS (
	SELECT * FROM month_segment ORDER BY month DESC LIMIT 13
), width AS (
	SELECT 1 + greatest(3, max(length(segment_count(members)::text)))::integer AS width FROM shown
)
SELECT line
FROM (
	SELECT NULL::date AS month, repeat(' ', 9) || string_agg(
		lpad(to_char(month, 'Mon') || CASE WHEN is_cut THEN '*' ELSE '' END, width), '' ORDER BY month) AS line
	FROM shown, width
	UNION ALL
	SELECT a.month, rpad(to_char(a.month, 'YYYY-MM') || CASE WHEN a.is_cut THEN '*' ELSE '' END, 9) || string_agg(
		CASE WHEN b.month < a.month THEN repeat(' ', width)
			ELSE lpad(segment_intersect_count(a.members, b.members)::text, width) END, '' ORDER BY b.month)
	FROM shown AS a, shown AS b, width
	GROUP BY a.month, a.is_cut
) AS matrix
ORDER BY month NULLS FIRST;
\pset format aligned
\pset tuples_only off

\set step 'segments of regions'
\ir step.sql
CREATE TABLE region_segment AS
	SELECT region, segment_agg(customer) AS members FROM purchase GROUP BY region;

\echo
\echo 'REGIONS: the ten with most customers, and how many of these ordered in the last'
\echo 'month that is whole.'
WITH recent AS (
	SELECT members FROM month_segment WHERE NOT is_cut ORDER BY month DESC LIMIT 1
)
SELECT region, segment_count(r.members) AS customers,
	round(100.0 * segment_count(r.members) / nullif((SELECT segment_count(segment_union_agg(members)) FROM region_segment), 0), 1) AS "share %",
	segment_intersect_count(r.members, recent.members) AS "last month"
FROM region_segment AS r LEFT JOIN recent ON true
ORDER BY customers DESC, region COLLATE "C" LIMIT 10;

\set step 'segments of products'
\ir step.sql
CREATE TABLE product_segment AS
	SELECT product, btrim(mode() WITHIN GROUP (ORDER BY product_name)) AS name,
		segment_agg(customer) AS members
	FROM purchase
	WHERE product NOT IN (SELECT product FROM no_goods)
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
