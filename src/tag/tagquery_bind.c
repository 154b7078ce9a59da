/*
 * tagquery_bind.c
 *	  What of a rule asks for the time, as constants (tagquery_bind.h).
 *
 * Lengths in seconds are lengths on the line of time; those in days and months
 * are steps in the calendar on the zone's walls, where the clock keeps its
 * time and a day that a month does not have becomes its last.  Windows are
 * half-open.  A time is in a window as the moment that it is, a date as
 * midnight on the wall.  In a rule both stand on one line, a date as midnight
 * in UTC: where that gives the same dates one leaf does for both, else there is
 * one for dates and one for times.
 *
 * What would be out of the range of dates and times is as good as the end of
 * that range.
 */
#include "tag/tagquery_bind.h"

#include "common/civil.h"
#include "tag/tag_tree.h"

#define USECS_PER_SEC INT64_C(1000000)

/* More than lies between the first and the last moment */
#define MONTHS_MAX 120000u
#define DAYS_MAX 3660000u

/* Far outside, and still far from overflow */
#define BEFORE_ALL (TAG_MOMENT_MIN - 366 * TAG_USECS_PER_DAY)
#define AFTER_ALL (TAG_MOMENT_MAX + 366 * TAG_USECS_PER_DAY)

typedef struct Binding
{
	int64_t		as_of;
	const TagZone *zone;
} Binding;

/* One point in time */
typedef struct Point
{
	int64_t		moment;
	int64_t		wall;
} Point;

static int64_t
floor_day(int64_t usecs)
{
	int64_t		day = usecs / TAG_USECS_PER_DAY;

	return day - (usecs % TAG_USECS_PER_DAY < 0);
}

/* ---- lengths of time ---- */

static int
days_of_month(int64_t year, int month)
{
	return (int) (month == 12 ? 31 :
				  civil_to_day(year, month + 1, 1) - civil_to_day(year, month, 1));
}

static int64_t
add_months(int64_t wall, int64_t months)
{
	int64_t		day = floor_day(wall);
	int64_t		time = wall - day * TAG_USECS_PER_DAY;
	int64_t		year;
	int			month;
	int			mday;
	int			last;

	day_to_civil(day, &year, &month, &mday);
	months += year * 12 + month - 1;
	year = months / 12 - (months % 12 < 0);
	month = (int) (months - year * 12) + 1;
	last = days_of_month(year, month);
	return civil_to_day(year, month, mday < last ? mday : last) * TAG_USECS_PER_DAY + time;
}

static Point
outside(int direction)
{
	int64_t		usecs = direction < 0 ? BEFORE_ALL : AFTER_ALL;

	return (Point) {usecs, usecs};
}

/* as_of and so long after (1) or before (-1) it */
static Point
shifted(const Binding *binding, int direction, TagInterval length)
{
	const TagZone *zone = binding->zone;
	int64_t		steps = (int64_t) length.count * direction;
	Point		point = {binding->as_of, zone->wall(zone->context, binding->as_of)};

	if (length.count == 0)
		return point;
	switch (length.unit)
	{
		case TAG_SECONDS:
			point.moment += steps * USECS_PER_SEC;
			break;
		case TAG_DAYS:
			if (length.count > DAYS_MAX)
				return outside(direction);
			point.wall += steps * TAG_USECS_PER_DAY;
			break;
		case TAG_MONTHS:
			if (length.count > MONTHS_MAX)
				return outside(direction);
			point.wall = add_months(point.wall, steps);
			break;
	}
	/* the zone is not asked for what is no time of ours */
	if (point.moment < BEFORE_ALL || point.wall < BEFORE_ALL ||
		point.moment > AFTER_ALL || point.wall > AFTER_ALL)
		return outside(direction);
	if (length.unit == TAG_SECONDS)
		point.wall = zone->wall(zone->context, point.moment);
	else
		point.moment = zone->moment(zone->context, point.wall);
	return point;
}

/* ---- windows ---- */

