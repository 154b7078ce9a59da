/*
 * tag_selfuncs.c
 *	  How many rows "tags @@ rule" and "rule @@ tags" will find.
 *
 * Of a column of tagsets the frequent keys are known (tag_typanalyze.c), and a
 * rule is estimated leaf by leaf (tag_estimate.h).  Of a column of rules some
 * rules are known, as most common values and bounds of the histogram: a
 * constant tagset is matched with these, and in a join they are estimated one
 * by one.
 */
#include "tag/tag_selfuncs.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* Of an unknown rule, or of an unknown tagset among rules */
#define UNKNOWN_MATCH_SHARE 0.001

/* A key of which no statistics tell anything */
#define UNKNOWN_KEY_SHARE 0.01

/* So many rules of a column stand for all */
#define RULES_SAMPLE 100

typedef struct MatchSides
{
	Oid			tags;			/* types */
	Oid			rules;
} MatchSides;

/* The types of the operator's sides, of which the left one is a rule, or not */
static MatchSides
sides_of(Oid operator, bool rules_left)
{
	MatchSides	sides;

	if (rules_left)
		op_input_types(operator, &sides.rules, &sides.tags);
	else
		op_input_types(operator, &sides.tags, &sides.rules);
	return sides;
}

/* ---- a column of tagsets ---- */

