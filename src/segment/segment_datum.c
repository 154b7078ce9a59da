/*
 * segment_datum.c
 *	  Arguments of type segment: opened, cached, or read in part.
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "access/table.h"
#include "access/tableam.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "segment/segment_fmgr.h"
#include "segment/segment_probe.h"

/* A toasted value is remembered up to this size, for the time of a plan */
#define CACHE_MAX_SIZE (32 * 1024 * 1024)

/* Two, as functions have up to two segments */
#define CACHE_ENTRIES 2

/* Below this size memory is handed out again without asking the system */
#define BUFFER_MIN_SIZE (240 * 1024)

/*
 * The last values that came out of TOAST.  A value is noted when it is seen
 * and kept when it is seen again.  Where every row has another value, the
 * buffer stays all the same if they are large: most of the cost of fresh
 * memory would be page faults.
 */
typedef struct CacheEntry
{
	Oid			toastrelid;		/* InvalidOid: never used */
	Oid			valueid;
	int32		size;			/* of the value, with its length word */
	bool		filled;			/* is it in the buffer? */
	struct varlena *buffer;		/* in the function's context, or NULL */
	Size		capacity;
} CacheEntry;

typedef struct ArgCache
{
	CacheEntry	entries[CACHE_ENTRIES];
	int			last;			/* used last */
} ArgCache;

/* ---- opening ---- */

/* The set of a state that still is a list of ids */
static Segment *
set_of_ids(const SegmentIds *state, size_t size)
{
	uint32_t	n = state->n;
	uint64_t   *ids;

	if (size < sizeof(SegmentIds) || n > (size - sizeof(SegmentIds)) / sizeof(uint64_t))
		segment_corrupt("wrong aggregate state");
	ids = palloc(n * sizeof(uint64_t) + 1);
	memcpy(ids, state->ids, n * sizeof(uint64_t));
	return segment_make_ids(ids, n);
}

static void
open_flat(SegmentView *view, struct varlena *value)
{
	size_t		size = VARSIZE(value);

	if (size >= sizeof(SegmentIds) && ((SegmentIds *) value)->form == SEGMENT_FORM_IDS)
	{
		value = (struct varlena *) set_of_ids((SegmentIds *) value, size);
		size = VARSIZE(value);
	}
	segment_open(view, value, size);
}

void
segment_open_datum(SegmentView *view, Datum datum)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		open_flat(view, (struct varlena *)
				  segment_expanded_collapse(segment_expanded(datum)));
	else
		open_flat(view, PG_DETOAST_DATUM(datum));
}

void
segment_close_datum(SegmentView *view, Datum datum)
{
	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)) &&
		(Pointer) view->base != DatumGetPointer(datum))
		pfree((void *) view->base);
}

/* ---- the cache ---- */

static ArgCache *
arg_cache(FunctionCallInfo fcinfo)
{
	ArgCache   *cache = fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ArgCache));
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

/* The server's macro for this compares signed with unsigned */
static bool
is_compressed(const struct varatt_external *pointer)
{
	return VARATT_EXTERNAL_GET_EXTSIZE(*pointer) < (uint32) (pointer->va_rawsize - VARHDRSZ);
}

/* The entry of a toasted value; *worth tells whether it should be kept */
static CacheEntry *
cache_find(ArgCache *cache, const struct varatt_external *pointer, bool part_wanted, bool *worth)
{
	CacheEntry *entry;

	for (int i = 0; i < CACHE_ENTRIES; i++)
	{
		entry = &cache->entries[i];
		if (entry->valueid == pointer->va_valueid &&
			entry->toastrelid == pointer->va_toastrelid)
		{
			cache->last = i;
			*worth = true;
			return entry;
		}
	}
	cache->last = (cache->last + 1) % CACHE_ENTRIES;
	entry = &cache->entries[cache->last];
	/* a single large value among small ones would only stretch the buffer */
	*worth = !part_wanted && !is_compressed(pointer) &&
		pointer->va_rawsize >= BUFFER_MIN_SIZE && entry->size >= pointer->va_rawsize / 2;
	entry->toastrelid = pointer->va_toastrelid;
	entry->valueid = pointer->va_valueid;
	entry->size = pointer->va_rawsize;
	entry->filled = false;
	return entry;
}

static void
cache_make_room(FunctionCallInfo fcinfo, CacheEntry *entry, Size size)
{
	if (entry->capacity >= size)
		return;
	if (entry->buffer != NULL)
		pfree(entry->buffer);
	entry->buffer = NULL;
	entry->capacity = 0;
	/* the next value may be a little larger */
	size += size / 8;
	entry->buffer = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, size);
	entry->capacity = size;
}

/* Fetch the value into the entry's buffer; it must be stored uncompressed */
static void
cache_fetch(FunctionCallInfo fcinfo, CacheEntry *entry, const struct varatt_external *pointer)
{
	int32		size = (int32) VARATT_EXTERNAL_GET_EXTSIZE(*pointer);
	Relation	toastrel;

	cache_make_room(fcinfo, entry, (Size) size + VARHDRSZ);
	SET_VARSIZE(entry->buffer, size + VARHDRSZ);
	toastrel = table_open(pointer->va_toastrelid, AccessShareLock);
	table_relation_fetch_toast_slice(toastrel, pointer->va_valueid, size, 0, size, entry->buffer);
	table_close(toastrel, AccessShareLock);
	entry->filled = true;
}

