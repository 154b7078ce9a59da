/*
 * pareto_func.c
 *	  Questions to the type pareto.
 */
#include "value/value_fmgr.h"

#include <math.h>

#include "funcapi.h"
#include "utils/tuplestore.h"

#include "value/pareto.h"

#define MAX_POINTS 100000

static void
open_runs(ValueRuns *runs, Datum datum)
{
	Distribution dist;
	size_t		size;
	const uint8_t *payload = value_payload(datum, &size);

	pareto_open(&dist, payload, size);
	dist_runs(&dist, runs);
	if (runs->n == 0)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type pareto: no numbers");
}

static double
share_argument(FunctionCallInfo fcinfo, const char *what)
{
	double		share = PG_GETARG_FLOAT8(1);

	if (!(share >= 0 && share <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be 0 to 1, not %g", what, share)));
	return share;
}

PORTRAIT_FUNCTION(portrait_pareto_count);
Datum
portrait_pareto_count(PG_FUNCTION_ARGS)
{
	Distribution dist;
	size_t		size;
	const uint8_t *payload = value_payload(PG_GETARG_DATUM(0), &size);

	pareto_open(&dist, payload, size);
	PG_RETURN_INT64((int64) dist.n);
}

PORTRAIT_FUNCTION(portrait_pareto_total);
Datum
portrait_pareto_total(PG_FUNCTION_ARGS)
{
	ValueRuns	runs;

	open_runs(&runs, PG_GETARG_DATUM(0));
	PG_RETURN_FLOAT8(pareto_total(&runs));
}

/* NULL when the total is not above zero */
PORTRAIT_FUNCTION(portrait_pareto_share);
Datum
portrait_pareto_share(PG_FUNCTION_ARGS)
{
	double		top = share_argument(fcinfo, "top");
	ValueRuns	runs;
	double		share;

	open_runs(&runs, PG_GETARG_DATUM(0));
	if (!pareto_share(&runs, top, &share))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(share);
}

/* NULL when the total is not above zero */
PORTRAIT_FUNCTION(portrait_pareto_vital_few);
Datum
portrait_pareto_vital_few(PG_FUNCTION_ARGS)
{
	double		share = share_argument(fcinfo, "share");
	ValueRuns	runs;
	int64_t		few;

	open_runs(&runs, PG_GETARG_DATUM(0));
	if (!pareto_vital_few(&runs, share, &few))
		PG_RETURN_NULL();
	PG_RETURN_INT64(few);
}

/* NULL when a value is negative, or all are zero */
PORTRAIT_FUNCTION(portrait_pareto_gini);
Datum
portrait_pareto_gini(PG_FUNCTION_ARGS)
{
	ValueRuns	runs;
	double		gini;

	open_runs(&runs, PG_GETARG_DATUM(0));
	if (!pareto_gini(&runs, &gini))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(gini);
}

/* No rows when the total is not above zero */
PORTRAIT_FUNCTION(portrait_pareto_lorenz);
Datum
portrait_pareto_lorenz(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			points = PG_GETARG_INT32(1);
	ValueRuns	runs;
	double	   *shares;

	if (points < 1 || points > MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of points must be 1 to %d, not %d", MAX_POINTS, points)));
	open_runs(&runs, PG_GETARG_DATUM(0));
	shares = palloc((points + 1) * sizeof(double));
	InitMaterializedSRF(fcinfo, 0);
	if (!pareto_lorenz(&runs, points, shares))
		return (Datum) 0;
	for (int i = 0; i <= points; i++)
	{
		Datum		values[2] = {Float8GetDatum((double) i / points), Float8GetDatum(shares[i])};
		bool		nulls[2] = {false, false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
