/*
 * segment_kernels_avx2_array.c
 *	  Kernels with SSE 4.2 and AVX2: two ascending arrays of 16-bit values.
 *
 * Intersection and difference compare eight values with eight by the string
 * instruction of SSE 4.2 (Schlegel, Willhalm, Lehner, "Fast sorted-set
 * intersection using SIMD instructions", 2011).  Union and symmetric
 * difference merge eight with eight by a bitonic network (Batcher 1968; Inoue
 * et al. 2007).  Masks of eight choose what is stored, by a table.
 *
 * No step branches on the values, as they cannot be foreseen.
 */
#ifdef __x86_64__

#include "segment/segment_kernels_x86.h"

#define LANES 8

INLINE_AVX2 __m128i
load_lanes(const uint16_t *a)
{
	return _mm_loadu_si128((const __m128i *) a);
}

/* Store the lanes of a mask together, writing all eight; returns how many */
INLINE_AVX2 uint32_t
store_lanes(uint16_t *out, __m128i v, uint32_t mask)
{
	__m128i		places = _mm_loadl_epi64((const __m128i *) &segment_byte_places[mask]);

	/* lane p is the bytes 2p and 2p + 1 */
	places = _mm_mullo_epi16(_mm_cvtepu8_epi16(places), _mm_set1_epi16(0x0202));
	places = _mm_add_epi16(places, _mm_set1_epi16(0x0100));
	_mm_storeu_si128((__m128i *) out, _mm_shuffle_epi8(v, places));
	return (uint32_t) _mm_popcnt_u32(mask);
}

/* A bit for each lane that is all ones */
INLINE_AVX2 uint32_t
lane_mask(__m128i v)
{
	return (uint32_t) _mm_movemask_epi8(_mm_packs_epi16(v, _mm_setzero_si128()));
}

/*
 * Lanes of va that are in vb.  A lane of 0 would end the "string", so callers
 * see to it that there is none (in damaged values there may be: any answer will
 * do then).
 */
INLINE_AVX2 uint32_t
lanes_in(__m128i va, __m128i vb)
{
	return (uint32_t) _mm_cvtsi128_si32(
										_mm_cmpistrm(vb, va, _SIDD_UWORD_OPS |
													 _SIDD_CMP_EQUAL_ANY | _SIDD_BIT_MASK));
}

/* Are the plain kernels better? */
static inline bool
is_plain_better(uint32_t na, uint32_t nb)
{
	return na < LANES || nb < LANES || segment_skewed(na, nb) || segment_skewed(nb, na);
}

INLINE_AVX2 uint32_t
array_meet(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = a[0] == 0;
	uint32_t	j = b[0] == 0;

	if (i && j)
	{
		if (out != NULL)
			out[0] = 0;
		n = 1;
	}
	while (i + LANES <= na && j + LANES <= nb && n <= i + LANES)
	{
		__m128i		va = load_lanes(a + i);
		uint32_t	hits = lanes_in(va, load_lanes(b + j));
		uint16_t	last_a = a[i + LANES - 1];
		uint16_t	last_b = b[j + LANES - 1];

		if (out != NULL)
			n += store_lanes(out + n, va, hits);
		else
			n += (uint32_t) _mm_popcnt_u32(hits);
		i += last_a <= last_b ? LANES : 0;
		j += last_b <= last_a ? LANES : 0;
	}
	if (out != NULL)
		n += segment_kernels_scalar.array_and(a + i, na - i, b + j, nb - j, out + n);
	else
		n += segment_kernels_scalar.array_and_count(a + i, na - i, b + j, nb - j);
	return n < na ? n : na;
}

TARGET_AVX2 uint32_t
segment_avx2_array_and(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb,
					   uint16_t *out)
{
	if (is_plain_better(na, nb))
		return segment_kernels_scalar.array_and(a, na, b, nb, out);
	return na <= nb ? array_meet(a, na, b, nb, out) : array_meet(b, nb, a, na, out);
}

TARGET_AVX2 uint32_t
segment_avx2_array_and_count(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb)
{
	if (is_plain_better(na, nb))
		return segment_kernels_scalar.array_and_count(a, na, b, nb);
	return na <= nb ? array_meet(a, na, b, nb, NULL) : array_meet(b, nb, a, na, NULL);
}

/*
 * The lanes of a's block that were met so far are kept until the block is left.
 * They are stored at every step, but count only at the last.
 */
