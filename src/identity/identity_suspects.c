/*
 * identity_suspects.c
 *	  Identifiers without which a customer falls into parts.
 *
 * Nodes of the graph are the identifiers and, numbered after them, the rows.
 * A depth-first walk gives each its order of discovery and its low point, the
 * earliest node that its subtree has an edge to.  Below an identifier, the
 * subtree of a row that reaches no higher than the identifier falls off
 * without it.
 */
#include "identity/identity_rows.h"

#define INTERRUPT_STEPS 4096

typedef struct Walk
{
	IdentityGraph *g;
	/* by node */
	uint32_t   *found;			/* order of discovery, from 1 on */
	uint32_t   *low;
	uint32_t   *next;			/* edge to be looked at next */
	uint32_t   *ids;			/* identifiers in the subtree so far */
	/* by identifier */
	uint32_t   *pieces;
	uint32_t   *largest;
	uint32_t   *apart;			/* identifiers in pieces that fall off below */
	/* nodes on the way from the root */
	uint32_t   *stack;
	uint32_t	depth;
	/* identifiers of the component that is being walked */
	uint32_t   *component;
	uint32_t	size;
	uint32_t	clock;
} Walk;

static void
enter(Walk *w, uint32_t node)
{
	const IdentityGraph *g = w->g;
	bool		is_id = node < g->nids;

	w->found[node] = w->low[node] = ++w->clock;
	w->next[node] = is_id ? g->id_start[node] : g->row_start[node - g->nids];
	w->ids[node] = is_id;
	w->stack[w->depth++] = node;
	if (is_id)
		w->component[w->size++] = node;
}

static void
count_piece(Walk *w, uint32_t id, uint32_t size)
{
	if (size == 0)
		return;
	w->pieces[id]++;
	if (size > w->largest[id])
		w->largest[id] = size;
}

/* All edges of the node on top have been looked at */
static void
leave(Walk *w)
{
	uint32_t	node = w->stack[--w->depth];
	uint32_t	parent;

	if (w->depth == 0)
		return;
	parent = w->stack[w->depth - 1];
	if (w->low[node] < w->low[parent])
		w->low[parent] = w->low[node];
	w->ids[parent] += w->ids[node];
	if (parent < w->g->nids && w->low[node] >= w->found[parent])
	{
		count_piece(w, parent, w->ids[node]);
		w->apart[parent] += w->ids[node];
	}
}

static void
walk_component(Walk *w, uint32_t root)
{
	const IdentityGraph *g = w->g;

	w->size = 0;
	enter(w, root);
	for (uint32_t steps = 1; w->depth > 0; steps++)
	{
		uint32_t	node = w->stack[w->depth - 1];
		bool		is_id = node < g->nids;
		uint32_t	end = is_id ? g->id_start[node + 1] : g->row_start[node - g->nids + 1];
		uint32_t	other;

		if (steps % INTERRUPT_STEPS == 0)
			core_interrupt();
		if (w->next[node] == end)
		{
			leave(w);
			continue;
		}
		other = is_id ? g->nids + g->id_rows[w->next[node]] : g->row_ids[w->next[node]];
		w->next[node]++;
		/* the edge to the parent counts too: it reaches the parent, but no higher */
		if (w->found[other] == 0)
			enter(w, other);
		else if (w->found[other] < w->low[node])
			w->low[node] = w->found[other];
	}
	/* what is not below an identifier is one more piece, but for the root */
	for (uint32_t i = 0; i < w->size; i++)
	{
		uint32_t	id = w->component[i];

		count_piece(w, id, w->size - 1 - w->apart[id]);
	}
}

/* ---- the result ---- */

/* Does a come after b? */
static bool
comes_after(const IdentitySuspect *a, const IdentitySuspect *b)
{
	if (a->pieces != b->pieces)
		return a->pieces < b->pieces;
	if (a->largest != b->largest)
		return a->largest > b->largest;
	return a->id > b->id;
}

/* Restore the heap, whose root comes last, below place i */
static void
sift_down(IdentitySuspect *heap, uint64_t n, uint64_t i)
{
	for (;;)
	{
		uint64_t	child = 2 * i + 1;
		IdentitySuspect moved = heap[i];

		if (child >= n)
			return;
		if (child + 1 < n && comes_after(&heap[child + 1], &heap[child]))
			child++;
		if (!comes_after(&heap[child], &moved))
			return;
		heap[i] = heap[child];
		heap[child] = moved;
		i = child;
	}
}

static void
sort_suspects(IdentitySuspect *suspects, uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sift_down(suspects, n, i);
	for (uint32_t left = n; left > 1;)
	{
		IdentitySuspect last = suspects[0];

		left--;
		if (left % INTERRUPT_STEPS == 0)
			core_interrupt();
		suspects[0] = suspects[left];
		suspects[left] = last;
		sift_down(suspects, left, 0);
	}
}

uint32_t
identity_suspects(IdentityGraph *g, IdentitySuspect **suspects)
{
	size_t		nodes = (size_t) g->nids + g->nrows;
	Walk		w = {.g = g};
	uint32_t	n = 0;

	w.found = identity_graph_array(g, nodes);
	w.low = identity_graph_array(g, nodes);
	w.next = identity_graph_array(g, nodes);
	w.ids = identity_graph_array(g, nodes);
	w.stack = identity_graph_array(g, nodes);
	w.pieces = identity_graph_array(g, g->nids);
	w.largest = identity_graph_array(g, g->nids);
	w.apart = identity_graph_array(g, g->nids);
	w.component = identity_graph_array(g, g->nids);
	for (uint32_t id = 0; id < g->nids; id++)
	{
		if (w.found[id] == 0)
			walk_component(&w, id);
	}
	for (uint32_t id = 0; id < g->nids; id++)
		n += w.pieces[id] > 1;
	*suspects = core_alloc((size_t) n * sizeof(IdentitySuspect) + 1);
	n = 0;
	for (uint32_t id = 0; id < g->nids; id++)
	{
		if (w.pieces[id] > 1)
			(*suspects)[n++] = (IdentitySuspect)
			{
				id, g->id_start[id + 1] - g->id_start[id], w.pieces[id], w.largest[id]
			};
	}
	sort_suspects(*suspects, n);
	return n;
}
