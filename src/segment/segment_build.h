/*
 * segment_build.h
 *	  Helpers that the writers of chunks share.
 */
#ifndef PORTRAIT_SEGMENT_BUILD_H
#define PORTRAIT_SEGMENT_BUILD_H

#include "segment/segment.h"

/* Set bits lo to hi (inclusive, lo <= hi <= 65535) */
extern void segment_bitset_set_range(uint64_t *words, uint32_t lo, uint32_t hi);

#endif							/* PORTRAIT_SEGMENT_BUILD_H */
