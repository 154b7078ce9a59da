/*
 * fuzz_segment.c
 *	  Fuzz target for the type segment.
 *
 * The lower half of the first byte of an input selects what the rest is:
 *
 *	0	the bytes of a value behind its length word, for segment_check()
 *	1	text, for segment_parse()
 *	2	a byte that selects 0, 32 or 64 bits, and a Roaring bitmap
 *	3	a recipe for two sets (segment_model.h): all there is to do with them
 *		is compared with the model
 *	4	a recipe, then damage done to the stored bytes of the first set: three
 *		bytes each, a place and what to flip there
 *	5	the same for the Roaring form
 *
 * The upper half selects the kernels, but in 3, which goes through all.
 */
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
			fail(__LINE__, #condition); \
	} while (0)

static void
fail(int line, const char *what)
{
	fprintf(stderr, "fuzz_segment.c:%d: not so: %s\n", line, what);
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

/* A sample, and parts: complete, disjoint, and the same again */
static void
check_random(const SegmentView *view)
{
	static const double weights[3] = {1, 0, 2.5};
	Segment    *sample = segment_sample(view, view->count / 3, "seed", 4);
	Segment    *arms[3];
	SegmentView v[3];
	SegmentView s;
	Segment    *all;

	view_of(&s, sample);
	REQUIRE(s.count == view->count / 3);
	REQUIRE(segment_contains_all(view, &s));
	require_view(segment_sample(view, view->count / 3, "seed", 4), &s);
	core_free(sample);
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

/* ---- bytes from outside ---- */

static void
fuzz_bytes(const uint8_t *data, size_t size)
{
	uint8_t    *value = core_alloc(size + 4);
	CoreError	error;
	SegmentView view;

	segment_set_size(value, size + 4);
	if (size > 0)
		memcpy(value + 4, data, size);
	if (segment_check(value, size + 4, &error))
	{
		segment_open(&view, value, size + 4);
		check_value(&view);
	}
	else
		REQUIRE(error.code == CORE_BAD_BINARY && error.detail[0] != '\0');
}

static void
fuzz_text(const uint8_t *data, size_t size)
{
	CoreError	error;
	Segment    *segment = segment_parse((const char *) data, size, &error);
	SegmentView view;

	if (segment == NULL)
	{
		REQUIRE(error.code == CORE_BAD_TEXT || error.code == CORE_OUT_OF_RANGE ||
				error.code == CORE_LIMIT);
		REQUIRE(error.message[0] != '\0');
		return;
	}
	REQUIRE(segment_check(segment, segment_size(segment), &error));
	view_of(&view, segment);
	check_value(&view);
}

static void
fuzz_roaring(const uint8_t *data, size_t size, int bits)
{
	CoreError	error;
	CoreError	error32;
	CoreError	error64;
	Segment    *any = segment_from_roaring(data, size, bits, &error);
	Segment    *of_32 = segment_from_roaring(data, size, 32, &error32);
	Segment    *of_64 = segment_from_roaring(data, size, 64, &error64);
	SegmentView view;

	/* never both */
	REQUIRE(of_32 == NULL || of_64 == NULL);
	if (bits == 0)
		REQUIRE((any != NULL) == (of_32 != NULL || of_64 != NULL));
	if (any == NULL)
	{
		REQUIRE(error.code == CORE_BAD_BINARY || error.code == CORE_OUT_OF_RANGE);
		return;
	}
	REQUIRE(same_bytes(any, of_32 != NULL ? of_32 : of_64));
	REQUIRE(segment_check(any, segment_size(any), &error));
	view_of(&view, any);
	check_value(&view);
}

/* ---- recipes: everything compared with the model ---- */

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

/* Build; NULL when there are too many members */
static Segment *
build(const Model *model)
{
	Task		task = {.run = task_build,.model = model};
	CoreError	error;

	if (core_try(run_task, &task, &error))
	{
		REQUIRE(model_count(model) <= SEGMENT_MAX_COUNT);
		REQUIRE(segment_check(task.result, segment_size(task.result), &error));
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

	model_start(&expected);
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

	/* both sides of up to 8 of the bounds */
	for (size_t i = 0; i < model->n; i += 1 + model->n / 8)
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
		model_start(&result[op]);
		model_op(op, ma, mb, &result[op]);
		check_op(op, a, b, &result[op]);
	}
	check_questions(a, b, ma, mb, &result[SEGMENT_AND], &result[SEGMENT_XOR]);
	if (model_count(ma) + model_count(mb) > SEGMENT_MAX_COUNT)
		return;
	check_acc(SEGMENT_OR, a, b, mb, &result[SEGMENT_OR]);
	check_acc(SEGMENT_XOR, a, b, mb, &result[SEGMENT_XOR]);
}

/* The ranges of a recipe in its order, with some white space */
static char *
print_model(const Model *model)
{
	char	   *text = core_alloc(model->n * 48 + 3);
	char	   *p = text;

	*p++ = '{';
	for (size_t i = 0; i < model->n; i++)
	{
		long long	lo = segment_unbias(model->ranges[i].lo);
		long long	hi = segment_unbias(model->ranges[i].hi);

		p += sprintf(p, i == 0 ? "" : i % 3 == 0 ? " ,\n" : ",");
		if (lo == hi && i % 2 == 0)
			p += sprintf(p, i % 4 == 0 && lo >= 0 ? "+%lld" : "%lld", lo);
		else
			p += sprintf(p, i % 3 == 1 ? "%lld - %lld" : "%lld-%lld", lo, hi);
	}
	strcpy(p, "}");
	return text;
}

/* From the text of an unsorted model; NULL when there are too many members */
static Segment *
parse_model(Model *model)
{
	char	   *text = print_model(model);
	CoreError	error;
	Segment    *parsed = segment_parse(text, strlen(text), &error);
	Segment    *built;

	model_normalize(model);
	built = build(model);
	if (built == NULL)
		REQUIRE(parsed == NULL && error.code == CORE_LIMIT);
	else
		REQUIRE(parsed != NULL && same_bytes(parsed, built));
	return built;
}

static void
fuzz_recipe(const uint8_t *data, size_t size)
{
	Model		ma;
	Model		mb;
	Segment    *a;
	Segment    *b;
	SegmentView va;
	SegmentView vb;

	recipe_cook(data, size, &ma, &mb);
	a = parse_model(&ma);
	b = parse_model(&mb);
	if (a == NULL || b == NULL)
		return;
	view_of(&va, a);
	view_of(&vb, b);
	require_model(&va, &ma);
	require_model(&vb, &mb);
	check_value(&va);
	check_places(&va, &ma);
	check_pair(&va, &vb, &ma, &mb);
}

/* ---- damaged bytes: errors, but nothing worse ---- */

static void
task_members(Task *task)
{
	SegmentIter iter;
	SegmentRanges ranges;
	uint64_t	ids[SEGMENT_ITER_IDS];
	uint64_t	lo;
	uint64_t	hi;

	segment_iter_start(&iter, task->a);
	for (int i = 0; i < 100 && segment_iter_next(&iter, ids) > 0; i++)
		;
	segment_ranges_start(&ranges, task->a);
	while (segment_ranges_next(&ranges, &lo, &hi))
		;
}

static void
task_print(Task *task)
{
	core_free(segment_print(task->a));
}

static void
task_roaring(Task *task)
{
	CoreError	error;
	size_t		size;

	if (full_chunks(task->a) <= FEW_CHUNKS)
		segment_to_roaring(task->a, (int) task->number, 4, &size, &error);
}

static void
task_questions(Task *task)
{
	segment_and_count(task->a, task->b);
	segment_overlaps(task->a, task->b);
	segment_contains_all(task->a, task->b);
	segment_compare(task->a, task->b);
}

static void
task_id(Task *task)
{
	segment_contains(task->a, segment_unbias(task->number));
	segment_rank(task->a, segment_unbias(task->number));
}

static void
task_probe(Task *task)
{
	segment_probe(fetch, (void *) task->a->base, task->a->size,
				  segment_unbias(task->number));
}

static void
task_select(Task *task)
{
	int64_t		id;

	segment_select(task->a, task->number, &id);
}

static void
task_slice(Task *task)
{
	segment_slice(task->a, task->number, 100);
}

static void
task_range(Task *task)
{
	segment_range(task->a, segment_unbias(task->number), INT64_MAX);
}

static void
task_sample(Task *task)
{
	segment_sample(task->a, task->a->count < 20 ? task->a->count / 2 : 10, "s", 1);
}

static void
task_split(Task *task)
{
	static const double weights[2] = {1, 1};
	Segment    *arms[2];

	if (full_chunks(task->a) < 4)
		segment_split(task->a, weights, 2, "s", 1, arms);
}

static void
task_acc(Task *task)
{
	SegmentAcc	acc;

	segment_acc_start(&acc, SEGMENT_XOR);
	segment_acc_add_set(&acc, task->a);
	segment_acc_add_set(&acc, task->b);
	segment_acc_add_set(&acc, task->b);
	segment_acc_collapse(&acc);
}

static void
try_task(Task task, void (*run) (Task *))
{
	CoreError	error;

	task.run = run;
	if (!core_try(run_task, &task, &error))
		REQUIRE(error.code == CORE_CORRUPT || error.code == CORE_LIMIT);
}

static void
try_all(const SegmentView *a, const SegmentView *b)
{
	Task		task = {.a = a,.b = b};

	try_task(task, task_members);
	try_task(task, task_print);
	try_task(task, task_questions);
	try_task(task, task_sample);
	try_task(task, task_split);
	try_task(task, task_acc);
	for (int op = SEGMENT_AND; op <= SEGMENT_ANDNOT; op++)
	{
		task.op = op;
		task.loose = false;
		try_task(task, task_op);
		task.loose = true;
		try_task(task, task_op);
	}
	for (int i = 0; i < 8; i++)
	{
		task.number = a->count / 7 * i;
		try_task(task, task_select);
		try_task(task, task_slice);
		task.number = a->min + (a->max - a->min) / 7 * i;
		try_task(task, task_id);
		try_task(task, task_probe);
		try_task(task, task_range);
	}
	task.number = 32;
	try_task(task, task_roaring);
	task.number = 64;
	try_task(task, task_roaring);
}

/* Flip bytes of a value: the places are in its first 64 kB */
static void
do_damage(uint8_t *value, size_t size, const uint8_t *data, const uint8_t *end)
{
	for (; size > 0 && end - data >= 3; data += 3)
		value[load16(data) % size] ^= data[2];
}

static void
fuzz_damaged(const uint8_t *data, size_t size)
{
	Model		ma;
	Model		mb;
	const uint8_t *damage = recipe_cook(data, size, &ma, &mb);
	Segment    *a;
	Segment    *b;
	uint8_t    *exact;
	size_t		n;
	SegmentView va;
	SegmentView vb;

	model_normalize(&ma);
	model_normalize(&mb);
	a = build(&ma);
	b = build(&mb);
	if (a == NULL || b == NULL)
		return;
	/* values have no byte to spare behind them */
	n = segment_size(a);
	exact = core_alloc(n);
	memcpy(exact, a, n);
	do_damage(exact + 4, n - 4, damage, data + size);
	fuzz_bytes(exact + 4, n - 4);
	if (segment_try_open(&va, exact, n) != NULL)
		return;
	view_of(&vb, b);
	try_all(&va, &vb);
	try_all(&vb, &va);
	try_all(&va, &va);
}

static void
fuzz_damaged_roaring(const uint8_t *data, size_t size)
{
	Model		ma;
	Model		mb;
	const uint8_t *damage = recipe_cook(data, size, &ma, &mb);
	Segment    *a;
	SegmentView view;
	CoreError	error;

	model_normalize(&ma);
	a = build(&ma);
	if (a == NULL)
		return;
	view_of(&view, a);
	if (full_chunks(&view) > FEW_CHUNKS)
		return;
	for (int bits = 32; bits <= 64; bits += 32)
	{
		size_t		n;
		uint8_t    *bytes = segment_to_roaring(&view, bits, 0, &n, &error);

		if (bytes == NULL)
			continue;
		do_damage(bytes, n, damage, data + size);
		fuzz_roaring(bytes, n, 0);
		fuzz_roaring(bytes, n, bits);
	}
}

/* ---- the target ---- */

typedef struct Input
{
	const uint8_t *data;
	size_t		size;
} Input;

static void
fuzz(void *argument)
{
	static const int bits[3] = {0, 32, 64};
	const Input *input = argument;
	const uint8_t *data = input->data + 1;
	size_t		size = input->size - 1;

	segment_kernels_use((CpuLevel) ((input->data[0] >> 4) % 3));
	switch ((input->data[0] & 15) % 6)
	{
		case 0:
			fuzz_bytes(data, size);
			break;
		case 1:
			fuzz_text(data, size);
			break;
		case 2:
			if (size > 0)
				fuzz_roaring(data + 1, size - 1, bits[data[0] % 3]);
			break;
		case 3:
			fuzz_recipe(data, size);
			break;
		case 4:
			fuzz_damaged(data, size);
			break;
		default:
			fuzz_damaged_roaring(data, size);
			break;
	}
}

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	CoreError	error;

	if (size == 0)
		return 0;
	if (!core_try(fuzz, &input, &error))
	{
		fprintf(stderr, "fuzz_segment.c: not to be thrown: %s\n", error.message);
		abort();
	}
	core_release_all();
	return 0;
}
