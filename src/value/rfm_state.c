/*
 * rfm_state.c
 *	  A summary that grows: the state of rfm_agg and rfm_union_agg.
 *
 * The first block has 128 bytes, which with the allocator's header is what
 * a group costs; blocks double.  Days are kept as they come, and are sorted and
 * freed of duplicates only when the block is full, so that a row is cheap.
 */
#include "value/rfm_summary.h"

#include <math.h>
#include <stdlib.h>

#include "value/value_text.h"

#define FIRST_SIZE 128
#define WIDE_TOP_LIMIT 100000000	/* of the highest digit, before it gets another above */

/* State blocks are varlenas: below 1 GB */
#define LARGEST_SIZE (((size_t) 1 << 30) - 1024)

static RfmState *
alloc_state(size_t size)
{
	RfmState   *state;

	if (size > LARGEST_SIZE)
		core_throw(CORE_LIMIT, NULL, "rfm_summary has too many purchase days");
	state = core_alloc(size);
	memset(state, 0, sizeof(RfmState));
	value_set_size(state, size);
	state->version = RFM_VERSION;
	state->form = RFM_FORM_STATE;
	return state;
}

RfmState *
rfm_state_new(int kind)
{
	RfmState   *state = alloc_state(FIRST_SIZE);

	state->kind = (uint8_t) kind;
	return state;
}

void
rfm_state_corrupt(void)
{
	core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_summary: wrong aggregate state");
}

/* A copy with room for so many wide digits, the old ones from "skip" on, and days */
static RfmState *
copy_state(const RfmState *old, uint32_t nwide, uint32_t skip, uint32_t room)
{
	RfmState   *state = alloc_state(sizeof(RfmState) +
									core_mul_size((size_t) nwide + room, sizeof(int32_t)));
	size_t		size = value_size(state);

	memcpy(state, old, sizeof(RfmState));
	value_set_size(state, size);
	state->nwide = (uint16_t) nwide;
	if (nwide > 0)
		memset(state->data, 0, nwide * sizeof(int32_t));
	if (old->nwide > 0)
		memcpy(state->data + skip, old->data, old->nwide * sizeof(int32_t));
	memcpy(state->data + nwide, old->data + old->nwide, old->ndays * sizeof(int32_t));
	return state;
}

/* ---- days ---- */

static int
compare_days(const void *a, const void *b)
{
	int32_t		x = *(const int32_t *) a;
	int32_t		y = *(const int32_t *) b;

	return (x > y) - (x < y);
}

static bool
ascending(const int32_t *days, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (days[i] <= days[i - 1])
			return false;
	return true;
}

static void
sort_days(int32_t *days, uint32_t n)
{
	if (n > 32)
	{
		qsort(days, n, sizeof(int32_t), compare_days);
		return;
	}
	for (uint32_t i = 1; i < n; i++)
	{
		int32_t		day = days[i];
		uint32_t	j = i;

		for (; j > 0 && days[j - 1] > day; j--)
			days[j] = days[j - 1];
		days[j] = day;
	}
}

/*
 * Write the distinct days in order to out, which may be where they are; how
 * many they are.  The sorted ones in front are merged with the others.
 */
static uint32_t
merge_days(const int32_t *days, uint32_t n, uint32_t nsorted, int32_t *out)
{
	int32_t    *copy;
	uint32_t	i = 0;
	uint32_t	j = nsorted;
	uint32_t	m = 0;

	if (ascending(days, n))
	{
		if (out != days && n > 0)
			memcpy(out, days, n * sizeof(int32_t));
		return n;
	}
	core_interrupt();
	copy = core_alloc((size_t) n * sizeof(int32_t));
	memcpy(copy, days, (size_t) n * sizeof(int32_t));
	sort_days(copy + nsorted, n - nsorted);
	while (i < nsorted || j < n)
	{
		int32_t		day = j == n || (i < nsorted && copy[i] <= copy[j]) ? copy[i++] : copy[j++];

		if (m == 0 || out[m - 1] != day)
			out[m++] = day;
	}
	core_free(copy);
	return m;
}

/* Make room for a day in a full state, and add it */
RfmState *
rfm_state_add_day_hard(RfmState *state, int32_t day)
{
	uint32_t	room = rfm_state_room(state);
	int32_t    *days = rfm_state_days(state);

	state->ndays = merge_days(days, state->ndays, state->nsorted, days);
	state->nsorted = state->ndays;
	if (state->ndays > room - room / 4)
		state = copy_state(state, state->nwide, 0,
						   (uint32_t) ((core_mul_size(value_size(state), 2) - sizeof(RfmState)) /
									   sizeof(int32_t)) - state->nwide);
	rfm_state_days(state)[state->ndays++] = day;
	return state;
}

/* ---- amounts ---- */

