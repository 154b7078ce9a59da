# Bytes of tagsets, rules and sets of rules that are not ours: from outside they
# are taken as they are or refused with 22P03; stored, every function gives an
# answer or an error, and the server lives on.
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

my $node = new_server('tag_bytes', bare => 1);
my $dir = $node->basedir;
my $cases = "$FindBin::RealBin/../lib/tag_cases.sql";

command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', $cases ],
	'random tagsets and rules');
$node->safe_psql('postgres', <<'SQL');
SET search_path = public, tag_test;
SET portrait_test.seed = 1;
CALL make_cases(60, 120, 60);
CREATE TABLE tagsets AS SELECT tags AS v FROM customers;
INSERT INTO tagsets SELECT (SELECT string_agg(format('t%s.%s=%s', i % 100, i, i), ',') FROM generate_series(1, n) AS i)::tagset
	FROM unnest(ARRAY[200, 4000]) AS n;
CREATE TABLE tagqueries AS SELECT rule AS v FROM rules;
INSERT INTO tagqueries SELECT ('a in (' || string_agg(i::text, ',') || ')')::tagquery FROM generate_series(1, 300) AS i;
INSERT INTO tagqueries VALUES ('true'), ('false'), ('a'), ('a and b and not c');
CREATE TABLE tagquery_sets AS
	SELECT tagquery_set_agg(id, rule) AS v FROM rules GROUP BY id % 20
	UNION ALL SELECT tagquery_set_agg(id, rule) FROM rules
	UNION ALL SELECT tagquery_set_agg(1, 'vip');
SQL
my @types = qw(tagset tagquery tagquery_set);
# of the client: that of the database, and one in which all bytes are characters
my @encodings = qw(UTF8 LATIN1);
my %table = (tagset => 'tagsets', tagquery => 'tagqueries', tagquery_set => 'tagquery_sets');
my %values;
for my $type (@types)
{
	$values{$type} = [ map { pack 'H*', $_ } split /\n/, $node->safe_psql('postgres',
		"SELECT encode(${type}_send(v), 'hex') FROM $table{$type} WHERE pg_column_size(v) < 20000") ];
}

# ---- from outside ----

$node->safe_psql('postgres', <<'SQL');
-- Reads a file of COPY BINARY with n values, one a row, each by itself; counts by outcome
CREATE FUNCTION take(prefix text, n int, type text) RETURNS TABLE (outcome text, times bigint)
LANGUAGE plpgsql AS $$
DECLARE
	given bytea;
	taken bytea;
	again bytea;
	state text;
	message text;
	counts jsonb := '{}';
BEGIN
	EXECUTE format('CREATE TEMP TABLE hostile (v %s)', type);
	FOR i IN 1 .. n LOOP
		given := pg_read_binary_file(prefix || i);
		-- 11 + 4 + 4 + 2 + 4 bytes are before the value, 2 behind it
		given := substring(given FROM 26 FOR octet_length(given) - 27);
		BEGIN
			EXECUTE format('COPY hostile FROM %L (FORMAT binary)', prefix || i);
			EXECUTE format('SELECT %1$s_send(v), %1$s_send(v::text::%1$s) FROM hostile', type) INTO STRICT taken, again;
			-- an error in any case, so that the row goes away again
			RAISE EXCEPTION '%', CASE WHEN taken <> given THEN 'changed ' || i
				WHEN again <> given THEN 'its text is another value ' || i ELSE 'taken' END;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
			outcome := CASE state WHEN 'P0001' THEN message ELSE state || ' ' || message END;
		END;
		counts := jsonb_set(counts, ARRAY[outcome], to_jsonb(coalesce((counts->>outcome)::bigint, 0) + 1));
	END LOOP;
	RETURN QUERY SELECT key, value::bigint FROM jsonb_each_text(counts);
END $$;
SQL

sub write_copy
{
	my ($file, $value) = @_;

	open my $fh, '>:raw', $file or die "$file: $!";
	print $fh "PGCOPY\n\xff\r\n\0", pack('NNnN', 0, 0, 1, length $value), $value, pack('n', 0xffff);
	close $fh or die "$file: $!";
}

