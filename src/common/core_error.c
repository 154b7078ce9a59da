/*
 * core_error.c
 *	  Errors told by value (core.h).
 */
#include "common/core.h"

#include <stdio.h>

/* Print into a field; what does not fit is cut before a character, not in it */
static void CORE_PRINTF(3, 0)
print_field(char *field, size_t size, const char *format, va_list args)
{
	int			length = vsnprintf(field, size, format, args);

	if (length < 0)
		field[0] = '\0';
	else if ((size_t) length >= size)
	{
		size_t		end = size - 1;

		/* the cut may have left the first bytes of a UTF-8 character */
		while (end > 0 && ((unsigned char) field[end - 1] & 0xC0) == 0x80)
			end--;
		if (end > 0 && (unsigned char) field[end - 1] >= 0xC0)
			end--;
		field[end] = '\0';
	}
}

bool
core_set_error(CoreError *error, CoreErrorCode code, const char *format,...)
{
	va_list		args;

	error->code = code;
	error->detail[0] = '\0';
	error->hint[0] = '\0';
	va_start(args, format);
	print_field(error->message, sizeof(error->message), format, args);
	va_end(args);
	return false;
}

void
core_set_detail(CoreError *error, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	print_field(error->detail, sizeof(error->detail), format, args);
	va_end(args);
}

void
core_set_hint(CoreError *error, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	print_field(error->hint, sizeof(error->hint), format, args);
	va_end(args);
}
