/*
 * identity.h
 *	  Layout, invariants and core functions of the type identity_map.
 *
 * An identity_map is a partition of identifiers into customers.  Identifiers
 * are byte strings: text without NUL bytes, or bigint numbers, which are 8
 * bytes, most significant first, with the sign bit flipped, so that bytewise
 * order is numeric order.
 *
 * A stored value is, little-endian and without gaps (offsets from the start
 * of the varlena):
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, IDENTITY_VERSION
 *	 5	uint8	form, IDENTITY_FORM_MAP (the other form is told in
 *				identity_forest.h)
 *	 6	uint8	kind of the identifiers; IDENTITY_EMPTY if there are none
 *	 7	uint8	encoding: the database's (a number that PostgreSQL never
 *				changes), or 0 if all identifiers are ASCII or numbers
 *	 8	uint32	n, the number of identifiers
 *	12	uint32	number of customers
 *	16	uint32	place[blocks]: where a block starts, counted from the first
 *				one's start; blocks = n / IDENTITY_BLOCK, rounded up
 *	..	uint8	numbers: customer less 1 of each identifier, w bits, least
 *				significant first; w is the least that holds customers - 1;
 *				zero bits up to a byte
 *	..			blocks of identifiers, in bytewise order
 *
 * A block has IDENTITY_BLOCK identifiers, the last one may have fewer.  The
 * first identifier of a block is its length and its bytes, each other the
 * number of bytes shared with the one before, the number of bytes that
 * follow, and these.  Lengths are 7 bits a byte, least significant first, the
 * upper bit set in all bytes but the last.  The identifiers of
 * IDENTITY_BIGINT have no lengths, as they are 8 bytes; only the shared
 * number is there.
 *
 * One partition has one image.  These rules make it so:
 * - Identifiers ascend strictly.
 * - Customers are numbered in the order of their smallest identifiers: each
 *	 number is at most one above the largest before it.
 * - As many bytes are shared as can be; no length has a last byte of zero but
 *	 zero itself.
 * - The encoding is there exactly if a byte above 0x7F is in a text.
 *
 * So equality is memcmp().
 */
#ifndef PORTRAIT_IDENTITY_H
#define PORTRAIT_IDENTITY_H

#include "common/core.h"

#define IDENTITY_VERSION	1
#define IDENTITY_FORM_MAP	0	/* what this header tells */

#define IDENTITY_EMPTY		0
#define IDENTITY_TEXT		1
#define IDENTITY_BIGINT		2

#define IDENTITY_BLOCK		32
#define IDENTITY_HEADER_SIZE 16
#define IDENTITY_NUMBER_SIZE 8	/* bytes of a bigint */

/*
 * A value is at most 720 MB, so that its base64 text (960 MB) and the rest of a
 * line of COPY stay below 1 GB, and every value can be dumped.  An identifier
 * takes at least a byte of it, so that counts fit into 32 bits.
 */
#define IDENTITY_MAX_SIZE	((size_t) 720 * 1024 * 1024)

typedef struct IdentityMap
{
	int32_t		vl_len_;		/* varlena header (do not touch directly!) */
	uint8_t		version;
	uint8_t		form;
	uint8_t		kind;
	uint8_t		encoding;
	uint32_t	n;
	uint32_t	customers;
	/* directory, numbers and blocks follow */
} IdentityMap;

/* An opened value: pointers into its bytes, nothing is copied */
typedef struct IdentityView
{
	const uint8_t *base;		/* the value, from its length word on */
	size_t		size;
	uint8_t		kind;
	uint8_t		encoding;
	uint32_t	n;
	uint32_t	customers;
	uint32_t	nblocks;
	uint32_t	width;			/* bits of a number */
	size_t		numbers_at;		/* from the start of the value */
	size_t		blocks_at;
} IdentityView;

/* An identifier somewhere in memory */
typedef struct IdentityItem
{
	const uint8_t *bytes;
	size_t		length;
} IdentityItem;

/* The varlena length word, as in segment.h */
static inline void
identity_set_size(void *value, size_t size)
{
	store32(value, (uint32_t) size << 2);
}

static inline size_t
identity_size(const void *value)
{
	return load32(value) >> 2;
}

/* Bytes of numbers as they are compared */
static inline void
identity_store_number(uint8_t *bytes, int64_t number)
{
	store64(bytes, __builtin_bswap64((uint64_t) number ^ (UINT64_C(1) << 63)));
}

static inline int64_t
identity_load_number(const uint8_t *bytes)
{
	return (int64_t) (__builtin_bswap64(load64(bytes)) ^ (UINT64_C(1) << 63));
}

/* Below, at or above 0: bytewise */
static inline int
identity_compare(const uint8_t *a, size_t na, const uint8_t *b, size_t nb)
{
	int			r = memcmp(a, b, na < nb ? na : nb);

	return r != 0 ? r : na < nb ? -1 : na > nb;
}

