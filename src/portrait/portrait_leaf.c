/*
 * portrait_leaf.c
 *	  Whom a leaf of a rule matches, by the sets that a generation keeps: the
 *	  resolver that tag_segment() asks, bucket by bucket.
 *
 *	texts, booleans		tag_member: the values that the leaf is true of
 *	numbers, times		tag_member: those that many have; tag_range: whole parts, and
 *						the numbers of the parts at the edges
 *	weights, set_at		tag_value, row by row
 *	segments			segment_member, or the rule of a segment that is new
 *
 * What has expired is not in a generation.
 */
#include "tag/tag_fmgr.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "portrait/portrait_statement.h"
#include "portrait/portrait_tagset.h"
#include "segment/segment_fmgr.h"

/* A bucket has 2^20 customers with consecutive numbers */
#define BUCKET_BITS 20

/* The union of sets that are found, in memory that outlives SPI's */
typedef struct Found
{
	MemoryContext context;
	Segment    *only;			/* while there is one set */
	SegmentAcc *acc;			/* of several */
} Found;

typedef struct Leaf
{
	PortraitPlace place;
	int64		bucket;
	Datum		rule;			/* the leaf as a value, */
	Datum		context;		/* and what came with it */
	TagNode		node;
	Found		found;
	/* where the numbers and moments lie that it asks for, if it does */
	TagLeafInterval *intervals;
	uint32		nintervals;
	uint32		intervals_room;
} Leaf;

/* ---- sets ---- */

static void
found_add(Found *found, Datum members)
{
	MemoryContext old = MemoryContextSwitchTo(found->context);
	SegmentView view;

	if (found->only == NULL && found->acc == NULL)
		found->only = (Segment *) PG_DETOAST_DATUM_COPY(members);
	else
	{
		if (found->acc == NULL)
		{
			found->acc = palloc(sizeof(SegmentAcc));
			segment_acc_start(found->acc, SEGMENT_OR);
			segment_open(&view, found->only, segment_size(found->only));
			segment_acc_add_set(found->acc, &view);
			pfree(found->only);
			found->only = NULL;
		}
		segment_open_datum(&view, members);
		segment_acc_add_set(found->acc, &view);
		segment_close_datum(&view, members);
	}
	MemoryContextSwitchTo(old);
}

/* NULL for nobody */
static Segment *
found_all(Found *found)
{
	return found->acc != NULL ? segment_acc_collapse(found->acc) : found->only;
}

static Datum
name_of(const TagNode *node)
{
	return PointerGetDatum(cstring_to_text_with_len(node->name, (int) node->name_length));
}

/* The one column of a statement that gives sets, or none */
static void
find_members(Leaf *leaf, PortraitStatement statement, Datum *values, const char *nulls)
{
	portrait_run(&leaf->place, statement, values, nulls);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Datum		members = portrait_result_or_null(i, 0, &isnull);

		if (!isnull)
			found_add(&leaf->found, members);
	}
}

/* ---- values that have a set of their own ---- */

/*
 * The values that the leaf asks for as they are stored, if that can be told: of texts.
 * There may be many thousands of these.
 */
static bool
stored_values(const TagNode *node, Datum *array)
{
	Datum	   *values;

	if (node->kind != TAG_IN)
		return false;
	values = palloc(sizeof(Datum) * (Size) node->n);
	for (uint32_t i = 0; i < node->n; i++)
	{
		TagValue	value;

		CHECK_FOR_INTERRUPTS();
		tag_list_value(node, i, &value);
		if (value.type != TAG_TEXT)
			return false;
		values[i] = PointerGetDatum(cstring_to_text_with_len((const char *) value.payload, (int) value.length));
	}
	*array = PointerGetDatum(construct_array(values, (int) node->n, TEXTOID, -1, false, TYPALIGN_INT));
	return true;
}

static bool
value_matches(const TagNode *node, Datum tag, Datum value, Datum value_type)
{
	TagsetView	tags;
	void	   *tagset = portrait_tagset_make(tag, value, value_type, NULL, NULL);
	bool		result;

	tagset_open_datum(&tags, TagDatum(tagset));
	result = tag_leaf_match(node, &tags, TAG_NEVER_EXPIRED);
	pfree(tagset);
	return result;
}

