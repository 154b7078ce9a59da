/*
 * tagquery_json.c
 *	  Rules written as the JSON of react-querybuilder, see tagquery_json.h.
 *
 * What is written is read as the same rule, byte for byte.  A negated leaf is
 * written by an operator that says so if there is one, else as a group of one
 * with "not".
 */
#include "tag/tagquery_json.h"

#include "tag/tag_tree.h"

static const TagJsonOperator operators[] = {
	{"=", TAG_JSON_COMPARE, TAG_EQ, false},
	{"!=", TAG_JSON_COMPARE, TAG_NE, false},
	{"<", TAG_JSON_COMPARE, TAG_LT, false},
	{"<=", TAG_JSON_COMPARE, TAG_LE, false},
	{">", TAG_JSON_COMPARE, TAG_GT, false},
	{">=", TAG_JSON_COMPARE, TAG_GE, false},
	{"between", TAG_JSON_BETWEEN, 0, false},
	{"notBetween", TAG_JSON_BETWEEN, 1, false},
	{"in", TAG_JSON_LIST, TAG_IN, false},
	{"notIn", TAG_JSON_LIST, TAG_NOT_IN, false},
	{"noneOf", TAG_JSON_LIST, TAG_IN, true},
	{"contains", TAG_JSON_TEXT, TAG_CONTAINS, false},
	{"beginsWith", TAG_JSON_TEXT, TAG_STARTS, false},
	{"endsWith", TAG_JSON_TEXT, TAG_ENDS, false},
	{"doesNotContain", TAG_JSON_TEXT, TAG_CONTAINS, true},
	{"doesNotBeginWith", TAG_JSON_TEXT, TAG_STARTS, true},
	{"doesNotEndWith", TAG_JSON_TEXT, TAG_ENDS, true},
	{"notNull", TAG_JSON_NOTHING, TAG_KNOWN, false},
	{"null", TAG_JSON_NOTHING, TAG_KNOWN, true},
	{"has", TAG_JSON_NOTHING, TAG_HAS, false},
	{"hasNot", TAG_JSON_NOTHING, TAG_HAS, true},
	{"hasBelow", TAG_JSON_NOTHING, TAG_SUBTREE, false},
	{"hasNotBelow", TAG_JSON_NOTHING, TAG_SUBTREE, true},
	{"withinLast", TAG_JSON_WINDOW, TAG_WITHIN_LAST, false},
	{"beforeLast", TAG_JSON_WINDOW, TAG_BEFORE_LAST, false},
	{"withinNext", TAG_JSON_WINDOW, TAG_WITHIN_NEXT, false},
	{"inSegment", TAG_JSON_SEGMENT, 0, false},
	{"notInSegment", TAG_JSON_SEGMENT, 0, true},
	{"did", TAG_JSON_EVENT, 0, false},
	{"didNot", TAG_JSON_EVENT, 0, true},
};

#define N_OPERATORS (sizeof(operators) / sizeof(operators[0]))

const char *const tag_json_subjects[] = {
	[TAG_BY_VALUE] = "",
	[TAG_BY_DATE] = "date",
	[TAG_BY_TIME] = "time",
	[TAG_BY_WEIGHT] = "weight",
	[TAG_BY_DECAY] = "weight",
	[TAG_BY_SET_AT] = "set_at",
	[TAG_BY_ANNIVERSARY] = "anniversary",
};

const char *const tag_json_counts[] = {
	[TAG_EQ] = "exactly",
	[TAG_LE] = "atMost",
	[TAG_GE] = "atLeast",
};

const char *const tag_json_windows[] = {
	[TAG_WITHIN_LAST] = "withinLast",
	[TAG_BEFORE_LAST] = "beforeLast",
	[TAG_WITHIN_NEXT] = "withinNext",
};

const TagJsonOperator *
tag_json_operator(const char *name, size_t length)
{
	for (size_t i = 0; i < N_OPERATORS; i++)
	{
		if (strlen(operators[i].name) == length && memcmp(operators[i].name, name, length) == 0)
			return &operators[i];
	}
	return NULL;
}

/* ---- names ---- */

static const char *
checked(const char *name)
{
	if (name == NULL)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "a leaf has no name in JSON");
	return name;
}

static const char *
subject_name(TagSource source)
{
	return checked(source <= TAG_SOURCE_LAST ? tag_json_subjects[source] : NULL);
}

static const char *
count_name(TagComparison comparison)
{
	return checked(comparison <= TAG_COMPARISON_LAST ? tag_json_counts[comparison] : NULL);
}

static const char *
window_name(TagWindowKind window)
{
	return checked(window <= TAG_WINDOW_LAST ? tag_json_windows[window] : NULL);
}

static const char *
operator_name(const TagJsonOperator *operator)
{
	return checked(operator != NULL ? operator->name : NULL);
}

static const char *
comparison_name(TagComparison comparison)
{
	for (size_t i = 0; i < N_OPERATORS; i++)
	{
		if (operators[i].form == TAG_JSON_COMPARE && operators[i].what == (int) comparison)
			return operators[i].name;
	}
	return checked(NULL);
}

/* ---- values ---- */

