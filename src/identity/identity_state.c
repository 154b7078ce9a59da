/*
 * identity_state.c
 *	  Small states: a forest in a flat value, without a table.
 *
 * So few identifiers are found by looking at each.
 */
#include "identity/identity_forest.h"

#define HEADER_SIZE sizeof(IdentityState)

/* A forest whose arena is a state's: no table, no growing */
static void
open_state(IdentityForest *f, IdentityState *state)
{
	memset(f, 0, offsetof(IdentityForest, pending));
	f->kind = state->kind;
	f->wide = state->wide;
	f->n = state->n;
	f->arena = (uint8_t *) state + HEADER_SIZE - IDENTITY_UNIT;
	f->used = (size_t) state->places * IDENTITY_UNIT;
	f->capacity = identity_size(state) - (HEADER_SIZE - IDENTITY_UNIT);
}

void
identity_state_start(IdentityState *state, size_t size, uint8_t kind)
{
	memset(state, 0, HEADER_SIZE);
	identity_set_size(state, size);
	state->version = IDENTITY_VERSION;
	state->form = IDENTITY_FORM_STATE;
	state->kind = kind;
	state->places = 1;
}

void
identity_state_copy(IdentityState *to, const IdentityState *from)
{
	size_t		used = (size_t) (from->places - 1) * IDENTITY_UNIT;

	to->kind = from->kind;
	to->wide = from->wide;
	to->places = from->places;
	to->n = from->n;
	memcpy((uint8_t *) to + HEADER_SIZE, (const uint8_t *) from + HEADER_SIZE, used);
}

/* Of a small state: its record, or a new one */
static uint32_t
intern_in_state(IdentityForest *f, IdentityItem item)
{
	uint32_t	place = 1;
	size_t		size = identity_record_size(f->kind, item.length);
	uint8_t    *record;

	for (uint32_t i = 0; i < f->n; i++)
	{
		IdentityItem other = identity_record_item(identity_record(f, place), f->kind);

		if (other.length == item.length && memcmp(other.bytes, item.bytes, item.length) == 0)
			return place;
		place += (uint32_t) (identity_record_size(f->kind, other.length) / IDENTITY_UNIT);
	}
	record = identity_record(f, place);
	identity_put_record(record, f->kind, place, item);
	f->wide |= identity_is_wide(f->kind, item);
	f->used += size;
	f->n++;
	return place;
}

/* Room for records of these identifiers?  Then open it. */
static bool
open_with_room(IdentityForest *f, IdentityState *state, uint8_t kind, size_t needed)
{
	open_state(f, state);
	if (needed > f->capacity - f->used)
		return false;
	identity_forest_kind(f, kind);
	return true;
}

static void
close_state(const IdentityForest *f, IdentityState *state)
{
	state->kind = f->kind;
	state->wide = f->wide;
	state->places = (uint32_t) (f->used / IDENTITY_UNIT);
	state->n = f->n;
}

bool
identity_state_add_row(IdentityState *state, uint8_t kind, const IdentityItem *items, size_t n)
{
	IdentityForest f;
	size_t		needed = 0;
	uint32_t	first = 0;

	for (size_t i = 0; i < n && needed <= IDENTITY_STATE_MAX_SIZE; i++)
		needed += identity_record_size(kind, items[i].length);
	if (!open_with_room(&f, state, kind, needed))
		return false;
	for (size_t i = 0; i < n; i++)
	{
		uint32_t	place = intern_in_state(&f, items[i]);

		if (i == 0)
			first = place;
		else
			identity_forest_union(&f, first, place);
	}
	close_state(&f, state);
	return true;
}

bool
identity_state_add_map(IdentityState *state, const IdentityView *view)
{
	IdentityForest f;
	IdentityIter iter;
	size_t		needed = 0;
	uint32_t   *first;

	/* each takes 8 bytes at least, so that a large map isn't read for nothing */
	if (view->n > IDENTITY_STATE_MAX_SIZE / 8)
		return false;
	identity_iter_start(&iter, view);
	while (identity_iter_next(&iter))
		needed += identity_record_size(view->kind, iter.length);
	identity_iter_stop(&iter);
	if (!open_with_room(&f, state, view->kind, needed))
		return false;
	first = core_alloc(view->customers * sizeof(uint32_t) + 1);
	memset(first, 0, view->customers * sizeof(uint32_t));
	identity_iter_start(&iter, view);
	while (identity_iter_next(&iter))
	{
		uint32_t	place = intern_in_state(&f, (IdentityItem){iter.bytes, iter.length});

		if (first[iter.customer] == 0)
			first[iter.customer] = place;
		identity_forest_union(&f, first[iter.customer], place);
	}
	identity_iter_stop(&iter);
	core_free(first);
	close_state(&f, state);
	return true;
}

IdentityMap *
identity_state_write(const void *value, size_t size, uint8_t encoding)
{
	IdentityForest *f = core_alloc(sizeof(IdentityForest));
	IdentityBounds bounds = {SIZE_MAX / 2, {0, 0}};
	IdentityMap *map;

	/* an empty forest takes the records over without hashing any */
	identity_forest_start(f, &bounds);
	identity_forest_add_state(f, value, size);
	map = identity_forest_write(f, encoding);
	identity_forest_stop(f);
	core_free(f);
	return map;
}
