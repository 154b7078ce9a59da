/*
 * value_decimal.c
 *	  Exact decimal numbers, see value_decimal.h.
 */
#include "value/value_decimal.h"

#define MAX_SHORT_DSCALE 63
#define MAX_SHORT_WEIGHT 63
#define MIN_SHORT_WEIGHT (-64)
#define MAX_DIGITS_OF_128 12

size_t
decimal_write(uint8_t *out, bool negative, int32_t weight, const int16_t *digits,
			  int32_t ndigits, uint16_t dscale)
{
	size_t		start;

	while (ndigits > 0 && digits[0] == 0)
	{
		digits++;
		ndigits--;
		weight--;
	}
	while (ndigits > 0 && digits[ndigits - 1] == 0)
		ndigits--;
	if (ndigits == 0)
	{
		weight = 0;
		negative = false;
	}
	if (weight > DECIMAL_MAX_WEIGHT || weight < INT16_MIN)
		core_throw(CORE_OUT_OF_RANGE, NULL, "value overflows numeric format");
	if (dscale <= MAX_SHORT_DSCALE && weight <= MAX_SHORT_WEIGHT && weight >= MIN_SHORT_WEIGHT)
	{
		store16(out, (uint16_t) (0x8000 | (negative ? 0x2000 : 0) | dscale << 7 |
								 (weight & 0x7F)));
		start = 2;
	}
	else
	{
		store16(out, (uint16_t) ((negative ? 0x4000 : 0) | dscale));
		store16(out + 2, (uint16_t) weight);
		start = 4;
	}
	for (int32_t i = 0; i < ndigits; i++)
		store16(out + start + 2 * (size_t) i, (uint16_t) digits[i]);
	return start + 2 * (size_t) ndigits;
}

size_t
decimal_write_narrow(uint8_t *out, int128_t value, int32_t fraction, uint16_t dscale)
{
	int16_t		digits[MAX_DIGITS_OF_128];
	int32_t		n = MAX_DIGITS_OF_128;
	bool		negative = value < 0;
	uint128_t	rest = negative ? -(uint128_t) value : (uint128_t) value;
	uint64_t	small;

	while (rest > UINT64_MAX)
	{
		digits[--n] = (int16_t) (rest % DECIMAL_BASE);
		rest /= DECIMAL_BASE;
	}
	for (small = (uint64_t) rest; small > 0; small /= DECIMAL_BASE)
		digits[--n] = (int16_t) (small % DECIMAL_BASE);
	return decimal_write(out, negative, MAX_DIGITS_OF_128 - n - 1 - fraction, digits + n,
						 MAX_DIGITS_OF_128 - n, dscale);
}

/* Are the decimal digits behind the display scale zero? */
static bool
ends_at_dscale(const Decimal *d)
{
	static const uint16_t unit[] = {1, 1000, 100, 10};
	int32_t		last = decimal_fraction(d);

	if (d->ndigits == 0 || last <= d->dscale / 4)
		return true;
	if (last > d->dscale / 4 + 1 || d->dscale % 4 == 0)
		return false;
	return load16(d->digits + 2 * (d->ndigits - 1)) % unit[d->dscale % 4] == 0;
}

bool
decimal_check(const uint8_t *payload, size_t size)
{
	Decimal		d;
	uint16_t	header;
	bool		is_short;

	if (size < 2 || size % 2 != 0 || size > DECIMAL_SIZE(DECIMAL_MAX_DIGITS) ||
		decimal_read(&d, payload, size) != DECIMAL_FINITE)
		return false;
	header = load16(payload);
	is_short = (header & 0xC000) == 0x8000;
	if (is_short != (d.dscale <= MAX_SHORT_DSCALE && d.weight <= MAX_SHORT_WEIGHT &&
					 d.weight >= MIN_SHORT_WEIGHT))
		return false;
	if (d.ndigits == 0)
		return d.weight == 0 && !d.negative;
	for (int32_t i = 0; i < d.ndigits; i++)
		if (load16(d.digits + 2 * (size_t) i) >= DECIMAL_BASE)
			return false;
	return load16(d.digits) != 0 && load16(d.digits + 2 * (size_t) (d.ndigits - 1)) != 0 &&
		ends_at_dscale(&d);
}

/*
 * An integer below 2^53 and a power of ten up to 10^22 are doubles, and their
 * quotient is rounded once.
 */
bool
decimal_to_double(const Decimal *d, double *result)
{
	static const double powers[] = {1, 1e4, 1e8, 1e12, 1e16, 1e20};
	int32_t		fraction = decimal_fraction(d);
	int128_t	units;

	if (fraction < 0)
		fraction = 0;
	if (fraction > 5 || !decimal_narrow(d, fraction, &units) ||
		units > (INT64_C(1) << 53) || units < -(INT64_C(1) << 53))
		return false;
	*result = (double) (int64_t) units / powers[fraction];
	return true;
}

/* ---- text ---- */

static void
put4(char *p, uint32_t digit)
{
	p[0] = (char) ('0' + digit / 1000 % 10);
	p[1] = (char) ('0' + digit / 100 % 10);
	p[2] = (char) ('0' + digit / 10 % 10);
	p[3] = (char) ('0' + digit % 10);
}