my $n = $ENV{PORTRAIT_TEST_BYTES} // 1500;
for my $type (@types)
{
	my @values = @{ $values{$type} };

	write_copy("$dir/$type.$_", $_ <= @values ? $values[ $_ - 1 ] : mutate($values[rand @values], \@values)) for 1 .. $n;
	for my $encoding (@encodings)
	{
		my %times = map { /^(.*)=(\d+)$/ ? ($1, $2) : () } split /\n/, $node->safe_psql('postgres', <<"SQL");
SET client_min_messages = error;
SET client_encoding = '$encoding';
SELECT outcome || '=' || times FROM take('$dir/$type.', $n, '$type') ORDER BY 1;
SQL
		my @wrong = grep { !/^(?:taken|22P03 .*\b$type\b.*|22P03 .*\btag(?:set|query)\b.*|22021 invalid byte sequence for encoding.*)$/ } keys %times;
		is("@wrong", '', "$type: all of $n inputs from a client of $encoding are taken as they are or refused with 22P03");
		cmp_ok($times{taken} // 0, '>=', scalar @values, "$type: valid ones are taken");
		cmp_ok($n - ($times{taken} // 0), '>', $n / 3, "$type: others are not");
	}
	unlink "$dir/$type.$_" for 1 .. $n;
}

# ---- stored ----

$node->safe_psql('postgres', <<'SQL');
CREATE TYPE raw;
CREATE FUNCTION raw_in(cstring) RETURNS raw LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
CREATE FUNCTION raw_out(raw) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
CREATE TYPE raw (INPUT = raw_in, OUTPUT = raw_out, INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = external);
CREATE CAST (raw AS tagset) WITHOUT FUNCTION;
CREATE CAST (raw AS tagquery) WITHOUT FUNCTION;
CREATE CAST (raw AS tagquery_set) WITHOUT FUNCTION;
CREATE TABLE damaged (i int PRIMARY KEY, type text, b bytea);
CREATE TABLE indexed (tags tagset, rule tagquery);
CREATE INDEX ON indexed USING gin (tags);
CREATE INDEX ON indexed USING gin (rule);
CREATE FUNCTION nobody(leaf tagquery) RETURNS segment LANGUAGE sql IMMUTABLE RETURN '{1-3}'::segment;
SQL
my $rows = '';
my $i = 0;
for my $type (@types)
{
	my @values = @{ $values{$type} };

	for (1 .. $n)
	{
		my $value = mutate($values[rand @values], \@values);
		# behind the version there is more to see
		substr($value, 0, 1) = "\1" if length $value > 0 && rand() < 0.9;
		$rows .= join("\t", ++$i, $type, '\\\\x' . unpack('H*', $value)) . "\n";
	}
}
$node->safe_psql('postgres', "COPY damaged FROM STDIN;\n$rows\\.\n");

# What is done with a damaged value v; s, r and p are sound ones, w is another damaged one
my %calls = (
	tagset => [
		'v::text', 'tagset_send(v)', 'v::jsonb', 'v = s', 's < v', 'tagset_hash(v)', 'v || s', 's || v', q(v - 'vip'),
		q(v -> 'vip'), q(v ->> 'city'), 'v @> s', 's @> v', 'v && s', 'tag_names(v)', q(tag_values(v, 'age')), 'tag_count(v)',
		'(SELECT count(*) FROM tag_each(v))', q(tag_current(v, '2026-09-01')),
		'(SELECT count(*) FILTER (WHERE v @@ rule) FROM rules)', '(SELECT count(*) FILTER (WHERE rule @@ v) FROM rules)',
		q(tag_match(v, r, '2026-09-01')), '(SELECT count(*) FROM tag_explain(v, r))', '(SELECT count(*) FROM tag_percolate(p, v))',
		'(SELECT count(*) FROM indexed WHERE rule @@ v)', 'store_tags(v)' ],
	tagquery => [
		'v::text', 'tagquery_send(v)', 'v::jsonb', 'v = r', 'r < v', 'tagquery_hash(v)', 'v && r', 'r || v', '!! v',
		'tagquery_is_bound(v)', 'tagquery_names(v)', '(SELECT count(*) FROM tagquery_leaves(v))', 'tagquery_implies(v, r)',
		'tagquery_implies(r, v)', 'tagquery_disjoint(v, r)', '(SELECT count(*) FILTER (WHERE tags @@ v) FROM customers)',
		q(tag_bind(v, '2026-09-01', 'Asia/Shanghai')), q(tag_match(s, v, '2026-09-01')), '(SELECT count(*) FROM tag_explain(s, v))',
		q[(SELECT count(*) FROM tag_explain(s, v, '2026-09-01'))], 'tagquery_set_agg_of(v)',
		q(tag_segment(v, '{1-10}', 'nobody(tagquery)')), '(SELECT count(*) FROM indexed WHERE tags @@ v)', 'store_rule(v)' ],
	tagquery_set => [
		'v::text', 'tagquery_set_send(v)', 'v = p', 'p < v', 'tagquery_set_hash(v)', 'tagquery_set_count(v)',
		'(SELECT count(*) FROM tagquery_set_rules(v))', '(SELECT count(*) FROM customers, tag_percolate(v, tags))',
		'(SELECT tagquery_set_union_agg(u) FROM unnest(ARRAY[v, p]) AS u)' ]);

$node->safe_psql('postgres', <<'SQL');
-- storing goes through the indexes; planning looks at constants
CREATE FUNCTION store_tags(v tagset) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO indexed VALUES (v, NULL); END $$;
CREATE FUNCTION store_rule(v tagquery) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO indexed VALUES (NULL, v);
END $$;
CREATE FUNCTION tagquery_set_agg_of(v tagquery) RETURNS tagquery_set LANGUAGE sql
	BEGIN ATOMIC SELECT tagquery_set_agg(1, v); END;
SQL

for my $type (@types)
{
	my $body = '';

	for my $call (@{ $calls{$type} })
	{
		(my $quoted = $call) =~ s/'/''/g;
		$body .= <<"SQL";
	function := '$quoted';
	BEGIN
		PERFORM $call;
		outcome := 'an answer';
	EXCEPTION WHEN query_canceled OR OTHERS THEN
		outcome := SQLSTATE;
		message := SQLERRM;
	END;
	RETURN NEXT;
SQL
	}
	$node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION use_$type(b bytea) RETURNS TABLE (function text, outcome text, message text)
LANGUAGE plpgsql SET search_path = public, tag_test AS \$\$
DECLARE
	v $type := b::text::raw::$type;
	s tagset := 'vip, age=34, city=Paris, interest.sport=>0.5\@2026-08-01, seen=2026-08-30, spend=100';
	r tagquery := 'vip and (age > 30 or city = Paris) and interest.* and not seen before 2026-01-01';
	p tagquery_set := (SELECT tagquery_sets.v FROM tagquery_sets ORDER BY pg_column_size(tagquery_sets.v) DESC LIMIT 1);
BEGIN
$body
END \$\$;
SQL
	for my $encoding (@encodings)
	{
		my ($status, $out, $err) = $node->psql('postgres', <<"SQL");
SET client_min_messages = error;
SET client_encoding = '$encoding';
SET statement_timeout = '600s';
SELECT outcome || '|' || count(*) || '|' || encode(convert_to(min(function || ': ' || message), 'UTF8'), 'escape')
FROM damaged AS d, LATERAL use_$type(d.b) AS u
WHERE d.type = '$type' GROUP BY outcome;
SQL
		is($status, 0, "$type: the server lives through the use of damaged values, for a client of $encoding") or diag($err);
		my @others = grep { !/^(?:an answer|XX001|22021|22P02|22P05|22003|22023|54000)\|/ } split /\n/, $out;
		is("@others", '', "$type: there is an answer, or an error that says what is wrong");
		note $out;
	}
}

is($node->safe_psql('postgres', q{SELECT 'a'::tagset @@ 'a'}), 't', 'the server is well');
$node->stop;
done_testing();
