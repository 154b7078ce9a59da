/*
 * tagquery_set_agg.c
 *	  The aggregates that compile rules into a set.
 *
 * Their state is a bytea with the rows as they came: appended in place, doubled
 * when it is full.  What they have in common, the sorting and the index, is done
 * once, at the end.  So it is at most 1 GB, twice of what a set can be.  It is,
 * from its length word on:
 *
 *	 0	int32	varlena length word
 *	 4	uint8	STATE_VERSION, 3 bytes of zero
 *	 8	uint32	bytes in use, these included
 *	12	uint32	number of rows
 *	16	rows: int64 id, uint32 bytes of the rule, the rule without its length word
 */
#include "common/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "tag/tag_fmgr.h"
#include "tag/tagquery_set_fmgr.h"

#define STATE_VERSION	1
#define STATE_HEADER	16
#define STATE_MIN_SIZE	256
#define ROW_HEADER		12

static void
check_aggregate(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate support function called outside an aggregate")));
}

/* ---- the state ---- */

static void
bad_state(const char *what)
{
	core_throw(CORE_BAD_BINARY, NULL, "invalid state of tagquery_set_agg: %s", what);
}

static Size
state_used(const struct varlena *state)
{
	const uint8_t *bytes = (const uint8_t *) state;
	Size		used;

	if (VARSIZE(state) < STATE_HEADER || bytes[4] != STATE_VERSION)
		bad_state("unknown version");
	used = load32(bytes + 8);
	if (used < STATE_HEADER || used > VARSIZE(state))
		bad_state("more bytes in use than there are");
	return used;
}

/* The row at *p, and on to the next one */
static void
state_row(const uint8_t **p, const uint8_t *end, TagquerySetRow *row)
{
	if (end - *p < ROW_HEADER)
		bad_state("a row is cut off");
	row->id = (int64_t) load64(*p);
	row->rule_size = load32(*p + 8);
	*p += ROW_HEADER;
	if (row->rule_size > (size_t) (end - *p))
		bad_state("a row is cut off");
	row->rule = *p;
	*p += row->rule_size;
}

/* Argument 0, or NULL */
static struct varlena *
given_state(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? NULL : (struct varlena *) PG_GETARG_BYTEA_P(0);
}

/* The state, or a larger copy of it, with room for more bytes; NULL is an empty one */
static struct varlena *
make_room(struct varlena *state, Size more)
{
	struct varlena *larger;
	Size		used = STATE_HEADER;
	Size		size = STATE_MIN_SIZE;

	if (state != NULL)
	{
		used = state_used(state);
		if (VARSIZE(state) - used >= more)
			return state;
	}
	if (more > MaxAllocSize - used)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("rules of more than 1 GB cannot be compiled into one tagquery_set"),
				 errhint("Compile the rules in several sets.")));
	while (size < used + more)
		size *= 2;
	size = Min(size, MaxAllocSize);
	larger = palloc(size);
	if (state != NULL)
		core_copy(larger, state, used);
	else
	{
		memset(larger, 0, STATE_HEADER);
		((uint8_t *) larger)[4] = STATE_VERSION;
		store32((uint8_t *) larger + 8, STATE_HEADER);
	}
	/* what is not in use is read too, when the state is copied or travels */
	memset((char *) larger + used, 0, size - used);
	SET_VARSIZE(larger, size);
	return larger;
}

/* There must be room for it */
static void
state_add(struct varlena *state, const TagquerySetRow *row)
{
	uint8_t    *bytes = (uint8_t *) state;
	uint32_t	used = load32(bytes + 8);

	store64(bytes + used, (uint64_t) row->id);
	store32(bytes + used + 8, row->rule_size);
	memcpy(bytes + used + ROW_HEADER, row->rule, row->rule_size);
	store32(bytes + 8, used + ROW_HEADER + row->rule_size);
	store32(bytes + 12, load32(bytes + 12) + 1);
}

static Datum
same_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* ---- what the aggregates call ---- */

