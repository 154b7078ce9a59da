/*
 * fuzz_tag.c
 *	  Fuzz target for tagsets.
 *
 * The first byte of an input selects what the rest is:
 *
 *	0	the bytes of a tagset behind its length word, for tagset_check()
 *	1	text, for tagset_parse()
 *	2	a recipe of two tagsets (4 bytes a value): built, united and compared
 *		in all ways, they are what a model with lists makes of them
 *	3	damage (3 bytes each, a place and what to flip there), the length of that,
 *		then a recipe: reading never leaves the bytes
 *	4	the same for the state of an aggregate
 *	5	a word: printed and read it is the same value
 *
 * all modulo 8.
 */
#include "core_standalone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tag/tagset_build.h"

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

typedef struct Input
{
	const uint8_t *data;
	size_t		size;
} Input;

static size_t
value_size(const void *value)
{
	return load32(value) >> 2;
}

/* A payload in memory of just its size, so that a step past its end is seen */
static const uint8_t *
exactly(const uint8_t *payload, size_t size)
{
	uint8_t    *copy = core_alloc(size);

	memcpy(copy, payload, size);
	return copy;
}

static void
open_value(TagsetView *view, const void *value)
{
	CoreError	error;

	REQUIRE(tagset_open(view, (const uint8_t *) value + 4, value_size(value) - 4, &error));
}

static bool
same_value(const void *a, const void *b)
{
	return value_size(a) == value_size(b) && memcmp(a, b, value_size(a)) == 0;
}

/* ---- values that are good ---- */

/* Read every way, into a new one; "good" values are found too */
static void *
copy_tagset(const TagsetView *view, bool good)
{
	TagsetBuild *build = tagset_build_new();
	TagRecord	record;
	TagRecord	found;
	TagItem		item;

	/* backwards, so that it has to be sorted */
	for (uint32_t i = view->n; i-- > 0;)
	{
		tagset_record(view, i, &record);
		if (good)
		{
			REQUIRE(tagset_lower_bound(view, record.name, record.name_length) == i);
			REQUIRE(tagset_find(view, record.name, record.name_length,
								tag_mark(record.name, record.name_length), &found));
			REQUIRE(found.name == record.name && found.end == record.end);
		}
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
			tagset_build_add(build, record.name, record.name_length, &item);
	}
	return tagset_build_finish(build);
}

static void
check_tagset(const uint8_t *payload, size_t size)
{
	TagsetView	view;
	CoreError	error = {0};
	uint8_t    *again;
	char	   *text;

	REQUIRE(tagset_check(payload, size, CORE_BAD_BINARY, &error));
	REQUIRE(tagset_open(&view, payload, size, &error));
	text = tagset_print(&view);
	again = tagset_parse(text, strlen(text), &error);
	REQUIRE(again != NULL);
	REQUIRE(value_size(again) == size + 4 && memcmp(again + 4, payload, size) == 0);
	again = copy_tagset(&view, true);
	REQUIRE(value_size(again) == size + 4 && memcmp(again + 4, payload, size) == 0);
	REQUIRE(tagset_contains(&view, &view) && tagset_overlaps(&view, &view) == (view.n > 0));
	REQUIRE(same_value(tagset_override(&view, &view), again));
}

/* ---- values that are not ---- */

static void
read_damaged(void *argument)
{
	const Input *input = argument;
	CoreError	error;
	TagsetView	view;

	if (!tagset_open(&view, input->data, input->size, &error))
		core_throw(error.code, NULL, "%s", error.message);
	tagset_print(&view);
}

static void
use_damaged(void *argument)
{
	const Input *input = argument;
	CoreError	error;
	TagsetView	view;
	TagRecord	record;

	if (!tagset_open(&view, input->data, input->size, &error))
		core_throw(error.code, NULL, "%s", error.message);
	for (uint32_t mark = 0; mark < 65536; mark += 257)
		tagset_find(&view, "a", 1, (uint16_t) mark, &record);
	tagset_lower_bound(&view, "n1", 2);
	tagset_contains(&view, &view);
	tagset_overlaps(&view, &view);
	tagset_without(&view, &(TagName){"n1", 2}, 1);
	tagset_current(&view, 5);
	tagset_override(&view, &view);
	copy_tagset(&view, false);
}

