/*
 * segment_kernels_avx512.c
 *	  Placeholder while the kernels are being written.
 */
