/*
 * tagset_selfuncs.c
 *	  How many tagsets have all or any of the tags of another one (@>, &&), or
 *	  no others (<@).
 *
 * To have all tags of a constant is to match the AND of them, to have any the
 * OR, so these are estimated as the rules that they are.  To have no others is
 * to miss all frequent tags that the constant has not, or has with other
 * values.
 */
#include "tag/tag_selfuncs.h"

#include "tag/tag_tree.h"

/* What core's contsel() says */
#define UNKNOWN_SHARE 0.001

typedef enum Question
{
	HAS_ALL,
	HAS_ANY,
	HAS_NO_OTHERS
} Question;

/* The tag with all of its values, or any of them */
static void
add_record(TagTree *group, const TagRecord *record, bool all)
{
	TagValue   *values = NULL;
	uint32_t	n = 0;
	TagItem		item;

	for (const uint8_t *p = tag_item_next(record, NULL, &item); p != NULL;
		 p = tag_item_next(record, p, &item))
	{
		values = core_realloc(values, core_mul_size(n + 1, sizeof(TagValue)));
		values[n++] = item.value;
	}
	for (uint32_t i = 0; i < n; i += all ? 1 : n)
		tag_tree_add(group, tag_tree_list(TAG_IN, record->name, record->name_length,
										  &values[i], all ? 1 : n));
	core_free(values);
}

/* Of a rule too large to be one, nothing is known */
static double
tree_share(TagTree *tree, const TagFrequencies *frequencies)
{
	CoreError	error;
	void	   *value = tag_tree_finish(tree, &error);
	TagqueryView rule;

	if (value == NULL)
		return UNKNOWN_SHARE;
	tagquery_open_datum(&rule, TagDatum(value));
	return tagquery_selectivity(&rule, frequencies);
}

static double
share_with(const TagsetView *tags, bool all, const TagFrequencies *frequencies)
{
	TagTree    *group = tag_tree_group(all ? TAG_AND : TAG_OR, 0);
	TagRecord	record;

	for (uint32_t i = 0; i < tags->n; i++)
	{
		core_interrupt();
		tagset_record(tags, i, &record);
		add_record(group, &record, all);
	}
	return tree_share(group, frequencies);
}

/*
 * Does the text of a key say that a tag is there, or that it is false?  The
 * first and only tag of that text.
 */
static bool
is_tag(const text *key, TagRecord *record)
{
	CoreError	error;
	void	   *value = tagset_parse(VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key), &error);
	TagsetView	view;
	TagItem		item;

	if (value == NULL)
		return false;
	tagset_open_datum(&view, TagDatum(value));
	if (view.n != 1)
		return false;
	tagset_record(&view, 0, record);
	tag_item_next(record, NULL, &item);
	return item.value.type == TAG_BOOL;
}

static double
share_without_others(const TagsetView *tags, const TagFrequencies *frequencies,
					 const AttStatsSlot *frequent)
{
	double		share = 1;

	for (int i = 0; i < frequent->nvalues; i++)
	{
		double		other = frequent->numbers[i];
		TagRecord	record;

		core_interrupt();
		if (!is_tag((const text *) DatumGetPointer(frequent->values[i]), &record))
			continue;
		if (tagset_find(tags, record.name, record.name_length,
						tag_mark(record.name, record.name_length), &record))
		{
			TagTree    *group = tag_tree_group(TAG_OR, 0);

			add_record(group, &record, false);
			other = Max(other - tree_share(group, frequencies), 0);
		}
		share *= 1 - other;
	}
	return share;
}

/* The column's tagsets that "question" is true of, asked with a constant */
static double
constant_share(VariableStatData *column, Question question, Datum constant)
{
	TagFrequencies frequencies;
	TagColumnStats stats;
	TagsetView	tags;
	double		share = UNKNOWN_SHARE;
	bool		known = tag_stats_open(&frequencies, &stats, column);

	tagset_open_datum(&tags, constant);
	if (question != HAS_NO_OTHERS)
		share = share_with(&tags, question == HAS_ALL, &frequencies);
	else if (known)
		share = share_without_others(&tags, &frequencies, &stats.slot);
	share *= 1 - stats.nulls;
	tag_stats_close(&stats);
	return share;
}

static Datum
restriction(FunctionCallInfo fcinfo, Question question, Question from_right)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	List	   *args = (List *) PG_GETARG_POINTER(2);
	VariableStatData column;
	Node	   *other;
	bool		varonleft;
	Oid			left;
	Oid			right;
	double		share = UNKNOWN_SHARE;

	if (!get_restriction_variable(root, args, PG_GETARG_INT32(3), &column, &other, &varonleft))
		PG_RETURN_FLOAT8(share);
	op_input_types(PG_GETARG_OID(1), &left, &right);
	if (IsA(other, Const) && ((Const *) other)->constisnull)
		share = 0;
	else if (IsA(other, Const) && ((Const *) other)->consttype == left && right == left &&
			 column.vartype == left)
		share = constant_share(&column, varonleft ? question : from_right,
							   ((Const *) other)->constvalue);
	ReleaseVariableStats(column);
	CLAMP_PROBABILITY(share);
	PG_RETURN_FLOAT8(share);
}

PORTRAIT_FUNCTION(portrait_tagset_contains_sel);
Datum
portrait_tagset_contains_sel(PG_FUNCTION_ARGS)
{
	return restriction(fcinfo, HAS_ALL, HAS_NO_OTHERS);
}

PORTRAIT_FUNCTION(portrait_tagset_contained_sel);
Datum
portrait_tagset_contained_sel(PG_FUNCTION_ARGS)
{
	return restriction(fcinfo, HAS_NO_OTHERS, HAS_ALL);
}

PORTRAIT_FUNCTION(portrait_tagset_overlaps_sel);
Datum
portrait_tagset_overlaps_sel(PG_FUNCTION_ARGS)
{
	return restriction(fcinfo, HAS_ANY, HAS_ANY);
}
