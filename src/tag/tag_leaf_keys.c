/*
 * tag_leaf_keys.c
 *	  Keys of leaves, see tag_keys.h, and codes of numbers and moments.
 *
 * An interval is covered by the fewest prefixes of codes.  Bounds inside of a
 * code, which other values share, make the key at that end inexact.
 */
#include "tag/tag_keys.h"

/* ---- codes ---- */

/*
 * Numbers: the sign, then 6 bits of the binary exponent and 9 of the mantissa,
 * flipped when negative.  So integers up to 1023 have codes of their own, all
 * numbers are within 0.2 %, and the powers of two from 2^-10, a thousandth, to
 * 2^53, where integers end, are told apart; what is smaller or larger is as
 * one.
 */
#define MANTISSA_BITS	9
#define EXPONENT_FIRST	(1023 - 10 - 1)
#define EXPONENT_LAST	63
#define CODE_SIGN		0x8000
#define SIGN			(UINT64_C(1) << 63)

/* Moments: the day, from 1920-01-01 on; 65,536 days end in 2099 */
#define DAYS_BEFORE_2000 29219

uint16_t
tag_number_code(uint64_t ordered)
{
	bool		negative = ordered >> 63 == 0;
	uint64_t	bits = (negative ? ~ordered : ordered) & ~SIGN;
	int64_t		exponent = (int64_t) (bits >> 52) - EXPONENT_FIRST;
	uint32_t	code;

	if (exponent < 1)
		code = 0;
	else if (exponent > EXPONENT_LAST)
		code = CODE_SIGN - 1;
	else
		code = (uint32_t) exponent << MANTISSA_BITS |
			(uint32_t) (bits >> (52 - MANTISSA_BITS) & ((1 << MANTISSA_BITS) - 1));
	return (uint16_t) (negative ? CODE_SIGN - 1 - code : CODE_SIGN | code);
}

uint16_t
tag_moment_code(uint64_t ordered)
{
	int64_t		usecs = tag_moment_of(ordered);
	int64_t		day = usecs / TAG_USECS_PER_DAY - (usecs % TAG_USECS_PER_DAY < 0) +
		DAYS_BEFORE_2000;

	return (uint16_t) (day < 0 ? 0 : day >= TAG_CODES ? TAG_CODES - 1 : day);
}

/* The bits of the smallest magnitude with this code, its sign left out */
static uint64_t
magnitude_start(uint32_t code)
{
	if (code == 0)
		return 0;
	if (code >> MANTISSA_BITS == 0)
		code = 1 << MANTISSA_BITS;	/* with this exponent there is 0 only */
	return ((uint64_t) code << (52 - MANTISSA_BITS)) + ((uint64_t) EXPONENT_FIRST << 52);
}

uint64_t
tag_code_start(TagKeyKind kind, uint16_t code)
{
	if (kind == TAG_KEY_MOMENT)
		return tag_order_moment(((int64_t) code - DAYS_BEFORE_2000) * TAG_USECS_PER_DAY);
	if (code & CODE_SIGN)
		return magnitude_start(code & (CODE_SIGN - 1)) | SIGN;
	/* the largest magnitude, just below that of the next code */
	return ~((magnitude_start(CODE_SIGN - code) - 1) | SIGN);
}

static uint16_t
code_of(TagKeyKind kind, uint64_t ordered)
{
	return kind == TAG_KEY_MOMENT ? tag_moment_code(ordered) : tag_number_code(ordered);
}

/* ---- intervals ---- */

/* An interval of codes on its way to keys */
typedef struct Cover
{
	TagKey		key;
	TagLeafKeyVisit visit;
	void	   *context;
	int32_t		low;			/* codes that are inside as a whole */
	int32_t		high;
} Cover;

static void
cover_prefix(Cover *cover, int level, int32_t prefix, bool exact)
{
	cover->key.level = (uint8_t) level;
	cover->key.prefix = (uint16_t) prefix;
	cover->visit(cover->context, &cover->key, exact);
}

static void
cover_equal(Cover *cover, uint64_t ordered)
{
	TagKey		key = cover->key;
	uint8_t		payload[8];

	key.value.type = key.kind == TAG_KEY_MOMENT ? TAG_TIME : TAG_NUMBER;
	key.value.length = sizeof(payload);
	key.value.payload = payload;
	key.kind = TAG_KEY_EQUAL;
	tag_store_ordered(payload, ordered);
	cover->visit(cover->context, &key, true);
}

