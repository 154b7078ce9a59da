/*
 * segment_algebra.c
 *	  Building the union, difference and symmetric difference of two sets, and
 *	  their intersection.
 *
 * Both sets are walked in the order of keys.  What only one side has at a key
 * is copied (entries are canonical already) or dropped; chunks that both have
 * go through segment_chunk_op.  Isolated ids of both sides are merged as ids.
 * The cost is that of the payloads touched; the intersection gallops over
 * the directory past what the other side does not have.
 */
#include "segment/segment.h"
#include "segment/segment_side.h"

#define INTERRUPT_STEPS 256

/* ---- intersection ---- */

/* Both sparse: keep the common ids up to the end of the block that ends first */
static void
and_sparse(Side *a, Side *b, SegmentBuilder *builder)
{
	uint64_t	common[SEGMENT_BLOCK_IDS + SEGMENT_KERNEL_SLACK];
	size_t		n;

	n = segment_kernels->ids_and(a->ids + a->pos, a->n - a->pos,
								 b->ids + b->pos, b->n - b->pos, common);
	segment_build_ids(builder, common, n);
	side_skip_shorter(a, b);
}

/* Isolated ids against full chunks at the same key */
static void
and_sparse_full(Side *sparse, Side *full, SegmentBuilder *builder)
{
	uint32_t	end = side_find_key(sparse, full->key + full->entry.chunks);

	segment_build_ids(builder, sparse->ids + sparse->pos, end - sparse->pos);
	side_skip_ids(sparse, end);
}

/* Both sides are at the same key */
static void
and_meet(Side *a, Side *b, SegmentBuilder *builder, bool loose)
{
	bool		full_a = !a->sparse && a->entry.kind == SEGMENT_FULL;
	bool		full_b = !b->sparse && b->entry.kind == SEGMENT_FULL;
	SegmentEntry ca;
	SegmentEntry cb;
	uint16_t	places_a[SEGMENT_BLOCK_IDS];
	uint16_t	places_b[SEGMENT_BLOCK_IDS];

	if (full_a && full_b)
	{
		uint64_t	chunks = a->entry.chunks < b->entry.chunks ?
			a->entry.chunks : b->entry.chunks;

		segment_build_full(builder, a->key, chunks);
		side_skip_chunks(a, chunks);
		side_skip_chunks(b, chunks);
		return;
	}
	if (a->sparse && full_b)
	{
		and_sparse_full(a, b, builder);
		return;
	}
	if (b->sparse && full_a)
	{
		and_sparse_full(b, a, builder);
		return;
	}
	side_chunk(a, &ca, places_a);
	side_chunk(b, &cb, places_b);
	if (full_a)
		segment_build_entry(builder, &cb, !loose);
	else if (full_b)
		segment_build_entry(builder, &ca, !loose);
	else
		segment_chunk_op(SEGMENT_AND, a->key, &ca, &cb, builder);
	side_skip_chunk(a, ca.count);
	side_skip_chunk(b, cb.count);
}

static void
walk_and(Side *a, Side *b, SegmentBuilder *builder, bool loose)
{
	uint32_t	steps = 0;

	while (a->key != SIDE_END && b->key != SIDE_END)
	{
		if (++steps % INTERRUPT_STEPS == 0)
			core_interrupt();
		if (a->sparse && b->sparse)
			and_sparse(a, b, builder);
		else if (a->key < b->key)
			side_catch_up(a, b->key);
		else if (b->key < a->key)
			side_catch_up(b, a->key);
		else
			and_meet(a, b, builder, loose);
	}
}

/* ---- the other operations ---- */

/* Hand on what only this side has, up to a key of the other */
static void
only(Side *side, uint64_t until, bool keep, SegmentBuilder *builder, bool loose)
{
	if (side->sparse)
	{
		uint32_t	end = side_find_key(side, until);

		if (keep)
			segment_build_ids(builder, side->ids + side->pos, end - side->pos);
		side_skip_ids(side, end);
	}
	else if (side->entry.kind == SEGMENT_FULL)
	{
		uint64_t	chunks = until - side->key;

		if (chunks > side->entry.chunks)
			chunks = side->entry.chunks;
		if (keep)
			segment_build_full(builder, side->key, chunks);
		side_skip_chunks(side, chunks);
	}
	else if (keep)
	{
		segment_build_entry(builder, &side->entry, !loose);
		side_next(side);
	}
	else
		side_seek(side, until);
}

