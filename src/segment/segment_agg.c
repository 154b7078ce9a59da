/*
 * segment_agg.c
 *	  The aggregates whose state is a segment.
 *
 * A state is one of
 * - a list of ids (SegmentIds), flat and updated in place, while it is small;
 * - a flat segment: a partial state that came from elsewhere, or a small
 *	 intermediate set;
 * - an expanded segment, once it is large; with many groups, only once it is
 *	 larger still (see segment_worth_expanding).
 * The executor keeps a returned state that is not the one it passed by
 * copying it into the aggregate's context, except an expanded one that was
 * made there.
 */
#include "common/compat.h"

#include "segment/segment_fmgr.h"

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

/* ---- small states ---- */

static SegmentIds *
ids_new(size_t size)
{
	SegmentIds *state = palloc(size);

	SET_VARSIZE(state, size);
	state->version = SEGMENT_VERSION;
	state->form = SEGMENT_FORM_IDS;
	state->n = 0;
	return state;
}

/* The list of ids behind a state, or NULL if it is something else */
static inline SegmentIds *
state_ids(Datum state)
{
	SegmentIds *ids = (SegmentIds *) DatumGetPointer(state);

	return VARATT_IS_4B_U(ids) && VARSIZE(ids) >= sizeof(SegmentIds) &&
		ids->form == SEGMENT_FORM_IDS ? ids : NULL;
}

/* An expanded state with what a state or another value has; op is the aggregate's */
static ExpandedSegment *
expand_state(MemoryContext context, Datum state, SegmentOp op)
{
	ExpandedSegment *expanded = segment_expand_new(context, op);
	SegmentView view;

	segment_open_datum(&view, state);
	segment_expanded_add_set(expanded, &view);
	return expanded;
}

/* A full list: drop duplicates, move to a larger one, or expand */
static Datum
ids_make_room(MemoryContext context, SegmentIds *state)
{
	size_t		size = VARSIZE(state);
	SegmentIds *larger;
	uint32_t	room = segment_ids_room(state);

	state->n = (uint16_t) segment_sort_ids(state->ids, state->n);
	if (state->n <= room - room / 4)
		return PointerGetDatum(state);
	if (size >= SEGMENT_IDS_MAX_SIZE ||
		(size >= SEGMENT_IDS_EXPAND_SIZE && segment_worth_expanding(context, size)))
	{
		ExpandedSegment *expanded = expand_state(context, PointerGetDatum(state), SEGMENT_OR);

		return EOHPGetRWDatum(&expanded->hdr);
	}
	larger = ids_new(size * 2);
	larger->n = state->n;
	memcpy(larger->ids, state->ids, state->n * sizeof(uint64_t));
	return PointerGetDatum(larger);
}

static Datum
state_add_id(MemoryContext context, Datum state, int64 id)
{
	ExpandedSegment *expanded = segment_expanded_rw(state);

	if (expanded == NULL)
	{
		SegmentIds *ids = state_ids(state);

		if (ids != NULL)
		{
			if (ids->n == segment_ids_room(ids))
			{
				state = ids_make_room(context, ids);
				return state_add_id(context, state, id);
			}
			ids->ids[ids->n++] = segment_bias(id);
			return state;
		}
		expanded = expand_state(context, state, SEGMENT_OR);
	}
	segment_expanded_add_id(expanded, id);
	return EOHPGetRWDatum(&expanded->hdr);
}

PORTRAIT_FUNCTION(portrait_segment_agg_transition);
Datum
portrait_segment_agg_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	ExpandedSegment *expanded;

	/* the most frequent case first: whoever passes read-write lets us write */
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1) &&
		(expanded = segment_expanded_rw(PG_GETARG_DATUM(0))) != NULL)
	{
		segment_expanded_add_id(expanded, PG_GETARG_INT64(1));
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	context = aggregate_context(fcinfo);
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		return state_add_id(context, PointerGetDatum(ids_new(SEGMENT_IDS_MIN_SIZE)),
							PG_GETARG_INT64(1));
	return state_add_id(context, PG_GETARG_DATUM(0), PG_GETARG_INT64(1));
}

