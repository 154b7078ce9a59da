/*
 * tagquery_print.c
 *	  Rule to text, which is read back as the same rule.
 *
 * A negated leaf has a form of its own where people have one (is unknown, none
 * of), else it is not (...).
 */
#include "tag/tagquery_lex.h"

#define INTERRUPT_NODES 1024

static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">="};

/* ---- words ---- */

static void
print_name(TextOut *out, const char *name, size_t length)
{
	if (tagquery_is_reserved(name, length))
		tag_quote_print(out, name, length);
	else
		tag_name_print(out, name, length);
}

static void
print_value(TextOut *out, const TagValue *value)
{
	if (value->type == TAG_TEXT &&
		tagquery_is_reserved((const char *) value->payload, value->length))
		tag_quote_print(out, (const char *) value->payload, value->length);
	else
		tag_value_print(out, value);
}

static const char *
comparison_text(TagComparison comparison)
{
	if (comparison > TAG_COMPARISON_LAST)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "unknown comparison");
	return comparisons[comparison];
}

/* In the largest unit that it is a whole number of; weeks are days */
void
tag_length_print(TextOut *out, TagInterval length)
{
	TagUnit		unit = length.unit;
	uint32_t	count = length.count;
	const char *name = unit == TAG_SECONDS ? "second" : unit == TAG_DAYS ? "day" : "month";
	uint32_t	factor = 1;

	if (unit == TAG_SECONDS && count > 0 && count % 60 == 0)
	{
		factor = count % 3600 == 0 ? 3600 : 60;
		name = factor == 3600 ? "hour" : "minute";
	}
	else if (unit == TAG_MONTHS && count > 0 && count % 12 == 0)
	{
		factor = 12;
		name = "year";
	}
	text_out(out, "%u %s%s", count / factor, name, count == factor ? "" : "s");
}

void
tag_half_life_print(TextOut *out, int64_t half_life)
{
	TagInterval length = {TAG_DAYS, (uint32_t) (half_life / TAG_USECS_PER_DAY)};

	if (half_life % TAG_USECS_PER_DAY != 0)
		length = (TagInterval) {TAG_SECONDS, (uint32_t) (half_life / 1000000)};
	tag_length_print(out, length);
}

/* ---- leaves ---- */

static void
print_list(TextOut *out, const TagNode *node)
{
	TagValue	value;

	print_name(out, node->name, node->name_length);
	if (node->n == 1)
		text_out(out, node->kind == TAG_IN ? " = " : " <> ");
	else
		text_out(out, node->kind != TAG_IN ? " not in (" : node->negated ? " none of (" : " in (");
	for (uint32_t i = 0; i < node->n; i++)
	{
		if (i % INTERRUPT_NODES == 0)
			core_interrupt();
		if (i > 0)
			text_out_bytes(out, ", ", 2);
		tag_list_value(node, i, &value);
		print_value(out, &value);
	}
	if (node->n > 1)
		text_out(out, ")");
}

/* What an interval is about */
static void
print_subject(TextOut *out, const TagNode *node)
{
	static const char *const functions[] = {
		NULL, "date", "time", "weight", "weight", "set_at", "anniversary"
	};
	TagSource	source = node->kind == TAG_DECAYING ? TAG_BY_DECAY : node->source;

	if (source > TAG_SOURCE_LAST)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "unknown source");
	if (functions[source] != NULL)
		text_out(out, "%s(", functions[source]);
	print_name(out, node->name, node->name_length);
	if (source == TAG_BY_DECAY)
	{
		text_out(out, ", ");
		tag_half_life_print(out, node->half_life);
	}
	if (source == TAG_BY_DECAY && node->kind == TAG_RANGE)
	{
		text_out(out, ", ");
		tag_moment_print(out, node->as_of, node->as_of % TAG_USECS_PER_DAY == 0);
	}
	if (functions[source] != NULL)
		text_out(out, ")");
}

static void
print_bound(TextOut *out, const TagNode *node, const TagValue *value)
{
	if (node->kind == TAG_RANGE && node->source == TAG_BY_ANNIVERSARY)
	{
		int			day = tag_anniversary_day(value);

		text_out(out, "%02d-%02d", day / 100, day % 100);
	}
	else
		print_value(out, value);
}

static void
print_interval(TextOut *out, const TagNode *node)
{
	bool		low_open = (node->bounds & TAG_LOW_OPEN) != 0;
	bool		high_open = (node->bounds & TAG_HIGH_OPEN) != 0;

	print_subject(out, node);
	if (!(node->bounds & TAG_HIGH))
	{
		text_out(out, low_open ? " > " : " >= ");
		print_bound(out, node, &node->low);
	}
	else if (!(node->bounds & TAG_LOW))
	{
		text_out(out, high_open ? " < " : " <= ");
		print_bound(out, node, &node->high);
	}
	else if (tag_value_compare(&node->low, &node->high) == 0)
	{
		text_out(out, " = ");
		print_bound(out, node, &node->low);
	}
	else
	{
		text_out(out, low_open ? " between above " : " between ");
		print_bound(out, node, &node->low);
		text_out(out, high_open ? " and below " : " and ");
		print_bound(out, node, &node->high);
	}
}

