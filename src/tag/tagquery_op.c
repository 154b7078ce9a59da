/*
 * tagquery_op.c
 *	  What operators on rules call: joining, turning around, order, hashes.
 *
 * Equal rules in their canonical form have one image, so equality is that of
 * bytes.  The order is by the number of leaves, then by the images' bytes; it
 * has no meaning but being one.
 */
#include "tag/tag_fmgr.h"

#include "common/hashfn.h"

#include "common/comparison.h"

#include "tag/tag_tree.h"

/* ---- rules from rules ---- */

static Datum
finish(TagTree *tree)
{
	CoreError	error = {0};
	void	   *value = tag_tree_finish(tree, &error);

	if (value == NULL)
		core_report(&error, NULL);
	PG_RETURN_DATUM(TagDatum(value));
}

static TagTree *
read_arg(FunctionCallInfo fcinfo, int argno)
{
	TagqueryView view;

	tagquery_open_datum(&view, PG_GETARG_DATUM(argno));
	return tag_tree_read(view.root, view.end);
}

static Datum
join_args(FunctionCallInfo fcinfo, TagNodeKind kind)
{
	TagTree    *group = tag_tree_group(kind, 0);

	tag_tree_add(group, read_arg(fcinfo, 0));
	tag_tree_add(group, read_arg(fcinfo, 1));
	return finish(group);
}

/*
 * tagquery_and(a tagquery, b tagquery) and a && b.  Errors: 54000 when both
 * together are too large or nest too deep, as with the next two.
 */
PORTRAIT_FUNCTION(portrait_tagquery_and);
Datum
portrait_tagquery_and(PG_FUNCTION_ARGS)
{
	return join_args(fcinfo, TAG_AND);
}

PORTRAIT_FUNCTION(portrait_tagquery_or);
Datum
portrait_tagquery_or(PG_FUNCTION_ARGS)
{
	return join_args(fcinfo, TAG_OR);
}

PORTRAIT_FUNCTION(portrait_tagquery_not);
Datum
portrait_tagquery_not(PG_FUNCTION_ARGS)
{
	return finish(tag_tree_not(read_arg(fcinfo, 0)));
}

/* tagquery_is_bound(rule tagquery): does it ask for no time, segment or event? */
PORTRAIT_FUNCTION(portrait_tagquery_is_bound);
Datum
portrait_tagquery_is_bound(PG_FUNCTION_ARGS)
{
	TagqueryView view;

	tagquery_open_datum(&view, PG_GETARG_DATUM(0));
	PG_RETURN_BOOL(view.unbound == 0);
}

/* ---- equality, order, hashes ---- */

/* Below, at or above 0 */
static int
compare_args(FunctionCallInfo fcinfo)
{
	TagqueryView a;
	TagqueryView b;
	struct varlena *left = tagquery_open_datum(&a, PG_GETARG_DATUM(0));
	struct varlena *right = tagquery_open_datum(&b, PG_GETARG_DATUM(1));
	int			result;

	if (a.leaves != b.leaves)
		result = a.leaves < b.leaves ? -1 : 1;
	else
		result = tag_compare_bytes(VARDATA_ANY(left), VARSIZE_ANY_EXHDR(left),
								   VARDATA_ANY(right), VARSIZE_ANY_EXHDR(right));
	tag_close(left, PG_GETARG_DATUM(0));
	tag_close(right, PG_GETARG_DATUM(1));
	return result;
}

static uint64
hash_arg(FunctionCallInfo fcinfo, uint64 seed)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	uint64		hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(value),
										   (int) VARSIZE_ANY_EXHDR(value), seed);

	tag_close(value, PG_GETARG_DATUM(0));
	return hash;
}

COMPARISON_FUNCTIONS(tagquery);
