-- The tables of a retailer, generated or real, as a company has them:
--
--	 order_line	 one row a line, with the identifiers that the order knows
--	 member		 members of the stores, the marketplace and the social channel (generated)
--	 event		 what happened in the shops (generated)
--	 no_goods	 codes that are no goods
--	 purchase	 lines that were bought by somebody who is known, and an identifier of theirs
CREATE TABLE no_goods (product text PRIMARY KEY, what text);

\if :is_real
	\set zone 'Europe/London'
	\set step 'read the file'
	\ir step.sql
	-- the columns bear the file's names, and COPY compares them
	CREATE UNLOGGED TABLE retail_csv (
		"InvoiceNo" text, "StockCode" text, "Description" text, "Quantity" integer,
		"InvoiceDate" timestamp, "UnitPrice" numeric, "CustomerID" text, "Country" text);
	COPY retail_csv FROM :'retail_csv' (FORMAT csv, HEADER match);
	CREATE TABLE order_line AS
		SELECT "InvoiceNo" AS order_id, "InvoiceDate" AS ordered_at, "InvoiceDate" AS paid_at,
			CASE WHEN starts_with("InvoiceNo", 'C') THEN 'cancelled' ELSE 'done' END AS status,
			-- some copies of the file write 17850.0
			"CustomerID"::numeric::bigint::text AS card, "Country" AS region,
			"StockCode" AS product, "Description" AS product_name, "Quantity" AS quantity,
			"Quantity" * "UnitPrice" AS paid
		FROM retail_csv;
	DROP TABLE retail_csv;
	CREATE VIEW purchase AS
		SELECT *, identifier('card', card) AS identifier
		FROM order_line WHERE status = 'done' AND quantity > 0 AND card IS NOT NULL;
	INSERT INTO no_goods VALUES
		('POST', 'postage'), ('DOT', 'postage'), ('C2', 'carriage'), ('M', 'entered by hand'),
		('m', 'entered by hand'), ('D', 'discount'), ('S', 'samples'), ('B', 'bad debt'),
		('BANK CHARGES', 'bank charges'), ('AMAZONFEE', 'fee'), ('CRUK', 'commission'),
		('gift_0001_10', 'gift voucher'), ('gift_0001_20', 'gift voucher'),
		('gift_0001_30', 'gift voucher'), ('gift_0001_40', 'gift voucher'),
		('gift_0001_50', 'gift voucher');
\else
	\set zone 'Asia/Shanghai'
	\set step 'generate a retailer of ' :customers ' people'
	\ir step.sql
	CREATE TABLE member AS SELECT * FROM portrait_demo_member(:customers, seed => :seed);
	CREATE TABLE order_line AS SELECT * FROM portrait_demo_order_line(:customers, seed => :seed);
	CREATE VIEW purchase AS
		SELECT *, CASE system WHEN 'store' THEN identifier('card', card)
			WHEN 'marketplace' THEN identifier('account', account, 'mall')
			ELSE identifier('openid', openid, app) END AS identifier
		FROM order_line
		WHERE quantity > 0 AND paid_at IS NOT NULL AND coalesce(card, account, openid) IS NOT NULL;
	CREATE TABLE event AS SELECT * FROM portrait_demo_event(:customers, seed => :seed);
	INSERT INTO no_goods VALUES ('POST', 'postage');
\endif
VACUUM ANALYZE order_line;

-- Two moments, both exclusive: after the last day that is known, and 90 days before
SELECT (last_day + 1)::timestamp AT TIME ZONE :'zone' AS as_of,
	(last_day - 89)::timestamp AT TIME ZONE :'zone' AS before,
	last_day + 1 AS as_of_day, last_day - 89 AS before_day
FROM (SELECT max(ordered_at)::date AS last_day FROM order_line) AS d \gset

\echo
\echo 'DATA: what there is to work with.'
\if :is_real
	SELECT what, to_char(count, 'FM999,999,999') AS count
	FROM (SELECT count(*), count(*) FILTER (WHERE status = 'cancelled'), count(*) FILTER (WHERE card IS NULL),
			count(DISTINCT order_id) FILTER (WHERE status = 'done'), count(DISTINCT card) FROM order_line)
		AS c(lines, cancelled, nobody, orders, customers),
	LATERAL (VALUES (1, 'lines of orders', lines), (2, 'lines that take something back (invoices C...)', cancelled),
		(3, 'lines without a customer', nobody), (4, 'orders', orders), (5, 'customer numbers', customers)) AS v(n, what, count)
	ORDER BY n;
\else
	SELECT what, to_char(count, 'FM999,999,999') AS count
	FROM (VALUES (1, 'members of the stores', (SELECT count(*) FROM member WHERE system = 'store')),
		(2, 'members of the marketplace', (SELECT count(*) FROM member WHERE system = 'marketplace')),
		(3, 'members of the social channel', (SELECT count(*) FROM member WHERE system = 'social')),
		(4, 'lines of orders', (SELECT count(*) FROM order_line)),
		(5, 'lines that take something back', (SELECT count(*) FROM order_line WHERE quantity < 0)),
		(6, 'lines that were never paid', (SELECT count(*) FROM order_line WHERE paid_at IS NULL)),
		(7, 'views, visits, carts, shares ...', (SELECT count(*) FROM event))) AS v(n, what, count)
	ORDER BY n;
\endif
