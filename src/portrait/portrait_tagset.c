/*
 * portrait_tagset.c
 *	  Values as a portrait stores them, as tagsets that rules can be asked of.
 *
 * Dates and times have the forms of tags: those that the server reads besides
 * ("today", 01/02/2026) may mean another day tomorrow, or in another session.
 */
#include "tag/tag_fmgr.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"

#include "portrait/portrait_tagset.h"
#include "tag/tagset_build.h"

static void
read_number(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], const char *text)
{
	size_t		length = strlen(text);
	double		number;
	CoreError	error;

	if (tag_is_number(text, length) && tag_read_number(text, length, &number, &error))
		tag_set_number(value, room, number);
	else
		tag_value_of_numeric(value, room,
							 DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
												 Int32GetDatum(-1)), false);
}

/* Does a time mean the same in all sessions: year-month-day, and its zone as an offset? */
static bool
is_absolute(const char *text, size_t length)
{
	return length > 11 && strspn(text, "0123456789") == 4 && text[4] == '-' &&
		strspn(text, "0123456789-T:. +Z") == length &&
		(text[length - 1] == 'Z' || strpbrk(text + 11, "+-") != NULL);
}

/* A date, or a time, which has its zone in the text */
static void
read_moment(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], const char *text, TagType wanted)
{
	size_t		length = strlen(text);
	TagType		type;
	int64_t		usecs = 0;
	bool		read;
	CoreError	error;

	read = tag_is_moment(text, length) && tag_read_moment(text, length, &type, &usecs, &error) &&
		type == wanted && (type == TAG_DATE || is_absolute(text, length));
	if (!read && wanted == TAG_TIME && is_absolute(text, length))
	{
		usecs = tag_check_moment(DatumGetTimestampTz(
			DirectFunctionCall3(timestamptz_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
								Int32GetDatum(-1))));
		read = true;
	}
	if (!read)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
				 errmsg("invalid %s of a tag: \"%.*s\"", wanted == TAG_DATE ? "date" : "time",
						(int) core_clip(text, length, 100), text),
				 errhint("Write it like %s.", wanted == TAG_DATE ? "2026-02-28" : "2026-02-28T10:00:00Z, or with another zone's offset")));
	tag_set_moment(value, wanted, room, usecs);
}

static void
read_value(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], Datum stored, Datum value_type)
{
	char	   *type = TextDatumGetCString(value_type);

	if (strcmp(type, "text") == 0)
		tag_value_of_text(value, stored);
	else if (strcmp(type, "number") == 0)
		read_number(value, room, TextDatumGetCString(stored));
	else if (strcmp(type, "boolean") == 0)
		tag_set_bool(value, room, DatumGetBool(DirectFunctionCall1(boolin, CStringGetDatum(TextDatumGetCString(stored)))));
	else
		read_moment(value, room, TextDatumGetCString(stored), strcmp(type, "date") == 0 ? TAG_DATE : TAG_TIME);
	pfree(type);
}

void *
portrait_tagset_make(Datum tag, Datum value, Datum value_type, const double *weight, const TimestampTz *set_at)
{
	TagItem		item = {.has = 0};
	uint8_t		room[TAG_PAYLOAD_ROOM];
	size_t		length;
	const char *name = tag_name_arg(tag, &length);
	TagsetWriter writer;
	CoreError	error;
	void	   *result;

	read_value(&item.value, room, value, value_type);
	if (weight != NULL)
	{
		item.has |= TAG_WEIGHT;
		item.weight = tag_check_weight(*weight);
	}
	if (set_at != NULL)
	{
		item.has |= TAG_SET_AT;
		item.set_at = tag_check_moment(*set_at);
	}
	tagset_writer_start(&writer, 1, TAG_RECORD_HEAD + length + tag_item_size(&item));
	tagset_writer_name(&writer, name, length, tag_item_is_plain(&item));
	if (!tag_item_is_plain(&item))
		tagset_writer_item(&writer, &item);
	tagset_writer_end(&writer);
	result = tagset_writer_finish(&writer, &error);
	if (result == NULL)
		core_report(&error, NULL);
	return result;
}

/*
 * portrait_tagset(tag text, value text, value_type text, weight double precision, set_at
 * timestamptz) -> tagset
 *
 * NULL if one of the first three is.
 */
PORTRAIT_FUNCTION(portrait_tagset);
Datum
portrait_tagset(PG_FUNCTION_ARGS)
{
	double		weight = PG_ARGISNULL(3) ? 0 : PG_GETARG_FLOAT8(3);
	TimestampTz set_at = PG_ARGISNULL(4) ? 0 : PG_GETARG_TIMESTAMPTZ(4);

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(TagDatum(portrait_tagset_make(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2),
												  PG_ARGISNULL(3) ? NULL : &weight,
												  PG_ARGISNULL(4) ? NULL : &set_at)));
}
