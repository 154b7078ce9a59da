/*
 * rfm_agg.c
 *	  rfm_agg and rfm_union_agg: from orders to a summary.
 *
 * The state is a flat value that the executor owns, updated in place; when it
 * has to grow, a larger one is handed over, which the executor copies into
 * the aggregate's context (see rfm_summary.h).
 */
#include "value/value_fmgr.h"

#include "utils/date.h"
#include "utils/timestamp.h"

static void
refuse_kind(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("exact amounts and amounts of type double precision cannot be mixed"),
			 errhint("Cast the amounts to one type.")));
}

/*
 * The state of the aggregate that calls, ready to be written to.  Whatever
 * the first argument is (it may have come from a table), it is checked.
 */
static inline RfmState *
get_state(FunctionCallInfo fcinfo, int kind)
{
	struct varlena *value;
	RfmState   *state;
	RfmSummary	summary;

	value_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		return rfm_state_new(kind);
	value = (struct varlena *) PG_GETARG_POINTER(0);
	state = (RfmState *) value;
	if (VARATT_IS_4B_U(value) && VARSIZE(value) >= sizeof(RfmState) &&
		state->form == RFM_FORM_STATE)
		rfm_state_check(state, VARSIZE(value));
	else
	{
		rfm_open_datum(&summary, PG_GETARG_DATUM(0));
		state = rfm_state_add_summary(rfm_state_new(summary.kind), &summary);
	}
	if (unlikely(state->kind != kind))
		refuse_kind();
	return state;
}

/* A row with a NULL changes nothing */
static Datum
unchanged(FunctionCallInfo fcinfo)
{
	value_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* Time and day of the order in argument 1 */
static inline void
order_date(FunctionCallInfo fcinfo, int64_t *time, int32_t *day)
{
	*day = PG_GETARG_DATEADT(1);
	if (unlikely(*day < RFM_MIN_DAY || *day >= RFM_END_DAY))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 DATE_NOT_FINITE(*day) ? errmsg("order date must be finite") :
				 errmsg("order date is out of range of type timestamp")));
	*time = *day * RFM_USECS_PER_DAY;
}

static inline void
order_timestamp(FunctionCallInfo fcinfo, int64_t *time, int32_t *day)
{
	*time = PG_GETARG_TIMESTAMP(1);
	if (unlikely(!IS_VALID_TIMESTAMP(*time)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("order time must be finite")));
	*day = rfm_day(*time);
}

/* The amount in argument 2 into the state; tells whether it is a purchase */
static inline bool
amount_numeric(FunctionCallInfo fcinfo, RfmState **state)
{
	Decimal		amount;

	decimal_from_datum(&amount, PG_GETARG_DATUM(2), "amount");
	*state = rfm_state_add_exact(*state, &amount);
	return amount.ndigits > 0 && !amount.negative;
}

static inline bool
amount_int8(FunctionCallInfo fcinfo, RfmState **state)
{
	*state = rfm_state_add_int(*state, PG_GETARG_INT64(2));
	return PG_GETARG_INT64(2) > 0;
}

static inline bool
amount_int4(FunctionCallInfo fcinfo, RfmState **state)
{
	*state = rfm_state_add_int(*state, PG_GETARG_INT32(2));
	return PG_GETARG_INT32(2) > 0;
}

static inline bool
amount_int2(FunctionCallInfo fcinfo, RfmState **state)
{
	*state = rfm_state_add_int(*state, PG_GETARG_INT16(2));
	return PG_GETARG_INT16(2) > 0;
}

static inline bool
amount_float8(FunctionCallInfo fcinfo, RfmState **state)
{
	check_finite(PG_GETARG_FLOAT8(2), "amount");
	rfm_state_add_double(*state, PG_GETARG_FLOAT8(2), 0);
	return PG_GETARG_FLOAT8(2) > 0;
}

