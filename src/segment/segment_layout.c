/*
 * segment_layout.c
 *	  Opening a stored segment and looking things up in it.
 *
 * Nothing here allocates, and nothing is read past the size given, whatever
 * the bytes are: values that were validated when they came in never fail the
 * checks below, damaged ones raise CORE_CORRUPT.
 */
#include "segment/segment.h"

void
segment_corrupt(const char *what)
{
	core_throw(CORE_CORRUPT, "The stored value is damaged; restore it from a backup.",
			   "corrupt value of type segment: %s", what);
}

const char *
segment_try_open(SegmentView *view, const void *value, size_t size)
{
	const Segment *segment = value;
	size_t		start;

	if (size < SEGMENT_HEADER_SIZE)
		return "too short";
	if (segment->version != SEGMENT_VERSION)
		return "unknown version";
	if (segment->form != SEGMENT_FORM_SET)
		return "unknown form";
	view->base = value;
	view->size = size;
	view->count = segment->count;
	view->min = segment_bias(segment->min);
	view->max = segment_bias(segment->max);
	view->n = segment->n;
	view->first_key = view->min >> SEGMENT_CHUNK_BITS;
	if (view->max < view->min)
		return "largest member below the smallest";
	view->key_bytes = segment_key_bytes((view->max >> SEGMENT_CHUNK_BITS) - view->first_key);
	start = view->n == 0 ? size : segment_payload_start(view->n, view->key_bytes);
	if (start > size)
		return "directory reaches past the end";
	view->refs = view->base + SEGMENT_HEADER_SIZE;
	view->cards = view->refs + (size_t) view->n * 4;
	view->keys = view->cards + (size_t) view->n * 2;
	view->payload = view->base + start;
	view->payload_size = size - start;
	return NULL;
}

void
segment_open(SegmentView *view, const void *value, size_t size)
{
	const char *problem = segment_try_open(view, value, size);

	if (problem != NULL)
		segment_corrupt(problem);
}

/* Bytes of the payload that must be there before the entry can be read */
static size_t
payload_need(uint32_t kind, uint32_t count)
{
	switch (kind)
	{
		case SEGMENT_SPARSE:
			return 1;
		case SEGMENT_ARRAY:
			return (size_t) count * 2;
		case SEGMENT_BITSET:
			return SEGMENT_BITSET_BYTES;
		case SEGMENT_RUN:
			return 2;
		default:
			return 8;
	}
}

const char *
segment_try_entry(const SegmentView *view, uint32_t i, SegmentEntry *entry)
{
	uint32_t	ref = load32(view->refs + (size_t) i * 4);
	size_t		place = (size_t) (ref & 0x0FFFFFFF) * 2;
	size_t		left;

	entry->kind = ref >> 28;
	entry->count = (uint32_t) load16(view->cards + (size_t) i * 2) + 1;
	entry->key = segment_key(view, i);
	entry->chunks = 1;
	entry->nruns = 0;
	entry->width = 0;
	if (entry->kind > SEGMENT_FULL || place > view->payload_size ||
		entry->key > SEGMENT_KEY_MAX)
		return "wrong directory entry";
	left = view->payload_size - place;
	if (left < payload_need(entry->kind, entry->count))
		return "payload reaches past the end";
	entry->data = view->payload + place;
	entry->limit = view->payload + view->payload_size;
	switch (entry->kind)
	{
		case SEGMENT_SPARSE:
			entry->width = *entry->data++;
			if (entry->count > SEGMENT_BLOCK_IDS || entry->width < 1 ||
				(entry->width > 56 && entry->width != 64) ||
				left - 1 < ((size_t) entry->count * entry->width + 7) / 8)
				return "wrong block of isolated ids";
			break;
		case SEGMENT_BITSET:
			if (place % 8 != 0)
				return "misaligned bitset";
			break;
		case SEGMENT_RUN:
			entry->nruns = load16(entry->data);
			entry->data += 2;
			if (entry->nruns == 0 || left - 2 < (size_t) entry->nruns * 4)
				return "wrong number of runs";
			break;
		case SEGMENT_FULL:
			entry->chunks = load64(entry->data);
			if (entry->chunks == 0 ||
				entry->chunks > SEGMENT_KEY_MAX + 1 - entry->key)
				return "wrong number of full chunks";
			entry->count = SEGMENT_CHUNK_IDS;
			break;
	}
	return NULL;
}

