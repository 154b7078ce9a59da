/*
 * segment_kernels_avx2.c
 *	  Kernels with AVX2: bitsets, ids of 64 bits, packed values.
 *
 * Bits are counted as Mula, Kurz and Lemire tell in "Faster population counts
 * using AVX2 instructions" (2018): carry-save adders sum sixteen vectors into
 * one whose bits count 16 each, and only that one is counted.
 */
#ifdef __x86_64__

#include "segment/segment_kernels_x86.h"

/*
 * Bitsets
 */

/* What a word of the result is; the last one marks the start of each run */
typedef enum BitsetOp
{
	BITS_AND,
	BITS_OR,
	BITS_XOR,
	BITS_ANDNOT,
	BITS_A,
	BITS_RUNS
} BitsetOp;

#define VECTORS (SEGMENT_WORDS / 4)

INLINE_AVX2 __m256i
load_vector(const uint64_t *words, int i)
{
	return _mm256_loadu_si256((const __m256i *) (words + 4 * i));
}

/* Ones whose lower neighbour, maybe in the word before, is a zero */
INLINE_AVX2 __m256i
run_starts(const uint64_t *words, int i)
{
	__m256i		v = load_vector(words, i);
	__m256i		before;

	if (i == 0)
		before = _mm256_blend_epi32(_mm256_permute4x64_epi64(v, 0x93),
									_mm256_setzero_si256(), 0x03);
	else
		before = _mm256_loadu_si256((const __m256i *) (words + 4 * i - 1));
	return _mm256_andnot_si256(_mm256_or_si256(_mm256_slli_epi64(v, 1),
											   _mm256_srli_epi64(before, 63)), v);
}

/* Vector i of the result, stored if there is a place for it */
INLINE_AVX2 __m256i
bitset_vector(BitsetOp op, uint64_t *dst, const uint64_t *a, const uint64_t *b, int i)
{
	__m256i		v;

	if (op == BITS_RUNS)
		return run_starts(a, i);
	v = load_vector(a, i);
	if (op == BITS_AND)
		v = _mm256_and_si256(v, load_vector(b, i));
	else if (op == BITS_OR)
		v = _mm256_or_si256(v, load_vector(b, i));
	else if (op == BITS_XOR)
		v = _mm256_xor_si256(v, load_vector(b, i));
	else if (op == BITS_ANDNOT)
		v = _mm256_andnot_si256(load_vector(b, i), v);
	if (dst != NULL)
		_mm256_storeu_si256((__m256i *) (dst + 4 * i), v);
	return v;
}

/* Ones of each of the four words */
INLINE_AVX2 __m256i
count_words(__m256i v)
{
	const __m256i nibbles = _mm256_set1_epi8(0x0F);
	const __m256i ones = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
										  0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	__m256i		low = _mm256_shuffle_epi8(ones, _mm256_and_si256(v, nibbles));
	__m256i		high = _mm256_shuffle_epi8(ones, _mm256_and_si256(_mm256_srli_epi16(v, 4),
																  nibbles));

	return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
}

INLINE_AVX2 uint32_t
sum_words(__m256i v)
{
	__m128i		s = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

	return (uint32_t) (_mm_cvtsi128_si64(s) + _mm_extract_epi64(s, 1));
}

/* a + b + c, bit by bit: the sum stays in *a, the carry is returned */
INLINE_AVX2 __m256i
carry_save(__m256i *a, __m256i b, __m256i c)
{
	__m256i		u = _mm256_xor_si256(*a, b);
	__m256i		carry = _mm256_or_si256(_mm256_and_si256(*a, b), _mm256_and_si256(u, c));

	*a = _mm256_xor_si256(u, c);
	return carry;
}

INLINE_AVX2 uint32_t
bitset_walk(BitsetOp op, uint64_t *dst, const uint64_t *a, const uint64_t *b)
{
	__m256i		ones = _mm256_setzero_si256();
	__m256i		twos = ones;
	__m256i		fours = ones;
	__m256i		eights = ones;
	__m256i		total = ones;

	for (int i = 0; i < VECTORS; i += 16)
	{
		__m256i		carry8[2];

		for (int k = 0; k < 2; k++)
		{
			__m256i		carry4[2];

			for (int l = 0; l < 2; l++)
			{
				int			m = i + 8 * k + 4 * l;
				__m256i		v0 = bitset_vector(op, dst, a, b, m);
				__m256i		v1 = bitset_vector(op, dst, a, b, m + 1);
				__m256i		v2 = bitset_vector(op, dst, a, b, m + 2);
				__m256i		v3 = bitset_vector(op, dst, a, b, m + 3);
				__m256i		carry2 = carry_save(&ones, v0, v1);

				carry4[l] = carry_save(&twos, carry2, carry_save(&ones, v2, v3));
			}
			carry8[k] = carry_save(&fours, carry4[0], carry4[1]);
		}
		total = _mm256_add_epi64(total, count_words(carry_save(&eights, carry8[0], carry8[1])));
	}
	total = _mm256_slli_epi64(total, 4);
	total = _mm256_add_epi64(total, _mm256_slli_epi64(count_words(eights), 3));
	total = _mm256_add_epi64(total, _mm256_slli_epi64(count_words(fours), 2));
	total = _mm256_add_epi64(total, _mm256_slli_epi64(count_words(twos), 1));
	return sum_words(_mm256_add_epi64(total, count_words(ones)));
}

