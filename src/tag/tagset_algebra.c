/*
 * tagset_algebra.c
 *	  Tagsets from tagsets, and what one has of another.
 *
 * Names are in order in both, so most of it is walking over two lists at once.
 */
#include "tag/tagset_build.h"

#define INTERRUPT_RECORDS 1024

static void *
finish(TagsetWriter *writer)
{
	CoreError	error;
	void	   *value = tagset_writer_finish(writer, &error);

	if (value == NULL)
		core_throw_error(&error);
	return value;
}

static void
maybe_interrupt(uint32_t i)
{
	if (i % INTERRUPT_RECORDS == 0)
		core_interrupt();
}

void *
tagset_override(const TagsetView *a, const TagsetView *b)
{
	TagsetWriter writer;
	TagRecord	left;
	TagRecord	right;
	uint32_t	i = 0;
	uint32_t	j = 0;

	tagset_writer_start(&writer, (size_t) a->n + b->n, a->size + b->size);
	while (i < a->n || j < b->n)
	{
		int			order = i == a->n ? 1 : -1;

		maybe_interrupt(i + j);
		if (i < a->n)
			tagset_record(a, i, &left);
		if (j < b->n)
			tagset_record(b, j, &right);
		if (i < a->n && j < b->n)
			order = tag_compare_bytes(left.name, left.name_length, right.name, right.name_length);
		tagset_writer_copy(&writer, order < 0 ? &left : &right);
		i += order <= 0;
		j += order >= 0;
	}
	return finish(&writer);
}

void *
tagset_without(const TagsetView *view, const TagName *names, size_t n)
{
	TagsetWriter writer;
	TagRecord	record;
	bool	   *gone = core_alloc((size_t) view->n + 1);

	memset(gone, 0, view->n);
	for (size_t i = 0; i < n; i++)
	{
		uint32_t	at = tagset_lower_bound(view, names[i].name, names[i].length);

		maybe_interrupt((uint32_t) i);
		if (at == view->n)
			continue;
		tagset_record(view, at, &record);
		if (record.name_length == names[i].length &&
			memcmp(record.name, names[i].name, names[i].length) == 0)
			gone[at] = true;
	}
	tagset_writer_start(&writer, view->n, view->size);
	for (uint32_t i = 0; i < view->n; i++)
	{
		maybe_interrupt(i);
		if (gone[i])
			continue;
		tagset_record(view, i, &record);
		tagset_writer_copy(&writer, &record);
	}
	core_free(gone);
	return finish(&writer);
}

/* Not yet expired */
static bool
is_current(const TagItem *item, int64_t as_of)
{
	return !(item->has & TAG_EXPIRES) || item->expires_at > as_of;
}

/* What is left of a record, if anything */
static void
write_current(TagsetWriter *writer, const TagRecord *record, int64_t as_of)
{
	TagItem		item;
	TagItem		last = tag_plain_item;
	size_t		kept = 0;
	bool		plain;
	const uint8_t *p;

	for (p = tag_item_next(record, NULL, &item); p != NULL; p = tag_item_next(record, p, &item))
		if (is_current(&item, as_of))
		{
			last = item;
			kept++;
		}
	if (kept == 0)
		return;
	/* what is left of several values may be plain */
	plain = kept == 1 && tag_item_is_plain(&last);
	tagset_writer_name(writer, record->name, record->name_length, plain);
	if (!plain)
	{
		for (p = tag_item_next(record, NULL, &item); p != NULL; p = tag_item_next(record, p, &item))
			if (is_current(&item, as_of))
				tagset_writer_item(writer, &item);
	}
	tagset_writer_end(writer);
}

void *
tagset_current(const TagsetView *view, int64_t as_of)
{
	TagsetWriter writer;
	TagRecord	record;

	tagset_writer_start(&writer, view->n, view->size);
	for (uint32_t i = 0; i < view->n; i++)
	{
		maybe_interrupt(i);
		tagset_record(view, i, &record);
		write_current(&writer, &record, as_of);
	}
	return finish(&writer);
}

/* ---- comparing ---- */

/* Of the values of "wanted": are all there, or (any) is one there? */
static bool
items_match(const TagRecord *record, const TagRecord *wanted, bool any)
{
	TagItem		x;
	TagItem		y;
	const uint8_t *p = tag_item_next(record, NULL, &x);
	const uint8_t *q = tag_item_next(wanted, NULL, &y);

	while (p != NULL && q != NULL)
	{
		int			order = tag_value_compare(&x.value, &y.value);

		if (any ? order == 0 : order > 0)
			return any;
		if (order <= 0)
			p = tag_item_next(record, p, &x);
		if (order >= 0)
			q = tag_item_next(wanted, q, &y);
	}
	return !any && q == NULL;
}

static bool
find_same(const TagsetView *view, const TagRecord *wanted, TagRecord *record)
{
	return tagset_find(view, wanted->name, wanted->name_length,
					   tag_mark(wanted->name, wanted->name_length), record);
}

bool
tagset_contains(const TagsetView *a, const TagsetView *b)
{
	TagRecord	record;
	TagRecord	wanted;

	for (uint32_t i = 0; i < b->n; i++)
	{
		maybe_interrupt(i);
		tagset_record(b, i, &wanted);
		if (!find_same(a, &wanted, &record) || !items_match(&record, &wanted, false))
			return false;
	}
	return true;
}

bool
tagset_overlaps(const TagsetView *a, const TagsetView *b)
{
	const TagsetView *fewer = a->n < b->n ? a : b;
	const TagsetView *more = fewer == a ? b : a;
	TagRecord	record;
	TagRecord	wanted;

	for (uint32_t i = 0; i < fewer->n; i++)
	{
		maybe_interrupt(i);
		tagset_record(fewer, i, &wanted);
		if (find_same(more, &wanted, &record) && items_match(&record, &wanted, true))
			return true;
	}
	return false;
}
