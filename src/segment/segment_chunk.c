/*
 * segment_chunk.c
 *	  Two chunks of the same key: combine them, or count what they share.
 *
 * The pairs of kinds fall into three ways of working:
 * - arrays with arrays or bitsets: kernels;
 * - runs with arrays or runs: one sweep over the boundaries of both;
 * - all else: through a bitset.
 * A FULL chunk is one run.
 */
#include "segment/segment.h"
#include "segment/segment_build.h"

static const uint16_t full_run[2] = {0, 65535};

/* Runs (or, for an ARRAY, unit runs) of a chunk as a list of boundaries */
typedef struct Boundaries
{
	const uint16_t *values;
	uint32_t	n;				/* two for each run */
	bool		unit;
} Boundaries;

static Boundaries
chunk_boundaries(const SegmentEntry *e)
{
	Boundaries	s;

	s.values = e->kind == SEGMENT_FULL ? full_run : (const uint16_t *) e->data;
	s.unit = e->kind == SEGMENT_ARRAY;
	s.n = 2 * (s.unit ? e->count : e->kind == SEGMENT_FULL ? 1 : e->nruns);
	return s;
}

/* Start of a run (even i) or the place behind its end (odd i) */
static inline uint32_t
boundary(const Boundaries *s, uint32_t i)
{
	if (s->unit)
		return (uint32_t) s->values[i >> 1] + (i & 1);
	return (i & 1) ? (uint32_t) s->values[i - 1] + s->values[i] + 1 : s->values[i];
}

static inline bool
op_holds(SegmentOp op, bool a, bool b)
{
	switch (op)
	{
		case SEGMENT_AND:
			return a && b;
		case SEGMENT_OR:
			return a || b;
		case SEGMENT_XOR:
			return a != b;
		default:
			return a && !b;
	}
}

/* Sweep over both lists; pairs has room for all boundaries.  Returns the number of runs. */
static uint32_t
sweep(SegmentOp op, const SegmentEntry *ea, const SegmentEntry *eb, uint16_t *pairs)
{
	Boundaries	a = chunk_boundaries(ea);
	Boundaries	b = chunk_boundaries(eb);
	uint32_t	ia = 0;
	uint32_t	ib = 0;
	uint32_t	na = boundary(&a, 0);
	uint32_t	nb = boundary(&b, 0);
	uint32_t	nruns = 0;
	uint32_t	start = 0;
	bool		inside = false;

	while (ia < a.n || ib < b.n)
	{
		uint32_t	x = na < nb ? na : nb;
		bool		now;

		while (ia < a.n && na <= x)
			na = ++ia < a.n ? boundary(&a, ia) : UINT32_MAX;
		while (ib < b.n && nb <= x)
			nb = ++ib < b.n ? boundary(&b, ib) : UINT32_MAX;
		now = op_holds(op, ia & 1, ib & 1);
		if (now == inside)
			continue;
		if (now)
			start = x;
		else if (x > start)		/* not so only in damaged values */
		{
			pairs[2 * nruns] = (uint16_t) start;
			pairs[2 * nruns + 1] = (uint16_t) (x - 1 - start);
			nruns++;
		}
		inside = now;
	}
	return nruns;
}

static void
sweep_into(SegmentOp op, uint64_t key, const SegmentEntry *a, const SegmentEntry *b,
		   SegmentBuilder *builder)
{
	uint16_t	few[512];
	uint32_t	bounds = chunk_boundaries(a).n + chunk_boundaries(b).n;
	uint16_t   *pairs = bounds <= 510 ? few : core_alloc((size_t) (bounds + 2) * 2);
	uint32_t	nruns = sweep(op, a, b, pairs);

	segment_build_runs(builder, key, pairs, nruns);
	if (pairs != few)
		core_free(pairs);
}

