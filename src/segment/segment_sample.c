/*
 * segment_sample.c
 *	  Random samples and random parts of a set, by seed.
 *
 * Chance is a hash, so that the same question has the same answer on every
 * machine and in every release:
 *
 *	key(seed)	= FNV-1a, 64 bits, of the seed's UTF-8 bytes
 *	mix(x)		= the finaliser of SplitMix64 (Steele, Lea, Flood: Fast
 *				  Splittable Pseudorandom Number Generators, OOPSLA 2014):
 *				  x ^= x >> 30, x *= 0xbf58476d1ce4e5b9, x ^= x >> 27,
 *				  x *= 0x94d049bb133111eb, x ^= x >> 31
 *	draw(i)		= mix(mix(key) + (i + 1) * 0x9e3779b97f4a7c15), i = 0, 1, ...
 *	arm(id)		= mix(mix(key) + mix(id)), its upper 53 bits as a fraction
 *				  of 1, looked up in the cumulated weights
 *
 * A sample takes ranks: draw(i) modulo the count, drawing again where the
 * last, incomplete multiple of the count would favour low ranks, until n
 * distinct ranks are there.  Of more than half of the members the ranks that
 * are left out are drawn.
 */
#include "segment/segment.h"

/* Ranks drawn at once: 1 GB, and as much again to sort them */
#define DRAW_MAX (UINT64_C(1) << 27)

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t
seed_key(const char *seed, size_t size)
{
	uint64_t	h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		h = (h ^ (uint8_t) seed[i]) * UINT64_C(0x100000001b3);
	return mix(h);
}

/* ---- samples ---- */

/* n distinct ranks below count, ascending */
static uint64_t *
draw_ranks(uint64_t n, uint64_t count, uint64_t key)
{
	uint64_t   *ranks = core_alloc(core_mul_size(n, sizeof(uint64_t)));
	uint64_t	have = 0;
	uint64_t	i = 0;
	/* draws from here on are thrown away; 0 stands for 2^64 */
	uint64_t	limit = -((UINT64_MAX % count + 1) % count);

	while (have < n)
	{
		/* no more than are missing, so that none is ever thrown away */
		for (uint64_t k = have; k < n;)
		{
			uint64_t	x = mix(key + ++i * UINT64_C(0x9e3779b97f4a7c15));

			if (i % 65536 == 0)
				core_interrupt();
			if (limit == 0 || x < limit)
				ranks[k++] = x % count;
		}
		have = segment_sort_ids(ranks, n);
	}
	return ranks;
}

/* The members with these ranks */
static Segment *
members_by_rank(const SegmentView *view, const uint64_t *ranks, uint64_t n)
{
	SegmentBuilder builder;
	SegmentRanges ranges;
	uint64_t	ids[256];
	uint64_t	before = 0;
	uint64_t	i = 0;
	uint64_t	lo;
	uint64_t	hi;
	uint32_t	nids = 0;

	segment_build_start(&builder, false, n < 4096 ? n * 2 : 8192, n < 64 ? 2 : 64);
	segment_ranges_start(&ranges, view);
	while (i < n && segment_ranges_next(&ranges, &lo, &hi))
	{
		for (; i < n && ranks[i] - before <= hi - lo; i++)
		{
			ids[nids++] = lo + (ranks[i] - before);
			if (nids == 256)
			{
				core_interrupt();
				segment_build_ids(&builder, ids, nids);
				nids = 0;
			}
		}
		before += hi - lo + 1;
	}
	segment_build_ids(&builder, ids, nids);
	return segment_build_finish(&builder);
}

Segment *
segment_sample(const SegmentView *view, uint64_t n, const char *seed, size_t seed_size)
{
	uint64_t	key = seed_key(seed, seed_size);
	bool		leave_out = n > view->count / 2;
	uint64_t	ndrawn = leave_out ? view->count - n : n;
	uint64_t   *ranks;
	Segment    *drawn;
	Segment    *rest;
	SegmentView drawn_view;

	if (n >= view->count)
	{
		Segment    *all = core_alloc(view->size);

		core_copy(all, view->base, view->size);
		segment_set_size(all, view->size);
		return all;
	}
	if (ndrawn == 0)
		return segment_make_empty();
	if (ndrawn > DRAW_MAX)
		core_throw(CORE_LIMIT, "Take parts of the set with segment_split().",
				   "sample of %llu members is too large",
				   (unsigned long long) n);
	ranks = draw_ranks(ndrawn, view->count, key);
	drawn = members_by_rank(view, ranks, ndrawn);
	core_free(ranks);
	if (!leave_out)
		return drawn;
	segment_open(&drawn_view, drawn, segment_size(drawn));
	rest = segment_op(SEGMENT_ANDNOT, view, &drawn_view, false);
	core_free(drawn);
	return rest;
}

/* ---- parts ---- */

/*
 * The upper end of each arm, in units of 2^-53; the last is 2^53 whatever
 * rounding did to the sum, or an earlier one if the last arms weigh nothing.
 */
static void
arm_ends(const double *weights, uint32_t narms, uint64_t *ends)
{
	double		total = 0;
	double		sum = 0;
	double		largest = 0;
	uint32_t	last = 0;

	/* relative to the largest, so that no sum overflows */
	for (uint32_t i = 0; i < narms; i++)
		if (weights[i] > largest)
			largest = weights[i];
	for (uint32_t i = 0; i < narms; i++)
	{
		total += weights[i] / largest;
		if (weights[i] > 0)
			last = i;
	}
	for (uint32_t i = 0; i < narms; i++)
	{
		sum += weights[i] / largest;
		ends[i] = i >= last ? UINT64_C(1) << 53 :
			(uint64_t) (sum / total * (double) (UINT64_C(1) << 53));
	}
}

void
segment_split(const SegmentView *view, const double *weights, uint32_t narms,
			  const char *seed, size_t seed_size, Segment **arms)
{
	uint64_t	key = seed_key(seed, seed_size);
	uint64_t   *ends = core_alloc(core_mul_size(narms, sizeof(uint64_t)));
	SegmentBuilder *builders = core_alloc(core_mul_size(narms, sizeof(SegmentBuilder)));
	uint64_t	ids[SEGMENT_ITER_IDS];
	SegmentIter iter;
	uint32_t	n;

	arm_ends(weights, narms, ends);
	for (uint32_t i = 0; i < narms; i++)
		segment_build_start(&builders[i], false, 0, view->n < 64 ? view->n : 64);
	segment_iter_start(&iter, view);
	while ((n = segment_iter_next(&iter, ids)) > 0)
	{
		core_interrupt();
		for (uint32_t i = 0; i < n; i++)
		{
			uint64_t	u = mix(key + mix((uint64_t) segment_unbias(ids[i]))) >> 11;
			uint32_t	lo = 0;
			uint32_t	hi = narms - 1;

			while (lo < hi)
			{
				uint32_t	mid = lo + (hi - lo) / 2;

				if (u < ends[mid])
					hi = mid;
				else
					lo = mid + 1;
			}
			segment_build_ids(&builders[lo], &ids[i], 1);
		}
	}
	for (uint32_t i = 0; i < narms; i++)
		arms[i] = segment_build_finish(&builders[i]);
	core_free(builders);
	core_free(ends);
}
