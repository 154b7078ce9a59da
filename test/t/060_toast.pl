# How stored values are read: few TOAST chunks for counts and memberships, any
# storage, and never the value of another row or of a moment before.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use Test::More;

my $node = new_server('toast', conf => "autovacuum = off\nmax_parallel_workers_per_gather = 0\n");

create_every_other($node);
$node->safe_psql('postgres', <<'SQL');
CREATE UNLOGGED TABLE big (name text, s segment);
INSERT INTO big VALUES ('dense', every_other(12800));
INSERT INTO big SELECT 'sparse', segment_agg(hashint8extended(i, 1)) FROM generate_series(1, 200000) AS i;
INSERT INTO big SELECT 'middling', segment_agg(i * 37) FROM generate_series(1, 200000) AS i;
CHECKPOINT;
SQL
cmp_ok($node->safe_psql('postgres', q{SELECT pg_column_size(s) FROM big WHERE name = 'dense'}),
	'>', 100_000_000, 'a value of 100 MB');

# ---- how much is read ----

# TOAST chunks that a query fetches
sub chunks
{
	my ($query) = @_;
	my $out = $node->safe_psql('postgres', <<"SQL");
SELECT 1 FROM big LIMIT 1;
BEGIN;
-- its answer is not needed, its reads are
SELECT 'answer', $query;
SELECT 'chunks', idx_tup_fetch FROM toast_reads;
COMMIT;
SQL
	return $out =~ /^answer\|(.*)\nchunks\|(\d+)$/m ? ($2, $1) : (-1, $out);
}

# pg_stat_xact_* count the rows that the running transaction has fetched by now
$node->safe_psql('postgres', <<'SQL');
CREATE VIEW toast_reads AS
	SELECT pg_stat_get_xact_tuples_fetched(i.indexrelid) AS idx_tup_fetch
	FROM pg_class c JOIN pg_index i ON i.indrelid = c.reltoastrelid WHERE c.relname = 'big';
SQL

my @reads = (
	# what is asked, of which value, at most so many chunks, its answer
	[ 'segment_count(s)', 'dense', 2, 12800 * 32768 ],
	[ 'segment_is_empty(s)', 'dense', 2, 'f' ],
	[ 'segment_min(s)', 'dense', 2, 0 ],
	[ 'segment_max(s)', 'dense', 2, 12800 * 65536 - 2 ],
	[ 's @> 4242424242', 'dense', 2, 'f' ],
	[ 's @> 424242420', 'dense', 16, 't' ],
	[ 's @> 424242421', 'dense', 16, 'f' ],
	[ '424242420::bigint <@ s', 'dense', 16, 't' ],
	[ 'segment_count(s)', 'sparse', 2, 200000 ],
	[ 's @> hashint8extended(77777, 1)', 'sparse', 16, 't' ],
	[ 's @> (hashint8extended(77777, 1) + 1)', 'sparse', 16, 'f' ],
	[ 'segment_count(s)', 'middling', 2, 200000 ],
	[ 's @> (37 * 150000)', 'middling', 16, 't' ]);
for my $read (@reads)
{
	my ($what, $name, $most, $answer) = @$read;
	my ($chunks, $given) = chunks("(SELECT $what FROM big WHERE name = '$name')");

	is($given, $answer, "$what of $name");
	cmp_ok($chunks, '>', 0, "$what of $name: fetches are seen");
	cmp_ok($chunks, '<=', $most, "$what of $name: at most $most chunks are fetched ($chunks)");
}
# A comparison of values that differ in their heads needs no more than these
my ($chunks) = chunks('(SELECT a.s < b.s FROM big a, big b WHERE a.name = $$dense$$ AND b.name = $$sparse$$)');
cmp_ok($chunks, '<=', 4, "a comparison reads heads ($chunks chunks)");
# A test repeated on one value: fetched once, not for each row
($chunks) = chunks(q{(SELECT count(*) FROM (SELECT s FROM big WHERE name = 'middling' OFFSET 0) AS one,
	generate_series(1, 2000) AS id WHERE one.s @> id)});