static inline uint32_t
identity_width(uint32_t customers)
{
	return customers <= 1 ? 0 : 32 - (uint32_t) __builtin_clz(customers - 1);
}

/* ---- identity_layout.c: reading ---- */

/*
 * Open a stored value in constant time.  Bytes that we never wrote can at
 * worst raise CORE_CORRUPT here or while they are read.
 */
extern void identity_open(IdentityView *view, const void *value, size_t size);

/*
 * The same from the first IDENTITY_HEADER_SIZE bytes of a value of this size,
 * without "base"; NULL is success, else what is wrong.
 */
extern const char *identity_open_header(IdentityView *view, const void *header, size_t size);

extern void identity_corrupt(const char *what) __attribute__((noreturn, cold));

/* What kind of identifiers this is, for messages */
extern const char *identity_kind_name(uint8_t kind);

/* Number of the customer of the i-th identifier, from 0 on */
extern uint32_t identity_number(const IdentityView *view, uint32_t i);

/* All identifiers, in order */
typedef struct IdentityIter
{
	IdentityView view;
	uint32_t	i;				/* next identifier */
	const uint8_t *next;		/* where it is written */
	uint8_t    *bytes;			/* the identifier */
	size_t		length;
	size_t		room;
	uint32_t	customer;		/* its customer, from 0 on */
} IdentityIter;

/* The bytes belong to the iterator and change with each step */
extern void identity_iter_start(IdentityIter *iter, const IdentityView *view);
extern bool identity_iter_next(IdentityIter *iter);
extern void identity_iter_stop(IdentityIter *iter);

/* Identifiers of each customer; allocated by core_alloc */
extern uint32_t *identity_customer_sizes(const IdentityView *view);

/*
 * How many customers have how many identifiers, by ascending size; returns how
 * many pairs there are
 */
typedef struct IdentitySize
{
	uint32_t	size;
	uint32_t	customers;
} IdentitySize;

extern uint32_t identity_size_counts(const IdentityView *view, IdentitySize **counts);

/*
 * The customers (from 0 on) with most identifiers, at most n of them: by
 * descending size, then by number.  Returns how many; both arrays are
 * allocated.
 */
extern uint32_t identity_largest(const IdentityView *view, uint32_t n,
								 uint32_t **customers, uint32_t **sizes);

/* ---- identity_lookup.c ---- */

/*
 * Bytes of the value from an offset on, or more than that; they need to stay
 * only until the next call.
 */
typedef const uint8_t *(*IdentityFetch) (void *context, size_t offset, size_t length);

/*
 * The customer of an identifier, from 1 on, or 0.  "view" needs no base; parts
 * of the value come by "fetch".
 */
extern uint32_t identity_lookup(const IdentityView *view, IdentityFetch fetch,
								void *context, const uint8_t *bytes, size_t length);

/* The same of a value that is in memory */
extern uint32_t identity_lookup_view(const IdentityView *view,
									 const uint8_t *bytes, size_t length);

/* ---- identity_write.c: writing ---- */

typedef struct IdentityWriter
{
	uint8_t    *value;
	size_t		used;
	size_t		capacity;
	uint32_t	n;				/* in all */
	uint32_t	customers;
	uint32_t	width;
	size_t		numbers_at;
	size_t		blocks_at;
	uint8_t		kind;
	uint32_t	i;				/* written so far */
	const uint8_t *last;
	size_t		last_length;
} IdentityWriter;

/* size_hint: bytes of identifiers that will probably be written */
extern void identity_write_start(IdentityWriter *writer, uint8_t kind, uint8_t encoding,
								 uint32_t n, uint32_t customers, size_t size_hint);

/*
 * The next identifier, ascending, and its customer from 0 on.  The bytes must
 * stay until the next call.
 */
extern void identity_write_next(IdentityWriter *writer, const uint8_t *bytes,
								size_t length, uint32_t customer);

/* The finished value; throws CORE_LIMIT when it is too large */
extern IdentityMap *identity_write_finish(IdentityWriter *writer);

/* ---- identity_check.c ---- */

/*
 * Are these bytes the one image of a map?  Trusts nothing, reads nothing past
 * the size.  On false, error tells what is wrong (CORE_BAD_BINARY).  Whether
 * bytes above 0x7F make sense in "encoding" (the database's) is for the caller
 * to look at.
 */
extern bool identity_check(const void *value, size_t size, uint8_t encoding,
						   CoreError *error);

/* ---- identity_text.c ---- */

/* NULL and *error filled when the text is not a map; text needs no NUL */
extern IdentityMap *identity_parse(const char *text, size_t length, uint8_t encoding,
								   CoreError *error);
/* NUL-terminated, allocated by core_alloc */
extern char *identity_print(const IdentityView *view);

#endif							/* PORTRAIT_IDENTITY_H */
