/*
 * rfm_scheme_func.c
 *	  Names of scores: shipped schemes and users' rules.
 */
#include "value/value_fmgr.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

static const RfmScheme *
scheme_of_text(Datum datum)
{
	size_t		length;
	const char *name = text_bytes(datum, &length);
	int			scheme = rfm_scheme_find(name, length);

	if (scheme < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized scheme of RFM segments: \"%.*s\"",
						(int) Min(length, 60), name),
				 errhint("Schemes are putler, rfm8 and shopify; rfm_rules() makes one of your own.")));
	return rfm_scheme(scheme);
}

PORTRAIT_FUNCTION(portrait_rfm_segment);
Datum
portrait_rfm_segment(PG_FUNCTION_ARGS)
{
	const RfmScheme *scheme = scheme_of_text(PG_GETARG_DATUM(1));
	int			language = language_of_text(PG_GETARG_DATUM(2));
	int			group = rfm_scheme_group(scheme, PG_GETARG_INT32(0), PG_GETARG_INT32(3));

	PG_RETURN_DATUM(label_as_text(scheme->labels[group][language]));
}

PORTRAIT_FUNCTION(portrait_rfm_rules_segment);
Datum
portrait_rfm_rules_segment(PG_FUNCTION_ARGS)
{
	size_t		size;
	const uint8_t *payload = value_payload(PG_GETARG_DATUM(0), &size);
	RfmRules	rules;
	RfmUserRule rule;

	rfm_rules_open(&rules, payload, size);
	rfm_rules_find(&rules, PG_GETARG_INT32(1), &rule);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(rule.name, rule.length));
}

/* ---- schemes as rows ---- */

static TypeCacheEntry *
range_type(void)
{
	return lookup_type_cache(INT4RANGEOID, TYPECACHE_RANGE_INFO);
}

/* Both ends included */
static Datum
make_int4range(int lo, int hi)
{
	RangeBound	lower = {.val = Int32GetDatum(lo), .inclusive = true, .lower = true};
	RangeBound	upper = {.val = Int32GetDatum(hi + 1), .inclusive = false, .lower = false};

	return RangeTypePGetDatum(portrait_make_range(range_type(), &lower, &upper));
}

/* A row of name, labels, x, y, r, f, m; hi = 0 is a range that does not matter */
static void
put_rule(FunctionCallInfo fcinfo, const Datum *names, int nnames, const uint8_t *bounds, int nranges)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		values[8];
	bool		nulls[8] = {false};

	for (int i = 0; i < nnames; i++)
		values[i] = names[i];
	for (int i = 0; i < nranges; i++)
	{
		nulls[nnames + i] = bounds[2 * i + 1] == 0;
		values[nnames + i] = nulls[nnames + i] ? (Datum) 0 :
			make_int4range(bounds[2 * i], bounds[2 * i + 1]);
	}
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Bounds of a digit that is high, or low */
static void
half(uint8_t *bounds, int bins, bool high)
{
	int			lowest_high = 1;

	while (!rfm_high(lowest_high, bins))
		lowest_high++;
	bounds[0] = (uint8_t) (high ? lowest_high : 1);
	bounds[1] = (uint8_t) (high ? bins : lowest_high - 1);
}

static void
put_group(FunctionCallInfo fcinfo, const RfmScheme *scheme, int group, const uint8_t *bounds)
{
	Datum		names[RFM_LANGUAGES];

	for (int i = 0; i < RFM_LANGUAGES; i++)
		names[i] = label_as_text(scheme->labels[group][i]);
	put_rule(fcinfo, names, RFM_LANGUAGES, bounds, 5);
}

PORTRAIT_FUNCTION(portrait_rfm_scheme);
Datum
portrait_rfm_scheme(PG_FUNCTION_ARGS)
{
	const RfmScheme *scheme = scheme_of_text(PG_GETARG_DATUM(0));
	int			bins = PG_GETARG_INT32(1);

	if (bins < 2 || bins > RFM_MAX_BINS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bins must be 2 to %d, not %d", RFM_MAX_BINS, bins)));
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < scheme->nrules; i++)
	{
		const RfmRule *rule = &scheme->rules[i];
		uint8_t		bounds[10] = {rule->x_lo, rule->x_hi, rule->y_lo, rule->y_hi};

		put_group(fcinfo, scheme, rule->group, bounds);
	}
	for (int group = scheme->ngroups - 1; scheme->by_digit && group >= 0; group--)
	{
		uint8_t		bounds[10] = {0};

		for (int i = 0; i < 3; i++)
			half(bounds + 4 + 2 * i, bins, (group >> (2 - i)) & 1);
		put_group(fcinfo, scheme, group, bounds);
	}
	if (scheme->no_orders >= 0)
	{
		uint8_t		bounds[10] = {0};

		put_group(fcinfo, scheme, scheme->no_orders, bounds);
	}
	return (Datum) 0;
}

