/*
 * tagquery_set_func.c
 *	  Compiled sets of rules: input and output, order, and who matches.
 */
#include "common/compat.h"

#include "common/hashfn.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/comparison.h"
#include "tag/tag_fmgr.h"
#include "tag/tagquery_set_fmgr.h"

struct varlena *
tagquery_set_open_datum(TagquerySetView *view, Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	tagquery_set_open(view, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	return value;
}

/* The number of rules, for which the head is enough */
static int64
count_rules(Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_SLICE(datum, 0, TAGQUERY_SET_HEADER);

	if (VARSIZE_ANY_EXHDR(value) < TAGQUERY_SET_HEADER)
		tagquery_set_corrupt("fewer bytes than a header");
	return load32((const uint8_t *) VARDATA_ANY(value) + 4);
}

/* ---- input and output ---- */

static bool
check_and_encoding(const void *payload, size_t size, CoreErrorCode code, CoreError *error)
{
	return tagquery_check(payload, size, code, error) &&
		tagquery_check_encoding(payload, size, code, error);
}

/* A check makes the rule anew, and a million of them would fill the memory */
static bool
check_apart(TagqueryCheck check, const void *payload, size_t size, CoreErrorCode code,
			CoreError *error)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "check of a rule",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	bool		good = check(payload, size, code, error);

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return good;
}

static bool
check_rule(const void *payload, size_t size, CoreErrorCode code, CoreError *error)
{
	return check_apart(check_and_encoding, payload, size, code, error);
}

/* Of a client whose names and texts are still to be converted */
static bool
check_client_rule(const void *payload, size_t size, CoreErrorCode code, CoreError *error)
{
	return check_apart(tagquery_check, payload, size, code, error);
}

/* Errors: 22P02 for what is no text of a set, 54000; soft on 16 and later */
PORTRAIT_FUNCTION(portrait_tagquery_set_in);
Datum
portrait_tagquery_set_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	CoreError	error = {0};
	void	   *value = tagquery_set_parse(text, strlen(text), check_rule, &error);

	if (value == NULL)
	{
		core_report(&error, fcinfo->context);
		PG_RETURN_NULL();
	}
	PG_RETURN_POINTER(value);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_out);
Datum
portrait_tagquery_set_out(PG_FUNCTION_ARGS)
{
	TagquerySetView view;

	tagquery_set_open_datum(&view, PG_GETARG_DATUM(0));
	PG_RETURN_CSTRING(tagquery_set_print(&view));
}

/*
 * The rules are validated, the index is made anew.  Errors: 22P03, 54000, and
 * 22021, 22P05 when the client's encoding is another one.
 */
PORTRAIT_FUNCTION(portrait_tagquery_set_recv);
Datum
portrait_tagquery_set_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buffer->len - buffer->cursor;
	const char *binary = pq_getmsgbytes(buffer, size);
	CoreError	error = {0};
	bool		differs = tag_client_differs();
	void	   *value = tagquery_set_read(binary, (size_t) size,
										  differs ? check_client_rule : check_rule,
										  CORE_BAD_BINARY, &error);
	TagquerySetView view;

	if (value == NULL)
		core_report(&error, NULL);
	if (!differs)
		PG_RETURN_POINTER(value);
	tagquery_set_open_datum(&view, TagDatum(value));
	PG_RETURN_POINTER(tagquery_set_convert(&view, true));
}

PORTRAIT_FUNCTION(portrait_tagquery_set_send);
Datum
portrait_tagquery_set_send(PG_FUNCTION_ARGS)
{
	TagquerySetView view;
	bytea	   *result;
	size_t		size;

	tagquery_set_open_datum(&view, PG_GETARG_DATUM(0));
	if (tag_client_differs())
		tagquery_set_open_datum(&view, TagDatum(tagquery_set_convert(&view, false)));
	size = tagquery_set_binary_size(&view);
	result = palloc(VARHDRSZ + size);
	SET_VARSIZE(result, VARHDRSZ + size);
	core_copy(VARDATA(result), view.payload, size);
	PG_RETURN_BYTEA_P(result);
}

/* ---- order: by the number of rules, then by the bytes of the binary form ---- */

/* memcmp of what may be long */
static int
compare_long(const uint8_t *a, const uint8_t *b, size_t size)
{
	const size_t piece = (size_t) 1024 * 1024;

	for (size_t from = 0; from < size; from += piece)
	{
		int			order = memcmp(a + from, b + from, Min(piece, size - from));

		if (order != 0)
			return order;
		CHECK_FOR_INTERRUPTS();
	}
	return 0;
}

static int
compare_args(FunctionCallInfo fcinfo)
{
	TagquerySetView a;
	TagquerySetView b;
	struct varlena *a_value = tagquery_set_open_datum(&a, PG_GETARG_DATUM(0));
	struct varlena *b_value = tagquery_set_open_datum(&b, PG_GETARG_DATUM(1));
	size_t		a_size = tagquery_set_binary_size(&a);
	size_t		b_size = tagquery_set_binary_size(&b);
	int			result;

	if (a.n != b.n)
		result = a.n < b.n ? -1 : 1;
	else
	{
		result = compare_long(a.payload, b.payload, Min(a_size, b_size));
		if (result == 0)
			result = (a_size > b_size) - (a_size < b_size);
	}
	tag_close(a_value, PG_GETARG_DATUM(0));
	tag_close(b_value, PG_GETARG_DATUM(1));
	return result;
}

