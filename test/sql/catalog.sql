--
-- What the extension puts into the catalogs, module by module the same rules.
-- Each query shows what breaks a rule, so that none has rows.
--
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS portrait CASCADE;
RESET client_min_messages;
CREATE EXTENSION portrait;

-- operator classes
SELECT count(*) > 0 AS has_operator_classes
FROM pg_opclass AS c
JOIN pg_depend AS d ON d.classid = 'pg_opclass'::regclass AND d.objid = c.oid AND d.deptype = 'e';

SELECT amname, opcname
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = c.opcmethod
WHERE opcintype IN (SELECT objid FROM pg_depend
					WHERE classid = 'pg_type'::regclass AND deptype = 'e'
					AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'portrait'))
AND NOT amvalidate(c.oid);

-- what is ours
CREATE TEMP VIEW ours AS
SELECT classid, objid
FROM pg_depend
WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'portrait');

CREATE TEMP VIEW our_functions AS
SELECT p.* FROM pg_proc AS p JOIN ours ON classid = 'pg_proc'::regclass AND objid = p.oid;

CREATE TEMP VIEW our_operators AS
SELECT o.* FROM pg_operator AS o JOIN ours ON classid = 'pg_operator'::regclass AND objid = o.oid;

CREATE TEMP VIEW our_types AS
SELECT t.* FROM pg_type AS t JOIN ours ON classid = 'pg_type'::regclass AND objid = t.oid
WHERE typtype <> 'c';

-- everything is described (array types and operator families are made for us)
SELECT pg_describe_object(classid, objid, 0)
FROM ours
WHERE obj_description(objid, classid::regclass::name) IS NULL
AND classid <> 'pg_opfamily'::regclass
AND NOT EXISTS (SELECT FROM pg_type WHERE oid = objid AND typelem <> 0 AND typlen = -1);

-- in every encoding there is
SELECT pg_describe_object(classid, objid, 0) FROM ours WHERE obj_description(objid, classid::regclass::name) ~ '[^ -~]';

-- what people call comes with an example; the rest is input and output,
-- planner support, what stands behind operator classes and aggregates
SELECT oid::regprocedure
FROM our_functions AS p
WHERE obj_description(oid, 'pg_proc') NOT LIKE '%for example%'
AND NOT EXISTS (SELECT FROM pg_type AS t
				WHERE p.oid IN (typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze))
AND NOT EXISTS (SELECT FROM pg_amproc WHERE amproc = p.oid)
AND NOT EXISTS (SELECT FROM pg_amop AS a JOIN pg_operator AS o ON o.oid = a.amopopr WHERE oprcode = p.oid)
AND NOT EXISTS (SELECT FROM pg_operator WHERE p.oid IN (oprrest, oprjoin))
AND NOT EXISTS (SELECT FROM pg_operator AS o JOIN pg_operator AS n ON n.oid = o.oprnegate
				JOIN pg_amop AS a ON a.amopopr = o.oid WHERE n.oprcode = p.oid)
AND NOT EXISTS (SELECT FROM pg_proc WHERE prosupport = p.oid)
AND NOT EXISTS (SELECT FROM pg_aggregate
				WHERE p.oid IN (aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn));

SELECT oid::regtype
FROM our_types
WHERE typelem = 0 AND obj_description(oid, 'pg_type') NOT LIKE '%for example%'
AND NOT EXISTS (SELECT FROM pg_aggregate WHERE aggtranstype = our_types.oid);

-- nothing is volatile but what keeps the managed portrait, which is named so;
-- all else may run in parallel workers, save what calls functions it is given, and
-- what reads a table by a query of its own, which only the leader does
SELECT oid::regprocedure, provolatile, proparallel
FROM our_functions
WHERE (proparallel <> 's' OR provolatile = 'v') AND proname NOT LIKE 'portrait\_%'
AND NOT (provolatile = 's' AND proparallel = 'u' AND 'regprocedure'::regtype = ANY (proargtypes))
AND NOT (provolatile = 's' AND proparallel = 'r' AND 'regclass'::regtype = ANY (proargtypes));

