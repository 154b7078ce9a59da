/*
 * segment_func.c
 *	  The functions of segment that have no operator.
 */
#include "common/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "segment/segment_fmgr.h"

/* Parts that segment_split can make: each keeps a builder of 2 kB */
#define SPLIT_MAX_ARMS 10000

/* ---- from the header ---- */

PORTRAIT_FUNCTION(portrait_segment_count);
Datum
portrait_segment_count(PG_FUNCTION_ARGS)
{
	Segment		header;

	segment_header_datum(&header, PG_GETARG_DATUM(0));
	PG_RETURN_INT64((int64) header.count);
}

PORTRAIT_FUNCTION(portrait_segment_is_empty);
Datum
portrait_segment_is_empty(PG_FUNCTION_ARGS)
{
	Segment		header;

	segment_header_datum(&header, PG_GETARG_DATUM(0));
	PG_RETURN_BOOL(header.count == 0);
}

PORTRAIT_FUNCTION(portrait_segment_min);
Datum
portrait_segment_min(PG_FUNCTION_ARGS)
{
	Segment		header;

	segment_header_datum(&header, PG_GETARG_DATUM(0));
	if (header.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(header.min);
}

PORTRAIT_FUNCTION(portrait_segment_max);
Datum
portrait_segment_max(PG_FUNCTION_ARGS)
{
	Segment		header;

	segment_header_datum(&header, PG_GETARG_DATUM(0));
	if (header.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(header.max);
}

/* ---- counts of two ---- */

/* Open both arguments; the rest of the counts follows from the common members */
static uint64_t
open_and_count(FunctionCallInfo fcinfo, SegmentView *a, SegmentView *b)
{
	segment_open_arg(a, fcinfo, 0);
	segment_open_arg(b, fcinfo, 1);
	return segment_and_count(a, b);
}

/* Counts of unions are below 2^64, but may be no bigint */
static Datum
count_datum(uint64_t count)
{
	if (count > PG_INT64_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of members is out of range for type bigint")));
	return Int64GetDatum((int64) count);
}

PORTRAIT_FUNCTION(portrait_segment_intersect_count);
Datum
portrait_segment_intersect_count(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;

	return count_datum(open_and_count(fcinfo, &a, &b));
}

PORTRAIT_FUNCTION(portrait_segment_union_count);
Datum
portrait_segment_union_count(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;
	uint64_t	common = open_and_count(fcinfo, &a, &b);

	return count_datum(a.count + (b.count - common));
}

PORTRAIT_FUNCTION(portrait_segment_except_count);
Datum
portrait_segment_except_count(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;
	uint64_t	common = open_and_count(fcinfo, &a, &b);

	return count_datum(a.count - common);
}

PORTRAIT_FUNCTION(portrait_segment_symdiff_count);
Datum
portrait_segment_symdiff_count(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;
	uint64_t	common = open_and_count(fcinfo, &a, &b);

	return count_datum((a.count - common) + (b.count - common));
}

PORTRAIT_FUNCTION(portrait_segment_jaccard);
Datum
portrait_segment_jaccard(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;
	uint64_t	common = open_and_count(fcinfo, &a, &b);
	uint64_t	all = a.count + (b.count - common);

	PG_RETURN_FLOAT8(all == 0 ? 1.0 : (double) common / (double) all);
}

/* ---- rank and range ---- */

PORTRAIT_FUNCTION(portrait_segment_rank);
Datum
portrait_segment_rank(PG_FUNCTION_ARGS)
{
	SegmentView view;

	segment_open_arg(&view, fcinfo, 0);
	PG_RETURN_INT64((int64) segment_rank(&view, PG_GETARG_INT64(1)));
}

/* k from 1, or from the end when negative; NULL outside, 0 included */
PORTRAIT_FUNCTION(portrait_segment_select);
Datum
portrait_segment_select(PG_FUNCTION_ARGS)
{
	SegmentView view;
	int64		k = PG_GETARG_INT64(1);
	int64_t		id;
	uint64_t	index;

	segment_open_arg(&view, fcinfo, 0);
	if (k > 0)
		index = (uint64_t) k - 1;
	else if (k < 0 && -(uint64_t) k <= view.count)
		index = view.count - -(uint64_t) k;
	else
		PG_RETURN_NULL();
	if (!segment_select(&view, index, &id))
		PG_RETURN_NULL();
	PG_RETURN_INT64(id);
}

/* Errors: 22023 for negative skip or take */
PORTRAIT_FUNCTION(portrait_segment_slice);
Datum
portrait_segment_slice(PG_FUNCTION_ARGS)
{
	SegmentView view;
	int64		skip = PG_GETARG_INT64(1);
	int64		take = PG_GETARG_INT64(2);

	if (skip < 0 || take < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of segment_slice must not be negative",
						skip < 0 ? "skip" : "take")));
	segment_open_arg(&view, fcinfo, 0);
	PG_RETURN_DATUM(SegmentGetDatum(segment_slice(&view, skip, take)));
}

PORTRAIT_FUNCTION(portrait_segment_range);
Datum
portrait_segment_range(PG_FUNCTION_ARGS)
{
	SegmentView view;

	segment_open_arg(&view, fcinfo, 0);
	PG_RETURN_DATUM(SegmentGetDatum(segment_range(&view, PG_GETARG_INT64(1),
												  PG_GETARG_INT64(2))));
}

PORTRAIT_FUNCTION(portrait_segment_range_count);
Datum
portrait_segment_range_count(PG_FUNCTION_ARGS)
{
	SegmentView view;

	segment_open_arg(&view, fcinfo, 0);
	return count_datum(segment_range_count(&view, PG_GETARG_INT64(1), PG_GETARG_INT64(2)));
}

/* ---- members as rows ---- */

typedef struct MembersState
{
	SegmentIter iter;
	uint32_t	n;
	uint32_t	i;
	uint64_t	ids[SEGMENT_ITER_IDS];
} MembersState;

/* In FROM: all rows at once, which saves a call for each */
static Datum
members_materialize(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MembersState *state = palloc(sizeof(MembersState));
	SegmentView view;
	bool		null = false;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	segment_open_datum(&view, PG_GETARG_DATUM(0));
	segment_iter_start(&state->iter, &view);
	while ((state->n = segment_iter_next(&state->iter, state->ids)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		for (uint32_t i = 0; i < state->n; i++)
		{
			Datum		id = Int64GetDatum(segment_unbias(state->ids[i]));

			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &id, &null);
		}
	}
	return (Datum) 0;
}

/* The argument may not live as long as the rows are read */
static Datum
copy_argument(Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	struct varlena *copy;

	if (!VARATT_IS_4B_U(value))
		return datumCopy(datum, false, -1);
	copy = palloc(VARSIZE(value));
	core_copy(copy, value, VARSIZE(value));
	return PointerGetDatum(copy);
}

/* One row a call */
PORTRAIT_FUNCTION(portrait_segment_members);
Datum
portrait_segment_members(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	FuncCallContext *funcctx;
	MembersState *state;

	if (rsinfo != NULL && IsA(rsinfo, ReturnSetInfo) && rsinfo->expectedDesc != NULL &&
		(rsinfo->allowedModes & SFRM_Materialize_Preferred) != 0)
		return members_materialize(fcinfo);

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		SegmentView view;

		funcctx = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		state = palloc(sizeof(MembersState));
		segment_open_datum(&view, copy_argument(PG_GETARG_DATUM(0)));
		segment_iter_start(&state->iter, &view);
		state->n = state->i = 0;
		funcctx->user_fctx = state;
		MemoryContextSwitchTo(old);
	}
	funcctx = SRF_PERCALL_SETUP();
	state = funcctx->user_fctx;
	if (state->i == state->n)
	{
		CHECK_FOR_INTERRUPTS();
		state->n = segment_iter_next(&state->iter, state->ids);
		state->i = 0;
		if (state->n == 0)
			SRF_RETURN_DONE(funcctx);
	}
	SRF_RETURN_NEXT(funcctx, Int64GetDatum(segment_unbias(state->ids[state->i++])));
}

