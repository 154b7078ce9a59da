# Tagsets and rules in tables: dump and restore, other encodings, kill -9 with
# indexes, writers at once, parallel plans, row-level security, cancelling.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = new_server('tag', conf => <<'CONF');
autovacuum = off
max_parallel_workers_per_gather = 2
restart_after_crash = on
CONF
my $dir = $node->basedir;

# Tagsets by number, rules by number; many have something in common
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION tags_of(i int) RETURNS portrait.tagset LANGUAGE sql IMMUTABLE SET search_path = portrait AS
$$SELECT format('t%s, t%s, u.v%s.w%s=>0.%s@2026-0%s-01, age=%s, 城市=%s, seen=2026-0%s-1%s~2027-01-01%s',
	i % 10, i % 97, i % 7, i % 50, i % 9 + 1, i % 9 + 1, i % 80, (ARRAY['上海','北京','"a, ""b"""'])[i % 2 + 1],
	i % 9 + 1, i % 10, CASE WHEN i % 100 = 0 THEN ', long="' || repeat('长', 3000) || '"' ELSE '' END)::tagset$$;
CREATE FUNCTION rule_of(i int) RETURNS portrait.tagquery LANGUAGE sql IMMUTABLE SET search_path = portrait AS
$$SELECT (CASE i % 6
	WHEN 0 THEN format('t%s and t%s', i % 10, i % 97)
	WHEN 1 THEN format('age between %s and %s and not t%s', i % 80, i % 80 + 5, i % 10)
	WHEN 2 THEN format('城市 = 上海 and (u.v%s.* or t%s)', i % 7, i % 97)
	WHEN 3 THEN format('at least 2 of (t%s, t%s, age > %s)', i % 10, i % 97, i % 80)
	WHEN 4 THEN format('not t%s or weight(u.v1.w1) > 0.%s', i % 97, i % 9)
	ELSE format('seen within last %s days or segment("s%s")', i % 30, i) END)::tagquery$$;
SQL

# ---- dump and restore ----

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE customers (id int PRIMARY KEY, tags tagset, n bigint GENERATED ALWAYS AS (tag_count(tags)) STORED,
	vip boolean GENERATED ALWAYS AS (tags @@ 't1 and age > 10') STORED, CHECK (NOT tags @@ 'never'));
INSERT INTO customers SELECT i, tags_of(i) FROM generate_series(1, 5000) AS i;
INSERT INTO customers VALUES (0, NULL), (-1, '');
CREATE INDEX customers_tags ON customers USING gin (tags);
CREATE INDEX customers_some ON customers (id) WHERE tags @@ 'age between 20 and 30 and not t1';
CREATE INDEX ON customers USING hash (tags);
CREATE TABLE rules (id int PRIMARY KEY, rule tagquery UNIQUE CHECK (rule <> 'false'));
INSERT INTO rules SELECT i, rule_of(i) FROM generate_series(1, 1500) AS i ON CONFLICT DO NOTHING;
CREATE INDEX rules_rule ON rules USING gin (rule tagquery_ops (common = 't1, t2, 城市=上海'));
CREATE TABLE compiled AS SELECT tagquery_set_agg(id, rule) AS rules FROM rules;
CREATE DOMAIN adults AS tagset CHECK (NOT VALUE @@ 'age < 18');
CREATE TABLE shop (tags adults, rule tagquery DEFAULT 'vip' && 'age > 3'::tagquery, both_of tagset[]);
INSERT INTO shop VALUES ('age=20', DEFAULT, ARRAY['a', NULL, '"b, c"']::tagset[]);
CREATE VIEW matches AS SELECT c.id, r.id AS rule FROM customers AS c JOIN rules AS r ON tag_match(c.tags, r.rule) WHERE c.id % 50 = 0;
CREATE MATERIALIZED VIEW tags_together AS SELECT tag_agg('t' || id) AS tags FROM customers;
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_shanghai ON customers USING (tags @@ '城市 = 上海');
ANALYZE;
SQL
my @checks = (
	q{SELECT id, md5(tagset_send(tags)), n, vip FROM customers ORDER BY id},
	q{SELECT id, md5(tagquery_send(rule)), rule FROM rules ORDER BY id},
	q{SELECT md5(tagquery_set_send(rules)) FROM compiled},
	q{SELECT * FROM shop}, q{SELECT count(*), sum(rule), sum(id) FROM matches}, q{SELECT md5(tags::text) FROM tags_together},
	q{SELECT count(*) FROM compiled, customers, tag_percolate(rules, tags)},
	q{SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1}, q{SELECT qual FROM pg_policies});