static void
find_values(Leaf *leaf)
{
	Datum		values[3] = {name_of(&leaf->node), Int64GetDatum(leaf->bucket)};
	PortraitStatement statement = PORTRAIT_MEMBERS;

	if (leaf->node.kind == TAG_SUBTREE)
		statement = PORTRAIT_MEMBERS_BELOW;
	else if (stored_values(&leaf->node, &values[2]))
		statement = PORTRAIT_MEMBERS_OF;
	portrait_run(&leaf->place, statement, values, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (value_matches(&leaf->node, portrait_result(i, 0), portrait_result(i, 1),
						  portrait_result(i, 2)))
			found_add(&leaf->found, portrait_result(i, 3));
	}
}

/* ---- what only rows tell ---- */

/* Those whose rows the leaf is true of; "among" these, or among all if it is 0 */
static void
find_rows(Leaf *leaf, Datum among)
{
	int64		first = leaf->bucket << BUCKET_BITS;
	Datum		values[5] = {
		name_of(&leaf->node), Int64GetDatum(first), Int64GetDatum(first + (1 << BUCKET_BITS) - 1), leaf->rule, among
	};

	find_members(leaf, PORTRAIT_ROWS, values, among == 0 ? "    n" : NULL);
}

/* One tag's value against another's */
static void
find_pair(Leaf *leaf)
{
	int64		first = leaf->bucket << BUCKET_BITS;
	const TagNode *node = &leaf->node;
	Datum		names[2] = {
		name_of(node), PointerGetDatum(cstring_to_text_with_len(node->text, (int) node->text_length))
	};
	/* of a tag against itself there is one */
	bool		same = tag_compare_bytes(node->name, node->name_length, node->text, node->text_length) == 0;
	Datum		values[5] = {
		PointerGetDatum(construct_array(names, same ? 1 : 2, TEXTOID, -1, false, TYPALIGN_INT)),
		Int64GetDatum(leaf->bucket), leaf->rule, Int64GetDatum(first), Int64GetDatum(first + (1 << BUCKET_BITS) - 1)
	};

	find_members(leaf, PORTRAIT_PAIR, values, NULL);
}

/* ---- numbers and times by parts ---- */

static void
note_interval(void *context, const TagLeafInterval *interval)
{
	Leaf	   *leaf = context;

	if (leaf->nintervals == leaf->intervals_room)
	{
		leaf->intervals_room = leaf->intervals_room == 0 ? 4 : 2 * leaf->intervals_room;
		leaf->intervals = leaf->intervals == NULL ? palloc(sizeof(*interval) * leaf->intervals_room) :
			repalloc_huge(leaf->intervals, sizeof(*interval) * (Size) leaf->intervals_room);
	}
	leaf->intervals[leaf->nintervals++] = *interval;
}

/* Any number and any time will do: of tags that are asked for as such */
static bool
asks_for_any(const TagNode *node)
{
	return node->kind == TAG_HAS || node->kind == TAG_KNOWN || node->kind == TAG_SUBTREE;
}

static bool
is_inside(const TagLeafInterval *interval, double number)
{
	return (number > interval->low || (number == interval->low && !interval->low_open)) &&
		(number < interval->high || (number == interval->high && !interval->high_open));
}