static void
print_window(TextOut *out, TagWindowKind window, TagInterval interval)
{
	text_out(out, window == TAG_WITHIN_LAST ? "within last " :
			 window == TAG_BEFORE_LAST ? "before last " : "within next ");
	tag_length_print(out, interval);
}

static void
print_event(TextOut *out, const TagNode *node)
{
	text_out(out, "did(");
	tag_quote_print(out, node->name, node->name_length);
	if (node->comparison != TAG_GE || node->count != 1)
		text_out(out, ", %s %u", node->comparison == TAG_GE ? "at least" :
				 node->comparison == TAG_LE ? "at most" : "exactly", node->count);
	if (node->window != TAG_WHENEVER)
	{
		text_out(out, ", ");
		print_window(out, node->window, node->interval);
	}
	text_out(out, ")");
}

static void
print_text_leaf(TextOut *out, const TagNode *node)
{
	print_name(out, node->name, node->name_length);
	text_out(out, node->kind == TAG_STARTS ? " starts with " :
			 node->kind == TAG_ENDS ? " ends with " : " contains ");
	tag_quote_print(out, node->text, node->text_length);
}

/* Without "not", unless the leaf has a form of its own for that */
static void
print_leaf(TextOut *out, const TagNode *node)
{
	switch (node->kind)
	{
		case TAG_FALSE:
			text_out(out, "false");
			break;
		case TAG_TRUE:
			text_out(out, "true");
			break;
		case TAG_SUBTREE:
			print_name(out, node->name, node->name_length);
			text_out(out, ".*");
			break;
		case TAG_KNOWN:
			print_name(out, node->name, node->name_length);
			text_out(out, node->negated ? " is unknown" : " is known");
			break;
		case TAG_IN:
		case TAG_NOT_IN:
			print_list(out, node);
			break;
		case TAG_RANGE:
		case TAG_DECAYING:
			print_interval(out, node);
			break;
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			print_text_leaf(out, node);
			break;
		case TAG_PAIR:
			print_name(out, node->name, node->name_length);
			text_out(out, " %s value(", comparison_text(node->comparison));
			print_name(out, node->text, node->text_length);
			text_out(out, ")");
			break;
		case TAG_WINDOW:
			print_subject(out, node);
			text_out(out, " ");
			print_window(out, node->window, node->interval);
			break;
		case TAG_AGE:
			text_out(out, "age(");
			print_name(out, node->name, node->name_length);
			text_out(out, ") %s ", comparison_text(node->comparison));
			tag_length_print(out, node->interval);
			break;
		case TAG_SEGMENT_LEAF:
			text_out(out, "segment(");
			tag_quote_print(out, node->name, node->name_length);
			text_out(out, ")");
			break;
		case TAG_EVENT:
			print_event(out, node);
			break;
		default:				/* TAG_HAS */
			print_name(out, node->name, node->name_length);
			break;
	}
}

/* Does "not" stand before the leaf, and does that need parentheses? */
static bool
has_not(const TagNode *node, bool *parens)
{
	*parens = node->kind != TAG_HAS && node->kind != TAG_SUBTREE &&
		node->kind != TAG_SEGMENT_LEAF && node->kind != TAG_EVENT;
	return node->negated && node->kind != TAG_KNOWN && !(node->kind == TAG_IN && node->n > 1);
}

/* ---- the tree ---- */

static const uint8_t *print_node(TextOut *out, const uint8_t *start, const uint8_t *end, int depth);

static void
print_group(TextOut *out, const TagNode *node, int depth)
{
	const uint8_t *p = node->child;
	bool		at_least = node->kind == TAG_AT_LEAST;
	const char *between = at_least ? ", " : node->kind == TAG_AND ? " and " : " or ";
	/* commas part what needs no parentheses; the root needs none either */
	bool		parens = at_least || depth > 1;

	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "it nests too deep");
	if (at_least)
		text_out(out, "at least %u of ", node->k);
	if (parens)
		text_out(out, "(");
	for (uint32_t i = 0; i < node->n; i++)
	{
		if (i % INTERRUPT_NODES == 0)
			core_interrupt();
		if (i > 0)
			text_out(out, "%s", between);
		p = print_node(out, p, node->end, depth + 1);
	}
	if (parens)
		text_out(out, ")");
}

/* Where the node ends */
static const uint8_t *
print_node(TextOut *out, const uint8_t *start, const uint8_t *end, int depth)
{
	TagNode		node;
	bool		parens;

	tag_node_read(&node, start, end);
	if (tag_kind_is_group(node.kind))
		print_group(out, &node, depth);
	else if (has_not(&node, &parens))
	{
		text_out(out, parens ? "not (" : "not ");
		print_leaf(out, &node);
		text_out(out, parens ? ")" : "");
	}
	else
		print_leaf(out, &node);
	return node.end;
}

void
tag_node_print(TextOut *out, const uint8_t *start, const uint8_t *end)
{
	print_node(out, start, end, 1);
}

char *
tagquery_print(const TagqueryView *rule)
{
	TextOut		out;

	text_out_start(&out);
	print_node(&out, rule->root, rule->end, 1);
	return out.text;
}
