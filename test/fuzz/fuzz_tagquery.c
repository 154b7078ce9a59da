/*
 * fuzz_tagquery.c
 *	  Fuzz target for rules.
 *
 * The first byte of an input selects what the rest is:
 *
 *	0	the bytes of a rule behind its length word, for tagquery_check()
 *	1	the text of a rule, a byte of zero, and eight bytes of a time to bind it at
 *	2	the text of a rule, a byte of zero, the text of another, a byte of zero,
 *		the text of a tagset: what matches is what a slow model says, and what
 *		follows from it for negations and groups
 *	3	the same, and damage to the first rule: three bytes each, a place and
 *		what to flip there, behind another byte of zero
 */
#include "core_standalone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/civil.h"
#include "tag/tag_tree.h"
#include "tag/tagquery_bind.h"
#include "tag/tagquery_json.h"
#include "tag/tagset_build.h"

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* A rule or a tagset: behind the length word, of just its size */
typedef struct Bytes
{
	uint8_t    *data;
	size_t		size;
} Bytes;

static Bytes
exact_bytes(const uint8_t *data, size_t size)
{
	Bytes		bytes = {core_alloc(size), size};

	if (size > 0)
		memcpy(bytes.data, data, size);
	return bytes;
}

/* Of a value with a length word */
static Bytes
payload_of(uint8_t *value)
{
	Bytes		bytes = exact_bytes(value + 4, (load32(value) >> 2) - 4);

	core_free(value);
	return bytes;
}

static bool
same(Bytes a, Bytes b)
{
	return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static TagqueryView
open_rule(Bytes rule)
{
	TagqueryView view;
	CoreError	error;

	REQUIRE(tagquery_open(&view, rule.data, rule.size, &error));
	return view;
}

/* ---- one rule ---- */

static Bytes
finish(TagTree *tree)
{
	CoreError	error;
	void	   *value = tag_tree_finish(tree, &error);

	if (value == NULL)
	{
		REQUIRE(error.code == CORE_LIMIT);
		return (Bytes) {NULL, 0};
	}
	return payload_of(value);
}

static TagTree *
tree_of(Bytes rule)
{
	TagqueryView view = open_rule(rule);

	return tag_tree_read(view.root, view.end);
}

/* Of a rule or two; what is too large or too deep gives no data */
static Bytes
negated(Bytes rule)
{
	return finish(tag_tree_not(tree_of(rule)));
}

static Bytes
joined(TagNodeKind kind, Bytes a, Bytes b)
{
	TagTree    *group = tag_tree_group(kind, 0);

	tag_tree_add(group, tree_of(a));
	tag_tree_add(group, tree_of(b));
	return finish(group);
}

/* A zone eight hours east, whose clocks lost three of them at the start of 2010 */
#define CLOCKS_BACK INT64_C(315532800000000)
#define HOURS(n) ((n) * INT64_C(3600000000))

static int64_t
zone_wall(void *context, int64_t moment)
{
	return moment + HOURS(moment < CLOCKS_BACK ? 8 : 5);
}

static int64_t
zone_moment(void *context, int64_t wall)
{
	return wall - HOURS(wall < CLOCKS_BACK + HOURS(8) ? 8 : 5);
}

static const TagZone zone = {zone_wall, zone_moment, NULL};

/* The rule at a time: bound, good, and nothing is left to bind */
static void
check_bound(Bytes rule, int64_t as_of)
{
	TagqueryView view = open_rule(rule);
	CoreError	error;
	void	   *value = tagquery_bind(&view, as_of, &zone, &error);
	Bytes		bound;

	REQUIRE(value != NULL || error.code == CORE_LIMIT);
	if (value == NULL)
		return;
	bound = payload_of(value);
	REQUIRE(tagquery_check(bound.data, bound.size, CORE_BAD_BINARY, &error));
	REQUIRE((view.unbound & TAGQUERY_TIME) || same(bound, rule));
	view = open_rule(bound);
	REQUIRE(!(view.unbound & TAGQUERY_TIME));
	REQUIRE(same(payload_of(tagquery_bind(&view, as_of, &zone, &error)), bound));
}

/* Brackets and quotes of the JSON of a rule are in pairs */
static void
check_json(Bytes rule)
{
	TagqueryView view = open_rule(rule);
	TextOut		out;
	int64_t		open = 0;
	bool		quoted = false;

	text_out_start(&out);
	tagquery_json_print(&out, &view);
	for (size_t i = 0; i < out.length; i++)
	{
		char		c = out.text[i];

		REQUIRE((unsigned char) c >= ' ');
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted)
			open += (c == '{' || c == '[') - (c == '}' || c == ']');
	}
	REQUIRE(open == 0 && !quoted);
}

