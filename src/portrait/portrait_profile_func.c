/*
 * portrait_profile_func.c
 *	  What profiles compute for each value of a tag: a comparison of shares, and
 *	  sums of amounts over sets.
 *
 * The amounts of a bucket (2^20 customers with consecutive numbers) are an array of
 * doubles by place in the bucket, as long as its last customer needs: a bytea,
 * so that PL/pgSQL passes it on without copies.
 */
#include "common/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"

#include "portrait/portrait_compare.h"
#include "segment/segment_fmgr.h"

#define BUCKET_CUSTOMERS (1 << 20)

/* ---- comparison ---- */

static void
read_share(FunctionCallInfo fcinfo, int argno, Share *share)
{
	share->count = PG_GETARG_INT64(argno);
	share->known = PG_GETARG_INT64(argno + 1);
	/* so that sums of two are numbers too */
	if (share->count < 0 || share->known < share->count || share->known > PG_INT64_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shares cannot be compared: %lld of %lld", (long long) share->count, (long long) share->known)));
}

static void
put_double(Datum *value, bool *isnull, double number)
{
	*value = Float8GetDatum(number);
	*isnull = isnan(number);
}

/*
 * portrait_compare(target_count, target_known, rest_count, rest_known, both_count, both_known)
 * -> (tgi, tgi_low, tgi_high, p_value), see portrait_compare.h.  22023 for what are no
 * counts of parts.
 */
PORTRAIT_FUNCTION(portrait_compare_shares);
Datum
portrait_compare_shares(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Share		target;
	Share		rest;
	Share		both;
	Comparison	comparison;
	Datum		values[4];
	bool		nulls[4];

	read_share(fcinfo, 0, &target);
	read_share(fcinfo, 2, &rest);
	read_share(fcinfo, 4, &both);
	if (both.count > target.count || both.known > target.known)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shares cannot be compared: target and base share more than the target has")));
	portrait_compare(&comparison, &target, &rest, &both);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	put_double(&values[0], &nulls[0], comparison.index);
	put_double(&values[1], &nulls[1], comparison.low);
	put_double(&values[2], &nulls[2], comparison.high);
	put_double(&values[3], &nulls[3], comparison.p);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* ---- amounts ---- */

static uint32
amounts_room(const bytea *amounts)
{
	return VARSIZE_ANY_EXHDR(amounts) / sizeof(double);
}

/* A copy with more room, all of it zero; an aggregate's state is copied on by the server */
static bytea *
amounts_grow(const bytea *amounts, uint32 needed)
{
	uint32		old = amounts == NULL ? 0 : amounts_room(amounts);
	uint32		room = Max(old, 64);
	bytea	   *grown;

	while (room < needed)
		room *= 2;
	grown = palloc0(VARHDRSZ + (Size) room * sizeof(double));
	SET_VARSIZE(grown, VARHDRSZ + (Size) room * sizeof(double));
	if (old > 0)
		memcpy(VARDATA(grown), VARDATA(amounts), (Size) old * sizeof(double));
	return grown;
}

/* States are changed in place */
static void
check_aggregate(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("function is called by an aggregate only")));
}

static void
amounts_add(bytea *amounts, uint32 place, double amount)
{
	char	   *at = VARDATA(amounts) + (Size) place * sizeof(double);
	double		sum;

	memcpy(&sum, at, sizeof(double));
	sum += amount;
	memcpy(at, &sum, sizeof(double));
}

/* portrait_amounts_transition(state, customer bigint, amount double precision) */
PORTRAIT_FUNCTION(portrait_amounts_transition);
Datum
portrait_amounts_transition(PG_FUNCTION_ARGS)
{
	bytea	   *state = PG_ARGISNULL(0) ? NULL : PG_GETARG_BYTEA_P(0);
	uint32		place;

	check_aggregate(fcinfo);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_BYTEA_P(state);
	}
	place = (uint32) (PG_GETARG_INT64(1) & (BUCKET_CUSTOMERS - 1));
	if (state == NULL || amounts_room(state) <= place)
		state = amounts_grow(state, place + 1);
	amounts_add(state, place, PG_GETARG_FLOAT8(2));
	PG_RETURN_BYTEA_P(state);
}

