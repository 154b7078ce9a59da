/*
 * segment.h
 *	  Layout, invariants and core functions of the type segment.
 *
 * A segment is a set of bigint.  Inside, an id is handled "biased": its sign
 * bit is flipped, so that signed order is unsigned order.  The upper 48 bits
 * of a biased id are its key and name a chunk of 65,536 ids, the lower 16 bits
 * are its place in the chunk.
 *
 * A stored value is, little-endian and without gaps (offsets from the start
 * of the varlena):
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, SEGMENT_VERSION
 *	 5	uint8	form, SEGMENT_FORM_SET (the other form is told in segment_acc.h)
 *	 6	uint16	zero
 *	 8	uint64	count, the number of members
 *	16	int64	smallest member (0 when empty)
 *	24	int64	largest member (0 when empty)
 *	32	uint32	n, the number of directory entries
 *	36	uint32	ref[n]:  kind in the upper 4 bits, place of the payload in
 *				the lower 28, in units of 2 bytes from the payload area on
 *	..	uint16	card[n]: number of members less 1 (SEGMENT_FULL: 65535)
 *	..	uintW	key[n]:  first key of the entry less the key of the smallest
 *				member, strictly ascending; W is 16, 32 or 64 bits, the
 *				narrowest that holds the last member's key
 *	..			zero bytes up to a multiple of 8: the payload area starts
 *
 * Entries and their payloads, in the order of the entries:
 *
 *	SEGMENT_SPARSE	isolated ids of several chunks: uint8 width w (1..56 or
 *					64), then for each id its distance from the entry's first
 *					key's first id, w bits, least significant first
 *	SEGMENT_ARRAY	one chunk: uint16 places, ascending
 *	SEGMENT_BITSET	one chunk: 1024 uint64, starting at a multiple of 8
 *	SEGMENT_RUN		one chunk: uint16 number of runs, then (first place,
 *					length less 1) pairs, ascending, neither overlapping
 *					nor adjacent
 *	SEGMENT_FULL	uint64 number of consecutive chunks, each with all ids
 *
 * Each payload is padded with zero bytes to a multiple of 2; before a bitset
 * zero bytes are put up to a multiple of 8.
 *
 * One set has one image.  These rules make it so:
 * - A chunk of at most SEGMENT_SMALL members is small.  Consecutive small
 *	 chunks form a group.  A group of one chunk is an ARRAY; a longer group is
 *	 cut into SPARSE entries, each taking whole chunks as long as they fit in
 *	 SEGMENT_BLOCK_IDS ids.  w is the least that holds the last distance (64 when
 *	 that is above 56).
 * - Other chunks with all 65,536 ids are FULL; adjacent ones share an entry.
 * - Other chunks with n members in r runs are a RUN if 2 + 4r < min(2n, 8192),
 *	 else an ARRAY if n <= 4096, else a BITSET.
 *
 * So equality is memcmp(), and a copied entry needs no second look.
 */
#ifndef PORTRAIT_SEGMENT_H
#define PORTRAIT_SEGMENT_H

#include "common/core.h"
#include "segment/segment_kernels.h"

#define SEGMENT_VERSION		1
#define SEGMENT_FORM_SET	0	/* what this header tells */

#define SEGMENT_SPARSE		0
#define SEGMENT_ARRAY		1
#define SEGMENT_BITSET		2
#define SEGMENT_RUN			3
#define SEGMENT_FULL		4

#define SEGMENT_CHUNK_BITS	16
#define SEGMENT_CHUNK_IDS	65536
#define SEGMENT_ARRAY_MAX	4096
#define SEGMENT_BITSET_BYTES 8192
#define SEGMENT_SMALL		4
#define SEGMENT_BLOCK_IDS	128
#define SEGMENT_KEY_MAX		((UINT64_C(1) << 48) - 1)

/*
 * A value is at most 512 MB, so that its base64 text (4/3 of that) and a line
 * of COPY fit into 1 GB, and every value can be dumped.  The 28 bits of a
 * payload's place in units of 2 bytes reach just as far.
 */
#define SEGMENT_MAX_SIZE	((size_t) 512 * 1024 * 1024)
#define SEGMENT_MAX_COUNT	((uint64_t) INT64_MAX)

typedef struct Segment
{
	int32_t		vl_len_;		/* varlena header (do not touch directly!) */
	uint8_t		version;
	uint8_t		form;
	uint16_t	zero;
	uint64_t	count;
	int64_t		min;
	int64_t		max;
	uint32_t	n;
	/* the directory and the payload area follow */
} Segment;

