/*
 * value_dist.h
 *	  Many numbers: collected, sorted, stored as distinct values and counts.
 *
 * The image of a distribution, inside values of type pareto and value_pool:
 *
 *	 0	uint64	numbers in all
 *	 8	uint32	distinct numbers
 *	12	uint32	bytes of the counts
 *	16	the distinct numbers, ascending doubles, finite, zero never negative
 *	..	how often each occurs, less 1, LEB128
 */
#ifndef PORTRAIT_VALUE_DIST_H
#define PORTRAIT_VALUE_DIST_H

#include "common/core.h"
#include "value/value_text.h"

#define DIST_HEADER_SIZE 16

/* Numbers in memory: 1 GB */
#define DIST_MAX_NUMBERS (UINT64_C(1) << 27)

/* Distinct numbers of a value that is stored: its text stays below 1 GB */
#define DIST_MAX_DISTINCT (UINT32_C(1) << 25)

/* A value that only travels between processes: below 1 GB as well */
#define DIST_MAX_SIZE (((size_t) 1 << 30) - 1024)

/* Numbers as they come; weighted ones, from stored distributions, come in runs */
typedef struct ValueList
{
	double	   *values;			/* by core_alloc */
	size_t		n;
	size_t		room;
	size_t		nsorted;		/* so many in front are ascending */
} ValueList;

/* Distinct numbers in ascending order, with their counts */
typedef struct Distribution
{
	uint64_t	n;				/* numbers in all */
	uint32_t	ndistinct;
	const uint8_t *values;		/* doubles, unaligned */
	const uint8_t *counts;		/* LEB128 */
	const uint8_t *end;
} Distribution;

/* The same, unpacked: for algorithms */
typedef struct ValueRuns
{
	double	   *values;
	uint64_t   *counts;
	size_t		n;
	uint64_t	total;			/* sum of the counts */
} ValueRuns;

static inline void
value_list_add(ValueList *list, double value)
{
	if (list->n == list->room)
	{
		if (list->n >= DIST_MAX_NUMBERS)
			core_throw(CORE_LIMIT, NULL, "more than 134217728 numbers");
		list->room = list->room ? list->room * 2 : 64;
		list->values = core_realloc(list->values, list->room * sizeof(double));
	}
	/* no negative zero */
	list->values[list->n++] = value == 0 ? 0 : value;
}

/* Ascending; zero must not be negative.  Radix sort: O(n) */
extern void value_list_sort(ValueList *list);

/* Add each number of a stored distribution */
extern void value_list_add_dist(ValueList *list, const Distribution *dist);

/* Sorts, and gives the distinct numbers, by core_alloc */
extern void value_list_runs(ValueList *list, ValueRuns *runs);

/* A power of two that makes sums of so many scaled numbers safe; there must be one */
extern double value_runs_scale(const ValueRuns *runs);

/* Bytes that dist_write() takes at most */
extern size_t dist_size(const ValueRuns *runs);
/* The distribution as bytes; where they end */
extern uint8_t *dist_write(uint8_t *out, const ValueRuns *runs);

/*
 * Open the distribution that starts at p.  Gives back what is wrong, or NULL;
 * only that its parts lie before end is checked.
 */
extern const char *dist_open(Distribution *dist, const uint8_t *p, const uint8_t *end);
/* Check the rest: order, counts, finite */
extern const char *dist_check(const Distribution *dist);

extern void dist_runs(const Distribution *dist, ValueRuns *runs);

/* [value, [value, count], ...], ascending, the count only where it is above 1 */
extern void dist_print(const Distribution *dist, TextOut *out);
extern bool dist_parse(TextIn *in, ValueRuns *runs);

/* A sum in twice the precision */
typedef struct Twofold
{
	double		high;
	double		low;
} Twofold;

static inline void
twofold_add(Twofold *sum, double value)
{
	double		s = sum->high + value;
	double		b = s - sum->high;
	double		error = (sum->high - (s - b)) + (value - b);
	double		low = sum->low + error;

	sum->high = s + low;
	sum->low = low - (sum->high - s);
}

/* value * count, where the product is split into parts that are exact */
static inline void
twofold_add_times(Twofold *sum, double value, uint64_t count)
{
	double		c = (double) count;
	double		p = value * c;

	twofold_add(sum, p);
	twofold_add(sum, __builtin_fma(value, c, -p));
}

#endif							/* PORTRAIT_VALUE_DIST_H */
