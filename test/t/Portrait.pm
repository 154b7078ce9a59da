# What the TAP tests share: servers with portrait, and sets of every shape.
package Portrait;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw(new_server create_shapes create_every_other same_rows mutate vm_hwm major wait_until_up);

# A started server whose databases find portrait in the schema portrait.  Their
# encoding must not be that of whatever locale the tests run in.
sub new_server
{
	my ($name, %arguments) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ], %{ $arguments{init} // {} });
	$node->append_conf('postgresql.conf',
		qq(search_path = '"\$user", public, portrait'\n) . ($arguments{conf} // ''));
	$node->start;
	unless ($arguments{bare})
	{
		$node->safe_psql('postgres',
			'CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait');
	}
	return $node;
}

sub major
{
	my ($node) = @_;

	return int($node->safe_psql('postgres', 'SHOW server_version_num') / 10000);
}

# After a crash.  The statement is an argument, as a psql that is refused does not
# read what is piped to it.
sub wait_until_up
{
	my ($node) = @_;

	foreach (1 .. 1800)
	{
		my ($up) = run_command([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT NOT pg_is_in_recovery()' ]);

		return if $up eq 't';
		usleep(100_000);
	}
	die 'the server did not come back';
}

# shapes (name, s): one set of each form that the layout has, at its limits,
# small and toasted; tallies (name, t): states of segment_at_least_agg.
sub create_shapes
{
	my ($node, $database) = @_;

	$node->safe_psql($database // 'postgres', <<'SQL');
CREATE FUNCTION random_ids(seed int, n int) RETURNS SETOF bigint
	LANGUAGE sql IMMUTABLE
	AS 'SELECT hashint8extended(i, seed) FROM generate_series(1, n) AS i';

CREATE TABLE shapes (name text PRIMARY KEY, s segment);
INSERT INTO shapes VALUES
	('null', NULL),
	('empty', '{}'),
	('one', '{42}'),
	('negative', '{-7--3,-1}'),
	('ends', '{-9223372036854775808,9223372036854775807}'),
	('around zero', '{-65537-65537}'),
	('range', '{1-1000000}'),
	('half of all', '{0-9223372036854775806}'),
	('full chunks', '{65536-262143,393216-458751}'),
	('few runs', '{1-9,100-200,70000-80000}');
INSERT INTO shapes
	SELECT 'array of ' || n, segment_agg(i * 3) FROM generate_series(1, 4097) AS i,
		(VALUES (4), (5), (100), (4096), (4097)) AS v(n) WHERE i <= n GROUP BY n
	UNION ALL
	SELECT 'items ' || n, segment_agg(i * 70000) FROM generate_series(1, 1001) AS i,
		(VALUES (1000), (1001)) AS v(n) WHERE i <= n GROUP BY n
	UNION ALL
	SELECT 'spaced by 2^' || b, segment_agg((i - 500) << b)
		FROM generate_series(1, 1000) AS i, (VALUES (16), (20), (40)) AS v(b) GROUP BY b
	UNION ALL
	SELECT 'random ' || n, segment_agg(id)
		FROM (VALUES (3), (127), (129), (2000)) AS v(n), random_ids(1, n) AS id GROUP BY n
	UNION ALL
	SELECT 'many runs', segment_agg(i) FROM generate_series(1, 60000) AS i WHERE i % 30 < 20
	UNION ALL
	SELECT 'bitset', segment_agg(abs(id) % 65536) FROM random_ids(2, 30000) AS id
	UNION ALL
	SELECT 'bitsets', segment_agg(abs(id) % 600000) FROM random_ids(3, 100000) AS id
	UNION ALL
	SELECT 'arrays', segment_agg(abs(id) % 20000000) FROM random_ids(4, 20000) AS id;
INSERT INTO shapes
	SELECT 'all together', segment_union_agg(s) FROM shapes WHERE name NOT LIKE '% of all';

CREATE AGGREGATE tally_agg(segment, int) (
	SFUNC = segment_tally_transition, STYPE = segment_tally,
	COMBINEFUNC = segment_tally_combine, PARALLEL = SAFE);
CREATE TABLE tallies (name text PRIMARY KEY, t segment_tally);
INSERT INTO tallies
	SELECT 'no row', tally_agg(NULL, 3)
	UNION ALL
	SELECT 'k ' || k, tally_agg(s, k)
		FROM (SELECT * FROM shapes ORDER BY name) AS sorted,
			(VALUES (1), (2), (3), (2147483647)) AS v(k)
		WHERE name NOT LIKE '% of all' AND name NOT LIKE 'a%' GROUP BY k;
SQL
}

# every_other(n, letter): large sets in short time.  n bitsets, each byte of them
# the letter's code: U has every other id, 32,768 in 8 kB; * has others.
sub create_every_other
{
	my ($node) = @_;

	$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION little_endian(n int, bytes int) RETURNS bytea LANGUAGE sql IMMUTABLE
	AS $$SELECT substring(string_agg(set_byte('\x00', 0, (n >> (8 * i)) & 255), '' ORDER BY i) FOR bytes)
		FROM generate_series(0, 3) AS i$$;
-- by way of a 32-bit Roaring bitmap
CREATE FUNCTION every_other(chunks int, letter text DEFAULT 'U') RETURNS segment LANGUAGE sql IMMUTABLE
	AS $$SELECT segment_from_roaring(little_endian(12346, 4) || little_endian(chunks, 4)
			|| string_agg(little_endian(i, 2) || little_endian(8192 * bit_count(letter::bytea)::int - 1, 2), '' ORDER BY i)
			|| string_agg(little_endian(8 + 8 * chunks + 8192 * i, 4), '' ORDER BY i)
			|| convert_to(repeat(letter, 8192 * chunks), 'UTF8'), 32)
		FROM generate_series(0, chunks - 1) AS i$$;
SQL
}

# Do two queries, on one or two servers, give the same rows?
sub same_rows
{
	my ($node, $other, $query, $what) = @_;
	my $expected = $node->safe_psql('postgres', $query);

	isnt($expected, '', "$what: there are rows");
	is($other->safe_psql('postgres', $query), $expected, $what);
}

my @numbers = (0, 1, 2, 3, 4, 5, 127, 128, 129, 255, 4095, 4096, 4097, 0x7fff, 0x8000, 0xffff);

# Damage a value at a few places, or join it with a part of another
sub mutate
{
	my ($bytes, $others) = @_;

	for (0 .. int(rand 3))
	{
		my $n = length $bytes;
		# places in the header and the directory are the more interesting ones
		my $at = int(rand(rand() < 0.5 ? ($n < 64 ? $n : 64) : $n));
		my $what = int(rand 8);

		return $bytes if $n == 0;
		if ($what == 0) { substr($bytes, $at, 1) ^= chr(1 << int(rand 8)) }
		elsif ($what == 1) { substr($bytes, $at, 1) = chr(int(rand 256)) }
		elsif ($what == 2 && $n > $at + 2) { substr($bytes, $at, 2) = pack('v', $numbers[rand @numbers]) }
		elsif ($what == 3 && $n > $at + 4) { substr($bytes, $at, 4) = pack('V', rand() < 0.5 ? 0xffffffff - int(rand 4) : int(rand 2**32)) }
		elsif ($what == 4) { substr($bytes, $at, int(rand 16)) = '' }
		elsif ($what == 5) { substr($bytes, $at, 0) = substr($bytes, int(rand $n), int(rand 16)) }
		elsif ($what == 6) { $bytes = substr($bytes, 0, $at) }
		else
		{
			my $other = $others->[rand @$others];

			$bytes = substr($bytes, 0, $at) . (length $other > $at ? substr($other, $at) : '');
		}
	}
	return $bytes;
}

# The largest size so far of the backend that runs the query, in kB; to be
# put into SQL of a superuser
sub vm_hwm
{
	return
	  q{(regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s*(\d+)'))[1]::bigint};
}

1;