void
segment_entry(const SegmentView *view, uint32_t i, SegmentEntry *entry)
{
	const char *problem = segment_try_entry(view, i, entry);

	if (problem != NULL)
		segment_corrupt(problem);
}

uint64_t
segment_entry_count(const SegmentView *view, uint32_t i)
{
	SegmentEntry entry;

	if (load32(view->refs + (size_t) i * 4) >> 28 != SEGMENT_FULL)
		return (uint64_t) load16(view->cards + (size_t) i * 2) + 1;
	segment_entry(view, i, &entry);
	return entry.chunks * SEGMENT_CHUNK_IDS;
}

uint32_t
segment_find(const SegmentView *view, uint32_t from, uint64_t key)
{
	uint64_t	lo = from;
	uint64_t	hi;
	uint64_t	step = 1;

	if (from >= view->n || segment_key(view, from) > key)
		return view->n;
	/* gallop, then halve: key(lo) <= key < key(hi) */
	while (lo + step < view->n && segment_key(view, (uint32_t) (lo + step)) <= key)
	{
		lo += step;
		step *= 2;
	}
	hi = lo + step < view->n ? lo + step : view->n;
	while (hi - lo > 1)
	{
		uint64_t	mid = lo + (hi - lo) / 2;

		if (segment_key(view, (uint32_t) mid) <= key)
			lo = mid;
		else
			hi = mid;
	}
	return (uint32_t) lo;
}

void
segment_unpack(const SegmentEntry *entry, uint64_t *ids)
{
	segment_kernels->unpack(entry->data, entry->limit, entry->width,
							entry->key << SEGMENT_CHUNK_BITS, entry->count, ids);
}

/* Place of the first value >= x */
static uint32_t
lower_bound16(const uint8_t *values, uint32_t n, size_t stride, uint32_t x)
{
	uint32_t	lo = 0;

	while (n > 0)
	{
		uint32_t	half = n / 2;

		if (load16(values + (size_t) (lo + half) * stride) < x)
		{
			lo += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	return lo;
}

bool
segment_entry_contains(const SegmentEntry *entry, uint64_t biased)
{
	uint32_t	place = biased & 0xFFFF;
	uint32_t	i;

	if (entry->kind == SEGMENT_SPARSE)
	{
		uint64_t	ids[SEGMENT_BLOCK_IDS];

		segment_unpack(entry, ids);
		for (i = 0; i < entry->count; i++)
			if (ids[i] >= biased)
				return ids[i] == biased;
		return false;
	}
	if ((biased >> SEGMENT_CHUNK_BITS) - entry->key >= entry->chunks)
		return false;
	switch (entry->kind)
	{
		case SEGMENT_ARRAY:
			i = lower_bound16(entry->data, entry->count, 2, place);
			return i < entry->count && load16(entry->data + (size_t) i * 2) == place;
		case SEGMENT_BITSET:
			return (entry->data[place >> 3] >> (place & 7)) & 1;
		case SEGMENT_RUN:
			/* the last run that starts at or before the place */
			i = lower_bound16(entry->data, entry->nruns, 4, place + 1);
			if (i == 0)
				return false;
			i--;
			return place - load16(entry->data + (size_t) i * 4) <=
				load16(entry->data + (size_t) i * 4 + 2);
		default:
			return true;
	}
}

bool
segment_contains(const SegmentView *view, int64_t id)
{
	uint64_t	biased = segment_bias(id);
	SegmentEntry entry;
	uint32_t	i;

	if (view->n == 0 || biased < view->min || biased > view->max)
		return false;
	i = segment_find(view, 0, biased >> SEGMENT_CHUNK_BITS);
	if (i == view->n)
		return false;
	segment_entry(view, i, &entry);
	return segment_entry_contains(&entry, biased);
}
