/*
 * price.c
 *	  How much a customer buys on discount, see price.h.
 *
 * Text:
 *
 *	{"orders": 3, "discounted": 1, "rates": 0.200000000000000, "prices": 300.00,
 *	 "discounts": 20.00}
 *
 * where rates is the sum of the discounts as parts of the price.
 */
#include "value/price.h"

#include "value/rfm_summary.h"
#include "value/value_text.h"

#define RATE_SCALE 15

/* ---- bytes ---- */

static int128_t
load128(const uint8_t *p)
{
	return (int128_t) ((uint128_t) load64(p + 8) << 64 | load64(p));
}

static void
store128(uint8_t *p, int128_t v)
{
	store64(p, (uint64_t) v);
	store64(p + 8, (uint64_t) ((uint128_t) v >> 64));
}

static const char *
try_read(PriceSums *sums, const uint8_t *p, size_t size)
{
	if (size != PRICE_SIZE - 4)
		return "wrong size";
	if (p[0] != PRICE_VERSION || p[1] != 0 || p[3] != 0)
		return "unknown version";
	sums->scale = p[2];
	sums->orders = (int64_t) load64(p + 4);
	sums->discounted = (int64_t) load64(p + 12);
	sums->rates = load128(p + 20);
	sums->prices = load128(p + 36);
	sums->discounts = load128(p + 52);
	if (sums->scale > PRICE_MAX_SCALE)
		return "wrong scale";
	return NULL;
}

void
price_read(PriceSums *sums, const uint8_t *payload, size_t size)
{
	const char *problem = try_read(sums, payload, size);

	if (problem != NULL)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type price_sensitivity: %s", problem);
}

void
price_write(const PriceSums *sums, void *value)
{
	uint8_t    *p = value;

	memset(p, 0, 8);
	value_set_size(p, PRICE_SIZE);
	p[4] = PRICE_VERSION;
	p[6] = (uint8_t) sums->scale;
	store64(p + 8, (uint64_t) sums->orders);
	store64(p + 16, (uint64_t) sums->discounted);
	store128(p + 24, sums->rates);
	store128(p + 40, sums->prices);
	store128(p + 56, sums->discounts);
}

/* What all sums of orders keep to */
static const char *
check(const PriceSums *sums)
{
	if (sums->orders < 1 || sums->discounted < 0 || sums->discounted > sums->orders)
		return "numbers of orders that do not go together";
	if (sums->rates < 0 || sums->rates > (int128_t) sums->discounted * PRICE_RATE_ONE)
		return "discounts above the price";
	if (sums->prices <= 0 || sums->discounts < 0 || sums->discounts > sums->prices ||
		(sums->discounted == 0 && sums->discounts != 0) ||
		(sums->discounted > 0 && sums->discounts == 0))
		return "sums that do not go together";
	return NULL;
}

