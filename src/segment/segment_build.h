/*
 * segment_build.h
 *	  Helpers that the writers of chunks share.
 */
#ifndef PORTRAIT_SEGMENT_BUILD_H
#define PORTRAIT_SEGMENT_BUILD_H

#include "segment/segment.h"

/* ---- segment_build.c ---- */

/* A new entry with room for "bytes" of payload, which the caller fills; padding is zeroed */
extern uint8_t *segment_add_entry(SegmentBuilder *builder, uint64_t key, uint32_t kind,
								  uint32_t count, size_t bytes);

/* A small chunk: at most SEGMENT_SMALL ids, biased */
extern void segment_add_small(SegmentBuilder *builder, const uint64_t *ids, uint32_t n);

/* Adjacent full chunks */
extern void segment_add_full(SegmentBuilder *builder, uint64_t key, uint64_t chunks);

/* To be called before the entry of a chunk of n members that is neither small nor full */
extern void segment_before_chunk(SegmentBuilder *builder, uint32_t n);

/* Write the chunk that single ids were added to, if there is one */
extern void segment_settle_open(SegmentBuilder *builder);

static inline void
segment_settle(SegmentBuilder *builder)
{
	if (builder->nopen > 0)
		segment_settle_open(builder);
}

/* ---- segment_build_chunk.c ---- */

/* A chunk of n members as runs */
extern void segment_add_runs(SegmentBuilder *builder, uint64_t key, const uint16_t *pairs,
							 uint32_t nruns, uint32_t n);

/* Set bits lo to hi (inclusive, lo <= hi <= 65535) */
extern void segment_bitset_set_range(uint64_t *words, uint32_t lo, uint32_t hi);

#endif							/* PORTRAIT_SEGMENT_BUILD_H */
