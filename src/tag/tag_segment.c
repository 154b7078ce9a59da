/*
 * tag_segment.c
 *	  A rule evaluated by set algebra: whom of everybody does it match?
 *
 * What a leaf stands for is told by a function of the user's, the resolver,
 * which is asked once for each leaf that matters, without its negation.  Every
 * node is evaluated within a set, that of all for whom it still makes a
 * difference: what an AND's children before it left over, or what an OR's did
 * not find yet.  So a negated leaf is what it takes away, the result never
 * leaves "everybody", and where nobody is left nobody is asked for.
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "common/merge_sort.h"
#include "segment/segment_fmgr.h"
#include "segment/segment_tally.h"
#include "tag/tag_fmgr.h"
#include "tag/tag_tree.h"

/* A leaf of the rule, the same with and without negation */
typedef struct Leaf
{
	const uint8_t *node;
	uint32_t	uses;			/* in the rule */
	bool		asked;
	Segment    *members;		/* kept for further uses; NULL for nobody */
} Leaf;

typedef struct Resolver
{
	FmgrInfo	function;
	Oid			collation;
	MemoryContext context;		/* of one answer */
	const uint8_t *end;			/* of the rule */
	Leaf	   *leaves;			/* in the order of compare_leaves() */
	size_t		n;
} Resolver;

/* ---- the resolver ---- */

/*
 * Look at what is to be called as the current user does.  Its argument and its
 * result must have the types of tag_segment's own.
 */
static void
check_resolver(FunctionCallInfo fcinfo, Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc procedure;
	Oid		   *types;
	int			ntypes;
	bool		fits;
	AclResult	allowed;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("resolver of tag_segment does not exist: function with OID %u", function)));
	procedure = (Form_pg_proc) GETSTRUCT(tuple);
	get_func_signature(fcinfo->flinfo->fn_oid, &types, &ntypes);
	fits = procedure->prokind == PROKIND_FUNCTION && !procedure->proretset &&
		procedure->pronargs == 1 && procedure->proargtypes.values[0] == types[0] &&
		procedure->prorettype == types[1];
	ReleaseSysCache(tuple);
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("resolver of tag_segment cannot be %s", format_procedure(function)),
				 errdetail("A resolver takes one tagquery, a leaf of the rule, and returns a segment.")));
	allowed = portrait_function_aclcheck(function, GetUserId());
	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_FUNCTION, get_func_name(function));
	InvokeFunctionExecuteHook(function);
}

/* A leaf as a rule of its own, not negated */
static Datum
leaf_rule(const uint8_t *node, const uint8_t *end)
{
	TagTree    *tree = tag_tree_read(node, end);
	CoreError	error;
	void	   *rule;

	tree->negated = false;
	rule = tag_tree_finish(tree, &error);
	if (rule == NULL)
		core_report(&error, NULL);
	return PointerGetDatum(rule);
}

/*
 * Whom the leaf stands for; false for nobody.  The view is good until the
 * resolver's context is reset.
 */
static bool
ask(Resolver *resolver, Leaf *leaf, SegmentView *view)
{
	LOCAL_FCINFO(call, 1);
	MemoryContext old;
	Datum		answer;

	if (leaf->asked)
	{
		if (leaf->members != NULL)
			segment_open(view, leaf->members, segment_size(leaf->members));
		return leaf->members != NULL;
	}
	old = MemoryContextSwitchTo(resolver->context);
	InitFunctionCallInfoData(*call, &resolver->function, 1, resolver->collation, NULL, NULL);
	call->args[0].value = leaf_rule(leaf->node, resolver->end);
	call->args[0].isnull = false;
	answer = FunctionCallInvoke(call);
	if (!call->isnull)
		segment_open_datum(view, answer);
	MemoryContextSwitchTo(old);
	leaf->asked = true;
	if (!call->isnull && leaf->uses > 1)
	{
		leaf->members = core_alloc(view->size);
		core_copy(leaf->members, view->base, view->size);
	}
	return !call->isnull;
}

/* ---- leaves ---- */

/* By what they ask, whether negated or not */
static int
compare_leaves(const void *left, const void *right)
{
	const uint8_t *a = ((const Leaf *) left)->node;
	const uint8_t *b = ((const Leaf *) right)->node;
	uint32_t	a_size = load32(a + 4);
	uint32_t	b_size = load32(b + 4);

	if (a_size != b_size)
		return a_size < b_size ? -1 : 1;
	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return memcmp(a + TAG_NODE_HEADER, b + TAG_NODE_HEADER, a_size - TAG_NODE_HEADER);
}

/* Append all leaves below a node */
static void
collect_leaves(Resolver *resolver, const uint8_t *start, size_t room)
{
	TagNode		node;
	const uint8_t *child;

	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	tag_node_read(&node, start, resolver->end);
	if (node.kind == TAG_TRUE || node.kind == TAG_FALSE)
		return;
	if (!tag_kind_is_group(node.kind))
	{
		if (resolver->n == room)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("tagquery is damaged: it has more leaves than it says")));
		resolver->leaves[resolver->n++] = (Leaf){start, 1, false, NULL};
		return;
	}
	child = node.child;
	for (uint32_t i = 0; i < node.n; i++)
	{
		collect_leaves(resolver, child, room);
		child += load32(child + 4);
	}
}

