/*
 * lifecycle.h
 *	  Stages of a customer's life, and the type lifecycle_flow: how many went
 *	  from which stage to which.
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, FLOW_VERSION
 *	 5	uint8	zero
 *	 6	uint16	zero
 *	 8	7 x 7 int64: customers, by stage before and stage after
 */
#ifndef PORTRAIT_LIFECYCLE_H
#define PORTRAIT_LIFECYCLE_H

#include "common/core.h"
#include "value/rfm_summary.h"

#define FLOW_VERSION 1
#define STAGES 7
#define FLOW_SIZE (8 + STAGES * STAGES * 8)

typedef enum Stage
{
	STAGE_PROSPECT,
	STAGE_NEW,
	STAGE_ACTIVE,
	STAGE_RETURNING,
	STAGE_AT_RISK,
	STAGE_DORMANT,
	STAGE_LOST
} Stage;

/* code, en, zh, as RfmLanguage */
extern const char *const stage_labels[STAGES][3];

/* The numbers that part the stages, see the SQL function */
typedef struct LifecycleRules
{
	int32_t		new_days;
	double		active;
	double		at_risk;
	double		dormant;
	double		shrinkage;
} LifecycleRules;

/* NULL, or what is wrong with the rules or the gap */
extern const char *lifecycle_check(const LifecycleRules *rules, double population_gap);

/* All purchases are before as_of (days since 2000-01-01), which the caller has checked */
extern Stage lifecycle_stage(const RfmSummary *summary, int32_t as_of, double population_gap,
							 const LifecycleRules *rules);

/* -1 when there is no such code */
extern int	stage_find(const char *code, size_t length);

extern void *flow_new(void);
static inline uint8_t *
flow_place(void *value, int from, int to)
{
	return (uint8_t *) value + 8 + ((size_t) from * STAGES + (size_t) to) * 8;
}

/* NULL, or what is wrong: size and version only */
extern const char *flow_try_open(const uint8_t *payload, size_t size);
extern bool flow_check(const uint8_t *payload, size_t size, CoreError *error);
extern char *flow_print(const uint8_t *payload);
extern void *flow_parse(const char *text, CoreError *error);

#endif							/* PORTRAIT_LIFECYCLE_H */
