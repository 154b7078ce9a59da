/*
 * tagquery_set_percolate.c
 *	  Which rules of a compiled set match a tagset?
 *
 * A tagset's keys that the set knows are marked in a bitmap.  Each of them has
 * its pairs, one after the other; those whose other key is marked too lead to
 * the rules that are then tried.  For a set of a million rules that is about
 * a thousand steps over adjacent memory for each tag.
 *
 * To try a rule is to run its code.  What a leaf says is found out once for all
 * rules that have it; most leaves are told false by the mark of a name that is
 * not there.
 */
#include "tag/tagquery_set.h"

#include "segment/segment.h"

/* So many records are fetched at once, and so far from its start one may end */
#define AHEAD 64
#define TYPICAL_RECORD 40

#define INTERRUPT_STEPS 4096

/* What is known of a leaf */
#define UNKNOWN	0
#define FALSE_LEAF 1
#define TRUE_LEAF 2

static inline uint32_t
element(const uint8_t *array, size_t i)
{
	return load32(array + i * 4);
}

/* From i to i + 1 of an array of starts, of "limit" in all */
static inline void
check_part(uint32_t from, uint32_t to, uint32_t limit)
{
	if (from > to || to > limit)
		tagquery_set_corrupt("parts of its index in disorder");
}

/* ---- what the tagset has ---- */