TARGET_AVX2 static uint32_t
bitset_and(uint64_t *dst, const uint64_t *a, const uint64_t *b)
{
	return bitset_walk(BITS_AND, dst, a, b);
}

TARGET_AVX2 static uint32_t
bitset_or(uint64_t *dst, const uint64_t *a, const uint64_t *b)
{
	return bitset_walk(BITS_OR, dst, a, b);
}

TARGET_AVX2 static uint32_t
bitset_xor(uint64_t *dst, const uint64_t *a, const uint64_t *b)
{
	return bitset_walk(BITS_XOR, dst, a, b);
}

TARGET_AVX2 static uint32_t
bitset_andnot(uint64_t *dst, const uint64_t *a, const uint64_t *b)
{
	return bitset_walk(BITS_ANDNOT, dst, a, b);
}

TARGET_AVX2 static uint32_t
bitset_and_count(const uint64_t *a, const uint64_t *b)
{
	return bitset_walk(BITS_AND, NULL, a, b);
}

TARGET_AVX2 static uint32_t
bitset_count(const uint64_t *a)
{
	return bitset_walk(BITS_A, NULL, a, NULL);
}

TARGET_AVX2 static uint32_t
bitset_runs(const uint64_t *a)
{
	return bitset_walk(BITS_RUNS, NULL, a, NULL);
}

/* The places of eight bits, as many values as there are ones count */
INLINE_AVX2 __m128i
byte_places(uint32_t byte, uint32_t base)
{
	__m128i		places = _mm_loadl_epi64((const __m128i *) &segment_byte_places[byte]);

	return _mm_add_epi16(_mm_cvtepu8_epi16(places), _mm_set1_epi16((int16_t) base));
}

/* Up to this many ones in a word are told one by one, more by the byte */
#define FEW_ONES 6

TARGET_AVX2 static uint32_t
bitset_to_array(const uint64_t *a, uint16_t *out)
{
	uint32_t	n = 0;

	for (uint32_t base = 0; base < SEGMENT_WORDS * 64; base += 64)
	{
		uint64_t	w = a[base / 64];
		uint32_t	ones = (uint32_t) _mm_popcnt_u64(w);
		uint16_t   *p = out + n;

		n += ones;
		if (ones <= FEW_ONES)
		{
			for (; w != 0; w = _blsr_u64(w))
				*p++ = (uint16_t) (base + _tzcnt_u64(w));
			continue;
		}
		for (uint32_t k = 0; k < 64; k += 8, w >>= 8)
		{
			_mm_storeu_si128((__m128i *) p, byte_places(w & 0xFF, base + k));
			p += _mm_popcnt_u32(w & 0xFF);
		}
	}
	return n;
}

/*
 * Arrays against bitsets: plain loops, but with bit tests of one instruction
 */

INLINE_AVX2 uint32_t
bitset_holds(const uint64_t *b, uint16_t x)
{
	return b[x / 64] >> (x % 64) & 1;
}

TARGET_AVX2 uint32_t
segment_avx2_array_bitset_and(const uint16_t *a, uint32_t na, const uint64_t *b, uint16_t *out)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < na; i++)
	{
		uint16_t	x = a[i];

		out[n] = x;
		n += bitset_holds(b, x);
	}
	return n;
}

TARGET_AVX2 uint32_t
segment_avx2_array_bitset_and_count(const uint16_t *a, uint32_t na, const uint64_t *b)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < na; i++)
		n += bitset_holds(b, a[i]);
	return n;
}

TARGET_AVX2 uint32_t
segment_avx2_array_bitset_andnot(const uint16_t *a, uint32_t na, const uint64_t *b,
								 uint16_t *out)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < na; i++)
	{
		uint16_t	x = a[i];

		out[n] = x;
		n += bitset_holds(b, x) ^ 1;
	}
	return n;
}

/*
 * Arrays of 64-bit ids: four against four, the values that are in both moved
 * together.  Then whichever block ends first is left behind, or both.
 */

/* For a mask of four: its values' halves in order, as indexes of 32-bit lanes */
static const uint32_t four_places[16][8] = {
	{0, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0, 0, 0},
	{2, 3, 0, 0, 0, 0, 0, 0}, {0, 1, 2, 3, 0, 0, 0, 0},
	{4, 5, 0, 0, 0, 0, 0, 0}, {0, 1, 4, 5, 0, 0, 0, 0},
	{2, 3, 4, 5, 0, 0, 0, 0}, {0, 1, 2, 3, 4, 5, 0, 0},
	{6, 7, 0, 0, 0, 0, 0, 0}, {0, 1, 6, 7, 0, 0, 0, 0},
	{2, 3, 6, 7, 0, 0, 0, 0}, {0, 1, 2, 3, 6, 7, 0, 0},
	{4, 5, 6, 7, 0, 0, 0, 0}, {0, 1, 4, 5, 6, 7, 0, 0},
	{2, 3, 4, 5, 6, 7, 0, 0}, {0, 1, 2, 3, 4, 5, 6, 7}
};