/* A text that would be read as a date or a time is {"text": ...} */
static void
print_value(TextOut *out, const TagValue *value)
{
	const char *text = (const char *) value->payload;
	TextOut		bare;

	switch (value->type)
	{
		case TAG_BOOL:
		case TAG_NUMBER:
			tag_bare_print(out, value);
			break;
		case TAG_DATE:
		case TAG_TIME:
			text_out_start(&bare);
			tag_bare_print(&bare, value);
			text_out_string(out, bare.text, bare.length);
			core_free(bare.text);
			break;
		case TAG_TEXT:
			if (tag_is_moment(text, value->length))
				text_out(out, "{\"text\": ");
			text_out_string(out, text, value->length);
			if (tag_is_moment(text, value->length))
				text_out(out, "}");
			break;
	}
}

/* Of an anniversary, MM-DD */
static void
print_bound(TextOut *out, TagSource source, const TagValue *value)
{
	int			day;

	if (source != TAG_BY_ANNIVERSARY)
	{
		print_value(out, value);
		return;
	}
	day = tag_anniversary_day(value);
	text_out(out, "\"%02d-%02d\"", day / 100, day % 100);
}

static void
print_interval(TextOut *out, TagInterval interval)
{
	text_out(out, "\"");
	tag_length_print(out, interval);
	text_out(out, "\"");
}

/* ---- leaves ---- */

static void
print_field(TextOut *out, const char *name, size_t length)
{
	text_out(out, "{\"field\": ");
	text_out_string(out, name, length);
}

static void
print_operator(TextOut *out, const char *subject, const char *name)
{
	text_out(out, ", \"operator\": \"%s%s%s\"", subject, *subject ? " " : "", name);
}

static void
print_list(TextOut *out, const TagNode *leaf)
{
	TagValue	value;

	text_out(out, ", \"value\": [");
	for (uint32_t i = 0; i < leaf->n; i++)
	{
		core_interrupt();
		tag_list_value(leaf, i, &value);
		text_out(out, i > 0 ? ", " : "");
		print_value(out, &value);
	}
	text_out(out, "]");
}

/* A list of one is a comparison; one that is negated none of one */
static void
print_list_leaf(TextOut *out, const TagNode *leaf, const TagJsonOperator *operator, bool negated)
{
	TagValue	value;

	if (leaf->n > 1 || negated)
	{
		print_operator(out, "", operator_name(operator));
		print_list(out, leaf);
		return;
	}
	print_operator(out, "", comparison_name(leaf->kind == TAG_IN ? TAG_EQ : TAG_NE));
	tag_list_value(leaf, 0, &value);
	text_out(out, ", \"value\": ");
	print_value(out, &value);
}

/* Half-lives are whole seconds */
static void
print_decay(TextOut *out, const TagNode *leaf)
{
	text_out(out, ", \"halfLife\": \"");
	tag_half_life_print(out, leaf->half_life);
	text_out(out, "\"");
	if (leaf->kind == TAG_RANGE)
	{
		text_out(out, ", \"asOf\": \"");
		tag_moment_print(out, leaf->as_of, false);
		text_out(out, "\"");
	}
}

/* An interval that is open at one end or both is "between" with "bounds" */
static void
print_range(TextOut *out, const TagNode *leaf)
{
	TagSource	source = leaf->kind == TAG_DECAYING ? TAG_BY_DECAY : leaf->source;
	bool		low_open = (leaf->bounds & TAG_LOW_OPEN) != 0;
	bool		high_open = (leaf->bounds & TAG_HIGH_OPEN) != 0;
	const char *name = "between";

	if (!(leaf->bounds & TAG_HIGH))
		name = low_open ? ">" : ">=";
	else if (!(leaf->bounds & TAG_LOW))
		name = high_open ? "<" : "<=";
	print_operator(out, subject_name(source), name);
	text_out(out, ", \"value\": ");
	if (*name == 'b')
	{
		text_out(out, "[");
		print_bound(out, source, &leaf->low);
		text_out(out, ", ");
		print_bound(out, source, &leaf->high);
		text_out(out, "]");
		if (low_open || high_open)
			text_out(out, ", \"bounds\": \"%c%c\"", low_open ? '(' : '[', high_open ? ')' : ']');
	}
	else
		print_bound(out, source, leaf->bounds & TAG_LOW ? &leaf->low : &leaf->high);
	if (source == TAG_BY_DECAY)
		print_decay(out, leaf);
}

/* did("purchase", at least 2, within last 30 days) */
static void
print_event(TextOut *out, const TagNode *leaf, const char *name)
{
	text_out(out, "{\"field\": \"event\", \"operator\": \"%s\", \"value\": ", name);
	text_out_string(out, leaf->name, leaf->name_length);
	text_out(out, ", \"%s\": %u", count_name(leaf->comparison), leaf->count);
	if (leaf->window != TAG_WHENEVER)
	{
		text_out(out, ", \"%s\": ", window_name(leaf->window));
		print_interval(out, leaf->interval);
	}
}

