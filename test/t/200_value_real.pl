# Real orders: UCI Online Retail and CDNOW.  Every figure of every customer is
# computed again in plain SQL.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = $ENV{PORTRAIT_DATA} // '';
plan skip_all => 'skipped: no ../shared/data'
  unless -e "$data/online_retail.csv.xz" && -e "$data/cdnow_master.txt.xz";

my $node = PostgreSQL::Test::Cluster->new('value_real');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "fsync = off\nwork_mem = '64MB'\njit = off");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION portrait');

# One row per query, as text
sub query { return $node->safe_psql('postgres', $_[0]); }

# ---- Online Retail ----

query(<<"SQL");
CREATE TABLE retail (invoice text, stock text, description text, quantity integer,
	invoiced_at text, price numeric, customer numeric, country text);
COPY retail FROM PROGRAM 'xz -dc ''$data/online_retail.csv.xz''' (FORMAT csv, HEADER);
SQL
is(query('SELECT count(*) FROM retail'), '541909', 'Online Retail is complete');

# The time is month/day/year in some editions of the file, ISO in others
query(<<'SQL');
SET datestyle = 'ISO, MDY';
CREATE TABLE lines AS
SELECT customer::integer AS customer, invoice, stock, quantity, price, invoiced_at::timestamp AS t
FROM retail WHERE customer IS NOT NULL;
CREATE INDEX ON lines (customer, stock, t);
ANALYZE lines;
-- what the README shows: each cancelled line lowers the order of the latest
-- earlier purchase of the same customer and product
CREATE TABLE paid AS
SELECT customer, invoice, min(t) AS paid_at, sum(amount) AS amount
FROM (SELECT customer, invoice, t, quantity * price AS amount FROM lines WHERE invoice NOT LIKE 'C%'
	  UNION ALL
	  SELECT c.customer, p.invoice, p.t, c.quantity * c.price
	  FROM lines AS c, LATERAL (SELECT invoice, t FROM lines AS p
		WHERE p.customer = c.customer AND p.stock = c.stock AND p.t < c.t AND p.quantity > 0
		ORDER BY t DESC, invoice DESC LIMIT 1) AS p
	  WHERE c.invoice LIKE 'C%') AS x
GROUP BY customer, invoice HAVING sum(amount) > 0;
CREATE TABLE summaries AS SELECT customer, rfm_agg(paid_at, amount) AS orders FROM paid GROUP BY customer;
SQL

is(query('SELECT count(*) FROM summaries WHERE customer = 12346'), '0', '12346 has no order left');
is(query('SELECT rfm_amount(orders) < 1000 FROM summaries WHERE customer = 16446'), 't',
	'16446, who cancelled within minutes, is no big spender');
cmp_ok(query('SELECT count(*) FROM summaries'), '>', 4000, 'customers are left');

is( query(<<'SQL'),
SELECT count(*) FILTER (WHERE rfm_first(orders) IS DISTINCT FROM first OR rfm_last(orders) IS DISTINCT FROM last
	OR rfm_orders(orders) <> n OR rfm_amount(orders)::text <> amount::text OR rfm_days(orders) <> cardinality(days)
	OR rfm_previous(orders) IS DISTINCT FROM days[cardinality(days) - 1]
	OR rfm_gaps(orders) <> ARRAY(SELECT days[i + 1] - days[i] FROM generate_series(1, cardinality(days) - 1) AS i)
	OR rfm_recency(orders, '2011-12-10') <> date '2011-12-10' - last::date)
	|| ' of ' || (count(*) > 4000)
FROM summaries FULL JOIN (SELECT customer, min(paid_at) AS first, max(paid_at) AS last, count(*) AS n, sum(amount) AS amount,
	array_agg(DISTINCT paid_at::date ORDER BY paid_at::date) AS days FROM paid GROUP BY customer) AS plain USING (customer)
SQL
	'0 of true',
	'summaries of all customers are those of plain SQL');

query(<<'SQL');
CREATE TABLE model AS SELECT rfm_model_agg(orders, '2011-12-10') AS model FROM summaries;
-- plain SQL: quantiles, then the number of them below
CREATE TABLE plain AS
SELECT customer, date '2011-12-10' - max(paid_at)::date AS r, count(*) AS f, sum(amount) AS m FROM paid GROUP BY customer;
CREATE TABLE plain_breaks AS
SELECT percentile_cont('{0.2,0.4,0.6,0.8}'::float8[]) WITHIN GROUP (ORDER BY r::float8) AS r,
	percentile_cont('{0.2,0.4,0.6,0.8}'::float8[]) WITHIN GROUP (ORDER BY f::float8) AS f,
	percentile_cont('{0.2,0.4,0.6,0.8}'::float8[]) WITHIN GROUP (ORDER BY m::float8) AS m FROM plain;
