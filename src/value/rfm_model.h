/*
 * rfm_model.h
 *	  Thresholds of recency, frequency and money: layout and core functions.
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, RFM_MODEL_VERSION
 *	 5	uint8	zero
 *	 6	uint8	bins, 2 to 9
 *	 7	uint8	method (BreakMethod)
 *	 8	uint8	1 if classes are closed above, (low, high], else 0
 *	 9	7 zero bytes
 *	16	int64	customers that the thresholds were made from, 0 if given
 *	24	bins - 1 doubles each of recency, frequency, money: ascending, finite
 *	..	bins int64 each of the same: customers with score 1, 2, ...
 *
 * The customers of each add up to those above.
 */
#ifndef PORTRAIT_RFM_MODEL_H
#define PORTRAIT_RFM_MODEL_H

#include "common/core.h"
#include "value/value_breaks.h"

#define RFM_MODEL_VERSION 1
#define RFM_MODEL_HEADER_SIZE 24
#define RFM_MODEL_MAX_BINS 9
#define RFM_MEASURES 3

extern const char *const rfm_measure_names[RFM_MEASURES];

typedef struct RfmModel
{
	int			bins;
	int			method;
	bool		upper_closed;
	int64_t		customers;
	const uint8_t *breaks;		/* unaligned */
	const uint8_t *classes;
} RfmModel;

static inline size_t
rfm_model_size(int bins)
{
	return RFM_MODEL_HEADER_SIZE + RFM_MEASURES * (2 * (size_t) bins - 1) * 8;
}

/* Open a stored value's payload; NULL, or what is wrong with it */
static inline const char *
rfm_model_try_open(RfmModel *model, const uint8_t *payload, size_t size)
{
	if (size < RFM_MODEL_HEADER_SIZE - 4)
		return "it is too short";
	if (payload[0] != RFM_MODEL_VERSION || payload[1] != 0)
		return "unknown version";
	model->bins = payload[2];
	if (model->bins < 2 || model->bins > RFM_MODEL_MAX_BINS ||
		size + 4 != rfm_model_size(model->bins))
		return "wrong size";
	model->method = payload[3];
	model->upper_closed = payload[4] != 0;
	model->customers = (int64_t) load64(payload + 12);
	model->breaks = payload + RFM_MODEL_HEADER_SIZE - 4;
	model->classes = model->breaks + RFM_MEASURES * ((size_t) model->bins - 1) * 8;
	return NULL;
}

/* The same; throws CORE_CORRUPT */
extern void rfm_model_open(RfmModel *model, const uint8_t *payload, size_t size);

extern bool rfm_model_check(const uint8_t *payload, size_t size, CoreError *error);
extern char *rfm_model_print(const RfmModel *model);
extern void *rfm_model_parse(const char *text, CoreError *error);

/* The model of so many customers' numbers; runs are those of the three measures */
extern void *rfm_model_make(const ValueRuns *runs, int bins, BreakMethod method);

/* The model of given thresholds, bins - 1 of each; NULL and the error if they are wrong */
extern void *rfm_model_given(const double *const *breaks, int bins, bool upper_closed,
							 CoreError *error);

/* The score of one measure from 1, the worst; recency is better when it is low */
static inline int
rfm_model_digit(const RfmModel *model, int measure, double value)
{
	int			n = model->bins - 1;
	int			below = breaks_below(value, model->breaks + (size_t) measure * (size_t) n * 8, n,
									 model->upper_closed);

	return measure == 0 ? model->bins - below : 1 + below;
}

static inline int
rfm_model_score(const RfmModel *model, double recency, double frequency, double monetary)
{
	return 100 * rfm_model_digit(model, 0, recency) + 10 * rfm_model_digit(model, 1, frequency) +
		rfm_model_digit(model, 2, monetary);
}

static inline double
rfm_model_break(const RfmModel *model, int measure, int i)
{
	double		b;

	memcpy(&b, model->breaks + ((size_t) measure * ((size_t) model->bins - 1) + (size_t) i) * 8, 8);
	return b;
}

static inline int64_t
rfm_model_class(const RfmModel *model, int measure, int score)
{
	return (int64_t) load64(model->classes +
							((size_t) measure * (size_t) model->bins + (size_t) score - 1) * 8);
}

#endif							/* PORTRAIT_RFM_MODEL_H */
