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

# The same orders, by plain SQL: a view "bought" of customer, month, region and product
sub compare
{
	my ($name, $database, $out, $err, $no_goods) = @_;
	my $sql = sub { $node->safe_psql($database, $_[0]) };

	is(join("\n", grep { columns($_) > 80 } split /\n/, $out), '', "$name: lines fit in 80 columns");
	is(join("\n", grep { !/^-- +[0-9.]+ s: ./ } split /\n/, $err), '', "$name: only progress on stderr");
	cmp_ok(scalar(() = $err =~ /^-- /mg), '>=', 6, "$name: steps are announced");

	my @months = rows_of(section($out, 'MONTHS'));
	is( join_rows(map { [ $_->[0] =~ s/ \*//r, @$_[ 1 .. 3 ] ] } @months),
		$sql->(<<'SQL'), "$name: active, new and returning customers of each month");
WITH active AS (SELECT DISTINCT customer, month FROM bought),
first AS (SELECT customer, min(month) AS month FROM active GROUP BY customer),
counted AS (
	SELECT a.month, count(*) AS active, count(*) FILTER (WHERE f.month = a.month) AS new,
		count(*) FILTER (WHERE f.month < a.month) AS returning
	FROM active AS a JOIN first AS f USING (customer) GROUP BY a.month)
SELECT to_char(month, 'YYYY-MM'), active, CASE WHEN month > min(month) OVER () THEN new END,
	CASE WHEN month > min(month) OVER () THEN "returning" END
FROM counted ORDER BY month
SQL
	like($months[0][5], qr/can't tell/, "$name: the first month is told to be unknown");

	my @matrix = section($out, 'RETENTION') =~ /^(\d{4}-\d\d)\*? *([\d ]+)$/mg;
	my @pairs;
	while (my ($month, $counts) = splice @matrix, 0, 2)
	{
		push @pairs, map { "$month|$_" } split ' ', $counts;
	}
	is(join("\n", @pairs), $sql->(<<'SQL'), "$name: retention from month to month");
WITH active AS (SELECT DISTINCT customer, month FROM bought),
month AS (SELECT DISTINCT month FROM bought)
SELECT to_char(a.month, 'YYYY-MM'),
	(SELECT count(*) FROM active AS x JOIN active AS y USING (customer)
	 WHERE x.month = a.month AND y.month = b.month)
FROM month AS a JOIN month AS b ON b.month >= a.month ORDER BY a.month, b.month
SQL

	is( join_rows(map { [ @$_[ 0, 1 ] ] } rows_of(section($out, 'REGIONS'))),
		$sql->('SELECT region, count(DISTINCT customer) FROM bought GROUP BY region ORDER BY 2 DESC, region COLLATE "C" LIMIT 10'),
		"$name: customers of regions");

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

# Generated data.  Members of each system are customers of their own.
my ($ok, $out, $err) = demo('generated', customers => 3000);
ok($ok, 'the demo runs on generated data') or diag $err;
$node->safe_psql('generated', <<'SQL');
CREATE TABLE line AS SELECT * FROM portrait.portrait_demo_order_line(3000);
CREATE VIEW bought AS
	SELECT dense_rank() OVER (ORDER BY system, coalesce(card, account, openid)) AS customer,
		date_trunc('month', ordered_at)::date AS month, city AS region, product
	FROM line
	WHERE quantity > 0 AND paid_at IS NOT NULL AND coalesce(card, account, openid) IS NOT NULL;
SQL
compare('generated', 'generated', $out, $err, "'POST'");
# Who is who, by the truth and by plain SQL
$node->safe_psql('generated', <<'SQL');
CREATE TABLE member AS SELECT * FROM portrait.portrait_demo_member(3000);
CREATE TABLE who AS
	SELECT i.system, i.member, i.customer, t.person
	FROM identity_member AS i
	JOIN (SELECT DISTINCT source, key, person FROM portrait.portrait_demo_truth(3000)) AS t
		ON t.source = i.system AND t.key = i.member;
CREATE TABLE link AS
	SELECT system || member AS member, v FROM member,
		unnest(ARRAY[system || member, 'p' || phone, 'u' || unionid, 'd' || device]) AS v
	WHERE v IS NOT NULL AND v !~ '[*]';
SQL
my ($members, $customers) = map { @$_[ 0, 1 ] } rows_of(section($out, 'CUSTOMERS'));
is($members, $node->safe_psql('generated', 'SELECT count(*) FROM member'), 'generated: members');
is($customers, $node->safe_psql('generated', <<'SQL'), 'generated: customers, by a recursive query');
WITH RECURSIVE reach AS (
	SELECT member, member AS other FROM link
	UNION
	SELECT r.member, b.member FROM reach AS r JOIN link AS a ON a.member = r.other JOIN link AS b ON b.v = a.v
)
SELECT count(*) FROM (SELECT member FROM reach GROUP BY member HAVING min(other COLLATE "C") = member COLLATE "C") AS smallest
SQL
my ($precision, $recall, $people) = split /\|/, $node->safe_psql('generated', <<'SQL');
SELECT round(rightly / found, 3), round(rightly / truth, 3), (SELECT count(DISTINCT person) FROM who)
FROM (SELECT
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM who GROUP BY person, customer) AS g) AS rightly,
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM who GROUP BY customer) AS g) AS found,
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM who GROUP BY person) AS g) AS truth) AS pairs
SQL
note "generated: $people people are found as $customers customers, precision $precision, recall $recall";
# half of the members have nothing in common with what they are elsewhere
cmp_ok($precision, '>', 0.7, "generated: precision $precision of the customers found");
cmp_ok($recall, '>', 0.3, "generated: recall $recall");
is(join_rows(map { [ @$_[ 1, 2 ] ] } rows_of(section($out, 'OVERLAP'))), $node->safe_psql('generated', <<'SQL'), 'generated: overlap before and after');
SELECT (SELECT count(DISTINCT x.phone) FROM member AS x JOIN member AS y USING (phone) WHERE x.system = a AND y.system = b),
	(SELECT count(DISTINCT x.customer) FROM who AS x JOIN who AS y USING (customer) WHERE x.system = a AND y.system = b)
