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
#define MIN_KEYS 512

/* A key of some rule */
typedef struct Key
{
	uint64_t	hash;
	uint32_t	count;			/* how many terms have it */
	uint32_t	number;			/* among the used ones, in the end; before, is it used? */
} Key;

/* The record at this place is found by these two, numbers of keys */
typedef struct Entry
{
	uint32_t	first;
	uint32_t	second;
	uint32_t	place;
} Entry;

typedef struct Index
{
	TagquerySetView set;		/* without its index */
	const TagquerySetRow *rows;
	const uint32_t *places;		/* of the records of the rows */
	TagAccess	access;			/* of the rule at hand */
	/* keys as they come, and a hash table of their places plus 1, at most half full */
	Key		   *keys;
	uint32_t	nkeys;
	uint32_t   *table;
	uint32_t	table_size;
	/* how rules are found */
	Entry	   *entries;
	size_t		n;
	size_t		room;
	uint32_t   *always;
	uint32_t	nalways;
	uint64_t   *used;			/* hashes of the keys of entries, ascending */
	uint32_t	nused;
} Index;

static inline void
maybe_interrupt(size_t i)
{
	if (i % INTERRUPT_ENTRIES == 0)
		core_interrupt();
}

static void
too_many_keys(void)
{
	core_throw(CORE_LIMIT, "Compile the rules in several sets.",
			   "tagquery_set would have more than %u keys", UINT32_MAX / 4);
}

/* ---- keys ---- */

static uint32_t *
table_place(const Index *index, uint64_t hash)
{
	uint32_t	mask = index->table_size - 1;
	uint32_t	i = (uint32_t) (hash >> 32) & mask;

	while (index->table[i] != 0 && index->keys[index->table[i] - 1].hash != hash)
		i = (i + 1) & mask;
	return &index->table[i];
}

static void
make_table(Index *index, uint32_t size)
{
	core_free(index->table);
	index->table = core_alloc((size_t) size * sizeof(uint32_t));
	index->table_size = size;
	for (uint32_t i = 0; i < size; i++)
	{
		maybe_interrupt(i);
		index->table[i] = 0;
	}
	index->keys = core_realloc(index->keys, (size_t) size / 2 * sizeof(Key));
	for (uint32_t i = 0; i < index->nkeys; i++)
	{
		maybe_interrupt(i);
		*table_place(index, index->keys[i].hash) = i + 1;
	}
}

/* The place of a key, which is there from now on */
static uint32_t
find_key(Index *index, uint64_t hash)
{
	uint32_t   *place = table_place(index, hash);

	if (*place == 0)
	{
		if (index->nkeys == index->table_size / 2)
		{
			if (index->table_size > UINT32_MAX / 2)
				too_many_keys();
			make_table(index, index->table_size * 2);
			place = table_place(index, hash);
		}
		index->keys[index->nkeys] = (Key){hash, 0, 0};
		*place = ++index->nkeys;
	}
	return *place - 1;
}

/* The same; the pointer is good until there is another key */
static Key *
get_key(Index *index, uint64_t hash)
{
	uint32_t	place = find_key(index, hash);

	return &index->keys[place];
}

/* The alternatives of rule i, in index->access */
static void
open_rule(Index *index, uint32_t i)
{
	TagqueryView rule;
	CoreError	error;

	core_interrupt();
	if (!tagquery_open(&rule, index->rows[i].rule, index->rows[i].rule_size, &error))
		core_throw_error(&error);
	tag_access_find(&index->access, &rule);
}

static void
count_keys(Index *index)
{
	const TagAccess *access = &index->access;

	for (uint32_t i = 0; i < index->set.n; i++)
	{
		open_rule(index, i);
		for (uint32_t a = 0; a < access->n; a++)
		{
			const TagAlternative *alternative = &access->alternatives[a];

			for (uint32_t t = 0; t < alternative->n; t++)
			{
				const TagTerm *term = &access->terms[alternative->first + t];

				for (uint32_t k = 0; k < term->n; k++)
					get_key(index, access->keys.keys[term->first + k])->count++;
				/* coarser keys for pairs may be other ones */
				for (uint32_t k = 0; k < term->pair_n && term->pair_first != term->first; k++)
					get_key(index, access->keys.keys[term->pair_first + k])->count++;
			}
		}
	}
}

/*
 * What many rules ask for, many tagsets have: a key's share of the rules, and
 * what its looks say (a range of numbers is there more often than a name).
 */
static double
weigh_key(void *context, uint64_t hash, double look)
{
	Index	   *index = context;

	return look * (get_key(index, hash)->count + 1.0) / (index->set.n + 1.0);
}

/* ---- choosing ---- */

