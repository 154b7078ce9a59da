/*
 * segment_kernels_avx2.c
 *	  Placeholder while the kernels are being written.
 */