/* What holds of every good rule */
static void
check_rule(Bytes rule)
{
	CoreError	error;
	TagqueryView view = open_rule(rule);
	char	   *text = tagquery_print(&view);
	void	   *again = tagquery_parse(text, strlen(text), &error);

	REQUIRE(tagquery_check(rule.data, rule.size, CORE_BAD_BINARY, &error));
	REQUIRE(again != NULL && same(payload_of(again), rule));
	REQUIRE(same(negated(negated(rule)), rule));
	REQUIRE(same(joined(TAG_AND, rule, rule), rule));
	REQUIRE(same(joined(TAG_OR, rule, rule), rule));
	check_bound(rule, INT64_C(841536000000000));
	check_json(rule);
}

static void
fuzz_bytes(const uint8_t *data, size_t size)
{
	Bytes		rule = exact_bytes(data, size);
	CoreError	error = {0};

	if (tagquery_check(rule.data, rule.size, CORE_BAD_BINARY, &error))
		check_rule(rule);
	else
		REQUIRE(error.code == CORE_BAD_BINARY && error.message[0] != '\0');
}

/* NULL data when it is no rule */
static Bytes
parse(const uint8_t *text, size_t length)
{
	CoreError	error = {0};
	void	   *value = tagquery_parse((const char *) text, length, &error);

	if (value != NULL)
		return payload_of(value);
	REQUIRE((error.code == CORE_BAD_TEXT && error.detail[0] != '\0') ||
			error.code == CORE_OUT_OF_RANGE || error.code == CORE_LIMIT);
	REQUIRE(error.message[0] != '\0');
	return (Bytes) {NULL, 0};
}

static void
fuzz_text(const uint8_t *data, size_t size)
{
	/* texts of a server end at a byte of zero */
	size_t		length = strnlen((const char *) data, size);
	Bytes		rule = parse(data, length);
	int64_t		range = TAG_MOMENT_MAX - TAG_MOMENT_MIN + 1;

	if (rule.data == NULL)
		return;
	check_rule(rule);
	if (size >= length + 9)
		check_bound(rule, TAG_MOMENT_MIN + (int64_t) (load64(data + length + 1) % (uint64_t) range));
}

/* ---- matching, slowly: every tag and every value is looked at ---- */

typedef struct Model
{
	TagsetView	tags;
	int64_t		as_of;
	bool		unsure;			/* a decayed weight is too near to a bound */
} Model;

/* Two values of one class: below, at or above 0 */
static int
model_compare(const TagValue *a, const TagValue *b)
{
	double		x;
	double		y;

	switch (tag_value_class(a->type))
	{
		case TAG_NUMBER:
			x = tag_number_of(tag_load_ordered(a->payload));
			y = tag_number_of(tag_load_ordered(b->payload));
			return (x > y) - (x < y);
		case TAG_TIME:
			{
				int64_t		s = tag_moment_of(tag_load_ordered(a->payload));
				int64_t		t = tag_moment_of(tag_load_ordered(b->payload));

				return (s > t) - (s < t);
			}
		default:
			return tag_compare_bytes(a->payload, a->length, b->payload, b->length);
	}
}

static bool
same_class(const TagValue *a, const TagValue *b)
{
	return tag_value_class(a->type) == tag_value_class(b->type);
}

