/*
 * tagquery_layout.c
 *	  Reading rules where they lie, see tagquery.h.
 *
 * A node is taken apart and its lengths checked as it is met, so that damaged
 * bytes never make us read past the end.  What the bytes mean is not checked
 * here: tagquery_check() does that for what comes from outside.
 */
#include "tag/tagquery.h"

#define HEADER_PAYLOAD (TAGQUERY_HEADER - 4)	/* without the length word */

bool
tagquery_open(TagqueryView *view, const void *payload, size_t size, CoreError *error)
{
	const uint8_t *p = payload;

	if (size < HEADER_PAYLOAD + TAG_NODE_HEADER || p[0] != TAGQUERY_VERSION)
		return core_set_error(error, CORE_CORRUPT, "tagquery is damaged: %s",
							  size > 0 && p[0] != TAGQUERY_VERSION ? "unknown version" : "too short");
	view->unbound = p[1];
	view->depth = load16(p + 2);
	view->leaves = load32(p + 4);
	view->root = p + HEADER_PAYLOAD;
	view->end = p + size;
	if (view->leaves > size / TAG_NODE_HEADER)
		return core_set_error(error, CORE_CORRUPT, "tagquery is damaged: %s", "too many leaves");
	return true;
}

/* ---- nodes ---- */

typedef struct Cursor
{
	const uint8_t *p;
	const uint8_t *end;
	bool		short_of;		/* of bytes, or of sense, once */
} Cursor;

/* The next bytes; when there are too few, a place where eight can be read */
static inline const uint8_t *
take(Cursor *c, size_t bytes)
{
	static const uint8_t zeros[8];
	const uint8_t *p = c->p;

	if ((size_t) (c->end - p) < bytes)
	{
		c->short_of = true;
		return zeros;
	}
	c->p += bytes;
	return p;
}

/* Has the payload the length that readers of its type rely on? */
static inline bool
fits_type(const TagValue *value)
{
	switch (value->type)
	{
		case TAG_BOOL:
			return value->length == 1;
		case TAG_NUMBER:
		case TAG_DATE:
		case TAG_TIME:
			return value->length == 8;
		case TAG_TEXT:
			return value->length <= TAG_TEXT_MAX;
	}
	return false;
}

static void
take_bound(Cursor *c, TagValue *value)
{
	value->length = load32(take(c, 4));
	value->type = *take(c, 1);
	value->payload = take(c, value->length);
	if (!fits_type(value))
		c->short_of = true;
}

static void
take_bounds(Cursor *c, TagNode *node)
{
	if (node->bounds & TAG_LOW)
		take_bound(c, &node->low);
	if (node->bounds & TAG_HIGH)
		take_bound(c, &node->high);
	if (!(node->bounds & (TAG_LOW | TAG_HIGH)))
		c->short_of = true;
}

/* One of an enumeration, which readers may use as the place in an array */
static inline uint8_t
take_choice(Cursor *c, uint8_t last)
{
	uint8_t		choice = *take(c, 1);

	if (choice <= last)
		return choice;
	c->short_of = true;
	return 0;
}

static void
take_window(Cursor *c, TagNode *node)
{
	node->window = take_choice(c, TAG_WINDOW_LAST);
	node->interval.unit = take_choice(c, TAG_UNIT_LAST);
	node->interval.count = load32(take(c, 4));
}

/* A text or a name up to the end */
static void
take_rest(Cursor *c, TagNode *node, uint32_t most)
{
	node->text = (const char *) c->p;
	node->text_length = (uint32_t) (c->end - c->p);
	if (node->text_length > most)
		c->short_of = true;
	c->p = c->end;
}

static void
take_list(Cursor *c, TagNode *node)
{
	size_t		room;

	node->n = load32(take(c, 4));
	room = (size_t) (c->end - c->p) / 4;
	if (node->n == 0 || node->n > room)
		c->short_of = true;
	else
	{
		node->ends = c->p;
		node->values = c->p + (size_t) 4 * node->n;
		if (load32(node->values - 4) != (size_t) (c->end - node->values))
			c->short_of = true;
	}
	c->p = c->end;
}

