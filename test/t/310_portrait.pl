# The refresh of a portrait among other sessions: two at once, cancelled, its session
# or its server killed at each of its stages, read by many, dumped and restored.
#
# An event trigger holds the refresh up in the stage that the table "hold" names: each
# stage creates or changes a table.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use Portrait;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('portrait', conf => "max_connections = 80\njit = off\nrestart_after_crash = on\nautovacuum = off\n");

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE boss LOGIN;
GRANT CREATE ON DATABASE postgres TO boss;
GRANT USAGE ON SCHEMA portrait TO boss;
CREATE TABLE hold (stage text);
GRANT SELECT ON hold TO boss;
CREATE FUNCTION hold_up() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	IF to_regclass('shop.state') IS NOT NULL THEN
		IF EXISTS (SELECT FROM shop.state JOIN public.hold ON running_stage = stage) THEN
			PERFORM pg_sleep(120);
		END IF;
	END IF;
END $$;
SQL
$node->safe_psql('postgres', <<'SQL', extra_params => [ '-U', 'boss' ]);
CREATE SCHEMA raw;
SET client_min_messages = warning;
CREATE TABLE raw.member AS SELECT * FROM portrait_demo_member(300);
CREATE TABLE raw.line AS SELECT * FROM portrait_demo_order_line(300);
CREATE TABLE raw.event AS SELECT * FROM portrait_demo_event(300);
SELECT portrait_create('shop', 'Asia/Shanghai');
SELECT portrait_source('shop', 'members', 'identity', 'SELECT card, phone, account, openid, app, unionid, device, registered AS observed_at FROM raw.member',
	'{card,phone,account@''mall'',openid@app,unionid,device}');
SELECT portrait_source('shop', 'lines', 'orders', 'SELECT * FROM raw.line', '{card,phone,account@''mall'',openid@app,unionid}',
	'{"shipped": "paid", "done": "paid", "refunded": "refund"}');
SELECT portrait_source('shop', 'clicks', 'events', 'SELECT *, happened_at AS at, product AS item FROM raw.event',
	'{card,account@''mall'',openid@app,unionid,device}');
SELECT portrait_source('shop', 'facts', 'attributes', 'SELECT card, ''gender'' AS name, gender AS value FROM raw.member');
SELECT portrait_source('shop', 'said', 'consent', 'SELECT phone, ''sms'' AS channel, true AS allowed FROM raw.member');
SQL
$node->safe_psql('postgres', q{CREATE EVENT TRIGGER hold_up ON ddl_command_end
	WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'CREATE INDEX', 'CREATE VIEW', 'ALTER TABLE') EXECUTE FUNCTION hold_up()});

my $refresh = "CALL portrait_refresh('shop', '2026-02-01 00:00+08')";

# SQL of the owner, who is no superuser; dies on errors
sub sql
{
	return $node->safe_psql('postgres', "SET client_min_messages = warning;\n$_[0]", extra_params => [ '-U', 'boss' ]);
}

# all that readers see, whatever its generation is called
sub content
{
	my ($database) = @_;
	my $tables = join ' UNION ALL ', map {
		"SELECT '$_ ' || count(*) || ' ' || coalesce(md5(string_agg(r, chr(10) ORDER BY r COLLATE \"C\")), '') FROM (SELECT (to_jsonb(t) - 'generation')::text AS r
			FROM shop.$_ AS t WHERE generation = (SELECT generation FROM shop.state)) AS x"
	} split /\n/, sql('SELECT portrait_result_tables()');

	return $node->safe_psql($database // 'postgres', $tables);
}

# what a refresh should not leave behind: tables of its own, partitions that nobody reads
sub leftovers
{
	return sql(q{SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind = 'r'
		AND (relname LIKE 'w\_%' OR relname ~ '_g[0-9]+$' AND NOT relispartition)});
}

