/*
 * value_text.c
 *	  The text of this module's types, see value_text.h.
 *
 * strtod() and printf() follow LC_NUMERIC, which a server keeps at "C".
 */
#include "value/value_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define QUOTED 60				/* bytes of input shown in a message */
#define LONGEST_NUMBER 400

/* ---- reading ---- */

void
text_in_start(TextIn *in, const char *text, const char *type, CoreError *error)
{
	in->start = in->p = text;
	in->type = type;
	in->error = error;
	in->failed = false;
}

/* How much of the text to show, without cutting a UTF-8 character */
static int
shown(const char *text)
{
	int			n = 0;

	while (n < QUOTED && text[n] != '\0')
		n++;
	while (n > 0 && text[n] != '\0' && ((unsigned char) text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static bool
fail(TextIn *in)
{
	if (in->failed)
		return false;
	in->failed = true;
	core_set_error(in->error, CORE_BAD_TEXT, "invalid input syntax for type %s: \"%.*s\"",
				   in->type, shown(in->start), in->start);
	return true;
}

bool
text_in_fail(TextIn *in, const char *expected)
{
	if (fail(in))
		core_set_detail(in->error, "Expected %s at byte %zu.", expected,
						(size_t) (in->p - in->start) + 1);
	return false;
}

bool
text_in_wrong(TextIn *in, const char *problem)
{
	if (fail(in))
		core_set_detail(in->error, "Problem: %s.", problem);
	return false;
}

void
text_in_space(TextIn *in)
{
	while (*in->p == ' ' || (*in->p >= '\t' && *in->p <= '\r'))
		in->p++;
}

bool
text_in_maybe(TextIn *in, char c)
{
	text_in_space(in);
	if (in->failed || *in->p != c)
		return false;
	in->p++;
	return true;
}

bool
text_in_char(TextIn *in, char c)
{
	char		expected[] = {'"', c, '"', '\0'};

	return text_in_maybe(in, c) || text_in_fail(in, expected);
}

/* Take a word as it stands */
static bool
take_word(TextIn *in, const char *word)
{
	size_t		n = strlen(word);

	text_in_space(in);
	if (in->failed || strncmp(in->p, word, n) != 0)
		return false;
	in->p += n;
	return true;
}

bool
text_in_key(TextIn *in, const char *key, bool first)
{
	char		quoted[64];

	snprintf(quoted, sizeof(quoted), "\"%s\"", key);
	if (!first && !text_in_char(in, ','))
		return false;
	return (take_word(in, quoted) || text_in_fail(in, quoted)) && text_in_char(in, ':');
}

bool
text_in_int(TextIn *in, int64_t lo, int64_t hi, int64_t *value)
{
	bool		negative;
	const char *p;
	int64_t		n = 0;
	bool		fits = true;

	text_in_space(in);
	negative = *in->p == '-';
	p = in->p + negative;
	if (in->failed || *p < '0' || *p > '9')
		return text_in_fail(in, "a whole number");
	for (; *p >= '0' && *p <= '9'; p++)
		fits = fits && !__builtin_mul_overflow(n, 10, &n) &&
			!__builtin_sub_overflow(n, *p - '0', &n);
	/* n is negative here, which has one number more */
	if (!fits || (!negative && n == INT64_MIN))
		return text_in_fail(in, "a number in range");
	n = negative ? n : -n;
	if (n < lo || n > hi)
		return text_in_fail(in, "a number in range");
	in->p = p;
	*value = n;
	return true;
}

/* Only what JSON has for numbers: strtod() takes more, such as hexadecimal ones */
static size_t
number_length(const char *text)
{
	const char *p = text + (*text == '-');
	const char *digits = p;

	while (*p >= '0' && *p <= '9')
		p++;
	if (p == digits)
		return 0;
	if (*p == '.')
	{
		digits = ++p;
		while (*p >= '0' && *p <= '9')
			p++;
		if (p == digits)
			return 0;
	}
	if (*p == 'e' || *p == 'E')
	{
		p++;
		p += *p == '-' || *p == '+';
		digits = p;
		while (*p >= '0' && *p <= '9')
			p++;
		if (p == digits)
			return 0;
	}
	return (size_t) (p - text);
}

bool
text_in_double(TextIn *in, double *value)
{
	char		number[LONGEST_NUMBER];
	size_t		n;
	double		d;

	text_in_space(in);
	n = in->failed ? 0 : number_length(in->p);
	if (n == 0 || n >= sizeof(number))
		return text_in_fail(in, "a number");
	memcpy(number, in->p, n);
	number[n] = '\0';
	d = strtod(number, NULL);
	if (!isfinite(d))
		return text_in_fail(in, "a number in the range of double precision");
	in->p += n;
	*value = d == 0 ? 0 : d;
	return true;
}

bool
text_in_bool(TextIn *in, bool *value)
{
	*value = take_word(in, "true");
	return *value || take_word(in, "false") || text_in_fail(in, "true or false");
}

static int
hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The character behind a backslash, below 128; -1 when there is none */
static int
take_escape(TextIn *in)
{
	int			c = *in->p;

	if (c == '"' || c == '\\')
	{
		in->p++;
		return c;
	}
	if (strncmp(in->p, "u00", 3) == 0 && hex_value(in->p[3]) >= 0 && hex_value(in->p[3]) < 8 &&
		hex_value(in->p[4]) >= 0)
	{
		c = hex_value(in->p[3]) * 16 + hex_value(in->p[4]);
		in->p += 5;
		return c == 0 ? -1 : c;
	}
	return -1;
}

bool
text_in_string(TextIn *in, char *value, size_t max, size_t *length)
{
	size_t		n = 0;

	if (!text_in_maybe(in, '"'))
		return text_in_fail(in, "a string");
	while (*in->p != '"')
	{
		int			c = (unsigned char) *in->p;

		if (n == max)
			return text_in_fail(in, "the end of the string");
		if (c < ' ')
			return text_in_fail(in, "a character or the end of the string");
		in->p++;
		if (c == '\\' && (c = take_escape(in)) < 0)
			return text_in_fail(in, "one of \" \\ u00XX");
		value[n++] = (char) c;
	}
	in->p++;
	*length = n;
	return true;
}

bool
text_in_name(TextIn *in, const char *const *names, int n, int *value)
{
	char		quoted[64];

	for (int i = 0; i < n; i++)
	{
		snprintf(quoted, sizeof(quoted), "\"%s\"", names[i]);
		if (take_word(in, quoted))
		{
			*value = i;
			return true;
		}
	}
	return text_in_fail(in, "one of the known names");
}

bool
text_in_end(TextIn *in)
{
	text_in_space(in);
	return !in->failed && (*in->p == '\0' || text_in_fail(in, "the end"));
}