TARGET_AVX2 uint32_t
segment_avx2_array_andnot(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb,
						  uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j;
	uint32_t	met = 0;
	uint16_t	rest[LANES];

	if (is_plain_better(na, nb))
		return segment_kernels_scalar.array_andnot(a, na, b, nb, out);
	j = b[0] == 0;
	if (a[0] == 0)
	{
		out[0] = 0;
		n = !j;
		i = 1;
	}
	while (i + LANES <= na && j + LANES <= nb)
	{
		__m128i		va = load_lanes(a + i);
		uint16_t	last_a = a[i + LANES - 1];
		uint16_t	last_b = b[j + LANES - 1];
		bool		leave = last_a <= last_b;
		uint32_t	left;

		met |= lanes_in(va, load_lanes(b + j));
		left = store_lanes(out + n, va, ~met & 0xFF);
		n += leave ? left : 0;
		met = leave ? 0 : met;
		i += leave ? LANES : 0;
		j += last_b <= last_a ? LANES : 0;
	}
	if (met != 0)
	{
		uint32_t	left = 0;

		for (uint32_t k = 0; k < LANES; k++)
			if ((met >> k & 1) == 0)
				rest[left++] = a[i + k];
		n += segment_kernels_scalar.array_andnot(rest, left, b + j, nb - j, out + n);
		i += LANES;
	}
	return n + segment_kernels_scalar.array_andnot(a + i, na - i, b + j, nb - j, out + n);
}

/* One step of a bitonic network: lanes that differ in one bit of their number */
#define EXCHANGE(v, swapped, upper) \
	_mm_blend_epi16(_mm_min_epu16(v, swapped), _mm_max_epu16(v, swapped), upper)

/* A bitonic vector, sorted */
INLINE_AVX2 __m128i
sort_bitonic(__m128i v)
{
	const __m128i neighbours = _mm_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);

	v = EXCHANGE(v, _mm_shuffle_epi32(v, 0x4E), 0xF0);
	v = EXCHANGE(v, _mm_shuffle_epi32(v, 0xB1), 0xCC);
	return EXCHANGE(v, _mm_shuffle_epi8(v, neighbours), 0xAA);
}

/* The lower and upper eight of two sorted eights, sorted */
INLINE_AVX2 void
merge_lanes(__m128i *low, __m128i *high, __m128i v)
{
	const __m128i backwards = _mm_setr_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1);
	__m128i		w = _mm_shuffle_epi8(*high, backwards);

	*low = sort_bitonic(_mm_min_epu16(v, w));
	*high = sort_bitonic(_mm_max_epu16(v, w));
}

/* A sorted sequence in which a value may stand twice, being in both arrays */
static uint32_t
drop_doubles(const uint16_t *values, uint32_t n, bool keep_one, uint16_t *out)
{
	uint32_t	left = 0;

	for (uint32_t i = 0; i < n; i++)
	{
		bool		twice = i + 1 < n && values[i + 1] == values[i];

		if (keep_one || !twice)
			out[left++] = values[i];
		i += twice;
	}
	return left;
}

/* Two sorted sequences as one */
static uint32_t
merge_values(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	while (i < na || j < nb)
		out[n++] = j == nb || (i < na && a[i] <= b[j]) ? a[i++] : b[j++];
	return n;
}

/*
 * What is left when one array has less than eight values: the pending ones
 * (up to 17), the few, and the rest of the other array.
 */
static uint32_t
merge_rest(const uint16_t *pending, uint32_t npending, const uint16_t *few, uint32_t nfew,
		   const uint16_t *rest, uint32_t nrest, bool keep_one, uint16_t *out)
{
	uint16_t	merged[3 * LANES + 1];
	uint16_t	distinct[3 * LANES + 1];
	uint32_t	n = merge_values(pending, npending, few, nfew, merged);

	n = drop_doubles(merged, n, keep_one, distinct);
	if (keep_one)
		return segment_kernels_scalar.array_or(distinct, n, rest, nrest, out);
	return segment_kernels_scalar.array_xor(distinct, n, rest, nrest, out);
}

/*
 * "last" are the values stored before those in "low", so a lane of low that
 * equals its predecessor was stored already.
 */
