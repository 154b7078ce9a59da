/*
 * tagquery_set.c
 *	  Reading compiled sets of rules, and finding the rules that match.
 *
 * A tagset's keys that the set knows are marked in a bitmap.  Each of them has
 * its pairs, one after the other; those whose other key is marked too lead to
 * the rules that are then matched.  For a set of a million rules that is about
 * a thousand steps over adjacent memory for each tag.
 */
#include "segment/segment.h"
#include "tag/tagquery_set.h"

/* Records read ahead: their place is known so early, their bytes are wanted so early */
#define AHEAD_PLACE		8
#define AHEAD_BYTES		4

void
tagquery_set_corrupt(const char *what)
{
	core_throw(CORE_CORRUPT, "The value was damaged on disk or in memory.",
			   "tagquery_set is damaged: %s", what);
}

void
tagquery_set_too_large(void)
{
	core_throw(CORE_LIMIT, "Compile the rules in several sets.",
			   "tagquery_set would be larger than %d MB", (int) (TAGQUERY_SET_MAX_SIZE >> 20));
}

/* ---- opening ---- */

const char *
tagquery_set_open_records(TagquerySetView *view, const void *payload, size_t size)
{
	const uint8_t *p = payload;

	if (size < TAGQUERY_SET_HEADER)
		return "less bytes than a header";
	if (p[0] != TAGQUERY_SET_VERSION)
		return "an unknown version";
	if (p[1] != 0 || load16(p + 2) != 0)
		return "bytes that must be zero";
	memset(view, 0, sizeof(*view));
	view->payload = p;
	view->n = load32(p + 4);
	view->records_size = load32(p + 8);
	view->count = load64(p + 12);
	if (tagquery_set_binary_size(view) > size)
		return "rules that are cut off";
	view->ends = p + TAGQUERY_SET_HEADER;
	view->records = view->ends + (size_t) view->n * 4;
	return NULL;
}

/* An array of the index, at *p */
static const uint8_t *
take_array(const uint8_t **p, const uint8_t *end, uint64_t n, size_t width)
{
	const uint8_t *start = *p;

	if (n > (size_t) (end - start) / width)
		tagquery_set_corrupt("the index is cut off");
	*p = start + n * width;
	return start;
}

void
tagquery_set_open(TagquerySetView *view, const void *payload, size_t size)
{
	const char *problem = tagquery_set_open_records(view, payload, size);
	const uint8_t *end = (const uint8_t *) payload + size;
	const uint8_t *p;
	size_t		start;

	if (problem != NULL)
		tagquery_set_corrupt(problem);
	start = tagquery_set_index_start(tagquery_set_binary_size(view));
	if (start > size)
		tagquery_set_corrupt("the index is cut off");
	p = view->payload + start;
	if (size - start < TAGQUERY_SET_INDEX_HEADER)
		tagquery_set_corrupt("the index is cut off");
	view->nkeys = load32(p);
	view->npairs = load32(p + 4);
	view->nplaces = load32(p + 8);
	view->nalways = load32(p + 12);
	view->bits = tagquery_set_bits(view->nkeys);
	p += TAGQUERY_SET_INDEX_HEADER;
	view->keys = take_array(&p, end, view->nkeys, 8);
	view->buckets = take_array(&p, end, (UINT64_C(1) << view->bits) + 1, 4);
	view->first_pairs = take_array(&p, end, (uint64_t) view->nkeys + 1, 4);
	view->seconds = take_array(&p, end, view->npairs, 4);
	view->first_places = take_array(&p, end, (uint64_t) view->npairs + 1, 4);
	view->places = take_array(&p, end, view->nplaces, 4);
	view->always = take_array(&p, end, view->nalways, 4);
	if (p != end)
		tagquery_set_corrupt("bytes behind the index");
}

static inline uint32_t
element(const uint8_t *array, uint32_t i)
{
	return load32(array + (size_t) i * 4);
}

/* Part i of what an array of starts (with one more at the end) divides, of "limit" in all */
static inline void
part(const uint8_t *starts, uint32_t i, uint32_t limit, uint32_t *from, uint32_t *to)
{
	*from = element(starts, i);
	*to = element(starts, i + 1);
	if (*from > *to || *to > limit)
		tagquery_set_corrupt("parts of the index in disorder");
}

void
tagquery_set_record(const TagquerySetView *view, uint32_t i, TagquerySetRecord *record)
{
	uint32_t	start = i == 0 ? 0 : element(view->ends, i - 1);
	uint32_t	end = element(view->ends, i);
	const uint8_t *p = view->records + start;

	if (start > end || end > view->records_size || end - start < 4)
		tagquery_set_corrupt("records in disorder");
	record->n = load32(p);
	record->ids = p + 4;
	if (record->n > (end - start - 4) / 8)
		tagquery_set_corrupt("a record is cut off");
	record->rule = record->ids + (size_t) record->n * 8;
	record->rule_size = (uint32_t) (view->records + end - record->rule);
}

/* ---- finding ---- */

