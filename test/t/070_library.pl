# What the library shows of itself, and that it gets on with a neighbour that
# brings a copy of the same algorithms.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('library');

# ---- symbols ----

# where the server has it from
my $library = $node->safe_psql('postgres', <<'SQL');
DO $$BEGIN PERFORM '{1}'::segment; END$$;
SELECT substring(pg_read_file('/proc/self/maps') FROM '(/\S*/portrait\.so)');
SQL
SKIP:
{
	skip 'no nm', 4 if !-f $library || system('command -v nm >/dev/null') != 0;
	my ($out, $err) = run_command([ 'nm', '-D', '--defined-only', $library ]);
	my @symbols = map { (split)[2] } split /\n/, $out;
	my @functions = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT DISTINCT prosrc FROM pg_proc WHERE probin = '$libdir/portrait'
SQL

	cmp_ok(scalar @functions, '>=', 60, 'functions in C are found');
	is(join(' ', grep { !/^portrait_/ } @functions), '', 'their symbols begin with portrait_');
	my %expected = map { $_ => 1 } 'Pg_magic_func', '_PG_init', @functions, map { "pg_finfo_$_" } @functions;
	is(join(' ', grep { !$expected{$_} } @symbols), '', 'nothing is exported but what the server loads');
	my %given = map { $_ => 1 } @symbols;
	is(join(' ', grep { !$given{$_} } sort keys %expected), '', 'all of that is exported');
}

# ---- the setting ----

is($node->safe_psql('postgres', qq{LOAD '$library'; SELECT setting, context, enumvals FROM pg_settings WHERE name = 'portrait.simd'}),
	'auto|user|{auto,avx512,avx2,none}', 'portrait.simd');
my (undef, undef, $err) = $node->psql('postgres', qq{LOAD '$library'; SET portrait.simd = 'mmx'});
like($err, qr/invalid value for parameter "portrait.simd": "mmx"/, 'no other value');
(undef, undef, $err) = $node->psql('postgres', qq{LOAD '$library'; SET portrait.smid = 'none'});
like($err, qr/invalid configuration parameter name "portrait.smid"/, 'no other name');
is($node->safe_psql('postgres', q{SET portrait.simd = 'none'; SELECT '{1}'::segment; SHOW portrait.simd; RESET portrait.simd; SHOW portrait.simd}),
	"{1}\nnone\nauto", 'set before the library is loaded');
for my $how (qw(session_preload_libraries shared_preload_libraries))
{
	$node->append_conf('postgresql.conf', "$how = '$library'\nportrait.simd = 'none'\n");
	$node->restart;
	is($node->safe_psql('postgres', q{SHOW portrait.simd; SELECT '{1-3}'::segment & '{2-9}'}), "none\n{2,3}", $how);
}

# ---- a neighbour ----

SKIP:
{
	skip 'roaringbitmap is not installed', 8
	  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'roaringbitmap'}) == 0;
	$node->append_conf('postgresql.conf', "session_preload_libraries = ''\nshared_preload_libraries = ''\nportrait.simd = 'auto'\n");
	$node->restart;
	$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION roaringbitmap;
CREATE TABLE ids AS
	SELECT abs(hashint8(i)) % 300000 AS id, i % 4 AS g FROM generate_series(1, 60000) AS i
	UNION ALL SELECT 1000000 + i, 4 FROM generate_series(1, 300000) AS i
	UNION ALL SELECT 7 * 65536 * i, 5 FROM generate_series(1, 3000) AS i;
SQL
	my $ours = q{SELECT segment_count(segment_agg(id)) FROM ids};
	my $theirs = q{SELECT rb_cardinality(rb_build_agg(id)) FROM ids};
	my $count = $node->safe_psql('postgres', 'SELECT count(DISTINCT id) FROM ids');

	is($node->safe_psql('postgres', "$ours; $theirs; $ours"), "$count\n$count\n$count", 'ours is loaded first');
	is($node->safe_psql('postgres', "$theirs; $ours; $theirs"), "$count\n$count\n$count", 'theirs is loaded first');
	for my $both ([ $library, 'roaringbitmap' ], [ 'roaringbitmap', $library ])
	{
		my ($first, $second) = @$both;

		is($node->safe_psql('postgres', "LOAD '$first'; LOAD '$second';" . <<'SQL'), '6|t|t|t', "$first, then $second: they read each other");
SELECT count(*), bool_and(segment_from_roaring(r::bytea) = s), bool_and(segment_from_roaring(r::bytea, 32) = s),
	bool_and(segment_to_roaring(s, 32)::roaringbitmap = r)
FROM (SELECT g, segment_agg(id) AS s, rb_build_agg(id) AS r FROM ids GROUP BY g) AS both_ways
SQL
		is($node->safe_psql('postgres', "LOAD '$first'; LOAD '$second';" . <<'SQL'), '36|t|t|t|t', "$first, then $second: they agree");
WITH b AS MATERIALIZED (SELECT g, segment_agg(id) AS s, rb_build_agg(id) AS r FROM ids GROUP BY g)
SELECT count(*), bool_and(segment_to_roaring(x.s & y.s, 32)::roaringbitmap = (x.r & y.r)),
	bool_and(segment_to_roaring(x.s | y.s, 32)::roaringbitmap = (x.r | y.r)),
	bool_and(segment_to_roaring(x.s # y.s, 32)::roaringbitmap = (x.r # y.r)),
	bool_and(segment_to_roaring(x.s - y.s, 32)::roaringbitmap = (x.r - y.r))
FROM b AS x, b AS y
SQL
	}
	# one aggregate of each in one plan, with parallel workers that load both
	is($node->safe_psql('postgres', <<'SQL'), 't', 'in one plan');
SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT segment_to_roaring(segment_agg(id), 32)::roaringbitmap = rb_build_agg(id) FROM ids
SQL
	is($node->safe_psql('postgres', 'DROP EXTENSION roaringbitmap; SELECT segment_count(segment_agg(id)) FROM ids'), $count, 'alone again');
}

$node->stop;
done_testing();
