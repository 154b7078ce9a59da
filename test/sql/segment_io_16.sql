--
-- segment: errors of input that can be asked for (PostgreSQL 16 and later)
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

SELECT input, pg_input_is_valid(input, 'segment') AS valid, e.*
FROM (VALUES ('{1,5-9}'), (''), ('{1,}'), ('{1,x}'), ('{3-1}'), ('{1} x'), ('{9223372036854775808}'),
	('{1-9223372036854775808}'), ('{0-9223372036854775807}'), ('{-1,0-9223372036854775806}'),
	('{5,0-9223372036854775806,-1}'), ('{9,8,7,x}'), ('segment:'), ('segment:AAAA'), ('segment:AA=A'),
	('segment:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='),
	('segment:AQAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='),
	('segment:AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')) AS v(input),
	pg_input_error_info(input, 'segment') AS e;

SELECT pg_input_is_valid('{' || repeat('1,', 100000) || '1}', 'segment') AS valid,
	pg_input_is_valid('{' || repeat('2,1,', 100000) || '}', 'segment') AS invalid;

SELECT pg_input_is_valid('{"{1,2}","{3}"}', 'segment[]') AS valid, pg_input_is_valid('{"{1,2}","{3"}', 'segment[]') AS invalid;

-- the state of segment_at_least_agg
SELECT input, pg_input_is_valid(input, 'segment_tally') AS valid, e.*
FROM (VALUES ('2;{};{1}'), (''), ('0;{}'), ('2;{}'), ('2;{};{};{}'), ('2;{};{1'), ('2;{1};{1}'), ('3;{};{1};{1}')) AS v(input),
	pg_input_error_info(input, 'segment_tally') AS e;
