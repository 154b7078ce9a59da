/*
 * identity_rows.c
 *	  Rows kept as evidence, and their graph.
 */
#include "identity/identity_rows.h"

#define INTERRUPT_ROWS 1024
#define INTERRUPT_IDENTIFIERS 65536

static void
damaged(const char *what)
{
	core_throw(CORE_BAD_BINARY, NULL, "invalid state of an identity aggregate: %s", what);
}

/* ---- the state ---- */

size_t
identity_rows_row_size(const IdentityItem *items, size_t n)
{
	size_t		size = 4;

	for (size_t i = 0; i < n; i++)
		size = core_add_size(size, 4 + items[i].length);
	return size;
}

size_t
identity_rows_used(const void *state, size_t size)
{
	const uint8_t *bytes = state;
	size_t		used;

	if (size < IDENTITY_ROWS_HEADER || bytes[4] != IDENTITY_ROWS_VERSION || bytes[5] > 1)
		damaged("unknown version");
	used = load32(bytes + 8);
	if (used > size || used < IDENTITY_ROWS_HEADER)
		damaged("more bytes in use than there are");
	return used;
}

size_t
identity_rows_head_size(const IdentityItem *ends)
{
	return ends == NULL ? IDENTITY_ROWS_HEADER :
		core_add_size(IDENTITY_ROWS_HEADER + 8, core_add_size(ends[0].length, ends[1].length));
}

void
identity_rows_start(void *state, size_t size, const IdentityItem *ends)
{
	uint8_t    *bytes = state;

	memset(bytes, 0, size);
	identity_set_size(bytes, size);
	bytes[4] = IDENTITY_ROWS_VERSION;
	bytes[5] = ends != NULL;
	store32(bytes + 8, (uint32_t) identity_rows_head_size(ends));
	if (ends == NULL)
		return;
	store32(bytes + 16, (uint32_t) ends[0].length);
	store32(bytes + 20, (uint32_t) ends[1].length);
	memcpy(bytes + 24, ends[0].bytes, ends[0].length);
	memcpy(bytes + 24 + ends[0].length, ends[1].bytes, ends[1].length);
}

bool
identity_rows_ends(const void *state, size_t size, IdentityItem *ends)
{
	const uint8_t *bytes = state;
	size_t		left = identity_rows_used(state, size) - IDENTITY_ROWS_HEADER;

	if (bytes[5] == 0)
		return false;
	if (left < 8)
		damaged("an identifier is cut off");
	left -= 8;
	ends[0] = (IdentityItem){bytes + 24, load32(bytes + 16)};
	ends[1] = (IdentityItem){bytes + 24 + ends[0].length, load32(bytes + 20)};
	if (ends[0].length > left || ends[1].length > left - ends[0].length)
		damaged("an identifier is cut off");
	return true;
}

bool
identity_rows_has_ends(const void *state, size_t size, const IdentityItem *ends)
{
	IdentityItem mine[2];

	if (!identity_rows_ends(state, size, mine))
		return ends == NULL;
	if (ends == NULL)
		return false;
	for (int i = 0; i < 2; i++)
	{
		if (mine[i].length != ends[i].length ||
			memcmp(mine[i].bytes, ends[i].bytes, mine[i].length) != 0)
			return false;
	}
	return true;
}

void
identity_rows_add(void *state, const IdentityItem *items, size_t n)
{
	uint8_t    *bytes = state;
	uint8_t    *p = bytes + load32(bytes + 8);

	store32(p, (uint32_t) n);
	p += 4;
	for (size_t i = 0; i < n; i++)
	{
		store32(p, (uint32_t) items[i].length);
		memcpy(p + 4, items[i].bytes, items[i].length);
		p += 4 + items[i].length;
	}
	store32(bytes + 8, (uint32_t) (p - bytes));
	store32(bytes + 12, load32(bytes + 12) + 1);
}

/* ---- walking through the rows ---- */

typedef struct RowIter
{
	const uint8_t *p;
	const uint8_t *limit;
	uint32_t	rows_left;
	uint32_t	ids_left;		/* of the current row */
	IdentityItem item;
} RowIter;

static void
row_iter_start(RowIter *iter, const void *state, size_t size)
{
	const uint8_t *bytes = state;
	IdentityItem ends[2];
	size_t		used = identity_rows_used(state, size);

	iter->p = identity_rows_ends(state, size, ends) ?
		ends[1].bytes + ends[1].length : bytes + IDENTITY_ROWS_HEADER;
	iter->limit = bytes + used;
	iter->rows_left = load32(bytes + 12);
	iter->ids_left = 0;
}

static uint32_t
read_number(RowIter *iter)
{
	uint32_t	number;

	if (iter->limit - iter->p < 4)
		damaged("a row is cut off");
	number = load32(iter->p);
	iter->p += 4;
	return number;
}

/* The next identifier; *starts_row tells whether it is a row's first */
static bool
row_iter_next(RowIter *iter, bool *starts_row)
{
	uint32_t	length;

	*starts_row = iter->ids_left == 0;
	if (*starts_row)
	{
		if (iter->rows_left == 0)
		{
			if (iter->p != iter->limit)
				damaged("bytes are left at the end");
			return false;
		}
		if (iter->rows_left % INTERRUPT_ROWS == 0)
			core_interrupt();
		iter->rows_left--;
		iter->ids_left = read_number(iter);
		if (iter->ids_left == 0)
			damaged("a row is empty");
	}
	length = read_number(iter);
	if (length > (size_t) (iter->limit - iter->p))
		damaged("an identifier is cut off");
	iter->item = (IdentityItem){iter->p, length};
	iter->p += length;
	iter->ids_left--;
	return true;
}