bool
price_check(const uint8_t *payload, size_t size, CoreError *error)
{
	PriceSums	sums;
	const char *problem = try_read(&sums, payload, size);

	if (problem == NULL)
		problem = check(&sums);
	if (problem == NULL)
		return true;
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type price_sensitivity");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}

/* ---- adding ---- */

static void
too_large(void)
{
	core_throw(CORE_OUT_OF_RANGE, NULL,
			   "sum of prices is out of range of type price_sensitivity");
}

static int128_t
power_of_ten(int n)
{
	int128_t	p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

static void
rescale(PriceSums *sums, int scale)
{
	int128_t	factor;

	if (scale <= sums->scale)
		return;
	factor = power_of_ten(scale - sums->scale);
	if (__builtin_mul_overflow(sums->prices, factor, &sums->prices) ||
		__builtin_mul_overflow(sums->discounts, factor, &sums->discounts))
		too_large();
	sums->scale = scale;
}

/* In units of 10^-scale, which is not below the number's own scale */
static int128_t
units_of(const Decimal *d, int scale)
{
	int32_t		fraction = decimal_fraction(d);
	int128_t	units;

	if (fraction < 0)
		fraction = 0;
	if (!decimal_narrow(d, fraction, &units))
		too_large();
	/* 4 decimals a digit: more than its scale has are zero */
	if (4 * fraction > scale)
		return units / power_of_ten(4 * fraction - scale);
	if (__builtin_mul_overflow(units, power_of_ten(scale - 4 * fraction), &units))
		too_large();
	return units;
}

void
price_start(PriceSums *sums)
{
	memset(sums, 0, sizeof(*sums));
}

void
price_add(PriceSums *sums, const Decimal *paid, const Decimal *price)
{
	int			scale = paid->dscale > price->dscale ? paid->dscale : price->dscale;
	int128_t	p;
	int128_t	discount;

	if (scale > PRICE_MAX_SCALE)
		core_throw(CORE_OUT_OF_RANGE, "Round prices first.",
				   "price has more than %d decimals", PRICE_MAX_SCALE);
	if (paid->negative || price->negative)
		core_throw(CORE_OUT_OF_RANGE, "Net refunds into orders first.",
				   "price must not be negative");
	rescale(sums, scale);
	p = units_of(price, sums->scale);
	discount = p - units_of(paid, sums->scale);
	if (__builtin_add_overflow(sums->prices, p, &sums->prices) || sums->orders == INT64_MAX)
		too_large();
	sums->orders++;
	if (discount <= 0)
		return;
	sums->discounted++;
	/* no more than the prices: cannot overflow */
	sums->discounts += discount;
	sums->rates += (int64_t) ((double) discount / (double) p * (double) PRICE_RATE_ONE + 0.5);
}

void
price_merge(PriceSums *sums, const PriceSums *other)
{
	PriceSums	b = *other;

	rescale(sums, b.scale);
	rescale(&b, sums->scale);
	if (__builtin_add_overflow(sums->orders, b.orders, &sums->orders) ||
		__builtin_add_overflow(sums->discounted, b.discounted, &sums->discounted) ||
		__builtin_add_overflow(sums->rates, b.rates, &sums->rates) ||
		__builtin_add_overflow(sums->prices, b.prices, &sums->prices) ||
		__builtin_add_overflow(sums->discounts, b.discounts, &sums->discounts))
		too_large();
}

/* ---- answers ---- */

double
price_order_share(const PriceSums *sums)
{
	return (double) sums->discounted / (double) sums->orders;
}

double
price_mean_discount(const PriceSums *sums)
{
	return sums->discounted == 0 ? 0 :
		(double) sums->rates / (double) PRICE_RATE_ONE / (double) sums->discounted;
}

double
price_total_share(const PriceSums *sums)
{
	return (double) sums->discounts / (double) sums->prices;
}

/* ---- text ---- */

/* A number of units of 10^-scale, not negative, with all its decimals */
static void
print_units(TextOut *out, int128_t units, int scale)
{
	char		digits[64];
	int			n = sizeof(digits);
	uint128_t	rest = units < 0 ? 0 : (uint128_t) units;

	for (int i = 0; i <= scale || rest > 0; i++, rest /= 10)
	{
		if (i == scale && scale > 0)
			digits[--n] = '.';
		digits[--n] = (char) ('0' + (int) (rest % 10));
	}
	text_out(out, "%.*s", (int) sizeof(digits) - n, digits + n);
}

char *
price_print(const PriceSums *sums)
{
	TextOut		out;

	text_out_start(&out);
	text_out(&out, "{\"orders\": %lld, \"discounted\": %lld, \"rates\": ",
			 (long long) sums->orders, (long long) sums->discounted);
	print_units(&out, sums->rates, RATE_SCALE);
	text_out(&out, ", \"prices\": ");
	print_units(&out, sums->prices, sums->scale);
	text_out(&out, ", \"discounts\": ");
	print_units(&out, sums->discounts, sums->scale);
	text_out(&out, "}");
	return out.text;
}

/* Digits and decimals; *scale is how many decimals there were, up to max */
static bool
parse_units(TextIn *in, int128_t *units, int *scale, int max)
{
	bool		fraction = false;
	const char *p;

	text_in_space(in);
	*units = 0;
	*scale = 0;
	p = in->p;
	if (in->failed || *p < '0' || *p > '9')
		return text_in_fail(in, "a number");
	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !fraction); p++)
	{
		if (*p == '.')
		{
			fraction = true;
			continue;
		}
		if (__builtin_mul_overflow(*units, 10, units) ||
			__builtin_add_overflow(*units, *p - '0', units) || (*scale += fraction) > max)
			return text_in_fail(in, "a number in range");
	}
	if (fraction && *scale == 0)
		return text_in_fail(in, "a number");
	in->p = p;
	return true;
}

void *
price_parse(const char *text, CoreError *error)
{
	TextIn		in;
	PriceSums	sums;
	int			rate_scale;
	int			discount_scale;
	const char *problem;
	void	   *value;

	text_in_start(&in, text, "price_sensitivity", error);
	if (!text_in_char(&in, '{') || !text_in_key(&in, "orders", true) ||
		!text_in_int(&in, 1, INT64_MAX, &sums.orders) || !text_in_key(&in, "discounted", false) ||
		!text_in_int(&in, 0, INT64_MAX, &sums.discounted) || !text_in_key(&in, "rates", false) ||
		!parse_units(&in, &sums.rates, &rate_scale, RATE_SCALE) ||
		!text_in_key(&in, "prices", false) ||
		!parse_units(&in, &sums.prices, &sums.scale, PRICE_MAX_SCALE) ||
		!text_in_key(&in, "discounts", false) ||
		!parse_units(&in, &sums.discounts, &discount_scale, PRICE_MAX_SCALE) ||
		!text_in_char(&in, '}') || !text_in_end(&in))
		return NULL;
	problem = rate_scale != RATE_SCALE || discount_scale != sums.scale ?
		"numbers of decimals that do not go together" : check(&sums);
	if (problem != NULL)
	{
		text_in_wrong(&in, problem);
		return NULL;
	}
	value = core_alloc(PRICE_SIZE);
	price_write(&sums, value);
	return value;
}
