/*
 * tag_count.h
 *	  The most frequent keys of a sample of tagsets, or of rules.
 *
 * By lossy counting (Manku and Motwani 2002): every so many keys those seen
 * too rarely until then are forgotten, so that memory is bounded, and the most
 * frequent ones are sure to stay.
 */
#ifndef PORTRAIT_TAG_COUNT_H
#define PORTRAIT_TAG_COUNT_H

#include "tag/tag_keys.h"

/* Keys that would be longer as text are not counted */
#define TAG_COUNT_MAX_BYTES 200

typedef struct TagCounted
{
	TagKey		key;			/* what it points to is a copy */
	uint32_t	rows;			/* that have it */
} TagCounted;

typedef struct TagCount TagCount;

/* To find the so many most frequent keys */
extern TagCount *tag_count_new(uint32_t wanted);

/* All that follows is of the next row */
extern void tag_count_row(TagCount *count);

/* A TagKeyVisit whose context is a TagCount; of a row each key counts once */
extern void tag_count_key(void *context, const TagKey *key);

/*
 * The most frequent keys, at most as many as wanted, and each in at least
 * "least" rows, the most frequent one first; those of equal frequency in
 * the order of their hashes.
 */
extern const TagCounted *tag_count_finish(TagCount *count, uint32_t least, uint32_t *n);

#endif							/* PORTRAIT_TAG_COUNT_H */