# A refresh that is held up in a stage: its session, and its pid
sub held_up
{
	my ($stage) = @_;
	my ($in, $out, $err) = ('', '', '');
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-U', 'boss', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$out, '2>', \$err);

	$node->safe_psql('postgres', "INSERT INTO hold VALUES ('$stage')");
	$in = "\\set VERBOSITY verbose\n$refresh;\n\\echo over\n";
	$session->pump_nb;
	$node->poll_query_until('postgres',
		"SELECT EXISTS (SELECT FROM shop.v_refresh_progress JOIN pg_stat_activity USING (pid) WHERE stage = '$stage' AND wait_event = 'PgSleep')")
	  or die "the refresh does not come to stage $stage: $err";
	my $pid = $node->safe_psql('postgres', 'SELECT pid FROM shop.v_refresh_progress');
	$node->safe_psql('postgres', 'DELETE FROM hold');
	return { session => $session, in => \$in, out => \$out, err => \$err, pid => $pid };
}

sub answer
{
	my ($held) = @_;

	IPC::Run::pump($held->{session}) until ${ $held->{out} } =~ /over/ || !$held->{session}->pumpable;
	return ${ $held->{err} };
}

sql($refresh);
my $good = content();
like($good, qr/^customer [1-9]/m, 'there are customers');
is(leftovers(), '', 'a refresh leaves nothing behind');

# ---- two at once ----
my $first = held_up('orders');
my ($rc, $out, $err) = $node->psql('postgres', $refresh, extra_params => [ '-U', 'boss' ]);
isnt($rc, 0, 'the second of two fails');
like($err, qr/portrait shop is being refreshed by another session\nDETAIL:  Process $first->{pid}, stage orders\./, 'and says who is first');
($rc, $out, $err) = $node->psql('postgres', "SELECT portrait_drop('shop')", extra_params => [ '-U', 'boss' ]);
like($err, qr/is being refreshed/, 'nor is it dropped meanwhile');
is(sql("SELECT stage, done < total, as_of = '2026-02-01 00:00+08' FROM shop.v_refresh_progress"), 'orders|t|t', 'other sessions see how far it is');
is(content(), $good, 'and the last good state');

# ---- cancelled ----
$node->safe_psql('postgres', "SELECT pg_cancel_backend($first->{pid})");
$err = answer($first);
like($err, qr/ERROR:  57014: canceling statement due to user request/, 'a cancel ends it');
is(sql("SELECT outcome, message FROM shop.refresh_log WHERE stage = 'orders' ORDER BY id DESC LIMIT 1"),
	'failed|canceling statement due to user request', 'which is logged');
is(sql('SELECT count(*) FROM shop.v_refresh_progress'), '0', 'nothing runs');
is(leftovers(), '', 'what was built is dropped');
sql($refresh);
is(content(), $good, 'another session refreshes while the first one is still there');
${ $first->{out} } = '';
${ $first->{in} } .= "$refresh;\n\\echo over\n";
${ $first->{err} } = '';
unlike(answer($first), qr/ERROR/, 'and so does the first one');
$first->{session}->finish;

my $timed = "SET statement_timeout = '300ms'; SET client_min_messages = warning;";
$node->safe_psql('postgres', "INSERT INTO hold VALUES ('value')");
($rc, $out, $err) = $node->psql('postgres', "SET statement_timeout = '1s';\n$refresh;", extra_params => [ '-U', 'boss' ]);
like($err, qr/canceling statement due to statement timeout/, 'a timeout ends it too');
$node->safe_psql('postgres', 'DELETE FROM hold');
is(leftovers(), '', 'and leaves nothing behind');

# ---- its session ends, its server crashes ----
my $ended = held_up('identity');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($ended->{pid})");
answer($ended);
$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $ended->{pid})");
is(sql('SELECT count(*) FROM shop.v_refresh_progress'), '0', 'no session, no refresh');
sql($refresh);
is(content(), $good, 'the next one succeeds');
is(sql("SELECT count(*) FROM shop.refresh_log WHERE outcome = 'running'"), '0', 'the log says what became of the first');

