/*
 * tagquery_set.h
 *	  Layout, invariants and core functions of the type tagquery_set: many
 *	  rules, compiled so that those which match a tagset are found fast.
 *
 * Rules of a set have much in common, so each different leaf is kept once, and
 * a rule is a short code over the numbers of leaves.
 *
 * A stored value is, little-endian (offsets from the start of the varlena's
 * length word):
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, TAGQUERY_SET_VERSION
 *	 5			3 bytes of zero
 *	 8	uint32	n, the number of rules
 *	12	uint32	number of leaves
 *	16	uint32	bytes of the leaves
 *	20	uint32	bytes of the records
 *	24	uint32	end[leaves]: where each leaf ends, from the first leaf on
 *	..	the leaves: nodes of a tagquery, not negated, in ascending order
 *		(tag_compare_bytes()); each is in some rule
 *	..	the records, in ascending order of ids and, of one id, of rules as bytes
 *	..	zero bytes up to a multiple of 8
 *	..	the index
 *
 * A record is an id and a rule with its
 *
 *		int64	id
 *		varint	bytes of the code
 *		code
 *
 * A code is a word, a varint, whose lowest two bits tell what it is: TAG_CODE_LEAF
 * or TAG_CODE_NEGATED and the number of a leaf; or TAG_CODE_GROUP and the number
 * n of its children, after which come varints of k (at least k of n), of the
 * bytes of its children, and the children's codes.  TRUE is 0 of 0, FALSE 1 of 0.
 *
 * The index follows from all that; it is not part of the binary and text
 * forms, and made anew when one is read.  It is
 *
 *		uint32	number of keys, of pairs, of places, of rules to be tried always
 *		uint64	key[keys], ascending
 *		uint32	bucket[2^b + 1]: where keys whose upper b bits are so start; b =
 *				tagquery_set_bits(keys)
 *		uint32	first_pair[keys + 1]: the pairs of each key
 *		(uint32, uint32) pair[pairs + 1]: the other key, ascending, or the key
 *				itself where that alone is looked for; and the first of its places
 *		uint32	place[places]: where records are, from the first record on,
 *				ascending in each pair
 *		uint32	always[..]: places, ascending
 *		uint32	filter[leaves]: the mark of the name that must be there for the leaf
 *				to be true, or TAGQUERY_SET_ANY_MARK
 *
 * A rule is found by a pair of keys of each of its alternatives (tag_access.h),
 * those that are rarest among the rules of the set.  A pair stands at its rarer
 * key, so that the pairs of one key are few: each of their other keys is in at
 * least as many rules.
 */
#ifndef PORTRAIT_TAGQUERY_SET_H
#define PORTRAIT_TAGQUERY_SET_H

#include "tag/tag_access.h"

#define TAGQUERY_SET_VERSION 1
#define TAGQUERY_SET_HEADER	20	/* behind the length word */
#define TAGQUERY_SET_INDEX_HEADER 16

/*
 * As for segments: so that the text of every value (4/3 of the records) and a
 * line of COPY fit into 1 GB, and every value can be dumped.
 */
#define TAGQUERY_SET_MAX_SIZE ((size_t) 512 * 1024 * 1024)

/* An alternative with more pairs than these is found by one of its terms alone */
#define TAGQUERY_SET_MAX_PAIRS 64

#define TAGQUERY_SET_ANY_MARK 0x10000

#define TAG_CODE_LEAF		0
#define TAG_CODE_NEGATED	1
#define TAG_CODE_GROUP		2
#define TAG_CODE_BITS		2

/* A word has at most 32 bits and those that tell what it is */
#define TAG_CODE_WORD_BYTES 5

/* An opened value: pointers into its bytes, nothing is copied */
typedef struct TagquerySetView
{
	const uint8_t *payload;		/* behind the length word */
	uint32_t	n;
	uint32_t	nleaves;
	uint32_t	leaves_size;
	uint32_t	records_size;
	const uint8_t *ends;
	const uint8_t *leaves;
	const uint8_t *records;
	/* the index */
	uint32_t	nkeys;
	uint32_t	npairs;
	uint32_t	nplaces;
	uint32_t	nalways;
	uint32_t	bits;
	const uint8_t *keys;
	const uint8_t *buckets;
	const uint8_t *first_pairs;
	const uint8_t *pairs;
	const uint8_t *places;
	const uint8_t *always;
	const uint8_t *filters;
} TagquerySetView;

typedef struct TagquerySetRecord
{
	int64_t		id;
	const uint8_t *code;
	const uint8_t *end;			/* of the code, where the next record starts */
} TagquerySetRecord;

/* One id and its rule, without its length word */
typedef struct TagquerySetRow
{
	int64_t		id;
	const uint8_t *rule;
	uint32_t	rule_size;
} TagquerySetRow;

