/*
 * segment_build_chunk.c
 *	  Writing one chunk in its smallest form.
 *
 * The rules are those of segment.h.  A chunk comes as places, as a bitset or as
 * runs, and leaves in whichever form they make the smallest.
 */
#include "segment/segment.h"
#include "segment/segment_build.h"

/* A loose builder stops being wasteful where a strict one might still fit */
#define LOOSE_PAYLOAD_MAX ((size_t) 128 * 1024 * 1024)

/* Nor where a bitset would take more than 32 times the runs at hand */
#define LOOSE_RUNS_MAX 63

static inline uint32_t
run_end(const uint16_t *pair)
{
	uint32_t	end = (uint32_t) pair[0] + pair[1];

	return end < SEGMENT_CHUNK_IDS ? end : SEGMENT_CHUNK_IDS - 1;
}

static inline bool
loose_now(const SegmentBuilder *b)
{
	return b->loose && b->used < LOOSE_PAYLOAD_MAX;
}

/* Is a RUN the smallest form of n members in r runs? */
static inline bool
runs_win(uint32_t n, uint32_t r)
{
	uint32_t	other = n <= SEGMENT_ARRAY_MAX ? 2 * n : SEGMENT_BITSET_BYTES;

	return 2 + 4 * r < other;
}

void
segment_bitset_set_range(uint64_t *words, uint32_t lo, uint32_t hi)
{
	uint32_t	first = lo >> 6;
	uint32_t	last = hi >> 6;
	uint64_t	head = ~UINT64_C(0) << (lo & 63);
	uint64_t	tail = ~UINT64_C(0) >> (63 - (hi & 63));

	if (first == last)
	{
		words[first] |= head & tail;
		return;
	}
	words[first] |= head;
	for (uint32_t i = first + 1; i < last; i++)
		words[i] = ~UINT64_C(0);
	words[last] |= tail;
}

static uint64_t *
add_bitset(SegmentBuilder *b, uint64_t key, uint32_t n)
{
	return (uint64_t *) segment_add_entry(b, key, SEGMENT_BITSET, n, SEGMENT_BITSET_BYTES);
}

static void
add_small_places(SegmentBuilder *b, uint64_t key, const uint16_t *places, uint32_t n)
{
	uint64_t	ids[SEGMENT_SMALL];

	for (uint32_t i = 0; i < n; i++)
		ids[i] = key << SEGMENT_CHUNK_BITS | places[i];
	segment_add_small(b, ids, n);
}

static uint32_t
runs_count(const uint16_t *pairs, uint32_t nruns)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < nruns; i++)
		n += run_end(pairs + 2 * i) - pairs[2 * i] + 1;
	return n;
}

static void
runs_to_places(const uint16_t *pairs, uint32_t nruns, uint16_t *places)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < nruns; i++)
		for (uint32_t v = pairs[2 * i]; v <= run_end(pairs + 2 * i); v++)
			places[n++] = (uint16_t) v;
}

void
segment_add_runs(SegmentBuilder *b, uint64_t key, const uint16_t *pairs, uint32_t nruns, uint32_t n)
{
	bool		loose = loose_now(b);

	if (n == 0)
		return;
	if (n > SEGMENT_CHUNK_IDS)
		segment_corrupt("overlapping runs");
	if (n <= SEGMENT_SMALL)
	{
		uint16_t	places[SEGMENT_SMALL];

		runs_to_places(pairs, nruns, places);
		add_small_places(b, key, places, n);
		return;
	}
	if (n == SEGMENT_CHUNK_IDS)
	{
		segment_add_full(b, key, 1);
		return;
	}
	segment_before_chunk(b, n);
	if ((!loose || nruns <= LOOSE_RUNS_MAX) && runs_win(n, nruns))
	{
		uint8_t    *p = segment_add_entry(b, key, SEGMENT_RUN, n, 2 + (size_t) nruns * 4);

		store16(p, (uint16_t) nruns);
		memcpy(p + 2, pairs, (size_t) nruns * 4);
	}
	else if (n < (loose ? SEGMENT_LOOSE_BITSET : SEGMENT_ARRAY_MAX + 1))
		runs_to_places(pairs, nruns,
					   (uint16_t *) segment_add_entry(b, key, SEGMENT_ARRAY, n, (size_t) n * 2));
	else
	{
		uint64_t   *words = add_bitset(b, key, n);

		memset(words, 0, SEGMENT_BITSET_BYTES);
		for (uint32_t i = 0; i < nruns; i++)
			segment_bitset_set_range(words, pairs[2 * i], run_end(pairs + 2 * i));
	}
}

