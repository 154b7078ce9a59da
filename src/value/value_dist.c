/*
 * value_dist.c
 *	  Many numbers: collected, sorted, stored, see value_dist.h.
 */
#include "value/value_dist.h"

#include <math.h>

#define INTERRUPT_NUMBERS 16384

/* ---- sorting ---- */

#define RADIX_BITS 11
#define RADIX (1 << RADIX_BITS)
#define PASSES 6				/* of 11 bits: 66 */
#define RADIX_MIN 256			/* below, insertion into runs is faster */

/* Doubles as unsigned numbers of the same order */
static inline uint64_t
key_of(uint64_t bits)
{
	return bits ^ ((uint64_t) ((int64_t) bits >> 63) | (UINT64_C(1) << 63));
}

static inline uint64_t
bits_of(uint64_t key)
{
	return key ^ (((key >> 63) - 1) | (UINT64_C(1) << 63));
}

/* One pass; false when all numbers have the same digit and nothing was moved */
static bool
radix_pass(const uint64_t *from, uint64_t *to, size_t n, int shift, size_t *counts)
{
	size_t		sum = 0;

	if (counts[(from[0] >> shift) & (RADIX - 1)] == n)
		return false;
	for (int i = 0; i < RADIX; i++)
	{
		size_t		c = counts[i];

		counts[i] = sum;
		sum += c;
	}
	for (size_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
			core_interrupt();
		to[counts[(from[i] >> shift) & (RADIX - 1)]++] = from[i];
	}
	return true;
}

/* The numbers, as bits, become keys, are sorted, and become bits again */
static void
radix_sort(uint64_t *numbers, size_t n)
{
	size_t	   *counts = core_alloc(PASSES * RADIX * sizeof(size_t));
	uint64_t   *other = core_alloc(n * sizeof(uint64_t));
	uint64_t   *from = numbers;
	uint64_t   *to = other;

	memset(counts, 0, PASSES * RADIX * sizeof(size_t));
	for (size_t i = 0; i < n; i++)
	{
		uint64_t	key = key_of(numbers[i]);

		if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
			core_interrupt();
		numbers[i] = key;
		for (int pass = 0; pass < PASSES; pass++)
			counts[pass * RADIX + ((key >> (pass * RADIX_BITS)) & (RADIX - 1))]++;
	}
	for (int pass = 0; pass < PASSES; pass++)
		if (radix_pass(from, to, n, pass * RADIX_BITS, counts + pass * RADIX))
		{
			uint64_t   *swap = from;

			from = to;
			to = swap;
		}
	for (size_t i = 0; i < n; i++)
		numbers[i] = bits_of(from[i]);
	core_free(other);
	core_free(counts);
}

void
value_list_sort(ValueList *list)
{
	double	   *v = list->values;

	if (list->nsorted == list->n)
		return;
	if (list->n >= RADIX_MIN)
	{
		/* the same bytes, seen as integers */
		uint64_t   *bits = (uint64_t *) (void *) v;

		radix_sort(bits, list->n);
	}
	else
	{
		for (size_t i = list->nsorted > 0 ? list->nsorted : 1; i < list->n; i++)
		{
			double		value = v[i];
			size_t		j = i;

			for (; j > 0 && v[j - 1] > value; j--)
				v[j] = v[j - 1];
			v[j] = value;
		}
	}
	list->nsorted = list->n;
}

/* ---- lists and runs ---- */

static inline double
dist_value(const Distribution *dist, size_t i)
{
	double		value;

	memcpy(&value, dist->values + i * sizeof(double), sizeof(double));
	return value;
}

/* The next count, or thrown CORE_CORRUPT */
static inline uint64_t
next_count(const uint8_t **p, const uint8_t *end)
{
	uint64_t	count;

	*p = varint_get(*p, end, &count);
	if (*p == NULL || count >= DIST_MAX_NUMBERS)
		core_throw(CORE_CORRUPT, NULL, "corrupt distribution of numbers");
	return count + 1;
}

void
value_list_add_dist(ValueList *list, const Distribution *dist)
{
	const uint8_t *p = dist->counts;

	for (size_t i = 0; i < dist->ndistinct; i++)
	{
		double		value = dist_value(dist, i);

		for (uint64_t left = next_count(&p, dist->end); left > 0; left--)
		{
			if (list->n % INTERRUPT_NUMBERS == 0)
				core_interrupt();
			value_list_add(list, value);
		}
	}
}

void
value_list_runs(ValueList *list, ValueRuns *runs)
{
	size_t		n = 0;

	value_list_sort(list);
	for (size_t i = 0; i < list->n; i++)
		n += i == 0 || list->values[i] != list->values[i - 1];
	runs->values = core_alloc(n * sizeof(double) + 1);
	runs->counts = core_alloc(n * sizeof(uint64_t) + 1);
	runs->total = list->n;
	runs->n = 0;
	for (size_t i = 0; i < list->n; i++)
	{
		if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
			core_interrupt();
		if (i == 0 || list->values[i] != list->values[i - 1])
		{
			runs->values[runs->n] = list->values[i];
			runs->counts[runs->n++] = 0;
		}
		runs->counts[runs->n - 1]++;
	}
}