/* The element whose text is the key's, as tag_typanalyze.c has sorted them */
static double
find_share(void *context, const TagKey *key)
{
	const AttStatsSlot *slot = &((const TagColumnStats *) context)->slot;
	int			low = 0;
	int			high = slot->nvalues;
	double		share = -1;
	TextOut		out;

	text_out_start(&out);
	tag_key_print(&out, key);
	while (low < high)
	{
		int			middle = (low + high) / 2;
		const text *value = (const text *) DatumGetPointer(slot->values[middle]);
		int			order = tag_compare_bytes(out.text, out.length, VARDATA_ANY(value),
											  VARSIZE_ANY_EXHDR(value));

		if (order == 0)
		{
			share = slot->numbers[middle];
			break;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	pfree(out.text);
	return share;
}

bool
tag_stats_open(TagFrequencies *frequencies, TagColumnStats *column, VariableStatData *vardata)
{
	memset(column, 0, sizeof(*column));
	frequencies->find = find_share;
	frequencies->context = column;
	frequencies->rare = UNKNOWN_KEY_SHARE;
	if (!HeapTupleIsValid(vardata->statsTuple))
		return false;
	column->nulls = ((Form_pg_statistic) GETSTRUCT(vardata->statsTuple))->stanullfrac;
	if (!get_attstatsslot(&column->slot, vardata->statsTuple, STATISTIC_KIND_MCELEM, InvalidOid,
						  ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
		return false;
	if (column->slot.valuetype != TEXTOID || column->slot.nnumbers != column->slot.nvalues + 2)
	{
		/* not ours */
		free_attstatsslot(&column->slot);
		memset(&column->slot, 0, sizeof(column->slot));
		return false;
	}
	frequencies->rare = column->slot.numbers[column->slot.nvalues] / 2;
	return true;
}

void
tag_stats_close(TagColumnStats *column)
{
	free_attstatsslot(&column->slot);
}

static double
rule_share(Datum rule, const TagFrequencies *frequencies)
{
	TagqueryView view;
	struct varlena *value = tagquery_open_datum(&view, rule);
	double		share = tagquery_selectivity(&view, frequencies);

	tag_close(value, rule);
	return share;
}

/* ---- a column of tagsets and one of rules ---- */

/* The shares of the rules in a slot, each with its weight */
static void
add_rules(VariableStatData *rules, int kind, const TagFrequencies *frequencies, double *sum,
		  double *weight)
{
	AttStatsSlot slot;
	int			step;

	if (!get_attstatsslot(&slot, rules->statsTuple, kind, InvalidOid,
						  ATTSTATSSLOT_VALUES |
						  (kind == STATISTIC_KIND_MCV ? ATTSTATSSLOT_NUMBERS : 0)))
		return;
	step = slot.nvalues / RULES_SAMPLE + 1;
	if (slot.valuetype == rules->vartype)
		for (int i = 0; i < slot.nvalues; i += step)
		{
			/* bounds of a histogram stand for equal parts of what isn't common */
			double		w = kind == STATISTIC_KIND_MCV ? slot.numbers[i] : step / (double) slot.nvalues;

			*sum += w * rule_share(slot.values[i], frequencies);
			*weight += w;
		}
	free_attstatsslot(&slot);
}

static double
column_share(VariableStatData *tags, VariableStatData *rules)
{
	TagFrequencies frequencies;
	TagColumnStats column;
	double		common = 0;
	double		common_weight = 0;
	double		others = 0;
	double		others_weight = 0;
	double		share = UNKNOWN_MATCH_SHARE;
	double		nulls;

	if (!HeapTupleIsValid(rules->statsTuple) || !tag_stats_open(&frequencies, &column, tags))
		return UNKNOWN_MATCH_SHARE;
	nulls = ((Form_pg_statistic) GETSTRUCT(rules->statsTuple))->stanullfrac;
	add_rules(rules, STATISTIC_KIND_MCV, &frequencies, &common, &common_weight);
	add_rules(rules, STATISTIC_KIND_HISTOGRAM, &frequencies, &others, &others_weight);
	if (others_weight > 0)
		share = common + Max(1 - nulls - common_weight, 0) * others / others_weight;
	else if (common_weight > 0)
		share = common;
	share *= 1 - column.nulls;
	tag_stats_close(&column);
	return share;
}

/* ---- what SQL calls ---- */

static double
restrict_by_rule(PlannerInfo *root, VariableStatData *tags, Node *rule, MatchSides sides)
{
	TagFrequencies frequencies;
	TagColumnStats column;
	VariableStatData other;
	double		share = UNKNOWN_MATCH_SHARE;

	if (IsA(rule, Const) && ((Const *) rule)->consttype == sides.rules)
	{
		tag_stats_open(&frequencies, &column, tags);
		share = rule_share(((Const *) rule)->constvalue, &frequencies) * (1 - column.nulls);
		tag_stats_close(&column);
	}
	else if (IsA(rule, Var))
	{
		examine_variable(root, rule, 0, &other);
		if (other.vartype == sides.rules)
			share = column_share(tags, &other);
		ReleaseVariableStats(other);
	}
	return share;
}

static double
restrict_by_tags(PlannerInfo *root, VariableStatData *rules, Node *tags, MatchSides sides)
{
	VariableStatData other;
	double		share = UNKNOWN_MATCH_SHARE;

	if (IsA(tags, Var))
	{
		examine_variable(root, tags, 0, &other);
		if (other.vartype == sides.tags)
			share = column_share(&other, rules);
		ReleaseVariableStats(other);
	}
	return share;
}

static Datum
restriction(FunctionCallInfo fcinfo, bool rules_left)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	Oid			operator = PG_GETARG_OID(1);
	List	   *args = (List *) PG_GETARG_POINTER(2);
	int			relid = PG_GETARG_INT32(3);
	MatchSides	sides = sides_of(operator, rules_left);
	VariableStatData vardata;
	Node	   *other;
	bool		varonleft;
	double		share = UNKNOWN_MATCH_SHARE;

	if (!get_restriction_variable(root, args, relid, &vardata, &other, &varonleft))
		PG_RETURN_FLOAT8(share);
	if (IsA(other, Const) && ((Const *) other)->constisnull)
		share = 0;
	else if (varonleft != rules_left && vardata.vartype == sides.tags)
		share = restrict_by_rule(root, &vardata, other, sides);
	else if (varonleft == rules_left && vardata.vartype == sides.rules)
	{
		if (IsA(other, Const) && ((Const *) other)->consttype == sides.tags)
			share = generic_restriction_selectivity(root, operator, PG_GET_COLLATION(), args,
													relid, UNKNOWN_MATCH_SHARE);
		else
			share = restrict_by_tags(root, &vardata, other, sides);
	}
	ReleaseVariableStats(vardata);
	CLAMP_PROBABILITY(share);
	PG_RETURN_FLOAT8(share);
}

static Datum
join(FunctionCallInfo fcinfo, bool rules_left)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	MatchSides	sides = sides_of(PG_GETARG_OID(1), rules_left);
	List	   *args = (List *) PG_GETARG_POINTER(2);
	SpecialJoinInfo *sjinfo = (SpecialJoinInfo *) PG_GETARG_POINTER(4);
	VariableStatData left;
	VariableStatData right;
	VariableStatData *tags = rules_left ? &right : &left;
	VariableStatData *rules = rules_left ? &left : &right;
	bool		reversed;
	double		share = UNKNOWN_MATCH_SHARE;

	get_join_variables(root, args, sjinfo, &left, &right, &reversed);
	if (tags->vartype == sides.tags && rules->vartype == sides.rules)
		share = column_share(tags, rules);
	ReleaseVariableStats(left);
	ReleaseVariableStats(right);
	CLAMP_PROBABILITY(share);
	PG_RETURN_FLOAT8(share);
}

PORTRAIT_FUNCTION(portrait_tag_match_sel);
Datum
portrait_tag_match_sel(PG_FUNCTION_ARGS)
{
	return restriction(fcinfo, false);
}

PORTRAIT_FUNCTION(portrait_tag_match_joinsel);
Datum
portrait_tag_match_joinsel(PG_FUNCTION_ARGS)
{
	return join(fcinfo, false);
}

PORTRAIT_FUNCTION(portrait_tagquery_match_sel);
Datum
portrait_tagquery_match_sel(PG_FUNCTION_ARGS)
{
	return restriction(fcinfo, true);
}

PORTRAIT_FUNCTION(portrait_tagquery_match_joinsel);
Datum
portrait_tagquery_match_joinsel(PG_FUNCTION_ARGS)
{
	return join(fcinfo, true);
}
