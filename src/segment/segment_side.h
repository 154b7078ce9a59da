/*
 * segment_side.h
 *	  One operand of a walk over two segments.
 *
 * A side stands on an entry.  What is left of the entry is told by key: for
 * SEGMENT_FULL the entry's first key and number of chunks are moved forward,
 * for SEGMENT_SPARSE the ids are decoded and pos is moved forward.
 */
#ifndef PORTRAIT_SEGMENT_SIDE_H
#define PORTRAIT_SEGMENT_SIDE_H

#include "segment/segment.h"

#define SIDE_END UINT64_MAX		/* above every key */

typedef struct Side
{
	const SegmentView *view;
	uint32_t	i;				/* the entry stood on */
	uint64_t	key;			/* first key left of it, or SIDE_END */
	bool		sparse;
	SegmentEntry entry;
	/* SPARSE: the ids */
	uint32_t	pos;
	uint32_t	n;
	uint64_t	ids[SEGMENT_BLOCK_IDS];
} Side;

/* Stand on entry i, or at the end */
static inline void
side_load(Side *side, uint32_t i)
{
	side->i = i;
	if (i >= side->view->n)
	{
		side->key = SIDE_END;
		side->sparse = false;
		return;
	}
	segment_entry(side->view, i, &side->entry);
	side->key = side->entry.key;
	side->sparse = side->entry.kind == SEGMENT_SPARSE;
	if (side->sparse)
	{
		segment_unpack(&side->entry, side->ids);
		side->pos = 0;
		side->n = side->entry.count;
		side->key = side->ids[0] >> SEGMENT_CHUNK_BITS;
	}
}

static inline void
side_start(Side *side, const SegmentView *view)
{
	side->view = view;
	side_load(side, 0);
}

static inline void
side_next(Side *side)
{
	side_load(side, side->i + 1);
}

/* Move to the first entry that may have a key >= key; always moves on */
static inline void
side_seek(Side *side, uint64_t key)
{
	uint32_t	next = side->i + 1;

	if (next < side->view->n && segment_key(side->view, next) < key)
	{
		/* not the end: the entry before "key" may reach up to it */
		next = segment_find(side->view, next, key);
	}
	side_load(side, next);
}

/* SPARSE: move past pos ids; to the next entry when none is left */
static inline void
side_skip_ids(Side *side, uint32_t pos)
{
	side->pos = pos;
	if (pos >= side->n)
		side_next(side);
	else
		side->key = side->ids[pos] >> SEGMENT_CHUNK_BITS;
}

/* FULL: move past some chunks */
static inline void
side_skip_chunks(Side *side, uint64_t chunks)
{
	if (chunks >= side->entry.chunks)
	{
		side_next(side);
		return;
	}
	side->entry.key += chunks;
	side->entry.chunks -= chunks;
	side->key = side->entry.key;
}

/* SPARSE: the first pos whose id is above id */
static inline uint32_t
side_find_above(const Side *side, uint64_t id)
{
	uint32_t	pos = side->pos;

	while (pos < side->n && side->ids[pos] <= id)
		pos++;
	return pos;
}

/* SPARSE: the first pos whose key is at least key */
static inline uint32_t
side_find_key(const Side *side, uint64_t key)
{
	uint32_t	pos = side->pos;

	while (pos < side->n && side->ids[pos] >> SEGMENT_CHUNK_BITS < key)
		pos++;
	return pos;
}

/*
 * Two sparse sides, both worked on up to the end of the block that ends
 * first: move past that.  The block that ends is left in any case.
 */
static inline void
side_skip_shorter(Side *a, Side *b)
{
	uint64_t	last_a = a->ids[a->n - 1];
	uint64_t	last_b = b->ids[b->n - 1];

	if (last_a <= last_b)
	{
		side_skip_ids(b, side_find_above(b, last_a));
		side_next(a);
	}
	else
	{
		side_skip_ids(a, side_find_above(a, last_b));
		side_next(b);
	}
}

/* Move the side that is behind up to a key of the other */
static inline void
side_catch_up(Side *side, uint64_t key)
{
	if (side->sparse)
	{
		uint32_t	pos = side_find_key(side, key);

		if (pos < side->n)
			side_skip_ids(side, pos);
		else
			side_seek(side, key);
	}
	else if (side->entry.chunks > key - side->key)
		side_skip_chunks(side, key - side->key);
	else
		side_seek(side, key);
}

/*
 * The first chunk left, as a chunk of its own.  Places of a sparse side go to
 * "places", which has room for SEGMENT_BLOCK_IDS.
 */
static inline void
side_chunk(const Side *side, SegmentEntry *chunk, uint16_t *places)
{
	uint32_t	n = 0;

	if (!side->sparse)
	{
		*chunk = side->entry;
		chunk->chunks = 1;
		return;
	}
	for (uint32_t i = side->pos;
		 i < side->n && side->ids[i] >> SEGMENT_CHUNK_BITS == side->key; i++)
		places[n++] = (uint16_t) side->ids[i];
	memset(chunk, 0, sizeof(*chunk));
	chunk->kind = SEGMENT_ARRAY;
	chunk->key = side->key;
	chunk->chunks = 1;
	chunk->count = n;
	chunk->data = (const uint8_t *) places;
}

/* Move past the first chunk left; n is the number of its ids on a sparse side */
static inline void
side_skip_chunk(Side *side, uint32_t n)
{
	if (side->sparse)
		side_skip_ids(side, side->pos + n);
	else
		side_skip_chunks(side, 1);
}

#endif							/* PORTRAIT_SEGMENT_SIDE_H */
