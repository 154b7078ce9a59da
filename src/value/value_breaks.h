/*
 * value_breaks.h
 *	  Thresholds that cut numbers into classes, and the class of a number.
 */
#ifndef PORTRAIT_VALUE_BREAKS_H
#define PORTRAIT_VALUE_BREAKS_H

#include "common/core.h"
#include "value/value_dist.h"

#define BREAKS_MIN_BINS 2
#define BREAKS_MAX_BINS 1000

typedef enum BreakMethod
{
	BREAKS_QUANTILE,
	BREAKS_EQUAL_WIDTH,
	BREAKS_EQUAL_SUM,
	BREAKS_MEAN,
	BREAKS_MEDIAN,
	BREAKS_JENKS,
	BREAKS_GIVEN				/* of rfm_model only: not computed */
} BreakMethod;

#define BREAKS_METHODS 6		/* that compute */

extern const char *const break_method_names[BREAKS_METHODS + 1];

/* -1 when there is no such method */
extern int	break_method(const char *name, size_t length);

/* Throws 22023 when the method does not go with so many bins */
extern void breaks_check_bins(int bins, int max_bins, BreakMethod method);

/*
 * The bins - 1 thresholds between classes, ascending, into breaks.  There must
 * be a number.
 */
extern void breaks_compute(const ValueRuns *runs, int bins, BreakMethod method, double *breaks);

/* value_jenks.c: the largest number of each class of the best partition */
extern void breaks_jenks(const ValueRuns *runs, int bins, double *breaks);

/* Number of thresholds below the value, or also those at it if classes are closed below */
static inline int
breaks_below(double value, const uint8_t *breaks, int n, bool upper_closed)
{
	int			below = 0;

	for (int i = 0; i < n; i++)
	{
		double		b;

		memcpy(&b, breaks + (size_t) i * sizeof(double), sizeof(double));
		below += upper_closed ? b < value : b <= value;
	}
	return below;
}

#endif							/* PORTRAIT_VALUE_BREAKS_H */
