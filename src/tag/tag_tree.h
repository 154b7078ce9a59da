/*
 * tag_tree.h
 *	  Rules in memory: made leaf by leaf, or read from a value; brought to their
 *	  canonical form and written.
 *
 * Constructors only put together what they are told, in any form; all that
 * makes equal rules equal is done by tag_tree_finish().  Memory is by
 * core_alloc().  What names and payloads point to is copied, except by
 * tag_tree_read(), whose tree lives in the bytes that it was read from.
 *
 * Callers check what comes from outside before (names of 1..TAG_NAME_MAX
 * bytes, texts of at most TAG_TEXT_MAX, bounds of one class), so that they can
 * tell where it stands; constructors throw CORE_BAD_PARAMETER otherwise.
 */
#ifndef PORTRAIT_TAG_TREE_H
#define PORTRAIT_TAG_TREE_H

#include "tag/tagquery.h"

/* Not a time: a decay that is not bound */
#define TAG_NO_TIME INT64_MIN

typedef struct TagTree
{
	TagNodeKind kind;
	bool		negated;		/* of any node, before tag_tree_finish() */

	/* leaves: the node as it is stored, but for its negation */
	const uint8_t *image;

	/* groups; k counts with TAG_AT_LEAST only */
	uint32_t	k;
	uint32_t	n;
	uint32_t	room;
	struct TagTree **children;

	uint32_t	size;			/* of the node as stored; set by constructors of leaves, and
								 * by tag_tree_finish() */
} TagTree;

/* What a comparison is about: city, weight(city), weight(city, 30 days), ... */
typedef struct TagSubject
{
	TagSource	source;
	const char *name;
	uint32_t	name_length;
	int64_t		half_life;		/* TAG_BY_DECAY: see tag_half_life_check() */
	int64_t		as_of;			/* TAG_BY_DECAY: TAG_NO_TIME gives a TAG_DECAYING leaf */
} TagSubject;

/* ---- leaves ---- */

extern TagTree *tag_tree_constant(bool value);

/* TAG_HAS, TAG_SUBTREE, TAG_KNOWN, TAG_SEGMENT_LEAF */
extern TagTree *tag_tree_name(TagNodeKind kind, const char *name, size_t length);

/*
 * TAG_IN (in, any of; =), TAG_NOT_IN (not in; <>).  Sorts the values where
 * they are; of none at all both are false.
 */
extern TagTree *tag_tree_list(TagNodeKind kind, const char *name, size_t length,
							  TagValue *values, uint32_t n);

/*
 * What compares so with a value: a list, an interval, or two of these.  Values
 * of an anniversary are numbers, month * 100 + day; of weights, numbers from
 * 0 to 1 or any other; of set_at, date and time, dates or times.
 */
extern TagTree *tag_tree_compare(const TagSubject *subject, TagComparison comparison,
								 const TagValue *value);

/*
 * low <= what <= high, or, "outside", what < low or high < what.  "Open" is 0,
 * or TAG_LOW_OPEN, TAG_HIGH_OPEN for bounds that are outside themselves (not
 * of anniversaries).
 */
extern TagTree *tag_tree_between(const TagSubject *subject, bool outside, uint8_t open,
								 const TagValue *low, const TagValue *high);

/*
 * Any interval: "bounds" tells which of low and high there are, at least one;
 * anniversaries have both, closed.
 */
extern TagTree *tag_tree_range(const TagSubject *subject, uint8_t bounds,
							   const TagValue *low, const TagValue *high);

/* TAG_STARTS, TAG_ENDS, TAG_CONTAINS */
extern TagTree *tag_tree_text(TagNodeKind kind, const char *name, size_t length,
							  const char *text, size_t text_length);

/* name comparison value(other) */
extern TagTree *tag_tree_pair(const char *name, size_t length, TagComparison comparison,
							  const char *other, size_t other_length);

/* name or anniversary(name), within last ... */
extern TagTree *tag_tree_window(TagSource source, const char *name, size_t length,
								TagWindowKind window, TagInterval interval);

/* age(name) comparison interval */
extern TagTree *tag_tree_age(const char *name, size_t length, TagComparison comparison,
							 TagInterval interval);

/* did("name", comparison count, window) */
extern TagTree *tag_tree_event(const char *name, size_t length, TagComparison comparison,
							   uint32_t count, TagWindowKind window, TagInterval interval);

/* ---- groups ---- */

/*
 * TAG_AND (true when it stays empty), TAG_OR (false when it stays empty),
 * TAG_AT_LEAST (any k: of 0 it is true, of more than it gets children false)
 */
extern TagTree *tag_tree_group(TagNodeKind kind, uint32_t k);
extern void tag_tree_add(TagTree *group, TagTree *child);

/* The rule turned around, and given back */
extern TagTree *tag_tree_not(TagTree *tree);

/* ---- from values and to values ---- */

/* A rule, or a part of one, from the node that starts here and ends before or at "end" */
extern TagTree *tag_tree_read(const uint8_t *start, const uint8_t *end);

/*
 * The value, with its length word, from a tree that is changed on the way and
 * not to be used any more; of a tree of leaves and groups alike.  NULL, with
 * CORE_LIMIT, when it nests too deep or is too large.
 */
extern void *tag_tree_finish(TagTree *tree, CoreError *error);

/* Fill in the error of a rule that nests too deep; always returns false */
extern bool tag_tree_too_deep(CoreError *error);

#endif							/* PORTRAIT_TAG_TREE_H */
