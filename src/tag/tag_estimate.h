/*
 * tag_estimate.h
 *	  What share of tagsets a rule matches, by how frequent single keys are.
 *
 * Different tags are taken to be independent, values of one tag to exclude
 * each other.
 */
#ifndef PORTRAIT_TAG_ESTIMATE_H
#define PORTRAIT_TAG_ESTIMATE_H

#include "tag/tag_keys.h"

typedef struct TagFrequencies
{
	/* the share of tagsets that have this key; below 0 if that is not known */
	double		(*find) (void *context, const TagKey *key);
	void	   *context;
	/* what is thought of keys of which it is not */
	double		rare;
} TagFrequencies;

extern double tagquery_selectivity(const TagqueryView *rule, const TagFrequencies *frequencies);

#endif							/* PORTRAIT_TAG_ESTIMATE_H */
