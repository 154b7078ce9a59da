/*
 * Refresh: orders netted, and what is summed up of each customer.
 *
 *	w_back		what was taken back of each line of a purchase
 *	w_line		lines that count
 *	w_order		orders with a customer
 *
 * A line of a purchase is known by its source and its place (ctid) in w_in_<id>, which
 * nobody changes.
 */

CREATE FUNCTION @extschema@.portrait_refresh_orders(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	lines text := @extschema@.portrait_refresh_union(schema, 'orders');
	identifiers text := format('%I.%I', schema, 'identifier_g' || generation);
	refunds bigint;
	nobody record;
	void bigint;
	orders bigint;
BEGIN
	refunds := @extschema@.portrait_refresh_order_checks(schema, generation, as_of);
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_back (pass integer, source text COLLATE "C", line tid, refund_source text COLLATE "C",
			refund_line tid, quantity numeric, paid numeric) $sql$, schema);
	IF refunds > 0 THEN
		PERFORM @extschema@.portrait_refresh_net(schema, generation, as_of);
	END IF;

	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_line AS
		SELECT l.source, i.customer, l.order_id, l.at AS paid_at, l.paid %4$s AS paid,
			coalesce(l.quantity, 1) %5$s AS quantity, l.list_price, l.promotion_kind,
			l.product, l.product_name, l.category, l.brand, l.store, l.channel
		FROM (%2$s) AS l
		LEFT JOIN %3$s AS i ON i.identifier = l.id
		%6$s
		WHERE l.what = 1 AND l.paid IS NOT NULL AND l.order_id IS NOT NULL %7$s
		-- what is summed up by customer runs through memory in order
		ORDER BY i.customer $sql$, schema, lines, identifiers,
		CASE WHEN refunds > 0 THEN '- coalesce(b.paid, 0)' END,
		CASE WHEN refunds > 0 THEN '- coalesce(b.quantity, 0)' END,
		CASE WHEN refunds > 0 THEN format('LEFT JOIN (SELECT source, line, sum(paid) AS paid, sum(quantity) AS quantity
			FROM %1$I.w_back GROUP BY source, line) AS b ON b.source = l.source AND b.line = l.line', schema) END,
		-- what was taken back altogether
		CASE WHEN refunds > 0 THEN 'AND (b.line IS NULL OR l.paid <> b.paid OR coalesce(l.quantity, 1) > b.quantity)' END);
	EXECUTE format('ANALYZE %1$I.w_line', schema);
	FOR nobody IN
		EXECUTE format($sql$
			SELECT source, count(DISTINCT order_id) AS orders, count(*) AS lines, sum(paid) AS paid
			FROM %1$I.w_line WHERE customer IS NULL GROUP BY source ORDER BY source $sql$, schema)
	LOOP
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'orders', nobody.source, nobody.orders,
			'orders without a customer', format('They have %s lines and come to %s.', nobody.lines, nobody.paid));
	END LOOP;

	PERFORM @extschema@.portrait_refresh_order(schema);
	EXECUTE format('ANALYZE %1$I.w_order', schema);
	-- what came to nothing is no order
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_void AS
		SELECT customer, order_id, source FROM %1$I.w_order WHERE paid <= 0 $sql$, schema);
	GET DIAGNOSTICS void = ROW_COUNT;
	IF void > 0 THEN
		EXECUTE format('DELETE FROM %1$I.w_order WHERE paid <= 0', schema);
		EXECUTE format($sql$
			DELETE FROM %1$I.w_line AS l USING %1$I.w_void AS v
			WHERE l.customer = v.customer AND l.order_id = v.order_id AND l.source = v.source $sql$, schema);
	END IF;
	EXECUTE format('SELECT count(*) FROM %1$I.w_order', schema) INTO orders;
	RETURN orders;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_orders(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that nets orders; gives the number of orders with a customer; for example: SELECT portrait_refresh_orders(''shop'', 17, ''2026-01-01Z'')';

-- Lines to orders.  Where hardly an order has two lines, most need not be summed up.
CREATE FUNCTION @extschema@.portrait_refresh_order(schema name)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	single boolean := coalesce((SELECT s.n_distinct < -0.95 FROM pg_stats AS s
		WHERE s.schemaname = schema AND s.tablename = 'w_line' AND s.attname = 'order_id'), false);
	sums text := format($sql$
		SELECT customer, source, order_id, min(paid_at) AS paid_at, sum(paid) AS paid, sum(quantity) AS quantity,
			CASE WHEN count(list_price) = count(*) THEN sum(list_price * quantity) END AS list_price,
			count(*)::integer AS lines, min(promotion_kind) AS promotion_kind, min(store) AS store, min(channel) AS channel,
			coalesce(min(product_name), min(product), order_id) AS title
		FROM %1$I.w_line WHERE customer IS NOT NULL $sql$, schema);
	groups text := 'GROUP BY customer, order_id, source';
BEGIN
	IF single THEN
		EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_multiple AS SELECT order_id FROM %1$I.w_line GROUP BY order_id HAVING count(*) > 1', schema);
		EXECUTE format('ANALYZE %1$I.w_multiple', schema);
		EXECUTE format($sql$
			CREATE UNLOGGED TABLE %1$I.w_order AS
			SELECT customer, source, order_id, paid_at, paid, quantity, list_price * quantity AS list_price,
				1 AS lines, promotion_kind, store, channel, coalesce(product_name, product, order_id) AS title
			FROM %1$I.w_line AS l
			WHERE customer IS NOT NULL AND NOT EXISTS (SELECT FROM %1$I.w_multiple AS m WHERE m.order_id = l.order_id)
			UNION ALL
			%2$s AND order_id IN (SELECT order_id FROM %1$I.w_multiple) %3$s $sql$, schema, sums, groups);
	ELSE
		EXECUTE format('CREATE UNLOGGED TABLE %1$I.w_order AS %2$s %3$s ORDER BY customer', schema, sums, groups);
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_order(schema name) IS
'sums up lines to orders, for portrait_refresh_orders; for example: SELECT portrait_refresh_order(''shop'')';

-- What is odd in the orders; gives the number of lines that take something back
CREATE FUNCTION @extschema@.portrait_refresh_order_checks(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source record;
	found record;
	detail text;
	refunds bigint := 0;
BEGIN
	FOR source IN
		EXECUTE format('SELECT id, name, format(''%%I.%%I'', %1$L, ''w_in_'' || id) AS lines
			FROM %1$I.w_source WHERE kind = ''orders'' ORDER BY id', schema)
	LOOP
		EXECUTE format($sql$
			SELECT count(*) FILTER (WHERE what IS NULL) AS unmapped,
				count(*) FILTER (WHERE what = -1) AS refunds,
				count(*) FILTER (WHERE what <> 0 AND order_id IS NULL) AS unnamed,
				count(*) FILTER (WHERE what = 1 AND paid IS NULL) AS unpriced
			FROM %1$s $sql$, source.lines)
		INTO found;
		refunds := refunds + found.refunds;
		IF found.unmapped > 0 THEN
			EXECUTE format($sql$
				SELECT string_agg(format('%%L: %%s', status, n), ', ' ORDER BY n DESC, status)
				FROM (SELECT left(status, 100) AS status, count(*) AS n FROM %1$s WHERE what IS NULL
					GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20) AS s $sql$, source.lines)
			INTO detail;
			PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'orders', source.name, found.unmapped,
				'lines do not count, as statuses does not say what their status means', detail);
		END IF;
		IF found.unnamed > 0 THEN
			PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'orders', source.name, found.unnamed,
				'lines do not count, as they have no order_id');
		END IF;
		IF found.unpriced > 0 THEN
			PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'orders', source.name, found.unpriced,
				'lines do not count, as paid is missing or no number');
		END IF;
	END LOOP;

	EXECUTE format($sql$
		WITH product AS (
			SELECT product, count(*) AS names
			FROM (SELECT DISTINCT product, product_name FROM (%1$s) AS l WHERE product <> '' AND product_name <> '') AS n
			GROUP BY product HAVING count(*) > 1
		)
		SELECT count(*) AS products, (SELECT string_agg(product, ', ' ORDER BY names DESC, product)
			FROM (SELECT * FROM product ORDER BY names DESC, product LIMIT 10) AS most) AS examples
		FROM product $sql$, @extschema@.portrait_refresh_union(schema, 'orders'))
	INTO found;
	IF found.products > 0 THEN
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'orders', NULL, found.products,
			'products with several names', 'Most names: ' || found.examples || '.');
	END IF;
	RETURN refunds;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_order_checks(schema name, generation bigint, as_of timestamptz) IS
