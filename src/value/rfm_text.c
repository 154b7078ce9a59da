/*
 * rfm_text.c
 *	  Text of rfm_summary.
 *
 *	{"orders": 3, "first": "2010-12-01 08:26:00", "last": "2011-02-01 00:00:00",
 *	 "amount": 129.50, "gaps": [3, 59]}
 *
 * Without purchases there is neither first nor last nor gaps.  An amount of
 * double precision is "amount_double": [high, low].  Years are astronomical:
 * 0000 is 1 BC, -0001 is 2 BC.
 */
#include "value/rfm_summary.h"

#include <math.h>
#include <stdio.h>

#include "common/civil.h"
#include "value/value_text.h"

int
rfm_print_day(char *out, int32_t day)
{
	int64_t		year;
	int			month;
	int			mday;

	day_to_civil(day, &year, &month, &mday);
	return sprintf(out, "%s%04d-%02d-%02d", year < 0 ? "-" : "",
				   (int) (year < 0 ? -year : year), month, mday);
}

static void
print_time(TextOut *out, int64_t time)
{
	char		date[32];
	int32_t		day = rfm_day(time);
	int64_t		usec = time - day * RFM_USECS_PER_DAY;
	int			fraction = (int) (usec % 1000000);
	int			second = (int) (usec / 1000000);
	char		digits[8] = "";

	rfm_print_day(date, day);
	if (fraction > 0)
	{
		int			n = sprintf(digits, ".%06d", fraction);

		while (digits[n - 1] == '0')
			digits[--n] = '\0';
	}
	text_out(out, "\"%s %02d:%02d:%02d%s\"", date, second / 3600, second / 60 % 60,
			 second % 60, digits);
}

/* ---- reading times ---- */

/* A run of min to max digits */
static bool
take_digits(const char **p, int min, int max, int *value)
{
	int			n = 0;

	*value = 0;
	for (; n < max && (*p)[n] >= '0' && (*p)[n] <= '9'; n++)
		*value = *value * 10 + ((*p)[n] - '0');
	*p += n;
	return n >= min;
}

