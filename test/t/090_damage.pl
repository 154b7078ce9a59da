# Stored bytes that we never wrote: every function gives an answer or an error,
# with the kernels of every level, and the server lives on.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use Test::More;

my $seed = $ENV{PORTRAIT_SEED} // int(rand(2**31));
srand($seed);
note "PORTRAIT_SEED=$seed";

my $node = new_server('damage');
create_shapes($node);

# A superuser who really wants to can pass off any bytes as a segment: those
# of a type that is bytea, but for its alignment.
$node->safe_psql('postgres', <<'SQL');
CREATE TYPE raw;
CREATE FUNCTION raw_in(cstring) RETURNS raw LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
CREATE FUNCTION raw_out(raw) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
CREATE TYPE raw (INPUT = raw_in, OUTPUT = raw_out, INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double, STORAGE = external);
CREATE CAST (raw AS segment) WITHOUT FUNCTION;
CREATE CAST (raw AS segment_tally) WITHOUT FUNCTION;
CREATE TABLE damaged (i int PRIMARY KEY, tally boolean, level text, b bytea);
CREATE TABLE stored (s segment);
CREATE TABLE ids (id bigint PRIMARY KEY);
INSERT INTO ids SELECT i * 1000 FROM generate_series(-50, 50) AS i;
ANALYZE ids;
SQL

# ---- the values ----

my %n = (segment => 1200, segment_tally => 300);
my @levels = qw(none avx2 avx512);
my $rows = '';
my $i = 0;
for my $type (sort keys %n)
{
	my $query = $type eq 'segment'
	  ? q{SELECT encode(segment_send(s), 'hex') FROM shapes
		WHERE pg_column_size(s) < 20000 AND name NOT LIKE '% of all'}
	  : q{SELECT encode(segment_tally_send(t), 'hex') FROM (
			SELECT tally_agg(s, k) AS t FROM shapes, generate_series(1, 4) AS k
			WHERE pg_column_size(s) < 3000 AND name NOT LIKE '% of all' GROUP BY k, hashtext(name) % 5) AS counted};
	my @values = map { pack 'H*', $_ } split /\n/, $node->safe_psql('postgres', $query);

	for (1 .. $n{$type})
	{
		my $value = mutate($values[rand @values], \@values);
		# with the version right there is more to see
		substr($value, 0, 2) = chr(1) . chr(0) if length $value > 2 && rand() < 0.9;
		$rows .= join("\t", ++$i, $type eq 'segment' ? 'f' : 't', $levels[rand @levels],
			'\\\\x' . unpack('H*', $value)) . "\n";
	}
}
$node->safe_psql('postgres', "COPY damaged FROM STDIN;\n$rows\\.\n");

# ---- calls of every function ----

# An argument of each type; a is damaged, t is a damaged tally, s is sound
my %arguments = (
	'segment' => [ 'a', 's' ],
	'segment_tally' => ['t'],
	'bigint' => [ 'x', 'y' ],
	'integer' => ['32'],
	'smallint' => ['5::smallint'],
	'text' => [q{'seed'}],
	'double precision[]' => [q{'{1,2,0.5}'::double precision[]}]);

# Functions that see no stored segment, or only as internal things
my %without = map { $_ => 1 } qw(segment_in segment_recv segment_tally_in segment_tally_recv
  segment_from_roaring segment segment_sel segment_joinsel segment_members_support
  segment_contained_support segment_add_support);
# Transition, combine and final functions are called by their aggregates
my $in_aggregate = qr/_(?:transition|combine|final)$/;

