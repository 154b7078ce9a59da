/*
 * identity_layout.c
 *	  Opening a map, walking through it, and the sizes of its customers.
 */
#include "identity/identity_layout.h"

#define INTERRUPT_IDENTIFIERS 4096

void
identity_corrupt(const char *what)
{
	core_throw(CORE_CORRUPT, NULL, "damaged identity_map: %s", what);
}

const char *
identity_kind_name(uint8_t kind)
{
	return kind == IDENTITY_TEXT ? "text" : kind == IDENTITY_BIGINT ? "bigint" : "no";
}

const char *
identity_open_header(IdentityView *view, const void *header, size_t size)
{
	IdentityMap map;

	if (size < IDENTITY_HEADER_SIZE)
		return "too short";
	memcpy(&map, header, IDENTITY_HEADER_SIZE);
	if (map.version != IDENTITY_VERSION || map.form != IDENTITY_FORM_MAP)
		return "unknown version";
	if (map.kind > IDENTITY_BIGINT)
		return "unknown kind of identifiers";
	if (map.customers > map.n)
		return "more customers than identifiers";
	if ((map.n == 0) != (map.kind == IDENTITY_EMPTY) || (map.n == 0) != (map.customers == 0))
		return "wrong number of identifiers";
	view->base = NULL;
	view->size = size;
	view->kind = map.kind;
	view->encoding = map.encoding;
	view->n = map.n;
	view->customers = map.customers;
	view->nblocks = identity_blocks(map.n);
	view->width = identity_width(map.customers);
	view->numbers_at = IDENTITY_HEADER_SIZE + (size_t) view->nblocks * 4;
	view->blocks_at = view->numbers_at + identity_numbers_size(map.n, view->width);
	if (view->blocks_at > size)
		return "directory reaches past the end";
	return NULL;
}

void
identity_open(IdentityView *view, const void *value, size_t size)
{
	const char *problem = identity_open_header(view, value, size);

	if (problem != NULL)
		identity_corrupt(problem);
	view->base = value;
}

uint32_t
identity_number(const IdentityView *view, uint32_t i)
{
	uint64_t	bit = (uint64_t) i * view->width;
	const uint8_t *p = view->base + view->numbers_at + bit / 8;
	size_t		left = view->size - (view->numbers_at + bit / 8);
	uint32_t	number = identity_unpack(p, left, bit % 8, view->width);

	if (number >= view->customers)
		identity_corrupt("customer number out of range");
	return number;
}

/* ---- all identifiers ---- */

void
identity_iter_start(IdentityIter *iter, const IdentityView *view)
{
	iter->view = *view;
	iter->i = 0;
	iter->next = view->base + view->blocks_at;
	iter->room = 64;
	iter->bytes = core_alloc(iter->room);
	iter->length = 0;
	iter->customer = 0;
}

bool
identity_iter_next(IdentityIter *iter)
{
	const IdentityView *view = &iter->view;
	const uint8_t *limit = view->base + view->size;
	size_t		shared;
	size_t		rest;

	if (iter->i == view->n)
		return false;
	if (iter->i % INTERRUPT_IDENTIFIERS == 0)
		core_interrupt();
	iter->next = identity_read_entry(iter->next, limit, view->kind,
									 iter->i % IDENTITY_BLOCK == 0, &shared, &rest);
	if (iter->next == NULL || shared > iter->length || rest > (size_t) (limit - iter->next))
		identity_corrupt("identifier reaches past the end");
	if (shared + rest > iter->room)
	{
		iter->room = shared + rest + (shared + rest) / 2;
		iter->bytes = core_realloc(iter->bytes, iter->room);
	}
	memcpy(iter->bytes + shared, iter->next, rest);
	iter->next += rest;
	iter->length = shared + rest;
	iter->customer = identity_number(view, iter->i);
	iter->i++;
	return true;
}

void
identity_iter_stop(IdentityIter *iter)
{
	core_free(iter->bytes);
	iter->bytes = NULL;
}

/* ---- sizes ---- */

