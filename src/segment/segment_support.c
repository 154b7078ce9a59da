/*
 * segment_support.c
 *	  What the planner may know of our functions beyond their declarations.
 */
#include "common/compat.h"

#include "access/stratnum.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "segment/segment_fmgr.h"

/* Up to so many ids an index condition lists them, beyond it is a range */
#define INDEX_LIST_MAX 1000

/* ---- rows of segment_members ---- */

PORTRAIT_FUNCTION(portrait_segment_members_support);
Datum
portrait_segment_members_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *rows = (SupportRequestRows *) request;
	Node	   *arg;
	Segment		header;

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
		segment_header_datum(&header, ((Const *) arg)->constvalue);
		rows->rows = (double) header.count;
	}
	PG_RETURN_POINTER(request);
}

/* ---- index conditions of id <@ segment and segment @> id ---- */

/* id <operator> constant, by the index's operator family */
static Expr *
bound_clause(Node *id, Oid family, int strategy, int64 bound)
{
	Oid			operator = get_opfamily_member(family, exprType(id), INT8OID, strategy);

	if (!OidIsValid(operator))
		return NULL;
	return make_opclause(operator, BOOLOID, false, (Expr *) id,
						 (Expr *) makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
											Int64GetDatum(bound), false, FLOAT8PASSBYVAL),
						 InvalidOid, InvalidOid);
}

/* id = ANY (the members), of which there are at most INDEX_LIST_MAX */
static Expr *
list_clause(Node *id, Oid family, const SegmentView *view)
{
	Oid			operator = get_opfamily_member(family, exprType(id), INT8OID,
											   BTEqualStrategyNumber);
	ScalarArrayOpExpr *clause;
	SegmentIter iter;
	uint64_t	ids[SEGMENT_ITER_IDS];
	Datum		values[INDEX_LIST_MAX];
	uint32_t	n = 0;
	uint32_t	batch;

	if (!OidIsValid(operator))
		return NULL;
	segment_iter_start(&iter, view);
	while ((batch = segment_iter_next(&iter, ids)) > 0)
	{
		if (batch > view->count - n)
			segment_corrupt("more members than counted");
		for (uint32_t i = 0; i < batch; i++)
			values[n++] = Int64GetDatum(segment_unbias(ids[i]));
	}
	clause = makeNode(ScalarArrayOpExpr);
	clause->opno = operator;
	clause->opfuncid = get_opcode(operator);
	clause->useOr = true;
	clause->inputcollid = InvalidOid;
	clause->location = -1;
	clause->args = list_make2(id, makeConst(INT8ARRAYOID, -1, InvalidOid, -1,
											PointerGetDatum(construct_array(values, (int) n, INT8OID,
																			sizeof(int64),
																			FLOAT8PASSBYVAL,
																			TYPALIGN_DOUBLE)),
											false, false));
	return (Expr *) clause;
}

/*
 * id = ANY (segment_to_array(segment)), of a segment that is known when the index is
 * scanned, as that of another table's row is
 */
static Expr *
array_clause(SupportRequestIndexCondition *request, Node *id, Node *segment)
{
	Oid			type = exprType(segment);
	Oid			operator = get_opfamily_member(request->opfamily, exprType(id), INT8OID,
											   BTEqualStrategyNumber);
	Oid			to_array = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
										   CStringGetDatum("segment_to_array"),
										   PointerGetDatum(buildoidvector(&type, 1)),
										   ObjectIdGetDatum(get_func_namespace(request->funcid)));
	ScalarArrayOpExpr *clause;

	if (!OidIsValid(operator) || !OidIsValid(to_array) ||
		!is_pseudo_constant_for_index(request->root, segment, request->index))
		return NULL;
	clause = makeNode(ScalarArrayOpExpr);
	clause->opno = operator;
	clause->opfuncid = get_opcode(operator);
	clause->useOr = true;
	clause->inputcollid = InvalidOid;
	clause->location = -1;
	clause->args = list_make2(id, makeFuncExpr(to_array, INT8ARRAYOID, list_make1(segment),
											   InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
	return (Expr *) clause;
}

/* "listed": of a set that is known only when the index is scanned, a list of all its members */
static List *
index_conditions(SupportRequestIndexCondition *request, bool listed)
{
	List	   *args;
	Node	   *id;
	Node	   *segment;
	SegmentView view;
	Expr	   *from;
	Expr	   *to;

	if (is_opclause(request->node))
		args = ((OpExpr *) request->node)->args;
	else if (is_funcclause(request->node))
		args = ((FuncExpr *) request->node)->args;
	else
		return NIL;
	/* in another family "at least" may mean anything */
	if (list_length(args) != 2 || request->opfamily != INTEGER_BTREE_FAM_OID)
		return NIL;
	id = list_nth(args, request->indexarg);
	segment = list_nth(args, 1 - request->indexarg);
	if (!IsA(segment, Const) && listed)
	{
		from = array_clause(request, id, segment);
		request->lossy = false;
		return from ? list_make1(from) : NIL;
	}
	if (!IsA(segment, Const) || ((Const *) segment)->constisnull ||
		((Const *) segment)->constlen != -1)
		return NIL;
	segment_open_datum(&view, ((Const *) segment)->constvalue);

	/* consecutive ids are exactly a range, few ids are a list */
	request->lossy = false;
	if (view.count > 0 && view.max - view.min + 1 != view.count)
	{
		if (view.count <= INDEX_LIST_MAX)
		{
			from = list_clause(id, request->opfamily, &view);
			return from ? list_make1(from) : NIL;
		}
		request->lossy = true;
	}
	/* of the empty set, an empty range */
	from = bound_clause(id, request->opfamily, BTGreaterEqualStrategyNumber,
						view.count > 0 ? segment_unbias(view.min) : 1);
	to = bound_clause(id, request->opfamily, BTLessEqualStrategyNumber,
					  view.count > 0 ? segment_unbias(view.max) : 0);
	return from && to ? list_make2(from, to) : NIL;
}

static Datum
support(Node *request, bool listed)
{
	return PointerGetDatum(IsA(request, SupportRequestIndexCondition) ?
						   index_conditions((SupportRequestIndexCondition *) request, listed) : NULL);
}

PORTRAIT_FUNCTION(portrait_segment_contained_support);
Datum
portrait_segment_contained_support(PG_FUNCTION_ARGS)
{
	return support((Node *) PG_GETARG_POINTER(0), false);
}

/* Of portrait_segment_has(), whose sets have a bucket's customers at most: any list will do */
PORTRAIT_FUNCTION(portrait_segment_has_support);
Datum
portrait_segment_has_support(PG_FUNCTION_ARGS)
{
	return support((Node *) PG_GETARG_POINTER(0), true);
}

/* ---- s := s | id in PL/pgSQL ---- */

PORTRAIT_FUNCTION(portrait_segment_add_support);
Datum
portrait_segment_add_support(PG_FUNCTION_ARGS)
{
#ifdef PORTRAIT_MODIFY_IN_PLACE
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestModifyInPlace))
	{
		SupportRequestModifyInPlace *modify = (SupportRequestModifyInPlace *) request;
		Param	   *arg = (Param *) linitial(modify->args);

		/* the set is not read again once it has been changed */
		if (IsA(arg, Param) && arg->paramkind == PARAM_EXTERN &&
			arg->paramid == modify->paramid)
			PG_RETURN_POINTER(arg);
	}
#endif
	PG_RETURN_POINTER(NULL);
}
