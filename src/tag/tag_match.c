/*
 * tag_match.c
 *	  Does a tagset match a rule?
 *
 * The rule is walked through where it lies, and nothing is allocated.  A group
 * stops as soon as its answer is known; a leaf is taken apart only if the tag
 * is there at all, which its name's mark mostly tells.
 */
#include "tag/tagquery.h"

#include <math.h>

#include "common/civil.h"

#define INTERRUPT_NODES 1024
#define INTERRUPT_ITEMS 4096
#define INTERRUPT_BYTES 65536

#define GROUP_HEADER (TAG_NODE_HEADER + 8)

typedef struct Match
{
	const TagsetView *tags;
	int64_t		as_of;
	uint32_t	nodes;			/* visited, for interrupts */
} Match;

static void __attribute__((noreturn, cold))
corrupt(const char *problem)
{
	core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", problem);
}

/* ---- the values of a tag ---- */

/* As tag_item_next(), without those that have expired */
static const uint8_t *
next_item(const Match *m, const TagRecord *record, const uint8_t *p, TagItem *item)
{
	for (uint32_t n = 1;; n++)
	{
		if (n % INTERRUPT_ITEMS == 0)
			core_interrupt();
		p = tag_item_next(record, p, item);
		if (p == NULL || m->as_of == TAG_NEVER_EXPIRED || !(item->has & TAG_EXPIRES) ||
			item->expires_at > m->as_of)
			return p;
	}
}

static inline bool
is_false(const TagValue *value)
{
	return value->type == TAG_BOOL && value->payload[0] == 0;
}

/* Is there a value other than false, or with "any", any? */
static bool
has_value(const Match *m, const TagRecord *record, bool any)
{
	TagItem		item;

	if (record->plain)
		return true;
	for (const uint8_t *p = next_item(m, record, NULL, &item); p != NULL;
		 p = next_item(m, record, p, &item))
	{
		if (any || !is_false(&item.value))
			return true;
	}
	return false;
}

/* name.*: the levels below start with the name and a dot, and lie together */
static bool
has_below(const Match *m, const char *name, size_t length, uint16_t mark)
{
	char		prefix[TAG_NAME_MAX + 1];
	TagRecord	record;

	if (tagset_find(m->tags, name, length, mark, &record) && has_value(m, &record, false))
		return true;
	if (length > TAG_NAME_MAX)
		corrupt("a name is too long");
	memcpy(prefix, name, length);
	prefix[length++] = '.';
	for (uint32_t i = tagset_lower_bound(m->tags, prefix, length); i < m->tags->n; i++)
	{
		if (i % INTERRUPT_ITEMS == 0)
			core_interrupt();
		tagset_record(m->tags, i, &record);
		if (record.name_length < length || memcmp(record.name, prefix, length) != 0)
			return false;
		if (has_value(m, &record, false))
			return true;
	}
	return false;
}

/* ---- lists ---- */

