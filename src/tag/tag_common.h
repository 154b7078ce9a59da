/*
 * tag_common.h
 *	  Lists of common tags: what an index of rules had better not find rules by.
 *
 * A list is the text of tags, the commonest first: vip, gender=f, city=上海.
 * How common each is follows from its place, as frequencies of words do
 * (Zipf): what is last in the list is as common as a tag that isn't in it.
 */
#ifndef PORTRAIT_TAG_COMMON_H
#define PORTRAIT_TAG_COMMON_H

#include "tag/tag_keys.h"

/* More is neither worth its place in the catalogs nor the time to look it up */
#define TAG_COMMON_MAX	500

/* Stored without alignment as one of its options by an index: 16 bytes for each tag */
typedef struct TagCommonEntry
{
	uint64_t	key;			/* ascending */
	double		weight;
} TagCommonEntry;

typedef struct TagCommon
{
	const uint8_t *entries;
	uint32_t	n;
} TagCommon;

/*
 * The entries of a list, at most TAG_COMMON_MAX, into "entries"; how many, or
 * -1, with the error filled in.
 */
extern int	tag_common_read(const char *text, size_t length, TagCommonEntry *entries,
							CoreError *error);

/* A TagWeigh (tag_access.h) whose context is a TagCommon */
extern double tag_common_weigh(void *context, uint64_t key, double look);

#endif							/* PORTRAIT_TAG_COMMON_H */
