/*
 * immintrin.h
 *	  AVX2 and AVX-512 in plain C, so that their kernels can be tried on a
 *	  machine without them: SIMDe, and the few that it lacks.
 */
#ifndef EMULATED_IMMINTRIN_H
#define EMULATED_IMMINTRIN_H

#include <string.h>

#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/sse4.2.h>
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>

#define _mm_popcnt_u32(a) ((int) __builtin_popcount(a))
#define _mm_popcnt_u64(a) ((int64_t) __builtin_popcountll(a))
#define _tzcnt_u64(a) ((a) == 0 ? UINT64_C(64) : (uint64_t) __builtin_ctzll(a))
#define _blsr_u64(a) ((a) & ((a) - 1))

typedef uint8_t __mmask8;
typedef uint64_t __mmask64;

/* As the kernels use it: a bit for each lane of b that is one of a's, up to a 0 */
#undef _mm_cmpistrm
#define _mm_cmpistrm(a, b, mode) emulated_cmpistrm(a, b)

static inline simde__m128i
emulated_cmpistrm(simde__m128i a, simde__m128i b)
{
	uint16_t	x[8];
	uint16_t	y[8];
	uint64_t	mask[2] = {0, 0};

	simde_mm_storeu_si128((simde__m128i *) x, a);
	simde_mm_storeu_si128((simde__m128i *) y, b);
	for (int i = 0; i < 8 && y[i] != 0; i++)
		for (int j = 0; j < 8 && x[j] != 0; j++)
			if (x[j] == y[i])
				mask[0] |= UINT64_C(1) << i;
	return simde_mm_loadu_si128((simde__m128i *) mask);
}

/* Lanes of the two, a above b, from "lanes" on */
#undef _mm512_alignr_epi64
#define _mm512_alignr_epi64 emulated_alignr_epi64

static inline simde__m512i
emulated_alignr_epi64(simde__m512i a, simde__m512i b, int lanes)
{
	int64_t		in[16];
	simde__m512i r;

	simde_mm512_storeu_si512(in, b);
	simde_mm512_storeu_si512(in + 8, a);
	memcpy(&r, in + lanes, sizeof(r));
	return r;
}

#undef _mm512_reduce_add_epi64
#define _mm512_reduce_add_epi64 emulated_reduce_add_epi64

static inline int64_t
emulated_reduce_add_epi64(simde__m512i a)
{
	uint64_t	in[8];
	uint64_t	sum = 0;

	simde_mm512_storeu_si512(in, a);
	for (int i = 0; i < 8; i++)
		sum += in[i];
	return (int64_t) sum;
}

#undef _mm512_maskz_compress_epi16
#define _mm512_maskz_compress_epi16 emulated_maskz_compress_epi16

static inline simde__m512i
emulated_maskz_compress_epi16(uint32_t mask, simde__m512i a)
{
	uint16_t	in[32];
	uint16_t	out[32] = {0};
	int			n = 0;

	simde_mm512_storeu_si512(in, a);
	for (int i = 0; i < 32; i++)
		if (mask >> i & 1)
			out[n++] = in[i];
	return simde_mm512_loadu_si512(out);
}

#undef _mm512_maskz_loadu_epi8
#define _mm512_maskz_loadu_epi8 emulated_maskz_loadu_epi8

static inline simde__m512i
emulated_maskz_loadu_epi8(uint64_t mask, const void *p)
{
	uint8_t		in[64] = {0};

	for (int i = 0; i < 64; i++)
		if (mask >> i & 1)
			in[i] = ((const uint8_t *) p)[i];
	return simde_mm512_loadu_si512(in);
}

#endif							/* EMULATED_IMMINTRIN_H */
