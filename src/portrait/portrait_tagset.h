/*
 * portrait_tagset.h
 *	  Values as a portrait stores them, in text with their type, as tagsets.
 */
#ifndef PORTRAIT_TAGSET_OF_VALUE_H
#define PORTRAIT_TAGSET_OF_VALUE_H

#include "common/compat.h"

#include "utils/timestamp.h"

/*
 * One value of a tag; texts as arguments have them.  The types are text, number,
 * boolean, date and time.  Throws what the input functions of these types do, and 22003
 * for what a tagset cannot have.
 */
extern void *portrait_tagset_make(Datum tag, Datum value, Datum value_type, const double *weight,
								  const TimestampTz *set_at);

#endif							/* PORTRAIT_TAGSET_OF_VALUE_H */
