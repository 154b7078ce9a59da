--
-- segment: in a database whose encoding is not UTF-8, messages still show
-- whole characters, and a seed gives what it gives elsewhere
--
SELECT current_database() AS here \gset
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
DROP DATABASE IF EXISTS regress_portrait_euc;
CREATE DATABASE regress_portrait_euc ENCODING 'EUC_CN' LOCALE 'C' TEMPLATE template0;
SELECT segment_sample('{1-1000}', 3, '客户'), segment_split('{-3-3}', '{1,1}', '客户');
\c regress_portrait_euc
SET client_encoding = 'UTF8';
CREATE EXTENSION portrait;
SELECT segment_sample('{1-1000}', 3, '客户'), segment_split('{-3-3}', '{1,1}', '客户');
SELECT '{1,客户}'::segment;
SELECT ('{1' || repeat('客', 200) || '}')::segment;
SELECT ('{12' || repeat('客', 200) || '}')::segment;
\c :here
DROP DATABASE regress_portrait_euc;
