/*
 * tag_selfuncs.h
 *	  What ANALYZE knows of a column of tagsets, for estimators.
 */
#ifndef PORTRAIT_TAG_SELFUNCS_H
#define PORTRAIT_TAG_SELFUNCS_H

#include "common/compat.h"

#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "tag/tag_estimate.h"
#include "tag/tag_fmgr.h"

typedef struct TagColumnStats
{
	AttStatsSlot slot;			/* frequent keys as texts, and their shares */
	double		nulls;
} TagColumnStats;

/* False if there are no statistics of keys; then all keys are of one share */
extern bool tag_stats_open(TagFrequencies *frequencies, TagColumnStats *column,
						   VariableStatData *vardata);
extern void tag_stats_close(TagColumnStats *column);

#endif							/* PORTRAIT_TAG_SELFUNCS_H */
