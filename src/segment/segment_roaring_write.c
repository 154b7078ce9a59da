/*
 * segment_roaring_write.c
 *	  Segments to the portable Roaring format, see segment_roaring.h.
 *
 * A first walk over the chunks measures, a second one writes.
 */
#include "segment/segment_roaring.h"

/* What the server can allocate as one value */
#define ROARING_MAX_SIZE ((size_t) 0x3FFFFFFF)

#define INTERRUPT_CHUNKS 256

/* ---- the chunks of a segment, as containers ---- */

/*
 * Walks over a segment, chunk by chunk.  A place in the walk is an entry and
 * a step inside of it: a chunk of FULL, an id of SPARSE.
 */
typedef struct Cursor
{
	const SegmentView *view;
	uint32_t	i;
	uint64_t	step;
	uint64_t	last_key;		/* of the chunk before; 0: none */
	uint32_t	loaded;			/* the entry that is loaded, plus 1 */
	uint32_t	steps;
	SegmentEntry entry;
	uint64_t	ids[SEGMENT_BLOCK_IDS];
} Cursor;

/* A chunk, or where sizes are enough, several full ones */
typedef struct Container
{
	uint64_t	key;			/* less KEY_ZERO */
	uint64_t	chunks;
	uint32_t	count;
	bool		run;
	bool		convert;		/* data are places, to be written as runs */
	size_t		bytes;
	const uint8_t *data;
	uint16_t	small[SEGMENT_BLOCK_IDS];
} Container;

static bool
cursor_end(const Cursor *cursor)
{
	return cursor->i >= cursor->view->n;
}

static void
cursor_load(Cursor *cursor)
{
	if (cursor->loaded == cursor->i + 1)
		return;
	segment_entry(cursor->view, cursor->i, &cursor->entry);
	if (cursor->entry.kind == SEGMENT_SPARSE)
		segment_unpack(&cursor->entry, cursor->ids);
	cursor->loaded = cursor->i + 1;
}

/* Key of the chunk that the cursor stands on, less KEY_ZERO */
static uint64_t
cursor_key(Cursor *cursor)
{
	uint64_t	key;

	cursor_load(cursor);
	if (cursor->entry.kind == SEGMENT_SPARSE)
		key = cursor->ids[cursor->step] >> SEGMENT_CHUNK_BITS;
	else
		key = cursor->entry.key + cursor->step;
	/* the directory may be damaged, and sizes depend on its order */
	if (key < KEY_ZERO || key <= cursor->last_key)
		segment_corrupt("directory that does not ascend");
	return key - KEY_ZERO;
}

/*
 * Runs are taken as soon as they are no larger than the array, which is what
 * others do; a segment has runs only where they are smaller.
 */
static void
set_places(Container *c, const uint16_t *places, uint32_t n)
{
	uint32_t	nruns = 1;

	for (uint32_t i = 1; i < n; i++)
		nruns += places[i] != places[i - 1] + 1;
	c->count = n;
	c->convert = n > 2 * nruns;
	c->run = c->convert;
	c->bytes = c->run ? 2 + (size_t) nruns * 4 : (size_t) n * 2;
	c->data = (const uint8_t *) places;
}

/* BITSET and RUN are what Roaring has too */
static void
set_entry(Container *c, const SegmentEntry *e)
{
	c->count = e->count;
	c->run = e->kind == SEGMENT_RUN;
	c->convert = false;
	c->data = c->run ? e->data - 2 : e->data;
	c->bytes = c->run ? 2 + (size_t) e->nruns * 4 : SEGMENT_BITSET_BYTES;
}

static void
set_full(Container *c, uint64_t chunks)
{
	c->small[0] = 1;			/* run, from 0 on, of all places */
	c->small[1] = 0;
	c->small[2] = SEGMENT_CHUNK_IDS - 1;
	c->chunks = chunks;
	c->count = SEGMENT_CHUNK_IDS;
	c->run = true;
	c->convert = false;
	c->bytes = 6;
	c->data = (const uint8_t *) c->small;
}

