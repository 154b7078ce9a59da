/*
 * identity_forest.h
 *	  Identifiers interned and united: what aggregates keep.
 *
 * Each identifier has one record in an arena: uint32 parent, its length (a
 * byte below 255, or 255 and a uint32; none for numbers), its bytes, and zero
 * bytes up to a multiple of 4.  A record is named by its place, its distance
 * from the arena's start in units of 4 bytes; the first is at place 1, so that
 * 0 is no record.  A parent is a place that is not above the record's own;
 * who is his own parent is a root, and has the smallest place of a customer.
 *
 * A state that travels, or that is small, is an arena in a flat value:
 *
 *	 0	int32	varlena length word; spare room counts
 *	 4	uint8	IDENTITY_VERSION
 *	 5	uint8	IDENTITY_FORM_STATE
 *	 6	uint8	kind
 *	 7	uint8	1 if a text has a byte above 0x7F
 *	 8	uint32	places in use: where the next record goes
 *	12	uint32	n, the number of records; the bytes of place 0 end here
 *	16			records
 *
 * It is a form of the type identity_map only while an aggregate runs.
 */
#ifndef PORTRAIT_IDENTITY_FOREST_H
#define PORTRAIT_IDENTITY_FOREST_H

#include "identity/identity.h"

#define IDENTITY_FORM_STATE 1

/* Bytes of a place */
#define IDENTITY_UNIT 4

/* 8 GB of records */
#define IDENTITY_MAX_PLACES ((UINT64_C(1) << 31) - 1)

/* Small states: powers of 2, and then a forest */
#define IDENTITY_STATE_MIN_SIZE 128
#define IDENTITY_STATE_MAX_SIZE 1024

/* Identifiers that are interned at once */
#define IDENTITY_BATCH 64

/* Bytes of text that wait to be interned; what is longer doesn't wait */
#define IDENTITY_BATCH_BYTES 4096

typedef struct IdentityState
{
	int32_t		vl_len_;		/* varlena header (do not touch directly!) */
	uint8_t		version;
	uint8_t		form;
	uint8_t		kind;
	uint8_t		wide;
	uint32_t	places;
	uint32_t	n;
	/* records follow */
} IdentityState;

typedef struct IdentitySlot
{
	uint32_t	hash;
	uint32_t	place;			/* 0: free */
} IdentitySlot;

typedef struct IdentityForest
{
	uint8_t		kind;			/* IDENTITY_EMPTY until there is one */
	bool		wide;
	uint32_t	n;
	uint8_t    *arena;
	size_t		used;			/* bytes, those of place 0 included */
	size_t		capacity;
	IdentitySlot *slots;		/* NULL when it must be built anew */
	uint32_t	slot_bits;
	size_t		limit;			/* most bytes of memory */
	size_t		scratch;		/* bytes that others have taken under the limit */
	uint64_t	secret[2];
	/* observations that wait */
	uint32_t	npending;
	size_t		pending_used;
	uint32_t	row_place;		/* first identifier of the row that was begun last */
	IdentityItem pending[IDENTITY_BATCH];
	bool		starts_row[IDENTITY_BATCH];
	uint8_t		pending_bytes[IDENTITY_BATCH_BYTES];
} IdentityForest;

/* One identifier as it sorts: its next 8 bytes, first one most significant */
typedef struct IdentityEntry
{
	uint64_t	key;
	uint32_t	place;
	uint32_t	parent;			/* what its record says */
} IdentityEntry;

/* ---- records ---- */

static inline uint8_t *
identity_record(const IdentityForest *forest, uint32_t place)
{
	return forest->arena + (size_t) place * IDENTITY_UNIT;
}

/* The identifier of a record that is whole */
static inline IdentityItem
identity_record_item(const uint8_t *record, uint8_t kind)
{
	if (kind == IDENTITY_BIGINT)
		return (IdentityItem){record + 4, IDENTITY_NUMBER_SIZE};
	if (record[4] < 255)
		return (IdentityItem){record + 5, record[4]};
	return (IdentityItem){record + 9, load32(record + 5)};
}

/* Bytes of the record of an identifier */
static inline size_t
identity_record_size(uint8_t kind, size_t length)
{
	size_t		head = kind == IDENTITY_BIGINT ? 4 : length < 255 ? 5 : 9;

	return (head + length + IDENTITY_UNIT - 1) & ~(size_t) (IDENTITY_UNIT - 1);
}

