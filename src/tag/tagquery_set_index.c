/*
 * tagquery_set_index.c
 *	  The index of a compiled set: by which keys its rules are found.
 *
 * First all keys of all rules are counted, then each alternative chooses its two
 * rarest terms.  All pairs of a key of the one and a key of the other become
 * entries, which are brought into order by counting.
 */
#include "segment/segment.h"
#include "tag/tagquery_set.h"

#define INTERRUPT_ENTRIES 65536
#define MIN_SLOTS 1024

/* How many terms have a key; open addressing, at most half full */
typedef struct Slot
{
	uint64_t	key;
	uint32_t	count;			/* 0: free */
	bool		used;			/* by an entry */
} Slot;

/* The record is found by these two; numbers of slots, later of keys */
typedef struct Entry
{
	uint32_t	first;
	uint32_t	second;
	uint32_t	record;
} Entry;

typedef struct Index
{
	TagquerySetView set;		/* without its index */
	TagAccess	access;			/* of the rule at hand */
	Slot	   *slots;
	size_t		nslots;
	size_t		used_slots;
	Entry	   *entries;
	size_t		n;
	size_t		room;
	uint32_t   *always;
	uint32_t	nalways;
	uint64_t   *keys;			/* used by entries, ascending */
	uint32_t	nkeys;
} Index;

static void
too_many_keys(void)
{
	core_throw(CORE_LIMIT, "Compile the rules in several sets.",
			   "tagquery_set would have more than %u keys", UINT32_MAX / 2);
}

/* ---- counting ---- */

static size_t
find_slot(const Index *index, uint64_t key)
{
	/* keys are hashes */
	size_t		i = (size_t) key & (index->nslots - 1);

	while (index->slots[i].count != 0 && index->slots[i].key != key)
		i = (i + 1) & (index->nslots - 1);
	return i;
}

static void
make_slots(Index *index, size_t n)
{
	size_t		size = core_mul_size(n, sizeof(Slot));

	index->slots = core_alloc(size);
	for (size_t done = 0; done < size; done += INTERRUPT_ENTRIES)
	{
		core_interrupt();
		memset((char *) index->slots + done, 0,
			   size - done < INTERRUPT_ENTRIES ? size - done : INTERRUPT_ENTRIES);
	}
	index->nslots = n;
}

static void
double_slots(Index *index)
{
	Slot	   *old = index->slots;
	size_t		n = index->nslots;

	/* entries have 32 bits for them */
	if (n > UINT32_MAX / 2)
		too_many_keys();
	make_slots(index, n * 2);
	for (size_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		if (old[i].count != 0)
			index->slots[find_slot(index, old[i].key)] = old[i];
	}
	core_free(old);
}

static void
count_key(Index *index, uint64_t key)
{
	Slot	   *slot = &index->slots[find_slot(index, key)];

	if (slot->count == 0)
	{
		if (index->used_slots + 1 > index->nslots / 2)
		{
			double_slots(index);
			slot = &index->slots[find_slot(index, key)];
		}
		slot->key = key;
		index->used_slots++;
	}
	slot->count++;
}

/* The alternatives of record i, in index->access */
static void
open_rule(Index *index, uint32_t i)
{
	TagquerySetRecord record;
	TagqueryView rule;
	CoreError	error;

	core_interrupt();
	tagquery_set_record(&index->set, i, &record);
	if (!tagquery_open(&rule, record.rule, record.rule_size, &error))
		tagquery_set_corrupt("a rule is damaged");
	tag_access_find(&index->access, &rule);
}

static void
count_keys(Index *index)
{
	for (uint32_t i = 0; i < index->set.n; i++)
	{
		const TagAccess *access = &index->access;

		open_rule(index, i);
		for (uint32_t a = 0; a < access->n; a++)
		{
			const TagAlternative *alternative = &access->alternatives[a];

			for (uint32_t t = 0; t < alternative->n; t++)
			{
				const TagTerm *term = &access->terms[alternative->first + t];

				for (uint32_t k = 0; k < term->n; k++)
					count_key(index, access->keys[term->first + k]);
			}
		}
	}
}

/* ---- choosing ---- */

static void
add_entry(Index *index, size_t a, size_t b, uint32_t record)
{
	Slot	   *slots = index->slots;
	Entry	   *entry;

	if (index->n == index->room)
	{
		if (index->n > UINT32_MAX / 2)
			too_many_keys();
		index->room = index->room == 0 ? 1024 : index->room * 2;
		index->entries = core_realloc(index->entries, index->room * sizeof(Entry));
	}
	entry = &index->entries[index->n++];
	/* at the rarer one */
	if (slots[b].count < slots[a].count ||
		(slots[b].count == slots[a].count && slots[b].key < slots[a].key))
	{
		size_t		swap = a;

		a = b;
		b = swap;
	}
	*entry = (Entry){(uint32_t) a, (uint32_t) b, record};
	slots[a].used = slots[b].used = true;
}

