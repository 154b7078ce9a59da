/*
 * fuzz_value.c
 *	  Fuzz target for the types of the module value.
 *
 * The first byte of an input selects what the rest is:
 *
 *	0 .. 6		the bytes of a value behind its length word, by type
 *	7 .. 13		text, by type
 *	14			a recipe for orders: what the state of rfm_agg makes of them is
 *				compared with a model that counts one by one
 *	15			a recipe for numbers: thresholds and measures of distributions
 *
 * all modulo 16.
 */
#include "core_standalone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "value/lifecycle.h"
#include "value/pareto.h"
#include "value/price.h"
#include "value/rfm_model.h"
#include "value/rfm_scheme.h"
#include "value/rfm_summary.h"
#include "value/value_pool.h"

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* ---- the types ---- */

typedef struct Type
{
	void	   *(*parse) (const char *text, CoreError *error);
	bool		(*check) (const uint8_t *payload, size_t size, CoreError *error);
	char	   *(*print) (const uint8_t *payload, size_t size);
	void		(*use) (const uint8_t *payload, size_t size);
} Type;

static char *
print_summary(const uint8_t *p, size_t n)
{
	RfmSummary	s;

	rfm_open(&s, p, n);
	return rfm_print(&s);
}

static char *
print_model(const uint8_t *p, size_t n)
{
	RfmModel	m;

	rfm_model_open(&m, p, n);
	return rfm_model_print(&m);
}

static char *
print_rules(const uint8_t *p, size_t n)
{
	RfmRules	r;

	rfm_rules_open(&r, p, n);
	return rfm_rules_print(&r);
}

static char *
print_pareto(const uint8_t *p, size_t n)
{
	Distribution d;

	pareto_open(&d, p, n);
	return pareto_print(&d);
}

static char *
print_price(const uint8_t *p, size_t n)
{
	PriceSums	s;

	price_read(&s, p, n);
	return price_print(&s);
}

static char *
print_flow(const uint8_t *p, size_t n)
{
	REQUIRE(flow_try_open(p, n) == NULL);
	return flow_print(p);
}

/* A summary added to an empty state is the same summary; twice the orders when added twice */
static void
use_summary(const uint8_t *p, size_t n)
{
	RfmSummary	s;
	RfmSummary	twice;
	RfmState   *state;
	uint32_t	ngaps;
	int32_t    *gaps;
	uint8_t    *again;
	int64_t		sum = 0;

	rfm_open(&s, p, n);
	gaps = rfm_gaps(&s, &ngaps);
	for (uint32_t i = 0; i < ngaps; i++)
		sum += gaps[i];
	REQUIRE(s.ndays == 0 || sum == (int64_t) rfm_day(s.last) - rfm_day(s.first));
	if (ngaps > 0)
	{
		double		median;

		REQUIRE(rfm_previous_day(&s) == rfm_day(s.last) - gaps[ngaps - 1]);
		median = rfm_median(gaps, ngaps);
		REQUIRE(median >= 1 && median <= (double) sum);
	}
	state = rfm_state_add_summary(rfm_state_new(s.kind), &s);
	rfm_state_check(state, value_size(state));
	again = rfm_state_finish(state);
	REQUIRE(value_size(again) == n + 4 && memcmp(again + 4, p, n) == 0);
	if (s.orders > INT64_MAX / 2 || s.kind == RFM_DOUBLE)
		return;
	again = rfm_state_finish(rfm_state_add_summary(state, &s));
	rfm_open(&twice, again + 4, value_size(again) - 4);
	REQUIRE(twice.orders == 2 * s.orders && twice.ndays == s.ndays);
}

static void
use_model(const uint8_t *p, size_t n)
{
	RfmModel	m;
	int			before = 0;

	rfm_model_open(&m, p, n);
	for (int i = 0; i < m.bins - 1; i++)
	{
		double		b = rfm_model_break(&m, 1, i);
		int			digit = rfm_model_digit(&m, 1, b);

		REQUIRE(digit >= before && digit >= 1 && digit <= m.bins);
		REQUIRE(rfm_model_digit(&m, 0, b) <= m.bins);
		before = digit;
	}
}