void
dist_runs(const Distribution *dist, ValueRuns *runs)
{
	const uint8_t *p = dist->counts;

	runs->n = dist->ndistinct;
	runs->total = 0;
	runs->values = core_alloc(runs->n * sizeof(double) + 1);
	runs->counts = core_alloc(runs->n * sizeof(uint64_t) + 1);
	for (size_t i = 0; i < runs->n; i++)
	{
		if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
			core_interrupt();
		runs->values[i] = dist_value(dist, i);
		runs->counts[i] = next_count(&p, dist->end);
		runs->total += runs->counts[i];
	}
	if (runs->total != dist->n)
		core_throw(CORE_CORRUPT, NULL, "corrupt distribution of numbers");
}

double
value_runs_scale(const ValueRuns *runs)
{
	double		largest = fmax(fabs(runs->values[0]), fabs(runs->values[runs->n - 1]));
	int			exponent;

	frexp(largest, &exponent);
	return exponent > 512 ? ldexp(1, -600) : exponent < -400 ? ldexp(1, 600) : 1;
}

/* ---- bytes ---- */

size_t
dist_size(const ValueRuns *runs)
{
	/* counts are below 2^27: at most 4 bytes each */
	return core_add_size(DIST_HEADER_SIZE, core_mul_size(runs->n, sizeof(double) + 4));
}

uint8_t *
dist_write(uint8_t *out, const ValueRuns *runs)
{
	uint8_t    *counts = out + DIST_HEADER_SIZE + runs->n * sizeof(double);
	uint8_t    *p = counts;

	store64(out, runs->total);
	store32(out + 8, (uint32_t) runs->n);
	if (runs->n > 0)
		memcpy(out + DIST_HEADER_SIZE, runs->values, runs->n * sizeof(double));
	for (size_t i = 0; i < runs->n; i++)
	{
		if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
			core_interrupt();
		p = varint_put(p, runs->counts[i] - 1);
	}
	store32(out + 12, (uint32_t) (p - counts));
	return p;
}

const char *
dist_open(Distribution *dist, const uint8_t *p, const uint8_t *end)
{
	size_t		size = (size_t) (end - p);
	size_t		ncounts;

	if (size < DIST_HEADER_SIZE)
		return "it is too short";
	dist->n = load64(p);
	dist->ndistinct = load32(p + 8);
	ncounts = load32(p + 12);
	size -= DIST_HEADER_SIZE;
	if (dist->n > DIST_MAX_NUMBERS || dist->ndistinct > dist->n ||
		dist->ndistinct > size / sizeof(double) ||
		ncounts > size - dist->ndistinct * sizeof(double) || ncounts < dist->ndistinct)
		return "it is shorter than its header says";
	dist->values = p + DIST_HEADER_SIZE;
	dist->counts = dist->values + dist->ndistinct * sizeof(double);
	dist->end = dist->counts + ncounts;
	return NULL;
}

const char *
dist_check(const Distribution *dist)
{
	const uint8_t *p = dist->counts;
	uint64_t	total = 0;
	double		before = -INFINITY;

	for (size_t i = 0; i < dist->ndistinct; i++)
	{
		double		value = dist_value(dist, i);
		uint64_t	count;

		if (i % INTERRUPT_NUMBERS == INTERRUPT_NUMBERS - 1)
			core_interrupt();
		if (!isfinite(value) || value <= before || (value == 0 && signbit(value)))
			return "numbers that are not ascending and finite";
		before = value;
		p = varint_get(p, dist->end, &count);
		if (p == NULL || count >= DIST_MAX_NUMBERS)
			return "wrong count of a number";
		total += count + 1;
	}
	return total != dist->n || p != dist->end ? "counts that do not add up" : NULL;
}

/* ---- text ---- */

void
dist_print(const Distribution *dist, TextOut *out)
{
	const uint8_t *p = dist->counts;

	text_out(out, "[");
	for (size_t i = 0; i < dist->ndistinct; i++)
	{
		uint64_t	count = next_count(&p, dist->end);

		if (i % 1024 == 1023)
			core_interrupt();
		if (i > 0)
			text_out(out, ", ");
		if (count > 1)
			text_out(out, "[");
		text_out_double(out, dist_value(dist, i));
		if (count > 1)
			text_out(out, ", %llu]", (unsigned long long) count);
	}
	text_out(out, "]");
}

bool
dist_parse(TextIn *in, ValueRuns *runs)
{
	size_t		room = 64;

	runs->n = 0;
	runs->total = 0;
	runs->values = core_alloc(room * sizeof(double));
	runs->counts = core_alloc(room * sizeof(uint64_t));
	if (!text_in_char(in, '['))
		return false;
	if (text_in_maybe(in, ']'))
		return true;
	do
	{
		bool		run = text_in_maybe(in, '[');
		int64_t		count = 1;
		double		value;

		if (!text_in_double(in, &value) ||
			(run && !(text_in_char(in, ',') && text_in_int(in, 1, DIST_MAX_NUMBERS, &count) &&
					  text_in_char(in, ']'))))
			return false;
		if (runs->n > 0 && value <= runs->values[runs->n - 1])
			return text_in_wrong(in, "numbers that do not ascend");
		if (runs->total + (uint64_t) count > DIST_MAX_NUMBERS)
			return text_in_wrong(in, "more than 134217728 numbers");
		if (runs->n % 1024 == 1023)
			core_interrupt();
		if (runs->n == room)
		{
			room *= 2;
			runs->values = core_realloc(runs->values, room * sizeof(double));
			runs->counts = core_realloc(runs->counts, room * sizeof(uint64_t));
		}
		runs->values[runs->n] = value;
		runs->counts[runs->n++] = (uint64_t) count;
		runs->total += (uint64_t) count;
	} while (text_in_maybe(in, ','));
	return text_in_char(in, ']');
}
