/*
 * tag_cover.c
 *	  Is one leaf true wherever another one is?
 *
 * By the look of both: the same operands, a longer text against a shorter one,
 * one interval inside another.  This is for leaves that tag_example.c cannot
 * try with values; what values can show is left to it, save where it saves work.
 */
#include "tag/tag_logic.h"

#define INTERRUPT_VALUES 4096

static inline bool
same_name(const TagNode *a, const TagNode *b)
{
	return a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0;
}

bool
tag_name_below(const char *name, uint32_t length, const char *above, uint32_t above_length)
{
	return length >= above_length && memcmp(name, above, above_length) == 0 &&
		(length == above_length || name[above_length] == '.');
}

static bool
same_leaf(const TagNode *a, const TagNode *b)
{
	size_t		size = (size_t) (a->end - a->start);

	return a->kind == b->kind && size == (size_t) (b->end - b->start) &&
		memcmp(a->start + 2, b->start + 2, size - 2) == 0;
}

/* ---- texts ---- */

static bool
text_contains(const TagNode *wide, const TagNode *narrow)
{
	for (uint32_t i = 0; i + wide->text_length <= narrow->text_length; i++)
	{
		if (i % INTERRUPT_VALUES == 0)
			core_interrupt();
		if (memcmp(narrow->text + i, wide->text, wide->text_length) == 0)
			return true;
	}
	return false;
}

static bool
text_covers(const TagNode *wide, const TagNode *narrow)
{
	uint32_t	length = wide->text_length;

	if (narrow->kind < TAG_STARTS || narrow->kind > TAG_CONTAINS ||
		length > narrow->text_length)
		return false;
	if (length == 0)
		return true;
	if (wide->kind == TAG_CONTAINS)
		return text_contains(wide, narrow);
	if (wide->kind != narrow->kind)
		return false;
	return memcmp(narrow->text + (wide->kind == TAG_STARTS ? 0 : narrow->text_length - length),
				  wide->text, length) == 0;
}

/* ---- comparisons ---- */

/* Bits of <, =, > */
static int
comparison_bits(TagComparison comparison)
{
	static const uint8_t bits[] = {
		[TAG_EQ] = 2, [TAG_NE] = 5, [TAG_LT] = 1, [TAG_LE] = 3, [TAG_GT] = 4, [TAG_GE] = 6
	};

	return bits[comparison];
}

/* a < value(b) is b > value(a) */
static int
turned_bits(int bits)
{
	return (bits & 2) | (bits & 1) << 2 | (bits & 4) >> 2;
}

static bool
pair_covers(const TagNode *wide, const TagNode *narrow)
{
	int			narrow_bits;
	int			wide_bits;

	if (narrow->kind != TAG_PAIR)
		return false;
	narrow_bits = comparison_bits(narrow->comparison);
	wide_bits = comparison_bits(wide->comparison);
	if (same_name(wide, narrow) && wide->text_length == narrow->text_length &&
		memcmp(wide->text, narrow->text, wide->text_length) == 0 &&
		(narrow_bits & ~wide_bits) == 0)
		return true;
	return wide->name_length == narrow->text_length && wide->text_length == narrow->name_length &&
		memcmp(wide->name, narrow->text, wide->name_length) == 0 &&
		memcmp(wide->text, narrow->name, wide->text_length) == 0 &&
		(turned_bits(narrow_bits) & ~wide_bits) == 0;
}

/* Ages and windows of one unit move with their counts, whatever the time is */
static bool
age_covers(const TagNode *wide, const TagNode *narrow)
{
	bool		younger = wide->comparison == TAG_LT || wide->comparison == TAG_LE;
	bool		open;

	if (narrow->kind != TAG_AGE || !same_name(wide, narrow) ||
		wide->interval.unit != narrow->interval.unit)
		return false;
	if (wide->interval.count == narrow->interval.count)
		return (comparison_bits(narrow->comparison) & ~comparison_bits(wide->comparison)) == 0;
	if (wide->comparison == TAG_EQ || wide->comparison == TAG_NE)
		return false;
	/* calendars may put two lengths to one moment */
	open = wide->comparison == TAG_LT || wide->comparison == TAG_GT;
	if (open && (narrow->comparison == TAG_LE || narrow->comparison == TAG_GE))
		return false;
	if (younger)
		return (narrow->comparison == TAG_LT || narrow->comparison == TAG_LE) &&
			narrow->interval.count < wide->interval.count;
	return (narrow->comparison == TAG_GT || narrow->comparison == TAG_GE) &&
		narrow->interval.count > wide->interval.count;
}

static bool
window_covers(const TagNode *wide, const TagNode *narrow)
{
	if (narrow->kind != TAG_WINDOW || !same_name(wide, narrow) ||
		wide->source != narrow->source || wide->window != narrow->window ||
		wide->interval.unit != narrow->interval.unit)
		return false;
	if (wide->window == TAG_BEFORE_LAST)
		return narrow->interval.count >= wide->interval.count;
	return narrow->interval.count <= wide->interval.count;
}