/* sizeof(Segment) has padding at the end, the image has not */
#define SEGMENT_HEADER_SIZE 36

static inline uint64_t
segment_bias(int64_t id)
{
	return (uint64_t) id ^ (UINT64_C(1) << 63);
}

static inline int64_t
segment_unbias(uint64_t biased)
{
	return (int64_t) (biased ^ (UINT64_C(1) << 63));
}

/*
 * The varlena length word.  Core functions make complete values; on a
 * little-endian machine an uncompressed 4-byte header is the size times 4.
 */
static inline void
segment_set_size(void *segment, size_t size)
{
	store32(segment, (uint32_t) size << 2);
}

static inline size_t
segment_size(const void *segment)
{
	return load32(segment) >> 2;
}

/* An opened value: pointers into its bytes, nothing is copied */
typedef struct SegmentView
{
	const uint8_t *base;		/* the value, from its length word on */
	size_t		size;
	uint64_t	count;
	uint64_t	min;			/* biased */
	uint64_t	max;			/* biased */
	uint64_t	first_key;
	uint32_t	n;				/* number of entries */
	uint32_t	key_bytes;		/* 2, 4 or 8 */
	const uint8_t *refs;
	const uint8_t *cards;
	const uint8_t *keys;
	const uint8_t *payload;
	size_t		payload_size;
} SegmentView;

/* One entry, looked up */
typedef struct SegmentEntry
{
	uint64_t	key;			/* first key */
	uint64_t	chunks;			/* FULL: how many; else 1 */
	uint32_t	kind;
	uint32_t	count;			/* members; FULL: of one chunk */
	uint32_t	nruns;			/* RUN only */
	uint32_t	width;			/* SPARSE only */
	const uint8_t *data;		/* places, words, pairs or packed bits */
	const uint8_t *limit;		/* end of the value's payload area */
} SegmentEntry;

/* ---- segment_layout.c: reading ---- */

/* Bytes before the payload area, for n entries and a key width */
static inline size_t
segment_payload_start(uint64_t n, uint32_t key_bytes)
{
	/* n < 2^32, so this is below 2^36 */
	return (SEGMENT_HEADER_SIZE + n * (4 + 2 + key_bytes) + 7) & ~(size_t) 7;
}

static inline uint32_t
segment_key_bytes(uint64_t last_key_distance)
{
	return last_key_distance < (UINT64_C(1) << 16) ? 2 :
		last_key_distance < (UINT64_C(1) << 32) ? 4 : 8;
}

/*
 * Open a stored value in constant time.  Bytes that we never wrote can at
 * worst raise CORE_CORRUPT here or when an entry is looked up.
 */
extern void segment_open(SegmentView *view, const void *value, size_t size);

/* The same, but on failure tells why instead of throwing; NULL is success */
extern const char *segment_try_open(SegmentView *view, const void *value, size_t size);

/* Key of an entry */
static inline uint64_t
segment_key(const SegmentView *view, uint32_t i)
{
	const uint8_t *p = view->keys + (size_t) i * view->key_bytes;

	return view->first_key + (view->key_bytes == 2 ? load16(p) :
							  view->key_bytes == 4 ? load32(p) : load64(p));
}

/* Look up an entry; i < view->n */
extern void segment_entry(const SegmentView *view, uint32_t i, SegmentEntry *entry);
extern const char *segment_try_entry(const SegmentView *view, uint32_t i,
									 SegmentEntry *entry);

/* Number of members of an entry, without reading its payload (but FULL's) */
extern uint64_t segment_entry_count(const SegmentView *view, uint32_t i);

/* The last entry at or after "from" whose key is <= key; view->n if there is none */
extern uint32_t segment_find(const SegmentView *view, uint32_t from, uint64_t key);

/* Decode a SPARSE entry into ids, biased; room for SEGMENT_BLOCK_IDS */
extern void segment_unpack(const SegmentEntry *entry, uint64_t *ids);

extern bool segment_contains(const SegmentView *view, int64_t id);

/* Is the id in this entry?  The entry must be the one that segment_find gave. */
extern bool segment_entry_contains(const SegmentEntry *entry, uint64_t biased);

extern void segment_corrupt(const char *what) __attribute__((noreturn, cold));

/* ---- segment_build.c: writing ---- */

