/*
 * tag_keys.h
 *	  Keys of tagsets and of leaves: what both indexes, compiled sets of rules
 *	  and statistics find tags by.
 *
 * A key says one thing of a tag, see TagKeyKind.  The keys of a tagset are all
 * that is so of it; the keys of a leaf are such that the leaf, not negated, is
 * true only of tagsets that have one of them.  A leaf's key is exact if, the
 * other way, the leaf is true of every tagset that has it.
 *
 * An index of tagsets stores images of keys, which are exact too as long as
 * they are short.  All else goes by hashes, and looks at what it finds again.
 */
#ifndef PORTRAIT_TAG_KEYS_H
#define PORTRAIT_TAG_KEYS_H

#include "tag/tagquery.h"

/* The numbers are stored in indexes */
typedef enum TagKeyKind
{
	TAG_KEY_HAS = 1,			/* a value other than false */
	TAG_KEY_FALSE,				/* the value false */
	TAG_KEY_BELOW,				/* a tag below it has a value other than false */
	TAG_KEY_EQUAL,				/* this value, neither true nor false */
	TAG_KEY_NUMBER,				/* a number whose code starts so */
	TAG_KEY_MOMENT				/* a date or time whose code starts so */
} TagKeyKind;

/*
 * Numbers and moments have codes of 16 bits, in their order, see
 * tag_number_code() and tag_moment_code().  On level 1..8 a key has the first
 * 2 * level bits of one.
 */
#define TAG_KEY_LEVELS	8
#define TAG_KEY_LEVEL_BITS 2
#define TAG_CODES		65536

typedef struct TagKey
{
	TagKeyKind	kind;
	const char *name;
	uint32_t	name_length;
	TagValue	value;			/* TAG_KEY_EQUAL; of type TAG_TIME for dates too */
	uint8_t		level;			/* TAG_KEY_NUMBER, TAG_KEY_MOMENT */
	uint16_t	prefix;
} TagKey;

/* ---- tag_keys.c: keys of tagsets ---- */

typedef void (*TagKeyVisit) (void *context, const TagKey *key);

/* All keys of a tagset, some of them more than once */
extern void tag_keys_visit(const TagsetView *tags, TagKeyVisit visit, void *context);

/*
 * 64 bits of a key.  The lowest 16 are the mark of its name, so that keys of
 * one tag are known; the upper 32 are good ones on their own.
 */
extern uint64_t tag_key_hash(const TagKey *key);

static inline uint16_t
tag_key_mark(uint64_t hash)
{
	return (uint16_t) hash;
}

#define TAG_KEY_IMAGE_MAX 64

/*
 * The bytes of a key, at most TAG_KEY_IMAGE_MAX; those of two keys differ,
 * save that long ones are only hashed, and then that is false.
 */
extern bool tag_key_image(const TagKey *key, uint8_t *image, size_t *size);

/*
 * The order of images in an index, that of memcmp(): most keys of a tagset come
 * in it.  They are short, and compared so often that a call is worth saving.
 */
static inline int
tag_image_compare(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	size_t		size = a_size < b_size ? a_size : b_size;
	size_t		i = 0;
	uint64_t	x = 0;
	uint64_t	y = 0;

	for (; i + 8 <= size && x == y; i += 8)
	{
		x = tag_load_ordered(a + i);
		y = tag_load_ordered(b + i);
	}
	/* the rest, with some of what is equal before it */
	if (x == y && i < size)
	{
		if (size >= 8)
		{
			x = tag_load_ordered(a + size - 8);
			y = tag_load_ordered(b + size - 8);
		}
		else if (size >= 4)
		{
			x = (uint64_t) __builtin_bswap32(load32(a)) << 32 | __builtin_bswap32(load32(a + size - 4));
			y = (uint64_t) __builtin_bswap32(load32(b)) << 32 | __builtin_bswap32(load32(b + size - 4));
		}
		else
			for (; i < size; i++)
			{
				x = x << 8 | a[i];
				y = y << 8 | b[i];
			}
	}
	if (x != y)
		return x < y ? -1 : 1;
	return a_size < b_size ? -1 : a_size > b_size;
}

/* To read: vip, vip=false, interest.*, city=5, age in [20, 24) */
extern void tag_key_print(TextOut *out, const TagKey *key);

/* A list of hashes that grows, by core_alloc; set up with zeros */
typedef struct TagKeys
{
	uint64_t   *keys;
	uint32_t	n;
	uint32_t	room;
} TagKeys;

extern void tag_keys_add(TagKeys *keys, uint64_t hash);

/* Ascending and without doubles, from place "first" on */
extern void tag_keys_sort(TagKeys *keys, uint32_t first);

/* Hashes of all keys of a tagset, sorted; replaces what was in the list */
extern void tag_keys_of_tagset(TagKeys *keys, const TagsetView *tags);

/* ---- tag_leaf_keys.c: keys of leaves ---- */

extern uint16_t tag_number_code(uint64_t ordered);
extern uint16_t tag_moment_code(uint64_t ordered);

/* The lowest number or moment of a code, code > 0 */
extern uint64_t tag_code_start(TagKeyKind kind, uint16_t code);

typedef void (*TagLeafKeyVisit) (void *context, const TagKey *key, bool exact);

/*
 * The keys of a bound leaf, its negation disregarded.  A TAG_PAIR is true only
 * of tagsets that have a key of each of its two parts; other leaves have one
 * part, 0.
 */
extern void tag_leaf_keys(const TagNode *leaf, int part, TagLeafKeyVisit visit, void *context);

static inline int
tag_leaf_parts(const TagNode *leaf)
{
	return leaf->kind == TAG_PAIR ? 2 : 1;
}

/* The same with the fewest keys, at most two: that the tag is there at all */
extern void tag_leaf_coarse_keys(const TagNode *leaf, int part, TagLeafKeyVisit visit,
								 void *context);

/* The same with keys on one level only, for intervals of values; none for other leaves */
extern void tag_leaf_level_keys(const TagNode *leaf, int number_level, int moment_level,
								TagLeafKeyVisit visit, void *context);

/* The same with the keys of the interval's ends on the last level */
extern void tag_leaf_ends(const TagNode *leaf, TagLeafKeyVisit visit, void *context);

#endif							/* PORTRAIT_TAG_KEYS_H */
