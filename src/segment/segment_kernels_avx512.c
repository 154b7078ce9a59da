/*
 * segment_kernels_avx512.c
 *	  Placeholder while the kernels are being written.
 */
#include "segment/segment_kernels.h"
#ifdef __x86_64__
extern const SegmentKernels segment_kernels_avx512;
const SegmentKernels segment_kernels_avx512 = {.level = CPU_AVX512};
#endif
