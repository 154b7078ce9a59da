# Segments on other servers: logical replication in text and binary, updates
# found by the value itself, a standby, and a server that was killed.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $publisher = new_server('publisher', init => { allows_streaming => 'logical' });
create_shapes($publisher);

my $tables = <<'SQL';
CREATE TABLE keyed (name text PRIMARY KEY, n int, s segment, t segment_tally, a segment[]);
CREATE TABLE whole (s segment, n int);
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE TABLE identified (s segment NOT NULL, n int);
CREATE UNIQUE INDEX identified_s ON identified (s);
ALTER TABLE identified REPLICA IDENTITY USING INDEX identified_s;
SQL
$publisher->safe_psql('postgres', $tables . <<'SQL');
INSERT INTO keyed SELECT name, 1, s, t, ARRAY[s, NULL, '{1}'] FROM shapes LEFT JOIN tallies USING (name);
INSERT INTO keyed SELECT name, 1, NULL, t FROM tallies;
INSERT INTO whole SELECT s, 1 FROM shapes;
INSERT INTO identified SELECT s, 1 FROM shapes WHERE pg_column_size(s) < 2000;
CREATE PUBLICATION everything FOR TABLE keyed, whole, identified;
SQL
my %checks = (
	keyed => 'SELECT name, n, segment_send(s), segment_tally_send(t), a::text FROM keyed ORDER BY name',
	whole => 'SELECT segment_send(s), n FROM whole ORDER BY s, n',
	identified => 'SELECT segment_send(s), n FROM identified ORDER BY s');

sub alike
{
	my ($other, $what) = @_;

	for my $table (sort keys %checks)
	{
		same_rows($publisher, $other, "SELECT md5(q::text) FROM ($checks{$table}) AS q", "$what: $table");
	}
}

my %subscribers;
for my $how ('text', 'binary')
{
	my $subscriber = new_server($how, conf => "wal_retrieve_retry_interval = 100ms\n");

	$subscriber->safe_psql('postgres', $tables . sprintf(
		q{CREATE SUBSCRIPTION from_%s CONNECTION $c$%s$c$ PUBLICATION everything WITH (binary = %s)},
		$how, $publisher->connstr('postgres'), $how eq 'binary' ? 'true' : 'false'));
	$subscribers{$how} = $subscriber;
}
for my $how (sort keys %subscribers)
{
	# up to 15 the version of this in Cluster.pm waits for one name only
	$subscribers{$how}->poll_query_until('postgres',
		q{SELECT count(*) = 3 AND bool_and(srsubstate IN ('r', 's')) FROM pg_subscription_rel});
	alike($subscribers{$how}, "$how, first copy");
}

$publisher->safe_psql('postgres', <<'SQL');
-- values that stay in TOAST are not sent again
UPDATE keyed SET n = 2 WHERE name LIKE '%s%';
UPDATE keyed SET s = s | 77777 WHERE name IN ('bitsets', 'one', 'random 2000');
UPDATE keyed SET name = 'renamed' WHERE name = 'arrays';
DELETE FROM keyed WHERE name IN ('empty', 'many runs');
INSERT INTO keyed SELECT 'new ' || g, g, segment_agg(g * i) FROM generate_series(1, 5) AS g, generate_series(1, 3000) AS i GROUP BY g;
-- the row to change is found by comparing all columns
UPDATE whole SET n = 2 WHERE segment_count(s) > 50;
UPDATE whole SET s = s # '{1-10,4444444444}' WHERE segment_count(s) % 2 = 0;
DELETE FROM whole WHERE s @> 3;
INSERT INTO whole SELECT s, 5 FROM whole;
DELETE FROM whole WHERE n = 5 AND segment_count(s) < 5;
UPDATE identified SET n = n + 1 WHERE s @> 42;
UPDATE identified SET s = s | 4242424242;
DELETE FROM identified WHERE segment_count(s) < 3;
SQL
for my $how (sort keys %subscribers)
{
	$publisher->wait_for_catchup("from_$how");
	alike($subscribers{$how}, "$how, changes");
	is( $subscribers{$how}->safe_psql('postgres',
			q{SELECT count(*) FROM pg_stat_subscription_stats WHERE apply_error_count + sync_error_count > 0}),
		0, "$how: no errors");
	$subscribers{$how}->safe_psql('postgres', "DROP SUBSCRIPTION from_$how");
	$subscribers{$how}->stop;
}

# ---- a standby ----

$publisher->safe_psql('postgres', 'CREATE INDEX whole_s ON whole USING hash (s)');
$publisher->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($publisher, 'base', has_streaming => 1);
$standby->start;
$publisher->safe_psql('postgres', <<'SQL');
INSERT INTO identified SELECT segment_agg(g * i), g FROM generate_series(1, 100) AS g, generate_series(1, 200) AS i GROUP BY g;
UPDATE whole SET s = s | 99 WHERE n = 2;
INSERT INTO whole SELECT s, 9 FROM identified;
SQL
$publisher->wait_for_catchup($standby, 'replay', $publisher->lsn('flush'));
alike($standby, 'standby');
is($standby->safe_psql('postgres', <<'SQL'), 't|t', 'standby: indexes find all');
SET enable_seqscan = off;
SELECT (SELECT bool_and(EXISTS (SELECT FROM whole b WHERE b.s = a.s)) FROM whole a WHERE s IS NOT NULL),
	(SELECT bool_and(EXISTS (SELECT FROM identified b WHERE b.s = a.s)) FROM identified a)
SQL
is($standby->safe_psql('postgres', <<'SQL'), 't|{1-3}', 'standby: functions work where nothing can be written');
SELECT pg_is_in_recovery(), segment_agg(i) FROM generate_series(1, 3) AS i
SQL
$standby->stop;

# ---- a crash ----

my %before = map { $_ => $publisher->safe_psql('postgres', $checks{$_}) } sort keys %checks;
my ($in, $out, $err) = ('', '', '');
my $open = IPC::Run::start([ 'psql', '-XAtq', '-d', $publisher->connstr('postgres') ], '<', \$in, '>', \$out, '2>', \$err);
$in = "BEGIN; UPDATE whole SET s = s | 123456789; INSERT INTO keyed SELECT 'lost ' || i, i, '{1-9}' FROM generate_series(1, 1000) AS i; SELECT 'written';\n";
$open->pump until $out =~ /written/;
# committed after that, and not yet in the data files
$publisher->safe_psql('postgres', q{CHECKPOINT; INSERT INTO identified SELECT segment_agg(i::bigint << 33), 1 FROM generate_series(1, 200) AS i});
$before{identified} = $publisher->safe_psql('postgres', $checks{identified});
$publisher->stop('immediate');
eval { $open->finish };
$publisher->start;
is($publisher->safe_psql('postgres', $checks{$_}), $before{$_}, "after a crash: $_") for sort keys %checks;
is($publisher->safe_psql('postgres', <<'SQL'), 't|t', 'after a crash: indexes find all');
SET enable_seqscan = off;
SELECT (SELECT bool_and(EXISTS (SELECT FROM whole b WHERE b.s = a.s)) FROM whole a WHERE s IS NOT NULL),
	(SELECT bool_and(EXISTS (SELECT FROM identified b WHERE b.s = a.s)) FROM identified a)
SQL
$publisher->stop;
done_testing();
