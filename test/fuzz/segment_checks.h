/*
 * segment_checks.h
 *	  What must hold for every segment, and for two of them with their models.
 *
 * Part of fuzz_segment.c.  A check that fails ends the program.
 */
#ifndef PORTRAIT_SEGMENT_CHECKS_H
#define PORTRAIT_SEGMENT_CHECKS_H

#include "core_standalone.h"
#include "segment_model.h"

#include <stdio.h>

#include "segment/segment_acc.h"
#include "segment/segment_probe.h"

/* With more members, they are not looked at one by one */
#define FEW_MEMBERS 10000

/* With more full chunks, nothing is done that takes a step for each */
#define FEW_CHUNKS 2000

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
			fail(__FILE__, __LINE__, #condition); \
	} while (0)

static void
fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

/* ---- helpers ---- */

static void
view_of(SegmentView *view, const Segment *segment)
{
	segment_open(view, segment, segment_size(segment));
}

static bool
same_bytes(const Segment *a, const Segment *b)
{
	return segment_size(a) == segment_size(b) && memcmp(a, b, segment_size(a)) == 0;
}

static bool
is_view(const Segment *a, const SegmentView *view)
{
	return segment_size(a) == view->size &&
		memcmp((const uint8_t *) a + 4, view->base + 4, view->size - 4) == 0;
}

/* The result of an operation is just this value; frees it */
static void
require_view(Segment *result, const SegmentView *view)
{
	REQUIRE(result != NULL && is_view(result, view));
	core_free(result);
}

static void
require_empty(Segment *result)
{
	REQUIRE(segment_size(result) == SEGMENT_HEADER_SIZE && result->count == 0);
	core_free(result);
}

/* What core_try() runs: an operation with up to two operands */
typedef struct Task
{
	void		(*run) (struct Task *task);
	const SegmentView *a;
	const SegmentView *b;
	const Model *model;
	SegmentOp	op;
	bool		loose;
	uint64_t	number;
	Segment    *result;
} Task;

static void
run_task(void *argument)
{
	Task	   *task = argument;

	task->run(task);
}

static const uint8_t *
fetch(void *context, size_t offset, size_t length)
{
	return (const uint8_t *) context + offset;
}

/* Full chunks, each of which costs a step in some functions */
static uint64_t
full_chunks(const SegmentView *view)
{
	SegmentEntry entry;
	uint64_t	n = 0;

	for (uint32_t i = 0; i < view->n; i++)
		if (segment_try_entry(view, i, &entry) == NULL)
			n += entry.kind == SEGMENT_FULL ? entry.chunks : 0;
	return n;
}

/* ---- a valid value ---- */

static void
check_text(const SegmentView *view)
{
	CoreError	error;
	char	   *text = segment_print(view);

	require_view(segment_parse(text, strlen(text), &error), view);
	core_free(text);
}

static void
check_roaring_bits(const SegmentView *view, int bits)
{
	CoreError	error;
	size_t		size;
	uint8_t    *bytes = segment_to_roaring(view, bits, 3, &size, &error);

	REQUIRE(bytes != NULL);
	require_view(segment_from_roaring(bytes + 3, size - 3, bits, &error), view);
	require_view(segment_from_roaring(bytes + 3, size - 3, 0, &error), view);
	core_free(bytes);
}

static void
check_roaring(const SegmentView *view)
{
	CoreError	error;
	size_t		size;
	int64_t		min = segment_unbias(view->min);
	int64_t		max = segment_unbias(view->max);

	if (min < 0 || max < 0)
	{
		REQUIRE(segment_to_roaring(view, 64, 0, &size, &error) == NULL);
		REQUIRE(error.code == CORE_OUT_OF_RANGE);
		return;
	}
	if (full_chunks(view) <= FEW_CHUNKS)
		check_roaring_bits(view, 64);
	else if (full_chunks(view) > 200 * 1000 * 1000)
	{
		REQUIRE(segment_to_roaring(view, 64, 0, &size, &error) == NULL);
		REQUIRE(error.code == CORE_LIMIT);
	}
	if (max > UINT32_MAX)
	{
		REQUIRE(segment_to_roaring(view, 32, 0, &size, &error) == NULL);
		REQUIRE(error.code == CORE_OUT_OF_RANGE);
	}
	else if (full_chunks(view) <= FEW_CHUNKS)
		check_roaring_bits(view, 32);
}