/* The number of a key; false when the set has none such */
static inline bool
find_key(const TagquerySetView *view, uint64_t key, uint32_t *number)
{
	size_t		bucket = (size_t) (key >> (64 - view->bits));
	uint32_t	from = element(view->buckets, bucket);
	uint32_t	to = element(view->buckets, bucket + 1);

	check_part(from, to, view->nkeys);
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

/* A zeroed array of n elements, when the one that there is has less */
static void *
zeroed(void *array, size_t *room, size_t n, size_t width)
{
	if (n <= *room)
		return array;
	core_free(array);
	*room = 0;
	array = core_alloc(core_mul_size(n, width));
	memset(array, 0, n * width);
	*room = n;
	return array;
}

/* Unmark what the last search marked, also where that was cancelled */
static void
forget(TagquerySetSearch *search)
{
	for (uint32_t i = 0; i < search->npresent; i++)
		search->marks[search->present[i] / 64] = 0;
	search->npresent = 0;
	for (uint32_t i = 0; i < search->nnames; i++)
		search->name_marks[search->names[i] / 64] = 0;
	search->nnames = 0;
	for (uint32_t i = 0; i < search->nasked; i++)
		search->known[search->asked[i]] = UNKNOWN;
	search->nasked = 0;
}

/* A mark for each name */
static void
mark_names(const TagsetView *tags, TagquerySetSearch *search)
{
	TAGQUERY_SET_ROOM(search->names, search->names_room, tags->n);
	for (uint32_t i = 0; i < tags->n; i++)
	{
		TagRecord	record;
		uint16_t	mark;

		if (i % INTERRUPT_STEPS == 0)
			core_interrupt();
		tagset_record(tags, i, &record);
		mark = tag_mark(record.name, record.name_length);
		search->names[search->nnames++] = mark;
		search->name_marks[mark / 64] |= UINT64_C(1) << (mark % 64);
	}
	search->name_marks[TAGQUERY_SET_ANY_MARK / 64] = 1;
}

static void
mark_keys(const TagquerySetView *view, const TagsetView *tags, TagquerySetSearch *search)
{
	tag_keys_of_tagset(&search->keys, tags);
	TAGQUERY_SET_ROOM(search->present, search->present_room, search->keys.n);
	for (uint32_t i = 0; i < search->keys.n; i++)
	{
		uint32_t	number;

		if (i % INTERRUPT_STEPS == 0)
			core_interrupt();
		if (find_key(view, search->keys.keys[i], &number))
		{
			search->present[search->npresent++] = number;
			search->marks[number / 64] |= UINT64_C(1) << (number % 64);
		}
	}
}

/* ---- which rules are to be tried ---- */

static void
add_places(TagquerySetSearch *search, const uint8_t *places, uint32_t from, uint32_t to)
{
	TAGQUERY_SET_ROOM(search->found, search->found_room, search->nfound + (to - from));
	for (; from < to; from++)
		search->found[search->nfound++] = element(places, from);
}

/* Of the pairs of one key that is there, those whose other key is there too */
static void
find_hits(const TagquerySetView *view, TagquerySetSearch *search, uint32_t key)
{
	uint32_t	pair = element(view->first_pairs, key);
	uint32_t	end = element(view->first_pairs, (size_t) key + 1);
	const uint64_t *marks = search->marks;
	size_t		n = search->nhits;

	check_part(pair, end, view->npairs);
	TAGQUERY_SET_ROOM(search->hits, search->hits_room, n + (end - pair));
	for (; pair < end; pair++)
	{
		uint32_t	second = load32(view->pairs + (size_t) pair * 8);

		if (second >= view->nkeys)
			tagquery_set_corrupt("a key that is not there");
		search->hits[n] = pair;
		n += marks[second / 64] >> (second % 64) & 1;
	}
	search->nhits = n;
}

static void
find_candidates(const TagquerySetView *view, TagquerySetSearch *search)
{
	search->nhits = 0;
	for (uint32_t i = 0; i < search->npresent; i++)
	{
		core_interrupt();
		find_hits(view, search, search->present[i]);
	}
	search->nfound = 0;
	add_places(search, view->always, 0, view->nalways);
	for (size_t i = 0; i < search->nhits; i++)
	{
		const uint8_t *pair = view->pairs + (size_t) search->hits[i] * 8;
		uint32_t	from = load32(pair + 4);
		uint32_t	to = load32(pair + 12);

		if (i % INTERRUPT_STEPS == 0)
			core_interrupt();
		check_part(from, to, view->nplaces);
		add_places(search, view->places, from, to);
	}
	search->nfound = segment_sort_ids(search->found, search->nfound);
}

/* ---- trying ---- */

typedef struct Trial
{
	const TagquerySetView *view;
	const TagsetView *tags;
	TagquerySetSearch *search;
} Trial;

/* Ask a leaf about which nothing is known yet, whose name may be there */
static bool
ask_leaf(const Trial *t, uint32_t i)
{
	TagquerySetSearch *search = t->search;
	const uint8_t *end;
	const uint8_t *start = tagquery_set_leaf(t->view, i, &end);
	TagNode		leaf;
	bool		answer;

	if (start == NULL)
		tagquery_set_corrupt("leaves in disorder");
	tag_node_read(&leaf, start, end);
	answer = tag_leaf_match(&leaf, t->tags, TAG_NEVER_EXPIRED);
	TAGQUERY_SET_ROOM(search->asked, search->asked_room, search->nasked + 1);
	search->asked[search->nasked++] = i;
	search->known[i] = answer ? TRUE_LEAF : FALSE_LEAF;
	return answer;
}

static inline bool
run_leaf(const Trial *t, uint64_t i)
{
	uint32_t	mark;

	if (i >= t->view->nleaves)
		tagquery_set_corrupt("a leaf that is not there");
	mark = element(t->view->filters, i);
	if (mark > TAGQUERY_SET_ANY_MARK)
		tagquery_set_corrupt("a mark that cannot be");
	if ((t->search->name_marks[mark / 64] >> (mark % 64) & 1) == 0)
		return false;
	if (t->search->known[i] != UNKNOWN)
		return t->search->known[i] == TRUE_LEAF;
	return ask_leaf(t, (uint32_t) i);
}

static inline uint64_t
next_word(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *q = *p;
	uint64_t	word;

	/* nearly all have two bytes or one */
	if (q < end && q[0] < 0x80)
	{
		*p = q + 1;
		return q[0];
	}
	if (end - q >= 2 && q[1] < 0x80)
	{
		*p = q + 2;
		return (q[0] & 0x7F) | (uint64_t) q[1] << 7;
	}
	if (!tagquery_set_word(p, end, &word))
		tagquery_set_corrupt("a rule that is cut off");
	return word;
}

/* Run the node at *p, which goes on to the next one */
static bool
run(const Trial *t, const uint8_t **p, const uint8_t *end, int depth)
{
	uint64_t	word = next_word(p, end);
	uint64_t	left = word >> TAG_CODE_BITS;
	uint64_t	needed;
	uint64_t	size;

	if ((word & 3) < TAG_CODE_GROUP)
		return run_leaf(t, left) != (bool) (word & 1);
	needed = next_word(p, end);
	size = next_word(p, end);
	if (depth == TAGQUERY_MAX_DEPTH || size > (size_t) (end - *p))
		tagquery_set_corrupt("a rule in disorder");
	end = *p + size;
	/* at least "needed" of the "left" ones that are to come */
	for (; needed > 0 && needed <= left; left--)
		needed -= run(t, p, end, depth + 1);
	*p = end;
	return needed == 0;
}

/*
 * Read these records, so that they are in the caches when they are run.  Loads
 * that don't wait for each other: prefetching would do nothing where the page
 * is not known to the processor.
 */
static void
fetch_records(const Trial *t, size_t from, size_t to)
{
	const uint8_t *records = t->view->records;
	size_t		last = t->view->records_size - 1;
	const uint64_t *found = t->search->found;
	uint32_t	sum = 0;

	if (t->view->records_size == 0)
		return;
	for (size_t i = from; i < to; i++)
	{
		/* whether there is such a place is looked at when it is run */
		size_t		place = found[i] < last ? found[i] : last;

		sum += records[place];
		sum += records[last - place < TYPICAL_RECORD ? last : place + TYPICAL_RECORD];
	}
	t->search->fetched += sum;
}

static void
try_candidates(const Trial *t)
{
	TagquerySetSearch *search = t->search;
	size_t		ahead = 0;

	search->nids = 0;
	TAGQUERY_SET_ROOM(search->ids, search->ids_room, search->nfound);
	for (size_t i = 0; i < search->nfound; i++)
	{
		TagquerySetRecord record;
		const uint8_t *p;
		const char *problem;

		if (i == ahead)
		{
			core_interrupt();
			ahead = search->nfound - i < AHEAD ? search->nfound : i + AHEAD;
			fetch_records(t, i, ahead);
		}
		problem = tagquery_set_record(t->view, (uint32_t) search->found[i], &record);
		if (problem != NULL)
			tagquery_set_corrupt(problem);
		p = record.code;
		/* an id may have several rules; they lie side by side */
		if ((search->nids == 0 || search->ids[search->nids - 1] != record.id) &&
			run(t, &p, record.end, 1))
			search->ids[search->nids++] = record.id;
	}
}

void
tagquery_set_percolate(const TagquerySetView *view, const TagsetView *tags,
					   TagquerySetSearch *search)
{
	Trial		trial = {view, tags, search};

	forget(search);
	search->marks = zeroed(search->marks, &search->marks_room, (size_t) view->nkeys / 64 + 1,
						   sizeof(uint64_t));
	search->known = zeroed(search->known, &search->known_room, view->nleaves, 1);
	mark_names(tags, search);
	mark_keys(view, tags, search);
	find_candidates(view, search);
	try_candidates(&trial);
}