my $everything = join ";\n", @checks;
my $expected = $node->safe_psql('postgres', $everything);

for my $format (qw(plain custom))
{
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS restored');
	$node->safe_psql('postgres', 'CREATE DATABASE restored');
	command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), "--format=$format", '-f', "$dir/dump" ], "pg_dump, $format");
	command_ok($format eq 'plain'
		? [ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$dir/dump" ]
		: [ 'pg_restore', '--exit-on-error', '-j', '2', '-d', $node->connstr('restored'), "$dir/dump" ], "restore, $format");
	is($node->safe_psql('restored', $everything), $expected, "all comes back, $format");
}
like($node->safe_psql('restored', q{ANALYZE; SET enable_seqscan = off; EXPLAIN SELECT * FROM customers WHERE tags @@ 't3 and t50'}),
	qr/Index Scan on customers_tags/, 'indexes are used after it');
for my $table (qw(customers rules compiled))
{
	is( $node->safe_psql('postgres', qq{
		COPY (SELECT } . ($table eq 'customers' ? 'id, tags' : '*') . qq{ FROM $table) TO '$dir/$table' (FORMAT binary);
		CREATE TEMP TABLE back AS SELECT } . ($table eq 'customers' ? 'id, tags' : '*') . qq{ FROM $table LIMIT 0;
		COPY back FROM '$dir/$table' (FORMAT binary);
		SELECT count(*) > 0, bool_and(b::text IS NOT DISTINCT FROM t::text)
		FROM back AS b, (SELECT } . ($table eq 'customers' ? 'id, tags' : '*') . qq{ FROM $table) AS t WHERE }
		. ($table eq 'compiled' ? 'true' : 'b.id = t.id')), 't|t', "binary COPY of $table");
}

# ---- another encoding ----

$node->safe_psql('postgres', "CREATE DATABASE euc ENCODING 'EUC_CN' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
$node->safe_psql('euc', <<'SQL');
SET client_encoding = 'UTF8';
CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait;
-- punctuation of UTF-8 is nothing special here; the bytes of "锛会" are no bracket either
CREATE TABLE texts (i int, tags tagset, rule tagquery);
INSERT INTO texts VALUES (1, '城市=上海', '城市 = 上海'), (2, '城市=上海，b', '"城市" = 上海，b'), (3, '锛会=x', '锛会 = x'),
	(4, '"（vip）", 兴趣.运动', '兴趣.*');
SQL
is($node->safe_psql('euc', q{SELECT string_agg(i::text, ',' ORDER BY i) FROM texts WHERE tags @@ rule}), '1,2,3,4', 'matching in EUC_CN');
is($node->safe_psql('euc', q{SET client_encoding = 'UTF8'; SELECT (SELECT string_agg(tags::text, ';' ORDER BY i) FROM texts), '城市，b=1'::tagset::jsonb}),
	'"城市"="上海";"城市"="上海，b";"锛会"=x;"（vip）", "兴趣.运动"|{"城市，b": 1}', 'there all but ASCII is in quotes');
$node->safe_psql('postgres', 'CREATE DATABASE from_euc');
command_ok([ 'pg_dump', '-d', $node->connstr('euc'), '-f', "$dir/euc" ], 'dump of EUC_CN');
command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('from_euc'), '-f', "$dir/euc" ], 'restore into UTF8');
is($node->safe_psql('from_euc', q{SELECT string_agg(tags::text || ' ' || rule, ';' ORDER BY i) FROM texts WHERE tags @@ rule}),
	'城市=上海 城市 = 上海;城市="上海，b" 城市 = "上海，b";锛会=x 锛会 = x;兴趣.运动, "（vip）" 兴趣.*', 'the same tags and rules in UTF8');