/* Room for n elements in an array that doubles */
#define MAKE_ROOM(array, room, n) \
	do { \
		if ((n) > (room)) \
		{ \
			(room) = (n) < 64 ? 64 : (n) * 2; \
			(array) = core_realloc(array, (size_t) (room) * sizeof(*(array))); \
		} \
	} while (0)

/* The number of a key; false when the set has none such */
static inline bool
find_key(const TagquerySetView *view, uint64_t key, uint32_t *number)
{
	uint32_t	from;
	uint32_t	to;

	part(view->buckets, (uint32_t) (key >> (64 - view->bits)), view->nkeys, &from, &to);
	for (; from < to; from++)
	{
		uint64_t	other = load64(view->keys + (size_t) from * 8);

		if (other >= key)
		{
			*number = from;
			return other == key;
		}
	}
	return false;
}

/* Mark the keys of the tagset; those of the last search are unmarked first */
static void
mark_keys(const TagquerySetView *view, const TagsetView *tags, TagquerySetSearch *search)
{
	size_t		words = (size_t) view->nkeys / 64 + 1;

	for (uint32_t i = 0; i < search->npresent; i++)
		search->marks[search->present[i] / 64] = 0;
	search->npresent = 0;
	if (words > search->marks_room)
	{
		core_free(search->marks);
		search->marks = NULL;
		search->marks_room = 0;
		search->marks = core_alloc(words * sizeof(uint64_t));
		memset(search->marks, 0, words * sizeof(uint64_t));
		search->marks_room = words;
	}
	tag_keys_of_tagset(&search->keys, tags);
	MAKE_ROOM(search->present, search->present_room, search->keys.n);
	for (uint32_t i = 0; i < search->keys.n; i++)
	{
		uint32_t	number;

		if (find_key(view, search->keys.keys[i], &number))
		{
			search->present[search->npresent++] = number;
			search->marks[number / 64] |= UINT64_C(1) << (number % 64);
		}
	}
}

static void
add_found(const TagquerySetView *view, TagquerySetSearch *search, const uint8_t *numbers,
		  uint32_t from, uint32_t to)
{
	MAKE_ROOM(search->found, search->found_room, search->nfound + (to - from));
	for (; from < to; from++)
	{
		uint32_t	number = element(numbers, from);

		if (number >= view->n)
			tagquery_set_corrupt("a rule that is not there");
		search->found[search->nfound++] = number;
	}
}

/* The rules at all pairs of marked keys */
static void
find_candidates(const TagquerySetView *view, TagquerySetSearch *search)
{
	search->nfound = 0;
	add_found(view, search, view->always, 0, view->nalways);
	for (uint32_t i = 0; i < search->npresent; i++)
	{
		uint32_t	pair;
		uint32_t	end;

		core_interrupt();
		part(view->first_pairs, search->present[i], view->npairs, &pair, &end);
		for (; pair < end; pair++)
		{
			uint32_t	second = element(view->seconds, pair);
			uint32_t	from;
			uint32_t	to;

			if (second >= view->nkeys)
				tagquery_set_corrupt("a key that is not there");
			if (search->marks[second / 64] >> (second % 64) & 1)
			{
				part(view->first_places, pair, view->nplaces, &from, &to);
				add_found(view, search, view->places, from, to);
			}
		}
	}
	search->nfound = segment_sort_ids(search->found, search->nfound);
}

static inline void
read_ahead(const TagquerySetView *view, const TagquerySetSearch *search, size_t i)
{
	if (i + AHEAD_PLACE < search->nfound)
		__builtin_prefetch(view->ends + search->found[i + AHEAD_PLACE] * 4);
	if (i + AHEAD_BYTES < search->nfound && search->found[i + AHEAD_BYTES] > 0)
	{
		const uint8_t *record = view->records +
			element(view->ends, (uint32_t) search->found[i + AHEAD_BYTES] - 1);

		__builtin_prefetch(record);
		__builtin_prefetch(record + 64);
		__builtin_prefetch(record + 128);
	}
}

void
tagquery_set_percolate(const TagquerySetView *view, const TagsetView *tags,
					   TagquerySetSearch *search)
{
	mark_keys(view, tags, search);
	find_candidates(view, search);
	search->tried += search->nfound;
	search->nids = 0;
	for (size_t i = 0; i < search->nfound; i++)
	{
		TagquerySetRecord record;
		TagqueryView rule;
		CoreError	error;

		if (i % 64 == 0)
			core_interrupt();
		read_ahead(view, search, i);
		tagquery_set_record(view, (uint32_t) search->found[i], &record);
		if (!tagquery_open(&rule, record.rule, record.rule_size, &error))
			tagquery_set_corrupt("a rule is damaged");
		if (!tagquery_match(&rule, tags, TAG_NEVER_EXPIRED))
			continue;
		MAKE_ROOM(search->ids, search->ids_room, search->nids + record.n);
		for (uint32_t j = 0; j < record.n; j++)
			search->ids[search->nids++] =
				segment_bias((int64_t) load64(record.ids + (size_t) j * 8));
	}
	search->nids = segment_sort_ids(search->ids, search->nids);
}
