/*
 * tagquery_bind.h
 *	  From rules that ask for the time to rules that ask for constants.
 */
#ifndef PORTRAIT_TAGQUERY_BIND_H
#define PORTRAIT_TAGQUERY_BIND_H

#include "tag/tagquery.h"

/*
 * A time zone, by whoever knows of these.  Moments and what clocks on a wall
 * show are microseconds since 2000-01-01 00:00, in UTC and there.  Where clocks
 * show a time twice or never, the zone decides.
 */
typedef struct TagZone
{
	int64_t		(*wall) (void *context, int64_t moment);
	int64_t		(*moment) (void *context, int64_t wall);
	void	   *context;
} TagZone;

/*
 * The rule, with its length word, as it is at this moment (TAG_MOMENT_MIN to
 * TAG_MOMENT_MAX) in this zone: what asks for the time or an age is replaced,
 * segment() and did() stay.  NULL, with CORE_LIMIT, when the result nests too
 * deep or is too large.
 */
extern void *tagquery_bind(const TagqueryView *rule, int64_t as_of, const TagZone *zone,
						   CoreError *error);

#endif							/* PORTRAIT_TAGQUERY_BIND_H */