my $whole = $node->safe_psql('postgres', q{SELECT pg_column_size(s) / 1996 FROM big WHERE name = 'middling'});
cmp_ok($chunks, '<=', $whole + 20, "2000 tests of one value fetch it once ($chunks of $whole chunks)");

# ---- storage ----

my $oracle = 'segment_count(s), segment_send(s), s @> 37000, s @> 37001, segment_min(s), segment_max(s), s::text';
my $query = "SELECT md5(x::text) FROM (SELECT name, $oracle FROM %s WHERE name <> 'dense' ORDER BY name) x";
my $expected = $node->safe_psql('postgres', sprintf($query, 'big'));
my $lz4 = $node->psql('postgres', q{SET default_toast_compression = 'lz4'}) == 0;
for my $how ('external', 'extended pglz', 'main pglz', $lz4 ? ('extended lz4', 'main lz4') : (), 'plain')
{
	my ($storage, $method) = split / /, $how;
	my $table = "as_$storage" . ($method // '');

	$node->safe_psql('postgres', qq{
		CREATE TABLE $table (name text, s segment);
		ALTER TABLE $table ALTER s SET STORAGE $storage;
		@{[ $method ? "ALTER TABLE $table ALTER s SET COMPRESSION $method;" : '' ]}});
	if ($storage eq 'plain')
	{
		is( $node->safe_psql('postgres', qq{
				INSERT INTO $table SELECT i, segment_agg(k * i) FROM generate_series(1, 9) AS i, generate_series(1, 500) AS k GROUP BY i;
				SELECT count(*) FROM $table WHERE segment_count(s) = 500 AND s @> (500 * name::int)
					AND NOT s @> (500 * name::int + 1)}),
			9, "storage $how");
		next;
	}
	$node->safe_psql('postgres', qq{
		INSERT INTO $table SELECT * FROM big WHERE name <> 'dense'});
	is($node->safe_psql('postgres', sprintf($query, $table)), $expected, "storage $how");
	is( $node->safe_psql('postgres', qq{
			INSERT INTO $table VALUES ('packed', every_other(40));
			SELECT bool_and(CASE WHEN i % 2 = 0 THEN s @> i ELSE NOT s @> i END), min(segment_count(s)),
				min(coalesce(pg_column_compression(s), 'none')), (min(pg_column_size(s)) < 300000) = ('$storage' <> 'external')
			FROM $table, generate_series(0, 2000, 7) AS i WHERE name = 'packed'}),
		't|1310720|' . ($method // 'none') . '|t', "storage $how: a value that can be compressed");
}

# ---- values change, the remembered ones must not stay ----

is($node->safe_psql('postgres', <<'SQL'), 't', 'nested loop over many toasted values');
CREATE TABLE many AS SELECT g, segment_agg((g + 7 * i)::bigint) AS s
	FROM generate_series(0, 30) AS g, generate_series(1, 4000) AS i GROUP BY g;
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT count(*) = 31 * 4000 AND sum(id) = (SELECT sum(g + 7 * i) FROM generate_series(0, 30) AS g, generate_series(1, 4000) AS i)
FROM generate_series(1, 40000) AS id JOIN many ON id <@ s;
SQL
is($node->safe_psql('postgres', <<'SQL'), 't', 'both orders of a nested loop, two toasted arguments');
SELECT bool_and(segment_intersect_count(a.s, b.s) = CASE WHEN a.g % 7 <> b.g % 7 THEN 0 ELSE 4000 - abs(a.g - b.g) / 7 END)
FROM many a, many b WHERE a.g < 20;
SQL
is($node->safe_psql('postgres', <<'SQL'), 't', 'UPDATE between tests in a PL/pgSQL loop');
CREATE FUNCTION update_and_test(n int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	v segment;
	was boolean;
BEGIN
	FOR i IN 1 .. n LOOP
		UPDATE many SET s = (s | (-i)::bigint) - (1 - i)::bigint WHERE g = 1;
		SELECT s INTO v FROM many WHERE g = 1;
		-- thrice, as the first test reads in part and the others remember
		FOR k IN 1 .. 3 LOOP
			was := v @> (-i)::bigint AND NOT v @> (1 - i)::bigint
				AND (SELECT s @> (-i)::bigint AND NOT s @> (1 - i)::bigint FROM many WHERE g = 1);
			IF was IS NOT TRUE THEN
				RETURN false;
			END IF;
		END LOOP;
	END LOOP;
	RETURN true;
END $$;
SELECT update_and_test(60);
SQL
is($node->safe_psql('postgres', <<'SQL'), "f\nt\nf", 'a cursor sees its own snapshot, before and after an UPDATE');
BEGIN;
DECLARE c CURSOR FOR SELECT s @> (-1000) FROM many, generate_series(1, 3) WHERE g = 2;
FETCH 1 FROM c;
UPDATE many SET s = s | (-1000)::bigint WHERE g = 2;
SELECT s @> (-1000) FROM many WHERE g = 2;
FETCH 1 FROM c;
COMMIT;
SQL
is($node->safe_psql('postgres', <<'SQL'), 't|f|t', 'a prepared statement, a value replaced, and one rolled back');
PREPARE has(bigint) AS SELECT s @> $1 FROM many WHERE g = 3;
SET plan_cache_mode = force_generic_plan;
CREATE TEMP TABLE seen (n int, b boolean);
PREPARE note(int, bigint) AS INSERT INTO seen SELECT $1, s @> $2 FROM many WHERE g = 3;
EXECUTE note(1, 10);
BEGIN;
UPDATE many SET s = s - 10::bigint WHERE g = 3;
EXECUTE note(2, 10);
SAVEPOINT a;
UPDATE many SET s = s | 10::bigint WHERE g = 3;
ROLLBACK TO a;
COMMIT;
UPDATE many SET s = s | 10::bigint WHERE g = 3;
EXECUTE note(3, 10);
SELECT string_agg(b::text, '|' ORDER BY n) FROM (SELECT n, left(b::text, 1) AS b FROM seen) AS s;
SQL
# A function in a query whose argument comes from another row each time, twice
# in a row the same, then others: the remembered values are two
is($node->safe_psql('postgres', <<'SQL'), 't', 'values that come and go in all orders');
SELECT bool_and(many.s @> r.probe = (r.probe % 7 = many.g % 7 AND r.probe > many.g AND r.probe <= many.g + 28000))
FROM (SELECT abs(hashint8(i)) % 10 + 10 AS g, abs(hashint8(-i))::bigint % 30000 AS probe
	FROM generate_series(1, 5000) AS i) AS r
CROSS JOIN LATERAL (SELECT * FROM many WHERE many.g = r.g OFFSET 0) AS many;
SQL
is($node->safe_psql('postgres', <<'SQL'), 't', 'TRUNCATE, VACUUM FULL and a table of the same name');
DO $$
DECLARE
	ok boolean := true;
BEGIN
	FOR i IN 1 .. 5 LOOP
		CREATE TABLE fresh AS SELECT segment_agg((i + 10 * k)::bigint) AS s FROM generate_series(1, 3000) AS k;
		ok := ok AND (SELECT bool_and(s @> (i + 10)) AND NOT bool_or(s @> (i + 11)) FROM fresh, generate_series(1, 3));
		TRUNCATE fresh;
		INSERT INTO fresh SELECT segment_agg((5 + i + 10 * k)::bigint) AS s FROM generate_series(1, 3000) AS k;
		ok := ok AND (SELECT bool_and(s @> (i + 15)) AND NOT bool_or(s @> (i + 10)) FROM fresh, generate_series(1, 3));
		DROP TABLE fresh;
	END LOOP;
	IF NOT ok THEN
		RAISE EXCEPTION 'wrong';
	END IF;
END $$;
VACUUM FULL many;
SELECT bool_and(s @> (g + 7)) FROM many WHERE g > 5;
SQL

$node->stop;
done_testing();
