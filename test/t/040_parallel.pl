# Aggregates give the same bytes from parallel plans, partial aggregates of
# partitions and spilled hash tables as from the plainest plan.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use Test::More;

my $node = new_server('parallel', conf => "jit = off\nmax_worker_processes = 16\nmax_parallel_workers = 8\n");

$node->safe_psql('postgres', <<'SQL');
-- groups of all sizes: of all rows, of thousands, of hundreds and of a few
CREATE TABLE events (large int, medium int, small int, id bigint) PARTITION BY HASH (large);
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE events_2 PARTITION OF events FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO events
	SELECT i % 11, i % 150, i % 20011, CASE i % 11
		WHEN 0 THEN i / 4 WHEN 1 THEN hashint8extended(i, 1) WHEN 2 THEN i::bigint << 20
		WHEN 3 THEN abs(hashint8(i)) % 65536 WHEN 4 THEN NULL ELSE abs(hashint8(i)) % 1000000 END
	FROM generate_series(1, 50000) AS i;
-- sets that are kept in line, toasted, empty and NULL
CREATE TABLE sets (large int, medium int, small int, s segment) PARTITION BY HASH (large);
CREATE TABLE sets_0 PARTITION OF sets FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE sets_1 PARTITION OF sets FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE sets_2 PARTITION OF sets FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO sets SELECT g % 7, g % 150, g % 397, segment_agg(id)
	FROM (SELECT small % 4001 AS g, id FROM events) AS e GROUP BY g;
INSERT INTO sets SELECT g % 7, g % 150, g % 397, segment_agg(id)
	FROM (SELECT abs(hashint8(id)) % 30 AS g, id FROM events) AS e GROUP BY g;
INSERT INTO sets SELECT i % 7, i % 150, i % 397, CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN '{}'
	ELSE segment_add_range('{}', -i, i * 70000::bigint) END FROM generate_series(1, 300) AS i;
CREATE AGGREGATE tally_agg(segment, int) (
	SFUNC = segment_tally_transition, STYPE = segment_tally,
	COMBINEFUNC = segment_tally_combine, PARALLEL = SAFE);
ANALYZE;
SQL
is($node->safe_psql('postgres', 'SELECT count(*) > 20 FROM sets WHERE pg_column_size(s) > 3000'), 't', 'some sets are toasted');

my $serial = 'SET max_parallel_workers_per_gather = 0; SET enable_hashagg = off;';
my $forced = <<'SQL';
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 1; SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 3;
SQL
my %plans = (
	parallel => $forced,
	'workers only' => "$forced SET parallel_leader_participation = off;",
	partitionwise => 'SET enable_partitionwise_aggregate = on; SET max_parallel_workers_per_gather = 0;',
	'parallel and partitionwise' => "$forced SET enable_partitionwise_aggregate = on;",
	'hash that spills' => q{SET max_parallel_workers_per_gather = 0; SET enable_sort = off; SET work_mem = '64kB';},
	# the combine functions see states of many sizes, in another order
	'other order' => "$forced SET enable_hashagg = off; SET parallel_leader_participation = off;");

my %queries;
for my $group ('', 'large', 'medium', 'small')
{
	my $by = $group ? "GROUP BY $group" : '';
	my $key = $group || '0';

	$queries{"segment_agg, $group"} =
	  "SELECT $key AS key, segment_send(segment_agg(id)) AS v FROM events $by";
	$queries{"segment_union_agg, $group"} =
	  "SELECT $key AS key, segment_send(segment_union_agg(s)) AS v FROM sets $by";
	$queries{"segment_intersect_agg, $group"} =
	  "SELECT $key AS key, segment_send(segment_intersect_agg(s)) AS v FROM sets WHERE s <> '{}' $by";
	$queries{"segment_symdiff_agg, $group"} =
	  "SELECT $key AS key, segment_send(segment_symdiff_agg(s)) AS v FROM sets $by";
	$queries{"segment_at_least_agg $_, $group"} =
	  "SELECT $key AS key, segment_send(segment_at_least_agg(s, $_)) AS v FROM sets $by" for 2, 5;
	$queries{"tally, $group"} =
	  "SELECT $key AS key, segment_tally_send(tally_agg(s, 3)) AS v FROM sets $by";
}

sub digest
{
	my ($query) = @_;
	return "SELECT count(*), count(DISTINCT v), md5(string_agg(key || ':' || coalesce(md5(v), 'null'), ' ' ORDER BY key)) FROM ($query) AS q";
}

# All under one plan in one session
sub results
{
	my ($settings) = @_;
	my @names = sort keys %queries;
	my $out = $node->safe_psql('postgres', $settings . join "\n", map { digest($queries{$_}) . ';' } @names);
	my %results;
	@results{@names} = split /\n/, $out;
	return %results;
}

my %expected = results($serial);
for my $name (sort keys %queries)
{
	my ($groups, $different) = split /\|/, $expected{$name};
	my $least = $name =~ /medium/ ? 150 : $name =~ /, small/ ? ($name =~ /^segment_agg/ ? 20011 : 397) :
	  $name =~ /, large/ ? 7 : 1;
	cmp_ok($groups, '>=', $least, "$name: $groups groups");
	cmp_ok($different, '>', $groups / 4, "$name: they differ") unless $name =~ /intersect|at_least/;
}