/* One interval of numbers in another */
static bool
bounds_cover(const TagNode *wide, const TagNode *narrow)
{
	int			order;

	if (wide->bounds & TAG_LOW)
	{
		if (!(narrow->bounds & TAG_LOW))
			return false;
		order = tag_value_compare(&narrow->low, &wide->low);
		if (order < 0 || (order == 0 && (wide->bounds & TAG_LOW_OPEN) &&
						  !(narrow->bounds & TAG_LOW_OPEN)))
			return false;
	}
	if (wide->bounds & TAG_HIGH)
	{
		if (!(narrow->bounds & TAG_HIGH))
			return false;
		order = tag_value_compare(&narrow->high, &wide->high);
		if (order > 0 || (order == 0 && (wide->bounds & TAG_HIGH_OPEN) &&
						  !(narrow->bounds & TAG_HIGH_OPEN)))
			return false;
	}
	return true;
}

static bool
decay_covers(const TagNode *wide, const TagNode *narrow)
{
	return wide->kind == narrow->kind && same_name(wide, narrow) &&
		wide->source == narrow->source && wide->half_life == narrow->half_life &&
		(wide->kind == TAG_DECAYING || wide->as_of == narrow->as_of) &&
		bounds_cover(wide, narrow);
}

static bool
in_round(const TagNode *leaf, int day)
{
	double		low = tag_number_of(tag_load_ordered(leaf->low.payload));
	double		high = tag_number_of(tag_load_ordered(leaf->high.payload));

	return low <= high ? day >= low && day <= high : day >= low || day <= high;
}

static bool
anniversary_covers(const TagNode *wide, const TagNode *narrow)
{
	if (narrow->kind != TAG_RANGE || narrow->source != wide->source || !same_name(wide, narrow))
		return false;
	for (int month = 1; month <= 12; month++)
		for (int day = 1; day <= 31; day++)
			if (in_round(narrow, month * 100 + day) && !in_round(wide, month * 100 + day))
				return false;
	return true;
}

/* How often, as an interval */
static void
event_counts(const TagNode *event, uint64_t *least, uint64_t *most)
{
	*least = event->comparison == TAG_LE ? 0 : event->count;
	*most = event->comparison == TAG_GE ? UINT64_MAX : event->count;
}

bool
tag_same_event(const TagNode *a, const TagNode *b)
{
	return a->kind == TAG_EVENT && b->kind == TAG_EVENT && same_name(a, b) &&
		a->window == b->window && a->interval.unit == b->interval.unit &&
		a->interval.count == b->interval.count;
}

static bool
event_covers(const TagNode *wide, const TagNode *narrow)
{
	uint64_t	wide_least;
	uint64_t	wide_most;
	uint64_t	least;
	uint64_t	most;

	if (!tag_same_event(wide, narrow))
		return false;
	event_counts(wide, &wide_least, &wide_most);
	event_counts(narrow, &least, &most);
	return least >= wide_least && most <= wide_most;
}

/* ---- tags ---- */

static bool
list_covers(const TagNode *wide, const TagNode *narrow)
{
	TagValue	value;

	if (narrow->kind != TAG_IN || !same_name(wide, narrow) || narrow->n > wide->n)
		return false;
	for (uint32_t i = 0; i < narrow->n; i++)
	{
		if (i % INTERRUPT_VALUES == 0)
			core_interrupt();
		tag_list_value(narrow, i, &value);
		if (!tag_list_contains(wide, &value))
			return false;
	}
	return true;
}

/* Is there some value of the name where the leaf is true? */
static bool
known_where(const TagNode *leaf, const TagNode *known)
{
	switch (leaf->kind)
	{
		case TAG_FALSE:
		case TAG_TRUE:
		case TAG_SUBTREE:
		case TAG_SEGMENT_LEAF:
		case TAG_EVENT:
			return false;
		case TAG_PAIR:
			if (known->name_length == leaf->text_length &&
				memcmp(known->name, leaf->text, leaf->text_length) == 0)
				return true;
			return same_name(leaf, known);
		default:
			return same_name(leaf, known);
	}
}

bool
tag_leaf_covers(const TagNode *wide, const TagNode *narrow)
{
	if (same_leaf(wide, narrow))
		return true;
	switch (wide->kind)
	{
		case TAG_SUBTREE:
			return (narrow->kind == TAG_SUBTREE || narrow->kind == TAG_HAS) &&
				tag_name_below(narrow->name, narrow->name_length, wide->name, wide->name_length);
		case TAG_KNOWN:
			return known_where(narrow, wide);
		case TAG_IN:
			return list_covers(wide, narrow);
		case TAG_RANGE:
			return wide->source == TAG_BY_DECAY ? decay_covers(wide, narrow) :
				wide->source == TAG_BY_ANNIVERSARY && anniversary_covers(wide, narrow);
		case TAG_DECAYING:
			return decay_covers(wide, narrow);
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			return same_name(wide, narrow) && text_covers(wide, narrow);
		case TAG_PAIR:
			return pair_covers(wide, narrow);
		case TAG_WINDOW:
			return window_covers(wide, narrow);
		case TAG_AGE:
			return age_covers(wide, narrow);
		case TAG_EVENT:
			return event_covers(wide, narrow);
		default:
			return false;
	}
}
