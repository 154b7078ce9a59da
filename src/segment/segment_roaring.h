/*
 * segment_roaring.h
 *	  The portable Roaring format, 32 and 64 bits, for its reader and writer.
 *
 * Written from github.com/RoaringBitmap/RoaringFormatSpec; all numbers are
 * little-endian:
 *
 *	 u32	cookie: 12346, then u32 n, the number of containers; or, if some
 *			container is a run container, 12347 + (n - 1) * 65536, then
 *			(n + 7) / 8 bytes of flags, one bit each, 1 for a run container
 *	 n *	u16 key (the ids' bits 16 to 31), u16 number of members less 1
 *	 n *	u32 offset of the container, from the cookie on; left out if there
 *			are run containers and n < 4
 *	 n *	container: up to 4096 members: u16 places, ascending; else 1024
 *			u64; or, flagged: u16 number of runs, (u16 start, u16 length less 1)
 *
 * The 64-bit form is a u64 number of buckets, then for each the ids' upper 32
 * bits as a u32 and such a bitmap of the lower 32.  Ids are unsigned there.
 */
#ifndef PORTRAIT_SEGMENT_ROARING_H
#define PORTRAIT_SEGMENT_ROARING_H

#include "segment/segment.h"

#define COOKIE_ARRAYS 12346
#define COOKIE_RUNS 12347
#define OFFSETS_MIN 4			/* fewer containers, with runs, have none */
#define BUCKET_MIN 12			/* bytes of an empty one, with its key */

/* Keys of the ids from 0 on; those below are negative */
#define KEY_ZERO (UINT64_C(1) << 47)
#define BUCKET_KEYS 65536

#endif							/* PORTRAIT_SEGMENT_ROARING_H */
