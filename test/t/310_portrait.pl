# The refresh of a portrait among other sessions: two at once, cancelled, its session
# or its server killed at ten of its steps, read by many, dumped and restored.
#
# Triggers hold the refresh up in the step that the table "hold" names: each creates or
# changes a table.  There are two worlds, whose orders differ, and each has its moment: a
# refresh brings the portrait from one to the other, and what it is in either is known
# from refreshes that nobody disturbed.
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
CREATE TABLE hold (step text);
GRANT SELECT ON hold TO boss;
CREATE FUNCTION held() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF to_regclass('shop.state') IS NOT NULL THEN
		IF EXISTS (SELECT FROM shop.state JOIN public.hold ON step IN (running_stage, concat_ws(' ', running_stage, running_subject))) THEN
			PERFORM pg_sleep(120);
		END IF;
	END IF;
END $$;
CREATE FUNCTION hold_up() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public.held(); END';
CREATE FUNCTION hold_up_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public.held(); RETURN new; END';
SQL
$node->safe_psql('postgres', <<'SQL', extra_params => [ '-U', 'boss' ]);
CREATE SCHEMA raw;
SET client_min_messages = warning;
CREATE TABLE raw.world AS SELECT 1 AS world;
CREATE TABLE raw.member AS SELECT * FROM portrait_demo_member(200);
CREATE TABLE raw.line AS SELECT * FROM portrait_demo_order_line(200);
CREATE TABLE raw.event AS SELECT * FROM portrait_demo_event(200);
SELECT portrait_create('shop', 'Asia/Shanghai');
-- who is who is the same in both worlds
SELECT portrait_source('shop', 'members', 'identity', 'SELECT card, phone, account, openid, app, unionid, device, registered AS observed_at FROM raw.member
	UNION ALL SELECT card, phone, account, openid, app, unionid, NULL, NULL FROM raw.line', '{card,phone,account@''mall'',openid@app,unionid,device}');
SELECT portrait_source('shop', 'lines', 'orders', $$SELECT l.* FROM raw.line AS l, raw.world WHERE world = 1 OR left(md5(order_id), 1) < 'c'$$,
	'{card,phone,account@''mall'',openid@app,unionid}', '{"shipped": "paid", "done": "paid", "refunded": "refund"}');
SELECT portrait_source('shop', 'clicks', 'events', 'SELECT *, happened_at AS at, product AS item FROM raw.event',
	'{card,account@''mall'',openid@app,unionid,device}');
SELECT portrait_source('shop', 'facts', 'attributes', 'SELECT card, a.name, a.value FROM raw.member,
	LATERAL (VALUES (''gender'', gender), (''region'', city), (''birth_year'', birth_year::text)) AS a(name, value)');
SELECT portrait_source('shop', 'said', 'consent', 'SELECT phone, ''sms'' AS channel, right(phone, 1) < ''8'' AS allowed FROM raw.member');
SELECT portrait_retail_tags('shop');
SELECT portrait_tag('shop', 'likes', 'SELECT customer, product AS value, least(1, count(*) / 10.0) AS weight, max(paid_at) AS set_at FROM w_line
	WHERE product IS NOT NULL GROUP BY customer, product', multiple => true, half_life => '30 days');
SELECT portrait_tag('shop', 'tier', rules => ARRAY[['gold', 'spend_365d >= 1000'], ['silver', 'spend_365d > 0'], ['none', 'true']]);
SELECT portrait_tag('shop', 'badge', rules => ARRAY[['rich', 'tier = gold'], ['often', 'orders_ever >= 5']], multiple => true);
SELECT portrait_segment('shop', 'ripe', 'tier = gold and orders_ever >= 2');
SELECT portrait_segment('shop', 'ripe women', 'segment("ripe") and gender = female');
SELECT portrait_segment('shop', 'others', 'not segment("ripe women") and badge = often');
-- another one beside it: who has one of two things has not the other, and n tells of whose turn all are
CREATE TABLE raw.turn AS SELECT 1::bigint AS n;
SELECT portrait_create('live', 'Asia/Shanghai');
SELECT portrait_source('live', 'members', 'identity', 'SELECT card, phone, account, openid, app, unionid, device, registered AS observed_at FROM raw.member, raw.turn
	WHERE n = 1 OR left(md5(member || n), 1) <> ''0''', '{card,phone,account@''mall'',openid@app,unionid,device}');
SELECT portrait_source('live', 'lines', 'orders', 'SELECT * FROM raw.line, raw.turn WHERE left(md5(order_id || n), 1) <> ''0''', '{card,phone,account@''mall'',openid@app,unionid}',
	'{"shipped": "paid", "done": "paid", "refunded": "refund"}');
SELECT portrait_tag('live', 'a', 'SELECT customer, (customer + n) % 2 AS value FROM w_customer, raw.turn'),
	portrait_tag('live', 'b', 'SELECT customer, ''b'' || (customer + n + 1) % 2 AS value FROM w_customer, raw.turn'),
	portrait_tag('live', 'n', 'SELECT customer, n AS value FROM w_customer, raw.turn'),
	portrait_tag('live', 'own', 'SELECT customer, n * 1000000 + customer AS value FROM w_customer, raw.turn');
SELECT portrait_segment('live', 's_a', 'a = 1'), portrait_segment('live', 's_b', 'b = b1');
SELECT portrait_segment('live', 's_none', 'segment("s_a") and b = b1'), portrait_segment('live', 's_all', 'a = 1 or segment("s_b")');
SQL
$node->safe_psql('postgres', q{CREATE EVENT TRIGGER hold_up ON ddl_command_end
	WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'CREATE INDEX', 'CREATE VIEW', 'ALTER TABLE') EXECUTE FUNCTION hold_up();
	CREATE TRIGGER hold_up BEFORE UPDATE OF next_customer ON shop.state FOR EACH ROW EXECUTE FUNCTION hold_up_row()});

# SQL of the owner, who is no superuser; dies on errors
sub sql
{
	return $node->safe_psql('postgres', "SET client_min_messages = warning;\n$_[0]", extra_params => [ '-U', 'boss' ]);
}

# the same, which may fail
sub attempt
{
	return $node->psql('postgres', "\\set VERBOSITY verbose\nSET client_min_messages = warning;\n$_[0]", extra_params => [ '-U', 'boss' ]);
}

sub refresh
{
	my ($world) = @_;
	return "UPDATE raw.world SET world = $world;\nCALL portrait_refresh('shop', '" . ($world == 1 ? '2026-02-01' : '2026-02-15') . " 00:00+08')";
}

# all that readers see, whatever its generation is called
sub content
{
	my ($database) = @_;
	my @queries = map { [ $_, "SELECT (to_jsonb(t) - 'generation')::text AS r FROM shop.$_ AS t WHERE generation = (SELECT generation FROM shop.state)" ] }
	  split /\n/, sql('SELECT portrait_result_tables()');

	push @queries, map { [ $_, "SELECT to_jsonb(t)::text AS r FROM shop.$_ AS t" ] } qw(v_segment v_segment_history v_tag_coverage v_source_overlap);
	push @queries, [ 'cards', q{SELECT portrait_card('shop', customer)::text AS r FROM shop.v_customer WHERE customer % 8 = 0} ];
	push @queries, [ 'counts', q{SELECT rule || portrait_count('shop', rule) AS r FROM unnest(ARRAY['true', 'segment("ripe women")', 'spend_365d > 500 and badge = often',
		'tier = gold or lifecycle.stage = active', 'weight(likes) > 0.1', 'not segment("others") and gender is known']) AS rule} ];
	push @queries, [ 'reach', q{SELECT to_jsonb(t)::text AS r FROM portrait_reach('shop', 'segment("others")', 'sms') AS t} ];
	return $node->safe_psql($database // 'postgres', join ' UNION ALL ', map {
		"SELECT '$_->[0] ' || count(*) || ' ' || coalesce(md5(string_agg(r, chr(10) ORDER BY r COLLATE \"C\")), '') FROM ($_->[1]) AS x"
	} @queries);
}

# what a refresh should not leave behind: tables of its own, generations that nobody reads any more
sub leftovers
{
	return sql(q{SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind = 'r'
		AND (relname LIKE 'w\_%' OR relname ~ '_g[0-9]+$' AND NOT relispartition)});
}

sub generations
{
	return sql(q{SELECT count(DISTINCT substring(relname FROM '_g([0-9]+)$')) FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind = 'r'});
}

# A refresh that is held up in a step: its session, and its pid
sub held_up
{
	my ($step, $world) = @_;
	my ($in, $out, $err) = ('', '', '');
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-U', 'boss', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$out, '2>', \$err);

	$node->safe_psql('postgres', "INSERT INTO hold VALUES ('$step')");
	$in = "\\set VERBOSITY verbose\n" . refresh($world) . ";\n\\echo over\n";
	$session->pump_nb;
	$node->poll_query_until('postgres',
		"SELECT EXISTS (SELECT FROM shop.v_refresh_progress JOIN pg_stat_activity USING (pid) JOIN hold ON step IN (stage, concat_ws(' ', stage, subject)) WHERE wait_event = 'PgSleep')")
	  or die "the refresh does not come to $step: $err";
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

# From the second time on either world is what it was before, but for numbers of generations
my %good;
for my $world (1, 2, 1, 2)
{
	sql(refresh($world));
	$good{$world} = content();
}
my $world = 2;
sub other { return 3 - $world }
like($good{1}, qr/^customer [1-9]\d/m, 'there are customers');
like($good{1}, qr/^tag_range [1-9]\d/m, 'with tags');
like($good{1}, qr/^segment_since [1-9]/m, 'and in segments');
my %lines = map { ($_ => { map { /^(\w+) (.*)/ } split /\n/, $good{$_} }) } 1, 2;
isnt($lines{1}{$_}, $lines{2}{$_}, "$_ tells the worlds apart") for qw(customer_value tag_member tag_value segment_member segment_since v_segment cards counts);
is($lines{1}{customer_member}, $lines{2}{customer_member}, 'which have the same customers');
is(leftovers(), '', 'a refresh leaves nothing behind');
is(generations(), 2, 'but the generation before');
is(sql("SELECT DISTINCT stage, subject, message FROM shop.refresh_log WHERE outcome = 'failed'"), '', 'nothing failed');

# the same once more: no table has other rows than before, but those that tell of refreshes
my $declared = q{SELECT md5(string_agg(r, chr(10) ORDER BY r COLLATE "C")) FROM (
	SELECT 'source' || to_jsonb(t)::text AS r FROM shop.source AS t UNION ALL SELECT 'tag' || to_jsonb(t)::text FROM shop.tag AS t UNION ALL SELECT 'label' || to_jsonb(t)::text FROM shop.tag_label AS t
	UNION ALL SELECT 'segment' || to_jsonb(t)::text FROM shop.segment_def AS t UNION ALL SELECT 'merge' || to_jsonb(t)::text FROM shop.customer_merge AS t
	UNION ALL SELECT 'audience' || to_jsonb(t)::text FROM shop.audience_log AS t UNION ALL SELECT 'state' || (to_jsonb(t) - 'generation')::text FROM shop.state AS t) AS x};
my $declared_before = sql($declared);
sql(refresh($world));
is(content(), $good{$world}, 'the same refresh again changes nothing');
is(sql($declared), $declared_before, 'nor what is declared');

# ---- two at once ----
my $first = held_up('orders', $world);
my ($rc, $out, $err) = attempt("CALL portrait_refresh('shop', '2026-02-01 00:00+08')");
isnt($rc, 0, 'the second of two fails');
like($err, qr/ERROR:  55P03: portrait shop is being refreshed by another session\nDETAIL:  Process $first->{pid}, stage orders\./, 'and says who is first');
($rc, $out, $err) = attempt("SELECT portrait_drop('shop')");
like($err, qr/ERROR:  55P03: .*is being refreshed/, 'nor is it dropped meanwhile');
is(sql("SELECT stage, done < total, as_of = '2026-02-15 00:00+08' FROM shop.v_refresh_progress"), 'orders|t|t', 'other sessions see how far it is');
is(content(), $good{$world}, 'and the last good state');
sql("CALL portrait_refresh('live', '2026-02-01 00:00+08')");
is(sql("SELECT count(*) FROM shop.v_refresh_progress AS s, live.v_refresh_progress AS l"), '0', 'another portrait is refreshed beside it');
is(sql("SELECT portrait_count('live', 'true') > 50"), 't', 'and asked');
is(sql('SELECT count(*) FROM shop.v_refresh_progress'), '1', 'while the first goes on');
($rc, $out, $err) = attempt("BEGIN;\nCALL portrait_refresh('live', '2026-02-01 00:00+08');");
like($err, qr/ERROR:  25001: /, 'in a transaction it fails');

# ---- cancelled ----
$node->safe_psql('postgres', "SELECT pg_cancel_backend($first->{pid})");
$err = answer($first);
like($err, qr/ERROR:  57014: canceling statement due to user request/, 'a cancel ends it');
is(sql("SELECT outcome, message FROM shop.refresh_log WHERE stage = 'orders' ORDER BY id DESC LIMIT 1"),
	'failed|canceling statement due to user request', 'which is logged');
is(sql('SELECT count(*) FROM shop.v_refresh_progress'), '0', 'nothing runs');
is(leftovers(), '', 'what was built is dropped');
sql(refresh($world));
is(content(), $good{$world}, 'another session refreshes while the first one is still there');
${ $first->{out} } = '';
${ $first->{in} } .= refresh($world) . ";\n\\echo over\n";
${ $first->{err} } = '';
unlike(answer($first), qr/ERROR/, 'and so does the first one');
$first->{session}->finish;

for my $step ('read lines', 'tag tier', 'index', 'segment ripe women', 'attach', 'publish')
{
	my $held = held_up($step, other());

	$node->safe_psql('postgres', "SELECT pg_cancel_backend($held->{pid})");
	like(answer($held), qr/ERROR:  57014: /, "cancelled in $step: an error");
	is(content(), $good{$world}, "cancelled in $step: the last good state is there");
	is(leftovers(), '', "cancelled in $step: nothing is left");
	$held->{session}->finish;
}
$node->safe_psql('postgres', "INSERT INTO hold VALUES ('value')");
($rc, $out, $err) = attempt("SET statement_timeout = '1500ms';\n" . refresh(other()));
like($err, qr/ERROR:  57014: canceling statement due to statement timeout/, 'a timeout ends it too');
$node->safe_psql('postgres', 'DELETE FROM hold');
is(content(), $good{$world}, 'which leaves the last good state');
is(leftovers(), '', 'and nothing behind');
sql(refresh($world = other()));
is(content(), $good{$world}, 'the next refresh succeeds');
is(generations(), 2, 'and cleans up');

# ---- its session ends, its server crashes ----
my $ended = held_up('identity', $world);
$node->safe_psql('postgres', "SELECT pg_terminate_backend($ended->{pid})");
answer($ended);
$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $ended->{pid})");
is(sql('SELECT count(*) FROM shop.v_refresh_progress'), '0', 'no session, no refresh');
sql(refresh($world));
is(content(), $good{$world}, 'the next one succeeds');
is(sql("SELECT count(*) FROM shop.refresh_log WHERE outcome = 'running'"), '0', 'the log says what became of the first');

for my $step ('clean', 'read clicks', 'identity', 'orders', 'value', 'tag tier', 'index', 'segment ripe women', 'attach', 'publish')
{
	my $held = held_up($step, other());

	kill 'KILL', $held->{pid};
	answer($held);
	wait_until_up($node);
	is(content(), $good{$world}, "killed in $step: the last good state is there");
	sql(refresh($world = other()));
	is(content(), $good{$world}, "killed in $step: the next refresh succeeds");
	is(leftovers(), '', "killed in $step: nothing is left");
	is(generations(), 2, "killed in $step: no generation is");
}
my $held = held_up('tag likes', other());
$node->stop('immediate');
answer($held);
$node->start;
is(content(), $good{$world}, 'stopped in the middle: the last good state is there');
sql(refresh($world = other()));
is(content(), $good{$world}, 'stopped in the middle: the next refresh succeeds');

# ---- dumped and restored ----
$node->safe_psql('postgres', 'DROP EVENT TRIGGER hold_up; DROP TRIGGER hold_up ON shop.state');
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xqv', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('restored') ], 'restore');
is(content('restored'), $good{$world}, 'the restored portrait is the same');
for my $next (3 - $world, $world)
{
	$node->safe_psql('restored', "SET client_min_messages = warning;\n" . refresh($next), extra_params => [ '-U', 'boss' ]);
	is(content('restored'), $good{$next}, 'and is refreshed by its owner');
}

# ---- read by many ----
#
# Each generation has other customers and orders than the one before, a and b of each customer
# change, and n and own with them.  A reader who sees a mixture writes down what is wrong, or a
# generation with figures of another one.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE seen (generation bigint, n double precision, customers bigint, identifiers bigint, customers_of_identifiers bigint, orders numeric, recent bigint);
CREATE TABLE wrong (what text, detail text);
CREATE TABLE looked (what text);
SQL
my %scripts = (
	seen => <<'SQL',
INSERT INTO seen SELECT s.generation, (SELECT max(number) FROM live.v_customer_tag WHERE tag = 'n'), (SELECT count(*) FROM live.v_customer),
	(SELECT count(*) FROM live.identifier AS i WHERE i.generation = s.generation),
	(SELECT count(DISTINCT customer) FROM live.identifier AS i WHERE i.generation = s.generation),
	(SELECT sum(orders) FROM live.v_customer),
	(SELECT count(*) FROM live.customer_recent AS r WHERE r.generation = s.generation AND kind = 'order')
FROM live.state AS s;
SQL
	count => <<'SQL',
INSERT INTO wrong SELECT 'count', c::text FROM (SELECT portrait_count('live', 'a = 1 and b = b1') AS none, portrait_count('live', 'a = 1 and segment("s_b")') AS none_too,
	portrait_count('live', 'a = 1') AS a, live.customer_count('segment("s_b")') AS b, portrait_count('live', 'true') AS every,
	portrait_count('live', 'own >= 1000000') AS own, portrait_count('live', 'own >= value(n)') AS pair OFFSET 0) AS c
WHERE none <> 0 OR none_too <> 0 OR a + b <> every OR own <> every OR pair <> every OR every = 0;
SQL
	card => <<'SQL',
\set c random(1, 100)
WITH card AS MATERIALIZED (SELECT portrait_card('live', :c) AS card),
tag AS (SELECT t ->> 'tag' AS tag, t ->> 'value' AS value FROM card, jsonb_array_elements(card -> 'tags') AS t),
segment AS (SELECT s ->> 'segment' AS name FROM card, jsonb_array_elements(card -> 'segments') AS s)
INSERT INTO wrong SELECT 'card', card::text FROM card, (SELECT max(value) FILTER (WHERE tag = 'a') AS a, max(value) FILTER (WHERE tag = 'b') AS b,
	max(value) FILTER (WHERE tag = 'n')::bigint AS n, max(value) FILTER (WHERE tag = 'own')::bigint AS own, count(*) AS tags FROM tag) AS t
WHERE card IS NOT NULL AND (tags <> 4 OR (a = '1') = (b = 'b1') OR own <> 1000000 * n + (card ->> 'customer')::bigint
	OR (SELECT string_agg(name, ' ' ORDER BY name) FROM segment) <> CASE WHEN a = '1' THEN 's_a s_all' ELSE 's_all s_b' END);
SQL
	v_segment => <<'SQL',
INSERT INTO wrong SELECT 'v_segment', s::text FROM (SELECT max(size) FILTER (WHERE name = 's_a') AS a, max(size) FILTER (WHERE name = 's_b') AS b,
	max(size) FILTER (WHERE name = 's_all') AS every, max(size) FILTER (WHERE name = 's_none') AS none, max(share) AS share FROM live.v_segment) AS s
WHERE (a + b = every AND none = 0 AND share = 1) IS NOT TRUE;
SQL
	v_customer_tag => <<'SQL',
\set c random(1, 100)
INSERT INTO wrong SELECT 'v_customer_tag', t::text FROM (SELECT max(value) FILTER (WHERE tag = 'a') AS a, max(value) FILTER (WHERE tag = 'b') AS b,
	max(number) FILTER (WHERE tag = 'n') AS n, max(number) FILTER (WHERE tag = 'own') AS own, count(*) AS tags FROM live.v_customer_tag WHERE customer = :c) AS t
WHERE tags > 0 AND (tags = 4 AND (a = '1') <> (b = 'b1') AND own = 1000000 * n + :c) IS NOT TRUE;
INSERT INTO wrong SELECT 'v_customer_tag by tag', t::text FROM (SELECT count(*) FILTER (WHERE tag = 'a') AS a, count(*) FILTER (WHERE tag = 'b') AS b,
	count(DISTINCT number) FILTER (WHERE tag = 'n') AS n FROM live.v_customer_tag WHERE tag IN ('a', 'b', 'n')) AS t
WHERE a <> b OR n <> 1;
SQL
	v_segment_customer => <<'SQL',
INSERT INTO wrong SELECT 'v_segment_customer', s::text FROM (SELECT count(*) FILTER (WHERE segment = 's_a') AS a, count(*) FILTER (WHERE segment = 's_b') AS b,
	count(*) FILTER (WHERE segment = 's_all') AS every, count(*) FILTER (WHERE segment = 's_none') AS none, count(DISTINCT customer) AS customers,
	(SELECT count(*) FROM live.v_customer) AS there FROM live.v_segment_customer) AS s
WHERE a + b <> every OR none <> 0 OR customers <> every OR there <> every;
SQL
	several => <<'SQL',
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT portrait_count('live', 'a = 1') AS a, generation AS g FROM live.state \gset
SELECT size AS b FROM live.v_segment WHERE name = 's_b' \gset
INSERT INTO wrong SELECT 'several', format('%s %s %s %s', :g, :a, :b, count(*)) FROM live.v_customer HAVING count(*) <> :a + :b;
COMMIT;
SQL
	functions => <<'SQL',
INSERT INTO wrong SELECT 'functions', f::text FROM (SELECT (SELECT customers FROM live.partition('a') WHERE value = '1') AS a, (SELECT customers FROM live.partition('b') WHERE value = 'b1') AS b,
	(SELECT common FROM live.overlap('{s_a,s_b}')) AS common, (SELECT size_a + size_b FROM live.overlap('{s_a,s_b}')) AS every,
	(SELECT max(customers) FROM live.reach('true')) AS reached, live.customer_count('true') AS all_of_them) AS f
WHERE (a + b = every AND common = 0 AND every = all_of_them AND reached <= every) IS NOT TRUE;
SQL
);
my @files;
for my $name (sort keys %scripts)
{
	append_to_file($node->basedir . "/$name.sql", "\\sleep 100 ms\n$scripts{$name}INSERT INTO looked VALUES ('$name');\n");
	push @files, '-f', $node->basedir . "/$name.sql";
}
my ($pgbench_out, $pgbench_err) = ('', '');
my $pgbench = IPC::Run::start([ 'pgbench', '-n', '-c', '50', '-j', '2', '-T', '600', @files, $node->connstr('postgres') ],
	'>', \$pgbench_out, '2>', \$pgbench_err);
$node->poll_query_until('postgres', 'SELECT count(*) > 100 FROM looked');
for (1 .. 6)
{
	sql("UPDATE raw.turn SET n = n + 1;\nCALL portrait_refresh('live', '2026-02-01 00:00+08')");
	$pgbench->pump_nb;
}
ok($pgbench->pumpable, 'readers read on');
$pgbench->kill_kill;
unlike($pgbench_err, qr/ERROR|aborted/, 'none fails');
my ($reads, $generations) = split /\|/, $node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM looked), count(DISTINCT generation) FROM seen');
cmp_ok($generations, '>', 4, "$reads reads see $generations generations");
is($node->safe_psql('postgres', 'SELECT string_agg(what, \' \' ORDER BY what) FROM (SELECT DISTINCT what FROM looked) AS l'), join(' ', sort keys %scripts), 'of all kinds');
is($node->safe_psql('postgres', 'SELECT * FROM wrong LIMIT 5'), '', 'none sees a mixture');
is($node->safe_psql('postgres', 'SELECT * FROM (SELECT DISTINCT * FROM seen) AS s WHERE customers <> customers_of_identifiers
	OR generation IN (SELECT generation FROM (SELECT DISTINCT * FROM seen) AS d GROUP BY generation HAVING count(*) > 1)'), '',
	'each sees a whole one');

# a reader who holds on to what is to be dropped delays nobody
my $refresh = "UPDATE raw.turn SET n = n + 1;\nCALL portrait_refresh('live', '2026-02-01 00:00+08')";
my ($in, $reader_out) = ("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT sum(orders) FROM live.v_customer;\n", '');
my $reader = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$reader_out);
$reader->pump until $reader_out =~ /\d/;
sql($refresh);
sql($refresh);
is(sql("SELECT count(*) > 0 FROM live.refresh_log WHERE outcome = 'skipped' AND stage = 'clean'"), 't', 'the generation that it reads stays');
my $before = $reader_out;
$reader_out = '';
$in = "SELECT sum(orders) FROM live.v_customer;\n";
$reader->pump until $reader_out =~ /\d/;
is($reader_out, $before, 'and it reads the same again');
$in = "COMMIT;\n\\q\n";
$reader->finish;
sql($refresh);
is(sql('SELECT count(DISTINCT generation) FROM live.customer'), '2', 'until it ends');

done_testing();