CREATE TABLE scores AS
SELECT customer, orders, rfm_score(orders, '2011-12-10', model) AS score FROM summaries, model;
SQL
is( query(<<'SQL'),
SELECT count(*) FILTER (WHERE abs(ours::text::float8 - theirs) > 1e-9 * theirs) || ' of ' || count(*)
FROM model, plain_breaks, LATERAL (
	SELECT jsonb_array_elements(model::jsonb->'recency') AS ours, unnest(r) AS theirs
	UNION ALL SELECT jsonb_array_elements(model::jsonb->'frequency'), unnest(f)
	UNION ALL SELECT jsonb_array_elements(model::jsonb->'monetary'), unnest(m)) AS b
SQL
	'0 of 12',
	'thresholds are those of plain SQL');
is( query(<<'SQL'),
SELECT count(*) FILTER (WHERE score <> 100 * (5 - (SELECT count(*) FROM unnest(b.r) AS t WHERE t < p.r))
	+ 10 * (1 + (SELECT count(*) FROM unnest(b.f) AS t WHERE t < p.f))
	+ 1 + (SELECT count(*) FROM unnest(b.m) AS t WHERE t < p.m::float8)) || ' of ' || (count(*) > 4000)
FROM scores JOIN plain AS p USING (customer), plain_breaks AS b
SQL
	'0 of true',
	'scores of all customers are those of plain SQL');
is( query(<<'SQL'),
SELECT count(*) FILTER (WHERE score <> w) FROM (SELECT score,
	rfm_score(rfm_recency(orders, '2011-12-10'), rfm_orders(orders), rfm_amount(orders)) OVER () AS w FROM scores) AS x
SQL
	'0',
	'the window form gives the same scores');
is( query(<<'SQL'),
SELECT count(*) FILTER (WHERE a.orders <> b.orders) FROM summaries AS a JOIN (
	SELECT customer, rfm_union_agg(part) AS orders FROM (SELECT customer, rfm_agg(paid_at, amount) AS part
		FROM paid GROUP BY customer, date_trunc('month', paid_at)) AS months GROUP BY customer) AS b USING (customer)
SQL
	'0',
	'summaries of months add up');
is(query("SELECT bool_and(orders::text::rfm_summary = orders) FROM summaries"), 't', 'text is read back');

# 2/8, over all lines as they stand
query('CREATE TABLE revenue AS SELECT customer, sum(quantity * price) AS revenue FROM lines GROUP BY customer');
is(query('SELECT pareto_count(pareto_agg(revenue)) FROM revenue'), '4372', '4,372 customers');
is(query('SELECT round(100 * pareto_share(pareto_agg(revenue))::numeric, 1) FROM revenue'), '73.8', 'the best fifth holds 73.8 %');
my $plain = q{SELECT round(sum(revenue) FILTER (WHERE rank <= ceil(0.2 * n)) / sum(revenue), 4)
	FROM (SELECT revenue, row_number() OVER (ORDER BY revenue DESC) AS rank, count(*) OVER () AS n FROM revenue) AS x};
is(query('SELECT round(pareto_share(pareto_agg(revenue))::numeric, 4) FROM revenue'), query($plain), 'to four digits that of plain SQL');

# ---- CDNOW: customer, yyyymmdd, CDs, dollars, in columns ----

query(<<"SQL");
CREATE TABLE cdnow_lines (line text);
COPY cdnow_lines FROM PROGRAM 'xz -dc ''$data/cdnow_master.txt.xz''';
CREATE TABLE cdnow AS
SELECT part[1]::integer AS customer, to_date(part[2], 'YYYYMMDD') AS day, part[4]::numeric AS amount
FROM cdnow_lines, regexp_split_to_array(trim(line), '\\s+') AS part WHERE part[1] ~ '^[0-9]+\$';
TRUNCATE revenue;
INSERT INTO revenue SELECT customer, sum(amount) FROM cdnow GROUP BY customer;
SQL
is(query('SELECT count(*), count(DISTINCT customer) FROM cdnow'), '69659|23570', 'CDNOW is complete');
is(query('SELECT round(100 * pareto_share(pareto_agg(revenue))::numeric, 1) FROM revenue'), '67.8', 'the best fifth holds 67.8 %');
is(query('SELECT round(pareto_share(pareto_agg(revenue))::numeric, 4) FROM revenue'), query($plain), 'to four digits that of plain SQL');
is( query(<<'SQL'),
SELECT count(*) FILTER (WHERE rfm_amount(s) <> a OR rfm_orders(s) <> n OR rfm_days(s) <> d) || ' of ' || count(*)
FROM (SELECT rfm_agg(day, amount) AS s, sum(amount) AS a, count(*) FILTER (WHERE amount > 0) AS n,
	count(DISTINCT day) FILTER (WHERE amount > 0) AS d FROM cdnow GROUP BY customer) AS x
SQL
	'0 of 23570',
	'summaries of CDNOW are those of plain SQL');

$node->stop;
done_testing();