# ---- writers at once, and kill -9 ----

# What indexes find, and what there is; every rule, and every hundredth customer
my $by_index = <<'SQL';
SET enable_seqscan = off;
SELECT md5(string_agg(t.id || ':' || c.id, ',' ORDER BY t.id, c.id)), count(*)
FROM (SELECT * FROM rules WHERE tagquery_is_bound(rule) AND id % 7 = 0 OFFSET 0) AS t, busy AS c WHERE c.tags @@ t.rule;
SELECT md5(string_agg(t.id || ':' || r.id, ',' ORDER BY t.id, r.id)), count(*)
FROM (SELECT * FROM busy WHERE id % 100 = 0 OFFSET 0) AS t, busy_rules AS r WHERE r.rule @@ t.tags;
SQL
my $by_scan = $by_index =~ s/enable_seqscan = off/enable_indexscan = off; SET enable_bitmapscan = off/r;

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE busy (id serial PRIMARY KEY, tags tagset);
CREATE INDEX busy_tags ON busy USING gin (tags) WITH (gin_pending_list_limit = 256);
CREATE TABLE busy_rules (id serial PRIMARY KEY, rule tagquery);
CREATE INDEX busy_rules_rule ON busy_rules USING gin (rule) WITH (gin_pending_list_limit = 64);
INSERT INTO busy (tags) SELECT tags_of(i) FROM generate_series(1, 500) AS i;
INSERT INTO busy_rules (rule) SELECT rule_of(i) FROM generate_series(1, 200) AS i;
SQL
append_to_file("$dir/writer", <<'SQL');
\set i random(1, 100000)
BEGIN;
INSERT INTO busy (tags) SELECT tags_of(:i + j) FROM generate_series(1, 10) AS j;
INSERT INTO busy_rules (rule) VALUES (rule_of(:i));
UPDATE busy SET tags = tags || 'updated, age=5' WHERE id = :i % 500;
DELETE FROM busy WHERE id = (:i / 3) % 700 AND :i % 5 = 0;
END;
SELECT count(*) FROM busy WHERE tags @@ 't3 and age > 20';
SELECT gin_clean_pending_list('busy_tags') WHERE :i % 50 = 0;
SQL
for my $round (1 .. 2)
{
	my $bench = IPC::Run::start([ 'pgbench', '-n', '-c', '4', '-j', '1', '-T', '60', '-f', "$dir/writer", $node->connstr('postgres') ],
		'>', '/dev/null', '2>', "$dir/pgbench.$round");
	sleep 3;
	if ($round == 1)
	{
		# all go down with one backend, and what was in memory is gone
		my $backend = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1});
		kill 9, $backend;
		eval { $bench->finish };
		sleep 0.5;
		wait_until_up($node);
		like(slurp_file($node->logfile), qr/terminated by signal 9.*redo starts at/s, 'killed and recovered');
	}
	else
	{
		$node->safe_psql('postgres', 'VACUUM busy');
		$bench->kill_kill;
		$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()});
	}
	my $what = $round == 1 ? 'after kill -9' : 'with writers and VACUUM at once';
	my $rows = $node->safe_psql('postgres', $by_scan);
	unlike($rows, qr/\|0$/m, "there are rows, $what");
	is($node->safe_psql('postgres', $by_index), $rows, "indexes find all of them, $what");
}
like($node->safe_psql('postgres', q{SET enable_seqscan = off; EXPLAIN SELECT * FROM busy WHERE tags @@ 't3 and age > 20'}),
	qr/Index Scan on busy_tags/, 'by the index');
SKIP:
{
	skip 'gin_index_check is of 18', 1 if major($node) < 18;
	skip 'no amcheck', 1 if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'}) eq '0';
	is($node->safe_psql('postgres', <<'SQL'), "|\n|", 'amcheck finds nothing');
CREATE EXTENSION amcheck;
SELECT gin_index_check('busy_tags'), NULL;
SELECT gin_index_check('busy_rules_rule'), NULL;
SQL
}

# ---- parallel plans ----

