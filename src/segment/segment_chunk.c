/*
 * segment_chunk.c
 *	  Two chunks of the same key: combine them, or count what they share.
 *
 * The pairs of kinds fall into three ways of working:
 * - arrays with arrays or bitsets: kernels;
 * - runs with arrays or runs: lists of runs, see segment_chunk_runs.c;
 * - all else: through a bitset.
 * A FULL chunk is one run.
 */
#include "segment/segment.h"
#include "segment/segment_build.h"
#include "segment/segment_chunk_runs.h"

/* Runs up to this many on both sides need no memory */
#define FEW_RUNS 128

/* The places of an array as runs */
static RunList
array_as_runs(const SegmentEntry *array, uint16_t *pairs)
{
	const uint16_t *places = (const uint16_t *) array->data;
	RunList		list = {pairs, 0};
	uint32_t	first = 0;

	for (uint32_t i = 0; i < array->count; i++)
	{
		bool		gap = i == 0 || places[i] != places[i - 1] + 1;

		first = gap ? places[i] : first;
		list.n += gap;
		pairs[2 * (list.n - 1)] = (uint16_t) first;
		pairs[2 * (list.n - 1) + 1] = (uint16_t) (places[i] - first);
	}
	return list;
}

/* Two chunks without a bitset, and not two arrays */
static void
op_runs(SegmentOp op, uint64_t key, const SegmentEntry *a, const SegmentEntry *b,
		SegmentBuilder *builder)
{
	uint16_t	few[2 * (FEW_RUNS + 1) + SEGMENT_KERNEL_SLACK];
	uint16_t	places[2 * SEGMENT_ARRAY_MAX];
	RunList		la = a->kind == SEGMENT_ARRAY ? array_as_runs(a, places) : segment_chunk_runs(a);
	RunList		lb = b->kind == SEGMENT_ARRAY ? array_as_runs(b, places) : segment_chunk_runs(b);
	uint16_t   *pairs = la.n + lb.n <= FEW_RUNS ? few : core_alloc(segment_runs_room(la.n, lb.n) * 2);
	uint32_t	nruns = segment_runs_op(op, la, lb, pairs);

	segment_build_runs(builder, key, pairs, nruns);
	if (pairs != few)
		core_free(pairs);
}

/* ---- bitsets ---- */

static void
words_clear_range(uint64_t *words, uint32_t lo, uint32_t hi)
{
	uint32_t	first = lo >> 6;
	uint32_t	last = hi >> 6;
	uint64_t	head = ~UINT64_C(0) << (lo & 63);
	uint64_t	tail = ~UINT64_C(0) >> (63 - (hi & 63));

	if (first == last)
	{
		words[first] &= ~(head & tail);
		return;
	}
	words[first] &= ~head;
	for (uint32_t i = first + 1; i < last; i++)
		words[i] = 0;
	words[last] &= ~tail;
}

static void
words_flip_range(uint64_t *words, uint32_t lo, uint32_t hi)
{
	for (; lo <= hi && (lo & 63) != 0; lo++)
		words[lo >> 6] ^= UINT64_C(1) << (lo & 63);
	for (; lo + 63 <= hi; lo += 64)
		words[lo >> 6] ^= ~UINT64_C(0);
	for (; lo <= hi; lo++)
		words[lo >> 6] ^= UINT64_C(1) << (lo & 63);
}

static inline void
apply_place(SegmentOp op, uint8_t *bytes, uint32_t place)
{
	uint8_t		bit = (uint8_t) (1 << (place & 7));

	if (op == SEGMENT_OR)
		bytes[place >> 3] |= bit;
	else if (op == SEGMENT_XOR)
		bytes[place >> 3] ^= bit;
	else
		bytes[place >> 3] &= (uint8_t) ~bit;
}

/*
 * Bytes, as neighbours in one word would wait for each other's store; four
 * places at a time, as none can be read ahead past a store of bytes.
 */
static inline __attribute__((always_inline)) void
apply_places(SegmentOp op, uint8_t *bytes, const uint16_t *places, uint32_t n)
{
	uint32_t	i = 0;

	for (; i + 4 <= n; i += 4)
	{
		uint64_t	four = load64(places + i);

		apply_place(op, bytes, four & 0xFFFF);
		apply_place(op, bytes, four >> 16 & 0xFFFF);
		apply_place(op, bytes, four >> 32 & 0xFFFF);
		apply_place(op, bytes, (uint32_t) (four >> 48));
	}
	for (; i < n; i++)
		apply_place(op, bytes, places[i]);
}

static void
words_apply_places(SegmentOp op, uint64_t *words, const uint16_t *places, uint32_t n)
{
	if (op == SEGMENT_OR)
		apply_places(SEGMENT_OR, (uint8_t *) words, places, n);
	else if (op == SEGMENT_XOR)
		apply_places(SEGMENT_XOR, (uint8_t *) words, places, n);
	else
		apply_places(SEGMENT_ANDNOT, (uint8_t *) words, places, n);
}

