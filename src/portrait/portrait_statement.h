/*
 * portrait_statement.h
 *	  Statements on the tables of a portrait that are asked again and again, with
 *	  their plans kept for the session.
 *
 * A plan is made for one generation, as a constant, so that it reads one
 * partition; those that go through rows are planned each time all the same.
 * Rights and policies are those of whoever runs it, each time.  What comes is
 * of the types that are told here, whatever the tables are.
 */
#ifndef PORTRAIT_STATEMENT_H
#define PORTRAIT_STATEMENT_H

#include "common/compat.h"

/* Whose tables: those of a generation, while it is computed those that stand alone */
typedef struct PortraitPlace
{
	NameData	schema;
	int64		generation;
	Oid			function;		/* of ours, who asks; another one after DROP EXTENSION */
	bool		building;
} PortraitPlace;

typedef enum PortraitStatement
{
	PORTRAIT_STATE,				/* () -> generation, as_of, time_zone */
	PORTRAIT_KNOWS,				/* tags, segments, generation or NULL -> are they all there? */
	PORTRAIT_ASKED,				/* schema, rule -> generation, (void), bound rule */
	PORTRAIT_BUCKETS,			/* schema, bound rule -> bucket, members */

	/* tag, bucket -> tag, value, value_type, members */
	PORTRAIT_MEMBERS,
	PORTRAIT_MEMBERS_BELOW,		/* of the tag and of all below it */
	PORTRAIT_MEMBERS_OF,		/* of these values, a third argument */
	/* tag, bucket -> tag, value_type, low, high, members, numbers */
	PORTRAIT_RANGES,
	PORTRAIT_RANGES_BELOW,

	PORTRAIT_ROWS,				/* tag, first and last customer, leaf, members or NULL -> members */
	PORTRAIT_PAIR,				/* both tags, bucket, leaf, first and last customer -> members */
	PORTRAIT_SEGMENT,			/* name, bucket -> members */
	PORTRAIT_SEGMENT_CHECK,		/* schema, name -> (void) */
	PORTRAIT_SEGMENT_RULE		/* name, bucket, context -> members */
} PortraitStatement;

/* The tables of a schema, as one of our functions was asked for */
extern void portrait_place(PortraitPlace *place, FunctionCallInfo fcinfo, const char *schema,
						   int64 generation, bool building);

/*
 * Run it, in SPI's hands; rows are in SPI_tuptable until SPI_finish().  "nulls" as
 * SPI has them, or NULL.
 */
extern void portrait_run(const PortraitPlace *place, PortraitStatement statement,
						 Datum *values, const char *nulls);

/* A column of a row of the result, from 0 on; an error if it is NULL, or there is no row */
extern Datum portrait_result(uint64 row, int column);

/* The same of a row that there is */
extern Datum portrait_result_or_null(uint64 row, int column, bool *isnull);

#endif							/* PORTRAIT_STATEMENT_H */
