/*
 * value_fmgr.h
 *	  Between Datums and the core of the module value.
 */
#ifndef PORTRAIT_VALUE_FMGR_H
#define PORTRAIT_VALUE_FMGR_H

#include "common/compat.h"

#include "utils/expandeddatum.h"

#include "common/core_backend.h"
#include "value/rfm_model.h"
#include "value/rfm_scheme.h"
#include "value/rfm_summary.h"
#include "value/value_pool.h"

/* ---- value_type.c ---- */

/* Throws unless an aggregate calls; its memory context */
extern MemoryContext value_aggregate_context(FunctionCallInfo fcinfo);

/* What follows the length word of a value, which may have a short header */
static inline const uint8_t *
value_payload(Datum datum, size_t *size)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	*size = VARSIZE_ANY_EXHDR(value);
	return (const uint8_t *) VARDATA_ANY(value);
}

/* The same of a summary, where the state of an aggregate is finished first */
extern const uint8_t *rfm_payload(Datum datum, size_t *size);
extern void rfm_open_datum(RfmSummary *summary, Datum datum);

/* The amount as double precision, rounded once */
extern double rfm_amount_as_double(const RfmSummary *summary);

/* A numeric argument; throws 22003 when it is NaN or infinite, naming "what" */
extern void decimal_from_datum(Decimal *decimal, Datum datum, const char *what);
extern double numeric_datum_to_double(Datum datum, const char *what);

/* Throws 22003 when it is NaN or infinite, naming "what" */
extern void check_finite(double value, const char *what);

/* Days from the last purchase to as_of; false without purchases.  Throws on later ones. */
extern bool rfm_recency_at(const RfmSummary *summary, int32_t as_of, int64_t *days);

/* A text argument as bytes; not NUL-terminated */
static inline const char *
text_bytes(Datum datum, size_t *length)
{
	struct varlena *text = PG_DETOAST_DATUM_PACKED(datum);

	*length = VARSIZE_ANY_EXHDR(text);
	return VARDATA_ANY(text);
}

/* Numbers of names given as text; throw 22023 with a list of the known ones */
extern int	method_of_text(Datum datum);
extern int	language_of_text(Datum datum);

/* A label, which is UTF-8, as text in the server's encoding */
extern Datum label_as_text(const char *label);

/* With more arguments, under a name of its own */
#define SAME_FUNCTION(name, as) \
	PORTRAIT_FUNCTION(name); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		return as(fcinfo); \
	} \
	extern int	no_semicolon

/* A value made by the core: its length word is the server's already */
static inline Datum
ValueGetDatum(const void *value)
{
	return PointerGetDatum(value);
}

/* An array of numbers: not NULL, finite; throws 22023 otherwise */
extern double *doubles_of_array(Datum datum, int *n, const char *what);

#endif							/* PORTRAIT_VALUE_FMGR_H */