/* The first midnight not before this */
static int64_t
next_midnight(int64_t usecs)
{
	return -floor_day(-usecs) * TAG_USECS_PER_DAY;
}

static void
moment_value(TagValue *value, uint8_t payload[8], int64_t usecs)
{
	tag_store_ordered(payload, tag_order_moment(usecs));
	value->type = TAG_TIME;
	value->length = 8;
	value->payload = payload;
}

/* from <= what < to, both clamped to the range of moments */
static TagTree *
interval(const TagNode *leaf, TagSource source, int64_t from, int64_t to)
{
	TagSubject	subject = {source, leaf->name, leaf->name_length, 0, TAG_NO_TIME};
	uint8_t		low_payload[8];
	uint8_t		high_payload[8];
	TagValue	low;
	TagValue	high;
	uint8_t		bounds = 0;

	if (from >= to || from > TAG_MOMENT_MAX || to <= TAG_MOMENT_MIN)
		return tag_tree_constant(false);
	if (to <= TAG_MOMENT_MAX)
		bounds |= TAG_HIGH | TAG_HIGH_OPEN;
	if (from > TAG_MOMENT_MIN || bounds == 0)
		bounds |= TAG_LOW;
	moment_value(&low, low_payload, from > TAG_MOMENT_MIN ? from : TAG_MOMENT_MIN);
	moment_value(&high, high_payload, to);
	return tag_tree_range(&subject, bounds, &low, &high);
}

/* Dates and times from one point to before another */
static TagTree *
bind_window(const TagNode *leaf, const Point *from, const Point *to)
{
	int64_t		first = next_midnight(from->wall);
	int64_t		end = next_midnight(to->wall);
	TagTree    *either;

	if (first == next_midnight(from->moment) && end == next_midnight(to->moment))
		return interval(leaf, TAG_BY_VALUE, from->moment, to->moment);
	either = tag_tree_group(TAG_OR, 0);
	tag_tree_add(either, interval(leaf, TAG_BY_DATE, first, end));
	tag_tree_add(either, interval(leaf, TAG_BY_TIME, from->moment, to->moment));
	return either;
}

static void
number_value(TagValue *value, uint8_t payload[8], double number)
{
	tag_store_ordered(payload, tag_order_number(number));
	value->type = TAG_NUMBER;
	value->length = 8;
	value->payload = payload;
}

/*
 * Anniversaries on the days from first to before end, as numbers of month and
 * day.  Who was born on 29 February has it on the 28th in other years.
 */
static TagTree *
anniversaries(const TagNode *leaf, int64_t first, int64_t end)
{
	TagSubject	subject = {TAG_BY_ANNIVERSARY, leaf->name, leaf->name_length, 0, TAG_NO_TIME};
	int			from = 101;
	int			to = 1231;
	int64_t		year;
	int			month;
	int			mday;
	uint8_t		low_payload[8];
	uint8_t		high_payload[8];
	TagValue	low;
	TagValue	high;

	if (first >= end)
		return tag_tree_constant(false);
	if (end - first < 366)
	{
		day_to_civil(first, &year, &month, &mday);
		from = month * 100 + mday;
		day_to_civil(end - 1, &year, &month, &mday);
		to = month * 100 + mday;
		if (to == 228 && days_of_month(year, 2) == 28)
			to = 229;
	}
	number_value(&low, low_payload, from);
	number_value(&high, high_payload, to);
	return tag_tree_range(&subject, TAG_LOW | TAG_HIGH, &low, &high);
}

/* Whole days: today is in the future, hours and less are rounded up to days */
static TagTree *
bind_anniversary(const Binding *binding, const TagNode *leaf)
{
	TagInterval length = leaf->interval;
	int64_t		today;
	int64_t		other;

	if (length.unit == TAG_SECONDS)
	{
		length.unit = TAG_DAYS;
		length.count = length.count / 86400 + (length.count % 86400 != 0);
	}
	today = floor_day(binding->zone->wall(binding->zone->context, binding->as_of));
	other = floor_day(shifted(binding, leaf->window == TAG_WITHIN_NEXT ? 1 : -1, length).wall);
	if (leaf->window == TAG_WITHIN_NEXT)
		return anniversaries(leaf, today, other);
	return anniversaries(leaf, other, today);
}