/* OR, XOR or ANDNOT with runs */
static void
words_apply_runs(SegmentOp op, uint64_t *words, RunList runs)
{
	for (uint32_t i = 0; i < runs.n; i++)
	{
		uint32_t	first = run_first(runs.pairs, i);
		uint32_t	last = run_last(runs.pairs, i);

		if (op == SEGMENT_OR)
			segment_bitset_set_range(words, first, last);
		else if (op == SEGMENT_XOR)
			words_flip_range(words, first, last);
		else
			words_clear_range(words, first, last);
	}
}

/* AND with runs: clear what lies between them */
static void
words_keep_runs(uint64_t *words, RunList runs)
{
	uint32_t	from = 0;

	for (uint32_t i = 0; i < runs.n; i++)
	{
		uint32_t	first = run_first(runs.pairs, i);

		if (first > from)
			words_clear_range(words, from, first - 1);
		from = run_last(runs.pairs, i) + 1;
	}
	if (from < SEGMENT_CHUNK_IDS)
		words_clear_range(words, from, SEGMENT_CHUNK_IDS - 1);
}

static void
words_apply(SegmentOp op, uint64_t *words, const SegmentEntry *e)
{
	if (e->kind == SEGMENT_ARRAY)
		words_apply_places(op, words, (const uint16_t *) e->data, e->count);
	else if (e->kind != SEGMENT_BITSET)
		words_apply_runs(op, words, segment_chunk_runs(e));
	else if (op == SEGMENT_OR)
		segment_kernels->bitset_or(words, words, (const uint64_t *) e->data);
	else if (op == SEGMENT_XOR)
		segment_kernels->bitset_xor(words, words, (const uint64_t *) e->data);
	else
		segment_kernels->bitset_andnot(words, words, (const uint64_t *) e->data);
}

void
segment_chunk_into_bitset(SegmentOp op, uint64_t *words, const SegmentEntry *e)
{
	words_apply(op, words, e);
}

static void
load_words(uint64_t *words, const SegmentEntry *e)
{
	if (e->kind == SEGMENT_BITSET)
		memcpy(words, e->data, SEGMENT_BITSET_BYTES);
	else
	{
		memset(words, 0, SEGMENT_BITSET_BYTES);
		words_apply(SEGMENT_OR, words, e);
	}
}

/* At least one side is a BITSET, or both results are too long for an array */
static void
op_by_bitset(SegmentOp op, uint64_t key, const SegmentEntry *a, const SegmentEntry *b,
			 SegmentBuilder *builder)
{
	uint64_t	words[SEGMENT_WORDS];
	const uint64_t *wa = (const uint64_t *) a->data;
	const uint64_t *wb = (const uint64_t *) b->data;
	uint32_t	count;

	if (a->kind == SEGMENT_BITSET && b->kind == SEGMENT_BITSET)
	{
		count = op == SEGMENT_AND ? segment_kernels->bitset_and(words, wa, wb) :
			op == SEGMENT_OR ? segment_kernels->bitset_or(words, wa, wb) :
			op == SEGMENT_XOR ? segment_kernels->bitset_xor(words, wa, wb) :
			segment_kernels->bitset_andnot(words, wa, wb);
		segment_build_bitset(builder, key, words, count);
		return;
	}
	if (op != SEGMENT_ANDNOT && b->kind == SEGMENT_BITSET)
	{
		/* the others are symmetric: start from the bitset */
		const SegmentEntry *t = a;

		a = b;
		b = t;
	}
	load_words(words, a);
	if (op == SEGMENT_AND)
		words_keep_runs(words, segment_chunk_runs(b));
	else
		words_apply(op, words, b);
	segment_build_bitset(builder, key, words, segment_kernels->bitset_count(words));
}

/* ---- arrays ---- */

/* Two arrays; small ones, the most frequent, need no memory */
static void
op_arrays(SegmentOp op, uint64_t key, const SegmentEntry *a, const SegmentEntry *b,
		  SegmentBuilder *builder)
{
	uint16_t	out[2 * SEGMENT_ARRAY_MAX + SEGMENT_KERNEL_SLACK];
	const uint16_t *pa = (const uint16_t *) a->data;
	const uint16_t *pb = (const uint16_t *) b->data;
	uint32_t	n;

	switch (op)
	{
		case SEGMENT_AND:
			n = segment_kernels->array_and(pa, a->count, pb, b->count, out);
			break;
		case SEGMENT_OR:
			n = segment_kernels->array_or(pa, a->count, pb, b->count, out);
			break;
		case SEGMENT_XOR:
			n = segment_kernels->array_xor(pa, a->count, pb, b->count, out);
			break;
		default:
			n = segment_kernels->array_andnot(pa, a->count, pb, b->count, out);
			break;
	}
	segment_build_array(builder, key, out, n);
}