INLINE_AVX2 uint32_t
four_in_both(__m256i va, __m256i vb)
{
	__m256i		hits = _mm256_cmpeq_epi64(va, vb);

	hits = _mm256_or_si256(hits, _mm256_cmpeq_epi64(va, _mm256_permute4x64_epi64(vb, 0x39)));
	hits = _mm256_or_si256(hits, _mm256_cmpeq_epi64(va, _mm256_permute4x64_epi64(vb, 0x4E)));
	hits = _mm256_or_si256(hits, _mm256_cmpeq_epi64(va, _mm256_permute4x64_epi64(vb, 0x93)));
	return (uint32_t) _mm256_movemask_pd(_mm256_castsi256_pd(hits));
}

/*
 * a is not larger than b.  Of ascending ids no more have been met than are in
 * a's blocks so far.  Others could be met again and again: we stop there, so
 * that what is written stays within the slack behind na ids.
 */
INLINE_AVX2 size_t
ids_meet(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out)
{
	size_t		n = 0;
	size_t		i = 0;
	size_t		j = 0;

	while (i + 4 <= na && j + 4 <= nb && n <= i + 4)
	{
		__m256i		va = _mm256_loadu_si256((const __m256i *) (a + i));
		uint32_t	hits = four_in_both(va, _mm256_loadu_si256((const __m256i *) (b + j)));
		uint64_t	last_a = a[i + 3];
		uint64_t	last_b = b[j + 3];

		if (out != NULL)
		{
			__m256i		order = _mm256_loadu_si256((const __m256i *) four_places[hits]);

			_mm256_storeu_si256((__m256i *) (out + n), _mm256_permutevar8x32_epi32(va, order));
		}
		n += (size_t) _mm_popcnt_u32(hits);
		i += 4 * (size_t) (last_a <= last_b);
		j += 4 * (size_t) (last_b <= last_a);
	}
	if (out != NULL)
		n += segment_kernels_scalar.ids_and(a + i, na - i, b + j, nb - j, out + n);
	else
		n += segment_kernels_scalar.ids_and_count(a + i, na - i, b + j, nb - j);
	return n < na ? n : na;
}

TARGET_AVX2 static size_t
ids_and(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out)
{
	if (segment_skewed(na, nb) || segment_skewed(nb, na))
		return segment_kernels_scalar.ids_and(a, na, b, nb, out);
	return na <= nb ? ids_meet(a, na, b, nb, out) : ids_meet(b, nb, a, na, out);
}

TARGET_AVX2 static size_t
ids_and_count(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
	if (segment_skewed(na, nb) || segment_skewed(nb, na))
		return segment_kernels_scalar.ids_and_count(a, na, b, nb);
	return na <= nb ? ids_meet(a, na, b, nb, NULL) : ids_meet(b, nb, a, na, NULL);
}

/*
 * Packed values: eight of them take "width" bytes, so that the places of their
 * first bits in these bytes are the same for every eight
 */

INLINE_AVX2 __m256i
unpack_four(const uint8_t *p, const uint32_t *bytes, __m256i shifts, __m256i mask, __m256i base)
{
	__m256i		v = _mm256_setr_epi64x((int64_t) load64(p + bytes[0]),
									   (int64_t) load64(p + bytes[1]),
									   (int64_t) load64(p + bytes[2]),
									   (int64_t) load64(p + bytes[3]));

	return _mm256_add_epi64(_mm256_and_si256(_mm256_srlv_epi64(v, shifts), mask), base);
}

TARGET_AVX2 static void
unpack(const uint8_t *src, const uint8_t *limit,
	   uint32_t width, uint64_t base, uint32_t n, uint64_t *out)
{
	const __m256i mask = _mm256_set1_epi64x((int64_t) (UINT64_MAX >> (64 - width)));
	const __m256i bases = _mm256_set1_epi64x((int64_t) base);
	uint64_t	shift[8];
	uint32_t	bytes[8];
	__m256i		low;
	__m256i		high;
	uint32_t	i = 0;

	for (uint32_t k = 0; k < 8; k++)
	{
		bytes[k] = k * width / 8;
		shift[k] = k * width % 8;
	}
	low = _mm256_loadu_si256((const __m256i *) shift);
	high = _mm256_loadu_si256((const __m256i *) (shift + 4));
	for (; i + 8 <= n && (size_t) (limit - src) >= bytes[7] + 8; i += 8, src += width)
	{
		_mm256_storeu_si256((__m256i *) (out + i), unpack_four(src, bytes, low, mask, bases));
		_mm256_storeu_si256((__m256i *) (out + i + 4),
							unpack_four(src, bytes + 4, high, mask, bases));
	}
	segment_kernels_scalar.unpack(src, limit, width, base, n - i, out + i);
}

const SegmentKernels segment_kernels_avx2 = {
	.level = CPU_AVX2,
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
