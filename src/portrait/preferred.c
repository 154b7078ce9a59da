/*
 * preferred.c
 *	  The aggregates preferred_agg() and preferred_share_agg(): which value a
 *	  customer prefers, and what part of all it has.
 *
 * Both have the same state, so that asking for both costs one: a bytea that is
 * changed in place until it has to move to a larger one.  It is a uint32, the
 * bytes used by what follows, and of each value int64 amount, uint32 length,
 * and the text, without gaps.  Values are looked for from the first: of one
 * customer there are few.  Amounts are whole numbers, so that the order of rows
 * does not matter.
 */
#include "common/compat.h"

#include "common/int.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "common/core.h"

#define STATE_HEADER	4
#define ENTRY_HEADER	12
#define STATE_ROOM		52		/* at first: three short values */

PORTRAIT_FUNCTION(portrait_preferred_agg_transition);
PORTRAIT_FUNCTION(portrait_preferred_agg_combine);
PORTRAIT_FUNCTION(portrait_preferred_agg_final);
PORTRAIT_FUNCTION(portrait_preferred_share_agg_final);

typedef struct Entry
{
	char	   *start;
	int64		amount;
	uint32		length;
	const char *text;
} Entry;

static inline uint32
used_of(const bytea *state)
{
	return load32(VARDATA(state));
}

/* Look at the entry at p; 22P03 when it does not end before the end of the state */
static inline char *
read_entry(char *p, const char *end, Entry *entry)
{
	if (end - p < ENTRY_HEADER || load32(p + 8) > (size_t) (end - p - ENTRY_HEADER))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid state of preferred_agg")));
	entry->start = p;
	entry->amount = (int64) load64(p);
	entry->length = load32(p + 8);
	entry->text = p + ENTRY_HEADER;
	return p + ENTRY_HEADER + entry->length;
}

static bytea *
new_state(size_t room)
{
	bytea	   *state = palloc(VARHDRSZ + STATE_HEADER + room);

	SET_VARSIZE(state, VARHDRSZ + STATE_HEADER + room);
	store32(VARDATA(state), 0);
	return state;
}

/* A state as it may be read: unpacked, and not shorter than it says */
static bytea *
open_state(Datum datum)
{
	bytea	   *state = DatumGetByteaP(datum);

	if (VARSIZE(state) < VARHDRSZ + STATE_HEADER ||
		used_of(state) > VARSIZE(state) - VARHDRSZ - STATE_HEADER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid state of preferred_agg")));
	return state;
}

static inline char *
entries_of(bytea *state)
{
	return VARDATA(state) + STATE_HEADER;
}

/* The state with an amount more of a value: itself, or a larger one */
static bytea *
add_amount(bytea *state, const char *text, uint32 length, int64 amount)
{
	uint32		used = used_of(state);
	char	   *end = entries_of(state) + used;
	char	   *p = entries_of(state);
	size_t		size = ENTRY_HEADER + (size_t) length;
	Entry		entry;

	while (p < end)
	{
		p = read_entry(p, end, &entry);
		if (entry.length == length && memcmp(entry.text, text, length) == 0)
		{
			if (pg_add_s64_overflow(entry.amount, amount, &amount))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("sum of amounts of preferred_agg is out of range for type bigint")));
			store64(entry.start, (uint64) amount);
			return state;
		}
	}
	if (size > VARSIZE(state) - VARHDRSZ - STATE_HEADER - used)
	{
		bytea	   *larger = new_state(2 * ((size_t) used + size));

		memcpy(entries_of(larger), entries_of(state), used);
		state = larger;
	}
	p = entries_of(state) + used;
	store64(p, (uint64) amount);
	store32(p + 8, length);
	memcpy(p + ENTRY_HEADER, text, length);
	store32(VARDATA(state), used + (uint32) size);
	return state;
}

static bytea *
state_arg(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate support function called outside an aggregate")));
	return PG_ARGISNULL(0) ? new_state(STATE_ROOM) : open_state(PG_GETARG_DATUM(0));
}

/* Transition: state bytea, value text, amount bigint; a row with a NULL is skipped.  22003. */
Datum
portrait_preferred_agg_transition(PG_FUNCTION_ARGS)
{
	bytea	   *state;
	text	   *value;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = state_arg(fcinfo);
	value = PG_GETARG_TEXT_PP(1);
	PG_RETURN_BYTEA_P(add_amount(state, VARDATA_ANY(value), (uint32) VARSIZE_ANY_EXHDR(value),
								 PG_GETARG_INT64(2)));
}

/* Two states, one of them NULL perhaps */
Datum
portrait_preferred_agg_combine(PG_FUNCTION_ARGS)
{
	bytea	   *state;
	bytea	   *other;
	char	   *p;
	char	   *end;
	Entry		entry;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = state_arg(fcinfo);
	other = open_state(PG_GETARG_DATUM(1));
	p = entries_of(other);
	end = p + used_of(other);
	while (p < end)
	{
		CHECK_FOR_INTERRUPTS();
		p = read_entry(p, end, &entry);
		state = add_amount(state, entry.text, entry.length, entry.amount);
	}
	PG_RETURN_BYTEA_P(state);
}

/* The value with the largest amount, of several the first bytewise; and what all have */
static Entry
best_entry(bytea *state, double *total)
{
	char	   *p = entries_of(state);
	char	   *end = p + used_of(state);
	Entry		best = {.start = NULL};
	Entry		entry;

	*total = 0;
	while (p < end)
	{
		p = read_entry(p, end, &entry);
		*total += (double) entry.amount;
		if (best.start != NULL && entry.amount <= best.amount)
		{
			uint32		common = Min(entry.length, best.length);
			int			order = memcmp(entry.text, best.text, common);

			if (entry.amount < best.amount || order > 0 || (order == 0 && entry.length > best.length))
				continue;
		}
		best = entry;
	}
	return best;
}

/* preferred_agg: the value; NULL without rows.  Leaves the state as it is. */
Datum
portrait_preferred_agg_final(PG_FUNCTION_ARGS)
{
	double		total;
	Entry		best = best_entry(open_state(PG_GETARG_DATUM(0)), &total);

	if (best.start == NULL)
		PG_RETURN_NULL();
	/* a state from elsewhere may have other bytes than texts */
	pg_verifymbstr(best.text, (int) best.length, false);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(best.text, (int) best.length));
}

/* preferred_share_agg: its part of all amounts; NULL where these come to nothing */
Datum
portrait_preferred_share_agg_final(PG_FUNCTION_ARGS)
{
	double		total;
	Entry		best = best_entry(open_state(PG_GETARG_DATUM(0)), &total);

	if (best.start == NULL || total <= 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) best.amount / total);
}
