/*
 * tag_leaf.c
 *	  Leaves of rules in memory, see tag_tree.h: each is written at once as it
 *	  will be stored.
 *
 * What looks at one leaf only is brought to its canonical form here: lists in
 * order and without duplicates, intervals of one point and empty ones,
 * comparisons as lists and intervals.
 */
#include "common/merge_sort.h"
#include "tag/tag_tree.h"

#define FIRST_DAY 101
#define LAST_DAY 1231

#define INTERRUPT_VALUES 4096

static TagTree *
new_tree(TagNodeKind kind)
{
	TagTree    *tree = core_alloc(sizeof(TagTree));

	*tree = (TagTree) {.kind = kind};
	return tree;
}

static void
check_name(size_t length)
{
	if (length == 0 || length > TAG_NAME_MAX)
		core_throw(CORE_BAD_PARAMETER, NULL, "a name in a tagquery has %zu bytes, not 1 to %d",
				   length, TAG_NAME_MAX);
}

/*
 * A leaf with room for its operands behind the name, from *p on.  One that is
 * too large gets no image, for tag_tree_finish() to refuse, and *p is NULL.
 */
static TagTree *
new_leaf(TagNodeKind kind, const char *name, size_t length, size_t operands, uint8_t **p)
{
	TagTree    *leaf = new_tree(kind);
	size_t		size = core_add_size(TAG_NODE_HEADER + 2 + length, operands);
	uint8_t    *image;

	check_name(length);
	*p = NULL;
	leaf->size = UINT32_MAX;
	if (size > TAGQUERY_MAX_SIZE)
		return leaf;
	image = core_alloc(size);
	leaf->image = image;
	leaf->size = (uint32_t) size;
	image[0] = (uint8_t) kind;
	image[1] = 0;
	store16(image + 2, tag_mark(name, length));
	store32(image + 4, leaf->size);
	store16(image + TAG_NODE_HEADER, (uint16_t) length);
	memcpy(image + TAG_NODE_HEADER + 2, name, length);
	*p = image + TAG_NODE_HEADER + 2 + length;
	return leaf;
}

static inline uint8_t *
put_byte(uint8_t *p, unsigned int byte)
{
	*p = (uint8_t) byte;
	return p + 1;
}

static inline uint8_t *
put32(uint8_t *p, uint32_t n)
{
	store32(p, n);
	return p + 4;
}

static inline uint8_t *
put64(uint8_t *p, int64_t n)
{
	store64(p, (uint64_t) n);
	return p + 8;
}

TagTree *
tag_tree_constant(bool value)
{
	static const uint8_t images[2][TAG_NODE_HEADER] = {
		{TAG_FALSE, 0, 0, 0, TAG_NODE_HEADER}, {TAG_TRUE, 0, 0, 0, TAG_NODE_HEADER}
	};
	TagTree    *leaf = new_tree(value ? TAG_TRUE : TAG_FALSE);

	leaf->image = images[value];
	leaf->size = TAG_NODE_HEADER;
	return leaf;
}

TagTree *
tag_tree_name(TagNodeKind kind, const char *name, size_t length)
{
	uint8_t    *p;

	return new_leaf(kind, name, length, 0, &p);
}

/* ---- lists ---- */

static int
compare_values(const void *a, const void *b)
{
	return tag_value_compare(a, b);
}

/* Sorted, each once; how many are left */
static uint32_t
sort_values(TagValue *values, uint32_t n)
{
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < n; i++)
		tag_value_normalize(&values[i]);
	merge_sort(values, n, sizeof(TagValue), compare_values);
	for (uint32_t i = 0; i < n; i++)
	{
		if (kept == 0 || compare_values(&values[kept - 1], &values[i]) != 0)
			values[kept++] = values[i];
	}
	return kept;
}

TagTree *
tag_tree_list(TagNodeKind kind, const char *name, size_t length, TagValue *values, uint32_t n)
{
	size_t		room;
	TagTree    *leaf;
	uint8_t    *p;
	uint8_t    *start;

	if (n == 0)
		return tag_tree_constant(false);
	n = sort_values(values, n);
	room = core_add_size(4, core_mul_size(n, 5));
	for (uint32_t i = 0; i < n; i++)
		room = core_add_size(room, values[i].length);
	leaf = new_leaf(kind, name, length, room, &p);
	if (p == NULL)
		return leaf;
	p = put32(p, n);
	start = p + (size_t) 4 * n;
	for (uint32_t i = 0, end = 0; i < n; i++)
	{
		if (i % INTERRUPT_VALUES == 0)
			core_interrupt();
		start[end] = (uint8_t) values[i].type;
		memcpy(start + end + 1, values[i].payload, values[i].length);
		end += 1 + values[i].length;
		p = put32(p, end);
	}
	return leaf;
}

/* ---- intervals ---- */

static uint8_t *
put_bound(uint8_t *p, const TagValue *value)
{
	p = put_byte(put32(p, value->length), value->type);
	memcpy(p, value->payload, value->length);
	return p + value->length;
}

