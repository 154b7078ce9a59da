/*
 * identity_rows.h
 *	  Rows kept as evidence, and questions to the graph of rows and identifiers.
 *
 * The state of the aggregates is a bytea, updated in place (offsets from the
 * start of the varlena):
 *
 *	 0	int32	varlena length word; spare room counts
 *	 4	uint8	IDENTITY_ROWS_VERSION
 *	 5	uint8	1 if two identifiers follow the header, 0 if none does
 *	 6	uint16	zero
 *	 8	uint32	bytes in use
 *	12	uint32	number of rows
 *	16	uint32	lengths of the two identifiers, then their bytes
 *	..			rows: uint32 number of identifiers (not 0), then for each
 *				uint32 length and bytes
 *
 * Nothing is aligned.  Bytes in use are checked against the size in every call,
 * the rows when the graph is built or a state is added to another.
 */
#ifndef PORTRAIT_IDENTITY_ROWS_H
#define PORTRAIT_IDENTITY_ROWS_H

#include "identity/identity_forest.h"

#define IDENTITY_ROWS_VERSION 1
#define IDENTITY_ROWS_HEADER 16
#define IDENTITY_ROWS_MIN_SIZE 256

/* ---- identity_rows.c ---- */

/* Bytes that a row adds to a state */
extern size_t identity_rows_row_size(const IdentityItem *items, size_t n);

/* Bytes in use; throws CORE_BAD_BINARY when the head makes no sense */
extern size_t identity_rows_used(const void *state, size_t size);

/* An empty state of "size" bytes; ends: two identifiers, or NULL */
extern size_t identity_rows_head_size(const IdentityItem *ends);
extern void identity_rows_start(void *state, size_t size, const IdentityItem *ends);

/* Are these the two identifiers of the state? */
extern bool identity_rows_has_ends(const void *state, size_t size, const IdentityItem *ends);

/* The two identifiers of a state; false if it has none */
extern bool identity_rows_ends(const void *state, size_t size, IdentityItem *ends);

/* Add a row, or all rows of another state that has been checked; there is room */
extern void identity_rows_add(void *state, const IdentityItem *items, size_t n);
extern void identity_rows_append(void *state, size_t size, const void *other, size_t other_size);

/* Throws CORE_BAD_BINARY unless all of it makes sense */
extern void identity_rows_check(const void *state, size_t size);

/* Rows and identifiers; these are numbered in bytewise order */
typedef struct IdentityGraph
{
	IdentityForest *forest;
	IdentityEntry *entries;		/* by number */
	uint32_t	nids;
	uint32_t	nrows;
	uint32_t   *row_start;		/* row r has row_ids[row_start[r] .. row_start[r + 1] - 1] */
	uint32_t   *row_ids;
	uint32_t   *id_start;		/* and so for the rows of an identifier */
	uint32_t   *id_rows;
} IdentityGraph;

/* Everything is allocated, and left to the memory context */
extern void identity_graph_build(IdentityGraph *graph, const void *state, size_t size,
								 const IdentityBounds *bounds);

static inline IdentityItem
identity_graph_item(const IdentityGraph *graph, uint32_t id)
{
	return identity_record_item(identity_record(graph->forest, graph->entries[id].place),
								IDENTITY_TEXT);
}

/* Room for n numbers, all zero, under the limit of the graph's memory */
extern uint32_t *identity_graph_array(IdentityGraph *graph, size_t n);

/* Number of an identifier, or UINT32_MAX */
extern uint32_t identity_graph_find(IdentityGraph *graph, IdentityItem item);

/* ---- identity_path.c ---- */

/* Numbers of the identifiers of the chain; 0 if there is none */
extern uint32_t identity_path(IdentityGraph *graph, IdentityItem a, IdentityItem b,
							  uint32_t **chain);

/* ---- identity_suspects.c ---- */

typedef struct IdentitySuspect
{
	uint32_t	id;
	uint32_t	degree;			/* rows that have it */
	uint32_t	pieces;			/* parts with identifiers that are left without it */
	uint32_t	largest;		/* identifiers of the largest of these */
} IdentitySuspect;

/* In order: most pieces, smallest largest piece, identifier.  Returns how many. */
extern uint32_t identity_suspects(IdentityGraph *graph, IdentitySuspect **suspects);

#endif							/* PORTRAIT_IDENTITY_ROWS_H */
