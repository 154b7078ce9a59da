/*
 * value_agg.c
 *	  The aggregates that collect numbers: value_breaks_agg, rfm_model_agg,
 *	  pareto_agg and pareto_union_agg.
 *
 * Their state is an expanded pool while it grows, and a flat value_pool
 * where it travels.
 */
#include "value/value_fmgr.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "value/pareto.h"

#define POOL_MAGIC 1986096245	/* for cross-checks */

typedef struct ExpandedPool
{
	ExpandedObjectHeader hdr;
	int			magic;
	ValuePool	pool;
	void	   *flat;			/* made when its size was asked for, or NULL */
} ExpandedPool;

static Size
pool_get_flat_size(ExpandedObjectHeader *eohptr)
{
	ExpandedPool *expanded = (ExpandedPool *) eohptr;

	if (expanded->flat == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(expanded->hdr.eoh_context);

		expanded->flat = value_pool_flat(&expanded->pool);
		MemoryContextSwitchTo(old);
	}
	return value_size(expanded->flat);
}

static void
pool_flatten_into(ExpandedObjectHeader *eohptr, void *result, Size allocated_size)
{
	memcpy(result, ((ExpandedPool *) eohptr)->flat, allocated_size);
}

static const ExpandedObjectMethods pool_methods = {
	pool_get_flat_size,
	pool_flatten_into
};

static ExpandedPool *
pool_new(MemoryContext parent, int columns, int bins, int method, int kind)
{
	MemoryContext context = AllocSetContextCreate(parent, "expanded value pool",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ExpandedPool *expanded = palloc0(sizeof(ExpandedPool));

	EOH_init_header(&expanded->hdr, &pool_methods, context);
	expanded->magic = POOL_MAGIC;
	value_pool_start(&expanded->pool, columns, bins, method, kind);
	MemoryContextSwitchTo(old);
	return expanded;
}

static ExpandedPool *
pool_expanded(Datum datum)
{
	ExpandedPool *expanded = (ExpandedPool *) DatumGetEOHP(datum);

	if (expanded->hdr.eoh_methods != &pool_methods || expanded->magic != POOL_MAGIC)
		elog(ERROR, "expanded value is not a value_pool");
	return expanded;
}

/* The state to write to, from an expanded or a flat one */
static ExpandedPool *
pool_of_datum(MemoryContext context, Datum datum)
{
	ExpandedPool *expanded;
	const uint8_t *payload;
	ValuePool	head;
	size_t		size;

	if (VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum)))
	{
		expanded = pool_expanded(datum);
		if (expanded->flat != NULL)
		{
			pfree(expanded->flat);
			expanded->flat = NULL;
		}
		return expanded;
	}
	payload = value_payload(PointerGetDatum(PG_DETOAST_DATUM(datum)), &size);
	value_pool_peek(&head, payload, size);
	expanded = pool_new(context, head.columns, head.bins, head.method, head.kind);
	value_pool_add_stored(&expanded->pool, payload, size);
	return expanded;
}

/* The state that argument 0 is; a new one when it is NULL */
static ExpandedPool *
get_pool(FunctionCallInfo fcinfo, int columns, int bins, int method, int kind)
{
	MemoryContext context = value_aggregate_context(fcinfo);
	ExpandedPool *expanded;

	if (PG_ARGISNULL(0))
		return pool_new(context, columns, bins, method, kind);
	expanded = pool_of_datum(context, PG_GETARG_DATUM(0));
	if (expanded->pool.columns != columns || expanded->pool.bins != bins ||
		expanded->pool.method != method)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bins and method must be the same in all rows of a group")));
	if (expanded->pool.kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exact amounts and amounts of type double precision cannot be mixed"),
				 errhint("Cast the amounts to one type.")));
	return expanded;
}

static inline Datum
pool_result(ExpandedPool *expanded)
{
	return EOHPGetRWDatum(&expanded->hdr);
}