/* Both sparse: merge the ids up to the end of the block that ends first */
static void
merge_sparse(SegmentOp op, Side *a, Side *b, SegmentBuilder *builder)
{
	uint64_t	out[2 * SEGMENT_BLOCK_IDS];
	uint64_t	last_a = a->ids[a->n - 1];
	uint64_t	last_b = b->ids[b->n - 1];
	uint32_t	end_a = last_a <= last_b ? a->n : side_find_above(a, last_b);
	uint32_t	end_b = last_b <= last_a ? b->n : side_find_above(b, last_a);
	uint32_t	i = a->pos;
	uint32_t	j = b->pos;
	uint32_t	n = 0;

	while (i < end_a && j < end_b)
	{
		uint64_t	x = a->ids[i];
		uint64_t	y = b->ids[j];

		/* without branches: keep or overwrite */
		out[n] = x < y ? x : y;
		n += x < y ? 1 : x > y ? op != SEGMENT_ANDNOT : op == SEGMENT_OR;
		i += x <= y;
		j += y <= x;
	}
	while (i < end_a)
		out[n++] = a->ids[i++];
	if (op != SEGMENT_ANDNOT)
		while (j < end_b)
			out[n++] = b->ids[j++];
	segment_build_ids(builder, out, n);
	side_skip_ids(a, end_a);
	side_skip_ids(b, end_b);
}

/* Both sides are at the same key, and not both sparse */
static void
meet(SegmentOp op, Side *a, Side *b, SegmentBuilder *builder)
{
	SegmentEntry ca;
	SegmentEntry cb;
	uint16_t	places_a[SEGMENT_BLOCK_IDS];
	uint16_t	places_b[SEGMENT_BLOCK_IDS];

	if (!a->sparse && !b->sparse &&
		a->entry.kind == SEGMENT_FULL && b->entry.kind == SEGMENT_FULL)
	{
		uint64_t	chunks = a->entry.chunks < b->entry.chunks ?
			a->entry.chunks : b->entry.chunks;

		if (op == SEGMENT_OR)
			segment_build_full(builder, a->key, chunks);
		side_skip_chunks(a, chunks);
		side_skip_chunks(b, chunks);
		return;
	}
	side_chunk(a, &ca, places_a);
	side_chunk(b, &cb, places_b);
	segment_chunk_op(op, a->key, &ca, &cb, builder);
	side_skip_chunk(a, ca.count);
	side_skip_chunk(b, cb.count);
}

static void
walk_all(SegmentOp op, Side *a, Side *b, SegmentBuilder *builder, bool loose)
{
	uint32_t	steps = 0;

	while (a->key != SIDE_END || (b->key != SIDE_END && op != SEGMENT_ANDNOT))
	{
		if (++steps % INTERRUPT_STEPS == 0)
			core_interrupt();
		if (a->sparse && b->sparse)
			merge_sparse(op, a, b, builder);
		else if (a->key < b->key)
			only(a, b->key, true, builder, loose);
		else if (b->key < a->key)
			only(b, a->key, op != SEGMENT_ANDNOT, builder, loose);
		else
			meet(op, a, b, builder);
	}
}

/* The most that the payloads of all chunks of both sets can take together */
static size_t
union_bytes(const SegmentView *a, const SegmentView *b)
{
	uint64_t	first = a->min < b->min ? a->min : b->min;
	uint64_t	last = a->max > b->max ? a->max : b->max;
	uint64_t	chunks = (last >> SEGMENT_CHUNK_BITS) - (first >> SEGMENT_CHUNK_BITS) + 1;
	size_t		sum = a->payload_size + b->payload_size;

	/* no overflow: chunks is at most 2^48; a bitset may be preceded by 6 bytes */
	return sum < chunks * (SEGMENT_BITSET_BYTES + 6) ? sum :
		(size_t) chunks * (SEGMENT_BITSET_BYTES + 6);
}

Segment *
segment_op(SegmentOp op, const SegmentView *va, const SegmentView *vb, bool loose)
{
	SegmentBuilder builder;
	Side		a;
	Side		b;
	size_t		bytes = va->payload_size;
	size_t		entries = va->n;

	if (op == SEGMENT_AND)
	{
		bytes = bytes < vb->payload_size ? bytes : vb->payload_size;
		entries = entries < vb->n ? entries : vb->n;
	}
	else if (op != SEGMENT_ANDNOT)
	{
		/* dense sets over the same ids do not add up */
		entries = entries > vb->n ? entries : vb->n;
		bytes = union_bytes(va, vb);
	}
	segment_build_start(&builder, loose, bytes, entries);
	side_start(&a, va);
	side_start(&b, vb);
	if (op == SEGMENT_AND)
		walk_and(&a, &b, &builder, loose);
	else
		walk_all(op, &a, &b, &builder, loose);
	return segment_build_finish(&builder);
}
