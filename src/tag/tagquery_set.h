/*
 * tagquery_set.h
 *	  Layout, invariants and core functions of the type tagquery_set: many
 *	  rules, compiled so that those which match a tagset are found fast.
 *
 * A stored value is, little-endian (offsets from the start of the varlena's
 * length word):
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, TAGQUERY_SET_VERSION
 *	 5			3 bytes of zero
 *	 8	uint32	n, the number of different rules
 *	12	uint32	bytes of the records
 *	16	uint64	number of pairs of an id and a rule
 *	24	uint32	end[n]: where each record ends, from the first record on
 *	..	the records, in ascending order of their rules (tag_compare_bytes()),
 *		no two rules equal
 *	..	zero bytes up to a multiple of 8
 *	..	the index
 *
 * A record is
 *
 *		uint32	m, at least 1
 *		int64	id[m], in ascending order without duplicates
 *		the rule, a tagquery without its length word
 *
 * The index follows from the records: it is not part of the binary and text
 * forms, and made anew when one is read.  It is
 *
 *		uint32	number of keys, of pairs, of places, of rules to be tried always
 *		uint64	key[keys], ascending
 *		uint32	bucket[2^b + 1]: where keys whose upper b bits are so start; b =
 *				tagquery_set_bits(keys)
 *		uint32	first_pair[keys + 1]: the pairs of each key
 *		uint32	second[pairs]: the other key of the pair, ascending; the key itself
 *				where that alone is looked for
 *		uint32	first_place[pairs + 1]: the places of each pair
 *		uint32	place[places]: numbers of records, ascending in each pair
 *		uint32	always[..]: numbers of records, ascending
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

/* An alternative is found by more pairs than these by one of its terms alone */
#define TAGQUERY_SET_MAX_PAIRS 64

/* An opened value: pointers into its bytes, nothing is copied */
typedef struct TagquerySetView
{
	const uint8_t *payload;		/* behind the length word */
	uint32_t	n;
	uint64_t	count;
	size_t		records_size;
	const uint8_t *ends;
	const uint8_t *records;
	uint32_t	nkeys;
	uint32_t	npairs;
	uint32_t	nplaces;
	uint32_t	nalways;
	uint32_t	bits;
	const uint8_t *keys;
	const uint8_t *buckets;
	const uint8_t *first_pairs;
	const uint8_t *seconds;
	const uint8_t *first_places;
	const uint8_t *places;
	const uint8_t *always;
} TagquerySetView;

typedef struct TagquerySetRecord
{
	const uint8_t *ids;			/* load64() */
	uint32_t	n;
	const uint8_t *rule;		/* without the length word */
	uint32_t	rule_size;
} TagquerySetRecord;

/* One id and its rule, on their way into a set */
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
	uint64_t   *found;			/* numbers of records, then biased ids */
	size_t		nfound;
	size_t		found_room;
	uint64_t   *ids;
	size_t		nids;
	size_t		ids_room;
	uint64_t	tried;			/* rules looked at, by all searches */
} TagquerySetSearch;

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
 * The same of the header and the records only, as they are in a value and in
 * its binary form.  NULL, or what is wrong.
 */
extern const char *tagquery_set_open_records(TagquerySetView *view, const void *payload,
											 size_t size);

/* Record i < n; throws CORE_CORRUPT when damaged */
extern void tagquery_set_record(const TagquerySetView *view, uint32_t i,
								TagquerySetRecord *record);

/* Bytes of header and records: the binary form */
static inline size_t
tagquery_set_binary_size(const TagquerySetView *view)
{
	return TAGQUERY_SET_HEADER + (size_t) view->n * 4 + view->records_size;
}

/* Where the index starts, behind the length word: at a multiple of 8 before it */
static inline size_t
tagquery_set_index_start(size_t binary_size)
{
	return ((binary_size + 4 + 7) & ~(size_t) 7) - 4;
}

/*
 * The ids of all rules that match, biased (segment_unbias()), ascending,
 * without duplicates: search->ids, search->nids.  Values count whatever they
 * say of their expiry; rules that are not bound match nothing.
 */
extern void tagquery_set_percolate(const TagquerySetView *view, const TagsetView *tags,
								   TagquerySetSearch *search);

/* ---- tagquery_set_build.c: writing ---- */

/* The value of these rows in any order, which are sorted in place.  Throws CORE_LIMIT. */
extern void *tagquery_set_make(TagquerySetRow *rows, size_t n);

/*
 * The value of a binary form, all of which is checked.  NULL, with the error
 * filled in, when there is no such value.
 */
extern void *tagquery_set_read(const void *binary, size_t size, CoreErrorCode code,
							   CoreError *error);

/* ---- tagquery_set_index.c ---- */

/* The value of a binary form that is right */
extern void *tagquery_set_finish(const void *binary, size_t size);

/* ---- tagquery_set_text.c: "tagquery_set:" and the binary form in base64 ---- */

/* NUL-terminated, by core_alloc() */
extern char *tagquery_set_print(const TagquerySetView *view);
/* The value; NULL with the error */
extern void *tagquery_set_parse(const char *text, size_t length, CoreError *error);

#endif							/* PORTRAIT_TAGQUERY_SET_H */
