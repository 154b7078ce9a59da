# Memory: of a million groups, of long scans, of loops that go on and on.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use Test::More;

my $node = new_server('memory', conf => "jit = off\nautovacuum = off\nmax_parallel_workers_per_gather = 0\nshared_buffers = 64MB\n");
create_shapes($node);

# ---- many groups ----

# How much larger the backend has become by a statement, in kB
sub growth
{
	my ($settings, $statement) = @_;
	my $hwm = vm_hwm();
	my @out = split /\n/, $node->safe_psql('postgres', <<"SQL");
$settings
-- what is read once stays mapped
SELECT count(*) FROM many_groups;
SELECT $hwm AS before \\gset
$statement
SELECT $hwm - :before;
SQL
	return ($out[-1], @out[ 1 .. $#out - 1 ]);
}
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE many_groups AS SELECT abs(hashint8(i)) % 100000 AS g, i AS id FROM generate_series(1, 1000000) AS i;
VACUUM ANALYZE many_groups;
SQL
my $settings = "SET enable_sort = off; SET work_mem = '4GB';";
my ($theirs, $n) = growth($settings, 'SELECT sum(cardinality(a)) FROM (SELECT array_agg(DISTINCT id) AS a FROM many_groups GROUP BY g) AS s;');
my ($ours, $m) = growth($settings, 'SELECT sum(segment_count(a)) FROM (SELECT segment_agg(id) AS a FROM many_groups GROUP BY g) AS s;');
is($m, $n, 'both count the same');
cmp_ok($ours, '<', 100_000 * 0.5, "100,000 groups of 10 ids: less than 0.5 kB for each (array_agg $theirs kB, segment_agg $ours kB)");
# with little work_mem, groups that do not fit go to disk
($ours) = growth("SET enable_sort = off; SET work_mem = '8MB';",
	'SELECT sum(segment_count(a)) FROM (SELECT segment_agg(id) AS a FROM many_groups GROUP BY g) AS s;');
cmp_ok($ours, '<', 40_000, "the same with work_mem = 8MB: +$ours kB");
# one group: the set and a buffer, not the rows
($ours) = growth('', 'SELECT segment_count(segment_agg(id)) FROM many_groups;');
cmp_ok($ours, '<', 30_000, "one group of a million rows: +$ours kB");
($ours) = growth('', 'SELECT segment_count(segment_agg(hashint8extended(id, 1))) FROM many_groups;');
cmp_ok($ours, '<', 50_000, "one group of a million random ids, a set of 7 MB: +$ours kB");
# aggregates over sets that come out of TOAST
$node->safe_psql('postgres', q{CREATE TABLE sets AS SELECT g, segment_agg(abs(hashint8(i * 1000 + g)) % 1000000) AS s
	FROM generate_series(1, 400) AS g, generate_series(1, 3000) AS i GROUP BY g});
for my $aggregate ('segment_union_agg(s)', 'segment_symdiff_agg(s)', 'segment_intersect_agg(s)', 'segment_at_least_agg(s, 3)')
{
	($ours) = growth('', "SELECT segment_count($aggregate) FROM sets, generate_series(1, 5);");
	cmp_ok($ours, '<', 30_000, "$aggregate of 2,000 sets: +$ours kB");
}
# as a window, each row has the set so far
($ours) = growth('', 'SELECT sum(segment_count(a)) FROM (SELECT segment_agg(id) OVER (ORDER BY id) AS a FROM many_groups WHERE id <= 3000) AS s;');
cmp_ok($ours, '<', 30_000, "as a window function: +$ours kB");

# ---- calls without end ----

# Each expression is evaluated n times over shapes, in one query of rows
# that come and go; growth beyond the first round is a leak
my @expressions = (
	's::text::segment', 'segment_send(s)', 's::bigint[]::segment', 's | l', 's & l', 's - l', 's # l', 's | 5::bigint', 's - 5::bigint',
	's @> 5', '5 <@ s', 's @> l', 's && l', 's = l', 's < l', 'segment_hash(s)', 'segment_hash_extended(s, 1)',
	'segment_count(s)', 'segment_min(s)', 'segment_is_empty(s)', 'segment_intersect_count(s, l)', 'segment_jaccard(s, l)', 'segment_rank(s, 100)',
	'segment_select(s, 3)', 'segment_slice(s, 1, 5)', 'segment_range(s, 1, 100)', 'segment_range_count(s, 1, 100)',
	'segment_add_range(s, 1, 9)', 'segment_remove_range(s, 1, 9)', q{segment_sample(s, 3, 'x')}, q{segment_split(s, '{1,1}', 'x')},
	'segment_diff(s, l)', 'segment_from_roaring(r)', 'segment_to_roaring(segment_range(s, 0, 9223372036854775807))', '(SELECT count(*) FROM segment_members(s))',
	'(SELECT segment_agg(m) FROM segment_members(s) AS m)', '(SELECT segment_union_agg(v) FROM unnest(ARRAY[s, l, s]) AS v)',
	'(SELECT segment_at_least_agg(v, 2) FROM unnest(ARRAY[s, l, s]) AS v)', 't::text::segment_tally', 'segment_tally_send(t)');
my $expressions = join ', ', map { "count($_)" } @expressions;
my $hwm = vm_hwm();
$node->safe_psql('postgres', <<'SQL');
-- in line, short and toasted ones
CREATE TABLE rows AS SELECT s, CASE WHEN segment_min(s) < 0 THEN '\x3a30000000000000' ELSE segment_to_roaring(s) END AS r,
		t, (SELECT segment_agg(m * length(name)) FROM generate_series(1, 3000, 7) AS m) AS l
	FROM (SELECT * FROM shapes WHERE segment_count(s) < 5000) AS small
	CROSS JOIN (SELECT tally_agg(s, k) AS t FROM shapes, generate_series(1, 3) AS k WHERE pg_column_size(s) < 1000 AND name <> 'half of all' GROUP BY k) AS tallies;
SQL
my $out = $node->safe_psql('postgres', <<"SQL");
SELECT 'first', $expressions FROM rows, generate_series(1, 2) AS i;
SELECT $hwm AS before \\gset
SELECT 'then', $expressions FROM rows, generate_series(1, 80) AS i;
SELECT 'grown', $hwm - :before, (SELECT count(*) FROM rows) * 80;
SQL
my ($grown, $calls) = $out =~ /^grown\|(-?\d+)\|(\d+)$/m;
cmp_ok($calls, '>', 1000, 'many calls');
cmp_ok($grown, '<', 2500, "$calls calls of " . @expressions . " expressions do not leak: +$grown kB");

# Function caches live as long as the query: two values and no more
($ours) = growth('', 'SELECT sum(segment_intersect_count(a.s, b.s)) FROM sets a, sets b WHERE a.g < 100;');
cmp_ok($ours, '<', 10_000, "a nested loop over toasted values: +$ours kB");

# In PL/pgSQL, whose variables outlive many statements
$out = $node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION again(n int) RETURNS bigint LANGUAGE plpgsql AS \$\$
DECLARE
	s segment := '{}';
	x segment;
	b boolean;
	k bigint := 0;
BEGIN
	FOR i IN 1 .. n LOOP
		s := s | (i % 3000)::bigint;
		x := s & '{1-100}';
		b := i <@ s AND s @> x;
		SELECT sets.s - x INTO x FROM sets WHERE g = i % 400;
		k := k + segment_count(s) + coalesce(segment_count(x), 0);
		IF i % 100 = 0 THEN
			s := '{}';
		END IF;
	END LOOP;
	RETURN k;
END \$\$;
SELECT again(500) > 0;
SELECT $hwm AS before \\gset
SELECT again(5000) > 0;
SELECT 'grown', $hwm - :before;
SQL
($grown) = $out =~ /^grown\|(-?\d+)$/m;
cmp_ok($grown, '<', 4000, "5,000 rounds in PL/pgSQL do not leak: +$grown kB");

# The indexes' functions are called in contexts that live long
($ours) = growth("SET maintenance_work_mem = '4MB';", <<'SQL');
CREATE TABLE keys AS SELECT s, g FROM (SELECT segment_agg(abs(hashint8(id)) % 100000) AS s, g FROM many_groups WHERE g < 3000 GROUP BY g) AS q;
CREATE INDEX ON keys (s);
CREATE INDEX ON keys USING hash (s);
INSERT INTO keys SELECT s, -g FROM keys;
SELECT count(DISTINCT s) FROM keys;
SELECT count(*) FROM (SELECT s FROM sets UNION SELECT s FROM sets) AS u;
SQL
cmp_ok($ours, '<', 30_000, "sorting, indexing and hashing: +$ours kB");

$node->stop;
done_testing();