static void
use_rules(const uint8_t *p, size_t n)
{
	RfmRules	r;
	RfmUserRule rule;

	rfm_rules_open(&r, p, n);
	for (int score = 111; score <= 111 * r.bins; score++)
		if (score / 10 % 10 >= 1 && score / 10 % 10 <= r.bins && score % 10 >= 1 &&
			score % 10 <= r.bins)
			rfm_rules_find(&r, score, &rule);
}

/* Measures stay where they must */
static void
use_runs(const ValueRuns *runs)
{
	double		share;
	double		before = 0;
	double		shares[8];
	int64_t		few;
	double		a;
	double		b;

	if (pareto_gini(runs, &share))
		REQUIRE(share >= 0 && share <= 1);
	for (int i = 0; i <= 10; i++)
		if (pareto_share(runs, i / 10.0, &share))
		{
			REQUIRE(runs->values[0] < 0 || (share >= before * (1 - 1e-9) && share <= 1 + 1e-9));
			before = share;
		}
	if (pareto_vital_few(runs, 0.8, &few))
	{
		REQUIRE(few >= 0 && (uint64_t) few <= runs->total);
		if (pareto_share(runs, (double) few / (double) runs->total, &share))
			REQUIRE(share >= 0.8 * (1 - 1e-9));
	}
	if (pareto_lorenz(runs, 7, shares) && runs->values[0] >= 0)
		for (int i = 1; i <= 7; i++)
			REQUIRE(shares[i] >= shares[i - 1] - 1e-9);
	pareto_classes(runs, 0.8, 0.95, &a, &b);
	REQUIRE(a >= b);
}

static void
use_pareto(const uint8_t *p, size_t n)
{
	Distribution d;
	ValueRuns	runs;

	pareto_open(&d, p, n);
	dist_runs(&d, &runs);
	use_runs(&runs);
}

static void
use_price(const uint8_t *p, size_t n)
{
	PriceSums	s;

	price_read(&s, p, n);
	REQUIRE(price_order_share(&s) >= 0 && price_order_share(&s) <= 1);
	REQUIRE(price_mean_discount(&s) >= 0 && price_mean_discount(&s) <= 1);
	REQUIRE(price_total_share(&s) >= 0 && price_total_share(&s) <= 1);
}

static void
use_pool(const uint8_t *p, size_t n)
{
	ValuePool	head;
	ValuePool	pool;
	uint8_t    *again;

	value_pool_peek(&head, p, n);
	/* small text may stand for very many numbers */
	for (size_t i = 0, at = POOL_HEADER_SIZE - 4; i < 1; i++)
		if (load64(p + at) > 100000)
			return;
	value_pool_start(&pool, head.columns, head.bins, head.method, head.kind);
	value_pool_add_stored(&pool, p, n);
	again = value_pool_flat(&pool);
	REQUIRE(value_size(again) == n + 4 && memcmp(again + 4, p, n) == 0);
}

static void
use_nothing(const uint8_t *p, size_t n)
{
}

#define TYPES 7

static const Type types[TYPES] = {
	{rfm_parse, rfm_check, print_summary, use_summary},
	{rfm_model_parse, rfm_model_check, print_model, use_model},
	{rfm_rules_parse, rfm_rules_check, print_rules, use_rules},
	{pareto_parse, pareto_check, print_pareto, use_pareto},
	{price_parse, price_check, print_price, use_price},
	{flow_parse, flow_check, print_flow, use_nothing},
	{value_pool_parse, value_pool_check, value_pool_print, use_pool},
};

/* A good value: its text is read back as the same bytes */
static void
check_value(const Type *type, const uint8_t *payload, size_t size)
{
	CoreError	error;
	char	   *text = type->print(payload, size);
	uint8_t    *again = type->parse(text, &error);

	REQUIRE(again != NULL);
	REQUIRE(value_size(again) == size + 4 && memcmp(again + 4, payload, size) == 0);
	type->use(payload, size);
}

/* Bytes that are stored though no value: whatever reads them stays within them */
typedef struct Damaged
{
	const Type *type;
	const uint8_t *data;
	size_t		size;
} Damaged;

static void
read_damaged(void *argument)
{
	const Damaged *damaged = argument;

	damaged->type->print(damaged->data, damaged->size);
}

