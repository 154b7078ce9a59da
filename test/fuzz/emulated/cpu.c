/*
 * cpu.c
 *	  The processor that test/fuzz/emulated stands for: it has everything.
 */
#include "common/cpu.h"

CpuLevel
cpu_best_level(void)
{
	return CPU_AVX512;
}
