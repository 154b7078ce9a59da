/*
 * tagquery_set_func.c
 *	  Compiled sets of rules: input and output, order, and who matches.
 */
#include "common/compat.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "segment/segment.h"
#include "tag/tag_fmgr.h"
#include "tag/tagquery_set_fmgr.h"

struct varlena *
tagquery_set_open_datum(TagquerySetView *view, Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	tagquery_set_open(view, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	return value;
}

/* Header and ends only, of which no other argument needs more */
static void
open_header(TagquerySetView *view, Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_SLICE(datum, 0, TAGQUERY_SET_HEADER);

	if (VARSIZE_ANY_EXHDR(value) < TAGQUERY_SET_HEADER)
		tagquery_set_corrupt("less bytes than a header");
	view->count = load64((const uint8_t *) VARDATA_ANY(value) + 12);
}

/* ---- input and output ---- */

/* Errors: 22P02 for what is no text of a set, 54000; soft on 16 and later */
PORTRAIT_FUNCTION(portrait_tagquery_set_in);
Datum
portrait_tagquery_set_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	CoreError	error = {0};
	void	   *value = tagquery_set_parse(text, strlen(text), &error);

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

/* The rules are validated, the index is made anew.  Errors: 22P03, 54000. */
PORTRAIT_FUNCTION(portrait_tagquery_set_recv);
Datum
portrait_tagquery_set_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buffer->len - buffer->cursor;
	const char *binary = pq_getmsgbytes(buffer, size);
	CoreError	error = {0};
	void	   *value = tagquery_set_read(binary, (size_t) size, CORE_BAD_BINARY, &error);

	if (value == NULL)
		core_report(&error, NULL);
	PG_RETURN_POINTER(value);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_send);
Datum
portrait_tagquery_set_send(PG_FUNCTION_ARGS)
{
	TagquerySetView view;
	bytea	   *result;
	size_t		size;

	tagquery_set_open_datum(&view, PG_GETARG_DATUM(0));
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

	if (a.count != b.count)
		result = a.count < b.count ? -1 : 1;
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

PORTRAIT_FUNCTION(portrait_tagquery_set_eq);
Datum
portrait_tagquery_set_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_ne);
Datum
portrait_tagquery_set_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_lt);
Datum
portrait_tagquery_set_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_le);
Datum
portrait_tagquery_set_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_gt);
Datum
portrait_tagquery_set_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_ge);
Datum
portrait_tagquery_set_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PORTRAIT_FUNCTION(portrait_tagquery_set_cmp);
Datum
portrait_tagquery_set_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_args(fcinfo));
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

PORTRAIT_FUNCTION(portrait_tagquery_set_hash);
Datum
portrait_tagquery_set_hash(PG_FUNCTION_ARGS)
{
	/* the lower half of the extended hash with seed 0, as the hash classes ask for */
	PG_RETURN_INT32((int32) hash_arg(fcinfo, 0));
}

PORTRAIT_FUNCTION(portrait_tagquery_set_hash_extended);
Datum
portrait_tagquery_set_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) hash_arg(fcinfo, (uint64) PG_GETARG_INT64(1)));
}

/* ---- questions ---- */

/* Pairs of an id and a rule; of a stored value only the head is read */
PORTRAIT_FUNCTION(portrait_tagquery_set_count);
Datum
portrait_tagquery_set_count(PG_FUNCTION_ARGS)
{
	TagquerySetView view;

	open_header(&view, PG_GETARG_DATUM(0));
	PG_RETURN_INT64((int64) view.count);
}

/* Pairs of an id and a rule, by rule, then by id */
PORTRAIT_FUNCTION(portrait_tagquery_set_rules);
Datum
portrait_tagquery_set_rules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TagquerySetView view;

	InitMaterializedSRF(fcinfo, 0);
	tagquery_set_open_datum(&view, PG_GETARG_DATUM(0));
	for (uint32_t i = 0; i < view.n; i++)
	{
		TagquerySetRecord record;
		struct varlena *rule;

		tagquery_set_record(&view, i, &record);
		rule = palloc(VARHDRSZ + record.rule_size);
		SET_VARSIZE(rule, VARHDRSZ + record.rule_size);
		memcpy(VARDATA(rule), record.rule, record.rule_size);
		for (uint32_t j = 0; j < record.n; j++)
		{
			Datum		values[2] = {
				Int64GetDatum((int64) load64(record.ids + (size_t) j * 8)), PointerGetDatum(rule)
			};
			bool		nulls[2] = {false, false};

			CHECK_FOR_INTERRUPTS();
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
		pfree(rule);
	}
	return (Datum) 0;
}

/* ---- who matches ---- */

/* What tag_percolate() keeps from call to call, as long as its plan runs */
typedef struct PercolateState
{
	TagKept		kept;
	TagquerySetSearch search;
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
		fcinfo->flinfo->fn_extra = state;
	}
	return state;
}

/*
 * The ids of the rules that match, ascending, each once.  A set that comes out
 * of TOAST again and again is kept.
 */
PORTRAIT_FUNCTION(portrait_tag_percolate);
Datum
portrait_tag_percolate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PercolateState *state = percolate_state(fcinfo);
	TagquerySetSearch *search = &state->search;
	struct varlena *value = tag_unpack_kept(&state->kept, PG_GETARG_DATUM(0));
	TagquerySetView set;
	TagsetView	tags;
	MemoryContext old;
	bool		null = false;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	tagquery_set_open(&set, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	tagset_open_datum(&tags, PG_GETARG_DATUM(1));
	/* the arrays of the search grow where they are kept */
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	tagquery_set_percolate(&set, &tags, search);
	MemoryContextSwitchTo(old);
	for (size_t i = 0; i < search->nids; i++)
	{
		Datum		id = Int64GetDatum(segment_unbias(search->ids[i]));

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &id, &null);
	}
	return (Datum) 0;
}
