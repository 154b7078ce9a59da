/*
 * value_type.c
 *	  Input, output and comparison of the types of this module, and what its
 *	  functions share.
 *
 * One value has one image, so two values are equal when their bytes are.  The
 * order is that of the bytes: of no meaning, but the same everywhere.
 */
#include "value/value_fmgr.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"

#include "value/lifecycle.h"
#include "value/pareto.h"
#include "value/price.h"

typedef struct ValueType
{
	void	   *(*parse) (const char *text, CoreError *error);
	char	   *(*print) (const uint8_t *payload, size_t size);
	bool		(*check) (const uint8_t *payload, size_t size, CoreError *error);
	const uint8_t *(*payload) (Datum datum, size_t *size);
} ValueType;

/* ---- what a type is, in terms of its core ---- */

const uint8_t *
rfm_payload(Datum datum, size_t *size)
{
	const uint8_t *payload = value_payload(datum, size);
	struct varlena *state;
	void	   *value;

	if (*size < 2 || payload[1] != RFM_FORM_STATE)
		return payload;
	/* not packed, so that it is aligned */
	state = PG_DETOAST_DATUM(datum);
	rfm_state_check((RfmState *) state, VARSIZE(state));
	value = rfm_state_finish((RfmState *) state);
	*size = value_size(value) - VARHDRSZ;
	return (const uint8_t *) value + VARHDRSZ;
}

void
rfm_open_datum(RfmSummary *summary, Datum datum)
{
	size_t		size;
	const uint8_t *payload = rfm_payload(datum, &size);

	rfm_open(summary, payload, size);
}

static char *
print_summary(const uint8_t *payload, size_t size)
{
	RfmSummary	summary;

	rfm_open(&summary, payload, size);
	return rfm_print(&summary);
}

static char *
print_model(const uint8_t *payload, size_t size)
{
	RfmModel	model;

	rfm_model_open(&model, payload, size);
	return rfm_model_print(&model);
}

static char *
print_rules(const uint8_t *payload, size_t size)
{
	RfmRules	rules;

	rfm_rules_open(&rules, payload, size);
	return rfm_rules_print(&rules);
}

/* Names must be text of the server's encoding */
static bool
check_rules(const uint8_t *payload, size_t size, CoreError *error)
{
	RfmRules	rules;
	RfmUserRule rule;
	const uint8_t *p;

	if (!rfm_rules_check(payload, size, error))
		return false;
	rfm_rules_open(&rules, payload, size);
	p = rules.rules;
	while (rfm_rules_next(&rules, &p, &rule))
		if (!pg_verifymbstr(rule.name, rule.length, true))
		{
			core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type rfm_rules");
			core_set_detail(error, "A name is not text in the encoding of the database.");
			return false;
		}
	return true;
}

static char *
print_pareto(const uint8_t *payload, size_t size)
{
	Distribution dist;

	pareto_open(&dist, payload, size);
	return pareto_print(&dist);
}

static char *
print_price(const uint8_t *payload, size_t size)
{
	PriceSums	sums;

	price_read(&sums, payload, size);
	return price_print(&sums);
}

static char *
print_flow(const uint8_t *payload, size_t size)
{
	const char *problem = flow_try_open(payload, size);

	if (problem != NULL)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type lifecycle_flow: %s", problem);
	return flow_print(payload);
}

/* An expanded pool becomes flat when it is detoasted */
static const uint8_t *
unpacked_payload(Datum datum, size_t *size)
{
	struct varlena *value = PG_DETOAST_DATUM(datum);

	*size = VARSIZE(value) - VARHDRSZ;
	return (const uint8_t *) VARDATA(value);
}

static const ValueType type_rfm_summary = {rfm_parse, print_summary, rfm_check, rfm_payload};
static const ValueType type_rfm_model = {rfm_model_parse, print_model, rfm_model_check, value_payload};
static const ValueType type_rfm_rules = {rfm_rules_parse, print_rules, check_rules, value_payload};
static const ValueType type_pareto = {pareto_parse, print_pareto, pareto_check, value_payload};
static const ValueType type_price_sensitivity = {price_parse, print_price, price_check, value_payload};
static const ValueType type_lifecycle_flow = {flow_parse, print_flow, flow_check, value_payload};
static const ValueType type_value_pool = {
	value_pool_parse, value_pool_print, value_pool_check, unpacked_payload
};

/* ---- input and output ---- */

static Datum
type_in(FunctionCallInfo fcinfo, const ValueType *type)
{
	CoreError	error = {0};
	void	   *value = type->parse(PG_GETARG_CSTRING(0), &error);

	if (value == NULL)
	{
		core_report(&error, fcinfo->context);
		PG_RETURN_NULL();
	}
	PG_RETURN_POINTER(value);
}

