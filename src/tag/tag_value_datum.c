/*
 * tag_value_datum.c
 *	  Values of SQL's types as values of tags, and back.
 */
#include "tag/tag_fmgr.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/numeric.h"

const char *
tag_name_arg(Datum datum, size_t *length)
{
	const char *name = tag_text_bytes(datum, length);
	CoreError	error;

	if (!tag_check_name(name, *length, &error))
		core_report(&error, NULL);
	return name;
}

bool
tag_find_arg(const TagsetView *view, Datum datum, TagRecord *record)
{
	size_t		length;
	const char *name = tag_text_bytes(datum, &length);

	return tagset_find(view, name, length, tag_mark(name, length), record);
}

void
tag_value_of_text(TagValue *value, Datum datum)
{
	size_t		length;
	const char *text = tag_text_bytes(datum, &length);
	CoreError	error;

	if (!tag_check_text(text, length, &error))
		core_report(&error, NULL);
	tag_set_text(value, text, length);
}

static void
refuse_number(const char *number)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("number of a tag would change as double precision: \"%.*s\"",
					tag_shown(number, strlen(number)), number),
			 errhint("Quote it, or cast it to text, to make it a text.")));
}

void
tag_value_of_double(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], double number)
{
	if (!isfinite(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of a tag must be finite")));
	tag_set_number(value, room, number);
}

void
tag_value_of_bigint(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], int64 number)
{
	double		near = (double) number;

	/* 2^63 is no bigint any more */
	if (near == 0x1p63 || (int64) near != number)
		refuse_number(psprintf(INT64_FORMAT, number));
	tag_set_number(value, room, near);
}

/* Are there only zeros behind the point, if there is one? */
static bool
is_whole(const char *number)
{
	const char *point = strchr(number, '.');

	return point == NULL || point[1 + strspn(point + 1, "0")] == '\0';
}

void
tag_value_of_numeric(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], Datum datum, bool round)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, datum));
	size_t		length = strlen(text);
	double		number;
	CoreError	error;

	/* NaN and infinities have no digits */
	if (!tag_is_number(text, length))
		number = NAN;
	else if (!tag_read_number(text, length, &number, &error))
	{
		if (!round || is_whole(text))
			refuse_number(text);
		number = DatumGetFloat8(DirectFunctionCall1(numeric_float8, datum));
	}
	tag_value_of_double(value, room, number);
	pfree(text);
}

int64_t
tag_check_moment(int64_t usecs)
{
	if (usecs < TAG_MOMENT_MIN || usecs > TAG_MOMENT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("date or time of a tag is not in the years 1 to 9999")));
	return usecs;
}

int64_t
tag_check_date(DateADT day)
{
	/* so that it can be multiplied */
	if (day < TAG_MOMENT_MIN / TAG_USECS_PER_DAY || day > TAG_MOMENT_MAX / TAG_USECS_PER_DAY)
		return tag_check_moment(PG_INT64_MAX);
	return day * TAG_USECS_PER_DAY;
}

double
tag_check_weight(double weight)
{
	if (!(weight >= 0 && weight <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("weight of a tag is not from 0 to 1: %g", weight)));
	return weight + 0.0;		/* no -0 */
}
