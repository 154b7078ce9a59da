/*
 * segment_build.c
 *	  Writing the one image of a set, from chunks and ids in ascending order.
 *
 * The builder keeps the directory in arrays of its own and the payloads in
 * the value under construction, behind a gap that the directory will fill.
 * Two things wait until what follows is known: small chunks (in "small",
 * until their group ends or a block is full) and full chunks (until one comes
 * that is not adjacent).  The chunk that single ids and ranges are added to
 * is kept open as a list of runs.
 */
#include "segment/segment.h"
#include "segment/segment_build.h"

static void
throw_too_large(void)
{
	core_throw(CORE_LIMIT,
			   "Keep the ids in several segments, for example one for each range of ids.",
			   "segment would be larger than 512 MB");
}

static void
throw_too_many(void)
{
	core_throw(CORE_LIMIT,
			   "Keep the ids in several segments, for example one for each range of ids.",
			   "segment would have more than 9223372036854775807 members");
}

/* ---- memory ---- */

void
segment_build_start(SegmentBuilder *b, bool loose, size_t payload_hint, size_t entries_hint)
{
	b->loose = loose;
	b->any_count = false;
	b->n = 0;
	b->room = SEGMENT_INLINE_ENTRIES;
	b->keys = b->keys_inline;
	b->refs = b->refs_inline;
	b->cards = b->cards_inline;
	b->count = 0;
	b->value = NULL;
	if (payload_hint > SEGMENT_MAX_SIZE)
		payload_hint = SEGMENT_MAX_SIZE;
	if (entries_hint > SEGMENT_MAX_SIZE / 8)
		entries_hint = SEGMENT_MAX_SIZE / 8;
	b->gap = segment_payload_start(entries_hint, 2);
	b->used = 0;
	b->capacity = payload_hint;
	b->nsmall = 0;
	b->group_open = false;
	b->full_chunks = 0;
	b->nopen = 0;
	b->open_count = 0;
	b->open = b->open_inline;
	b->open_room = SEGMENT_INLINE_RUNS;
}

static void
grow_directory(SegmentBuilder *b)
{
	uint32_t	room = b->room * 2;
	bool		was_inline = (b->keys == b->keys_inline);

	if (room > SEGMENT_MAX_SIZE / 4)
		throw_too_large();
	if (was_inline)
	{
		b->keys = core_alloc(room * sizeof(uint64_t));
		b->refs = core_alloc(room * sizeof(uint32_t));
		b->cards = core_alloc(room * sizeof(uint16_t));
		memcpy(b->keys, b->keys_inline, sizeof(b->keys_inline));
		memcpy(b->refs, b->refs_inline, sizeof(b->refs_inline));
		memcpy(b->cards, b->cards_inline, sizeof(b->cards_inline));
	}
	else
	{
		b->keys = core_realloc(b->keys, room * sizeof(uint64_t));
		b->refs = core_realloc(b->refs, room * sizeof(uint32_t));
		b->cards = core_realloc(b->cards, room * sizeof(uint16_t));
	}
	b->room = room;
}

/* Make room for "need" more payload bytes */
static void
grow_payload(SegmentBuilder *b, size_t need)
{
	size_t		capacity = b->used + need;

	if (capacity > SEGMENT_MAX_SIZE)
		throw_too_large();
	if (b->value == NULL)
	{
		if (b->capacity < capacity)
			b->capacity = capacity;
		b->value = core_alloc(b->gap + b->capacity);
		return;
	}
	if (capacity < b->capacity * 2)
		capacity = b->capacity * 2;
	if (capacity > SEGMENT_MAX_SIZE)
		capacity = SEGMENT_MAX_SIZE;
	b->value = core_realloc(b->value, b->gap + capacity);
	b->capacity = capacity;
}

/*
 * A new entry with room for "bytes" of payload, which the caller fills;
 * padding is zeroed.
 */
uint8_t *
segment_add_entry(SegmentBuilder *b, uint64_t key, uint32_t kind, uint32_t count, size_t bytes)
{
	size_t		front = (kind == SEGMENT_BITSET) ? (-b->used & 7) : 0;
	size_t		padded = (bytes + 1) & ~(size_t) 1;
	uint8_t    *p;

	if (b->n == b->room)
		grow_directory(b);
	if (b->value == NULL || b->capacity - b->used < front + padded)
		grow_payload(b, front + padded);
	p = b->value + b->gap + b->used;
	memset(p, 0, front);
	p += front;
	p[padded - 1] = 0;
	b->used += front;
	b->keys[b->n] = key;
	b->refs[b->n] = kind << 28 | (uint32_t) (b->used / 2);
	b->cards[b->n] = (uint16_t) (count - 1);
	b->used += padded;
	b->n++;
	return p;
}

