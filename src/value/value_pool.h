/*
 * value_pool.h
 *	  Numbers collected to find thresholds or a distribution: the state of
 *	  value_breaks_agg, rfm_model_agg and the aggregates of pareto.
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, POOL_VERSION
 *	 5	uint8	zero
 *	 6	uint8	columns, 1 or 3
 *	 7	uint8	method (BreakMethod)
 *	 8	uint16	bins; 0 (with method 0) where no thresholds are wanted
 *	10	uint8	kind of the amounts among the numbers: 0 whatever they are, 1 exact,
 *				2 double precision
 *	11	5 zero bytes
 *	16	a distribution (value_dist.h) for each column, all with as many numbers
 *
 * A pool is a function of the multiset of the numbers of each column.
 */
#ifndef PORTRAIT_VALUE_POOL_H
#define PORTRAIT_VALUE_POOL_H

#include "common/core.h"
#include "value/value_breaks.h"
#include "value/value_dist.h"

#define POOL_VERSION 1
#define POOL_HEADER_SIZE 16
#define POOL_MAX_COLUMNS 3

#define POOL_ANY 0
#define POOL_EXACT 1
#define POOL_DOUBLE 2

typedef struct ValuePool
{
	int			columns;
	int			bins;
	int			method;
	int			kind;			/* POOL_ANY, _EXACT, _DOUBLE */
	ValueList	lists[POOL_MAX_COLUMNS];
} ValuePool;

/* An empty pool whose lists are allocated */
extern void value_pool_start(ValuePool *pool, int columns, int bins, int method, int kind);

/* Only the columns, bins, method and kind of a stored value; throws CORE_CORRUPT */
extern void value_pool_peek(ValuePool *pool, const uint8_t *payload, size_t size);
/* Add the numbers of a stored pool; throws CORE_CORRUPT */
extern void value_pool_add_stored(ValuePool *pool, const uint8_t *payload, size_t size);

/* The image, by core_alloc; sorts the lists.  Throws CORE_LIMIT at 1 GB. */
extern void *value_pool_flat(ValuePool *pool);

extern bool value_pool_check(const uint8_t *payload, size_t size, CoreError *error);
extern char *value_pool_print(const uint8_t *payload, size_t size);
extern void *value_pool_parse(const char *text, CoreError *error);

#endif							/* PORTRAIT_VALUE_POOL_H */
