/*
 * segment_tally_agg.c
 *	  The type segment_tally and the aggregate segment_at_least_agg.
 *
 * A state is the flat image while it is small, and an expanded tally once it
 * is large: a memory context for every group would be slow in a hash
 * aggregate, which looks at all of them whenever a group is new.
 */
#include "common/compat.h"

#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "common/core_backend.h"
#include "segment/segment_fmgr.h"
#include "segment/segment_tally.h"

#define TALLY_MAGIC 1952541817	/* for cross-checks */

typedef struct ExpandedTally
{
	ExpandedObjectHeader hdr;
	int			magic;
	SegmentTally tally;
} ExpandedTally;

static Size
tally_get_flat_size(ExpandedObjectHeader *eohptr)
{
	return segment_tally_size(&((ExpandedTally *) eohptr)->tally);
}

static void
tally_flatten_into(ExpandedObjectHeader *eohptr, void *result, Size allocated_size)
{
	segment_tally_write(&((ExpandedTally *) eohptr)->tally, result, allocated_size);
}

static const ExpandedObjectMethods tally_methods = {
	tally_get_flat_size,
	tally_flatten_into
};

static ExpandedTally *
tally_new(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "expanded segment tally",
												  ALLOCSET_SMALL_SIZES);
	ExpandedTally *expanded = MemoryContextAllocZero(context, sizeof(ExpandedTally));

	EOH_init_header(&expanded->hdr, &tally_methods, context);
	expanded->magic = TALLY_MAGIC;
	return expanded;
}

static ExpandedTally *
tally_expanded(Datum datum)
{
	ExpandedTally *expanded = (ExpandedTally *) DatumGetEOHP(datum);

	if (expanded->hdr.eoh_methods != &tally_methods || expanded->magic != TALLY_MAGIC)
		elog(ERROR, "expanded value is not a segment_tally");
	return expanded;
}

/* The tally behind a datum; a flat one is read into the current context */
static const SegmentTally *
tally_get(Datum datum, SegmentTally *space)
{
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return &tally_expanded(datum)->tally;
	value = PG_DETOAST_DATUM(datum);
	segment_tally_read(space, value, VARSIZE(value), NULL);
	return space;
}

/* The state as one that can be added to, made in the aggregate's context if need be */
static ExpandedTally *
tally_state(MemoryContext context, Datum state)
{
	ExpandedTally *expanded;
	MemoryContext old;
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(state)))
		return tally_expanded(state);
	value = PG_DETOAST_DATUM(state);
	expanded = tally_new(context);
	old = MemoryContextSwitchTo(expanded->hdr.eoh_context);
	segment_tally_read(&expanded->tally, value, VARSIZE(value), NULL);
	MemoryContextSwitchTo(old);
	return expanded;
}

static Datum
tally_flat(const SegmentTally *tally)
{
	size_t		size = segment_tally_size(tally);
	void	   *image = palloc(size);

	segment_tally_write(tally, image, size);
	return PointerGetDatum(image);
}

/* ---- input and output ---- */

PORTRAIT_FUNCTION(portrait_segment_tally_in);
Datum
portrait_segment_tally_in(PG_FUNCTION_ARGS)
{
	CoreError	error = {0};
	SegmentTally tally;

	if (!segment_tally_parse(&tally, PG_GETARG_CSTRING(0), &error))
	{
		core_report(&error, fcinfo->context);
		PG_RETURN_NULL();
	}
	return tally_flat(&tally);
}

PORTRAIT_FUNCTION(portrait_segment_tally_out);
Datum
portrait_segment_tally_out(PG_FUNCTION_ARGS)
{
	SegmentTally space;

	PG_RETURN_CSTRING(segment_tally_print(tally_get(PG_GETARG_DATUM(0), &space)));
}

PORTRAIT_FUNCTION(portrait_segment_tally_recv);
Datum
portrait_segment_tally_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	CoreError	error = {0};
	SegmentTally tally;
	size_t		size = (size_t) (buffer->len - buffer->cursor) + VARHDRSZ;
	char	   *value = palloc(Max(size, SEGMENT_TALLY_HEADER_SIZE));

	core_copy(value + VARHDRSZ, pq_getmsgbytes(buffer, (int) (size - VARHDRSZ)), size - VARHDRSZ);
	segment_set_size(value, size);
	if (!segment_tally_read(&tally, value, size, &error))
		core_report(&error, NULL);
	PG_RETURN_POINTER(value);
}