static void
compute_damaged(void *argument)
{
	const Damaged *damaged = argument;
	const uint8_t *p = damaged->data;
	size_t		n = damaged->size;
	RfmSummary	summary;
	RfmModel	model;
	RfmRules	rules;
	RfmUserRule rule;
	Distribution dist;
	ValueRuns	runs;
	PriceSums	sums;
	PriceSums	other;
	ValuePool	head;
	double		number;
	int64_t		few;
	uint32_t	ngaps;

	switch (damaged->type - types)
	{
		case 0:
			rfm_open(&summary, p, n);
			if (summary.ndays > 1)
				rfm_previous_day(&summary);
			rfm_state_finish(rfm_state_add_summary(rfm_state_new(summary.kind), &summary));
			rfm_gaps(&summary, &ngaps);
			break;
		case 1:
			rfm_model_open(&model, p, n);
			rfm_model_score(&model, 1, 2, 3);
			rfm_model_class(&model, 2, model.bins);
			break;
		case 2:
			rfm_rules_open(&rules, p, n);
			rfm_rules_find(&rules, 121, &rule);
			break;
		case 3:
			pareto_open(&dist, p, n);
			dist_runs(&dist, &runs);
			if (runs.n == 0)
				break;
			pareto_share(&runs, 0.2, &number);
			pareto_vital_few(&runs, 0.8, &few);
			pareto_gini(&runs, &number);
			break;
		case 4:
			price_read(&sums, p, n);
			other = sums;
			other.scale = 7;
			price_merge(&sums, &other);
			break;
		case 6:
			value_pool_peek(&head, p, n);
			if (load64(p + POOL_HEADER_SIZE - 4) < 100000)
			{
				value_pool_start(&head, head.columns, head.bins, head.method, head.kind);
				value_pool_add_stored(&head, p, n);
				value_pool_flat(&head);
			}
			break;
		default:
			break;
	}
}

static void
check_damaged(const Type *type, const uint8_t *data, size_t size)
{
	Damaged		damaged = {type, data, size};
	CoreError	error;

	/* the only one that trusts its caller to have looked */
	if (type == &types[5])
		return;
	core_try(read_damaged, &damaged, &error);
	core_try(compute_damaged, &damaged, &error);
}

static void
fuzz_bytes(const Type *type, const uint8_t *data, size_t size)
{
	CoreError	error = {0};

	if (type->check(data, size, &error))
	{
		check_value(type, data, size);
		return;
	}
	REQUIRE(error.code == CORE_BAD_BINARY && error.detail[0] != '\0');
	check_damaged(type, data, size);
}

static void
fuzz_text(const Type *type, const uint8_t *data, size_t size)
{
	CoreError	error = {0};
	char	   *text = core_alloc(size + 1);
	uint8_t    *value;

	memcpy(text, data, size);
	text[size] = '\0';
	value = type->parse(text, &error);
	if (value == NULL)
	{
		REQUIRE(error.code == CORE_BAD_TEXT && error.message[0] != '\0' && error.detail[0] != '\0');
		return;
	}
	REQUIRE(type->check(value + 4, value_size(value) - 4, &error));
	check_value(type, value + 4, value_size(value) - 4);
}

/* ---- orders ---- */

/* A sum in decimal digits, 400 in front of the point and 100 behind it, ten's complement */
#define PLACES 500
#define POINT 100

typedef struct Sum
{
	uint8_t		digits[PLACES]; /* lowest first */
} Sum;

static void
sum_add(Sum *sum, const char *number)
{
	bool		negative = *number == '-';
	const char *p = number + negative;
	const char *point = strchr(p, '.');
	size_t		whole = point ? (size_t) (point - p) : strlen(p);
	int			carry = 0;

	for (int place = 0; place < PLACES; place++)
	{
		long		at = (long) whole - 1 - (place - POINT) + (place < POINT);
		int			digit = at >= 0 && at < (long) strlen(p) && p[at] != '.' ? p[at] - '0' : 0;
		int			s = sum->digits[place] + carry + (negative ? -digit : digit);

		carry = s < 0 ? -1 : s > 9;
		sum->digits[place] = (uint8_t) (s - 10 * carry);
	}
}

