/*
 * rfm_summary.h
 *	  One customer's orders as one value: layout, invariants, core functions.
 *
 * The image, little-endian, offsets from the varlena length word:
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, RFM_VERSION
 *	 5	uint8	form, RFM_FORM_SUMMARY
 *	 6	uint8	kind of the amount, RFM_EXACT or RFM_DOUBLE
 *	 7	uint8	zero
 *	 8	int64	number of purchases
 *	16	int64	first purchase, microseconds since 2000-01-01, local time
 *	24	int64	last purchase; both 0 when there is none
 *	32	uint32	number of distinct purchase days
 *	36	uint32	bytes of the amount
 *	40	the amount: RFM_EXACT, the payload of a numeric (value_decimal.h);
 *		RFM_DOUBLE, two doubles, high and low, whose exact sum it is
 *	..	days from each purchase day to the next, LEB128, at least 1 each
 *
 * There are at least as many purchases as days, and days if there are
 * purchases; the day of the first purchase and the gaps end at the day of the
 * last.  So one multiset of orders has one image, but for sums of doubles.
 *
 * A state under construction (RFM_FORM_STATE) is RfmState below.
 */
#ifndef PORTRAIT_RFM_SUMMARY_H
#define PORTRAIT_RFM_SUMMARY_H

#include "common/core.h"
#include "value/value_decimal.h"

#define RFM_VERSION 1

#define RFM_FORM_SUMMARY 0
#define RFM_FORM_STATE 1

#define RFM_EXACT 0
#define RFM_DOUBLE 1

#define RFM_HEADER_SIZE 40

/* Functions take the payload: what follows the length word */
#define RFM_PAYLOAD(offset) ((offset) - 4)

#define RFM_USECS_PER_DAY INT64_C(86400000000)

/* The times of a timestamp: from 4714-11-24 BC to before 294277-01-01 */
#define RFM_MIN_TIME (-INT64_C(211813488000000000))
#define RFM_END_TIME INT64_C(9223371331200000000)
#define RFM_MIN_DAY ((int32_t) (RFM_MIN_TIME / RFM_USECS_PER_DAY))
#define RFM_END_DAY ((int32_t) (RFM_END_TIME / RFM_USECS_PER_DAY))

/* The varlena length word of a value made by the core, as segment_set_size() */
static inline void
value_set_size(void *value, size_t size)
{
	store32(value, (uint32_t) size << 2);
}

static inline size_t
value_size(const void *value)
{
	return load32(value) >> 2;
}

/* Days since 2000-01-01 of a time */
static inline int32_t
rfm_day(int64_t time)
{
	int64_t		day = time / RFM_USECS_PER_DAY;

	return (int32_t) (day - (time < day * RFM_USECS_PER_DAY));
}

/* An opened summary: numbers, and pointers into its bytes */
typedef struct RfmSummary
{
	int			kind;
	int64_t		orders;
	int64_t		first;
	int64_t		last;
	uint32_t	ndays;
	const uint8_t *amount;
	size_t		amount_size;
	const uint8_t *gaps;
	const uint8_t *end;
} RfmSummary;

/* ---- rfm_summary.c ---- */

/*
 * Open a stored value (RFM_FORM_SUMMARY).  Throws CORE_CORRUPT when its parts
 * are not inside it.
 */
extern void rfm_open(RfmSummary *summary, const uint8_t *payload, size_t size);

/* Is this the image of a summary?  If not, tells why (CORE_BAD_BINARY). */
extern bool rfm_check(const uint8_t *payload, size_t size, CoreError *error);

/* The parts of an amount of kind RFM_DOUBLE */
extern void rfm_amount_double(const RfmSummary *summary, double *high, double *low);

/* Walk over the purchase days */
typedef struct RfmDays
{
	const uint8_t *p;
	const uint8_t *end;
	uint32_t	left;			/* days not yet given */
	int64_t		day;
	bool		first;
} RfmDays;

extern void rfm_days_start(RfmDays *days, const RfmSummary *summary);
extern bool rfm_days_next(RfmDays *days, int32_t *day);

/* The gaps, ndays - 1 of them, in order, by core_alloc; *n tells how many */
extern int32_t *rfm_gaps(const RfmSummary *summary, uint32_t *n);
/* The purchase day before the last; there must be two */
extern int32_t rfm_previous_day(const RfmSummary *summary);
/* Sorts the gaps.  There must be one. */
extern double rfm_median(int32_t *gaps, uint32_t n);

/* ---- rfm_text.c ---- */

extern char *rfm_print(const RfmSummary *summary);
/* The value, by core_alloc, or NULL and the error */
extern void *rfm_parse(const char *text, CoreError *error);

/* Days since 2000-01-01 as yyyy-mm-dd, astronomical year, at most 16 characters */
extern int	rfm_print_day(char *out, int32_t day);

/* ---- rfm_state.c: a summary that grows ---- */

