-- A user who may look at the portrait, and at nothing that identifies anybody
SET search_path = portrait;
CREATE ROLE reader LOGIN PASSWORD :'password';
ALTER ROLE reader SET search_path = shop, portrait;
ALTER ROLE reader SET default_transaction_read_only = on;
GRANT USAGE ON SCHEMA portrait TO reader;
SELECT portrait_grant('shop', 'reader', 'analyst') \g /dev/null
