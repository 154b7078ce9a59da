# COPY both ways in its three formats, and binary input that is not ours:
# what is taken is the one image of a set, all else is 22P03.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{PORTRAIT_SEED} // int(rand(2**31));
srand($seed);
note "PORTRAIT_SEED=$seed";

my $node = new_server('copy');
my $dir = $node->basedir;
create_shapes($node);

# ---- there and back ----

my %columns = (shapes => 'segment_send(s)', tallies => 'segment_tally_send(t)');
for my $format ('text', 'csv', 'binary')
{
	for my $table (sort keys %columns)
	{
		is( $node->safe_psql('postgres', qq{
			COPY $table TO '$dir/$table.$format' (FORMAT $format);
			CREATE TEMP TABLE back (LIKE $table);
			COPY back FROM '$dir/$table.$format' (FORMAT $format);
			SELECT count(*) > 0, bool_and($columns{$table} IS NOT DISTINCT FROM b.image)
			FROM $table FULL JOIN (SELECT name, $columns{$table} AS image FROM back) AS b USING (name)}),
			't|t', "COPY of $table as $format");
	}
}
$node->safe_psql('postgres', qq{
	COPY (SELECT 'quoted, "as needed"', '{1-3,9}'::segment) TO '$dir/quoted' (FORMAT csv, FORCE_QUOTE *);
	CREATE TABLE quoted (t text, s segment);
	COPY quoted FROM '$dir/quoted' (FORMAT csv)});
is(slurp_file("$dir/quoted"), qq{"quoted, ""as needed""","{1-3,9}"\n}, 'CSV with quotes');
is($node->safe_psql('postgres', 'SELECT s FROM quoted'), '{1-3,9}', 'and back');

# ---- one line is wrong ----

my ($status, $out, $err) = $node->psql('postgres', "COPY quoted FROM STDIN;\na\t{1}\nb\t{2-1}\n\\.\n");
like($err, qr/ERROR:  invalid input syntax for type segment: "\{2-1\}"/, 'COPY names what is wrong');
like($err, qr/CONTEXT:  COPY quoted, line 2, column s: "\{2-1\}"/, 'COPY tells where');
SKIP:
{
	skip 'no ON_ERROR before 17', 1 if major($node) < 17;
	is( $node->safe_psql('postgres',
			"TRUNCATE quoted; COPY quoted FROM STDIN (ON_ERROR ignore);\na\t{1}\nb\t{2-1}\nc\t{3\nd\tsegment:AAAA\ne\t{5}\n\\.\n"
			  . "SELECT string_agg(t || s, ' ' ORDER BY t) FROM quoted"),
		'a{1} e{5}', 'ON_ERROR ignore passes over bad text');
}

# ---- hostile binary ----

# Files of COPY BINARY, one value each
sub write_copy
{
	my ($file, $value) = @_;

	open my $fh, '>:raw', $file or die "$file: $!";
	print $fh "PGCOPY\n\xff\r\n\0", pack('NNnN', 0, 0, 1, length $value), $value, pack('n', 0xffff);
	close $fh or die "$file: $!";
}

# Values which say that they have very much of something
sub boasts
{
	my $header = sub { pack('CCvq<q<q<V', 1, 0, 0, @_) };

	return (
		$header->(2**62, -2**62, 2**62, 0xffffffff),
		$header->(1, 1, 1, 0x0fffffff),
		# one entry of full chunks, 2^48 of them
		$header->(2**62, 0, 2**62, 1) . pack('VvQ<', 4 << 28, 0xffff, 0) . "\0" x 2 . pack('Q<', 2**48));
}

