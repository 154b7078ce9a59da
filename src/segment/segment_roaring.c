/*
 * segment_roaring.c
 *	  Segments from and to the portable Roaring format, 32 and 64 bits.
 *
 * Written from github.com/RoaringBitmap/RoaringFormatSpec; all numbers are
 * little-endian:
 *
 *	 u32	cookie: 12346, then u32 n, the number of containers; or, if some
 *			container is a run container, 12347 + (n - 1) * 65536, then
 *			(n + 7) / 8 bytes of flags, one bit each, 1 for a run container
 *	 n *	u16 key (the ids' bits 16 to 31), u16 number of members less 1
 *	 n *	u32 offset of the container, from the cookie on; left out if there
 *			are run containers and n < 4
 *	 n *	container: up to 4096 members: u16 places, ascending; else 1024
 *			u64; or, flagged: u16 number of runs, (u16 start, u16 length less 1)
 *
 * The 64-bit form is a u64 number of buckets, then for each the ids' upper 32
 * bits as a u32 and such a bitmap of the lower 32.  Ids are unsigned there.
 *
 * Reading believes no number before it is compared with the bytes left.  It
 * is tolerant where other writers are known to be free (the number of members
 * of a run container, adjacent runs, empty buckets), and strict elsewhere.
 */
#include "segment/segment.h"

#define COOKIE_ARRAYS 12346
#define COOKIE_RUNS 12347
#define OFFSETS_MIN 4			/* fewer containers, with runs, have none */
#define BUCKET_MIN 12			/* bytes of an empty one, with its key */

/* Keys of the ids from 0 on; those below are negative */
#define KEY_ZERO (UINT64_C(1) << 47)
#define BUCKET_KEYS 65536

/* What the server can allocate as one value */
#define ROARING_MAX_SIZE ((size_t) 0x3FFFFFFF)

#define INTERRUPT_CONTAINERS 16
#define INTERRUPT_CHUNKS 256

/* ---- reading ---- */

typedef struct Reader
{
	const uint8_t *bytes;
	size_t		size;
	size_t		pos;
	CoreError  *error;
	SegmentBuilder builder;
	uint32_t	steps;
	uint64_t	scratch[SEGMENT_WORDS]; /* one container, aligned */
} Reader;

/* One bitmap's header: places in the bytes */
typedef struct Bitmap
{
	size_t		start;
	uint32_t	n;
	bool		has_runs;
	size_t		flags;
	size_t		descriptors;
	size_t		offsets;		/* 0: none */
} Bitmap;

static bool
wrong(Reader *reader, const char *what, size_t where)
{
	core_set_error(reader->error, CORE_BAD_BINARY,
				   "invalid Roaring bytes for type segment");
	core_set_detail(reader->error, "There is %s at offset %zu.", what, where);
	return false;
}

static bool
truncated(Reader *reader, const char *what)
{
	core_set_error(reader->error, CORE_BAD_BINARY,
				   "invalid Roaring bytes for type segment");
	core_set_detail(reader->error, "The bytes end inside of %s that starts at offset %zu.",
					what, reader->pos);
	return false;
}

/* Step over some bytes; false when there are not so many */
static inline bool
take(Reader *reader, size_t n, size_t *where)
{
	if (reader->size - reader->pos < n)
		return false;
	*where = reader->pos;
	reader->pos += n;
	return true;
}

static bool
read_header(Reader *reader, Bitmap *bitmap)
{
	uint32_t	cookie;

	if (!take(reader, 4, &bitmap->start))
		return truncated(reader, "a cookie");
	cookie = load32(reader->bytes + bitmap->start);
	bitmap->has_runs = (cookie & 0xFFFF) == COOKIE_RUNS;
	bitmap->flags = 0;
	if (bitmap->has_runs)
	{
		bitmap->n = (cookie >> 16) + 1;
		if (!take(reader, (bitmap->n + 7) / 8, &bitmap->flags))
			return truncated(reader, "a list of run flags");
	}
	else if (cookie == COOKIE_ARRAYS)
	{
		size_t		where;

		if (!take(reader, 4, &where))
			return truncated(reader, "a number of containers");
		bitmap->n = load32(reader->bytes + where);
		if (bitmap->n > BUCKET_KEYS)
			return wrong(reader, "a number of containers above 65536", where);
	}
	else
		return wrong(reader, "an unknown cookie", bitmap->start);
	if (!take(reader, (size_t) bitmap->n * 4, &bitmap->descriptors))
		return truncated(reader, "a list of keys");
	bitmap->offsets = 0;
	if ((!bitmap->has_runs || bitmap->n >= OFFSETS_MIN) &&
		!take(reader, (size_t) bitmap->n * 4, &bitmap->offsets))
		return truncated(reader, "a list of offsets");
	return true;
}

