-- How long everything took
\echo 'TIME: what each step took.'
SELECT step, name AS what,
	round(extract(epoch FROM coalesce(lead(began) OVER (ORDER BY step), clock_timestamp()) - began), 1) AS seconds
FROM demo_step
UNION ALL
SELECT NULL, 'all', round(extract(epoch FROM clock_timestamp() - min(began)), 1) FROM demo_step
ORDER BY step;
