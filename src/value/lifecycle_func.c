/*
 * lifecycle_func.c
 *	  Stages of a customer's life, and flows between them.
 */
#include "value/value_fmgr.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/tuplestore.h"

#include "value/lifecycle.h"

/* Errors: 22023 for rules that make no sense, and for purchases on as_of or later */
PORTRAIT_FUNCTION(portrait_lifecycle_stage);
Datum
portrait_lifecycle_stage(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;
	DateADT		as_of = PG_GETARG_DATEADT(1);
	double		population_gap = PG_GETARG_FLOAT8(2);
	LifecycleRules rules = {
		.new_days = PG_GETARG_INT32(3),
		.active = PG_GETARG_FLOAT8(4),
		.at_risk = PG_GETARG_FLOAT8(5),
		.dormant = PG_GETARG_FLOAT8(6),
		.shrinkage = PG_GETARG_FLOAT8(7)
	};
	int			language = language_of_text(PG_GETARG_DATUM(8));
	const char *problem = lifecycle_check(&rules, population_gap);
	int64_t		recency;

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg_internal("%s", problem)));
	rfm_open_datum(&summary, PG_GETARG_DATUM(0));
	rfm_recency_at(&summary, as_of, &recency);
	PG_RETURN_DATUM(label_as_text(stage_labels[lifecycle_stage(&summary, as_of, population_gap,
															   &rules)][language]));
}

/* ---- lifecycle_flow ---- */

static int
stage_of_text(Datum datum)
{
	size_t		length;
	const char *code = text_bytes(datum, &length);
	int			stage = stage_find(code, length);

	if (stage < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized stage of the life cycle: \"%.*s\"",
						(int) Min(length, 60), code),
				 errhint("Stages are prospect, new, active, returning, at_risk, dormant and lost.")));
	return stage;
}

static const uint8_t *
flow_payload(Datum datum)
{
	size_t		size;
	const uint8_t *payload = value_payload(datum, &size);
	const char *problem = flow_try_open(payload, size);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("corrupt value of type lifecycle_flow: %s", problem)));
	return payload;
}

/* The state to write to: the executor's own, a copy of what came packed, or a new one */
static void *
get_flow(FunctionCallInfo fcinfo)
{
	struct varlena *value;
	void	   *copy;

	value_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		return flow_new();
	value = (struct varlena *) PG_GETARG_POINTER(0);
	if (VARATT_IS_4B_U(value))
	{
		flow_payload(PG_GETARG_DATUM(0));
		return value;
	}
	copy = flow_new();
	memcpy((char *) copy + VARHDRSZ, flow_payload(PG_GETARG_DATUM(0)), FLOW_SIZE - VARHDRSZ);
	return copy;
}

static void
add_customers(void *value, int from, int to, int64 n)
{
	uint8_t    *place = flow_place(value, from, to);
	int64		sum;

	if (__builtin_add_overflow((int64) load64(place), n, &sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of customers is out of range of type bigint")));
	store64(place, (uint64) sum);
}

PORTRAIT_FUNCTION(portrait_lifecycle_flow_agg_transition);
Datum
portrait_lifecycle_flow_agg_transition(PG_FUNCTION_ARGS)
{
	void	   *value;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		value_aggregate_context(fcinfo);
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	value = get_flow(fcinfo);
	add_customers(value, stage_of_text(PG_GETARG_DATUM(1)), stage_of_text(PG_GETARG_DATUM(2)), 1);
	PG_RETURN_POINTER(value);
}

/* Combine function, and transition function of lifecycle_flow_union_agg */
PORTRAIT_FUNCTION(portrait_lifecycle_flow_union_agg_transition);
Datum
portrait_lifecycle_flow_union_agg_transition(PG_FUNCTION_ARGS)
{
	const uint8_t *other;
	void	   *value;

	if (PG_ARGISNULL(1))
	{
		value_aggregate_context(fcinfo);
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	value = get_flow(fcinfo);
	other = flow_payload(PG_GETARG_DATUM(1));
	for (int from = 0; from < STAGES; from++)
		for (int to = 0; to < STAGES; to++)
			add_customers(value, from, to,
						  (int64) load64(other + 4 + 8 * (from * STAGES + to)));
	PG_RETURN_POINTER(value);
}

/* A copy: the state goes on being written to */
PORTRAIT_FUNCTION(portrait_lifecycle_flow_agg_final);
Datum
portrait_lifecycle_flow_agg_final(PG_FUNCTION_ARGS)
{
	void	   *copy = flow_new();

	value_aggregate_context(fcinfo);
	memcpy((char *) copy + VARHDRSZ, flow_payload(PG_GETARG_DATUM(0)), FLOW_SIZE - VARHDRSZ);
	PG_RETURN_POINTER(copy);
}

/* Rows with customers: both stages, customers, share of those who were in the first */
PORTRAIT_FUNCTION(portrait_lifecycle_flow_rows);
Datum
portrait_lifecycle_flow_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const uint8_t *payload = flow_payload(PG_GETARG_DATUM(0));
	int			language = language_of_text(PG_GETARG_DATUM(1));

	InitMaterializedSRF(fcinfo, 0);
	for (int from = 0; from < STAGES; from++)
	{
		double		total = 0;

		for (int to = 0; to < STAGES; to++)
			total += (double) (int64) load64(payload + 4 + 8 * (from * STAGES + to));
		for (int to = 0; to < STAGES; to++)
		{
			int64		n = (int64) load64(payload + 4 + 8 * (from * STAGES + to));
			Datum		values[4];
			bool		nulls[4] = {false};

			if (n == 0)
				continue;
			values[0] = label_as_text(stage_labels[from][language]);
			values[1] = label_as_text(stage_labels[to][language]);
			values[2] = Int64GetDatum(n);
			values[3] = Float8GetDatum((double) n / total);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}
