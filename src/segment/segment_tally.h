/*
 * segment_tally.h
 *	  In how many sets was each id?  The state of segment_at_least_agg.
 *
 * Counting stops at k.  Ids that got there are in parts[0]; the counts of the
 * others are kept bit-sliced: parts[1 + i] has the ids whose count has bit i.
 * With k - 1 as the largest count, bits(k - 1) slices are enough.  Adding a
 * set is a ripple-carry increment, adding two tallies a full adder, both by
 * set algebra (Rinfret, O'Neil, O'Neil: Bit-Sliced Index Arithmetic, SIGMOD
 * 2001).
 *
 * The image, little-endian:
 *
 *	 0	int32	varlena length word
 *	 4	uint8	SEGMENT_TALLY_VERSION
 *	 5	uint8	0
 *	 6	uint16	number of parts
 *	 8	uint32	k, 1 to 2^31 - 1
 *	12	uint32	zero
 *	16	the parts, each a complete segment, zero bytes up to a multiple of 8
 *
 * A tally is a function of the sets counted, not of their order.
 */
#ifndef PORTRAIT_SEGMENT_TALLY_H
#define PORTRAIT_SEGMENT_TALLY_H

#include "segment/segment.h"

#define SEGMENT_TALLY_VERSION 1
#define SEGMENT_TALLY_HEADER_SIZE 16
#define SEGMENT_TALLY_MAX_PARTS 32

typedef struct SegmentTally
{
	uint32_t	k;
	uint32_t	nparts;			/* 1 + bits(k - 1) */
	Segment    *parts[SEGMENT_TALLY_MAX_PARTS]; /* owned, by core_alloc */
} SegmentTally;

/* An empty tally; k is 1 to 2^31 - 1 */
extern void segment_tally_start(SegmentTally *tally, uint32_t k);

/* Count the members of one more set */
extern void segment_tally_add(SegmentTally *tally, const SegmentView *set);

/* Add what another tally of the same k has counted */
extern void segment_tally_merge(SegmentTally *tally, const SegmentTally *other);

extern size_t segment_tally_size(const SegmentTally *tally);
extern void segment_tally_write(const SegmentTally *tally, void *image, size_t size);

/*
 * Read an image.  Its parts are copied.  Throws CORE_CORRUPT when it is
 * damaged; with an error to fill in, the image is from outside, is checked
 * completely, and false is returned.
 */
extern bool segment_tally_read(SegmentTally *tally, const void *image, size_t size,
							   CoreError *error);

/* Text: k, then the parts, separated by semicolons */
extern char *segment_tally_print(const SegmentTally *tally);
extern bool segment_tally_parse(SegmentTally *tally, const char *text, CoreError *error);

#endif							/* PORTRAIT_SEGMENT_TALLY_H */
