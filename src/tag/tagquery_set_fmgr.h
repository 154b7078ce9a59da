/*
 * tagquery_set_fmgr.h
 *	  Between Datums and compiled sets of rules.
 */
#ifndef PORTRAIT_TAGQUERY_SET_FMGR_H
#define PORTRAIT_TAGQUERY_SET_FMGR_H

#include "common/compat.h"

#include "tag/tagquery_set.h"

/* ---- tagquery_set_func.c ---- */

/* What has to be detoasted is allocated in the current context */
extern struct varlena *tagquery_set_open_datum(TagquerySetView *view, Datum datum);

/* ---- tag_encoding.c ---- */

/* The value with its names and texts from the client's encoding to the database's, or back */
extern void *tagquery_set_convert(const TagquerySetView *view, bool receive);

#endif							/* PORTRAIT_TAGQUERY_SET_FMGR_H */