static void
add_entry(Index *index, uint32_t a, uint32_t b, uint32_t place)
{
	Key		   *keys = index->keys;

	if (index->n == index->room)
	{
		if (index->n > UINT32_MAX / 4)
			too_many_keys();
		index->room = index->room == 0 ? 1024 : index->room * 2;
		index->entries = core_realloc(index->entries, index->room * sizeof(Entry));
	}
	/* at the rarer one */
	if (keys[b].count < keys[a].count ||
		(keys[b].count == keys[a].count && keys[b].hash < keys[a].hash))
	{
		uint32_t	swap = a;

		a = b;
		b = swap;
	}
	index->entries[index->n++] = (Entry){a, b, place};
	keys[a].number = keys[b].number = 1;
}

/* The two rarest terms of an alternative that has any; *second is NULL if it has but one */
static void
choose_terms(const Index *index, const TagAlternative *alternative,
			 const TagTerm **first, const TagTerm **second)
{
	*first = *second = NULL;
	for (uint32_t t = 0; t < alternative->n; t++)
	{
		const TagTerm *term = &index->access.terms[alternative->first + t];

		if (*first == NULL || term->weight < (*first)->weight)
		{
			*second = *first;
			*first = term;
		}
		else if (*second == NULL || term->weight < (*second)->weight)
			*second = term;
	}
}

/* What an alternative is found by: any of these keys and, with pairs, any of those */
static void
add_pairs(Index *index, const uint64_t *first, uint32_t nfirst,
		  const uint64_t *second, uint32_t nsecond, uint32_t place)
{
	for (uint32_t i = 0; i < nfirst; i++)
	{
		uint32_t	a = find_key(index, first[i]);

		if (nsecond == 0)
			add_entry(index, a, a, place);
		for (uint32_t j = 0; j < nsecond; j++)
			add_entry(index, a, find_key(index, second[j]), place);
	}
}

static void
add_alternative(Index *index, const TagAlternative *alternative, uint32_t place)
{
	const uint64_t *keys = index->access.keys.keys;
	const TagTerm *first;
	const TagTerm *second;

	choose_terms(index, alternative, &first, &second);
	if (second == NULL)
		add_pairs(index, keys + first->first, first->n, NULL, 0, place);
	else if ((uint64_t) first->n * second->n <= TAGQUERY_SET_MAX_PAIRS)
		add_pairs(index, keys + first->first, first->n, keys + second->first, second->n, place);
	else if ((uint64_t) first->pair_n * second->pair_n <= TAGQUERY_SET_MAX_PAIRS)
		add_pairs(index, keys + first->pair_first, first->pair_n,
				  keys + second->pair_first, second->pair_n, place);
	else
		add_pairs(index, keys + first->first, first->n, NULL, 0, place);
}

static void
add_rules(Index *index)
{
	const TagAccess *access = &index->access;

	index->access.weigh = weigh_key;
	index->access.context = index;
	for (uint32_t i = 0; i < index->set.n; i++)
	{
		bool		always = false;

		open_rule(index, i);
		for (uint32_t a = 0; a < access->n; a++)
			always |= access->alternatives[a].n == 0;
		if (always)
			index->always[index->nalways++] = index->places[i];
		for (uint32_t a = 0; a < access->n && !always; a++)
			add_alternative(index, &access->alternatives[a], index->places[i]);
	}
}

/* ---- order ---- */

/* Number the keys of entries in the order of their hashes, and let entries name them so */
static void
number_keys(Index *index)
{
	index->used = core_alloc(core_mul_size(index->nkeys, sizeof(uint64_t)) + 1);
	for (uint32_t i = 0; i < index->nkeys; i++)
	{
		maybe_interrupt(i);
		if (index->keys[i].number != 0)
			index->used[index->nused++] = index->keys[i].hash;
	}
	segment_sort_ids(index->used, index->nused);
	for (uint32_t i = 0; i < index->nused; i++)
	{
		maybe_interrupt(i);
		get_key(index, index->used[i])->number = i;
	}
	for (size_t i = 0; i < index->n; i++)
	{
		maybe_interrupt(i);
		index->entries[i].first = index->keys[index->entries[i].first].number;
		index->entries[i].second = index->keys[index->entries[i].second].number;
	}
}

/* Stable; starts has room for all keys and one more */
static void
sort_by(const Index *index, const Entry *from, Entry *to, uint32_t *starts, bool by_first)
{
	uint32_t	sum = 0;

	memset(starts, 0, ((size_t) index->nused + 1) * sizeof(uint32_t));
	for (size_t i = 0; i < index->n; i++)
	{
		maybe_interrupt(i);
		starts[by_first ? from[i].first : from[i].second]++;
	}
	for (uint32_t k = 0; k <= index->nused; k++)
	{
		uint32_t	n = starts[k];

		maybe_interrupt(k);
		starts[k] = sum;
		sum += n;
	}
	for (size_t i = 0; i < index->n; i++)
	{
		maybe_interrupt(i);
		to[starts[by_first ? from[i].first : from[i].second]++] = from[i];
	}
}

