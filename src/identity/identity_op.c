/*
 * identity_op.c
 *	  Equality, order and hashes of maps.
 *
 * A partition has one image, so equality is that of bytes.  The order is by
 * the number of identifiers, then by the images' bytes; it has no meaning but
 * being one.
 */
#include "common/compat.h"

#include "common/hashfn.h"

#include "common/comparison.h"
#include "identity/identity_fmgr.h"

/* Below, at or above 0 */
static int
compare_args(FunctionCallInfo fcinfo)
{
	IdentityView a;
	IdentityView b;
	int			result;

	identity_open_datum(&a, PG_GETARG_DATUM(0));
	identity_open_datum(&b, PG_GETARG_DATUM(1));
	if (a.n != b.n)
		result = a.n < b.n ? -1 : 1;
	else
		result = identity_compare(a.base + VARHDRSZ, a.size - VARHDRSZ,
								  b.base + VARHDRSZ, b.size - VARHDRSZ);
	identity_close_datum(&a, PG_GETARG_DATUM(0));
	identity_close_datum(&b, PG_GETARG_DATUM(1));
	return result;
}

static uint64
hash_arg(FunctionCallInfo fcinfo, uint64 seed)
{
	IdentityView view;
	uint64		hash;

	identity_open_datum(&view, PG_GETARG_DATUM(0));
	hash = hash_bytes_extended(view.base + VARHDRSZ, (int) (view.size - VARHDRSZ), seed);
	identity_close_datum(&view, PG_GETARG_DATUM(0));
	return hash;
}

COMPARISON_FUNCTIONS(identity_map);
