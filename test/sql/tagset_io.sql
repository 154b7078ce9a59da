--
-- tagset: text, binary form, jsonb, arrays.  Against rows: random tags are written
-- as text by SQL, in any order and form, and must come back as the same rows.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
SET timezone = 'UTC';
\pset null NULL
\set SHOW_CONTEXT never

-- one of everything; the order is that of bytes
SELECT 'vip, gender=f, age=34, city=上海, interest.sport=>0.8@2026-09-01, coupon=A17~2026-12-31'::tagset;
SELECT '兴趣.运动=>1@2026-09-01T10:00:00+08, 兴趣=网球, 兴趣=足球，会员＝是＠2026-01-01～2027-01-01'::tagset;
SELECT ''::tagset, E' \t\n　'::tagset, 'a'::tagset, ' a , b '::tagset, '"a b" = "c, d" => 1e-2 @ 2026-01-01T00:00:00.000001 ~ 9999-12-31T23:59:59.999999Z'::tagset;
-- true is the bare tag; several values; weights and times belong to values
SELECT 'a=true, b=false, c=TRUE, d="true", e, e=1, e=x, e=false'::tagset, 'a=1=>0, a=2=>1, a=>0.5'::tagset;
-- of one value the latest counts, then the larger weight, then the later end
SELECT 'a@2026-01-01=>1'::tagset;
SELECT 'a, a@2026-01-01, a=>1'::tagset, 'a=>0.5@2026-01-01, a=>0.6@2026-01-01, a'::tagset, 'a~2026-01-01, a'::tagset, 'a~2026-01-01, a~2026-01-02'::tagset, 'a=>0.1, a~2026-01-01'::tagset;