static void
fuzz_payload(const uint8_t *data, size_t size)
{
	CoreError	error = {0};
	Input		input = {exactly(data, size), size};

	if (tagset_check(input.data, size, CORE_BAD_BINARY, &error))
	{
		check_tagset(input.data, size);
		return;
	}
	REQUIRE(error.code == CORE_BAD_BINARY && error.detail[0] != '\0');
	core_try(read_damaged, &input, &error);
	core_try(use_damaged, &input, &error);
}

static void
fuzz_text(const uint8_t *data, size_t size)
{
	CoreError	error = {0};
	const char *text = (const char *) exactly(data, size);
	uint8_t    *value;

	/* as in a server, there is no zero byte */
	size = strnlen(text, size);
	value = tagset_parse(text, size, &error);
	if (value == NULL)
	{
		REQUIRE(error.code == CORE_BAD_TEXT || error.code == CORE_OUT_OF_RANGE ||
				error.code == CORE_LIMIT);
		REQUIRE(error.message[0] != '\0' && (error.detail[0] != '\0' || error.hint[0] != '\0'));
		return;
	}
	check_tagset(value + 4, value_size(value) - 4);
}

/* ---- a model: lists ---- */

#define MAX_FACTS 150

typedef struct Fact
{
	char		name[400];
	size_t		name_length;
	TagItem		item;
	uint8_t		room[TAG_PAYLOAD_ROOM];
	char		text[300];
} Fact;

typedef struct Facts
{
	size_t		n;
	Fact		facts[MAX_FACTS];
} Facts;

static void
cook_fact(Fact *fact, const uint8_t *p)
{
	memset(fact, 0, sizeof(*fact));
	fact->name_length = (size_t) snprintf(fact->name, sizeof(fact->name), p[0] & 64 ? "n%d.x" : "n%d", p[0] & 31);
	if (p[0] >= 192)
	{
		memset(fact->name, 'a' + (p[0] & 3), 200);
		fact->name_length = 64 + (p[0] & 127);
	}
	switch (p[1] % 8)
	{
		case 0:
		case 1:
			tag_set_bool(&fact->item.value, fact->room, p[1] % 8);
			break;
		case 2:
			tag_set_number(&fact->item.value, fact->room, (p[1] / 8 - 16) / 8.0);
			break;
		case 3:
			tag_set_moment(&fact->item.value, TAG_DATE, fact->room, (p[1] / 8 - 16) * TAG_USECS_PER_DAY);
			break;
		case 4:
			tag_set_moment(&fact->item.value, TAG_TIME, fact->room, p[1] / 8 - 16);
			break;
		default:
			memset(fact->text, 'x', sizeof(fact->text));
			tag_set_text(&fact->item.value, fact->text, p[1] > 200 ? p[1] : p[1] / 8 % 4);
	}
	if (p[2] & 1)
	{
		fact->item.has |= TAG_WEIGHT;
		fact->item.weight = (p[2] >> 1 & 3) / 3.0;
	}
	if (p[2] & 8)
	{
		fact->item.has |= TAG_SET_AT;
		fact->item.set_at = p[3] & 3;
	}
	if (p[2] & 16)
	{
		fact->item.has |= TAG_EXPIRES;
		fact->item.expires_at = p[3] >> 2 & 7;
	}
}

static int
compare_facts(const Fact *a, const Fact *b)
{
	int			order = tag_compare_bytes(a->name, a->name_length, b->name, b->name_length);

	return order != 0 ? order : tag_value_compare(&a->item.value, &b->item.value);
}

/* What decides between two of the same, as one number */
static double
preference(const TagItem *item)
{
	double		set_at = item->has & TAG_SET_AT ? 1 + (double) item->set_at : 0;
	double		weight = item->has & TAG_WEIGHT ? 1 + item->weight : 0;
	double		expires = item->has & TAG_EXPIRES ? (double) item->expires_at : 100;

	return set_at * 1e6 + weight * 1e3 + expires;
}

