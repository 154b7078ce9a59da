/*
 * identity_fmgr.h
 *	  Between Datums and the core: arguments, results and expanded values.
 */
#ifndef PORTRAIT_IDENTITY_FMGR_H
#define PORTRAIT_IDENTITY_FMGR_H

#include "common/compat.h"

#include "utils/expandeddatum.h"

#include "identity/identity.h"
#include "identity/identity_forest.h"

#define IDENTITY_EXPANDED_MAGIC 1768187254	/* for cross-checks */

/* portrait.identity_work_mem, in kB */
#define IDENTITY_WORK_MEM_DEFAULT (1024 * 1024)
#define IDENTITY_WORK_MEM_MIN 64
extern int	portrait_identity_work_mem;

/* The state of an aggregate, in memory of its own */
typedef struct ExpandedIdentity
{
	ExpandedObjectHeader hdr;
	int			magic;
	IdentityForest forest;
} ExpandedIdentity;

/* ---- identity_datum.c ---- */

/*
 * Open an argument, flat or expanded, map or state of an aggregate.  What has
 * to be copied or detoasted is allocated in the current context.
 */
extern void identity_open_datum(IdentityView *view, Datum datum);

/* Free what was allocated to open it, for functions that indexes and sorts call */
extern void identity_close_datum(IdentityView *view, Datum datum);

/* Only the header, without "base"; reads at most two TOAST chunks */
extern void identity_header_datum(IdentityView *view, Datum datum);

/*
 * The customer of an identifier, or 0, by the cheapest way.  Errors: 22023 if
 * the map has identifiers of another kind.
 */
extern uint32_t identity_lookup_arg(FunctionCallInfo fcinfo, int argno, uint8_t kind,
									const uint8_t *bytes, size_t length);

/* Errors: 22023 unless the map is of this kind, or empty; "function" takes the other kind */
extern void identity_check_kind(const IdentityView *view, uint8_t kind, const char *function);

/* What the database's encoding is called in a map */
extern uint8_t identity_encoding(void);

/* Limits of a forest, by the settings of now */
extern void identity_bounds(IdentityBounds *bounds);

/* A Datum of a core result; its length word is the server's already */
static inline Datum
IdentityMapGetDatum(const IdentityMap *map)
{
	return PointerGetDatum(map);
}

/* The flat state of an aggregate behind a datum, or NULL if it is something else */
static inline IdentityState *
identity_flat_state(Datum datum)
{
	IdentityState *state = (IdentityState *) DatumGetPointer(datum);

	return VARATT_IS_4B_U(state) && VARSIZE(state) >= sizeof(IdentityState) &&
		state->form == IDENTITY_FORM_STATE ? state : NULL;
}

/* ---- identity_expanded.c ---- */

/* A fresh, empty state whose memory is a child of the context */
extern ExpandedIdentity *identity_expand_new(MemoryContext parent);

/* The expanded state behind a read-write datum, or NULL */
extern ExpandedIdentity *identity_expanded_rw(Datum datum);

/* The expanded state behind any expanded datum */
extern ExpandedIdentity *identity_expanded(Datum datum);

/* The map of it, in the current context */
extern IdentityMap *identity_expanded_write(ExpandedIdentity *expanded);

/* Add a datum of any form: map, flat or expanded state */
extern void identity_expanded_add(ExpandedIdentity *expanded, Datum datum);

#endif							/* PORTRAIT_IDENTITY_FMGR_H */
