/*
 * tagset_op.c
 *	  What operators on tagsets call: order, hashes, algebra.
 *
 * One tagset has one image, so equality is that of bytes.  The order is by the
 * number of tags, then by the images' bytes; it has no meaning but being one.
 */
#include "tag/tag_fmgr.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/array.h"

#include "common/comparison.h"

/* ---- equality, order, hashes ---- */

/* Below, at or above 0 */
static int
compare_args(FunctionCallInfo fcinfo)
{
	TagsetView	a;
	TagsetView	b;
	struct varlena *left = tagset_open_datum(&a, PG_GETARG_DATUM(0));
	struct varlena *right = tagset_open_datum(&b, PG_GETARG_DATUM(1));
	int			result;

	if (a.n != b.n)
		result = a.n < b.n ? -1 : 1;
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

COMPARISON_FUNCTIONS(tagset);

/* ---- containment: every tag and value, whatever its weight and times ---- */

typedef bool (*TagsetTest) (const TagsetView *a, const TagsetView *b);

static Datum
test_args(FunctionCallInfo fcinfo, int left, TagsetTest test)
{
	TagsetView	a;
	TagsetView	b;
	int			right = 1 - left;
	struct varlena *left_value = tagset_open_datum(&a, PG_GETARG_DATUM(left));
	struct varlena *right_value = tagset_open_datum(&b, PG_GETARG_DATUM(right));
	bool		result = test(&a, &b);

	tag_close(left_value, PG_GETARG_DATUM(left));
	tag_close(right_value, PG_GETARG_DATUM(right));
	PG_RETURN_BOOL(result);
}

PORTRAIT_FUNCTION(portrait_tagset_contains);
Datum
portrait_tagset_contains(PG_FUNCTION_ARGS)
{
	return test_args(fcinfo, 0, tagset_contains);
}

PORTRAIT_FUNCTION(portrait_tagset_contained);
Datum
portrait_tagset_contained(PG_FUNCTION_ARGS)
{
	return test_args(fcinfo, 1, tagset_contains);
}

PORTRAIT_FUNCTION(portrait_tagset_overlaps);
Datum
portrait_tagset_overlaps(PG_FUNCTION_ARGS)
{
	return test_args(fcinfo, 0, tagset_overlaps);
}

/* ---- algebra ---- */

/* tagset || tagset: of a tag that both have, what the right one says.  Errors: 54000. */
PORTRAIT_FUNCTION(portrait_tagset_concat);
Datum
portrait_tagset_concat(PG_FUNCTION_ARGS)
{
	TagsetView	a;
	TagsetView	b;

	tagset_open_datum(&a, PG_GETARG_DATUM(0));
	tagset_open_datum(&b, PG_GETARG_DATUM(1));
	PG_RETURN_DATUM(TagDatum(tagset_override(&a, &b)));
}

/* tagset - text: without the tag of this name, if it is there */
PORTRAIT_FUNCTION(portrait_tagset_minus_text);
Datum
portrait_tagset_minus_text(PG_FUNCTION_ARGS)
{
	TagsetView	view;
	TagName		name;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	name.name = tag_text_bytes(PG_GETARG_DATUM(1), &name.length);
	PG_RETURN_DATUM(TagDatum(tagset_without(&view, &name, 1)));
}

/* tagset - text[]: without the tags of these names; NULLs are skipped */
PORTRAIT_FUNCTION(portrait_tagset_minus_array);
Datum
portrait_tagset_minus_array(PG_FUNCTION_ARGS)
{
	TagsetView	view;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	TagName    *names;
	size_t		kept = 0;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &n);
	names = palloc(sizeof(TagName) * (Size) n + 1);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			continue;
		names[kept].name = tag_text_bytes(elements[i], &names[kept].length);
		kept++;
	}
	PG_RETURN_DATUM(TagDatum(tagset_without(&view, names, kept)));
}

/* What has not expired: values that expire at as_of or before are left out.  Errors: none. */
PORTRAIT_FUNCTION(portrait_tag_current);
Datum
portrait_tag_current(PG_FUNCTION_ARGS)
{
	TagsetView	view;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	/* 'infinity' is later than all, '-infinity' earlier */
	PG_RETURN_DATUM(TagDatum(tagset_current(&view, PG_GETARG_INT64(1))));
}