-- no security definer, no settings, rows for sets only, languages that all have
SELECT oid::regprocedure
FROM our_functions
WHERE prosecdef OR proconfig IS NOT NULL AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
OR proretset <> (prorows > 0)
OR prolang NOT IN (SELECT oid FROM pg_language WHERE lanname IN ('c', 'sql', 'internal', 'plpgsql'));

-- PL/pgSQL keeps the managed portrait, and looks up names in a path of its own; but
-- procedures that commit cannot
SELECT oid::regprocedure
FROM our_functions
WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
AND (proname NOT LIKE 'portrait\_%' OR prokind = 'f' AND proconfig[1] IS DISTINCT FROM 'search_path=pg_catalog, pg_temp');

-- functions in SQL are bound when they are created
SELECT oid::regprocedure
FROM our_functions
WHERE prosqlbody IS NULL AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql');

-- strict, but for aggregates, what they are made of, and defaults of NULL; for sets
-- in SQL, which could not be inlined if they were strict; and for the managed
-- portrait, where a NULL is an error
SELECT oid::regprocedure
FROM our_functions AS p
WHERE NOT proisstrict AND prokind = 'f'
AND NOT EXISTS (SELECT FROM pg_aggregate WHERE p.oid IN (aggtransfn, aggcombinefn))
AND pg_get_function_arguments(oid) NOT LIKE '%DEFAULT NULL%'
AND NOT (proretset AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql'))
AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'plpgsql');

-- arguments have names wherever people call the function
SELECT oid::regprocedure
FROM our_functions
WHERE obj_description(oid, 'pg_proc') LIKE '%for example%' AND prokind = 'f'
AND proargnames IS NULL AND pronargs > 1;

-- no argument is called by a word that would need quotes, save the values of a tagset
SELECT oid::regprocedure, name
FROM our_functions, unnest(proargnames) AS name
WHERE name <> '' AND name <> quote_ident(name);

-- no operator is on core types alone, or has a question mark
SELECT oid::regoperator
FROM our_operators
WHERE NOT EXISTS (SELECT FROM our_types AS t WHERE t.oid IN (oprleft, oprright))
OR oprname LIKE '%?%';

-- commutators and negators lead back, of the same types, and agree
SELECT o.oid::regoperator, c.oid::regoperator AS commutator
FROM our_operators AS o JOIN pg_operator AS c ON c.oid = o.oprcom
WHERE c.oprcom <> o.oid OR c.oprleft <> o.oprright OR c.oprright <> o.oprleft
OR c.oprresult <> o.oprresult OR c.oprcode = 0
OR o.oprcanmerge <> c.oprcanmerge OR o.oprcanhash <> c.oprcanhash;

SELECT o.oid::regoperator, n.oid::regoperator AS negator
FROM our_operators AS o JOIN pg_operator AS n ON n.oid = o.oprnegate
WHERE n.oprnegate <> o.oid OR n.oprleft <> o.oprleft OR n.oprright <> o.oprright
OR o.oprresult <> 'boolean'::regtype OR n.oid = o.oid;

-- functions of operators that stand for each other have the same properties
SELECT o.oid::regoperator
FROM our_operators AS o
JOIN pg_operator AS other ON other.oid IN (o.oprcom, o.oprnegate)
JOIN pg_proc AS p ON p.oid = o.oprcode
JOIN pg_proc AS q ON q.oid = other.oprcode
WHERE (p.provolatile, p.proisstrict, p.proleakproof, p.proparallel)
	<> (q.provolatile, q.proisstrict, q.proleakproof, q.proparallel);