/* Places of an array that runs hold (or do not hold) */
static uint32_t
array_filter_runs(const SegmentEntry *a, const SegmentEntry *runs, bool keep_held, uint16_t *out)
{
	const uint16_t *places = (const uint16_t *) a->data;
	Boundaries	r = chunk_boundaries(runs);
	uint32_t	n = 0;
	uint32_t	i = 0;

	for (uint32_t k = 0; k < r.n && i < a->count; k += 2)
	{
		uint32_t	lo = boundary(&r, k);
		uint32_t	end = boundary(&r, k + 1);

		for (; i < a->count && places[i] < lo; i++)
			if (!keep_held)
				out[n++] = places[i];
		for (; i < a->count && places[i] < end; i++)
			if (keep_held)
				out[n++] = places[i];
	}
	if (!keep_held)
		for (; i < a->count; i++)
			out[n++] = places[i];
	return n;
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

static void
words_apply_places(SegmentOp op, uint64_t *words, const uint16_t *places, uint32_t n)
{
	uint32_t	i;

	if (op == SEGMENT_OR)
		for (i = 0; i < n; i++)
			words[places[i] >> 6] |= UINT64_C(1) << (places[i] & 63);
	else if (op == SEGMENT_XOR)
		for (i = 0; i < n; i++)
			words[places[i] >> 6] ^= UINT64_C(1) << (places[i] & 63);
	else
		for (i = 0; i < n; i++)
			words[places[i] >> 6] &= ~(UINT64_C(1) << (places[i] & 63));
}

/* OR, XOR or ANDNOT with runs */
static void
words_apply_runs(SegmentOp op, uint64_t *words, const SegmentEntry *e)
{
	Boundaries	r = chunk_boundaries(e);

	for (uint32_t k = 0; k < r.n; k += 2)
	{
		uint32_t	lo = boundary(&r, k);
		uint32_t	hi = boundary(&r, k + 1) - 1;

		if (hi > 65535)
			hi = 65535;
		if (op == SEGMENT_OR)
			segment_bitset_set_range(words, lo, hi);
		else if (op == SEGMENT_XOR)
			words_flip_range(words, lo, hi);
		else
			words_clear_range(words, lo, hi);
	}
}

/* AND with runs: clear what lies between them */
static void
words_keep_runs(uint64_t *words, const SegmentEntry *e)
{
	Boundaries	r = chunk_boundaries(e);
	uint32_t	from = 0;

	for (uint32_t k = 0; k < r.n; k += 2)
	{
		uint32_t	lo = boundary(&r, k);

		if (lo > from)
			words_clear_range(words, from, lo - 1);
		from = boundary(&r, k + 1);
	}
	if (from <= 65535)
		words_clear_range(words, from, 65535);
}

static void
words_apply(SegmentOp op, uint64_t *words, const SegmentEntry *e)
{
	if (e->kind == SEGMENT_ARRAY)
		words_apply_places(op, words, (const uint16_t *) e->data, e->count);
	else if (e->kind != SEGMENT_BITSET)
		words_apply_runs(op, words, e);
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
		words_keep_runs(words, b);
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
		n = array_filter_runs(a, b, op == SEGMENT_AND, out);
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
		sweep_into(op, key, a, b, builder);
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
bitset_runs_count(const SegmentEntry *bitset, const SegmentEntry *runs)
{
	Boundaries	r = chunk_boundaries(runs);
	uint32_t	n = 0;

	for (uint32_t k = 0; k < r.n; k += 2)
	{
		uint32_t	hi = boundary(&r, k + 1) - 1;

		n += words_count_range((const uint64_t *) bitset->data, boundary(&r, k),
							   hi > 65535 ? 65535 : hi);
	}
	return n;
}

static uint32_t
array_runs_count(const SegmentEntry *a, const SegmentEntry *runs)
{
	const uint16_t *places = (const uint16_t *) a->data;
	Boundaries	r = chunk_boundaries(runs);
	uint32_t	n = 0;
	uint32_t	i = 0;

	for (uint32_t k = 0; k < r.n && i < a->count; k += 2)
	{
		uint32_t	lo = boundary(&r, k);
		uint32_t	end = boundary(&r, k + 1);
		uint32_t	from;

		while (i < a->count && places[i] < lo)
			i++;
		from = i;
		while (i < a->count && places[i] < end)
			i++;
		n += i - from;
	}
	return n;
}

static uint32_t
runs_runs_count(const SegmentEntry *ea, const SegmentEntry *eb)
{
	Boundaries	a = chunk_boundaries(ea);
	Boundaries	b = chunk_boundaries(eb);
	uint32_t	ia = 0;
	uint32_t	ib = 0;
	uint32_t	n = 0;

	while (ia < a.n && ib < b.n)
	{
		uint32_t	lo = boundary(&a, ia);
		uint32_t	lob = boundary(&b, ib);
		uint32_t	enda = boundary(&a, ia + 1);
		uint32_t	endb = boundary(&b, ib + 1);
		uint32_t	end = enda < endb ? enda : endb;

		if (lob > lo)
			lo = lob;
		if (end > lo)
			n += end - lo;
		if (enda <= endb)
			ia += 2;
		if (endb <= enda)
			ib += 2;
	}
	return n;
}

uint32_t
segment_chunk_and_count(const SegmentEntry *a, const SegmentEntry *b)
{
	/* a is the simpler one: ARRAY before BITSET before RUN and FULL */
	if (b->kind < a->kind)
	{
		const SegmentEntry *t = a;

		a = b;
		b = t;
	}
	if (a->kind == SEGMENT_ARRAY)
	{
		if (b->kind == SEGMENT_ARRAY)
			return segment_kernels->array_and_count((const uint16_t *) a->data, a->count,
													(const uint16_t *) b->data, b->count);
		if (b->kind == SEGMENT_BITSET)
			return segment_kernels->array_bitset_and_count((const uint16_t *) a->data, a->count,
														   (const uint64_t *) b->data);
		return b->kind == SEGMENT_FULL ? a->count : array_runs_count(a, b);
	}
	if (a->kind == SEGMENT_BITSET)
	{
		if (b->kind == SEGMENT_BITSET)
			return segment_kernels->bitset_and_count((const uint64_t *) a->data,
													 (const uint64_t *) b->data);
		return b->kind == SEGMENT_FULL ? a->count : bitset_runs_count(a, b);
	}
	return runs_runs_count(a, b);
}

/* ---- places ---- */

uint32_t
segment_chunk_places(const SegmentEntry *e, uint16_t *out)
{
	Boundaries	r;
	uint32_t	n = 0;

	if (e->kind == SEGMENT_ARRAY)
	{
		memcpy(out, e->data, (size_t) e->count * 2);
		return e->count;
	}
	if (e->kind == SEGMENT_BITSET)
		return segment_kernels->bitset_to_array((const uint64_t *) e->data, out);
	r = chunk_boundaries(e);
	for (uint32_t k = 0; k < r.n; k += 2)
	{
		uint32_t	end = boundary(&r, k + 1);

		if (end > SEGMENT_CHUNK_IDS)
			end = SEGMENT_CHUNK_IDS;
		if (n + (end - boundary(&r, k)) > SEGMENT_CHUNK_IDS)
			segment_corrupt("overlapping runs");
		for (uint32_t v = boundary(&r, k); v < end; v++)
			out[n++] = (uint16_t) v;
	}
	return n;
}