/* The leaf, whatever is in the interval */
static TagTree *
new_range(const TagSubject *subject, uint8_t bounds, const TagValue *low, const TagValue *high)
{
	bool		by_decay = subject->source == TAG_BY_DECAY;
	bool		decaying = by_decay && subject->as_of == TAG_NO_TIME;
	size_t		room = 2 + (by_decay ? 16 : 0);
	TagTree    *leaf;
	uint8_t    *p;

	if (bounds & TAG_LOW)
		room += 5 + low->length;
	if (bounds & TAG_HIGH)
		room += 5 + high->length;
	if (decaying)
	{
		leaf = new_leaf(TAG_DECAYING, subject->name, subject->name_length, room - 9, &p);
		p = put_byte(put64(p, subject->half_life), bounds);
	}
	else
	{
		leaf = new_leaf(TAG_RANGE, subject->name, subject->name_length, room, &p);
		p = put_byte(put_byte(p, subject->source), bounds);
		if (by_decay)
			p = put64(put64(p, subject->half_life), subject->as_of);
	}
	if (bounds & TAG_LOW)
		p = put_bound(p, low);
	if (bounds & TAG_HIGH)
		put_bound(p, high);
	return leaf;
}

/* ---- anniversaries: days of a leap year, as month * 100 + day ---- */