static void
array_to_runs(const uint16_t *places, uint32_t n, uint8_t *pairs)
{
	uint32_t	start = 0;

	for (uint32_t i = 1; i <= n; i++)
		if (i == n || places[i] != places[i - 1] + 1)
		{
			store16(pairs, places[start]);
			store16(pairs + 2, (uint16_t) (i - 1 - start));
			pairs += 4;
			start = i;
		}
}

void
segment_build_array(SegmentBuilder *b, uint64_t key, const uint16_t *places, uint32_t n)
{
	bool		loose = loose_now(b);
	uint32_t	r;

	segment_settle(b);
	if (n == 0)
		return;
	if (n <= SEGMENT_SMALL)
	{
		add_small_places(b, key, places, n);
		return;
	}
	if (n == SEGMENT_CHUNK_IDS)
	{
		segment_add_full(b, key, 1);
		return;
	}
	segment_before_chunk(b, n);
	if (!loose && (r = segment_kernels->array_runs(places, n), runs_win(n, r)))
	{
		uint8_t    *p = segment_add_entry(b, key, SEGMENT_RUN, n, 2 + (size_t) r * 4);

		store16(p, (uint16_t) r);
		array_to_runs(places, n, p + 2);
	}
	else if (n < (loose ? SEGMENT_LOOSE_BITSET : SEGMENT_ARRAY_MAX + 1))
		memcpy(segment_add_entry(b, key, SEGMENT_ARRAY, n, (size_t) n * 2), places, (size_t) n * 2);
	else
	{
		uint64_t   *words = add_bitset(b, key, n);

		memset(words, 0, SEGMENT_BITSET_BYTES);
		for (uint32_t i = 0; i < n; i++)
			words[places[i] >> 6] |= UINT64_C(1) << (places[i] & 63);
	}
}

/* The pairs of a bitset's runs; room for as many as there are */
static void
bitset_to_runs(const uint64_t *words, uint8_t *pairs, uint32_t nruns)
{
	uint32_t	pos = 0;

	for (uint32_t i = 0; i < nruns; i++)
	{
		uint64_t	w = words[pos >> 6] & (~UINT64_C(0) << (pos & 63));
		uint32_t	start;

		while (w == 0)
		{
			pos = (pos | 63) + 1;
			w = words[pos >> 6];
		}
		start = (pos & ~63u) + __builtin_ctzll(w);
		/* from there on, look for the first zero */
		pos = start;
		w = ~words[pos >> 6] & (~UINT64_C(0) << (pos & 63));
		while (w == 0 && (pos | 63) + 1 < SEGMENT_CHUNK_IDS)
		{
			pos = (pos | 63) + 1;
			w = ~words[pos >> 6];
		}
		pos = w == 0 ? SEGMENT_CHUNK_IDS : (pos & ~63u) + __builtin_ctzll(w);
		store16(pairs, (uint16_t) start);
		store16(pairs + 2, (uint16_t) (pos - 1 - start));
		pairs += 4;
	}
}

void
segment_build_bitset(SegmentBuilder *b, uint64_t key, const uint64_t *words, uint32_t count)
{
	bool		loose = loose_now(b);
	uint32_t	r;

	segment_settle(b);
	if (count == 0)
		return;
	if (count <= SEGMENT_SMALL)
	{
		uint16_t	places[SEGMENT_SMALL + SEGMENT_KERNEL_SLACK];

		segment_kernels->bitset_to_array(words, places);
		add_small_places(b, key, places, count);
		return;
	}
	if (count == SEGMENT_CHUNK_IDS)
	{
		segment_add_full(b, key, 1);
		return;
	}
	segment_before_chunk(b, count);
	if (!loose && (r = segment_kernels->bitset_runs(words), runs_win(count, r)))
	{
		uint8_t    *p = segment_add_entry(b, key, SEGMENT_RUN, count, 2 + (size_t) r * 4);

		store16(p, (uint16_t) r);
		bitset_to_runs(words, p + 2, r);
	}
	else if (count < (loose ? SEGMENT_LOOSE_BITSET : SEGMENT_ARRAY_MAX + 1))
	{
		uint16_t	places[SEGMENT_ARRAY_MAX + SEGMENT_KERNEL_SLACK];

		segment_kernels->bitset_to_array(words, places);
		memcpy(segment_add_entry(b, key, SEGMENT_ARRAY, count, (size_t) count * 2),
			   places, (size_t) count * 2);
	}
	else
		memcpy(add_bitset(b, key, count), words, SEGMENT_BITSET_BYTES);
}

void
segment_build_runs(SegmentBuilder *b, uint64_t key, const uint16_t *pairs, uint32_t nruns)
{
	segment_settle(b);
	segment_add_runs(b, key, pairs, nruns, runs_count(pairs, nruns));
}
