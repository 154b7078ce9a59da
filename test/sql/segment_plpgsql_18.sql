--
-- segment: variables that grow in place (PostgreSQL 18 and later).  Copying
-- the set in each step would take a hundred times the time that is given.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

SET statement_timeout = '10s';
DO $$
DECLARE
	s segment := segment_sample('{0-9000000000000000000}', 200000, 'x');
	t segment := s;
BEGIN
	FOR i IN 1 .. 200000 LOOP
		s := s | i;
	END LOOP;
	ASSERT segment_count(s) = 400000 AND segment_count(t) = 200000, 'operator';
	s := t;
	FOR i IN 1 .. 200000 LOOP
		s := segment_add(s, i % 1000);
	END LOOP;
	ASSERT segment_count(s) = 201000, 'function';
	-- dense: bits are set in place
	s := '{0-100000}';
	FOR i IN 1 .. 300000 LOOP
		s := s | i * 2;
	END LOOP;
	ASSERT segment_count(s) = 350001 AND segment_max(s) = 600000, 'dense';
END
$$;
-- a test of membership now and then
DO $$
DECLARE
	s segment := segment_sample('{0-9000000000000000000}', 10000, 'x');
BEGIN
	FOR i IN 1 .. 10000 LOOP
		s := s | i;
		IF i % 100 = 0 THEN
			ASSERT s @> i AND NOT s @> (i + 1), 'member';
		END IF;
	END LOOP;
END
$$;
RESET statement_timeout;
