/*
 * rfm_model.c
 *	  Thresholds of recency, frequency and money, see rfm_model.h.
 *
 * Text:
 *
 *	{"bins": 2, "method": "median", "upper_closed": true, "customers": 5,
 *	 "recency": [30], "frequency": [2], "monetary": [99.5],
 *	 "customers_by_recency": [2, 3], "customers_by_frequency": [3, 2],
 *	 "customers_by_monetary": [3, 2]}
 */
#include "value/rfm_model.h"

#include <math.h>
#include <stdio.h>

#include "value/rfm_summary.h"

const char *const rfm_measure_names[RFM_MEASURES] = {"recency", "frequency", "monetary"};

void
rfm_model_open(RfmModel *model, const uint8_t *payload, size_t size)
{
	const char *problem = rfm_model_try_open(model, payload, size);

	if (problem != NULL)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_model: %s", problem);
}

static const char *
check_breaks(const RfmModel *model)
{
	for (int m = 0; m < RFM_MEASURES; m++)
		for (int i = 0; i < model->bins - 1; i++)
		{
			double		b = rfm_model_break(model, m, i);

			if (!isfinite(b) || (b == 0 && signbit(b)))
				return "thresholds that are not finite";
			if (i > 0 && b < rfm_model_break(model, m, i - 1))
				return "thresholds that do not ascend";
		}
	return NULL;
}

static const char *
check_classes(const RfmModel *model)
{
	for (int m = 0; m < RFM_MEASURES; m++)
	{
		int64_t		left = model->customers;

		for (int score = 1; score <= model->bins; score++)
		{
			int64_t		n = rfm_model_class(model, m, score);

			if (n < 0 || n > left)
				return "classes that do not add up to the customers";
			left -= n;
		}
		if (left != 0)
			return "classes that do not add up to the customers";
	}
	return NULL;
}

static const char *
check_method(const RfmModel *model)
{
	if (model->method > BREAKS_GIVEN)
		return "unknown method";
	if ((model->method == BREAKS_MEAN || model->method == BREAKS_MEDIAN) && model->bins != 2)
		return "a method that makes 2 bins";
	if (model->customers < 0 || (model->customers == 0) != (model->method == BREAKS_GIVEN))
		return "wrong number of customers";
	return NULL;
}

static const char *
check(RfmModel *model, const uint8_t *payload, size_t size)
{
	const char *problem = rfm_model_try_open(model, payload, size);

	if (problem == NULL && payload[4] > 1)
		problem = "unknown side";
	for (int i = 5; problem == NULL && i < 12; i++)
		if (payload[i] != 0)
			problem = "bytes that must be zero";
	if (problem == NULL)
		problem = check_method(model);
	if (problem == NULL)
		problem = check_breaks(model);
	return problem == NULL ? check_classes(model) : problem;
}