PORTRAIT_FUNCTION(portrait_rfm_scheme_rules);
Datum
portrait_rfm_scheme_rules(PG_FUNCTION_ARGS)
{
	size_t		size;
	const uint8_t *payload = value_payload(PG_GETARG_DATUM(0), &size);
	RfmRules	rules;
	RfmUserRule rule;
	const uint8_t *p;

	rfm_rules_open(&rules, payload, size);
	InitMaterializedSRF(fcinfo, 0);
	p = rules.rules;
	for (uint32_t i = 0; i < rules.n && rfm_rules_next(&rules, &p, &rule); i++)
	{
		Datum		name = PointerGetDatum(cstring_to_text_with_len(rule.name, rule.length));

		put_rule(fcinfo, &name, 1, rule.bounds, 3);
	}
	return (Datum) 0;
}

/* ---- users' rules ---- */

/* A digit's range of a rule: NULL and an open end are all there are */
static void
bounds_of_range(Datum range, bool isnull, int bins, uint8_t *bounds)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;
	int			lo = 1;
	int			hi = bins;

	if (!isnull)
	{
		range_deserialize(range_type(), DatumGetRangeTypeP(range), &lower, &upper, &empty);
		if (empty)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("range of digits must not be empty")));
		if (!lower.infinite)
			lo = DatumGetInt32(lower.val);
		/* int4range excludes its upper end, which is above INT_MIN */
		if (!upper.infinite)
			hi = DatumGetInt32(upper.val) - 1;
	}
	if (lo < 1 || hi > bins || lo > hi)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("range of digits must be within 1 and %d, not [%d,%d]", bins, lo, hi)));
	bounds[0] = (uint8_t) lo;
	bounds[1] = (uint8_t) hi;
}

/* Errors: 22023 when a score has no rule or two, with an example */
PORTRAIT_FUNCTION(portrait_rfm_rules_make);
Datum
portrait_rfm_rules_make(PG_FUNCTION_ARGS)
{
	Datum	   *elements[4];
	bool	   *nulls[4];
	int			n[4];
	int			bins = PG_GETARG_INT32(4);
	RfmUserRule *rules;
	CoreError	error = {0};
	void	   *value;
	int16		length = range_type()->typlen;
	char		align = range_type()->typalign;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements[0], &nulls[0], &n[0]);
	for (int i = 1; i < 4; i++)
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(i), INT4RANGEOID, length, false, align,
						  &elements[i], &nulls[i], &n[i]);
	if (n[0] != n[1] || n[0] != n[2] || n[0] != n[3] || n[0] < 1 || n[0] > RFM_RULES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rfm_rules takes arrays of the same length, 1 to %d",
						RFM_RULES_MAX),
				 errdetail("Their lengths are %d, %d, %d and %d.", n[0], n[1], n[2], n[3])));
	if (bins < 2 || bins > RFM_MAX_BINS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bins must be 2 to %d, not %d", RFM_MAX_BINS, bins)));
	rules = palloc((Size) n[0] * sizeof(RfmUserRule));
	for (int i = 0; i < n[0]; i++)
	{
		size_t		bytes = 0;

		if (nulls[0][i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("name of an RFM segment must not be null")));
		rules[i].name = text_bytes(elements[0][i], &bytes);
		rules[i].length = (uint16) Min(bytes, RFM_RULES_MAX_NAME + 1);
		for (int j = 0; j < 3; j++)
			bounds_of_range(elements[j + 1][i], nulls[j + 1][i], bins, rules[i].bounds + 2 * j);
	}
	value = rfm_rules_make(rules, (uint32) n[0], bins, &error);
	if (value == NULL)
		core_report(&error, NULL);
	PG_RETURN_POINTER(value);
}
