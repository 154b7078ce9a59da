/*
 * lifecycle.c
 *	  Stages of a customer's life, see lifecycle.h.
 *
 * Text of lifecycle_flow, stages without customers left out:
 *
 *	{"active": {"active": 10, "at_risk": 3}, "lost": {"returning": 1}}
 */
#include "value/lifecycle.h"

#include <math.h>

#include "value/value_text.h"

const char *const stage_labels[STAGES][3] = {
	{"prospect", "Prospect", "潜在"},
	{"new", "New", "新客"},
	{"active", "Active", "活跃"},
	{"returning", "Returning", "回流"},
	{"at_risk", "At risk", "流失风险"},
	{"dormant", "Dormant", "沉睡"},
	{"lost", "Lost", "流失"},
};

const char *
lifecycle_check(const LifecycleRules *rules, double population_gap)
{
	if (!(population_gap > 0) || !isfinite(population_gap))
		return "population_gap must be above 0 and finite";
	if (rules->new_days < 0)
		return "new_days must not be negative";
	if (!(rules->shrinkage >= 0) || !isfinite(rules->shrinkage))
		return "shrinkage must not be negative, and finite";
	if (!(rules->active > 0 && rules->active <= rules->at_risk &&
		  rules->at_risk <= rules->dormant && isfinite(rules->dormant)))
		return "active, at_risk and dormant must be above 0, finite, and not descend";
	return NULL;
}

/* The mean of n gaps, as if the population's gap had been seen "shrinkage" times besides */
static double
shrunk(int64_t sum, int64_t n, double population_gap, double shrinkage)
{
	double		weight = (double) n + shrinkage;

	return weight > 0 ? ((double) sum + shrinkage * population_gap) / weight : population_gap;
}

Stage
lifecycle_stage(const RfmSummary *s, int32_t as_of, double population_gap,
				const LifecycleRules *rules)
{
	int32_t		first = rfm_day(s->first);
	int32_t		last = rfm_day(s->last);
	int64_t		n = (int64_t) s->ndays - 1;
	int64_t		sum = (int64_t) last - first;
	double		silence;
	int64_t		gap;

	if (s->ndays == 0)
		return STAGE_PROSPECT;
	if ((int64_t) as_of - first <= rules->new_days)
		return STAGE_NEW;
	silence = (double) ((int64_t) as_of - last) /
		shrunk(sum, n, population_gap, rules->shrinkage);
	if (silence > rules->dormant)
		return STAGE_LOST;
	if (silence > rules->at_risk)
		return STAGE_DORMANT;
	if (silence > rules->active)
		return STAGE_AT_RISK;
	if (n == 0)
		return STAGE_ACTIVE;
	/* was the customer gone before the last purchase, by what was known then? */
	gap = (int64_t) last - rfm_previous_day(s);
	return (double) gap > rules->dormant *
		shrunk(sum - gap, n - 1, population_gap, rules->shrinkage) ?
		STAGE_RETURNING : STAGE_ACTIVE;
}

int
stage_find(const char *code, size_t length)
{
	for (int i = 0; i < STAGES; i++)
		if (strlen(stage_labels[i][0]) == length &&
			memcmp(stage_labels[i][0], code, length) == 0)
			return i;
	return -1;
}

/* ---- lifecycle_flow ---- */

void *
flow_new(void)
{
	uint8_t    *value = core_alloc(FLOW_SIZE);

	memset(value, 0, FLOW_SIZE);
	value_set_size(value, FLOW_SIZE);
	value[4] = FLOW_VERSION;
	return value;
}

const char *
flow_try_open(const uint8_t *payload, size_t size)
{
	if (size != FLOW_SIZE - 4)
		return "wrong size";
	if (payload[0] != FLOW_VERSION || payload[1] != 0 || load16(payload + 2) != 0)
		return "unknown version";
	return NULL;
}

/* The sum of all fits into an int64, so that every sum of them does */
static bool
counts_are_good(const uint8_t *payload)
{
	int64_t		total = 0;

	for (int i = 0; i < STAGES * STAGES; i++)
	{
		int64_t		n = (int64_t) load64(payload + 4 + 8 * i);

		if (n < 0 || __builtin_add_overflow(total, n, &total))
			return false;
	}
	return true;
}

bool
flow_check(const uint8_t *payload, size_t size, CoreError *error)
{
	const char *problem = flow_try_open(payload, size);

	if (problem == NULL && !counts_are_good(payload))
		problem = "counts out of range";
	if (problem == NULL)
		return true;
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type lifecycle_flow");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}

char *
flow_print(const uint8_t *payload)
{
	TextOut		out;
	bool		any = false;

	text_out_start(&out);
	text_out(&out, "{");
	for (int from = 0; from < STAGES; from++)
	{
		bool		row = false;

		for (int to = 0; to < STAGES; to++)
		{
			int64_t		n = (int64_t) load64(payload + 4 + 8 * (from * STAGES + to));

			if (n == 0)
				continue;
			if (!row)
				text_out(&out, "%s\"%s\": {", any ? ", " : "", stage_labels[from][0]);
			text_out(&out, "%s\"%s\": %lld", row ? ", " : "", stage_labels[to][0], (long long) n);
			row = any = true;
		}
		if (row)
			text_out(&out, "}");
	}
	text_out(&out, "}");
	return out.text;
}

/* A stage in quotes and a colon; later in the list than the one before */
static bool
parse_stage(TextIn *in, int *stage, int before)
{
	const char *codes[STAGES];

	for (int i = 0; i < STAGES; i++)
		codes[i] = stage_labels[i][0];
	if (!text_in_name(in, codes, STAGES, stage) || !text_in_char(in, ':'))
		return false;
	return *stage > before || text_in_wrong(in, "stages out of order");
}

static bool
parse_row(TextIn *in, void *value, int from)
{
	int			to = -1;
	int64_t		n;

	if (!text_in_char(in, '{'))
		return false;
	do
	{
		if (!parse_stage(in, &to, to) || !text_in_int(in, 1, INT64_MAX, &n))
			return false;
		store64(flow_place(value, from, to), (uint64_t) n);
	} while (text_in_maybe(in, ','));
	return text_in_char(in, '}');
}

void *
flow_parse(const char *text, CoreError *error)
{
	TextIn		in;
	int			from = -1;
	uint8_t    *value = flow_new();

	text_in_start(&in, text, "lifecycle_flow", error);
	if (!text_in_char(&in, '{'))
		return NULL;
	if (!text_in_maybe(&in, '}'))
	{
		do
		{
			if (!parse_stage(&in, &from, from) || !parse_row(&in, value, from))
				return NULL;
		} while (text_in_maybe(&in, ','));
		if (!text_in_char(&in, '}'))
			return NULL;
	}
	if (!text_in_end(&in))
		return NULL;
	if (!counts_are_good(value + 4))
	{
		text_in_wrong(&in, "counts out of range");
		return NULL;
	}
	return value;
}