/* What a leaf of this kind is written by, negated or not; NULL if no operator is */
static const TagJsonOperator *
operator_of(const TagNode *leaf, bool negated)
{
	TagJsonForm form;
	int			what = (int) leaf->kind;

	switch (leaf->kind)
	{
		case TAG_IN:
		case TAG_NOT_IN:
			form = TAG_JSON_LIST;
			break;
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			form = TAG_JSON_TEXT;
			break;
		case TAG_WINDOW:
			form = TAG_JSON_WINDOW;
			what = (int) leaf->window;
			break;
		case TAG_SEGMENT_LEAF:
			form = TAG_JSON_SEGMENT;
			what = 0;
			break;
		case TAG_EVENT:
			form = TAG_JSON_EVENT;
			what = 0;
			break;
		default:
			form = TAG_JSON_NOTHING;
			break;
	}
	for (size_t i = 0; i < N_OPERATORS; i++)
	{
		if (operators[i].form == form && operators[i].what == what &&
			operators[i].negated == negated)
			return &operators[i];
	}
	return NULL;
}

/* As "negated" says; the operator is NULL for intervals, ages and pairs only */
static void
print_leaf(TextOut *out, const TagNode *leaf, const TagJsonOperator *operator, bool negated)
{
	if (leaf->kind == TAG_EVENT)
	{
		print_event(out, leaf, operator_name(operator));
		text_out(out, "}");
		return;
	}
	if (leaf->kind == TAG_SEGMENT_LEAF)
		text_out(out, "{\"field\": \"segment\"");
	else
		print_field(out, leaf->name, leaf->name_length);
	switch (leaf->kind)
	{
		case TAG_IN:
		case TAG_NOT_IN:
			print_list_leaf(out, leaf, operator, negated);
			break;
		case TAG_RANGE:
		case TAG_DECAYING:
			print_range(out, leaf);
			break;
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			print_operator(out, "", operator_name(operator));
			text_out(out, ", \"value\": ");
			text_out_string(out, leaf->text, leaf->text_length);
			break;
		case TAG_PAIR:
			print_operator(out, "", comparison_name(leaf->comparison));
			text_out(out, ", \"value\": ");
			text_out_string(out, leaf->text, leaf->text_length);
			text_out(out, ", \"valueSource\": \"field\"");
			break;
		case TAG_WINDOW:
			print_operator(out, subject_name(leaf->source), operator_name(operator));
			text_out(out, ", \"value\": ");
			print_interval(out, leaf->interval);
			break;
		case TAG_AGE:
			print_operator(out, TAG_JSON_AGE, comparison_name(leaf->comparison));
			text_out(out, ", \"value\": ");
			print_interval(out, leaf->interval);
			break;
		case TAG_SEGMENT_LEAF:
			print_operator(out, "", operator_name(operator));
			text_out(out, ", \"value\": ");
			text_out_string(out, leaf->name, leaf->name_length);
			break;
		default:
			print_operator(out, "", operator_name(operator));
			break;
	}
	text_out(out, "}");
}

static void
print_negated(TextOut *out, const TagNode *leaf)
{
	const TagJsonOperator *operator = operator_of(leaf, true);

	if (operator != NULL)
	{
		print_leaf(out, leaf, operator, true);
		return;
	}
	text_out(out, "{\"combinator\": \"and\", \"not\": true, \"rules\": [");
	print_leaf(out, leaf, operator_of(leaf, false), false);
	text_out(out, "]}");
}

/* ---- groups ---- */

/* Gives where the node ends */
static const uint8_t *
print_node(TextOut *out, const uint8_t *start, const uint8_t *end, int depth)
{
	TagNode		node;
	const uint8_t *p;

	core_interrupt();
	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "it nests too deep");
	tag_node_read(&node, start, end);
	if (!tag_kind_is_group(node.kind))
	{
		if (node.negated)
			print_negated(out, &node);
		else
			print_leaf(out, &node, operator_of(&node, false), false);
		return node.end;
	}
	text_out(out, "{\"combinator\": \"%s\"", node.kind == TAG_AND ? "and" : "or");
	if (node.kind == TAG_AT_LEAST)
		text_out(out, ", \"match\": {\"mode\": \"atLeast\", \"threshold\": %u}", node.k);
	text_out(out, ", \"rules\": [");
	p = node.child;
	for (uint32_t i = 0; i < node.n; i++)
	{
		text_out(out, i > 0 ? ", " : "");
		p = print_node(out, p, node.end, depth + 1);
	}
	text_out(out, "]}");
	return node.end;
}

/* A rule builder starts with a group: a leaf alone is in one, and true is an empty one */
void
tagquery_json_print(TextOut *out, const TagqueryView *rule)
{
	TagNode		root;

	tag_node_read(&root, rule->root, rule->end);
	if (tag_kind_is_group(root.kind))
	{
		print_node(out, rule->root, rule->end, 1);
		return;
	}
	text_out(out, "{\"combinator\": \"and\", ");
	if (root.kind == TAG_FALSE)
		text_out(out, "\"not\": true, ");
	text_out(out, "\"rules\": [");
	if (root.kind > TAG_TRUE)
		print_node(out, rule->root, rule->end, 1);
	text_out(out, "]}");
}
