/*
 * tag_logic.h
 *	  Does one rule imply another, or exclude it?
 *
 * Sound, not complete: what is told is proven, and what takes too much work or
 * is too hard stays unknown.  Rules are taken as if they were bound, segments
 * and events as being given to every customer.
 */
#ifndef PORTRAIT_TAG_LOGIC_H
#define PORTRAIT_TAG_LOGIC_H

#include "tag/tagquery.h"

typedef enum TagVerdict
{
	TAG_UNKNOWN = 0,
	TAG_PROVEN,
	TAG_REFUTED					/* there is a tagset of which it isn't so, looked at */
} TagVerdict;

/* Whatever matches a matches b */
extern TagVerdict tagquery_implies(const TagqueryView *a, const TagqueryView *b);

/* Nothing matches both */
extern TagVerdict tagquery_disjoint(const TagqueryView *a, const TagqueryView *b);

/* ---- tag_cover.c: what one leaf says of another ---- */

/* Is "wide" true wherever "narrow" is?  Both without their negations.  Sound, not complete. */
extern bool tag_leaf_covers(const TagNode *wide, const TagNode *narrow);

/* did() of one event in one window? */
extern bool tag_same_event(const TagNode *a, const TagNode *b);

/* name.* of the one is true of what has the other name */
extern bool tag_name_below(const char *name, uint32_t length, const char *above,
						   uint32_t above_length);

/* ---- tag_example.c: values of which leaves are true ---- */

typedef enum TagExample
{
	TAG_NO_VALUE,				/* there is none, proven */
	TAG_SOME_VALUE,				/* there may be one */
	TAG_THIS_VALUE				/* here is one */
} TagExample;

/*
 * A tag with one value that makes the positive leaf true, and all negated ones
 * of "others" too; leaves that look at more than one tag, at the time, at
 * segments or events aside.  Of several values the one numbered "which".  What
 * is found is added to "build", unless that is NULL.  Each candidate takes from
 * "work"; when that is used up, everything may be.
 */
extern TagExample tag_example(const TagNode *leaf, const TagNode *others, uint32_t n,
							  uint32_t which, TagsetBuild *build, int64_t *work);

#endif							/* PORTRAIT_TAG_LOGIC_H */
