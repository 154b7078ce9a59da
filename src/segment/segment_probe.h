/*
 * segment_probe.h
 *	  One membership test on a value of which only parts are fetched.
 */
#ifndef PORTRAIT_SEGMENT_PROBE_H
#define PORTRAIT_SEGMENT_PROBE_H

#include "segment/segment.h"

/*
 * Fetches bytes of a value, counted from its length word on; the result is
 * valid until the value is no longer looked at.  Never asked for bytes past
 * the size.
 */
typedef const uint8_t *(*SegmentFetch) (void *context, size_t offset, size_t length);

/* Is id a member of the value of this size? */
extern bool segment_probe(SegmentFetch fetch, void *context, size_t size, int64_t id);

#endif							/* PORTRAIT_SEGMENT_PROBE_H */
