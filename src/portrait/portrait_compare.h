/*
 * portrait_compare.h
 *	  How a group differs from its base in one share, and how sure that is.
 *
 * All groups are told by counts: how many of those of whom the tag is known
 * have the value.  The target and the rest of the base (base minus target) are
 * independent; the base is the rest and what it shares with the target.
 */
#ifndef PORTRAIT_COMPARE_H
#define PORTRAIT_COMPARE_H

#include "common/core.h"

typedef struct Share
{
	int64_t		count;
	int64_t		known;			/* count <= known */
} Share;

typedef struct Comparison
{
	double		index;			/* 100 * share of the target / share of the base; NaN: none */
	double		low;			/* its 95 % interval; NaN: nothing to compare with */
	double		high;
	double		p;				/* two-sided, target against rest; NaN likewise */
} Comparison;

/* "both" is the part of the target that is in the base: all of it as a rule */
extern void portrait_compare(Comparison *comparison, const Share *target, const Share *rest,
							 const Share *both);

/* How probable is a standard normal number at least as far from 0 as z? */
extern double normal_two_sided(double z);

#endif							/* PORTRAIT_COMPARE_H */
