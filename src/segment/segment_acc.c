/*
 * segment_acc.c
 *	  Accumulators, see segment_acc.h.
 */
#include "segment/segment_acc.h"

#define INTERRUPT_ENTRIES 256

void
segment_acc_start(SegmentAcc *acc, SegmentOp op)
{
	memset(acc, 0, sizeof(*acc));
	acc->op = op;
}

/* ---- levels ---- */

static bool
has_dense_chunks(const Segment *level)
{
	SegmentView view;

	segment_open(&view, level, segment_size(level));
	for (uint32_t i = 0; i < view.n; i++)
	{
		uint32_t	kind = load32(view.refs + (size_t) i * 4) >> 28;

		if (kind == SEGMENT_BITSET || kind == SEGMENT_FULL)
			return true;
	}
	return false;
}

/* Merge the last two levels */
static void
merge_last(SegmentAcc *acc)
{
	Segment    *a = acc->levels[acc->nlevels - 2];
	Segment    *b = acc->levels[acc->nlevels - 1];
	SegmentView va;
	SegmentView vb;

	segment_open(&va, a, segment_size(a));
	segment_open(&vb, b, segment_size(b));
	acc->levels[acc->nlevels - 2] = segment_op(acc->op, &va, &vb, true);
	acc->nlevels--;
	core_free(a);
	core_free(b);
}

static void
push_level(SegmentAcc *acc, Segment *level)
{
	/* merges that threw may have left more levels than sizes account for */
	while (acc->nlevels == SEGMENT_ACC_LEVELS)
		merge_last(acc);
	acc->levels[acc->nlevels++] = level;
	acc->exact = false;
	while (acc->nlevels > 1 &&
		   (segment_size(acc->levels[acc->nlevels - 2]) / 2 <
			segment_size(acc->levels[acc->nlevels - 1]) ||
			acc->nlevels == SEGMENT_ACC_LEVELS))
		merge_last(acc);
	if (acc->nlevels == 1)
		acc->dense = has_dense_chunks(acc->levels[0]);
}

static Segment *
copy_of(const SegmentView *view)
{
	Segment    *copy = core_alloc(view->size);

	core_copy(copy, view->base, view->size);
	segment_set_size(copy, view->size);
	return copy;
}

/* ---- in place ---- */

typedef struct Target
{
	SegmentView view;
	SegmentOp	op;
	uint32_t	i;				/* entry found last; keys only grow */
	uint64_t	key;			/* looked up last, and what was found: */
	uint64_t   *words;
	bool		swallows;		/* has all ids of the chunk already */
} Target;

static void
target_find(Target *target, uint64_t key)
{
	SegmentEntry entry;
	uint32_t	i;

	if (target->key == key)
		return;
	target->key = key;
	target->words = NULL;
	target->swallows = false;
	i = segment_find(&target->view, target->i, key);
	if (i == target->view.n)
		return;
	target->i = i;
	segment_entry(&target->view, i, &entry);
	if (entry.kind == SEGMENT_BITSET && entry.key == key)
		target->words = (uint64_t *) entry.data;
	else if (entry.kind == SEGMENT_FULL && key - entry.key < entry.chunks)
		target->swallows = target->op == SEGMENT_OR;
}

/* Isolated ids: set those that have a bitset, hand on the others */
static void
apply_ids(Target *target, const uint64_t *ids, uint32_t n, SegmentBuilder *rest)
{
	for (uint32_t i = 0; i < n; i++)
	{
		target_find(target, ids[i] >> SEGMENT_CHUNK_BITS);
		if (target->words != NULL)
		{
			uint64_t	bit = UINT64_C(1) << (ids[i] & 63);
			uint64_t   *word = &target->words[(ids[i] & 0xFFFF) >> 6];

			*word = target->op == SEGMENT_OR ? *word | bit : *word ^ bit;
		}
		else if (!target->swallows)
			segment_build_ids(rest, &ids[i], 1);
	}
}

