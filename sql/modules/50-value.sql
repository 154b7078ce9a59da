/*
 * value: what a customer is worth.  Orders become a summary, summaries a model of
 * thresholds, both a score, a score the name of a segment; around it Pareto,
 * the life cycle, price sensitivity and tiers.  The layouts and the algorithms
 * are told in src/value/README.md.
 */

-- rfm_summary

CREATE TYPE @extschema@.rfm_summary;

CREATE FUNCTION @extschema@.rfm_summary_in(cstring)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_in';
COMMENT ON FUNCTION @extschema@.rfm_summary_in(cstring) IS
'text input of rfm_summary: {"orders": 2, "first": ..., "last": ..., "amount": ..., "gaps": [...]}';

CREATE FUNCTION @extschema@.rfm_summary_out(@extschema@.rfm_summary)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_out';
COMMENT ON FUNCTION @extschema@.rfm_summary_out(@extschema@.rfm_summary) IS
'text output of rfm_summary';

CREATE FUNCTION @extschema@.rfm_summary_recv(internal)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_recv';
COMMENT ON FUNCTION @extschema@.rfm_summary_recv(internal) IS
'binary input of rfm_summary: the stored layout, validated completely';

CREATE FUNCTION @extschema@.rfm_summary_send(@extschema@.rfm_summary)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_send';
COMMENT ON FUNCTION @extschema@.rfm_summary_send(@extschema@.rfm_summary) IS
'binary output of rfm_summary: the stored layout without its length word';

CREATE TYPE @extschema@.rfm_summary (
	INPUT = @extschema@.rfm_summary_in,
	OUTPUT = @extschema@.rfm_summary_out,
	RECEIVE = @extschema@.rfm_summary_recv,
	SEND = @extschema@.rfm_summary_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.rfm_summary IS
'one customer''s orders as one value: first and last purchase, number of orders, net amount, purchase days; for example: SELECT customer_id, rfm_agg(day, amount) FROM orders GROUP BY customer_id';

-- rfm_model

CREATE TYPE @extschema@.rfm_model;

CREATE FUNCTION @extschema@.rfm_model_in(cstring)
	RETURNS @extschema@.rfm_model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_in';
COMMENT ON FUNCTION @extschema@.rfm_model_in(cstring) IS
'text input of rfm_model: JSON with bins, method, side, customers, thresholds and classes';

CREATE FUNCTION @extschema@.rfm_model_out(@extschema@.rfm_model)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_out';
COMMENT ON FUNCTION @extschema@.rfm_model_out(@extschema@.rfm_model) IS
'text output of rfm_model';

CREATE FUNCTION @extschema@.rfm_model_recv(internal)
	RETURNS @extschema@.rfm_model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_recv';
COMMENT ON FUNCTION @extschema@.rfm_model_recv(internal) IS
'binary input of rfm_model: the stored layout, validated completely';

CREATE FUNCTION @extschema@.rfm_model_send(@extschema@.rfm_model)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_send';
COMMENT ON FUNCTION @extschema@.rfm_model_send(@extschema@.rfm_model) IS
'binary output of rfm_model: the stored layout without its length word';

CREATE TYPE @extschema@.rfm_model (
	INPUT = @extschema@.rfm_model_in,
	OUTPUT = @extschema@.rfm_model_out,
	RECEIVE = @extschema@.rfm_model_recv,
	SEND = @extschema@.rfm_model_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.rfm_model IS
'thresholds of recency, frequency and money, with their method and the customers in each class; for example: SELECT rfm_model_agg(orders, date ''2026-07-01'') FROM summaries';

-- rfm_rules

CREATE TYPE @extschema@.rfm_rules;

CREATE FUNCTION @extschema@.rfm_rules_in(cstring)
	RETURNS @extschema@.rfm_rules
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_in';
COMMENT ON FUNCTION @extschema@.rfm_rules_in(cstring) IS
'text input of rfm_rules: {"bins": 2, "rules": [{"r": [1, 1], "f": [1, 2], "m": [1, 2], "name": "low"}, ...]}';

CREATE FUNCTION @extschema@.rfm_rules_out(@extschema@.rfm_rules)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_out';
COMMENT ON FUNCTION @extschema@.rfm_rules_out(@extschema@.rfm_rules) IS
'text output of rfm_rules';

CREATE FUNCTION @extschema@.rfm_rules_recv(internal)
	RETURNS @extschema@.rfm_rules
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_recv';
COMMENT ON FUNCTION @extschema@.rfm_rules_recv(internal) IS
'binary input of rfm_rules: the stored layout, validated completely';

CREATE FUNCTION @extschema@.rfm_rules_send(@extschema@.rfm_rules)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_send';
COMMENT ON FUNCTION @extschema@.rfm_rules_send(@extschema@.rfm_rules) IS
'binary output of rfm_rules: the stored layout without its length word';

CREATE TYPE @extschema@.rfm_rules (
	INPUT = @extschema@.rfm_rules_in,
	OUTPUT = @extschema@.rfm_rules_out,
	RECEIVE = @extschema@.rfm_rules_recv,
	SEND = @extschema@.rfm_rules_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.rfm_rules IS
'a scheme of RFM segments of your own: ranges of digits and names, complete and without overlap; for example: SELECT rfm_rules(ARRAY[''high'',''low''], ARRAY[''[2,2]'',''[1,1]'']::int4range[], ARRAY[NULL,NULL]::int4range[], ARRAY[NULL,NULL]::int4range[], 2)';

-- value_pool

CREATE TYPE @extschema@.value_pool;

CREATE FUNCTION @extschema@.value_pool_in(cstring)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_value_pool_in';
COMMENT ON FUNCTION @extschema@.value_pool_in(cstring) IS
'text input of value_pool: JSON with columns, bins, method and values';

CREATE FUNCTION @extschema@.value_pool_out(@extschema@.value_pool)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_value_pool_out';
COMMENT ON FUNCTION @extschema@.value_pool_out(@extschema@.value_pool) IS
'text output of value_pool';

CREATE FUNCTION @extschema@.value_pool_recv(internal)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_value_pool_recv';
COMMENT ON FUNCTION @extschema@.value_pool_recv(internal) IS
'binary input of value_pool: the stored layout, validated completely';

CREATE FUNCTION @extschema@.value_pool_send(@extschema@.value_pool)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_value_pool_send';
COMMENT ON FUNCTION @extschema@.value_pool_send(@extschema@.value_pool) IS
'binary output of value_pool: the stored layout without its length word';

CREATE TYPE @extschema@.value_pool (
	INPUT = @extschema@.value_pool_in,
	OUTPUT = @extschema@.value_pool_out,
	RECEIVE = @extschema@.value_pool_recv,
	SEND = @extschema@.value_pool_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.value_pool IS
'numbers collected to find thresholds or a distribution: the state of value_breaks_agg, rfm_model_agg and pareto_agg';

-- pareto

CREATE TYPE @extschema@.pareto;

CREATE FUNCTION @extschema@.pareto_in(cstring)
	RETURNS @extschema@.pareto
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_pareto_in';
COMMENT ON FUNCTION @extschema@.pareto_in(cstring) IS
'text input of pareto: {"values": [1, [2.5, 3]]}, distinct numbers ascending, with their count where it is above 1';

CREATE FUNCTION @extschema@.pareto_out(@extschema@.pareto)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_pareto_out';
COMMENT ON FUNCTION @extschema@.pareto_out(@extschema@.pareto) IS
'text output of pareto';

CREATE FUNCTION @extschema@.pareto_recv(internal)
	RETURNS @extschema@.pareto
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_pareto_recv';
COMMENT ON FUNCTION @extschema@.pareto_recv(internal) IS
'binary input of pareto: the stored layout, validated completely';

CREATE FUNCTION @extschema@.pareto_send(@extschema@.pareto)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_pareto_send';
COMMENT ON FUNCTION @extschema@.pareto_send(@extschema@.pareto) IS
'binary output of pareto: the stored layout without its length word';

CREATE TYPE @extschema@.pareto (
	INPUT = @extschema@.pareto_in,
	OUTPUT = @extschema@.pareto_out,
	RECEIVE = @extschema@.pareto_recv,
	SEND = @extschema@.pareto_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.pareto IS
'a distribution of value over customers; for example: SELECT pareto_agg(revenue) FROM customers';

-- price_sensitivity

CREATE TYPE @extschema@.price_sensitivity;

CREATE FUNCTION @extschema@.price_sensitivity_in(cstring)
	RETURNS @extschema@.price_sensitivity
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_in';
COMMENT ON FUNCTION @extschema@.price_sensitivity_in(cstring) IS
'text input of price_sensitivity: JSON with orders, discounted, rates, prices and discounts';

CREATE FUNCTION @extschema@.price_sensitivity_out(@extschema@.price_sensitivity)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_out';
COMMENT ON FUNCTION @extschema@.price_sensitivity_out(@extschema@.price_sensitivity) IS
'text output of price_sensitivity';

CREATE FUNCTION @extschema@.price_sensitivity_recv(internal)
	RETURNS @extschema@.price_sensitivity
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_recv';
COMMENT ON FUNCTION @extschema@.price_sensitivity_recv(internal) IS
'binary input of price_sensitivity: the stored layout, validated completely';

CREATE FUNCTION @extschema@.price_sensitivity_send(@extschema@.price_sensitivity)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_send';
COMMENT ON FUNCTION @extschema@.price_sensitivity_send(@extschema@.price_sensitivity) IS
'binary output of price_sensitivity: the stored layout without its length word';

CREATE TYPE @extschema@.price_sensitivity (
	INPUT = @extschema@.price_sensitivity_in,
	OUTPUT = @extschema@.price_sensitivity_out,
	RECEIVE = @extschema@.price_sensitivity_recv,
	SEND = @extschema@.price_sensitivity_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.price_sensitivity IS
'how much a customer buys on discount; for example: SELECT customer_id, price_sensitivity_agg(paid, list_price) FROM orders GROUP BY customer_id';

-- lifecycle_flow

CREATE TYPE @extschema@.lifecycle_flow;

CREATE FUNCTION @extschema@.lifecycle_flow_in(cstring)
	RETURNS @extschema@.lifecycle_flow
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_in';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_in(cstring) IS
'text input of lifecycle_flow: {"active": {"at_risk": 3}}';

CREATE FUNCTION @extschema@.lifecycle_flow_out(@extschema@.lifecycle_flow)
	RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_out';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_out(@extschema@.lifecycle_flow) IS
'text output of lifecycle_flow';

CREATE FUNCTION @extschema@.lifecycle_flow_recv(internal)
	RETURNS @extschema@.lifecycle_flow
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_recv';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_recv(internal) IS
'binary input of lifecycle_flow: the stored layout, validated completely';

CREATE FUNCTION @extschema@.lifecycle_flow_send(@extschema@.lifecycle_flow)
	RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_send';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_send(@extschema@.lifecycle_flow) IS
'binary output of lifecycle_flow: the stored layout without its length word';

CREATE TYPE @extschema@.lifecycle_flow (
	INPUT = @extschema@.lifecycle_flow_in,
	OUTPUT = @extschema@.lifecycle_flow_out,
	RECEIVE = @extschema@.lifecycle_flow_recv,
	SEND = @extschema@.lifecycle_flow_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE @extschema@.lifecycle_flow IS
'how many customers went from which stage to which; for example: SELECT lifecycle_flow_agg(stage_before, stage_after) FROM stages';

-- From orders to summaries: the transition type is rfm_summary itself, so that
-- partial states can be stored and travel as text.

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount numeric)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_date_numeric';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount numeric) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount bigint)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_date_int8';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount bigint) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount integer)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_date_int4';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount integer) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount smallint)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_date_int2';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount smallint) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount double precision)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_date_float8';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_date date, amount double precision) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount numeric)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_timestamp_numeric';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount numeric) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount bigint)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_timestamp_int8';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount bigint) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount integer)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_timestamp_int4';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount integer) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount smallint)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_timestamp_int2';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount smallint) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount double precision)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_timestamp_float8';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp without time zone, amount double precision) IS
'transition function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp with time zone, amount double precision)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_transition_timestamptz';
COMMENT ON FUNCTION @extschema@.rfm_agg_transition(state @extschema@.rfm_summary, order_time timestamp with time zone, amount double precision) IS
'transition function of rfm_agg that refuses moments: whose local time?';

