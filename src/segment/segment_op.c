/*
 * segment_op.c
 *	  The operators of segment and the functions behind them.
 */
#include "common/compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "common/comparison.h"
#include "segment/segment_fmgr.h"

#define HASH_PIECE (1024 * 1024)

/* ---- algebra ---- */

static Datum
binary_op(FunctionCallInfo fcinfo, SegmentOp op)
{
	SegmentView a;
	SegmentView b;

	segment_open_arg(&a, fcinfo, 0);
	segment_open_arg(&b, fcinfo, 1);
	return SegmentGetDatum(segment_op(op, &a, &b, false));
}

PORTRAIT_FUNCTION(portrait_segment_union);
Datum
portrait_segment_union(PG_FUNCTION_ARGS)
{
	return binary_op(fcinfo, SEGMENT_OR);
}

PORTRAIT_FUNCTION(portrait_segment_intersect);
Datum
portrait_segment_intersect(PG_FUNCTION_ARGS)
{
	return binary_op(fcinfo, SEGMENT_AND);
}

PORTRAIT_FUNCTION(portrait_segment_except);
Datum
portrait_segment_except(PG_FUNCTION_ARGS)
{
	return binary_op(fcinfo, SEGMENT_ANDNOT);
}

PORTRAIT_FUNCTION(portrait_segment_symdiff);
Datum
portrait_segment_symdiff(PG_FUNCTION_ARGS)
{
	return binary_op(fcinfo, SEGMENT_XOR);
}

/* ---- one id or a range more or less ---- */

static Datum
op_with_range(Datum datum, SegmentOp op, int64 lo, int64 hi)
{
	SegmentView view;
	SegmentView range;
	Segment    *bounds;

	if (lo > hi)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("range of ids must not end below its start"),
				 errdetail("The range is " INT64_FORMAT " to " INT64_FORMAT ".", lo, hi)));
	segment_open_datum(&view, datum);
	bounds = segment_make_range(lo, hi);
	segment_open(&range, bounds, segment_size(bounds));
	return SegmentGetDatum(segment_op(op, &view, &range, false));
}

static Datum
add_id(FunctionCallInfo fcinfo, Datum datum, int64 id)
{
	ExpandedSegment *expanded = segment_expanded_rw(datum);

#ifdef PORTRAIT_MODIFY_IN_PLACE
	/* a variable that is added to once will be added to again */
	if (expanded == NULL && VARSIZE_ANY(DatumGetPointer(datum)) >= SEGMENT_EXPAND_SIZE)
	{
		SegmentView view;

		segment_open_datum(&view, datum);
		expanded = segment_expand_new(CurrentMemoryContext, SEGMENT_OR);
		segment_expanded_add_set(expanded, &view);
	}
#endif
	if (expanded == NULL)
		return op_with_range(datum, SEGMENT_OR, id, id);
	segment_expanded_add_id(expanded, id);
	return EOHPGetRWDatum(&expanded->hdr);
}

PORTRAIT_FUNCTION(portrait_segment_add);
Datum
portrait_segment_add(PG_FUNCTION_ARGS)
{
	return add_id(fcinfo, PG_GETARG_DATUM(0), PG_GETARG_INT64(1));
}

PORTRAIT_FUNCTION(portrait_segment_add_commuted);
Datum
portrait_segment_add_commuted(PG_FUNCTION_ARGS)
{
	return add_id(fcinfo, PG_GETARG_DATUM(1), PG_GETARG_INT64(0));
}

PORTRAIT_FUNCTION(portrait_segment_remove);
Datum
portrait_segment_remove(PG_FUNCTION_ARGS)
{
	int64		id = PG_GETARG_INT64(1);

	return op_with_range(PG_GETARG_DATUM(0), SEGMENT_ANDNOT, id, id);
}

/* Errors: 22023 for a range that ends below its start */
PORTRAIT_FUNCTION(portrait_segment_add_range);
Datum
portrait_segment_add_range(PG_FUNCTION_ARGS)
{
	return op_with_range(PG_GETARG_DATUM(0), SEGMENT_OR,
						 PG_GETARG_INT64(1), PG_GETARG_INT64(2));
}

PORTRAIT_FUNCTION(portrait_segment_remove_range);
Datum
portrait_segment_remove_range(PG_FUNCTION_ARGS)
{
	return op_with_range(PG_GETARG_DATUM(0), SEGMENT_ANDNOT,
						 PG_GETARG_INT64(1), PG_GETARG_INT64(2));
}

