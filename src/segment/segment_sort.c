/*
 * segment_sort.c
 *	  Sorting ids and dropping duplicates.
 *
 * Ids mostly arrive sorted or nearly so, or share their upper bytes.  Sorted
 * input is seen in one pass; a few ids are sorted by insertion; the rest by a
 * least-significant-digit radix sort over the bytes that differ at all, which
 * is linear and asks for as much memory again.
 *
 * An interrupt may throw out of here.  Of up to INTERRUPT_IDS ids the array
 * then still has each, in whatever order; of more it is of no use.
 */
#include "segment/segment.h"

#define INSERTION_MAX 48
#define INTERRUPT_IDS ((size_t) 1 << 18)

static void
insertion_sort(uint64_t *ids, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		uint64_t	id = ids[i];
		size_t		j = i;

		for (; j > 0 && ids[j - 1] > id; j--)
			ids[j] = ids[j - 1];
		ids[j] = id;
	}
}

/* Of the ids from one check for interrupts to the next */
static inline size_t
block_end(size_t from, size_t n)
{
	return n - from < INTERRUPT_IDS ? n : from + INTERRUPT_IDS;
}

/* Move ids from a to b by one byte; false if all have the same there */
static bool
radix_pass(const uint64_t *a, uint64_t *b, size_t n, int shift)
{
	size_t		starts[256] = {0};
	size_t		sum = 0;

	for (size_t from = 0; from < n; from += INTERRUPT_IDS)
	{
		size_t		to = block_end(from, n);

		core_interrupt();
		for (size_t i = from; i < to; i++)
			starts[(a[i] >> shift) & 255]++;
	}
	if (starts[(a[0] >> shift) & 255] == n)
		return false;
	for (int d = 0; d < 256; d++)
	{
		size_t		count = starts[d];

		starts[d] = sum;
		sum += count;
	}
	for (size_t from = 0; from < n; from += INTERRUPT_IDS)
	{
		size_t		to = block_end(from, n);

		core_interrupt();
		for (size_t i = from; i < to; i++)
			b[starts[(a[i] >> shift) & 255]++] = a[i];
	}
	return true;
}

static void
radix_sort(uint64_t *ids, size_t n)
{
	uint64_t   *spare = core_alloc(core_mul_size(n, sizeof(uint64_t)));
	uint64_t   *a = ids;
	uint64_t   *b = spare;
	uint64_t	differ = 0;

	for (size_t i = 1; i < n; i++)
		differ |= ids[i] ^ ids[0];
	for (int shift = 0; shift < 64; shift += 8)
	{
		if (((differ >> shift) & 255) != 0 && radix_pass(a, b, n, shift))
		{
			uint64_t   *t = a;

			a = b;
			b = t;
		}
	}
	core_interrupt();
	if (a != ids)
		memcpy(ids, a, n * sizeof(uint64_t));
	core_interrupt();
	core_free(spare);
}

size_t
segment_sort_ids(uint64_t *ids, size_t n)
{
	size_t		i = 1;
	size_t		kept;

	while (i < n && ids[i - 1] < ids[i])
		i++;
	if (i >= n)
		return n;
	if (n <= INSERTION_MAX)
		insertion_sort(ids, n);
	else
		radix_sort(ids, n);
	kept = 1;
	for (size_t from = 1; from < n; from += INTERRUPT_IDS)
	{
		size_t		to = block_end(from, n);

		core_interrupt();
		for (i = from; i < to; i++)
		{
			uint64_t	id = ids[i];

			ids[kept] = id;
			kept += id != ids[kept - 1];
		}
	}
	return kept;
}
