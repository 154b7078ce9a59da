/*
 * value_func.c
 *	  Scores, indexes and levels of single numbers.
 */
#include "value/value_fmgr.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

/* Throws 22023 unless the thresholds ascend */
static void
check_ascending(const double *breaks, int n, const char *what)
{
	for (int i = 1; i < n; i++)
		if (breaks[i] < breaks[i - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must be in ascending order", what),
					 errdetail("Number %d, %g, is below the one before it, %g.", i + 1,
							   breaks[i], breaks[i - 1])));
}

/* Errors: 22003 for NaN and infinity, 22023 for wrong thresholds */
PORTRAIT_FUNCTION(portrait_value_score);
Datum
portrait_value_score(PG_FUNCTION_ARGS)
{
	double		value = PG_GETARG_FLOAT8(0);
	int			n;
	double	   *breaks = doubles_of_array(PG_GETARG_DATUM(1), &n, "thresholds");
	int			below;

	check_finite(value, "value");
	check_ascending(breaks, n, "thresholds");
	below = breaks_below(value, (const uint8_t *) breaks, n, PG_GETARG_BOOL(3));
	PG_RETURN_INT32(PG_GETARG_BOOL(2) ? 1 + below : n + 1 - below);
}

/*
 * The weighted mean of the inverse hyperbolic sines: the logarithm of twice
 * the number where that is large, near zero the number itself, and increasing
 * all over.
 */
PORTRAIT_FUNCTION(portrait_value_index);
Datum
portrait_value_index(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"frequency", "monetary", "goods_value"};
	static const double equal[] = {1, 1, 1};
	const double *weights = equal;
	double		sum = 0;
	double		total = 0;

	if (PG_NARGS() > 3)
	{
		int			n;

		weights = doubles_of_array(PG_GETARG_DATUM(3), &n, "weights");
		if (n != 3 || !(weights[0] > 0 && weights[1] > 0 && weights[2] > 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("value_index takes three weights above zero")));
		total = fmax(weights[0], fmax(weights[1], weights[2]));
	}
	else
		total = 1;
	/* relative to the largest, so that nothing overflows */
	for (int i = 0; i < 3; i++)
	{
		check_finite(PG_GETARG_FLOAT8(i), names[i]);
		sum += weights[i] / total * asinh(PG_GETARG_FLOAT8(i));
	}
	total = weights[0] / total + weights[1] / total + weights[2] / total;
	PG_RETURN_FLOAT8(sum / total);
}

SAME_FUNCTION(portrait_value_index_weights, portrait_value_index);

/* The name of the level that a value has reached: at a threshold, the upper one */
PORTRAIT_FUNCTION(portrait_value_tier);
Datum
portrait_value_tier(PG_FUNCTION_ARGS)
{
	double		value = PG_GETARG_FLOAT8(0);
	int			n;
	double	   *thresholds = doubles_of_array(PG_GETARG_DATUM(1), &n, "thresholds");
	ArrayType  *names = PG_GETARG_ARRAYTYPE_P(2);
	int			nnames = ArrayGetNItems(ARR_NDIM(names), ARR_DIMS(names));
	int			tier;
	bool		isnull;
	Datum		name;

	check_finite(value, "value");
	check_ascending(thresholds, n, "thresholds");
	if (ARR_NDIM(names) > 1 || nnames != n + 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value_tier takes one name more than thresholds"),
				 errdetail("There are %d thresholds and %d names.", n, nnames)));
	tier = ARR_LBOUND(names)[0] + breaks_below(value, (const uint8_t *) thresholds, n, false);
	name = array_get_element(PointerGetDatum(names), 1, &tier, -1, -1, false, TYPALIGN_INT,
							 &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(name);
}

/* none, basic (something happened), established (enough purchases) */
PORTRAIT_FUNCTION(portrait_customer_maturity);
Datum
portrait_customer_maturity(PG_FUNCTION_ARGS)
{
	static const char *const labels[][RFM_LANGUAGES] = {
		{"none", "None", "无"},
		{"basic", "Basic", "初步"},
		{"established", "Established", "成熟"},
	};
	int64		touches = PG_GETARG_INT64(0);
	int64		orders = PG_GETARG_INT64(1);
	int			established = PG_GETARG_INT32(2);
	int			language = language_of_text(PG_GETARG_DATUM(3));
	int			level;

	if (touches < 0 || orders < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("numbers of touches and orders must not be negative")));
	if (established < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("established must be at least 1, not %d", established)));
	level = orders >= established ? 2 : touches > 0 || orders > 0 ? 1 : 0;
	PG_RETURN_DATUM(label_as_text(labels[level][language]));
}
