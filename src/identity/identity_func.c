/*
 * identity_func.c
 *	  Questions to a map: members, lookup, sizes, the largest customers.
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "identity/identity_fmgr.h"

/* Identifiers that identity_largest shows of a customer */
#define EXAMPLES 5

PORTRAIT_FUNCTION(portrait_identity_count);
Datum
portrait_identity_count(PG_FUNCTION_ARGS)
{
	IdentityView view;

	identity_header_datum(&view, PG_GETARG_DATUM(0));
	PG_RETURN_INT64(view.customers);
}

/* ---- lookup ---- */

static Datum
customer_or_null(FunctionCallInfo fcinfo, uint32_t customer)
{
	if (customer == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(customer);
}

/* Errors: 22023 for a map of bigint identifiers */
PORTRAIT_FUNCTION(portrait_identity_lookup_text);
Datum
portrait_identity_lookup_text(PG_FUNCTION_ARGS)
{
	text	   *identifier = PG_GETARG_TEXT_PP(1);

	return customer_or_null(fcinfo, identity_lookup_arg(fcinfo, 0, IDENTITY_TEXT,
														(const uint8_t *) VARDATA_ANY(identifier),
														VARSIZE_ANY_EXHDR(identifier)));
}

/* Errors: 22023 for a map of text identifiers */
PORTRAIT_FUNCTION(portrait_identity_lookup_bigint);
Datum
portrait_identity_lookup_bigint(PG_FUNCTION_ARGS)
{
	uint8_t		bytes[IDENTITY_NUMBER_SIZE];

	identity_store_number(bytes, PG_GETARG_INT64(1));
	return customer_or_null(fcinfo, identity_lookup_arg(fcinfo, 0, IDENTITY_BIGINT,
														bytes, sizeof(bytes)));
}

/* ---- members as rows ---- */

typedef struct MembersState
{
	IdentityIter iter;
	TupleDesc	desc;
	text	   *text;			/* the identifier as a Datum */
	size_t		room;
} MembersState;

/* The current row; the Datum lives until the next one */
static void
member_values(MembersState *state, Datum *values)
{
	IdentityIter *iter = &state->iter;

	values[0] = Int64GetDatum((int64) iter->customer + 1);
	if (iter->view.kind == IDENTITY_BIGINT)
	{
		values[1] = Int64GetDatum(identity_load_number(iter->bytes));
		return;
	}
	if (state->room < iter->length + VARHDRSZ)
	{
		if (state->text != NULL)
			pfree(state->text);
		state->room = (iter->length + VARHDRSZ) * 2;
		state->text = MemoryContextAllocHuge(CurrentMemoryContext, state->room);
	}
	SET_VARSIZE(state->text, iter->length + VARHDRSZ);
	memcpy(VARDATA(state->text), iter->bytes, iter->length);
	values[1] = PointerGetDatum(state->text);
}

static void
members_start(MembersState *state, Datum map, uint8_t kind)
{
	IdentityView view;

	identity_open_datum(&view, map);
	identity_check_kind(&view, kind, kind == IDENTITY_TEXT ? "identity_members_bigint()" :
						"identity_members()");
	memset(state, 0, sizeof(*state));
	identity_iter_start(&state->iter, &view);
}

/* In FROM: all rows at once, which saves a call for each */
static Datum
members_materialize(FunctionCallInfo fcinfo, uint8_t kind)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MembersState state;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	InitMaterializedSRF(fcinfo, 0);
	members_start(&state, PG_GETARG_DATUM(0), kind);
	while (identity_iter_next(&state.iter))
	{
		member_values(&state, values);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* One row a call */
static Datum
members(FunctionCallInfo fcinfo, uint8_t kind)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	FuncCallContext *funcctx;
	MembersState *state;
	MemoryContext old;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (rsinfo != NULL && IsA(rsinfo, ReturnSetInfo) &&
		(rsinfo->allowedModes & SFRM_Materialize) != 0 &&
		(rsinfo->allowedModes & SFRM_Materialize_Preferred) != 0)
		return members_materialize(fcinfo, kind);

	if (SRF_IS_FIRSTCALL())
	{
		TupleDesc	desc;

		funcctx = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "identity_members must return rows");
		state = palloc(sizeof(MembersState));
		/* a copy: the argument may not live as long as the rows are read */
		members_start(state, datumCopy(PG_GETARG_DATUM(0), false, -1), kind);
		state->desc = BlessTupleDesc(desc);
		funcctx->user_fctx = state;
		MemoryContextSwitchTo(old);
	}
	funcctx = SRF_PERCALL_SETUP();
	state = funcctx->user_fctx;
	old = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
	if (!identity_iter_next(&state->iter))
	{
		MemoryContextSwitchTo(old);
		SRF_RETURN_DONE(funcctx);
	}
	member_values(state, values);
	MemoryContextSwitchTo(old);
	SRF_RETURN_NEXT(funcctx, HeapTupleGetDatum(heap_form_tuple(state->desc, values, nulls)));
}

