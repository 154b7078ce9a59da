/*
 * Sources: the company's tables, by queries whose columns are a contract.
 */

CREATE FUNCTION @extschema@.portrait_query_columns(query text, OUT column_name text, OUT column_type oid)
	RETURNS SETOF record
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE ROWS 10
	AS 'MODULE_PATHNAME', 'portrait_query_columns';
COMMENT ON FUNCTION @extschema@.portrait_query_columns(query text, OUT column_name text, OUT column_type oid) IS
'the columns of a query, which is not run; for example: SELECT * FROM portrait_query_columns(''SELECT 1 AS one'') gives one,23';

-- Types: time (date, timestamp, timestamptz), number, boolean, text (whatever can be told as text)
CREATE FUNCTION @extschema@.portrait_source_contract(OUT kind text, OUT column_name text, OUT type text,
	OUT required boolean, OUT meaning text)
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 26
BEGIN ATOMIC
	SELECT c.* FROM (VALUES
		('identity', 'observed_at', 'time', false, 'when these identifiers were seen together'),
		('orders', 'order_id', 'text', true, 'rows with one order_id are lines of one order'),
		('orders', 'paid_at', 'time', true, 'when it was paid; NULL is not paid'),
		('orders', 'paid', 'number', true, 'what was paid for the line; below zero it takes something back'),
		('orders', 'status', 'text', false, 'a word of statuses; without the column all rows with paid_at are paid'),
		('orders', 'quantity', 'number', false, 'pieces, 1 if missing; below zero they were taken back'),
		('orders', 'list_price', 'number', false, 'of a piece, before any discount'),
		('orders', 'promotion_kind', 'text', false, 'coupon, bundle, ...'),
		('orders', 'product', 'text', false, 'code of the product; refunds without refund_of are found by it'),
		('orders', 'product_name', 'text', false, 'its name'),
		('orders', 'category', 'text', false, 'its category'),
		('orders', 'brand', 'text', false, 'its brand'),
		('orders', 'store', 'text', false, 'where it was bought'),
		('orders', 'channel', 'text', false, 'how it was bought'),
		('orders', 'refund_of', 'text', false, 'order_id of the order that the line takes back'),
		('events', 'at', 'time', true, 'when it happened'),
		('events', 'kind', 'text', true, 'view, cart, favourite, share, visit, ...'),
		('events', 'item', 'text', false, 'product or page'),
		('events', 'touchpoint', 'text', false, 'where it happened'),
		('events', 'dwell', 'number', false, 'for how many seconds'),
		('attributes', 'name', 'text', true, 'of the attribute: gender, region, ...'),
		('attributes', 'value', 'text', true, 'what the source says it is; NULL is skipped'),
		('attributes', 'observed_at', 'time', false, 'since when that is known'),
		('consent', 'channel', 'text', true, 'sms, email, ...'),
		('consent', 'allowed', 'boolean', true, 'may they be written to?'),
		('consent', 'at', 'time', false, 'when they said so; the latest counts')
	) AS c(kind, column_name, type, required, meaning);
END;
COMMENT ON FUNCTION @extschema@.portrait_source_contract(OUT kind text, OUT column_name text, OUT type text,
	OUT required boolean, OUT meaning text) IS
'the columns that portrait_source knows for each kind, besides identifiers; for example: SELECT * FROM portrait_source_contract()';
