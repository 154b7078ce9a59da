/*
 * identity_forest.c
 *	  Identifiers interned and united (identity_forest.h).
 *
 * Interning waits for memory: for the slot, for the record, for its parent.  So
 * a batch goes through the steps together, each step asking for the memory
 * that the next one needs.
 */
#include "identity/identity_forest.h"

#define MIN_SLOT_BITS 10
#define MAX_SLOT_BITS 32

/* At most two thirds of the slots are taken */
#define SLOTS_ARE_ENOUGH(n, bits) ((uint64_t) (n) * 3 <= (UINT64_C(2) << (bits)))

/* The arena doubles up to here, then grows by a quarter: spare room is memory too */
#define ARENA_MIN_SIZE 1024
#define ARENA_DOUBLES_BELOW ((size_t) 16 * 1024 * 1024)

#define INTERRUPT_STEPS 4096

#define prefetch(p) __builtin_prefetch(p)

void
identity_forest_start(IdentityForest *f, const IdentityBounds *bounds)
{
	/* not what waits: it is large, and nothing does */
	memset(f, 0, offsetof(IdentityForest, pending));
	f->used = IDENTITY_UNIT;
	f->limit = bounds->limit;
	f->secret[0] = bounds->secret[0];
	f->secret[1] = bounds->secret[1] | 1;
}

void
identity_forest_stop(IdentityForest *f)
{
	core_free(f->arena);
	core_free(f->slots);
	f->arena = NULL;
	f->slots = NULL;
}

void
identity_forest_kind(IdentityForest *f, uint8_t kind)
{
	if (f->kind == kind || kind == IDENTITY_EMPTY)
		return;
	if (f->kind != IDENTITY_EMPTY)
		core_throw(CORE_BAD_PARAMETER, NULL,
				   "cannot unite maps of %s and of %s identifiers",
				   identity_kind_name(f->kind), identity_kind_name(kind));
	f->kind = kind;
}

/* ---- memory ---- */

static size_t
slots_size(const IdentityForest *f)
{
	return f->slots == NULL ? 0 : sizeof(IdentitySlot) << f->slot_bits;
}

void
identity_forest_charge(IdentityForest *f, size_t bytes)
{
	size_t		taken = f->capacity + slots_size(f) + f->scratch;

	if (bytes > f->limit || taken > f->limit - bytes)
		core_throw(CORE_MEMORY,
				   "Raise the setting, or take fewer rows at a time.",
				   "identifiers need more memory than portrait.identity_work_mem allows (%zu kB)",
				   f->limit / 1024);
}

void
identity_forest_reserve(IdentityForest *f, size_t bytes)
{
	size_t		needed = core_add_size(f->used, bytes);
	size_t		capacity;

	if (needed <= f->capacity)
		return;
	if (needed / IDENTITY_UNIT > IDENTITY_MAX_PLACES)
		core_throw(CORE_LIMIT, "Take fewer rows at a time.",
				   "identifiers of a map take more than %zu GB",
				   (size_t) (IDENTITY_MAX_PLACES + 1) * IDENTITY_UNIT >> 30);
	capacity = f->capacity + (f->capacity < ARENA_DOUBLES_BELOW ? f->capacity : f->capacity / 4);
	if (capacity < ARENA_MIN_SIZE)
		capacity = ARENA_MIN_SIZE;
	if (capacity < needed)
		capacity = needed;
	identity_forest_charge(f, capacity - f->capacity);
	f->arena = core_realloc(f->arena, capacity);
	f->capacity = capacity;
}

/* ---- hashing ---- */

static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128) a * b;

	return (uint64_t) product ^ (uint64_t) (product >> 64);
}

static inline uint32_t
hash_number(const IdentityForest *f, const uint8_t *bytes)
{
	return (uint32_t) (fold(load64(bytes) ^ f->secret[0], f->secret[1]) >> 32);
}

static inline uint32_t
hash_text(const IdentityForest *f, const uint8_t *p, size_t length)
{
	uint64_t	h = f->secret[1] ^ length;
	uint64_t	a = 0;
	uint64_t	b = 0;
	size_t		left = length;

	for (; left > 16; left -= 16, p += 16)
		h = fold(load64(p) ^ f->secret[0], load64(p + 8) ^ h);
	if (left >= 8)
	{
		a = load64(p);
		b = load64(p + left - 8);
	}
	else if (left >= 4)
	{
		a = load32(p);
		b = load32(p + left - 4);
	}
	else if (left > 0)
		a = p[0] | (uint64_t) p[left / 2] << 8 | (uint64_t) p[left - 1] << 16;
	h = fold(a ^ f->secret[0], b ^ h);
	return (uint32_t) (fold(h ^ f->secret[0], f->secret[1]) >> 32);
}

static inline uint32_t
hash_item(const IdentityForest *f, uint8_t kind, IdentityItem item)
{
	return kind == IDENTITY_BIGINT ? hash_number(f, item.bytes) :
		hash_text(f, item.bytes, item.length);
}

