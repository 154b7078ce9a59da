/*
 * value_breaks.c
 *	  Thresholds that cut numbers into classes.
 *
 * What they promise: scores depend on the multiset of numbers only, and do not
 * change when all numbers are multiplied by a positive constant.  Rounding
 * must not break the second promise for a number that stands on a threshold,
 * so thresholds that are computed snap to a number that is there (see snap()).
 */
#include "value/value_breaks.h"

#include <math.h>

const char *const break_method_names[BREAKS_METHODS + 1] = {
	"quantile", "equal_width", "equal_sum", "mean", "median", "jenks", "given"
};

/* Numbers closer than this, relative to the largest, count as one */
#define CLOSE 1e-12

int
break_method(const char *name, size_t length)
{
	for (int i = 0; i < BREAKS_METHODS; i++)
		if (strlen(break_method_names[i]) == length &&
			memcmp(break_method_names[i], name, length) == 0)
			return i;
	return -1;
}

void
breaks_check_bins(int bins, int max_bins, BreakMethod method)
{
	if (bins < BREAKS_MIN_BINS || bins > max_bins)
		core_throw(CORE_BAD_PARAMETER, NULL, "number of bins must be %d to %d, not %d",
				   BREAKS_MIN_BINS, max_bins, bins);
	if ((method == BREAKS_MEAN || method == BREAKS_MEDIAN) && bins != 2)
		core_throw(CORE_BAD_PARAMETER, NULL, "method \"%s\" makes 2 bins, not %d",
				   break_method_names[method], bins);
}

/* The k-th smallest number from 0; *run and *before remember where the last search ended */
static double
kth(const ValueRuns *runs, uint64_t k, size_t *run, uint64_t *before)
{
	while (*before + runs->counts[*run] <= k)
		*before += runs->counts[(*run)++];
	return runs->values[*run];
}

/*
 * Type 7 of Hyndman and Fan: at (n - 1) i / bins, counted from 0, linear in
 * between.  The threshold between two numbers stays below the upper one.
 */
static void
quantiles(const ValueRuns *runs, int bins, double *breaks)
{
	size_t		run = 0;
	uint64_t	before = 0;

	for (int i = 1; i < bins; i++)
	{
		uint64_t	place = (runs->total - 1) * (uint64_t) i;
		uint64_t	rest = place % (uint64_t) bins;
		double		lo = kth(runs, place / (uint64_t) bins, &run, &before);
		double		hi = lo;
		double		b = lo;

		if (rest > 0)
		{
			size_t		run_of_next = run;
			uint64_t	before_next = before;

			hi = kth(runs, place / (uint64_t) bins + 1, &run_of_next, &before_next);
		}
		if (hi > lo)
		{
			/* hi - lo might overflow */
			double		f = (double) rest / bins;

			b = isfinite(hi - lo) ? lo + f * (hi - lo) : lo * (1 - f) + hi * f;
			if (b >= hi)
				b = nextafter(hi, lo);
			if (b < lo)
				b = lo;
		}
		breaks[i - 1] = b == 0 ? 0 : b;
	}
}

/* The number that is there so close to a threshold that only rounding parts them */
static double
snap(const ValueRuns *runs, double b)
{
	double		largest = fmax(fabs(runs->values[0]), fabs(runs->values[runs->n - 1]));
	double		near = largest * CLOSE;
	size_t		lo = 0;
	size_t		hi = runs->n;
	double		best = b;
	double		distance = near;

	/* the first number at or above */
	while (lo < hi)
	{
		size_t		mid = lo + (hi - lo) / 2;

		if (runs->values[mid] < b)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < runs->n && runs->values[lo] - b <= distance)
	{
		best = runs->values[lo];
		distance = best - b;
	}
	if (lo > 0 && b - runs->values[lo - 1] < distance)
		best = runs->values[lo - 1];
	return best == 0 ? 0 : best;
}

static void
equal_widths(const ValueRuns *runs, int bins, double *breaks)
{
	double		min = runs->values[0];
	double		max = runs->values[runs->n - 1];

	for (int i = 1; i < bins; i++)
	{
		double		f = (double) i / bins;
		double		b = isfinite(max - min) ? min + (max - min) * i / bins : min * (1 - f) + max * f;

		if (!isfinite(b))
			b = min * (1 - f) + max * f;
		breaks[i - 1] = snap(runs, b);
	}
}

/* A class ends with the number at which the sum reaches its share of the whole */
static void
equal_sums(const ValueRuns *runs, int bins, double *breaks)
{
	double		scale = value_runs_scale(runs);
	Twofold		total = {0, 0};
	Twofold		sum = {0, 0};
	int			next = 1;

	for (size_t i = 0; i < runs->n; i++)
		if (runs->values[i] > 0)
			twofold_add_times(&total, runs->values[i] * scale, runs->counts[i]);
	for (size_t i = 0; i < runs->n && next < bins; i++)
	{
		if (i % 16384 == 16383)
			core_interrupt();
		if (runs->values[i] > 0)
			twofold_add_times(&sum, runs->values[i] * scale, runs->counts[i]);
		while (next < bins && (sum.high >= total.high * next / bins * (1 - CLOSE) ||
							   i + 1 == runs->n))
			breaks[next++ - 1] = runs->values[i];
	}
}

static double
mean(const ValueRuns *runs)
{
	double		scale = value_runs_scale(runs);
	Twofold		sum = {0, 0};

	for (size_t i = 0; i < runs->n; i++)
	{
		if (i % 16384 == 16383)
			core_interrupt();
		twofold_add_times(&sum, runs->values[i] * scale, runs->counts[i]);
	}
	return sum.high / (double) runs->total / scale;
}

void
breaks_compute(const ValueRuns *runs, int bins, BreakMethod method, double *breaks)
{
	switch (method)
	{
		case BREAKS_QUANTILE:
		case BREAKS_MEDIAN:
			quantiles(runs, bins, breaks);
			break;
		case BREAKS_EQUAL_WIDTH:
			equal_widths(runs, bins, breaks);
			break;
		case BREAKS_EQUAL_SUM:
			equal_sums(runs, bins, breaks);
			break;
		case BREAKS_MEAN:
			breaks[0] = snap(runs, mean(runs));
			break;
		case BREAKS_JENKS:
			breaks_jenks(runs, bins, breaks);
			break;
		case BREAKS_GIVEN:
			core_throw(CORE_BAD_PARAMETER, NULL, "method \"given\" computes no thresholds");
	}
}
