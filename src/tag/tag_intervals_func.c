/*
 * tag_intervals_func.c
 *	  A leaf as intervals of numbers, for those who keep values, weights and
 *	  times in columns or in sets by ranges.
 *
 * Moments are told as seconds from 1970-01-01 00:00 UTC, as extract(epoch ...)
 * has them.
 */
#include "tag/tag_fmgr.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* Seconds from 1970 to 2000, where our moments begin */
#define EPOCH_OF_2000 INT64_C(946684800)

typedef struct Line
{
	TagLeafIntervalVisit visit;
	void	   *context;
	TagLeafInterval interval;
} Line;

/* A number or a moment as a place on the line */
static double
place_of(const TagValue *value)
{
	uint64_t	ordered = tag_load_ordered(value->payload);

	if (value->type == TAG_NUMBER)
		return tag_number_of(ordered);
	return (double) (tag_moment_of(ordered) + EPOCH_OF_2000 * 1000000) / 1000000;
}

static void
visit_interval(Line *line, double low, bool low_open, double high, bool high_open)
{
	line->interval.low = low;
	line->interval.low_open = low_open;
	line->interval.high = high;
	line->interval.high_open = high_open;
	line->visit(line->context, &line->interval);
}

/* The values of a class are in ascending order; between them is what is not in the list */
static void
visit_list(const TagNode *leaf, Line *line, TagType class)
{
	double		low = -INFINITY;
	bool		found = false;

	line->interval.class = class;
	for (uint32_t i = 0; i < leaf->n; i++)
	{
		TagValue	value;
		double		place;

		CHECK_FOR_INTERRUPTS();
		tag_list_value(leaf, i, &value);
		if (tag_value_class(value.type) != class)
			continue;
		place = place_of(&value);
		if (leaf->kind == TAG_IN)
			visit_interval(line, place, false, place, false);
		else
			visit_interval(line, low, found, place, true);
		low = place;
		found = true;
	}
	if (found && leaf->kind == TAG_NOT_IN)
		visit_interval(line, low, true, INFINITY, false);
}

static void
visit_range(const TagNode *leaf, Line *line)
{
	TagType		class = tag_value_class(leaf->bounds & TAG_LOW ? leaf->low.type : leaf->high.type);

	if (leaf->source == TAG_BY_DECAY || leaf->source == TAG_BY_ANNIVERSARY ||
		(class != TAG_NUMBER && class != TAG_TIME))
		return;
	line->interval.source = leaf->source;
	line->interval.class = class;
	visit_interval(line,
				   leaf->bounds & TAG_LOW ? place_of(&leaf->low) : -INFINITY,
				   (leaf->bounds & TAG_LOW_OPEN) != 0,
				   leaf->bounds & TAG_HIGH ? place_of(&leaf->high) : INFINITY,
				   (leaf->bounds & TAG_HIGH_OPEN) != 0);
}

void
tag_leaf_intervals(const TagNode *leaf, TagLeafIntervalVisit visit, void *context)
{
	Line		line = {visit, context, {.source = TAG_BY_VALUE}};

	if (leaf->kind == TAG_IN || leaf->kind == TAG_NOT_IN)
	{
		visit_list(leaf, &line, TAG_NUMBER);
		visit_list(leaf, &line, TAG_TIME);
	}
	else if (leaf->kind == TAG_RANGE)
		visit_range(leaf, &line);
}

static void
put_interval(void *context, const TagLeafInterval *interval)
{
	static const char *const sources[] = {
		[TAG_BY_VALUE] = "value", [TAG_BY_DATE] = "date", [TAG_BY_TIME] = "time",
		[TAG_BY_WEIGHT] = "weight", [TAG_BY_SET_AT] = "set_at"
	};
	ReturnSetInfo *rsinfo = context;
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = CStringGetTextDatum(sources[interval->source]);
	values[1] = CStringGetTextDatum(interval->class == TAG_NUMBER ? "number" : "moment");
	values[2] = Float8GetDatum(interval->low);
	values[3] = BoolGetDatum(interval->low_open);
	values[4] = Float8GetDatum(interval->high);
	values[5] = BoolGetDatum(interval->high_open);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * tagquery_intervals(leaf tagquery): rows (source, class, low, low_open, high,
 * high_open), disjoint and ascending within a class: where the number or moment
 * lies that the leaf asks for, its negation left out.  No row where it asks for
 * something else.  22023 for a rule that is not one leaf.
 */
PORTRAIT_FUNCTION(portrait_tagquery_intervals);
Datum
portrait_tagquery_intervals(PG_FUNCTION_ARGS)
{
	TagqueryView rule;
	TagNode		leaf;

	tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	tag_node_read(&leaf, rule.root, rule.end);
	if (tag_kind_is_group(leaf.kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tagquery with %u leaves is not one leaf", rule.leaves)));
	InitMaterializedSRF(fcinfo, 0);
	tag_leaf_intervals(&leaf, put_interval, fcinfo->resultinfo);
	return (Datum) 0;
}
