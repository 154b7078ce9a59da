/*
 * tagquery_check.c
 *	  All invariants of the layout of tagquery, for bytes from outside.
 *
 * First everything is looked at node by node: lengths, types, values in
 * range.  Whether the bytes are the canonical ones is then asked of those who
 * make them: each leaf is made again by its constructor, the whole by
 * tag_tree_finish(), and what comes out must be what came in.
 */
#include "tag/tag_tree.h"

typedef struct Checker
{
	CoreErrorCode code;
	CoreError  *error;
} Checker;

static bool
broken(const Checker *c, const char *problem)
{
	core_set_error(c->error, c->code, "invalid binary value of type tagquery");
	core_set_detail(c->error, "%s.", problem);
	return false;
}

/* ---- leaves ---- */

static bool
check_value(const TagValue *value)
{
	return tag_payload_check(value->type, value->payload, value->length);
}

static bool
check_moment(int64_t usecs)
{
	return usecs >= TAG_MOMENT_MIN && usecs <= TAG_MOMENT_MAX;
}

/* A number that stands for a day, as in 1231? */
static bool
check_day(const TagValue *value)
{
	static const uint8_t days[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	double		number = tag_number_of(tag_load_ordered(value->payload));
	int			day;

	if (!(number >= 101 && number <= 1231))
		return false;
	day = (int) number;
	return day == number && day % 100 >= 1 && day % 100 <= days[day / 100 - 1];
}

static TagTree *
again_list(const TagNode *node)
{
	TagValue   *values = core_alloc(core_mul_size(node->n, sizeof(TagValue)));
	uint32_t	start = 0;

	for (uint32_t i = 0; i < node->n; i++)
	{
		uint32_t	end = load32(node->ends + (size_t) 4 * i);

		if (end <= start || end > (size_t) (node->end - node->values))
			return NULL;
		values[i] = (TagValue) {node->values[start], end - start - 1, node->values + start + 1};
		if (!check_value(&values[i]))
			return NULL;
		start = end;
	}
	return tag_tree_list(node->kind, node->name, node->name_length, values, node->n);
}

/* TAG_RANGE and TAG_DECAYING */
static TagTree *
again_range(const TagNode *node)
{
	bool		decaying = node->kind == TAG_DECAYING;
	TagSubject	subject = {decaying ? TAG_BY_DECAY : node->source, node->name, node->name_length,
		node->half_life, decaying ? TAG_NO_TIME : node->as_of};
	uint8_t		bounds = node->bounds;
	bool		low = (bounds & TAG_LOW) != 0;
	bool		high = (bounds & TAG_HIGH) != 0;
	TagType		class = tag_source_class(subject.source);

	if (subject.source > TAG_SOURCE_LAST || bounds >= 2 * TAG_HIGH_OPEN || (!low && !high) ||
		(!low && (bounds & TAG_LOW_OPEN)) || (!high && (bounds & TAG_HIGH_OPEN)) ||
		(low && !check_value(&node->low)) || (high && !check_value(&node->high)))
		return NULL;
	if (class == 0)
		class = tag_value_class(low ? node->low.type : node->high.type);
	if ((low && tag_value_class(node->low.type) != class) ||
		(high && tag_value_class(node->high.type) != class))
		return NULL;
	if (subject.source == TAG_BY_DECAY &&
		(!tag_half_life_check(subject.half_life) || (!decaying && !check_moment(subject.as_of))))
		return NULL;
	if (subject.source == TAG_BY_ANNIVERSARY &&
		(bounds != (TAG_LOW | TAG_HIGH) || !check_day(&node->low) || !check_day(&node->high)))
		return NULL;
	return tag_tree_range(&subject, bounds, &node->low, &node->high);
}

static bool
check_text(const char *text, size_t length)
{
	return length <= TAG_TEXT_MAX && memchr(text, '\0', length) == NULL;
}

static bool
check_name(const char *name, size_t length)
{
	return length > 0 && length <= TAG_NAME_MAX && memchr(name, '\0', length) == NULL;
}

static bool
check_window(const TagNode *node)
{
	return node->window <= TAG_WINDOW_LAST && node->interval.unit <= TAG_UNIT_LAST;
}

/* The leaf made again; NULL when it is none */
static TagTree *
again(const TagNode *node)
{
	if (node->kind <= TAG_TRUE)
		return tag_tree_constant(node->kind == TAG_TRUE);
	if (!check_name(node->name, node->name_length))
		return NULL;
	switch (node->kind)
	{
		case TAG_IN:
		case TAG_NOT_IN:
			return again_list(node);
		case TAG_RANGE:
		case TAG_DECAYING:
			return again_range(node);
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			return !check_text(node->text, node->text_length) ? NULL :
				tag_tree_text(node->kind, node->name, node->name_length, node->text,
							  node->text_length);
		case TAG_PAIR:
			return node->comparison > TAG_COMPARISON_LAST ||
				!check_name(node->text, node->text_length) ? NULL :
				tag_tree_pair(node->name, node->name_length, node->comparison, node->text,
							  node->text_length);
		case TAG_WINDOW:
			return (node->source != TAG_BY_VALUE && node->source != TAG_BY_ANNIVERSARY) ||
				!check_window(node) || node->window == TAG_WHENEVER ||
				(node->source == TAG_BY_ANNIVERSARY && node->window == TAG_BEFORE_LAST) ? NULL :
				tag_tree_window(node->source, node->name, node->name_length, node->window,
								node->interval);
		case TAG_AGE:
			return node->comparison > TAG_COMPARISON_LAST || node->interval.unit > TAG_UNIT_LAST ?
				NULL : tag_tree_age(node->name, node->name_length, node->comparison,
									node->interval);
		case TAG_EVENT:
			return (node->comparison != TAG_GE && node->comparison != TAG_LE &&
					node->comparison != TAG_EQ) || !check_window(node) ? NULL :
				tag_tree_event(node->name, node->name_length, node->comparison, node->count,
							   node->window, node->interval);
		default:
			return tag_tree_name(node->kind, node->name, node->name_length);
	}
}

static bool
check_leaf(const Checker *c, const TagNode *node)
{
	size_t		size = (size_t) (node->end - node->start);
	TagTree    *leaf = again(node);
	bool		same;

	if (leaf == NULL)
		return broken(c, "A leaf is damaged");
	/* all but whether it is negated */
	same = leaf->kind == node->kind && leaf->size == size &&
		memcmp(leaf->image + 2, node->start + 2, size - 2) == 0;
	core_free(leaf->kind > TAG_TRUE ? (void *) leaf->image : NULL);
	core_free(leaf);
	return same || broken(c, "A leaf is not in its canonical form");
}

/* ---- the tree ---- */

static bool
check_node(const Checker *c, const uint8_t *start, const uint8_t *end, int depth, TagNode *node)
{
	const char *problem = tag_node_problem(node, start, end);
	const uint8_t *p = node->child;

	if (problem != NULL)
		return broken(c, problem);
	if (!tag_kind_is_group(node->kind))
		return check_leaf(c, node);
	core_check_stack();
	if (depth == TAGQUERY_MAX_DEPTH)
		return broken(c, "It nests too deep");
	for (uint32_t i = 0; i < node->n; i++)
	{
		TagNode		child;

		core_interrupt();
		if (!check_node(c, p, node->end, depth + 1, &child))
			return false;
		p = child.end;
	}
	return p == node->end || broken(c, "A group is longer than its children");
}

bool
tagquery_check(const void *payload, size_t size, CoreErrorCode code, CoreError *error)
{
	Checker		c = {code, error};
	TagqueryView view;
	TagNode		root;
	uint8_t    *written;
	bool		same;

	if (size > TAGQUERY_MAX_SIZE + TAGQUERY_HEADER)
		return broken(&c, "It is too large");
	if (!tagquery_open(&view, payload, size, error))
	{
		error->code = code;
		return false;
	}
	if (!check_node(&c, view.root, view.end, 1, &root))
		return false;
	if (root.end != view.end)
		return broken(&c, "Something follows it");
	written = tag_tree_finish(tag_tree_read(view.root, view.end), error);
	same = written != NULL && load32(written) == (uint32_t) (size + 4) << 2 &&
		memcmp(written + 4, payload, size) == 0;
	core_free(written);
	return same || broken(&c, "It is not in its canonical form");
}