/* Both parts of the sum of two doubles: exact (Knuth) */
static inline void
two_sum(double a, double b, double *sum, double *error)
{
	double		s = a + b;
	double		bb = s - a;

	*sum = s;
	*error = (a - (s - bb)) + (b - bb);
}

void
rfm_state_add_double(RfmState *state, double high, double low)
{
	double		s;
	double		e;
	double		t;
	double		f;

	two_sum(state->sum.twofold.high, high, &s, &e);
	two_sum(state->sum.twofold.low, low, &t, &f);
	e += t;
	two_sum(s, e, &s, &e);
	e += f;
	two_sum(s, e, &s, &e);
	if (!isfinite(s))
		core_throw(CORE_OUT_OF_RANGE, NULL, "sum of amounts is out of range of type double precision");
	/* no negative zero */
	state->sum.twofold.high = s == 0 ? 0 : s;
	state->sum.twofold.low = e == 0 ? 0 : e;
}

/* A sum of 128 bits becomes digits, with room for one more number */
static RfmState *
widen(RfmState *state, int32_t lowest, int32_t highest)
{
	int32_t		nwide;
	uint32_t	skip = 0;
	uint8_t		payload[64];
	RfmState   *wide;
	Decimal		sum;

	/* one digit above takes the carries */
	highest++;
	if (state->nwide > 0)
	{
		if (state->lowest < lowest)
			lowest = state->lowest;
		if (state->lowest + state->nwide - 1 > highest)
			highest = state->lowest + state->nwide - 1;
		/* one more if the highest is about to overflow */
		if (abs(state->data[state->nwide - 1]) >= WIDE_TOP_LIMIT &&
			highest < state->lowest + state->nwide + 1)
			highest = state->lowest + state->nwide + 1;
		skip = (uint32_t) (state->lowest - lowest);
	}
	else
	{
		if (-(int32_t) state->fraction < lowest)
			lowest = -(int32_t) state->fraction;
		if (highest < DECIMAL_NARROW_DIGITS + 2)
			highest = DECIMAL_NARROW_DIGITS + 2;
	}
	nwide = highest - lowest + 1;
	if (nwide > UINT16_MAX)
		core_throw(CORE_OUT_OF_RANGE, NULL, "value overflows numeric format");
	wide = copy_state(state, (uint32_t) nwide, skip, rfm_state_room(state));
	wide->lowest = lowest;
	if (state->nwide > 0)
	{
		/* the old highest digit was signed and unbounded: hand its excess on */
		for (int32_t i = (int32_t) skip + state->nwide - 1; i < nwide - 1; i++)
		{
			int32_t		carry = wide->data[i] / DECIMAL_BASE;

			if (wide->data[i] - carry * DECIMAL_BASE < 0)
				carry--;
			wide->data[i] -= carry * DECIMAL_BASE;
			wide->data[i + 1] += carry;
		}
		return wide;
	}
	decimal_read(&sum, payload, decimal_write_narrow(payload, rfm_state_sum(state),
													 state->fraction, DECIMAL_MAX_DSCALE));
	decimal_wide_add(wide->data, nwide, lowest, &sum);
	rfm_state_set_sum(wide, 0);
	return wide;
}

RfmState *
rfm_state_add_hard(RfmState *state, const Decimal *amount)
{
	int32_t		fraction = decimal_fraction(amount);
	int32_t		lowest = -fraction;

	if (amount->ndigits == 0)
		return state;
	if (state->nwide == 0 && fraction > state->fraction && fraction <= DECIMAL_NARROW_DIGITS)
	{
		/* a finer unit, if the sum allows it */
		int128_t	sum = rfm_state_sum(state);
		bool		fits = true;

		for (int32_t i = state->fraction; fits && i < fraction; i++)
			fits = !__builtin_mul_overflow(sum, DECIMAL_BASE, &sum);
		if (fits)
		{
			int128_t	units;

			rfm_state_set_sum(state, sum);
			state->fraction = (uint8_t) fraction;
			if (decimal_narrow(amount, fraction, &units) &&
				!__builtin_add_overflow(sum, units, &sum))
			{
				rfm_state_set_sum(state, sum);
				return state;
			}
		}
	}
	if (state->nwide == 0 || lowest < state->lowest ||
		amount->weight >= state->lowest + state->nwide - 1 ||
		abs(state->data[state->nwide - 1]) >= WIDE_TOP_LIMIT)
		state = widen(state, lowest, amount->weight);
	decimal_wide_add(state->data, state->nwide, state->lowest, amount);
	return state;
}

