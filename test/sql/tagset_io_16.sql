--
-- Errors of tagset that are soft (16 and later)
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

SELECT left(input, 30) AS input, pg_input_is_valid(input, 'tagset') AS valid, error.*
FROM unnest(ARRAY['', 'vip, age=34', 'a b', 'a=null', 'a=12345678901234567890', 'a=2026-02-30', '"a', 'a=>2', repeat('n', 1024)]) AS input,
	LATERAL (SELECT sql_error_code AS code, left(message, 60) AS message, detail FROM pg_input_error_info(input, 'tagset')) AS error;
