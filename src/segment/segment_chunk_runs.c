/*
 * segment_chunk_runs.c
 *	  Two lists of runs, or an array and a list of runs.
 *
 * Each step looks at one run of each side, writes one run that counts or does
 * not, and leaves the side that ends first.  Nothing branches on the values,
 * which cannot be foreseen.  Each step leaves a run or a place behind, so that
 * the number of steps is bounded whatever the values are.
 */
#include "segment/segment_chunk_runs.h"

static const uint16_t full_run[2] = {0, 65535};

RunList
segment_chunk_runs(const SegmentEntry *chunk)
{
	RunList		list;

	list.pairs = chunk->kind == SEGMENT_FULL ? full_run : (const uint16_t *) chunk->data;
	list.n = chunk->kind == SEGMENT_FULL ? 1 : chunk->nruns;
	return list;
}

static inline void
put_run(uint16_t *out, uint32_t n, uint32_t first, uint32_t last)
{
	out[2 * (size_t) n] = (uint16_t) first;
	out[2 * (size_t) n + 1] = (uint16_t) (last - first);
}

static inline uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t
most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t
runs_and(RunList a, RunList b, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	while (i < a.n && j < b.n)
	{
		uint32_t	last_a = run_last(a.pairs, i);
		uint32_t	last_b = run_last(b.pairs, j);
		uint32_t	first = most(run_first(a.pairs, i), run_first(b.pairs, j));
		uint32_t	last = least(last_a, last_b);

		put_run(out, n, first, last);
		n += first <= last;
		i += last_a <= last_b;
		j += last_b <= last_a;
	}
	return n;
}

uint32_t
segment_runs_and_count(RunList a, RunList b)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	while (i < a.n && j < b.n)
	{
		uint32_t	last_a = run_last(a.pairs, i);
		uint32_t	last_b = run_last(b.pairs, j);
		uint32_t	first = most(run_first(a.pairs, i), run_first(b.pairs, j));
		uint32_t	end = least(last_a, last_b) + 1;

		n += end > first ? end - first : 0;
		i += last_a <= last_b;
		j += last_b <= last_a;
	}
	return n;
}

/* The run that a union is growing, the last one of out */
typedef struct Growing
{
	uint32_t	n;				/* runs so far, this one included */
	uint32_t	first;
	uint32_t	end;			/* behind its last place */
} Growing;

/* Append a run that starts no earlier than those before it */
static inline void
grow_union(Growing *g, uint16_t *out, uint32_t first, uint32_t last)
{
	bool		gap = g->n == 0 || first > g->end;

	g->first = gap ? first : g->first;
	g->end = gap ? last + 1 : most(g->end, last + 1);
	g->n += gap;
	put_run(out, g->n - 1, g->first, g->end - 1);
}

static uint32_t
runs_or(RunList a, RunList b, uint16_t *out)
{
	Growing		g = {0, 0, 0};
	uint32_t	i = 0;
	uint32_t	j = 0;

	while (i < a.n && j < b.n)
	{
		bool		from_a = run_first(a.pairs, i) <= run_first(b.pairs, j);
		const uint16_t *pair = from_a ? a.pairs + 2 * (size_t) i : b.pairs + 2 * (size_t) j;

		grow_union(&g, out, run_first(pair, 0), run_last(pair, 0));
		i += from_a;
		j += !from_a;
	}
	for (; i < a.n; i++)
		grow_union(&g, out, run_first(a.pairs, i), run_last(a.pairs, i));
	for (; j < b.n; j++)
		grow_union(&g, out, run_first(b.pairs, j), run_last(b.pairs, j));
	return g.n;
}

static uint32_t
runs_andnot(RunList a, RunList b, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;
	uint32_t	first = run_first(a.pairs, 0);	/* of what is left of a's run */

	while (i < a.n && j < b.n)
	{
		uint32_t	last_a = run_last(a.pairs, i);
		uint32_t	last_b = run_last(b.pairs, j);
		uint32_t	end = least(last_a + 1, run_first(b.pairs, j));
		bool		leave_a = last_a <= last_b;

		put_run(out, n, first, end - 1);
		n += first < end;
		i += leave_a;
		j += !leave_a;
		/* behind the last run anything will do */
		first = leave_a ? run_first(a.pairs, least(i, a.n - 1)) : most(first, last_b + 1);
	}
	if (i < a.n)
	{
		put_run(out, n++, first, run_last(a.pairs, i));
		memcpy(out + 2 * (size_t) n, a.pairs + 2 * ((size_t) i + 1), ((size_t) a.n - i - 1) * 4);
		n += a.n - i - 1;
	}
	return n;
}

/*
 * Where runs start and where they are over.  A run that reaches the chunk's end
 * is never over.
 */
static uint32_t
runs_to_edges(RunList list, uint16_t *edges)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < list.n; i++)
	{
		edges[n++] = (uint16_t) run_first(list.pairs, i);
		edges[n++] = (uint16_t) (run_last(list.pairs, i) + 1);
	}
	return n > 0 && edges[n - 1] == 0 ? n - 1 : n;
}

/* The edges of the symmetric difference are those that only one list has */
static uint32_t
runs_xor(RunList a, RunList b, uint16_t *out)
{
	uint16_t   *edges = core_alloc(((size_t) a.n + b.n) * 4 + 1);
	uint32_t	na = runs_to_edges(a, edges);
	uint32_t	nb = runs_to_edges(b, edges + na);
	uint32_t	n = segment_kernels->array_xor(edges, na, edges + na, nb, out);

	core_free(edges);
	for (uint32_t i = 1; i < n; i += 2)
		out[i] = (uint16_t) (out[i] - out[i - 1] - 1);
	if (n % 2 == 1)
		out[n] = (uint16_t) (SEGMENT_CHUNK_IDS - 1 - out[n - 1]);
	return (n + 1) / 2;
}

uint32_t
segment_runs_op(SegmentOp op, RunList a, RunList b, uint16_t *out)
{
	switch (op)
	{
		case SEGMENT_AND:
			return runs_and(a, b, out);
		case SEGMENT_OR:
			return runs_or(a, b, out);
		case SEGMENT_XOR:
			return runs_xor(a, b, out);
		default:
			return a.n == 0 ? 0 : runs_andnot(a, b, out);
	}
}

uint32_t
segment_runs_filter(const uint16_t *places, uint32_t n, RunList runs, bool keep_held,
					uint16_t *out)
{
	uint32_t	kept = 0;
	uint32_t	i = 0;
	uint32_t	k = 0;

	while (i < n && k < runs.n)
	{
		uint32_t	place = places[i];
		bool		below = place < run_first(runs.pairs, k);
		bool		above = place > run_last(runs.pairs, k);

		out[kept] = (uint16_t) place;
		kept += keep_held ? !below & !above : below;
		i += !above;
		k += above;
	}
	if (!keep_held && i < n)
	{
		memcpy(out + kept, places + i, ((size_t) n - i) * 2);
		kept += n - i;
	}
	return kept;
}

uint32_t
segment_runs_filter_count(const uint16_t *places, uint32_t n, RunList runs)
{
	uint32_t	held = 0;
	uint32_t	i = 0;
	uint32_t	k = 0;

	while (i < n && k < runs.n)
	{
		uint32_t	place = places[i];
		bool		above = place > run_last(runs.pairs, k);

		held += (place >= run_first(runs.pairs, k)) & !above;
		i += !above;
		k += above;
	}
	return held;
}
