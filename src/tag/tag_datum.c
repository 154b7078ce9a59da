/*
 * tag_datum.c
 *	  Arguments of type tagset and tagquery: unpacked, opened, and kept where
 *	  every call brings the same.
 *
 * A rule is mostly a constant, which the planner has unpacked already; what is
 * left are large rules and tagsets that come out of a table for many rows of
 * another.
 */
#include "tag/tag_fmgr.h"

#include "access/detoast.h"
#include "utils/memutils.h"

/* Rules and tagsets are kept up to this size, for the time of a plan */
#define KEPT_MAX_SIZE (32 * 1024 * 1024)

static void
tagset_open_value(TagsetView *view, struct varlena *value)
{
	CoreError	error;

	if (!tagset_open(view, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &error))
		core_report(&error, NULL);
}

static void
tagquery_open_value(TagqueryView *view, struct varlena *value)
{
	CoreError	error;

	if (!tagquery_open(view, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &error))
		core_report(&error, NULL);
}

struct varlena *
tagset_open_datum(TagsetView *view, Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	tagset_open_value(view, value);
	return value;
}

struct varlena *
tagquery_open_datum(TagqueryView *view, Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	tagquery_open_value(view, value);
	return value;
}

/* ---- keeping ---- */

static void
note(TagKept *kept, const struct varlena *packed, Size size)
{
	if (kept->value)
		pfree(kept->value);
	kept->value = NULL;
	if (kept->room < size)
	{
		if (kept->packed)
			pfree(kept->packed);
		kept->packed = NULL;
		kept->room = 0;
		kept->packed = MemoryContextAlloc(kept->context, size);
		kept->room = size;
	}
	memcpy(kept->packed, packed, size);
}

struct varlena *
tag_unpack_packed(TagKept *kept, Datum datum)
{
	struct varlena *given = (struct varlena *) DatumGetPointer(datum);
	Size		size;
	MemoryContext old;

	/* what is expanded or elsewhere in memory may change behind its pointer */
	if (kept->context == NULL ||
		(VARATT_IS_EXTERNAL(given) && !VARATT_IS_EXTERNAL_ONDISK(given)) ||
		toast_raw_datum_size(datum) > kept->limit)
		return PG_DETOAST_DATUM_PACKED(datum);

	size = VARSIZE_ANY(given);
	if (kept->packed == NULL || kept->room < size || memcmp(kept->packed, given, size) != 0)
	{
		note(kept, given, size);
		if (!kept->at_once)
			return PG_DETOAST_DATUM_PACKED(datum);
	}
	if (kept->value == NULL)
	{
		old = MemoryContextSwitchTo(kept->context);
		kept->value = PG_DETOAST_DATUM_PACKED(datum);
		MemoryContextSwitchTo(old);
	}
	return kept->value;
}

struct varlena *
tagset_open_kept(TagsetView *view, TagKept *kept, Datum datum)
{
	struct varlena *value = tag_unpack_kept(kept, datum);

	tagset_open_value(view, value);
	return value;
}

struct varlena *
tagquery_open_kept(TagqueryView *view, TagKept *kept, Datum datum)
{
	struct varlena *value = tag_unpack_kept(kept, datum);

	tagquery_open_value(view, value);
	return value;
}

void
tag_keep(TagKept *kept, MemoryContext context)
{
	kept->context = context;
	kept->limit = KEPT_MAX_SIZE;
}

TagKeptArgs *
tag_kept_args(FunctionCallInfo fcinfo)
{
	TagKeptArgs *kept = fcinfo->flinfo->fn_extra;

	if (kept == NULL)
	{
		kept = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(TagKeptArgs));
		for (int i = 0; i < 2; i++)
			tag_keep(&kept->args[i], fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = kept;
	}
	return kept;
}
