/*
 * fuzz_tagquery_set.c
 *	  Fuzz target for compiled sets of rules.
 *
 * The first byte of an input selects what the rest is:
 *
 *	0	the binary form of a set, for tagquery_set_read()
 *	1	texts with bytes of zero between them, of a tagset and of rules: compiled,
 *		they are found as matching one after the other finds them
 *	2	a number of damages, three bytes each (a place and what to flip there),
 *		and the same: reading never leaves the bytes
 */
#include "core_standalone.h"

#include <stdio.h>
#include <stdlib.h>

#include "tag/tagquery_set.h"

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#define MAX_RULES 64

typedef struct Input
{
	const uint8_t *data;
	size_t		size;
} Input;

/* A tagset, rules, and the set of these; payloads without length words */
typedef struct Recipe
{
	TagsetView	tags;
	TagquerySetRow rows[MAX_RULES];
	size_t		n;
	uint8_t    *value;
} Recipe;

static size_t
payload_size(const void *value)
{
	return (load32(value) >> 2) - 4;
}

/* A payload in memory of just its size, so that a step past its end is seen */
static const uint8_t *
exactly(const void *payload, size_t size)
{
	uint8_t    *copy = core_alloc(size);

	memcpy(copy, payload, size);
	return copy;
}

/* ---- good sets ---- */

/* Which ids match, by looking at each rule; ascending, without doubles */
static size_t
match_each(const TagquerySetView *set, const TagsetView *tags, int64_t *ids)
{
	TagquerySetRule rule = {0};
	size_t		n = 0;
	uint32_t	place = 0;

	for (uint32_t i = 0; i < set->n; i++)
	{
		TagquerySetRow row;
		TagqueryView view;
		CoreError	error;

		place = tagquery_set_next(set, place, &row, &rule);
		REQUIRE(tagquery_check(row.rule, row.rule_size, CORE_CORRUPT, &error));
		REQUIRE(tagquery_open(&view, row.rule, row.rule_size, &error));
		if (tagquery_match(&view, tags, TAG_NEVER_EXPIRED) && (n == 0 || ids[n - 1] != row.id))
			ids[n++] = row.id;
	}
	REQUIRE(place == set->records_size);
	return n;
}

/* What holds of every good value */
static void
check_set(const void *value, const TagsetView *tags)
{
	size_t		size = payload_size(value);
	const uint8_t *payload = exactly((const uint8_t *) value + 4, size);
	TagquerySetView set;
	TagquerySetSearch *search = core_alloc(sizeof(TagquerySetSearch));
	CoreError	error;
	int64_t    *ids;
	size_t		n;
	char	   *text;
	void	   *again;

	tagquery_set_open(&set, payload, size);
	ids = core_alloc((size_t) set.n * sizeof(int64_t) + 1);
	n = match_each(&set, tags, ids);
	memset(search, 0, sizeof(*search));
	for (int i = 0; i < 2; i++)
	{
		tagquery_set_percolate(&set, tags, search);
		REQUIRE(search->nids == n && (n == 0 || memcmp(search->ids, ids, n * sizeof(int64_t)) == 0));
	}
	text = tagquery_set_print(&set);
	again = tagquery_set_parse(text, strlen(text), tagquery_check, &error);
	REQUIRE(again != NULL && payload_size(again) == size &&
			memcmp((uint8_t *) again + 4, payload, size) == 0);
}

static void
fuzz_binary(const uint8_t *data, size_t size)
{
	const char	text[] = "vip, age=34, city=x, interest.sport=>0.5, b=false";
	CoreError	error;
	uint8_t    *tags = tagset_parse(text, strlen(text), &error);
	void	   *value = tagquery_set_read(exactly(data, size), size, tagquery_check,
										  CORE_BAD_BINARY, &error);
	TagsetView	view;

	REQUIRE(tagset_open(&view, tags + 4, payload_size(tags), &error));
	if (value != NULL)
		check_set(value, &view);
	else
		REQUIRE(error.code == CORE_BAD_BINARY && error.detail[0] != '\0');
}

/* ---- recipes ---- */

/* Up to the next byte of zero */
static const char *
next_text(Input *input, size_t *length)
{
	const char *text = (const char *) input->data;
	const uint8_t *end = input->size ? memchr(input->data, 0, input->size) : NULL;

	*length = end ? (size_t) (end - input->data) : input->size;
	input->data += *length + (end != NULL);
	input->size -= *length + (end != NULL);
	return text;
}