uint32_t *
identity_customer_sizes(const IdentityView *view)
{
	uint32_t   *sizes = core_alloc((size_t) view->customers * sizeof(uint32_t) + 1);

	memset(sizes, 0, (size_t) view->customers * sizeof(uint32_t));
	for (uint32_t i = 0; i < view->n; i++)
	{
		if (i % INTERRUPT_IDENTIFIERS == 0)
			core_interrupt();
		sizes[identity_number(view, i)]++;
	}
	return sizes;
}

/* Sizes in ascending order, by radix sort on their bytes */
static void
sort_sizes(uint32_t *sizes, uint32_t n)
{
	uint32_t   *other = core_alloc((size_t) n * sizeof(uint32_t) + 1);
	uint32_t   *from = sizes;
	uint32_t   *to = other;

	for (int shift = 0; shift < 32; shift += 8)
	{
		uint32_t	start[257] = {0};
		uint32_t   *swap;

		core_interrupt();
		for (uint32_t i = 0; i < n; i++)
			start[((from[i] >> shift) & 0xFF) + 1]++;
		if (n > 0 && start[((from[0] >> shift) & 0xFF) + 1] == n)
			continue;
		for (int b = 0; b < 256; b++)
			start[b + 1] += start[b];
		for (uint32_t i = 0; i < n; i++)
			to[start[(from[i] >> shift) & 0xFF]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != sizes)
		memcpy(sizes, from, (size_t) n * sizeof(uint32_t));
	core_free(other);
}

uint32_t
identity_size_counts(const IdentityView *view, IdentitySize **counts)
{
	uint32_t   *sizes = identity_customer_sizes(view);
	uint32_t	n = view->customers;
	uint32_t	distinct = 0;

	sort_sizes(sizes, n);
	for (uint32_t i = 0; i < n; i++)
		distinct += i == 0 || sizes[i] != sizes[i - 1];
	*counts = core_alloc((size_t) distinct * sizeof(IdentitySize) + 1);
	distinct = 0;
	for (uint32_t i = 0; i < n; i++)
	{
		if (i == 0 || sizes[i] != sizes[i - 1])
			(*counts)[distinct++] = (IdentitySize)
			{
				.size = sizes[i]
			};
		(*counts)[distinct - 1].customers++;
	}
	core_free(sizes);
	return distinct;
}

/* Does customer a come after b in the order of identity_largest? */
static inline bool
comes_after(const uint32_t *sizes, uint32_t a, uint32_t b)
{
	return sizes[a] != sizes[b] ? sizes[a] < sizes[b] : a > b;
}

/* Restore the heap, whose root comes last, below place i */
static void
sift_down(uint32_t *heap, uint32_t n, uint32_t i, const uint32_t *sizes)
{
	for (;;)
	{
		uint64_t	child = 2 * (uint64_t) i + 1;
		uint32_t	moved = heap[i];

		if (child >= n)
			return;
		if (child + 1 < n && comes_after(sizes, heap[child + 1], heap[child]))
			child++;
		if (!comes_after(sizes, heap[child], moved))
			return;
		heap[i] = heap[child];
		heap[child] = moved;
		i = (uint32_t) child;
	}
}

uint32_t
identity_largest(const IdentityView *view, uint32_t n, uint32_t **customers,
				 uint32_t **sizes)
{
	uint32_t   *all = identity_customer_sizes(view);
	uint32_t   *heap;

	if (n > view->customers)
		n = view->customers;
	heap = core_alloc((size_t) n * sizeof(uint32_t) + 1);
	for (uint32_t i = 0; i < n; i++)
		heap[i] = i;
	for (uint32_t i = n / 2; i-- > 0;)
		sift_down(heap, n, i, all);
	for (uint32_t c = n; n > 0 && c < view->customers; c++)
	{
		if (comes_after(all, heap[0], c))
		{
			heap[0] = c;
			sift_down(heap, n, 0, all);
		}
	}
	/* take the last one off until all are in order */
	for (uint32_t left = n; left > 1;)
	{
		uint32_t	last = heap[0];

		left--;
		heap[0] = heap[left];
		heap[left] = last;
		sift_down(heap, left, 0, all);
	}
	*customers = heap;
	*sizes = core_alloc((size_t) n * sizeof(uint32_t) + 1);
	for (uint32_t i = 0; i < n; i++)
		(*sizes)[i] = all[heap[i]];
	core_free(all);
	return n;
}