/* The first place of a value in a list that is not below it; *found says if it is there */
static uint32_t
list_place(const TagNode *list, const TagValue *value, bool *found)
{
	TagValue	normal = *value;
	uint32_t	low = 0;
	uint32_t	high = list->n;

	tag_value_normalize(&normal);
	*found = false;
	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;
		TagValue	other;
		int			order;

		tag_list_value(list, middle, &other);
		order = tag_value_compare(&other, &normal);
		if (order == 0)
		{
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
tag_list_contains(const TagNode *list, const TagValue *value)
{
	bool		found;

	list_place(list, value, &found);
	return found;
}

/*
 * Is the value of the class of a value in the list, and not in it?  Values of
 * a class lie together, so that one is next to where this one would be.
 */
static bool
list_excludes(const TagNode *list, const TagValue *value)
{
	bool		found;
	uint32_t	place = list_place(list, value, &found);
	TagType		class = tag_value_class(value->type);
	TagValue	other;

	if (found)
		return false;
	if (place < list->n)
	{
		tag_list_value(list, place, &other);
		if (tag_value_class(other.type) == class)
			return true;
	}
	if (place == 0)
		return false;
	tag_list_value(list, place - 1, &other);
	return tag_value_class(other.type) == class;
}

/* ---- intervals ---- */

static bool
in_interval(const TagNode *node, const uint8_t *payload, size_t length)
{
	int			order;

	if (node->bounds & TAG_LOW)
	{
		order = tag_compare_bytes(payload, length, node->low.payload, node->low.length);
		if (order < 0 || (order == 0 && (node->bounds & TAG_LOW_OPEN)))
			return false;
	}
	if (node->bounds & TAG_HIGH)
	{
		order = tag_compare_bytes(payload, length, node->high.payload, node->high.length);
		if (order > 0 || (order == 0 && (node->bounds & TAG_HIGH_OPEN)))
			return false;
	}
	return true;
}

static bool
number_in_interval(const TagNode *node, double number)
{
	uint8_t		payload[8];

	tag_store_ordered(payload, tag_order_number(number));
	return in_interval(node, payload, sizeof(payload));
}

/*
 * A weight that halves once in a half-life.  By sums and products alone, so
 * that no library's exp() decides; after whole half-lives it is exact.
 */
static double
decayed_weight(double weight, int64_t age, int64_t half_life)
{
	double		x;
	double		factor = 1;

	if (age <= 0)
		return weight;
	x = (double) (age % half_life) / (double) half_life * -0.69314718055994530942;
	/* the series of exp(x); x > -0.7, so that 18 terms are past the last bit */
	for (int n = 18; n > 0; n--)
		factor = 1 + factor * x / n;
	return ldexp(weight * factor, age / half_life > 2000 ? -2000 : -(int) (age / half_life));
}

/* A moment's day, as month * 100 + day, from the first to the last, maybe over the year's end */
static bool
on_anniversary(const TagNode *node, const TagValue *value)
{
	int64_t		usecs = tag_moment_of(tag_load_ordered(value->payload));
	int64_t		day = usecs / TAG_USECS_PER_DAY - (usecs % TAG_USECS_PER_DAY < 0);
	uint8_t		payload[8];
	int64_t		year;
	int			month;
	int			mday;
	bool		from;
	bool		to;

	if (node->low.length != sizeof(payload) || node->high.length != sizeof(payload))
		corrupt("an anniversary lacks a day");
	day_to_civil(day, &year, &month, &mday);
	tag_store_ordered(payload, tag_order_number(month * 100 + mday));
	from = memcmp(payload, node->low.payload, sizeof(payload)) >= 0;
	to = memcmp(payload, node->high.payload, sizeof(payload)) <= 0;
	return memcmp(node->low.payload, node->high.payload, sizeof(payload)) <= 0 ? from && to :
		from || to;
}

/* What a TAG_RANGE is about, of one value, in the interval? */
static bool
match_range(const TagNode *node, const TagItem *item)
{
	const TagValue *value = &item->value;
	uint8_t		payload[8];
	int64_t		age;

	switch (node->source)
	{
		case TAG_BY_VALUE:
			return tag_value_class(value->type) ==
				tag_value_class(node->bounds & TAG_LOW ? node->low.type : node->high.type) &&
				in_interval(node, value->payload, value->length);
		case TAG_BY_DATE:
			return value->type == TAG_DATE && in_interval(node, value->payload, value->length);
		case TAG_BY_TIME:
			return value->type == TAG_TIME && in_interval(node, value->payload, value->length);
		case TAG_BY_WEIGHT:
			return (item->has & TAG_WEIGHT) && number_in_interval(node, item->weight);
		case TAG_BY_DECAY:
			return (item->has & TAG_WEIGHT) && (item->has & TAG_SET_AT) && node->half_life > 0 &&
				!__builtin_sub_overflow(node->as_of, item->set_at, &age) &&
				number_in_interval(node, decayed_weight(item->weight, age, node->half_life));
		case TAG_BY_SET_AT:
			tag_store_ordered(payload, tag_order_moment(item->set_at));
			return (item->has & TAG_SET_AT) && in_interval(node, payload, sizeof(payload));
		case TAG_BY_ANNIVERSARY:
			return tag_value_class(value->type) == TAG_TIME && on_anniversary(node, value);
	}
	corrupt("unknown source");
}

/* ---- texts ---- */

static bool
text_contains(const TagValue *value, const TagNode *node)
{
	const uint8_t *p = value->payload;
	size_t		left = value->length;
	size_t		since = 0;

	if (node->text_length == 0)
		return true;
	while (left >= node->text_length)
	{
		const uint8_t *q = memchr(p, node->text[0], left - node->text_length + 1);

		if (q == NULL)
			return false;
		if (memcmp(q, node->text, node->text_length) == 0)
			return true;
		since += (size_t) (q + 1 - p) + node->text_length;
		if (since > INTERRUPT_BYTES)
		{
			core_interrupt();
			since = 0;
		}
		left -= (size_t) (q + 1 - p);
		p = q + 1;
	}
	return false;
}

static bool
match_text(const TagNode *node, const TagValue *value)
{
	if (value->type != TAG_TEXT || value->length < node->text_length)
		return false;
	if (node->kind == TAG_CONTAINS)
		return text_contains(value, node);
	return memcmp(node->text, value->payload +
				  (node->kind == TAG_STARTS ? 0 : value->length - node->text_length),
				  node->text_length) == 0;
}

/* ---- pairs ---- */

/* Values of one type of a tag: they lie together, in order */
typedef struct Run
{
	const TagRecord *record;
	TagType		type;
	TagItem		first;
	TagItem		last;
	const uint8_t *after_first;
	bool		any;
} Run;

static void
find_run(const Match *m, const TagRecord *record, TagType type, Run *run)
{
	TagItem		item;

	*run = (Run) {.record = record, .type = type};
	for (const uint8_t *p = next_item(m, record, NULL, &item);
		 p != NULL && item.value.type <= type; p = next_item(m, record, p, &item))
	{
		if (item.value.type != type)
			continue;
		if (!run->any)
		{
			run->first = item;
			run->after_first = p;
		}
		run->any = true;
		run->last = item;
	}
}

static inline int
compare_items(const TagItem *a, const TagItem *b)
{
	return tag_compare_bytes(a->value.payload, a->value.length,
							 b->value.payload, b->value.length);
}

/* Is some value in both runs? */
static bool
share_value(const Match *m, const Run *a_run, const Run *b_run)
{
	TagItem		a = a_run->first;
	TagItem		b = b_run->first;
	const uint8_t *p = a_run->after_first;
	const uint8_t *q = b_run->after_first;

	for (uint32_t n = 1;; n++)
	{
		int			order = compare_items(&a, &b);

		if (order == 0)
			return true;
		if (n % INTERRUPT_ITEMS == 0)
			core_interrupt();
		if (order < 0)
		{
			p = next_item(m, a_run->record, p, &a);
			if (p == NULL || a.value.type != a_run->type)
				return false;
		}
		else
		{
			q = next_item(m, b_run->record, q, &b);
			if (q == NULL || b.value.type != b_run->type)
				return false;
		}
	}
}

/* Does some value of one run compare so with some value of the other? */
static bool
compare_runs(const Match *m, const Run *a, const Run *b, TagComparison comparison)
{
	if (!a->any || !b->any)
		return false;
	switch (comparison)
	{
		case TAG_EQ:
			return share_value(m, a, b);
		case TAG_NE:
			return compare_items(&a->first, &b->last) != 0 ||
				compare_items(&a->last, &b->first) != 0;
		case TAG_LT:
			return compare_items(&a->first, &b->last) < 0;
		case TAG_LE:
			return compare_items(&a->first, &b->last) <= 0;
		case TAG_GT:
			return compare_items(&a->last, &b->first) > 0;
		case TAG_GE:
			return compare_items(&a->last, &b->first) >= 0;
	}
	corrupt("unknown comparison");
}

static bool
match_pair(const Match *m, const TagNode *node, const TagRecord *record)
{
	TagRecord	other;

	if (!tagset_find(m->tags, node->text, node->text_length,
					 tag_mark(node->text, node->text_length), &other))
		return false;
	for (TagType type = TAG_BOOL; type <= TAG_TYPE_LAST; type++)
	{
		Run			a;
		Run			b;

		find_run(m, record, type, &a);
		if (!a.any)
			continue;
		for (TagType with = TAG_BOOL; with <= TAG_TYPE_LAST; with++)
		{
			if (tag_value_class(with) != tag_value_class(type))
				continue;
			find_run(m, &other, with, &b);
			if (compare_runs(m, &a, &b, node->comparison))
				return true;
		}
	}
	return false;
}

/* ---- leaves ---- */

static bool
match_item(const TagNode *node, const TagItem *item)
{
	switch (node->kind)
	{
		case TAG_IN:
			return tag_list_contains(node, &item->value);
		case TAG_NOT_IN:
			return list_excludes(node, &item->value);
		case TAG_RANGE:
			return match_range(node, item);
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			return match_text(node, &item->value);
		default:
			corrupt("a leaf is not of a bound rule");
	}
}

/* The leaf without its negation, of a tag that is there */
static bool
match_record(const Match *m, const TagNode *node, const TagRecord *record)
{
	TagItem		item;

	if (node->kind == TAG_PAIR)
		return match_pair(m, node, record);
	for (const uint8_t *p = next_item(m, record, NULL, &item); p != NULL;
		 p = next_item(m, record, p, &item))
	{
		if (match_item(node, &item))
			return true;
	}
	return false;
}

/* The same, of the bytes of a leaf other than a constant */
static bool
match_leaf(const Match *m, const uint8_t *start, const uint8_t *end)
{
	TagNodeKind kind = start[0];
	uint16_t	mark = load16(start + 2);
	const char *name = (const char *) start + TAG_NODE_HEADER + 2;
	size_t		length;
	TagRecord	record;
	TagNode		node;

	if (end - start < TAG_NODE_HEADER + 2)
		corrupt("a leaf is too short");
	length = load16(start + TAG_NODE_HEADER);
	if (length > (size_t) (end - (const uint8_t *) name))
		corrupt("a name is longer than its leaf");
	if (kind == TAG_SUBTREE)
		return has_below(m, name, length, mark);
	if (!tagset_find(m->tags, name, length, mark, &record))
		return false;
	if (kind == TAG_HAS || kind == TAG_KNOWN)
		return has_value(m, &record, kind == TAG_KNOWN);
	tag_node_read(&node, start, end);
	return match_record(m, &node, &record);
}

/* ---- the tree ---- */

static bool
match_node(Match *m, const uint8_t *start, const uint8_t *end, int depth)
{
	TagNodeKind kind;
	uint32_t	size;
	uint32_t	needed;
	uint32_t	left;
	const uint8_t *p;

	if (end - start < TAG_NODE_HEADER)
		corrupt("a node is too short");
	size = load32(start + 4);
	if (size < TAG_NODE_HEADER || size > (size_t) (end - start))
		corrupt("a node is longer than what it is in");
	if (++m->nodes % INTERRUPT_NODES == 0)
		core_interrupt();
	kind = start[0];
	if (kind <= TAG_TRUE)
		return kind == TAG_TRUE;
	if (!tag_kind_is_group(kind))
		return match_leaf(m, start, start + size) != (start[1] != 0);
	if (size < GROUP_HEADER || depth > TAGQUERY_MAX_DEPTH)
		corrupt("a group is too short, or nests too deep");

	needed = load32(start + TAG_NODE_HEADER);
	p = start + GROUP_HEADER;
	end = start + size;
	for (left = load32(start + TAG_NODE_HEADER + 4); needed > 0 && needed <= left; left--)
	{
		needed -= match_node(m, p, end, depth + 1);
		p += load32(p + 4);
	}
	return needed == 0;
}

bool
tagquery_match(const TagqueryView *rule, const TagsetView *tags, int64_t as_of)
{
	Match		m = {tags, as_of, 0};

	/* what comes out of a table is seldom in the caches: ask for it in one go */
	__builtin_prefetch(tags->ends);
	for (int line = 0; line < 192; line += 64)
		__builtin_prefetch(tags->records + line);
	return rule->unbound == 0 && match_node(&m, rule->root, rule->end, 1);
}

bool
tag_leaf_match(const TagNode *leaf, const TagsetView *tags, int64_t as_of)
{
	Match		m = {tags, as_of, 0};

	return tag_leaf_unbound(leaf->kind) == 0 && match_node(&m, leaf->start, leaf->end, 1);
}