/* One more in the place where it belongs, or in place of the same */
static void
model_add(Facts *facts, const Fact *fact)
{
	size_t		at = 0;
	Fact	   *place;

	while (at < facts->n && compare_facts(&facts->facts[at], fact) < 0)
		at++;
	place = &facts->facts[at];
	if (at < facts->n && compare_facts(place, fact) == 0)
	{
		if (preference(&fact->item) <= preference(&place->item))
			return;
	}
	else
	{
		memmove(place + 1, place, (facts->n - at) * sizeof(Fact));
		facts->n++;
	}
	*place = *fact;
	for (size_t i = 0; i < facts->n; i++)
	{
		Fact	   *f = &facts->facts[i];

		f->item.value.payload = f->item.value.type == TAG_TEXT ? (uint8_t *) f->text : f->room;
	}
}

static bool
same_name(const Fact *a, const Fact *b)
{
	return a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0;
}

static const Fact *
model_find(const Facts *facts, const Fact *wanted, bool value_too)
{
	for (size_t i = 0; i < facts->n; i++)
		if (same_name(&facts->facts[i], wanted) &&
			(!value_too || compare_facts(&facts->facts[i], wanted) == 0))
			return &facts->facts[i];
	return NULL;
}

static void
put(uint8_t **p, const void *bytes, size_t n)
{
	memcpy(*p, bytes, n);
	*p += n;
}

static void
put_varint(uint8_t **p, size_t n)
{
	for (; n > 127; n >>= 7)
		*(*p)++ = (uint8_t) (n & 127) | 128;
	*(*p)++ = (uint8_t) n;
}

static void
put_item(uint8_t **p, const TagItem *item)
{
	*(*p)++ = (uint8_t) (item->value.type | item->has);
	if (item->value.type == TAG_TEXT)
		put_varint(p, item->value.length);
	put(p, item->value.payload, item->value.length);
	if (item->has & TAG_WEIGHT)
		put(p, &item->weight, 8);
	if (item->has & TAG_SET_AT)
		put(p, &item->set_at, 8);
	if (item->has & TAG_EXPIRES)
		put(p, &item->expires_at, 8);
}

/* The image as tagset.h tells it */
static uint8_t *
model_image(const Facts *facts)
{
	uint8_t    *records = core_alloc(facts->n * sizeof(Fact) + 1);
	uint8_t    *p = records;
	uint32_t   *ends = core_alloc((facts->n + 1) * 4);
	uint8_t    *marks = core_alloc(facts->n + 1);
	uint32_t	n = 0;
	size_t		size;
	size_t		width;
	uint8_t    *image;

	for (size_t i = 0, j; i < facts->n; i = j)
	{
		const Fact *fact = &facts->facts[i];
		bool		plain;

		for (j = i + 1; j < facts->n && same_name(&facts->facts[j], fact); j++)
			;
		plain = j == i + 1 && fact->item.has == 0 && fact->item.value.type == TAG_BOOL && fact->room[0];
		if (!plain)
			put_varint(&p, fact->name_length);
		put(&p, fact->name, fact->name_length);
		for (size_t k = i; k < j && !plain; k++)
			put_item(&p, &facts->facts[k].item);
		marks[n] = (uint8_t) (tag_mark(fact->name, fact->name_length) % 128 + (plain ? 128 : 0));
		ends[n++] = (uint32_t) (p - records);
	}
	size = (size_t) (p - records);
	width = size > 65535 ? 4 : size > 255 ? 2 : 1;
	/* there are at most MAX_FACTS names, so that their number takes one byte */
	image = core_alloc(7 + n * (1 + width) + size);
	store32(image, (uint32_t) (7 + n * (1 + width) + size) << 2);
	image[4] = 1;
	image[5] = (uint8_t) (16 + width);
	image[6] = (uint8_t) n;
	memcpy(image + 7, marks, n);
	for (uint32_t i = 0; i < n; i++)
		memcpy(image + 7 + n + i * width, &ends[i], width);
	memcpy(image + 7 + n * (1 + width), records, size);
	return image;
}

/* Four bytes each; facts[1] from the upper half of the inputs with bit 7 of the third byte */
static void
cook(const uint8_t *data, size_t size, Facts *facts[2], TagsetBuild *builds[2])
{
	Fact	   *fact = core_alloc(sizeof(Fact));

	for (int side = 0; side < 2; side++)
	{
		facts[side] = core_alloc(sizeof(Facts));
		facts[side]->n = 0;
		builds[side] = tagset_build_new();
	}
	for (; size >= 4; data += 4, size -= 4)
	{
		int			side = data[2] >> 7;

		if (facts[side]->n == MAX_FACTS)
			continue;
		cook_fact(fact, data);
		model_add(facts[side], fact);
		tagset_build_add(builds[side], fact->name, fact->name_length, &fact->item);
	}
}

