# Whoever owns a database may install portrait in it; nobody sees or does more
# by it than he may otherwise.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Portrait;
use Test::More;

my $node = new_server('privileges', bare => 1);
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE owner LOGIN;
CREATE ROLE analyst LOGIN;
CREATE ROLE stranger LOGIN;
CREATE ROLE boss NOLOGIN;
GRANT boss TO analyst;
CREATE DATABASE shop OWNER owner;
SQL

sub as_role
{
	my ($role, $sql) = @_;
	my ($status, $out, $err) = $node->psql('shop', $sql, extra_params => [ '-U', $role ]);

	# what the server says, without the client's lines around it
	my ($error) = $err =~ /ERROR:\s+(.*)/;
	return $error ? "ERROR: $error" : $out;
}

# ---- installing ----

is(as_role('analyst', 'CREATE EXTENSION portrait'), 'ERROR: permission denied to create extension "portrait"',
	'a role that may not create in the database may not install');
is(as_role('owner', 'CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait'), '', 'its owner may');
is($node->safe_psql('shop', q{SELECT extname, extowner::regrole, extnamespace::regnamespace, extrelocatable FROM pg_extension WHERE extname = 'portrait'}),
	'portrait|owner|portrait|f', 'and it is his');
is($node->safe_psql('shop', <<'SQL'), '0', 'no function runs with the rights of another than its caller');
SELECT count(*) FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'portrait' WHERE p.prosecdef
SQL
is(as_role('owner', 'DROP EXTENSION portrait; DROP SCHEMA portrait; CREATE SCHEMA "Other schema"; CREATE EXTENSION portrait SCHEMA "Other schema"; '
		. q{SELECT '{1,2}'::"Other schema".segment OPERATOR("Other schema".|) '{3}'}), '{1-3}', 'any schema will do');
is(as_role('owner', 'DROP EXTENSION IF EXISTS portrait; CREATE SCHEMA portrait; CREATE EXTENSION portrait SCHEMA portrait'), '', 'and again');

# ---- schema ----

is(as_role('owner', <<'SQL'), '', 'data');
SET search_path = portrait;
CREATE TABLE public.audience AS SELECT i AS id, portrait.segment_agg(i * k) AS s
	FROM generate_series(1, 5) AS i, generate_series(1, 3000) AS k GROUP BY i;
CREATE TABLE public.orders AS SELECT i::bigint AS customer_id, CASE WHEN i % 2 = 0 THEN 'analyst' ELSE 'owner' END AS region
	FROM generate_series(1, 20000) AS i;
ALTER TABLE public.orders ADD PRIMARY KEY (customer_id);
ANALYZE;
GRANT SELECT ON public.audience, public.orders TO PUBLIC;
SQL
for my $query (
	"SELECT '{1}'::portrait.segment",
	"SELECT portrait.segment_count('{1}')",
	'SELECT portrait.segment_agg(1::bigint)',
	'SELECT id FROM public.audience WHERE s OPERATOR(portrait.@>) 5::bigint',
	"SELECT ARRAY[1]::portrait.segment",
	"CREATE TEMP TABLE t (s portrait.segment)")
{
	is(as_role('stranger', $query), 'ERROR: permission denied for schema portrait', "without USAGE: $query");
}
# without the schema's name the type's own functions still print what may be selected
is(as_role('stranger', 'SELECT left(s::text, 8) FROM public.audience WHERE id = 1'), '{1-3000}', 'what he may select, he may read');
like(as_role('stranger', 'SELECT segment_count(s) FROM public.audience'), qr/^ERROR: function segment_count\(portrait.segment\) does not exist/, 'and no more');
as_role('owner', 'GRANT USAGE ON SCHEMA portrait TO analyst, boss');
is(as_role('analyst', 'SELECT portrait.segment_count(s) FROM public.audience WHERE id = 1'), '3000', 'with USAGE');
$node->safe_psql('shop', 'REVOKE EXECUTE ON FUNCTION portrait.segment_members(portrait.segment) FROM PUBLIC');
is(as_role('analyst', q{SELECT portrait.segment_members('{1}')}), 'ERROR: permission denied for function segment_members', 'functions can be taken away');
$node->safe_psql('shop', 'GRANT EXECUTE ON FUNCTION portrait.segment_members(portrait.segment) TO PUBLIC');
is(as_role('analyst', 'DROP FUNCTION portrait.segment_count(portrait.segment)'), 'ERROR: must be owner of function portrait.segment_count', 'others own nothing');
is(as_role('analyst', 'CREATE TYPE portrait.mine AS (a int)'), 'ERROR: permission denied for schema portrait', 'nor may they add to it');
is(as_role('analyst', q{CREATE AGGREGATE pg_temp.mine(bigint) (SFUNC = portrait.segment_agg_transition, STYPE = portrait.segment);
	SELECT pg_temp.mine(i)::text FROM generate_series(1, 3) AS i}), '{1-3}', 'but they may build on it');

