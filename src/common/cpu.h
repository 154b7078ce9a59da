/*
 * cpu.h
 *	  Which instruction set the kernels of this process use.
 *
 * Kernels are picked at run time.  The level is the smaller of what the
 * processor (and the operating system) offers and what portrait.simd allows.
 */
#ifndef PORTRAIT_CPU_H
#define PORTRAIT_CPU_H

typedef enum CpuLevel
{
	CPU_NONE,					/* plain C */
	CPU_AVX2,					/* with BMI1, BMI2 and POPCNT */
	CPU_AVX512					/* F, BW, DQ, VL, VBMI, VBMI2, BITALG, VPOPCNTDQ */
} CpuLevel;

/* The best level that this processor can run */
extern CpuLevel cpu_best_level(void);

#endif							/* PORTRAIT_CPU_H */