static bool
model_between(const TagNode *node, const TagValue *value)
{
	uint8_t		b = node->bounds;

	if (((b & TAG_LOW) && !same_class(value, &node->low)) ||
		((b & TAG_HIGH) && !same_class(value, &node->high)))
		return false;
	if ((b & TAG_LOW) && model_compare(value, &node->low) < !!(b & TAG_LOW_OPEN))
		return false;
	return !(b & TAG_HIGH) || model_compare(value, &node->high) <= -!!(b & TAG_HIGH_OPEN);
}

static bool
model_anniversary(const TagNode *node, const TagValue *value)
{
	double		low = tag_number_of(tag_load_ordered(node->low.payload));
	double		high = tag_number_of(tag_load_ordered(node->high.payload));
	int64_t		usecs = tag_moment_of(tag_load_ordered(value->payload));
	int64_t		day = 0;
	int64_t		year;
	int			month;
	int			mday;

	/* the day that the moment is in, by looking for it from a day before */
	day = usecs / TAG_USECS_PER_DAY - 1;
	while ((day + 1) * TAG_USECS_PER_DAY <= usecs)
		day++;
	day_to_civil(day, &year, &month, &mday);
	for (double d = low;; d = d == 1231 ? 101 : d + 1)
	{
		if (d == month * 100 + mday)
			return true;
		if (d == high)
			return false;
	}
}

static bool
near_to(const TagNode *node, uint8_t bound, const TagValue *value, double weight)
{
	return (node->bounds & bound) &&
		fabs(tag_number_of(tag_load_ordered(value->payload)) - weight) < 1e-12;
}

static bool
model_decay(Model *m, const TagNode *node, const TagItem *item)
{
	uint8_t		room[TAG_PAYLOAD_ROOM];
	TagValue	value;
	double		age = (double) node->as_of - (double) item->set_at;
	double		weight = item->weight * pow(0.5, age > 0 ? age / (double) node->half_life : 0);

	m->unsure |= near_to(node, TAG_LOW, &node->low, weight) ||
		near_to(node, TAG_HIGH, &node->high, weight);
	tag_set_number(&value, room, weight);
	return model_between(node, &value);
}

static bool
model_range(Model *m, const TagNode *node, const TagItem *item)
{
	uint8_t		room[TAG_PAYLOAD_ROOM];
	TagValue	value = item->value;

	switch (node->source)
	{
		case TAG_BY_VALUE:
			return model_between(node, &value);
		case TAG_BY_DATE:
			return value.type == TAG_DATE && model_between(node, &value);
		case TAG_BY_TIME:
			return value.type == TAG_TIME && model_between(node, &value);
		case TAG_BY_WEIGHT:
			tag_set_number(&value, room, item->weight);
			return (item->has & TAG_WEIGHT) && model_between(node, &value);
		case TAG_BY_DECAY:
			return (item->has & TAG_WEIGHT) && (item->has & TAG_SET_AT) &&
				model_decay(m, node, item);
		case TAG_BY_SET_AT:
			tag_set_moment(&value, TAG_TIME, room, item->set_at);
			return (item->has & TAG_SET_AT) && model_between(node, &value);
		case TAG_BY_ANNIVERSARY:
			return tag_value_class(value.type) == TAG_TIME && model_anniversary(node, &value);
	}
	abort();
}

static bool
model_list(const TagNode *node, const TagValue *value)
{
	bool		there = false;
	bool		class = false;
	TagValue	other;

	for (uint32_t i = 0; i < node->n; i++)
	{
		tag_list_value(node, i, &other);
		class |= same_class(value, &other);
		there |= same_class(value, &other) && model_compare(value, &other) == 0;
	}
	return node->kind == TAG_IN ? there : class && !there;
}

static bool
model_text(const TagNode *node, const TagValue *value)
{
	size_t		length = node->text_length;

	if (value->type != TAG_TEXT)
		return false;
	for (size_t i = 0; i + length <= value->length; i++)
	{
		if (memcmp(value->payload + i, node->text, length) == 0 &&
			(node->kind != TAG_STARTS || i == 0) &&
			(node->kind != TAG_ENDS || i + length == value->length))
			return true;
	}
	return false;
}

