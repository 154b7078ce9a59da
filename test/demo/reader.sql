-- A user who may look at the portrait, and at nothing that identifies anybody
SET search_path = portrait;
CREATE ROLE reader LOGIN PASSWORD :'password';
ALTER ROLE reader SET search_path = shop;
ALTER ROLE reader SET default_transaction_read_only = on;
SELECT portrait_grant('shop', 'reader', 'analyst') \g /dev/null
