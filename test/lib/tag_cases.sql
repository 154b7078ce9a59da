/*
 * Tagsets and rules of portrait, made from the model's (tag_model.sql), and what
 * compares its answers with the model's.  Reads tag_model.sql:
 *
 *	\getenv test_dir PG_ABS_SRCDIR
 *	\set cases :test_dir '/lib/tag_cases.sql'
 *	\set ECHO none
 *	\i :cases
 *	\set ECHO all
 */
\ir tag_model.sql

-- A query that finds what went wrong, as text, ends the test if there is any
CREATE FUNCTION tag_test.nothing(what text, query text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	found bigint;
	examples text;
BEGIN
	EXECUTE 'SELECT count(*), (array_agg(wrong ORDER BY length(wrong)))[1:3] FROM (' || query || ') AS q(wrong)'
		INTO found, examples;
	IF found > 0 THEN
		RAISE EXCEPTION 'seed %, %: % wrong', current_setting('portrait_test.seed'), what, found
			USING DETAIL = left(examples, 6000);
	END IF;
END
$$;

CREATE TABLE tag_test.customers (customer int PRIMARY KEY, tags tagset);
CREATE TABLE tag_test.rules (id int PRIMARY KEY, tree jsonb, text text, bound boolean, rule tagquery, bits varbit);

-- Who does not answer as the model says?  "answer" is SQL with c.tags and r.rule
CREATE FUNCTION tag_test.answers(what text, answer text, bits text DEFAULT 'r.bits', source text DEFAULT 'rules AS r')
RETURNS void
LANGUAGE sql
RETURN nothing(what, format($q$
	SELECT format(E'%%s\n\tof %%s\n\tgives %%s', r.text, c.tags, %1$s)
	FROM %3$s, customers AS c
	WHERE (%1$s) IS DISTINCT FROM (get_bit(%2$s, c.customer) = 1)$q$, answer, bits, source));

-- ---- customers and rules ----

CREATE PROCEDURE tag_test.make_rules(n int, customers int, bound boolean, depth int)
LANGUAGE plpgsql
AS $$
DECLARE
	ids int[] := (SELECT array_agg(id ORDER BY id) FROM leaves WHERE NOT bound OR NOT (needs_time(leaf) OR needs_more(leaf)));
	start int := (SELECT coalesce(max(id), 0) FROM rules);
	tree jsonb;
	written text;
BEGIN
	FOR i IN 1 .. n LOOP
		tree := random_tree(ids, 1 + i % depth);
		written := spell_tree(tree);
		INSERT INTO rules VALUES (start + i, tree, written, bound, NULL, tree_bits(tree, customers));
		BEGIN
			UPDATE rules SET rule = written::tagquery WHERE id = start + i;
		EXCEPTION WHEN OTHERS THEN
			RAISE EXCEPTION 'seed %: rule % is refused: %', current_setting('portrait_test.seed'), written, sqlerrm;
		END;
	END LOOP;
END
$$;

CREATE PROCEDURE tag_test.make_tagsets(n int)
LANGUAGE plpgsql
AS $$
DECLARE
	written text;
BEGIN
	DELETE FROM customers;
	FOR i IN 0 .. n - 1 LOOP
		written := spell_customer(i);
		BEGIN
			INSERT INTO customers VALUES (i, written::tagset);
		EXCEPTION WHEN OTHERS THEN
			RAISE EXCEPTION 'seed %: tagset % is refused: %', current_setting('portrait_test.seed'), written, sqlerrm;
		END;
	END LOOP;
END
$$;

-- Pairs that a query finds but the model doesn't, or the other way round
CREATE FUNCTION tag_test.pairs(what text, query text) RETURNS void
LANGUAGE sql
RETURN nothing(what, format($q$
	SELECT format(E'%%s\n\tof %%s\n\tis %%s', r.text, c.tags, CASE WHEN p.id IS NULL THEN 'not found' ELSE 'found' END)
	FROM rules AS r CROSS JOIN customers AS c LEFT JOIN (%s) AS p ON p.id = r.id AND p.customer = c.customer
	WHERE (p.id IS NULL) = (get_bit(r.bits, c.customer) = 1)$q$, query));

-- All sets of six tags, and rules over them
CREATE PROCEDURE tag_test.make_truth_tables(rules int)
LANGUAGE plpgsql
AS $$
BEGIN
	DELETE FROM known;
	DELETE FROM tag_test.rules;
	INSERT INTO known SELECT i, name, boolean_value(true)
	FROM generate_series(0, 63) AS i, unnest('{a,b,c,d,e,f}'::text[]) WITH ORDINALITY AS names(name, j)
	WHERE i >> (j - 1)::int & 1 = 1;
	DELETE FROM leaves;
	INSERT INTO leaves SELECT j, leaf, spell_leaf(leaf), leaf_bits(leaf, 64, NULL, NULL)
	FROM unnest('{a,b,c,d,e,f}'::text[]) WITH ORDINALITY AS names(name, j),
		LATERAL (SELECT ('has', name, NULL, NULL, NULL, NULL, NULL, NULL)::tag_test.leaf) AS l(leaf);
	CALL make_tagsets(64);
	CALL make_rules(rules, 64, true, 6);
END
$$;

-- Tagsets and rules of all kinds
CREATE PROCEDURE tag_test.make_cases(customers int, rules int, unbound_rules int)
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM setseed(sin(current_setting('portrait_test.seed')::int));
	INSERT INTO moments VALUES
		(1, '2026-09-01 10:00:00.25Z', 'UTC'),
		(2, '2026-08-31 16:00Z', 'Asia/Shanghai'),
		(3, '2026-03-08 12:30Z', 'America/New_York'),
		(4, '2025-02-27 22:00Z', 'Australia/Lord_Howe');
	CALL make_customers(customers);
	CALL make_leaves(260, customers);
	CALL make_tagsets(customers);
	CALL make_rules(rules, customers, true, 5);
	CALL make_rules(unbound_rules, customers, false, 4);
	-- what is not bound matches nothing as a whole; folding may make it bound
	UPDATE tag_test.rules SET bits = repeat('0', customers)::varbit WHERE NOT tagquery_is_bound(rule);
	ANALYZE tag_test.rules;
	ANALYZE tag_test.customers;
END
$$;