static bool
compares(int order, TagComparison comparison)
{
	switch (comparison)
	{
		case TAG_EQ:
			return order == 0;
		case TAG_NE:
			return order != 0;
		case TAG_LT:
			return order < 0;
		case TAG_LE:
			return order <= 0;
		case TAG_GT:
			return order > 0;
		case TAG_GE:
			return order >= 0;
	}
	abort();
}

static bool
has_name(const TagRecord *record, const char *name, size_t length)
{
	return record->name_length == length && memcmp(record->name, name, length) == 0;
}

static bool
expired(const Model *m, const TagItem *item)
{
	return m->as_of != TAG_NEVER_EXPIRED && (item->has & TAG_EXPIRES) &&
		item->expires_at <= m->as_of;
}

/* Does the value compare with some value of the other tag? */
static bool
model_pair(const Model *m, const TagNode *node, const TagValue *value)
{
	TagRecord	record;
	TagItem		item;

	for (uint32_t i = 0; i < m->tags.n; i++)
	{
		tagset_record(&m->tags, i, &record);
		if (!has_name(&record, node->text, node->text_length))
			continue;
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
		{
			if (!expired(m, &item) && same_class(value, &item.value) &&
				compares(model_compare(value, &item.value), node->comparison))
				return true;
		}
	}
	return false;
}

static bool
model_item(Model *m, const TagNode *node, const TagItem *item)
{
	switch (node->kind)
	{
		case TAG_HAS:
		case TAG_SUBTREE:
			return item->value.type != TAG_BOOL || item->value.payload[0] == 1;
		case TAG_KNOWN:
			return true;
		case TAG_IN:
		case TAG_NOT_IN:
			return model_list(node, &item->value);
		case TAG_RANGE:
			return model_range(m, node, item);
		case TAG_PAIR:
			return model_pair(m, node, &item->value);
		default:
			return model_text(node, &item->value);
	}
}

static bool
model_leaf(Model *m, const TagNode *node)
{
	bool		found = false;

	for (uint32_t i = 0; i < m->tags.n; i++)
	{
		TagRecord	record;
		TagItem		item;
		size_t		length = node->name_length;

		tagset_record(&m->tags, i, &record);
		if (!has_name(&record, node->name, length) &&
			!(node->kind == TAG_SUBTREE && record.name_length > length &&
			  memcmp(record.name, node->name, length) == 0 && record.name[length] == '.'))
			continue;
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
			found |= !expired(m, &item) && model_item(m, node, &item);
	}
	return found;
}

static bool
model_node(Model *m, const uint8_t *start, const uint8_t *end, const uint8_t **next)
{
	TagNode		node;
	uint32_t	count = 0;
	const uint8_t *p;

	tag_node_read(&node, start, end);
	*next = node.end;
	if (node.kind <= TAG_TRUE)
		return node.kind == TAG_TRUE;
	if (!tag_kind_is_group(node.kind))
		return model_leaf(m, &node) != node.negated;
	p = node.child;
	for (uint32_t i = 0; i < node.n; i++)
		count += model_node(m, p, node.end, &p);
	return count >= node.k;
}

static bool
matches(Bytes rule, const Model *m)
{
	TagqueryView view = open_rule(rule);

	return tagquery_match(&view, &m->tags, m->as_of);
}

static bool
check_match(Bytes rule, Model *m)
{
	TagqueryView view = open_rule(rule);
	const uint8_t *end;
	bool		result = matches(rule, m);

	m->unsure = false;
	if (view.unbound)
		REQUIRE(!result);
	else
	{
		bool		expected = model_node(m, view.root, view.end, &end);

		REQUIRE(result == expected || m->unsure);
		REQUIRE(matches(negated(rule), m) != result);
	}
	return result;
}

/* ---- recipes ---- */

/* The next part of the input, up to a byte of zero */
static Bytes
next_part(const uint8_t **data, const uint8_t *end)
{
	const uint8_t *zero = *data < end ? memchr(*data, 0, (size_t) (end - *data)) : NULL;
	const uint8_t *part_end = zero ? zero : end;
	Bytes		part = exact_bytes(*data, (size_t) (part_end - *data));

	*data = zero ? zero + 1 : end;
	return part;
}