'reports what is odd in the orders, and counts the lines that take something back; for example: SELECT portrait_refresh_order_checks(''shop'', 17, ''2026-01-01Z'')';

-- Finds what each refund takes back, in three passes: of the order that it names, of the
-- same product or else of any, and then of the latest earlier purchases of the same
-- customer and product.  Only orders and customers with a refund are looked at.
CREATE FUNCTION @extschema@.portrait_refresh_net(schema name, generation bigint, as_of timestamptz)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	lines text := @extschema@.portrait_refresh_union(schema, 'orders');
	found record;
BEGIN
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_refund AS
		SELECT l.source, l.line, l.priority, i.customer, l.at, l.order_id, l.product, l.quantity, l.paid, l.refund_of
		FROM (%2$s) AS l LEFT JOIN %1$I.%3$I AS i ON i.identifier = l.id
		WHERE l.what = -1 $sql$, schema, lines, 'identifier_g' || generation);
	EXECUTE format('ANALYZE %1$I.w_refund', schema);
	-- purchases that could be meant; both halves begin with what is few
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_bought AS
		SELECT b.source, b.line, b.priority, i.customer, b.at, b.order_id, b.product, b.quantity, b.paid
		FROM (
			SELECT source, line, priority, id, at, order_id, product, quantity, paid
			FROM (%2$s) AS l
			WHERE what = 1 AND paid IS NOT NULL AND order_id IN (SELECT refund_of FROM %1$I.w_refund)
			UNION
			SELECT source, line, priority, id, at, order_id, product, quantity, paid
			FROM (%2$s) AS l
			WHERE what = 1 AND paid IS NOT NULL AND order_id IS NOT NULL AND (id, product) IN (
				SELECT i.identifier, r.product
				FROM %1$I.w_refund AS r JOIN %1$I.%3$I AS i USING (customer))
		) AS b LEFT JOIN %1$I.%3$I AS i ON i.identifier = b.id $sql$,
		schema, lines, 'identifier_g' || generation);
	EXECUTE format('ANALYZE %1$I.w_bought', schema);
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_refund_pass AS
		WITH target AS (
			-- the source whose order a refund names: its own, or the first that has it
			SELECT DISTINCT ON (r.source, r.line) r.source, r.line, b.source AS order_source
			FROM %1$I.w_refund AS r
			JOIN (SELECT DISTINCT source, priority, order_id FROM %1$I.w_bought) AS b ON b.order_id = r.refund_of
			ORDER BY r.source, r.line, b.source = r.source DESC, b.priority
		)
		SELECT r.*, CASE WHEN b.product IS NOT NULL THEN 1 WHEN t.order_source IS NOT NULL THEN 2
				WHEN r.customer IS NOT NULL AND r.product <> '' THEN 3 END AS pass,
			t.order_source
		FROM %1$I.w_refund AS r
		LEFT JOIN target AS t USING (source, line)
		LEFT JOIN (SELECT DISTINCT source, order_id, product FROM %1$I.w_bought WHERE product <> '') AS b
			ON b.source = t.order_source AND b.order_id = r.refund_of AND b.product = r.product $sql$, schema);
	EXECUTE format('ANALYZE %1$I.w_refund_pass', schema);
	FOR pass IN 1..3 LOOP
		EXECUTE format($sql$
			INSERT INTO %1$I.w_back
			SELECT $1, n.* FROM @extschema@.portrait_refresh_net_pass(%1$L, $1) AS n $sql$, schema)
		USING pass;
	END LOOP;

	EXECUTE format($sql$
		SELECT count(*) FILTER (WHERE NOT dearer) AS refunds, sum(paid) FILTER (WHERE NOT dearer) AS paid,
			count(*) FILTER (WHERE NOT dearer AND customer IS NULL) AS nobody, count(*) FILTER (WHERE NOT dearer AND part) AS part,
			count(*) FILTER (WHERE dearer) AS dearer, sum(paid) FILTER (WHERE dearer) AS beyond
		FROM (
			SELECT b.paid, r.customer, p.part, coalesce(p.part AND b.paid > 0 AND (r.pass = 2 OR coalesce(b.quantity, 0) = 0), false) AS dearer
			FROM %1$I.w_back AS b JOIN %1$I.w_refund_pass AS r ON r.source = b.refund_source AND r.line = b.refund_line,
				LATERAL (SELECT b.paid < r.paid OR b.quantity < r.quantity) AS p(part)
			WHERE b.line IS NULL
			UNION ALL
			SELECT paid, customer, false, false FROM %1$I.w_refund_pass WHERE pass IS NULL
		) AS r $sql$, schema)
	INTO found;
	IF found.refunds > 0 THEN
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'orders', NULL, found.refunds,
			'refunds for which no purchase was found', format('They come to %s; %s of them are without a customer, of %s a part was found.',
			found.paid, found.nobody, found.part));
	END IF;
	IF found.dearer > 0 THEN
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, 'orders', NULL, found.dearer,
			'refunds of more than was paid', format('What they give back beyond it comes to %s.', found.beyond));
	END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_net(schema name, generation bigint, as_of timestamptz) IS
