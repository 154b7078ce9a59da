-- Orders of a retailer, generated or real, in one table that all parts read:
--
--	 order_line	 one row a line, with the identifiers that the order knows
--	 purchase	 of these: paid, not taken back, by a customer who is known
--	 no_goods	 codes that are no goods
--
-- "customer" numbers what one system knows a customer by.
CREATE TABLE order_line (
	order_id text NOT NULL,
	line integer NOT NULL,				-- in the order, or in the file
	system text NOT NULL,				-- store, marketplace, social
	ordered_at timestamp NOT NULL,		-- local time
	kind text NOT NULL,					-- purchase, cancellation, unpaid
	customer bigint,
	card text, phone text, account text, app text, openid text, unionid text,
	region text,						-- country or city
	product text NOT NULL,
	product_name text,
	quantity integer NOT NULL,
	list_price numeric,					-- of a piece
	paid numeric NOT NULL,				-- for the line
	promotion_kind text,
	refund_of text
);
CREATE TABLE no_goods (product text PRIMARY KEY, what text);

\if :is_real
	\set step 'read the file'
	\ir step.sql
	-- the columns bear the file's names, and COPY compares them
	CREATE UNLOGGED TABLE retail_csv (
		row integer GENERATED ALWAYS AS IDENTITY,
		"InvoiceNo" text, "StockCode" text, "Description" text, "Quantity" integer,
		"InvoiceDate" timestamp, "UnitPrice" numeric, "CustomerID" text, "Country" text);
	COPY retail_csv ("InvoiceNo", "StockCode", "Description", "Quantity",
		"InvoiceDate", "UnitPrice", "CustomerID", "Country")
	FROM :'retail_csv' (FORMAT csv, HEADER match);

	\set step 'sort lines into orders'
	\ir step.sql
	INSERT INTO order_line (order_id, line, system, ordered_at, kind, customer, card, region,
		product, product_name, quantity, list_price, paid)
	SELECT "InvoiceNo", row, 'store', "InvoiceDate",
		CASE WHEN starts_with("InvoiceNo", 'C') THEN 'cancellation' ELSE 'purchase' END,
		-- some copies of the file write 17850.0
		"CustomerID"::numeric::bigint, "CustomerID"::numeric::bigint::text, "Country",
		"StockCode", "Description", "Quantity", "UnitPrice", "Quantity" * "UnitPrice"
	FROM retail_csv;
	DROP TABLE retail_csv;
	INSERT INTO no_goods VALUES
		('POST', 'postage'), ('DOT', 'postage'), ('C2', 'carriage'), ('M', 'entered by hand'),
		('m', 'entered by hand'), ('D', 'discount'), ('S', 'samples'), ('B', 'bad debt'),
		('BANK CHARGES', 'bank charges'), ('AMAZONFEE', 'fee'), ('CRUK', 'commission'),
		('gift_0001_10', 'gift voucher'), ('gift_0001_20', 'gift voucher'),
		('gift_0001_30', 'gift voucher'), ('gift_0001_40', 'gift voucher'),
		('gift_0001_50', 'gift voucher');
\else
	\set step 'generate a retailer of ' :customers ' customers'
	\ir step.sql
	INSERT INTO order_line (order_id, line, system, ordered_at, kind, card, phone, account, app, openid,
		unionid, region, product, product_name, quantity, list_price, paid, promotion_kind, refund_of)
	SELECT order_id, line, system, ordered_at,
		CASE WHEN status IN ('unpaid', 'cancelled') THEN 'unpaid'
			WHEN status = 'refunded' THEN 'cancellation' ELSE 'purchase' END,
		card, phone, account, app, openid, unionid, city,
		product, product_name, quantity, list_price, paid, promotion_kind, refund_of
	FROM portrait_demo_order_line(:customers, seed => :seed);
	INSERT INTO no_goods VALUES ('POST', 'postage');

	\set step 'number the members of each system'
	\ir step.sql
	UPDATE order_line AS l SET customer = m.customer
	FROM (
		SELECT system, coalesce(card, account, openid) AS member,
			row_number() OVER (ORDER BY system, coalesce(card, account, openid)) AS customer
		FROM order_line WHERE coalesce(card, account, openid) IS NOT NULL
		GROUP BY 1, 2
	) AS m
	WHERE m.system = l.system AND m.member = coalesce(l.card, l.account, l.openid);
\endif
VACUUM ANALYZE order_line;

CREATE VIEW purchase AS
	SELECT * FROM order_line WHERE kind = 'purchase' AND customer IS NOT NULL;

\echo
\echo 'ORDERS: what there is to work with.'
\if :is_real
	\echo 'Cancellations are invoices that begin with C.'
\else
	\echo 'Stores, a marketplace and a social channel, each with members of its own, who'
	\echo 'are not yet known to be the same people: each counts as a customer here.'
\endif
SELECT what, count
FROM (
	SELECT count(*) AS lines, count(*) FILTER (WHERE kind = 'cancellation') AS cancelled,
		count(*) FILTER (WHERE kind = 'unpaid') AS unpaid,
		count(*) FILTER (WHERE customer IS NULL) AS nobody,
		count(DISTINCT order_id) FILTER (WHERE kind = 'purchase') AS orders,
		count(DISTINCT customer) FILTER (WHERE kind = 'purchase') AS customers
	FROM order_line
) AS o,
LATERAL (SELECT count(*) AS names FROM (
		SELECT FROM order_line WHERE product_name <> '' GROUP BY product
		HAVING count(DISTINCT product_name) > 1) AS p) AS p,
LATERAL (VALUES
	(1, 'lines', lines), (2, 'lines that take something back', cancelled),
	(3, 'lines that were never paid', unpaid),
	(4, 'lines without a customer', nobody), (5, 'orders', orders), (6, 'customers with an order', customers),
	(7, 'products with several names', names)
) AS v(n, what, count)
WHERE count > 0
ORDER BY n;