/* Take the next container and step on; at most max_chunks full ones at once */
static void
cursor_take(Cursor *cursor, uint64_t max_chunks, Container *c)
{
	const SegmentEntry *e = &cursor->entry;
	uint64_t	steps = 1;
	uint64_t	all = 1;
	uint32_t	n = 0;

	if (++cursor->steps % INTERRUPT_CHUNKS == 0)
		core_interrupt();
	c->key = cursor_key(cursor);
	c->chunks = 1;
	if (e->kind == SEGMENT_SPARSE)
	{
		uint64_t	from = cursor->step;

		all = e->count;
		while (from + n < all &&
			   cursor->ids[from + n] >> SEGMENT_CHUNK_BITS == c->key + KEY_ZERO)
		{
			c->small[n] = (uint16_t) cursor->ids[from + n];
			n++;
		}
		steps = n;
		set_places(c, c->small, n);
	}
	else if (e->kind == SEGMENT_FULL)
	{
		all = e->chunks;
		steps = all - cursor->step < max_chunks ? all - cursor->step : max_chunks;
		set_full(c, steps);
	}
	else if (e->kind == SEGMENT_ARRAY)
		set_places(c, (const uint16_t *) e->data, e->count);
	else
		set_entry(c, e);
	cursor->last_key = c->key + KEY_ZERO + c->chunks - 1;
	cursor->step += steps;
	if (cursor->step == all)
	{
		cursor->i++;
		cursor->step = 0;
	}
}

/* ---- writing ---- */

/* What the header of one bitmap needs, and how many bytes it is in all */
typedef struct Bucket
{
	uint32_t	key;
	uint32_t	n;
	bool		has_runs;
	size_t		size;
} Bucket;

static size_t
header_size(const Bucket *bucket)
{
	size_t		n = bucket->n;

	if (!bucket->has_runs)
		return 8 + n * 8;
	return 4 + (n + 7) / 8 + n * (n < OFFSETS_MIN ? 4 : 8);
}

/* Step over one bucket */
static void
measure_bucket(Cursor *cursor, Bucket *bucket)
{
	uint64_t	next = ((cursor_key(cursor) >> 16) + 1) << 16;

	bucket->key = (uint32_t) (next / BUCKET_KEYS - 1);
	bucket->n = 0;
	bucket->has_runs = false;
	bucket->size = 0;
	while (!cursor_end(cursor))
	{
		uint64_t	key = cursor_key(cursor);
		Container	c;

		if (key >= next)
			break;
		cursor_take(cursor, next - key, &c);
		bucket->n += (uint32_t) c.chunks;
		bucket->has_runs |= c.run;
		bucket->size += c.chunks * c.bytes;
	}
	bucket->size += header_size(bucket);
}

static void
write_container(const Container *c, uint8_t *out)
{
	const uint16_t *places = (const uint16_t *) c->data;
	uint32_t	start = 0;

	if (!c->convert)
	{
		memcpy(out, c->data, c->bytes);
		return;
	}
	store16(out, (uint16_t) ((c->bytes - 2) / 4));
	out += 2;
	for (uint32_t i = 1; i <= c->count; i++)
		if (i == c->count || places[i] != places[i - 1] + 1)
		{
			store16(out, places[start]);
			store16(out + 2, (uint16_t) (i - 1 - start));
			out += 4;
			start = i;
		}
}