# The lower bits of a length word inside of a value mean nothing
sub odd_lengths
{
	return map { pack('CCvVV', 1, 0, 2, 2, 0) . pack('VCCx30x4', 36 << 2 | $_, 1, 0) x 2 } 1 .. 3;
}

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE hostile (s segment);
CREATE TABLE hostile_tally (t segment_tally);
-- Reads n files; counts by outcome
CREATE FUNCTION take(prefix text, n int, into_table text, send text) RETURNS TABLE (outcome text, times bigint)
LANGUAGE plpgsql AS $$
DECLARE
	given bytea;
	taken bytea;
	state text;
	message text;
	counts jsonb := '{}';
	outcome text;
BEGIN
	FOR i IN 1 .. n LOOP
		given := pg_read_binary_file(prefix || i);
		-- 11 + 4 + 4 + 2 + 4 bytes are before the value, 2 behind it
		given := substring(given FROM 26 FOR octet_length(given) - 27);
		BEGIN
			EXECUTE format('COPY %I FROM %L (FORMAT binary)', into_table, prefix || i);
			EXECUTE format('SELECT %s FROM %I', send, into_table) INTO STRICT taken;
			-- an error in any case, so that the row goes away again
			RAISE EXCEPTION '%', CASE WHEN taken = given THEN 'taken' ELSE 'changed ' || i END;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
			outcome := CASE state WHEN 'P0001' THEN message ELSE state || ' ' || message END;
		END;
		counts := jsonb_set(counts, ARRAY[outcome], to_jsonb(coalesce((counts->>outcome)::bigint, 0) + 1));
	END LOOP;
	RETURN QUERY SELECT key, value::bigint FROM jsonb_each_text(counts);
END $$;
SQL

sub hostile
{
	my ($type, $table, $send, $query, $n, @boasts) = @_;
	my @values = map { pack 'H*', $_ } split /\n/, $node->safe_psql('postgres', $query);

	for my $i (1 .. $n)
	{
		# the unchanged ones first: they must be taken
		my $value = $i <= @values ? $values[ $i - 1 ] :
		  $i <= @values + @boasts ? $boasts[ $i - 1 - @values ] :
		  mutate($values[rand @values], \@values);

		write_copy("$dir/$type.$i", $value);
	}
	my $before = vm_hwm();
	my ($result, $growth) = split /\n--\n/, $node->safe_psql('postgres', <<"SQL");
SET client_min_messages = warning;
SELECT take('$dir/$type.1', 0, '$table', '$send');
CREATE TEMP TABLE size AS SELECT $before AS kb;
SELECT outcome || '=' || times FROM take('$dir/$type.', $n, '$table', '$send') ORDER BY 1;
\\echo --
SELECT $before - kb FROM size;
SQL
	my %times = map { /^(.*)=(\d+)$/ ? ($1, $2) : () } split /\n/, $result;
	my @wrong = grep { !/^(?:taken|22P03 invalid (?:binary )?value of type (?:segment|\Q$type\E))$/ } keys %times;
	is("@wrong", '', "$type: all of $n inputs are taken as they are or refused with 22P03");
	cmp_ok($times{taken} // 0, '>=', scalar @values, "$type: valid ones are taken");
	cmp_ok($n - ($times{taken} // 0), '>', $n / 3, "$type: others are not");
	cmp_ok($growth, '<', 64 * 1024, "$type: memory stays small (+$growth kB)");
	unlink "$dir/$type.$_" for 1 .. $n;
}

hostile('segment', 'hostile', 'segment_send(s)',
	q{SELECT encode(segment_send(s), 'hex') FROM shapes WHERE pg_column_size(s) < 20000}, 3000, boasts());
hostile('segment_tally', 'hostile_tally', 'segment_tally_send(t)', <<'SQL', 1500, odd_lengths());
SELECT encode(segment_tally_send(t), 'hex') FROM (
	SELECT tally_agg(s, k) AS t FROM shapes, generate_series(1, 4) AS k
	WHERE pg_column_size(s) < 1000 GROUP BY k, hashtext(name) % 5) AS counted
SQL

is($node->safe_psql('postgres', q{SELECT '{1}'::segment}), '{1}', 'the server is well');
$node->stop;
done_testing();
