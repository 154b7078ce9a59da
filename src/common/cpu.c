/*
 * cpu.c
 *	  What this processor can run, as far as the kernels care.
 *
 * __builtin_cpu_supports() answers for the processor and for the operating
 * system, which must save the wide registers.
 */
#include "common/cpu.h"

CpuLevel
cpu_best_level(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") ||
		!__builtin_cpu_supports("bmi") ||
		!__builtin_cpu_supports("bmi2") ||
		!__builtin_cpu_supports("popcnt"))
		return CPU_NONE;
	if (!__builtin_cpu_supports("avx512f") ||
		!__builtin_cpu_supports("avx512bw") ||
		!__builtin_cpu_supports("avx512dq") ||
		!__builtin_cpu_supports("avx512vl") ||
		!__builtin_cpu_supports("avx512vbmi") ||
		!__builtin_cpu_supports("avx512vbmi2") ||
		!__builtin_cpu_supports("avx512bitalg") ||
		!__builtin_cpu_supports("avx512vpopcntdq"))
		return CPU_AVX2;
	return CPU_AVX512;
#else
	return CPU_NONE;
#endif
}
