/*
 * rfm_rules.c
 *	  A user's own scheme, checked when it is made, see rfm_scheme.h.
 *
 * Text:
 *
 *	{"bins": 3, "rules": [{"r": [3, 3], "f": [1, 3], "m": [1, 3], "name": "recent"}, ...]}
 */
#include "value/rfm_scheme.h"

#include <stdlib.h>

#include "value/rfm_summary.h"
#include "value/value_text.h"

static const char *
try_open(RfmRules *rules, const uint8_t *p, size_t size)
{
	if (size < RFM_RULES_HEADER_SIZE - 4)
		return "it is too short";
	if (p[0] != RFM_RULES_VERSION || p[1] != 0 || p[3] != 0)
		return "unknown version";
	rules->bins = p[2];
	rules->n = load32(p + 4);
	rules->rules = p + RFM_RULES_HEADER_SIZE - 4;
	rules->end = p + size;
	if (rules->bins < 2 || rules->bins > RFM_MAX_BINS || rules->n < 1 ||
		rules->n > RFM_RULES_MAX)
		return "wrong number of bins or rules";
	return NULL;
}

static void
corrupt(const char *problem)
{
	core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_rules: %s", problem);
}

void
rfm_rules_open(RfmRules *rules, const uint8_t *payload, size_t size)
{
	const char *problem = try_open(rules, payload, size);

	if (problem != NULL)
		corrupt(problem);
}

bool
rfm_rules_next(const RfmRules *rules, const uint8_t **p, RfmUserRule *rule)
{
	if (rules->end - *p < 8)
		return false;
	memcpy(rule->bounds, *p, 6);
	rule->length = load16(*p + 6);
	rule->name = (const char *) *p + 8;
	if (rule->length > rules->end - *p - 8)
		return false;
	*p += 8 + rule->length;
	return true;
}

/* ---- every score has one rule ---- */

static int
compare_rules(const void *a, const void *b)
{
	const RfmUserRule *x = a;
	const RfmUserRule *y = b;

	for (int i = 0; i < 6; i += 2)
		if (x->bounds[i] != y->bounds[i])
			return x->bounds[i] < y->bounds[i] ? -1 : 1;
	return 0;
}

static bool
covers(const RfmUserRule *rule, int r, int f, int m)
{
	return rule->bounds[0] <= r && r <= rule->bounds[1] && rule->bounds[2] <= f &&
		f <= rule->bounds[3] && rule->bounds[4] <= m && m <= rule->bounds[5];
}

static bool
wrong(CoreError *error, const char *what)
{
	core_set_error(error, CORE_BAD_PARAMETER, "invalid rfm_rules");
	core_set_detail(error, "%s", what);
	return false;
}

static bool
check_score(const RfmUserRule *rules, uint32_t n, int r, int f, int m, CoreError *error)
{
	const RfmUserRule *found = NULL;

	for (uint32_t i = 0; i < n; i++)
	{
		if (!covers(&rules[i], r, f, m))
			continue;
		if (found != NULL)
		{
			core_set_error(error, CORE_BAD_PARAMETER, "ranges of rfm_rules overlap");
			core_set_detail(error, "Score %d%d%d is in \"%.*s\" and in \"%.*s\".", r, f, m,
							found->length > 60 ? 60 : found->length, found->name,
							rules[i].length > 60 ? 60 : rules[i].length, rules[i].name);
			return false;
		}
		found = &rules[i];
	}
	if (found != NULL)
		return true;
	core_set_error(error, CORE_BAD_PARAMETER, "ranges of rfm_rules leave a gap");
	core_set_detail(error, "Score %d%d%d is in no rule.", r, f, m);
	return false;
}

static bool
check_rules(const RfmUserRule *rules, uint32_t n, int bins, CoreError *error)
{
	if (bins < 2 || bins > RFM_MAX_BINS)
		return wrong(error, "The number of bins must be 2 to 9.");
	if (n < 1 || n > RFM_RULES_MAX)
		return wrong(error, "There must be 1 to 729 rules.");
	for (uint32_t i = 0; i < n; i++)
	{
		for (int j = 0; j < 6; j += 2)
			if (rules[i].bounds[j] < 1 || rules[i].bounds[j] > rules[i].bounds[j + 1] ||
				rules[i].bounds[j + 1] > bins)
				return wrong(error, "A range of digits is empty or not within 1 and bins.");
		if (rules[i].length < 1 || rules[i].length > RFM_RULES_MAX_NAME)
			return wrong(error, "A name must have 1 to 255 bytes.");
		if (memchr(rules[i].name, 0, rules[i].length) != NULL)
			return wrong(error, "A name has a zero byte.");
	}
	for (int r = 1; r <= bins; r++)
		for (int f = 1; f <= bins; f++)
			for (int m = 1; m <= bins; m++)
				if (!check_score(rules, n, r, f, m, error))
					return false;
	return true;
}

void *
rfm_rules_make(RfmUserRule *rules, uint32_t n, int bins, CoreError *error)
{
	size_t		size = RFM_RULES_HEADER_SIZE;
	uint8_t    *image;
	uint8_t    *p;

	if (!check_rules(rules, n, bins, error))
		return NULL;
	qsort(rules, n, sizeof(RfmUserRule), compare_rules);
	for (uint32_t i = 0; i < n; i++)
		size += 8 + (size_t) rules[i].length;
	image = core_alloc(size);
	memset(image, 0, RFM_RULES_HEADER_SIZE);
	value_set_size(image, size);
	image[4] = RFM_RULES_VERSION;
	image[6] = (uint8_t) bins;
	store32(image + 8, n);
	p = image + RFM_RULES_HEADER_SIZE;
	for (uint32_t i = 0; i < n; i++)
	{
		memcpy(p, rules[i].bounds, 6);
		store16(p + 6, rules[i].length);
		memcpy(p + 8, rules[i].name, rules[i].length);
		p += 8 + rules[i].length;
	}
	return image;
}

