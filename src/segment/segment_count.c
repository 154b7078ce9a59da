/*
 * segment_count.c
 *	  Questions about two sets that never build a third: how many members they
 *	  share, whether they share one, whether one holds the other, and their order.
 *
 * All but the order are one walk over the keys that both have, galloping past
 * the others.
 */
#include "segment/segment.h"
#include "segment/segment_side.h"

#define INTERRUPT_STEPS 1024

typedef enum Question
{
	ASK_COUNT,					/* |a & b| */
	ASK_ANY,					/* is there a common member? */
	ASK_ALL						/* is every member of b in a? */
} Question;

static uint64_t
count_sparse(Side *a, Side *b)
{
	uint64_t	n;

	n = segment_kernels->ids_and_count(a->ids + a->pos, a->n - a->pos,
									   b->ids + b->pos, b->n - b->pos);
	side_skip_shorter(a, b);
	return n;
}

/* Both sides are at the same key: count the common members there, move on */
static uint64_t
count_meet(Side *a, Side *b)
{
	SegmentEntry ca;
	SegmentEntry cb;
	uint16_t	places_a[SEGMENT_BLOCK_IDS];
	uint16_t	places_b[SEGMENT_BLOCK_IDS];
	uint64_t	n;

	if (a->sparse || b->sparse)
	{
		Side	   *sparse = a->sparse ? a : b;
		Side	   *other = a->sparse ? b : a;

		if (other->entry.kind == SEGMENT_FULL)
		{
			uint32_t	end = side_find_key(sparse, other->key + other->entry.chunks);

			n = end - sparse->pos;
			side_skip_ids(sparse, end);
			return n;
		}
		side_chunk(sparse, &ca, places_a);
		side_chunk(other, &cb, places_b);
		n = segment_chunk_and_count(&ca, &cb);
		side_skip_chunk(sparse, ca.count);
		side_skip_chunk(other, cb.count);
		return n;
	}
	if (a->entry.kind == SEGMENT_FULL && b->entry.kind == SEGMENT_FULL)
	{
		uint64_t	chunks = a->entry.chunks < b->entry.chunks ?
			a->entry.chunks : b->entry.chunks;

		side_skip_chunks(a, chunks);
		side_skip_chunks(b, chunks);
		return chunks * SEGMENT_CHUNK_IDS;
	}
	n = segment_chunk_and_count(&a->entry, &b->entry);
	side_skip_chunks(a, 1);
	side_skip_chunks(b, 1);
	return n;
}

static uint64_t
walk(Question question, const SegmentView *va, const SegmentView *vb)
{
	Side		a;
	Side		b;
	uint64_t	n = 0;
	uint32_t	steps = 0;

	side_start(&a, va);
	side_start(&b, vb);
	while (a.key != SIDE_END && b.key != SIDE_END)
	{
		if (++steps % INTERRUPT_STEPS == 0)
			core_interrupt();
		if (a.sparse && b.sparse)
			n += count_sparse(&a, &b);
		else if (a.key < b.key)
			side_catch_up(&a, b.key);
		else if (b.key < a.key)
		{
			if (question == ASK_ALL)
				return 0;
			side_catch_up(&b, a.key);
		}
		else
			n += count_meet(&a, &b);
		if (question == ASK_ANY && n > 0)
			return n;
	}
	return n;
}

static inline bool
apart(const SegmentView *a, const SegmentView *b)
{
	return a->n == 0 || b->n == 0 || a->max < b->min || b->max < a->min;
}

uint64_t
segment_and_count(const SegmentView *a, const SegmentView *b)
{
	return apart(a, b) ? 0 : walk(ASK_COUNT, a, b);
}

bool
segment_overlaps(const SegmentView *a, const SegmentView *b)
{
	return !apart(a, b) && walk(ASK_ANY, a, b) > 0;
}

bool
segment_contains_all(const SegmentView *a, const SegmentView *b)
{
	if (b->n == 0)
		return true;
	if (b->count > a->count || b->min < a->min || b->max > a->max)
		return false;
	return walk(ASK_ALL, a, b) == b->count;
}

/* ---- order ---- */

/* Do entry i of both sets look alike and have the same payload? */
static bool
same_entry(const SegmentView *va, const SegmentView *vb, uint32_t i)
{
	SegmentEntry a;
	SegmentEntry b;
	size_t		bytes;

	segment_entry(va, i, &a);
	segment_entry(vb, i, &b);
	if (a.kind != b.kind || a.key != b.key || a.count != b.count ||
		a.chunks != b.chunks || a.nruns != b.nruns || a.width != b.width)
		return false;
	bytes = a.kind == SEGMENT_SPARSE ? ((size_t) a.count * a.width + 7) / 8 :
		a.kind == SEGMENT_ARRAY ? (size_t) a.count * 2 :
		a.kind == SEGMENT_BITSET ? SEGMENT_BITSET_BYTES : (size_t) a.nruns * 4;
	return memcmp(a.data, b.data, bytes) == 0;
}

/*
 * With equal counts, the set that has the first id that only one of them has
 * comes first.  Entries are cut by content alone, so up to that id's entry
 * both directories agree; the walk below starts there.
 */
int
segment_compare(const SegmentView *a, const SegmentView *b)
{
	SegmentRanges ra;
	SegmentRanges rb;
	uint64_t	lo_a, hi_a, lo_b, hi_b;
	uint32_t	i = 0;

	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	if (a->n == 0 || (a->size == b->size &&
					  memcmp(a->base + 4, b->base + 4, a->size - 4) == 0))
		return 0;
	if (a->min != b->min)
		return a->min < b->min ? -1 : 1;
	while (i < a->n && i < b->n && same_entry(a, b, i))
		if (++i % INTERRUPT_STEPS == 0)
			core_interrupt();
	segment_ranges_start(&ra, a);
	segment_ranges_start(&rb, b);
	ra.iter.i = rb.iter.i = i;
	for (;;)
	{
		bool		more_a = segment_ranges_next(&ra, &lo_a, &hi_a);
		bool		more_b = segment_ranges_next(&rb, &lo_b, &hi_b);

		if (!more_a || !more_b)
			return more_a - more_b;
		if (lo_a != lo_b)
			return lo_a < lo_b ? -1 : 1;
		if (hi_a != hi_b)
			/* the longer range has the next id, the other set a later one */
			return hi_a > hi_b ? -1 : 1;
	}
}