CREATE FUNCTION @extschema@.rfm_union_agg_transition(state @extschema@.rfm_summary, summary @extschema@.rfm_summary)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_rfm_union_agg_transition';
COMMENT ON FUNCTION @extschema@.rfm_union_agg_transition(state @extschema@.rfm_summary, summary @extschema@.rfm_summary) IS
'transition function of rfm_union_agg, combine function of rfm_agg';

CREATE FUNCTION @extschema@.rfm_agg_final(state @extschema@.rfm_summary)
	RETURNS @extschema@.rfm_summary
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_rfm_agg_final';
COMMENT ON FUNCTION @extschema@.rfm_agg_final(state @extschema@.rfm_summary) IS
'final function of rfm_agg and rfm_union_agg';

CREATE AGGREGATE @extschema@.rfm_agg(date, numeric) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(date, numeric) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(day, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(date, bigint) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(date, bigint) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(day, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(date, integer) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(date, integer) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(day, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(date, smallint) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(date, smallint) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(day, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(date, double precision) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(date, double precision) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up in double precision; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(day, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(timestamp without time zone, numeric) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(timestamp without time zone, numeric) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(paid_at, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(timestamp without time zone, bigint) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(timestamp without time zone, bigint) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(paid_at, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(timestamp without time zone, integer) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(timestamp without time zone, integer) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(paid_at, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(timestamp without time zone, smallint) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(timestamp without time zone, smallint) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up exactly; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(paid_at, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(timestamp without time zone, double precision) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(timestamp without time zone, double precision) IS
'summary of a customer''s paid orders, one row each, in local time; amounts above zero are purchases, others only lower the amount, which is added up in double precision; rows with a NULL are skipped; for example: SELECT customer_id, rfm_agg(paid_at, amount) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.rfm_agg(timestamp with time zone, double precision) (
	SFUNC = @extschema@.rfm_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_agg(timestamp with time zone, double precision) IS
'refuses timestamp with time zone, as days depend on whose they are; for example: write rfm_agg(paid_at AT TIME ZONE ''Asia/Shanghai'', amount)';

CREATE AGGREGATE @extschema@.rfm_union_agg(@extschema@.rfm_summary) (
	SFUNC = @extschema@.rfm_union_agg_transition,
	STYPE = @extschema@.rfm_summary,
	COMBINEFUNC = @extschema@.rfm_union_agg_transition,
	FINALFUNC = @extschema@.rfm_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_union_agg(@extschema@.rfm_summary) IS
'the summary of all orders that the input summaries have, NULLs skipped; for example: SELECT customer_id, rfm_union_agg(orders) FROM monthly_summaries GROUP BY customer_id';

-- Questions to summaries

CREATE FUNCTION @extschema@.rfm_first(summary @extschema@.rfm_summary)
	RETURNS timestamp without time zone
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_first';
COMMENT ON FUNCTION @extschema@.rfm_first(summary @extschema@.rfm_summary) IS
'time of the first purchase, NULL without purchases; for example: SELECT customer_id, rfm_first(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_last(summary @extschema@.rfm_summary)
	RETURNS timestamp without time zone
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_last';
COMMENT ON FUNCTION @extschema@.rfm_last(summary @extschema@.rfm_summary) IS
'time of the last purchase, NULL without purchases; for example: SELECT customer_id, rfm_last(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_previous(summary @extschema@.rfm_summary)
	RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_previous';
COMMENT ON FUNCTION @extschema@.rfm_previous(summary @extschema@.rfm_summary) IS
'the purchase day before the last one, NULL when there are not two; for example: SELECT customer_id, rfm_previous(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_orders(summary @extschema@.rfm_summary)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_orders';
COMMENT ON FUNCTION @extschema@.rfm_orders(summary @extschema@.rfm_summary) IS
'number of purchases; for example: SELECT customer_id, rfm_orders(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_days(summary @extschema@.rfm_summary)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_days';
COMMENT ON FUNCTION @extschema@.rfm_days(summary @extschema@.rfm_summary) IS
'number of distinct purchase days; for example: SELECT customer_id, rfm_days(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_amount(summary @extschema@.rfm_summary)
	RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_rfm_amount';
COMMENT ON FUNCTION @extschema@.rfm_amount(summary @extschema@.rfm_summary) IS
'net amount: purchases less refunds; for example: SELECT customer_id, rfm_amount(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_gaps(summary @extschema@.rfm_summary)
	RETURNS integer[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_rfm_gaps';
COMMENT ON FUNCTION @extschema@.rfm_gaps(summary @extschema@.rfm_summary) IS
'days from each purchase day to the next, in order; for example: SELECT customer_id, rfm_gaps(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_mean_gap(summary @extschema@.rfm_summary)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_mean_gap';
COMMENT ON FUNCTION @extschema@.rfm_mean_gap(summary @extschema@.rfm_summary) IS
'mean number of days between purchase days, NULL when there are not two; for example: SELECT customer_id, rfm_mean_gap(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_median_gap(summary @extschema@.rfm_summary)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_rfm_median_gap';
COMMENT ON FUNCTION @extschema@.rfm_median_gap(summary @extschema@.rfm_summary) IS
'median number of days between purchase days, NULL when there are not two; for example: SELECT customer_id, rfm_median_gap(orders) FROM summaries';

CREATE FUNCTION @extschema@.rfm_recency(summary @extschema@.rfm_summary, as_of date)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_recency';
COMMENT ON FUNCTION @extschema@.rfm_recency(summary @extschema@.rfm_summary, as_of date) IS
'whole days from the last purchase to as_of, NULL without purchases; an error when there are purchases on as_of or later; for example: rfm_recency(orders, date ''2026-07-01'')';

-- Thresholds and scores

CREATE FUNCTION @extschema@.value_breaks_agg_transition(state @extschema@.value_pool, value double precision, bins integer)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_value_breaks_agg_transition';
COMMENT ON FUNCTION @extschema@.value_breaks_agg_transition(state @extschema@.value_pool, value double precision, bins integer) IS
'transition function of value_breaks_agg';

CREATE FUNCTION @extschema@.value_breaks_agg_transition(state @extschema@.value_pool, value double precision, bins integer, method text)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_value_breaks_agg_transition_method';
COMMENT ON FUNCTION @extschema@.value_breaks_agg_transition(state @extschema@.value_pool, value double precision, bins integer, method text) IS
'transition function of value_breaks_agg';

CREATE FUNCTION @extschema@.value_pool_combine(state @extschema@.value_pool, other @extschema@.value_pool)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_value_pool_combine';
COMMENT ON FUNCTION @extschema@.value_pool_combine(state @extschema@.value_pool, other @extschema@.value_pool) IS
'combine function of the aggregates whose state is value_pool';

CREATE FUNCTION @extschema@.value_breaks_agg_final(state @extschema@.value_pool)
	RETURNS double precision[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_value_breaks_agg_final';
COMMENT ON FUNCTION @extschema@.value_breaks_agg_final(state @extschema@.value_pool) IS
'final function of value_breaks_agg';

CREATE AGGREGATE @extschema@.value_breaks_agg(double precision, integer) (
	SFUNC = @extschema@.value_breaks_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.value_breaks_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.value_breaks_agg(double precision, integer) IS
'the thresholds that cut the values into so many bins, by quantiles of type 7, NULLs skipped; for example: SELECT value_breaks_agg(revenue, 5) FROM customers';

CREATE AGGREGATE @extschema@.value_breaks_agg(double precision, integer, text) (
	SFUNC = @extschema@.value_breaks_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.value_breaks_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.value_breaks_agg(double precision, integer, text) IS
'the thresholds that cut the values into so many bins by a method: quantile, equal_width, equal_sum, mean, median (2 bins) or jenks; for example: SELECT value_breaks_agg(revenue, 2, ''mean'') FROM customers';

CREATE FUNCTION @extschema@.value_score(value double precision, breaks double precision[], high_is_good boolean DEFAULT true, upper_closed boolean DEFAULT true)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_value_score';
COMMENT ON FUNCTION @extschema@.value_score(value double precision, breaks double precision[], high_is_good boolean, upper_closed boolean) IS
'class of a value from 1, the worst; upper_closed: a value on a threshold belongs below it; for example: value_score(7, ''{5,10}'') gives 2';

CREATE FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, recency double precision, frequency double precision, monetary double precision)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_agg_transition';
COMMENT ON FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, recency double precision, frequency double precision, monetary double precision) IS
'transition function of rfm_model_agg';

CREATE FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, recency double precision, frequency double precision, monetary double precision, bins integer)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_agg_transition_bins';
COMMENT ON FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, recency double precision, frequency double precision, monetary double precision, bins integer) IS
'transition function of rfm_model_agg';

CREATE FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, recency double precision, frequency double precision, monetary double precision, bins integer, method text)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_agg_transition_method';
COMMENT ON FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, recency double precision, frequency double precision, monetary double precision, bins integer, method text) IS
'transition function of rfm_model_agg';

CREATE FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, summary @extschema@.rfm_summary, as_of date)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_agg_transition_summary';
COMMENT ON FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, summary @extschema@.rfm_summary, as_of date) IS
'transition function of rfm_model_agg';

CREATE FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, summary @extschema@.rfm_summary, as_of date, bins integer)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_agg_transition_summary_bins';
COMMENT ON FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, summary @extschema@.rfm_summary, as_of date, bins integer) IS
'transition function of rfm_model_agg';

CREATE FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, summary @extschema@.rfm_summary, as_of date, bins integer, method text)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_agg_transition_summary_method';
COMMENT ON FUNCTION @extschema@.rfm_model_agg_transition(state @extschema@.value_pool, summary @extschema@.rfm_summary, as_of date, bins integer, method text) IS
'transition function of rfm_model_agg';

CREATE FUNCTION @extschema@.rfm_model_agg_final(state @extschema@.value_pool)
	RETURNS @extschema@.rfm_model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_agg_final';
COMMENT ON FUNCTION @extschema@.rfm_model_agg_final(state @extschema@.value_pool) IS
'final function of rfm_model_agg';

CREATE AGGREGATE @extschema@.rfm_model_agg(double precision, double precision, double precision) (
	SFUNC = @extschema@.rfm_model_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.rfm_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_model_agg(double precision, double precision, double precision) IS
'thresholds of recency (low is good), frequency and money of all customers, rows with a NULL skipped; for example: SELECT rfm_model_agg(recency, frequency, monetary) FROM customers';

CREATE AGGREGATE @extschema@.rfm_model_agg(double precision, double precision, double precision, integer) (
	SFUNC = @extschema@.rfm_model_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.rfm_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_model_agg(double precision, double precision, double precision, integer) IS
'thresholds of recency (low is good), frequency and money of all customers in so many bins (2 to 9), rows with a NULL skipped; for example: SELECT rfm_model_agg(recency, frequency, monetary, 5) FROM customers';

CREATE AGGREGATE @extschema@.rfm_model_agg(double precision, double precision, double precision, integer, text) (
	SFUNC = @extschema@.rfm_model_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.rfm_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_model_agg(double precision, double precision, double precision, integer, text) IS
'thresholds of recency (low is good), frequency and money of all customers in so many bins by a method of value_breaks_agg, rows with a NULL skipped; for example: SELECT rfm_model_agg(recency, frequency, monetary, 5, ''quantile'') FROM customers';

CREATE AGGREGATE @extschema@.rfm_model_agg(@extschema@.rfm_summary, date) (
	SFUNC = @extschema@.rfm_model_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.rfm_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_model_agg(@extschema@.rfm_summary, date) IS
'thresholds from summaries: recency in days before as_of, orders and amount of the customers with purchases; for example: SELECT rfm_model_agg(orders, date ''2026-07-01'') FROM summaries';

CREATE AGGREGATE @extschema@.rfm_model_agg(@extschema@.rfm_summary, date, integer) (
	SFUNC = @extschema@.rfm_model_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.rfm_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_model_agg(@extschema@.rfm_summary, date, integer) IS
'thresholds from summaries in so many bins (2 to 9): recency in days before as_of, orders and amount of the customers with purchases; for example: SELECT rfm_model_agg(orders, date ''2026-07-01'', 5) FROM summaries';

CREATE AGGREGATE @extschema@.rfm_model_agg(@extschema@.rfm_summary, date, integer, text) (
	SFUNC = @extschema@.rfm_model_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.rfm_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rfm_model_agg(@extschema@.rfm_summary, date, integer, text) IS
'thresholds from summaries in so many bins by a method of value_breaks_agg: recency in days before as_of, orders and amount of the customers with purchases; for example: SELECT rfm_model_agg(orders, date ''2026-07-01'', 5, ''quantile'') FROM summaries';

CREATE FUNCTION @extschema@.rfm_model(recency double precision[], frequency double precision[], monetary double precision[], upper_closed boolean DEFAULT true)
	RETURNS @extschema@.rfm_model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_given';
COMMENT ON FUNCTION @extschema@.rfm_model(recency double precision[], frequency double precision[], monetary double precision[], upper_closed boolean) IS
'a model of thresholds that you chose, as many of each; for example: rfm_model(''{30,90}'', ''{1,4}'', ''{100,500}'')';

CREATE FUNCTION @extschema@.rfm_model_to_jsonb(model @extschema@.rfm_model)
	RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_to_jsonb';
COMMENT ON FUNCTION @extschema@.rfm_model_to_jsonb(model @extschema@.rfm_model) IS
'the model as jsonb; the function behind the cast; for example: rfm_model_to_jsonb(rfm_model(''{30}'', ''{1}'', ''{100}'')) -> ''bins'' gives 2';

CREATE CAST (@extschema@.rfm_model AS jsonb) WITH FUNCTION @extschema@.rfm_model_to_jsonb(@extschema@.rfm_model);
COMMENT ON CAST (@extschema@.rfm_model AS jsonb) IS
'for example: rfm_model(''{30}'', ''{1}'', ''{100}'')::jsonb';

CREATE FUNCTION @extschema@.rfm_model_classes(model @extschema@.rfm_model, OUT measure text, OUT score integer, OUT low double precision, OUT high double precision, OUT customers bigint)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 15
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_classes';
COMMENT ON FUNCTION @extschema@.rfm_model_classes(model @extschema@.rfm_model, OUT measure text, OUT score integer, OUT low double precision, OUT high double precision, OUT customers bigint) IS
'the classes of a model as rows: their thresholds and how many customers it was made from are in each, also where that is none; for example: SELECT * FROM rfm_model_classes(rfm_model(''{30}'', ''{1}'', ''{100}''))';

CREATE FUNCTION @extschema@.rfm_score(recency double precision, frequency double precision, monetary double precision, model @extschema@.rfm_model)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_rfm_score';
COMMENT ON FUNCTION @extschema@.rfm_score(recency double precision, frequency double precision, monetary double precision, model @extschema@.rfm_model) IS
'three digits, recency, frequency, money, from 1, the worst, to the model''s bins; for example: rfm_score(10, 5, 99, rfm_model(''{30}'', ''{1}'', ''{100}'')) gives 221';

CREATE FUNCTION @extschema@.rfm_score(summary @extschema@.rfm_summary, as_of date, model @extschema@.rfm_model)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_rfm_score_summary';
COMMENT ON FUNCTION @extschema@.rfm_score(summary @extschema@.rfm_summary, as_of date, model @extschema@.rfm_model) IS
'the score of a summary: days before as_of, orders and amount; NULL without purchases; for example: rfm_score(orders, date ''2026-07-01'', model)';

CREATE FUNCTION @extschema@.rfm_score(recency double precision, frequency double precision, monetary double precision)
	RETURNS integer
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_score_window';
COMMENT ON FUNCTION @extschema@.rfm_score(recency double precision, frequency double precision, monetary double precision) IS
'window function: the score by quintiles of the partition; for example: SELECT rfm_score(recency, frequency, monetary) OVER () FROM customers';

CREATE FUNCTION @extschema@.rfm_score(recency double precision, frequency double precision, monetary double precision, bins integer)
	RETURNS integer
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_rfm_score_window_bins';
COMMENT ON FUNCTION @extschema@.rfm_score(recency double precision, frequency double precision, monetary double precision, bins integer) IS
'window function: the score by so many quantiles of the partition; for example: SELECT rfm_score(recency, frequency, monetary, 3) OVER (PARTITION BY country) FROM customers';

-- Names of scores

CREATE FUNCTION @extschema@.rfm_segment(score integer, scheme text DEFAULT 'putler', lang text DEFAULT 'code', bins integer DEFAULT 5)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_rfm_segment';
COMMENT ON FUNCTION @extschema@.rfm_segment(score integer, scheme text, lang text, bins integer) IS
'the segment of a score in a scheme (putler, rfm8, shopify), as a code or in a language (en, zh); for example: rfm_segment(155) gives cant_lose_them';

CREATE FUNCTION @extschema@.rfm_rules_segment(rules @extschema@.rfm_rules, score integer)
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_segment';
COMMENT ON FUNCTION @extschema@.rfm_rules_segment(rules @extschema@.rfm_rules, score integer) IS
'the segment of a score by rules of your own; for example: SELECT rfm_rules_segment(my_rules, score) FROM customers, schemes';

CREATE FUNCTION @extschema@.rfm_scheme(scheme text, bins integer DEFAULT 5, OUT code text, OUT en text, OUT zh text, OUT x int4range, OUT y int4range, OUT r int4range, OUT f int4range, OUT m int4range)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 14
	AS 'MODULE_PATHNAME', 'portrait_rfm_scheme';
COMMENT ON FUNCTION @extschema@.rfm_scheme(scheme text, bins integer, OUT code text, OUT en text, OUT zh text, OUT x int4range, OUT y int4range, OUT r int4range, OUT f int4range, OUT m int4range) IS
'the rules of a scheme as rows; x = ceil(5r/bins) and y = ceil(5(f+m)/(2 bins)), or the digits themselves; NULL is any; for example: SELECT * FROM rfm_scheme(''putler'')';

CREATE FUNCTION @extschema@.rfm_scheme(rules @extschema@.rfm_rules, OUT name text, OUT r int4range, OUT f int4range, OUT m int4range)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 20
	AS 'MODULE_PATHNAME', 'portrait_rfm_scheme_rules';
COMMENT ON FUNCTION @extschema@.rfm_scheme(rules @extschema@.rfm_rules, OUT name text, OUT r int4range, OUT f int4range, OUT m int4range) IS
'rules of your own as rows; for example: SELECT * FROM rfm_scheme(my_rules)';

CREATE FUNCTION @extschema@.rfm_rules(name text[], r int4range[], f int4range[], m int4range[], bins integer DEFAULT 5)
	RETURNS @extschema@.rfm_rules
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_make';
COMMENT ON FUNCTION @extschema@.rfm_rules(name text[], r int4range[], f int4range[], m int4range[], bins integer) IS
'a scheme of your own from rows of ranges and a name, NULL is any digit; a score in no range or in two is an error that names one; for example: SELECT rfm_rules(array_agg(name), array_agg(r), array_agg(f), array_agg(m)) FROM my_segments';

-- Pareto

CREATE FUNCTION @extschema@.pareto_agg_transition(state @extschema@.value_pool, value double precision)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_pareto_agg_transition_float8';
COMMENT ON FUNCTION @extschema@.pareto_agg_transition(state @extschema@.value_pool, value double precision) IS
'transition function of pareto_agg';

CREATE FUNCTION @extschema@.pareto_agg_transition(state @extschema@.value_pool, value numeric)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_pareto_agg_transition_numeric';
COMMENT ON FUNCTION @extschema@.pareto_agg_transition(state @extschema@.value_pool, value numeric) IS
'transition function of pareto_agg';

CREATE FUNCTION @extschema@.pareto_union_agg_transition(state @extschema@.value_pool, pareto @extschema@.pareto)
	RETURNS @extschema@.value_pool
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_pareto_union_agg_transition';
COMMENT ON FUNCTION @extschema@.pareto_union_agg_transition(state @extschema@.value_pool, pareto @extschema@.pareto) IS
'transition function of pareto_union_agg';

CREATE FUNCTION @extschema@.pareto_agg_final(state @extschema@.value_pool)
	RETURNS @extschema@.pareto
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME', 'portrait_pareto_agg_final';
COMMENT ON FUNCTION @extschema@.pareto_agg_final(state @extschema@.value_pool) IS
'final function of pareto_agg and pareto_union_agg';

CREATE AGGREGATE @extschema@.pareto_agg(double precision) (
	SFUNC = @extschema@.pareto_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.pareto_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.pareto_agg(double precision) IS
'the distribution of a value over customers, one row each, NULLs skipped; for example: SELECT pareto_agg(revenue) FROM customers';

CREATE AGGREGATE @extschema@.pareto_agg(numeric) (
	SFUNC = @extschema@.pareto_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.pareto_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.pareto_agg(numeric) IS
'the distribution of a value over customers, one row each, rounded to double precision, NULLs skipped; for example: SELECT pareto_agg(revenue) FROM customers';

CREATE AGGREGATE @extschema@.pareto_union_agg(@extschema@.pareto) (
	SFUNC = @extschema@.pareto_union_agg_transition,
	STYPE = @extschema@.value_pool,
	COMBINEFUNC = @extschema@.value_pool_combine,
	FINALFUNC = @extschema@.pareto_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.pareto_union_agg(@extschema@.pareto) IS
'the distribution over the customers of all input distributions, NULLs skipped; for example: SELECT pareto_union_agg(distribution) FROM countries';

CREATE FUNCTION @extschema@.pareto_count(pareto @extschema@.pareto)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_count';
COMMENT ON FUNCTION @extschema@.pareto_count(pareto @extschema@.pareto) IS
'number of customers; for example: pareto_count(''{"values": [1, 2]}'') gives 2';

CREATE FUNCTION @extschema@.pareto_total(pareto @extschema@.pareto)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_pareto_total';
COMMENT ON FUNCTION @extschema@.pareto_total(pareto @extschema@.pareto) IS
'sum of all values; for example: pareto_total(''{"values": [1, 2]}'') gives 3';

CREATE FUNCTION @extschema@.pareto_share(pareto @extschema@.pareto, top double precision DEFAULT 0.2)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_pareto_share';
COMMENT ON FUNCTION @extschema@.pareto_share(pareto @extschema@.pareto, top double precision) IS
'share of the best ceil(top * n) customers in the total, NULL when that is not above zero; for example: pareto_share(''{"values": [1, 3]}'', 0.5) gives 0.75';

CREATE FUNCTION @extschema@.pareto_vital_few(pareto @extschema@.pareto, share double precision DEFAULT 0.8)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_pareto_vital_few';
COMMENT ON FUNCTION @extschema@.pareto_vital_few(pareto @extschema@.pareto, share double precision) IS
'how few of the best customers make a share of the total, NULL when that is not above zero; for example: pareto_vital_few(''{"values": [1, 9]}'') gives 1';

CREATE FUNCTION @extschema@.pareto_gini(pareto @extschema@.pareto)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'portrait_pareto_gini';
COMMENT ON FUNCTION @extschema@.pareto_gini(pareto @extschema@.pareto) IS
'Gini coefficient, 0 when all are equal; NULL when a value is negative or the total is zero; for example: pareto_gini(''{"values": [1, 3]}'') gives 0.25';

CREATE FUNCTION @extschema@.pareto_lorenz(pareto @extschema@.pareto, points integer, OUT customers double precision, OUT value double precision)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500 ROWS 100
	AS 'MODULE_PATHNAME', 'portrait_pareto_lorenz';
COMMENT ON FUNCTION @extschema@.pareto_lorenz(pareto @extschema@.pareto, points integer, OUT customers double precision, OUT value double precision) IS
'the Lorenz curve: the share of the poorest part of the customers, for equidistant parts; for example: SELECT * FROM pareto_lorenz(''{"values": [1, 3]}'', 2)';

CREATE FUNCTION @extschema@.pareto_class(value double precision)
	RETURNS text
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_pareto_class';
COMMENT ON FUNCTION @extschema@.pareto_class(value double precision) IS
'window function: A, B or C by cumulated share of the partition, lines at 0.8 and 0.95; for example: SELECT pareto_class(revenue) OVER () FROM products';

CREATE FUNCTION @extschema@.pareto_class(value double precision, a_share double precision, b_share double precision)
	RETURNS text
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'portrait_pareto_class_shares';
COMMENT ON FUNCTION @extschema@.pareto_class(value double precision, a_share double precision, b_share double precision) IS
'window function: A, B or C by cumulated share of the partition; the value that crosses a line belongs above it, values up to zero are C; for example: SELECT pareto_class(revenue, 0.7, 0.9) OVER (PARTITION BY country) FROM products';

-- The life cycle

CREATE FUNCTION @extschema@.lifecycle_stage(summary @extschema@.rfm_summary, as_of date, population_gap double precision, new_days integer DEFAULT 30, active double precision DEFAULT 1.5, at_risk double precision DEFAULT 3, dormant double precision DEFAULT 6, shrinkage double precision DEFAULT 2, lang text DEFAULT 'code')
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_stage';
COMMENT ON FUNCTION @extschema@.lifecycle_stage(summary @extschema@.rfm_summary, as_of date, population_gap double precision, new_days integer, active double precision, at_risk double precision, dormant double precision, shrinkage double precision, lang text) IS
'prospect, new, active, returning, at_risk, dormant or lost, by days since the last purchase over the customer''s own gap between purchase days; for example: lifecycle_stage(orders, date ''2026-07-01'', 45)';

CREATE FUNCTION @extschema@.lifecycle_flow_agg_transition(state @extschema@.lifecycle_flow, from_stage text, to_stage text)
	RETURNS @extschema@.lifecycle_flow
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_agg_transition';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_agg_transition(state @extschema@.lifecycle_flow, from_stage text, to_stage text) IS
'transition function of lifecycle_flow_agg';

CREATE FUNCTION @extschema@.lifecycle_flow_union_agg_transition(state @extschema@.lifecycle_flow, flow @extschema@.lifecycle_flow)
	RETURNS @extschema@.lifecycle_flow
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_union_agg_transition';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_union_agg_transition(state @extschema@.lifecycle_flow, flow @extschema@.lifecycle_flow) IS
'transition function of lifecycle_flow_union_agg, combine function of lifecycle_flow_agg';

CREATE FUNCTION @extschema@.lifecycle_flow_agg_final(state @extschema@.lifecycle_flow)
	RETURNS @extschema@.lifecycle_flow
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_agg_final';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_agg_final(state @extschema@.lifecycle_flow) IS
'final function of the aggregates of lifecycle_flow';

CREATE AGGREGATE @extschema@.lifecycle_flow_agg(text, text) (
	SFUNC = @extschema@.lifecycle_flow_agg_transition,
	STYPE = @extschema@.lifecycle_flow,
	COMBINEFUNC = @extschema@.lifecycle_flow_union_agg_transition,
	FINALFUNC = @extschema@.lifecycle_flow_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.lifecycle_flow_agg(text, text) IS
'how many customers went from which stage to which, one row each, rows with a NULL skipped; for example: SELECT lifecycle_flow_agg(stage_before, stage_after) FROM stages';

CREATE AGGREGATE @extschema@.lifecycle_flow_union_agg(@extschema@.lifecycle_flow) (
	SFUNC = @extschema@.lifecycle_flow_union_agg_transition,
	STYPE = @extschema@.lifecycle_flow,
	COMBINEFUNC = @extschema@.lifecycle_flow_union_agg_transition,
	FINALFUNC = @extschema@.lifecycle_flow_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.lifecycle_flow_union_agg(@extschema@.lifecycle_flow) IS
'the sum of flows, NULLs skipped; for example: SELECT lifecycle_flow_union_agg(flow) FROM countries';

CREATE FUNCTION @extschema@.lifecycle_flow_rows(flow @extschema@.lifecycle_flow, lang text DEFAULT 'code', OUT from_stage text, OUT to_stage text, OUT customers bigint, OUT share double precision)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 49
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_rows';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_rows(flow @extschema@.lifecycle_flow, lang text, OUT from_stage text, OUT to_stage text, OUT customers bigint, OUT share double precision) IS
'the flow as rows, share is that of the customers who were in from_stage; for example: SELECT * FROM lifecycle_flow_rows(''{"active": {"at_risk": 3}}'')';

-- Price sensitivity

CREATE FUNCTION @extschema@.price_sensitivity_agg_transition(state @extschema@.price_sensitivity, paid numeric, list_price numeric)
	RETURNS @extschema@.price_sensitivity
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_agg_transition';
COMMENT ON FUNCTION @extschema@.price_sensitivity_agg_transition(state @extschema@.price_sensitivity, paid numeric, list_price numeric) IS
'transition function of price_sensitivity_agg';

CREATE FUNCTION @extschema@.price_sensitivity_agg_transition(state @extschema@.price_sensitivity, paid numeric, list_price numeric, usual_discount numeric)
	RETURNS @extschema@.price_sensitivity
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_agg_transition_usual';
COMMENT ON FUNCTION @extschema@.price_sensitivity_agg_transition(state @extschema@.price_sensitivity, paid numeric, list_price numeric, usual_discount numeric) IS
'transition function of price_sensitivity_agg';

CREATE FUNCTION @extschema@.price_sensitivity_union_agg_transition(state @extschema@.price_sensitivity, other @extschema@.price_sensitivity)
	RETURNS @extschema@.price_sensitivity
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_union_agg_transition';
COMMENT ON FUNCTION @extschema@.price_sensitivity_union_agg_transition(state @extschema@.price_sensitivity, other @extschema@.price_sensitivity) IS
'transition function of price_sensitivity_union_agg, combine function of price_sensitivity_agg';

CREATE FUNCTION @extschema@.price_sensitivity_agg_final(state @extschema@.price_sensitivity)
	RETURNS @extschema@.price_sensitivity
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_agg_final';
COMMENT ON FUNCTION @extschema@.price_sensitivity_agg_final(state @extschema@.price_sensitivity) IS
'final function of the aggregates of price_sensitivity';

CREATE AGGREGATE @extschema@.price_sensitivity_agg(numeric, numeric) (
	SFUNC = @extschema@.price_sensitivity_agg_transition,
	STYPE = @extschema@.price_sensitivity,
	COMBINEFUNC = @extschema@.price_sensitivity_union_agg_transition,
	FINALFUNC = @extschema@.price_sensitivity_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.price_sensitivity_agg(numeric, numeric) IS
'how much a customer buys on discount: paid and list price of each order, rows with a NULL and gifts (list price 0) left out; for example: SELECT customer_id, price_sensitivity_agg(paid, list_price) FROM orders GROUP BY customer_id';

CREATE AGGREGATE @extschema@.price_sensitivity_agg(numeric, numeric, numeric) (
	SFUNC = @extschema@.price_sensitivity_agg_transition,
	STYPE = @extschema@.price_sensitivity,
	COMBINEFUNC = @extschema@.price_sensitivity_union_agg_transition,
	FINALFUNC = @extschema@.price_sensitivity_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.price_sensitivity_agg(numeric, numeric, numeric) IS
'the same against the list price less the mean discount that the seller gave on that day, a part from 0 to below 1; for example: SELECT customer_id, price_sensitivity_agg(paid, list_price, mean_discount) FROM orders JOIN days USING (day) GROUP BY customer_id';

CREATE AGGREGATE @extschema@.price_sensitivity_union_agg(@extschema@.price_sensitivity) (
	SFUNC = @extschema@.price_sensitivity_union_agg_transition,
	STYPE = @extschema@.price_sensitivity,
	COMBINEFUNC = @extschema@.price_sensitivity_union_agg_transition,
	FINALFUNC = @extschema@.price_sensitivity_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.price_sensitivity_union_agg(@extschema@.price_sensitivity) IS
'the sensitivity over the orders of all inputs, NULLs skipped; for example: SELECT customer_id, price_sensitivity_union_agg(sensitivity) FROM months GROUP BY customer_id';

CREATE FUNCTION @extschema@.price_sensitivity_orders(sensitivity @extschema@.price_sensitivity)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_orders';
COMMENT ON FUNCTION @extschema@.price_sensitivity_orders(sensitivity @extschema@.price_sensitivity) IS
'number of orders with a list price above zero; for example: SELECT customer_id, price_sensitivity_orders(sensitivity) FROM customers';

CREATE FUNCTION @extschema@.price_sensitivity_order_share(sensitivity @extschema@.price_sensitivity)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_order_share';
COMMENT ON FUNCTION @extschema@.price_sensitivity_order_share(sensitivity @extschema@.price_sensitivity) IS
'share of the orders with a discount; for example: SELECT customer_id, price_sensitivity_order_share(sensitivity) FROM customers';

CREATE FUNCTION @extschema@.price_sensitivity_mean_discount(sensitivity @extschema@.price_sensitivity)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_mean_discount';
COMMENT ON FUNCTION @extschema@.price_sensitivity_mean_discount(sensitivity @extschema@.price_sensitivity) IS
'mean discount of the discounted orders, as part of the price; 0 without one; for example: SELECT customer_id, price_sensitivity_mean_discount(sensitivity) FROM customers';

CREATE FUNCTION @extschema@.price_sensitivity_total_share(sensitivity @extschema@.price_sensitivity)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_total_share';
COMMENT ON FUNCTION @extschema@.price_sensitivity_total_share(sensitivity @extschema@.price_sensitivity) IS
'share of the discounts in the sum of the prices; for example: SELECT customer_id, price_sensitivity_total_share(sensitivity) FROM customers';

CREATE FUNCTION @extschema@.price_sensitivity_index(sensitivity @extschema@.price_sensitivity)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_index';
COMMENT ON FUNCTION @extschema@.price_sensitivity_index(sensitivity @extschema@.price_sensitivity) IS
'sum of order share, mean discount and total share, 0 to 3; for example: SELECT customer_id, price_sensitivity_index(sensitivity) FROM customers';

-- Indexes and levels

CREATE FUNCTION @extschema@.value_index(frequency double precision, monetary double precision, goods_value double precision)
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_value_index';
COMMENT ON FUNCTION @extschema@.value_index(frequency double precision, monetary double precision, goods_value double precision) IS
'one number for a customer''s value, increasing in each argument; for example: value_index(5, 200, 260) > value_index(4, 200, 260) gives true';

CREATE FUNCTION @extschema@.value_index(frequency double precision, monetary double precision, goods_value double precision, weights double precision[])
	RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_value_index_weights';
COMMENT ON FUNCTION @extschema@.value_index(frequency double precision, monetary double precision, goods_value double precision, weights double precision[]) IS
'the same with weights above zero; for example: value_index(5, 200, 260, ''{1,2,1}'')';

CREATE FUNCTION @extschema@.value_tier(value double precision, thresholds double precision[], names text[])
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'portrait_value_tier';
COMMENT ON FUNCTION @extschema@.value_tier(value double precision, thresholds double precision[], names text[]) IS
'the name of the level that a value has reached, names are one more than thresholds; for example: value_tier(700, ''{500,2000}'', ''{bronze,silver,gold}'') gives silver';

CREATE FUNCTION @extschema@.customer_maturity(touches bigint, orders bigint, established integer DEFAULT 3, lang text DEFAULT 'code')
	RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_customer_maturity';
COMMENT ON FUNCTION @extschema@.customer_maturity(touches bigint, orders bigint, established integer, lang text) IS
'none, basic (a first touch) or established (three purchases); for example: customer_maturity(4, 1) gives basic';

-- Equality and order of the types, for DISTINCT, GROUP BY, indexes and replication

-- rfm_summary: equality and order of the stored bytes

CREATE FUNCTION @extschema@.rfm_summary_eq(a @extschema@.rfm_summary, b @extschema@.rfm_summary)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_eq';
COMMENT ON FUNCTION @extschema@.rfm_summary_eq(a @extschema@.rfm_summary, b @extschema@.rfm_summary) IS
'equal; the function behind =';

CREATE FUNCTION @extschema@.rfm_summary_ne(a @extschema@.rfm_summary, b @extschema@.rfm_summary)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_ne';
COMMENT ON FUNCTION @extschema@.rfm_summary_ne(a @extschema@.rfm_summary, b @extschema@.rfm_summary) IS
'not equal; the function behind <>';

CREATE FUNCTION @extschema@.rfm_summary_lt(a @extschema@.rfm_summary, b @extschema@.rfm_summary)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_lt';
COMMENT ON FUNCTION @extschema@.rfm_summary_lt(a @extschema@.rfm_summary, b @extschema@.rfm_summary) IS
'less; the function behind <';

CREATE FUNCTION @extschema@.rfm_summary_le(a @extschema@.rfm_summary, b @extschema@.rfm_summary)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_le';
COMMENT ON FUNCTION @extschema@.rfm_summary_le(a @extschema@.rfm_summary, b @extschema@.rfm_summary) IS
'less or equal; the function behind <=';

CREATE FUNCTION @extschema@.rfm_summary_gt(a @extschema@.rfm_summary, b @extschema@.rfm_summary)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_gt';
COMMENT ON FUNCTION @extschema@.rfm_summary_gt(a @extschema@.rfm_summary, b @extschema@.rfm_summary) IS
'greater; the function behind >';

CREATE FUNCTION @extschema@.rfm_summary_ge(a @extschema@.rfm_summary, b @extschema@.rfm_summary)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_ge';
COMMENT ON FUNCTION @extschema@.rfm_summary_ge(a @extschema@.rfm_summary, b @extschema@.rfm_summary) IS
'greater or equal; the function behind >=';

CREATE FUNCTION @extschema@.rfm_summary_cmp(a @extschema@.rfm_summary, b @extschema@.rfm_summary)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_cmp';
COMMENT ON FUNCTION @extschema@.rfm_summary_cmp(a @extschema@.rfm_summary, b @extschema@.rfm_summary) IS
'btree comparison of rfm_summary: order of the stored bytes';

CREATE FUNCTION @extschema@.rfm_summary_hash(rfm_summary @extschema@.rfm_summary)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_hash';
COMMENT ON FUNCTION @extschema@.rfm_summary_hash(rfm_summary @extschema@.rfm_summary) IS
'hash of rfm_summary';

CREATE FUNCTION @extschema@.rfm_summary_hash_extended(rfm_summary @extschema@.rfm_summary, seed bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_summary_hash_extended';
COMMENT ON FUNCTION @extschema@.rfm_summary_hash_extended(rfm_summary @extschema@.rfm_summary, seed bigint) IS
'hash of rfm_summary with a seed';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.rfm_summary,
	RIGHTARG = @extschema@.rfm_summary,
	FUNCTION = @extschema@.rfm_summary_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.rfm_summary, @extschema@.rfm_summary) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.rfm_summary,
	RIGHTARG = @extschema@.rfm_summary,
	FUNCTION = @extschema@.rfm_summary_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.rfm_summary, @extschema@.rfm_summary) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.rfm_summary,
	RIGHTARG = @extschema@.rfm_summary,
	FUNCTION = @extschema@.rfm_summary_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.rfm_summary, @extschema@.rfm_summary) IS
'less';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.rfm_summary,
	RIGHTARG = @extschema@.rfm_summary,
	FUNCTION = @extschema@.rfm_summary_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.rfm_summary, @extschema@.rfm_summary) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.rfm_summary,
	RIGHTARG = @extschema@.rfm_summary,
	FUNCTION = @extschema@.rfm_summary_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.rfm_summary, @extschema@.rfm_summary) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.rfm_summary,
	RIGHTARG = @extschema@.rfm_summary,
	FUNCTION = @extschema@.rfm_summary_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.rfm_summary, @extschema@.rfm_summary) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.rfm_summary_ops
	DEFAULT FOR TYPE @extschema@.rfm_summary USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.rfm_summary_cmp(@extschema@.rfm_summary, @extschema@.rfm_summary),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.rfm_summary_ops USING btree IS
'order of rfm_summary: that of the stored bytes';

CREATE OPERATOR CLASS @extschema@.rfm_summary_ops
	DEFAULT FOR TYPE @extschema@.rfm_summary USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.rfm_summary_hash(@extschema@.rfm_summary),
	FUNCTION 2 @extschema@.rfm_summary_hash_extended(@extschema@.rfm_summary, bigint);
COMMENT ON OPERATOR CLASS @extschema@.rfm_summary_ops USING hash IS
'equality of rfm_summary';

-- rfm_model: equality and order of the stored bytes

CREATE FUNCTION @extschema@.rfm_model_eq(a @extschema@.rfm_model, b @extschema@.rfm_model)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_eq';
COMMENT ON FUNCTION @extschema@.rfm_model_eq(a @extschema@.rfm_model, b @extschema@.rfm_model) IS
'equal; the function behind =';

CREATE FUNCTION @extschema@.rfm_model_ne(a @extschema@.rfm_model, b @extschema@.rfm_model)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_ne';
COMMENT ON FUNCTION @extschema@.rfm_model_ne(a @extschema@.rfm_model, b @extschema@.rfm_model) IS
'not equal; the function behind <>';

CREATE FUNCTION @extschema@.rfm_model_lt(a @extschema@.rfm_model, b @extschema@.rfm_model)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_lt';
COMMENT ON FUNCTION @extschema@.rfm_model_lt(a @extschema@.rfm_model, b @extschema@.rfm_model) IS
'less; the function behind <';

CREATE FUNCTION @extschema@.rfm_model_le(a @extschema@.rfm_model, b @extschema@.rfm_model)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_le';
COMMENT ON FUNCTION @extschema@.rfm_model_le(a @extschema@.rfm_model, b @extschema@.rfm_model) IS
'less or equal; the function behind <=';

CREATE FUNCTION @extschema@.rfm_model_gt(a @extschema@.rfm_model, b @extschema@.rfm_model)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_gt';
COMMENT ON FUNCTION @extschema@.rfm_model_gt(a @extschema@.rfm_model, b @extschema@.rfm_model) IS
'greater; the function behind >';

CREATE FUNCTION @extschema@.rfm_model_ge(a @extschema@.rfm_model, b @extschema@.rfm_model)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_ge';
COMMENT ON FUNCTION @extschema@.rfm_model_ge(a @extschema@.rfm_model, b @extschema@.rfm_model) IS
'greater or equal; the function behind >=';

CREATE FUNCTION @extschema@.rfm_model_cmp(a @extschema@.rfm_model, b @extschema@.rfm_model)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_cmp';
COMMENT ON FUNCTION @extschema@.rfm_model_cmp(a @extschema@.rfm_model, b @extschema@.rfm_model) IS
'btree comparison of rfm_model: order of the stored bytes';

CREATE FUNCTION @extschema@.rfm_model_hash(rfm_model @extschema@.rfm_model)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_hash';
COMMENT ON FUNCTION @extschema@.rfm_model_hash(rfm_model @extschema@.rfm_model) IS
'hash of rfm_model';

CREATE FUNCTION @extschema@.rfm_model_hash_extended(rfm_model @extschema@.rfm_model, seed bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_model_hash_extended';
COMMENT ON FUNCTION @extschema@.rfm_model_hash_extended(rfm_model @extschema@.rfm_model, seed bigint) IS
'hash of rfm_model with a seed';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.rfm_model,
	RIGHTARG = @extschema@.rfm_model,
	FUNCTION = @extschema@.rfm_model_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.rfm_model, @extschema@.rfm_model) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.rfm_model,
	RIGHTARG = @extschema@.rfm_model,
	FUNCTION = @extschema@.rfm_model_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.rfm_model, @extschema@.rfm_model) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.rfm_model,
	RIGHTARG = @extschema@.rfm_model,
	FUNCTION = @extschema@.rfm_model_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.rfm_model, @extschema@.rfm_model) IS
'less';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.rfm_model,
	RIGHTARG = @extschema@.rfm_model,
	FUNCTION = @extschema@.rfm_model_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.rfm_model, @extschema@.rfm_model) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.rfm_model,
	RIGHTARG = @extschema@.rfm_model,
	FUNCTION = @extschema@.rfm_model_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.rfm_model, @extschema@.rfm_model) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.rfm_model,
	RIGHTARG = @extschema@.rfm_model,
	FUNCTION = @extschema@.rfm_model_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.rfm_model, @extschema@.rfm_model) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.rfm_model_ops
	DEFAULT FOR TYPE @extschema@.rfm_model USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.rfm_model_cmp(@extschema@.rfm_model, @extschema@.rfm_model),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.rfm_model_ops USING btree IS
'order of rfm_model: that of the stored bytes';

CREATE OPERATOR CLASS @extschema@.rfm_model_ops
	DEFAULT FOR TYPE @extschema@.rfm_model USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.rfm_model_hash(@extschema@.rfm_model),
	FUNCTION 2 @extschema@.rfm_model_hash_extended(@extschema@.rfm_model, bigint);
COMMENT ON OPERATOR CLASS @extschema@.rfm_model_ops USING hash IS
'equality of rfm_model';

-- rfm_rules: equality and order of the stored bytes

CREATE FUNCTION @extschema@.rfm_rules_eq(a @extschema@.rfm_rules, b @extschema@.rfm_rules)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_eq';
COMMENT ON FUNCTION @extschema@.rfm_rules_eq(a @extschema@.rfm_rules, b @extschema@.rfm_rules) IS
'equal; the function behind =';

CREATE FUNCTION @extschema@.rfm_rules_ne(a @extschema@.rfm_rules, b @extschema@.rfm_rules)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_ne';
COMMENT ON FUNCTION @extschema@.rfm_rules_ne(a @extschema@.rfm_rules, b @extschema@.rfm_rules) IS
'not equal; the function behind <>';

CREATE FUNCTION @extschema@.rfm_rules_lt(a @extschema@.rfm_rules, b @extschema@.rfm_rules)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_lt';
COMMENT ON FUNCTION @extschema@.rfm_rules_lt(a @extschema@.rfm_rules, b @extschema@.rfm_rules) IS
'less; the function behind <';

CREATE FUNCTION @extschema@.rfm_rules_le(a @extschema@.rfm_rules, b @extschema@.rfm_rules)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_le';
COMMENT ON FUNCTION @extschema@.rfm_rules_le(a @extschema@.rfm_rules, b @extschema@.rfm_rules) IS
'less or equal; the function behind <=';

CREATE FUNCTION @extschema@.rfm_rules_gt(a @extschema@.rfm_rules, b @extschema@.rfm_rules)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_gt';
COMMENT ON FUNCTION @extschema@.rfm_rules_gt(a @extschema@.rfm_rules, b @extschema@.rfm_rules) IS
'greater; the function behind >';

CREATE FUNCTION @extschema@.rfm_rules_ge(a @extschema@.rfm_rules, b @extschema@.rfm_rules)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_ge';
COMMENT ON FUNCTION @extschema@.rfm_rules_ge(a @extschema@.rfm_rules, b @extschema@.rfm_rules) IS
'greater or equal; the function behind >=';

CREATE FUNCTION @extschema@.rfm_rules_cmp(a @extschema@.rfm_rules, b @extschema@.rfm_rules)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_cmp';
COMMENT ON FUNCTION @extschema@.rfm_rules_cmp(a @extschema@.rfm_rules, b @extschema@.rfm_rules) IS
'btree comparison of rfm_rules: order of the stored bytes';

CREATE FUNCTION @extschema@.rfm_rules_hash(rfm_rules @extschema@.rfm_rules)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_hash';
COMMENT ON FUNCTION @extschema@.rfm_rules_hash(rfm_rules @extschema@.rfm_rules) IS
'hash of rfm_rules';

CREATE FUNCTION @extschema@.rfm_rules_hash_extended(rfm_rules @extschema@.rfm_rules, seed bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_rfm_rules_hash_extended';
COMMENT ON FUNCTION @extschema@.rfm_rules_hash_extended(rfm_rules @extschema@.rfm_rules, seed bigint) IS
'hash of rfm_rules with a seed';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.rfm_rules,
	RIGHTARG = @extschema@.rfm_rules,
	FUNCTION = @extschema@.rfm_rules_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.rfm_rules, @extschema@.rfm_rules) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.rfm_rules,
	RIGHTARG = @extschema@.rfm_rules,
	FUNCTION = @extschema@.rfm_rules_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.rfm_rules, @extschema@.rfm_rules) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.rfm_rules,
	RIGHTARG = @extschema@.rfm_rules,
	FUNCTION = @extschema@.rfm_rules_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.rfm_rules, @extschema@.rfm_rules) IS
'less';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.rfm_rules,
	RIGHTARG = @extschema@.rfm_rules,
	FUNCTION = @extschema@.rfm_rules_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.rfm_rules, @extschema@.rfm_rules) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.rfm_rules,
	RIGHTARG = @extschema@.rfm_rules,
	FUNCTION = @extschema@.rfm_rules_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.rfm_rules, @extschema@.rfm_rules) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.rfm_rules,
	RIGHTARG = @extschema@.rfm_rules,
	FUNCTION = @extschema@.rfm_rules_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.rfm_rules, @extschema@.rfm_rules) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.rfm_rules_ops
	DEFAULT FOR TYPE @extschema@.rfm_rules USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.rfm_rules_cmp(@extschema@.rfm_rules, @extschema@.rfm_rules),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.rfm_rules_ops USING btree IS
'order of rfm_rules: that of the stored bytes';

CREATE OPERATOR CLASS @extschema@.rfm_rules_ops
	DEFAULT FOR TYPE @extschema@.rfm_rules USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.rfm_rules_hash(@extschema@.rfm_rules),
	FUNCTION 2 @extschema@.rfm_rules_hash_extended(@extschema@.rfm_rules, bigint);
COMMENT ON OPERATOR CLASS @extschema@.rfm_rules_ops USING hash IS
'equality of rfm_rules';

-- pareto: equality and order of the stored bytes

CREATE FUNCTION @extschema@.pareto_eq(a @extschema@.pareto, b @extschema@.pareto)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_eq';
COMMENT ON FUNCTION @extschema@.pareto_eq(a @extschema@.pareto, b @extschema@.pareto) IS
'equal; the function behind =';

CREATE FUNCTION @extschema@.pareto_ne(a @extschema@.pareto, b @extschema@.pareto)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_ne';
COMMENT ON FUNCTION @extschema@.pareto_ne(a @extschema@.pareto, b @extschema@.pareto) IS
'not equal; the function behind <>';

CREATE FUNCTION @extschema@.pareto_lt(a @extschema@.pareto, b @extschema@.pareto)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_lt';
COMMENT ON FUNCTION @extschema@.pareto_lt(a @extschema@.pareto, b @extschema@.pareto) IS
'less; the function behind <';

CREATE FUNCTION @extschema@.pareto_le(a @extschema@.pareto, b @extschema@.pareto)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_le';
COMMENT ON FUNCTION @extschema@.pareto_le(a @extschema@.pareto, b @extschema@.pareto) IS
'less or equal; the function behind <=';

CREATE FUNCTION @extschema@.pareto_gt(a @extschema@.pareto, b @extschema@.pareto)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_gt';
COMMENT ON FUNCTION @extschema@.pareto_gt(a @extschema@.pareto, b @extschema@.pareto) IS
'greater; the function behind >';

CREATE FUNCTION @extschema@.pareto_ge(a @extschema@.pareto, b @extschema@.pareto)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_ge';
COMMENT ON FUNCTION @extschema@.pareto_ge(a @extschema@.pareto, b @extschema@.pareto) IS
'greater or equal; the function behind >=';

CREATE FUNCTION @extschema@.pareto_cmp(a @extschema@.pareto, b @extschema@.pareto)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_cmp';
COMMENT ON FUNCTION @extschema@.pareto_cmp(a @extschema@.pareto, b @extschema@.pareto) IS
'btree comparison of pareto: order of the stored bytes';

CREATE FUNCTION @extschema@.pareto_hash(pareto @extschema@.pareto)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_hash';
COMMENT ON FUNCTION @extschema@.pareto_hash(pareto @extschema@.pareto) IS
'hash of pareto';

CREATE FUNCTION @extschema@.pareto_hash_extended(pareto @extschema@.pareto, seed bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_pareto_hash_extended';
COMMENT ON FUNCTION @extschema@.pareto_hash_extended(pareto @extschema@.pareto, seed bigint) IS
'hash of pareto with a seed';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.pareto,
	RIGHTARG = @extschema@.pareto,
	FUNCTION = @extschema@.pareto_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.pareto, @extschema@.pareto) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.pareto,
	RIGHTARG = @extschema@.pareto,
	FUNCTION = @extschema@.pareto_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.pareto, @extschema@.pareto) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.pareto,
	RIGHTARG = @extschema@.pareto,
	FUNCTION = @extschema@.pareto_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.pareto, @extschema@.pareto) IS
