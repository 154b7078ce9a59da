/*
 * rfm_scheme.c
 *	  The shipped schemes, see rfm_scheme.h.
 */
#include "value/rfm_scheme.h"

const char *const rfm_scheme_names[RFM_SCHEMES] = {"putler", "rfm8", "shopify"};
const char *const rfm_language_names[RFM_LANGUAGES] = {"code", "en", "zh"};

/* ---- putler: eleven groups ---- */

enum
{
	CHAMPIONS, LOYAL_CUSTOMERS, POTENTIAL_LOYALIST, NEW_CUSTOMERS, PROMISING,
	NEED_ATTENTION, ABOUT_TO_SLEEP, AT_RISK, CANT_LOSE_THEM, HIBERNATING, LOST
};

static const char *const putler_labels[][RFM_LANGUAGES] = {
	{"champions", "Champions", "冠军客户"},
	{"loyal_customers", "Loyal customers", "忠诚客户"},
	{"potential_loyalist", "Potential loyalists", "潜在忠诚客户"},
	{"new_customers", "New customers", "新客户"},
	{"promising", "Promising", "有希望的客户"},
	{"need_attention", "Need attention", "需要关注的客户"},
	{"about_to_sleep", "About to sleep", "即将沉睡的客户"},
	{"at_risk", "At risk", "有流失风险的客户"},
	{"cant_lose_them", "Can't lose them", "不能失去的客户"},
	{"hibernating", "Hibernating", "休眠客户"},
	{"lost", "Lost", "已流失客户"},
};

static const RfmRule putler_rules[] = {
	{5, 5, 4, 5, CHAMPIONS},
	{5, 5, 2, 3, POTENTIAL_LOYALIST},
	{5, 5, 1, 1, NEW_CUSTOMERS},
	{4, 4, 4, 5, LOYAL_CUSTOMERS},
	{4, 4, 2, 3, POTENTIAL_LOYALIST},
	{4, 4, 1, 1, PROMISING},
	{3, 3, 4, 5, LOYAL_CUSTOMERS},
	{3, 3, 3, 3, NEED_ATTENTION},
	{3, 3, 1, 2, ABOUT_TO_SLEEP},
	{1, 2, 5, 5, CANT_LOSE_THEM},
	{1, 2, 3, 4, AT_RISK},
	{1, 2, 2, 2, HIBERNATING},
	{2, 2, 1, 1, HIBERNATING},
	{1, 1, 1, 1, LOST},
};

/* ---- shopify: its eleven groups by the same x and y ---- */

enum
{
	S_CHAMPIONS, S_LOYAL, S_ACTIVE, S_NEW, S_PROMISING, S_NEEDS_ATTENTION, S_ALMOST_LOST,
	S_AT_RISK, S_PREVIOUSLY_LOYAL, S_DORMANT, S_PROSPECTS
};

static const char *const shopify_labels[][RFM_LANGUAGES] = {
	{"champions", "Champions", "冠军客户"},
	{"loyal", "Loyal", "忠诚客户"},
	{"active", "Active", "活跃客户"},
	{"new", "New", "新客户"},
	{"promising", "Promising", "有希望的客户"},
	{"needs_attention", "Needs attention", "需要关注的客户"},
	{"almost_lost", "Almost lost", "即将流失的客户"},
	{"at_risk", "At risk", "有流失风险的客户"},
	{"previously_loyal", "Previously loyal", "曾经忠诚的客户"},
	{"dormant", "Dormant", "休眠客户"},
	{"prospects", "Prospects", "潜在客户"},
};

static const RfmRule shopify_rules[] = {
	{5, 5, 4, 5, S_CHAMPIONS},
	{5, 5, 2, 3, S_ACTIVE},
	{5, 5, 1, 1, S_NEW},
	{4, 4, 4, 5, S_LOYAL},
	{4, 4, 2, 3, S_ACTIVE},
	{4, 4, 1, 1, S_PROMISING},
	{3, 3, 4, 5, S_LOYAL},
	{3, 3, 3, 3, S_NEEDS_ATTENTION},
	{3, 3, 1, 2, S_ALMOST_LOST},
	{1, 2, 5, 5, S_PREVIOUSLY_LOYAL},
	{1, 2, 3, 4, S_AT_RISK},
	{1, 2, 1, 2, S_DORMANT},
};

/* ---- rfm8: by which digits are high, numbered LLL, LLH, LHL, ... HHH ---- */

static const char *const rfm8_labels[][RFM_LANGUAGES] = {
	{"general_win_back", "General, win back", "一般挽留客户"},
	{"important_win_back", "Important, win back", "重要挽留客户"},
	{"general_keep", "General, keep", "一般保持客户"},
	{"important_keep", "Important, keep", "重要保持客户"},
	{"general_develop", "General, develop", "一般发展客户"},
	{"important_develop", "Important, develop", "重要发展客户"},
	{"general_value", "General, value", "一般价值客户"},
	{"important_value", "Important, value", "重要价值客户"},
};

#define LENGTH(a) ((int) (sizeof(a) / sizeof((a)[0])))

static const RfmScheme schemes[RFM_SCHEMES] = {
	{false, LENGTH(putler_rules), putler_rules, LENGTH(putler_labels), putler_labels, -1},
	{true, 0, NULL, LENGTH(rfm8_labels), rfm8_labels, -1},
	{false, LENGTH(shopify_rules), shopify_rules, LENGTH(shopify_labels), shopify_labels,
	S_PROSPECTS},
};

static int
find(const char *const *names, int n, const char *name, size_t length)
{
	for (int i = 0; i < n; i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return i;
	return -1;
}

int
rfm_scheme_find(const char *name, size_t length)
{
	return find(rfm_scheme_names, RFM_SCHEMES, name, length);
}

int
rfm_language_find(const char *name, size_t length)
{
	return find(rfm_language_names, RFM_LANGUAGES, name, length);
}

const RfmScheme *
rfm_scheme(int scheme)
{
	return &schemes[scheme];
}

void
rfm_digits(int score, int bins, int *r, int *f, int *m)
{
	if (bins < 2 || bins > RFM_MAX_BINS)
		core_throw(CORE_BAD_PARAMETER, NULL, "number of bins must be 2 to %d, not %d",
				   RFM_MAX_BINS, bins);
	*r = score / 100;
	*f = score / 10 % 10;
	*m = score % 10;
	if (score < 111 || *r > bins || *f < 1 || *f > bins || *m < 1 || *m > bins)
		core_throw(CORE_BAD_PARAMETER, NULL,
				   "RFM score must have three digits from 1 to %d, not %d", bins, score);
}

int
rfm_scheme_group(const RfmScheme *scheme, int score, int bins)
{
	int			r;
	int			f;
	int			m;
	int			x;
	int			y;

	if (score == 0 && scheme->no_orders >= 0)
		return scheme->no_orders;
	rfm_digits(score, bins, &r, &f, &m);
	if (scheme->by_digit)
		return 4 * rfm_high(r, bins) + 2 * rfm_high(f, bins) + rfm_high(m, bins);
	x = (5 * r + bins - 1) / bins;
	y = (5 * (f + m) + 2 * bins - 1) / (2 * bins);
	for (int i = 0; i < scheme->nrules; i++)
	{
		const RfmRule *rule = &scheme->rules[i];

		if (rule->x_lo <= x && x <= rule->x_hi && rule->y_lo <= y && y <= rule->y_hi)
			return rule->group;
	}
	core_throw(CORE_CORRUPT, NULL, "scheme has no group for score %d", score);
}
