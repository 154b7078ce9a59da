/*
 * tagquery.h
 *	  Layout, invariants and core functions of the type tagquery: a rule over
 *	  tags.
 *
 * A rule is a tree.  Its inner nodes are thresholds, "at least k of n": AND
 * is n of n, OR is 1 of n.  Its leaves ask about one tag (two, when another
 * tag's value is on the right), a segment or an event.  Negation is a flag of
 * a leaf: not(at least k of n) is at least n-k+1 of the negated.
 *
 * A stored value is, little-endian and without gaps (offsets from the start
 * of the varlena's length word; nothing is aligned):
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, TAGQUERY_VERSION
 *	 5	uint8	what keeps the rule from being bound: TAGQUERY_TIME,
 *				TAGQUERY_SEGMENTS, TAGQUERY_EVENTS; 0 if nothing does
 *	 6	uint16	depth of the tree, 1 for a leaf
 *	 8	uint32	number of leaves, 0 if the rule is TAG_TRUE or TAG_FALSE
 *	12	the root
 *
 * A node:
 *
 *	 0	uint8	kind, TagNodeKind
 *	 1	uint8	1 if negated (leaves only), else 0
 *	 2	uint16	tag_mark() of the name (leaves with a name), else 0
 *	 4	uint32	bytes of the whole node
 *	 8	operands
 *
 * Operands of groups: uint32 k, uint32 n, then the n children.  TAG_TRUE and
 * TAG_FALSE have none.  Operands of other leaves start with uint16 bytes of
 * the name, and the name; then
 *
 *	TAG_HAS, TAG_SUBTREE, TAG_KNOWN, TAG_SEGMENT_LEAF	nothing
 *	TAG_IN, TAG_NOT_IN	uint32 n, uint32 end[n] (from the first value on), the
 *						values: uint8 type and payload; in ascending order,
 *						without duplicates
 *	TAG_RANGE			uint8 source, uint8 bounds; with TAG_BY_DECAY int64
 *						half-life (µs, see tag_half_life_check()), int64 as_of; low bound, high bound,
 *						those that there are: uint32 bytes, uint8 type, payload
 *	TAG_STARTS, TAG_ENDS, TAG_CONTAINS	the text
 *	TAG_PAIR			uint8 comparison, the other name
 *	TAG_WINDOW			uint8 source (TAG_BY_VALUE or TAG_BY_ANNIVERSARY), window
 *	TAG_AGE				uint8 comparison, uint8 unit, uint32 count
 *	TAG_DECAYING		int64 half-life (µs), uint8 bounds, bounds as above
 *	TAG_EVENT			uint8 comparison (TAG_GE, TAG_LE or TAG_EQ), uint32 count,
 *						window (TAG_WHENEVER when there is none)
 *
 * and a window is uint8 TagWindowKind, uint8 TagUnit, uint32 count.
 *
 * One rule has one image:
 * - a group has at least two children and 1 <= k <= n; a child of an AND is no
 *	 AND, a child of an OR is no OR; with n = k it is TAG_AND, with k = 1 TAG_OR,
 *	 else TAG_AT_LEAST;
 * - children are in ascending order of their bytes (tag_compare_bytes());
 *	 under AND and OR no two are equal;
 * - TAG_TRUE and TAG_FALSE are roots only;
 * - a time that is the start of a day in UTC is written as the date in lists
 *	 and bounds, as both are one moment;
 * - "=" and "any of" are TAG_IN, "<>" is TAG_NOT_IN; an interval of values of
 *	 one point is TAG_IN; an interval that nothing is in is TAG_FALSE.
 */
#ifndef PORTRAIT_TAGQUERY_H
#define PORTRAIT_TAGQUERY_H

#include "tag/tagset.h"

#define TAGQUERY_VERSION 1
#define TAGQUERY_HEADER	12
#define TAG_NODE_HEADER	8

/* Not bound */
#define TAGQUERY_TIME		1	/* asks for the time or the age of something */
#define TAGQUERY_SEGMENTS	2	/* segment(...) */
#define TAGQUERY_EVENTS		4	/* did(...) */

/*
 * Rules nest at most so deep (as written, and as stored), so that walking
 * over one recursively takes a few hundred kB of stack at most.  Functions that
 * do it check the stack on each level (core_check_stack()), but for those that
 * match rows, which take some 100 bytes a level: how deep they go is up to rows
 * that the asker may not see, and an error would tell.
 */
#define TAGQUERY_MAX_DEPTH 1000

/* As for tagset, so that the text of every rule can be dumped */
#define TAGQUERY_MAX_SIZE ((size_t) 64 * 1024 * 1024)

