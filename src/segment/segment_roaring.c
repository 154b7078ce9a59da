/*
 * segment_roaring.c
 *	  Segments from the portable Roaring format, see segment_roaring.h.
 *
 * Reading believes no number before it is compared with the bytes left.  It
 * is tolerant where other writers are known to be free (the number of members
 * of a run container, adjacent runs, empty buckets), and strict elsewhere.
 */
#include "segment/segment_roaring.h"

#define INTERRUPT_CONTAINERS 16

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
