/*
 * identity_merge.c
 *	  From a forest to its map, and maps and states into a forest.
 */
#include "identity/identity_forest.h"

#define INTERRUPT_RECORDS 4096

/* Entries from one whose memory is asked for to the one that is written */
#define PREFETCH 48

#define HEADER_SIZE sizeof(IdentityState)

/* Memory under the limit for a while, zeroed */
static uint32_t *
take_scratch(IdentityForest *f, size_t n)
{
	size_t		size = core_mul_size(n, sizeof(uint32_t));
	uint32_t   *array;

	identity_forest_charge(f, size);
	array = core_alloc(size + 1);
	f->scratch += size;
	for (size_t at = 0; at < size; at += (size_t) 1 << 20)
	{
		core_interrupt();
		memset((char *) array + at, 0, size - at < (size_t) 1 << 20 ? size - at : (size_t) 1 << 20);
	}
	return array;
}

static void
give_back(IdentityForest *f, uint32_t *array, size_t n)
{
	core_free(array);
	f->scratch -= n * sizeof(uint32_t);
}

/* ---- writing the map ---- */

/* The place after a record */
static inline uint32_t
next_place(const IdentityForest *f, uint32_t place)
{
	IdentityItem item = identity_record_item(identity_record(f, place), f->kind);

	return place + (uint32_t) (identity_record_size(f->kind, item.length) / IDENTITY_UNIT);
}

/*
 * Number the roots in the order of the arena, and let every record name its
 * root by number instead of a parent.  A parent's place is lower, so that one
 * pass in order is enough.  Returns how many roots there are.
 */
static uint32_t
number_roots(IdentityForest *f, uint32_t *roots)
{
	uint32_t	places[IDENTITY_BATCH];
	uint32_t	place = 1;
	uint32_t	n_roots = 0;

	for (uint32_t left = f->n; left > 0;)
	{
		uint32_t	n = left < IDENTITY_BATCH ? left : IDENTITY_BATCH;

		core_interrupt();
		for (uint32_t i = 0; i < n; i++)
		{
			places[i] = place;
			__builtin_prefetch(identity_record(f, load32(identity_record(f, place))));
			place = next_place(f, place);
		}
		for (uint32_t i = 0; i < n; i++)
		{
			uint8_t    *record = identity_record(f, places[i]);
			uint32_t	parent = load32(record);

			if (parent != places[i])
				store32(record, load32(identity_record(f, parent)));
			else
			{
				roots[n_roots] = places[i];
				store32(record, n_roots++);
			}
		}
		left -= n;
	}
	return n_roots;
}

/* The root is every record's parent again */
static void
restore_parents(IdentityForest *f, const uint32_t *roots)
{
	uint32_t	place = 1;

	for (uint32_t i = 0; i < f->n; i++)
	{
		uint8_t    *record = identity_record(f, place);

		if (i % INTERRUPT_RECORDS == 0)
			core_interrupt();
		store32(record, roots[load32(record)]);
		place = next_place(f, place);
	}
}

/* Write the sorted identifiers; customers are numbered as they come */
static void
write_entries(IdentityWriter *w, const IdentityForest *f, const IdentityEntry *entries,
			  uint32_t *numbers)
{
	uint32_t	numbered = 0;

	for (uint32_t i = 0; i < f->n; i++)
	{
		IdentityItem item = identity_record_item(identity_record(f, entries[i].place), f->kind);
		uint32_t   *number = &numbers[entries[i].parent];

		if (i % INTERRUPT_RECORDS == 0)
			core_interrupt();
		if (i + PREFETCH < f->n)
		{
			const uint8_t *record = identity_record(f, entries[i + PREFETCH].place);

			__builtin_prefetch(record);
			__builtin_prefetch(record + 32);
			__builtin_prefetch(&numbers[entries[i + PREFETCH].parent]);
		}
		if (*number == 0)
			*number = ++numbered;
		identity_write_next(w, item.bytes, item.length, *number - 1);
	}
}