/* The codes low..high by the fewest prefixes */
static void
cover_codes(Cover *cover, bool exact)
{
	const int	last = (1 << TAG_KEY_LEVEL_BITS) - 1;
	int32_t		low = cover->low;
	int32_t		high = cover->high;

	for (int level = TAG_KEY_LEVELS;; level--)
	{
		while (low <= high && (level == 1 || (low & last) != 0))
			cover_prefix(cover, level, low++, exact);
		while (low <= high && (high & last) != last)
			cover_prefix(cover, level, high--, exact);
		if (low > high)
			break;
		low >>= TAG_KEY_LEVEL_BITS;
		high >>= TAG_KEY_LEVEL_BITS;
	}
}

/* First and last number or moment in the leaf's interval */
static void
interval_ends(const TagNode *leaf, uint64_t *first, uint64_t *last)
{
	*first = 0;
	*last = UINT64_MAX;
	if (leaf->bounds & TAG_LOW)
		*first = tag_load_ordered(leaf->low.payload) + (leaf->bounds & TAG_LOW_OPEN ? 1 : 0);
	if (leaf->bounds & TAG_HIGH)
		*last = tag_load_ordered(leaf->high.payload) - (leaf->bounds & TAG_HIGH_OPEN ? 1 : 0);
}

/* All levels; keys are exact if values of the leaf's source are what it asks about */
static void
cover_interval(Cover *cover, const TagNode *leaf)
{
	TagKeyKind	kind = cover->key.kind;
	bool		exact = leaf->source == TAG_BY_VALUE;
	uint64_t	first;
	uint64_t	last;

	interval_ends(leaf, &first, &last);
	if (last != UINT64_MAX && code_of(kind, last + 1) == cover->high)
	{
		/* often it is the first of its code, and then a value on its own */
		if (code_of(kind, last - 1) != cover->high && exact)
			cover_equal(cover, last);
		else
			cover_prefix(cover, TAG_KEY_LEVELS, cover->high, false);
		cover->high--;
	}
	if (cover->low <= cover->high && first != 0 && code_of(kind, first - 1) == cover->low)
		cover_prefix(cover, TAG_KEY_LEVELS, cover->low++, false);
	cover_codes(cover, exact);
}

/* The class of the bounds of an interval; damaged ones may differ, then it is text */
static TagType
bounds_class(const TagNode *leaf)
{
	if (!(leaf->bounds & TAG_LOW))
		return tag_value_class(leaf->high.type);
	if (leaf->bounds & TAG_HIGH &&
		tag_value_class(leaf->high.type) != tag_value_class(leaf->low.type))
		return TAG_TEXT;
	return tag_value_class(leaf->low.type);
}

/* Does the leaf ask for values between numbers, or between moments? */
static bool
interval_kind(const TagNode *leaf, TagKeyKind *kind)
{
	TagType		type;

	if (leaf->kind != TAG_RANGE || leaf->source > TAG_BY_TIME)
		return false;
	type = bounds_class(leaf);
	*kind = type == TAG_TIME ? TAG_KEY_MOMENT : TAG_KEY_NUMBER;
	return type == TAG_NUMBER || type == TAG_TIME;
}

static void
cover_start(Cover *cover, const TagNode *leaf, TagKeyKind kind, TagLeafKeyVisit visit,
			void *context)
{
	memset(cover, 0, sizeof(*cover));
	cover->key.kind = kind;
	cover->key.name = leaf->name;
	cover->key.name_length = leaf->name_length;
	cover->visit = visit;
	cover->context = context;
}

/* An interval of values as codes, at least in part inside; false if the leaf is none */
static bool
cover_leaf(Cover *cover, const TagNode *leaf, TagLeafKeyVisit visit, void *context)
{
	TagKeyKind	kind;
	uint64_t	first;
	uint64_t	last;

	if (!interval_kind(leaf, &kind))
		return false;
	cover_start(cover, leaf, kind, visit, context);
	interval_ends(leaf, &first, &last);
	cover->low = first == 0 ? 0 : code_of(kind, first);
	cover->high = last == UINT64_MAX ? TAG_CODES - 1 : code_of(kind, last);
	return first <= last;
}

