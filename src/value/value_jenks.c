/*
 * value_jenks.c
 *	  Natural breaks: the partition of sorted numbers into classes with the
 *	  least sum of squared distances from the classes' means.
 *
 * Dynamic programming over the number of classes (Fisher 1958).  Where the
 * last class of the best partition starts grows with where it ends, so each
 * row is filled by halving (Wang and Song 2011): O(bins * n log n).  Of
 * partitions whose cost differs by rounding alone, the one with the earliest
 * start is taken, so that scaling all numbers changes nothing.
 */
#include "value/value_breaks.h"

#include <math.h>

/* 512 MB for the way back */
#define MAX_CELLS (UINT64_C(1) << 27)

/* Costs closer than this part of the whole variation are the same */
#define CLOSE 1e-12

typedef struct Jenks
{
	const ValueRuns *runs;
	long double *weight;		/* prefix sums of counts, */
	long double *sum;			/* of numbers, centred and scaled, */
	long double *squares;		/* and of their squares */
	double	   *cost;			/* of the best partition that ends at each number */
	double	   *cost_before;	/* with one class less */
	uint32_t   *starts;			/* where the last class starts: one row a class */
	double		close;
} Jenks;

/* Sum of squared distances from the mean of the numbers i to j */
static double
spread(const Jenks *jenks, size_t i, size_t j)
{
	long double w = jenks->weight[j + 1] - jenks->weight[i];
	long double s = jenks->sum[j + 1] - jenks->sum[i];
	long double q = jenks->squares[j + 1] - jenks->squares[i];
	long double d = q - s * s / w;

	return i == j || d < 0 ? 0 : (double) d;
}

/* The best start of the last class that ends at j, from lo to hi */
static size_t
best_start(Jenks *jenks, size_t j, size_t lo, size_t hi)
{
	double		least = INFINITY;
	size_t		start = lo;

	for (size_t i = lo; i <= hi; i++)
	{
		double		cost = jenks->cost_before[i - 1] + spread(jenks, i, j);

		if (cost < least)
			least = cost;
	}
	while (jenks->cost_before[start - 1] + spread(jenks, start, j) > least + jenks->close)
		start++;
	jenks->cost[j] = jenks->cost_before[start - 1] + spread(jenks, start, j);
	return start;
}

typedef struct Part
{
	size_t		first;			/* ends of the last class, first to last, */
	size_t		last;
	size_t		lo;				/* which start at lo to hi */
	size_t		hi;
} Part;

/* One row, by halving; depth is at most log2(n) */
static void
fill_row(Jenks *jenks, size_t k, uint32_t *row)
{
	Part		stack[128];
	int			depth = 0;

	stack[depth++] = (Part) {k, jenks->runs->n - 1, k, jenks->runs->n - 1};
	while (depth > 0)
	{
		Part		part = stack[--depth];
		size_t		mid = part.first + (part.last - part.first) / 2;
		size_t		start;

		core_interrupt();
		start = best_start(jenks, mid, part.lo, part.hi < mid ? part.hi : mid);
		row[mid] = (uint32_t) start;
		if (mid < part.last)
			stack[depth++] = (Part) {mid + 1, part.last, start, part.hi};
		if (mid > part.first)
			stack[depth++] = (Part) {part.first, mid - 1, part.lo, start};
	}
}

static void
prefix_sums(Jenks *jenks)
{
	const ValueRuns *runs = jenks->runs;
	size_t		n = runs->n;
	double		middle = runs->values[n / 2];
	double		width = fmax(fabs(runs->values[0] / 2 - middle / 2),
							 fabs(runs->values[n - 1] / 2 - middle / 2));

	jenks->weight[0] = jenks->sum[0] = jenks->squares[0] = 0;
	for (size_t i = 0; i < n; i++)
	{
		long double x = ((long double) runs->values[i] / 2 - middle / 2) / width;
		long double w = (long double) runs->counts[i];

		jenks->weight[i + 1] = jenks->weight[i] + w;
		jenks->sum[i + 1] = jenks->sum[i] + w * x;
		jenks->squares[i + 1] = jenks->squares[i] + w * x * x;
	}
	jenks->close = CLOSE * spread(jenks, 0, n - 1);
}

void
breaks_jenks(const ValueRuns *runs, int bins, double *breaks)
{
	size_t		n = runs->n;
	size_t		classes = n < (size_t) bins ? n : (size_t) bins;
	size_t		end;
	Jenks		jenks = {.runs = runs};

	/* classes for which there are no numbers stay empty, above all */
	for (size_t i = 0; i < (size_t) bins - 1; i++)
		breaks[i] = runs->values[i < n ? i : n - 1];
	if (n <= (size_t) bins)
		return;
	if (n * (uint64_t) classes > MAX_CELLS)
		core_throw(CORE_LIMIT, "Round the numbers first.",
				   "method \"jenks\" takes at most %llu bins times distinct numbers",
				   (unsigned long long) MAX_CELLS);

	jenks.weight = core_alloc((n + 1) * sizeof(long double));
	jenks.sum = core_alloc((n + 1) * sizeof(long double));
	jenks.squares = core_alloc((n + 1) * sizeof(long double));
	jenks.cost = core_alloc(n * sizeof(double));
	jenks.cost_before = core_alloc(n * sizeof(double));
	jenks.starts = core_alloc(n * classes * sizeof(uint32_t));
	prefix_sums(&jenks);
	for (size_t j = 0; j < n; j++)
		jenks.cost[j] = spread(&jenks, 0, j);
	for (size_t k = 1; k < classes; k++)
	{
		double	   *swap = jenks.cost;

		jenks.cost = jenks.cost_before;
		jenks.cost_before = swap;
		fill_row(&jenks, k, jenks.starts + k * n);
	}
	/* the way back: each class ends before the next one starts */
	end = n - 1;
	for (size_t k = classes - 1; k >= 1; k--)
	{
		end = jenks.starts[k * n + end] - 1;
		breaks[k - 1] = runs->values[end];
	}
	core_free(jenks.weight);
	core_free(jenks.sum);
	core_free(jenks.squares);
	core_free(jenks.cost);
	core_free(jenks.cost_before);
	core_free(jenks.starts);
}