bool
rfm_model_check(const uint8_t *payload, size_t size, CoreError *error)
{
	RfmModel	model;
	const char *problem = check(&model, payload, size);

	if (problem == NULL)
		return true;
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type rfm_model");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}

/* ---- making ---- */

/* An image with all but its numbers */
static uint8_t *
model_new(int bins, int method, bool upper_closed, int64_t customers)
{
	size_t		size = rfm_model_size(bins);
	uint8_t    *image = core_alloc(size);

	memset(image, 0, size);
	value_set_size(image, size);
	image[4] = RFM_MODEL_VERSION;
	image[6] = (uint8_t) bins;
	image[7] = (uint8_t) method;
	image[8] = upper_closed;
	store64(image + 16, (uint64_t) customers);
	return image;
}

static uint8_t *
place_of_breaks(uint8_t *image, int bins, int measure)
{
	return image + RFM_MODEL_HEADER_SIZE + (size_t) measure * ((size_t) bins - 1) * 8;
}

static uint8_t *
place_of_classes(uint8_t *image, int bins, int measure)
{
	return place_of_breaks(image, bins, RFM_MEASURES) + (size_t) measure * (size_t) bins * 8;
}

void *
rfm_model_make(const ValueRuns *runs, int bins, BreakMethod method)
{
	uint8_t    *image = model_new(bins, method, true, (int64_t) runs[0].total);
	RfmModel	model;

	for (int m = 0; m < RFM_MEASURES; m++)
	{
		double		breaks[RFM_MODEL_MAX_BINS];

		breaks_compute(&runs[m], bins, method, breaks);
		memcpy(place_of_breaks(image, bins, m), breaks, ((size_t) bins - 1) * 8);
	}
	rfm_model_open(&model, image + 4, rfm_model_size(bins) - 4);
	for (int m = 0; m < RFM_MEASURES; m++)
		for (size_t i = 0; i < runs[m].n; i++)
		{
			int			digit = rfm_model_digit(&model, m, runs[m].values[i]);
			uint8_t    *place = place_of_classes(image, bins, m) + ((size_t) digit - 1) * 8;

			if (i % 16384 == 16383)
				core_interrupt();
			store64(place, load64(place) + runs[m].counts[i]);
		}
	return image;
}

void *
rfm_model_given(const double *const *breaks, int bins, bool upper_closed, CoreError *error)
{
	uint8_t    *image = model_new(bins, BREAKS_GIVEN, upper_closed, 0);
	RfmModel	model;
	const char *problem;

	for (int m = 0; m < RFM_MEASURES; m++)
		for (int i = 0; i < bins - 1; i++)
		{
			double		b = breaks[m][i] == 0 ? 0 : breaks[m][i];

			memcpy(place_of_breaks(image, bins, m) + (size_t) i * 8, &b, 8);
		}
	problem = check(&model, image + 4, rfm_model_size(bins) - 4);
	if (problem == NULL)
		return image;
	core_set_error(error, CORE_BAD_PARAMETER, "thresholds of rfm_model must be finite and ascend");
	core_set_detail(error, "Problem: %s.", problem);
	return NULL;
}

/* ---- text ---- */

char *
rfm_model_print(const RfmModel *model)
{
	TextOut		out;

	if (model->method > BREAKS_GIVEN)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type rfm_model: unknown method");
	text_out_start(&out);
	text_out(&out, "{\"bins\": %d, \"method\": \"%s\", \"upper_closed\": %s, \"customers\": %lld",
			 model->bins, break_method_names[model->method],
			 model->upper_closed ? "true" : "false", (long long) model->customers);
	for (int m = 0; m < RFM_MEASURES; m++)
	{
		text_out(&out, ", \"%s\": [", rfm_measure_names[m]);
		for (int i = 0; i < model->bins - 1; i++)
		{
			text_out(&out, i > 0 ? ", " : "");
			text_out_double(&out, rfm_model_break(model, m, i));
		}
		text_out(&out, "]");
	}
	for (int m = 0; m < RFM_MEASURES; m++)
	{
		text_out(&out, ", \"customers_by_%s\": [", rfm_measure_names[m]);
		for (int score = 1; score <= model->bins; score++)
			text_out(&out, score > 1 ? ", %lld" : "%lld",
					 (long long) rfm_model_class(model, m, score));
		text_out(&out, "]");
	}
	text_out(&out, "}");
	return out.text;
}

static bool
parse_breaks(TextIn *in, uint8_t *image, int bins, int measure)
{
	bool		ok = text_in_key(in, rfm_measure_names[measure], false) && text_in_char(in, '[');

	for (int i = 0; ok && i < bins - 1; i++)
	{
		double		b = 0;

		ok = (i == 0 || text_in_char(in, ',')) && text_in_double(in, &b);
		memcpy(place_of_breaks(image, bins, measure) + (size_t) i * 8, &b, 8);
	}
	return ok && text_in_char(in, ']');
}

static bool
parse_classes(TextIn *in, uint8_t *image, int bins, int measure)
{
	char		key[40];
	bool		ok;

	snprintf(key, sizeof(key), "customers_by_%s", rfm_measure_names[measure]);
	ok = text_in_key(in, key, false) && text_in_char(in, '[');
	for (int i = 0; ok && i < bins; i++)
	{
		int64_t		n = 0;

		ok = (i == 0 || text_in_char(in, ',')) && text_in_int(in, 0, INT64_MAX, &n);
		store64(place_of_classes(image, bins, measure) + (size_t) i * 8, (uint64_t) n);
	}
	return ok && text_in_char(in, ']');
}

void *
rfm_model_parse(const char *text, CoreError *error)
{
	TextIn		in;
	RfmModel	model;
	int64_t		bins;
	int			method;
	bool		upper_closed;
	int64_t		customers;
	uint8_t    *image;
	const char *problem;

	text_in_start(&in, text, "rfm_model", error);
	if (!text_in_char(&in, '{') || !text_in_key(&in, "bins", true) ||
		!text_in_int(&in, 2, RFM_MODEL_MAX_BINS, &bins) || !text_in_key(&in, "method", false) ||
		!text_in_name(&in, break_method_names, BREAKS_METHODS + 1, &method) ||
		!text_in_key(&in, "upper_closed", false) || !text_in_bool(&in, &upper_closed) ||
		!text_in_key(&in, "customers", false) || !text_in_int(&in, 0, INT64_MAX, &customers))
		return NULL;
	image = model_new((int) bins, method, upper_closed, customers);
	for (int m = 0; m < RFM_MEASURES; m++)
		if (!parse_breaks(&in, image, (int) bins, m))
			return NULL;
	for (int m = 0; m < RFM_MEASURES; m++)
		if (!parse_classes(&in, image, (int) bins, m))
			return NULL;
	if (!text_in_char(&in, '}') || !text_in_end(&in))
		return NULL;
	problem = check(&model, image + 4, rfm_model_size((int) bins) - 4);
	if (problem == NULL)
		return image;
	text_in_wrong(&in, problem);
	return NULL;
}