IdentityMap *
identity_forest_write(IdentityForest *f, uint8_t encoding)
{
	IdentityWriter writer;
	IdentityEntry *entries;
	uint32_t   *roots;
	uint32_t   *numbers;
	uint32_t	customers;

	identity_forest_settle(f);
	/* a small table is not worth building anew */
	if (f->slot_bits > 16)
		identity_forest_drop_slots(f);
	roots = take_scratch(f, f->n);
	customers = number_roots(f, roots);
	numbers = take_scratch(f, customers);
	entries = identity_forest_sort(f);
	identity_write_start(&writer, f->kind, f->wide ? encoding : 0, f->n, customers,
						 f->used / 2);
	write_entries(&writer, f, entries, numbers);
	restore_parents(f, roots);
	core_free(entries);
	give_back(f, numbers, customers);
	give_back(f, roots, f->n);
	return identity_write_finish(&writer);
}

/* ---- maps and states into a forest ---- */

/* Identifiers on the way into a forest, in batches */
typedef struct Feed
{
	IdentityForest *forest;
	uint32_t   *new_places;		/* by customer, or by place in the state; 0: none yet */
	uint32_t	n;
	IdentityItem items[IDENTITY_BATCH];
	uint32_t	self[IDENTITY_BATCH];	/* where its new place goes, unless one is there */
	uint32_t	relative[IDENTITY_BATCH];	/* and where that of its customer is */
} Feed;

static void
feed_flush(Feed *feed)
{
	uint32_t	places[IDENTITY_BATCH];

	identity_forest_intern(feed->forest, feed->items, feed->n, places);
	for (uint32_t i = 0; i < feed->n; i++)
	{
		if (feed->new_places[feed->self[i]] == 0)
			feed->new_places[feed->self[i]] = places[i];
		identity_forest_union(feed->forest, places[i], feed->new_places[feed->relative[i]]);
	}
	feed->n = 0;
}

/* Bytes of identifiers that are put together for a batch */
#define FEED_BYTES 65536

void
identity_forest_add_map(IdentityForest *f, const IdentityView *view)
{
	Feed	   *feed;
	uint8_t    *bytes;
	size_t		used = 0;
	IdentityIter iter;

	identity_forest_settle(f);
	identity_forest_kind(f, view->kind);
	if (view->n == 0)
		return;
	f->wide |= view->encoding != 0;
	feed = core_alloc(sizeof(Feed));
	feed->forest = f;
	feed->n = 0;
	feed->new_places = take_scratch(f, view->customers);
	bytes = core_alloc(FEED_BYTES);
	identity_iter_start(&iter, view);
	while (identity_iter_next(&iter))
	{
		const uint8_t *at = iter.bytes;

		if (feed->n == IDENTITY_BATCH || (feed->n > 0 && iter.length > FEED_BYTES - used))
		{
			feed_flush(feed);
			used = 0;
		}
		if (iter.length <= FEED_BYTES - used)
		{
			at = memcpy(bytes + used, iter.bytes, iter.length);
			used += iter.length;
		}
		feed->items[feed->n] = (IdentityItem){at, iter.length};
		feed->self[feed->n] = feed->relative[feed->n] = iter.customer;
		feed->n++;
		if (at == iter.bytes)
			feed_flush(feed);
	}
	feed_flush(feed);
	identity_iter_stop(&iter);
	core_free(bytes);
	give_back(f, feed->new_places, view->customers);
	core_free(feed);
}

/* ---- states into a forest ---- */

/* Records whose bytes need be no good, walked one by one */
typedef struct RecordIter
{
	const uint8_t *arena;		/* where place 0 is, or would be */
	uint8_t		kind;
	uint32_t	places;			/* where the records end */
	uint32_t	place;			/* of the next record */
	uint32_t	left;
	uint32_t	parent;
	IdentityItem item;
	uint32_t   *seen;			/* a bit for each place that was a record */
} RecordIter;

static void
damaged_state(void)
{
	identity_corrupt("wrong aggregate state");
}

static void
record_iter_start(RecordIter *iter, const void *value, size_t size, uint32_t *seen)
{
	const IdentityState *state = value;

	if (size < HEADER_SIZE || state->version != IDENTITY_VERSION ||
		state->form != IDENTITY_FORM_STATE || state->kind > IDENTITY_BIGINT ||
		state->places < 1 || state->places - 1 > (size - HEADER_SIZE) / IDENTITY_UNIT ||
		state->n > state->places - 1 || (state->kind == IDENTITY_EMPTY && state->n > 0))
		damaged_state();
	iter->arena = (const uint8_t *) value + HEADER_SIZE - IDENTITY_UNIT;
	iter->kind = state->kind;
	iter->places = state->places;
	iter->place = 1;
	iter->left = state->n;
	iter->seen = seen;
}

