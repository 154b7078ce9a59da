/*
 * segment_kernels_avx2.c
 *	  Placeholder while the kernels are being written.
 */
#include "segment/segment_kernels.h"
#ifdef __x86_64__
extern const SegmentKernels segment_kernels_avx2;
const SegmentKernels segment_kernels_avx2 = {.level = CPU_AVX2};
#endif
