/*
 * tag_actual.c
 *	  What a tagset has of what a leaf asks about, for people to read.
 */
#include "tag/tag_explain.h"

/* One tag's values that have not expired */
static void
print_record(TextOut *out, const TagRecord *record, bool named, int64_t as_of)
{
	TagItem		item;

	for (const uint8_t *p = tag_item_next(record, NULL, &item); p != NULL;
		 p = tag_item_next(record, p, &item))
	{
		core_interrupt();
		if (item.has & TAG_EXPIRES && item.expires_at <= as_of)
			continue;
		if (out->length > 0)
			text_out_bytes(out, ", ", 2);
		if (named)
		{
			tag_item_print(out, record, &item);
			continue;
		}
		tag_value_print(out, &item.value);
		tag_particulars_print(out, &item);
	}
}

static void
print_tag(TextOut *out, const TagsetView *tags, const char *name, uint32_t length, bool named,
		  int64_t as_of)
{
	TagRecord	record;

	if (tagset_find(tags, name, length, tag_mark(name, length), &record))
		print_record(out, &record, named, as_of);
}

/* The tag and all below it, which follow it but for names like a-b and a+b */
static void
print_subtree(TextOut *out, const TagNode *leaf, const TagsetView *tags, int64_t as_of)
{
	TagRecord	record;

	for (uint32_t i = tagset_lower_bound(tags, leaf->name, leaf->name_length); i < tags->n; i++)
	{
		tagset_record(tags, i, &record);
		if (record.name_length < leaf->name_length ||
			memcmp(record.name, leaf->name, leaf->name_length) != 0)
			break;
		if (record.name_length == leaf->name_length || record.name[leaf->name_length] == '.')
			print_record(out, &record, true, as_of);
	}
}

void
tag_actual_print(TextOut *out, const TagNode *leaf, const TagsetView *tags, int64_t as_of)
{
	switch (leaf->kind)
	{
		case TAG_SEGMENT_LEAF:
		case TAG_EVENT:
			break;
		case TAG_SUBTREE:
			print_subtree(out, leaf, tags, as_of);
			break;
		case TAG_PAIR:
			print_tag(out, tags, leaf->name, leaf->name_length, true, as_of);
			print_tag(out, tags, leaf->text, leaf->text_length, true, as_of);
			break;
		default:
			print_tag(out, tags, leaf->name, leaf->name_length, false, as_of);
			break;
	}
}