/* The union by states: b is added to a copy of a's rows */
static void *
united(const TagsetView *a, const TagsetView *b)
{
	uint8_t    *state = tagset_state_new(TAGSET_STATE_MIN);
	const TagsetView *views[] = {a, b};
	CoreError	error;

	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < views[side]->n; i++)
		{
			TagRecord	record;
			TagItem		item;

			tagset_record(views[side], i, &record);
			for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
				 p = tag_item_next(&record, p, &item))
				state = tagset_state_add(state, record.name, record.name_length, &item);
		}
	return tagset_state_finish(state + 4, value_size(state) - 4, &error);
}

static void
fuzz_algebra(const Facts *a, const Facts *b, const TagsetView *x, const TagsetView *y)
{
	Facts	   *all = core_alloc(sizeof(Facts));
	size_t		common = 0;
	bool		same_image = true;

	for (size_t i = 0; i < a->n; i++)
		common += model_find(b, &a->facts[i], true) != NULL;
	REQUIRE(tagset_contains(x, y) == (common == b->n));
	REQUIRE(tagset_contains(y, x) == (common == a->n));
	REQUIRE(tagset_overlaps(x, y) == (common > 0));
	REQUIRE(tagset_overlaps(y, x) == (common > 0));

	*all = *b;
	for (size_t i = 0; i < a->n && all->n < MAX_FACTS; i++)
		if (model_find(b, &a->facts[i], false) == NULL)
			model_add(all, &a->facts[i]);
	same_image = all->n < MAX_FACTS;
	REQUIRE(!same_image || same_value(tagset_override(x, y), model_image(all)));

	*all = *a;
	for (size_t i = 0; i < b->n && all->n < MAX_FACTS; i++)
		model_add(all, &b->facts[i]);
	same_image = all->n < MAX_FACTS;
	REQUIRE(!same_image || same_value(united(x, y), model_image(all)));
	REQUIRE(same_value(united(x, y), united(y, x)));

	for (int64_t as_of = -1; as_of < 9; as_of++)
	{
		all->n = 0;
		for (size_t i = 0; i < a->n; i++)
			if (!(a->facts[i].item.has & TAG_EXPIRES) || a->facts[i].item.expires_at > as_of)
				model_add(all, &a->facts[i]);
		REQUIRE(same_value(tagset_current(x, as_of), model_image(all)));
	}
	if (a->n == 0)
		return;
	all->n = 0;
	for (size_t i = 0; i < a->n; i++)
		if (!same_name(&a->facts[i], &a->facts[a->n / 2]))
			model_add(all, &a->facts[i]);
	REQUIRE(same_value(tagset_without(x, &(TagName){a->facts[a->n / 2].name,
													a->facts[a->n / 2].name_length}, 1),
					   model_image(all)));
}

static void
fuzz_recipe(const uint8_t *data, size_t size)
{
	Facts	   *facts[2];
	TagsetBuild *builds[2];
	TagsetView	views[2];

	cook(data, size, facts, builds);
	for (int side = 0; side < 2; side++)
	{
		uint8_t    *value = tagset_build_finish(builds[side]);
		TagRecord	record;

		REQUIRE(same_value(value, model_image(facts[side])));
		check_tagset(value + 4, value_size(value) - 4);
		open_value(&views[side], value);
		for (int i = 0; i < 40; i++)
		{
			Fact		fact = {0};

			fact.name_length = (size_t) snprintf(fact.name, sizeof(fact.name), "n%d", i);
			REQUIRE(tagset_find(&views[side], fact.name, fact.name_length,
								tag_mark(fact.name, fact.name_length), &record) ==
					(model_find(facts[side], &fact, false) != NULL));
		}
	}
	fuzz_algebra(facts[0], facts[1], &views[0], &views[1]);
}

/* ---- damage ---- */

static void
flip(uint8_t *payload, size_t payload_size, const uint8_t *damage, size_t n)
{
	for (; n >= 3; n -= 3, damage += 3)
		if (payload_size > 0)
			payload[load16(damage) % payload_size] ^= damage[2];
}

