/*
 * portrait_rule.c
 *	  What a rule needs, whether a portrait has it, and whom the rule matches.
 */
#include "tag/tag_fmgr.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "common/merge_sort.h"
#include "portrait/portrait_statement.h"
#include "segment/segment_fmgr.h"

/* ---- names ---- */

typedef struct Names
{
	Datum	   *names;			/* of texts */
	uint32		n;
	uint32		room;
} Names;

typedef struct RuleNames
{
	Names		tags;			/* name.* for all below one */
	Names		segments;
	bool		events;
} RuleNames;

static void
add_name(Names *names, const char *name, uint32_t length, const char *suffix)
{
	text	   *value;

	if (names->n == names->room)
	{
		names->room = names->room == 0 ? 16 : 2 * names->room;
		names->names = core_realloc(names->names, core_mul_size(names->room, sizeof(Datum)));
	}
	value = palloc(VARHDRSZ + length + strlen(suffix));
	SET_VARSIZE(value, VARHDRSZ + length + strlen(suffix));
	memcpy(VARDATA(value), name, length);
	memcpy(VARDATA(value) + length, suffix, strlen(suffix));
	names->names[names->n++] = PointerGetDatum(value);
}

static void
note_names(const TagNode *leaf, void *context)
{
	RuleNames  *names = context;

	if (leaf->kind == TAG_EVENT)
		names->events = true;
	else if (leaf->kind == TAG_SEGMENT_LEAF)
		add_name(&names->segments, leaf->name, leaf->name_length, "");
	else
		add_name(&names->tags, leaf->name, leaf->name_length, leaf->kind == TAG_SUBTREE ? ".*" : "");
	if (leaf->kind == TAG_PAIR)
		add_name(&names->tags, leaf->text, leaf->text_length, "");
}

static int
compare_texts(const void *a, const void *b)
{
	const text *x = (const text *) DatumGetPointer(*(const Datum *) a);
	const text *y = (const text *) DatumGetPointer(*(const Datum *) b);

	return tag_compare_bytes(VARDATA(x), VARSIZE(x) - VARHDRSZ, VARDATA(y), VARSIZE(y) - VARHDRSZ);
}

/* In bytewise order, each once */
static ArrayType *
names_array(Names *names)
{
	int			n = 0;

	merge_sort(names->names, names->n, sizeof(Datum), compare_texts);
	for (uint32 i = 0; i < names->n; i++)
		if (n == 0 || compare_texts(&names->names[n - 1], &names->names[i]) != 0)
			names->names[n++] = names->names[i];
	return construct_array(names->names, n, TEXTOID, -1, false, TYPALIGN_INT);
}

static void
read_names(RuleNames *names, Datum datum)
{
	TagqueryView rule;

	memset(names, 0, sizeof(RuleNames));
	tagquery_open_datum(&rule, datum);
	tagquery_visit_leaves(&rule, note_names, names);
}

/*
 * portrait_rule_names(rule tagquery) -> (tags text[], segments text[])
 */
PORTRAIT_FUNCTION(portrait_rule_names);
Datum
portrait_rule_names(PG_FUNCTION_ARGS)
{
	RuleNames	names;
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	read_names(&names, PG_GETARG_DATUM(0));
	values[0] = PointerGetDatum(names_array(&names.tags));
	values[1] = PointerGetDatum(names_array(&names.segments));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* ---- what a portrait has ---- */

/*
 * portrait_schema(schema name) -> oid
 *
 * NULL if it is none of a portrait: one is known by some of its tables.
 */
PORTRAIT_FUNCTION(portrait_schema);
Datum
portrait_schema(PG_FUNCTION_ARGS)
{
	static const char *const tables[] = {
		"state", "source", "refresh_log", "customer", "identifier", "tag_member"
	};
	Oid			schema = get_namespace_oid(NameStr(*PG_GETARG_NAME(0)), true);

	if (!OidIsValid(schema))
		PG_RETURN_NULL();
	for (int i = 0; i < (int) lengthof(tables); i++)
	{
		char		kind = get_rel_relkind(get_relname_relid(tables[i], schema));

		if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
			PG_RETURN_NULL();
	}
	PG_RETURN_OID(schema);
}

/*
 * portrait_state(schema name) -> (generation bigint, as_of timestamptz, time_zone text)
 */
PORTRAIT_FUNCTION(portrait_state);
Datum
portrait_state(PG_FUNCTION_ARGS)
{
	PortraitPlace place;
	Datum		row = 0;

	portrait_place(&place, fcinfo, NameStr(*PG_GETARG_NAME(0)), 0, false);
	SPI_connect();
	portrait_run(&place, PORTRAIT_STATE, NULL, NULL);
	if (SPI_processed > 0)
		row = PointerGetDatum(SPI_returntuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc));
	SPI_finish();
	if (row == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(row);
}

/*
 * portrait_knows(schema name, rule tagquery, generation bigint) -> boolean
 *
 * Are all tags there that a rule names, and all segments?  Events are not.  With a generation:
 * is that there for readers, and has it computed the tags?
 */
PORTRAIT_FUNCTION(portrait_knows);
Datum
portrait_knows(PG_FUNCTION_ARGS)
{
	PortraitPlace place;
	RuleNames	names;
	Datum		values[3];
	bool		result;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	read_names(&names, PG_GETARG_DATUM(1));
	if (names.events)
		PG_RETURN_BOOL(false);
	values[0] = PointerGetDatum(names_array(&names.tags));
	values[1] = PointerGetDatum(names_array(&names.segments));
	values[2] = PG_ARGISNULL(2) ? 0 : PG_GETARG_DATUM(2);
	portrait_place(&place, fcinfo, NameStr(*PG_GETARG_NAME(0)), 0, false);
	SPI_connect();
	portrait_run(&place, PORTRAIT_KNOWS, values, PG_ARGISNULL(2) ? "  n" : NULL);
	result = DatumGetBool(portrait_result(0, 0));
	SPI_finish();
	PG_RETURN_BOOL(result);
}

/* ---- whom a rule matches ---- */

/*
 * portrait_evaluate(schema name, rule tagquery) -> rows (bucket bigint, members segment)
 *
 * The rule is one that portrait_rule() gave.  Errors are those of portrait_current() and
 * portrait_check_computed().
 */
PORTRAIT_FUNCTION(portrait_evaluate);
Datum
portrait_evaluate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Name		schema = PG_GETARG_NAME(0);
	Datum		values[2] = {NameGetDatum(schema), PG_GETARG_DATUM(1)};
	PortraitPlace place;

	InitMaterializedSRF(fcinfo, 0);
	portrait_place(&place, fcinfo, NameStr(*schema), 0, false);
	SPI_connect();
	portrait_run(&place, PORTRAIT_ASKED, values, NULL);
	place.generation = DatumGetInt64(portrait_result(0, 0));
	values[1] = portrait_result(0, 2);
	portrait_run(&place, PORTRAIT_BUCKETS, values, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
		tuplestore_puttuple(rsinfo->setResult, SPI_tuptable->vals[i]);
	SPI_finish();
	return (Datum) 0;
}
