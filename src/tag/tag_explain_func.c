/*
 * tag_explain_func.c
 *	  tag_explain(): why a tagset matches a rule, or not, as rows.
 */
#include "tag/tag_fmgr.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "tag/tag_explain.h"
#include "tag/tag_tree.h"
#include "tag/tagquery_bind.h"

/* What a leaf is asked with */
typedef struct Question
{
	TagsetView	tags;
	int64_t		as_of;
	TagZone		zone;			/* where there is a time */
} Question;

/* A leaf that asks for the time, as it is then */
static bool
match_bound(const TagNode *leaf, const Question *question)
{
	TagqueryView rule;
	CoreError	error;
	void	   *value = tag_tree_finish(tag_tree_read(leaf->start, leaf->end), &error);
	void	   *bound;
	bool		result;

	if (question->zone.wall == NULL)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "it is not bound");
	if (value == NULL)
		core_report(&error, NULL);
	tagquery_open_datum(&rule, TagDatum(value));
	bound = tagquery_bind(&rule, question->as_of, &question->zone, &error);
	if (bound == NULL)
		core_report(&error, NULL);
	tagquery_open_datum(&rule, TagDatum(bound));
	result = tagquery_match(&rule, &question->tags, question->as_of);
	pfree(bound);
	pfree(value);
	return result;
}

static bool
leaf_true(const TagNode *leaf, void *context)
{
	const Question *question = context;

	if (tag_leaf_unbound(leaf->kind))
		return match_bound(leaf, question);
	return tag_leaf_match(leaf, &question->tags, question->as_of);
}

static void
put_reason(ReturnSetInfo *rsinfo, const TagReason *reason, bool cut_off, const Question *question)
{
	Datum		values[5];
	bool		nulls[5] = {false};
	TextOut		leaf;
	TextOut		actual;
	TagNode		node;

	text_out_start(&leaf);
	text_out_start(&actual);
	tag_node_read(&node, reason->start, reason->end);
	tag_node_print(&leaf, reason->start, reason->end);
	tag_actual_print(&actual, &node, &question->tags, question->as_of);
	values[0] = PointerGetDatum(cstring_to_text_with_len(leaf.text, (int) leaf.length));
	values[1] = PointerGetDatum(cstring_to_text_with_len(actual.text, (int) actual.length));
	nulls[1] = actual.length == 0;
	values[2] = BoolGetDatum(reason->matched);
	values[3] = BoolGetDatum(reason->decisive);
	values[4] = BoolGetDatum(reason->change);
	nulls[4] = cut_off && !reason->change;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	pfree(leaf.text);
	pfree(actual.text);
}

static void
explain(FunctionCallInfo fcinfo, Question *question, uint8_t answered)
{
	TagqueryView rule;
	TagReasons	reasons;
	uint8_t		open;

	tagset_open_datum(&question->tags, PG_GETARG_DATUM(0));
	tagquery_open_datum(&rule, PG_GETARG_DATUM(1));
	open = rule.unbound & ~answered;
	if (open)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tagquery cannot be explained: it asks for %s",
						open & TAGQUERY_TIME ? "the time" :
						open & TAGQUERY_SEGMENTS ? "a segment" : "an event"),
				 open & TAGQUERY_TIME ? errhint("Give as_of, the time to explain it for.") :
				 errhint("Explain what is left without segment() and did().")));
	InitMaterializedSRF(fcinfo, 0);
	tag_explain(&reasons, &rule, leaf_true, question);
	for (uint32_t i = 0; i < reasons.n; i++)
		put_reason((ReturnSetInfo *) fcinfo->resultinfo, &reasons.reasons[i], reasons.cut_off,
				   question);
}

/*
 * tag_explain(tags tagset, rule tagquery): rows (leaf, actual, matched,
 * decisive, change), see tag_explain.h.  22023 if the rule is not bound.
 */
PORTRAIT_FUNCTION(portrait_tag_explain);
Datum
portrait_tag_explain(PG_FUNCTION_ARGS)
{
	Question	question = {.as_of = TAG_NEVER_EXPIRED};

	explain(fcinfo, &question, 0);
	return (Datum) 0;
}

/*
 * tag_explain(tags tagset, rule tagquery, as_of timestamptz, time_zone text):
 * the same at a time, with what has not expired then.  22023 if the rule asks
 * for segments or events, or the zone is unknown; 22003 as tag_bind().
 */
PORTRAIT_FUNCTION(portrait_tag_explain_at);
Datum
portrait_tag_explain_at(PG_FUNCTION_ARGS)
{
	Question	question = {.as_of = PG_GETARG_TIMESTAMPTZ(2)};

	tag_check_as_of(question.as_of);
	tag_zone_named(&question.zone, PG_GETARG_TEXT_PP(3));
	explain(fcinfo, &question, TAGQUERY_TIME);
	return (Datum) 0;
}
