-- The demo: a retailer's data becomes a portrait of its customers.  To be run in an
-- empty database; test/demo/run makes one.
--
-- psql variables: retail_csv is the UCI Online Retail file as plain CSV, where
-- the server can read it, or empty for generated data; customers (20000) and
-- seed (1) are what to generate; lang (en) is the language of labels, en or zh.
--
-- Parts go on from what earlier ones made.  A part names each of its steps:
-- \set step 'what is being done'  \ir step.sql
\set ON_ERROR_STOP on
\pset footer off
\pset null '-'
\if :{?retail_csv} \else \set retail_csv '' \endif
\if :{?customers} \else \set customers 20000 \endif
\if :{?seed} \else \set seed 1 \endif
\if :{?lang} \else \set lang en \endif
SELECT :'retail_csv' <> '' AS is_real \gset

SET client_min_messages = warning;
SET datestyle = 'ISO, MDY';
-- these queries are too short to be compiled
SET jit = off;
SET work_mem = '64MB';

CREATE SCHEMA portrait;
CREATE EXTENSION portrait SCHEMA portrait;
SET search_path = public, portrait;

\ir steps.sql
\ir 10-data.sql
\ir 20-portrait.sql
\ir 30-sources.sql
\ir 40-segments.sql
\ir 50-customer.sql
\ir 60-months.sql
\ir 70-products.sql
\ir 90-times.sql
