# Identities: real people with errors in their records, dump and restore, and
# databases of different encodings.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('identity');
my $dir = $node->basedir;

# FEBRL 3: 5,000 records of 2,000 people, with errors; rec-N-org and rec-N-dup-K
# are one person.  Records are linked when a social security number, or a date
# of birth with a name or a postcode, is the same.
SKIP:
{
	my $file = ($ENV{PORTRAIT_DATA} // '') . '/febrl3.csv.xz';

	skip 'no ../shared/data', 1 unless -e $file;
	my $csv = "$dir/febrl3.csv";
	system_or_bail('sh', '-c', "xz -dc '$file' > '$csv' && chmod a+r '$csv'");
	$node->safe_psql('postgres', <<"SQL");
CREATE TABLE febrl (rec_id text, given_name text, surname text, street_number text, address_1 text, address_2 text,
	suburb text, postcode text, state text, date_of_birth text, soc_sec_id text);
COPY febrl FROM '$csv' (FORMAT csv, HEADER);
UPDATE febrl SET given_name = nullif(trim(given_name), ''), surname = nullif(trim(surname), ''),
	postcode = nullif(trim(postcode), ''), date_of_birth = nullif(trim(date_of_birth), '');
CREATE TABLE found AS
SELECT rec_id, split_part(trim(rec_id), '-', 2) AS person, identity_lookup((
	SELECT identity_merge(ids) FROM (SELECT ARRAY['record:' || rec_id, identifier('ssn', soc_sec_id), identifier('dob+given', date_of_birth || '|' || given_name),
		identifier('dob+surname', date_of_birth || '|' || surname), identifier('dob+postcode', date_of_birth || '|' || postcode)] AS ids FROM febrl) AS rows),
	'record:' || rec_id) AS customer
FROM febrl;
SQL
	my ($records, $people, $customers, $precision, $recall) = split /\|/, $node->safe_psql('postgres', <<'SQL');
SELECT count(*), count(DISTINCT person), count(DISTINCT customer), round(rightly / found, 4), round(rightly / truth, 4)
FROM found, LATERAL (SELECT
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM found GROUP BY person, customer) AS g) AS rightly,
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM found GROUP BY customer) AS g) AS found,
	(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM found GROUP BY person) AS g) AS truth) AS pairs
GROUP BY rightly, found, truth;
SQL
	note "FEBRL 3: $records records of $people people, $customers customers found, precision $precision, recall $recall";
	ok($precision >= 0.99 && $recall >= 0.95, "FEBRL 3: precision $precision, recall $recall");
}

# Maps of every kind and size survive dump and restore, and binary COPY
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE maps (name text PRIMARY KEY, map identity_map);
INSERT INTO maps
SELECT 'null', NULL::identity_map
UNION ALL SELECT 'empty', '{}'
UNION ALL SELECT 'small', '{{"a\"\\","客户"},{""}}'
UNION ALL SELECT 'numbers', '{{-5,9223372036854775807},{0}}'
UNION ALL SELECT 'long', identity_merge(repeat('x', 200000) || i, 'y') FROM generate_series(1, 20) AS i
UNION ALL SELECT 'texts', identity_merge('id:' || i, 'id:' || i / 3) FROM generate_series(1, 50000) AS i
UNION ALL SELECT 'wide', identity_merge('客:' || i, '客:' || i / 3) FROM generate_series(1, 2000) AS i
UNION ALL SELECT 'many numbers', identity_merge(i, i / 3) FROM generate_series(1, 50000) AS i;
CREATE INDEX ON maps USING hash (map);
SQL
my $digest = q{SELECT name, identity_count(map), md5(identity_map_send(map)) FROM maps ORDER BY name};
my $expected = $node->safe_psql('postgres', $digest);
$node->safe_psql('postgres', 'CREATE DATABASE restored');
command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-t', 'maps', '-f', "$dir/maps.sql" ], 'dump');
$node->safe_psql('restored', 'CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$dir/maps.sql" ],
	'restore');
is($node->safe_psql('restored', $digest), $expected, 'the same maps after dump and restore');

# Another encoding: identifiers of ASCII go anywhere, others do not
my $binary = "$dir/maps.bin";
$node->safe_psql('postgres', "COPY (SELECT * FROM maps WHERE name IN ('small', 'wide')) TO '$binary' (FORMAT binary)");
$node->safe_psql('postgres', "COPY (SELECT * FROM maps WHERE name IN ('numbers', 'texts', 'empty')) TO '$binary.ascii' (FORMAT binary)");
$node->safe_psql('postgres',
	"CREATE DATABASE latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
$node->safe_psql('latin1', 'CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait; CREATE TABLE maps (name text, map identity_map)');
$node->safe_psql('latin1', "COPY maps FROM '$binary.ascii' (FORMAT binary)");
is($node->safe_psql('latin1', $digest),
	$node->safe_psql('postgres', $digest =~ s/FROM maps/FROM maps WHERE name IN ('numbers', 'texts', 'empty')/r),
	'maps of ASCII in another encoding');
my ($status, undef, $err) = $node->psql('latin1', "COPY maps FROM '$binary' (FORMAT binary)");
isnt($status, 0, 'other maps are refused in another encoding');
like($err, qr/identity_map has identifiers in another encoding than the database/, 'and it says why');
is( $node->safe_psql('latin1',
		q{SET client_encoding = 'UTF8'; SELECT identity_merge(ARRAY[identifier('phone', '138 0013 8000'), identifier('name', ' Zoë½ ')])}),
	'{{"name:Zoë½","phone:+8613800138000"}}',
	'identifiers in another encoding: no NFKC, all else');

# The largest map, to the byte: 755 identifiers of which only the last has to be made to measure
SKIP:
{
	my ($available) = slurp_file('/proc/meminfo') =~ /^MemAvailable:\s*(\d+)/m;

	skip 'needs 4 GB of memory', 2 if $available < 4 * 1024 * 1024;
	my $limit = 720 * 1024 * 1024;
	my $size_with = sub {
		my ($last) = @_;

		return $node->psql('postgres', <<"SQL");
SET portrait.identity_work_mem = '4GB';
SELECT pg_column_size(identity_merge(ARRAY[lpad(i::text, 4, '0') || repeat('x', CASE i WHEN 755 THEN $last ELSE 1000000 END)]))
FROM generate_series(1, 755) AS i;
SQL
	};
	my ($ok, $size) = $size_with->(900_000);
	my $rest = 900_000 + $limit - $size;
	(undef, $size) = $size_with->($rest);
	is($size, $limit, 'the largest map');
	my ($failed, undef, $message) = $size_with->($rest + 1);
	like($message, qr/identity_map with 755 identifiers would be larger than 720 MB/, 'one byte more');
}

$node->stop;
done_testing();
