/*
 * compat.h
 *	  One face for PostgreSQL 15, 16, 17 and 18.
 *
 * The only file that looks at PG_VERSION_NUM.  It comes first in every file
 * that talks to the server, and brings postgres.h and fmgr.h.
 */
#ifndef PORTRAIT_COMPAT_H
#define PORTRAIT_COMPAT_H

#include "postgres.h"

#include "fmgr.h"

#if PG_VERSION_NUM < 150000
#error "portrait needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#else

/* Everything is hidden by default, and 15 does not yet know of that */
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))

/* Errors are never soft: what would be saved in a context is thrown */
#define errsave(context, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
	} while (0)
#define ereturn(context, dummy_value, ...) \
	do { \
		errsave(context, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#define SOFT_ERROR_OCCURRED(context) ((void) (context), false)

#endif

/* A range that is not empty; from utils/rangetypes.h */
#if PG_VERSION_NUM >= 160000
#define portrait_make_range(type, lower, upper) make_range(type, lower, upper, false, NULL)
#else
#define portrait_make_range(type, lower, upper) make_range(type, lower, upper, false)
#endif

/* May the user call the function?  From utils/acl.h, and up to 15 from there alone. */
#if PG_VERSION_NUM >= 160000
#define portrait_function_aclcheck(function, user) \
	object_aclcheck(ProcedureRelationId, function, user, ACL_EXECUTE)
#else
#define portrait_function_aclcheck(function, user) \
	pg_proc_aclcheck(function, user, ACL_EXECUTE)
#endif

/* May the user look into the schema? */
#if PG_VERSION_NUM >= 160000
#define portrait_namespace_aclcheck(schema, user) \
	object_aclcheck(NamespaceRelationId, schema, user, ACL_USAGE)
#else
#define portrait_namespace_aclcheck(schema, user) \
	pg_namespace_aclcheck(schema, user, ACL_USAGE)
#endif

/* PL/pgSQL asks whether s := f(s, ...) may change s in place */
#if PG_VERSION_NUM >= 180000
#define PORTRAIT_MODIFY_IN_PLACE 1
#endif

/* How much ANALYZE shall look for in a column; from commands/vacuum.h */
#if PG_VERSION_NUM >= 170000
#define portrait_stats_target(stats) ((stats)->attstattarget)
#else
#define portrait_stats_target(stats) ((stats)->attr->attstattarget)
#endif
#if PG_VERSION_NUM >= 180000
#define portrait_analyze_delay() vacuum_delay_point(true)
#else
#define portrait_analyze_delay() vacuum_delay_point()
#endif

/* Opens a function that SQL can call; up to 15 the server declares it hidden */
#define PORTRAIT_FUNCTION(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

#endif							/* PORTRAIT_COMPAT_H */
