/*
 * tagquery_jsonb.c
 *	  Casts between tagquery and jsonb: rules as react-querybuilder has them,
 *	  see tagquery_json.h.
 *
 * Keys that we don't know (ids and what a page keeps for itself) don't
 * count.  Muted rules and groups are not there, nor are groups without rules
 * inside others, which a builder leaves behind; a rule without any is true.
 * What is not understood is an error that tells where it stands.
 */
#include "tag/tagquery_jsonb.h"

#include "miscadmin.h"
#include "utils/builtins.h"

/* Groups of one for "not", and the outermost, come on top of what rules may nest */
#define MAX_DEPTH (TAGQUERY_MAX_DEPTH + 2)

static TagTree *read_node(const JsonbValue *value, const TagJsonPlace *place);

static bool
get_flag(const JsonbValue *object, const char *key, const TagJsonPlace *place)
{
	JsonbValue *value = tag_json_get(object, key);
	TagJsonPlace there = tag_json_at(place, key);

	if (value != NULL && value->type != jbvBool)
		tag_json_bad(&there, NULL, "neither true nor false");
	return value != NULL && value->val.boolean;
}

/* The rules into the group; false when none is left of them */
static bool
read_rules(TagTree *group, const JsonbValue *rules, const TagJsonPlace *place)
{
	JsonbIterator *iterator = JsonbIteratorInit(rules->val.binary.data);
	JsonbValue	element;
	int			i = 0;

	JsonbIteratorNext(&iterator, &element, true);
	while (JsonbIteratorNext(&iterator, &element, true) == WJB_ELEM)
	{
		TagJsonPlace there = {place, NULL, i++, place->depth + 1, place->in_exactly};
		TagTree    *child;

		if (element.type == jbvString)
			tag_json_bad(&there, "Give the group one combinator.",
						 "a combinator between rules is not understood");
		child = read_node(&element, &there);
		if (child != NULL)
			tag_tree_add(group, child);
	}
	return group->n > 0;
}

/* How many rules must match, of a group with a match mode */
typedef struct Match
{
	const char *mode;
	bool		counted;		/* by a threshold */
	TagNodeKind kind;
	bool		negated;
	int			more;			/* than the threshold */
} Match;

static const Match matches[] = {
	{"all", false, TAG_AND, false, 0},
	{"some", false, TAG_OR, false, 0},
	{"none", false, TAG_OR, true, 0},
	{"atLeast", true, TAG_AT_LEAST, false, 0},
	{"atMost", true, TAG_AT_LEAST, true, 1},
};

static TagTree *
make_match(const Match *match, uint32_t k, const JsonbValue *rules, const TagJsonPlace *place)
{
	TagTree    *group = tag_tree_group(match->kind, k + match->more);

	if (!read_rules(group, rules, place))
		return NULL;
	return match->negated ? tag_tree_not(group) : group;
}

/*
 * Exactly k is at least k and at most k, of the same rules.  One inside
 * another would double again with every level.
 */
static TagTree *
make_exactly(uint32_t k, const JsonbValue *rules, TagJsonPlace place)
{
	TagTree    *both = tag_tree_group(TAG_AND, 0);

	if (place.in_exactly)
		tag_json_bad(&place, NULL, "match mode exactly inside another one");
	place.in_exactly = true;
	for (size_t i = 0; i < lengthof(matches); i++)
	{
		TagTree    *half = matches[i].counted ? make_match(&matches[i], k, rules, &place) : NULL;

		if (half != NULL)
			tag_tree_add(both, half);
	}
	return both->n > 0 ? both : NULL;
}

static TagTree *
read_match(const JsonbValue *object, const JsonbValue *rules, const TagJsonPlace *rules_place,
		   const TagJsonPlace *place)
{
	TagJsonPlace there = tag_json_at(place, "match");
	const JsonbValue *json = tag_json_get(object, "match");
	const JsonbValue *mode = tag_json_is_object(json) ? tag_json_get(json, "mode") : NULL;
	bool		exactly = mode != NULL && tag_json_is_text(mode, "exactly");
	const Match *match = NULL;
	uint32_t	k = 0;

	for (size_t i = 0; mode != NULL && i < lengthof(matches); i++)
	{
		if (tag_json_is_text(mode, matches[i].mode))
			match = &matches[i];
	}
	if (match == NULL && !exactly)
		tag_json_bad(&there, NULL, "no match mode of all, some, none, atLeast, atMost and exactly");
	if (exactly || match->counted)
		k = tag_json_want_count(json, "threshold", &there);
	if (k == PG_UINT32_MAX)
		tag_json_bad(&there, NULL, "threshold is too large");
	return exactly ? make_exactly(k, rules, *rules_place) : make_match(match, k, rules, rules_place);
}