/* All rules of a value, by core_alloc; NULL when they are not within it */
static RfmUserRule *
all_rules(const RfmRules *rules)
{
	RfmUserRule *all = core_alloc(rules->n * sizeof(RfmUserRule));
	const uint8_t *p = rules->rules;

	for (uint32_t i = 0; i < rules->n; i++)
		if (!rfm_rules_next(rules, &p, &all[i]))
			return NULL;
	return p == rules->end ? all : NULL;
}

bool
rfm_rules_check(const uint8_t *payload, size_t size, CoreError *error)
{
	RfmRules	rules;
	RfmUserRule *all;
	const char *problem = try_open(&rules, payload, size);

	if (problem == NULL)
	{
		all = all_rules(&rules);
		if (all == NULL)
			problem = "rules that are longer or shorter than the value";
		else if (!check_rules(all, rules.n, rules.bins, error))
		{
			error->code = CORE_BAD_BINARY;
			return false;
		}
		for (uint32_t i = 1; problem == NULL && i < rules.n; i++)
			if (compare_rules(&all[i - 1], &all[i]) >= 0)
				problem = "rules that are not in order";
	}
	if (problem == NULL)
		return true;
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type rfm_rules");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}

void
rfm_rules_find(const RfmRules *rules, int score, RfmUserRule *rule)
{
	const uint8_t *p = rules->rules;
	int			r;
	int			f;
	int			m;

	rfm_digits(score, rules->bins, &r, &f, &m);
	for (uint32_t i = 0; i < rules->n && rfm_rules_next(rules, &p, rule); i++)
		if (covers(rule, r, f, m))
			return;
	corrupt("no rule for a score");
}

/* ---- text ---- */

char *
rfm_rules_print(const RfmRules *rules)
{
	TextOut		out;
	const uint8_t *p = rules->rules;
	RfmUserRule rule;

	text_out_start(&out);
	text_out(&out, "{\"bins\": %d, \"rules\": [", rules->bins);
	for (uint32_t i = 0; i < rules->n; i++)
	{
		const uint8_t *b = rule.bounds;

		if (!rfm_rules_next(rules, &p, &rule))
			corrupt("a rule reaches past the end");
		text_out(&out, "%s{\"r\": [%d, %d], \"f\": [%d, %d], \"m\": [%d, %d], \"name\": ",
				 i > 0 ? ", " : "", b[0], b[1], b[2], b[3], b[4], b[5]);
		text_out_string(&out, rule.name, rule.length);
		text_out(&out, "}");
	}
	text_out(&out, "]}");
	return out.text;
}

static bool
parse_range(TextIn *in, const char *key, bool first, uint8_t *bounds)
{
	int64_t		lo;
	int64_t		hi;

	if (!text_in_key(in, key, first) || !text_in_char(in, '[') ||
		!text_in_int(in, 1, RFM_MAX_BINS, &lo) || !text_in_char(in, ',') ||
		!text_in_int(in, 1, RFM_MAX_BINS, &hi) || !text_in_char(in, ']'))
		return false;
	bounds[0] = (uint8_t) lo;
	bounds[1] = (uint8_t) hi;
	return true;
}

static bool
parse_rule(TextIn *in, RfmUserRule *rule)
{
	char		name[RFM_RULES_MAX_NAME];
	size_t		length = 0;
	char	   *copy;

	if (!text_in_char(in, '{') || !parse_range(in, "r", true, rule->bounds) ||
		!parse_range(in, "f", false, rule->bounds + 2) ||
		!parse_range(in, "m", false, rule->bounds + 4) || !text_in_key(in, "name", false) ||
		!text_in_string(in, name, sizeof(name), &length) || !text_in_char(in, '}'))
		return false;
	copy = core_alloc(length + 1);
	memcpy(copy, name, length);
	rule->name = copy;
	rule->length = (uint16_t) length;
	return true;
}

void *
rfm_rules_parse(const char *text, CoreError *error)
{
	TextIn		in;
	RfmUserRule *rules = core_alloc(RFM_RULES_MAX * sizeof(RfmUserRule));
	uint32_t	n = 0;
	int64_t		bins;
	void	   *image;

	text_in_start(&in, text, "rfm_rules", error);
	if (!text_in_char(&in, '{') || !text_in_key(&in, "bins", true) ||
		!text_in_int(&in, 2, RFM_MAX_BINS, &bins) || !text_in_key(&in, "rules", false) ||
		!text_in_char(&in, '['))
		return NULL;
	do
	{
		if (n == RFM_RULES_MAX)
		{
			text_in_fail(&in, "the end of the rules, as there are 729 scores");
			return NULL;
		}
		if (!parse_rule(&in, &rules[n++]))
			return NULL;
	} while (text_in_maybe(&in, ','));
	if (!text_in_char(&in, ']') || !text_in_char(&in, '}') || !text_in_end(&in))
		return NULL;
	image = rfm_rules_make(rules, n, (int) bins, error);
	if (image == NULL)
		error->code = CORE_BAD_TEXT;
	return image;
}