'finds the purchases that refunds take back, and reports refunds without one; for example: SELECT portrait_refresh_net(''shop'', 17, ''2026-01-01Z'')';

-- Purchases of a group are a stack: a refund takes back from its top, the latest, or the
-- largest of an order, and of none more than was paid.  Pieces count where both sides tell
-- them and are of one product, else money; so does money that is left when all pieces are back.
CREATE FUNCTION @extschema@.portrait_refresh_net_pass(schema name, pass integer,
	OUT source text, OUT line tid, OUT refund_source text, OUT refund_line tid, OUT quantity numeric, OUT paid numeric)
	RETURNS SETOF record
	LANGUAGE plpgsql ROWS 10000
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refund_key text := (ARRAY['r.order_source, r.refund_of, r.product', 'r.order_source, r.refund_of', 'r.customer, r.product'])[pass];
	bought_key text := (ARRAY['b.source, b.order_id, b.product', 'b.source, b.order_id', 'b.customer, b.product'])[pass];
	e record;
	key text;
	top integer := 0;
	place integer;
	sources text[] := '{}';
	lines tid[] := '{}';
	pieces numeric[] := '{}';
	money numeric[] := '{}';
	pieces_left numeric;
	money_left numeric;
BEGIN
	FOR e IN EXECUTE format($sql$
		SELECT * FROM (
			SELECT jsonb_build_array(%2$s)::text COLLATE "C" AS key, true AS is_refund, r.source, r.line, r.at, r.order_id, r.quantity, r.paid
			FROM %1$I.w_refund_pass AS r WHERE r.pass = $1
			UNION ALL
			SELECT jsonb_build_array(%3$s)::text, false, b.source, b.line, b.at, b.order_id,
				b.quantity - coalesce(t.quantity, 0), b.paid - coalesce(t.paid, 0)
			FROM %1$I.w_bought AS b
			LEFT JOIN (SELECT source, line, sum(quantity) AS quantity, sum(paid) AS paid FROM %1$I.w_back GROUP BY source, line) AS t
				ON t.source = b.source AND t.line = b.line
			WHERE jsonb_build_array(%3$s)::text IN (SELECT jsonb_build_array(%2$s)::text FROM %1$I.w_refund_pass AS r WHERE r.pass = $1)
		) AS e
		-- a refund that names its order may be anywhere in time, others come after what they take back
		ORDER BY key, CASE WHEN $1 < 3 THEN is_refund END, CASE WHEN $1 = 2 AND NOT is_refund THEN paid END, at, is_refund DESC,
			order_id, quantity, paid, source, line $sql$,
		schema, refund_key, bought_key)
	USING pass
	LOOP
		IF e.key IS DISTINCT FROM key THEN
			key := e.key;
			top := 0;
		END IF;
		IF NOT e.is_refund THEN
			top := top + 1;
			sources[top] := e.source;
			lines[top] := e.line;
			pieces[top] := e.quantity;
			money[top] := e.paid;
			CONTINUE;
		END IF;

		refund_source := e.source;
		refund_line := e.line;
		pieces_left := nullif(e.quantity, 0);
		money_left := e.paid;
		place := top;
		WHILE place > 0 AND (coalesce(pieces_left > 0, false) OR coalesce(money_left > 0, false)) LOOP
			paid := NULL;
			IF pieces_left > 0 AND pieces[place] IS NOT NULL AND (pass <> 2 OR money_left IS NULL) THEN
				IF pieces[place] > 0 THEN
					quantity := least(pieces_left, pieces[place]);
					paid := least(money[place], CASE
						WHEN money_left IS NULL THEN round(money[place] * quantity / pieces[place], greatest(2, scale(money[place])))
						WHEN quantity = pieces_left THEN money_left
						ELSE round(money_left * quantity / pieces_left, greatest(2, scale(money_left))) END);
					pieces_left := pieces_left - quantity;
				END IF;
			ELSIF money_left IS NULL THEN
				EXIT;
			ELSIF money[place] > 0 THEN
				paid := least(money_left, money[place]);
				quantity := CASE WHEN paid = money[place] THEN coalesce(pieces[place], 1) ELSE 0 END;
				-- all money is back, so all pieces are
				pieces_left := CASE WHEN paid < money_left THEN pieces_left ELSE 0 END;
			END IF;
			IF paid IS NOT NULL THEN
				source := sources[place];
				line := lines[place];
				money_left := money_left - paid;
				pieces[place] := pieces[place] - quantity;
				money[place] := money[place] - paid;
				RETURN NEXT;
			END IF;
			place := place - 1;
		END LOOP;
		WHILE top > 0 AND coalesce(pieces[top], 0) <= 0 AND money[top] <= 0 LOOP
			top := top - 1;
		END LOOP;
		-- what is left over has no line
		IF coalesce(pieces_left > 0, money_left IS NULL) OR money_left > 0 THEN
			source := NULL;
			line := NULL;
			quantity := pieces_left;
			paid := money_left;
			RETURN NEXT;
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_net_pass(schema name, pass integer,
	OUT source text, OUT line tid, OUT refund_source text, OUT refund_line tid, OUT quantity numeric, OUT paid numeric) IS