/* ---- the table ---- */

static void
insert_slot(IdentitySlot *slots, uint32_t bits, uint32_t hash, uint32_t place)
{
	uint32_t	mask = (uint32_t) ((UINT64_C(1) << bits) - 1);
	uint32_t	i = (uint32_t) ((uint64_t) hash >> (32 - bits));

	while (slots[i].place != 0)
		i = (i + 1) & mask;
	slots[i] = (IdentitySlot){hash, place};
}

static IdentitySlot *
new_slots(IdentityForest *f, uint32_t bits)
{
	size_t		size = sizeof(IdentitySlot) << bits;
	IdentitySlot *slots;

	identity_forest_charge(f, size);
	slots = core_alloc(size);
	/* in parts, as it may be long */
	for (size_t at = 0; at < size; at += (size_t) 1 << 20)
	{
		core_interrupt();
		memset((char *) slots + at, 0, size - at < (size_t) 1 << 20 ? size - at : (size_t) 1 << 20);
	}
	return slots;
}

/* The table from the arena */
static void
build_slots(IdentityForest *f, uint32_t bits)
{
	IdentitySlot *slots = new_slots(f, bits);
	uint32_t	hashes[IDENTITY_BATCH];
	uint32_t	places[IDENTITY_BATCH];
	uint32_t	place = 1;
	uint32_t	left = f->n;

	while (left > 0)
	{
		uint32_t	n = left < IDENTITY_BATCH ? left : IDENTITY_BATCH;

		core_interrupt();
		for (uint32_t i = 0; i < n; i++)
		{
			IdentityItem item = identity_record_item(identity_record(f, place), f->kind);

			places[i] = place;
			hashes[i] = hash_item(f, f->kind, item);
			prefetch(&slots[(uint64_t) hashes[i] >> (32 - bits)]);
			place += (uint32_t) (identity_record_size(f->kind, item.length) / IDENTITY_UNIT);
		}
		for (uint32_t i = 0; i < n; i++)
			insert_slot(slots, bits, hashes[i], places[i]);
		left -= n;
	}
	f->slots = slots;
	f->slot_bits = bits;
}

/* Twice as many slots; both tables are walked in order */
static void
double_slots(IdentityForest *f)
{
	uint32_t	bits = f->slot_bits + 1;
	IdentitySlot *slots = new_slots(f, bits);
	uint64_t	n = UINT64_C(1) << f->slot_bits;

	for (uint64_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_STEPS == 0)
			core_interrupt();
		if (f->slots[i].place != 0)
			insert_slot(slots, bits, f->slots[i].hash, f->slots[i].place);
	}
	core_free(f->slots);
	f->slots = slots;
	f->slot_bits = bits;
}

/* Slots for so many identifiers more */
static void
reserve_slots(IdentityForest *f, uint32_t more)
{
	uint64_t	n = (uint64_t) f->n + more;

	if (f->slots == NULL)
	{
		uint32_t	bits = MIN_SLOT_BITS;

		while (!SLOTS_ARE_ENOUGH(n, bits) && bits < MAX_SLOT_BITS)
			bits++;
		build_slots(f, bits);
	}
	while (!SLOTS_ARE_ENOUGH(n, f->slot_bits) && f->slot_bits < MAX_SLOT_BITS)
		double_slots(f);
}

void
identity_forest_drop_slots(IdentityForest *f)
{
	core_free(f->slots);
	f->slots = NULL;
}

/* ---- interning ---- */

static inline bool
record_is(const uint8_t *record, uint8_t kind, IdentityItem item)
{
	if (kind == IDENTITY_BIGINT)
		return load64(record + 4) == load64(item.bytes);
	if (item.length < 255)
		return record[4] == item.length && memcmp(record + 5, item.bytes, item.length) == 0;
	return record[4] == 255 && load32(record + 5) == item.length &&
		memcmp(record + 9, item.bytes, item.length) == 0;
}

/* A record of its own; there is room */
static uint32_t
append_record(IdentityForest *f, uint8_t kind, IdentityItem item)
{
	uint32_t	place = (uint32_t) (f->used / IDENTITY_UNIT);

	identity_put_record(f->arena + f->used, kind, place, item);
	f->wide = f->wide || identity_is_wide(kind, item);
	f->used += identity_record_size(kind, item.length);
	f->n++;
	return place;
}

