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
#define AT_WIDTHS	1
#define AT_N		2

static void __attribute__((noreturn, cold))
corrupt(const char *problem)
{
	core_throw(CORE_CORRUPT, NULL, "corrupt value of type tagset: %s", problem);
}

static inline bool
is_width(uint32_t bytes)
{
	return bytes == 1 || bytes == 2 || bytes == 4;
}

/* Number i of those that take so many bytes each */
static inline uint32_t
number_at(const uint8_t *numbers, uint32_t bytes, size_t i)
{
	if (bytes == 1)
		return numbers[i];
	return bytes == 2 ? load16(numbers + i * 2) : load32(numbers + i * 4);
}

bool
tagset_open(TagsetView *view, const void *payload, size_t size, CoreError *error)
{
	const uint8_t *bytes = payload;
	uint32_t	n_bytes;
	uint64_t	fixed;

	if (size <= AT_N || bytes[AT_VERSION] != TAGSET_VERSION)
		return core_set_error(error, CORE_CORRUPT, "corrupt value of type tagset: %s",
							  size <= AT_N ? "too short" : "unknown version");
	n_bytes = bytes[AT_WIDTHS] >> 4;
	view->end_bytes = bytes[AT_WIDTHS] & 15;
	if (is_width(n_bytes) && is_width(view->end_bytes) && n_bytes <= size - AT_N)
	{
		view->n = number_at(bytes + AT_N, n_bytes, 0);
		view->marks = bytes + AT_N + n_bytes;
		fixed = AT_N + n_bytes + (uint64_t) view->n * (1 + view->end_bytes);
		if (fixed <= size)
		{
			view->ends = view->marks + view->n;
			view->records = bytes + fixed;
			view->size = size - (size_t) fixed;
			return true;
		}
	}
	return core_set_error(error, CORE_CORRUPT, "corrupt value of type tagset: bad header");
}

static inline size_t
end_of(const TagsetView *view, uint32_t i)
{
	return number_at(view->ends, view->end_bytes, i);
}

/* (inline: in this file it is the path of every search) */
inline const char *
tagset_record_problem(const TagsetView *view, uint32_t i, TagRecord *record)
{
	size_t		start = i == 0 ? 0 : end_of(view, i - 1);
	size_t		end = end_of(view, i);
	const uint8_t *p = view->records + start;
	uint64_t	length = end - start;

	if (start >= end || end > view->size)
		return "bad end of a record";
	record->end = view->records + end;
	record->plain = view->marks[i] & TAGSET_PLAIN;
	if (!record->plain)
	{
		p = varint_get(p, record->end, &length);
		if (p == NULL)
			return "bad length of a name";
		if (length > (size_t) (record->end - p))
			return "name past the end of its record";
	}
	record->name = (const char *) p;
	record->name_length = (uint32_t) length;
	record->items = p + length;
	return NULL;
}

inline void
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

/* Most names are shorter than what a call of memcmp() takes */
static inline bool
same_bytes(const char *a, const char *b, size_t length)
{
	size_t		last;

	if (length >= 8)
		return memcmp(a, b, length) == 0;
	if (length >= 4)
	{
		last = length - 4;
		return ((load32(a) ^ load32(b)) | (load32(a + last) ^ load32(b + last))) == 0;
	}
	if (length < 2)
		return length == 0 || *a == *b;
	last = length - 2;
	return load16(a) == load16(b) && load16(a + last) == load16(b + last);
}

/* Is record i the one with this name? */
static inline bool
has_name(const TagsetView *view, uint32_t i, const char *name, size_t length, TagRecord *record)
{
	tagset_record(view, i, record);
	return record->name_length == length && same_bytes(record->name, name, length);
}

bool
tagset_find(const TagsetView *view, const char *name, size_t length, uint16_t mark,
			TagRecord *record)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	const uint64_t pattern = UINT64_C(0x0101010101010101) * (mark & 0x7f);
	const uint8_t *marks = view->marks;
	const uint32_t n = view->n;
	uint32_t	i;

	if (n >= MANY_NAMES)
	{
		i = tagset_lower_bound(view, name, length);
		return i < n && has_name(view, i, name, length, record);
	}
	/* eight marks at a time, the last eight with some of those before: the top bit of a
	 * byte is set where all others are the same */
	for (i = 0; n >= 8; i = i + 16 <= n ? i + 8 : n - 8)
	{
		uint64_t	differ = (load64(marks + i) ^ pattern) & low;

		for (uint64_t same = ~(differ + low) & ~low; same != 0; same &= same - 1)
			if (has_name(view, i + (uint32_t) __builtin_ctzll(same) / 8, name, length, record))
				return true;
		if (i + 8 == n)
			return false;
	}
	for (; i < n; i++)
		if (((marks[i] ^ mark) & 0x7f) == 0 && has_name(view, i, name, length, record))
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
