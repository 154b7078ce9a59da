# The demo's own SQL runs, and its figures are those of plain SQL on the same
# data: on generated data, and on the real file where it is.
use strict;
use warnings;

use IPC::Run qw(run);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('demo');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "max_wal_size = 2GB\njit = off");
$node->start;

# Run the demo in a database of its own; returns what it prints
sub demo
{
	my ($database, %variables) = @_;
	my ($out, $err) = ('', '');
	my @options = map { ('-v', "$_=$variables{$_}") } sort keys %variables;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	my $ok = run [ 'psql', '-X', '-q', @options, '-d', $node->connstr($database), '-f', 'test/demo/demo.sql' ],
	  '<', \undef, '>', \$out, '2>', \$err;
	return ($ok, $out, $err);
}

# How wide a terminal shows it: Chinese takes two columns
sub columns
{
	my ($line) = @_;

	utf8::decode($line);
	return length $line =~ s/\p{East_Asian_Width=Wide}/--/gr;
}

# What is printed from one heading to the next
sub section
{
	my ($out, $heading) = @_;
	return $out =~ /^($heading: .*?)(?=^[A-Z ]+: |\z)/ms ? $1 : '';
}

# Cells of an aligned table; "-" is NULL
sub rows_of
{
	my ($section) = @_;
	my ($body) = $section =~ /^[-+]+\n(.*?)(?:\n\n|\z)/ms;
	return map { my @cells = map { s/^\s+|\s+$//gr } split /\|/, $_, -1; [ map { $_ eq '-' ? '' : $_ } @cells ] }
	  split /\n/, $body // '';
}

sub join_rows
{
	return join "\n", map { join '|', @$_ } @_;
}

# Figures by plain SQL: a table "bought" of customer, month and product, of all that was
# paid; what was taken back is netted in the demo, so months may have fewer customers
sub compare
{
	my ($name, $database, $out, $err, $no_goods) = @_;
	my $sql = sub { $node->safe_psql($database, "SET search_path = public, portrait; $_[0]") };

	is(join("\n", grep { columns($_) > 80 } split /\n/, $out), '', "$name: lines fit in 80 columns");
	is(join("\n", grep { !/^-- +[0-9.]+ s: ./ } split /\n/, $err), '', "$name: only progress on stderr");
	cmp_ok(scalar(() = $err =~ /^-- /mg), '>=', 6, "$name: steps are announced");

	# both refreshes went through
	is($sql->("SELECT count(DISTINCT generation) FROM shop.v_refresh_log WHERE stage = 'publish' AND outcome = 'done'"), 2, "$name: two refreshes");
	is($sql->("SELECT count(*) FROM shop.v_refresh_log WHERE outcome = 'failed'"), 0, "$name: nothing failed");

	# groups, and what they bring
	is( join_rows(map { [ @$_[ 0, 2 ] ] } rows_of(section($out, 'SEGMENTS'))),
		$sql->(q{SELECT segment, count(*) FROM shop.v_segment_customer GROUP BY segment ORDER BY 2 DESC, segment}),
		"$name: members of segments");
	is( join_rows(map { [ @$_[ 1 .. 3 ] ] } rows_of(section($out, 'RFM'))),
		$sql->(<<'SQL'), "$name: what each group brings");
SELECT count(*), sum(orders), round(sum(spend)) AS revenue
FROM shop.customer_value AS v JOIN shop.v_customer_tag AS t USING (customer)
WHERE t.tag = 'rfm.segment' AND v.generation = (SELECT generation FROM shop.state)
GROUP BY t.value ORDER BY revenue DESC
SQL
	is( join_rows(map { [ @$_[ 1, 2 ] ] } rows_of(section($out, 'QUESTION'))),
		$sql->(<<'SQL'), "$name: a question, leaf by leaf");
WITH a AS (SELECT customer FROM shop.v_customer_tag WHERE tag = 'rfm.segment' AND value = 'at_risk'),
b AS (SELECT customer FROM shop.v_customer_tag WHERE tag = 'spend_365d' AND number >= 1000)
SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM a)
UNION ALL SELECT (SELECT count(*) FROM b), (SELECT count(*) FROM a JOIN b USING (customer))
SQL
	is($sql->("SELECT size FROM shop.v_segment WHERE name = 'win_back'"), (rows_of(section($out, 'QUESTION')))[1][2], "$name: which is a segment too");
	my %profile = map { $_->[0] =~ /^Life cycle: (.*)/ ? ($1 => join '|', @$_[ 1 .. 4 ]) : () } rows_of(section($out, 'PROFILE'));
	cmp_ok(scalar(keys %profile), '>=', 1, "$name: the profile tells of the life cycle");
	for my $row (split /\n/, $sql->(<<'SQL'))
WITH t AS (
	SELECT l.label, count(*) FILTER (WHERE r.customer IS NOT NULL) AS target, count(*) AS base
	FROM shop.v_customer AS c JOIN shop.v_customer_tag AS t USING (customer)
	LEFT JOIN shop.v_segment_customer AS r ON r.customer = c.customer AND r.segment = 'at_risk'
	JOIN shop.tag_label AS l ON l.code = 'lifecycle.stage=' || t.value AND l.language = 'en'
	WHERE t.tag = 'lifecycle.stage' AND c.orders > 0 GROUP BY l.label)
SELECT label, target, round(100.0 * target / sum(target) OVER (), 1), round(100.0 * base / sum(base) OVER (), 1),
	round(100 * (target / sum(target) OVER ()) / (base / sum(base) OVER ()))
FROM t
SQL
	{
		my ($stage, $figures) = split /\|/, $row, 2;
		is($profile{$stage}, $figures, "$name: profile, $stage") if $profile{$stage};
	}
	my @flow = rows_of(section($out, 'LIFE CYCLE'));
	my %before;
	foreach my $row (@flow)
	{
		$before{ $row->[0] } = eval { my $sum = 0; $sum += $_ || 0 foreach @$row[ 1 .. 7 ]; $sum };
	}
	is($before{Active}, $sql->(q{SELECT count(*) FROM stage_before AS b JOIN shop.v_customer USING (customer) WHERE b.stage = 'active'}), "$name: life cycle: the active of 90 days before");

	# months
	my @months = rows_of(section($out, 'MONTHS'));
	my @bounds = map { [ split /\|/ ] } split /\n/, $sql->(<<'SQL');
SELECT to_char(month, 'YYYY-MM'), count(DISTINCT customer) FILTER (WHERE NOT is_touched), count(DISTINCT customer)
FROM bought GROUP BY month ORDER BY month
SQL
	is(join(' ', map { $_->[0] =~ s/ \*//r } @months), join(' ', map { $_->[0] } @bounds), "$name: months");
	for my $i (0 .. $#months)
	{
		my ($month, $active, $new, $returning) = @{ $months[$i] };
		ok($active >= $bounds[$i][1] && $active <= $bounds[$i][2], "$name: $active customers in $month, of $bounds[$i][2], $bounds[$i][1] of whom took nothing back");
		is($new + $returning, $active, "$name: $month: new and returning are all") if $i;
	}
	like($months[0][5], qr/can't tell/, "$name: the first month is told to be unknown");
	my @matrix = section($out, 'RETENTION') =~ /^(\d{4}-\d\d)\*? *([\d ]+)$/mg;
	my @pairs;
	while (my ($month, $counts) = splice @matrix, 0, 2)
	{
		push @pairs, map { "$month|$_" } split ' ', $counts;
	}
	is(join("\n", @pairs), $sql->(<<'SQL'), "$name: retention from month to month");
WITH active AS (SELECT customer, value AS month FROM shop.v_customer_tag WHERE tag = 'active.month'),
month AS (SELECT DISTINCT month FROM active)
SELECT a.month, (SELECT count(*) FROM active AS x JOIN active AS y USING (customer) WHERE x.month = a.month AND y.month = b.month)
FROM month AS a JOIN month AS b ON b.month >= a.month ORDER BY a.month, b.month
SQL

	# each product's buyers as a string of bits
	my $best = $sql->(<<"SQL");
WITH buyer AS (
	SELECT dense_rank() OVER (ORDER BY product COLLATE "C") AS product, dense_rank() OVER (ORDER BY customer) AS place
	FROM bought WHERE product NOT IN ($no_goods) GROUP BY bought.product, customer
), gap AS (
	SELECT product, place, place - 1 - lag(place, 1, 0) OVER (PARTITION BY product ORDER BY place) AS zeros
	FROM buyer
), buyers AS MATERIALIZED (
	SELECT product, count(*) AS n, rpad(string_agg(repeat('0', zeros::int) || '1', '' ORDER BY place),
		(SELECT max(place) FROM buyer)::int, '0')::bit varying AS bits
	FROM gap GROUP BY product HAVING count(*) >= 20
), pair AS (
	SELECT a.product AS a, b.product AS b, bit_count(a.bits & b.bits) AS common, a.n + b.n AS total
	FROM buyers AS a JOIN buyers AS b ON b.product > a.product
), best AS (
	SELECT * FROM pair ORDER BY common::double precision / (total - common) DESC, a, b LIMIT 10
)
SELECT (SELECT count(*) FROM buyers), common, round(common::numeric / (total - common), 3)
FROM best ORDER BY common::double precision / (total - common) DESC, a, b
SQL
	my $pairs = section($out, 'PAIRS');
	my ($products) = $pairs =~ /pairs of (\d+) products/;
	is(join_rows(map { [ $products, @$_[ 2, 3 ] ] } rows_of($pairs)), $best,
	 "$name: the pairs of products with most buyers in common");

	my @steps = rows_of(section($out, 'TIME'));
	is($steps[-1][1], 'all', "$name: ends with the time of all steps");
	is(scalar(@steps), 1 + scalar(() = $err =~ /^-- /mg), "$name: and of each");
}

# Generated data
my ($ok, $out, $err) = demo('generated', customers => 3000);
ok($ok, 'the demo runs on generated data') or diag $err;
$node->safe_psql('generated', <<'SQL');
SET search_path = public, portrait;
CREATE TABLE bought AS
	SELECT i.customer, date_trunc('month', l.ordered_at)::date AS month, product,
		coalesce(card, account, openid) IN (SELECT coalesce(card, account, openid) FROM order_line WHERE quantity < 0) AS is_touched
	FROM order_line AS l JOIN shop.identifier AS i ON split_part(i.identifier, ':', 2) = coalesce(card, account, openid)
	WHERE quantity > 0 AND paid_at IS NOT NULL AND i.generation = (SELECT generation FROM shop.state)
	AND split_part(i.identifier, ':', 1) ~ (CASE system WHEN 'store' THEN '^card' WHEN 'marketplace' THEN '^account' ELSE '^openid' END);
ANALYZE bought;
SQL
compare('generated', 'generated', $out, $err, "'POST'");
# Who is who, by the truth and by plain SQL
$node->safe_psql('generated', <<'SQL');
CREATE TABLE who AS
	SELECT m.system, m.member, m.phone, i.customer, t.person
	FROM member AS m
	JOIN shop.identifier AS i ON split_part(i.identifier, ':', 2) = m.member
	JOIN (SELECT DISTINCT source, key, person FROM portrait.portrait_demo_truth(3000)) AS t
		ON t.source = m.system AND t.key = m.member
	WHERE i.generation = (SELECT generation FROM shop.state)
	AND split_part(i.identifier, ':', 1) ~ (CASE system WHEN 'store' THEN '^card' WHEN 'marketplace' THEN '^account' ELSE '^openid' END);
SQL
is($node->safe_psql('generated', 'SELECT count(*) FROM who'), $node->safe_psql('generated', 'SELECT count(*) FROM member'), 'generated: each member is somebody');
my ($precision, $recall, $people) = split /\|/, $node->safe_psql('generated', <<'SQL');
SELECT round(rightly / found, 3), round(rightly / truth, 3), (SELECT count(DISTINCT person) FROM who)
FROM (SELECT
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM who GROUP BY person, customer) AS g) AS rightly,
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM who GROUP BY customer) AS g) AS found,
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM who GROUP BY person) AS g) AS truth) AS pairs
SQL
note "generated: $people people, precision $precision, recall $recall";
# half of the members have nothing in common with what they are elsewhere
cmp_ok($precision, '>', 0.7, "generated: precision $precision of the customers found");
cmp_ok($recall, '>', 0.3, "generated: recall $recall");
is(join_rows(map { [ @$_[ 2 .. 5 ] ] } rows_of(section($out, 'SILOS'))), $node->safe_psql('generated', <<'SQL'), 'generated: what systems share, by phone and by the portrait');
SELECT (SELECT count(DISTINCT customer) FROM who WHERE system = a), (SELECT count(DISTINCT customer) FROM who WHERE system = b),
	(SELECT count(DISTINCT x.phone) FROM who AS x JOIN who AS y USING (phone) WHERE x.system = a AND y.system = b),
	(SELECT count(DISTINCT x.customer) FROM who AS x JOIN who AS y USING (customer) WHERE x.system = a AND y.system = b)