static void
check_member(const SegmentView *view, uint64_t biased, uint64_t rank)
{
	int64_t		id = segment_unbias(biased);
	int64_t		found;

	REQUIRE(segment_select(view, rank, &found) && found == id);
	REQUIRE(segment_rank(view, id) == rank + 1);
	REQUIRE(segment_contains(view, id));
	REQUIRE(segment_probe(fetch, (void *) view->base, view->size, id));
}

/* Members one by one, and a set made from them */
static void
check_members(const SegmentView *view)
{
	uint64_t   *ids = core_alloc((view->count + SEGMENT_ITER_IDS) * sizeof(uint64_t));
	uint64_t	step = 1 + view->count / 64;
	SegmentIter iter;
	size_t		n = 0;
	uint32_t	batch;

	segment_iter_start(&iter, view);
	while (n <= view->count && (batch = segment_iter_next(&iter, ids + n)) > 0)
		n += batch;
	REQUIRE(n == view->count);
	for (size_t i = 1; i < n; i++)
		REQUIRE(ids[i - 1] < ids[i]);
	for (size_t i = 0; i < n; i += step)
		check_member(view, ids[i], i);
	/* not in order, and some of them twice */
	for (size_t i = 0; i < n / 2; i++)
	{
		uint64_t	id = ids[i];

		ids[i] = ids[n - 1 - i];
		ids[n - 1 - i] = i % 7 == 0 ? ids[i] : id;
		if (i % 7 == 0)
			ids[n++] = id;
	}
	require_view(segment_make_ids(ids, n), view);
	core_free(ids);
}

static void
check_sample(const SegmentView *view, uint64_t n)
{
	Segment    *sample = segment_sample(view, n, "seed", 4);
	SegmentView s;

	view_of(&s, sample);
	REQUIRE(s.count == n);
	REQUIRE(segment_contains_all(view, &s));
	require_view(segment_sample(view, n, "seed", 4), &s);
	core_free(sample);
}

/* Samples, and parts: complete, disjoint, and the same again */
static void
check_random(const SegmentView *view)
{
	static const double weights[3] = {1, 0, 2.5};
	Segment    *arms[3];
	SegmentView v[3];
	Segment    *all;

	check_sample(view, view->count / 3);
	check_sample(view, view->count - view->count / 3);
	require_view(segment_sample(view, view->count, "seed", 4), view);

	segment_split(view, weights, 3, "", 0, arms);
	for (int i = 0; i < 3; i++)
		view_of(&v[i], arms[i]);
	REQUIRE(v[1].count == 0 && !segment_overlaps(&v[0], &v[2]));
	all = segment_op(SEGMENT_OR, &v[0], &v[2], false);
	require_view(all, view);
	for (int i = 0; i < 3; i++)
		core_free(arms[i]);
}

static void
check_self(const SegmentView *a)
{
	require_view(segment_op(SEGMENT_OR, a, a, false), a);
	require_view(segment_op(SEGMENT_AND, a, a, false), a);
	require_empty(segment_op(SEGMENT_XOR, a, a, false));
	require_empty(segment_op(SEGMENT_ANDNOT, a, a, false));
	REQUIRE(segment_and_count(a, a) == a->count);
	REQUIRE(segment_overlaps(a, a) == (a->count > 0));
	REQUIRE(segment_contains_all(a, a));
	REQUIRE(segment_compare(a, a) == 0);
}