/* ---- containment ---- */

PORTRAIT_FUNCTION(portrait_segment_contains_int8);
Datum
portrait_segment_contains_int8(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(segment_contains_datum(fcinfo, 0, PG_GETARG_INT64(1)));
}

PORTRAIT_FUNCTION(portrait_segment_contains_int4);
Datum
portrait_segment_contains_int4(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(segment_contains_datum(fcinfo, 0, PG_GETARG_INT32(1)));
}

PORTRAIT_FUNCTION(portrait_segment_contains_int2);
Datum
portrait_segment_contains_int2(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(segment_contains_datum(fcinfo, 0, PG_GETARG_INT16(1)));
}

PORTRAIT_FUNCTION(portrait_segment_contained_int8);
Datum
portrait_segment_contained_int8(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(segment_contains_datum(fcinfo, 1, PG_GETARG_INT64(0)));
}

PORTRAIT_FUNCTION(portrait_segment_contained_int4);
Datum
portrait_segment_contained_int4(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(segment_contains_datum(fcinfo, 1, PG_GETARG_INT32(0)));
}

PORTRAIT_FUNCTION(portrait_segment_contained_int2);
Datum
portrait_segment_contained_int2(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(segment_contains_datum(fcinfo, 1, PG_GETARG_INT16(0)));
}

PORTRAIT_FUNCTION(portrait_segment_contains);
Datum
portrait_segment_contains(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;

	segment_open_arg(&a, fcinfo, 0);
	segment_open_arg(&b, fcinfo, 1);
	PG_RETURN_BOOL(segment_contains_all(&a, &b));
}

PORTRAIT_FUNCTION(portrait_segment_contained);
Datum
portrait_segment_contained(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;

	segment_open_arg(&a, fcinfo, 0);
	segment_open_arg(&b, fcinfo, 1);
	PG_RETURN_BOOL(segment_contains_all(&b, &a));
}

PORTRAIT_FUNCTION(portrait_segment_overlaps);
Datum
portrait_segment_overlaps(PG_FUNCTION_ARGS)
{
	SegmentView a;
	SegmentView b;

	segment_open_arg(&a, fcinfo, 0);
	segment_open_arg(&b, fcinfo, 1);
	PG_RETURN_BOOL(segment_overlaps(&a, &b));
}

/* ---- order ---- */

/* Without opening much: sets of different counts differ already in their heads */
static int
compare_args(FunctionCallInfo fcinfo)
{
	Segment		ha;
	Segment		hb;
	SegmentView a;
	SegmentView b;
	int			result;

	segment_header_datum(&ha, PG_GETARG_DATUM(0));
	segment_header_datum(&hb, PG_GETARG_DATUM(1));
	if (ha.count != hb.count)
		return ha.count < hb.count ? -1 : 1;
	if (ha.min != hb.min)
		return ha.min < hb.min ? -1 : 1;
	segment_open_datum(&a, PG_GETARG_DATUM(0));
	segment_open_datum(&b, PG_GETARG_DATUM(1));
	result = segment_compare(&a, &b);
	segment_close_datum(&a, PG_GETARG_DATUM(0));
	segment_close_datum(&b, PG_GETARG_DATUM(1));
	return result;
}

/*
 * One set has one image, so the image can be hashed.  What is larger than a
 * piece is hashed piece by piece, each with the hash so far as its seed.  With
 * seed 0 the lower half is the 32-bit hash, as everywhere in the server.
 */
static uint64
hash_arg(FunctionCallInfo fcinfo, uint64 seed)
{
	SegmentView view;
	const uint8_t *p;
	size_t		left;

	segment_open_datum(&view, PG_GETARG_DATUM(0));
	p = view.base + VARHDRSZ;
	left = view.size - VARHDRSZ;
	for (; left > HASH_PIECE; left -= HASH_PIECE, p += HASH_PIECE)
	{
		CHECK_FOR_INTERRUPTS();
		seed = DatumGetUInt64(hash_any_extended(p, HASH_PIECE, seed));
	}
	seed = DatumGetUInt64(hash_any_extended(p, (int) left, seed));
	segment_close_datum(&view, PG_GETARG_DATUM(0));
	return seed;
}

COMPARISON_FUNCTIONS(segment);