static inline bool
identity_is_wide(uint8_t kind, IdentityItem item)
{
	uint64_t	bits = 0;
	size_t		i = 0;

	if (kind == IDENTITY_BIGINT)
		return false;
	for (; i + 8 <= item.length; i += 8)
		bits |= load64(item.bytes + i);
	for (; i < item.length; i++)
		bits |= item.bytes[i];
	return (bits & UINT64_C(0x8080808080808080)) != 0;
}

/* A record of its own customer; its padding is zero */
static inline void
identity_put_record(uint8_t *record, uint8_t kind, uint32_t place, IdentityItem item)
{
	uint8_t    *p = record + 4;

	store32(record + identity_record_size(kind, item.length) - 4, 0);
	store32(record, place);
	if (kind == IDENTITY_TEXT)
	{
		*p++ = item.length < 255 ? (uint8_t) item.length : 255;
		if (item.length >= 255)
		{
			store32(p, (uint32_t) item.length);
			p += 4;
		}
	}
	memcpy(p, item.bytes, item.length);
}

/* ---- identity_forest.c ---- */

/* What bounds a forest and keys its hash; no result depends on the words */
typedef struct IdentityBounds
{
	size_t		limit;			/* most bytes of memory */
	uint64_t	secret[2];		/* random */
} IdentityBounds;

extern void identity_forest_start(IdentityForest *forest, const IdentityBounds *bounds);

/* Give back the memory of all but the struct itself */
extern void identity_forest_stop(IdentityForest *forest);

/*
 * One row: all these identifiers are one customer's.  The bytes are copied.
 * All rows have identifiers of the same kind, else CORE_BAD_PARAMETER.
 */
extern void identity_forest_add_row(IdentityForest *forest, uint8_t kind,
									const IdentityItem *items, size_t n);

/* Intern and unite what waits */
extern void identity_forest_settle(IdentityForest *forest);

/*
 * Up to IDENTITY_BATCH identifiers of the forest's kind: their places, made if
 * need be
 */
extern void identity_forest_intern(IdentityForest *forest, const IdentityItem *items,
								   uint32_t n, uint32_t *places);

/* Is it there?  0 if not. */
extern uint32_t identity_forest_find(IdentityForest *forest, IdentityItem item);

extern void identity_forest_kind(IdentityForest *forest, uint8_t kind);

extern void identity_forest_union(IdentityForest *forest, uint32_t a, uint32_t b);

/* Give back the table; it is built anew when it is needed */
extern void identity_forest_drop_slots(IdentityForest *forest);

/* Throw CORE_MEMORY if so many bytes more would pass the limit */
extern void identity_forest_charge(IdentityForest *forest, size_t bytes);

/* Room in the arena for so many bytes of records */
extern void identity_forest_reserve(IdentityForest *forest, size_t bytes);

/* ---- identity_sort.c ---- */

/* Entries of all records, in bytewise order; the caller frees them */
extern IdentityEntry *identity_forest_sort(IdentityForest *forest);

/* ---- identity_merge.c ---- */

/* Everything of a map, or of a state of "size" bytes, whose bytes need be no good */
extern void identity_forest_add_map(IdentityForest *forest, const IdentityView *view);
extern void identity_forest_add_state(IdentityForest *forest, const void *state, size_t size);

extern void identity_forest_add_forest(IdentityForest *forest, IdentityForest *other);

/* The map; the forest stays as good as it was */
extern IdentityMap *identity_forest_write(IdentityForest *forest, uint8_t encoding);

/* The forest as a flat state */
extern size_t identity_forest_state_size(IdentityForest *forest);
extern void identity_forest_write_state(IdentityForest *forest, void *state, size_t size);

/* ---- identity_state.c ---- */

/* An empty small state of "size" bytes */
extern void identity_state_start(IdentityState *state, size_t size, uint8_t kind);

/*
 * Add a row to a small state in place.  False, and nothing done, when it has no
 * room.
 */
extern bool identity_state_add_row(IdentityState *state, uint8_t kind,
								   const IdentityItem *items, size_t n);

extern bool identity_state_add_map(IdentityState *state, const IdentityView *view);

/* Copy a small state's records to a larger one */
extern void identity_state_copy(IdentityState *to, const IdentityState *from);

/* The map of a flat state whose bytes need be no good */
extern IdentityMap *identity_state_write(const void *state, size_t size, uint8_t encoding);

#endif							/* PORTRAIT_IDENTITY_FOREST_H */
