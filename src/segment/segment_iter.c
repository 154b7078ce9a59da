/*
 * segment_iter.c
 *	  The members of a segment one after another, in batches or as ranges.
 */
#include "segment/segment.h"

void
segment_iter_start(SegmentIter *iter, const SegmentView *view)
{
	iter->view = *view;
	iter->i = 0;
	iter->inside = false;
}

/* Enter the next entry; false at the end */
static bool
enter(SegmentIter *iter)
{
	if (iter->inside)
		return true;
	if (iter->i >= iter->view.n)
		return false;
	if (iter->i % 128 == 127)
		core_interrupt();
	segment_entry(&iter->view, iter->i++, &iter->entry);
	if (iter->entry.kind == SEGMENT_SPARSE)
		segment_unpack(&iter->entry, iter->ids);
	iter->pos = 0;
	iter->inside = true;
	return true;
}

/* The words of a bitset from iter->pos (a word) on; n ids are there already */
static uint32_t
next_of_bitset(SegmentIter *iter, uint64_t *ids, uint32_t n)
{
	uint64_t	base = iter->entry.key << SEGMENT_CHUNK_BITS;

	for (; iter->pos < SEGMENT_WORDS && n + 64 <= SEGMENT_ITER_IDS; iter->pos++)
	{
		uint64_t	w = load64(iter->entry.data + 8 * iter->pos);

		for (; w != 0; w &= w - 1)
			ids[n++] = base + iter->pos * 64 + __builtin_ctzll(w);
	}
	iter->inside = iter->pos < SEGMENT_WORDS;
	return n;
}

/* iter->pos is the run in its upper, the progress in it in its lower 32 bits */
static uint32_t
next_of_runs(SegmentIter *iter, uint64_t *ids, uint32_t n)
{
	uint64_t	base = iter->entry.key << SEGMENT_CHUNK_BITS;
	uint32_t	run = iter->pos >> 32;
	uint32_t	done = (uint32_t) iter->pos;

	while (run < iter->entry.nruns && n < SEGMENT_ITER_IDS)
	{
		uint32_t	start = load16(iter->entry.data + (size_t) run * 4);
		uint32_t	length = (uint32_t) load16(iter->entry.data + (size_t) run * 4 + 2) + 1;

		for (; done < length && n < SEGMENT_ITER_IDS; done++)
			ids[n++] = base + start + done;
		if (done == length)
		{
			run++;
			done = 0;
		}
	}
	iter->pos = (uint64_t) run << 32 | done;
	iter->inside = run < iter->entry.nruns;
	return n;
}

uint32_t
segment_iter_next(SegmentIter *iter, uint64_t *ids)
{
	uint32_t	n = 0;

	while (n + 64 <= SEGMENT_ITER_IDS && enter(iter))
	{
		const SegmentEntry *e = &iter->entry;
		uint64_t	base = e->key << SEGMENT_CHUNK_BITS;
		uint64_t	total = e->kind == SEGMENT_FULL ?
			e->chunks * SEGMENT_CHUNK_IDS : e->count;

		if (e->kind == SEGMENT_BITSET)
			n = next_of_bitset(iter, ids, n);
		else if (e->kind == SEGMENT_RUN)
			n = next_of_runs(iter, ids, n);
		else
		{
			uint64_t	end = total - iter->pos < SEGMENT_ITER_IDS - n ?
				total : iter->pos + (SEGMENT_ITER_IDS - n);

			if (e->kind == SEGMENT_SPARSE)
				for (; iter->pos < end; iter->pos++)
					ids[n++] = iter->ids[iter->pos];
			else if (e->kind == SEGMENT_ARRAY)
				for (; iter->pos < end; iter->pos++)
					ids[n++] = base + load16(e->data + 2 * iter->pos);
			else
				for (; iter->pos < end; iter->pos++)
					ids[n++] = base + iter->pos;
			iter->inside = iter->pos < total;
		}
	}
	return n;
}

