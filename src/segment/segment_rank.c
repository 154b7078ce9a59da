/*
 * segment_rank.c
 *	  Members by rank, and ranks of members.
 *
 * The directory tells each entry's count, so that at most two payloads are
 * read; the cost is that of the directory up to the place asked for.
 */
#include "segment/segment.h"

#define INTERRUPT_ENTRIES 65536

/* Bits of a bitset below a place */
static uint32_t
bitset_rank(const uint8_t *words, uint32_t place)
{
	uint32_t	n = 0;
	uint32_t	w;

	for (w = 0; w < place >> 6; w++)
		n += __builtin_popcountll(load64(words + 8 * (size_t) w));
	if ((place & 63) != 0)
		n += __builtin_popcountll(load64(words + 8 * (size_t) w) &
								  ~(~UINT64_C(0) << (place & 63)));
	return n;
}

/* Members of an entry below a biased id that is not below the entry's first key */
static uint64_t
entry_rank(const SegmentEntry *e, uint64_t biased)
{
	uint64_t	distance = biased - (e->key << SEGMENT_CHUNK_BITS);
	uint64_t	n = 0;

	switch (e->kind)
	{
		case SEGMENT_SPARSE:
			{
				uint64_t	ids[SEGMENT_BLOCK_IDS];

				segment_unpack(e, ids);
				while (n < e->count && ids[n] < biased)
					n++;
				return n;
			}
		case SEGMENT_FULL:
			if (distance >> SEGMENT_CHUNK_BITS >= e->chunks)
				return e->chunks * SEGMENT_CHUNK_IDS;
			return distance;
		case SEGMENT_ARRAY:
			if (distance >= SEGMENT_CHUNK_IDS)
				return e->count;
			while (n < e->count && load16(e->data + 2 * n) < distance)
				n++;
			return n;
		case SEGMENT_BITSET:
			return distance >= SEGMENT_CHUNK_IDS ? e->count :
				bitset_rank(e->data, (uint32_t) distance);
		default:
			if (distance >= SEGMENT_CHUNK_IDS)
				return e->count;
			for (uint32_t i = 0; i < e->nruns; i++)
			{
				uint64_t	start = load16(e->data + (size_t) i * 4);
				uint64_t	end = start + load16(e->data + (size_t) i * 4 + 2) + 1;

				if (distance <= start)
					break;
				n += (distance < end ? distance : end) - start;
			}
			return n;
	}
}

/* Members below a biased id */
static uint64_t
rank_below(const SegmentView *view, uint64_t biased)
{
	SegmentEntry entry;
	uint64_t	n = 0;
	uint32_t	last;

	if (view->n == 0 || biased <= view->min)
		return 0;
	if (biased > view->max)
		return view->count;
	last = segment_find(view, 0, biased >> SEGMENT_CHUNK_BITS);
	if (last == view->n)
		return 0;
	for (uint32_t i = 0; i < last; i++)
	{
		if (i % INTERRUPT_ENTRIES == INTERRUPT_ENTRIES - 1)
			core_interrupt();
		n += segment_entry_count(view, i);
	}
	segment_entry(view, last, &entry);
	return n + entry_rank(&entry, biased);
}

uint64_t
segment_rank(const SegmentView *view, int64_t id)
{
	uint64_t	biased = segment_bias(id);

	return biased == UINT64_MAX ? view->count : rank_below(view, biased + 1);
}

uint64_t
segment_range_count(const SegmentView *view, int64_t lo, int64_t hi)
{
	if (lo > hi)
		return 0;
	return segment_rank(view, hi) - rank_below(view, segment_bias(lo));
}

/* The k-th member of an entry, from 0 on; k is below its number of members */
static uint64_t
entry_select(const SegmentEntry *e, uint64_t k)
{
	uint64_t	base = e->key << SEGMENT_CHUNK_BITS;

	switch (e->kind)
	{
		case SEGMENT_SPARSE:
			{
				uint64_t	ids[SEGMENT_BLOCK_IDS];

				segment_unpack(e, ids);
				return ids[k];
			}
		case SEGMENT_FULL:
			return base + k;
		case SEGMENT_ARRAY:
			return base + load16(e->data + 2 * k);
		case SEGMENT_BITSET:
			for (uint32_t i = 0; i < SEGMENT_WORDS; i++)
			{
				uint64_t	w = load64(e->data + 8 * (size_t) i);
				uint32_t	n = __builtin_popcountll(w);

				if (k >= n)
				{
					k -= n;
					continue;
				}
				for (; k > 0; k--)
					w &= w - 1;
				return base + i * 64 + __builtin_ctzll(w);
			}
			break;
		default:
			for (uint32_t i = 0; i < e->nruns; i++)
			{
				uint64_t	length = (uint64_t) load16(e->data + (size_t) i * 4 + 2) + 1;

				if (k < length)
					return base + load16(e->data + (size_t) i * 4) + k;
				k -= length;
			}
			break;
	}
	segment_corrupt("fewer members than counted");
}

bool
segment_select(const SegmentView *view, uint64_t k, int64_t *id)
{
	SegmentEntry entry;

	if (k >= view->count)
		return false;
	for (uint32_t i = 0; i < view->n; i++)
	{
		uint64_t	n = segment_entry_count(view, i);

		if (k < n)
		{
			segment_entry(view, i, &entry);
			*id = segment_unbias(entry_select(&entry, k));
			return true;
		}
		k -= n;
		if (i % INTERRUPT_ENTRIES == INTERRUPT_ENTRIES - 1)
			core_interrupt();
	}
	segment_corrupt("fewer members than counted");
}

Segment *
segment_range(const SegmentView *view, int64_t lo, int64_t hi)
{
	Segment    *bounds;
	Segment    *result;
	SegmentView range;

	if (view->n > 0 && lo < segment_unbias(view->min))
		lo = segment_unbias(view->min);
	if (view->n > 0 && hi > segment_unbias(view->max))
		hi = segment_unbias(view->max);
	bounds = segment_make_range(lo, hi);
	segment_open(&range, bounds, segment_size(bounds));
	result = segment_op(SEGMENT_AND, view, &range, false);
	core_free(bounds);
	return result;
}

Segment *
segment_slice(const SegmentView *view, uint64_t skip, uint64_t take)
{
	int64_t		lo;
	int64_t		hi;

	if (take == 0 || !segment_select(view, skip, &lo))
		return segment_make_empty();
	if (take > view->count - skip || !segment_select(view, skip + take - 1, &hi))
		hi = segment_unbias(view->max);
	return segment_range(view, lo, hi);
}