/*
 * One order: its time counts if the amount is above zero.  The time is
 * checked in any case.
 */
#define TRANSITION(time_type, amount_type, kind) \
	PORTRAIT_FUNCTION(portrait_rfm_agg_transition_##time_type##_##amount_type); \
	Datum \
	portrait_rfm_agg_transition_##time_type##_##amount_type(PG_FUNCTION_ARGS) \
	{ \
		RfmState   *state; \
		int64_t		time; \
		int32_t		day; \
		\
		if (unlikely(PG_ARGISNULL(1) || PG_ARGISNULL(2))) \
			return unchanged(fcinfo); \
		state = get_state(fcinfo, kind); \
		order_##time_type(fcinfo, &time, &day); \
		if (amount_##amount_type(fcinfo, &state)) \
			state = rfm_state_add_purchase(state, time, day); \
		PG_RETURN_POINTER(state); \
	} \
	extern int	no_semicolon

TRANSITION(date, numeric, RFM_EXACT);
TRANSITION(date, int8, RFM_EXACT);
TRANSITION(date, int4, RFM_EXACT);
TRANSITION(date, int2, RFM_EXACT);
TRANSITION(date, float8, RFM_DOUBLE);
TRANSITION(timestamp, numeric, RFM_EXACT);
TRANSITION(timestamp, int8, RFM_EXACT);
TRANSITION(timestamp, int4, RFM_EXACT);
TRANSITION(timestamp, int2, RFM_EXACT);
TRANSITION(timestamp, float8, RFM_DOUBLE);

/* A moment has no local day before somebody says where */
PORTRAIT_FUNCTION(portrait_rfm_agg_transition_timestamptz);
Datum
portrait_rfm_agg_transition_timestamptz(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("rfm_agg takes local times, not timestamp with time zone"),
			 errhint("Say whose local time, for example rfm_agg(paid_at AT TIME ZONE 'Asia/Shanghai', amount).")));
	PG_RETURN_NULL();
}

/* ---- whole summaries ---- */

/* Transition function of rfm_union_agg, and combine function of all */
PORTRAIT_FUNCTION(portrait_rfm_union_agg_transition);
Datum
portrait_rfm_union_agg_transition(PG_FUNCTION_ARGS)
{
	RfmSummary	summary;
	RfmState   *state;

	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	rfm_open_datum(&summary, PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
	{
		/* an image of its own, which the executor copies */
		char	   *copy;
		size_t		size;
		const uint8_t *payload;

		value_aggregate_context(fcinfo);
		payload = rfm_payload(PG_GETARG_DATUM(1), &size);
		copy = palloc(size + VARHDRSZ);
		SET_VARSIZE(copy, size + VARHDRSZ);
		memcpy(VARDATA(copy), payload, size);
		PG_RETURN_POINTER(copy);
	}
	state = get_state(fcinfo, summary.kind);
	PG_RETURN_POINTER(rfm_state_add_summary(state, &summary));
}

/* Leaves the state as it was: windows go on with it */
PORTRAIT_FUNCTION(portrait_rfm_agg_final);
Datum
portrait_rfm_agg_final(PG_FUNCTION_ARGS)
{
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(0);
	size_t		size;
	const uint8_t *payload;
	char	   *copy;

	value_aggregate_context(fcinfo);
	if (VARATT_IS_4B_U(value) && VARSIZE(value) >= sizeof(RfmState) &&
		((RfmState *) value)->form == RFM_FORM_STATE)
	{
		rfm_state_check((RfmState *) value, VARSIZE(value));
		PG_RETURN_POINTER(rfm_state_finish((RfmState *) value));
	}
	payload = rfm_payload(PG_GETARG_DATUM(0), &size);
	copy = palloc(size + VARHDRSZ);
	SET_VARSIZE(copy, size + VARHDRSZ);
	memcpy(VARDATA(copy), payload, size);
	PG_RETURN_POINTER(copy);
}