/* What follows the name */
static void
take_operands(Cursor *c, TagNode *node)
{
	switch (node->kind)
	{
		case TAG_IN:
		case TAG_NOT_IN:
			take_list(c, node);
			break;
		case TAG_RANGE:
			node->source = take_choice(c, TAG_SOURCE_LAST);
			node->bounds = *take(c, 1);
			if (node->source == TAG_BY_DECAY)
			{
				node->half_life = (int64_t) load64(take(c, 8));
				node->as_of = (int64_t) load64(take(c, 8));
			}
			take_bounds(c, node);
			if (node->source == TAG_BY_ANNIVERSARY &&
				(node->bounds != (TAG_LOW | TAG_HIGH) || node->low.type != TAG_NUMBER ||
				 node->high.type != TAG_NUMBER))
				c->short_of = true;
			break;
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			take_rest(c, node, TAG_TEXT_MAX);
			break;
		case TAG_PAIR:
			node->comparison = take_choice(c, TAG_COMPARISON_LAST);
			take_rest(c, node, TAG_NAME_MAX);
			break;
		case TAG_WINDOW:
			node->source = take_choice(c, TAG_SOURCE_LAST);
			take_window(c, node);
			break;
		case TAG_AGE:
			node->comparison = take_choice(c, TAG_COMPARISON_LAST);
			node->interval.unit = take_choice(c, TAG_UNIT_LAST);
			node->interval.count = load32(take(c, 4));
			break;
		case TAG_DECAYING:
			node->half_life = (int64_t) load64(take(c, 8));
			node->bounds = *take(c, 1);
			take_bounds(c, node);
			break;
		case TAG_EVENT:
			node->comparison = take_choice(c, TAG_COMPARISON_LAST);
			node->count = load32(take(c, 4));
			take_window(c, node);
			break;
		default:
			break;
	}
}

static inline bool
is_kind(uint8_t kind)
{
	return kind <= TAG_EVENT || (kind >= TAG_AND && kind <= TAG_AT_LEAST);
}

const char *
tag_node_problem(TagNode *node, const uint8_t *start, const uint8_t *end)
{
	Cursor		c = {start, end, false};
	const uint8_t *header = take(&c, TAG_NODE_HEADER);
	uint32_t	size = load32(header + 4);

	if (c.short_of || size < TAG_NODE_HEADER || size > (size_t) (end - start))
		return "a node is longer than what it is in";
	if (!is_kind(header[0]) || header[1] > 1)
		return "unknown kind of node";
	node->kind = header[0];
	node->negated = header[1];
	node->mark = load16(header + 2);
	node->start = start;
	node->end = c.end = start + size;
	if (tag_kind_is_group(node->kind))
	{
		node->k = load32(take(&c, 4));
		node->n = load32(take(&c, 4));
		node->child = c.p;
		if (c.short_of)
			return "a group is too short";
		if (node->n < 2)
			return "a group has less than two children";
		if (node->k - 1 >= node->n)
			return "a group asks for none or for more than it has";
		if ((node->kind == TAG_AND) != (node->k == node->n) ||
			(node->kind == TAG_OR) != (node->k == 1))
			return "a group asks for another number than its kind";
		return NULL;
	}
	if (node->kind > TAG_TRUE)
	{
		node->name_length = load16(take(&c, 2));
		node->name = (const char *) take(&c, node->name_length);
		if (node->name_length == 0 || node->name_length > TAG_NAME_MAX)
			return "a name is empty or too long";
		if (!c.short_of)
			take_operands(&c, node);
	}
	return c.short_of || c.p != c.end ? "operands do not fit their node" : NULL;
}

void
tag_node_read(TagNode *node, const uint8_t *start, const uint8_t *end)
{
	const char *problem = tag_node_problem(node, start, end);

	if (problem != NULL)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", problem);
}

void
tag_list_value(const TagNode *node, uint32_t i, TagValue *value)
{
	uint32_t	start = i == 0 ? 0 : load32(node->ends + (size_t) 4 * (i - 1));
	uint32_t	end = load32(node->ends + (size_t) 4 * i);

	if (start >= end || end > (size_t) (node->end - node->values))
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "values do not fit their list");
	value->type = node->values[start];
	value->length = end - start - 1;
	value->payload = node->values + start + 1;
	if (!fits_type(value))
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "a value does not fit its type");
}

uint8_t
tag_leaf_unbound(TagNodeKind kind)
{
	switch (kind)
	{
		case TAG_WINDOW:
		case TAG_AGE:
		case TAG_DECAYING:
			return TAGQUERY_TIME;
		case TAG_SEGMENT_LEAF:
			return TAGQUERY_SEGMENTS;
		case TAG_EVENT:
			return TAGQUERY_EVENTS;
		default:
			return 0;
	}
}
