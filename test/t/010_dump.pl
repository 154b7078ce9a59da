# Dump and restore in every format, and pg_upgrade: all values come back byte
# by byte, and so does everything that hangs on the types.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('origin');
my $dir = $node->basedir;

$node->safe_psql('postgres', q{ALTER DATABASE postgres SET search_path = public, portrait});
create_shapes($node);

# A btree entry must fit into a third of a page, so that large sets go into
# indexes by hash or by what is computed from them.
$node->safe_psql('postgres', <<'SQL');
CREATE INDEX ON shapes USING hash (s);
CREATE INDEX ON shapes (segment_count(s), name);
CREATE TABLE small (
	s segment UNIQUE CHECK (s <> '{13}' AND NOT s @> (-9999999999)),
	n bigint GENERATED ALWAYS AS (segment_count(s)) STORED,
	d segment DEFAULT '{1-3}'::segment | 7,
	a segment[]
);
INSERT INTO small (s, a) SELECT s, ARRAY[s, NULL, '{}', s | 1] FROM shapes
	WHERE pg_column_size(s) < 2000;
CREATE INDEX ON small (s DESC) WHERE s && '{1-100}';
CREATE INDEX ON small ((s - 1::bigint));
CREATE DOMAIN audience AS segment CHECK (segment_count(VALUE) < 5000000);
CREATE TYPE pair AS (a segment, b segment_tally);
CREATE TABLE others (d audience, p pair);
INSERT INTO others SELECT s, (s, t)::pair FROM shapes CROSS JOIN tallies
	WHERE shapes.name IN ('bitset', 'random 129', 'empty') AND tallies.name IN ('k 3', 'no row');
CREATE TABLE parted (s segment) PARTITION BY HASH (s);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT s FROM shapes;
CREATE VIEW counts AS SELECT name, segment_count(s), s <@ '{1-100}'::segment AS below FROM shapes;
CREATE MATERIALIZED VIEW united AS SELECT segment_union_agg(s) AS s FROM shapes
	WHERE name NOT LIKE '% of all';
CREATE STATISTICS st ON s, n FROM small;
ANALYZE;
SQL

# Everything that a restored database must have in common with the first
my @checks = (
	[ shapes => 'SELECT name, segment_send(s), s::text FROM shapes ORDER BY 1' ],
	[ tallies => 'SELECT name, segment_tally_send(t), t::text FROM tallies ORDER BY 1' ],
	[ small => 'SELECT segment_send(s), n, d, array_to_string(a, $$;$$) FROM small ORDER BY s' ],
	[ others => 'SELECT md5(others::text) FROM others ORDER BY 1' ],
	[ parted => 'SELECT tableoid::regclass, segment_send(s) FROM parted ORDER BY s, 1' ],
	[ view => 'SELECT * FROM counts ORDER BY 1' ],
	[ matview => 'SELECT segment_send(s) FROM united' ]);

# pg_dump 17.6 and its contemporaries write a random key around the script
sub dump_of
{
	my ($server, $database) = @_;
	my ($dump) = run_command([ 'pg_dump', '-d', $server->connstr($database) ]);

	$dump =~ s/^\\(un)?restrict .*$//mg;
	$dump =~ s/^-- Dumped .*$//mg;
	return $dump;
}

my %expected = map { $_->[0] => $node->safe_psql('postgres', "SELECT md5(x::text) FROM ($_->[1]) x") } @checks;
isnt($expected{$_}, '', "$_ has rows") for sort keys %expected;
my $dump = dump_of($node, 'postgres');
like($dump, qr/^CREATE EXTENSION IF NOT EXISTS portrait WITH SCHEMA portrait;/m,
	'the extension is dumped as such');
unlike($dump, qr/^CREATE (?:TYPE|FUNCTION) portrait\./m, 'its members are not');

sub check_restored
{
	my ($server, $database, $how) = @_;

	for my $check (@checks)
	{
		my ($name, $query) = @$check;

		is($server->safe_psql($database, "SELECT md5(x::text) FROM ($query) x"),
			$expected{$name}, "$how: $name");
	}
	is(dump_of($server, $database), $dump, "$how: dumps are alike");
	is( $server->safe_psql($database, <<'SQL'), 't|t', "$how: indexes find what they hold");
SET enable_seqscan = off;
SELECT (SELECT count(*) = (SELECT count(s) FROM shapes)
		FROM shapes a JOIN LATERAL (SELECT FROM shapes b WHERE b.s = a.s LIMIT 1) AS f ON true),
	(SELECT count(*) = (SELECT count(*) FROM small)
		FROM small a JOIN LATERAL (SELECT FROM small b WHERE b.s = a.s) AS f ON true)
SQL
}

my %formats = (
	plain => ['-Fp'],
	custom => ['-Fc'],
	inserts => [ '-Fp', '--inserts', '--rows-per-insert=5' ]);
for my $format (sort keys %formats)
{
	my $file = "$dir/$format.dump";
	my $connect = $node->connstr("r_$format");

	$node->safe_psql('postgres', "CREATE DATABASE r_$format");
	$node->safe_psql('postgres', "ALTER DATABASE r_$format SET search_path = public, portrait");
	$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $file, @{ $formats{$format} } ],
		"$format: dump");
	$node->command_ok(
		$format eq 'custom'
		? [ 'pg_restore', '--exit-on-error', '-d', $connect, $file ]
		: [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $connect, '-f', $file ],
		"$format: restore");
	check_restored($node, "r_$format", $format);
	$node->safe_psql('postgres', "DROP DATABASE r_$format");
}

# pg_upgrade takes files as they are; from a major to itself is enough to see
# that nothing of the types depends on the cluster
SKIP:
{
	my $library = $node->config_data('--pkglibdir') . '/portrait.so';
	skip 'pg_upgrade looks for libraries in $libdir only', 1 if major($node) >= 18 && !-e $library;

	my $upgraded = PostgreSQL::Test::Cluster->new('upgraded');
	$upgraded->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->stop;
	my $bin = $node->config_data('--bindir');
	chdir $dir or die;
	command_ok(
		[
			'pg_upgrade', '--no-sync', '-d', $node->data_dir, '-D', $upgraded->data_dir,
			'-b', $bin, '-B', $bin, '-s', $node->host, '-p', $node->port, '-P', $upgraded->port
		],
		'pg_upgrade');
	$upgraded->append_conf('postgresql.conf', qq(search_path = '"\$user", public, portrait'));
	$upgraded->start;
	check_restored($upgraded, 'postgres', 'upgraded');
	$upgraded->stop;
}

done_testing();
