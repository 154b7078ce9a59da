/*
 * tag_access.h
 *	  A rule's alternatives, and what each is found by.
 *
 * A rule is brought into alternatives, at least one of which holds of every
 * tagset that matches.  An alternative is an AND of terms, a term is "has any
 * of these keys" (tag_keys.h): a positive leaf, or an OR of positive leaves.
 * What has no keys (negated leaves, what needs nothing to be there) is no term;
 * an alternative may have none, then it is to be looked at for every tagset.
 * A rule that nothing matches (FALSE, not bound) has no alternatives.
 *
 * Terms are necessary, not sufficient: what they find is matched again.
 */
#ifndef PORTRAIT_TAG_ACCESS_H
#define PORTRAIT_TAG_ACCESS_H

#include "tag/tag_keys.h"

/*
 * Past so many alternatives (an AND of many ORs of ANDs) a rule is covered
 * instead: one term per alternative.
 */
#define TAG_ACCESS_MAX_ALTERNATIVES 64

typedef struct TagTerm
{
	uint32_t	first;			/* of keys */
	uint32_t	n;				/* at least 1 */
	uint32_t	rarity;			/* by the look of its leaves: the higher, the rarer */
} TagTerm;

typedef struct TagAlternative
{
	uint32_t	first;			/* of terms */
	uint32_t	n;
} TagAlternative;

typedef struct TagAccess
{
	TagAlternative *alternatives;
	uint32_t	n;
	TagTerm    *terms;
	uint64_t   *keys;			/* of each term ascending, no doubles */
	/* memory, by core_alloc; can be used again for the next rule */
	uint32_t	alternatives_room;
	uint32_t	terms_room;
	uint32_t	keys_room;
} TagAccess;

/* Set up with zeros before the first rule */
extern void tag_access_find(TagAccess *access, const TagqueryView *rule);
extern void tag_access_free(TagAccess *access);

#endif							/* PORTRAIT_TAG_ACCESS_H */