/* Errors: 22023 for a map of bigint identifiers */
PORTRAIT_FUNCTION(portrait_identity_members);
Datum
portrait_identity_members(PG_FUNCTION_ARGS)
{
	return members(fcinfo, IDENTITY_TEXT);
}

/* Errors: 22023 for a map of text identifiers */
PORTRAIT_FUNCTION(portrait_identity_members_bigint);
Datum
portrait_identity_members_bigint(PG_FUNCTION_ARGS)
{
	return members(fcinfo, IDENTITY_BIGINT);
}

/* Rows of the members of a constant */
PORTRAIT_FUNCTION(portrait_identity_members_support);
Datum
portrait_identity_members_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *rows = (SupportRequestRows *) request;
	Node	   *arg;
	IdentityView view;

	if (!IsA(request, SupportRequestRows) || !is_funcclause(rows->node))
		PG_RETURN_POINTER(NULL);
	arg = linitial(((FuncExpr *) rows->node)->args);
	arg = estimate_expression_value(rows->root, arg);
	if (!IsA(arg, Const) || ((Const *) arg)->constlen != -1)
		PG_RETURN_POINTER(NULL);
	if (((Const *) arg)->constisnull)
		rows->rows = 0;
	else
	{
		identity_header_datum(&view, ((Const *) arg)->constvalue);
		rows->rows = view.n;
	}
	PG_RETURN_POINTER(request);
}

/* ---- sizes ---- */

PORTRAIT_FUNCTION(portrait_identity_sizes);
Datum
portrait_identity_sizes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	IdentityView view;
	IdentitySize *counts;
	uint32_t	n;

	InitMaterializedSRF(fcinfo, 0);
	identity_open_datum(&view, PG_GETARG_DATUM(0));
	n = identity_size_counts(&view, &counts);
	for (uint32_t i = 0; i < n; i++)
	{
		Datum		values[2] = {Int32GetDatum((int32) counts[i].size),
		Int64GetDatum(counts[i].customers)};
		bool		nulls[2] = {false, false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- the largest customers ---- */

typedef struct Examples
{
	int			n;
	Datum		identifiers[EXAMPLES];
} Examples;

static Datum
example_datum(const IdentityIter *iter)
{
	if (iter->view.kind == IDENTITY_BIGINT)
		return CStringGetTextDatum(psprintf(INT64_FORMAT, identity_load_number(iter->bytes)));
	return PointerGetDatum(cstring_to_text_with_len((const char *) iter->bytes,
													(int) iter->length));
}

/* The first identifiers of these customers; one pass over the map */
static Examples *
collect_examples(const IdentityView *view, const uint32_t *customers, uint32_t n)
{
	Examples   *examples = MemoryContextAllocExtended(CurrentMemoryContext,
													  n * sizeof(Examples) + 1,
													  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint32_t   *which = MemoryContextAllocExtended(CurrentMemoryContext,
												   view->customers * sizeof(uint32_t) + 1,
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	IdentityIter iter;

	for (uint32_t i = 0; i < n; i++)
		which[customers[i]] = i + 1;
	identity_iter_start(&iter, view);
	while (identity_iter_next(&iter))
	{
		Examples   *found;

		if (which[iter.customer] == 0)
			continue;
		found = &examples[which[iter.customer] - 1];
		if (found->n < EXAMPLES)
			found->identifiers[found->n++] = example_datum(&iter);
	}
	identity_iter_stop(&iter);
	pfree(which);
	return examples;
}

/* Errors: 22023 for a negative n */
PORTRAIT_FUNCTION(portrait_identity_largest);
Datum
portrait_identity_largest(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int32		n = PG_GETARG_INT32(1);
	IdentityView view;
	Examples   *examples;
	uint32_t   *customers;
	uint32_t   *sizes;
	uint32_t	found;

	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of customers must not be negative")));
	InitMaterializedSRF(fcinfo, 0);
	identity_open_datum(&view, PG_GETARG_DATUM(0));
	found = identity_largest(&view, (uint32_t) n, &customers, &sizes);
	examples = collect_examples(&view, customers, found);
	for (uint32_t i = 0; i < found; i++)
	{
		Datum		values[3] = {
			Int64GetDatum((int64) customers[i] + 1), Int32GetDatum((int32) sizes[i]),
			PointerGetDatum(construct_array(examples[i].identifiers, examples[i].n,
											TEXTOID, -1, false, TYPALIGN_INT))
		};
		bool		nulls[3] = {false, false, false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		pfree(DatumGetPointer(values[2]));
	}
	return (Datum) 0;
}
