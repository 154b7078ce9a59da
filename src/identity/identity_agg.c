/*
 * identity_agg.c
 *	  The aggregates whose state is an identity_map.
 *
 * A state is one of
 * - a small flat state, updated in place;
 * - a flat map: a partial state that came from elsewhere;
 * - an expanded state, once it is large.
 * The executor keeps a returned state that is not the one it passed by
 * copying it into the aggregate's context, except an expanded one that was
 * made there.
 */
#include "common/compat.h"

#include "identity/identity_array.h"
#include "identity/identity_fmgr.h"

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

static Datum
same_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* ---- rows into a state ---- */

static IdentityState *
new_state(size_t size)
{
	IdentityState *state = palloc0(size);

	identity_state_start(state, size, IDENTITY_EMPTY);
	SET_VARSIZE(state, size);
	return state;
}

/* A larger copy of a small state, or NULL if it is as large as can be */
static IdentityState *
enlarge(const IdentityState *state)
{
	IdentityState *larger;
	size_t		size = VARSIZE(state) * 2;

	if (size > IDENTITY_STATE_MAX_SIZE)
		return NULL;
	larger = new_state(size);
	identity_state_copy(larger, state);
	return larger;
}

static ExpandedIdentity *
expand_state(MemoryContext context, Datum state)
{
	ExpandedIdentity *expanded = identity_expand_new(context);

	identity_expanded_add(expanded, state);
	return expanded;
}

static void
expanded_add_row(ExpandedIdentity *expanded, uint8_t kind, const IdentityItem *items, size_t n)
{
	MemoryContext old = MemoryContextSwitchTo(expanded->hdr.eoh_context);

	identity_forest_add_row(&expanded->forest, kind, items, n);
	MemoryContextSwitchTo(old);
}

/* One more row, to the state that is argument 0; n may be 0 */
static Datum
add_row(FunctionCallInfo fcinfo, uint8_t kind, const IdentityItem *items, size_t n)
{
	MemoryContext context;
	ExpandedIdentity *expanded = NULL;
	IdentityState *state;

	/* the most frequent case first: whoever passes read-write lets us write */
	if (!PG_ARGISNULL(0) && n > 0 &&
		(expanded = identity_expanded_rw(PG_GETARG_DATUM(0))) != NULL)
	{
		expanded_add_row(expanded, kind, items, n);
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	context = aggregate_context(fcinfo);
	if (n == 0)
		return same_state(fcinfo);
	state = PG_ARGISNULL(0) ? new_state(IDENTITY_STATE_MIN_SIZE) :
		identity_flat_state(PG_GETARG_DATUM(0));
	for (IdentityState *larger = state; larger != NULL; larger = enlarge(larger))
	{
		if (identity_state_add_row(larger, kind, items, n))
			return PointerGetDatum(larger);
	}
	expanded = expand_state(context, state != NULL ? PointerGetDatum(state) : PG_GETARG_DATUM(0));
	expanded_add_row(expanded, kind, items, n);
	return EOHPGetRWDatum(&expanded->hdr);
}

PORTRAIT_FUNCTION(portrait_identity_merge_text_transition);
Datum
portrait_identity_merge_text_transition(PG_FUNCTION_ARGS)
{
	IdentityItem items[2];
	size_t		n = 0;

	for (int i = 1; i <= 2; i++)
	{
		if (!PG_ARGISNULL(i))
			items[n++] = identity_text_item(PG_GETARG_TEXT_PP(i));
	}
	return add_row(fcinfo, IDENTITY_TEXT, items, n);
}

PORTRAIT_FUNCTION(portrait_identity_merge_bigint_transition);
Datum
portrait_identity_merge_bigint_transition(PG_FUNCTION_ARGS)
{
	uint8_t		numbers[2][IDENTITY_NUMBER_SIZE];
	IdentityItem items[2];
	size_t		n = 0;

	for (int i = 1; i <= 2; i++)
	{
		if (PG_ARGISNULL(i))
			continue;
		identity_store_number(numbers[n], PG_GETARG_INT64(i));
		items[n] = (IdentityItem){
			numbers[n], IDENTITY_NUMBER_SIZE
		};
		n++;
	}
	return add_row(fcinfo, IDENTITY_BIGINT, items, n);
}

/* Elements of arrays of any number of dimensions; NULLs are skipped */
PORTRAIT_FUNCTION(portrait_identity_merge_array_transition);
Datum
portrait_identity_merge_array_transition(PG_FUNCTION_ARGS)
{
	IdentityItem room[IDENTITY_ROW_ITEMS];
	IdentityItem *items = room;
	size_t		n = 0;

	if (!PG_ARGISNULL(1))
		n = identity_array_items(PG_GETARG_ARRAYTYPE_P(1), room, &items);
	return add_row(fcinfo, IDENTITY_TEXT, items, n);
}

/* ---- maps and states into a state ---- */

/* The map behind a small flat value; false if it is something else */
static bool
open_small(IdentityView *view, Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);

	if (VARATT_IS_EXTERNAL(value) || VARSIZE_ANY(value) > IDENTITY_STATE_MAX_SIZE)
		return false;
	identity_open_datum(view, datum);
	return true;
}

/* Transition of identity_map_union_agg, and combine function of all */
PORTRAIT_FUNCTION(portrait_identity_map_union_transition);
Datum
portrait_identity_map_union_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ExpandedIdentity *expanded = NULL;
	IdentityState *state = NULL;
	IdentityView view;

	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	if (!PG_ARGISNULL(0))
		expanded = identity_expanded_rw(PG_GETARG_DATUM(0));
	if (expanded == NULL && open_small(&view, PG_GETARG_DATUM(1)))
	{
		state = PG_ARGISNULL(0) ? new_state(IDENTITY_STATE_MIN_SIZE) :
			identity_flat_state(PG_GETARG_DATUM(0));
		for (IdentityState *larger = state; larger != NULL; larger = enlarge(larger))
		{
			if (identity_state_add_map(larger, &view))
				return PointerGetDatum(larger);
		}
	}
	if (expanded == NULL)
		expanded = PG_ARGISNULL(0) ? identity_expand_new(context) :
			expand_state(context, PG_GETARG_DATUM(0));
	identity_expanded_add(expanded, PG_GETARG_DATUM(1));
	return EOHPGetRWDatum(&expanded->hdr);
}

/* ---- the result ---- */

/* Leaves the state as good as it was: windows go on with it */
PORTRAIT_FUNCTION(portrait_identity_map_final);
Datum
portrait_identity_map_final(PG_FUNCTION_ARGS)
{
	IdentityView view;
	char	   *result;

	aggregate_context(fcinfo);
	identity_open_datum(&view, PG_GETARG_DATUM(0));
	/* a state gives a map of its own, a map must be copied */
	if ((Pointer) view.base != DatumGetPointer(PG_GETARG_DATUM(0)))
		PG_RETURN_POINTER(view.base);
	result = palloc(view.size);
	memcpy(result, view.base, view.size);
	PG_RETURN_POINTER(result);
}
