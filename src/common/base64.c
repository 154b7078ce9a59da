/*
 * base64.c
 *	  Base64 (RFC 4648, section 4) of a value's bytes.
 *
 * Every byte string has one text and every accepted text one byte string: no
 * white space, padding is required, and the bits that no byte needs are zero.
 */
#include "common/base64.h"

#define INTERRUPT_GROUPS 32768

static const char digits[] =
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define NO_DIGIT 0xFF

/* What a character stands for, by its code less that of '+' */
static const uint8_t digit_values['z' - '+' + 1] = {
	62, NO_DIGIT, NO_DIGIT, NO_DIGIT, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
	NO_DIGIT, NO_DIGIT, NO_DIGIT, NO_DIGIT, NO_DIGIT, NO_DIGIT, NO_DIGIT,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
	NO_DIGIT, NO_DIGIT, NO_DIGIT, NO_DIGIT, NO_DIGIT, NO_DIGIT,
	26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,
	39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51
};

void
core_base64_encode(const uint8_t *bytes, size_t n, char *out)
{
	size_t		groups = n / 3;
	uint32_t	rest = n % 3;
	uint32_t	bits;

	for (size_t i = 0; i < groups; i++, bytes += 3, out += 4)
	{
		if (i % INTERRUPT_GROUPS == INTERRUPT_GROUPS - 1)
			core_interrupt();
		bits = (uint32_t) bytes[0] << 16 | (uint32_t) bytes[1] << 8 | bytes[2];
		out[0] = digits[bits >> 18];
		out[1] = digits[(bits >> 12) & 63];
		out[2] = digits[(bits >> 6) & 63];
		out[3] = digits[bits & 63];
	}
	if (rest == 0)
		return;
	bits = (uint32_t) bytes[0] << 16 | (rest == 2 ? (uint32_t) bytes[1] << 8 : 0);
	out[0] = digits[bits >> 18];
	out[1] = digits[(bits >> 12) & 63];
	out[2] = rest == 2 ? digits[(bits >> 6) & 63] : '=';
	out[3] = '=';
}

static inline uint32_t
digit_value(char c)
{
	uint32_t	i = (uint32_t) (unsigned char) c - '+';

	return i < sizeof(digit_values) ? digit_values[i] : NO_DIGIT;
}

/* The place of the first character that is no digit */
static size_t
first_wrong(const char *text, size_t n)
{
	size_t		i = 0;

	while (i < n && digit_value(text[i]) != NO_DIGIT)
		i++;
	return i;
}

/* The last group, of 2 or 3 digits before its padding */
static const char *
decode_last(const char *text, uint32_t ndigits, uint8_t *out, size_t *where)
{
	uint32_t	bits = 0;
	uint32_t	unused = ndigits == 2 ? 0xFFFF : 0xFF;

	*where = first_wrong(text, ndigits);
	if (*where < ndigits)
		return "a base64 digit";
	for (uint32_t i = 0; i < ndigits; i++)
		bits |= digit_value(text[i]) << (18 - 6 * i);
	if ((bits & unused) != 0)
	{
		*where = ndigits - 1;
		return "a base64 digit without superfluous bits";
	}
	out[0] = (uint8_t) (bits >> 16);
	if (ndigits == 3)
		out[1] = (uint8_t) (bits >> 8);
	return NULL;
}

const char *
core_base64_decode(const char *text, size_t n, uint8_t *out,
					  size_t *size, size_t *where)
{
	size_t		groups = n / 4;
	size_t		padding = n >= 4 && n % 4 == 0 && text[n - 1] == '=' ?
		1 + (text[n - 2] == '=') : 0;
	const char *problem;
	size_t		i;

	if (padding > 0)
		groups--;
	for (i = 0; i < groups; i++)
	{
		const char *t = text + 4 * i;
		uint32_t	a = digit_value(t[0]);
		uint32_t	b = digit_value(t[1]);
		uint32_t	c = digit_value(t[2]);
		uint32_t	d = digit_value(t[3]);
		uint32_t	bits = a << 18 | b << 12 | c << 6 | d;

		if (i % INTERRUPT_GROUPS == INTERRUPT_GROUPS - 1)
			core_interrupt();
		if ((a | b | c | d) > 63)
		{
			*where = 4 * i + first_wrong(t, 4);
			return "a base64 digit";
		}
		out[3 * i] = (uint8_t) (bits >> 16);
		out[3 * i + 1] = (uint8_t) (bits >> 8);
		out[3 * i + 2] = (uint8_t) bits;
	}
	if (n % 4 != 0)
	{
		*where = 4 * i + first_wrong(text + 4 * i, n % 4);
		return "more base64 digits";
	}
	*size = 3 * groups;
	if (padding == 0)
		return NULL;
	problem = decode_last(text + 4 * i, (uint32_t) (4 - padding), out + 3 * i, where);
	*where += 4 * i;
	*size += 3 - padding;
	return problem;
}
