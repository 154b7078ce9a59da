-- The demo: a retailer's orders, as segments.  To be run in an empty database;
-- test/demo/run makes one.
--
-- psql variables: retail_csv is the UCI Online Retail file as plain CSV, where
-- the server can read it, or empty for generated data; customers (20000) and
-- seed (1) are what to generate.
--
-- Parts go on from the tables that earlier ones made: 10-orders.sql tells them.
-- A part names each of its steps:  \set step 'what is being done'  \ir step.sql
\set ON_ERROR_STOP on
\pset footer off
\pset null '-'
\if :{?retail_csv} \else \set retail_csv '' \endif
\if :{?customers} \else \set customers 20000 \endif
\if :{?seed} \else \set seed 1 \endif
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
\ir 10-orders.sql
\ir 20-segments.sql
\ir 30-identity.sql
\ir 40-value.sql
\ir 90-times.sql