static bool
take_one(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static bool
take_time_of_day(const char **p, int64_t *usec)
{
	int			h;
	int			m;
	int			s;
	int			fraction = 0;

	if (!take_digits(p, 2, 2, &h) || !take_one(p, ':') || !take_digits(p, 2, 2, &m) ||
		!take_one(p, ':') || !take_digits(p, 2, 2, &s) || h > 23 || m > 59 || s > 59)
		return false;
	if (take_one(p, '.'))
	{
		const char *start = *p;

		if (!take_digits(p, 1, 6, &fraction))
			return false;
		for (int n = (int) (*p - start); n < 6; n++)
			fraction *= 10;
	}
	*usec = (((int64_t) h * 60 + m) * 60 + s) * 1000000 + fraction;
	return true;
}

/* yyyy-mm-dd hh:mm:ss.ffffff, and a day that there is */
static bool
read_time(const char *text, int64_t *time)
{
	bool		negative = take_one(&text, '-');
	int			year;
	int			month;
	int			mday;
	int			month_again;
	int			mday_again;
	int64_t		year_again;
	int64_t		day;
	int64_t		usec;

	if (!take_digits(&text, 4, 6, &year) || !take_one(&text, '-') ||
		!take_digits(&text, 2, 2, &month) || !take_one(&text, '-') ||
		!take_digits(&text, 2, 2, &mday) || !take_one(&text, ' ') ||
		!take_time_of_day(&text, &usec) || *text != '\0' ||
		month < 1 || month > 12 || mday < 1 || mday > 31)
		return false;
	day = civil_to_day(negative ? -year : year, month, mday);
	day_to_civil(day, &year_again, &month_again, &mday_again);
	if (month_again != month || mday_again != mday || day < RFM_MIN_DAY || day >= RFM_END_DAY)
		return false;
	*time = day * RFM_USECS_PER_DAY + usec;
	return true;
}

static bool
text_in_time(TextIn *in, int64_t *time)
{
	char		text[40];
	size_t		length;
	const char *start = in->p;

	if (!text_in_string(in, text, sizeof(text) - 1, &length))
		return false;
	text[length] = '\0';
	if (read_time(text, time))
		return true;
	in->p = start;
	return text_in_fail(in, "a time such as \"2010-12-01 08:26:00\"");
}

/* ---- summaries ---- */

static void
print_amount(TextOut *out, const RfmSummary *s)
{
	if (s->kind == RFM_DOUBLE)
	{
		double		high;
		double		low;

		rfm_amount_double(s, &high, &low);
		text_out(out, ", \"amount_double\": [");
		text_out_double(out, high);
		text_out(out, ", ");
		text_out_double(out, low);
		text_out(out, "]");
	}
	else
	{
		Decimal		amount;
		char	   *text;

		if (decimal_read(&amount, s->amount, s->amount_size) != DECIMAL_FINITE)
			core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_summary: wrong amount");
		text = decimal_print(&amount);
		text_out(out, ", \"amount\": %s", text);
		core_free(text);
	}
}

char *
rfm_print(const RfmSummary *s)
{
	TextOut		out;
	RfmDays		days;
	int32_t		day;
	int64_t		before = 0;

	text_out_start(&out);
	text_out(&out, "{\"orders\": %lld", (long long) s->orders);
	if (s->orders != 0)
	{
		text_out(&out, ", \"first\": ");
		print_time(&out, s->first);
		text_out(&out, ", \"last\": ");
		print_time(&out, s->last);
	}
	print_amount(&out, s);
	if (s->orders != 0)
	{
		text_out(&out, ", \"gaps\": [");
		rfm_days_start(&days, s);
		for (uint32_t i = 0; rfm_days_next(&days, &day); i++)
		{
			if (i % 4096 == 4095)
				core_interrupt();
			if (i > 0)
				text_out(&out, i > 1 ? ", %lld" : "%lld", (long long) (day - before));
			before = day;
		}
		text_out(&out, "]");
	}
	text_out(&out, "}");
	return out.text;
}

static bool
parse_amount(TextIn *in, int *kind, uint8_t **amount, size_t *size)
{
	double		parts[2];

	if (!text_in_char(in, ','))
		return false;
	text_in_space(in);
	if (strncmp(in->p, "\"amount_double\"", 15) != 0)
	{
		if (!text_in_key(in, "amount", true))
			return false;
		text_in_space(in);
		*kind = RFM_EXACT;
		*amount = decimal_parse(&in->p, size);
		return *amount != NULL || text_in_fail(in, "a number");
	}
	*kind = RFM_DOUBLE;
	if (!text_in_key(in, "amount_double", true) || !text_in_char(in, '[') ||
		!text_in_double(in, &parts[0]) || !text_in_char(in, ',') ||
		!text_in_double(in, &parts[1]) || !text_in_char(in, ']'))
		return false;
	*size = sizeof(parts);
	*amount = core_alloc(sizeof(parts));
	memcpy(*amount, parts, sizeof(parts));
	return true;
}

/* The gaps behind "[", packed; *n is how many */
static bool
parse_gaps(TextIn *in, uint8_t **packed, size_t *size, uint32_t *n)
{
	size_t		room = 64;
	int64_t		gap;

	*n = 0;
	*size = 0;
	*packed = core_alloc(room);
	if (text_in_maybe(in, ']'))
		return true;
	do
	{
		if (!text_in_int(in, 1, INT32_MAX, &gap))
			return false;
		if (*n % 4096 == 4095)
			core_interrupt();
		if (room - *size < 5)
			*packed = core_realloc(*packed, room = core_mul_size(room, 2));
		*size = (size_t) (varint_put(*packed + *size, (uint64_t) gap) - *packed);
		(*n)++;
	} while (text_in_maybe(in, ','));
	return text_in_char(in, ']');
}

void *
rfm_parse(const char *text, CoreError *error)
{
	TextIn		in;
	int64_t		orders = 0;
	int64_t		first = 0;
	int64_t		last = 0;
	int			kind = 0;
	uint8_t    *amount = NULL;
	size_t		amount_size = 0;
	uint8_t    *gaps = NULL;
	size_t		gaps_size = 0;
	uint32_t	n = 0;
	uint8_t    *image;
	size_t		size;
	CoreError	problem;

	text_in_start(&in, text, "rfm_summary", error);
	if (!text_in_char(&in, '{') || !text_in_key(&in, "orders", true) ||
		!text_in_int(&in, 0, INT64_MAX, &orders))
		return NULL;
	if (orders > 0 && !(text_in_key(&in, "first", false) && text_in_time(&in, &first) &&
						text_in_key(&in, "last", false) && text_in_time(&in, &last)))
		return NULL;
	if (!parse_amount(&in, &kind, &amount, &amount_size))
		return NULL;
	if (orders > 0 && !(text_in_key(&in, "gaps", false) && text_in_char(&in, '[') &&
						parse_gaps(&in, &gaps, &gaps_size, &n)))
		return NULL;
	if (!text_in_char(&in, '}') || !text_in_end(&in))
		return NULL;

	size = RFM_HEADER_SIZE + amount_size + gaps_size;
	image = core_alloc(size);
	memset(image, 0, RFM_HEADER_SIZE);
	value_set_size(image, size);
	image[4] = RFM_VERSION;
	image[6] = (uint8_t) kind;
	store64(image + 8, (uint64_t) orders);
	store64(image + 16, (uint64_t) first);
	store64(image + 24, (uint64_t) last);
	store32(image + 32, orders > 0 ? n + 1 : 0);
	store32(image + 36, (uint32_t) amount_size);
	memcpy(image + RFM_HEADER_SIZE, amount, amount_size);
	if (gaps_size > 0)
		memcpy(image + RFM_HEADER_SIZE + amount_size, gaps, gaps_size);
	core_free(amount);
	core_free(gaps);
	if (rfm_check(image + 4, size - 4, &problem))
		return image;
	core_free(image);
	text_in_wrong(&in, "days, purchases and amount do not go together");
	return NULL;
}
