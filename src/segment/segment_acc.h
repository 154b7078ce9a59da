/*
 * segment_acc.h
 *	  Sets under construction: what aggregates and expanded values keep.
 *
 * A small state is flat: SEGMENT_FORM_IDS, ids in the order of arrival.  It
 * has no memory of its own, so that a million groups cost a million short
 * values.  It is a form of the type segment only while an aggregate runs:
 *
 *	 0	int32	varlena length word; spare room counts
 *	 4	uint8	SEGMENT_VERSION
 *	 5	uint8	SEGMENT_FORM_IDS
 *	 6	uint16	n, ids in use
 *	 8	uint64	ids, biased
 *
 * A large state is an accumulator: a log-structured merge of segments.
 * - Single ids wait in "pending".  A full buffer is sorted and becomes a set.
 * - A set is first applied to levels[0]: where that has a bitset (or, for OR,
 *	 full chunks) the bits are set in place.  The rest becomes a level.
 * - Levels are merged as soon as one is not twice as large as the next, so
 *	 that there are few of them and each id is copied O(log n) times.
 * Levels come from a loose builder, counts of bitsets that were updated in
 * place are stale; segment_acc_collapse() makes the one image of the set.
 */
#ifndef PORTRAIT_SEGMENT_ACC_H
#define PORTRAIT_SEGMENT_ACC_H

#include "segment/segment.h"

#define SEGMENT_FORM_IDS 1

typedef struct SegmentIds
{
	int32_t		vl_len_;		/* varlena header (do not touch directly!) */
	uint8_t		version;
	uint8_t		form;
	uint16_t	n;
	uint64_t	ids[];			/* biased */
} SegmentIds;

/*
 * Sizes are powers of 2, from 7 ids to 1023, and in an aggregate of many
 * groups to 16383
 */
#define SEGMENT_IDS_MIN_SIZE 64
#define SEGMENT_IDS_EXPAND_SIZE 8192
#define SEGMENT_IDS_MAX_SIZE 131072

static inline uint32_t
segment_ids_room(const SegmentIds *state)
{
	return (uint32_t) ((segment_size(state) - sizeof(SegmentIds)) / sizeof(uint64_t));
}

/* Levels at least double, and the largest is below 2^32 bytes */
#define SEGMENT_ACC_LEVELS 40
#define SEGMENT_ACC_PENDING_MIN 1024
#define SEGMENT_ACC_PENDING_MAX 65536

typedef struct SegmentAcc
{
	SegmentOp	op;				/* OR or XOR */
	bool		exact;			/* levels[0] is all there is, and canonical */
	bool		dense;			/* levels[0] has bitsets or full chunks */
	uint32_t	nlevels;
	Segment    *levels[SEGMENT_ACC_LEVELS];
	uint64_t   *pending;		/* biased */
	uint32_t	npending;
	uint32_t	room;
} SegmentAcc;

extern void segment_acc_start(SegmentAcc *acc, SegmentOp op);

/* Turn pending ids into a level */
extern void segment_acc_flush(SegmentAcc *acc);

/*
 * One more id.  Allocates only in segment_acc_flush(), which the caller calls
 * (in the right memory context) when segment_acc_full() says so.
 */
static inline bool
segment_acc_full(const SegmentAcc *acc)
{
	return acc->npending == acc->room;
}

static inline void
segment_acc_add_id(SegmentAcc *acc, uint64_t biased)
{
	acc->pending[acc->npending++] = biased;
}

/* One more set; the bytes of the view are copied as far as needed */
extern void segment_acc_add_set(SegmentAcc *acc, const SegmentView *view);

/* Replace the set; takes over a canonical value made by core_alloc */
extern void segment_acc_replace(SegmentAcc *acc, Segment *segment);

/* The set so far, canonical; belongs to the accumulator */
extern Segment *segment_acc_collapse(SegmentAcc *acc);

#endif							/* PORTRAIT_SEGMENT_ACC_H */
