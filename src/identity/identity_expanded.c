/*
 * identity_expanded.c
 *	  States of aggregates as expanded objects: a forest in a context of its own.
 */
#include "common/compat.h"

#include "common/pg_prng.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "identity/identity_fmgr.h"

int			portrait_identity_work_mem = IDENTITY_WORK_MEM_DEFAULT;

static Size expanded_get_flat_size(ExpandedObjectHeader *eohptr);
static void expanded_flatten_into(ExpandedObjectHeader *eohptr, void *result,
								  Size allocated_size);

static const ExpandedObjectMethods identity_methods = {
	expanded_get_flat_size,
	expanded_flatten_into
};

uint8_t
identity_encoding(void)
{
	return (uint8_t) GetDatabaseEncoding();
}

void
identity_bounds(IdentityBounds *bounds)
{
	bounds->limit = (size_t) portrait_identity_work_mem * 1024;
	bounds->secret[0] = pg_prng_uint64(&pg_global_prng_state);
	bounds->secret[1] = pg_prng_uint64(&pg_global_prng_state);
}

ExpandedIdentity *
identity_expand_new(MemoryContext parent)
{
	MemoryContext context;
	ExpandedIdentity *expanded;
	IdentityBounds bounds;

	context = AllocSetContextCreate(parent, "expanded identity_map", ALLOCSET_SMALL_SIZES);
	expanded = MemoryContextAlloc(context, sizeof(ExpandedIdentity));
	EOH_init_header(&expanded->hdr, &identity_methods, context);
	expanded->magic = IDENTITY_EXPANDED_MAGIC;
	identity_bounds(&bounds);
	identity_forest_start(&expanded->forest, &bounds);
	return expanded;
}

ExpandedIdentity *
identity_expanded(Datum datum)
{
	ExpandedIdentity *expanded = (ExpandedIdentity *) DatumGetEOHP(datum);

	if (expanded->hdr.eoh_methods != &identity_methods ||
		expanded->magic != IDENTITY_EXPANDED_MAGIC)
		elog(ERROR, "expanded value is not an identity_map");
	return expanded;
}

ExpandedIdentity *
identity_expanded_rw(Datum datum)
{
	if (!VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum)))
		return NULL;
	return identity_expanded(datum);
}

/* What waits is united in the object's own memory */
static void
settle(ExpandedIdentity *expanded)
{
	MemoryContext old = MemoryContextSwitchTo(expanded->hdr.eoh_context);

	identity_forest_settle(&expanded->forest);
	MemoryContextSwitchTo(old);
}

IdentityMap *
identity_expanded_write(ExpandedIdentity *expanded)
{
	settle(expanded);
	return identity_forest_write(&expanded->forest, identity_encoding());
}

void
identity_expanded_add(ExpandedIdentity *expanded, Datum datum)
{
	MemoryContext context = expanded->hdr.eoh_context;
	MemoryContext old;
	ExpandedIdentity *other = NULL;
	struct varlena *value = NULL;
	IdentityView view;

	/* detoasting is for the caller's memory, the forest is not */
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		other = identity_expanded(datum);
		settle(other);
	}
	else
		value = PG_DETOAST_DATUM(datum);
	old = MemoryContextSwitchTo(context);
	if (other != NULL)
		identity_forest_add_forest(&expanded->forest, &other->forest);
	else if (identity_flat_state(PointerGetDatum(value)) != NULL)
		identity_forest_add_state(&expanded->forest, value, VARSIZE(value));
	else
	{
		identity_open(&view, value, VARSIZE(value));
		identity_forest_add_map(&expanded->forest, &view);
	}
	MemoryContextSwitchTo(old);
}

/* Errors: 54000 if it cannot be handed over to another process */
static Size
expanded_get_flat_size(ExpandedObjectHeader *eohptr)
{
	ExpandedIdentity *expanded = (ExpandedIdentity *) eohptr;
	Size		size;

	settle(expanded);
	size = identity_forest_state_size(&expanded->forest);
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("partial identity_map of %zu MB is too large to be handed over by a parallel worker",
						size >> 20),
				 errhint("Set max_parallel_workers_per_gather to 0, or take fewer rows at a time.")));
	return size;
}

static void
expanded_flatten_into(ExpandedObjectHeader *eohptr, void *result, Size allocated_size)
{
	ExpandedIdentity *expanded = (ExpandedIdentity *) eohptr;

	Assert(allocated_size == identity_forest_state_size(&expanded->forest));
	identity_forest_write_state(&expanded->forest, result, allocated_size);
	SET_VARSIZE(result, allocated_size);
}