/* ---- ranges ---- */

void
segment_ranges_start(SegmentRanges *ranges, const SegmentView *view)
{
	segment_iter_start(&ranges->iter, view);
	ranges->pending = false;
}

/* The range of ones of a bitset that starts at or after bit iter->pos */
static bool
bitset_range(SegmentIter *iter, uint64_t *lo, uint64_t *hi)
{
	const uint8_t *words = iter->entry.data;
	uint32_t	pos = (uint32_t) iter->pos;
	uint64_t	w;

	if (pos >= SEGMENT_CHUNK_IDS)
		return false;
	w = load64(words + (pos >> 6) * 8) & (~UINT64_C(0) << (pos & 63));
	while (w == 0)
	{
		pos = (pos | 63) + 1;
		if (pos >= SEGMENT_CHUNK_IDS)
			return false;
		w = load64(words + (pos >> 6) * 8);
	}
	pos = (pos & ~63u) + __builtin_ctzll(w);
	*lo = pos;
	w = ~load64(words + (pos >> 6) * 8) & (~UINT64_C(0) << (pos & 63));
	while (w == 0 && (pos | 63) + 1 < SEGMENT_CHUNK_IDS)
	{
		pos = (pos | 63) + 1;
		w = ~load64(words + (pos >> 6) * 8);
	}
	pos = w == 0 ? SEGMENT_CHUNK_IDS : (pos & ~63u) + __builtin_ctzll(w);
	*hi = pos - 1;
	iter->pos = pos;
	return true;
}

/* The next range inside the entry; false at its end.  lo and hi are relative to its first id. */
static bool
entry_range(SegmentIter *iter, uint64_t *lo, uint64_t *hi)
{
	const SegmentEntry *e = &iter->entry;
	uint64_t	i = iter->pos;

	switch (e->kind)
	{
		case SEGMENT_BITSET:
			return bitset_range(iter, lo, hi);
		case SEGMENT_RUN:
			if (i >= e->nruns)
				return false;
			*lo = load16(e->data + i * 4);
			*hi = *lo + load16(e->data + i * 4 + 2);
			iter->pos++;
			return true;
		case SEGMENT_FULL:
			if (i > 0)
				return false;
			*lo = 0;
			*hi = e->chunks * SEGMENT_CHUNK_IDS - 1;
			iter->pos++;
			return true;
		case SEGMENT_ARRAY:
			if (i >= e->count)
				return false;
			*lo = *hi = load16(e->data + i * 2);
			for (i++; i < e->count && load16(e->data + i * 2) == *hi + 1; i++)
				++*hi;
			iter->pos = i;
			return true;
		default:
			if (i >= e->count)
				return false;
			*lo = *hi = iter->ids[i] - (e->key << SEGMENT_CHUNK_BITS);
			for (i++; i < e->count &&
				 iter->ids[i] - (e->key << SEGMENT_CHUNK_BITS) == *hi + 1; i++)
				++*hi;
			iter->pos = i;
			return true;
	}
}

bool
segment_ranges_next(SegmentRanges *r, uint64_t *lo, uint64_t *hi)
{
	uint64_t	from;
	uint64_t	to;

	while (enter(&r->iter))
	{
		uint64_t	base = r->iter.entry.key << SEGMENT_CHUNK_BITS;

		if (!entry_range(&r->iter, &from, &to))
		{
			r->iter.inside = false;
			continue;
		}
		from += base;
		to += base;
		if (!r->pending)
		{
			r->lo = from;
			r->hi = to;
			r->pending = true;
		}
		else if (r->hi + 1 == from)
			r->hi = to;
		else
		{
			*lo = r->lo;
			*hi = r->hi;
			r->lo = from;
			r->hi = to;
			return true;
		}
	}
	if (!r->pending)
		return false;
	*lo = r->lo;
	*hi = r->hi;
	r->pending = false;
	return true;
}