/* The next record's place, or 0 at the end */
static uint32_t
record_iter_next(RecordIter *iter)
{
	const uint8_t *record = iter->arena + (size_t) iter->place * IDENTITY_UNIT;
	size_t		left = (size_t) (iter->places - iter->place) * IDENTITY_UNIT;
	uint32_t	place = iter->place;
	size_t		size;

	if (iter->left == 0)
	{
		if (iter->place != iter->places)
			damaged_state();
		return 0;
	}
	if (iter->left % INTERRUPT_RECORDS == 0)
		core_interrupt();
	if (left < 8 || (iter->kind == IDENTITY_TEXT && record[4] == 255 && left < 12))
		damaged_state();
	iter->item = identity_record_item(record, iter->kind);
	size = identity_record_size(iter->kind, iter->item.length);
	iter->parent = load32(record);
	if (size > left || iter->parent > place)
		damaged_state();
	iter->seen[place / 32] |= UINT32_C(1) << (place % 32);
	if (!(iter->seen[iter->parent / 32] >> (iter->parent % 32) & 1))
		damaged_state();
	iter->place += (uint32_t) (size / IDENTITY_UNIT);
	iter->left--;
	return place;
}

/* An empty forest takes the records over; the slots are built when they are needed */
static void
take_over(IdentityForest *f, RecordIter *iter)
{
	uint32_t	n = iter->left;
	size_t		size = (size_t) (iter->places - 1) * IDENTITY_UNIT;

	while (record_iter_next(iter) != 0)
		;
	identity_forest_drop_slots(f);
	identity_forest_reserve(f, size);
	memcpy(f->arena + IDENTITY_UNIT, iter->arena + IDENTITY_UNIT, size);
	f->used = size + IDENTITY_UNIT;
	f->n = n;
}

static void
merge_records(IdentityForest *f, RecordIter *iter)
{
	Feed	   *feed = core_alloc(sizeof(Feed));
	uint32_t	place;

	feed->forest = f;
	feed->n = 0;
	feed->new_places = take_scratch(f, iter->places);
	while ((place = record_iter_next(iter)) != 0)
	{
		feed->items[feed->n] = iter->item;
		feed->self[feed->n] = place;
		feed->relative[feed->n] = iter->parent;
		if (++feed->n == IDENTITY_BATCH)
			feed_flush(feed);
	}
	feed_flush(feed);
	give_back(f, feed->new_places, iter->places);
	core_free(feed);
}

static void
add_records(IdentityForest *f, RecordIter *iter, bool wide)
{
	size_t		n = (size_t) iter->places / 32 + 1;

	if (iter->left == 0)
		return;
	iter->seen = take_scratch(f, n);
	f->wide |= wide;
	if (f->n == 0)
		take_over(f, iter);
	else
		merge_records(f, iter);
	give_back(f, iter->seen, n);
}

void
identity_forest_add_state(IdentityForest *f, const void *value, size_t size)
{
	RecordIter	iter;

	record_iter_start(&iter, value, size, NULL);
	identity_forest_settle(f);
	identity_forest_kind(f, iter.kind);
	add_records(f, &iter, ((const IdentityState *) value)->wide != 0);
}

void
identity_forest_add_forest(IdentityForest *f, IdentityForest *other)
{
	RecordIter	iter;

	identity_forest_settle(other);
	iter.arena = other->arena;
	iter.kind = other->kind;
	iter.places = (uint32_t) (other->used / IDENTITY_UNIT);
	iter.place = 1;
	iter.left = other->n;
	identity_forest_settle(f);
	identity_forest_kind(f, iter.kind);
	add_records(f, &iter, other->wide);
}

size_t
identity_forest_state_size(IdentityForest *f)
{
	identity_forest_settle(f);
	return HEADER_SIZE + f->used - IDENTITY_UNIT;
}

void
identity_forest_write_state(IdentityForest *f, void *value, size_t size)
{
	IdentityState *state = value;

	identity_state_start(state, size, f->kind);
	state->wide = f->wide;
	state->places = (uint32_t) (f->used / IDENTITY_UNIT);
	state->n = f->n;
	if (f->n > 0)
		memcpy((uint8_t *) value + HEADER_SIZE, f->arena + IDENTITY_UNIT, size - HEADER_SIZE);
}