for my $plan (sort keys %plans)
{
	my %got = results($plans{$plan});
	is($got{$_}, $expected{$_}, "$plan: $_") for sort keys %queries;
}

# Were these the plans that they are called after?
sub explained
{
	my ($plan, $query, $more) = @_;
	return $node->safe_psql('postgres', "$plans{$plan} @{[ $more // '' ]} EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) $queries{$query}");
}
# (groups of a few rows are not worth it)
for my $query (grep { !/, small$/ } sort keys %queries)
{
	my $explained = explained('parallel', $query);
	like($explained, qr/Workers Launched: [2-9]/, "$query: two workers or more");
	like($explained, qr/Finalize .*Aggregate/, "$query: partial aggregates");
}
like(explained('partitionwise', 'segment_agg, large'), qr/Append.*Aggregate.*Aggregate/s, 'an aggregate for each partition');
like(explained('parallel and partitionwise', 'segment_union_agg, medium', 'SET parallel_tuple_cost = 0; SET cpu_tuple_cost = 10;'),
	qr/Finalize.*Append.*Partial.*Partial/s,
	'a partial aggregate for each partition');
like(explained('hash that spills', 'segment_agg, small'), qr/Disk Usage/, 'a hash table that spills');

# ---- the answers themselves, by arrays ----

is($node->safe_psql('postgres', "$forced " . <<'SQL'), '11|11|t', 'segment_agg has the ids of array_agg');
SELECT count(*), count(*) FILTER (WHERE a IS NOT DISTINCT FROM b), bool_or(cardinality(a) > 4000)
FROM (SELECT large, segment_agg(id)::bigint[] AS a, array_agg(DISTINCT id ORDER BY id) FILTER (WHERE id IS NOT NULL) AS b
	FROM events GROUP BY large) AS both_ways
SQL
is($node->safe_psql('postgres', "$forced " . <<'SQL'), '397|t|t|t|t', 'counting members gives the same sets');
WITH counted AS (
	SELECT small, id, count(*) AS n FROM (SELECT small, segment_members(s) AS id FROM sets WHERE segment_count(s) < 100) AS m
	GROUP BY 1, 2),
expected AS (SELECT small, segment_agg(id) AS any_of, segment_agg(id) FILTER (WHERE n % 2 = 1) AS odd,
		segment_agg(id) FILTER (WHERE n >= 3) AS thrice, max(n) AS most FROM counted GROUP BY small),
given AS (SELECT small, segment_union_agg(s) AS u, segment_symdiff_agg(s) AS x, segment_at_least_agg(s, 3) AS l, segment_intersect_agg(s) AS i,
		count(s) AS sets FROM sets WHERE segment_count(s) < 100 GROUP BY small)
SELECT count(*), bool_and(u = coalesce(any_of, '{}')), bool_and(x = coalesce(odd, '{}')), bool_and(l = coalesce(thrice, '{}')),
	bool_and(i = coalesce((SELECT segment_agg(id) FROM counted WHERE counted.small = given.small AND n = sets), '{}'))
FROM given LEFT JOIN expected USING (small)
SQL

# ---- segments as keys of parallel plans ----

my $keys = 'SELECT md5(string_agg(n || md5(s::text), $$ $$ ORDER BY s)) FROM (%s) AS q';
for my $query (
	'SELECT s, count(*) AS n FROM sets WHERE segment_count(s) < 5000 GROUP BY s',
	'SELECT DISTINCT s, 1 AS n FROM sets WHERE s IS NOT NULL',
	'SELECT a.s, count(*) AS n FROM sets a JOIN sets b ON a.s = b.s WHERE segment_count(a.s) < 1000 GROUP BY 1',
	"SELECT s, count(*) AS n FROM sets JOIN events_0 ON id <@ s WHERE sets.small < 20 AND events_0.small < 500 GROUP BY 1")
{
	my $sql = sprintf($keys, $query);
	is($node->safe_psql('postgres', "$forced $sql"), $node->safe_psql('postgres', "$serial SET enable_hashjoin = off; $sql"), $query);
}
is($node->safe_psql('postgres', "$forced SET max_parallel_maintenance_workers = 2; " . <<'SQL'), 't|t', 'indexes built in parallel');
CREATE INDEX ON sets_0 (s) WHERE segment_count(s) < 1000;
CREATE INDEX ON sets_0 USING hash (s);
CREATE EXTENSION amcheck;
DO $$BEGIN PERFORM bt_index_check('sets_0_s_idx', true); END$$;
SET enable_seqscan = off;
SELECT (SELECT count(*) FROM sets_0 WHERE s = '{}') = (SELECT count(*) FROM sets_0 WHERE segment_is_empty(s)),
	(SELECT bool_and(EXISTS (SELECT FROM sets_0 b WHERE b.s = a.s)) FROM sets_0 a WHERE s IS NOT NULL);
SQL

$node->stop;
done_testing();
