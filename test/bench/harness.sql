-- What test/bench/main calls in the server: timing by the server's clock, with
-- the sides of a benchmark taking turns.

CREATE SCHEMA bench;

-- A number from 0 to 2^63-1 that looks random and is the same every time
CREATE FUNCTION bench.noise(i bigint, seed bigint) RETURNS bigint
	IMMUTABLE STRICT PARALLEL SAFE
	RETURN hashint8extended(i, seed) & 9223372036854775807;

-- One row a side: median of the runs after one that doesn't count.  Of what is
-- done in no time there are more runs, up to half a second of them.
CREATE FUNCTION bench.compare(runs integer, sides text[], queries text[])
RETURNS TABLE (side text, answer text, ms double precision, error text)
LANGUAGE plpgsql AS $$
DECLARE
	start timestamptz;
	stop timestamptz;
	times double precision[] := ARRAY[]::double precision[];
	answers text[] := array_fill(NULL::text, ARRAY[cardinality(sides)]);
	errors text[] := array_fill(NULL::text, ARRAY[cardinality(sides)]);
	n integer := cardinality(sides);
	slowest double precision := 1;
	run integer := 0;
BEGIN
	FOR i IN 1..n LOOP
		BEGIN
			EXECUTE format('PREPARE bench_%s AS %s', i, queries[i]);
		EXCEPTION WHEN OTHERS THEN
			errors[i] := sqlerrm;
		END;
	END LOOP;
	WHILE run <= runs LOOP
		FOR i IN 1..n LOOP
			CONTINUE WHEN errors[i] IS NOT NULL;
			BEGIN
				start := clock_timestamp();
				EXECUTE format('EXECUTE bench_%s', i) INTO answer;
				stop := clock_timestamp();
				answers[i] := answer;
				IF run > 0 THEN
					times[(run - 1) * n + i] := extract(epoch FROM stop - start) * 1000;
				ELSE
					slowest := greatest(slowest, extract(epoch FROM stop - start) * 1000);
				END IF;
			EXCEPTION WHEN OTHERS THEN
				errors[i] := sqlerrm;
			END;
		END LOOP;
		IF run = 0 THEN
			runs := greatest(runs, least(51, 500 / slowest / n)::integer);
		END IF;
		run := run + 1;
	END LOOP;
	DEALLOCATE ALL;
	FOR i IN 1..n LOOP
		side := sides[i];
		answer := answers[i];
		error := errors[i];
		SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY times[k * n + i])
			INTO ms FROM generate_series(0, runs - 1) AS k;
		RETURN NEXT;
	END LOOP;
END
$$;

-- The server counts what an index scan fetches as the index's
CREATE FUNCTION bench.chunks_fetched() RETURNS bigint
	RETURN (SELECT sum(pg_stat_get_xact_tuples_fetched(indexrelid))
		FROM pg_class JOIN pg_index ON indrelid = reltoastrelid
		WHERE relnamespace = 'public'::regnamespace);

-- Chunks of our tables' toasted values that a query fetches
CREATE FUNCTION bench.chunks(query text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	before bigint;
BEGIN
	before := bench.chunks_fetched();
	EXECUTE query;
	RETURN bench.chunks_fetched() - before;
END
$$;

-- Most memory that this backend ever had, in kB
CREATE FUNCTION bench.memory() RETURNS bigint
	RETURN substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s+(\d+)')::bigint;

-- Wall time of one run
CREATE FUNCTION bench.milliseconds(query text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	EXECUTE query;
	RETURN extract(epoch FROM clock_timestamp() - start) * 1000;
END
$$;
