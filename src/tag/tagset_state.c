/*
 * tagset_state.c
 *	  Tags as they come, in a flat value that grows, see tagset_build.h.
 */
#include "tag/tagset_build.h"

#include "common/merge_sort.h"
#include "common/varint.h"

#define INTERRUPT_ENTRIES 1024

/* Offsets from the length word */
#define AT_USED		8
#define AT_N		12
#define AT_NAME		16
#define AT_NAME_LENGTH 20

/* An entry to sort.  The first bytes of its name decide most comparisons. */
typedef struct Entry
{
	uint64_t	start;
	const char *name;
	uint32_t	name_length;
	bool		plain;
	const uint8_t *item;
	const uint8_t *item_end;
} Entry;

static void __attribute__((noreturn, cold))
corrupt(void)
{
	core_throw(CORE_CORRUPT, NULL, "corrupt state of an aggregate of type tagset");
}

/* ---- walking ---- */

void
tag_entries_start(TagEntries *entries, const void *payload, size_t size)
{
	size_t		room = size - (TAGSET_STATE_HEADER - 4);
	uint32_t	used = load32((const uint8_t *) payload + AT_USED - 4);

	if (used > room)
		corrupt();
	entries->p = (const uint8_t *) payload + TAGSET_STATE_HEADER - 4;
	entries->end = entries->p + used;
	entries->name = NULL;
	entries->name_length = 0;
}

bool
tag_entries_next(TagEntries *entries, TagItem *item)
{
	uint64_t	head;
	const char *problem;

	if (entries->p == entries->end)
		return false;
	entries->p = varint_get(entries->p, entries->end, &head);
	if (entries->p == NULL || head >> 1 > (size_t) (entries->end - entries->p))
		corrupt();
	if (head >> 1 > 0)
	{
		entries->name = (const char *) entries->p;
		entries->name_length = (uint32_t) (head >> 1);
		entries->p += entries->name_length;
	}
	if (entries->name_length == 0 || entries->name_length > TAG_NAME_MAX)
		corrupt();
	entries->plain = head & 1;
	entries->item = entries->p;
	if (entries->plain)
		*item = tag_plain_item;
	else
		entries->p = tag_item_read(entries->p, entries->end, item, &problem);
	if (entries->p == NULL)
		corrupt();
	entries->item_end = entries->p;
	return true;
}

/* ---- sorting ---- */

/* Up to 8 bytes as a number in their order */
static uint64_t
name_start(const char *name, uint32_t length)
{
	uint8_t		bytes[8] = {0};

	memcpy(bytes, name, length < 8 ? length : 8);
	return tag_load_ordered(bytes);
}

static void
entry_item(const Entry *entry, TagItem *item)
{
	const char *problem;

	if (entry->plain)
		*item = tag_plain_item;
	else
		tag_item_read(entry->item, entry->item_end, item, &problem);
}

static int
compare_names(const Entry *a, const Entry *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return tag_compare_bytes(a->name, a->name_length, b->name, b->name_length);
}

/* By name, then by value */
static int
compare_entries(const void *left, const void *right)
{
	const Entry *a = left;
	const Entry *b = right;
	int			order = compare_names(a, b);
	TagItem		x;
	TagItem		y;

	if (order != 0)
		return order;
	entry_item(a, &x);
	entry_item(b, &y);
	return tag_value_compare(&x.value, &y.value);
}

int
tag_item_prefer(const TagItem *a, const TagItem *b)
{
	int64_t		a_set = a->has & TAG_SET_AT ? a->set_at : INT64_MIN;
	int64_t		b_set = b->has & TAG_SET_AT ? b->set_at : INT64_MIN;
	double		a_weight = a->has & TAG_WEIGHT ? a->weight : -1;
	double		b_weight = b->has & TAG_WEIGHT ? b->weight : -1;
	int64_t		a_expires = a->has & TAG_EXPIRES ? a->expires_at : INT64_MAX;
	int64_t		b_expires = b->has & TAG_EXPIRES ? b->expires_at : INT64_MAX;

	if (a_set != b_set)
		return a_set > b_set ? -1 : 1;
	if (a_weight != b_weight)
		return a_weight > b_weight ? -1 : 1;
	return (a_expires < b_expires) - (a_expires > b_expires);
}

/* All entries in order, each tag and value once; their number */
static size_t
sorted_entries(const void *payload, size_t size, Entry **result)
{
	size_t		n = load32((const uint8_t *) payload + AT_N - 4);
	size_t		kept = 0;
	Entry	   *list;
	TagEntries	entries;
	TagItem		item;
	TagItem		before;

	if (n > size)
		corrupt();
	list = core_alloc(core_mul_size(n, sizeof(Entry)) + 1);
	tag_entries_start(&entries, payload, size);
	for (size_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		if (!tag_entries_next(&entries, &item))
			corrupt();
		list[i] = (Entry){
			name_start(entries.name, entries.name_length), entries.name, entries.name_length,
			entries.plain, entries.item, entries.item_end
		};
	}
	if (entries.p != entries.end)
		corrupt();
	merge_sort(list, n, sizeof(Entry), compare_entries);
	for (size_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		if (kept > 0 && compare_entries(&list[kept - 1], &list[i]) == 0)
		{
			entry_item(&list[kept - 1], &before);
			entry_item(&list[i], &item);
			if (tag_item_prefer(&item, &before) < 0)
				list[kept - 1] = list[i];
		}
		else
			list[kept++] = list[i];
	}
	*result = list;
	return kept;
}