/* Those of a part whose numbers are in one of the intervals */
static void
find_numbers(Leaf *leaf, Datum members, Datum numbers, const TagLeafInterval *intervals, uint32 n)
{
	ArrayType  *array = DatumGetArrayTypeP(numbers);
	const double *number = (const double *) ARR_DATA_PTR(array);
	SegmentView view;
	SegmentIter iter;
	uint64	   *batch = palloc(sizeof(uint64) * SEGMENT_ITER_IDS);
	uint64	   *ids;
	size_t		kept = 0;
	uint64		left;
	uint32		got;

	segment_open_datum(&view, members);
	if (ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID ||
		(uint64) ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) != view.count)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("tag_range of portrait %s is damaged: it has not one number for each member",
						quote_identifier(NameStr(leaf->place.schema)))));
	ids = palloc_extended(core_mul_size(view.count, sizeof(uint64)), MCXT_ALLOC_HUGE);
	segment_iter_start(&iter, &view);
	for (left = view.count; (got = segment_iter_next(&iter, batch)) > 0; left -= got)
	{
		CHECK_FOR_INTERRUPTS();
		if (got > left)
			segment_corrupt("more members than counted");
		for (uint32 i = 0; i < got; i++, number++)
			for (uint32 k = 0; k < n; k++)
				if (is_inside(&intervals[k], *number))
				{
					ids[kept++] = batch[i];
					break;
				}
	}
	if (kept > 0)
		found_add(&leaf->found, SegmentGetDatum(segment_make_ids(ids, kept)));
}

typedef enum Overlap
{
	OUTSIDE, PARTLY, WHOLE
} Overlap;

/* How does a part lie to the intervals?  Those that are about it are put into "into". */
static Overlap
part_overlap(const Leaf *leaf, const text *value_type, double low, double high, TagLeafInterval *into, uint32 *n)
{
	const char *type = VARDATA_ANY(value_type);
	int			length = VARSIZE_ANY_EXHDR(value_type);
	bool		is_number = length == 6 && memcmp(type, "number", 6) == 0;
	bool		is_date = length == 4 && memcmp(type, "date", 4) == 0;

	*n = 0;
	if (asks_for_any(&leaf->node))
		return WHOLE;
	for (uint32 i = 0; i < leaf->nintervals; i++)
	{
		const TagLeafInterval *interval = &leaf->intervals[i];

		if ((interval->class == TAG_NUMBER) != is_number ||
			(interval->source == TAG_BY_DATE && !is_date) || (interval->source == TAG_BY_TIME && is_date) ||
			high < interval->low || (high == interval->low && interval->low_open) ||
			low > interval->high || (low == interval->high && interval->high_open))
			continue;
		if (is_inside(interval, low) && is_inside(interval, high))
			return WHOLE;
		into[(*n)++] = *interval;
	}
	return *n > 0 ? PARTLY : OUTSIDE;
}

static void
find_ranges(Leaf *leaf)
{
	bool		below = leaf->node.kind == TAG_SUBTREE;
	Datum		values[2] = {name_of(&leaf->node), Int64GetDatum(leaf->bucket)};
	Found		edges = {.context = CurrentMemoryContext};
	TagLeafInterval *intervals;
	Segment    *among;

	if (!asks_for_any(&leaf->node) && leaf->nintervals == 0)
		return;
	portrait_run(&leaf->place, below ? PORTRAIT_RANGES_BELOW : PORTRAIT_RANGES, values, NULL);
	intervals = palloc_extended(core_mul_size(leaf->nintervals, sizeof(TagLeafInterval)) + 1, MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Datum		members = portrait_result(i, 4);
		Datum		numbers;
		uint32		n;

		CHECK_FOR_INTERRUPTS();
		switch (part_overlap(leaf, DatumGetTextPP(portrait_result(i, 1)),
							 DatumGetFloat8(portrait_result(i, 2)),
							 DatumGetFloat8(portrait_result(i, 3)), intervals, &n))
		{
			case OUTSIDE:
				break;
			case WHOLE:
				found_add(&leaf->found, members);
				break;
			case PARTLY:
				numbers = portrait_result_or_null(i, 5, &isnull);
				if (isnull)
					found_add(&edges, members);
				else
					find_numbers(leaf, members, numbers, intervals, n);
				break;
		}
	}
	/* where customers may have several numbers, of those in parts at the edges rows tell */
	among = found_all(&edges);
	if (among != NULL)
		find_rows(leaf, SegmentGetDatum(among));
}

/* ---- segments ---- */