/* The numbers are stored, and they order the children of a group */
typedef enum TagNodeKind
{
	TAG_FALSE = 0,
	TAG_TRUE,
	TAG_HAS,					/* name: has a value other than false */
	TAG_SUBTREE,				/* name.*: name or anything below it has one */
	TAG_KNOWN,					/* name is known: has any value */
	TAG_IN,						/* some value is in the list */
	TAG_NOT_IN,					/* some value is of the class of a value in the
								 * list, and is not in the list */
	TAG_RANGE,					/* something about some value is in the interval */
	TAG_STARTS,					/* some text starts with this */
	TAG_ENDS,
	TAG_CONTAINS,
	TAG_PAIR,					/* some value compares so with some value of the
								 * other tag, both of one class */
	TAG_WINDOW,					/* some date or time is in the window: not bound */
	TAG_AGE,					/* some value was set so long ago: not bound */
	TAG_DECAYING,				/* some weight, decayed: not bound */
	TAG_SEGMENT_LEAF,			/* segment("name"): not bound */
	TAG_EVENT,					/* did("name", ...): not bound */
	TAG_AND = 32,
	TAG_OR,
	TAG_AT_LEAST
} TagNodeKind;

/* What of a value an interval (TAG_RANGE) is about */
typedef enum TagSource
{
	TAG_BY_VALUE = 0,			/* the value; bounds of one class */
	TAG_BY_DATE,				/* date(name): values that are dates */
	TAG_BY_TIME,				/* time(name): values that are times */
	TAG_BY_WEIGHT,				/* weight(name): bounds are numbers */
	TAG_BY_DECAY,				/* weight(name, half-life, as of): numbers */
	TAG_BY_SET_AT,				/* set_at(name): bounds are moments */
	TAG_BY_ANNIVERSARY			/* anniversary(name): bounds are numbers, month *
								 * 100 + day, of dates (and of times in UTC); both
								 * closed; over the year's end when low > high;
								 * 101 to 1231 if all days are in it */
} TagSource;

#define TAG_SOURCE_LAST TAG_BY_ANNIVERSARY

#define TAG_LOW			1		/* there is a low bound */
#define TAG_LOW_OPEN	2		/* ... which is not in the interval itself */
#define TAG_HIGH		4
#define TAG_HIGH_OPEN	8

typedef enum TagComparison
{
	TAG_EQ, TAG_NE, TAG_LT, TAG_LE, TAG_GT, TAG_GE
} TagComparison;

#define TAG_COMPARISON_LAST TAG_GE

typedef enum TagWindowKind
{
	TAG_WHENEVER = 0,			/* TAG_EVENT only */
	TAG_WITHIN_LAST,			/* as_of - length <= t < as_of */
	TAG_BEFORE_LAST,			/* t < as_of - length */
	TAG_WITHIN_NEXT				/* as_of <= t < as_of + length */
} TagWindowKind;

#define TAG_WINDOW_LAST TAG_WITHIN_NEXT

/* A length of time is a number of one of these; years are 12 months, weeks 7
 * days, hours and minutes seconds */
typedef enum TagUnit
{
	TAG_SECONDS, TAG_DAYS, TAG_MONTHS
} TagUnit;

#define TAG_UNIT_LAST TAG_MONTHS

typedef struct TagInterval
{
	TagUnit		unit;
	uint32_t	count;
} TagInterval;

/*
 * A half-life is a number of days, at most 100 million, or of seconds that
 * fits into 32 bits, so that it has a text
 */
static inline bool
tag_half_life_check(int64_t half_life)
{
	if (half_life <= 0)
		return false;
	if (half_life % TAG_USECS_PER_DAY == 0)
		return half_life / TAG_USECS_PER_DAY <= 100000000;
	return half_life % 1000000 == 0 && half_life / 1000000 <= UINT32_MAX;
}

/* An opened value */
typedef struct TagqueryView
{
	const uint8_t *root;
	const uint8_t *end;
	uint32_t	leaves;
	uint16_t	depth;
	uint8_t		unbound;		/* TAGQUERY_TIME and so on */
} TagqueryView;

/* One node, looked at; what doesn't concern the kind is not set */
typedef struct TagNode
{
	TagNodeKind kind;
	bool		negated;
	uint16_t	mark;
	const uint8_t *start;
	const uint8_t *end;

	/* groups: the first child is at "child", the next one where that ends */
	uint32_t	k;
	uint32_t	n;				/* also the number of values of a list */
	const uint8_t *child;

	/* leaves */
	const char *name;
	uint32_t	name_length;
	const uint8_t *ends;		/* lists: see tag_list_value() */
	const uint8_t *values;
	TagSource	source;			/* TAG_RANGE, TAG_WINDOW */
	uint8_t		bounds;			/* TAG_RANGE, TAG_DECAYING */
	TagValue	low;
	TagValue	high;
	int64_t		half_life;		/* TAG_RANGE by decay, TAG_DECAYING */
	int64_t		as_of;
	TagComparison comparison;	/* TAG_PAIR, TAG_AGE, TAG_EVENT */
	TagWindowKind window;		/* TAG_WINDOW, TAG_EVENT */
	TagInterval interval;		/* TAG_WINDOW, TAG_EVENT, TAG_AGE */
	uint32_t	count;			/* TAG_EVENT */
	const char *text;			/* TAG_STARTS, ...; TAG_PAIR: the other name */
	uint32_t	text_length;
} TagNode;