static int
last_of_month(int month)
{
	return month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* The day after; after the last one, the first */
static int
day_after(int day)
{
	if (day == LAST_DAY)
		return FIRST_DAY;
	return day % 100 < last_of_month(day / 100) ? day + 1 : (day / 100 + 1) * 100 + 1;
}

static int
day_before(int day)
{
	if (day == FIRST_DAY)
		return LAST_DAY;
	return day % 100 > 1 ? day - 1 : (day / 100 - 1) * 100 + last_of_month(day / 100 - 1);
}

/* From one day to another, over the year's end if that is before */
static TagTree *
days_between(const TagSubject *subject, int from, int to)
{
	uint8_t		payloads[2][8];
	TagValue	low = {TAG_NUMBER, 8, payloads[0]};
	TagValue	high = {TAG_NUMBER, 8, payloads[1]};

	if (day_after(to) == from)
	{
		from = FIRST_DAY;
		to = LAST_DAY;
	}
	tag_store_ordered(payloads[0], tag_order_number(from));
	tag_store_ordered(payloads[1], tag_order_number(to));
	return new_range(subject, TAG_LOW | TAG_HIGH, &low, &high);
}

/* ---- intervals of anything ---- */

static void
check_bounds(const TagSubject *subject, uint8_t bounds, const TagValue *low, const TagValue *high)
{
	TagType		class = tag_source_class(subject->source);
	bool		has_low = (bounds & TAG_LOW) != 0;
	bool		has_high = (bounds & TAG_HIGH) != 0;

	if ((!has_low && !has_high) ||
		(!has_low && (bounds & TAG_LOW_OPEN)) || (!has_high && (bounds & TAG_HIGH_OPEN)) ||
		(subject->source == TAG_BY_ANNIVERSARY && bounds != (TAG_LOW | TAG_HIGH)))
		core_throw(CORE_BAD_PARAMETER, NULL, "an interval in a tagquery lacks a bound");
	if (class == 0)
		class = tag_value_class(has_low ? low->type : high->type);
	if ((has_low && tag_value_class(low->type) != class) ||
		(has_high && tag_value_class(high->type) != class))
		core_throw(CORE_BAD_PARAMETER, NULL, "an interval in a tagquery has bounds of two types");
}

TagTree *
tag_tree_range(const TagSubject *subject, uint8_t bounds, const TagValue *low, const TagValue *high)
{
	TagValue	from;
	TagValue	to;

	check_bounds(subject, bounds, low, high);
	if (subject->source == TAG_BY_ANNIVERSARY)
		return days_between(subject, tag_anniversary_day(low), tag_anniversary_day(high));
	if (bounds & TAG_LOW)
	{
		from = *low;
		tag_value_normalize(&from);
	}
	if (bounds & TAG_HIGH)
	{
		to = *high;
		tag_value_normalize(&to);
	}
	if ((bounds & TAG_LOW) && (bounds & TAG_HIGH))
	{
		int			order = tag_compare_bytes(from.payload, from.length, to.payload, to.length);

		if (order > 0 || (order == 0 && (bounds & (TAG_LOW_OPEN | TAG_HIGH_OPEN))))
			return tag_tree_constant(false);
		if (order == 0 && subject->source == TAG_BY_VALUE)
			return tag_tree_list(TAG_IN, subject->name, subject->name_length, &from, 1);
	}
	return new_range(subject, bounds, &from, &to);
}

/* What is below the value, and so on */
static TagTree *
half_line(const TagSubject *subject, TagComparison comparison, const TagValue *value)
{
	switch (comparison)
	{
		case TAG_LT:
			return tag_tree_range(subject, TAG_HIGH | TAG_HIGH_OPEN, NULL, value);
		case TAG_LE:
			return tag_tree_range(subject, TAG_HIGH, NULL, value);
		case TAG_GT:
			return tag_tree_range(subject, TAG_LOW | TAG_LOW_OPEN, value, NULL);
		default:
			return tag_tree_range(subject, TAG_LOW, value, NULL);
	}
}

/* Something is outside of the interval, whose open ends are outside of it too */
static TagTree *
outside(const TagSubject *subject, uint8_t open, const TagValue *low, const TagValue *high)
{
	TagTree    *either = tag_tree_group(TAG_OR, 1);

	tag_tree_add(either, half_line(subject, open & TAG_LOW_OPEN ? TAG_LE : TAG_LT, low));
	tag_tree_add(either, half_line(subject, open & TAG_HIGH_OPEN ? TAG_GE : TAG_GT, high));
	return either;
}

/* ---- comparisons ---- */

static TagTree *
compare_anniversary(const TagSubject *subject, TagComparison comparison, int day)
{
	switch (comparison)
	{
		case TAG_EQ:
			return days_between(subject, day, day);
		case TAG_NE:
			return days_between(subject, day_after(day), day_before(day));
		case TAG_LT:
			return day == FIRST_DAY ? tag_tree_constant(false) :
				days_between(subject, FIRST_DAY, day_before(day));
		case TAG_LE:
			return days_between(subject, FIRST_DAY, day);
		case TAG_GT:
			return day == LAST_DAY ? tag_tree_constant(false) :
				days_between(subject, day_after(day), LAST_DAY);
		case TAG_GE:
			return days_between(subject, day, LAST_DAY);
	}
	return tag_tree_constant(false);
}

TagTree *
tag_tree_compare(const TagSubject *subject, TagComparison comparison, const TagValue *value)
{
	bool		equal = comparison == TAG_EQ;
	TagValue	copy = *value;

	if (subject->source == TAG_BY_ANNIVERSARY)
		return compare_anniversary(subject, comparison, tag_anniversary_day(value));
	if (!equal && comparison != TAG_NE)
		return half_line(subject, comparison, value);
	if (subject->source == TAG_BY_VALUE)
		return tag_tree_list(equal ? TAG_IN : TAG_NOT_IN, subject->name, subject->name_length,
							 &copy, 1);
	return equal ? tag_tree_range(subject, TAG_LOW | TAG_HIGH, value, value) :
		outside(subject, 0, value, value);
}

TagTree *
tag_tree_between(const TagSubject *subject, bool not_in, uint8_t open, const TagValue *low,
				 const TagValue *high)
{
	if (subject->source == TAG_BY_ANNIVERSARY)
	{
		int			from = tag_anniversary_day(low);
		int			to = tag_anniversary_day(high);

		if (!not_in)
			return days_between(subject, from, to);
		return day_after(to) == from ? tag_tree_constant(false) :
			days_between(subject, day_after(to), day_before(from));
	}
	return not_in ? outside(subject, open, low, high) :
		tag_tree_range(subject, TAG_LOW | TAG_HIGH | open, low, high);
}

/* ---- other leaves ---- */

TagTree *
tag_tree_text(TagNodeKind kind, const char *name, size_t length, const char *text,
			  size_t text_length)
{
	uint8_t    *p;
	TagTree    *leaf;

	if (text_length > TAG_TEXT_MAX)
		core_throw(CORE_BAD_PARAMETER, NULL, "a text in a tagquery has %zu bytes, more than %d",
				   text_length, TAG_TEXT_MAX);
	leaf = new_leaf(kind, name, length, text_length, &p);
	memcpy(p, text, text_length);
	return leaf;
}

TagTree *
tag_tree_pair(const char *name, size_t length, TagComparison comparison, const char *other,
			  size_t other_length)
{
	uint8_t    *p;
	TagTree    *leaf = new_leaf(TAG_PAIR, name, length, 1 + other_length, &p);

	check_name(other_length);
	memcpy(put_byte(p, comparison), other, other_length);
	return leaf;
}

TagTree *
tag_tree_window(TagSource source, const char *name, size_t length, TagWindowKind window,
				TagInterval interval)
{
	uint8_t    *p;
	TagTree    *leaf = new_leaf(TAG_WINDOW, name, length, 7, &p);

	p = put_byte(put_byte(put_byte(p, source), window), interval.unit);
	put32(p, interval.count);
	return leaf;
}

TagTree *
tag_tree_age(const char *name, size_t length, TagComparison comparison, TagInterval interval)
{
	uint8_t    *p;
	TagTree    *leaf = new_leaf(TAG_AGE, name, length, 6, &p);

	p = put_byte(put_byte(p, comparison), interval.unit);
	put32(p, interval.count);
	return leaf;
}

TagTree *
tag_tree_event(const char *name, size_t length, TagComparison comparison, uint32_t count,
			   TagWindowKind window, TagInterval interval)
{
	uint8_t    *p;
	TagTree    *leaf = new_leaf(TAG_EVENT, name, length, 11, &p);

	if (window == TAG_WHENEVER)
		interval = (TagInterval) {TAG_SECONDS, 0};
	p = put32(put_byte(p, comparison), count);
	p = put_byte(put_byte(p, window), interval.unit);
	put32(p, interval.count);
	return leaf;
}