/* Cut in two by rank, and put together again */
static void
check_slices(const SegmentView *view)
{
	uint64_t	half = view->count / 2;
	Segment    *low = segment_slice(view, 0, half);
	Segment    *high = segment_slice(view, half, UINT64_MAX);
	SegmentView vlow;
	SegmentView vhigh;

	view_of(&vlow, low);
	view_of(&vhigh, high);
	REQUIRE(vlow.count == half && vhigh.count == view->count - half);
	require_view(segment_op(SEGMENT_OR, &vlow, &vhigh, false), view);
	require_view(segment_slice(view, 0, view->count), view);
	require_view(segment_range(view, INT64_MIN, INT64_MAX), view);
	REQUIRE(segment_range_count(view, INT64_MIN, INT64_MAX) == view->count);
	core_free(low);
	core_free(high);
}

static void
check_value(const SegmentView *view)
{
	check_self(view);
	check_slices(view);
	check_text(view);
	check_roaring(view);
	if (view->count > FEW_MEMBERS)
		return;
	check_members(view);
	check_random(view);
}

/* ---- everything compared with the model ---- */

static void
task_build(Task *task)
{
	task->result = model_build(task->model);
}

static void
task_op(Task *task)
{
	task->result = segment_op(task->op, task->a, task->b, task->loose);
}

/* The kind that segment.h demands for a chunk; n is above SEGMENT_SMALL */
static uint32_t
demanded_kind(uint32_t n, uint32_t r)
{
	uint32_t	array = n <= 4096 ? 2 * n : UINT32_MAX;

	if (n == 65536)
		return SEGMENT_FULL;
	if (2 + 4 * r < array && 2 + 4 * r < 8192)
		return SEGMENT_RUN;
	return array <= 8192 ? SEGMENT_ARRAY : SEGMENT_BITSET;
}

/* The rules of segment.h, told anew */
static void
require_kinds(const SegmentView *view)
{
	static uint16_t places[SEGMENT_CHUNK_IDS + SEGMENT_KERNEL_SLACK];
	SegmentEntry e;
	uint32_t	last_kind = SEGMENT_BITSET;
	uint64_t	next_key = 0;

	for (uint32_t i = 0; i < view->n; i++)
	{
		bool		small;

		segment_entry(view, i, &e);
		small = e.kind == SEGMENT_SPARSE || e.count <= SEGMENT_SMALL;
		/* small chunks stand together, in blocks; full ones too */
		REQUIRE(!(e.kind == SEGMENT_ARRAY && small && last_kind == SEGMENT_SPARSE));
		REQUIRE(!(e.kind == SEGMENT_FULL && last_kind == SEGMENT_FULL &&
				  e.key == next_key));
		if (!small && e.kind != SEGMENT_FULL)
		{
			uint32_t	n = segment_chunk_places(&e, places);
			uint32_t	r = segment_kernels_at(CPU_NONE)->array_runs(places, n);

			REQUIRE(n == e.count && e.kind == demanded_kind(n, r));
		}
		last_kind = small ? SEGMENT_SPARSE : e.kind;
		next_key = e.key + e.chunks;
	}
}

/* Build; NULL when there are too many members */
static Segment *
build(const Model *model)
{
	Task		task = {.run = task_build,.model = model};
	CoreError	error;
	SegmentView view;

	if (core_try(run_task, &task, &error))
	{
		REQUIRE(model_count(model) <= SEGMENT_MAX_COUNT);
		REQUIRE(segment_check(task.result, segment_size(task.result), &error));
		view_of(&view, task.result);
		require_kinds(&view);
		return task.result;
	}
	REQUIRE(error.code == CORE_LIMIT && model_count(model) > SEGMENT_MAX_COUNT);
	return NULL;
}