RfmState *
rfm_state_add_int(RfmState *state, int64_t amount)
{
	uint8_t		payload[64];
	int128_t	units = amount;
	int128_t	sum;
	Decimal		d;

	for (int i = 0; i < state->fraction && i < 4; i++)
		units *= DECIMAL_BASE;
	if (state->nwide == 0 && state->fraction <= 4 &&
		!__builtin_add_overflow(rfm_state_sum(state), units, &sum))
	{
		rfm_state_set_sum(state, sum);
		return state;
	}
	decimal_read(&d, payload, decimal_write_narrow(payload, amount, 0, 0));
	return rfm_state_add_hard(state, &d);
}

/* ---- whole summaries ---- */

RfmState *
rfm_state_add_summary(RfmState *state, const RfmSummary *s)
{
	RfmDays		days;
	int32_t		day;
	int64_t		orders = state->orders;
	int64_t		sum;
	uint32_t	i = 0;

	if (s->kind == RFM_EXACT)
	{
		Decimal		amount;

		if (decimal_read(&amount, s->amount, s->amount_size) != DECIMAL_FINITE)
			core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_summary: wrong amount");
		state = rfm_state_add_exact(state, &amount);
	}
	else
	{
		double		high;
		double		low;

		rfm_amount_double(s, &high, &low);
		rfm_state_add_double(state, high, low);
	}
	if (s->ndays == 0)
		return state;
	if (__builtin_add_overflow(orders, s->orders, &sum))
		core_throw(CORE_OUT_OF_RANGE, NULL, "number of orders is out of range of type bigint");
	rfm_days_start(&days, s);
	while (rfm_days_next(&days, &day))
	{
		if (++i % 65536 == 0)
			core_interrupt();
		state = rfm_state_add_purchase(state, s->first, day);
	}
	if (s->last > state->last)
		state->last = s->last;
	state->orders = sum;
	return state;
}

#define FEW_DAYS 64

/* The distinct days of a state in order; few has room for FEW_DAYS */
static const int32_t *
days_of(const RfmState *state, int32_t *few, uint32_t *n)
{
	const int32_t *from = state->data + state->nwide;
	int32_t    *days;
	uint32_t	m = 0;

	*n = state->ndays;
	if (ascending(from, *n))
		return from;
	if (*n > FEW_DAYS)
	{
		days = core_alloc(core_mul_size(*n, sizeof(int32_t)));
		*n = merge_days(from, *n, state->nsorted, days);
		return days;
	}
	/* sorted where they are inserted, without duplicates */
	for (uint32_t i = 0; i < *n; i++)
	{
		int32_t		day = from[i];
		uint32_t	j = m;

		while (j > 0 && few[j - 1] > day)
			j--;
		if (j > 0 && few[j - 1] == day)
			continue;
		memmove(few + j + 1, few + j, (m - j) * sizeof(int32_t));
		few[j] = day;
		m++;
	}
	*n = m;
	return few;
}

/* The amount of a state; narrow has room for 64 bytes */
static const uint8_t *
amount_of(const RfmState *state, uint8_t *narrow, size_t *size)
{
	if (state->nwide > 0)
		return decimal_wide_write(state->data, state->nwide, state->lowest, state->dscale, size);
	if (state->kind == RFM_DOUBLE)
	{
		memcpy(narrow, &state->sum.twofold, 16);
		*size = 16;
	}
	else
		*size = decimal_write_narrow(narrow, rfm_state_sum(state), state->fraction, state->dscale);
	return narrow;
}

void *
rfm_state_finish(const RfmState *state)
{
	int32_t		few[FEW_DAYS];
	uint32_t	n;
	const int32_t *days = days_of(state, few, &n);
	uint8_t		narrow[64];
	size_t		amount_size;
	const uint8_t *amount = amount_of(state, narrow, &amount_size);
	uint8_t    *image;
	uint8_t    *p;

	/* a gap of n days takes 1 byte for each 7 bits; 5 at most */
	image = core_alloc(RFM_HEADER_SIZE + amount_size + core_mul_size(n, 5));
	memset(image, 0, RFM_HEADER_SIZE);
	image[4] = RFM_VERSION;
	image[5] = RFM_FORM_SUMMARY;
	image[6] = state->kind;
	store64(image + 8, (uint64_t) state->orders);
	store64(image + 16, (uint64_t) state->first);
	store64(image + 24, (uint64_t) state->last);
	store32(image + 32, n);
	store32(image + 36, (uint32_t) amount_size);
	memcpy(image + RFM_HEADER_SIZE, amount, amount_size);
	p = image + RFM_HEADER_SIZE + amount_size;
	for (uint32_t i = 1; i < n; i++)
	{
		/* a state that was stored may be damaged: no gap takes more than is there */
		if (days[i] <= days[i - 1])
			rfm_state_corrupt();
		p = varint_put(p, (uint64_t) ((int64_t) days[i] - days[i - 1]));
	}
	value_set_size(image, (size_t) (p - image));
	if (amount != narrow)
		core_free((void *) amount);
	if (days != few && days != state->data + state->nwide)
		core_free((void *) days);
	return image;
}
