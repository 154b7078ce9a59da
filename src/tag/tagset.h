/*
 * tagset.h
 *	  Layout, invariants and core functions of the type tagset: what is known
 *	  of one customer.
 *
 * A tag has a name, whose levels are parted by dots, and one or more values;
 * each value may have a weight (0..1), the time it was set, and the time it
 * expires.  A bare tag is the value true.
 *
 * A stored value is, little-endian and without gaps (offsets from the start
 * of the varlena's length word; nothing is aligned, so that values with short
 * headers are read where they lie, as if their length word had 4 bytes).  A
 * scan of many takes as long as they are wide, so numbers take as few bytes as
 * they can, 1, 2 or 4:
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, TAGSET_VERSION
 *	 5	uint8	bytes of n times 16, plus bytes of an end
 *	 6	uintN	n, the number of names
 *	..	uint8	mark[n]: the lowest 7 bits of tag_mark(), plus TAGSET_PLAIN
 *	..	uintE	end[n]: where each record ends, from the first record on
 *	..	the records, in ascending order of their names (memcmp, a shorter one
 *		before those that it begins)
 *
 * The record of a plain tag is its name.  Plain is the one value true without
 * weight, time and expiry.  Any other record is
 *
 *		varint	bytes of the name
 *		name
 *		items up to the record's end
 *
 * An item is
 *
 *		uint8	type (3 bits), TAG_WEIGHT, TAG_SET_AT, TAG_EXPIRES
 *		varint	bytes of the payload, if the type is TAG_TEXT
 *		payload, see tag_value.h
 *		double	weight, if TAG_WEIGHT
 *		int64	set at, microseconds since 2000-01-01 UTC, if TAG_SET_AT
 *		int64	expires at, likewise, if TAG_EXPIRES
 *
 * Items are in ascending order of type and payload, and no two are equal in
 * these.  So one tagset has one image, and equality is memcmp().
 */
#ifndef PORTRAIT_TAGSET_H
#define PORTRAIT_TAGSET_H

#include "tag/tag_value.h"

#define TAGSET_VERSION	1
#define TAGSET_PLAIN	0x80

#define TAG_TYPE_MASK	0x07
#define TAG_WEIGHT		0x08
#define TAG_SET_AT		0x10
#define TAG_EXPIRES		0x20

/*
 * At most 64 MB, so that text (escapes double it, numbers take up to 24
 * characters for 8 bytes) stays far below 1 GB, and every value can be dumped.
 */
#define TAGSET_MAX_SIZE	((size_t) 64 * 1024 * 1024)

/* An opened value: pointers into its bytes, nothing is copied */
typedef struct TagsetView
{
	const uint8_t *marks;
	const uint8_t *ends;
	const uint8_t *records;
	uint32_t	n;
	uint32_t	end_bytes;		/* 1, 2 or 4 */
	size_t		size;			/* of the records */
} TagsetView;

/* One tag */
typedef struct TagRecord
{
	const char *name;
	uint32_t	name_length;
	bool		plain;
	const uint8_t *items;		/* where the items start; the end if plain */
	const uint8_t *end;
} TagRecord;

/* One value of a tag with all that belongs to it */
typedef struct TagItem
{
	TagValue	value;
	uint8_t		has;			/* TAG_WEIGHT | TAG_SET_AT | TAG_EXPIRES */
	double		weight;
	int64_t		set_at;
	int64_t		expires_at;
} TagItem;

/* The fewest bytes, of 1, 2 and 4, that hold a number */
static inline uint32_t
tagset_width(size_t number)
{
	return number <= UINT8_MAX ? 1 : number <= UINT16_MAX ? 2 : 4;
}

/* ---- tagset_layout.c: reading ---- */

/*
 * Open the bytes behind the length word.  False, with CORE_CORRUPT, when the
 * header does not fit the size; what lies behind is checked as it is read,
 * so that damaged bytes never make us read past the end.
 */
extern bool tagset_open(TagsetView *view, const void *payload, size_t size, CoreError *error);