/* Memory of searches, used again by the next one; set up with zeros */
typedef struct TagquerySetSearch
{
	TagKeys		keys;			/* of the tagset */
	uint32_t   *present;		/* those of them that the set has, by number */
	uint32_t	npresent;
	uint32_t	present_room;
	uint64_t   *marks;			/* a bit for each key of the set */
	size_t		marks_room;
	uint32_t   *hits;			/* pairs of keys that are there */
	size_t		nhits;
	size_t		hits_room;
	uint64_t   *found;			/* places of records to be tried */
	size_t		nfound;
	size_t		found_room;
	int64_t    *ids;			/* what was found: ascending, without doubles */
	size_t		nids;
	size_t		ids_room;
	uint32_t	fetched;		/* makes reading ahead look useful */
	/* leaves: what is known of them, and of which; names that are there */
	uint8_t    *known;
	size_t		known_room;
	uint32_t   *asked;
	uint32_t	nasked;
	uint32_t	asked_room;
	uint16_t   *names;
	uint32_t	nnames;
	uint32_t	names_room;
	uint64_t	name_marks[TAGQUERY_SET_ANY_MARK / 64 + 1];
} TagquerySetSearch;

/* A rule made from its code */
typedef struct TagquerySetRule
{
	uint8_t    *bytes;			/* without a length word; by core_alloc(), used again */
	size_t		size;
	size_t		room;
} TagquerySetRule;

/* Room for n elements in an array that doubles; room is of n's type */
#define TAGQUERY_SET_ROOM(array, room, n) \
	do { \
		if ((n) > (room)) \
		{ \
			(room) = (n) < 64 ? 64 : (n) * 2; \
			(array) = core_realloc(array, core_mul_size(room, sizeof(*(array)))); \
		} \
	} while (0)

/* Least number of bits such that there are as many buckets as keys, at least 1 */
static inline uint32_t
tagquery_set_bits(uint32_t nkeys)
{
	return nkeys <= 2 ? 1 : 32 - (uint32_t) __builtin_clz(nkeys - 1);
}

extern void tagquery_set_corrupt(const char *what) __attribute__((noreturn, cold));
extern void tagquery_set_too_large(void) __attribute__((noreturn, cold));

/* ---- tagquery_set.c: reading ---- */

/*
 * Open the bytes behind the length word, in constant time; throws CORE_CORRUPT.
 * What lies behind the header is checked as it is read.
 */
extern void tagquery_set_open(TagquerySetView *view, const void *payload, size_t size);

/*
 * The same of what comes before the index, as it is in a value and in its
 * binary form.  NULL, or what is wrong.
 */
extern const char *tagquery_set_open_rules(TagquerySetView *view, const void *payload,
										   size_t size);

/* Bytes before the index: the binary form */
static inline size_t
tagquery_set_binary_size(const TagquerySetView *view)
{
	return TAGQUERY_SET_HEADER + (size_t) view->nleaves * 4 + view->leaves_size +
		view->records_size;
}

/* Where the index starts, behind the length word: at a multiple of 8 before it */
static inline size_t
tagquery_set_index_start(size_t binary_size)
{
	return ((binary_size + 4 + 7) & ~(size_t) 7) - 4;
}

/* The record at this place; NULL, or what is wrong */
extern const char *tagquery_set_record(const TagquerySetView *view, uint32_t place,
									   TagquerySetRecord *record);

/* Leaf i; NULL when it is not there as a whole */
extern const uint8_t *tagquery_set_leaf(const TagquerySetView *view, uint32_t i,
										const uint8_t **end);

/* One word of a code, at *p; false when it ends before */
extern bool tagquery_set_word(const uint8_t **p, const uint8_t *end, uint64_t *word);

/* ---- tagquery_set_percolate.c ---- */

/*
 * The ids of all rules that match: search->ids, search->nids.  Values count
 * whatever they say of their expiry; rules that are not bound match nothing.
 */
extern void tagquery_set_percolate(const TagquerySetView *view, const TagsetView *tags,
								   TagquerySetSearch *search);

/* ---- tagquery_set_build.c, tagquery_set_index.c: writing ---- */

/* The value of these rows in any order, which are sorted in place.  Throws CORE_LIMIT. */
extern void *tagquery_set_make(TagquerySetRow *rows, size_t n);

/*
 * Copy the binary form into a fresh value and append the index: rows are in
 * the order of records, places tells where they are.
 */
extern void *tagquery_set_add_index(const void *binary, size_t size, const TagquerySetRow *rows,
									const uint32_t *places);

/* ---- tagquery_set_read.c: back to rules, and from outside ---- */

/* The rule of a record; NULL, or what is wrong */
extern const char *tagquery_set_decode(const TagquerySetView *view,
									   const TagquerySetRecord *record, TagquerySetRule *rule);

/*
 * The id and the rule of the record at this place, and the next one's place;
 * throws CORE_CORRUPT.  The rule is in "rule".
 */
extern uint32_t tagquery_set_next(const TagquerySetView *view, uint32_t place,
								  TagquerySetRow *row, TagquerySetRule *rule);

/* As tagquery_check() */
typedef bool (*TagqueryCheck) (const void *payload, size_t size, CoreErrorCode code,
							   CoreError *error);

/*
 * The value of a binary form, all of which is checked; "check" is
 * tagquery_check() or calls it.  NULL, with the error filled in, when there is
 * no such value.
 */
extern void *tagquery_set_read(const void *binary, size_t size, TagqueryCheck check,
							   CoreErrorCode code, CoreError *error);

/* Text: "tagquery_set:" and the binary form in base64; NUL-terminated, by core_alloc() */
extern char *tagquery_set_print(const TagquerySetView *view);
extern void *tagquery_set_parse(const char *text, size_t length, TagqueryCheck check,
								CoreError *error);

#endif							/* PORTRAIT_TAGQUERY_SET_H */