typedef struct Damaged
{
	Bytes		rule;
	Model	   *model;
} Damaged;

static void
use_damaged(void *argument)
{
	Damaged    *d = argument;
	TagqueryView view;
	CoreError	error;

	if (!tagquery_open(&view, d->rule.data, d->rule.size, &error))
		return;
	tagquery_match(&view, &d->model->tags, d->model->as_of);
	tagquery_print(&view);
	tag_tree_finish(tag_tree_read(view.root, view.end), &error);
}

static void
bind_damaged(void *argument)
{
	Damaged    *d = argument;
	TagqueryView view;
	CoreError	error;

	if (tagquery_open(&view, d->rule.data, d->rule.size, &error))
		tagquery_bind(&view, 0, &zone, &error);
}

static void
tell_damaged(void *argument)
{
	Damaged    *d = argument;
	TagqueryView view;
	CoreError	error;
	TextOut		out;

	text_out_start(&out);
	if (tagquery_open(&view, d->rule.data, d->rule.size, &error))
		tagquery_json_print(&out, &view);
}

static void
fuzz_damaged(Bytes rule, Model *m, const uint8_t *data, const uint8_t *end)
{
	static void (*const uses[]) (void *) = {use_damaged, bind_damaged, tell_damaged};
	Damaged		damaged = {exact_bytes(rule.data, rule.size), m};
	CoreError	error;

	for (; end - data >= 3; data += 3)
		damaged.rule.data[load16(data) % rule.size] ^= data[2];
	fuzz_bytes(damaged.rule.data, damaged.rule.size);
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
	{
		if (!core_try(uses[i], &damaged, &error))
			REQUIRE(error.code == CORE_CORRUPT || error.code == CORE_LIMIT ||
					error.code == CORE_BAD_PARAMETER);
	}
}

static void
fuzz_match(const uint8_t *data, const uint8_t *end, bool damage)
{
	Bytes		a_text = next_part(&data, end);
	Bytes		b_text = next_part(&data, end);
	Bytes		tags_text = next_part(&data, end);
	Bytes		a = parse(a_text.data, a_text.size);
	Bytes		b = parse(b_text.data, b_text.size);
	CoreError	error;
	void	   *tags = tagset_parse((const char *) tags_text.data, tags_text.size, &error);
	Bytes		tags_bytes;

	if (a.data == NULL || b.data == NULL || tags == NULL)
		return;
	tags_bytes = payload_of(tags);
	for (int at = 0; at < 2; at++)
	{
		/* never, and 2026-09-01 */
		Model		m = {.as_of = at ? INT64_C(841536000000000) : TAG_NEVER_EXPIRED};
		Bytes		both = joined(TAG_AND, a, b);
		Bytes		either = joined(TAG_OR, a, b);
		bool		bound = !open_rule(a).unbound && !open_rule(b).unbound;
		bool		a_matches;
		bool		b_matches;

		REQUIRE(tagset_open(&m.tags, tags_bytes.data, tags_bytes.size, &error));
		a_matches = check_match(a, &m);
		b_matches = check_match(b, &m);
		if (bound && both.data != NULL)
			REQUIRE(matches(both, &m) == (a_matches && b_matches));
		if (bound && either.data != NULL)
			REQUIRE(matches(either, &m) == (a_matches || b_matches));
		if (damage)
			fuzz_damaged(a, &m, data, end);
	}
	check_rule(a);
}

typedef struct Input
{
	const uint8_t *data;
	size_t		size;
} Input;

/* No good input throws anything */
static void
run(void *argument)
{
	const Input *input = argument;
	const uint8_t *data = input->data + 1;
	size_t		size = input->size - 1;

	switch (input->data[0] % 4)
	{
		case 0:
			fuzz_bytes(data, size);
			break;
		case 1:
			fuzz_text(data, size);
			break;
		default:
			fuzz_match(data, data + size, input->data[0] % 4 == 3);
			break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	CoreError	error;

	if (size == 0)
		return 0;
	if (!core_try(run, &input, &error))
	{
		fprintf(stderr, "thrown: %s\n", error.message);
		abort();
	}
	core_release_all();
	return 0;
}