static inline __attribute__((always_inline)) void
intern(IdentityForest *f, uint8_t kind, const IdentityItem *items, uint32_t n, uint32_t *places)
{
	uint32_t	hashes[IDENTITY_BATCH];
	uint32_t	shift = 32 - f->slot_bits;
	uint32_t	mask = (uint32_t) ((UINT64_C(1) << f->slot_bits) - 1);

	for (uint32_t i = 0; i < n; i++)
	{
		hashes[i] = hash_item(f, kind, items[i]);
		prefetch(&f->slots[(uint64_t) hashes[i] >> shift]);
	}
	/* the record that it probably is */
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	s = (uint32_t) ((uint64_t) hashes[i] >> shift);

		while (f->slots[s].place != 0 && f->slots[s].hash != hashes[i])
			s = (s + 1) & mask;
		prefetch(identity_record(f, f->slots[s].place));
	}
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	s = (uint32_t) ((uint64_t) hashes[i] >> shift);

		while (f->slots[s].place != 0 &&
			   (f->slots[s].hash != hashes[i] ||
				!record_is(identity_record(f, f->slots[s].place), kind, items[i])))
			s = (s + 1) & mask;
		if (f->slots[s].place == 0)
			f->slots[s] = (IdentitySlot){hashes[i], append_record(f, kind, items[i])};
		places[i] = f->slots[s].place;
		prefetch(identity_record(f, load32(identity_record(f, places[i]))));
	}
}

void
identity_forest_intern(IdentityForest *f, const IdentityItem *items, uint32_t n,
					   uint32_t *places)
{
	size_t		bytes = 0;

	for (uint32_t i = 0; i < n; i++)
		bytes = core_add_size(bytes, identity_record_size(f->kind, items[i].length));
	identity_forest_reserve(f, bytes);
	if (f->slots == NULL || !SLOTS_ARE_ENOUGH((uint64_t) f->n + n, f->slot_bits))
		reserve_slots(f, n);
	if (f->kind == IDENTITY_BIGINT)
		intern(f, IDENTITY_BIGINT, items, n, places);
	else
		intern(f, IDENTITY_TEXT, items, n, places);
}

uint32_t
identity_forest_find(IdentityForest *f, IdentityItem item)
{
	uint32_t	hash;
	uint32_t	mask;
	uint32_t	s;

	identity_forest_settle(f);
	if (f->n == 0)
		return 0;
	if (f->slots == NULL)
		reserve_slots(f, 0);
	hash = hash_item(f, f->kind, item);
	mask = (uint32_t) ((UINT64_C(1) << f->slot_bits) - 1);
	s = (uint32_t) ((uint64_t) hash >> (32 - f->slot_bits));
	while (f->slots[s].place != 0 &&
		   (f->slots[s].hash != hash ||
			!record_is(identity_record(f, f->slots[s].place), f->kind, item)))
		s = (s + 1) & mask;
	return f->slots[s].place;
}

/* ---- uniting ---- */

/* Rem's algorithm: the walk whose parent is higher goes on, and is spliced */
static inline void
unite(IdentityForest *f, uint32_t x, uint32_t y)
{
	for (uint32_t steps = 1;; steps++)
	{
		uint8_t    *rx = identity_record(f, x);
		uint8_t    *ry = identity_record(f, y);
		uint32_t	px = load32(rx);
		uint32_t	py = load32(ry);

		if (px == py)
			return;
		if (steps % INTERRUPT_STEPS == 0)
			core_interrupt();
		if (px > py)
		{
			store32(rx, py);
			if (px == x)
				return;
			x = px;
		}
		else
		{
			store32(ry, px);
			if (py == y)
				return;
			y = py;
		}
	}
}

void
identity_forest_union(IdentityForest *f, uint32_t a, uint32_t b)
{
	unite(f, a, b);
}

/* ---- rows ---- */

void
identity_forest_settle(IdentityForest *f)
{
	uint32_t	places[IDENTITY_BATCH];
	uint32_t	n = f->npending;

	if (n == 0)
		return;
	identity_forest_intern(f, f->pending, n, places);
	f->npending = 0;
	f->pending_used = 0;
	for (uint32_t i = 0; i < n; i++)
	{
		if (f->starts_row[i])
			f->row_place = places[i];
		else
			unite(f, f->row_place, places[i]);
	}
}

/* An identifier that is too long to wait */
static void
add_now(IdentityForest *f, IdentityItem item, bool starts_row)
{
	uint32_t	place;

	identity_forest_settle(f);
	identity_forest_intern(f, &item, 1, &place);
	if (starts_row)
		f->row_place = place;
	else
		unite(f, f->row_place, place);
}

void
identity_forest_add_row(IdentityForest *f, uint8_t kind, const IdentityItem *items, size_t n)
{
	identity_forest_kind(f, kind);
	for (size_t i = 0; i < n; i++)
	{
		uint8_t    *copy;

		if (i % INTERRUPT_STEPS == INTERRUPT_STEPS - 1)
			core_interrupt();
		if (items[i].length > IDENTITY_BATCH_BYTES)
		{
			add_now(f, items[i], i == 0);
			continue;
		}
		if (f->npending == IDENTITY_BATCH ||
			items[i].length > IDENTITY_BATCH_BYTES - f->pending_used)
			identity_forest_settle(f);
		copy = f->pending_bytes + f->pending_used;
		memcpy(copy, items[i].bytes, items[i].length);
		f->pending_used += items[i].length;
		f->pending[f->npending] = (IdentityItem){copy, items[i].length};
		f->starts_row[f->npending] = i == 0;
		f->npending++;
	}
}
