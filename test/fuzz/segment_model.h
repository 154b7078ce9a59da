/*
 * segment_model.h
 *	  Sets as sorted lists of ranges, done naively, and recipes for them.
 *
 * A model is what segments are compared with.  A recipe makes two models from
 * arbitrary bytes; it is a sequence of steps, see recipe_step().  All ids are
 * biased (segment.h).
 */
#ifndef PORTRAIT_SEGMENT_MODEL_H
#define PORTRAIT_SEGMENT_MODEL_H

#include <stdlib.h>

#include "segment/segment.h"

typedef unsigned __int128 uint128;

/* Enough for a bitset, which starts to pay at 2,048 ranges */
#define MODEL_RANGES 3000

typedef struct ModelRange
{
	uint64_t	lo;
	uint64_t	hi;
} ModelRange;

typedef struct Model
{
	size_t		n;
	ModelRange *ranges;
} Model;

static inline void
model_start(Model *model, size_t room)
{
	model->n = 0;
	model->ranges = core_alloc(room * sizeof(ModelRange));
}

/* Append; false when there is no more room */
static inline bool
model_add(Model *model, uint64_t lo, uint64_t hi)
{
	if (model->n == MODEL_RANGES || lo > hi)
		return false;
	model->ranges[model->n++] = (ModelRange) {lo, hi};
	return true;
}

static inline int
compare_ranges(const void *a, const void *b)
{
	uint64_t	x = ((const ModelRange *) a)->lo;
	uint64_t	y = ((const ModelRange *) b)->lo;

	return x < y ? -1 : x > y;
}

/* Sort, join what overlaps or is adjacent */
static inline void
model_normalize(Model *model)
{
	size_t		kept = 0;

	if (model->n == 0)
		return;
	qsort(model->ranges, model->n, sizeof(ModelRange), compare_ranges);
	for (size_t i = 1; i < model->n; i++)
	{
		ModelRange *last = &model->ranges[kept];
		ModelRange	next = model->ranges[i];

		if ((uint128) next.lo > (uint128) last->hi + 1)
			model->ranges[++kept] = next;
		else if (next.hi > last->hi)
			last->hi = next.hi;
	}
	model->n = kept + 1;
}

static inline uint128
model_count(const Model *model)
{
	uint128		n = 0;

	for (size_t i = 0; i < model->n; i++)
		n += (uint128) (model->ranges[i].hi - model->ranges[i].lo) + 1;
	return n;
}

/* Number of members below an id that may be 2^64 */
static inline uint128
model_rank_below(const Model *model, uint128 id)
{
	uint128		n = 0;

	for (size_t i = 0; i < model->n && model->ranges[i].lo < id; i++)
	{
		uint128		end = (uint128) model->ranges[i].hi + 1;

		n += (end < id ? end : id) - model->ranges[i].lo;
	}
	return n;
}

static inline bool
model_contains(const Model *model, uint64_t id)
{
	return model_rank_below(model, (uint128) id + 1) > model_rank_below(model, id);
}

/* The k-th member, from 0 on; there must be one */
static inline uint64_t
model_select(const Model *model, uint64_t k)
{
	for (size_t i = 0; i < model->n; i++)
	{
		uint64_t	above_lo = model->ranges[i].hi - model->ranges[i].lo;

		if (k <= above_lo)
			return model->ranges[i].lo + k;
		k -= above_lo + 1;
	}
	abort();
}

static inline bool
op_keeps(SegmentOp op, bool in_a, bool in_b)
{
	return op == SEGMENT_AND ? in_a && in_b :
		op == SEGMENT_OR ? in_a || in_b :
		op == SEGMENT_XOR ? in_a != in_b : in_a && !in_b;
}

/* Start (even i) or end (odd i, the id behind it) of a range, or "never" */
static inline uint128
model_bound(const Model *model, size_t i)
{
	if (i >= 2 * model->n)
		return (uint128) -1;
	return i % 2 == 0 ? model->ranges[i / 2].lo : (uint128) model->ranges[i / 2].hi + 1;
}

/* The result has room for as many ranges as both operands have */
static inline void
model_op(SegmentOp op, const Model *a, const Model *b, Model *result)
{
	size_t		i = 0;
	size_t		j = 0;
	uint128		from = 0;
	bool		keeping = false;

	result->n = 0;
	while (i < 2 * a->n || j < 2 * b->n)
	{
		uint128		x = model_bound(a, i);
		uint128		y = model_bound(b, j);
		uint128		here = x < y ? x : y;
		bool		keep;

		i += x == here;
		j += y == here;
		keep = op_keeps(op, i % 2 == 1, j % 2 == 1);
		if (keep && !keeping)
			from = here;
		else if (!keep && keeping)
			result->ranges[result->n++] = (ModelRange) {(uint64_t) from, (uint64_t) (here - 1)};
		keeping = keep;
	}
}

/* The segment; throws when there are too many members */
static inline Segment *
model_build(const Model *model)
{
	SegmentBuilder builder;

	segment_build_start(&builder, false, 0, 0);
	for (size_t i = 0; i < model->n; i++)
		segment_build_range(&builder, model->ranges[i].lo, model->ranges[i].hi);
	return segment_build_finish(&builder);
}

/* ---- recipes ---- */

typedef struct Recipe
{
	const uint8_t *p;
	const uint8_t *end;
	uint64_t	pos;			/* where the next ids go */
} Recipe;

/* The next bytes as a number; zeros behind the end */
static inline uint64_t
recipe_number(Recipe *recipe, size_t bytes)
{
	uint64_t	number = 0;

	if ((size_t) (recipe->end - recipe->p) < bytes)
		bytes = recipe->end - recipe->p;
	if (bytes > 0)
		memcpy(&number, recipe->p, bytes);
	recipe->p += bytes;
	return number;
}

