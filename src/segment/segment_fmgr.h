/*
 * segment_fmgr.h
 *	  Between Datums and the core: arguments, results and expanded values.
 */
#ifndef PORTRAIT_SEGMENT_FMGR_H
#define PORTRAIT_SEGMENT_FMGR_H

#include "common/compat.h"

#include "utils/expandeddatum.h"

#include "segment/segment.h"
#include "segment/segment_acc.h"

/* From this size on, updated values and states are expanded, see segment_worth_expanding() */
#define SEGMENT_EXPAND_SIZE 1024

#define SEGMENT_EXPANDED_MAGIC 1936025453	/* for cross-checks */

/*
 * A segment in memory that can be added to.  It is an accumulator; reading it
 * collapses the accumulator, which changes its form but not the set.
 */
typedef struct ExpandedSegment
{
	ExpandedObjectHeader hdr;
	int			magic;
	SegmentAcc	acc;
} ExpandedSegment;

/* ---- segment_datum.c ---- */

/*
 * Open an argument, flat or expanded, canonical or the state of an aggregate.
 * What has to be copied or detoasted is allocated in the current context.
 */
extern void segment_open_datum(SegmentView *view, Datum datum);

/*
 * Free what was allocated to open it.  For functions that indexes and sorts
 * call in contexts that live long; the others leave it to the context.
 */
extern void segment_close_datum(SegmentView *view, Datum datum);

/*
 * Open an argument of the running function, remembering the last
 * values that came out of TOAST as long as the function's plan runs.
 */
extern void segment_open_arg(SegmentView *view, FunctionCallInfo fcinfo, int argno);

/* Only the header; reads at most two TOAST chunks */
extern void segment_header_datum(Segment *header, Datum datum);

/* Membership of one id, by the cheapest way (see the README) */
extern bool segment_contains_datum(FunctionCallInfo fcinfo, int argno, int64 id);

/* A Datum of a core result; its length word is the server's already */
static inline Datum
SegmentGetDatum(const Segment *segment)
{
	return PointerGetDatum(segment);
}

/* ---- segment_expanded.c ---- */

/* A fresh, empty expanded segment whose memory is a child of the context */
extern ExpandedSegment *segment_expand_new(MemoryContext parent, SegmentOp op);

/*
 * Should a state of so many bytes be expanded, in a child of the aggregate's
 * context?
 */
extern bool segment_worth_expanding(MemoryContext context, size_t size);

/* The expanded segment behind a read-write datum, or NULL */
extern ExpandedSegment *segment_expanded_rw(Datum datum);

/* The expanded segment behind any expanded datum */
extern ExpandedSegment *segment_expanded(Datum datum);

/* The canonical set, in the object's own memory */
extern Segment *segment_expanded_collapse(ExpandedSegment *expanded);

extern void segment_expanded_add_set(ExpandedSegment *expanded, const SegmentView *view);

/* Room for more ids: flush in the object's own memory */
extern void segment_expanded_flush(ExpandedSegment *expanded);

static inline void
segment_expanded_add_id(ExpandedSegment *expanded, int64 id)
{
	if (segment_acc_full(&expanded->acc))
		segment_expanded_flush(expanded);
	segment_acc_add_id(&expanded->acc, segment_bias(id));
}

#endif							/* PORTRAIT_SEGMENT_FMGR_H */