/* Record i < n; throws CORE_CORRUPT when damaged */
extern void tagset_record(const TagsetView *view, uint32_t i, TagRecord *record);

/* The record with this name; false when there is none */
extern bool tagset_find(const TagsetView *view, const char *name, size_t length,
						uint16_t mark, TagRecord *record);

/* The first record whose name is not below this one; n when there is none */
extern uint32_t tagset_lower_bound(const TagsetView *view, const char *name, size_t length);

/*
 * Walk over the items: start with NULL, go on with what came back, until that
 * is NULL.  A plain tag has one item.  Throws CORE_CORRUPT when damaged.
 *
 *		for (p = tag_item_next(&record, NULL, &item); p; p = tag_item_next(&record, p, &item))
 */
extern const uint8_t *tag_item_next(const TagRecord *record, const uint8_t *p, TagItem *item);

/* The same for checkers: what is wrong with a record or NULL; the place behind an item
 * or NULL with what is wrong */
extern const char *tagset_record_problem(const TagsetView *view, uint32_t i, TagRecord *record);
extern const uint8_t *tag_item_read(const uint8_t *p, const uint8_t *end, TagItem *item,
									const char **problem);

/* The one value of a plain tag */
extern const TagItem tag_plain_item;

static inline bool
tag_item_is_plain(const TagItem *item)
{
	return item->value.type == TAG_BOOL && item->value.payload[0] == 1 && item->has == 0;
}

/* ---- tagset_check.c ---- */

/* What is wrong with a payload that has the length of its type, or NULL */
extern const char *tag_value_problem(const TagValue *value);

/* All invariants of the layout; false, with the error filled in, when one is broken */
extern bool tagset_check(const void *payload, size_t size, CoreErrorCode code, CoreError *error);

/* ---- tagset_build.c: making ---- */

/*
 * Tags as they come, in any order, several times; all memory is by
 * core_alloc(), names and payloads are copied.
 */
typedef struct TagsetBuild TagsetBuild;

extern TagsetBuild *tagset_build_new(void);
extern void tagset_build_add(TagsetBuild *build, const char *name, size_t length, const TagItem *item);

/*
 * The value, with its length word.  Of equal values of a tag the one set
 * latest counts (never set is earliest), then the larger weight, then the
 * later expiry; none expires latest.  Throws CORE_LIMIT past TAGSET_MAX_SIZE.
 */
extern void *tagset_build_finish(TagsetBuild *build);
/* The same, but NULL, with the error filled in, where that throws */
extern void *tagset_build_try(TagsetBuild *build, CoreError *error);
extern void tagset_build_free(TagsetBuild *build);

/* ---- tagset_algebra.c: results are values with their length word; throw CORE_LIMIT ---- */

typedef struct TagName
{
	const char *name;
	size_t		length;
} TagName;

/* All tags of both; of a name that both have, what b says */
extern void *tagset_override(const TagsetView *a, const TagsetView *b);

/* Without the tags of these names */
extern void *tagset_without(const TagsetView *view, const TagName *names, size_t n);

/* Without values that expire at as_of or before */
extern void *tagset_current(const TagsetView *view, int64_t as_of);

/* Has a all tags and values of b; have they one in common?  Weights and times don't count. */
extern bool tagset_contains(const TagsetView *a, const TagsetView *b);
extern bool tagset_overlaps(const TagsetView *a, const TagsetView *b);

/* ---- tagset_text.c ---- */

/*
 * The value, with its length word, of a text; NULL, with the error filled in, when it cannot
 * be read.  Messages show the text, which is in the host's encoding.
 */
extern void *tagset_parse(const char *text, size_t length, CoreError *error);

/* The text of a value, NUL-terminated, by core_alloc(); throws CORE_CORRUPT */
extern char *tagset_print(const TagsetView *view);

/* One value of a tag, with the tag's name; its weight and times alone */
extern void tag_item_print(TextOut *out, const TagRecord *record, const TagItem *item);
extern void tag_particulars_print(TextOut *out, const TagItem *item);

#endif							/* PORTRAIT_TAGSET_H */