/*
 * A builder takes chunks and ids in ascending order and makes the one image
 * of their set.  It lives on the caller's stack.
 *
 * In a loose builder (of accumulators, see segment_acc.h) larger chunks
 * become bitsets, so that they can be updated in place, and no time is spent
 * on finding runs; everything else is as above.
 */
#define SEGMENT_LOOSE_BITSET 1024	/* members that make a bitset when loose */
#define SEGMENT_INLINE_ENTRIES 8
#define SEGMENT_INLINE_RUNS 32

typedef struct SegmentBuilder
{
	bool		loose;
	bool		any_count;		/* an operand, may have up to 2^64 members */
	/* entries so far */
	uint32_t	n;
	uint32_t	room;
	uint64_t   *keys;
	uint32_t   *refs;
	uint16_t   *cards;
	uint64_t	count;
	/* the value under construction: a gap for the directory, then payloads */
	uint8_t    *value;
	size_t		gap;
	size_t		used;			/* bytes of payload */
	size_t		capacity;		/* bytes of payload that fit */
	/* small chunks that wait for their group's end */
	uint64_t	small[SEGMENT_BLOCK_IDS];
	uint32_t	nsmall;
	bool		group_open;		/* the group has SPARSE entries already */
	/* adjacent full chunks */
	uint64_t	full_key;
	uint64_t	full_chunks;
	/* the chunk that ids and ranges are added to: its runs, as pairs */
	uint64_t	open_key;
	uint32_t	open_count;
	uint32_t	nopen;
	uint32_t	open_room;
	uint16_t   *open;
	uint16_t	open_inline[2 * SEGMENT_INLINE_RUNS];
	uint64_t	keys_inline[SEGMENT_INLINE_ENTRIES];
	uint32_t	refs_inline[SEGMENT_INLINE_ENTRIES];
	uint16_t	cards_inline[SEGMENT_INLINE_ENTRIES];
} SegmentBuilder;

/* payload_hint and entries_hint: what will probably be needed */
extern void segment_build_start(SegmentBuilder *builder, bool loose,
								size_t payload_hint, size_t entries_hint);

/* Sorted, distinct, biased ids, all above what was given before */
extern void segment_build_ids(SegmentBuilder *builder, const uint64_t *ids, size_t n);

/* One chunk, above all chunks given before; n may be 0 */
extern void segment_build_array(SegmentBuilder *builder, uint64_t key,
								const uint16_t *places, uint32_t n);
extern void segment_build_bitset(SegmentBuilder *builder, uint64_t key,
								 const uint64_t *words, uint32_t count);
extern void segment_build_runs(SegmentBuilder *builder, uint64_t key,
							   const uint16_t *pairs, uint32_t nruns);
extern void segment_build_full(SegmentBuilder *builder, uint64_t key, uint64_t chunks);

/* All ids from lo to hi, biased */
extern void segment_build_range(SegmentBuilder *builder, uint64_t lo, uint64_t hi);

/*
 * An entry of another value.  Taken as it is when "canonical", looked at anew
 * when it comes from a loose builder or from outside.
 */
extern void segment_build_entry(SegmentBuilder *builder, const SegmentEntry *entry,
								bool canonical);

/* The finished value; throws CORE_LIMIT when it is too large */
extern Segment *segment_build_finish(SegmentBuilder *builder);

/* Give everything back without a result */
extern void segment_build_abandon(SegmentBuilder *builder);

/* Conveniences: finished values */
extern Segment *segment_make_empty(void);
/*
 * All ids from lo to hi, to be used as an operand only: there may be more than
 * SEGMENT_MAX_COUNT of them, the count in the header means nothing.
 */
extern Segment *segment_make_range(int64_t lo, int64_t hi);
/* Any order, duplicates allowed; the array (biased) is sorted in place */
extern Segment *segment_make_ids(uint64_t *ids, size_t n);

/* Sort, drop duplicates; returns how many are left */
extern size_t segment_sort_ids(uint64_t *ids, size_t n);

/* ---- segment_chunk.c: two chunks ---- */

typedef enum SegmentOp
{
	SEGMENT_AND,
	SEGMENT_OR,
	SEGMENT_XOR,
	SEGMENT_ANDNOT
} SegmentOp;

/* Combine two chunks (ARRAY, BITSET, RUN, FULL) of the same key into the builder */
extern void segment_chunk_op(SegmentOp op, uint64_t key, const SegmentEntry *a,
							 const SegmentEntry *b, SegmentBuilder *builder);

