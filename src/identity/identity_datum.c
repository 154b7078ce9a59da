/*
 * identity_datum.c
 *	  Arguments of type identity_map: opened, kept, or read in part.
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "utils/memutils.h"

#include "identity/identity_fmgr.h"

/* The value of the last lookup, as long as the function's plan runs */
typedef struct ArgCache
{
	Oid			toastrelid;		/* InvalidOid: none yet */
	Oid			valueid;
	struct varlena *value;		/* in the function's context, or NULL */
} ArgCache;

/* ---- opening ---- */

static void
open_flat(IdentityView *view, struct varlena *value)
{
	if (identity_flat_state(PointerGetDatum(value)) != NULL)
		value = (struct varlena *) identity_state_write(value, VARSIZE(value),
														identity_encoding());
	identity_open(view, value, VARSIZE(value));
}

void
identity_open_datum(IdentityView *view, Datum datum)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		open_flat(view, (struct varlena *) identity_expanded_write(identity_expanded(datum)));
	else
		open_flat(view, PG_DETOAST_DATUM(datum));
}

void
identity_close_datum(IdentityView *view, Datum datum)
{
	if ((Pointer) view->base != DatumGetPointer(datum))
		pfree((void *) view->base);
}

void
identity_check_kind(const IdentityView *view, uint8_t kind, const char *function)
{
	if (view->kind != kind && view->kind != IDENTITY_EMPTY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("identity_map has identifiers of type %s, not %s",
						identity_kind_name(view->kind), identity_kind_name(kind)),
				 errhint("Use %s.", function)));
}

/* ---- reading in part ---- */

/*
 * The header from the first bytes, if it is a map; the form of a state has to
 * be opened as a whole
 */
static bool
open_header(IdentityView *view, const void *bytes, size_t size)
{
	const char *problem;

	if (((const IdentityMap *) bytes)->form != IDENTITY_FORM_MAP)
		return false;
	problem = identity_open_header(view, bytes, size);
	if (problem != NULL)
		identity_corrupt(problem);
	return true;
}

void
identity_header_datum(IdentityView *view, Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	IdentityMap header;
	size_t		size;

	if (VARATT_IS_EXTERNAL_EXPANDED(value))
	{
		identity_open_datum(view, datum);
		return;
	}
	size = toast_raw_datum_size(datum);
	if (size >= IDENTITY_HEADER_SIZE)
	{
		value = PG_DETOAST_DATUM_SLICE(datum, 0, IDENTITY_HEADER_SIZE - VARHDRSZ);
		memcpy(&header, value, IDENTITY_HEADER_SIZE);
		if (open_header(view, &header, size))
			return;
	}
	identity_open_datum(view, datum);
}

/* ---- lookup ---- */

static const uint8_t *
fetch_slice(void *context, size_t offset, size_t length)
{
	struct varlena *slice;

	/* offsets count from the length word, slices from behind it */
	slice = PG_DETOAST_DATUM_SLICE(*(Datum *) context, (int32) (offset - VARHDRSZ),
								   (int32) length);
	if ((size_t) VARSIZE(slice) - VARHDRSZ < length)
		identity_corrupt("too short");
	return (const uint8_t *) VARDATA(slice);
}

/* The server's macro compares signed with unsigned */
static bool
is_compressed(const struct varatt_external *pointer)
{
	return VARATT_EXTERNAL_GET_EXTSIZE(*pointer) <
		(uint32) (pointer->va_rawsize - VARHDRSZ);
}

/*
 * The value if it is kept or, being seen again, worth keeping now; else NULL.
 * It is kept up to the memory that identifiers may have.
 */
static struct varlena *
kept_value(FunctionCallInfo fcinfo, Datum datum, const struct varatt_external *pointer)
{
	ArgCache   *cache = fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ArgCache));
		fcinfo->flinfo->fn_extra = cache;
	}
	if (cache->valueid != pointer->va_valueid || cache->toastrelid != pointer->va_toastrelid)
	{
		if (cache->value != NULL)
			pfree(cache->value);
		cache->value = NULL;
		cache->toastrelid = pointer->va_toastrelid;
		cache->valueid = pointer->va_valueid;
		return NULL;
	}
	if (cache->value == NULL && pointer->va_rawsize / 1024 <= portrait_identity_work_mem)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		cache->value = PG_DETOAST_DATUM(datum);
		MemoryContextSwitchTo(old);
	}
	return cache->value;
}

uint32_t
identity_lookup_arg(FunctionCallInfo fcinfo, int argno, uint8_t kind,
					const uint8_t *bytes, size_t length)
{
	Datum		datum = PG_GETARG_DATUM(argno);
	const char *other = kind == IDENTITY_TEXT ? "identity_lookup(identity_map, bigint)" :
		"identity_lookup(identity_map, text)";
	struct varlena *kept = NULL;
	IdentityView view;

	if (VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(datum)))
	{
		struct varatt_external pointer;

		VARATT_EXTERNAL_GET_POINTER(pointer, (struct varlena *) DatumGetPointer(datum));
		if (fcinfo->flinfo != NULL)
			kept = kept_value(fcinfo, datum, &pointer);
		/* the start of a compressed value must be unpacked for any part of it */
		if (kept == NULL && !is_compressed(&pointer))
		{
			struct varlena *start = PG_DETOAST_DATUM_SLICE(datum, 0, IDENTITY_HEADER_SIZE - VARHDRSZ);

			if (VARSIZE(start) == IDENTITY_HEADER_SIZE &&
				open_header(&view, start, pointer.va_rawsize))
			{
				identity_check_kind(&view, kind, other);
				return identity_lookup(&view, fetch_slice, &datum, bytes, length);
			}
		}
	}
	if (kept != NULL)
		open_flat(&view, kept);
	else
		identity_open_datum(&view, datum);
	identity_check_kind(&view, kind, other);
	return identity_lookup_view(&view, bytes, length);
}
