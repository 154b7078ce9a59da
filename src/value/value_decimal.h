/*
 * value_decimal.h
 *	  Exact decimal numbers: the stored form of numeric, read and written.
 *
 * The payload of a numeric (what follows its varlena header), stable since
 * PostgreSQL 9.1 and carried over by pg_upgrade:
 *
 *	uint16	header; its two highest bits tell the form
 *		00, 01	long form, positive or negative: the other 14 bits are the
 *				display scale; an int16, the weight, follows
 *		10		short form: 1 bit sign, 6 bits display scale, 7 bits weight
 *		11		NaN and the infinities
 *	int16	digits of base 10000; the first has the value digit * 10000^weight
 *
 * The server writes the short form whenever it fits, and no zero digit at
 * either end; zero has no digits, weight 0 and a positive sign.  Digits behind
 * the display scale are zero.
 */
#ifndef PORTRAIT_VALUE_DECIMAL_H
#define PORTRAIT_VALUE_DECIMAL_H

#include "common/core.h"

typedef __int128 int128_t;
typedef unsigned __int128 uint128_t;

#define DECIMAL_BASE 10000
#define DECIMAL_MAX_WEIGHT INT16_MAX
#define DECIMAL_MAX_DSCALE 0x3FFF

/* Digits in front of and behind the point: more is no numeric */
#define DECIMAL_MAX_DIGITS (DECIMAL_MAX_WEIGHT + 1 + (DECIMAL_MAX_DSCALE + 3) / 4)

/* Bytes that a written numeric may take */
#define DECIMAL_SIZE(ndigits) (4 + 2 * (size_t) (ndigits))

/* As many digits of base 10000 fit into 128 bits whatever they are */
#define DECIMAL_NARROW_DIGITS 9

typedef enum DecimalClass
{
	DECIMAL_FINITE,
	DECIMAL_NAN,
	DECIMAL_INFINITY,
	DECIMAL_MINUS_INFINITY
} DecimalClass;

/* A finite numeric, its digits where they lie */
typedef struct Decimal
{
	const uint8_t *digits;		/* uint16 each, unaligned */
	int32_t		ndigits;
	int32_t		weight;
	uint16_t	dscale;
	bool		negative;
} Decimal;

/* Read the payload of a numeric; nothing is copied */
static inline DecimalClass
decimal_read(Decimal *d, const uint8_t *payload, size_t size)
{
	uint16_t	header = size >= 2 ? load16(payload) : 0xC000;
	size_t		start;

	if ((header & 0xC000) == 0x8000)
	{
		d->negative = (header & 0x2000) != 0;
		d->dscale = (header & 0x1F80) >> 7;
		d->weight = (int32_t) (header & 0x3F) - (int32_t) (header & 0x40);
		start = 2;
	}
	else if ((header & 0xC000) == 0xC000)
		return (header & 0xF000) == 0xD000 ? DECIMAL_INFINITY :
			(header & 0xF000) == 0xF000 ? DECIMAL_MINUS_INFINITY : DECIMAL_NAN;
	else
	{
		if (size < 4)
			return DECIMAL_NAN;
		d->negative = (header & 0x4000) != 0;
		d->dscale = header & 0x3FFF;
		d->weight = (int16_t) load16(payload + 2);
		start = 4;
	}
	d->digits = payload + start;
	d->ndigits = (int32_t) ((size - start) / 2);
	return DECIMAL_FINITE;
}

/* Digits of base 10000 behind the point; negative when the last ones in front are zero */
static inline int32_t
decimal_fraction(const Decimal *d)
{
	return d->ndigits - 1 - d->weight;
}

/*
 * The number in units of 10000^-fraction, which must be no less than its own
 * fraction.  False when it may not fit.
 */
static inline bool
decimal_narrow(const Decimal *d, int32_t fraction, int128_t *result)
{
	int32_t		total = d->weight + 1 + fraction;
	int32_t		i;

	if (d->ndigits == 0)
	{
		*result = 0;
		return true;
	}
	if (total > DECIMAL_NARROW_DIGITS)
		return false;
	if (total <= 4)
	{
		/* below 10^16 */
		int64_t		small = 0;

		for (i = 0; i < d->ndigits; i++)
			small = small * DECIMAL_BASE + load16(d->digits + 2 * i);
		for (; i < total; i++)
			small *= DECIMAL_BASE;
		*result = d->negative ? -small : small;
	}
	else
	{
		int128_t	large = 0;

		for (i = 0; i < d->ndigits; i++)
			large = large * DECIMAL_BASE + load16(d->digits + 2 * i);
		for (; i < total; i++)
			large *= DECIMAL_BASE;
		*result = d->negative ? -large : large;
	}
	return true;
}

/* ---- value_decimal.c ---- */

/* One integer in units of 10000^-fraction as the payload of a numeric; at most 32 bytes */
extern size_t decimal_write_narrow(uint8_t *out, int128_t value, int32_t fraction, uint16_t dscale);

/*
 * Digits, the first of weight "weight", as the payload of a numeric: zero
 * digits at the ends are dropped.  Throws 22003 when it is no numeric.
 * out has room for DECIMAL_SIZE(ndigits).
 */
extern size_t decimal_write(uint8_t *out, bool negative, int32_t weight, const int16_t *digits,
							int32_t ndigits, uint16_t dscale);

/* Is this what the server or decimal_write() would write? */
extern bool decimal_check(const uint8_t *payload, size_t size);

/* The nearest double, if that can be told without the server: below 2^53 units */
extern bool decimal_to_double(const Decimal *d, double *result);

/* Text in plain notation.  Print: NUL-terminated, by core_alloc.  */
extern char *decimal_print(const Decimal *d);
/* Parse a prefix; the payload by core_alloc, NULL when there is no number */
extern uint8_t *decimal_parse(const char **text, size_t *size);

/* ---- sums that no 128 bits hold: digits of base 10000, lowest first ---- */

/*
 * Add to digits whose lowest has the weight lowest.  All but the highest, which
 * is signed and takes what is carried, are 0 to 9999.  The number must fit:
 * lowest <= its lowest weight, and its highest below that of the highest digit.
 */
extern void decimal_wide_add(int32_t *wide, int32_t nwide, int32_t lowest, const Decimal *d);

/* The sum as the payload of a numeric, by core_alloc */
extern uint8_t *decimal_wide_write(const int32_t *wide, int32_t nwide, int32_t lowest,
								   uint16_t dscale, size_t *size);

#endif							/* PORTRAIT_VALUE_DECIMAL_H */
