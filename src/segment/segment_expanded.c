/*
 * segment_expanded.c
 *	  Segments as expanded objects: an accumulator in a memory context of its own.
 */
#include "common/compat.h"

#include "utils/memutils.h"

#include "segment/segment_fmgr.h"

/* A state gets a context of its own when it has this many bytes for each there is */
#define SEGMENT_EXPAND_PER_CHILD 32

static Size expanded_get_flat_size(ExpandedObjectHeader *eohptr);
static void expanded_flatten_into(ExpandedObjectHeader *eohptr, void *result,
								  Size allocated_size);

static const ExpandedObjectMethods segment_methods = {
	expanded_get_flat_size,
	expanded_flatten_into
};

ExpandedSegment *
segment_expand_new(MemoryContext parent, SegmentOp op)
{
	MemoryContext context;
	ExpandedSegment *expanded;

	context = AllocSetContextCreate(parent, "expanded segment", ALLOCSET_SMALL_SIZES);
	expanded = MemoryContextAllocZero(context, sizeof(ExpandedSegment));
	EOH_init_header(&expanded->hdr, &segment_methods, context);
	expanded->magic = SEGMENT_EXPANDED_MAGIC;
	segment_acc_start(&expanded->acc, op);
	return expanded;
}

/*
 * A hash aggregate adds up the memory of all children of its context whenever
 * a group is new, so that a child for every group would cost the square of
 * the groups.  The more children there are already, the larger a state must
 * be to get one.  Counting them costs less than an operation on the state.
 */
bool
segment_worth_expanding(MemoryContext context, size_t size)
{
	size_t		room = size / SEGMENT_EXPAND_PER_CHILD;

	if (size < SEGMENT_EXPAND_SIZE)
		return false;
	for (MemoryContext child = context->firstchild; child != NULL; child = child->nextchild)
		if (room-- == 0)
			return false;
	return true;
}

ExpandedSegment *
segment_expanded(Datum datum)
{
	ExpandedSegment *expanded = (ExpandedSegment *) DatumGetEOHP(datum);

	if (expanded->hdr.eoh_methods != &segment_methods ||
		expanded->magic != SEGMENT_EXPANDED_MAGIC)
		elog(ERROR, "expanded value is not a segment");
	return expanded;
}

ExpandedSegment *
segment_expanded_rw(Datum datum)
{
	if (!VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum)))
		return NULL;
	return segment_expanded(datum);
}

Segment *
segment_expanded_collapse(ExpandedSegment *expanded)
{
	MemoryContext old = MemoryContextSwitchTo(expanded->hdr.eoh_context);
	Segment    *segment = segment_acc_collapse(&expanded->acc);

	MemoryContextSwitchTo(old);
	return segment;
}

void
segment_expanded_add_set(ExpandedSegment *expanded, const SegmentView *view)
{
	MemoryContext old = MemoryContextSwitchTo(expanded->hdr.eoh_context);

	segment_acc_add_set(&expanded->acc, view);
	MemoryContextSwitchTo(old);
}

void
segment_expanded_flush(ExpandedSegment *expanded)
{
	MemoryContext old = MemoryContextSwitchTo(expanded->hdr.eoh_context);

	segment_acc_flush(&expanded->acc);
	MemoryContextSwitchTo(old);
}

static Size
expanded_get_flat_size(ExpandedObjectHeader *eohptr)
{
	return segment_size(segment_expanded_collapse((ExpandedSegment *) eohptr));
}

static void
expanded_flatten_into(ExpandedObjectHeader *eohptr, void *result, Size allocated_size)
{
	Segment    *segment = segment_expanded_collapse((ExpandedSegment *) eohptr);

	Assert(allocated_size == segment_size(segment));
	core_copy(result, segment, allocated_size);
	SET_VARSIZE(result, allocated_size);
}
