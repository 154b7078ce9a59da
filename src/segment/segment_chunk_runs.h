/*
 * segment_chunk_runs.h
 *	  Chunks as lists of runs.
 *
 * A run is a pair of 16-bit numbers, the first place and the length less 1.  In
 * a list runs ascend, and neither overlap nor touch.  Damaged values may break
 * that: results are unspecified then, but no more is written than promised.
 */
#ifndef PORTRAIT_SEGMENT_CHUNK_RUNS_H
#define PORTRAIT_SEGMENT_CHUNK_RUNS_H

#include "segment/segment.h"

typedef struct RunList
{
	const uint16_t *pairs;
	uint32_t	n;				/* number of runs */
} RunList;

/* First place and last place of run i */
static inline uint32_t
run_first(const uint16_t *pairs, uint32_t i)
{
	return pairs[2 * (size_t) i];
}

static inline uint32_t
run_last(const uint16_t *pairs, uint32_t i)
{
	uint32_t	last = (uint32_t) pairs[2 * (size_t) i] + pairs[2 * (size_t) i + 1];

	return last < SEGMENT_CHUNK_IDS ? last : SEGMENT_CHUNK_IDS - 1;
}

/* The runs of a RUN or FULL chunk */
extern RunList segment_chunk_runs(const SegmentEntry *chunk);

/*
 * Combine two lists.  "out" has room for segment_runs_room() of their lengths;
 * returns the number of runs.
 */
static inline size_t
segment_runs_room(uint32_t na, uint32_t nb)
{
	return 2 * ((size_t) na + nb + 1) + SEGMENT_KERNEL_SLACK;
}

extern uint32_t segment_runs_op(SegmentOp op, RunList a, RunList b, uint16_t *out);

/* Number of places in both */
extern uint32_t segment_runs_and_count(RunList a, RunList b);

/* The places of an array that are (or are not) in the runs; returns how many */
extern uint32_t segment_runs_filter(const uint16_t *places, uint32_t n, RunList runs,
									bool keep_held, uint16_t *out);

extern uint32_t segment_runs_filter_count(const uint16_t *places, uint32_t n, RunList runs);

#endif							/* PORTRAIT_SEGMENT_CHUNK_RUNS_H */
