/*
 * segment_kernels_x86.h
 *	  What the kernels for x86 processors share.
 *
 * Each function is compiled for its instructions by an attribute, so that the
 * library as a whole runs on any processor.  (The tests define the attributes
 * away and emulate the instructions, see test/fuzz/emulated.)
 */
#ifndef PORTRAIT_SEGMENT_KERNELS_X86_H
#define PORTRAIT_SEGMENT_KERNELS_X86_H

#include <immintrin.h>

#include "segment/segment_kernels.h"

#ifndef TARGET_AVX2
#define TARGET_AVX2 \
	__attribute__((target("avx2,bmi,bmi2,popcnt")))
#define TARGET_AVX512 \
	__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2," \
						  "avx512bitalg,avx512vpopcntdq,avx2,bmi,bmi2,popcnt")))
#endif
#define INLINE_AVX2 TARGET_AVX2 __attribute__((always_inline)) static inline
#define INLINE_AVX512 TARGET_AVX512 __attribute__((always_inline)) static inline

/* From this ratio of sizes on the plain kernels, which then search, are faster */
#define SEGMENT_SKEW 32

static inline bool
segment_skewed(size_t small, size_t large)
{
	return large / SEGMENT_SKEW >= small;
}

extern const SegmentKernels segment_kernels_scalar;
extern const SegmentKernels segment_kernels_avx2;
extern const SegmentKernels segment_kernels_avx512;

/* Byte k of entry m is the place of the k-th one in m */
extern const uint64_t segment_byte_places[256];

/* ---- segment_kernels_avx2_array.c ---- */

extern uint32_t segment_avx2_array_and(const uint16_t *a, uint32_t na,
									   const uint16_t *b, uint32_t nb, uint16_t *out);
extern uint32_t segment_avx2_array_and_count(const uint16_t *a, uint32_t na,
											 const uint16_t *b, uint32_t nb);
extern uint32_t segment_avx2_array_or(const uint16_t *a, uint32_t na,
									  const uint16_t *b, uint32_t nb, uint16_t *out);
extern uint32_t segment_avx2_array_xor(const uint16_t *a, uint32_t na,
									   const uint16_t *b, uint32_t nb, uint16_t *out);
extern uint32_t segment_avx2_array_andnot(const uint16_t *a, uint32_t na,
										  const uint16_t *b, uint32_t nb, uint16_t *out);
extern uint32_t segment_avx2_array_runs(const uint16_t *a, uint32_t n);

/* ---- segment_kernels_avx2.c ---- */

extern uint32_t segment_avx2_array_bitset_and(const uint16_t *a, uint32_t na,
											  const uint64_t *b, uint16_t *out);
extern uint32_t segment_avx2_array_bitset_and_count(const uint16_t *a, uint32_t na,
													const uint64_t *b);
extern uint32_t segment_avx2_array_bitset_andnot(const uint16_t *a, uint32_t na,
												 const uint64_t *b, uint16_t *out);

#endif							/* PORTRAIT_SEGMENT_KERNELS_X86_H */
