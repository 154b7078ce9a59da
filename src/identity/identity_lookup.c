/*
 * identity_lookup.c
 *	  One identifier in a map of which only parts are fetched.
 *
 * The directory is searched for the last block whose first identifier is not
 * above the one looked for.  That takes for each step two places of the
 * directory and the first bytes of a block; then come one block and one number.
 */
#include "identity/identity_layout.h"

/* Of a block, so much is fetched at first: more than most identifiers take */
#define HEAD_BYTES 128


typedef struct Lookup
{
	const IdentityView *view;
	IdentityFetch fetch;
	void	   *context;
	const uint8_t *bytes;		/* what is looked for */
	size_t		length;
} Lookup;

static const uint8_t *
take(const Lookup *l, size_t offset, size_t length)
{
	if (offset > l->view->size || length > l->view->size - offset)
		identity_corrupt("block reaches past the end");
	return l->fetch(l->context, offset, length);
}

/* Where a block is, in the whole value */
static void
find_block(const Lookup *l, uint32_t block, size_t *from, size_t *to)
{
	bool		last = block + 1 == l->view->nblocks;
	const uint8_t *places = take(l, IDENTITY_HEADER_SIZE + (size_t) block * 4, last ? 4 : 8);

	*from = l->view->blocks_at + load32(places);
	*to = last ? l->view->size : l->view->blocks_at + load32(places + 4);
	if (*from > *to || *to > l->view->size)
		identity_corrupt("directory is not ascending");
}

/* The first identifier of a block, compared with what is looked for */
static int
compare_head(const Lookup *l, uint32_t block)
{
	size_t		from;
	size_t		to;
	size_t		taken;
	size_t		shared;
	size_t		length;
	const uint8_t *p;
	const uint8_t *bytes;

	find_block(l, block, &from, &to);
	taken = to - from < HEAD_BYTES ? to - from : HEAD_BYTES;
	p = take(l, from, taken);
	bytes = identity_read_entry(p, p + taken, l->view->kind, true, &shared, &length);
	if (bytes == NULL || length > to - from - (size_t) (bytes - p))
		identity_corrupt("identifier reaches past the end");
	if (length > taken - (size_t) (bytes - p))
	{
		/* only so much as can decide */
		size_t		needed = length < l->length ? length : l->length;
		size_t		at = from + (size_t) (bytes - p);

		return identity_compare(take(l, at, needed), needed, l->bytes, l->length) ?:
			(length > needed);
	}
	return identity_compare(bytes, length, l->bytes, l->length);
}

/*
 * Where in its block the identifier stands, or -1.  "same" is the number of
 * bytes that the current entry shares with what is looked for; so no entry is
 * ever put together.
 */
static int
scan_block(const Lookup *l, const uint8_t *p, const uint8_t *limit, uint32_t entries)
{
	size_t		same = 0;
	size_t		length = 0;

	for (uint32_t i = 0; i < entries; i++)
	{
		size_t		shared;
		size_t		rest;

		p = identity_read_entry(p, limit, l->view->kind, i == 0, &shared, &rest);
		if (p == NULL || rest > (size_t) (limit - p) || shared > length)
			identity_corrupt("identifier reaches past the end");
		length = shared + rest;
		if (i > 0 && shared < same)
			return -1;			/* past its place */
		if (i == 0 || shared == same)
		{
			size_t		more = identity_shared(p, rest, l->bytes + same, l->length - same);

			same += more;
			if (same == length && same == l->length)
				return (int) i;
			/* the entry is larger */
			if (same < length && (same == l->length || p[more] > l->bytes[same]))
				return -1;
		}
		p += rest;
	}
	return -1;
}

uint32_t
identity_lookup(const IdentityView *view, IdentityFetch fetch, void *context,
				const uint8_t *bytes, size_t length)
{
	Lookup		l = {view, fetch, context, bytes, length};
	uint32_t	lo = 0;
	uint32_t	hi = view->nblocks;
	uint32_t	entries;
	uint32_t	number;
	uint64_t	bit;
	size_t		from;
	size_t		to;
	size_t		first;
	size_t		last;
	const uint8_t *block;
	int			i;

	if (view->n == 0)
		return 0;
	/* the first block is taken unseen: what is smaller than all is not in it */
	while (hi - lo > 1)
	{
		uint32_t	mid = lo + (hi - lo) / 2;
		int			order = compare_head(&l, mid);

		if (order > 0)
			hi = mid;
		else
			lo = mid;
	}
	find_block(&l, lo, &from, &to);
	block = take(&l, from, to - from);
	entries = view->n - lo * IDENTITY_BLOCK;
	if (entries > IDENTITY_BLOCK)
		entries = IDENTITY_BLOCK;
	i = scan_block(&l, block, block + (to - from), entries);
	if (i < 0)
		return 0;
	if (view->width == 0)
		return 1;
	bit = ((uint64_t) lo * IDENTITY_BLOCK + (uint32_t) i) * view->width;
	first = view->numbers_at + bit / 8;
	last = view->numbers_at + (bit + view->width + 7) / 8;
	block = take(&l, first, last - first);
	number = identity_unpack(block, last - first, bit % 8, view->width);
	if (number >= view->customers)
		identity_corrupt("customer number out of range");
	return number + 1;
}

static const uint8_t *
fetch_memory(void *context, size_t offset, size_t length)
{
	return (const uint8_t *) context + offset;
}

uint32_t
identity_lookup_view(const IdentityView *view, const uint8_t *bytes, size_t length)
{
	return identity_lookup(view, fetch_memory, (void *) view->base, bytes, length);
}