FROM (VALUES (1, 'store', 'marketplace'), (2, 'store', 'social'), (3, 'marketplace', 'social')) AS v(i, a, b) ORDER BY i
SQL
like(section($out, 'MONTHS'), qr/^ 2026-01 \*/m, 'generated: the last month is marked as cut off');
unlike(section($out, 'MONTHS'), qr/^ 2025-12 \*/m, 'generated: the one before is not');

# Another seed is another retailer
my (undef, $other) = demo('other', customers => 300, seed => 2);
isnt(section($other, 'MONTHS'), '', 'a small retailer of another seed works');

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
CREATE VIEW bought AS
	SELECT customer, date_trunc('month', at)::date AS month, region, product
	FROM line WHERE invoice !~ '^C' AND customer IS NOT NULL;
SQL
	compare('real', 'retail', $out, $err, <<'SQL');
'POST', 'DOT', 'C2', 'M', 'm', 'D', 'S', 'B', 'BANK CHARGES', 'AMAZONFEE', 'CRUK',
'gift_0001_10', 'gift_0001_20', 'gift_0001_30', 'gift_0001_40', 'gift_0001_50'
SQL
	like(section($out, 'MONTHS'), qr/^ 2010-12 +\| +885 \|/m, 'real: 885 customers in December 2010');
	like(section($out, 'MONTHS'), qr/^ 2011-12 \*/m, 'real: December 2011 is cut off');
	my %count = map { ($_->[0] => $_->[1]) } rows_of(section($out, 'ORDERS'));
	is($count{'lines'}, 541909, 'real: lines');
	is($count{'lines that take something back'}, 9288, 'real: cancellation lines');
	is($count{'lines without a customer'}, 135080, 'real: lines without a customer');
	is($count{'products with several names'}, 650, 'real: codes with several descriptions');
}

$node->stop;
done_testing();
