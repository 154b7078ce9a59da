/*
 * tag_fmgr.h
 *	  Between Datums and the core of the module tag.
 */
#ifndef PORTRAIT_TAG_FMGR_H
#define PORTRAIT_TAG_FMGR_H

#include "common/compat.h"

#include "common/core_backend.h"
#include "tag/tagset.h"

/*
 * What follows the length word of a value.  One with a short header is read where it
 * lies: nothing in there is aligned.
 */
static inline const uint8_t *
tag_payload(Datum datum, size_t *size)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	*size = VARSIZE_ANY_EXHDR(value);
	return (const uint8_t *) VARDATA_ANY(value);
}

/* Open an argument; throws CORE_CORRUPT.  Views point into what tag_payload() gave. */
static inline void
tagset_open_datum(TagsetView *view, Datum datum)
{
	CoreError	error;
	size_t		size;
	const uint8_t *payload = tag_payload(datum, &size);

	if (!tagset_open(view, payload, size, &error))
		core_report(&error, NULL);
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

#endif							/* PORTRAIT_TAG_FMGR_H */
