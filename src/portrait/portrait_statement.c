/*
 * portrait_statement.c
 *	  Statements on the tables of a portrait, see portrait_statement.h.
 *
 * In their texts {table} is a table of the portrait, {generation} the number;
 * @extschema@ is what it is in our scripts.
 */
#include "portrait/portrait_statement.h"

#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* Plans of some portraits, and of generations that were current before: more are forgotten */
#define PLANS_MAX 256

/* Where names that stand alone are looked up */
#define SEARCH_PATH "pg_catalog, pg_temp"

#define ARGUMENTS_MAX 6

typedef struct Statement
{
	/*
	 * One letter each: t text, T text[], b bigint, n name, r tagquery, s segment, d
	 * double precision, D double precision[], o boolean, z timestamptz, - not looked at
	 */
	const char *arguments;
	const char *result;
	/* worth a look at the values each time */
	bool		custom;
	const char *text;
} Statement;

#define MEMBERS(condition) \
	"SELECT m.tag, m.value, m.value_type, m.members FROM {tag_member} AS m " \
	"WHERE m.generation = {generation} AND m.bucket = $2 AND " condition
#define RANGES(condition) \
	"SELECT m.tag, m.value_type, m.low, m.high, m.members, m.numbers FROM {tag_range} AS m " \
	"WHERE m.generation = {generation} AND m.bucket = $2 AND " condition
#define BELOW "(m.tag = $1 OR m.tag > $1 || '.' AND m.tag < $1 || '/')"
#define RESOLVER "'@extschema@.portrait_leaf(@extschema@.tagquery,text)'"

static const Statement statements[] = {
	[PORTRAIT_STATE] = {"", "bzt", false,
		"SELECT s.generation, s.as_of, s.time_zone FROM {state} AS s"
	},
	[PORTRAIT_KNOWS] = {"TTb", "o", false,
		"SELECT coalesce((SELECT bool_and(CASE WHEN right(n, 2) = '.*' "
		"	THEN EXISTS (SELECT FROM {tag} AS t WHERE @extschema@.portrait_tag_fits(t.path, n) "
		"		AND ($3 IS NULL OR t.computed <= $3)) "
		"	ELSE EXISTS (SELECT FROM {tag} AS t WHERE t.path = n AND ($3 IS NULL OR t.computed <= $3)) "
		"	END) FROM unnest($1) AS n), true) "
		"AND (SELECT count(*) FROM {segment_def} AS s WHERE s.name = ANY ($2)) = cardinality($2) "
		"AND ($3 IS NULL OR $3 <= (SELECT s.generation FROM {state} AS s))"
	},
	[PORTRAIT_ASKED] = {"nr", "b-r", false,
		"SELECT c.generation, @extschema@.portrait_check_computed($1, $2, c.generation), "
		"	@extschema@.tag_bind($2, c.as_of, c.time_zone) FROM @extschema@.portrait_current($1) AS c"
	},
	[PORTRAIT_BUCKETS] = {"nr", "bs", false,
		"SELECT e.bucket, @extschema@.tag_segment($2, e.members, " RESOLVER ", "
		"	jsonb_build_object('schema', $1, 'generation', {generation}, 'bucket', e.bucket)::text) "
		"FROM {customer_member} AS e WHERE e.generation = {generation} ORDER BY e.bucket"
	},
	[PORTRAIT_MEMBERS] = {"tb", "ttts", false, MEMBERS("m.tag = $1")},
	[PORTRAIT_MEMBERS_BELOW] = {"tb", "ttts", false, MEMBERS(BELOW)},
	/* a look for each, whatever the planner thinks of how many the tag has */
	[PORTRAIT_MEMBERS_OF] = {"tbT", "ttts", false,
		"SELECT k.* FROM unnest($3) AS v(value) "
		"CROSS JOIN LATERAL (" MEMBERS("m.tag = $1 AND m.value = v.value") " OFFSET 0) AS k"
	},
	[PORTRAIT_RANGES] = {"tb", "ttddsD", false, RANGES("m.tag = $1")},
	[PORTRAIT_RANGES_BELOW] = {"tb", "ttddsD", false, RANGES(BELOW)},
	[PORTRAIT_ROWS] = {"tbbrs", "s", true,
		"SELECT @extschema@.segment_agg(v.customer) FROM {tag_value} AS v "
		"WHERE v.generation = {generation} AND v.tag = $1 AND v.customer BETWEEN $2 AND $3 "
		"AND ($5 IS NULL OR v.customer OPERATOR(@extschema@.<@) $5) "
		"AND @extschema@.tag_match(@extschema@.portrait_tagset(v.tag, v.value, coalesce( "
		"	(SELECT m.value_type FROM {tag_member} AS m WHERE m.generation = {generation} AND m.tag = $1 LIMIT 1), "
		"	(SELECT m.value_type FROM {tag_range} AS m WHERE m.generation = {generation} AND m.tag = $1 LIMIT 1)), "
		"	v.weight, v.set_at), $4)"
	},
	/* all values of those who have both */
	[PORTRAIT_PAIR] = {"Tbrbb", "s", true,
		"WITH kept AS MATERIALIZED ( "
		"	SELECT m.tag, m.value, m.value_type, m.members FROM {tag_member} AS m "
		"	WHERE m.generation = {generation} AND m.bucket = $2 AND m.tag = ANY ($1) "
		"), part AS MATERIALIZED ( "
		"	SELECT m.tag, m.members, m.value_type FROM {tag_range} AS m "
		"	WHERE m.generation = {generation} AND m.bucket = $2 AND m.tag = ANY ($1) "
		"), known AS ( "
		"	SELECT @extschema@.segment_union_agg(k.members) AS members "
		"	FROM (SELECT tag, members FROM kept UNION ALL SELECT tag, members FROM part) AS k GROUP BY k.tag "
		"), both_known AS MATERIALIZED ( "
		"	SELECT @extschema@.segment_intersect_agg(members) AS members FROM known HAVING count(*) = cardinality($1) "
		") "
		"SELECT @extschema@.segment_agg(c.customer) "
		"FROM ( "
		"	SELECT x.customer, @extschema@.tag_union_agg(x.tags) AS tags "
		"	FROM ( "
		"		SELECT customer, @extschema@.portrait_tagset(k.tag, k.value, k.value_type) AS tags "
		"		FROM kept AS k, both_known AS b, "
		"			@extschema@.segment_members(@extschema@.segment_intersect(k.members, b.members)) AS customer "
		"		UNION ALL "
		"		SELECT v.customer, @extschema@.portrait_tagset(v.tag, v.value, p.value_type) "
		"		FROM both_known AS b, (SELECT DISTINCT tag, value_type FROM part) AS p, {tag_value} AS v "
		"		WHERE v.generation = {generation} AND v.tag = p.tag AND v.customer BETWEEN $4 AND $5 "
		"		AND v.customer OPERATOR(@extschema@.<@) b.members "
		"	) AS x GROUP BY x.customer "
		") AS c WHERE @extschema@.tag_match(c.tags, $3)"
	},
	[PORTRAIT_SEGMENT] = {"tb", "s", false,
		"SELECT m.members FROM {segment_member} AS m "
		"WHERE m.generation = {generation} AND m.name = $1 AND m.bucket = $2"
	},
	[PORTRAIT_SEGMENT_CHECK] = {"nt", "-", false,
		"SELECT @extschema@.portrait_check_computed($1, d.rule::@extschema@.tagquery, {generation}) "
		"FROM {segment_def} AS d WHERE d.name = $2"
	},
	[PORTRAIT_SEGMENT_RULE] = {"tbt", "s", false,
		"SELECT @extschema@.tag_segment(@extschema@.tag_bind(d.rule::@extschema@.tagquery, s.as_of, s.time_zone), "
		"	e.members, " RESOLVER ", $3) "
		"FROM {segment_def} AS d, {state} AS s, {customer_member} AS e "
		"WHERE d.name = $1 AND e.generation = {generation} AND e.bucket = $2"
	}
};