static void
find_leaves(Resolver *resolver, const TagqueryView *rule)
{
	size_t		kept = 0;

	resolver->end = rule->end;
	resolver->leaves = core_alloc(core_mul_size(rule->leaves, sizeof(Leaf)) + 1);
	collect_leaves(resolver, rule->root, rule->leaves);
	merge_sort(resolver->leaves, resolver->n, sizeof(Leaf), compare_leaves);
	for (size_t i = 0; i < resolver->n; i++)
	{
		if (kept > 0 && compare_leaves(&resolver->leaves[kept - 1], &resolver->leaves[i]) == 0)
			resolver->leaves[kept - 1].uses++;
		else
			resolver->leaves[kept++] = resolver->leaves[i];
	}
	resolver->n = kept;
}

static Leaf *
find_leaf(const Resolver *resolver, const uint8_t *node)
{
	Leaf		wanted = {node, 0, false, NULL};

	return bsearch(&wanted, resolver->leaves, resolver->n, sizeof(Leaf), compare_leaves);
}

/* ---- evaluation; all results are fresh, and within "within" ---- */

static Segment *evaluate(Resolver *resolver, const uint8_t *start, const SegmentView *within);

static Segment *
copy_segment(const SegmentView *view)
{
	Segment    *copy = core_alloc(view->size);

	core_copy(copy, view->base, view->size);
	return copy;
}

/* Put a new set in the place of one, which is given back */
static void
replace(Segment **segment, SegmentView *view, Segment *by)
{
	core_free(*segment);
	*segment = by;
	segment_open(view, by, segment_size(by));
}

static Segment *
evaluate_leaf(Resolver *resolver, const TagNode *node, const SegmentView *within)
{
	Leaf	   *leaf;
	SegmentView members;
	Segment    *result;

	if (node->kind == TAG_TRUE)
		return copy_segment(within);
	if (node->kind == TAG_FALSE)
		return segment_make_empty();
	leaf = find_leaf(resolver, node->start);
	if (ask(resolver, leaf, &members))
		result = segment_op(node->negated ? SEGMENT_ANDNOT : SEGMENT_AND, within, &members, false);
	else
		result = node->negated ? copy_segment(within) : segment_make_empty();
	MemoryContextReset(resolver->context);
	return result;
}

/* Each child has to do with what those before it left */
static Segment *
evaluate_and(Resolver *resolver, const TagNode *node, const SegmentView *within)
{
	const uint8_t *child = node->child;
	SegmentView left = *within;
	Segment    *result = NULL;

	for (uint32_t i = 0; i < node->n && left.count > 0; i++)
	{
		replace(&result, &left, evaluate(resolver, child, &left));
		child += load32(child + 4);
	}
	return result;
}

/* Each child has to do with those that none before it found */
static Segment *
evaluate_or(Resolver *resolver, const TagNode *node, const SegmentView *within)
{
	const uint8_t *child = node->child;
	SegmentView left = *within;
	SegmentView found;
	Segment    *rest = NULL;
	Segment    *result;

	for (uint32_t i = 0; i < node->n && left.count > 0; i++)
	{
		Segment    *part = evaluate(resolver, child, &left);

		segment_open(&found, part, segment_size(part));
		replace(&rest, &left, segment_op(SEGMENT_ANDNOT, &left, &found, false));
		core_free(part);
		child += load32(child + 4);
	}
	result = segment_op(SEGMENT_ANDNOT, within, &left, false);
	core_free(rest);
	return result;
}

static Segment *
evaluate_at_least(Resolver *resolver, const TagNode *node, const SegmentView *within)
{
	const uint8_t *child = node->child;
	SegmentTally tally;

	segment_tally_start(&tally, node->k);
	for (uint32_t i = 0; i < node->n && tally.parts[0]->count < within->count; i++)
	{
		Segment    *part = evaluate(resolver, child, within);
		SegmentView found;

		segment_open(&found, part, segment_size(part));
		segment_tally_add(&tally, &found);
		core_free(part);
		child += load32(child + 4);
	}
	for (uint32_t i = 1; i < tally.nparts; i++)
		core_free(tally.parts[i]);
	return tally.parts[0];
}

static Segment *
evaluate(Resolver *resolver, const uint8_t *start, const SegmentView *within)
{
	TagNode		node;

	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	if (within->count == 0)
		return segment_make_empty();
	tag_node_read(&node, start, resolver->end);
	switch (node.kind)
	{
		case TAG_AND:
			return evaluate_and(resolver, &node, within);
		case TAG_OR:
			return evaluate_or(resolver, &node, within);
		case TAG_AT_LEAST:
			return evaluate_at_least(resolver, &node, within);
		default:
			return evaluate_leaf(resolver, &node, within);
	}
}

/*
 * tag_segment(rule tagquery, everybody segment, resolver regprocedure).  The
 * resolver is called as the current user.  Errors: 42883 and 22023 for what is
 * no resolver, 42501 for one that the user may not call, and the resolver's.
 */
PORTRAIT_FUNCTION(portrait_tag_segment);
Datum
portrait_tag_segment(PG_FUNCTION_ARGS)
{
	Oid			function = PG_GETARG_OID(2);
	Resolver	resolver = {.collation = PG_GET_COLLATION()};
	TagqueryView rule;
	SegmentView everybody;
	Segment    *result;

	check_resolver(fcinfo, function);
	tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	segment_open_datum(&everybody, PG_GETARG_DATUM(1));
	find_leaves(&resolver, &rule);
	resolver.context = AllocSetContextCreate(CurrentMemoryContext, "answer of a resolver",
											 ALLOCSET_DEFAULT_SIZES);
	/* what the function keeps for its next call stays as long as we do */
	fmgr_info_cxt(function, &resolver.function, CurrentMemoryContext);
	result = evaluate(&resolver, rule.root, &everybody);
	MemoryContextDelete(resolver.context);
	PG_RETURN_DATUM(SegmentGetDatum(result));
}
