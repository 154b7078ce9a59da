/*
 * comparison.h
 *	  What the operators, btree and hash classes of a type call.
 *
 * A file that uses this has two functions of its own: compare_args(fcinfo),
 * which gives a number below, at or above 0 for two arguments, and
 * hash_arg(fcinfo, seed), 64 bits of which the lower half with seed 0 is the
 * 32-bit hash, as hash classes ask for.
 */
#ifndef PORTRAIT_COMPARISON_H
#define PORTRAIT_COMPARISON_H

#include "common/compat.h"

#define COMPARISON_FUNCTION(type, name, result) \
	PORTRAIT_FUNCTION(portrait_##type##_##name); \
	Datum \
	portrait_##type##_##name(PG_FUNCTION_ARGS) \
	{ \
		result; \
	} \
	extern int	no_semicolon

#define COMPARISON_FUNCTIONS(type) \
	COMPARISON_FUNCTION(type, eq, PG_RETURN_BOOL(compare_args(fcinfo) == 0)); \
	COMPARISON_FUNCTION(type, ne, PG_RETURN_BOOL(compare_args(fcinfo) != 0)); \
	COMPARISON_FUNCTION(type, lt, PG_RETURN_BOOL(compare_args(fcinfo) < 0)); \
	COMPARISON_FUNCTION(type, le, PG_RETURN_BOOL(compare_args(fcinfo) <= 0)); \
	COMPARISON_FUNCTION(type, gt, PG_RETURN_BOOL(compare_args(fcinfo) > 0)); \
	COMPARISON_FUNCTION(type, ge, PG_RETURN_BOOL(compare_args(fcinfo) >= 0)); \
	COMPARISON_FUNCTION(type, cmp, PG_RETURN_INT32(compare_args(fcinfo))); \
	COMPARISON_FUNCTION(type, hash, PG_RETURN_INT32((int32) hash_arg(fcinfo, 0))); \
	COMPARISON_FUNCTION(type, hash_extended, \
						PG_RETURN_INT64((int64) hash_arg(fcinfo, (uint64) PG_GETARG_INT64(1))))

#endif							/* PORTRAIT_COMPARISON_H */