/* ---- finishing ---- */

/* Does the name of entry i begin a record? */
static bool
begins(const Entry *list, size_t i)
{
	return i == 0 || compare_names(&list[i - 1], &list[i]) != 0;
}

/* The bytes that the entries take at most as records, or as entries again; and the names */
static size_t
sorted_bytes(const Entry *list, size_t n, size_t *names)
{
	size_t		bytes = 0;

	*names = 0;
	for (size_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		/* a plain one among other values of its tag takes two bytes */
		bytes += TAG_RECORD_HEAD + 2 + (size_t) (list[i].item_end - list[i].item);
		if (begins(list, i))
		{
			bytes += list[i].name_length;
			++*names;
		}
	}
	return bytes;
}

static void
write_group(TagsetWriter *writer, const Entry *group, size_t n)
{
	bool		plain = n == 1 && group->plain;

	tagset_writer_name(writer, group->name, group->name_length, plain);
	for (size_t i = 0; i < n && !plain; i++)
	{
		TagItem		item;

		entry_item(&group[i], &item);
		tagset_writer_item(writer, &item);
	}
	tagset_writer_end(writer);
}

void *
tagset_state_finish(const void *payload, size_t size, CoreError *error)
{
	Entry	   *list;
	size_t		n = sorted_entries(payload, size, &list);
	size_t		names;
	size_t		bytes = sorted_bytes(list, n, &names);
	TagsetWriter writer;

	tagset_writer_start(&writer, names, bytes);
	for (size_t i = 0, start = 0; i < n; i++)
	{
		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		if (i + 1 < n && !begins(list, i + 1))
			continue;
		write_group(&writer, list + start, i + 1 - start);
		start = i + 1;
	}
	core_free(list);
	return tagset_writer_finish(&writer, error);
}

/* ---- adding ---- */

void *
tagset_state_new(size_t size)
{
	uint8_t    *state = core_alloc(size);

	/* the free room may be sent to another process */
	memset(state, 0, size);
	store32(state, (uint32_t) size << 2);
	state[4] = TAGSET_STATE;
	return state;
}

static size_t
state_size(const uint8_t *state)
{
	return load32(state) >> 2;
}

/* An entry, known to fit */
static void
append(uint8_t *state, const char *name, size_t length, const TagItem *item)
{
	uint8_t    *entries = state + TAGSET_STATE_HEADER;
	uint8_t    *p = entries + load32(state + AT_USED);
	size_t		last = load32(state + AT_NAME);
	bool		plain = tag_item_is_plain(item);
	bool		same = load32(state + AT_NAME_LENGTH) == length &&
		last + length <= state_size(state) - TAGSET_STATE_HEADER &&
		memcmp(entries + last, name, length) == 0;

	p = varint_put(p, (same ? 0 : length * 2) + plain);
	if (!same)
	{
		store32(state + AT_NAME, (uint32_t) (p - entries));
		store32(state + AT_NAME_LENGTH, (uint32_t) length);
		memcpy(p, name, length);
		p += length;
	}
	if (!plain)
		p = tag_item_put(p, item);
	store32(state + AT_USED, (uint32_t) (p - entries));
	store32(state + AT_N, load32(state + AT_N) + 1);
}

static bool
fits(const uint8_t *state, size_t needed)
{
	size_t		room = state_size(state) - TAGSET_STATE_HEADER;
	size_t		used = load32(state + AT_USED);

	if (used > room)
		corrupt();
	return needed <= room - used;
}

/* The state without doubles, in one that has room for half as much again */
static uint8_t *
compact(const uint8_t *state, size_t needed)
{
	size_t		size = state_size(state);
	size_t		new_size = TAGSET_STATE_MIN;
	uint8_t    *larger;
	Entry	   *list;
	size_t		names;
	size_t		n = sorted_entries(state + 4, size - 4, &list);
	size_t		used = TAGSET_STATE_HEADER + sorted_bytes(list, n, &names) + needed;

	while (new_size < used + used / 2)
		new_size *= 2;
	if (new_size > TAGSET_STATE_MAX)
		core_throw(CORE_LIMIT, NULL, "tags for one tagset take more than %zu MB",
				   TAGSET_STATE_MAX / 2 >> 20);
	larger = tagset_state_new(new_size);
	for (size_t i = 0; i < n; i++)
	{
		TagItem		item;

		if (i % INTERRUPT_ENTRIES == 0)
			core_interrupt();
		entry_item(&list[i], &item);
		append(larger, list[i].name, list[i].name_length, &item);
	}
	core_free(list);
	return larger;
}

void *
tagset_state_add(void *state, const char *name, size_t length, const TagItem *item)
{
	size_t		needed = TAG_RECORD_HEAD + length + tag_item_size(item);
	uint8_t    *larger;

	if (fits(state, needed))
	{
		append(state, name, length, item);
		return state;
	}
	larger = compact(state, needed);
	append(larger, name, length, item);
	if (state_size(larger) > state_size(state))
		return larger;
	/* it stays where it is */
	core_copy((uint8_t *) state + 4, larger + 4, state_size(larger) - 4);
	if (state_size(larger) < state_size(state))
		memset((uint8_t *) state + state_size(larger), 0, state_size(state) - state_size(larger));
	core_free(larger);
	return state;
}
