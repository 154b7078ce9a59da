--
-- segment: COPY that leaves out what is no segment (PostgreSQL 17 and later)
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;

CREATE TEMP TABLE sets (id int, s segment);
COPY sets FROM stdin (ON_ERROR ignore);
1	{1,5-9}
2	{1,
3	{9223372036854775808}
4	{0-9223372036854775807}
5	segment:AAAA
6	\N
7	{3,1,2}
8	{3,1,x}
9	{}
\.
SELECT * FROM sets ORDER BY id;
DROP TABLE sets;
