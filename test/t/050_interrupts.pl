# Whoever cancels a query does not wait: each function is given huge input, and
# ends soon after pg_cancel_backend() or statement_timeout.
#
# "Soon" is 0.3 s: with statement_timeout = '200ms' that makes 0.5 s.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use Portrait;
use PostgreSQL::Test::Utils;
use Test::More;

use constant SOON => 0.3;

# Sets of 130 MB, or of less where memory is scarce
my ($available) = slurp_file('/proc/meminfo') =~ /^MemAvailable:\s*(\d+)/m;
my $chunks = $available > 4e6 ? 16000 : 4000;

my $node = new_server('interrupts', conf => "shared_buffers = 256MB\nmax_wal_size = 8GB\nautovacuum = off\njit = off\n");
my $dir = $node->basedir;
create_every_other($node);

# ---- what is called ----
#
# d, e: dense, they share no id      d2: as d, but for one id
# p, q: many isolated ids            r: runs
# h: half of all ids, in one entry   t: a tally
my @pairs = ('d, e', 'd, d2', 'p, q', 'd, p', 'h, d');
my @singles = ('d', 'p', 'h');
my $pairs = sub { my ($f, $more) = @_; map { "$f($_" . ($more // '') . ')' } @pairs };
my $singles = sub { my ($f, $more) = @_; map { "$f($_" . ($more // '') . ')' } @singles };
my $rows = sub { my ($f, $more) = @_;
	# at first the stored sets are fetched, so some cancels come later
	map { my $late = $_; map { "SELECT $f(s" . ($more // '') . ") FROM stored WHERE name IN ($_)$late" }
		q{'d', 'e', 'f'}, q{'p', 'd', 'h'} } ' -- 30', ' -- 300', ' -- 900' };
my %big = (
	segment_in => [
		map { "segment_in(textout($_))" } q{repeat(' ', 100000000)},
		q{'{' || repeat('1,', 50000000) || '1}'}, q{'{' || repeat('0', 100000000) || '}'},
		q{'{' || repeat('9', 100000000) || '}'}, q{'{' || repeat('9,8-7000,6,', 30000000) || '1}'},
		q{'segment:' || repeat('A', 100000000)}, 'descending', 'based64' ],
	segment_out => [ $singles->('segment_out') ],
	segment_send => [ $singles->('segment_send') ],
	segment_recv => ["EXECUTE 'COPY copied FROM ''$dir/d'' (FORMAT binary)'"],
	segment => [ 'segment(ids)', 'segment(ids4)' ],
	segment_to_array => [ $singles->('segment_to_array'), 'segment_to_array(segment_slice(d, 1000, 100000000))' ],
	segment_union => [ $pairs->('segment_union') ],
	segment_intersect => [ $pairs->('segment_intersect') ],
	segment_except => [ $pairs->('segment_except'), 'segment_except(p, d)' ],
	segment_symdiff => [ $pairs->('segment_symdiff') ],
	segment_diff => [ $pairs->('segment_diff') ],
	segment_add => [ $singles->('segment_add', ', 77777'), 'segment_add(77777, d)' ],
	segment_remove => [ $singles->('segment_remove', ', 77777') ],
	segment_add_range => [ $singles->('segment_add_range', ', 77777, 99999999') ],
	segment_remove_range => [ $singles->('segment_remove_range', ', 77777, 99999999') ],
	segment_contains => [ $pairs->('segment_contains'), $singles->('segment_contains', ', 123456789::bigint') ],
	segment_contained => [ $pairs->('segment_contained'), 'segment_contained(123456789::bigint, d)' ],
	segment_overlaps => [ $pairs->('segment_overlaps') ],
	(map { ($_ => [ $pairs->($_) ]) } map { "segment_$_" } qw(eq ne lt le gt ge cmp)),
	segment_hash => [ $singles->('segment_hash') ],
	segment_hash_extended => [ $singles->('segment_hash_extended', ', 5') ],
	(map { ($_ => [ $singles->($_) ]) } map { "segment_$_" } qw(count is_empty min max)),
	(map { ($_ => [ $pairs->($_) ]) } map { "segment_$_" } qw(intersect_count union_count except_count symdiff_count jaccard)),
	segment_rank => [ $singles->('segment_rank', ', 9000000000000000000') ],
	segment_select => [ $singles->('segment_select', ', -1') ],
	segment_slice => [ $singles->('segment_slice', ', 5, 1000000000000000000') ],
	segment_range => [ $singles->('segment_range', ', 5, 9000000000000000000') ],
	segment_range_count => [ $singles->('segment_range_count', ', 5, 9000000000000000000') ],
	segment_members => [ map { ("SELECT count(*) FROM segment_members($_)", "SELECT count(*) FROM (SELECT segment_members($_)) AS m") } @singles ],
	segment_sample => [ map { $singles->('segment_sample', ", $_, 'seed'") } 1, 1000000, 100000000 ],
	segment_split => [ $singles->('segment_split', q{, '{1,2,3}', 'seed'}),
		q{segment_split(d, array_fill(1::double precision, ARRAY[10000]), 'seed')}, q{segment_split(d, '{1,1}', repeat('seed', 50000000))} ],
	segment_to_roaring => [ map { $singles->('segment_to_roaring', ", $_") } 32, 64 ],
	segment_from_roaring => [ 'segment_from_roaring(roaring)', 'segment_from_roaring(roaring, 32)',
		'segment_from_roaring(roaring_sparse, 64)', q{segment_from_roaring(convert_to(repeat('U', 100000000), 'UTF8'))} ],
	segment_agg => [ 'SELECT segment_agg(id) FROM unnest(ids) AS id' ],
	segment_union_agg => [ $rows->('segment_union_agg') ],
	segment_intersect_agg => [ $rows->('segment_intersect_agg') ],
	segment_symdiff_agg => [ $rows->('segment_symdiff_agg') ],
	segment_at_least_agg => [ $rows->('segment_at_least_agg', ', 2'), $rows->('segment_at_least_agg', ', 3') ],
	segment_tally_in => [ 'segment_tally_in(textout(tally_text))' ],
	segment_tally_out => ['segment_tally_out(t)'],
	segment_tally_send => ['segment_tally_send(t)'],
	segment_tally_recv => ["EXECUTE 'COPY copied_tally FROM ''$dir/t'' (FORMAT binary)'"],
	segment_tally_combine => ['SELECT merge_tallies(v) FROM (VALUES (t), (t)) AS w(v)']);

# The planner's functions read heads, and at most 1,000 ids
my %short = (
	segment_sel => 'reads the head of a constant',
	segment_joinsel => 'returns constants',
	segment_members_support => 'reads the head of a constant',
	segment_contained_support => 'lists at most 1,000 ids',
	segment_add_support => 'looks at two nodes of an expression',
	segment_agg_transition => 'called by segment_agg',
	segment_agg_combine => 'the same code as segment_union_agg_transition',
	segment_agg_final => 'called by the aggregates of segments',
	segment_union_agg_transition => 'called by segment_union_agg',
	segment_intersect_agg_transition => 'called by segment_intersect_agg',
	segment_symdiff_agg_transition => 'called by segment_symdiff_agg',
	segment_tally_transition => 'called by segment_at_least_agg',
	segment_tally_final => 'called by segment_at_least_agg');

my @functions = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT DISTINCT p.proname
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'portrait'
	JOIN pg_language l ON l.oid = p.prolang
WHERE d.deptype = 'e' AND (l.lanname = 'c' OR p.prokind = 'a')
	AND p.proname LIKE 'segment%' ORDER BY 1
SQL
cmp_ok(scalar @functions, '>=', 60, 'functions are found');
is(join(' ', grep { !$big{$_} && !$short{$_} } @functions),
	'', 'all functions are called, or are known to be short');

# ---- a session that calls, and one that cancels ----

my @calls = map { @{ $big{$_} } } sort keys %big;
my $body = '';
for my $n (0 .. $#calls)
{
	my $call = $calls[$n];
	my $late = $call =~ s/ -- (\d+)$// ? $1 : 30;
	my $do = $call =~ /^SELECT/ ? "PERFORM " . substr($call, 7) : $call =~ /^EXECUTE/ ? $call : "answer := $call IS NULL";

	$body .= <<"SQL";
	IF $n = ANY (which) THEN
		PERFORM pg_advisory_lock($late, $n);
		BEGIN
			BEGIN
				outcome := 'ended';
				$do;
			EXCEPTION WHEN query_canceled OR OTHERS THEN
				outcome := SQLSTATE || ' ' || SQLERRM;
			END;
			finished := clock_timestamp();
			-- whoever cancels holds this lock while he does, so that a cancel
			-- on its way arrives here, and none later
			PERFORM pg_advisory_lock(4713, 0), pg_sleep(0.001);
		EXCEPTION WHEN query_canceled THEN
			outcome := 'ended just before';
			finished := clock_timestamp();
		END;
		PERFORM pg_advisory_unlock_all();
		INSERT INTO ends VALUES ($n, outcome, finished);
	END IF;
SQL
}
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE copied (s segment);
CREATE TABLE copied_tally (s segment_tally);
CREATE UNLOGGED TABLE ends (n int, outcome text, finished timestamptz);
CREATE UNLOGGED TABLE cancels (n int, canceled timestamptz);
CREATE AGGREGATE tally_agg(segment, int) (SFUNC = segment_tally_transition, STYPE = segment_tally);
CREATE AGGREGATE merge_tallies(segment_tally) (
	SFUNC = segment_tally_combine, STYPE = segment_tally, FINALFUNC = segment_tally_final);
CREATE UNLOGGED TABLE stored AS SELECT 'd' AS name, every_other($chunks / 3) AS s
	UNION ALL SELECT 'e', every_other($chunks / 3, '!')
	UNION ALL SELECT 'f', every_other($chunks / 4, '*')
	UNION ALL SELECT 'p', segment_agg(i::bigint << 20) FROM generate_series(1, 1000000) AS i
	UNION ALL SELECT 'h', '{0-9223372036854775806}';
COPY (SELECT every_other($chunks / 2)) TO '$dir/d' (FORMAT binary);
COPY (SELECT tally_agg(v, 2) FROM (VALUES (every_other($chunks / 4)), (every_other($chunks / 4, '*'))) AS w(v))
	TO '$dir/t' (FORMAT binary);

-- Without generic plans each large value would be copied into its plan, which
-- the server does without a look at interrupts
CREATE PROCEDURE call_all(which int[]) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS \$\$
DECLARE
	d segment := every_other($chunks);
	d2 segment := d - 10::bigint;
	e segment := segment_add_range('{}', 0, $chunks * 65536::bigint - 1) - d;
	p segment := (SELECT segment_agg(i::bigint << 20) FROM generate_series(1, 2000000) AS i);
	q segment := (SELECT segment_agg(i::bigint << 19) FROM generate_series(1, 2000000) AS i);
	r segment := (SELECT segment_agg(i) FROM generate_series(1, 2000000) AS i WHERE i % 30 < 20);
	h segment := '{0-9223372036854775806}';
	t segment_tally := (SELECT tally_agg(v, 2) FROM (VALUES (every_other($chunks / 4)), (every_other($chunks / 4, '*'))) AS w(v));
	ids bigint[] := (SELECT array_agg(hashint8extended(i, 1)) FROM generate_series(1, 3000000) AS i);
	ids4 int[] := (SELECT array_agg(10000000 - i) FROM generate_series(1, 3000000) AS i);
	descending text := (SELECT '{' || string_agg((10000000 - i)::text, ',') || '}' FROM generate_series(1, 2000000) AS i);
	based64 text := every_other($chunks / 4);
	tally_text text := t;
	roaring bytea := segment_to_roaring(d, 32);
	roaring_sparse bytea := segment_to_roaring(p, 64);
	answer boolean;
	outcome text;
	finished timestamptz;
BEGIN
$body
END \$\$;

-- Cancels whoever holds an advisory lock for as many ms as its first number
CREATE PROCEDURE cancel_slow() LANGUAGE plpgsql AS \$\$
DECLARE
	now_running record;
	running int := -1;
	since timestamptz;
BEGIN
	LOOP
		SELECT objid::int AS n, pid, classid::int AS late INTO now_running FROM pg_locks
		WHERE locktype = 'advisory' AND classid < 4712;
		IF now_running.n IS DISTINCT FROM running THEN
			running := now_running.n;
			since := clock_timestamp();
		ELSIF running IS NOT NULL AND since < clock_timestamp() - now_running.late * interval '1 ms' THEN
			PERFORM pg_advisory_lock(4713, 0);
			IF EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid < 4712 AND objid::int = running) THEN
				INSERT INTO cancels VALUES (running, clock_timestamp());
				PERFORM pg_cancel_backend(now_running.pid);
			END IF;
			PERFORM pg_advisory_unlock(4713, 0);
			since := 'infinity';
		END IF;
		EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 4712);
		COMMIT;
		PERFORM pg_sleep(0.002);
	END LOOP;
END \$\$;
SQL

my %latest;
my %outcome;
my @which = (0 .. $#calls);
# a busy machine may make one late by chance, not the same one three times
for my $attempt (1 .. 3)
{
	my ($in, $out, $err) = ('', '', '');
	my $canceler = IPC::Run::start(
		[ 'psql', '-Xq', '-d', $node->connstr('postgres'), '-c', 'CALL cancel_slow()' ],
		'<', \$in, '>', \$out, '2>', \$err);
	my ($status, $stdout, $stderr) = $node->psql('postgres', <<"SQL", on_error_stop => 0);
TRUNCATE ends, cancels;
SET client_min_messages = error;
CALL call_all('{@{[ join ',', @which ]}}');
SELECT pg_advisory_lock(4712, 0), pg_sleep(0.3);
SQL
	$canceler->finish;
	unless (is($stderr, '', 'calls are made'))
	{
		done_testing();
		exit;
	}
	for my $row (split /\n/, $node->safe_psql('postgres', <<'SQL'))
SELECT n, outcome, coalesce(extract(epoch FROM finished - canceled), 0)
FROM ends LEFT JOIN cancels USING (n) ORDER BY n
SQL
	{
		my ($n, $outcome, $latency) = split /\|/, $row;
		$outcome{$n} = $outcome;
		$latest{$n} = $latency if !defined $latest{$n} || $latency < $latest{$n};
	}
	@which = grep { !defined $latest{$_} || $latest{$_} > SOON } 0 .. $#calls;
	last if !@which;
	note "again: $calls[$_], " . ($latest{$_} // '?') . ' s' for @which;
}
my $canceled = grep { /^57014/ } values %outcome;
cmp_ok($canceled, '>=', 60, "many calls were canceled ($canceled of " . @calls . ')');
for my $n (0 .. $#calls)
{
	cmp_ok($latest{$n} // 99, '<=', SOON, sprintf('%s: %s, %.3f s', $calls[$n], $outcome{$n} // '', $latest{$n} // 99));
	like($outcome{$n}, qr/^(?:ended|57014|22P02|22P03|22003|54000)/, 'with one of the known outcomes');
}

# ---- statement_timeout ----

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE half AS SELECT '{0-9223372036854775806}'::segment AS s;
SQL
for my $query (
	'SELECT count(*) FROM half, segment_members(s)',
	q{SELECT segment_split(s, '{1,1}', 'seed') FROM half},
	'SELECT segment_agg(i) FROM generate_series(1, 1000000000) AS i',
	'SELECT g, segment_agg(g) FROM (SELECT generate_series(1, 1000000000) AS g) AS s GROUP BY g',
	'SELECT segment_to_roaring(s) FROM half',
	"COPY copied FROM '$dir/d' (FORMAT binary)")
{
	my $took;
	for (1 .. 3)
	{
		my (undef, $out, $err) = $node->psql('postgres', <<"SQL", on_error_stop => 0);
SET statement_timeout = '200ms';
SELECT clock_timestamp() AS start \\gset
$query;
SET statement_timeout = 0;
SELECT extract(epoch FROM clock_timestamp() - :'start'::timestamptz);
SQL
		($took) = $out =~ /^(\d+\.\d+)$/m;
		last if defined $took && $took < 0.5;
	}
	cmp_ok($took, '<', 0.5, "statement_timeout ends $query");
}

$node->stop;
done_testing();