static TagNodeKind
read_combinator(const JsonbValue *object, const TagJsonPlace *place)
{
	const JsonbValue *combinator = tag_json_get(object, "combinator");
	TagJsonPlace there = tag_json_at(place, "combinator");

	if (combinator == NULL)
		tag_json_bad(&there, "Groups have one combinator, there are none between rules.", "missing");
	if (tag_json_is_text(combinator, "and") || tag_json_is_text(combinator, "AND"))
		return TAG_AND;
	if (tag_json_is_text(combinator, "or") || tag_json_is_text(combinator, "OR"))
		return TAG_OR;
	tag_json_bad(&there, tag_json_is_text(combinator, "xor") ?
				 "For xor of two rules, take the match mode exactly 1." : NULL,
				 "neither \"and\" nor \"or\"");
}

/* NULL when there are no rules in it */
static TagTree *
read_group(const JsonbValue *object, const TagJsonPlace *place)
{
	TagJsonPlace there = tag_json_at(place, "rules");
	const JsonbValue *rules = tag_json_get(object, "rules");
	TagTree    *group;

	if (rules == NULL || !tag_json_is_array(rules))
		tag_json_bad(&there, NULL, "not an array of rules");
	if (tag_json_get(object, "match") != NULL)
		group = read_match(object, rules, &there, place);
	else
	{
		/* a group of one rule or none may do without */
		group = tag_tree_group(JsonContainerSize(rules->val.binary.data) > 1 ||
							   tag_json_get(object, "combinator") != NULL ?
							   read_combinator(object, place) : TAG_AND, 0);
		if (!read_rules(group, rules, &there))
			group = NULL;
	}
	return group != NULL && get_flag(object, "not", place) ? tag_tree_not(group) : group;
}

/* A rule or a group; NULL when it is muted, or a group without rules */
static TagTree *
read_node(const JsonbValue *value, const TagJsonPlace *place)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	if (place->depth > MAX_DEPTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("JSON of a tagquery nests too deep"),
				 errdetail("Rules nest at most %d deep.", TAGQUERY_MAX_DEPTH)));
	if (!tag_json_is_object(value))
		tag_json_bad(place, NULL, "not an object");
	if (get_flag(value, "muted", place))
		return NULL;
	if (getKeyJsonValueFromContainer(value->val.binary.data, "rules", 5, NULL) != NULL)
		return read_group(value, place);
	return tag_json_rule(value, place);
}

/* ---- casts ---- */

/*
 * tagquery(rule jsonb): the rule.  What is not understood is 22023, with the
 * place; a number that double precision does not hold 22003; what nests too deep
 * 54000.
 */
PORTRAIT_FUNCTION(portrait_tagquery_from_jsonb);
Datum
portrait_tagquery_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jsonb = PG_GETARG_JSONB_P(0);
	TagJsonPlace document = {NULL, NULL, 0, 0, false};
	JsonbValue	root = {.type = jbvBinary};
	CoreError	error;
	TagTree    *tree;
	void	   *rule;

	root.val.binary.data = &jsonb->root;
	root.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
	tree = read_node(&root, &document);
	if (tree == NULL)
		tree = tag_tree_constant(!get_flag(&root, "not", &document));
	rule = tag_tree_finish(tree, &error);
	if (rule == NULL)
		core_report(&error, NULL);
	PG_RETURN_POINTER(rule);
}

/* tagquery_to_jsonb(rule tagquery): as react-querybuilder has it */
PORTRAIT_FUNCTION(portrait_tagquery_to_jsonb);
Datum
portrait_tagquery_to_jsonb(PG_FUNCTION_ARGS)
{
	TagqueryView rule;
	TextOut		out;

	tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	text_out_start(&out);
	tagquery_json_print(&out, &rule);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.text));
}