/* In how many terms the keys of this one are */
static uint64_t
term_weight(const Index *index, const TagTerm *term)
{
	uint64_t	weight = 0;

	for (uint32_t k = 0; k < term->n; k++)
		weight += index->slots[find_slot(index, index->access.keys[term->first + k])].count;
	return weight;
}

/* The two rarest terms of an alternative that has any; *second is NULL if it has but one */
static void
choose_terms(const Index *index, const TagAlternative *alternative,
			 const TagTerm **first, const TagTerm **second)
{
	uint64_t	first_weight = 0;
	uint64_t	second_weight = 0;

	*first = *second = NULL;
	for (uint32_t t = 0; t < alternative->n; t++)
	{
		const TagTerm *term = &index->access.terms[alternative->first + t];
		uint64_t	weight = term_weight(index, term);

		if (*first == NULL || weight < first_weight ||
			(weight == first_weight && term->rarity > (*first)->rarity))
		{
			*second = *first;
			second_weight = first_weight;
			*first = term;
			first_weight = weight;
		}
		else if (*second == NULL || weight < second_weight ||
				 (weight == second_weight && term->rarity > (*second)->rarity))
		{
			*second = term;
			second_weight = weight;
		}
	}
}

static void
add_alternative(Index *index, const TagAlternative *alternative, uint32_t record)
{
	const TagTerm *first;
	const TagTerm *second;
	const uint64_t *keys = index->access.keys;

	choose_terms(index, alternative, &first, &second);
	if (second != NULL && (uint64_t) first->n * second->n > TAGQUERY_SET_MAX_PAIRS)
		second = NULL;
	for (uint32_t i = 0; i < first->n; i++)
	{
		size_t		a = find_slot(index, keys[first->first + i]);

		if (second == NULL)
			add_entry(index, a, a, record);
		else
			for (uint32_t j = 0; j < second->n; j++)
				add_entry(index, a, find_slot(index, keys[second->first + j]), record);
	}
}

static void
add_rules(Index *index)
{
	for (uint32_t i = 0; i < index->set.n; i++)
	{
		const TagAccess *access = &index->access;
		bool		always = false;

		open_rule(index, i);
		for (uint32_t a = 0; a < access->n; a++)
			always |= access->alternatives[a].n == 0;
		if (always)
			index->always[index->nalways++] = i;
		for (uint32_t a = 0; a < access->n && !always; a++)
			add_alternative(index, &access->alternatives[a], i);
	}
}

/* ---- order ---- */

/* Collect the used keys, and let entries name them by their numbers */
static void
number_keys(Index *index)
{
	uint32_t   *numbers = core_alloc(index->nslots * sizeof(uint32_t));

	index->keys = core_alloc((index->used_slots + 1) * sizeof(uint64_t));
	for (size_t i = 0; i < index->nslots; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		if (index->slots[i].used)
			index->keys[index->nkeys++] = index->slots[i].key;
	}
	segment_sort_ids(index->keys, index->nkeys);
	for (uint32_t i = 0; i < index->nkeys; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		numbers[find_slot(index, index->keys[i])] = i;
	}
	for (size_t i = 0; i < index->n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		index->entries[i].first = numbers[index->entries[i].first];
		index->entries[i].second = numbers[index->entries[i].second];
	}
	core_free(numbers);
}

/* Stable; starts has room for all keys and one more */
static void
sort_by(const Index *index, const Entry *from, Entry *to, uint32_t *starts, bool by_first)
{
	uint32_t	sum = 0;

	memset(starts, 0, ((size_t) index->nkeys + 1) * sizeof(uint32_t));
	for (size_t i = 0; i < index->n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		starts[by_first ? from[i].first : from[i].second]++;
	}
	for (uint32_t k = 0; k <= index->nkeys; k++)
	{
		uint32_t	n = starts[k];

		starts[k] = sum;
		sum += n;
	}
	for (size_t i = 0; i < index->n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		to[starts[by_first ? from[i].first : from[i].second]++] = from[i];
	}
}

