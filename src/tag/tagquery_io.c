/*
 * tagquery_io.c
 *	  Text and binary form of rules.
 */
#include "tag/tag_fmgr.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

/*
 * Text input.  Errors: 22P02 with the place, 22003 for numbers that double
 * precision would change and for dates that don't exist, 54000 for what is too
 * long or nests too deep; all soft on 16 and later.
 */
PORTRAIT_FUNCTION(portrait_tagquery_in);
Datum
portrait_tagquery_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	CoreError	error = {0};
	void	   *value = tagquery_parse(text, strlen(text), &error);

	if (value == NULL)
	{
		core_report(&error, fcinfo->context);
		PG_RETURN_NULL();
	}
	PG_RETURN_DATUM(TagDatum(value));
}

PORTRAIT_FUNCTION(portrait_tagquery_out);
Datum
portrait_tagquery_out(PG_FUNCTION_ARGS)
{
	TagqueryView view;

	tagquery_open_datum(&view, PG_GETARG_DATUM(0));
	PG_RETURN_CSTRING(tagquery_print(&view));
}

/*
 * What is printed has all names and texts, with ASCII between them, so that
 * its encoding tells theirs.
 */
bool
tagquery_check_encoding(const void *payload, size_t size, CoreErrorCode code, CoreError *error)
{
	TagqueryView view;
	char	   *text;

	if (!tagquery_open(&view, payload, size, error))
		return false;
	text = tagquery_print(&view);
	if (pg_verify_mbstr(GetDatabaseEncoding(), text, (int) strlen(text), true))
		return true;
	core_set_error(error, code, "invalid %svalue of type tagquery",
				   code == CORE_BAD_BINARY ? "binary " : "");
	core_set_detail(error, "A name or a text is not valid in encoding %s.",
					GetDatabaseEncodingName());
	return false;
}

/* ---- the binary form: the layout, in the encoding of the client ---- */

/*
 * Binary input: the stored layout without its length word.  Errors: 22P03, and
 * 22021, 22P05, 54000 when the client's encoding is another one.
 */
PORTRAIT_FUNCTION(portrait_tagquery_recv);
Datum
portrait_tagquery_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buffer->len - buffer->cursor;
	char	   *value = palloc(VARHDRSZ + (Size) size);
	CoreError	error = {0};
	TagqueryView view;

	SET_VARSIZE(value, VARHDRSZ + (Size) size);
	pq_copymsgbytes(buffer, VARDATA(value), size);
	if (!tagquery_check(VARDATA(value), (size_t) size, CORE_BAD_BINARY, &error))
		core_report(&error, NULL);
	if (tag_client_differs())
	{
		tagquery_open(&view, VARDATA(value), (size_t) size, &error);
		PG_RETURN_POINTER(tagquery_convert(&view, true));
	}
	if (!tagquery_check_encoding(VARDATA(value), (size_t) size, CORE_BAD_BINARY, &error))
		core_report(&error, NULL);
	PG_RETURN_POINTER(value);
}

PORTRAIT_FUNCTION(portrait_tagquery_send);
Datum
portrait_tagquery_send(PG_FUNCTION_ARGS)
{
	size_t		size;
	const uint8_t *payload = tag_payload(PG_GETARG_DATUM(0), &size);
	CoreError	error;
	TagqueryView view;
	bytea	   *result;

	if (tag_client_differs())
	{
		if (!tagquery_open(&view, payload, size, &error))
			core_report(&error, NULL);
		PG_RETURN_POINTER(tagquery_convert(&view, false));
	}
	result = palloc(VARHDRSZ + size);
	SET_VARSIZE(result, VARHDRSZ + size);
	memcpy(VARDATA(result), payload, size);
	PG_RETURN_BYTEA_P(result);
}