FROM (VALUES (1, 'marketplace', 'social'), (2, 'marketplace', 'store'), (3, 'social', 'store')) AS v(i, a, b) ORDER BY i
SQL
like(section($out, 'MONTHS'), qr/^ 2026-01 \*/m, 'generated: the last month is marked as cut off');
unlike(section($out, 'MONTHS'), qr/^ 2025-12 \*/m, 'generated: the one before is not');
like(section($out, 'CARD'), qr/^  account\@mall +\S+\*\*\*\*.*\n  card +\S+\*\*\*\*.*\n  openid\@\w+ +\S+\*\*\*\*/m, 'generated: a card of three systems, masked');

# Another seed is another retailer; names of values in Chinese
my (undef, $other) = demo('other', customers => 1000, seed => 2, lang => 'zh');
isnt(section($other, 'MONTHS'), '', 'a small retailer of another seed works');
like(section($other, 'RFM'), qr/冠军客户/, 'labels are Chinese');
like(section($other, 'CARD'), qr/^标签/m, 'so is the card');
is(join("\n", grep { columns($_) > 80 } split /\n/, $other), '', 'and lines fit in 80 columns');

# Who connects to the server that is kept may look, and identifies nobody
my $reader = sub {
	return $node->psql('generated', $_[0], extra_params => [ '-U', 'reader' ]);
};
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-v', 'password=x', '-d', $node->connstr('generated'), '-f', 'test/demo/reader.sql' ],
	'there is a reader');