static inline uint64_t
recipe_random(uint64_t *state)
{
	uint64_t	z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

enum
{
	STEP_GOTO,					/* u64 */
	STEP_SKIP,					/* u16 */
	STEP_SKIP_FAR,				/* u8 (bits), u16 */
	STEP_IDS,					/* u8 (how many): that many single ids */
	STEP_RANGE,					/* u16 (length less 1) */
	STEP_LONG_RANGE,			/* u8 (bits), u16: 2^bits * u16 ids */
	STEP_PATTERN,				/* u8 (width), u8 (gap), u16 (how many) */
	STEP_FAR_PATTERN,			/* u8 (bits), u8 (how many): one per 2^bits */
	STEP_FAR_RANGES,			/* u8 (bits), u16 (how many), u8 (length less 1):
								 * one range per 2^bits */
	STEP_RANDOM,				/* u8 (bits), u16 (how many) of 2^bits */
	STEP_CHUNKS,				/* u8 (how many less 1): full chunks */
	STEP_ALIGN,					/* to the start of a chunk */
	STEP_OTHER,					/* go on with the other set */
	STEP_COPY,					/* all of the other set so far */
	STEP_END,					/* what follows is no recipe */
	STEPS
};

static inline void
recipe_patterns(Recipe *recipe, int step, Model *model)
{
	uint64_t	pos = recipe->pos;
	uint64_t	a = recipe_number(recipe, 1);
	uint64_t	b = step == STEP_PATTERN ? recipe_number(recipe, 1) : 0;
	uint64_t	n = recipe_number(recipe, step == STEP_FAR_PATTERN ? 1 : 2) % MODEL_RANGES;
	uint64_t	seed = a + n;

	for (uint64_t i = 0; i < n; i++)
	{
		if (step == STEP_PATTERN)
		{
			model_add(model, pos, pos + a);
			pos += a + 2 + b;
		}
		else if (step == STEP_FAR_PATTERN)
		{
			model_add(model, pos, pos);
			pos += UINT64_C(1) << (a % 64);
		}
		else
		{
			uint64_t	id = pos + (recipe_random(&seed) >> (a % 64));

			model_add(model, id, id);
		}
	}
	recipe->pos = pos;
}

static inline void
recipe_far_ranges(Recipe *recipe, Model *model)
{
	uint64_t	bits = recipe_number(recipe, 1) % 64;
	uint64_t	n = recipe_number(recipe, 2) % MODEL_RANGES;
	uint64_t	length = recipe_number(recipe, 1);

	for (; n > 0; n--, recipe->pos += UINT64_C(1) << bits)
		model_add(model, recipe->pos, recipe->pos + length);
}

static inline void
recipe_ranges(Recipe *recipe, int step, Model *model)
{
	uint64_t	n;

	if (step == STEP_LONG_RANGE)
	{
		n = recipe_number(recipe, 1) % 64;
		n = recipe_number(recipe, 2) << n;
	}
	else if (step == STEP_CHUNKS)
	{
		recipe->pos = (recipe->pos + 0xFFFF) & ~UINT64_C(0xFFFF);
		n = (recipe_number(recipe, 1) + 1) << SEGMENT_CHUNK_BITS;
	}
	else
		n = recipe_number(recipe, 2) + 1;
	model_add(model, recipe->pos, recipe->pos + n - 1);
	recipe->pos += n;
}

/* One step for one set; false at the end */
static inline bool
recipe_step(Recipe *recipe, Model *model, const Model *other, bool *switch_set)
{
	int			step = (int) (recipe_number(recipe, 1) % STEPS);
	uint64_t	n;

	switch (step)
	{
		case STEP_GOTO:
			recipe->pos = recipe_number(recipe, 8);
			break;
		case STEP_SKIP:
			recipe->pos += recipe_number(recipe, 2);
			break;
		case STEP_SKIP_FAR:
			n = recipe_number(recipe, 1) % 64;
			recipe->pos += recipe_number(recipe, 2) << n;
			break;
		case STEP_IDS:
			for (n = recipe_number(recipe, 1); n > 0; n--, recipe->pos += 2)
				model_add(model, recipe->pos, recipe->pos);
			break;
		case STEP_RANGE:
		case STEP_LONG_RANGE:
		case STEP_CHUNKS:
			recipe_ranges(recipe, step, model);
			break;
		case STEP_PATTERN:
		case STEP_FAR_PATTERN:
		case STEP_RANDOM:
			recipe_patterns(recipe, step, model);
			break;
		case STEP_FAR_RANGES:
			recipe_far_ranges(recipe, model);
			break;
		case STEP_ALIGN:
			recipe->pos = (recipe->pos + 0xFFFF) & ~UINT64_C(0xFFFF);
			break;
		case STEP_OTHER:
			*switch_set = !*switch_set;
			break;
		case STEP_COPY:
			for (size_t i = 0; i < other->n; i++)
				model_add(model, other->ranges[i].lo, other->ranges[i].hi);
			break;
		default:
			return false;
	}
	return recipe->p < recipe->end;
}

/* Two models, in the order of the recipe; returns where it ends */
static inline const uint8_t *
recipe_cook(const uint8_t *data, size_t size, Model *a, Model *b)
{
	Recipe		recipe = {data, data + size, segment_bias(0)};
	bool		second = false;

	model_start(a, MODEL_RANGES);
	model_start(b, MODEL_RANGES);
	while (recipe_step(&recipe, second ? b : a, second ? a : b, &second))
		;
	return recipe.p;
}

#endif							/* PORTRAIT_SEGMENT_MODEL_H */