/* ---- chance ---- */

/* The seed in UTF-8, so that it means the same in every database */
static char *
seed_argument(text *seed, size_t *size)
{
	char	   *bytes = text_to_cstring(seed);

	bytes = pg_server_to_any(bytes, (int) strlen(bytes), PG_UTF8);
	*size = strlen(bytes);
	return bytes;
}

/* Errors: 22023 for a negative n */
PORTRAIT_FUNCTION(portrait_segment_sample);
Datum
portrait_segment_sample(PG_FUNCTION_ARGS)
{
	SegmentView view;
	int64		n = PG_GETARG_INT64(1);
	size_t		size;
	char	   *seed = seed_argument(PG_GETARG_TEXT_PP(2), &size);

	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("size of a sample must not be negative")));
	segment_open_arg(&view, fcinfo, 0);
	PG_RETURN_DATUM(SegmentGetDatum(segment_sample(&view, n, seed, size)));
}

static const double *
check_weights(ArrayType *array, int *n)
{
	const double *weights;
	double		largest = 0;

	*n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (ARR_NDIM(array) > 1 || *n == 0 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights of segment_split must be a non-empty, one-dimensional array without NULLs")));
	if (*n > SPLIT_MAX_ARMS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("segment_split makes at most %d parts", SPLIT_MAX_ARMS)));
	weights = (const double *) ARR_DATA_PTR(array);
	for (int i = 0; i < *n; i++)
	{
		if (!(weights[i] >= 0) || isinf(weights[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weight %d of segment_split is %g, but must be a number of at least 0",
							i + 1, weights[i])));
		largest = Max(largest, weights[i]);
	}
	if (largest == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights of segment_split must not all be 0")));
	return weights;
}

/* Errors: 22023 for weights that are not numbers >= 0, or all 0 */
PORTRAIT_FUNCTION(portrait_segment_split);
Datum
portrait_segment_split(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	size_t		size;
	char	   *seed = seed_argument(PG_GETARG_TEXT_PP(2), &size);
	Oid			element = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	const double *weights;
	SegmentView view;
	Segment   **arms;
	int			n;

	if (!OidIsValid(element))
		element = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	weights = check_weights(array, &n);
	segment_open_arg(&view, fcinfo, 0);
	arms = palloc(n * sizeof(Segment *));
	segment_split(&view, weights, n, seed, size, arms);
	PG_RETURN_ARRAYTYPE_P(construct_array((Datum *) arms, n, element, -1, false,
										  TYPALIGN_DOUBLE));
}

PORTRAIT_FUNCTION(portrait_segment_diff);
Datum
portrait_segment_diff(PG_FUNCTION_ARGS)
{
	SegmentView before;
	SegmentView after;
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "segment_diff must return a row");
	segment_open_arg(&before, fcinfo, 0);
	segment_open_arg(&after, fcinfo, 1);
	values[0] = SegmentGetDatum(segment_op(SEGMENT_ANDNOT, &after, &before, false));
	values[1] = SegmentGetDatum(segment_op(SEGMENT_ANDNOT, &before, &after, false));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
