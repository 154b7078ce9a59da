/*
 * portrait_text_func.c
 *	  Text in columns, for cards that people read on a screen.
 */
#include "common/compat.h"

#include <limits.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* More columns than any screen has */
#define COLUMNS_MAX 10000

/* What stands for the end of a text that was cut */
#define CUT ".."

/* The columns that a character takes; what is none takes one, and is shown as a blank */
static int
columns_of(const char *character)
{
	int			columns = pg_dsplen(character);

	return columns < 0 ? 1 : columns;
}

/*
 * The bytes of a text that fit into so many columns, and how many of those they
 * take; all of it, if it fits.
 */
static int
fitting(const char *bytes, int length, int columns, int *taken)
{
	int			at = 0;

	*taken = 0;
	while (at < length)
	{
		int			next = pg_mblen(bytes + at);
		int			more = columns_of(bytes + at);

		if (*taken + more > columns)
			break;
		*taken += more;
		at += next;
	}
	return at;
}

/*
 * portrait_fit(value text, columns integer) -> text: just so many columns wide,
 * filled on the left if columns is negative.  22023 for more than a screen has.
 */
PORTRAIT_FUNCTION(portrait_fit);
Datum
portrait_fit(PG_FUNCTION_ARGS)
{
	char	   *value = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int32		columns = PG_GETARG_INT32(1);
	bool		left = columns < 0;
	int			length = (int) strlen(value);
	int			taken;
	int			fits;
	const char *end = "";
	char	   *result;

	if (columns > COLUMNS_MAX || columns < -COLUMNS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("columns must be from %d to %d, not %d", -COLUMNS_MAX, COLUMNS_MAX, columns)));
	columns = abs(columns);
	fits = fitting(value, length, columns, &taken);
	if (fits < length && columns >= (int) strlen(CUT))
	{
		end = CUT;
		fits = fitting(value, length, columns - (int) strlen(CUT), &taken);
		taken += (int) strlen(CUT);
	}
	for (int i = 0; i < fits; i++)
		if ((unsigned char) value[i] < ' ' || value[i] == '\177')
			value[i] = ' ';
	value[fits] = '\0';
	result = left ? psprintf("%*s%s%s", columns - taken, "", value, end) :
		psprintf("%s%s%*s", value, end, columns - taken, "");
	PG_RETURN_TEXT_P(cstring_to_text(result));
}