/* ---- plans ---- */

typedef struct KeptKey
{
	PortraitPlace place;
	PortraitStatement statement;
} KeptKey;

typedef struct Kept
{
	KeptKey		key;
	SPIPlanPtr	plan;
} Kept;

static HTAB *plans = NULL;

/* Plans that run now must stay */
static int	running = 0;

void
portrait_place(PortraitPlace *place, FunctionCallInfo fcinfo, const char *schema, int64 generation,
			   bool building)
{
	/* it is compared as bytes */
	memset(place, 0, sizeof(PortraitPlace));
	namestrcpy(&place->schema, schema);
	place->generation = generation;
	place->function = fcinfo->flinfo->fn_oid;
	place->building = building;
}

static char *
statement_text(const KeptKey *key, Oid extension)
{
	const PortraitPlace *place = &key->place;
	const char *p = statements[key->statement].text;
	StringInfoData text;

	initStringInfo(&text);
	while (*p != '\0')
	{
		const char *name = p + 1;

		if (strncmp(p, "@extschema@", 11) == 0)
		{
			appendStringInfoString(&text, quote_identifier(get_namespace_name(extension)));
			p += 11;
			continue;
		}
		if (*p != '{')
		{
			appendStringInfoChar(&text, *p++);
			continue;
		}
		p = strchr(name, '}');
		if (strncmp(name, "generation", p - name) == 0)
			appendStringInfo(&text, INT64_FORMAT "::bigint", place->generation);
		else
		{
			char	   *table = pnstrdup(name, p - name);

			if (place->building)
				table = psprintf("%s_g" INT64_FORMAT, table, place->generation);
			appendStringInfo(&text, "%s.%s", quote_identifier(NameStr(place->schema)), quote_identifier(table));
		}
		p++;
	}
	return text.data;
}