my $parallel = <<'SQL';
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SET min_parallel_index_scan_size = 0; SET enable_indexscan = off; SET enable_bitmapscan = off;
SQL
for my $query (
	q{SELECT count(*) FROM busy WHERE tags @@ 'age > 20 and not t3'},
	q{SELECT count(*) FROM busy WHERE tag_match(tags, 'seen within last 90 days', '2026-09-01Z', 'Asia/Shanghai')},
	q{SELECT md5(tag_agg(n)::text) FROM (SELECT unnest(tag_names(tags)) AS n FROM busy) AS names},
	q{SELECT md5(tagquery_set_send(tagquery_set_agg(id, rule))) FROM busy_rules})
{
	my $serial = $node->safe_psql('postgres', "SET max_parallel_workers_per_gather = 0; $query");

	like($node->safe_psql('postgres', "$parallel EXPLAIN $query"), qr/Gather/, "parallel: $query");
	is($node->safe_psql('postgres', "$parallel $query"), $serial, 'and the same');
}

# ---- row-level security ----

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE reader LOGIN;
GRANT USAGE ON SCHEMA portrait TO reader;
CREATE TABLE ours (id int, owner text, tags tagset);
INSERT INTO ours SELECT i, CASE i % 2 WHEN 0 THEN 'reader' ELSE 'other' END, tags_of(i) FROM generate_series(1, 20000) AS i;
CREATE INDEX ours_tags ON ours USING gin (tags);
ALTER TABLE ours ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON ours USING (owner = current_user);
GRANT SELECT ON ours, rules TO reader;
ANALYZE ours;
SQL
for my $condition ("tags @@ 't1 and t50'", "tag_match(tags, 't1 and t50')")
{
	my @as_reader = (extra_params => [ '-U', 'reader' ]);

	like(($node->psql('postgres', "EXPLAIN SELECT * FROM ours WHERE $condition", @as_reader))[1],
		qr/Index Cond: \(tags @@/, "the index under row-level security: $condition");
	is(($node->psql('postgres', "SELECT count(*) FROM ours WHERE $condition", @as_reader))[1],
		$node->safe_psql('postgres', "SELECT count(*) FROM ours WHERE $condition AND owner = 'reader'"), 'and only own rows');
}

# ---- cancelling ----

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE large AS SELECT string_agg('t' || i || ' and (a' || i % 1000 || ' or not b' || i % 777 || ')', ' or ') AS rule,
	string_agg('t' || i || '=' || i, ',') AS tags FROM generate_series(1, 300000) AS i;
ALTER TABLE large ALTER COLUMN rule TYPE text;
CREATE TABLE large_values AS SELECT rule::tagquery AS rule, tags::tagset AS tags FROM large;
SQL
for my $query ('SELECT rule::tagquery FROM large', 'SELECT tags::tagset FROM large', 'SELECT rule::text FROM large_values',
	'SELECT rule::jsonb FROM large_values', 'SELECT !! rule FROM large_values', 'SELECT tagquery_implies(rule, !! rule) FROM large_values',
	q{SELECT count(*) FROM large_values, tag_explain(tags, rule)}, 'SELECT count(*) FROM large_values, tagquery_leaves(rule)',
	q{SELECT tag_match(tags, rule, '2026-09-01Z') FROM large_values}, 'SELECT tags || tags FROM large_values',
	'CREATE INDEX ON large_values USING gin (tags)', 'CREATE INDEX ON large_values USING gin (rule)',
	'SELECT tagquery_set_agg(id, rule) FROM rules, generate_series(1, 1000)',
	q{SELECT count(*) FROM customers AS a, customers AS b, compiled, tag_percolate(rules, a.tags || b.tags)})
{
	my $start = time;
	my ($status, $out, $err) = $node->psql('postgres', "SET statement_timeout = 20; $query");
	my $took = time - $start;

	cmp_ok($took, '<', 2, sprintf('within %.0f ms: %s', $took * 1000, $query));
	ok($status == 0 || $err =~ /canceling statement due to statement timeout/, 'done or cancelled') or diag($err);
}
is($node->safe_psql('postgres', q{SELECT 'a'::tagset @@ 'a'}), 't', 'the server is well');

$node->stop;
done_testing();