my ($run_text) = slurp_file('test/demo/run');
my @queries = grep { /^SELECT/ } map { s/^\t\t +//mgr =~ s/\$lang/en/gr } $run_text =~ /^\t\t  (SELECT.*?;)$/msg;
is(scalar @queries, 3, 'three queries to try');
foreach my $query (@queries)
{
	my ($status, $answer, $problem) = $reader->($query);
	is($problem, '', "a reader may: $query");
	isnt($answer, '', 'and gets an answer');
}
my (undef, undef, $denied) = $reader->('SELECT * FROM shop.identifier');
like($denied, qr/permission denied/, 'a reader sees no identifier');
(undef, undef, $denied) = $reader->('SELECT * FROM public.member');
like($denied, qr/permission denied/, 'nor the tables of the company');

# Dumped and restored it is the same portrait, and is refreshed as the one it was dumped from
sub portrait
{
	my ($database) = @_;
	my %of = (
		numbers => q{SELECT customer, identifier FROM shop.identifier WHERE generation = (SELECT generation FROM shop.state) ORDER BY identifier},
		cards => q{SELECT portrait_card('shop', customer) FROM shop.v_customer WHERE customer % 10 = 0 ORDER BY customer},
		counts => q{SELECT name, portrait_count('shop', portrait_segment_rule(name)), (SELECT count(*) FROM shop.v_segment_customer WHERE segment = name) FROM shop.segment_def ORDER BY name},
		segments => q{SELECT * FROM shop.v_segment ORDER BY name},
		history => q{SELECT * FROM shop.v_segment_history ORDER BY metric, time},
		tags => q{SELECT customer, tag, value, weight, set_at FROM shop.v_customer_tag WHERE customer % 10 = 0 ORDER BY customer, tag, value},
		profiles => q{SELECT name, p.* FROM shop.segment_def, LATERAL portrait_profile('shop', portrait_segment_rule(name), lang => 'zh') AS p ORDER BY name, tag, p.value},
		reach => q{SELECT name, r.* FROM shop.segment_def, LATERAL portrait_reach('shop', portrait_segment_rule(name)) AS r ORDER BY name, identifier_type});

	return map { ($_ => $node->safe_psql($database, "SET search_path = public, portrait; $of{$_}")) } keys %of;
}
my $dump = $node->basedir . '/generated.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('generated') ], 'the demo is dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $dump ], 'and restored');
my %dumped = portrait('generated');
my %restored = portrait('restored');
cmp_ok(scalar(split /\n/, $dumped{cards}), '>', 200, 'there are cards to compare');
is($restored{$_}, $dumped{$_}, "restored: the same $_") for sort keys %dumped;
my ($status, $answer, $problem) = $node->psql('restored', "SELECT customer_count('segment(\"at_risk\")')", extra_params => [ '-U', 'reader' ]);
is($problem, '', 'restored: the reader may ask');
$node->safe_psql($_, "SET search_path = public, portrait; SET client_min_messages = warning;\nCALL portrait_refresh('shop', '2026-02-10 00:00+08')") for qw(generated restored);
my $numbers = $dumped{numbers};
%dumped = portrait('generated');
%restored = portrait('restored');
is($restored{$_}, $dumped{$_}, "restored and refreshed: the same $_") for sort keys %dumped;
is($restored{numbers}, $numbers, 'restored and refreshed: customers keep their numbers');