/* The same for a compressed value, which is unpacked into memory of its own */
static void
cache_unpack(FunctionCallInfo fcinfo, CacheEntry *entry, Datum datum)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	struct varlena *value = PG_DETOAST_DATUM(datum);

	MemoryContextSwitchTo(old);
	if (entry->buffer != NULL)
		pfree(entry->buffer);
	entry->buffer = value;
	entry->capacity = VARSIZE(value);
	entry->filled = true;
}

/* A value out of line that may be kept */
static bool
is_cacheable(FunctionCallInfo fcinfo, Datum datum, struct varatt_external *pointer)
{
	if (!VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(datum)))
		return false;
	VARATT_EXTERNAL_GET_POINTER(*pointer, (struct varlena *) DatumGetPointer(datum));
	return fcinfo->flinfo != NULL && pointer->va_rawsize <= CACHE_MAX_SIZE;
}

/*
 * The value from the cache, or NULL if it is not there and not worth to be.
 * "part_wanted" says that the caller can do without the whole.
 */
static struct varlena *
cache_lookup(FunctionCallInfo fcinfo, Datum datum, const struct varatt_external *pointer,
			 bool part_wanted)
{
	bool		worth;
	CacheEntry *entry = cache_find(arg_cache(fcinfo), pointer, part_wanted, &worth);

	if (!entry->filled)
	{
		if (!worth)
			return NULL;
		if (is_compressed(pointer))
			cache_unpack(fcinfo, entry, datum);
		else
			cache_fetch(fcinfo, entry, pointer);
	}
	return entry->buffer;
}

void
segment_open_arg(SegmentView *view, FunctionCallInfo fcinfo, int argno)
{
	Datum		datum = PG_GETARG_DATUM(argno);
	struct varatt_external pointer;
	struct varlena *kept = NULL;

	if (is_cacheable(fcinfo, datum, &pointer))
		kept = cache_lookup(fcinfo, datum, &pointer, false);
	if (kept != NULL)
		open_flat(view, kept);
	else
		segment_open_datum(view, datum);
}

/* ---- reading in part ---- */

/* The header of a datum that is not at hand as it is */
static void
header_by_opening(Segment *header, Datum datum)
{
	SegmentView view;

	segment_open_datum(&view, datum);
	memcpy(header, view.base, SEGMENT_HEADER_SIZE);
	segment_close_datum(&view, datum);
}

void
segment_header_datum(Segment *header, Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);

	if (VARATT_IS_EXTERNAL_EXPANDED(value))
	{
		header_by_opening(header, datum);
		return;
	}
	/* the test for a short header alone is true of a TOAST pointer too */
	if (!VARATT_IS_EXTERNAL(value) && (VARATT_IS_SHORT(value) || VARATT_IS_4B_U(value)))
	{
		if (VARSIZE_ANY_EXHDR(value) < SEGMENT_HEADER_SIZE - VARHDRSZ)
			segment_corrupt("too short");
		memcpy((char *) header + VARHDRSZ, VARDATA_ANY(value), SEGMENT_HEADER_SIZE - VARHDRSZ);
	}
	else
	{
		struct varlena *slice = PG_DETOAST_DATUM_SLICE(datum, 0, SEGMENT_HEADER_SIZE - VARHDRSZ);

		if (VARSIZE(slice) < SEGMENT_HEADER_SIZE)
			segment_corrupt("too short");
		memcpy(header, slice, SEGMENT_HEADER_SIZE);
		pfree(slice);
	}
	if (header->form != SEGMENT_FORM_SET)
		header_by_opening(header, datum);
	if (header->version != SEGMENT_VERSION)
		segment_corrupt("unknown version");
}

static const uint8_t *
fetch_slice(void *context, size_t offset, size_t length)
{
	Datum		datum = *(Datum *) context;
	struct varlena *slice;

	/* offsets count from the length word, slices from behind it */
	if (offset < VARHDRSZ)
	{
		slice = PG_DETOAST_DATUM_SLICE(datum, 0, (int32) (length - VARHDRSZ));
		if ((size_t) VARSIZE(slice) < length)
			segment_corrupt("too short");
		return (const uint8_t *) slice;
	}
	slice = PG_DETOAST_DATUM_SLICE(datum, (int32) (offset - VARHDRSZ), (int32) length);
	if ((size_t) VARSIZE(slice) - VARHDRSZ < length)
		segment_corrupt("too short");
	return (const uint8_t *) VARDATA(slice);
}

/*
 * The first test of a toasted value reads what it needs of it.  A second test
 * of the same value promises more, so then the value is fetched and kept.
 */
bool
segment_contains_datum(FunctionCallInfo fcinfo, int argno, int64 id)
{
	Datum		datum = PG_GETARG_DATUM(argno);
	struct varatt_external pointer;
	struct varlena *kept = NULL;
	SegmentView view;

	if (is_cacheable(fcinfo, datum, &pointer))
		kept = cache_lookup(fcinfo, datum, &pointer, true);
	if (kept != NULL)
		open_flat(&view, kept);
	else if (VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(datum)) && !is_compressed(&pointer))
		return segment_probe(fetch_slice, &datum, pointer.va_rawsize, id);
	else
		segment_open_datum(&view, datum);
	return segment_contains(&view, id);
}