void
identity_rows_check(const void *state, size_t size)
{
	RowIter		iter;
	bool		starts_row;

	row_iter_start(&iter, state, size);
	while (row_iter_next(&iter, &starts_row))
		;
}

void
identity_rows_append(void *state, size_t size, const void *other, size_t other_size)
{
	uint8_t    *bytes = state;
	size_t		used = identity_rows_used(state, size);
	RowIter		iter;
	size_t		more;

	row_iter_start(&iter, other, other_size);
	more = (size_t) (iter.limit - iter.p);
	memcpy(bytes + used, iter.p, more);
	store32(bytes + 8, (uint32_t) (used + more));
	store32(bytes + 12, load32(bytes + 12) + iter.rows_left);
}

/* ---- the graph ---- */

uint32_t *
identity_graph_array(IdentityGraph *g, size_t n)
{
	size_t		size = core_mul_size(n, sizeof(uint32_t));
	uint32_t   *array;

	identity_forest_charge(g->forest, size);
	g->forest->scratch += size;
	array = core_alloc(size + 1);
	memset(array, 0, size);
	return array;
}

/* Intern all identifiers; row_ids gets their places, row_start where rows start */
static void
intern_rows(IdentityGraph *g, const void *state, size_t size)
{
	RowIter		iter;
	IdentityItem batch[IDENTITY_BATCH];
	uint32_t	waiting = 0;
	uint32_t	n = 0;
	uint32_t	row = 0;
	bool		starts_row;

	row_iter_start(&iter, state, size);
	while (row_iter_next(&iter, &starts_row))
	{
		if (starts_row)
			g->row_start[row++] = n + waiting;
		batch[waiting++] = iter.item;
		if (waiting == IDENTITY_BATCH)
		{
			identity_forest_intern(g->forest, batch, waiting, g->row_ids + n);
			n += waiting;
			waiting = 0;
		}
	}
	identity_forest_intern(g->forest, batch, waiting, g->row_ids + n);
	g->row_start[row] = n + waiting;
}

/* Places become numbers; what a row has twice it has once */
static void
number_rows(IdentityGraph *g)
{
	uint32_t   *last_row = identity_graph_array(g, g->nids);
	uint32_t	kept = 0;

	/* nothing is united here, so that the parent is free for the number */
	for (uint32_t id = 0; id < g->nids; id++)
		store32(identity_record(g->forest, g->entries[id].place), id);
	for (uint32_t row = 0; row < g->nrows; row++)
	{
		uint32_t	from = g->row_start[row];

		if (row % INTERRUPT_ROWS == 0)
			core_interrupt();
		g->row_start[row] = kept;
		for (uint32_t i = from; i < g->row_start[row + 1]; i++)
		{
			uint32_t	id = load32(identity_record(g->forest, g->row_ids[i]));

			if (last_row[id] == row + 1)
				continue;
			last_row[id] = row + 1;
			g->row_ids[kept++] = id;
		}
	}
	g->row_start[g->nrows] = kept;
	core_free(last_row);
	g->forest->scratch -= (size_t) g->nids * sizeof(uint32_t);
}

/* The rows of each identifier, ascending */
static void
turn_around(IdentityGraph *g)
{
	uint32_t	n = g->row_start[g->nrows];

	g->id_start = identity_graph_array(g, (size_t) g->nids + 2);
	g->id_rows = identity_graph_array(g, n);
	for (uint32_t i = 0; i < n; i++)
		g->id_start[g->row_ids[i] + 2]++;
	for (uint32_t id = 0; id < g->nids; id++)
		g->id_start[id + 2] += g->id_start[id + 1];
	for (uint32_t row = 0; row < g->nrows; row++)
	{
		if (row % INTERRUPT_ROWS == 0)
			core_interrupt();
		for (uint32_t i = g->row_start[row]; i < g->row_start[row + 1]; i++)
			g->id_rows[g->id_start[g->row_ids[i] + 1]++] = row;
	}
}

void
identity_graph_build(IdentityGraph *g, const void *state, size_t size,
					 const IdentityBounds *bounds)
{
	RowIter		iter;
	size_t		n = 0;
	bool		starts_row;

	memset(g, 0, sizeof(*g));
	g->forest = core_alloc(sizeof(IdentityForest));
	identity_forest_start(g->forest, bounds);
	identity_forest_kind(g->forest, IDENTITY_TEXT);
	/* sizes are below 2^30, and an identifier takes 4 bytes: all fits in 32 bits */
	row_iter_start(&iter, state, size);
	g->nrows = iter.rows_left;
	while (row_iter_next(&iter, &starts_row))
		n++;
	g->row_start = identity_graph_array(g, (size_t) g->nrows + 1);
	g->row_ids = identity_graph_array(g, n);
	intern_rows(g, state, size);
	g->nids = g->forest->n;
	g->entries = identity_forest_sort(g->forest);
	g->forest->scratch += (size_t) g->nids * sizeof(IdentityEntry);
	number_rows(g);
	turn_around(g);
}

uint32_t
identity_graph_find(IdentityGraph *g, IdentityItem item)
{
	uint32_t	place = identity_forest_find(g->forest, item);

	return place == 0 ? UINT32_MAX : load32(identity_record(g->forest, place));
}