/* By first key, second key, record (as they came); without doubles */
static void
sort_entries(Index *index)
{
	Entry	   *spare = core_alloc(index->n * sizeof(Entry) + 1);
	uint32_t   *starts = core_alloc(((size_t) index->nkeys + 1) * sizeof(uint32_t));
	size_t		kept = 0;

	sort_by(index, index->entries, spare, starts, false);
	sort_by(index, spare, index->entries, starts, true);
	for (size_t i = 0; i < index->n; i++)
	{
		if (kept == 0 ||
			memcmp(&index->entries[i], &index->entries[kept - 1], sizeof(Entry)) != 0)
			index->entries[kept++] = index->entries[i];
	}
	index->n = kept;
	core_free(starts);
	core_free(spare);
}

/* ---- writing ---- */

static uint32_t
count_pairs(const Index *index)
{
	uint32_t	n = 0;

	for (size_t i = 0; i < index->n; i++)
		n += i == 0 || index->entries[i].first != index->entries[i - 1].first ||
			index->entries[i].second != index->entries[i - 1].second;
	return n;
}

static uint8_t *
put(uint8_t *p, uint32_t n)
{
	store32(p, n);
	return p + 4;
}

static uint8_t *
write_keys(const Index *index, uint8_t *p)
{
	uint32_t	bits = tagquery_set_bits(index->nkeys);
	uint32_t	k = 0;

	core_copy(p, index->keys, (size_t) index->nkeys * 8);
	p += (size_t) index->nkeys * 8;
	for (uint64_t bucket = 0; bucket <= UINT64_C(1) << bits; bucket++)
	{
		while (k < index->nkeys && index->keys[k] >> (64 - bits) < bucket)
			k++;
		p = put(p, k);
	}
	return p;
}

/* first_pair, second, first_place and place, in one walk over the entries */
static uint8_t *
write_pairs(const Index *index, uint32_t npairs, uint8_t *p)
{
	uint8_t    *first_pairs = p;
	uint8_t    *seconds = first_pairs + ((size_t) index->nkeys + 1) * 4;
	uint8_t    *first_places = seconds + (size_t) npairs * 4;
	uint8_t    *places = first_places + ((size_t) npairs + 1) * 4;
	uint32_t	key = 0;
	uint32_t	pair = 0;

	for (size_t i = 0; i < index->n; i++)
	{
		const Entry *entry = &index->entries[i];

		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		if (i == 0 || entry->first != entry[-1].first || entry->second != entry[-1].second)
		{
			for (; key <= entry->first; key++)
				first_pairs = put(first_pairs, pair);
			seconds = put(seconds, entry->second);
			first_places = put(first_places, (uint32_t) i);
			pair++;
		}
		places = put(places, entry->record);
	}
	for (; key <= index->nkeys; key++)
		first_pairs = put(first_pairs, pair);
	put(first_places, (uint32_t) index->n);
	return places;
}

static void *
write_set(const Index *index, size_t binary_size)
{
	uint32_t	npairs = count_pairs(index);
	size_t		start = tagquery_set_index_start(binary_size);
	size_t		size = 4 + start + TAGQUERY_SET_INDEX_HEADER + (size_t) index->nkeys * 8 +
		((UINT64_C(1) << tagquery_set_bits(index->nkeys)) + 1) * 4 +
		((size_t) index->nkeys + 1) * 4 + (size_t) npairs * 4 + ((size_t) npairs + 1) * 4 +
		index->n * 4 + (size_t) index->nalways * 4;
	uint8_t    *value;
	uint8_t    *p;

	if (size > TAGQUERY_SET_MAX_SIZE)
		tagquery_set_too_large();
	value = core_alloc(size);
	store32(value, (uint32_t) size << 2);
	p = value + 4;
	core_copy(p, index->set.payload, binary_size);
	memset(p + binary_size, 0, start - binary_size);
	p += start;
	p = put(p, index->nkeys);
	p = put(p, npairs);
	p = put(p, (uint32_t) index->n);
	p = put(p, index->nalways);
	p = write_keys(index, p);
	p = write_pairs(index, npairs, p);
	core_copy(p, index->always, (size_t) index->nalways * 4);
	return value;
}

void *
tagquery_set_finish(const void *binary, size_t size)
{
	Index		index = {0};
	const char *problem = tagquery_set_open_records(&index.set, binary, size);
	void	   *value;

	if (problem != NULL)
		tagquery_set_corrupt(problem);
	index.always = core_alloc((size_t) index.set.n * sizeof(uint32_t) + 1);
	make_slots(&index, MIN_SLOTS);
	count_keys(&index);
	add_rules(&index);
	number_keys(&index);
	sort_entries(&index);
	value = write_set(&index, size);
	tag_access_free(&index.access);
	core_free(index.keys);
	core_free(index.always);
	core_free(index.entries);
	core_free(index.slots);
	return value;
}