-- what words are
SELECT tag, value, type FROM tag_each('b1=true, b2=False, n1=0, n2=-0, n3=-1.50, n4=1e3, n5=1E-3, n6=100, n7=5e-324, n8=1.7976931348623157e308, n9=0.30000000000000004,
	n10=9007199254740992, n11=1e22, n12=123456789012345680000, n13=0.000001, n14=1e-7,
	t1=007, t2=+86, t3=.5, t4=5., t5=1e, t6=--1, t7=1-2, t8=0x10, t9=NaN, t10=Infinity, t11="34", t12="", t13=１２, t14=2026-9-1, t15=a/b:c+d-e_f.g, t16=nullable, t17=truely, t18="null",
	t19=2026-09-01T, t20=2026-09-01x, d1=2026-09-01, d2=0001-01-01, d3=9999-12-31, d4=2024-02-29,
	m1=2026-09-01T10:00, m2=2026-09-01T10:00:00Z, m3=2026-09-01T10:00:00.5+08:00, m4=2026-09-01T23:59:59.999999-0330, m5=2026-09-01T00:00+15:59, m6=2026-09-01T00:00-09');
-- and how they are printed
SELECT string_agg(tag_each.tag || ' ' || length(value), ', ' ORDER BY tag_each.tag) FROM tag_each('a="x\"y\\z", b="", c="a b", d="a,b", e="（", f="“", g="　", h="~", i="2026-09-01", j="1", k="tRUE", l="2026-02-30", m="12345678901234567890", n="日本"');
SELECT 'a="x\"y\\z", b="", c="a b", d="a,b", e="（", f="“", g="　", h="~", i="2026-09-01", j="1", k="tRUE", l="2026-02-30", m="12345678901234567890", n="日本", "p q", "\"", true, 1=1, "（"'::tagset;

-- what is none
CREATE FUNCTION pg_temp.try(text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE 'SELECT (' || $1 || ')::text' INTO message;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;
SELECT left(input, 40) AS input, t.*
FROM unnest(ARRAY[',', 'a,', ',a', 'a,,b', 'a b', 'a=', 'a=b=c', 'a=b c', '""', '"a', 'a="b', 'a="\n"', 'a="b"c', '=1', 'a==1', 'a=null', 'a=NULL', 'a;b', 'a=“b”', 'a=''b''', 'a (b)', 'a（b）',
	'a=>', 'a=>x', 'a=>1.1', 'a=>-0.1', 'a=>"1"', 'a=>1=>1', 'a@', 'a@x', 'a@2026', 'a@"2026-01-01"', 'a~2026-01-01@2026-01-01', 'a@2026-01-01@2026-01-01', '客户 a',
	'a=12345678901234567890', 'a=9007199254740993', 'a=0.1000000000000000055', 'a=1e400', 'a=1e-400', 'a=4e-324', 'a=1.7976931348623159e308', 'a=' || repeat('1', 2000),
	'a=2026-02-30', 'a=2026-13-01', 'a=2026-00-01', 'a=0000-01-01', 'a=2025-02-29', 'a=1900-02-29', 'a=2026-09-01T24:00', 'a=2026-09-01T10:60', 'a=2026-09-01T10:00:60', 'a=2026-09-01T10:00:00.1234567',
	'a=2026-09-01T10:00:00.', 'a=2026-09-01T10:00+16', 'a=2026-09-01T10:00+8', 'a=2026-09-01T10:00z', 'a=0001-01-01T00:00+01', 'a=9999-12-31T23:30-01', 'a@2026-02-30']) AS input,
	LATERAL pg_temp.try(format('%L::tagset', input)) AS t;
-- limits, below and above
SELECT n, left(t.state, 60) AS state, left(t.message, 80) AS message, detail FROM unnest(ARRAY[1, 1022, 1023, 1024, 70000]) AS n, LATERAL pg_temp.try(format('tag_count(%L)', repeat('n', n))) AS t;
SELECT n, what, t.state, left(t.message, 80) AS message, detail FROM unnest(ARRAY[65534, 65535, 65536, 70000]) AS n, unnest(ARRAY['x', '"x"']) AS what, LATERAL pg_temp.try(format('length(%L::tagset ->> ''a'')', 'a=' || replace(what, 'x', repeat('x', n)))) AS t;
-- numbers take 1, 2 or 4 bytes: ends up to 255 and 65,535 bytes of records, and n
SELECT n, length(tagset_send(t)), to_hex(get_byte(tagset_send(t), 1)) AS widths, t::text::tagset = t AS same
FROM unnest(ARRAY[249, 250, 251, 65528, 65529, 65530, 65531]) AS n, LATERAL (SELECT tagset(ARRAY['a'], ARRAY[repeat('x', n)])) AS s(t);
SELECT n, to_hex(get_byte(tagset_send(t), 1)) AS widths, length(tagset_send(t)), t::text::tagset = t AS same, tag_count(t), t -> ('t' || n - 1) AS last, t -> ('t' || n) AS none
FROM unnest(ARRAY[0, 1, 7, 8, 9, 15, 16, 17, 255, 256, 511, 512, 65535, 65536]) AS n, LATERAL (SELECT coalesce(tag_agg('t' || i), '') FROM generate_series(0, n - 1) AS i) AS s(t);

-- the binary form is the layout, which is for good
SELECT tagset_send(''), tagset_send('vip'), tagset_send('age=34, t=x=>0.5@2000-01-01~2000-01-02, f=false');
SELECT tagset_send('d=2000-01-02, t=1999-12-31T23:59:59.999999Z, n=-1, 客=户');

--
-- random tags
--
SELECT setseed(0.4711);
CREATE TEMP TABLE pool AS
SELECT ARRAY['vip', 'age', 'city', '兴趣.运动', 'interest.sport.running', 'a b', 'x"y', 'c\d', '城市', 'true', '12', 'A', 'a.b', 'ab', '（x）', repeat('long.', 100)] AS names,
	ARRAY['上海', 'New York', '', 'true', '34', '2026-09-01', 'a"b\c', 'x,y', 'null', '-', '1e5', '~', repeat('多', 100), 'm', 'n', '2026-02-31'] AS texts,
	ARRAY['0', '1', '-1', '34', '0.1', '1e+20', '1.5e-07', '9007199254740991', '-0.30000000000000004', '123456.789'] AS numbers,
	ARRAY['2026-09-01', '1970-01-01', '0001-01-01', '9999-12-31', '2024-02-29'] AS dates,
	ARRAY['2026-09-01T00:00:00Z', '1969-12-31T23:59:59.999999Z', '2026-09-01T10:30:00.5Z', '0001-01-01T00:00:00Z'] AS times;
CREATE TEMP TABLE random_rows AS
SELECT id, names[1 + floor(random() * cardinality(names))] AS tag, kind.type, CASE kind.type
		WHEN 'boolean' THEN CASE WHEN random() < 0.7 THEN 'true' ELSE 'false' END
		WHEN 'number' THEN numbers[1 + floor(random() * cardinality(numbers))]
		WHEN 'date' THEN dates[1 + floor(random() * cardinality(dates))]
		WHEN 'time' THEN times[1 + floor(random() * cardinality(times))]
		ELSE texts[1 + floor(random() * cardinality(texts))] END AS value,
	CASE WHEN random() < 0.3 THEN (ARRAY[0, 1, 0.5, 0.123456789012345678, 1e-10])[1 + floor(random() * 5)]::double precision END AS weight,
	CASE WHEN random() < 0.3 THEN (ARRAY['2026-01-01', '2026-01-02', '2026-01-02 03:04:05.678', '1999-12-31 23:59:59'])[1 + floor(random() * 4)]::timestamptz END AS set_at,
	CASE WHEN random() < 0.3 THEN (ARRAY['2027-01-01', '2027-01-02', '2027-01-02 03:04:05.678'])[1 + floor(random() * 3)]::timestamptz END AS expires_at
FROM pool, generate_series(1, 3000) AS id, LATERAL generate_series(1, (id * 7919) % 30) AS i,
	LATERAL (SELECT (ARRAY['boolean', 'number', 'date', 'time', 'text', 'text'])[1 + floor(random() * 6 + 0 * i)] AS type) AS kind;

CREATE FUNCTION pg_temp.quoted(text, must boolean) RETURNS text LANGUAGE sql
RETURN CASE WHEN must OR $1 !~ '^[[:alnum:]_.+:/-]+$' THEN '"' || replace(replace($1, '\', '\\'), '"', '\"') || '"' ELSE $1 END;
CREATE FUNCTION pg_temp.moment(timestamptz) RETURNS text LANGUAGE sql
RETURN CASE WHEN $1 = date_trunc('day', $1) THEN to_char($1, 'YYYY-MM-DD') ELSE to_char($1, 'YYYY-MM-DD"T"HH24:MI:SS.US') END;
CREATE TEMP TABLE random_sets AS
SELECT ids.id, coalesce(string_agg(concat(pg_temp.quoted(tag, tag ~ '（'), CASE WHEN type <> 'boolean' OR value = 'false' THEN CASE WHEN random() < 0.2 THEN '＝' ELSE '=' END || pg_temp.quoted(value, type = 'text') END,
	'=>' || weight, '@' || pg_temp.moment(set_at), '~' || pg_temp.moment(expires_at)), CASE ids.id % 4 WHEN 0 THEN '，' WHEN 1 THEN ',' ELSE ' , ' END), '') AS text
FROM generate_series(1, 3000) AS ids(id) LEFT JOIN random_rows USING (id) GROUP BY ids.id;
ALTER TABLE random_sets ADD tags tagset;
UPDATE random_sets SET tags = text::tagset;

-- the rows that should come back
CREATE TEMP TABLE truth AS
SELECT DISTINCT ON (id, tag, type, value) id, tag, type, value, weight, set_at, expires_at FROM random_rows
ORDER BY id, tag, type, value, set_at DESC NULLS LAST, weight DESC NULLS LAST, expires_at DESC NULLS FIRST;
CREATE TEMP TABLE found AS SELECT id, e.* FROM random_sets, tag_each(tags) AS e;
SELECT count(*) > 30000 AS many FROM random_rows;
SELECT (SELECT count(*) FROM (TABLE found EXCEPT ALL SELECT id, tag, value, type, weight, set_at, expires_at FROM truth) AS d) AS invented,
	(SELECT count(*) FROM (SELECT id, tag, value, type, weight, set_at, expires_at FROM truth EXCEPT ALL TABLE found) AS d) AS lost;
-- fixpoints: text, jsonb
SELECT count(*), bool_and(tagset_send(tags::text::tagset) = tagset_send(tags)) AS text, bool_and(tagset_send(tags::jsonb::tagset) = tagset_send(tags)) AS jsonb,
	bool_and(tags::text::tagset::text = tags::text) AS again FROM random_sets;
-- names and counts
SELECT bool_and(tag_count(tags) = n AND tag_names(tags) = names) AS same
FROM random_sets JOIN (SELECT id, count(DISTINCT tag) AS n, array_agg(DISTINCT tag COLLATE "C" ORDER BY tag COLLATE "C") AS names FROM random_rows GROUP BY id) AS t USING (id);
SELECT bool_and(tag_values(tags, tag) = "values") AS same
FROM random_sets JOIN (SELECT id, tag, array_agg(value ORDER BY array_position('{boolean,number,date,time,text}', type), CASE type WHEN 'boolean' THEN (value = 'true')::int::numeric WHEN 'number' THEN value::numeric END, value COLLATE "C") AS "values" FROM truth GROUP BY id, tag) AS t USING (id);
-- binary, through a file of the server's
SELECT current_setting('data_directory') || '/portrait_tagset.bin' AS file \gset
CREATE TEMP TABLE received (id int, tags tagset);
COPY (SELECT id, tags FROM random_sets) TO :'file' (FORMAT binary);
COPY received FROM :'file' (FORMAT binary);
SELECT count(*), bool_and(a.tags = b.tags AND tagset_send(a.tags) = tagset_send(b.tags)) AS same FROM random_sets AS a JOIN received AS b USING (id);
-- stored large, and compressed
CREATE TEMP TABLE large (tags tagset);
INSERT INTO large SELECT tag_agg(tag, value) FROM random_rows UNION ALL SELECT tag_agg('tag.' || i, 'value ' || i % 7) FROM generate_series(1, 20000) AS i;
SELECT tag_count(tags), pg_column_size(tags) < 60 + length(tagset_send(tags)) AS stored, tags::text::tagset = tags AS same, tags ->> 'tag.19999' AS last, tags ->> 'tag.0' AS none FROM large;

--
-- bytes of others
--
CREATE TEMP TABLE hostile (bytes bytea);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	file text := quote_literal(current_setting('data_directory') || '/portrait_tagset.bin');
	tags tagset;
	detail text;
BEGIN
	TRUNCATE hostile;
	INSERT INTO hostile VALUES (bytes);
	EXECUTE 'COPY hostile TO ' || file || ' (FORMAT binary)';
	TRUNCATE received;
	EXECUTE 'COPY received (tags) FROM ' || file || ' (FORMAT binary)';
	SELECT r.tags INTO tags FROM received AS r;
	RETURN CASE WHEN tagset_send(tags) <> bytes OR tagset_send(tags::text::tagset) <> bytes THEN 'changed' ELSE 'good' END;
EXCEPTION WHEN invalid_binary_representation THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END
$$;
-- every damage of one byte, every cut, and some more: an error, or another good value
CREATE TEMP TABLE sample AS SELECT tagset_send('age=34, born=2026-09-01, "f\"" = false, sport=>0.5@2026-09-01T01:02:03~2027-01-01, sport=tennis, vip') AS bytes;
SELECT outcome, count(*)
FROM sample, generate_series(0, length(bytes) - 1) AS place, unnest(ARRAY[1, 64, 128]) AS flip, LATERAL pg_temp.receive(set_byte(bytes, place, get_byte(bytes, place) # flip)) AS outcome
GROUP BY outcome ORDER BY outcome COLLATE "C";
SELECT outcome, count(*)
FROM sample, generate_series(0, length(bytes) - 1) AS place, LATERAL pg_temp.receive(substr(bytes, 1, place)) AS outcome
GROUP BY outcome ORDER BY outcome COLLATE "C";
SELECT what, pg_temp.receive(bytes) AS outcome
FROM (VALUES ('as it is', tagset_send('age=34, vip')), ('and more', tagset_send('age=34, vip') || '\x00'), ('nothing', ''), ('empty and more', tagset_send('') || '\x00'),
	('another version', '\x02' || substr(tagset_send('vip'), 2)), ('state of an aggregate', '\x8100000000000000000000000000000000000000'),
	('number', substr(tagset_send('n=0'), 1, 8) || '\xbff0000000000000'), ('-0', substr(tagset_send('n=0'), 1, 8) || '\x7fffffffffffffff'),
	('NaN', substr(tagset_send('n=0'), 1, 8) || '\xfff8000000000000'), ('infinity', substr(tagset_send('n=0'), 1, 8) || '\xfff0000000000000'),
	('plain, not marked', substr(tagset_send('n=false'), 1, 8) || '\x01'), ('two values', set_byte(substr(tagset_send('n=false'), 1, 8) || '\x000101', 4, 6)),
	('the same twice', set_byte(substr(tagset_send('n=false'), 1, 8) || '\x000100', 4, 6)), ('out of order', set_byte(substr(tagset_send('n=false'), 1, 8) || '\x010100', 4, 6)),
	('not UTF-8', set_byte(tagset_send('a=é'), 10, 65)), ('zero byte', set_byte(tagset_send('a=x'), 9, 0)), ('wide ends', '\x011201' || substr(tagset_send('vip'), 4, 2) || '\x00' || substr(tagset_send('vip'), 6)),
	('wide number', '\x01210100' || substr(tagset_send('vip'), 4)), ('no width', '\x011001' || substr(tagset_send('vip'), 4)), ('width of 3', '\x011301' || substr(tagset_send('vip'), 4, 2) || '\x0000' || substr(tagset_send('vip'), 6)),
	('plain, not its mark', set_byte(tagset_send('vip'), 3, 34)), ('no value', '\x011101220403' || 'vip'::bytea), ('more names than bytes', '\x011104' || substr(tagset_send('vip'), 4)),
	('long name', '\x011201' || substr(tagset_send(tagset(ARRAY[repeat('n', 1023)])), 4, 1) || '\x0004' || substr(tagset_send(tagset(ARRAY[repeat('n', 1023)])), 7) || 'n')) AS v(what, bytes);
DROP TABLE hostile, received;

--
-- jsonb
--
SELECT input, t.state, t.message, t.detail
FROM unnest(ARRAY['{}', '[]', '{"a": true}', '{"a": false, "b": null, "c": 1.50, "d": "x", "e": "true", "f": "34", "g": "null"}', '{"a": [1, "x", null, true, [2, [3]]], "b": [], "c": {}}',
	'{"d": "2026-09-01", "t": "2026-09-01T10:00:00+08:00", "x": "2026-02-30", "y": "2026-9-1"}', '{"d": {"value": "2026-09-01", "type": "text"}, "x": {"value": "y", "type": "text"}}',
	'{"s": {"value": true, "weight": 0.8, "set_at": "2026-09-01", "expires_at": "2027-01-01T00:00:00Z"}, "n": {"value": 1}, "gone": {"value": null, "weight": 1}}',
	'{"interest": {"sport": {"tennis": 1, "running": {"value": 2, "weight": 0.5}}, "art": "yes"}}', '{"a": {"value": 1, "unit": "kg"}, "body": {"weight": 70}}', '{"a": [{"b": 1}, {"b": 2}], "c": [{"value": 1, "weight": 0}]}', '{"a.b": 1, "a": {"b": 2}}',
	'["vip", "new member", null]', '[1]', '1', '"vip"', 'null', '{"": 1}', '{"a": {"": 1}}', '{"a": {"value": [1]}}', '{"a": {"value": 1, "weight": 2}}', '{"a": {"value": 1, "weight": "1"}}', '{"a": {"value": 1, "set_at": 5}}',
	'{"a": {"value": 1, "set_at": "x"}}', '{"a": {"value": 1, "set_at": "2026-02-30"}}', '{"a": {"value": 1, "type": "text"}}', '{"a": {"value": "1", "type": "number"}}', '{"a": 12345678901234567890}', '{"a": 0.1000000000000000055}', '{"a": 1e400}', '{"a": 1e22}']) AS input,
	LATERAL pg_temp.try(format('%L::jsonb::tagset', input)) AS t;
SELECT 'a, b=false, c=1.50, d=x, e=2026-09-01, f=2026-09-01T10:00, g="2026-09-01", h=1, h=2, h="34", i=>0.5, j=1e30, k=1@2026-01-01~2027-01-01, l="2026-02-30"'::tagset::jsonb;
SELECT jsonb_pretty(tags::jsonb) = jsonb_pretty(tags::jsonb::tagset::jsonb) AS same, length(tags::jsonb::text) > 100000 AS large FROM (SELECT tag_agg('tag.' || i, i) AS tags FROM generate_series(1, 10000) AS i) AS t;
-- deep nesting is a name that is too long, or a clean error
SELECT t.state, left(t.message, 60) AS message FROM pg_temp.try($$((repeat('{"a":', 500) || '1' || repeat('}', 500))::jsonb::tagset)$$) AS t;
SELECT t.state, left(t.message, 60) AS message, t.detail FROM pg_temp.try($$((repeat('{"a":', 513) || '1' || repeat('}', 513))::jsonb::tagset)$$) AS t;

--
-- arrays
--
SELECT ARRAY['vip', NULL, 'a=1', 'New, York', 'vip']::tagset, '{}'::text[]::tagset, '{{a,b},{c,d}}'::text[]::tagset, '[5:6]={x,y}'::text[]::tagset, ARRAY['vip']::varchar[]::text[]::tagset;
SELECT tagset(ARRAY['age', 'city', 'city', 'x', NULL, 'true'], ARRAY['34', '上海', '北京', NULL, 'y', 'true']), tagset('{}', '{}'), tagset(names => ARRAY['a'], "values" => ARRAY['2026-09-01']);
SELECT input, t.state, left(t.message, 60) AS message, t.detail
FROM unnest(ARRAY['ARRAY['''']::tagset', 'array_fill(''x''::text, ''{3}'')::tagset', 'ARRAY[repeat(''x'', 1024)]::tagset', 'tagset(ARRAY[''a''], ARRAY[]::text[])', 'tagset(ARRAY[''''], ARRAY[''a''])', 'tagset(ARRAY[''a''], ARRAY[repeat(''x'', 65536)])', 'tagset(NULL, ARRAY[''a''])']) AS input,
	LATERAL pg_temp.try(input) AS t;
SELECT 'vip'::tagset = tagset('vip') AS by_name;
-- what others have is converted by casts
SELECT '{"vip": true}'::tagset;
SELECT '{"vip": true}'::jsonb::tagset, '{vip}'::text[]::tagset;
