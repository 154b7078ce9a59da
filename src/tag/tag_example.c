/*
 * tag_example.c
 *	  A value of a tag that makes one leaf true and others not, or the proof
 *	  that there is none.
 *
 * Values are tried, by asking the leaves themselves.  What leaves compare with
 * cuts the line of numbers, moments and texts into points and gaps, inside of
 * which all values are alike; so the cuts and one value out of each gap stand
 * for all.  Weights and times of setting are lines of their own.
 *
 * What is inside of texts, and the day of the year, is not on these lines: such
 * leaves help to find a value, but their absence proves nothing.
 */
#include <math.h>

#include "tag/tag_logic.h"

/* Any day of a year that has them all */
#define ROUND_FIRST_DAY INT64_C(0)
#define ROUND_DAYS 366

typedef struct Search
{
	const TagNode *leaf;
	const TagNode *others;		/* negated */
	uint32_t	n;
	TagSource	line;			/* TAG_BY_VALUE, TAG_BY_WEIGHT, TAG_BY_SET_AT, TAG_BY_DECAY */
	uint32_t	which;
	int64_t    *work;
	TagItem		item;			/* what is tried */
	uint8_t		fixed[8];
	char	   *text;			/* room for the texts that are made up */
	bool		made_up;		/* this one may be no text of the server's encoding */
	bool		possible;		/* some candidate may do, or not all could be tried */
	bool		found;
	TagItem		best;
	uint8_t		best_fixed[8];
	char	   *best_text;
} Search;

/* ---- which leaves count ---- */

/* Does the leaf ask for values on this line? */
static bool
on_line(const TagNode *leaf, TagSource line)
{
	if (leaf->kind != TAG_RANGE)
		return line == TAG_BY_VALUE && leaf->kind >= TAG_HAS && leaf->kind <= TAG_CONTAINS;
	switch (leaf->source)
	{
		case TAG_BY_WEIGHT:
		case TAG_BY_SET_AT:
		case TAG_BY_DECAY:
			return leaf->source == line;
		default:
			return line == TAG_BY_VALUE;
	}
}

/* Do points and gaps tell all about it?  All texts contain the empty one. */
static bool
is_exact(const TagNode *leaf)
{
	if (leaf->kind == TAG_ENDS || leaf->kind == TAG_CONTAINS)
		return leaf->text_length == 0;
	return !(leaf->kind == TAG_RANGE &&
			 (leaf->source == TAG_BY_ANNIVERSARY || leaf->source == TAG_BY_DECAY));
}

/* Can it ask about the tag that the values are of? */
static bool
concerns(const Search *s, const TagNode *other)
{
	const TagNode *leaf = s->leaf;

	if (other->kind == TAG_SUBTREE)
		return tag_name_below(leaf->name, leaf->name_length, other->name, other->name_length);
	return other->name_length == leaf->name_length &&
		memcmp(other->name, leaf->name, leaf->name_length) == 0;
}

/* ---- trying ---- */

static TagsetView
one_tag(const TagNode *leaf, const TagItem *item, void **value)
{
	TagsetBuild *build = tagset_build_new();
	TagsetView	view;
	CoreError	error;
	size_t		size;

	tagset_build_add(build, leaf->name, leaf->name_length, item);
	*value = tagset_build_finish(build);
	tagset_build_free(build);
	size = (load32(*value) >> 2) - 4;
	if (!tagset_open(&view, (char *) *value + 4, size, &error))
		core_throw_error(&error);
	return view;
}

/* The leaf as far as this line goes; weaker where it is not exact, or looks elsewhere */
static bool
leaf_admits(const Search *s, const TagsetView *tags, bool *exactly)
{
	const TagNode *leaf = s->leaf;

	*exactly = true;
	if (!on_line(leaf, s->line))
	{
		/* any value; of windows, a moment */
		*exactly = leaf->kind == TAG_RANGE;
		return leaf->kind != TAG_WINDOW || tag_value_class(s->item.value.type) == TAG_TIME;
	}
	*exactly = tag_leaf_match(leaf, tags, TAG_NEVER_EXPIRED);
	if (*exactly || is_exact(leaf))
		return *exactly;
	if (leaf->kind == TAG_RANGE)
		return leaf->source == TAG_BY_DECAY || tag_value_class(s->item.value.type) == TAG_TIME;
	return s->item.value.type == TAG_TEXT;
}

