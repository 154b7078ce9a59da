/*
 * portrait.c
 *	  What the server sees first: the library's name and its settings.
 */
#include "common/compat.h"

#include <limits.h>

#include "utils/guc.h"

#include "common/cpu.h"
#include "identity/identity_fmgr.h"
#include "segment/segment_kernels.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(
					.name = "portrait",
					.version = PORTRAIT_VERSION
);
#else
PG_MODULE_MAGIC;
#endif

extern PGDLLEXPORT void _PG_init(void);

/* "auto" is an upper bound as well: above every level */
#define SIMD_AUTO (CPU_AVX512 + 1)

static const struct config_enum_entry simd_levels[] = {
	{"auto", SIMD_AUTO, false},
	{"avx512", CPU_AVX512, false},
	{"avx2", CPU_AVX2, false},
	{"none", CPU_NONE, false},
	{NULL, 0, false}
};

static int	portrait_simd = SIMD_AUTO;

/* Switch to the kernels that the new value allows */
static void
assign_simd(int newval, void *extra)
{
	segment_kernels_use(newval == SIMD_AUTO ? CPU_AVX512 : (CpuLevel) newval);
}

void
_PG_init(void)
{
	DefineCustomEnumVariable("portrait.simd",
							 "Sets the widest processor instructions that portrait uses.",
							 "\"auto\" takes the best that the processor has. "
							 "Results are the same with any of them.",
							 &portrait_simd,
							 SIMD_AUTO,
							 simd_levels,
							 PGC_USERSET,
							 0,
							 NULL,
							 assign_simd,
							 NULL);
	DefineCustomIntVariable("portrait.identity_work_mem",
							"Sets the most memory that identifiers of one group may take.",
							"Past it there is an error, nothing is written to disk.",
							&portrait_identity_work_mem,
							IDENTITY_WORK_MEM_DEFAULT,
							IDENTITY_WORK_MEM_MIN,
							MAX_KILOBYTES,
							PGC_USERSET,
							GUC_UNIT_KB,
							NULL,
							NULL,
							NULL);
	MarkGUCPrefixReserved("portrait");
}
