-- How long everything took
\echo 'REFRESH: what the last one did, and how long each of its stages took.'
SELECT stage, count(*) FILTER (WHERE outcome <> 'warning') AS steps, sum(rows) FILTER (WHERE outcome = 'done') AS rows,
	round(sum(extract(epoch FROM ended_at - started_at)), 1) AS seconds
FROM shop.v_refresh_log WHERE generation = (SELECT generation FROM shop.state)
GROUP BY stage HAVING sum(rows) > 0 ORDER BY min(id);

\echo 'TIME: what each step took.'
SELECT step, name AS what,
	round(extract(epoch FROM coalesce(lead(began) OVER (ORDER BY step), clock_timestamp()) - began), 1) AS seconds
FROM demo_step
UNION ALL
SELECT NULL, 'all', round(extract(epoch FROM clock_timestamp() - min(began)), 1) FROM demo_step
ORDER BY step;
