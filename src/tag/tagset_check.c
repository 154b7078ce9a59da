/*
 * tagset_check.c
 *	  All invariants of a tagset's layout, for bytes that come from outside.
 */
#include "tag/tagset.h"

#include <math.h>

#define INTERRUPT_RECORDS 1024

static bool
is_moment(int64_t usecs)
{
	return usecs >= TAG_MOMENT_MIN && usecs <= TAG_MOMENT_MAX;
}

const char *
tag_value_problem(const TagValue *value)
{
	int64_t		usecs;

	switch (value->type)
	{
		case TAG_BOOL:
			if (value->payload[0] > 1)
				return "a boolean is neither true nor false";
			break;
		case TAG_NUMBER:
			{
				uint64_t	ordered = tag_load_ordered(value->payload);
				double		number = tag_number_of(ordered);

				if (!isfinite(number) || tag_order_number(number) != ordered)
					return "a number is not finite, or is -0";
				break;
			}
		case TAG_DATE:
		case TAG_TIME:
			usecs = tag_moment_of(tag_load_ordered(value->payload));
			if (!is_moment(usecs))
				return "a date or time is out of range";
			if (value->type == TAG_DATE && usecs % TAG_USECS_PER_DAY != 0)
				return "a date is not the start of a day";
			break;
		case TAG_TEXT:
			if (value->length > TAG_TEXT_MAX)
				return "a text is too long";
			if (memchr(value->payload, 0, value->length) != NULL)
				return "a text has a zero byte";
			break;
	}
	return NULL;
}

static const char *
item_problem(const TagItem *item)
{
	if (item->has & TAG_WEIGHT && !(item->weight >= 0 && item->weight <= 1 && !signbit(item->weight)))
		return "a weight is not from 0 to 1";
	if ((item->has & TAG_SET_AT && !is_moment(item->set_at)) ||
		(item->has & TAG_EXPIRES && !is_moment(item->expires_at)))
		return "a time is out of range";
	return tag_value_problem(&item->value);
}

static const char *
items_problem(const TagRecord *record)
{
	const uint8_t *p = record->items;
	TagItem		item;
	TagItem		before = tag_plain_item;
	size_t		n = 0;
	const char *problem;

	if (record->plain)
		return NULL;
	if (p == record->end)
		return "a tag has no value";
	for (; p < record->end; n++)
	{
		if (n % INTERRUPT_RECORDS == 0)
			core_interrupt();
		p = tag_item_read(p, record->end, &item, &problem);
		if (p == NULL || (problem = item_problem(&item)) != NULL)
			return problem;
		if (n > 0 && tag_value_compare(&before.value, &item.value) >= 0)
			return "values are not in ascending order";
		before = item;
	}
	if (n == 1 && tag_item_is_plain(&item))
		return "a plain tag is not marked as such";
	return NULL;
}

static const char *
record_problem(const TagsetView *view, uint32_t i, const TagRecord *before, TagRecord *record)
{
	const char *problem = tagset_record_problem(view, i, record);

	if (problem != NULL)
		return problem;
	if (record->name_length < 1 || record->name_length > TAG_NAME_MAX)
		return "a name is empty or too long";
	if (memchr(record->name, 0, record->name_length) != NULL)
		return "a name has a zero byte";
	if (i > 0 && tag_compare_bytes(before->name, before->name_length,
								   record->name, record->name_length) >= 0)
		return "names are not in ascending order";
	if ((view->marks[i] & 0x7f) != (tag_mark(record->name, record->name_length) & 0x7f))
		return "wrong mark of a name";
	return items_problem(record);
}

static const char *
tagset_problem(const TagsetView *view, const uint8_t *payload)
{
	TagRecord	record = {0};
	const char *problem;

	if (payload[1] != (tagset_width(view->n) << 4 | tagset_width(view->size)))
		return "wrong widths of numbers";
	for (uint32_t i = 0; i < view->n; i++)
	{
		TagRecord	before = record;

		if (i % INTERRUPT_RECORDS == 0)
			core_interrupt();
		problem = record_problem(view, i, &before, &record);
		if (problem != NULL)
			return problem;
	}
	return record.end == (view->n == 0 ? NULL : view->records + view->size) &&
		(view->n > 0 || view->size == 0) ? NULL : "bytes behind the last record";
}

bool
tagset_check(const void *payload, size_t size, CoreErrorCode code, CoreError *error)
{
	TagsetView	view;
	const char *problem;

	if (size > TAGSET_MAX_SIZE - 4)
		problem = "too large";
	else if (!tagset_open(&view, payload, size, error))
		problem = "bad header";
	else
		problem = tagset_problem(&view, payload);
	if (problem == NULL)
		return true;
	core_set_error(error, code, "invalid binary value of type tagset");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}