/* The digit with a weight, 0 where none is stored */
static uint32_t
digit_at(const Decimal *d, int32_t weight)
{
	int32_t		i = d->weight - weight;

	return i < 0 || i >= d->ndigits ? 0 : load16(d->digits + 2 * (size_t) i);
}

char *
decimal_print(const Decimal *d)
{
	int32_t		top = d->ndigits > 0 && d->weight > 0 ? d->weight : 0;
	size_t		whole = 4 * ((size_t) top + 1);
	size_t		room = whole + d->dscale + 8;
	char	   *text = core_alloc(room);
	char	   *p = text;
	char		four[4];
	int32_t		w;

	if (d->negative)
		*p++ = '-';
	put4(four, digit_at(d, top));
	for (w = 0; w < 3 && four[w] == '0'; w++)
		;
	for (; w < 4; w++)
		*p++ = four[w];
	for (w = top - 1; w >= 0; w--, p += 4)
		put4(p, digit_at(d, w));
	if (d->dscale > 0)
	{
		*p++ = '.';
		for (int32_t left = d->dscale; left > 0; left -= 4)
		{
			put4(four, digit_at(d, w--));
			for (int32_t i = 0; i < 4 && i < left; i++)
				*p++ = four[i];
		}
	}
	*p = '\0';
	return text;
}

static size_t
count_digits(const char *p)
{
	size_t		n = 0;

	while (p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

uint8_t *
decimal_parse(const char **text, size_t *size)
{
	const char *p = *text;
	bool		negative = *p == '-';
	const char *whole = p + negative;
	size_t		nwhole = count_digits(whole);
	const char *fraction = whole + nwhole;
	size_t		nfraction = 0;
	size_t		above;
	size_t		n;
	int16_t    *digits;
	uint8_t    *payload;

	if (nwhole == 0 || nwhole > 4 * (DECIMAL_MAX_WEIGHT + 1))
		return NULL;
	if (*fraction == '.')
	{
		nfraction = count_digits(++fraction);
		if (nfraction == 0 || nfraction > DECIMAL_MAX_DSCALE)
			return NULL;
	}
	above = (nwhole + 3) / 4;
	n = above + (nfraction + 3) / 4;
	digits = core_alloc(n * sizeof(int16_t));
	memset(digits, 0, n * sizeof(int16_t));
	for (size_t i = 0; i < nwhole; i++)
	{
		int16_t    *digit = &digits[(i + 4 * above - nwhole) / 4];

		*digit = (int16_t) (*digit * 10 + (whole[i] - '0'));
	}
	for (size_t i = 0; i < 4 * (n - above); i++)
	{
		int16_t    *digit = &digits[above + i / 4];

		*digit = (int16_t) (*digit * 10 + (i < nfraction ? fraction[i] - '0' : 0));
	}
	payload = core_alloc(DECIMAL_SIZE(n));
	*size = decimal_write(payload, negative, (int32_t) above - 1, digits, (int32_t) n,
						  (uint16_t) nfraction);
	core_free(digits);
	*text = fraction + nfraction;
	return payload;
}

/* ---- sums that no 128 bits hold ---- */

void
decimal_wide_add(int32_t *wide, int32_t nwide, int32_t lowest, const Decimal *d)
{
	int32_t		at = d->weight - (d->ndigits - 1) - lowest;
	int32_t		carry = 0;
	int32_t		i = 0;

	for (; at < nwide - 1 && (i < d->ndigits || carry != 0); i++, at++)
	{
		int32_t		digit = i < d->ndigits ?
			load16(d->digits + 2 * (size_t) (d->ndigits - 1 - i)) : 0;
		int32_t		sum = wide[at] + carry + (d->negative ? -digit : digit);

		carry = sum < 0 ? -1 : sum >= DECIMAL_BASE;
		wide[at] = sum - carry * DECIMAL_BASE;
	}
	wide[nwide - 1] += carry;
}

uint8_t *
decimal_wide_write(const int32_t *wide, int32_t nwide, int32_t lowest, uint16_t dscale,
				   size_t *size)
{
	/* the highest digit may have five decimal digits and more: three of base 10000 */
	int32_t		n = nwide + 2;
	int16_t    *digits = core_alloc((size_t) n * sizeof(int16_t));
	uint8_t    *payload = core_alloc(DECIMAL_SIZE(n));
	bool		negative = wide[nwide - 1] < 0;
	int64_t		carry = 0;

	for (int32_t i = 0; i < n; i++)
	{
		int64_t		digit = i < nwide ? wide[i] : 0;
		int64_t		sum = (negative ? -digit : digit) + carry;

		carry = sum / DECIMAL_BASE;
		sum -= carry * DECIMAL_BASE;
		if (sum < 0)
		{
			sum += DECIMAL_BASE;
			carry--;
		}
		digits[n - 1 - i] = (int16_t) sum;
	}
	*size = decimal_write(payload, negative, lowest + n - 1, digits, n, dscale);
	core_free(digits);
	return payload;
}
