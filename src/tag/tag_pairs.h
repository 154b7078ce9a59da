/*
 * tag_pairs.h
 *	  Keys of an index of rules: of rules and of tagsets.
 *
 * A key has 64 bits: the upper halves of two keys' hashes (tag_keys.h), the
 * smaller one first, or of one key's and 0; TAG_PAIRS_ALWAYS for rules that
 * need nothing to be there.  Two keys of one tag are never in a pair.
 */
#ifndef PORTRAIT_TAG_PAIRS_H
#define PORTRAIT_TAG_PAIRS_H

#include "tag/tag_access.h"

#define TAG_PAIRS_ALWAYS 0

/* An alternative that needs more pairs is found by single keys */
#define TAG_PAIRS_MAX	64

/* A pair or, b being 0, a single; both are 0 for what is looked at always */
typedef struct TagPair
{
	uint64_t	a;
	uint64_t	b;
} TagPair;

/* The pairs of a rule's alternatives, by core_alloc */
extern TagPair *tag_pairs_of_rule(const TagAccess *access, uint32_t *n);

/* What the index stores of a pair */
extern int64_t tag_pair_key(TagPair pair);

/* Can this key be in a pair? */
extern bool tag_key_is_paired(const TagKey *key);

/* Can these two? */
extern bool tag_keys_can_pair(uint64_t a, uint64_t b);

/* Is this the lower half of what the index stores of one of the keys, which are sorted? */
extern bool tag_keys_have_half(const TagKeys *keys, uint32_t half);

#endif							/* PORTRAIT_TAG_PAIRS_H */
