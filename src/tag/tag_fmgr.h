/*
 * tag_fmgr.h
 *	  Between Datums and the core: arguments of type tagset and tagquery.
 *
 * Both types are read where they lie, with short length words too; only what
 * is compressed or out of line is copied before.
 */
#ifndef PORTRAIT_TAG_FMGR_H
#define PORTRAIT_TAG_FMGR_H

#include "common/compat.h"

#include "utils/date.h"

#include "common/core_backend.h"
#include "tag/tagquery_bind.h"

/* What follows the length word of a value of any type */
static inline const uint8_t *
tag_payload(Datum datum, size_t *size)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	*size = VARSIZE_ANY_EXHDR(value);
	return (const uint8_t *) VARDATA_ANY(value);
}

/* A text argument as bytes; not NUL-terminated */
static inline const char *
tag_text_bytes(Datum datum, size_t *length)
{
	return (const char *) tag_payload(datum, length);
}

/* A value made by the core: its length word is the server's already */
static inline Datum
TagDatum(const void *value)
{
	return PointerGetDatum(value);
}

/* ---- tag_value_datum.c ---- */

/* A tag's name; throws 22023 for the empty one, 54000 */
extern const char *tag_name_arg(Datum datum, size_t *length);

/* The tag whose name is an argument; false when there is none */
extern bool tag_find_arg(const TagsetView *view, Datum name, TagRecord *record);

/* Values of SQL's types.  Texts are not parsed, and stay where they are; numbers are refused
 * with 22003 when double precision would change them, save that numeric may "round" digits
 * behind the point. */
extern void tag_value_of_text(TagValue *value, Datum datum);
extern void tag_value_of_double(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], double number);
extern void tag_value_of_bigint(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], int64 number);
extern void tag_value_of_numeric(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], Datum datum,
								 bool round);

/* The argument, a date as its start in UTC; throw 22003 when it is out of range */
extern int64_t tag_check_moment(int64_t usecs);
extern int64_t tag_check_date(DateADT day);
extern double tag_check_weight(double weight);

/* ---- tag_datum.c ---- */

/*
 * Open a value.  What comes back goes to tag_close() by those whose memory
 * lives longer than a call (functions of indexes and of sorts); the others may
 * leave it to the context.
 */
extern struct varlena *tagset_open_datum(TagsetView *view, Datum datum);
extern struct varlena *tagquery_open_datum(TagqueryView *view, Datum datum);

static inline void
tag_close(struct varlena *value, Datum datum)
{
	if ((Pointer) value != DatumGetPointer(datum))
		pfree(value);
}

/*
 * An argument of which every call may bring the same: one that had to be
 * unpacked is noted when it is seen, and kept when it is seen again.  Set up
 * with zeros; belongs to a function's fn_extra.
 */
typedef struct TagKept
{
	MemoryContext context;		/* where to keep it, NULL: nowhere */
	Size		limit;			/* what is larger is not kept */
	bool		at_once;		/* keep what is seen for the first time */
	struct varlena *packed;		/* as it was given last */
	Size		room;			/* of that memory */
	struct varlena *value;		/* unpacked, or NULL */
} TagKept;

/* Keep arguments in this context, up to the size that is usual for tags and rules */
extern void tag_keep(TagKept *kept, MemoryContext context);

/* A value of any type, which may have a short length word */
extern struct varlena *tag_unpack_packed(TagKept *kept, Datum datum);

static inline struct varlena *
tag_unpack_kept(TagKept *kept, Datum datum)
{
	struct varlena *given = (struct varlena *) DatumGetPointer(datum);

	if (VARATT_IS_EXTERNAL(given) || VARATT_IS_COMPRESSED(given))
		return tag_unpack_packed(kept, datum);
	return given;
}

/* As tagset_open_datum() and tagquery_open_datum(), to be closed by tag_close_kept() */
extern struct varlena *tagset_open_kept(TagsetView *view, TagKept *kept, Datum datum);
extern struct varlena *tagquery_open_kept(TagqueryView *view, TagKept *kept, Datum datum);

static inline void
tag_close_kept(TagKept *kept, struct varlena *value, Datum datum)
{
	if (value != kept->value)
		tag_close(value, datum);
}

/* What a function of two arguments keeps of them in its fn_extra, where only this is */
typedef struct TagKeptArgs
{
	TagKept		args[2];
} TagKeptArgs;

extern TagKeptArgs *tag_kept_args(FunctionCallInfo fcinfo);

/* ---- tag_bind_func.c ---- */

/* A zone of the server's; throws CORE_BAD_PARAMETER when there is none of this name */
extern void tag_zone_named(TagZone *zone, const text *name);

/* Throws CORE_OUT_OF_RANGE unless it is within what dates and times may be */
extern void tag_check_as_of(TimestampTz as_of);

/* ---- tag_intervals_func.c ---- */

/*
 * Where the number or moment lies that a leaf asks for: of values (of dates or times alone), of
 * weights, of when they were set.  Moments are seconds from 1970-01-01 00:00 UTC.
 */
typedef struct TagLeafInterval
{
	TagSource	source;
	TagType		class;			/* TAG_NUMBER or TAG_TIME */
	double		low;
	double		high;
	bool		low_open;
	bool		high_open;
} TagLeafInterval;

typedef void (*TagLeafIntervalVisit) (void *context, const TagLeafInterval *interval);

/* Disjoint and ascending within a class; none of a leaf that asks for something else */
extern void tag_leaf_intervals(const TagNode *leaf, TagLeafIntervalVisit visit, void *context);

/* ---- tagquery_func.c ---- */

typedef void (*TagLeafVisit) (const TagNode *leaf, void *context);

/* All leaves of a rule, in canonical order */
extern void tagquery_visit_leaves(const TagqueryView *rule, TagLeafVisit visit, void *context);

/* ---- tag_encoding.c ---- */

/* Is the client's encoding another one than the database's? */
extern bool tag_client_differs(void);

/*
 * The value with its names and texts from the client's encoding to the database's
 * ("receive"), or back.  Throw 22021, 22P05, 54000.
 */
extern void *tagset_convert(const TagsetView *view, bool receive);
extern void *tagquery_convert(const TagqueryView *view, bool receive);

/* ---- tagquery_io.c ---- */

/* Are names and texts of a rule that was checked in the database's encoding? */
extern bool tagquery_check_encoding(const void *payload, size_t size, CoreErrorCode code, CoreError *error);

#endif							/* PORTRAIT_TAG_FMGR_H */
