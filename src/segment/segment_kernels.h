/*
 * segment_kernels.h
 *	  The inner loops of set algebra, in plain C and with SIMD.
 *
 * Every kernel has a plain-C form; the others must give the same answer, and
 * test/fuzz/kernels.c compares them.  Kernels allocate nothing, cannot fail
 * and never read past the lengths given.  Those that write an array may write
 * up to SEGMENT_KERNEL_SLACK elements past what they return, so the output
 * needs that much more room than the largest possible result.
 *
 * "array": strictly ascending.  Where the input breaks that rule (damaged
 * stored bytes) results are unspecified, but still no more elements than
 * promised are read or written.
 * "bitset": SEGMENT_WORDS words, bit j of word i stands for 64 i + j.
 * Pointers need only the alignment of their element type.
 */
#ifndef PORTRAIT_SEGMENT_KERNELS_H
#define PORTRAIT_SEGMENT_KERNELS_H

#include "common/core.h"
#include "common/cpu.h"

#define SEGMENT_WORDS 1024
#define SEGMENT_KERNEL_SLACK 32

typedef struct SegmentKernels
{
	CpuLevel	level;

	/* bitsets; dst may be a or b.  Return the number of bits in dst. */
	uint32_t	(*bitset_and) (uint64_t *dst, const uint64_t *a, const uint64_t *b);
	uint32_t	(*bitset_or) (uint64_t *dst, const uint64_t *a, const uint64_t *b);
	uint32_t	(*bitset_xor) (uint64_t *dst, const uint64_t *a, const uint64_t *b);
	uint32_t	(*bitset_andnot) (uint64_t *dst, const uint64_t *a, const uint64_t *b);
	uint32_t	(*bitset_and_count) (const uint64_t *a, const uint64_t *b);
	uint32_t	(*bitset_count) (const uint64_t *a);
	/* number of maximal runs of ones */
	uint32_t	(*bitset_runs) (const uint64_t *a);
	/* positions of the ones, ascending; returns how many */
	uint32_t	(*bitset_to_array) (const uint64_t *a, uint16_t *out);

	/* arrays of 16-bit values, na and nb up to 65536; out overlaps neither */
	uint32_t	(*array_and) (const uint16_t *a, uint32_t na,
							  const uint16_t *b, uint32_t nb, uint16_t *out);
	uint32_t	(*array_and_count) (const uint16_t *a, uint32_t na,
									const uint16_t *b, uint32_t nb);
	uint32_t	(*array_or) (const uint16_t *a, uint32_t na,
							 const uint16_t *b, uint32_t nb, uint16_t *out);
	uint32_t	(*array_xor) (const uint16_t *a, uint32_t na,
							  const uint16_t *b, uint32_t nb, uint16_t *out);
	uint32_t	(*array_andnot) (const uint16_t *a, uint32_t na,
								 const uint16_t *b, uint32_t nb, uint16_t *out);
	/* number of maximal runs of consecutive values */
	uint32_t	(*array_runs) (const uint16_t *a, uint32_t n);

	/* array against bitset */
	uint32_t	(*array_bitset_and) (const uint16_t *a, uint32_t na,
									 const uint64_t *b, uint16_t *out);
	uint32_t	(*array_bitset_and_count) (const uint16_t *a, uint32_t na,
										   const uint64_t *b);
	uint32_t	(*array_bitset_andnot) (const uint16_t *a, uint32_t na,
										const uint64_t *b, uint16_t *out);

	/* arrays of 64-bit ids, any length; out overlaps neither */
	size_t		(*ids_and) (const uint64_t *a, size_t na,
							const uint64_t *b, size_t nb, uint64_t *out);
	size_t		(*ids_and_count) (const uint64_t *a, size_t na,
								  const uint64_t *b, size_t nb);

	/*
	 * n values of "width" bits (1..56, or 64) packed least significant bit
	 * first from src on, each plus base.  Reads no byte at or past limit, which
	 * is at least src + ceil(n * width / 8).
	 */
	void		(*unpack) (const uint8_t *src, const uint8_t *limit,
						   uint32_t width, uint64_t base, uint32_t n, uint64_t *out);
} SegmentKernels;

/* The kernels in force; set by segment_kernels_use() */
extern const SegmentKernels *segment_kernels;

/* Use the best kernels up to this level that the processor can run */
extern void segment_kernels_use(CpuLevel level);

/* The kernels of one level, or NULL where this build or processor has none */
extern const SegmentKernels *segment_kernels_at(CpuLevel level);

#endif							/* PORTRAIT_SEGMENT_KERNELS_H */
