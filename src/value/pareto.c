/*
 * pareto.c
 *	  How concentrated is value, see pareto.h.
 *
 * Sums go from the best down, or from the least up, in twice the precision,
 * over scaled values so that none overflows.  Where a sum is compared with a
 * share of the total, differences by rounding count as none.
 */
#include "value/pareto.h"

#include <math.h>

#include "value/rfm_summary.h"

#define CLOSE 1e-12
#define INTERRUPT_NUMBERS 16384

static const char *
try_open(Distribution *dist, const uint8_t *p, size_t size)
{
	const char *problem;

	if (size < PARETO_HEADER_SIZE - 4)
		return "it is too short";
	if (p[0] != PARETO_VERSION || p[1] != 0 || load16(p + 2) != 0)
		return "unknown version";
	problem = dist_open(dist, p + PARETO_HEADER_SIZE - 4, p + size);
	if (problem == NULL && dist->end != p + size)
		problem = "it is longer than its parts";
	return problem;
}

void
pareto_open(Distribution *dist, const uint8_t *payload, size_t size)
{
	const char *problem = try_open(dist, payload, size);

	if (problem != NULL)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type pareto: %s", problem);
}

bool
pareto_check(const uint8_t *payload, size_t size, CoreError *error)
{
	Distribution dist;
	const char *problem = try_open(&dist, payload, size);

	if (problem == NULL)
		problem = dist_check(&dist);
	if (problem == NULL && dist.n == 0)
		problem = "no numbers";
	if (problem == NULL && dist.ndistinct > DIST_MAX_DISTINCT)
		problem = "too many distinct numbers";
	if (problem == NULL)
		return true;
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type pareto");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}

void *
pareto_make(const ValueRuns *runs)
{
	uint8_t    *image;

	if (runs->n > DIST_MAX_DISTINCT)
		core_throw(CORE_LIMIT, "Round the numbers first.",
				   "pareto would have more than %u distinct numbers", DIST_MAX_DISTINCT);
	image = core_alloc(PARETO_HEADER_SIZE + dist_size(runs));
	memset(image, 0, PARETO_HEADER_SIZE);
	image[4] = PARETO_VERSION;
	value_set_size(image, (size_t) (dist_write(image + PARETO_HEADER_SIZE, runs) - image));
	return image;
}

char *
pareto_print(const Distribution *dist)
{
	TextOut		out;

	text_out_start(&out);
	text_out(&out, "{\"values\": ");
	dist_print(dist, &out);
	text_out(&out, "}");
	return out.text;
}

void *
pareto_parse(const char *text, CoreError *error)
{
	TextIn		in;
	ValueRuns	runs;

	text_in_start(&in, text, "pareto", error);
	if (!text_in_char(&in, '{') || !text_in_key(&in, "values", true) ||
		!dist_parse(&in, &runs) || !text_in_char(&in, '}') || !text_in_end(&in))
		return NULL;
	if (runs.n == 0 || runs.n > DIST_MAX_DISTINCT)
	{
		text_in_wrong(&in, runs.n == 0 ? "no numbers" : "too many distinct numbers");
		return NULL;
	}
	return pareto_make(&runs);
}

/* ---- measures ---- */

static void
add_run(Twofold *sum, const ValueRuns *runs, size_t i, uint64_t count, double scale)
{
	if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
		core_interrupt();
	twofold_add_times(sum, runs->values[i] * scale, count);
}

static Twofold
scaled_total(const ValueRuns *runs, double scale)
{
	Twofold		sum = {0, 0};

	for (size_t i = 0; i < runs->n; i++)
		add_run(&sum, runs, i, runs->counts[i], scale);
	return sum;
}

double
pareto_total(const ValueRuns *runs)
{
	double		scale = value_runs_scale(runs);
	double		total = scaled_total(runs, scale).high / scale;

	if (!isfinite(total))
		core_throw(CORE_OUT_OF_RANGE, NULL, "total is out of range of type double precision");
	return total == 0 ? 0 : total;
}

bool
pareto_share(const ValueRuns *runs, double top, double *share)
{
	double		scale = value_runs_scale(runs);
	double		total = scaled_total(runs, scale).high;
	double		wanted = ceil(top * (double) runs->total * (1 - CLOSE));
	uint64_t	left = (uint64_t) wanted;
	Twofold		sum = {0, 0};

	if (!(total > 0))
		return false;
	if (left > runs->total)
		left = runs->total;
	for (size_t i = runs->n; i-- > 0 && left > 0;)
	{
		uint64_t	take = runs->counts[i] < left ? runs->counts[i] : left;

		add_run(&sum, runs, i, take, scale);
		left -= take;
	}
	*share = sum.high / total;
	return true;
}

bool
pareto_vital_few(const ValueRuns *runs, double share, int64_t *few)
{
	double		scale = value_runs_scale(runs);
	double		total = scaled_total(runs, scale).high;
	double		goal = total * share * (1 - CLOSE);
	Twofold		sum = {0, 0};

	if (!(total > 0))
		return false;
	*few = 0;
	for (size_t i = runs->n; i-- > 0 && sum.high < goal;)
	{
		double		value = runs->values[i] * scale;
		double		missing = goal - sum.high;
		uint64_t	count = runs->counts[i];

		/* as many of the equal ones as it takes; the others of the run are not needed */
		if (value > 0 && ceil(missing / value) < (double) count)
			count = (uint64_t) ceil(missing / value);
		add_run(&sum, runs, i, count, scale);
		*few += (int64_t) count;
	}
	return true;
}

/* With x ascending and ranks i from 1: the sum of (2 i - n - 1) x over n times the total */
bool
pareto_gini(const ValueRuns *runs, double *gini)
{
	double		scale = value_runs_scale(runs);
	double		n = (double) runs->total;
	double		total;
	Twofold		sum = {0, 0};
	uint64_t	before = 0;

	if (runs->values[0] < 0)
		return false;
	total = scaled_total(runs, scale).high;
	if (!(total > 0))
		return false;
	for (size_t i = 0; i < runs->n; i++)
	{
		uint64_t	count = runs->counts[i];
		/* twice the run's average rank, less n + 1 */
		double		rank = (double) (2 * before + count) - n;
		double		weight = rank * (double) count;

		if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
			core_interrupt();
		twofold_add(&sum, runs->values[i] * scale * weight);
		before += count;
	}
	*gini = sum.high / (n * total);
	if (*gini < 0)
		*gini = 0;
	return true;
}

bool
pareto_lorenz(const ValueRuns *runs, int points, double *shares)
{
	double		scale = value_runs_scale(runs);
	double		total = scaled_total(runs, scale).high;
	Twofold		sum = {0, 0};
	uint64_t	before = 0;		/* numbers in sum */
	size_t		i = 0;

	if (!(total > 0))
		return false;
	for (int point = 0; point <= points; point++)
	{
		/* n * point / points numbers, the last of them in part */
		uint64_t	whole = runs->total * (uint64_t) point / (uint64_t) points;
		uint64_t	rest = runs->total * (uint64_t) point % (uint64_t) points;
		Twofold		part;

		while (i < runs->n && before + runs->counts[i] <= whole)
		{
			add_run(&sum, runs, i, runs->counts[i], scale);
			before += runs->counts[i++];
		}
		part = sum;
		if (i < runs->n)
		{
			add_run(&part, runs, i, whole - before, scale);
			twofold_add(&part, runs->values[i] * scale * ((double) rest / points));
		}
		shares[point] = point == points ? 1 : part.high / total;
	}
	return true;
}

void
pareto_classes(const ValueRuns *runs, double a, double b, double *lowest_a, double *lowest_b)
{
	double		scale = value_runs_scale(runs);
	Twofold		total = {0, 0};
	Twofold		sum = {0, 0};

	*lowest_a = *lowest_b = INFINITY;
	for (size_t i = runs->n; i-- > 0 && runs->values[i] > 0;)
		add_run(&total, runs, i, runs->counts[i], scale);
	for (size_t i = runs->n; i-- > 0 && runs->values[i] > 0;)
	{
		/* what stands above it has not yet reached the line: it belongs above */
		if (sum.high < a * total.high * (1 - CLOSE))
			*lowest_a = runs->values[i];
		if (sum.high < b * total.high * (1 - CLOSE))
			*lowest_b = runs->values[i];
		add_run(&sum, runs, i, runs->counts[i], scale);
	}
}