static void
use_state(void *argument)
{
	const Input *input = argument;
	uint8_t    *state = core_alloc(input->size + 4);
	CoreError	error;
	TagItem		item = tag_plain_item;

	tagset_state_finish(input->data, input->size, &error);
	store32(state, (uint32_t) (input->size + 4) << 2);
	memcpy(state + 4, input->data, input->size);
	for (int i = 0; i < 100; i++)
		state = tagset_state_add(state, "another", 7 - (size_t) i % 3, &item);
}

static void
fuzz_damage(const uint8_t *data, size_t size, bool of_state)
{
	size_t		n = size > 0 ? data[0] % 16 * 3 : 0;
	Facts	   *facts[2];
	TagsetBuild *builds[2];
	uint8_t    *value;
	CoreError	error;

	if (size < n + 1)
		return;
	cook(data + 1 + n, size - 1 - n, facts, builds);
	if (!of_state)
	{
		value = tagset_build_finish(builds[0]);
		flip(value + 4, value_size(value) - 4, data + 1, n);
		fuzz_payload(value + 4, value_size(value) - 4);
		return;
	}
	value = tagset_state_new(TAGSET_STATE_MIN);
	for (size_t i = 0; i < facts[0]->n; i++)
		value = tagset_state_add(value, facts[0]->facts[i].name, facts[0]->facts[i].name_length,
								 &facts[0]->facts[i].item);
	flip(value + 4, value_size(value) - 4, data + 1, n);
	if (tagset_is_state(value + 4, value_size(value) - 4))
	{
		Input		input = {exactly(value + 4, value_size(value) - 4), value_size(value) - 4};

		core_try(use_state, &input, &error);
	}
}

/* ---- words ---- */

static void
fuzz_word(const uint8_t *data, size_t size)
{
	const char *word = (const char *) exactly(data, size);
	TagValue	value;
	TagValue	again;
	uint8_t		room[TAG_PAYLOAD_ROOM];
	uint8_t		again_room[TAG_PAYLOAD_ROOM];
	CoreError	error = {0};
	TextOut		out;
	TextOut		string;
	const char *p;

	size = strnlen(word, size);
	if (!tag_is_word(word, size))
	{
		REQUIRE(!tag_reads_as_text(word, size));
		tag_set_text(&value, word, size);
		if (!tag_check_text(word, size, &error))
			return;
	}
	else if (!tag_value_read(&value, room, word, size, &error))
	{
		REQUIRE(error.message[0] != '\0' && (error.hint[0] != '\0' || error.detail[0] != '\0'));
		return;
	}
	REQUIRE(tag_value_problem(&value) == NULL);
	if (value.type == TAG_NUMBER)
	{
		/* strtod() looks for an end */
		char	   *terminated = core_alloc(size + 1);

		memcpy(terminated, word, size);
		terminated[size] = '\0';
		REQUIRE(tag_number_of(tag_load_ordered(value.payload)) == strtod(terminated, NULL) + 0.0);
	}
	text_out_start(&out);
	tag_value_print(&out, &value);
	if (out.text[0] == '"')
	{
		text_out_start(&string);
		p = out.text;
		REQUIRE(tag_read_string(&p, out.text + out.length, &string) == NULL);
		REQUIRE(p == out.text + out.length && value.type == TAG_TEXT);
		tag_set_text(&again, string.text, string.length);
	}
	else
	{
		REQUIRE(tag_word_length(out.text, out.text + out.length) == out.length);
		REQUIRE(tag_value_read(&again, again_room, out.text, out.length, &error));
	}
	REQUIRE(again.type == value.type && tag_value_compare(&again, &value) == 0);
}

/* ---- the target ---- */

static void
fuzz(void *argument)
{
	const Input *input = argument;
	const uint8_t *data = input->data + 1;
	size_t		size = input->size - 1;

	switch (input->data[0] % 8)
	{
		case 0:
			fuzz_payload(data, size);
			break;
		case 1:
			fuzz_text(data, size);
			break;
		case 2:
			fuzz_recipe(data, size);
			break;
		case 3:
		case 4:
			fuzz_damage(data, size, input->data[0] % 8 == 4);
			break;
		case 5:
			fuzz_word(data, size);
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
		fprintf(stderr, "fuzz_tag.c: not to be thrown: %s\n", error.message);
		abort();
	}
	core_release_all();
	return 0;
}