static void
find_segment(Leaf *leaf)
{
	Datum		name = name_of(&leaf->node);
	Datum		values[3] = {name, Int64GetDatum(leaf->bucket), leaf->context};
	Datum		check[2] = {NameGetDatum(&leaf->place.schema), name};

	find_members(leaf, PORTRAIT_SEGMENT, values, NULL);
	if (found_all(&leaf->found) != NULL || leaf->place.building)
		return;
	/* declared since the last refresh */
	portrait_run(&leaf->place, PORTRAIT_SEGMENT_CHECK, check, NULL);
	find_members(leaf, PORTRAIT_SEGMENT_RULE, values, NULL);
}

/* ---- leaves ---- */

/* A member of the context; NULL if it is none of this type */
static JsonbValue *
context_member(Jsonb *context, const char *key, enum jbvType type)
{
	JsonbValue *value = JB_ROOT_IS_OBJECT(context) ?
		getKeyJsonValueFromContainer(&context->root, key, (int) strlen(key), NULL) : NULL;

	return value != NULL && value->type == type ? value : NULL;
}

static void
read_context(Leaf *leaf, FunctionCallInfo fcinfo)
{
	char	   *told = TextDatumGetCString(leaf->context);
	Jsonb	   *context = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(told)));
	JsonbValue *schema = context_member(context, "schema", jbvString);
	JsonbValue *generation = context_member(context, "generation", jbvNumeric);
	JsonbValue *bucket = context_member(context, "bucket", jbvNumeric);
	JsonbValue *building = context_member(context, "building", jbvBool);

	if (schema == NULL || generation == NULL || bucket == NULL || schema->val.string.len >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("context of portrait_leaf is incomplete: %.*s", (int) core_clip(told, strlen(told), 100), told),
				 errhint("It is like {\"schema\": \"shop\", \"generation\": 17, \"bucket\": 0}.")));
	portrait_place(&leaf->place, fcinfo, pnstrdup(schema->val.string.val, schema->val.string.len),
				   DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(generation->val.numeric))),
				   building != NULL && building->val.boolean);
	leaf->bucket = DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(bucket->val.numeric)));
	if (leaf->bucket < PG_INT64_MIN >> BUCKET_BITS || leaf->bucket > PG_INT64_MAX >> BUCKET_BITS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bucket " INT64_FORMAT " is out of range", leaf->bucket)));
}

static void
find_leaf(Leaf *leaf)
{
	const TagNode *node = &leaf->node;

	if (node->kind == TAG_SEGMENT_LEAF)
		find_segment(leaf);
	else if (tag_leaf_unbound(node->kind) != 0)
		return;
	else if (node->kind == TAG_PAIR)
		find_pair(leaf);
	else if (node->kind == TAG_RANGE && node->source >= TAG_BY_WEIGHT)
	{
		/* days of the year: those of dates that many have too */
		if (node->source == TAG_BY_ANNIVERSARY)
			find_values(leaf);
		find_rows(leaf, 0);
	}
	else
	{
		tag_leaf_intervals(node, note_interval, leaf);
		find_values(leaf);
		find_ranges(leaf);
	}
}

/*
 * portrait_leaf(leaf tagquery, context text) -> segment
 *
 * NULL for nobody, and for a leaf that is not bound.  22023 for a rule that is not one
 * leaf, and for a context that does not tell schema, generation and bucket.
 */
PORTRAIT_FUNCTION(portrait_leaf);
Datum
portrait_leaf(PG_FUNCTION_ARGS)
{
	Leaf		leaf = {.context = PG_GETARG_DATUM(1)};
	TagqueryView rule;
	Segment    *members;

	leaf.rule = PointerGetDatum(tagquery_open_datum(&rule, PG_GETARG_DATUM(0)));
	tag_node_read(&leaf.node, rule.root, rule.end);
	if (tag_kind_is_group(leaf.node.kind) || rule.leaves != 1 || leaf.node.negated)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tagquery with %u leaves%s is not one leaf", rule.leaves,
						leaf.node.negated ? " and a negation" : "")));
	read_context(&leaf, fcinfo);
	leaf.found.context = CurrentMemoryContext;
	SPI_connect();
	find_leaf(&leaf);
	SPI_finish();
	members = found_all(&leaf.found);
	if (members == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(SegmentGetDatum(members));
}