static bool
read_array(Reader *reader, uint64_t key, uint32_t count)
{
	uint16_t   *places = (uint16_t *) reader->scratch;
	size_t		where;

	if (!take(reader, (size_t) count * 2, &where))
		return truncated(reader, "an array container");
	memcpy(places, reader->bytes + where, (size_t) count * 2);
	for (uint32_t i = 1; i < count; i++)
		if (places[i] <= places[i - 1])
			return wrong(reader, "an array container that does not ascend",
						 where + (size_t) i * 2);
	segment_build_array(&reader->builder, key, places, count);
	return true;
}

static bool
read_bitset(Reader *reader, uint64_t key, uint32_t count)
{
	size_t		where;

	if (!take(reader, SEGMENT_BITSET_BYTES, &where))
		return truncated(reader, "a bitset container");
	memcpy(reader->scratch, reader->bytes + where, SEGMENT_BITSET_BYTES);
	if (segment_kernels->bitset_count(reader->scratch) != count)
		return wrong(reader, "a bitset container with another number of members than told",
					 where);
	segment_build_bitset(&reader->builder, key, reader->scratch, count);
	return true;
}

/*
 * Copy runs to pairs, which has room for all that stay when adjacent ones are
 * joined.  Returns how many, or 0 when they are wrong.
 */
static uint32_t
copy_runs(Reader *reader, size_t where, uint32_t nruns, uint16_t *pairs)
{
	uint32_t	n = 0;
	uint32_t	end = 0;		/* place behind the last run */

	for (uint32_t i = 0; i < nruns; i++, where += 4)
	{
		uint32_t	start = load16(reader->bytes + where);
		uint32_t	length = (uint32_t) load16(reader->bytes + where + 2) + 1;

		if (i > 0 && start < end)
			return wrong(reader, "a run that starts before the end of the last", where);
		if (start + length > SEGMENT_CHUNK_IDS)
			return wrong(reader, "a run that ends behind its container", where);
		if (i > 0 && start == end)
			pairs[2 * n - 1] += (uint16_t) length;
		else
		{
			pairs[2 * n] = (uint16_t) start;
			pairs[2 * n + 1] = (uint16_t) (length - 1);
			n++;
		}
		end = start + length;
	}
	return n;
}

/* The number of members told is not looked at, some writers have it wrong */
static bool
read_runs(Reader *reader, uint64_t key)
{
	uint16_t   *pairs = (uint16_t *) reader->scratch;
	uint32_t	nruns;
	uint32_t	n;
	size_t		where;

	if (!take(reader, 2, &where))
		return truncated(reader, "a run container");
	nruns = load16(reader->bytes + where);
	if (nruns == 0)
		return wrong(reader, "a run container without runs", where);
	if (!take(reader, (size_t) nruns * 4, &where))
		return truncated(reader, "a list of runs");
	if (nruns > SEGMENT_BITSET_BYTES / 4)
		pairs = core_alloc((size_t) nruns * 4);
	n = copy_runs(reader, where, nruns, pairs);
	if (n > 0)
		segment_build_runs(&reader->builder, key, pairs, n);
	if (pairs != (uint16_t *) reader->scratch)
		core_free(pairs);
	return n > 0;
}

/* Containers of one bitmap; bucket is the ids' upper half */
static bool
read_containers(Reader *reader, const Bitmap *bitmap, uint64_t bucket)
{
	uint32_t	last = 0;

	for (uint32_t i = 0; i < bitmap->n; i++)
	{
		size_t		at = bitmap->descriptors + (size_t) i * 4;
		uint32_t	place = load16(reader->bytes + at);
		uint32_t	count = (uint32_t) load16(reader->bytes + at + 2) + 1;
		uint64_t	key = KEY_ZERO + bucket * BUCKET_KEYS + place;
		bool		done;

		if (++reader->steps % INTERRUPT_CONTAINERS == 0)
			core_interrupt();
		if (i > 0 && place <= last)
			return wrong(reader, "a key that does not ascend", at);
		last = place;
		at = bitmap->offsets + (size_t) i * 4;
		if (bitmap->offsets != 0 &&
			load32(reader->bytes + at) != reader->pos - bitmap->start)
			return wrong(reader, "an offset that does not lead to the next container", at);
		if (bitmap->has_runs && (reader->bytes[bitmap->flags + i / 8] >> (i % 8)) & 1)
			done = read_runs(reader, key);
		else if (count <= SEGMENT_ARRAY_MAX)
			done = read_array(reader, key, count);
		else
			done = read_bitset(reader, key, count);
		if (!done)
			return false;
	}
	return true;
}

