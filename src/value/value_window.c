/*
 * value_window.c
 *	  Window functions: rfm_score(...) OVER and pareto_class(...) OVER.
 *
 * The first row of a partition reads all of its rows and keeps thresholds in
 * the partition's memory; each row is then compared with them.
 */
#include "value/value_fmgr.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "value/pareto.h"

/* What is kept: whether thresholds were made, and what they are */
typedef struct ScoreState
{
	bool		ready;
	bool		any;			/* is there a row without NULLs? */
	int			bins;
	char		model[RFM_MODEL_HEADER_SIZE + RFM_MEASURES * (2 * RFM_MODEL_MAX_BINS - 1) * 8];
} ScoreState;

typedef struct ClassState
{
	bool		ready;
	double		lowest_a;
	double		lowest_b;
	double		a;
	double		b;
} ClassState;

/* An argument at a row of the partition, or at the current one (row < 0) */
static double
number_at(WindowObject winobj, int argno, int64 row, bool *isnull)
{
	bool		isout;
	Datum		value = row < 0 ? WinGetFuncArgCurrent(winobj, argno, isnull) :
		WinGetFuncArgInPartition(winobj, argno, (int) row, WINDOW_SEEK_HEAD, false, isnull, &isout);

	return *isnull ? 0 : DatumGetFloat8(value);
}

/* Memory for the time of the scan over a partition, freed afterwards */
static MemoryContext
scan_context(void)
{
	return AllocSetContextCreate(CurrentMemoryContext, "portrait window partition",
								 ALLOCSET_DEFAULT_SIZES);
}

/* A partition must not have more rows than the API's places can count */
static int64
partition_rows(WindowObject winobj)
{
	int64		n = WinGetPartitionRowCount(winobj);

	if (n > INT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("window partition has more than %d rows", INT_MAX)));
	return n;
}

/* ---- rfm_score(recency, frequency, monetary [, bins]) OVER ---- */

/* The three numbers of a row; false when one is NULL */
static bool
measures_at(WindowObject winobj, int64 row, double *numbers)
{
	for (int i = 0; i < RFM_MEASURES; i++)
	{
		bool		isnull;

		numbers[i] = number_at(winobj, i, row, &isnull);
		if (isnull)
			return false;
		check_finite(numbers[i], rfm_measure_names[i]);
	}
	return true;
}

static void
make_model(WindowObject winobj, ScoreState *state)
{
	MemoryContext context = scan_context();
	MemoryContext old = MemoryContextSwitchTo(context);
	int64		n = partition_rows(winobj);
	ValuePool	pool;
	ValueRuns	runs[RFM_MEASURES];
	double		numbers[RFM_MEASURES];

	value_pool_start(&pool, RFM_MEASURES, state->bins, BREAKS_QUANTILE, POOL_ANY);
	for (int64 row = 0; row < n; row++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!measures_at(winobj, row, numbers))
			continue;
		for (int i = 0; i < RFM_MEASURES; i++)
			value_list_add(&pool.lists[i], numbers[i]);
	}
	state->any = pool.lists[0].n > 0;
	if (state->any)
	{
		void	   *model;

		for (int i = 0; i < RFM_MEASURES; i++)
			value_list_runs(&pool.lists[i], &runs[i]);
		model = rfm_model_make(runs, state->bins, BREAKS_QUANTILE);
		memcpy(state->model, model, value_size(model));
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* Bins of the current row: the same in all of a partition */
static int
bins_of_row(WindowObject winobj, int nargs)
{
	bool		isnull = false;
	int			bins = 5;

	if (nargs > RFM_MEASURES)
		bins = DatumGetInt32(WinGetFuncArgCurrent(winobj, RFM_MEASURES, &isnull));
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("bins must not be null")));
	breaks_check_bins(bins, RFM_MODEL_MAX_BINS, BREAKS_QUANTILE);
	return bins;
}

PORTRAIT_FUNCTION(portrait_rfm_score_window);
Datum
portrait_rfm_score_window(PG_FUNCTION_ARGS)
{
	WindowObject winobj = PG_WINDOW_OBJECT();
	ScoreState *state = WinGetPartitionLocalMemory(winobj, sizeof(ScoreState));
	int			bins = bins_of_row(winobj, PG_NARGS());
	double		numbers[RFM_MEASURES];
	RfmModel	model;

	if (!state->ready)
	{
		state->bins = bins;
		make_model(winobj, state);
		state->ready = true;
	}
	else if (state->bins != bins)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bins must be the same in all rows of a partition")));
	if (!state->any || !measures_at(winobj, -1, numbers))
		PG_RETURN_NULL();
	rfm_model_open(&model, (const uint8_t *) state->model + VARHDRSZ,
				   value_size(state->model) - VARHDRSZ);
	PG_RETURN_INT32(rfm_model_score(&model, numbers[0], numbers[1], numbers[2]));
}

SAME_FUNCTION(portrait_rfm_score_window_bins, portrait_rfm_score_window);

/* ---- pareto_class(value [, a_share, b_share]) OVER ---- */

static double
share_of_row(WindowObject winobj, int nargs, int argno, double share)
{
	bool		isnull = false;

	if (nargs > argno)
		share = number_at(winobj, argno, -1, &isnull);
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("shares of classes must not be null")));
	return share;
}

static void
make_classes(WindowObject winobj, ClassState *state)
{
	MemoryContext context = scan_context();
	MemoryContext old = MemoryContextSwitchTo(context);
	int64		n = partition_rows(winobj);
	ValuePool	pool;
	ValueRuns	runs;

	value_pool_start(&pool, 1, 0, 0, POOL_ANY);
	for (int64 row = 0; row < n; row++)
	{
		bool		isnull;
		double		value = number_at(winobj, 0, row, &isnull);

		CHECK_FOR_INTERRUPTS();
		if (isnull)
			continue;
		check_finite(value, "value");
		value_list_add(&pool.lists[0], value);
	}
	if (pool.lists[0].n > 0)
	{
		value_list_runs(&pool.lists[0], &runs);
		pareto_classes(&runs, state->a, state->b, &state->lowest_a, &state->lowest_b);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

PORTRAIT_FUNCTION(portrait_pareto_class);
Datum
portrait_pareto_class(PG_FUNCTION_ARGS)
{
	WindowObject winobj = PG_WINDOW_OBJECT();
	ClassState *state = WinGetPartitionLocalMemory(winobj, sizeof(ClassState));
	double		a = share_of_row(winobj, PG_NARGS(), 1, 0.8);
	double		b = share_of_row(winobj, PG_NARGS(), 2, 0.95);
	double		value;
	bool		isnull;

	if (!(a > 0 && a <= b && b <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shares of classes A and B must be above 0, not descend, and be at most 1"),
				 errdetail("They are %g and %g.", a, b)));
	if (!state->ready)
	{
		state->a = a;
		state->b = b;
		make_classes(winobj, state);
		state->ready = true;
	}
	else if (state->a != a || state->b != b)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shares of classes must be the same in all rows of a partition")));
	value = number_at(winobj, 0, -1, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(value <= 0 ? "C" : value >= state->lowest_a ? "A" :
									 value >= state->lowest_b ? "B" : "C"));
}

SAME_FUNCTION(portrait_pareto_class_shares, portrait_pareto_class);
