--
-- identity: canonical identifiers
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS portrait;
RESET client_min_messages;
\pset null NULL
-- versions differ in how wide invisible characters are
\pset format unaligned
\set SHOW_CONTEXT never

-- what each type makes of good and bad values
CREATE FUNCTION pg_temp.tried(type text, VARIADIC vals text[])
RETURNS TABLE (val text, identifier text, problem text)
LANGUAGE sql
AS $$
	SELECT v, public.identifier(type, v, CASE WHEN type IN ('openid', 'account', 'cookie') THEN 's' END),
		public.identifier_problem(type, v)
	FROM unnest(vals) WITH ORDINALITY AS u(v, i) ORDER BY i
$$;

-- phones: the same number however it is written
SELECT * FROM pg_temp.tried('phone', '13800138000', '138 0013 8000', '138-0013-8000', '+8613800138000', '008613800138000',
	'+86 138 0013 8000', '+86-138-0013-8000', '(+86) 138.0013.8000', '+86 (0)138 0013 8000', '013800138000', ' 13800138000 ',
	'１３８００１３８０００', '＋８６　１３８ ００１３ ８０００', U&'\202D138\00A00013\20118000\202C', U&'\FEFF13800138000');
-- numbers of elsewhere need their country, and of landlines too
SELECT * FROM pg_temp.tried('phone', '+1 (212) 555-0123', '0012125550123', '2125550123', '+86 10 8765 4321', '010 8765 4321', '8613800138000',
	'+442079460958', '+0123456789', '+12345', '+1234567890123456', '+86 138 0013 800', '138001380001', '12800138000', 'phone', '138a0013800', '+', '++8613800138000');
SELECT * FROM pg_temp.tried('phone', '138****1234', '138＊＊＊＊1234', '138*1234', '17012345679转1234', '17012345679 ext. 12', '17012345679,12', '17012345679-1234', '+86 170 1234 5679 #8');
SELECT * FROM pg_temp.tried('phone', NULL, '', '   ', U&'\3000\200B', '00000000000', '0', '11111111111', '12345678', '+8612345678901', '98765432109', 'null', 'None', 'N/A', '-', '无');

SELECT * FROM pg_temp.tried('email', 'Li.Wei@Example.COM', ' li.wei@example.com ', 'ｌｉ＠example.com', 'a+tag@gmail.com', 'A.B@gmail.com', '"a@b"@example.com', '李@例子.中国', U&'e\0301@x.fr', U&'\00E9@x.fr');
SELECT * FROM pg_temp.tried('email', 'li', '@example.com', 'li@', 'li@localhost', 'li@.com', 'li@example.', 'li@a..b', 'l i@example.com', 'l***i@example.com', 'unknown', 'Undefined', '');

-- case is kept where it tells people apart
SELECT * FROM pg_temp.tried('openid', 'oXyZ_1-a', ' oXyZ_1-a ', 'oxyz_1-a', 'null', '[object Object]');
SELECT * FROM pg_temp.tried('unionid', 'o6_bmA', 'O6_BMA', 'NaN');
SELECT * FROM pg_temp.tried('card', 'C-007', 'c-007', '６２２２', '12345678', '123456', '87654321', '12345', '00000000', '0000-0000', '88888888', '8888', '77', '1');
SELECT * FROM pg_temp.tried('account', 'Li', 'li', 'a:b@c', '0', '7', '11', '[object Object]', 'guest', 'true');
SELECT * FROM pg_temp.tried('device', '9774d56d682e549c', '9774D56D682E549C', '02:00:00:00:00:00', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
	'00:00:00:00:00:00', '38A52BE4-9352-453E-AF97-5C3B448652F0', 'fffff0');
