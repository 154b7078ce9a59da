/*
 * segment_check.c
 *	  Are some bytes the one image of a set?
 *
 * First the order of everything is checked, so that the bytes mean a set at
 * all; then the set is written anew and the images are compared.  So the rules
 * of the canonical form stand in one place, the builder.
 */
#include "segment/segment.h"

static bool
wrong(CoreError *error, const char *what)
{
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type segment");
	core_set_detail(error, "Problem: %s.", what);
	return false;
}

static bool
ascending_places(const SegmentEntry *e)
{
	for (uint32_t i = 1; i < e->count; i++)
		if (load16(e->data + 2 * (size_t) i) <= load16(e->data + 2 * (size_t) (i - 1)))
			return false;
	return true;
}

/* Ascending, neither overlapping nor adjacent, inside the chunk, as many as counted */
static bool
ascending_runs(const SegmentEntry *e)
{
	int64_t		end = -2;		/* of the run before */
	uint32_t	n = 0;

	for (uint32_t i = 0; i < e->nruns; i++)
	{
		uint32_t	start = load16(e->data + 4 * (size_t) i);

		if (start <= end + 1)
			return false;
		end = (int64_t) start + load16(e->data + 4 * (size_t) i + 2);
		n += (uint32_t) (end - start) + 1;
	}
	return end < SEGMENT_CHUNK_IDS && n == e->count;
}

/* On success *last is the last key that the entry covers */
static const char *
check_entry(const SegmentEntry *e, uint64_t *last)
{
	uint64_t	ids[SEGMENT_BLOCK_IDS];

	*last = e->key + e->chunks - 1;
	switch (e->kind)
	{
		case SEGMENT_SPARSE:
			segment_unpack(e, ids);
			if (ids[0] >> SEGMENT_CHUNK_BITS != e->key)
				return "block of isolated ids that starts elsewhere";
			for (uint32_t i = 1; i < e->count; i++)
				if (ids[i] <= ids[i - 1])
					return "block of isolated ids that is not ascending";
			*last = ids[e->count - 1] >> SEGMENT_CHUNK_BITS;
			return NULL;
		case SEGMENT_ARRAY:
			if (e->count > SEGMENT_ARRAY_MAX)
				return "array that is too long";
			return ascending_places(e) ? NULL : "array that is not ascending";
		case SEGMENT_RUN:
			return ascending_runs(e) ? NULL : "list of runs that is not ascending";
		case SEGMENT_BITSET:
			return segment_kernels->bitset_count((const uint64_t *) e->data) == e->count ?
				NULL : "bitset with another number of members than counted";
		default:
			return NULL;
	}
}

/*
 * Payloads follow each other, so that nothing is said twice and writing the
 * set anew costs no more than the bytes at hand.  *end is that of the payload
 * before, and becomes that of this one.
 */
static bool
follows(const SegmentView *view, uint32_t i, const SegmentEntry *e, size_t *end)
{
	size_t		place = (size_t) (load32(view->refs + (size_t) i * 4) & 0x0FFFFFFF) * 2;
	size_t		bytes;

	if (e->kind == SEGMENT_BITSET)
		*end = (*end + 7) & ~(size_t) 7;
	if (place != *end)
		return false;
	switch (e->kind)
	{
		case SEGMENT_SPARSE:
			bytes = 1 + ((size_t) e->count * e->width + 7) / 8;
			break;
		case SEGMENT_ARRAY:
			bytes = (size_t) e->count * 2;
			break;
		case SEGMENT_BITSET:
			bytes = SEGMENT_BITSET_BYTES;
			break;
		case SEGMENT_RUN:
			bytes = 2 + (size_t) e->nruns * 4;
			break;
		default:
			bytes = 8;
			break;
	}
	*end += (bytes + 1) & ~(size_t) 1;
	return true;
}

static bool
check_entries(const SegmentView *view, CoreError *error)
{
	SegmentEntry entry;
	uint64_t	count = 0;
	uint64_t	last = 0;
	uint64_t	entry_last = 0;
	size_t		end = 0;

	for (uint32_t i = 0; i < view->n; i++)
	{
		const char *problem = segment_try_entry(view, i, &entry);

		if (i % 64 == 63)
			core_interrupt();
		if (problem == NULL)
			problem = check_entry(&entry, &entry_last);
		if (problem == NULL && i > 0 && entry.key <= last)
			problem = "directory that is not ascending";
		if (problem == NULL && !follows(view, i, &entry, &end))
			problem = "payload in another place than behind the one before";
		if (problem == NULL &&
			(entry.chunks > SEGMENT_MAX_COUNT / SEGMENT_CHUNK_IDS ||
			 (count += entry.chunks * entry.count) > SEGMENT_MAX_COUNT))
			problem = "number of members above 9223372036854775807";
		if (problem != NULL)
			return wrong(error, problem);
		last = entry_last;
	}
	if (count != view->count)
		return wrong(error, "number of members that is not the sum of its parts");
	if (end != view->payload_size)
		return wrong(error, "payload that no entry has");
	return true;
}

bool
segment_check(const void *value, size_t size, CoreError *error)
{
	SegmentView view;
	SegmentEntry entry;
	SegmentBuilder builder;
	Segment    *again;
	const char *problem;
	bool		same;

	if (size > SEGMENT_MAX_SIZE)
		return wrong(error, "size above 512 MB");
	problem = segment_try_open(&view, value, size);
	if (problem != NULL)
		return wrong(error, problem);
	if (!check_entries(&view, error))
		return false;
	segment_build_start(&builder, false, view.payload_size, view.n);
	for (uint32_t i = 0; i < view.n; i++)
	{
		if (i % 64 == 63)
			core_interrupt();
		segment_entry(&view, i, &entry);
		segment_build_entry(&builder, &entry, false);
	}
	again = segment_build_finish(&builder);
	same = segment_size(again) == size &&
		memcmp((const char *) again + 4, (const char *) value + 4, size - 4) == 0;
	core_free(again);
	return same || wrong(error, "form that is not the canonical one");
}
