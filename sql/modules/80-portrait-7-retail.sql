/*
 * The ready pack of a retailer's tags.
 *
 * What many of them are computed from is gathered in few passes, by the first steps:
 *
 *	w_retail_order	one row a customer: orders and spend by windows, what is preferred
 *	w_retail_price	one row a category: prices of pieces from the lowest up, in percent of its lines
 *	w_retail_line	one row a buyer: preferred category and brand, level of prices
 *	w_retail_value	one row a buyer: scores, stage and classes from the summaries
 *	w_retail_event	one row a customer with events: how many of which kind
 *
 * The tags read these as any tag may.  Chinese is kept as the hex of its UTF-8, as the
 * script must be ASCII.
 */

CREATE FUNCTION @extschema@.portrait_retail_tables(OUT table_name text, OUT columns text)
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT t.* FROM (VALUES
		('w_retail_order', 'customer bigint, orders_7d bigint, orders_30d bigint, orders_90d bigint, orders_365d bigint, orders_ever bigint,
			spend_7d double precision, spend_30d double precision, spend_90d double precision, spend_365d double precision, spend_ever double precision,
			store text, store_share double precision, channel text, channel_share double precision, daypart text, daypart_share double precision,
			weekday text, weekday_share double precision, promotion_kind text, promotion_kind_share double precision'),
		('w_retail_price', 'category text, prices double precision[], levels integer[]'),
		('w_retail_line', 'customer bigint, category text, category_share double precision, brand text, brand_share double precision,
			price_level double precision'),
		('w_retail_value', 'customer bigint, score integer, stage text, class text, sensitivity double precision'),
		('w_retail_event', 'customer bigint, touches bigint, views bigint, interests bigint, intents bigint, shares bigint')
	) AS t(table_name, columns);
END;
COMMENT ON FUNCTION @extschema@.portrait_retail_tables(OUT table_name text, OUT columns text) IS
'the tables that the tags of the retail pack are computed from, with their columns; for example: SELECT * FROM portrait_retail_tables()';

CREATE FUNCTION @extschema@.portrait_retail_steps()
	RETURNS SETOF text
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT t.table_name FROM @extschema@.portrait_retail_tables() AS t;
END;
COMMENT ON FUNCTION @extschema@.portrait_retail_steps() IS
'the steps of a refresh that the retail pack needs before its tags; for example: SELECT portrait_retail_steps()';

-- What a step gathers; windows end before the moment of the refresh
CREATE FUNCTION @extschema@.portrait_retail_sql(schema name, step text, local_as_of timestamp, business_as_of timestamp, day_start time)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- the day on which nothing has happened yet
	day date := business_as_of + interval '1 day' - interval '1 microsecond';
	price text := 'CASE quantity WHEN 1 THEN (paid * 100)::bigint ELSE (paid * 100 / quantity)::bigint END';
	since text[] := ARRAY(SELECT quote_literal(local_as_of - n * interval '1 day') || '::timestamp' FROM unnest('{7,30,90,365}'::integer[]) WITH ORDINALITY AS d(n, i) ORDER BY i);
BEGIN
	RETURN CASE step
		WHEN 'w_retail_order' THEN format($sql$
			SELECT c.customer, coalesce(o.orders_7d, 0) AS orders_7d, coalesce(o.orders_30d, 0) AS orders_30d,
				coalesce(o.orders_90d, 0) AS orders_90d, coalesce(o.orders_365d, 0) AS orders_365d, coalesce(v.orders, 0) AS orders_ever,
				coalesce(o.spend_7d, 0)::double precision AS spend_7d, coalesce(o.spend_30d, 0)::double precision AS spend_30d,
				coalesce(o.spend_90d, 0)::double precision AS spend_90d, coalesce(o.spend_365d, 0)::double precision AS spend_365d,
				coalesce(v.spend, 0)::double precision AS spend_ever,
				o.store, o.store_share, o.channel, o.channel_share, o.daypart, o.daypart_share, o.weekday, o.weekday_share,
				o.promotion_kind, o.promotion_kind_share
			FROM %1$I.w_customer AS c LEFT JOIN %1$I.w_value AS v USING (customer)
			LEFT JOIN (
				SELECT o.customer, count(*) FILTER (WHERE o.paid_at >= %2$s) AS orders_7d, count(*) FILTER (WHERE o.paid_at >= %3$s) AS orders_30d,
					count(*) FILTER (WHERE o.paid_at >= %4$s) AS orders_90d, count(*) FILTER (WHERE o.paid_at >= %5$s) AS orders_365d,
					sum(o.paid) FILTER (WHERE o.paid_at >= %2$s) AS spend_7d, sum(o.paid) FILTER (WHERE o.paid_at >= %3$s) AS spend_30d,
					sum(o.paid) FILTER (WHERE o.paid_at >= %4$s) AS spend_90d, sum(o.paid) FILTER (WHERE o.paid_at >= %5$s) AS spend_365d,
					@extschema@.preferred_agg(nullif(o.store, ''), 1) AS store, @extschema@.preferred_share_agg(nullif(o.store, ''), 1) AS store_share,
					@extschema@.preferred_agg(nullif(o.channel, ''), 1) AS channel, @extschema@.preferred_share_agg(nullif(o.channel, ''), 1) AS channel_share,
					@extschema@.preferred_agg(o.daypart, 1) AS daypart, @extschema@.preferred_share_agg(o.daypart, 1) AS daypart_share,
					@extschema@.preferred_agg(o.weekday, 1) AS weekday, @extschema@.preferred_share_agg(o.weekday, 1) AS weekday_share,
					@extschema@.preferred_agg(nullif(o.promotion_kind, ''), 1) AS promotion_kind,
					@extschema@.preferred_share_agg(nullif(o.promotion_kind, ''), 1) AS promotion_kind_share
				FROM (
					SELECT *, ('{night,night,night,night,night,night,morning,morning,morning,morning,morning,noon,noon,noon,afternoon,afternoon,afternoon,afternoon,evening,evening,evening,evening,evening,night}'::text[])[1 + date_part('hour', paid_at)::integer] AS daypart,
						('{mon,tue,wed,thu,fri,sat,sun}'::text[])[date_part('isodow', paid_at - %6$L::interval)::integer] AS weekday
					FROM %1$I.w_order
				) AS o GROUP BY o.customer
			) AS o USING (customer) $sql$, schema, since[1], since[2], since[3], since[4], day_start)
		-- prices of pieces in hundredths; level: how many percent of the lines of the category cost less.
		-- Amounts are whole, so that no sum depends on the order of rows.
		WHEN 'w_retail_price' THEN format($sql$
			WITH price AS (
				SELECT category, price, ((sum(lines) OVER w - lines / 2.0) * 100 / sum(lines) OVER (PARTITION BY category))::integer AS level
				FROM (
					SELECT category, %2$s AS price, count(*) AS lines
					FROM %1$I.w_line WHERE category <> '' AND quantity > 0 AND customer IS NOT NULL GROUP BY 1, 2
				) AS p WINDOW w AS (PARTITION BY category ORDER BY price)
			)
			SELECT category, array_agg(price ORDER BY level) AS prices, array_agg(level ORDER BY level) AS levels
			FROM (SELECT category, level, min(price)::double precision AS price FROM price GROUP BY category, level) AS p
			GROUP BY category $sql$, schema, price)
		WHEN 'w_retail_line' THEN format($sql$
			SELECT l.customer, @extschema@.preferred_agg(l.category, l.cents) AS category, @extschema@.preferred_share_agg(l.category, l.cents) AS category_share,
				@extschema@.preferred_agg(l.brand, l.cents) AS brand, @extschema@.preferred_share_agg(l.brand, l.cents) AS brand_share,
				sum(l.level * l.cents)::double precision / nullif(sum(l.cents) FILTER (WHERE l.level IS NOT NULL), 0)::double precision / 100 AS price_level
			FROM (
				SELECT w.customer, nullif(w.category, '') AS category, nullif(w.brand, '') AS brand, (w.paid * 100)::bigint AS cents,
					CASE WHEN w.quantity > 0 THEN p.levels[width_bucket((%2$s)::double precision, p.prices)] END AS level
				FROM %1$I.w_line AS w LEFT JOIN %1$I.w_retail_price AS p USING (category)
				WHERE w.customer IS NOT NULL
			) AS l GROUP BY l.customer $sql$, schema, price)
		WHEN 'w_retail_value' THEN format($sql$
			SELECT v.customer, @extschema@.rfm_score(v.summary, %2$L::date, m.model) AS score,
				@extschema@.lifecycle_stage(v.summary, %2$L::date, m.gap) AS stage,
				@extschema@.pareto_class(v.spend::double precision) OVER () AS class,
				@extschema@.price_sensitivity_index(v.sensitivity) AS sensitivity
			FROM %1$I.w_value AS v,
				-- a month between orders, where nobody has ordered on two days
				(SELECT @extschema@.rfm_model_agg(summary, %2$L::date) AS model, coalesce(avg(@extschema@.rfm_mean_gap(summary)), 30) AS gap
				FROM %1$I.w_value) AS m $sql$, schema, day)
		WHEN 'w_retail_event' THEN format($sql$
			SELECT customer, count(*) AS touches, count(*) FILTER (WHERE kind IN ('view', 'visit') AND at >= %2$s) AS views,
				count(*) FILTER (WHERE kind IN ('favourite', 'search', 'touch', 'click') AND at >= %2$s) AS interests,
				count(*) FILTER (WHERE kind IN ('cart', 'try_on') AND at >= %2$s) AS intents,
				count(*) FILTER (WHERE kind IN ('share', 'recommend', 'review') AND at >= %2$s) AS shares
			FROM %1$I.w_event GROUP BY customer $sql$, schema, since[4])
		END;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_retail_sql(schema name, step text, local_as_of timestamp, business_as_of timestamp, day_start time) IS
'the query of a table that tags of the retail pack are computed from; for example: SELECT portrait_retail_sql(''shop'', ''w_retail_order'', ''2026-07-01'', ''2026-07-01'', ''00:00'')';

CREATE FUNCTION @extschema@.portrait_refresh_retail(schema name, generation bigint, subject text)
	RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	query text;
	rows bigint;
BEGIN
	EXECUTE format('SELECT @extschema@.portrait_retail_sql($1, $2, local_as_of, business_as_of, day_start) FROM %1$I.w_run', schema)
	INTO query USING schema, subject;
	EXECUTE format('CREATE UNLOGGED TABLE %I.%I AS %s', schema, subject, query);
	GET DIAGNOSTICS rows = ROW_COUNT;
	EXECUTE format('ANALYZE %I.%I', schema, subject);
	RETURN rows;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_refresh_retail(schema name, generation bigint, subject text) IS
'the step of a refresh that makes a table for the tags of the retail pack; for example: SELECT portrait_refresh_retail(''shop'', 17, ''w_retail_order'')';

-- The pack.  {scheme} is the scheme of RFM segments.
CREATE FUNCTION @extschema@.portrait_retail_pack(OUT path text, OUT kind text, OUT conflict text, OUT title text, OUT title_zh text,
	OUT description text, OUT query text, OUT rules text[])
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 45
BEGIN ATOMIC
	SELECT p.* FROM (VALUES
		('population', 'fact', NULL, 'Population', 'e4babae7bea4e7b1bbe59e8b',
			'visitor: only events are known; user: any other source knows him, has not bought; customer: has bought.',
			'SELECT customer, population AS value FROM w_customer',
			NULL::text[]),
		('member', 'fact', NULL, 'Member', 'e4bc9ae59198',
			'true for those whom a source of kind identity, a member system, knows.',
			'SELECT DISTINCT customer, true AS value FROM w_identifier WHERE sources && (SELECT array_agg(name::text) FROM w_source WHERE kind = ''identity'')',
			NULL::text[]),
		('region', 'fact', 'latest', 'Region', 'e59cb0e58cba',
			'Attribute region, province or city, as the source that observed it last has it.',
			'SELECT customer, value, source, observed_at FROM w_attribute WHERE name IN (''region'', ''province'', ''city'')',
			NULL::text[]),
		('age_band', 'fact', 'latest', 'Age', 'e5b9b4e9be84e6aeb5',
			'Age in whole years as of the refresh, from attribute birthday, birth_date, date_of_birth or birth_year (1 July then); the latest observation counts.',
			'SELECT customer, source, observed_at, CASE WHEN age < 18 THEN ''under 18'' WHEN age < 25 THEN ''18-24'' WHEN age < 35 THEN ''25-34'' WHEN age < 45 THEN ''35-44''
				WHEN age < 55 THEN ''45-54'' WHEN age < 65 THEN ''55-64'' ELSE ''65+'' END AS value
			FROM (SELECT *, year - y - ((month, day) < (m, d))::integer AS age FROM (SELECT customer, source, observed_at, b.part[1]::integer AS y, coalesce(b.part[2], ''7'')::integer AS m, coalesce(b.part[3], ''1'')::integer AS d,
				extract(year FROM local_as_of)::integer AS year, extract(month FROM local_as_of)::integer AS month, extract(day FROM local_as_of)::integer AS day
			FROM w_run, w_attribute, LATERAL regexp_match(value, ''^((?:19|20)[0-9]{2})(?:[-./]?([0-9]{1,2})[-./]?([0-9]{1,2}))?(?:[ T].*)?$'') AS b(part)
			WHERE name IN (''birthday'', ''birth_date'', ''date_of_birth'', ''birth_year'') AND b.part IS NOT NULL) AS b) AS a WHERE age BETWEEN 0 AND 120',
			NULL::text[]),
		('generation', 'fact', 'latest', 'Generation', 'e5b9b4e4bba3',
			'Decade of birth, from the same attributes as age_band.',
			'SELECT customer, source, observed_at, (y / 10 * 10)::text || ''s'' AS value FROM (SELECT customer, source, observed_at, b.part[1]::integer AS y, coalesce(b.part[2], ''7'')::integer AS m, coalesce(b.part[3], ''1'')::integer AS d,
				extract(year FROM local_as_of)::integer AS year, extract(month FROM local_as_of)::integer AS month, extract(day FROM local_as_of)::integer AS day
			FROM w_run, w_attribute, LATERAL regexp_match(value, ''^((?:19|20)[0-9]{2})(?:[-./]?([0-9]{1,2})[-./]?([0-9]{1,2}))?(?:[ T].*)?$'') AS b(part)
			WHERE name IN (''birthday'', ''birth_date'', ''date_of_birth'', ''birth_year'') AND b.part IS NOT NULL) AS b WHERE year - y BETWEEN 0 AND 120',
			NULL::text[]),
		('gender', 'fact', 'latest', 'Gender', 'e680a7e588ab',
			'Attribute gender or sex, words for it in English and Chinese brought to male and female; the latest observation counts.',
			'SELECT customer, source, observed_at, CASE WHEN word IN (''m'', ''male'', ''man'', ''e794b7'', ''e794b7e680a7'') THEN ''male'' WHEN word IN (''f'', ''female'', ''woman'', ''e5a5b3'', ''e5a5b3e680a7'') THEN ''female'' END AS value
			FROM (SELECT *, CASE WHEN value ~ ''^[a-zA-Z]+$'' THEN lower(value) ELSE encode(convert_to(btrim(value), ''UTF8''), ''hex'') END AS word
				FROM w_attribute WHERE name IN (''gender'', ''sex'')) AS a',
			NULL::text[]),
		('orders_7d', 'statistic', NULL, 'Orders, 7 days', 'e8bf9137e5a4a9e8aea2e58d95e695b0',
			'Number of orders paid in the 7 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, orders_7d AS value FROM w_retail_order',
			NULL::text[]),
		('spend_7d', 'statistic', NULL, 'Spend, 7 days', 'e8bf9137e5a4a9e6b688e8b4b9e9a29d',
			'Sum of orders paid in the 7 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, spend_7d AS value FROM w_retail_order',
			NULL::text[]),
		('average_order_7d', 'statistic', NULL, 'Average order, 7 days', 'e8bf9137e5a4a9e5aea2e58d95e4bbb7',
			'spend_7d by orders_7d; not known without orders.',
			'SELECT customer, spend_7d / orders_7d AS value FROM w_retail_order WHERE orders_7d > 0',
			NULL::text[]),
		('orders_30d', 'statistic', NULL, 'Orders, 30 days', 'e8bf913330e5a4a9e8aea2e58d95e695b0',
			'Number of orders paid in the 30 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, orders_30d AS value FROM w_retail_order',
			NULL::text[]),
		('spend_30d', 'statistic', NULL, 'Spend, 30 days', 'e8bf913330e5a4a9e6b688e8b4b9e9a29d',
			'Sum of orders paid in the 30 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, spend_30d AS value FROM w_retail_order',
			NULL::text[]),
		('average_order_30d', 'statistic', NULL, 'Average order, 30 days', 'e8bf913330e5a4a9e5aea2e58d95e4bbb7',
			'spend_30d by orders_30d; not known without orders.',
			'SELECT customer, spend_30d / orders_30d AS value FROM w_retail_order WHERE orders_30d > 0',
			NULL::text[]),
		('orders_90d', 'statistic', NULL, 'Orders, 90 days', 'e8bf913930e5a4a9e8aea2e58d95e695b0',
			'Number of orders paid in the 90 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, orders_90d AS value FROM w_retail_order',
			NULL::text[]),
		('spend_90d', 'statistic', NULL, 'Spend, 90 days', 'e8bf913930e5a4a9e6b688e8b4b9e9a29d',
			'Sum of orders paid in the 90 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, spend_90d AS value FROM w_retail_order',
			NULL::text[]),
		('average_order_90d', 'statistic', NULL, 'Average order, 90 days', 'e8bf913930e5a4a9e5aea2e58d95e4bbb7',
			'spend_90d by orders_90d; not known without orders.',
			'SELECT customer, spend_90d / orders_90d AS value FROM w_retail_order WHERE orders_90d > 0',
			NULL::text[]),
		('orders_365d', 'statistic', NULL, 'Orders, 365 days', 'e8bf91333635e5a4a9e8aea2e58d95e695b0',
			'Number of orders paid in the 365 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, orders_365d AS value FROM w_retail_order',
			NULL::text[]),
		('spend_365d', 'statistic', NULL, 'Spend, 365 days', 'e8bf91333635e5a4a9e6b688e8b4b9e9a29d',
			'Sum of orders paid in the 365 days before the refresh, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, spend_365d AS value FROM w_retail_order',
			NULL::text[]),
		('average_order_365d', 'statistic', NULL, 'Average order, 365 days', 'e8bf91333635e5a4a9e5aea2e58d95e4bbb7',
			'spend_365d by orders_365d; not known without orders.',
			'SELECT customer, spend_365d / orders_365d AS value FROM w_retail_order WHERE orders_365d > 0',
			NULL::text[]),
		('orders_ever', 'statistic', NULL, 'Orders, ever', 'e7b4afe8aea1e8aea2e58d95e695b0',
			'Number of orders ever paid, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, orders_ever AS value FROM w_retail_order',
			NULL::text[]),
		('spend_ever', 'statistic', NULL, 'Spend, ever', 'e7b4afe8aea1e6b688e8b4b9e9a29d',
			'Sum of orders ever paid, what was taken back is netted; 0 for those who have none.',
			'SELECT customer, spend_ever AS value FROM w_retail_order',
			NULL::text[]),
		('average_order_ever', 'statistic', NULL, 'Average order, ever', 'e7b4afe8aea1e5aea2e58d95e4bbb7',
			'spend_ever by orders_ever; not known without orders.',
			'SELECT customer, spend_ever / orders_ever AS value FROM w_retail_order WHERE orders_ever > 0',
			NULL::text[]),
		('first_order', 'statistic', NULL, 'First order', 'e9a696e58d95e697a5e69c9f',
			'Local day on which the first order was paid.',
			'SELECT customer, first_order::date AS value FROM w_value',
			NULL::text[]),
		('last_order', 'statistic', NULL, 'Last order', 'e69cabe58d95e697a5e69c9f',
			'Local day on which the last order was paid.',
			'SELECT customer, last_order::date AS value FROM w_value',
			NULL::text[]),
		('rfm.score', 'statistic', NULL, 'RFM score', '52464de5be97e58886',
			'Three digits from 1 to 5: days since the last order, number of orders, sum of orders, each in fifths of those who have bought (rfm_model_agg, rfm_score).',
			'SELECT customer, score AS value FROM w_retail_value',
			NULL::text[]),
		('rfm.segment', 'statistic', NULL, 'RFM segment', '52464de58886e7bea4',
			'The segment of rfm.score in the scheme {scheme} (rfm_segment).',
			'SELECT customer, rfm_segment(score, ''{scheme}'') AS value FROM w_retail_value',
			NULL::text[]),
		('lifecycle.stage', 'statistic', NULL, 'Life cycle', 'e7949fe591bde591a8e69c9fe998b6e6aeb5',
			'Days since the last order over the customers own gap between order days (lifecycle_stage); prospect: has not bought.',
			'SELECT c.customer, coalesce(v.stage, ''prospect'') AS value FROM w_customer AS c LEFT JOIN w_retail_value AS v USING (customer)',
			NULL::text[]),
		('maturity', 'statistic', NULL, 'Maturity', 'e68890e7869fe5baa6',
			'none: no touch; basic: an event or an order; established: three orders (customer_maturity).',
			'SELECT o.customer, customer_maturity(coalesce(e.touches, 0) + o.orders_ever, o.orders_ever) AS value
			FROM w_retail_order AS o LEFT JOIN w_retail_event AS e USING (customer)',
			NULL::text[]),
		('pareto.class', 'statistic', NULL, '2/8 class', 'e4ba8ce585abe58886e7baa7',
			'A: those of the largest spend who make 80 % of all; B: those who make the next 15 %; C: the rest (pareto_class).',
			'SELECT customer, class AS value FROM w_retail_value',
			NULL::text[]),
		('price_tier', 'statistic', NULL, 'Price tier', 'e4bbb7e6a0bce5b8a6',
			'Of each line, how large a part of the lines of its category costs less a piece; the average of that, weighted by spend: high from 2/3, middle from 1/3, mass below.',
			'SELECT customer, CASE WHEN price_level >= 2.0 / 3 THEN ''high'' WHEN price_level >= 1.0 / 3 THEN ''middle'' ELSE ''mass'' END AS value
			FROM w_retail_line WHERE price_level IS NOT NULL',
			NULL::text[]),
		('promotion_kind', 'statistic', NULL, 'Preferred promotion', 'e5818fe5a5bde4bf83e99480e696b9e5bc8f',
			'The kind of promotion that most of the customers promoted orders have; weight: its share of these.',
			'SELECT customer, promotion_kind AS value, promotion_kind_share AS weight FROM w_retail_order',
			NULL::text[]),
		('price_sensitivity.index', 'statistic', NULL, 'Price sensitivity, 0 to 3', 'e4bbb7e6a0bce6958fe6849fe68c87e695b0',
			'Share of orders with a discount, their mean discount, and the share of discounts in all prices, added up (price_sensitivity_index).',
			'SELECT customer, sensitivity AS value FROM w_retail_value WHERE sensitivity IS NOT NULL',
			NULL::text[]),
		('price_sensitivity', 'rule', NULL, 'Price sensitivity', 'e4bbb7e6a0bce6958fe6849fe5baa6',
			'price_sensitivity.index: high from 1.5, middle from 0.75, low below.',
			NULL,
			ARRAY[['high', 'price_sensitivity.index >= 1.5'], ['middle', 'price_sensitivity.index >= 0.75'], ['low', 'price_sensitivity.index is known']]),
		('preferred.category', 'statistic', NULL, 'Preferred category', 'e5818fe5a5bde59381e7b1bb',
			'The category with the largest part of the customers spend; weight: that part.',
			'SELECT customer, category AS value, category_share AS weight FROM w_retail_line',
			NULL::text[]),
		('preferred.brand', 'statistic', NULL, 'Preferred brand', 'e5818fe5a5bde59381e7898c',
			'The brand with the largest part of the customers spend; weight: that part.',
			'SELECT customer, brand AS value, brand_share AS weight FROM w_retail_line',
			NULL::text[]),
		('preferred.store', 'statistic', NULL, 'Preferred store', 'e5818fe5a5bde997a8e5ba97',
			'The store with the largest part of the customers orders; weight: that part.',
			'SELECT customer, store AS value, store_share AS weight FROM w_retail_order',
			NULL::text[]),
		('preferred.channel', 'statistic', NULL, 'Preferred channel', 'e5818fe5a5bde6b8a0e98193',
			'The channel with the largest part of the customers orders; weight: that part.',
			'SELECT customer, channel AS value, channel_share AS weight FROM w_retail_order',
			NULL::text[]),
		('preferred.daypart', 'statistic', NULL, 'Preferred time of day', 'e5818fe5a5bde697b6e6aeb5',
			'The time of day with the largest part of the customers orders, by local time; weight: that part.',
			'SELECT customer, daypart AS value, daypart_share AS weight FROM w_retail_order',
			NULL::text[]),
		('preferred.weekday', 'statistic', NULL, 'Preferred day of the week', 'e5818fe5a5bde6989fe69c9f',
			'The day of the week with the largest part of the customers orders, by business days; weight: that part.',
			'SELECT customer, weekday AS value, weekday_share AS weight FROM w_retail_order',
			NULL::text[]),
		('journey.views', 'statistic', NULL, 'Views and visits, 365 days', 'e8bf91333635e5a4a9e6b58fe8a788e588b0e8aebf',
			'Number of events view or visit in the 365 days before the refresh.',
			'SELECT customer, views AS value FROM w_retail_event WHERE views > 0',
			NULL::text[]),
		('journey.interests', 'statistic', NULL, 'Signs of interest, 365 days', 'e8bf91333635e5a4a9e585b4e8b6a3e8a18ce4b8ba',
			'Number of events favourite, search, touch or click in the 365 days before the refresh.',
			'SELECT customer, interests AS value FROM w_retail_event WHERE interests > 0',
			NULL::text[]),
		('journey.intents', 'statistic', NULL, 'Signs of intent, 365 days', 'e8bf91333635e5a4a9e6848fe59091e8a18ce4b8ba',
			'Number of events cart or try_on in the 365 days before the refresh.',
			'SELECT customer, intents AS value FROM w_retail_event WHERE intents > 0',
			NULL::text[]),
		('journey.shares', 'statistic', NULL, 'Shares, 365 days', 'e8bf91333635e5a4a9e58886e4baab',
			'Number of events share, recommend or review in the 365 days before the refresh.',
			'SELECT customer, shares AS value FROM w_retail_event WHERE shares > 0',
			NULL::text[]),
		('journey.stage', 'rule', NULL, 'Journey', 'e69785e7a88be998b6e6aeb5',
			'The furthest of: share (bought, and shared), purchase (bought), accept (cart, try-on), learn (favourite, touch, or three views), know (all others).',
			NULL,
			ARRAY[['share', 'journey.shares >= 1 and orders_ever >= 1'], ['purchase', 'orders_ever >= 1'], ['accept', 'journey.intents >= 1'], ['learn', 'journey.interests >= 1 or journey.views >= 3'], ['know', 'population is known']]),
		('awareness.attitude', 'fact', 'latest', 'Attitude', 'e68081e5baa6',
			'Attribute attitude, from surveys; the latest observation counts.',
			'SELECT customer, value, source, observed_at FROM w_attribute WHERE name IN (''attitude'')',
			NULL::text[]),
		('awareness.motive', 'fact', 'latest', 'Motive', 'e8b4ade4b9b0e58aa8e69cba',
			'Attribute motive, from surveys; the latest observation counts.',
			'SELECT customer, value, source, observed_at FROM w_attribute WHERE name IN (''motive'')',
			NULL::text[])
	) AS p(path, kind, conflict, title, title_zh, description, query, rules);
END;
COMMENT ON FUNCTION @extschema@.portrait_retail_pack(OUT path text, OUT kind text, OUT conflict text, OUT title text, OUT title_zh text,
	OUT description text, OUT query text, OUT rules text[]) IS
'the tags of the retail pack, Chinese titles as the hex of their UTF-8; for example: SELECT path, description FROM portrait_retail_pack()';

CREATE FUNCTION @extschema@.portrait_retail_labels(OUT path text, OUT value text, OUT label text, OUT label_zh text)
	RETURNS SETOF record
	LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 58
BEGIN ATOMIC
	SELECT l.* FROM (VALUES
		('population', 'visitor', 'Visitor', 'e8aebfe5aea2'),
		('population', 'user', 'User', 'e794a8e688b7'),
		('population', 'customer', 'Customer', 'e5aea2e688b7'),
		('member', 'true', 'Member', 'e4bc9ae59198'),
		('age_band', 'under 18', 'Under 18', '3138e5b281e4bba5e4b88b'),
		('age_band', '18-24', '18 to 24', '31382d3234e5b281'),
		('age_band', '25-34', '25 to 34', '32352d3334e5b281'),
		('age_band', '35-44', '35 to 44', '33352d3434e5b281'),
		('age_band', '45-54', '45 to 54', '34352d3534e5b281'),
		('age_band', '55-64', '55 to 64', '35352d3634e5b281'),
		('age_band', '65+', '65 and older', '3635e5b281e58f8ae4bba5e4b88a'),
		('generation', '1930s', 'Born in the 1930s', '3330e5908e'),
		('generation', '1940s', 'Born in the 1940s', '3430e5908e'),
		('generation', '1950s', 'Born in the 1950s', '3530e5908e'),
		('generation', '1960s', 'Born in the 1960s', '3630e5908e'),
		('generation', '1970s', 'Born in the 1970s', '3730e5908e'),
		('generation', '1980s', 'Born in the 1980s', '3830e5908e'),
		('generation', '1990s', 'Born in the 1990s', '3930e5908e'),
		('generation', '2000s', 'Born in the 2000s', '3030e5908e'),
		('generation', '2010s', 'Born in the 2010s', '3130e5908e'),
		('gender', 'male', 'Male', 'e794b7'),
		('gender', 'female', 'Female', 'e5a5b3'),
		('lifecycle.stage', 'prospect', 'Prospect', 'e6bd9ce59ca8'),
		('lifecycle.stage', 'new', 'New', 'e696b0e5aea2'),
		('lifecycle.stage', 'active', 'Active', 'e6b4bbe8b783'),
		('lifecycle.stage', 'returning', 'Returning', 'e59b9ee6b581'),
		('lifecycle.stage', 'at_risk', 'At risk', 'e6b581e5a4b1e9a38ee999a9'),
		('lifecycle.stage', 'dormant', 'Dormant', 'e6b289e79da1'),
		('lifecycle.stage', 'lost', 'Lost', 'e6b581e5a4b1'),
		('maturity', 'none', 'None', 'e697a0'),
		('maturity', 'basic', 'Basic', 'e5889de6ada5'),
		('maturity', 'established', 'Established', 'e68890e7869f'),
		('pareto.class', 'A', 'A, makes 80 %', '41e7b1bbefbc88e8b4a1e78cae383025efbc89'),
		('pareto.class', 'B', 'B, makes the next 15 %', '42e7b1bbefbc88e585b6e6aca1313525efbc89'),
		('pareto.class', 'C', 'C, makes the last 5 %', '43e7b1bbefbc88e585b6e4bd993525efbc89'),
		('price_tier', 'high', 'High', 'e9ab98e7abaf'),
		('price_tier', 'middle', 'Middle', 'e4b8ade7abaf'),
		('price_tier', 'mass', 'Mass', 'e5a4a7e4bc97'),
		('price_sensitivity', 'high', 'High', 'e9ab98'),
		('price_sensitivity', 'middle', 'Middle', 'e4b8ad'),
		('price_sensitivity', 'low', 'Low', 'e4bd8e'),
		('preferred.daypart', 'morning', 'Morning (6 to 11)', 'e697a9e699a8efbc88362d3131e782b9efbc89'),
		('preferred.daypart', 'noon', 'Noon (11 to 14)', 'e4b8ade58d88efbc8831312d3134e782b9efbc89'),
		('preferred.daypart', 'afternoon', 'Afternoon (14 to 18)', 'e4b88be58d88efbc8831342d3138e782b9efbc89'),
		('preferred.daypart', 'evening', 'Evening (18 to 23)', 'e6999ae4b88aefbc8831382d3233e782b9efbc89'),
		('preferred.daypart', 'night', 'Night (23 to 6)', 'e6b7b1e5a49cefbc8832332d36e782b9efbc89'),
		('preferred.weekday', 'mon', 'Monday', 'e591a8e4b880'),
		('preferred.weekday', 'tue', 'Tuesday', 'e591a8e4ba8c'),
		('preferred.weekday', 'wed', 'Wednesday', 'e591a8e4b889'),
		('preferred.weekday', 'thu', 'Thursday', 'e591a8e59b9b'),
		('preferred.weekday', 'fri', 'Friday', 'e591a8e4ba94'),
		('preferred.weekday', 'sat', 'Saturday', 'e591a8e585ad'),
		('preferred.weekday', 'sun', 'Sunday', 'e591a8e697a5'),
		('journey.stage', 'know', 'Know', 'e8aea4e79fa5'),
		('journey.stage', 'learn', 'Learn', 'e4ba86e8a7a3'),
		('journey.stage', 'accept', 'Accept', 'e8aea4e58faf'),
		('journey.stage', 'purchase', 'Purchase', 'e8b4ade4b9b0'),
		('journey.stage', 'share', 'Share', 'e58886e4baab')
	) AS l(path, value, label, label_zh);
END;
COMMENT ON FUNCTION @extschema@.portrait_retail_labels(OUT path text, OUT value text, OUT label text, OUT label_zh text) IS
'the names of values of the retail pack''s tags, Chinese ones as the hex of their UTF-8; for example: SELECT * FROM portrait_retail_labels()';

CREATE FUNCTION @extschema@.portrait_retail_tags(schema name, rfm_scheme text DEFAULT 'putler', leave_out text[] DEFAULT '{}')
	RETURNS integer
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tag record;
	unknown text;
	tags integer := 0;
BEGIN
	PERFORM @extschema@.portrait_check_owner(schema);
	rfm_scheme := coalesce(rfm_scheme, 'putler');
	leave_out := coalesce(leave_out, '{}');
	-- an error for a scheme that there is not
	PERFORM FROM @extschema@.rfm_scheme(rfm_scheme) LIMIT 1;
	SELECT string_agg(o, ', ') INTO unknown
	FROM unnest(leave_out) AS o WHERE o NOT IN (SELECT p.path FROM @extschema@.portrait_retail_pack() AS p);
	IF unknown IS NOT NULL THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('tags to leave out are not in the retail pack: %s', unknown),
			HINT = 'Its tags: SELECT path FROM portrait_retail_pack().';
	END IF;
	FOR tag IN SELECT * FROM @extschema@.portrait_retail_pack() AS p WHERE p.path <> ALL (leave_out) LOOP
		PERFORM @extschema@.portrait_tag_define(schema, tag.path,
			jsonb_build_object('title', tag.title, 'description', replace(tag.description, '{scheme}', rfm_scheme),
				'kind', tag.kind, 'conflict', tag.conflict, 'pack', 'retail'),
			replace(tag.query, '{scheme}', rfm_scheme), tag.rules, NULL, NULL, '@extschema@');
		PERFORM @extschema@.portrait_label(schema, tag.path, 'en', tag.title);
		PERFORM @extschema@.portrait_label(schema, l.path || '=' || l.value, 'en', l.label)
		FROM @extschema@.portrait_retail_labels() AS l WHERE l.path = tag.path;
		tags := tags + 1;
	END LOOP;
	PERFORM @extschema@.portrait_label(schema, 'rfm.segment=' || s.code, 'en', min(s.en))
	FROM @extschema@.rfm_scheme(rfm_scheme) AS s WHERE 'rfm.segment' <> ALL (leave_out) GROUP BY s.code;
	BEGIN
		PERFORM @extschema@.portrait_label(schema, p.path, 'zh', @extschema@.portrait_demo_chinese(p.title_zh))
		FROM @extschema@.portrait_retail_pack() AS p WHERE p.path <> ALL (leave_out);
		PERFORM @extschema@.portrait_label(schema, l.path || '=' || l.value, 'zh', @extschema@.portrait_demo_chinese(l.label_zh))
		FROM @extschema@.portrait_retail_labels() AS l WHERE l.path <> ALL (leave_out);
		PERFORM @extschema@.portrait_label(schema, 'rfm.segment=' || s.code, 'zh', min(s.zh))
		FROM @extschema@.rfm_scheme(rfm_scheme) AS s WHERE 'rfm.segment' <> ALL (leave_out) GROUP BY s.code;
	EXCEPTION WHEN untranslatable_character OR undefined_function THEN
		RAISE NOTICE 'labels in Chinese are left out: encoding % does not have them', getdatabaseencoding();
	END;
	RETURN tags;
END
$$;
COMMENT ON FUNCTION @extschema@.portrait_retail_tags(schema name, rfm_scheme text, leave_out text[]) IS
'declares the ready tags of a retailer, with titles and labels in English and Chinese, and gives their number; each says in its description how it is computed; for example: SELECT portrait_retail_tags(''shop'')';