/* The amount of a summary, subtracted, leaves nothing */
static void
check_sum(const RfmSummary *s, const Sum *sum)
{
	Sum			rest = *sum;
	Decimal		amount;
	char	   *text;
	char	   *negated;

	REQUIRE(decimal_read(&amount, s->amount, s->amount_size) == DECIMAL_FINITE);
	text = decimal_print(&amount);
	negated = core_alloc(strlen(text) + 2);
	sprintf(negated, "%s%s", *text == '-' ? "" : "-", text + (*text == '-'));
	sum_add(&rest, negated);
	for (int i = 0; i < PLACES; i++)
		REQUIRE(rest.digits[i] == 0);
}

typedef struct Order
{
	int64_t		time;
	char		amount[160];
} Order;

#define MAX_ORDERS 400

/* Four bytes each: day, time and size, digits */
static size_t
cook_orders(const uint8_t *data, size_t size, Order *orders)
{
	size_t		n = 0;

	for (; n < MAX_ORDERS && size >= 4; n++, data += 4, size -= 4)
	{
		Order	   *order = &orders[n];
		int			whole = 1 + (data[2] & 7);
		int			fraction = (data[2] >> 3) & 3;
		char	   *p = order->amount;

		if (data[2] >= 0xE0)
		{
			whole = 1 + data[3] % 90;
			fraction = data[3] % 49;
		}
		order->time = ((int64_t) load16(data) - 9000) * (data[2] == 0xFF ? 200 : 1) *
			RFM_USECS_PER_DAY / 4 + data[3];
		if (data[3] & 1)
			*p++ = '-';
		for (int i = 0; i < whole; i++)
			*p++ = (char) ('0' + (data[3] * (i + 3) + data[0] + i) % 10);
		if (fraction > 0)
			*p++ = '.';
		for (int i = 0; i < fraction; i++)
			*p++ = (char) ('0' + (data[3] * (i + 7) + data[1] + i) % 10);
		*p = '\0';
	}
	return n;
}

static RfmState *
add_order(RfmState *state, const Order *order)
{
	const char *p = order->amount;
	size_t		size;
	uint8_t    *payload = decimal_parse(&p, &size);
	Decimal		amount;

	REQUIRE(payload != NULL && *p == '\0' && decimal_check(payload, size));
	REQUIRE(decimal_read(&amount, payload, size) == DECIMAL_FINITE);
	if (strchr(order->amount, '.') == NULL && strlen(order->amount) < 18)
		state = rfm_state_add_int(state, atoll(order->amount));
	else
		state = rfm_state_add_exact(state, &amount);
	if (amount.ndigits > 0 && !amount.negative)
		state = rfm_state_add_purchase(state, order->time, rfm_day(order->time));
	rfm_state_check(state, value_size(state));
	return state;
}

static int
compare_days(const void *a, const void *b)
{
	return *(const int32_t *) a < *(const int32_t *) b ? -1 : *(const int32_t *) a > *(const int32_t *) b;
}

static void
require_same(const uint8_t *a, const uint8_t *b)
{
	REQUIRE(value_size(a) == value_size(b) && memcmp(a + 4, b + 4, value_size(a) - 4) == 0);
}

static void
fuzz_orders(const uint8_t *data, size_t size)
{
	Order	   *orders = core_alloc(MAX_ORDERS * sizeof(Order));
	size_t		n = cook_orders(data, size, orders);
	RfmState   *whole = rfm_state_new(RFM_EXACT);
	RfmState   *backwards = rfm_state_new(RFM_EXACT);
	RfmState   *merged = rfm_state_new(RFM_EXACT);
	RfmState   *part = rfm_state_new(RFM_EXACT);
	int32_t    *days = core_alloc((n + 1) * sizeof(int32_t));
	uint32_t	ndays = 0;
	uint32_t	ndistinct = 0;
	int64_t		purchases = 0;
	int32_t		day;
	Sum			sum = {{0}};
	RfmSummary	s;
	RfmDays		walk;
	uint8_t    *image;

	for (size_t i = 0; i < n; i++)
	{
		whole = add_order(whole, &orders[i]);
		backwards = add_order(backwards, &orders[n - 1 - i]);
		part = add_order(part, &orders[i]);
		if (i % 7 == 6 || i == n - 1)
		{
			image = rfm_state_finish(part);
			rfm_open(&s, image + 4, value_size(image) - 4);
			merged = rfm_state_add_summary(merged, &s);
			part = rfm_state_new(RFM_EXACT);
		}
		sum_add(&sum, orders[i].amount);
		if (*orders[i].amount != '-' && strspn(orders[i].amount, "0.") < strlen(orders[i].amount))
		{
			purchases++;
			days[ndays++] = rfm_day(orders[i].time);
		}
	}
	image = rfm_state_finish(whole);
	require_same(image, rfm_state_finish(backwards));
	require_same(image, rfm_state_finish(merged));
	check_value(&types[0], image + 4, value_size(image) - 4);
	rfm_open(&s, image + 4, value_size(image) - 4);
	REQUIRE(s.orders == purchases);
	check_sum(&s, &sum);

	qsort(days, ndays, sizeof(int32_t), compare_days);
	rfm_days_start(&walk, &s);
	for (uint32_t i = 0; i < ndays; i++)
		if (i == 0 || days[i] != days[i - 1])
		{
			REQUIRE(rfm_days_next(&walk, &day) && day == days[i]);
			ndistinct++;
		}
	REQUIRE(s.ndays == ndistinct && !rfm_days_next(&walk, &day));
}