-- whatever gives a boolean has estimators, and does not leak
SELECT o.oid::regoperator
FROM our_operators AS o JOIN pg_proc AS p ON p.oid = o.oprcode
WHERE oprresult = 'boolean'::regtype
AND (oprrest = 0 OR oprjoin = 0 OR NOT proleakproof);

-- operators and their functions take and give the same
SELECT o.oid::regoperator, p.oid::regprocedure
FROM our_operators AS o JOIN pg_proc AS p ON p.oid = o.oprcode
WHERE oprresult <> prorettype
OR oprright <> proargtypes[pronargs - 1] OR oprleft NOT IN (0, proargtypes[0])
OR pronargs <> CASE WHEN oprleft = 0 THEN 1 ELSE 2 END;

-- input, output, and how the bytes are laid out; each type by one rule
SELECT oid::regtype
FROM our_types
WHERE typelem = 0
AND (typreceive = 0 OR typsend = 0 OR typarray = 0 OR typisdefined = false
	OR (typlen = -1 AND typstorage = 'p'));

-- the input of a type gives it, and its output takes it
SELECT t.oid::regtype
FROM our_types AS t
WHERE typelem = 0
AND ((SELECT prorettype FROM pg_proc WHERE oid = typinput) <> t.oid
	OR (SELECT prorettype FROM pg_proc WHERE oid = typreceive) <> t.oid
	OR (SELECT proargtypes[0] FROM pg_proc WHERE oid = typoutput) <> t.oid
	OR (SELECT proargtypes[0] FROM pg_proc WHERE oid = typsend) <> t.oid);

-- casts: no relabelling into or out of a type of ours
SELECT castsource::regtype, casttarget::regtype
FROM pg_cast JOIN ours ON classid = 'pg_cast'::regclass AND objid = pg_cast.oid
WHERE castmethod <> 'f' OR castcontext <> 'e';

-- aggregates can be combined, and keep no state that cannot travel
SELECT aggfnoid
FROM pg_aggregate JOIN our_functions AS p ON p.oid = aggfnoid::oid
WHERE aggcombinefn = 0 OR aggtranstype = 'internal'::regtype OR aggfinalmodify <> 'r';

-- C functions that SQL shares have the same arguments, but for the kind of segment
SELECT p.oid::regprocedure, q.oid::regprocedure
FROM our_functions AS p JOIN our_functions AS q ON p.prosrc = q.prosrc AND p.oid < q.oid
WHERE p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
AND q.prolang = p.prolang
AND (p.prorettype, p.proisstrict, p.pronargs) <> (q.prorettype, q.proisstrict, q.pronargs);

-- no function is a default away from another of the same name
SELECT p.oid::regprocedure, q.oid::regprocedure
FROM our_functions AS p JOIN our_functions AS q ON p.proname = q.proname AND p.oid <> q.oid
WHERE p.pronargs > q.pronargs AND p.pronargs - p.pronargdefaults <= q.pronargs
AND p.proargtypes[0] = q.proargtypes[0];

