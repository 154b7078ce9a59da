/*
 * text_out.c
 *	  Text that grows as it is written, see text_out.h.
 *
 * strtod() and printf() follow LC_NUMERIC, which a server keeps at "C".
 */
#include "common/text_out.h"

#include <stdio.h>
#include <stdlib.h>

void
text_out_start(TextOut *out)
{
	out->room = 256;
	out->length = 0;
	out->text = core_alloc(out->room);
	out->text[0] = '\0';
}

static void
make_room(TextOut *out, size_t more)
{
	if (out->room - out->length > more)
		return;
	out->room = core_add_size(core_mul_size(out->room, 2), more);
	out->text = core_realloc(out->text, out->room);
}

void
text_out_bytes(TextOut *out, const char *bytes, size_t length)
{
	make_room(out, core_add_size(length, 1));
	memcpy(out->text + out->length, bytes, length);
	out->length += length;
	out->text[out->length] = '\0';
}

void
text_out(TextOut *out, const char *format,...)
{
	va_list		args;
	int			n;

	va_start(args, format);
	n = vsnprintf(out->text + out->length, out->room - out->length, format, args);
	va_end(args);
	if (n < 0)
		core_throw(CORE_CORRUPT, NULL, "text cannot be printed");
	if ((size_t) n >= out->room - out->length)
	{
		make_room(out, (size_t) n);
		va_start(args, format);
		vsnprintf(out->text + out->length, out->room - out->length, format, args);
		va_end(args);
	}
	out->length += (size_t) n;
}

void
text_out_double(TextOut *out, double value)
{
	char		number[40];
	int64_t		whole;

	/* most numbers of customers are whole ones, and printf() of those is fast */
	if (value > -1e15 && value < 1e15 && (double) (whole = (int64_t) value) == value)
	{
		text_out(out, "%lld", (long long) whole);
		return;
	}
	for (int precision = 15; precision <= 17; precision++)
	{
		snprintf(number, sizeof(number), "%.*g", precision, value);
		if (precision == 17 || strtod(number, NULL) == value)
			break;
	}
	text_out(out, "%s", number);
}

void
text_out_string(TextOut *out, const char *value, size_t length)
{
	text_out(out, "\"");
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) value[i];

		if (c == '"' || c == '\\')
			text_out(out, "\\%c", c);
		else if (c < ' ' || c == 0x7F)
			text_out(out, "\\u%04x", c);
		else
			text_out(out, "%c", c);
	}
	text_out(out, "\"");
}