static Datum
unchanged(FunctionCallInfo fcinfo)
{
	value_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* Bins and method from the arguments from "first" on, where they are given */
static void
parameters(FunctionCallInfo fcinfo, int first, int max_bins, int *bins, int *method)
{
	if ((PG_NARGS() > first && PG_ARGISNULL(first)) ||
		(PG_NARGS() > first + 1 && PG_ARGISNULL(first + 1)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("bins and method must not be null")));
	*bins = PG_NARGS() > first ? PG_GETARG_INT32(first) : 5;
	*method = PG_NARGS() > first + 1 ? method_of_text(PG_GETARG_DATUM(first + 1)) : BREAKS_QUANTILE;
	breaks_check_bins(*bins, max_bins, *method);
}

/* value_breaks_agg(value, bins [, method]) */
PORTRAIT_FUNCTION(portrait_value_breaks_agg_transition);
Datum
portrait_value_breaks_agg_transition(PG_FUNCTION_ARGS)
{
	ExpandedPool *expanded;
	int			bins;
	int			method;

	parameters(fcinfo, 2, BREAKS_MAX_BINS, &bins, &method);
	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	check_finite(PG_GETARG_FLOAT8(1), "value");
	expanded = get_pool(fcinfo, 1, bins, method, POOL_ANY);
	value_list_add(&expanded->pool.lists[0], PG_GETARG_FLOAT8(1));
	return pool_result(expanded);
}

SAME_FUNCTION(portrait_value_breaks_agg_transition_method, portrait_value_breaks_agg_transition);

/* rfm_model_agg(recency, frequency, monetary [, bins [, method]]) */
PORTRAIT_FUNCTION(portrait_rfm_model_agg_transition);
Datum
portrait_rfm_model_agg_transition(PG_FUNCTION_ARGS)
{
	ExpandedPool *expanded;
	int			bins;
	int			method;

	parameters(fcinfo, 4, RFM_MODEL_MAX_BINS, &bins, &method);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return unchanged(fcinfo);
	for (int i = 0; i < RFM_MEASURES; i++)
		check_finite(PG_GETARG_FLOAT8(i + 1), rfm_measure_names[i]);
	expanded = get_pool(fcinfo, RFM_MEASURES, bins, method, POOL_ANY);
	for (int i = 0; i < RFM_MEASURES; i++)
		value_list_add(&expanded->pool.lists[i], PG_GETARG_FLOAT8(i + 1));
	return pool_result(expanded);
}

SAME_FUNCTION(portrait_rfm_model_agg_transition_bins, portrait_rfm_model_agg_transition);
SAME_FUNCTION(portrait_rfm_model_agg_transition_method, portrait_rfm_model_agg_transition);

/* rfm_model_agg(summary, as_of [, bins [, method]]): customers without purchases are left out */
PORTRAIT_FUNCTION(portrait_rfm_model_agg_transition_summary);
Datum
portrait_rfm_model_agg_transition_summary(PG_FUNCTION_ARGS)
{
	ExpandedPool *expanded;
	RfmSummary	summary;
	int64_t		recency;
	int			bins;
	int			method;

	parameters(fcinfo, 3, RFM_MODEL_MAX_BINS, &bins, &method);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return unchanged(fcinfo);
	rfm_open_datum(&summary, PG_GETARG_DATUM(1));
	if (!rfm_recency_at(&summary, PG_GETARG_INT32(2), &recency))
		return unchanged(fcinfo);
	expanded = get_pool(fcinfo, RFM_MEASURES, bins, method,
						summary.kind == RFM_EXACT ? POOL_EXACT : POOL_DOUBLE);
	value_list_add(&expanded->pool.lists[0], (double) recency);
	value_list_add(&expanded->pool.lists[1], (double) summary.orders);
	value_list_add(&expanded->pool.lists[2], rfm_amount_as_double(&summary));
	return pool_result(expanded);
}

SAME_FUNCTION(portrait_rfm_model_agg_transition_summary_bins, portrait_rfm_model_agg_transition_summary);
SAME_FUNCTION(portrait_rfm_model_agg_transition_summary_method, portrait_rfm_model_agg_transition_summary);

static Datum
pareto_add(FunctionCallInfo fcinfo, double value)
{
	ExpandedPool *expanded = get_pool(fcinfo, 1, 0, 0, POOL_ANY);

	value_list_add(&expanded->pool.lists[0], value);
	return pool_result(expanded);
}

PORTRAIT_FUNCTION(portrait_pareto_agg_transition_float8);
Datum
portrait_pareto_agg_transition_float8(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	check_finite(PG_GETARG_FLOAT8(1), "value");
	return pareto_add(fcinfo, PG_GETARG_FLOAT8(1));
}

PORTRAIT_FUNCTION(portrait_pareto_agg_transition_numeric);
Datum
portrait_pareto_agg_transition_numeric(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	return pareto_add(fcinfo, numeric_datum_to_double(PG_GETARG_DATUM(1), "value"));
}

PORTRAIT_FUNCTION(portrait_pareto_union_agg_transition);
Datum
portrait_pareto_union_agg_transition(PG_FUNCTION_ARGS)
{
	ExpandedPool *expanded;
	Distribution dist;
	const uint8_t *payload;
	size_t		size;

	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	payload = value_payload(PG_GETARG_DATUM(1), &size);
	pareto_open(&dist, payload, size);
	expanded = get_pool(fcinfo, 1, 0, 0, POOL_ANY);
	value_list_add_dist(&expanded->pool.lists[0], &dist);
	return pool_result(expanded);
}

PORTRAIT_FUNCTION(portrait_value_pool_combine);
Datum
portrait_value_pool_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = value_aggregate_context(fcinfo);
	const uint8_t *payload;
	ExpandedPool *expanded;
	ValuePool	head;
	size_t		size;

	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	payload = value_payload(PointerGetDatum(PG_DETOAST_DATUM(PG_GETARG_DATUM(1))), &size);
	value_pool_peek(&head, payload, size);
	expanded = PG_ARGISNULL(0) ? pool_new(context, head.columns, head.bins, head.method, head.kind) :
		get_pool(fcinfo, head.columns, head.bins, head.method, head.kind);
	value_pool_add_stored(&expanded->pool, payload, size);
	return pool_result(expanded);
}