/* By first key, second key, place (as they came); without doubles */
static void
sort_entries(Index *index)
{
	Entry	   *spare = core_alloc(index->n * sizeof(Entry) + 1);
	uint32_t   *starts = core_alloc(((size_t) index->nused + 1) * sizeof(uint32_t));
	size_t		kept = 0;

	sort_by(index, index->entries, spare, starts, false);
	sort_by(index, spare, index->entries, starts, true);
	for (size_t i = 0; i < index->n; i++)
	{
		maybe_interrupt(i);
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
	{
		maybe_interrupt(i);
		n += i == 0 || index->entries[i].first != index->entries[i - 1].first ||
			index->entries[i].second != index->entries[i - 1].second;
	}
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
	uint32_t	bits = tagquery_set_bits(index->nused);
	uint32_t	k = 0;

	core_copy(p, index->used, (size_t) index->nused * 8);
	p += (size_t) index->nused * 8;
	for (uint64_t bucket = 0; bucket <= UINT64_C(1) << bits; bucket++)
	{
		maybe_interrupt(bucket);
		while (k < index->nused && index->used[k] >> (64 - bits) < bucket)
			k++;
		p = put(p, k);
	}
	return p;
}

/* first_pair, pair and place, in one walk over the entries */
static uint8_t *
write_pairs(const Index *index, uint32_t npairs, uint8_t *p)
{
	uint8_t    *first_pairs = p;
	uint8_t    *pairs = first_pairs + ((size_t) index->nused + 1) * 4;
	uint8_t    *places = pairs + ((size_t) npairs + 1) * 8;
	uint32_t	key = 0;
	uint32_t	pair = 0;

	for (size_t i = 0; i < index->n; i++)
	{
		const Entry *entry = &index->entries[i];

		maybe_interrupt(i);
		if (i == 0 || entry->first != entry[-1].first || entry->second != entry[-1].second)
		{
			for (; key <= entry->first; key++)
				first_pairs = put(first_pairs, pair);
			pairs = put(pairs, entry->second);
			pairs = put(pairs, (uint32_t) i);
			pair++;
		}
		places = put(places, entry->place);
	}
	for (; key <= index->nused; key++)
		first_pairs = put(first_pairs, pair);
	pairs = put(pairs, 0);
	put(pairs, (uint32_t) index->n);
	return places;
}

/* The mark of the name without which a leaf is false */
static uint8_t *
write_filters(const Index *index, uint8_t *p)
{
	for (uint32_t i = 0; i < index->set.nleaves; i++)
	{
		const uint8_t *end;
		const uint8_t *leaf = tagquery_set_leaf(&index->set, i, &end);

		maybe_interrupt(i);
		/* name.* is true of tags with longer names */
		p = put(p, leaf[0] == TAG_SUBTREE ? TAGQUERY_SET_ANY_MARK : load16(leaf + 2));
	}
	return p;
}

static void *
write_set(const Index *index, size_t binary_size)
{
	uint32_t	npairs = count_pairs(index);
	size_t		start = tagquery_set_index_start(binary_size);
	size_t		size = 4 + start + TAGQUERY_SET_INDEX_HEADER + (size_t) index->nused * 8 +
		((UINT64_C(1) << tagquery_set_bits(index->nused)) + 1) * 4 +
		((size_t) index->nused + 1) * 4 + ((size_t) npairs + 1) * 8 +
		index->n * 4 + (size_t) index->nalways * 4 + (size_t) index->set.nleaves * 4;
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
	p = put(p, index->nused);
	p = put(p, npairs);
	p = put(p, (uint32_t) index->n);
	p = put(p, index->nalways);
	p = write_keys(index, p);
	p = write_pairs(index, npairs, p);
	core_copy(p, index->always, (size_t) index->nalways * 4);
	write_filters(index, p + (size_t) index->nalways * 4);
	return value;
}

void *
tagquery_set_add_index(const void *binary, size_t size, const TagquerySetRow *rows,
					   const uint32_t *places)
{
	Index		index = {.rows = rows, .places = places};
	const char *problem = tagquery_set_open_rules(&index.set, binary, size);
	void	   *value;

	if (problem != NULL)
		tagquery_set_corrupt(problem);
	index.always = core_alloc((size_t) index.set.n * sizeof(uint32_t) + 1);
	make_table(&index, 2 * MIN_KEYS);
	count_keys(&index);
	add_rules(&index);
	number_keys(&index);
	sort_entries(&index);
	value = write_set(&index, size);
	tag_access_free(&index.access);
	core_free(index.used);
	core_free(index.always);
	core_free(index.entries);
	core_free(index.table);
	core_free(index.keys);
	return value;
}
