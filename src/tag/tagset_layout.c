/*
 * tagset_layout.c
 *	  Reading stored tagsets in place, see tagset.h.
 *
 * Whatever the bytes are, nothing is read past their end: the header is
 * checked when a value is opened, records and items as they are met.
 */
#include "tag/tagset.h"

#include "common/varint.h"

/* From so many names on they are found by bisection, not by their marks */
#define MANY_NAMES 512

/* Offsets behind the length word */
#define AT_VERSION	0
#define AT_WIDTH	1
#define AT_ZERO		2
#define AT_N		4
#define AT_MARKS	(TAGSET_HEADER - 4)

static void __attribute__((noreturn, cold))
corrupt(const char *problem)
{
	core_throw(CORE_CORRUPT, NULL, "corrupt value of type tagset: %s", problem);
}

bool
tagset_open(TagsetView *view, const void *payload, size_t size, CoreError *error)
{
	const uint8_t *bytes = payload;
	size_t		left;

	if (size < AT_MARKS || bytes[AT_VERSION] != TAGSET_VERSION)
		return core_set_error(error, CORE_CORRUPT, "corrupt value of type tagset: %s",
							  size < AT_MARKS ? "too short" : "unknown version");
	view->n = load32(bytes + AT_N);
	view->end_bytes = bytes[AT_WIDTH];
	left = size - AT_MARKS;
	if ((view->end_bytes != 2 && view->end_bytes != 4) ||
		(uint64_t) view->n * (2 + view->end_bytes) > left)
		return core_set_error(error, CORE_CORRUPT, "corrupt value of type tagset: bad header");
	view->marks = bytes + AT_MARKS;
	view->ends = view->marks + (size_t) view->n * 2;
	view->records = view->ends + (size_t) view->n * view->end_bytes;
	view->size = (size_t) (bytes + size - view->records);
	return true;
}

static inline size_t
end_of(const TagsetView *view, uint32_t i)
{
	return view->end_bytes == 2 ? load16(view->ends + (size_t) i * 2) :
		load32(view->ends + (size_t) i * 4);
}

const char *
tagset_record_problem(const TagsetView *view, uint32_t i, TagRecord *record)
{
	size_t		start = i == 0 ? 0 : end_of(view, i - 1);
	size_t		end = end_of(view, i);
	const uint8_t *p = view->records + start;
	uint64_t	head;

	if (start >= end || end > view->size)
		return "bad end of a record";
	record->end = view->records + end;
	if (*p < 0x80)
		head = *p++;
	else if ((p = varint_get(p, record->end, &head)) == NULL)
		return "bad length of a name";
	if (head >> 1 > (size_t) (record->end - p))
		return "name past the end of its record";
	record->name = (const char *) p;
	record->name_length = (uint32_t) (head >> 1);
	record->plain = head & 1;
	record->items = p + record->name_length;
	return NULL;
}

void
tagset_record(const TagsetView *view, uint32_t i, TagRecord *record)
{
	const char *problem = tagset_record_problem(view, i, record);

	if (problem != NULL)
		corrupt(problem);
}

uint32_t
tagset_lower_bound(const TagsetView *view, const char *name, size_t length)
{
	uint32_t	low = 0;
	uint32_t	high = view->n;

	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;
		TagRecord	record;

		tagset_record(view, middle, &record);
		if (tag_compare_bytes(record.name, record.name_length, name, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Is record i the one with this name? */
static inline bool
has_name(const TagsetView *view, uint32_t i, const char *name, size_t length, TagRecord *record)
{
	tagset_record(view, i, record);
	return record->name_length == length && memcmp(record->name, name, length) == 0;
}

bool
tagset_find(const TagsetView *view, const char *name, size_t length, uint16_t mark,
			TagRecord *record)
{
	const uint64_t ones = UINT64_C(0x0001000100010001);
	const uint64_t pattern = ones * mark;
	uint32_t	i = 0;

	if (view->n >= MANY_NAMES)
	{
		i = tagset_lower_bound(view, name, length);
		return i < view->n && has_name(view, i, name, length, record);
	}
	/* four marks at a time: the top bits of those that are the same (and, seldom, of
	 * others above these) */
	for (; i + 4 <= view->n; i += 4)
	{
		uint64_t	differ = load64(view->marks + (size_t) i * 2) ^ pattern;
		uint64_t	same = (differ - ones) & ~differ & ones << 15;

		for (; same != 0; same &= same - 1)
			if (has_name(view, i + (uint32_t) __builtin_ctzll(same) / 16, name, length, record))
				return true;
	}
	for (; i < view->n; i++)
		if (load16(view->marks + (size_t) i * 2) == mark &&
			has_name(view, i, name, length, record))
			return true;
	return false;
}

/* ---- items ---- */

static const uint8_t plain_payload[1] = {1};
const TagItem tag_plain_item = {{TAG_BOOL, 1, plain_payload}, 0, 0, 0, 0};

const uint8_t *
tag_item_read(const uint8_t *p, const uint8_t *end, TagItem *item, const char **problem)
{
	uint64_t	length = 8;
	size_t		extras;

	*problem = "item past the end of its record";
	if (p >= end)
		return NULL;
	item->value.type = (TagType) (*p & TAG_TYPE_MASK);
	item->has = *p++ & (uint8_t) ~TAG_TYPE_MASK;
	if (item->value.type < TAG_BOOL || item->value.type > TAG_TYPE_LAST ||
		item->has & ~(TAG_WEIGHT | TAG_SET_AT | TAG_EXPIRES))
	{
		*problem = "unknown kind of value";
		return NULL;
	}
	if (item->value.type == TAG_TEXT)
	{
		p = varint_get(p, end, &length);
		if (p == NULL)
			return NULL;
	}
	else if (item->value.type == TAG_BOOL)
		length = 1;
	extras = 8 * (size_t) __builtin_popcount(item->has);
	if ((size_t) (end - p) < extras || length > (size_t) (end - p) - extras)
		return NULL;
	item->value.payload = p;
	item->value.length = (uint32_t) length;
	p += length;
	if (item->has & TAG_WEIGHT)
	{
		memcpy(&item->weight, p, 8);
		p += 8;
	}
	if (item->has & TAG_SET_AT)
	{
		item->set_at = (int64_t) load64(p);
		p += 8;
	}
	if (item->has & TAG_EXPIRES)
	{
		item->expires_at = (int64_t) load64(p);
		p += 8;
	}
	return p;
}

const uint8_t *
tag_item_next(const TagRecord *record, const uint8_t *p, TagItem *item)
{
	const char *problem;

	if (record->plain)
	{
		if (p != NULL)
			return NULL;
		*item = tag_plain_item;
		return record->end;
	}
	if (p == record->end)
		return NULL;
	p = tag_item_read(p == NULL ? record->items : p, record->end, item, &problem);
	if (p == NULL)
		corrupt(problem);
	return p;
}