/*
 * 64 bytes of counters; when the sum left the 128 bits, its digits (nwide of
 * them); then purchase days as they came, of which the first nsorted are
 * ascending and distinct.  Allocated with room for more days.
 */
typedef struct RfmState
{
	int32_t		vl_len_;		/* varlena header (do not touch directly!) */
	uint8_t		version;
	uint8_t		form;			/* RFM_FORM_STATE */
	uint8_t		kind;
	uint8_t		fraction;		/* sum is in units of 10000^-fraction */
	int64_t		orders;
	int64_t		first;
	int64_t		last;
	union
	{
		struct
		{
			uint64_t	low;
			int64_t		high;
		}			exact;
		struct
		{
			double		high;
			double		low;
		}			twofold;
	}			sum;
	uint32_t	ndays;
	uint32_t	nsorted;
	uint16_t	dscale;
	uint16_t	nwide;			/* 0: the sum is in sum.exact */
	int32_t		lowest;			/* weight of the lowest wide digit */
	int32_t		data[];
} RfmState;

/*
 * All functions that add may give back another state, larger and by
 * core_alloc; the old one is left alone then.
 */
extern RfmState *rfm_state_new(int kind);

extern void rfm_state_corrupt(void) __attribute__((noreturn, cold));

/* Is this a state, of that many bytes and aligned?  Throws CORE_CORRUPT. */
static inline void
rfm_state_check(const RfmState *state, size_t size)
{
	size_t		room = size < sizeof(RfmState) ? 0 : (size - sizeof(RfmState)) / sizeof(int32_t);

	if (size < sizeof(RfmState) || state->version != RFM_VERSION ||
		state->form != RFM_FORM_STATE || state->kind > RFM_DOUBLE ||
		state->nwide > room || state->ndays > room - state->nwide ||
		state->nsorted > state->ndays || (state->orders > 0) != (state->ndays > 0) ||
		state->fraction > DECIMAL_NARROW_DIGITS || state->dscale > DECIMAL_MAX_DSCALE ||
		(state->nwide > 0 && (state->lowest > DECIMAL_MAX_WEIGHT || state->lowest < INT16_MIN)))
		rfm_state_corrupt();
}

extern RfmState *rfm_state_add_summary(RfmState *state, const RfmSummary *summary);

/* Slow paths of the functions below */
extern RfmState *rfm_state_add_hard(RfmState *state, const Decimal *amount);
extern RfmState *rfm_state_add_day_hard(RfmState *state, int32_t day);

/* The summary, by core_alloc; the state stays as it is */
extern void *rfm_state_finish(const RfmState *state);

static inline int128_t
rfm_state_sum(const RfmState *state)
{
	return (int128_t) ((uint128_t) (uint64_t) state->sum.exact.high << 64 | state->sum.exact.low);
}

static inline void
rfm_state_set_sum(RfmState *state, int128_t sum)
{
	state->sum.exact.low = (uint64_t) sum;
	state->sum.exact.high = (int64_t) (sum >> 64);
}

/* Room for days */
static inline uint32_t
rfm_state_room(const RfmState *state)
{
	return (uint32_t) ((value_size(state) - sizeof(RfmState)) / sizeof(int32_t)) - state->nwide;
}

static inline int32_t *
rfm_state_days(RfmState *state)
{
	return state->data + state->nwide;
}

/* One purchase at a time; its day is known */
static inline RfmState *
rfm_state_add_purchase(RfmState *state, int64_t time, int32_t day)
{
	uint32_t	n = state->ndays;
	int32_t    *days = rfm_state_days(state);

	if (state->orders == 0)
		state->first = state->last = time;
	else
	{
		if (time < state->first)
			state->first = time;
		if (time > state->last)
			state->last = time;
	}
	if (state->orders == INT64_MAX)
		core_throw(CORE_OUT_OF_RANGE, NULL, "number of orders is out of range of type bigint");
	state->orders++;
	if (n > 0 && days[n - 1] == day)
		return state;
	if (n == rfm_state_room(state))
		return rfm_state_add_day_hard(state, day);
	days[n] = day;
	state->ndays = n + 1;
	return state;
}

/* Change the amount of a state of kind RFM_EXACT */
static inline RfmState *
rfm_state_add_exact(RfmState *state, const Decimal *amount)
{
	int128_t	units;
	int128_t	sum;

	if (amount->dscale > state->dscale)
		state->dscale = amount->dscale;
	if (decimal_fraction(amount) <= state->fraction && state->nwide == 0 &&
		decimal_narrow(amount, state->fraction, &units) &&
		!__builtin_add_overflow(rfm_state_sum(state), units, &sum))
	{
		rfm_state_set_sum(state, sum);
		return state;
	}
	return rfm_state_add_hard(state, amount);
}

extern RfmState *rfm_state_add_int(RfmState *state, int64_t amount);

/* Change the amount of a state of kind RFM_DOUBLE: finite; throws when the sum is not */
extern void rfm_state_add_double(RfmState *state, double high, double low);

#endif							/* PORTRAIT_RFM_SUMMARY_H */