static Datum
type_out(FunctionCallInfo fcinfo, const ValueType *type)
{
	size_t		size;
	const uint8_t *payload = type->payload(PG_GETARG_DATUM(0), &size);

	PG_RETURN_CSTRING(type->print(payload, size));
}

/* The layout without its length word, validated completely */
static Datum
type_recv(FunctionCallInfo fcinfo, const ValueType *type)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buffer->len - buffer->cursor;
	char	   *value = palloc((Size) size + VARHDRSZ);
	CoreError	error = {0};

	SET_VARSIZE(value, size + VARHDRSZ);
	pq_copymsgbytes(buffer, VARDATA(value), size);
	if (!type->check((const uint8_t *) VARDATA(value), (size_t) size, &error))
		core_report(&error, NULL);
	PG_RETURN_POINTER(value);
}

static Datum
type_send(FunctionCallInfo fcinfo, const ValueType *type)
{
	size_t		size;
	const uint8_t *payload = type->payload(PG_GETARG_DATUM(0), &size);
	bytea	   *result = palloc(size + VARHDRSZ);

	SET_VARSIZE(result, size + VARHDRSZ);
	memcpy(VARDATA(result), payload, size);
	PG_RETURN_BYTEA_P(result);
}

/* ---- comparison: indexes and sorts call it, so nothing may be left behind ---- */

static void
release(Datum datum, const uint8_t *payload)
{
	const struct varlena *value = (const struct varlena *) DatumGetPointer(datum);

	/* what was detoasted or finished starts with a full header */
	if ((const char *) payload != VARDATA_ANY(value) || VARATT_IS_EXTERNAL(value))
		pfree((char *) payload - VARHDRSZ);
}

static int
type_compare(FunctionCallInfo fcinfo, const ValueType *type)
{
	size_t		size_a;
	size_t		size_b;
	const uint8_t *a = type->payload(PG_GETARG_DATUM(0), &size_a);
	const uint8_t *b = type->payload(PG_GETARG_DATUM(1), &size_b);
	int			result = memcmp(a, b, Min(size_a, size_b));

	if (result == 0)
		result = (size_a > size_b) - (size_a < size_b);
	/* the library may tell by how much */
	result = (result > 0) - (result < 0);
	release(PG_GETARG_DATUM(0), a);
	release(PG_GETARG_DATUM(1), b);
	return result;
}

static uint64
type_hash(FunctionCallInfo fcinfo, const ValueType *type, uint64 seed)
{
	size_t		size;
	const uint8_t *payload = type->payload(PG_GETARG_DATUM(0), &size);
	uint64		hash = DatumGetUInt64(hash_any_extended(payload, (int) size, seed));

	release(PG_GETARG_DATUM(0), payload);
	return hash;
}

