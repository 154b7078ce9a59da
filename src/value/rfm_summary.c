/*
 * rfm_summary.c
 *	  Reading summaries: opening, checking, the purchase days.
 */
#include "value/rfm_summary.h"

#include <math.h>

#include "value/value_text.h"

static const char *
try_open(RfmSummary *s, const uint8_t *p, size_t size)
{
	if (size < RFM_PAYLOAD(RFM_HEADER_SIZE))
		return "it is too short";
	if (p[RFM_PAYLOAD(4)] != RFM_VERSION)
		return "unknown version";
	if (p[RFM_PAYLOAD(5)] != RFM_FORM_SUMMARY || p[RFM_PAYLOAD(7)] != 0)
		return "unknown form";
	s->kind = p[RFM_PAYLOAD(6)];
	s->orders = (int64_t) load64(p + RFM_PAYLOAD(8));
	s->first = (int64_t) load64(p + RFM_PAYLOAD(16));
	s->last = (int64_t) load64(p + RFM_PAYLOAD(24));
	s->ndays = load32(p + RFM_PAYLOAD(32));
	s->amount_size = load32(p + RFM_PAYLOAD(36));
	s->amount = p + RFM_PAYLOAD(RFM_HEADER_SIZE);
	s->end = p + size;
	if (s->amount_size > size - RFM_PAYLOAD(RFM_HEADER_SIZE) || s->amount_size < 2 ||
		s->kind > RFM_DOUBLE || (s->kind == RFM_DOUBLE && s->amount_size != 16))
		return "wrong amount";
	s->gaps = s->amount + s->amount_size;
	if ((s->ndays == 0 ? 0 : s->ndays - 1) > (size_t) (s->end - s->gaps))
		return "fewer gaps than days";
	return NULL;
}

void
rfm_open(RfmSummary *s, const uint8_t *payload, size_t size)
{
	const char *problem = try_open(s, payload, size);

	if (problem != NULL)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_summary: %s", problem);
}

void
rfm_amount_double(const RfmSummary *s, double *high, double *low)
{
	memcpy(high, s->amount, sizeof(double));
	memcpy(low, s->amount + sizeof(double), sizeof(double));
}

static bool
amount_is_good(const RfmSummary *s)
{
	double		high;
	double		low;

	if (s->kind == RFM_EXACT)
		return decimal_check(s->amount, s->amount_size);
	rfm_amount_double(s, &high, &low);
	return isfinite(high) && isfinite(low) && high + low == high &&
		!(high == 0 && signbit(high)) && !(low == 0 && signbit(low));
}

/* The gaps end at the last day, and at the end of the value */
static const char *
check_days(const RfmSummary *s)
{
	const uint8_t *p = s->gaps;
	int64_t		day;

	if (s->ndays == 0)
		return s->first != 0 || s->last != 0 || p != s->end ?
			"days of a customer without purchases" : NULL;
	if (s->first < RFM_MIN_TIME || s->first > s->last || s->last >= RFM_END_TIME)
		return "times out of range";
	day = rfm_day(s->first);
	for (uint32_t i = 1; i < s->ndays; i++)
	{
		uint64_t	gap;

		if (i % 65536 == 0)
			core_interrupt();
		p = varint_get(p, s->end, &gap);
		if (p == NULL || gap == 0 || gap > INT32_MAX)
			return "wrong gap between days";
		day += (int64_t) gap;
	}
	return day != rfm_day(s->last) || p != s->end ?
		"gaps that do not end at the last purchase" : NULL;
}

bool
rfm_check(const uint8_t *payload, size_t size, CoreError *error)
{
	RfmSummary	s;
	const char *problem = try_open(&s, payload, size);

	if (problem == NULL && (s.orders < (int64_t) s.ndays || (s.orders > 0) != (s.ndays > 0)))
		problem = "number of purchases that does not go with the days";
	if (problem == NULL && !amount_is_good(&s))
		problem = "wrong amount";
	if (problem == NULL)
		problem = check_days(&s);
	if (problem == NULL)
		return true;
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type rfm_summary");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}

/* ---- days ---- */

void
rfm_days_start(RfmDays *days, const RfmSummary *s)
{
	days->p = s->gaps;
	days->end = s->end;
	days->left = s->ndays;
	days->day = rfm_day(s->first);
	days->first = true;
}

bool
rfm_days_next(RfmDays *days, int32_t *day)
{
	uint64_t	gap;

	if (days->left == 0)
		return false;
	if (!days->first)
	{
		days->p = varint_get(days->p, days->end, &gap);
		if (days->p == NULL || gap == 0 || gap > INT32_MAX || days->day + (int64_t) gap >= RFM_END_DAY)
			core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_summary: wrong gap");
		days->day += (int64_t) gap;
	}
	days->first = false;
	days->left--;
	*day = (int32_t) days->day;
	return true;
}

int32_t *
rfm_gaps(const RfmSummary *s, uint32_t *n)
{
	int32_t    *gaps;
	RfmDays		days;
	int32_t		before = 0;
	int32_t		day;

	*n = s->ndays > 0 ? s->ndays - 1 : 0;
	gaps = core_alloc(core_mul_size(*n, sizeof(int32_t)) + 1);
	rfm_days_start(&days, s);
	for (uint32_t i = 0; rfm_days_next(&days, &day); i++)
	{
		if (i % 65536 == 65535)
			core_interrupt();
		if (i > 0)
			gaps[i - 1] = day - before;
		before = day;
	}
	return gaps;
}

/* The last number ends at the end: go back to where it starts */
int32_t
rfm_previous_day(const RfmSummary *s)
{
	const uint8_t *p = s->end - 1;
	uint64_t	gap = 0;

	while (p > s->gaps && (p[-1] & 0x80) != 0)
		p--;
	if (varint_get(p, s->end, &gap) != s->end || gap > INT32_MAX)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_summary: wrong gap");
	return (int32_t) (rfm_day(s->last) - (int64_t) gap);
}

/* Move the k-th smallest to its place, and no larger ones before it (Hoare) */
static void
select_gap(int32_t *gaps, int64_t n, int64_t k)
{
	int64_t		lo = 0;
	int64_t		hi = n - 1;

	while (lo < hi)
	{
		int32_t		pivot = gaps[lo + (hi - lo) / 2];
		int64_t		i = lo;
		int64_t		j = hi;

		core_interrupt();
		while (i <= j)
		{
			while (gaps[i] < pivot)
				i++;
			while (gaps[j] > pivot)
				j--;
			if (i <= j)
			{
				int32_t		swap = gaps[i];

				gaps[i++] = gaps[j];
				gaps[j--] = swap;
			}
		}
		if (k <= j)
			hi = j;
		else if (k >= i)
			lo = i;
		else
			return;
	}
}

double
rfm_median(int32_t *gaps, uint32_t n)
{
	uint32_t	k = n / 2;
	int32_t		below;

	select_gap(gaps, n, k);
	if (n % 2 == 1)
		return gaps[k];
	below = gaps[0];
	for (uint32_t i = 1; i < k; i++)
		if (gaps[i] > below)
			below = gaps[i];
	return ((double) below + gaps[k]) / 2;
}
