/*
 * tagset_agg.c
 *	  The aggregates whose state is a tagset: tag_agg() and tag_union_agg().
 *
 * A state is a flat value (tagset_build.h), changed in place until it has to
 * move to a larger one, which the executor copies into its own memory.  There is no
 * memory context a group, so that a million groups are cheap, and one large group
 * takes n log n.
 */
#include "tag/tag_fmgr.h"

#include "utils/timestamp.h"

#include "tag/tagset_build.h"

static void
check_context(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate support function called outside an aggregate")));
}

static Datum
same_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* ---- tagsets into a state ---- */

static void *
add_state(void *state, const uint8_t *payload, size_t size)
{
	TagEntries	entries;
	TagItem		item;

	tag_entries_start(&entries, payload, size);
	while (tag_entries_next(&entries, &item))
	{
		core_interrupt();
		state = tagset_state_add(state, entries.name, entries.name_length, &item);
	}
	return state;
}

static void *
add_tagset(void *state, const TagsetView *view)
{
	TagRecord	record;
	TagItem		item;

	for (uint32_t i = 0; i < view->n; i++)
	{
		core_interrupt();
		tagset_record(view, i, &record);
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
			state = tagset_state_add(state, record.name, record.name_length, &item);
	}
	return state;
}

/* A tagset, or the state of one */
static void *
add_datum(void *state, Datum datum)
{
	size_t		size;
	const uint8_t *payload = tag_payload(datum, &size);
	TagsetView	view;

	if (tagset_is_state(payload, size))
		return add_state(state, payload, size);
	tagset_open_datum(&view, datum);
	return add_tagset(state, &view);
}

/* Argument 0, which may be changed; what is not a state of ours is made one */
static void *
state_arg(FunctionCallInfo fcinfo)
{
	struct varlena *value;

	if (PG_ARGISNULL(0))
		return tagset_state_new(TAGSET_STATE_MIN);
	value = (struct varlena *) PG_GETARG_POINTER(0);
	if (VARATT_IS_4B_U(value) && tagset_is_state(VARDATA(value), VARSIZE(value) - VARHDRSZ))
		return value;
	return add_datum(tagset_state_new(TAGSET_STATE_MIN), PG_GETARG_DATUM(0));
}

/* Transition of tag_union_agg, and combine function of all */
PORTRAIT_FUNCTION(portrait_tag_union_agg_transition);
Datum
portrait_tag_union_agg_transition(PG_FUNCTION_ARGS)
{
	check_context(fcinfo);
	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	PG_RETURN_DATUM(TagDatum(add_datum(state_arg(fcinfo), PG_GETARG_DATUM(1))));
}

/* The tagset.  Leaves the state as it is: windows go on with it.  Errors: 54000. */
PORTRAIT_FUNCTION(portrait_tag_agg_final);
Datum
portrait_tag_agg_final(PG_FUNCTION_ARGS)
{
	size_t		size;
	const uint8_t *payload = tag_payload(PG_GETARG_DATUM(0), &size);
	CoreError	error = {0};
	void	   *value;

	check_context(fcinfo);
	if (!tagset_is_state(payload, size))
		PG_RETURN_DATUM(PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))));
	value = tagset_state_finish(payload, size, &error);
	if (value == NULL)
		core_report(&error, NULL);
	PG_RETURN_DATUM(TagDatum(value));
}

/* ---- rows into a state ---- */

/* One more value of the tag that argument 1 names.  Errors: 22023 for the empty name, 54000. */
static Datum
add_item(FunctionCallInfo fcinfo, const TagItem *item)
{
	size_t		length;
	const char *name = tag_name_arg(PG_GETARG_DATUM(1), &length);

	PG_RETURN_DATUM(TagDatum(tagset_state_add(state_arg(fcinfo), name, length, item)));
}

/* Is there a row to add?  NULL names and values are missing. */
static bool
has_row(FunctionCallInfo fcinfo)
{
	check_context(fcinfo);
	return !PG_ARGISNULL(1) && !PG_ARGISNULL(2);
}

PORTRAIT_FUNCTION(portrait_tag_agg_name_transition);
Datum
portrait_tag_agg_name_transition(PG_FUNCTION_ARGS)
{
	check_context(fcinfo);
	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	return add_item(fcinfo, &tag_plain_item);
}

PORTRAIT_FUNCTION(portrait_tag_agg_text_transition);
Datum
portrait_tag_agg_text_transition(PG_FUNCTION_ARGS)
{
	TagItem		item = {0};

	if (!has_row(fcinfo))
		return same_state(fcinfo);
	tag_value_of_text(&item.value, PG_GETARG_DATUM(2));
	return add_item(fcinfo, &item);
}

/* A row with a value of some type, put into item.value with its payload in room */
#define VALUE_TRANSITION(type, put) \
	PORTRAIT_FUNCTION(portrait_tag_agg_##type##_transition); \
	Datum \
	portrait_tag_agg_##type##_transition(PG_FUNCTION_ARGS) \
	{ \
		TagItem		item = {0}; \
		uint8_t		room[TAG_PAYLOAD_ROOM]; \
		\
		if (!has_row(fcinfo)) \
			return same_state(fcinfo); \
		put; \
		return add_item(fcinfo, &item); \
	} \
	extern int	no_semicolon

/* Errors: 22003 for NaN and infinities, and for whole numbers that would change */
VALUE_TRANSITION(numeric, tag_value_of_numeric(&item.value, room, PG_GETARG_DATUM(2), true));

/* Errors: 22003 for NaN and infinities */
VALUE_TRANSITION(double, tag_value_of_double(&item.value, room, PG_GETARG_FLOAT8(2)));

/* Errors: 22003 for numbers that double precision would change */
VALUE_TRANSITION(bigint, tag_value_of_bigint(&item.value, room, PG_GETARG_INT64(2)));

VALUE_TRANSITION(boolean, tag_set_bool(&item.value, room, PG_GETARG_BOOL(2)));

/* Errors: 22003 for infinity, and outside the years 1 to 9999 */
VALUE_TRANSITION(date, tag_set_moment(&item.value, TAG_DATE, room, tag_check_date(PG_GETARG_DATEADT(2))));

/* Errors: 22003 for infinity, and outside the years 1 to 9999 */
VALUE_TRANSITION(time, tag_set_moment(&item.value, TAG_TIME, room, tag_check_moment(PG_GETARG_TIMESTAMPTZ(2))));

/*
 * With a weight and the time it was set, which may be NULL; NULL as value is the
 * bare tag.  Errors: 22003 for weights that are not from 0 to 1, and for times
 * as above.
 */
PORTRAIT_FUNCTION(portrait_tag_agg_weight_transition);
Datum
portrait_tag_agg_weight_transition(PG_FUNCTION_ARGS)
{
	TagItem		item = tag_plain_item;

	check_context(fcinfo);
	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	if (!PG_ARGISNULL(2))
		tag_value_of_text(&item.value, PG_GETARG_DATUM(2));
	if (!PG_ARGISNULL(3))
	{
		item.has |= TAG_WEIGHT;
		item.weight = tag_check_weight(PG_GETARG_FLOAT8(3));
	}
	if (!PG_ARGISNULL(4))
	{
		item.has |= TAG_SET_AT;
		item.set_at = tag_check_moment(PG_GETARG_TIMESTAMPTZ(4));
	}
	return add_item(fcinfo, &item);
}
