/*
 * tagquery_common.c
 *	  tagquery_common(): which tags an index of rules had better not find rules
 *	  by, from the data.
 *
 * What counts is how many customers have a tag: each of them would be shown
 * all rules that are found by it.  So a column of tagsets is best to look at;
 * of a column of rules it is counted how many rules ask for a tag.
 */
#include "common/compat.h"

#include <math.h>

#include "access/relation.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "tag/tag_common.h"
#include "tag/tag_count.h"
#include "tag/tag_fmgr.h"

/* About so many rows are looked at; the same ones each time */
#define SAMPLE_ROWS		50000

#define FETCH_ROWS		1000

/* Longer lists of values count as their tag being there */
#define LIST_MAX_VALUES 16

typedef struct Sample
{
	Oid			tagset;
	Oid			tagquery;
	TagCount   *count;
	uint64		rows;
} Sample;

/* ---- counting ---- */

static void
count_key(void *context, const TagKey *key)
{
	if (key->kind == TAG_KEY_HAS || key->kind == TAG_KEY_FALSE || key->kind == TAG_KEY_EQUAL)
		tag_count_key(context, key);
}

static void
count_leaf_key(void *context, const TagKey *key, bool exact)
{
	count_key(context, key);
}

/* What a leaf must find; a negated one need find nothing */
static void
count_leaf(const TagNode *leaf, void *context)
{
	for (int part = 0; !leaf->negated && part < tag_leaf_parts(leaf); part++)
	{
		if (leaf->kind == TAG_IN && leaf->n <= LIST_MAX_VALUES)
			tag_leaf_keys(leaf, part, count_leaf_key, context);
		else
			tag_leaf_coarse_keys(leaf, part, count_leaf_key, context);
	}
}

static void
count_row(Sample *sample, Oid type, Datum datum)
{
	TagsetView	tags;
	TagqueryView rule;
	struct varlena *value;

	sample->rows++;
	tag_count_row(sample->count);
	if (type == sample->tagset)
	{
		value = tagset_open_datum(&tags, datum);
		tag_keys_visit(&tags, count_key, sample->count);
	}
	else
	{
		value = tagquery_open_datum(&rule, datum);
		if (rule.unbound == 0)
			tagquery_visit_leaves(&rule, count_leaf, sample->count);
	}
	tag_close(value, datum);
}

/* ---- reading ---- */

/* Who may not read the column shall not hold up those who change the table */
static void
check_rights(Oid relation, const char *column)
{
	Oid			user = GetUserId();
	AttrNumber	attribute = get_attnum(relation, column);
	AclResult	result;

	if (get_rel_relkind(relation) == '\0')
		return;					/* that there is none is told when it is opened */
	result = pg_class_aclcheck(relation, user, ACL_SELECT);
	if (result != ACLCHECK_OK && attribute != InvalidAttrNumber)
		result = pg_attribute_aclcheck(relation, attribute, user, ACL_SELECT);
	if (result != ACLCHECK_OK)
		aclcheck_error(result, get_relkind_objtype(get_rel_relkind(relation)),
					   get_rel_name(relation));
}

/* SELECT of the column, of a part of the table if it is a large one */
static char *
sample_query(Oid relation, const char *column)
{
	Relation	rel;
	StringInfoData query;

	check_rights(relation, column);
	rel = try_relation_open(relation, AccessShareLock);
	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table with OID %u does not exist", relation)));
	initStringInfo(&query);
	appendStringInfo(&query, "SELECT %s FROM %s", quote_identifier(column),
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
												RelationGetRelationName(rel)));
	if ((rel->rd_rel->relkind == RELKIND_RELATION || rel->rd_rel->relkind == RELKIND_MATVIEW) &&
		rel->rd_rel->reltuples > 2.0 * SAMPLE_ROWS)
		appendStringInfo(&query, " TABLESAMPLE pg_catalog.system (%g) REPEATABLE (0)",
						 100.0 * SAMPLE_ROWS / rel->rd_rel->reltuples);
	relation_close(rel, NoLock);
	return query.data;
}

static void
read_sample(Sample *sample, const char *query, MemoryContext context)
{
	SPIPlanPtr	plan = SPI_prepare(query, 0, NULL);
	Portal		portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	Oid			type = getBaseType(SPI_gettypeid(portal->tupDesc, 1));

	if (type != sample->tagset && type != sample->tagquery)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column is of type %s, not of tagset or tagquery", format_type_be(type))));
	for (;;)
	{
		SPI_cursor_fetch(portal, true, FETCH_ROWS);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			Datum		datum = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1,
											  &isnull);
			MemoryContext old = MemoryContextSwitchTo(context);

			if (!isnull)
				count_row(sample, type, datum);
			MemoryContextSwitchTo(old);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
}

/* The list of what is found, the commonest first */
static text *
make_list(const TagCounted *counted, uint32_t n)
{
	TextOut		list;
	TextOut		item;

	text_out_start(&list);
	for (uint32_t i = 0; i < n; i++)
	{
		text_out_start(&item);
		tag_key_print(&item, &counted[i].key);
		if (list.length + item.length + 2 > TAG_COMMON_MAX_BYTES)
			break;
		text_out(&list, "%s%s", i > 0 ? ", " : "", item.text);
		pfree(item.text);
	}
	return cstring_to_text_with_len(list.text, (int) list.length);
}

static Oid
type_of_schema(const char *name, Oid schema)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						   ObjectIdGetDatum(schema));
}

/*
 * tagquery_common(source regclass, column_name text, share double precision) ->
 * text: tags that at least this share of the rows has.  Errors: 42P01, 42703
 * of what isn't there, 42501 of what may not be read, 42804 of a column of another
 * type, 22023 of a share outside of 0..1.
 */
PORTRAIT_FUNCTION(portrait_tagquery_common);
Datum
portrait_tagquery_common(PG_FUNCTION_ARGS)
{
	double		share = PG_GETARG_FLOAT8(2);
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	char	   *query = sample_query(PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)));
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "tagquery_common",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	Sample		sample;
	const TagCounted *counted;
	uint32_t	n;
	text	   *list;

	if (!(share > 0 && share <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("share must be above 0 and at most 1, not %g", share)));
	memset(&sample, 0, sizeof(sample));
	sample.tagset = type_of_schema("tagset", schema);
	sample.tagquery = type_of_schema("tagquery", schema);
	old = MemoryContextSwitchTo(context);
	sample.count = tag_count_new(TAG_COMMON_MAX);
	MemoryContextSwitchTo(old);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	read_sample(&sample, query, context);
	SPI_finish();

	old = MemoryContextSwitchTo(context);
	counted = tag_count_finish(sample.count, (uint32_t) Max(ceil(share * sample.rows), 1), &n);
	MemoryContextSwitchTo(old);
	list = make_list(counted, n);
	MemoryContextDelete(context);
	PG_RETURN_TEXT_P(list);
}