static void
require_model(const SegmentView *view, const Model *model)
{
	SegmentRanges ranges;
	uint64_t	lo;
	uint64_t	hi;
	size_t		n = 0;

	segment_ranges_start(&ranges, view);
	while (segment_ranges_next(&ranges, &lo, &hi))
	{
		REQUIRE(n < model->n && lo == model->ranges[n].lo && hi == model->ranges[n].hi);
		n++;
	}
	REQUIRE(n == model->n);
	REQUIRE(view->count == model_count(model));
	if (n > 0)
		REQUIRE(view->min == model->ranges[0].lo && view->max == model->ranges[n - 1].hi);
}

/* As an accumulator does it */
static Segment *
make_canonical(const SegmentView *loose)
{
	SegmentBuilder builder;
	SegmentEntry entry;

	segment_build_start(&builder, false, 0, 0);
	for (uint32_t i = 0; i < loose->n; i++)
	{
		segment_entry(loose, i, &entry);
		segment_build_entry(&builder, &entry, false);
	}
	return segment_build_finish(&builder);
}

/* A loose result is the same set, also as an operand */
static void
check_loose(const Task *strict, const Model *expected)
{
	Task		task = *strict;
	CoreError	error;
	SegmentView loose;
	SegmentView empty;
	SegmentView copy;

	task.loose = true;
	REQUIRE(core_try(run_task, &task, &error));
	view_of(&loose, task.result);
	require_model(&loose, expected);
	view_of(&empty, segment_make_empty());
	view_of(&copy, segment_op(SEGMENT_OR, &loose, &empty, true));
	require_model(&copy, expected);
	view_of(&copy, segment_op(SEGMENT_AND, &loose, &loose, true));
	require_model(&copy, expected);
	REQUIRE(segment_and_count(&loose, strict->a) ==
			segment_and_count(strict->a, &loose));
	REQUIRE(same_bytes(make_canonical(&loose), strict->result));
}

/* One operation with the kernels of each level */
static void
check_op(SegmentOp op, const SegmentView *a, const SegmentView *b, const Model *expected)
{
	Segment    *built = build(expected);
	Task		task = {.run = task_op,.a = a,.b = b,.op = op};
	CoreError	error;

	for (CpuLevel level = CPU_NONE; level <= CPU_AVX512; level++)
	{
		if (segment_kernels_at(level) == NULL)
			continue;
		segment_kernels_use(level);
		if (!core_try(run_task, &task, &error))
		{
			REQUIRE(built == NULL && error.code == CORE_LIMIT);
			continue;
		}
		REQUIRE(built != NULL && same_bytes(task.result, built));
		check_loose(&task, expected);
	}
	segment_kernels_use(CPU_AVX512);
}

/* The set that has the first id that only one of them has comes first */
static int
model_compare(const Model *a, const Model *b, const Model *difference)
{
	if (model_count(a) != model_count(b))
		return model_count(a) < model_count(b) ? -1 : 1;
	if (difference->n == 0)
		return 0;
	return model_contains(a, difference->ranges[0].lo) ? -1 : 1;
}

static int
sign(int x)
{
	return (x > 0) - (x < 0);
}

static void
check_questions(const SegmentView *a, const SegmentView *b, const Model *ma,
				const Model *mb, const Model *both, const Model *difference)
{
	for (CpuLevel level = CPU_NONE; level <= CPU_AVX512; level++)
	{
		if (segment_kernels_at(level) == NULL)
			continue;
		segment_kernels_use(level);
		REQUIRE(segment_and_count(a, b) == model_count(both));
		REQUIRE(segment_and_count(b, a) == model_count(both));
		REQUIRE(segment_overlaps(a, b) == (both->n > 0));
		REQUIRE(segment_contains_all(a, b) == (model_count(both) == model_count(mb)));
		REQUIRE(segment_contains_all(b, a) == (model_count(both) == model_count(ma)));
		REQUIRE(sign(segment_compare(a, b)) == model_compare(ma, mb, difference));
		REQUIRE(sign(segment_compare(b, a)) == model_compare(mb, ma, difference));
	}
	segment_kernels_use(CPU_AVX512);
}