my %calls;
for my $row (split /\n/, $node->safe_psql('postgres', <<'SQL'))
SELECT p.proname, p.prokind, array_to_string(p.proargtypes::regtype[], ';')
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'portrait'
WHERE d.deptype = 'e' AND (p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c') OR p.prokind = 'a')
	AND p.proname LIKE 'segment%'
SQL
{
	my ($name, $kind, $types) = split /\|/, $row;
	my @types = split /;/, $types;

	next if $types !~ /segment/ && $name !~ /^segment/;
	next if $without{$name} || $name =~ $in_aggregate;
	my @unknown = grep { !$arguments{$_} } @types;
	is("@unknown", '', "an argument for $name($types)") if @unknown;
	# where there are two segments, the damaged one comes first, second and twice
	my @orders = (grep { $_ eq 'segment' } @types) == 2 ? ([ 'a', 's' ], [ 's', 'a' ], [ 'a', 'a' ]) : (['a', 's']);
	for my $order (@orders)
	{
		my %used;
		my @arguments = map {
			my $pool = $_ eq 'segment' ? $order : $arguments{$_};
			$pool->[ $used{$_}++ ];
		} @types;
		my $call = "$name(" . join(', ', @arguments) . ')';

		if ($kind eq 'a')
		{
			# more sets than one, in both orders, and a large state
			my ($rest) = $types =~ /integer/ ? ', 2' : '';
			next if $types eq 'bigint';
			$calls{"$name of $_"} = "SELECT $name(v$rest) FROM unnest(ARRAY[$_]) AS v"
			  for 's, a', 'a, s, a', 'l, s, a, l';
			next;
		}
		$calls{$call} = $name eq 'segment_members' ? "SELECT $call LIMIT 5000" : $call;
	}
}
$calls{'id <@ damaged'} = 'SELECT count(*) FROM ids WHERE id <@ a';
$calls{'tally_agg'} = 'SELECT tally_agg(v, 4) FROM unnest(ARRAY[a, s, l, a]) AS v';
$calls{'an aggregate over tallies'} = 'SELECT merge_tallies(v) FROM unnest(ARRAY[t, t]) AS v';
# what is made of damaged values may be damaged
$calls{'results'} = '((a | s) & (a # l))::text || segment_hash((a - s) | (s - a))';
$calls{'members of results'} = 'SELECT segment_members(a # s) LIMIT 5000';
$calls{'storing'} = 'SELECT * FROM store(a)';
$calls{'planning'} = 'SELECT plan(a)';

# A PL/pgSQL function that makes some of these calls
sub caller_of
{
	my ($name, @calls) = @_;
	my $body = '';

	for my $call (sort @calls)
	{
		my $of_tally = $calls{$call} =~ /\bt\b/ ? '' : 'NOT ';
		my $do = $calls{$call} =~ /^SELECT/
		  ? "FOR r IN $calls{$call} LOOP END LOOP"
		  : "answer := $calls{$call} IS NULL";

		(my $quoted = $call) =~ s/'/''/g;
		$body .= <<"SQL";
	IF ${of_tally}d.tally THEN
		function := '$quoted';
		outcome := 'an answer';
		BEGIN
			$do;
		EXCEPTION WHEN query_canceled OR OTHERS THEN
			outcome := SQLSTATE;
			message := SQLERRM;
		END;
		RETURN NEXT;
	END IF;
SQL
	}
	return <<"SQL";
CREATE FUNCTION $name(d damaged) RETURNS TABLE (function text, outcome text, message text)
	LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS \$\$
DECLARE
	a segment := CASE WHEN d.tally THEN NULL ELSE d.b::text::raw::segment END;
	t segment_tally := CASE WHEN d.tally THEN d.b::text::raw::segment_tally END;
	s segment := (SELECT segment_union_agg(shapes.s) FROM shapes WHERE name IN (
		'few runs', 'random 129', 'array of 100', 'spaced by 2^16', 'full chunks', 'many runs', 'negative'));
	l segment := (SELECT shapes.s FROM shapes WHERE name = 'bitset');
	x bigint := 65536 * (d.i % 7) + d.i;
	y bigint := x + 100000;
	r record;
	answer boolean;
BEGIN
$body
END \$\$;
SQL
}

$node->safe_psql('postgres', <<"SQL");
CREATE AGGREGATE merge_tallies(segment_tally) (
	SFUNC = segment_tally_combine, STYPE = segment_tally, FINALFUNC = segment_tally_final);
-- To disk and back: parts of the value are fetched
CREATE FUNCTION store(s segment) RETURNS bigint LANGUAGE plpgsql AS \$\$
DECLARE
	n bigint;
BEGIN
	DELETE FROM stored;
	INSERT INTO stored VALUES (s), (s);
	SELECT count(*) INTO n FROM stored CROSS JOIN ids WHERE stored.s \@> id;
	SELECT count(*) INTO n FROM stored WHERE stored.s \@> 70000 OR segment_count(stored.s) < 3;
	SELECT count(*) INTO n FROM (SELECT DISTINCT stored.s FROM stored ORDER BY stored.s) AS d;
	RETURN n;
END \$\$;
-- As a constant: estimators and support functions look into it
CREATE FUNCTION plan(s segment) RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
	EXECUTE format('SELECT count(*) FROM ids WHERE id <@ %1\$L::raw::segment AND %1\$L::raw::segment \@> id',
		'\\x' || encode(s::raw::bytea, 'hex'));
	EXECUTE format('EXPLAIN SELECT segment_members(%L::raw::segment)', '\\x' || encode(s::raw::bytea, 'hex'));
END \$\$;
CREATE CAST (segment AS raw) WITHOUT FUNCTION;
CREATE FUNCTION raw_send(raw) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'byteasend';
CREATE CAST (raw AS bytea) WITH FUNCTION raw_send(raw);
SQL
my @splits = grep { /^segment_split/ } keys %calls;
$node->safe_psql('postgres', caller_of('try', grep { !/^segment_split/ } keys %calls));
$node->safe_psql('postgres', caller_of('try_split', @splits));

# The time that segment_split takes depends on the members, of which a damaged
# value may claim any number: a timeout ends it, one statement for each value
my $script = <<'SQL';
SET client_min_messages = error;
CREATE TEMP TABLE outcomes (function text, outcome text, message text);
SQL
for my $level (@levels)
{
	$script .= <<"SQL";
SET portrait.simd = $level;
SET statement_timeout = '60s';
INSERT INTO outcomes SELECT t.* FROM damaged AS d, try(d) AS t WHERE level = '$level';
SET statement_timeout = '50ms';
\\set ON_ERROR_STOP off
SELECT format('INSERT INTO outcomes SELECT t.* FROM damaged AS d, try_split(d) AS t WHERE i = %s', i)
	FROM damaged WHERE level = '$level' AND NOT tally \\gexec
\\set ON_ERROR_STOP on
SET statement_timeout = 0;
SQL
}
$script .= <<'SQL';
SELECT function, outcome, count(*), min(message) FROM outcomes GROUP BY 1, 2 ORDER BY 1, 2;
SQL
my $result = $node->safe_psql('postgres', $script);

# ---- what came of it ----

my %outcomes;
my %messages;
for my $row (split /\n/, $result)
{
	my ($function, $outcome, $times, $message) = split /\|/, $row, 4;
	$outcomes{$function}{$outcome} = $times;
	$messages{$outcome}{$message} = 1;
}
note join ' ', map { my $o = $_; my $n = 0; $n += $outcomes{$_}{$o} // 0 for keys %outcomes; "$o=$n" } sort keys %messages;

# XX001 damaged, 54000 too large, 22003 a number that is no bigint
my %allowed = map { $_ => 1 } 'an answer', 'XX001', '54000', '22003';
for my $function (sort keys %calls)
{
	my @others = grep { !$allowed{$_} && !($_ eq '57014' && $function =~ /^segment_split/) }
	  keys %{ $outcomes{$function} };
	is("@others", '', "$function: an answer or the right error")
	  or diag join "\n", map { keys %{ $messages{$_} } } @others;
	cmp_ok($outcomes{$function}{XX001} // 0, '>', 0, "$function: damage is seen");
}

is($node->safe_psql('postgres', 'SELECT segment_count(s) FROM shapes WHERE name = $$range$$'),
	1000000, 'the server is well');
$node->stop;
done_testing();
