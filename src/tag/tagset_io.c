/*
 * tagset_io.c
 *	  Text and binary form of tagsets.
 *
 * A worker of a distributed database sends the state of an aggregate by these
 * too; it goes out as the tagset that it stands for.
 */
#include "tag/tag_fmgr.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

#include "tag/tagset_build.h"

/*
 * Text input.  Errors: 22P02, 22003 for numbers that double precision would change and for
 * dates that don't exist, 54000 for what is too long; all soft on 16 and later.
 */
PORTRAIT_FUNCTION(portrait_tagset_in);
Datum
portrait_tagset_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	CoreError	error = {0};
	void	   *value = tagset_parse(text, strlen(text), &error);

	if (value == NULL)
	{
		core_report(&error, fcinfo->context);
		PG_RETURN_NULL();
	}
	PG_RETURN_DATUM(TagDatum(value));
}

/* The payload of an argument, where a state is finished first */
static const uint8_t *
finished_payload(Datum datum, size_t *size)
{
	const uint8_t *payload = tag_payload(datum, size);
	CoreError	error = {0};
	uint8_t    *value;

	if (!tagset_is_state(payload, *size))
		return payload;
	value = tagset_state_finish(payload, *size, &error);
	if (value == NULL)
		core_report(&error, NULL);
	*size = VARSIZE(value) - VARHDRSZ;
	return value + VARHDRSZ;
}

PORTRAIT_FUNCTION(portrait_tagset_out);
Datum
portrait_tagset_out(PG_FUNCTION_ARGS)
{
	size_t		size;
	const uint8_t *payload = finished_payload(PG_GETARG_DATUM(0), &size);
	CoreError	error = {0};
	TagsetView	view;

	if (!tagset_open(&view, payload, size, &error))
		core_report(&error, NULL);
	PG_RETURN_CSTRING(tagset_print(&view));
}

/* Are all names and texts good in the database's encoding? */
static bool
check_encoding(const TagsetView *view)
{
	TagRecord	record;
	TagItem		item;
	int			encoding = GetDatabaseEncoding();

	for (uint32_t i = 0; i < view->n; i++)
	{
		core_interrupt();
		tagset_record(view, i, &record);
		if (!pg_verify_mbstr(encoding, record.name, (int) record.name_length, true))
			return false;
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
			if (item.value.type == TAG_TEXT &&
				!pg_verify_mbstr(encoding, (const char *) item.value.payload,
								 (int) item.value.length, true))
				return false;
	}
	return true;
}

/* ---- the binary form: the layout, in the encoding of the client ---- */

/*
 * Binary input: the stored layout without its length word.  Errors: 22P03, and
 * 22021, 22P05, 54000 when the client's encoding is another one.
 */
PORTRAIT_FUNCTION(portrait_tagset_recv);
Datum
portrait_tagset_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buffer->len - buffer->cursor;
	CoreError	error = {0};
	TagsetView	view;
	char	   *value;

	value = palloc(VARHDRSZ + (Size) size);
	SET_VARSIZE(value, VARHDRSZ + (Size) size);
	pq_copymsgbytes(buffer, VARDATA(value), size);
	if (!tagset_check(VARDATA(value), (size_t) size, CORE_BAD_BINARY, &error))
		core_report(&error, NULL);
	tagset_open(&view, VARDATA(value), (size_t) size, &error);
	if (tag_client_differs())
		PG_RETURN_POINTER(tagset_convert(&view, true));
	if (!check_encoding(&view))
	{
		core_set_error(&error, CORE_BAD_BINARY, "invalid binary value of type tagset");
		core_set_detail(&error, "A name or a text is not valid in encoding %s.",
						GetDatabaseEncodingName());
		core_report(&error, NULL);
	}
	PG_RETURN_POINTER(value);
}

PORTRAIT_FUNCTION(portrait_tagset_send);
Datum
portrait_tagset_send(PG_FUNCTION_ARGS)
{
	size_t		size;
	const uint8_t *payload = finished_payload(PG_GETARG_DATUM(0), &size);
	CoreError	error = {0};
	TagsetView	view;
	bytea	   *result;

	if (!tagset_open(&view, payload, size, &error))
		core_report(&error, NULL);
	/* what was converted is a value, and bytea has the same head */
	if (tag_client_differs())
		PG_RETURN_POINTER(tagset_convert(&view, false));
	result = palloc(VARHDRSZ + size);
	SET_VARSIZE(result, VARHDRSZ + size);
	memcpy(VARDATA(result), payload, size);
	PG_RETURN_BYTEA_P(result);
}