/* False when there is no tagset, or no rule */
static bool
compile(Recipe *recipe, Input input)
{
	CoreError	error;
	size_t		length;
	const char *text = next_text(&input, &length);
	uint8_t    *value = tagset_parse(text, length, &error);

	recipe->n = 0;
	if (value == NULL)
		return false;
	REQUIRE(tagset_open(&recipe->tags, exactly(value + 4, payload_size(value)),
						payload_size(value), &error));
	while (input.size > 0 && recipe->n < MAX_RULES)
	{
		TagquerySetRow *row = &recipe->rows[recipe->n];

		text = next_text(&input, &length);
		value = tagquery_parse(text, length, &error);
		if (value == NULL)
			continue;
		row->rule_size = (uint32_t) payload_size(value);
		row->rule = exactly(value + 4, row->rule_size);
		/* some ids have several rules, some are below 0 */
		row->id = (int64_t) (recipe->n * 7 % 11) - 3;
		recipe->n++;
	}
	if (recipe->n == 0)
		return false;
	recipe->value = tagquery_set_make(recipe->rows, recipe->n);
	return true;
}

static void
fuzz_rules(Input input)
{
	Recipe		recipe;
	void	   *again;

	if (!compile(&recipe, input))
		return;
	check_set(recipe.value, &recipe.tags);
	/* rows are sorted by now: backwards they give the same */
	for (size_t i = 0; i < recipe.n / 2; i++)
	{
		TagquerySetRow row = recipe.rows[i];

		recipe.rows[i] = recipe.rows[recipe.n - 1 - i];
		recipe.rows[recipe.n - 1 - i] = row;
	}
	again = tagquery_set_make(recipe.rows, recipe.n);
	REQUIRE(payload_size(again) == payload_size(recipe.value) &&
			memcmp(again, recipe.value, payload_size(again) + 4) == 0);
}

/* ---- damage ---- */

typedef struct Damaged
{
	const uint8_t *payload;
	size_t		size;
	const TagsetView *tags;
} Damaged;

static void
percolate_damaged(void *argument)
{
	Damaged    *damaged = argument;
	TagquerySetView set;
	TagquerySetSearch *search = core_alloc(sizeof(TagquerySetSearch));

	memset(search, 0, sizeof(*search));
	tagquery_set_open(&set, damaged->payload, damaged->size);
	tagquery_set_percolate(&set, damaged->tags, search);
	tagquery_set_percolate(&set, damaged->tags, search);
}

static void
read_damaged(void *argument)
{
	Damaged    *damaged = argument;
	TagquerySetView set;
	TagquerySetRule rule = {0};
	TagquerySetRow row;

	tagquery_set_open(&set, damaged->payload, damaged->size);
	for (uint32_t place = 0; place < set.records_size;)
		place = tagquery_set_next(&set, place, &row, &rule);
	tagquery_set_print(&set);
}

static void
fuzz_damage(Input input)
{
	Recipe		recipe;
	Damaged		damaged;
	CoreError	error;
	uint8_t    *bytes;
	const uint8_t *damage;
	size_t		n;

	if (input.size == 0 || (n = input.data[0] % 16) * 3 + 1 > input.size)
		return;
	damage = input.data + 1;
	input.data += 1 + n * 3;
	input.size -= 1 + n * 3;
	if (!compile(&recipe, input))
		return;
	damaged.size = payload_size(recipe.value);
	damaged.tags = &recipe.tags;
	damaged.payload = bytes = (uint8_t *) exactly(recipe.value + 4, damaged.size);
	for (size_t i = 0; i < n; i++)
		bytes[load16(damage + 3 * i) % damaged.size] ^= damage[3 * i + 2];
	if (!core_try(percolate_damaged, &damaged, &error))
		REQUIRE(error.code == CORE_CORRUPT || error.code == CORE_LIMIT);
	if (!core_try(read_damaged, &damaged, &error))
		REQUIRE(error.code == CORE_CORRUPT || error.code == CORE_LIMIT);
}

/* ---- the target ---- */

static void
fuzz(void *argument)
{
	Input		input = *(Input *) argument;
	uint8_t		what = input.data[0];

	input.data++;
	input.size--;
	switch (what % 4)
	{
		case 0:
			fuzz_binary(input.data, input.size);
			break;
		case 1:
			fuzz_rules(input);
			break;
		case 2:
			fuzz_damage(input);
			break;
		default:
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
		fprintf(stderr, "fuzz_tagquery_set.c: not to be thrown: %s\n", error.message);
		abort();
	}
	core_release_all();
	return 0;
}
