-- Months: a tag of several values, whose groups are sets to count with

\set step 'months'
\ir step.sql
-- A month is cut off where more than three of its days (a long weekend) lack
CREATE TABLE month_segment AS
	SELECT month, members, month = min(month) OVER () AS is_first,
		first_day - month > 3 OR (month + interval '1 month')::date - last_day > 4 AS is_cut
	FROM (
		SELECT to_date(value, 'YYYY-MM') AS month,
			portrait_members('shop', format('active.month = "%s"', value)) AS members
		FROM portrait_partition('shop', 'active.month')
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
