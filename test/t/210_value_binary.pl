# Binary input of the types of the module value: good values come back as they
# went, and damaged ones cost an error that names the type, or are values too.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('value_binary');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION portrait');

my %values = (
	rfm_summary => [
		"rfm_agg(date '2026-01-01' + i * i, i * 1.25) FROM generate_series(1, 9) AS i",
		"rfm_agg(date '2026-01-01', 0.1::double precision)",
		"rfm_agg(date '2026-01-01', 1e40)", "rfm_agg(date '2026-01-01', -1)"
	],
	rfm_model => [ 'rfm_model_agg(i, i, i, 3) FROM generate_series(1, 9) AS i', "rfm_model('{1}', '{2}', '{3}')" ],
	rfm_rules => ["rfm_rules('{a,bc}', '{\"[1,1]\",\"[2,2]\"}', '{NULL,NULL}', '{NULL,NULL}', 2)"],
	pareto => ['pareto_agg(i % 4) FROM generate_series(1, 9) AS i'],
	price_sensitivity => ['price_sensitivity_agg(i, 5.50) FROM generate_series(1, 9) AS i'],
	lifecycle_flow => ["lifecycle_flow_agg('new', 'lost')"],
	value_pool => ["'{\"columns\": 3, \"bins\": 2, \"method\": \"mean\", \"kind\": \"any\", \"values\": [[1, [2.5, 3]], [[1, 4]], [1, 2, 3, 4]]}'::value_pool"],
);
my $folder = $node->basedir . '/binary';
mkdir $folder;
chmod 0777, $folder;

# Tries files one by one; tells what came of it
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION try(type text, file text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	same boolean;
BEGIN
	EXECUTE format('CREATE TEMP TABLE IF NOT EXISTS try_%s (v %1$s)', type);
	EXECUTE format('TRUNCATE try_%s', type);
	EXECUTE format('COPY try_%s FROM %L (FORMAT binary)', type, file);
	EXECUTE format('SELECT bool_and(%s_send(v::text::%1$s) = %1$s_send(v)) FROM try_%1$s', type) INTO same;
	RETURN CASE WHEN same THEN 'accepted' ELSE 'not canonical' END;
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || CASE WHEN sqlerrm LIKE '%' || type || '%' THEN '' ELSE ' ' || sqlerrm END;
END $$;
SQL

# The same numbers everywhere
my $state = 42;
sub noise { $state = ($state * 1103515245 + 12345) % 2147483648; return int($state / 65536) % $_[0]; }

foreach my $type (sort keys %values)
{
	my ($tries, %results) = (0);
	my @names;
	foreach my $n (0 .. $#{ $values{$type} })
	{
		$node->safe_psql('postgres', "COPY (SELECT $values{$type}[$n]) TO '$folder/$type$n' (FORMAT binary)");
		my $good = slurp_file("$folder/$type$n");
		push @names, "$type$n";
		# the header of the file is 19 bytes, then count of columns and length: 6
		my $size = unpack 'N', substr($good, 21, 4);
		for my $i (1 .. 120)
		{
			my $value = substr($good, 25, $size);
			for (0 .. noise(3))
			{
				my $at = noise(length($value) || 1);
				my $how = noise(6);
				next if $value eq '';
				if ($how < 3) { substr($value, $at, 1) = chr(ord(substr($value, $at, 1)) ^ (1 << noise(8))); }
				elsif ($how == 3) { substr($value, $at, 1) = chr(noise(256)); }
				elsif ($how == 4) { substr($value, $at) = ''; }
				else { $value .= chr(noise(256)) x (1 + noise(9)); }
			}
			my $file = substr($good, 0, 21) . pack('N', length $value) . $value . "\xff\xff";
			open my $out, '>:raw', "$folder/$type$n-$i" or die $!;
			print $out $file;
			close $out;
			push @names, "$type$n-$i";
		}
	}
	foreach my $line (split /\n/, $node->safe_psql('postgres',
			"SELECT result, count(*) FROM (SELECT try('$type', '$folder/' || name) AS result FROM unnest('{"
			  . join(',', @names) . "}'::text[]) AS name) AS x GROUP BY 1"))
	{
		my ($result, $count) = split /\|/, $line;
		$results{$result} = $count;
		$tries += $count;
	}
	is($tries, scalar @names, "$type: all were tried");
	cmp_ok($results{accepted} // 0, '>=', scalar @{ $values{$type} }, "$type: good values are accepted");
	cmp_ok($results{'22P03'} // 0, '>', 60, "$type: most of the damaged are refused");
	is(join(', ', grep { !/^(accepted|22P03)$/ } sort keys %results), '', "$type: nothing else happens");
}
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is up');

$node->stop;
done_testing();
