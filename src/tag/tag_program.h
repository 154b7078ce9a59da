/*
 * tag_program.h
 *	  A rule over the keys of a tagset: what an index of tagsets asks.
 *
 * Each leaf becomes some of the program's keys, by number.  Run with what is
 * known of them, it says of a tagset that it matches, that it doesn't, or that
 * this can't be told: because something isn't known of the keys yet, or
 * because keys don't say all that the rule asks.
 */
#ifndef PORTRAIT_TAG_PROGRAM_H
#define PORTRAIT_TAG_PROGRAM_H

#include "tag/tag_keys.h"

/*
 * A leaf that would bring more keys is asked by its tag being there at all; if
 * even that is too much, it can't be told.  Searching for many is of
 * quadratic cost.
 */
#define TAG_PROGRAM_MAX_KEYS 10000

/* The numbers are those of the server's GIN_FALSE, GIN_TRUE and GIN_MAYBE */
typedef enum TagTruth
{
	TAG_NO = 0,
	TAG_YES = 1,
	TAG_MAYBE = 2
} TagTruth;

typedef struct TagProgramKey
{
	const uint8_t *image;
	uint32_t	size;
} TagProgramKey;

typedef struct TagProgram TagProgram;

/* Memory by core_alloc, never freed: it belongs to a search */
extern TagProgram *tag_program_make(const TagqueryView *rule);

/* Has a tagset all values of this one, or any of them? */
extern TagProgram *tag_program_of_tagset(const TagsetView *tags, bool all);

/* It can never be told */
extern TagProgram *tag_program_of_nothing(void);

/* The keys, no two equal */
extern const TagProgramKey *tag_program_keys(const TagProgram *program, uint32_t *n);

/* "keys" has a TagTruth of each key, in a byte */
extern TagTruth tag_program_run(const TagProgram *program, const char *keys);

#endif							/* PORTRAIT_TAG_PROGRAM_H */
