/*
 * tag_count.c
 *	  Counting keys, see tag_count.h.
 */
#include "tag/tag_count.h"

#include "common/merge_sort.h"

typedef struct Entry
{
	TagCounted	counted;
	uint64_t	hash;
	uint32_t	missed;			/* rows that may not have been counted */
	uint32_t	row;			/* counted last */
} Entry;

struct TagCount
{
	Entry	  **table;			/* open addressing by hash */
	uint32_t	size;			/* a power of two */
	uint32_t	n;
	uint32_t	wanted;
	uint32_t	row;
	uint64_t	seen;			/* keys */
	uint32_t	bucket_size;	/* keys after which rare ones are forgotten */
	uint32_t	bucket;
	TagCounted *result;
};

TagCount *
tag_count_new(uint32_t wanted)
{
	TagCount   *count = core_alloc(sizeof(*count));

	memset(count, 0, sizeof(*count));
	count->wanted = wanted;
	/* errors of a tenth of the frequency that the last of the wanted would have, were all
	 * distributed as words are */
	count->bucket_size = (wanted + 10) * 1000 / 7;
	count->size = 4096;
	count->table = core_alloc(count->size * sizeof(Entry *));
	memset(count->table, 0, count->size * sizeof(Entry *));
	return count;
}

void
tag_count_row(TagCount *count)
{
	count->row++;
}

static Entry **
place_of(const TagCount *count, uint64_t hash)
{
	uint32_t	i = (uint32_t) (hash >> 32) & (count->size - 1);

	while (count->table[i] && count->table[i]->hash != hash)
		i = (i + 1) & (count->size - 1);
	return &count->table[i];
}

/* Into a table of another size, forgetting keys that were seen in so few rows */
static void
rebuild(TagCount *count, uint32_t size, uint32_t few)
{
	Entry	  **old = count->table;
	uint32_t	old_size = count->size;

	core_interrupt();
	count->table = core_alloc(core_mul_size(size, sizeof(Entry *)));
	memset(count->table, 0, size * sizeof(Entry *));
	count->size = size;
	count->n = 0;
	for (uint32_t i = 0; i < old_size; i++)
	{
		if (old[i] == NULL)
			continue;
		if (old[i]->counted.rows + old[i]->missed <= few)
			core_free(old[i]);
		else
		{
			*place_of(count, old[i]->hash) = old[i];
			count->n++;
		}
	}
	core_free(old);
}

static Entry *
new_entry(const TagKey *key)
{
	size_t		value_size = key->kind == TAG_KEY_EQUAL ? key->value.length : 0;
	Entry	   *entry = core_alloc(sizeof(*entry) + key->name_length + value_size);
	char	   *bytes = (char *) (entry + 1);

	memset(entry, 0, sizeof(*entry));
	entry->counted.key = *key;
	memcpy(bytes, key->name, key->name_length);
	entry->counted.key.name = bytes;
	if (value_size > 0)
		memcpy(bytes + key->name_length, key->value.payload, value_size);
	entry->counted.key.value.payload = (const uint8_t *) bytes + key->name_length;
	return entry;
}

void
tag_count_key(void *context, const TagKey *key)
{
	TagCount   *count = context;
	uint64_t	hash;
	Entry	  **place;

	if (key->name_length + (key->kind == TAG_KEY_EQUAL ? key->value.length : 0) >
		TAG_COUNT_MAX_BYTES)
		return;
	hash = tag_key_hash(key);
	place = place_of(count, hash);
	if (*place == NULL)
	{
		*place = new_entry(key);
		(*place)->hash = hash;
		(*place)->missed = count->bucket;
		count->n++;
	}
	if ((*place)->row != count->row)
		(*place)->counted.rows++;
	(*place)->row = count->row;

	if (++count->seen % count->bucket_size == 0)
		rebuild(count, count->size, ++count->bucket);
	if (count->n > count->size / 2)
		rebuild(count, count->size * 2, 0);
}

static int
compare_entries(const void *a, const void *b)
{
	const Entry *x = *(Entry *const *) a;
	const Entry *y = *(Entry *const *) b;

	if (x->counted.rows != y->counted.rows)
		return x->counted.rows > y->counted.rows ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

const TagCounted *
tag_count_finish(TagCount *count, uint32_t least, uint32_t *n)
{
	Entry	  **entries = core_alloc((count->n + 1) * sizeof(Entry *));
	uint32_t	found = 0;

	for (uint32_t i = 0; i < count->size; i++)
		if (count->table[i] && count->table[i]->counted.rows >= least)
			entries[found++] = count->table[i];
	merge_sort(entries, found, sizeof(Entry *), compare_entries);
	if (found > count->wanted)
		found = count->wanted;
	count->result = core_alloc((found + 1) * sizeof(TagCounted));
	for (uint32_t i = 0; i < found; i++)
		count->result[i] = entries[i]->counted;
	core_free(entries);
	*n = found;
	return count->result;
}
