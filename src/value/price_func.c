/*
 * price_func.c
 *	  The type price_sensitivity: aggregates and questions.
 */
#include "value/value_fmgr.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "value/price.h"

/* Decimals that a usual price is rounded to: its discount may have very many */
#define USUAL_SCALE 16

static void
read_value(PriceSums *sums, Datum datum)
{
	size_t		size;
	const uint8_t *payload = value_payload(datum, &size);

	price_read(sums, payload, size);
}

/* Write the state, in place where the executor gave us one of its own */
static Datum
write_state(FunctionCallInfo fcinfo, const PriceSums *sums)
{
	void	   *value;

	if (!PG_ARGISNULL(0) && VARATT_IS_4B_U(PG_GETARG_POINTER(0)) &&
		VARSIZE(PG_GETARG_POINTER(0)) == PRICE_SIZE)
		value = PG_GETARG_POINTER(0);
	else
		value = palloc(PRICE_SIZE);
	price_write(sums, value);
	PG_RETURN_POINTER(value);
}

static Datum
unchanged(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

static Datum
add_order(FunctionCallInfo fcinfo, Datum paid_datum, Datum price_datum)
{
	PriceSums	sums;
	Decimal		paid;
	Decimal		price;

	decimal_from_datum(&paid, paid_datum, "paid");
	decimal_from_datum(&price, price_datum, "list price");
	/* a gift */
	if (price.ndigits == 0)
		return unchanged(fcinfo);
	if (PG_ARGISNULL(0))
		price_start(&sums);
	else
		read_value(&sums, PG_GETARG_DATUM(0));
	price_add(&sums, &paid, &price);
	return write_state(fcinfo, &sums);
}

/* price_sensitivity_agg(paid, list_price) */
PORTRAIT_FUNCTION(portrait_price_sensitivity_agg_transition);
Datum
portrait_price_sensitivity_agg_transition(PG_FUNCTION_ARGS)
{
	value_aggregate_context(fcinfo);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return unchanged(fcinfo);
	return add_order(fcinfo, PG_GETARG_DATUM(1), PG_GETARG_DATUM(2));
}

/* price_sensitivity_agg(paid, list_price, usual_discount), a discount from 0 to below 1 */
PORTRAIT_FUNCTION(portrait_price_sensitivity_agg_transition_usual);
Datum
portrait_price_sensitivity_agg_transition_usual(PG_FUNCTION_ARGS)
{
	Decimal		usual;
	Decimal		price;
	Datum		rest;
	Datum		usual_price;

	value_aggregate_context(fcinfo);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return unchanged(fcinfo);
	decimal_from_datum(&usual, PG_GETARG_DATUM(3), "usual discount");
	decimal_from_datum(&price, PG_GETARG_DATUM(2), "list price");
	if (usual.negative || (usual.ndigits > 0 && usual.weight >= 0))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("usual discount must be 0 to below 1")));
	rest = DirectFunctionCall2(numeric_sub,
							   DirectFunctionCall1(int4_numeric, Int32GetDatum(1)),
							   PG_GETARG_DATUM(3));
	usual_price = DirectFunctionCall2(numeric_mul, PG_GETARG_DATUM(2), rest);
	decimal_from_datum(&price, usual_price, "list price");
	if (price.dscale > USUAL_SCALE)
		usual_price = DirectFunctionCall2(numeric_round, usual_price, Int32GetDatum(USUAL_SCALE));
	return add_order(fcinfo, PG_GETARG_DATUM(1), usual_price);
}

/* Combine function, and transition function of price_sensitivity_union_agg */
PORTRAIT_FUNCTION(portrait_price_sensitivity_union_agg_transition);
Datum
portrait_price_sensitivity_union_agg_transition(PG_FUNCTION_ARGS)
{
	PriceSums	sums;
	PriceSums	other;

	value_aggregate_context(fcinfo);
	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	read_value(&other, PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
		return write_state(fcinfo, &other);
	read_value(&sums, PG_GETARG_DATUM(0));
	price_merge(&sums, &other);
	return write_state(fcinfo, &sums);
}

/* A copy: the state goes on being written to */
PORTRAIT_FUNCTION(portrait_price_sensitivity_agg_final);
Datum
portrait_price_sensitivity_agg_final(PG_FUNCTION_ARGS)
{
	PriceSums	sums;
	void	   *value = palloc(PRICE_SIZE);

	value_aggregate_context(fcinfo);
	read_value(&sums, PG_GETARG_DATUM(0));
	price_write(&sums, value);
	PG_RETURN_POINTER(value);
}

/* ---- questions ---- */

PORTRAIT_FUNCTION(portrait_price_sensitivity_orders);
Datum
portrait_price_sensitivity_orders(PG_FUNCTION_ARGS)
{
	PriceSums	sums;

	read_value(&sums, PG_GETARG_DATUM(0));
	PG_RETURN_INT64(sums.orders);
}

PORTRAIT_FUNCTION(portrait_price_sensitivity_order_share);
Datum
portrait_price_sensitivity_order_share(PG_FUNCTION_ARGS)
{
	PriceSums	sums;

	read_value(&sums, PG_GETARG_DATUM(0));
	PG_RETURN_FLOAT8(price_order_share(&sums));
}

PORTRAIT_FUNCTION(portrait_price_sensitivity_mean_discount);
Datum
portrait_price_sensitivity_mean_discount(PG_FUNCTION_ARGS)
{
	PriceSums	sums;

	read_value(&sums, PG_GETARG_DATUM(0));
	PG_RETURN_FLOAT8(price_mean_discount(&sums));
}

PORTRAIT_FUNCTION(portrait_price_sensitivity_total_share);
Datum
portrait_price_sensitivity_total_share(PG_FUNCTION_ARGS)
{
	PriceSums	sums;

	read_value(&sums, PG_GETARG_DATUM(0));
	PG_RETURN_FLOAT8(price_total_share(&sums));
}

PORTRAIT_FUNCTION(portrait_price_sensitivity_index);
Datum
portrait_price_sensitivity_index(PG_FUNCTION_ARGS)
{
	PriceSums	sums;

	read_value(&sums, PG_GETARG_DATUM(0));
	PG_RETURN_FLOAT8(price_order_share(&sums) + price_mean_discount(&sums) +
					 price_total_share(&sums));
}