/* One id: membership and rank, by all that tells them */
static void
check_id(const SegmentView *view, const Model *model, uint64_t biased)
{
	int64_t		id = segment_unbias(biased);
	bool		member = model_contains(model, biased);

	REQUIRE(segment_contains(view, id) == member);
	REQUIRE(segment_probe(fetch, (void *) view->base, view->size, id) == member);
	REQUIRE(segment_rank(view, id) == model_rank_below(model, (uint128) biased + 1));
}

/* The members from lo to hi */
static void
check_range(const SegmentView *view, const Model *model, uint64_t lo, uint64_t hi)
{
	ModelRange	range = {lo, hi};
	Model		limits = {lo <= hi, &range};
	Model		expected;
	SegmentView result;

	model_start(&expected, model->n + 1);
	model_op(SEGMENT_AND, model, &limits, &expected);
	REQUIRE(segment_range_count(view, segment_unbias(lo), segment_unbias(hi)) ==
			model_count(&expected));
	view_of(&result, segment_range(view, segment_unbias(lo), segment_unbias(hi)));
	REQUIRE(is_view(model_build(&expected), &result));
}

static void
check_places(const SegmentView *view, const Model *model)
{
	uint64_t	before = 0;
	uint64_t	count = (uint64_t) model_count(model);
	int64_t		id;

	/* both sides of some of the bounds */
	for (size_t i = 0; i < model->n; i += 1 + model->n / 16)
	{
		const ModelRange *r = &model->ranges[i];

		check_id(view, model, r->lo - 1);
		check_id(view, model, r->lo);
		check_id(view, model, r->hi);
		check_id(view, model, r->hi + 1);
		check_range(view, model, before, r->lo);
		check_range(view, model, r->lo + 1, r->hi + 2);
		before = r->hi;
	}
	for (uint64_t k = 0, step = 1 + count / 8; k < count; k += step)
	{
		REQUIRE(segment_select(view, k, &id));
		REQUIRE(segment_bias(id) == model_select(model, k));
		if (count - k < step)
			break;
	}
	REQUIRE(!segment_select(view, count, &id));
}

/* Sets and ids through an accumulator */
static void
check_acc(SegmentOp op, const SegmentView *a, const SegmentView *b, const Model *mb,
		  const Model *expected)
{
	SegmentAcc	acc;
	SegmentView result;
	bool		by_ids = b->count <= FEW_MEMBERS;

	segment_acc_start(&acc, op);
	segment_acc_add_set(&acc, a);
	for (size_t i = 0; by_ids && i < mb->n; i++)
		for (uint64_t k = 0; k <= mb->ranges[i].hi - mb->ranges[i].lo; k++)
		{
			if (segment_acc_full(&acc))
				segment_acc_flush(&acc);
			segment_acc_add_id(&acc, mb->ranges[i].hi - k);
		}
	/* what is there already changes nothing, or is undone by the next */
	segment_acc_add_set(&acc, b);
	if (op == SEGMENT_XOR && by_ids)
		segment_acc_add_set(&acc, b);
	view_of(&result, segment_acc_collapse(&acc));
	REQUIRE(is_view(model_build(expected), &result));
}

static void
check_pair(const SegmentView *a, const SegmentView *b, const Model *ma, const Model *mb)
{
	Model		result[4];

	for (SegmentOp op = SEGMENT_AND; op <= SEGMENT_ANDNOT; op++)
	{
		model_start(&result[op], ma->n + mb->n + 1);
		model_op(op, ma, mb, &result[op]);
		check_op(op, a, b, &result[op]);
	}
	check_questions(a, b, ma, mb, &result[SEGMENT_AND], &result[SEGMENT_XOR]);
	if (model_count(ma) + model_count(mb) > SEGMENT_MAX_COUNT)
		return;
	check_acc(SEGMENT_OR, a, b, mb, &result[SEGMENT_OR]);
	check_acc(SEGMENT_XOR, a, b, mb, &result[SEGMENT_XOR]);
}

#endif							/* PORTRAIT_SEGMENT_CHECKS_H */