# ---- callers of all kinds ----

# one query that uses operators, casts, aggregates and set-returning functions
my $query = q{SELECT portrait.segment_count(portrait.segment_union_agg(s OPERATOR(portrait.&) '{1-100}')),
	(SELECT sum(m) FROM portrait.segment_members('{1-3}') AS m), ARRAY[1,2]::portrait.segment, (ARRAY[3]::portrait.segment)::bigint[],
	(SELECT count(*) FROM public.orders WHERE customer_id OPERATOR(portrait.<@) '{5-7}'::portrait.segment),
	count(DISTINCT s), bool_and(portrait.segment_sample(s, 1, 'x') OPERATOR(portrait.<@) s::text::portrait.segment)
	FROM public.audience};
my $answer = '100|6|{1,2}|{3}|3|5|t';
for my $path (q{''}, 'pg_catalog', 'public', 'portrait, public', 'pg_temp, public, portrait', '"$user", nowhere', q{portrait, pg_catalog})
{
	is(as_role('analyst', "SET search_path = $path; $query"), $answer, "search_path = $path");
}
is(as_role('analyst', "SET ROLE boss; $query"), $answer, 'SET ROLE');
is(as_role('analyst', "BEGIN READ ONLY; $query; COMMIT"), $answer, 'in a read-only transaction');
is(as_role('analyst', "SET default_transaction_read_only = on; SET default_transaction_isolation = 'serializable'; BEGIN DEFERRABLE; $query; COMMIT"),
	$answer, 'serializable and deferrable');
is(as_role('analyst', "SET plan_cache_mode = force_generic_plan; PREPARE p AS $query; EXECUTE p; EXECUTE p"), "$answer\n$answer", 'prepared');

# Objects of a caller that bear the names of ours are not taken for ours
is(as_role('analyst', <<"SQL"), $answer, 'nobody else\'s functions and operators are called');
CREATE FUNCTION pg_temp.segment_agg_transition(portrait.segment, bigint) RETURNS portrait.segment LANGUAGE sql AS 'SELECT NULL::portrait.segment';
CREATE FUNCTION pg_temp.int8ge(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false';
SET search_path = pg_temp, public, portrait, pg_catalog;
$query;
SQL

# ---- row level security ----

is(as_role('owner', <<'SQL'), '', 'policies');
ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.orders FOR SELECT USING (region = current_user);
SQL
is(as_role('analyst', 'SET search_path = public, portrait; SELECT count(*) FROM orders'), '10000', 'RLS: half of the rows');
is(as_role('analyst', q{SET search_path = public, portrait; SELECT string_agg(customer_id::text, ',') FROM orders WHERE customer_id <@ '{4-7,1000}'}),
	'4,6,1000', 'RLS: and half of the members');
for my $condition (q{customer_id <@ '{4-7}'}, q{customer_id <@ '{4,7,1000}'}, q{'{4-7}'::segment @> customer_id}, q{customer_id = 7})
{
	my $plan = as_role('analyst', "SET search_path = public, portrait; EXPLAIN (COSTS OFF) SELECT * FROM orders WHERE $condition");
	like($plan, qr/Index Cond: .*customer_id.*Filter: .*region/s, "RLS: the index serves $condition");
}
is($node->safe_psql('shop', <<'SQL'), 'segment_cmp segment_contained segment_contains segment_count segment_eq segment_ge segment_gt segment_hash segment_hash_extended segment_is_empty segment_le segment_lt segment_max segment_min segment_ne segment_overlaps', 'what is LEAKPROOF');
SELECT string_agg(DISTINCT p.proname, ' ' ORDER BY p.proname) FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'portrait' WHERE p.proleakproof AND p.proname LIKE 'segment%'
SQL

# ---- estimators ask for no more than the caller may know ----

is($node->safe_psql('shop', 'SELECT count(*) FROM pg_stats WHERE tablename = $$orders$$'), '2', 'there are statistics');
unlike(as_role('analyst', q{SET search_path = public, portrait; EXPLAIN SELECT * FROM orders WHERE customer_id <@ '{1-300}'}), qr/ERROR/, 'planning with statistics that are hidden');

# ---- what only superusers may ----

is(as_role('owner', 'CREATE FUNCTION public.x(cstring) RETURNS portrait.segment LANGUAGE c AS $$$libdir/portrait$$, $$portrait_segment_in$$'),
	'ERROR: permission denied for language c', 'no new ways into the library');
like(as_role('owner', 'CREATE CAST (bytea AS portrait.segment) WITHOUT FUNCTION'), qr/^ERROR: must be/, 'nor past its checks');
is(as_role('owner', 'DROP EXTENSION portrait CASCADE; SELECT count(*) FROM pg_attribute WHERE attrelid = $$public.audience$$::regclass AND attname = $$s$$'), '0', 'the owner may drop it');

$node->stop;
done_testing();