'less';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.pareto,
	RIGHTARG = @extschema@.pareto,
	FUNCTION = @extschema@.pareto_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.pareto, @extschema@.pareto) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.pareto,
	RIGHTARG = @extschema@.pareto,
	FUNCTION = @extschema@.pareto_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.pareto, @extschema@.pareto) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.pareto,
	RIGHTARG = @extschema@.pareto,
	FUNCTION = @extschema@.pareto_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.pareto, @extschema@.pareto) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.pareto_ops
	DEFAULT FOR TYPE @extschema@.pareto USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.pareto_cmp(@extschema@.pareto, @extschema@.pareto),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.pareto_ops USING btree IS
'order of pareto: that of the stored bytes';

CREATE OPERATOR CLASS @extschema@.pareto_ops
	DEFAULT FOR TYPE @extschema@.pareto USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.pareto_hash(@extschema@.pareto),
	FUNCTION 2 @extschema@.pareto_hash_extended(@extschema@.pareto, bigint);
COMMENT ON OPERATOR CLASS @extschema@.pareto_ops USING hash IS
'equality of pareto';

-- price_sensitivity: equality and order of the stored bytes

CREATE FUNCTION @extschema@.price_sensitivity_eq(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_eq';
COMMENT ON FUNCTION @extschema@.price_sensitivity_eq(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity) IS
'equal; the function behind =';

CREATE FUNCTION @extschema@.price_sensitivity_ne(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_ne';
COMMENT ON FUNCTION @extschema@.price_sensitivity_ne(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity) IS
'not equal; the function behind <>';

CREATE FUNCTION @extschema@.price_sensitivity_lt(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_lt';
COMMENT ON FUNCTION @extschema@.price_sensitivity_lt(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity) IS
'less; the function behind <';

CREATE FUNCTION @extschema@.price_sensitivity_le(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_le';
COMMENT ON FUNCTION @extschema@.price_sensitivity_le(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity) IS
'less or equal; the function behind <=';

CREATE FUNCTION @extschema@.price_sensitivity_gt(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_gt';
COMMENT ON FUNCTION @extschema@.price_sensitivity_gt(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity) IS
'greater; the function behind >';

CREATE FUNCTION @extschema@.price_sensitivity_ge(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_ge';
COMMENT ON FUNCTION @extschema@.price_sensitivity_ge(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity) IS
'greater or equal; the function behind >=';

CREATE FUNCTION @extschema@.price_sensitivity_cmp(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_cmp';
COMMENT ON FUNCTION @extschema@.price_sensitivity_cmp(a @extschema@.price_sensitivity, b @extschema@.price_sensitivity) IS
'btree comparison of price_sensitivity: order of the stored bytes';

CREATE FUNCTION @extschema@.price_sensitivity_hash(price_sensitivity @extschema@.price_sensitivity)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_hash';
COMMENT ON FUNCTION @extschema@.price_sensitivity_hash(price_sensitivity @extschema@.price_sensitivity) IS
'hash of price_sensitivity';

CREATE FUNCTION @extschema@.price_sensitivity_hash_extended(price_sensitivity @extschema@.price_sensitivity, seed bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_price_sensitivity_hash_extended';
COMMENT ON FUNCTION @extschema@.price_sensitivity_hash_extended(price_sensitivity @extschema@.price_sensitivity, seed bigint) IS
'hash of price_sensitivity with a seed';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.price_sensitivity,
	RIGHTARG = @extschema@.price_sensitivity,
	FUNCTION = @extschema@.price_sensitivity_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.price_sensitivity, @extschema@.price_sensitivity) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.price_sensitivity,
	RIGHTARG = @extschema@.price_sensitivity,
	FUNCTION = @extschema@.price_sensitivity_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.price_sensitivity, @extschema@.price_sensitivity) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.price_sensitivity,
	RIGHTARG = @extschema@.price_sensitivity,
	FUNCTION = @extschema@.price_sensitivity_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.price_sensitivity, @extschema@.price_sensitivity) IS
'less';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.price_sensitivity,
	RIGHTARG = @extschema@.price_sensitivity,
	FUNCTION = @extschema@.price_sensitivity_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.price_sensitivity, @extschema@.price_sensitivity) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.price_sensitivity,
	RIGHTARG = @extschema@.price_sensitivity,
	FUNCTION = @extschema@.price_sensitivity_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.price_sensitivity, @extschema@.price_sensitivity) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.price_sensitivity,
	RIGHTARG = @extschema@.price_sensitivity,
	FUNCTION = @extschema@.price_sensitivity_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.price_sensitivity, @extschema@.price_sensitivity) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.price_sensitivity_ops
	DEFAULT FOR TYPE @extschema@.price_sensitivity USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.price_sensitivity_cmp(@extschema@.price_sensitivity, @extschema@.price_sensitivity),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.price_sensitivity_ops USING btree IS
'order of price_sensitivity: that of the stored bytes';

CREATE OPERATOR CLASS @extschema@.price_sensitivity_ops
	DEFAULT FOR TYPE @extschema@.price_sensitivity USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.price_sensitivity_hash(@extschema@.price_sensitivity),
	FUNCTION 2 @extschema@.price_sensitivity_hash_extended(@extschema@.price_sensitivity, bigint);
COMMENT ON OPERATOR CLASS @extschema@.price_sensitivity_ops USING hash IS
'equality of price_sensitivity';

-- lifecycle_flow: equality and order of the stored bytes

CREATE FUNCTION @extschema@.lifecycle_flow_eq(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_eq';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_eq(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow) IS
'equal; the function behind =';

CREATE FUNCTION @extschema@.lifecycle_flow_ne(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_ne';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_ne(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow) IS
'not equal; the function behind <>';

CREATE FUNCTION @extschema@.lifecycle_flow_lt(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_lt';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_lt(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow) IS
'less; the function behind <';

CREATE FUNCTION @extschema@.lifecycle_flow_le(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_le';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_le(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow) IS
'less or equal; the function behind <=';

CREATE FUNCTION @extschema@.lifecycle_flow_gt(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_gt';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_gt(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow) IS
'greater; the function behind >';

CREATE FUNCTION @extschema@.lifecycle_flow_ge(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow)
	RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_ge';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_ge(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow) IS
'greater or equal; the function behind >=';

CREATE FUNCTION @extschema@.lifecycle_flow_cmp(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_cmp';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_cmp(a @extschema@.lifecycle_flow, b @extschema@.lifecycle_flow) IS
'btree comparison of lifecycle_flow: order of the stored bytes';

CREATE FUNCTION @extschema@.lifecycle_flow_hash(lifecycle_flow @extschema@.lifecycle_flow)
	RETURNS integer
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_hash';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_hash(lifecycle_flow @extschema@.lifecycle_flow) IS
'hash of lifecycle_flow';

CREATE FUNCTION @extschema@.lifecycle_flow_hash_extended(lifecycle_flow @extschema@.lifecycle_flow, seed bigint)
	RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'portrait_lifecycle_flow_hash_extended';
COMMENT ON FUNCTION @extschema@.lifecycle_flow_hash_extended(lifecycle_flow @extschema@.lifecycle_flow, seed bigint) IS
'hash of lifecycle_flow with a seed';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.lifecycle_flow,
	RIGHTARG = @extschema@.lifecycle_flow,
	FUNCTION = @extschema@.lifecycle_flow_eq,
	COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.lifecycle_flow, @extschema@.lifecycle_flow) IS
'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.lifecycle_flow,
	RIGHTARG = @extschema@.lifecycle_flow,
	FUNCTION = @extschema@.lifecycle_flow_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.lifecycle_flow, @extschema@.lifecycle_flow) IS
'not equal';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.lifecycle_flow,
	RIGHTARG = @extschema@.lifecycle_flow,
	FUNCTION = @extschema@.lifecycle_flow_lt,
	COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel,
	JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.lifecycle_flow, @extschema@.lifecycle_flow) IS
'less';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.lifecycle_flow,
	RIGHTARG = @extschema@.lifecycle_flow,
	FUNCTION = @extschema@.lifecycle_flow_le,
	COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel,
	JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.lifecycle_flow, @extschema@.lifecycle_flow) IS
'less or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.lifecycle_flow,
	RIGHTARG = @extschema@.lifecycle_flow,
	FUNCTION = @extschema@.lifecycle_flow_gt,
	COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel,
	JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.lifecycle_flow, @extschema@.lifecycle_flow) IS
'greater';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.lifecycle_flow,
	RIGHTARG = @extschema@.lifecycle_flow,
	FUNCTION = @extschema@.lifecycle_flow_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel,
	JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.lifecycle_flow, @extschema@.lifecycle_flow) IS
'greater or equal';

CREATE OPERATOR CLASS @extschema@.lifecycle_flow_ops
	DEFAULT FOR TYPE @extschema@.lifecycle_flow USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.lifecycle_flow_cmp(@extschema@.lifecycle_flow, @extschema@.lifecycle_flow),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS @extschema@.lifecycle_flow_ops USING btree IS
'order of lifecycle_flow: that of the stored bytes';

CREATE OPERATOR CLASS @extschema@.lifecycle_flow_ops
	DEFAULT FOR TYPE @extschema@.lifecycle_flow USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.lifecycle_flow_hash(@extschema@.lifecycle_flow),
	FUNCTION 2 @extschema@.lifecycle_flow_hash_extended(@extschema@.lifecycle_flow, bigint);
COMMENT ON OPERATOR CLASS @extschema@.lifecycle_flow_ops USING hash IS
'equality of lifecycle_flow';
