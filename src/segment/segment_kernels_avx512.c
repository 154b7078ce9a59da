/*
 * segment_kernels_avx512.c
 *	  Kernels with AVX-512 as Ice Lake and Zen 4 have it (with VBMI2 and VPOPCNTDQ).
 *
 * Bits of words are counted by one instruction, and chosen values are stored
 * together by another.  What gains nothing from wider registers is that of AVX2.
 */
#ifdef __x86_64__

#include "segment/segment_kernels_x86.h"

#define VECTORS (SEGMENT_WORDS / 8)

INLINE_AVX512 __m512i
load_vector(const uint64_t *words, int i)
{
	return _mm512_loadu_si512((const void *) (words + 8 * i));
}

#define BITSET_OP(name, expression) \
TARGET_AVX512 static uint32_t \
name(uint64_t *dst, const uint64_t *a, const uint64_t *b) \
{ \
	__m512i		count = _mm512_setzero_si512(); \
\
	for (int i = 0; i < VECTORS; i++) \
	{ \
		__m512i		va = load_vector(a, i); \
		__m512i		vb = load_vector(b, i); \
		__m512i		v = (expression); \
\
		_mm512_storeu_si512((void *) (dst + 8 * i), v); \
		count = _mm512_add_epi64(count, _mm512_popcnt_epi64(v)); \
	} \
	return (uint32_t) _mm512_reduce_add_epi64(count); \
}

BITSET_OP(bitset_and, _mm512_and_si512(va, vb))
BITSET_OP(bitset_or, _mm512_or_si512(va, vb))
BITSET_OP(bitset_xor, _mm512_xor_si512(va, vb))
BITSET_OP(bitset_andnot, _mm512_andnot_si512(vb, va))

TARGET_AVX512 static uint32_t
bitset_and_count(const uint64_t *a, const uint64_t *b)
{
	__m512i		count = _mm512_setzero_si512();

	for (int i = 0; i < VECTORS; i++)
		count = _mm512_add_epi64(count, _mm512_popcnt_epi64(
															_mm512_and_si512(load_vector(a, i), load_vector(b, i))));
	return (uint32_t) _mm512_reduce_add_epi64(count);
}

TARGET_AVX512 static uint32_t
bitset_count(const uint64_t *a)
{
	__m512i		count = _mm512_setzero_si512();

	for (int i = 0; i < VECTORS; i++)
		count = _mm512_add_epi64(count, _mm512_popcnt_epi64(load_vector(a, i)));
	return (uint32_t) _mm512_reduce_add_epi64(count);
}

/* A run starts at each one whose lower neighbour, maybe in the word before, is a zero */
TARGET_AVX512 static uint32_t
bitset_runs(const uint64_t *a)
{
	__m512i		count = _mm512_setzero_si512();
	__m512i		last = _mm512_setzero_si512();

	for (int i = 0; i < VECTORS; i++)
	{
		__m512i		v = load_vector(a, i);
		__m512i		before = _mm512_alignr_epi64(v, last, 7);
		__m512i		lower = _mm512_or_si512(_mm512_slli_epi64(v, 1), _mm512_srli_epi64(before, 63));

		count = _mm512_add_epi64(count, _mm512_popcnt_epi64(_mm512_andnot_si512(lower, v)));
		last = v;
	}
	return (uint32_t) _mm512_reduce_add_epi64(count);
}

/* The places of 32 bits */
INLINE_AVX512 uint32_t
half_word_places(uint32_t bits, __m512i places, uint16_t *out)
{
	_mm512_storeu_si512((void *) out, _mm512_maskz_compress_epi16(bits, places));
	return (uint32_t) _mm_popcnt_u32(bits);
}

TARGET_AVX512 static uint32_t
bitset_to_array(const uint64_t *a, uint16_t *out)
{
	const __m512i step = _mm512_set1_epi16(32);
	uint16_t	first[32];
	__m512i		places;
	uint32_t	n = 0;

	for (int i = 0; i < 32; i++)
		first[i] = (uint16_t) i;
	places = _mm512_loadu_si512((const void *) first);
	for (int i = 0; i < SEGMENT_WORDS; i++)
	{
		n += half_word_places((uint32_t) a[i], places, out + n);
		places = _mm512_add_epi16(places, step);
		n += half_word_places((uint32_t) (a[i] >> 32), places, out + n);
		places = _mm512_add_epi16(places, step);
	}
	return n;
}

/*
 * Arrays of 64-bit ids: eight against eight, one turned by 0 to 7 lanes
 */

#define TURNED(v, lanes) _mm512_alignr_epi64(v, v, lanes)