extern uint32_t segment_chunk_and_count(const SegmentEntry *a, const SegmentEntry *b);

/* Apply a chunk to a bitset: OR or XOR */
extern void segment_chunk_into_bitset(SegmentOp op, uint64_t *words, const SegmentEntry *a);

/* Places of an ARRAY, RUN, BITSET or FULL chunk, ascending; room for 65536 + slack */
extern uint32_t segment_chunk_places(const SegmentEntry *a, uint16_t *out);

/* ---- segment_algebra.c: two sets ---- */

extern Segment *segment_op(SegmentOp op, const SegmentView *a, const SegmentView *b,
						   bool loose);

/* ---- segment_count.c: questions about two sets ---- */

extern uint64_t segment_and_count(const SegmentView *a, const SegmentView *b);
extern bool segment_overlaps(const SegmentView *a, const SegmentView *b);
/* Is every member of b in a? */
extern bool segment_contains_all(const SegmentView *a, const SegmentView *b);
/* By count, then by the ids: below, at or above 0 */
extern int	segment_compare(const SegmentView *a, const SegmentView *b);

/* ---- segment_rank.c ---- */

/* Number of members <= id */
extern uint64_t segment_rank(const SegmentView *view, int64_t id);
/* Number of members from lo to hi */
extern uint64_t segment_range_count(const SegmentView *view, int64_t lo, int64_t hi);
/* k-th member, k from 0 on; false when there is none */
extern bool segment_select(const SegmentView *view, uint64_t k, int64_t *id);
extern Segment *segment_range(const SegmentView *view, int64_t lo, int64_t hi);
extern Segment *segment_slice(const SegmentView *view, uint64_t skip, uint64_t take);

/* ---- segment_sample.c ---- */

/* seed: UTF-8 bytes */
extern Segment *segment_sample(const SegmentView *view, uint64_t n,
							   const char *seed, size_t seed_size);
/* weights: finite, >= 0, sum > 0 (checked by the caller) */
extern void segment_split(const SegmentView *view, const double *weights, uint32_t narms,
						  const char *seed, size_t seed_size, Segment **arms);

/* ---- segment_iter.c: members one batch at a time, or as maximal ranges ---- */

#define SEGMENT_ITER_IDS 1024

typedef struct SegmentIter
{
	SegmentView view;
	SegmentEntry entry;
	uint32_t	i;				/* next entry */
	bool		inside;			/* entry is being read */
	uint64_t	pos;			/* progress inside the entry, by its kind */
	uint64_t	ids[SEGMENT_BLOCK_IDS];
} SegmentIter;

extern void segment_iter_start(SegmentIter *iter, const SegmentView *view);
/* The next members, biased and ascending; at most SEGMENT_ITER_IDS, 0 at the end */
extern uint32_t segment_iter_next(SegmentIter *iter, uint64_t *ids);

/* Maximal ranges of consecutive ids, ascending; false at the end */
typedef struct SegmentRanges
{
	SegmentIter iter;
	uint64_t	lo;				/* a range read ahead, may grow */
	uint64_t	hi;
	bool		pending;
} SegmentRanges;

extern void segment_ranges_start(SegmentRanges *ranges, const SegmentView *view);
extern bool segment_ranges_next(SegmentRanges *ranges, uint64_t *lo, uint64_t *hi);

/* ---- segment_check.c ---- */

/*
 * Are these bytes the one image of a set?  Trusts nothing, reads nothing past
 * the size.  On false, error tells what is wrong (CORE_BAD_BINARY).
 */
extern bool segment_check(const void *value, size_t size, CoreError *error);

/* ---- segment_text.c ---- */

/* NULL and *error filled when the text is not a segment; text needs no NUL */
extern Segment *segment_parse(const char *text, size_t length, CoreError *error);
/* NUL-terminated, allocated by core_alloc */
extern char *segment_print(const SegmentView *view);

/* ---- segment_roaring.c, segment_roaring_write.c ---- */

/* bits: 32, 64 or 0 for the one reading that fits to the last byte */
extern Segment *segment_from_roaring(const uint8_t *bytes, size_t size, int bits,
									 CoreError *error);
/*
 * Writes to a fresh allocation with header_bytes free bytes in front; *size is
 * the whole.  NULL and *error filled when the target cannot hold a member.
 */
extern uint8_t *segment_to_roaring(const SegmentView *view, int bits, size_t header_bytes,
								   size_t *size, CoreError *error);

#endif							/* PORTRAIT_SEGMENT_H */