static TagTree *
bind_window_leaf(const Binding *binding, const TagNode *leaf)
{
	const Point now = shifted(binding, 1, (TagInterval) {TAG_SECONDS, 0});
	const Point before = outside(-1);
	Point		other;

	if (leaf->source == TAG_BY_ANNIVERSARY)
		return bind_anniversary(binding, leaf);
	other = shifted(binding, leaf->window == TAG_WITHIN_NEXT ? 1 : -1, leaf->interval);
	switch (leaf->window)
	{
		case TAG_WITHIN_LAST:
			return bind_window(leaf, &other, &now);
		case TAG_BEFORE_LAST:
			return bind_window(leaf, &before, &other);
		case TAG_WITHIN_NEXT:
			return bind_window(leaf, &now, &other);
		case TAG_WHENEVER:
			break;
	}
	core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "unknown window");
}

/* ---- ages and decays ---- */

/* The older, the earlier it was set */
static TagTree *
bind_age(const Binding *binding, const TagNode *leaf)
{
	static const TagComparison turned[] = {
		[TAG_EQ] = TAG_EQ, [TAG_NE] = TAG_NE, [TAG_LT] = TAG_GT,
		[TAG_LE] = TAG_GE, [TAG_GT] = TAG_LT, [TAG_GE] = TAG_LE
	};
	TagSubject	subject = {TAG_BY_SET_AT, leaf->name, leaf->name_length, 0, TAG_NO_TIME};
	int64_t		then = shifted(binding, -1, leaf->interval).moment;
	TagComparison comparison;
	uint8_t		payload[8];
	TagValue	value;

	if (leaf->comparison > TAG_COMPARISON_LAST)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "unknown comparison");
	comparison = turned[leaf->comparison];
	if (then < TAG_MOMENT_MIN)
	{
		/* all that was set was set later */
		if (comparison == TAG_EQ || comparison == TAG_LT || comparison == TAG_LE)
			return tag_tree_constant(false);
		comparison = TAG_GE;
		then = TAG_MOMENT_MIN;
	}
	moment_value(&value, payload, then);
	return tag_tree_compare(&subject, comparison, &value);
}

static TagTree *
bind_decay(const Binding *binding, const TagNode *leaf)
{
	TagSubject	subject = {
		TAG_BY_DECAY, leaf->name, leaf->name_length, leaf->half_life, binding->as_of
	};

	return tag_tree_range(&subject, leaf->bounds, &leaf->low, &leaf->high);
}

/* ---- rules ---- */

static TagTree *
bind_leaf(const Binding *binding, TagTree *tree)
{
	TagNode		leaf;
	TagTree    *bound;

	tag_node_read(&leaf, tree->image, tree->image + tree->size);
	if (tree->kind == TAG_WINDOW)
		bound = bind_window_leaf(binding, &leaf);
	else if (tree->kind == TAG_AGE)
		bound = bind_age(binding, &leaf);
	else
		bound = bind_decay(binding, &leaf);
	return tree->negated ? tag_tree_not(bound) : bound;
}

static TagTree *
bind_tree(const Binding *binding, TagTree *tree)
{
	if (tag_kind_is_group(tree->kind))
	{
		core_check_stack();
		for (uint32_t i = 0; i < tree->n; i++)
		{
			core_interrupt();
			tree->children[i] = bind_tree(binding, tree->children[i]);
		}
		return tree;
	}
	if (tree->kind == TAG_WINDOW || tree->kind == TAG_AGE || tree->kind == TAG_DECAYING)
		return bind_leaf(binding, tree);
	return tree;
}

void *
tagquery_bind(const TagqueryView *rule, int64_t as_of, const TagZone *zone, CoreError *error)
{
	Binding		binding = {as_of, zone};

	return tag_tree_finish(bind_tree(&binding, tag_tree_read(rule->root, rule->end)), error);
}