for my $stage (qw(clean read identity orders events attributes consent value index attach))
{
	my $held = held_up($stage);

	kill 'KILL', $held->{pid};
	answer($held);
	wait_until_up($node);
	is(content(), $good, "killed in stage $stage: the last good state is there");
	sql($refresh);
	is(content(), $good, "killed in stage $stage: the next refresh succeeds");
	is(leftovers(), '', "killed in stage $stage: nothing is left");
}
my $held = held_up('value');
$node->stop('immediate');
answer($held);
$node->start;
is(content(), $good, 'stopped in the middle: the last good state is there');
sql($refresh);
is(content(), $good, 'stopped in the middle: the next refresh succeeds');

# ---- dumped and restored ----
$node->safe_psql('postgres', 'DROP EVENT TRIGGER hold_up');
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xqv', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('restored') ], 'restore');
is(content('restored'), $good, 'the restored portrait is the same');
$node->safe_psql('restored', "SET client_min_messages = warning;\n$refresh", extra_params => [ '-U', 'boss' ]);
is(content('restored'), $good, 'and is refreshed by its owner');

# ---- read by many ----
#
# Each generation has other customers and orders than the one before.  A reader who saw a
# mixture would write down a generation with figures of another one.
$node->safe_psql('postgres', 'CREATE TABLE seen (generation bigint, customers bigint, identifiers bigint, customers_of_identifiers bigint, orders numeric, recent bigint)');
my $script = $node->basedir . '/reader.sql';
append_to_file($script, <<'SQL');
\sleep 20 ms
INSERT INTO seen SELECT s.generation, (SELECT count(*) FROM shop.v_customer),
	(SELECT count(*) FROM shop.identifier AS i WHERE i.generation = s.generation),
	(SELECT count(DISTINCT customer) FROM shop.identifier AS i WHERE i.generation = s.generation),
	(SELECT sum(orders) FROM shop.v_customer),
	(SELECT count(*) FROM shop.customer_recent AS r WHERE r.generation = s.generation AND kind = 'order')
FROM shop.state AS s;
SQL
my ($pgbench_out, $pgbench_err) = ('', '');
my $pgbench = IPC::Run::start([ 'pgbench', '-n', '-c', '50', '-j', '2', '-T', '15', '-f', $script, $node->connstr('postgres') ],
	'>', \$pgbench_out, '2>', \$pgbench_err);
for (my $round = 1; $pgbench->pumpable && $round < 16; $round++)
{
	$pgbench->pump_nb;
	sql("DELETE FROM raw.member WHERE left(md5(member || $round), 1) = '0'; DELETE FROM raw.line WHERE left(md5(order_id || $round), 1) = '0';\n$refresh");
}
$pgbench->finish;
like($pgbench_out, qr/number of failed transactions: 0/, 'no reader fails') or diag($pgbench_err);
my $seen = $node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT generation) FROM seen');
my ($reads, $generations) = split /\|/, $seen;
cmp_ok($generations, '>', 3, "$reads reads see $generations generations");
is($node->safe_psql('postgres', 'SELECT * FROM (SELECT DISTINCT * FROM seen) AS s WHERE customers <> customers_of_identifiers
	OR generation IN (SELECT generation FROM (SELECT DISTINCT * FROM seen) AS d GROUP BY generation HAVING count(*) > 1)'), '',
	'each sees a whole one');

# a reader who holds on to what is to be dropped delays nobody
my ($in, $reader_out) = ("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT sum(orders) FROM shop.v_customer;\n", '');
my $reader = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$reader_out);
$reader->pump until $reader_out =~ /\d/;
sql("DELETE FROM raw.line WHERE left(md5(order_id), 1) = '1';\n$refresh");
sql($refresh);
is(sql("SELECT count(*) > 0 FROM shop.refresh_log WHERE outcome = 'skipped' AND stage = 'clean'"), 't', 'the generation that it reads stays');
my $before = $reader_out;
$reader_out = '';
$in = "SELECT sum(orders) FROM shop.v_customer;\n";
$reader->pump until $reader_out =~ /\d/;
is($reader_out, $before, 'and it reads the same again');
$in = "COMMIT;\n\\q\n";
$reader->finish;
sql($refresh);
is(sql('SELECT count(DISTINCT generation) FROM shop.customer'), '2', 'until it ends');

done_testing();