static uint64
hash_arg(FunctionCallInfo fcinfo, uint64 seed)
{
	TagquerySetView view;
	struct varlena *value = tagquery_set_open_datum(&view, PG_GETARG_DATUM(0));
	uint64		hash = hash_bytes_extended(view.payload, (int) tagquery_set_binary_size(&view), seed);

	tag_close(value, PG_GETARG_DATUM(0));
	return hash;
}

COMPARISON_FUNCTIONS(tagquery_set);

/* ---- questions ---- */

/* Of a stored value only the head is read */
PORTRAIT_FUNCTION(portrait_tagquery_set_count);
Datum
portrait_tagquery_set_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(count_rules(PG_GETARG_DATUM(0)));
}

/* Rules and their ids, by id */
PORTRAIT_FUNCTION(portrait_tagquery_set_rules);
Datum
portrait_tagquery_set_rules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TagquerySetView view;
	TagquerySetRule rule = {0};
	uint32_t	place = 0;

	InitMaterializedSRF(fcinfo, 0);
	tagquery_set_open_datum(&view, PG_GETARG_DATUM(0));
	while (place < view.records_size)
	{
		TagquerySetRow row;
		struct varlena *copy;
		Datum		values[2];
		bool		nulls[2] = {false, false};

		CHECK_FOR_INTERRUPTS();
		place = tagquery_set_next(&view, place, &row, &rule);
		copy = palloc(VARHDRSZ + row.rule_size);
		SET_VARSIZE(copy, VARHDRSZ + row.rule_size);
		memcpy(VARDATA(copy), row.rule, row.rule_size);
		values[0] = Int64GetDatum(row.id);
		values[1] = PointerGetDatum(copy);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		pfree(copy);
	}
	return (Datum) 0;
}

/* ---- who matches ---- */

/*
 * What tag_percolate() keeps from call to call, as long as its plan runs: the
 * set, memory of searches, and how many ids of the last one are handed out.
 */
typedef struct PercolateState
{
	TagKept		kept;
	TagquerySetSearch search;
	bool		handing_out;
	size_t		next;
} PercolateState;

static PercolateState *
percolate_state(FunctionCallInfo fcinfo)
{
	PercolateState *state = fcinfo->flinfo->fn_extra;

	if (state == NULL)
	{
		state = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PercolateState));
		state->kept.context = fcinfo->flinfo->fn_mcxt;
		state->kept.limit = TAGQUERY_SET_MAX_SIZE;
		state->kept.at_once = true;
		fcinfo->flinfo->fn_extra = state;
	}
	return state;
}

static void
search_set(FunctionCallInfo fcinfo, PercolateState *state)
{
	struct varlena *value = tag_unpack_kept(&state->kept, PG_GETARG_DATUM(0));
	TagquerySetView set;
	TagsetView	tags;
	MemoryContext old;

	tagquery_set_open(&set, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	tagset_open_datum(&tags, PG_GETARG_DATUM(1));
	/* the arrays of the search grow where they are kept */
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	tagquery_set_percolate(&set, &tags, &state->search);
	MemoryContextSwitchTo(old);
}

/* Nobody will ask for the rest of the ids: the next call is a first one */
static void
end_handing_out(Datum argument)
{
	((PercolateState *) DatumGetPointer(argument))->handing_out = false;
}

/* In FROM: all ids at once, which saves a call for each */
static Datum
percolate_materialize(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PercolateState *state = percolate_state(fcinfo);
	bool		null = false;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	search_set(fcinfo, state);
	for (size_t i = 0; i < state->search.nids; i++)
	{
		Datum		id = Int64GetDatum(state->search.ids[i]);

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &id, &null);
	}
	return (Datum) 0;
}

/*
 * The ids of the rules that match, ascending, each once.  A set that comes out
 * of TOAST again and again is kept.  fn_extra is ours, so this does without
 * the macros for functions that return sets.
 */
PORTRAIT_FUNCTION(portrait_tag_percolate);
Datum
portrait_tag_percolate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PercolateState *state;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	if (rsinfo->expectedDesc != NULL && (rsinfo->allowedModes & SFRM_Materialize_Preferred) != 0)
		return percolate_materialize(fcinfo);

	state = percolate_state(fcinfo);
	if (!state->handing_out)
	{
		search_set(fcinfo, state);
		state->next = 0;
		state->handing_out = true;
		RegisterExprContextCallback(rsinfo->econtext, end_handing_out, PointerGetDatum(state));
	}
	if (state->next < state->search.nids)
	{
		rsinfo->isDone = ExprMultipleResult;
		PG_RETURN_INT64(state->search.ids[state->next++]);
	}
	UnregisterExprContextCallback(rsinfo->econtext, end_handing_out, PointerGetDatum(state));
	state->handing_out = false;
	rsinfo->isDone = ExprEndResult;
	PG_RETURN_NULL();
}
