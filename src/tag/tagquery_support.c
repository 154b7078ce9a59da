/*
 * tagquery_support.c
 *	  What the planner may know of tag_match() and @@ beyond their
 *	  declarations.
 *
 * tag_match(tags, rule) is planned as tags @@ rule; what a match costs goes by
 * the leaves of a constant rule; and a constant rule that is not bound, which
 * would match nothing without a word, is refused.
 */
#include "tag/tag_fmgr.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* What a call costs beside the leaves, in operators */
#define MATCH_CALL_COST 2

/* A constant rule among two arguments; NULL if it is none */
static Const *
constant_rule(List *args, int rule_at)
{
	Node	   *rule;

	if (list_length(args) != 2)
		return NULL;
	rule = list_nth(args, rule_at);
	return IsA(rule, Const) && !((Const *) rule)->constisnull ? (Const *) rule : NULL;
}

/* ---- rules that are not bound ---- */

/*
 * The query that refuse_in_query() found nothing in: it is asked once for each
 * clause with a parameter that is not bound.  Forgotten with the query.
 */
static const PlannerInfo *looked_at = NULL;

static void
forget_query(void *arg)
{
	looked_at = NULL;
}

/* Fold what does not depend on parameters; an unbound rule is met on the way */
static bool
refuse_in_expression(Node *node, void *context)
{
	CHECK_FOR_INTERRUPTS();
	if (node != NULL)
		eval_const_expressions(NULL, node);
	return false;
}

/*
 * Does a rule that is not bound stand in the query?  When a plan is made for
 * given parameters, these are constants too; but what a statement does must not
 * depend on how it is planned, so that such a rule may not be refused.
 * So the query is looked at as if there were no parameters, which refuses what a
 * generic plan would, errors of folding included.  That is possible as long as
 * it is preprocessed, before there are relations.  Two things differ all the same,
 * as the server does not keep the query as it was: parameters of functions in FROM
 * have become constants before, and a rule in an arm of UNION ALL meets the clause
 * that asks it only later.
 */
static void
refuse_in_query(PlannerInfo *root)
{
	MemoryContext folding;
	MemoryContext old;
	MemoryContextCallback *callback;

	if (root->simple_rel_array != NULL || root == looked_at)
		return;
	folding = AllocSetContextCreate(CurrentMemoryContext, "tagquery folding",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(folding);
	query_tree_walker(root->parse, refuse_in_expression, NULL, QTW_IGNORE_RC_SUBQUERIES);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(folding);

	callback = MemoryContextAllocZero(root->planner_cxt, sizeof(MemoryContextCallback));
	callback->func = forget_query;
	MemoryContextRegisterResetCallback(root->planner_cxt, callback);
	looked_at = root;
}

static void
refuse(const TagqueryView *rule)
{
	TextOut		out;

	text_out_start(&out);
	tag_node_print(&out, rule->root, rule->end);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("tagquery is not bound: %.*s",
					(int) core_clip(out.text, out.length, 100), out.text),
			 rule->unbound == TAGQUERY_TIME ?
			 (errdetail("What it asks for depends on the time."),
			  errhint("Bind it with tag_bind(rule, as_of), or use tag_match(tags, rule, as_of).")) :
			 (errdetail("What it asks for is not in the tags."),
			  errhint("Use tag_segment(), which asks a resolver for segments and events."))));
}

/*
 * A constant rule that is not bound is refused, unless it comes from a parameter.
 * Then nothing matches: NULL for tags that are NULL, else false.  Said in this
 * way it is not taken for a constant of the query later.
 */
static Node *
unbound_clause(SupportRequestSimplify *request, int rule_at)
{
	List	   *args = request->fcall->args;
	Const	   *constant = constant_rule(args, rule_at);
	ParamListInfo params = request->root ? request->root->glob->boundParams : NULL;
	TagqueryView rule;
	NullTest   *missing;

	if (constant == NULL)
		return NULL;
	tagquery_open_datum(&rule, constant->constvalue);
	if (rule.unbound == 0)
		return NULL;
	if (params == NULL || params->numParams == 0)
		refuse(&rule);
	refuse_in_query(request->root);

	missing = makeNode(NullTest);
	missing->arg = list_nth(args, 1 - rule_at);
	missing->nulltesttype = IS_NULL;
	missing->location = -1;
	return (Node *) make_andclause(list_make2(missing, makeBoolConst(false, true)));
}

/* ---- the function as its operator ---- */

/*
 * tags @@ rule for tag_match(tags, rule), so that indexes, estimates and all
 * else that knows operators only serve the function too.  Called for the
 * operator itself, the same comes out.
 */
static Node *
operator_clause(SupportRequestSimplify *request)
{
	FuncExpr   *call = request->fcall;
	char	   *schema = get_namespace_name(get_func_namespace(call->funcid));
	Oid		   *types;
	int			nargs;
	Oid			operator;
	Expr	   *clause;

	get_func_signature(call->funcid, &types, &nargs);
	if (schema == NULL || nargs != 2)
		return NULL;
	operator = OpernameGetOprid(list_make2(makeString(schema), makeString(pstrdup("@@"))),
								types[0], types[1]);
	if (!OidIsValid(operator) || get_opcode(operator) != call->funcid)
		return NULL;
	clause = make_opclause(operator, BOOLOID, false, linitial(call->args), lsecond(call->args),
						   InvalidOid, call->inputcollid);
	set_opfuncid((OpExpr *) clause);
	return (Node *) clause;
}

/* ---- costs ---- */

static bool
cost(SupportRequestCost *request, int rule_at)
{
	List	   *args = NIL;
	Const	   *constant;
	TagqueryView rule;

	if (request->node != NULL && IsA(request->node, FuncExpr))
		args = ((FuncExpr *) request->node)->args;
	else if (request->node != NULL && IsA(request->node, OpExpr))
		args = ((OpExpr *) request->node)->args;
	constant = constant_rule(args, rule_at);
	if (constant == NULL)
		return false;
	tagquery_open_datum(&rule, constant->constvalue);
	request->startup = 0;
	request->per_tuple = cpu_operator_cost * (MATCH_CALL_COST + (double) rule.leaves);
	return true;
}

static Datum
support(Node *request, int rule_at)
{
	if (IsA(request, SupportRequestSimplify))
	{
		Node	   *clause = unbound_clause((SupportRequestSimplify *) request, rule_at);

		return PointerGetDatum(clause ? clause : operator_clause((SupportRequestSimplify *) request));
	}
	if (IsA(request, SupportRequestCost) && cost((SupportRequestCost *) request, rule_at))
		return PointerGetDatum(request);
	return PointerGetDatum(NULL);
}

/* Planner support of tag_match(tags, rule) */
PORTRAIT_FUNCTION(portrait_tag_match_support);
Datum
portrait_tag_match_support(PG_FUNCTION_ARGS)
{
	return support((Node *) PG_GETARG_POINTER(0), 1);
}

/* Planner support of tagquery_match(rule, tags) */
PORTRAIT_FUNCTION(portrait_tagquery_match_support);
Datum
portrait_tagquery_match_support(PG_FUNCTION_ARGS)
{
	return support((Node *) PG_GETARG_POINTER(0), 0);
}