'one pass of portrait_refresh_net: what is taken back of which line, by which refund; for example: SELECT * FROM portrait_refresh_net_pass(''shop'', 1)';

CREATE FUNCTION @extschema@.portrait_refresh_events(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rows bigint;
BEGIN
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_event AS
		SELECT e.source, i.customer, e.at, e.kind, e.item, e.touchpoint, e.dwell
		FROM (%2$s) AS e JOIN %1$I.%3$I AS i ON i.identifier = e.id $sql$,
		schema, @extschema@.portrait_refresh_union(schema, 'events'), 'identifier_g' || generation);
	GET DIAGNOSTICS rows = ROW_COUNT;
	EXECUTE format('ANALYZE %1$I.w_event', schema);
	PERFORM @extschema@.portrait_refresh_nobody(schema, generation, as_of, 'events');
	RETURN rows;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_events(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that gives events to customers; for example: SELECT portrait_refresh_events(''shop'', 17, ''2026-01-01Z'')';

-- Reports rows that tell of nobody
CREATE FUNCTION @extschema@.portrait_refresh_nobody(schema name, generation bigint, as_of timestamptz, stage text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source record;
BEGIN
	FOR source IN
		EXECUTE format($sql$
			SELECT e.source AS name, sum(e.rows)::bigint AS rows
			FROM %1$I.w_evidence AS e WHERE e.kind = $1 AND num_nonnulls(VARIADIC e.ids) = 0
			GROUP BY e.source ORDER BY e.source $sql$, schema)
		USING stage
	LOOP
		PERFORM @extschema@.portrait_refresh_warn(schema, generation, as_of, stage, source.name, source.rows,
			'rows without a customer');
	END LOOP;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_nobody(schema name, generation bigint, as_of timestamptz, stage text) IS
'reports rows of sources that tell of nobody; for example: SELECT portrait_refresh_nobody(''shop'', 17, ''2026-01-01Z'', ''events'')';

-- Facts as the sources tell them; which of them counts is for each tag to say
CREATE FUNCTION @extschema@.portrait_refresh_attributes(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rows bigint;
BEGIN
	EXECUTE format($sql$
		CREATE UNLOGGED TABLE %1$I.w_attribute AS
		SELECT a.source, a.priority::integer AS priority, i.customer, a.name, a.value, a.at AS observed_at
		FROM (%2$s) AS a JOIN %1$I.%3$I AS i ON i.identifier = a.id $sql$,
		schema, @extschema@.portrait_refresh_union(schema, 'attributes'), 'identifier_g' || generation);
	GET DIAGNOSTICS rows = ROW_COUNT;
	EXECUTE format('ANALYZE %1$I.w_attribute', schema);
	PERFORM @extschema@.portrait_refresh_nobody(schema, generation, as_of, 'attributes');
	RETURN rows;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_attributes(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that gives attributes to customers; for example: SELECT portrait_refresh_attributes(''shop'', 17, ''2026-01-01Z'')';

CREATE FUNCTION @extschema@.portrait_refresh_consent(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rows bigint;
BEGIN
	PERFORM @extschema@.portrait_refresh_table(schema, generation, 'consent');
	-- the latest word of each channel, of several at a time the most reserved; a refusal without
	-- a time may be later than any other word, a permission without one is earlier
	EXECUTE format($sql$
		INSERT INTO %1$I.%4$I
		SELECT DISTINCT ON (i.customer, c.channel) $1, i.customer, c.channel, c.allowed, c.at
		FROM (%2$s) AS c JOIN %1$I.%3$I AS i ON i.identifier = c.id
		ORDER BY i.customer, c.channel, c.at IS NULL AND NOT c.allowed DESC, c.at IS NULL, c.moment DESC, c.allowed $sql$,
		schema, @extschema@.portrait_refresh_union(schema, 'consent'),
		'identifier_g' || generation, 'consent_g' || generation)
	USING generation;
	GET DIAGNOSTICS rows = ROW_COUNT;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'consent');
	PERFORM @extschema@.portrait_refresh_nobody(schema, generation, as_of, 'consent');
	RETURN rows;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_consent(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that finds what customers said last about each channel; for example: SELECT portrait_refresh_consent(''shop'', 17, ''2026-01-01Z'')';

-- What is summed up of each customer, and who is a customer at all
CREATE FUNCTION @extschema@.portrait_refresh_value(schema name, generation bigint, as_of timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	business_time text;
	customers bigint;
BEGIN
	PERFORM @extschema@.portrait_refresh_table(schema, generation, t)
	FROM unnest('{customer,customer_value,customer_recent,source_member,tag_member,tag_value,tag_range,segment_member}'::name[]) AS t;
	EXECUTE format($sql$
		SELECT CASE WHEN day_start > '00:00' THEN format('paid_at - %%L::interval', day_start) ELSE 'paid_at' END
		FROM %1$I.w_run $sql$, schema)
	INTO business_time;
	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I
		SELECT $1, customer, @extschema@.rfm_agg(%3$s, paid), @extschema@.price_sensitivity_agg(paid, list_price),
			min(paid_at), max(paid_at), count(*), sum(paid)
		FROM %1$I.w_order GROUP BY customer $sql$, schema, 'customer_value_g' || generation, business_time)
	USING generation;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'customer_value');

	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I
		SELECT $1, customer, 'order', array_agg(paid_at ORDER BY n), array_agg(title ORDER BY n), array_agg(paid ORDER BY n)
		FROM (
			SELECT customer, paid_at, title, paid,
				row_number() OVER (PARTITION BY customer ORDER BY paid_at DESC, order_id DESC, source) AS n
			FROM %1$I.w_order
		) AS o WHERE n <= 5 GROUP BY customer
		UNION ALL
		SELECT $1, customer, 'event', array_agg(at ORDER BY n), array_agg(concat_ws(' ', kind, item) ORDER BY n),
			array_agg(NULL::numeric)
		FROM (
			SELECT customer, at, kind, item,
				row_number() OVER (PARTITION BY customer ORDER BY at DESC, kind, item, source) AS n
			FROM %1$I.w_event
		) AS e WHERE n <= 5 GROUP BY customer $sql$, schema, 'customer_recent_g' || generation)
	USING generation;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'customer_recent');

	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I
		SELECT $1, m.source, m.bucket, s.kind, m.members
		FROM (
			SELECT source, n.customer >> 20 AS bucket, @extschema@.segment_agg(n.customer) AS members
			FROM %1$I.w_component AS c JOIN %1$I.w_number AS n USING (component), unnest(c.sources) AS source
			GROUP BY source, n.customer >> 20
		) AS m JOIN %1$I.w_source AS s ON s.name = m.source $sql$, schema, 'source_member_g' || generation)
	USING generation;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'source_member');

	EXECUTE format($sql$
		INSERT INTO %1$I.%2$I
		SELECT $1, n.customer, n.first_seen, CASE WHEN v.customer IS NOT NULL THEN 'customer'
			WHEN n.registered THEN 'user' ELSE 'visitor' END
		FROM %1$I.w_number AS n LEFT JOIN %1$I.%3$I AS v USING (customer)
		ORDER BY n.customer $sql$, schema, 'customer_g' || generation, 'customer_value_g' || generation)
	USING generation;
	GET DIAGNOSTICS customers = ROW_COUNT;
	PERFORM @extschema@.portrait_refresh_index(schema, generation, 'customer');
	PERFORM @extschema@.portrait_refresh_tag_begin(schema, generation);
	RETURN customers;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_value(schema name, generation bigint, as_of timestamptz) IS
'the step of a refresh that sums up what each customer bought, and lists the customers; for example: SELECT portrait_refresh_value(''shop'', 17, ''2026-01-01Z'')';
