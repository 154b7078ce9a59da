/*
 * segment_kernels.c
 *	  Which of the kernels are in force.
 *
 * Until segment_kernels_use() is called the plain-C kernels are, so that no
 * caller ever meets a NULL pointer.
 */
#include "segment/segment_kernels.h"

extern const SegmentKernels segment_kernels_scalar;
#ifdef __x86_64__
extern const SegmentKernels segment_kernels_avx2;
extern const SegmentKernels segment_kernels_avx512;
#endif

const SegmentKernels *segment_kernels = &segment_kernels_scalar;

const SegmentKernels *
segment_kernels_at(CpuLevel level)
{
	if (level == CPU_NONE)
		return &segment_kernels_scalar;
#ifdef __x86_64__
	if (level <= cpu_best_level())
		return level == CPU_AVX2 ? &segment_kernels_avx2 : &segment_kernels_avx512;
#endif
	return NULL;
}

void
segment_kernels_use(CpuLevel level)
{
	const SegmentKernels *kernels = NULL;

	for (int l = level; kernels == NULL; l--)
		kernels = segment_kernels_at((CpuLevel) l);
	segment_kernels = kernels;
}
