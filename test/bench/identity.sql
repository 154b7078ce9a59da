-- Who is one customer: 3 M links of 4.3 M identifiers, with result rows, against
-- pgRouting and against min-label propagation in SQL.
-- data: identity

-- Rounds of "take the smallest label among your neighbours'" until none changes,
-- as is done where there is nothing but SQL
CREATE FUNCTION bench.identity_propagate() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	changed bigint;
BEGIN
	CREATE TEMP TABLE edge AS SELECT a, b FROM identity_links UNION ALL SELECT b, a FROM identity_links;
	CREATE TEMP TABLE label AS SELECT a AS id, a AS label FROM edge GROUP BY a;
	ANALYZE edge;
	LOOP
		ANALYZE label;
		CREATE TEMP TABLE next AS
			SELECT l.id, least(l.label, n.label) AS label, n.label < l.label AS changed
			FROM label AS l LEFT JOIN
				(SELECT e.a AS id, min(o.label) AS label FROM edge AS e JOIN label AS o ON o.id = e.b GROUP BY e.a) AS n USING (id);
		SELECT count(*) INTO changed FROM next WHERE next.changed;
		DROP TABLE label;
		ALTER TABLE next RENAME TO label;
		EXIT WHEN changed = 0;
	END LOOP;
	SELECT count(DISTINCT label) INTO changed FROM label;
	DROP TABLE label, edge;
	RETURN changed;
END
$$;