PORTRAIT_FUNCTION(portrait_segment_tally_send);
Datum
portrait_segment_tally_send(PG_FUNCTION_ARGS)
{
	SegmentTally space;
	Datum		flat = tally_flat(tally_get(PG_GETARG_DATUM(0), &space));

	/* the image without its length word is the payload of a bytea of the same size */
	PG_RETURN_DATUM(flat);
}

/* ---- the aggregate ---- */

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate support function called outside an aggregate")));
	return context;
}

static void
check_same_k(uint32_t k, uint32_t other)
{
	if (k != other)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k of segment_at_least_agg must be the same for all rows of a group"),
				 errdetail("It is %u and %u.", k, other)));
}

/*
 * Is a flat image cheaper than an expanded tally, for the state with so many
 * bytes more?  What is returned flat, the executor copies.
 */
static bool
stays_flat(FunctionCallInfo fcinfo, MemoryContext context, size_t added)
{
	size_t		size = added;

	if (!PG_ARGISNULL(0))
	{
		if (VARATT_IS_EXTERNAL(PG_GETARG_POINTER(0)))
			return false;
		size += VARSIZE_ANY(PG_GETARG_POINTER(0));
	}
	return !segment_worth_expanding(context, size);
}

/* Count one more set; the tally is in the current context */
static void
tally_count(SegmentTally *tally, uint32_t k, const SegmentView *set)
{
	check_same_k(tally->k, k);
	segment_tally_add(tally, set);
}

/* Errors: 22023 for a k that is NULL, below 1, or not the same in all rows of a group */
PORTRAIT_FUNCTION(portrait_segment_tally_transition);
Datum
portrait_segment_tally_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	ExpandedTally *state;
	SegmentTally space;
	SegmentView set;
	uint32_t	k;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(2) || PG_GETARG_INT32(2) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k of segment_at_least_agg must be at least 1")));
	k = (uint32_t) PG_GETARG_INT32(2);
	segment_open_datum(&set, PG_GETARG_DATUM(1));
	if (stays_flat(fcinfo, context, set.size))
	{
		if (PG_ARGISNULL(0))
			segment_tally_start(&space, k);
		else
			tally_get(PG_GETARG_DATUM(0), &space);
		tally_count(&space, k, &set);
		return tally_flat(&space);
	}
	state = PG_ARGISNULL(0) ? tally_new(context) : tally_state(context, PG_GETARG_DATUM(0));
	old = MemoryContextSwitchTo(state->hdr.eoh_context);
	if (PG_ARGISNULL(0))
		segment_tally_start(&state->tally, k);
	tally_count(&state->tally, k, &set);
	MemoryContextSwitchTo(old);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->hdr));
}

PORTRAIT_FUNCTION(portrait_segment_tally_combine);
Datum
portrait_segment_tally_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	ExpandedTally *state;
	SegmentTally space;
	SegmentTally other_space;
	const SegmentTally *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = tally_get(PG_GETARG_DATUM(1), &other_space);
	if (PG_ARGISNULL(0))
		return tally_flat(other);
	if (stays_flat(fcinfo, context, segment_tally_size(other)))
	{
		tally_get(PG_GETARG_DATUM(0), &space);
		check_same_k(space.k, other->k);
		segment_tally_merge(&space, other);
		return tally_flat(&space);
	}
	state = tally_state(context, PG_GETARG_DATUM(0));
	check_same_k(state->tally.k, other->k);
	old = MemoryContextSwitchTo(state->hdr.eoh_context);
	segment_tally_merge(&state->tally, other);
	MemoryContextSwitchTo(old);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->hdr));
}

PORTRAIT_FUNCTION(portrait_segment_tally_final);
Datum
portrait_segment_tally_final(PG_FUNCTION_ARGS)
{
	SegmentTally space;
	const SegmentTally *tally;
	size_t		size;
	void	   *result;

	aggregate_context(fcinfo);
	tally = tally_get(PG_GETARG_DATUM(0), &space);
	size = segment_size(tally->parts[0]);
	result = palloc(size);
	core_copy(result, tally->parts[0], size);
	PG_RETURN_POINTER(result);
}
