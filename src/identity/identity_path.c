/*
 * identity_path.c
 *	  A shortest chain of identifiers, of which every two neighbours are in a row.
 */
#include "identity/identity_rows.h"

#define INTERRUPT_STEPS 1024

/*
 * Distances from b, plus 1, as far as a, which must be another; 0 is not
 * reached.  Each row is looked at once.
 */
static uint32_t *
distances(IdentityGraph *g, uint32_t a, uint32_t b)
{
	uint32_t   *distance = identity_graph_array(g, g->nids);
	uint32_t   *queue = identity_graph_array(g, g->nids);
	uint32_t   *seen = identity_graph_array(g, (size_t) g->nrows / 32 + 1);
	uint32_t	head = 0;
	uint32_t	tail = 0;

	distance[b] = 1;
	queue[tail++] = b;
	while (head < tail && distance[a] == 0)
	{
		uint32_t	id = queue[head++];

		if (head % INTERRUPT_STEPS == 0)
			core_interrupt();
		for (uint32_t i = g->id_start[id]; i < g->id_start[id + 1]; i++)
		{
			uint32_t	row = g->id_rows[i];

			if (seen[row / 32] >> (row % 32) & 1)
				continue;
			seen[row / 32] |= UINT32_C(1) << (row % 32);
			for (uint32_t j = g->row_start[row]; j < g->row_start[row + 1]; j++)
			{
				uint32_t	other = g->row_ids[j];

				if (distance[other] != 0)
					continue;
				distance[other] = distance[id] + 1;
				queue[tail++] = other;
			}
		}
	}
	return distance;
}

/* The smallest neighbour at this distance; there is one */
static uint32_t
nearer(const IdentityGraph *g, const uint32_t *distance, uint32_t id, uint32_t wanted)
{
	uint32_t	best = UINT32_MAX;

	for (uint32_t i = g->id_start[id]; i < g->id_start[id + 1]; i++)
	{
		uint32_t	row = g->id_rows[i];

		if (i % INTERRUPT_STEPS == 0)
			core_interrupt();
		for (uint32_t j = g->row_start[row]; j < g->row_start[row + 1]; j++)
		{
			if (g->row_ids[j] < best && distance[g->row_ids[j]] == wanted)
				best = g->row_ids[j];
		}
	}
	return best;
}

uint32_t
identity_path(IdentityGraph *g, IdentityItem item_a, IdentityItem item_b, uint32_t **chain)
{
	uint32_t	a = identity_graph_find(g, item_a);
	uint32_t	b = identity_graph_find(g, item_b);
	uint32_t   *distance;
	uint32_t	n;

	if (a == UINT32_MAX || b == UINT32_MAX)
		return 0;
	distance = distances(g, a, b);
	n = distance[a];
	if (n == 0)
		return 0;
	*chain = identity_graph_array(g, n);
	(*chain)[0] = a;
	for (uint32_t i = 1; i < n; i++)
		(*chain)[i] = nearer(g, distance, (*chain)[i - 1], n - i);
	return n;
}
