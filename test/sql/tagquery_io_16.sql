--
-- Errors of tagquery that are soft (16 and later)
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\pset format unaligned

SELECT left(input, 30) AS input, pg_input_is_valid(input, 'tagquery') AS valid, error.*
FROM unnest(ARRAY['vip', 'a in (1, 2) and not b', '', 'a == 1', 'a = “x”', 'a = 12345678901234567890', 'a = 2026-02-30', 'a within last 4294967296 days', '"a',
	repeat('n', 1024), 'a = ' || repeat('x', 65536), repeat('(', 10000) || 'a' || repeat(')', 10000), repeat('at least 2 of (b, c, ', 1000) || 'a' || repeat(')', 1000)]) WITH ORDINALITY AS u(input, n),
	LATERAL (SELECT sql_error_code AS code, left(message, 60) AS message, detail, hint FROM pg_input_error_info(input, 'tagquery')) AS error
ORDER BY n;
