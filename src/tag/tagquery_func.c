/*
 * tagquery_func.c
 *	  What a rule asks about, and what it says of another rule.
 */
#include "tag/tag_fmgr.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "common/merge_sort.h"
#include "tag/tag_logic.h"

/* ---- leaves ---- */

static void
visit_leaves(const uint8_t *start, const uint8_t *end, TagLeafVisit visit, void *context)
{
	TagNode		node;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	tag_node_read(&node, start, end);
	if (tag_kind_is_group(node.kind))
		for (uint32_t i = 0; i < node.n; i++)
		{
			visit_leaves(node.child, node.end, visit, context);
			node.child += load32(node.child + 4);
		}
	else if (node.kind != TAG_TRUE && node.kind != TAG_FALSE)
		visit(&node, context);
}

void
tagquery_visit_leaves(const TagqueryView *rule, TagLeafVisit visit, void *context)
{
	visit_leaves(rule->root, rule->end, visit, context);
}

static const char *
leaf_kind(const TagNode *leaf)
{
	static const char *const kinds[] = {
		[TAG_HAS] = "has", [TAG_SUBTREE] = "subtree", [TAG_KNOWN] = "known",
		[TAG_IN] = "in", [TAG_NOT_IN] = "not in",
		[TAG_STARTS] = "starts with", [TAG_ENDS] = "ends with", [TAG_CONTAINS] = "contains",
		[TAG_PAIR] = "value", [TAG_WINDOW] = "window", [TAG_AGE] = "age",
		[TAG_DECAYING] = "weight", [TAG_SEGMENT_LEAF] = "segment", [TAG_EVENT] = "did"
	};
	static const char *const sources[] = {
		[TAG_BY_VALUE] = "range", [TAG_BY_DATE] = "date", [TAG_BY_TIME] = "time",
		[TAG_BY_WEIGHT] = "weight", [TAG_BY_DECAY] = "weight", [TAG_BY_SET_AT] = "set_at",
		[TAG_BY_ANNIVERSARY] = "anniversary"
	};

	if (leaf->kind == TAG_RANGE || (leaf->kind == TAG_WINDOW && leaf->source != TAG_BY_VALUE))
		return sources[leaf->source];
	return kinds[leaf->kind];
}

static void
put_leaf(const TagNode *leaf, void *context)
{
	ReturnSetInfo *rsinfo = context;
	Size		size = leaf->end - leaf->start;
	uint8_t    *positive = palloc(size);
	Datum		values[4];
	bool		nulls[4] = {false};
	TextOut		text;

	memcpy(positive, leaf->start, size);
	positive[1] = 0;
	text_out_start(&text);
	tag_node_print(&text, positive, positive + size);
	values[0] = PointerGetDatum(cstring_to_text_with_len(text.text, (int) text.length));
	values[1] = BoolGetDatum(leaf->negated);
	values[2] = PointerGetDatum(cstring_to_text_with_len(leaf->name, (int) leaf->name_length));
	values[3] = CStringGetTextDatum(leaf_kind(leaf));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	for (int i = 0; i < 4; i++)
		if (i != 1)
			pfree(DatumGetPointer(values[i]));
	pfree(text.text);
	pfree(positive);
}

/* tagquery_leaves(rule tagquery): rows (leaf, negated, name, kind), one a leaf, in canonical order */
PORTRAIT_FUNCTION(portrait_tagquery_leaves);
Datum
portrait_tagquery_leaves(PG_FUNCTION_ARGS)
{
	TagqueryView rule;

	tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	InitMaterializedSRF(fcinfo, 0);
	tagquery_visit_leaves(&rule, put_leaf, fcinfo->resultinfo);
	return (Datum) 0;
}

/* ---- names ---- */

typedef struct Names
{
	TagNodeKind kind;			/* TAG_SEGMENT_LEAF, TAG_EVENT, else all others */
	TagName    *names;
	uint32_t	n;
	uint32_t	room;
} Names;