/* ---- numbers ---- */

static void
check_breaks(const ValueRuns *runs, const ValueRuns *scaled, int bins, BreakMethod method)
{
	double		breaks[BREAKS_MAX_BINS];
	double		breaks_scaled[BREAKS_MAX_BINS];

	breaks_compute(runs, bins, method, breaks);
	breaks_compute(scaled, bins, method, breaks_scaled);
	for (int i = 0; i < bins - 1; i++)
		REQUIRE(isfinite(breaks[i]) && (i == 0 || breaks[i] >= breaks[i - 1]));
	if (runs->n != scaled->n)
		return;
	/* a positive factor changes no score */
	for (size_t i = 0; i < runs->n; i++)
		REQUIRE(breaks_below(runs->values[i], (uint8_t *) breaks, bins - 1, true) ==
				breaks_below(scaled->values[i], (uint8_t *) breaks_scaled, bins - 1, true));
}

static void
fuzz_numbers(const uint8_t *data, size_t size)
{
	ValueList	list = {0};
	ValueList	scaled = {0};
	ValueRuns	runs;
	ValueRuns	scaled_runs;
	double		factor;
	int			bins;
	int			shape;

	if (size < 4)
		return;
	bins = 2 + data[0] % 12;
	factor = 0.01 * (1 + data[1]);
	shape = data[2] % 4;
	for (size_t i = 3; i + 2 <= size; i += 2)
	{
		int16_t		raw = (int16_t) load16(data + i);
		double		v = shape == 0 ? raw : shape == 1 ? raw % 10 : shape == 2 ? raw * 0.01 : (raw & 0xFF) * 12.5;

		value_list_add(&list, v);
		value_list_add(&scaled, v * factor);
	}
	if (list.n == 0)
		return;
	value_list_runs(&list, &runs);
	value_list_runs(&scaled, &scaled_runs);
	for (size_t i = 1; i < list.n; i++)
		REQUIRE(list.values[i - 1] <= list.values[i]);
	for (int method = 0; method < BREAKS_METHODS; method++)
		check_breaks(&runs, &scaled_runs,
					 method == BREAKS_MEAN || method == BREAKS_MEDIAN ? 2 : bins, method);
	use_runs(&runs);
}

/* ---- the target ---- */

typedef struct Input
{
	const uint8_t *data;
	size_t		size;
} Input;

static void
fuzz(void *argument)
{
	const Input *input = argument;
	int			mode = input->data[0] % 16;
	const uint8_t *data = input->data + 1;
	size_t		size = input->size - 1;

	if (mode < TYPES)
		fuzz_bytes(&types[mode], data, size);
	else if (mode < 2 * TYPES)
		fuzz_text(&types[mode - TYPES], data, size);
	else if (mode == 2 * TYPES)
		fuzz_orders(data, size);
	else
		fuzz_numbers(data, size);
}

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	CoreError	error;

	if (size == 0)
		return 0;
	if (!core_try(fuzz, &input, &error))
	{
		/* sums may leave the range of their type, and nothing else may go wrong */
		if (error.code != CORE_OUT_OF_RANGE && error.code != CORE_LIMIT)
		{
			fprintf(stderr, "fuzz_value.c: not to be thrown: %s\n", error.message);
			abort();
		}
	}
	core_release_all();
	return 0;
}
