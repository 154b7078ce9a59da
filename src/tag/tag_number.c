/*
 * tag_number.c
 *	  Numbers as people write them, refused when double precision would change
 *	  them.
 *
 * Up to 15 significant digits never change.  Of more, the nearest double must
 * have the same digits when it is printed with as many.  strtod() and printf()
 * follow LC_NUMERIC, which a server keeps at "C".
 */
#include "tag/tag_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Digits that every double gives back */
#define SAFE_DIGITS 15

/* More significant digits than the longest double has */
#define MAX_DIGITS 800

/* A number of JSON: what it is made of; the exponent is of the digits as a whole number */
typedef struct Number
{
	bool		negative;
	uint32_t	ndigits;		/* significant ones: without zeros at either end */
	uint64_t	mantissa;		/* if there are at most SAFE_DIGITS */
	int64_t		exponent;
} Number;

/* Where whole digits and those behind the point are; false if the word is no number */
static bool
split_number(const char *word, size_t length, const char **digits, const char **digits_end,
			 const char **exponent)
{
	const char *end = word + length;
	const char *p = word + (length > 0 && *word == '-');

	*digits = p;
	p = tag_skip_digits(p, end);
	if (p == *digits || (**digits == '0' && p > *digits + 1))
		return false;
	if (p < end && *p == '.')
	{
		const char *fraction = p + 1;

		p = tag_skip_digits(fraction, end);
		if (p == fraction)
			return false;
	}
	*digits_end = p;
	*exponent = end;
	if (p < end && (*p == 'e' || *p == 'E'))
	{
		*exponent = ++p;
		p += p < end && (*p == '-' || *p == '+');
		if (p == end || tag_skip_digits(p, end) == p)
			return false;
		p = tag_skip_digits(p, end);
	}
	return p == end;
}

bool
tag_is_number(const char *word, size_t length)
{
	const char *digits;
	const char *digits_end;
	const char *exponent;

	return split_number(word, length, &digits, &digits_end, &exponent);
}

/* Take a number apart; any digits that make it longer than MAX_DIGITS are counted only */
static void
read_number(const char *word, size_t length, Number *number)
{
	const char *end = word + length;
	const char *p;
	const char *digits_end;
	const char *exponent;
	bool		fraction = false;
	uint32_t	zeros = 0;

	memset(number, 0, sizeof(*number));
	split_number(word, length, &p, &digits_end, &exponent);
	number->negative = *word == '-';
	for (; p < digits_end; p++)
	{
		if (*p == '.')
		{
			fraction = true;
			continue;
		}
		number->exponent -= fraction;
		if (*p == '0')
		{
			zeros += number->ndigits > 0;
			number->exponent += number->ndigits == 0 ? 0 : 1;
			continue;
		}
		number->ndigits += zeros + 1;
		number->exponent -= zeros;
		for (; zeros > 0 && number->ndigits <= SAFE_DIGITS; zeros--)
			number->mantissa *= 10;
		zeros = 0;
		if (number->ndigits <= SAFE_DIGITS)
			number->mantissa = number->mantissa * 10 + (uint64_t) (*p - '0');
	}
	if (exponent < end)
	{
		int64_t		e = 0;

		for (p = exponent + !tag_is_digit(*exponent); p < end; p++)
			if (e < 1000000)
				e = e * 10 + (*p - '0');
		number->exponent += *exponent == '-' ? -e : e;
	}
	if (number->ndigits == 0)
		number->exponent = 0;
}

/* Has the double these digits, when it is printed with as many? */
static bool
gives_back(double value, const char *word, size_t length, const Number *number)
{
	char		printed[MAX_DIGITS + 32];
	const char *digits;
	const char *digits_end;
	const char *exponent;
	const char *q = printed + number->negative;
	uint32_t	left = number->ndigits;

	snprintf(printed, sizeof(printed), "%.*e", (int) number->ndigits - 1, value);
	split_number(word, length, &digits, &digits_end, &exponent);
	while (*digits == '0' || *digits == '.')
		digits++;
	for (; left > 0; digits++)
	{
		if (*digits == '.')
			continue;
		q += *q == '.';
		if (*q++ != *digits)
			return false;
		left--;
	}
	return *q == 'e' && atoi(q + 1) == number->exponent + number->ndigits - 1;
}

bool
tag_read_number(const char *word, size_t length, double *result, CoreError *error)
{
	static const double powers[] = {
		1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
		1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
	};
	Number		number;
	char		text[MAX_DIGITS * 2];

	read_number(word, length, &number);
	/* both factors are exact, so their product or quotient is rounded once */
	if (number.ndigits <= SAFE_DIGITS && number.exponent >= -22 && number.exponent <= 22)
	{
		double		value = (double) number.mantissa;

		value = number.exponent < 0 ? value / powers[-number.exponent] : value * powers[number.exponent];
		*result = number.negative && value != 0 ? -value : value;
		return true;
	}
	if (length < sizeof(text) && number.ndigits <= MAX_DIGITS)
	{
		memcpy(text, word, length);
		text[length] = '\0';
		*result = strtod(text, NULL);
		if (isfinite(*result) && gives_back(*result, word, length, &number))
			return true;
	}
	core_set_error(error, CORE_OUT_OF_RANGE,
				   "number of a tag would change as double precision: \"%.*s\"",
				   tag_shown(word, length), word);
	core_set_hint(error, TAG_HINT_QUOTE);
	return false;
}
