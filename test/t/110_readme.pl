# The README's examples run as they stand: each ```sql block in turn, and each
# row of the reference tables gives the result that it shows.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $readme = slurp_file('README.md');

my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;

# One session for all blocks: they build on each other
my @blocks = $readme =~ /^```sql\n(.*?)^```/msg;
cmp_ok(scalar @blocks, '>=', 5, 'README has SQL examples');
my $script = join "\n", @blocks;
my ($status, $out, $err) = $node->psql('postgres', $script, on_error_stop => 1);
is($status, 0, 'SQL examples run') or diag $err;
is($err, '', 'SQL examples raise nothing');
isnt($out, '', 'SQL examples print something');

# Rows of the reference: the last two cells are an example and its result
my $rows = 0;
for my $line (split /\n/, $readme)
{
	next unless $line =~ /^\| `/;
	my @cells = split /(?<!\\)\|/, $line;
	next unless @cells >= 5;
	my ($example, $result) = map { /^\s*`(.*)`\s*$/ ? $1 : undef } @cells[ -2, -1 ];
	next unless defined $example && defined $result;
	s/\\\|/|/g for $example, $result;
	$rows++;
	is( $node->safe_psql(
			'postgres',
			"SET search_path = public, portrait; SELECT ($example)::text"),
		$result, $example);
}
cmp_ok($rows, '>=', 40, 'reference rows were tried');

# Every public function, aggregate and operator stands in the reference.  What
# only operators, types, aggregates or the planner call is no one's to read of.
my $missing = $node->safe_psql('postgres', <<'SQL');
SELECT DISTINCT p.proname
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
     JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'portrait'
WHERE d.deptype = 'e'
  AND obj_description(p.oid, 'pg_proc') LIKE '%for example%'
  AND p.proname NOT LIKE 'portrait\_demo\_%'
  AND p.proname !~ '^portrait_(refresh|create|source|tag|segment|leaf|retail)_'	-- the inside of the managed portrait
ORDER BY 1
SQL
for my $name (split /\n/, $missing)
{
	like($readme, qr/`\Q$name\E[`(]/, "README tells of $name")
	  unless $name =~ /^(segment)$/;
}

# The contract of sources is the one that is checked
for my $line (split /\n/, $node->safe_psql('postgres', <<'SQL'))
SELECT format('| `%s` | `%s` | %s | %s | %s |', kind, column_name, type, CASE WHEN required THEN 'yes' END, meaning)
FROM portrait.portrait_source_contract()
SQL
{
	ok(index($readme, $line) >= 0, "README has $line");
}

$node->stop;
done_testing();
