/*
 * segment_probe.c
 *	  One membership test on a value of which only parts are fetched.
 *
 * Fetching costs an index lookup and whole TOAST chunks of about 2 kB, so the
 * head is taken with what else its chunk holds, a directory of a few chunks
 * is taken whole, and in a larger one a few chunks of keys are searched.
 * Then comes one payload, or the one byte of a bitset.
 */
#include "segment/segment_probe.h"
#include "segment/segment_acc.h"

/* Of a 2 kB chunk, less its own header; without the length word */
#define FETCH_UNIT 1992
#define SMALL_DIRECTORY (8 * FETCH_UNIT)

typedef struct Probe
{
	SegmentFetch fetch;
	void	   *context;
	size_t		size;
	/* the part of the value's start that is at hand */
	const uint8_t *head;
	size_t		head_size;
	/* from the head */
	uint64_t	first_key;
	uint32_t	n;
	uint32_t	key_bytes;
	size_t		keys_at;
	size_t		payload_at;
} Probe;

static const uint8_t *
take(Probe *p, size_t offset, size_t length)
{
	if (offset > p->size || length > p->size - offset)
		segment_corrupt("directory reaches past the end");
	if (offset + length <= p->head_size)
		return p->head + offset;
	return p->fetch(p->context, offset, length);
}

static uint64_t
key_in(const Probe *p, const uint8_t *at)
{
	return p->first_key + (p->key_bytes == 2 ? load16(at) :
						   p->key_bytes == 4 ? load32(at) : load64(at));
}

/* The last entry whose key is <= key; the first entry's is */
static uint32_t
find(Probe *p, uint64_t key)
{
	uint32_t	lo = 0;
	uint32_t	hi = p->n;
	uint32_t	window = FETCH_UNIT / p->key_bytes;

	while (hi - lo > 1)
	{
		uint32_t	from = lo;
		uint32_t	to = hi;
		const uint8_t *keys;

		/* a window of keys in the middle, or all that are left */
		if (to - from > window)
		{
			from = lo + (hi - lo - window) / 2;
			to = from + window;
		}
		keys = take(p, p->keys_at + (size_t) from * p->key_bytes,
					(size_t) (to - from) * p->key_bytes);
		if (key_in(p, keys) > key)
		{
			if (from == lo)
				segment_corrupt("directory that is not ascending");
			hi = from;
			continue;
		}
		lo = from;
		if (key_in(p, keys + (size_t) (to - from - 1) * p->key_bytes) <= key)
		{
			lo = to - 1;
			continue;
		}
		hi = to;
		while (hi - lo > 1)
		{
			uint32_t	mid = lo + (hi - lo) / 2;

			if (key_in(p, keys + (size_t) (mid - from) * p->key_bytes) <= key)
				lo = mid;
			else
				hi = mid;
		}
	}
	return lo;
}

/* The most bytes that the payload of an entry can have, given its neighbour's place */
static bool
probe_payload(Probe *p, uint32_t i, uint64_t key, uint64_t biased)
{
	uint32_t	ref = load32(take(p, SEGMENT_HEADER_SIZE + (size_t) i * 4, 4));
	uint32_t	kind = ref >> 28;
	size_t		at = p->payload_at + (size_t) (ref & 0x0FFFFFFF) * 2;
	size_t		end = p->size;
	SegmentView view;
	uint16_t	card;

	if (kind == SEGMENT_BITSET)
	{
		uint32_t	place = biased & 0xFFFF;

		return key == biased >> SEGMENT_CHUNK_BITS &&
			((*take(p, at + (place >> 3), 1) >> (place & 7)) & 1);
	}
	if (i + 1 < p->n)
		end = p->payload_at +
			(size_t) (load32(take(p, SEGMENT_HEADER_SIZE + (size_t) (i + 1) * 4, 4)) &
					  0x0FFFFFFF) * 2;
	if (end < at || end > p->size)
		segment_corrupt("payload reaches past the end");

	/* a view of this one entry */
	card = load16(take(p, SEGMENT_HEADER_SIZE + (size_t) p->n * 4 + (size_t) i * 2, 2));
	ref = kind << 28;
	memset(&view, 0, sizeof(view));
	view.n = 1;
	view.refs = (const uint8_t *) &ref;
	view.cards = (const uint8_t *) &card;
	view.key_bytes = 8;
	view.keys = (const uint8_t *) &key;
	view.payload = take(p, at, end - at);
	view.payload_size = end - at;
	{
		SegmentEntry entry;

		segment_entry(&view, 0, &entry);
		return segment_entry_contains(&entry, biased);
	}
}

/* The state of an aggregate that someone stored: ids in any order */
static bool
probe_ids(Probe *p, uint64_t biased)
{
	uint32_t	n = load16(p->head + offsetof(SegmentIds, n));
	const uint8_t *ids = take(p, sizeof(SegmentIds), n * sizeof(uint64_t));

	for (uint32_t i = 0; i < n; i++)
		if (load64(ids + i * sizeof(uint64_t)) == biased)
			return true;
	return false;
}

bool
segment_probe(SegmentFetch fetch, void *context, size_t size, int64_t id)
{
	Probe		p;
	Segment		header;
	uint64_t	biased = segment_bias(id);
	uint64_t	key = biased >> SEGMENT_CHUNK_BITS;
	uint32_t	i;

	if (size < SEGMENT_HEADER_SIZE)
		segment_corrupt("too short");
	p.fetch = fetch;
	p.context = context;
	p.size = size;
	p.head_size = size < FETCH_UNIT ? size : FETCH_UNIT;
	p.head = fetch(context, 0, p.head_size);
	memcpy(&header, p.head, SEGMENT_HEADER_SIZE);
	if (header.version != SEGMENT_VERSION || header.form > SEGMENT_FORM_IDS)
		segment_corrupt("unknown version");
	if (header.form == SEGMENT_FORM_IDS)
		return probe_ids(&p, biased);
	if (header.n == 0 || id < header.min || id > header.max)
		return false;
	p.n = header.n;
	p.first_key = segment_bias(header.min) >> SEGMENT_CHUNK_BITS;
	p.key_bytes = segment_key_bytes((segment_bias(header.max) >> SEGMENT_CHUNK_BITS) -
									p.first_key);
	p.keys_at = SEGMENT_HEADER_SIZE + (size_t) p.n * 6;
	p.payload_at = segment_payload_start(p.n, p.key_bytes);
	if (p.payload_at > size)
		segment_corrupt("directory reaches past the end");
	if (p.payload_at > p.head_size && p.payload_at <= SMALL_DIRECTORY)
	{
		p.head = fetch(context, 0, p.payload_at);
		p.head_size = p.payload_at;
	}
	i = find(&p, key);
	return probe_payload(&p, i, key_in(&p, take(&p, p.keys_at + (size_t) i * p.key_bytes,
												p.key_bytes)), biased);
}
