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
 * Terms are necessary, not sufficient: what they find is matched again.  So
 * nothing ever multiplies: in an AND of several ORs of ANDs only one becomes
 * alternatives, the others are covered by one term each.
 */
#ifndef PORTRAIT_TAG_ACCESS_H
#define PORTRAIT_TAG_ACCESS_H

#include "tag/tag_keys.h"

/* Past so many alternatives a rule is covered by one term instead */
#define TAG_ACCESS_MAX_ALTERNATIVES 64

/* ... and an alternative of more terms has those that weigh least */
#define TAG_ACCESS_MAX_TERMS 32

/*
 * A leaf with more keys is found by its tag being there at all, an OR with
 * more needs nothing to be there.
 */
#define TAG_ACCESS_MAX_LEAF_KEYS 256
#define TAG_ACCESS_MAX_KEYS 1024

/*
 * Keys that can stand in a pair are, of numbers and moments, on one level only:
 * so a tagset with many numbers has not too many of them.
 */
#define TAG_ACCESS_NUMBER_LEVEL 4	/* from a power of two half way to the next */
#define TAG_ACCESS_MOMENT_LEVEL 5	/* 64 days */
#define TAG_ACCESS_MAX_LEVEL_KEYS 16	/* with more, the tag being there does */

typedef struct TagTerm
{
	uint32_t	first;			/* of keys */
	uint32_t	n;				/* at least 1 */
	uint32_t	pair_first;		/* keys that find the same and can stand in a pair */
	uint32_t	pair_n;
	double		weight;			/* sums of those of the keys, see TagWeigh */
	double		pair_weight;
} TagTerm;

typedef struct TagAlternative
{
	uint32_t	first;			/* of terms */
	uint32_t	n;
} TagAlternative;

/*
 * What share of the tagsets has this key, or what stands for that (0..1)?
 * "look" is what is thought of it by its looks.
 */
typedef double (*TagWeigh) (void *context, uint64_t key, double look);

typedef struct TagAccess
{
	TagWeigh	weigh;			/* NULL: by their looks */
	void	   *context;

	TagAlternative *alternatives;
	uint32_t	n;
	TagTerm    *terms;
	TagKeys		keys;			/* of each term ascending, no doubles */
	/* memory, by core_alloc; can be used again for the next rule */
	uint32_t	alternatives_room;
	uint32_t	nterms;
	uint32_t	terms_room;
} TagAccess;

/* Set up with zeros before the first rule */
extern void tag_access_find(TagAccess *access, const TagqueryView *rule);
extern void tag_access_free(TagAccess *access);

#endif							/* PORTRAIT_TAG_ACCESS_H */
