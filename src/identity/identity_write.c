/*
 * identity_write.c
 *	  The writer of the one image of a map.
 *
 * How many identifiers and customers there will be is known beforehand, so
 * that directory and numbers have their places, and blocks are added at the end.
 */
#include "identity/identity_layout.h"

/* Rather too much room than a copy: spare bytes are never touched */
static void
make_room(IdentityWriter *w, size_t needed)
{
	size_t		capacity = w->capacity + w->capacity / 4;

	if (capacity < needed)
		capacity = needed;
	w->value = core_realloc(w->value, capacity);
	w->capacity = capacity;
}

void
identity_write_start(IdentityWriter *w, uint8_t kind, uint8_t encoding,
					 uint32_t n, uint32_t customers, size_t size_hint)
{
	IdentityMap *map;

	memset(w, 0, sizeof(*w));
	w->kind = n == 0 ? IDENTITY_EMPTY : kind;
	w->n = n;
	w->customers = customers;
	w->width = identity_width(customers);
	w->numbers_at = IDENTITY_HEADER_SIZE + (size_t) identity_blocks(n) * 4;
	w->blocks_at = w->numbers_at + identity_numbers_size(n, w->width);
	w->used = w->blocks_at;
	w->capacity = core_add_size(w->blocks_at, size_hint);
	w->value = core_alloc(w->capacity);
	memset(w->value, 0, w->blocks_at);
	map = (IdentityMap *) w->value;
	map->version = IDENTITY_VERSION;
	map->form = IDENTITY_FORM_MAP;
	map->kind = w->kind;
	map->encoding = encoding;
	map->n = n;
	map->customers = customers;
}

static void
write_number(IdentityWriter *w, uint32_t customer)
{
	uint64_t	bit = (uint64_t) w->i * w->width;
	uint8_t    *p = w->value + w->numbers_at + bit / 8;
	uint64_t	word = (uint64_t) customer << (bit % 8);

	/* the place is all zeros still */
	for (uint32_t bits = (uint32_t) (bit % 8) + w->width; bits > 0; bits -= bits < 8 ? bits : 8)
	{
		*p++ |= (uint8_t) word;
		word >>= 8;
	}
}

void
identity_write_next(IdentityWriter *w, const uint8_t *bytes, size_t length, uint32_t customer)
{
	bool		first = w->i % IDENTITY_BLOCK == 0;
	size_t		shared = 0;
	uint8_t    *p;

	if (!first)
		shared = identity_shared(w->last, w->last_length, bytes, length);
	if (w->capacity - w->used < length - shared + 2 * IDENTITY_LENGTH_BYTES)
		make_room(w, core_add_size(w->used, length - shared + 2 * IDENTITY_LENGTH_BYTES));
	if (first)
	{
		if (w->used > IDENTITY_MAX_SIZE)
			core_throw(CORE_LIMIT, "Make maps of fewer identifiers.",
					   "identity_map with %u identifiers would be larger than %zu MB",
					   w->n, IDENTITY_MAX_SIZE >> 20);
		store32(w->value + IDENTITY_HEADER_SIZE + (size_t) (w->i / IDENTITY_BLOCK) * 4,
				(uint32_t) (w->used - w->blocks_at));
	}
	p = w->value + w->used;
	if (w->kind == IDENTITY_TEXT)
	{
		if (!first)
			p = identity_write_length(p, shared);
		p = identity_write_length(p, length - shared);
	}
	else if (!first)
		*p++ = (uint8_t) shared;
	memcpy(p, bytes + shared, length - shared);
	w->used = (size_t) (p - w->value) + (length - shared);
	write_number(w, customer);
	w->i++;
	w->last = bytes;
	w->last_length = length;
}

IdentityMap *
identity_write_finish(IdentityWriter *w)
{
	if (w->used > IDENTITY_MAX_SIZE)
		core_throw(CORE_LIMIT, "Make maps of fewer identifiers.",
				   "identity_map with %u identifiers would be larger than %zu MB",
				   w->n, IDENTITY_MAX_SIZE >> 20);
	identity_set_size(w->value, w->used);
	return (IdentityMap *) w->value;
}
