--
-- Errors of the types of the module value that are soft (16 and later)
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

SELECT type, pg_input_is_valid(good, type) AS good, pg_input_is_valid(bad, type) AS bad
FROM (VALUES ('rfm_summary', '{"orders": 0, "amount": 1}', '{"orders": 1, "amount": 1}'),
	('pareto', '{"values": [1]}', '{"values": [2, 1]}'),
	('price_sensitivity', '{"orders": 1, "discounted": 0, "rates": 0.000000000000000, "prices": 7, "discounts": 0}', '{}'),
	('lifecycle_flow', '{}', '{"lost": {}}'),
	('rfm_model', NULL, '{"bins": 1}'),
	('rfm_rules', '{"bins": 2, "rules": [{"r": [1, 2], "f": [1, 2], "m": [1, 2], "name": "a"}]}', '{"bins": 2, "rules": []}'),
	('value_pool', '{"columns": 1, "bins": 5, "method": "quantile", "kind": "any", "values": [[1]]}', '[]')) AS v(type, good, bad);
SELECT * FROM pg_input_error_info('{"values": [2, 1]}', 'pareto');