static void
add_name(Names *names, const char *name, uint32_t length)
{
	if (names->n == names->room)
	{
		names->room = names->room ? 2 * names->room : 16;
		names->names = core_realloc(names->names, core_mul_size(names->room, sizeof(TagName)));
	}
	names->names[names->n++] = (TagName) {name, length};
}

static void
note_names(const TagNode *leaf, void *context)
{
	Names	   *names = context;
	bool		is_tag = leaf->kind != TAG_SEGMENT_LEAF && leaf->kind != TAG_EVENT;

	if (is_tag ? names->kind != TAG_HAS : names->kind != leaf->kind)
		return;
	add_name(names, leaf->name, leaf->name_length);
	if (leaf->kind == TAG_PAIR)
		add_name(names, leaf->text, leaf->text_length);
}

static int
compare_names(const void *a, const void *b)
{
	const TagName *x = a;
	const TagName *y = b;

	return tag_compare_bytes(x->name, x->length, y->name, y->length);
}

static TagNodeKind
kind_of_names(const text *what)
{
	const char *bytes = VARDATA_ANY(what);
	int			length = VARSIZE_ANY_EXHDR(what);
	static const struct
	{
		const char *word;
		TagNodeKind kind;
	}			kinds[] = {{"tag", TAG_HAS}, {"segment", TAG_SEGMENT_LEAF}, {"event", TAG_EVENT}};

	for (int i = 0; i < (int) lengthof(kinds); i++)
		if ((int) strlen(kinds[i].word) == length && memcmp(bytes, kinds[i].word, length) == 0)
			return kinds[i].kind;
	core_throw(CORE_BAD_PARAMETER, "It is tag, segment or event.",
			   "kind of names in a tagquery not recognized: \"%.*s\"",
			   (int) core_clip(bytes, length, 100), bytes);
}

/*
 * tagquery_names(rule tagquery, kind text): the names of tags (of segments, of
 * events) that a rule asks about, in bytewise order, each once.  22023 for any
 * other kind.
 */
PORTRAIT_FUNCTION(portrait_tagquery_names);
Datum
portrait_tagquery_names(PG_FUNCTION_ARGS)
{
	Names		names = {.kind = kind_of_names(PG_GETARG_TEXT_PP(1))};
	TagqueryView rule;
	Datum	   *values;
	int			n = 0;

	tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	tagquery_visit_leaves(&rule, note_names, &names);
	merge_sort(names.names, names.n, sizeof(TagName), compare_names);
	values = core_alloc(core_mul_size(names.n, sizeof(Datum)));
	for (uint32_t i = 0; i < names.n; i++)
		if (i == 0 || compare_names(&names.names[i - 1], &names.names[i]) != 0)
			values[n++] = PointerGetDatum(cstring_to_text_with_len(names.names[i].name,
																   (int) names.names[i].length));
	PG_RETURN_ARRAYTYPE_P(construct_array(values, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* ---- rules against rules ---- */

typedef TagVerdict (*TagQuestion) (const TagqueryView *a, const TagqueryView *b);

/* True or false where that is proven, else NULL */
static Datum
judge(FunctionCallInfo fcinfo, TagQuestion question)
{
	TagqueryView a;
	TagqueryView b;
	TagVerdict	verdict;

	tagquery_open_datum(&a, PG_GETARG_DATUM(0));
	tagquery_open_datum(&b, PG_GETARG_DATUM(1));
	verdict = question(&a, &b);
	if (verdict == TAG_UNKNOWN)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(verdict == TAG_PROVEN);
}

/* tagquery_implies(a tagquery, b tagquery): does all that matches a match b?  NULL: don't know */
PORTRAIT_FUNCTION(portrait_tagquery_implies);
Datum
portrait_tagquery_implies(PG_FUNCTION_ARGS)
{
	return judge(fcinfo, tagquery_implies);
}

/* tagquery_disjoint(a tagquery, b tagquery): does nothing match both?  NULL: don't know */
PORTRAIT_FUNCTION(portrait_tagquery_disjoint);
Datum
portrait_tagquery_disjoint(PG_FUNCTION_ARGS)
{
	return judge(fcinfo, tagquery_disjoint);
}