static void
keep(Search *s)
{
	s->best = s->item;
	if (s->item.value.type == TAG_TEXT)
	{
		if (s->item.value.length > 0)
			memmove(s->best_text, s->item.value.payload, s->item.value.length);
		s->best.value.payload = (uint8_t *) s->best_text;
	}
	else
	{
		memmove(s->best_fixed, s->item.value.payload, s->item.value.length);
		s->best.value.payload = s->best_fixed;
	}
	s->found = true;
}

static inline bool
finished(const Search *s)
{
	return s->found && s->which == 0;
}

static void
try_item(Search *s)
{
	void	   *value;
	TagsetView	tags;
	bool		exactly;
	bool		possible;

	if (finished(s))
		return;
	if (*s->work <= 0)
	{
		s->possible = true;
		return;
	}
	*s->work -= 1 + s->n;
	core_interrupt();
	tags = one_tag(s->leaf, &s->item, &value);
	possible = leaf_admits(s, &tags, &exactly);
	for (uint32_t i = 0; i < s->n && possible; i++)
	{
		const TagNode *other = &s->others[i];

		if (!on_line(other, s->line) || !concerns(s, other) ||
			tag_leaf_match(other, &tags, TAG_NEVER_EXPIRED))
			continue;
		exactly = false;
		/* a leaf of a list has no other values than those that are tried */
		possible = !is_exact(other) && s->leaf->kind != TAG_IN;
	}
	core_free(value);
	if (!possible)
		return;
	s->possible = true;
	if (!exactly || s->made_up)
		return;
	if (s->found)
		s->which--;
	keep(s);
}

/* ---- candidates ---- */

static void
try_fixed(Search *s, TagType type, uint64_t ordered)
{
	if (type == TAG_BOOL)
		s->fixed[0] = (uint8_t) ordered;
	else
		tag_store_ordered(s->fixed, ordered);
	s->item.value = (TagValue) {type, type == TAG_BOOL ? 1 : 8, s->fixed};
	try_item(s);
}

static void
try_number(Search *s, double number)
{
	if (s->line == TAG_BY_WEIGHT || s->line == TAG_BY_DECAY)
	{
		if (!(number >= 0 && number <= 1))
			return;
		s->item.has |= TAG_WEIGHT;
		s->item.weight = number + 0.0;
		try_item(s);
	}
	else if (isfinite(number))
		try_fixed(s, TAG_NUMBER, tag_order_number(number));
}

static void
try_moment(Search *s, TagType type, int64_t usecs)
{
	if (usecs < TAG_MOMENT_MIN || usecs > TAG_MOMENT_MAX)
		return;
	if (s->line != TAG_BY_SET_AT)
		try_fixed(s, type, tag_order_moment(usecs));
	else if (type == TAG_TIME)
	{
		s->item.has |= TAG_SET_AT;
		s->item.set_at = usecs;
		try_item(s);
	}
}

static void
try_text(Search *s, const uint8_t *bytes, size_t length, const char *before, const char *after)
{
	size_t		before_length = strlen(before);
	size_t		after_length = strlen(after);
	size_t		total = before_length + length + after_length;

	if (total > TAG_TEXT_MAX)
	{
		s->possible = true;
		return;
	}
	memcpy(s->text, before, before_length);
	if (length > 0)
		memcpy(s->text + before_length, bytes, length);
	memcpy(s->text + before_length + length, after, after_length);
	s->item.value = (TagValue) {TAG_TEXT, (uint32_t) total, (uint8_t *) s->text};
	try_item(s);
}