/* ---- results ---- */

/*
 * The pool of a state.  Sorting changes its form but not what it is, so windows go
 * on with it.
 */
static ValuePool *
final_pool(FunctionCallInfo fcinfo)
{
	Datum		state = PG_GETARG_DATUM(0);

	value_aggregate_context(fcinfo);
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(state)))
		return &pool_expanded(state)->pool;
	return &pool_of_datum(CurrentMemoryContext, state)->pool;
}

/* Ours never give another one's state; an aggregate that a user makes of our parts can */
static void
wrong_pool(const char *aggregate)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("value of type value_pool is no state of %s", aggregate)));
}

PORTRAIT_FUNCTION(portrait_value_breaks_agg_final);
Datum
portrait_value_breaks_agg_final(PG_FUNCTION_ARGS)
{
	ValuePool  *pool = final_pool(fcinfo);
	double		breaks[BREAKS_MAX_BINS];
	Datum		elements[BREAKS_MAX_BINS];
	ValueRuns	runs;

	if (pool->bins == 0)
		wrong_pool("value_breaks_agg");
	value_list_runs(&pool->lists[0], &runs);
	breaks_compute(&runs, pool->bins, pool->method, breaks);
	for (int i = 0; i < pool->bins - 1; i++)
		elements[i] = Float8GetDatum(breaks[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, pool->bins - 1, FLOAT8OID, sizeof(float8),
										  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

PORTRAIT_FUNCTION(portrait_rfm_model_agg_final);
Datum
portrait_rfm_model_agg_final(PG_FUNCTION_ARGS)
{
	ValuePool  *pool = final_pool(fcinfo);
	ValueRuns	runs[RFM_MEASURES];

	if (pool->columns != RFM_MEASURES)
		wrong_pool("rfm_model_agg");
	for (int i = 0; i < RFM_MEASURES; i++)
		value_list_runs(&pool->lists[i], &runs[i]);
	PG_RETURN_POINTER(rfm_model_make(runs, pool->bins, pool->method));
}

PORTRAIT_FUNCTION(portrait_pareto_agg_final);
Datum
portrait_pareto_agg_final(PG_FUNCTION_ARGS)
{
	ValuePool  *pool = final_pool(fcinfo);
	ValueRuns	runs;

	value_list_runs(&pool->lists[0], &runs);
	PG_RETURN_POINTER(pareto_make(&runs));
}