CREATE FUNCTION bench.identity_workers(query text, workers integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
	PERFORM set_config('parallel_leader_participation', (workers < 2)::text, true);
	EXECUTE query INTO result;
	PERFORM set_config('max_parallel_workers_per_gather', '0', true);
	RETURN result;
END
$$;

-- bench: customers of 0.3 M links, rows, bigint
-- side: portrait
SELECT count(*) FROM identity_members_bigint((SELECT identity_merge(a, b) FROM identity_links_tenth));
-- side: pgrouting
SELECT count(*) FROM pgr_connectedComponents('SELECT id, a AS source, b AS target, cost FROM identity_links_tenth');

-- bench: customers of 0.3 M links, rows, text
-- side: portrait
SELECT count(*) FROM identity_members((SELECT identity_merge(a_text, b_text) FROM identity_links_tenth));

-- bench: customers of 3 M links, rows, bigint
-- bar: pgrouting 0.15
-- tenth: customers of 0.3 M links, rows, bigint
-- side: portrait
SELECT count(*) FROM identity_members_bigint((SELECT identity_merge(a, b) FROM identity_links));
-- side: pgrouting
SELECT count(*) FROM pgr_connectedComponents('SELECT id, a AS source, b AS target, cost FROM identity_links');

-- bench: customers of 3 M links, rows, text (theirs bigint)
-- bar: pgrouting 0.25
-- tenth: customers of 0.3 M links, rows, text
-- side: portrait
SELECT count(*) FROM identity_members((SELECT identity_merge(a_text, b_text) FROM identity_links));
-- side: pgrouting
SELECT count(*) FROM pgr_connectedComponents('SELECT id, a AS source, b AS target, cost FROM identity_links');

-- figure: ms of one run, 3 M links, rows, bigint
-- bar: labels 0.03
-- side: portrait
SELECT bench.milliseconds('SELECT count(*) FROM identity_members_bigint((SELECT identity_merge(a, b) FROM identity_links))');
-- side: labels
SELECT bench.milliseconds('SELECT bench.identity_propagate()');

-- figure: ms of one run, 3 M links, rows, text (theirs bigint)
-- bar: labels 0.03
-- side: portrait
SELECT bench.milliseconds('SELECT count(*) FROM identity_members((SELECT identity_merge(a_text, b_text) FROM identity_links))');
-- side: labels
SELECT bench.milliseconds('SELECT bench.identity_propagate()');

-- bench: a star of 100,000 links
-- bar: random 1.3
-- side: portrait
SELECT identity_count(identity_merge(i, 0)) > 0 FROM generate_series(1, 100000) AS i;
-- side: random
SELECT identity_count(identity_merge(i::bigint * 7919 % 141421, i::bigint * 104729 % 141421)) > 0 FROM generate_series(1, 100000) AS i;

-- bench: a path of 100,000 links
-- bar: random 1.3
-- side: portrait
SELECT identity_count(identity_merge(i, i + 1)) > 0 FROM generate_series(1, 100000) AS i;
-- side: random
SELECT identity_count(identity_merge(i::bigint * 7919 % 141421, i::bigint * 104729 % 141421)) > 0 FROM generate_series(1, 100000) AS i;

-- bench: a path of 100,000 links, ends first
-- bar: random 1.3
-- side: portrait
SELECT identity_count(identity_merge(100000 - i, 100001 - i)) > 0 FROM generate_series(1, 100000) AS i;
-- side: random
SELECT identity_count(identity_merge(i::bigint * 7919 % 141421, i::bigint * 104729 % 141421)) > 0 FROM generate_series(1, 100000) AS i;

-- bench: a binary tree of 100,000 links
-- bar: random 1.3
-- side: portrait
SELECT identity_count(identity_merge(i, i / 2)) > 0 FROM generate_series(1, 100000) AS i;
-- side: random
SELECT identity_count(identity_merge(i::bigint * 7919 % 141421, i::bigint * 104729 % 141421)) > 0 FROM generate_series(1, 100000) AS i;

-- setup
CREATE TABLE identity_tablet AS
	SELECT a, b, a_text, b_text FROM bench.identity_observations(100000, shared_tablet => 20000)
	WHERE b IS NOT NULL ORDER BY hashint8extended(a, 15);
CREATE TABLE identity_no_tablet AS
	SELECT a, b, a_text, b_text FROM bench.identity_observations(110000) WHERE b IS NOT NULL
	ORDER BY hashint8extended(a, 15) LIMIT (SELECT count(*) FROM identity_tablet);
VACUUM ANALYZE identity_tablet;
VACUUM ANALYZE identity_no_tablet;

-- bench: a tablet shared by 20,000 customers, text
-- bar: random 1.3
-- side: portrait
SELECT identity_count(identity_merge(a_text, b_text)) > 0 FROM identity_tablet;
-- side: random
SELECT identity_count(identity_merge(a_text, b_text)) > 0 FROM identity_no_tablet;

-- setup
CREATE TABLE identity_often AS
	SELECT a, b, a_text, b_text FROM bench.identity_observations(300000), generate_series(1, 6) AS round
	WHERE b IS NOT NULL ORDER BY hashint8extended(a * 8 + round, 16);
ALTER TABLE identity_often SET (parallel_workers = 2);
VACUUM ANALYZE identity_often;

-- bench: each link seen six times, two workers, bigint
-- bar: one 0.9
-- side: portrait
SELECT bench.identity_workers('SELECT identity_count(identity_merge(a, b)) FROM identity_often', 2);
-- side: one
SELECT bench.identity_workers('SELECT identity_count(identity_merge(a, b)) FROM identity_often', 0);

-- bench: each link seen six times, two workers, text
-- bar: one 0.9
-- side: portrait
SELECT bench.identity_workers('SELECT identity_count(identity_merge(a_text, b_text)) FROM identity_often', 2);
-- side: one
SELECT bench.identity_workers('SELECT identity_count(identity_merge(a_text, b_text)) FROM identity_often', 0);

-- setup
CREATE TABLE identity_maps AS
	SELECT (SELECT identity_merge(a, b) FROM identity_links) AS numbers, (SELECT identity_merge(a_text, b_text) FROM identity_links) AS texts;

-- figure: bytes per identifier beyond the identifiers, text
-- bar: 12
-- side: portrait
SELECT ((SELECT length(identity_map_send(texts)) FROM identity_maps) - sum(octet_length(identifier))) / count(*)
FROM identity_maps, identity_members(texts);
-- figure: bytes per identifier beyond 8, bigint
-- bar: 12
-- side: portrait
SELECT length(identity_map_send(numbers))::numeric / (SELECT count(*) FROM identity_members_bigint(numbers)) - 8 FROM identity_maps;

-- chunks: first lookup in a map of 4.3 M identifiers
-- side: portrait
SELECT identity_lookup(texts, 'card:C4000000') FROM identity_maps;

-- figure: GB of a backend, 10 M links, text
-- bar: 4
-- side: portrait
SELECT bench.memory() / 1048576.0
FROM (SELECT identity_count(identity_merge(a_text || k, b_text || k)) AS n
	FROM identity_links, generate_series(1, 4) AS k WHERE id <= 2500000) AS merged WHERE n > 0;