/* What comes after all texts that start so */
static void
try_text_behind(Search *s, const uint8_t *bytes, size_t length)
{
	while (length > 0 && bytes[length - 1] == 0xff)
		length--;
	if (length == 0)
		return;
	memcpy(s->text, bytes, length);
	s->text[length - 1]++;
	s->made_up = (uint8_t) s->text[length - 1] >= 0x80;
	s->item.value = (TagValue) {TAG_TEXT, (uint32_t) length, (uint8_t *) s->text};
	try_item(s);
	s->made_up = false;
}

/* A cut, and the gaps on both sides */
static void
try_around(Search *s, const TagValue *value)
{
	int64_t		usecs;
	int64_t		day;
	double		number;

	switch (value->type)
	{
		case TAG_BOOL:
			break;				/* both are tried anyway */
		case TAG_NUMBER:
			number = tag_number_of(tag_load_ordered(value->payload));
			try_number(s, number);
			try_number(s, nextafter(number, -INFINITY));
			try_number(s, nextafter(number, INFINITY));
			break;
		case TAG_DATE:
		case TAG_TIME:
			usecs = tag_moment_of(tag_load_ordered(value->payload));
			day = usecs - (usecs % TAG_USECS_PER_DAY + TAG_USECS_PER_DAY) % TAG_USECS_PER_DAY;
			for (int i = -1; i <= 1; i++)
			{
				try_moment(s, TAG_TIME, usecs + i);
				try_moment(s, TAG_DATE, day + i * TAG_USECS_PER_DAY);
			}
			break;
		case TAG_TEXT:
			try_text(s, value->payload, value->length, "", "");
			try_text(s, value->payload, value->length, "", "\1");
			break;
	}
}

static void
try_leaf(Search *s, const TagNode *leaf)
{
	const uint8_t *text = (const uint8_t *) leaf->text;
	TagValue	value;

	switch (leaf->kind)
	{
		case TAG_IN:
		case TAG_NOT_IN:
			for (uint32_t i = 0; i < leaf->n && *s->work > 0 && !finished(s); i++)
			{
				tag_list_value(leaf, i, &value);
				try_around(s, &value);
			}
			break;
		case TAG_RANGE:
			if (leaf->bounds & TAG_LOW && leaf->source != TAG_BY_ANNIVERSARY)
				try_around(s, &leaf->low);
			if (leaf->bounds & TAG_HIGH && leaf->source != TAG_BY_ANNIVERSARY)
				try_around(s, &leaf->high);
			for (int i = 0; i < ROUND_DAYS && leaf->source == TAG_BY_ANNIVERSARY; i++)
				try_moment(s, TAG_DATE, (ROUND_FIRST_DAY + i) * TAG_USECS_PER_DAY);
			break;
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			for (int i = 0; i < 4; i++)
				try_text(s, text, leaf->text_length, i & 1 ? "\1" : "", i & 2 ? "\1" : "");
			try_text_behind(s, text, leaf->text_length);
			break;
		default:
			break;
	}
}

/* On any line: what is between no cuts, then what is around those of all leaves */
static void
try_line(Search *s)
{
	if (s->line == TAG_BY_VALUE)
	{
		try_fixed(s, TAG_BOOL, 1);
		try_number(s, 1);
		try_text(s, NULL, 0, "", "");
		try_moment(s, TAG_DATE, 0);
		try_moment(s, TAG_TIME, 1);
		try_fixed(s, TAG_BOOL, 0);
	}
	else if (s->line == TAG_BY_SET_AT)
		try_moment(s, TAG_TIME, 0);
	else
	{
		try_number(s, 0.5);
		try_number(s, 0);
		try_number(s, 1);
	}
	if (on_line(s->leaf, s->line))
		try_leaf(s, s->leaf);
	for (uint32_t i = 0; i < s->n && !finished(s); i++)
		if (on_line(&s->others[i], s->line) && concerns(s, &s->others[i]))
			try_leaf(s, &s->others[i]);
	if (*s->work <= 0)
		s->possible = true;
}