static Oid
type_of(char letter, Oid extension)
{
	switch (letter)
	{
		case 'd':
			return FLOAT8OID;
		case 'D':
			return FLOAT8ARRAYOID;
		case 'o':
			return BOOLOID;
		case 'z':
			return TIMESTAMPTZOID;
		case 't':
			return TEXTOID;
		case 'T':
			return TEXTARRAYOID;
		case 'b':
			return INT8OID;
		case 'n':
			return NAMEOID;
		default:
			return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
								   CStringGetDatum(letter == 'r' ? "tagquery" : "segment"),
								   ObjectIdGetDatum(extension));
	}
}

static SPIPlanPtr
make_plan(const KeptKey *key)
{
	const Statement *statement = &statements[key->statement];
	Oid			extension = get_func_namespace(key->place.function);
	int			n = (int) strlen(statement->arguments);
	Oid			types[ARGUMENTS_MAX];
	SPIPlanPtr	plan;

	for (int i = 0; i < n; i++)
		types[i] = type_of(statement->arguments[i], extension);
	plan = SPI_prepare_cursor(statement_text(key, extension), n, types,
							  statement->custom ? CURSOR_OPT_CUSTOM_PLAN : CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	SPI_keepplan(plan);
	return plan;
}

static void
forget_plans(void)
{
	HASH_SEQ_STATUS status;
	Kept	   *plan;

	hash_seq_init(&status, plans);
	while ((plan = hash_seq_search(&status)) != NULL)
	{
		SPI_freeplan(plan->plan);
		hash_search(plans, &plan->key, HASH_REMOVE, NULL);
	}
}

static SPIPlanPtr
find_plan(const PortraitPlace *place, PortraitStatement statement)
{
	KeptKey		key;
	Kept	   *found;
	SPIPlanPtr	plan;

	memset(&key, 0, sizeof(key));
	memcpy(&key.place, place, sizeof(PortraitPlace));
	key.statement = statement;
	if (plans == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(KeptKey), .entrysize = sizeof(Kept)};

		plans = hash_create("plans of portraits", 64, &control, HASH_ELEM | HASH_BLOBS);
	}
	found = hash_search(plans, &key, HASH_FIND, NULL);
	if (found != NULL)
		return found->plan;
	if (running == 0 && hash_get_num_entries(plans) >= PLANS_MAX)
		forget_plans();
	plan = make_plan(&key);
	found = hash_search(plans, &key, HASH_ENTER, NULL);
	found->plan = plan;
	return plan;
}

/* ---- running ---- */

/* Whoever may make tables may call our functions of them: the types may be any */
static void
check_result(const PortraitPlace *place, const char *types)
{
	Oid			extension = get_func_namespace(place->function);

	for (int i = 0; types[i] != '\0'; i++)
	{
		Oid			type = SPI_gettypeid(SPI_tuptable->tupdesc, i + 1);

		if (types[i] != '-' && type != type_of(types[i], extension))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("schema %s is not a portrait: column \"%s\" is of type %s, not of %s",
							quote_identifier(NameStr(place->schema)),
							SPI_fname(SPI_tuptable->tupdesc, i + 1), format_type_be(type),
							format_type_be(type_of(types[i], extension)))));
	}
}

/* The server asks for USAGE of a schema when a plan is made, not when it is run */
static void
check_schema(const PortraitPlace *place)
{
	Oid			schema = get_namespace_oid(NameStr(place->schema), true);
	AclResult	result = ACLCHECK_OK;

	if (OidIsValid(schema))
		result = portrait_namespace_aclcheck(schema, GetUserId());
	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_SCHEMA, NameStr(place->schema));
}

static int
run_plan(SPIPlanPtr plan, Datum *values, const char *nulls)
{
	int			code = 0;

	running++;
	PG_TRY();
	{
		code = SPI_execute_plan(plan, values, nulls, true, 0);
	}
	PG_FINALLY();
	{
		running--;
	}
	PG_END_TRY();
	return code;
}

void
portrait_run(const PortraitPlace *place, PortraitStatement statement, Datum *values, const char *nulls)
{
	int			level = 0;
	int			code;

	if (strcmp(namespace_search_path, SEARCH_PATH) != 0)
	{
		level = NewGUCNestLevel();
		(void) set_config_option("search_path", SEARCH_PATH, PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	}
	check_schema(place);
	code = run_plan(find_plan(place, statement), values, nulls);
	if (code != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
	check_result(place, statements[statement].result);
	if (level > 0)
		AtEOXact_GUC(true, level);
}

Datum
portrait_result_or_null(uint64 row, int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column + 1, isnull);
}

Datum
portrait_result(uint64 row, int column)
{
	bool		isnull = true;
	Datum		value = row < SPI_processed ? portrait_result_or_null(row, column, &isnull) : 0;

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("tables of the portrait are damaged: \"%s\" is missing",
						SPI_fname(SPI_tuptable->tupdesc, column + 1))));
	return value;
}
