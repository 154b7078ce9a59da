/*
 * merge_sort.c
 *	  Sorting of anything, see merge_sort.h.
 *
 * Bottom-up: short runs by insertion, then runs are merged in pairs, each pass
 * from one buffer into the other.
 */
#include "common/merge_sort.h"

/* Runs of so many are sorted by insertion */
#define FEW 8

#define INTERRUPT_ELEMENTS 4096

static bool
is_sorted(const uint8_t *base, size_t n, size_t width, MergeCompare compare)
{
	for (size_t i = 1; i < n; i++)
	{
		if (i % INTERRUPT_ELEMENTS == 0)
			core_interrupt();
		if (compare(base + (i - 1) * width, base + i * width) > 0)
			return false;
	}
	return true;
}

/* "spare" has room for one element */
static void
insert(uint8_t *base, size_t n, size_t width, MergeCompare compare, uint8_t *spare)
{
	for (size_t i = 1; i < n; i++)
	{
		size_t		j = i;

		while (j > 0 && compare(base + (j - 1) * width, base + i * width) > 0)
			j--;
		if (j == i)
			continue;
		memcpy(spare, base + i * width, width);
		memmove(base + (j + 1) * width, base + j * width, (i - j) * width);
		memcpy(base + j * width, spare, width);
	}
}

/* The runs [0, middle) and [middle, n) of "from" into one of "to" */
static void
merge(const uint8_t *from, size_t middle, size_t n, size_t width, MergeCompare compare,
	  uint8_t *to)
{
	const uint8_t *a = from;
	const uint8_t *a_end = from + middle * width;
	const uint8_t *b = a_end;
	const uint8_t *b_end = from + n * width;

	for (size_t i = 1; a < a_end && b < b_end; i++)
	{
		if (i % INTERRUPT_ELEMENTS == 0)
			core_interrupt();
		if (compare(a, b) <= 0)
		{
			memcpy(to, a, width);
			a += width;
		}
		else
		{
			memcpy(to, b, width);
			b += width;
		}
		to += width;
	}
	core_copy(to, a, (size_t) (a_end - a));
	core_copy(to + (a_end - a), b, (size_t) (b_end - b));
}

void
merge_sort(void *base, size_t n, size_t width, MergeCompare compare)
{
	uint8_t    *from = base;
	uint8_t    *to;

	if (n < 2 || is_sorted(base, n, width, compare))
		return;
	to = core_alloc(core_mul_size(n, width));
	for (size_t start = 0; start < n; start += FEW)
		insert(from + start * width, n - start < FEW ? n - start : FEW, width, compare, to);
	for (size_t run = FEW; run < n; run *= 2)
	{
		uint8_t    *other = from;

		core_interrupt();
		for (size_t start = 0; start < n; start += 2 * run)
		{
			size_t		length = n - start < 2 * run ? n - start : 2 * run;

			merge(from + start * width, run < length ? run : length, length, width, compare,
				  to + start * width);
		}
		from = to;
		to = other;
	}
	if (from != base)
	{
		core_copy(base, from, n * width);
		to = from;
	}
	core_free(to);
}