/* Write one bucket, the cursor is at its start again */
static uint8_t *
write_bucket(Cursor *cursor, const Bucket *bucket, uint8_t *start)
{
	uint8_t    *flags = start + 4;
	uint8_t    *descriptors = start + 8;
	uint8_t    *offsets = NULL;
	uint8_t    *p = start + header_size(bucket);

	if (bucket->has_runs)
	{
		store32(start, COOKIE_RUNS | (bucket->n - 1) << 16);
		memset(flags, 0, (bucket->n + 7) / 8);
		descriptors = flags + (bucket->n + 7) / 8;
	}
	else
	{
		store32(start, COOKIE_ARRAYS);
		store32(start + 4, bucket->n);
	}
	if (!bucket->has_runs || bucket->n >= OFFSETS_MIN)
		offsets = descriptors + (size_t) bucket->n * 4;
	for (uint32_t i = 0; i < bucket->n; i++)
	{
		Container	c;

		cursor_take(cursor, 1, &c);
		store16(descriptors + (size_t) i * 4, (uint16_t) c.key);
		store16(descriptors + (size_t) i * 4 + 2, (uint16_t) (c.count - 1));
		if (offsets != NULL)
			store32(offsets + (size_t) i * 4, (uint32_t) (p - start));
		if (c.run)
			flags[i / 8] |= (uint8_t) (1 << (i % 8));
		write_container(&c, p);
		p += c.bytes;
	}
	return p;
}

static bool
fits(const SegmentView *view, int bits, CoreError *error)
{
	int64_t		max = bits == 32 ? (int64_t) UINT32_MAX : INT64_MAX;
	int64_t		id = segment_unbias(view->min);

	if (view->n == 0)
		return true;
	if (id >= 0)
		id = segment_unbias(view->max);
	if (id >= 0 && id <= max)
		return true;
	core_set_error(error, CORE_OUT_OF_RANGE,
				   "id %lld is out of range for a %d-bit Roaring bitmap",
				   (long long) id, bits);
	core_set_detail(error, "Such a bitmap can hold ids from 0 to %lld.", (long long) max);
	return false;
}

/* Size and number of buckets; false as soon as it is too large */
static bool
measure(const SegmentView *view, int bits, size_t header_bytes, size_t *size,
		uint64_t *nbuckets, CoreError *error)
{
	Cursor		cursor = {.view = view};
	Bucket		bucket;

	*size = header_bytes + 8;	/* the number of buckets, or an empty bitmap */
	*nbuckets = 0;
	while (!cursor_end(&cursor))
	{
		measure_bucket(&cursor, &bucket);
		if (bits == 32)
			*size = header_bytes + bucket.size;
		else
			*size += 4 + bucket.size;
		++*nbuckets;
		if (bits == 32 && (*nbuckets > 1 || bucket.key > 0))
			segment_corrupt("member above the largest");
		if (*size > ROARING_MAX_SIZE)
		{
			core_set_error(error, CORE_LIMIT, "Roaring bitmap would be larger than 1 GB");
			core_set_hint(error, "Convert the segment in parts, such as segment_range() gives.");
			return false;
		}
	}
	return true;
}

uint8_t *
segment_to_roaring(const SegmentView *view, int bits, size_t header_bytes,
				   size_t *size, CoreError *error)
{
	Cursor		cursor = {.view = view};
	Bucket		bucket;
	uint64_t	nbuckets;
	uint8_t    *result;
	uint8_t    *p;

	if (!fits(view, bits, error) ||
		!measure(view, bits, header_bytes, size, &nbuckets, error))
		return NULL;
	result = core_alloc(*size);
	p = result + header_bytes;
	if (bits == 64)
	{
		store64(p, nbuckets);
		p += 8;
	}
	else if (nbuckets == 0)
		store64(p, COOKIE_ARRAYS);
	while (!cursor_end(&cursor))
	{
		uint32_t	i = cursor.i;
		uint64_t	step = cursor.step;
		uint64_t	last_key = cursor.last_key;

		measure_bucket(&cursor, &bucket);
		cursor.i = i;
		cursor.step = step;
		cursor.last_key = last_key;
		if (bits == 64)
		{
			store32(p, bucket.key);
			p += 4;
		}
		p = write_bucket(&cursor, &bucket, p);
	}
	return result;
}
