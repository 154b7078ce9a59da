/*
 * tag_keys.h
 *	  Keys of tagsets and of leaves, see the README: what both indexes and
 *	  compiled sets of rules find each other by.
 *
 * A key is a hash of a kind and bytes.  A tagset that a positive leaf is true
 * of has at least one of the leaf's keys.
 */
#ifndef PORTRAIT_TAG_KEYS_H
#define PORTRAIT_TAG_KEYS_H

#include "tag/tagquery.h"

/* A list that grows, by core_alloc; set up with zeros */
typedef struct TagKeys
{
	uint64_t   *keys;
	uint32_t	n;
	uint32_t	room;
} TagKeys;

/* All keys of a tagset, ascending and without doubles; replaces what was in the list */
extern void tag_keys_of_tagset(TagKeys *keys, const TagsetView *tags);

/*
 * Add the keys of a leaf; false if it has none, because it can be true of a
 * tagset that has nothing it asks about (negated, ...).
 */
extern bool tag_keys_of_leaf(TagKeys *keys, const TagNode *leaf);

#endif							/* PORTRAIT_TAG_KEYS_H */
