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

PORTRAIT_FUNCTION(portrait_identity_map_eq);
Datum
portrait_identity_map_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PORTRAIT_FUNCTION(portrait_identity_map_ne);
Datum
portrait_identity_map_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PORTRAIT_FUNCTION(portrait_identity_map_lt);
Datum
portrait_identity_map_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PORTRAIT_FUNCTION(portrait_identity_map_le);
Datum
portrait_identity_map_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PORTRAIT_FUNCTION(portrait_identity_map_gt);
Datum
portrait_identity_map_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PORTRAIT_FUNCTION(portrait_identity_map_ge);
Datum
portrait_identity_map_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PORTRAIT_FUNCTION(portrait_identity_map_cmp);
Datum
portrait_identity_map_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_args(fcinfo));
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

PORTRAIT_FUNCTION(portrait_identity_map_hash);
Datum
portrait_identity_map_hash(PG_FUNCTION_ARGS)
{
	/* the lower half of the extended hash with seed 0, as the hash classes ask for */
	PG_RETURN_INT32((int32) hash_arg(fcinfo, 0));
}

PORTRAIT_FUNCTION(portrait_identity_map_hash_extended);
Datum
portrait_identity_map_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) hash_arg(fcinfo, (uint64) PG_GETARG_INT64(1)));
}