/* portrait_amounts_combine(state, other) */
PORTRAIT_FUNCTION(portrait_amounts_combine);
Datum
portrait_amounts_combine(PG_FUNCTION_ARGS)
{
	bytea	   *state = PG_ARGISNULL(0) ? NULL : PG_GETARG_BYTEA_P(0);
	bytea	   *other = PG_ARGISNULL(1) ? NULL : PG_GETARG_BYTEA_P(1);

	check_aggregate(fcinfo);
	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_BYTEA_P(state);
	}
	if (state == NULL || amounts_room(state) < amounts_room(other))
		state = amounts_grow(state, amounts_room(other));
	for (uint32 i = 0; i < amounts_room(other); i++)
	{
		double		amount;

		memcpy(&amount, VARDATA(other) + (Size) i * sizeof(double), sizeof(double));
		amounts_add(state, i, amount);
	}
	PG_RETURN_BYTEA_P(state);
}

/* The amounts of a set, added in the order of its members */
static double
amounts_sum(const bytea *amounts, const SegmentView *view)
{
	const char *start = VARDATA_ANY(amounts);
	uint32		room = amounts_room(amounts);
	SegmentIter iter;
	uint64_t	ids[SEGMENT_ITER_IDS];
	uint32_t	n;
	double		sum = 0;

	segment_iter_start(&iter, view);
	while ((n = segment_iter_next(&iter, ids)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		for (uint32_t i = 0; i < n; i++)
		{
			uint32		place = (uint32) (ids[i] & (BUCKET_CUSTOMERS - 1));
			double		amount;

			if (place >= room)
				continue;
			memcpy(&amount, start + (Size) place * sizeof(double), sizeof(double));
			sum += amount;
		}
	}
	return sum;
}

/* ---- one value of a tag ---- */

/* Those of the members who are in a group: how many, and their amounts */
static uint64_t
count_within(FunctionCallInfo fcinfo, int argno, const SegmentView *members, const bytea *amounts,
			 double *sum)
{
	SegmentView group;
	SegmentView inside;
	Segment    *common;

	segment_open_arg(&group, fcinfo, argno);
	if (amounts == NULL)
		return segment_and_count(members, &group);
	common = segment_op(SEGMENT_AND, members, &group, false);
	segment_open(&inside, common, segment_size(common));
	*sum = amounts_sum(amounts, &inside);
	pfree(common);
	return inside.count;
}

/*
 * portrait_profile_count(members, target, rest, both segment, amounts bytea)
 * -> (target_count, rest_count, both_count, target_amount, base_amount)
 *
 * The members of a value counted, and their amounts summed, in the target and in the base,
 * which is the rest and what it shares with the target ("both").  If both is NULL, that
 * is all of the target; if rest is NULL, the base is everybody.  Amounts NULL: no sums.
 */
PORTRAIT_FUNCTION(portrait_profile_count);
Datum
portrait_profile_count(PG_FUNCTION_ARGS)
{
	bytea	   *amounts = PG_ARGISNULL(4) ? NULL : PG_GETARG_BYTEA_PP(4);
	TupleDesc	desc;
	SegmentView members;
	uint64_t	in_target;
	uint64_t	in_rest;
	uint64_t	in_both;
	double		of_target = NAN;
	double		of_both;
	double		of_rest = NAN;
	double		of_base;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	segment_open_datum(&members, PG_GETARG_DATUM(0));
	in_target = in_both = count_within(fcinfo, 1, &members, amounts, &of_target);
	of_both = of_target;
	if (PG_ARGISNULL(2))
	{
		in_rest = members.count - in_target;
		of_base = amounts == NULL ? NAN : amounts_sum(amounts, &members);
	}
	else
	{
		in_rest = count_within(fcinfo, 2, &members, amounts, &of_rest);
		if (!PG_ARGISNULL(3))
			in_both = count_within(fcinfo, 3, &members, amounts, &of_both);
		of_base = of_rest + of_both;
	}
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int64GetDatum((int64) in_target);
	values[1] = Int64GetDatum((int64) in_rest);
	values[2] = Int64GetDatum((int64) in_both);
	put_double(&values[3], &nulls[3], of_target);
	put_double(&values[4], &nulls[4], of_base);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