/* ---- sets into a state ---- */

/* Is the state small enough that a flat result is cheaper than an expanded one? */
static bool
both_small(MemoryContext context, Datum state, Datum other)
{
	return !VARATT_IS_EXTERNAL(DatumGetPointer(state)) &&
		!VARATT_IS_EXTERNAL(DatumGetPointer(other)) &&
		!segment_worth_expanding(context, VARSIZE_ANY(DatumGetPointer(state)) +
								 VARSIZE_ANY(DatumGetPointer(other)));
}

static Datum
state_add_set(FunctionCallInfo fcinfo, SegmentOp op)
{
	MemoryContext context = aggregate_context(fcinfo);
	ExpandedSegment *expanded;
	SegmentView state;
	SegmentView other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
	{
		/* the executor copies it */
		segment_open_datum(&other, PG_GETARG_DATUM(1));
		return PointerGetDatum(other.base);
	}
	expanded = segment_expanded_rw(PG_GETARG_DATUM(0));
	if (expanded == NULL && both_small(context, PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)))
	{
		segment_open_datum(&state, PG_GETARG_DATUM(0));
		segment_open_datum(&other, PG_GETARG_DATUM(1));
		return SegmentGetDatum(segment_op(op, &state, &other, false));
	}
	if (expanded == NULL)
		expanded = expand_state(context, PG_GETARG_DATUM(0), op);
	segment_open_datum(&other, PG_GETARG_DATUM(1));
	segment_expanded_add_set(expanded, &other);
	return EOHPGetRWDatum(&expanded->hdr);
}

PORTRAIT_FUNCTION(portrait_segment_agg_combine);
Datum
portrait_segment_agg_combine(PG_FUNCTION_ARGS)
{
	return state_add_set(fcinfo, SEGMENT_OR);
}

PORTRAIT_FUNCTION(portrait_segment_union_agg_transition);
Datum
portrait_segment_union_agg_transition(PG_FUNCTION_ARGS)
{
	return state_add_set(fcinfo, SEGMENT_OR);
}

PORTRAIT_FUNCTION(portrait_segment_symdiff_agg_transition);
Datum
portrait_segment_symdiff_agg_transition(PG_FUNCTION_ARGS)
{
	return state_add_set(fcinfo, SEGMENT_XOR);
}

/* The state only gets smaller, so it stays flat unless it is large at first */
PORTRAIT_FUNCTION(portrait_segment_intersect_agg_transition);
Datum
portrait_segment_intersect_agg_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	ExpandedSegment *expanded;
	SegmentView state;
	SegmentView other;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return state_add_set(fcinfo, SEGMENT_OR);
	expanded = segment_expanded_rw(PG_GETARG_DATUM(0));
	if (expanded == NULL &&
		segment_worth_expanding(context, VARSIZE_ANY(PG_GETARG_POINTER(0))))
		expanded = expand_state(context, PG_GETARG_DATUM(0), SEGMENT_OR);
	segment_open_datum(&other, PG_GETARG_DATUM(1));
	if (expanded == NULL)
	{
		segment_open_datum(&state, PG_GETARG_DATUM(0));
		return SegmentGetDatum(segment_op(SEGMENT_AND, &state, &other, false));
	}
	segment_open_datum(&state, EOHPGetRWDatum(&expanded->hdr));
	old = MemoryContextSwitchTo(expanded->hdr.eoh_context);
	segment_acc_replace(&expanded->acc, segment_op(SEGMENT_AND, &state, &other, false));
	MemoryContextSwitchTo(old);
	return EOHPGetRWDatum(&expanded->hdr);
}

/* ---- the result ---- */

/* Leaves the state as good as it was: windows go on with it */
PORTRAIT_FUNCTION(portrait_segment_agg_final);
Datum
portrait_segment_agg_final(PG_FUNCTION_ARGS)
{
	SegmentView view;
	char	   *result;

	aggregate_context(fcinfo);
	segment_open_datum(&view, PG_GETARG_DATUM(0));
	result = palloc(view.size);
	core_copy(result, view.base, view.size);
	SET_VARSIZE(result, view.size);
	PG_RETURN_POINTER(result);
}
