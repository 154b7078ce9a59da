/*
 * identity_sort.c
 *	  The identifiers of a forest in bytewise order.
 *
 * Entries are sorted by 8 bytes of their identifiers at a time, in place: by
 * exchange into the buckets of one byte after the other while there are many,
 * by insertion when there are few.  Where 8 bytes agree, the next 8 are looked
 * at.  A text has no byte of zero, so an end sorts as zeros, and two different
 * texts never agree in an end; what does came from a damaged state.
 */
#include "identity/identity_forest.h"

/* So many are sorted by insertion */
#define FEW 24

#define KEY_BYTES 8

/* Entries from one whose memory is asked for to the one that is read */
#define PREFETCH 32

#define INTERRUPT_ENTRIES 65536

/* Entries that agree in all bytes before depth + byte */
typedef struct Part
{
	uint32_t	start;
	uint32_t	n;
	uint32_t	depth;			/* bytes before the key */
	uint32_t	byte;			/* of the key; 0: the keys are not loaded yet */
} Part;

typedef struct Sort
{
	IdentityForest *forest;
	IdentityEntry *entries;
	Part	   *parts;
	size_t		nparts;
	size_t		room;
} Sort;

/*
 * A part for later.  Its next keys are in records all over the arena, whose
 * memory is asked for here where they are too few to do so as they are loaded.
 */
static void
push(Sort *s, uint32_t start, uint32_t n, uint32_t depth, uint32_t byte)
{
	if (byte == 0 && n <= FEW)
		for (uint32_t i = start; i < start + n; i++)
			__builtin_prefetch(identity_record(s->forest, s->entries[i].place) + depth);
	if (s->nparts == s->room)
	{
		s->room *= 2;
		s->parts = core_realloc(s->parts, s->room * sizeof(Part));
	}
	s->parts[s->nparts++] = (Part){start, n, depth, byte};
}

/* The bytes from depth on, the first most significant, zeros after the end */
static inline uint64_t
load_key(IdentityItem item, uint32_t depth)
{
	uint64_t	word = 0;

	if (depth >= item.length)
		return 0;
	if (item.length - depth >= KEY_BYTES)
		word = load64(item.bytes + depth);
	else
		memcpy(&word, item.bytes + depth, item.length - depth);
	return __builtin_bswap64(word);
}

static void
load_keys(Sort *s, const Part *part)
{
	IdentityEntry *entries = s->entries + part->start;
	uint32_t	ended = 0;

	for (uint32_t i = 0; i < part->n; i++)
	{
		IdentityItem item;

		if (i % INTERRUPT_ENTRIES == INTERRUPT_ENTRIES - 1)
			core_interrupt();
		if (i + PREFETCH < part->n)
			__builtin_prefetch(identity_record(s->forest, entries[i + PREFETCH].place) + part->depth);
		item = identity_record_item(identity_record(s->forest, entries[i].place), s->forest->kind);
		entries[i].key = load_key(item, part->depth);
		ended += item.length <= part->depth;
	}
	if (ended > 1)
		identity_corrupt("an identifier twice in an aggregate state");
}

/* Runs of the same key go on with the next bytes */
static void
push_runs(Sort *s, const Part *part)
{
	IdentityEntry *entries = s->entries + part->start;

	if (s->forest->kind == IDENTITY_BIGINT)
		return;
	for (uint32_t i = 0; i < part->n;)
	{
		uint32_t	end = i + 1;

		while (end < part->n && entries[end].key == entries[i].key)
			end++;
		if (end - i > 1)
			push(s, part->start + i, end - i, part->depth + KEY_BYTES, 0);
		i = end;
	}
}

static void
sort_few(Sort *s, const Part *part)
{
	IdentityEntry *entries = s->entries + part->start;

	for (uint32_t i = 1; i < part->n; i++)
	{
		IdentityEntry moved = entries[i];
		uint32_t	j = i;

		for (; j > 0 && entries[j - 1].key > moved.key; j--)
			entries[j] = entries[j - 1];
		entries[j] = moved;
	}
	push_runs(s, part);
}

/* Move entries into their buckets, which end at end[] and are filled from next[] on */
static void
exchange(IdentityEntry *entries, uint32_t shift, uint32_t *next, const uint32_t *end)
{
	for (uint32_t b = 0; b < 256; b++)
	{
		core_interrupt();
		while (next[b] < end[b])
		{
			IdentityEntry moved = entries[next[b]];
			uint32_t	bucket;

			while ((bucket = (moved.key >> shift) & 0xFF) != b)
			{
				IdentityEntry other = entries[next[bucket]];

				entries[next[bucket]++] = moved;
				moved = other;
			}
			entries[next[b]++] = moved;
		}
	}
}

/* Into buckets by one byte of the key, each of which goes on with the next byte */
static void
sort_many(Sort *s, const Part *part)
{
	IdentityEntry *entries = s->entries + part->start;
	uint32_t	shift = 8 * (KEY_BYTES - 1 - part->byte);
	uint32_t	next[256] = {0};
	uint32_t	end[256];
	uint32_t	sum = 0;

	for (uint32_t i = 0; i < part->n; i++)
		next[(entries[i].key >> shift) & 0xFF]++;
	sum = next[(entries[0].key >> shift) & 0xFF];
	if (sum == part->n && part->byte + 1 < KEY_BYTES)
	{
		push(s, part->start, part->n, part->depth, part->byte + 1);
		return;
	}
	sum = 0;
	for (int b = 0; b < 256; b++)
	{
		uint32_t	n = next[b];

		next[b] = sum;
		sum += n;
		end[b] = sum;
	}
	exchange(entries, shift, next, end);
	for (int b = 255; b >= 0; b--)
	{
		uint32_t	start = b > 0 ? end[b - 1] : 0;

		if (end[b] - start <= 1)
			continue;
		if (part->byte + 1 < KEY_BYTES)
			push(s, part->start + start, end[b] - start, part->depth, part->byte + 1);
		else if (s->forest->kind == IDENTITY_TEXT)
			push(s, part->start + start, end[b] - start, part->depth + KEY_BYTES, 0);
	}
}

static void
collect_entries(IdentityForest *f, IdentityEntry *entries)
{
	uint32_t	place = 1;

	for (uint32_t i = 0; i < f->n; i++)
	{
		const uint8_t *record = identity_record(f, place);
		IdentityItem item = identity_record_item(record, f->kind);

		entries[i].place = place;
		entries[i].parent = load32(record);
		place += (uint32_t) (identity_record_size(f->kind, item.length) / IDENTITY_UNIT);
	}
}

IdentityEntry *
identity_forest_sort(IdentityForest *f)
{
	Sort		s = {.forest = f, .room = 1024};

	identity_forest_settle(f);
	identity_forest_charge(f, (size_t) f->n * sizeof(IdentityEntry));
	s.entries = core_alloc((size_t) f->n * sizeof(IdentityEntry) + 1);
	s.parts = core_alloc(s.room * sizeof(Part));
	collect_entries(f, s.entries);
	if (f->n > 1)
		push(&s, 0, f->n, 0, 0);
	while (s.nparts > 0)
	{
		Part		part = s.parts[--s.nparts];

		core_interrupt();
		if (part.byte == 0)
			load_keys(&s, &part);
		if (part.n <= FEW)
			sort_few(&s, &part);
		else
			sort_many(&s, &part);
	}
	core_free(s.parts);
	return s.entries;
}
