/*
 * identity_io.c
 *	  Text and binary form of maps.
 */
#include "common/compat.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/core_backend.h"
#include "identity/identity_fmgr.h"

/*
 * Are the texts of a map that came from outside good in the database's
 * encoding?  What is ASCII is.
 */
static bool
check_encoding(const IdentityMap *map, CoreErrorCode code, CoreError *error)
{
	IdentityView view;
	IdentityIter iter;
	bool		good = true;

	if (map->encoding == 0)
		return true;
	identity_open(&view, map, identity_size(map));
	identity_iter_start(&iter, &view);
	while (good && identity_iter_next(&iter))
		good = pg_verify_mbstr(GetDatabaseEncoding(), (const char *) iter.bytes,
							   (int) iter.length, true);
	identity_iter_stop(&iter);
	if (!good)
		core_set_error(error, code,
					   "identity_map has an identifier that is not valid in encoding %s",
					   GetDatabaseEncodingName());
	return good;
}

/*
 * Text input.  Errors: 22P02 with the position, 22003 for a number that is no
 * bigint; both of them soft on 16 and later.
 */
PORTRAIT_FUNCTION(portrait_identity_map_in);
Datum
portrait_identity_map_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	CoreError	error = {0};
	IdentityMap *map = identity_parse(text, strlen(text), identity_encoding(), &error);

	if (map == NULL || !check_encoding(map, CORE_BAD_TEXT, &error))
	{
		core_report(&error, fcinfo->context);
		PG_RETURN_NULL();
	}
	PG_RETURN_DATUM(IdentityMapGetDatum(map));
}

PORTRAIT_FUNCTION(portrait_identity_map_out);
Datum
portrait_identity_map_out(PG_FUNCTION_ARGS)
{
	IdentityView view;

	identity_open_datum(&view, PG_GETARG_DATUM(0));
	PG_RETURN_CSTRING(identity_print(&view));
}

/* Binary input: the stored layout without its length word.  Errors: 22P03. */
PORTRAIT_FUNCTION(portrait_identity_map_recv);
Datum
portrait_identity_map_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	CoreError	error = {0};
	size_t		size = (size_t) (buffer->len - buffer->cursor) + VARHDRSZ;
	char	   *value;

	value = palloc(Max(size, IDENTITY_HEADER_SIZE));
	pq_copymsgbytes(buffer, value + VARHDRSZ, (int) (size - VARHDRSZ));
	identity_set_size(value, size);
	if (!identity_check(value, size, identity_encoding(), &error) ||
		!check_encoding((IdentityMap *) value, CORE_BAD_BINARY, &error))
		core_report(&error, NULL);
	PG_RETURN_POINTER(value);
}

PORTRAIT_FUNCTION(portrait_identity_map_send);
Datum
portrait_identity_map_send(PG_FUNCTION_ARGS)
{
	IdentityView view;
	bytea	   *result;

	identity_open_datum(&view, PG_GETARG_DATUM(0));
	result = palloc(view.size);
	SET_VARSIZE(result, view.size);
	memcpy(VARDATA(result), view.base + VARHDRSZ, view.size - VARHDRSZ);
	PG_RETURN_BYTEA_P(result);
}
