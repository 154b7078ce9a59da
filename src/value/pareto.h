/*
 * pareto.h
 *	  How concentrated is value: layout and core functions of the type pareto.
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, PARETO_VERSION
 *	 5	uint8	zero
 *	 6	uint16	zero
 *	 8	a distribution (value_dist.h), at least one number
 */
#ifndef PORTRAIT_PARETO_H
#define PORTRAIT_PARETO_H

#include "common/core.h"
#include "value/value_dist.h"

#define PARETO_VERSION 1
#define PARETO_HEADER_SIZE 8

/* Throws CORE_CORRUPT */
extern void pareto_open(Distribution *dist, const uint8_t *payload, size_t size);
extern bool pareto_check(const uint8_t *payload, size_t size, CoreError *error);
extern char *pareto_print(const Distribution *dist);
extern void *pareto_parse(const char *text, CoreError *error);
/* Throws CORE_LIMIT when it is too large to be stored */
extern void *pareto_make(const ValueRuns *runs);

/* A measure of a distribution, or false when it has none (see the functions) */

/* Sum of all, out of range is thrown */
extern double pareto_total(const ValueRuns *runs);
/* Share of the best ceil(top n) in the total, which must be above zero; top is 0 to 1 */
extern bool pareto_share(const ValueRuns *runs, double top, double *share);
/* How few of the best make a share, 0 to 1, of the total, which must be above zero */
extern bool pareto_vital_few(const ValueRuns *runs, double share, int64_t *few);
/* Gini's coefficient; no value may be negative, the total must be above zero */
extern bool pareto_gini(const ValueRuns *runs, double *gini);
/*
 * The share of the poorest part of the population, 0 to 1, for points + 1
 * equidistant parts; the total must be above zero
 */
extern bool pareto_lorenz(const ValueRuns *runs, int points, double *shares);

/*
 * The lowest values of classes A and B: those of the values that carry the sum
 * of the positive ones up to its shares a and b.  Without a positive one both
 * are infinite.
 */
extern void pareto_classes(const ValueRuns *runs, double a, double b, double *lowest_a,
						   double *lowest_b);

#endif							/* PORTRAIT_PARETO_H */