#define TYPE_FUNCTION(type, name, expression) \
	PORTRAIT_FUNCTION(portrait_##type##_##name); \
	Datum \
	portrait_##type##_##name(PG_FUNCTION_ARGS) \
	{ \
		expression; \
	} \
	extern int	no_semicolon

#define TYPE_IO(type) \
	TYPE_FUNCTION(type, in, return type_in(fcinfo, &type_##type)); \
	TYPE_FUNCTION(type, out, return type_out(fcinfo, &type_##type)); \
	TYPE_FUNCTION(type, recv, return type_recv(fcinfo, &type_##type)); \
	TYPE_FUNCTION(type, send, return type_send(fcinfo, &type_##type))

#define TYPE_ORDER(type) \
	TYPE_FUNCTION(type, eq, PG_RETURN_BOOL(type_compare(fcinfo, &type_##type) == 0)); \
	TYPE_FUNCTION(type, ne, PG_RETURN_BOOL(type_compare(fcinfo, &type_##type) != 0)); \
	TYPE_FUNCTION(type, lt, PG_RETURN_BOOL(type_compare(fcinfo, &type_##type) < 0)); \
	TYPE_FUNCTION(type, le, PG_RETURN_BOOL(type_compare(fcinfo, &type_##type) <= 0)); \
	TYPE_FUNCTION(type, gt, PG_RETURN_BOOL(type_compare(fcinfo, &type_##type) > 0)); \
	TYPE_FUNCTION(type, ge, PG_RETURN_BOOL(type_compare(fcinfo, &type_##type) >= 0)); \
	TYPE_FUNCTION(type, cmp, PG_RETURN_INT32(type_compare(fcinfo, &type_##type))); \
	TYPE_FUNCTION(type, hash, PG_RETURN_INT32((int32) type_hash(fcinfo, &type_##type, 0))); \
	TYPE_FUNCTION(type, hash_extended, \
				  PG_RETURN_UINT64(type_hash(fcinfo, &type_##type, \
											 (uint64) PG_GETARG_INT64(1))))

TYPE_IO(rfm_summary);
TYPE_ORDER(rfm_summary);
TYPE_IO(rfm_model);
TYPE_ORDER(rfm_model);
TYPE_IO(rfm_rules);
TYPE_ORDER(rfm_rules);
TYPE_IO(pareto);
TYPE_ORDER(pareto);
TYPE_IO(price_sensitivity);
TYPE_ORDER(price_sensitivity);
TYPE_IO(lifecycle_flow);
TYPE_ORDER(lifecycle_flow);
TYPE_IO(value_pool);

/* ---- shared ---- */

MemoryContext
value_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate support function called outside an aggregate")));
	return context;
}

static void
not_finite(const char *what, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be finite, not %s", what, value)));
}

void
check_finite(double value, const char *what)
{
	if (unlikely(!isfinite(value)))
		not_finite(what, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

void
decimal_from_datum(Decimal *decimal, Datum datum, const char *what)
{
	struct varlena *number = PG_DETOAST_DATUM_PACKED(datum);
	DecimalClass class = decimal_read(decimal, (const uint8_t *) VARDATA_ANY(number),
									  VARSIZE_ANY_EXHDR(number));

	if (unlikely(class != DECIMAL_FINITE))
		not_finite(what, class == DECIMAL_NAN ? "NaN" :
				   class == DECIMAL_INFINITY ? "Infinity" : "-Infinity");
}

double
numeric_datum_to_double(Datum datum, const char *what)
{
	Decimal		decimal;
	double		value;

	decimal_from_datum(&decimal, datum, what);
	if (decimal_to_double(&decimal, &value))
		return value;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, datum));
}

double
rfm_amount_as_double(const RfmSummary *summary)
{
	Decimal		decimal;
	double		high;
	double		low;
	struct varlena *number;

	if (summary->kind == RFM_DOUBLE)
	{
		rfm_amount_double(summary, &high, &low);
		return high;
	}
	if (decimal_read(&decimal, summary->amount, summary->amount_size) == DECIMAL_FINITE &&
		decimal_to_double(&decimal, &high))
		return high;
	number = palloc(VARHDRSZ + summary->amount_size);
	SET_VARSIZE(number, VARHDRSZ + summary->amount_size);
	memcpy(VARDATA(number), summary->amount, summary->amount_size);
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, PointerGetDatum(number)));
}

bool
rfm_recency_at(const RfmSummary *summary, int32_t as_of, int64_t *days)
{
	char		last[32];
	char		day[32];

	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("as_of must be a finite date")));
	if (summary->ndays == 0)
		return false;
	*days = (int64_t) as_of - rfm_day(summary->last);
	if (*days > 0)
		return true;
	rfm_print_day(last, rfm_day(summary->last));
	rfm_print_day(day, as_of);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rfm_summary has purchases on or after as_of %s", day),
			 errdetail("The last purchase was on %s.", last),
			 errhint("Leave later orders out: rfm_agg(...) FILTER (WHERE order_time < as_of).")));
	return false;
}

int
method_of_text(Datum datum)
{
	size_t		length;
	const char *name = text_bytes(datum, &length);
	int			method = break_method(name, length);

	if (method < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized method of thresholds: \"%.*s\"", (int) Min(length, 60), name),
				 errhint("Methods are quantile, equal_width, equal_sum, mean, median and jenks.")));
	return method;
}

int
language_of_text(Datum datum)
{
	size_t		length;
	const char *name = text_bytes(datum, &length);
	int			language = rfm_language_find(name, length);

	if (language < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized language of names: \"%.*s\"", (int) Min(length, 60), name),
				 errhint("Languages are code, en and zh.")));
	return language;
}

Datum
label_as_text(const char *label)
{
	int			length = (int) strlen(label);
	char	   *text = pg_any_to_server(label, length, PG_UTF8);

	return PointerGetDatum(cstring_to_text(text));
}

double *
doubles_of_array(Datum datum, int *n, const char *what)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	double	   *values;

	*n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (ARR_NDIM(array) > 1 || ARR_ELEMTYPE(array) != FLOAT8OID || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be an array of one dimension without NULLs", what)));
	values = (double *) ARR_DATA_PTR(array);
	for (int i = 0; i < *n; i++)
		check_finite(values[i], what);
	return values;
}