static TagExample
search_line(Search *s, TagSource line)
{
	s->line = line;
	s->possible = false;
	s->found = false;
	try_line(s);
	if (s->found)
		s->item = s->best;
	return s->found ? TAG_THIS_VALUE : s->possible ? TAG_SOME_VALUE : TAG_NO_VALUE;
}

/* ---- all lines of a leaf ---- */

static TagExample
search_lines(Search *s)
{
	TagSource	source = s->leaf->kind == TAG_RANGE ? s->leaf->source : TAG_BY_VALUE;
	TagExample	value = search_line(s, TAG_BY_VALUE);
	TagExample	other;

	if (source != TAG_BY_WEIGHT && source != TAG_BY_SET_AT && source != TAG_BY_DECAY)
		return value;
	if (value == TAG_NO_VALUE)
		return TAG_NO_VALUE;
	if (value == TAG_SOME_VALUE)
		s->item.value = (TagValue) {TAG_BOOL, 1, (const uint8_t *) "\1"};
	s->which = 0;
	if (source == TAG_BY_DECAY)
	{
		/* set just then, it has lost nothing; other leaves may not like that */
		s->item.has |= TAG_SET_AT;
		s->item.set_at = s->leaf->as_of;
	}
	other = search_line(s, source);
	if (source == TAG_BY_DECAY && other == TAG_NO_VALUE)
		other = TAG_SOME_VALUE;
	return other < value ? other : value;
}

/* name.* is true of whatever is below, so of a name that no leaf asks for */
static TagExample
search_below(const Search *s, TagsetBuild *build)
{
	static const uint8_t yes = 1;
	const TagItem item = {.value = {TAG_BOOL, 1, &yes}};
	TagNode		below = *s->leaf;
	Search		fresh = {.leaf = &below};
	char	   *name = core_alloc(TAG_NAME_MAX + 1);
	bool		taken = true;

	memcpy(name, below.name, below.name_length);
	below.name = name;
	name[below.name_length++] = '.';
	while (taken && below.name_length < TAG_NAME_MAX)
	{
		name[below.name_length++] = 'x';
		taken = false;
		for (uint32_t i = 0; i < s->n && !taken; i++)
			taken = concerns(&fresh, &s->others[i]);
	}
	if (!taken && build != NULL)
		tagset_build_add(build, name, below.name_length, &item);
	core_free(name);
	return taken ? TAG_SOME_VALUE : TAG_THIS_VALUE;
}

TagExample
tag_example(const TagNode *leaf, const TagNode *others, uint32_t n, uint32_t which,
			TagsetBuild *build, int64_t *work)
{
	Search		s = {.leaf = leaf, .others = others, .n = n, .which = which, .work = work};
	TagNode		other_side = *leaf;
	TagExample	result;

	*work -= n;
	for (uint32_t i = 0; i < n; i++)
		if (tag_leaf_covers(&others[i], leaf))
			return TAG_NO_VALUE;
	if (leaf->kind == TAG_SEGMENT_LEAF || leaf->kind == TAG_EVENT)
		return TAG_SOME_VALUE;
	if (leaf->kind == TAG_SUBTREE)
		return search_below(&s, build);
	s.text = core_alloc(TAG_TEXT_MAX + 2);
	s.best_text = core_alloc(TAG_TEXT_MAX + 2);
	result = search_lines(&s);
	if (leaf->kind == TAG_PAIR && result != TAG_NO_VALUE)
	{
		/* the other tag has to be there too */
		other_side.name = leaf->text;
		other_side.name_length = leaf->text_length;
		s.leaf = &other_side;
		result = search_lines(&s);
	}
	if (result == TAG_THIS_VALUE && build != NULL)
		tagset_build_add(build, leaf->name, leaf->name_length, &s.item);
	core_free(s.text);
	core_free(s.best_text);
	return result;
}