# What is not the file
my $wrong = $node->basedir . '/wrong.csv';
PostgreSQL::Test::Utils::append_to_file($wrong, "InvoiceNo,StockCode\n1,2\n");
($ok, $out, $err) = demo('wrong', retail_csv => $wrong);
ok(!$ok, 'a file with other columns is refused');
like($err, qr/ERROR: .*(header|column)/, 'and the error tells why');
for my $case (
	[ '/nowhere/retail.csv', qr/there is no file RETAIL_CSV=\/nowhere\/retail\.csv/, 'a file that is not there' ],
	[ $node->basedir, qr/is not a file/, 'a folder' ])
{
	my ($file, $message, $what) = @$case;
	local $ENV{RETAIL_CSV} = $file;
	$ok = run ['test/demo/run'], '<', \undef, '>', \$out, '2>', \$err;
	is($? >> 8, 2, "$what is refused");
	like($err, $message, 'and the message tells why');
}

# The real file
SKIP:
{
	my $xz = ($ENV{PORTRAIT_DATA} // '') . '/online_retail.csv.xz';
	skip 'no ../shared/data', 1 unless $ENV{PORTRAIT_DATA} && -r $xz;

	my $csv = $node->basedir . '/retail.csv';
	system_or_bail('sh', '-c', 'xz -dc "$1" >"$2"', 'sh', $xz, $csv);
	($ok, $out, $err) = demo('retail', retail_csv => $csv);
	ok($ok, 'the demo runs on the real file') or diag $err;
	$node->safe_psql('retail', <<"SQL");
CREATE TABLE line (invoice text, product text, description text, quantity int, at timestamp,
	price numeric, customer double precision, region text);
COPY line FROM '$csv' (FORMAT csv, HEADER);
ANALYZE line;
CREATE TABLE bought AS
	SELECT customer, date_trunc('month', at)::date AS month, product,
		customer IN (SELECT customer FROM line WHERE invoice ~ '^C' AND customer IS NOT NULL) AS is_touched
	FROM line WHERE invoice !~ '^C' AND quantity > 0 AND customer IS NOT NULL;
ANALYZE bought;
SQL
	compare('real', 'retail', $out, $err, <<'SQL');
'POST', 'DOT', 'C2', 'M', 'm', 'D', 'S', 'B', 'BANK CHARGES', 'AMAZONFEE', 'CRUK',
'gift_0001_10', 'gift_0001_20', 'gift_0001_30', 'gift_0001_40', 'gift_0001_50'
SQL
	like(section($out, 'MONTHS'), qr/^ 2011-12 \*/m, 'real: December 2011 is cut off');
	my %count = map { ($_->[0] => $_->[1] =~ s/,//gr) } rows_of(section($out, 'DATA'));
	is($count{'lines of orders'}, 541909, 'real: lines');
	is($count{'lines that take something back (invoices C...)'}, 9288, 'real: cancellation lines');
	is($count{'lines without a customer'}, 135080, 'real: lines without a customer');
	is($count{'customer numbers'}, 4372, 'real: customers');
	my ($paid, $net) = rows_of(section($out, 'NETTED'));
	is(join('|', @$paid[ 1 .. 3 ]), $node->safe_psql('retail', q{SELECT count(DISTINCT invoice), count(DISTINCT customer), round(sum(quantity * price))
		FROM line WHERE invoice !~ '^C' AND quantity > 0 AND price > 0 AND customer IS NOT NULL}), 'real: orders as they were paid');
	cmp_ok($net->[3], '<', $paid->[3], 'real: what was taken back is netted');
	# all of it but what has no purchase to be taken from
	cmp_ok($net->[3], '>=', $node->safe_psql('retail', q{SELECT round(sum(quantity * price)) FROM line WHERE customer IS NOT NULL}) - 1, 'real: and not more than that');
	like(section($out, 'ODD'), qr/ 650 products with several names/, 'real: codes with several descriptions');
	# as a program on its own finds them in the file
	like(section($out, 'ODD'), qr/ 2,190 orders without a customer: orders\n +They have 133359 lines and come to 1755276\.64\./, 'real: orders without a customer');
	like(section($out, 'ODD'), qr/ 3,112 refunds for which no purchase was found: all sources\n +They come to 447083\.32;/, 'real: refunds that match nothing');
	like(section($out, 'ODD'), qr/ 24 refunds of more than was paid: all sources\n +What they give back beyond it comes to 4504\.65\./, 'real: refunds that are dearer than their purchase');
	like(section($out, 'CARD'), qr/^Orders \d+, spend [0-9.]+, .*first 2010-12-01, last 2010-12-02$/m, 'real: the card of 17850');
}

$node->stop;
done_testing();
