/*
 * segment_io.c
 *	  Text, binary, arrays and the Roaring format: how segments come and go.
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "common/core_backend.h"
#include "segment/segment_fmgr.h"

#define INTERRUPT_ELEMENTS 65536

/*
 * Text input.  Errors: 22P02 with the position, 22003 for an id that is no
 * bigint, 54000 for too many members; all of them soft on 16 and later.
 */
PORTRAIT_FUNCTION(portrait_segment_in);
Datum
portrait_segment_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	CoreError	error = {0};
	Segment    *segment = segment_parse(text, strlen(text), &error);

	if (segment == NULL)
	{
		core_report(&error, fcinfo->context);
		PG_RETURN_NULL();
	}
	PG_RETURN_DATUM(SegmentGetDatum(segment));
}

PORTRAIT_FUNCTION(portrait_segment_out);
Datum
portrait_segment_out(PG_FUNCTION_ARGS)
{
	SegmentView view;

	segment_open_datum(&view, PG_GETARG_DATUM(0));
	PG_RETURN_CSTRING(segment_print(&view));
}

/* Binary input: the stored layout without its length word.  Errors: 22P03. */
PORTRAIT_FUNCTION(portrait_segment_recv);
Datum
portrait_segment_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	CoreError	error = {0};
	size_t		size = (size_t) (buffer->len - buffer->cursor) + VARHDRSZ;
	char	   *value;

	value = palloc(Max(size, SEGMENT_HEADER_SIZE));
	core_copy(value + VARHDRSZ, pq_getmsgbytes(buffer, (int) (size - VARHDRSZ)), size - VARHDRSZ);
	segment_set_size(value, size);
	if (!segment_check(value, size, &error))
		core_report(&error, NULL);
	PG_RETURN_POINTER(value);
}

PORTRAIT_FUNCTION(portrait_segment_send);
Datum
portrait_segment_send(PG_FUNCTION_ARGS)
{
	SegmentView view;
	bytea	   *result;

	segment_open_datum(&view, PG_GETARG_DATUM(0));
	result = palloc(view.size);
	SET_VARSIZE(result, view.size);
	core_copy(VARDATA(result), view.base + VARHDRSZ, view.size - VARHDRSZ);
	PG_RETURN_BYTEA_P(result);
}

/* ---- arrays ---- */

/* The ids of an array of bigint or integer; NULLs are skipped */
static Segment *
segment_of_array(ArrayType *array, Oid element, int16 length)
{
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	const char *data = ARR_DATA_PTR(array);
	const bits8 *nulls = ARR_NULLBITMAP(array);
	uint64_t   *ids = MemoryContextAllocHuge(CurrentMemoryContext,
											 (Size) n * sizeof(uint64_t) + 1);
	Segment    *segment;
	size_t		nids = 0;

	if (ARR_ELEMTYPE(array) != element)
		elog(ERROR, "unexpected element type %u", ARR_ELEMTYPE(array));
	for (int i = 0; i < n; i++)
	{
		if (i % INTERRUPT_ELEMENTS == 0)
			CHECK_FOR_INTERRUPTS();
		if (nulls != NULL && (nulls[i / 8] & (1 << (i % 8))) == 0)
			continue;
		ids[nids++] = segment_bias(length == 8 ? *(const int64 *) data :
								   *(const int32 *) data);
		data += length;
	}
	segment = segment_make_ids(ids, nids);
	pfree(ids);
	return segment;
}

PORTRAIT_FUNCTION(portrait_segment_from_int8_array);
Datum
portrait_segment_from_int8_array(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(SegmentGetDatum(segment_of_array(PG_GETARG_ARRAYTYPE_P(0), INT8OID, 8)));
}

PORTRAIT_FUNCTION(portrait_segment_from_int4_array);
Datum
portrait_segment_from_int4_array(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(SegmentGetDatum(segment_of_array(PG_GETARG_ARRAYTYPE_P(0), INT4OID, 4)));
}

/*
 * The members as bigint[].  An array holds less than 1 GB: 54000 beyond.
 */
PORTRAIT_FUNCTION(portrait_segment_to_array);
Datum
portrait_segment_to_array(PG_FUNCTION_ARGS)
{
	SegmentView view;
	SegmentIter iter;
	ArrayType  *array;
	uint64_t	ids[SEGMENT_ITER_IDS];
	int64	   *out;
	Size		size;
	uint32_t	n;

	segment_open_datum(&view, PG_GETARG_DATUM(0));
	if (view.count > (MaxAllocSize - ARR_OVERHEAD_NONULLS(1)) / sizeof(int64))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("segment with " UINT64_FORMAT " members does not fit in an array",
						view.count),
				 errhint("Read the members as rows with segment_members().")));
	if (view.count == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT8OID));
	size = ARR_OVERHEAD_NONULLS(1) + view.count * sizeof(int64);
	array = palloc(size);
	SET_VARSIZE(array, size);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = INT8OID;
	ARR_DIMS(array)[0] = (int) view.count;
	ARR_LBOUND(array)[0] = 1;
	out = (int64 *) ARR_DATA_PTR(array);

	segment_iter_start(&iter, &view);
	size = 0;
	while ((n = segment_iter_next(&iter, ids)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (size + n > view.count)
			segment_corrupt("more members than counted");
		for (uint32_t i = 0; i < n; i++)
			out[size++] = segment_unbias(ids[i]);
	}
	if (size != view.count)
		segment_corrupt("fewer members than counted");
	PG_RETURN_ARRAYTYPE_P(array);
}

/* ---- Roaring ---- */

/* Errors: 22P03 bad bytes, 22003 an id of 2^63 or above, 22023 bits */
PORTRAIT_FUNCTION(portrait_segment_from_roaring);
Datum
portrait_segment_from_roaring(PG_FUNCTION_ARGS)
{
	CoreError	error = {0};
	bytea	   *bytes;
	Segment    *segment;
	int			bits = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1) && bits != 32 && bits != 64)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bits of a Roaring bitmap must be 32 or 64, not %d", bits)));
	bytes = PG_GETARG_BYTEA_PP(0);
	segment = segment_from_roaring((const uint8_t *) VARDATA_ANY(bytes),
								   VARSIZE_ANY_EXHDR(bytes), bits, &error);
	if (segment == NULL)
		core_report(&error, NULL);
	PG_RETURN_DATUM(SegmentGetDatum(segment));
}

/* Errors: 22003 an id that the format cannot hold, 54000 beyond 1 GB, 22023 bits */
PORTRAIT_FUNCTION(portrait_segment_to_roaring);
Datum
portrait_segment_to_roaring(PG_FUNCTION_ARGS)
{
	CoreError	error = {0};
	SegmentView view;
	uint8_t    *bytes;
	size_t		size;
	int			bits = PG_GETARG_INT32(1);

	if (bits != 32 && bits != 64)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bits of a Roaring bitmap must be 32 or 64, not %d", bits)));
	segment_open_datum(&view, PG_GETARG_DATUM(0));
	bytes = segment_to_roaring(&view, bits, VARHDRSZ, &size, &error);
	if (bytes == NULL)
		core_report(&error, NULL);
	SET_VARSIZE(bytes, size);
	PG_RETURN_BYTEA_P(bytes);
}
