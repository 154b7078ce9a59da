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
#include "segment_checks.h"

#include "common/base64.h"

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

/* Each value has one text in base64, but for white space around it */
static void
check_base64(const char *text, size_t size, const SegmentView *view)
{
	size_t		length = core_base64_length(view->size - 4);
	char	   *again = core_alloc(length);

	core_base64_encode(view->base + 4, view->size - 4, again);
	text = memchr(text, ':', size);
	REQUIRE(memcmp(text + 1, again, length) == 0);
	core_free(again);
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
	if (memchr(data, '{', size) == NULL)
		check_base64((const char *) data, size, &view);
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

/* ---- recipes ---- */

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

	if (full_chunks(task->a) == 0 && task->a->n <= 16)
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