SELECT * FROM pg_temp.tried('cookie', 'GA1.2.1-2', 'undefined', '--', '...');
SELECT * FROM pg_temp.tried('name_birth', '张三|1990-01-01', ' Zhāng Sān|1990 ', U&'Zha\0304ng Sa\0304n|1990', 'unknown');
-- any other type: trim and NFKC, and never lower
SELECT * FROM pg_temp.tried('passport', ' ＡＢ１２ ', 'ab12', U&'\FB01ne', U&'\2460', '🙂', U&'\05D0\05D1', U&'\200F\05D0\05D1\200E', 'null', '***', '**');

-- types and scopes
SELECT identifier('openid', 'oXy', 'wx8f2a'), identifier('openid', 'oXy', scope => 'wx8f2b'), identifier('card', '7', 'shop'), identifier('card', '7');
SELECT identifier('openid', 'oXy');
SELECT identifier('account', NULL);
SELECT identifier('cookie', 'x', NULL);
SELECT identifier('openid', 'oXy', '');
SELECT identifier('openid', 'oXy', 'a:b');
SELECT identifier('card', 'x', 'a@b');
SELECT identifier('card@shop', 'x');
SELECT identifier('', 'x');
SELECT identifier(repeat('a', 1000) || ':', 'x');
SELECT identifier(NULL, 'x'), identifier('card', NULL), identifier_problem(NULL, 'x'), identifier_problem('card', NULL);

-- taken apart
SELECT i, identifier_type(i), identifier_scope(i), identifier_value(i)
FROM (VALUES ('card:7'), ('openid@wx8f2a:oXy'), ('email:li@example.com'), ('account@shop:a:b@c'), ('x@:v'), ('x:'), (':x'), ('@s:x'), ('none'), ('li@example.com'), (''), (NULL)) AS v(i);

-- put together again it is the same, and canonical: nothing changes any more
SELECT count(*), count(i), bool_and(identifier(identifier_type(i), identifier_value(i), identifier_scope(i)) = i) AS same
FROM (
	SELECT identifier(t, v, s) AS i
	FROM unnest(ARRAY['phone', 'email', 'openid', 'unionid', 'card', 'account', 'device', 'cookie', 'name_birth', 'x']) AS t,
		unnest(ARRAY['s', U&'\5FAE\4FE1']) AS s,
		(SELECT string_agg(c, '') AS v
		 FROM generate_series(1, 400) AS g,
			LATERAL (SELECT (ARRAY['1', '3', '8', '0', '+', '-', ' ', 'a', 'Z', '@', '.', ':', '*', U&'\3000', U&'\FF11', U&'\0301', U&'\00B4', U&'\+01F642', U&'\05D0', U&'\202D', U&'\200D'])
					[1 + (hashint8extended(g * 100 + k, 42) & 2147483647) % 21] AS c
				FROM generate_series(1, g % 17) AS k) AS chars
		 GROUP BY g) AS words
	UNION ALL
	SELECT identifier('phone', '1' || 30000000000 + g) FROM generate_series(0, 99000) AS g WHERE g % 997 = 0
) AS made;

-- hostile values
SELECT t, length(identifier(t, v, 's')) AS length, identifier_problem(t, v) AS problem
FROM unnest(ARRAY['phone', 'email', 'x']) AS t,
	(VALUES (1, repeat('1', 1048576)), (2, repeat('é', 500000) || '@x.com'), (3, repeat(' ', 1000000)), (4, repeat('+', 1000000)),
		(5, repeat(U&'\FF11', 300000)), (6, repeat(U&'\202E', 300000)), (7, E'\x01\x02\x7f'), (8, repeat(E'a\u0301', 300000))) AS h(i, v)
ORDER BY t, i;

-- NULL never merges people
SELECT identity_merge(ARRAY[identifier('phone', phone), identifier('card', card)])
FROM (VALUES ('unknown', '1001'), ('unknown', '1002'), ('138****1234', '1003'), ('138****1234', '1004'), ('13800138000', '1005'), ('+8613800138000', '1006')) AS v(phone, card);