/* ---- tagquery_layout.c: reading ---- */

/* Open the bytes behind the length word; false, with CORE_CORRUPT, when they
 * cannot be a rule's header */
extern bool tagquery_open(TagqueryView *view, const void *payload, size_t size, CoreError *error);

/* Look at the node that starts here and ends before or at "end"; throws CORE_CORRUPT when
 * damaged */
extern void tag_node_read(TagNode *node, const uint8_t *start, const uint8_t *end);

/* The same without throwing: NULL, or what is damaged */
extern const char *tag_node_problem(TagNode *node, const uint8_t *start, const uint8_t *end);

/* Value i < n of a list; throws CORE_CORRUPT when damaged */
extern void tag_list_value(const TagNode *node, uint32_t i, TagValue *value);

/* What keeps a leaf from being bound: TAGQUERY_TIME and so on, or 0 */
extern uint8_t tag_leaf_unbound(TagNodeKind kind);

/* ---- tagquery_check.c ---- */

/* All invariants of the layout */
extern bool tagquery_check(const void *payload, size_t size, CoreErrorCode code, CoreError *error);

/*
 * The moment that lists and bounds have for a value: a time at the start of a
 * day in UTC is the date.  Equal ones of one class have equal types then.
 */
static inline void
tag_value_normalize(TagValue *value)
{
	if (value->type == TAG_TIME &&
		tag_moment_of(tag_load_ordered(value->payload)) % TAG_USECS_PER_DAY == 0)
		value->type = TAG_DATE;
}

/* The day of a bound of an anniversary, month * 100 + day; 0 of what is damaged */
static inline int
tag_anniversary_day(const TagValue *value)
{
	double		day = value->type == TAG_NUMBER ? tag_number_of(tag_load_ordered(value->payload)) : 0;

	return day >= 101 && day <= 1231 ? (int) day : 0;
}

/* The class of what an interval by this source is about; 0 if any is */
static inline TagType
tag_source_class(TagSource source)
{
	switch (source)
	{
		case TAG_BY_VALUE:
			return 0;
		case TAG_BY_DATE:
		case TAG_BY_TIME:
		case TAG_BY_SET_AT:
			return TAG_TIME;
		case TAG_BY_WEIGHT:
		case TAG_BY_DECAY:
		case TAG_BY_ANNIVERSARY:
			return TAG_NUMBER;
	}
	return 0;
}

static inline bool
tag_kind_is_group(TagNodeKind kind)
{
	return kind >= TAG_AND;
}

/* ---- tagquery_parse.c, tagquery_print.c: text ---- */

/*
 * The value, with its length word, of a rule's text; NULL with the error:
 * CORE_BAD_TEXT with the place in characters, CORE_OUT_OF_RANGE, CORE_LIMIT.
 * In UTF-8 full-width punctuation counts as its ASCII twin.
 */
extern void *tagquery_parse(const char *text, size_t length, CoreError *error);

/* NUL-terminated, by core_alloc() */
extern char *tagquery_print(const TagqueryView *rule);

/* One node with all below it, as it would be written as a rule of its own */
extern void tag_node_print(TextOut *out, const uint8_t *start, const uint8_t *end);

/* A length of time (30 days), and a half-life as one */
extern void tag_length_print(TextOut *out, TagInterval length);
extern void tag_half_life_print(TextOut *out, int64_t half_life);

/* ---- tag_match.c: does a tagset match a rule? ---- */

/* Instead of a time: every value counts, whatever it says of its expiry */
#define TAG_NEVER_EXPIRED INT64_MIN

/*
 * A rule that is not bound matches nothing.  Values that expire at as_of or
 * before are not there.
 */
extern bool tagquery_match(const TagqueryView *rule, const TagsetView *tags, int64_t as_of);

/* The same of one leaf, its negation included */
extern bool tag_leaf_match(const TagNode *leaf, const TagsetView *tags, int64_t as_of);

/* Is it in the list? (binary search) */
extern bool tag_list_contains(const TagNode *list, const TagValue *value);

#endif							/* PORTRAIT_TAGQUERY_H */