static void
add_count(SegmentBuilder *b, uint64_t count)
{
	if ((__builtin_add_overflow(b->count, count, &b->count) ||
		 b->count > SEGMENT_MAX_COUNT) && !b->any_count)
		throw_too_many();
}

/* ---- what waits ---- */

/* Pack ids, distances from the first key's first id */
static void
add_sparse(SegmentBuilder *b, const uint64_t *ids, uint32_t n)
{
	uint64_t	base = ids[0] & ~UINT64_C(0xFFFF);
	uint64_t	last = ids[n - 1] - base;
	uint32_t	width = last == 0 ? 1 : 64 - __builtin_clzll(last);
	uint8_t    *p;
	uint64_t	bits = 0;
	uint32_t	nbits = 0;

	if (width > 56)
		width = 64;
	p = segment_add_entry(b, base >> SEGMENT_CHUNK_BITS, SEGMENT_SPARSE, n,
				  1 + ((size_t) n * width + 7) / 8);
	*p++ = (uint8_t) width;
	if (width == 64)
	{
		for (uint32_t i = 0; i < n; i++)
			store64(p + (size_t) i * 8, ids[i] - base);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
	{
		/* nbits < 8 here, and width <= 56 */
		bits |= (ids[i] - base) << nbits;
		nbits += width;
		while (nbits >= 8)
		{
			*p++ = (uint8_t) bits;
			bits >>= 8;
			nbits -= 8;
		}
	}
	if (nbits > 0)
		*p = (uint8_t) bits;
}

static void
flush_full(SegmentBuilder *b)
{
	if (b->full_chunks == 0)
		return;
	store64(segment_add_entry(b, b->full_key, SEGMENT_FULL, SEGMENT_CHUNK_IDS, 8),
			b->full_chunks);
	b->full_chunks = 0;
}

static void
end_group(SegmentBuilder *b)
{
	uint32_t	n = b->nsmall;
	uint64_t	key;

	if (n == 0)
		return;
	key = b->small[0] >> SEGMENT_CHUNK_BITS;
	b->nsmall = 0;
	if (!b->group_open && b->small[n - 1] >> SEGMENT_CHUNK_BITS == key)
	{
		uint8_t    *p = segment_add_entry(b, key, SEGMENT_ARRAY, n, (size_t) n * 2);

		for (uint32_t i = 0; i < n; i++)
			store16(p + i * 2, (uint16_t) b->small[i]);
	}
	else
		add_sparse(b, b->small, n);
	b->group_open = false;
}

/* A small chunk: at most SEGMENT_SMALL ids */
void
segment_add_small(SegmentBuilder *b, const uint64_t *ids, uint32_t n)
{
	flush_full(b);
	if (b->nsmall + n > SEGMENT_BLOCK_IDS)
	{
		add_sparse(b, b->small, b->nsmall);
		b->nsmall = 0;
		b->group_open = true;
	}
	for (uint32_t i = 0; i < n; i++)
		b->small[b->nsmall + i] = ids[i];
	b->nsmall += n;
	add_count(b, n);
}

/* Before a chunk that is neither small nor full */
void
segment_before_chunk(SegmentBuilder *b, uint32_t n)
{
	end_group(b);
	flush_full(b);
	add_count(b, n);
}

void
segment_add_full(SegmentBuilder *b, uint64_t key, uint64_t chunks)
{
	uint64_t	count;

	end_group(b);
	if (__builtin_mul_overflow(chunks, SEGMENT_CHUNK_IDS, &count) && !b->any_count)
		throw_too_many();
	add_count(b, count);
	if (b->full_chunks > 0 && b->full_key + b->full_chunks == key)
	{
		b->full_chunks += chunks;
		return;
	}
	flush_full(b);
	b->full_key = key;
	b->full_chunks = chunks;
}

/* ---- ids and ranges ---- */

/* Close the open chunk */
void
segment_settle_open(SegmentBuilder *b)
{
	uint32_t	nruns = b->nopen;

	b->nopen = 0;
	segment_add_runs(b, b->open_key, b->open, nruns, b->open_count);
	b->open_count = 0;
}

void
segment_build_full(SegmentBuilder *b, uint64_t key, uint64_t chunks)
{
	segment_settle(b);
	segment_add_full(b, key, chunks);
}

/* Add places lo to hi of the open chunk, all above what it has */
static inline void
open_add(SegmentBuilder *b, uint32_t lo, uint32_t hi)
{
	b->open_count += hi - lo + 1;
	if (b->nopen > 0)
	{
		uint16_t   *last = b->open + 2 * (size_t) (b->nopen - 1);

		if ((uint32_t) last[0] + last[1] + 1 == lo)
		{
			last[1] += (uint16_t) (hi - lo + 1);
			return;
		}
	}
	if (b->nopen == b->open_room)
	{
		uint32_t	room = b->open_room * 4;
		uint16_t   *grown;

		if (b->nopen >= SEGMENT_CHUNK_IDS)
			segment_corrupt("ids out of order");
		grown = core_alloc((size_t) room * 4);
		memcpy(grown, b->open, (size_t) b->nopen * 4);
		if (b->open != b->open_inline)
			core_free(b->open);
		b->open = grown;
		b->open_room = room;
	}
	b->open[2 * (size_t) b->nopen] = (uint16_t) lo;
	b->open[2 * (size_t) b->nopen + 1] = (uint16_t) (hi - lo);
	b->nopen++;
}

void
segment_build_ids(SegmentBuilder *b, const uint64_t *ids, size_t n)
{
	size_t		i = 0;

	while (i < n)
	{
		uint64_t	key = ids[i] >> SEGMENT_CHUNK_BITS;
		size_t		end = i + 1;

		if (b->nopen > 0 && b->open_key != key)
			segment_settle_open(b);
		while (end < n && ids[end] >> SEGMENT_CHUNK_BITS == key)
			end++;
		if (end < n && b->nopen == 0 && end - i <= SEGMENT_SMALL)
			segment_add_small(b, ids + i, (uint32_t) (end - i));
		else
		{
			b->open_key = key;
			for (; i < end; i++)
				open_add(b, ids[i] & 0xFFFF, ids[i] & 0xFFFF);
		}
		i = end;
	}
}

void
segment_build_range(SegmentBuilder *b, uint64_t lo, uint64_t hi)
{
	uint64_t	first = lo >> SEGMENT_CHUNK_BITS;
	uint64_t	last = hi >> SEGMENT_CHUNK_BITS;

	if (b->nopen > 0 && b->open_key != first)
		segment_settle_open(b);
	b->open_key = first;
	if (first == last)
	{
		open_add(b, lo & 0xFFFF, hi & 0xFFFF);
		return;
	}
	open_add(b, lo & 0xFFFF, 0xFFFF);
	segment_settle_open(b);
	if (last - first > 1)
		segment_add_full(b, first + 1, last - first - 1);
	b->open_key = last;
	open_add(b, 0, hi & 0xFFFF);
}

void
segment_build_entry(SegmentBuilder *b, const SegmentEntry *e, bool canonical)
{
	if (e->kind == SEGMENT_SPARSE)
	{
		uint64_t	ids[SEGMENT_BLOCK_IDS];

		segment_unpack(e, ids);
		segment_build_ids(b, ids, e->count);
	}
	else if (e->kind == SEGMENT_FULL)
		segment_build_full(b, e->key, e->chunks);
	else if (canonical && e->count > SEGMENT_SMALL)
	{
		size_t		head = e->kind == SEGMENT_RUN ? 2 : 0;
		size_t		bytes = e->kind == SEGMENT_RUN ? 2 + (size_t) e->nruns * 4 :
			e->kind == SEGMENT_ARRAY ? (size_t) e->count * 2 : SEGMENT_BITSET_BYTES;

		segment_settle(b);
		segment_before_chunk(b, e->count);
		memcpy(segment_add_entry(b, e->key, e->kind, e->count, bytes), e->data - head, bytes);
	}
	else if (e->kind == SEGMENT_ARRAY)
		segment_build_array(b, e->key, (const uint16_t *) e->data, e->count);
	else if (e->kind == SEGMENT_RUN)
		segment_build_runs(b, e->key, (const uint16_t *) e->data, e->nruns);
	else
		segment_build_bitset(b, e->key, (const uint64_t *) e->data,
							 segment_kernels->bitset_count((const uint64_t *) e->data));
}

/* ---- the end ---- */

static void
free_directory(SegmentBuilder *b)
{
	if (b->keys != b->keys_inline)
	{
		core_free(b->keys);
		core_free(b->refs);
		core_free(b->cards);
	}
	if (b->open != b->open_inline)
		core_free(b->open);
}

void
segment_build_abandon(SegmentBuilder *b)
{
	free_directory(b);
	if (b->value != NULL)
		core_free(b->value);
}

/* First or last member of an entry, biased */
static uint64_t
entry_bound(const SegmentBuilder *b, uint32_t i, bool last)
{
	const uint8_t *p = b->value + b->gap + (size_t) (b->refs[i] & 0x0FFFFFFF) * 2;
	uint64_t	first_id = b->keys[i] << SEGMENT_CHUNK_BITS;
	uint32_t	n = (uint32_t) b->cards[i] + 1;

	switch (b->refs[i] >> 28)
	{
		case SEGMENT_SPARSE:
			{
				uint64_t	ids[SEGMENT_BLOCK_IDS];

				segment_kernels->unpack(p + 1, b->value + b->gap + b->used, *p,
										first_id, n, ids);
				return ids[last ? n - 1 : 0];
			}
		case SEGMENT_ARRAY:
			return first_id + load16(p + (last ? 2 * (size_t) (n - 1) : 0));
		case SEGMENT_BITSET:
			for (uint32_t w = 0; w < SEGMENT_WORDS; w++)
			{
				uint32_t	k = last ? SEGMENT_WORDS - 1 - w : w;
				uint64_t	word = load64(p + 8 * (size_t) k);

				if (word != 0)
					return first_id + k * 64 +
						(last ? 63 - __builtin_clzll(word) : __builtin_ctzll(word));
			}
			return first_id;
		case SEGMENT_RUN:
			p += 2 + (last ? 4 * (size_t) (load16(p) - 1) : 0);
			return first_id + load16(p) + (last ? load16(p + 2) : 0);
		default:
			return first_id + (last ? load64(p) * SEGMENT_CHUNK_IDS - 1 : 0);
	}
}

static void
write_directory(SegmentBuilder *b, Segment *segment, uint32_t key_bytes)
{
	uint8_t    *refs = (uint8_t *) segment + SEGMENT_HEADER_SIZE;
	uint8_t    *cards = refs + (size_t) b->n * 4;
	uint8_t    *keys = cards + (size_t) b->n * 2;
	uint8_t    *end = keys + (size_t) b->n * key_bytes;

	memcpy(refs, b->refs, (size_t) b->n * 4);
	memcpy(cards, b->cards, (size_t) b->n * 2);
	for (uint32_t i = 0; i < b->n; i++)
	{
		uint64_t	distance = b->keys[i] - b->keys[0];

		/* little-endian: the low bytes come first */
		memcpy(keys + (size_t) i * key_bytes, &distance, key_bytes);
	}
	memset(end, 0, (size_t) ((uint8_t *) segment +
							 segment_payload_start(b->n, key_bytes) - end));
}

Segment *
segment_build_finish(SegmentBuilder *b)
{
	Segment    *segment;
	uint64_t	min;
	uint64_t	max;
	uint32_t	key_bytes;
	size_t		start;
	size_t		size;

	segment_settle(b);
	end_group(b);
	flush_full(b);
	if (b->n == 0)
	{
		segment_build_abandon(b);
		return segment_make_empty();
	}
	min = entry_bound(b, 0, false);
	max = entry_bound(b, b->n - 1, true);
	key_bytes = segment_key_bytes((max >> SEGMENT_CHUNK_BITS) - (min >> SEGMENT_CHUNK_BITS));
	start = segment_payload_start(b->n, key_bytes);
	size = start + b->used;
	if (size > SEGMENT_MAX_SIZE)
		throw_too_large();
	if (start > b->gap && b->gap + b->capacity < size)
		b->value = core_realloc(b->value, size);
	if (start != b->gap)
		memmove(b->value + start, b->value + b->gap, b->used);
	/* give back what the hints asked in vain */
	if (start <= b->gap && b->gap + b->capacity - size > 65536)
		b->value = core_realloc(b->value, size);

	segment = (Segment *) b->value;
	segment_set_size(segment, size);
	segment->version = SEGMENT_VERSION;
	segment->form = SEGMENT_FORM_SET;
	segment->zero = 0;
	segment->count = b->count;
	segment->min = segment_unbias(min);
	segment->max = segment_unbias(max);
	segment->n = b->n;
	write_directory(b, segment, key_bytes);
	free_directory(b);
	return segment;
}

Segment *
segment_make_empty(void)
{
	Segment    *segment = core_alloc(SEGMENT_HEADER_SIZE);

	memset(segment, 0, SEGMENT_HEADER_SIZE);
	segment_set_size(segment, SEGMENT_HEADER_SIZE);
	segment->version = SEGMENT_VERSION;
	return segment;
}

Segment *
segment_make_range(int64_t lo, int64_t hi)
{
	SegmentBuilder b;

	if (lo > hi)
		return segment_make_empty();
	segment_build_start(&b, false, 64, 4);
	b.any_count = true;
	segment_build_range(&b, segment_bias(lo), segment_bias(hi));
	return segment_build_finish(&b);
}

Segment *
segment_make_ids(uint64_t *ids, size_t n)
{
	SegmentBuilder b;

	n = segment_sort_ids(ids, n);
	segment_build_start(&b, false, n < 1024 ? n * 2 + 16 : 4096, n < 64 ? 2 : 16);
	for (size_t i = 0; i < n; i += 65536)
	{
		core_interrupt();
		segment_build_ids(&b, ids + i, n - i < 65536 ? n - i : 65536);
	}
	return segment_build_finish(&b);
}
