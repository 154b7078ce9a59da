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
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

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

static bool
same_rule(const Const *rule, const struct varlena *other)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(rule->constvalue);

	return VARSIZE_ANY_EXHDR(value) == VARSIZE_ANY_EXHDR(other) &&
		memcmp(VARDATA_ANY(value), VARDATA_ANY(other), VARSIZE_ANY_EXHDR(value)) == 0;
}

/* Is this parameter the rule, or its text? */
static bool
parameter_is_rule(const ParamExternData *param, const Const *rule)
{
	struct varlena *value;
	CoreError	error;

	if (param->isnull || !(param->ptype == rule->consttype || param->ptype == TEXTOID ||
						   param->ptype == VARCHAROID || param->ptype == BPCHAROID))
		return false;
	value = PG_DETOAST_DATUM_PACKED(param->value);
	if (param->ptype != rule->consttype)
		value = tagquery_parse(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &error);
	return value != NULL && same_rule(rule, value);
}

static bool
any_parameter_is_rule(ParamListInfo params, const Const *rule)
{
	for (int i = 0; i < params->numParams; i++)
	{
		ParamExternData workspace;
		const ParamExternData *param = &params->params[i];

		if (params->paramFetch != NULL)
			param = params->paramFetch(params, i + 1, true, &workspace);
		if (OidIsValid(param->ptype) && parameter_is_rule(param, rule))
			return true;
	}
	return false;
}

static bool
contains_constant(Node *node, void *constant)
{
	if (node == NULL)
		return false;
	if (IsA(node, Const))
		return equal(node, constant);
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, contains_constant, constant, 0);
	return expression_tree_walker(node, contains_constant, constant);
}

/*
 * Does the rule stand in the query?  When a plan is made for given parameters,
 * these are constants too; but what a statement does must not depend on how it
 * is planned, so that such a rule may not be refused.  Constants of the
 * query as it was written are looked for while it is preprocessed, before there
 * are relations: later the parameters have taken their places.
 */
static bool
stands_in_query(PlannerInfo *root, Const *rule)
{
	ParamListInfo params = root ? root->glob->boundParams : NULL;

	if (params == NULL || params->numParams == 0)
		return true;
	return root->simple_rel_array == NULL &&
		query_tree_walker(root->parse, contains_constant, rule, 0) &&
		!any_parameter_is_rule(params, rule);
}

static void
refuse_unbound(SupportRequestSimplify *request, int rule_at)
{
	Const	   *constant = constant_rule(request->fcall->args, rule_at);
	TagqueryView rule;
	TextOut		out;

	if (constant == NULL)
		return;
	tagquery_open_datum(&rule, constant->constvalue);
	if (rule.unbound == 0 || !stands_in_query(request->root, constant))
		return;
	text_out_start(&out);
	tag_node_print(&out, rule.root, rule.end);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("tagquery is not bound: %.*s",
					(int) core_clip(out.text, out.length, 100), out.text),
			 rule.unbound == TAGQUERY_TIME ?
			 (errdetail("What it asks for depends on the time."),
			  errhint("Bind it with tag_bind(rule, as_of), or use tag_match(tags, rule, as_of).")) :
			 (errdetail("What it asks for is not in the tags."),
			  errhint("Use tag_segment(), which asks a resolver for segments and events."))));
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
		refuse_unbound((SupportRequestSimplify *) request, rule_at);
		return PointerGetDatum(operator_clause((SupportRequestSimplify *) request));
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
