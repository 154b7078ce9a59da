/*
 * tagset_func.c
 *	  Functions of tagsets: from arrays, and what is in them as core types.
 */
#include "tag/tag_fmgr.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* ---- from arrays ---- */

static int
text_elements(FunctionCallInfo fcinfo, int argno, Datum **elements, bool **nulls)
{
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argno), TEXTOID, -1, false, TYPALIGN_INT,
					  elements, nulls, &n);
	return n;
}

/* Bare tags by name; NULLs are skipped.  Errors: 22023 for the empty name, 54000. */
PORTRAIT_FUNCTION(portrait_tagset_from_names);
Datum
portrait_tagset_from_names(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	bool	   *nulls;
	int			n = text_elements(fcinfo, 0, &names, &nulls);
	TagsetBuild *build = tagset_build_new();

	for (int i = 0; i < n; i++)
	{
		size_t		length;
		const char *name;

		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			continue;
		name = tag_name_arg(names[i], &length);
		tagset_build_add(build, name, length, &tag_plain_item);
	}
	PG_RETURN_DATUM(TagDatum(tagset_build_finish(build)));
}

/*
 * Names and texts: a NULL in either is missing.  Errors: 22023 for the empty name and for
 * arrays that are not of one length, 54000.
 */
PORTRAIT_FUNCTION(portrait_tagset_from_texts);
Datum
portrait_tagset_from_texts(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	Datum	   *values;
	bool	   *nulls;
	bool	   *value_nulls;
	int			n = text_elements(fcinfo, 0, &names, &nulls);
	int			n_values = text_elements(fcinfo, 1, &values, &value_nulls);
	TagsetBuild *build = tagset_build_new();

	if (n != n_values)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("arrays of names and values must have the same length"),
				 errdetail("There are %d names and %d values.", n, n_values)));
	for (int i = 0; i < n; i++)
	{
		TagItem		item = {0};
		size_t		length;
		const char *name;

		CHECK_FOR_INTERRUPTS();
		if (nulls[i] || value_nulls[i])
			continue;
		tag_value_of_text(&item.value, values[i]);
		name = tag_name_arg(names[i], &length);
		tagset_build_add(build, name, length, &item);
	}
	PG_RETURN_DATUM(TagDatum(tagset_build_finish(build)));
}

/* ---- what is in a tagset ---- */

PORTRAIT_FUNCTION(portrait_tag_count);
Datum
portrait_tag_count(PG_FUNCTION_ARGS)
{
	TagsetView	view;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	PG_RETURN_INT64((int64) view.n);
}

static Datum
text_datum(const char *text, size_t length)
{
	return PointerGetDatum(cstring_to_text_with_len(text, (int) length));
}

/* A value as people want to see it */
static Datum
value_datum(const TagValue *value)
{
	TextOut		out;
	Datum		result;

	if (value->type == TAG_TEXT)
		return text_datum((const char *) value->payload, value->length);
	text_out_start(&out);
	tag_bare_print(&out, value);
	result = text_datum(out.text, out.length);
	core_free(out.text);
	return result;
}

PORTRAIT_FUNCTION(portrait_tag_names);
Datum
portrait_tag_names(PG_FUNCTION_ARGS)
{
	TagsetView	view;
	TagRecord	record;
	Datum	   *names;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	names = palloc(sizeof(Datum) * (Size) view.n + 1);
	for (uint32_t i = 0; i < view.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		tagset_record(&view, i, &record);
		names[i] = text_datum(record.name, record.name_length);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(names, (int) view.n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The values of one tag as text, in their order; an empty array when it is missing */
PORTRAIT_FUNCTION(portrait_tag_values);
Datum
portrait_tag_values(PG_FUNCTION_ARGS)
{
	TagsetView	view;
	TagRecord	record;
	TagItem		item;
	ArrayBuildState *result = initArrayResult(TEXTOID, CurrentMemoryContext, false);

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	if (tag_find_arg(&view, PG_GETARG_DATUM(1), &record))
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
		{
			CHECK_FOR_INTERRUPTS();
			accumArrayResult(result, value_datum(&item.value), false, TEXTOID, CurrentMemoryContext);
		}
	PG_RETURN_DATUM(makeArrayResult(result, CurrentMemoryContext));
}

/* Each value of each tag with all that belongs to it, in order */
PORTRAIT_FUNCTION(portrait_tag_each);
Datum
portrait_tag_each(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TagsetView	view;
	TagRecord	record;
	TagItem		item;

	InitMaterializedSRF(fcinfo, 0);
	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	for (uint32_t i = 0; i < view.n; i++)
	{
		Datum		name;

		tagset_record(&view, i, &record);
		name = text_datum(record.name, record.name_length);
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
		{
			Datum		values[6] = {name, value_datum(&item.value),
				CStringGetTextDatum(tag_type_name(item.value.type)),
				Float8GetDatum(item.weight), TimestampTzGetDatum(item.set_at),
			TimestampTzGetDatum(item.expires_at)};
			bool		nulls[6] = {false, false, false, !(item.has & TAG_WEIGHT),
				!(item.has & TAG_SET_AT), !(item.has & TAG_EXPIRES)};

			CHECK_FOR_INTERRUPTS();
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
			pfree(DatumGetPointer(values[1]));
			pfree(DatumGetPointer(values[2]));
		}
		pfree(DatumGetPointer(name));
	}
	return (Datum) 0;
}