/* One more rule; rows with a NULL are skipped.  Errors: 54000. */
PORTRAIT_FUNCTION(portrait_tagquery_set_agg_transition);
Datum
portrait_tagquery_set_agg_transition(PG_FUNCTION_ARGS)
{
	struct varlena *state;
	struct varlena *rule;
	TagqueryView view;
	TagquerySetRow row;

	check_aggregate(fcinfo);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return same_state(fcinfo);
	rule = tagquery_open_datum(&view, PG_GETARG_DATUM(2));
	row.id = PG_GETARG_INT64(1);
	row.rule = (const uint8_t *) VARDATA_ANY(rule);
	row.rule_size = VARSIZE_ANY_EXHDR(rule);
	state = make_room(given_state(fcinfo), ROW_HEADER + (Size) row.rule_size);
	state_add(state, &row);
	PG_RETURN_POINTER(state);
}

/* All rules of a set.  Errors: 54000. */
PORTRAIT_FUNCTION(portrait_tagquery_set_union_agg_transition);
Datum
portrait_tagquery_set_union_agg_transition(PG_FUNCTION_ARGS)
{
	TagquerySetView set;
	TagquerySetRule rule = {0};
	struct varlena *state;
	uint32_t	place = 0;

	check_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	tagquery_set_open_datum(&set, PG_GETARG_DATUM(1));
	state = make_room(given_state(fcinfo), 0);
	while (place < set.records_size)
	{
		TagquerySetRow row;
		struct varlena *larger;

		CHECK_FOR_INTERRUPTS();
		place = tagquery_set_next(&set, place, &row, &rule);
		larger = make_room(state, ROW_HEADER + (Size) row.rule_size);
		if (larger != state && (PG_ARGISNULL(0) || state != (void *) PG_GETARG_POINTER(0)))
			pfree(state);
		state = larger;
		state_add(state, &row);
	}
	PG_RETURN_POINTER(state);
}

/* The rows of another state.  Errors: 22P03 for what is no state, 54000. */
PORTRAIT_FUNCTION(portrait_tagquery_set_agg_combine);
Datum
portrait_tagquery_set_agg_combine(PG_FUNCTION_ARGS)
{
	struct varlena *state;
	struct varlena *other;
	const uint8_t *p;
	const uint8_t *end;

	check_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	other = (struct varlena *) PG_GETARG_BYTEA_P(1);
	p = (const uint8_t *) other + STATE_HEADER;
	end = (const uint8_t *) other + state_used(other);
	state = make_room(given_state(fcinfo), (Size) (end - p));
	while (p < end)
	{
		TagquerySetRow row;

		CHECK_FOR_INTERRUPTS();
		state_row(&p, end, &row);
		state_add(state, &row);
	}
	PG_RETURN_POINTER(state);
}

/* The set of the rows; the state stays as it is.  Errors: 54000. */
PORTRAIT_FUNCTION(portrait_tagquery_set_agg_final);
Datum
portrait_tagquery_set_agg_final(PG_FUNCTION_ARGS)
{
	struct varlena *state;
	TagquerySetRow *rows;
	const uint8_t *p;
	const uint8_t *end;
	Size		n = 0;
	Size		room;

	check_aggregate(fcinfo);
	state = (struct varlena *) PG_GETARG_BYTEA_P(0);
	p = (const uint8_t *) state + STATE_HEADER;
	end = (const uint8_t *) state + state_used(state);
	room = load32((const uint8_t *) state + 12);
	if (room > (Size) (end - p) / ROW_HEADER)
		bad_state("more rows than there is room for");
	rows = core_alloc(core_mul_size(room, sizeof(TagquerySetRow)) + 1);
	while (p < end)
	{
		CHECK_FOR_INTERRUPTS();
		if (n == room)
			bad_state("another number of rows");
		state_row(&p, end, &rows[n++]);
	}
	PG_RETURN_POINTER(tagquery_set_make(rows, n));
}