TARGET_AVX2 uint32_t
segment_avx2_array_or(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb,
					  uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = LANES;
	uint32_t	j = LANES;
	__m128i		low;
	__m128i		high;
	__m128i		last;
	uint16_t	pending[LANES + 1];

	if (is_plain_better(na, nb))
		return segment_kernels_scalar.array_or(a, na, b, nb, out);
	high = load_lanes(b);
	low = load_lanes(a);
	/* a value that the first one is not */
	last = _mm_set1_epi16((int16_t) ((a[0] < b[0] ? a[0] : b[0]) - 1));
	merge_lanes(&low, &high, low);
	for (;;)
	{
		__m128i		before = _mm_alignr_epi8(low, last, 14);
		bool		from_a;

		n += store_lanes(out + n, low, lane_mask(_mm_cmpeq_epi16(low, before)) ^ 0xFF);
		last = low;
		if (i + LANES > na || j + LANES > nb)
			break;
		from_a = a[i] <= b[j];
		merge_lanes(&low, &high, load_lanes(from_a ? a + i : b + j));
		i += from_a ? LANES : 0;
		j += from_a ? 0 : LANES;
	}
	/* the last value stored may stand once more in what is left */
	pending[0] = out[--n];
	_mm_storeu_si128((__m128i *) (pending + 1), high);
	if (i + LANES > na)
		return n + merge_rest(pending, LANES + 1, a + i, na - i, b + j, nb - j, true, out + n);
	return n + merge_rest(pending, LANES + 1, b + j, nb - j, a + i, na - i, true, out + n);
}

/*
 * A lane is kept if neither neighbour equals it, so eight lanes wait until the
 * next eight are known.
 */
TARGET_AVX2 uint32_t
segment_avx2_array_xor(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb,
					   uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = LANES;
	uint32_t	j = LANES;
	__m128i		low;
	__m128i		high;
	__m128i		waiting;
	__m128i		last;
	uint16_t	pending[2 * LANES];
	uint32_t	from;

	if (is_plain_better(na, nb))
		return segment_kernels_scalar.array_xor(a, na, b, nb, out);
	high = load_lanes(b);
	waiting = load_lanes(a);
	last = _mm_set1_epi16((int16_t) ((a[0] < b[0] ? a[0] : b[0]) - 1));
	merge_lanes(&waiting, &high, waiting);
	while (i + LANES <= na && j + LANES <= nb)
	{
		bool		from_a = a[i] <= b[j];
		__m128i		doubles;

		merge_lanes(&low, &high, load_lanes(from_a ? a + i : b + j));
		i += from_a ? LANES : 0;
		j += from_a ? 0 : LANES;
		doubles = _mm_or_si128(_mm_cmpeq_epi16(waiting, _mm_alignr_epi8(waiting, last, 14)),
							   _mm_cmpeq_epi16(waiting, _mm_alignr_epi8(low, waiting, 2)));
		n += store_lanes(out + n, waiting, lane_mask(doubles) ^ 0xFF);
		last = waiting;
		waiting = low;
	}
	_mm_storeu_si128((__m128i *) pending, waiting);
	_mm_storeu_si128((__m128i *) (pending + LANES), high);
	/* the first may be the second of two */
	from = pending[0] == (uint16_t) _mm_extract_epi16(last, 7);
	if (i + LANES > na)
		return n + merge_rest(pending + from, 2 * LANES - from, a + i, na - i,
							  b + j, nb - j, false, out + n);
	return n + merge_rest(pending + from, 2 * LANES - from, b + j, nb - j,
						  a + i, na - i, false, out + n);
}

/* Every value that does not follow the one before it starts a run */
TARGET_AVX2 uint32_t
segment_avx2_array_runs(const uint16_t *a, uint32_t n)
{
	const __m256i one = _mm256_set1_epi16(1);
	__m256i		following = _mm256_setzero_si256();
	uint32_t	runs = n;
	uint32_t	i = 1;
	uint16_t	counts[16];

	/* at most 4,096 steps, so that no lane passes its 16 bits */
	for (; i + 16 <= n; i += 16)
	{
		__m256i		v = _mm256_loadu_si256((const __m256i *) (a + i));
		__m256i		before = _mm256_loadu_si256((const __m256i *) (a + i - 1));

		following = _mm256_sub_epi16(following, _mm256_cmpeq_epi16(_mm256_sub_epi16(v, before), one));
	}
	_mm256_storeu_si256((__m256i *) counts, following);
	for (int k = 0; k < 16; k++)
		runs -= counts[k];
	for (; i < n; i++)
		runs -= (uint16_t) (a[i] - a[i - 1]) == 1;
	return runs;
}

#endif							/* __x86_64__ */
