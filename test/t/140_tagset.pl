# Tagsets: dump and restore, binary COPY, and databases of different encodings.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('tagset');
my $dir = $node->basedir;

# Values of every kind and size survive dump and restore, and binary COPY
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE customers (name text PRIMARY KEY, tags tagset);
INSERT INTO customers
SELECT 'null', NULL::tagset
UNION ALL SELECT 'empty', ''
UNION ALL SELECT 'kinds', 'vip, age=34, d=2026-09-01, t=0001-01-01T00:00:00.000001, f=false, "quoted \\ \"name\""="a text, with =>@~", n=-5e-324, n=1e22, weight=>0.1234567890123456@2026-09-01~9999-12-31'
UNION ALL SELECT 'names', '城市=上海, "Zoë ½", 兴趣.运动=>1'
UNION ALL SELECT 'latin', '"Zoë ½"=Straße, ä=ü, vip'
UNION ALL SELECT 'texts', tag_agg('tag ' || i, repeat('长', i % 300)) FROM generate_series(1, 2000) AS i
UNION ALL SELECT 'many', tag_agg('tag.' || i, i / 3.0) FROM generate_series(1, 50000) AS i
UNION ALL SELECT 'values', tag_agg('tag', i) FROM generate_series(1, 50000) AS i;
CREATE INDEX ON customers USING hash (tags);
CREATE INDEX ON customers (tags) WHERE name NOT IN ('texts', 'many', 'values');
SQL
my $digest = q{SELECT name, tag_count(tags), md5(tagset_send(tags)) FROM customers ORDER BY name COLLATE "C"};
my $expected = $node->safe_psql('postgres', $digest);
$node->safe_psql('postgres', 'CREATE DATABASE restored');
command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-t', 'customers', '-f', "$dir/customers.sql" ], 'dump');
$node->safe_psql('restored', 'CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$dir/customers.sql" ],
	'restore');
is($node->safe_psql('restored', $digest), $expected, 'the same tagsets after dump and restore');
$node->safe_psql('postgres', "COPY customers TO '$dir/customers.bin' (FORMAT binary)");
$node->safe_psql('restored', "TRUNCATE customers; COPY customers FROM '$dir/customers.bin' (FORMAT binary)");
is($node->safe_psql('restored', $digest), $expected, 'the same tagsets after binary COPY');

# Another encoding: the binary form is in the client's, as that of text is
$node->safe_psql('postgres',
	"CREATE DATABASE latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
$node->safe_psql('latin1',
	'CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait; CREATE TABLE customers (name text, tags tagset)');
$node->safe_psql('postgres',
	"COPY (SELECT * FROM customers WHERE name IN ('latin', 'kinds', 'values')) TO '$dir/latin.bin' (FORMAT binary)");
$node->safe_psql('latin1',
	"SET client_encoding = 'UTF8'; COPY customers FROM '$dir/latin.bin' (FORMAT binary)");
# as JSON: text has quotes around more where the encoding is not UTF-8
my $text = q{SET client_encoding = 'UTF8'; SELECT name, tags::jsonb FROM customers WHERE name = 'latin'};
is($node->safe_psql('latin1', $text), $node->safe_psql('postgres', $text), 'received from another encoding');
is($node->safe_psql('latin1', q{SELECT octet_length(tags ->> chr(228)) FROM customers WHERE name = 'latin'}),
	'1', 'and stored in it');
$node->safe_psql('latin1',
	"SET client_encoding = 'UTF8'; COPY customers TO '$dir/back.bin' (FORMAT binary)");
$node->safe_psql('restored',
	"CREATE TABLE back (LIKE customers); COPY back FROM '$dir/back.bin' (FORMAT binary)");
is($node->safe_psql('restored', 'SELECT count(*) FROM back JOIN customers USING (name, tags)'), '3', 'and sent back');
$node->safe_psql('postgres',
	"COPY (SELECT * FROM customers WHERE name = 'names') TO '$dir/names.bin' (FORMAT binary)");
my ($status, undef, $err) = $node->psql('latin1',
	"SET client_encoding = 'UTF8'; COPY customers FROM '$dir/names.bin' (FORMAT binary)");
isnt($status, 0, 'what the other encoding does not have is refused');
like($err, qr/has no equivalent in encoding "LATIN1"/, 'and it says why');

$node->stop;
done_testing();
