/*
 * tag_explain.h
 *	  Why does a tagset match a rule, or not: which leaves decided, and what is
 *	  the smallest change of the answer?
 *
 * A leaf is taken as a switch that can be turned by itself, whatever it asks
 * about.  Where a leaf occurs several times in a rule, negated or not, it is
 * one switch.
 */
#ifndef PORTRAIT_TAG_EXPLAIN_H
#define PORTRAIT_TAG_EXPLAIN_H

#include "tag/tagquery.h"

/* Is the leaf true, its negation included? */
typedef bool (*TagLeafTrue) (const TagNode *leaf, void *context);

/* One leaf, as it stands in the rule where it comes first */
typedef struct TagReason
{
	const uint8_t *start;
	const uint8_t *end;
	bool		matched;
	bool		decisive;		/* the answer turns with this leaf alone */
	bool		change;			/* in the smallest set that turns the answer together, or
								 * in the smallest one that was found */
} TagReason;

typedef struct TagReasons
{
	TagReason  *reasons;		/* by core_alloc(), in the order of the rule */
	uint32_t	n;
	bool		matched;		/* the answer */
	bool		cut_off;		/* a smaller set than the one told may exist */
} TagReasons;

/*
 * The set of leaves to change is a smallest one where no leaf occurs twice, and
 * where it has one member.  Else it is looked for within bounds of work; past them
 * "cut_off" tells so: what is marked turns the answer, but a smaller set may
 * exist, or any at all where none is marked.  Otherwise, where none is marked
 * there is none, as in a rule that is always true.
 */
extern void tag_explain(TagReasons *result, const TagqueryView *rule,
						TagLeafTrue leaf_true, void *context);

/*
 * What a tagset has of what a leaf asks about, as the text of a tagset: the
 * values of its tag, or, where it asks about several tags, these with their
 * names.  Nothing is written if there is nothing.
 */
extern void tag_actual_print(TextOut *out, const TagNode *leaf, const TagsetView *tags,
							 int64_t as_of);

#endif							/* PORTRAIT_TAG_EXPLAIN_H */
