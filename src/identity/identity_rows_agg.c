/*
 * identity_rows_agg.c
 *	  identity_path_agg and identity_suspects_agg.
 *
 * Their state is a bytea (identity_rows.h), updated in place and doubled when it
 * is full, up to portrait.identity_work_mem.
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "identity/identity_array.h"
#include "identity/identity_fmgr.h"
#include "identity/identity_rows.h"

static void
check_aggregate(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate support function called outside an aggregate")));
}

/* ---- the state ---- */

/* Room for so many bytes, by doubling */
static Size
state_size(Size needed)
{
	Size		size = IDENTITY_ROWS_MIN_SIZE;

	if (needed > (Size) portrait_identity_work_mem * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("rows need more memory than portrait.identity_work_mem allows (%d kB)",
						portrait_identity_work_mem),
				 errhint("Raise the setting, or take the rows of fewer customers at a time.")));
	if (needed > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("rows of more than 1 GB cannot be kept"),
				 errhint("Take the rows of fewer customers at a time.")));
	while (size < needed)
		size *= 2;
	return Min(size, MaxAllocSize);
}

/* Argument 0 as a state that has room for more bytes; it may be argument 0 itself */
static struct varlena *
state_with_room(FunctionCallInfo fcinfo, const IdentityItem *ends, Size more)
{
	struct varlena *state;
	struct varlena *larger;
	Size		size;
	Size		used;

	if (PG_ARGISNULL(0))
	{
		size = state_size(identity_rows_head_size(ends) + more);
		state = palloc(size);
		identity_rows_start(state, size, ends);
		SET_VARSIZE(state, size);
		return state;
	}
	state = (struct varlena *) PG_GETARG_BYTEA_P(0);
	size = VARSIZE(state);
	used = identity_rows_used(state, size);
	if (!identity_rows_has_ends(state, size, ends))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a and b of identity_path_agg must be the same for all rows of a group")));
	if (size - used >= more)
		return state;
	size = state_size(used + more);
	larger = palloc0(size);
	memcpy(larger, state, used);
	SET_VARSIZE(larger, size);
	return larger;
}

static Datum
add_row(FunctionCallInfo fcinfo, const IdentityItem *ends)
{
	IdentityItem room[IDENTITY_ROW_ITEMS];
	IdentityItem *items = room;
	struct varlena *state;
	size_t		n = 0;

	if (!PG_ARGISNULL(1))
		n = identity_array_items(PG_GETARG_ARRAYTYPE_P(1), room, &items);
	if (n == 0)
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = state_with_room(fcinfo, ends, identity_rows_row_size(items, n));
	identity_rows_add(state, items, n);
	PG_RETURN_POINTER(state);
}

/* Errors: 22023 for an a or b that is NULL, or not the same in all rows of a group */
PORTRAIT_FUNCTION(portrait_identity_path_transition);
Datum
portrait_identity_path_transition(PG_FUNCTION_ARGS)
{
	IdentityItem ends[2];

	check_aggregate(fcinfo);
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a and b of identity_path_agg must not be NULL")));
	ends[0] = identity_text_item(PG_GETARG_TEXT_PP(2));
	ends[1] = identity_text_item(PG_GETARG_TEXT_PP(3));
	return add_row(fcinfo, ends);
}

PORTRAIT_FUNCTION(portrait_identity_suspects_transition);
Datum
portrait_identity_suspects_transition(PG_FUNCTION_ARGS)
{
	check_aggregate(fcinfo);
	return add_row(fcinfo, NULL);
}

/* Errors: 22P03 for bytes that are no state */
PORTRAIT_FUNCTION(portrait_identity_rows_combine);
Datum
portrait_identity_rows_combine(PG_FUNCTION_ARGS)
{
	IdentityItem ends[2];
	struct varlena *state;
	struct varlena *other;
	bool		has_ends;

	check_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = (struct varlena *) PG_GETARG_BYTEA_P(1);
	identity_rows_check(other, VARSIZE(other));
	has_ends = identity_rows_ends(other, VARSIZE(other), ends);
	state = state_with_room(fcinfo, has_ends ? ends : NULL,
							identity_rows_used(other, VARSIZE(other)));
	identity_rows_append(state, VARSIZE(state), other, VARSIZE(other));
	PG_RETURN_POINTER(state);
}

/* The graph of the rows of argument 0, which stays as it is */
static struct varlena *
build_graph(FunctionCallInfo fcinfo, IdentityGraph *graph)
{
	struct varlena *state = (struct varlena *) PG_GETARG_BYTEA_P(0);
	IdentityBounds bounds;

	check_aggregate(fcinfo);
	identity_bounds(&bounds);
	identity_graph_build(graph, state, VARSIZE(state), &bounds);
	return state;
}

/* ---- results ---- */

PORTRAIT_FUNCTION(portrait_identity_path_final);
Datum
portrait_identity_path_final(PG_FUNCTION_ARGS)
{
	IdentityGraph graph;
	IdentityItem ends[2];
	struct varlena *state = build_graph(fcinfo, &graph);
	uint32_t   *chain;
	uint32_t	n;
	Datum	   *identifiers;

	if (!identity_rows_ends(state, VARSIZE(state), ends))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid state of identity_path_agg: it has no ends")));
	n = identity_path(&graph, ends[0], ends[1], &chain);
	if (n == 0)
		PG_RETURN_NULL();
	identifiers = palloc_extended(n * sizeof(Datum), MCXT_ALLOC_HUGE);
	for (uint32_t i = 0; i < n; i++)
	{
		IdentityItem item = identity_graph_item(&graph, chain[i]);

		identifiers[i] = PointerGetDatum(cstring_to_text_with_len((const char *) item.bytes,
																  (int) item.length));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(identifiers, (int) n, TEXTOID, -1, false,
										  TYPALIGN_INT));
}

static void
push_key(JsonbParseState **json, const char *key)
{
	JsonbValue	value = {.type = jbvString};

	value.val.string.val = (char *) key;
	value.val.string.len = (int) strlen(key);
	pushJsonbValue(json, WJB_KEY, &value);
}

static void
push_count(JsonbParseState **json, const char *key, uint32_t count)
{
	JsonbValue	value = {.type = jbvNumeric};

	push_key(json, key);
	value.val.numeric = int64_to_numeric(count);
	pushJsonbValue(json, WJB_VALUE, &value);
}

PORTRAIT_FUNCTION(portrait_identity_suspects_final);
Datum
portrait_identity_suspects_final(PG_FUNCTION_ARGS)
{
	IdentityGraph graph;
	IdentitySuspect *suspects;
	JsonbParseState *json = NULL;
	JsonbValue *result;
	uint32_t	n;

	build_graph(fcinfo, &graph);
	n = identity_suspects(&graph, &suspects);
	pushJsonbValue(&json, WJB_BEGIN_ARRAY, NULL);
	for (uint32_t i = 0; i < n; i++)
	{
		IdentityItem item = identity_graph_item(&graph, suspects[i].id);
		JsonbValue	value = {.type = jbvString};

		value.val.string.val = (char *) item.bytes;
		value.val.string.len = (int) item.length;
		pushJsonbValue(&json, WJB_BEGIN_OBJECT, NULL);
		push_key(&json, "identifier");
		pushJsonbValue(&json, WJB_VALUE, &value);
		push_count(&json, "degree", suspects[i].degree);
		push_count(&json, "pieces", suspects[i].pieces);
		push_count(&json, "largest", suspects[i].largest);
		pushJsonbValue(&json, WJB_END_OBJECT, NULL);
	}
	result = pushJsonbValue(&json, WJB_END_ARRAY, NULL);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(result));
}