/* Apply to levels[0] what can be applied in place; the rest becomes a level */
static void
apply(SegmentAcc *acc, const SegmentView *view)
{
	SegmentBuilder rest;
	Segment    *level;
	Target		target = {.op = acc->op,.key = UINT64_MAX};
	SegmentEntry entry;
	uint64_t	ids[SEGMENT_BLOCK_IDS];

	segment_open(&target.view, acc->levels[0], segment_size(acc->levels[0]));
	segment_build_start(&rest, true, 0, 8);
	acc->exact = false;
	for (uint32_t i = 0; i < view->n; i++)
	{
		if (i % INTERRUPT_ENTRIES == INTERRUPT_ENTRIES - 1)
			core_interrupt();
		segment_entry(view, i, &entry);
		if (entry.kind == SEGMENT_SPARSE)
		{
			segment_unpack(&entry, ids);
			apply_ids(&target, ids, entry.count, &rest);
			continue;
		}
		if (entry.kind != SEGMENT_FULL)
		{
			target_find(&target, entry.key);
			if (target.words != NULL)
			{
				segment_chunk_into_bitset(acc->op, target.words, &entry);
				continue;
			}
			if (target.swallows)
				continue;
		}
		segment_build_entry(&rest, &entry, false);
	}
	level = segment_build_finish(&rest);
	if (level->n > 0)
		push_level(acc, level);
	else
		core_free(level);
}

void
segment_acc_add_set(SegmentAcc *acc, const SegmentView *view)
{
	if (view->n == 0)
	{
		if (acc->nlevels == 0 && acc->npending == 0)
			segment_acc_replace(acc, segment_make_empty());
	}
	else if (acc->nlevels > 0 && acc->dense)
		apply(acc, view);
	else
	{
		bool		first = acc->nlevels == 0;

		push_level(acc, copy_of(view));
		acc->exact = first && acc->npending == 0;
	}
}

/* ---- ids ---- */

static void
flush_ids(SegmentAcc *acc)
{
	SegmentBuilder builder;
	Segment    *level;
	SegmentView view;
	size_t		n = segment_sort_ids(acc->pending, acc->npending);

	/* should what follows throw, no id is lost: adding them again does no harm */
	acc->npending = (uint32_t) n;
	segment_build_start(&builder, true, n * 2, 64);
	segment_build_ids(&builder, acc->pending, n);
	level = segment_build_finish(&builder);
	segment_open(&view, level, segment_size(level));
	if (acc->nlevels > 0 && acc->dense &&
		level->min <= acc->levels[0]->max)
	{
		apply(acc, &view);
		core_free(level);
	}
	else
		push_level(acc, level);
	acc->npending = 0;
}

void
segment_acc_flush(SegmentAcc *acc)
{
	uint32_t	room;

	core_interrupt();
	if (acc->npending > 0)
		flush_ids(acc);
	room = acc->room == 0 ? SEGMENT_ACC_PENDING_MIN : acc->room * 2;
	if (room > SEGMENT_ACC_PENDING_MAX)
		return;
	if (acc->pending != NULL)
		core_free(acc->pending);
	acc->pending = NULL;
	acc->room = 0;
	acc->pending = core_alloc(room * sizeof(uint64_t));
	acc->room = room;
}

/* ---- the set ---- */

void
segment_acc_replace(SegmentAcc *acc, Segment *segment)
{
	while (acc->nlevels > 0)
		core_free(acc->levels[--acc->nlevels]);
	acc->npending = 0;
	acc->levels[acc->nlevels++] = segment;
	acc->dense = has_dense_chunks(segment);
	acc->exact = true;
}

/* Write a loose set anew */
static Segment *
canonical(const Segment *loose)
{
	SegmentBuilder builder;
	SegmentView view;
	SegmentEntry entry;

	segment_open(&view, loose, segment_size(loose));
	segment_build_start(&builder, false, view.payload_size, view.n);
	for (uint32_t i = 0; i < view.n; i++)
	{
		if (i % INTERRUPT_ENTRIES == INTERRUPT_ENTRIES - 1)
			core_interrupt();
		segment_entry(&view, i, &entry);
		segment_build_entry(&builder, &entry, false);
	}
	return segment_build_finish(&builder);
}

Segment *
segment_acc_collapse(SegmentAcc *acc)
{
	if (acc->npending > 0)
		flush_ids(acc);
	if (acc->nlevels == 0)
		segment_acc_replace(acc, segment_make_empty());
	if (acc->exact)
		return acc->levels[0];
	while (acc->nlevels > 1)
		merge_last(acc);
	segment_acc_replace(acc, canonical(acc->levels[0]));
	return acc->levels[0];
}
