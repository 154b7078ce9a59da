/*
 * tag_common.h
 *	  Lists of common tags: what an index of rules had better not find rules by.
 *
 * A list is the text of tags, the commonest first: vip, gender=f, city=上海.
 * How common each is follows from its place, as frequencies of words do (Zipf).
 */
#ifndef PORTRAIT_TAG_COMMON_H
#define PORTRAIT_TAG_COMMON_H

#include "tag/tag_keys.h"

/*
 * A list is kept as an option of an index's column.  The server, seen on 15,
 * cannot store more than about 1,800 bytes there: it does so before it asks
 * us, and leaves an entry of an index on pg_attribute that points nowhere.
 */
#define TAG_COMMON_MAX_BYTES 1700
#define TAG_COMMON_MAX	(TAG_COMMON_MAX_BYTES / 2)

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