INLINE_AVX512 __mmask8
eight_in_both(__m512i va, __m512i vb)
{
	return _mm512_cmpeq_epi64_mask(va, vb) |
		_mm512_cmpeq_epi64_mask(va, TURNED(vb, 1)) |
		_mm512_cmpeq_epi64_mask(va, TURNED(vb, 2)) |
		_mm512_cmpeq_epi64_mask(va, TURNED(vb, 3)) |
		_mm512_cmpeq_epi64_mask(va, TURNED(vb, 4)) |
		_mm512_cmpeq_epi64_mask(va, TURNED(vb, 5)) |
		_mm512_cmpeq_epi64_mask(va, TURNED(vb, 6)) |
		_mm512_cmpeq_epi64_mask(va, TURNED(vb, 7));
}

/* As with AVX2: a is not larger than b, and repeated ids end the loop */
INLINE_AVX512 size_t
ids_meet(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out)
{
	size_t		n = 0;
	size_t		i = 0;
	size_t		j = 0;

	while (i + 8 <= na && j + 8 <= nb && n <= i + 8)
	{
		__m512i		va = _mm512_loadu_si512((const void *) (a + i));
		__mmask8	hits = eight_in_both(va, _mm512_loadu_si512((const void *) (b + j)));
		uint64_t	last_a = a[i + 7];
		uint64_t	last_b = b[j + 7];

		if (out != NULL)
			_mm512_storeu_si512((void *) (out + n), _mm512_maskz_compress_epi64(hits, va));
		n += (size_t) _mm_popcnt_u32(hits);
		i += 8 * (size_t) (last_a <= last_b);
		j += 8 * (size_t) (last_b <= last_a);
	}
	if (out != NULL)
		n += segment_kernels_scalar.ids_and(a + i, na - i, b + j, nb - j, out + n);
	else
		n += segment_kernels_scalar.ids_and_count(a + i, na - i, b + j, nb - j);
	return n < na ? n : na;
}

TARGET_AVX512 static size_t
ids_and(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out)
{
	if (segment_skewed(na, nb) || segment_skewed(nb, na))
		return segment_kernels_scalar.ids_and(a, na, b, nb, out);
	return na <= nb ? ids_meet(a, na, b, nb, out) : ids_meet(b, nb, a, na, out);
}

TARGET_AVX512 static size_t
ids_and_count(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
	if (segment_skewed(na, nb) || segment_skewed(nb, na))
		return segment_kernels_scalar.ids_and_count(a, na, b, nb);
	return na <= nb ? ids_meet(a, na, b, nb, NULL) : ids_meet(b, nb, a, na, NULL);
}

/*
 * Packed values: eight of them take "width" bytes.  Each lane gets the eight
 * bytes that its value starts in, and is shifted.
 */
TARGET_AVX512 static void
unpack(const uint8_t *src, const uint8_t *limit,
	   uint32_t width, uint64_t base, uint32_t n, uint64_t *out)
{
	const __m512i mask = _mm512_set1_epi64((int64_t) (UINT64_MAX >> (64 - width)));
	const __m512i bases = _mm512_set1_epi64((int64_t) base);
	const __mmask64 bytes = UINT64_MAX >> (64 - width);
	uint8_t		from[64];
	uint64_t	shift[8];
	__m512i		order;
	__m512i		shifts;

	/* a value of at most 56 bits ends in the bytes of its eight; what lies behind is masked */
	for (uint32_t k = 0; k < 64; k++)
		from[k] = (uint8_t) ((k / 8) * width / 8 + k % 8);
	for (uint32_t k = 0; k < 8; k++)
		shift[k] = k * width % 8;
	order = _mm512_loadu_si512((const void *) from);
	shifts = _mm512_loadu_si512((const void *) shift);
	for (; n >= 8 && (size_t) (limit - src) >= width; n -= 8, src += width, out += 8)
	{
		__m512i		v = _mm512_permutexvar_epi8(order, _mm512_maskz_loadu_epi8(bytes, src));

		v = _mm512_and_si512(_mm512_srlv_epi64(v, shifts), mask);
		_mm512_storeu_si512((void *) out, _mm512_add_epi64(v, bases));
	}
	segment_kernels_scalar.unpack(src, limit, width, base, n, out);
}

const SegmentKernels segment_kernels_avx512 = {
	.level = CPU_AVX512,
	.bitset_and = bitset_and,
	.bitset_or = bitset_or,
	.bitset_xor = bitset_xor,
	.bitset_andnot = bitset_andnot,
	.bitset_and_count = bitset_and_count,
	.bitset_count = bitset_count,
	.bitset_runs = bitset_runs,
	.bitset_to_array = bitset_to_array,
	.array_and = segment_avx2_array_and,
	.array_and_count = segment_avx2_array_and_count,
	.array_or = segment_avx2_array_or,
	.array_xor = segment_avx2_array_xor,
	.array_andnot = segment_avx2_array_andnot,
	.array_runs = segment_avx2_array_runs,
	.array_bitset_and = segment_avx2_array_bitset_and,
	.array_bitset_and_count = segment_avx2_array_bitset_and_count,
	.array_bitset_andnot = segment_avx2_array_bitset_andnot,
	.ids_and = ids_and,
	.ids_and_count = ids_and_count,
	.unpack = unpack,
};

#endif							/* __x86_64__ */