void
tag_leaf_level_keys(const TagNode *leaf, int number_level, int moment_level,
					TagLeafKeyVisit visit, void *context)
{
	Cover		cover;
	int			level;
	int			shift;

	if (!cover_leaf(&cover, leaf, visit, context))
		return;
	level = cover.key.kind == TAG_KEY_NUMBER ? number_level : moment_level;
	shift = (TAG_KEY_LEVELS - level) * TAG_KEY_LEVEL_BITS;
	for (int32_t prefix = cover.low >> shift; prefix <= cover.high >> shift; prefix++)
		cover_prefix(&cover, level, prefix, false);
}

void
tag_leaf_ends(const TagNode *leaf, TagLeafKeyVisit visit, void *context)
{
	Cover		cover;

	if (!cover_leaf(&cover, leaf, visit, context))
		return;
	cover_prefix(&cover, TAG_KEY_LEVELS, cover.low, false);
	cover_prefix(&cover, TAG_KEY_LEVELS, cover.high, false);
}

/* ---- all leaves ---- */

static void
visit_name(const TagNode *leaf, TagKeyKind kind, bool exact, TagLeafKeyVisit visit,
		   void *context)
{
	TagKey		key;

	memset(&key, 0, sizeof(key));
	key.kind = kind;
	key.name = leaf->name;
	key.name_length = leaf->name_length;
	visit(context, &key, exact);
}

static void
visit_list(const TagNode *leaf, TagLeafKeyVisit visit, void *context)
{
	TagKey		key;

	memset(&key, 0, sizeof(key));
	key.name = leaf->name;
	key.name_length = leaf->name_length;
	for (uint32_t i = 0; i < leaf->n; i++)
	{
		if (i % 4096 == 4095)
			core_interrupt();
		tag_list_value(leaf, i, &key.value);
		key.kind = TAG_KEY_EQUAL;
		key.value.type = tag_value_class(key.value.type);
		if (key.value.type == TAG_BOOL)
			key.kind = key.value.payload[0] ? TAG_KEY_HAS : TAG_KEY_FALSE;
		/* other values than true have "has" as well */
		visit(context, &key, key.kind != TAG_KEY_HAS);
	}
}

/* Can a value that is false make this leaf true? */
static bool
asks_for_false(const TagNode *leaf)
{
	TagValue	value;

	switch (leaf->kind)
	{
		case TAG_KNOWN:
		case TAG_PAIR:
			return true;
		case TAG_IN:
		case TAG_NOT_IN:
			/* booleans sort first */
			if (leaf->n == 0)
				return false;
			tag_list_value(leaf, 0, &value);
			return value.type == TAG_BOOL;
		case TAG_RANGE:
			if (leaf->source == TAG_BY_VALUE)
				return bounds_class(leaf) == TAG_BOOL;
			return leaf->source >= TAG_BY_WEIGHT && leaf->source <= TAG_BY_SET_AT;
		default:
			return false;
	}
}

void
tag_leaf_coarse_keys(const TagNode *leaf, int part, TagLeafKeyVisit visit, void *context)
{
	bool		exact = leaf->kind == TAG_HAS || leaf->kind == TAG_SUBTREE ||
		leaf->kind == TAG_KNOWN;
	TagNode		other;

	if (part == 1)
	{
		other = *leaf;
		other.name = leaf->text;
		other.name_length = leaf->text_length;
		leaf = &other;
	}
	visit_name(leaf, TAG_KEY_HAS, exact, visit, context);
	if (leaf->kind == TAG_SUBTREE)
		visit_name(leaf, TAG_KEY_BELOW, exact, visit, context);
	if (asks_for_false(leaf))
		visit_name(leaf, TAG_KEY_FALSE, exact, visit, context);
}

void
tag_leaf_keys(const TagNode *leaf, int part, TagLeafKeyVisit visit, void *context)
{
	TagKeyKind	kind;
	Cover		cover;

	if (leaf->kind == TAG_IN)
		visit_list(leaf, visit, context);
	else if (cover_leaf(&cover, leaf, visit, context))
		cover_interval(&cover, leaf);
	else if (!interval_kind(leaf, &kind))
		tag_leaf_coarse_keys(leaf, part, visit, context);
}
