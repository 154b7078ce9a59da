# Tagsets: dump and restore, binary COPY, and databases of different encodings; of rules
# and compiled sets the last.
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

# Rules and compiled sets likewise
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE rules (name text, rule tagquery);
INSERT INTO rules VALUES
('ascii', 'vip and n in (1, 2, d) and not x between 1 and 2'),
('latin', '"Zoë ½" and ä = ü and ä not in (ö, ü, "ß", 1) and not ä starts with ü and ä ends with ß and ä contains "½" and ö < value(ü) and ö.*
	and ö is known and not ü is known and weight(ö, 30 days) > 0.5 and weight(ö, 30 days, 2026-09-01) > 0.5 and weight(ö) > 0.5 and age(ö) < 1 day
	and segment("ä") and did("ü", at least 2) and ö between "ä" and "ü" and ö > "ß" and ö <= x and ö > 5 and anniversary(ö) within next 7 days
	and anniversary(ö) = 12-24 and set_at(ö) since 2026-01-01 and date(ö) before 2026-01-01 and at least 2 of (ä, not ö, ü = 1)'),
('wide', (SELECT string_agg('ä' || i, ' or ') FROM generate_series(1, 1000) AS i)::tagquery),
('names', '城市 = 上海 or 兴趣.运动');
CREATE TABLE compiled AS SELECT tagquery_set_agg(length(name), rule) AS rules FROM rules WHERE name <> 'names';
SQL
my $few = "SELECT * FROM rules WHERE name <> 'names'";
$node->safe_psql('postgres', "COPY ($few) TO '$dir/rules.bin' (FORMAT binary); COPY compiled TO '$dir/compiled.bin' (FORMAT binary)");
$node->safe_psql('latin1', <<"SQL");
SET client_encoding = 'UTF8';
CREATE TABLE rules (name text, rule tagquery);
CREATE TABLE compiled (rules tagquery_set);
COPY rules FROM '$dir/rules.bin' (FORMAT binary);
COPY compiled FROM '$dir/compiled.bin' (FORMAT binary);
SQL
# leaves come in the order of their bytes, which is another one
$text = q{SELECT r.name, md5(string_agg(l::text, ';' ORDER BY l)) FROM rules AS r,
	LATERAL (SELECT encode(convert_to(concat_ws('|', name, kind, negated), 'UTF8'), 'hex') AS l FROM tagquery_leaves(rule)) AS leaves
	WHERE r.name <> 'names' GROUP BY r.name ORDER BY r.name};
is($node->safe_psql('latin1', $text), $node->safe_psql('postgres', $text), 'rules received from another encoding');
is($node->safe_psql('latin1', q{SELECT min(octet_length(n)) FROM rules, unnest(tagquery_names(rule)) AS n WHERE name = 'latin'}),
	'1', 'and stored in it');
is($node->safe_psql('latin1', q{SET client_encoding = 'UTF8'; SELECT string_agg(id::text, ',') FROM compiled, tag_percolate(rules, 'ä77') AS id}),
	'4', 'a compiled set too');
is($node->safe_psql('latin1', 'SELECT (SELECT tagquery_set_agg(length(name), rule) FROM rules) = rules FROM compiled'), 't', 'which is the one that is made there');
$node->safe_psql('latin1', "SET client_encoding = 'UTF8'; COPY rules TO '$dir/back.bin' (FORMAT binary); COPY compiled TO '$dir/back2.bin' (FORMAT binary)");
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE back_rules (LIKE rules);
COPY back_rules FROM '$dir/back.bin' (FORMAT binary);
CREATE TABLE back_compiled (LIKE compiled);
COPY back_compiled FROM '$dir/back2.bin' (FORMAT binary);
SQL
is($node->safe_psql('postgres', 'SELECT count(*), (SELECT b.rules = c.rules FROM back_compiled AS b, compiled AS c) FROM back_rules JOIN rules USING (name, rule)'),
	'3|t', 'and sent back');
# the client's encoding is that of the other database
$node->safe_psql('postgres', "SET client_encoding = 'LATIN1'; COPY ($few) TO '$dir/rules1.bin' (FORMAT binary)");
$node->safe_psql('latin1', "SET client_encoding = 'LATIN1'; CREATE TABLE rules1 (LIKE rules); COPY rules1 FROM '$dir/rules1.bin' (FORMAT binary)");
is($node->safe_psql('latin1', 'SELECT count(*) FROM rules1 JOIN rules USING (name, rule)'), '3', 'or sent in it at once');
for my $what (q{SELECT rule FROM rules WHERE name = 'names'}, q{SELECT tagquery_set_agg(1, rule) FROM rules WHERE name = 'names'})
{
	($status, undef, $err) = $node->psql('postgres', "SET client_encoding = 'LATIN1'; COPY ($what) TO '$dir/names.bin' (FORMAT binary)");
	isnt($status, 0, 'what the client does not have is refused');
	like($err, qr/has no equivalent in encoding "LATIN1"/, 'and it says why');
}
# bytes of the client's are checked as its own
$node->safe_psql('postgres', "COPY (SELECT rule FROM rules WHERE name = 'latin') TO '$dir/rules.bin' (FORMAT binary)");
($status, undef, $err) = $node->psql('postgres', "SET client_encoding = 'EUC_CN'; CREATE TEMP TABLE t (rule tagquery); COPY t FROM '$dir/rules.bin' (FORMAT binary)");
isnt($status, 0, 'bytes that are none of the client are refused');
like($err, qr/invalid byte sequence for encoding "EUC_CN"/, 'and it says why');
# these two have another order there
my $between = q{U&'city between "\4E0A" and "\5317"'::tagquery};
is($node->safe_psql('postgres', "SELECT length(tagquery_send($between)) > 0"), 't', 'texts between two');
($status, undef, $err) = $node->psql('postgres', "SET client_encoding = 'EUC_CN'; SELECT tagquery_send($between)");
like($err, qr/tagquery has texts between two that encoding EUC_CN has in another order/, 'are not sent where they have another order');

$node->stop;
done_testing();