/* AND and ANDNOT of an array with something else */
static void
op_filter_array(SegmentOp op, uint64_t key, const SegmentEntry *a, const SegmentEntry *b,
				SegmentBuilder *builder)
{
	uint16_t	out[SEGMENT_ARRAY_MAX + SEGMENT_KERNEL_SLACK];
	const uint16_t *pa = (const uint16_t *) a->data;
	uint32_t	n;

	if (b->kind != SEGMENT_BITSET)
		n = segment_runs_filter(pa, a->count, segment_chunk_runs(b), op == SEGMENT_AND, out);
	else if (op == SEGMENT_AND)
		n = segment_kernels->array_bitset_and(pa, a->count, (const uint64_t *) b->data, out);
	else
		n = segment_kernels->array_bitset_andnot(pa, a->count, (const uint64_t *) b->data, out);
	segment_build_array(builder, key, out, n);
}

/* An array that we never write: only damaged values have it */
static inline void
check_array(const SegmentEntry *e)
{
	if (e->kind == SEGMENT_ARRAY && e->count > SEGMENT_ARRAY_MAX)
		segment_corrupt("array too long");
}

void
segment_chunk_op(SegmentOp op, uint64_t key, const SegmentEntry *a, const SegmentEntry *b,
				 SegmentBuilder *builder)
{
	check_array(a);
	check_array(b);
	if (a->kind == SEGMENT_ARRAY && b->kind == SEGMENT_ARRAY)
		op_arrays(op, key, a, b, builder);
	else if (op == SEGMENT_AND && b->kind == SEGMENT_ARRAY)
		op_filter_array(op, key, b, a, builder);
	else if ((op == SEGMENT_AND || op == SEGMENT_ANDNOT) && a->kind == SEGMENT_ARRAY)
		op_filter_array(op, key, a, b, builder);
	else if (a->kind == SEGMENT_BITSET || b->kind == SEGMENT_BITSET)
		op_by_bitset(op, key, a, b, builder);
	else
		op_runs(op, key, a, b, builder);
}

/* ---- counting ---- */

static uint32_t
words_count_range(const uint64_t *words, uint32_t lo, uint32_t hi)
{
	uint32_t	first = lo >> 6;
	uint32_t	last = hi >> 6;
	uint64_t	head = ~UINT64_C(0) << (lo & 63);
	uint64_t	tail = ~UINT64_C(0) >> (63 - (hi & 63));
	uint32_t	n;

	if (first == last)
		return __builtin_popcountll(words[first] & head & tail);
	n = __builtin_popcountll(words[first] & head);
	for (uint32_t i = first + 1; i < last; i++)
		n += __builtin_popcountll(words[i]);
	return n + __builtin_popcountll(words[last] & tail);
}

static uint32_t
bitset_runs_count(const uint64_t *words, RunList runs)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < runs.n; i++)
		n += words_count_range(words, run_first(runs.pairs, i), run_last(runs.pairs, i));
	return n;
}

uint32_t
segment_chunk_and_count(const SegmentEntry *a, const SegmentEntry *b)
{
	const uint16_t *places;
	const uint64_t *words;

	/* a is the simpler one: ARRAY before BITSET before RUN and FULL */
	if (b->kind < a->kind)
	{
		const SegmentEntry *t = a;

		a = b;
		b = t;
	}
	if (b->kind == SEGMENT_FULL)
		return a->count;
	places = (const uint16_t *) a->data;
	words = (const uint64_t *) b->data;
	if (a->kind == SEGMENT_ARRAY && b->kind == SEGMENT_ARRAY)
		return segment_kernels->array_and_count(places, a->count,
												(const uint16_t *) b->data, b->count);
	if (a->kind == SEGMENT_ARRAY && b->kind == SEGMENT_BITSET)
		return segment_kernels->array_bitset_and_count(places, a->count, words);
	if (a->kind == SEGMENT_ARRAY)
		return segment_runs_filter_count(places, a->count, segment_chunk_runs(b));
	if (a->kind == SEGMENT_BITSET && b->kind == SEGMENT_BITSET)
		return segment_kernels->bitset_and_count((const uint64_t *) a->data, words);
	if (a->kind == SEGMENT_BITSET)
		return bitset_runs_count((const uint64_t *) a->data, segment_chunk_runs(b));
	return segment_runs_and_count(segment_chunk_runs(a), segment_chunk_runs(b));
}

/* ---- places ---- */

uint32_t
segment_chunk_places(const SegmentEntry *e, uint16_t *out)
{
	RunList		runs;
	uint32_t	n = 0;

	if (e->kind == SEGMENT_ARRAY)
	{
		memcpy(out, e->data, (size_t) e->count * 2);
		return e->count;
	}
	if (e->kind == SEGMENT_BITSET)
		return segment_kernels->bitset_to_array((const uint64_t *) e->data, out);
	runs = segment_chunk_runs(e);
	for (uint32_t i = 0; i < runs.n; i++)
	{
		uint32_t	last = run_last(runs.pairs, i);

		if (n + (last - run_first(runs.pairs, i)) >= SEGMENT_CHUNK_IDS)
			segment_corrupt("overlapping runs");
		for (uint32_t v = run_first(runs.pairs, i); v <= last; v++)
			out[n++] = (uint16_t) v;
	}
	return n;
}