-- examples in comments give what they say they give; those that read tables
-- of the reader's are left out
CREATE FUNCTION pg_temp.example(description text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	part text[] := regexp_match(description, 'for example: (.*) gives (.*)$');
	result text;
BEGIN
	IF part IS NULL OR part[1] ~* ' from [a-z_]+( |$)' THEN
		RETURN NULL;
	ELSIF part[1] ~* '^select ' THEN
		EXECUTE format('SELECT trim(both ''()'' FROM (x.*)::text) FROM (%s) AS x', part[1]) INTO result;
	ELSE
		EXECUTE format('SELECT (%s)::text', part[1]) INTO result;
	END IF;
	-- a row is told with blanks, a number with fewer digits, an array with quotes
	RETURN CASE WHEN replace(result, '"', '') NOT IN (part[2], replace(part[2], ', ', ','))
		AND NOT (result ~ '^[0-9]+\.' AND starts_with(result, part[2])) THEN
		format('%s gives %s, not %s', part[1], result, part[2]) END;
EXCEPTION WHEN OTHERS THEN
	RETURN format('%s: %s', part[1], sqlerrm);
END
$$;
SELECT count(*) > 30 AS many_examples, count(*) FILTER (WHERE problem IS NOT NULL) AS wrong, string_agg(problem, E'\n') AS problems
FROM ours, LATERAL obj_description(objid, classid::regclass::name) AS description, pg_temp.example(description) AS problem
WHERE description LIKE '%for example%';

DROP EXTENSION portrait CASCADE;

--
-- Whoever may create in a database may install, anywhere, with any search_path
--
CREATE ROLE regress_portrait_owner;
DO $$
BEGIN
	EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_portrait_owner', current_database());
END
$$;
SET ROLE regress_portrait_owner;
SET search_path = '';
CREATE SCHEMA "Customer portraits";
CREATE EXTENSION portrait SCHEMA "Customer portraits";
SELECT extowner::regrole, extrelocatable, extconfig
FROM pg_catalog.pg_extension WHERE extname = 'portrait';

-- it is owned by its installer, but its functions by the superuser, as with any trusted one
SELECT '{3,1-2}'::"Customer portraits".segment,
	"Customer portraits".segment_count('{1-9}'),
	'{1,2}'::"Customer portraits".segment OPERATOR("Customer portraits".|) 3::bigint AS one_more,
	"Customer portraits".segment('{1,2}'::bigint[]),
	2 OPERATOR("Customer portraits".<@) '{1-3}'::"Customer portraits".segment AS contained;
SET search_path = nowhere, "no where", "Customer portraits";
SELECT segment_agg(i), segment_at_least_agg(segment(ARRAY[i]), 1) FROM generate_series(1, 4) AS i;
SELECT count(*) FROM (VALUES ('{1}'::segment), ('{2}'), ('{1}')) AS v(s) GROUP BY s ORDER BY s;

-- things of the same names in front change nothing
CREATE SCHEMA trap;
SET search_path = trap, pg_catalog, "Customer portraits";
CREATE FUNCTION trap.segment_count(bigint) RETURNS bigint LANGUAGE sql RETURN -1;
CREATE FUNCTION trap.int8eq(bigint, bigint) RETURNS boolean LANGUAGE sql RETURN false;
CREATE OPERATOR trap.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = trap.int8eq);
CREATE FUNCTION trap.int8ge(bigint, bigint) RETURNS boolean LANGUAGE sql RETURN false;
CREATE OPERATOR trap.>= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = trap.int8ge);
CREATE TABLE trap.t (id bigint PRIMARY KEY);
INSERT INTO trap.t SELECT generate_series(1, 100);
SET enable_seqscan = off;
SELECT count(*) FROM trap.t WHERE id <@ '{1,5,90-200}'::segment;
SELECT count(*) FROM trap.t WHERE id <@ '{90-200}'::segment;
RESET enable_seqscan;
SET client_min_messages = warning;
DROP SCHEMA trap CASCADE;
RESET client_min_messages;

-- another role may use it, and may not change it
RESET ROLE;
CREATE ROLE regress_portrait_user;
GRANT USAGE ON SCHEMA "Customer portraits" TO regress_portrait_user;
SET ROLE regress_portrait_user;
SET search_path = "Customer portraits";
SELECT segment_count('{1-9}');
DROP EXTENSION portrait;
RESET ROLE;

-- a setting of ours that does not exist is refused
SET portrait.smid = 'none';
SET portrait.simd = 'fast';
SHOW portrait.simd;

SET ROLE regress_portrait_owner;
SET search_path = '';
DROP EXTENSION portrait;
DROP SCHEMA "Customer portraits";
RESET ROLE;
DROP OWNED BY regress_portrait_owner, regress_portrait_user;
DROP ROLE regress_portrait_owner, regress_portrait_user;
RESET search_path;
CREATE EXTENSION portrait;
