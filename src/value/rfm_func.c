/*
 * rfm_func.c
 *	  Questions to summaries and models.
 */
#include "value/value_fmgr.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

/* ---- summaries ---- */

PORTRAIT_FUNCTION(portrait_rfm_orders);
Datum
portrait_rfm_orders(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	PG_RETURN_INT64(summary.orders);
}

PORTRAIT_FUNCTION(portrait_rfm_days);
Datum
portrait_rfm_days(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	PG_RETURN_INT32((int32) summary.ndays);
}

PORTRAIT_FUNCTION(portrait_rfm_first);
Datum
portrait_rfm_first(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	if (summary.ndays == 0)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMP(summary.first);
}

PORTRAIT_FUNCTION(portrait_rfm_last);
Datum
portrait_rfm_last(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	if (summary.ndays == 0)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMP(summary.last);
}

/* NULL when there are not two purchase days */
PORTRAIT_FUNCTION(portrait_rfm_previous);
Datum
portrait_rfm_previous(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	if (summary.ndays < 2)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(rfm_previous_day(&summary));
}

/* Exact amounts as sum(numeric) gives them; doubles with all their digits */
PORTRAIT_FUNCTION(portrait_rfm_amount);
Datum
portrait_rfm_amount(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;
	struct varlena *number;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	if (summary.kind == RFM_DOUBLE)
	{
		TextOut		out;

		text_out_start(&out);
		text_out_double(&out, rfm_amount_as_double(&summary));
		PG_RETURN_DATUM(DirectFunctionCall3(numeric_in, CStringGetDatum(out.text),
											ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	number = palloc(VARHDRSZ + summary.amount_size);
	SET_VARSIZE(number, VARHDRSZ + summary.amount_size);
	memcpy(VARDATA(number), summary.amount, summary.amount_size);
	PG_RETURN_POINTER(number);
}

/* Errors: 22023 when there are purchases on as_of or later */
PORTRAIT_FUNCTION(portrait_rfm_recency);
Datum
portrait_rfm_recency(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;
	int64_t		days;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	if (!rfm_recency_at(&summary, PG_GETARG_DATEADT(1), &days))
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) days);
}

PORTRAIT_FUNCTION(portrait_rfm_gaps);
Datum
portrait_rfm_gaps(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;
	uint32_t	n;
	int32_t    *gaps;
	ArrayType  *array;
	Size		size;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	gaps = rfm_gaps(&summary, &n);
	if (n == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT4OID));
	size = ARR_OVERHEAD_NONULLS(1) + core_mul_size(n, sizeof(int32));
	array = palloc(size);
	SET_VARSIZE(array, size);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = INT4OID;
	ARR_DIMS(array)[0] = (int) n;
	ARR_LBOUND(array)[0] = 1;
	memcpy(ARR_DATA_PTR(array), gaps, (Size) n * sizeof(int32));
	PG_RETURN_ARRAYTYPE_P(array);
}

PORTRAIT_FUNCTION(portrait_rfm_mean_gap);
Datum
portrait_rfm_mean_gap(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	if (summary.ndays < 2)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(((double) rfm_day(summary.last) - rfm_day(summary.first)) /
					 (summary.ndays - 1));
}

PORTRAIT_FUNCTION(portrait_rfm_median_gap);
Datum
portrait_rfm_median_gap(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;
	uint32_t	n;
	int32_t    *gaps;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	gaps = rfm_gaps(&summary, &n);
	if (n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(rfm_median(gaps, n));
}

/* ---- scores ---- */

static inline void
open_model(RfmModel *model, Datum datum)
{
	size_t		size;
	const uint8_t *payload = value_payload(datum, &size);

	rfm_model_open(model, payload, size);
}

PORTRAIT_FUNCTION(portrait_rfm_score);
Datum
portrait_rfm_score(PG_FUNCTION_ARGS)
{
	RfmModel	model;
	double		recency = PG_GETARG_FLOAT8(0);
	double		frequency = PG_GETARG_FLOAT8(1);
	double		monetary = PG_GETARG_FLOAT8(2);

	check_finite(recency, "recency");
	check_finite(frequency, "frequency");
	check_finite(monetary, "monetary");
	open_model(&model, PG_GETARG_DATUM(3));
	PG_RETURN_INT32(rfm_model_score(&model, recency, frequency, monetary));
}

/* NULL without purchases */
PORTRAIT_FUNCTION(portrait_rfm_score_summary);
Datum
portrait_rfm_score_summary(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;
	RfmModel	model;
	int64_t		days;

	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	open_model(&model, PG_GETARG_DATUM(2));
	if (!rfm_recency_at(&summary, PG_GETARG_DATEADT(1), &days))
		PG_RETURN_NULL();
	PG_RETURN_INT32(rfm_model_score(&model, (double) days, (double) summary.orders,
									rfm_amount_as_double(&summary)));
}

/* ---- models ---- */

/* A model of thresholds that somebody chose */
PORTRAIT_FUNCTION(portrait_rfm_model_given);
Datum
portrait_rfm_model_given(PG_FUNCTION_ARGS)
{
	const double *breaks[RFM_MEASURES];
	CoreError	error = {0};
	int			n[RFM_MEASURES];
	void	   *model;

	for (int i = 0; i < RFM_MEASURES; i++)
		breaks[i] = doubles_of_array(PG_GETARG_DATUM(i), &n[i], "thresholds");
	if (n[0] != n[1] || n[0] != n[2] || n[0] < 1 || n[0] >= RFM_MODEL_MAX_BINS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rfm_model takes 1 to %d thresholds, as many of each measure",
						RFM_MODEL_MAX_BINS - 1),
				 errdetail("There are %d, %d and %d.", n[0], n[1], n[2])));
	model = rfm_model_given(breaks, n[0] + 1, PG_GETARG_BOOL(3), &error);
	if (model == NULL)
		core_report(&error, NULL);
	PG_RETURN_POINTER(model);
}

PORTRAIT_FUNCTION(portrait_rfm_model_to_jsonb);
Datum
portrait_rfm_model_to_jsonb(PG_FUNCTION_ARGS)
{
	RfmModel	model;

	open_model(&model, PG_GETARG_DATUM(0));
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(rfm_model_print(&model))));
}

/* One row a class: measure, score, what is below and above, customers */
PORTRAIT_FUNCTION(portrait_rfm_model_classes);
Datum
portrait_rfm_model_classes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	RfmModel	model;

	open_model(&model, PG_GETARG_DATUM(0));
	InitMaterializedSRF(fcinfo, 0);
	for (int m = 0; m < RFM_MEASURES; m++)
		for (int score = 1; score <= model.bins; score++)
		{
			/* classes from the lowest numbers up */
			int			class = m == 0 ? model.bins - score : score - 1;
			Datum		values[5];
			bool		nulls[5] = {false};

			values[0] = CStringGetTextDatum(rfm_measure_names[m]);
			values[1] = Int32GetDatum(score);
			nulls[2] = class == 0;
			values[2] = nulls[2] ? (Datum) 0 : Float8GetDatum(rfm_model_break(&model, m, class - 1));
			nulls[3] = class == model.bins - 1;
			values[3] = nulls[3] ? (Datum) 0 : Float8GetDatum(rfm_model_break(&model, m, class));
			values[4] = Int64GetDatum(rfm_model_class(&model, m, score));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	return (Datum) 0;
}