/* The smallest place in a container, or 0 where the bytes end before */
static uint32_t
first_place(const Reader *reader, const Bitmap *bitmap)
{
	const uint8_t *p = reader->bytes + reader->pos;
	size_t		left = reader->size - reader->pos;
	bool		run = bitmap->has_runs && (reader->bytes[bitmap->flags] & 1);
	uint32_t	count = (uint32_t) load16(reader->bytes + bitmap->descriptors + 2) + 1;

	if (run)
		return left < 4 ? 0 : load16(p + 2);
	if (count <= SEGMENT_ARRAY_MAX)
		return left < 2 ? 0 : load16(p);
	for (uint32_t i = 0; i < SEGMENT_BITSET_BYTES && i < left; i++)
		if (p[i] != 0)
			return i * 8 + (uint32_t) __builtin_ctz(p[i]);
	return 0;
}

/* Ids from 2^63 on: name the first */
static bool
above_bigint(Reader *reader, const Bitmap *bitmap, uint64_t bucket)
{
	uint64_t	id = bucket << 32 |
		(uint64_t) load16(reader->bytes + bitmap->descriptors) << 16 |
		first_place(reader, bitmap);

	return core_set_error(reader->error, CORE_OUT_OF_RANGE,
						  "value \"%llu\" is out of range for type bigint",
						  (unsigned long long) id);
}

static bool
read_buckets(Reader *reader)
{
	uint64_t	last = 0;
	uint64_t	n;
	size_t		where;

	if (!take(reader, 8, &where))
		return truncated(reader, "a number of buckets");
	n = load64(reader->bytes + where);
	if (n > (reader->size - reader->pos) / BUCKET_MIN)
		return wrong(reader, "a number of buckets for which there are too few bytes",
					 where);
	for (uint64_t i = 0; i < n; i++)
	{
		Bitmap		bitmap;
		uint64_t	bucket;

		if (++reader->steps % INTERRUPT_CONTAINERS == 0)
			core_interrupt();
		if (!take(reader, 4, &where))
			return truncated(reader, "a bucket");
		bucket = load32(reader->bytes + where);
		if (i > 0 && bucket <= last)
			return wrong(reader, "a bucket that does not ascend", where);
		last = bucket;
		if (!read_header(reader, &bitmap))
			return false;
		if (bitmap.n > 0 && bucket > INT32_MAX)
			return above_bigint(reader, &bitmap, bucket);
		if (!read_containers(reader, &bitmap, bucket))
			return false;
	}
	return true;
}

/*
 * Which of the two readings can be right?  Both look so only when the upper
 * half of the number of buckets is zero and its lower half is a cookie.  Then
 * it is the 64-bit one that has 12 bytes for each bucket:
 * - 12346 and 0 as a 32-bit bitmap is empty, and ends there.
 * - 12347 + (n - 1) * 65536 as a 32-bit bitmap has n containers of at most
 *	 256 kB, and a single one, as its flag is among the zeros, of at most 8 kB;
 *	 as buckets these need 148 kB, and 786 kB more for each n above 1.
 */
static int
guess_bits(const uint8_t *bytes, size_t size)
{
	uint64_t	n;

	if (size < 8)
		return 32;
	n = load64(bytes);
	return n <= UINT32_MAX && n <= (size - 8) / BUCKET_MIN ? 64 : 32;
}

Segment *
segment_from_roaring(const uint8_t *bytes, size_t size, int bits, CoreError *error)
{
	Reader		reader;
	Segment    *result = NULL;
	Bitmap		bitmap;
	bool		done;

	if (bits == 0)
		bits = guess_bits(bytes, size);
	reader.bytes = bytes;
	reader.size = size;
	reader.pos = 0;
	reader.error = error;
	reader.steps = 0;
	segment_build_start(&reader.builder, false, size, size < 65536 ? 8 : 1024);
	if (bits == 64)
		done = read_buckets(&reader);
	else
		done = read_header(&reader, &bitmap) && read_containers(&reader, &bitmap, 0);
	if (done && reader.pos < size)
		done = wrong(&reader, "something behind the end", reader.pos);
	if (done)
		result = segment_build_finish(&reader.builder);
	else
		segment_build_abandon(&reader.builder);
	return result;
}

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
